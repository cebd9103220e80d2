//! The witness of a liquidation proof and its public inputs.

use std::fmt;

use halo2_proofs::circuit::Value;
use halo2curves::bn256::Fr;
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::opening::{
    COMMITMENT, CONTEXT, HEADER_ROWS, INCENTIVE_BASE, INCENTIVE_CAP, INCENTIVE_RATE,
    INCENTIVE_SLOPE, INCENTIVE_TICK, REPAY, REPAY_TICK,
};
use crate::{
    engine::{
        AssetTrace, EngineError, FutureTrace, LiquidationTrace, OptionTrace, PerpetualTrace,
        Portfolio, SwapTrace, Terms,
    },
    field,
    public::{PublicTable, TableRow, TermRules},
    slots::{AssetSlot, FutureSlot, OptionSlot, Slots, SwapSlot},
};

/// Everything that the prover assigns. Private.
#[derive(Clone)]
pub struct Witness {
    pub(super) slots: Slots,
    pub(super) portfolio: Portfolio,
    pub(super) terms: LiquidationTrace,
    pub(super) context: Fr,
    commitment: Fr,
    table: PublicTable,
}

impl Zeroize for Witness {
    fn zeroize(&mut self) {
        let Self {
            slots,
            portfolio,
            terms,
            // Public.
            context: _,
            commitment: _,
            table: _,
        } = self;
        slots.zeroize();
        portfolio.zeroize();
        terms.zeroize();
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        self.zeroize();
    }
}

impl ZeroizeOnDrop for Witness {}

impl fmt::Debug for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Witness").finish_non_exhaustive()
    }
}

/// Why there is no witness.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WitnessError {
    /// The account cannot be valued.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The account is not under-margined under the scenario.
    #[error("the account is not under-margined under scenario {scenario}")]
    NotUnderMargined {
        /// The scenario.
        scenario: usize,
    },
}

/// A slot with its trace and its rows of the public table.
pub(super) struct SlotWitness<'w, S, T> {
    pub slot: &'w S,
    pub trace: &'w T,
    pub base: TableRow,
    pub node: TableRow,
    pub moved: TableRow,
}

impl<'w, S, T> SlotWitness<'w, S, T> {
    /// A slot that only looks up its group's row.
    fn unmoved(slot: &'w S, trace: &'w T, base: TableRow) -> Self {
        Self {
            slot,
            trace,
            base,
            node: TableRow::default(),
            moved: TableRow::default(),
        }
    }
}

// By hand: a derive would ask for `S: Copy` and `T: Copy`.
impl<S, T> Clone for SlotWitness<'_, S, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S, T> Copy for SlotWitness<'_, S, T> {}

fn known<T>(value: Option<T>) -> Value<T> {
    value.map_or_else(Value::unknown, Value::known)
}

impl Witness {
    /// The witness for one scenario.
    ///
    /// # Errors
    /// [`WitnessError::NotUnderMargined`] if the statement is false for this scenario.
    pub fn new(
        slots: Slots,
        table: &PublicTable,
        scenario: usize,
        context: Fr,
    ) -> Result<Self, WitnessError> {
        let portfolio = Portfolio::new(&slots, table, scenario)?;
        let terms = portfolio
            .totals
            .liquidation(&table.rules)
            .ok_or(WitnessError::NotUnderMargined { scenario })?;
        let commitment = slots.commitment();
        Ok(Self {
            slots,
            portfolio,
            terms,
            context,
            commitment,
            table: table.clone(),
        })
    }

    /// The terms that the proof discloses.
    pub fn terms(&self) -> Terms {
        self.terms.terms
    }

    /// The account commitment.
    pub fn commitment(&self) -> Fr {
        self.commitment
    }

    /// The instance columns: header, then the table.
    pub fn instance(&self) -> Vec<Vec<Fr>> {
        instance(
            &self.table,
            self.commitment,
            self.context,
            &self.terms.terms,
        )
    }

    pub(super) fn option(&self, i: usize) -> Value<SlotWitness<'_, OptionSlot, OptionTrace>> {
        known((|| {
            let (slot, trace) = (self.slots.options.get(i)?, self.portfolio.options.get(i)?);
            let group = self.table.options.get(trace.group)?;
            Some(SlotWitness {
                slot,
                trace,
                base: group.base_row(trace.group),
                node: group.smile_row(trace.group, slot.strike)?,
                moved: group.scenario_row(trace.group, self.portfolio.scenario)?,
            })
        })())
    }

    /// The base row is the group's, `node` the unmoved market's interval, `moved` the scenario's.
    pub(super) fn perpetual_option(
        &self,
        i: usize,
    ) -> Value<SlotWitness<'_, OptionSlot, PerpetualTrace>> {
        known((|| {
            let slot = self.slots.perpetual_options.get(i)?;
            let trace = self.portfolio.perpetual_options.get(i)?;
            let g = trace.group;
            let group = self.table.perpetual_options.get(g)?;
            Some(SlotWitness {
                slot,
                trace,
                base: group.base_row(g),
                node: group.interval_row(g, 0, slot.strike)?,
                moved: group.interval_row(g, self.portfolio.scenario, slot.strike)?,
            })
        })())
    }

    pub(super) fn future(&self, i: usize) -> Value<SlotWitness<'_, FutureSlot, FutureTrace>> {
        known((|| {
            let (slot, trace) = (self.slots.futures.get(i)?, self.portfolio.futures.get(i)?);
            let base = self.table.futures.get(trace.group)?.base_row(trace.group);
            Some(SlotWitness::unmoved(slot, trace, base))
        })())
    }

    pub(super) fn asset(&self, i: usize) -> Value<SlotWitness<'_, AssetSlot, AssetTrace>> {
        known((|| {
            let (slot, trace) = (self.slots.assets.get(i)?, self.portfolio.assets.get(i)?);
            let base = self.table.assets.get(trace.group)?.base_row(trace.group);
            Some(SlotWitness::unmoved(slot, trace, base))
        })())
    }

    pub(super) fn swap(&self, i: usize) -> Value<SlotWitness<'_, SwapSlot, SwapTrace>> {
        known((|| {
            let (slot, trace) = (self.slots.swaps.get(i)?, self.portfolio.swaps.get(i)?);
            let group = self.table.swaps.get(trace.group)?;
            let moved = group.scenario_row(trace.group, self.portfolio.scenario)?;
            let base = group.base_row(trace.group);
            Some(SlotWitness {
                moved,
                ..SlotWitness::unmoved(slot, trace, base)
            })
        })())
    }

    /// The scenario's row.
    pub(super) fn scenario_row(&self) -> Value<TableRow> {
        known(self.table.scenario_row(self.portfolio.scenario))
    }
}

pub(super) fn public_header(witness: &Witness) -> [Fr; HEADER_ROWS] {
    header(
        &witness.table.rules,
        witness.commitment,
        witness.context,
        &witness.terms.terms,
    )
}

/// The header instance column.
fn header(rules: &TermRules, commitment: Fr, context: Fr, terms: &Terms) -> [Fr; HEADER_ROWS] {
    let units = |units: i64| field::from_i128(units.into());
    let mut header = [Fr::zero(); HEADER_ROWS];
    header[COMMITMENT] = commitment;
    header[CONTEXT] = context;
    header[REPAY] = units(terms.repay.units());
    header[INCENTIVE_RATE] = units(terms.incentive_rate.units());
    header[INCENTIVE_BASE] = units(rules.incentive_base);
    header[INCENTIVE_SLOPE] = units(rules.incentive_slope);
    header[INCENTIVE_CAP] = units(rules.incentive_cap);
    header[REPAY_TICK] = units(rules.repay_tick);
    header[INCENTIVE_TICK] = units(rules.incentive_tick);
    header
}

/// The instance columns of a proof, as the verifier rebuilds them: header, then the table.
pub fn instance(table: &PublicTable, commitment: Fr, context: Fr, terms: &Terms) -> Vec<Vec<Fr>> {
    with_header(
        table.instance_columns(),
        &table.rules,
        commitment,
        context,
        terms,
    )
}

/// Puts the header in front of the table's columns.
pub fn with_header(
    table: Vec<Vec<Fr>>,
    rules: &TermRules,
    commitment: Fr,
    context: Fr,
    terms: &Terms,
) -> Vec<Vec<Fr>> {
    let mut columns = vec![header(rules, commitment, context, terms).to_vec()];
    columns.extend(table);
    columns
}
