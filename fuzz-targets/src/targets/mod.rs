//! The list of targets. A binary, a corpus and a line here make one; `tests/layout.rs` holds them together.

mod deribit;
mod engine;
mod json;
mod keys;
mod params;
mod proof_file;
mod text;
mod verify;

/// A fuzz target.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Name of the binary and of the corpus folder.
    pub name: &'static str,
    /// Panics where a property is broken.
    pub run: fn(&[u8]),
    /// Makes ahead of the first input what all share, so that no input is charged for it.
    pub prepare: fn(),
}

/// Every target.
pub const TARGETS: [Target; 14] = [
    plain("account", json::account),
    plain("context", json::context),
    plain("deribit", deribit::run),
    plain("engine", engine::run),
    Target {
        name: "params",
        run: params::file,
        prepare: params::prepare,
    },
    plain("policy", json::policy),
    plain("proof_file", proof_file::run),
    Target {
        name: "proving_key",
        run: keys::proving,
        prepare: keys::prepare,
    },
    plain("ptau", params::ptau),
    plain("snapshot", json::snapshot),
    plain("text", text::run),
    Target {
        name: "verify",
        run: verify::proof,
        prepare: verify::prepare,
    },
    Target {
        name: "verify_file",
        run: verify::file,
        prepare: verify::prepare,
    },
    Target {
        name: "verifying_key",
        run: keys::verifying,
        prepare: keys::prepare,
    },
];

/// A target that needs the shared files only.
const fn plain(name: &'static str, run: fn(&[u8])) -> Target {
    Target {
        name,
        run,
        prepare: json::prepare,
    }
}

/// The target of this name.
///
/// # Panics
/// If there is none: a binary of `fuzz/` without a line in [`TARGETS`].
pub fn target(name: &str) -> Target {
    let found = TARGETS.into_iter().find(|target| target.name == name);
    found.unwrap_or_else(|| panic!("no target '{name}'"))
}
