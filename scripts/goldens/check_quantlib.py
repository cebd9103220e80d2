#!/usr/bin/env python3
"""Compare random rows of the files with QuantLib.

    black76.csv, black76_corners.csv   blackFormula, all differences relative to D max(F, K)
    black76_greeks.csv                 AnalyticEuropeanEngine, rows of whole days
    american.csv                       QdFpAmericanEngine (high precision) and finite
                                       differences, with so many years to expiry that
                                       a perpetual option is worth the same

QuantLib works in binary64, so this confirms the formulas and the conventions
(discounting, year length, columns), not the digits: an out-of-the-money price is
a difference of two larger numbers, and binary64 cannot resolve it better than
that.

    pip install -r requirements-quantlib.txt
    python check_quantlib.py          samples; exits 1 above a tolerance
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
GREEK_TOLERANCE = 1e-9
AMERICAN_TOLERANCE = 2e-6  # QdFp, of max(S, K)
GRID_TOLERANCE = 2e-2  # finite differences, first order, of max(S, K)
YEAR = 365 * 86_400
DAY = 86_400
YEARS = 150  # the longest horizon
GOLDENS = Path(__file__).resolve().parents[2] / "circuits" / "tests" / "goldens"

TODAY = ql.Date(1, 1, 2025)
SIDES = ((ql.Option.Call, "call"), (ql.Option.Put, "put"))


def read(name):
    with (GOLDENS / name).open(newline="") as file:
        return list(csv.DictReader(file))


def numbers(row, *names):
    return (float(row[name]) for name in names)


def process(spot, rate, dividend, vol):
    days = ql.Actual365Fixed()

    def curve(x):
        return ql.YieldTermStructureHandle(ql.FlatForward(TODAY, x, days))

    return ql.BlackScholesMertonProcess(
        ql.QuoteHandle(ql.SimpleQuote(spot)),
        curve(dividend),
        curve(rate),
        ql.BlackVolTermStructureHandle(
            ql.BlackConstantVol(TODAY, ql.NullCalendar(), vol, days)
        ),
    )


def european_values(name, rows):
    worst, worst_usd, visible = (0.0, None), 0.0, 0
    for row in rows:
        forward, strike, discount = numbers(row, "forward", "strike", "discount")
        deviation = float(row["vol"]) * math.sqrt(int(row["seconds"]) / YEAR)
        scale = discount * max(forward, strike)
        if min(float(row["call"]), float(row["put"])) > 1e-9 * scale:
            visible += 1
        for kind, side in SIDES:
            value = ql.blackFormula(kind, strike, forward, deviation, discount)
            usd = abs(float(Decimal(value) - Decimal(row[side])))
            worst_usd = max(worst_usd, usd)
            worst = max(
                worst,
                (usd / scale, f"{row['forward']}/{row['strike']}, {side}"),
                key=first,
            )
    print(f"{name}: {len(rows)} rows, both prices above 1e-9 of the scale in {visible}")
    print(f"    max difference / (D max(F, K)): {worst[0]:.3e} ({worst[1]})")
    print(f"    max difference in USD: {worst_usd:.3e}")
    return worst[0] <= TOLERANCE


def first(pair):
    return pair[0]


def european_greeks(rows):
    """With r = q the forward is the spot, and with S = F QuantLib's spot Greeks are the
    forward ones, but for theta, whose discount factor decays, and rho, whose
    forward moves: theta - r V and rho + dividend rho are the report's."""
    worst = {}
    for row in rows:
        forward, strike, vol, discount = numbers(
            row, "forward", "strike", "vol", "discount"
        )
        seconds = int(row["seconds"])
        years = seconds / YEAR
        rate = -math.log(discount) / years
        engine = ql.AnalyticEuropeanEngine(process(forward, rate, rate, vol))
        gamma_scale = discount / (forward * vol * math.sqrt(years))
        vega_scale = discount * forward * math.sqrt(years)
        for kind, side in SIDES:
            option = ql.VanillaOption(
                ql.PlainVanillaPayoff(kind, strike),
                ql.EuropeanExercise(TODAY + seconds // DAY),
            )
            option.setPricingEngine(engine)
            price_scale = discount * max(forward, strike)
            for name, found, column, scale in (
                ("delta", option.delta(), f"{side}_delta", discount),
                ("gamma", option.gamma(), "gamma", gamma_scale),
                ("vega", option.vega(), "vega", vega_scale),
                (
                    "theta",
                    option.theta() - rate * option.NPV(),
                    "theta",
                    price_scale / years,
                ),
                (
                    "rho",
                    option.rho() + option.dividendRho(),
                    f"{side}_rho",
                    price_scale * years,
                ),
            ):
                gap = abs(found - float(row[column])) / scale
                worst[name] = max(worst.get(name, 0.0), gap)
    print(
        f"black76_greeks.csv: {len(rows)} rows of whole days, calls and puts; max difference"
    )
    print("    " + ", ".join(f"{name} {gap:.1e}" for name, gap in worst.items()))
    return max(worst.values()) <= GREEK_TOLERANCE


def horizon(row, side):
    """Years after which what a horizon takes away is below exp(-25) of the value:
    (25 + R |ln(S/S*)|) / (R^2 s^2/2), R = (y+ - y-)/2, S* the critical spot. Infinite
    if the option is never exercised, or so far away that no grid gets there."""
    spot, strike, rate, dividend, vol = numbers(
        row, "spot", "strike", "rate", "dividend", "vol"
    )
    centre = 0.5 - (rate - dividend) / vol**2
    root = math.sqrt(centre**2 + 2 * rate / vol**2)
    y = centre + (root if side == "call" else -root)
    critical = strike * y / (y - 1) if y != 1 else math.inf
    if not 1e-3 < critical / strike < 1e3:
        return math.inf
    return (25 + root * abs(math.log(spot / critical))) / (root * vol) ** 2 * 2


def comparable(row):
    """In the range of doubles and grids."""
    spot, strike, vol = numbers(row, "spot", "strike", "vol")
    return 0.2 <= spot / strike <= 5 and 0.1 <= vol <= 1.5


def american(rows):
    """Rows where the option is alive and its time value is visible."""
    scheme = ql.QdFpAmericanEngine.highPrecisionScheme()
    worst = {"QdFp": 0.0, "finite differences": 0.0}
    count = {
        "call": 0,
        "put": 0,
        "rate < 0": 0,
        "dividend < 0": 0,
        "rate 0": 0,
        "dividend 0": 0,
    }
    for row in rows:
        spot, strike, rate, dividend, vol = numbers(
            row, "spot", "strike", "rate", "dividend", "vol"
        )
        scale = max(spot, strike)
        market = process(spot / scale, rate, dividend, vol)
        for kind, side in SIDES:
            if not row[side]:
                continue
            value = float(row[side])
            intrinsic = max(0.0, (spot - strike) * (1 if side == "call" else -1))
            years = horizon(row, side)
            if years > YEARS or value - intrinsic < 1e-4 * scale:
                continue
            expiry = TODAY + math.ceil(365 * years)
            option = ql.VanillaOption(
                ql.PlainVanillaPayoff(kind, strike / scale),
                ql.AmericanExercise(TODAY, expiry),
            )
            for name, engine in (
                ("QdFp", ql.QdFpAmericanEngine(market, scheme)),
                (
                    "finite differences",
                    ql.FdBlackScholesVanillaEngine(market, 1000, 1000),
                ),
            ):
                option.setPricingEngine(engine)
                worst[name] = max(worst[name], abs(option.NPV() - value / scale))
            count[side] += 1
            for name, sign in (("rate", rate), ("dividend", dividend)):
                if sign <= 0:
                    count[f"{name} < 0" if sign < 0 else f"{name} 0"] += 1
    print("american.csv: " + ", ".join(f"{n} {name}" for name, n in count.items()))
    print(
        "    max difference / max(S, K): "
        + ", ".join(f"{k} {v:.1e}" for k, v in worst.items())
    )
    return (
        worst["QdFp"] <= AMERICAN_TOLERANCE
        and worst["finite differences"] <= GRID_TOLERANCE
    )


def main():
    parser = argparse.ArgumentParser(description="the files against QuantLib")
    parser.add_argument("--all", action="store_true", help="every row, not a sample")
    args = parser.parse_args()
    ql.Settings.instance().evaluationDate = TODAY

    def sample(rows):
        if args.all or len(rows) <= SAMPLE:
            return rows
        return [rows[i] for i in random.Random(SEED).sample(range(len(rows)), SAMPLE)]

    print(f"QuantLib {ql.__version__}")
    days = [
        r
        for r in read("black76_greeks.csv")
        if int(r["seconds"]) and not int(r["seconds"]) % DAY
    ]
    ordinary = [row for row in read("american.csv") if comparable(row)]
    passed = [
        european_values("black76.csv", sample(read("black76.csv"))),
        european_values("black76_corners.csv", sample(read("black76_corners.csv"))),
        european_greeks(sample(days)),
        american(sample(ordinary)),
    ]
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main())
