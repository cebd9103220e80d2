//! What a submission starts from, and whether it belongs together.

use zkmargin_chain::{
    IMarginRegistry::{self, IMarginRegistryErrors},
    Revert,
};
use zkmargin_circuits::{
    circuit::market_digest,
    model::{Context, HexBytes, Time},
    shape::Statement,
};
use zkmargin_prover::keys::read_verifying_key;
use zkmargin_verifier::{
    ProofFile, Rejection, Request, VerifyingKey,
    oracle::{OracleKey, check_confidence},
    verify, verify_health,
};

use super::{SubmitArgs, SubmitError, report::Refusal};
use crate::{
    commands::verify::read_proof,
    error::CliError,
    input::{self, Market},
    oracle_key, store,
};

/// All that is read from files.
pub(super) struct Inputs {
    pub(super) file: ProofFile,
    pub(super) market: Market,
    pub(super) context: Context,
    pub(super) key: OracleKey,
    pub(super) verifying_key: VerifyingKey,
}

/// The market's feeds are those that its policy trusts. The contract sees signatures only.
fn check_feeds(market: &Market, args: &SubmitArgs) -> Result<(), CliError> {
    let Some(rule) = &market.policy.oracle else {
        return Ok(());
    };
    check_confidence(&market.snapshot, rule).map_err(|source| CliError::Oracle {
        path: args.market.snapshot.clone(),
        source,
    })
}

impl Inputs {
    /// Reads the files, or says why the proof file is none.
    pub(super) fn read(args: &SubmitArgs) -> Result<Result<Self, String>, CliError> {
        let market = args.market.read()?;
        if args.post_market {
            check_feeds(&market, args)?;
        }
        let context = input::context(&args.context)?;
        let key = oracle_key::read(&args.key)?;
        let named = args.verifying_key.as_deref();
        let named = named.map(read_verifying_key).transpose()?;
        let other = |field, found: HexBytes<20>, expected| SubmitError::OtherContext {
            path: args.context.clone(),
            field,
            found: found.to_string(),
            expected,
        };
        let address = key.address();
        if context.liquidator != address {
            let expected = format!("{address}, whose key {} is", args.key.display());
            return Err(other("liquidator", context.liquidator, expected).into());
        }
        if context.verifier != args.registry {
            let expected = format!("{}, the registry", args.registry);
            return Err(other("verifier", context.verifier, expected).into());
        }
        let file = match read_proof(&args.proof)? {
            Ok(file) => file,
            Err(reason) => return Ok(Err(reason)),
        };
        let verifying_key = match named {
            Some(key) => key,
            None => store::verifying_key(&args.keys.folder, file.statement, file.shape)?,
        };
        Ok(Ok(Self {
            file,
            market,
            context,
            key,
            verifying_key,
        }))
    }

    /// What the contract knows the market by.
    pub(super) fn market_digest(&self) -> HexBytes<32> {
        HexBytes(market_digest(&self.market.table))
    }

    /// The node's chain is the context's.
    pub(super) fn check_chain(&self, chain_id: u64, args: &SubmitArgs) -> Result<(), SubmitError> {
        if self.context.chain_id == chain_id {
            return Ok(());
        }
        Err(SubmitError::OtherContext {
            path: args.context.clone(),
            field: "chain_id",
            found: self.context.chain_id.to_string(),
            expected: format!("{chain_id}, the node's chain"),
        })
    }

    /// The check of `verify`, against the commitment that the registry holds.
    pub(super) fn check(
        &self,
        state: &IMarginRegistry::Account,
        args: &SubmitArgs,
    ) -> Result<Result<(), Refusal>, CliError> {
        if state.commitment.is_zero() {
            let account = args.account.0.into();
            let error = IMarginRegistry::UnknownAccount { account };
            let error = IMarginRegistryErrors::UnknownAccount(error);
            return Ok(Err(Refusal::Contract(Revert::Registry(error))));
        }
        let policy = HexBytes(self.market.policy.digest());
        let registered = HexBytes(state.policy.0);
        if policy != registered {
            let words = format!("the account is under policy {registered}, not {policy}");
            return Ok(Err(Refusal::Verifier(words)));
        }
        let request = Request {
            key: &self.verifying_key,
            snapshot: &self.market.snapshot,
            policy: &self.market.policy,
            commitment: HexBytes(state.commitment.0),
            context: &self.context,
            at: Time::now(),
        };
        let verified = match self.file.statement {
            Statement::Solvency => verify_health(&self.file, &request).map(drop),
            _ => verify(&self.file, &request).map(drop),
        };
        match verified {
            Ok(()) => Ok(Ok(())),
            Err(Rejection::Table(source)) => Err(args.market.refused(source)),
            Err(rejection) => Ok(Err(Refusal::Verifier(rejection.to_string()))),
        }
    }
}
