//! The header instance column of a solvency proof: what is proved, and which rows of the public table are the policy's branches.

use halo2curves::bn256::Fr;

use crate::{
    circuit::InstanceError,
    engine::solvency::{Branches, SCENARIOS},
    field,
    public::{PublicTable, digest_scalar},
    shape::Shape,
};

/// Row of the account commitment. The context's digest follows: no row of the circuit depends on it, the transcript does.
pub const COMMITMENT: usize = 0;
/// Row of the public table's digest, its first byte 0.
pub const TABLE_DIGEST: usize = 2;
/// Row of 1 where the policy charges exposures, else 0.
pub const EXPOSURES_CHARGED: usize = 3;
/// Row of the policy's charge on negative dollar gamma, units 1e-8.
pub const GAMMA_RATE: usize = 4;
/// Row of the policy's charge on vega, units 1e-8.
pub const VEGA_RATE: usize = 5;
/// Row of the number of the delta charge, 0 if there is none.
pub const DELTA: usize = 6;
/// Row of the number of the basis loss, 0 if there is none.
pub const BASIS: usize = 7;
/// Rows of the numbers of the basis moves up and down, 0 if there are none.
pub const BASIS_MOVES: [usize; 2] = [8, 9];
/// First row of the numbers of the policy's scenarios, 0 where it has no more.
pub const FIRST_SCENARIO: usize = 10;
/// Rows of the column.
pub const ROWS: usize = FIRST_SCENARIO + SCENARIOS;

/// The header instance column, as the verifier rebuilds it.
///
/// # Errors
/// [`InstanceError::Engine`] for a policy with more scenarios, or more skews, than the circuit has places for.
pub fn header(
    table: &PublicTable,
    digest: [u8; 32],
    commitment: Fr,
    context: Fr,
) -> Result<Vec<Fr>, InstanceError> {
    let branches = Branches::new(table)?;
    let rules = &table.rules;
    let number = |x: i128| field::from_i128(x);
    let mut header = vec![
        commitment,
        context,
        digest_scalar(digest),
        number(rules.exposures_charged.into()),
        number(rules.gamma_rate.into()),
        number(rules.vega_rate.into()),
    ];
    let [up, down] = branches.moves;
    let numbers = [branches.delta, branches.basis, up, down];
    let numbers = numbers.into_iter().chain(branches.scenarios);
    header.extend(numbers.map(|n| number(n as i128)));
    Ok(header)
}

/// The instance columns of a solvency proof, as the verifier rebuilds them: header, then the table.
///
/// # Errors
/// As [`header`], and [`InstanceError::Table`] for a table with too many rows.
pub fn solvency_instance(
    shape: Shape,
    table: &PublicTable,
    commitment: Fr,
    context: Fr,
) -> Result<Vec<Vec<Fr>>, InstanceError> {
    let columns = table.instance_columns(shape)?;
    let first = header(table, table.digest(), commitment, context)?;
    Ok(std::iter::once(first).chain(columns).collect())
}
