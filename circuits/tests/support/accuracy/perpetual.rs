//! Everlasting and perpetual American options.

use zkmargin_circuits::{
    engine::{
        option,
        perpetual::{self, PerpetualMarketTrace},
    },
    model::{Everlasting, PerpetualAmerican, Price, Snapshot, Time},
    public::{PerpetualSide, PublicTable, ScenarioRow},
};

use super::{Exact, Instrument, Point, Refusal, european::unit, rules};

/// The perpetual options of one market.
pub struct Perpetual {
    table: PublicTable,
    strike: i128,
}

fn parse<T: std::str::FromStr>(text: &str) -> T {
    text.parse().ok().expect("a decimal")
}

impl Perpetual {
    fn new(spot: &str, strike: &str, rate: &str, markets: Snapshot) -> Self {
        let snapshot = Snapshot {
            assets: vec![rules::asset(asset(), parse(spot), parse(rate))],
            ..markets
        };
        Self {
            table: PublicTable::new(&snapshot, &rules::policy()).expect("a legal market"),
            strike: parse::<Price>(strike).units().into(),
        }
    }

    /// From `spot, strike, rate, vol, funding_days`.
    pub fn everlasting(row: &[&str]) -> Self {
        let [spot, strike, rate, vol, funding_days, ..] = row else {
            panic!("columns")
        };
        let everlasting = vec![Everlasting {
            asset: asset(),
            funding_days: parse(funding_days),
            vol: parse(vol),
        }];
        let markets = Snapshot {
            everlasting,
            ..nothing()
        };
        Self::new(spot, strike, rate, markets)
    }

    /// From `spot, strike, rate, dividend, vol`.
    pub fn american(row: &[&str]) -> Self {
        let [spot, strike, rate, dividend, vol, ..] = row else {
            panic!("columns")
        };
        let american = vec![PerpetualAmerican {
            asset: asset(),
            vol: parse(vol),
            dividend: parse(dividend),
        }];
        let markets = Snapshot {
            american,
            ..nothing()
        };
        Self::new(spot, strike, rate, markets)
    }

    /// One call or one put in the unmoved market; `None` for a side without a market.
    pub fn trace(&self, call: bool) -> Option<PerpetualMarketTrace> {
        let mut numbered = self.table.perpetual_options.iter().enumerate().skip(1);
        let (number, group) = numbered.find(|(_, group)| match group.id {
            Some((_, PerpetualSide::AmericanCall)) => call,
            Some((_, PerpetualSide::AmericanPut)) => !call,
            side => side.is_some(),
        })?;
        let one = i128::from(Price::ONE.units());
        let sizes = if call { [one, 0] } else { [0, one] };
        let ln = option::ln_strike(self.strike);
        let scenario = (0, ScenarioRow::default());
        perpetual::perpetual(number, group, scenario, self.strike, ln, sizes)
            .map(|trace| trace.base.clone())
    }

    /// The value of one call or one put, to show.
    pub fn value(&self, call: bool) -> f64 {
        let trace = self.trace(call).expect("a market");
        super::quotient(&trace.value, &unit())
    }

    /// Call and put against their references; one that is empty has no market.
    fn points(&self, row: &[&str]) -> Vec<Result<Point, Refusal>> {
        let side = |call: bool, exact: &str| match self.trace(call) {
            None => {
                assert_eq!(exact, "", "{row:?}");
                Err("no market: q < 0 (call), r < 0 (put)")
            }
            Some(trace) => {
                let case = format!("call {call}: {row:?}");
                Ok(Exact::parse(exact).point(&trace.value, &trace.epsilon, &unit(), case))
            }
        };
        let n = row.len();
        vec![side(true, row[n - 2]), side(false, row[n - 1])]
    }
}

fn asset() -> zkmargin_circuits::model::Symbol {
    "X".parse().expect("symbol")
}

fn nothing() -> Snapshot {
    rules::snapshot(Time::from_unix(1_700_000_000).expect("time"))
}

pub fn run() -> [Instrument; 2] {
    let formula = "2^-33 (S + kappa K) + 2^-23 x 1e-8 USD";
    let everlasting = super::run(
        "Everlasting option",
        formula,
        &[include_str!("../../goldens/everlasting.csv")],
        |row| Perpetual::everlasting(row).points(row),
    );
    let american = super::run(
        "Perpetual American option",
        formula,
        &[include_str!("../../goldens/american.csv")],
        |row| Perpetual::american(row).points(row),
    );
    [everlasting, american]
}
