"""One random portfolio and market, its reference prices (mpmath), and what each tool reads as integers.

    python statement/portfolio.py --seed 1 -o build/portfolio.json

Units: strikes 0.01 USD, sizes 0.001 contracts, cash and threshold 0.00001 USD.
"""

import argparse
import json
import random
from decimal import Decimal
from pathlib import Path

from mpmath import log, mp, mpf, ncdf, nint, sqrt

mp.dps = 50
SLOTS = 32
DAYS = [3, 7, 14, 28, 56, 91, 182, 364]
# The field of BN254's group order: negative integers are written as its residues.
MODULUS = 21888242871839275222246405745257275088548364400416034343698204186575808495617


def black76(forward, strike, discount, v):
    """Call and put of one contract, and d1."""
    d1 = log(forward / strike) / v + v / 2
    call = discount * (forward * ncdf(d1) - strike * ncdf(d1 - v))
    return call, call - discount * (forward - strike)


def expiry(rng, spot, shock, days):
    """Decimals of one expiry in both markets."""
    rate = Decimal(rng.randrange(200, 800)) / 10000
    forward = (spot * (1 + rate * days / 365)).quantize(Decimal("0.01"))
    discount = (1 / (1 + rate * days / 365)).quantize(Decimal("0.00000001"))
    vol = Decimal(rng.randrange(4500, 7500)) / 10000
    moved = (forward * (1 + shock)).quantize(Decimal("0.01"))
    raised = (vol * Decimal("1.35")).quantize(Decimal("0.0001"))
    return {"days": days, "discount": discount, "forwards": [forward, moved], "vols": [vol, raised]}


def real(value):
    return mpf(str(value))


def integers(group, bits):
    """The public numbers of an expiry: fixed point with the given fraction bits."""
    discount = nint(real(group["discount"]) * mpf(2) ** bits["discount"])
    out = {"discount": int(discount), "markets": []}
    for forward, vol in zip(group["forwards"], group["vols"]):
        v = real(vol) * sqrt(mpf(group["days"]) / 365)
        cents = real(forward) * 100
        fixed = int(nint(v * mpf(2) ** bits["v"]))
        step = 1 << (bits["v"] - bits["grid"])
        high = (fixed + step // 2) // step
        out["markets"].append(
            {
                "discounted_forward": int(nint(real(group["discount"]) * cents * mpf(2) ** bits["discount"])),
                "ln_forward": int(nint(log(cents) * mpf(2) ** bits["ln"])),
                "inverse_v": int(nint(mpf(2) ** bits["inverse"] / v)),
                "v": fixed,
                "v_high": high,
                "v_low": fixed - high * step,
            }
        )
    return out


def make(seed):
    rng = random.Random(seed)
    spot = Decimal(rng.randrange(50_000_00, 70_000_00)) / 100
    shock = Decimal("-0.15")
    groups = [expiry(rng, spot, shock, days) for days in DAYS]
    slots = []
    for _ in range(SLOTS):
        number = rng.randrange(len(groups))
        group = groups[number]
        spread = float(group["vols"][0]) * (group["days"] / 365) ** 0.5
        strike = float(spot) * (2.718281828 ** (spread * rng.gauss(0, 1.2)))
        slots.append(
            {
                "expiry": number,
                "strike": max(100, round(strike) * 100),
                "calls": rng.randrange(-20_000, 20_000),
                "puts": rng.randrange(-20_000, 20_000),
            }
        )
    # More short puts than long ones: the shock is a fall.
    for slot in slots[: SLOTS // 2]:
        slot["puts"] = -abs(slot["puts"])
    loss = mpf(0)
    for slot in slots:
        group = groups[slot["expiry"]]
        t = mpf(group["days"]) / 365
        strike = mpf(slot["strike"]) / 100
        slot["reference"] = []
        for sign, forward, vol in zip((1, -1), group["forwards"], group["vols"]):
            call, put = black76(real(forward), strike, real(group["discount"]), real(vol) * sqrt(t))
            slot["reference"].append([mp.nstr(call, 30), mp.nstr(put, 30)])
            loss += sign * (slot["calls"] * call + slot["puts"] * put) / 1000
    cash = int(nint(loss * mpf(10) ** 5)) + rng.randrange(10**9)
    equity = (mpf(cash) - loss * 10**5) / 10**5
    return {
        "seed": seed,
        "slots": slots,
        "expiries": [{**g, "forwards": g["forwards"], "vols": g["vols"]} for g in groups],
        "cash": cash,
        "salt": str(rng.randrange(MODULUS)),
        "loss": mp.nstr(loss, 30),
        "equity": mp.nstr(equity, 30),
        # One dollar above the equity.
        "threshold": int(nint(equity * 10**5)) + 10**5,
        # circom and Noir, then the project's circuit.
        "public": [integers(g, dict(discount=33, v=33, grid=14, ln=18, inverse=16)) for g in groups],
        "zkmargin": [integers(g, dict(discount=33, v=37, grid=17, ln=54, inverse=23)) for g in groups],
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("-o", "--output", type=Path, required=True)
    arguments = parser.parse_args()
    text = json.dumps(make(arguments.seed), indent=1, default=str)
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    arguments.output.write_text(text + "\n")


if __name__ == "__main__":
    main()
