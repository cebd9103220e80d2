//! What follows from a forged witness: the terms that it discloses, and whether anything but the lie is out of range.

use ff::Field;
use halo2curves::bn256::Fr;
use num_bigint::BigInt;
use zkmargin_tamper::{Cell, Image};

use super::{
    super::harness::Scene,
    exposure_stage::{NUMBERS, number_cells},
    limbs::Check,
    places::{self, Places},
};
use crate::{
    circuit::opening::{COMMITMENT, EXPOSURE_ROWS, INCENTIVE_RATE, REPAY},
    field,
};

/// The header's cells that a proof discloses of its own, as the forged circuit computes them: row, value.
fn disclosed(image: &Image<Fr>, places: &Places) -> Vec<(usize, Fr)> {
    let value = |column, row| image.value(Cell::advice(column, row));
    let mut cells = Vec::new();
    for (tick, row) in places.all("q_tick").iter().zip([REPAY, INCENTIVE_RATE]) {
        let rounded = value(0, tick + 1) - value(3, *tick);
        cells.push((row, value(1, *tick) * rounded));
    }
    for i in 0..places.underlyings {
        let (number, cut) = (places.number(i), places.underlying(i));
        cells.push((number, value(2, number) * value(1, number)));
        let outs = [value(3, cut), value(4, cut), value(0, cut + 1)];
        let rows = number + 1..number + EXPOSURE_ROWS;
        cells.extend(rows.zip(outs));
    }
    cells
}

/// Publishes what the forged circuit computes, but for what is forged itself; says whether that is anything new.
pub fn publish(scene: &mut Scene, places: &Places, image: &Image<Fr>) -> bool {
    let honest = scene.witness.header();
    let mut new = false;
    for (row, value) in disclosed(image, places) {
        let forged = scene.plan.values.contains_key(&Cell::advice(0, row));
        if !forged && scene.instance[0][row] == honest[row] {
            new |= honest[row] != value || image.value(Cell::advice(0, row)) != value;
            scene.instance[0][row] = value;
            scene.forge((0, row), value);
        }
    }
    new
}

/// Claims the commitment that the forged circuit computes.
pub fn claim(scene: &mut Scene, places: &Places, image: &Image<Fr>) {
    let (column, row) = places.commitment();
    let commitment = image.value(Cell::advice(column, row));
    scene.instance[0][COMMITMENT] = commitment;
    scene.forge((0, COMMITMENT), commitment);
}

/// The shortfall, as the nearest integer.
pub fn shortfall(image: &Image<Fr>, places: &Places) -> BigInt {
    field::to_int(&image.value(Cell::advice(0, places.terms() + 1)))
}

/// Whether every number that follows from the positions is where it must be: runs, claims, totals and terms in range, and
/// nothing in padding's claims.
pub fn clean(scene: &Scene, places: &Places, image: &Image<Fr>, checks: &[Check]) -> bool {
    if !(0..places.underlyings).all(|i| empty(scene, places, image, i)) {
        return false;
    }
    let claims = (0..places.underlyings).map(|i| places.underlying(i));
    let mut spans: Vec<(usize, usize)> = claims.map(|row| (row, row + 11)).collect();
    spans.push((places.total(), places.total() + 2));
    spans.push((places.terms(), places.terms() + 9));
    let runs = places.all("q_run_loss").iter();
    spans.extend(runs.map(|row| (*row, row + 1)));
    let follows = |check: &&Check| {
        let (kind, row) = (check.checked.kind, check.checked.row);
        let inside = spans.iter().any(|(from, to)| (*from..*to).contains(&row));
        kind == zkmargin_tamper::Kind::Advice
            && check.checked.column < places::LIMB
            && inside
            && !scene.plan.values.contains_key(&check.checked)
    };
    let mut followers = checks.iter().filter(follows);
    followers.all(|check| {
        let x = field::to_uint(&image.value(check.checked));
        x.bits() <= 10 * check.limbs as u64
    })
}

/// Whether a claim is an underlying's, or holds nothing but what is forged.
fn empty(scene: &Scene, places: &Places, image: &Image<Fr>, claim: usize) -> bool {
    let pole = places.claim_pole(claim);
    let value = |(column, row)| {
        let cell = Cell::advice(column, row);
        let forged = scene.plan.values.contains_key(&cell);
        if forged { Fr::ZERO } else { image.value(cell) }
    };
    image.value(Cell::advice(0, pole)) != Fr::ZERO
        || number_cells(pole).map(value) == [Fr::ZERO; NUMBERS]
}
