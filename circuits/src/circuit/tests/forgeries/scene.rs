//! Random honest scenes.

use std::{collections::BTreeMap, sync::LazyLock};

use ff::Field;
use halo2curves::bn256::Fr;
use num_integer::Integer;
use num_traits::ToPrimitive;
use rand_chacha::ChaCha8Rng;
use rand_core::{RngCore, SeedableRng};

use super::super::harness::{Scene, sample, table};
use crate::{
    engine::{Portfolio, TERM_BITS, quantum},
    model::{Account, CASH_BITS},
    public::{OptionGroup, PublicTable},
    shape::Shape,
    slots::{AssetSlot, FutureSlot, OptionSlot, Slots},
};

static TABLE: LazyLock<PublicTable> = LazyLock::new(table);

/// Random numbers of one place in the campaign.
pub fn dice(seed: u64, shape: Shape, round: usize, lie: usize) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream((u64::from(shape.code()) << 56) | ((lie as u64) << 40) | round as u64);
    rng
}

/// Below `n`.
pub fn below(rng: &mut impl RngCore, n: i128) -> i128 {
    (i128::from(rng.next_u64()) << 62 | i128::from(rng.next_u64() >> 2)) % n
}

/// Of every size below `2^bits`, 0 and 1 included.
pub fn any_size(rng: &mut impl RngCore, bits: i128) -> i128 {
    let bits = below(rng, bits + 1);
    below(rng, 1 << bits)
}

/// The scene in which the shortfall is `wanted`; `None` if that is out of the model's range.
pub fn funded(
    mut slots: Slots,
    table: &PublicTable,
    forged: &PublicTable,
    scenario: usize,
    wanted: i128,
) -> Option<Scene> {
    let totals = Portfolio::new(&slots, forged, scenario).ok()?.totals;
    slots.cash += totals.shortfall().div_floor(&quantum()).to_i128()? - wanted;
    let requirement = totals.requirement().div_floor(&quantum()).to_i128()?;
    let ok = slots.cash.unsigned_abs() < 1 << CASH_BITS
        && (0..1 << TERM_BITS).contains(&requirement)
        && (1..1 << TERM_BITS).contains(&wanted);
    ok.then(|| Scene::new(slots, table, forged, scenario))
}

/// A strike near the forward, at a node of the smile, or anywhere.
fn strike(rng: &mut ChaCha8Rng, group: &OptionGroup) -> i128 {
    let forward = (group.base.discounted_forward / group.base.discount.max(1)).max(1);
    let strike = match below(rng, 8) {
        0 => any_size(rng, 50),
        1 => group.smile[below(rng, group.smile.len() as i128) as usize].low - below(rng, 2),
        _ => forward / 2 + below(rng, forward),
    };
    strike.clamp(1, (1 << 50) - 1)
}

fn signed(rng: &mut ChaCha8Rng, bits: i128) -> i128 {
    let size = any_size(rng, bits);
    if below(rng, 2) == 1 { -size } else { size }
}

/// How many of `capacity` slots are taken: all of them every other time, two at least.
fn filled(rng: &mut ChaCha8Rng, capacity: usize, markets: usize) -> usize {
    let most = capacity.min(markets);
    if below(rng, 2) == 0 {
        most
    } else {
        2 + below(rng, most as i128 - 1) as usize
    }
}

fn slots(rng: &mut ChaCha8Rng, shape: Shape) -> Slots {
    let mut account: Account = sample("account-small.json");
    (account.options, account.futures, account.collateral) = Default::default();
    let mut slots = Slots::new(&account, shape).expect("empty");
    (slots.owner, slots.salt) = (Fr::random(&mut *rng), Fr::random(&mut *rng));
    slots.sequence = rng.next_u64() >> 4;
    let group = |rng: &mut ChaCha8Rng, n: usize| 1 + below(rng, n as i128 - 1) as usize;

    let mut options = BTreeMap::new();
    let count = filled(rng, slots.options.len(), usize::MAX);
    while options.len() < count {
        let g = group(rng, TABLE.options.len());
        let strike = strike(rng, &TABLE.options[g]);
        let key = TABLE.options[g].key;
        let [calls, puts] = [34, 34].map(|bits| signed(rng, bits));
        let slot = OptionSlot {
            key,
            strike,
            calls,
            puts,
        };
        options.insert((key, strike), slot);
    }
    let mut futures = BTreeMap::new();
    let count = filled(rng, slots.futures.len(), TABLE.futures.len() - 1);
    while futures.len() < count {
        let market = &TABLE.futures[group(rng, TABLE.futures.len())];
        let slot = FutureSlot {
            key: market.key,
            size: signed(rng, 34),
            entry: market.price.max(2) / 2 + below(rng, market.price.max(2)),
            funding_index: signed(rng, 30),
        };
        futures.insert(market.key, slot);
    }
    let mut assets = BTreeMap::new();
    let count = filled(rng, slots.assets.len(), TABLE.assets.len() - 1);
    while assets.len() < count {
        let key = TABLE.assets[group(rng, TABLE.assets.len())].key;
        let amount = any_size(rng, 36);
        assets.insert(key, AssetSlot { key, amount });
    }
    slots.options.splice(..options.len(), []);
    slots.options.extend(options.into_values());
    slots.futures.splice(..futures.len(), []);
    slots.futures.extend(futures.into_values());
    slots.assets.splice(..assets.len(), []);
    slots.assets.extend(assets.into_values());
    slots
}

/// A random under-margined account under a random scenario.
pub fn honest(rng: &mut ChaCha8Rng, shape: Shape) -> Scene {
    loop {
        let slots = slots(rng, shape);
        let scenario = below(rng, TABLE.scenarios as i128) as usize;
        // Mostly far from the threshold, so that most lies leave it under-margined.
        let wanted = match below(rng, 8) {
            0 => 1 + below(rng, 10),
            1 => 1 + any_size(rng, 58),
            _ => (1 << 50) + any_size(rng, 56),
        };
        if let Some(scene) = funded(slots, &TABLE, &TABLE, scenario, wanted) {
            return scene;
        }
    }
}
