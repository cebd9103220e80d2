//! Scenes of solvency: a policy, an account one unit short of health under one branch alone, and what its prover forges.

use std::{
    collections::BTreeSet,
    sync::{LazyLock, OnceLock},
};

use halo2curves::bn256::Fr;
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::ToPrimitive;
use zkmargin_tamper::{Cell, Image, Index, Judge, Plan, Tampered, Values};

use super::{
    super::{SolvencyCircuit, SolvencyWitness, header},
    places::Places,
    preset, read, with_cash,
};
use crate::{
    circuit::tests::forgeries::{campaign::names, scene::every_rule},
    engine::{Solvency, quantum, solvency::SCENARIOS},
    model::{Account, Policy, Snapshot},
    public::PublicTable,
    shape::{Shape, Statement},
    slots::Slots,
};

pub use crate::circuit::tests::harness::{COPY, RANGE, TABLE, fr};

/// Branches by number: scenarios by place, then these.
pub const DELTA: usize = SCENARIOS;
/// The basis loss.
pub const BASIS: usize = SCENARIOS + 1;
/// European options of the shape.
pub const OPTIONS: usize = 8;
/// Underlyings of the shape.
pub const UNDERLYINGS: usize = 4;
/// Cash enough to be healthy under any policy, units 1e-8.
const RICH: i64 = 1 << 55;
const CONTEXT: u64 = 7;

/// A policy's table, and an honest image that forged ones are compared with.
pub struct Market {
    pub table: PublicTable,
    pub places: Places,
    pub image: &'static Image<Fr>,
    index: Index<'static, Fr>,
    values: Values<Fr>,
}

/// Skews, basis loss, delta charge, charges on exposures and net shorts, funding, factors that rise.
pub static EVERY_RULE: LazyLock<Market> = LazyLock::new(|| Market::new(&every_rule()));
/// Long options do not count.
pub static STANDARD: LazyLock<Market> = LazyLock::new(|| Market::new(&preset("standard")));

impl Market {
    fn new(policy: &Policy) -> Self {
        let snapshot: Snapshot = read("samples/snapshot.json");
        let table = PublicTable::new(&snapshot, policy).expect("a table");
        let values = Values::default();
        let witness = witness(slots(RICH), &table);
        let image = capture(&witness, &Plan::default(), witness.instance(), &values);
        let image: &'static Image<Fr> = Box::leak(Box::new(image));
        let index = Index::new(image);
        assert_eq!(Judge::new(&index).judge_all(), BTreeSet::new());
        Self {
            places: Places::of(image),
            table,
            image,
            index,
            values,
        }
    }
}

/// The sample account with other cash.
fn slots(cash: i64) -> Slots {
    let account: Account = read("samples/account-small.json");
    Slots::new(&with_cash(&account, cash), Shape::Small).expect("slots")
}

fn witness(slots: Slots, table: &PublicTable) -> SolvencyWitness {
    let solvency = Solvency::new(&slots, table).expect("a valuation");
    SolvencyWitness::assume(slots, solvency, table, Fr::from(CONTEXT))
}

fn capture(
    witness: &SolvencyWitness,
    plan: &Plan<Fr>,
    instance: Vec<Vec<Fr>>,
    values: &Values<Fr>,
) -> Image<Fr> {
    let circuit = Tampered {
        circuit: SolvencyCircuit::with_witness(witness.clone()),
        plan: plan.clone(),
    };
    let k = Statement::Solvency.k(witness.slots.shape);
    Image::capture_with(&circuit, k, instance, values).expect("synthesis")
}

/// A prover and what it forges.
#[derive(Clone)]
pub struct Scene {
    pub market: &'static Market,
    /// Its traces may be lies.
    pub witness: SolvencyWitness,
    pub plan: Plan<Fr>,
    pub instance: Vec<Vec<Fr>>,
    /// Before anything was forged.
    honest: OnceLock<Image<Fr>>,
}

impl Scene {
    fn new(market: &'static Market, witness: SolvencyWitness) -> Self {
        Self {
            market,
            instance: witness.instance(),
            witness,
            plan: Plan::default(),
            honest: OnceLock::new(),
        }
    }

    /// A healthy account.
    pub fn rich(market: &'static Market) -> Self {
        Self::new(market, witness(slots(RICH), &market.table))
    }

    /// An account one unit short of health because of one branch, whose factor is raised until it is the greatest by far.
    pub fn poor(market: &'static Market, branch: usize) -> Self {
        let mut table = market.table.clone();
        let mut slots = slots(0);
        let far = quantum() << 32;
        for _ in 0..40 {
            let solvency = Solvency::new(&slots, &table).expect("a valuation");
            let mut rest = solvency.slacks.clone();
            let worst = rest.remove(branch + 1);
            let next = rest.iter().min().expect("branches");
            if &worst + &far < *next {
                slots.cash += (-worst).div_ceil(&quantum()).to_i128().expect("cash") - 1;
                let scene = Self::new(market, witness(slots, &table));
                scene.stopped_by(&[RANGE]);
                return scene;
            }
            let number = numbers(&solvency)[branch];
            table.scenarios[number].factor *= 2;
        }
        panic!("nothing is lost under branch {branch}");
    }

    /// An account one unit short of health that charges alone can help.
    pub fn charged(market: &'static Market) -> Self {
        let mut slots = slots(0);
        let solvency = Solvency::new(&slots, &market.table).expect("a valuation");
        let worst = solvency.slacks.iter().min().expect("branches");
        slots.cash += (-worst).div_ceil(&quantum()).to_i128().expect("cash") - 1;
        let scene = Self::new(market, witness(slots, &market.table));
        scene.stopped_by(&[RANGE]);
        scene
    }

    /// A cell of a gate's `n`th use, relative to its row.
    pub fn cell(&self, gate: &str, n: usize, at: (usize, isize)) -> Cell {
        self.market.places.at(gate, n).cell(at)
    }

    /// Slots of European options at which an expiry ends, padding's aside.
    pub fn ends(&self) -> Vec<usize> {
        let value = |i, at| self.value(self.cell("q_unmoved", i, at));
        let ends = |i: &usize| value(*i, (2, 1)) == fr(1) && value(*i, (1, 0)) != fr(0);
        (0..OPTIONS).filter(ends).collect()
    }

    /// What the prover would put there, were it honest.
    pub fn value(&self, cell: Cell) -> Fr {
        let honest = self.honest.get_or_init(|| {
            let (witness, values) = (&self.witness, &self.market.values);
            capture(witness, &Plan::default(), witness.instance(), values)
        });
        honest.value(cell)
    }

    /// The integer of it.
    pub fn int(&self, cell: Cell) -> BigInt {
        crate::field::to_int(&self.value(cell))
    }

    pub fn forge(&mut self, cell: Cell, value: Fr) {
        self.plan.values.insert(cell, value);
    }

    /// Another bit.
    pub fn flip(&mut self, cell: Cell) {
        let value = self.value(cell);
        assert!(value == fr(0) || value == fr(1), "{cell} is no flag");
        self.forge(cell, fr(1) - value);
    }

    /// Something on top.
    pub fn add(&mut self, cell: Cell, more: Fr) {
        let value = self.value(cell);
        self.forge(cell, value + more);
    }

    /// Forges what the verifier is shown, too.
    pub fn publish(&mut self, row: usize, value: Fr) {
        self.forge(Cell::advice(0, row), value);
        self.instance[0][row] = value;
    }

    /// The public inputs are those that the verifier rebuilds.
    pub fn is_the_verifiers(&self) -> bool {
        let (table, slots) = (&self.witness.table, &self.witness.slots);
        let commitment = self.instance[0][header::COMMITMENT];
        let own = super::super::solvency_instance(slots.shape, table, commitment, fr(CONTEXT.into()));
        own.expect("an instance") == self.instance
    }

    pub fn image(&self) -> Image<Fr> {
        let instance = self.instance.clone();
        capture(&self.witness, &self.plan, instance, &self.market.values)
    }

    /// The names of what fails.
    pub fn failures(&self) -> BTreeSet<String> {
        let changes = self.market.image.changes(&self.image());
        let failures = Judge::new(&self.market.index).judge(&changes);
        names(self.market.image, &failures)
    }

    /// Nothing but `expected` fails: without it the lie would pass.
    #[track_caller]
    pub fn stopped_by(&self, expected: &[&str]) {
        let expected: BTreeSet<String> = expected.iter().map(|&name| name.into()).collect();
        assert_eq!(self.failures(), expected);
    }
}

/// Numbers of the branches: scenarios by place, delta charge, basis loss.
fn numbers(solvency: &Solvency) -> Vec<usize> {
    let branches = &solvency.branches;
    let scenarios = branches.scenarios.iter().copied();
    scenarios.chain([branches.delta, branches.basis]).collect()
}

/// 2^bits.
pub fn power(bits: u32) -> Fr {
    crate::field::pow2(bits)
}
