//! zkmargin benchmarks: the statement on the sample accounts, and a yardstick to measure it by.
//!
//! Machines differ and drift; ratios to the [`yardstick`], measured in the same process, do not.

pub mod book;
pub mod machine;
pub mod statement;
pub mod yardstick;

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
