//! Scenarios as a table, and as a heat map of spot by volatility.

use comfy_table::{Attribute, Cell, Color, Table};
use zkmargin_circuits::{
    engine::{Decider, Report, ScenarioReport},
    model::{Money, ONE, Rate, VolMove},
};

use crate::format;

/// Most spot moves that a terminal's line holds; of more, those nearest to the unmoved market.
const MOST_COLUMNS: usize = 9;
/// Greatest part of a colour that a cell is filled with.
const STRENGTH: f64 = 110.0;

pub(super) fn name(vol: VolMove) -> &'static str {
    match vol {
        VolMove::Up => "up",
        VolMove::Down => "down",
        VolMove::Same => "same",
        VolMove::Linear => "linear skew",
        VolMove::Absolute => "absolute skew",
    }
}

/// One row a scenario.
pub(super) fn table(report: &Report) -> Table {
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
        let worst = report.decided_by == Decider::Scenario(scenario.id);
        let marked = |cell: Cell| {
            if worst {
                cell.add_attribute(Attribute::Bold).fg(Color::Red)
            } else {
                cell
            }
        };
        table.add_row(cells(scenario, worst).map(marked));
    }
    table
}

fn cells(scenario: &ScenarioReport, worst: bool) -> [Cell; 7] {
    [
        format::number(scenario.id),
        format::number(format::percent(scenario.spot)),
        format::words(name(scenario.vol)),
        format::number(scenario.weight),
        format::number(format::usd(scenario.pnl)),
        format::number(format::usd(scenario.requirement)),
        format::words(if worst { "<- worst" } else { "" }),
    ]
}

/// What a scenario earns, weighted.
fn weighted(scenario: &ScenarioReport) -> Money {
    let product = i128::from(scenario.pnl.units()) * i128::from(scenario.weight.units());
    Money::from_units(i64::try_from(product / i128::from(ONE)).unwrap_or(i64::MAX))
}

/// Weighted profit or loss by spot move (columns) and volatility move (rows): green for profit, red for loss. `None` where
/// there are fewer than two of either.
pub(super) fn heat_map(report: &Report) -> Option<Table> {
    let mut spots: Vec<Rate> = report.scenarios.iter().map(|s| s.spot).collect();
    spots.sort_by_key(|spot| spot.units().abs());
    spots.dedup();
    let mut spots: Vec<Rate> = spots.into_iter().take(MOST_COLUMNS).collect();
    spots.sort_unstable();
    let all = [
        VolMove::Up,
        VolMove::Same,
        VolMove::Down,
        VolMove::Linear,
        VolMove::Absolute,
    ];
    let is_there = |vol: &VolMove| report.scenarios.iter().any(|s| s.vol == *vol);
    let vols: Vec<VolMove> = all.into_iter().filter(is_there).collect();
    if spots.len() < 2 || vols.len() < 2 {
        return None;
    }
    let shown = |spot: Rate, vol: VolMove| {
        let found = report
            .scenarios
            .iter()
            .find(|s| s.spot == spot && s.vol == vol);
        found.map(weighted)
    };
    let most = report.scenarios.iter().map(|s| weighted(s).units().abs());
    let most = most.max().unwrap_or(0);
    let heads = spots
        .iter()
        .map(|spot| format::number(format::percent(*spot)));
    let mut table = format::table(std::iter::once(format::words("Vol \\ spot")).chain(heads));
    for vol in vols {
        let cell = |spot: &Rate| {
            shown(*spot, vol).map_or_else(|| format::number("-"), |pnl| coloured(pnl, most))
        };
        let row = spots.iter().map(cell);
        table.add_row(std::iter::once(format::words(name(vol))).chain(row));
    }
    Some(table)
}

/// A whole number of USD on red or green, the stronger the nearer to the greatest.
fn coloured(pnl: Money, most: i64) -> Cell {
    let part = pnl.units() as f64 / most.max(1) as f64;
    let strength = (part.abs().sqrt() * STRENGTH) as u8;
    let (r, g) = if part < 0.0 {
        (strength + 40, 20)
    } else {
        (20, strength + 40)
    };
    let cell = format::number(format::float(pnl.units() as f64 / ONE as f64, 0));
    if pnl.units() == 0 {
        return cell;
    }
    cell.fg(Color::White).bg(Color::Rgb { r, g, b: 30 })
}
