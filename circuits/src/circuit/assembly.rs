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
    perpetual_exposure::PricedPerpetual,
    sheet::Sheet,
    smile::SmileChip,
    sums::{OptionCells, Second, Sums, SumsChip},
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

impl Assembly<'_, '_, '_> {
    /// Assigns every row of the statement.
    ///
    /// # Errors
    /// [`Error::Synthesis`] when the rows are used up.
    pub fn assign(mut self) -> Result<(), Error> {
        let LiquidationConfig {
            opening,
            total,
            terms,
            ..
        } = self.config;
        let header = self.witness.map(Witness::header);
        let header = opening.assign_instance(&mut self.sheet, self.shape, header)?;
        let row = self.sheet.take(OpeningChip::ROWS)?;
        let account = opening.assign(
            &mut self.sheet,
            row,
            self.witness.map(|w| &w.slots),
            self.witness.map(|w| w.portfolio.scenario),
        )?;

        let mut sums = account.sums.clone();
        let mut elements = Vec::with_capacity(self.shape.capacity().total());
        let mut priced = Priced::default();
        self.options(&account, &mut sums, &mut elements, &mut priced)?;
        self.linears(&account, &mut sums, &mut elements, &mut priced)?;
        let commitment = self.commitment(&account.hashed, &elements, &account.zero)?;
        self.sheet.tie(&commitment, &header.fixed[COMMITMENT]);
        let row = self.sheet.take(TotalChip::ROWS)?;
        let totals = total.assign(
            &mut self.sheet,
            row,
            &sums,
            &account.scenario,
            self.witness.and_then(Witness::scenario_row),
            self.witness.map(|w| &w.portfolio.totals),
        )?;
        let row = self.sheet.take(TermsChip::ROWS)?;
        terms.assign(
            &mut self.sheet,
            row,
            &totals,
            &header.fixed,
            self.witness.map(|w| &w.terms),
        )?;
        self.exposures(&account, &header, &commitment, &priced)
    }

    /// The sections of options, European and perpetual.
    fn options(
        &mut self,
        account: &Opening,
        sums: &mut Sums,
        elements: &mut Vec<Num>,
        priced: &mut Priced,
    ) -> Result<(), Error> {
        type Section<'s, 'r, 'w> = fn(
            &mut Assembly<'s, 'r, 'w>,
            usize,
            &Opening,
            &Sums,
            &mut Priced,
        ) -> Result<(Holding, Sums), Error>;
        let capacity = self.shape.capacity();
        let sections: [(usize, Section<'_, '_, '_>); 2] = [
            (capacity.options, Self::option),
            (capacity.perpetual_options, Self::perpetual_option),
        ];
        for (count, assign) in sections {
            let mut orders = Vec::with_capacity(count);
            for i in 0..count {
                let (holding, next) = assign(self, i, account, sums, priced)?;
                *sums = next;
                elements.push(holding.element);
                orders.push((holding.order, holding.alive));
            }
            self.order(&orders, 6)?;
        }
        Ok(())
    }

    /// The sections of futures, assets and swaps.
    fn linears(
        &mut self,
        account: &Opening,
        sums: &mut Sums,
        elements: &mut Vec<Num>,
        priced: &mut Priced,
    ) -> Result<(), Error> {
        type Section<'s, 'r, 'w> =
            fn(&mut Assembly<'s, 'r, 'w>, usize, &Num) -> Result<(Linear, Value<TableRow>), Error>;
        let capacity = self.shape.capacity();
        let sections: [(usize, Second, Section<'_, '_, '_>); 3] = [
            (capacity.futures, Second::Shockable, Self::future),
            (capacity.assets, Second::Shockable, Self::asset),
            (capacity.swaps, Second::SwapLoss, Self::swap),
        ];
        for (count, second, assign) in sections {
            let mut orders = Vec::with_capacity(count);
            for i in 0..count {
                let (position, exposure) = assign(self, i, &account.scenario)?;
                let row = self.sheet.take(SumsChip::ROWS)?;
                let chip = self.config.sums;
                *sums = chip.add_linear(&mut self.sheet, row, sums, &position, second)?;
                elements.push(position.element);
                priced.linears.push((position.priced, exposure));
                orders.push((position.group, position.alive));
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

    fn option(
        &mut self,
        i: usize,
        account: &Opening,
        sums: &Sums,
        priced: &mut Priced,
    ) -> Result<(Holding, Sums), Error> {
        let LiquidationConfig {
            holding,
            option_exposure,
            smile,
            ln,
            black76,
            moved,
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
        let option = PricedOption {
            holding: held.clone(),
            v: market.volatility.v.clone(),
            distribution: normal.value,
            density,
        };
        priced.options.push((option, slot.map(|s| s.exposure)));
        let row = sheet.take(MovedChip::ROWS)?;
        let scenario = &account.scenario;
        let market = moved.assign(sheet, row, &held, &market.volatility, scenario, slot)?;
        let row = sheet.take(Black76Chip::ROWS)?;
        let moved = trace.map(|t| &t.moved);
        let (moved, _) = black76.assign(sheet, row, &held, &ln_strike, &market, moved)?;
        self.add_option(held, [base, moved], sums)
    }

    fn perpetual_option(
        &mut self,
        i: usize,
        account: &Opening,
        sums: &Sums,
        priced: &mut Priced,
    ) -> Result<(Holding, Sums), Error> {
        let LiquidationConfig {
            holding,
            ln,
            perpetual,
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
        perpetual.assign_side(sheet, row, &held)?;
        let row = sheet.take(LnChip::ROWS)?;
        let ln_strike = ln.assign(sheet, row, &held.strike, trace.map(|t| &t.ln))?;
        let row = sheet.take(PerpetualChip::ROWS)?;
        let unmoved = PerpetualMarket {
            scenario: &account.zero,
            interval: slot.map(|s| s.node),
        };
        let base = trace.map(|t| &t.base);
        let base = perpetual.assign(sheet, row, &held, &ln_strike, &unmoved, base)?;
        let option = PricedPerpetual {
            holding: held.clone(),
            ln_strike: ln_strike.clone(),
            low: base.low,
            spot: base.spot,
            call_side: base.call_side,
            power: base.power,
        };
        let answers = slot.map(|s| s.exposure);
        priced.perpetual_options.push((option, answers));
        let row = sheet.take(PerpetualChip::ROWS)?;
        let market = PerpetualMarket {
            scenario: &account.scenario,
            interval: slot.map(|s| s.moved),
        };
        let moved = trace.map(|t| &t.moved);
        let moved = perpetual.assign(sheet, row, &held, &ln_strike, &market, moved)?;
        self.add_option(held, [base.value, moved.value], sums)
    }

    /// Adds an option's values in the unmoved and in the moved market to the sums. Directly below the moved market: the sum's
    /// gate reads its value in the row above.
    fn add_option(
        &mut self,
        held: Holding,
        [base, moved]: [ValueCells; 2],
        sums: &Sums,
    ) -> Result<(Holding, Sums), Error> {
        let row = self.sheet.take(SumsChip::ROWS)?;
        let charge = held.charge.clone();
        let option = OptionCells {
            base,
            moved,
            charge,
        };
        let chip = self.config.sums;
        let sums = chip.add_option(&mut self.sheet, row, sums, &option)?;
        Ok((held, sums))
    }

    fn future(&mut self, i: usize, _: &Num) -> Result<(Linear, Value<TableRow>), Error> {
        let slot = self.witness.and_then(|w| w.future(i));
        let row = self.sheet.take(LinearChip::FUTURE_ROWS)?;
        let (base, trace) = (slot.map(|s| s.base), slot.map(|s| s.trace));
        let held = slot.map(|s| s.slot);
        let chip = self.config.linear;
        let cells = chip.assign_future(&mut self.sheet, row, held, base, trace)?;
        Ok((cells, slot.map(|s| s.exposure)))
    }

    fn asset(&mut self, i: usize, _: &Num) -> Result<(Linear, Value<TableRow>), Error> {
        let slot = self.witness.and_then(|w| w.asset(i));
        let row = self.sheet.take(LinearChip::ASSET_ROWS)?;
        let (base, trace) = (slot.map(|s| s.base), slot.map(|s| s.trace));
        let held = slot.map(|s| s.slot);
        let chip = self.config.linear;
        let cells = chip.assign_asset(&mut self.sheet, row, held, base, trace)?;
        Ok((cells, slot.map(|s| s.exposure)))
    }

    fn swap(&mut self, i: usize, scenario: &Num) -> Result<(Linear, Value<TableRow>), Error> {
        let slot = self.witness.and_then(|w| w.swap(i));
        let row = self.sheet.take(SwapChip::ROWS)?;
        let chip = self.config.swap;
        let cells = chip.assign(&mut self.sheet, row, scenario, slot)?;
        Ok((cells, slot.map(|s| s.exposure)))
    }

    /// `poseidon::chain` over the header and the slots' elements.
    fn commitment(&mut self, first: &[Num; 4], elements: &[Num], zero: &Num) -> Result<Num, Error> {
        let chip = PoseidonChip::new(self.config.poseidon);
        let row = self.sheet.take(PoseidonChip::ROWS)?;
        let mut digest = chip.assign_hash4(
            self.sheet.region,
            row,
            [&first[0], &first[1], &first[2], &first[3]],
        )?;
        for chunk in elements.chunks(3) {
            let at = |i: usize| chunk.get(i).unwrap_or(zero);
            let inputs = [&digest.clone(), at(0), at(1), at(2)];
            let row = self.sheet.take(PoseidonChip::ROWS)?;
            digest = chip.assign_hash4(self.sheet.region, row, inputs)?;
        }
        Ok(digest)
    }
}
