//! The engine against independent high-precision references (`scripts/goldens`).

use num_bigint::BigInt;
use num_traits::{Signed, ToPrimitive};
use zkmargin_circuits::{
    engine::option,
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

/// What the engine says of one option: value and bound of a call and of a put, units 1e-16 USD x 2^-124; `None` where
/// volatility x sqrt(time) is beyond what the table holds.
fn engine_values(
    [forward, strike, vol, seconds, discount]: [&str; 5],
) -> Option<[(BigInt, BigInt); 2]> {
    let now = Time::from_unix(1_700_000_000).expect("time");
    let strike: Price = strike.parse().expect("strike");
    let seconds: i64 = seconds.parse().expect("seconds");
    let expiry = Time::from_unix(now.unix() + seconds).expect("expiry");
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
    let group = &table.options[1];
    let k = i128::from(strike.units());
    let v = option::group_smile(group, k).expect("smile").v;
    let one = i128::from(Price::ONE.units());
    let ln = option::ln_strike(k).ln;
    Some([(one, 0), (0, one)].map(|(calls, puts)| {
        let trace = option::market(&group.base, k, ln, v, calls, puts);
        (trace.value.clone(), trace.epsilon.clone())
    }))
}

/// Every price of a golden file is within the epsilon that the circuit adds. Cases, those refused, largest share.
fn within_the_stated_bound(file: &str) -> (usize, usize) {
    let (mut count, mut refused, mut priced, mut worst) = (0, 0, 0, 0f64);
    for row in lines(file) {
        let [forward, strike, vol, seconds, discount, call, put] = row[..] else {
            panic!("columns")
        };
        count += 1;
        let Some(values) = engine_values([forward, strike, vol, seconds, discount]) else {
            refused += 1;
            continue;
        };
        for ((value, epsilon), expected) in values.into_iter().zip([call, put]) {
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
