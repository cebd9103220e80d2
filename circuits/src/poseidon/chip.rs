//! One Poseidon(4) hash in 57 rows of five advice and five fixed columns.
//!
//! Steps, helper cells and constants are those of [`super::native::trace`]; `M` is the MDS matrix:
//!
//! ```text
//! full round        y_j = (s_j + c_j)^2             j = 0..4
//!                   s'_i = sum_j M_ij y_j^2 (s_j + c_j)
//!
//! partial rounds    y_1 = (s_0 + c_1)^2                          out_1 = y_1^2 (s_0 + c_1)
//! (three a step)    u_2 = (M (out_1, s_1..s_4))_0 + c_2,  y_2 = u_2^2,  out_2 = y_2^2 u_2
//!                   u_3 = (M (out_2, ...))_0 + c_3,       y_3 = u_3^2,  out_3 = y_3^2 u_3
//!                   s' = M (out_3, ...),  "..." being linear in out_1, out_2, s_1..s_4
//! ```
//!
//! | row | a0 | a1 | a2 | a3 | a4 | f0 | f1 | f2 | f3 | f4 | selectors |
//! |---|---|---|---|---|---|---|---|---|---|---|---|
//! | 0 | 0 | in_1 | in_2 | in_3 | in_4 | | | | | | `q_init` |
//! | 1 | y_0 | y_1 | y_2 | y_3 | y_4 | c_0 | c_1 | c_2 | c_3 | c_4 | `q_full` |
//! | 2 | s_0 | s_1 | s_2 | s_3 | s_4 | | | | | | |
//! | ... | | | | | | | | | | | 3 more full rounds |
//! | 9 | y_1 | u_2 | y_2 | u_3 | y_3 | c_1 | c_2 | c_3 | | | `q_partial` |
//! | 10 | s_0 | s_1 | s_2 | s_3 | s_4 | | | | | | |
//! | ... | | | | | | | | | | | 19 more partial steps, 4 full rounds |
//! | 56 | digest | s_1 | s_2 | s_3 | s_4 | | | | | | |
//!
//! The helpers `y` keep every constraint at degree 4 with its selector; the backend silently caps the
//! degree of a circuit at 5, so `q * (s + c)^5` would give proofs that do not verify.
//!
//! # What a malicious prover could try
//!
//! - Another capacity element than 0, to reach a chosen digest: `q_init` forbids it.
//! - Other inputs than the caller's: row 0 is copied from their cells by the permutation argument.
//! - A wrong helper: each of `y`, `u` has its own constraint, which fixes it by the state row above.
//! - A wrong state: all five elements are fixed by the helper row and the state row above.
//! - A skipped round or other constants: selectors and `c` are fixed columns, part of the key.
//!
//! So every cell of the region is a function of the four input cells. What the chip cannot see is
//! the caller writing into its rows; see [`PoseidonChip::assign_hash4`].

use halo2_proofs::{
    circuit::{Region, Value},
    plonk::{
        Advice, Column, ConstraintSystem, Constraints, Error, Expression, Fixed, Selector,
        VirtualCells,
    },
    poly::Rotation,
};
use halo2curves::bn256::Fr;

use super::{
    Num,
    constants::{PARAMETERS, RATE, ROUNDS_PER_STEP, ROWS, Step, WIDTH},
    native,
};

const GATE_INIT: &str = "poseidon q_init: capacity s0 = 0";
const GATE_FULL: &str = "poseidon q_full: s' = M (s + c)^5";
const GATE_PARTIAL: &str = "poseidon q_partial: three rounds s' = M ((s0 + c)^5, s1..s4)";

/// Columns and selectors of [`PoseidonChip`].
#[derive(Clone, Copy, Debug)]
pub struct PoseidonConfig {
    advice: [Column<Advice>; WIDTH],
    fixed: [Column<Fixed>; WIDTH],
    q_init: Selector,
    q_full: Selector,
    q_partial: Selector,
}

/// Hashes four cells into one.
#[derive(Clone, Debug)]
pub struct PoseidonChip {
    config: PoseidonConfig,
}

impl PoseidonChip {
    /// Rows that one hash takes.
    pub const ROWS: usize = ROWS;

    /// The chip over configured columns.
    pub fn new(config: PoseidonConfig) -> Self {
        Self { config }
    }

    /// Creates the three gates over the caller's columns.
    ///
    /// Enables equality on no column: the caller must have done so for all of `advice`. The columns
    /// may serve other chips too, on other rows.
    pub fn configure(
        meta: &mut ConstraintSystem<Fr>,
        advice: [Column<Advice>; WIDTH],
        fixed: [Column<Fixed>; WIDTH],
    ) -> PoseidonConfig {
        let config = PoseidonConfig {
            advice,
            fixed,
            q_init: meta.selector(),
            q_full: meta.selector(),
            q_partial: meta.selector(),
        };
        config.create_init_gate(meta);
        config.create_full_gate(meta);
        config.create_partial_gate(meta);
        config
    }

    /// Hashes `inputs` on rows `row .. row + ROWS` and returns the digest's cell.
    ///
    /// The caller leaves these rows of the advice and fixed columns to this hash: a second assignment
    /// of a fixed cell would silently replace a round constant. Rows are those of `region`, which
    /// this backend counts from the top of the circuit.
    ///
    /// # Errors
    ///
    /// The backend's [`Error`] if key generation finds a gate outside the usable rows.
    pub fn assign_hash4(
        &self,
        region: &mut Region<'_, Fr>,
        row: usize,
        inputs: [&Num; RATE],
    ) -> Result<Num, Error> {
        let [a, b, c, d] = inputs.map(|input| input.value);
        let values = a.zip(b).zip(c.zip(d));
        let trace = values.map(|((a, b), (c, d))| native::trace([a, b, c, d]));
        self.assign_trace(region, row, inputs, trace)
    }

    /// Lays out a witness, honest or not: what the prover controls is `trace` and nothing else.
    fn assign_trace(
        &self,
        region: &mut Region<'_, Fr>,
        row: usize,
        inputs: [&Num; RATE],
        trace: Value<[[Fr; WIDTH]; ROWS]>,
    ) -> Result<Num, Error> {
        let config = &self.config;
        let trace = trace.as_ref();
        let assign_row = |region: &mut Region<'_, Fr>, offset: usize| {
            std::array::from_fn::<_, WIDTH, _>(|j| {
                let value = trace.map(|trace| trace[offset][j]);
                Num::assign(region, config.advice[j], row + offset, value)
            })
        };

        config.q_init.enable(region, row)?;
        let mut state = assign_row(region, 0);
        for (element, input) in state[1..].iter().zip(inputs) {
            region.constrain_equal(element.cell, input.cell);
        }
        for (i, step) in PARAMETERS.steps.iter().enumerate() {
            let offset = 2 * i + 1;
            let (selector, constants) = match step {
                Step::Full(constants) => (config.q_full, constants.as_slice()),
                Step::Partial(constants) => (config.q_partial, constants.as_slice()),
            };
            selector.enable(region, row + offset)?;
            for (column, constant) in config.fixed.iter().zip(constants) {
                region.assign_fixed(*column, row + offset, *constant);
            }
            assign_row(region, offset);
            state = assign_row(region, offset + 1);
        }
        let [digest, ..] = state;
        Ok(digest)
    }
}

impl PoseidonConfig {
    fn create_init_gate(&self, meta: &mut ConstraintSystem<Fr>) {
        meta.create_gate(GATE_INIT, |meta| {
            let [s0, ..] = self.row(meta, Rotation::cur());
            Constraints::with_selector(meta.query_selector(self.q_init), [("s0 = 0", s0)])
        });
    }

    fn create_full_gate(&self, meta: &mut ConstraintSystem<Fr>) {
        meta.create_gate(GATE_FULL, |meta| {
            let state = self.row(meta, Rotation::prev());
            let squares = self.row(meta, Rotation::cur());
            let next = self.row(meta, Rotation::next());
            let inputs: [_; WIDTH] =
                std::array::from_fn(|j| state[j].clone() + self.constant(meta, j));

            let squaring = (0..WIDTH).map(|j| {
                let name = format!("y{j} = (s{j} + c{j})^2");
                (name, squares[j].clone() - square(&inputs[j]))
            });
            let outputs: [_; WIDTH] =
                std::array::from_fn(|j| square(&squares[j]) * inputs[j].clone());
            let mixing = (0..WIDTH).map(|i| {
                let name = format!("s'{i} = sum_j M_{i}j y_j^2 (s_j + c_j)");
                (name, next[i].clone() - dot(&PARAMETERS.mds[i], &outputs))
            });
            let q_full = meta.query_selector(self.q_full);
            let constraints: Vec<_> = squaring.chain(mixing).collect();
            Constraints::with_selector(q_full, constraints)
        });
    }

    fn create_partial_gate(&self, meta: &mut ConstraintSystem<Fr>) {
        meta.create_gate(GATE_PARTIAL, |meta| {
            let [s0, s1, s2, s3, s4] = self.row(meta, Rotation::prev());
            let [y1, u2, y2, u3, y3] = self.row(meta, Rotation::cur());
            let next = self.row(meta, Rotation::next());
            let [c1, c2, c3]: [_; ROUNDS_PER_STEP] =
                std::array::from_fn(|r| self.constant(meta, r));

            let u1 = s0 + c1;
            let [out1, out2, out3] =
                [(&y1, &u1), (&y2, &u2), (&y3, &u3)].map(|(y, u)| square(y) * u.clone());
            let terms = [out1, out2, out3, s1, s2, s3, s4];
            let three_rounds = &PARAMETERS.three_rounds;
            let [second, third] = three_rounds.sbox_inputs.map(|form| dot(&form, &terms));

            let mut constraints = vec![
                ("y1 = (s0 + c1)^2".to_owned(), y1 - square(&u1)),
                (
                    "u2 = (M (out1, s1..s4))_0 + c2".to_owned(),
                    u2.clone() - second - c2,
                ),
                ("y2 = u2^2".to_owned(), y2 - square(&u2)),
                (
                    "u3 = (M (out2, ...))_0 + c3".to_owned(),
                    u3.clone() - third - c3,
                ),
                ("y3 = u3^2".to_owned(), y3 - square(&u3)),
            ];
            for (i, (next, form)) in next.into_iter().zip(&three_rounds.next).enumerate() {
                let name = format!("s'{i} = (M (out3, ...))_{i}");
                constraints.push((name, next - dot(form, &terms)));
            }
            Constraints::with_selector(meta.query_selector(self.q_partial), constraints)
        });
    }

    fn row(&self, meta: &mut VirtualCells<'_, Fr>, at: Rotation) -> [Expression<Fr>; WIDTH] {
        self.advice.map(|column| meta.query_advice(column, at))
    }

    fn constant(&self, meta: &mut VirtualCells<'_, Fr>, index: usize) -> Expression<Fr> {
        meta.query_fixed(self.fixed[index], Rotation::cur())
    }
}

fn square(x: &Expression<Fr>) -> Expression<Fr> {
    x.clone() * x.clone()
}

/// `sum_k coefficients_k * terms_k` without its zero terms.
///
/// Repeated terms cost nothing: the backend evaluates equal subexpressions once.
fn dot<const N: usize>(coefficients: &[Fr; N], terms: &[Expression<Fr>; N]) -> Expression<Fr> {
    coefficients
        .iter()
        .zip(terms)
        .filter(|(coefficient, _)| **coefficient != Fr::zero())
        .map(|(coefficient, term)| term.clone() * *coefficient)
        .reduce(|sum, term| sum + term)
        .unwrap_or(Expression::Constant(Fr::zero()))
}

#[cfg(test)]
mod tests;
