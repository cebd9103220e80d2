//! The liquidation statement: I know an opening of the commitment and one scenario under which
//! equity + epsilon < requirement, and these are its terms.

use halo2_proofs::{
    circuit::{Layouter, SimpleFloorPlanner, Value},
    plonk::{Circuit, ConstraintSystem, Error},
};
use halo2curves::bn256::Fr;

use super::{
    assembly::Assembly,
    black76::Black76Chip,
    exposure::OptionExposureChip,
    holding::HoldingChip,
    linear::LinearChip,
    linear_exposure::LinearExposureChip,
    ln::LnChip,
    lookup::LookupChip,
    moved::MovedChip,
    opening::OpeningChip,
    perpetual::PerpetualChip,
    perpetual_exposure::PerpetualExposureChip,
    poles::PoleChip,
    range::RangeChip,
    run::RunChip,
    scenario::ScenarioChip,
    sheet::{Columns, Sheet},
    smile::SmileChip,
    sums::SumsChip,
    swap::SwapChip,
    terms::TermsChip,
    total::TotalChip,
    underlying::UnderlyingChip,
    witness::Witness,
};
use crate::{
    poseidon::{PoseidonChip, PoseidonConfig},
    shape::Shape,
};

/// The chips of the statement.
#[derive(Clone, Copy, Debug)]
pub struct LiquidationConfig {
    columns: Columns,
    pub(super) poseidon: PoseidonConfig,
    lookup: LookupChip,
    pub(super) range: RangeChip,
    pub(super) opening: OpeningChip,
    pub(super) holding: HoldingChip,
    pub(super) smile: SmileChip,
    pub(super) ln: LnChip,
    pub(super) black76: Black76Chip,
    pub(super) moved: MovedChip,
    pub(super) run: RunChip,
    pub(super) scenario: ScenarioChip,
    pub(super) perpetual: PerpetualChip,
    pub(super) linear: LinearChip,
    pub(super) swap: SwapChip,
    pub(super) sums: SumsChip,
    pub(super) total: TotalChip,
    pub(super) terms: TermsChip,
    pub(super) option_exposure: OptionExposureChip,
    pub(super) perpetual_exposure: PerpetualExposureChip,
    pub(super) linear_exposure: LinearExposureChip,
    pub(super) poles: PoleChip,
    pub(super) underlying: UnderlyingChip,
}

/// The circuit of the liquidation statement. Without a witness it serves for key generation.
#[derive(Clone, Debug)]
pub struct LiquidationCircuit {
    shape: Shape,
    witness: Option<Box<Witness>>,
}

impl LiquidationCircuit {
    /// The circuit of a shape, without a witness.
    pub fn new(shape: Shape) -> Self {
        Self {
            shape,
            witness: None,
        }
    }

    /// The circuit with a witness to prove.
    pub fn with_witness(witness: Witness) -> Self {
        Self {
            shape: witness.slots.shape,
            witness: Some(Box::new(witness)),
        }
    }

    /// Rows that the chips leave free for lookups and blinding at the end of every column.
    const RESERVED_ROWS: usize = 8;
}

impl Circuit<Fr> for LiquidationCircuit {
    type Config = LiquidationConfig;
    type FloorPlanner = SimpleFloorPlanner;
    type Params = Option<Shape>;

    fn params(&self) -> Self::Params {
        Some(self.shape)
    }

    fn without_witnesses(&self) -> Self {
        Self::new(self.shape)
    }

    fn configure_with_params(meta: &mut ConstraintSystem<Fr>, shape: Self::Params) -> Self::Config {
        let shape = shape.unwrap_or(Shape::Small);
        let columns = Columns::configure(meta, shape);
        let lookup = LookupChip::configure(meta, &columns);
        let poles = PoleChip::configure(meta, &columns);
        LiquidationConfig {
            columns,
            poseidon: PoseidonChip::configure(meta, columns.main, columns.round),
            range: RangeChip::configure(meta, &columns, lookup.range_table()),
            lookup,
            opening: OpeningChip::configure(meta, &columns, shape),
            holding: HoldingChip::configure(meta, &columns),
            smile: SmileChip::configure(meta, &columns),
            ln: LnChip::configure(meta, &columns),
            black76: Black76Chip::configure(meta, &columns),
            moved: MovedChip::configure(meta, &columns),
            run: RunChip::configure(meta, &columns),
            scenario: ScenarioChip::configure(meta, &columns),
            perpetual: PerpetualChip::configure(meta, &columns),
            linear: LinearChip::configure(meta, &columns),
            swap: SwapChip::configure(meta, &columns),
            sums: SumsChip::configure(meta, &columns),
            total: TotalChip::configure(meta, &columns),
            terms: TermsChip::configure(meta, &columns),
            option_exposure: OptionExposureChip::configure(meta, &columns),
            perpetual_exposure: PerpetualExposureChip::configure(meta, &columns),
            linear_exposure: LinearExposureChip::configure(meta, &columns),
            poles,
            underlying: UnderlyingChip::configure(meta, &columns, poles),
        }
    }

    fn configure(meta: &mut ConstraintSystem<Fr>) -> Self::Config {
        Self::configure_with_params(meta, None)
    }

    fn synthesize(
        &self,
        config: Self::Config,
        mut layouter: impl Layouter<Fr>,
    ) -> Result<(), Error> {
        layouter.assign_region(
            || "liquidation",
            |mut region| {
                config.lookup.load(&mut region, self.shape);
                let usable = (1 << self.shape.k()) - Self::RESERVED_ROWS;
                let sheet = Sheet::new(
                    &mut region,
                    config.columns,
                    config.lookup,
                    config.range,
                    usable,
                );
                let witness = match &self.witness {
                    Some(witness) => Value::known(witness.as_ref()),
                    None => Value::unknown(),
                };
                Assembly {
                    config,
                    sheet,
                    witness,
                    shape: self.shape,
                }
                .assign()
            },
        )
    }
}
