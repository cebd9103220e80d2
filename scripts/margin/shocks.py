"""Volatility moves and the static discount.

Sources: Derive v2-core, PMRMLib_2.sol, _addVolShocks, _getExpiryShockedMTM, _getExpirySkewedShockedMTM, _getKStar,
_addStaticDiscount; Paradex documentation, Portfolio Margin (the same term structure of vol shocks).
"""

import math

from pricing import YEAR

MONTH = 30 * 86400
"""Tenor at which a vol shock is at its nominal size, seconds."""


def down(amount, tick):
    """The greatest multiple of the tick that is not above the amount; what a float falls short by counts as the multiple."""
    return math.floor(round(amount / tick, 6)) * tick


def term_factor(shock, seconds):
    """(30 d / max(t, floor))^power; the short power up to 30 days, the long power beyond."""
    power = shock["short_power"] if seconds <= MONTH else shock["long_power"]
    return (MONTH / max(seconds, shock["floor_seconds"])) ** power


def skew_multiplier(skew, kind, seconds, moneyness):
    """Multiplier of a strike's volatility when the wings turn (`linear`) or lift (`absolute`).

    `moneyness` is strike / forward. The cap bounds one side only when it is negative, as in the source.
    """
    root = math.sqrt(seconds / YEAR)
    cap = skew[kind]["cap"] + skew[kind]["slope"] * root
    width = max(skew["min_width"], root * skew["width_scale"] * (skew["vol_base"] + root * skew["vol_slope"]))
    k = math.log(moneyness)
    k = abs(k) if kind == "absolute" else k
    tilt = k * cap / width
    return max(0.0, 1 + (min(cap, tilt) if k >= 0 else max(-cap, tilt)))


def vol_after(policy, vol, move, seconds, moneyness=None):
    """The moved volatility. Skews and `min_vol_up` are for European options only (`moneyness` given)."""
    shock = policy["vol_shock"]
    if move == "up":
        least = 0.0 if moneyness is None else shock["min_vol_up"]
        return max(least, vol * (1 + shock["up"] * term_factor(shock, seconds)))
    if move == "down":
        return vol * max(0.0, 1 - shock["down"] * term_factor(shock, seconds))
    if move in ("linear", "absolute") and moneyness is not None:
        return vol * skew_multiplier(policy["skew"], move, seconds, moneyness)
    return vol


def static_discounts(policy, expiry):
    """(of a positive, of a negative) value of one expiry.

    The venue's rate is -ln(D)/t, so exp(-t (multiplier x rate + add)) = D^multiplier exp(-t add). The discount of a
    negative value never exceeds 1/D. Without a rule of its own it is 1, whatever D.
    """

    def decay(side):
        return expiry.discount ** side["rate_multiplier"] * math.exp(-expiry.years * side["rate_add"])

    long, short = policy["discount"]["long"], policy["discount"]["short"]
    ruled = short != {"base": 1.0, "rate_multiplier": 0.0, "rate_add": 0.0}
    most = 1 / expiry.discount if ruled else 1.0
    return long["base"] * decay(long), min(most, short["base"] / decay(short))
