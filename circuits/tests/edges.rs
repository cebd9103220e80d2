//! Files at the edges of what the model and the public table hold.

mod support;

use support::sample;
use zkmargin_circuits::model::{Account, Snapshot, Time, ValueError};

fn refusal(field: &str) -> Result<(), ValueError> {
    Err(ValueError {
        field: field.to_owned(),
        value: "1970-01-01T00:00:00Z".to_owned(),
        rule: "must be after 1970-01-01T00:00:00Z",
    })
}

/// A future of time 0 would have the perpetual's slot key, and an account with both no proof.
#[test]
fn no_expiry_is_at_time_zero() {
    let (zero, one) = (Time::from_unix(0), Time::from_unix(1));
    let (zero, one) = (zero.expect("a time"), one.expect("a time"));
    let mut account: Account = sample("account-small.json");
    account.futures[2].expiry = Some(zero);
    assert_eq!(account.validate(), refusal("futures[2].expiry"));
    account.futures[2].expiry = Some(one);
    assert_eq!(account.validate(), Ok(()));
    account.options[1].expiry = zero;
    assert_eq!(account.validate(), refusal("options[1].expiry"));

    let mut snapshot: Snapshot = sample("snapshot.json");
    snapshot.time = zero;
    snapshot.expiries[3].expiry = zero;
    assert_eq!(snapshot.validate(), refusal("expiries[3].expiry"));
    snapshot.expiries[3].expiry = one;
    assert_eq!(snapshot.validate(), Ok(()));
}
