//! Lies about the challenge, and sums that agree at one challenge only.

use ff::Field;
use halo2curves::bn256::Fr;
use num_bigint::BigInt;
use num_integer::Integer;

use super::{
    super::harness::{fr, inverse},
    exposure_stage::{Claim, NUMBERS, Stage},
    limbs::modulus,
    thief::{Drawn, Thief},
};
use crate::{circuit::opening::TABLE_DIGEST, field};

/// Two integers of about half the modulus' bits with `x a + y b = 0`.
fn balanced(a: Fr, b: Fr) -> [Fr; 2] {
    let p = BigInt::from(modulus());
    let ratio = BigInt::from(field::to_uint(&(-a * inverse(b))));
    let (mut old, mut new) = ((p.clone(), BigInt::ZERO), (ratio, BigInt::from(1)));
    while &new.0 * &new.0 > p {
        let quotient = old.0.div_floor(&new.0);
        let next = (&old.0 - &quotient * &new.0, &old.1 - &quotient * &new.1);
        (old, new) = (new, next);
    }
    [new.1, new.0].map(|part| field::from_int(&part))
}

/// Two numbers of the claims off so that the sums of fractions still agree at a challenge; the claims that it is of.
fn compensated(stage: &mut Stage, thief: &mut Thief<'_>, alpha: Fr, vegas: bool) -> bool {
    let held = stage.held();
    let mut place = || {
        let number = if vegas { 2 } else { thief.pick(NUMBERS) };
        (held[thief.pick(held.len())], number)
    };
    let (first, second) = (place(), place());
    if first == second {
        return false;
    }
    let pole = |(i, j): (usize, usize)| alpha - stage.claims[i].uid * fr(4) - fr(j as i128);
    let [a, b] = [first, second].map(|place| inverse(pole(place)));
    let errors = balanced(a, b);
    assert_eq!(errors[0] * a + errors[1] * b, Fr::ZERO);
    for ((i, j), error) in [first, second].into_iter().zip(errors) {
        stage.claims[i].values[j] += error;
    }
    true
}

/// Sums that agree at the honest challenge: delta of one underlying for delta or gamma of another. The challenge is the
/// hash of the forged sums, or forged.
pub fn compensated_sums(thief: &mut Thief<'_>) -> Drawn {
    let mut stage = Stage::new(thief);
    let alpha = stage.alpha;
    if !compensated(&mut stage, thief, alpha, false) {
        return Drawn::Redraw;
    }
    stage.write();
    match thief.pick(4) {
        // The hash's result.
        0 => stage.scene.forge(stage.rows.alpha(), alpha),
        // Every copy of it.
        1 => {
            for row in stage.poles() {
                stage.scene.forge((1, row), alpha);
            }
        }
        // All of the hash, over the honest sums.
        2 => {
            let (commitment, claims) = (stage.scene.witness.commitment(), stage.honest_claims());
            assert_eq!(stage.hash(commitment, &claims), alpha);
        }
        _ => {}
    }
    Drawn::Forged(Box::new(stage.scene))
}

/// The same with vegas alone, and what is hashed of them and the numbers is honest.
pub fn compensated_vegas(thief: &mut Thief<'_>) -> Drawn {
    let mut stage = Stage::new(thief);
    let alpha = stage.alpha;
    if !compensated(&mut stage, thief, alpha, true) {
        return Drawn::Redraw;
    }
    stage.write();
    for i in 0..stage.claims.len() {
        let cell = (4, stage.rows.underlying(i));
        stage.scene.forge(cell, thief.value(cell));
    }
    Drawn::Forged(Box::new(stage.scene))
}

/// The same from a commitment of the prover's choice, which is not the account's.
pub fn another_commitment(thief: &mut Thief<'_>) -> Drawn {
    let mut stage = Stage::new(thief);
    let (other, claims) = (thief.field(), stage.honest_claims());
    stage.hash(other, &claims);
    Drawn::Forged(Box::new(stage.scene))
}

/// The same from another table's digest: one that the prover wishes for.
pub fn another_table(thief: &mut Thief<'_>) -> Drawn {
    let mut stage = Stage::new(thief);
    let everywhere = thief.coin();
    let digest = thief.field();
    if everywhere {
        stage.scene.forge((0, TABLE_DIGEST), digest);
        return Drawn::Forged(Box::new(stage.scene));
    }
    // The copy in the hash alone.
    let [_, table, ..] = stage.rows.challenge_rows(0).next().expect("rows");
    let (column, row) = table;
    stage.scene.forge((column + 1, row), digest);
    Drawn::Forged(Box::new(stage.scene))
}

/// Other sums in the hash than those that are claimed; the claimed ones are the positions'.
pub fn other_sums_hashed(thief: &mut Thief<'_>) -> Drawn {
    let mut stage = Stage::new(thief);
    let mut claims: Vec<Claim> = stage.honest_claims();
    let i = thief.pick(claims.len());
    match thief.pick(4) {
        3 => claims[i].uid += fr(thief.size(4)),
        j => claims[i].values[j] += fr(thief.error(100)),
    }
    let commitment = stage.scene.witness.commitment();
    stage.hash(commitment, &claims);
    Drawn::Forged(Box::new(stage.scene))
}

/// uid and vega in one, or one cell of the challenge's hashes, altered.
pub fn hash_altered(thief: &mut Thief<'_>) -> Drawn {
    let (mut scene, rows) = (thief.scene(), thief.rows);
    let cell = if thief.pick(4) == 0 {
        (4, rows.underlying(thief.pick(rows.underlyings)))
    } else {
        let cells: Vec<_> = rows
            .challenge_rows(thief.pick(rows.underlyings + 1))
            .flatten()
            .collect();
        cells[thief.pick(cells.len())]
    };
    scene.forge(cell, thief.field());
    Drawn::Forged(Box::new(scene))
}

/// Another challenge everywhere.
pub fn alpha_of_all(thief: &mut Thief<'_>) -> Drawn {
    let mut stage = Stage::new(thief);
    let alpha = thief.field();
    if thief.coin() && !compensated(&mut stage, thief, alpha, false) {
        return Drawn::Redraw;
    }
    stage.write();
    for row in stage.poles() {
        stage.scene.forge((1, row), alpha);
    }
    Drawn::Forged(Box::new(stage.scene))
}

/// Another challenge for one claim or position: any, or one at which a delta counts more or less.
pub fn alpha_of_one(thief: &mut Thief<'_>) -> Drawn {
    let mut stage = Stage::new(thief);
    let simple = stage.positions.iter().filter(|p| {
        let [delta, gamma, vega] = p.values;
        delta != Fr::ZERO && [gamma, vega] == [Fr::ZERO; 2]
    });
    let simple: Vec<_> = simple.copied().collect();
    if simple.is_empty() || thief.coin() {
        let all = stage.poles();
        let row = all[thief.pick(all.len())];
        stage.scene.forge((1, row), thief.field());
        return Drawn::Forged(Box::new(stage.scene));
    }
    let position = simple[thief.pick(simple.len())];
    let (own, [delta, ..]) = (stage.claim_of(&position), position.values);
    let error = fr(thief.error(120));
    if delta + error == Fr::ZERO {
        return Drawn::Redraw;
    }
    stage.claims[own].values[0] += error;
    stage.write();
    let first = fr(4 * position.underlying as i128);
    let alpha = stage.read((1, position.pole));
    // delta / (alpha' - 4 u) = (delta + error) / (alpha - 4 u)
    let forged = (alpha - first) * delta * inverse(delta + error) + first;
    stage.scene.forge((1, position.pole), forged);
    Drawn::Forged(Box::new(stage.scene))
}
