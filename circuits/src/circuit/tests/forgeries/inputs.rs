//! Lies about an option's inputs: smile, root, moved volatility, scenario.

use super::{
    super::{
        harness::fr,
        market::{revalue, revalue_under},
    },
    thief::{Drawn, Thief},
};
use crate::{
    engine::{OptionTrace, option},
    public::ForwardRow,
};

const NO_VOLATILITY: &str = "the volatility is zero already";
/// Volatilities above 8 reach past the normal table, which would stop the lie too.
const MOST: i128 = 1 << 38;

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

/// The moved market at another volatility; the remainder follows.
fn moved(thief: &mut Thief<'_>, to: impl Fn(&mut Thief<'_>, i128) -> i128) -> Drawn {
    let i = thief.option();
    let mut scene = thief.scene();
    let slot = &scene.witness.slots.options[i];
    let trace = &mut scene.witness.portfolio.options[i];
    let honest = trace.moved.v;
    let v = to(thief, honest);
    trace.multiplier_remainder -= (v - honest) << 40;
    let group = &scene.table.options[trace.group];
    let forward = &group.scenarios[thief.scenario()].forward;
    trace.moved = option::market(forward, slot.strike, trace.ln.ln, v, slot.calls, slot.puts);
    match (v == honest, v < MOST) {
        (true, _) => thief.truth(scene, NO_VOLATILITY),
        (_, true) => thief.settled(scene),
        _ => Drawn::Redraw,
    }
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

/// The row of another scenario or of another group, with or without the copy in the id.
fn moved_row(thief: &mut Thief<'_>, another_group: bool, copy: bool) -> Drawn {
    let i = thief.option();
    let mut scene = thief.scene();
    let own = scene.witness.portfolio.options[i].group;
    let rows = thief.rows.option(i);
    if another_group {
        let g = thief.other_group(own);
        let row = scene.table.options[g].scenario_row(g, thief.scenario());
        scene.forge_all(&rows.moved_row(), &row.expect("row")[..5]);
        if copy {
            scene.forge((0, rows.moved + 1), fr(g as i128));
        }
        let slot = &scene.witness.slots.options[i];
        let moved = &scene.table.options[g].scenarios[thief.scenario()];
        let trace = &mut scene.witness.portfolio.options[i];
        let product = trace.smile.v * moved.vol_multiplier;
        trace.multiplier_remainder = product & ((1 << 40) - 1);
        // The strike is discounted once, in the own group.
        let forward = ForwardRow {
            discount: scene.table.options[own].base.discount,
            ..moved.forward.clone()
        };
        trace.moved = option::market(
            &forward,
            slot.strike,
            trace.ln.ln,
            product >> 40,
            slot.calls,
            slot.puts,
        );
    } else {
        let s = thief.other_scenario();
        let row = scene.table.options[own].scenario_row(own, s);
        scene.forge_all(&rows.moved_row(), &row.expect("row")[..5]);
        if copy {
            scene.forge(rows.scenario(), fr(s as i128));
        }
        revalue_under(&mut scene, i, s);
    }
    thief.settled(scene)
}

pub fn scenario_of_one_option(thief: &mut Thief<'_>) -> Drawn {
    let copy = thief.coin();
    moved_row(thief, false, copy)
}

pub fn group_of_one_scenario(thief: &mut Thief<'_>) -> Drawn {
    let copy = thief.coin();
    moved_row(thief, true, copy)
}

/// One remainder, distance or complement alone.
pub fn remainder_alone(thief: &mut Thief<'_>) -> Drawn {
    let (i, error) = (thief.option(), thief.error(40));
    let mut scene = thief.scene();
    let trace = &mut scene.witness.portfolio.options[i];
    let cell = match thief.pick(10) {
        0 => &mut trace.smile.remainder,
        1 => &mut trace.smile.complement,
        2 => &mut trace.smile.above_low,
        3 => &mut trace.smile.below_high,
        4 => &mut trace.base.remainder,
        5 => &mut trace.base.complement,
        6 => &mut trace.moved.remainder,
        7 => &mut trace.moved.complement,
        8 => &mut trace.ln.remainder,
        _ => &mut trace.multiplier_remainder,
    };
    *cell += error;
    thief.settled(scene)
}
