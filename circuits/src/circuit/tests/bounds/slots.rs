//! Bounds of one slot's cells.

use num_bigint::BigInt;

use super::{
    Bounds,
    limits::{
        BASIS_MOVE, COUNTED_BITS, DECIMAL_DISCOUNT_BITS, DISCOUNT, ERROR_BITS, FUNDING,
        ILLIQUIDITY, INFLATION_BITS, LN, LN_LIMB_BITS, LN_REST_BITS, MOVE, MULTIPLIED_BITS,
        PRICE_BITS, ROOT_REST_BITS, ROOT_YEARS_BITS, STABLE, SWAP_EACH_BITS, SWAP_STRIKE_BITS,
        TILT, V_LIMB_BITS, one,
    },
    power,
};
use crate::{
    engine::{
        exposure::raise,
        linear::{self, ASSET_RAISE, FUTURE_RAISE, SWAP_LOSS_RANGE, SWAP_RAISE},
        option::{EPSILON_FORWARD_BITS, EPSILON_STRIKE, EPSILON_STRIKE_BITS},
        perpetual::{EPSILON_BITS, EPSILON_LEAST_BITS, EXPONENT_DROPPED_BITS},
    },
    model::SIZE_BITS,
    public::{DISCOUNT_BITS, MOVE_BITS, OFFSET_BITS, PRICE_FRACTION_BITS, SKEW_OFFSET_BITS},
    slots::{SWAP_KEY_SHIFT, SWAP_SIZE_SHIFT},
    tables::{D1_MAX, EXP_BITS, EXPONENT_BITS, LAST_SHIFT, LN_BITS, LN_RAW_BITS, N_BITS},
};

/// Calls and puts.
pub fn held() -> BigInt {
    power(SIZE_BITS) * 2
}

/// Value and epsilon of one European option slot in the unmoved market, under a scenario and under a basis move; charge and
/// what deltas of calls and puts add in the delta charge.
pub fn options(bounds: &mut Bounds) {
    let held = held();
    // Prices are below 2^50; rounding adds at most one unit to each table value.
    let forward: BigInt = power(SIZE_BITS + DISCOUNT_BITS) * DISCOUNT + 1;
    let strike: BigInt = power(SIZE_BITS + DISCOUNT_BITS) * DISCOUNT + 1;
    // The cubic may overshoot one by its error.
    let normal = power(N_BITS) + power(N_BITS - 30);
    let value = |times: u32| -> BigInt { (&forward * times).max(strike.clone()) * &held * &normal };
    let epsilon = |times: u32| -> BigInt {
        &held
            * (((&forward * times) << (N_BITS - EPSILON_FORWARD_BITS))
                + (&strike << (N_BITS - EPSILON_STRIKE_BITS)) * EPSILON_STRIKE)
    };
    bounds.insert("V0, European", value(1));
    bounds.insert("e0, European", epsilon(1));
    bounds.insert("Vs, European", value(MOVE));
    bounds.insert("es, European", epsilon(MOVE));
    bounds.insert("Vs, basis move", value(BASIS_MOVE));
    bounds.insert("es, basis move", epsilon(BASIS_MOVE));
    let rate: BigInt = power(SIZE_BITS) * one();
    // Charges per side, per strike, and for closing; the greatest error of charges on exposures is one of a perpetual option.
    let each: BigInt = rate * 3 + power(ERROR_BITS);
    bounds.insert("H, option", &held * each);
    let delta: BigInt = power(SIZE_BITS + PRICE_FRACTION_BITS) * DISCOUNT + 1;
    bounds.insert("X, European", one() * &held * delta * normal);
}

/// The root of a variance, ln K and d1: each unique by what it leaves.
pub fn divisions(bounds: &mut Bounds) {
    let v = power(V_LIMB_BITS);
    let ln = power(LN_BITS) * LN;
    // The variance of v below 8, in units of 2^-84, and of two nodes' distance.
    bounds.insert(
        "W, smile",
        power(V_LIMB_BITS + 50) + power(V_LIMB_BITS + 11),
    );
    bounds.insert(
        "2^10 v^2 + r (proven)",
        ((&v * &v) << 10) + power(ROOT_REST_BITS),
    );
    bounds.insert("2^50 ln K, raw", power(LN_RAW_BITS) * LN);
    bounds.insert("ln K", ln.clone());
    bounds.insert(
        "2^50 ln K + r (proven)",
        power(LN_LIMB_BITS + LN_REST_BITS) + power(LN_REST_BITS),
    );
    // What is divided for d1, and twice v d1 at the cap.
    let divided: BigInt = ln * 4 + power(2 * V_LIMB_BITS - 20) + &v;
    bounds.insert("A, B of d1", divided + v * 2 * D1_MAX);
}

/// The moved volatility and the ends of its interval.
pub fn moved(bounds: &mut Bounds) {
    let offset: BigInt = power(SKEW_OFFSET_BITS) * (TILT * LN + 4);
    let turned: BigInt = power(SKEW_OFFSET_BITS) * TILT * LN;
    let v = power(V_LIMB_BITS);
    bounds.insert("v", &v - 1);
    bounds.insert("v (offset + slope ln K)", &v * (offset + turned));
    // The greater volatility less the other.
    bounds.insert("t, distance of volatilities", &v - 1);
    bounds.insert("i'", power(INFLATION_BITS));
    bounds.insert(
        "2^100 x + r (proven)",
        power(MULTIPLIED_BITS + SKEW_OFFSET_BITS) + power(SKEW_OFFSET_BITS),
    );
    bounds.insert("ends", power(SIZE_BITS) + power(2 * SIZE_BITS + 2));
}

/// Value, epsilon, loss, and the deltas of calls and puts of a perpetual option slot.
pub fn perpetual_options(bounds: &mut Bounds) {
    let held = held();
    // The greatest power of two that the table has, and the linear part.
    let spot: BigInt = power(SIZE_BITS + DISCOUNT_BITS) * MOVE + 1;
    let strike: BigInt = power(SIZE_BITS + DISCOUNT_BITS) * DISCOUNT + 1;
    let exponential = power(EXP_BITS + 1 + LAST_SHIFT);
    let linear: BigInt = (&spot + &strike) << N_BITS;
    let value = &held * (exponential + linear);
    let least = power(DISCOUNT_BITS + N_BITS - EPSILON_LEAST_BITS);
    let epsilon = &held * (((&spot + &strike) << (N_BITS - EPSILON_BITS)) + least);
    bounds.insert("D, perpetual", (&value + &epsilon) * 2);
    bounds.insert("V, perpetual", value);
    bounds.insert("e, perpetual", epsilon);
    // docs/numbers.md, Perpetual options; and 16 less it.
    let exponent = power(127) + power(OFFSET_BITS + 4);
    bounds.insert("offset + slope ln K, perpetual", exponent);
    // 1,000 markets.
    bounds.insert("order, perpetual", power(SIZE_BITS) * 1001);
    let excess = power(40 + EXPONENT_BITS + EXPONENT_DROPPED_BITS) + power(OFFSET_BITS + 7);
    bounds.insert("2^50 (y + 2^46 h) + r (proven)", excess);
    // |l X| is at most the spot (docs/numbers.md, Exposures), which the cut of the mantissa does not raise and the rounding of l
    // by half a unit of 2^-20 of X, at most spot and strike. The linear part is the spot.
    let unmoved: BigInt = power(SIZE_BITS + DISCOUNT_BITS) + 1;
    let answered: BigInt = &unmoved * 2 + ((&unmoved + &strike) >> 20) + 1;
    let gross: BigInt = (one() * &held * answered) << raise::PERPETUAL_LINEAR;
    bounds.insert("X, perpetual", gross);
}

/// Futures, assets, swaps: one slot's value, charge or loss.
pub fn positions(bounds: &mut Bounds) {
    let size = power(SIZE_BITS);
    // Mark less funding index less entry plus index at entry.
    let future: BigInt = &size * &size * 4 * linear::future_unit();
    let price: BigInt = power(SIZE_BITS + PRICE_FRACTION_BITS) * STABLE + 1;
    let asset: BigInt = &size * (&size * one() * STABLE + 1) * linear::asset_unit();
    let swap_price: BigInt = power(PRICE_BITS) * linear::PRICE_UNIT;
    let strike = power(DECIMAL_DISCOUNT_BITS + COUNTED_BITS);
    let spot_move = power(MOVE_BITS) * MOVE;
    bounds.insert("V, future", future);
    bounds.insert("V, asset", asset);
    bounds.insert(
        "V, swap",
        &size * (&swap_price + strike + linear::SWAP_EPSILON),
    );
    let moved: BigInt = (&size * &size * &spot_move) << FUTURE_RAISE;
    let gross: BigInt = (&size * &size * one()) << raise::FUTURE;
    bounds.insert("L, future", moved + gross);
    bounds.insert("L, asset", (&size * &price * spot_move) << ASSET_RAISE);
    bounds.insert("x, swap", &size * power(SWAP_EACH_BITS) * 2);
    bounds.insert("x' - 2^129 (proven)", power(SWAP_LOSS_RANGE));
    bounds.insert("L, swap", power(SWAP_LOSS_RANGE + SWAP_RAISE));
    let squared = (power(SIZE_BITS) - 1u32).pow(2);
    let entry: BigInt = power(SWAP_STRIKE_BITS) * one();
    bounds.insert("f, swap", squared.max(entry));
    bounds.insert("F, slot", &size * &price);
    bounds.insert("I, slot", &size * (price * ILLIQUIDITY + 1));
    // A rate on mark or spot, and for closing.
    bounds.insert("H, future", &size * &size * one() * 2);
    bounds.insert("Phi", &size * &size * one() * FUNDING);
    // A power perpetual's charge is at most its price, a swap's an error of its exposures.
    bounds.insert("H, swap", &size * power(PRICE_BITS) / 10u64.pow(8));
    bounds.insert("swap element", {
        let key = power(120) << SWAP_KEY_SHIFT;
        key + (power(SIZE_BITS + 1) << SWAP_SIZE_SHIFT) + power(SWAP_STRIKE_BITS)
    });
    bounds.insert("element", power(248));
    const { assert!(ROOT_YEARS_BITS == 8) };
}
