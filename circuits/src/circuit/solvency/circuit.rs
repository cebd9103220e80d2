//! The circuit of the solvency statement: three lanes of columns side by side. The second and the third price European options under
//! plain scenarios, which is most of the work; the first does everything else, and has the gates for it.

use halo2_proofs::{
    circuit::{Layouter, SimpleFloorPlanner, Value},
    plonk::{Circuit, ConstraintSystem, Error},
};
use halo2curves::bn256::Fr;

use super::{
    assembly::Assembly, charge::AboveChip, claim::ClaimChip, expiry::ExpiryChip,
    number::NumberChip, poles::BranchPoleChip, position::PositionChip, run::FallChip,
    skew::SkewChip, slack::SlackChip, witness::SolvencyWitness,
};
use crate::{
    circuit::{
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
        scenario::ScenarioChip,
        sheet::{Columns, Lane, Sheet},
        smile::SmileChip,
        sums::SumsChip,
        swap::SwapChip,
    },
    poseidon::{PoseidonChip, PoseidonConfig},
    shape::{Shape, Statement},
};

/// Lanes.
pub(super) const LANES: usize = 3;

/// Columns for limbs, by lane: as many as hold all limbs together. A lane whose own are full uses the others'.
const fn limb_columns(shape: Shape) -> [usize; LANES] {
    match shape {
        Shape::Small => [2, 1, 2],
        Shape::Medium => [3, 2, 3],
        Shape::Large => [3, 2, 2],
    }
}

/// What every lane can: price European options, and take fractions of sums.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pricing {
    columns: Columns,
    lookup: LookupChip,
    range: RangeChip,
    /// Of scenarios without a skew.
    pub whole: MovedChip,
    pub black76: Black76Chip,
    pub fall: FallChip,
    pub poles: BranchPoleChip,
}

impl Pricing {
    fn configure(
        meta: &mut ConstraintSystem<Fr>,
        columns: Columns,
        lookup: LookupChip,
        range: RangeChip,
        whole: MovedChip,
    ) -> Self {
        Self {
            whole,
            black76: Black76Chip::configure(meta, &columns),
            fall: FallChip::configure(meta, &columns),
            poles: BranchPoleChip::configure(meta, &columns),
            columns,
            lookup,
            range,
        }
    }

    fn lane(&self) -> Lane {
        Lane::new(self.columns, self.lookup, self.range)
    }
}

/// The chips of the statement.
#[derive(Clone, Copy, Debug)]
pub struct SolvencyConfig {
    pub(super) lanes: [Pricing; LANES],
    /// Of scenarios with a skew. This and what follows is in the first lane alone: every gate is evaluated in all rows of its lane.
    pub(super) moved: MovedChip,
    pub(super) expiry: ExpiryChip,
    pub(super) skew: SkewChip,
    pub(super) perpetual: PerpetualChip,
    pub(super) position: PositionChip,
    pub(super) claim: ClaimChip,
    pub(super) poseidon: PoseidonConfig,
    /// Of the second lane: the challenge.
    pub(super) challenge: PoseidonConfig,
    pub(super) opening: OpeningChip,
    pub(super) scenario: ScenarioChip,
    pub(super) holding: HoldingChip,
    pub(super) smile: SmileChip,
    pub(super) ln: LnChip,
    pub(super) linear: LinearChip,
    pub(super) swap: SwapChip,
    pub(super) sums: SumsChip,
    pub(super) option_exposure: OptionExposureChip,
    pub(super) perpetual_exposure: PerpetualExposureChip,
    pub(super) linear_exposure: LinearExposureChip,
    pub(super) exposure_poles: PoleChip,
    pub(super) number: NumberChip,
    pub(super) above: AboveChip,
    pub(super) slack: SlackChip,
}

/// The circuit of the solvency statement. Without a witness it serves for key generation.
#[derive(Clone, Debug)]
pub struct SolvencyCircuit {
    shape: Shape,
    witness: Option<Box<SolvencyWitness>>,
}

impl SolvencyCircuit {
    /// Lanes of columns side by side.
    pub const LANES: usize = LANES;
    /// Rows that the chips leave free for lookups and blinding at the end of every column.
    const RESERVED_ROWS: usize = 8;

    /// The circuit of a shape, without a witness.
    pub fn new(shape: Shape) -> Self {
        Self {
            shape,
            witness: None,
        }
    }

    /// The circuit with a witness to prove.
    pub fn with_witness(witness: SolvencyWitness) -> Self {
        Self {
            shape: witness.slots.shape,
            witness: Some(Box::new(witness)),
        }
    }
}

impl Circuit<Fr> for SolvencyCircuit {
    type Config = SolvencyConfig;
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
        let all = Columns::configure_lanes(meta, limb_columns(shape));
        let [columns, ..] = all;
        let lookup = LookupChip::configure(meta, &columns);
        let range = RangeChip::configure(meta, &columns, lookup.range_table());
        let moved = MovedChip::configure(meta, &columns);
        let whole = moved.configure_whole(meta, &columns);
        let mut lane = |number: usize| {
            if number == 0 {
                return Pricing::configure(meta, columns, lookup, range, whole);
            }
            let columns = all[number];
            let range = RangeChip::configure(meta, &columns, lookup.range_table());
            let lookup = lookup.configure_lane(meta, &columns);
            let whole = MovedChip::configure_only_whole(meta, &columns);
            Pricing::configure(meta, columns, lookup, range, whole)
        };
        let lanes: [Pricing; LANES] = std::array::from_fn(&mut lane);
        let round = std::array::from_fn(|_| meta.fixed_column());
        SolvencyConfig {
            lanes,
            moved,
            expiry: ExpiryChip::configure(meta, &columns),
            skew: SkewChip::configure(meta, &columns),
            perpetual: PerpetualChip::configure(meta, &columns),
            position: PositionChip::configure(meta, &columns),
            claim: ClaimChip::configure(meta, &columns),
            poseidon: PoseidonChip::configure(meta, columns.main, columns.round),
            challenge: PoseidonChip::configure(meta, lanes[1].columns.main, round),
            opening: OpeningChip::configure(meta, &columns, shape),
            scenario: ScenarioChip::configure(meta, &columns),
            holding: HoldingChip::configure(meta, &columns),
            smile: SmileChip::configure(meta, &columns),
            ln: LnChip::configure(meta, &columns),
            linear: LinearChip::configure(meta, &columns),
            swap: SwapChip::configure(meta, &columns),
            sums: SumsChip::configure(meta, &columns),
            option_exposure: OptionExposureChip::configure(meta, &columns),
            perpetual_exposure: PerpetualExposureChip::configure(meta, &columns),
            linear_exposure: LinearExposureChip::configure(meta, &columns),
            exposure_poles: PoleChip::configure(meta, &columns),
            number: NumberChip::configure(meta, &columns),
            above: AboveChip::configure(meta, &columns),
            slack: SlackChip::configure(meta, &columns),
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
            || "solvency",
            |mut region| {
                let [first, more @ ..] = &config.lanes;
                first.lookup.load(&mut region, self.shape);
                let usable = (1 << Statement::Solvency.k(self.shape)) - Self::RESERVED_ROWS;
                let more: Vec<Lane> = more.iter().map(Pricing::lane).collect();
                let sheet = Sheet::with_lanes(&mut region, first.lane(), &more, usable);
                let witness = match &self.witness {
                    Some(witness) => Value::known(witness.as_ref()),
                    None => Value::unknown(),
                };
                Assembly::new(config, sheet, witness, self.shape).assign()
            },
        )
    }
}
