//! Exposures
