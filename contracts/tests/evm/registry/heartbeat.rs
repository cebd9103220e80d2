//! Proofs of health, and their absence.

use super::*;

#[test]
#[ignore = "needs the pinned compiler: contracts/test.sh"]
fn health_is_a_heartbeat_and_no_eligibility() {
    let mut world = World::new(Statement::Solvency);
    let attestation = world.attestation();
    world.post(&attestation, &[0, 1]).expect("posted");
    let file = world.file(Statement::Solvency, 1);
    let call = world.health(&file, 1);
    // Not before its time.
    let mut early = world.clone();
    early.chain.time = attestation.time - 1;
    assert_error::<Registry::Future>(early.call(LIQUIDATOR, &call));
    let done = world.call(LIQUIDATOR, &call).expect("healthy");
    println!("health small, table of 64 rows: {} gas", done.gas);
    let event = Registry::Healthy::decode_log(&done.logs[0]).expect("the event");
    assert_eq!((event.account, event.time), (ACCOUNT, attestation.time));
    assert_error::<Registry::NonceUsed>(world.call(LIQUIDATOR, &call));
    // Neither statement passes for the other.
    let crossed = Registry::liquidateCall {
        proof: call.proof.clone(),
        terms: Registry::Terms {
            repay: U256::ZERO,
            incentive: U256::ZERO,
            exposures: Vec::new(),
        },
        r#use: use_of(&world.context(2)),
    };
    assert_error::<Registry::NoVerifier>(world.call(LIQUIDATOR, &crossed));
    let (mut liquidating, liquidation) = World::liquidating();
    let crossed = Registry::proveHealthCall {
        proof: liquidation.proof,
        r#use: liquidation.r#use,
    };
    assert_error::<Registry::NoVerifier>(liquidating.call(LIQUIDATOR, &crossed));
}

const STOP: Registry::stopCall = Registry::stopCall { account: ACCOUNT };

/// Posts a market of that second.
fn post_now(world: &mut World, sequence: u64) {
    let market = Registry::Attestation {
        time: world.chain.time,
        sequence: world.attestation().sequence + sequence,
        ..world.attestation()
    };
    world.post(&market, &[0, 1]).expect("posted");
}

#[test]
#[ignore = "needs the pinned compiler: contracts/test.sh"]
fn a_stopped_heartbeat_is_found_and_locks_nobody_out() {
    let (mut world, _) = World::liquidating();
    let start = world.attestation().time;
    for n in 1..=2 {
        world.chain.time = start + n * PERIOD;
        post_now(&mut world, n);
    }
    world.chain.time = start + PERIOD + GRACE;
    assert_error::<Registry::Alive>(world.call(LIQUIDATOR, &STOP));
    world.chain.time += 1;
    let done = world.call(Address::repeat_byte(6), &STOP).expect("stopped");
    let event = Registry::HeartbeatStopped::decode_log(&done.logs[0]).expect("the event");
    assert_eq!((event.account, event.alive), (ACCOUNT, start));
    assert_error::<Registry::Stopped>(world.call(LIQUIDATOR, &STOP));
    // A proof of eligibility is as good as before.
    world.chain.time = start + 2 * PERIOD + 1;
    let call = world.liquidation(&world.file(Statement::Liquidation, 3), 3);
    world.clone().call(LIQUIDATOR, &call).expect("eligible");
    // A change starts the clock anew: nobody could have proved the new commitment's health.
    world.recommit(5, 2);
    let error = assert_error::<Registry::Alive>(world.call(LIQUIDATOR, &STOP));
    assert_eq!(error.until, world.chain.time + PERIOD + GRACE);
}

#[test]
#[ignore = "needs the pinned compiler: contracts/test.sh"]
fn no_clock_runs_out_without_markets() {
    let mut world = World::new(Statement::Liquidation);
    world.chain.time += 100 * (PERIOD + GRACE);
    assert_error::<Registry::NoMarkets>(world.call(LIQUIDATOR, &STOP));
    // With the first market every clock has its whole span.
    post_now(&mut world, 1);
    let error = assert_error::<Registry::Alive>(world.call(LIQUIDATOR, &STOP));
    assert_eq!(error.until, world.chain.time + PERIOD + GRACE);
    // Silence again.
    world.chain.time += PERIOD + 1;
    assert_error::<Registry::NoMarkets>(world.call(LIQUIDATOR, &STOP));
}
