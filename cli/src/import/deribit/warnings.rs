//! What the import left out, one line for each file and reason.

use std::{collections::BTreeMap, path::Path};

/// Names under the (file, reason) that concerns them.
#[derive(Debug, Default)]
pub(super) struct Warnings(BTreeMap<(String, &'static str), Vec<String>>);

impl Warnings {
    /// Notes that `name` of a file was left out or changed.
    pub(super) fn note(&mut self, path: &Path, reason: &'static str, name: impl Into<String>) {
        let file = path.display().to_string();
        self.0.entry((file, reason)).or_default().push(name.into());
    }

    /// `file: reason: names`, in order of file and reason.
    pub(super) fn lines(self) -> Vec<String> {
        let line = |((file, reason), names): ((String, &str), Vec<String>)| {
            format!("{file}: {reason}: {}", names.join(", "))
        };
        self.0.into_iter().map(line).collect()
    }
}
