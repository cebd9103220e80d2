//! Random honest scenes.

use std::{collections::BTreeMap, sync::LazyLock};

use ff::Field;
use halo2curves::bn256::Fr;
use num_integer::Integer;
use num_traits::ToPrimitive;
use rand_chacha::ChaCha8Rng;
use rand_core::{RngCore, SeedableRng};

use super::super::harness::{Scene, preset, sample, table_under};
use crate::{
    engine::{Portfolio, TERM_BITS, quantum},
    model::{Account, CASH_BITS, DisclosureLevel, Policy},
    public::{
        DISCOUNT_BITS, OptionGroup, PerpetualGroup, PerpetualSide, PublicTable, SwapGroup, SwapKind,
    },
    shape::Shape,
    slots::{AssetSlot, FutureSlot, OptionSlot, Slots, SwapSlot},
};

/// The sample market under the sample policy, every preset, and one that has all of their rules; and each of these with
/// exposures disclosed in ticks of 1000 USD, or nothing but the verdict, if it has scenarios.
static TABLES: LazyLock<Vec<PublicTable>> = LazyLock::new(|| {
    let presets = [
        "collateral-ratio",
        "deribit-pm",
        "derive-pmrm2",
        "paradex-pm",
        "standard",
    ];
    let all = [sample::<Policy>("policy.json")].into_iter();
    let all = all
        .chain(presets.into_iter().map(preset))
        .chain([every_rule()]);
    let levels = |policy: Policy| {
        let at = |level, tick: Option<&str>| {
            let mut policy = policy.clone();
            policy.disclosure.level = level;
            policy.disclosure.exposure_tick = tick.map(|tick| tick.parse().expect("decimal"));
            table_under(&policy)
        };
        let mut all = vec![at(DisclosureLevel::Terms, None)];
        if !policy.scenarios.is_empty() {
            all.push(at(DisclosureLevel::TermsAndGreeks, Some("1000")));
            all.push(at(DisclosureLevel::Verdict, None));
        }
        all
    };
    all.flat_map(levels).collect()
});

/// Skews, basis loss, delta charge, charges on exposures, funding and a factor of an asset's own, under so few scenarios
/// that the small shape has room for the table.
pub fn every_rule() -> Policy {
    let mut policy = preset("derive-pmrm2");
    let other = preset("paradex-pm");
    let mut moves = policy.scenarios.iter().filter(|s| !s.vol.is_skew());
    let kept = [moves.next(), moves.next_back()];
    let skews = policy.scenarios.iter().filter(|s| s.vol.is_skew());
    policy.scenarios = kept.into_iter().flatten().chain(skews).cloned().collect();
    policy.delta = other.delta;
    policy.contingencies.provision = other.contingencies.provision;
    let rate = |text: &str| text.parse().expect("decimal");
    for rates in [
        &mut policy.contingencies.gamma,
        &mut policy.contingencies.vega,
    ] {
        (rates.maintenance, rates.initial) = (rate("0.01"), rate("0.01"));
    }
    policy.volatility_trigger = preset("collateral-ratio").volatility_trigger;
    for (trigger, slope) in policy.volatility_trigger.iter_mut().zip(["0.5", "2"]) {
        trigger.reference = rate("0.3");
        (trigger.factor.slope, trigger.factor.cap) = (rate(slope), rate("1"));
    }
    policy
}

/// The tables that a shape has room for.
fn tables(shape: Shape) -> impl Iterator<Item = &'static PublicTable> {
    TABLES.iter().filter(move |table| table.fits(shape).is_ok())
}

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
    if ok {
        Scene::of(slots, table, forged, scenario)
    } else {
        None
    }
}

/// A strike near the forward, at a node of the smile, or anywhere.
fn strike(rng: &mut ChaCha8Rng, group: &OptionGroup) -> i128 {
    let forward = (group.base.discounted_forward / group.base.discount.max(1)).max(1);
    let strike = match below(rng, 8) {
        0 => any_size(rng, 50),
        2 => {
            let scenario = &group.scenarios[below(rng, group.scenarios.len() as i128) as usize];
            let intervals = &scenario.intervals;
            intervals[below(rng, intervals.len() as i128) as usize].low - below(rng, 2)
        }
        1 => group.smile[below(rng, group.smile.len() as i128) as usize].low - below(rng, 2),
        _ => forward / 2 + below(rng, forward),
    };
    strike.clamp(1, (1 << 50) - 1)
}

/// A strike near the spot, around an end of an interval of any scenario, at the ends of all strikes (where the exponent
/// says "nothing"), or anywhere.
fn perpetual_strike(rng: &mut ChaCha8Rng, group: &PerpetualGroup) -> i128 {
    let pick = |rng: &mut ChaCha8Rng, n: usize| below(rng, n as i128) as usize;
    let scenario = &group.scenarios[pick(rng, group.scenarios.len())];
    let spot = (scenario.spot >> DISCOUNT_BITS).max(1);
    let strike = match below(rng, 8) {
        0 => any_size(rng, 50),
        1 => any_size(rng, 12),
        2 => (1 << 50) - 1 - any_size(rng, 48),
        3 | 4 => {
            let interval = &scenario.intervals[pick(rng, scenario.intervals.len())];
            interval.low - below(rng, 2)
        }
        _ => spot / 2 + below(rng, spot),
    };
    strike.clamp(1, (1 << 50) - 1)
}

/// A slot of a perpetual option's group, on the sides that the group prices.
fn perpetual_option(rng: &mut ChaCha8Rng, group: &PerpetualGroup) -> OptionSlot {
    let [calls, puts] = [34, 34].map(|bits| signed(rng, bits));
    let side = group.id.map(|(_, side)| side);
    OptionSlot {
        key: group.key,
        strike: perpetual_strike(rng, group),
        calls: if side == Some(PerpetualSide::AmericanPut) {
            0
        } else {
            calls
        },
        puts: if side == Some(PerpetualSide::AmericanCall) {
            0
        } else {
            puts
        },
    }
}

/// A slot of a swap's group. A unit of a power perpetual is the square of a price, so there are few of them.
fn swap(rng: &mut ChaCha8Rng, group: &SwapGroup) -> SwapSlot {
    let power = group.id.is_some_and(|(_, kind)| kind == SwapKind::Power);
    let (size, strike) = if power { (22, 50) } else { (40, 32) };
    SwapSlot {
        key: group.key,
        size: signed(rng, size),
        strike: any_size(rng, strike),
    }
}

fn signed(rng: &mut ChaCha8Rng, bits: i128) -> i128 {
    let size = any_size(rng, bits);
    if below(rng, 2) == 1 { -size } else { size }
}

/// How many of `capacity` slots are taken: all of them every other time, `least` at least.
fn filled(rng: &mut ChaCha8Rng, capacity: usize, markets: usize, least: usize) -> usize {
    let most = capacity.min(markets);
    if below(rng, 2) == 0 {
        most
    } else {
        least + below(rng, (most - least) as i128 + 1) as usize
    }
}

/// Random positions in every section, at least `least` of options, futures and assets each.
pub fn slots(rng: &mut ChaCha8Rng, table: &PublicTable, shape: Shape, least: usize) -> Slots {
    let mut account: Account = sample("account-small.json");
    (account.options, account.futures, account.collateral) = Default::default();
    account.perpetual_options.clear();
    account.power_perpetuals.clear();
    account.variance.clear();
    let mut slots = Slots::new(&account, shape).expect("empty");
    (slots.owner, slots.salt) = (Fr::random(&mut *rng), Fr::random(&mut *rng));
    slots.sequence = rng.next_u64() >> 4;
    let group = |rng: &mut ChaCha8Rng, n: usize| 1 + below(rng, n as i128 - 1) as usize;

    let mut options = BTreeMap::new();
    let count = filled(rng, slots.options.len(), usize::MAX, least);
    while options.len() < count {
        let g = group(rng, table.options.len());
        let strike = strike(rng, &table.options[g]);
        let key = table.options[g].key;
        let [calls, puts] = [34, 34].map(|bits| signed(rng, bits));
        let slot = OptionSlot {
            key,
            strike,
            calls,
            puts,
        };
        options.insert((key, strike), slot);
    }
    let mut perpetual_options = BTreeMap::new();
    let count = filled(rng, slots.perpetual_options.len(), usize::MAX, least.min(1));
    while perpetual_options.len() < count {
        let g = group(rng, table.perpetual_options.len());
        let slot = perpetual_option(rng, &table.perpetual_options[g]);
        perpetual_options.insert((slot.key, slot.strike), slot);
    }
    let mut futures = BTreeMap::new();
    let count = filled(rng, slots.futures.len(), table.futures.len() - 1, least);
    while futures.len() < count {
        let market = &table.futures[group(rng, table.futures.len())];
        let slot = FutureSlot {
            key: market.key,
            size: signed(rng, 34),
            entry: market.price.max(2) / 2 + below(rng, market.price.max(2)),
            funding_index: signed(rng, 30),
        };
        futures.insert(market.key, slot);
    }
    let mut assets = BTreeMap::new();
    let count = filled(rng, slots.assets.len(), table.assets.len() - 1, least);
    while assets.len() < count {
        let key = table.assets[group(rng, table.assets.len())].key;
        let amount = any_size(rng, 36);
        assets.insert(key, AssetSlot { key, amount });
    }
    let mut swaps = BTreeMap::new();
    let count = filled(rng, slots.swaps.len(), table.swaps.len() - 1, least.min(1));
    while swaps.len() < count {
        let g = group(rng, table.swaps.len());
        let slot = swap(rng, &table.swaps[g]);
        swaps.insert(slot.key, slot);
    }
    slots.options.splice(..options.len(), []);
    slots.options.extend(options.into_values());
    let perpetuals = perpetual_options.len();
    slots.perpetual_options.splice(..perpetuals, []);
    let perpetuals = perpetual_options.into_values();
    slots.perpetual_options.extend(perpetuals);
    slots.futures.splice(..futures.len(), []);
    slots.futures.extend(futures.into_values());
    slots.assets.splice(..assets.len(), []);
    slots.assets.extend(assets.into_values());
    slots.swaps.splice(..swaps.len(), []);
    slots.swaps.extend(swaps.into_values());
    slots
}

/// A random under-margined account under a random scenario of a random policy.
pub fn honest(rng: &mut ChaCha8Rng, shape: Shape) -> Scene {
    let tables: Vec<_> = tables(shape).collect();
    loop {
        let table = tables[below(rng, tables.len() as i128) as usize];
        let scenario = below(rng, table.scenarios.len() as i128) as usize;
        if let Some(scene) = at(rng, shape, table, scenario) {
            return scene;
        }
    }
}

/// One under a policy and scenario that is wanted; `None` if no draw has a witness.
pub fn where_(
    rng: &mut ChaCha8Rng,
    shape: Shape,
    wanted: impl Fn(&PublicTable, usize) -> bool,
) -> Option<Scene> {
    let all = tables(shape).flat_map(|t| (0..t.scenarios.len()).map(move |s| (t, s)));
    let all: Vec<_> = all.filter(|(table, s)| wanted(table, *s)).collect();
    if all.is_empty() {
        return None;
    }
    let mut draw = || {
        let (table, scenario) = all[below(rng, all.len() as i128) as usize];
        at(rng, shape, table, scenario)
    };
    (0..100).find_map(|_| draw())
}

fn at(rng: &mut ChaCha8Rng, shape: Shape, table: &PublicTable, scenario: usize) -> Option<Scene> {
    let slots = slots(rng, table, shape, 2);
    // Mostly far from the threshold, so that most lies leave it under-margined.
    let wanted = match below(rng, 8) {
        0 => 1 + below(rng, 10),
        1 => 1 + any_size(rng, 58),
        _ => (1 << 50) + any_size(rng, 56),
    };
    funded(slots, table, table, scenario, wanted)
}
