//! The pinned Solidity compiler.

use std::{collections::BTreeMap, path::Path, process::Command};

use serde::Deserialize;

/// A compiled contract.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Artifact {
    bytecode: String,
    /// Bytes of the code on the chain.
    pub deployed_size: usize,
}

impl Artifact {
    /// The code that deploys it.
    pub fn init_code(&self) -> Vec<u8> {
        hex::decode(&self.bytecode).expect("hex")
    }
}

/// Compiles files, with the optimiser or plainly: contracts by name.
pub fn compile(files: &[&Path], plain: bool) -> BTreeMap<String, Artifact> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let out = tempfile::tempdir().expect("a folder");
    let mut command = Command::new("node");
    command
        .arg(folder.join("compile.mjs"))
        .arg("--out")
        .arg(out.path());
    if plain {
        command.arg("--plain");
    }
    let output = command
        .args(files)
        .output()
        .expect("node: see contracts/test.sh");
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{message}");
    let files = std::fs::read_dir(out.path()).expect("artifacts");
    files
        .map(|file| {
            let path = file.expect("a file").path();
            let name = path
                .file_stem()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            let bytes = std::fs::read(&path).expect("an artifact");
            (name, serde_json::from_slice(&bytes).expect("an artifact"))
        })
        .collect()
}
