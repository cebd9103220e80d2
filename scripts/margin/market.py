"""A snapshot file as floats: prices in USD, rates and volatilities per year, times in seconds."""

import bisect
import math
from dataclasses import dataclass, field
from datetime import datetime, timezone

from pricing import YEAR


def timestamp(text):
    """Seconds since 1970 of an RFC 3339 time in UTC."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc).timestamp()


@dataclass
class Asset:
    """Spot and what hangs on it. `price` is the spot in units of the stable coin that margins are counted in."""

    spot: float
    price: float
    rate: float = 0.0
    confidence: float = 1.0
    liquidity: float = math.inf
    realised_vol: float = 0.0
    mark: float = None
    funding_index: float = 0.0
    funding_rate: float = 0.0
    perpetual_confidence: float = 1.0


@dataclass
class Expiry:
    """Forward (of which `fixed` no longer follows the spot), discount, smile."""

    seconds: float
    forward: float
    fixed: float
    discount: float
    confidence: float
    strikes: list = field(default_factory=list)
    variances: list = field(default_factory=list)

    @property
    def years(self):
        """Time to expiry."""
        return self.seconds / YEAR

    def moved(self, spot):
        """(forward, part of it that follows the spot) after a relative spot move."""
        moving = (self.forward - self.fixed) * (1 + spot)
        return moving + self.fixed, moving

    def vol(self, strike):
        """Volatility at a strike: total variance linear between nodes, flat outside."""
        at = bisect.bisect_left(self.strikes, strike)
        if at == len(self.strikes):
            return math.sqrt(self.variances[-1])
        if at == 0 or self.strikes[at] == strike:
            return math.sqrt(self.variances[at])
        low, high = self.strikes[at - 1], self.strikes[at]
        part = (strike - low) / (high - low)
        return math.sqrt(self.variances[at - 1] * (1 - part) + self.variances[at] * part)


@dataclass
class Market:
    """One instant of the market, keyed as positions look it up."""

    time: float
    assets: dict
    expiries: dict
    everlasting: dict
    american: dict
    power: dict
    variance: dict
    stable: float
    solvency: float


def read(snapshot):
    """The `Market` of a snapshot document."""
    now = timestamp(snapshot["time"])
    stable = float(snapshot.get("stable", {}).get("price", 1))
    assets = {}
    for row in snapshot["assets"]:
        perpetual = row.get("perpetual", {})
        assets[row["asset"]] = Asset(
            spot=float(row["spot"]),
            price=float(row["spot"]) / stable,
            rate=float(row.get("rate", 0)),
            confidence=float(row.get("confidence", 1)),
            liquidity=float(row.get("liquidity", math.inf)),
            realised_vol=float(row.get("realised_vol_24h", 0)),
            mark=float(perpetual["mark"]) if perpetual else None,
            funding_index=float(perpetual.get("funding_index", 0)),
            funding_rate=float(perpetual.get("funding_rate", 0)),
            perpetual_confidence=float(perpetual.get("confidence", 1)),
        )
    expiries = {}
    for row in snapshot.get("expiries", []):
        nodes = sorted((float(node["strike"]), float(node["vol"]) ** 2) for node in row["smile"])
        expiries[row["asset"], row["expiry"]] = Expiry(
            seconds=max(0.0, timestamp(row["expiry"]) - now),
            forward=float(row["forward"]),
            fixed=float(row.get("forward_fixed", 0)),
            discount=float(row["discount"]),
            confidence=float(row.get("confidence", 1)),
            strikes=[strike for strike, _ in nodes],
            variances=[variance for _, variance in nodes],
        )

    def by_period(name):
        return {
            (row["asset"], float(row["funding_days"])): float(row["vol"]) for row in snapshot.get(name, [])
        }

    return Market(
        time=now,
        assets=assets,
        expiries=expiries,
        everlasting=by_period("everlasting"),
        american={row["asset"]: (float(row["vol"]), float(row.get("dividend", 0))) for row in snapshot.get("american", [])},
        power=by_period("power"),
        variance={(row["asset"], row["start"], row["end"]): row for row in snapshot.get("variance", [])},
        stable=stable,
        solvency=float(snapshot.get("protocol", {}).get("solvency", math.inf)),
    )
