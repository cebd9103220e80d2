//! The circuits under attack: every statement in every shape, with accounts to prove.

use std::path::Path;

use halo2curves::bn256::Fr;
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::ToPrimitive;
use rand_chacha::ChaCha8Rng;
use rand_core::{RngCore, SeedableRng};
use zkmargin_circuits::{
    circuit::{LiquidationCircuit, Witness},
    engine::{Portfolio, quantum},
    model::{Account, LoadError, Policy, Snapshot, read_json},
    public::{PublicTable, TableError},
    shape::{Shape, Statement},
    slots::{AssetSlot, FutureSlot, OptionSlot, SlotError, Slots},
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
    /// A statement that no scene is written for: write one, so that its circuit is attacked.
    #[error("no scene for statement {statement}")]
    Statement {
        /// The statement.
        statement: Statement,
    },
    /// No scenario breaks the account.
    #[error("the account of scene {name} is under-margined under no scenario")]
    Healthy {
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
    pub circuit: LiquidationCircuit,
    /// The instance columns.
    pub instance: Vec<Vec<Fr>>,
}

/// Market and rules of the samples.
fn table() -> Result<PublicTable, SceneError> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples");
    let snapshot: Snapshot = read_json(&folder.join("snapshot.json"))?;
    let policy: Policy = read_json(&folder.join("policy.json"))?;
    Ok(PublicTable::new(&snapshot, &policy)?)
}

/// Every circuit that exists.
pub fn circuits() -> impl Iterator<Item = (Statement, Shape)> {
    Statement::ALL
        .into_iter()
        .flat_map(|statement| Shape::ALL.map(|shape| (statement, shape)))
}

impl Scene {
    /// The sample account: some slots are padding.
    ///
    /// # Errors
    /// [`SceneError`].
    pub fn sample(statement: Statement, shape: Shape) -> Result<Self, SceneError> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples");
        let account: Account = read_json(&folder.join("account-small.json"))?;
        let slots = Slots::new(&account, shape)?;
        Self::worst(statement, slots, "sample")
    }

    /// A random account that fills every slot; one seed, one account.
    ///
    /// # Errors
    /// [`SceneError`].
    pub fn random(statement: Statement, shape: Shape, seed: u64) -> Result<Self, SceneError> {
        let table = table()?;
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        loop {
            let mut slots = full(shape, &table, &mut rng);
            let scenario = below(&mut rng, table.scenarios as u64) as usize;
            // Cash such that the account is short by a random amount, small or large.
            let bits = 1 + below(&mut rng, 50);
            let wanted = 1 + below(&mut rng, 1 << bits);
            let totals = Portfolio::new(&slots, &table, scenario).map(|p| p.totals);
            let shortfall = totals.map_or(BigInt::ZERO, |t| t.shortfall().div_floor(&quantum()));
            slots.cash += shortfall.to_i128().unwrap_or(0) - i128::from(wanted);
            match Self::under(
                statement,
                slots,
                &table,
                scenario,
                &format!("random {seed}"),
            ) {
                // A negative requirement or too much cash: another account.
                Err(SceneError::Healthy { .. }) => {}
                result => return result,
            }
        }
    }

    fn worst(statement: Statement, slots: Slots, account: &str) -> Result<Self, SceneError> {
        let table = table()?;
        let guilty = |s: &usize| Witness::new(slots.clone(), &table, *s, Fr::one()).is_ok();
        let scenario = (0..table.scenarios).rfind(guilty).unwrap_or(0);
        Self::under(statement, slots, &table, scenario, account)
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
        match statement {
            Statement::Liquidation => {
                let context = Fr::from_raw([7, 11, 13, 0]);
                let Ok(witness) = Witness::new(slots, table, scenario, context) else {
                    return Err(SceneError::Healthy { name });
                };
                Ok(Self {
                    name,
                    statement,
                    shape,
                    instance: witness.instance(),
                    circuit: LiquidationCircuit::with_witness(witness),
                })
            }
            statement => Err(SceneError::Statement { statement }),
        }
    }
}

fn below(rng: &mut ChaCha8Rng, bound: u64) -> u64 {
    rng.next_u64() % bound.max(1)
}

/// A size of either sign below 1,000 units.
fn size(rng: &mut ChaCha8Rng) -> i128 {
    i128::from(below(rng, 200_000_000_000)) - 100_000_000_000
}

/// Every slot taken; strikes from 100 to 1,000,000 USD.
fn full(shape: Shape, table: &PublicTable, rng: &mut ChaCha8Rng) -> Slots {
    let capacity = shape.capacity();
    let mut options: Vec<OptionSlot> = Vec::new();
    while options.len() < capacity.options {
        let group = 1 + below(rng, table.options.len() as u64 - 1) as usize;
        let digits = 10u64.pow(10 + below(rng, 4) as u32);
        let strike = i128::from(digits + below(rng, 9 * digits));
        let key = table.options[group].key;
        if !options.iter().any(|o| (o.key, o.strike) == (key, strike)) {
            options.push(OptionSlot {
                key,
                strike,
                calls: size(rng),
                puts: size(rng),
            });
        }
    }
    options.sort_by_key(|o| (o.key, o.strike));
    let mut futures: Vec<FutureSlot> = choose(rng, table.futures.len(), capacity.futures)
        .into_iter()
        .map(|group| FutureSlot {
            key: table.futures[group].key,
            size: size(rng),
            entry: i128::from(1 + below(rng, 10_000_000_000_000)),
            funding_index: size(rng),
        })
        .collect();
    futures.sort_by_key(|f| f.key);
    let mut assets: Vec<AssetSlot> = choose(rng, table.assets.len(), capacity.assets)
        .into_iter()
        .map(|group| AssetSlot {
            key: table.assets[group].key,
            amount: size(rng).abs(),
        })
        .collect();
    assets.sort_by_key(|a| a.key);
    let padding = (
        capacity.futures - futures.len(),
        capacity.assets - assets.len(),
    );
    let no_future = FutureSlot {
        key: 0,
        size: 0,
        entry: 0,
        funding_index: 0,
    };
    let no_asset = AssetSlot { key: 0, amount: 0 };
    futures.splice(..0, std::iter::repeat_n(no_future, padding.0));
    assets.splice(..0, std::iter::repeat_n(no_asset, padding.1));
    Slots {
        shape,
        owner: Fr::from_raw([rng.next_u64(), rng.next_u64(), 0, 0]),
        salt: Fr::from_raw([rng.next_u64(), rng.next_u64(), rng.next_u64(), 0]),
        sequence: below(rng, 1 << 40),
        cash: 0,
        options,
        futures,
        assets,
    }
}

/// Up to `count` groups other than the empty one.
fn choose(rng: &mut ChaCha8Rng, groups: usize, count: usize) -> Vec<usize> {
    let mut left: Vec<usize> = (1..groups).collect();
    let mut chosen = Vec::new();
    while chosen.len() < count && !left.is_empty() {
        let at = below(rng, left.len() as u64) as usize;
        chosen.push(left.swap_remove(at));
    }
    chosen
}
