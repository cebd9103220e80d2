//! The sections of positions: the unmoved market, then every branch.

use halo2_proofs::{circuit::Value, plonk::Error};

use super::{
    assembly::{Account, Assembly, BASIS_LOSS, FIRST, LINEAR, UNMOVED},
    charge::ChargeRows,
    options::Strike,
    position::SwapCells,
};
use crate::{
    circuit::{
        black76::{Black76Chip, MarketCells},
        exposure::{OptionExposureChip, PricedOption},
        holding::HoldingChip,
        linear::LinearChip,
        linear_exposure::{LinearExposureChip, PricedLinear},
        ln::LnChip,
        perpetual::{PerpetualChip, PerpetualMarket},
        perpetual_exposure::{PerpetualExposureChip, PricedPerpetual},
        poles::{LossCells, PoleChip, PositionCells},
        scenario::ScenarioCells,
        smile::SmileChip,
        sums::Parts,
        swap::SwapChip,
    },
    engine::solvency::SCENARIOS,
    poseidon::Num,
    public::{Kind, TableRow},
};

/// What the sections leave.
#[derive(Default)]
pub(super) struct Sections {
    pub totals: Parts,
    pub elements: Vec<Num>,
    /// Positions with exposures.
    pub exposed: Vec<PositionCells>,
}

impl Assembly<'_, '_, '_> {
    /// A European option in the unmoved market.
    pub(super) fn strike(
        &mut self,
        i: usize,
        account: &Account,
        sections: &mut Sections,
    ) -> Result<Strike, Error> {
        let first = self.first()?;
        let config = self.config;
        let witness = self.witness;
        let slot = witness.and_then(|w| w.option(i, &w.solvency.base.options));
        let trace = slot.map(|s| s.trace);
        let sheet = &mut self.sheet;
        let row = sheet.take(HoldingChip::ROWS)?;
        let (holds, base) = (slot.map(|s| s.slot), slot.map(|s| s.base));
        let held = config
            .holding
            .assign(sheet, row, Kind::OptionBase, holds, base)?;
        let row = sheet.take(SmileChip::ROWS)?;
        let node = slot.map(|s| s.node);
        let smile = trace.map(|t| &t.smile);
        let volatility = config.smile.assign(sheet, row, &held, node, smile)?;
        let row = sheet.take(LnChip::ROWS)?;
        let ln = trace.map(|t| &t.ln);
        let ln_strike = config.ln.assign(sheet, row, &held.strike, ln)?;
        let v = volatility.v.clone();
        let market = MarketCells {
            discounted_forward: held.first.clone(),
            ln_forward: held.second.clone(),
            discounted_strike: held.discounted_strike.clone(),
            volatility,
        };
        let row = sheet.take(Black76Chip::ROWS)?;
        let unmoved = trace.map(|t| &t.base);
        let (value, normal) = first
            .black76
            .assign(sheet, row, &held, &ln_strike, &market, unmoved)?;
        let density = config.option_exposure.assign_density(sheet, row, &normal)?;
        let charges = ChargeRows {
            kinds: [Kind::OptionCharge, Kind::OptionAbove],
            rows: [
                slot.map(|s| s.charges),
                witness.and_then(|w| w.option_above(i)),
            ],
        };
        // Directly below the unmoved market: the charges' gate reads sizes and value in the row above.
        let [counted, charge] = config.above.assign(sheet, &held, &value, charges)?;
        sections.totals.option_equity.push(counted);
        sections.totals.contingencies.push(charge);
        sections.elements.push(held.element.clone());
        let numbers = config.number;
        let zero = &account.opening.zero;
        let numbers = numbers.assign(sheet, &held.alive, &account.markets(), zero)?;
        let row = sheet.take(OptionExposureChip::ROWS)?;
        let fractions = sheet.take(PoleChip::POSITION_ROWS)?;
        let priced = PricedOption {
            holding: held.clone(),
            v: v.clone(),
            distribution: normal.value,
            density,
            // An expiry's losses are summed by branch.
            end: zero.clone(),
            run: zero.clone(),
        };
        let exposure = slot.map(|s| s.exposure);
        let rate = &account.delta.gross;
        let (exposure, gross) = config
            .option_exposure
            .assign(sheet, row, &priced, rate, exposure)?;
        let underlying = exposure.underlying.clone();
        let loss = LossCells {
            underlying: exposure.underlying,
            loss: gross,
        };
        sections.exposed.push(PositionCells {
            loss,
            exposures: exposure.values,
            row: fractions,
        });
        Ok(Strike {
            held,
            v,
            ln_strike,
            value,
            numbers,
            underlying,
        })
    }

    /// The section of perpetual options.
    pub(super) fn perpetual_options(
        &mut self,
        account: &Account,
        sections: &mut Sections,
    ) -> Result<(), Error> {
        let mut orders = Vec::new();
        for i in 0..self.shape.capacity().perpetual_options {
            let order = self.perpetual_option(i, account, sections)?;
            orders.push(order);
        }
        self.order(&orders, 6)
    }

    fn perpetual_option(
        &mut self,
        i: usize,
        account: &Account,
        sections: &mut Sections,
    ) -> Result<(Num, Num), Error> {
        self.first()?;
        let (config, witness) = (self.config, self.witness);
        let slot = witness.and_then(|w| w.perpetual_option(i, &w.solvency.base));
        let trace = slot.map(|s| s.trace);
        let sheet = &mut self.sheet;
        let zero = &account.opening.zero;
        let row = sheet.take(HoldingChip::ROWS)?;
        let (holds, base) = (slot.map(|s| s.slot), slot.map(|s| s.base));
        let held = config
            .holding
            .assign(sheet, row, Kind::PerpetualBase, holds, base)?;
        // Directly below: the check of the sides reads the sizes in the row above.
        let row = sheet.take(PerpetualChip::SIDE_ROWS)?;
        let side = config.perpetual.assign_side(sheet, row, &held, zero)?;
        let row = sheet.take(LnChip::ROWS)?;
        let ln = trace.map(|t| &t.ln);
        let ln_strike = config.ln.assign(sheet, row, &held.strike, ln)?;
        let row = sheet.take(PerpetualChip::ROWS)?;
        let unmoved = PerpetualMarket {
            scenario: zero,
            interval: slot.map(|s| s.node),
        };
        let base = trace.map(|t| &t.base);
        let base = config
            .perpetual
            .assign(sheet, row, &held, &ln_strike, &unmoved, base)?;
        let charges = ChargeRows {
            kinds: [Kind::PerpetualCharge, Kind::PerpetualAbove],
            rows: [
                slot.map(|s| s.charges),
                witness.and_then(|w| w.perpetual_above(i)),
            ],
        };
        let [counted, charge] = config.above.assign(sheet, &held, &base.value, charges)?;
        sections.totals.option_equity.push(counted);
        sections.totals.contingencies.push(charge);
        sections.elements.push(held.element.clone());
        let whole = config.position.assign_whole(sheet, &base.value)?;
        let row = sheet.take(PerpetualExposureChip::ROWS)?;
        let fractions = sheet.take(PoleChip::POSITION_ROWS)?;
        let priced = PricedPerpetual {
            holding: held.clone(),
            ln_strike: ln_strike.clone(),
            low: base.low,
            spot: base.spot,
            call_side: base.call_side,
            power: base.power,
            lost: zero.clone(),
        };
        let answers = slot.map(|s| s.exposure);
        let chip = config.perpetual_exposure;
        let (exposure, gross) = chip.assign(sheet, row, &priced, &account.delta.gross, answers)?;
        let underlying = exposure.underlying.clone();
        let loss = LossCells {
            underlying: exposure.underlying,
            loss: gross,
        };
        sections.exposed.push(PositionCells {
            loss,
            exposures: exposure.values,
            row: fractions,
        });
        let numbers = config
            .number
            .assign(sheet, &held.alive, &account.markets(), zero)?;
        self.part(UNMOVED, &underlying, whole)?;
        for (place, number) in numbers.iter().enumerate().take(SCENARIOS) {
            let slot = witness.and_then(|w| match w.solvency.worlds.get(place) {
                Some(world) => w.perpetual_option(i, world),
                None => Value::unknown(),
            });
            let sheet = &mut self.sheet;
            let row = sheet.take(PerpetualChip::ROWS)?;
            let market = PerpetualMarket {
                scenario: number,
                interval: slot.map(|s| s.moved),
            };
            let moved = slot.map(|s| &s.trace.moved);
            let moved = config
                .perpetual
                .assign(sheet, row, &held, &ln_strike, &market, moved)?;
            let out = config.position.assign_moved(sheet, &moved.value)?;
            self.part(FIRST + place, &underlying, out)?;
        }
        Ok((side.order, held.alive))
    }

    /// The sections of futures, assets and swaps.
    pub(super) fn linears(
        &mut self,
        account: &Account,
        sections: &mut Sections,
    ) -> Result<(), Error> {
        let capacity = self.shape.capacity();
        let mut orders = Vec::new();
        for i in 0..capacity.futures {
            orders.push(self.future(i, account, sections)?);
        }
        self.order(&orders, 1)?;
        orders.clear();
        let unit = {
            self.first()?;
            self.config.position.assign_unit(&mut self.sheet)?
        };
        for i in 0..capacity.assets {
            orders.push(self.asset(i, account, &unit, sections)?);
        }
        self.order(&orders, 1)?;
        orders.clear();
        for i in 0..capacity.swaps {
            orders.push(self.swap(i, account, sections)?);
        }
        self.order(&orders, 1)
    }

    fn future(
        &mut self,
        i: usize,
        account: &Account,
        sections: &mut Sections,
    ) -> Result<(Num, Num), Error> {
        self.first()?;
        let (config, sheet) = (self.config, &mut self.sheet);
        let slot = self.witness.and_then(|w| w.future(i));
        let row = sheet.take(LinearChip::FUTURE_ROWS)?;
        // In the delta charge nothing moves: its loss is the gross delta, charged.
        let future = config
            .linear
            .assign_future(sheet, row, &account.delta, slot)?;
        let PricedLinear::Future(priced) = &future.priced else {
            return Err(Error::Synthesis);
        };
        let row = sheet.take(LinearExposureChip::FUTURE_ROWS)?;
        let exposure = config.linear_exposure.assign_future(sheet, row, priced)?;
        let fractions = sheet.take(PoleChip::POSITION_ROWS)?;
        let [delta, ..] = exposure.values.clone();
        sections.exposed.push(PositionCells {
            loss: LossCells {
                underlying: exposure.underlying.clone(),
                loss: future.loss,
            },
            exposures: exposure.values,
            row: fractions,
        });
        sections.totals.equity.push(future.value);
        sections.totals.contingencies.extend(future.charge);
        sections.totals.funding.extend(future.funding);
        sections.elements.push(future.element);
        self.part(LINEAR, &exposure.underlying, delta)?;
        Ok((future.group, future.alive))
    }

    fn asset(
        &mut self,
        i: usize,
        account: &Account,
        unit: &Num,
        sections: &mut Sections,
    ) -> Result<(Num, Num), Error> {
        self.first()?;
        let (config, sheet) = (self.config, &mut self.sheet);
        let slot = self.witness.and_then(|w| w.asset(i));
        let row = sheet.take(LinearChip::ASSET_ROWS)?;
        let scenario = ScenarioCells {
            spot_move: unit.clone(),
            ..account.delta.clone()
        };
        let asset = config.linear.assign_asset(sheet, row, &scenario, slot)?;
        sections.totals.equity.push(asset.value);
        sections.elements.push(asset.element);
        self.part(LINEAR, &asset.group, asset.loss)?;
        Ok((asset.group, asset.alive))
    }

    fn swap(
        &mut self,
        i: usize,
        account: &Account,
        sections: &mut Sections,
    ) -> Result<(Num, Num), Error> {
        self.first()?;
        let (config, witness) = (self.config, self.witness);
        let sheet = &mut self.sheet;
        let slot = witness.and_then(|w| w.swap(i, 0));
        let row = sheet.take(SwapChip::ROWS)?;
        let zero = &account.opening.zero;
        let swap = config.swap.assign(sheet, row, zero, slot)?;
        let PricedLinear::Swap(priced) = &swap.priced else {
            return Err(Error::Synthesis);
        };
        let cells = SwapCells {
            group: swap.group.clone(),
            alive: swap.alive.clone(),
            size: priced.size.clone(),
        };
        let moved = |number: Value<usize>| -> Value<TableRow> {
            let pair = witness.zip(number);
            pair.and_then(|(w, number)| w.swap(i, number))
                .map(|s| s.moved)
        };
        let delta = moved(witness.map(|w| w.solvency.branches.delta));
        let number = &account.delta.number;
        let [gross, charge] = config.position.assign_swap(sheet, &cells, number, delta)?;
        let row = sheet.take(LinearExposureChip::SWAP_ROWS)?;
        let each = slot.map(|s| s.exposure);
        let exposure = config
            .linear_exposure
            .assign_swap(sheet, row, priced, each)?;
        let fractions = sheet.take(PoleChip::POSITION_ROWS)?;
        let underlying = exposure.underlying.clone();
        sections.exposed.push(PositionCells {
            loss: LossCells {
                underlying: exposure.underlying,
                loss: gross,
            },
            exposures: exposure.values,
            row: fractions,
        });
        sections.totals.equity.push(swap.value);
        sections.totals.contingencies.push(charge);
        sections.elements.push(swap.element);
        for (place, (scenario, _)) in account.scenarios.iter().enumerate() {
            let moved = moved(witness.map(|w| w.solvency.branches.scenarios[place]));
            let number = &scenario.number;
            let [out, _] = config
                .position
                .assign_swap(&mut self.sheet, &cells, number, moved)?;
            self.part(FIRST + place, &underlying, out)?;
        }
        Ok((swap.group, swap.alive))
    }
}

const _: () = assert!(BASIS_LOSS == FIRST + SCENARIOS);
