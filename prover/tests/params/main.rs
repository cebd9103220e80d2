//! Parameters: files of this project's own, and powers of tau.

mod atomic;
mod degenerate;
mod file;
mod ptau;
mod ptau_layout;
mod ptau_points;
mod support;
mod tampered;
