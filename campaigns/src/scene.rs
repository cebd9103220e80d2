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
    model::{Account, Dollars, LoadError, Policy, Snapshot, read_json},
    public::{PerpetualSide, PublicTable, SwapKind, TableError},
    shape::{Shape, Statement},
    slots::{AssetSlot, FutureSlot, OptionSlot, SlotError, Slots, SwapSlot},
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

/// Tick of disclosed exposures, USD.
const EXPOSURE_TICK: i64 = 1000;

/// Market and rules of the samples; exposures are disclosed or hidden.
fn table(shown: bool) -> Result<PublicTable, SceneError> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples");
    let snapshot: Snapshot = read_json(&folder.join("snapshot.json"))?;
    let mut policy: Policy = read_json(&folder.join("policy.json"))?;
    policy.disclosure.exposure_tick = shown.then(|| Dollars::from_units(EXPOSURE_TICK));
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

    /// A random account that fills every slot, under a policy that discloses exposures; one seed, one account.
    ///
    /// # Errors
    /// [`SceneError`].
    pub fn random(statement: Statement, shape: Shape, seed: u64) -> Result<Self, SceneError> {
        let table = table(true)?;
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        loop {
            let mut slots = full(shape, &table, &mut rng);
            let scenario = below(&mut rng, table.scenarios.len() as u64) as usize;
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
        let table = table(false)?;
        let guilty = |s: &usize| Witness::new(slots.clone(), &table, *s, Fr::one()).is_ok();
        let scenario = (0..table.scenarios.len()).rfind(guilty).unwrap_or(0);
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

/// A strike from 100 to 1,000,000 USD.
fn strike(rng: &mut ChaCha8Rng) -> i128 {
    let digits = 10u64.pow(10 + below(rng, 4) as u32);
    i128::from(digits + below(rng, 9 * digits))
}

/// `count` slots of different (group, strike); a group's slot is made by `hold`.
fn strikes(
    rng: &mut ChaCha8Rng,
    groups: usize,
    count: usize,
    hold: impl Fn(&mut ChaCha8Rng, usize, i128) -> OptionSlot,
) -> Vec<OptionSlot> {
    let mut slots: Vec<OptionSlot> = Vec::new();
    while slots.len() < count {
        let group = 1 + below(rng, groups as u64 - 1) as usize;
        let strike = strike(rng);
        let slot = hold(rng, group, strike);
        if !slots
            .iter()
            .any(|o| (o.key, o.strike) == (slot.key, strike))
        {
            slots.push(slot);
        }
    }
    slots.sort_by_key(|o| (o.key, o.strike));
    slots
}

/// A section with padding in front of what `hold` makes of some of the groups, in their order.
fn section<S: Clone>(
    rng: &mut ChaCha8Rng,
    groups: usize,
    count: usize,
    padding: S,
    hold: impl Fn(&mut ChaCha8Rng, usize) -> S,
) -> Vec<S> {
    let mut chosen = choose(rng, groups, count);
    chosen.sort_unstable();
    let mut slots = vec![padding; count - chosen.len()];
    slots.extend(chosen.into_iter().map(|group| hold(rng, group)));
    slots
}

/// Every slot taken, where there are as many markets.
fn full(shape: Shape, table: &PublicTable, rng: &mut ChaCha8Rng) -> Slots {
    let capacity = shape.capacity();
    let options = strikes(
        rng,
        table.options.len(),
        capacity.options,
        |rng, group, strike| OptionSlot {
            key: table.options[group].key,
            strike,
            calls: size(rng),
            puts: size(rng),
        },
    );
    let groups = &table.perpetual_options;
    let perpetual_options = strikes(
        rng,
        groups.len(),
        capacity.perpetual_options,
        |rng, group, strike| {
            let side = groups[group].id.map(|(_, side)| side);
            OptionSlot {
                key: groups[group].key,
                strike,
                calls: if side == Some(PerpetualSide::AmericanPut) {
                    0
                } else {
                    size(rng)
                },
                puts: if side == Some(PerpetualSide::AmericanCall) {
                    0
                } else {
                    size(rng)
                },
            }
        },
    );
    let no_future = FutureSlot {
        key: 0,
        size: 0,
        entry: 0,
        funding_index: 0,
    };
    let futures = section(
        rng,
        table.futures.len(),
        capacity.futures,
        no_future,
        |rng, group| FutureSlot {
            key: table.futures[group].key,
            size: size(rng),
            entry: i128::from(1 + below(rng, 10_000_000_000_000)),
            funding_index: size(rng),
        },
    );
    let no_asset = AssetSlot { key: 0, amount: 0 };
    let assets = section(
        rng,
        table.assets.len(),
        capacity.assets,
        no_asset,
        |rng, group| AssetSlot {
            key: table.assets[group].key,
            amount: size(rng).abs(),
        },
    );
    let no_swap = SwapSlot {
        key: 0,
        size: 0,
        strike: 0,
    };
    let swaps = section(
        rng,
        table.swaps.len(),
        capacity.swaps,
        no_swap,
        |rng, group| {
            let power = matches!(table.swaps[group].id, Some((_, SwapKind::Power)));
            SwapSlot {
                key: table.swaps[group].key,
                size: size(rng) / if power { 10_000 } else { 1 },
                strike: i128::from(1 + below(rng, if power { 1 << 52 } else { 200_000_000 })),
            }
        },
    );
    Slots {
        shape,
        owner: Fr::from_raw([rng.next_u64(), rng.next_u64(), 0, 0]),
        salt: Fr::from_raw([rng.next_u64(), rng.next_u64(), rng.next_u64(), 0]),
        sequence: below(rng, 1 << 40),
        cash: 0,
        options,
        perpetual_options,
        futures,
        assets,
        swaps,
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
