#!/usr/bin/env python3
"""Compare 300 random rows of black76.csv with QuantLib's blackFormula.

QuantLib works in binary64, so this confirms the formula and the conventions
(discounting, year length, columns), not the digits. Differences are relative
to discount * max(forward, strike): an out-of-the-money price is a difference
of two larger numbers, and binary64 cannot resolve it better than that.

    pip install -r requirements-quantlib.txt
    python check_quantlib.py          300 rows; exits 1 above TOLERANCE
    python check_quantlib.py --all    every row
"""

import argparse
import csv
import math
import random
import sys
from decimal import Decimal
from pathlib import Path

import QuantLib as ql

SEED = 76_000_004
SAMPLE = 300
TOLERANCE = 1e-14
YEAR = 365 * 86_400
GOLDENS = Path(__file__).resolve().parents[2] / "circuits" / "tests" / "goldens"


def main():
    parser = argparse.ArgumentParser(description="black76.csv against QuantLib")
    parser.add_argument("--all", action="store_true", help="every row, not 300")
    args = parser.parse_args()
    with (GOLDENS / "black76.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    picked = range(len(rows))
    if not args.all:
        picked = random.Random(SEED).sample(picked, SAMPLE)
    worst, worst_usd, visible = (0.0, None), 0.0, 0
    for index in picked:
        row = rows[index]
        forward, strike, discount = (
            float(row[key]) for key in ("forward", "strike", "discount")
        )
        deviation = float(row["vol"]) * math.sqrt(int(row["seconds"]) / YEAR)
        scale = discount * max(forward, strike)
        if min(float(row["call"]), float(row["put"])) > 1e-9 * scale:
            visible += 1
        for kind, name in ((ql.Option.Call, "call"), (ql.Option.Put, "put")):
            value = ql.blackFormula(kind, strike, forward, deviation, discount)
            usd = abs(float(Decimal(value) - Decimal(row[name])))
            worst_usd = max(worst_usd, usd)
            if usd / scale > worst[0]:
                worst = (usd / scale, f"line {index + 2}, {name}")
    print(f"QuantLib {ql.__version__}: {len(picked)} rows, calls and puts")
    print(f"rows where both prices exceed 1e-9 of the scale: {visible}")
    print(f"max difference / (discount * max(F, K)): {worst[0]:.3e} ({worst[1]})")
    print(f"max difference in USD: {worst_usd:.3e}")
    return 0 if worst[0] <= TOLERANCE else 1


if __name__ == "__main__":
    sys.exit(main())
