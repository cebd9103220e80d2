//! The report's Greeks of perpetual instruments and swaps: sizes, units, and differences of the engine's own equity.

use zkmargin_circuits::{
    engine::{Greeks, PositionKind, Report, VarianceState},
    model::{Account, ONE, Policy, Rate, SECONDS_PER_YEAR, Snapshot, Time},
    public::PublicTable,
    shape::Shape,
    slots::Slots,
};

use crate::support::sample;

const SPOT: f64 = 50_000.0;
const RATE: f64 = 0.04;
const ELAPSED: f64 = 40.0 / 365.0;
const LEFT: f64 = 50.0 / 365.0;

/// The market of one asset, forty days after the swaps' start and fifty before their end.
fn market() -> Snapshot {
    serde_json::from_str(
        r#"{
            "version": 1, "sequence": 1, "time": "2026-11-20T00:00:00Z",
            "assets": [{"asset": "BTC", "spot": "50000", "rate": "0.04"}],
            "everlasting": [{"asset": "BTC", "funding_days": "7", "vol": "0.6"}],
            "american": [{"asset": "BTC", "vol": "0.5", "dividend": "0.01"}],
            "power": [{"asset": "BTC", "funding_days": "14", "vol": "0.7"}],
            "variance": [{
                "asset": "BTC", "start": "2026-10-11T00:00:00Z", "end": "2027-01-09T00:00:00Z",
                "discount": "0.99", "realised_variance": "0.3", "implied_vol": "0.65", "fair_vol": "0.58"
            }]
        }"#,
    )
    .expect("a snapshot")
}

/// One of each.
const POSITIONS: [(&str, &str); 6] = [
    (
        "perpetual_options",
        r#"{"asset": "BTC", "style": "everlasting", "funding_days": "7", "strike": "52000", "calls": "3", "puts": "-2"}"#,
    ),
    (
        "perpetual_options",
        r#"{"asset": "BTC", "style": "american", "strike": "45000", "calls": "-1.5", "puts": "0"}"#,
    ),
    (
        "perpetual_options",
        r#"{"asset": "BTC", "style": "american", "strike": "48000", "calls": "0", "puts": "4"}"#,
    ),
    (
        "power_perpetuals",
        r#"{"asset": "BTC", "size": "-0.00025", "entry": "2400000000"}"#,
    ),
    (
        "variance",
        r#"{"asset": "BTC", "kind": "variance", "start": "2026-10-11T00:00:00Z", "end": "2027-01-09T00:00:00Z", "notional": "-20000", "strike": "0.55"}"#,
    ),
    (
        "variance",
        r#"{"asset": "BTC", "kind": "volatility", "start": "2026-10-11T00:00:00Z", "end": "2027-01-09T00:00:00Z", "notional": "30000", "strike": "0.6"}"#,
    ),
];

/// Per unit held, and the units, in the order of [`POSITIONS`].
fn per_unit() -> [(PositionKind, Greeks, f64); 6] {
    let week = 7.0 / 365.0;
    let state = VarianceState {
        spot: SPOT,
        realised_variance: 0.3,
        implied_vol: 0.65,
        elapsed: ELAPSED,
        left: LEFT,
        discount: 0.99,
    };
    [
        // Calls and puts of one strike are one position: three calls, two puts sold.
        (
            PositionKind::PerpetualOption,
            Greeks::everlasting(SPOT, 52_000.0, RATE, 0.6, week, 3.0, -2.0),
            1.0,
        ),
        (
            PositionKind::PerpetualOption,
            Greeks::american(SPOT, 45_000.0, RATE, 0.01, 0.5, 1.0, 0.0),
            -1.5,
        ),
        (
            PositionKind::PerpetualOption,
            Greeks::american(SPOT, 48_000.0, RATE, 0.01, 0.5, 0.0, 1.0),
            4.0,
        ),
        (
            PositionKind::PowerPerpetual,
            Greeks::power(SPOT, RATE, 0.7, 2.0 * week, 1.0),
            -0.00025,
        ),
        (
            PositionKind::VarianceSwap,
            Greeks::variance_swap(&state, 1.0, 0.55),
            -20_000.0,
        ),
        (
            PositionKind::VolatilitySwap,
            Greeks::volatility_swap(0.58, 0.6, 0.99, LEFT, 1.0),
            30_000.0,
        ),
    ]
}

fn account(positions: &[(&str, &str)]) -> Account {
    let mut json = serde_json::json!({
        "version": 1,
        "owner": "0x0000000000000000000000000000000000000001",
        "sequence": 1,
        "salt": format!("0x{:064x}", 7),
        "cash": "0",
        "perpetual_options": [],
        "power_perpetuals": [],
        "variance": [],
    });
    for (list, text) in positions {
        let position = serde_json::from_str(text).expect("JSON");
        json[list].as_array_mut().expect("a list").push(position);
    }
    serde_json::from_value(json).expect("an account")
}

fn report(positions: &[(&str, &str)], snapshot: &Snapshot) -> Report {
    let policy: Policy = sample("policy.json");
    let table = PublicTable::new(snapshot, &policy).expect("table");
    let slots = Slots::new(&account(positions), Shape::Medium).expect("fits");
    Report::new(&slots, snapshot, &policy, &table).expect("report")
}

fn fields(greeks: &Greeks) -> [f64; 5] {
    [
        greeks.delta,
        greeks.gamma,
        greeks.vega,
        greeks.theta,
        greeks.rho,
    ]
}

#[test]
fn positions_have_their_size_times_the_greeks_of_a_unit() {
    let all = report(&POSITIONS, &market());
    let mut sum = [0.0; 5];
    for (i, (kind, unit, size)) in per_unit().into_iter().enumerate() {
        let alone = report(&POSITIONS[i..=i], &market());
        let [position] = &alone.positions[..] else {
            panic!("one position")
        };
        assert_eq!(position.kind, kind);
        let listed = all.positions.iter().filter(|p| p.key == position.key);
        assert_eq!(
            listed.map(|p| p.greeks).collect::<Vec<_>>(),
            [position.greeks]
        );
        let found = fields(&position.greeks);
        for ((found, unit), sum) in found.into_iter().zip(fields(&unit)).zip(&mut sum) {
            let expected = unit * size;
            *sum += expected;
            assert!(
                (found - expected).abs() <= 1e-14 * expected.abs(),
                "{}: {found}, expected {expected}",
                position.key
            );
        }
    }
    let [(asset, total)] = &all.greeks[..] else {
        panic!("one underlying")
    };
    assert_eq!(asset, "BTC");
    for (found, sum) in fields(total).into_iter().zip(sum) {
        assert!((found - sum).abs() <= 1e-12 * sum.abs(), "{found}, {sum}");
    }
    let totals = all.total_greeks;
    assert_eq!(
        [totals.vega, totals.theta, totals.rho],
        [total.vega, total.theta, total.rho]
    );
}

/// Equity with the market changed, USD.
fn equity(position: usize, change: impl Fn(&mut Snapshot)) -> f64 {
    let mut snapshot = market();
    change(&mut snapshot);
    report(&POSITIONS[position..=position], &snapshot)
        .equity
        .units() as f64
        / ONE as f64
}

fn shifted(rate: Rate, by: f64) -> Rate {
    Rate::from_units(rate.units() + (by * ONE as f64).round() as i64)
}

/// `[f(h) - f(-h)] / 2h`, less its error of second order.
fn slope(f: impl Fn(f64) -> f64, h: f64) -> f64 {
    let at = |h: f64| (f(h) - f(-h)) / (2.0 * h);
    (4.0 * at(h / 2.0) - at(h)) / 3.0
}

fn curvature(f: impl Fn(f64) -> f64, h: f64) -> f64 {
    let at = |h: f64| (f(h) - 2.0 * f(0.0) + f(-h)) / (h * h);
    (4.0 * at(h / 2.0) - at(h)) / 3.0
}

fn spot(snapshot: &mut Snapshot, dollars: f64) {
    let asset = &mut snapshot.assets[0];
    asset.spot = shifted(asset.spot, dollars);
}

/// By 1.00: every volatility, fair volatility of the volatility swap only, so that one move moves one thing.
fn vol(snapshot: &mut Snapshot, position: usize, by: f64) {
    if position == 5 {
        let market = &mut snapshot.variance[0];
        market.fair_vol = shifted(market.fair_vol, by);
        return;
    }
    for vol in [
        &mut snapshot.everlasting[0].vol,
        &mut snapshot.american[0].vol,
        &mut snapshot.power[0].vol,
        &mut snapshot.variance[0].implied_vol,
    ] {
        *vol = shifted(*vol, by);
    }
}

/// By 1.00: the financing rate and the swaps' discount factor.
fn rate(snapshot: &mut Snapshot, by: f64) {
    let asset = &mut snapshot.assets[0];
    asset.rate = shifted(asset.rate, by);
    let market = &mut snapshot.variance[0];
    let moved = market.discount.units() as f64 * (-by * LEFT).exp();
    market.discount = zkmargin_circuits::model::Discount::from_units(moved.round() as i64);
}

/// By years; the returns realised so far stay what they are.
fn time(snapshot: &mut Snapshot, years: f64) {
    let seconds = (years * SECONDS_PER_YEAR as f64).round();
    let moved = snapshot.time.unix() + seconds as i64;
    snapshot.time = Time::from_unix(moved).expect("a time");
    let market = &mut snapshot.variance[0];
    let elapsed = ELAPSED * SECONDS_PER_YEAR as f64;
    let diluted = market.realised_variance.units() as f64 * elapsed / (elapsed + seconds);
    market.realised_variance = Rate::from_units(diluted.round() as i64);
}

/// In the report's units: a vol point, a day, a percentage point.
#[test]
fn greeks_agree_with_differences_of_equity() {
    for (i, (kind, ..)) in per_unit().into_iter().enumerate() {
        let alone = report(&POSITIONS[i..=i], &market());
        let greeks = alone.positions[0].greeks;
        let by_spot = |h: f64| equity(i, |s| spot(s, h));
        // A variance swap's gamma is of what a move accrues, which is no part of an unmoved market.
        let squared = kind == PositionKind::VarianceSwap;
        let by_gamma = if squared {
            greeks.gamma
        } else {
            curvature(by_spot, 500.0)
        };
        let by_vol = |h: f64| equity(i, |s| vol(s, i, h));
        let by_time = |h: f64| equity(i, |s| time(s, h));
        let by_rate = |h: f64| equity(i, |s| rate(s, h));
        let expected = [
            slope(by_spot, 500.0),
            by_gamma,
            slope(by_vol, 0.01) / 100.0,
            slope(by_time, 0.01) / 365.0,
            slope(by_rate, 0.01) / 100.0,
        ];
        for (found, expected) in fields(&greeks).into_iter().zip(expected) {
            assert!(
                (found - expected).abs() <= 1e-4 * expected.abs().max(1e-6),
                "{kind:?}: {:?}, differences {expected:?}",
                fields(&greeks)
            );
        }
    }
}

/// The policy's own scenarios move the spot: what they accrue is the gamma of a variance swap, to second order.
#[test]
fn a_variance_swap_gains_half_gamma_times_the_squared_move() {
    let report = report(&POSITIONS[4..5], &market());
    let gamma = report.positions[0].greeks.gamma;
    let same = report
        .scenarios
        .iter()
        .filter(|s| s.vol == zkmargin_circuits::model::VolMove::Same && s.spot != Rate::ZERO);
    let mut count = 0;
    for scenario in same {
        let x = scenario.spot.units() as f64 / ONE as f64;
        let expected = gamma * (SPOT * (1.0 + x).ln()).powi(2) / 2.0;
        let found = scenario.pnl.units() as f64 / ONE as f64;
        assert!(
            (found - expected).abs() <= 1e-9 * expected.abs(),
            "{found}, {expected}"
        );
        count += 1;
    }
    assert!(count > 0);
}
