//! Proofs of health: the same questions, but that nothing is spent; and the account's clock.

use zkmargin_circuits::{
    model::{HexBytes, Time},
    shape::Statement,
};
use zkmargin_verifier::{
    Health, HeartbeatError, Liveness, Market, Rejection,
    oracle::OracleError,
    registry::{LedgerError, RegistryError},
};

use crate::support::{Desk, GRACE, ID, MADE, MAX_AGE, PERIOD, after, signed};

/// The same answer whether the market is there or not.
fn check(desk: &Desk) -> Result<Health, Rejection> {
    let (proof, context, now) = (&desk.proof, &desk.context, desk.now);
    let (snapshot, policy, ledger) = (&desk.snapshot, &desk.policy, &*desk.ledger);
    let verifier = &desk.verifier;
    let answer = verifier.check_health(proof, snapshot, policy, context, ledger, now);
    if let Ok(market) = Market::new(snapshot, policy) {
        let there = verifier.check_health_in(proof, &market, context, ledger, now);
        assert_eq!(there, answer);
    }
    answer
}

fn submit(desk: &Desk) -> Result<Liveness, Rejection> {
    desk.verifier.submit_health(
        &desk.proof,
        &desk.snapshot,
        &desk.policy,
        &desk.context,
        &*desk.ledger,
        desk.now,
    )
}

fn refuses(desk: &Desk, reason: Rejection) {
    assert_eq!(check(desk).map(drop), Err(reason.clone()));
    assert_eq!(submit(desk).map(drop), Err(reason));
}

fn at(seconds: u32) -> Time {
    after(i64::from(seconds))
}

#[test]
fn a_proof_of_health_winds_the_clock() {
    let desk = Desk::of_health();
    let health = check(&desk).expect("healthy");
    assert_eq!(health.commitment, desk.proof.commitment);
    assert_eq!(health.policy, HexBytes(desk.policy.digest()));
    let waiting = desk.ledger.liveness(ID, desk.now);
    let until = at(PERIOD + GRACE - 10);
    assert_eq!(
        waiting,
        Ok(Liveness::InGrace { until }),
        "asking is not telling"
    );
    let healthy = Liveness::Healthy { until: at(PERIOD) };
    assert_eq!(submit(&desk), Ok(healthy));
    // Nothing was spent.
    assert_eq!(submit(&desk), Ok(healthy));
    let since = at(PERIOD + GRACE + 1);
    assert_eq!(
        desk.ledger.liveness(ID, since),
        Ok(Liveness::Eligible { since })
    );
}

#[test]
fn an_eligibility_is_no_proof_of_health() {
    let mut desk = Desk::new();
    let (proof, expected) = (Statement::Liquidation, Statement::Solvency);
    refuses(&desk, Rejection::OtherStatement { proof, expected });
    desk.proof.statement = Statement::Solvency;
    let key = HexBytes(MADE.keys[1].verifying().digest());
    refuses(
        &desk,
        Rejection::Key {
            proof: desk.proof.key,
            key,
        },
    );
}

#[test]
fn health_is_asked_the_same_questions() {
    let mut desk = Desk::of_health();
    desk.context.chain_id += 1;
    let (context, expected) = (desk.context.chain_id, MADE.context.chain_id);
    refuses(&desk, Rejection::ChainId { context, expected });

    let mut desk = Desk::of_health();
    desk.context.nonce += 1;
    let expected = HexBytes(desk.context.digest());
    let proof = desk.proof.context;
    refuses(&desk, Rejection::Context { proof, expected });

    let mut desk = Desk::of_health();
    desk.now = at(MAX_AGE + 1);
    let (time, now, max_age_seconds) = (desk.snapshot.time, desk.now, MAX_AGE);
    let stale = OracleError::Stale {
        time,
        now,
        max_age_seconds,
    };
    refuses(&desk, Rejection::Oracle(stale));

    let mut desk = Desk::of_health();
    desk.snapshot = signed(desk.snapshot, &desk.policy, &[3]);
    let few = OracleError::TooFew {
        got: 1,
        threshold: 2,
    };
    refuses(&desk, Rejection::Oracle(few));

    let desk = Desk::of_health();
    let current = HexBytes([1; 32]);
    desk.ledger
        .recommit(ID, current, 101)
        .expect("the next state");
    let superseded = LedgerError::Superseded {
        account: ID,
        commitment: desk.proof.commitment,
        current,
    };
    refuses(&desk, Rejection::Ledger(superseded));

    let mut desk = Desk::of_health();
    desk.proof.proof.0[0] ^= 1;
    refuses(&desk, Rejection::Proof);
}

/// A snapshot that is ahead of the clock, as the policy allows, is authentic, but the account's clock is not wound ahead.
#[test]
fn a_snapshot_ahead_counts_once_its_time_has_come() {
    let mut desk = Desk::of_health();
    desk.now = after(-3);
    assert!(check(&desk).is_ok());
    let (snapshot, now) = (desk.snapshot.time, desk.now);
    let error = HeartbeatError::Future { snapshot, now };
    let refused = RegistryError::Heartbeat { account: ID, error };
    assert_eq!(submit(&desk), Err(Rejection::Registry(refused)));
    // Nor do others' proofs fall out of sequence by it.
    let policy = HexBytes(desk.policy.digest());
    assert_eq!(desk.ledger.last_sequence(policy), Ok(None));
    desk.now = after(0);
    assert!(submit(&desk).is_ok());
    let sequence = desk.snapshot.sequence;
    assert_eq!(desk.ledger.last_sequence(policy), Ok(Some(sequence)));
}
