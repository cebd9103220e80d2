//! What follows from a forged choice in an option's trace.

use num_bigint::BigInt;

use super::harness::Scene;
use crate::{
    engine::{
        moved,
        option::{self, D2_END, MarketTrace, epsilon_per_unit},
    },
    slots::OptionSlot,
    tables::{self, N_BITS, Row},
};

/// The slot most tests lie about: near the money, calls long and puts short.
pub const NEAR: usize = 2;

/// `N(|d|)` and `N(d)` from any row.
pub fn normal_from(row: &Row, magnitude: i128, negative: bool) -> (i128, i128) {
    let low = magnitude & ((1 << 30) - 1);
    let unsigned = tables::normal_cubic(row, low, low >> 20);
    (unsigned, signed(negative, unsigned))
}

fn signed(negative: bool, n: i128) -> i128 {
    if negative { (1 << N_BITS) - n } else { n }
}

/// d2 and the division's remainders from v, d1, its sign and `saturated`.
pub fn divide(t: &mut MarketTrace) {
    let signed1 = if t.negative1 { -t.d1 } else { t.d1 };
    let numerator = 2 * (t.ln_forward - t.ln_strike) + t.v * (t.v >> 20) + t.v;
    let excess = numerator - 2 * t.v * signed1;
    t.remainder = if t.saturated && t.negative1 {
        0
    } else {
        excess
    };
    t.complement = if t.saturated && !t.negative1 {
        0
    } else {
        2 * t.v - 1 - excess
    };
    t.d2 = (signed1 << 20) - t.v;
}

/// The distribution's values and what is bought with them, from d1, d2 and their flags.
pub fn price(t: &mut MarketTrace, slot: &OptionSlot) {
    t.t2 = match (t.below, t.negative2) {
        (true, _) => -D2_END - t.d2,
        (false, true) => -t.d2,
        (false, false) => t.d2,
    };
    t.n1 = tables::normal(t.d1 << 20);
    t.n2 = tables::normal(t.t2.abs());
    t.p1 = signed(t.negative1, t.n1);
    t.p2 = signed(t.negative2, t.n2);
    value(t, slot);
}

/// d1, d2 and all that follows.
pub fn reprice(t: &mut MarketTrace, slot: &OptionSlot) {
    divide(t);
    t.below = t.d2 <= -D2_END;
    t.negative2 = !t.below && t.d2 < 0;
    price(t, slot);
}

/// Value and epsilon from the distribution's values.
pub fn value(t: &mut MarketTrace, slot: &OptionSlot) {
    let (forward, strike) = (t.discounted_forward, t.discounted_strike);
    let counted = if t.below { 0 } else { t.p2 };
    let call = BigInt::from(forward) * t.p1 - BigInt::from(strike) * counted;
    let parity = BigInt::from(forward - strike) << N_BITS;
    let held = BigInt::from(slot.calls.abs() + slot.puts.abs());
    t.value = &call * slot.calls + (&call - parity) * slot.puts;
    t.epsilon = held * epsilon_per_unit(forward, strike);
}

/// Reprices option `i`, from its smile's and ln's traces.
pub fn revalue(scene: &mut Scene, i: usize) {
    let number = scene.witness.portfolio.options[i].moved.scenario;
    revalue_under(scene, i, number);
}

/// Reprices option `i` under market number `number` of its group, which is a scenario's or a basis move's. The class stays
/// that of the account's scenario.
pub fn revalue_under(scene: &mut Scene, i: usize, number: usize) {
    let slot = scene.witness.slots.options[i].clone();
    let row = scene.table.scenarios[scene.witness.portfolio.scenario];
    let trace = &mut scene.witness.portfolio.options[i];
    let group = &scene.table.options[trace.group];
    let (v, ln, sizes) = (trace.smile.v, trace.ln.ln, [slot.calls, slot.puts]);
    trace.base = option::market(&group.base, slot.strike, ln, v, sizes[0], sizes[1]);
    let moved = moved::moved(group, (number, row), slot.strike, ln, v, sizes);
    trace.moved = moved.expect("a market of the group");
}
