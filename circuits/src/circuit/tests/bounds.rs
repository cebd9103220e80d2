//! No sum wraps around the modulus: bounds of every large cell at the files' limits, every shape. All values are
//! magnitudes of the integers that the cells stand for.

mod exposures;

use std::collections::BTreeMap;

use ff::PrimeField;
use halo2curves::bn256::Fr;
use num_bigint::BigInt;

use crate::{
    circuit::{terms::MONEY_LIMBS, total::QUOTIENT_OFFSET_BITS},
    engine::{
        DROPPED_BITS, UNIT_BITS, cash_unit, linear,
        option::{EPSILON_FORWARD_BITS, EPSILON_STRIKE, EPSILON_STRIKE_BITS},
        option_unit,
        perpetual::{EPSILON_BITS, EPSILON_LEAST_BITS, EXPONENT_DROPPED_BITS},
        quantum,
    },
    model::{CASH_BITS, SIZE_BITS},
    public::{DISCOUNT_BITS, OFFSET_BITS},
    shape::{Capacity, Shape},
    slots::{SWAP_KEY_SHIFT, SWAP_SIZE_SHIFT},
    tables::{self, EXP_BITS, EXPONENT_BITS, LAST_SHIFT, N_BITS},
};

/// Greatest discount, 1 + spot move, contingency rate (`model/limits`).
const DISCOUNT: u32 = 2;
const MOVE: u32 = 11;
/// Greatest weight times maintenance factor, units 1e-4.
const FACTOR: u32 = 100_000;
/// The factor's unit.
const UNIT: u32 = 10_000;
/// Bits that the terms' range checks leave.
const MONEY_BITS: u32 = 10 * MONEY_LIMBS as u32;
/// Bits of a swap's price (`public/swaps.rs`), units 1e-24 USD, and of its strike's cell.
const PRICE_BITS: u32 = 126;
const SWAP_STRIKE_BITS: u32 = 70;
/// Bits of a strike's part, range-checked, and of a discount in units of 1e-12.
const COUNTED_BITS: u32 = 100;
const DECIMAL_DISCOUNT_BITS: u32 = 41;

fn power(bits: u32) -> BigInt {
    BigInt::from(1) << bits
}

fn modulus() -> BigInt {
    BigInt::from(crate::field::to_uint(&-Fr::one())) + 1
}

/// Bounds by name.
type Bounds = BTreeMap<&'static str, BigInt>;

/// Value and epsilon of one European option slot in the unmoved market and under a scenario, and of a perpetual one.
fn options(bounds: &mut Bounds) {
    let held: BigInt = power(SIZE_BITS) * 2;
    // Prices are below 2^50; rounding adds at most one unit to each table value.
    let forward: BigInt = power(SIZE_BITS + DISCOUNT_BITS) * DISCOUNT + 1;
    let moved: BigInt = &forward * MOVE;
    let strike: BigInt = power(SIZE_BITS + DISCOUNT_BITS) * DISCOUNT + 1;
    // The cubic may overshoot one by its error.
    let normal = power(N_BITS) + power(N_BITS - 30);
    let value = |forward: &BigInt| -> BigInt { forward.max(&strike) * &held * &normal };
    let epsilon = |forward: &BigInt| -> BigInt {
        &held
            * ((forward << (N_BITS - EPSILON_FORWARD_BITS))
                + (&strike << (N_BITS - EPSILON_STRIKE_BITS)) * EPSILON_STRIKE)
    };
    bounds.insert("V0, European", value(&forward));
    bounds.insert("Vs, European", value(&moved));
    bounds.insert("es, European", epsilon(&moved));
    // The greatest power of two that the table has, and the linear part.
    let spot: BigInt = power(SIZE_BITS + DISCOUNT_BITS) * MOVE + 1;
    let exponential = power(EXP_BITS + 1 + LAST_SHIFT);
    let linear: BigInt = (&spot + &strike) << N_BITS;
    bounds.insert("V, perpetual", &held * (exponential + linear));
    let least = power(DISCOUNT_BITS + N_BITS - EPSILON_LEAST_BITS);
    let epsilon = &held * (((&spot + &strike) << (N_BITS - EPSILON_BITS)) + least);
    bounds.insert("e, perpetual", epsilon);
    let excess = power(40 + EXPONENT_BITS + EXPONENT_DROPPED_BITS) + power(OFFSET_BITS + 7);
    bounds.insert("2^50 (y + 2^46 h) + r", excess);
}

/// Futures, assets, swaps, cash: one slot's value, notional or loss.
fn positions(bounds: &mut Bounds) {
    let size = power(SIZE_BITS);
    // Mark less funding index less entry plus index at entry.
    let future: BigInt = &size * &size * 4 * linear::future_unit();
    let asset: BigInt = &size * &size * 100_000_000 * linear::asset_unit();
    let swap_price: BigInt = power(PRICE_BITS) * linear::PRICE_UNIT;
    let strike = power(DECIMAL_DISCOUNT_BITS + COUNTED_BITS);
    bounds.insert("V, future", future);
    bounds.insert("V, asset", asset);
    bounds.insert("X, future or asset", &size * &size * 100_000_000);
    bounds.insert(
        "V, swap",
        &size * (&swap_price + strike + linear::SWAP_EPSILON),
    );
    bounds.insert(
        "L, swap",
        &size * (&swap_price * 2 + 2 * linear::SWAP_EPSILON),
    );
    // A short option, a future; a power perpetual's charge is at most its price.
    bounds.insert("H, option or future", &size * &size * 2);
    bounds.insert("H, swap", &size * power(PRICE_BITS) / 10u64.pow(16));
    bounds.insert("swap element", {
        let key = power(120) << SWAP_KEY_SHIFT;
        key + (power(SIZE_BITS + 1) << SWAP_SIZE_SHIFT) + power(SWAP_STRIKE_BITS)
    });
    bounds.insert("element", power(248));
}

/// The sums and what the terms compare; the options' by both kinds of slots.
fn sums(bounds: &mut Bounds, capacity: Capacity) {
    let n = |count: usize| BigInt::from(count);
    let of = |name: &str| bounds[name].clone();
    let european = n(capacity.options);
    let perpetual = n(capacity.perpetual_options);
    let moved: BigInt = of("Vs, European") + of("es, European");
    let both: BigInt = of("V, perpetual") + of("e, perpetual");
    // Unmoved and moved together, each at most the moved one's bound.
    let loss: BigInt = (&moved * &european + &both * &perpetual) * 2;
    let equity: BigInt = moved * european + both * perpetual;
    let quotient: BigInt = (&loss >> DROPPED_BITS) + 1;
    let shockable: BigInt = of("X, future or asset") * n(capacity.futures + capacity.assets);
    let swap_loss: BigInt = of("L, swap") * n(capacity.swaps);
    let charges: BigInt = of("H, option or future")
        * n(capacity.options + capacity.perpetual_options + capacity.futures)
        + of("H, swap") * n(capacity.swaps);
    let linear: BigInt = of("V, future") * n(capacity.futures)
        + of("V, asset") * n(capacity.assets)
        + of("V, swap") * n(capacity.swaps);
    let plain: BigInt = power(CASH_BITS) * cash_unit() + (linear << UNIT_BITS);
    let spot = BigInt::from(MOVE) * 100_000_000;
    let lost: BigInt =
        &quotient * option_unit() + ((&swap_loss + &shockable * spot * UNIT) << UNIT_BITS);
    let required: BigInt = lost * FACTOR + ((&charges * option_unit() * UNIT) << UNIT_BITS);
    let compared: BigInt = &required + (&plain + &quotient * option_unit()) * UNIT;
    bounds.insert("O, M (options' sums)", loss.max(equity));
    bounds.insert("q (options' sums cut)", quotient);
    bounds.insert("P (moved by the spot move)", shockable);
    bounds.insert("Ls (swaps' loss)", swap_loss);
    bounds.insert("C (charges)", charges);
    bounds.insert("E (equity without options)", plain);
    bounds.insert("W (requirement)", required);
    bounds.insert("W - 1e4 (E + 1e20 q)", compared);
    bounds.insert(
        "S Q + r1, R Q + r2 (proven)",
        (power(MONEY_BITS) + 1) * quantum(),
    );
    bounds.insert(
        "slope S - (rate - base) R",
        power(37) * power(MONEY_BITS) * 2,
    );
    bounds.insert(
        "2^120 q + r (proven)",
        power(QUOTIENT_OFFSET_BITS + DROPPED_BITS) + power(DROPPED_BITS),
    );
}

fn bounds(capacity: Capacity) -> Bounds {
    let mut bounds = Bounds::new();
    options(&mut bounds);
    positions(&mut bounds);
    sums(&mut bounds, capacity);
    exposures::exposures(&mut bounds, capacity);
    bounds
}

/// A negative difference x stands for p + x. `S Q + r1` is below `proven`, so the proof is sound
/// iff every true difference keeps `|x| + proven < p`; the same for a truncated sum.
#[test]
fn no_sum_reaches_the_modulus() {
    let modulus = modulus();
    assert_eq!(modulus.bits(), u64::from(Fr::NUM_BITS));
    for shape in Shape::ALL {
        let list = bounds(shape.capacity());
        println!("{shape}");
        for (name, value) in &list {
            // Two digits of the binary logarithm.
            let hundredths = (value.pow(100).bits() - 1) as f64 / 100.0;
            println!("  2^{hundredths:<6} {name}");
            assert!(value * 2 < modulus, "{shape}: {name}");
        }
        let sum = &list["W - 1e4 (E + 1e20 q)"] + &list["S Q + r1, R Q + r2 (proven)"];
        assert!(sum < modulus, "{shape}");
        let sum = &list["O, M (options' sums)"] + &list["2^120 q + r (proven)"];
        assert!(sum < modulus, "{shape}");
        // Every quotient has its place in the limbs.
        assert!(
            list["q (options' sums cut)"] < power(QUOTIENT_OFFSET_BITS),
            "{shape}"
        );
    }
}

/// The bound of N above holds for the table.
#[test]
fn the_normal_table_does_not_overshoot() {
    let most = (0..tables::NORMAL_ROWS as i128)
        .flat_map(|i| [0, (1 << 29) - 1, (1 << 30) - 1].map(|low| tables::normal((i << 30) + low)))
        .max();
    assert!(most.expect("rows") <= (1 << N_BITS) + (1 << (N_BITS - 30)));
}

/// And that of the exponential.
#[test]
fn the_exponential_table_does_not_overshoot() {
    let ends = [0, (1 << tables::EXP_REST_BITS) - 1];
    for row in tables::EXP.iter() {
        for rest in ends {
            let mantissa = tables::exp_cubic(row, rest);
            let octave = (1 << EXP_BITS) - (1 << 70)..1 << (EXP_BITS + 1);
            assert!(octave.contains(&mantissa));
        }
    }
}
