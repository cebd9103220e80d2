//! The witness of a liquidation proof and its public inputs.

use std::fmt;

use halo2_proofs::circuit::Value;
use halo2curves::bn256::Fr;
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::{
    disclosure::{self, DisclosureError},
    opening::{
        COMMITMENT, CONTEXT, EXPOSURE_TICK, EXPOSURES_SHOWN, EXPOSURES_USED, FIXED_ROWS,
        GAMMA_RATE, INCENTIVE_BASE, INCENTIVE_CAP, INCENTIVE_RATE, INCENTIVE_SLOPE, INCENTIVE_TICK,
        REPAY, REPAY_TICK, TABLE_DIGEST, TERMS_SHOWN, VEGA_RATE,
    },
};
use crate::{
    engine::{
        AssetTrace, EngineError, FutureTrace, LiquidationTrace, OptionTrace, PerpetualTrace,
        Portfolio, SwapTrace, Terms,
    },
    field,
    model::Symbol,
    public::{PublicTable, TableError, TableRow, digest_scalar},
    shape::Shape,
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
    /// The digest of the verifier's table.
    pub(super) digest: [u8; 32],
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
            digest: _,
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
    /// The account is not healthy under every branch, or in the band where neither statement has a proof.
    #[error("equity less epsilon is below the requirement")]
    NotSolvent,
    /// An exposure beyond what the circuit discloses or charges (16 quadrillion USD), or a loss beyond what it adds up.
    #[error(
        "the exposure to {asset} is too large to be disclosed or charged: dollar delta, dollar gamma or vega"
    )]
    Exposure {
        /// The underlying.
        asset: Symbol,
    },
}

/// A slot with its trace and its rows of the public table.
pub(super) struct SlotWitness<'w, S, T> {
    pub slot: &'w S,
    pub trace: &'w T,
    pub base: TableRow,
    pub node: TableRow,
    pub moved: TableRow,
    pub exposure: TableRow,
    pub charges: TableRow,
    pub run: TableRow,
}

impl<'w, S, T> SlotWitness<'w, S, T> {
    /// A slot that only looks up its group's row.
    pub(super) fn unmoved(slot: &'w S, trace: &'w T, base: TableRow) -> Self {
        Self {
            slot,
            trace,
            base,
            node: TableRow::default(),
            moved: TableRow::default(),
            exposure: TableRow::default(),
            charges: TableRow::default(),
            run: TableRow::default(),
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

pub(super) fn known<T>(value: Option<T>) -> Value<T> {
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
        if let Some(asset) = portfolio.beyond(table) {
            return Err(WitnessError::Exposure { asset });
        }
        let mut terms = portfolio
            .totals
            .liquidation(&table.rules)
            .ok_or(WitnessError::NotUnderMargined { scenario })?;
        let disclosed = portfolio.disclosed(table);
        terms.terms.exposures = disclosed.map_err(|asset| WitnessError::Exposure { asset })?;
        let commitment = slots.commitment();
        Ok(Self {
            slots,
            portfolio,
            terms,
            context,
            commitment,
            digest: table.digest(),
            table: table.clone(),
        })
    }

    /// The terms that the proof discloses.
    pub fn terms(&self) -> Terms {
        self.terms.terms.clone()
    }

    /// The account commitment.
    pub fn commitment(&self) -> Fr {
        self.commitment
    }

    /// The instance columns: header, then the table.
    pub fn instance(&self) -> Vec<Vec<Fr>> {
        // A portfolio exists only in a table that fits.
        let table = self
            .table
            .instance_columns(self.slots.shape)
            .unwrap_or_default();
        std::iter::once(self.header()).chain(table).collect()
    }

    /// The header instance column.
    pub(super) fn header(&self) -> Vec<Fr> {
        let (shape, terms) = (self.slots.shape, &self.terms.terms);
        let (commitment, context) = (self.commitment, self.context);
        // Its own terms always fit its own table.
        header(shape, &self.table, self.digest, commitment, context, terms).unwrap_or_default()
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
                moved: group.scenario_row(trace.group, trace.moved.scenario, slot.strike)?,
                exposure: group.exposure.row(trace.group, group.underlying),
                charges: group.charges.row(trace.group),
                run: group.run.row(trace.group),
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
                exposure: group.exposure_row(g, slot.strike)?,
                charges: group.charges.row(g),
                ..SlotWitness::unmoved(slot, trace, group.base_row(g))
            })
        })())
    }

    pub(super) fn future(&self, i: usize) -> Value<SlotWitness<'_, FutureSlot, FutureTrace>> {
        known((|| {
            let (slot, trace) = (self.slots.futures.get(i)?, self.portfolio.futures.get(i)?);
            let group = self.table.futures.get(trace.group)?;
            let base = group.base_row(trace.group);
            Some(SlotWitness {
                node: group.funding_row(trace.group),
                ..SlotWitness::unmoved(slot, trace, base)
            })
        })())
    }

    pub(super) fn asset(&self, i: usize) -> Value<SlotWitness<'_, AssetSlot, AssetTrace>> {
        known((|| {
            let (slot, trace) = (self.slots.assets.get(i)?, self.portfolio.assets.get(i)?);
            let group = self.table.assets.get(trace.group)?;
            let base = group.base_row(trace.group);
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
                exposure: group.exposure.row(trace.group, group.underlying),
                ..SlotWitness::unmoved(slot, trace, base)
            })
        })())
    }

    /// The row of an underlying's asset.
    pub(super) fn underlying_row(&self, i: usize) -> Value<TableRow> {
        known((|| {
            let underlying = self.portfolio.underlyings.get(i)?.underlying;
            let group = self.table.assets.get(underlying)?;
            Some(group.underlying_row(underlying))
        })())
    }

    /// The scenario's row.
    pub(super) fn scenario_row(&self) -> Value<TableRow> {
        known(self.table.scenario_row(self.portfolio.scenario))
    }
}

/// The header instance column, as the verifier rebuilds it; `digest` is the table's.
///
/// # Errors
/// [`DisclosureError`] if the terms' exposures cannot be what a proof under this table discloses.
pub fn header(
    shape: Shape,
    table: &PublicTable,
    digest: [u8; 32],
    commitment: Fr,
    context: Fr,
    terms: &Terms,
) -> Result<Vec<Fr>, DisclosureError> {
    let units = |units: i64| field::from_i128(units.into());
    let rules = &table.rules;
    let (repay, rate) = disclosure::amounts(terms, rules)?;
    let mut header = vec![Fr::zero(); FIXED_ROWS];
    let fixed = [
        (COMMITMENT, commitment),
        (CONTEXT, context),
        (REPAY, units(repay.units())),
        (INCENTIVE_RATE, units(rate.units())),
        (INCENTIVE_BASE, units(rules.incentive_base)),
        (INCENTIVE_SLOPE, units(rules.incentive_slope)),
        (INCENTIVE_CAP, units(rules.incentive_cap)),
        (REPAY_TICK, units(rules.repay_tick)),
        (INCENTIVE_TICK, units(rules.incentive_tick)),
        (EXPOSURE_TICK, units(rules.exposure_tick)),
        (EXPOSURES_SHOWN, units(rules.exposures_shown.into())),
        (TABLE_DIGEST, digest_scalar(digest)),
        (TERMS_SHOWN, units(rules.terms_shown.into())),
        (EXPOSURES_USED, units(rules.exposures_used.into())),
        (GAMMA_RATE, units(rules.gamma_rate)),
        (VEGA_RATE, units(rules.vega_rate)),
    ];
    for (row, value) in fixed {
        if let Some(cell) = header.get_mut(row) {
            *cell = value;
        }
    }
    let exposures = disclosure::rows(shape, table, terms.exposures.as_deref())?;
    header.extend(exposures.into_iter().flatten().map(field::from_i128));
    Ok(header)
}

/// Why there are no public inputs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InstanceError {
    /// The public table does not fit the shape.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The policy has branches that the solvency circuit has no place for.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The terms cannot be what a proof discloses.
    #[error(transparent)]
    Disclosure(#[from] DisclosureError),
}

/// The instance columns of a proof, as the verifier rebuilds them: header, then the table.
///
/// # Errors
/// As [`header`], and [`InstanceError::Table`] for a table with too many rows.
pub fn instance(
    shape: Shape,
    table: &PublicTable,
    commitment: Fr,
    context: Fr,
    terms: &Terms,
) -> Result<Vec<Vec<Fr>>, InstanceError> {
    let table_columns = table.instance_columns(shape)?;
    let first = header(shape, table, table.digest(), commitment, context, terms)?;
    Ok(std::iter::once(first).chain(table_columns).collect())
}
