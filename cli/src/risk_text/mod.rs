//! The risk report as a risk manager reads it.

mod positions;
mod scenarios;
mod summary;

use comfy_table::Table;
use zkmargin_circuits::{
    engine::{Report, Terms},
    shape::Shape,
};

pub(crate) use self::summary::summary;
use crate::{format, input::Market, liquidation::LiquidationPrice};

/// Header, positions, Greeks, scenarios; liquidation prices where they were asked for.
pub(crate) fn full(
    report: &Report,
    market: &Market,
    shape: Shape,
    prices: Option<&[LiquidationPrice]>,
) -> String {
    let origin = format!(
        "PRIVATE risk report, shape {shape}\nsnapshot {} at {}, policy {}, {} scenarios",
        market.snapshot.sequence,
        market.snapshot.time,
        market.policy.name,
        market.policy.scenarios.len(),
    );
    let mut text = format!("{origin}\n\n{}\n", summary(report));
    let mut part = |title: &str, table: &Table| {
        text += &format!("\n{title}\n{}\n", trimmed(table));
    };
    if let Some(prices) = prices {
        let title =
            "Liquidation prices: the nearest spots at which equity meets the maintenance margin";
        part(title, &liquidation_prices(prices));
    }
    part("Positions", &positions::positions(report));
    part("Portfolio Greeks", &positions::greeks(report));
    if let Some(map) = scenarios::heat_map(report) {
        part("Weighted P&L by spot and volatility, USD", &map);
    }
    let title =
        "Scenarios: P&L of the whole account, unweighted; requirement weighted, with contingencies";
    part(title, &scenarios::table(report));
    text.trim_end().to_owned()
}

fn liquidation_prices(prices: &[LiquidationPrice]) -> Table {
    let mut table = format::table([
        format::words("Underlying"),
        format::number("Below\n(USD)"),
        format::number("Spot\n(USD)"),
        format::number("Above\n(USD)"),
    ]);
    for price in prices {
        let side = |price: Option<zkmargin_circuits::model::Price>| {
            format::number(price.map_or_else(|| "-".to_owned(), format::usd))
        };
        table.add_row([
            format::words(price.asset),
            side(price.below),
            side(Some(price.spot)),
            side(price.above),
        ]);
    }
    table
}

/// The disclosed exposures: heads behind the label, then one underlying a line. Nothing where the policy hides them.
fn exposures(terms: &Terms, label: &str, width: usize) -> Vec<String> {
    let Some(list) = &terms.exposures else {
        return Vec::new();
    };
    if list.is_empty() {
        return vec![format!("{label:<width$}none")];
    }
    let indent = label.len() - label.trim_start().len() + 2;
    // The first column of numbers ends where `summary`'s does; 16 quadrillion has 22 characters.
    let row = |name: &str, [delta, gamma, vega]: [&str; 3]| {
        format!("{name:<width$}{delta:>18}{gamma:>20}{vega:>20}")
    };
    let heads = row(label, ["dollar delta", "dollar gamma", "vega per 1.00"]);
    let mut lines = vec![heads + " USD, rounded down"];
    for e in list {
        let [delta, gamma, vega] = [e.delta, e.gamma, e.vega].map(format::dollars);
        let name = format!("{:indent$}{}", "", e.asset);
        lines.push(row(&name, [&delta, &gamma, &vega]));
    }
    lines
}

/// Terms as lines of label and value.
pub(crate) fn terms(terms: &Terms) -> String {
    let mut lines = Vec::new();
    lines.extend(
        terms
            .repay
            .map(|repay| format!("repay       {} USD", format::usd(repay))),
    );
    let rate = terms.incentive_rate;
    lines.extend(rate.map(|rate| format!("incentive   {}", format::percent(rate))));
    if lines.is_empty() {
        lines.push("terms       hidden by the policy".to_owned());
    }
    lines.extend(exposures(terms, "exposures", 12));
    lines.join("\n")
}

/// The table without blanks at line ends.
fn trimmed(table: &Table) -> String {
    let lines: Vec<String> = table.lines().map(|l| l.trim_end().to_owned()).collect();
    lines.join("\n")
}
