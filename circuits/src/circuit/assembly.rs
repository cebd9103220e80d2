//! The rows of the liquidation statement, section by section.

use halo2_proofs::{circuit::Value, plonk::Error};

use super::{
    black76::{Black76Chip, MarketCells, ValueCells},
    exposure::PricedOption,
    exposures::Priced,
    holding::{Holding, HoldingChip},
    linear::{Linear, LinearChip},
    liquidation::LiquidationConfig,
    ln::LnChip,
    moved::MovedChip,
    opening::{COMMITMENT, Opening, OpeningChip},
    perpetual::{PerpetualChip, PerpetualMarket},
    perpetual_exposure::{PerpetualExposureChip, PricedPerpetual},
    run::{Link, RunChip, RunSums},
    scenario::{ScenarioCells, ScenarioChip},
    sheet::Sheet,
    smile::SmileChip,
    sums::{Parts, Sums, SumsChip},
    swap::SwapChip,
    terms::TermsChip,
    total::TotalChip,
    witness::Witness,
};
use crate::{
    poseidon::{Num, PoseidonChip},
    public::{Kind, TableRow},
    shape::Shape,
};

/// One synthesis.
pub(super) struct Assembly<'s, 'r, 'w> {
    pub config: LiquidationConfig,
    pub sheet: Sheet<'s, 'r>,
    pub witness: Value<&'w Witness>,
    pub shape: Shape,
}

/// What every section needs.
pub(super) struct Account {
    pub opening: Opening,
    pub scenario: ScenarioCells,
}

/// What the sections leave.
#[derive(Default)]
struct Sections {
    parts: Parts,
    elements: Vec<Num>,
    priced: Priced,
}

impl Assembly<'_, '_, '_> {
    /// Assigns every row of the statement.
    ///
    /// # Errors
    /// [`Error::Synthesis`] when the rows are used up.
    pub fn assign(mut self) -> Result<(), Error> {
        let header = self.witness.map(Witness::header);
        let chip = self.config.opening;
        let header = chip.assign_instance(&mut self.sheet, self.shape, header)?;
        let row = self.sheet.take(OpeningChip::ROWS)?;
        let opening = chip.assign(&mut self.sheet, row, self.witness.map(|w| &w.slots))?;
        let row = self.sheet.take(ScenarioChip::ROWS)?;
        let scenario = self.witness.and_then(Witness::scenario_row);
        let scenario = self
            .config
            .scenario
            .assign(&mut self.sheet, row, scenario)?;
        let account = Account { opening, scenario };

        let mut sections = Sections::default();
        self.options(&account, &mut sections)?;
        self.perpetual_options(&account, &mut sections)?;
        self.linears(&account, &mut sections)?;
        let Sections {
            parts,
            elements,
            priced,
        } = sections;
        let zero = &account.opening.zero;
        let commitment = self.commitment(&account.opening.hashed, &elements, zero)?;
        self.sheet.tie(&commitment, &header.fixed[COMMITMENT]);
        let sums = self.sums(&account.opening, &parts)?;
        let sums = self.exposures(&account, &header, &commitment, &priced, sums)?;
        let LiquidationConfig { total, terms, .. } = self.config;
        let row = self.sheet.take(TotalChip::ROWS)?;
        let totals = total.assign(&mut self.sheet, row, &sums, &account.scenario)?;
        let row = self.sheet.take(TermsChip::ROWS)?;
        terms.assign(&mut self.sheet, row, &totals, &header.fixed)
    }

    /// The sums over the slots.
    fn sums(&mut self, opening: &Opening, parts: &Parts) -> Result<Sums, Error> {
        let (chip, zero) = (self.config.sums, &opening.zero);
        let mut add = |parts: &[Num]| chip.add(&mut self.sheet, zero, parts, zero);
        let option_equity = add(&parts.option_equity)?;
        let value = add(&parts.equity)?;
        let contingencies = add(&parts.contingencies)?;
        let funding = add(&parts.funding)?;
        let mix = [add(&parts.mix[0])?, add(&parts.mix[1])?];
        Ok(Sums {
            option_equity,
            equity: chip.assign_equity(&mut self.sheet, &opening.cash, &value)?,
            contingencies,
            funding,
            mix,
            core: zero.clone(),
        })
    }

    /// The section of European options: runs of strikes of one expiry.
    fn options(&mut self, account: &Account, sections: &mut Sections) -> Result<(), Error> {
        let (zero, one) = (&account.opening.zero, &account.opening.one);
        let mut sums = RunSums::new(zero);
        let mut last: Option<(Link, RunSums)> = None;
        for i in 0..self.shape.capacity().options {
            let (end, priced, link) =
                self.option(i, account, sections, last.as_ref(), &mut sums)?;
            // Now it is known where the run of the slot before ends.
            if let (Some(end), Some((before, _))) = (end, sections.priced.options.last_mut()) {
                before.end = end;
            }
            sections.priced.options.push((priced, Value::unknown()));
            last = Some((link, sums.clone()));
        }
        let rows = 0..sections.priced.options.len();
        for (i, (priced, row)) in rows.zip(&mut sections.priced.options) {
            *row = self.witness.and_then(|w| w.option(i)).map(|s| s.exposure);
            if i + 1 == self.shape.capacity().options {
                priced.end = one.clone();
            }
        }
        Ok(())
    }

    /// One strike; returns whether the run of the slot before ended, what exposures need, and the link to the next slot.
    fn option(
        &mut self,
        i: usize,
        account: &Account,
        sections: &mut Sections,
        last: Option<&(Link, RunSums)>,
        sums: &mut RunSums,
    ) -> Result<(Option<Num>, PricedOption, Link), Error> {
        let LiquidationConfig {
            holding,
            option_exposure,
            smile,
            ln,
            black76,
            moved,
            run,
            ..
        } = self.config;
        let sheet = &mut self.sheet;
        let slot = self.witness.and_then(|w| w.option(i));
        let (base, node) = (slot.map(|s| s.base), slot.map(|s| s.node));
        let trace = slot.map(|s| s.trace);

        let row = sheet.take(HoldingChip::ROWS)?;
        let held = holding.assign(sheet, row, Kind::OptionBase, slot.map(|s| s.slot), base)?;
        let row = sheet.take(SmileChip::ROWS)?;
        let volatility = smile.assign(sheet, row, &held, node, trace.map(|t| &t.smile))?;
        let row = sheet.take(LnChip::ROWS)?;
        let ln_strike = ln.assign(sheet, row, &held.strike, trace.map(|t| &t.ln))?;
        let market = MarketCells {
            discounted_forward: held.first.clone(),
            ln_forward: held.second.clone(),
            discounted_strike: held.discounted_strike.clone(),
            volatility,
        };
        let row = sheet.take(Black76Chip::ROWS)?;
        let unmoved = trace.map(|t| &t.base);
        let (base, normal) = black76.assign(sheet, row, &held, &ln_strike, &market, unmoved)?;
        let density = option_exposure.assign_density(sheet, row, &normal)?;
        // Directly below the unmoved market: the charges' gate reads sizes and value in the row above.
        self.charges(
            &held,
            &base,
            Kind::OptionCharge,
            slot.map(|s| s.charges),
            sections,
        )?;
        let sheet = &mut self.sheet;
        let v = market.volatility.v.clone();
        let row = sheet.take(MovedChip::ROWS)?;
        let scenario = &account.scenario;
        let number = holding.assign_number(sheet, &held, &scenario.number)?;
        let inputs = [&v, &ln_strike, &number];
        let after = moved.assign(sheet, row, &held, inputs, scenario, slot)?;
        let link = Link::new(&held, &after);
        let choice = [after.flipped.clone(), after.basis.clone()];
        sections.priced.choices.push(choice);
        let mut end = None;
        if let Some((before, before_sums)) = last {
            let row = sheet.take(RunChip::END_ROWS)?;
            let (ends, next) = run.assign_end(sheet, row, before_sums, [before, &link])?;
            (end, *sums) = (Some(ends), next);
        }
        let row = sheet.take(Black76Chip::ROWS)?;
        let moved = trace.map(|t| &t.moved.market);
        let (value, _) = black76.assign(sheet, row, &held, &ln_strike, &after.market, moved)?;
        // Directly below the moved market: the run's gate reads its value in the row above.
        let row = sheet.take(RunChip::ROWS)?;
        let cells = run.assign(sheet, row, [&base, &value], &after, scenario, sums)?;
        *sums = cells.sums;
        let priced = PricedOption {
            holding: held,
            v,
            distribution: normal.value,
            density,
            end: account.opening.zero.clone(),
            run: cells.loss,
        };
        Ok((end, priced, link))
    }

    /// What an option adds to equity and contingencies, and its element of the commitment.
    fn charges(
        &mut self,
        held: &Holding,
        base: &ValueCells,
        kind: Kind,
        charges: Value<TableRow>,
        sections: &mut Sections,
    ) -> Result<(), Error> {
        let row = self.sheet.take(SumsChip::OPTION_ROWS)?;
        let (sheet, parts) = (&mut self.sheet, &mut sections.parts);
        let chip = self.config.sums;
        chip.assign_option(sheet, row, parts, held, base, (kind, charges))?;
        sections.elements.push(held.element.clone());
        Ok(())
    }

    /// The section of perpetual options.
    fn perpetual_options(
        &mut self,
        account: &Account,
        sections: &mut Sections,
    ) -> Result<(), Error> {
        let mut orders = Vec::new();
        for i in 0..self.shape.capacity().perpetual_options {
            let order = self.perpetual_option(i, account, sections)?;
            orders.push(order);
        }
        self.order(&orders, 6)
    }

    fn perpetual_option(
        &mut self,
        i: usize,
        account: &Account,
        sections: &mut Sections,
    ) -> Result<(Num, Num), Error> {
        let LiquidationConfig {
            holding,
            ln,
            perpetual,
            perpetual_exposure,
            ..
        } = self.config;
        let sheet = &mut self.sheet;
        let slot = self.witness.and_then(|w| w.perpetual_option(i));
        let trace = slot.map(|s| s.trace);

        let row = sheet.take(HoldingChip::ROWS)?;
        let (holds, base) = (slot.map(|s| s.slot), slot.map(|s| s.base));
        let held = holding.assign(sheet, row, Kind::PerpetualBase, holds, base)?;
        // Directly below: the check of the sides reads the sizes in the row above.
        let row = sheet.take(PerpetualChip::SIDE_ROWS)?;
        let side = perpetual.assign_side(sheet, row, &held, &account.scenario.number)?;
        let row = sheet.take(LnChip::ROWS)?;
        let ln_strike = ln.assign(sheet, row, &held.strike, trace.map(|t| &t.ln))?;
        let row = sheet.take(PerpetualChip::ROWS)?;
        let unmoved = PerpetualMarket {
            scenario: &account.opening.zero,
            interval: slot.map(|s| s.node),
        };
        let base = trace.map(|t| &t.base);
        let base = perpetual.assign(sheet, row, &held, &ln_strike, &unmoved, base)?;
        let charges = slot.map(|s| s.charges);
        self.charges(&held, &base.value, Kind::PerpetualCharge, charges, sections)?;
        let sheet = &mut self.sheet;
        let row = sheet.take(PerpetualChip::ROWS)?;
        let market = PerpetualMarket {
            scenario: &side.number,
            interval: slot.map(|s| s.moved),
        };
        let moved = trace.map(|t| &t.moved);
        let moved = perpetual.assign(sheet, row, &held, &ln_strike, &market, moved)?;
        let row = sheet.take(PerpetualExposureChip::LOSS_ROWS)?;
        let values = [&base.value, &moved.value];
        let lost = perpetual_exposure.assign_loss(sheet, row, values, &account.scenario.own)?;
        let option = PricedPerpetual {
            holding: held.clone(),
            ln_strike,
            low: base.low,
            spot: base.spot,
            call_side: base.call_side,
            power: base.power,
            lost,
        };
        let answers = slot.map(|s| s.exposure);
        sections.priced.perpetual_options.push((option, answers));
        Ok((side.order, held.alive))
    }

    /// The sections of futures, assets and swaps.
    fn linears(&mut self, account: &Account, sections: &mut Sections) -> Result<(), Error> {
        type Section<'s, 'r, 'w> = fn(
            &mut Assembly<'s, 'r, 'w>,
            usize,
            &ScenarioCells,
        ) -> Result<(Linear, Value<TableRow>), Error>;
        let capacity = self.shape.capacity();
        let kinds: [(usize, Section<'_, '_, '_>); 3] = [
            (capacity.futures, Self::future),
            (capacity.assets, Self::asset),
            (capacity.swaps, Self::swap),
        ];
        for (count, assign) in kinds {
            let mut orders = Vec::with_capacity(count);
            for i in 0..count {
                let (position, exposure) = assign(self, i, &account.scenario)?;
                let Linear {
                    group,
                    alive,
                    element,
                    value,
                    loss,
                    charge,
                    funding,
                    mix,
                    priced,
                } = position;
                let parts = &mut sections.parts;
                parts.equity.push(value);
                parts.contingencies.extend(charge);
                parts.funding.extend(funding);
                for (list, part) in parts.mix.iter_mut().zip(mix.into_iter().flatten()) {
                    list.push(part);
                }
                sections.elements.push(element);
                sections.priced.linears.push((priced, loss, exposure));
                orders.push((group, alive));
            }
            self.order(&orders, 1)?;
        }
        Ok(())
    }

    /// Slots in strictly increasing order.
    fn order(&mut self, slots: &[(Num, Num)], limbs: usize) -> Result<(), Error> {
        for pair in slots.windows(2) {
            let [(order, alive), (next, _)] = pair else {
                continue;
            };
            let row = self.sheet.take(SumsChip::ORDER_ROWS)?;
            self.config
                .sums
                .assign_order(&mut self.sheet, row, order, alive, next, limbs)?;
        }
        Ok(())
    }

    fn future(
        &mut self,
        i: usize,
        scenario: &ScenarioCells,
    ) -> Result<(Linear, Value<TableRow>), Error> {
        let slot = self.witness.and_then(|w| w.future(i));
        let row = self.sheet.take(LinearChip::FUTURE_ROWS)?;
        let chip = self.config.linear;
        let cells = chip.assign_future(&mut self.sheet, row, scenario, slot)?;
        Ok((cells, slot.map(|s| s.exposure)))
    }

    fn asset(
        &mut self,
        i: usize,
        scenario: &ScenarioCells,
    ) -> Result<(Linear, Value<TableRow>), Error> {
        let slot = self.witness.and_then(|w| w.asset(i));
        let row = self.sheet.take(LinearChip::ASSET_ROWS)?;
        let chip = self.config.linear;
        let cells = chip.assign_asset(&mut self.sheet, row, scenario, slot)?;
        Ok((cells, slot.map(|s| s.exposure)))
    }

    fn swap(
        &mut self,
        i: usize,
        scenario: &ScenarioCells,
    ) -> Result<(Linear, Value<TableRow>), Error> {
        let slot = self.witness.and_then(|w| w.swap(i));
        let row = self.sheet.take(SwapChip::ROWS)?;
        let chip = self.config.swap;
        let cells = chip.assign(&mut self.sheet, row, &scenario.number, slot)?;
        Ok((cells, slot.map(|s| s.exposure)))
    }

    /// `poseidon::chain` over the header and the slots' elements.
    fn commitment(&mut self, first: &[Num; 4], elements: &[Num], zero: &Num) -> Result<Num, Error> {
        self.chain([&first[0], &first[1], &first[2], &first[3]], elements, zero)
    }

    /// Poseidon of four inputs, then of the digest and three more each, filled up with zeros.
    pub(super) fn chain(
        &mut self,
        first: [&Num; 4],
        elements: &[Num],
        zero: &Num,
    ) -> Result<Num, Error> {
        let chip = PoseidonChip::new(self.config.poseidon);
        let row = self.sheet.take(PoseidonChip::ROWS)?;
        let mut digest = chip.assign_hash4(self.sheet.region, row, first)?;
        for chunk in elements.chunks(3) {
            let at = |i: usize| chunk.get(i).unwrap_or(zero);
            let inputs = [&digest.clone(), at(0), at(1), at(2)];
            let row = self.sheet.take(PoseidonChip::ROWS)?;
            digest = chip.assign_hash4(self.sheet.region, row, inputs)?;
        }
        Ok(digest)
    }
}
