//! The rows of exposures and losses by underlying: every position's, the claimed sums, and that they agree.

use halo2_proofs::{circuit::Value, plonk::Error};

use super::{
    assembly::{Account, Assembly},
    exposure::{ExposureCells, OptionExposureChip, PricedOption},
    linear_exposure::{LinearExposureChip, PricedLinear},
    opening::Header,
    perpetual_exposure::{PerpetualExposureChip, PricedPerpetual},
    poles::{LossCells, PoleChip, PositionCells},
    sums::{Sums, SumsChip},
    underlying::{ClaimCells, Gathered, UnderlyingChip},
};
use crate::{poseidon::Num, public::TableRow};

/// What the sections leave for exposures and losses, in slot order, with the public table's rows of exposures.
#[derive(Clone, Debug, Default)]
pub(super) struct Priced {
    pub options: Vec<(PricedOption, Value<TableRow>)>,
    pub perpetual_options: Vec<(PricedPerpetual, Value<TableRow>)>,
    /// With the loss.
    pub linears: Vec<(PricedLinear, Num, Value<TableRow>)>,
    /// What each European option's expiry chooses: whether its gain counts as a loss, and its basis move.
    pub choices: Vec<[Num; 2]>,
}

/// Positions with exposures, and collateral, which has none.
#[derive(Default)]
struct Positions {
    exposed: Vec<PositionCells>,
    collateral: Vec<LossCells>,
}

impl Assembly<'_, '_, '_> {
    /// Assigns every position's exposures and the sums by underlying; returns the account's sums with what they add.
    pub(super) fn exposures(
        &mut self,
        account: &Account,
        header: &Header,
        commitment: &Num,
        priced: &Priced,
        sums: Sums,
    ) -> Result<Sums, Error> {
        let positions = self.positions(account, priced)?;
        let (claims, sums) = self.claims(account, header, &positions, sums)?;
        let zero = &account.opening.zero;
        let alpha = self.challenge(account, header, commitment, &claims, &priced.choices)?;
        let mut claimed = zero.clone();
        for claim in &claims {
            let chip = self.config.underlying;
            claimed = chip.assign_poles(&mut self.sheet, claim, &alpha, &claimed)?;
        }
        let chip = self.config.poles;
        let mut held = zero.clone();
        for position in &positions.exposed {
            held = chip.assign_poles(&mut self.sheet, position, &alpha, &held)?;
        }
        let rows = PoleChip::collateral_rows(positions.collateral.len());
        let row = self.sheet.take(rows)?;
        let collateral = &positions.collateral;
        let held = chip.assign_collateral(&mut self.sheet, row, collateral, &alpha, &held)?;
        self.sheet.tie(&held, &claimed);
        Ok(sums)
    }

    /// Every position's exposure and loss, and room for its fractions.
    fn positions(&mut self, account: &Account, priced: &Priced) -> Result<Positions, Error> {
        let rate = &account.scenario.gross;
        let mut positions = Positions::default();
        for (priced, row_of_group) in &priced.options {
            let row = self.sheet.take(OptionExposureChip::ROWS)?;
            let fractions = self.sheet.take(PoleChip::POSITION_ROWS)?;
            let chip = self.config.option_exposure;
            let (exposure, loss) =
                chip.assign(&mut self.sheet, row, priced, rate, *row_of_group)?;
            positions.exposed.push(position(exposure, loss, fractions));
        }
        for (priced, answers) in &priced.perpetual_options {
            let row = self.sheet.take(PerpetualExposureChip::ROWS)?;
            let fractions = self.sheet.take(PoleChip::POSITION_ROWS)?;
            let chip = self.config.perpetual_exposure;
            let (exposure, loss) = chip.assign(&mut self.sheet, row, priced, rate, *answers)?;
            positions.exposed.push(position(exposure, loss, fractions));
        }
        for (priced, loss, each) in &priced.linears {
            self.linear_exposure(priced, loss, *each, &mut positions)?;
        }
        Ok(positions)
    }

    fn linear_exposure(
        &mut self,
        priced: &PricedLinear,
        loss: &Num,
        each: Value<TableRow>,
        positions: &mut Positions,
    ) -> Result<(), Error> {
        let (chip, sheet) = (self.config.linear_exposure, &mut self.sheet);
        let (exposure, loss) = match priced {
            PricedLinear::Asset(underlying) => {
                let (underlying, loss) = (underlying.clone(), loss.clone());
                positions.collateral.push(LossCells { underlying, loss });
                return Ok(());
            }
            PricedLinear::Future(priced) => {
                let row = sheet.take(LinearExposureChip::FUTURE_ROWS)?;
                (chip.assign_future(sheet, row, priced)?, loss.clone())
            }
            PricedLinear::Swap(priced) => {
                let row = sheet.take(LinearExposureChip::SWAP_ROWS)?;
                (chip.assign_swap(sheet, row, priced, each)?, loss.clone())
            }
        };
        let fractions = sheet.take(PoleChip::POSITION_ROWS)?;
        positions.exposed.push(position(exposure, loss, fractions));
        Ok(())
    }

    /// The sums by underlying that are claimed, in strictly increasing order, and what they add to the account's.
    fn claims(
        &mut self,
        account: &Account,
        header: &Header,
        positions: &Positions,
        mut sums: Sums,
    ) -> Result<(Vec<ClaimCells>, Sums), Error> {
        let chip = self.config.underlying;
        let gathered = Gathered {
            header,
            scenario: &account.scenario,
            positions: &positions.exposed,
            collateral: &positions.collateral,
        };
        let mut claims: Vec<ClaimCells> = Vec::with_capacity(header.exposures.len());
        for i in 0..header.exposures.len() {
            let row = self.sheet.take(UnderlyingChip::ROWS)?;
            let asset = self.witness.and_then(|w| w.underlying_row(i));
            let (claim, next) =
                chip.assign_claim(&mut self.sheet, row, i, gathered, asset, &sums)?;
            (sums, _) = (next, claims.push(claim));
        }
        for pair in claims.windows(2) {
            let [claim, next] = pair else { continue };
            let row = self.sheet.take(SumsChip::ORDER_ROWS)?;
            let [uid, next] = [claim, next].map(|c| &c.sums.loss.underlying);
            let order = self.config.sums;
            order.assign_order(&mut self.sheet, row, uid, &claim.alive, next, 1)?;
        }
        Ok((claims, sums))
    }

    /// Poseidon over account, table, scenario and choices, and all that is claimed.
    fn challenge(
        &mut self,
        account: &Account,
        header: &Header,
        commitment: &Num,
        claims: &[ClaimCells],
        choices: &[[Num; 2]],
    ) -> Result<Num, Error> {
        let (chip, zero) = (self.config.sums, &account.opening.zero);
        let sheet = &mut self.sheet;
        let mut packed = Vec::new();
        let mut start = &account.scenario.number;
        for part in choices.chunks(SumsChip::CHOICES) {
            packed.push(chip.pack_choices(sheet, start, part)?);
            start = zero;
        }
        let uids = claims.iter().map(|claim| &claim.sums.loss.underlying);
        packed.push(chip.pack_numbers(sheet, zero, uids)?);
        let mut hashed = packed;
        for claim in claims {
            hashed.extend(claim.hashed().map(Num::clone));
        }
        let rest = hashed.split_off(2);
        let [a, b] = hashed.as_slice() else {
            return Err(Error::Synthesis);
        };
        self.chain([commitment, header.table_digest(), a, b], &rest, zero)
    }
}

/// A position with its place.
fn position(exposure: ExposureCells, loss: Num, row: usize) -> PositionCells {
    let ExposureCells { underlying, values } = exposure;
    PositionCells {
        loss: LossCells { underlying, loss },
        exposures: values,
        row,
    }
}
