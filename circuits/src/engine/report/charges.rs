//! Charges on top of the greatest loss, by name, in both margins. Formulas: `docs/statement.md`.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_traits::{Signed, Zero};

use super::{
    bounds::{money, scaled},
    types::{Contingencies, Contingency},
};
use crate::{
    engine::{
        Portfolio,
        exposure::{GAMMA_BITS, VEGA_BITS},
    },
    model::{
        Asset, Expiry, FuturePrice, Netting, ONE, Policy, Price, Rate, Snapshot, Symbol, Time,
    },
    public::{OptionCharges, PublicTable, SwapKind},
    slots::{OptionSlot, Slots},
};

/// A charge in both margins; the report's unit.
#[derive(Clone, Default)]
struct Charge {
    maintenance: BigInt,
    initial: BigInt,
}

impl Charge {
    /// Adds `rate x amount` of 1e-8 times an amount of `places` and `bits`.
    fn add(&mut self, [maintenance, initial]: [Rate; 2], amount: &BigInt, places: u32, bits: u32) {
        let charge = |rate: Rate| scaled(&(amount * rate.units()), places + 8, bits);
        self.maintenance += charge(maintenance);
        self.initial += charge(initial);
    }

    fn rounded(&self) -> Contingency {
        Contingency {
            maintenance: money(&self.maintenance),
            initial: money(&self.initial),
        }
    }
}

/// All charges; the report's unit.
#[derive(Default)]
pub(super) struct Charges {
    short_option: Charge,
    future: Charge,
    gamma: Charge,
    vega: Charge,
    confidence: Charge,
    provision: Charge,
    /// What the maintenance charges may be more than here.
    error: BigInt,
}

impl Charges {
    /// The charges of an account; `base` is its unmoved market.
    pub(super) fn new(
        base: &Portfolio,
        slots: &Slots,
        snapshot: &Snapshot,
        policy: &Policy,
        table: &PublicTable,
    ) -> Self {
        let mut charges = Self::default();
        let book = Book {
            base,
            slots,
            snapshot,
            policy,
            table,
        };
        book.options(&mut charges);
        book.futures(&mut charges);
        book.swaps(&mut charges);
        book.exposures(&mut charges);
        charges.confidence.initial = book.confidence();
        charges
    }

    fn all(&self) -> [&Charge; 6] {
        [
            &self.short_option,
            &self.future,
            &self.gamma,
            &self.vega,
            &self.confidence,
            &self.provision,
        ]
    }

    /// In the maintenance margin: the exact sum, and a bound from above.
    pub(super) fn maintenance(&self) -> [BigInt; 2] {
        let exact: BigInt = self.all().iter().map(|c| &c.maintenance).sum();
        let above = &exact + &self.error;
        [exact, above]
    }

    /// In the initial margin.
    pub(super) fn initial(&self) -> BigInt {
        self.all().iter().map(|c| &c.initial).sum()
    }

    pub(super) fn report(&self) -> Contingencies {
        let [short_option, future, gamma, vega, confidence, provision] =
            self.all().map(Charge::rounded);
        Contingencies {
            short_option,
            future,
            gamma,
            vega,
            confidence,
            provision,
        }
    }
}

/// An account in its market.
pub(super) struct Book<'b> {
    pub(super) base: &'b Portfolio,
    pub(super) slots: &'b Slots,
    pub(super) snapshot: &'b Snapshot,
    pub(super) policy: &'b Policy,
    pub(super) table: &'b PublicTable,
}

impl Book<'_> {
    pub(super) fn asset(&self, symbol: Symbol) -> Option<&Asset> {
        self.snapshot.assets.iter().find(|a| a.asset == symbol)
    }

    pub(super) fn expiry(&self, symbol: Symbol, expiry: Time) -> Option<&Expiry> {
        let mut expiries = self.snapshot.expiries.iter();
        expiries.find(|e| e.asset == symbol && e.expiry == expiry)
    }

    pub(super) fn underlying(&self, number: usize) -> Option<&Asset> {
        self.asset(self.table.assets.get(number)?.id?)
    }

    /// Every option's slot with its charges and underlying.
    fn held_options(&self) -> impl Iterator<Item = (&OptionSlot, &OptionCharges, &Asset)> {
        let options = self.base.options.iter().zip(&self.slots.options);
        let options = options.filter_map(|(trace, slot)| {
            let group = self.table.options.get(trace.group)?;
            Some((slot, &group.charges, self.underlying(group.underlying)?))
        });
        let perpetuals = self.base.perpetual_options.iter();
        let perpetuals = perpetuals.zip(&self.slots.perpetual_options);
        options.chain(perpetuals.filter_map(|(trace, slot)| {
            let group = self.table.perpetual_options.get(trace.group)?;
            Some((slot, &group.charges, self.underlying(group.underlying)?))
        }))
    }

    fn options(&self, charges: &mut Charges) {
        let c = &self.policy.contingencies;
        for (slot, public, asset) in self.held_options() {
            let spot = asset.spot.units();
            let mut short = |naked: i128, initial: BigInt| {
                let charge = &mut charges.short_option;
                let maintenance = BigInt::from(c.short_option.maintenance.units()) * spot * naked;
                charge.maintenance += scaled(&maintenance, 24, 0);
                charge.initial += scaled(&(initial * naked), 24, 0);
            };
            match c.short_option.netting {
                Netting::Strike => {
                    let initial = BigInt::from(c.short_option.initial.units()) * spot;
                    short((-slot.calls - slot.puts).max(0), initial);
                }
                Netting::None => {
                    let out = slot.strike - i128::from(spot);
                    for (size, out) in [(slot.calls, out), (slot.puts, -out)] {
                        short((-size).max(0), self.naked_initial(spot, out.max(0)));
                    }
                }
            }
            let held = BigInt::from(slot.calls.abs() + slot.puts.abs());
            let fee = c.provision.option;
            charges.provision.add([fee, fee], &(&held * spot), 16, 0);
            // The public charge is less by the bound of gamma's and vega's errors.
            let fee = i128::from(fee.units()) * i128::from(spot);
            charges.error += scaled(&(held * (fee - public.held)), 24, 0);
        }
    }

    /// Initial charge of a naked short that is `out` of the money; units 1e-16 USD.
    fn naked_initial(&self, spot: i64, out: i128) -> BigInt {
        let rule = &self.policy.contingencies.short_option;
        let full = BigInt::from(rule.initial.units()) * spot;
        match rule.initial_floor {
            None => full,
            Some(floor) => (full - out * i128::from(ONE)).max(BigInt::from(floor.units()) * spot),
        }
    }

    fn futures(&self, charges: &mut Charges) {
        let c = &self.policy.contingencies;
        let rates = [c.future.maintenance, c.future.initial];
        let mut funding = BigInt::zero();
        for (trace, slot) in self.base.futures.iter().zip(&self.slots.futures) {
            let id = self.table.futures.get(trace.group).and_then(|g| g.id);
            let Some((asset, expiry)) = id.and_then(|(a, e)| Some((self.asset(a)?, e))) else {
                continue;
            };
            let mark = match expiry {
                Some(expiry) => self.expiry(asset.asset, expiry).map(|e| e.forward),
                None => asset.perpetual.as_ref().map(|p| p.mark),
            };
            let mark = mark.unwrap_or(Price::ZERO);
            let on = match c.future.on {
                FuturePrice::Mark => mark,
                FuturePrice::Spot => asset.spot,
            };
            let held = BigInt::from(slot.size.abs());
            charges.future.add(rates, &(&held * on.units()), 16, 0);
            let fee = c.provision.future;
            charges
                .provision
                .add([fee, fee], &(held * mark.units()), 16, 0);
            funding += &trace.funding;
        }
        let funding = scaled(&funding.max(BigInt::zero()), 24, 0);
        charges.provision.maintenance += &funding;
        charges.provision.initial += funding;
    }

    fn swaps(&self, charges: &mut Charges) {
        let c = &self.policy.contingencies.future;
        for (trace, slot) in self.base.swaps.iter().zip(&self.slots.swaps) {
            let Some(group) = self.table.swaps.get(trace.group) else {
                continue;
            };
            let held = BigInt::from(slot.size.abs());
            let mut public = 0;
            if group.id.is_some_and(|(_, kind)| kind == SwapKind::Power) {
                let notional = &held * group.price;
                charges
                    .future
                    .add([c.maintenance, c.initial], &notional, 32, 0);
                public = i128::from(c.maintenance.units()) * (group.price / i128::from(ONE))
                    / i128::from(ONE);
            }
            // As for options; one unit for the roundings of the mark and of its charge.
            let error = public - group.charge + 1;
            charges.error += scaled(&(held * error), 24, 0);
        }
    }

    fn exposures(&self, charges: &mut Charges) {
        let mut sums: BTreeMap<usize, [BigInt; 2]> = BTreeMap::new();
        for (underlying, exposure, _) in self.base.positions() {
            let Some(exposure) = exposure else { continue };
            let [_, gamma, vega] = &exposure.values;
            let [gammas, vegas] = sums.entry(underlying).or_default();
            *gammas += gamma;
            *vegas += vega;
        }
        let c = &self.policy.contingencies;
        for [gamma, vega] in sums.into_values() {
            let short = (-gamma).max(BigInt::zero());
            let rates = [c.gamma.maintenance, c.gamma.initial];
            charges.gamma.add(rates, &short, 16, GAMMA_BITS);
            let rates = [c.vega.maintenance, c.vega.initial];
            charges.vega.add(rates, &vega.abs(), 16, VEGA_BITS);
        }
    }
}
