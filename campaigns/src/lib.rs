//! Soundness campaigns over every circuit of zkmargin: what is tried, what is found.

mod account;
pub mod attack;
pub mod circuit;
pub mod cross;
pub mod explained;
mod findings;
mod idle;
pub mod markdown;
pub mod places;
pub mod report;
pub mod run;
pub mod scene;
pub mod share;
