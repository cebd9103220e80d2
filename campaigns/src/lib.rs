//! Soundness campaigns over every circuit of zkmargin: what is tried, what is found.

mod account;
pub mod attack;
pub mod circuit;
pub mod cross;
pub mod explained;
pub mod markdown;
pub mod places;
pub mod run;
pub mod scene;
