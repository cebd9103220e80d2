//! Fixed polynomials in groups, with one commitment a group.
//!
//! A verification multiplies every commitment by a challenge, and most commitments are the key's own: fixed columns, selectors,
//! permutations, nearly all of them opened at x alone. Of these each [`PACKED`] stand in one polynomial,
//!
//! ```text
//! G(X) = F_0(X^4) + X F_1(X^4) + X^2 F_2(X^4) + X^3 F_3(X^4)
//! ```
//! which leaves the remainder `F_0(x) + X F_1(x) + X^2 F_2(x) + X^3 F_3(x)` modulo `X^4 - x`, and no other: one opening shows the
//! values of all four (Gabizon, Williamson, fflonk, 2021/1167). G has four times the coefficients, so the parameters must have as
//! many powers of tau.

use halo2_proofs::{plonk, poly::Rotation};
use halo2curves::{
    bn256::{Fr, G1Affine},
    serde::SerdeObject,
};
use sha2::{Digest, Sha256};
use zkmargin_circuits::field;

/// log2 of [`PACKED`].
pub const PACKED_BITS: u32 = 2;
/// Polynomials of a group.
pub const PACKED: usize = 1 << PACKED_BITS;

/// What a transcript of proofs with groups begins with, in the place of the backend's digest of its key: SHA-256 of a domain, that digest
/// (big-endian) and the groups' commitments (raw), its first byte cleared.
pub fn transcript_state(key: &plonk::VerifyingKey<G1Affine>, packed: &[G1Affine]) -> Fr {
    let mut hash = Sha256::new_with_prefix(b"zkmargin groups v1");
    hash.update(field::to_be_bytes(&key.transcript_repr()));
    packed
        .iter()
        .for_each(|point| hash.update(point.to_raw_bytes()));
    let mut bytes: [u8; 32] = hash.finalize().into();
    bytes[0] = 0;
    // Below 2^248: always a field element.
    field::from_be_bytes(&bytes).unwrap_or_default()
}

/// Which of a circuit's fixed polynomials are in a group with which.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Packing {
    groups: Vec<Vec<usize>>,
}

impl Packing {
    /// The groups of a circuit: all fixed columns that are read in their own row and nowhere else, then all permutations.
    pub fn new(cs: &plonk::ConstraintSystem<Fr>) -> Self {
        let columns = cs.num_fixed_columns();
        let rotations = |column: usize| {
            let queries = cs.fixed_queries().iter();
            let own = queries.filter(move |(queried, _)| queried.index() == column);
            own.map(|(_, rotation)| *rotation)
        };
        let at_x = |column: &usize| rotations(*column).eq([Rotation::cur()]);
        let permutations = columns..columns + cs.permutation().get_columns().len();
        let members: Vec<usize> = (0..columns).filter(at_x).chain(permutations).collect();
        Self {
            groups: members.chunks(PACKED).map(<[usize]>::to_vec).collect(),
        }
    }

    /// The groups, each with at most [`PACKED`] members: fixed columns by their number, permutations by theirs behind the last column.
    pub fn groups(&self) -> &[Vec<usize>] {
        &self.groups
    }

    /// Whether a polynomial is in a group.
    pub fn contains(&self, polynomial: usize) -> bool {
        self.groups.iter().flatten().any(|p| *p == polynomial)
    }

    /// How many polynomials are in groups.
    pub fn members(&self) -> usize {
        self.groups.iter().map(Vec::len).sum()
    }
}
