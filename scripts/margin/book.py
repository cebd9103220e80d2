"""An account as priced positions: what each is worth in the unmoved market and after a move of spot and volatility.

All money is USD. A `Line` is one instrument with one size: a strike's calls and its puts are two lines.
"""

from dataclasses import dataclass

import pricing
from market import timestamp
from shocks import vol_after


@dataclass
class Line:
    """One priced holding.

    `price(spot, vol)` gives the `Greeks` of one unit after the relative spot move `spot` under the volatility move
    `vol` (a word of the policy). `value` and the cash Greeks below are of the whole holding.
    """

    kind: str
    asset: str
    expiry: str
    strike: float
    side: str
    size: float
    cost: float
    price: object
    slot: tuple = ()
    """Of options: what is netted together, a strike's calls and puts; an American option's sides are apart."""

    def value(self, spot=0.0, vol="same"):
        """USD, less what was paid and funded since."""
        return self.size * self.price(spot, vol).value - self.cost

    def greek(self, name):
        """A cash Greek of the holding."""
        return self.size * getattr(self.price(0.0, "same"), name)


def _futures(account, market):
    for row in account.get("futures", []):
        asset, size = market.assets[row["asset"]], float(row["size"])
        cost = size * float(row["entry"])
        if row.get("expiry") is None:
            cost += size * (asset.funding_index - float(row.get("funding_index", 0)))

            def price(spot, _vol, mark=asset.mark):
                moved = mark * (1 + spot)
                return pricing.Greeks(moved, moved)

            kind = "perpetual"
        else:
            expiry = market.expiries[row["asset"], row["expiry"]]

            def price(spot, _vol, expiry=expiry):
                return pricing.Greeks(*expiry.moved(spot))

            kind = "future"
        yield Line(kind, row["asset"], row["expiry"], 0.0, "", size, cost, price)


def _options(account, market, policy):
    for row in account.get("options", []):
        expiry, strike = market.expiries[row["asset"], row["expiry"]], float(row["strike"])

        def both(spot, vol, expiry=expiry, strike=strike):
            forward, moving = expiry.moved(spot)
            moved = vol_after(policy, expiry.vol(strike), vol, expiry.seconds, strike / forward)
            return pricing.black76(forward, strike, moved, expiry.years, expiry.discount, moving)

        yield from _sides("option", row, row["expiry"], strike, both, "european")


def _perpetual_options(account, market, policy):
    for row in account.get("perpetual_options", []):
        asset, strike = market.assets[row["asset"]], float(row["strike"])
        if row["style"] == "everlasting":
            days = float(row["funding_days"])
            vol0 = market.everlasting[row["asset"], days]

            def both(spot, vol, asset=asset, strike=strike, days=days, vol0=vol0):
                moved = vol_after(policy, vol0, vol, days * 86400)
                return pricing.everlasting(asset.spot * (1 + spot), strike, moved, asset.rate, days / 365)

        else:
            vol0, dividend = market.american[row["asset"]]

            def both(spot, vol, asset=asset, strike=strike, vol0=vol0, dividend=dividend):
                moved = vol_after(policy, vol0, vol, pricing.YEAR)
                return pricing.american(asset.spot * (1 + spot), strike, moved, asset.rate, dividend)

        yield from _sides("perpetual option", row, None, strike, both, row["style"])


def _sides(kind, row, expiry, strike, both, style):
    for i, side in enumerate(("calls", "puts")):
        size = float(row.get(side, 0))
        if size:
            slot = (style, row["asset"], expiry, row.get("funding_days"), strike, side if style == "american" else "")
            yield Line(kind, row["asset"], expiry, strike, side, size, 0.0, lambda s, v, i=i, f=both: f(s, v)[i], slot)


def _power(account, market, policy):
    for row in account.get("power_perpetuals", []):
        asset = market.assets[row["asset"]]
        days, vol0 = next((d, v) for (name, d), v in market.power.items() if name == row["asset"])

        def price(spot, vol, asset=asset, days=days, vol0=vol0):
            moved = vol_after(policy, vol0, vol, days * 86400)
            return pricing.power_perpetual(asset.spot * (1 + spot), moved, asset.rate, days / 365)

        size = float(row["size"])
        yield Line("power", row["asset"], None, 0.0, "", size, size * float(row["entry"]), price)


def _swaps(account, market, policy):
    for row in account.get("variance", []):
        leg = market.variance[row["asset"], row["start"], row["end"]]
        start, end = timestamp(row["start"]), timestamp(row["end"])
        life, elapsed = (end - start) / pricing.YEAR, (market.time - start) / pricing.YEAR
        realised, implied = float(leg["realised_variance"]), float(leg["implied_vol"])
        fair, discount = float(leg["fair_vol"]), float(leg["discount"])
        variance = row["kind"] == "variance"

        def price(spot, vol, life=life, elapsed=elapsed, realised=realised, implied=implied, fair=fair,
                  discount=discount, variance=variance, left=end - market.time):
            before = pricing.total_variance(realised, implied, elapsed, life)
            after = pricing.total_variance(realised, vol_after(policy, implied, vol, left), elapsed, life, spot)
            if variance:
                share = (life - elapsed) / life
                return pricing.Greeks(discount * after, 0.0, 2 * discount / life, 2 * discount * implied * share)
            return pricing.Greeks(discount * pricing.moved_fair_vol(fair, before, after), 0.0, 0.0, discount)

        notional, strike = float(row["notional"]), float(row["strike"])
        cost = notional * discount * (strike**2 if variance else strike)
        yield Line("swap", row["asset"], row["end"], strike, row["kind"], notional, cost, price)


def lines(account, market, policy):
    """Every position of the account but cash and collateral."""
    return [
        *_futures(account, market),
        *_options(account, market, policy),
        *_perpetual_options(account, market, policy),
        *_power(account, market, policy),
        *_swaps(account, market, policy),
    ]
