//! Power perpetuals, variance and volatility swaps. Their values are fractions, which the references are checked against to
//! their last digit: the bound is finer than that.

use num_bigint::BigInt;
use zkmargin_circuits::{
    engine::linear::{self, SWAP_EPSILON},
    model::{Discount, Money, PowerMarket, Price, Rate, Snapshot, Symbol, Time, VarianceMarket},
    public::{
        PublicTable, SwapExposureRow, SwapGroup, SwapKind, TableError, swap_key, variance_price,
    },
    slots::SwapSlot,
};

use super::{Exact, Instrument, Point, Refusal, rules};

/// A whole minute.
const START: i64 = 1_700_000_040;
const DAY: i64 = 86_400;

fn parse<const P: u32>(text: &str) -> i64 {
    let value: zkmargin_circuits::model::Fixed<P> = text.parse().expect("a decimal");
    value.units()
}

fn rate(text: &str) -> Rate {
    text.parse().expect("a rate")
}

fn asset() -> Symbol {
    "X".parse().expect("symbol")
}

fn ten(places: u32) -> BigInt {
    BigInt::from(10).pow(places)
}

/// The group of a kind in a snapshot of one asset.
fn group(
    snapshot: Snapshot,
    spot: Price,
    interest: Rate,
    wanted: impl Fn(SwapKind) -> bool,
) -> Result<SwapGroup, TableError> {
    let snapshot = Snapshot {
        assets: vec![rules::asset(asset(), spot, interest)],
        ..snapshot
    };
    let table = PublicTable::new(&snapshot, &rules::policy())?;
    let found = |g: &SwapGroup| g.id.is_some_and(|(_, kind)| wanted(kind));
    Ok(table.swaps.into_iter().find(found).expect("the group"))
}

/// A size at a strike against its exact value.
fn point(group: &SwapGroup, size: i64, strike: i64, exact: &Exact, row: &[&str]) -> Point {
    let reference = row[row.len() - 1];
    assert!(exact.is(reference), "{row:?}");
    let slot = SwapSlot {
        key: group.key,
        size: size.into(),
        strike: strike.into(),
    };
    let trace = linear::swap(1, group, 0, &slot).expect("a market");
    let bound = BigInt::from(size.abs()) * SWAP_EPSILON;
    // The circuit's value has the bound added.
    exact.point(
        &(&trace.value - &bound),
        &bound,
        &ten(36),
        format!("{row:?}"),
    )
}

/// `spot, rate, vol, funding_days, value`: `S^2 / (1 - (r + s^2) T)`.
fn power(row: &[&str]) -> Vec<Result<Point, Refusal>> {
    let [spot, interest, vol, days, value] = row else {
        panic!("columns")
    };
    let market = PowerMarket {
        asset: asset(),
        funding_days: rate(days),
        vol: rate(vol),
    };
    let snapshot = Snapshot {
        power: vec![market],
        ..rules::snapshot(Time::from_unix(START).expect("time"))
    };
    let spot: Price = spot.parse().expect("spot");
    let whole: BigInt = ten(24) * 365;
    let squared = BigInt::from(parse::<8>(vol)).pow(2);
    let grown = (BigInt::from(parse::<8>(interest)) * ten(8) + squared) * parse::<8>(days);
    let group = match group(snapshot, spot, rate(interest), |kind| {
        kind == SwapKind::Power
    }) {
        Ok(group) => group,
        Err(TableError::Power { .. }) => {
            let dear = value.parse::<f64>().expect("a number") > 8.5e13;
            let nine: BigInt = &whole * 9 / 10;
            assert!(grown > nine || dear, "{row:?}");
            return vec![Err("(r + s^2) T above 0.9, or price above 8.5e13 USD")];
        }
        Err(error) => panic!("{row:?}: {error}"),
    };
    let exact = Exact::new(
        BigInt::from(spot.units()).pow(2) * &whole,
        (whole - grown) * ten(16),
    );
    vec![Ok(point(&group, Money::ONE.units(), 0, &exact, row))]
}

/// `notional, realised_variance, implied_vol, strike, elapsed, total, discount, value`:
/// `D N (A t/T + I^2 (T - t)/T - K^2)`.
fn variance(row: &[&str]) -> Vec<Result<Point, Refusal>> {
    let [
        notional,
        realised,
        implied,
        strike,
        elapsed,
        total,
        discount,
        _,
    ] = row
    else {
        panic!("columns")
    };
    let [elapsed, total]: [i64; 2] = [elapsed, total].map(|t| t.parse().expect("seconds"));
    let factor: Discount = discount.parse().expect("discount");
    let group = if total % 60 == 0 {
        let time = |unix| Time::from_unix(unix).expect("time");
        let market = VarianceMarket {
            asset: asset(),
            start: time(START),
            end: time(START + total),
            discount: factor,
            realised_variance: rate(realised),
            implied_vol: rate(implied),
            fair_vol: Rate::ZERO,
        };
        let snapshot = Snapshot {
            variance: vec![market],
            ..rules::snapshot(time(START + elapsed))
        };
        let wanted = |kind| matches!(kind, SwapKind::Variance(..));
        group(snapshot, Price::ONE, Rate::ZERO, wanted).expect("a legal market")
    } else {
        // No file holds such a period; the table's formula does.
        let price = variance_price(rate(realised), rate(implied), [elapsed, total], factor);
        let kind = SwapKind::Variance(0, 0);
        SwapGroup {
            id: Some((asset(), kind)),
            key: swap_key(asset(), kind),
            discount: factor.units().into(),
            charge: 0,
            above: 0,
            price: price.expect("in range"),
            scenarios: vec![[0; 2]],
            underlying: 0,
            exposure: SwapExposureRow::default(),
        }
    };
    let [realised, implied, fixed] =
        [realised, implied, strike].map(|r| BigInt::from(parse::<8>(r)));
    let fair = realised * ten(8) * elapsed + implied.pow(2) * (total - elapsed);
    let size = parse::<8>(notional);
    let exact = Exact::new(
        (fair - fixed.pow(2) * total) * size * factor.units(),
        ten(16 + 8 + 12) * total,
    );
    vec![Ok(point(&group, size, parse::<8>(strike), &exact, row))]
}

/// `notional, fair_vol, strike, discount, value`: `D N (fair - K)`.
fn volatility(row: &[&str]) -> Vec<Result<Point, Refusal>> {
    let [notional, fair, strike, discount, _] = row else {
        panic!("columns")
    };
    let time = |unix| Time::from_unix(unix).expect("time");
    let factor: Discount = discount.parse().expect("discount");
    let market = VarianceMarket {
        asset: asset(),
        start: time(START),
        end: time(START + DAY),
        discount: factor,
        realised_variance: Rate::ZERO,
        implied_vol: rate(fair),
        fair_vol: rate(fair),
    };
    let snapshot = Snapshot {
        variance: vec![market],
        ..rules::snapshot(time(START))
    };
    let wanted = |kind| matches!(kind, SwapKind::Volatility(..));
    let group = group(snapshot, Price::ONE, Rate::ZERO, wanted).expect("a legal market");
    let (size, fixed) = (parse::<8>(notional), parse::<8>(strike));
    let exact = Exact::new(
        BigInt::from(parse::<8>(fair) - fixed) * size * factor.units(),
        ten(8 + 8 + 12),
    );
    vec![Ok(point(&group, size, fixed, &exact, row))]
}

pub fn run() -> [Instrument; 3] {
    [
        super::run(
            "Power perpetual",
            "1e-24 USD",
            &[include_str!("../../goldens/power.csv")],
            power,
        ),
        super::run(
            "Variance swap",
            "1e-24 USD per unit of notional",
            &[include_str!("../../goldens/variance_swap.csv")],
            variance,
        ),
        super::run(
            "Volatility swap",
            "1e-24 USD per unit of notional",
            &[include_str!("../../goldens/volatility_swap.csv")],
            volatility,
        ),
    ]
}
