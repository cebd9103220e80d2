//! Rows and limbs that each lane takes, by shape.

use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex},
};

use crate::shape::Shape;

static TAKEN: LazyLock<Mutex<HashMap<Shape, Vec<(usize, usize)>>>> = LazyLock::new(Mutex::default);

/// Keeps what a synthesis took.
pub fn record(shape: Shape, taken: Vec<(usize, usize)>) {
    TAKEN.lock().expect("a lock").insert(shape, taken);
}

/// What the last synthesis of a shape took.
pub fn taken(shape: Shape) -> Vec<(usize, usize)> {
    let taken = TAKEN.lock().expect("a lock");
    taken.get(&shape).cloned().unwrap_or_default()
}
