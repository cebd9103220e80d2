//! Lies about the verdict and the terms.

use ff::Field;
use halo2curves::bn256::Fr;
use num_bigint::BigInt;

use super::{
    super::harness::{follow_terms, fr, inverse},
    account::terms_of,
    thief::{Drawn, Thief},
};
use crate::{
    engine::{LiquidationTrace, quantum},
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
