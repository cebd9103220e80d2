//! What a layout costs a verifier: commitments, proof bytes, gas.

use halo2_proofs::plonk::ConstraintSystem;
use halo2curves::bn256::Fr;
use serde::Serialize;
use zkmargin_circuits::shape::Statement;
use zkmargin_verifier::packing::Packing;

/// A multiplication and an addition on the curve, by the precompiles' prices.
const MULTIPLICATION: f64 = 6_150.0;
/// A pairing of two points.
const PAIRING: f64 = 113_000.0;
/// Every transaction.
const TRANSACTION: f64 = 21_000.0;
/// A table of 64 rows as calldata.
const TABLE: f64 = 73_568.0;
/// A byte of a proof: one in 256 is zero.
const BYTE: f64 = 15.95;
/// What remains of the gas that was measured for the medium liquidation and the small solvency proof: header, equations, loop over the table, calls of parts. It is taken
/// for the same in every layout.
const LIQUIDATION_REST: f64 = 172_853.0;
const SOLVENCY_REST: f64 = 246_191.0;
/// Gas that a liquidation should stay below (docs/contracts.md).
pub const WANTED: f64 = 800_000.0;
/// Gas that one transaction may use (EIP-7825).
pub const TRANSACTION_LIMIT: f64 = 16_777_216.0;

/// What can be counted of a constraint system.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Cost {
    /// Columns of advice.
    pub advice: usize,
    /// Fixed columns.
    pub fixed: usize,
    /// Columns in the permutation.
    pub permuted: usize,
    /// Lookup arguments.
    pub lookups: usize,
    /// Points in a proof.
    pub commitments: usize,
    /// Points that a verification multiplies: those of the proof, of the groups of fixed polynomials, of the columns in none.
    pub multiplications: usize,
    /// Length of a proof.
    pub proof_bytes: usize,
    /// Of a verification with a table of 64 rows, by the prices of docs/contracts.md.
    pub gas: f64,
}

impl Cost {
    /// Of a constraint system whose selectors are compressed.
    pub fn of(cs: &ConstraintSystem<Fr>, statement: Statement) -> Self {
        let (advice, lookups) = (cs.num_advice_columns(), cs.lookups().len());
        let permuted = cs.permutation().get_columns().len();
        let products = permuted.div_ceil(cs.degree() - 2);
        let pieces = cs.degree() - 1;
        // Permuted input, permuted table and product of each lookup; the blinding polynomial; two openings.
        let commitments = advice + 3 * lookups + products + 1 + pieces + 2;
        let evaluations = cs.advice_queries().len()
            + cs.fixed_queries().len()
            + 1
            + permuted
            + (3 * products).saturating_sub(1)
            + 5 * lookups;
        let proof_bytes = 64 * commitments + 32 * evaluations;
        let packing = Packing::new(cs);
        let alone = cs.num_fixed_columns() + permuted - packing.members();
        let multiplications = commitments + packing.groups().len() + alone;
        let rest = match statement {
            Statement::Solvency => SOLVENCY_REST,
            _ => LIQUIDATION_REST,
        };
        let gas = TRANSACTION
            + TABLE
            + PAIRING
            + BYTE * proof_bytes as f64
            + MULTIPLICATION * multiplications as f64
            + rest;
        Self {
            advice,
            fixed: cs.num_fixed_columns(),
            permuted,
            lookups,
            commitments,
            multiplications,
            proof_bytes,
            gas,
        }
    }
}
