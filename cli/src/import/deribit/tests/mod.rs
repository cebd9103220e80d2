//! The import against the fixtures, and against small answers that are wrong in one field.

mod fixtures;
mod numbers;
mod refusals;
mod small;
