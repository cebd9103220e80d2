//! The engine's exposures against independent high-precision Greeks (`scripts/goldens`), every row and instrument, and
//! against the bounds that [`certified::exposures`] composes.

mod bounds;
mod european;
mod limits;
mod linear;
mod perpetual;
#[path = "../support/rules.rs"]
mod rules;

use num_bigint::BigInt;
use num_traits::Signed;
use rayon::prelude::*;
use serde_json::json;
use zkmargin_circuits::{
    certified::float,
    engine::{
        Exposure, Portfolio,
        exposure::{DELTA_BITS, GAMMA_BITS, VEGA_BITS},
    },
    math::{self, Real},
    model::{Account, Rate, Snapshot, Symbol, Time},
    public::PublicTable,
    shape::Shape,
    slots::Slots,
};

const NAMES: [&str; 3] = ["delta", "gamma", "vega"];

/// 1e-8.
const UNITS: i64 = 100_000_000;

fn parse<T: std::str::FromStr>(text: &str) -> T {
    text.parse().ok().expect("a decimal")
}

fn asset() -> Symbol {
    parse("X")
}

/// A decimal, cut at 2^-192.
fn real(text: &str) -> Real {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits: BigInt = parse(&format!("{whole}{fraction}"));
    math::ratio(&digits, &BigInt::from(10).pow(fraction.len() as u32))
}

fn now() -> Time {
    Time::from_unix(1_700_000_040).expect("time")
}

/// The table of one asset's markets under a policy that moves nothing.
fn table(spot: &str, rate: &str, markets: Snapshot) -> Result<PublicTable, String> {
    let snapshot = Snapshot {
        assets: vec![rules::asset(asset(), parse(spot), parse::<Rate>(rate))],
        ..markets
    };
    PublicTable::new(&snapshot, &rules::policy()).map_err(|error| error.to_string())
}

/// An account with one position, valued; `None` if it has no market.
fn portfolio(table: &PublicTable, section: &str, position: serde_json::Value) -> Option<Portfolio> {
    let mut account = json!({
        "version": 1, "owner": format!("0x{}", "00".repeat(20)), "sequence": 1,
        "salt": format!("0x{}", "00".repeat(32)), "cash": "0"
    });
    account[section] = json!([position]);
    let account: Account = serde_json::from_value(account).expect("an account");
    let slots = Slots::new(&account, Shape::Small).expect("a legal account");
    Portfolio::new(&slots, table, 0).ok()
}

/// The three numbers of the position's underlying; units of 1e-8 USD.
fn sums(portfolio: &Portfolio) -> [Real; 3] {
    let held = portfolio.underlyings.iter().find(|u| u.underlying > 0);
    // Sums of nothing are not listed.
    numbers(&held.map_or_else(Exposure::default, |held| held.exposure.clone()))
}

fn numbers(exposure: &Exposure) -> [Real; 3] {
    let bits = [DELTA_BITS, GAMMA_BITS, VEGA_BITS];
    std::array::from_fn(|i| (&exposure.values[i] << (math::BITS - bits[i])) / UNITS)
}

/// One number against its reference; units of 1e-8 USD.
#[derive(Clone)]
struct Number {
    found: Real,
    exact: Real,
    bound: Real,
    scale: Real,
}

/// A dollar number from a reference Greek of 22 digits and at most 32 places, times `factor`; its rounding is left out.
impl Number {
    fn new(found: &Real, greek: &str, factor: &Real, bound: &Real, scale: &Real) -> Self {
        Self {
            found: found.clone(),
            exact: math::mul(&real(greek), factor) * UNITS,
            bound: bound + math::mul(factor, &(math::one() / BigInt::from(10).pow(31))) * UNITS,
            scale: scale.clone(),
        }
    }

    fn error(&self) -> Real {
        let rounding = self.exact.abs() / BigInt::from(10).pow(21);
        ((&self.found - &self.exact).abs() - rounding).max(Real::ZERO)
    }
}

/// What a case is worth: delta, gamma, vega, or why it is left out.
type Case = Result<[Number; 3], &'static str>;

/// Compares every row of a file; returns the cases left out. Nothing is beyond its bound.
fn compare(name: &str, file: &str, cases: impl Fn(&[&str]) -> Vec<Case> + Sync) -> [usize; 2] {
    let rows: Vec<Vec<&str>> = file
        .lines()
        .skip(1)
        .map(|l| l.split(',').collect())
        .collect();
    let found: Vec<_> = rows
        .par_iter()
        .flat_map_iter(|row| cases(row).into_iter().map(move |case| (row, case)))
        .collect();
    let left_out: Vec<_> = found
        .iter()
        .filter_map(|(_, case)| case.as_ref().err())
        .collect();
    println!(
        "{name}: {} rows, {} cases, {} left out",
        rows.len(),
        found.len(),
        left_out.len()
    );
    for (i, greek) in NAMES.iter().enumerate() {
        let (mut worst, mut share, mut numbers, mut beyond) = (0f64, 0f64, 0, 0);
        for (row, case) in &found {
            let Ok(case) = case else { continue };
            let number = &case[i];
            let error = number.error();
            numbers += 1;
            if error > number.bound {
                beyond += 1;
                println!(
                    "  {row:?}: {greek} {}, exact {}, bound {}",
                    float(&number.found),
                    float(&number.exact),
                    float(&number.bound)
                );
            }
            if number.scale > Real::ZERO {
                worst = worst.max(float(&math::div(&error, &number.scale)));
            }
            if number.bound > Real::ZERO {
                share = share.max(float(&math::div(&error, &number.bound)));
            }
        }
        println!(
            "  {greek:<6}{numbers} numbers, {worst:.2e} of the scale, {share:.3} of the bound"
        );
        assert_eq!(beyond, 0, "{name} {greek}");
    }
    [found.len(), left_out.len()]
}
