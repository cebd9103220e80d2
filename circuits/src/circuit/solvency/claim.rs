//! An underlying: its exposures as claimed, what is charged for them at most, and what every branch makes of its losses.
//!
//! ```text
//! row  a0     a1     a2     a3     a4
//! 0    q'_d   q'_g   q'_v   .      .
//! 1    r_d    r_g    r_v    .      .          q_cut_above
//! 2    delta  gamma  vega   alive  used
//! 3    u      alpha  i_0    i_1    i_2        its fractions: see PoleChip
//! 4    A      A'     i_3    gross  .
//! 5    q'_d   z_d    t_d    q'_g   z_g
//! 6    t_g    q'_v   z_v    t_v    C          q_magnitudes
//! 7    gamma  vega   C'     .      .          the policy's rates
//! 8    u      factor 0      0      0          lookup Underlying
//! 9    u      alive  u-alive .     .          q_listed
//!
//! branch
//! 0    P      X      A      move   x          q_branch_loss
//! 1    l'     r      rate   t_d    alive
//! 2    |net|  z      factor core   core'      q_weighed
//! ```
//! With q = q' - 2^99, l = l' - 2^129:
//!
//! q_cut_above:   used sum = 2^cut q + r, (1 - alive) sum = 0, each.
//! q_magnitudes:  z boolean; t = (1 - 2 z) q - z, each; C' = C + 2^8 (gamma rate z_g (t_g + 1) + vega rate (t_v + 1)).
//! q_listed:      alive boolean, and 1 iff u is not 0: (1 - alive) u = 0, u - alive in range.
//! q_branch_loss: x = P + X - 2^-10 move A = 2^120 l - r; (1 - alive) P = 0, (1 - alive) X = 0, (1 - alive) A = 0.
//! q_weighed:     z boolean; (1 - 2 z)|net| = 2^10 l + rate (t_d + 1); core' = core + |net| (factor - z (factor + 1e8)).
//!
//! q', r, t, l', |net| in range. A sum was rounded down to q, so that t + 1, which is q + 1 or -q, is at least its magnitude. P is what
//! positions are worth unmoved, A what moves with spot alone: of a scenario; the delta charge and the basis loss have X alone.
//!
//! A malicious prover could try: a sign that makes a charge less (t would be negative), a loss as a gain (|net| would be), another
//! asset's factor (u is tied), a loss rounded down (r in range), an underlying left out or listed twice (the fractions, and gaps
//! in range).

use halo2_proofs::circuit::Value;
use halo2_proofs::plonk::{ConstraintSystem, Constraints, Error, Selector};
use halo2curves::bn256::Fr;
use num_traits::Signed;

use super::header::{EXPOSURES_CHARGED, GAMMA_RATE, ROWS as HEADER_ROWS, VEGA_RATE};
use crate::{
    circuit::{
        poles::{LossCells, PositionCells},
        sheet::{Columns, Sheet, boolean, cells, constant, pow2, signed},
        total::{QUOTIENT_LIMBS, QUOTIENT_OFFSET_BITS, REMAINDER_LIMBS},
    },
    engine::{
        DROPPED_BITS, ceil,
        exposure::{CUT_BITS, QUOTIENT_BITS, UNIT_BITS, cut_bits},
        solvency::{MOVE_CUT, NET_BITS},
        underlying::LOSS_RAISE,
    },
    field,
    model::ONE,
    poseidon::Num,
    public::{Kind, TableRow},
};

/// Limbs of a cut exposure, offset by half of what they hold, and of its magnitude.
const EXPOSURE_LIMBS: usize = (QUOTIENT_BITS as usize + 1) / 10;
/// Limbs of a weighed loss's magnitude.
const NET_LIMBS: usize = NET_BITS as usize / 10;
const PADDING_NAMES: [&str; 3] = [
    "(1 - alive) delta = 0",
    "(1 - alive) gamma = 0",
    "(1 - alive) vega = 0",
];
const CUT_NAMES: [&str; 3] = [
    "used delta = 2^110 q + r",
    "used gamma = 2^80 q + r",
    "used vega = 2^100 q + r",
];

/// Gates of an underlying.
#[derive(Clone, Copy, Debug)]
pub struct ClaimChip {
    q_cut: Selector,
    q_magnitudes: Selector,
    q_listed: Selector,
    q_loss: Selector,
    q_weighed: Selector,
}

/// A listed underlying.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Number of the underlying, gross delta, exposures, in the cells of its fractions.
    pub sums: PositionCells,
    /// 0 for padding, else 1.
    pub alive: Num,
    /// Multiplier of its losses.
    pub factor: Num,
    /// Magnitude of its delta, less one.
    pub delta: Num,
}

/// What a branch makes of an underlying.
#[derive(Clone, Copy, Debug)]
pub struct BranchLoss<'n> {
    /// What positions are worth unmoved, what they lose by the branch, what moves with spot.
    pub sums: [&'n Num; 3],
    /// The spot move.
    pub spot_move: &'n Num,
    /// The rate on the magnitude of delta.
    pub rate: &'n Num,
}

impl ClaimChip {
    /// Rows of an underlying.
    pub const ROWS: usize = 10;
    /// Rows of a branch.
    pub const BRANCH_ROWS: usize = 3;

    /// Adds the gates.
    pub fn configure(meta: &mut ConstraintSystem<Fr>, columns: &Columns) -> Self {
        let chip = Self {
            q_cut: meta.selector(),
            q_magnitudes: meta.selector(),
            q_listed: meta.selector(),
            q_loss: meta.selector(),
            q_weighed: meta.selector(),
        };
        let columns = *columns;
        meta.create_gate("q_cut_above", |meta| {
            let q = meta.query_selector(chip.q_cut);
            let [quotients @ .., _, _] = columns.row(meta, -1);
            let [remainders @ .., _, _] = columns.row(meta, 0);
            let [sums @ .., alive, used] = columns.row(meta, 1);
            let padding = constant(1) - alive;
            let empty = sums.clone().into_iter().zip(PADDING_NAMES);
            let empty = empty.map(|(sum, name)| (name, padding.clone() * sum));
            let empty: Vec<_> = empty.collect();
            let parts = quotients.into_iter().zip(remainders).zip(sums);
            let cuts = parts.zip(CUT_BITS).zip(CUT_NAMES);
            let tied = cuts.map(|((((quotient, remainder), sum), bits), name)| {
                let whole = (quotient - pow2(QUOTIENT_BITS)) * pow2(bits);
                (name, used.clone() * sum - whole - remainder)
            });
            Constraints::with_selector(q, tied.chain(empty).collect::<Vec<_>>())
        });
        meta.create_gate("q_magnitudes", |meta| {
            let q = meta.query_selector(chip.q_magnitudes);
            let [delta, delta_sign, delta_left, gamma, gamma_sign] = columns.row(meta, -1);
            let [gamma_left, vega, vega_sign, vega_left, charges] = columns.row(meta, 0);
            let [gamma_rate, vega_rate, all, ..] = columns.row(meta, 1);
            let left =
                |quotient, sign: &_| signed(sign, &(quotient - pow2(QUOTIENT_BITS))) - sign.clone();
            let short = gamma_sign.clone() * (gamma_left.clone() + constant(1));
            let charge = gamma_rate * short + vega_rate * (vega_left.clone() + constant(1));
            Constraints::with_selector(
                q,
                [
                    ("z_d boolean", boolean(&delta_sign)),
                    ("z_g boolean", boolean(&gamma_sign)),
                    ("z_v boolean", boolean(&vega_sign)),
                    (
                        "t_d = (1 - 2 z) q - z",
                        delta_left - left(delta, &delta_sign),
                    ),
                    (
                        "t_g = (1 - 2 z) q - z",
                        gamma_left - left(gamma, &gamma_sign),
                    ),
                    ("t_v = (1 - 2 z) q - z", vega_left - left(vega, &vega_sign)),
                    (
                        "C' = C + 2^8 (gamma rate z_g (t_g + 1) + vega rate (t_v + 1))",
                        all - charges - charge * pow2(UNIT_BITS),
                    ),
                ],
            )
        });
        meta.create_gate("q_listed", |meta| {
            let q = meta.query_selector(chip.q_listed);
            let [underlying, alive, above, ..] = columns.row(meta, 0);
            Constraints::with_selector(
                q,
                [
                    ("alive boolean", boolean(&alive)),
                    (
                        "(1 - alive) u = 0",
                        (constant(1) - alive.clone()) * underlying.clone(),
                    ),
                    ("u - alive", above - underlying + alive),
                ],
            )
        });
        let cut = Option::<Fr>::from(ff::Field::invert(&field::pow2(MOVE_CUT))).unwrap_or_default();
        meta.create_gate("q_branch_loss", |meta| {
            let q = meta.query_selector(chip.q_loss);
            let [unmoved, lost, moving, spot_move, loss] = columns.row(meta, 0);
            let [quotient, remainder, _, _, alive] = columns.row(meta, 1);
            let whole = (quotient - pow2(QUOTIENT_OFFSET_BITS)) * pow2(DROPPED_BITS);
            let padding = constant(1) - alive;
            Constraints::with_selector(
                q,
                [
                    ("(1 - alive) P = 0", padding.clone() * unmoved.clone()),
                    ("(1 - alive) X = 0", padding.clone() * lost.clone()),
                    ("(1 - alive) A = 0", padding * moving.clone()),
                    (
                        "x = P + X - 2^-10 move A",
                        loss.clone() - unmoved - lost + spot_move * moving * cut,
                    ),
                    ("x = 2^120 l - r", loss - whole + remainder),
                ],
            )
        });
        meta.create_gate("q_weighed", |meta| {
            let q = meta.query_selector(chip.q_weighed);
            let [quotient, _, rate, delta, _] = columns.row(meta, -1);
            let [magnitude, gain, factor, core, all] = columns.row(meta, 0);
            let quotient = (quotient - pow2(QUOTIENT_OFFSET_BITS)) * pow2(LOSS_RAISE);
            let net = quotient + rate * (delta + constant(1));
            let weight = factor.clone() - gain.clone() * (factor + constant(ONE.into()));
            Constraints::with_selector(
                q,
                [
                    ("z boolean", boolean(&gain)),
                    (
                        "(1 - 2 z)|net| = 2^10 l + rate (t_d + 1)",
                        signed(&gain, &magnitude) - net,
                    ),
                    (
                        "core' = core + |net| (factor - z (factor + 1e8))",
                        all - core - magnitude * weight,
                    ),
                ],
            )
        });
        chip
    }

    /// Assigns an underlying but for its fractions; `sums` are delta, gamma, vega and gross delta, `asset` its row of the public table.
    /// Returns it with the charges.
    ///
    /// # Errors
    /// [`Error::Synthesis`] when the rows are used up.
    pub fn assign(
        &self,
        sheet: &mut Sheet<'_, '_>,
        asset: Value<TableRow>,
        sums: impl FnOnce(&Num) -> [Value<Fr>; 4],
        header: &[Num],
        charges: &Num,
    ) -> Result<(Claim, Num), Error> {
        let row = sheet.take(Self::ROWS)?;
        let header: &[Num; HEADER_ROWS] = header.try_into().map_err(|_| Error::Synthesis)?;
        let [underlying, factor, ..] = sheet.lookup(row + 8, Kind::Underlying, cells(asset))?;
        let alive = underlying
            .value
            .map(|u| Fr::from(u64::from(u != Fr::zero())));
        sheet.copy(&underlying, 0, row + 9);
        let alive = sheet.free(1, row + 9, alive);
        let above = sheet.free(2, row + 9, underlying.value - alive.value);
        sheet.range(&above, 1)?;
        sheet.enable(self.q_listed, row + 9)?;
        let underlying = sheet.copy(&underlying, 0, row + 3);
        let [delta, gamma, vega, gross] = sums(&underlying);
        let exposures = sheet.free_three(row + 2, [delta, gamma, vega]);
        sheet.copy(&alive, 3, row + 2);
        let used = sheet.copy(&header[EXPOSURES_CHARGED], 4, row + 2);
        let gross = sheet.free(3, row + 4, gross);

        let mut quotients = Vec::with_capacity(exposures.len());
        for (i, (sum, bits)) in exposures.iter().zip(CUT_BITS).enumerate() {
            let cut = (sum.value * used.value).map(|sum| cut_bits(&field::to_int(&sum), bits));
            let offset = Value::known(field::pow2(QUOTIENT_BITS));
            let quotient = cut.as_ref().map(|(quotient, _)| field::from_int(quotient));
            let quotient = sheet.free(i, row, quotient + offset);
            let remainder = cut.map(|(_, remainder)| field::from_int(&remainder));
            let remainder = sheet.free(i, row + 1, remainder);
            sheet.range(&quotient, EXPOSURE_LIMBS)?;
            sheet.range(&remainder, bits as usize / 10)?;
            quotients.push(quotient);
        }
        sheet.enable(self.q_cut, row + 1)?;
        let [delta, gamma, vega] = quotients.as_slice() else {
            return Err(Error::Synthesis);
        };
        let [_, delta] = magnitude(sheet, delta, [(0, row + 5), (1, row + 5), (2, row + 5)])?;
        let [short, gamma] = magnitude(sheet, gamma, [(3, row + 5), (4, row + 5), (0, row + 6)])?;
        let [_, vega] = magnitude(sheet, vega, [(1, row + 6), (2, row + 6), (3, row + 6)])?;
        let charges = sheet.copy(charges, 4, row + 6);
        let gamma_rate = sheet.copy(&header[GAMMA_RATE], 0, row + 7);
        let vega_rate = sheet.copy(&header[VEGA_RATE], 1, row + 7);
        let one = Value::known(Fr::one());
        let charge = gamma_rate.value * short.value * (gamma.value + one)
            + vega_rate.value * (vega.value + one);
        let charge = charge * Value::known(field::pow2(UNIT_BITS));
        let charges = sheet.free(2, row + 7, charges.value + charge);
        sheet.enable(self.q_magnitudes, row + 6)?;
        let claim = Claim {
            sums: PositionCells {
                loss: LossCells {
                    underlying,
                    loss: gross,
                },
                exposures,
                row: row + 3,
            },
            alive,
            factor,
            delta,
        };
        Ok((claim, charges))
    }

    /// Adds what a branch makes of an underlying to the branch's core.
    ///
    /// # Errors
    /// [`Error::Synthesis`] when the rows are used up.
    pub fn assign_branch(
        &self,
        sheet: &mut Sheet<'_, '_>,
        claim: &Claim,
        branch: BranchLoss<'_>,
        core: &Num,
    ) -> Result<Num, Error> {
        let row = sheet.take(Self::BRANCH_ROWS)?;
        let mut column = 0;
        let [unmoved, lost, moving] = branch.sums.map(|sum| {
            column += 1;
            sheet.copy(sum, column - 1, row)
        });
        let spot_move = sheet.copy(branch.spot_move, 3, row);
        let cut = Option::<Fr>::from(ff::Field::invert(&field::pow2(MOVE_CUT))).unwrap_or_default();
        let moved = spot_move.value * moving.value * Value::known(cut);
        let loss = sheet.free(4, row, unmoved.value + lost.value - moved);
        let parts = loss.value.map(|loss| ceil(&field::to_int(&loss)));
        let offset = Value::known(field::pow2(QUOTIENT_OFFSET_BITS));
        let quotient = parts
            .as_ref()
            .map(|(quotient, _)| field::from_int(quotient));
        let shifted = sheet.free(0, row + 1, quotient + offset);
        let remainder = parts.map(|(_, remainder)| field::from_int(&remainder));
        let remainder = sheet.free(1, row + 1, remainder);
        sheet.range(&shifted, QUOTIENT_LIMBS)?;
        sheet.range(&remainder, REMAINDER_LIMBS)?;
        sheet.enable(self.q_loss, row)?;

        let one = Value::known(Fr::one());
        let rate = sheet.copy(branch.rate, 2, row + 1);
        let delta = sheet.copy(&claim.delta, 3, row + 1);
        sheet.copy(&claim.alive, 4, row + 1);
        let raise = Value::known(field::pow2(LOSS_RAISE));
        let net = (shifted.value - offset) * raise + rate.value * (delta.value + one);
        let net = net.map(|net| field::to_int(&net));
        let magnitude = net.as_ref().map(|net| field::from_int(&net.abs()));
        let magnitude = sheet.free(0, row + 2, magnitude);
        let gain = net.map(|net| Fr::from(u64::from(net.is_negative())));
        let gain = sheet.free(1, row + 2, gain);
        sheet.range(&magnitude, NET_LIMBS)?;
        let factor = sheet.copy(&claim.factor, 2, row + 2);
        let core = sheet.copy(core, 3, row + 2);
        let unit = Value::known(field::from_i128(ONE.into()));
        let weight = factor.value - gain.value * (factor.value + unit);
        let core = sheet.free(4, row + 2, core.value + magnitude.value * weight);
        sheet.enable(self.q_weighed, row + 2)?;
        Ok(core)
    }
}

/// Assigns a cut exposure's copy, sign, and magnitude less one, in three places; returns the last two.
fn magnitude(
    sheet: &mut Sheet<'_, '_>,
    quotient: &Num,
    [copy, sign, left]: [(usize, usize); 3],
) -> Result<[Num; 2], Error> {
    let one = Value::known(Fr::one());
    let quotient = sheet.copy(quotient, copy.0, copy.1);
    let offset = Value::known(field::pow2(QUOTIENT_BITS));
    let value = quotient.value - offset;
    let negative = value.map(|x| Fr::from(u64::from(field::is_negative(&x))));
    let sign = sheet.free(sign.0, sign.1, negative);
    let magnitude = (one - sign.value - sign.value) * value - sign.value;
    let left = sheet.free(left.0, left.1, magnitude);
    sheet.range(&left, EXPOSURE_LIMBS)?;
    Ok([sign, left])
}
