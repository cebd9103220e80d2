//! The report's Greeks against finite differences of the engine's own equity.

mod limits;
mod positions;
mod references;
#[path = "../support/mod.rs"]
mod support;

use support::sample;
use zkmargin_circuits::{
    engine::{Greeks, Report},
    model::{Account, Discount, Policy, Price, Rate, Snapshot, Time},
    public::PublicTable,
    shape::Shape,
    slots::Slots,
};

fn report(snapshot: &Snapshot) -> Report {
    let policy: Policy = sample("policy.json");
    let mut account: Account = sample("account.json");
    // `positions` moves the markets of the others, which are not in the smiles.
    account.perpetual_options.clear();
    account.power_perpetuals.clear();
    account.variance.clear();
    let table = PublicTable::new(snapshot, &policy).expect("table");
    let slots = Slots::new(&account, Shape::Medium).expect("fits");
    Report::new(&slots, snapshot, &policy, &table).expect("report")
}

fn equity(change: impl Fn(&mut Snapshot)) -> f64 {
    let mut snapshot: Snapshot = sample("snapshot.json");
    change(&mut snapshot);
    report(&snapshot).equity.units() as f64 / 1e8
}

/// Moves everything of an asset by `dollars`.
fn shift(snapshot: &mut Snapshot, asset: &str, dollars: i64) {
    let moved = |price: Price| Price::from_units(price.units() + dollars * 100_000_000);
    for a in snapshot
        .assets
        .iter_mut()
        .filter(|a| a.asset.to_string() == asset)
    {
        a.spot = moved(a.spot);
        a.perpetual.iter_mut().for_each(|p| p.mark = moved(p.mark));
    }
    for e in snapshot
        .expiries
        .iter_mut()
        .filter(|e| e.asset.to_string() == asset)
    {
        e.forward = moved(e.forward);
    }
}

fn close(found: f64, expected: f64, tolerance: f64, what: &str) {
    let scale = expected.abs().max(1e-6);
    assert!(
        (found - expected).abs() <= tolerance * scale,
        "{what}: {found}, finite difference {expected}"
    );
}

#[test]
fn greeks_agree_with_finite_differences() {
    let base = report(&sample("snapshot.json"));
    let total = |pick: fn(&Greeks) -> f64| base.greeks.iter().map(|(_, g)| pick(g)).sum::<f64>();
    for (asset, step) in [("BTC", 50), ("ETH", 2)] {
        let greeks = base
            .greeks
            .iter()
            .find(|(name, _)| name == asset)
            .expect("asset")
            .1;
        let [up, down, flat] = [step, -step, 0].map(|h| equity(|s| shift(s, asset, h)));
        let h = step as f64;
        close(greeks.delta, (up - down) / (2.0 * h), 1e-3, "delta");
        close(
            greeks.gamma,
            (up + down - 2.0 * flat) / (h * h),
            1e-2,
            "gamma",
        );
    }

    let bump = |sign: i64| {
        equity(|s| {
            for node in s.expiries.iter_mut().flat_map(|e| &mut e.smile) {
                node.vol = Rate::from_units(node.vol.units() + sign * 100_000);
            }
        })
    };
    // Per vol point: a tenth of a point either way.
    close(total(|g| g.vega), (bump(1) - bump(-1)) * 5.0, 1e-2, "vega");

    let day =
        |seconds: i64| equity(|s| s.time = Time::from_unix(s.time.unix() + seconds).expect("time"));
    close(
        total(|g| g.theta),
        (day(600) - day(-600)) * 72.0,
        2e-2,
        "theta",
    );

    let now = sample::<Snapshot>("snapshot.json").time.unix();
    let rate = |sign: f64| {
        equity(|s| {
            for e in &mut s.expiries {
                let years = (e.expiry.unix() - now) as f64 / (365.0 * 86_400.0);
                let factor = (-sign * 0.001 * years).exp();
                e.discount = Discount::from_units((e.discount.units() as f64 * factor) as i64);
            }
        })
    };
    close(
        total(|g| g.rho),
        (rate(1.0) - rate(-1.0)) * 5.0,
        1e-2,
        "rho",
    );
}
