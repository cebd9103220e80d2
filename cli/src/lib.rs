//! What the `zkmargin` command line is made of.

pub mod import;
