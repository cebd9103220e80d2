#!/usr/bin/env python3
"""European options by Black-76: more corners of the value, and the Greeks.

    v = s sqrt(t), d1 = ln(F/K)/v + v/2, d2 = d1 - v
    call = D [F N(d1) - K N(d2)], put = D [K N(-d2) - F N(-d1)]

The Greeks are the risk report's, on its forward convention:

    delta  dV/dF, D fixed               call D N(d1), put -D N(-d1)
    gamma  d2V/dF2, D fixed             D phi(d1)/(F v)
    vega   dV/ds                        D F phi(d1) sqrt(t)
    theta  -dV/dt, F, s and D fixed     -D F phi(d1) s/(2 sqrt(t))
    rho    dV/dr, D = exp(-r t), F fixed   -t V

per 1 USD, per 1.00 of volatility, per year and per 1.00 of rate. A year is
365 x 86,400 s. At expiry (0 s) the value is D max(F - K, 0) or D max(K - F, 0),
delta D, -D or 0, every other Greek 0; at F = K there the Greeks are undefined and
no row has them.

    python european.py [--check] [--out DIR] [--only FILE]
"""

import random
import sys

from mpmath import mp, mpf

import files
from black76 import CHECK_DPS as VALUE_CHECK_DPS
from black76 import DPS as VALUE_DPS
from black76 import black76, normal_cdf, price, random_case
from decimals import DPS, agreed, decimal, fixed
from derivatives import check_derivative
from sampling import choose, log_uniform_int
from units import DISCOUNT, MONEY, RATE, VOL_MAX, VOL_MIN, YEAR

SEED_GREEKS = 76_000_041
SEED_CORNERS = 76_000_042
ROWS_GREEKS = 2_400
ROWS_GREEKS_CORNERS = 700
ROWS_GREEKS_NEAR = 1_000

DIGITS = 22
GREEK_PLACES = 32
DAY = 86_400

FORWARDS = [1, 2, 7, 100, 10_000, MONEY // 100, 60_000 * MONEY]
FORWARDS += [
    10_999_999_99999999,
    (1 << 50) - 1,
]  # the largest price that a file may hold
PRICE_LIMIT = 1 << 50


# --- cases --------------------------------------------------------------------


def corner_pairs():
    """(forward, strike): ratios 1/100 to 100, equality and one unit beside it."""
    for forward in FORWARDS:
        strikes = [forward // 100, forward // 100 + 1, forward // 10, forward // 2]
        strikes += [forward - 1, forward, forward + 1, 2 * forward, 10 * forward]
        strikes += [100 * forward - 1, 100 * forward]
        for strike in dict.fromkeys(strikes):
            in_ratio = strike <= 100 * forward and forward <= 100 * strike
            if 0 < strike < PRICE_LIMIT and in_ratio:
                yield forward, strike


def corner_cases():
    for forward, strike in corner_pairs():
        for discount in (7 * DISCOUNT // 10, DISCOUNT, 12 * DISCOUNT // 10):
            yield forward, strike, RATE, 0, discount
            for vol in (VOL_MIN, 8 * RATE // 10, VOL_MAX):
                for seconds in (1, 3_600, YEAR, 3 * YEAR):
                    yield forward, strike, vol, seconds, discount


def whole_days(case):
    """The time rounded up to days, for comparison with libraries of dates."""
    forward, strike, vol, seconds, discount = case
    return forward, strike, vol, -(-seconds // DAY) * DAY, discount


def greek_cases():
    rng = random.Random(SEED_GREEKS)
    with mp.workdps(DPS):
        corners = [case for case in corner_cases() if case[3] or case[0] != case[1]]
        corners = choose(random.Random(SEED_CORNERS), corners, ROWS_GREEKS_CORNERS)
        cases = dict.fromkeys(corners)
        near = len(cases) + ROWS_GREEKS_NEAR
        while len(cases) < ROWS_GREEKS:
            case = random_case(rng, near=len(cases) < near)
            if rng.getrandbits(1):
                case = whole_days(case)
            if not rng.getrandbits(2):  # a rate of 0, or a negative one
                discount = log_uniform_int(rng, DISCOUNT, 13 * DISCOUNT // 10)
                case = *case[:4], discount if rng.getrandbits(1) else DISCOUNT
            cases[case] = None
    return cases


def inputs(case):
    forward, strike, vol, seconds, discount = case
    return [fixed(n, 8) for n in (forward, strike, vol)] + [
        str(seconds),
        fixed(discount, 12),
    ]


# --- formulas -----------------------------------------------------------------


def rendered_values(forward, strike, vol, seconds, discount):
    if seconds:
        return black76(forward, strike, vol, seconds, discount)
    units = mpf(MONEY * DISCOUNT)
    intrinsic = mpf(discount * (forward - strike))
    return tuple(price(max(x, mpf(0)), units) for x in (intrinsic, -intrinsic))


def real(case):
    """The case as reals: forward, strike, vol, years, discount."""
    forward, strike, vol, seconds, discount = (mpf(n) for n in case)
    return (
        forward / MONEY,
        strike / MONEY,
        vol / RATE,
        seconds / YEAR,
        discount / DISCOUNT,
    )


def values(forward, strike, vol, years, discount):
    """(call, put), years > 0."""
    v = vol * mp.sqrt(years)
    d1 = mp.log(forward / strike) / v + v / 2
    d2 = d1 - v
    return (
        discount * (forward * normal_cdf(d1) - strike * normal_cdf(d2)),
        discount * (strike * normal_cdf(-d2) - forward * normal_cdf(-d1)),
    )


def greeks(forward, strike, vol, years, discount):
    """call delta, put delta, gamma, vega, theta (of both), call rho, put rho."""
    zero = mpf(0)
    if years == 0:
        assert forward != strike, "undefined"
        call, put = (discount, zero) if forward > strike else (zero, -discount)
        return call, put, zero, zero, zero, zero, zero
    v = vol * mp.sqrt(years)
    d1 = mp.log(forward / strike) / v + v / 2
    density = discount * mp.exp(-d1 * d1 / 2) / mp.sqrt(2 * mp.pi)
    call, put = values(forward, strike, vol, years, discount)
    return (
        discount * normal_cdf(d1),
        -discount * normal_cdf(-d1),
        density / (forward * v),
        density * forward * mp.sqrt(years),
        -density * forward * vol / (2 * mp.sqrt(years)),
        -years * call,
        -years * put,
    )


def check_greeks(forward, strike, vol, years, discount):
    """Closed forms against mpmath.diff of the value."""
    if years == 0:
        return
    found = greeks(forward, strike, vol, years, discount)
    call_delta, put_delta, gamma, vega, theta, call_rho, put_rho = found
    rate = -mp.log(discount) / years
    where = (forward, strike, vol, years, discount)
    for side, delta, rho in ((0, call_delta, call_rho), (1, put_delta, put_rho)):
        for function, x, order, closed, name in (
            (
                lambda x: values(x, strike, vol, years, discount)[side],
                forward,
                1,
                delta,
                "delta",
            ),
            (
                lambda x: values(x, strike, vol, years, discount)[side],
                forward,
                2,
                gamma,
                "gamma",
            ),
            (
                lambda x: values(forward, strike, x, years, discount)[side],
                vol,
                1,
                vega,
                "vega",
            ),
            (
                lambda x: -values(forward, strike, vol, x, discount)[side],
                years,
                1,
                theta,
                "theta",
            ),
            (
                lambda x: values(forward, strike, vol, years, mp.exp(-x * years))[side],
                rate,
                1,
                rho,
                "rho",
            ),
        ):
            scale = max(forward, strike) * max(1, 1 / years)
            check_derivative(function, x, order, closed, scale, (name, side, where))


def rendered_greeks(*case):
    return tuple(decimal(x, DIGITS, GREEK_PLACES) for x in greeks(*real(case)))


# --- files --------------------------------------------------------------------


def corner_rows():
    yield "forward,strike,vol,seconds,discount,call,put"
    for case in dict.fromkeys(corner_cases()):
        prices = agreed(
            rendered_values, *case, dps=VALUE_DPS, check_dps=VALUE_CHECK_DPS
        )
        yield ",".join([*inputs(case), *prices])


def greek_rows():
    yield (
        "forward,strike,vol,seconds,discount,"
        "call_delta,put_delta,gamma,vega,theta,call_rho,put_rho"
    )
    for case in greek_cases():
        with mp.workdps(2 * DPS):
            check_greeks(*real(case))
        yield ",".join([*inputs(case), *agreed(rendered_greeks, *case)])


FILES = {"black76_corners.csv": corner_rows, "black76_greeks.csv": greek_rows}

if __name__ == "__main__":
    sys.exit(files.main(FILES, "European options"))
