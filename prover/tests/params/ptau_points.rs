//! Powers-of-tau files with one point wrong, and the error that says which.

use crate::support::{
    Ptau, add_modulus, final_08, montgomery_g1, montgomery_g2, ptau_refusal, random_g1, random_g2,
    twist_point_outside_subgroup,
};
use zkmargin_prover::params::{Params, ParamsError, Part, PtauCheck, PtauError, SrsError};

fn srs_refusal(ptau: &Ptau) -> SrsError {
    match ptau_refusal(ptau, None) {
        PtauError::Srs(error) => error,
        other => panic!("expected a refusal of the points, got {other:?}"),
    }
}

#[test]
fn an_altered_power_is_found_and_placed() {
    let file = Ptau::power_6();
    for index in [2, 3, 31, 32, 62, 63] {
        let broken = file.clone().put_g1(index, &montgomery_g1(&random_g1()));
        assert_eq!(srs_refusal(&broken), SrsError::NotAPower { index });
    }
    // Two powers swapped.
    let swapped = file.clone().put_g1(7, &file.g1(8)).put_g1(8, &file.g1(7));
    assert_eq!(srs_refusal(&swapped), SrsError::NotAPower { index: 7 });
    // Beyond what k = 3 takes, 32 powers, the hash alone speaks.
    let beyond = file.put_g1(32, &montgomery_g1(&random_g1()));
    let folder = tempfile::tempdir().unwrap();
    let path = beyond.save(folder.path());
    assert!(Params::from_ptau(&path, Some(3), PtauCheck::AllowUnpublished).is_ok());
    let error = ptau_refusal(&beyond, Some(4));
    assert!(
        matches!(error, PtauError::Srs(SrsError::NotAPower { index: 32 })),
        "{error:?}"
    );
}

#[test]
fn a_wrong_point_in_g2() {
    let file = Ptau::power_6();
    let other = montgomery_g2(&random_g2());
    let wrong_tau = file.clone().put_g2(1, &other);
    assert_eq!(srs_refusal(&wrong_tau), SrsError::TauMismatch);
    let wrong_generator = file.clone().put_g2(0, &other);
    let part = Part::G2Powers;
    assert_eq!(
        srs_refusal(&wrong_generator),
        SrsError::WrongGenerator { part }
    );
    let outside = file
        .clone()
        .put_g2(1, &montgomery_g2(&twist_point_outside_subgroup()));
    assert_eq!(
        srs_refusal(&outside),
        SrsError::NotInSubgroup { part, index: 1 }
    );
    let zero = file.clone().put_g2(1, &[0; 128]);
    assert_eq!(srs_refusal(&zero), SrsError::Identity { part, index: 1 });
    let mut off_curve = other;
    off_curve[0] ^= 1;
    assert_eq!(
        srs_refusal(&file.put_g2(1, &off_curve)),
        SrsError::NotOnCurve { part, index: 1 }
    );
}

#[test]
fn a_wrong_first_point_in_g1() {
    let file = Ptau::power_6();
    let wrong = file.put_g1(0, &montgomery_g1(&random_g1()));
    let part = Part::G1Powers;
    assert_eq!(srs_refusal(&wrong), SrsError::WrongGenerator { part });
}

#[test]
fn tau_zero_one_and_of_small_order() {
    let file = Ptau::power_6();
    let (_, g1) = file.section(2);
    let (_, g2) = file.section(3);
    let mut zero = file.clone();
    zero.0[g1.start + 64..g1.end].fill(0);
    zero.0[g2.start + 128..g2.end].fill(0);
    assert_eq!(srs_refusal(&zero), SrsError::TauZero);

    // What `snarkjs powersoftau new` writes before anybody contributes.
    let mut one = file.clone();
    one.0.copy_within(g1.start..g1.start + 64, g1.start + 64);
    for index in 1..127 {
        one = one.put_g1(index, &file.g1(0));
    }
    let generator: [u8; 128] = file.0[g2.start..g2.start + 128].try_into().unwrap();
    for index in 1..64 {
        one = one.put_g2(index, &generator);
    }
    assert_eq!(srs_refusal(&one), SrsError::TauOne);

    let order_4 = file.clone().put_g1(4, &file.g1(0));
    assert_eq!(
        srs_refusal(&order_4),
        SrsError::TauOfSmallOrder { order: 4 }
    );
    let hole = file.put_g1(4, &[0; 64]);
    let part = Part::G1Powers;
    assert_eq!(srs_refusal(&hole), SrsError::Identity { part, index: 4 });
}

#[test]
fn points_off_the_curve_or_not_canonical() {
    let file = Ptau::power_6();
    let part = Part::G1Powers;
    let mut off_curve = file.g1(9);
    off_curve[32..].copy_from_slice(&file.g1(10)[32..]);
    assert_eq!(
        srs_refusal(&file.clone().put_g1(9, &off_curve)),
        SrsError::NotOnCurve { part, index: 9 }
    );
    for coordinate in [0, 32] {
        let mut shifted = file.g1(11);
        add_modulus(&mut shifted[coordinate..coordinate + 32]);
        assert_eq!(
            srs_refusal(&file.clone().put_g1(11, &shifted)),
            SrsError::NonCanonical { part, index: 11 }
        );
    }
    let part = Part::G2Powers;
    let mut shifted = montgomery_g2(&random_g2());
    add_modulus(&mut shifted[96..]);
    assert_eq!(
        srs_refusal(&file.put_g2(1, &shifted)),
        SrsError::NonCanonical { part, index: 1 }
    );
}

#[test]
fn one_bit_makes_a_file_unpublished() {
    let mut bytes = std::fs::read(final_08()).unwrap();
    // In the contributions, which the importer does not look into.
    let (_, content) = Ptau(bytes.clone()).section(7);
    bytes[content.start + 1000] ^= 1;
    let folder = tempfile::tempdir().unwrap();
    let path = Ptau(bytes).save(folder.path());
    let error = Params::from_ptau(&path, None, PtauCheck::Published).unwrap_err();
    assert!(matches!(
        error,
        ParamsError::Ptau {
            source: PtauError::Unpublished { power: 8, .. },
            ..
        }
    ));
    let allowed = Params::from_ptau(&path, None, PtauCheck::AllowUnpublished).unwrap();
    assert!(!allowed.origin().is_published());
}
