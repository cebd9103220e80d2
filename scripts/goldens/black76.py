#!/usr/bin/env python3
"""High-precision reference values ("goldens") for the pricing chips.

Writes three files to circuits/tests/goldens/:

  black76.csv   10,000 discounted Black-76 calls and puts
  normal.csv     4,000 values of the normal distribution function and density
  ln.csv         2,000 natural logarithms of integers

Nothing here shares code, tables or approximations with the Rust engine: every
value comes from mpmath at DPS (110) decimal digits, is computed a second time
at CHECK_DPS (150) digits, and is written only if both print the same string.
normal.csv and ln.csv are also compared with plain series summed in this file,
and each Black-76 row with put-call parity.

Inputs are drawn as integers (units of 1e-8, seconds, 2^-36, ...), from
random.Random(seed).getrandbits and mpmath alone. The platform's libm is never
called, so the output does not depend on the machine.

    python black76.py            write the files
    python black76.py --check    write nothing; exit 1 if a file differs
    python black76.py --out DIR  write (or check) in another folder
    python black76.py --only F   one file
"""

import random
import sys

from mpmath import mp, mpf

import files
from decimals import agreed as agreed_at
from decimals import decimal, fixed
from sampling import log_uniform, log_uniform_int, uniform_int, unit
from units import DISCOUNT, MONEY, YEAR
from units import RATE as VOL

DPS = 110
CHECK_DPS = 150

SEED_BLACK76 = 76_000_001
SEED_NORMAL = 76_000_002
SEED_LN = 76_000_003


def agreed(compute, *args):
    """compute(*args) at DPS and at CHECK_DPS; they must give equal strings."""
    return agreed_at(compute, *args, dps=DPS, check_dps=CHECK_DPS)


# --- Black-76 -----------------------------------------------------------------

ROWS_BLACK76 = 10_000
ROWS_NEAR = 2_000

STRIKE_MIN, STRIKE_MAX = MONEY // 2, 5_000_000 * MONEY
MONEY_END = 11_000_000 * MONEY  # forward and strike stay below
VOL_MIN, VOL_MAX = VOL // 100, 5 * VOL
SECONDS_MIN, SECONDS_MAX = 60, 3 * YEAR
DISCOUNT_MIN, DISCOUNT_MAX = 7 * DISCOUNT // 10, DISCOUNT

PRICE_DIGITS = 25
PRICE_PLACES = 60


def legal(forward, strike):
    return (
        STRIKE_MIN <= strike <= STRIKE_MAX
        and 0 < forward < MONEY_END
        and strike <= 100 * forward
        and forward <= 100 * strike
    )


def corner_cases():
    """Products of the extremes of every input, F = K and its neighbours."""
    strikes = [
        STRIKE_MIN,
        MONEY,
        3_000 * MONEY,
        60_000 * MONEY,
        110_000 * MONEY - 100,  # the largest with 100 K below the money limit
        STRIKE_MAX,
    ]
    pairs = []
    for strike in strikes:
        assert strike % 100 == 0
        pairs += [
            (strike // 100, strike),
            (strike // 100 + 1, strike),
            (strike - 1, strike),
            (strike, strike),
            (strike + 1, strike),
            (100 * strike - 1, strike),
            (100 * strike, strike),
        ]
    pairs.append((MONEY_END - 1, STRIKE_MAX))
    for forward, strike in pairs:
        if not legal(forward, strike):
            continue
        for vol in (VOL_MIN, 8 * VOL // 10, VOL_MAX):
            for seconds in (SECONDS_MIN, 86_400, YEAR, SECONDS_MAX):
                for discount in (DISCOUNT_MIN, DISCOUNT_MAX):
                    yield forward, strike, vol, seconds, discount


def random_case(rng, near):
    """One draw. Everything but the discount (uniform) and, if `near`, the
    ratio is log-uniform; near cases have ln(F/K) = z v with z uniform in
    [-9, 9], so that d1 and d2 fall where N(d) is neither 0 nor 1."""
    while True:
        vol = log_uniform_int(rng, VOL_MIN, VOL_MAX)
        seconds = log_uniform_int(rng, SECONDS_MIN, SECONDS_MAX)
        discount = uniform_int(rng, DISCOUNT_MIN, DISCOUNT_MAX)
        if near:
            v = mpf(vol) / VOL * mp.sqrt(mpf(seconds) / YEAR)
            ratio = mp.exp((unit(rng) * 18 - 9) * v)
            if not 0.01 <= ratio <= 100:
                continue
        else:
            ratio = log_uniform(rng, mpf(1) / 100, 100)
        top = min(mpf(STRIKE_MAX), MONEY_END / ratio)
        strike = int(mp.nint(log_uniform(rng, STRIKE_MIN, top)))
        forward = int(mp.nint(strike * ratio))
        if legal(forward, strike):
            return forward, strike, vol, seconds, discount


def normal_cdf(x):
    """erfc keeps full relative precision in the lower tail."""
    return mp.erfc(-x / mp.sqrt(2)) / 2


def black76(forward, strike, vol, seconds, discount):
    """(call, put), rendered. Money is carried in integer units, so that
    F - K is exact. Where the time value is too small to be seen, the larger of
    call and put is exactly D |F - K|, and half-up rounding is then right even
    on a tie, since the time value is positive."""
    v = mpf(vol) / VOL * mp.sqrt(mpf(seconds) / YEAR)
    d1 = mp.log(mpf(forward) / strike) / v + v / 2
    d2 = d1 - v
    call = discount * (forward * normal_cdf(d1) - strike * normal_cdf(d2))
    put = discount * (strike * normal_cdf(-d2) - forward * normal_cdf(-d1))
    gap = abs(call - put - discount * (forward - strike))
    assert gap <= discount * (forward + strike) * mpf(10) ** (8 - mp.dps), "parity"
    units = mpf(MONEY * DISCOUNT)
    return tuple(price(x, units) for x in (call, put))


def price(x, units):
    """x / units, rendered. An x that is a whole number (no visible time value)
    is rounded as the exact decimal it is, not after a binary division."""
    assert x >= 0
    if x != 0 and x == mp.floor(x):
        units, value, places = int(units), int(x), 20
        excess = max(len(str(value)) - PRICE_DIGITS, 0)
        value = (value + 10**excess // 2) // 10**excess
        places -= excess
        short = PRICE_DIGITS - len(str(value))
        if short < 0:  # rounded up to a power of ten
            value, places, short = value // 10, places - 1, 0
        return fixed(value * 10**short, places + short)
    return decimal(x / units, PRICE_DIGITS, PRICE_PLACES)


def black76_rows():
    rng = random.Random(SEED_BLACK76)
    cases = dict.fromkeys(corner_cases())  # ordered, without repetitions
    corners = len(cases)
    with mp.workdps(DPS):
        while len(cases) < corners + ROWS_NEAR:
            cases[random_case(rng, near=True)] = None
        while len(cases) < ROWS_BLACK76:
            cases[random_case(rng, near=False)] = None
    yield "forward,strike,vol,seconds,discount,call,put"
    for case in cases:
        forward, strike, vol, seconds, discount = case
        call, put = agreed(black76, *case)
        yield ",".join(
            [
                fixed(forward, 8),
                fixed(strike, 8),
                fixed(vol, 8),
                str(seconds),
                fixed(discount, 12),
                call,
                put,
            ]
        )


# --- normal distribution ------------------------------------------------------

ROWS_NORMAL = 4_000
ROWS_NORMAL_FINE = 300
NORMAL_BITS = 36
NORMAL_END = 17 << (NORMAL_BITS - 1)  # 8.5
DIGITS = 30


def normal_numerators():
    """Integers d * 2^36: all multiples of 2^-6 in [-8.5, 8.5] and their
    neighbours; 300 at or next to odd multiples of 2^-7, 2^-8, 2^-9 (nodes and
    midpoints of finer tables); the rest uniform."""
    rng = random.Random(SEED_NORMAL)
    found = set()

    def add(n):
        if -NORMAL_END <= n <= NORMAL_END:
            found.add(n)

    step = 1 << (NORMAL_BITS - 6)
    for node in range(-NORMAL_END, NORMAL_END + 1, step):
        for ulp in (-1, 0, 1):
            add(node + ulp)
    fine = len(found) + ROWS_NORMAL_FINE
    with mp.workdps(DPS):
        while len(found) < fine:
            step = 1 << (NORMAL_BITS - uniform_int(rng, 7, 9))
            index = uniform_int(rng, -NORMAL_END // step, NORMAL_END // step)
            add((index | 1) * step + uniform_int(rng, -1, 1))
        while len(found) < ROWS_NORMAL:
            add(uniform_int(rng, -NORMAL_END, NORMAL_END))
    return sorted(found)


def normal_series(x, density):
    """N(x) = 1/2 + phi(x) (x + x^3/3 + x^5/(3 5) + ...), without erfc."""
    term = total = abs(x)
    k = 1
    while term > mpf(10) ** -mp.dps * total:
        k += 2
        term *= x * x / k
        total += term
    return mpf(1) / 2 + mp.sign(x) * density * total


def normal(numerator):
    x = mpf(numerator) / 2**NORMAL_BITS
    cdf = normal_cdf(x)
    density = mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi)
    gap = abs(cdf - normal_series(x, density))
    assert gap <= mpf(10) ** (5 - mp.dps), "normal series"
    return decimal(cdf, DIGITS), decimal(density, DIGITS)


def normal_rows():
    yield "d_num,cdf,pdf"
    for n in normal_numerators():
        yield ",".join([str(n), *agreed(normal, n)])


# --- natural logarithm --------------------------------------------------------

ROWS_LN = 2_000
LN_BITS = 50


def ln_integers():
    """1, 2, 3, every power of two up to 2^50 and its neighbours, and
    log-uniform integers."""
    rng = random.Random(SEED_LN)
    end = 1 << LN_BITS
    found = {1, 2, 3}
    for bit in range(LN_BITS + 1):
        found.update(n for n in range((1 << bit) - 1, (1 << bit) + 2) if 1 <= n <= end)
    with mp.workdps(DPS):
        while len(found) < ROWS_LN:
            found.add(log_uniform_int(rng, 1, end))
    return sorted(found)


def twice_atanh(a, b):
    """2 atanh(a/b) = ln((b + a)/(b - a)), by its series."""
    z = mpf(a) / b
    power, total, k = z, z, 1
    while abs(power) > mpf(10) ** (-mp.dps - 5):
        power *= z * z
        k += 2
        total += power / k
    return 2 * total


def ln(n):
    value = mp.log(n)
    shift = n.bit_length() - 1
    base = 1 << shift
    series = shift * twice_atanh(1, 3) + twice_atanh(n - base, n + base)
    assert abs(value - series) <= mpf(10) ** (5 - mp.dps), "ln series"
    return decimal(value, DIGITS)


def ln_rows():
    yield "n,ln"
    for n in ln_integers():
        yield f"{n},{agreed(ln, n)}"


# --- command line -------------------------------------------------------------

FILES = {"black76.csv": black76_rows, "normal.csv": normal_rows, "ln.csv": ln_rows}


if __name__ == "__main__":
    sys.exit(files.main(FILES, "reference values for the chips"))
