"""How far the engine is from this reference, over random accounts.

    python3 scripts/margin/agree.py ENGINE [--accounts 2400] [--seed 1]

ENGINE is the built example `margins` (cargo build --release -p zkmargin-circuits --example margins). Accounts are drawn over the five
presets and a policy with every rule, all instruments, and cash near the threshold of liquidation.
"""

import argparse
import json
import math
import random
import subprocess
from collections import Counter, defaultdict

import draw
import policy as policies
import terms as payoffs
from reference import Account

EACH = 20
"""Accounts of one market under one policy."""


def near(rng, account, market, policy):
    """The account with cash that puts equity within some power of ten of the maintenance margin."""
    balance = Account(account, market, policy).report().balance()
    offset = rng.choice((-1, 1)) * 10 ** rng.uniform(-7, 5)
    return {**account, "cash": draw.text(offset - balance)}


def markets(rng, count):
    """Documents for the engine: snapshot, policy, accounts."""
    names = [*draw.PRESETS, "everything"]
    for i in range(math.ceil(count / EACH)):
        name = names[i % len(names)]
        policy = draw.everything(rng) if name == "everything" else policies.preset(name)
        market = draw.snapshot(rng, expiries=2 if len(policy["scenarios"]) > 20 else 3)
        accounts = [near(rng, draw.account(rng, market), market, policy) for _ in range(EACH)]
        yield {"snapshot": market, "policy": policy, "accounts": accounts}


def numbers(account, report):
    """The reference's numbers by name, as the engine's report has them."""
    result = {
        "equity": report.equity["maintenance"],
        "equity_initial": report.equity["initial"],
        "maintenance_margin": report.margin["maintenance"],
        "initial_margin": report.margin["initial"],
        "basis": report.basis,
        "delta_charge": report.delta_charge,
        "illiquidity": payoffs.illiquidity(account, report.collateral),
        "solvency": payoffs.solvency(account),
    }
    for name, charge in report.contingencies.items():
        result[f"{name} maintenance"], result[f"{name} initial"] = charge.maintenance, charge.initial
    for i, (scenario, loss) in enumerate(zip(account.policy["scenarios"], report.scenarios)):
        result[f"scenario {i + 1}"] = loss / scenario["weight"]
    return result


def engine_numbers(got):
    """The same of the engine's report."""
    names = ("equity", "equity_initial", "maintenance_margin", "initial_margin", "basis", "delta_charge")
    result = {name: float(got[name]) for name in names}
    result.update({name: float(value) for name, value in got["collateral_mix"].items()})
    for name, charge in got["contingencies"].items():
        for kind, value in charge.items():
            result[f"{name} {kind}"] = float(value)
    for row in got["scenarios"][1:]:
        result[f"scenario {row['id']}"] = -float(row["pnl"])
    return result


def gross(account):
    """Notional of all positions, USD: what a rounding error is in proportion to."""
    total = abs(account.cash) + sum(abs(account.collateral_value(*held)) for held in account.held)
    for line in account.lines:
        spot = account.market.assets[line.asset].spot
        if line.kind == "power":
            spot *= spot
        total += abs(line.size) * (1 if line.kind == "swap" else spot)
    return total


def verdict(balance, got):
    """Whether the engine's verdict is the reference's, or lies within its error bound."""
    expected = "under-margined" if balance < 0 else "healthy"
    if got["verdict"] == expected:
        return "same"
    # From above, the bound is as far off as from below; the float's own error comes on top.
    band = 2 * float(got["epsilon"]) + 1e-6
    return "band" if abs(balance) <= band else "differs"


GROUPS = ("maintenance_margin", "initial_margin", "equity", "equity_initial", "scenario losses", "basis", "delta_charge")


class Tally:
    """The greatest differences, and every verdict that differs."""

    def __init__(self, verbose):
        self.verbose = verbose
        self.worst = defaultdict(lambda: [0.0, 0.0])
        self.counts, self.errors, self.policies, self.terms = Counter(), Counter(), Counter(), Counter()

    def add(self, got, account, document):
        """Compares one report."""
        if "error" in got:
            self.errors[got["error"]] += 1
            return
        name = document["policy"]["name"]
        self.policies[name] += 1
        reference = Account(account, document["snapshot"], document["policy"])
        report, found, size = reference.report(), engine_numbers(got), gross(reference)
        for key, expected in numbers(reference, report).items():
            off = abs(found[key] - expected)
            group = "scenario losses" if key.startswith("scenario ") else key
            parts = off / max(1.0, abs(expected)), off / max(1.0, size)
            self.worst[name, group] = [max(*pair) for pair in zip(self.worst[name, group], parts)]
            if parts[0] > self.verbose:
                print(f"{name}: {key}: engine {found[key]}, reference {expected}")
        outcome = verdict(report.balance(), got)
        self.counts[f"{outcome} {got['verdict']}"] += 1
        if outcome == "differs":
            print(f"{name}: engine {got['verdict']}, reference's balance {report.balance()}, epsilon {got['epsilon']}")
        if got["terms"]:
            self.terms[self.same_terms(got["terms"], payoffs.terms(reference, report) or {})] += 1

    @staticmethod
    def same_terms(got, wanted):
        """Whether repay and incentive are the same to the tick; a shortfall next to a tick may round to either side."""
        pairs = [(float(got[ours]), wanted.get(theirs, 0.0)) for ours, theirs in (("repay", "repay"), ("incentive_rate", "incentive"))]
        return "same" if all(abs(a - b) < 1e-9 for a, b in pairs) else "differ"

    def show(self):
        """Prints the tables: differences relative to the number (at least 1 USD), and to the account's notional."""
        print("accounts", sum(self.policies.values()), dict(self.policies))
        for error, count in self.errors.items():
            print("refused", count, error)
        names = list(self.policies)
        print(f"{'':<24}" + "".join(f"{name:>20}" for name in names))
        groups = {group for _, group in self.worst}
        for group in [*GROUPS, *sorted(groups - set(GROUPS))]:
            cells = (self.worst[name, group] for name in names)
            print(f"{group:<24}" + "".join(f"{a:>11.1e}{b:>9.0e}" for a, b in cells))
        print("verdicts", dict(self.counts))
        print("terms", dict(self.terms))


def main():
    """Prints the greatest differences, and every verdict that differs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("engine", help="the built example `margins`")
    parser.add_argument("--accounts", type=int, default=2400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("-v", "--verbose", type=float, default=1e-7, help="print differences above this")
    options = parser.parse_args()
    rng = random.Random(options.seed)
    documents = list(markets(rng, options.accounts))
    lines = "\n".join(json.dumps(document) for document in documents)
    done = subprocess.run([options.engine], input=lines, capture_output=True, text=True, check=True)
    reports = iter(done.stdout.splitlines())
    tally = Tally(options.verbose)
    for document in documents:
        for account in document["accounts"]:
            tally.add(json.loads(next(reports)), account, document)
    tally.show()


if __name__ == "__main__":
    main()
