//! Batches: every proof's answer is the one that it gets alone, whoever its neighbours are and whatever they were made for.

use std::sync::OnceLock;

use group::Curve;
use halo2curves::{
    CurveAffine,
    bn256::{Fq, G1, G1Affine},
};
use proptest::prelude::*;
use zkmargin_circuits::{
    field,
    model::{HexBytes, Snapshot},
    shape::{Shape, Statement},
};
use zkmargin_prover::{Params, ProvingKey};
use zkmargin_verifier::{
    Market, ProofFile, Rejection, Request, verify, verify_batch, verify_health, verify_health_batch,
};

use crate::support::{Honest, every_rule, healthy, honest};

/// A proof under other parameters, of another tau.
fn elsewhere() -> &'static Honest {
    static ELSEWHERE: OnceLock<Honest> = OnceLock::new();
    ELSEWHERE.get_or_init(|| {
        let params = Params::unsafe_dev(Shape::Small.k()).expect("parameters");
        let key = ProvingKey::generate(&params, Statement::Liquidation, Shape::Small);
        let own = honest();
        Honest::new(
            (params, key.expect("keys")),
            own.account.clone(),
            own.snapshot.clone(),
            own.policy.clone(),
        )
    })
}

/// Proofs in both shapes, under parameters of one tau.
fn of_one_tau() -> [Honest; 2] {
    let own = honest();
    let params = Params::unsafe_dev(Shape::Medium.k()).expect("parameters");
    [Shape::Small, Shape::Medium].map(|shape| {
        let params = params.cut(shape.k()).expect("smaller");
        let key = ProvingKey::generate(&params, Statement::Liquidation, shape).expect("keys");
        Honest::new(
            (params, key),
            own.account.clone(),
            own.snapshot.clone(),
            own.policy.clone(),
        )
    })
}

/// Checks the batch, and each of its proofs alone: the same answers. Those that are rejected.
fn rejected(proofs: &[(&ProofFile, Request<'_>)]) -> Vec<usize> {
    let answers = verify_batch(proofs);
    let alone = proofs.iter().map(|(file, request)| verify(file, request));
    assert_eq!(answers, alone.collect::<Vec<_>>());
    let places = (0..answers.len()).filter(|&place| answers[place].is_err());
    places.collect()
}

/// The honest proof with so many times the generator added to its last point.
fn shifted(by: i64) -> ProofFile {
    let mut file = honest().file.clone();
    let at = file.proof.0.len() - 64;
    let bytes = &mut file.proof.0[at..];
    let coordinate = |bytes: &[u8]| -> Fq {
        let mut little: [u8; 32] = bytes.try_into().expect("32 bytes");
        little.reverse();
        Option::from(Fq::from_bytes(&little)).expect("a coordinate")
    };
    let point = G1Affine::from_xy(coordinate(&bytes[..32]), coordinate(&bytes[32..]));
    let point = Option::<G1Affine>::from(point).expect("a point");
    let shift = G1::generator() * field::from_i128(by.into());
    let moved = (shift + point).to_affine();
    for (half, coordinate) in bytes.chunks_exact_mut(32).zip([moved.x, moved.y]) {
        half.copy_from_slice(&coordinate.to_bytes());
        half.reverse();
    }
    file
}

#[test]
fn keys_of_one_tau_keep_their_own_points() {
    let both = of_one_tau();
    let [small, medium] = &both;
    let [small_request, medium_request] = both.each_ref().map(Honest::request);
    assert_eq!(small_request.key.tau_g2(), medium_request.key.tau_g2());
    let mut proofs = vec![
        (&small.file, small_request),
        (&medium.file, medium_request),
        (&small.file, small_request),
        (&medium.file, medium_request),
    ];
    assert_eq!(rejected(&proofs), Vec::<usize>::new());
    let mut bad = medium.file.clone();
    let at = bad.proof.0.len() - 129;
    bad.proof.0[at] ^= 1;
    proofs[1] = (&bad, medium_request);
    assert_eq!(rejected(&proofs), [1]);
}

/// A proof file that was altered.
fn altered(alter: impl FnOnce(&mut ProofFile)) -> ProofFile {
    let mut file = honest().file.clone();
    alter(&mut file);
    file
}

/// Bad proofs of every kind: of a number, of a point, unreadable, too long, and of claims that are checked before.
fn bad_ones() -> Vec<ProofFile> {
    let bytes = honest().file.proof.0.len();
    let flip = |at: usize| altered(move |file| file.proof.0[at] ^= 1);
    let mut all: Vec<ProofFile> = [shifted(1), shifted(-1)].into();
    all.extend([bytes - 129, bytes - 1, 0, 63].map(flip));
    all.push(altered(|file| file.proof.0.fill(0)));
    all.push(altered(|file| file.proof.0.push(0)));
    all.push(altered(|file| file.commitment.0[31] ^= 1));
    all.push(altered(|file| file.context.0[31] ^= 1));
    all.push(altered(|file| file.table.0[31] ^= 1));
    all.push(altered(|file| file.repay = None));
    all
}

#[test]
fn no_proofs_are_no_answers() {
    assert_eq!(verify_batch(&[]), []);
    assert_eq!(verify_health_batch(&[]), []);
}

#[test]
fn good_proofs_of_several_markets_and_parameters_pass_together() {
    let (one, other, elsewhere) = (honest(), every_rule(), elsewhere());
    let of = |honest: &'static Honest| (&honest.file, honest.request());
    // Copies too.
    let proofs = [
        of(one),
        of(other),
        of(elsewhere),
        of(one),
        of(other),
        of(one),
    ];
    assert_eq!(rejected(&proofs), Vec::<usize>::new());
    // Equal markets in other places are one.
    let (snapshot, policy) = (one.snapshot.clone(), one.policy.clone());
    let request = Request {
        snapshot: &snapshot,
        policy: &policy,
        ..one.request()
    };
    assert_eq!(
        rejected(&[of(one), (&one.file, request)]),
        Vec::<usize>::new()
    );
}

#[test]
fn the_identity_in_a_large_batch_is_a_bad_proof_and_no_more() {
    // More points than are added one by one; the way that is then taken knows no identity.
    let count = 240;
    let key = honest().request().key;
    assert!(count * (key.proof_points() + key.own_points()) > 8_104);
    let bad = altered(|file| file.proof.0[..64].fill(0));
    let good = &honest().file;
    let files = (0..count).map(|place| if place == 77 { &bad } else { good });
    let proofs: Vec<_> = files.map(|file| (file, honest().request())).collect();
    let answers = verify_batch(&proofs);
    assert_eq!(answers[77], Err(Rejection::Proof));
    let others = answers.iter().filter(|answer| answer.is_ok());
    assert_eq!(others.count(), count - 1);
}

#[test]
fn one_market_checks_proofs_as_if_each_came_alone() {
    let own = honest();
    let request = own.request();
    let market = Market::new(request.snapshot, request.policy).expect("a market");
    let check = |file: &ProofFile| {
        market.verify(
            file,
            request.key,
            request.commitment,
            request.context,
            request.at,
        )
    };
    let mut files = bad_ones();
    files.push(own.file.clone());
    for file in &files {
        assert_eq!(check(file), verify(file, &request));
    }
    assert!(check(&own.file).is_ok());
    // The same proof in another market is about another table.
    let other = every_rule();
    let market = Market::new(&other.snapshot, &other.policy).expect("a market");
    let answer = market.verify(
        &own.file,
        request.key,
        request.commitment,
        request.context,
        request.at,
    );
    assert!(
        matches!(answer, Err(Rejection::OtherTable { .. })),
        "{answer:?}"
    );
}

#[test]
fn one_market_checks_health_as_if_each_came_alone() {
    let own = healthy();
    let request = own.request();
    let market = Market::new(request.snapshot, request.policy).expect("a market");
    let check = |file: &ProofFile| {
        market.verify_health(
            file,
            request.key,
            request.commitment,
            request.context,
            request.at,
        )
    };
    assert_eq!(check(&own.file), verify_health(&own.file, &request));
    assert!(check(&own.file).is_ok());
    let mut bad = own.file.clone();
    let last = bad.proof.0.len() - 1;
    bad.proof.0[last] ^= 1;
    assert_eq!(check(&bad), Err(Rejection::Proof));
}

#[test]
fn proofs_of_health_pass_together() {
    let own = healthy();
    let bad = {
        let mut file = own.file.clone();
        let last = file.proof.0.len() - 1;
        file.proof.0[last] ^= 1;
        file
    };
    let files = [&own.file, &bad, &own.file, &honest().file, &own.file];
    let proofs = files.map(|file| (file, own.request()));
    let answers = verify_health_batch(&proofs);
    let alone = proofs
        .iter()
        .map(|(file, request)| verify_health(file, request));
    assert_eq!(answers, alone.collect::<Vec<_>>());
    assert_eq!(answers[1], Err(Rejection::Proof));
    let other = Rejection::OtherStatement {
        proof: Statement::Liquidation,
        expected: Statement::Solvency,
    };
    assert_eq!(answers[3], Err(other));
    assert!([0, 2, 4].iter().all(|&place| answers[place].is_ok()));
    // The other question has another answer.
    let other = Rejection::OtherStatement {
        proof: Statement::Solvency,
        expected: Statement::Liquidation,
    };
    assert_eq!(verify_batch(&proofs[..1]), [Err(other)]);
}

/// What each proof is about, and not only its bytes, is its own.
#[test]
fn another_request_is_another_answer() {
    let own = honest();
    let other = every_rule();
    let swapped = [(&own.file, other.request()), (&other.file, own.request())];
    assert_eq!(rejected(&swapped), [0, 1]);
    let mut empty: Snapshot = own.snapshot.clone();
    empty.assets.clear();
    let without = Request {
        snapshot: &empty,
        ..own.request()
    };
    let late = Request {
        at: own.context.deadline.plus(1),
        ..own.request()
    };
    let proofs = [
        (&own.file, own.request()),
        (&own.file, without),
        (&own.file, late),
        (&own.file, own.request()),
    ];
    assert_eq!(rejected(&proofs), [1, 2]);
    let answers = verify_batch(&proofs);
    assert!(
        matches!(answers[1], Err(Rejection::Table(_))),
        "{answers:?}"
    );
    assert!(
        matches!(answers[2], Err(Rejection::Deadline { .. })),
        "{answers:?}"
    );
}

/// Proofs whose errors cancel each other in a plain sum: copies of one with opposite errors in the last point, which enters
/// the pairing equation by the same factors in all.
#[test]
fn errors_that_cancel_are_found_all_the_same() {
    let own = honest();
    for errors in [
        vec![1, -1],
        vec![5, -2, -3],
        vec![1, -1, 1, -1, 7, -7, -7, 7],
    ] {
        assert_eq!(errors.iter().sum::<i64>(), 0);
        let files: Vec<_> = errors.iter().map(|&by| shifted(by)).collect();
        let mut proofs = Vec::new();
        for file in &files {
            proofs.push((file, own.request()));
            proofs.push((&own.file, own.request()));
        }
        let odd = (0..proofs.len()).filter(|place| place % 2 == 0);
        assert_eq!(rejected(&proofs), odd.collect::<Vec<_>>());
    }
    // Copies of one bad proof: as many as weights could be tried.
    let bad = shifted(1);
    let proofs = vec![(&bad, own.request()); 33];
    assert_eq!(rejected(&proofs), (0..33).collect::<Vec<_>>());
}

#[test]
fn a_bad_proof_of_each_kind_is_named_among_64() {
    let own = honest();
    for (number, bad) in bad_ones().iter().enumerate() {
        let place = (number * 29 + 7) % 64;
        let mut proofs = vec![(&own.file, own.request()); 64];
        proofs[place].0 = bad;
        let answers = verify_batch(&proofs);
        assert_eq!(answers[place], verify(bad, &own.request()));
        let rejected = (0..64).filter(|&place| answers[place].is_err());
        assert_eq!(rejected.collect::<Vec<_>>(), [place], "kind {number}");
    }
}

/// A bad proof under one set of parameters is nothing to those under another.
#[test]
fn parameters_are_kept_apart() {
    let (own, other) = (honest(), elsewhere());
    let bad = shifted(1);
    let proofs = [
        (&own.file, own.request()),
        (&other.file, other.request()),
        (&bad, own.request()),
        (&other.file, other.request()),
        // Under the other's key it is no proof at all.
        (&own.file, other.request()),
    ];
    assert_eq!(rejected(&proofs), [2, 4]);
    let key = Rejection::Key {
        proof: own.file.key,
        key: HexBytes(other.verifying().digest()),
    };
    assert_eq!(verify_batch(&proofs)[4], Err(key));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Any number of bad ones of any kind anywhere.
    #[test]
    fn the_bad_ones_are_named_exactly(kinds in proptest::collection::vec(proptest::option::of(0usize..12), 1..40)) {
        let (own, bad) = (honest(), bad_ones());
        let file = |kind: &Option<usize>| kind.map_or(&own.file, |kind| &bad[kind]);
        let proofs: Vec<_> = kinds.iter().map(|kind| (file(kind), own.request())).collect();
        let expected: Vec<_> = (0..kinds.len()).filter(|&place| kinds[place].is_some()).collect();
        prop_assert_eq!(rejected(&proofs), expected);
    }
}
