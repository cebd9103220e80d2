//! Soundness campaigns over every circuit of zkmargin: what is tried, what is found.

pub mod attack;
pub mod explained;
pub mod places;
pub mod scene;
