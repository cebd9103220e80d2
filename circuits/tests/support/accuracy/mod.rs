//! The engine against independent high-precision references (`scripts/goldens`), instrument by instrument.

pub mod european;
pub mod perpetual;
#[path = "../rules.rs"]
pub mod rules;
mod swaps;

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_traits::{Signed, ToPrimitive};
use rayon::prelude::*;

/// One price: what the engine finds and states, against the exact value. USD.
#[derive(Debug, Clone)]
pub struct Point {
    /// `|engine - exact|`.
    pub error: f64,
    /// The bound that the engine states for the position.
    pub bound: f64,
    /// Error over bound.
    pub share: f64,
    /// Compared in exact integers.
    pub within: bool,
    /// What was priced, to say if it is not within.
    pub case: String,
}

/// Why the engine has no price.
pub type Refusal = &'static str;

/// The cases of one instrument.
pub struct Instrument {
    /// What it is.
    pub name: &'static str,
    /// The bound's formula.
    pub formula: &'static str,
    /// Rows of the golden file.
    pub cases: usize,
    /// Prices that the engine refuses, by reason.
    pub refused: BTreeMap<Refusal, usize>,
    /// The others.
    pub points: Vec<Point>,
}

impl Instrument {
    /// Greatest of a number over the points.
    pub fn most(&self, number: impl Fn(&Point) -> f64) -> f64 {
        self.points.iter().map(number).fold(0.0, f64::max)
    }

    /// Prices refused, for all reasons.
    pub fn refusals(&self) -> usize {
        self.refused.values().sum()
    }

    /// One line for people.
    pub fn line(&self) -> String {
        format!(
            "{} (bound {}): {} cases, {} prices, {} refused {:?}, max error {:.2e} USD, max error/bound {:.4}",
            self.name,
            self.formula,
            self.cases,
            self.points.len(),
            self.refusals(),
            self.refused,
            self.most(|p| p.error),
            self.most(|p| p.share),
        )
    }
}

/// An exact value: a fraction of USD.
pub struct Exact {
    numerator: BigInt,
    denominator: BigInt,
}

impl Exact {
    /// A fraction.
    pub fn new(numerator: BigInt, denominator: BigInt) -> Self {
        Self {
            numerator,
            denominator,
        }
    }

    /// A decimal.
    pub fn parse(text: &str) -> Self {
        let (digits, places) = digits(text);
        Self::new(digits, BigInt::from(10).pow(places))
    }

    /// Whether a reference, rounded to its last digit, is this value.
    pub fn is(&self, reference: &str) -> bool {
        let (digits, places) = digits(reference);
        let unit = BigInt::from(10).pow(places);
        (&self.numerator * unit - digits * &self.denominator).abs() <= self.denominator
    }

    /// An engine's value and bound, `unit` of which are one USD, against this.
    pub fn point(&self, value: &BigInt, bound: &BigInt, unit: &BigInt, case: String) -> Point {
        let error = (value * &self.denominator - &self.numerator * unit).abs();
        let bound = bound * &self.denominator;
        let scale = &self.denominator * unit;
        Point {
            error: quotient(&error, &scale),
            bound: quotient(&bound, &scale),
            share: quotient(&error, &bound),
            within: error <= bound,
            case,
        }
    }
}

/// Digits and places of a decimal.
fn digits(text: &str) -> (BigInt, u32) {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = format!("{whole}{fraction}").parse().expect("a decimal");
    (digits, fraction.len() as u32)
}

/// `a / b` for magnitudes beyond those of floating point.
fn quotient(a: &BigInt, b: &BigInt) -> f64 {
    let shift = |x: &BigInt| x.bits().saturating_sub(256);
    let float = |x: &BigInt| (x >> shift(x)).to_f64().expect("below 2^256");
    float(a) / float(b) * 2f64.powi(shift(a) as i32 - shift(b) as i32)
}

/// Prices every row of a golden file; a row has several prices where it has several sides.
fn run(
    name: &'static str,
    formula: &'static str,
    files: &[&'static str],
    price: impl Fn(&[&str]) -> Vec<Result<Point, Refusal>> + Sync,
) -> Instrument {
    let rows: Vec<Vec<&str>> = files
        .iter()
        .flat_map(|file| file.lines().skip(1))
        .map(|line| line.split(',').collect())
        .collect();
    let prices: Vec<_> = rows.par_iter().flat_map_iter(|row| price(row)).collect();
    let mut instrument = Instrument {
        name,
        formula,
        cases: rows.len(),
        refused: BTreeMap::new(),
        points: Vec::new(),
    };
    for price in prices {
        match price {
            Ok(point) => instrument.points.push(point),
            Err(reason) => *instrument.refused.entry(reason).or_default() += 1,
        }
    }
    instrument
}

/// Every instrument that has a formula.
pub fn all() -> Vec<Instrument> {
    let mut list = vec![european::run()];
    list.extend(perpetual::run());
    list.extend(swaps::run());
    list
}
