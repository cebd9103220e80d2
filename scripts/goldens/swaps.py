#!/usr/bin/env python3
"""Variance and volatility swaps: values and Greeks.

    variance swap    V = D N (A t/T + I^2 (T - t)/T - K^2)
    volatility swap  V = D N (fair - K)

N notional (USD per 1.00 of annualised variance, or of volatility; negative is
short), K strike, a volatility; t elapsed and T total life; A = s_r^2 the
annualised variance realised over t, I the volatility implied for the rest, fair
the expected volatility of the whole life; D the discount factor to the end. All
values are rational in the inputs: each is an exact fraction, rounded once, and
mpmath must agree.

Greeks. The sum of squared log returns so far, A t, is a fact, and does not move
with the clock; T is fixed:

    delta  0
    gamma  2 D N/(T S^2)        an instant move S -> S (1 + x) accrues ln(1 + x)^2
    vega   2 D N I (T - t)/T    per 1.00 of I; volatility swap: D N per 1.00 of fair
    theta  -D N I^2/T           per year, spot, I and D fixed; volatility swap: 0
    rho    -(T - t) V           per 1.00 of r, D = exp(-r (T - t))

so that theta + I^2 S^2 gamma/2 = 0. The volatility swap's delta and gamma are 0 with
its fair volatility fixed.

    python swaps.py [--check] [--out DIR] [--only FILE]
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
    DISCOUNT,
    MONEY,
    PRICE_END,
    PRICE_MAX,
    PRICE_MIN,
    RATE,
    VOL_MAX,
    VOL_MIN,
    YEAR,
    random_vol,
)

SEED_VARIANCE = 76_000_051
SEED_VARIANCE_GREEKS = 76_000_052
SEED_VOLATILITY = 76_000_053
SEED_VOLATILITY_GREEKS = 76_000_054
SEED_CORNERS = 76_000_055
ROWS = 10_000
ROWS_GREEKS = 2_000
ROWS_GREEKS_CORNERS = 400

DIGITS = 22
VALUE_PLACES = 26
GREEK_PLACES = 32
DISCOUNT_MIN, DISCOUNT_MAX = 7 * DISCOUNT // 10, 12 * DISCOUNT // 10
TOTAL_MIN, TOTAL_MAX = 3_600, 3 * YEAR


# --- formulas: fractions or mpf alike -------------------------------------------


def variance_swap(notional, realised, implied, strike, elapsed, total, discount):
    fair = realised * elapsed / total + implied**2 * (total - elapsed) / total
    return discount * notional * (fair - strike**2)


def variance_greeks(
    spot, notional, realised, implied, strike, elapsed, total, discount
):
    """gamma, vega, theta, rho. Delta is 0. Times in years."""
    v = variance_swap(notional, realised, implied, strike, elapsed, total, discount)
    return (
        2 * discount * notional / (total * spot**2),
        2 * discount * notional * implied * (total - elapsed) / total,
        -discount * notional * implied**2 / total,
        -(total - elapsed) * v,
    )


def volatility_swap(notional, fair, strike, discount):
    return discount * notional * (fair - strike)


def volatility_greeks(notional, fair, strike, remaining, discount):
    """vega, rho. Delta, gamma and theta are 0."""
    return discount * notional, -remaining * volatility_swap(
        notional, fair, strike, discount
    )


def check_variance(spot, notional, realised, implied, strike, elapsed, total, discount):
    """Closed forms against mpmath.diff of the value, its accruals written out."""
    found = variance_greeks(
        spot, notional, realised, implied, strike, elapsed, total, discount
    )
    gamma, vega, theta, rho = found
    squares = realised * elapsed  # sum of squared log returns

    def v(squares=squares, implied=implied, elapsed=elapsed, discount=discount):
        fair = squares / total + implied**2 * (total - elapsed) / total
        return discount * notional * (fair - strike**2)

    left = total - elapsed
    rate = -mp.log(discount) / left if left else mpf(0)
    for function, x, order, closed, name in (
        (
            lambda x: v(squares=squares + mp.log(x / spot) ** 2),
            spot,
            1,
            mpf(0),
            "delta",
        ),
        (lambda x: v(squares=squares + mp.log(x / spot) ** 2), spot, 2, gamma, "gamma"),
        (lambda x: v(implied=x), implied, 1, vega, "vega"),
        (lambda x: v(elapsed=x), elapsed, 1, theta, "theta"),
        (
            lambda x: v(discount=mp.exp(-x * left) if left else discount),
            rate,
            1,
            rho,
            "rho",
        ),
    ):
        scale = abs(notional) * max(1, 1 / spot) / total
        check_derivative(
            function, x, order, closed, scale, (name, spot, notional, elapsed)
        )
    balance = abs(theta + implied**2 * spot**2 * gamma / 2)
    assert balance <= abs(theta) * mpf(10) ** (8 - mp.dps), "theta + gamma"


def check_volatility(notional, fair, strike, remaining, discount):
    vega, rho = volatility_greeks(notional, fair, strike, remaining, discount)
    rate = -mp.log(discount) / remaining if remaining else mpf(0)

    def at_rate(x):
        return mp.exp(-x * remaining) if remaining else discount

    for function, x, closed, name in (
        (lambda x: volatility_swap(notional, x, strike, discount), fair, vega, "vega"),
        (
            lambda x: volatility_swap(notional, fair, strike, at_rate(x)),
            rate,
            rho,
            "rho",
        ),
    ):
        check_derivative(
            function, x, 1, closed, abs(notional), (name, notional, remaining)
        )


# --- cases --------------------------------------------------------------------


def variance_corners():
    """notional, realised variance, implied vol, strike, elapsed, total, discount."""
    for notional in (1, -60_000 * MONEY, PRICE_END - 1):
        for realised in (0, RATE // 10_000, 64 * RATE // 100, 25 * RATE):
            for implied, strike in (
                (VOL_MIN, VOL_MIN),
                (8 * RATE // 10, 8 * RATE // 10),
                (8 * RATE // 10, 8 * RATE // 10 + 1),
                (VOL_MIN, VOL_MAX),
                (VOL_MAX, VOL_MIN),
            ):
                for total in (30 * 86_400, TOTAL_MAX):
                    for elapsed in (0, 1, total // 2, total - 1, total):
                        yield (
                            notional,
                            realised,
                            implied,
                            strike,
                            elapsed,
                            total,
                            DISCOUNT,
                        )


def random_notional(rng):
    """Log-uniform in [1e-4, 1e7], of either sign."""
    notional = log_uniform_int(rng, PRICE_MIN, PRICE_MAX)
    return -notional if rng.getrandbits(1) else notional


def random_variance(rng):
    total = log_uniform_int(rng, TOTAL_MIN, TOTAL_MAX)
    return (
        random_notional(rng),
        log_uniform_int(rng, RATE // 10_000, 25 * RATE),
        random_vol(rng),
        random_vol(rng),
        uniform_int(rng, 0, total),
        total,
        uniform_int(rng, DISCOUNT_MIN, DISCOUNT_MAX),
    )


def volatility_corners():
    """notional, fair, strike, remaining seconds, discount."""
    for notional in (1, -60_000 * MONEY, PRICE_END - 1):
        for fair in (VOL_MIN, 8 * RATE // 10, VOL_MAX):
            for strike in (VOL_MIN, 8 * RATE // 10 - 1, 8 * RATE // 10, VOL_MAX):
                for remaining in (0, 1, TOTAL_MAX):
                    for discount in (DISCOUNT_MIN, DISCOUNT, DISCOUNT_MAX):
                        yield notional, fair, strike, remaining, discount


def random_volatility(rng):
    return (
        random_notional(rng),
        random_vol(rng),
        random_vol(rng),
        log_uniform_int(rng, TOTAL_MIN, TOTAL_MAX),
        uniform_int(rng, DISCOUNT_MIN, DISCOUNT_MAX),
    )


def draw(seed, corners, one, total):
    """`corners`, then draws of `one`, without repetitions."""
    rng = random.Random(seed)
    cases = dict.fromkeys(corners)
    with mp.workdps(DPS):
        while len(cases) < total:
            cases[one(rng)] = None
    return cases


def some_corners(corners):
    corners = list(dict.fromkeys(corners))
    with mp.workdps(DPS):
        count = min(ROWS_GREEKS_CORNERS, len(corners))
        return choose(random.Random(SEED_CORNERS), corners, count)


# --- rendering ----------------------------------------------------------------


def as_mpf(numbers):
    return [mpf(x.numerator) / x.denominator for x in numbers]


def variance_numbers(case):
    notional, realised, implied, strike, elapsed, total, discount = case
    return [
        Fraction(notional, MONEY),
        Fraction(realised, RATE),
        Fraction(implied, RATE),
        Fraction(strike, RATE),
        Fraction(elapsed, YEAR),
        Fraction(total, YEAR),
        Fraction(discount, DISCOUNT),
    ]


def variance_inputs(case):
    return [fixed(n, 8) for n in case[:4]] + [
        str(case[4]),
        str(case[5]),
        fixed(case[6], 12),
    ]


def volatility_numbers(case):
    notional, fair, strike, remaining, discount = case
    return [
        Fraction(notional, MONEY),
        Fraction(fair, RATE),
        Fraction(strike, RATE),
        Fraction(remaining, YEAR),
        Fraction(discount, DISCOUNT),
    ]


def volatility_inputs(case):
    return [fixed(n, 8) for n in case[:3]] + [str(case[3]), fixed(case[4], 12)]


# --- files --------------------------------------------------------------------


def variance_rows():
    yield "notional,realised_variance,implied_vol,strike,elapsed,total,discount,value"
    for case in draw(SEED_VARIANCE, variance_corners(), random_variance, ROWS):
        numbers = variance_numbers(case)
        text = agreed(lambda: rational(variance_swap, numbers, DIGITS, VALUE_PLACES))
        yield ",".join([*variance_inputs(case), *text])


def variance_greek_rows():
    yield (
        "spot,notional,realised_variance,implied_vol,strike,elapsed,total,discount,"
        "gamma,vega,theta,rho"
    )
    corners = some_corners(variance_corners())
    spots = random.Random(SEED_CORNERS + 1)
    for case in draw(SEED_VARIANCE_GREEKS, corners, random_variance, ROWS_GREEKS):
        with mp.workdps(DPS):
            spot = log_uniform_int(spots, PRICE_MIN, PRICE_MAX)
            numbers = [Fraction(spot, MONEY), *variance_numbers(case)]
            check_variance(*as_mpf(numbers))
        text = agreed(lambda: rational(variance_greeks, numbers, DIGITS, GREEK_PLACES))
        yield ",".join([fixed(spot, 8), *variance_inputs(case), *text])


def volatility_rows():
    yield "notional,fair_vol,strike,discount,value"
    for case in draw(SEED_VOLATILITY, volatility_corners(), random_volatility, ROWS):
        notional, fair, strike, _, discount = volatility_numbers(case)
        numbers = [notional, fair, strike, discount]
        text = agreed(lambda: rational(volatility_swap, numbers, DIGITS, VALUE_PLACES))
        columns = volatility_inputs(case)
        yield ",".join([*columns[:3], columns[4], *text])


def volatility_greek_rows():
    yield "notional,fair_vol,strike,seconds,discount,vega,rho"
    corners = some_corners(volatility_corners())
    for case in draw(SEED_VOLATILITY_GREEKS, corners, random_volatility, ROWS_GREEKS):
        numbers = volatility_numbers(case)
        with mp.workdps(DPS):
            check_volatility(*as_mpf(numbers))
        text = agreed(
            lambda: rational(volatility_greeks, numbers, DIGITS, GREEK_PLACES)
        )
        yield ",".join([*volatility_inputs(case), *text])


FILES = {
    "variance_swap.csv": variance_rows,
    "variance_swap_greeks.csv": variance_greek_rows,
    "volatility_swap.csv": volatility_rows,
    "volatility_swap_greeks.csv": volatility_greek_rows,
}

if __name__ == "__main__":
    sys.exit(files.main(FILES, "variance and volatility swaps"))
