//! Whether an account is healthy: equity's bound from below against every branch's requirement from above.
//!
//! ```text
//! expiry    P+ - d(R-) R-           of a skew also d(R+) R+ - P-, whichever is greater
//! basis     share max(0, P+ - R- up, P+ - R- down)
//! other     V + e - (Vs - e_s)
//! delta     hedged gross + (2 net - hedged) |delta|, rounded up
//! ```
//! P and R are an expiry's sums of values, unmoved and moved, + with their bounds added, - with them taken off; quotients by
//! 2^120 are rounded against health. d x grows with x, so that each is an upper bound of the true loss. Nothing is chosen
//! here: what a liquidation proof may leave to its prover, because less than the truth hurts nobody else, would be a way out.

mod branches;
mod losses;

use num_bigint::BigInt;
use num_traits::{Signed, Zero};

pub use branches::{Branches, PLAIN, SCENARIOS, SKEWS};
pub use losses::Losses;

use super::{
    EngineError, OptionTrace, Portfolio,
    exposure::{CUT_BITS, Exposure, QUOTIENT_BITS, UNIT_BITS, cut_bits},
    portfolio::{Totals, option_unit},
    run::Choice,
    terms::{ceil, charge_unit, equity_unit, floor},
    underlying::LOSS_RAISE,
};
use crate::{
    model::ONE,
    public::PublicTable,
    secret::secret,
    slots::{OptionSlot, Slots},
};

/// Bits of what a branch leaves of equity, units 1e-40 USD x 2^-22.
pub const SLACK_BITS: u32 = 250;
/// Bits of an underlying's weighed loss before its factor, either sign; units 1e-24 USD x 2^-22.
pub const NET_BITS: u32 = 140;
/// Bits of funding to come, either sign; units 1e-24 USD.
pub const FUNDING_BITS: u32 = 150;

/// An account under every branch of the policy.
#[derive(Clone)]
pub struct Solvency {
    /// The branches' numbers.
    pub branches: Branches,
    /// The account in the unmoved market.
    pub base: Portfolio,
    /// The account under each scenario, by place.
    pub worlds: Vec<Portfolio>,
    /// The options under the basis moves up and down.
    pub moves: [Vec<OptionTrace>; 2],
    /// What each branch leaves of equity: the unmoved market, the scenarios by place, delta charge, basis loss; units
    /// 1e-40 USD x 2^-22.
    pub slacks: Vec<BigInt>,
    /// Every range check holds: without it there is no proof.
    pub fits: bool,
}

secret!(Solvency {
    base, worlds, moves, slacks, fits; branches
});

impl Solvency {
    /// Values the account.
    ///
    /// # Errors
    /// [`EngineError`] if a position has no market, or the policy more branches than there are places for.
    pub fn new(slots: &Slots, table: &PublicTable) -> Result<Self, EngineError> {
        let branches = Branches::new(table)?;
        let base = unskewed(Portfolio::new(slots, table, 0)?);
        let worlds = branches.scenarios.iter().map(|&number| match number {
            0 => Ok(base.clone()),
            _ => Portfolio::new(slots, table, number).map(unskewed),
        });
        let worlds = worlds.collect::<Result<Vec<_>, EngineError>>()?;
        let moves = [
            basis_move(slots, table, branches.basis, 1)?,
            basis_move(slots, table, branches.basis, 2)?,
        ];
        let mut solvency = Self {
            branches,
            base,
            worlds,
            moves,
            slacks: Vec::new(),
            fits: true,
        };
        solvency.close(slots, table);
        Ok(solvency)
    }

    /// equity - epsilon >= requirement under every branch, and there is a proof of it.
    pub fn healthy(&self) -> bool {
        self.fits && self.slacks.iter().all(|slack| !slack.is_negative())
    }

    /// Works the branches out.
    pub(crate) fn close(&mut self, slots: &Slots, table: &PublicTable) {
        let below = |x: &BigInt, bits: u32| x.bits() <= u64::from(bits);
        let equity = equity(&self.base.totals, self.option_equity());
        let losses = Losses::new(self, slots, table);
        let charges = self.charges(slots, table, &losses);
        let mut fits = losses.fits && below(&self.base.totals.funding, FUNDING_BITS);
        let mut slacks = vec![&equity - &charges * charge_unit()];
        for (number, branch) in self.numbers().into_iter().zip(&losses.branches) {
            let row = table.scenarios.get(number).copied().unwrap_or_default();
            let mut core = BigInt::zero();
            for (underlying, [delta, ..]) in &losses.listed {
                let asset = table.assets.get(*underlying);
                let factor = asset.map_or(ONE.into(), |a| a.factor);
                let loss = branch.get(underlying).cloned().unwrap_or_default();
                let quotient = ceil(&loss).0;
                let net = (&quotient << LOSS_RAISE) + delta * row.net;
                fits &= below(&quotient, super::underlying::LOSS_BITS) && below(&net, NET_BITS);
                core += weighed(&net, factor);
            }
            slacks.push(&equity - core * row.factor - &charges * charge_unit());
        }
        self.fits = fits && slacks.iter().all(|slack| below(slack, SLACK_BITS));
        self.slacks = slacks;
    }

    /// The branches' numbers: scenarios by place, delta charge, basis loss.
    fn numbers(&self) -> Vec<usize> {
        let branches = &self.branches;
        let scenarios = branches.scenarios.iter().copied();
        scenarios.chain([branches.delta, branches.basis]).collect()
    }

    /// Options' equity, a lower bound; units 1e-16 USD x 2^-132.
    fn option_equity(&self) -> BigInt {
        let options = self.base.options.iter();
        let options = options.map(|t| (&t.base.value, &t.base.epsilon, t.kept));
        let perpetuals = self.base.perpetual_options.iter();
        let perpetuals = perpetuals.map(|t| (&t.base.value, &t.base.epsilon, t.kept));
        options.chain(perpetuals).fold(BigInt::zero(), |sum, (value, epsilon, kept)| {
            sum + if kept { value - epsilon } else { -epsilon }
        })
    }

    /// Contingencies, an upper bound; units 1e-24 USD.
    fn charges(&self, slots: &Slots, table: &PublicTable, losses: &Losses) -> BigInt {
        let mut sum = BigInt::zero();
        let options = self.base.options.iter().zip(&slots.options);
        let options = options.map(|(t, slot)| (table.options.get(t.group).map(|g| &g.charges), slot));
        let perpetuals = self.base.perpetual_options.iter().zip(&slots.perpetual_options);
        let perpetuals = perpetuals.map(|(t, slot)| {
            let group = table.perpetual_options.get(t.group);
            (group.map(|g| &g.charges), slot)
        });
        for (charges, slot) in options.chain(perpetuals) {
            let Some(charges) = charges else { continue };
            let naked = (-slot.calls).max(0) + (-slot.puts).max(0);
            let net = (-slot.calls - slot.puts).max(0);
            sum += BigInt::from(naked) * charges.side + BigInt::from(net) * charges.strike;
            sum += BigInt::from(slot.calls.abs() + slot.puts.abs()) * charges.above;
        }
        sum += self.base.futures.iter().map(|t| &t.charge).sum::<BigInt>();
        for (trace, slot) in self.base.swaps.iter().zip(&slots.swaps) {
            let above = table.swaps.get(trace.group).map_or(0, |g| g.above);
            sum += BigInt::from(slot.size.abs()) * above;
        }
        sum += (&self.base.totals.funding).max(&BigInt::zero());
        let rules = &table.rules;
        for (_, [_, gamma, vega]) in &losses.listed {
            sum += (gamma * rules.gamma_rate + vega * rules.vega_rate) << UNIT_BITS;
        }
        sum
    }
}

/// A weighed loss: a gain as it is, a loss by the asset's factor, units 1e-8.
fn weighed(net: &BigInt, factor: i128) -> BigInt {
    if net.is_negative() { net * ONE } else { net * factor }
}

/// Equity, a lower bound; units 1e-40 USD x 2^-22. What swaps' values have added is in their charges.
fn equity(totals: &Totals, options: BigInt) -> BigInt {
    (&totals.equity + floor(&options).0 * option_unit()) * equity_unit()
}

/// An exposure's cut: magnitude of delta, short gamma, magnitude of vega, each rounded up; whether they are in range.
pub(crate) fn magnitudes(exposure: &Exposure, charged: bool) -> ([BigInt; 3], bool) {
    let cut = |i: usize| {
        let value = exposure.values.get(i).filter(|_| charged);
        cut_bits(&value.cloned().unwrap_or_default(), CUT_BITS[i]).0
    };
    let quotients = [cut(0), cut(1), cut(2)];
    let fits = quotients.iter().all(|q| q.abs() < BigInt::from(1) << QUOTIENT_BITS);
    let [delta, gamma, vega] = quotients;
    let magnitude = |q: BigInt| if q.is_negative() { -q } else { q + 1 };
    let gamma = (-gamma).max(BigInt::zero());
    ([magnitude(delta), gamma, magnitude(vega)], fits)
}

/// A gain never counts as a loss by choice: a proof works both out.
fn unskewed(mut world: Portfolio) -> Portfolio {
    for trace in &mut world.options {
        (trace.flipped, trace.basis) = (false, 0);
    }
    world
}

/// The options under a basis move; unmoved where the policy has none.
fn basis_move(
    slots: &Slots,
    table: &PublicTable,
    basis: usize,
    number: usize,
) -> Result<Vec<OptionTrace>, EngineError> {
    let row = table.scenarios.get(basis).copied().unwrap_or_default();
    let choice = Choice {
        basis: if basis == 0 { 0 } else { number },
        flipped: false,
    };
    let mut traces = Vec::with_capacity(slots.options.len());
    for expiry in slots.options.chunk_by(|a: &OptionSlot, b| a.key == b.key) {
        traces.extend(super::portfolio::run(expiry, table, (basis, row), choice)?);
    }
    for trace in &mut traces {
        trace.basis = 0;
    }
    Ok(traces)
}
