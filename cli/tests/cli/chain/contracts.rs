//! The contracts as `zkmargin export solidity` writes them, compiled and deployed.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use alloy::primitives::{Address, hex};
use serde_json::Value;

use super::node::Node;
use crate::support::zkmargin;

/// A folder that the contracts are exported to, with the packages that `contracts/test.sh` has installed.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new(path: PathBuf) -> Self {
        fs::create_dir(&path).expect("a folder");
        let packages = Path::new(env!("CARGO_MANIFEST_DIR")).join("../contracts/node_modules");
        let packages = packages.canonicalize().expect("contracts/test.sh");
        std::os::unix::fs::symlink(packages, path.join("node_modules")).expect("a link");
        Self(path)
    }

    /// Runs a command as `export` prints it.
    fn build(&self, line: &str) {
        let mut words = line.split(' ');
        let mut command = Command::new(words.next().expect("a program"));
        let output = command.args(words).current_dir(&self.0).output();
        let output = output.expect("node: see contracts/test.sh");
        let words = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{words}");
    }

    /// The code that deploys a contract.
    fn code(&self, name: &str) -> Vec<u8> {
        let path = self.0.join("build").join(format!("{name}.json"));
        let artifact: Value =
            serde_json::from_slice(&fs::read(path).expect("built")).expect("an artifact");
        hex::decode(artifact["bytecode"].as_str().expect("code")).expect("hex")
    }

    fn export(&self, statement: &str, keys: &Path) -> Value {
        let line = format!(
            "export solidity --statement {statement} --shape small --keys {{}} -o {{}} --json"
        );
        zkmargin(&line, &[keys, &self.0]).exits(0).json()
    }

    /// Exports, builds and deploys the verifier of a statement.
    pub fn verifier(&self, node: &Node, statement: &str, keys: &Path) -> Address {
        let exported = self.export(statement, keys);
        let verifier = &exported["verifier"];
        self.build(verifier["build"].as_str().expect("a command"));
        let parts = verifier["parts"].as_array().expect("parts");
        let mut code = self.code(verifier["name"].as_str().expect("a name"));
        for part in parts {
            let part = node.deploy(self.code(part.as_str().expect("a name")));
            code.extend(part.into_word());
        }
        node.deploy(code)
    }

    /// Builds and deploys the registry; its owner is the venue.
    pub fn registry(&self, node: &Node, keys: &Path) -> Address {
        let exported = self.export("liquidation", keys);
        let registry = &exported["registry"];
        self.build(registry["build"].as_str().expect("a command"));
        let mut code = self.code(registry["name"].as_str().expect("a name"));
        code.extend(node.venue.into_word());
        node.deploy(code)
    }
}
