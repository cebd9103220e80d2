//! Lies about the verdict, the terms and the public inputs.

use halo2curves::bn256::Fr;
use num_bigint::BigInt;
use num_traits::Signed;

use super::{
    harness::{COPY, RANGE, Scene, TABLE, follow_terms, fr, guilty, inverse, sample, table},
    rows::{self, LIMB},
};
use crate::{
    circuit::{Witness, WitnessError},
    engine::{Portfolio, quantum},
    field,
    model::Account,
    public::TABLE_COLUMNS,
    shape::Shape,
    slots::Slots,
};

/// The sample's terms with a lie in them.
fn lying(lie: impl Fn(&mut crate::engine::LiquidationTrace)) -> Scene {
    let mut scene = Scene::sample();
    let rules = scene.table.rules;
    lie(&mut scene.witness.terms);
    follow_terms(&mut scene.witness.terms, &rules);
    scene.publish();
    scene
}

#[test]
fn shortfall_or_requirement_one_off() {
    for error in [-1, 1] {
        lying(|t| {
            t.shortfall += error;
            t.shortfall_remainder -= quantum() * error;
        })
        .stopped_by(&[RANGE]);
        let scene = lying(|t| {
            t.requirement += error;
            t.requirement_remainder -= quantum() * error;
        });
        scene.stopped_by(&[RANGE]);
    }
    lying(|t| t.shortfall += 1).stopped_by(&["q_shortfall: S Q + r1 = W - 1e4 (E + 1e20 q)"]);
    lying(|t| t.requirement -= 1).stopped_by(&["q_shortfall: R Q + r2 = W"]);
}

/// Cash such that the shortfall under the scene's scenario is exactly `units`.
fn at_threshold(scene: &Scene, units: i128) -> Slots {
    let mut slots = scene.witness.slots.clone();
    slots.cash += scene.witness.terms.shortfall - units;
    slots
}

#[test]
fn one_unit_is_the_threshold() {
    let scene = Scene::sample();
    let scenario = scene.witness.portfolio.scenario;
    let slots = at_threshold(&scene, 1);
    let at = Scene::new(slots, &scene.table, &scene.table, scenario);
    assert_eq!(at.witness.terms.shortfall, 1);
    at.stopped_by(&[]);
    for units in [0, -1, -1_000_000] {
        let slots = at_threshold(&scene, units);
        assert_eq!(
            Witness::new(slots.clone(), &scene.table, scenario, Fr::from(7)).err(),
            Some(WitnessError::NotUnderMargined { scenario })
        );
        // The same account, by a prover who claims it all the same.
        let mut forced = at.clone();
        forced.witness.slots.cash = slots.cash;
        forced.settle();
        assert_eq!(forced.witness.terms.shortfall, units);
        forced.claim(slots.commitment());
        forced.stopped_by(&[RANGE]);
    }
}

#[test]
fn a_healthy_account_has_no_proof_under_any_scenario() {
    let table = table();
    let mut account: Account = sample("account-small.json");
    account.cash = "2000000".parse().expect("decimal");
    let slots = Slots::new(&account, Shape::Small).expect("fits");
    assert!(guilty(&slots, &table).is_empty());
    let poor = Scene::sample().witness.slots.clone();
    for scenario in 0..table.scenarios.len() {
        let refused = Witness::new(slots.clone(), &table, scenario, Fr::from(7)).err();
        assert_eq!(refused, Some(WitnessError::NotUnderMargined { scenario }));
        // Traces of the same positions in debt, cash put right afterwards.
        let mut debt = poor.clone();
        debt.cash = -(1 << 55);
        let totals = Portfolio::new(&debt, &table, scenario)
            .expect("markets")
            .totals;
        if totals.requirement().is_negative() {
            // A scenario that gains more than the charges has no proof, whoever proves.
            continue;
        }
        let mut scene = Scene::new(debt, &table, &table, scenario);
        scene.witness.slots.cash = slots.cash;
        scene.settle();
        scene.claim(slots.commitment());
        scene.stopped_by(&[RANGE]);

        // S as a field element: S Q + r1 has a solution for every r1.
        let value = field::from_int(&scene.witness.portfolio.totals.shortfall());
        let shortfall = (value - fr(9)) * inverse(field::from_int(&quantum()));
        let [cell, positive] = rows::shortfall();
        scene.forge(cell, shortfall);
        scene.forge(positive, shortfall - Fr::one());
        scene.witness.terms.shortfall_remainder = BigInt::from(9);
        let failures = scene.failures();
        assert!(failures.contains(RANGE), "{failures:?}");
        assert!(
            !failures.iter().any(|f| f.starts_with("q_shortfall")),
            "{failures:?}"
        );
    }
}

#[test]
fn a_rate_off_the_formula() {
    for error in [-1, 1] {
        lying(|t| t.rate += error).stopped_by(&[RANGE]);
    }
    let cap = i128::from(Scene::sample().table.rules.incentive_cap);
    // Capped without cause, and above the cap.
    lying(|t| (t.rate, t.capped) = (cap, true)).stopped_by(&[RANGE]);
    lying(|t| (t.rate, t.capped) = (cap + 1, true))
        .stopped_by(&[RANGE, "q_rate: capped: rate = cap"]);
    lying(|t| t.capped = true).stopped_by(&["q_rate: capped: rate = cap"]);
}

#[test]
fn terms_above_the_formula() {
    let tick = Scene::sample().table.rules.repay_tick;
    // One tick more: the remainder would be negative.
    let mut scene = Scene::sample();
    let terms = &mut scene.witness.terms;
    terms.repay = (terms.repay.0 + 1, terms.repay.1 - i128::from(tick));
    terms.terms.repay = crate::model::Money::from_units(terms.terms.repay.units() + tick);
    scene.publish();
    scene.stopped_by(&[RANGE]);
    // The same without its parts, and one unit more.
    for more in [tick, 1] {
        let mut scene = Scene::sample();
        let terms = &mut scene.witness.terms.terms;
        terms.repay = crate::model::Money::from_units(terms.repay.units() + more);
        scene.publish();
        scene.stopped_by(&["q_tick: out = x - r"]);
    }
    // A tick less is a remainder of a tick or more.
    let mut scene = Scene::sample();
    let terms = &mut scene.witness.terms;
    terms.repay = (terms.repay.0 - 1, terms.repay.1 + i128::from(tick));
    terms.terms.repay = crate::model::Money::from_units(terms.terms.repay.units() - tick);
    scene.publish();
    scene.stopped_by(&[RANGE]);
}

#[test]
fn altered_public_inputs() {
    for row in 0..rows::HEADER_ROWS {
        let mut scene = Scene::sample();
        scene.instance[0][row] += Fr::one();
        scene.stopped_by(&["q_instance: a0 = header"]);
    }
    // Every column of a row that a slot looks up, kind included.
    let scene = Scene::sample();
    let group = scene.witness.portfolio.options[2].group;
    let used = scene.table.options[group].base_row(group)[4];
    let column = &scene.instance[1 + 4];
    let row = column.iter().position(|&cell| cell == fr(used));
    let row = row.expect("key in c4");
    for column in 0..TABLE_COLUMNS {
        let mut scene = scene.clone();
        scene.instance[1 + column][row] += Fr::one();
        scene.stopped_by(&[TABLE]);
    }
}

#[test]
fn limbs_out_of_range() {
    // A last limb of 1024, and the value that goes with it.
    for first in [rows::CASH_LIMBS, rows::SEQUENCE_LIMBS] {
        let mut scene = Scene::sample();
        scene.forge((LIMB, first + 5), fr(1024));
        scene.stopped_by(&[RANGE]);
    }
    // x + p in limbs: another first limb has a solution in the field only.
    let mut scene = Scene::sample();
    let x = fr(scene.witness.slots.sequence.into());
    let mut z = x;
    for row in 1..6 {
        z = (z - fr(1)) * inverse(fr(1024));
        scene.forge((LIMB, rows::SEQUENCE_LIMBS + row), z);
    }
    scene.stopped_by(&[RANGE]);
    // Limbs of another number.
    let mut scene = Scene::sample();
    scene.forge((LIMB, rows::SEQUENCE_LIMBS), x + fr(1));
    scene.stopped_by(&[COPY]);
}

#[test]
fn rows_that_do_not_exist() {
    let honest = Scene::sample();
    let scenario = honest.witness.portfolio.scenario;
    let group = honest.witness.portfolio.options[2].group;
    let forgeries: [fn(&mut crate::public::PublicTable, usize, usize); 10] = [
        |t, g, _| t.options[g].base.discounted_forward -= 1,
        |t, g, _| t.options[g].base.ln_forward -= 1,
        |t, g, _| t.options[g].short_charge += 1,
        |t, g, s| t.options[g].scenarios[s].forward.discounted_forward -= 1,
        |t, g, s| t.options[g].scenarios[s].vol_multiplier += 1,
        |t, _, s| t.scenarios[s].factor += 1,
        |t, _, s| t.scenarios[s].spot -= 1,
        |t, g, _| t.options[g].smile.iter_mut().for_each(|i| i.variance += 1),
        |t, _, _| t.assets.iter_mut().for_each(|a| a.value += 1),
        |t, _, _| t.futures.iter_mut().for_each(|f| f.mark += 1),
    ];
    for forge in forgeries {
        let mut forged = honest.table.clone();
        forge(&mut forged, group, scenario);
        let slots = honest.witness.slots.clone();
        Scene::new(slots, &honest.table, &forged, scenario).stopped_by(&[TABLE]);
    }
    // A scenario that the table does not have.
    let mut forged = honest.table.clone();
    let count = add_scenario(&mut forged, scenario);
    let slots = honest.witness.slots.clone();
    Scene::new(slots, &honest.table, &forged, count).stopped_by(&[TABLE]);
}

/// A copy of scenario `s` behind the last one; its number.
pub fn add_scenario(table: &mut crate::public::PublicTable, s: usize) -> usize {
    fn repeat<T: Clone>(list: &mut Vec<T>, s: usize) {
        list.push(list[s].clone());
    }
    let count = table.scenarios.len();
    repeat(&mut table.scenarios, s);
    let options = table.options.iter_mut();
    options.for_each(|g| repeat(&mut g.scenarios, s));
    let perpetuals = table.perpetual_options.iter_mut();
    perpetuals.for_each(|g| repeat(&mut g.scenarios, s));
    let swaps = table.swaps.iter_mut();
    swaps.for_each(|g| repeat(&mut g.prices, s));
    count
}
