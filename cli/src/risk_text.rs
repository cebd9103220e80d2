//! The risk report as a risk manager reads it.

use comfy_table::{Attribute, Cell, Color, Table};
use console::style;
use zkmargin_circuits::{
    engine::{Greeks, PositionKind, Report, ScenarioReport, Terms, TotalGreeks, Verdict},
    model::VolMove,
    shape::Shape,
};

use crate::{commands::evaluate::shortfall, format, input::Market};

/// Header, positions, Greeks, scenarios.
pub(crate) fn full(report: &Report, market: &Market, shape: Shape) -> String {
    let origin = format!(
        "PRIVATE risk report, shape {shape}\nsnapshot {} at {}, policy {}, {} scenarios",
        market.snapshot.sequence,
        market.snapshot.time,
        market.policy.name,
        market.policy.scenarios.len(),
    );
    format!(
        "{origin}\n\n{}\n\nPositions\n{}\n\nPortfolio Greeks\n{}\n\nScenarios: P&L of the whole account, \
         unweighted; requirement weighted, with contingencies\n{}",
        summary(report),
        trimmed(&positions(report)),
        trimmed(&greeks(report)),
        trimmed(&scenarios(report)),
    )
}

/// Equity, margins and the verdict.
pub(crate) fn summary(report: &Report) -> String {
    let short = shortfall(report);
    let (name, gap) = if short.units() > 0 {
        ("Shortfall", short)
    } else {
        let units = short.units().saturating_neg();
        ("Excess", zkmargin_circuits::model::Money::from_units(units))
    };
    let line = |name: &str, value: String, unit: &str| format!("  {name:<22}{value:>18} {unit}");
    let ratio = format::ratio(report.equity, report.maintenance_margin)
        .map_or_else(|| "-".to_owned(), |r| format::float(r * 100.0, 2));
    let verdict = match report.verdict {
        Verdict::UnderMargined => style("UNDER-MARGINED: a liquidation proof exists").red(),
        Verdict::Healthy => style("HEALTHY: no liquidation proof exists").green(),
        _ => style("IN THE BAND: too close to the threshold to prove anything").yellow(),
    };
    let usd = "USD";
    let rule = format!("  {}", "─".repeat(40));
    let mut lines = vec![
        line(
            "Collateral",
            format::usd(report.collateral),
            "USD after haircuts",
        ),
        line("Cash", format::usd(report.cash), usd),
        line(
            "Net present value",
            format::usd(report.npv),
            "USD of all but collateral and cash",
        ),
        rule.clone(),
        line("Equity", format::usd(report.equity), usd),
        line(
            "Maintenance margin",
            format::usd(report.maintenance_margin),
            usd,
        ),
        line(
            "  contingencies",
            format::usd(report.contingencies),
            "USD of it",
        ),
        line("Initial margin", format::usd(report.initial_margin), usd),
        rule,
        line("Margin ratio", ratio, "% (equity / maintenance margin)"),
        line(name, format::usd(gap), usd),
        line("Error bound (epsilon)", report.epsilon.to_string(), usd),
        format!("  {:<22}{}", "Verdict", verdict.bold()),
    ];
    if let Some(terms) = &report.terms {
        lines.push(format!(
            "  {:<22}repay {} USD, incentive {}",
            "Terms of a proof",
            format::usd(terms.repay),
            format::percent(terms.incentive_rate)
        ));
        lines.extend(exposures(terms, "  Exposures disclosed", 24));
    }
    lines.join("\n")
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
    let mut lines = vec![
        format!("repay       {} USD", format::usd(terms.repay)),
        format!("incentive   {}", format::percent(terms.incentive_rate)),
    ];
    lines.extend(exposures(terms, "exposures", 12));
    lines.join("\n")
}

/// Sensitivities; a dash for one that a position cannot have.
fn greek_cells(greeks: &Greeks) -> [Cell; 5] {
    let cell = |value: f64, places| {
        let text = if value == 0.0 {
            "-".to_owned()
        } else {
            format::float(value, places)
        };
        format::number(text)
    };
    [
        cell(greeks.delta, 4),
        cell(greeks.gamma, 6),
        cell(greeks.vega, 2),
        cell(greeks.theta, 2),
        cell(greeks.rho, 2),
    ]
}

fn greek_heads() -> [Cell; 5] {
    [
        format::number("Delta\n(units)"),
        format::number("Gamma\n(units/USD)"),
        format::number("Vega\n(USD/vol pt)"),
        format::number("Theta\n(USD/day)"),
        format::number("Rho\n(USD/pct pt)"),
    ]
}

fn positions(report: &Report) -> Table {
    let mut heads = vec![
        format::words("Kind"),
        format::words("Key"),
        format::number("Size\n(C calls, P puts)"),
        format::number("NPV\n(USD)"),
    ];
    heads.extend(greek_heads());
    let mut table = format::table(heads);
    for position in &report.positions {
        let kind = match position.kind {
            PositionKind::Collateral => "collateral",
            PositionKind::Future => "future",
            PositionKind::Option => "option",
            PositionKind::PerpetualOption => "perpetual option",
            PositionKind::PowerPerpetual => "power perpetual",
            PositionKind::VarianceSwap => "variance swap",
            PositionKind::VolatilitySwap => "volatility swap",
        };
        let mut row = vec![
            format::words(kind),
            format::words(&position.key),
            format::number(&position.size),
            format::number(format::usd(position.npv)),
        ];
        row.extend(greek_cells(&position.greeks));
        table.add_row(row);
    }
    table
}

fn greeks(report: &Report) -> Table {
    let mut heads = vec![format::words("Underlying")];
    heads.extend(greek_heads());
    let mut table = format::table(heads);
    for (asset, greeks) in &report.greeks {
        let mut row = vec![format::words(asset)];
        row.extend(greek_cells(greeks));
        table.add_row(row);
    }
    // Units of different underlyings do not add up: no delta, no gamma.
    let TotalGreeks { vega, theta, rho } = report.total_greeks;
    let mut row = vec![format::words("All underlyings")];
    row.extend(greek_cells(&Greeks {
        vega,
        theta,
        rho,
        ..Greeks::default()
    }));
    table.add_row(row);
    table
}

fn scenarios(report: &Report) -> Table {
    let mut table = format::table([
        format::number("Id"),
        format::number("Spot"),
        format::words("Vol"),
        format::number("Weight"),
        format::number("P&L\n(USD)"),
        format::number("Requirement\n(USD)"),
        format::words(""),
    ]);
    for scenario in &report.scenarios {
        let worst = scenario.id == report.worst_scenario;
        let marked = |cell: Cell| {
            if worst {
                cell.add_attribute(Attribute::Bold).fg(Color::Red)
            } else {
                cell
            }
        };
        table.add_row(scenario_cells(scenario, worst).map(marked));
    }
    table
}

fn scenario_cells(scenario: &ScenarioReport, worst: bool) -> [Cell; 7] {
    let vol = match scenario.vol {
        VolMove::Up => "up",
        VolMove::Down => "down",
        VolMove::Same => "same",
    };
    [
        format::number(scenario.id),
        format::number(format::percent(scenario.spot)),
        format::words(vol),
        format::number(scenario.weight),
        format::number(format::usd(scenario.pnl)),
        format::number(format::usd(scenario.requirement)),
        format::words(if worst { "<- worst" } else { "" }),
    ]
}

/// The table without blanks at line ends.
fn trimmed(table: &Table) -> String {
    let lines: Vec<String> = table.lines().map(|l| l.trim_end().to_owned()).collect();
    lines.join("\n")
}
