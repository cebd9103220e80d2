"""The risk policy: one schema for every preset. Rates are fractions (0.01 is 1 %), money is USD, times are seconds.

A field that is absent switches its component off, so a preset carries only what its venue has. Unknown fields are refused.
`SCHEMA` is the authority; README.md says what each field means.
"""

import json
import pathlib

PRESETS = pathlib.Path(__file__).parent / "presets"


class Required:
    """Marks a field that every policy must have."""


REQUIRED = Required()
RATES = {"maintenance": 0.0, "initial": 0.0}
MOVES = ("up", "down", "same", "linear", "absolute")

SCHEMA = {
    "version": REQUIRED,
    "name": REQUIRED,
    "source": REQUIRED,
    "scenarios": [{"spot": REQUIRED, "vol": REQUIRED, "weight": REQUIRED}],
    "vol_shock": {
        "up": 0.0,
        "down": 0.0,
        "short_power": 0.0,
        "long_power": 0.0,
        "floor_seconds": 86400.0,
        "min_vol_up": 0.0,
    },
    "skew": {
        "linear": {"cap": 0.0, "slope": 0.0},
        "absolute": {"cap": 0.0, "slope": 0.0},
        "min_width": 0.01,
        "width_scale": 0.0,
        "vol_base": 0.0,
        "vol_slope": 0.0,
    },
    "discount": {
        "long": {"base": 1.0, "rate_multiplier": 0.0, "rate_add": 0.0},
        "short": {"base": 1.0, "rate_multiplier": 0.0, "rate_add": 0.0},
    },
    "basis": {"up": 0.0, "down": 0.0, "add": 0.0, "per_year": 0.0},
    "delta": {"net": 0.0, "hedged": 0.0},
    "factors": {"maintenance": REQUIRED, "initial": REQUIRED, "peg": {"threshold": 0.0, "slope": 0.0}},
    "contingencies": {
        "short_option": {"netting": "strike", **RATES, "initial_floor": None},
        "long_option": RATES,
        "future": {"on": "mark", **RATES},
        "gamma": RATES,
        "vega": RATES,
        "confidence": {"threshold": 0.0, "margin": 0.0, "asset": None},
        "provision": {"future": 0.0, "option": 0.0, "option_cap": 0.0, "funding_hours": 0.0},
    },
    "haircuts": [{"asset": REQUIRED, "maintenance": REQUIRED, "initial": REQUIRED, "moves": False}],
    "volatility_trigger": [
        {
            "asset": REQUIRED,
            "reference": REQUIRED,
            "factor": {"slope": 0.0, "cap": 0.0},
            "haircut": {"slope": 0.0, "cap": 0.0},
        }
    ],
    "incentive": {
        "base": REQUIRED,
        "slope": REQUIRED,
        "cap": REQUIRED,
        "illiquidity": {"scale": 0.0, "depth": 1.0},
        "solvency": {"scale": 0.0, "start": 0.0, "limit": 0.0},
    },
    "disclosure": {"level": REQUIRED, "repay_tick": REQUIRED, "incentive_tick": REQUIRED, "greeks_tick": 0.0},
    "heartbeat": {"period_seconds": 0.0, "grace_seconds": 0.0},
    "max_age_seconds": REQUIRED,
}
TEXT = {"name", "vol", "netting", "on", "asset", "level"}


class PolicyError(ValueError):
    """A policy file that does not follow the schema; the message names the field."""


def _read(schema, given, place):
    if isinstance(schema, list):
        if given is None:
            return []
        return [_read(schema[0], item, f"{place}[{i}]") for i, item in enumerate(given)]
    if isinstance(schema, dict):
        given = {} if given is None else given
        unknown = sorted(set(given) - set(schema))
        if unknown:
            raise PolicyError(f"{place}: unknown field {unknown[0]}")
        return {key: _read(part, given.get(key), f"{place}.{key}".lstrip(".")) for key, part in schema.items()}
    name = place.rsplit(".", 1)[-1]
    if given is None:
        if schema is REQUIRED:
            raise PolicyError(f"{place}: missing")
        return schema
    if name == "source" or name in TEXT or isinstance(given, bool):
        return given
    return float(given)


def read(document):
    """The policy with every default filled in and every number a float."""
    policy = _read(SCHEMA, document, "")
    for i, scenario in enumerate(policy["scenarios"]):
        if scenario["vol"] not in MOVES:
            raise PolicyError(f"scenarios[{i}].vol: {scenario['vol']}")
        if scenario["vol"] in ("linear", "absolute") and scenario["spot"] != 0:
            raise PolicyError(f"scenarios[{i}]: a skew scenario has no spot move")
    if policy["contingencies"]["short_option"]["netting"] not in ("strike", "none"):
        raise PolicyError("contingencies.short_option.netting")
    if policy["contingencies"]["future"]["on"] not in ("spot", "mark"):
        raise PolicyError("contingencies.future.on")
    return policy


def preset(name):
    """The preset called `name`, as its JSON document."""
    return json.loads((PRESETS / f"{name}.json").read_text())
