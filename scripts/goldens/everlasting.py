#!/usr/bin/env python3
"""Everlasting options with continuous funding: values and Greeks.

Convention. The underlying is a spot asset without yield, dS = r S dt + s S dW in
the risk-neutral measure. Whoever holds one option at its mark V(S) pays funding
at the rate (V - payoff)/T per year, that is: receives (payoff - V)/T. The position
is financed at r. So V = V(S) (nothing depends on the calendar) solves

    s^2 S^2 V''/2 + r S V' - r V + (payoff - V)/T = 0

and by Feynman-Kac

    V(S) = integral over tau in (0, inf) of exp(-tau/T)/T BS(S, K, r, s, tau)

where BS is the Black-Scholes price with its own discounting exp(-r tau) included:
a portfolio of European options whose weights exp(-tau/T)/T sum to 1. (Fund with
an undiscounted payoff, or discount at 1/T alone, and another formula results.)
With powers S^l as homogeneous solutions, S - K/(1 + rT) as the particular solution
above the strike and 0 below, and V, V' continuous at S = K:

    b = 1/2 - r/s^2, l+- = b +- sqrt(b^2 + 2 (r + 1/T)/s^2), g = rT/(1 + rT)
    call, S <  K:                K (1 - l- g)/(l+ - l-) (S/K)^l+
    call, S >= K: S - K/(1+rT) + K (1 - l+ g)/(l+ - l-) (S/K)^l-
    put = call - S + K/(1 + rT)

V'' is continuous at S = K too, since the payoff is; V''' is not. The put (the
integral above) is finite if and only if 1 + rT > 0.

check_quadrature.py evaluates the integral itself. Sources: docs/instruments.md.

    python everlasting.py [--check] [--out DIR] [--only FILE]
"""

import random
import sys

from mpmath import mp, mpf

import files
from decimals import DPS, agreed, decimal, fixed
from derivatives import check_derivative
from sampling import choose, log_uniform_int
from units import (
    DAYS_MAX,
    DAYS_MIN,
    MONEY,
    RATE,
    RATE_MAX,
    RATE_MIN,
    VOL_MAX,
    VOL_MIN,
    YEAR_DAYS,
    corner_pairs,
    random_pair,
    random_rate,
    random_vol,
    signed_unit,
)

SEED_VALUES = 76_000_011
SEED_GREEKS = 76_000_012
SEED_CORNERS = 76_000_013
ROWS = 10_000
ROWS_NEAR = 4_000
ROWS_GREEKS = 2_400
ROWS_GREEKS_CORNERS = 600
ROWS_GREEKS_NEAR = 1_200

DIGITS = 22
VALUE_PLACES = 26
GREEK_PLACES = 32


# --- formulas -----------------------------------------------------------------


def exponents(rate, vol, years):
    """l+ and l-."""
    b = mpf(1) / 2 - rate / vol**2
    root = mp.sqrt(b**2 + 2 * (rate + 1 / years) / vol**2)
    return b + root, b - root


def coefficients(rate, vol, years):
    """(below, above): (1 - l- g)/(l+ - l-) and (1 - l+ g)/(l+ - l-)."""
    plus, minus = exponents(rate, vol, years)
    g = rate * years / (1 + rate * years)
    return (1 - minus * g) / (plus - minus), (1 - plus * g) / (plus - minus)


def time_value(spot, strike, rate, vol, years, above):
    """The power term: of the call for S < K, of both for S >= K (`above`)."""
    plus, minus = exponents(rate, vol, years)
    low, high = coefficients(rate, vol, years)
    a, l = (high, minus) if above else (low, plus)
    return strike * a * (spot / strike) ** l


def values(spot, strike, rate, vol, years, above=None):
    """(call, put). `above` selects the branch, S >= K unless given."""
    if above is None:
        above = spot >= strike
    term = time_value(spot, strike, rate, vol, years, above)
    forward = spot - strike / (1 + rate * years)
    return (forward + term, term) if above else (term, term - forward)


def greeks(spot, strike, rate, vol, years, above=None):
    """call delta, put delta, gamma, vega, call rho, put rho. Theta is 0."""
    if above is None:
        above = spot >= strike
    plus, minus = exponents(rate, vol, years)
    root = (plus - minus) / 2
    growth = 1 + rate * years
    g, g_r = rate * years / growth, years / growth**2

    def by_vol(l, sign):  # dl/ds
        return -sign * l * (l - 1) / (vol * root)

    def by_rate(l, sign):  # dl/dr
        return -sign * (l - 1) / (vol**2 * root)

    # Own exponent l, the other one m: a = (1 - m g) / (l+ - l-).
    l, m, sign = (minus, plus, -1) if above else (plus, minus, 1)
    a = (1 - m * g) / (2 * root)
    root_s = (by_vol(plus, 1) - by_vol(minus, -1)) / 2
    root_r = (by_rate(plus, 1) - by_rate(minus, -1)) / 2
    a_s = (-by_vol(m, -sign) * g - 2 * a * root_s) / (2 * root)
    a_r = (-by_rate(m, -sign) * g - m * g_r - 2 * a * root_r) / (2 * root)
    x = spot / strike
    power = x**l
    term = strike * a * power
    delta = l * term / spot
    gamma = l * (l - 1) * term / spot**2
    vega = strike * power * (a_s + a * by_vol(l, sign) * mp.log(x))
    rho = strike * power * (a_r + a * by_rate(l, sign) * mp.log(x))
    parity = strike * years / growth**2
    if above:
        return 1 + delta, delta, gamma, vega, parity + rho, rho
    return delta, delta - 1, gamma, vega, rho, rho - parity


def check_greeks(spot, strike, rate, vol, years):
    """Closed forms against mpmath.diff of the value on the branch of S, and theta =
    0: the equation of the docstring holds without a time derivative."""
    above = spot >= strike
    call, put = values(spot, strike, rate, vol, years)
    found = greeks(spot, strike, rate, vol, years)
    call_delta, put_delta, gamma, vega, call_rho, put_rho = found
    where = (spot, strike, rate, vol, years)
    for side, delta, rho in ((0, call_delta, call_rho), (1, put_delta, put_rho)):
        for function, x, order, closed, name in (
            (
                lambda x: values(x, strike, rate, vol, years, above)[side],
                spot,
                1,
                delta,
                "delta",
            ),
            (
                lambda x: values(x, strike, rate, vol, years, above)[side],
                spot,
                2,
                gamma,
                "gamma",
            ),
            (
                lambda x: values(spot, strike, rate, x, years, above)[side],
                vol,
                1,
                vega,
                "vega",
            ),
            (
                lambda x: values(spot, strike, x, vol, years, above)[side],
                rate,
                1,
                rho,
                "rho",
            ),
        ):
            check_derivative(
                function, x, order, closed, max(spot, strike), (name, side, where)
            )
    for value, delta, payoff in (
        (call, call_delta, max(spot - strike, 0)),
        (put, put_delta, max(strike - spot, 0)),
    ):
        carry = vol**2 * spot**2 * gamma / 2 + rate * spot * delta - rate * value
        gap = abs(carry + (payoff - value) / years)
        size = vol**2 * spot**2 * gamma + (spot + strike) * (1 + 1 / years)
        assert gap <= size * mpf(10) ** (12 - mp.dps), ("theta", where)


def real(case):
    """The case as reals: spot, strike, rate, vol, years."""
    spot, strike, rate, vol, days = (mpf(n) for n in case)
    return (
        spot / MONEY,
        strike / MONEY,
        rate / RATE,
        vol / RATE,
        days / RATE / YEAR_DAYS,
    )


# --- cases --------------------------------------------------------------------

STRIKES = [MONEY // 100, 60_000 * MONEY, 109_999 * MONEY, 10_999_999 * MONEY]
WEEK = 7 * RATE


def worked_cases():
    """r = 0, T = 7 days, K = 50000, s = 1: the check values of the sources."""
    for spot in (40_000, 50_000, 60_000):
        yield spot * MONEY, 50_000 * MONEY, 0, RATE, WEEK


def corner_cases():
    for spot, strike in corner_pairs(STRIKES):
        for vol in (VOL_MIN, 8 * RATE // 10, VOL_MAX):
            for days in (DAYS_MIN, WEEK, DAYS_MAX):
                for rate in (RATE_MIN, 0, RATE // 20, RATE_MAX):
                    yield spot, strike, rate, vol, days


def random_case(rng, near):
    """One draw; near cases have ln(S/K) = z s sqrt(T), z uniform in [-9, 9]."""
    while True:
        vol, rate = random_vol(rng), random_rate(rng)
        days = log_uniform_int(rng, DAYS_MIN, DAYS_MAX)
        ratio = None
        if near:
            width = mpf(vol) / RATE * mp.sqrt(mpf(days) / RATE / YEAR_DAYS)
            ratio = mp.exp(9 * signed_unit(rng) * width)
        pair = random_pair(rng, ratio)
        if pair:
            return *pair, rate, vol, days


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


def inputs(case):
    return [fixed(n, 8) for n in case]


# --- files --------------------------------------------------------------------


def rendered_values(*case):
    return tuple(decimal(x, DIGITS, VALUE_PLACES) for x in values(*real(case)))


def rendered_greeks(*case):
    return tuple(decimal(x, DIGITS, GREEK_PLACES) for x in greeks(*real(case)))


def value_rows():
    yield "spot,strike,rate,vol,funding_days,call,put"
    for case in draw(SEED_VALUES, [*worked_cases(), *corner_cases()], ROWS_NEAR, ROWS):
        yield ",".join([*inputs(case), *agreed(rendered_values, *case)])


def greek_rows():
    yield "spot,strike,rate,vol,funding_days,call_delta,put_delta,gamma,vega,call_rho,put_rho"
    corners = choose(random.Random(SEED_CORNERS), corner_cases(), ROWS_GREEKS_CORNERS)
    corners = [*worked_cases(), *corners]
    for case in draw(SEED_GREEKS, corners, ROWS_GREEKS_NEAR, ROWS_GREEKS):
        with mp.workdps(DPS):
            check_greeks(*real(case))
        yield ",".join([*inputs(case), *agreed(rendered_greeks, *case)])


FILES = {"everlasting.csv": value_rows, "everlasting_greeks.csv": greek_rows}

if __name__ == "__main__":
    sys.exit(files.main(FILES, "everlasting options"))
