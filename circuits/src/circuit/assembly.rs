//! The rows of the liquidation statement, section by section.

use halo2_proofs::{circuit::Value, plonk::Error};

use super::{
    black76::{Black76Chip, MarketCells},
    holding::{Holding, HoldingChip},
    linear::{Linear, LinearChip, LinearRows},
    liquidation::LiquidationConfig,
    ln::LnChip,
    moved::{Moved, MovedChip},
    opening::{COMMITMENT, HEADER_ROWS, OpeningChip},
    sheet::Sheet,
    smile::SmileChip,
    sums::{OptionCells, Sums, SumsChip},
    terms::TermsChip,
    witness::{Witness, public_header},
};
use crate::{
    poseidon::{Num, PoseidonChip},
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
        let LiquidationConfig { opening, terms, .. } = self.config;
        let header = self.witness.map(public_header);
        let header: [_; HEADER_ROWS] = std::array::from_fn(|i| header.map(|h| h[i]));
        let header = opening.assign_instance(&mut self.sheet, header)?;
        let row = self.sheet.take(OpeningChip::ROWS)?;
        let account = opening.assign(
            &mut self.sheet,
            row,
            self.witness.map(|w| &w.slots),
            self.witness.map(|w| w.portfolio.scenario),
        )?;

        let capacity = self.shape.capacity();
        let mut elements =
            Vec::with_capacity(capacity.options + capacity.futures + capacity.assets);
        let mut sums = account.sums.clone();
        let mut orders = Vec::new();
        for i in 0..capacity.options {
            let (holding, next) = self.option(i, &account.scenario, &sums)?;
            sums = next;
            elements.push(holding.element.clone());
            orders.push((holding.order, holding.alive));
        }
        self.order(&orders, 6)?;
        for (count, assign) in [
            (
                capacity.futures,
                Self::future as fn(&mut Self, usize, &Num) -> Result<Linear, Error>,
            ),
            (capacity.assets, Self::asset),
        ] {
            let mut orders = Vec::with_capacity(count);
            for i in 0..count {
                let position = assign(&mut self, i, &account.scenario)?;
                let row = self.sheet.take(SumsChip::ROWS)?;
                sums = self
                    .config
                    .sums
                    .add_linear(&mut self.sheet, row, &sums, &position)?;
                elements.push(position.element);
                orders.push((position.group, position.alive));
            }
            self.order(&orders, 1)?;
        }
        let commitment = self.commitment(&account.hashed, &elements, &account.zero)?;
        self.sheet.tie(&commitment, &header[COMMITMENT]);
        let row = self.sheet.take(TermsChip::ROWS)?;
        terms.assign(
            &mut self.sheet,
            row,
            &sums,
            &header,
            self.witness.map(|w| &w.terms),
        )
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

    fn option(&mut self, i: usize, scenario: &Num, sums: &Sums) -> Result<(Holding, Sums), Error> {
        let LiquidationConfig {
            holding,
            smile,
            ln,
            black76,
            moved,
            sums: sums_chip,
            ..
        } = self.config;
        let sheet = &mut self.sheet;
        let slot = self.witness.and_then(|w| w.option(i));
        let (base, node) = (slot.map(|s| s.base), slot.map(|s| s.node));
        let trace = slot.map(|s| s.trace);

        let row = sheet.take(HoldingChip::ROWS)?;
        let held = holding.assign(sheet, row, slot.map(|s| s.slot), base)?;
        let row = sheet.take(SmileChip::ROWS)?;
        let volatility = smile.assign(sheet, row, &held, node, trace.map(|t| &t.smile))?;
        let row = sheet.take(LnChip::ROWS)?;
        let ln_strike = ln.assign(sheet, row, &held.strike, trace.map(|t| &t.ln))?;
        let market = MarketCells {
            discounted_forward: held.discounted_forward.clone(),
            ln_forward: held.ln_forward.clone(),
            discounted_strike: held.discounted_strike.clone(),
            volatility,
        };
        let row = sheet.take(Black76Chip::ROWS)?;
        let unmoved = trace.map(|t| &t.base);
        let base = black76.assign(sheet, row, &held, &ln_strike, &market, unmoved)?;
        let row = sheet.take(MovedChip::ROWS)?;
        let Moved { market, factor } =
            moved.assign(sheet, row, &held, &market.volatility, scenario, slot)?;
        let row = sheet.take(Black76Chip::ROWS)?;
        let moved = black76.assign(
            sheet,
            row,
            &held,
            &ln_strike,
            &market,
            trace.map(|t| &t.moved),
        )?;
        // Directly below: the sum's gate reads the moved value in the row above.
        let row = sheet.take(SumsChip::ROWS)?;
        let charge = held.charge.clone();
        let option = OptionCells {
            base,
            moved,
            factor,
            charge,
        };
        let sums = sums_chip.add_option(sheet, row, sums, &option)?;
        Ok((held, sums))
    }

    fn future(&mut self, i: usize, scenario: &Num) -> Result<Linear, Error> {
        let linear = self.config.linear;
        let slot = self.witness.and_then(|w| w.future(i));
        let rows = LinearRows {
            base: slot.map(|s| s.base),
            moved: slot.map(|s| s.moved),
        };
        let row = self.sheet.take(LinearChip::FUTURE_ROWS)?;
        linear.assign_future(
            &mut self.sheet,
            row,
            scenario,
            slot.map(|s| s.slot),
            rows,
            slot.map(|s| s.trace),
        )
    }

    fn asset(&mut self, i: usize, scenario: &Num) -> Result<Linear, Error> {
        let linear = self.config.linear;
        let slot = self.witness.and_then(|w| w.asset(i));
        let rows = LinearRows {
            base: slot.map(|s| s.base),
            moved: slot.map(|s| s.moved),
        };
        let row = self.sheet.take(LinearChip::ASSET_ROWS)?;
        linear.assign_asset(
            &mut self.sheet,
            row,
            scenario,
            slot.map(|s| s.slot),
            rows,
            slot.map(|s| s.trace),
        )
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
