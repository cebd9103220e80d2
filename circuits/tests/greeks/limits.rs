//! Greeks at the ends of what snapshot and account may hold.

use zkmargin_circuits::engine::{Greeks, VarianceState};

const PRICES: [f64; 5] = [1e-8, 0.01, 1.0, 60_000.0, 11_258_999.068_426_23];
const VOLS: [f64; 4] = [1e-4, 0.01, 1.0, 20.0];
const RATES: [f64; 7] = [-0.5, -5e-9, 0.0, 1e-8, 0.05, 0.5, 5.0];
const PERIODS: [f64; 3] = [0.041_666_66 / 365.0, 7.0 / 365.0, 1.0];
const SIZE: f64 = 11_258_999.068_426_23;

fn finite(greeks: Greeks) -> Greeks {
    let Greeks {
        delta,
        gamma,
        vega,
        theta,
        rho,
    } = greeks;
    let all = [delta, gamma, vega, theta, rho];
    assert!(all.iter().all(|x| x.is_finite()), "{all:?}");
    greeks
}

/// Every combination of the lists' entries.
fn each<const N: usize>(lists: [&[f64]; N], mut body: impl FnMut([f64; N])) {
    let count: usize = lists.iter().map(|list| list.len()).product();
    for mut number in 0..count {
        body(lists.map(|list| {
            let entry = list[number % list.len()];
            number /= list.len();
            entry
        }));
    }
}

/// Also the bounds that follow from the payoffs: a call's delta is 0 to 1, a put's -1 to 0, gamma and vega are not
/// negative.
fn option(greeks: Greeks, calls: f64) {
    let greeks = finite(greeks);
    let slope = if calls > 0.0 {
        greeks.delta
    } else {
        -greeks.delta
    };
    // Rounding of 1 + delta.
    assert!((-1e-15..=1.0 + 1e-15).contains(&slope), "{greeks:?}");
    assert!(greeks.gamma >= 0.0 && greeks.vega >= 0.0, "{greeks:?}");
}

#[test]
fn option_greeks_are_finite_and_bounded_at_every_limit() {
    let sides = [(1.0, 0.0), (0.0, 1.0)];
    each(
        [&PRICES, &PRICES, &RATES, &VOLS, &PERIODS],
        |[spot, strike, rate, vol, years]| {
            // On the kink and beside it too.
            for strike in [strike, spot, spot * (1.0 + 1e-15), spot * (1.0 - 1e-15)] {
                for (calls, puts) in sides {
                    let of = |c, p| Greeks::everlasting(spot, strike, rate, vol, years, c, p);
                    option(of(calls, puts), calls);
                    finite(of(calls * SIZE, -puts * SIZE));
                }
            }
        },
    );
    each(
        [&PRICES, &PRICES, &RATES, &RATES, &VOLS],
        |[spot, strike, rate, dividend, vol]| {
            // Also where an exponent reaches its limit: r or q of -s^2 / 2.
            let edge = -vol * vol / 2.0;
            for (rate, dividend) in [(rate, dividend), (edge, 0.0), (0.0, edge)] {
                for (calls, puts) in sides {
                    let of = |c, p| Greeks::american(spot, strike, rate, dividend, vol, c, p);
                    option(of(calls, puts), calls);
                    finite(of(calls * SIZE, -puts * SIZE));
                }
            }
        },
    );
}

#[test]
fn swap_greeks_are_finite_at_every_limit() {
    each(
        [&PRICES, &RATES, &VOLS, &PERIODS],
        |[spot, rate, vol, years]| {
            finite(Greeks::power(spot, rate, vol, years, -SIZE));
        },
    );
    // From a minute to four thousand years, on the first day and on the last.
    let times = [0.0, 60.0 / 31_536_000.0, 4_000.0];
    each(
        [&PRICES, &VOLS, &times, &times],
        |[spot, vol, elapsed, left]| {
            if elapsed + left == 0.0 {
                return;
            }
            for (variance, strike) in [(0.0, 100.0), (10_000.0, 0.0)] {
                let state = VarianceState {
                    spot,
                    realised_variance: variance,
                    implied_vol: vol,
                    elapsed,
                    left,
                    discount: 2.0,
                };
                finite(Greeks::variance_swap(&state, SIZE, strike));
                finite(Greeks::volatility_swap(
                    100.0 - strike,
                    strike,
                    2.0,
                    left,
                    -SIZE,
                ));
            }
        },
    );
}

#[test]
fn options_never_exercised_hold_the_spot_or_nothing() {
    let call = Greeks::american(100.0, 80.0, 0.05, 0.0, 0.4, 2.0, 0.0);
    let holding = Greeks {
        delta: 2.0,
        ..Greeks::default()
    };
    assert_eq!(call, holding);
    // The edge itself, r = -s^2 / 2, where volatility's slope is infinite on the other side.
    assert_eq!(
        Greeks::american(100.0, 80.0, -0.02, 0.0, 0.2, 2.0, 0.0),
        holding
    );
    let put = |rate, dividend| Greeks::american(100.0, 80.0, rate, dividend, 0.2, 0.0, 3.0);
    assert_eq!(put(0.0, 0.0), Greeks::default());
    assert_eq!(put(0.0, -0.02), Greeks::default());
    // Beyond the edge it is exercised after all.
    assert!(put(0.0, -0.0201).delta < 0.0);
}

#[test]
fn what_has_no_price_has_no_greeks() {
    assert_eq!(
        Greeks::american(100.0, 80.0, 0.05, -0.01, 0.4, 1.0, 0.0),
        Greeks::default()
    );
    assert_eq!(
        Greeks::american(100.0, 80.0, -0.05, 0.01, 0.4, 0.0, 1.0),
        Greeks::default()
    );
    assert_eq!(Greeks::power(100.0, 0.0, 1.0, 1.0, 1.0), Greeks::default());
}
