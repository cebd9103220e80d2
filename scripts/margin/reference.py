"""The whole margin of an account, in float64. README.md has the formulas; sources stand at each part.

    margin       = factor x max(scenario, basis, delta) + contingencies          (maintenance, initial)
    equity       = cash + positions + collateral x (1 - haircut)                 (one haircut each)
    under-margined when equity < maintenance margin

Nothing here reads the Rust engine: it is what that engine is checked against.
"""

from collections import defaultdict
from dataclasses import dataclass, field

import book
import market as markets
import policy as policies
from shocks import down, static_discounts

SKEWS = ("linear", "absolute")


@dataclass
class Contingency:
    """One charge on top of the scenario loss, USD."""

    maintenance: float = 0.0
    initial: float = 0.0


@dataclass
class Report:
    """The margin of one account. Money is USD."""

    value: float
    equity: dict
    scenarios: list
    basis: float
    delta_charge: float
    core: float
    contingencies: dict
    margin: dict
    greeks: dict
    worst: int
    collateral: dict = field(default_factory=dict)

    def balance(self, kind="maintenance"):
        """Equity less margin: below 0 is under-margined."""
        return self.equity[kind] - self.margin[kind]


class Account:
    """An account in a market under a policy, priced on demand."""

    def __init__(self, account, snapshot, policy):
        self.policy = policies.read(policy)
        self.market = markets.read(snapshot)
        self.cash = float(account.get("cash", 0))
        self.lines = book.lines(account, self.market, self.policy)
        self.held = [(row["asset"], float(row["amount"])) for row in account.get("collateral", [])]
        self.haircuts = {row["asset"]: row for row in self.policy["haircuts"]}
        self.triggers = {row["asset"]: row for row in self.policy["volatility_trigger"]}

    def rise(self, asset, part):
        """How much realised 24 h volatility raises an asset's `factor` or `haircut`: the project's own rule."""
        row = self.triggers.get(asset)
        if row is None:
            return 0.0
        excess = max(0.0, self.market.assets[asset].realised_vol - row["reference"])
        return down(min(row[part]["cap"], row[part]["slope"] * excess), 1e-8)

    def weighed(self, losses):
        """Sum over assets; a loss, never a gain, is scaled by the asset's factor."""
        return sum(max(loss, loss * (1 + self.rise(asset, "factor"))) for asset, loss in losses.items())

    # Collateral: PMRM_2.sol _arrangeAssets, PMRMLib_2.sol addPrecomputes and getScenarioPnL.

    def collateral_value(self, asset, amount):
        """Before haircut, in the stable coin."""
        return amount * self.market.assets[asset].price

    def haircut(self, asset, kind):
        """Fraction of the value that does not count; 1 without one."""
        row = self.haircuts.get(asset)
        return 1.0 if row is None else min(1.0, row[kind] + self.rise(asset, "haircut"))

    def equity(self, kind):
        """Cash, positions and haircut collateral. Where long options do not count, a strike gives only its debt."""
        collateral = sum(self.collateral_value(a, n) * (1 - self.haircut(a, kind)) for a, n in self.held)
        slots = defaultdict(float)
        for line in self.lines:
            slots[line.slot] += line.value()
        if self.policy["long_options"] == "excluded":
            slots = {slot: min(0.0, value) if slot else value for slot, value in slots.items()}
        return self.cash + sum(slots.values()) + collateral

    # Scenarios: PMRMLib_2.sol getScenarioPnL.

    def by_expiry(self, spot, vol):
        """Value of every expiry's options."""
        values = defaultdict(float)
        for line in self.lines:
            if line.kind == "option":
                values[line.asset, line.expiry] += line.value(spot, vol)
        return values

    def losses(self, spot, vol):
        """Loss by asset under a move, unweighted."""
        result = defaultdict(float)
        base = self.by_expiry(0.0, "same")
        for key, moved in self.by_expiry(spot, vol).items():
            positive, negative = static_discounts(self.policy, self.market.expiries[key])
            loss = base[key] - moved * (positive if moved >= 0 else negative)
            result[key[0]] += abs(loss) if vol in SKEWS else loss
        for line in self.lines:
            if line.kind != "option":
                result[line.asset] += line.value() - line.value(spot, vol)
        for asset, amount in self.held:
            if asset in self.haircuts and self.haircuts[asset]["moves"]:
                result[asset] -= self.collateral_value(asset, amount) * spot
        return result

    def scenario_loss(self, scenario):
        """Weighted loss of one scenario; negative is a gain."""
        return scenario["weight"] * self.weighed(self.losses(scenario["spot"], scenario["vol"]))

    def basis_loss(self):
        """Every expiry's own worst small move, undiscounted: PMRMLib_2.sol _addBasisContingency."""
        rule = self.policy["basis"]
        base, up, down = (self.by_expiry(spot, "same") for spot in (0.0, rule["up"], rule["down"]))
        losses = defaultdict(float)
        for key, value in base.items():
            share = rule["add"] + rule["per_year"] * self.market.expiries[key].years
            losses[key[0]] += share * max(0.0, value - up[key], value - down[key])
        return self.weighed(losses)

    # Greeks and their charges. Delta: Paradex documentation, Portfolio Margin.

    def greeks(self):
        """Net cash Greeks and gross cash delta by asset."""
        result = defaultdict(lambda: {"delta": 0.0, "gross": 0.0, "gamma": 0.0, "vega": 0.0})
        for line in self.lines:
            row = result[line.asset]
            for name in ("delta", "gamma", "vega"):
                row[name] += line.greek(name)
            row["gross"] += abs(line.greek("delta"))
        return dict(result)

    def delta_charge(self, greeks):
        """net x |delta| + hedged x (gross - |delta|)/2 for every asset."""
        rule = self.policy["delta"]
        return self.weighed({
            asset: rule["net"] * abs(row["delta"]) + rule["hedged"] * (row["gross"] - abs(row["delta"])) / 2
            for asset, row in greeks.items()
        })

    def strikes(self):
        """(calls, puts) by slot of European and perpetual options."""
        result = defaultdict(lambda: {"calls": 0.0, "puts": 0.0})
        for line in self.lines:
            if line.slot:
                result[line.asset, line.strike, line.slot][line.side] += line.size
        return result

    def short_options(self):
        """Naked shorts times spot: PMRMLib_2.sol _addOptionContingency (by strike); Derive's StandardManager.sol
        _getIsolatedMargin (each on its own, the initial rate falling with how far out of the money it is)."""
        rule = self.policy["contingencies"]["short_option"]
        charge = Contingency()
        for (asset, strike, _), row in self.strikes().items():
            spot = self.market.assets[asset].spot
            sides = {"calls": max(0.0, strike - spot), "puts": max(0.0, spot - strike)}
            if rule["netting"] == "strike":
                naked = max(0.0, -row["calls"] - row["puts"])
                charge.maintenance += rule["maintenance"] * spot * naked
                charge.initial += rule["initial"] * spot * naked
                continue
            for side, out in sides.items():
                naked, initial = max(0.0, -row[side]), rule["initial"]
                if rule["initial_floor"] is not None:
                    initial = max(initial - out / spot, rule["initial_floor"])
                charge.maintenance += rule["maintenance"] * spot * naked
                charge.initial += initial * spot * naked
        return charge

    def futures(self):
        """On |size| times spot or mark, whatever the direction: PMRMLib_2.sol addPrecomputes. A power perpetual's
        is always on its own mark."""
        on_spot = self.policy["contingencies"]["future"]["on"] == "spot"
        notional = 0.0
        for line in self.lines:
            if line.kind in ("perpetual", "future", "power"):
                spot = on_spot and line.kind != "power"
                price = self.market.assets[line.asset].spot if spot else line.price(0.0, "same").value
                notional += abs(line.size) * price
        return self._rated("future", notional)

    def _rated(self, name, amount):
        rule = self.policy["contingencies"][name]
        return Contingency(rule["maintenance"] * amount, rule["initial"] * amount)

    def confidence(self):
        """Low oracle confidence, initial margin only: PMRMLib_2.sol _getConfidenceContingency.

        A perpetual's is the lower of its own and the spot's, an expiry's also of both where a perpetual is held, a
        collateral's of its own and the spot's, never of a perpetual's.
        """
        rule = self.policy["contingencies"]["confidence"]

        def charge(confidence, notional):
            return (1 - confidence) * rule["margin"] * notional if confidence < rule["threshold"] else 0.0

        assets, total = self.market.assets, 0.0
        perpetuals = {line.asset for line in self.lines if line.kind == "perpetual"}
        options = defaultdict(float)
        for line in self.lines:
            asset = assets[line.asset]
            if line.kind == "perpetual":
                total += charge(min(asset.confidence, asset.perpetual_confidence), abs(line.size) * asset.spot)
            elif line.kind == "option":
                options[line.asset, line.expiry] += abs(line.size) * asset.spot
        for key, notional in options.items():
            asset = assets[key[0]]
            lowest = min(asset.confidence, self.market.expiries[key].confidence)
            if key[0] in perpetuals:
                lowest = min(lowest, asset.perpetual_confidence)
            total += charge(lowest, notional)
        for name, amount in self.held:
            lowest = assets[name].confidence
            if rule["asset"] is not None:
                lowest = min(lowest, assets[rule["asset"]].confidence)
            total += charge(lowest, self.collateral_value(name, amount))
        return Contingency(0.0, total)

    def provision(self):
        """Fees of closing and funding to come, in both margins: Paradex documentation and paradex-py, Portfolio Margin.

        Future: rate x |size| x mark. Option: rate x |size| x spot. Funding: what the perpetuals together would pay,
        never receive, over `funding_hours`.
        """
        rule = self.policy["contingencies"]["provision"]
        fees = funding = 0.0
        for line in self.lines:
            asset = self.market.assets[line.asset]
            if line.slot:
                fees += rule["option"] * asset.spot * abs(line.size)
            elif line.kind in ("perpetual", "future"):
                fees += rule["future"] * line.price(0.0, "same").value * abs(line.size)
            if line.kind == "perpetual":
                funding += asset.funding_rate * line.size * asset.spot * rule["funding_hours"] / 8
        return Contingency(fees + max(0.0, funding), fees + max(0.0, funding))

    def contingencies(self, greeks):
        """Every charge by name."""
        return {
            "short_option": self.short_options(),
            "future": self.futures(),
            "gamma": self._rated("gamma", sum(max(0.0, -row["gamma"]) for row in greeks.values())),
            "vega": self._rated("vega", sum(abs(row["vega"]) for row in greeks.values())),
            "confidence": self.confidence(),
            "provision": self.provision(),
        }

    def factor(self, kind):
        """Multiplier of the core; the initial one rises when the stable coin falls: PMRMLib_2.sol
        getMarginAndMarkToMarket."""
        rule = self.policy["factors"]
        if kind == "maintenance":
            return rule["maintenance"]
        return rule["initial"] + rule["peg"]["slope"] * max(0.0, rule["peg"]["threshold"] - self.market.stable)

    def report(self):
        """Everything."""
        greeks = self.greeks()
        losses = [self.scenario_loss(scenario) for scenario in self.policy["scenarios"]]
        basis, delta = self.basis_loss(), self.delta_charge(greeks)
        worst = max(range(len(losses)), key=losses.__getitem__, default=-1)
        core = max(0.0, basis, delta, *losses)
        charges = self.contingencies(greeks)
        return Report(
            value=self.cash + sum(line.value() for line in self.lines)
            + sum(self.collateral_value(*held) for held in self.held),
            equity={kind: self.equity(kind) for kind in ("maintenance", "initial")},
            scenarios=losses,
            basis=basis,
            delta_charge=delta,
            core=core,
            contingencies=charges,
            margin={
                kind: self.factor(kind) * core + sum(getattr(charge, kind) for charge in charges.values())
                for kind in ("maintenance", "initial")
            },
            greeks=greeks,
            worst=worst,
            collateral={asset: self.collateral_value(asset, amount) for asset, amount in self.held},
        )


def evaluate(account, snapshot, policy):
    """The `Report` of an account file in a snapshot file under a policy file (parsed JSON)."""
    return Account(account, snapshot, policy).report()
