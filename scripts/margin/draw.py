"""Random markets, policies and accounts as the project's documents: decimals as text, with the files' places."""

import copy
import math
from datetime import datetime, timedelta, timezone

import policy as policies

NOW = datetime(2026, 11, 20, 8, tzinfo=timezone.utc)
PRESETS = ("collateral-ratio", "deribit-pm", "derive-pmrm2", "paradex-pm", "standard")
SPOTS = {"BTC": 100_000.0, "ETH": 4_000.0, "SOL": 180.0, "USDC": 1.0, "USDT": 1.0}
TENORS = (0, 900, 86_400, 7 * 86_400, 29 * 86_400, 30 * 86_400, 91 * 86_400, 371 * 86_400)


def text(number, places=8):
    """A decimal of the files."""
    digits = f"{number:.{places}f}".rstrip("0").rstrip(".")
    return "0" if digits in ("", "-0") else digits


def stamp(seconds):
    """The time that lies `seconds` after the snapshot's."""
    return (NOW + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def smile(rng, forward, seconds):
    """Nodes of a convex smile, a few standard deviations wide; none at the forward, where delta jumps at expiry."""
    level, lean, bend = rng.uniform(0.2, 1.2), rng.uniform(-0.2, 0.2), rng.uniform(0, 0.2)
    width = max(0.05, 2.5 * level * math.sqrt(max(seconds, 86_400) / 31_536_000))
    nodes = []
    for i in range(rng.choice((1, 3, 5, 7))):
        k = width * (i - 1.9) / 3
        strike = text(forward * math.exp(k), 2)
        nodes.append({"strike": strike, "vol": text(max(0.1, level + lean * k + bend * k * k), 6)})
    nodes.sort(key=lambda node: float(node["strike"]))
    return [b for a, b in zip([{"strike": "0"}, *nodes], nodes) if float(a["strike"]) < float(b["strike"])]


def _asset(rng, name):
    row = {
        "asset": name,
        "spot": text(SPOTS[name] * math.exp(rng.gauss(0, 0.02 if SPOTS[name] == 1 else 0.3)), 4),
        "realised_vol_24h": text(rng.uniform(0, 2), 4),
        "liquidity": text(rng.uniform(0, 1e8), 2),
        "confidence": text(rng.choice((1, 1, rng.random())), 4),
    }
    if name in ("BTC", "ETH"):
        row["rate"] = text(rng.uniform(0, 0.1), 4)
        row["perpetual"] = {
            "mark": text(float(row["spot"]) * rng.uniform(0.99, 1.01), 2),
            "funding_index": text(rng.gauss(0, 100), 6),
            "funding_rate": text(rng.gauss(0, 1e-4), 6),
            "confidence": text(rng.choice((1, rng.random())), 4),
        }
    return row


def snapshot(rng, expiries=3):
    """A market of five assets, small enough for the public table of every policy drawn here."""
    assets = [_asset(rng, name) for name in SPOTS]
    spot = {row["asset"]: float(row["spot"]) for row in assets}
    result = {"version": 1, "sequence": rng.randrange(1 << 32), "time": stamp(0), "assets": assets, "expiries": []}
    for seconds in sorted(rng.sample(TENORS, expiries)):
        name = rng.choice(("BTC", "BTC", "ETH"))
        forward = text(spot[name] * rng.uniform(0.98, 1.05), 2)
        row = {
            "asset": name,
            "expiry": stamp(seconds),
            "forward": forward,
            "discount": text(math.exp(-rng.uniform(0, 0.1) * seconds / 31_536_000), 12),
            "confidence": text(rng.choice((1, rng.random())), 4),
            "smile": smile(rng, float(forward), seconds),
        }
        if seconds < 1800:
            row["forward_fixed"] = text(float(forward) * rng.uniform(0, 0.9), 4)
        result["expiries"].append(row)
    kinds = rng.sample(("everlasting", "american", "power", "variance"), 2)
    vol = lambda: text(rng.uniform(0.2, 1), 4)
    if "everlasting" in kinds:
        days = text(rng.choice((1, 7, 30)))
        result["everlasting"] = [{"asset": "ETH", "funding_days": days, "vol": vol()}]
    if "american" in kinds:
        result["american"] = [{"asset": "ETH", "vol": vol(), "dividend": text(rng.uniform(0, 0.06), 4)}]
    if "power" in kinds:
        result["power"] = [{"asset": "ETH", "funding_days": "7", "vol": vol()}]
    if "variance" in kinds:
        result["variance"] = [variance(rng)]
    if rng.random() < 0.5:
        result["stable"] = {"price": text(rng.uniform(0.9, 1.05), 6)}
    result["protocol"] = {"solvency": text(rng.uniform(0.95, 1.3), 6)}
    return result


def variance(rng):
    """A swap's market whose fair volatility is somewhat below the root of its fair variance."""
    elapsed, left = (rng.randrange(60, 60_000) * 60 for _ in range(2))
    realised, implied = rng.uniform(0.01, 1), rng.uniform(0.2, 1)
    fair = math.sqrt((realised * elapsed + implied**2 * left) / (elapsed + left))
    return {
        "asset": "BTC",
        "start": stamp(-elapsed),
        "end": stamp(left),
        "discount": text(math.exp(-rng.uniform(0, 0.1) * left / 31_536_000), 12),
        "realised_variance": text(realised, 6),
        "implied_vol": text(implied, 6),
        "fair_vol": text(fair * rng.uniform(0.9, 0.999), 6),
    }


def everything(rng):
    """A policy with every rule that the schema has."""
    rate = lambda low, high: text(rng.uniform(low, high), 6)
    pair = lambda high: dict(zip(("maintenance", "initial"), (text(x, 6) for x in sorted((rng.uniform(0, high), rng.uniform(0, high))))))
    result = copy.deepcopy(policies.preset("derive-pmrm2"))
    result["name"] = "everything"
    moves = [{"spot": text(rng.uniform(-0.6, 0.8), 4), "vol": rng.choice(("up", "down", "same"))} for _ in range(8)]
    moves += [{"spot": "0", "vol": vol} for vol in ("linear", "absolute")]
    result["scenarios"] = [{**move, "weight": rate(0.2, 1)} for move in moves]
    for kind in ("linear", "absolute"):
        result["skew"][kind] = {"cap": rate(0.05, 0.4), "slope": rate(-0.03, 0.1)}
    result["skew"].update(min_width=rate(0.01, 0.1), width_scale=rate(0, 5), vol_base=rate(0.2, 1), vol_slope=rate(-0.2, 0.2))
    result["discount"] = {
        side: {"base": rate(0.9, 1.05), "rate_multiplier": rate(0, 2), "rate_add": rate(0, 0.2)} for side in ("long", "short")
    }
    net = rng.uniform(0.005, 0.1)
    result["delta"] = {"net": text(net, 6), "hedged": text(rng.uniform(0, 2) * net, 6)}
    result["factors"].update(pair(1.5))
    result["factors"] = {
        "maintenance": rate(0.3, 1), "initial": rate(1, 2), "peg": {"threshold": rate(0.9, 1.1), "slope": rate(0, 4)}
    }
    result["long_options"] = rng.choice(("counted", "excluded"))
    short = {"netting": rng.choice(("strike", "none")), **pair(0.2)}
    if short["netting"] == "none" and rng.random() < 0.7:
        short["initial_floor"] = text(float(short["initial"]) * rng.random(), 6)
    result["contingencies"] = {
        "short_option": short,
        "future": {"on": rng.choice(("spot", "mark")), **pair(0.1)},
        "gamma": pair(0.05),
        "vega": pair(0.2),
        "confidence": {"threshold": rate(0.2, 0.9), "margin": rate(0, 1), "asset": rng.choice(("BTC", "ETH"))},
        "provision": {"future": rate(0, 0.002), "option": rate(0, 0.002), "funding_hours": rate(0, 48)},
    }
    result["haircuts"] = [{"asset": name, **pair(0.4), "moves": rng.random() < 0.5} for name in SPOTS if rng.random() < 0.8]
    ramp = lambda cap: {"slope": rate(0, 1), "cap": rate(0, cap)}
    result["volatility_trigger"] = [
        {"asset": name, "reference": rate(0, 1), "factor": ramp(0.5), "haircut": ramp(0.3)} for name in ("BTC", "ETH", "SOL")
    ]
    return result


def _sides(rng, size):
    calls, puts = (rng.choice((0, 1)) * rng.gauss(0, size) for _ in range(2))
    return {"calls": text(calls, 3), "puts": text(puts, 3)}


def account(rng, market):
    """Positions in the market's instruments, no cash."""
    spot = {row["asset"]: float(row["spot"]) for row in market["assets"]}
    unit = lambda name: 10 ** rng.uniform(3, 6) / spot[name]
    coin = lambda count: rng.randrange(count + 1)
    result = {
        "version": 1, "owner": "0x" + "11" * 20, "sequence": 1, "salt": "0x" + "00" * 31 + "07", "cash": "0",
        "collateral": [{"asset": n, "amount": text(unit(n), 4)} for n in spot if rng.random() < 0.4],
        "futures": [], "options": [], "perpetual_options": [], "power_perpetuals": [], "variance": [],
    }
    for row in market["assets"]:
        if "perpetual" in row and rng.random() < 0.5:
            size = text(rng.choice((-1, 1)) * unit(row["asset"]), 3)
            entry = text(spot[row["asset"]] * rng.uniform(0.9, 1.1), 2)
            index = text(rng.gauss(0, 100), 4)
            result["futures"].append({"asset": row["asset"], "expiry": None, "size": size, "entry": entry, "funding_index": index})
    for row in market["expiries"]:
        name, forward = row["asset"], float(row["forward"])
        if rng.random() < 0.3:
            size, entry = text(rng.choice((-1, 1)) * unit(name), 3), text(forward * rng.uniform(0.9, 1.1), 2)
            result["futures"].append({"asset": name, "expiry": row["expiry"], "size": size, "entry": entry})
        strikes = {text(forward * math.exp(rng.gauss(0, 0.15)), 2) for _ in range(coin(5))}
        strikes |= {node["strike"] for node in rng.sample(row["smile"], min(len(row["smile"]), coin(2)))}
        for strike in sorted(strikes):
            result["options"].append({"asset": name, "expiry": row["expiry"], "strike": strike, **_sides(rng, unit(name))})
    perpetual = [{"asset": "ETH", "style": "american"} for _ in market.get("american", [])]
    perpetual += [{"asset": "ETH", "style": "everlasting", "funding_days": e["funding_days"]} for e in market.get("everlasting", [])]
    for row in perpetual:
        strikes = {text(spot["ETH"] * math.exp(rng.gauss(0, 0.3)), 2) for _ in range(coin(2))}
        for strike in sorted(strikes):
            result["perpetual_options"].append({**row, "strike": strike, **_sides(rng, unit("ETH"))})
    for row in market.get("power", []):
        if rng.random() < 0.7:
            size = text(rng.choice((-1, 1)) * unit("ETH") / spot["ETH"], 6)
            result["power_perpetuals"].append({"asset": row["asset"], "size": size, "entry": text(spot["ETH"] ** 2, 2)})
    for row in market.get("variance", []):
        for kind in ("variance", "volatility"):
            if rng.random() < 0.5:
                period = {name: row[name] for name in ("asset", "start", "end")}
                notional, strike = text(rng.gauss(0, 1e5), 2), text(rng.uniform(0.3, 0.9), 4)
                result["variance"].append({**period, "kind": kind, "notional": notional, "strike": strike})
    return result
