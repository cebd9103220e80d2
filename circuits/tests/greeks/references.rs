//! The engine's Greeks against high-precision references (`scripts/goldens`), row by row.
//!
//! An error counts as a fraction of the Greek's natural scale: what it can be at most, or nearly, at that spot and time.

use zkmargin_circuits::engine::{Greeks, VarianceState};

const SECONDS: f64 = 365.0 * 86_400.0;
/// The references have 32 decimal places.
const ROUNDING: f64 = 5e-33;

/// Cells of a file; `None` where it is empty.
fn rows(file: &str) -> impl Iterator<Item = Vec<Option<f64>>> {
    let number = |text: &str| (!text.is_empty()).then(|| text.parse().expect("a number"));
    file.lines()
        .skip(1)
        .map(move |line| line.split(',').map(number).collect())
}

fn inputs<const N: usize>(row: &[Option<f64>]) -> [f64; N] {
    std::array::from_fn(|i| row[i].expect("an input"))
}

/// The worst errors of one instrument by Greek.
struct Worst {
    tolerance: f64,
    rows: usize,
    errors: [f64; 5],
}

const NAMES: [&str; 5] = ["delta", "gamma", "vega", "theta", "rho"];

impl Worst {
    fn new(tolerance: f64) -> Self {
        Self {
            tolerance,
            rows: 0,
            errors: [0.0; 5],
        }
    }

    /// Compares with references per 1.00 of volatility and rate, and per year; those that are `None` do not exist.
    fn check(
        &mut self,
        found: Greeks,
        expected: [Option<f64>; 5],
        scales: [f64; 5],
        row: &[Option<f64>],
    ) {
        let found = [
            found.delta,
            found.gamma,
            found.vega * 100.0,
            found.theta * 365.0,
            found.rho * 100.0,
        ];
        for (i, expected) in expected.into_iter().enumerate() {
            let Some(expected) = expected else { continue };
            let error = ((found[i] - expected).abs() - ROUNDING).max(0.0) / scales[i];
            self.errors[i] = self.errors[i].max(error);
            assert!(
                error <= self.tolerance,
                "{} of {row:?}: {}, expected {expected}, {error:e} of the scale",
                NAMES[i],
                found[i]
            );
        }
    }

    fn print(&self, instrument: &str) {
        println!("{instrument}, {} rows, of the scale:", self.rows);
        for (name, error) in NAMES.iter().zip(self.errors) {
            println!("  {name:<6}{error:.1e}");
        }
    }
}

/// Scales: those of an option that expires after the funding period.
#[test]
fn everlasting_greeks_match_2_400_references() {
    let mut worst = Worst::new(1e-12);
    for row in rows(include_str!("../goldens/everlasting_greeks.csv")) {
        let [spot, strike, rate, vol, days] = inputs(&row);
        let [call_delta, put_delta, gamma, vega, call_rho, put_rho] = row[5..] else {
            panic!("columns")
        };
        let years = days / 365.0;
        let v = vol * years.sqrt();
        let scales = [
            1.0,
            1.0 / (spot * v),
            strike * years.sqrt(),
            1.0,
            strike * years,
        ];
        let sides = [
            (1.0, 0.0, call_delta, call_rho),
            (0.0, 1.0, put_delta, put_rho),
        ];
        for (calls, puts, delta, rho) in sides {
            let found = Greeks::everlasting(spot, strike, rate, vol, years, calls, puts);
            let expected = [delta, gamma, vega, Some(0.0), rho];
            worst.check(found, expected, scales, &row);
        }
        worst.rows += 1;
    }
    worst.print("everlasting");
    assert_eq!(worst.rows, 2_400);
}

/// Scales: gamma's is at least 1/S; the exponents move by `1/(s R)` per volatility and `1/(s^2 R)` per rate, and a call is
/// worth at most the spot, a put the strike.
#[test]
fn american_greeks_match_2_800_references() {
    let mut worst = Worst::new(2e-12);
    let (mut none, mut infinite, mut jumps) = (0, 0, 0);
    for row in rows(include_str!("../goldens/american_greeks.csv")) {
        let [spot, strike, rate, dividend, vol] = inputs(&row);
        let a = 0.5 - (rate - dividend) / (vol * vol);
        let root = (a * a + 2.0 * rate / (vol * vol)).sqrt();
        for (calls, puts, greeks, value) in
            [(1.0, 0.0, &row[5..9], spot), (0.0, 1.0, &row[9..], strike)]
        {
            let [delta, gamma, vega, rho] = *greeks else {
                panic!("columns")
            };
            let found = Greeks::american(spot, strike, rate, dividend, vol, calls, puts);
            if delta.is_none() {
                none += 1;
                assert_eq!(found, Greeks::default(), "{row:?}");
                continue;
            }
            infinite += usize::from(rho.is_none());
            // Gamma jumps at the critical spot, which floating point tells from its neighbours to a few units in the last
            // place of delta.
            let at_the_jump =
                found.gamma == 0.0 && delta.is_some_and(|d| d.abs() > 1.0 - 4.0 * f64::EPSILON);
            jumps += usize::from(at_the_jump && gamma != Some(0.0));
            let gamma = gamma.filter(|_| !at_the_jump);
            let scales = [
                1.0,
                gamma.unwrap_or(0.0).max(1.0 / spot),
                value / (vol * root),
                1.0,
                value / (vol * vol * root),
            ]
            .map(|s| if s.is_finite() { s } else { 1.0 });
            worst.check(found, [delta, gamma, vega, Some(0.0), rho], scales, &row);
        }
        worst.rows += 1;
    }
    worst.print("perpetual American");
    println!(
        "  {none} sides without a market, {infinite} of infinite rho, {jumps} at the jump of gamma"
    );
    assert_eq!((worst.rows, none, infinite, jumps), (2_800, 666, 434, 1));
}

/// Scales: the Greeks themselves, over what is left of 1 in `1 - (r + s^2) T`.
#[test]
fn power_greeks_match_2_200_references() {
    let mut worst = Worst::new(1e-15);
    for row in rows(include_str!("../goldens/power_greeks.csv")) {
        let [spot, rate, vol, days] = inputs(&row);
        let [delta, gamma, vega, rho] = row[4..] else {
            panic!("columns")
        };
        let years = days / 365.0;
        let rest = 1.0 - (rate + vol * vol) * years;
        let expected = [delta, gamma, vega, Some(0.0), rho];
        let scales = expected.map(|greek| match greek {
            Some(x) if x != 0.0 => x.abs() / rest.min(1.0),
            _ => 1.0,
        });
        let found = Greeks::power(spot, rate, vol, years, 1.0);
        worst.check(found, expected, scales, &row);
        worst.rows += 1;
    }
    worst.print("power perpetual");
    assert_eq!(worst.rows, 2_200);
}

/// Scales: the Greeks themselves; of rho that of the value's three terms, which cancel.
#[test]
fn variance_swap_greeks_match_2_000_references() {
    let mut worst = Worst::new(1e-15);
    for row in rows(include_str!("../goldens/variance_swap_greeks.csv")) {
        let [
            spot,
            notional,
            realised_variance,
            implied_vol,
            strike,
            elapsed,
            total,
            discount,
        ] = inputs(&row);
        let [gamma, vega, theta, rho] = row[8..] else {
            panic!("columns")
        };
        let state = VarianceState {
            spot,
            realised_variance,
            implied_vol,
            elapsed: elapsed / SECONDS,
            left: (total - elapsed) / SECONDS,
            discount,
        };
        let terms = realised_variance * elapsed / total
            + implied_vol * implied_vol * (total - elapsed) / total
            + strike * strike;
        let itself = |greek: Option<f64>| greek.filter(|x| *x != 0.0).map_or(1.0, f64::abs);
        let scales = [
            1.0,
            itself(gamma),
            itself(vega),
            itself(theta),
            itself(Some(state.left * discount * notional * terms)),
        ];
        let found = Greeks::variance_swap(&state, notional, strike);
        worst.check(found, [Some(0.0), gamma, vega, theta, rho], scales, &row);
        worst.rows += 1;
    }
    worst.print("variance swap");
    assert_eq!(worst.rows, 2_000);
}

/// Scales: vega itself; of rho that of the value's two terms, which cancel.
#[test]
fn volatility_swap_greeks_match_2_000_references() {
    let mut worst = Worst::new(1e-15);
    for row in rows(include_str!("../goldens/volatility_swap_greeks.csv")) {
        let [notional, fair_vol, strike, seconds, discount] = inputs(&row);
        let [vega, rho] = row[5..] else {
            panic!("columns")
        };
        let left = seconds / SECONDS;
        let paid = discount * notional;
        let terms = left * paid.abs() * (fair_vol + strike);
        let scales = [
            1.0,
            1.0,
            paid.abs(),
            1.0,
            if terms > 0.0 { terms } else { 1.0 },
        ];
        let found = Greeks::volatility_swap(fair_vol, strike, discount, left, notional);
        let zero = Some(0.0);
        worst.check(found, [zero, zero, vega, zero, rho], scales, &row);
        worst.rows += 1;
    }
    worst.print("volatility swap");
    assert_eq!(worst.rows, 2_000);
}
