//! The exposures and losses of a scene, to be forged: the positions' and the claimed sums, as the circuit holds them.

use halo2curves::bn256::Fr;
use zkmargin_tamper::{Cell, Image};

use super::{
    super::harness::{Scene, fr},
    places::{self, Places, SECTIONS, five},
    section,
    thief::{Drawn, Thief},
};
use crate::{
    circuit::{opening::TABLE_DIGEST, sums::SumsChip},
    engine::Portfolio,
    field, poseidon,
    slots::Slots,
};

/// Delta, gamma, vega, loss.
pub const NUMBERS: usize = 4;
/// The loss among them.
pub const LOSS: usize = 3;

/// A position's exposure and loss.
#[derive(Clone, Copy)]
pub struct Position {
    /// First row of its fractions.
    pub pole: usize,
    /// It has a loss alone.
    pub collateral: bool,
    /// Number of its underlying.
    pub underlying: usize,
    /// Delta, gamma, vega, loss.
    pub values: [Fr; NUMBERS],
}

/// A claimed sum.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// Number of the underlying, 0 for padding.
    pub uid: Fr,
    /// Delta, gamma, vega, loss.
    pub values: [Fr; NUMBERS],
}

/// A scene whose claims are changed, then written.
pub struct Stage<'p> {
    pub scene: Scene,
    pub rows: &'p Places,
    /// Those that are not padding.
    pub positions: Vec<Position>,
    pub claims: Vec<Claim>,
    /// The challenge of the honest claims.
    pub alpha: Fr,
    honest: Vec<Claim>,
    /// The numbers that hold choices and the scenario.
    choices: Vec<Fr>,
}

/// Where the numbers of a position or claim stand, and its fractions, by the first row of these.
pub fn number_cells(pole: usize) -> [places::Cell; NUMBERS] {
    [(0, pole - 1), (1, pole - 1), (2, pole - 1), (3, pole + 1)]
}

pub fn fraction_cells(pole: usize) -> [places::Cell; NUMBERS] {
    [(2, pole), (3, pole), (4, pole), (2, pole + 1)]
}

impl Position {
    /// Where its numbers stand, `None` of collateral but for the loss.
    pub fn number(&self, j: usize) -> Option<places::Cell> {
        match (self.collateral, j) {
            (false, _) => Some(number_cells(self.pole)[j]),
            (true, LOSS) => Some((3, self.pole)),
            _ => None,
        }
    }

    pub fn fraction(&self, j: usize) -> Option<places::Cell> {
        match (self.collateral, j) {
            (false, _) => Some(fraction_cells(self.pole)[j]),
            (true, LOSS) => Some((2, self.pole)),
            _ => None,
        }
    }

    /// The sums of fractions before and behind it.
    pub fn sums(&self) -> [places::Cell; 2] {
        if self.collateral {
            [(4, self.pole), (4, self.pole + 1)]
        } else {
            [(0, self.pole + 1), (1, self.pole + 1)]
        }
    }
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

impl<'p> Stage<'p> {
    pub fn new(thief: &Thief<'p>) -> Self {
        Self::of(thief.scene(), thief.image, thief.rows)
    }

    /// A stage with a padding claim.
    pub fn roomy(thief: &mut Thief<'p>) -> Option<Self> {
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
        let image = scene.image_with(thief.values);
        Some(Self::of(scene, &image, thief.rows))
    }

    fn of(scene: Scene, image: &Image<Fr>, rows: &'p Places) -> Self {
        let value = |(column, row)| image.value(Cell::advice(column, row));
        let claims = (0..rows.underlyings).map(|i| {
            let pole = rows.claim_pole(i);
            Claim {
                uid: value((0, pole)),
                values: number_cells(pole).map(value),
            }
        });
        let claims: Vec<Claim> = claims.collect();
        let claimed = |u: usize| u > 0 && claims.iter().any(|c| c.uid == fr(u as i128));
        let mut positions = Vec::new();
        for section in 0..SECTIONS {
            let all = underlyings(&scene.witness.portfolio, section);
            for (i, underlying) in all.into_iter().enumerate().filter(|(_, u)| claimed(*u)) {
                let mut position = Position {
                    pole: rows.pole(section, i),
                    collateral: section == section::ASSETS,
                    underlying,
                    values: [Fr::zero(); NUMBERS],
                };
                for j in 0..NUMBERS {
                    position.values[j] = position.number(j).map_or(Fr::zero(), value);
                }
                positions.push(position);
            }
        }
        let packs = rows.all("q_choices");
        let choices = packs.chunks(SumsChip::CHOICES);
        let choices = choices.filter_map(|rows| rows.last().map(|row| value((4, *row))));
        Self {
            alpha: value(rows.alpha()),
            honest: claims.clone(),
            choices: choices.collect(),
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

    /// A position with an exposure or a loss.
    pub fn exposed(&self, thief: &mut Thief<'_>) -> Option<Position> {
        let all = self.positions.iter();
        let all: Vec<_> = all.filter(|p| p.values != [Fr::zero(); NUMBERS]).collect();
        (!all.is_empty()).then(|| *all[thief.pick(all.len())])
    }

    /// Forges the claims that have changed, the table's row of another underlying with its number.
    pub fn write(&mut self) {
        for (i, (claim, honest)) in self.claims.iter().zip(&self.honest).enumerate() {
            let pole = self.rows.claim_pole(i);
            if claim.uid != honest.uid {
                self.scene.forge((0, pole), claim.uid);
                let [number, factor, ..] = five(self.rows.underlying(i) + 10);
                let mut assets = self.scene.table.assets.iter().enumerate();
                let asset = assets.find(|(u, _)| fr(*u as i128) == claim.uid);
                let weight = asset.map_or(100_000_000, |(_, asset)| asset.factor);
                self.scene.forge(number, claim.uid);
                self.scene.forge(factor, fr(weight));
            }
            // What is summed up follows the uid, so it is forged wherever anything is.
            if claim != honest {
                for (cell, value) in number_cells(pole).into_iter().zip(claim.values) {
                    self.scene.forge(cell, value);
                }
            }
        }
    }

    /// The claims written, and the scene, unless something else is out of range.
    pub fn forged(mut self, thief: &mut Thief<'_>) -> Drawn {
        self.write();
        thief.settled(self.scene)
    }

    /// What a cell holds once everything so far is forged.
    pub fn read(&self, thief: &Thief<'_>, (column, row): places::Cell) -> Fr {
        let image = self.scene.image_with(thief.values);
        image.value(Cell::advice(column, row))
    }

    /// Forges every row of the challenge's hashes, so that they are those of other inputs; returns their digest.
    pub fn hash(&mut self, commitment: Fr, claims: &[Claim]) -> Fr {
        let table = self.scene.instance[0][TABLE_DIGEST];
        let mut list = self.choices.clone();
        let numbers = claims.iter().map(|claim| claim.uid);
        list.push(numbers.fold(Fr::zero(), |sum, uid| sum * fr(1024) + uid));
        list.extend(claims.iter().flat_map(|claim| claim.values));
        let rest = list.split_off(2);
        let first = self.rows.commitment_hashes();
        let mut inputs = [commitment, table, list[0], list[1]];
        let mut digest = Fr::zero();
        let mut chunks = rest.chunks(3);
        for hash in first..self.rows.hashes().len() {
            let trace = poseidon::trace(inputs);
            for (cells, values) in self.rows.hash_rows(hash).zip(trace) {
                for (cell, value) in cells.into_iter().zip(values) {
                    self.scene.forge(cell, value);
                }
            }
            [digest, ..] = trace[poseidon::ROWS - 1];
            let chunk = chunks.next().unwrap_or_default();
            let at = |i: usize| chunk.get(i).copied().unwrap_or_default();
            inputs = [digest, at(0), at(1), at(2)];
        }
        digest
    }

    /// Has no choices in the hash, but for `scenario`, which stands above the first of them; `false` if there were none.
    pub fn choose(&mut self, scenario: Fr) -> bool {
        let slots = self
            .scene
            .witness
            .slots
            .options
            .len()
            .min(SumsChip::CHOICES);
        let packed = field::pow2(3 * slots as u32);
        let before = self.choices.clone();
        self.choices.fill(Fr::zero());
        if let Some(first) = self.choices.first_mut() {
            *first = scenario * packed;
        }
        self.choices != before
    }

    /// The claims as the circuit was honestly given them.
    pub fn honest_claims(&self) -> Vec<Claim> {
        self.honest.clone()
    }

    /// The rows of a challenge's copies: claims, then positions, padding included.
    pub fn poles(&self) -> Vec<usize> {
        let all = [self.rows.all("q_pole"), self.rows.all("q_loss_pole")];
        all.concat()
    }
}
