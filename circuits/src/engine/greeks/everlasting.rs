//! Everlasting options: White and Bankman-Fried 2021.

use super::{Greeks, ln_ratio, root};

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
        let gap_by_rate = if rate < 0.0 { -g_by_rate } else { g_by_rate };
        let larger = Amplitude {
            value: large_numerator / (2.0 * root),
            by_vol: smaller.by_vol,
            by_rate: smaller.by_rate + gap_by_rate,
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
}
