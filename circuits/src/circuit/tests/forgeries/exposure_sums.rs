//! Lies about the sums by underlying.

use ff::Field;
use halo2curves::bn256::Fr;

use super::{
    super::harness::{fr, inverse},
    exposure_stage::{Claim, NUMBERS, Position, Stage, fraction_cells},
    thief::{Drawn, Thief},
};

/// Adds a position to a claim `times` over.
fn count(stage: &mut Stage<'_>, claim: usize, position: &Position, times: Fr) {
    let values = stage.claims[claim].values.iter_mut();
    for (sum, value) in values.zip(position.values) {
        *sum += value * times;
    }
}

/// A claim other than `own`, of an underlying.
fn other_claim(stage: &Stage<'_>, thief: &mut Thief<'_>, own: usize) -> Option<usize> {
    let mut others = stage.held();
    others.retain(|&i| i != own);
    (!others.is_empty()).then(|| others[thief.pick(others.len())])
}

/// A position counted for another underlying: its fractions' copy of the number.
pub fn counted_for_another(thief: &mut Thief<'_>) -> Drawn {
    let mut stage = Stage::new(thief);
    let Some(position) = stage.exposed(thief) else {
        return Drawn::Redraw;
    };
    let own = stage.claim_of(&position);
    let Some(other) = other_claim(&stage, thief, own) else {
        return Drawn::Redraw;
    };
    count(&mut stage, own, &position, -Fr::ONE);
    count(&mut stage, other, &position, Fr::ONE);
    let uid = stage.claims[other].uid;
    stage.scene.forge((0, position.pole), uid);
    stage.forged(thief)
}

/// A position left out of its sum, and of the running sum of fractions, or not.
pub fn left_out(thief: &mut Thief<'_>) -> Drawn {
    let mut stage = Stage::new(thief);
    let Some(position) = stage.exposed(thief) else {
        return Drawn::Redraw;
    };
    let own = stage.claim_of(&position);
    count(&mut stage, own, &position, -Fr::ONE);
    stage.write();
    let zero = |stage: &mut Stage<'_>, cell| stage.scene.forge(cell, Fr::ZERO);
    match thief.pick(4) {
        0 => {
            let [before, after] = position.sums();
            let sum = stage.read(thief, before);
            stage.scene.forge(after, sum);
        }
        1 => (0..NUMBERS)
            .filter_map(|j| position.fraction(j))
            .for_each(|cell| zero(&mut stage, cell)),
        2 => (0..NUMBERS)
            .filter_map(|j| position.number(j))
            .for_each(|cell| zero(&mut stage, cell)),
        _ => {}
    }
    thief.settled(stage.scene)
}

/// A number of a position that counts a multiple of itself: a fraction that is not the pole's.
pub fn fraction_off(thief: &mut Thief<'_>) -> Drawn {
    let mut stage = Stage::new(thief);
    let position = stage.positions[thief.pick(stage.positions.len())];
    let (own, j) = (stage.claim_of(&position), thief.pick(NUMBERS));
    let times = fr(thief.error(8));
    stage.claims[own].values[j] += position.values[j] * (times - Fr::ONE);
    stage.write();
    if times == Fr::ONE {
        return Drawn::Redraw;
    }
    let Some(cell) = position.fraction(j) else {
        return Drawn::Redraw;
    };
    let honest = stage.read(thief, cell);
    stage.scene.forge(cell, honest * times);
    // With other cash the challenge, and with it the fraction, would be another.
    thief.if_clean(stage.scene)
}

/// A claim's fraction that is not the pole's: the claim is a multiple of what counts.
pub fn claimed_fraction_off(thief: &mut Thief<'_>) -> Drawn {
    let mut stage = Stage::new(thief);
    let held = stage.held();
    let (i, j, times) = (
        held[thief.pick(held.len())],
        thief.pick(NUMBERS),
        thief.error(8),
    );
    if times == 1 {
        return Drawn::Redraw;
    }
    stage.claims[i].values[j] *= fr(times);
    stage.write();
    let cell = fraction_cells(stage.rows.claim_pole(i))[j];
    let honest = stage.read(thief, cell);
    stage.scene.forge(cell, honest * inverse(fr(times)));
    thief.if_clean(stage.scene)
}

/// The sums of two underlyings, or one number of theirs, exchanged.
pub fn exchanged(thief: &mut Thief<'_>) -> Drawn {
    let mut stage = Stage::new(thief);
    let held = stage.held();
    let own = held[thief.pick(held.len())];
    let Some(other) = other_claim(&stage, thief, own) else {
        return Drawn::Redraw;
    };
    let (a, b, number) = (
        stage.claims[own],
        stage.claims[other],
        thief.pick(NUMBERS + 1),
    );
    for j in (0..NUMBERS).filter(|j| number == NUMBERS || *j == number) {
        stage.claims[own].values[j] = b.values[j];
        stage.claims[other].values[j] = a.values[j];
    }
    if stage.claims[own] == a {
        return Drawn::Redraw;
    }
    stage.forged(thief)
}

/// A claim moved down into padding, and `second` put behind it; returns where the two stand.
fn split(stage: &mut Stage<'_>, i: usize, second: Claim) -> usize {
    stage.claims[..=i].rotate_left(1);
    stage.claims[i] = second;
    i - 1
}

/// One underlying's sum in two claims, their order as it is or forged.
pub fn split_in_two(thief: &mut Thief<'_>) -> Drawn {
    let Some(mut stage) = Stage::roomy(thief) else {
        return Drawn::Redraw;
    };
    let held = stage.held();
    if held.is_empty() {
        return Drawn::Redraw;
    }
    let i = held[thief.pick(held.len())];
    let first = stage.claims[i];
    let part = if thief.coin() {
        // Nothing is left in the first.
        first.values
    } else {
        [0; NUMBERS].map(|_| fr(thief.error(110)))
    };
    let second = Claim {
        values: part,
        ..first
    };
    // Rotating moves the claim itself down.
    let at = split(&mut stage, i, second);
    for (sum, part) in stage.claims[at].values.iter_mut().zip(part) {
        *sum -= part;
    }
    let [uid, alive, next, gap] = stage.rows.claim_order(at);
    match thief.pick(6) {
        0 => stage.scene.forge(gap, Fr::ZERO),
        1 => stage.scene.forge((3, stage.rows.number(at)), Fr::ZERO),
        2 => stage.scene.forge(alive, Fr::ZERO),
        3 => stage.scene.forge(next, first.uid + Fr::ONE),
        4 => stage.scene.forge(uid, first.uid - Fr::ONE),
        _ => {}
    }
    stage.forged(thief)
}

/// Claims out of order, their gap as it is or forged.
pub fn unsorted(thief: &mut Thief<'_>) -> Drawn {
    let mut stage = Stage::new(thief);
    let held = stage.held();
    if held.len() < 2 {
        return Drawn::Redraw;
    }
    let i = held[thief.pick(held.len() - 1)];
    stage.claims.swap(i, i + 1);
    if thief.coin() {
        let [.., gap] = stage.rows.claim_order(i);
        stage.scene.forge(gap, fr(thief.size(10) - 1));
    }
    stage.forged(thief)
}

/// A number between two underlyings', in the field, so that the poles of one are another's numbers: u + 1/4's delta is
/// u's gamma.
pub fn between_two(thief: &mut Thief<'_>) -> Drawn {
    // Of some accounts the one sum claimed as the other is out of range.
    thief.under(|_, _| true, between)
}

fn between(thief: &mut Thief<'_>) -> Drawn {
    let Some(mut stage) = Stage::roomy(thief) else {
        return Drawn::Redraw;
    };
    let held = stage.held();
    if held.is_empty() {
        return Drawn::Redraw;
    }
    let (i, quarters) = (held[thief.pick(held.len())], 1 + thief.pick(2));
    let first = stage.claims[i];
    let mut second = Claim {
        uid: first.uid + fr(quarters as i128) * inverse(fr(4)),
        values: [Fr::ZERO; NUMBERS],
    };
    let mut kept = first;
    for j in quarters..NUMBERS {
        second.values[j - quarters] = first.values[j];
        kept.values[j] = Fr::ZERO;
    }
    let at = split(&mut stage, i, second);
    stage.claims[at] = kept;
    stage.forged(thief)
}

/// A claim of nothing, by a number that the table does not have; of one that it has nothing false is claimed.
pub fn no_asset(thief: &mut Thief<'_>) -> Drawn {
    let Some(mut stage) = Stage::roomy(thief) else {
        return Drawn::Redraw;
    };
    let (last, table) = (stage.claims.len() - 1, &stage.scene.table);
    let assets = table.assets.len();
    let above = (0..assets)
        .rev()
        .take_while(|u| fr(*u as i128) != stage.claims[last].uid);
    let above: Vec<usize> = above.collect();
    let hidden = !table.rules.exposures_shown;
    let truth = hidden && !above.is_empty() && thief.coin();
    let uid = match (truth, thief.pick(3)) {
        (true, _) => fr(above[thief.pick(above.len())] as i128),
        (false, 0) => fr((assets + thief.pick(1023)) as i128),
        (false, 1) => fr(1023 + thief.size(50)),
        // As far as the gap allows.
        (false, _) => stage.claims[last].uid + fr(1024),
    };
    if !truth && (0..assets).any(|n| uid == fr(n as i128)) {
        return Drawn::Redraw;
    }
    let second = Claim {
        uid,
        values: [Fr::ZERO; NUMBERS],
    };
    stage.claims.rotate_left(1);
    stage.claims[last] = second;
    stage.write();
    if truth {
        return Drawn::Honest(
            Box::new(stage.scene),
            "an underlying without exposure may be claimed: its sums are zero",
        );
    }
    thief.settled(stage.scene)
}

/// Sums in padding that cancel out, or do not; claimed as padding, or as an underlying 0.
pub fn in_padding(thief: &mut Thief<'_>) -> Drawn {
    let Some(mut stage) = Stage::roomy(thief) else {
        return Drawn::Redraw;
    };
    let padding = stage.claims.len() - stage.held().len();
    let (j, part) = (thief.pick(NUMBERS), fr(thief.error(110)));
    stage.claims[padding - 1].values[j] += part;
    if padding > 1 && thief.coin() {
        stage.claims[thief.pick(padding - 1)].values[j] -= part;
    }
    if thief.coin() {
        stage
            .scene
            .forge((3, stage.rows.number(padding - 1)), Fr::ONE);
    }
    stage.forged(thief)
}

/// A claim that is padding and is not, neither, or the other way round.
pub fn alive_altered(thief: &mut Thief<'_>) -> Drawn {
    let mut stage = Stage::new(thief);
    let i = thief.pick(stage.claims.len());
    let cell = (3, stage.rows.number(i));
    let padding = stage.claims[i].uid == Fr::ZERO;
    let value = match thief.pick(3) {
        0 => Fr::from(u64::from(padding)),
        1 => fr(1 + thief.size(8)),
        _ => thief.field(),
    };
    stage.scene.forge(cell, value);
    stage.forged(thief)
}

/// Sums of fractions that start elsewhere: both alike, or the claims' by as much as one of them is off.
pub fn started_elsewhere(thief: &mut Thief<'_>) -> Drawn {
    let mut stage = Stage::new(thief);
    let (claimed, held) = (stage.rows.claim_pole(0), stage.rows.pole(0, 0));
    if thief.coin() {
        let start = thief.field();
        stage.scene.forge((0, claimed + 1), start);
        stage.scene.forge((0, held + 1), start);
        return stage.forged(thief);
    }
    let all = stage.held();
    let (i, j, error) = (
        all[thief.pick(all.len())],
        thief.pick(NUMBERS),
        fr(thief.error(110)),
    );
    stage.claims[i].values[j] += error;
    stage.write();
    let off = error * stage.read(thief, fraction_cells(stage.rows.claim_pole(i))[j]);
    if thief.coin() {
        stage.scene.forge((0, claimed + 1), -off);
    } else {
        stage.scene.forge((0, held + 1), off);
    }
    thief.settled(stage.scene)
}

/// A claimed loss greater than the positions', or part of one underlying's in another's: the requirement follows.
pub fn loss_moved(thief: &mut Thief<'_>) -> Drawn {
    let mut stage = Stage::new(thief);
    let held = stage.held();
    if held.is_empty() {
        return Drawn::Redraw;
    }
    let own = held[thief.pick(held.len())];
    let part = fr(thief.error(120)) * fr(thief.size(60));
    stage.claims[own].values[super::exposure_stage::LOSS] += part;
    if thief.coin() {
        let Some(other) = other_claim(&stage, thief, own) else {
            return Drawn::Redraw;
        };
        stage.claims[other].values[super::exposure_stage::LOSS] -= part;
    }
    stage.forged(thief)
}
