//! One N(d) with what is beyond the table: from 7 on N counts as 1.
//!
//! ```text
//! row  a0    a1     a2   a3      a4
//! 0    i     c0     c1   c2      c3     lookup Normal
//! 1    t     z      N    sign    P      q_normal
//! 2    d     above  inv  inside  Q      q_leg, and q_whole where d is on the grid of z
//! ```
//! q_leg:   (1 - 2 sign) d = t + 7 2^37 above; inside = 1 - above inv; above inside = 0;
//!          Q = inside P + (1 - inside)(1 - sign) 2^88.
//! q_whole: t = 2^20 z.
//!
//! A malicious prover could try: t beyond the table (its index is looked up), another sign (t + 7 2^37 above would be negative: t has
//! forty bits, above ten), a d inside passed off as outside (above is 0, so inside is 1).

use ff::Field;
use halo2_proofs::{
    circuit::Value,
    plonk::{ConstraintSystem, Constraints, Error, Selector},
};
use halo2curves::bn256::Fr;
use zkmargin_circuits::{
    circuit::chips::{Columns, NormalChip, NormalTrace, Sheet, constant, int, pow2, signed},
    field,
    poseidon::Num,
    tables::{self, N_BITS, NORMAL_END, V_BITS},
};

/// Seven, units 2^-37.
const END: i128 = NORMAL_END << V_BITS;

/// The witness of one N(d).
#[derive(Clone, Copy, Debug)]
pub(super) struct LegTrace {
    d: i128,
    above: i128,
    normal: NormalTrace,
    /// N(d), units 2^-88.
    pub value: i128,
}

impl LegTrace {
    /// For d in units 2^-37.
    pub fn new(d: i128) -> Self {
        let (above, magnitude) = (d.abs() / END, d.abs() % END);
        let negative = d < 0;
        let unsigned = tables::normal(magnitude);
        let one = 1 << N_BITS;
        let either = |value: i128| if negative { one - value } else { value };
        let signed = either(unsigned);
        Self {
            d,
            above,
            normal: NormalTrace {
                magnitude,
                negative,
                unsigned,
                signed,
            },
            value: if above == 0 { signed } else { either(one) },
        }
    }
}

/// Gates of an N(d).
#[derive(Clone, Copy, Debug)]
pub(super) struct LegChip {
    normal: NormalChip,
    q_leg: Selector,
    q_whole: Selector,
}

impl LegChip {
    /// Rows taken.
    pub const ROWS: usize = 3;

    /// Adds the gates.
    pub fn configure(meta: &mut ConstraintSystem<Fr>, columns: &Columns) -> Self {
        let chip = Self {
            normal: NormalChip::configure(meta, columns),
            q_leg: meta.selector(),
            q_whole: meta.selector(),
        };
        let columns = *columns;
        meta.create_gate("q_leg", |meta| {
            let q = meta.query_selector(chip.q_leg);
            let [t, _, _, sign, p] = columns.row(meta, -1);
            let [d, above, inverse, inside, value] = columns.row(meta, 0);
            let outside = constant(1) - inside.clone();
            let size = t + above.clone() * constant(END);
            Constraints::with_selector(
                q,
                [
                    (
                        "(1 - 2 sign) d = t + 7 2^37 above",
                        signed(&sign, &d) - size,
                    ),
                    (
                        "inside = 1 - above inv",
                        outside.clone() - above.clone() * inverse,
                    ),
                    ("above inside = 0", above * inside.clone()),
                    (
                        "Q = inside P + (1 - inside)(1 - sign) 2^88",
                        value - inside * p - outside * (constant(1) - sign) * pow2(N_BITS),
                    ),
                ],
            )
        });
        meta.create_gate("q_whole", |meta| {
            let q = meta.query_selector(chip.q_whole);
            let [t, z, ..] = columns.row(meta, -1);
            Constraints::with_selector(q, [("t = 2^20 z", t - z * pow2(20))])
        });
        chip
    }

    /// Assigns the rows from `row` on; returns d and N(d). With `whole`, d is proved to be a multiple of 2^-17.
    pub fn assign(
        &self,
        sheet: &mut Sheet<'_, '_>,
        row: usize,
        whole: bool,
        trace: Value<LegTrace>,
    ) -> Result<[Num; 2], Error> {
        let normal = self.normal.assign(sheet, row, trace.map(|t| t.normal))?;
        let (number, limbs) = if whole {
            (&normal.high, 2)
        } else {
            (&normal.magnitude, 4)
        };
        let cells = sheet.range(number, limbs)?;
        let mut from_top = cells.iter().rev();
        sheet.tie(from_top.next().ok_or(Error::Synthesis)?, &normal.index);
        if whole {
            sheet.enable(self.q_whole, row + 2)?;
        } else {
            sheet.tie(from_top.next().ok_or(Error::Synthesis)?, &normal.high);
        }

        let above = trace.map(|t| field::from_i128(t.above));
        let inverse = above.map(|a| Option::from(a.invert()).unwrap_or(Fr::ZERO));
        let d = sheet.free(0, row + 2, int(&trace, |t| t.d));
        let above = sheet.free(1, row + 2, above);
        sheet.free(2, row + 2, inverse);
        sheet.free(3, row + 2, int(&trace, |t| (t.above == 0).into()));
        let value = sheet.free(4, row + 2, int(&trace, |t| t.value));
        sheet.range(&above, 1)?;
        sheet.enable(self.q_leg, row + 2)?;
        Ok([d, value])
    }
}
