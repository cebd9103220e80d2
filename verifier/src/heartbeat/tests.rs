//! Every second of the clock, and every proof that must not wind it.

use proptest::prelude::*;
use zkmargin_circuits::{
    model::{ONE, Rate, read_json},
    shape::{Shape, Statement},
};

use super::*;

const PERIOD: u32 = 3600;
const GRACE: u32 = 600;
const OPENED: i64 = 1_800_000_000;
const ACCOUNT: HexBytes<32> = HexBytes([7; 32]);

fn policy() -> Policy {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../samples/policy.json");
    let mut policy: Policy = read_json(path.as_ref()).expect("sample");
    policy.heartbeat = Some(HeartbeatRule {
        period_seconds: PERIOD,
        grace_seconds: GRACE,
    });
    policy
}

fn time(unix: i64) -> Time {
    Time::from_unix(unix).expect("a time")
}

fn opened() -> Heartbeat {
    Heartbeat::open(&policy(), ACCOUNT, time(OPENED)).expect("a rule")
}

/// What a verified proof of the account at a snapshot of this time says.
fn health(at: i64) -> Health {
    Health {
        statement: Statement::Solvency,
        shape: Shape::Small,
        commitment: ACCOUNT,
        context: HexBytes([0; 32]),
        policy: HexBytes(policy().digest()),
        snapshot_time: time(at),
        snapshot_sequence: 1,
        unsafe_dev_parameters: true,
    }
}

#[test]
fn an_account_without_a_proof_is_in_grace_to_the_second() {
    let account = opened();
    let last = OPENED + i64::from(PERIOD + GRACE);
    let grace = Ok(Liveness::InGrace { until: time(last) });
    assert_eq!(account.status(time(OPENED)), grace);
    assert_eq!(account.status(time(last)), grace);
    let since = time(last + 1);
    assert_eq!(account.status(since), Ok(Liveness::Eligible { since }));
    assert_eq!(
        account.status(time(last + 1_000_000)),
        Ok(Liveness::Eligible { since })
    );
    assert_eq!(
        account.status(time(OPENED - 1)),
        Err(HeartbeatError::Clock {
            now: time(OPENED - 1),
            last: time(OPENED)
        })
    );
}

#[test]
fn a_proof_counts_from_its_snapshot_to_the_second() {
    let mut account = opened();
    let snapshot = OPENED + 100;
    let until = snapshot + i64::from(PERIOD);
    let healthy = Ok(Liveness::Healthy { until: time(until) });
    // Shown late: what counts is the snapshot, not the showing.
    assert_eq!(account.beat(&health(snapshot), time(until)), healthy);
    assert_eq!(account.status(time(snapshot)), healthy);
    let grace = until + i64::from(GRACE);
    for now in [until + 1, grace] {
        let in_grace = Ok(Liveness::InGrace { until: time(grace) });
        assert_eq!(account.status(time(now)), in_grace);
    }
    let since = time(grace + 1);
    let eligible = Ok(Liveness::Eligible { since });
    assert_eq!(account.status(since), eligible);
    // The same proof revives nobody; one of a later market does.
    assert_eq!(account.beat(&health(snapshot), since), eligible);
    let until = since.plus(PERIOD);
    assert_eq!(
        account.beat(&health(since.unix()), since),
        Ok(Liveness::Healthy { until })
    );
}

#[test]
fn without_grace_an_account_is_eligible_a_second_after_the_period() {
    let mut policy = policy();
    policy.heartbeat = Some(HeartbeatRule {
        period_seconds: 60,
        grace_seconds: 0,
    });
    let account = Heartbeat::open(&policy, ACCOUNT, time(OPENED)).expect("a rule");
    let until = time(OPENED + 60);
    assert_eq!(account.status(until), Ok(Liveness::InGrace { until }));
    let since = time(OPENED + 61);
    assert_eq!(account.status(since), Ok(Liveness::Eligible { since }));
}

#[test]
fn a_proof_that_must_not_count_changes_nothing() {
    let mut account = opened();
    let now = time(OPENED + 1000);
    account.beat(&health(OPENED + 500), now).expect("counts");
    let before = account.clone();
    let own = HexBytes(policy().digest());
    let other = HexBytes([8; 32]);
    let mut elsewhere = health(OPENED + 600);
    elsewhere.policy = other;
    let mut of_another = health(OPENED + 600);
    of_another.commitment = other;
    let cases = [
        (
            elsewhere,
            HeartbeatError::OtherPolicy {
                proof: other,
                expected: own,
            },
        ),
        (
            of_another,
            HeartbeatError::OtherCommitment {
                proof: other,
                expected: ACCOUNT,
            },
        ),
        (
            health(OPENED + 1001),
            HeartbeatError::Future {
                snapshot: time(OPENED + 1001),
                now,
            },
        ),
        (
            health(OPENED + 499),
            HeartbeatError::Earlier {
                snapshot: time(OPENED + 499),
                last: time(OPENED + 500),
            },
        ),
    ];
    for (health, error) in cases {
        assert_eq!(account.beat(&health, now), Err(error));
        assert_eq!(account, before);
    }
    // Before the account was there.
    assert_eq!(
        opened().beat(&health(OPENED - 1), now),
        Err(HeartbeatError::Earlier {
            snapshot: time(OPENED - 1),
            last: time(OPENED),
        })
    );
    assert!(account.beat(&health(OPENED + 1000), now).is_ok());
}

#[test]
fn a_change_of_the_account_winds_no_clock() {
    let mut account = opened();
    let now = time(OPENED + 1000);
    let standing = account.beat(&health(OPENED + 500), now);
    let changed = HexBytes([9; 32]);
    account.recommit(changed);
    assert_eq!(account.commitment(), changed);
    assert_eq!(account.status(now), standing);
    // The old state's proofs are over.
    assert_eq!(
        account.beat(&health(OPENED + 600), now),
        Err(HeartbeatError::OtherCommitment {
            proof: ACCOUNT,
            expected: changed,
        })
    );
}

#[test]
fn other_rules_are_another_policy() {
    let mut without = policy();
    without.heartbeat = None;
    assert_eq!(
        Heartbeat::open(&without, ACCOUNT, time(OPENED)),
        Err(HeartbeatError::NoRule)
    );
    let changes: [fn(&mut Policy); 4] = [
        |p| p.factors.maintenance = Rate::from_units(p.factors.maintenance.units() + 1),
        |p| p.scenarios[0].weight = Rate::from_units(ONE / 2),
        |p| {
            p.heartbeat = p.heartbeat.map(|r| HeartbeatRule {
                period_seconds: PERIOD + 1,
                ..r
            })
        },
        |p| {
            p.heartbeat = p.heartbeat.map(|r| HeartbeatRule {
                grace_seconds: GRACE + 1,
                ..r
            })
        },
    ];
    for change in changes {
        let mut other = policy();
        change(&mut other);
        let mut account = Heartbeat::open(&other, ACCOUNT, time(OPENED)).expect("a rule");
        assert_eq!(
            account.beat(&health(OPENED), time(OPENED)),
            Err(HeartbeatError::OtherPolicy {
                proof: HexBytes(policy().digest()),
                expected: HexBytes(other.digest()),
            })
        );
    }
}

#[test]
fn a_registrys_entry_survives_its_file() {
    let mut account = opened();
    for proved in [false, true] {
        if proved {
            account
                .beat(&health(OPENED + 5), time(OPENED + 9))
                .expect("counts");
        }
        let json = serde_json::to_string(&account).expect("text");
        assert_eq!(
            serde_json::from_str::<Heartbeat>(&json).ok(),
            Some(account.clone())
        );
    }
    let status = account.status(time(OPENED + 9)).expect("known");
    let until = time(OPENED + 5 + i64::from(PERIOD));
    let said = serde_json::json!({"status": "healthy", "until": until});
    assert_eq!(serde_json::json!(status), said);
}

/// The standing by counting seconds, with proofs at these ages in the order of their showing.
fn model(proofs: &[i64], age_of_opening: i64, now: i64) -> &'static str {
    let span = i64::from(PERIOD + GRACE);
    let newest = proofs.iter().max().map(|at| now - at);
    match newest {
        Some(age) if age <= i64::from(PERIOD) => "healthy",
        Some(age) if age <= span => "in-grace",
        None if age_of_opening <= span => "in-grace",
        _ => "eligible",
    }
}

proptest! {
    /// Whatever is shown and whenever: the account's standing is that of the newest snapshot that could count.
    #[test]
    fn the_newest_proof_decides(
        shown in proptest::collection::vec((-100i64..6000, 0i64..6000), 0..8),
        later in 0i64..10_000,
    ) {
        let mut account = opened();
        let (mut counted, mut now) = (Vec::new(), OPENED);
        for (at, wait) in shown {
            now += wait;
            let last = account.last().unix();
            let counts = (last..=now).contains(&(OPENED + at));
            prop_assert_eq!(account.beat(&health(OPENED + at), time(now)).is_ok(), counts);
            if counts {
                counted.push(OPENED + at);
            }
        }
        now += later;
        let status = serde_json::json!(account.status(time(now)).expect("known"));
        prop_assert_eq!(&status["status"], model(&counted, now - OPENED, now));
    }

    /// Once eligible always eligible, until a proof counts; and every span ends where the next begins.
    #[test]
    fn standing_only_falls(proved in proptest::option::of(0i64..5000), first in 0i64..20_000, second in 0i64..20_000) {
        let mut account = opened();
        if let Some(at) = proved {
            account.beat(&health(OPENED + at), time(OPENED + at)).expect("counts");
        }
        let start = account.last().unix();
        let rank = |now: i64| match account.status(time(now)).expect("known") {
            Liveness::Healthy { until } => (0, until.unix()),
            Liveness::InGrace { until } => (1, until.unix()),
            Liveness::Eligible { since } => (2, since.unix()),
        };
        let (early, late) = (start + first.min(second), start + first.max(second));
        prop_assert!(rank(early).0 <= rank(late).0);
        for now in [early, late] {
            let (standing, mark) = rank(now);
            if standing < 2 {
                prop_assert_eq!(rank(mark), (standing, mark));
                prop_assert_eq!(rank(mark + 1).0, standing + 1);
            } else {
                prop_assert_eq!(rank(mark - 1).0, 1);
            }
        }
    }
}
