//! Importing powers-of-tau files that are as they should be.

use std::collections::HashSet;
use std::time::Instant;

use crate::support::{Ptau, final_08, fixture, montgomery_g1};
use blake2::{Blake2b512, Digest};
use ff::Field;
use halo2_proofs::poly::EvaluationDomain;
use halo2_proofs::poly::commitment::{Blind, Params as _, ParamsProver};
use halo2curves::bn256::Fr;
use rand_core::OsRng;
use zkmargin_prover::params::{
    Origin, Params, ParamsError, Progress, PtauCheck, PtauError, ceremony,
};

/// Committing to values and to coefficients of one random polynomial gives one point.
fn assert_commits_both_ways(params: &Params) {
    let domain = EvaluationDomain::<Fr>::new(1, params.k());
    let values: Vec<Fr> = (0..1 << params.k()).map(|_| Fr::random(OsRng)).collect();
    let values = domain.lagrange_from_vec(values);
    let coefficients = domain.lagrange_to_coeff(values.clone());
    let blind = Blind::default();
    assert_eq!(
        params.kzg().commit(&coefficients, blind),
        params.kzg().commit_lagrange(&values, blind)
    );
}

#[test]
fn the_published_file_of_power_8_is_recognised() {
    let path = final_08();
    let hash = hex::encode(Blake2b512::digest(std::fs::read(&path).unwrap()));
    assert_eq!(hash, ceremony::PUBLISHED[0].blake2b);

    let start = Instant::now();
    let params = Params::from_ptau(&path, None, PtauCheck::Published).unwrap();
    println!("import power 8: {:?}", start.elapsed());
    // Packed polynomials have four times a column's coefficients.
    assert_eq!((params.k(), params.powers().len()), (6, 256));
    let name = "powersOfTau28_hez_final_08".to_owned();
    let expected = Origin::Ceremony {
        name,
        power: 8,
        blake2b: hash,
        published: true,
    };
    assert_eq!(*params.origin(), expected);
    assert!(params.origin().is_published() && !params.is_unsafe_dev());
    assert_commits_both_ways(&params);
}

#[test]
fn a_published_file_is_recognised_under_either_check() {
    let strict = Params::from_ptau(&final_08(), Some(4), PtauCheck::Published).unwrap();
    let lenient = Params::from_ptau(&final_08(), Some(4), PtauCheck::AllowUnpublished).unwrap();
    assert_eq!(strict.origin(), lenient.origin());
    assert_eq!(strict.digest(), lenient.digest());
}

#[test]
fn fewer_powers_are_a_prefix() {
    let whole = Params::from_ptau(&final_08(), None, PtauCheck::Published).unwrap();
    for k in 1..6 {
        let cut = Params::from_ptau(&final_08(), Some(k), PtauCheck::Published).unwrap();
        assert_eq!(cut.k(), k);
        assert_eq!(cut.kzg().get_g(), &whole.kzg().get_g()[..1 << k]);
        assert_eq!(cut.powers(), &whole.powers()[..4 << k]);
        assert_eq!(cut.s_g2(), whole.s_g2());
        assert_eq!(cut.tau_g1(), whole.tau_g1());
        assert_ne!(cut.digest(), whole.digest());
        assert_commits_both_ways(&cut);
    }
}

/// snarkjs computed section 12, the Lagrange form, by itself. It takes another root of unity than the backend does, and
/// so has the same points in another order.
#[test]
fn lagrange_points_are_those_that_snarkjs_computed() {
    let path = final_08();
    let ptau = Ptau(std::fs::read(&path).unwrap());
    let (_, content) = ptau.section(12);
    for k in [3u32, 6] {
        let params = Params::from_ptau(&path, Some(k), PtauCheck::Published).unwrap();
        let n = 1usize << k;
        let start = content.start + (n - 1) * 64;
        let theirs: HashSet<&[u8]> = ptau.0[start..start + n * 64].chunks(64).collect();
        let domain = EvaluationDomain::<Fr>::new(1, k);
        for i in 0..n {
            let mut unit = domain.empty_lagrange();
            unit[i] = Fr::ONE;
            let ours = params.kzg().commit_lagrange(&unit, Blind::default());
            assert!(
                theirs.contains(&montgomery_g1(&ours.into())[..]),
                "L_{i}, k = {k}"
            );
        }
        assert_eq!(theirs.len(), n);
    }
}

#[test]
fn an_unpublished_file_needs_an_explicit_word() {
    let path = fixture("snarkjs_06.ptau");
    let hash = hex::encode(Blake2b512::digest(std::fs::read(&path).unwrap()));
    let refused = Params::from_ptau(&path, None, PtauCheck::default()).unwrap_err();
    assert!(matches!(
        &refused,
        ParamsError::Ptau { path: at, source: PtauError::Unpublished { power: 6, blake2b } }
            if *at == path && *blake2b == hash
    ));

    let params = Params::from_ptau(&path, None, PtauCheck::AllowUnpublished).unwrap();
    assert_eq!(params.k(), 4);
    let name = Origin::UNPUBLISHED_NAME.to_owned();
    let expected = Origin::Ceremony {
        name,
        power: 6,
        blake2b: hash,
        published: false,
    };
    assert_eq!(*params.origin(), expected);
    assert_commits_both_ways(&params);
}

#[test]
fn a_file_not_prepared_for_phase_2_will_do() {
    let path = fixture("snarkjs_04_raw.ptau");
    let params = Params::from_ptau(&path, None, PtauCheck::AllowUnpublished).unwrap();
    assert_eq!(params.k(), 2);
    assert_commits_both_ways(&params);
}

#[test]
fn progress_ends_at_the_files_length() {
    let path = fixture("snarkjs_06.ptau");
    let total = std::fs::metadata(&path).unwrap().len();
    let mut calls = Vec::new();
    let mut record = |progress: Progress| calls.push(progress);
    Params::from_ptau_with_progress(&path, None, PtauCheck::AllowUnpublished, &mut record).unwrap();
    assert_eq!(calls.last(), Some(&Progress { done: total, total }));
}

#[test]
fn development_parameters_say_so() {
    for k in [1, 2, 11, 12] {
        let start = Instant::now();
        let params = Params::unsafe_dev(k).unwrap();
        println!("dev k = {k}: {:?}", start.elapsed());
        assert!(params.is_unsafe_dev() && !params.origin().is_published());
        assert_eq!(params.k(), k);
        assert_commits_both_ways(&params);
    }
    let (a, b) = (
        Params::unsafe_dev(2).unwrap(),
        Params::unsafe_dev(2).unwrap(),
    );
    assert_ne!(a.digest(), b.digest());
}

#[test]
fn k_is_bounded() {
    for k in [0, 21, 255, u32::MAX] {
        let dev = Params::unsafe_dev(k).unwrap_err();
        assert!(matches!(dev, ParamsError::KOutOfRange { k: got, min: 1, max: 20 } if got == k));
        let import = Params::from_ptau(&final_08(), Some(k), PtauCheck::Published).unwrap_err();
        assert!(matches!(import, ParamsError::KOutOfRange { k: got, .. } if got == k));
    }
    let above = Params::from_ptau(&final_08(), Some(7), PtauCheck::Published).unwrap_err();
    assert!(matches!(
        above,
        ParamsError::Ptau {
            source: PtauError::KAbovePower {
                k: 7,
                needed: 9,
                power: 8
            },
            ..
        }
    ));
}

#[test]
fn the_pinned_table_is_whole() {
    let mut hashes = HashSet::new();
    for (file, power) in ceremony::PUBLISHED.iter().zip(8..) {
        assert_eq!(file.power, power);
        assert_eq!(hex::decode(file.blake2b).unwrap().len(), 64);
        assert_eq!(file.blake2b, file.blake2b.to_lowercase());
        assert!(hashes.insert(file.blake2b));
    }
    assert_eq!(hashes.len(), 21);
}
