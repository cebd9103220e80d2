//! Lies about the normal distribution's rows and values.

use super::{
    super::market::value,
    places::Cell,
    pricing::{Stage, traced},
    thief::{Drawn, Thief},
};
use crate::tables::{self, N_BITS};

/// Cells of the Normal row behind N(d1) or N(d2), and what is made of another row.
fn another_row(
    thief: &mut Thief<'_>,
    row_of: impl Fn(&mut Thief<'_>, i128) -> Option<(i128, tables::Row, bool)>,
) -> Option<Stage> {
    let (mut stage, second) = (Stage::new(thief), thief.coin());
    let slot = stage.slot.clone();
    let t = stage.market();
    let magnitude = if second { t.t2 } else { t.d1 << 20 };
    let (at, row, own_index) = row_of(thief, magnitude >> 30)?;
    let (low, high) = (magnitude - (at << 30), (magnitude >> 20) - (at << 10));
    let n = tables::normal_cubic(&row, low, high);
    let signed = |negative| if negative { (1 << N_BITS) - n } else { n };
    if second {
        (t.n2, t.p2) = (n, signed(t.negative2));
    } else {
        (t.n1, t.p1) = (n, signed(t.negative1));
    }
    value(t, &slot);
    let index = if own_index { magnitude >> 30 } else { at };
    let first = stage.row + if second { 4 } else { 0 };
    let cells: [Cell; 5] = std::array::from_fn(|column| (column, first));
    stage
        .scene
        .forge_all(&cells, &[index, row[0], row[1], row[2], row[3]]);
    Some(stage)
}

fn neighbour_row(thief: &mut Thief<'_>, own_index: bool) -> Drawn {
    let stage = another_row(thief, |thief, own| {
        let other = own + thief.error(1);
        let row = tables::NORMAL.get(usize::try_from(other).ok()?)?;
        // The offset is the claimed index's; under the own index it must be the own offset.
        Some((if own_index { own } else { other }, *row, own_index))
    });
    stage.map_or(Drawn::Redraw, |stage| stage.done(thief, None))
}

pub fn normal_neighbour(thief: &mut Thief<'_>) -> Drawn {
    neighbour_row(thief, false)
}

pub fn normal_row_mixed(thief: &mut Thief<'_>) -> Drawn {
    neighbour_row(thief, true)
}

/// A row of another function table, of no table, or with the difference of two kinds hidden in it.
pub fn normal_of_another_kind(thief: &mut Thief<'_>) -> Drawn {
    let stage = another_row(thief, |thief, own| {
        let at = usize::try_from(own).ok()?;
        let mut row = match thief.pick(3) {
            0 => *tables::POWER.get(at)?,
            1 => *tables::LN.get(at)?,
            _ => [0; 4],
        };
        row[0] += (thief.pick(20) as i128) << 99;
        Some((own, row, true))
    });
    stage.map_or(Drawn::Redraw, |stage| thief.settled_anyhow(stage.scene))
}

pub fn distribution_altered(thief: &mut Thief<'_>) -> Drawn {
    traced(thief, |thief, t, slot| {
        let error = thief.error(80);
        match thief.pick(4) {
            0 => t.n1 += error,
            1 => t.p1 += error,
            2 => t.n2 += error,
            _ => t.p2 += error,
        }
        value(t, slot);
        None
    })
}
