//! zkmargin benchmarks.
