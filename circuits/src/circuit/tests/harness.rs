//! Sample accounts, forged cells and traces, and failures by name.

use std::{collections::BTreeSet, path::Path};

use halo2_proofs::dev::{MockProver, VerifyFailure};
use halo2curves::bn256::Fr;
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::ToPrimitive;
use zkmargin_tamper::{Image, Plan, Tampered, Values, mock_name};

use super::rows::{Cell, Rows};
use crate::{
    circuit::{
        LiquidationCircuit, Witness, instance,
        opening::{COMMITMENT, REPAY},
    },
    engine::{LiquidationTrace, Portfolio, Totals, quantum},
    field,
    model::{Account, Dollars, Money, Policy, Rate, Snapshot, read_json},
    public::{PublicTable, ScenarioRow, TermRules},
    shape::Shape,
    slots::Slots,
};

/// The range lookup.
pub const RANGE: &str = "q_limb z - q_more 2^10 z_next in 0..1024";
/// The lookup into the public table and the function tables.
pub const TABLE: &str = "(c0..c6) in public table or function tables";
/// Any copy.
pub const COPY: &str = "permutation";

pub fn sample<T: serde::de::DeserializeOwned>(name: &str) -> T {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples");
    read_json(&samples.join(name)).expect(name)
}

pub fn fr(value: i128) -> Fr {
    field::from_i128(value)
}

pub fn inverse(value: Fr) -> Fr {
    Option::from(ff::Field::invert(&value)).expect("not zero")
}

/// The table of the sample snapshot and policy.
pub fn table() -> PublicTable {
    table_showing(None)
}

/// The same with a tick at which exposures are disclosed.
pub fn table_showing(tick: Option<Dollars>) -> PublicTable {
    let (snapshot, mut policy): (Snapshot, Policy) =
        (sample("snapshot.json"), sample("policy.json"));
    policy.disclosure.exposure_tick = tick;
    PublicTable::new(&snapshot, &policy).expect("table")
}

pub fn small(account: &Account) -> Slots {
    Slots::new(account, Shape::Small).expect("fits")
}

/// The scenarios under which the account is under-margined.
pub fn guilty(slots: &Slots, table: &PublicTable) -> Vec<usize> {
    let guilty = |s: &usize| {
        let totals = Portfolio::new(slots, table, *s).expect("markets").totals;
        totals.liquidation(&table.rules).is_some()
    };
    (0..table.scenarios.len()).filter(guilty).collect()
}

/// A prover, the table that the verifier holds, and what the prover has forged.
#[derive(Clone)]
pub struct Scene {
    pub table: PublicTable,
    pub witness: Witness,
    /// Cells that a malicious prover overwrites. Copies, limbs and sums made from a forged cell
    /// follow it, so that nothing but the cell's own equations can catch it; a copy that lies
    /// alone is forged at its own place.
    pub plan: Plan<Fr>,
    pub instance: Vec<Vec<Fr>>,
}

impl Scene {
    /// The under-margined sample account, honestly.
    pub fn sample() -> Self {
        let table = table();
        let slots = small(&sample("account-small.json"));
        let scenario = *guilty(&slots, &table).last().expect("under-margined");
        Self::new(slots, &table, &table, scenario)
    }

    /// A prover who believes in `forged` before a verifier who holds `table`.
    pub fn new(slots: Slots, table: &PublicTable, forged: &PublicTable, scenario: usize) -> Self {
        Self::of(slots, table, forged, scenario).expect("under-margined")
    }

    /// The same; `None` if there is no witness.
    pub fn of(
        slots: Slots,
        table: &PublicTable,
        forged: &PublicTable,
        scenario: usize,
    ) -> Option<Self> {
        let witness = Witness::new(slots, forged, scenario, Fr::from(7)).ok()?;
        let mut scene = Self {
            table: table.clone(),
            witness,
            plan: Plan::default(),
            instance: Vec::new(),
        };
        scene.publish();
        Some(scene)
    }

    pub fn forge(&mut self, cell: Cell, value: Fr) {
        let cell = zkmargin_tamper::Cell::advice(cell.0, cell.1);
        self.plan.values.insert(cell, value);
    }

    pub fn forge_all(&mut self, cells: &[Cell], values: &[i128]) {
        assert_eq!(cells.len(), values.len());
        for (&cell, &value) in cells.iter().zip(values) {
            self.forge(cell, fr(value));
        }
    }

    /// Public inputs with the terms that the prover claims, of any size.
    pub fn publish(&mut self) {
        // Whatever table the prover believes in, the digest is public.
        self.witness.digest = self.table.digest();
        let witness = &self.witness;
        let (commitment, terms) = (witness.commitment(), witness.terms());
        let shape = witness.slots.shape;
        self.instance = instance(shape, &self.table, commitment, Fr::from(7), &terms)
            .expect("terms of the table");
        if i64::try_from(witness.terms.shortfall).is_err() {
            let repay = fr(witness.terms.shortfall - witness.terms.repay.1);
            self.instance[0][REPAY] = repay;
            self.forge((0, REPAY), repay);
        }
    }

    /// Publishes the exposures that the forged circuit computes, but for those that are forged themselves.
    pub fn disclose(&mut self) {
        let image = self.image();
        let published = self.witness.header();
        for (row, (column, at)) in Rows::of(self.witness.slots.shape).disclosed() {
            let cell = zkmargin_tamper::Cell::advice(0, row);
            let untouched = self.instance[0][row] == published[row];
            if untouched && !self.plan.values.contains_key(&cell) {
                let value = image.value(zkmargin_tamper::Cell::advice(column, at));
                self.instance[0][row] = value;
                self.forge((0, row), value);
            }
        }
    }

    /// Claims another commitment.
    pub fn claim(&mut self, commitment: Fr) {
        self.instance[0][COMMITMENT] = commitment;
        self.forge((0, COMMITMENT), commitment);
    }

    /// Totals and terms that follow from forged traces and slots.
    pub fn settle(&mut self) {
        let totals = totals(&self.witness);
        self.settle_on(totals);
    }

    pub fn settle_on(&mut self, totals: Totals) {
        self.witness.terms = unchecked_terms(&totals, &self.table.rules);
        self.witness.portfolio.totals = totals;
        self.publish();
    }

    fn circuit(&self) -> Tampered<LiquidationCircuit, Fr> {
        Tampered {
            circuit: LiquidationCircuit::with_witness(self.witness.clone()),
            plan: self.plan.clone(),
        }
    }

    /// All that the forged synthesis assigns.
    pub fn image(&self) -> Image<Fr> {
        self.image_with(&Values::default())
    }

    /// As [`image`](Self::image), sharing values with other images.
    pub fn image_with(&self, values: &Values<Fr>) -> Image<Fr> {
        let k = self.witness.slots.shape.k();
        Image::capture_with(&self.circuit(), k, self.instance.clone(), values).expect("synthesis")
    }

    /// The names of what fails: `gate: constraint`, the lookup's name, or [`COPY`].
    pub fn failures(&self) -> BTreeSet<String> {
        let prover = MockProver::run(
            self.witness.slots.shape.k(),
            &self.circuit(),
            self.instance.clone(),
        );
        let list = prover.expect("synthesis").verify().err();
        list.unwrap_or_default().iter().map(name).collect()
    }

    /// Nothing but `expected` fails.
    #[track_caller]
    pub fn stopped_by(&self, expected: &[&str]) {
        let expected: BTreeSet<String> = expected.iter().map(|&name| name.into()).collect();
        assert_eq!(self.failures(), expected);
    }
}

fn name(failure: &VerifyFailure) -> String {
    match failure {
        VerifyFailure::Permutation { .. } => COPY.into(),
        other => mock_name(other),
    }
}

/// The sums over whatever the traces say.
fn totals(witness: &Witness) -> Totals {
    let mut portfolio = witness.portfolio.clone();
    // What the prover believes of the scenario.
    let row = ScenarioRow {
        spot: portfolio.totals.spot_move,
        factor: portfolio.totals.factor,
    };
    portfolio.totals = Totals::new(witness.slots.cash, row);
    portfolio.sum();
    portfolio.totals
}

/// [`Totals::liquidation`] without its checks: a shortfall of any sign and size.
fn unchecked_terms(totals: &Totals, rules: &TermRules) -> LiquidationTrace {
    let narrow = |x: &BigInt| x.to_i128().expect("below 2^127");
    let (shortfall, shortfall_remainder) = totals.shortfall().div_mod_floor(&quantum());
    let (requirement, requirement_remainder) = totals.requirement().div_mod_floor(&quantum());
    let (base, cap) = (
        i128::from(rules.incentive_base),
        i128::from(rules.incentive_cap),
    );
    let (shortfall, requirement) = (narrow(&shortfall), narrow(&requirement));
    let mut trace = LiquidationTrace {
        shortfall,
        shortfall_remainder,
        requirement,
        requirement_remainder,
        rate: 0,
        capped: false,
        rate_remainder: 0,
        rate_complement: 0,
        repay: (0, 0),
        incentive: (0, 0),
        terms: crate::engine::Terms {
            repay: Money::ZERO,
            incentive_rate: Rate::ZERO,
            // `disclose` publishes what the circuit makes of them.
            exposures: rules.exposures_shown.then(Vec::new),
        },
    };
    let raise = i128::from(rules.incentive_slope) * shortfall / requirement.max(1);
    trace.capped = raise > cap - base;
    trace.rate = if trace.capped {
        cap
    } else {
        base + raise.max(0)
    };
    follow_terms(&mut trace, rules);
    trace
}

/// Remainders and terms that follow from shortfall, requirement, rate and `capped`.
pub fn follow_terms(trace: &mut LiquidationTrace, rules: &TermRules) {
    let units = |x: i128| x.to_i64().unwrap_or(i64::MAX);
    trace.rate_remainder = i128::from(rules.incentive_slope) * trace.shortfall
        - (trace.rate - i128::from(rules.incentive_base)) * trace.requirement;
    trace.rate_complement = if trace.capped {
        0
    } else {
        trace.requirement - 1 - trace.rate_remainder
    };
    trace.repay = trace.shortfall.div_mod_floor(&rules.repay_tick.into());
    trace.incentive = trace.rate.div_mod_floor(&rules.incentive_tick.into());
    trace.terms.repay = Money::from_units(units(trace.shortfall - trace.repay.1));
    trace.terms.incentive_rate = Rate::from_units(units(trace.rate - trace.incentive.1));
}
