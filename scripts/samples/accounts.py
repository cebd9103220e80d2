"""The sample accounts, policy and context."""

from decimal import Decimal as D

from market import expiry_time, stamp, text

OWNER = "0x5a9f3c1e7b2d40861c4e9a73f0b8d25566c17e3a"
# Puts equity at about nine tenths of the requirement; make.py prints the ratios.
CASH = {"account": D(51625), "account-small": D(103575), "deribit-import": D(-62925)}
# Off-grid strikes (103750, 3925) are over-the-counter: their volatility is interpolated.
LEGS = [
    ("BTC", "2026-11-21", "102000", "0", "-5"),
    ("BTC", "2026-11-21", "104000", "-4", "-3"),
    ("BTC", "2026-11-21", "106000", "-5", "0"),
    ("BTC", "2026-11-27", "100000", "0", "-6"),
    ("BTC", "2026-11-27", "105000", "-3", "-3"),
    ("BTC", "2026-11-27", "110000", "-8", "0"),
    ("BTC", "2026-12-25", "90000", "0", "-10"),
    ("BTC", "2026-12-25", "100000", "2", "-4"),
    ("BTC", "2026-12-25", "103750", "1.5", "-2.5"),
    ("BTC", "2026-12-25", "110000", "-6", "1"),
    ("BTC", "2026-12-25", "120000", "-9.5", "0"),
    ("BTC", "2027-03-26", "80000", "0", "5"),
    ("BTC", "2027-03-26", "140000", "-8", "0"),
    ("BTC", "2027-06-25", "100000", "3", "-2"),
    ("BTC", "2027-09-24", "160000", "4", "0"),
    ("ETH", "2026-11-21", "3900", "-40", "-30"),
    ("ETH", "2026-11-27", "3800", "0", "-60"),
    ("ETH", "2026-11-27", "4100", "-80", "0"),
    ("ETH", "2026-12-25", "3500", "0", "-100"),
    ("ETH", "2026-12-25", "3925", "20", "-35"),
    ("ETH", "2026-12-25", "4000", "30", "-40"),
    ("ETH", "2026-12-25", "4500", "-120", "0"),
    ("ETH", "2027-03-26", "3000", "0", "80"),
    ("ETH", "2027-03-26", "5000", "-90", "0"),
]
FUTURES = [
    ("BTC", None, "6.5", "103120.5", "1471.905"),
    ("ETH", None, "-150", "3874.15", "-60.4417"),
    ("BTC", "2026-12-25", "-4", "105890", None),
    ("ETH", "2027-03-26", "120", "4011.25", None),
]

# Underlying, funding period in days (None: American), strike, calls, puts.
PERPETUAL = [
    ("BTC", "7", "98000", "0.75", "-2"),
    ("BTC", "7", "112000", "-1.5", "0"),
    ("ETH", "7", "3900", "-10", "-10"),
    ("ETH", None, "3400", "0", "-8"),
    ("ETH", None, "5200", "6", "0"),
]
POWER = [("ETH", "0.02", "15104229.75")]
# Underlying, kind, first and last day, notional, strike.
VARIANCE = [
    ("BTC", "variance", "2026-10-30", "2026-12-25", "-40000", "0.405"),
    ("BTC", "volatility", "2026-10-30", "2026-12-25", "30000", "0.44"),
]
FEW_PERPETUAL = [
    ("BTC", "7", "105000", "-1.25", "0.5"),
    ("ETH", None, "3200", "0", "12"),
]
FEW_POWER = [("ETH", "-0.0125", "15288114.5")]
FEW_VARIANCE = [("BTC", "variance", "2026-10-30", "2026-12-25", "25000", "0.42")]


def policy():
    move = lambda spot, vol, weight="1": {"spot": spot, "vol": vol, "weight": weight}
    both = lambda rate: {"maintenance": rate, "initial": rate}
    near = [move(s, v) for s in ("-0.15", "-0.09", "0.09", "0.15") for v in ("up", "down")]
    small = [move(s, "same") for s in ("-0.06", "-0.03", "0.03", "0.06")]
    tails = [move("-0.4", "up", "0.35"), move("-0.3", "up", "0.5"),
             move("0.3", "up", "0.5"), move("0.4", "up", "0.35")]
    return {
        "version": 2,
        "name": "portfolio-margin-sample",
        "scenarios": near + small + tails,
        "vol_shock": {"up": "0.35", "down": "0.25", "short_power": "0.3", "long_power": "0.3",
                      "floor_seconds": 86400},
        "factors": {"maintenance": "1.1", "initial": "1.3"},
        "contingencies": {
            "short_option": {"netting": "none", **both("0.01")},
            "future": {"on": "mark", **both("0.006")},
        },
        "haircuts": [{"asset": asset, **both(haircut), "moves": True} for asset, haircut in
                     (("BTC", "0.05"), ("ETH", "0.08"), ("SOL", "0.2"), ("USDC", "0.005"))],
        "incentive": {"base": "0.02", "slope": "0.15", "cap": "0.1"},
        "disclosure": {"level": "terms", "repay_tick": "100", "incentive_tick": "0.001"},
    }


def disclosing(rules):
    """The same rules with exposures disclosed."""
    return {
        **rules,
        "name": rules["name"] + "-exposures",
        "disclosure": {**rules["disclosure"], "level": "terms-and-greeks", "exposure_tick": "1000"},
    }


def context():
    return {
        "version": 2,
        "chain_id": 1,
        "verifier": "0x7f1d2c3b4a59687786958473625140f3e2d1c0b9",
        "liquidator": "0x1b6c0e94d2f8a35b7790c4e1d3a2f5867b9c0d1e",
        "deadline": "2099-12-31T00:00:00Z",
        "nonce": 1,
        "max_priority_fee_per_gas": 2000000000,
    }


def make(sequence, salt, cash, collateral, legs, futures):
    return {
        "version": 1,
        "owner": OWNER,
        "sequence": sequence,
        "salt": salt,
        "cash": text(cash),
        "collateral": [{"asset": a, "amount": amount} for a, amount in collateral],
        "futures": [{
            "asset": asset,
            "expiry": date and stamp(expiry_time(date)),
            "size": size,
            "entry": entry,
            **({"funding_index": index} if index else {}),
        } for asset, date, size, entry, index in futures],
        "options": [{
            "asset": asset,
            "expiry": stamp(expiry_time(date)),
            "strike": strike,
            "calls": calls,
            "puts": puts,
        } for asset, date, strike, calls, puts in legs],
    }


def perpetuals(options, power, swaps):
    """The lists of an account that holds perpetual options, power perpetuals and swaps."""
    return {
        "perpetual_options": [{
            "asset": asset,
            "style": "everlasting" if days else "american",
            **({"funding_days": days} if days else {}),
            "strike": strike,
            "calls": calls,
            "puts": puts,
        } for asset, days, strike, calls, puts in options],
        "power_perpetuals": [
            {"asset": asset, "size": size, "entry": entry} for asset, size, entry in power],
        "variance": [{
            "asset": asset,
            "kind": kind,
            "start": stamp(expiry_time(start)),
            "end": stamp(expiry_time(end)),
            "notional": notional,
            "strike": strike,
        } for asset, kind, start, end, notional, strike in swaps],
    }


def accounts():
    """File stem -> account. Salts are fixed here so that the samples are reproducible."""
    mixed = [("BTC", "3.85"), ("ETH", "46"), ("SOL", "950.5"), ("USDC", "182500")]
    main = make(1041, "0x0c41d08f6bb1f7a2935e4d7c80a6215be3f47092d6a81c3f5b9e7d0246813579",
                CASH["account"], mixed, LEGS, FUTURES)
    main |= perpetuals(PERPETUAL, POWER, VARIANCE)
    richer = [("BTC", "8.25"), ("ETH", "110"), ("SOL", "1200.5"), ("USDC", "560000")]
    healthy = {**main, "sequence": 1042,
               "salt": "0x2a7be91d04c35f86e1b0972d4c6a8f3350d1e7249bfa60c8753214e9a0d6bc8f",
               "collateral": [{"asset": a, "amount": n} for a, n in richer]}
    few = [leg for leg in LEGS if leg[1] == "2026-12-25" and leg[2] not in ("3925", "90000")]
    small = make(17, "0x13e5a70d94bc2f681ed7053a9c4b8f2671d0e63a58c2974fb10d8e3f6a257cb4",
                 CASH["account-small"], mixed[:2] + [("USDC", "60000")], few, FUTURES[:3])
    small |= perpetuals(FEW_PERPETUAL, FEW_POWER, FEW_VARIANCE)
    small["collateral"][0]["amount"] = "0.95"
    small["collateral"][1]["amount"] = "14.5"
    return {"account": main, "account-healthy": healthy, "account-small": small}
