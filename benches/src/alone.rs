//! One proof in a process of its own, which reads its keys from files: what it takes without anything that was there before.

use std::{
    error::Error,
    ffi::OsStr,
    path::Path,
    process::{Command, Stdio},
};

use serde::{Deserialize, Serialize};
use tempfile::TempDir;
use zkmargin_circuits::shape::{Shape, Statement};
use zkmargin_prover::{Params, ProvingKey, atomic::Overwrite};

use crate::{machine::peak_kib, ms, statement::Sample};

/// What the proof took.
#[derive(Debug, Serialize, Deserialize)]
pub struct Alone {
    /// What was proved.
    pub statement: Statement,
    /// The circuit's capacity.
    pub shape: Shape,
    /// Table, scenario search and witness, ms.
    pub witness_ms: f64,
    /// The backend's proof, ms.
    pub prove_ms: f64,
    /// Peak resident memory of the process, MiB.
    pub peak_mib: Option<f64>,
    /// Whether the keys were generated in the process, which the peak then includes.
    pub keys_generated: bool,
}

impl Alone {
    /// One proof in this process, with keys of a folder or fresh ones.
    ///
    /// # Errors
    /// Files that cannot be read, or the prover's refusal.
    pub fn prove(sample: &Sample, keys: Option<&Path>) -> Result<Self, Box<dyn Error>> {
        let Sample {
            statement, shape, ..
        } = *sample;
        let (params, key) = match keys {
            Some(folder) => (
                Params::read(&folder.join(Params::file_name(sample.k())))?,
                ProvingKey::read(folder, statement, shape)?,
            ),
            None => {
                let params = sample.params();
                let key = sample.keys(&params)?;
                (params, key)
            }
        };
        let proof = sample.prove(&params, &key)?;
        Ok(Self {
            statement,
            shape,
            witness_ms: ms(proof.witness_time),
            prove_ms: ms(proof.prove_time),
            peak_mib: peak_kib().map(|kib| kib as f64 / 1024.0),
            keys_generated: keys.is_none(),
        })
    }
}

/// Parameters and a key as files, until dropped.
#[derive(Debug)]
pub struct KeyFiles {
    folder: TempDir,
}

impl KeyFiles {
    /// Writes them.
    ///
    /// # Errors
    /// The system's.
    pub fn write(params: &Params, key: &ProvingKey) -> Result<Self, Box<dyn Error>> {
        let folder = tempfile::tempdir()?;
        let k = key.verifying().backend().get_domain().k();
        params.write(&folder.path().join(Params::file_name(k)), Overwrite::Refuse)?;
        key.write(folder.path(), Overwrite::Refuse)?;
        Ok(Self { folder })
    }

    /// This program anew, asked by these words, `--json` and `--keys FOLDER` for one [`Alone`].
    ///
    /// # Errors
    /// What it wrote to stderr.
    pub fn prove_alone<W: AsRef<OsStr>>(
        &self,
        words: impl IntoIterator<Item = W>,
    ) -> Result<Alone, Box<dyn Error>> {
        let output = Command::new(std::env::current_exe()?)
            .args(words)
            .args(["--json", "--keys"])
            .arg(self.folder.path())
            .stdin(Stdio::null())
            .output()?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
        }
        Ok(serde_json::from_slice(&output.stdout)?)
    }
}
