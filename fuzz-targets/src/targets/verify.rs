//! The verifier: of all proofs and public inputs that the edits lead to, the honest ones alone verify.

use std::sync::LazyLock;

use group::Curve;
use halo2curves::bn256::{Fr, G1, G1Affine};
use zkmargin_circuits::{field, shape::Statement};
use zkmargin_verifier::{ProofFile, check_proof, verify, verify_health};

use crate::{
    edits,
    honest::{HONEST, point, point_bytes},
    input::Input,
};

/// Makes the honest proof.
pub(super) fn prepare() {
    super::json::prepare();
    LazyLock::force(&HONEST);
}

/// Edits the proof and its public inputs, then checks it.
///
/// | code | edit |
/// |---|---|
/// | 0, 7 | bytes, as [`edits::apply`] does, with all that is left of the input |
/// | 1 | a point becomes another of the group |
/// | 2 | an evaluation becomes another scalar |
/// | 3 | two words of the proof change places |
/// | 4 | a public input becomes another scalar |
/// | 5 | a public input is moved onto another |
/// | 6 | an instance column grows or shrinks |
///
/// # Panics
/// On a forgery, with all that it takes to check it elsewhere.
pub(super) fn proof(bytes: &[u8]) {
    let honest = &*HONEST;
    let mut proof = honest.file.proof.0.clone();
    let mut columns = honest.columns.clone();
    let mut input = Input(bytes);
    while let Some(code) = input.byte() {
        match code % 8 {
            0 | 7 => edits::apply(&mut proof, Input(std::mem::take(&mut input.0))),
            1 => edit_point(&mut proof, honest.points, &mut input),
            2 => {
                let evaluations = (proof.len() / 32).saturating_sub(2 * honest.points + 4);
                let word = 2 * honest.points + input.index(evaluations.max(1));
                if let Some(slot) = proof.get_mut(32 * word..).and_then(<[u8]>::first_chunk_mut) {
                    *slot = edit_scalar(field::from_be_bytes(slot), &mut input);
                }
            }
            3 => {
                let words = proof.len() / 32;
                let (a, b) = (input.index(words.max(1)), input.index(words.max(1)));
                swap_words(&mut proof, a, b);
            }
            4 => {
                let cell = cell(&mut columns, &mut input);
                if let Some(value) = cell {
                    let bytes = edit_scalar(Some(*value), &mut input);
                    *value = field::from_be_bytes(&bytes).unwrap_or_default();
                }
            }
            5 => {
                let first = cell(&mut columns, &mut input).map(std::mem::take);
                if let (Some(value), Some(other)) = (first, cell(&mut columns, &mut input)) {
                    *other += value;
                }
            }
            _ => {
                let [column, change] = input.padded();
                let count = columns.len();
                let column = &mut columns[usize::from(column) % count];
                if change % 2 == 0 {
                    column.push(Fr::zero());
                } else {
                    column.pop();
                }
            }
        }
    }
    if proof == honest.file.proof.0 && columns == honest.columns {
        return;
    }
    if check_proof(honest.verifying(), &columns, &proof).is_ok() {
        panic!(
            "FORGERY\nverifying key {}\nproof {}\nhonest proof {}\nchanged cells {:?}",
            hex(&honest.verifying().to_bytes()),
            hex(&proof),
            hex(&honest.file.proof.0),
            changed(&columns, &honest.columns),
        );
    }
}

/// Edits the proof file's bytes, then verifies it as a stranger does.
///
/// # Panics
/// If a file other than the honest one is accepted.
pub(super) fn file(bytes: &[u8]) {
    let honest = &*HONEST;
    let whole = honest.file.to_bytes();
    let mut altered = whole.clone();
    edits::apply(&mut altered, Input(bytes));
    let Ok(file) = ProofFile::from_bytes(&altered) else {
        assert_ne!(altered, whole, "the honest file does not parse");
        return;
    };
    assert_eq!(file.to_bytes(), altered, "a second form of a proof file");
    let request = honest.request();
    let accepted = match file.statement {
        Statement::Solvency => verify_health(&file, &request).is_ok(),
        _ => verify(&file, &request).is_ok(),
    };
    if altered != whole && accepted {
        panic!(
            "FORGERY\nverifying key {}\nfile {}\nhonest file {}",
            hex(&honest.verifying().to_bytes()),
            String::from_utf8_lossy(&altered),
            String::from_utf8_lossy(&whole),
        );
    }
}

/// Replaces one of the points by another of the group, or by the encoding of none.
fn edit_point(proof: &mut [u8], points: usize, input: &mut Input<'_>) {
    let place = |index: usize| match index {
        // The two openings stand behind the evaluations.
        last if last >= points => proof.len().saturating_sub(64 * (points + 2 - last)),
        index => 64 * index,
    };
    let (at, other) = (
        place(input.index(points + 2)),
        place(input.index(points + 2)),
    );
    let read = |at| point(proof.get(at..at + 64)?);
    let (Some(own), Some(other)) = (read(at), read(other)) else {
        return;
    };
    let [how, by] = input.padded();
    let by = Fr::from(u64::from(by));
    let replaced: G1 = match how % 6 {
        0 => -G1::from(own),
        1 => own * (by + Fr::one()),
        2 => G1::from(own) + other,
        3 => other.into(),
        4 => G1Affine::generator() * by,
        _ => own + G1Affine::generator() * by,
    };
    proof[at..at + 64].copy_from_slice(&point_bytes(&replaced.to_affine()));
}

/// Another scalar, or another encoding of it.
fn edit_scalar(own: Option<Fr>, input: &mut Input<'_>) -> [u8; 32] {
    let own = own.unwrap_or_default();
    let [how, by] = input.padded();
    let by = Fr::from(u64::from(by));
    let bytes = field::to_be_bytes;
    match how % 8 {
        0 => bytes(&(own + by + Fr::one())),
        1 => bytes(&(own - by - Fr::one())),
        2 => bytes(&-own),
        3 => bytes(&(own * (by + Fr::from(2)))),
        4 => bytes(&by),
        5 => bytes(&own.invert().unwrap_or(by)),
        6 => plus_modulus(bytes(&own)),
        _ => input.padded(),
    }
}

/// The same scalar in another 32 bytes, where it fits.
fn plus_modulus(bytes: [u8; 32]) -> [u8; 32] {
    let greatest = field::to_be_bytes(&-Fr::one());
    let (mut sum, mut carry) = ([0; 32], 1u16);
    for i in (0..32).rev() {
        let digit = u16::from(bytes[i]) + u16::from(greatest[i]) + carry;
        sum[i] = digit as u8;
        carry = digit >> 8;
    }
    sum
}

fn cell<'c>(columns: &'c mut [Vec<Fr>], input: &mut Input<'_>) -> Option<&'c mut Fr> {
    let [column] = input.padded();
    let count = columns.len();
    let column = &mut columns[usize::from(column) % count];
    let rows = column.len().max(1);
    column.get_mut(input.index(rows))
}

fn swap_words(proof: &mut [u8], a: usize, b: usize) {
    let word = |i: usize| 32 * i..32 * i + 32;
    let (Some(x), Some(y)) = (proof.get(word(a)), proof.get(word(b))) else {
        return;
    };
    let (x, y) = (x.to_vec(), y.to_vec());
    proof[word(a)].copy_from_slice(&y);
    proof[word(b)].copy_from_slice(&x);
}

fn changed(columns: &[Vec<Fr>], honest: &[Vec<Fr>]) -> Vec<(usize, usize, Option<Fr>)> {
    let mut cells = Vec::new();
    for (c, (column, own)) in columns.iter().zip(honest).enumerate() {
        for row in 0..column.len().max(own.len()) {
            if column.get(row) != own.get(row) {
                cells.push((c, row, column.get(row).copied()));
            }
        }
    }
    cells
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
