"""The risk policy: one schema for every preset. Rates are fractions (0.01 is 1 %), money is USD, times are seconds.

A field that is absent switches its component off, so a preset carries only what its venue has. Unknown fields are refused.
`SCHEMA` is the authority; README.md says what each field means.
"""

import json
import pathlib
import re

PRESETS = pathlib.Path(__file__).parents[2] / "policies"


class Required:
    """Marks a field that every policy must have."""


class Optional:
    """Marks an object that is None where a policy leaves it out."""

    def __init__(self, schema):
        self.schema = schema


REQUIRED = Required()
RATES = {"maintenance": 0.0, "initial": 0.0}

SCHEMA = {
    "version": REQUIRED,
    "name": REQUIRED,
    "source": {},
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
    "long_options": "counted",
    "contingencies": {
        "short_option": {"netting": "strike", **RATES, "initial_floor": None},
        "future": {"on": "mark", **RATES},
        "gamma": RATES,
        "vega": RATES,
        "confidence": {"threshold": 0.0, "margin": 0.0, "asset": None},
        "provision": {"future": 0.0, "option": 0.0, "funding_hours": 0.0},
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
        "illiquidity": Optional({"scale": REQUIRED, "depth": REQUIRED}),
        "solvency": Optional({"scale": REQUIRED, "start": REQUIRED, "limit": REQUIRED}),
    },
    "disclosure": {"level": REQUIRED, "repay_tick": REQUIRED, "incentive_tick": REQUIRED, "exposure_tick": None},
    # No number of the margin depends on it.
    "heartbeat": Optional({"period_seconds": REQUIRED, "grace_seconds": REQUIRED}),
}
TEXT = {"name", "vol", "netting", "on", "asset", "level", "long_options"}
WORDS = {
    "scenarios[].vol": ("up", "down", "same", "linear", "absolute"),
    "long_options": ("counted", "excluded"),
    "contingencies.short_option.netting": ("strike", "none"),
    "contingencies.future.on": ("spot", "mark"),
    "disclosure.level": ("verdict", "terms", "terms-and-greeks"),
}


class PolicyError(ValueError):
    """A policy file that does not follow the schema; the message names the field."""


def _read(schema, given, place):
    if isinstance(schema, Optional):
        return None if given is None else _read(schema.schema, given, place)
    if isinstance(schema, list):
        if given is None:
            return []
        return [_read(schema[0], item, f"{place}[{i}]") for i, item in enumerate(given)]
    if isinstance(schema, dict):
        given = {} if given is None else given
        if place == "source":
            return given
        unknown = sorted(set(given) - set(schema))
        if unknown:
            raise PolicyError(f"{place}: unknown field {unknown[0]}")
        return {key: _read(part, given.get(key), f"{place}.{key}".lstrip(".")) for key, part in schema.items()}
    name = place.rsplit(".", 1)[-1]
    if given is None:
        if schema is REQUIRED:
            raise PolicyError(f"{place}: missing")
        return schema
    words = WORDS.get(re.sub(r"\d+", "", place))
    if words and given not in words:
        raise PolicyError(f"{place}: {given}")
    if name in TEXT or isinstance(given, bool):
        return given
    return float(given)


def read(document):
    """The policy with every default filled in and every number a float. Ranges are the model's business, not this reader's."""
    policy = _read(SCHEMA, document, "")
    for i, scenario in enumerate(policy["scenarios"]):
        if scenario["vol"] in ("linear", "absolute") and scenario["spot"] != 0:
            raise PolicyError(f"scenarios[{i}]: a skew scenario has no spot move")
    disclosure, short = policy["disclosure"], policy["contingencies"]["short_option"]
    if (disclosure["level"] == "terms-and-greeks") != (disclosure["exposure_tick"] is not None):
        raise PolicyError("disclosure.exposure_tick: with level terms-and-greeks, and only with it")
    if short["initial_floor"] is not None and short["netting"] != "none":
        raise PolicyError("contingencies.short_option.initial_floor: with netting none only")
    return policy


def preset(name):
    """The preset called `name`, as its JSON document."""
    return json.loads((PRESETS / f"{name}.json").read_text())
