//! Proofs of solvency: bound to every public input, and never taken for proofs of eligibility, nor the reverse.

use halo2curves::bn256::Fr;
use rayon::prelude::*;
use zkmargin_circuits::{
    circuit::{digest_row, header_rows, solvency_instance},
    engine::{EngineError, ExposureTerms},
    model::{DisclosureLevel, HexBytes, Money, Policy, Rate, Snapshot, Time, VolMove},
    public::{PublicTable, TABLE_COLUMNS, columns_digest, digest_scalar},
    shape::{Shape, Statement},
};
use zkmargin_verifier::{
    Heartbeat, Liveness, ProofFile, Rejection, Request, VerifyingKey, verify, verify_health,
};

use crate::support::{healthy, honest, scalar, time};

/// The answer to an altered proof file.
fn answer_to(alter: impl FnOnce(&mut ProofFile)) -> Result<(), Rejection> {
    let mut file = healthy().file.clone();
    alter(&mut file);
    assert_ne!(file, healthy().file, "nothing was altered");
    verify_health(&file, &healthy().request()).map(drop)
}

#[test]
fn the_honest_proof_is_healthy() {
    let own = healthy();
    let health = verify_health(&own.file, &own.request()).expect("healthy");
    assert_eq!(health.statement, Statement::Solvency);
    assert_eq!(health.shape, Shape::Small);
    assert_eq!(health.commitment, own.file.commitment);
    assert_eq!(health.context, HexBytes(own.context.digest()));
    assert_eq!(health.policy, HexBytes(own.policy.digest()));
    assert_eq!(health.snapshot_time, own.snapshot.time);
    assert_eq!(health.snapshot_sequence, own.snapshot.sequence);
    assert!(health.unsafe_dev_parameters);
}

#[test]
fn neither_statement_passes_for_the_other() {
    let (liquidation, solvency) = (Statement::Liquidation, Statement::Solvency);
    let (eligible, well) = (honest(), healthy());
    let other = |proof, expected| Err(Rejection::OtherStatement { proof, expected });
    // Each with all that belongs to it: the caller's question alone is another.
    let answer = verify(&well.file, &well.request()).map(drop);
    assert_eq!(answer, other(solvency, liquidation));
    let answer = verify_health(&eligible.file, &eligible.request()).map(drop);
    assert_eq!(answer, other(liquidation, solvency));
    // A file that lies about its statement: the key says so.
    let relabelled = |file: &ProofFile, statement| ProofFile {
        statement,
        ..file.clone()
    };
    let another = |proof, key| Err(Rejection::Statement { proof, key });
    let answer = verify(&relabelled(&well.file, liquidation), &well.request());
    assert_eq!(answer.map(drop), another(liquidation, solvency));
    let answer = verify_health(&relabelled(&eligible.file, solvency), &eligible.request());
    assert_eq!(answer.map(drop), another(solvency, liquidation));
    // And one that lies about its key too.
    let mut forged = relabelled(&well.file, liquidation);
    forged.key = eligible.file.key;
    (forged.repay, forged.incentive_rate) = (eligible.file.repay, eligible.file.incentive_rate);
    forged.exposures = eligible.file.exposures.clone();
    let request = Request {
        commitment: well.file.commitment,
        ..eligible.request()
    };
    let answer = verify(&forged, &request).map(drop);
    assert_eq!(
        answer,
        Err(Rejection::ProofLength {
            expected: eligible.verifying().proof_bytes(),
            got: well.file.proof.0.len(),
        })
    );
}

#[test]
fn the_circuits_header_has_the_rows_that_are_checked() {
    let own = healthy();
    let table = PublicTable::new(&own.snapshot, &own.policy).expect("table");
    for shape in Shape::ALL {
        let columns = solvency_instance(shape, &table, Fr::one(), Fr::one()).expect("columns");
        assert_eq!(columns.len(), 1 + TABLE_COLUMNS);
        assert_eq!(columns[0].len(), healthy().columns[0].len(), "{shape}");
        assert!(columns[1..].iter().all(|c| c.len() == shape.table_rows()));
    }
    assert_ne!(own.columns[0].len(), header_rows(Shape::Small));
    let commitment = scalar(&own.file.commitment);
    assert_eq!(own.columns[0][..2], [commitment, scalar(&own.file.context)]);
}

#[test]
fn every_instance_column_has_its_exact_length() {
    let own = healthy();
    let proof = &own.file.proof.0;
    for column in 0..=TABLE_COLUMNS {
        let expected = own.columns[column].len();
        for got in [0, expected - 1, expected + 1] {
            let mut columns = own.columns.clone();
            columns[column].resize(got, Fr::zero());
            assert_eq!(
                own.check(&columns, proof),
                Err(Rejection::InstanceLength {
                    column,
                    expected,
                    got
                })
            );
        }
    }
    // A liquidation's header does not fit, whatever it says.
    let mut columns = own.columns.clone();
    columns[0] = honest().columns[0].clone();
    assert_eq!(
        own.check(&columns, proof),
        Err(Rejection::InstanceLength {
            column: 0,
            expected: own.columns[0].len(),
            got: header_rows(Shape::Small),
        })
    );
}

#[test]
fn every_header_row_and_the_table_are_bound() {
    let own = healthy();
    let header = (0..own.columns[0].len()).map(|row| (0, row));
    let table = (1..=TABLE_COLUMNS).flat_map(|column| {
        let rows = own.columns[column].len();
        [0, 1, rows / 3, rows / 2, rows - 1].map(|row| (column, row))
    });
    let cells: Vec<_> = header.chain(table).collect();
    cells.into_par_iter().for_each(|(column, row)| {
        for change in [Fr::one(), -Fr::one()] {
            let mut columns = own.columns.clone();
            columns[column][row] += change;
            let answer = own.check(&columns, &own.file.proof.0);
            let reason = match (column, row) {
                (0, row) if row != digest_row(Statement::Solvency) => Rejection::Proof,
                _ => Rejection::TableDigest,
            };
            assert_eq!(answer, Err(reason), "column {column} row {row}");
            if column > 0 {
                let digest = digest_scalar(columns_digest(&columns[1..]));
                columns[0][digest_row(Statement::Solvency)] = digest;
                let answer = own.check(&columns, &own.file.proof.0);
                assert_eq!(answer, Err(Rejection::Proof), "column {column} row {row}");
            }
        }
    });
}

#[test]
fn no_byte_of_a_proof_is_free() {
    let own = healthy();
    let proof = &own.file.proof.0;
    (0..proof.len() / 32).into_par_iter().for_each(|word| {
        let mut altered = proof.clone();
        altered[32 * word + 31] ^= 1;
        let answer = own.check(&own.columns, &altered);
        assert_eq!(answer, Err(Rejection::Proof), "word {word}");
    });
    let expected = own.verifying().proof_bytes();
    for got in [0, expected - 1, expected + 1] {
        let mut altered = proof.clone();
        altered.resize(got, 0);
        assert_eq!(
            own.check(&own.columns, &altered),
            Err(Rejection::ProofLength { expected, got })
        );
    }
}

/// Snapshot and policy, changed, and the digest of what the verifier then holds.
fn elsewhere(change: impl FnOnce(&mut Snapshot, &mut Policy)) -> (Snapshot, Policy, HexBytes<32>) {
    let (mut snapshot, mut policy) = (healthy().snapshot.clone(), healthy().policy.clone());
    change(&mut snapshot, &mut policy);
    let table = PublicTable::new(&snapshot, &policy).expect("table");
    (snapshot, policy, HexBytes(table.digest()))
}

/// A change of market or rules.
type Change<'a> = (&'static str, &'a dyn Fn(&mut Snapshot, &mut Policy));

#[test]
fn another_market_or_policy_is_refused() {
    let next = |rate: Rate| Rate::from_units(rate.units() + 1);
    let changes: [Change<'_>; 5] = [
        ("spot", &|s, _| {
            s.assets[0].spot = Money::from_units(s.assets[0].spot.units() + 1);
        }),
        ("vol", &|s, _| {
            s.expiries[0].smile[0].vol = next(s.expiries[0].smile[0].vol);
        }),
        ("scenario", &|_, p| {
            p.scenarios[0].spot = next(p.scenarios[0].spot);
        }),
        ("fewer scenarios", &|_, p| {
            p.scenarios.pop();
        }),
        ("factor", &|_, p| {
            p.factors.maintenance = Rate::from_units(p.factors.maintenance.units() - 1);
        }),
    ];
    let own = healthy();
    for (name, change) in changes {
        let (snapshot, policy, expected) = elsewhere(change);
        let request = Request {
            snapshot: &snapshot,
            policy: &policy,
            ..own.request()
        };
        let proof = own.file.table;
        let other = Err(Rejection::OtherTable { proof, expected });
        assert_eq!(verify_health(&own.file, &request), other, "{name}");
        // The digest in the file is only a claim.
        let mut file = own.file.clone();
        file.table = expected;
        let answer = verify_health(&file, &request);
        assert_eq!(answer, Err(Rejection::Proof), "{name}");
    }
}

#[test]
fn a_policy_that_no_proof_of_health_has_places_for_is_refused() {
    let (snapshot, policy, expected) = elsewhere(|_, policy| {
        let mut skew = policy.scenarios[0].clone();
        (skew.spot, skew.vol) = (Rate::ZERO, VolMove::Linear);
        policy.scenarios = vec![skew; 5];
    });
    let own = healthy();
    let request = Request {
        snapshot: &snapshot,
        policy: &policy,
        ..own.request()
    };
    let mut file = own.file.clone();
    file.table = expected;
    assert_eq!(
        verify_health(&file, &request),
        Err(Rejection::Branches(EngineError::Scenarios {
            kind: "skew scenarios",
            places: 4,
            count: 5,
        }))
    );
}

/// A field, and a change of it.
type Claim = (&'static str, fn(&mut ProofFile));

#[test]
fn terms_beside_a_proof_of_health_are_refused() {
    let claims: [Claim; 3] = [
        ("repay", |f| f.repay = Some(Money::ZERO)),
        ("incentive_rate", |f| f.incentive_rate = Some(Rate::ZERO)),
        ("exposures", |f| {
            f.exposures = Some(Vec::<ExposureTerms>::new())
        }),
    ];
    for (field, claim) in claims {
        assert_eq!(answer_to(claim), Err(Rejection::HealthTerms { field }));
    }
}

#[test]
fn claims_are_held_against_what_the_verifier_knows() {
    let own = healthy();
    let flipped = |bytes: HexBytes<32>| {
        let mut other = bytes;
        other.0[31] ^= 1;
        other
    };
    let (commitment, context) = (own.file.commitment, own.file.context);
    let other = flipped(commitment);
    assert_eq!(
        answer_to(|file| file.commitment = other),
        Err(Rejection::Commitment {
            proof: other,
            expected: commitment,
        })
    );
    let mut file = own.file.clone();
    file.commitment = other;
    let request = Request {
        commitment: other,
        ..own.request()
    };
    assert_eq!(verify_health(&file, &request), Err(Rejection::Proof));
    let other = flipped(context);
    assert_eq!(
        answer_to(|file| file.context = other),
        Err(Rejection::Context {
            proof: other,
            expected: context,
        })
    );
    let key = HexBytes(own.verifying().digest());
    let other = flipped(key);
    assert_eq!(
        answer_to(|file| file.key = other),
        Err(Rejection::Key { proof: other, key })
    );
    let (proof, key) = (Shape::Large, Shape::Small);
    assert_eq!(
        answer_to(|file| file.shape = proof),
        Err(Rejection::Shape { proof, key })
    );
    let deadline = own.context.deadline;
    let late = time(deadline.unix() + 1);
    let request = Request {
        at: late,
        ..own.request()
    };
    assert_eq!(
        verify_health(&own.file, &request),
        Err(Rejection::Deadline { deadline, at: late })
    );
}

#[test]
fn a_solvency_key_round_trips_and_says_what_it_is() {
    let own = healthy().verifying();
    let bytes = own.to_bytes();
    let read = VerifyingKey::from_bytes(&bytes).expect("a key");
    assert_eq!(read.statement(), Statement::Solvency);
    assert_eq!(read.k(), Statement::Solvency.k(Shape::Small));
    assert_eq!(read.digest(), own.digest());
    assert_eq!(read.proof_bytes(), own.proof_bytes());
    assert_eq!(read.to_bytes(), bytes);
    let request = Request {
        key: &read,
        ..healthy().request()
    };
    assert!(verify_health(&healthy().file, &request).is_ok());
}

/// From a proof to the registry: what the verifier says is what counts.
#[test]
fn a_verified_proof_is_a_heartbeat() {
    use zkmargin_circuits::model::HeartbeatRule;
    let own = healthy();
    let mut policy = own.policy.clone();
    policy.heartbeat = Some(HeartbeatRule {
        period_seconds: 3600,
        grace_seconds: 600,
    });
    // A rule about time changes no number of the table: the proof holds, under the policy's new name.
    let request = Request {
        policy: &policy,
        ..own.request()
    };
    let health = verify_health(&own.file, &request).expect("healthy");
    let snapshot = own.snapshot.time;
    let opened = Time::from_unix(snapshot.unix() - 60).expect("a time");
    let mut account = Heartbeat::open(&policy, own.file.commitment, opened).expect("a rule");
    assert_eq!(
        account.beat(&health, snapshot),
        Ok(Liveness::Healthy {
            until: snapshot.plus(3600)
        })
    );
    // Verified under rules without a heartbeat, it is none.
    let elsewhere = verify_health(&own.file, &own.request()).expect("healthy");
    assert!(account.beat(&elsewhere, snapshot).is_err());
    // What a policy discloses is part of its table, or of its name.
    policy.disclosure.level = DisclosureLevel::Verdict;
    policy.disclosure.exposure_tick = None;
    assert_ne!(policy.digest(), health.policy.0);
}
