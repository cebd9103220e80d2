"""The sample market: spots, forwards, discounts, smiles and the perpetuals' numbers in exact decimals.

`Decimal.ln`, `exp` and `sqrt` are correctly rounded, so the files are the same on every machine.
"""

import random
from datetime import datetime, timezone
from decimal import ROUND_HALF_EVEN, Decimal as D, getcontext

getcontext().prec = 40

SEED = 20261120
TIME = datetime(2026, 11, 20, 8, tzinfo=timezone.utc)
YEAR = 365 * 86_400
# Carry of the futures curve (slight contango) and the rate behind the discount factors.
CARRY = {"BTC": D("0.062"), "ETH": D("0.051")}
RATE = D("0.041")
SPOT = {"BTC": D("104380.25"), "ETH": D("3912.4"), "SOL": D("186.72"), "USDC": D("0.9998")}
PERPETUAL = {
    "BTC": {"mark": D("104412.5"), "funding_index": D("1482.3575")},
    "ETH": {"mark": D("3913.35"), "funding_index": D("-61.8042")},
}
# For policies that the sample policies are not: realised volatility of 24 hours, liquidity in USD, oracle confidence,
# funding of the next 8 hours, the protocol's assets over liabilities.
REALISED_VOL = {"BTC": "0.4725", "ETH": "0.7135", "SOL": "0.935", "USDC": "0.0042"}
LIQUIDITY = {"BTC": "185000000", "ETH": "96000000", "SOL": "21500000", "USDC": "430000000"}
CONFIDENCE = {"SOL": "0.96"}
FUNDING_RATE = {"BTC": "0.0001", "ETH": "-0.00004"}
SOLVENCY = "1.062"
# What perpetual options and power perpetuals are financed at: the rate behind the discount factors.
FINANCED = ("BTC", "ETH")
EVERLASTING = [("BTC", "7", "0.4475"), ("ETH", "7", "0.6625")]
AMERICAN = [("ETH", "0.655", "0.028")]
POWER = [("ETH", "7", "0.6625")]
# Underlying, first and last day, discount, realised variance, implied and fair volatility.
VARIANCE = [("BTC", "2026-10-30", "2026-12-25", "0.996073", "0.168921", "0.4512", "0.4293")]
DATES = ["2026-11-21", "2026-11-27", "2026-12-25", "2027-03-26", "2027-06-25", "2027-09-24"]
# Strike steps per date as on a venue: lower wing, core, upper wing.
STEPS = {
    "BTC": [(1000, 500, 1000), (2000, 1000, 2000), (5000, 2000, 5000),
            (10000, 5000, 10000), (10000, 5000, 20000), (10000, 5000, 20000)],
    "ETH": [(50, 25, 50), (100, 50, 100), (200, 100, 200),
            (200, 200, 500), (200, 200, 500), (200, 200, 1000)],
}
# At-the-money volatility, slope and curvature in standardised log-moneyness.
SMILE = {
    "BTC": [("0.412", "-0.010", "0.0220"), ("0.438", "-0.014", "0.0240"),
            ("0.467", "-0.018", "0.0230"), ("0.492", "-0.020", "0.0210"),
            ("0.508", "-0.016", "0.0190"), ("0.519", "-0.011", "0.0180")],
    "ETH": [("0.598", "-0.014", "0.0260"), ("0.631", "-0.019", "0.0270"),
            ("0.662", "-0.024", "0.0250"), ("0.684", "-0.022", "0.0230"),
            ("0.697", "-0.017", "0.0200"), ("0.706", "-0.012", "0.0190")],
}
CORE, WING = 14, 6


def places(value, digits):
    """Rounded half to even at `digits` decimal places."""
    return value.quantize(D(1).scaleb(-digits), rounding=ROUND_HALF_EVEN)


def text(value):
    """A decimal string without trailing zeros, as the model prints it."""
    plain = format(D(value), "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def stamp(moment):
    """RFC 3339 in UTC."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def expiry_time(date):
    """08:00 UTC of a date, when listed contracts settle."""
    return datetime.strptime(date, "%Y-%m-%d").replace(hour=8, tzinfo=timezone.utc)


def years(moment):
    """Years of 365 days from the snapshot."""
    return D(int((moment - TIME).total_seconds())) / YEAR


def strikes(forward, low, core, high):
    """26 strikes: a fine core around the forward and coarser wings on their own grids."""
    middle = int(forward / core) * core
    inner = [middle + core * i for i in range(-(CORE // 2) + 1, CORE // 2 + 1)]
    below = [(inner[0] - 1) // low * low - low * i for i in range(WING)]
    above = [inner[-1] // high * high + high * (i + 1) for i in range(WING)]
    return [D(k) for k in sorted(below) + inner + above]


def vol(forward, strike, t, atm, slope, curve, noise):
    """A skewed U: quadratic near the money, linear in the wings."""
    x = (strike / forward).ln() / (D(atm) * max(t, D(3) / 365).sqrt())
    bend = D(curve) * x * x / (1 + abs(x) / 4)
    return places(D(atm) + D(slope) * x + bend + noise, 4)


def market():
    """{assets: {name: spot}, expiries: [...]} with decimals unformatted."""
    rng = random.Random(SEED)
    expiries = []
    for asset in ("BTC", "ETH"):
        for date, steps, shape in zip(DATES, STEPS[asset], SMILE[asset]):
            when = expiry_time(date)
            t = years(when)
            forward = places(SPOT[asset] * (CARRY[asset] * t).exp(), 2)
            nodes = []
            for strike in strikes(forward, *steps):
                noise = D(rng.randint(-8, 8)) / 10_000
                nodes.append((strike, vol(forward, strike, t, *shape, noise)))
            expiries.append({
                "asset": asset,
                "expiry": when,
                "forward": forward,
                "discount": places((-RATE * t).exp(), 12),
                "smile": nodes,
            })
    return expiries


def snapshot(expiries):
    """The snapshot document."""
    assets = []
    for name, spot in SPOT.items():
        asset = {"asset": name, "spot": text(spot)}
        if name in FINANCED:
            asset["rate"] = text(RATE)
        if name in CONFIDENCE:
            asset["confidence"] = CONFIDENCE[name]
        asset |= {"realised_vol_24h": REALISED_VOL[name], "liquidity": LIQUIDITY[name]}
        if name in PERPETUAL:
            asset["perpetual"] = {k: text(v) for k, v in PERPETUAL[name].items()}
            asset["perpetual"]["funding_rate"] = FUNDING_RATE[name]
        assets.append(asset)
    return {
        "version": 1,
        "sequence": 48211,
        "time": stamp(TIME),
        "assets": assets,
        "expiries": [{
            "asset": e["asset"],
            "expiry": stamp(e["expiry"]),
            "forward": text(e["forward"]),
            "discount": text(e["discount"]),
            "smile": [{"strike": text(k), "vol": text(v)} for k, v in e["smile"]],
        } for e in expiries],
        "everlasting": [
            {"asset": a, "funding_days": days, "vol": vol} for a, days, vol in EVERLASTING],
        "american": [{"asset": a, "vol": vol, "dividend": q} for a, vol, q in AMERICAN],
        "power": [{"asset": a, "funding_days": days, "vol": vol} for a, days, vol in POWER],
        "variance": [{
            "asset": a,
            "start": stamp(expiry_time(start)),
            "end": stamp(expiry_time(end)),
            "discount": discount,
            "realised_variance": realised,
            "implied_vol": implied,
            "fair_vol": fair,
        } for a, start, end, discount, realised, implied, fair in VARIANCE],
        "protocol": {"solvency": SOLVENCY},
    }
