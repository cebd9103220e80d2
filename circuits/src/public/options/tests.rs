//! A forward of which the settlement average has fixed a part already.

use num_traits::Signed;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{
    model::Rate,
    public::PublicTable,
    testing::{Market, market, policy, scaled},
};

/// One scenario that moves the spot and nothing else.
fn table(market: &Market, spot: i64) -> Result<PublicTable, TableError> {
    let scenario = json!({"spot": Rate::from_units(spot), "vol": "same", "weight": "1"});
    PublicTable::new(
        &market.snapshot(),
        &policy(json!({"scenarios": [scenario]})),
    )
}

/// Exactly `off` units of `2^-bits` apart at most, and what 192 bits leave.
fn within(found: i128, bits: u32, exact: &Real, halves: u32) -> bool {
    let error = (scaled(&found.into(), bits) - exact).abs();
    error <= (math::one() >> (bits + 1)) * halves + (math::one() >> 120)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Only what is not fixed moves: forward, logarithm, future's mark, exposures.
    #[test]
    fn only_what_is_not_fixed_moves(market in market(), spot in -99_000_000..1_000_000_000i64) {
        let Ok(table) = table(&market, spot) else { return Ok(()) };
        let group = &table.options[1];
        let whole = math::one() * market.forward;
        let moving = math::one() * (market.forward - market.fixed);
        let discount = market.black(1).discount;
        let ratio = scaled(&(table.scenarios[1].spot + (1 << MOVE_BITS)).into(), MOVE_BITS);
        let moved = math::mul(&moving, &ratio) + math::one() * market.fixed;
        for (scenario, forward) in group.scenarios.iter().zip([&whole, &moved]) {
            let row = &scenario.forward;
            let paid = math::mul(&discount, forward);
            prop_assert!(within(row.discounted_forward, DISCOUNT_BITS, &paid, 1));
            prop_assert!(within(row.ln_forward, LN_BITS, &math::ln(forward), 1));
            prop_assert!(within(row.discount, DISCOUNT_BITS, &discount, 1));
        }
        prop_assert_eq!(&group.base, &group.scenarios[0].forward);
        let dated = &table.futures[1];
        prop_assert_eq!(dated.mark, i128::from(market.forward - market.fixed));
        prop_assert_eq!(dated.price, i128::from(market.forward));

        let share = math::div(&moving, &whole);
        let root = math::sqrt(&market.years());
        let of = |x: &Real, y: &Real| math::mul(&discount, &math::mul(x, y));
        let row = group.exposure;
        prop_assert!(within(row.delta, exposure::PRICE_FRACTION_BITS, &of(&moving, &math::one()), 1));
        prop_assert!(within(row.gamma, exposure::PRICE_FRACTION_BITS, &of(&moving, &share), 1));
        let bits = exposure::PRICE_FRACTION_BITS + exposure::ROOT_TIME_BITS;
        prop_assert!(within(row.vega, bits, &of(&whole, &root), 1));
    }
}

#[test]
fn a_moved_forward_is_at_least_a_unit_whatever_is_fixed() {
    let with = |forward: i64, fixed: i64| {
        let market = Market {
            forward,
            fixed,
            discount: Discount::ONE.units(),
            seconds: 86_400,
            smile: vec![(forward, ONE / 2)],
        };
        let expiry = market.expiry();
        let refused = TableError::Forward {
            asset: expiry.asset,
            expiry: expiry.expiry,
            scenario: 1,
        };
        table(&market, -99_000_000)
            .map(|_| true)
            .unwrap_or_else(|error| {
                assert_eq!(error, refused);
                false
            })
    };
    // A hundredth of 100 units, and of 99.
    assert!(with(100, 0));
    assert!(!with(99, 0));
    // One unit that is fixed suffices.
    assert!(with(99, 1));
    assert!(with(99, 98));
    assert!(with(1 << 40, 0));
}

/// Volatility x root of time stays below 8 where a skew raises it most.
#[test]
fn a_skew_that_reaches_8_is_refused() {
    let with = |vol: i64, kind: &str| {
        let market = Market {
            forward: ONE,
            fixed: 0,
            discount: Discount::ONE.units(),
            seconds: 365 * 86_400,
            smile: vec![(ONE, vol)],
        };
        let cap = json!({"cap": "0.6"});
        let rules = json!({
            "scenarios": [{"spot": "0", "vol": kind, "weight": "1"}],
            "skew": {"linear": cap, "absolute": cap}
        });
        PublicTable::new(&market.snapshot(), &policy(rules)).err()
    };
    for kind in ["linear", "absolute"] {
        assert_eq!(with(5 * ONE - 10, kind), None);
        assert!(matches!(
            with(5 * ONE, kind),
            Some(TableError::Volatility { scenario: 1, .. })
        ));
    }
}
