"""What a liquidation pays and discloses: repay amount, incentive rate, exposures.

    rate = min(cap, (base + slope x shortfall / requirement) x illiquidity x solvency)     the cap when nothing is required
    illiquidity = 1 + scale x sum(value x illiquid) / sum(value)      over the collateral, before haircut; 1 without any
                  illiquid = 1 - min(1, liquidity / depth)            of an asset, liquidity and depth in USD
    solvency    = 1 + scale x (start - ratio) / (start - limit)       the fraction held within 0 and 1

`ratio` is the snapshot's `protocol.solvency` (assets over liabilities of the whole protocol). The solvency multiplier
is rounded down to 1e-8, and so are base and slope times it; results to the policy's ticks. This is the project's own rule; docs/statement.md, Terms.
"""

from shocks import down


def illiquidity(account, collateral):
    """Multiplier by the account's own collateral mix."""
    rule = account.policy["incentive"]["illiquidity"]
    total = sum(collateral.values())
    if rule is None or total <= 0:
        return 1.0

    def illiquid(asset):
        return 1 - min(1.0, account.market.assets[asset].liquidity / rule["depth"])

    return 1 + rule["scale"] * sum(value * illiquid(asset) for asset, value in collateral.items()) / total


def solvency(account):
    """Multiplier by the protocol's distance to its solvency limit."""
    rule = account.policy["incentive"]["solvency"]
    if rule is None:
        return 1.0
    near = (rule["start"] - account.market.solvency) / (rule["start"] - rule["limit"])
    return 1 + down(rule["scale"] * min(1.0, max(0.0, near)), 1e-8)


def incentive(account, report):
    """Rate before rounding. 0 when there is no shortfall."""
    rule = account.policy["incentive"]
    requirement, shortfall = report.margin["maintenance"], -report.balance()
    if shortfall <= 0:
        return 0.0
    if requirement <= 0:
        return rule["cap"]
    base, slope = (down(rule[name] * solvency(account), 1e-8) for name in ("base", "slope"))
    rate = base + slope * shortfall / requirement
    return min(rule["cap"], rate * illiquidity(account, report.collateral))


def terms(account, report):
    """What the policy's disclosure level reveals; None when the account is not under-margined."""
    shortfall = -report.balance()
    if shortfall <= 0:
        return None
    rule = account.policy["disclosure"]
    result = {}
    if rule["level"] != "verdict":
        result["repay"] = down(shortfall, rule["repay_tick"])
        result["incentive"] = down(incentive(account, report), rule["incentive_tick"])
    if rule["level"] == "terms-and-greeks":
        result["exposures"] = {
            asset: {name: down(row[name], rule["exposure_tick"]) for name in ("delta", "gamma", "vega")}
            for asset, row in report.greeks.items()
        }
    return result
