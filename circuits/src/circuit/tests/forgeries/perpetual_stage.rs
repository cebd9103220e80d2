//! A perpetual option's market as a thief forges it: what follows from an interval, an exponent, a price.

use num_bigint::BigInt;

use super::{super::harness::Scene, places::PerpetualPlaces, section::PERPETUALS, thief::Thief};
use crate::{
    engine::{PerpetualMarketTrace, perpetual},
    public::{PerpetualGroup, TableRow},
    slots::OptionSlot,
    tables::{self, N_BITS},
};

/// A market of a random perpetual option, with its slot and the first row of its chip.
pub struct Stage {
    pub scene: Scene,
    pub i: usize,
    pub moved: bool,
    /// First row of the market.
    pub row: usize,
    /// Rows of the slot.
    pub rows: PerpetualPlaces,
    pub slot: OptionSlot,
    pub group: usize,
}

impl Stage {
    pub fn new(thief: &mut Thief<'_>) -> Self {
        let (i, moved) = (thief.slot(PERPETUALS), thief.coin());
        Self::at(thief, i, moved)
    }

    pub fn at(thief: &Thief<'_>, i: usize, moved: bool) -> Self {
        let (rows, scene) = (thief.rows.perpetual(i), thief.scene());
        Self {
            i,
            moved,
            row: rows.market(moved),
            rows,
            slot: scene.witness.slots.perpetual_options[i].clone(),
            group: scene.witness.portfolio.perpetual_options[i].group,
            scene,
        }
    }

    pub fn market(&mut self) -> &mut PerpetualMarketTrace {
        let trace = &mut self.scene.witness.portfolio.perpetual_options[self.i];
        if self.moved {
            &mut trace.moved
        } else {
            &mut trace.base
        }
    }

    pub fn public(&self) -> &PerpetualGroup {
        &self.scene.table.perpetual_options[self.group]
    }

    /// The scenario of this market.
    pub fn scenario(&self, thief: &Thief<'_>) -> usize {
        if self.moved { thief.scenario() } else { 0 }
    }

    /// Looks up `row` as the interval and prices by it.
    pub fn believe(&mut self, row: TableRow) {
        let cells = self.rows.interval(self.moved);
        self.scene.forge_all(&cells, &row);
        let ln = self.scene.witness.portfolio.perpetual_options[self.i].ln.ln;
        let (slot, [_, low, slope, offset, high, spot, side]) = (self.slot.clone(), row);
        let t = self.market();
        t.above_low = slot.strike - low;
        t.below_high = high - 1 - slot.strike;
        (t.spot, t.call_side) = (spot, side == 1);
        follow(t, offset + slope * ln);
        price(t, &slot);
    }

    /// A power that the table does not have is another reason to be stopped.
    pub fn out_of_powers(&mut self) -> bool {
        let t = self.market();
        tables::power(t.shift()).is_none()
    }
}

/// The raw sum of an honest trace; units 2^-96.
pub fn raw(t: &PerpetualMarketTrace) -> i128 {
    let proved = (t.exponent << 50) + t.remainder + (t.excess << 96);
    if t.nothing {
        (16 << 96) - 1 - proved
    } else {
        proved
    }
}

/// The mantissa of the exponent.
pub fn mantissa(t: &mut PerpetualMarketTrace) {
    t.mantissa = tables::exp_cubic(&tables::EXP[t.row() as usize], t.rest());
}

/// Exponent and mantissa of a raw sum.
pub fn follow(t: &mut PerpetualMarketTrace, raw: i128) {
    t.nothing = raw < 8 << 96;
    let proved = if t.nothing { (16 << 96) - 1 - raw } else { raw };
    t.excess = if t.nothing { (proved >> 96) - 8 } else { 0 };
    t.exponent = (proved - (t.excess << 96)) >> 50;
    t.remainder = proved & ((1 << 50) - 1);
    mantissa(t);
}

/// Value and epsilon from mantissa, shift, flags, spot and strike.
pub fn price(t: &mut PerpetualMarketTrace, slot: &OptionSlot) {
    let factor = tables::power(t.shift()).map_or(0, |row| row[1]);
    price_with(t, slot, factor);
}

/// The same with any number in the place of 2^k.
pub fn price_with(t: &mut PerpetualMarketTrace, slot: &OptionSlot, factor: i128) {
    let factor = if t.nothing { 0 } else { factor };
    let power = BigInt::from(t.mantissa) * factor;
    let linear = BigInt::from(t.spot - t.discounted_strike) << N_BITS;
    t.value = power * (slot.calls + slot.puts);
    t.value += if t.call_side {
        linear * slot.calls
    } else {
        -linear * slot.puts
    };
    t.epsilon = perpetual::epsilon_per_unit(t.spot, t.discounted_strike)
        * (slot.calls.abs() + slot.puts.abs());
}

/// Both markets of perpetual option `i` from its logarithm; whether every power is in the table.
pub fn reprice(scene: &mut Scene, i: usize) -> bool {
    let moved = scene.witness.portfolio.scenario;
    let slot = &scene.witness.slots.perpetual_options[i];
    let trace = &mut scene.witness.portfolio.perpetual_options[i];
    let (group, ln) = (&scene.table.perpetual_options[trace.group], trace.ln.ln);
    let mut inside = true;
    for (t, s) in [(&mut trace.base, 0), (&mut trace.moved, moved)] {
        let interval = group.interval(s, slot.strike).expect("covered");
        follow(t, interval.offset + interval.slope * ln);
        price(t, slot);
        inside &= tables::power(t.shift()).is_some();
    }
    inside
}
