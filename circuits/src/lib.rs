//! zkmargin circuits.
