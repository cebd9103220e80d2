#!/usr/bin/env python3
"""Power perpetuals (S^2) with continuous funding: values and Greeks.

The convention of everlasting.py with the payoff S^2: the holder receives
(payoff - V)/T per year, the position is financed at r, dS = r S dt + s S dW. Since
exp(-r tau) E S^2 = S^2 exp((r + s^2) tau),

    V = integral of exp(-tau/T)/T S^2 exp((r + s^2) tau) = S^2/(1 - (r + s^2) T)

if (r + s^2) T < 1, and infinite otherwise. V is rational in the inputs: every value
here is an exact fraction, rounded once, and mpmath must agree.

    python power.py [--check] [--out DIR] [--only FILE]
"""

import random
import sys
from fractions import Fraction

from mpmath import mp, mpf

import files
from decimals import DPS, agreed, fixed, rational
from derivatives import check_derivative
from sampling import choose, log_uniform_int, uniform_int
from units import (
    DAYS_MAX,
    DAYS_MIN,
    MONEY,
    PRICE_END,
    PRICE_MAX,
    PRICE_MIN,
    RATE,
    RATE_MAX,
    RATE_MIN,
    VOL_MAX,
    VOL_MIN,
    YEAR_DAYS,
    random_rate,
    random_vol,
)

SEED_VALUES = 76_000_031
SEED_GREEKS = 76_000_032
SEED_CORNERS = 76_000_033
ROWS = 10_000
ROWS_NEAR = 2_000
ROWS_GREEKS = 2_200
ROWS_GREEKS_CORNERS = 300
ROWS_GREEKS_NEAR = 400

DIGITS = 22
VALUE_PLACES = 26
GREEK_PLACES = 32


def legal(rate, vol, years):
    return (rate + vol**2) * years < 1


def value(spot, rate, vol, years):
    return spot**2 / (1 - (rate + vol**2) * years)


def greeks(spot, rate, vol, years):
    """delta, gamma, vega, rho. Theta is 0."""
    slope = 1 / (1 - (rate + vol**2) * years)
    return (
        2 * spot * slope,
        2 * slope,
        spot**2 * slope**2 * 2 * vol * years,
        spot**2 * slope**2 * years,
    )


def check_greeks(spot, rate, vol, years):
    """Closed forms against mpmath.diff, and theta = 0 (see everlasting.py)."""
    delta, gamma, vega, rho = greeks(spot, rate, vol, years)
    v = value(spot, rate, vol, years)
    for function, x, order, closed, name in (
        (lambda x: value(x, rate, vol, years), spot, 1, delta, "delta"),
        (lambda x: value(x, rate, vol, years), spot, 2, gamma, "gamma"),
        (lambda x: value(spot, rate, x, years), vol, 1, vega, "vega"),
        (lambda x: value(spot, x, vol, years), rate, 1, rho, "rho"),
    ):
        check_derivative(
            function, x, order, closed, spot, (name, spot, rate, vol, years)
        )
    carry = vol**2 * spot**2 * gamma / 2 + rate * spot * delta - rate * v
    gap = abs(carry + (spot**2 - v) / years)
    assert gap <= (v + spot**2) * (1 / years + vol**2) * mpf(10) ** (12 - mp.dps), (
        "theta"
    )


def exact(case):
    """The case as fractions: spot, rate, vol, years."""
    spot, rate, vol, days = case
    return (
        Fraction(spot, MONEY),
        Fraction(rate, RATE),
        Fraction(vol, RATE),
        Fraction(days, RATE * YEAR_DAYS),
    )


def real(case):
    return tuple(mpf(x.numerator) / x.denominator for x in exact(case))


def corner_cases():
    for spot in (1, PRICE_MIN, 60_000 * MONEY, PRICE_END - 1):
        for vol in (VOL_MIN, 8 * RATE // 10, RATE - 1, VOL_MAX):
            for days in (DAYS_MIN, 7 * RATE, DAYS_MAX):
                for rate in (RATE_MIN, 0, RATE // 20, RATE_MAX):
                    case = spot, rate, vol, days
                    if legal(*exact(case)[1:]):
                        yield case


def random_case(rng, near):
    """One draw; near cases have (r + s^2) T within 10^-6 to 10^-1 below 1."""
    while True:
        spot = log_uniform_int(rng, PRICE_MIN, PRICE_MAX)
        rate, vol = random_rate(rng), random_vol(rng)
        days = log_uniform_int(rng, DAYS_MIN, DAYS_MAX)
        if near:
            gap = mpf(10) ** -uniform_int(rng, 1, 6)
            square = (1 - gap) * YEAR_DAYS * RATE / days - mpf(rate) / RATE
            if square <= 0:
                continue
            vol = int(mp.floor(mp.sqrt(square) * RATE))
            if not VOL_MIN <= vol <= VOL_MAX:
                continue
        case = spot, rate, vol, days
        if legal(*exact(case)[1:]):
            return case


def draw(seed, corners, near, total):
    """`corners`, then near cases, then random ones, without repetitions."""
    rng = random.Random(seed)
    cases = dict.fromkeys(corners)
    near += len(cases)
    with mp.workdps(DPS):
        while len(cases) < near:
            cases[random_case(rng, near=True)] = None
        while len(cases) < total:
            cases[random_case(rng, near=False)] = None
    return cases


def rendered_values(*case):
    return rational(value, exact(case), DIGITS, VALUE_PLACES)


def rendered_greeks(*case):
    return rational(greeks, exact(case), DIGITS, GREEK_PLACES)


def inputs(case):
    return [fixed(n, 8) for n in case]


def value_rows():
    yield "spot,rate,vol,funding_days,value"
    for case in draw(SEED_VALUES, corner_cases(), ROWS_NEAR, ROWS):
        yield ",".join([*inputs(case), *agreed(rendered_values, *case)])


def greek_rows():
    yield "spot,rate,vol,funding_days,delta,gamma,vega,rho"
    rng = random.Random(SEED_CORNERS)
    with mp.workdps(DPS):
        corners = list(corner_cases())
        corners = choose(rng, corners, min(ROWS_GREEKS_CORNERS, len(corners)))
    for case in draw(SEED_GREEKS, corners, ROWS_GREEKS_NEAR, ROWS_GREEKS):
        with mp.workdps(DPS):
            check_greeks(*real(case))
        yield ",".join([*inputs(case), *agreed(rendered_greeks, *case)])


FILES = {"power.csv": value_rows, "power_greeks.csv": greek_rows}

if __name__ == "__main__":
    sys.exit(files.main(FILES, "power perpetuals"))
