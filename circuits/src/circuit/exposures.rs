//! The rows of exposures: every position's, the claimed sums by underlying, and that they agree.

use halo2_proofs::{circuit::Value, plonk::Error};

use super::{
    assembly::Assembly,
    cut::DisclosureCells,
    exposure::{ExposureCells, OptionExposureChip, PricedOption},
    linear_exposure::{LinearExposureChip, PricedLinear},
    opening::{Header, Opening},
    perpetual_exposure::{PerpetualExposureChip, PricedPerpetual},
    sums::SumsChip,
    underlying::{ClaimCells, PositionCells, UnderlyingChip},
};
use crate::{
    poseidon::{Num, PoseidonChip},
    public::TableRow,
};

/// What the sections leave for exposures, in slot order, with the public table's rows of exposures.
#[derive(Clone, Debug, Default)]
pub(super) struct Priced {
    pub options: Vec<(PricedOption, Value<TableRow>)>,
    pub perpetual_options: Vec<(PricedPerpetual, Value<TableRow>)>,
    pub linears: Vec<(PricedLinear, Value<TableRow>)>,
}

impl Assembly<'_, '_, '_> {
    /// Assigns the exposures' rows.
    pub(super) fn exposures(
        &mut self,
        account: &Opening,
        header: &Header,
        commitment: &Num,
        priced: &Priced,
    ) -> Result<(), Error> {
        let chip = self.config.underlying;
        let positions = self.positions(priced)?;
        let claims = self.claims(header, &positions)?;
        let first = [
            commitment,
            header.table_digest(),
            &account.zero,
            &account.zero,
        ];
        let alpha = self.challenge(first, &claims)?;
        let [mut claimed, mut held] = [&account.zero, &account.zero].map(Num::clone);
        for claim in &claims {
            claimed = chip.assign_poles(&mut self.sheet, &claim.sums, &alpha, &claimed)?;
        }
        for position in &positions {
            held = chip.assign_poles(&mut self.sheet, position, &alpha, &held)?;
        }
        self.sheet.tie(&held, &claimed);
        Ok(())
    }

    /// Every position's exposure, and room for its fractions.
    fn positions(&mut self, priced: &Priced) -> Result<Vec<PositionCells>, Error> {
        let mut positions = Vec::with_capacity(self.shape.capacity().total());
        for (priced, row_of_group) in &priced.options {
            let row = self.sheet.take(OptionExposureChip::ROWS)?;
            let chip = self.config.option_exposure;
            let exposure = chip.assign(&mut self.sheet, row, priced, *row_of_group)?;
            positions.push(self.position(exposure)?);
        }
        for (priced, answers) in &priced.perpetual_options {
            let row = self.sheet.take(PerpetualExposureChip::ROWS)?;
            let chip = self.config.perpetual_exposure;
            let exposure = chip.assign(&mut self.sheet, row, priced, *answers)?;
            positions.push(self.position(exposure)?);
        }
        for (priced, each) in &priced.linears {
            let exposure = self.linear_exposure(priced, *each)?;
            positions.push(self.position(exposure)?);
        }
        Ok(positions)
    }

    /// Room for the fractions, directly below the exposure.
    fn position(&mut self, exposure: ExposureCells) -> Result<PositionCells, Error> {
        let row = self.sheet.take(UnderlyingChip::POSITION_ROWS)?;
        Ok(PositionCells { exposure, row })
    }

    fn linear_exposure(
        &mut self,
        priced: &PricedLinear,
        each: Value<TableRow>,
    ) -> Result<ExposureCells, Error> {
        let (chip, sheet) = (self.config.linear_exposure, &mut self.sheet);
        match priced {
            PricedLinear::Future(priced) => {
                let row = sheet.take(LinearExposureChip::FUTURE_ROWS)?;
                chip.assign_future(sheet, row, priced)
            }
            PricedLinear::Asset(priced) => {
                let row = sheet.take(LinearExposureChip::ASSET_ROWS)?;
                chip.assign_asset(sheet, row, priced, each)
            }
            PricedLinear::Swap(priced) => {
                let row = sheet.take(LinearExposureChip::SWAP_ROWS)?;
                chip.assign_swap(sheet, row, priced, each)
            }
        }
    }

    /// The sums by underlying that are claimed, in strictly increasing order.
    fn claims(
        &mut self,
        header: &Header,
        positions: &[PositionCells],
    ) -> Result<Vec<ClaimCells>, Error> {
        let chip = self.config.underlying;
        let mut claims = Vec::with_capacity(header.exposures.len());
        for (i, out) in header.exposures.iter().enumerate() {
            let row = self.sheet.take(UnderlyingChip::ROWS)?;
            let underlying = self.witness.and_then(|w| w.underlying(i));
            let rules = DisclosureCells {
                tick: header.exposure_tick(),
                shown: header.exposures_shown(),
                out,
            };
            let claim = chip.assign_claim(&mut self.sheet, row, rules, underlying, positions)?;
            claims.push(claim);
        }
        for pair in claims.windows(2) {
            let [claim, next] = pair else { continue };
            let row = self.sheet.take(SumsChip::ORDER_ROWS)?;
            let [uid, next] = [claim, next].map(|c| &c.sums.exposure.underlying);
            let sums = self.config.sums;
            sums.assign_order(&mut self.sheet, row, uid, &claim.alive, next, 1)?;
        }
        Ok(claims)
    }

    /// Poseidon over account, table and all that is claimed.
    fn challenge(&mut self, first: [&Num; 4], claims: &[ClaimCells]) -> Result<Num, Error> {
        let chip = PoseidonChip::new(self.config.poseidon);
        let row = self.sheet.take(PoseidonChip::ROWS)?;
        let mut digest = chip.assign_hash4(self.sheet.region, row, first)?;
        for claim in claims {
            let [delta, gamma, _] = &claim.sums.exposure.values;
            let inputs = [&digest, delta, gamma, &claim.packed];
            let row = self.sheet.take(PoseidonChip::ROWS)?;
            digest = chip.assign_hash4(self.sheet.region, row, inputs)?;
        }
        Ok(digest)
    }
}
