//! Lies about the challenge, and sums that agree at one challenge only.

use ff::Field;
use halo2curves::bn256::Fr;
use num_bigint::BigInt;
use num_integer::Integer;

use super::{
    super::harness::{fr, inverse},
    exposure_stage::{Claim, LOSS, NUMBERS, Position, Stage},
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
fn compensated(stage: &mut Stage<'_>, thief: &mut Thief<'_>, alpha: Fr, losses: bool) -> bool {
    let held = stage.held();
    if held.is_empty() {
        return false;
    }
    let mut place = || {
        let number = if losses { LOSS } else { thief.pick(NUMBERS) };
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
    thief.settled(stage.scene)
}

/// The same with losses alone.
pub fn compensated_losses(thief: &mut Thief<'_>) -> Drawn {
    let mut stage = Stage::new(thief);
    let alpha = stage.alpha;
    if !compensated(&mut stage, thief, alpha, true) {
        return Drawn::Redraw;
    }
    stage.forged(thief)
}

/// Choices or scenario changed after the challenge was drawn of others: the hash's rows, its result, or a packed number.
pub fn choices_changed(thief: &mut Thief<'_>) -> Drawn {
    thief.under(super::moved::is_skew, |thief| {
        let i = thief.position(super::section::OPTIONS);
        let mut scene = thief.scene();
        for j in super::moved::run(thief, i) {
            let trace = &mut scene.witness.portfolio.options[j];
            trace.flipped = !trace.flipped;
        }
        match thief.pick(3) {
            0 => {
                let rows = thief.rows;
                let first = rows.commitment_hashes();
                let hashes = first..rows.hashes().len();
                for cell in hashes.flat_map(|hash| rows.hash_rows(hash).flatten()) {
                    scene.forge(cell, thief.value(cell));
                }
            }
            1 => scene.forge(thief.rows.alpha(), thief.value(thief.rows.alpha())),
            _ => {
                let all = thief.rows.all("q_choices").to_vec();
                for row in all {
                    scene.forge((4, row), thief.value((4, row)));
                }
            }
        }
        thief.settled(scene)
    })
}

/// A packed number off, or a copy in it: of a choice, the scenario's number, a claim's number.
pub fn packed_altered(thief: &mut Thief<'_>) -> Drawn {
    let (choices, numbers) = (thief.rows.all("q_choices"), thief.rows.all("q_numbers"));
    let cell = if thief.coin() {
        (1 + thief.pick(4), choices[thief.pick(choices.len())])
    } else {
        (1 + thief.pick(3), numbers[thief.pick(numbers.len())])
    };
    let error = fr(thief.error(9));
    thief.moved(cell, error)
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
    // The copy in the hash alone: 0, commitment, digest.
    let first = stage.rows.hashes()[stage.rows.commitment_hashes()];
    stage.scene.forge((2, first), digest);
    Drawn::Forged(Box::new(stage.scene))
}

/// A challenge drawn without the choices, or of the scenario alone: as if no expiry had chosen.
pub fn choices_left_out(thief: &mut Thief<'_>) -> Drawn {
    thief.under(super::moved::is_skew, |thief| {
        let mut stage = Stage::new(thief);
        let scenario = fr(thief.scenario() as i128);
        let kept = if thief.coin() { Fr::ZERO } else { scenario };
        if !stage.choose(kept) {
            return Drawn::Redraw;
        }
        let (commitment, claims) = (stage.scene.witness.commitment(), stage.honest_claims());
        stage.hash(commitment, &claims);
        Drawn::Forged(Box::new(stage.scene))
    })
}

/// Other sums in the hash than those that are claimed; the claimed ones are the positions'.
pub fn other_sums_hashed(thief: &mut Thief<'_>) -> Drawn {
    let mut stage = Stage::new(thief);
    let mut claims: Vec<Claim> = stage.honest_claims();
    let i = thief.pick(claims.len());
    match thief.pick(NUMBERS) {
        0 => claims[i].uid += fr(thief.size(4)),
        j => claims[i].values[j] += fr(thief.error(100)),
    }
    let commitment = stage.scene.witness.commitment();
    stage.hash(commitment, &claims);
    Drawn::Forged(Box::new(stage.scene))
}

/// One cell of the challenge's hashes altered.
pub fn hash_altered(thief: &mut Thief<'_>) -> Drawn {
    let (mut scene, rows) = (thief.scene(), thief.rows);
    let first = rows.commitment_hashes();
    let hash = first + thief.pick(rows.hashes().len() - first);
    let cells: Vec<_> = rows.hash_rows(hash).flatten().collect();
    scene.forge(cells[thief.pick(cells.len())], thief.field());
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
    thief.settled(stage.scene)
}

/// Another challenge for one claim or position: any, or one at which a single number counts more or less.
pub fn alpha_of_one(thief: &mut Thief<'_>) -> Drawn {
    let mut stage = Stage::new(thief);
    let single = |p: &Position| {
        let mut numbers = (0..NUMBERS).filter(|&j| p.values[j] != Fr::ZERO);
        numbers.next().filter(|_| numbers.next().is_none())
    };
    let all = stage.positions.iter();
    let simple: Vec<(Position, usize)> = all.filter_map(|p| single(p).map(|j| (*p, j))).collect();
    if simple.is_empty() || thief.coin() {
        let all = stage.poles();
        let row = all[thief.pick(all.len())];
        stage.scene.forge((1, row), thief.field());
        return thief.settled(stage.scene);
    }
    let (position, j) = simple[thief.pick(simple.len())];
    let (own, number) = (stage.claim_of(&position), position.values[j]);
    let error = fr(thief.error(110));
    if number + error == Fr::ZERO {
        return Drawn::Redraw;
    }
    stage.claims[own].values[j] += error;
    stage.write();
    let pole = fr(4 * position.underlying as i128 + j as i128);
    let alpha = stage.read(thief, (1, position.pole));
    // x / (alpha' - 4 u - j) = (x + error) / (alpha - 4 u - j)
    let forged = (alpha - pole) * number * inverse(number + error) + pole;
    stage.scene.forge((1, position.pole), forged);
    thief.settled(stage.scene)
}
