//! What the policy makes of an underlying: its part of the requirement's core, and charges on gamma and vega.
//!
//! ```text
//! row  a0     a1      a2    a3          a4          rows of the claim
//! 2    *      *       *     *           C
//! 3    q'_d   q'_g    q'_v  C'          h           q_greeks
//! 4    *      *       *     gamma rate  vega rate
//!
//! 7    *      *       *     x           *
//! 8    l'     r       q'_d  net rate    .           q_net
//! 9    net    core    core' .           .           q_core
//! 10   uid    factor  0     0           0           lookup Underlying
//! ```
//! With q = q' - 2^99, l = l' - 2^129:
//!
//! q_greeks: h = 0 or h = -q_g - 1; C' - C = 2^8 (gamma rate h + vega rate q_v) or 2^8 (gamma rate h + vega rate (-q_v - 1)).
//! q_net:    x = 2^120 l + r; net = 2^10 l + net rate q_d or net = 2^10 l + net rate (-q_d - 1).
//! q_core:   core' - core = 1e8 net or factor net.
//!
//! l' and r in range; q' are [`CutChip`](super::cut::CutChip)'s, x is the claim's loss, stars are cells of theirs. An exposure
//! was rounded down, so that q or -q - 1 is at most its magnitude, and the other is negative. Each "or" is the prover's choice,
//! and none of the two makes more than is due: rates are not negative (a policy's rate on hedged delta is at most twice that on net
//! delta), and factor is at least 1e8, so that it makes a gain greater and not a loss less. The honest
//! prover takes the greater of the two.
//!
//! A malicious prover could try: another asset's factor (uid is the claim's), a loss cut upwards (l' and r in range), a charge
//! on top of other sums (C and core are copies of the last).
//!
//! What the circuit leaves to its verifier: rates and table are those of one policy.

use halo2_proofs::circuit::Value;
use halo2_proofs::plonk::{ConstraintSystem, Constraints, Error, Expression, Selector};
use halo2curves::bn256::Fr;
use num_bigint::BigInt;
use num_traits::Zero;

use super::{
    opening::{FIXED_ROWS, GAMMA_RATE, VEGA_RATE},
    scenario::ScenarioCells,
    sheet::{Columns, Sheet, cells, constant, pow2},
    sums::Sums,
    total::{QUOTIENT_LIMBS, QUOTIENT_OFFSET_BITS, REMAINDER_LIMBS},
};
use crate::{
    engine::{
        DROPPED_BITS,
        exposure::{QUOTIENT_BITS, UNIT_BITS, cut_bits},
        underlying::{LOSS_RAISE, least_magnitude},
    },
    field,
    model::ONE,
    poseidon::Num,
    public::{Kind, TableRow},
};

/// Gates of an underlying's charges.
#[derive(Clone, Copy, Debug)]
pub struct ChargesChip {
    q_greeks: Selector,
    q_net: Selector,
    q_core: Selector,
}

/// The numbers that are charged.
#[derive(Clone, Copy, Debug)]
pub struct ChargedCells<'n> {
    /// Number of the underlying.
    pub underlying: &'n Num,
    /// Its loss, in the fourth column of the eighth row.
    pub loss: &'n Num,
    /// Delta, gamma, vega without their last bits, 2^99 added, in the fourth row.
    pub quotients: &'n [Num; 3],
}

/// What they are charged by.
#[derive(Clone, Copy, Debug)]
pub struct ChargeRules<'n> {
    /// The header's rows that every shape has.
    pub header: &'n [Num; FIXED_ROWS],
    /// The scenario.
    pub scenario: &'n ScenarioCells,
}

impl ChargesChip {
    /// Rows below the claim's.
    pub const ROWS: usize = 3;

    /// Adds the gates.
    pub fn configure(meta: &mut ConstraintSystem<Fr>, columns: &Columns) -> Self {
        let chip = Self {
            q_greeks: meta.selector(),
            q_net: meta.selector(),
            q_core: meta.selector(),
        };
        let columns = *columns;
        meta.create_gate("q_greeks", |meta| {
            let q = meta.query_selector(chip.q_greeks);
            let [.., charges] = columns.row(meta, -1);
            let [_, gamma, vega, charges_next, short] = columns.row(meta, 0);
            let [.., gamma_rate, vega_rate] = columns.row(meta, 1);
            let [_, negative] = magnitudes(gamma);
            let rest = charges_next - charges - gamma_rate * short.clone() * pow2(UNIT_BITS);
            let charge = magnitudes(vega).map(|x| x * vega_rate.clone() * pow2(UNIT_BITS));
            Constraints::with_selector(
                q,
                [
                    ("h = 0 or -q_g - 1", short.clone() * (short - negative)),
                    (
                        "C' - C = 2^8 (gamma rate h + vega rate (q_v or -q_v - 1))",
                        either(&rest, charge),
                    ),
                ],
            )
        });
        meta.create_gate("q_net", |meta| {
            let q = meta.query_selector(chip.q_net);
            let [_, _, _, loss, _] = columns.row(meta, -1);
            let [quotient, remainder, delta, rate, _] = columns.row(meta, 0);
            let [net, ..] = columns.row(meta, 1);
            let quotient = quotient - pow2(QUOTIENT_OFFSET_BITS);
            let rest = net - quotient.clone() * pow2(LOSS_RAISE);
            let charge = magnitudes(delta).map(|x| x * rate.clone());
            Constraints::with_selector(
                q,
                [
                    (
                        "x = 2^120 l + r",
                        loss - quotient * pow2(DROPPED_BITS) - remainder,
                    ),
                    (
                        "net = 2^10 l + net rate (q_d or -q_d - 1)",
                        either(&rest, charge),
                    ),
                ],
            )
        });
        meta.create_gate("q_core", |meta| {
            let q = meta.query_selector(chip.q_core);
            let [net, core, core_next, ..] = columns.row(meta, 0);
            let [_, factor, ..] = columns.row(meta, 1);
            let charges = [net.clone() * constant(ONE.into()), net * factor];
            Constraints::with_selector(
                q,
                [(
                    "core' - core = 1e8 net or factor net",
                    either(&(core_next - core), charges),
                )],
            )
        });
        chip
    }

    /// Charges an underlying in the claim's rows, which start at `row`; `asset` is the public table's row of the underlying.
    ///
    /// # Errors
    /// [`Error::Synthesis`] when the rows are used up.
    pub fn assign(
        &self,
        sheet: &mut Sheet<'_, '_>,
        row: usize,
        charged: ChargedCells<'_>,
        rules: ChargeRules<'_>,
        asset: Value<TableRow>,
        sums: &Sums,
    ) -> Result<Sums, Error> {
        let [delta, gamma, vega] = charged.quotients;
        let ChargeRules { header, scenario } = rules;
        let contingencies = sheet.copy(&sums.contingencies, 4, row + 2);
        let gamma_rate = sheet.copy(&header[GAMMA_RATE], 3, row + 4);
        let vega_rate = sheet.copy(&header[VEGA_RATE], 4, row + 4);
        let short = quotient(gamma).map(|q| field::from_int(&(-q - 1u32).max(BigInt::zero())));
        let short = sheet.free(4, row + 3, short);
        let least = quotient(vega).map(|q| field::from_int(&least_magnitude(&q)));
        let charge = gamma_rate.value * short.value + vega_rate.value * least;
        let charge = charge * Value::known(field::pow2(UNIT_BITS));
        let contingencies = sheet.free(3, row + 3, contingencies.value + charge);
        sheet.enable(self.q_greeks, row + 3)?;

        let cut = charged.loss.value;
        let cut = cut.map(|loss| cut_bits(&field::to_int(&loss), DROPPED_BITS));
        let loss = cut.as_ref().map(|(quotient, _)| field::from_int(quotient));
        let offset = Value::known(field::pow2(QUOTIENT_OFFSET_BITS));
        let shifted = sheet.free(0, row + 8, loss + offset);
        let remainder = cut.map(|(_, remainder)| field::from_int(&remainder));
        let remainder = sheet.free(1, row + 8, remainder);
        sheet.range(&shifted, QUOTIENT_LIMBS)?;
        sheet.range(&remainder, REMAINDER_LIMBS)?;
        let delta = sheet.copy(delta, 2, row + 8);
        let rate = sheet.copy(&scenario.net, 3, row + 8);
        let least = quotient(&delta).map(|q| field::from_int(&least_magnitude(&q)));
        let raise = Value::known(field::pow2(LOSS_RAISE));
        let net = (shifted.value - offset) * raise + rate.value * least;
        let net = sheet.free(0, row + 9, net);
        sheet.enable(self.q_net, row + 8)?;

        let [underlying, factor, ..] = sheet.lookup(row + 10, Kind::Underlying, cells(asset))?;
        sheet.tie(&underlying, charged.underlying);
        let core = sheet.copy(&sums.core, 1, row + 9);
        let weighed = net.value.zip(factor.value).map(|(net, factor)| {
            let (net, factor) = (field::to_int(&net), field::to_int(&factor));
            field::from_int(&(&net * ONE).max(net * factor))
        });
        let core = sheet.free(2, row + 9, core.value + weighed);
        sheet.enable(self.q_core, row + 9)?;
        Ok(Sums {
            contingencies,
            core,
            ..sums.clone()
        })
    }
}

/// q and -q - 1 of a quotient to which 2^99 is added.
fn magnitudes(quotient: Expression<Fr>) -> [Expression<Fr>; 2] {
    let quotient = quotient - pow2(QUOTIENT_BITS);
    let negative = constant(0) - quotient.clone() - constant(1);
    [quotient, negative]
}

/// Zero iff `x` is one of the two.
fn either(x: &Expression<Fr>, [a, b]: [Expression<Fr>; 2]) -> Expression<Fr> {
    (x.clone() - a) * (x.clone() - b)
}

/// The integer of a quotient to which 2^99 is added.
fn quotient(shifted: &Num) -> Value<BigInt> {
    let offset = Value::known(field::pow2(QUOTIENT_BITS));
    (shifted.value - offset).map(|q| field::to_int(&q))
}
