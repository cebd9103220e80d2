//! zkmargin benchmarks: the statement on the sample accounts, and a yardstick to measure it by.
//!
//! Machines differ and drift; ratios to the [`yardstick`], measured in the same process, do not.

pub mod alone;
pub mod book;
pub mod draw;
pub mod machine;
pub mod markdown;
pub mod progress;
pub mod statement;
pub mod sweep;
pub mod yardstick;

use std::time::{Duration, Instant};

/// Milliseconds.
pub fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

/// What the work gives, and the milliseconds that it took.
///
/// # Errors
/// The work's.
pub fn timed<T, E>(work: impl FnOnce() -> Result<T, E>) -> Result<(T, f64), E> {
    let start = Instant::now();
    let value = work()?;
    Ok((value, ms(start.elapsed())))
}

/// The middle value, or the mean of the two in the middle.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match (values.get(middle.wrapping_sub(1)), values.get(middle)) {
        (Some(low), Some(high)) if values.len().is_multiple_of(2) => (low + high) / 2.0,
        (_, Some(value)) => *value,
        _ => f64::NAN,
    }
}
