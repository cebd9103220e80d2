//! One honest statement of shape small: parameters, keys, proof, made once a process.
//!
//! Nothing of it is committed: the secret of the parameters and the blinding are fresh in every process, so that a
//! campaign is about as many proofs as it has processes, and a change of the circuit leaves no stale file behind. A
//! fuzz input says only how to alter what is honest.

use std::sync::LazyLock;

use ff::PrimeField;
use halo2curves::{
    CurveAffine,
    bn256::{Fq, Fr, G1Affine},
};
use zkmargin_circuits::{
    circuit::instance,
    field,
    shape::{Shape, Statement},
};
use zkmargin_prover::{Params, ProvingKey, prove};
use zkmargin_verifier::{ProofFile, Request, VerifyingKey, check_proof};

use crate::files::FILES;

/// The statement and all that it was made from.
pub(crate) struct Honest {
    pub(crate) key: ProvingKey,
    pub(crate) file: ProofFile,
    /// The instance columns.
    pub(crate) columns: Vec<Vec<Fr>>,
    /// Points in front of the proof's evaluations; two more follow them.
    pub(crate) points: usize,
    /// The proving key file.
    pub(crate) key_bytes: Vec<u8>,
}

/// The honest statement.
pub(crate) static HONEST: LazyLock<Honest> = LazyLock::new(|| {
    let files = &*FILES;
    let params = Params::unsafe_dev(Shape::Small.k()).expect("parameters");
    let key = ProvingKey::generate(&params, Statement::Liquidation, Shape::Small).expect("keys");
    let (account, snapshot, policy) = (&files.account, &files.snapshot, &files.policy);
    let proof = prove(&params, &key, account, snapshot, policy, &files.context);
    let file = proof.expect("an under-margined account").file;
    let scalar = |bytes| field::from_be_bytes(bytes).expect("a scalar");
    let columns = instance(
        file.shape,
        &files.table,
        scalar(&file.commitment.0),
        scalar(&file.context.0),
        &file.terms(),
    )
    .expect("terms of its own policy");
    let points = file.proof.0.chunks_exact(64);
    let points = points.take_while(|bytes| point(bytes).is_some()).count();
    assert_eq!(
        check_proof(key.verifying(), &columns, &file.proof.0),
        Ok(())
    );
    Honest {
        key_bytes: key.to_bytes(),
        key,
        file,
        columns,
        points,
    }
});

impl Honest {
    /// The verifying key.
    pub(crate) fn verifying(&self) -> &VerifyingKey {
        self.key.verifying()
    }

    /// What the verifier knows.
    pub(crate) fn request(&self) -> Request<'_> {
        Request {
            key: self.verifying(),
            snapshot: &FILES.snapshot,
            policy: &FILES.policy,
            commitment: self.file.commitment,
            context: &FILES.context,
            at: FILES.snapshot.time,
        }
    }
}

/// The point of two big-endian words, if it is on the curve.
pub(crate) fn point(bytes: &[u8]) -> Option<G1Affine> {
    let coordinate = |word: &[u8]| {
        let mut repr: [u8; 32] = word.try_into().ok()?;
        repr.reverse();
        Option::<Fq>::from(Fq::from_repr(repr))
    };
    let (x, y) = bytes.split_at_checked(32)?;
    G1Affine::from_xy(coordinate(x)?, coordinate(y)?).into()
}

/// A point as a proof writes it.
pub(crate) fn point_bytes(point: &G1Affine) -> [u8; 64] {
    let mut bytes = [0; 64];
    for (word, coordinate) in bytes.chunks_exact_mut(32).zip([point.x, point.y]) {
        word.copy_from_slice(&coordinate.to_repr());
        word.reverse();
    }
    bytes
}
