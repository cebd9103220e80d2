"""Float64 margin evaluator written from the formulas alone, to check the engine against.

Takes the JSON documents, shares no code with the engine or with the sample maker. The formulas are those of
docs/instruments.md and docs/statement.md. Of the policy it knows what samples/policy.json has; scripts/margin knows all of it.
"""

from datetime import datetime
from decimal import Decimal
from math import erf, log, sqrt

YEAR = 365 * 86_400.0
MONTH = 30 * 86_400.0
# The least volatility of a perpetual option under a scenario.
LEAST_VOL = 0.001


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
    power = shock["short_power"] if seconds <= MONTH else shock["long_power"]
    term = (MONTH / max(seconds, shock["floor_seconds"])) ** float(power)
    if move == "up":
        return 1.0 + float(shock["up"]) * term
    if move == "down":
        return max(0.0, 1.0 - float(shock["down"]) * term)
    return 1.0


def everlasting(spot, strike, rate, vol, years):
    """Call and put, funded over `years`, financed at `rate`."""
    b = 0.5 - rate / vol**2
    root = sqrt(b * b + 2.0 * (rate + 1.0 / years) / vol**2)
    upper, lower = b + root, b - root
    discount = 1.0 / (1.0 + rate * years)
    g = rate * years * discount
    if spot < strike:
        extra = strike * (1.0 - lower * g) / (2.0 * root) * (spot / strike) ** upper
        return extra, extra - spot + strike * discount
    extra = strike * (1.0 - upper * g) / (2.0 * root) * (spot / strike) ** lower
    return extra + spot - strike * discount, extra


def american(spot, strike, rate, dividend, vol, side):
    """One perpetual American option; `side` is "call" (dividend >= 0) or "put" (rate >= 0)."""
    a = 0.5 - (rate - dividend) / vol**2
    root = sqrt(max(0.0, a * a + 2.0 * rate / vol**2))
    if side == "call":
        y = a + root
        if y <= 1.0:
            return spot
        critical = strike * y / (y - 1.0)
        if spot >= critical:
            return spot - strike
    else:
        y = a - root
        if y >= 0.0:
            return strike
        critical = strike * y / (y - 1.0)
        if spot <= critical:
            return strike - spot
    return abs(critical - strike) * (spot / critical) ** y


def power_mark(spot, rate, vol, years):
    """A power perpetual of one unit."""
    return spot * spot / (1.0 - (rate + vol * vol) * years)


def find(rows, **keys):
    """The one row of a list with these fields."""
    row, = (r for r in rows if all(r.get(k) == v for k, v in keys.items()))
    return row


def shocked(policy, market, vol_move, seconds, least=0.0):
    """A market's implied volatility under a move."""
    return max(least, float(market["vol"]) * vol_multiplier(policy, vol_move, seconds))


def funding_seconds(market):
    """The funding period in whole seconds, which scales a vol shock."""
    return int(Decimal(market["funding_days"]) * 86_400)


def perpetual_option(o, snapshot, policy, up, vol_move):
    """Value of one strike's calls and puts."""
    asset = find(snapshot["assets"], asset=o["asset"])
    spot, rate, strike = float(asset["spot"]) * up, float(asset.get("rate", "0")), float(o["strike"])
    calls, puts = float(o["calls"]), float(o["puts"])
    if o["style"] == "everlasting":
        market = find(snapshot["everlasting"], asset=o["asset"], funding_days=o["funding_days"])
        vol = shocked(policy, market, vol_move, funding_seconds(market), LEAST_VOL)
        call, put = everlasting(spot, strike, rate, vol, float(market["funding_days"]) / 365.0)
        return calls * call + puts * put
    market = find(snapshot["american"], asset=o["asset"])
    vol = shocked(policy, market, vol_move, YEAR, LEAST_VOL)
    dividend = float(market.get("dividend", "0"))
    total = 0.0
    for side, size in (("call", calls), ("put", puts)):
        if size:
            total += size * american(spot, strike, rate, dividend, vol, side)
    return total


def power_price(asset, snapshot, policy, spot_move=0.0, vol_move="same"):
    """Mark of an asset's power perpetual under a move."""
    underlying = find(snapshot["assets"], asset=asset)
    market = find(snapshot["power"], asset=asset)
    vol = shocked(policy, market, vol_move, funding_seconds(market))
    spot = float(underlying["spot"]) * (1.0 + spot_move)
    return power_mark(spot, float(underlying.get("rate", "0")), vol,
                      float(market["funding_days"]) / 365.0)


def swap(v, snapshot, policy, spot_move, vol_move):
    """Value of a variance or volatility swap."""
    market = find(snapshot["variance"], asset=v["asset"], start=v["start"], end=v["end"])
    start, now, end = unix(v["start"]), unix(snapshot["time"]), unix(v["end"])
    life = end - start

    def fair_variance(move, jump):
        vol = float(market["implied_vol"]) * vol_multiplier(policy, move, end - now)
        realised = float(market["realised_variance"]) * (now - start) / life
        return realised + vol * vol * (end - now) / life + log(1.0 + jump) ** 2 / (life / YEAR)

    moved = fair_variance(vol_move, spot_move)
    strike = float(v["strike"])
    notional = float(v["notional"]) * float(market["discount"])
    if v["kind"] == "variance":
        return notional * (moved - strike * strike)
    base, fair = fair_variance("same", 0.0), float(market["fair_vol"])
    if (vol_move, spot_move) != ("same", 0.0):
        convexity = sqrt(base) - fair
        root = sqrt(moved)
        fair = min(max(root - convexity * (base / moved) ** 1.5, 0.0), root) if moved else 0.0
    return notional * (fair - strike)


def value(account, snapshot, policy, spot_move=0.0, vol_move="same"):
    """Value of everything but cash under a joint move. Of collateral the haircut stays and the whole value moves."""
    now = unix(snapshot["time"])
    assets = {a["asset"]: a for a in snapshot["assets"]}
    expiries = {(e["asset"], e["expiry"]): e for e in snapshot["expiries"]}
    haircuts = {h["asset"]: h for h in policy["haircuts"]}
    up = 1.0 + spot_move
    total = 0.0
    for c in account["collateral"]:
        rule = haircuts.get(c["asset"])
        if rule:
            moved = spot_move if rule["moves"] else 0.0
            counted = 1.0 - float(rule["maintenance"]) + moved
            total += float(c["amount"]) * float(assets[c["asset"]]["spot"]) * counted
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
    for o in account.get("perpetual_options", []):
        total += perpetual_option(o, snapshot, policy, up, vol_move)
    for p in account.get("power_perpetuals", []):
        mark = power_price(p["asset"], snapshot, policy, spot_move, vol_move)
        total += float(p["size"]) * (mark - float(p["entry"]))
    for v in account.get("variance", []):
        total += swap(v, snapshot, policy, spot_move, vol_move)
    return total


def contingencies(account, snapshot, policy):
    assets = {a["asset"]: a for a in snapshot["assets"]}
    expiries = {(e["asset"], e["expiry"]): e for e in snapshot["expiries"]}
    rates = {k: float(v["maintenance"]) for k, v in policy["contingencies"].items()}
    total = 0.0
    for o in account["options"] + account.get("perpetual_options", []):
        short = max(0.0, -float(o["calls"])) + max(0.0, -float(o["puts"]))
        total += rates["short_option"] * float(assets[o["asset"]]["spot"]) * short
    for f in account["futures"]:
        mark = (assets[f["asset"]]["perpetual"]["mark"] if f["expiry"] is None
                else expiries[f["asset"], f["expiry"]]["forward"])
        total += rates["future"] * float(mark) * abs(float(f["size"]))
    for p in account.get("power_perpetuals", []):
        mark = power_price(p["asset"], snapshot, policy)
        total += rates["future"] * mark * abs(float(p["size"]))
    return total


def evaluate(account, snapshot, policy):
    """Equity, requirements, worst scenario (0 is the unmoved market, policy scenarios from 1)."""
    base = value(account, snapshot, policy)
    extra = contingencies(account, snapshot, policy)
    losses, maintenance, initial = [0.0], [extra], [extra]
    for s in policy["scenarios"]:
        loss = base - value(account, snapshot, policy, float(s["spot"]), s["vol"])
        losses.append(float(s["weight"]) * loss)
        for margins, kind in ((maintenance, "maintenance"), (initial, "initial")):
            margins.append(float(s["weight"]) * float(policy["factors"][kind]) * loss + extra)
    worst = max(range(len(losses)), key=maintenance.__getitem__)
    equity = float(account["cash"]) + base
    return {
        "equity": equity,
        "maintenance_margin": maintenance[worst],
        "initial_margin": max(initial),
        "contingencies": extra,
        "shortfall": maintenance[worst] - equity,
        "worst_scenario": worst,
        "weighted_losses": losses,
    }
