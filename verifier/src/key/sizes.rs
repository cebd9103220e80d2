//! What a key's file and its proofs are as long as, from the circuit alone: known before a byte of them is read.

use std::sync::LazyLock;

use halo2_proofs::plonk::{self, Circuit};
use halo2curves::bn256::{Fr, G1Affine};
use zkmargin_circuits::{
    circuit::{LiquidationCircuit, SolvencyCircuit},
    shape::{Shape, Statement},
};

use super::{KeyError, POINT_BYTES};
use crate::packing::{PACKED, Packing};

/// The constraint system of a statement's circuit; `None` for a statement without one.
pub fn configured(statement: Statement, shape: Shape) -> Option<plonk::ConstraintSystem<Fr>> {
    let mut meta = plonk::ConstraintSystem::default();
    match statement {
        Statement::Liquidation => {
            LiquidationCircuit::configure_with_params(&mut meta, Some(shape));
        }
        Statement::Solvency => {
            SolvencyCircuit::configure_with_params(&mut meta, Some(shape));
        }
        _ => return None,
    }
    Some(meta)
}

/// What a circuit has before its selectors become columns.
struct Columns {
    fixed: usize,
    permuted: usize,
    selectors: usize,
    /// Of fixed and permuted ones, those that are in groups.
    packed: usize,
}

/// Each circuit is configured once; `None` for a statement without one.
fn columns(statement: Statement, shape: Shape) -> Option<&'static Columns> {
    static COLUMNS: LazyLock<Vec<(Statement, Shape, Columns)>> = LazyLock::new(|| {
        let shapes = |statement| Shape::ALL.map(|shape| (statement, shape));
        let counted = Statement::ALL.into_iter().flat_map(shapes);
        let counted = counted.filter_map(|(statement, shape)| {
            let meta = configured(statement, shape)?;
            let columns = Columns {
                fixed: meta.num_fixed_columns(),
                permuted: meta.permutation().get_columns().len(),
                selectors: meta.num_selectors(),
                packed: Packing::new(&meta).members(),
            };
            Some((statement, shape, columns))
        });
        counted.collect()
    });
    let mut all = COLUMNS.iter();
    let found = all.find(|(of, in_shape, _)| (*of, *in_shape) == (statement, shape));
    found.map(|(_, _, columns)| columns)
}

/// Bytes of the backend's key body: version, k, flag, count, points, selectors.
pub(super) fn body_bytes(statement: Statement, shape: Shape, fixed: usize) -> usize {
    // Every circuit is counted; a body of no bytes would be refused.
    columns(statement, shape).map_or(0, |columns| {
        let selectors = columns.selectors * (1 << statement.k(shape)) / 8;
        10 + POINT_BYTES * (fixed + columns.permuted) + selectors
    })
}

/// Bytes of the commitments to groups: columns made of selectors are all in one.
pub(super) fn packed_bytes(statement: Statement, shape: Shape, fixed: usize) -> usize {
    columns(statement, shape).map_or(0, |columns| {
        let members = columns.packed + fixed.saturating_sub(columns.fixed);
        POINT_BYTES * members.div_ceil(PACKED)
    })
}

/// More fixed columns than any circuit here has.
const MAX_FIXED_COLUMNS: u32 = 256;

/// The body's count of fixed columns. The backend allocates by the fields in front of it and
/// by it, so they are checked before the backend reads them.
pub(super) fn fixed_columns(body: &[u8], k: u32) -> Result<usize, KeyError> {
    let mut expected = vec![2];
    expected.extend(k.to_le_bytes());
    expected.push(1);
    let malformed = || KeyError::Body("version, k or column count".to_owned());
    let rest = body
        .strip_prefix(expected.as_slice())
        .ok_or_else(malformed)?;
    let (count, _) = rest.split_first_chunk().ok_or_else(malformed)?;
    let count = u32::from_le_bytes(*count);
    if count > MAX_FIXED_COLUMNS {
        return Err(malformed());
    }
    Ok(count as usize)
}

/// The highest degree of gates and lookups, selectors included.
pub fn gate_degree(vk: &plonk::VerifyingKey<G1Affine>) -> usize {
    circuit_degree(vk.cs())
}

/// The highest degree of a constraint system's gates and lookup arguments, uncapped.
pub fn circuit_degree(cs: &plonk::ConstraintSystem<Fr>) -> usize {
    let gates = cs
        .gates()
        .iter()
        .flat_map(|gate| gate.polynomials())
        .map(plonk::Expression::degree);
    let greatest = |expressions: &[plonk::Expression<Fr>]| {
        expressions
            .iter()
            .map(plonk::Expression::degree)
            .max()
            .unwrap_or(1)
            .max(1)
    };
    let lookups = cs.lookups().iter().map(|lookup| {
        2 + greatest(lookup.input_expressions()) + greatest(lookup.table_expressions())
    });
    gates.chain(lookups).max().unwrap_or(0)
}

/// Points of a proof.
pub(super) fn proof_points(vk: &plonk::VerifyingKey<G1Affine>) -> usize {
    let cs = vk.cs();
    let degree = cs.degree();
    let products = cs.permutation().get_columns().len().div_ceil(degree - 2);
    // Advice, permuted input and table, products, the blinding polynomial, quotient pieces, two openings.
    cs.num_advice_columns() + 3 * cs.lookups().len() + products + 1 + (degree - 1) + 2
}

/// Exact proof length: 64 bytes a commitment, 32 an evaluation.
pub(super) fn proof_bytes(vk: &plonk::VerifyingKey<G1Affine>) -> usize {
    let cs = vk.cs();
    let permuted = cs.permutation().get_columns().len();
    let products = permuted.div_ceil(cs.degree() - 2);
    // Products are opened at x and omega x, all but the last at the last row too; lookups at five places.
    let product_evaluations = if products == 0 { 0 } else { 3 * products - 1 };
    let evaluations = cs.advice_queries().len()
        + cs.fixed_queries().len()
        + 1
        + permuted
        + product_evaluations
        + 5 * cs.lookups().len();
    64 * proof_points(vk) + 32 * evaluations
}
