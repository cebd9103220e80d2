//! The files' limits (`model/limits`), as factors and bits, and the bits of range checks.

use num_bigint::BigInt;
use num_integer::Integer;

use super::power;
use crate::{
    circuit::{
        sums::SumsChip,
        terms::MONEY_LIMBS,
        total::{QUOTIENT_LIMBS, QUOTIENT_OFFSET_BITS},
    },
    engine::{linear::SWAP_LOSS_RANGE, quantum, run::DISCOUNT_BITS as RUN_BITS},
    model::{MAX_SCENARIOS, ONE},
    public::{OptionScenario, PublicTable, RunRow, SKEW_OFFSET_BITS, SKEW_SLOPE_BITS, TermRules},
    shape::Shape,
};

/// Greatest discount, 1 + spot move, 1 + basis move.
pub const DISCOUNT: u32 = 2;
pub const MOVE: u32 = 11;
pub const BASIS_MOVE: u32 = 2;
/// Greatest static discount and basis share.
pub const STATIC: u32 = 2;
pub const SHARE: u32 = 8;
/// Greatest maintenance factor, rise of an asset's factor and of the incentive where all collateral is illiquid.
pub const FACTOR: u32 = 10;
pub const RISE: u32 = 10;
pub const ILLIQUIDITY: u32 = 10;
/// Greatest base and slope of the incentive, times 1 + the protocol's rise.
pub const BASE: u32 = 11;
pub const SLOPE: u32 = 11_000;
/// Hours of funding to come over those of its rate.
pub const FUNDING: u32 = 90;
/// A stable coin is worth 1/2 at least.
pub const STABLE: u32 = 2;
/// 1 of a rate.
pub fn one() -> BigInt {
    ONE.into()
}
/// An expiry's seconds are below 2^40: 187^2 years.
pub const ROOT_YEARS_BITS: u32 = 8;
/// Bits of a swap's price (`public/swaps.rs`), units 1e-24 USD, and of its loss per unit.
pub const PRICE_BITS: u32 = 126;
pub const SWAP_EACH_BITS: u32 = 103;
/// Bits of a swap's strike, of its range-checked part, and of a discount in units of 1e-12.
pub const SWAP_STRIKE_BITS: u32 = 70;
pub const COUNTED_BITS: u32 = 100;
pub const DECIMAL_DISCOUNT_BITS: u32 = 41;
/// What a skew adds to a bound, in multiples: see `inflation` in `public/skew.rs`.
pub const INFLATION_BITS: u32 = 22;
/// Greatest tilt of a skew: cap below 1 over a width of 0.001.
pub const TILT: u32 = 1000;
/// ln K and ln F are below ln(11 2^50) units.
pub const LN: u32 = 38;
/// Bits of the charge per perpetual option for the errors of charges on gamma, vega and delta (`public/charges.rs`), units
/// 1e-16 USD: convexity 2^52 and relative vega 2^43 + 2^38 38, by the exponential part, 2^53 units of 1e-8 USD, by 2^-19.
pub const ERROR_BITS: u32 = 27 + 52 + 53 - 19 + 1;

/// Range checks, in bits.
pub const MONEY_BITS: u32 = 10 * MONEY_LIMBS as u32;
pub const LOW_BITS: u32 = 50;
pub const HIGH_BITS: u32 = 80;
pub const RAISED_BITS: u32 = 140;
pub const REST_BITS: u32 = 90;
pub const RATE_BITS: u32 = 30;
pub const TICK_BITS: u32 = 50;
pub const MIX_BITS: u32 = 120;
pub const MULTIPLIED_BITS: u32 = 41;
pub const V_LIMB_BITS: u32 = 40;
pub const ROOT_REST_BITS: u32 = 60;
pub const LN_LIMB_BITS: u32 = 60;
pub const LN_REST_BITS: u32 = 50;
pub const DIVISION_BITS: u32 = 70;
pub const ORDER_BITS: u32 = 60;
pub const ID_BITS: u32 = 20;

/// Numbers by name and the bits that an honest one fits in, without those that may have none.
pub const RANGES: [(&str, u32); 14] = [
    ("A, B of d1", DIVISION_BITS),
    ("ln K", LN_LIMB_BITS),
    ("t, distance of volatilities", V_LIMB_BITS),
    ("order, perpetual", ORDER_BITS),
    ("f, swap", COUNTED_BITS),
    ("d, run", 44),
    ("q of O, Y, x", QUOTIENT_OFFSET_BITS),
    ("A where there is a proof", RAISED_BITS),
    ("B where there is a proof", REST_BITS),
    ("a", RATE_BITS),
    ("F", MIX_BITS),
    ("T", 80),
    ("v", V_LIMB_BITS),
    ("h", HIGH_BITS),
];

const _: () = assert!(QUOTIENT_LIMBS as u32 * 10 == QUOTIENT_OFFSET_BITS + 1);
const _: () = assert!(SWAP_LOSS_RANGE == 129);
const _: () = assert!(RUN_BITS == 40);

/// Q has room for two remainders, the lower one whole.
#[test]
fn a_remainder_has_two_parts() {
    assert!(quantum().is_multiple_of(&power(LOW_BITS)));
    assert!(quantum() >> LOW_BITS <= power(HIGH_BITS));
}

/// Row ids: a group's own are below its stride, two of one group differ by less than the run's step between groups, and the
/// ids of two neighbours are within what is checked.
#[test]
fn ids_of_groups_do_not_meet() {
    // Unmoved, scenarios, delta charge, basis loss, and its two moves.
    let most = MAX_SCENARIOS + 5;
    assert!(most < 1000 && 1000 < 1024 - 2);
    // An expiry has its base, exposure, charge and run, two intervals of a smile, one market, and a future's two rows.
    let groups = Shape::Large.table_rows() / 9;
    assert!(groups * 1024 + most < 1 << ID_BITS);
}

/// Packed numbers: choices are below 8 and the scenario's number stands above them, uids below 2^10.
#[test]
fn packed_numbers_are_unique() {
    let modulus = super::modulus();
    assert!(power(10 + 3 * SumsChip::CHOICES as u32) < modulus);
    for shape in Shape::ALL {
        assert!(power(10 * shape.underlyings() as u32) < modulus);
    }
}

/// Every market of the random accounts is within these limits.
#[test]
fn the_markets_are_within_the_limits() {
    for market in super::super::policies::MARKETS.iter() {
        let PublicTable {
            options,
            rules,
            scenarios,
            assets,
            swaps,
            ..
        } = &market.table;
        let within = |x: i128, most: BigInt| assert!(BigInt::from(x) <= most, "{}", market.name);
        for group in options {
            let RunRow {
                long_discount,
                short_discount,
                share,
                inflation,
                ..
            } = group.run;
            within(long_discount.max(short_discount), power(RUN_BITS) * STATIC);
            within(share, power(RUN_BITS) * SHARE);
            within(inflation, power(INFLATION_BITS));
            let intervals = group.scenarios.iter();
            for interval in intervals.flat_map(|s: &OptionScenario| &s.intervals) {
                within(interval.slope.abs(), power(SKEW_SLOPE_BITS) * TILT);
                let offset = power(SKEW_OFFSET_BITS) * (TILT * LN + 4);
                within(interval.offset.abs(), offset);
            }
        }
        let TermRules {
            incentive_base,
            incentive_slope,
            ..
        } = *rules;
        within(incentive_base.into(), one() * BASE);
        within(incentive_slope.into(), one() * SLOPE);
        for row in scenarios {
            within(row.net.max(row.gross), one() * 2);
            within(row.factor, one() * FACTOR * (power(30) >> 1));
        }
        for group in assets {
            within(group.factor, one() * (1 + RISE));
        }
        for each in swaps.iter().flat_map(|g| &g.scenarios) {
            within(each[0].abs().max(each[1].abs()), power(SWAP_EACH_BITS));
        }
    }
}
