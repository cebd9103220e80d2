//! What is taken off a charge is at least what it can be off by.

use num_traits::Signed;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{
    certified::float,
    engine::exposure::{self, DELTA_BITS, GAMMA_BITS, VEGA_BITS},
    engine::option,
    model::ONE,
    public::PublicTable,
    testing::{Market, market, near, policy, real, scaled},
};

/// Rates of gamma, vega, net and hedged delta, the maintenance factor, the trigger's greatest rise.
type Rates = [i64; 6];

fn rates() -> impl Strategy<Value = Rates> {
    let share = || prop_oneof![Just(0), Just(ONE), 1..ONE];
    let all = (
        share(),
        share(),
        share(),
        0.0..=2.0f64,
        ONE / 2..3 * ONE,
        0..2 * ONE,
    );
    prop_oneof![
        all.prop_map(|(g, v, net, h, f, rise)| [
            g,
            v,
            net,
            ((net as f64 * h) as i64).min(ONE),
            f,
            rise
        ]),
        // One alone.
        (0..3usize).prop_map(|i| std::array::from_fn(|j| if i == j || j == 4 { ONE } else { 0 })),
    ]
}

fn charging([gamma, vega, net, hedged, factor, rise]: Rates) -> Policy {
    let rate = Rate::from_units;
    let twice = |r: i64| json!({"maintenance": rate(r), "initial": rate(r)});
    policy(json!({
        "contingencies": {"gamma": twice(gamma), "vega": twice(vega)},
        "delta": {"net": rate(net), "hedged": rate(hedged.min(2 * net))},
        "factors": twice(factor),
        "volatility_trigger": [{"asset": "X", "reference": "0", "factor": {"slope": "1", "cap": rate(rise)}}]
    }))
}

/// What the charges on calls and puts of a strike are, from delta, gamma, vega and gross delta in units of 1e-8 USD.
fn charged([gamma, vega, net, hedged, factor, rise]: Rates, [d, g, v, gross]: [&Real; 4]) -> Real {
    let delta = math::mul(&real(2 * net - hedged), &d.abs()) + math::mul(&real(hedged), gross);
    let delta = math::mul(
        &math::mul(&(delta >> 1u32), &real(factor)),
        &real(ONE + rise),
    );
    let short = (-g).max(Real::zero());
    math::mul(&real(gamma), &short) + math::mul(&real(vega), &v.abs()) + delta
}

/// By how much the charges on a strike that the circuit would compute exceed the exact ones, over what is taken off; `None`
/// without a table.
fn share(market: &Market, rates: Rates, strike: i128, sizes: [i128; 2]) -> Option<f64> {
    let table = PublicTable::new(&market.snapshot(), &charging(rates));
    let table = match table {
        Ok(table) => table,
        Err(
            TableError::ExposureCharge { .. }
            | TableError::Volatility { .. }
            | TableError::NodeGap { .. },
        ) => return None,
        Err(error) => panic!("{market:?}: {error}"),
    };
    let group = &table.options[1];
    let (ln, smile) = (
        option::ln_strike(strike).ln,
        option::group_smile(group, strike)?,
    );
    let base = option::market(&group.base, strike, ln, smile.v, sizes[0], sizes[1]);
    let found = exposure::option(&base, group, sizes);
    let gross = exposure::option_gross(&base, group, sizes);
    // Sizes are units of 1e-8: of 1e-16 USD.
    let usd = |x: &BigInt, bits: u32| scaled(x, bits) / ONE;
    let [d, g, v] =
        [0, 1, 2].map(|i| usd(&found.values[i], [DELTA_BITS, GAMMA_BITS, VEGA_BITS][i]));
    let found = charged(rates, [&d, &g, &v, &usd(&gross, DELTA_BITS)]);

    let black = market.black(strike);
    let moving = math::one() * (market.forward - market.fixed);
    let held = |n: i128| math::one() * n / ONE;
    let up = black.up();
    let (calls, puts) = (held(sizes[0]), held(sizes[1]));
    let down = math::one() - &up;
    let paid = math::mul(&black.discount, &moving);
    let of = |x: &Real, y: &Real| math::mul(x, y);
    let d = of(&paid, &(of(&calls, &up) - of(&puts, &down)));
    let gross = of(&paid, &(of(&calls.abs(), &up) + of(&puts.abs(), &down)));
    let density = of(&black.density(), &(calls + puts));
    let peak = math::div(&of(&paid, &math::div(&moving, &black.forward)), &black.v);
    let root = math::sqrt(&market.years());
    let v = of(&of(&of(&black.discount, &black.forward), &root), &density);
    let exact = charged(rates, [&d, &of(&peak, &density), &v, &gross]);

    let taken =
        -scaled(&group.charges.held.into(), 0) * (sizes[0].abs() + sizes[1].abs()) / ONE / ONE;
    Some(float(&(found - exact)) / float(&taken).max(f64::MIN_POSITIVE))
}

const CONTRACT: i128 = ONE as i128;

/// Over random legal markets, one strike's calls and puts at a time: charges add up, and what they are of is net or gross.
#[test]
fn what_is_taken_off_covers_the_error_of_charges_on_european_options() {
    let sizes = prop_oneof![
        Just([CONTRACT, 0]),
        Just([-CONTRACT, 0]),
        Just([0, CONTRACT]),
        Just([0, -CONTRACT]),
        Just([-CONTRACT, CONTRACT]),
        Just([-1000 * CONTRACT, -777 * CONTRACT]),
    ];
    // Strikes in standard deviations, mostly.
    let at = prop_oneof![4 => -4.0..4.0f64, 1 => Just(0.0)];
    let worst = std::cell::Cell::new((0, f64::NEG_INFINITY));
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(10_000));
    let cases = (market(), rates(), at, sizes);
    let found = runner.run(&cases, |(market, rates, at, sizes)| {
        let v = float(&market.v(market.forward.into()));
        let strike = near(market.forward, at * v.min(3.0)).into();
        if let Some(share) = share(&market, rates, strike, sizes) {
            prop_assert!(share <= 1.0, "{share}");
            let (count, most) = worst.get();
            worst.set((count + 1, most.max(share)));
        }
        Ok(())
    });
    found.expect("covered");
    let (count, most) = worst.get();
    println!("{count} charges, excess over what is taken off at most {most:.3}");
    assert!(count > 3_000 && most > 0.2);
}

/// A swap's exposures are public, to half a unit of 2^-14 of 1e-8 USD each.
#[test]
fn what_is_taken_off_a_swap_is_a_unit_of_each_exposure() {
    for rates in [
        [ONE, 0, 0, 0, ONE, 0],
        [0, ONE, 0, 0, ONE, 0],
        [0, 0, ONE, 2 * ONE, ONE, 0],
        [3, 5, 7, 11, 2 * ONE, ONE],
    ] {
        let [gamma, vega, net, _, factor, rise] = rates.map(i128::from);
        let one = i128::from(ONE);
        // 1e-24 USD of 1e-8 x 1e-8 x 1e-8; a unit is a 16,384th.
        let delta = net * factor * (one + rise);
        let units = ((gamma + vega) * one * one + delta + (1 << 14) * one * one - 1)
            / ((1 << 14) * one * one);
        assert_eq!(swap_error(&charging(rates)), units, "{rates:?}");
    }
    assert_eq!(swap_error(&charging([0, 0, 0, 0, ONE, ONE])), 0);
}

#[test]
fn charges_per_option_follow_the_netting() {
    let short = |netting: &str| {
        let rules = json!({
            "contingencies": {
                "short_option": {"netting": netting, "maintenance": "0.01", "initial": "0.02"},
                "provision": {"option": "0.0003"}
            },
            "long_options": "excluded"
        });
        option_charges(&policy(rules), Price::from_units(500), &(math::one() >> 1))
    };
    let (side, held) = (500 * ONE as i128 / 100, 500 * 30_000 - ONE as i128 / 2);
    let none = OptionCharges {
        side,
        strike: 0,
        held,
        above: held + ONE as i128,
        excluded: true,
    };
    assert_eq!(short("none"), none);
    assert_eq!(
        short("strike"),
        OptionCharges {
            side: 0,
            strike: side,
            ..none
        }
    );
    // An error is rounded up.
    let bare = policy(json!({}));
    for (error, units) in [
        (Real::zero(), 0),
        (Real::from(1), -1),
        (math::one(), -i128::from(ONE)),
    ] {
        let charges = option_charges(&bare, Price::ONE, &error);
        assert_eq!((charges.held, charges.above), (units, -units));
    }
}
