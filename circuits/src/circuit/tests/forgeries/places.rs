//! Where a shape's cells stand, read off the circuit itself: the rows that each gate is switched on at, in the order of the
//! slots.

use std::collections::BTreeMap;

use halo2_proofs::plonk::Expression;
use halo2curves::bn256::Fr;
use zkmargin_tamper::Image;

use super::section;
use crate::{
    circuit::opening::{EXPOSURE_ROWS, FIXED_ROWS},
    poseidon,
    shape::{Capacity, Shape},
};

/// Column and row.
pub type Cell = (usize, usize);

/// Column number of the first limb column.
pub const LIMB: usize = 5;
/// Sections: options, perpetual options, futures, assets, swaps.
pub const SECTIONS: usize = 5;

/// Slots by section.
pub const fn slots(capacity: Capacity) -> [usize; SECTIONS] {
    [
        capacity.options,
        capacity.perpetual_options,
        capacity.futures,
        capacity.assets,
        capacity.swaps,
    ]
}

/// The rows of a shape.
pub struct Places {
    gates: BTreeMap<String, Vec<usize>>,
    capacity: Capacity,
    /// Claimed sums.
    pub underlyings: usize,
}

/// First rows of an option's chips.
#[derive(Clone, Copy)]
pub struct OptionPlaces {
    pub holding: usize,
    pub smile: usize,
    pub ln: usize,
    pub base: usize,
    pub moved: usize,
    pub after: usize,
    pub run: usize,
}

impl OptionPlaces {
    /// c0..c6 of the looked-up OptionBase row.
    pub fn base_row(&self) -> [Cell; 7] {
        looked_up(self.holding)
    }

    /// c0..c4 of the looked-up SmileNode row.
    pub fn node(&self) -> [Cell; 5] {
        five(self.smile)
    }

    /// c0..c4 of the looked-up OptionRun row.
    pub fn run_row(&self) -> [Cell; 5] {
        five(self.moved)
    }

    /// c0..c6 of the looked-up OptionScenario row.
    pub fn moved_row(&self) -> [Cell; 7] {
        looked_up(self.moved + 2)
    }

    /// f and j.
    pub fn choice(&self) -> [Cell; 2] {
        [0, 1].map(|column| (column, self.moved + 1))
    }

    /// The copy of the scenario's number in the moved market.
    pub fn number(&self) -> Cell {
        (2, self.moved + 1)
    }
}

/// First rows of a perpetual option's chips.
#[derive(Clone, Copy)]
pub struct PerpetualPlaces {
    pub holding: usize,
    pub side: usize,
    pub ln: usize,
    pub base: usize,
    pub moved: usize,
}

impl PerpetualPlaces {
    /// c0..c6 of the looked-up PerpetualBase row.
    pub fn base_row(&self) -> [Cell; 7] {
        looked_up(self.holding)
    }

    /// c0..c6 of the PerpetualInterval row of the unmoved or the moved market.
    pub fn interval(&self, moved: bool) -> [Cell; 7] {
        looked_up(self.market(moved) + 1)
    }

    /// First row of a market.
    pub fn market(&self, moved: bool) -> usize {
        if moved { self.moved } else { self.base }
    }
}

/// The cells of a five-wide lookup.
pub fn five(row: usize) -> [Cell; 5] {
    std::array::from_fn(|column| (column, row))
}

/// The cells of a seven-wide lookup.
pub fn looked_up(row: usize) -> [Cell; 7] {
    std::array::from_fn(|c| if c < 5 { (c, row) } else { (c - 5, row + 1) })
}

/// The selector of a gate.
fn selector(expression: &Expression<Fr>) -> Option<usize> {
    expression.evaluate(
        &|_| None,
        &|selector| Some(selector.index()),
        &|_| None,
        &|_| None,
        &|_| None,
        &|_| None,
        &|a| a,
        &|a, b| a.or(b),
        &|a, b| a.or(b),
        &|a, _| a,
    )
}

impl Places {
    pub fn of(image: &Image<Fr>, shape: Shape) -> Self {
        let mut gates: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for gate in image.system.gates() {
            let on = gate.polynomials().first().and_then(selector);
            let on = on.map_or(&[][..], |on| &image.selectors[on]);
            let rows = (0..on.len()).filter(|row| on[*row]);
            let name = gate.name();
            // Two gates have the name q_number: told apart by what they say.
            let name = match gate.constraint_name(0) {
                "out = shown uid" => "q_number of an underlying",
                _ => name,
            };
            gates.entry(name.to_owned()).or_default().extend(rows);
        }
        gates.values_mut().for_each(|rows| rows.sort_unstable());
        Self {
            gates,
            capacity: shape.capacity(),
            underlyings: shape.underlyings(),
        }
    }

    /// The rows that a gate is on at.
    pub fn all(&self, gate: &str) -> &[usize] {
        self.gates.get(gate).map_or(&[], Vec::as_slice)
    }

    /// The `i`th of them.
    pub fn at(&self, gate: &str, i: usize) -> usize {
        self.all(gate)[i]
    }

    /// First row of the opening, behind the header.
    pub fn opening(&self) -> usize {
        self.at("q_opening", 0)
    }

    pub fn packed(&self) -> Cell {
        (3, self.opening())
    }

    pub fn domain(&self) -> Cell {
        (4, self.opening())
    }

    /// E0, and the 0 that the other sums start from.
    pub fn first_sums(&self) -> [Cell; 2] {
        [0, 1].map(|column| (column, self.opening() + 1))
    }

    /// c0..c6 of the scenario's row.
    pub fn scenario(&self) -> [Cell; 7] {
        looked_up(self.at("q_scenario", 0))
    }

    pub fn option(&self, i: usize) -> OptionPlaces {
        OptionPlaces {
            holding: self.at("q_holding", i) - 1,
            smile: self.at("q_smile", i),
            ln: self.at("q_ln", i) - 1,
            base: self.at("q_division", 2 * i) - 2,
            moved: self.at("q_choice", i) - 1,
            after: self.at("q_division", 2 * i + 1) - 2,
            run: self.at("q_run", i),
        }
    }

    pub fn perpetual(&self, i: usize) -> PerpetualPlaces {
        let behind = self.capacity.options;
        PerpetualPlaces {
            holding: self.at("q_holding", behind + i) - 1,
            side: self.at("q_side", i),
            ln: self.at("q_ln", behind + i) - 1,
            base: self.at("q_interval", 2 * i) - 1,
            moved: self.at("q_interval", 2 * i + 1) - 1,
        }
    }

    pub fn future(&self, i: usize) -> usize {
        self.at("q_future", i) - 1
    }

    pub fn asset(&self, i: usize) -> usize {
        self.at("q_asset", i) - 1
    }

    pub fn swap(&self, i: usize) -> usize {
        self.at("q_swap", i) - 1
    }

    /// First row of a slot.
    pub fn slot(&self, section: usize, i: usize) -> usize {
        match section {
            section::OPTIONS => self.option(i).holding,
            section::PERPETUALS => self.perpetual(i).holding,
            section::FUTURES => self.future(i),
            section::ASSETS => self.asset(i),
            _ => self.swap(i),
        }
    }

    /// Row of an option's charges, European or perpetual.
    pub fn charge(&self, section: usize, i: usize) -> usize {
        let before = if section == section::OPTIONS {
            0
        } else {
            self.capacity.options
        };
        self.at("q_charge", before + i)
    }

    /// The order gate's copies between slots `i` and `i + 1` of a section other than options: order, alive, next order, gap.
    pub fn order(&self, section: usize, i: usize) -> [Cell; 4] {
        let gaps = slots(self.capacity).map(|n| n - 1);
        let before: usize = gaps[1..section].iter().sum();
        let row = self.at("q_order", before + i);
        [0, 1, 2, 3].map(|column| (column, row))
    }

    /// The order gate's copies between claims `i` and `i + 1`.
    pub fn claim_order(&self, i: usize) -> [Cell; 4] {
        self.order(SECTIONS, i)
    }

    /// First row of a position's exposure; collateral has none.
    pub fn exposure(&self, section: usize, i: usize) -> usize {
        match section {
            section::OPTIONS => self.at("q_gross", i),
            section::PERPETUALS => self.at("q_parts", i) - 1,
            section::FUTURES => self.at("q_future_exposure", i),
            _ => self.at("q_swap_exposure", i),
        }
    }

    /// First row of a position's fractions.
    pub fn pole(&self, section: usize, i: usize) -> usize {
        if section == section::ASSETS {
            return self.at("q_loss_pole", i);
        }
        let mut all = slots(self.capacity);
        all[section::ASSETS] = 0;
        let before: usize = all[..section].iter().sum();
        self.at("q_pole", before + i)
    }

    /// First row of a claim's fractions.
    pub fn claim_pole(&self, i: usize) -> usize {
        let exposed = self.capacity.total() - self.capacity.assets;
        self.at("q_pole", exposed + i)
    }

    /// First row of a claim.
    pub fn underlying(&self, i: usize) -> usize {
        self.claim_pole(i) - 6
    }

    /// The header's row of a claim's number.
    pub fn number(&self, i: usize) -> usize {
        FIXED_ROWS + EXPOSURE_ROWS * i
    }

    /// Row of the totals.
    pub fn total(&self) -> usize {
        self.at("q_ceil", 0)
    }

    /// First row of the terms.
    pub fn terms(&self) -> usize {
        self.at("q_shortfall", 0) - 2
    }

    /// First rows of all hashes: the commitment's, then the challenge's.
    pub fn hashes(&self) -> &[usize] {
        self.all("poseidon q_init: capacity s0 = 0")
    }

    /// How many hashes the commitment takes.
    pub fn commitment_hashes(&self) -> usize {
        1 + self.capacity.total().div_ceil(3)
    }

    /// A hash's digest.
    pub fn digest(&self, hash: usize) -> Cell {
        (0, self.hashes()[hash] + poseidon::ROWS - 1)
    }

    /// The account's commitment, where it is computed.
    pub fn commitment(&self) -> Cell {
        self.digest(self.commitment_hashes() - 1)
    }

    /// The challenge, where it is computed.
    pub fn alpha(&self) -> Cell {
        self.digest(self.hashes().len() - 1)
    }

    /// The rows of a hash.
    pub fn hash_rows(&self, hash: usize) -> impl Iterator<Item = [Cell; 5]> {
        let first = self.hashes()[hash];
        (first..first + poseidon::ROWS).map(five)
    }

    /// The cells of the hash that takes slot `i`'s element, counted over all sections.
    pub fn hash_of(&self, i: usize) -> impl Iterator<Item = Cell> {
        self.hash_rows(1 + i / 3).flatten()
    }

    /// Rows of a list of sums: options' equity, equity, contingencies, funding, collateral, what of it is illiquid.
    pub fn sums(&self, which: usize) -> &[usize] {
        let Capacity {
            options,
            perpetual_options,
            futures,
            assets,
            swaps,
        } = self.capacity;
        let parts = [
            options + perpetual_options,
            futures + assets + swaps,
            options + perpetual_options + futures + swaps,
            futures,
            assets,
            assets,
        ];
        let rows = parts.map(|n| n.div_ceil(2));
        let first: usize = rows[..which].iter().sum();
        &self.all("q_add")[first..first + rows[which]]
    }
}
