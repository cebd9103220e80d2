//! The engine against independent high-precision references (`scripts/goldens`).

use num_bigint::BigInt;
use num_traits::{Signed, ToPrimitive};
use zkmargin_circuits::{
    engine::{
        Greeks,
        option::{self, MarketTrace},
    },
    model::{
        Contingencies, Disclosure, Discount, Expiry, Factors, Incentive, Money, Policy, Price,
        Rate, Scenario, SmileNode, Snapshot, Time, VolMove, VolShock,
    },
    public::{PublicTable, TableError},
    tables,
};

/// A decimal string as an integer of `10^-places`, further digits cut.
fn digits(text: &str, places: usize) -> BigInt {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let padded = format!("{fraction:0<places$}");
    format!("{whole}{}", &padded[..places])
        .parse()
        .expect("decimal")
}

fn lines(file: &str) -> impl Iterator<Item = Vec<&str>> {
    file.lines().skip(1).map(|line| line.split(',').collect())
}

fn policy() -> Policy {
    Policy {
        version: Default::default(),
        name: "golden".into(),
        scenarios: vec![Scenario {
            spot: Rate::ZERO,
            vol: VolMove::Same,
            weight: Rate::ONE,
        }],
        vol_shock: VolShock {
            up: Rate::ZERO,
            down: Rate::ZERO,
            power: Rate::ZERO,
            floor_seconds: 86_400,
        },
        factors: Factors {
            maintenance: Rate::ONE,
            initial: Rate::ONE,
        },
        contingencies: Contingencies {
            short_option: Rate::ZERO,
            future: Rate::ZERO,
        },
        haircuts: vec![],
        incentive: Incentive {
            base: Rate::ZERO,
            slope: Rate::ZERO,
            cap: Rate::ONE,
        },
        disclosure: Disclosure {
            repay_tick: Money::ONE,
            incentive_tick: Rate::ONE,
        },
    }
}

/// One option of a golden file in the engine.
struct Engine {
    table: PublicTable,
    strike: i128,
    seconds: u64,
    v: i128,
}

impl Engine {
    /// `None` where volatility x sqrt(time) is beyond what the table holds.
    fn new([forward, strike, vol, seconds, discount]: [&str; 5]) -> Option<Self> {
        let now = Time::from_unix(1_700_000_000).expect("time");
        let strike: Price = strike.parse().expect("strike");
        let seconds: u64 = seconds.parse().expect("seconds");
        let expiry = Time::from_unix(now.unix() + seconds as i64).expect("expiry");
        let forward: Price = forward.parse().expect("forward");
        let vol: Rate = vol.parse().expect("vol");
        let asset = "X".parse().expect("symbol");
        let snapshot = Snapshot {
            version: Default::default(),
            sequence: 1,
            time: now,
            assets: vec![zkmargin_circuits::model::Asset {
                asset,
                spot: forward,
                perpetual: None,
            }],
            expiries: vec![Expiry {
                asset,
                expiry,
                forward,
                discount: discount.parse::<Discount>().expect("discount"),
                smile: vec![SmileNode { strike, vol }],
            }],
        };
        let table = match PublicTable::new(&snapshot, &policy()) {
            Ok(table) => table,
            Err(TableError::Volatility { .. }) => {
                let years = seconds as f64 / 31_536_000.0;
                let v = vol.units() as f64 / 1e8 * years.sqrt();
                assert!(v > 7.999_999, "{v}");
                return None;
            }
            Err(error) => panic!("{error}"),
        };
        let strike = strike.units().into();
        let v = option::group_smile(&table.options[1], strike)
            .expect("smile")
            .v;
        Some(Self {
            table,
            strike,
            seconds,
            v,
        })
    }

    /// One call or one put.
    fn trace(&self, call: bool) -> MarketTrace {
        let one = i128::from(Price::ONE.units());
        let (calls, puts) = if call { (one, 0) } else { (0, one) };
        let ln = option::ln_strike(self.strike).ln;
        let base = &self.table.options[1].base;
        option::market(base, self.strike, ln, self.v, calls, puts)
    }
}

/// Every price of a golden file is within the epsilon that the circuit adds. Returns the cases and those refused.
fn within_the_stated_bound(file: &str) -> (usize, usize) {
    let (mut count, mut refused, mut priced, mut worst) = (0, 0, 0, 0f64);
    for row in lines(file) {
        let [forward, strike, vol, seconds, discount, call, put] = row[..] else {
            panic!("columns")
        };
        count += 1;
        let Some(engine) = Engine::new([forward, strike, vol, seconds, discount]) else {
            refused += 1;
            continue;
        };
        for (is_call, expected) in [(true, call), (false, put)] {
            let trace = engine.trace(is_call);
            let (value, epsilon) = (trace.value.clone(), trace.epsilon.clone());
            // Units 1e-16 x 2^-124, for one whole contract.
            let exact: BigInt = (digits(expected, 40) << 124) / BigInt::from(10).pow(24);
            let error: BigInt = (value - exact).abs();
            assert!(error <= epsilon, "{row:?}: off by {error}, bound {epsilon}");
            let share = error.to_f64().expect("float") / epsilon.to_f64().expect("float");
            worst = worst.max(share);
            priced += usize::from(digits(expected, 12) > BigInt::from(0));
        }
    }
    println!(
        "{count} cases, {refused} refused, {priced} prices above 1e-12, worst error {worst:.3} of the bound"
    );
    (count, refused)
}

#[test]
fn black_76_is_within_the_stated_bound_on_10_000_cases() {
    let counts = within_the_stated_bound(include_str!("goldens/black76.csv"));
    assert_eq!(counts, (10_000, 82));
}

#[test]
fn black_76_is_within_the_stated_bound_at_the_corners() {
    let counts = within_the_stated_bound(include_str!("goldens/black76_corners.csv"));
    assert_eq!(counts, (2_964, 228));
}

#[test]
fn normal_distribution_is_within_3e_12() {
    let mut worst = 0f64;
    for row in lines(include_str!("goldens/normal.csv")) {
        let d: i128 = row[0].parse().expect("integer");
        if d.abs() >= option::D2_END >> 1 {
            continue;
        }
        // The file counts in 2^-36.
        let n = tables::normal(d.abs() << 1);
        let n = if d < 0 { (1 << 88) - n } else { n };
        let exact: BigInt = (digits(row[1], 40) << 88) / BigInt::from(10).pow(40);
        let error: BigInt = BigInt::from(n) - exact;
        worst = worst.max(error.abs().to_f64().expect("float") / 2f64.powi(88));
    }
    println!("worst error {worst:.3e}");
    assert!(worst < 3e-12, "{worst:e}");
}

#[test]
fn logarithm_is_within_25e_12() {
    let mut worst = 0f64;
    for row in lines(include_str!("goldens/ln.csv")) {
        let n: i128 = row[0].parse().expect("integer");
        if n >= 1 << tables::STRIKE_BITS {
            continue;
        }
        let exact: BigInt = (digits(row[1], 40) << 54) / BigInt::from(10).pow(40);
        let error: BigInt = BigInt::from(option::ln_strike(n).ln) - exact;
        worst = worst.max(error.abs().to_f64().expect("float") / 2f64.powi(54));
    }
    println!("worst error {worst:.3e}");
    assert!(worst < 2.5e-11, "{worst:e}");
}

/// Every sensitivity is near the reference, in units of what it can be at most at that forward, discount and time.
#[test]
fn european_greeks_match_2_400_references() {
    let number = |text: &str| text.parse::<f64>().expect("a number");
    let (mut count, mut refused, mut at_the_jump, mut worst) = (0, 0, 0, [0f64; 5]);
    for row in lines(include_str!("goldens/black76_greeks.csv")) {
        let [forward, strike, vol, seconds, discount, ref greeks @ ..] = row[..] else {
            panic!("columns")
        };
        let [call_delta, put_delta, gamma, vega, theta, call_rho, put_rho] = greeks else {
            panic!("columns")
        };
        count += 1;
        let Some(engine) = Engine::new([forward, strike, vol, seconds, discount]) else {
            refused += 1;
            continue;
        };
        // At expiry delta jumps at F = K, which the logarithm sees to 2.5e-11.
        let moneyness = number(forward) / number(strike) - 1.0;
        if engine.seconds == 0 && moneyness.abs() < 1e-10 {
            at_the_jump += 1;
            continue;
        }
        let years = engine.seconds as f64 / 31_536_000.0;
        let v = number(vol) * years.sqrt();
        let paid = number(discount) * number(forward).max(number(strike));
        let discounted = number(discount) * number(forward);
        for (is_call, delta, rho) in [(true, call_delta, call_rho), (false, put_delta, put_rho)] {
            let (calls, puts) = if is_call { (1.0, 0.0) } else { (0.0, 1.0) };
            let found = Greeks::european(&engine.trace(is_call), engine.seconds, calls, puts);
            // The report's units: a vol point, a day, a percentage point.
            let pairs = [
                (found.delta, number(delta), number(discount)),
                (
                    found.gamma,
                    number(gamma),
                    0.4 * number(discount) / number(forward) / v,
                ),
                (
                    found.vega * 100.0,
                    number(vega),
                    0.4 * discounted * years.sqrt(),
                ),
                (
                    found.theta * 365.0,
                    number(theta),
                    0.2 * discounted * v / years,
                ),
                (found.rho * 100.0, number(rho), paid * years),
            ];
            for ((found, expected, scale), worst) in pairs.into_iter().zip(&mut worst) {
                let scale = if scale.is_finite() && scale > 0.0 {
                    scale
                } else {
                    1.0
                };
                *worst = worst.max((found - expected).abs() / scale);
                assert!(
                    (found - expected).abs() <= 1e-5 * scale,
                    "{row:?}: {found}, expected {expected}"
                );
            }
        }
    }
    println!(
        "{count} cases, {refused} refused, {at_the_jump} at the jump; delta, gamma, vega, theta, rho: {worst:?} of the scale"
    );
    assert_eq!((count, refused, at_the_jump), (2_400, 65, 2));
}
