//! Perpetual options: everlasting (White and Bankman-Fried 2021) and American (McKean 1965, Merton 1973).

use super::Greeks;

/// `-h + sqrt(h^2 + c)` without cancellation, and the root itself.
fn root(h: f64, c: f64) -> [f64; 2] {
    let root = (h * h + c).sqrt();
    let distance = if h > 0.0 { c / (root + h) } else { root - h };
    [distance, root]
}

/// `ln(x / y)`, also for `x` near `y`.
fn ln_ratio(x: f64, y: f64) -> f64 {
    let ratio = x / y;
    if (0.5..2.0).contains(&ratio) {
        libm::log1p((x - y) / y)
    } else {
        libm::log(ratio)
    }
}

/// A root of the everlasting option's quadratic, with its derivatives by volatility and rate.
struct Exponent {
    value: f64,
    by_vol: f64,
    by_rate: f64,
}

/// The coefficient of the power, `K a (S/K)^l`, with its derivatives.
#[derive(Clone, Copy)]
struct Amplitude {
    value: f64,
    by_vol: f64,
    by_rate: f64,
}

/// What an everlasting option's formula needs of rate, volatility and funding period.
struct Everlasting {
    /// Exponents below and above the strike.
    exponents: [Exponent; 2],
    /// Amplitudes below and above the strike.
    amplitudes: [Amplitude; 2],
    /// `d/dr` of `-1 / (1 + rT)`.
    parity_rho: f64,
}

impl Everlasting {
    fn new(rate: f64, vol: f64, years: f64) -> Self {
        let square = vol * vol;
        let h = 0.5 + rate / square;
        // The product of l+ - 1 and 1 - l-.
        let c = 2.0 / (square * years);
        let [above_one, root] = root(h, c);
        let below_one = c / above_one;
        let growth = 1.0 + rate * years;
        let plus = 1.0 + above_one;
        let minus = -c * growth / plus;
        let exponents = [
            Exponent {
                value: plus,
                by_vol: -plus * above_one / (vol * root),
                by_rate: -above_one / (square * root),
            },
            Exponent {
                value: minus,
                by_vol: -minus * below_one / (vol * root),
                by_rate: -below_one / (square * root),
            },
        ];
        let amplitudes = Self::amplitudes(&exponents, rate, years, h / (square * root), root);
        Self {
            exponents,
            amplitudes,
            parity_rho: years / (growth * growth),
        }
    }

    /// `(1 - m g) / (2R)`, m the other branch's exponent. The two numerators' product is `1 / (1 + rT)` and the amplitudes
    /// differ by `g`: so the numerator that nearly vanishes, above the strike for a positive rate and below it for a
    /// negative one, follows from the other, and the derivatives of both amplitudes from those of the smaller.
    fn amplitudes(
        exponents: &[Exponent; 2],
        rate: f64,
        years: f64,
        root_by_rate: f64,
        root: f64,
    ) -> [Amplitude; 2] {
        let growth = 1.0 + rate * years;
        let (g, g_by_rate) = (rate * years / growth, years / (growth * growth));
        let [plus, minus] = exponents;
        // The exponents in the numerators of the smaller amplitude and of the larger one.
        let (small, large) = if rate < 0.0 {
            (minus, plus)
        } else {
            (plus, minus)
        };
        let large_numerator = 1.0 - large.value * g;
        let small_numerator = 1.0 / (growth * large_numerator);
        let large_by_rate = -g * large.by_rate - large.value * g_by_rate;
        let root_by_vol = (plus.by_vol - minus.by_vol) / 2.0;
        let value = small_numerator / (2.0 * root);
        let smaller = Amplitude {
            value,
            by_vol: value * (-g * small.by_vol / small_numerator - root_by_vol / root),
            by_rate: value
                * (-years / growth - large_by_rate / large_numerator - root_by_rate / root),
        };
        let larger = Amplitude {
            value: large_numerator / (2.0 * root),
            by_vol: smaller.by_vol,
            by_rate: smaller.by_rate + g_by_rate.copysign(if rate < 0.0 { -1.0 } else { 1.0 }),
        };
        if rate < 0.0 {
            [smaller, larger]
        } else {
            [larger, smaller]
        }
    }
}

impl Greeks {
    /// Sensitivities of `calls` and `puts` of one everlasting option with continuous funding. Theta is 0.
    ///
    /// `spot` and `strike` in USD, above 0; `rate` per year, continuous; `vol` per square root of a year, above 0;
    /// `years` the funding period, above 0, with `1 + rate years` above 0. At the strike every Greek is continuous.
    ///
    /// Source: White and Bankman-Fried, *Everlasting options*, 2021, as derived in `docs/instruments.md`.
    pub fn everlasting(
        spot: f64,
        strike: f64,
        rate: f64,
        vol: f64,
        years: f64,
        calls: f64,
        puts: f64,
    ) -> Self {
        let branches = Everlasting::new(rate, vol, years);
        let above = spot >= strike;
        let [low, high] = &branches.exponents;
        let exponent = if above { high } else { low };
        let amplitude = branches.amplitudes[usize::from(above)];
        let ln = ln_ratio(spot, strike);
        let power = libm::exp(exponent.value * ln);
        let by = |amplitude_by: f64, exponent_by: f64| {
            strike * power * (amplitude_by + amplitude.value * ln * exponent_by)
        };
        let l = exponent.value;
        let delta = l * amplitude.value * power * (strike / spot);
        let held = calls + puts;
        // The side in the money holds the linear part too.
        let linear = if above { calls } else { -puts };
        Self {
            delta: held * delta + linear,
            gamma: held * delta * (l - 1.0) / spot,
            vega: held * by(amplitude.by_vol, exponent.by_vol),
            theta: 0.0,
            rho: held * by(amplitude.by_rate, exponent.by_rate)
                + linear * strike * branches.parity_rho,
        }
        .reported()
    }

    /// Sensitivities of `calls` and `puts` of one perpetual American option, each exercised at its own critical spot.
    /// Theta is 0.
    ///
    /// `spot` and `strike` in USD, above 0; `rate` and `dividend` per year, continuous; `vol` per square root of a year,
    /// above 0. Rho is by `rate`, `dividend` fixed. At the critical spot the option counts as exercised. Never exercised, a
    /// call (`dividend` 0, `rate` at least `-vol^2 / 2`) is worth the spot and a put (`rate` 0, `dividend` at least
    /// `-vol^2 / 2`) the strike; that put's rho, whose slope is infinite, counts as 0. Calls with a negative `dividend`
    /// and puts with a negative `rate` have no market and no Greeks: 0.
    ///
    /// Source: McKean 1965; Merton, *Theory of rational option pricing*, 1973; `docs/instruments.md`.
    pub fn american(
        spot: f64,
        strike: f64,
        rate: f64,
        dividend: f64,
        vol: f64,
        calls: f64,
        puts: f64,
    ) -> Self {
        let mut total = Self::default();
        if calls != 0.0 && dividend >= 0.0 {
            total += american_call(spot, strike, rate, dividend, vol).times(calls);
        }
        if puts != 0.0 && rate >= 0.0 {
            total += american_put(spot, strike, rate, dividend, vol).times(puts);
        }
        total.reported()
    }

    fn times(self, size: f64) -> Self {
        Self {
            delta: self.delta * size,
            gamma: self.gamma * size,
            vega: self.vega * size,
            theta: self.theta * size,
            rho: self.rho * size,
        }
    }
}

/// A critical spot within this of the spot is reached, an exponent within it of its limit is the limit: rounding leaves
/// no more to tell.
const ROUNDING: f64 = 4.0 * f64::EPSILON;

/// With `m = y+ - 1` and `z = ln(S/S*)`: `V = S e^(mz) / (1 + m)`.
fn american_call(spot: f64, strike: f64, rate: f64, dividend: f64, vol: f64) -> Greeks {
    let square = vol * vol;
    let [m, root] = root(0.5 + (rate - dividend) / square, 2.0 * dividend / square);
    let holding = Greeks {
        delta: 1.0,
        ..Greeks::default()
    };
    if m <= ROUNDING {
        return holding;
    }
    let z = ln_ratio(spot, strike) - libm::log1p(1.0 / m);
    if z >= -ROUNDING {
        return holding;
    }
    let delta = libm::exp(m * z);
    let by_exponent = -spot * delta * z * m / root;
    Greeks {
        delta,
        gamma: m * delta / spot,
        vega: by_exponent / vol,
        theta: 0.0,
        rho: by_exponent / (square * (1.0 + m)),
    }
}

/// With `m = -y-` and `z = ln(S/S*)`: `V = S e^(-(1 + m)z) / m`.
fn american_put(spot: f64, strike: f64, rate: f64, dividend: f64, vol: f64) -> Greeks {
    let square = vol * vol;
    let [m, root] = root(0.5 - (rate - dividend) / square, 2.0 * rate / square);
    if m <= ROUNDING {
        return Greeks::default();
    }
    let z = ln_ratio(spot, strike) + libm::log1p(1.0 / m);
    if z <= ROUNDING {
        return Greeks {
            delta: -1.0,
            ..Greeks::default()
        };
    }
    let share = libm::exp(-(1.0 + m) * z);
    let by_exponent = spot * share * z * (1.0 + m) / root;
    Greeks {
        delta: -share,
        gamma: (1.0 + m) * share / spot,
        vega: by_exponent / vol,
        theta: 0.0,
        rho: -by_exponent / (square * m),
    }
}
