//! The files that a folder of contracts is built from, beside the verifiers that are written for keys.

/// A file of this folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub text: &'static str,
}

macro_rules! sources {
    ($($name:literal),* $(,)?) => {
        [$(Source {
            name: $name,
            text: include_str!(concat!("../", $name)),
        }),*]
    };
}

/// The registry, its interface, the pinned packages, and the program that compiles them.
pub const SOURCES: [Source; 5] = sources![
    "MarginRegistry.sol",
    "IMarginRegistry.sol",
    "package.json",
    "package-lock.json",
    "compile.mjs",
];
