//! Positions and sensitivities as tables.

use comfy_table::{Cell, Table};
use zkmargin_circuits::engine::{Greeks, PositionKind, Report, TotalGreeks};

use crate::format;

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

/// One row a position.
pub(super) fn positions(report: &Report) -> Table {
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

/// One row an underlying.
pub(super) fn greeks(report: &Report) -> Table {
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
