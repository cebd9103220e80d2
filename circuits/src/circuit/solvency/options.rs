//! European options under every branch, expiry by expiry.

use halo2_proofs::{circuit::Value, plonk::Error};

use super::{
    assembly::{Account, Assembly, BASIS_LOSS, FIRST, UNMOVED},
    base::Sections,
    circuit::Pricing,
    expiry::UnmovedCells,
    run::Before,
    skew::{SkewRules, SkewSums},
};
use crate::{
    circuit::{
        black76::{Black76Chip, ValueCells},
        holding::Holding,
        moved::{MovedCells, MovedChip},
        scenario::ScenarioCells,
    },
    engine::{
        OptionTrace,
        solvency::{PLAIN, SCENARIOS},
    },
    poseidon::Num,
};

/// A European option in the unmoved market.
pub(super) struct Strike {
    pub held: Holding,
    pub v: Num,
    pub ln_strike: Num,
    pub value: ValueCells,
    /// The numbers of its markets: scenarios by place, then the basis moves.
    pub numbers: Vec<Num>,
    pub underlying: Num,
}

/// A slot's pricing under a market.
struct Repriced {
    market: MovedCells,
    value: ValueCells,
}

impl<'w> Assembly<'_, '_, 'w> {
    /// The section of European options.
    pub(super) fn options(
        &mut self,
        account: &Account,
        sections: &mut Sections,
    ) -> Result<(), Error> {
        let count = self.shape.capacity().options;
        let mut strikes = Vec::with_capacity(count);
        for i in 0..count {
            strikes.push(self.strike(i, account, sections)?);
        }
        let unmoved = self.unmoved(account, &strikes)?;
        for place in 0..SCENARIOS {
            self.scenario(place, account, &strikes, &unmoved)?;
        }
        self.basis(account, &strikes, &unmoved)
    }

    /// Where expiries end, and their sums in the unmoved market.
    fn unmoved(
        &mut self,
        account: &Account,
        strikes: &[Strike],
    ) -> Result<Vec<UnmovedCells>, Error> {
        self.first()?;
        let (zero, one) = (&account.opening.zero, &account.opening.one);
        let chip = self.config.number;
        let mut ends = Vec::with_capacity(strikes.len());
        for pair in strikes.windows(2) {
            let [slot, next] = pair else { continue };
            ends.push(chip.assign_next(&mut self.sheet, [&slot.held, &next.held])?);
        }
        ends.push(one.clone());
        let mut unmoved: Vec<UnmovedCells> = Vec::with_capacity(strikes.len());
        for (strike, end) in strikes.iter().zip(&ends) {
            let before = match unmoved.last() {
                Some(before) => [&before.high, &before.low, &before.end],
                None => [zero, zero, one],
            };
            let cells =
                self.config
                    .expiry
                    .assign_unmoved(&mut self.sheet, &strike.value, before, end)?;
            unmoved.push(cells);
        }
        for (strike, cells) in strikes.iter().zip(&unmoved) {
            self.part(UNMOVED, &strike.underlying, cells.out.clone())?;
        }
        Ok(unmoved)
    }

    /// Prices a slot in a market, in the lane that is selected.
    fn reprice(
        &mut self,
        i: usize,
        (strike, number): (&Strike, &Num),
        class: &ScenarioCells,
        traces: impl Fn(&'w crate::engine::Solvency) -> Option<&'w Vec<OptionTrace>>,
        (lane, moved): (Pricing, MovedChip),
        zero: &Num,
    ) -> Result<Repriced, Error> {
        let slot = self.witness.and_then(|w| match traces(&w.solvency) {
            Some(traces) => w.option(i, traces),
            None => Value::unknown(),
        });
        let sheet = &mut self.sheet;
        let row = sheet.take(MovedChip::ROWS)?;
        let inputs = [&strike.v, &strike.ln_strike, number];
        let market = moved.assign(sheet, row, &strike.held, inputs, class, slot)?;
        // A proof works both ways out: nothing is chosen.
        sheet.tie(&market.flipped, zero);
        sheet.tie(&market.basis, zero);
        let row = sheet.take(Black76Chip::ROWS)?;
        let trace = slot.map(|s| &s.trace.moved.market);
        let (held, ln) = (&strike.held, &strike.ln_strike);
        let (value, _) = lane
            .black76
            .assign(sheet, row, held, ln, &market.market, trace)?;
        Ok(Repriced { market, value })
    }

    fn scenario(
        &mut self,
        place: usize,
        account: &Account,
        strikes: &[Strike],
        unmoved: &[UnmovedCells],
    ) -> Result<(), Error> {
        let (zero, one) = (&account.opening.zero, &account.opening.one);
        let (scenario, skew) = account.scenarios.get(place).ok_or(Error::Synthesis)?;
        let mut fall = Before {
            sum: zero.clone(),
            end: one.clone(),
        };
        let mut both = SkewSums {
            low: zero.clone(),
            high: zero.clone(),
        };
        for (i, (strike, base)) in strikes.iter().zip(unmoved).enumerate() {
            let plain = place < PLAIN;
            let lane = if plain {
                self.pricing()?
            } else {
                self.first()?
            };
            let number = strike.numbers.get(place).ok_or(Error::Synthesis)?;
            let traces = |s: &'w crate::engine::Solvency| Some(&s.worlds.get(place)?.options);
            let moved = if plain { lane.whole } else { self.config.moved };
            let lanes = (lane, moved);
            let priced = self.reprice(i, (strike, number), scenario, traces, lanes, zero)?;
            let Repriced { market, value } = &priced;
            let [long, short, _] = &market.factors;
            let out = if plain {
                let rules = [long, short, &base.end];
                let (sum, out) = lane.fall.assign(&mut self.sheet, value, &fall, rules)?;
                fall.sum = sum;
                out
            } else {
                let rules = SkewRules {
                    discounts: [long, short],
                    inflation: &market.inflation,
                    skew,
                };
                let before = (&both, &fall.end);
                let (sums, out) =
                    self.config
                        .skew
                        .assign(&mut self.sheet, value, before, base, rules)?;
                both = sums;
                out
            };
            fall.end = base.end.clone();
            self.part(FIRST + place, &strike.underlying, out)?;
        }
        Ok(())
    }

    fn basis(
        &mut self,
        account: &Account,
        strikes: &[Strike],
        unmoved: &[UnmovedCells],
    ) -> Result<(), Error> {
        let (zero, one) = (&account.opening.zero, &account.opening.one);
        // The moves are of no class: they move forwards alone.
        let plain = ScenarioCells {
            class: zero.clone(),
            ..account.basis.clone()
        };
        let start = Before {
            sum: zero.clone(),
            end: one.clone(),
        };
        let mut before = [start.clone(), start];
        for (i, (strike, base)) in strikes.iter().zip(unmoved).enumerate() {
            let lane = self.first()?;
            let chip = self.config.expiry;
            let mut lost = Vec::with_capacity(before.len());
            let mut share = None;
            for (j, before) in before.iter_mut().enumerate() {
                let number = strike.numbers.get(SCENARIOS + j).ok_or(Error::Synthesis)?;
                let traces = |s: &'w crate::engine::Solvency| s.moves.get(j);
                let priced = self.reprice(
                    i,
                    (strike, number),
                    &plain,
                    traces,
                    (lane, lane.whole),
                    zero,
                )?;
                let Repriced { market, value } = &priced;
                let (sum, loss) = chip.assign_basis(&mut self.sheet, value, before, &base.high)?;
                *before = Before {
                    sum,
                    end: base.end.clone(),
                };
                lost.push(loss);
                let [_, _, of_loss] = &market.factors;
                share = Some(of_loss.clone());
            }
            let ([up, down], Some(share)) = (lost.as_slice(), share) else {
                return Err(Error::Synthesis);
            };
            let out = chip.assign_basis_loss(&mut self.sheet, [up, down], &share, &base.end)?;
            self.part(BASIS_LOSS, &strike.underlying, out)?;
        }
        Ok(())
    }
}
