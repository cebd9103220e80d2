//! On a small domain two rotations can be one point. A polynomial that is queried twice at one
//! point could be given two values, which SHPLONK does not allow for. The backend refuses it
//! when it opens (`exists_query_collision`); here no shape comes near it.

use std::collections::{BTreeMap, BTreeSet};

use halo2_proofs::{plonk::ConstraintSystem, poly::Rotation};
use halo2curves::bn256::Fr;
use zkmargin_circuits::shape::{Shape, Statement};
use zkmargin_verifier::key::{MAX_KEY_BYTES, configured};

use crate::support::honest;

/// Every circuit that exists.
fn circuits() -> impl Iterator<Item = (Statement, Shape)> {
    let shapes = |statement| Shape::ALL.map(|shape| (statement, shape));
    Statement::ALL.into_iter().flat_map(shapes)
}

/// A committed polynomial.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Polynomial {
    Advice(usize),
    Fixed(usize),
    PermutationProduct(usize),
    LookupProduct(usize),
    LookupInput(usize),
}

/// Every opening of a polynomial that is opened more than once.
fn queries(cs: &ConstraintSystem<Fr>) -> Vec<(Polynomial, i32)> {
    let mut queries = Vec::new();
    for (column, Rotation(at)) in cs.advice_queries() {
        queries.push((Polynomial::Advice(column.index()), *at));
    }
    for (column, Rotation(at)) in cs.fixed_queries() {
        queries.push((Polynomial::Fixed(column.index()), *at));
    }
    let columns = cs.permutation().get_columns().len();
    let products = columns.div_ceil(cs.degree() - 2);
    let last = -(cs.blinding_factors() as i32 + 1);
    for i in 0..products {
        queries.extend([0, 1].map(|at| (Polynomial::PermutationProduct(i), at)));
        if i + 1 < products {
            queries.push((Polynomial::PermutationProduct(i), last));
        }
    }
    for i in 0..cs.lookups().len() {
        queries.extend([0, 1].map(|at| (Polynomial::LookupProduct(i), at)));
        queries.extend([0, -1].map(|at| (Polynomial::LookupInput(i), at)));
    }
    queries
}

/// The polynomials that are opened twice at one point of a domain of `rows`.
fn collisions(queries: &[(Polynomial, i32)], rows: i32) -> BTreeSet<Polynomial> {
    let mut seen = BTreeSet::new();
    queries
        .iter()
        .filter(|(polynomial, at)| !seen.insert((*polynomial, at.rem_euclid(rows))))
        .map(|(polynomial, _)| *polynomial)
        .collect()
}

#[test]
fn the_check_finds_collisions() {
    let cell = Polynomial::Advice(0);
    let queries = [(cell, -1), (cell, 0), (cell, 1)];
    assert_eq!(collisions(&queries, 2), BTreeSet::from([cell]));
    assert_eq!(collisions(&queries, 4), BTreeSet::new());
}

#[test]
fn no_polynomial_is_opened_twice_at_one_point() {
    for (statement, shape) in circuits() {
        let meta = configured(statement, shape).expect("a circuit");
        let queries = queries(&meta);
        let rows = 1 << statement.k(shape);
        assert_eq!(
            collisions(&queries, rows),
            BTreeSet::new(),
            "{statement} {shape}"
        );
        // Far from it: the farthest rotations span a small part of the domain.
        let mut spans = BTreeMap::<_, (i32, i32)>::new();
        for (polynomial, at) in queries {
            let span = spans.entry(polynomial).or_default();
            *span = (span.0.min(at), span.1.max(at));
        }
        let widest = spans.values().map(|(low, high)| high - low).max();
        assert!(widest < Some(rows / 16), "{statement} {shape}: {widest:?}");
    }
}

/// A key file is held to the limit before it is read.
#[test]
fn every_circuits_key_is_within_the_limit() {
    for (statement, shape) in circuits() {
        let meta = configured(statement, shape).expect("a circuit");
        // Selectors at most stay as they are, a bit a row; 64 bytes a column.
        let columns = meta.num_fixed_columns() + meta.permutation().get_columns().len();
        let selectors = meta.num_selectors();
        let bytes = 1024 + 64 * (columns + selectors) + (selectors << statement.k(shape)) / 8;
        assert!(
            bytes as u64 <= MAX_KEY_BYTES,
            "{statement} {shape}: {bytes}"
        );
    }
}

#[test]
fn the_list_above_is_all_that_a_proof_opens() {
    let vk = honest().verifying().backend();
    let cs = vk.cs();
    // Opened once only: the permutation's own polynomials, the lookups' permuted tables, and
    // the blinding polynomial; the quotient has no evaluation.
    let once = cs.permutation().get_columns().len() + cs.lookups().len() + 1;
    let commitments = cs.num_advice_columns()
        + 3 * cs.lookups().len()
        + cs.permutation()
            .get_columns()
            .len()
            .div_ceil(cs.degree() - 2)
        + 1
        + (cs.degree() - 1)
        + 2;
    assert_eq!(
        32 * (queries(cs).len() + once) + 64 * commitments,
        honest().file.proof.0.len()
    );
}
