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
use crate::{
    engine::option::LN_DROPPED_BITS,
    tables::{self, REST_BITS},
};

pub fn ln_off(thief: &mut Thief<'_>) -> Drawn {
    repriced(thief, |thief, trace| {
        let error = thief.error(20);
        trace.ln.ln += error;
        trace.ln.remainder -= error << LN_DROPPED_BITS;
        (trace.ln.ln >= 0).then_some(())
    })
}

pub fn ln_shift(thief: &mut Thief<'_>) -> Drawn {
    repriced(thief, |thief, trace| {
        let t = &mut trace.ln;
        let by = thief.error(0);
        t.shift += by;
        let power = tables::power(t.shift)?;
        t.mantissa = if by > 0 {
            t.mantissa << 1
        } else {
            t.mantissa >> 1
        };
        // The chip writes zeros outside the table.
        let row = usize::try_from(t.row()).ok();
        let row = row.and_then(|row| tables::LN.get(row));
        let row = row.copied().unwrap_or_default();
        t.set_raw(tables::ln_cubic(&row, t.rest()) - power[0]);
        Some(())
    })
}

/// A factor 2^s of zero, so that the mantissa is zero whatever the strike.
pub fn ln_power_zero(thief: &mut Thief<'_>) -> Drawn {
    let i = thief.option();
    let mut scene = thief.scene();
    let cells = thief.rows.option(i);
    scene.forge((2, cells.ln + 2), fr(0));
    let t = &mut scene.witness.portfolio.options[i].ln;
    t.mantissa = 0;
    let power = tables::power(t.shift).expect("an honest shift");
    let row = tables::LN[0];
    t.set_raw(tables::ln_cubic(&row, 0) - power[0]);
    // The index that a mantissa of zero asks for has no row.
    let index = tables::LN_INDEX - tables::LN_ROWS as i128;
    let ln: [Cell; 5] = std::array::from_fn(|column| (column, cells.ln));
    scene.forge_all(&ln, &[index, row[0], row[1], row[2], row[3]]);
    revalue(&mut scene, i);
    thief.settled_anyhow(scene)
}

/// The neighbouring row of the logarithm, under its own index or the mantissa's.
pub fn ln_neighbour(thief: &mut Thief<'_>) -> Drawn {
    let (i, own_index) = (thief.option(), thief.coin());
    let mut scene = thief.scene();
    let t = &mut scene.witness.portfolio.options[i].ln;
    let own = t.row();
    let other = own + thief.error(1);
    let row = usize::try_from(other).ok();
    let (Some(row), Some(power)) = (
        row.and_then(|row| tables::LN.get(row)),
        tables::power(t.shift),
    ) else {
        return Drawn::Redraw;
    };
    let index = if own_index { own } else { other };
    // What the claimed row leaves: outside 0..2^50 for another's.
    let rest = t.mantissa - ((index + tables::LN_ROWS as i128) << REST_BITS);
    t.set_raw(tables::ln_cubic(row, rest) - power[0]);
    if t.ln < 0 {
        return Drawn::Redraw;
    }
    let high = rest >> 30;
    let index = index + tables::LN_INDEX;
    let first = thief.rows.option(i).ln;
    let cells: [Cell; 5] = std::array::from_fn(|column| (column, first));
    scene.forge_all(&cells, &[index, row[0], row[1], row[2], row[3]]);
    scene.forge((1, first + 1), fr(rest));
    scene.forge((2, first + 1), fr(high));
    revalue(&mut scene, i);
    thief.settled(scene)
}

/// `2^50 ln K + r` has a solution in the field for every r.
pub fn ln_in_the_field(thief: &mut Thief<'_>) -> Drawn {
    let i = thief.option();
    let mut scene = thief.scene();
    let trace = &scene.witness.portfolio.options[i].ln;
    let raw = fr((trace.ln << LN_DROPPED_BITS) + trace.remainder);
    let remainder = thief.size(49);
    if remainder == trace.remainder {
        return Drawn::Redraw;
    }
    let cells = thief.rows.option(i);
    scene.forge(
        cells.ln(),
        (raw - fr(remainder)) * inverse(fr(1 << LN_DROPPED_BITS)),
    );
    scene.forge(cells.ln_remainder(), fr(remainder));
    thief.settled(scene)
}
