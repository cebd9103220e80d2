//! Calldata of a verifier contract.

use halo2curves::bn256::Fr;
use zkmargin_circuits::field;

use crate::public_inputs;

/// What a verifier contract is called with: instance columns as [`check_proof`](crate::check_proof) takes them, and a proof.
pub fn calldata(columns: &[Vec<Fr>], proof: &[u8]) -> Vec<u8> {
    let columns = public_inputs(columns);
    let (header, table) = columns
        .split_first()
        .map_or((&[][..], &[][..]), |(h, t)| (*h, t));
    let cells = table.iter().copied().flatten();
    let mut bytes: Vec<u8> = header.iter().flat_map(field::to_be_bytes).collect();
    bytes.extend(proof);
    bytes.extend(cells.flat_map(field::to_be_bytes));
    bytes
}
