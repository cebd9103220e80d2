//! Lies about an option's price under one of its two markets.

use num_bigint::BigInt;

use super::{
    super::{
        harness::{Scene, fr},
        market::{divide, price, reprice, value},
    },
    thief::{Drawn, Thief},
};
use crate::{
    engine::option::{self, MarketTrace},
    public::ForwardRow,
    slots::OptionSlot,
    tables::{D1_MAX, N_BITS},
};

const NEGATIVE_ZERO: &str = "N(0) is one half: the sign of zero is free";
const AT_THE_CAP: &str = "d1 is at its cap either way";

/// A market of a random option, with its slot and the first row of its chip.
pub struct Stage {
    pub scene: Scene,
    i: usize,
    moved: bool,
    pub row: usize,
    pub slot: OptionSlot,
}

impl Stage {
    pub fn new(thief: &mut Thief<'_>) -> Self {
        let (i, moved) = (thief.option(), thief.coin());
        let rows = thief.rows.option(i);
        Self {
            scene: thief.scene(),
            i,
            moved,
            row: if moved { rows.after } else { rows.base },
            slot: thief.honest.witness.slots.options[i].clone(),
        }
    }

    pub fn market(&mut self) -> &mut MarketTrace {
        let trace = &mut self.scene.witness.portfolio.options[self.i];
        if self.moved {
            &mut trace.moved.market
        } else {
            &mut trace.base
        }
    }

    pub fn done(self, thief: &mut Thief<'_>, truth: Option<&'static str>) -> Drawn {
        match truth {
            Some(reason) => thief.truth(self.scene, reason),
            None => thief.settled(self.scene),
        }
    }
}

/// A lie that changes the trace alone, and whether it is a truth.
pub fn traced(
    thief: &mut Thief<'_>,
    lie: impl Fn(&mut Thief<'_>, &mut MarketTrace, &OptionSlot) -> Option<&'static str>,
) -> Drawn {
    let mut stage = Stage::new(thief);
    let slot = stage.slot.clone();
    let truth = lie(thief, stage.market(), &slot);
    stage.done(thief, truth)
}

pub fn d1_off(thief: &mut Thief<'_>) -> Drawn {
    traced(thief, |thief, t, slot| {
        let (honest, error) = (if t.negative1 { -t.d1 } else { t.d1 }, thief.error(10));
        let inside = (honest + error).abs() <= D1_MAX;
        let d1 = if inside {
            honest + error
        } else {
            honest - error
        };
        (t.d1, t.negative1, t.saturated) = (d1.abs(), d1 < 0, false);
        reprice(t, slot);
        None
    })
}

pub fn saturated(thief: &mut Thief<'_>) -> Drawn {
    traced(thief, |thief, t, slot| {
        let negative = thief.coin();
        let truth = t.d1 == D1_MAX && t.negative1 == negative;
        (t.d1, t.negative1, t.saturated) = (D1_MAX, negative, true);
        reprice(t, slot);
        truth.then_some(AT_THE_CAP)
    })
}

pub fn saturated_flag(thief: &mut Thief<'_>) -> Drawn {
    traced(thief, |_, t, _| {
        let truth = t.d1 == D1_MAX && !t.saturated;
        t.saturated = !t.saturated;
        divide(t);
        truth.then_some(AT_THE_CAP)
    })
}

pub fn sign1(thief: &mut Thief<'_>) -> Drawn {
    traced(thief, |_, t, slot| {
        t.negative1 = !t.negative1;
        reprice(t, slot);
        (t.d1 == 0).then_some(NEGATIVE_ZERO)
    })
}

pub fn sign1_of_price(thief: &mut Thief<'_>) -> Drawn {
    traced(thief, |_, t, slot| {
        t.negative1 = !t.negative1;
        price(t, slot);
        (t.d1 == 0).then_some(NEGATIVE_ZERO)
    })
}

pub fn sign2(thief: &mut Thief<'_>) -> Drawn {
    traced(thief, |_, t, slot| {
        t.negative2 = !t.negative2;
        t.p2 = (1 << N_BITS) - t.p2;
        value(t, slot);
        (t.d2 == 0).then_some(NEGATIVE_ZERO)
    })
}

/// `t2 = -|d2|`, which the gate takes with the other sign; no row of the table holds it.
pub fn negative_argument(thief: &mut Thief<'_>) -> Drawn {
    traced(thief, |_, t, slot| {
        t.negative2 = !t.negative2;
        if t.d2 == 0 {
            return Some(NEGATIVE_ZERO);
        }
        // Below -8 the flags exclude each other; the sign must stay.
        t.negative2 &= !t.below;
        t.t2 = -t.t2 - i128::from(t.below);
        t.n2 = 0;
        t.p2 = if t.negative2 { 1 << N_BITS } else { 0 };
        value(t, slot);
        None
    })
}

pub fn strike_leg(thief: &mut Thief<'_>) -> Drawn {
    traced(thief, |_, t, slot| {
        if t.below {
            // Not below: |d2| has no row, so the cubic is made of zeros.
            (t.below, t.negative2) = (false, true);
            (t.t2, t.n2, t.p2) = (-t.d2, 0, 1 << N_BITS);
        } else {
            (t.below, t.negative2) = (true, false);
            t.p2 = t.n2;
        }
        value(t, slot);
        None
    })
}

pub fn value_altered(thief: &mut Thief<'_>) -> Drawn {
    traced(thief, |thief, t, _| {
        let error: BigInt = BigInt::from(thief.error(100)) << thief.pick(100);
        t.value += error;
        None
    })
}

pub fn epsilon_altered(thief: &mut Thief<'_>) -> Drawn {
    traced(thief, |thief, t, _| {
        let zero = thief.coin() && t.epsilon != BigInt::ZERO;
        let error = BigInt::from(thief.error(100)) << thief.pick(80);
        t.epsilon = if zero {
            BigInt::ZERO
        } else {
            &t.epsilon + error
        };
        None
    })
}

/// Forward, its logarithm or the discounted strike of another market, in the copy that is priced.
pub fn foreign_market(thief: &mut Thief<'_>) -> Drawn {
    let mut stage = Stage::new(thief);
    let own = thief.honest.witness.portfolio.options[stage.i].group;
    let group = &thief.honest.table.options[thief.other_group(own)];
    let foreign = if thief.coin() {
        &group.base
    } else {
        &group.scenarios[thief.pick(group.scenarios.len())].forward
    };
    let (which, row, slot) = (thief.pick(3), stage.row, stage.slot.clone());
    let t = stage.market();
    let mut forward = ForwardRow {
        discounted_forward: t.discounted_forward,
        ln_forward: t.ln_forward,
        discount: 0,
    };
    let discounted_strike = t.discounted_strike;
    let (cell, same) = match which {
        0 => {
            let same = forward.discounted_forward == foreign.discounted_forward;
            forward.discounted_forward = foreign.discounted_forward;
            ((2, row + 6), same)
        }
        1 => {
            let same = forward.ln_forward == foreign.ln_forward;
            forward.ln_forward = foreign.ln_forward;
            ((2, row + 3), same)
        }
        _ => (
            (3, row + 6),
            discounted_strike == foreign.discount * slot.strike,
        ),
    };
    *t = option::market(
        &forward,
        slot.strike,
        t.ln_strike,
        t.v,
        slot.calls,
        slot.puts,
    );
    // The cell of the moved chip must stay honest; only the copy lies.
    t.discounted_strike = match which {
        2 => foreign.discount * slot.strike,
        _ => discounted_strike,
    };
    value(t, &slot);
    let forged = match which {
        0 => t.discounted_forward,
        1 => t.ln_forward,
        _ => t.discounted_strike,
    };
    stage.scene.forge(cell, fr(forged));
    stage.done(thief, same.then_some("the two markets agree"))
}
