//! No sum wraps around the modulus: bounds of every large cell at the model's limits, medium
//! shape. All values are magnitudes of the integers that the cells stand for.

use ff::PrimeField;
use halo2curves::bn256::Fr;
use num_bigint::BigInt;

use crate::{
    engine::{
        SCALE_BITS, TERM_BITS,
        option::{EPSILON_FORWARD_BITS, EPSILON_STRIKE_BITS},
        quantum,
    },
    model::{CASH_BITS, SIZE_BITS},
    shape::{Capacity, Shape},
    tables::{self, N_BITS},
};

/// Fraction bits of discount factors.
const DISCOUNT_BITS: u32 = 36;
/// Greatest discount, 1 + spot move, contingency rate (`model/limits.rs`).
const DISCOUNT: u32 = 2;
const MOVE: u32 = 11;
/// Greatest weight times maintenance factor, units 1e-4.
const FACTOR: u32 = 100_000;
/// The factor's unit.
const UNIT: u32 = 10_000;

fn power(bits: u32) -> BigInt {
    BigInt::from(1) << bits
}

fn modulus() -> BigInt {
    BigInt::from(crate::field::to_uint(&-Fr::one())) + 1
}

struct Bounds {
    name: &'static str,
    value: BigInt,
}

/// Bounds by name; the last is what q_shortfall compares with S Q + r1.
fn bounds(capacity: Capacity) -> Vec<Bounds> {
    let slots = |n: usize| BigInt::from(n);
    let size = power(SIZE_BITS);
    // Prices are below 2^50; rounding adds at most one unit to each table value.
    let forward: BigInt = power(SIZE_BITS + DISCOUNT_BITS) * DISCOUNT + 1;
    let moved: BigInt = &forward * MOVE;
    let strike: BigInt = power(SIZE_BITS + DISCOUNT_BITS) * DISCOUNT + 1;
    // The cubic may overshoot one by its error.
    let normal = power(N_BITS) + power(N_BITS - 30);
    let held: BigInt = &size * 2;
    let option_value = |forward: &BigInt| -> BigInt { forward.max(&strike) * &held * &normal };
    let epsilon = |forward: &BigInt| -> BigInt {
        &held
            * ((forward << (N_BITS - EPSILON_FORWARD_BITS))
                + (&strike << (N_BITS - EPSILON_STRIKE_BITS)))
    };
    let (v0, vs) = (option_value(&forward), option_value(&moved));
    let (e0, es) = (epsilon(&forward), epsilon(&moved));
    let option_loss: BigInt = (&v0 + &vs + &e0 + &es) * FACTOR;

    // Mark less funding index less entry plus index at entry.
    let future_value: BigInt = &size * &size * 4;
    let asset_value: BigInt = &size * (&size + 1);
    let linear_loss: BigInt = &size * (&size * (MOVE - 1) + 2) * FACTOR;
    let cash: BigInt = power(CASH_BITS) * 100_000_000;
    let charges: BigInt = &size * &size * (slots(capacity.options) * 2 + slots(capacity.futures));

    let linear: BigInt =
        &future_value * slots(capacity.futures) + &asset_value * slots(capacity.assets) + cash;
    let equity: BigInt = (&v0 + &e0) * slots(capacity.options) + (linear << SCALE_BITS);
    let loss: BigInt = &option_loss * slots(capacity.options)
        + ((&linear_loss * slots(capacity.futures + capacity.assets)) << SCALE_BITS);
    let required: BigInt = &loss + ((&charges * UNIT) << SCALE_BITS);
    let compared: BigInt = &required + &equity * UNIT;
    let proven: BigInt = (power(TERM_BITS) + 1) * quantum();
    let bound = |name, value: &BigInt| Bounds {
        name,
        value: value.clone(),
    };
    vec![
        bound("V0 (unmoved option value)", &v0),
        bound("Vs (moved option value)", &vs),
        bound("es (moved epsilon)", &es),
        bound("f (V0 - e0 - Vs - es)", &option_loss),
        bound("E (equity)", &equity),
        bound("1e4 E", &(&equity * UNIT)),
        bound("L (weighted loss)", &loss),
        bound("1e4 2^124 C", &((&charges * UNIT) << SCALE_BITS)),
        bound("S Q + r1, R Q + r2 (proven)", &proven),
        bound(
            "slope S - (rate - base) R",
            &(power(37) * power(TERM_BITS) * 2),
        ),
        bound("element", &power(248)),
        bound("requirement - 1e4 E", &compared),
    ]
}

/// A negative difference x stands for p + x. `S Q + r1` is below `proven`, so the proof is sound
/// iff every true difference keeps `|x| + proven < p`.
#[test]
fn no_sum_reaches_the_modulus() {
    let modulus = modulus();
    assert_eq!(modulus.bits(), u64::from(Fr::NUM_BITS));
    for shape in Shape::ALL {
        let list = bounds(shape.capacity());
        println!("{shape}");
        for Bounds { name, value } in &list {
            // Two digits of the binary logarithm.
            let hundredths = (value.pow(100).bits() - 1) as f64 / 100.0;
            println!("  2^{hundredths:<6} {name}");
            assert!(value * 2 < modulus, "{shape}: {name}");
        }
        let proven = list.iter().find(|b| b.name.starts_with("S Q"));
        let compared = list.last().expect("bounds");
        let sum = &compared.value + &proven.expect("listed").value;
        assert!(sum < modulus, "{shape}");
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
