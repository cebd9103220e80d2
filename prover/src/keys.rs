//! Proving keys: generated from parameters, cached on disk.

use std::{
    io,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use halo2_proofs::plonk::{self, Circuit, keygen_pk2};
use halo2curves::bn256::{Fr, G1Affine};
use zkmargin_circuits::{
    circuit::{LiquidationCircuit, SolvencyCircuit},
    model::{LoadError, read_bounded},
    shape::{Shape, Statement},
};
use zkmargin_verifier::{
    VerifyingKey,
    key::{KeyError, MAX_KEY_BYTES, check_environment},
    packing::Packing,
};

use crate::{
    Params, ProveError,
    atomic::{Access, AtomicWriteError, Overwrite, Staged, write_atomic},
    key_file,
    plonk::{Prepared, commit_groups},
};

/// Larger than any proving key file, though the solvency statement's are of up to 2^16 rows. A file that is read for its content is held to the
/// exact length of its verifying key's.
pub const MAX_PROVING_KEY_BYTES: u64 = 1 << 30;

/// The key that proofs of one statement and shape are made with. Public, but large.
#[derive(Clone, Debug)]
pub struct ProvingKey {
    verifying: VerifyingKey,
    pk: plonk::ProvingKey<G1Affine>,
    /// Made at the first proof, shared by clones.
    prepared: Arc<OnceLock<Prepared>>,
}

/// Why a key could not be made, read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyFileError {
    /// The parameters are for fewer rows than the circuit has.
    #[error(
        "statement {statement} in shape {shape} needs parameters of k = {needed}, these are of k = {got}"
    )]
    ParamsTooSmall {
        /// The statement.
        statement: Statement,
        /// The shape.
        shape: Shape,
        /// k needed.
        needed: u32,
        /// k of the parameters.
        got: u32,
    },
    /// The backend refused the circuit.
    #[error("key generation failed: {0}")]
    Backend(String),
    /// The file cannot be read.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The file is not a usable key.
    #[error("{}: {source}", path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: KeyError,
    },
    /// The file holds the key of another shape than its name says.
    #[error("{}: a key of shape {got}, expected {expected}", path.display())]
    OtherShape {
        /// The file.
        path: PathBuf,
        /// The shape asked for.
        expected: Shape,
        /// The key's shape.
        got: Shape,
    },
    /// The file holds the key of another statement than its name says.
    #[error("{}: a key of statement {got}, expected {expected}", path.display())]
    OtherStatement {
        /// The file.
        path: PathBuf,
        /// The statement asked for.
        expected: Statement,
        /// The key's statement.
        got: Statement,
    },
    /// A key file that is there already is not this key's, and is kept.
    #[error("{}: is there already and is another key's", path.display())]
    OtherKey {
        /// The file.
        path: PathBuf,
    },
    /// The file cannot be written.
    #[error(transparent)]
    Write(#[from] AtomicWriteError),
}

impl ProvingKey {
    /// Generates the keys of a statement's circuit in a shape.
    ///
    /// # Errors
    /// [`KeyFileError::ParamsTooSmall`], or the backend's refusal.
    pub fn generate(
        params: &Params,
        statement: Statement,
        shape: Shape,
    ) -> Result<Self, KeyFileError> {
        let needed = statement.k(shape);
        let params = params.cut(needed).ok_or(KeyFileError::ParamsTooSmall {
            statement,
            shape,
            needed,
            got: params.k(),
        })?;
        check_environment().map_err(|e| KeyFileError::Backend(e.to_string()))?;
        let pk = match statement {
            Statement::Liquidation => backend_key(&params, &LiquidationCircuit::new(shape))?,
            Statement::Solvency => backend_key(&params, &SolvencyCircuit::new(shape))?,
            other => {
                let reason = format!("no circuit for statement {other}");
                return Err(KeyFileError::Backend(reason));
            }
        };
        let packing = Packing::new(pk.get_vk().cs());
        let packed = commit_groups(params.powers(), &pk, &packing)
            .map_err(|e| KeyFileError::Backend(e.to_string()))?;
        let verifying = VerifyingKey::new(
            statement,
            shape,
            params.origin().clone(),
            params.s_g2(),
            params.digest(),
            pk.get_vk().clone(),
            &packed,
        )
        .map_err(|e| KeyFileError::Backend(e.to_string()))?;
        Ok(Self::assembled(verifying, pk))
    }

    /// The key for verifiers.
    pub fn verifying(&self) -> &VerifyingKey {
        &self.verifying
    }

    fn assembled(verifying: VerifyingKey, pk: plonk::ProvingKey<G1Affine>) -> Self {
        Self {
            verifying,
            pk,
            prepared: Arc::default(),
        }
    }

    /// What all proofs share, transformed now unless a proof has done it: a service's first proof is then as fast as the others.
    ///
    /// # Errors
    /// [`ProveError::Backend`] for a circuit that this prover cannot handle.
    pub fn prepare(&self) -> Result<(), ProveError> {
        self.prepared().map(|_| ())
    }

    pub(crate) fn prepared(&self) -> Result<&Prepared, ProveError> {
        if let Some(prepared) = self.prepared.get() {
            return Ok(prepared);
        }
        let packed = self.verifying.packed();
        let prepared = Prepared::new(&self.pk).map(|prepared| prepared.packed(&self.pk, packed));
        let prepared = prepared.map_err(|error| ProveError::Backend(error.to_string()))?;
        Ok(self.prepared.get_or_init(|| prepared))
    }

    /// The backend's key.
    pub fn backend(&self) -> &plonk::ProvingKey<G1Affine> {
        &self.pk
    }

    /// `liquidation-medium.pk`.
    pub fn file_name(statement: Statement, shape: Shape) -> String {
        format!("{statement}-{shape}.pk")
    }

    /// `liquidation-medium.vk`.
    pub fn verifying_file_name(statement: Statement, shape: Shape) -> String {
        format!("{statement}-{shape}.vk")
    }

    /// Writes both keys into a folder; a full disk leaves neither.
    ///
    /// # Errors
    /// [`KeyFileError::Write`].
    pub fn write(&self, folder: &Path, overwrite: Overwrite) -> Result<(), KeyFileError> {
        let files = self.files(folder);
        let staged = files
            .iter()
            .map(|(path, bytes)| Staged::new(path, bytes, overwrite, Access::Usual))
            .collect::<Result<Vec<_>, _>>()?;
        for file in staged {
            file.commit()?;
        }
        Ok(())
    }

    /// Writes those of the two files that a folder lacks. One that is there is kept, and must be this key's.
    ///
    /// # Errors
    /// [`KeyFileError::OtherKey`] with the file that is there, or [`KeyFileError::Write`].
    pub fn write_missing(&self, folder: &Path) -> Result<(), KeyFileError> {
        let files = self.files(folder);
        let holds = |path: &Path, bytes: &[u8]| {
            read_bounded(path, bytes.len() as u64).is_ok_and(|found| found == bytes)
        };
        // Both are looked at before either is written: no half of this key comes beside a half of another.
        for (path, bytes) in &files {
            if path.symlink_metadata().is_ok() && !holds(path, bytes) {
                return Err(KeyFileError::OtherKey { path: path.clone() });
            }
        }
        for (path, bytes) in files {
            match write_atomic(&path, &bytes, Overwrite::Refuse) {
                // Another process has made it in the meantime: keys are the same every time they are made.
                Err(AtomicWriteError::Exists { .. } | AtomicWriteError::Symlink { .. })
                    if holds(&path, &bytes) => {}
                Err(AtomicWriteError::Exists { path }) => {
                    return Err(KeyFileError::OtherKey { path });
                }
                written => written?,
            }
        }
        Ok(())
    }

    /// Both files, the verifying key last: whoever finds it finds the other.
    fn files(&self, folder: &Path) -> [(PathBuf, Vec<u8>); 2] {
        let (statement, shape) = (self.verifying.statement(), self.verifying.shape());
        [
            (
                folder.join(Self::file_name(statement, shape)),
                key_file::to_bytes(&self.verifying, &self.pk),
            ),
            (
                folder.join(Self::verifying_file_name(statement, shape)),
                self.verifying.to_bytes(),
            ),
        ]
    }

    /// The proving key file's bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        key_file::to_bytes(&self.verifying, &self.pk)
    }

    /// Reads a proving key file in memory, of the key that belongs to `verifying`.
    ///
    /// # Errors
    /// [`KeyError`] with what is wrong with it.
    pub fn from_bytes(bytes: &[u8], verifying: VerifyingKey) -> Result<Self, KeyError> {
        let pk = key_file::from_bytes(bytes, &verifying)?;
        Ok(Self::assembled(verifying, pk))
    }

    /// Reads both keys of a statement and shape from a folder.
    ///
    /// # Errors
    /// [`KeyFileError`] with the file and what is wrong with it.
    pub fn read(folder: &Path, statement: Statement, shape: Shape) -> Result<Self, KeyFileError> {
        let path = folder.join(Self::verifying_file_name(statement, shape));
        let verifying = read_verifying_key(&path)?;
        if verifying.statement() != statement {
            return Err(KeyFileError::OtherStatement {
                path,
                expected: statement,
                got: verifying.statement(),
            });
        }
        if verifying.shape() != shape {
            return Err(KeyFileError::OtherShape {
                path,
                expected: shape,
                got: verifying.shape(),
            });
        }
        let path = folder.join(Self::file_name(statement, shape));
        let bytes = read_bounded(&path, key_file::exact_bytes(&verifying) as u64)?;
        Self::from_bytes(&bytes, verifying).map_err(|source| KeyFileError::Key { path, source })
    }
}

fn backend_key(
    params: &Params,
    circuit: &impl Circuit<Fr>,
) -> Result<plonk::ProvingKey<G1Affine>, KeyFileError> {
    keygen_pk2(params.kzg(), circuit, true).map_err(|e| KeyFileError::Backend(e.to_string()))
}

/// Reads a verifying key file.
///
/// # Errors
/// [`KeyFileError`] with the file and what is wrong with it.
pub fn read_verifying_key(path: &Path) -> Result<VerifyingKey, KeyFileError> {
    let bytes = read_bounded(path, MAX_KEY_BYTES)?;
    VerifyingKey::from_bytes(&bytes).map_err(|source| KeyFileError::Key {
        path: path.to_owned(),
        source,
    })
}

impl KeyFileError {
    /// Whether a file is simply not there yet.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Load(LoadError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound)
    }
}
