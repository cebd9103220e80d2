//! The bounds of the exposures of one unit held, in the unmoved market: dollar delta, dollar gamma, vega per 1.00. They are
//! of units of 1e-8 USD. `docs/numbers.md` says why.

use num_traits::Signed;

use super::{
    Part, density_error,
    european::{MOST_V, unmoved_volatility_error},
    ln_error, normal_error, normal_tail, pow2, steepest, total,
};
use crate::{
    engine::exposure::{DENSITY_BITS, MANTISSA_CUT_BITS, RAISED_BITS},
    math::{self, Real},
    model::{LEAST_PERPETUAL_VOL, ONE, SECONDS_PER_YEAR},
    public::{
        DISCOUNT_BITS, ELASTICITY_BITS, PRICE_FRACTION_BITS, PerpetualExposureRow, ROOT_TIME_BITS,
        UNIT_EXPONENT, VEGA_OFFSET_BITS, VEGA_SLOPE_BITS,
    },
    tables::{D1_BITS, EXP_BITS, FIRST_SHIFT, LN_BITS, NORMAL_END, STRIKE_BITS, V_BITS},
};

/// Stated for European options: 2^-bits of delta's, gamma's and vega's scale.
pub const EUROPEAN_BITS: [u32; 3] = [18, 17, 17];
/// And 2^-bits of the scale over v.
pub const EUROPEAN_OVER_V_BITS: [u32; 3] = [36, 34, 35];
/// Stated for a price that exposures are in proportion to: 2^-bits of 1e-8 USD.
pub const PRICE_BITS: u32 = PRICE_FRACTION_BITS;
/// Stated for a perpetual option's exponential part, relative: 2^-20 and this.
pub const PERPETUAL_BITS: u32 = 36;
/// And per difference of its exponent from 1.
pub const PERPETUAL_EXPONENT_BITS: u32 = 35;

/// A European option's delta, of D F; gamma, of D F phi(0) / v; or vega, of D F phi(0) sqrt t. Delta counts the part m of
/// the forward that moves, m D F, and gamma m^2 D F.
#[derive(Debug, Clone)]
pub struct EuropeanExposure {
    /// Parts of the scale.
    pub plain: Vec<Part>,
    /// Parts of the scale over v.
    pub over_v: Vec<Part>,
}

/// Delta's, gamma's and vega's bounds, step by step.
pub fn european() -> [EuropeanExposure; 3] {
    let one = math::one();
    let top = math::INV_SQRT_2PI.clone();
    let dx = ln_error() + pow2(LN_BITS + 1);
    let dv = unmoved_volatility_error();
    // Greatest of the density's slope, |d| phi at 1, and of d^2 phi, at sqrt 2.
    let slope = math::normal_density(&one);
    let square = math::normal_density(&math::sqrt(&(&one * 2u32))) * 2u32;
    let of_top = |x: Real| math::div(&x, &top);
    // The least v is 2^11 units and more, `dv` below three: what is divided by the v that is found counts a part in 2^9 more.
    let wider = |step, x: Real| Part::new(step, &x + (&x >> 9u32));
    let delta = EuropeanExposure {
        plain: vec![
            Part::new("d1, one unit of 2^-17: phi(0) dd", &top >> D1_BITS),
            Part::new("N(d1)", normal_error()),
            wider("d1 held within 7", normal_tail()),
            wider(
                "v: phi d2 dv / v, the part without 1/v",
                math::mul(&top, &dv),
            ),
        ],
        over_v: vec![
            wider("ln F - ln K: phi(0) dx", math::mul(&top, &dx)),
            wider("v: phi |d1| dv", math::mul(&slope, &dv)),
        ],
    };
    let held = math::normal_density(&(&one * NORMAL_END));
    let density = vec![
        wider(
            "d1 and its cell's middle, 3 x 2^-18: greatest slope of phi",
            of_top((&slope * 3u32) >> (D1_BITS + 1)),
        ),
        wider("phi, the slope of N's cubic", of_top(density_error())),
        wider("d1 held within 7", of_top(held)),
        wider("v: the part without 1/v", of_top(math::mul(&slope, &dv))),
    ];
    let moved = vec![
        wider("ln F - ln K", of_top(math::mul(&slope, &dx))),
        wider(
            "v, in d1: greatest d^2 phi",
            of_top(math::mul(&square, &dv)),
        ),
    ];
    let (mut gamma, mut gamma_over_v) = (density.clone(), moved.clone());
    let unit = pow2(DENSITY_BITS + RAISED_BITS - V_BITS);
    gamma.push(Part::new(
        "phi / v cut to 2^-28, v < 8",
        of_top(unit * MOST_V),
    ));
    gamma_over_v.push(wider("v, divided by", dv));
    [
        delta,
        EuropeanExposure {
            plain: gamma,
            over_v: gamma_over_v,
        },
        EuropeanExposure {
            plain: density,
            over_v: moved,
        },
    ]
}

/// What is stated of a European option's delta, gamma and vega; `forward` is D F in units of 1e-8 USD, `moving` the share of
/// it that moves. At expiry (v = 0) delta is that of the side of the strike, and gamma and vega are 0.
pub fn european_stated(forward: &Real, moving: &Real, v: &Real, root_time: &Real) -> [Real; 3] {
    let zero = Real::ZERO;
    let part = math::mul(forward, moving);
    let square = math::mul(&part, moving);
    let share = |i: usize| {
        let plain = pow2(EUROPEAN_BITS[i]);
        if *v > zero {
            plain + math::div(&pow2(EUROPEAN_OVER_V_BITS[i]), v)
        } else {
            plain
        }
    };
    // A unit of each rounded price: half of it, and what is off of half of it.
    let unit = pow2(PRICE_BITS);
    let delta = math::mul(&share(0), &(part + &unit)) + &unit;
    if *v == zero {
        return [delta, zero.clone(), zero];
    }
    let number = |i: usize, scale: Real, unit: &Real| {
        let off = math::mul(&share(i), &(scale + unit)) + unit;
        math::mul(&math::INV_SQRT_2PI, &off)
    };
    let gamma = number(1, square, &unit);
    let vega = number(
        2,
        math::mul(forward, root_time),
        &pow2(PRICE_BITS + ROOT_TIME_BITS),
    );
    [delta, math::div(&gamma, v), vega]
}

/// The relative error of a perpetual option's exponential part X: whatever its exponent l, and per |1 - l|.
pub fn perpetual() -> [Vec<Part>; 2] {
    // As for the value, but for the parity's factor of the strike; ln K counts by how steep X is in K.
    let value = super::perpetual().relative;
    let [ln, plain @ .., _] = value.as_slice() else {
        return [vec![], vec![]];
    };
    let cut = Part::new("mantissa cut to 2^-20", pow2(EXP_BITS - MANTISSA_CUT_BITS));
    let plain = plain.iter().cloned().chain([cut]).collect();
    [plain, vec![ln.clone()]]
}

/// What is stated of [`perpetual`].
pub fn perpetual_power_stated() -> [Real; 2] {
    let cut = pow2(EXP_BITS - MANTISSA_CUT_BITS);
    [cut + pow2(PERPETUAL_BITS), pow2(PERPETUAL_EXPONENT_BITS)]
}

/// What is stated of a perpetual option's delta, gamma and vega, for the answers that the table has at its strike K; spot
/// and strike are numbers of 1e-8 USD, `power` is X in units of 1e-8 USD, as the circuit has it.
pub fn perpetual_stated(
    answers: &PerpetualExposureRow,
    [spot, strike]: [i128; 2],
    power: &Real,
) -> [Real; 3] {
    let real = |value: i128, bits| super::real(value, bits);
    let l = real(answers.elasticity, ELASTICITY_BITS);
    let c = real(answers.convexity, ELASTICITY_BITS).abs();
    let offset = real(answers.vega_offset, VEGA_OFFSET_BITS);
    let slope = real(answers.vega_slope, VEGA_SLOPE_BITS);
    let [plain, steep] = perpetual_power_stated();
    let relative = plain + math::mul(&(math::one() - &l).abs(), &steep);
    // The true one; what is nothing is below 2^-24 units of 1e-8 USD.
    let nothing = pow2(UNIT_EXPONENT - FIRST_SHIFT - 1);
    let power = power + (power >> 10u32) + &nothing;
    // (found - true) X, true (found - true), where it is nothing.
    let number = |factor: &Real, error: Real| {
        let moved = math::mul(factor, &relative) + error;
        math::mul(&power, &moved) + math::mul(factor, &nothing)
    };
    let half = pow2(ELASTICITY_BITS + 1);
    // The rounded slope turns around K = S. The cut of ln K takes one unit of 2^-24.
    let ln = |units: i128| math::ln(&(Real::from(units) << math::BITS));
    let ln_strike = ln(strike);
    let moneyness = (&ln_strike - ln(spot)).abs() >> (VEGA_SLOPE_BITS + 1);
    let ln_cut = pow2(VEGA_OFFSET_BITS - VEGA_SLOPE_BITS) + ln_error();
    let rounded = pow2(VEGA_OFFSET_BITS + 1) + moneyness + math::mul(&slope.abs(), &ln_cut);
    let vega = (offset + math::mul(&slope, &ln_strike)).abs() + math::mul(&slope.abs(), &ln_cut);
    [
        number(&l.abs(), half.clone()) + pow2(DISCOUNT_BITS + 1),
        number(&c, half),
        number(&vega, rounded),
    ]
}

/// What is stated of futures (nothing), collateral, swaps and power perpetuals per unit held: half a unit of their
/// public number and the table's real arithmetic are below one unit of 2^-14 of 1e-8 USD.
pub fn linear_stated() -> Real {
    pow2(PRICE_BITS)
}

/// More than any legal market's elasticity, convexity, relative vega at a strike of one unit, and its change per ln K.
///
/// |1 - l| is at most [`steepest`]. dl/ds = -+ l (l - 1)/(s R), and R is at least half of each root's distance from 0
/// and from 1 on its side, so that |dl/ds| is at most 2 (1 + steepest)/s; what else moves the offset is below 200/s.
pub fn greatest_answers() -> [Real; 4] {
    let vol = math::ratio(&LEAST_PERPETUAL_VOL.units().into(), &ONE.into());
    let l = steepest() + math::one();
    let by_vol = math::div(&(&l * 2u32), &vol);
    let strikes = &*math::LN_2 * STRIKE_BITS;
    let offset = math::mul(&by_vol, &strikes) + math::div(&(math::one() * 200u32), &vol);
    [l.clone(), math::mul(&l, &l), offset, by_vol]
}

/// More than any legal swap's delta, gamma or vega per contract, units of 1e-8 USD: a power perpetual's price is below
/// 2^126 units of 1e-24 USD, its vega 2 V s T over what is left of 1 - (r + s^2) T >= 0.1, with (s T)^2 <= 1.4; a variance
/// swap of a minute has gamma 2 D / T.
pub fn greatest_swap_exposure() -> Real {
    let price = (math::one() << 126u32) / Real::from(10).pow(16);
    let minute = math::one() * 4u32 * ONE * (SECONDS_PER_YEAR / 60);
    (price * 24u32).max(minute)
}

impl EuropeanExposure {
    /// The sums of the parts.
    pub fn totals(&self) -> [Real; 2] {
        [total(&self.plain), total(&self.over_v)]
    }
}
