//! What a policy may say.

use serde_json::{Value, json};

use super::{
    super::{super::Policy, MAX_SCENARIOS, ValueError},
    Edit, bounds, edited, refused,
};

const SAMPLE: &str = include_str!("../../../../../samples/policy.json");

fn policy(edits: &[Edit]) -> Result<(), ValueError> {
    let policy: Policy = serde_json::from_value(edited(SAMPLE, edits)).expect("parses");
    policy.validate()
}

#[test]
fn numbers_stay_within_their_bounds() {
    for row in [
        ("scenarios[0].spot", "-0.99", "10"),
        ("scenarios[0].weight", "0.00000001", "1"),
        ("vol_shock.up", "0", "10"),
        ("vol_shock.down", "0", "1"),
        ("vol_shock.short_power", "0", "1"),
        ("vol_shock.long_power", "0", "1"),
        ("vol_shock.min_vol_up", "0", "20"),
        ("skew.linear.cap", "-10", "10"),
        ("skew.linear.slope", "-10", "10"),
        ("skew.absolute.cap", "-10", "10"),
        ("skew.absolute.slope", "-10", "10"),
        ("skew.min_width", "0.001", "10"),
        ("skew.width_scale", "0", "100"),
        ("skew.vol_base", "0", "20"),
        ("skew.vol_slope", "-20", "20"),
        ("discount.long.base", "0.5", "2"),
        ("discount.long.rate_multiplier", "0", "10"),
        ("discount.long.rate_add", "0", "2"),
        ("discount.short.base", "0.5", "2"),
        ("discount.short.rate_multiplier", "0", "10"),
        ("discount.short.rate_add", "0", "2"),
        ("basis.up", "0", "1"),
        ("basis.down", "-0.99", "0"),
        ("basis.add", "0", "4"),
        ("basis.per_year", "0", "4"),
        ("delta.net", "0", "1"),
        ("factors.initial", "1.1", "10"),
        ("factors.peg.threshold", "0", "2"),
        ("factors.peg.slope", "0", "100"),
        ("contingencies.confidence.threshold", "0", "1"),
        ("contingencies.confidence.margin", "0", "1"),
        ("contingencies.provision.future", "0", "1"),
        ("contingencies.provision.option", "0", "1"),
        ("contingencies.provision.funding_hours", "0", "720"),
        ("disclosure.repay_tick", "0.00000001", "11258999.06842624"),
        ("disclosure.incentive_tick", "0.00000001", "1"),
    ] {
        bounds(policy, &[], row);
    }
    for (net, most) in [("0.3", "0.6"), ("0.6", "1")] {
        let net = ("delta.net", json!(net));
        bounds(policy, &[net], ("delta.hedged", "0", most));
    }
    let wide = ("factors.initial", json!("10"));
    bounds(policy, &[wide], ("factors.maintenance", "0.1", "10"));
}

#[test]
fn an_initial_rate_is_at_least_the_maintenance_rate() {
    for part in [
        "contingencies.short_option",
        "contingencies.future",
        "contingencies.gamma",
        "contingencies.vega",
        "haircuts[1]",
    ] {
        let field = |name| format!("{part}.{name}");
        let (maintenance, initial) = (field("maintenance"), field("initial"));
        bounds(policy, &[(&initial, json!("1"))], (&maintenance, "0", "1"));
        bounds(
            policy,
            &[(&maintenance, json!("0.3"))],
            (&initial, "0.3", "1"),
        );
    }
}

#[test]
fn the_initial_floor_is_for_shorts_without_netting() {
    let field = "contingencies.short_option.initial_floor";
    let rule = |netting| json!({"netting": netting, "maintenance": "0.1", "initial": "0.3"});
    let part = "contingencies.short_option";
    bounds(policy, &[(part, rule("none"))], (field, "0", "0.3"));
    let strike = [(part, rule("strike")), (field, json!("0.2"))];
    refused(policy, &strike, field, "is for netting 'none' only");
}

#[test]
fn scenarios_are_counted_and_skews_have_no_spot_move() {
    let scenario = json!({"spot": "0.1", "vol": "same", "weight": "1"});
    let list = |count| [("scenarios", Value::Array(vec![scenario.clone(); count]))];
    for count in [0, MAX_SCENARIOS] {
        assert_eq!(policy(&list(count)), Ok(()));
    }
    let many = list(MAX_SCENARIOS + 1);
    refused(policy, &many, "scenarios", "must be at most 40");
    for vol in ["linear", "absolute"] {
        let skew = [("scenarios[1].vol", json!(vol))];
        bounds(policy, &skew, ("scenarios[1].spot", "0", "0"));
    }
}

#[test]
fn the_shortest_term_is_an_hour_to_400_days() {
    let field = "vol_shock.floor_seconds";
    for seconds in [3600, 34_560_000] {
        assert_eq!(policy(&[(field, json!(seconds))]), Ok(()));
    }
    for seconds in [0, 3599, 34_560_001, u64::MAX] {
        let edit = [(field, json!(seconds))];
        refused(policy, &edit, field, "must be 3600 to 34560000");
    }
}

#[test]
fn triggers_stay_within_their_bounds_one_an_asset() {
    let list = |assets: [&str; 2]| {
        let rows = assets.map(|asset| json!({"asset": asset, "reference": "1"}));
        ("volatility_trigger", json!(rows))
    };
    for (name, high) in [
        ("reference", "20"),
        ("factor.slope", "100"),
        ("factor.cap", "10"),
        ("haircut.slope", "100"),
        ("haircut.cap", "1"),
    ] {
        let field = format!("volatility_trigger[1].{name}");
        bounds(policy, &[list(["BTC", "ETH"])], (&field, "0", high));
    }
    let twice = [list(["BTC", "BTC"])];
    refused(policy, &twice, "volatility_trigger[1].asset", "twice");
    let haircut = [("haircuts[1].asset", json!("BTC"))];
    refused(policy, &haircut, "haircuts[1].asset", "appears twice");
}

#[test]
fn the_incentive_is_bounded_and_its_cap_can_be_reached() {
    let rule = |base, slope, cap| {
        (
            "incentive",
            json!({"base": base, "slope": slope, "cap": cap}),
        )
    };
    bounds(policy, &[rule("0", "1", "1")], ("incentive.base", "0", "1"));
    bounds(
        policy,
        &[rule("0.2", "1", "1")],
        ("incentive.cap", "0.2", "1"),
    );
    bounds(
        policy,
        &[rule("0", "0", "0")],
        ("incentive.slope", "0", "1000"),
    );
    assert_eq!(policy(&[rule("0.2", "0.1", "0.3")]), Ok(()));
    let far = [rule("0.2", "0.1", "0.30000001")];
    refused(policy, &far, "incentive.cap", "at most incentive.base + ");
}

#[test]
fn the_incentives_multipliers_are_bounded() {
    let rule = |scale| json!({"scale": scale, "depth": "1"});
    let part = "incentive.illiquidity";
    let scale = "incentive.illiquidity.scale";
    bounds(policy, &[(part, rule("1"))], (scale, "0", "10"));
    let depth = "incentive.illiquidity.depth";
    for value in ["0", "-0.00000001"] {
        let edits = [(part, rule("1")), (depth, json!(value))];
        refused(policy, &edits, depth, "must be above 0");
    }

    let rule = |start, limit| {
        let rule = json!({"scale": "1", "start": start, "limit": limit});
        ("incentive.solvency", rule)
    };
    let field = |name| format!("incentive.solvency.{name}");
    bounds(policy, &[rule("1", "0")], (&field("scale"), "0", "10"));
    bounds(
        policy,
        &[rule("100", "0")],
        (&field("limit"), "0", "99.99999999"),
    );
    assert_eq!(policy(&[rule("100", "0")]), Ok(()));
    refused(
        policy,
        &[rule("100.00000001", "0")],
        &field("start"),
        "must be 0 to 100",
    );
    refused(policy, &[rule("1", "1")], &field("limit"), "must be below");
}

#[test]
fn exposures_need_a_tick_and_hidden_ones_have_none() {
    let field = "disclosure.exposure_tick";
    let with = |level, tick: Value| [("disclosure.level", json!(level)), (field, tick)];
    let greeks = "terms-and-greeks";
    for tick in ["1", "1000000000"] {
        assert_eq!(policy(&with(greeks, json!(tick))), Ok(()));
    }
    for tick in ["0", "-1", "1000000001"] {
        let edits = with(greeks, json!(tick));
        refused(policy, &edits, field, "must be 1 to 1000000000");
    }
    refused(policy, &with(greeks, Value::Null), field, "is needed by");
    for level in ["verdict", "terms"] {
        assert_eq!(policy(&with(level, Value::Null)), Ok(()));
        let edits = with(level, json!("1000"));
        refused(
            policy,
            &edits,
            field,
            "is for level 'terms-and-greeks' only",
        );
    }
}

#[test]
fn a_heartbeat_has_a_period_and_a_grace() {
    let rule = |period: u32, grace: u32| {
        let rule = json!({"period_seconds": period, "grace_seconds": grace});
        [("heartbeat", rule)]
    };
    for (period, grace) in [(60, 0), (3600, 600), (2_592_000, 2_592_000)] {
        assert_eq!(policy(&rule(period, grace)), Ok(()));
    }
    let field = |name| format!("heartbeat.{name}");
    for period in [0, 59, 2_592_001, u32::MAX] {
        let rule = rule(period, 0);
        refused(policy, &rule, &field("period_seconds"), "must be 60 to");
    }
    for grace in [2_592_001, u32::MAX] {
        let rule = rule(60, grace);
        refused(policy, &rule, &field("grace_seconds"), "must be 0 to");
    }
    // Neither has a value where it is left out, and there is no third.
    for part in [
        json!({"period_seconds": 3600}),
        json!({"grace_seconds": 600}),
        json!({"period_seconds": 3600, "grace_seconds": 600, "since": 0}),
        json!({"period_seconds": -3600, "grace_seconds": 600}),
        json!({"period_seconds": "3600", "grace_seconds": 600}),
    ] {
        let edits = [("heartbeat", part)];
        let parsed = serde_json::from_value::<Policy>(edited(SAMPLE, &edits));
        assert!(parsed.is_err(), "{edits:?}");
    }
}

#[test]
fn any_change_of_a_policy_changes_its_digest() {
    let digest = |edits: &[Edit]| {
        let policy: Policy = serde_json::from_value(edited(SAMPLE, edits)).expect("parses");
        policy.digest()
    };
    let mut digests = vec![digest(&[])];
    for edit in [
        ("name", json!("other")),
        ("source.scenarios", json!("elsewhere")),
        ("scenarios[0].weight", json!("0.5")),
        ("factors.maintenance", json!("1.00000001")),
        ("disclosure.level", json!("verdict")),
        (
            "heartbeat",
            json!({"period_seconds": 60, "grace_seconds": 0}),
        ),
        (
            "heartbeat",
            json!({"period_seconds": 61, "grace_seconds": 0}),
        ),
        (
            "heartbeat",
            json!({"period_seconds": 60, "grace_seconds": 1}),
        ),
    ] {
        digests.push(digest(&[edit]));
    }
    let distinct: std::collections::BTreeSet<_> = digests.iter().collect();
    assert_eq!(distinct.len(), digests.len());
    // What is left out is what it stands for.
    assert_eq!(digest(&[("heartbeat", Value::Null)]), digests[0]);
    assert_eq!(digest(&[("basis.add", json!("0"))]), digests[0]);
}
