//! The circuits under attack: every statement in every shape, with accounts to prove.

use std::path::{Path, PathBuf};

use halo2curves::bn256::Fr;
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::ToPrimitive;
use rand_chacha::ChaCha8Rng;
use rand_core::SeedableRng;
use zkmargin_circuits::{
    circuit::{LiquidationCircuit, SolvencyCircuit, SolvencyWitness, Witness},
    engine::{EngineError, Portfolio, Solvency, quantum},
    model::{
        Account, DisclosureLevel, Dollars, LoadError, LongOptions, Netting, Policy, Snapshot,
        read_json,
    },
    public::{PublicTable, ScenarioClass, ScenarioRow, TableError},
    shape::{Shape, Statement},
    slots::{SlotError, Slots},
};

use crate::{
    account::{below, full},
    circuit::AnyCircuit,
};

/// Why there is nothing to attack.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SceneError {
    /// A sample file.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The sample snapshot and policy.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The sample account.
    #[error(transparent)]
    Slots(#[from] SlotError),
    /// An account that the market has no price for.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// A statement that no scene is written for: write one, so that its circuit is attacked.
    #[error("no scene for statement {statement}")]
    Statement {
        /// The statement.
        statement: Statement,
    },
    /// The statement is false of the account, or its numbers outgrow the circuit.
    #[error("the account of scene {name} has no proof")]
    False {
        /// The scene.
        name: String,
    },
}

/// A circuit with its witness, and what its verifier holds.
#[derive(Clone, Debug)]
pub struct Scene {
    /// Statement, shape and account.
    pub name: String,
    /// The statement.
    pub statement: Statement,
    /// The shape.
    pub shape: Shape,
    /// The circuit with its witness.
    pub circuit: AnyCircuit,
    /// The instance columns.
    pub instance: Vec<Vec<Fr>>,
}

/// Tick of disclosed exposures, USD.
const EXPOSURE_TICK: i64 = 1000;

/// What decides the requirement that is proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Branch {
    /// Whichever is worst: a solvency proof holds under all.
    Any,
    /// A scenario that moves prices and volatilities.
    Moved,
    /// A skew: gains count as losses.
    Skew,
    /// The basis loss.
    Basis,
    /// The delta charge.
    Delta,
}

impl Branch {
    /// What a statement's random accounts differ in.
    pub const fn of(statement: Statement) -> &'static [Self] {
        match statement {
            Statement::Solvency => &[Self::Any],
            _ => &[Self::Moved, Self::Skew, Self::Basis, Self::Delta],
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Any => "any branch",
            Self::Moved => "moved",
            Self::Skew => "skew",
            Self::Basis => "basis",
            Self::Delta => "delta charge",
        }
    }

    /// The table's numbers of it.
    fn scenarios(self, table: &PublicTable) -> Vec<usize> {
        let of = |(number, row): (usize, &ScenarioRow)| {
            let branch = if table.delta == Some(number) {
                Self::Delta
            } else if table.basis == Some(number) {
                Self::Basis
            } else if row.class == ScenarioClass::Skew {
                Self::Skew
            } else {
                Self::Moved
            };
            (self == Self::Any || branch == self).then_some(number)
        };
        table.scenarios.iter().enumerate().filter_map(of).collect()
    }
}

fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples")
}

/// Market and rules of the samples; nothing is disclosed.
fn sample_table() -> Result<PublicTable, SceneError> {
    let snapshot: Snapshot = read_json(&samples().join("snapshot.json"))?;
    let mut policy: Policy = read_json(&samples().join("policy.json"))?;
    policy.disclosure.level = DisclosureLevel::Verdict;
    Ok(PublicTable::new(&snapshot, &policy)?)
}

/// The samples' market under every rule, so that every chip has cells that are not trivial; exposures are disclosed.
fn every_rule() -> Result<PublicTable, SceneError> {
    let snapshot: Snapshot = read_json(&samples().join("snapshot.json"))?;
    let rules = samples().join("../fuzz-targets/fixtures/policy.json");
    let mut policy: Policy = read_json(&rules)?;
    policy.long_options = LongOptions::Excluded;
    let short = &mut policy.contingencies.short_option;
    (short.netting, short.initial_floor) = (Netting::Strike, None);
    policy.disclosure.level = DisclosureLevel::TermsAndGreeks;
    policy.disclosure.exposure_tick = Some(Dollars::from_units(EXPOSURE_TICK));
    Ok(PublicTable::new(&snapshot, &policy)?)
}

/// Every circuit that exists.
pub fn circuits() -> impl Iterator<Item = (Statement, Shape)> {
    Statement::ALL
        .into_iter()
        .flat_map(|statement| Shape::ALL.map(|shape| (statement, shape)))
}

impl Scene {
    /// log2 of the circuit's rows.
    pub const fn k(&self) -> u32 {
        self.statement.k(self.shape)
    }

    /// The sample account under the sample policy, nothing disclosed: some slots are padding.
    ///
    /// # Errors
    /// [`SceneError`].
    pub fn sample(statement: Statement, shape: Shape) -> Result<Self, SceneError> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples");
        let account: Account = read_json(&folder.join("account-small.json"))?;
        let slots = Slots::new(&account, shape)?;
        let table = sample_table()?;
        match statement {
            Statement::Solvency => Self::healthy(slots, &table, "sample"),
            _ => Self::worst(statement, slots, &table, "sample"),
        }
    }

    /// A random account that fills every slot, under every rule, with exposures disclosed; one seed and branch, one account.
    ///
    /// # Errors
    /// [`SceneError`].
    pub fn random(
        statement: Statement,
        shape: Shape,
        seed: u64,
        branch: Branch,
    ) -> Result<Self, SceneError> {
        let table = every_rule()?;
        let numbers = branch.scenarios(&table);
        let name = format!("random {seed} {}", branch.name());
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        loop {
            let mut slots = full(shape, &table, &mut rng);
            if statement == Statement::Solvency {
                match Self::healthy(slots, &table, &name) {
                    Err(SceneError::False { .. }) => continue,
                    result => return result,
                }
            }
            let number = below(&mut rng, numbers.len() as u64) as usize;
            let scenario = numbers.get(number).copied().unwrap_or(0);
            // Cash such that the account is short by a random amount, small or large.
            let bits = 1 + below(&mut rng, 50);
            let wanted = 1 + below(&mut rng, 1 << bits);
            let totals = Portfolio::new(&slots, &table, scenario).map(|p| p.totals.shortfall());
            let shortfall = totals.map_or(BigInt::ZERO, |s| s.div_floor(&quantum()));
            slots.cash += shortfall.to_i128().unwrap_or(0) - i128::from(wanted);
            match Self::under(statement, slots, &table, scenario, &name) {
                // A negative requirement or too much cash: another account.
                Err(SceneError::False { .. }) => {}
                result => return result,
            }
        }
    }

    fn worst(
        statement: Statement,
        slots: Slots,
        table: &PublicTable,
        account: &str,
    ) -> Result<Self, SceneError> {
        let guilty = |s: &usize| Witness::new(slots.clone(), table, *s, Fr::one()).is_ok();
        let scenario = (0..table.scenarios.len()).rfind(guilty).unwrap_or(0);
        Self::under(statement, slots, table, scenario, account)
    }

    /// The account with the least cash that keeps it healthy: at the threshold a lie tells.
    fn healthy(mut slots: Slots, table: &PublicTable, account: &str) -> Result<Self, SceneError> {
        let solvency = Solvency::new(&slots, table)?;
        let missing = solvency.slacks.iter().min();
        let missing = missing.map_or(BigInt::ZERO, |worst| (-worst).div_ceil(&quantum()));
        slots.cash += missing.to_i128().unwrap_or(0);
        Self::under(Statement::Solvency, slots, table, 0, account)
    }

    fn under(
        statement: Statement,
        slots: Slots,
        table: &PublicTable,
        scenario: usize,
        account: &str,
    ) -> Result<Self, SceneError> {
        let shape = slots.shape;
        let name = format!("{statement} {shape}, {account} account");
        let context = Fr::from_raw([7, 11, 13, 0]);
        match statement {
            Statement::Solvency => {
                let Ok(witness) = SolvencyWitness::new(slots, table, context) else {
                    return Err(SceneError::False { name });
                };
                Ok(Self {
                    name,
                    statement,
                    shape,
                    instance: witness.instance(),
                    circuit: AnyCircuit::Solvency(SolvencyCircuit::with_witness(witness)),
                })
            }
            Statement::Liquidation => {
                let Ok(witness) = Witness::new(slots, table, scenario, context) else {
                    return Err(SceneError::False { name });
                };
                Ok(Self {
                    name,
                    statement,
                    shape,
                    instance: witness.instance(),
                    circuit: AnyCircuit::Liquidation(LiquidationCircuit::with_witness(witness)),
                })
            }
            statement => Err(SceneError::Statement { statement }),
        }
    }
}
