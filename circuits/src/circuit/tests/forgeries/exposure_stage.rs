//! The exposures of a scene, to be forged: the positions' and the claimed sums, as the circuit holds them.

use halo2curves::bn256::Fr;
use zkmargin_tamper::{Cell, Image};

use super::{
    super::{
        harness::{Scene, fr},
        rows::{self, Rows, SECTIONS},
    },
    section,
    thief::Thief,
};
use crate::{
    circuit::{opening::TABLE_DIGEST, underlying::UID_SHIFT},
    engine::Portfolio,
    field, poseidon,
    slots::Slots,
};

/// Delta, gamma, vega.
pub const NUMBERS: usize = 3;

/// A position's exposure.
#[derive(Clone, Copy)]
pub struct Position {
    /// First row of its fractions.
    pub pole: usize,
    /// Number of its underlying.
    pub underlying: usize,
    /// Delta, gamma, vega.
    pub values: [Fr; NUMBERS],
}

/// A claimed sum.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// Number of the underlying, 0 for padding.
    pub uid: Fr,
    /// Delta, gamma, vega.
    pub values: [Fr; NUMBERS],
}

/// A scene whose claims are changed, then written.
pub struct Stage {
    pub scene: Scene,
    pub rows: Rows,
    /// Those that are not padding.
    pub positions: Vec<Position>,
    pub claims: Vec<Claim>,
    /// The challenge of the honest claims.
    pub alpha: Fr,
    honest: Vec<Claim>,
}

/// The positions' underlyings in a section.
fn underlyings(portfolio: &Portfolio, section: usize) -> Vec<usize> {
    match section {
        section::OPTIONS => portfolio.options.iter().map(|t| t.underlying).collect(),
        section::PERPETUALS => {
            let traces = portfolio.perpetual_options.iter();
            traces.map(|t| t.underlying).collect()
        }
        section::FUTURES => portfolio.futures.iter().map(|t| t.underlying).collect(),
        section::ASSETS => portfolio.assets.iter().map(|t| t.group).collect(),
        _ => portfolio.swaps.iter().map(|t| t.underlying).collect(),
    }
}

/// The account without its positions in one underlying.
fn without(thief: &Thief<'_>, victim: usize) -> Slots {
    let mut slots = thief.slots();
    for section in 0..SECTIONS {
        let all = underlyings(&thief.honest.witness.portfolio, section);
        for (i, _) in all.iter().enumerate().filter(|(_, u)| **u == victim) {
            section::clear(&mut slots, section, i);
            (1..=i)
                .rev()
                .for_each(|j| section::swap(&mut slots, section, j - 1, j));
        }
    }
    slots
}

impl Stage {
    pub fn new(thief: &Thief<'_>) -> Self {
        Self::of(thief.scene(), thief.image)
    }

    /// A stage with a padding claim.
    pub fn roomy(thief: &mut Thief<'_>) -> Option<Self> {
        let stage = Self::new(thief);
        if stage.claims[0].uid == Fr::zero() {
            return Some(stage);
        }
        let all = stage.held();
        let victim = stage
            .positions_of(all[thief.pick(all.len())])
            .next()?
            .underlying;
        let (slots, table) = (without(thief, victim), thief.honest.table.clone());
        let scene = thief.committed(slots, &table)?;
        let image = scene.image();
        Some(Self::of(scene, &image))
    }

    fn of(scene: Scene, image: &Image<Fr>) -> Self {
        let rows = Rows::of(scene.witness.slots.shape);
        let value = |(column, row)| image.value(Cell::advice(column, row));
        let three = |row| [0, 1, 2].map(|column| value((column, row)));
        let mut positions = Vec::new();
        for section in 0..SECTIONS {
            let all = underlyings(&scene.witness.portfolio, section);
            for (i, underlying) in all.into_iter().enumerate().filter(|(_, u)| *u > 0) {
                let pole = rows.pole(section, i);
                positions.push(Position {
                    pole,
                    underlying,
                    values: three(pole - 1),
                });
            }
        }
        let claims = (0..rows.underlyings).map(|i| Claim {
            uid: value((0, rows.underlying(i))),
            values: three(rows.underlying(i) + 1),
        });
        let claims: Vec<Claim> = claims.collect();
        Self {
            alpha: value(rows.alpha()),
            honest: claims.clone(),
            scene,
            rows,
            positions,
            claims,
        }
    }

    /// The claims that are not padding.
    pub fn held(&self) -> Vec<usize> {
        let all = 0..self.claims.len();
        all.filter(|&i| self.claims[i].uid != Fr::zero()).collect()
    }

    /// The positions that a claim sums up.
    pub fn positions_of(&self, claim: usize) -> impl Iterator<Item = &Position> {
        let uid = self.claims[claim].uid;
        let own = move |position: &&Position| fr(position.underlying as i128) == uid;
        self.positions.iter().filter(own)
    }

    /// The claim that a position belongs to.
    pub fn claim_of(&self, position: &Position) -> usize {
        let uid = fr(position.underlying as i128);
        let mut claims = self.claims.iter();
        claims.position(|claim| claim.uid == uid).expect("claimed")
    }

    /// A position with an exposure.
    pub fn exposed(&self, thief: &mut Thief<'_>) -> Option<Position> {
        let all = self.positions.iter();
        let all: Vec<_> = all.filter(|p| p.values != [Fr::zero(); NUMBERS]).collect();
        (!all.is_empty()).then(|| *all[thief.pick(all.len())])
    }

    /// Forges the claims that have changed.
    pub fn write(&mut self) {
        for (i, (claim, honest)) in self.claims.iter().zip(&self.honest).enumerate() {
            let row = self.rows.underlying(i);
            if claim.uid != honest.uid {
                self.scene.forge((0, row), claim.uid);
            }
            // What is summed up follows the uid, so it is forged wherever anything is.
            if claim != honest {
                let cells: [rows::Cell; NUMBERS] = [0, 1, 2].map(|column| (column, row + 1));
                for (cell, value) in cells.into_iter().zip(claim.values) {
                    self.scene.forge(cell, value);
                }
            }
        }
    }

    /// What a cell holds once everything so far is forged.
    pub fn read(&self, (column, row): rows::Cell) -> Fr {
        self.scene.image().value(Cell::advice(column, row))
    }

    /// Forges every row of the challenge's hashes, so that they are those of other inputs; returns their digest.
    pub fn hash(&mut self, commitment: Fr, claims: &[Claim]) -> Fr {
        let table = self.scene.instance[0][TABLE_DIGEST];
        let mut digest = Fr::zero();
        for i in 0..=claims.len() {
            let inputs = match i.checked_sub(1).map(|claim| &claims[claim]) {
                None => [commitment, table, Fr::zero(), Fr::zero()],
                Some(claim) => {
                    let [delta, gamma, vega] = claim.values;
                    [
                        digest,
                        delta,
                        gamma,
                        vega + claim.uid * field::pow2(UID_SHIFT),
                    ]
                }
            };
            let trace = poseidon::trace(inputs);
            for (cells, values) in self.rows.challenge_rows(i).zip(trace) {
                for (cell, value) in cells.into_iter().zip(values) {
                    self.scene.forge(cell, value);
                }
            }
            [digest, ..] = trace[poseidon::ROWS - 1];
        }
        digest
    }

    /// The claims as the circuit was honestly given them.
    pub fn honest_claims(&self) -> Vec<Claim> {
        self.honest.clone()
    }

    /// The rows of a challenge's copies: claims, then positions, padding included.
    pub fn poles(&self) -> Vec<usize> {
        let claims = (0..self.rows.underlyings).map(|i| self.rows.claim_pole(i));
        let slots = rows::slots(self.scene.witness.slots.shape.capacity());
        let positions = slots.into_iter().enumerate();
        let positions = positions.flat_map(|(section, n)| (0..n).map(move |i| (section, i)));
        claims
            .chain(positions.map(|(section, i)| self.rows.pole(section, i)))
            .collect()
    }
}
