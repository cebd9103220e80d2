//! Lies about an option's inputs: smile, root, moved volatility, scenario.

use super::{
    super::harness::{Scene, fr},
    thief::{Drawn, Thief},
};
use crate::{
    engine::{
        OptionTrace, moved,
        option::{self, MarketTrace},
    },
    public::ForwardRow,
};

const NO_VOLATILITY: &str = "the volatility is zero already";
/// Volatilities above 2 reach past the normal table, which would stop the lie too.
pub const MOST: i128 = 1 << 38;

/// Reprices option `i` from its smile's and ln's traces, under the market that it has.
pub fn revalue(scene: &mut Scene, i: usize) {
    let number = scene.witness.portfolio.options[i].moved.scenario;
    revalue_under(scene, i, number);
}

/// The same under another market of its group; `false` where the moved volatility is too great.
pub fn revalue_under(scene: &mut Scene, i: usize, number: usize) -> bool {
    let slot = scene.witness.slots.options[i].clone();
    let branch = scene.table.scenarios[scene.witness.portfolio.scenario];
    let trace = &mut scene.witness.portfolio.options[i];
    let (group, ln, v) = (
        &scene.table.options[trace.group],
        trace.ln.ln,
        trace.smile.v,
    );
    let sizes = [slot.calls, slot.puts];
    trace.base = option::market(&group.base, slot.strike, ln, v, slot.calls, slot.puts);
    let moved = moved::moved(group, (number, branch), slot.strike, ln, v, sizes);
    trace.moved = moved.expect("covered");
    trace.moved.market.v < MOST
}

/// A market of option `i` at a volatility.
pub fn market_at(scene: &Scene, i: usize, forward: &ForwardRow, v: i128) -> MarketTrace {
    let (slot, trace) = (
        &scene.witness.slots.options[i],
        &scene.witness.portfolio.options[i],
    );
    // The strike is discounted once, in the own group.
    let forward = ForwardRow {
        discount: scene.table.options[trace.group].base.discount,
        ..forward.clone()
    };
    option::market(&forward, slot.strike, trace.ln.ln, v, slot.calls, slot.puts)
}

/// The forward of option `i`'s moved market.
fn moved_forward(scene: &Scene, i: usize) -> ForwardRow {
    let trace = &scene.witness.portfolio.options[i];
    let group = &scene.table.options[trace.group];
    let number = crate::public::live(group.id.is_some(), trace.moved.scenario);
    group.scenarios[number].forward.clone()
}

/// Market number `number` of another group for option `i`, with the own group's discount and least volatility; `false` where the
/// moved volatility is too great.
pub fn revalue_in(scene: &mut Scene, i: usize, (g, number): (usize, usize)) -> bool {
    let trace = &scene.witness.portfolio.options[i];
    let (ln, v) = (trace.ln.ln, trace.smile.v);
    let branch = scene.table.scenarios[scene.witness.portfolio.scenario];
    let mut group = scene.table.options[g].clone();
    group.run.least_v = scene.table.options[trace.group].run.least_v;
    let slot = &scene.witness.slots.options[i];
    let sizes = [slot.calls, slot.puts];
    let moved = moved::moved(&group, (number, branch), slot.strike, ln, v, sizes);
    let mut moved = moved.expect("covered");
    let forward = &group.scenarios[number].forward;
    moved.market = market_at(scene, i, forward, moved.market.v);
    let fits = moved.market.v < MOST;
    scene.witness.portfolio.options[i].moved = moved;
    fits
}

/// A lie about the trace from which the price follows.
fn repriced(
    thief: &mut Thief<'_>,
    lie: impl Fn(&mut Thief<'_>, &mut OptionTrace) -> Option<()>,
) -> Drawn {
    let i = thief.option();
    let mut scene = thief.scene();
    let trace = &mut scene.witness.portfolio.options[i];
    if lie(thief, trace).is_none() {
        return Drawn::Redraw;
    }
    revalue(&mut scene, i);
    thief.settled(scene)
}

pub fn root_off(thief: &mut Thief<'_>) -> Drawn {
    repriced(thief, |thief, trace| {
        let smile = &mut trace.smile;
        let w = ((smile.v * smile.v) << 10) + smile.remainder;
        smile.v = (smile.v + thief.error(12)).abs();
        smile.remainder = w - ((smile.v * smile.v) << 10);
        smile.complement = ((2 * smile.v + 1) << 10) - 1 - smile.remainder;
        (smile.complement < 0 || smile.remainder < 0).then_some(())
    })
}

pub fn root_zero(thief: &mut Thief<'_>) -> Drawn {
    let i = thief.option();
    let mut scene = thief.scene();
    let smile = &mut scene.witness.portfolio.options[i].smile;
    let truth = smile.v == 0;
    smile.remainder += (smile.v * smile.v) << 10;
    (smile.v, smile.complement) = (0, 1023 - smile.remainder);
    revalue(&mut scene, i);
    if truth {
        thief.truth(scene, NO_VOLATILITY)
    } else {
        thief.settled(scene)
    }
}

/// The moved market at another volatility, of which the product is off; its remainder follows.
fn moved(thief: &mut Thief<'_>, to: impl Fn(&mut Thief<'_>, i128) -> i128) -> Drawn {
    let i = thief.option();
    let mut scene = thief.scene();
    let trace = &scene.witness.portfolio.options[i].moved;
    let (honest, least) = (trace.product, trace.market.v);
    // Where the least volatility counts it is another lie.
    if trace.raised {
        return Drawn::Redraw;
    }
    assert_eq!(honest, least, "the product counts");
    let v = to(thief, honest);
    let forward = moved_forward(&scene, i);
    let market = market_at(&scene, i, &forward, v);
    let trace = &mut scene.witness.portfolio.options[i].moved;
    // What is above the least one is the volatility less it.
    let gap = trace.gap + v - honest;
    if gap < 0 || v >= MOST {
        return Drawn::Redraw;
    }
    trace.gap = gap;
    let change = fr(v - honest) * crate::field::pow2(100);
    trace.product = v;
    trace.market = market;
    if v == honest {
        return thief.truth(scene, NO_VOLATILITY);
    }
    let cell = (0, thief.rows.option(i).moved + 4);
    scene.forge(cell, thief.value(cell) - change);
    thief.settled(scene)
}

pub fn moved_volatility_off(thief: &mut Thief<'_>) -> Drawn {
    moved(thief, |thief, honest| {
        let off = honest + thief.error(12);
        if off < 0 { honest + 1 } else { off }
    })
}

pub fn moved_volatility_zero(thief: &mut Thief<'_>) -> Drawn {
    moved(thief, |_, _| 0)
}

/// The row of another interval of the smile.
pub fn smile_neighbour(thief: &mut Thief<'_>) -> Drawn {
    let i = thief.option();
    let mut scene = thief.scene();
    let strike = scene.witness.slots.options[i].strike;
    let trace = &mut scene.witness.portfolio.options[i];
    let smile = &scene.table.options[trace.group].smile;
    let interval = &smile[thief.pick(smile.len())];
    if (interval.low..interval.high).contains(&strike) {
        return Drawn::Redraw;
    }
    trace.smile = option::smile(interval, strike);
    if trace.smile.v >= MOST {
        return Drawn::Redraw;
    }
    let node = [
        trace.group as i128,
        interval.low,
        interval.variance,
        interval.slope,
        interval.high,
    ];
    scene.forge_all(&thief.rows.option(i).node(), &node);
    revalue(&mut scene, i);
    thief.settled(scene)
}

fn smile_of_another(thief: &mut Thief<'_>, own_index: bool) -> Drawn {
    let i = thief.option();
    let mut scene = thief.scene();
    let strike = scene.witness.slots.options[i].strike;
    let trace = &mut scene.witness.portfolio.options[i];
    let g = thief.other_group(trace.group);
    let group = &scene.table.options[g];
    let (Some(node), Some(smile)) = (
        group.smile_row(g, strike),
        option::group_smile(group, strike),
    ) else {
        return Drawn::Redraw;
    };
    trace.smile = smile;
    let mut cells = node[..5].to_vec();
    if own_index {
        cells[0] = trace.group as i128;
    }
    scene.forge_all(&thief.rows.option(i).node(), &cells);
    revalue(&mut scene, i);
    thief.settled(scene)
}

pub fn smile_under_own_index(thief: &mut Thief<'_>) -> Drawn {
    smile_of_another(thief, true)
}

pub fn smile_of_another_expiry(thief: &mut Thief<'_>) -> Drawn {
    smile_of_another(thief, false)
}

/// The row of another scenario, with or without the copy of its number.
pub fn scenario_of_one_option(thief: &mut Thief<'_>) -> Drawn {
    let (i, copy) = (thief.position(super::section::OPTIONS), thief.coin());
    let mut scene = thief.scene();
    let own = scene.witness.portfolio.options[i].moved.scenario;
    let markets = {
        let group = &scene.table.options[scene.witness.portfolio.options[i].group];
        group.scenarios.len()
    };
    if markets < 2 {
        return thief.one_scenario();
    }
    let s = (own + 1 + thief.pick(markets - 1)) % markets;
    if !revalue_under(&mut scene, i, s) {
        return Drawn::Redraw;
    }
    if copy {
        let basis = thief.value((1, thief.rows.option(i).moved + 1));
        let number = fr(s as i128) - basis;
        scene.forge(thief.rows.option(i).number(), number);
    }
    thief.settled(scene)
}

/// The row of another group's market, its number as the own slot's has it or not.
pub fn group_of_one_scenario(thief: &mut Thief<'_>) -> Drawn {
    let (i, own_id) = (thief.position(super::section::OPTIONS), thief.coin());
    let mut scene = thief.scene();
    let trace = &scene.witness.portfolio.options[i];
    let (own, number, strike) = (
        trace.group,
        trace.moved.scenario,
        scene.witness.slots.options[i].strike,
    );
    let g = thief.other_group(own);
    let Some(row) = scene.table.options[g].scenario_row(g, number, strike) else {
        return Drawn::Redraw;
    };
    let mut row = row;
    if own_id {
        row[0] += (own as i128 - g as i128) * 1024;
    }
    if !revalue_in(&mut scene, i, (g, number)) {
        return Drawn::Redraw;
    }
    let cells = thief.rows.option(i).moved_row();
    scene.forge_all(&cells, &row);
    if thief.honest.table.options[own].scenario_row(own, number, strike) == Some(row) {
        return Drawn::Redraw;
    }
    thief.settled(scene)
}

/// The row of a group's market in a padding slot, under the group's number or padding's.
pub fn market_of_padding(thief: &mut Thief<'_>) -> Drawn {
    let all = 0..thief.honest.witness.slots.options.len();
    let held = thief.positions(super::section::OPTIONS);
    let padding: Vec<usize> = all.filter(|i| !held.contains(i)).collect();
    if padding.is_empty() {
        return thief.truth(thief.scene(), "the account has no padding of options");
    }
    let (i, own_id) = (padding[thief.pick(padding.len())], thief.coin());
    let (g, s) = (thief.other_group(0), thief.scenario());
    let mut scene = thief.scene();
    let strike = scene.witness.slots.options[i].strike;
    let row = thief.honest.table.options[g].scenario_row(g, s, strike);
    let Some(mut row) = row.filter(|_| revalue_in(&mut scene, i, (g, s))) else {
        return Drawn::Redraw;
    };
    if own_id {
        row[0] = 0;
    }
    let cells = thief.rows.option(i).moved_row();
    scene.forge_all(&cells, &row);
    thief.settled(scene)
}

/// One remainder, distance or complement alone.
pub fn remainder_alone(thief: &mut Thief<'_>) -> Drawn {
    let (i, error) = (thief.option(), thief.error(40));
    let mut scene = thief.scene();
    let trace = &mut scene.witness.portfolio.options[i];
    let cell = match thief.pick(13) {
        0 => &mut trace.smile.remainder,
        1 => &mut trace.smile.complement,
        2 => &mut trace.smile.above_low,
        3 => &mut trace.smile.below_high,
        4 => &mut trace.base.remainder,
        5 => &mut trace.base.complement,
        6 => &mut trace.moved.market.remainder,
        7 => &mut trace.moved.market.complement,
        8 => &mut trace.ln.remainder,
        9 => &mut trace.moved.remainder,
        10 => &mut trace.moved.above_low,
        11 => &mut trace.moved.below_high,
        _ => &mut trace.moved.gap,
    };
    *cell += error;
    thief.settled(scene)
}
