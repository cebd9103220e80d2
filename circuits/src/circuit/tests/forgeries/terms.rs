//! Lies about the sums, the verdict and the terms.

use ff::Field;
use halo2curves::bn256::Fr;
use num_bigint::BigInt;

use super::{
    super::{
        harness::{Scene, follow_terms, fr, inverse},
        rows,
    },
    account::terms_of,
    thief::{Drawn, Thief},
};
use crate::{
    engine::{LiquidationTrace, SCALE_BITS, Totals, quantum},
    field,
};

/// The terms' trace with a lie in it, and what follows from it.
fn lying(
    thief: &mut Thief<'_>,
    lie: impl Fn(&mut Thief<'_>, &mut LiquidationTrace) -> Option<&'static str>,
) -> Drawn {
    let mut scene = thief.scene();
    let rules = scene.table.rules;
    let truth = lie(thief, &mut scene.witness.terms);
    follow_terms(&mut scene.witness.terms, &rules);
    scene.publish();
    match truth {
        Some(reason) => Drawn::Honest(Box::new(scene), reason),
        None => Drawn::Forged(Box::new(scene)),
    }
}

/// Shortfall or requirement off, with the remainder that goes with it.
pub fn quotient_off(thief: &mut Thief<'_>) -> Drawn {
    lying(thief, |thief, t| {
        let error = thief.error(30);
        let (quotient, remainder) = if thief.coin() {
            (&mut t.shortfall, &mut t.shortfall_remainder)
        } else {
            (&mut t.requirement, &mut t.requirement_remainder)
        };
        *quotient += error;
        *remainder -= quantum() * error;
        None
    })
}

/// The same without the remainder.
pub fn quotient_alone(thief: &mut Thief<'_>) -> Drawn {
    lying(thief, |thief, t| {
        let error = thief.error(30);
        if thief.coin() {
            t.shortfall += error;
        } else {
            t.requirement += error;
        }
        None
    })
}

/// A requirement of zero, so that the rate is the cap.
pub fn requirement_zero(thief: &mut Thief<'_>) -> Drawn {
    let cap = i128::from(thief.honest.table.rules.incentive_cap);
    lying(thief, |_, t| {
        let truth = t.requirement == 0;
        t.requirement_remainder += quantum() * t.requirement;
        t.requirement = 0;
        (t.rate, t.capped) = (cap, true);
        truth.then_some("nothing is required")
    })
}

/// Shortfall or requirement as a solution in the field, for a remainder that is in range.
pub fn quotient_in_the_field(thief: &mut Thief<'_>) -> Drawn {
    let mut scene = thief.scene();
    let first = thief.rows.terms();
    let totals = &scene.witness.portfolio.totals;
    let remainder = BigInt::from(thief.size(120));
    let unit = inverse(field::from_int(&quantum()));
    let solve = |x: &BigInt| field::from_int(&(x - &remainder)) * unit;
    if thief.coin() {
        let shortfall = solve(&totals.shortfall());
        let [cell, positive] = thief.rows.shortfall();
        scene.forge(cell, shortfall);
        scene.forge(positive, shortfall - Fr::ONE);
        scene.witness.terms.shortfall_remainder = remainder;
    } else {
        scene.forge((4, first), solve(&totals.requirement()));
        scene.witness.terms.requirement_remainder = remainder;
    }
    Drawn::Forged(Box::new(scene))
}

/// An account that is not under-margined, by a prover who claims that it is.
pub fn healthy_account(thief: &mut Thief<'_>) -> Drawn {
    let mut scene = thief.scene();
    let slots = &mut scene.witness.slots;
    slots.cash += scene.witness.terms.shortfall - 1 + thief.size(40);
    if slots.cash.unsigned_abs() >= 1 << 60 {
        return Drawn::Redraw;
    }
    let commitment = slots.commitment();
    scene.settle();
    assert!(scene.witness.terms.shortfall <= 0);
    scene.claim(commitment);
    Drawn::Forged(Box::new(scene))
}

pub fn rate_off(thief: &mut Thief<'_>) -> Drawn {
    lying(thief, |thief, t| {
        t.rate += thief.error(20);
        (t.rate, t.capped) = (t.rate.max(0), false);
        (t.rate == thief.honest.witness.terms.rate).then_some("the rate at its cap exactly")
    })
}

/// The rate at the cap, or above it, without cause.
pub fn capped(thief: &mut Thief<'_>) -> Drawn {
    let rules = thief.honest.table.rules;
    let above = if thief.coin() { thief.size(20) } else { 0 };
    lying(thief, |thief, t| {
        (t.rate, t.capped) = (i128::from(rules.incentive_cap) + above, true);
        (t.rate == thief.honest.witness.terms.rate).then_some("the rate is at its cap")
    })
}

/// The flag that the rate is capped, alone.
pub fn capped_flag(thief: &mut Thief<'_>) -> Drawn {
    let honest = thief.honest.witness.terms.clone();
    let cap = i128::from(thief.honest.table.rules.incentive_cap);
    lying(thief, |_, t| {
        t.capped = !t.capped;
        let exact = t.rate == cap && (0..t.requirement).contains(&honest.rate_remainder);
        exact.then_some("the rate at its cap exactly")
    })
}

/// One remainder or complement of the terms alone.
pub fn remainder_alone(thief: &mut Thief<'_>) -> Drawn {
    let mut scene = thief.scene();
    let (error, which) = (thief.error(50), thief.pick(6));
    let t = &mut scene.witness.terms;
    match which {
        0 => t.shortfall_remainder += error,
        1 => t.requirement_remainder += error,
        2 => t.rate_remainder += error,
        3 => t.rate_complement += error,
        4 => t.repay.1 += error,
        _ => t.incentive.1 += error,
    }
    Drawn::Forged(Box::new(scene))
}

/// A tick count off by some, with remainder and term that go with it.
pub fn ticks_off(thief: &mut Thief<'_>) -> Drawn {
    let (mut scene, which, error) = (thief.scene(), thief.pick(2), thief.error(12));
    let rules = scene.table.rules;
    let terms = &mut scene.witness.terms;
    let (x, tick, parts) = if which == 0 {
        (terms.shortfall, rules.repay_tick, &mut terms.repay)
    } else {
        (terms.rate, rules.incentive_tick, &mut terms.incentive)
    };
    parts.0 += error;
    parts.1 -= error * i128::from(tick);
    let out = x - parts.1;
    terms_of(&mut scene, which, out);
    Drawn::Forged(Box::new(scene))
}

/// A count of ticks in the field, for any remainder below the tick.
pub fn ticks_in_the_field(thief: &mut Thief<'_>) -> Drawn {
    let (mut scene, which) = (thief.scene(), thief.pick(2));
    let rules = scene.table.rules;
    let (terms, tick) = (
        &mut scene.witness.terms,
        [rules.repay_tick, rules.incentive_tick],
    );
    let tick = i128::from(tick[which]);
    let remainder = thief.pick(tick as usize) as i128;
    let (x, parts) = if which == 0 {
        (terms.shortfall, &mut terms.repay)
    } else {
        (terms.rate, &mut terms.incentive)
    };
    if parts.1 == remainder {
        let scene = scene.clone();
        return thief.truth(scene, "the remainder is the honest one");
    }
    parts.1 = remainder;
    let count = fr(x - remainder) * inverse(fr(tick));
    scene.forge((0, thief.rows.terms() + 2 + 2 * which), count);
    terms_of(&mut scene, which, x - remainder);
    Drawn::Forged(Box::new(scene))
}

/// A disclosed term that its parts do not make.
pub fn term_alone(thief: &mut Thief<'_>) -> Drawn {
    let (mut scene, which, error) = (thief.scene(), thief.pick(2), thief.error(50));
    let terms = &scene.witness.terms;
    let out = if which == 0 {
        terms.shortfall - terms.repay.1
    } else {
        terms.rate - terms.incentive.1
    };
    terms_of(&mut scene, which, out + error);
    Drawn::Forged(Box::new(scene))
}

/// The sums behind slot `i` of a section.
fn sums(scene: &Scene, section: usize, i: usize) -> Totals {
    let portfolio = &scene.witness.portfolio;
    let mut sums = Totals {
        equity: (BigInt::from(scene.witness.slots.cash) * 100_000_000) << SCALE_BITS,
        loss: BigInt::ZERO,
        contingencies: BigInt::ZERO,
    };
    let behind = |s: usize, n: usize| match s.cmp(&section) {
        std::cmp::Ordering::Less => n,
        std::cmp::Ordering::Equal => i + 1,
        std::cmp::Ordering::Greater => 0,
    };
    for o in &portfolio.options[..behind(0, portfolio.options.len())] {
        sums.equity += &o.base.value + &o.base.epsilon;
        sums.loss += o.weighted_loss();
        sums.contingencies += o.charge;
    }
    for f in &portfolio.futures[..behind(1, portfolio.futures.len())] {
        sums.equity += BigInt::from(f.linear.value) << SCALE_BITS;
        sums.loss += &f.linear.loss << SCALE_BITS;
        sums.contingencies += f.charge;
    }
    for a in &portfolio.assets[..behind(2, portfolio.assets.len())] {
        sums.equity += BigInt::from(a.value) << SCALE_BITS;
        sums.loss += &a.loss << SCALE_BITS;
    }
    sums
}

fn read(totals: &mut Totals, which: usize) -> &mut BigInt {
    match which {
        0 => &mut totals.equity,
        1 => &mut totals.loss,
        _ => &mut totals.contingencies,
    }
}

/// A running sum moved by `step` behind a random slot; all later sums and the terms follow.
fn sum_moved(
    thief: &mut Thief<'_>,
    step: impl Fn(&mut Thief<'_>, BigInt, usize) -> BigInt,
) -> Drawn {
    let (section, which) = (thief.pick(3), thief.pick(3));
    let capacity = thief.honest.witness.slots.shape.capacity();
    let slots = [capacity.options, capacity.futures, capacity.assets][section];
    let i = thief.pick(slots);
    let mut scene = thief.scene();
    let mut after = sums(&scene, section, i);
    let before = match (section, i) {
        (0, 0) => {
            let mut first = sums(&scene, 0, 0);
            let o = &scene.witness.portfolio.options[0];
            first.equity -= &o.base.value + &o.base.epsilon;
            first.loss -= o.weighted_loss();
            first.contingencies -= o.charge;
            first
        }
        (1, 0) => sums(&scene, 0, capacity.options - 1),
        (2, 0) => sums(&scene, 1, capacity.futures - 1),
        _ => sums(&scene, section, i - 1),
    };
    let mut before = before;
    let added = &*read(&mut after, which) - &*read(&mut before, which);
    let step = step(thief, added, which);
    if step == BigInt::ZERO {
        return thief.truth(scene, "the slot adds nothing");
    }
    let mut totals = scene.witness.portfolio.totals.clone();
    *read(&mut totals, which) += &step;
    let forged = &*read(&mut after, which) + &step;
    scene.forge(thief.rows.sums(section, i)[which], field::from_int(&forged));
    scene.settle_on(totals);
    Thief::if_clean(scene)
}

/// A sum that skips a slot.
pub fn slot_skipped(thief: &mut Thief<'_>) -> Drawn {
    sum_moved(thief, |_, added, _| -added)
}

/// A sum that gains or loses something on the way.
pub fn sum_altered(thief: &mut Thief<'_>) -> Drawn {
    sum_moved(thief, |thief, _, which| {
        let bits = if which == 2 { 0 } else { 124 };
        BigInt::from(thief.error(70)) << bits
    })
}

/// Equity that wraps around the modulus: the committed cash as a magnitude above `p / 2`, so that
/// the account is in debt by what is missing to `p`.
pub fn cash_wrapped(thief: &mut Thief<'_>) -> Drawn {
    let mut scene = thief.scene();
    // |c| = p - x with the sign of x flipped packs to the same commitment; x + k 2^-k in the field
    // shifts equity by a quotient of the modulus while `packed` stays, with the sequence.
    let less = thief.field();
    let slots = &scene.witness.slots;
    let cash = fr(slots.cash) - less;
    let sequence = fr(slots.sequence.into()) + less * inverse(field::pow2(64));
    let honest = slots.header()[3];
    scene.forge((0, rows::packed().1), cash);
    scene.forge((1, rows::packed().1), Fr::ZERO);
    scene.forge((2, rows::packed().1), sequence);
    scene.forge(rows::packed(), honest);
    let unit = field::from_int(&((BigInt::from(100_000_000)) << SCALE_BITS));
    scene.forge(rows::first_sums()[0], cash * unit);
    // The shortfall that follows, divided in the field.
    let totals = &scene.witness.portfolio.totals;
    let shortfall = field::from_int(&totals.shortfall()) + less * unit * fr(10_000);
    let remainder = BigInt::from(thief.size(120));
    let quotient = (shortfall - field::from_int(&remainder)) * inverse(field::from_int(&quantum()));
    let [cell, positive] = thief.rows.shortfall();
    scene.forge(cell, quotient);
    scene.forge(positive, quotient - Fr::ONE);
    scene.witness.terms.shortfall_remainder = remainder;
    Drawn::Forged(Box::new(scene))
}
