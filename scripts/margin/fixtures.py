"""What the self-tests share: a small market, a policy without anything in it, positions."""

import copy

EXPIRY, NEAR = "2026-12-20T08:00:00Z", "2026-11-20T08:15:00Z"

SNAPSHOT = {
    "time": "2026-11-20T08:00:00Z",
    "assets": [
        {"asset": "BTC", "spot": "100", "confidence": "0.9", "liquidity": "10", "realised_vol_24h": "1.3",
         "perpetual": {"mark": "101", "funding_index": "0", "funding_rate": "0.001", "confidence": "0.4"}},
        {"asset": "USDC", "spot": "1", "confidence": "0.5", "liquidity": "100"},
    ],
    "expiries": [
        {"asset": "BTC", "expiry": EXPIRY, "forward": "102", "discount": "0.99", "confidence": "0.95",
         "smile": [{"strike": "90", "vol": "0.6"}, {"strike": "110", "vol": "0.5"}]},
        {"asset": "BTC", "expiry": NEAR, "forward": "100", "forward_fixed": "50", "discount": "1",
         "smile": [{"strike": "100", "vol": "0.5"}]},
    ],
    "stable": {"price": "1"},
}
PLAIN = {
    "version": 2, "name": "plain", "source": {}, "scenarios": [],
    "factors": {"maintenance": "1", "initial": "1"}, "haircuts": [],
    "incentive": {"base": "0.02", "slope": "0.1", "cap": "0.1"},
    "disclosure": {"level": "terms", "repay_tick": "5", "incentive_tick": "0.001"},
}


def policy(**parts):
    """`PLAIN` with some groups replaced."""
    return {**copy.deepcopy(PLAIN), **parts}


def option(strike, calls, puts, expiry=EXPIRY):
    """One strike of an account."""
    return {"asset": "BTC", "expiry": expiry, "strike": strike, "calls": calls, "puts": puts}


def perpetual(size, entry=101):
    """A perpetual of an account."""
    return {"asset": "BTC", "expiry": None, "size": size, "entry": entry, "funding_index": 0}
