//! Many proofs at once: each is checked as alone, but for the last check, which all have together.
//!
//! The last check of proof `i` is a pairing equation, `e(L_i, [tau]G2) = e(R_i, G2)`, with `L_i` and `R_i` known combinations of
//! the proof's and the key's points. With `E_i = tau L_i - R_i` it says `E_i = 0`. A batch draws a weight `r_i` for each
//! proof, from the operating system and after the proofs are given, and checks
//!
//! ```text
//! e(sum r_i L_i, [tau]G2) = e(sum r_i R_i, G2)        that is: sum r_i E_i = 0
//! ```
//! with one multi-scalar multiplication a side and one pairing. If some `E_i` is not 0, exactly one value of its weight, all others as
//! they are, makes the sum 0: a chance below 2^-252. No choice of the proofs changes that, since the weights are not known when
//! proofs are made: not errors that cancel each other in a plain sum, nor copies, nor one bad proof among many.
//!
//! If the sum is not 0, the batch is halved, and each half checked by the same weights, down to single proofs. Alone, a proof is
//! rejected only if its own `E_i` is not 0: nobody is rejected because of its neighbours. There are fewer than twice as many sums as proofs.
//!
//! Proofs of several keys go together if the keys are of the same parameters; each set of parameters has a pairing of its own, and so
//! has each part of it of [`MOST_POINTS`].

use ff::Field;
use halo2_proofs::{
    plonk,
    poly::{
        VerificationStrategy,
        kzg::{
            commitment::KZGCommitmentScheme, msm::DualMSM, multiopen::VerifierSHPLONK,
            strategy::AccumulatorStrategy,
        },
    },
};
use halo2curves::bn256::{Bn256, Fr};
use rand_core::OsRng;
use rayon::prelude::*;
use zkmargin_circuits::{public::TableError, shape::Statement};

use crate::{
    Eligibility, Health, ProofFile, Rejection, Request,
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

/// Points that are multiplied together. From 8,104 on the backend adds them in a way that panics at the identity, which a column of zeros
/// commits to, and which anybody can write into a proof.
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

/// The last check of a proof, put off: both sides of its pairing equation, weighted.
type Weighted<'a> = DualMSM<'a, Bn256>;
type Scheme = KZGCommitmentScheme<Bn256>;

/// Which proofs do not pass the last check, by their places.
fn bad(pending: &[Pending<'_>]) -> Vec<(usize, Rejection)> {
    let read = pending
        .par_iter()
        .enumerate()
        .filter_map(|(place, pending)| {
            let ready = pending.as_ref().ok()?;
            Some((place, ready, weighted(ready)))
        });
    let mut found = Vec::new();
    // By the parameters' tau: only equations with the same one can be added.
    let mut sets: Vec<Vec<Item<'_, '_>>> = Vec::new();
    for (place, ready, weighted) in read.collect::<Vec<_>>() {
        match weighted {
            Ok(weighted) => {
                let tau = ready.key.tau_g2();
                let item = Item {
                    place,
                    ready,
                    weighted,
                };
                match sets.iter_mut().find(|set| set[0].ready.key.tau_g2() == tau) {
                    Some(set) => set.push(item),
                    None => sets.push(vec![item]),
                }
            }
            Err(rejection) => found.push((place, rejection)),
        }
    }
    for set in sets {
        let points =
            |item: &Item<'_, '_>| item.ready.key.proof_points() + item.ready.key.own_points();
        let most = set.iter().map(points).max().unwrap_or(1);
        for items in set.chunks((MOST_POINTS / most).max(1)) {
            sort_out(items, false, &mut found);
        }
    }
    found
}

/// A proof that could be read.
struct Item<'s, 'a> {
    place: usize,
    ready: &'s Ready<'a>,
    weighted: Weighted<'a>,
}

/// Finds the bad ones among proofs; `doubtful` if it is known that there are some.
fn sort_out(items: &[Item<'_, '_>], doubtful: bool, found: &mut Vec<(usize, Rejection)>) {
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
fn holds(items: &[Item<'_, '_>]) -> bool {
    let mut weighted = items.iter().map(|item| item.weighted.clone());
    let Some(mut sum) = weighted.next() else {
        return true;
    };
    weighted.for_each(|next| sum.add_msm(next));
    sum.check()
}

/// Reads a proof and puts its last check off, with a weight of its own.
///
/// # Errors
/// [`Rejection::Proof`] if it cannot be read.
fn weighted<'a>(ready: &Ready<'a>) -> Result<Weighted<'a>, Rejection> {
    let params = ready.key.backend_params();
    let read = ready.process(AccumulatorStrategy::new(params))?;
    // The backend hands what it has put off to the reader of the next proof. There is none: it is taken instead.
    let mut weighted = None;
    let next =
        VerificationStrategy::<Scheme, VerifierSHPLONK<'a, Bn256>>::process(read, |put_off| {
            weighted = Some(put_off);
            Err(plonk::Error::Opening)
        });
    drop(next);
    let mut weighted = weighted.ok_or(Rejection::Proof)?;
    // It also has multiplied it by a random number of its own, on which nothing here depends.
    weighted.scale(Fr::random(OsRng));
    Ok(weighted)
}
