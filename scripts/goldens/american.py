#!/usr/bin/env python3
"""Perpetual American options: values and Greeks.

dS = (r - q) S dt + s S dW in the risk-neutral measure, discounting at r, carry
b = r - q. In the continuation region s^2 S^2 V''/2 + b S V' - r V = 0, so V is a
power of S, with exponents

    y+- = 1/2 - b/s^2 +- sqrt((1/2 - b/s^2)^2 + 2 r/s^2)

    call, S < S*:  K/(y+ - 1) ((y+ - 1) S/(y+ K))^y+,  S* = K y+/(y+ - 1); else S - K
    put,  S > S*:  K/(1 - y-) ((y- - 1) S/(y- K))^y-,  S* = K y-/(y- - 1); else K - S

that is V = |S* - K| (S/S*)^y. Limits: y+ = 1 (q = 0 and r >= -s^2/2) gives call = S,
y- = 0 (r = 0 and q >= -s^2/2) gives put = K; neither is ever exercised.

Legal: q >= 0 for the call, r >= 0 for the put; the other rate may have any sign.
Elsewhere the value is infinite, or the exercise region is bounded on both sides
and these formulas are not the value. Proofs and sources: docs/instruments.md.
A side that is not legal is an empty field. So is a rho that is infinite: y- = 0,
where the put's slope in r at r = 0 is.

    python american.py [--check] [--out DIR] [--only FILE]
"""

import random
import sys

from mpmath import mp, mpf

import files
from decimals import DPS, agreed, decimal, fixed
from derivatives import check_derivative
from sampling import choose, log_uniform_int, unit
from units import (
    MONEY,
    PRICE_MAX,
    PRICE_MIN,
    RATE,
    RATE_MAX,
    RATE_MIN,
    VOL_MAX,
    VOL_MIN,
    corner_pairs,
    legal_pair,
    random_pair,
    random_rate,
    random_vol,
)

SEED_VALUES = 76_000_021
SEED_GREEKS = 76_000_022
SEED_CORNERS = 76_000_023
ROWS = 12_000
ROWS_NEAR = 4_000
ROWS_GREEKS = 2_800
ROWS_GREEKS_CORNERS = 900
ROWS_GREEKS_NEAR = 1_300

DIGITS = 22
VALUE_PLACES = 26
GREEK_PLACES = 32

CALL, PUT = 1, -1


# --- formulas -----------------------------------------------------------------


def exponent(side, rate, dividend, vol):
    """y+ of the call, y- of the put. The square root is of a perfect square
    where r = 0 or q = 0; those two are taken exactly."""
    shift = mpf(1) / 2 - (rate - dividend) / vol**2
    if side == CALL and dividend == 0:  # roots 1 and -2r/s^2
        return max(mpf(1), -2 * rate / vol**2)
    if side == PUT and rate == 0:  # roots 0 and 1 + 2q/s^2
        return min(mpf(0), 1 + 2 * dividend / vol**2)
    return shift + side * mp.sqrt(shift**2 + 2 * rate / vol**2)


def legal(side, rate, dividend):
    return dividend >= 0 if side == CALL else rate >= 0


def never_exercised(side, y):
    return y == (1 if side == CALL else 0)


def boundary(strike, y):
    """S*, the critical spot."""
    return strike * y / (y - 1)


def exercised(side, spot, strike, y):
    """At S* (to the working precision) or beyond it. V, V' agree there; V'' is the
    exercised side's, 0."""
    critical = boundary(strike, y)
    return side * (spot - critical) >= -critical * mpf(10) ** (8 - mp.dps)


def continuation(side, spot, strike, rate, dividend, vol):
    """|S* - K| (S/S*)^y, whether or not S is in the continuation region."""
    y = exponent(side, rate, dividend, vol)
    critical = boundary(strike, y)
    return side * (critical - strike) * (spot / critical) ** y


def value(side, spot, strike, rate, dividend, vol):
    y = exponent(side, rate, dividend, vol)
    if never_exercised(side, y):
        return spot if side == CALL else strike
    if exercised(side, spot, strike, y):
        return side * (spot - strike)
    return continuation(side, spot, strike, rate, dividend, vol)


def greeks(side, spot, strike, rate, dividend, vol):
    """delta, gamma, vega, rho (dividend yield fixed; None where infinite). Theta is 0."""
    y = exponent(side, rate, dividend, vol)
    zero = mpf(0)
    if never_exercised(side, y):
        return (mpf(1), zero, zero, zero) if side == CALL else (zero, zero, zero, None)
    if exercised(side, spot, strike, y):
        return mpf(side), zero, zero, zero
    root = side * (y - mpf(1) / 2 + (rate - dividend) / vol**2)
    v = continuation(side, spot, strike, rate, dividend, vol)
    # S* maximises |S* - K| (S/S*)^y, so only the exponent's move counts.
    by_exponent = v * mp.log(spot / boundary(strike, y))
    return (
        y * v / spot,
        y * (y - 1) * v / spot**2,
        by_exponent * -side * y * (y - 1) / (vol * root),
        by_exponent * -side * (y - 1) / (vol**2 * root),
    )


def check_greeks(side, spot, strike, rate, dividend, vol):
    """Closed forms against mpmath.diff of the continuation value, and theta = 0:
    the equation of the docstring holds without a time derivative. Not where a
    limit or the exercised payoff stands, whose Greeks are 0 and +-1."""
    y = exponent(side, rate, dividend, vol)
    if never_exercised(side, y):
        return
    check_optimal(side, spot, strike, rate, dividend, y, vol)
    if exercised(side, spot, strike, y):
        return
    delta, gamma, vega, rho = greeks(side, spot, strike, rate, dividend, vol)
    where = (side, spot, strike, rate, dividend, vol)

    def v(spot=spot, rate=rate, vol=vol):
        # The general root, also at r = 0 or q = 0: smooth in r.
        shift = mpf(1) / 2 - (rate - dividend) / vol**2
        y = shift + side * mp.sqrt(shift**2 + 2 * rate / vol**2)
        critical = boundary(strike, y)
        return side * (critical - strike) * (spot / critical) ** y

    for function, x, order, closed, name in (
        (lambda x: v(spot=x), spot, 1, delta, "delta"),
        (lambda x: v(spot=x), spot, 2, gamma, "gamma"),
        (lambda x: v(vol=x), vol, 1, vega, "vega"),
        (lambda x: v(rate=x), rate, 1, rho, "rho"),
    ):
        check_derivative(function, x, order, closed, max(spot, strike), (name, where))
    terms = [
        vol**2 * spot**2 * gamma / 2,
        (rate - dividend) * spot * delta,
        -rate * v(),
    ]
    assert abs(sum(terms)) <= sum(map(abs, terms)) * mpf(10) ** (20 - mp.dps), (
        "theta",
        where,
    )


def check_optimal(side, spot, strike, rate, dividend, y, vol):
    """The two inequalities that make the formula the value: it is nowhere below the
    payoff, and where exercised, waiting costs: s^2 S^2 V''/2 + b S V' - r V <= 0 at S*,
    hence beyond it. See docs/instruments.md."""
    noise = (spot + strike) * mpf(10) ** (20 - mp.dps)
    assert (
        value(side, spot, strike, rate, dividend, vol) >= side * (spot - strike) - noise
    )
    critical = boundary(strike, y)
    assert side * (rate * strike - dividend * critical) <= critical * mpf(10) ** (
        20 - mp.dps
    )


def real(case):
    """The case as reals: spot, strike, rate, dividend, vol."""
    spot, strike, rate, dividend, vol = (mpf(n) for n in case)
    return spot / MONEY, strike / MONEY, rate / RATE, dividend / RATE, vol / RATE


# --- cases --------------------------------------------------------------------

STRIKES = [MONEY // 100, 60_000 * MONEY, 10_999_999 * MONEY]
RATES = [(3_000_000, 10_000_000), (0, 0), (0, RATE // 20), (RATE // 20, 0), (1, 1)]
RATES += [(RATE // 20, RATE // 20), (RATE_MAX, 1), (1, RATE_MAX), (RATE_MAX, RATE_MAX)]
RATES += [
    (RATE_MIN, 0),
    (RATE_MIN, 1),
    (RATE_MIN, RATE // 10),
    (0, RATE_MIN),
    (1, RATE_MIN),
    (RATE // 10, RATE_MIN),
]


def worked_cases():
    """S = 50, K = 55, r = 0.03, q = 0.1, s = 0.4."""
    yield 50 * MONEY, 55 * MONEY, 3_000_000, 10_000_000, 40_000_000


def corner_cases():
    for spot, strike in corner_pairs(STRIKES):
        for rate, dividend in RATES:
            for vol in (VOL_MIN, 8 * RATE // 10, VOL_MAX):
                yield spot, strike, rate, dividend, vol


def boundary_cases():
    """The spot at the critical one, and one unit of 1e-8 below and above."""
    strikes = [MONEY // 100, 4_321_987_654_321, 100_000 * MONEY]
    exact = []  # critical spots that are whole units
    for strike in strikes:
        for vol in (VOL_MIN, 2 * RATE // 10, 6 * RATE // 10):
            square = vol * vol // RATE
            # r = q = s^2: y+- = 2, -1. q = 0, r = s^2/2: y- = -1. r = 0, q = s^2/2: y+ = 2.
            exact.append((CALL, strike, square, square, vol))
            exact.append((PUT, strike, square, square, vol))
            exact.append((PUT, strike, square // 2, 0, vol))
            exact.append((CALL, strike, 0, square // 2, vol))
    rounded = []
    for strike in strikes:
        for vol in (VOL_MIN, 8 * RATE // 10, VOL_MAX):
            for rate, dividend in RATES:
                for side in (CALL, PUT):
                    rounded.append((side, strike, rate, dividend, vol))
    for side, strike, rate, dividend, vol in exact + rounded:
        if not legal(side, rate, dividend):
            continue
        y = exponent(side, *(mpf(n) / RATE for n in (rate, dividend, vol)))
        if never_exercised(side, y):
            continue
        critical = int(mp.nint(boundary(strike, y)))
        for spot in (critical - 1, critical, critical + 1):
            if legal_pair(spot, strike):
                yield spot, strike, rate, dividend, vol


def random_rates(rng, sign):
    """r and q: both >= 0, or r < 0 (only the call is legal), or q < 0 (the put)."""
    rate, dividend = random_rate(rng, low=0), random_rate(rng, low=0)
    if sign == CALL:
        rate = random_rate(rng, high=-1)
    if sign == PUT:
        dividend = random_rate(rng, high=-1)
    return rate, dividend


def random_case(rng, near):
    """One draw. One in twelve has r < 0, one in twelve q < 0. Near cases have
    |y ln(S/S*)| uniform in [0, 9], in the continuation region."""
    while True:
        sign = {0: CALL, 1: PUT}.get(int(mp.floor(12 * unit(rng))), 0)
        rate, dividend = random_rates(rng, sign)
        vol = random_vol(rng)
        if not near:
            pair = random_pair(rng)
        else:
            side = sign or (CALL if rng.getrandbits(1) else PUT)
            y = exponent(side, *(mpf(n) / RATE for n in (rate, dividend, vol)))
            if never_exercised(side, y):
                continue
            spot = log_uniform_int(rng, PRICE_MIN, PRICE_MAX)
            critical = spot * mp.exp(9 * unit(rng) / y)
            pair = spot, int(mp.nint(critical * (y - 1) / y))
            pair = pair if legal_pair(*pair) else None
        if pair:
            return *pair, rate, dividend, vol


def draw(seed, corners, near, total):
    """`corners`, then near cases, then random ones, without repetitions."""
    rng = random.Random(seed)
    cases = dict.fromkeys(corners)
    near += len(cases)
    while len(cases) < near:
        cases[random_case(rng, near=True)] = None
    while len(cases) < total:
        cases[random_case(rng, near=False)] = None
    return cases


def inputs(case):
    return [fixed(n, 8) for n in case]


# --- files --------------------------------------------------------------------


def per_side(function, case):
    """`function` of each side, None where the side is not legal."""
    numbers = real(case)
    return [
        function(side, *numbers) if legal(side, numbers[2], numbers[3]) else None
        for side in (CALL, PUT)
    ]


def rendered_values(*case):
    return tuple(
        "" if x is None else decimal(x, DIGITS, VALUE_PLACES)
        for x in per_side(value, case)
    )


def rendered_greeks(*case):
    columns = []
    for four in per_side(greeks, case):
        for x in four or (None,) * 4:
            columns.append("" if x is None else decimal(x, DIGITS, GREEK_PLACES))
    return tuple(columns)


def value_rows():
    with mp.workdps(DPS):
        corners = [*worked_cases(), *boundary_cases(), *corner_cases()]
        cases = draw(SEED_VALUES, corners, ROWS_NEAR, ROWS)
    yield "spot,strike,rate,dividend,vol,call,put"
    for case in cases:
        yield ",".join([*inputs(case), *agreed(rendered_values, *case)])


def greek_rows():
    rng = random.Random(SEED_CORNERS)
    with mp.workdps(DPS):
        corners = [*boundary_cases(), *corner_cases()]
        corners = [*worked_cases(), *choose(rng, corners, ROWS_GREEKS_CORNERS)]
        cases = draw(SEED_GREEKS, corners, ROWS_GREEKS_NEAR, ROWS_GREEKS)
    yield (
        "spot,strike,rate,dividend,vol,"
        "call_delta,call_gamma,call_vega,call_rho,put_delta,put_gamma,put_vega,put_rho"
    )
    for case in cases:
        with mp.workdps(DPS):
            per_side(check_greeks, case)
        yield ",".join([*inputs(case), *agreed(rendered_greeks, *case)])


FILES = {"american.csv": value_rows, "american_greeks.csv": greek_rows}

if __name__ == "__main__":
    sys.exit(files.main(FILES, "perpetual American options"))
