//! Sums by underlying as claimed, their comparison with the positions', and what every branch leaves of equity.

use std::collections::HashMap;

use halo2_proofs::{circuit::Value, plonk::Error};
use halo2curves::bn256::Fr;

use super::{
    assembly::{Account, Assembly, BASIS_LOSS, CLAIMED, FIRST, LINEAR, SUMS, UNMOVED},
    claim::{BranchLoss, Claim},
    header::TABLE_DIGEST,
    poles::Part,
};
use crate::{
    circuit::{
        poles::{PoleChip, PositionCells},
        scenario::ScenarioCells,
    },
    engine::solvency::SCENARIOS,
    poseidon::Num,
};

/// A listed underlying with its sums by branch.
pub(super) struct Listed {
    claim: Claim,
    sums: Vec<Num>,
}

/// Columns of main cells that hold sums: free cells of a row, tied by the fractions.
const SUMS_IN_ROW: usize = crate::circuit::sheet::WIDTH;

impl Assembly<'_, '_, '_> {
    /// The underlyings in strictly increasing order, with their sums; returns the charges with what exposures add.
    pub(super) fn claims(
        &mut self,
        account: &Account,
        exposed: &[PositionCells],
        charges: &Num,
    ) -> Result<(Vec<Listed>, Num), Error> {
        self.first()?;
        let exposures = exposure_sums(exposed);
        let sums: Vec<_> = self.parts.iter().map(|parts| sums(parts)).collect();
        let mut charges = charges.clone();
        let mut claims = Vec::with_capacity(self.shape.underlyings());
        for i in 0..self.shape.underlyings() {
            let asset = self.witness.and_then(|w| w.underlying_row(i));
            let of = |u: &Num| std::array::from_fn(|j| look(&exposures[j], u));
            let (claim, more) =
                self.config
                    .claim
                    .assign(&mut self.sheet, asset, of, &account.header, &charges)?;
            charges = more;
            let mut cells = Vec::with_capacity(SUMS);
            let mut row = 0;
            for (b, sums) in sums.iter().enumerate() {
                if b % SUMS_IN_ROW == 0 {
                    row = self.sheet.take(1)?;
                }
                let sum = look(sums, &claim.sums.loss.underlying);
                cells.push(self.sheet.free(b % SUMS_IN_ROW, row, sum));
            }
            claims.push(Listed { claim, sums: cells });
        }
        let orders = claims.iter().map(|listed| {
            let claim = &listed.claim;
            (claim.sums.loss.underlying.clone(), claim.alive.clone())
        });
        let orders: Vec<_> = orders.collect();
        self.order(&orders, 1)?;
        Ok((claims, charges))
    }

    /// Proves that the claimed sums are the positions'.
    pub(super) fn compare(
        &mut self,
        account: &Account,
        exposed: &[PositionCells],
        commitment: &Num,
        claims: &[Listed],
    ) -> Result<(), Error> {
        let alpha = self.challenge(account, commitment, claims)?;
        let zero = &account.opening.zero;
        let poles: PoleChip = self.config.exposure_poles;
        let (mut claimed, mut held) = (zero.clone(), zero.clone());
        self.sheet.select(0)?;
        for listed in claims {
            claimed = poles.assign_placed(&mut self.sheet, &listed.claim.sums, &alpha, &claimed)?;
        }
        for position in exposed {
            held = poles.assign_poles(&mut self.sheet, position, &alpha, &held)?;
        }
        for listed in claims {
            let underlying = &listed.claim.sums.loss.underlying;
            let parts = listed.sums.iter().enumerate().map(|(branch, value)| Part {
                branch,
                underlying: underlying.clone(),
                value: value.clone(),
            });
            let parts: Vec<_> = parts.collect();
            let lane = self.any()?;
            claimed = lane
                .poles
                .assign(&mut self.sheet, &parts, &alpha, &claimed)?;
        }
        for parts in std::mem::take(&mut self.parts) {
            let lane = self.any()?;
            held = lane.poles.assign(&mut self.sheet, &parts, &alpha, &held)?;
        }
        self.sheet.tie(&held, &claimed);
        Ok(())
    }

    /// Poseidon over account, table, and all that is claimed.
    fn challenge(
        &mut self,
        account: &Account,
        commitment: &Num,
        claims: &[Listed],
    ) -> Result<Num, Error> {
        self.sheet.select(0)?;
        let (chip, zero) = (self.config.sums, &account.opening.zero);
        let uids = claims.iter().map(|l| &l.claim.sums.loss.underlying);
        let packed = chip.pack_numbers(&mut self.sheet, zero, uids)?;
        let mut rest = Vec::with_capacity(claims.len() * CLAIMED);
        for Listed { claim, sums } in claims {
            rest.extend(claim.sums.exposures.iter().cloned());
            rest.push(claim.sums.loss.loss.clone());
            rest.extend(sums.iter().cloned());
        }
        let digest = &account.header[TABLE_DIGEST];
        self.hash_claims([commitment, digest, &packed, zero], &rest, zero)
    }

    /// Every branch leaves something of equity, or nothing.
    pub(super) fn verdict(
        &mut self,
        account: &Account,
        claims: &[Listed],
        equity: &Num,
        charges: &Num,
    ) -> Result<(), Error> {
        let zero = &account.opening.zero;
        self.sheet.select(0)?;
        let slack = self.config.slack;
        slack.assign(&mut self.sheet, [equity, charges, zero, zero])?;
        for place in 0..SCENARIOS {
            let (scenario, _) = account.scenarios.get(place).ok_or(Error::Synthesis)?;
            let core = self.core(claims, scenario, [UNMOVED, FIRST + place, LINEAR], zero)?;
            self.leave(equity, charges, scenario, &core)?;
        }
        let core = self.core_of(claims, &account.delta, zero, |listed| {
            let gross = &listed.claim.sums.loss.loss;
            [zero.clone(), gross.clone(), zero.clone()]
        })?;
        self.leave(equity, charges, &account.delta, &core)?;
        let core = self.core_of(claims, &account.basis, zero, |listed| {
            let lost = listed.sums.get(BASIS_LOSS).unwrap_or(zero);
            [zero.clone(), lost.clone(), zero.clone()]
        })?;
        self.leave(equity, charges, &account.basis, &core)
    }

    fn leave(
        &mut self,
        equity: &Num,
        charges: &Num,
        branch: &ScenarioCells,
        core: &Num,
    ) -> Result<(), Error> {
        self.sheet.select(0)?;
        let slack = self.config.slack;
        slack.assign(&mut self.sheet, [equity, charges, &branch.factor, core])
    }

    fn core(
        &mut self,
        claims: &[Listed],
        scenario: &ScenarioCells,
        sums: [usize; 3],
        zero: &Num,
    ) -> Result<Num, Error> {
        self.core_of(claims, scenario, zero, |listed| {
            sums.map(|b| listed.sums.get(b).unwrap_or(zero).clone())
        })
    }

    /// A branch's weighed losses.
    fn core_of(
        &mut self,
        claims: &[Listed],
        branch: &ScenarioCells,
        zero: &Num,
        sums: impl Fn(&Listed) -> [Num; 3],
    ) -> Result<Num, Error> {
        let mut core = zero.clone();
        for listed in claims {
            let [unmoved, lost, moving] = sums(listed);
            let loss = BranchLoss {
                sums: [&unmoved, &lost, &moving],
                spot_move: &branch.spot_move,
                rate: &branch.net,
            };
            self.first()?;
            let (chip, claim) = (self.config.claim, &listed.claim);
            core = chip.assign_branch(&mut self.sheet, claim, loss, &core)?;
        }
        Ok(core)
    }
}

/// Sums by number of the underlying.
type ByUnderlying = Value<HashMap<[u8; 32], Fr>>;

fn add(sums: ByUnderlying, underlying: &Num, value: &Num) -> ByUnderlying {
    let pair = underlying.value.zip(value.value);
    sums.zip(pair).map(|(mut sums, (underlying, value))| {
        *sums.entry(key(&underlying)).or_insert(Fr::zero()) += value;
        sums
    })
}

fn key(underlying: &Fr) -> [u8; 32] {
    crate::field::to_be_bytes(underlying)
}

fn look(sums: &ByUnderlying, underlying: &Num) -> Value<Fr> {
    let pair = sums.as_ref().zip(underlying.value);
    pair.map(|(sums, underlying)| sums.get(&key(&underlying)).copied().unwrap_or_default())
}

fn sums(parts: &[Part]) -> ByUnderlying {
    let none = Value::known(HashMap::new());
    parts
        .iter()
        .fold(none, |sums, part| add(sums, &part.underlying, &part.value))
}

/// Delta, gamma, vega and gross delta.
fn exposure_sums(exposed: &[PositionCells]) -> [ByUnderlying; 4] {
    std::array::from_fn(|j| {
        let none = Value::known(HashMap::new());
        exposed.iter().fold(none, |sums, position| {
            let value = position.exposures.get(j).unwrap_or(&position.loss.loss);
            add(sums, &position.loss.underlying, value)
        })
    })
}
