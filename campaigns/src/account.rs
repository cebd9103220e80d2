//! Random accounts that fill every slot.

use halo2curves::bn256::Fr;
use rand_chacha::ChaCha8Rng;
use rand_core::RngCore;
use zkmargin_circuits::{
    public::{PerpetualSide, PublicTable, SwapKind},
    shape::Shape,
    slots::{AssetSlot, FutureSlot, OptionSlot, Slots, SwapSlot},
};

/// Below the bound, which is taken for 1 if it is 0.
pub(crate) fn below(rng: &mut ChaCha8Rng, bound: u64) -> u64 {
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
pub(crate) fn full(shape: Shape, table: &PublicTable, rng: &mut ChaCha8Rng) -> Slots {
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
