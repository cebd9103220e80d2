//! Another liquidator, chain, contract or service, another time, another statement or key.

use zkmargin_circuits::{
    model::{Context, HexBytes},
    shape::{Shape, Statement},
};
use zkmargin_verifier::{
    Rejection, Verifier,
    registry::{ClaimError, Ledger},
};

use crate::support::{Desk, MADE, after, trusted};

#[test]
fn the_honest_proof_is_eligible() {
    let desk = Desk::new();
    let eligibility = desk.check().expect("eligible");
    assert_eq!(eligibility.statement, Statement::Liquidation);
    assert_eq!(eligibility.commitment, desk.proof.commitment);
    assert_eq!(eligibility.context, HexBytes(desk.context.digest()));
    assert_eq!(eligibility.policy, HexBytes(desk.policy.digest()));
    assert_eq!(eligibility.terms, desk.proof.terms());
    assert_eq!(eligibility.snapshot_sequence, desk.snapshot.sequence);
    // Asking changes nothing.
    assert_eq!(desk.check(), Ok(eligibility));
    assert_eq!(
        desk.ledger.last_sequence(HexBytes(desk.policy.digest())),
        Ok(None)
    );
}

/// A trait object serves as well.
#[test]
fn any_store_will_do() {
    let desk = Desk::new();
    let store: &dyn Ledger = &*desk.ledger;
    let (verifier, context) = (&desk.verifier, &desk.context);
    let answer = verifier.check(
        &desk.proof,
        &desk.snapshot,
        &desk.policy,
        context,
        store,
        desk.now,
    );
    assert!(answer.is_ok());
}

/// The proof shown in a context that it was not made for: a copy of it in other hands.
fn bound(alter: impl FnOnce(&mut Context)) {
    let mut desk = Desk::new();
    alter(&mut desk.context);
    desk.refuses(Rejection::Context {
        proof: desk.proof.context,
        expected: HexBytes(desk.context.digest()),
    });
    // A thief rewrites the digest in the file: the proof itself is bound.
    desk.proof.context = HexBytes(desk.context.digest());
    desk.refuses(Rejection::Proof);
}

#[test]
fn a_copied_proof_is_of_no_use_to_another_liquidator() {
    bound(|context| context.liquidator = MADE.rival.1.liquidator);
}

#[test]
fn nonce_deadline_and_priority_fee_are_bound() {
    bound(|context| context.nonce += 1);
    bound(|context| context.deadline = after(3600));
    bound(|context| context.max_priority_fee_per_gas += 1);
}

#[test]
fn a_verifier_that_serves_one_liquidator_refuses_the_others() {
    let mut desk = Desk::new();
    let own = desk.context.liquidator;
    desk.verifier = desk.verifier.serving(own);
    assert!(desk.check().is_ok());
    let (proof, context) = MADE.rival.clone();
    (desk.proof, desk.context) = (proof, context);
    desk.refuses(Rejection::Liquidator {
        context: desk.context.liquidator,
        expected: own,
    });
}

#[test]
fn another_chain_is_refused() {
    for other in [0, 2, u64::MAX] {
        let mut desk = Desk::new();
        desk.verifier = Verifier::new(other, desk.context.verifier, trusted());
        desk.refuses(Rejection::ChainId {
            context: desk.context.chain_id,
            expected: other,
        });
    }
}

/// A contract by its address and a service by its id: neither is the other.
#[test]
fn another_contract_or_service_is_refused() {
    let mut contract = MADE.context.verifier;
    contract.0[19] ^= 1;
    for other in [contract, HexBytes([0; 20])] {
        let mut desk = Desk::new();
        desk.verifier = Verifier::new(desk.context.chain_id, other, trusted());
        desk.refuses(Rejection::Verifier {
            context: desk.context.verifier,
            expected: other,
        });
    }
}

#[test]
fn the_deadline_is_the_last_second() {
    let mut desk = Desk::new();
    let deadline = desk.context.deadline;
    desk.now = deadline.plus(1);
    let at = desk.now;
    desk.refuses(Rejection::Deadline { deadline, at });
}

/// What was eligible in time is not spent after it.
#[test]
fn an_eligibility_is_not_spent_after_its_deadline() {
    let desk = Desk::new();
    let eligibility = desk.check().expect("eligible");
    let deadline = desk.context.deadline;
    let at = deadline.plus(1);
    let spent = desk
        .verifier
        .consume(&eligibility, &desk.context, &*desk.ledger, at);
    assert_eq!(spent, Err(Rejection::Deadline { deadline, at }));
}

#[test]
fn a_proof_of_health_is_no_eligibility() {
    let mut desk = Desk::of_health();
    let (proof, expected) = (Statement::Solvency, Statement::Liquidation);
    desk.refuses(Rejection::OtherStatement { proof, expected });
    // One that says it were one is held to that statement's key.
    desk.proof.statement = Statement::Liquidation;
    desk.refuses(Rejection::Key {
        proof: desk.proof.key,
        key: HexBytes(MADE.keys[0].verifying().digest()),
    });
}

#[test]
fn only_trusted_keys_count() {
    let mut desk = Desk::new();
    let verifier = |keys| Verifier::new(MADE.context.chain_id, MADE.context.verifier, keys);
    let (statement, shape) = (Statement::Liquidation, Shape::Small);
    for keys in [vec![], trusted().split_off(1)] {
        desk.verifier = verifier(keys);
        desk.refuses(Rejection::NoKey { statement, shape });
    }
    desk.verifier = verifier(trusted());
    desk.proof.shape = Shape::Large;
    let shape = Shape::Large;
    desk.refuses(Rejection::NoKey { statement, shape });
    // Made under a key of a stranger's own parameters.
    let mut desk = Desk::new();
    desk.proof.key.0[0] ^= 1;
    desk.refuses(Rejection::Key {
        proof: desk.proof.key,
        key: MADE.proof.key,
    });
}

#[test]
fn an_eligibility_is_spent_in_its_own_context() {
    let desk = Desk::new();
    let eligibility = desk.check().expect("eligible");
    let mut other = desk.context.clone();
    other.nonce += 1;
    let spent = desk
        .verifier
        .consume(&eligibility, &other, &*desk.ledger, desk.now);
    let (proof, expected) = (eligibility.context, HexBytes(other.digest()));
    assert_eq!(
        spent,
        Err(Rejection::Claim(ClaimError::Context { proof, expected }))
    );
    assert_eq!(
        desk.ledger.nonce_used(other.liquidator, other.nonce),
        Ok(false)
    );
}
