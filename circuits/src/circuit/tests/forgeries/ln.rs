//! Lies about the logarithm of an option's strike, European or perpetual.

use super::{
    super::harness::{Scene, fr, inverse},
    inputs::revalue,
    perpetual_stage,
    places::Cell,
    section::{OPTIONS, PERPETUALS},
    thief::{Drawn, Thief},
};
use crate::{
    engine::option::{LN_DROPPED_BITS, LnTrace},
    tables::{self, REST_BITS},
};

/// A random option of one of the two sections.
struct Strike {
    section: usize,
    i: usize,
    /// First row of its logarithm.
    row: usize,
}

impl Strike {
    fn pick(thief: &mut Thief<'_>) -> Self {
        let section = [OPTIONS, PERPETUALS][thief.pick(2)];
        let i = thief.slot(section);
        let row = if section == OPTIONS {
            thief.rows.option(i).ln
        } else {
            thief.rows.perpetual(i).ln
        };
        Self { section, i, row }
    }

    fn trace<'x>(&self, scene: &'x mut Scene) -> &'x mut LnTrace {
        let portfolio = &mut scene.witness.portfolio;
        if self.section == OPTIONS {
            &mut portfolio.options[self.i].ln
        } else {
            &mut portfolio.perpetual_options[self.i].ln
        }
    }

    /// Prices by the trace; whether every power is in the table.
    fn revalue(&self, scene: &mut Scene) -> bool {
        if self.section == OPTIONS {
            revalue(scene, self.i);
            return true;
        }
        perpetual_stage::reprice(scene, self.i)
    }
}

/// A lie about the trace from which the price follows.
fn repriced(
    thief: &mut Thief<'_>,
    lie: impl Fn(&mut Thief<'_>, &mut LnTrace) -> Option<()>,
) -> Drawn {
    let (strike, mut scene) = (Strike::pick(thief), thief.scene());
    if lie(thief, strike.trace(&mut scene)).is_none() || !strike.revalue(&mut scene) {
        return Drawn::Redraw;
    }
    thief.settled(scene)
}

pub fn ln_off(thief: &mut Thief<'_>) -> Drawn {
    repriced(thief, |thief, trace| {
        let error = thief.error(20);
        trace.ln += error;
        trace.remainder -= error << LN_DROPPED_BITS;
        (trace.ln >= 0).then_some(())
    })
}

pub fn ln_shift(thief: &mut Thief<'_>) -> Drawn {
    repriced(thief, |thief, t| {
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
    let (strike, mut scene) = (Strike::pick(thief), thief.scene());
    scene.forge((2, strike.row + 2), fr(0));
    let t = strike.trace(&mut scene);
    t.mantissa = 0;
    let power = tables::power(t.shift).expect("an honest shift");
    let row = tables::LN[0];
    t.set_raw(tables::ln_cubic(&row, 0) - power[0]);
    // The index that a mantissa of zero asks for has no row.
    let index = tables::LN_INDEX - tables::LN_ROWS as i128;
    let ln: [Cell; 5] = std::array::from_fn(|column| (column, strike.row));
    scene.forge_all(&ln, &[index, row[0], row[1], row[2], row[3]]);
    strike.revalue(&mut scene);
    thief.settled_anyhow(scene)
}

/// The neighbouring row of the logarithm, under its own index or the mantissa's.
pub fn ln_neighbour(thief: &mut Thief<'_>) -> Drawn {
    let (strike, own_index) = (Strike::pick(thief), thief.coin());
    let mut scene = thief.scene();
    let t = strike.trace(&mut scene);
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
    let first = strike.row;
    let cells: [Cell; 5] = std::array::from_fn(|column| (column, first));
    scene.forge_all(&cells, &[index, row[0], row[1], row[2], row[3]]);
    scene.forge((1, first + 1), fr(rest));
    scene.forge((2, first + 1), fr(high));
    if !strike.revalue(&mut scene) {
        return Drawn::Redraw;
    }
    thief.settled(scene)
}

/// `2^50 ln K + r` has a solution in the field for every r.
pub fn ln_in_the_field(thief: &mut Thief<'_>) -> Drawn {
    let (strike, mut scene) = (Strike::pick(thief), thief.scene());
    let trace = strike.trace(&mut scene).clone();
    let raw = fr((trace.ln << LN_DROPPED_BITS) + trace.remainder);
    let remainder = thief.size(49);
    if remainder == trace.remainder {
        return Drawn::Redraw;
    }
    scene.forge(
        (3, strike.row + 1),
        (raw - fr(remainder)) * inverse(fr(1 << LN_DROPPED_BITS)),
    );
    scene.forge((4, strike.row + 1), fr(remainder));
    thief.settled(scene)
}
