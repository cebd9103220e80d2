//! Perpetual options at the extremes of what the files may hold, where the golden cases do not go.

use num_traits::Signed;
use rayon::prelude::*;
use zkmargin_circuits::{
    certified::{self, float},
    engine::{option, perpetual},
    math,
};

mod exposures;
mod market;
#[path = "../support/rules.rs"]
mod rules;

use market::extreme_markets;

/// No legal market has a strike that the circuit cannot price, or that no interval or two intervals hold.
#[test]
fn every_exponent_of_extreme_markets_is_within_the_tables() {
    let groups = extreme_markets();
    let (mut intervals, mut most, mut gaps, mut beyond) = (0, 0f64, 0, 0);
    for (_, group) in &groups {
        for scenario in &group.scenarios {
            gaps += usize::from(!certified::covers_every_strike(scenario));
            for interval in &scenario.intervals {
                intervals += 1;
                most = most.max(float(&certified::greatest_exponent(interval)));
                let fits = certified::fits_tables(interval);
                // The circuit's own integers, at the ends and next to them.
                let (first, last) = (interval.low.max(1), interval.high - 1);
                let mut ends = [first, first + 1, last - 1, last].into_iter();
                let priced = fits
                    && ends.all(|strike| {
                        let ln = option::ln_strike(strike).ln;
                        let (spot, discount) = (scenario.spot, group.discount);
                        let trace = perpetual::market(interval, spot, discount, strike, ln, [1, 1]);
                        !(first..=last).contains(&strike) || (8..87).contains(&trace.shift())
                    });
                beyond += usize::from(!priced);
            }
        }
    }
    println!(
        "{} groups, {intervals} intervals, exponents up to {most}; {gaps} markets with gaps, {beyond} intervals beyond",
        groups.len()
    );
    assert_eq!((gaps, beyond), (0, 0));
    assert!(groups.len() > 1_000);
}

/// In the unmoved market of every combination, at the ends of every interval and around spot, the engine's price is
/// within its bound.
#[test]
fn prices_at_the_extremes_are_within_the_stated_bound() {
    let groups = extreme_markets();
    let shares = groups.par_iter().flat_map_iter(|(market, group)| {
        let (_, side) = group.id.expect("a market");
        let scenario = &group.scenarios[0];
        let cases = market::cases(market, group);
        cases.into_iter().filter_map(move |(strike, call)| {
            let exact = market.point().price(side, call, strike)?;
            let interval = group.interval(0, strike).expect("an interval");
            let sizes = if call { [1, 0] } else { [0, 1] };
            let ln = option::ln_strike(strike).ln;
            let trace =
                perpetual::market(interval, scenario.spot, group.discount, strike, ln, sizes);
            // One unit of 1e-8 of a contract: units of 1e-8 USD x 2^-132.
            let [value, bound] =
                [&trace.value, &trace.epsilon].map(|x| x << (math::BITS - option::VALUE_BITS));
            let error = (value - exact).abs();
            assert!(error <= bound, "{market:?} {side:?} {strike} {call}");
            Some(float(&math::div(&error, &bound)))
        })
    });
    let shares: Vec<f64> = shares.collect();
    let worst = shares.iter().copied().fold(0.0, f64::max);
    println!("{} prices, max error/bound {worst:.3}", shares.len());
    assert!(shares.len() > 10_000 && worst > 0.1);
}
