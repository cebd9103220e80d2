//! What the venue alone may do.

use super::*;

#[test]
#[ignore = "needs the pinned compiler: contracts/test.sh"]
fn the_venue_alone_registers() {
    let mut world = World::new(Statement::Liquidation);
    let stranger = Address::repeat_byte(6);
    let rule = world.rule();
    let (verifier, shape) = (world.registry, 2);
    let statement = Statement::Liquidation
        .code()
        .try_into()
        .expect("a statement");
    let open = |account: u8, commitment: B256| Registry::openAccountCall {
        account: B256::repeat_byte(account),
        policy: POLICY,
        commitment,
        sequence: 1,
    };
    let recommit = |commitment: u8, sequence: u64| Registry::recommitCall {
        account: ACCOUNT,
        commitment: B256::with_last_byte(commitment),
        sequence,
    };
    world
        .call(
            stranger,
            &Registry::registerVerifierCall {
                statement,
                shape,
                verifier,
                gas: 1,
            },
        )
        .expect_err("a stranger");
    world
        .call(
            stranger,
            &Registry::registerPolicyCall {
                policy: B256::ZERO,
                rule: rule.clone(),
            },
        )
        .expect_err("a stranger");
    world
        .call(stranger, &open(1, B256::with_last_byte(1)))
        .expect_err("a stranger");
    world
        .call(stranger, &recommit(1, 2))
        .expect_err("a stranger");

    let none = Registry::registerVerifierCall {
        statement,
        shape,
        verifier: stranger,
        gas: 1,
    };
    assert_error::<Registry::NoContract>(world.call(VENUE, &none));
    assert_error::<Registry::PolicyExists>(world.call(
        VENUE,
        &Registry::registerPolicyCall {
            policy: POLICY,
            rule: rule.clone(),
        },
    ));
    let spans: [fn(&mut Registry::PolicyRule); 4] = [
        |rule| rule.maxAge = 1 << 32,
        |rule| rule.maxFuture = 1 << 32,
        |rule| rule.period = 1 << 32,
        |rule| rule.grace = u64::MAX,
    ];
    for change in spans {
        let mut rule = rule.clone();
        change(&mut rule);
        let call = Registry::registerPolicyCall {
            policy: B256::ZERO,
            rule,
        };
        assert_error::<Registry::InvalidSpan>(world.call(VENUE, &call));
    }
    let changes: [fn(&mut Registry::PolicyRule); 4] = [
        |rule| rule.threshold = 0,
        |rule| rule.threshold = 4,
        |rule| rule.signers.reverse(),
        |rule| rule.signers[0] = rule.signers[1],
    ];
    for change in changes {
        let mut rule = rule.clone();
        change(&mut rule);
        let call = Registry::registerPolicyCall {
            policy: B256::ZERO,
            rule,
        };
        assert_error::<Registry::InvalidSigners>(world.call(VENUE, &call));
    }
    assert_error::<Registry::AccountExists>(world.call(VENUE, &open(7, B256::with_last_byte(1))));
    let mut unknown = open(1, B256::with_last_byte(1));
    unknown.policy = B256::ZERO;
    assert_error::<Registry::UnknownPolicy>(world.call(VENUE, &unknown));
    let modulus = zkmargin_contracts::word(&-halo2curves::bn256::Fr::ONE);
    let beyond = B256::from(U256::from_be_bytes(modulus.0) + U256::from(1));
    let used = world.file(Statement::Liquidation, 0).commitment;
    for commitment in [B256::ZERO, beyond, B256::from(used.0)] {
        assert_error::<Registry::InvalidCommitment>(world.call(VENUE, &open(1, commitment)));
    }
    assert_error::<Registry::Sequence>(world.call(VENUE, &recommit(1, 1)));
    world.call(VENUE, &recommit(1, 2)).expect("the next state");
    assert_error::<Registry::InvalidCommitment>(world.call(VENUE, &recommit(1, 3)));
}
