//! What the integration tests share.

use std::path::Path;

use serde::de::DeserializeOwned;
use zkmargin_circuits::model::read_json;

/// Reads a file of the repository's `samples` folder.
pub fn sample<T: DeserializeOwned>(name: &str) -> T {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples");
    read_json(&samples.join(name)).expect(name)
}
