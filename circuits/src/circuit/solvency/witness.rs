//! The witness of a solvency proof and its public inputs.

use std::fmt;

use halo2_proofs::circuit::Value;
use halo2curves::bn256::Fr;
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::header::{header, solvency_instance};
use crate::{
    circuit::{
        WitnessError,
        witness::{SlotWitness, known},
    },
    engine::{
        AssetTrace, FutureTrace, OptionTrace, PerpetualTrace, Portfolio, Solvency, SwapTrace,
    },
    public::{PublicTable, TableRow},
    slots::{AssetSlot, FutureSlot, OptionSlot, Slots, SwapSlot},
};

/// Everything that the prover of solvency assigns. Private.
#[derive(Clone)]
pub struct SolvencyWitness {
    pub(super) slots: Slots,
    pub(super) solvency: Solvency,
    pub(super) table: PublicTable,
    context: Fr,
    commitment: Fr,
    digest: [u8; 32],
}

impl Zeroize for SolvencyWitness {
    fn zeroize(&mut self) {
        let Self {
            slots,
            solvency,
            // Public.
            table: _,
            context: _,
            commitment: _,
            digest: _,
        } = self;
        slots.zeroize();
        solvency.zeroize();
    }
}

impl Drop for SolvencyWitness {
    fn drop(&mut self) {
        self.zeroize();
    }
}

impl ZeroizeOnDrop for SolvencyWitness {}

impl fmt::Debug for SolvencyWitness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SolvencyWitness").finish_non_exhaustive()
    }
}

impl SolvencyWitness {
    /// The witness of an account.
    ///
    /// # Errors
    /// [`WitnessError::NotSolvent`] if the statement is false.
    pub fn new(slots: Slots, table: &PublicTable, context: Fr) -> Result<Self, WitnessError> {
        let solvency = Solvency::new(&slots, table)?;
        if !solvency.healthy() {
            return Err(WitnessError::NotSolvent);
        }
        Ok(Self::assume(slots, solvency, table, context))
    }

    /// The witness of an account whose statement may be false.
    pub(super) fn assume(
        slots: Slots,
        solvency: Solvency,
        table: &PublicTable,
        context: Fr,
    ) -> Self {
        Self {
            commitment: slots.commitment(),
            digest: table.digest(),
            table: table.clone(),
            slots,
            solvency,
            context,
        }
    }

    /// The account commitment.
    pub fn commitment(&self) -> Fr {
        self.commitment
    }

    /// The instance columns: header, then the table.
    pub fn instance(&self) -> Vec<Vec<Fr>> {
        let (shape, commitment, context) = (self.slots.shape, self.commitment, self.context);
        // An account is valued only in a table that fits.
        solvency_instance(shape, &self.table, commitment, context).unwrap_or_default()
    }

    /// The header instance column.
    pub(super) fn header(&self) -> Vec<Fr> {
        header(&self.table, self.digest, self.commitment, self.context).unwrap_or_default()
    }

    /// The public table's row of a branch.
    pub(super) fn branch(&self, number: usize) -> Value<TableRow> {
        known(self.table.scenario_row(number))
    }

    /// A European option as `traces` has it; the base row is the group's, `node` the smile's, `moved` the market's.
    pub(super) fn option<'w>(
        &'w self,
        i: usize,
        traces: &'w [OptionTrace],
    ) -> Value<SlotWitness<'w, OptionSlot, OptionTrace>> {
        known((|| {
            let (slot, trace) = (self.slots.options.get(i)?, traces.get(i)?);
            let group = self.table.options.get(trace.group)?;
            Some(SlotWitness {
                slot,
                trace,
                base: group.base_row(trace.group),
                node: group.smile_row(trace.group, slot.strike)?,
                moved: group.scenario_row(trace.group, trace.moved.scenario, slot.strike)?,
                exposure: group.exposure.row(trace.group, group.underlying),
                charges: group.charges.row(trace.group),
                run: group.run.row(trace.group),
            })
        })())
    }

    /// What a European option is charged at most, held.
    pub(super) fn option_above(&self, i: usize) -> Value<TableRow> {
        known((|| {
            let group = self.solvency.base.options.get(i)?.group;
            Some(self.table.options.get(group)?.charges.above_row(group))
        })())
    }

    /// What a perpetual option is charged at most, held.
    pub(super) fn perpetual_above(&self, i: usize) -> Value<TableRow> {
        known((|| {
            let group = self.solvency.base.perpetual_options.get(i)?.group;
            let charges = &self.table.perpetual_options.get(group)?.charges;
            Some(charges.above_row(group))
        })())
    }

    /// A perpetual option as a world has it: `node` is the unmoved market's interval, `moved` the scenario's.
    pub(super) fn perpetual_option<'w>(
        &'w self,
        i: usize,
        world: &'w Portfolio,
    ) -> Value<SlotWitness<'w, OptionSlot, PerpetualTrace>> {
        known((|| {
            let slot = self.slots.perpetual_options.get(i)?;
            let trace = world.perpetual_options.get(i)?;
            let g = trace.group;
            let group = self.table.perpetual_options.get(g)?;
            Some(SlotWitness {
                node: group.interval_row(g, 0, slot.strike)?,
                moved: group.interval_row(g, world.scenario, slot.strike)?,
                exposure: group.exposure_row(g, slot.strike)?,
                charges: group.charges.row(g),
                ..SlotWitness::unmoved(slot, trace, group.base_row(g))
            })
        })())
    }

    pub(super) fn future(&self, i: usize) -> Value<SlotWitness<'_, FutureSlot, FutureTrace>> {
        known((|| {
            let slot = self.slots.futures.get(i)?;
            let trace = self.solvency.base.futures.get(i)?;
            let group = self.table.futures.get(trace.group)?;
            Some(SlotWitness {
                node: group.funding_row(trace.group),
                ..SlotWitness::unmoved(slot, trace, group.base_row(trace.group))
            })
        })())
    }

    pub(super) fn asset(&self, i: usize) -> Value<SlotWitness<'_, AssetSlot, AssetTrace>> {
        known((|| {
            let slot = self.slots.assets.get(i)?;
            let trace = self.solvency.base.assets.get(i)?;
            let group = self.table.assets.get(trace.group)?;
            Some(SlotWitness::unmoved(
                slot,
                trace,
                group.base_row(trace.group),
            ))
        })())
    }

    /// A swap; `moved` is its row of a branch.
    pub(super) fn swap(
        &self,
        i: usize,
        number: usize,
    ) -> Value<SlotWitness<'_, SwapSlot, SwapTrace>> {
        known((|| {
            let slot = self.slots.swaps.get(i)?;
            let trace = self.solvency.base.swaps.get(i)?;
            let group = self.table.swaps.get(trace.group)?;
            Some(SlotWitness {
                moved: group.scenario_row(trace.group, number)?,
                exposure: group.exposure.row(trace.group, group.underlying),
                ..SlotWitness::unmoved(slot, trace, group.base_row(trace.group))
            })
        })())
    }

    /// The row of a listed underlying's asset.
    pub(super) fn underlying_row(&self, i: usize) -> Value<TableRow> {
        known((|| {
            let underlying = self.solvency.base.underlyings.get(i)?.underlying;
            Some(
                self.table
                    .assets
                    .get(underlying)?
                    .underlying_row(underlying),
            )
        })())
    }
}
