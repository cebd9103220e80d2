"""Derive v2-core's PMRM_2 test portfolios through the engine: its margins against the published ones.

    python3 scripts/margin/agree_derive.py ENGINE PATH_OF_A_CLONE_OF_V2_CORE [-v]

ENGINE as for agree.py, portfolios as for derive.py. A portfolio becomes the project's files: every number with their 8 places, but
volatilities, which two nodes beside a strike hold between them; a strike's calls and puts in one entry, the perpetual's unrealised
profit in the cash balance. What the places cost shows where the reference takes the same files.
"""

import argparse
import copy
import json
import math
import pathlib
import re
import subprocess
from collections import Counter

import derive
import policy as policies
from draw import text
from reference import evaluate

WIDTH = 0.01
"""Distance of the nodes that stand for a strike, USD: its volatility is then right to 1e-14."""


def rounded(document, places=8):
    """The document with every number as a decimal of the files; discount factors have 12 places."""
    if isinstance(document, dict):
        return {key: rounded(value, 12 if key == "discount" else 8) for key, value in document.items()}
    if isinstance(document, list):
        return [rounded(item) for item in document]
    number = isinstance(document, (int, float)) and not isinstance(document, bool)
    return text(document, places) if number else document


def account(case):
    """The portfolio as an account file."""
    result = derive.account_of(case)
    mark = case["Scenario"]["PerpPrice"]
    for row in result["futures"]:
        gain = row["size"] * (mark - row["entry"])
        row["entry"], result["cash"] = mark, result["cash"] + gain
    strikes = {}
    for row in result["options"]:
        strike = strikes.setdefault((row["expiry"], row["strike"]), {**row, "calls": 0, "puts": 0})
        strike["calls"] += row["calls"]
        strike["puts"] += row["puts"]
    held = Counter()
    for row in result["collateral"]:
        held[row["asset"]] += row["amount"]
    result["options"] = list(strikes.values())
    result["collateral"] = [{"asset": asset, "amount": amount} for asset, amount in held.items()]
    return {**rounded(result), "version": 1, "owner": "0x" + "11" * 20, "sequence": 1, "salt": "0x" + "00" * 31 + "07"}


def nodes(strike, vol):
    """Two nodes beside a strike between which its volatility has more places than a node has."""
    low = math.floor(vol * 1e8) / 1e8
    high = low + 1e-8
    part = (vol**2 - low**2) / (high**2 - low**2)
    return [
        {"strike": strike - WIDTH * part, "vol": low},
        {"strike": strike + WIDTH * (1 - part), "vol": high},
    ]


def snapshot(case):
    """The market as a snapshot file. Expiries without options have no smile there, a perpetual that nobody holds no mark."""
    result = derive.snapshot_of(case)
    for row in result["expiries"]:
        row["smile"] = [node for given in row["smile"] for node in nodes(given["strike"], given["vol"])]
    result["expiries"] = [row for row in result["expiries"] if row["smile"]]
    for row in result["assets"]:
        if row.get("perpetual", {}).get("mark") == 0:
            del row["perpetual"]
    return {**rounded(result), "version": 1, "sequence": 1}


def policy(case):
    """The parameters as a policy file. Incentive multipliers, which no margin depends on, need liquidity of the market."""
    result = rounded(copy.deepcopy(derive.policy_of(case)))
    result["vol_shock"]["floor_seconds"] = int(result["vol_shock"]["floor_seconds"])
    result["incentive"] = {key: result["incentive"][key] for key in ("base", "slope", "cap")}
    return {**result, "version": 2}


def main():
    """Prints how many agree, and why the others do not."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("engine", help="the built example `margins`")
    parser.add_argument("clone", type=pathlib.Path, help="a clone of github.com/derivexyz/v2-core")
    parser.add_argument("-v", "--verbose", action="store_true")
    options = parser.parse_args()
    cases = []
    for path in sorted((options.clone / derive.CASES).glob("*.json"), key=lambda p: int(re.findall(r"\d+", p.name)[0])):
        cases.append((path.stem, json.loads(path.read_text())))
    agree, refused, worst = Counter(), Counter(), Counter()
    for name, case in cases:
        files = {"snapshot": snapshot(case), "policy": policy(case), "accounts": [account(case)]}
        done = subprocess.run([options.engine], input=json.dumps(files), capture_output=True, text=True, check=False, timeout=60)
        got = json.loads(done.stdout) if done.returncode == 0 else {"error": done.stderr.strip()}
        if "error" in got:
            refused[got["error"]] += 1
            print(f"{name}: refused, {got['error']}")
            continue
        try:
            of_files = evaluate(files["accounts"][0], files["snapshot"], files["policy"])
        except policies.PolicyError as error:
            print(f"{name}: {error}")
            continue
        for kind, key, equity, margin in (
            ("maintenance", "MM", "equity", "maintenance_margin"),
            ("initial", "IM", "equity_initial", "initial_margin"),
        ):
            published = case["Result"][key]
            balance = float(got[equity]) - float(got[margin])
            against = {
                "published": derive.relative(balance, published),
                "reference, same files": derive.relative(balance, of_files.balance(kind)),
                "reference on the files, published": derive.relative(of_files.balance(kind), published),
            }
            for what, off in against.items():
                agree[kind, what] += off <= derive.TOLERANCE
                worst[kind, what] = max(worst[kind, what], off)
            if options.verbose and against["published"] > derive.TOLERANCE:
                print(f"{name}: {kind} {balance}, published {published}: " + ", ".join(f"{w} {o:.1e}" for w, o in against.items()))
    print(f"portfolios {len(cases)}, refused {sum(refused.values())}")
    for (kind, what), off in worst.items():
        print(f"{kind:<12} {what:<36} {agree[kind, what]} agree to {derive.TOLERANCE:g}, worst of all {off:.1e}")


if __name__ == "__main__":
    main()
