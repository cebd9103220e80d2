//! What to do about a failure.

use std::path::Path;

use zkmargin_circuits::{engine::Verdict, public::TableError, shape::Shape, slots::SlotError};
use zkmargin_prover::{KeyFileError, atomic::AtomicWriteError, params::ParamsError};
use zkmargin_verifier::oracle::OracleError;

use super::CliError;
use crate::oracle_key::KeyError;

impl CliError {
    /// What to do about it, where there is something.
    pub(crate) fn hint(&self) -> Option<String> {
        let keys = |folder: &Path| format!("--keys {}", folder.display());
        match self {
            Self::NoParams { folder, k } => Some(format!(
                "make them with\n  zkmargin setup --ptau powersOfTau28_hez_final_{power}.ptau --k {k} {keys}\n\
                 or, for development only, with\n  zkmargin setup --unsafe-dev --k {k} {keys}",
                power = k.max(&12),
                keys = keys(folder)
            )),
            Self::NoKey {
                folder,
                statement,
                shape,
                ..
            } => Some(format!(
                "make it from the same parameters as the prover's with\n  \
                 zkmargin keygen --statement {statement} --shape {shape} {}\n\
                 or name a trusted verifying key with --key FILE.vk",
                keys(folder)
            )),
            Self::NotHealthy { verdict, .. } => Some(match verdict {
                Verdict::UnderMargined => "add collateral or reduce positions".to_owned(),
                _ => {
                    "within the error bound neither statement has a proof: add a little collateral"
                        .to_owned()
                }
            }),
            Self::OracleKey(KeyError::Mode { path, .. }) => {
                Some(format!("chmod 600 {}", path.display()))
            }
            Self::Oracle {
                source: OracleError::UnknownSigner { .. },
                ..
            } => Some("a snapshot that is changed loses its signatures: remove them".to_owned()),
            Self::Submit(error) => error.hint().map(str::to_owned),
            Self::OtherParams { folder, .. } => Some(format!(
                "make the keys again with\n  zkmargin keygen --force {}",
                keys(folder)
            )),
            Self::OtherProof { .. }
            | Self::Write(AtomicWriteError::Exists { .. })
            | Self::Key(KeyFileError::Write(AtomicWriteError::Exists { .. }))
            | Self::Params(ParamsError::Write(AtomicWriteError::Exists { .. })) => {
                Some("--force replaces it".to_owned())
            }
            Self::Slots {
                source: SlotError::Capacity { shape, .. } | SlotError::Underlyings { shape, .. },
                ..
            } => match shape {
                Shape::Small => Some("use --shape medium or large".to_owned()),
                Shape::Medium => Some("use --shape large".to_owned()),
                _ => None,
            },
            Self::Table {
                source: TableError::TooManyRows { rows, .. },
                ..
            } => {
                let mut shapes = Shape::ALL.into_iter();
                let holds = shapes.find(|shape| shape.table_rows() >= *rows);
                holds.map(|shape| format!("use --shape {shape}"))
            }
            Self::Params(ParamsError::Ptau {
                source: zkmargin_prover::params::PtauError::Unpublished { .. },
                ..
            }) => Some(
                "download a published file, or accept this one, whoever made it, with \
                 --allow-unpublished"
                    .to_owned(),
            ),
            _ => None,
        }
    }
}
