//! Lookup arguments: inputs and tables in one column each, sorted against one another, and their grand product.

use ff::{BatchInvert, Field, PrimeField};
use halo2curves::bn256::Fr;
use rayon::prelude::*;

use super::{
    Error,
    columns::{Column, random, wipe},
};

/// A lookup's input and table, compressed with powers of theta.
#[derive(Debug)]
pub(super) struct Compressed {
    pub input: Vec<Fr>,
    pub table: Vec<Fr>,
}

impl Drop for Compressed {
    fn drop(&mut self) {
        wipe(&mut self.input);
    }
}

/// What a lookup adds to a proof.
#[derive(Debug)]
pub(super) struct Lookup {
    pub input: Column,
    pub table: Column,
    pub product: Column,
}

/// Values with their canonical bytes, sorted.
fn sorted(values: &[Fr]) -> Vec<([u8; 32], Fr)> {
    let mut sorted: Vec<_> = values.iter().map(|v| (v.to_repr(), *v)).collect();
    sorted.sort_unstable_by_key(|(key, _)| *key);
    sorted
}

impl Compressed {
    /// Input and table so permuted that equal inputs are neighbours and the first of them stands beside its table row.
    /// The last `unusable` rows are random.
    ///
    /// # Errors
    /// [`Error::Lookup`] if an input is not in the table.
    pub(super) fn permuted(&self, unusable: usize) -> Result<[Vec<Fr>; 2], Error> {
        let usable = self.input.len() - unusable;
        let (inputs, rows) = rayon::join(
            || sorted(&self.input[..usable]),
            || sorted(&self.table[..usable]),
        );
        let mut rows = rows.into_iter().peekable();
        let mut spare = Vec::with_capacity(usable);
        let mut table: Vec<Option<Fr>> = Vec::with_capacity(usable);
        let mut last = None;
        for (key, value) in &inputs {
            if last == Some(key) {
                table.push(None);
                continue;
            }
            last = Some(key);
            while let Some((_, row)) = rows.next_if(|(row, _)| row < key) {
                spare.push(row);
            }
            let row = rows.next_if(|(row, _)| row == key);
            row.ok_or(Error::Lookup)?;
            table.push(Some(*value));
        }
        spare.extend(rows.map(|(_, row)| row));
        let mut spare = spare.into_iter();
        let table = table.into_iter().map(|cell| match cell {
            Some(value) => Some(value),
            None => spare.next(),
        });
        let table: Option<Vec<Fr>> = table.collect();
        let mut table = table.ok_or(Error::Lookup)?;
        let mut input: Vec<Fr> = inputs.into_iter().map(|(_, value)| value).collect();
        input.extend(random(unusable));
        table.extend(random(unusable));
        Ok([input, table])
    }

    /// The grand product: 1 in the first row, and again in the last usable one.
    pub(super) fn product(
        &self,
        [input, table]: [&[Fr]; 2],
        beta: Fr,
        gamma: Fr,
        blinding: usize,
    ) -> Vec<Fr> {
        let permuted = input.par_iter().zip(table);
        let mut fractions: Vec<Fr> = permuted.map(|(a, s)| (*a + beta) * (*s + gamma)).collect();
        invert(&mut fractions);
        let cells = self.input.par_iter().zip(&self.table);
        fractions
            .par_iter_mut()
            .zip(cells)
            .for_each(|(f, (a, s))| *f *= (*a + beta) * (*s + gamma));
        running_product(Fr::ONE, &fractions, blinding)
    }
}

/// Inverts all of them, in a chunk a thread.
pub(super) fn invert(values: &mut [Fr]) {
    let chunk = values.len().div_ceil(rayon::current_num_threads());
    values.par_chunks_mut(chunk.max(1)).for_each(|chunk| {
        chunk.iter_mut().batch_invert();
    });
}

/// `first`, times all fractions before a row; the last `blinding` rows are random.
pub(super) fn running_product(first: Fr, fractions: &[Fr], blinding: usize) -> Vec<Fr> {
    let usable = fractions.len() - blinding;
    let mut product = first;
    let mut column = Vec::with_capacity(fractions.len());
    for fraction in &fractions[..usable] {
        column.push(product);
        product *= fraction;
    }
    column.extend(random(blinding));
    column
}
