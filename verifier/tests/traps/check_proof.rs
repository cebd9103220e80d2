//! Raw proof bytes and raw instance columns: exact lengths, no second encoding, no panic.

use ff::PrimeField;
use halo2curves::bn256::{Fq, Fr};
use rayon::prelude::*;
use zkmargin_circuits::{
    circuit::{digest_row, header_rows},
    public::{TABLE_COLUMNS, columns_digest, digest_scalar},
    shape::{Shape, Statement},
};

use zkmargin_verifier::Rejection;

use crate::support::honest;

const HEADER_ROWS: usize = header_rows(Shape::Small);
const TABLE_ROWS: usize = Shape::Small.table_rows();

/// The answer to altered columns.
fn answer_to(alter: impl FnOnce(&mut Vec<Vec<Fr>>)) -> Result<(), Rejection> {
    let mut columns = honest().columns.clone();
    alter(&mut columns);
    honest().check(&columns, &honest().file.proof.0)
}

fn length(column: usize, expected: usize, got: usize) -> Result<(), Rejection> {
    Err(Rejection::InstanceLength {
        column,
        expected,
        got,
    })
}

/// The backend pads columns with zeros and does not absorb their lengths: the same proof
/// verifies for `[x]` and `[x, 0]` unless lengths are checked.
#[test]
fn every_instance_column_has_its_exact_length() {
    for column in 0..=TABLE_COLUMNS {
        let expected = if column == 0 { HEADER_ROWS } else { TABLE_ROWS };
        let shorter = answer_to(|columns| columns[column].truncate(expected - 1));
        assert_eq!(shorter, length(column, expected, expected - 1));
        let longer = answer_to(|columns| columns[column].push(Fr::zero()));
        assert_eq!(longer, length(column, expected, expected + 1));
        let empty = answer_to(|columns| columns[column].clear());
        assert_eq!(empty, length(column, expected, 0));
    }
}

/// Every byte of a proof is one that it does not verify without.
#[test]
fn every_altered_byte_is_refused() {
    let honest = honest();
    let bytes = &honest.file.proof.0;
    let places: Vec<usize> = (0..bytes.len()).step_by(31).collect();
    places.into_par_iter().for_each(|place| {
        let mut altered = bytes.clone();
        altered[place] ^= 1;
        let answer = honest.check(&honest.columns, &altered);
        assert_eq!(answer, Err(Rejection::Proof), "byte {place}");
    });
}

/// Columns are absorbed one after the other without a mark at their seams.
#[test]
fn a_cell_cannot_move_over_a_seam() {
    for column in 0..TABLE_COLUMNS {
        let expected = if column == 0 { HEADER_ROWS } else { TABLE_ROWS };
        let moved = answer_to(|columns| {
            let cell = columns[column].pop().expect("a cell");
            columns[column + 1].insert(0, cell);
        });
        assert_eq!(moved, length(column, expected, expected - 1));
    }
}

#[test]
fn there_are_exactly_as_many_columns_as_in_the_circuit() {
    let missing = answer_to(|columns| drop(columns.pop()));
    assert_eq!(missing, length(TABLE_COLUMNS, TABLE_ROWS, 0));
    let first = answer_to(|columns| drop(columns.remove(0)));
    assert_eq!(first, length(0, HEADER_ROWS, TABLE_ROWS));
    assert_eq!(answer_to(Vec::clear), length(0, HEADER_ROWS, 0));
    for extra in [vec![], vec![Fr::zero()], vec![Fr::zero(); TABLE_ROWS]] {
        let rows = extra.len();
        let answer = answer_to(|columns| columns.push(extra));
        assert_eq!(answer, length(TABLE_COLUMNS + 1, 0, rows));
    }
}

#[test]
fn every_instance_column_is_bound() {
    for column in 0..=TABLE_COLUMNS {
        let rows = honest().columns[column].len();
        for row in [0, 1, rows / 2, rows - 1] {
            let altered = answer_to(|columns| columns[column][row] += Fr::one());
            let reason = match column {
                0 => Rejection::Proof,
                _ => Rejection::TableDigest,
            };
            assert_eq!(altered, Err(reason), "column {column} row {row}");
            // The digest of the altered table in its place: another public input.
            let altered = answer_to(|columns| {
                columns[column][row] += Fr::one();
                let digest = digest_scalar(columns_digest(&columns[1..]));
                columns[0][digest_row(Statement::Liquidation)] = digest;
            });
            assert_eq!(altered, Err(Rejection::Proof), "column {column} row {row}");
        }
    }
}

/// The transcript holds the table by its digest, so a digest of another table must not pass.
#[test]
fn the_digest_is_that_of_the_table() {
    let row = digest_row(Statement::Liquidation);
    let altered = answer_to(|columns| columns[0][row] += Fr::one());
    assert_eq!(altered, Err(Rejection::TableDigest));
}

#[test]
fn a_proof_has_its_exact_length() {
    let honest = honest();
    let expected = honest.verifying().proof_bytes();
    let with_length = |got: usize| {
        let mut proof = honest.file.proof.0.clone();
        proof.resize(got, 0);
        honest.check(&honest.columns, &proof)
    };
    assert_eq!(with_length(expected), Ok(()));
    for got in [
        0,
        1,
        31,
        32,
        64,
        expected - 64,
        expected - 32,
        expected - 1,
        expected + 1,
        expected + 32,
        2 * expected,
    ] {
        assert_eq!(
            with_length(got),
            Err(Rejection::ProofLength { expected, got })
        );
    }
}

/// The 32 big-endian bytes of a field's modulus.
fn modulus<F: PrimeField<Repr = [u8; 32]>>() -> [u8; 32] {
    let mut greatest = (-F::ONE).to_repr();
    greatest.reverse();
    sum(&greatest, &one()).expect("fits")
}

fn one() -> [u8; 32] {
    let mut one = [0; 32];
    one[31] = 1;
    one
}

/// The sum of two big-endian numbers, if it fits.
fn sum(a: &[u8], b: &[u8]) -> Option<[u8; 32]> {
    let mut sum = [0; 32];
    let mut carry = 0;
    for i in (0..32).rev() {
        let digit = u16::from(a[i]) + u16::from(b[i]) + carry;
        sum[i] = digit as u8;
        carry = digit >> 8;
    }
    (carry == 0).then_some(sum)
}

/// Every word of the proof, a coordinate or an evaluation, in every form that it could be
/// abused in.
#[test]
fn no_word_of_a_proof_can_be_replaced() {
    let honest = honest();
    let proof = &honest.file.proof.0;
    assert_eq!(proof.len() % 32, 0);
    let (scalars, base) = (modulus::<Fr>(), modulus::<Fq>());
    (0..proof.len() / 32).into_par_iter().for_each(|word| {
        let at = 32 * word..32 * (word + 1);
        let own = &proof[at.clone()];
        let replacements = [
            ("plus one", sum(own, &one())),
            ("the scalar modulus", Some(scalars)),
            ("the base modulus", Some(base)),
            ("zero", Some([0; 32])),
            ("all ones", Some([0xff; 32])),
            // The same value in another encoding.
            ("plus the scalar modulus", sum(own, &scalars)),
            ("plus the base modulus", sum(own, &base)),
        ];
        for (name, replacement) in replacements {
            let Some(replacement) = replacement else {
                continue;
            };
            let mut altered = proof.clone();
            altered[at.clone()].copy_from_slice(&replacement);
            assert_eq!(
                honest.check(&honest.columns, &altered),
                Err(Rejection::Proof),
                "word {word} {name}"
            );
        }
    });
}

/// A point at infinity is two words of zeros; a negated point is on the curve as well.
#[test]
fn no_point_of_a_proof_can_be_infinity_or_negated() {
    let honest = honest();
    let proof = &honest.file.proof.0;
    (0..proof.len() / 32 - 1).into_par_iter().for_each(|word| {
        let mut infinity = proof.clone();
        infinity[32 * word..32 * (word + 2)].fill(0);
        assert_eq!(
            honest.check(&honest.columns, &infinity),
            Err(Rejection::Proof),
            "infinity at word {word}"
        );
        let mut y = [0; 32];
        y.copy_from_slice(&proof[32 * (word + 1)..32 * (word + 2)]);
        y.reverse();
        let Some(y) = Option::<Fq>::from(Fq::from_repr(y)) else {
            return;
        };
        let mut negated = proof.clone();
        let mut minus = (-y).to_repr();
        minus.reverse();
        negated[32 * (word + 1)..32 * (word + 2)].copy_from_slice(&minus);
        assert_eq!(
            honest.check(&honest.columns, &negated),
            Err(Rejection::Proof),
            "negated y at word {}",
            word + 1
        );
    });
}

#[test]
fn points_cannot_be_exchanged() {
    let honest = honest();
    let mut exchanged = honest.file.proof.0.clone();
    let (first, second) = exchanged.split_at_mut(64);
    first.swap_with_slice(&mut second[..64]);
    assert_eq!(
        honest.check(&honest.columns, &exchanged),
        Err(Rejection::Proof)
    );
}
