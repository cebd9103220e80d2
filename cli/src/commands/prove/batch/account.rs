//! One account of a batch: its proof is kept, made, or refused.

use std::{
    path::{Path, PathBuf},
    sync::OnceLock,
    time::Instant,
};

use rayon::ThreadPool;
use zkmargin_circuits::{
    field,
    model::{Context, HexBytes},
    shape::Statement,
};
use zkmargin_prover::{
    Params, ProveError, Prover, ProvingKey,
    atomic::{AtomicWriteError, Overwrite, check_target, write_atomic},
};
use zkmargin_verifier::{MAX_PROOF_FILE_BYTES, ProofFile, Request, verify, verify_health};

use super::{
    contexts::Contexts,
    report::{Came, Record},
};
use crate::{
    commands::prove::{ClaimArgs, claim::Claim},
    error::{CliError, INTERNAL},
    files,
    input::{self, Market},
};

/// What all accounts share.
pub(super) struct Batch<'a> {
    pub(super) args: &'a ClaimArgs,
    pub(super) market: &'a Market,
    pub(super) params: &'a Params,
    pub(super) key: &'a ProvingKey,
    pub(super) prover: Prover<'a>,
    pub(super) prepared: OnceLock<Result<(), String>>,
    pub(super) contexts: Contexts,
    /// All threads of the batch.
    pub(super) all: ThreadPool,
}

impl Batch<'_> {
    /// What became of an account.
    ///
    /// # Errors
    /// What no other account would fare better with, such as a full disk.
    pub(super) fn record(&self, path: &Path) -> Result<Record, CliError> {
        let start = Instant::now();
        let came = match self.prove(path) {
            Ok(came) => came,
            Err(
                CliError::NotUnderMargined { verdict, .. } | CliError::NotHealthy { verdict, .. },
            ) => Came::False(verdict),
            Err(error) if ends_the_batch(&error) => return Err(error),
            Err(error) => Came::Refused(error),
        };
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        Ok(Record {
            name: name.into_owned(),
            file: self.beside(path, "proof"),
            came,
            seconds: start.elapsed().as_secs_f64(),
        })
    }

    /// `NAME.KIND.json` in the output folder.
    fn beside(&self, path: &Path, kind: &str) -> PathBuf {
        let mut name = path.file_stem().unwrap_or_default().to_owned();
        name.push(format!(".{kind}.json"));
        self.args.output.join(name)
    }

    fn prove(&self, path: &Path) -> Result<Came, CliError> {
        let files = &self.args.market;
        let account = input::account(path)?;
        let slots = files.slots(self.market, path, &account, Some(self.args.shape))?;
        let commitment = HexBytes(field::to_be_bytes(&slots.commitment()));
        let context = self.contexts.of(&commitment);
        let target = self.target(path, "proof")?;
        let kept = self.is_proved(&target, commitment, &context)?;
        if !kept {
            let market = (files, self.market);
            let claim = Claim::new(path, &slots, self.args.statement, market)?;
            // First: whoever finds the proof finds its context.
            self.write_context(path, &context)?;
            self.prepare()?;
            let proof = self.prover.prove(&account, &context);
            let proof = proof.map_err(|error| claim.failed(error))?;
            self.write(&target, &proof.file.to_bytes())?;
            return Ok(Came::Proved);
        }
        self.write_context(path, &context)?;
        Ok(Came::Kept)
    }

    /// What all proofs share, made on all threads where the first proof is, while the others wait for it: a batch that finds
    /// every proof there has no use for it.
    fn prepare(&self) -> Result<(), CliError> {
        let prepare = || {
            let prepared = self.params.prepare();
            prepared.map_err(|error| ProveError::Backend(error.to_string()))?;
            self.key.prepare()
        };
        let prepared = self
            .prepared
            .get_or_init(|| self.all.install(prepare).map_err(|error| error.to_string()));
        let failed = |error| CliError::Prove(ProveError::Backend(error));
        prepared.clone().map_err(failed)
    }

    /// A file to write, which is none of those that are read.
    fn target(&self, path: &Path, kind: &str) -> Result<PathBuf, CliError> {
        let target = self.beside(path, kind);
        let ClaimArgs {
            market, context, ..
        } = self.args;
        let inputs = [path, &market.snapshot, &market.policy, context];
        files::refuse_input(&target, inputs)?;
        check_target(&target, Overwrite::Replace)?;
        Ok(target)
    }

    fn write(&self, target: &Path, bytes: &[u8]) -> Result<(), CliError> {
        Ok(write_atomic(
            target,
            bytes,
            files::overwrite(self.args.force),
        )?)
    }

    /// Whether the proof is there that would be made, whole and good. Another file is refused, or with `--force` no matter.
    fn is_proved(
        &self,
        target: &Path,
        commitment: HexBytes<32>,
        context: &Context,
    ) -> Result<bool, CliError> {
        if target.symlink_metadata().is_err() {
            return Ok(false);
        }
        match self.check(target, commitment, context) {
            Err(CliError::OtherProof { .. } | CliError::ProofFile { .. }) if self.args.force => {
                Ok(false)
            }
            checked => checked.map(|()| true),
        }
    }

    /// The check of a stranger, but for the deadline: a proof is no less proved when its time is over.
    fn check(
        &self,
        target: &Path,
        commitment: HexBytes<32>,
        context: &Context,
    ) -> Result<(), CliError> {
        let bytes = files::bytes_of(target, MAX_PROOF_FILE_BYTES)?;
        let file = ProofFile::from_bytes(&bytes).map_err(|source| CliError::ProofFile {
            path: target.to_owned(),
            source,
        })?;
        let request = Request {
            key: self.key.verifying(),
            snapshot: &self.market.snapshot,
            policy: &self.market.policy,
            commitment,
            context,
            at: context.deadline,
        };
        let checked = match self.args.statement {
            Statement::Solvency => verify_health(&file, &request).map(|_| ()),
            _ => verify(&file, &request).map(|_| ()),
        };
        checked.map_err(|source| CliError::OtherProof {
            path: target.to_owned(),
            source: Box::new(source),
        })
    }

    /// The account's own context, where it has one, beside its proof.
    fn write_context(&self, path: &Path, context: &Context) -> Result<(), CliError> {
        if !self.contexts.are_own() {
            return Ok(());
        }
        let target = self.target(path, "context")?;
        let bytes = files::to_json(context, &target)?;
        let found = files::length_of(&target) == Some(bytes.len() as u64);
        if found && files::bytes_of(&target, bytes.len() as u64)? == bytes {
            return Ok(());
        }
        self.write(&target, &bytes)
    }
}

/// Whether the fault is the machine's or the output folder's, not the account's.
fn ends_the_batch(error: &CliError) -> bool {
    matches!(error, CliError::Write(AtomicWriteError::Io { .. })) || error.exit_code() == INTERNAL
}
