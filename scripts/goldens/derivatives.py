"""Closed-form Greeks held against numerical differentiation (mpmath.diff)."""

from mpmath import mp, mpf

CLOSE = 25  # digits that must agree
FLOOR = 25  # digits below `scale` where a derivative counts as 0


def check_derivative(function, x, order, closed, scale, what):
    """The `order`-th derivative of `function` at `x` equals `closed`, to CLOSE
    digits of it, or of 10^-FLOOR `scale` (so that what cancels to nothing is not
    compared with rounding noise; no file prints that many decimals)."""
    numeric = mp.diff(function, x, order)
    gap = abs(numeric - closed)
    bound = mpf(10) ** -CLOSE * (abs(closed) + mpf(10) ** -FLOOR * abs(scale))
    if gap > bound:
        raise ArithmeticError(f"{what}: closed form {closed}, mpmath.diff {numeric}")
