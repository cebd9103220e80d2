//! Lies about a perpetual option's market: interval, side of the linear part, value, and the sides that a group prices.

use num_bigint::BigInt;

use super::{
    super::harness::fr,
    perpetual_stage::{Stage, follow, price},
    section::{self, PERPETUALS},
    thief::{Drawn, Thief},
};
use crate::{public::Kind, tables::N_BITS};

/// Another interval of the same market, the copy of the strike in it or not.
pub fn another_interval(thief: &mut Thief<'_>) -> Drawn {
    let mut rows = Vec::new();
    for i in 0..thief.honest.witness.slots.perpetual_options.len() {
        for moved in [false, true] {
            let stage = Stage::at(thief, i, moved);
            let (s, strike) = (stage.scenario(thief), stage.slot.strike);
            let intervals = stage
                .public()
                .scenario(s)
                .expect("covered")
                .intervals
                .iter();
            let others = intervals.filter(|i| !(i.low..i.high).contains(&strike));
            let row = |low| stage.public().interval_row(stage.group, s, low);
            rows.extend(others.map(|other| (i, moved, row(other.low).expect("covered"))));
        }
    }
    if rows.is_empty() {
        return thief.truth(thief.scene(), "no market of the account has two intervals");
    }
    let (i, moved, row) = rows[thief.pick(rows.len())];
    let mut stage = Stage::at(thief, i, moved);
    stage.believe(row);
    if thief.coin() {
        let (low, high, cell) = (row[1], row[4], (2, stage.row));
        let t = stage.market();
        (t.above_low, t.below_high) = (0, high - 1 - low);
        stage.scene.forge(cell, fr(low));
    }
    thief.settled_anyhow(stage.scene)
}

/// The interval of another scenario or group, with or without the copy in the id.
fn another_row(thief: &mut Thief<'_>, of_group: bool) -> Drawn {
    let (mut stage, copy) = (Stage::new(thief), thief.coin());
    let own = stage.scenario(thief);
    let (g, s) = if of_group {
        let count = stage.scene.table.perpetual_options.len();
        (thief.other(stage.group, count), own)
    } else {
        let count = stage.scene.table.scenarios.len();
        if count < 2 {
            return thief.one_scenario();
        }
        (stage.group, (own + 1 + thief.pick(count - 1)) % count)
    };
    let group = &stage.scene.table.perpetual_options[g];
    let row = group.interval_row(g, s, stage.slot.strike);
    if !copy
        && row
            == stage
                .public()
                .interval_row(stage.group, own, stage.slot.strike)
    {
        return thief.truth(stage.scene, "padding has one row for all scenarios");
    }
    stage.believe(row.expect("covered"));
    if copy {
        let (column, number) = if of_group { (0, g) } else { (1, s) };
        stage.scene.forge((column, stage.row), fr(number as i128));
    }
    if stage.out_of_powers() {
        return Drawn::Redraw;
    }
    thief.settled(stage.scene)
}

pub fn interval_of_another_scenario(thief: &mut Thief<'_>) -> Drawn {
    another_row(thief, false)
}

pub fn interval_of_another_group(thief: &mut Thief<'_>) -> Drawn {
    another_row(thief, true)
}

/// An option's scenario row of the same id in the interval's place, the difference of the kinds in the bit.
pub fn interval_of_another_kind(thief: &mut Thief<'_>) -> Drawn {
    let mut stage = Stage::new(thief);
    let (g, s) = (stage.group, stage.scenario(thief));
    let Some(option) = stage.scene.table.options.get(g) else {
        return Drawn::Redraw;
    };
    let Some(row) = option.scenario_row(g, s, stage.slot.strike) else {
        return Drawn::Redraw;
    };
    let difference = Kind::OptionScenario.tag() - Kind::PerpetualInterval.tag();
    stage.believe(row);
    let cells = stage.rows.interval(stage.moved);
    stage.scene.forge(cells[6], fr(difference));
    // V with a side that is no bit.
    let slot = stage.slot.clone();
    let t = stage.market();
    let linear = BigInt::from(t.spot - t.discounted_strike) << N_BITS;
    t.call_side = true;
    price(t, &slot);
    t.value += &linear * (slot.calls + slot.puts) * (difference - 1);
    thief.settled_anyhow(stage.scene)
}

/// The linear part on the other side: the looked-up flag, or its copy.
pub fn call_side(thief: &mut Thief<'_>) -> Drawn {
    let (mut stage, copy) = (Stage::new(thief), thief.coin());
    let (slot, row) = (stage.slot.clone(), stage.row);
    let t = stage.market();
    t.call_side = !t.call_side;
    let flag = t.call_side.into();
    price(t, &slot);
    let cell = if copy { (3, row + 6) } else { (1, row + 2) };
    stage.scene.forge(cell, fr(flag));
    thief.settled(stage.scene)
}

/// A copy that is priced and is not what it copies: spot, discounted strike, mantissa, the flag of nothing, ln K.
pub fn foreign_copy(thief: &mut Thief<'_>) -> Drawn {
    let mut stage = Stage::new(thief);
    let (slot, row) = (stage.slot.clone(), stage.row);
    let (which, error) = (thief.pick(5), thief.error(50));
    let discount = stage.public().discount;
    let t = stage.market();
    let honest = t.clone();
    let (column, forged) = match which {
        0 => {
            t.mantissa += error;
            (0, t.mantissa)
        }
        1 => {
            t.nothing = !t.nothing;
            (1, t.nothing.into())
        }
        2 => {
            t.spot += error;
            (2, t.spot)
        }
        3 => {
            t.discounted_strike = discount * slot.strike + error;
            (4, t.discounted_strike)
        }
        _ => {
            let ln = stage.scene.witness.portfolio.perpetual_options[stage.i]
                .ln
                .ln
                + error;
            let s = stage.scenario(thief);
            let interval = stage.public().interval(s, slot.strike).expect("covered");
            let raw = interval.offset + interval.slope * ln;
            stage.scene.forge((2, row + 2), fr(ln));
            let t = stage.market();
            follow(t, raw);
            price(t, &slot);
            return if stage.out_of_powers() {
                Drawn::Redraw
            } else {
                thief.settled(stage.scene)
            };
        }
    };
    price(t, &slot);
    // Only the copies lie: the exponent's cells are the honest ones.
    (t.mantissa, t.nothing) = (honest.mantissa, honest.nothing);
    stage.scene.forge((column, row + 6), fr(forged));
    thief.settled(stage.scene)
}

/// The discounted strike by another discount, where it is made.
pub fn discounted_strike(thief: &mut Thief<'_>) -> Drawn {
    let mut stage = Stage::new(thief);
    let (slot, error) = (stage.slot.clone(), thief.error(44));
    let forged = stage.market().discounted_strike + error * slot.strike;
    stage.scene.forge((3, stage.rows.holding + 1), fr(forged));
    let trace = &mut stage.scene.witness.portfolio.perpetual_options[stage.i];
    for t in [&mut trace.base, &mut trace.moved] {
        t.discounted_strike = forged;
        price(t, &slot);
    }
    thief.settled(stage.scene)
}

/// Mantissa, value or epsilon altered.
pub fn price_altered(thief: &mut Thief<'_>) -> Drawn {
    let mut stage = Stage::new(thief);
    let (slot, which) = (stage.slot.clone(), thief.pick(3));
    let error = BigInt::from(thief.error(100)) << thief.pick(80);
    let mantissa = thief.error(80);
    let t = stage.market();
    match which {
        0 => {
            t.mantissa += mantissa;
            price(t, &slot);
        }
        1 => t.value += error,
        _ => t.epsilon += error,
    }
    thief.settled(stage.scene)
}

/// One perpetual option on a side that its group does not price, or a size in padding; the mask tells the truth, or lies
/// in the lookup or in its copy.
pub fn side(thief: &mut Thief<'_>) -> Drawn {
    let mut slots = thief.slots();
    let last = slots.perpetual_options.len() - 1;
    for i in 0..=last {
        section::clear(&mut slots, PERPETUALS, i);
    }
    let groups: Vec<usize> = (0..thief.honest.table.perpetual_options.len()).collect();
    let g = groups[thief.pick(groups.len())];
    let group = &thief.honest.table.perpetual_options[g];
    let mask = group.base_row(g)[1];
    let (calls, puts) = (thief.error(30), thief.error(30));
    let (calls, puts) = match (mask, thief.coin()) {
        (0, _) => return Drawn::Redraw,
        (1, true) => (0, puts),
        (2, true) => (calls, 0),
        _ => (calls, puts),
    };
    let slot = &mut slots.perpetual_options[last];
    slot.key = group.key;
    slot.strike = 1 + thief.size(46);
    (slot.calls, slot.puts) = (calls, puts);
    let table = thief.honest.table.clone();
    let rows = thief.rows.perpetual(last);
    let commitment = slots.commitment();
    let mut scene = thief.committed(slots.clone(), &table).unwrap_or_else(|| {
        // Terms that are out of range.
        let mut scene = thief.holding(slots);
        scene.claim(commitment);
        scene
    });
    match thief.pick(3) {
        0 => {}
        1 => scene.forge((1, rows.holding), fr(0)),
        _ => scene.forge((1, rows.side), fr(0)),
    }
    Drawn::Forged(Box::new(scene))
}
