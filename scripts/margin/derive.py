"""How many of Derive v2-core's published PMRM_2 test portfolios this reference agrees with.

    python3 scripts/margin/derive.py PATH_OF_A_CLONE_OF_V2_CORE [-v]

Reads their JSON from the clone, evaluates it through the project's own file formats with the `derive-pmrm2` preset (whose numbers
each portfolio replaces by its own) and compares maintenance and initial margin, as their tests do, to 1e-8 relative. What their
test reads, and how, is in test/risk-managers/unit-tests/PMRM_2/TestPMRM_2_PortfolioCasesNEW.t.sol.
"""

import argparse
import copy
import json
import math
import pathlib
import re
from datetime import datetime, timedelta, timezone

import policy as policies
from reference import evaluate

CASES = "test/risk-managers/unit-tests/PMRM_2/portfolio_cases"
START = datetime(2021, 8, 26, 17, 46, 40, tzinfo=timezone.utc)
SETTLEMENT_SECONDS = 1800
MAX_TOTAL_VARIANCE = 144.0
TOLERANCE = 1e-8
SPOT = "MARKET"
"""The name that the market's own underlying gets here; collaterals keep theirs."""


def stamp(seconds):
    """The RFC 3339 time that lies `seconds` after the start."""
    return (START + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def svi_vol(strike, feed):
    """Volatility of a strike by the raw SVI that the feed carries (a, b, rho, m, sigma, forward, tau).

    k = ln(strike / forward) is held within +-4 sqrt(a + b sigma): lyra-utils, SVI.sol, getVol and getK.
    """
    a, b, rho, m, sigma, forward, tau = (float(x) for x in feed["SVIparam"])
    bound = 4 * math.sqrt(a + b * sigma)
    k = min(bound, max(-bound, math.log(strike / forward)))
    variance = a + b * (rho * (k - m) + math.sqrt((k - m) ** 2 + sigma**2))
    return math.sqrt(min(variance, MAX_TOTAL_VARIANCE) / tau)


def snapshot_of(case):
    """Their market as a snapshot document. A negative rate counts as zero; less than 30 minutes before expiry the elapsed share of
    the forward is fixed."""
    scenario = case["Scenario"]
    perpetual = {"mark": scenario["PerpPrice"], "confidence": scenario["PerpConfidence"], "funding_index": 0}
    assets = [
        {"asset": SPOT, "spot": scenario["SpotPrice"], "confidence": scenario["SpotConfidence"], "perpetual": perpetual}
    ]
    for row in scenario["Collaterals"]:
        assets.append({"asset": row["Name"], "spot": row["Price"], "confidence": row["Confidence"]})
    expiries = []
    for feed in scenario["OptionFeeds"]:
        seconds = int(feed["FeedExpiry"])
        strikes = {option["Strike"] for option in scenario["Options"] if option["Expiry"] == seconds}
        fixed = max(0.0, 1 - max(0, seconds) / SETTLEMENT_SECONDS)
        expiries.append({
            "asset": SPOT,
            "expiry": stamp(seconds),
            "forward": feed["Forward"],
            "forward_fixed": feed["Forward"] * fixed,
            "discount": math.exp(-max(0.0, float(feed["Rate"])) * max(0, seconds) / (365 * 86400)),
            "confidence": min(feed["ForwardConfidence"], feed["RateConfidence"], feed["OptionVolConfidences"]),
            "smile": [{"strike": strike, "vol": svi_vol(strike, feed)} for strike in sorted(strikes)],
        })
    return {"time": stamp(0), "assets": assets, "expiries": expiries, "stable": {"price": scenario["StablePrice"]}}


def account_of(case):
    """Their portfolio as an account document. Unrealised profit and funding of the perpetual are what its entry is chosen for."""
    scenario = case["Scenario"]
    account = {"cash": scenario["Cash"], "collateral": [], "futures": [], "options": []}
    for row in scenario["Collaterals"]:
        account["collateral"].append({"asset": row["Name"], "amount": row["Amount"]})
    if scenario["NumPerps"]:
        gain = scenario["UnrealisedPerpPNL"] + scenario["UnrealisedFunding"]
        account["futures"].append({
            "asset": SPOT,
            "expiry": None,
            "size": scenario["NumPerps"],
            "entry": scenario["PerpPrice"] - gain / scenario["NumPerps"],
            "funding_index": 0,
        })
    for row in scenario["Options"]:
        call = int(row["IsCall"]) == 1
        account["options"].append({
            "asset": SPOT,
            "expiry": stamp(int(row["Expiry"])),
            "strike": row["Strike"],
            "calls": row["Amount"] if call else 0,
            "puts": 0 if call else row["Amount"],
        })
    return account


def policy_of(case):
    """The `derive-pmrm2` preset with the portfolio's own numbers. Their initial rates come on top of the maintenance rates."""
    policy = copy.deepcopy(policies.preset("derive-pmrm2"))
    given = case["Parameters"]
    vol, skew, margin = given["VolShock"], given["SkewShock"], given["Margin"]
    basis, other = given["BasisContingency"], given["OtherContingency"]
    words = {"Up": "up", "Down": "down", "None": "same", "LINEAR": "linear", "ABS": "absolute"}
    policy["scenarios"] = [
        {"spot": row["SpotShock"] - 1, "vol": words[row["VolShockDirection"]], "weight": row["DampeningFactor"]}
        for row in given["Scenarios"]
    ]
    policy["vol_shock"] = {
        "up": vol["VOLRANGEUP"],
        "down": vol["VOLRANGEDOWN"],
        "short_power": vol["SHORTTERMPOWER"],
        "long_power": vol["LONGTERMPOWER"],
        "floor_seconds": int(vol["DTE_FLOOR"] * 86400),
        "min_vol_up": vol["MIN_VOL_EVAL_SHOCKED"],
    }
    policy["skew"] = {
        "linear": {"cap": skew["LINEAR_SCALE_CAP"], "slope": skew["LINEAR_CBASE"]},
        "absolute": {"cap": skew["ABS_SCALE_CAP"], "slope": skew["ABS_CBASE"]},
        "min_width": skew["MIN_K_STAR"],
        "width_scale": skew["MIN_WIDTH_SCALE"],
        "vol_base": skew["VOL_PARAM_STATIC"],
        "vol_slope": skew["VOL_PARAM_SCALE"],
    }
    policy["discount"] = {
        "long": {
            "base": margin["BASE_STATIC_DISCOUNT"],
            "rate_multiplier": margin["LONG_RATE_MULTSCALE"],
            "rate_add": margin["LONG_RATE_ADDSCALE"],
        },
        "short": {
            "base": margin["BASE_STATIC_DISCOUNT_NEG"],
            "rate_multiplier": margin["SHORT_RATE_MULTSCALE"],
            "rate_add": margin["SHORT_RATE_ADDSCALE"],
        },
    }
    policy["basis"] = {
        "up": basis["SCENARIO_SPOT_UP"] - 1,
        "down": basis["SCENARIO_SPOT_DOWN"] - 1,
        "add": basis["BASIS_CONT_ADD_FACTOR"],
        "per_year": basis["BASIS_CONT_MULT_FACTOR"],
    }
    policy["factors"] = {
        "maintenance": margin["MM_LOSS_FACTOR"],
        "initial": margin["IM_LOSS_FACTOR"],
        "peg": {"threshold": other["PEG_LOSS_THRESHOLD"], "slope": other["PEG_LOSS_FACTOR"]},
    }
    policy["contingencies"] = {
        "short_option": {
            "netting": "strike",
            "maintenance": other["MM_OPTION_PERCENT"],
            "initial": other["MM_OPTION_PERCENT"] + other["IM_OPTION_PERCENT"],
        },
        "future": {
            "on": "spot",
            "maintenance": other["MM_PERP_PERCENT"],
            "initial": other["MM_PERP_PERCENT"] + other["IM_PERP_PERCENT"],
        },
        "confidence": {"threshold": other["CONF_THRESHOLD"], "margin": other["CONF_MARGIN"], "asset": SPOT},
    }
    policy["haircuts"] = [
        {
            "asset": row["Name"],
            "maintenance": row["MMHaircut"],
            "initial": row["MMHaircut"] + row["IMHaircut"],
            "moves": row["IsRiskCancelling"],
        }
        for row in case["Scenario"]["Collaterals"]
    ]
    return policy


def expected_losses(case):
    """Their scenario losses in the scenarios' order: regular, tail, skew."""
    result = case["Result"]
    rows = [*result["reg_losses"], *result["tail_losses"], *result["skew_losses"]]
    return [-float(row[-1]) for row in rows]


def off(got, expected):
    """Relative difference, absolute below 1 USD."""
    return abs(got - expected) / max(1.0, abs(expected))


def relative(got, expected):
    """Relative difference, as forge's assertApproxEqRel measures it."""
    return 0.0 if got == expected else abs(got - expected) / abs(expected) if expected else math.inf


def main():
    """Prints the counts; -v every portfolio that disagrees."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("clone", type=pathlib.Path, help="a clone of github.com/derivexyz/v2-core")
    parser.add_argument("-v", "--verbose", action="store_true")
    options = parser.parse_args()
    files = sorted((options.clone / CASES).glob("*.json"), key=lambda path: int(re.findall(r"\d+", path.name)[0]))
    counts = {"maintenance": 0, "initial": 0, "both": 0}
    worst = {"maintenance": 0.0, "initial": 0.0}
    scenarios = agreeing = 0
    refused = []
    for path in files:
        case = json.loads(path.read_text())
        try:
            report = evaluate(account_of(case), snapshot_of(case), policy_of(case))
        except policies.PolicyError as error:
            refused.append(f"{path.stem} ({error})")
            continue
        wanted = {"maintenance": case["Result"]["MM"], "initial": case["Result"]["IM"]}
        errors = {kind: relative(report.balance(kind), wanted[kind]) for kind in wanted}
        losses = expected_losses(case)
        good = sum(off(got, loss) <= TOLERANCE for got, loss in zip(report.scenarios, losses))
        scenarios, agreeing = scenarios + len(report.scenarios), agreeing + good
        for kind, error in errors.items():
            counts[kind] += error <= TOLERANCE
            if error <= TOLERANCE:
                worst[kind] = max(worst[kind], error)
        counts["both"] += max(errors.values()) <= TOLERANCE
        if options.verbose and (max(errors.values()) > TOLERANCE or good < len(losses)):
            print(f"{path.stem}: maintenance {errors['maintenance']:.1e}, initial {errors['initial']:.1e}, "
                  f"scenarios {good} of {len(losses)}")
    total = len(files)
    print(f"portfolios          {total}, refused {len(refused)}" + "".join(f"\n  {line}" for line in refused))
    for kind in ("maintenance", "initial"):
        print(f"{kind:<19} {counts[kind]} agree to {TOLERANCE:g} relative, worst of them {worst[kind]:.1e}")
    print(f"both                {counts['both']}")
    print(f"scenario losses     {agreeing} of {scenarios}")


if __name__ == "__main__":
    main()
