"""Writes samples/*.json and the Deribit fixtures. Re-running gives the same bytes."""

import json
from pathlib import Path

import accounts
import deribit
import market
import reference

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "samples"
FIXTURES = ROOT / "cli" / "tests" / "fixtures" / "deribit"


def write(path, document):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=2) + "\n", encoding="ascii", newline="\n")


def report(result):
    """The result with money as strings of two decimals."""
    money = lambda x: f"{x:.2f}"
    return {k: v if k == "worst_scenario" else
            [money(x) for x in v] if isinstance(v, list) else money(v)
            for k, v in result.items()}


def main():
    expiries = market.market()
    snapshot = market.snapshot(expiries)
    rules = accounts.policy()
    samples = accounts.accounts()
    venue = deribit.Venue(expiries, snapshot)

    write(SAMPLES / "snapshot.json", snapshot)
    write(SAMPLES / "policy.json", rules)
    write(SAMPLES / "policy-exposures.json", accounts.disclosing(rules))
    write(SAMPLES / "context.json", accounts.context())
    for name, account in samples.items():
        write(SAMPLES / f"{name}.json", account)
    venue.write(FIXTURES)
    write(FIXTURES / "expected_account.json", venue.account)

    expected = {}
    for name, account in {**samples, "deribit-import": venue.account}.items():
        book = venue.snapshot if name == "deribit-import" else snapshot
        result = reference.evaluate(account, book, rules)
        expected[name] = report(result)
        equity, need = result["equity"], result["maintenance_margin"]
        worst = result["worst_scenario"]
        move = rules["scenarios"][worst - 1] if worst else "unmoved"
        print(f"{name}: equity {equity:.2f} requirement {need:.2f} "
              f"({100 * (equity / need - 1):+.1f} %) cash {account['cash']} worst {worst} {move}")
    write(SAMPLES / "expected.json", expected)


if __name__ == "__main__":
    main()
