//! The rows of the solvency statement: the account, every branch, the verdict.

use halo2_proofs::{circuit::Value, plonk::Error};

use super::{
    base::Sections,
    circuit::{Pricing, SolvencyConfig},
    header::{BASIS, BASIS_MOVES, COMMITMENT, DELTA, FIRST_SCENARIO, ROWS as HEADER_ROWS},
    poles::Part,
    witness::SolvencyWitness,
};
use crate::{
    circuit::{
        opening::{Opening, OpeningChip},
        scenario::{ScenarioCells, ScenarioChip},
        sheet::Sheet,
    },
    engine::solvency::{PLAIN, SCENARIOS},
    poseidon::{Num, PoseidonChip, PoseidonConfig},
    shape::Shape,
};

/// The sum of what positions are worth unmoved.
pub(super) const UNMOVED: usize = 0;
/// The sum of what moves with spot alone.
pub(super) const LINEAR: usize = 1;
/// The sum of the first scenario; the others follow.
pub(super) const FIRST: usize = 2;
/// The sum of the basis loss.
pub(super) const BASIS_LOSS: usize = FIRST + SCENARIOS;
/// Sums by branch and underlying.
pub(super) const SUMS: usize = BASIS_LOSS + 1;
/// What is claimed of an underlying: the sums, delta, gamma, vega, gross delta.
pub(super) const CLAIMED: usize = SUMS + 4;

/// One synthesis.
pub(super) struct Assembly<'s, 'r, 'w> {
    pub config: SolvencyConfig,
    pub sheet: Sheet<'s, 'r>,
    pub witness: Value<&'w SolvencyWitness>,
    pub shape: Shape,
    /// What is summed by underlying, by sum.
    pub parts: Vec<Vec<Part>>,
}

/// What every section needs.
pub(super) struct Account {
    pub opening: Opening,
    /// The header instance column's cells.
    pub header: Vec<Num>,
    /// Scenarios by place, with 1 where one is a skew.
    pub scenarios: Vec<(ScenarioCells, Num)>,
    pub delta: ScenarioCells,
    pub basis: ScenarioCells,
}

impl<'s, 'r, 'w> Assembly<'s, 'r, 'w> {
    pub fn new(
        config: SolvencyConfig,
        sheet: Sheet<'s, 'r>,
        witness: Value<&'w SolvencyWitness>,
        shape: Shape,
    ) -> Self {
        Self {
            config,
            sheet,
            witness,
            shape,
            parts: vec![Vec::new(); SUMS],
        }
    }

    /// Assigns every row of the statement.
    ///
    /// # Errors
    /// [`Error::Synthesis`] when the rows are used up.
    pub fn assign(mut self) -> Result<(), Error> {
        self.reserve()?;
        let account = self.account()?;
        let mut sections = Sections::default();
        self.options(&account, &mut sections)?;
        self.perpetual_options(&account, &mut sections)?;
        self.linears(&account, &mut sections)?;
        let Sections {
            elements, totals, ..
        } = &sections;
        let zero = &account.opening.zero;
        let [domain, owner, salt, packed] = &account.opening.hashed;
        let commitment = self.commitment([domain, owner, salt, packed], elements, zero)?;
        self.sheet.tie(&commitment, &account.header[COMMITMENT]);

        self.sheet.select(0)?;
        let sums = self.config.sums;
        let options = sums.add(&mut self.sheet, zero, &totals.option_equity, zero)?;
        let value = sums.add(&mut self.sheet, zero, &totals.equity, zero)?;
        let rest = sums.assign_equity(&mut self.sheet, &account.opening.cash, &value)?;
        let charges = sums.add(&mut self.sheet, zero, &totals.contingencies, zero)?;
        let funding = sums.add(&mut self.sheet, zero, &totals.funding, zero)?;
        let above = self.config.above;
        let charges = above.assign_funding(&mut self.sheet, &funding, &charges)?;
        let equity = self
            .config
            .slack
            .assign_equity(&mut self.sheet, &options, &rest)?;

        let (claims, charges) = self.claims(&account, &sections.exposed, &charges)?;
        self.compare(&account, &sections.exposed, &commitment, &claims)?;
        self.verdict(&account, &claims, &equity, &charges)?;
        #[cfg(test)]
        super::tests::costs::record(self.shape, self.sheet.taken());
        Ok(())
    }

    /// The chips of the lane with most room, from here on.
    pub fn any(&mut self) -> Result<Pricing, Error> {
        self.emptiest(0)
    }

    /// The same but for the first lane: what nothing else has to do with.
    pub fn pricing(&mut self) -> Result<Pricing, Error> {
        self.emptiest(1)
    }

    fn emptiest(&mut self, first: usize) -> Result<Pricing, Error> {
        let lane = self.sheet.select_emptiest(first)?;
        self.config.lanes.get(lane).copied().ok_or(Error::Synthesis)
    }

    /// The chips of the first lane, from here on.
    pub fn first(&mut self) -> Result<Pricing, Error> {
        self.sheet.select(0)?;
        let [first, ..] = self.config.lanes;
        Ok(first)
    }

    /// Header, opening and branches.
    fn account(&mut self) -> Result<Account, Error> {
        self.first()?;
        let chip = self.config.opening;
        let header = self.witness.map(SolvencyWitness::header);
        let header = chip.assign_header(&mut self.sheet, HEADER_ROWS, |_| false, header)?;
        let row = self.sheet.take(OpeningChip::ROWS)?;
        let opening = chip.assign(&mut self.sheet, row, self.witness.map(|w| &w.slots))?;
        let mut scenarios = Vec::with_capacity(SCENARIOS);
        for place in 0..SCENARIOS {
            let number = self.witness.map(|w| w.solvency.branches.scenarios[place]);
            let scenario = self.branch(&header[FIRST_SCENARIO + place], number)?;
            let skew = self
                .config
                .position
                .assign_skew(&mut self.sheet, &scenario.class)?;
            if place < PLAIN {
                self.sheet.tie(&skew, &opening.zero);
            }
            scenarios.push((scenario, skew));
        }
        let delta = self.witness.map(|w| w.solvency.branches.delta);
        let delta = self.branch(&header[DELTA], delta)?;
        let basis = self.witness.map(|w| w.solvency.branches.basis);
        let basis = self.branch(&header[BASIS], basis)?;
        Ok(Account {
            opening,
            header,
            scenarios,
            delta,
            basis,
        })
    }

    /// The row of a branch, whose number the header has.
    fn branch(&mut self, number: &Num, row: Value<usize>) -> Result<ScenarioCells, Error> {
        let values = self
            .witness
            .zip(row)
            .and_then(|(w, number)| w.branch(number));
        let row = self.sheet.take(ScenarioChip::ROWS)?;
        let cells = self.config.scenario.assign(&mut self.sheet, row, values)?;
        self.sheet.tie(&cells.number, number);
        Ok(cells)
    }

    /// Adds to a sum.
    pub fn part(&mut self, branch: usize, underlying: &Num, value: Num) -> Result<(), Error> {
        let parts = self.parts.get_mut(branch).ok_or(Error::Synthesis)?;
        parts.push(Part {
            branch,
            underlying: underlying.clone(),
            value,
        });
        Ok(())
    }

    /// Slots in strictly increasing order.
    pub fn order(&mut self, slots: &[(Num, Num)], limbs: usize) -> Result<(), Error> {
        self.sheet.select(0)?;
        for pair in slots.windows(2) {
            let [(order, alive), (next, _)] = pair else {
                continue;
            };
            let row = self.sheet.take(1)?;
            let chip = self.config.sums;
            chip.assign_order(&mut self.sheet, row, order, alive, next, limbs)?;
        }
        Ok(())
    }

    /// Keeps room for the hashes, which come last, each in its lane.
    fn reserve(&mut self) -> Result<(), Error> {
        let hashes = |elements: usize| (elements.div_ceil(3) + 1) * PoseidonChip::ROWS;
        let claimed = self.shape.underlyings() * CLAIMED;
        self.sheet.select(1)?;
        self.sheet.reserve(hashes(claimed));
        self.sheet.select(0)?;
        self.sheet.reserve(hashes(self.shape.capacity().total()));
        Ok(())
    }

    /// `poseidon::chain` over the header and the slots' elements.
    fn commitment(&mut self, first: [&Num; 4], elements: &[Num], zero: &Num) -> Result<Num, Error> {
        self.sheet.select(0)?;
        self.chain(self.config.poseidon, first, elements, zero)
    }

    /// The same over what a challenge is drawn from.
    pub fn hash_claims(
        &mut self,
        first: [&Num; 4],
        elements: &[Num],
        zero: &Num,
    ) -> Result<Num, Error> {
        self.sheet.select(1)?;
        self.chain(self.config.challenge, first, elements, zero)
    }

    /// Poseidon of four inputs, then of the digest and three more each, filled up with zeros.
    fn chain(
        &mut self,
        config: PoseidonConfig,
        first: [&Num; 4],
        elements: &[Num],
        zero: &Num,
    ) -> Result<Num, Error> {
        self.sheet.reserve(0);
        let chip = PoseidonChip::new(config);
        let row = self.sheet.take(PoseidonChip::ROWS)?;
        let mut digest = chip.assign_hash4(self.sheet.region, row, first)?;
        for chunk in elements.chunks(3) {
            let at = |i: usize| chunk.get(i).unwrap_or(zero);
            let inputs = [&digest.clone(), at(0), at(1), at(2)];
            let row = self.sheet.take(PoseidonChip::ROWS)?;
            digest = chip.assign_hash4(self.sheet.region, row, inputs)?;
        }
        Ok(digest)
    }
}

impl Account {
    /// The numbers of the markets that options are priced in: scenarios by place, then the basis moves.
    pub fn markets(&self) -> Vec<Num> {
        let scenarios = self.scenarios.iter().map(|(s, _)| s.number.clone());
        let moves = BASIS_MOVES.map(|row| self.header[row].clone());
        scenarios.chain(moves).collect()
    }
}
