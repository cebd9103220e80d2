//! Markets and policies that random accounts are drawn under: the presets, and variations that together switch every rule
//! on, with what the sample snapshot leaves out.

use std::sync::LazyLock;

use serde_json::{Value, json};

use super::harness::sample;
use crate::{
    model::{Policy, Snapshot},
    public::PublicTable,
    shape::Shape,
};

/// A table, and what it was made of.
pub struct Market {
    pub name: &'static str,
    pub snapshot: Snapshot,
    pub policy: Policy,
    pub table: PublicTable,
}

/// Every market.
pub static MARKETS: LazyLock<Vec<Market>> = LazyLock::new(|| {
    let presets = [
        "standard",
        "collateral-ratio",
        "paradex-pm",
        "deribit-pm",
        "derive-pmrm2",
    ];
    let plain = presets.map(|name| market(name, name, json!({})));
    let sample = market("sample", "sample", json!({}));
    let varied = variations().map(|(name, of, rules)| market(name, of, rules));
    [sample].into_iter().chain(plain).chain(varied).collect()
});

/// Name, the policy that it starts from, and what it has in other ways.
fn variations() -> [(&'static str, &'static str, Value); 6] {
    let greeks = json!({
        "gamma": {"maintenance": "0.002", "initial": "0.002"},
        "vega": {"maintenance": "0.03", "initial": "0.03"},
        "short_option": {"netting": "strike", "maintenance": "0.01", "initial": "0.01"},
        "provision": {"future": "0.0005", "option": "0.0004", "funding_hours": "48"},
    });
    let triggers = json!([
        {"asset": "BTC", "reference": "0.2", "factor": {"slope": "1", "cap": "3"}, "haircut": {"slope": "0.5", "cap": "0.2"}},
        {"asset": "ETH", "reference": "0.1", "factor": {"slope": "2", "cap": "0.7"}},
    ]);
    let illiquid = json!({
        "base": "0.01", "slope": "2", "cap": "1",
        "illiquidity": {"scale": "10", "depth": "900000000"},
        "solvency": {"scale": "0.5", "start": "1.1", "limit": "1"},
    });
    let shown = json!({"level": "terms-and-greeks", "repay_tick": "0.00000001", "incentive_tick": "0.00000001", "exposure_tick": "1"});
    let hidden = json!({"level": "verdict", "repay_tick": "100", "incentive_tick": "0.001"});
    let skews = json!([
        {"spot": "0", "vol": "linear", "weight": "0.7"},
        {"spot": "0", "vol": "absolute", "weight": "1"},
        {"spot": "0.2", "vol": "up", "weight": "1"},
        {"spot": "-0.9", "vol": "down", "weight": "0.5"},
        {"spot": "0", "vol": "same", "weight": "1"},
    ]);
    let discount = json!({
        "long": {"base": "0.96", "rate_multiplier": "1", "rate_add": "0.05"},
        "short": {"base": "1.04", "rate_multiplier": "0.5", "rate_add": "0.02"},
    });
    [
        (
            "every charge on exposures, factors that rise",
            "sample",
            json!({"contingencies": greeks, "volatility_trigger": triggers, "delta": {"net": "0.1", "hedged": "0.2"}, "incentive": illiquid}),
        ),
        (
            "delta without hedges, exposures shown to the unit, long options excluded",
            "paradex-pm",
            json!({"delta": {"net": "0.5", "hedged": "0"}, "long_options": "excluded", "disclosure": shown, "volatility_trigger": triggers}),
        ),
        (
            "long values discounted, short ones raised, skews and basis, verdict alone",
            "derive-pmrm2",
            json!({"scenarios": skews, "discount": discount, "basis": {"up": "0.3", "down": "-0.2", "add": "4", "per_year": "1"}, "disclosure": hidden, "volatility_trigger": triggers}),
        ),
        (
            "basis up alone, no scenario",
            "sample",
            json!({"scenarios": [], "basis": {"up": "0.02", "down": "0", "add": "1", "per_year": "0"}}),
        ),
        (
            "greatest factors and shares",
            "derive-pmrm2",
            json!({"scenarios": skews, "factors": {"maintenance": "10", "initial": "10"}, "basis": {"up": "1", "down": "-0.99", "add": "4", "per_year": "4"}, "delta": {"net": "1", "hedged": "1"}, "disclosure": shown}),
        ),
        (
            "a charge on vega alone, no long options, verdict alone",
            "standard",
            json!({"contingencies": {"vega": {"maintenance": "1", "initial": "1"}}, "disclosure": hidden, "incentive": illiquid}),
        ),
    ]
}

/// The sample market, some expiries half fixed, perpetuals with funding to come of either sign; under a policy with `rules`.
fn market(name: &'static str, of: &str, rules: Value) -> Market {
    let mut snapshot: Snapshot = sample("snapshot.json");
    let mut policy: Value = match of {
        "sample" => sample("policy.json"),
        preset => sample(&format!("../policies/{preset}.json")),
    };
    let plain = rules.as_object().is_some_and(serde_json::Map::is_empty);
    if let (Some(policy), Some(rules)) = (policy.as_object_mut(), rules.as_object()) {
        policy.extend(rules.clone());
    }
    if !plain {
        let rate = |text: &str| text.parse().expect("decimal");
        let perpetuals = snapshot
            .assets
            .iter_mut()
            .filter_map(|a| a.perpetual.as_mut());
        for (perpetual, funding) in perpetuals.zip(["0.0007", "-0.002"].into_iter().cycle()) {
            perpetual.funding_rate = rate(funding);
        }
        for expiry in snapshot.expiries.iter_mut().step_by(3) {
            let fixed = expiry.forward.units() / 2;
            expiry.forward_fixed = crate::model::Price::from_units(fixed);
        }
    }
    let policy: Policy = serde_json::from_value(policy).expect(name);
    loop {
        let table = PublicTable::new(&snapshot, &policy);
        let table = table.unwrap_or_else(|error| panic!("{name}: {error}"));
        // What is varied fits every shape.
        if plain || table.fits(Shape::Small).is_ok() {
            return Market {
                name,
                snapshot,
                policy,
                table,
            };
        }
        snapshot.expiries.remove(snapshot.expiries.len() / 2);
    }
}

/// Together they switch every rule on.
#[test]
fn every_rule_is_in_some_market() {
    let tables = || MARKETS.iter().map(|market| &market.table);
    let some = |rule: fn(&PublicTable) -> bool| assert!(tables().any(rule));
    some(|t| t.delta.is_some() && t.scenarios.iter().any(|s| s.net > 0 && s.gross > 0));
    some(|t| t.scenarios.iter().any(|s| s.net > 0 && s.gross == 0));
    some(|t| t.scenarios.iter().any(|s| s.net == 0 && s.gross > 0));
    some(|t| t.basis.is_some() && t.delta.is_some());
    some(|t| t.scenarios.len() == 1);
    some(|t| {
        t.options
            .iter()
            .any(|g| g.run.long_discount > g.run.short_discount)
    });
    some(|t| {
        t.options
            .iter()
            .any(|g| g.run.long_discount < g.run.short_discount)
    });
    some(|t| t.options.iter().any(|g| g.run.share > 4 << 40));
    some(|t| t.options.iter().any(|g| g.run.least_v > 0));
    some(|t| t.options.iter().any(|g| g.run.inflation > 0));
    some(|t| t.options.iter().any(|g| g.charges.excluded));
    some(|t| t.options.iter().any(|g| g.charges.strike > 0));
    some(|t| t.options.iter().any(|g| g.charges.side > 0));
    some(|t| t.options.iter().any(|g| g.charges.held > 0));
    some(|t| t.options.iter().any(|g| g.charges.held < 0));
    some(|t| {
        t.options
            .iter()
            .any(|g| g.exposure.delta < g.base.discounted_forward >> 30)
    });
    some(|t| t.futures.iter().any(|g| g.funding > 0) && t.futures.iter().any(|g| g.funding < 0));
    some(|t| t.assets.iter().any(|g| g.factor > 100_000_000));
    some(|t| t.assets.iter().any(|g| g.illiquid > 0));
    some(|t| t.assets.iter().any(|g| g.moving > 0));
    some(|t| t.assets.iter().any(|g| g.moving == 0 && g.value > 0));
    some(|t| t.rules.gamma_rate > 0);
    some(|t| t.rules.vega_rate > 0);
    some(|t| t.rules.exposures_shown);
    some(|t| !t.rules.terms_shown);
    for class in [0, 1, 2] {
        assert!(tables().any(|t| t.scenarios.iter().any(|s| s.class as i128 == class)));
    }
    for market in MARKETS.iter() {
        println!("{}: {} rows", market.name, market.table.rows().len());
    }
}
