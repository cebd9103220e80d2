"""Self-test of the terms, the liquidation prices and the sample accounts."""

import json
import pathlib
import sys
import unittest

HERE = pathlib.Path(__file__).parent
SAMPLES = HERE.parent.parent / "samples"
sys.path.insert(0, str(HERE))

from fixtures import SNAPSHOT, perpetual, policy  # noqa: E402
from liquidation import liquidation_prices  # noqa: E402
from reference import Account, evaluate  # noqa: E402
from terms import incentive, terms  # noqa: E402


class Terms(unittest.TestCase):
    """Terms and liquidation prices."""

    RULE = policy(
        contingencies={"future": {"on": "mark", "maintenance": "0.5", "initial": "0.5"}},
        haircuts=[{"asset": asset, "maintenance": "0", "initial": "0"} for asset in ("BTC", "USDC")],
    )

    def account(self, rule, snapshot=SNAPSHOT, **parts):
        account = Account({"cash": 30, "futures": [perpetual(1)], **parts}, snapshot, rule)
        return account, account.report()

    def test_plain(self):
        account, report = self.account(self.RULE)
        self.assertAlmostEqual(incentive(account, report), 0.02 + 0.1 * 20.5 / 50.5)
        self.assertEqual(terms(account, report)["repay"], 20)
        self.assertAlmostEqual(terms(account, report)["incentive"], 0.06)

    def test_healthy_has_none(self):
        self.assertIsNone(terms(*self.account(self.RULE, cash=60)))

    def test_illiquidity_and_solvency(self):
        rule = {**self.RULE, "incentive": {"base": "0.02", "slope": "0.1", "cap": "1",
                                           "illiquidity": {"scale": "0.5", "depth": "40"},
                                           "solvency": {"scale": "2", "start": "1.2", "limit": "1"}}}
        collateral = [{"asset": "BTC", "amount": "0.1"}, {"asset": "USDC", "amount": "5"}]
        snapshot = {**SNAPSHOT, "protocol": {"solvency": "1.15"}}
        account, report = self.account(rule, snapshot, collateral=collateral)
        rate = 0.02 + 0.1 * 5.5 / 50.5
        self.assertAlmostEqual(incentive(account, report), rate * (1 + 0.5 * 0.75 * 10 / 15) * 1.5)

    def test_levels(self):
        ticks = {"repay_tick": "5", "incentive_tick": "0.001"}
        for level, tick, names in (("verdict", None, []), ("terms", None, ["repay", "incentive"]),
                                   ("terms-and-greeks", "7", ["repay", "incentive", "exposures"])):
            rule = {**self.RULE, "disclosure": {"level": level, **ticks, "exposure_tick": tick}}
            shown = terms(*self.account(rule))
            self.assertEqual(list(shown), names)
        self.assertEqual(shown["exposures"], {"BTC": {"delta": 98, "gamma": 0, "vega": 0}})

    def test_liquidation_price(self):
        account = {"cash": 60, "futures": [perpetual(1)]}
        below, above = liquidation_prices(account, SNAPSHOT, self.RULE, "BTC")
        mark = (101 - 60) / 0.5
        self.assertAlmostEqual(below, 100 * mark / 101, 9)
        self.assertIsNone(above)


class Samples(unittest.TestCase):
    """The sample accounts under the sample policy, against samples/expected.json, which scripts/samples computes on its own."""

    def test_expected(self):
        rule, snapshot, expected = (
            json.loads((SAMPLES / f"{name}.json").read_text()) for name in ("policy", "snapshot", "expected"))
        for name in ("account", "account-healthy", "account-small"):
            account = json.loads((SAMPLES / f"{name}.json").read_text())
            report, want = evaluate(account, snapshot, rule), expected[name]
            self.assertAlmostEqual(report.equity["maintenance"], float(want["equity"]), 2)
            for kind in ("maintenance", "initial"):
                self.assertAlmostEqual(report.margin[kind], float(want[f"{kind}_margin"]), 2)
            charged = sum(charge.maintenance for charge in report.contingencies.values())
            self.assertAlmostEqual(charged, float(want["contingencies"]), 2)
            for loss, given in zip(report.scenarios, want["weighted_losses"][1:], strict=True):
                self.assertAlmostEqual(loss, float(given), 2)


if __name__ == "__main__":
    unittest.main()
