#!/usr/bin/env python3
"""Everlasting options and power perpetuals against the integral that defines them.

    V = integral over u in (0, inf) of exp(-u) E[exp(-r u T) payoff(S after u T)]

is evaluated by mpmath's quadrature at 30 digits, the expectation being the
Black-Scholes price (or S^2 exp((r + s^2) u T)); no exponent or coefficient of the
closed forms is used. Compared are the worked cases and SAMPLE random rows, half
of them with a time value above 10^-6 of the strike, in each file.

    python check_quadrature.py      exits 1 above TOLERANCE x max(S, K), or x V (power)
"""

import csv
import random
import sys
from pathlib import Path

from mpmath import mp, mpf

GOLDENS = Path(__file__).resolve().parents[2] / "circuits" / "tests" / "goldens"
SEED = 76_000_061
SAMPLE = 400
DPS = 30
TOLERANCE = mpf(10) ** -18
LAST_PLACE = mpf(10) ** -26  # that the files print
YEAR_DAYS = 365
END = (
    11  # in sqrt(u): exp(-121) is left out, at most exp(-96) of the put with r T = -0.2
)


def normal_cdf(x):
    return mp.erfc(-x / mp.sqrt(2)) / 2


def black_scholes(spot, strike, rate, vol, years):
    """(call, put) of a spot asset without yield."""
    v = vol * mp.sqrt(years)
    pv = strike * mp.exp(-rate * years)
    d1 = mp.log(spot / pv) / v + v / 2
    d2 = d1 - v
    return (
        spot * normal_cdf(d1) - pv * normal_cdf(d2),
        pv * normal_cdf(-d2) - spot * normal_cdf(-d1),
    )


def panels(spot, strike, rate, vol, years):
    """Ends of the panels in w = sqrt(u): where the integrand bends. The transition of
    N(d) lies at |ln(S/K)| = s sqrt(u T) or, if the drift gets there, at the time
    when the forward crosses the strike."""
    points = {mpf(0), mpf(1) / 4, mpf(1), mpf(2), mpf(4), mpf(7), mpf(END)}
    distance = abs(mp.log(spot / strike))
    width = distance / (vol * mp.sqrt(years))
    points |= {width / 16, width / 8, width / 4, width / 2, width, 2 * width}
    if rate != 0 and spot != strike:
        crossing = mp.log(strike / spot) / rate / years
        if crossing > 0:
            spread = (
                vol
                * mp.sqrt(crossing * years)
                / abs(rate * years)
                / 2
                / mp.sqrt(crossing)
            )
            points |= {
                mp.sqrt(crossing) + j * spread for j in (-12, -6, -3, 0, 3, 6, 12)
            }
    return sorted(p for p in points if 0 <= p <= END)


def everlasting(side, spot, strike, rate, vol, years):
    """Integral of 2 w exp(-w^2) BS(w^2 T) over w."""

    def integrand(w):
        if w == 0:
            return mpf(0)
        return (
            2
            * w
            * mp.exp(-w * w)
            * black_scholes(spot, strike, rate, vol, w * w * years)[side]
        )

    return mp.quad(integrand, panels(spot, strike, rate, vol, years), maxdegree=8)


def power(spot, rate, vol, years):
    """The exponent's slope is 1 - (r + s^2) T, so that is the scale of u."""
    slope = 1 - (rate + vol**2) * years
    growth = (rate + vol**2) * years

    def integrand(u):
        return spot**2 * mp.exp(-u) * mp.exp(growth * u)

    return mp.quad(integrand, [j / slope for j in (0, 1, 3, 8, 20, 45, 90)])


def rows(name):
    with (GOLDENS / name).open(newline="") as file:
        return [{k: mpf(v) for k, v in row.items()} for row in csv.DictReader(file)]


def main():
    mp.dps = DPS
    rng = random.Random(SEED)
    failed = False

    every = rows("everlasting.csv")
    visible = [r for r in every[3:] if min(r["call"], r["put"]) > r["strike"] / 10**6]
    picked = (
        every[:3]
        + rng.sample(visible, SAMPLE // 2)
        + rng.sample(every[3:], SAMPLE // 2)
    )
    worst, worst_relative = mpf(0), mpf(0)
    for row in picked:
        case = (
            row["spot"],
            row["strike"],
            row["rate"],
            row["vol"],
            row["funding_days"] / YEAR_DAYS,
        )
        # The out-of-the-money side by quadrature, the other one by parity.
        side = 0 if row["spot"] < row["strike"] else 1
        name = ("call", "put")[side]
        gap = abs(everlasting(side, *case) - row[name])
        parity = row["spot"] - row["strike"] / (1 + row["rate"] * case[4])
        gap = max(gap, abs(row["call"] - row["put"] - parity))
        worst = max(worst, gap / max(row["spot"], row["strike"]))
        if row[name] > row["strike"] / 10**6:
            worst_relative = max(worst_relative, gap / row[name])
    print(
        f"everlasting.csv: {len(picked)} rows, worst {mp.nstr(worst, 3)} of max(S, K),"
    )
    print(
        f"    {mp.nstr(worst_relative, 3)} of the option where it is above 10^-6 of the strike"
    )
    failed |= worst > TOLERANCE

    worst = mpf(0)
    picked = rng.sample(rows("power.csv"), SAMPLE)
    for row in picked:
        exact = power(
            row["spot"], row["rate"], row["vol"], row["funding_days"] / YEAR_DAYS
        )
        gap = max(abs(exact - row["value"]) - LAST_PLACE, 0)
        worst = max(worst, gap / exact)
    print(f"power.csv: {len(picked)} rows, worst {mp.nstr(worst, 3)} of the value")
    failed |= worst > TOLERANCE
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
