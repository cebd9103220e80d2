"""Writes circuits/tests/goldens/margins.json: the sample accounts under every preset, and the fuzz fixtures, whose policy has every rule.

    python3 scripts/margin/expected.py
"""

import json
import pathlib

import policy as policies
from reference import Account
from terms import incentive

ROOT = pathlib.Path(__file__).parents[2]
ACCOUNTS = ("account", "account-healthy", "account-small")


def read(*path):
    """A JSON file of the repository."""
    return json.loads(ROOT.joinpath(*path).read_text())


def money(amount):
    """Four decimals, so that a cent can be told."""
    return f"{amount:.4f}"


def margins(account, snapshot, policy):
    """What the engine must agree with. Pairs are maintenance and initial. Losses are of the scenarios in the policy's order, before weight and factor."""
    account = Account(account, snapshot, policy)
    report = account.report()
    losses = [account.weighed(account.losses(s["spot"], s["vol"])) for s in account.policy["scenarios"]]
    return {
        "equity": [money(amount) for amount in report.equity.values()],
        "margin": [money(amount) for amount in report.margin.values()],
        "contingencies": {
            name: [money(charge.maintenance), money(charge.initial)] for name, charge in report.contingencies.items()
        },
        "basis": money(report.basis),
        "delta_charge": money(report.delta_charge),
        "losses": [money(loss) for loss in losses],
        "incentive": f"{incentive(account, report):.9f}",
    }


def main():
    """Re-running gives the same numbers."""
    snapshot = read("samples", "snapshot.json")
    expected = {
        name: {
            account: margins(read("samples", f"{account}.json"), snapshot, policies.preset(name))
            for account in ACCOUNTS
        }
        for name in sorted(path.stem for path in policies.PRESETS.glob("*.json"))
    }
    fixture = (read("fuzz-targets", "fixtures", f"{kind}.json") for kind in ("account", "snapshot", "policy"))
    expected["every-rule"] = {"fixture": margins(*fixture)}
    path = ROOT.joinpath("circuits", "tests", "goldens", "margins.json")
    path.write_text(json.dumps(expected, indent=1) + "\n")


if __name__ == "__main__":
    main()
