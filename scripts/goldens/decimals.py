"""Exact decimal rendering of high-precision values.

A file holds plain decimals (never an exponent), rounded half away from zero.
"""

from fractions import Fraction

from mpmath import mp, mpf

DPS = 60
CHECK_DPS = 90


def fixed(units, places):
    """The integer `units` of 10^-places as a decimal with `places` decimals."""
    whole, frac = divmod(abs(units), 10**places)
    sign = "-" if units < 0 else ""
    return f"{sign}{whole}.{frac:0{places}d}" if places else f"{sign}{whole}"


def to_fraction(x):
    """The exact value of an mpf >= 0 (a Fraction is returned as it is)."""
    if isinstance(x, Fraction):
        return x
    man, exp = int(x.man), int(x.exp)
    return Fraction(man << exp) if exp >= 0 else Fraction(man, 1 << -exp)


def decimal(x, digits, max_places=None):
    """An mpf or a Fraction in plain notation, rounded half away from zero to
    `digits` significant digits and to no more than `max_places` decimals. Zero,
    and what rounds to it, is "0"."""
    if x < 0:
        text = decimal(-x, digits, max_places)
        return text if text == "0" else f"-{text}"
    if x == 0:
        return "0"
    estimate = mpf(x.numerator) / x.denominator if isinstance(x, Fraction) else x
    if max_places is not None and estimate < mpf(10) ** -(max_places + 2):
        return "0"
    exact = to_fraction(x)
    places = digits - 1 - int(mp.floor(mp.log10(estimate)))  # settled by the loop
    while True:
        capped = max_places is not None and places >= max_places
        if capped:
            places = max_places
        units = int(exact * Fraction(10) ** places + Fraction(1, 2))  # floor: both >= 0
        if units >= 10**digits:
            places -= 1
        elif not capped and units < 10 ** (digits - 1):
            places += 1
        else:
            break
    if places < 0:
        units, places = units * 10**-places, 0
    return fixed(units, places) if units else "0"


def agreed(compute, *args, dps=DPS, check_dps=CHECK_DPS):
    """compute(*args) at `dps` and at `check_dps` digits; they must be equal (they
    are rendered strings)."""
    with mp.workdps(dps):
        result = compute(*args)
    with mp.workdps(check_dps):
        again = compute(*args)
    if result != again:
        raise ArithmeticError(f"precision too low at {args}: {result} / {again}")
    return result


def rational(function, numbers, digits, max_places):
    """function(*numbers), of fractions and rational, rendered from its exact value.
    It returns one number or a tuple. The same in mpf must agree to within 20
    digits of the working precision."""
    exact = function(*numbers)
    binary = function(*(mpf(x.numerator) / x.denominator for x in numbers))
    exact = exact if isinstance(exact, tuple) else (exact,)
    binary = binary if isinstance(binary, tuple) else (binary,)
    for x, y in zip(exact, binary, strict=True):
        gap = abs(mpf(x.numerator) / x.denominator - y)
        assert gap <= (1 + abs(y)) * mpf(10) ** (20 - mp.dps), numbers
    return tuple(decimal(x, digits, max_places) for x in exact)
