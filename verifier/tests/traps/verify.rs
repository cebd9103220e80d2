//! Whatever the verifier knows differently, and whatever the proof file claims differently.

use zkmargin_circuits::{
    circuit::DisclosureError,
    engine::ExposureTerms,
    field,
    model::{Context, DisclosureLevel, Dollars, HexBytes, Money, Policy, Price, Rate, Snapshot},
    public::{PublicTable, TableError},
    shape::{Shape, Statement},
    slots::Slots,
};
use zkmargin_verifier::{ProofFile, Rejection, Request, verify};

use crate::support::{EXPOSURE_TICK, honest, time};

/// The answer to an altered proof file.
fn answer_to(alter: impl FnOnce(&mut ProofFile)) -> Result<(), Rejection> {
    let mut file = honest().file.clone();
    alter(&mut file);
    assert_ne!(file, honest().file, "nothing was altered");
    verify(&file, &honest().request()).map(drop)
}

/// The digest of the public table.
fn digest(snapshot: &Snapshot, policy: &Policy) -> HexBytes<32> {
    HexBytes(PublicTable::new(snapshot, policy).expect("table").digest())
}

#[test]
fn the_honest_proof_is_eligible() {
    let honest = honest();
    let eligibility = verify(&honest.file, &honest.request()).expect("eligible");
    assert_eq!(eligibility.statement, Statement::Liquidation);
    assert_eq!(eligibility.shape, Shape::Small);
    assert_eq!(eligibility.commitment, honest.file.commitment);
    assert_eq!(eligibility.context, HexBytes(honest.context.digest()));
    assert_eq!(eligibility.terms, honest.file.terms());
    assert_eq!(eligibility.snapshot_time, honest.snapshot.time);
    assert_eq!(eligibility.snapshot_sequence, honest.snapshot.sequence);
    assert!(eligibility.unsafe_dev_parameters);
}

/// Every price, volatility and funding index of a snapshot.
fn market_numbers(snapshot: &mut Snapshot) -> Vec<&mut Money> {
    let mut numbers = Vec::new();
    for asset in &mut snapshot.assets {
        numbers.push(&mut asset.spot);
        if let Some(perpetual) = &mut asset.perpetual {
            numbers.push(&mut perpetual.mark);
            numbers.push(&mut perpetual.funding_index);
        }
    }
    for expiry in &mut snapshot.expiries {
        numbers.push(&mut expiry.forward);
        for node in &mut expiry.smile {
            numbers.push(&mut node.vol);
        }
    }
    numbers
}

#[test]
fn another_snapshot_is_refused_down_to_the_last_digit_of_every_number() {
    let honest = honest();
    let mut snapshot = honest.snapshot.clone();
    let count = market_numbers(&mut snapshot).len();
    assert!(count > 50, "{count} numbers");
    for i in 0..count {
        let mut snapshot = honest.snapshot.clone();
        let mut numbers = market_numbers(&mut snapshot);
        let number = &mut numbers[i];
        **number = Money::from_units(number.units() + 1);
        let request = Request {
            snapshot: &snapshot,
            ..honest.request()
        };
        assert_eq!(
            verify(&honest.file, &request),
            Err(Rejection::OtherTable {
                proof: honest.file.table,
                expected: digest(&snapshot, &honest.policy),
            }),
            "number {i}"
        );
    }
}

#[test]
fn another_table_behind_an_adapted_digest_is_refused() {
    let honest = honest();
    let mut snapshot = honest.snapshot.clone();
    snapshot.assets[0].spot = Money::from_units(snapshot.assets[0].spot.units() + 1);
    let mut file = honest.file.clone();
    file.table = digest(&snapshot, &honest.policy);
    let request = Request {
        snapshot: &snapshot,
        ..honest.request()
    };
    assert_eq!(verify(&file, &request), Err(Rejection::Proof));
}

#[test]
fn another_commitment_is_refused() {
    let honest = honest();
    let mut account = honest.account.clone();
    account.sequence -= 1;
    let slots = Slots::new(&account, Shape::Small).expect("slots");
    let old = HexBytes(field::to_be_bytes(&slots.commitment()));
    let request = Request {
        commitment: old,
        ..honest.request()
    };
    assert_eq!(
        verify(&honest.file, &request),
        Err(Rejection::Commitment {
            proof: honest.file.commitment,
            expected: old,
        })
    );
    let mut file = honest.file.clone();
    file.commitment = old;
    assert_eq!(
        verify(&file, &honest.request()),
        Err(Rejection::Commitment {
            proof: old,
            expected: honest.file.commitment,
        })
    );
    // Both agree on the old account: the proof is still about the new one.
    assert_eq!(verify(&file, &request), Err(Rejection::Proof));
}

#[test]
fn a_commitment_is_below_the_modulus() {
    let honest = honest();
    let modulus = hex::decode(
        "30644e72e131a029b85045b68181585d2833e84879b97091".to_owned() + "43e1f593f0000001",
    )
    .expect("hex");
    let mut sum = [0; 32];
    let mut carry = 0;
    for i in (0..32).rev() {
        let digit = u16::from(honest.file.commitment.0[i]) + u16::from(modulus[i]) + carry;
        sum[i] = digit as u8;
        carry = digit >> 8;
    }
    // The same field element, written another way.
    let mut file = honest.file.clone();
    file.commitment = HexBytes(sum);
    let request = Request {
        commitment: HexBytes(sum),
        ..honest.request()
    };
    assert_eq!(
        verify(&file, &request),
        Err(Rejection::CommitmentRange(HexBytes(sum)))
    );
}

/// A field's name and how it is altered.
type Change<'a> = (&'static str, &'a dyn Fn(&mut Context));

#[test]
fn another_context_is_refused_in_every_field() {
    let changes: [Change<'_>; 6] = [
        ("chain_id", &|c| c.chain_id += 1),
        ("verifier", &|c| c.verifier.0[19] ^= 1),
        ("liquidator", &|c| c.liquidator.0[0] ^= 1),
        ("deadline", &|c| c.deadline = time(c.deadline.unix() - 1)),
        ("nonce", &|c| c.nonce += 1),
        ("max_priority_fee_per_gas", &|c| {
            c.max_priority_fee_per_gas += 1;
        }),
    ];
    let honest = honest();
    for (name, alter) in changes {
        let mut context = honest.context.clone();
        alter(&mut context);
        let digest = HexBytes(context.digest());
        let request = Request {
            context: &context,
            ..honest.request()
        };
        assert_eq!(
            verify(&honest.file, &request),
            Err(Rejection::Context {
                proof: honest.file.context,
                expected: digest,
            }),
            "{name}"
        );
        // A thief rewrites the digest in the file: the proof itself is bound.
        let mut file = honest.file.clone();
        file.context = digest;
        assert_eq!(verify(&file, &request), Err(Rejection::Proof), "{name}");
    }
}

#[test]
fn the_deadline_is_the_last_second() {
    let honest = honest();
    let deadline = honest.context.deadline;
    let at = |at| {
        verify(
            &honest.file,
            &Request {
                at,
                ..honest.request()
            },
        )
    };
    assert!(at(deadline).is_ok());
    let late = time(deadline.unix() + 1);
    assert_eq!(at(late), Err(Rejection::Deadline { deadline, at: late }));
}

#[test]
fn negative_terms_are_refused() {
    assert_eq!(
        answer_to(|file| file.repay = Some(Money::from_units(-1))),
        Err(Rejection::Terms { field: "repay" })
    );
    assert_eq!(
        answer_to(|file| file.incentive_rate = Some(Rate::from_units(i64::MIN))),
        Err(Rejection::Terms {
            field: "incentive_rate"
        })
    );
}

#[test]
fn altered_exposures_are_refused() {
    let honest_list = honest().file.exposures.clone().expect("disclosed");
    assert!(honest_list.len() > 1, "several underlyings");
    let answer_with = |alter: &dyn Fn(&mut Vec<ExposureTerms>)| {
        let mut list = honest_list.clone();
        alter(&mut list);
        answer_to(|file| file.exposures = Some(list))
    };
    let asset = honest_list[0].asset;
    let moved = |value: Dollars, by: i64| Dollars::from_units(value.units() + by);
    // Every number of every underlying, a tick to either side.
    for i in 0..honest_list.len() {
        for by in [EXPOSURE_TICK, -EXPOSURE_TICK] {
            let answers = [
                answer_with(&|list| list[i].delta = moved(list[i].delta, by)),
                answer_with(&|list| list[i].gamma = moved(list[i].gamma, by)),
                answer_with(&|list| list[i].vega = moved(list[i].vega, by)),
            ];
            assert_eq!(answers, [const { Err(Rejection::Proof) }; 3]);
        }
        let one_less = answer_with(&|list| list.retain(|e| e.asset != honest_list[i].asset));
        assert_eq!(one_less, Err(Rejection::Proof));
    }
    let refused = |error| Err(Rejection::Disclosure(error));
    assert_eq!(
        answer_with(&|list| list[0].delta = moved(list[0].delta, 1)),
        refused(DisclosureError::Tick {
            asset,
            value: moved(honest_list[0].delta, 1)
        })
    );
    assert_eq!(
        answer_with(&|list| list[0].asset = "NOSUCH".parse().expect("a symbol")),
        refused(DisclosureError::Asset {
            asset: "NOSUCH".parse().expect("a symbol")
        })
    );
    assert_eq!(
        answer_with(&|list| list.swap(0, 1)),
        refused(DisclosureError::Asset { asset })
    );
    assert_eq!(
        answer_with(&|list| list.push(list[0])),
        refused(DisclosureError::Asset { asset })
    );
    assert_eq!(
        answer_with(&|list| *list = vec![list[0]; 5]),
        refused(DisclosureError::Capacity {
            count: 5,
            shape: Shape::Small,
            capacity: 4
        })
    );
    assert_eq!(
        answer_to(|file| file.exposures = None),
        refused(DisclosureError::Missing)
    );
    let mut hiding = honest().policy.clone();
    hiding.disclosure.level = DisclosureLevel::Terms;
    hiding.disclosure.exposure_tick = None;
    let request = Request {
        policy: &hiding,
        ..honest().request()
    };
    assert_eq!(
        verify(&honest().file, &request).map(drop),
        refused(DisclosureError::Unexpected)
    );
}

#[test]
fn altered_terms_are_refused() {
    let terms = honest().file.terms();
    let (repay, rate) = (
        terms.repay.expect("terms"),
        terms.incentive_rate.expect("terms"),
    );
    let (repay, rate) = (repay.units(), rate.units());
    let disclosure = &honest().policy.disclosure;
    let (tick, rate_tick) = (
        disclosure.repay_tick.units(),
        disclosure.incentive_tick.units(),
    );
    for units in [
        repay + tick,
        repay - tick,
        repay + 1,
        repay - 1,
        0,
        i64::MAX,
    ] {
        let answer = answer_to(|file| file.repay = Some(Money::from_units(units)));
        assert_eq!(answer, Err(Rejection::Proof), "repay {units}");
    }
    for units in [rate + rate_tick, rate - rate_tick, rate + 1, 0, i64::MAX] {
        let answer = answer_to(|file| file.incentive_rate = Some(Rate::from_units(units)));
        assert_eq!(answer, Err(Rejection::Proof), "rate {units}");
    }
}

#[test]
fn claims_about_the_key_are_held_against_the_key() {
    let honest = honest();
    let key = HexBytes(honest.verifying().digest());
    assert_eq!(
        answer_to(|file| file.shape = Shape::Medium),
        Err(Rejection::Shape {
            proof: Shape::Medium,
            key: Shape::Small,
        })
    );
    for byte in 0..32 {
        let mut other = key;
        other.0[byte] ^= 0x80;
        assert_eq!(
            answer_to(|file| file.key = other),
            Err(Rejection::Key { proof: other, key })
        );
    }
    assert_eq!(
        answer_to(|file| file.unsafe_dev_parameters = false),
        Err(Rejection::Parameters {
            proof: false,
            key: true,
        })
    );
    let mut other = honest.file.table;
    other.0[31] ^= 1;
    assert_eq!(
        answer_to(|file| file.table = other),
        Err(Rejection::OtherTable {
            proof: other,
            expected: honest.file.table,
        })
    );
}

/// The verifier's own input is at fault, not the proof.
#[test]
fn a_market_without_a_table_is_refused() {
    let honest = honest();
    let mut snapshot = honest.snapshot.clone();
    snapshot.assets[0].spot = Price::ZERO;
    let request = Request {
        snapshot: &snapshot,
        ..honest.request()
    };
    match verify(&honest.file, &request) {
        Err(Rejection::Table(TableError::Snapshot(error))) => {
            assert_eq!(error.field, "assets[0].spot");
        }
        other => panic!("{other:?}"),
    }
}
