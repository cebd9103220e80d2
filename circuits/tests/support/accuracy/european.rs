//! European options.

use num_bigint::BigInt;
use zkmargin_circuits::{
    engine::option::{self, MarketTrace, VALUE_BITS},
    model::{Discount, Expiry, Price, Rate, SmileNode, Snapshot, Time},
    public::{PublicTable, TableError},
};

use super::{Exact, Instrument, Refusal, rules};

/// One strike of one expiry.
pub struct European {
    table: PublicTable,
    strike: i128,
    /// Seconds to expiry.
    pub seconds: u64,
    v: i128,
}

impl European {
    /// From `forward, strike, vol, seconds, discount`.
    pub fn new(row: &[&str]) -> Result<Self, Refusal> {
        let [forward, strike, vol, seconds, discount, ..] = row else {
            panic!("columns")
        };
        let now = Time::from_unix(1_700_000_000).expect("time");
        let strike: Price = strike.parse().expect("strike");
        let seconds: u64 = seconds.parse().expect("seconds");
        let forward: Price = forward.parse().expect("forward");
        let vol: Rate = vol.parse().expect("vol");
        let asset = "X".parse().expect("symbol");
        let snapshot = Snapshot {
            assets: vec![rules::asset(asset, forward, Rate::ZERO)],
            expiries: vec![Expiry {
                asset,
                expiry: Time::from_unix(now.unix() + seconds as i64).expect("expiry"),
                forward,
                forward_fixed: Price::ZERO,
                confidence: Rate::ONE,
                discount: discount.parse::<Discount>().expect("discount"),
                smile: vec![SmileNode { strike, vol }],
            }],
            ..rules::snapshot(now)
        };
        let table = match PublicTable::new(&snapshot, &rules::policy()) {
            Ok(table) => table,
            Err(TableError::Volatility { .. }) => {
                let v = vol.units() as f64 / 1e8 * (seconds as f64 / 31_536_000.0).sqrt();
                assert!(v > 7.999_999, "{v}");
                return Err("vol x sqrt(time) reaches 8");
            }
            Err(error) => panic!("{row:?}: {error}"),
        };
        let strike = strike.units().into();
        let smile = option::group_smile(&table.options[1], strike).expect("smile");
        Ok(Self {
            table,
            strike,
            seconds,
            v: smile.v,
        })
    }

    /// One call or one put.
    pub fn trace(&self, call: bool) -> MarketTrace {
        let one = i128::from(Price::ONE.units());
        let (calls, puts) = if call { (one, 0) } else { (0, one) };
        let ln = option::ln_strike(self.strike).ln;
        let base = &self.table.options[1].base;
        option::market(base, self.strike, ln, self.v, calls, puts)
    }
}

/// USD in units of an option's value.
pub fn unit() -> BigInt {
    BigInt::from(10).pow(16) << VALUE_BITS
}

pub fn run() -> Instrument {
    super::run(
        "European option",
        "2^-33 D F + 19 2^-41 D K",
        &[
            include_str!("../../goldens/black76.csv"),
            include_str!("../../goldens/black76_corners.csv"),
        ],
        |row| {
            let engine = match European::new(row) {
                Ok(engine) => engine,
                Err(reason) => return vec![Err(reason); 2],
            };
            [(true, row[5]), (false, row[6])]
                .map(|(call, exact)| {
                    let trace = engine.trace(call);
                    let case = format!("call {call}: {row:?}");
                    Ok(Exact::parse(exact).point(&trace.value, &trace.epsilon, &unit(), case))
                })
                .into()
        },
    )
}
