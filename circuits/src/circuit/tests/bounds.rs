//! No sum wraps around the modulus: bounds of every large cell at the files' limits, every shape. All values are
//! magnitudes of the integers that the cells stand for.

mod exposures;
mod limits;
mod slots;
mod sums;

use std::collections::BTreeMap;

use ff::PrimeField;
use halo2curves::bn256::Fr;
use num_bigint::BigInt;

use crate::{
    shape::{Capacity, Shape},
    tables::{self, EXP_BITS, N_BITS},
};

fn power(bits: u32) -> BigInt {
    BigInt::from(1) << bits
}

fn modulus() -> BigInt {
    BigInt::from(crate::field::to_uint(&-Fr::one())) + 1
}

/// Bounds by name.
type Bounds = BTreeMap<&'static str, BigInt>;

fn bounds(capacity: Capacity, underlyings: usize) -> Bounds {
    let mut bounds = Bounds::new();
    slots::options(&mut bounds);
    slots::divisions(&mut bounds);
    slots::moved(&mut bounds);
    slots::perpetual_options(&mut bounds);
    slots::positions(&mut bounds);
    exposures::exposures(&mut bounds, capacity);
    sums::runs(&mut bounds, capacity);
    sums::losses(&mut bounds, capacity);
    sums::requirement(&mut bounds, capacity, underlyings);
    sums::terms(&mut bounds, capacity);
    bounds
}

fn of(shape: Shape) -> Bounds {
    bounds(shape.capacity(), shape.underlyings())
}

/// What an equation says that a range-checked pair, a quotient and what it leaves, stands for: names of the bounds of the
/// true number and of the pair. A negative number x stands for p + x, so that the pair is the one, and the true one, iff
/// both together stay below the modulus.
const DIVISIONS: [(&str, &str); 21] = [
    ("W, smile", "2^10 v^2 + r (proven)"),
    ("2^50 ln K, raw", "2^50 ln K + r (proven)"),
    (
        "offset + slope ln K, perpetual",
        "2^50 (y + 2^46 h) + r (proven)",
    ),
    ("m", "2^80 m_hi + m_lo (proven)"),
    ("ln K", "2^30 ln_hi + ln_lo (proven)"),
    ("Y = R - own P", "2^120 q - r (proven)"),
    ("O", "2^120 q - r (proven)"),
    ("x (sum of losses)", "2^120 q - r (proven)"),
    ("W - 1e4 2^10 (E + 1e20 q)", "S Q + 2^50 h + l (proven)"),
    ("W", "S Q + 2^50 h + l (proven)"),
    ("A", "A (proven)"),
    ("1e8 R - 1 - A", "A (proven)"),
    ("1e8 I", "a F + rho (proven)"),
    ("S", "n tick + r (proven)"),
    ("v (offset + slope ln K)", "2^100 x + r (proven)"),
    ("X, delta (sum)", "2^110 q' + r (proven)"),
    ("X, gamma (sum)", "2^80 q' + r (proven)"),
    ("X, vega (sum)", "2^100 q' + r (proven)"),
    ("2^14 phi", "Q v + rem (proven)"),
    ("q' - 2^99", "T (b' - 2^59) + r2 (proven)"),
    ("x, swap", "x' - 2^129 (proven)"),
];

#[test]
fn no_sum_reaches_the_modulus() {
    let modulus = modulus();
    assert_eq!(modulus.bits(), u64::from(Fr::NUM_BITS));
    for shape in Shape::ALL {
        let list = of(shape);
        println!("{shape}");
        for (name, value) in &list {
            // Two digits of the binary logarithm.
            let hundredths = (value.pow(100).bits() - 1) as f64 / 100.0;
            println!("  2^{hundredths:<6} {name}");
            assert!(value * 2 < modulus, "{shape}: {name}");
        }
        for (number, pair) in DIVISIONS {
            let both = &list[number] + &list[pair];
            assert!(both < modulus, "{shape}: {number}, {pair}");
            // Two pairs of one number, of either sign.
            assert!(&list[pair] * 2 < modulus, "{shape}: {pair}");
        }
    }
}

/// What an honest account has fits its range check, but where the engine says that there is no proof: swaps' losses, cut
/// exposures, shortfall and requirement.
#[test]
fn every_quotient_has_its_place() {
    for shape in Shape::ALL {
        let list = of(shape);
        for (number, bits) in limits::RANGES {
            assert!(
                list[number] < power(bits),
                "{shape}: {number} in {bits} bits"
            );
        }
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
