//! Sample accounts, forged cells and traces, and failures by name.

use std::{collections::BTreeSet, path::Path};

use halo2_proofs::dev::{MockProver, VerifyFailure};
use halo2curves::bn256::Fr;
use num_traits::ToPrimitive;
use zkmargin_tamper::{Image, Plan, Tampered, Values, mock_name};

use super::rows::{Cell, Rows};
use crate::{
    circuit::{
        LiquidationCircuit, Witness, instance,
        opening::{COMMITMENT, INCENTIVE_RATE, REPAY},
    },
    engine::Portfolio,
    field,
    model::{Account, DisclosureLevel, Dollars, Policy, Snapshot, read_json},
    public::PublicTable,
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

/// A preset of `policies/`.
pub fn preset(name: &str) -> Policy {
    let policies = Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies");
    read_json(&policies.join(format!("{name}.json"))).expect(name)
}

/// The table of the sample snapshot and policy.
pub fn table() -> PublicTable {
    table_showing(None)
}

/// The same with a tick at which exposures are disclosed.
pub fn table_showing(tick: Option<Dollars>) -> PublicTable {
    let mut policy: Policy = sample("policy.json");
    if tick.is_some() {
        policy.disclosure.level = DisclosureLevel::TermsAndGreeks;
        policy.disclosure.exposure_tick = tick;
    }
    table_under(&policy)
}

/// The table of the sample snapshot under a policy.
pub fn table_under(policy: &Policy) -> PublicTable {
    PublicTable::new(&sample::<Snapshot>("snapshot.json"), policy).expect("table")
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
    /// Rows of the header that [`settle`](Self::settle) has forged.
    settled: Vec<usize>,
    /// Values that images of this scene and its clones share.
    values: Values<Fr>,
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
            settled: Vec::new(),
            values: Values::default(),
        };
        scene.publish();
        Some(scene)
    }

    pub fn forge(&mut self, cell: Cell, value: Fr) {
        let cell = zkmargin_tamper::Cell::advice(cell.0, cell.1);
        self.plan.values.insert(cell, value);
    }

    pub fn unforge(&mut self, cell: Cell) {
        let cell = zkmargin_tamper::Cell::advice(cell.0, cell.1);
        self.plan.values.remove(&cell);
    }

    pub fn forge_all(&mut self, cells: &[Cell], values: &[i128]) {
        assert_eq!(cells.len(), values.len());
        for (&cell, &value) in cells.iter().zip(values) {
            self.forge(cell, fr(value));
        }
    }

    /// Public inputs with the terms that the witness has.
    pub fn publish(&mut self) {
        // Whatever table the prover believes in, the digest is public.
        self.witness.digest = self.table.digest();
        for row in std::mem::take(&mut self.settled) {
            self.unforge((0, row));
        }
        let witness = &self.witness;
        let (commitment, terms) = (witness.commitment(), witness.terms());
        let shape = witness.slots.shape;
        self.instance = instance(shape, &self.table, commitment, Fr::from(7), &terms)
            .expect("terms of the table");
    }

    /// Publishes the terms and exposures that the forged circuit computes, but for those that are forged themselves, and
    /// takes its shortfall and requirement down.
    pub fn settle(&mut self) {
        let claimed = self.instance.first().map(|header| header[COMMITMENT]);
        self.publish();
        let forged = |scene: &Self, row| {
            let cell = zkmargin_tamper::Cell::advice(0, row);
            scene.plan.values.contains_key(&cell)
        };
        if let Some(claimed) = claimed.filter(|_| forged(self, COMMITMENT)) {
            self.instance[0][COMMITMENT] = claimed;
        }
        let (image, rows) = (self.image(), Rows::of(self.witness.slots.shape));
        let value = |(column, row)| image.value(zkmargin_tamper::Cell::advice(column, row));
        let [repay, rate] = rows.disclosed_terms().map(|cells| {
            let [shown, rest, x] = cells.map(value);
            shown * (x - rest)
        });
        let numbers = (0..rows.underlyings).map(|i| {
            let row = rows.number(i);
            (row, value((1, row)) * value((2, row)))
        });
        let computed: Vec<(usize, Fr)> = [(REPAY, repay), (INCENTIVE_RATE, rate)]
            .into_iter()
            .chain(numbers)
            .chain(rows.disclosed().map(|(row, cell)| (row, value(cell))))
            .collect();
        let terms = &mut self.witness.terms;
        let narrow = |cell| field::to_int(&value(cell)).to_i128().unwrap_or(i128::MAX);
        terms.shortfall = narrow(rows.shortfall()[0]);
        terms.requirement = narrow(rows.requirement()[0]);
        for (row, value) in computed {
            if self.instance[0][row] != value && !forged(self, row) {
                self.instance[0][row] = value;
                self.forge((0, row), value);
                self.settled.push(row);
            }
        }
    }

    /// Claims another commitment.
    pub fn claim(&mut self, commitment: Fr) {
        self.instance[0][COMMITMENT] = commitment;
        self.forge((0, COMMITMENT), commitment);
    }

    fn circuit(&self) -> Tampered<LiquidationCircuit, Fr> {
        Tampered {
            circuit: LiquidationCircuit::with_witness(self.witness.clone()),
            plan: self.plan.clone(),
        }
    }

    /// All that the forged synthesis assigns.
    pub fn image(&self) -> Image<Fr> {
        self.image_with(&self.values)
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
