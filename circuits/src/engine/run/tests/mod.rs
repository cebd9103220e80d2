//! Discounts at the sign of a value, shares, choices; random expiries are in [`random`].

mod random;

use num_traits::Zero;

use super::*;

/// At the sign of R: no discount makes a loss of rounding.
#[test]
fn the_discount_turns_at_nothing() {
    let run = RunRow {
        long_discount: 3 << 39,
        short_discount: 1 << 39,
        share: 1 << 38,
        ..RunRow::default()
    };
    let loss = |unmoved: i64, moved: BigInt, choice: Choice| {
        let mut trace = RunTrace {
            unmoved: BigInt::from(unmoved) << DROPPED_BITS,
            moved,
            loss: BigInt::zero(),
        };
        trace.close(
            choice,
            &run,
            ScenarioRow {
                class: ScenarioClass::Skew,
                ..ScenarioRow::default()
            },
        );
        trace.loss.clone()
    };
    let (unit, one) = (BigInt::from(1) << DROPPED_BITS, BigInt::from(1));
    let half = BigInt::from(1) << (DROPPED_BITS - 1);
    let (plain, flipped) = (
        Choice::default(),
        Choice {
            basis: 0,
            flipped: true,
        },
    );
    // R, rounded up to a whole unit, times 3/2 above nothing and 1/2 below.
    for (moved, plain_loss, flipped_loss) in [
        (BigInt::zero(), BigInt::zero(), BigInt::zero()),
        (one.clone(), -&half * 3, -&half),
        (-&one, BigInt::zero(), BigInt::zero()),
        (unit.clone(), -&half * 3, -&half),
        (-&unit, half.clone(), &half * 3),
        (-&unit - 1, half.clone(), &half * 3),
        (-&unit + 1, BigInt::zero(), BigInt::zero()),
    ] {
        assert_eq!(loss(0, moved.clone(), plain), plain_loss, "{moved}");
        assert_eq!(loss(0, moved.clone(), flipped), flipped_loss, "{moved}");
        assert_eq!(
            loss(5, moved.clone(), plain),
            plain_loss + &unit * 5,
            "{moved}"
        );
    }
}

/// The basis loss is a share of R - P, or nothing where the expiry has no move that loses.
#[test]
fn a_basis_loss_is_a_share_of_the_difference() {
    let run = RunRow {
        share: 1 << 38,
        long_discount: 7,
        short_discount: 9,
        ..RunRow::default()
    };
    let scenario = ScenarioRow {
        own: true,
        ..ScenarioRow::default()
    };
    let loss = |basis: usize, unmoved: i64, moved: i64| {
        let unit = |n: i64| BigInt::from(n) << DROPPED_BITS;
        let mut trace = RunTrace {
            unmoved: unit(unmoved),
            moved: unit(moved),
            loss: BigInt::zero(),
        };
        trace.close(
            Choice {
                basis,
                flipped: false,
            },
            &run,
            scenario,
        );
        trace.loss.clone()
    };
    let quarter = BigInt::from(1) << (DROPPED_BITS - 2);
    for basis in [1, 2] {
        assert_eq!(loss(basis, 10, 3), &quarter * 7);
        assert_eq!(loss(basis, 3, 10), &quarter * -7);
    }
    assert_eq!(loss(0, 10, 3), BigInt::zero());
    assert_eq!(loss(0, 3, 10), BigInt::zero());
}

#[test]
fn a_branch_leaves_its_choices_and_no_more() {
    let row = |class, own| ScenarioRow {
        class,
        own,
        ..ScenarioRow::default()
    };
    let list = |row, moves| {
        choices(row, moves)
            .map(|c| (c.basis, c.flipped))
            .collect::<Vec<_>>()
    };
    for class in [ScenarioClass::Plain, ScenarioClass::Floored] {
        assert_eq!(list(row(class, false), 2), [(0, false)]);
    }
    assert_eq!(
        list(row(ScenarioClass::Skew, false), 2),
        [(0, false), (0, true)]
    );
    assert_eq!(
        list(row(ScenarioClass::Plain, true), 2),
        [(0, false), (1, false), (2, false)]
    );
    // The delta charge, which has nothing of a run and leaves no choice.
    let delta = row(ScenarioClass::Skew, true);
    assert_eq!(list(delta, 0), [(0, false)]);
    for choice in choices(delta, 0) {
        let mut trace = RunTrace {
            unmoved: BigInt::from(1) << 140,
            moved: BigInt::from(-1) << 141,
            loss: BigInt::from(1),
        };
        let run = RunRow {
            share: 1 << 40,
            ..RunRow::default()
        };
        trace.close(choice, &run, delta);
        assert_eq!(trace.loss, BigInt::zero());
    }
}

/// Every bound against the loss: off the unmoved value, onto the moved one, whichever sign they count with.
#[test]
fn bounds_are_added_against_the_loss() {
    let number = |n: i64| BigInt::from(n);
    for (flipped, sign) in [(false, 1), (true, -1)] {
        let choice = Choice { basis: 0, flipped };
        let mut trace = RunTrace::default();
        for (base, moved) in [([70, 3], [50, 5]), ([-11, 1], [-13, 2])] {
            trace.add(
                choice,
                4,
                [&number(base[0]), &number(base[1])],
                [&number(moved[0]), &number(moved[1])],
            );
        }
        assert_eq!(trace.unmoved, number(sign * 59 - 4));
        assert_eq!(trace.moved, number(sign * 37 + 5 * 7));
    }
}
