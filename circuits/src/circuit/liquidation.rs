//! The liquidation statement: I know an opening of the commitment and one scenario under which
//! equity + epsilon < requirement, and these are its terms.

use halo2_proofs::{
    circuit::{Layouter, SimpleFloorPlanner, Value},
    plonk::{Circuit, ConstraintSystem, Error},
};
use halo2curves::bn256::Fr;

use super::{
    black76::{Black76Chip, MarketCells, ValueCells},
    holding::{Holding, HoldingChip},
    linear::{Linear, LinearChip, LinearRows},
    ln::LnChip,
    lookup::LookupChip,
    moved::MovedChip,
    opening::{COMMITMENT, CONTEXT, HEADER_ROWS, OpeningChip},
    range::RangeChip,
    sheet::{Columns, Sheet},
    smile::SmileChip,
    sums::{Sums, SumsChip},
    terms::TermsChip,
    witness::{Witness, public_header},
};
use crate::{
    poseidon::{Num, PoseidonChip, PoseidonConfig},
    shape::Shape,
};

/// The chips of the statement.
#[derive(Clone, Copy, Debug)]
pub struct LiquidationConfig {
    columns: Columns,
    poseidon: PoseidonConfig,
    lookup: LookupChip,
    pub(super) range: RangeChip,
    opening: OpeningChip,
    holding: HoldingChip,
    smile: SmileChip,
    ln: LnChip,
    black76: Black76Chip,
    moved: MovedChip,
    linear: LinearChip,
    sums: SumsChip,
    terms: TermsChip,
}

/// The circuit of the liquidation statement. Without a witness it serves for key generation.
#[derive(Clone, Debug)]
pub struct LiquidationCircuit {
    shape: Shape,
    witness: Option<Box<Witness>>,
    #[cfg(test)]
    pub(super) forgery: super::tests::Forgery,
}

impl LiquidationCircuit {
    /// The circuit of a shape, without a witness.
    pub fn new(shape: Shape) -> Self {
        Self {
            shape,
            witness: None,
            #[cfg(test)]
            forgery: super::tests::Forgery::default(),
        }
    }

    /// The circuit with a witness to prove.
    pub fn with_witness(witness: Witness) -> Self {
        Self {
            shape: witness.slots.shape,
            witness: Some(Box::new(witness)),
            #[cfg(test)]
            forgery: super::tests::Forgery::default(),
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
        let columns = Columns::configure(meta);
        let lookup = LookupChip::configure(meta, &columns);
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
            linear: LinearChip::configure(meta, &columns),
            sums: SumsChip::configure(meta, &columns),
            terms: TermsChip::configure(meta, &columns),
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
                config.lookup.load(&mut region);
                let usable = (1 << self.shape.k()) - Self::RESERVED_ROWS;
                let sheet = Sheet::new(&mut region, config.columns, usable);
                #[cfg(test)]
                let sheet = sheet.forging(&self.forgery);
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

/// One synthesis.
struct Assembly<'s, 'r, 'w> {
    config: LiquidationConfig,
    sheet: Sheet<'s, 'r>,
    witness: Value<&'w Witness>,
    shape: Shape,
}

impl Assembly<'_, '_, '_> {
    fn assign(mut self) -> Result<(), Error> {
        let LiquidationConfig {
            opening,
            range,
            terms,
            ..
        } = self.config;
        let header = self.witness.map(public_header);
        let header: [_; HEADER_ROWS] = std::array::from_fn(|i| header.map(|h| h[i]));
        let header = opening.assign_instance(&mut self.sheet, header)?;
        let row = self.sheet.take(OpeningChip::ROWS)?;
        let account = opening.assign(
            &mut self.sheet,
            &range,
            row,
            self.witness.map(|w| &w.slots),
            self.witness.map(|w| w.portfolio.scenario),
        )?;

        let capacity = self.shape.capacity();
        let mut elements =
            Vec::with_capacity(capacity.options + capacity.futures + capacity.assets);
        let mut sums = account.sums.clone();
        let mut orders = Vec::new();
        for i in 0..capacity.options {
            let (holding, next) = self.option(i, &account.scenario, &sums)?;
            sums = next;
            elements.push(holding.element.clone());
            orders.push((holding.order, holding.alive));
        }
        self.order(&orders, 6)?;
        for (count, assign) in [
            (
                capacity.futures,
                Self::future as fn(&mut Self, usize, &Num) -> Result<Linear, Error>,
            ),
            (capacity.assets, Self::asset),
        ] {
            let mut orders = Vec::with_capacity(count);
            for i in 0..count {
                let position = assign(&mut self, i, &account.scenario)?;
                let row = self.sheet.take(SumsChip::ROWS)?;
                sums = self
                    .config
                    .sums
                    .add_linear(&mut self.sheet, row, &sums, &position)?;
                elements.push(position.element);
                orders.push((position.group, position.alive));
            }
            self.order(&orders, 1)?;
        }
        let commitment = self.commitment(&account.hashed, &elements, &account.zero)?;
        self.sheet.tie(&commitment, &header[COMMITMENT]);
        // The context is bound by the transcript; its cell is tied to the instance by q_instance.
        let _ = CONTEXT;

        let row = self.sheet.take(TermsChip::ROWS)?;
        terms.assign(
            &mut self.sheet,
            &range,
            row,
            &sums,
            &header,
            self.witness.map(|w| &w.terms),
        )
    }

    /// Slots in strictly increasing order.
    fn order(&mut self, slots: &[(Num, Num)], limbs: usize) -> Result<(), Error> {
        for pair in slots.windows(2) {
            let [(order, alive), (next, _)] = pair else {
                continue;
            };
            let row = self.sheet.take(SumsChip::ORDER_ROWS)?;
            self.config.sums.assign_order(
                &mut self.sheet,
                &self.config.range,
                row,
                order,
                alive,
                next,
                limbs,
            )?;
        }
        Ok(())
    }

    fn option(&mut self, i: usize, scenario: &Num, sums: &Sums) -> Result<(Holding, Sums), Error> {
        let LiquidationConfig {
            lookup,
            range,
            holding,
            smile,
            ln,
            black76,
            moved,
            sums: sums_chip,
            ..
        } = self.config;
        let sheet = &mut self.sheet;
        let slot = self.witness.and_then(|w| w.option(i));
        let (base, node, scenario_row) = (
            slot.map(|s| s.base),
            slot.map(|s| s.node),
            slot.map(|s| s.moved),
        );
        let trace = slot.map(|s| s.trace);

        let row = sheet.take(HoldingChip::ROWS)?;
        let held = holding.assign(sheet, &lookup, &range, row, slot.map(|s| s.slot), base)?;
        let row = sheet.take(SmileChip::ROWS)?;
        let volatility = smile.assign(
            sheet,
            &lookup,
            &range,
            row,
            &held,
            node,
            trace.map(|t| &t.smile),
        )?;
        let row = sheet.take(LnChip::ROWS)?;
        let ln_strike = ln.assign(
            sheet,
            &lookup,
            &range,
            row,
            &held.strike,
            trace.map(|t| &t.ln),
        )?;
        let market = MarketCells {
            discounted_forward: held.discounted_forward.clone(),
            ln_forward: held.ln_forward.clone(),
            discounted_strike: held.discounted_strike.clone(),
        };
        let row = sheet.take(Black76Chip::ROWS)?;
        let base_value: ValueCells = black76.assign(
            sheet,
            &lookup,
            &range,
            row,
            &held,
            &volatility,
            &ln_strike,
            &market,
            trace.map(|t| &t.base),
        )?;
        let row = sheet.take(MovedChip::ROWS)?;
        let moved = moved.assign(
            sheet,
            &lookup,
            &range,
            row,
            &held,
            &volatility,
            scenario,
            scenario_row,
            trace,
        )?;
        let row = sheet.take(Black76Chip::ROWS)?;
        let moved_value = black76.assign(
            sheet,
            &lookup,
            &range,
            row,
            &held,
            &moved.volatility,
            &ln_strike,
            &moved.market,
            trace.map(|t| &t.moved),
        )?;
        // Directly below: the sum's gate reads the moved value in the row above.
        let row = sheet.take(SumsChip::ROWS)?;
        let sums = sums_chip.add_option(
            sheet,
            row,
            sums,
            &base_value,
            &moved_value,
            &moved.factor,
            &held.charge,
        )?;
        Ok((held, sums))
    }

    fn future(&mut self, i: usize, scenario: &Num) -> Result<Linear, Error> {
        let LiquidationConfig {
            lookup,
            range,
            linear,
            ..
        } = self.config;
        let slot = self.witness.and_then(|w| w.future(i));
        let rows = LinearRows {
            base: slot.map(|s| s.base),
            moved: slot.map(|s| s.moved),
        };
        let row = self.sheet.take(LinearChip::FUTURE_ROWS)?;
        linear.assign_future(
            &mut self.sheet,
            &lookup,
            &range,
            row,
            scenario,
            slot.map(|s| s.slot),
            rows,
            slot.map(|s| s.trace),
        )
    }

    fn asset(&mut self, i: usize, scenario: &Num) -> Result<Linear, Error> {
        let LiquidationConfig {
            lookup,
            range,
            linear,
            ..
        } = self.config;
        let slot = self.witness.and_then(|w| w.asset(i));
        let rows = LinearRows {
            base: slot.map(|s| s.base),
            moved: slot.map(|s| s.moved),
        };
        let row = self.sheet.take(LinearChip::ASSET_ROWS)?;
        linear.assign_asset(
            &mut self.sheet,
            &lookup,
            &range,
            row,
            scenario,
            slot.map(|s| s.slot),
            rows,
            slot.map(|s| s.trace),
        )
    }

    /// `poseidon::chain` over the header and the slots' elements.
    fn commitment(&mut self, first: &[Num; 4], elements: &[Num], zero: &Num) -> Result<Num, Error> {
        let chip = PoseidonChip::new(self.config.poseidon);
        let row = self.sheet.take(PoseidonChip::ROWS)?;
        let mut digest = chip.assign_hash4(
            self.sheet.region,
            row,
            [&first[0], &first[1], &first[2], &first[3]],
        )?;
        for chunk in elements.chunks(3) {
            let at = |i: usize| chunk.get(i).unwrap_or(zero);
            let inputs = [&digest.clone(), at(0), at(1), at(2)];
            let row = self.sheet.take(PoseidonChip::ROWS)?;
            digest = chip.assign_hash4(self.sheet.region, row, inputs)?;
        }
        Ok(digest)
    }
}
