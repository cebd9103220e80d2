"""Float64 margin evaluator written from the formulas alone, to check the engine against.

Takes the JSON documents, shares no code with the engine or with the sample maker.
"""

from datetime import datetime
from math import erf, log, sqrt

YEAR = 365 * 86_400.0
MONTH = 30 * 86_400.0


def unix(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def cdf(x):
    return 0.5 * (1.0 + erf(x / sqrt(2.0)))


def black76(forward, strike, discount, v):
    """Call and put of total volatility v (not squared)."""
    if v <= 0.0:
        call = max(forward - strike, 0.0)
    else:
        d1 = log(forward / strike) / v + v / 2.0
        call = forward * cdf(d1) - strike * cdf(d1 - v)
    return discount * call, discount * (call - forward + strike)


def total_vol(smile, strike, t):
    """sqrt of total variance, which is linear in strike between nodes and flat outside."""
    nodes = [(float(n["strike"]), float(n["vol"]) ** 2 * t) for n in smile]
    if strike <= nodes[0][0]:
        return sqrt(nodes[0][1])
    for (k0, w0), (k1, w1) in zip(nodes, nodes[1:]):
        if strike <= k1:
            return sqrt(w0 + (w1 - w0) * (strike - k0) / (k1 - k0))
    return sqrt(nodes[-1][1])


def vol_multiplier(policy, move, seconds):
    shock = policy["vol_shock"]
    term = (MONTH / max(seconds, shock["floor_seconds"])) ** float(shock["power"])
    if move == "up":
        return 1.0 + float(shock["up"]) * term
    if move == "down":
        return max(0.0, 1.0 - float(shock["down"]) * term)
    return 1.0


def value(account, snapshot, policy, spot_move=0.0, vol_move="same"):
    """Value of everything but cash under a joint move."""
    now = unix(snapshot["time"])
    assets = {a["asset"]: a for a in snapshot["assets"]}
    expiries = {(e["asset"], e["expiry"]): e for e in snapshot["expiries"]}
    haircuts = {h["asset"]: float(h["haircut"]) for h in policy["haircuts"]}
    up = 1.0 + spot_move
    total = 0.0
    for c in account["collateral"]:
        spot = float(assets[c["asset"]]["spot"]) * up
        total += float(c["amount"]) * spot * (1.0 - haircuts.get(c["asset"], 1.0))
    for f in account["futures"]:
        size, entry = float(f["size"]), float(f["entry"])
        if f["expiry"] is None:
            perpetual = assets[f["asset"]]["perpetual"]
            mark = float(perpetual["mark"])
            owed = float(perpetual["funding_index"]) - float(f.get("funding_index", "0"))
        else:
            mark, owed = float(expiries[f["asset"], f["expiry"]]["forward"]), 0.0
        total += size * (mark * up - entry) - size * owed
    for o in account["options"]:
        e = expiries[o["asset"], o["expiry"]]
        seconds = unix(e["expiry"]) - now
        strike = float(o["strike"])
        v = total_vol(e["smile"], strike, seconds / YEAR) * vol_multiplier(policy, vol_move, seconds)
        call, put = black76(float(e["forward"]) * up, strike, float(e["discount"]), v)
        total += float(o["calls"]) * call + float(o["puts"]) * put
    return total


def contingencies(account, snapshot, policy):
    assets = {a["asset"]: a for a in snapshot["assets"]}
    expiries = {(e["asset"], e["expiry"]): e for e in snapshot["expiries"]}
    rates = {k: float(v) for k, v in policy["contingencies"].items()}
    total = 0.0
    for o in account["options"]:
        short = max(0.0, -float(o["calls"])) + max(0.0, -float(o["puts"]))
        total += rates["short_option"] * float(assets[o["asset"]]["spot"]) * short
    for f in account["futures"]:
        mark = (assets[f["asset"]]["perpetual"]["mark"] if f["expiry"] is None
                else expiries[f["asset"], f["expiry"]]["forward"])
        total += rates["future"] * float(mark) * abs(float(f["size"]))
    return total


def evaluate(account, snapshot, policy):
    """Equity, requirements, worst scenario (0 is the unmoved market, policy scenarios from 1)."""
    base = value(account, snapshot, policy)
    extra = contingencies(account, snapshot, policy)
    losses = [0.0]
    for s in policy["scenarios"]:
        moved = value(account, snapshot, policy, float(s["spot"]), s["vol"])
        losses.append(float(s["weight"]) * (base - moved))
    worst = max(range(len(losses)), key=losses.__getitem__)
    loss = losses[worst]
    equity = float(account["cash"]) + base
    maintenance = float(policy["factors"]["maintenance"]) * loss + extra
    initial = float(policy["factors"]["initial"]) * loss + extra
    return {
        "equity": equity,
        "maintenance_margin": maintenance,
        "initial_margin": initial,
        "contingencies": extra,
        "shortfall": maintenance - equity,
        "worst_scenario": worst,
        "weighted_losses": losses,
    }
