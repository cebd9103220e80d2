//! Many proofs at once: each is checked as alone, but for the last check, which all have together.
//!
//! The last check of proof `i` is a pairing equation, `e(L_i, [tau]G2) = e(R_i, G2)`, with `L_i` and `R_i` known combinations of
//! the proof's and the key's points. With `E_i = tau L_i - R_i` it says `E_i = 0`. A batch draws a weight `r_i` for each
//! proof, from the operating system and after the proofs are given, and checks
//!
//! ```text
//! e(sum r_i L_i, [tau]G2) = e(sum r_i R_i, G2)        that is: sum r_i E_i = 0
//! ```
//! with one multi-scalar multiplication a side and one pairing; a key's own points are multiplied once for all its proofs. If some `E_i` is not 0, exactly one value of its weight, all others as
//! they are, makes the sum 0: a chance below 2^-253. No choice of the proofs changes that, since the weights are not known when
//! proofs are made: not errors that cancel each other in a plain sum, nor copies, nor one bad proof among many.
//!
//! If the sum is not 0, the batch is halved, and each half checked by the same weights, down to single proofs. Alone, a proof is
//! rejected only if its own `E_i` is not 0: nobody is rejected because of its neighbours. There are fewer than twice as many sums as proofs.
//!
//! Proofs of several keys go together if the keys are of the same parameters; each set of parameters has a pairing of its own, and so
//! has each part of it of [`MOST_POINTS`].

use ff::Field;
use halo2curves::bn256::Fr;
use rand_core::OsRng;
use rayon::prelude::*;
use zkmargin_circuits::{public::TableError, shape::Statement};

use crate::{
    Eligibility, Health, ProofFile, Rejection, Request,
    backend::{self, Equation},
    ready::{Market, Ready},
};

/// Checks liquidation proofs: for each what [`verify`](crate::verify) would answer, in their order.
pub fn verify_batch(proofs: &[(&ProofFile, Request<'_>)]) -> Vec<Result<Eligibility, Rejection>> {
    check(proofs, Statement::Liquidation, Eligibility::new)
}

/// Checks proofs of solvency: for each what [`verify_health`](crate::verify_health) would answer, in their order.
pub fn verify_health_batch(proofs: &[(&ProofFile, Request<'_>)]) -> Vec<Result<Health, Rejection>> {
    check(proofs, Statement::Solvency, Health::new)
}

/// Points that are multiplied together. From 8,104 on the backend adds them in a way that panics at the identity. No proof has it, but a
/// key's column of zeros commits to it.
const MOST_POINTS: usize = 8_000;

/// One proof of a batch, until its answer is known.
type Pending<'a> = Result<Ready<'a>, Rejection>;

fn check<T>(
    proofs: &[(&ProofFile, Request<'_>)],
    statement: Statement,
    found: impl Fn(&ProofFile, &Request<'_>, &Ready<'_>) -> T,
) -> Vec<Result<T, Rejection>> {
    let (markets, places) = markets(proofs);
    let proofs_at = proofs.iter().zip(&places);
    let mut pending: Vec<Pending<'_>> = proofs_at
        .map(|((file, request), &place)| {
            let market = markets[place].as_ref().map_err(TableError::clone)?;
            Ready::new(file, request, statement, market)
        })
        .collect();
    for (place, rejection) in bad(&pending) {
        pending[place] = Err(rejection);
    }
    let answers = pending.into_iter().zip(proofs);
    answers
        .map(|(pending, (file, request))| pending.map(|ready| found(file, request, &ready)))
        .collect()
}

/// Each market and policy of a batch once, and which is each proof's.
fn markets<'a>(
    proofs: &[(&ProofFile, Request<'a>)],
) -> (Vec<Result<Market<'a>, TableError>>, Vec<usize>) {
    let mut different: Vec<Request<'a>> = Vec::new();
    let mut place = |request: &Request<'a>| {
        let same = |other: &Request<'_>| same_market(other, request);
        different.iter().position(same).unwrap_or_else(|| {
            different.push(*request);
            different.len() - 1
        })
    };
    let places = proofs.iter().map(|(_, request)| place(request)).collect();
    let markets = different.into_par_iter();
    let markets = markets.map(|request| Market::new(request.snapshot, request.policy));
    (markets.collect(), places)
}

fn same_market(one: &Request<'_>, other: &Request<'_>) -> bool {
    let snapshot = std::ptr::eq(one.snapshot, other.snapshot) || one.snapshot == other.snapshot;
    snapshot && (std::ptr::eq(one.policy, other.policy) || one.policy == other.policy)
}

/// Which proofs do not pass the last check, by their places.
fn bad(pending: &[Pending<'_>]) -> Vec<(usize, Rejection)> {
    let read = pending
        .par_iter()
        .enumerate()
        .filter_map(|(place, pending)| {
            let ready = pending.as_ref().ok()?;
            Some((place, ready.read()))
        });
    let mut found = Vec::new();
    // By the parameters' tau: only equations with the same one can be added.
    let mut sets: Vec<Vec<Item<'_>>> = Vec::new();
    for (place, equation) in read.collect::<Vec<_>>() {
        match equation {
            Ok(equation) => {
                let tau = equation.key().tau_g2();
                let item = Item {
                    place,
                    equation,
                    weight: Fr::random(OsRng),
                };
                let same = |set: &&mut Vec<Item<'_>>| set[0].equation.key().tau_g2() == tau;
                match sets.iter_mut().find(same) {
                    Some(set) => set.push(item),
                    None => sets.push(vec![item]),
                }
            }
            Err(rejection) => found.push((place, rejection)),
        }
    }
    for set in sets {
        let points = |item: &Item<'_>| {
            let key = item.equation.key();
            key.proof_points() + key.own_points()
        };
        let most = set.iter().map(points).max().unwrap_or(1);
        for items in set.chunks((MOST_POINTS / most).max(1)) {
            sort_out(items, false, &mut found);
        }
    }
    found
}

/// A proof that could be read.
struct Item<'a> {
    place: usize,
    equation: Equation<'a>,
    /// Drawn after the proofs were given.
    weight: Fr,
}

/// Finds the bad ones among proofs; `doubtful` if it is known that there are some.
fn sort_out(items: &[Item<'_>], doubtful: bool, found: &mut Vec<(usize, Rejection)>) {
    match items {
        [] => {}
        // Whoever is rejected is rejected by its own check: a weight makes nothing wrong.
        [item] => {
            if !holds(items) {
                found.push((item.place, Rejection::Proof));
            }
        }
        _ if !doubtful && holds(items) => {}
        _ => {
            let (left, right) = items.split_at(items.len() / 2);
            let before = found.len();
            sort_out(left, false, found);
            // What is wrong with the whole and not with the left half is wrong with the right one.
            sort_out(right, found.len() == before, found);
        }
    }
}

/// The last check of all these proofs together.
fn holds(items: &[Item<'_>]) -> bool {
    let weighted = items.iter().map(|item| (&item.equation, item.weight));
    backend::holds(&weighted.collect::<Vec<_>>())
}
