//! Scenes of solvency: a policy, an account one unit short of health under one branch alone, and what its prover forges.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, LazyLock, Mutex, PoisonError},
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

/// A policy's table.
pub struct Market {
    name: &'static str,
    pub table: PublicTable,
    pub places: Places,
    pub image: Image<Fr>,
    values: Values<Fr>,
}

/// Skews, basis loss, delta charge, charges on exposures and net shorts, funding, factors that rise.
pub static EVERY_RULE: LazyLock<Market> =
    LazyLock::new(|| Market::new("every rule", &every_rule()));
/// Long options do not count.
pub static STANDARD: LazyLock<Market> =
    LazyLock::new(|| Market::new("standard", &preset("standard")));

impl Market {
    fn new(name: &'static str, policy: &Policy) -> Self {
        let snapshot: Snapshot = read("samples/snapshot.json");
        let table = PublicTable::new(&snapshot, policy).expect("a table");
        let values = Values::default();
        let witness = witness(slots(RICH), &table);
        let image = capture(&witness, &Plan::default(), witness.instance(), &values);
        assert_eq!(Judge::new(&Index::new(&image)).judge_all(), BTreeSet::new());
        Self {
            name,
            places: Places::of(&image),
            table,
            image,
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
    honest: Arc<Image<Fr>>,
}

/// Which account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    Rich,
    /// One unit short of health because of one branch, whose factor is raised until it is the greatest by far.
    Poor(usize),
    /// The same with every European option the other way round.
    Reversed(usize),
    /// One unit short of health.
    Short,
}

type Scenes = Mutex<HashMap<(&'static str, Kind), Scene>>;

static SCENES: LazyLock<Scenes> = LazyLock::new(Mutex::default);

impl Scene {
    /// A healthy account.
    pub fn rich(market: &'static Market) -> Self {
        Self::of(market, Kind::Rich)
    }

    /// An account one unit short of health because of one branch.
    pub fn poor(market: &'static Market, branch: usize) -> Self {
        Self::of(market, Kind::Poor(branch))
    }

    /// The same with European options reversed.
    pub fn reversed(market: &'static Market, branch: usize) -> Self {
        Self::of(market, Kind::Reversed(branch))
    }

    /// An account one unit short of health, which less of a charge or more equity would help.
    pub fn short(market: &'static Market) -> Self {
        Self::of(market, Kind::Short)
    }

    fn of(market: &'static Market, kind: Kind) -> Self {
        let mut scenes = SCENES.lock().unwrap_or_else(PoisonError::into_inner);
        let scene = scenes.entry((market.name, kind));
        scene.or_insert_with(|| Self::draw(market, kind)).clone()
    }

    fn draw(market: &'static Market, kind: Kind) -> Self {
        let (mut table, mut account) = (market.table.clone(), slots(0));
        if matches!(kind, Kind::Reversed(_)) {
            for slot in &mut account.options {
                (slot.calls, slot.puts) = (-slot.calls, -slot.puts);
            }
        }
        let far = quantum() << 32;
        for _ in 0..40 {
            let solvency = Solvency::new(&account, &table).expect("a valuation");
            let least = |slacks: &[BigInt]| slacks.iter().min().expect("branches").clone();
            let mut rest = solvency.slacks.clone();
            let worst = match kind {
                Kind::Rich => return Self::new(market, witness(slots(RICH), &table), &[]),
                Kind::Short => least(&rest),
                Kind::Poor(branch) | Kind::Reversed(branch) => {
                    let worst = rest.remove(branch + 1);
                    if &worst + &far > least(&rest) {
                        let number = numbers(&solvency)[branch];
                        table.scenarios[number].factor *= 2;
                        continue;
                    }
                    worst
                }
            };
            account.cash += (-worst).div_ceil(&quantum()).to_i128().expect("cash") - 1;
            return Self::new(market, witness(account, &table), &[RANGE]);
        }
        panic!("{kind:?}: nothing is lost");
    }

    fn new(market: &'static Market, witness: SolvencyWitness, stops: &[&str]) -> Self {
        let (instance, plan) = (witness.instance(), Plan::default());
        let honest = capture(&witness, &plan, instance.clone(), &market.values);
        let scene = Self {
            market,
            witness,
            plan,
            instance,
            honest: Arc::new(honest),
        };
        scene.stopped_by(stops);
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
        self.honest.value(cell)
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
        let own =
            super::super::solvency_instance(slots.shape, table, commitment, fr(CONTEXT.into()));
        own.expect("an instance") == self.instance
    }

    pub fn image(&self) -> Image<Fr> {
        let instance = self.instance.clone();
        capture(&self.witness, &self.plan, instance, &self.market.values)
    }

    /// The names of what fails.
    pub fn failures(&self) -> BTreeSet<String> {
        let image = self.image();
        let index = Index::new(&image);
        names(&image, &Judge::new(&index).judge_all())
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
