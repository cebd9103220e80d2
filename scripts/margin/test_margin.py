"""Self-test of the margin: python3 -m unittest discover scripts/margin. No network, no other repository, seconds."""

import json
import math
import pathlib
import sys
import unittest

HERE = pathlib.Path(__file__).parent
SAMPLES = HERE.parent.parent / "samples"
sys.path.insert(0, str(HERE))

import policy as policies  # noqa: E402
import pricing  # noqa: E402
import shocks  # noqa: E402
from fixtures import EXPIRY, NEAR, SNAPSHOT, option, perpetual, policy  # noqa: E402
from reference import Account, evaluate  # noqa: E402

NAMES = ("collateral-ratio", "standard", "derive-pmrm2", "paradex-pm", "deribit-pm")


class Prices(unittest.TestCase):
    """Check values of the design and identities."""

    def test_everlasting(self):
        for spot, want in ((40000, 223.3667), (50000, 2445.1621)):
            self.assertAlmostEqual(pricing.everlasting(spot, 50000, 1.0, 0.0, 7 / 365)[0].value, want, 4)
        self.assertAlmostEqual(pricing.everlasting(60000, 50000, 1.0, 0.0, 7 / 365)[1].value, 415.2673, 4)

    def test_american(self):
        call, put = pricing.american(50, 55, 0.4, 0.03, 0.1)
        self.assertAlmostEqual(call.value, 10.870509, 6)
        self.assertAlmostEqual(put.value, 33.665091, 6)

    def test_parity_and_greeks(self):
        call, put = pricing.black76(102, 110, 0.5, 0.1, 0.99)
        self.assertAlmostEqual(call.value - put.value, 0.99 * (102 - 110), 12)
        self.assertAlmostEqual(call.delta - put.delta, 0.99 * 102, 12)
        for move, unit in ((1e-4, "delta"), (1e-3, "gamma")):
            up, down = (pricing.black76(102 * (1 + e), 110, 0.5, 0.1, 0.99)[0].value for e in (move, -move))
            if unit == "delta":
                self.assertAlmostEqual((up - down) / (2 * move), call.delta, 4)
            else:
                self.assertAlmostEqual((up + down - 2 * call.value) / move**2, call.gamma, 2)
        vega = (pricing.black76(102, 110, 0.5001, 0.1, 0.99)[0].value - call.value) / 1e-4
        self.assertAlmostEqual(vega, call.vega, 3)

    def test_expired(self):
        call, put = pricing.black76(102, 100, 0.5, 0.0, 1.0)
        self.assertEqual((call.value, put.value), (2.0, 0.0))


class Presets(unittest.TestCase):
    """Every preset follows the schema and says where its numbers are from."""

    def test_sources(self):
        for name in NAMES:
            document = policies.preset(name)
            policies.read(document)
            self.assertEqual(document["name"], name)
            for group in set(document) - {"version", "name", "source"}:
                self.assertIn(group, document["source"], f"{name}: {group}")

    def test_scenario_counts(self):
        counts = [len(policies.preset(name)["scenarios"]) for name in NAMES]
        self.assertEqual(counts, [0, 0, 33, 24, 35])

    def test_cap_within_base_and_slope(self):
        for name in NAMES:
            rule = policies.read(policies.preset(name))["incentive"]
            self.assertLessEqual(rule["cap"], rule["base"] + rule["slope"], name)

    def test_unknown_and_missing_fields(self):
        with self.assertRaisesRegex(policies.PolicyError, "vol_shock: unknown field upp"):
            policies.read(policy(vol_shock={"upp": 1}))
        with self.assertRaisesRegex(policies.PolicyError, "factors.initial: missing"):
            policies.read(policy(factors={"maintenance": 1}))
        with self.assertRaisesRegex(policies.PolicyError, "long_options: maybe"):
            policies.read(policy(long_options="maybe"))

    def test_exposure_tick_goes_with_its_level(self):
        ticks = {"repay_tick": "5", "incentive_tick": "0.001"}
        for level, tick in (("terms", "1000"), ("verdict", "1000"), ("terms-and-greeks", None)):
            with self.assertRaisesRegex(policies.PolicyError, "disclosure.exposure_tick"):
                policies.read(policy(disclosure={"level": level, **ticks, "exposure_tick": tick}))

    def test_every_preset_evaluates_the_sample(self):
        account = json.loads((SAMPLES / "account.json").read_text())
        snapshot = json.loads((SAMPLES / "snapshot.json").read_text())
        for name in NAMES:
            report = evaluate(account, snapshot, policies.preset(name))
            self.assertGreaterEqual(report.margin["initial"], report.margin["maintenance"], name)
            self.assertTrue(math.isfinite(report.balance()), name)


class Scenarios(unittest.TestCase):
    """The parts of the core."""

    def test_term_factor(self):
        rule = {"short_power": 0.3, "long_power": 0.13, "floor_seconds": 86400}
        self.assertAlmostEqual(shocks.term_factor(rule, 60), 30**0.3)
        self.assertAlmostEqual(shocks.term_factor(rule, 60 * 86400), 0.5**0.13)
        self.assertEqual(shocks.term_factor(rule, shocks.MONTH), 1.0)

    def test_vol_floor_only_upwards(self):
        rule = policies.read(policy(vol_shock={"up": 0.1, "down": 2, "min_vol_up": 0.4}))
        self.assertEqual(shocks.vol_after(rule, 0.2, "up", shocks.MONTH, 1.0), 0.4)
        self.assertAlmostEqual(shocks.vol_after(rule, 0.2, "up", shocks.MONTH), 0.22)
        self.assertEqual(shocks.vol_after(rule, 0.2, "down", shocks.MONTH, 1.0), 0.0)
        self.assertEqual(shocks.vol_after(rule, 0.2, "same", shocks.MONTH), 0.2)

    def test_skew_multiplier(self):
        skew = {"linear": {"cap": 0.2, "slope": 0}, "absolute": {"cap": 0.2, "slope": 0}, "min_width": 0.5,
                "width_scale": 0, "vol_base": 0, "vol_slope": 0}
        for k, linear, absolute in ((0.25, 1.1, 1.1), (-0.25, 0.9, 1.1), (2, 1.2, 1.2), (-2, 0.8, 1.2)):
            self.assertAlmostEqual(shocks.skew_multiplier(skew, "linear", 0, math.exp(k)), linear)
            self.assertAlmostEqual(shocks.skew_multiplier(skew, "absolute", 0, math.exp(k)), absolute)

    def test_worst_scenario_is_weighted(self):
        rule = policy(scenarios=[{"spot": "-0.1", "vol": "same", "weight": "1"},
                                 {"spot": "-0.5", "vol": "same", "weight": "0.1"}])
        report = evaluate({"futures": [perpetual(1)]}, SNAPSHOT, rule)
        self.assertAlmostEqual(report.margin["maintenance"], 10.1)
        self.assertEqual(report.worst, 0)

    def test_fixed_part_of_the_forward_takes_no_shock(self):
        rule = policy(scenarios=[{"spot": "0.1", "vol": "same", "weight": "1"}])
        future = {"asset": "BTC", "expiry": NEAR, "size": -1, "entry": 100}
        self.assertAlmostEqual(evaluate({"futures": [future]}, SNAPSHOT, rule).core, 5.0)

    def test_static_discount_by_sign(self):
        rule = policy(scenarios=[{"spot": "0", "vol": "same", "weight": "1"}],
                      discount={"long": {"base": "0.9"}, "short": {"base": "1.005"}})
        for size, factor in ((1, 0.1), (-1, 0.005)):
            report = evaluate({"options": [option(100, size, 0)]}, SNAPSHOT, rule)
            self.assertAlmostEqual(report.core, factor * abs(report.value))

    def test_short_discount_is_capped_at_one_over_d(self):
        rule = policy(scenarios=[{"spot": "0", "vol": "same", "weight": "1"}], discount={"short": {"base": "2"}})
        report = evaluate({"options": [option(100, -1, 0)]}, SNAPSHOT, rule)
        self.assertAlmostEqual(report.core, (1 / 0.99 - 1) * abs(report.value))

    def test_a_debt_counts_in_full_without_a_rule(self):
        snapshot = {**SNAPSHOT, "expiries": [{**SNAPSHOT["expiries"][0], "discount": "1.1"}]}
        scenario = [{"spot": "0", "vol": "same", "weight": "1"}]
        for short, share in (({}, 0.0), ({"base": "1.00000001"}, 1 / 1.1 - 1)):
            rule = policy(scenarios=scenario, discount={"short": short})
            report = evaluate({"options": [option(100, -1, 0)]}, snapshot, rule)
            self.assertAlmostEqual(report.scenarios[0], share * abs(report.value))

    def test_skew_scenario_never_gains(self):
        rule = policy(scenarios=[{"spot": "0", "vol": "linear", "weight": "1"}],
                      skew={"linear": {"cap": "0.2"}, "min_width": "0.1"})
        long, short = (evaluate({"options": [option(110, size, 0)]}, SNAPSHOT, rule).core for size in (1, -1))
        self.assertGreater(long, 0)
        self.assertAlmostEqual(long, short)

    def test_basis_is_an_alternative_not_an_addition(self):
        basis = {"up": "0.1", "down": "-0.1", "add": "0.5", "per_year": "1"}
        scenario = [{"spot": "-0.1", "vol": "same", "weight": "1"}]
        account = {"options": [option(100, 1, 0)]}
        alone = evaluate(account, SNAPSHOT, policy(basis=basis))
        both = evaluate(account, SNAPSHOT, policy(basis=basis, scenarios=scenario))
        self.assertAlmostEqual(alone.core, both.scenarios[0] * (0.5 + 30 / 365))
        self.assertAlmostEqual(both.core, both.scenarios[0])

    def test_published_delta_example(self):
        account = Account({}, SNAPSHOT, policies.preset("paradex-pm"))
        row = {"delta": -0.5 * 70000, "gross": 2.5 * 70000}
        self.assertAlmostEqual(account.delta_charge({"BTC": row}), 1400.0)

    def test_maintenance_is_half_of_the_maximum(self):
        report = evaluate({"futures": [perpetual(1)]}, SNAPSHOT, policies.preset("paradex-pm"))
        provision = report.contingencies["provision"].initial
        self.assertAlmostEqual(provision, 0.1)
        self.assertAlmostEqual(report.margin["initial"], 16.16 + provision)
        self.assertAlmostEqual(report.margin["maintenance"], 8.08 + provision)


class Charges(unittest.TestCase):
    """Contingencies, haircuts, triggers."""

    def test_naked_shorts_by_strike(self):
        rates = {"maintenance": "0.1", "initial": "0.2"}
        for calls, puts, net, gross in ((-2, 5, 0, 2), (-5, 2, 3, 5), (-1, -2, 3, 3), (1, 1, 0, 0)):
            for netting, naked in (("strike", net), ("none", gross)):
                rule = policy(contingencies={"short_option": {"netting": netting, **rates}})
                charge = evaluate({"options": [option(100, calls, puts)]}, SNAPSHOT, rule).contingencies["short_option"]
                self.assertAlmostEqual(charge.maintenance, 10 * naked)
                self.assertAlmostEqual(charge.initial, 20 * naked)

    def test_excluded_long_options_give_only_a_debt(self):
        perpetuals = [{"asset": "BTC", "style": style, "funding_days": days, "strike": 100, "calls": calls, "puts": puts}
                      for style, days, calls, puts in (("everlasting", 7, 2, -1), ("american", None, 1, -1))]
        snapshot = {**SNAPSHOT, "everlasting": [{"asset": "BTC", "funding_days": 7, "vol": 0.5}],
                    "american": [{"asset": "BTC", "vol": 0.5, "dividend": 0.02}]}
        account = {"options": [option(100, 3, -1), option(110, 1, -4)], "perpetual_options": perpetuals}
        counted, excluded = (Account(account, snapshot, policy(long_options=word)) for word in ("counted", "excluded"))
        values = [line.value() for line in counted.lines]
        self.assertAlmostEqual(counted.equity("maintenance"), sum(values))
        strikes = [values[0] + values[1], values[2] + values[3], values[4] + values[5], values[6], values[7]]
        self.assertEqual([value < 0 for value in strikes], [False, True, False, False, True])
        self.assertAlmostEqual(excluded.equity("maintenance"), strikes[1] + strikes[4])

    def test_provision_of_options_is_on_the_spot(self):
        rule = policy(contingencies={"provision": {"option": "0.001", "future": "0.002"}})
        future = {"asset": "BTC", "expiry": EXPIRY, "size": -2, "entry": 100}
        report = evaluate({"options": [option(100, 3, -1)], "futures": [future]}, SNAPSHOT, rule)
        self.assertAlmostEqual(report.contingencies["provision"].maintenance, 0.1 * 4 + 0.002 * 2 * 102)

    def test_initial_falls_out_of_the_money(self):
        rule = policies.preset("standard")
        for strike, rate in ((100, 0.15), (101, 0.14), (150, 0.13)):
            charge = evaluate({"options": [option(strike, -1, 0)]}, SNAPSHOT, rule).contingencies["short_option"]
            self.assertAlmostEqual(charge.initial, rate * 100)
            self.assertAlmostEqual(charge.maintenance, 9)

    def test_confidence(self):
        rule = policy(contingencies={"confidence": {"threshold": "0.6", "margin": "0.5", "asset": "BTC"}},
                      haircuts=[{"asset": "USDC", "maintenance": "0", "initial": "0"}])
        account = {"options": [option(100, 1, -2)], "collateral": [{"asset": "USDC", "amount": 1000}]}
        report = evaluate(account, SNAPSHOT, rule)
        self.assertAlmostEqual(report.contingencies["confidence"].initial, 0.5 * 0.5 * 1000)
        report = evaluate({**account, "futures": [perpetual(1)]}, SNAPSHOT, rule)
        want = 0.5 * (0.5 * 1000 + 0.6 * 100 + 0.6 * 300)
        self.assertAlmostEqual(report.contingencies["confidence"].initial, want)
        self.assertEqual(report.contingencies["confidence"].maintenance, 0)

    def test_collateral_ratio(self):
        account = {"cash": -80, "collateral": [{"asset": "BTC", "amount": 1}]}
        report = evaluate(account, SNAPSHOT, policies.preset("collateral-ratio"))
        self.assertAlmostEqual(report.equity["maintenance"], -80 + 100 * (1 - 0.18 - 0.05))
        self.assertEqual(report.margin["maintenance"], 0)

    def test_trigger_scales_losses_only(self):
        trigger = [{"asset": "BTC", "reference": "1", "factor": {"slope": "1", "cap": "0.2"}}]
        for size, want in ((1, 12.12), (-1, -10.1)):
            rule = policy(scenarios=[{"spot": "-0.1", "vol": "same", "weight": "1"}], volatility_trigger=trigger)
            self.assertAlmostEqual(evaluate({"futures": [perpetual(size)]}, SNAPSHOT, rule).scenarios[0], want)

    def test_a_rise_is_rounded_down(self):
        trigger = [{"asset": "BTC", "reference": "1", "haircut": {"slope": "0.333333333", "cap": "1"}}]
        account = Account({}, SNAPSHOT, policy(volatility_trigger=trigger))
        self.assertAlmostEqual(account.rise("BTC", "haircut"), 0.09999999, 12)

    def test_stable_price(self):
        snapshot = {**SNAPSHOT, "stable": {"price": "0.95"}}
        rule = policy(scenarios=[{"spot": "-0.1", "vol": "same", "weight": "1"}],
                      factors={"maintenance": "1", "initial": "1", "peg": {"threshold": "0.99", "slope": "4"}},
                      haircuts=[{"asset": "USDC", "maintenance": "0.1", "initial": "0.2"}])
        account = {"futures": [perpetual(1)], "collateral": [{"asset": "USDC", "amount": 95}]}
        report = evaluate(account, snapshot, rule)
        self.assertAlmostEqual(report.equity["maintenance"], 90)
        self.assertAlmostEqual(report.equity["initial"], 80)
        self.assertAlmostEqual(report.margin["initial"], 10.1 * 1.16)


if __name__ == "__main__":
    unittest.main()
