//! The rows of exposures: every position's, the claimed sums by underlying, and that they agree.

use halo2_proofs::{circuit::Value, plonk::Error};

use super::{
    assembly::{Account, Assembly},
    exposure::{OptionExposureChip, PricedOption},
    linear_exposure::{LinearExposureChip, PricedLinear},
    opening::Header,
    perpetual_exposure::{PerpetualExposureChip, PricedPerpetual},
    sums::Sums,
    underlying::{PositionCells, UnderlyingChip},
};
use crate::{poseidon::Num, public::TableRow};

/// What the sections leave for exposures and losses, in slot order, with the public table's rows of exposures.
#[derive(Clone, Debug, Default)]
pub(super) struct Priced {
    pub options: Vec<(PricedOption, Value<TableRow>)>,
    pub perpetual_options: Vec<(PricedPerpetual, Value<TableRow>)>,
    /// With the loss.
    pub linears: Vec<(PricedLinear, Num, Value<TableRow>)>,
}

impl Assembly<'_, '_, '_> {
    /// Assigns every position's exposures and the sums by underlying; charges go into `sums`.
    pub(super) fn exposures(
        &mut self,
        account: &Account,
        header: &Header,
        commitment: &Num,
        priced: &Priced,
        sums: &mut Sums,
    ) -> Result<(), Error> {
        let chip = self.config.underlying;
        let positions = self.positions(account, priced)?;
        let claims = self.claims(account, header, &positions, sums)?;
        let zero = &account.opening.zero;
        let alpha = self.challenge([commitment, header.table_digest()], &claims, zero)?;
        let [mut claimed, mut held] = [zero, zero].map(Num::clone);
        for claim in &claims {
            claimed = chip.assign_poles(&mut self.sheet, &claim.sums, &alpha, &claimed)?;
        }
        for position in &positions {
            held = chip.assign_poles(&mut self.sheet, position, &alpha, &held)?;
        }
        self.sheet.tie(&held, &claimed);
        Ok(())
    }

    /// Every position's exposure and loss, and room for its fractions.
    fn positions(
        &mut self,
        account: &Account,
        priced: &Priced,
    ) -> Result<Vec<PositionCells>, Error> {
        let rate = &account.scenario.gross;
        let mut positions = Vec::with_capacity(self.shape.capacity().total());
        for (priced, row_of_group) in &priced.options {
            let row = self.sheet.take(OptionExposureChip::ROWS)?;
            let fractions = self.sheet.take(UnderlyingChip::POSITION_ROWS)?;
            let chip = self.config.option_exposure;
            let (exposure, loss) =
                chip.assign(&mut self.sheet, row, priced, rate, *row_of_group)?;
            positions.push(PositionCells::new(exposure, loss, fractions));
        }
        for (priced, answers) in &priced.perpetual_options {
            let row = self.sheet.take(PerpetualExposureChip::ROWS)?;
            let fractions = self.sheet.take(UnderlyingChip::POSITION_ROWS)?;
            let chip = self.config.perpetual_exposure;
            let (exposure, loss) = chip.assign(&mut self.sheet, row, priced, rate, *answers)?;
            positions.push(PositionCells::new(exposure, loss, fractions));
        }
        for (priced, loss, each) in &priced.linears {
            positions.push(self.linear_exposure(priced, loss, *each)?);
        }
        Ok(positions)
    }

    fn linear_exposure(
        &mut self,
        priced: &PricedLinear,
        loss: &Num,
        each: Value<TableRow>,
    ) -> Result<PositionCells, Error> {
        let (chip, sheet) = (self.config.linear_exposure, &mut self.sheet);
        let exposure = match priced {
            PricedLinear::Future(priced) => {
                let row = sheet.take(LinearExposureChip::FUTURE_ROWS)?;
                chip.assign_future(sheet, row, priced)?
            }
            PricedLinear::Asset(underlying) => {
                let row = sheet.take(UnderlyingChip::POSITION_ROWS)?;
                return Ok(PositionCells::collateral(underlying.clone(), loss.clone(), row));
            }
            PricedLinear::Swap(priced) => {
                let row = sheet.take(LinearExposureChip::SWAP_ROWS)?;
                chip.assign_swap(sheet, row, priced, each)?
            }
        };
        let fractions = sheet.take(UnderlyingChip::POSITION_ROWS)?;
        Ok(PositionCells::new(exposure, loss.clone(), fractions))
    }
}
