"""Values and cash Greeks of the instruments, in float64, per unit held and in USD.

Formulas: docs/instruments.md. A cash Greek is with respect to a relative move e of the spot, S (1 + e), with
forwards and marks moving along, volatilities and discounts fixed:

    cash delta = dV/de (USD)    cash gamma = d2V/de2 (USD)    vega = dV/d(vol) (USD per 1.00 of volatility)
"""

import math
from dataclasses import dataclass

YEAR = 365 * 86400
"""Seconds of a year, as docs/statement.md and lyra-utils' Black76 count them."""

MIN_SPOT_VOL = 0.001
"""Least moved volatility of a perpetual option (docs/statement.md, What a scenario moves)."""


@dataclass(frozen=True)
class Greeks:
    """Value and cash Greeks of one unit."""

    value: float
    delta: float = 0.0
    gamma: float = 0.0
    vega: float = 0.0


def cdf(x):
    """Standard normal distribution function."""
    return 0.5 * math.erfc(-x / math.sqrt(2))


def density(x):
    """Standard normal density."""
    return math.exp(-x * x / 2) / math.sqrt(2 * math.pi)


def black76(forward, strike, vol, years, discount, moving=None):
    """(call, put) of one European option, as `Greeks`.

    `moving` is the part of the forward that follows the spot (all of it unless some of the settlement average is
    already fixed). Source: Black, Journal of Financial Economics 3, 1976.
    """
    moving = forward if moving is None else moving
    v = vol * math.sqrt(years)
    if v == 0:
        up = discount * moving * (forward > strike)
        down = -discount * moving * (forward < strike)
        gain = discount * (forward - strike)
        return Greeks(max(gain, 0.0), up), Greeks(max(-gain, 0.0), down)
    d1 = math.log(forward / strike) / v + v / 2
    d2 = d1 - v
    gamma = discount * density(d1) * moving * moving / (forward * v)
    vega = discount * forward * density(d1) * math.sqrt(years)
    call = discount * (forward * cdf(d1) - strike * cdf(d2))
    put = discount * (strike * cdf(-d2) - forward * cdf(-d1))
    return (
        Greeks(call, discount * moving * cdf(d1), gamma, vega),
        Greeks(put, -discount * moving * cdf(-d1), gamma, vega),
    )


def _everlasting(spot, strike, vol, rate, years):
    b = 0.5 - rate / vol**2
    root = math.sqrt(b * b + 2 * (rate + 1 / years) / vol**2)
    g = rate * years / (1 + rate * years)
    bond = strike / (1 + rate * years)
    if spot < strike:
        power, other = b + root, b - root
    else:
        power, other = b - root, b + root
    extra = strike * (1 - other * g) / (2 * root) * (spot / strike) ** power
    delta, gamma = power * extra, power * (power - 1) * extra
    gain, slope = spot - bond, spot
    if spot < strike:
        return (extra, delta, gamma), (extra - gain, delta - slope, gamma)
    return (extra + gain, delta + slope, gamma), (extra, delta, gamma)


def _american(spot, strike, vol, rate, dividend, sign):
    a = 0.5 - (rate - dividend) / vol**2
    power = a + sign * math.sqrt(max(0.0, a * a + 2 * rate / vol**2))
    if sign > 0 and power <= 1:
        return spot, spot, 0.0
    if sign < 0 and power >= 0:
        return strike, 0.0, 0.0
    exercise = strike * power / (power - 1)
    if sign * (spot - exercise) >= 0:
        return sign * (spot - strike), sign * spot, 0.0
    value = abs(exercise - strike) * (spot / exercise) ** power
    return value, power * value, power * (power - 1) * value


def _with_vega(price, vol):
    """`price(vol)` gives (value, delta, gamma); the vega is a central difference."""
    step = 1e-5 * vol
    return Greeks(*price(vol), (price(vol + step)[0] - price(vol - step)[0]) / (2 * step))


def everlasting(spot, strike, vol, rate, years):
    """(call, put) of one everlasting option with funding period `years`."""
    vol = max(vol, MIN_SPOT_VOL)
    return tuple(_with_vega(lambda s, i=i: _everlasting(spot, strike, s, rate, years)[i], vol) for i in (0, 1))


def american(spot, strike, vol, rate, dividend):
    """(call, put) of one perpetual American option."""
    vol = max(vol, MIN_SPOT_VOL)
    return tuple(_with_vega(lambda s, i=i: _american(spot, strike, s, rate, dividend, i), vol) for i in (1, -1))


def power_perpetual(spot, vol, rate, years):
    """Mark of one power perpetual (S^2)."""
    mark = spot**2 / (1 - (rate + vol**2) * years)
    return Greeks(mark, 2 * mark, 2 * mark, 2 * vol * years * mark**2 / spot**2)


def total_variance(realised, implied, elapsed, life, moved=0.0):
    """Expected variance per year of a swap. `moved` is the relative spot move, which accrues ln(1 + moved)^2."""
    accrued = math.log(1 + moved) ** 2 / life
    return realised * elapsed / life + implied**2 * (life - elapsed) / life + accrued


def moved_fair_vol(fair, before, after):
    """Fair volatility when expected variance goes from `before` to `after` (docs/statement.md)."""
    root = math.sqrt(after)
    if after == 0:
        return 0.0
    return min(max(root - (math.sqrt(before) - fair) * (before / after) ** 1.5, 0.0), root)
