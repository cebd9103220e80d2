//! Lies about the logarithm of an option's strike.

use super::{
    super::{
        harness::{fr, inverse},
        market::revalue,
        rows::Cell,
    },
    inputs::repriced,
    thief::{Drawn, Thief},
};
use crate::tables;

pub fn ln_off(thief: &mut Thief<'_>) -> Drawn {
    repriced(thief, |thief, trace| {
        let error = thief.error(20);
        trace.ln.ln += error;
        trace.ln.remainder -= error << 30;
        (trace.ln.ln >= 0).then_some(())
    })
}

pub fn ln_shift(thief: &mut Thief<'_>) -> Drawn {
    repriced(thief, |thief, trace| {
        let t = &mut trace.ln;
        let by = thief.error(0);
        t.shift += by;
        if !(0..50).contains(&t.shift) {
            return None;
        }
        t.mantissa = if by > 0 {
            t.mantissa << 1
        } else {
            t.mantissa >> 1
        };
        // The chip writes the table's first row below the index 512, zeros above 1023.
        let index = t.mantissa >> 40;
        let row = tables::LN.get((index - 512).max(0) as usize);
        let row = row.copied().unwrap_or_default();
        let rest = (t.mantissa >> 20) - (index << 20);
        let raw = tables::ln_quadratic(&row, rest) - tables::POWER[t.shift as usize][1];
        (t.ln, t.remainder) = (raw >> 30, raw & ((1 << 30) - 1));
        Some(())
    })
}

/// A factor 2^s of zero, so that the mantissa is zero whatever the strike.
pub fn ln_power_zero(thief: &mut Thief<'_>) -> Drawn {
    let i = thief.option();
    let mut scene = thief.scene();
    let cells = thief.rows.option(i);
    scene.forge((1, cells.ln + 2), fr(0));
    let t = &mut scene.witness.portfolio.options[i].ln;
    t.mantissa = 0;
    let raw = tables::ln_quadratic(&tables::LN[0], 0) - tables::POWER[t.shift as usize][1];
    (t.ln, t.remainder) = (raw >> 30, raw & ((1 << 30) - 1));
    revalue(&mut scene, i);
    thief.settled_anyhow(scene)
}

/// The neighbouring row of the logarithm, under its own index or the mantissa's.
pub fn ln_neighbour(thief: &mut Thief<'_>) -> Drawn {
    let (i, own_index) = (thief.option(), thief.coin());
    let mut scene = thief.scene();
    let t = &mut scene.witness.portfolio.options[i].ln;
    let own = t.mantissa >> 40;
    let other = own + thief.error(1);
    let Some(row) = tables::LN.get((other - 512) as usize) else {
        return Drawn::Redraw;
    };
    let index = if own_index { own } else { other };
    let rest = (t.mantissa >> 20) - (index << 20);
    let raw = tables::ln_quadratic(row, rest) - tables::POWER[t.shift as usize][1];
    (t.ln, t.remainder) = (raw >> 30, raw & ((1 << 30) - 1));
    if t.ln < 0 {
        return Drawn::Redraw;
    }
    let first = thief.rows.option(i).ln;
    let cells: [Cell; 5] = std::array::from_fn(|column| (column, first));
    scene.forge_all(&cells, &[index, row[0], row[1], row[2], row[3]]);
    revalue(&mut scene, i);
    thief.settled(scene)
}

/// `2^30 ln K + r` has a solution in the field for every r.
pub fn ln_in_the_field(thief: &mut Thief<'_>) -> Drawn {
    let i = thief.option();
    let mut scene = thief.scene();
    let trace = &scene.witness.portfolio.options[i].ln;
    let raw = fr((trace.ln << 30) + trace.remainder);
    let remainder = thief.size(29);
    if remainder == trace.remainder {
        return Drawn::Redraw;
    }
    let cells = thief.rows.option(i);
    scene.forge(cells.ln(), (raw - fr(remainder)) * inverse(fr(1 << 30)));
    scene.forge(cells.ln_remainder(), fr(remainder));
    thief.settled(scene)
}
