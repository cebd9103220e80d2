//! The branches of the requirement by number, move and weight.

use num_traits::Signed;
use serde_json::{Value, json};

use super::*;
use crate::testing::{policy, scaled};

fn moves(rules: Value) -> Moves {
    Moves::new(&policy(rules))
}

/// One scenario.
fn moved(spot: &str, vol: &str, rules: Value) -> Move {
    let mut rules = rules;
    rules["scenarios"] = json!([{"spot": spot, "vol": vol, "weight": "0.35"}]);
    moves(rules).list.swap_remove(1)
}

#[test]
fn a_spot_move_is_rounded_to_the_nearest_and_its_logarithm_is_that_of_the_rounded_move() {
    // x 2^40 / 1e8, by hand.
    for (spot, units) in [
        ("0", 0),
        ("0.1", 109_951_162_778),
        ("-0.1", -109_951_162_778),
        ("0.00000001", 10_995),
        ("-0.00000001", -10_995),
        ("2.5", 5 << 39),
        ("10", 10 << 40),
        ("-0.99", -1_088_516_511_498),
    ] {
        let found = moved(spot, "same", json!({}));
        assert_eq!((found.spot, found.row.spot), (units, units), "{spot}");
        assert_eq!(found.ratio(), units + (1 << 40));
        let back = math::exp(&found.ln_spot) - scaled(&found.ratio().into(), MOVE_BITS);
        assert!(back.abs() < math::one() >> 170, "{spot}");
    }
}

#[test]
fn the_unmoved_market_is_first_and_counts_nothing() {
    let moves = moves(json!({}));
    assert_eq!(moves.rows(), [ScenarioRow::default()]);
    assert_eq!(
        (moves.delta, moves.loss, moves.basis.len()),
        (None, None, 0)
    );
    assert!(!moves.list[0].reprices());
}

/// weight x maintenance in units of 1e-16; what kind of scenario it is.
#[test]
fn scenarios_have_their_factor_and_class() {
    let factors = json!({"maintenance": "1.1", "initial": "1.3"});
    let rules = |least: &str| json!({"factors": factors, "vol_shock": {"min_vol_up": least}});
    for (vol, least, class) in [
        ("same", "0.5", ScenarioClass::Plain),
        ("down", "0.5", ScenarioClass::Plain),
        ("up", "0", ScenarioClass::Plain),
        ("up", "0.5", ScenarioClass::Floored),
        ("linear", "0.5", ScenarioClass::Skew),
        ("absolute", "0", ScenarioClass::Skew),
    ] {
        let found = moved("0", vol, rules(least));
        let row = ScenarioRow {
            factor: 35_000_000 * 110_000_000,
            class,
            ..ScenarioRow::default()
        };
        assert_eq!(found.row, row, "{vol} {least}");
        assert!(found.reprices());
    }
}

/// net |d| + hedged (gross - |d|)/2 = (2 net - hedged)/2 |d| + hedged/2 gross, times the maintenance factor.
#[test]
fn the_delta_charge_and_the_basis_loss_come_last() {
    let rules = json!({
        "scenarios": [{"spot": "0.1", "vol": "same", "weight": "1"}],
        "factors": {"maintenance": "1.1", "initial": "1.3"},
        "delta": {"net": "0.03", "hedged": "0.02"},
        "basis": {"up": "0.05", "down": "-0.04", "add": "0", "per_year": "0.1"}
    });
    let moves = moves(rules.clone());
    assert_eq!(
        (moves.delta, moves.loss, moves.list.len()),
        (Some(2), Some(3), 4)
    );
    let delta = ScenarioRow {
        factor: (110_000_000 << 30) / 2,
        own: true,
        gross: 2_000_000,
        net: 4_000_000,
        // No basis move: its rows would stand next to another branch's.
        class: ScenarioClass::Skew,
        ..ScenarioRow::default()
    };
    let basis = ScenarioRow {
        factor: 110_000_000 * 100_000_000,
        own: true,
        ..ScenarioRow::default()
    };
    assert_eq!(moves.rows()[2..], [delta, basis]);
    // An expiry's own moves are no joint move of the other positions.
    assert!(moves.list[2..].iter().all(|m| !m.reprices() && m.spot == 0));
    let own: Vec<i128> = moves.basis.iter().map(|m| m.spot).collect();
    assert_eq!(own, [54_975_581_389, -43_980_465_111]);
    assert!(moves.basis.iter().all(|m| m.row.factor == 0));
    // Either alone makes the branch.
    for (field, value) in [
        ("delta", json!({"net": "0.01"})),
        ("basis", json!({"add": "0.1"})),
    ] {
        let mut rules = rules.clone();
        (rules["delta"], rules["basis"]) = (json!({}), json!({}));
        rules[field] = value;
        let moves = Moves::new(&policy(rules));
        let branches = if field == "delta" {
            (Some(2), None)
        } else {
            (None, Some(2))
        };
        assert_eq!((moves.delta, moves.loss), branches);
        assert_eq!(moves.basis.len(), if field == "basis" { 2 } else { 0 });
    }
}
