//! JSON documents: what parses prints to a document that parses to the same.

use std::{fmt::Debug, path::Path};

use serde::{Serialize, de::DeserializeOwned};
use zkmargin_circuits::model::parse_json;

/// Parses a document.
///
/// # Panics
/// If it parses, but not to what it prints, or its print is not a fixed point.
pub(crate) fn document<T>(bytes: &[u8]) -> Option<T>
where
    T: Serialize + DeserializeOwned + PartialEq + Debug,
{
    let value: T = parse_json(Path::new("fuzz"), bytes).ok()?;
    let printed = serde_json::to_vec(&value).expect("what was parsed can be printed");
    let again: T = parse_json(Path::new("printed"), &printed).expect("a print parses");
    assert!(again == value, "printing changed {value:?} to {again:?}");
    let reprinted = serde_json::to_vec(&again).expect("printed before");
    assert_eq!(reprinted, printed, "two prints of one value");
    Some(value)
}
