//! zkmargin.
fn main() {}
