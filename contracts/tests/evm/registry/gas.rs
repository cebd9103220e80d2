//! What a liquidation costs.

use zkmargin_circuits::shape::{Shape, Statement};
use zkmargin_contracts::IMarginRegistry as Registry;

use super::{ACCOUNT, LIQUIDATOR, VENUE, VERIFIER_GAS, World};
use crate::market::{Keys, compiled, market};

/// Most gas of a whole medium liquidation with a table of 64 rows (docs/contracts.md).
const MOST: u64 = 800_000;

#[test]
#[ignore = "needs the pinned compiler: contracts/test.sh"]
fn a_medium_liquidation_is_within_its_gas() {
    let mut world = World::new(Statement::Liquidation);
    let keys = Keys::new(Statement::Liquidation, Shape::Medium);
    let (verifier, _) = compiled(keys.verifying()).deploy(&mut world.chain, VENUE);
    world.venue(&Registry::registerVerifierCall {
        statement: Statement::Liquidation
            .code()
            .try_into()
            .expect("a statement"),
        shape: Shape::Medium.code(),
        verifier,
        gas: VERIFIER_GAS,
    });
    let file = keys.prove(&world.context(1));
    // A commitment is of a shape.
    let time = market().snapshot.time.unix().unsigned_abs();
    world.chain.time = time;
    world.venue(&Registry::recommitCall {
        account: ACCOUNT,
        commitment: file.commitment.0.into(),
        sequence: 2,
    });
    world.chain.time = time + 10;
    let attestation = world.attestation();
    world.post(&attestation, &[0, 2]).expect("posted");
    let call = world.liquidation(&file, 1);
    let done = world.call(LIQUIDATOR, &call).expect("eligible");
    println!("liquidation medium, table of 64 rows: {} gas", done.gas);
    assert!(done.gas <= MOST, "{}", done.gas);
}
