//! Range check: `0 <= x < 2^(10 n)` by a running sum of ten-bit limbs.
//!
//! ```text
//! row   limb column   q_limb  q_more
//! r     z0 = x        1       1
//! r+1   z1            1       1
//! ...
//! r+n-1 z(n-1)        1       0
//! lookup: q_limb z - q_more 2^10 z_next  in  0..1024
//! ```
//! A malicious prover could try: a limb outside the table (lookup fails), a last limb above
//! 1023 (it is looked up by itself), `x` from elsewhere (`z0` is a copy). The z's are shifted
//! values, so callers read `x >> 10 i` from cell `i`. A running sum stays in one limb column.

use ff::PrimeField;
use halo2_proofs::{
    plonk::{Column, ConstraintSystem, Error, Fixed},
    poly::Rotation,
};
use halo2curves::bn256::Fr;

use super::sheet::{Columns, LIMB_COLUMNS, Sheet, pow2};
use crate::{field, poseidon::Num, tables::LIMB_BITS};

/// Switches of one limb column.
#[derive(Clone, Copy, Debug)]
pub(super) struct LimbSwitches {
    pub q_limb: Column<Fixed>,
    q_more: Column<Fixed>,
}

/// Columns of the range check: the switches of every limb column that the shape has.
#[derive(Clone, Copy, Debug)]
pub struct RangeChip {
    pub(super) switches: [Option<LimbSwitches>; LIMB_COLUMNS],
}

impl RangeChip {
    /// Adds the lookup into `range_table`, a fixed column that holds exactly 0..1024 (and zeros).
    pub fn configure(
        meta: &mut ConstraintSystem<Fr>,
        columns: &Columns,
        range_table: Column<Fixed>,
    ) -> Self {
        let switches = columns.limbs.map(|limb| {
            let limb = limb?;
            let switches = LimbSwitches {
                q_limb: meta.fixed_column(),
                q_more: meta.fixed_column(),
            };
            meta.lookup_any("q_limb z - q_more 2^10 z_next in 0..1024", |meta| {
                let [q_limb, q_more] = [switches.q_limb, switches.q_more]
                    .map(|q| meta.query_fixed(q, Rotation::cur()));
                let z = meta.query_advice(limb, Rotation::cur());
                let z_next = meta.query_advice(limb, Rotation::next());
                let table = meta.query_fixed(range_table, Rotation::cur());
                vec![(q_limb * z - q_more * z_next * pow2(LIMB_BITS), table)]
            });
            Some(switches)
        });
        Self { switches }
    }

    /// Proves `0 <= x < 2^(10 limbs)` and returns the cells of `x >> 10 i`, i = 0..limbs.
    ///
    /// # Errors
    /// [`Error::Synthesis`] when the rows are used up.
    pub fn check(
        &self,
        sheet: &mut Sheet<'_, '_>,
        x: &Num,
        limbs: usize,
    ) -> Result<Vec<Num>, Error> {
        let (column, start) = sheet.take_limbs(limbs)?;
        let switches = self.switches.get(column).copied().flatten();
        let switches = switches.ok_or(Error::Synthesis)?;
        let mut cells = Vec::with_capacity(limbs);
        for i in 0..limbs {
            let row = start + i;
            let value = x.value.map(|x| shift_right(&x, LIMB_BITS as usize * i));
            cells.push(sheet.limb(column, row, value)?);
            sheet.region.assign_fixed(switches.q_limb, row, Fr::one());
            if i + 1 < limbs {
                sheet.region.assign_fixed(switches.q_more, row, Fr::one());
            }
        }
        if let Some(first) = cells.first() {
            sheet.tie(first, x);
        }
        Ok(cells)
    }
}

/// `x >> bits` of the canonical integer.
fn shift_right(x: &Fr, bits: usize) -> Fr {
    if bits == 0 {
        return *x;
    }
    let repr = x.to_repr();
    let mut shifted = [0u8; 32];
    let (bytes, rest) = (bits / 8, bits % 8);
    for (i, out) in shifted.iter_mut().enumerate() {
        let at = |j: usize| u16::from(repr.get(j).copied().unwrap_or(0));
        *out = ((at(i + bytes) | at(i + bytes + 1) << 8) >> rest) as u8;
    }
    shifted.reverse();
    field::from_be_bytes(&shifted).unwrap_or_default()
}
