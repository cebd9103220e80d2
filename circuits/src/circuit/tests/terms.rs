//! Lies about the verdict, the terms and the public inputs.

use ff::Field;
use halo2curves::bn256::Fr;
use num_traits::Signed;
use zkmargin_tamper::Cell;

use super::{
    harness::{
        COPY, RANGE, Scene, TABLE, fr, guilty, inverse, preset, sample, small, table, table_under,
    },
    rows::{self, LIMB, Rows},
};
use crate::{
    circuit::{
        DisclosureError, InstanceError, Witness, WitnessError, instance,
        opening::{INCENTIVE_RATE, REPAY},
    },
    engine::{Portfolio, Terms, quantum},
    field,
    model::{Account, DisclosureLevel, Illiquidity, Policy},
    public::{PublicTable, TABLE_COLUMNS},
    shape::Shape,
    slots::Slots,
};

const SMALL: Rows = Rows::of(Shape::Small);

/// A cell's value in the sample's circuit.
fn honest(cell: rows::Cell) -> Fr {
    value(&Scene::sample(), cell)
}

fn value(scene: &Scene, (column, row): rows::Cell) -> Fr {
    scene.image().value(Cell::advice(column, row))
}

/// The sample with cells moved by so much, and the terms that follow.
fn moved(cells: &[(rows::Cell, i128)]) -> Scene {
    let mut scene = Scene::sample();
    let image = scene.image();
    for &((column, row), step) in cells {
        let value = image.value(Cell::advice(column, row));
        scene.forge((column, row), value + fr(step));
    }
    scene.settle();
    scene
}

/// The parts of the shortfall's and of the requirement's remainder: l, h, h'.
fn remainders() -> [[rows::Cell; 3]; 2] {
    let row = SMALL.terms() + 2;
    [
        [(3, row), (4, row), (0, row + 1)],
        [(1, row + 1), (2, row + 1), (3, row + 1)],
    ]
}

/// Q / 2^50.
fn high() -> Fr {
    field::from_int(&(quantum() >> 50))
}

#[test]
fn shortfall_or_requirement_one_off() {
    let [shortfall, requirement] = [rows::shortfall()[0], SMALL.requirement()[0]];
    let names = [
        "q_shortfall: S Q + 2^50 h1 + l1 = W - 1e4 2^10 (E + 1e20 q)",
        "q_shortfall: R Q + 2^50 h2 + l2 = W",
    ];
    for ((cell, parts), name) in [shortfall, requirement]
        .into_iter()
        .zip(remainders())
        .zip(names)
    {
        for error in [-1, 1] {
            moved(&[(cell, error)]).stopped_by(&[name]);
            // With the remainder that it leaves: negative, or a unit and more.
            let mut scene = Scene::sample();
            let high = honest(parts[1]) - high() * fr(error);
            scene.forge(cell, honest(cell) + fr(error));
            scene.forge(parts[1], high);
            scene.settle();
            scene.stopped_by(&[RANGE]);
        }
        // A remainder's parts traded for each other, its complement for anything.
        moved(&[(parts[0], -(1 << 50)), (parts[1], 1)]).stopped_by(&[RANGE]);
        moved(&[(parts[0], 1 << 50), (parts[1], -1)]).stopped_by(&[RANGE]);
        let rest = if cell == shortfall {
            "q_shortfall: h1' = Q / 2^50 - 1 - h1"
        } else {
            "q_shortfall: h2' = Q / 2^50 - 1 - h2"
        };
        moved(&[(parts[2], 1)]).stopped_by(&[rest]);
    }
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
        let [low, high, _] = remainders()[0];
        let [cell, positive] = rows::shortfall();
        let unit = field::from_int(&quantum());
        let rest = value(&scene, low) + value(&scene, high) * field::pow2(50);
        let whole = value(&scene, cell) * unit + rest;
        let shortfall = (whole - fr(9)) * inverse(unit);
        scene.forge(cell, shortfall);
        scene.forge(positive, shortfall - Fr::one());
        scene.forge(low, fr(9));
        scene.forge(high, Fr::zero());
        scene.settle();
        let failures = scene.failures();
        assert!(failures.contains(RANGE), "{failures:?}");
        assert!(
            !failures.iter().any(|f| f.starts_with("q_shortfall")),
            "{failures:?}"
        );
    }
}

/// rate, A, B, capped, cap - rate.
fn rate_cells() -> [rows::Cell; 5] {
    let row = SMALL.terms() + 5;
    [
        (0, row),
        (2, row + 1),
        (3, row + 1),
        (4, row + 1),
        (4, row + 2),
    ]
}

#[test]
fn a_rate_off_the_formula() {
    let [rate, a, b, capped, below] = rate_cells();
    let formula = "q_rate: A = (base R + slope S)(1e8 + a) - rate 1e8 R";
    for error in [-1, 1] {
        // A follows from the rate.
        moved(&[(rate, error)]).stopped_by(&[RANGE]);
        moved(&[(a, error)]).stopped_by(&[formula]);
        moved(&[(b, error)]).stopped_by(&["q_rate: B = (1 - capped)(1e8 R - 1 - A)"]);
        moved(&[(below, error)]).stopped_by(&["q_rate: cap - rate"]);
    }
    let cap = fr(Scene::sample().table.rules.incentive_cap.into());
    assert!(honest(capped) == Fr::zero() && honest(rate) != cap);
    let forged = |of: Fr, flag: i128| {
        let mut scene = Scene::sample();
        scene.forge(rate, of);
        scene.forge(capped, fr(flag));
        scene.settle();
        scene
    };
    // Capped without cause, above the cap, a flag that is none.
    forged(cap, 1).stopped_by(&[RANGE]);
    forged(cap + fr(1), 1).stopped_by(&[RANGE, "q_rate: capped: rate = cap"]);
    forged(honest(rate), 1).stopped_by(&["q_rate: capped: rate = cap"]);
    let failures = forged(honest(rate), 2).failures();
    assert!(failures.contains("q_rate: capped boolean"), "{failures:?}");
}

/// Collateral of which a part is illiquid raises the rate; its quotient is the one.
#[test]
fn an_illiquidity_off_the_formula() {
    let mut policy: Policy = sample("policy.json");
    policy.incentive.illiquidity = Some(Illiquidity {
        scale: "10".parse().expect("decimal"),
        depth: "1000000000".parse().expect("decimal"),
    });
    policy.incentive.slope = "2".parse().expect("decimal");
    policy.incentive.cap = "1".parse().expect("decimal");
    let table = table_under(&policy);
    let slots = small(&sample("account-small.json"));
    let scenario = *guilty(&slots, &table).last().expect("under-margined");
    let scene = Scene::new(slots, &table, &table, scenario);
    scene.stopped_by(&[]);
    assert!(scene.witness.terms.illiquidity > 0);
    let row = SMALL.terms() + 7;
    let [a, z, rho, comp] = [0, 1, 2, 3].map(|column| (column, row));
    let image = scene.image();
    let own = |(column, row): rows::Cell| image.value(Cell::advice(column, row));
    let forged = |cells: &[(rows::Cell, Fr)]| {
        let mut scene = scene.clone();
        cells
            .iter()
            .for_each(|(cell, value)| scene.forge(*cell, *value));
        scene.settle();
        scene
    };
    let held = own((0, row + 1));
    let division = "q_illiquidity: a F + rho = 1e8 I";
    for error in [-1, 1] {
        let quotient = own(a) + fr(error);
        forged(&[(a, quotient)]).stopped_by(&[division]);
        forged(&[(a, quotient), (rho, own(rho) - held * fr(error))]).stopped_by(&[RANGE]);
        let rest = "q_illiquidity: comp = (1 - z)(F - 1 - rho)";
        forged(&[(comp, own(comp) + fr(error))]).stopped_by(&[rest]);
    }
    // Said to hold nothing.
    let nothing = ["q_illiquidity: z F = 0", "q_illiquidity: z a = 0"];
    forged(&[(z, fr(1))]).stopped_by(&nothing);
    let whole = own(a) * held + own(rho);
    forged(&[(z, fr(1)), (a, Fr::ZERO), (rho, whole)]).stopped_by(&nothing[..1]);
    // Who holds nothing has no illiquidity, whatever it is said to be.
    let mut account: Account = sample("account-small.json");
    account.collateral.clear();
    let scene = Scene::new(small(&account), &table, &table, scenario);
    scene.stopped_by(&[]);
    for (quotient, stops) in [(1, vec!["q_illiquidity: z a = 0"]), (0, vec![])] {
        let mut scene = scene.clone();
        scene.forge(a, fr(quotient));
        scene.settle();
        scene.stopped_by(&stops);
    }
    let mut scene = scene.clone();
    scene.forge(z, Fr::ZERO);
    scene.forge(a, fr(1));
    scene.settle();
    scene.stopped_by(&[RANGE]);
}

/// tick, shown, n, r, r' of repay and incentive.
fn ticks() -> [[rows::Cell; 5]; 2] {
    [0, 4].map(|row| [0, 1, 2, 3, 4].map(|column| (column, SMALL.terms() + row)))
}

#[test]
fn terms_above_the_formula() {
    for ([tick, _, count, rest, complement], header) in
        ticks().into_iter().zip([REPAY, INCENTIVE_RATE])
    {
        let step = honest(tick);
        // One tick more or less: the remainder would be negative, or a tick and more.
        for more in [1, -1] {
            let mut scene = Scene::sample();
            scene.forge(count, honest(count) + fr(more));
            scene.forge(rest, honest(rest) - step * fr(more));
            scene.settle();
            assert_eq!(
                scene.instance[0][header],
                honest((0, header)) + step * fr(more)
            );
            scene.stopped_by(&[RANGE]);
        }
        // The same without its parts, and one unit more.
        for more in [step, fr(1)] {
            let mut scene = Scene::sample();
            scene.instance[0][header] += more;
            scene.forge((0, header), honest((0, header)) + more);
            scene.stopped_by(&["q_tick: out = shown (x - r)"]);
        }
        moved(&[(count, 1)]).stopped_by(&["q_tick: n tick + r = x"]);
        moved(&[(complement, 1)]).stopped_by(&["q_tick: r' = tick - 1 - r"]);
    }
}

/// A policy decides what is disclosed: nothing, terms, exposures. What it hides is 0, and what it shows is not.
#[test]
fn terms_are_shown_or_hidden_as_the_policy_says() {
    let mut policy: Policy = sample("policy.json");
    policy.disclosure.level = DisclosureLevel::Verdict;
    let hiding = table_under(&policy);
    let slots = small(&sample("account-small.json"));
    let scenario = *guilty(&slots, &hiding).last().expect("under-margined");
    let hidden = Scene::new(slots, &hiding, &hiding, scenario);
    hidden.stopped_by(&[]);
    let terms = hidden.witness.terms();
    assert_eq!(terms, Terms::default());
    let shown = Scene::sample();
    for (row, [_, flag, ..]) in [REPAY, INCENTIVE_RATE].into_iter().zip(ticks()) {
        assert_eq!(hidden.instance[0][row], Fr::ZERO);
        assert_ne!(shown.instance[0][row], Fr::ZERO);
        for (scene, other) in [(&hidden, 1), (&shown, 0)] {
            let mut forged = scene.clone();
            forged.forge(flag, fr(other));
            forged.settle();
            assert_ne!(forged.instance[0][row], scene.instance[0][row]);
            forged.stopped_by(&[COPY]);
        }
    }
    // The header for terms that the policy does not have.
    let commitment = hidden.witness.commitment();
    let header = |table: &PublicTable, terms: &Terms| {
        instance(Shape::Small, table, commitment, Fr::from(7), terms).err()
    };
    let (unexpected, missing) = (
        Some(InstanceError::Disclosure(DisclosureError::UnexpectedTerms)),
        Some(InstanceError::Disclosure(DisclosureError::MissingTerms)),
    );
    let full = shown.witness.terms();
    let mut half = full.clone();
    half.incentive_rate = None;
    assert_eq!(
        (header(&hiding, &full), header(&shown.table, &full)),
        (unexpected.clone(), None)
    );
    assert_eq!(
        (header(&hiding, &terms), header(&shown.table, &terms)),
        (None, missing.clone())
    );
    assert_eq!(
        (header(&hiding, &half), header(&shown.table, &half)),
        (unexpected, missing)
    );
}

/// Without scenarios only the charges are a requirement; every preset has a proof of the sample account in debt.
#[test]
fn every_preset_has_a_proof() {
    for name in [
        "standard",
        "collateral-ratio",
        "paradex-pm",
        "deribit-pm",
        "derive-pmrm2",
    ] {
        let table = table_under(&preset(name));
        // The smallest that has room for the table.
        let shape = Shape::ALL
            .into_iter()
            .find(|shape| table.fits(*shape).is_ok());
        let account: Account = sample("account-small.json");
        let mut slots = Slots::new(&account, shape.expect("a shape")).expect("fits");
        slots.cash = -(1 << 46);
        let scenarios = guilty(&slots, &table);
        assert!(!scenarios.is_empty(), "{name}");
        for scenario in [scenarios[0], scenarios[scenarios.len() - 1]] {
            Scene::new(slots.clone(), &table, &table, scenario).stopped_by(&[]);
        }
    }
}

#[test]
fn altered_public_inputs() {
    let scene = Scene::sample();
    for row in 0..rows::HEADER_ROWS {
        let mut scene = scene.clone();
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
    let forgeries: [fn(&mut crate::public::PublicTable, usize, usize); 15] = [
        |t, g, _| t.options[g].base.discounted_forward -= 1,
        |t, g, _| t.options[g].base.ln_forward -= 1,
        |t, g, _| t.options[g].charges.side += 1,
        |t, g, _| t.options[g].run.long_discount -= 1,
        |t, g, _| t.options[g].run.least_v += 1,
        |t, g, s| t.options[g].scenarios[s].forward.discounted_forward -= 1,
        |t, g, s| t.options[g].scenarios[s].intervals[0].offset += 1,
        |t, _, s| t.scenarios[s].factor += 1,
        |t, _, s| t.scenarios[s].spot -= 1,
        |t, _, s| t.scenarios[s].net += 1,
        |t, g, _| t.options[g].smile.iter_mut().for_each(|i| i.variance += 1),
        |t, _, _| t.assets.iter_mut().for_each(|a| a.value += 1),
        |t, _, _| t.assets.iter_mut().for_each(|a| a.factor += 1),
        |t, _, _| t.futures.iter_mut().for_each(|f| f.mark += 1),
        |t, _, _| t.futures.iter_mut().for_each(|f| f.funding += 1),
    ];
    for forge in forgeries {
        let mut forged = honest.table.clone();
        forge(&mut forged, group, scenario);
        let slots = honest.witness.slots.clone();
        let mut scene = Scene::new(slots, &honest.table, &forged, scenario);
        scene.settle();
        scene.stopped_by(&[TABLE]);
    }
    // A scenario that the table does not have. There is room for it without the last expiry, which the account does not hold.
    let mut forged = honest.table.clone();
    forged.options.pop();
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
    // The null groups have one market for all.
    let options = table.options.iter_mut().skip(1);
    options.for_each(|g| repeat(&mut g.scenarios, s));
    let perpetuals = table.perpetual_options.iter_mut().skip(1);
    perpetuals.for_each(|g| repeat(&mut g.scenarios, s));
    let swaps = table.swaps.iter_mut().skip(1);
    swaps.for_each(|g| repeat(&mut g.scenarios, s));
    count
}
