//! Equity, both margins, what they are made of, and the verdict.

use console::style;
use zkmargin_circuits::{
    engine::{Contingency, Report, Verdict},
    model::{Money, ONE, Rate},
};

use super::exposures;
use crate::{commands::evaluate::shortfall, format};

/// An amount of USD by name, with a remark.
fn line(name: &str, value: impl ToString, remark: &str) -> String {
    format!("  {name:<22}{:>18} {remark}", value.to_string())
}

/// The charges that there are, maintenance and initial.
fn contingencies(report: &Report) -> Vec<String> {
    let both = |name: &str, charge: Contingency| {
        let initial = format!("USD; initial {}", format::usd(charge.initial));
        line(name, format::usd(charge.maintenance), &initial)
    };
    let charges = report.contingencies.named();
    let some = charges
        .iter()
        .filter(|(_, c)| c.initial.units() != 0 || c.maintenance.units() != 0);
    let mut lines = vec![both("  contingencies", report.contingencies.total())];
    lines.extend(some.map(|(name, charge)| both(&format!("    {name}"), *charge)));
    lines
}

/// What else makes the requirement, where the policy has it.
fn core(report: &Report) -> Vec<String> {
    let parts = [
        ("  basis loss", report.basis),
        ("  delta charge", report.delta_charge),
    ];
    let some = parts.into_iter().filter(|(_, value)| value.units() != 0);
    some.map(|(name, value)| line(name, format::usd(value), "USD before the factor"))
        .collect()
}

fn terms(report: &Report) -> Vec<String> {
    let Some(terms) = &report.terms else {
        return Vec::new();
    };
    let disclosed = match (terms.repay, terms.incentive_rate) {
        (Some(repay), Some(rate)) => format!(
            "repay {} USD, incentive {}",
            format::usd(repay),
            format::percent(rate)
        ),
        _ => "hidden by the policy".to_owned(),
    };
    let mut lines = vec![format!("  {:<22}{disclosed}", "Terms of a proof")];
    let mix = report.collateral_mix;
    if mix.illiquidity != Rate::ONE || mix.solvency != Rate::ONE {
        let factors = format!(
            "x {} for illiquid collateral, x {} for the protocol's solvency",
            mix.illiquidity, mix.solvency
        );
        lines.push(format!("  {:<22}{factors}", "  incentive"));
    }
    lines.extend(exposures(terms, "  Exposures disclosed", 24));
    lines
}

/// Equity, margins and the verdict.
pub(crate) fn summary(report: &Report) -> String {
    let short = shortfall(report);
    let (name, gap) = if short.units() > 0 {
        ("Shortfall", short)
    } else {
        let units = short.units().saturating_neg();
        ("Excess", Money::from_units(units))
    };
    let health = |per: i64| report.health.map(|h| h.units() as f64 / per as f64);
    let ratio = health(ONE / 100).map_or_else(|| "-".to_owned(), |r| format::float(r, 2));
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
    ];
    if report.uncounted.units() != 0 {
        let not = Money::from_units(report.uncounted.units().saturating_neg());
        let remark = "USD of options, which the policy does not count";
        lines.push(line("Not counted", format::usd(not), remark));
    }
    let decided = format!("USD, decided by {}", report.decided_by);
    let initial = format!(
        "USD; equity at initial haircuts {}",
        format::usd(report.equity_initial)
    );
    lines.extend([
        rule.clone(),
        line("Equity", format::usd(report.equity), usd),
        line(
            "Maintenance margin",
            format::usd(report.maintenance_margin),
            &decided,
        ),
    ]);
    lines.extend(core(report));
    lines.extend(contingencies(report));
    lines.extend([
        line(
            "Initial margin",
            format::usd(report.initial_margin),
            &initial,
        ),
        rule,
        line("Health", ratio, "% (equity / maintenance margin)"),
        line(name, format::usd(gap), usd),
        line("Error bound (epsilon)", report.epsilon, usd),
        format!("  {:<22}{}", "Verdict", verdict.bold()),
    ]);
    lines.extend(terms(report));
    lines.join("\n")
}
