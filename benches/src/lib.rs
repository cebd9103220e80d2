//! zkmargin benchmarks: the statement on the sample accounts, and a yardstick to measure it by.
//!
//! Machines differ and drift; ratios to the [`yardstick`], measured in the same process, do not.

pub mod machine;
pub mod statement;
pub mod yardstick;
