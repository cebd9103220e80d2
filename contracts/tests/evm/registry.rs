//! The registry: what it accepts, and each refusal with an error of its own.

mod gas;
mod heartbeat;
mod venue;

use std::path::Path;

use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_sol_types::{SolCall, SolEvent};
use halo2curves::ff::Field;
use k256::ecdsa::SigningKey;
use zkmargin_circuits::{
    circuit::market_digest,
    model::{Context, HexBytes},
    shape::Statement,
};
use zkmargin_contracts::{IMarginRegistry as Registry, proof, terms, use_of};
use zkmargin_verifier::ProofFile;

use crate::{
    chain::{Chain, Done, assert_error},
    market::{context, keys, market, verifier},
    solc,
};

const VENUE: Address = Address::repeat_byte(1);
const LIQUIDATOR: Address = Address::repeat_byte(2);
const ACCOUNT: B256 = B256::repeat_byte(7);
const POLICY: B256 = B256::repeat_byte(8);
/// Gas that a verifier is given: what that of solvency needs, and half as much again.
const VERIFIER_GAS: u64 = 1_600_000;
const MAX_AGE: u64 = 60;
const MAX_FUTURE: u64 = 5;
const PERIOD: u64 = 3600;
const GRACE: u64 = 600;

/// Three oracles, by increasing address.
fn oracles() -> Vec<(Address, SigningKey)> {
    let mut all: Vec<_> = (1..=3_u8)
        .map(|n| {
            let key = SigningKey::from_slice(&[n; 32]).expect("a key");
            let point = key.verifying_key().to_encoded_point(false);
            let hash = alloy_primitives::keccak256(&point.as_bytes()[1..]);
            (Address::from_slice(&hash[12..]), key)
        })
        .collect();
    all.sort_by_key(|(address, _)| *address);
    all
}

fn sign(key: &SigningKey, digest: B256) -> Bytes {
    let (signature, id) = key
        .sign_prehash_recoverable(digest.as_slice())
        .expect("a signature");
    let mut bytes = signature.to_bytes().to_vec();
    bytes.push(27 + id.to_byte());
    bytes.into()
}

/// A chain with the contracts, a policy of two oracles out of three, and an account.
#[derive(Clone)]
struct World {
    chain: Chain,
    registry: Address,
}

fn registry_code() -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = ["MarginRegistry.sol", "IMarginRegistry.sol"].map(|name| folder.join(name));
    let artifacts = solc::compile(&files.each_ref().map(|p| p.as_path()), false);
    let mut code = artifacts["MarginRegistry"].init_code();
    assert!(artifacts["MarginRegistry"].deployed_size <= 24_576);
    code.extend(B256::left_padding_from(VENUE.as_slice()));
    code
}

impl World {
    /// With the account's commitment that a statement's proofs are about.
    fn new(statement: Statement) -> Self {
        let time = market().snapshot.time.unix().unsigned_abs();
        let mut chain = Chain::new(time + 10);
        let (registry, _) = chain.deploy(VENUE, registry_code());
        let mut world = Self { chain, registry };
        let (verifier, _) = verifier(statement).deploy(&mut world.chain, VENUE);
        world.venue(&Registry::registerVerifierCall {
            statement: statement.code().try_into().expect("a statement"),
            shape: 1,
            verifier,
            gas: VERIFIER_GAS,
        });
        let rule = world.rule();
        world.venue(&Registry::registerPolicyCall {
            policy: POLICY,
            rule,
        });
        let commitment = world.file(statement, 0).commitment;
        world.chain.time = time;
        world.venue(&Registry::openAccountCall {
            account: ACCOUNT,
            policy: POLICY,
            commitment: commitment.0.into(),
            sequence: 1,
        });
        world.chain.time = time + 10;
        world
    }

    fn rule(&self) -> Registry::PolicyRule {
        Registry::PolicyRule {
            signers: oracles().iter().map(|(address, _)| *address).collect(),
            threshold: 2,
            maxAge: MAX_AGE,
            maxFuture: MAX_FUTURE,
            period: PERIOD,
            grace: GRACE,
        }
    }

    /// The account's next state, of another commitment.
    #[track_caller]
    fn recommit(&mut self, commitment: u8, sequence: u64) {
        self.venue(&Registry::recommitCall {
            account: ACCOUNT,
            commitment: B256::with_last_byte(commitment),
            sequence,
        });
    }

    fn context(&self, nonce: u64) -> Context {
        context(self.chain.id, self.registry, LIQUIDATOR, nonce)
    }

    fn file(&self, statement: Statement, nonce: u64) -> ProofFile {
        keys(statement).prove(&self.context(nonce))
    }

    /// A call by the venue, which succeeds.
    #[track_caller]
    fn venue<C: SolCall>(&mut self, call: &C) -> Done {
        self.chain
            .call(VENUE, self.registry, call)
            .expect("the venue may")
    }

    fn call<C: SolCall>(&mut self, from: Address, call: &C) -> Result<Done, Bytes> {
        self.chain.call(from, self.registry, call)
    }

    fn attestation(&self) -> Registry::Attestation {
        let snapshot = &market().snapshot;
        Registry::Attestation {
            snapshot: snapshot.digest().into(),
            policy: POLICY,
            market: market_digest(&market().table).into(),
            sequence: snapshot.sequence,
            time: snapshot.time.unix().unsigned_abs(),
        }
    }

    /// Posts a market with the signatures of some oracles, by number.
    fn post(&mut self, market: &Registry::Attestation, signers: &[usize]) -> Result<Done, Bytes> {
        let digest = self.chain.ask(
            self.registry,
            &Registry::attestationDigestCall {
                market: market.clone(),
            },
        );
        let oracles = oracles();
        let signatures = signers
            .iter()
            .map(|n| sign(&oracles[*n].1, digest))
            .collect();
        self.call(
            Address::ZERO,
            &Registry::postMarketCall {
                market: market.clone(),
                signatures,
            },
        )
    }

    fn liquidation(&self, file: &ProofFile, nonce: u64) -> Registry::liquidateCall {
        let table = &market().table;
        Registry::liquidateCall {
            proof: proof(file, table, HexBytes(ACCOUNT.0)).expect("a call"),
            terms: terms(file, table).expect("a call"),
            r#use: use_of(&self.context(nonce)),
        }
    }

    fn health(&self, file: &ProofFile, nonce: u64) -> Registry::proveHealthCall {
        Registry::proveHealthCall {
            proof: proof(file, &market().table, HexBytes(ACCOUNT.0)).expect("a call"),
            r#use: use_of(&self.context(nonce)),
        }
    }

    /// A world with its market posted, and a liquidation that succeeds.
    fn liquidating() -> (Self, Registry::liquidateCall) {
        let mut world = Self::new(Statement::Liquidation);
        let attestation = world.attestation();
        world.post(&attestation, &[0, 2]).expect("posted");
        let call = world.liquidation(&world.file(Statement::Liquidation, 1), 1);
        (world, call)
    }
}

#[test]
#[ignore = "needs the pinned compiler: contracts/test.sh"]
fn a_proof_is_eligible_once() {
    let (mut world, call) = World::liquidating();
    let done = world.call(LIQUIDATOR, &call).expect("eligible");
    println!("liquidation small, table of 64 rows: {} gas", done.gas);
    let event = Registry::Eligible::decode_log(&done.logs[0]).expect("the event");
    assert_eq!((event.account, event.liquidator), (ACCOUNT, LIQUIDATOR));
    assert_eq!(
        (event.repay, event.incentive),
        (call.terms.repay, call.terms.incentive)
    );
    assert!(event.repay > U256::ZERO);
    // The same, and a re-randomised proof under another nonce.
    assert_error::<Registry::Consumed>(world.call(LIQUIDATOR, &call));
    let again = world.liquidation(&world.file(Statement::Liquidation, 2), 2);
    assert_error::<Registry::Consumed>(world.call(LIQUIDATOR, &again));
    // The account's next state has an eligibility of its own, which this market and this proof are not about.
    world.recommit(5, 2);
    assert_error::<Registry::NonceUsed>(world.call(LIQUIDATOR, &call));
    let error = assert_error::<Registry::Earlier>(world.call(LIQUIDATOR, &again));
    assert_eq!(error.last, world.chain.time);
}

#[test]
#[ignore = "needs the pinned compiler: contracts/test.sh"]
fn a_proof_is_for_its_sender_chain_contract_deadline_and_fee() {
    let (world, call) = World::liquidating();
    let with = |change: &dyn Fn(&mut World)| {
        let mut world = world.clone();
        change(&mut world);
        world
    };
    // Another liquidator.
    assert_error::<Registry::ProofRejected>(world.clone().call(Address::repeat_byte(3), &call));
    // Another chain.
    let mut other = with(&|world| world.chain.id = 10);
    assert_error::<Registry::ProofRejected>(other.call(LIQUIDATOR, &call));
    // Another contract: the same state at another address.
    let mut other = World::new(Statement::Liquidation);
    let (second, _) = other.chain.deploy(VENUE, registry_code());
    assert_ne!(second, other.registry);
    let elsewhere = context(other.chain.id, second, LIQUIDATOR, 1);
    let file = keys(Statement::Liquidation).prove(&elsewhere);
    let attestation = other.attestation();
    other.post(&attestation, &[0, 1]).expect("posted");
    let foreign = other.liquidation(&file, 1);
    assert_error::<Registry::ProofRejected>(other.call(LIQUIDATOR, &foreign));
    // The deadline, before anything else.
    let mut late = call.clone();
    late.r#use.deadline = world.chain.time - 1;
    let error = assert_error::<Registry::Deadline>(world.clone().call(LIQUIDATOR, &late));
    assert_eq!(error.deadline, late.r#use.deadline);
    // A longer deadline, another nonce, a higher fee than proved.
    let changes: [fn(&mut Registry::Use); 3] = [
        |used| used.deadline += 1,
        |used| used.nonce += 1,
        |used| used.maxPriorityFeePerGas += 1,
    ];
    for change in changes {
        let mut other = call.clone();
        change(&mut other.r#use);
        assert_error::<Registry::ProofRejected>(world.clone().call(LIQUIDATOR, &other));
    }
    // Paying more than proved.
    let mut hasty = with(&|world| world.chain.priority_fee = 4);
    let error = assert_error::<Registry::PriorityFee>(hasty.call(LIQUIDATOR, &call));
    assert_eq!(error.most, 3);
    let mut most = with(&|world| world.chain.priority_fee = 3);
    most.call(LIQUIDATOR, &call).expect("as much as proved");
}

#[test]
#[ignore = "needs the pinned compiler: contracts/test.sh"]
fn a_proof_is_about_its_account_market_and_terms() {
    let (world, call) = World::liquidating();
    let refused = |change: &dyn Fn(&mut Registry::liquidateCall)| {
        let mut other = call.clone();
        change(&mut other);
        world.clone().call(LIQUIDATOR, &other)
    };
    assert_error::<Registry::UnknownAccount>(refused(&|c| c.proof.account = B256::repeat_byte(9)));
    assert_error::<Registry::NoVerifier>(refused(&|c| c.proof.shape = 2));
    assert_error::<Registry::UnknownMarket>(refused(&|c| c.proof.market = B256::repeat_byte(9)));
    assert_error::<Registry::OtherRules>(refused(&|c| c.proof.rules[6] = B256::with_last_byte(1)));
    assert_error::<Registry::OtherRules>(refused(&|c| c.proof.rules[2] = B256::with_last_byte(1)));
    assert_error::<Registry::OtherRules>(refused(&|c| c.proof.otherRules = B256::ZERO));
    assert_error::<Registry::OtherRules>(refused(&|c| c.proof.rules.push(B256::ZERO)));
    assert_error::<Registry::ProofRejected>(refused(&|c| c.terms.repay += U256::from(1)));
    assert_error::<Registry::ProofRejected>(refused(&|c| c.terms.incentive += U256::from(1)));
    assert_error::<Registry::InvalidTerms>(refused(&|c| c.terms.exposures.push(B256::ZERO)));
    let cell = |c: &mut Registry::liquidateCall, at: usize| {
        let mut bytes = c.proof.table.to_vec();
        bytes[at] ^= 1;
        c.proof.table = bytes.into();
    };
    for at in [31, 224, call.proof.table.len() - 1] {
        assert_error::<Registry::ProofRejected>(refused(&|c| cell(c, at)));
    }
    let proof = |c: &mut Registry::liquidateCall, change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = c.proof.proof.to_vec();
        change(&mut bytes);
        c.proof.proof = bytes.into();
    };
    assert_error::<Registry::ProofRejected>(refused(&|c| proof(c, &|b| b[40] ^= 1)));
    assert_error::<Registry::ProofRejected>(refused(&|c| proof(c, &|b| b.truncate(32))));
    assert_error::<Registry::ProofRejected>(refused(&|c| proof(c, &|b| b.extend([0; 32]))));
    // A superseded commitment, in the market's own second.
    let mut later = world.clone();
    later.chain.time -= 10;
    later.recommit(5, 2);
    assert_error::<Registry::ProofRejected>(later.call(LIQUIDATOR, &call));
    // A market from before the commitment, and one from the future.
    let mut later = world.clone();
    later.recommit(5, 2);
    assert_error::<Registry::Earlier>(later.call(LIQUIDATOR, &call));
    let mut early = world.clone();
    early.chain.time -= 11;
    assert_error::<Registry::Future>(early.call(LIQUIDATOR, &call));
    // Too little gas to tell.
    let mut short = world.clone();
    short.chain.gas = VERIFIER_GAS;
    assert_error::<Registry::Gas>(short.call(LIQUIDATOR, &call));
    // The market has grown old.
    let mut stale = world.clone();
    stale.chain.time += MAX_AGE;
    assert_error::<Registry::Stale>(stale.call(LIQUIDATOR, &call));
}

#[test]
#[ignore = "needs the pinned compiler: contracts/test.sh"]
fn a_market_is_signed_fresh_and_in_sequence() {
    let mut world = World::new(Statement::Liquidation);
    let market = world.attestation();
    let later = |by: u64| Registry::Attestation {
        sequence: market.sequence + by,
        ..market.clone()
    };
    assert_error::<Registry::Threshold>(world.post(&market, &[1]));
    assert_error::<Registry::SignerOrder>(world.post(&market, &[1, 1]));
    assert_error::<Registry::SignerOrder>(world.post(&market, &[2, 0]));
    let unknown = Registry::Attestation {
        policy: B256::ZERO,
        ..market.clone()
    };
    assert_error::<Registry::UnknownPolicy>(world.post(&unknown, &[0, 1]));
    // By a key that is no oracle's.
    let digest = world.chain.ask(
        world.registry,
        &Registry::attestationDigestCall {
            market: market.clone(),
        },
    );
    let strangers: Vec<SigningKey> = (100..110_u8)
        .map(|n| SigningKey::from_slice(&[n; 32]).expect("a key"))
        .collect();
    for stranger in strangers {
        let signatures = vec![sign(&stranger, digest), sign(&oracles()[2].1, digest)];
        let result = world.call(
            Address::ZERO,
            &Registry::postMarketCall {
                market: market.clone(),
                signatures,
            },
        );
        assert_error::<Registry::UnknownSigner>(result);
    }
    // What was signed, and nothing else.
    let oracles = oracles();
    let signatures: Vec<Bytes> = oracles
        .iter()
        .take(2)
        .map(|(_, key)| sign(key, digest))
        .collect();
    for other in [
        later(1),
        Registry::Attestation {
            time: market.time - 1,
            ..market.clone()
        },
        Registry::Attestation {
            market: B256::ZERO,
            ..market.clone()
        },
    ] {
        let call = Registry::postMarketCall {
            market: other,
            signatures: signatures.clone(),
        };
        world
            .call(Address::ZERO, &call)
            .expect_err("another market");
    }
    world.chain.time = market.time - MAX_FUTURE - 1;
    assert_error::<Registry::Future>(world.post(&market, &[0, 1]));
    world.chain.time = market.time + MAX_AGE + 1;
    assert_error::<Registry::Stale>(world.post(&market, &[0, 1]));
    world.chain.time = market.time - MAX_FUTURE;
    world.post(&market, &[0, 1]).expect("the first second");
    world.post(&market, &[]).expect("posted already");
    let rival = Registry::Attestation {
        market: B256::repeat_byte(3),
        ..market.clone()
    };
    assert_error::<Registry::OtherMarket>(world.post(&rival, &[0, 1]));
    // The same numbers a second later, and then the earlier ones again.
    world.post(&later(1), &[0, 1, 2]).expect("in sequence");
    let error = assert_error::<Registry::Sequence>(world.post(&market, &[0, 1]));
    assert_eq!(
        (error.given, error.last),
        (market.sequence, market.sequence + 1)
    );
}

#[test]
#[ignore = "needs the pinned compiler: contracts/test.sh"]
fn a_contract_that_answers_nothing_is_no_verifier() {
    let (mut world, mut call) = World::liquidating();
    // A contract of one STOP.
    let code = hex::decode("600060005360016000f3").expect("hex");
    let (verifier, _) = world.chain.deploy(VENUE, code);
    world.venue(&Registry::registerVerifierCall {
        statement: Statement::Liquidation
            .code()
            .try_into()
            .expect("a statement"),
        shape: 1,
        verifier,
        gas: VERIFIER_GAS,
    });
    call.proof.proof = Bytes::new();
    assert_error::<Registry::ProofRejected>(world.call(LIQUIDATOR, &call));
}
