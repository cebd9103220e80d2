//! The witness of a solvency proof and its public inputs.

use std::fmt;

use halo2curves::bn256::Fr;

use crate::{
    circuit::{InstanceError, WitnessError},
    engine::Solvency,
    field,
    public::PublicTable,
    shape::Shape,
    slots::Slots,
};

/// Everything that the prover of solvency assigns. Private.
#[derive(Clone)]
pub struct SolvencyWitness {
    pub(super) slots: Slots,
    table: PublicTable,
    context: Fr,
    commitment: Fr,
}

impl fmt::Debug for SolvencyWitness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SolvencyWitness").finish_non_exhaustive()
    }
}

impl SolvencyWitness {
    /// The witness of an account.
    ///
    /// # Errors
    /// [`WitnessError::NotSolvent`] if the statement is false.
    pub fn new(slots: Slots, table: &PublicTable, context: Fr) -> Result<Self, WitnessError> {
        let solvency = Solvency::new(&slots, table)?;
        if !solvency.healthy() {
            return Err(WitnessError::NotSolvent);
        }
        let commitment = slots.commitment();
        Ok(Self {
            slots,
            table: table.clone(),
            context,
            commitment,
        })
    }

    /// The account commitment.
    pub fn commitment(&self) -> Fr {
        self.commitment
    }

    /// The instance columns: header, then the table.
    pub fn instance(&self) -> Vec<Vec<Fr>> {
        let (shape, commitment, context) = (self.slots.shape, self.commitment, self.context);
        solvency_instance(shape, &self.table, commitment, context).unwrap_or_default()
    }
}

/// The instance columns of a proof, as the verifier rebuilds them: header, then the table.
///
/// # Errors
/// [`InstanceError::Table`] for a table with too many rows.
pub fn solvency_instance(
    shape: Shape,
    table: &PublicTable,
    commitment: Fr,
    context: Fr,
) -> Result<Vec<Vec<Fr>>, InstanceError> {
    let table_columns = table.instance_columns(shape)?;
    let first = vec![commitment, context, field::from_i128(0)];
    Ok(std::iter::once(first).chain(table_columns).collect())
}
