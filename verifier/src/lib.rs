//! zkmargin verifier.
