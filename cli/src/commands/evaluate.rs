//! `evaluate`: the private risk report.

use std::{collections::BTreeMap, path::PathBuf};

use clap::Args;
use serde::Serialize;
use serde_json::json;
use zkmargin_circuits::{
    engine::{
        CollateralMix, Contingency, Greeks, PositionReport, Report, ScenarioReport, Terms,
        TotalGreeks, Verdict,
    },
    model::{Money, Rate, Time},
    shape::Shape,
};

use crate::{
    error::CliError,
    input::{self, Market, MarketArgs},
    liquidation::{self, LiquidationPrice},
    output::{Console, Outcome},
    risk_text,
};

const AFTER_HELP: &str = "\
Examples:
  zkmargin evaluate account.json --snapshot snapshot.json --policy policy.json
  zkmargin evaluate account.json --snapshot snapshot.json --policy policy.json --json | jq .verdict
  zkmargin evaluate account.json --snapshot snapshot.json --policy policy-exposures.json \\
    --json | jq .terms.exposures

The report is private: it shows the account. Greeks are per underlying and per position: delta in units of the \
underlying, gamma in units per USD, vega in USD per vol point, theta in USD per day, rho in USD per percentage point of the rate, with forwards fixed \
(of perpetual instruments with spots fixed); vega, theta and rho also in total. Scenario 0 is the unmoved market. \
The verdict is under-margined, healthy, or band: within the proofs' error bound (epsilon) of the threshold, where \
nothing can be proved. The terms are those of a proof; under a policy with disclosure.exposure_tick they hold the \
exposures that it would disclose, by underlying in USD: dollar delta (S dV/dS), dollar gamma (S^2 d2V/dS2) and vega per \
1.00 of volatility.";

/// Arguments of `evaluate`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct EvaluateArgs {
    /// The private account.
    account: PathBuf,
    #[command(flatten)]
    market: MarketArgs,
    /// Shape to lay the account out for; by default the smallest that holds it.
    #[arg(long, value_name = "small|medium|large")]
    shape: Option<Shape>,
    /// Leave the liquidation prices out: they take hundreds of evaluations.
    #[arg(long)]
    no_liquidation_prices: bool,
}

/// The JSON document.
#[derive(Serialize)]
struct Document<'r> {
    shape: Shape,
    policy: &'r str,
    snapshot_time: Time,
    snapshot_sequence: u64,
    npv: Money,
    collateral: Money,
    cash: Money,
    equity: Money,
    maintenance_margin: Money,
    initial_margin: Money,
    uncounted: Money,
    equity_initial: Money,
    basis: Money,
    delta_charge: Money,
    /// By name, and `total`.
    contingencies: BTreeMap<&'static str, Contingency>,
    /// What decides the requirement.
    decided_by: String,
    collateral_mix: CollateralMix,
    epsilon: Money,
    /// Equity / maintenance margin, null without a requirement.
    health: Option<Rate>,
    /// Requirement less equity; negative is an excess.
    shortfall: Money,
    verdict: Verdict,
    terms: Option<Terms>,
    worst_scenario: usize,
    /// Null where they were not asked for.
    liquidation_prices: Option<&'r [LiquidationPrice]>,
    scenarios: &'r [ScenarioReport],
    positions: &'r [PositionReport],
    greeks: BTreeMap<&'r str, Greeks>,
    total_greeks: TotalGreeks,
}

/// What the account falls short of its requirement; negative is an excess.
pub(crate) fn shortfall(report: &Report) -> Money {
    let units = report
        .maintenance_margin
        .units()
        .saturating_sub(report.equity.units());
    Money::from_units(units)
}

fn document(
    report: &Report,
    market: &Market,
    shape: Shape,
    prices: Option<&[LiquidationPrice]>,
) -> serde_json::Value {
    let total = ("total", report.contingencies.total());
    let contingencies = report.contingencies.named().into_iter().chain([total]);
    json!(Document {
        shape,
        policy: &market.policy.name,
        snapshot_time: market.snapshot.time,
        snapshot_sequence: market.snapshot.sequence,
        npv: report.npv,
        collateral: report.collateral,
        cash: report.cash,
        equity: report.equity,
        maintenance_margin: report.maintenance_margin,
        initial_margin: report.initial_margin,
        uncounted: report.uncounted,
        equity_initial: report.equity_initial,
        basis: report.basis,
        delta_charge: report.delta_charge,
        contingencies: contingencies.collect(),
        decided_by: report.decided_by.to_string(),
        collateral_mix: report.collateral_mix,
        epsilon: report.epsilon,
        health: report.health,
        shortfall: shortfall(report),
        verdict: report.verdict,
        terms: report.terms.clone(),
        worst_scenario: report.worst_scenario,
        liquidation_prices: prices,
        scenarios: &report.scenarios,
        positions: &report.positions,
        greeks: report
            .greeks
            .iter()
            .map(|(asset, greeks)| (asset.as_str(), *greeks))
            .collect(),
        total_greeks: report.total_greeks,
    })
}

/// Runs `evaluate`.
pub(crate) fn run(args: &EvaluateArgs, console: &Console) -> Result<Outcome, CliError> {
    let account = input::account(&args.account)?;
    let market = args.market.read()?;
    let slots = args
        .market
        .slots(&market, &args.account, &account, args.shape)?;
    let report = input::report(&args.account, &slots, &market)?;
    let prices = if args.no_liquidation_prices {
        None
    } else {
        let path = &args.account;
        Some(liquidation::prices(
            path, &slots, &market, &report, console,
        )?)
    };
    let (prices, shape) = (prices.as_deref(), slots.shape);
    let text = risk_text::full(&report, &market, shape, prices);
    let document = document(&report, &market, shape, prices);
    Ok(Outcome::done(text, document))
}
