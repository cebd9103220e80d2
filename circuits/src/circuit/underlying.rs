//! All positions in one underlying: exposures and loss as claimed, what is disclosed of them and what is charged for them.
//!
//! ```text
//! header, from the row of the underlying's number
//! row  a0       a1      a2      a3     a4
//! 0    out      uid     shown   alive  uid - alive    q_number
//!
//! underlying
//! row  a0       a1      a2      a3     a4
//! 0..4                                            the cuts of delta, gamma and vega: see [`CutChip`]
//! 5    X_delta  X_gamma X_vega  alive  used
//! 6    uid      alpha   i_0     i_1    i_2        its fractions: see [`PoleChip`]; q_claim
//! 7    A        A'      i_3     x      .
//! 8..10                                           loss and charges: see [`ChargesChip`]
//! ```
//! q_number: out = shown uid; alive boolean, and 1 iff uid is not 0: (1 - alive) uid = 0, uid - alive in range.
//! q_claim:  (1 - alive) X = 0 each, (1 - alive) x = 0.
//!
//! X are dollar delta, dollar gamma and vega, x is the loss under the scenario. [`PoleChip`] proves that they are the positions'.
//! uid is one of the public table's assets.
//!
//! A malicious prover could try: sums that leave a position out or count it for another underlying (A and alpha), one
//! underlying twice or out of order, so that its sum is split (the gaps are in range), a uid between two numbers, whose
//! poles are another's (it is looked up), sums in a padding row (q_claim).
//!
//! What the circuit leaves to its verifier: shown is 0 or 1.

use halo2_proofs::circuit::Value;
use halo2_proofs::plonk::{ConstraintSystem, Constraints, Error, Selector};
use halo2curves::bn256::Fr;

use super::{
    charges::{ChargeRules, ChargedCells, ChargesChip},
    cut::CutChip,
    opening::{EXPOSURE_ROWS, EXPOSURES_SHOWN, FIXED_ROWS, Header},
    poles::{LossCells, PoleChip, PositionCells},
    scenario::ScenarioCells,
    sheet::{Columns, Sheet, boolean, cells, constant},
    sums::Sums,
};
use crate::{poseidon::Num, public::TableRow};

/// Gates of sums by underlying.
#[derive(Clone, Copy, Debug)]
pub struct UnderlyingChip {
    q_number: Selector,
    q_claim: Selector,
    cut: CutChip,
    charges: ChargesChip,
    poles: PoleChip,
}

/// A claimed sum.
#[derive(Clone, Debug)]
pub struct ClaimCells {
    /// Number of the underlying and its sums, in the cells of its fractions.
    pub sums: PositionCells,
    /// 0 for padding, else 1.
    pub alive: Num,
}

/// What claims are made of.
#[derive(Clone, Copy, Debug)]
pub struct Gathered<'n> {
    /// The header.
    pub header: &'n Header,
    /// The scenario.
    pub scenario: &'n ScenarioCells,
    /// Positions with exposures.
    pub positions: &'n [PositionCells],
    /// Collateral.
    pub collateral: &'n [LossCells],
}

impl ClaimCells {
    /// What the challenge is drawn from.
    pub fn hashed(&self) -> [&Num; 4] {
        let [delta, gamma, vega] = &self.sums.exposures;
        [delta, gamma, vega, &self.sums.loss.loss]
    }
}

impl UnderlyingChip {
    /// Rows of an underlying.
    pub const ROWS: usize = CutChip::ROWS + 1 + PoleChip::POSITION_ROWS + ChargesChip::ROWS;

    /// Adds the gates.
    pub fn configure(meta: &mut ConstraintSystem<Fr>, columns: &Columns, poles: PoleChip) -> Self {
        let [q_number, q_claim] = std::array::from_fn(|_| meta.selector());
        let columns = *columns;
        meta.create_gate("q_number", |meta| {
            let q = meta.query_selector(q_number);
            let [out, uid, shown, alive, above] = columns.row(meta, 0);
            Constraints::with_selector(
                q,
                [
                    ("out = shown uid", out - shown * uid.clone()),
                    ("alive boolean", boolean(&alive)),
                    (
                        "(1 - alive) uid = 0",
                        (constant(1) - alive.clone()) * uid.clone(),
                    ),
                    ("uid - alive", above - uid + alive),
                ],
            )
        });
        meta.create_gate("q_claim", |meta| {
            let q = meta.query_selector(q_claim);
            let [delta, gamma, vega, alive, _] = columns.row(meta, -1);
            let [_, _, _, loss, _] = columns.row(meta, 1);
            let padding = constant(1) - alive;
            Constraints::with_selector(
                q,
                [
                    ("(1 - alive) X_delta = 0", padding.clone() * delta),
                    ("(1 - alive) X_gamma = 0", padding.clone() * gamma),
                    ("(1 - alive) X_vega = 0", padding.clone() * vega),
                    ("(1 - alive) x = 0", padding * loss),
                ],
            )
        });
        Self {
            q_number,
            q_claim,
            cut: CutChip::configure(meta, &columns),
            charges: ChargesChip::configure(meta, &columns),
            poles,
        }
    }

    /// Assigns the `i`th underlying from `row` on, but for its fractions: the sums of the positions in it, and its charges.
    /// `asset` is the public table's row of the underlying.
    ///
    /// # Errors
    /// [`Error::Synthesis`] when the rows are used up, or the header has no such underlying.
    pub fn assign_claim(
        &self,
        sheet: &mut Sheet<'_, '_>,
        row: usize,
        i: usize,
        gathered: Gathered<'_>,
        asset: Value<TableRow>,
        sums: &Sums,
    ) -> Result<(ClaimCells, Sums), Error> {
        let Gathered {
            header, scenario, ..
        } = gathered;
        let public = header.exposures.get(i).ok_or(Error::Synthesis)?;
        let fixed = &header.fixed;
        let (first, poles) = (row + CutChip::ROWS, row + CutChip::ROWS + 1);
        let [uid, ..] = cells(asset);
        let underlying = sheet.free(0, poles, uid);
        let (exposures, loss) = gathered.sums(&underlying);
        let exposures = sheet.free_three(first, exposures);
        let loss = sheet.free(3, poles + 1, loss);
        let alive = self.assign_number(sheet, i, &fixed[EXPOSURES_SHOWN], &underlying)?;
        sheet.copy(&alive, 3, first);
        sheet.enable(self.q_claim, poles)?;
        let quotients = self.cut.assign(sheet, row, &exposures, fixed, public)?;
        let charged = ChargedCells {
            underlying: &underlying,
            loss: &loss,
            quotients: &quotients,
        };
        let rules = ChargeRules {
            header: fixed,
            scenario,
        };
        let charges = self.charges;
        let sums = charges.assign(sheet, row, charged, rules, asset, sums)?;
        let sums_of_claim = PositionCells {
            loss: LossCells { underlying, loss },
            exposures,
            row: poles,
        };
        let claim = ClaimCells {
            sums: sums_of_claim,
            alive,
        };
        Ok((claim, sums))
    }

    /// Ties the underlying to the header's number, in the row of which there is room; returns `alive`.
    fn assign_number(
        &self,
        sheet: &mut Sheet<'_, '_>,
        i: usize,
        shown: &Num,
        underlying: &Num,
    ) -> Result<Num, Error> {
        let row = FIXED_ROWS + EXPOSURE_ROWS * i;
        let uid = sheet.copy(underlying, 1, row);
        sheet.copy(shown, 2, row);
        let alive = uid.value.map(|uid| Fr::from(u64::from(uid != Fr::zero())));
        let alive = sheet.free(3, row, alive);
        let above = sheet.free(4, row, uid.value - alive.value);
        sheet.range(&above, 1)?;
        sheet.enable(self.q_number, row)?;
        Ok(alive)
    }

    /// Adds the fractions of a claimed sum to `sum`.
    ///
    /// # Errors
    /// As the backend.
    pub fn assign_poles(
        &self,
        sheet: &mut Sheet<'_, '_>,
        claim: &ClaimCells,
        alpha: &Num,
        sum: &Num,
    ) -> Result<Num, Error> {
        self.poles.assign_placed(sheet, &claim.sums, alpha, sum)
    }
}

impl Gathered<'_> {
    /// Exposures and loss of the positions in an underlying.
    fn sums(&self, uid: &Num) -> ([Value<Fr>; 3], Value<Fr>) {
        let zero = Value::known(Fr::zero());
        let counted = |position: &LossCells| {
            let pair = uid.value.zip(position.underlying.value);
            pair.map(|(uid, underlying)| Fr::from(u64::from(uid == underlying)))
        };
        let mut exposures = [zero; 3];
        for position in self.positions {
            for (sum, value) in exposures.iter_mut().zip(&position.exposures) {
                *sum = *sum + value.value * counted(&position.loss);
            }
        }
        let positions = self.positions.iter().map(|position| &position.loss);
        let losses = positions.chain(self.collateral);
        let loss = losses.fold(zero, |sum, position| {
            sum + position.loss.value * counted(position)
        });
        (exposures, loss)
    }
}
