//! Futures, collateral and swaps: positions whose value is linear in what the public table says of them.

use num_bigint::BigInt;

use super::exposure::{self, Exposure};
use crate::{
    public::{AssetGroup, FutureGroup, SwapGroup},
    secret::secret,
    slots::{AssetSlot, FutureSlot, SwapSlot},
};

/// A price's rounding, half a unit of 1e-24 USD, in the unit of a swap's value per contract: twice that.
pub const SWAP_EPSILON: i128 = 10_000;
/// Units of a swap's price, 1e-24 USD, in those of its strike's part, 1e-28.
pub const PRICE_UNIT: i128 = 10_000;
/// The unit 1 for a strike that counts by itself and not by its square.
pub const ONE: i128 = 100_000_000;

/// A future.
#[derive(Clone)]
pub struct FutureTrace {
    /// Index of the group in the public table.
    pub group: usize,
    /// Value; units 1e-36 USD.
    pub value: BigInt,
    /// What the scenario's spot move moves; units 1e-24 USD.
    pub notional: BigInt,
    /// Charge; units 1e-16 USD.
    pub charge: i128,
    /// Number of the underlying.
    pub underlying: usize,
    /// Exposure.
    pub exposure: Exposure,
}

/// A collateral balance.
#[derive(Clone)]
pub struct AssetTrace {
    /// Index of the group in the public table.
    pub group: usize,
    /// Value, which the scenario's spot move moves; units 1e-24 USD.
    pub notional: BigInt,
    /// The same; units 1e-36 USD.
    pub value: BigInt,
    /// Exposure; the underlying is the group.
    pub exposure: Exposure,
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
    /// Loss under the scenario, with the bound of its error taken off; units 1e-36 USD.
    pub loss: BigInt,
    /// Charge; units 1e-16 USD.
    pub charge: BigInt,
    /// Number of the underlying.
    pub underlying: usize,
    /// Exposure.
    pub exposure: Exposure,
}

secret!(FutureTrace {
    group,
    value,
    notional,
    charge,
    underlying,
    exposure
});
secret!(AssetTrace {
    group,
    notional,
    value,
    exposure
});
secret!(SwapTrace {
    group,
    strike,
    value,
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

/// A future of a group.
pub fn future(number: usize, group: &FutureGroup, slot: &FutureSlot) -> FutureTrace {
    let per_unit = group.price - slot.entry + slot.funding_index;
    FutureTrace {
        group: number,
        value: BigInt::from(slot.size * per_unit) * future_unit(),
        notional: BigInt::from(slot.size * group.mark) * ONE,
        charge: slot.size.abs() * group.charge,
        underlying: group.underlying,
        exposure: exposure::future(group, slot),
    }
}

/// A balance of a group.
pub fn asset(number: usize, group: &AssetGroup, slot: &AssetSlot) -> AssetTrace {
    let notional = BigInt::from(slot.amount) * group.value;
    AssetTrace {
        group: number,
        value: &notional * asset_unit(),
        notional,
        exposure: exposure::asset(group, slot),
    }
}

/// A swap of a group under a scenario; `None` if the group does not have it.
pub fn swap(
    number: usize,
    group: &SwapGroup,
    scenario: usize,
    slot: &SwapSlot,
) -> Option<SwapTrace> {
    let (base, moved) = (*group.prices.first()?, *group.prices.get(scenario)?);
    let squared = group.id.is_some_and(|(_, kind)| kind.squared());
    let strike = slot.strike * if squared { slot.strike } else { ONE };
    let error = BigInt::from(slot.size.abs()) * SWAP_EPSILON;
    let per_unit = BigInt::from(base) * PRICE_UNIT - BigInt::from(group.discount) * strike;
    Some(SwapTrace {
        group: number,
        strike,
        value: per_unit * slot.size + &error,
        loss: BigInt::from(base - moved) * PRICE_UNIT * slot.size - error * 2,
        charge: BigInt::from(slot.size.abs()) * group.charge,
        underlying: group.underlying,
        exposure: exposure::swap(group, slot),
    })
}
