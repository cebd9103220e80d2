"""Liquidation prices: the spots of one underlying, all else unchanged, at which equity meets the maintenance margin.

Forwards, marks and the asset's own collateral move in proportion; volatilities, discounts and other underlyings stay.
"""

import copy

from reference import Account

REACH = 20.0
STEPS = 400


def moved(snapshot, asset, ratio):
    """The snapshot with one asset's prices multiplied by `ratio`. Fixed parts of a forward stay."""
    result = copy.deepcopy(snapshot)
    for row in result["assets"]:
        if row["asset"] == asset:
            row["spot"] = float(row["spot"]) * ratio
            if "perpetual" in row:
                row["perpetual"]["mark"] = float(row["perpetual"]["mark"]) * ratio
    for row in result["expiries"]:
        if row["asset"] == asset:
            fixed = float(row.get("forward_fixed", 0))
            row["forward"] = fixed + (float(row["forward"]) - fixed) * ratio
    return result


def liquidation_prices(account, snapshot, policy, asset):
    """(below, above): the nearest spots either side of today's at which the verdict changes, or None within a factor of 20.

    An even grid in ln(spot) finds the first change, bisection the place, so two changes within 0.75 % of each other can be missed.
    """
    spot = next(float(row["spot"]) for row in snapshot["assets"] if row["asset"] == asset)

    def breached(ratio):
        return Account(account, moved(snapshot, asset, ratio), policy).report().balance() < 0

    now = breached(1.0)

    def search(direction):
        before = 1.0
        for step in range(1, STEPS + 1):
            after = REACH ** (direction * step / STEPS)
            if breached(after) != now:
                for _ in range(60):
                    middle = (before * after) ** 0.5
                    before, after = (before, middle) if breached(middle) != now else (middle, after)
                return spot * after
            before = after
        return None

    return search(-1), search(1)
