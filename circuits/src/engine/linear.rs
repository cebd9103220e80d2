//! Futures, collateral and swaps: positions whose value is linear in what the public table says of them.

use num_bigint::BigInt;

use super::exposure::{self, Exposure, raise};
use super::portfolio::SCALE_BITS;
use crate::{
    public::{
        AssetGroup, FutureGroup, MOVE_BITS, PRICE_FRACTION_BITS, SWAP_LOSS_BITS, ScenarioRow,
        SwapGroup, live,
    },
    secret::secret,
    slots::{AssetSlot, FutureSlot, SwapSlot},
};

/// A price's rounding, half a unit of 1e-24 USD, in the unit of a swap's value per contract: twice that.
pub const SWAP_EPSILON: i128 = 10_000;
/// Units of a swap's price, 1e-24 USD, in those of its strike's part, 1e-28.
pub const PRICE_UNIT: i128 = 10_000;
/// The unit 1 for a strike that counts by itself and not by its square.
pub const ONE: i128 = 100_000_000;
/// What a spot move times a mark is raised by to the unit of losses.
pub const FUTURE_RAISE: u32 = SCALE_BITS - MOVE_BITS;
/// What a spot move times a balance's value is raised by.
pub const ASSET_RAISE: u32 = SCALE_BITS - MOVE_BITS - PRICE_FRACTION_BITS;
/// What a swap's loss is raised by.
pub const SWAP_RAISE: u32 = SCALE_BITS - SWAP_LOSS_BITS;
/// Bits of a swap's loss before that, either sign: 65 quadrillion USD.
pub const SWAP_LOSS_RANGE: u32 = 129;

/// A future.
#[derive(Clone)]
pub struct FutureTrace {
    /// Index of the group in the public table.
    pub group: usize,
    /// Value; units 1e-36 USD.
    pub value: BigInt,
    /// Loss under the scenario; units 1e-16 USD x 2^-132.
    pub loss: BigInt,
    /// Charge; units 1e-24 USD.
    pub charge: BigInt,
    /// Funding to come that is to pay; units 1e-24 USD.
    pub funding: BigInt,
    /// Number of the underlying.
    pub underlying: usize,
    /// Exposure.
    pub exposure: Exposure,
}

/// A collateral balance.
#[derive(Clone)]
pub struct AssetTrace {
    /// Index of the group in the public table, which is the number of the underlying.
    pub group: usize,
    /// Value; units 1e-36 USD.
    pub value: BigInt,
    /// What the scenario's spot move moves; units 1e-16 USD x 2^-14.
    pub moving: BigInt,
    /// Loss under the scenario; units 1e-16 USD x 2^-132.
    pub loss: BigInt,
    /// Value before haircut, and what of it is illiquid; units 1e-16 USD x 2^-14.
    pub mix: [BigInt; 2],
}

/// A power perpetual, variance or volatility swap.
#[derive(Clone)]
pub struct SwapTrace {
    /// Index of the group in the public table.
    pub group: usize,
    /// Strike, or its square; units 1e-16.
    pub strike: i128,
    /// Value, with the bound of its error added; units 1e-36 USD.
    pub value: BigInt,
    /// Loss under the scenario; units 1e-16 USD x 2^-20.
    pub lost: BigInt,
    /// The same; units 1e-16 USD x 2^-132.
    pub loss: BigInt,
    /// Charge; units 1e-24 USD.
    pub charge: BigInt,
    /// Number of the underlying.
    pub underlying: usize,
    /// Exposure.
    pub exposure: Exposure,
}

secret!(FutureTrace {
    group,
    value,
    loss,
    charge,
    funding,
    underlying,
    exposure
});
secret!(AssetTrace {
    group,
    value,
    moving,
    loss,
    mix
});
secret!(SwapTrace {
    group,
    strike,
    value,
    lost,
    loss,
    charge,
    underlying,
    exposure
});

/// 10^20: units of 1e-16 USD in those of a value.
pub fn future_unit() -> BigInt {
    BigInt::from(10u8).pow(20)
}

/// 10^12: units of 1e-24 USD in those of a value.
pub fn asset_unit() -> BigInt {
    BigInt::from(10u8).pow(12)
}

/// A future of a group under a scenario.
pub fn future(
    number: usize,
    group: &FutureGroup,
    slot: &FutureSlot,
    scenario: ScenarioRow,
) -> FutureTrace {
    let per_unit = group.price - slot.entry + slot.funding_index;
    let moved = BigInt::from(slot.size * group.mark) * scenario.spot;
    let gross = BigInt::from(slot.size.abs() * group.mark) * scenario.gross;
    FutureTrace {
        group: number,
        value: BigInt::from(slot.size * per_unit) * future_unit(),
        loss: (gross << raise::FUTURE) - (moved << FUTURE_RAISE),
        charge: BigInt::from(slot.size.abs()) * group.charge,
        funding: BigInt::from(slot.size) * group.funding,
        underlying: group.underlying,
        exposure: exposure::future(group, slot),
    }
}

/// A balance of a group under a scenario.
pub fn asset(
    number: usize,
    group: &AssetGroup,
    slot: &AssetSlot,
    scenario: ScenarioRow,
) -> AssetTrace {
    let amount = BigInt::from(slot.amount);
    let moving = &amount * group.moving;
    AssetTrace {
        group: number,
        value: &amount * group.value * asset_unit(),
        loss: -((&moving * scenario.spot) << ASSET_RAISE),
        moving,
        mix: [&amount * group.full, amount * group.illiquid],
    }
}

/// A swap of a group under a scenario; `None` if the group does not have it.
pub fn swap(
    number: usize,
    group: &SwapGroup,
    scenario: usize,
    slot: &SwapSlot,
) -> Option<SwapTrace> {
    let scenario = live(group.id.is_some(), scenario);
    let [signed, held] = *group.scenarios.get(scenario)?;
    let squared = group.id.is_some_and(|(_, kind)| kind.squared());
    let strike = slot.strike * if squared { slot.strike } else { ONE };
    let error = BigInt::from(slot.size.abs()) * SWAP_EPSILON;
    let per_unit = BigInt::from(group.price) * PRICE_UNIT - BigInt::from(group.discount) * strike;
    let lost = BigInt::from(signed) * slot.size + BigInt::from(held) * slot.size.abs();
    Some(SwapTrace {
        group: number,
        strike,
        value: per_unit * slot.size + &error,
        loss: &lost << SWAP_RAISE,
        lost,
        charge: BigInt::from(slot.size.abs()) * group.charge,
        underlying: group.underlying,
        exposure: exposure::swap(group, slot),
    })
}
