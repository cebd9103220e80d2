//! An expiry's loss is never above the exact one, whatever it chooses, and the best choice is near it.

use std::cell::Cell;

use num_traits::Zero;
use proptest::{prelude::*, test_runner::TestRunner};
use serde_json::json;

use super::super::*;
use crate::{
    certified::float,
    engine::portfolio,
    math::{self, Real},
    model::{ONE, Policy, Rate},
    public::{MOVE_BITS, OptionGroup, PublicTable, TableError},
    slots::OptionSlot,
    testing::{Black, Market, market, near, policy, real, scaled},
};

/// 30 days.
const MONTH: i64 = 30 * 86_400;
/// Spot moves, up and down multipliers, power, least volatility, caps of skews, width.
#[derive(Debug, Clone)]
struct Shocks {
    spots: [i64; 2],
    vols: [i64; 2],
    power: i64,
    least: i64,
    cap: i64,
    width: i64,
    /// Bases of the static discounts.
    bases: [i64; 2],
}

prop_compose! {
    fn shocks()(
        spots in [-90_000_000..500_000_000i64, -90_000_000..0i64],
        vols in [0..2 * ONE, 0..ONE + 1],
        power in 0..ONE,
        least in prop_oneof![Just(0), 1..2 * ONE],
        cap in prop_oneof![Just(0), 0..=ONE * 99 / 100],
        width in ONE / 1000..3 * ONE,
        bases in [ONE / 2..2 * ONE, ONE / 2..2 * ONE],
    ) -> Shocks {
        Shocks { spots, vols, power, least, cap, width, bases }
    }
}

/// Plain up, plain down, both skews; delta charge and basis loss follow.
fn shocked(s: &Shocks) -> Policy {
    let rate = |units: i64| Rate::from_units(units);
    let cap = json!({"cap": rate(s.cap)});
    let scenario = |spot: i64, vol: &str| json!({"spot": rate(spot), "vol": vol, "weight": "1"});
    policy(json!({
        "scenarios": [
            scenario(s.spots[0], "up"), scenario(s.spots[1], "down"),
            scenario(0, "linear"), scenario(0, "absolute"),
        ],
        "vol_shock": {
            "up": rate(s.vols[0]), "down": rate(s.vols[1]), "short_power": rate(s.power),
            "long_power": rate(s.power), "min_vol_up": rate(s.least)
        },
        "skew": {"linear": cap, "absolute": cap, "min_width": rate(s.width)},
        "discount": {"long": {"base": rate(s.bases[0])}, "short": {"base": rate(s.bases[1])}},
        "delta": {"net": "0.1"},
        "basis": {"up": "0.05", "down": "-0.05", "add": "0.25", "per_year": "0"}
    }))
}

/// A strike under scenario 1 to 4, or a basis move (7 up, 8 down): the files' formulas, only the spot move rounded.
fn moved(market: &Market, s: &Shocks, table: &PublicTable, number: usize, strike: i128) -> Black {
    let mut black = market.black(strike);
    let spot = match number {
        1..=4 => table.scenarios[number].spot,
        7 => 54_975_581_389,
        _ => -54_975_581_389,
    };
    let ratio = scaled(&(spot + (1 << MOVE_BITS)).into(), MOVE_BITS);
    black.forward = math::mul(&(math::one() * (market.forward - market.fixed)), &ratio)
        + math::one() * market.fixed;
    let years = math::ratio(&MONTH.into(), &market.seconds.max(86_400).into());
    let term = math::pow(&years, &real(s.power));
    let k = math::ln(&black.strike) - math::ln(&(math::one() * market.forward));
    let (cap, line) = (
        real(s.cap),
        math::mul(&k, &math::div(&real(s.cap), &real(s.width))),
    );
    let one = math::one();
    let multiplier = match number {
        1 => &one + math::mul(&real(s.vols[0]), &term),
        2 => (&one - math::mul(&real(s.vols[1]), &term)).max(Real::zero()),
        3 => &one + line.clamp(-&cap, cap),
        4 => &one + line.abs().min(cap),
        _ => one,
    };
    black.v = math::mul(&black.v, &multiplier);
    if number == 1 {
        let least = math::mul(&real(s.least), &math::sqrt(&market.years()));
        black.v = black.v.max(least);
    }
    black
}

/// What the policy says the expiry loses, units of 1e-8 USD; discounts and shares are the table's.
fn exact(group: &OptionGroup, number: usize, value: &Real, moved: impl Fn(usize) -> Real) -> Real {
    let run = &group.run;
    let factor = |units: i128| scaled(&units.into(), DISCOUNT_BITS);
    if number == 6 {
        let worst = [7, 8].map(|n| value - moved(n)).into_iter().max();
        return math::mul(
            &factor(run.share),
            &worst.unwrap_or_default().max(Real::zero()),
        );
    }
    if number == 5 {
        // The delta charge has nothing of a run.
        return Real::zero();
    }
    let after = moved(number);
    let d = if after.is_negative() {
        run.short_discount
    } else {
        run.long_discount
    };
    let loss = value - math::mul(&factor(d), &after);
    if number > 2 { loss.abs() } else { loss }
}

/// Checks every choice of every branch; the number of choices, and the greatest distance of a best choice from the exact loss
/// in multiples of the strikes' epsilons.
fn check(market: &Market, s: &Shocks, slots: &[OptionSlot]) -> Option<(u32, f64)> {
    let table = match PublicTable::new(&market.snapshot(), &shocked(s)) {
        Ok(table) => table,
        Err(
            TableError::Volatility { .. }
            | TableError::NodeGap { .. }
            | TableError::VolMultiplier { .. }
            | TableError::Forward { .. }
            | TableError::ExposureCharge { .. }
            | TableError::StaticDiscount { .. },
        ) => return None,
        Err(error) => panic!("{market:?}: {error}"),
    };
    let group = &table.options[1];
    let slots: Vec<_> = slots
        .iter()
        .map(|slot| OptionSlot {
            key: group.key,
            ..slot.clone()
        })
        .collect();
    let sum = |price: &dyn Fn(i128) -> Black| -> Real {
        slots
            .iter()
            .map(|slot| price(slot.strike).value([slot.calls, slot.puts]))
            .sum()
    };
    let value = sum(&|strike| market.black(strike));
    let under = |number: usize| sum(&|strike| moved(market, s, &table, number, strike));
    let (mut count, mut far) = (0, 0f64);
    for number in 1..=6 {
        let row = table.scenarios[number];
        let exact = exact(group, number, &value, under);
        let (mut best, mut epsilon) = (None, Real::zero());
        for choice in choices(row, if number == 6 { 2 } else { 0 }) {
            let run = portfolio::run(&slots, &table, (number, row), choice).expect("a market");
            let usd = |x: &BigInt| scaled(x, portfolio::SCALE_BITS) / ONE;
            let loss = usd(&run.last().expect("slots").run.loss);
            // What 192 bits leave of a sum of prices.
            assert!(
                loss <= &exact + (math::one() >> 60),
                "{market:?} {s:?} {number} {choice:?}"
            );
            count += 1;
            let inflation = if row.class == ScenarioClass::Skew {
                group.run.inflation
            } else {
                0
            };
            let bounds = run
                .iter()
                .map(|t| usd(&(&t.base.epsilon + &t.moved.market.epsilon * (1 + inflation))));
            epsilon = epsilon.max(bounds.sum::<Real>());
            best = best.max(Some(loss));
        }
        // Twice a bound for each of two values, times a discount of 2 at most; a unit of 2^-12 of 1e-16 USD is cut.
        let off = exact - best.expect("a choice");
        assert!(
            off <= (&epsilon * 4u32) + math::one() * 2 / ONE,
            "{market:?} {s:?} {number}"
        );
        if !epsilon.is_zero() {
            far = far.max(float(&math::div(&off, &epsilon)));
        }
    }
    Some((count, far))
}

/// Strikes in standard deviations from the forward, sizes in 1e-8; the last size may be made such that the expiry is worth
/// about nothing under a scenario.
fn book() -> impl Strategy<Value = (Vec<(f64, i64, i64)>, usize)> {
    let size = || prop_oneof![Just(0), Just(ONE), Just(-ONE), -1000 * ONE..1000 * ONE];
    (
        prop::collection::vec((-4.0..4.0f64, size(), size()), 1..4),
        0..8usize,
    )
}

fn slots(market: &Market, s: &Shocks, book: &[(f64, i64, i64)], level: usize) -> Vec<OptionSlot> {
    let v = float(&market.v(market.forward.into()));
    let mut slots: Vec<_> = book
        .iter()
        .map(|&(at, calls, puts)| OptionSlot {
            key: 0,
            strike: near(market.forward, at * v.min(3.0)).into(),
            calls: calls.into(),
            puts: puts.into(),
        })
        .collect();
    slots.sort_by_key(|slot| slot.strike);
    slots.dedup_by_key(|slot| slot.strike);
    let Ok(table) = PublicTable::new(&market.snapshot(), &shocked(s)) else {
        return slots;
    };
    if let (1..=4, [slot, rest @ ..]) = (level, &mut slots[..]) {
        let price =
            |slot: &OptionSlot, sizes| moved(market, s, &table, level, slot.strike).value(sizes);
        let others: Real = rest
            .iter()
            .map(|slot| price(slot, [slot.calls, slot.puts]))
            .sum();
        let call = price(slot, [i128::from(ONE), 0]);
        if call > math::one() {
            slot.puts = 0;
            let size: BigInt = -others * ONE / call;
            slot.calls = i128::try_from(size)
                .unwrap_or_default()
                .clamp(-(1 << 49), 1 << 49);
        }
    }
    slots
}

#[test]
fn no_choice_makes_more_than_the_exact_loss() {
    let totals = Cell::new((0, 0, 0f64));
    let mut runner = TestRunner::new(ProptestConfig::with_cases(3_000));
    let found = runner.run(
        &(market(), shocks(), book()),
        |(market, s, (book, level))| {
            let slots = slots(&market, &s, &book, level);
            if let Some((count, far)) = check(&market, &s, &slots) {
                let (cases, choices, most) = totals.get();
                totals.set((cases + 1, choices + count, most.max(far)));
            }
            Ok(())
        },
    );
    found.expect("no more than the exact loss");
    let (cases, choices, most) = totals.get();
    println!(
        "{cases} expiries, {choices} losses; the best choice is off by at most {most:.2} epsilons"
    );
    assert!(cases > 400);
}
