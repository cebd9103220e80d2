"""Random inputs as integers, from random.Random(seed).getrandbits and mpmath alone.

The platform's libm is never called, so a sample does not depend on the machine.
Call these at a fixed working precision (mp.workdps).
"""

from mpmath import mp, mpf


def unit(rng):
    """Uniform in [0, 1), a multiple of 2^-64, as an mpf."""
    return mpf(rng.getrandbits(64)) / mpf(2) ** 64


def uniform_int(rng, low, high):
    """Uniform integer in [low, high]."""
    return low + int(mp.floor(unit(rng) * (high - low + 1)))


def log_uniform(rng, low, high):
    """Log-uniform real in [low, high)."""
    low, high = mpf(low), mpf(high)
    return low * mp.exp(unit(rng) * mp.log(high / low))


def log_uniform_int(rng, low, high):
    """Log-uniform, rounded to an integer of [low, high]."""
    return min(max(int(mp.nint(log_uniform(rng, low, high))), low), high)


def choose(rng, items, count):
    """`count` different items, drawn one by one."""
    left = list(items)
    return [left.pop(uniform_int(rng, 0, len(left) - 1)) for _ in range(count)]
