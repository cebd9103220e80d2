//! The check that a service or a contract's operator makes before anything is liquidated.
//!
//! [`verify`](crate::verify) answers one question: does this proof say so, of this commitment, in this market, under these rules?
//! A [`Verifier`] asks the others too, each with a [`Rejection`] of its own, the cheap ones first and the pairing last:
//!
//! | | is |
//! |---|---|
//! | statement | what is asked for: eligibility ([`Verifier::check`]) or health ([`Verifier::check_health`]) |
//! | key | one that the verifier trusts, for the proof's statement and shape |
//! | context | for this chain, this verifier and, if it serves one alone, this liquidator; its deadline not passed |
//! | commitment | the account's of the day, not superseded, and under this policy |
//! | eligibility | not consumed, and the liquidator's nonce not used |
//! | snapshot | signed by enough of the policy's oracles, fresh, in sequence, its feeds trusted ([`oracle::check`]) |
//! | proof | about all of that, and it verifies |
//!
//! The context's greatest priority fee is carried and bound into the proof; a contract holds it against the transaction.
//! Many proofs in one market are checked faster by [`Verifier::check_in`]. The answer to [`Verifier::check`] changes nothing. [`Verifier::consume`] spends it, atomically: of any number of threads and
//! processes that hold an answer about one state of an account, one gets the [`Receipt`]. [`Verifier::submit`] is both.
//!
//! What the verifier cannot know is who hands it the proof. A service that serves several liquidators must see to it that each
//! comes with its own context only; one that serves a single one says so by [`Verifier::serving`].

mod examine;
mod payoff;

use zkmargin_circuits::model::{Context, HexBytes, Policy, Snapshot, Time};

use crate::{
    Eligibility, Health, Liveness, Market, ProofFile, Rejection, VerifyingKey,
    registry::{Claim, Ledger, Receipt},
    verify::{verify_health_in, verify_in},
};
use examine::{Case, Found};
pub use payoff::Costs;

/// A verifier with an identity of its own, the keys that it trusts, and nothing else: accounts and what is spent are the
/// [`Ledger`]'s.
#[derive(Debug, Clone)]
pub struct Verifier {
    chain_id: u64,
    id: HexBytes<20>,
    liquidator: Option<HexBytes<20>>,
    keys: Vec<VerifyingKey>,
}

impl Verifier {
    /// The verifier of this chain (EIP-155; 0 for a service off chain) and address or service id, who trusts these keys. Of one
    /// statement and shape there may be several, as while one replaces another. A key for development is trusted too if it is
    /// among them; [`Eligibility::unsafe_dev_parameters`] tells.
    pub fn new(
        chain_id: u64,
        id: HexBytes<20>,
        keys: impl IntoIterator<Item = VerifyingKey>,
    ) -> Self {
        Self {
            chain_id,
            id,
            liquidator: None,
            keys: keys.into_iter().collect(),
        }
    }

    /// The same for one liquidator's eligibilities alone.
    pub fn serving(mut self, liquidator: HexBytes<20>) -> Self {
        self.liquidator = Some(liquidator);
        self
    }

    /// Checks a liquidation proof of a registered account's state of the day. Changes nothing.
    ///
    /// # Errors
    /// The first reason to reject, in the order of the [module](self)'s table.
    pub fn check<L: Ledger + ?Sized>(
        &self,
        proof: &ProofFile,
        snapshot: &Snapshot,
        policy: &Policy,
        context: &Context,
        registry: &L,
        now: Time,
    ) -> Result<Eligibility, Rejection> {
        let case = Case {
            proof,
            snapshot,
            policy,
            context,
            now,
        };
        self.eligible(&case, None, registry)
    }

    /// [`check`](Self::check) of one proof more in a market whose public table is there: most of a check's time is spent on making it.
    ///
    /// # Errors
    /// As [`check`](Self::check).
    pub fn check_in<L: Ledger + ?Sized>(
        &self,
        proof: &ProofFile,
        market: &Market<'_>,
        context: &Context,
        registry: &L,
        now: Time,
    ) -> Result<Eligibility, Rejection> {
        let case = Case::of(market, proof, context, now);
        self.eligible(&case, Some(market), registry)
    }

    fn eligible<L: Ledger + ?Sized>(
        &self,
        case: &Case<'_>,
        market: Option<&Market<'_>>,
        registry: &L,
    ) -> Result<Eligibility, Rejection> {
        let found = self.eligibility(case, registry)?;
        in_market(case, market, |market| {
            found.check_market(market, case.now, registry)?;
            verify_in(case.proof, &case.request(&found), market)
        })
    }

    /// Checks a proof of health of a registered account's state of the day. Changes nothing. Nonces are not spent on health, and
    /// not asked for.
    ///
    /// # Errors
    /// The first reason to reject, in the order of the [module](self)'s table.
    pub fn check_health<L: Ledger + ?Sized>(
        &self,
        proof: &ProofFile,
        snapshot: &Snapshot,
        policy: &Policy,
        context: &Context,
        registry: &L,
        now: Time,
    ) -> Result<Health, Rejection> {
        let case = Case {
            proof,
            snapshot,
            policy,
            context,
            now,
        };
        self.healthy(&case, None, registry)
    }

    /// [`check_health`](Self::check_health) of one proof more in a market whose public table is there.
    ///
    /// # Errors
    /// As [`check_health`](Self::check_health).
    pub fn check_health_in<L: Ledger + ?Sized>(
        &self,
        proof: &ProofFile,
        market: &Market<'_>,
        context: &Context,
        registry: &L,
        now: Time,
    ) -> Result<Health, Rejection> {
        let case = Case::of(market, proof, context, now);
        self.healthy(&case, Some(market), registry)
    }

    fn healthy<L: Ledger + ?Sized>(
        &self,
        case: &Case<'_>,
        market: Option<&Market<'_>>,
        registry: &L,
    ) -> Result<Health, Rejection> {
        let found = self.health(case, registry)?;
        in_market(case, market, |market| {
            found.check_market(market, case.now, registry)?;
            verify_health_in(case.proof, &case.request(&found), market)
        })
    }

    /// Spends an eligibility that [`check`](Self::check) gave for this context, and records its snapshot's sequence. What has
    /// changed since, an account, its policy, the market's age, another's claim on it, is found out: all of it is decided in one
    /// transaction.
    ///
    /// # Errors
    /// Those of a context that is for others or too late, [`Rejection::UnknownCommitment`], [`Rejection::Claim`],
    /// [`Rejection::Ledger`] or [`Rejection::Storage`]; nothing is spent then.
    pub fn consume<L: Ledger + ?Sized>(
        &self,
        eligibility: &Eligibility,
        context: &Context,
        ledger: &L,
        now: Time,
    ) -> Result<Receipt, Rejection> {
        self.check_context(context, now)?;
        let (account, state) =
            examine::standing(eligibility.commitment, eligibility.policy, ledger)?;
        let claim = Claim::new(account, &state, eligibility, context)?;
        Ok(ledger.consume(&claim, now)?)
    }

    /// [`check`](Self::check), then [`consume`](Self::consume).
    ///
    /// # Errors
    /// Theirs.
    pub fn submit<L: Ledger + ?Sized>(
        &self,
        proof: &ProofFile,
        snapshot: &Snapshot,
        policy: &Policy,
        context: &Context,
        ledger: &L,
        now: Time,
    ) -> Result<Receipt, Rejection> {
        let eligibility = self.check(proof, snapshot, policy, context, ledger, now)?;
        self.consume(&eligibility, context, ledger, now)
    }

    /// [`check_health`](Self::check_health), then winds the account's clock by it and, if it counts, records the snapshot's sequence:
    /// both or neither. A snapshot
    /// that is ahead of `now`, as far as its policy lets it, counts once its time has come.
    ///
    /// # Errors
    /// Those of the check, and [`Rejection::Registry`] if the proof does not count.
    pub fn submit_health<L: Ledger + ?Sized>(
        &self,
        proof: &ProofFile,
        snapshot: &Snapshot,
        policy: &Policy,
        context: &Context,
        ledger: &L,
        now: Time,
    ) -> Result<Liveness, Rejection> {
        let health = self.check_health(proof, snapshot, policy, context, ledger, now)?;
        let account = examine::standing(health.commitment, health.policy, ledger)?.0;
        Ok(ledger.beat(account, &health, now)?)
    }

    /// The receipt for what a proof is about, if it was spent in this context: for a caller who ended before he got it. The proof
    /// is not looked at; the account may have gone on since.
    ///
    /// # Errors
    /// [`Rejection::Storage`].
    pub fn receipt<L: Ledger + ?Sized>(
        &self,
        proof: &ProofFile,
        context: &Context,
        ledger: &L,
    ) -> Result<Option<Receipt>, Rejection> {
        let Some(known) = ledger.account_of(proof.commitment)? else {
            return Ok(None);
        };
        let receipt = ledger.consumed(known.account, proof.commitment)?;
        Ok(receipt.filter(|spent| spent.claim.context == HexBytes(context.digest())))
    }
}

/// Works in the market that is there, or in that of the case.
fn in_market<T>(
    case: &Case<'_>,
    market: Option<&Market<'_>>,
    work: impl FnOnce(&Market<'_>) -> Result<T, Rejection>,
) -> Result<T, Rejection> {
    match market {
        Some(market) => work(market),
        None => work(&Market::new(case.snapshot, case.policy)?),
    }
}

impl<'m> Case<'m> {
    fn of(market: &Market<'m>, proof: &'m ProofFile, context: &'m Context, now: Time) -> Self {
        Self {
            proof,
            snapshot: market.snapshot,
            policy: market.policy,
            context,
            now,
        }
    }

    fn request<'a>(&'a self, found: &'a Found<'_>) -> crate::Request<'a> {
        crate::Request {
            key: found.key,
            snapshot: self.snapshot,
            policy: self.policy,
            commitment: found.state.commitment,
            context: self.context,
            at: self.now,
        }
    }
}
