//! What a policy may say.

use std::collections::HashSet;

use super::{
    super::{ONE, Policy},
    GREATEST_EXPOSURE_TICK, LEAST_EXPOSURE_TICK, MAX_SCENARIOS, SIZE_BITS, ValueError, check, rate,
    unique,
};

impl Policy {
    /// Refuses rules outside the schema's ranges.
    ///
    /// # Errors
    /// The first offending field with its value and the rule.
    pub fn validate(&self) -> Result<(), ValueError> {
        check(
            (1..=MAX_SCENARIOS).contains(&self.scenarios.len()),
            "scenarios".into(),
            format!("{} scenarios", self.scenarios.len()),
            "must be 1 to 40",
        )?;
        for (i, s) in self.scenarios.iter().enumerate() {
            rate(
                format!("scenarios[{i}].spot"),
                s.spot,
                -ONE * 99 / 100,
                10 * ONE,
                "must be -0.99 to 10",
            )?;
            rate(
                format!("scenarios[{i}].weight"),
                s.weight,
                1,
                ONE,
                "must be above 0 and at most 1",
            )?;
        }
        rate(
            "vol_shock.up".into(),
            self.vol_shock.up,
            0,
            10 * ONE,
            "must be 0 to 10",
        )?;
        rate(
            "vol_shock.down".into(),
            self.vol_shock.down,
            0,
            ONE,
            "must be 0 to 1",
        )?;
        rate(
            "vol_shock.power".into(),
            self.vol_shock.power,
            0,
            ONE,
            "must be 0 to 1",
        )?;
        let floor = self.vol_shock.floor_seconds;
        let floor_ok = (3600..=34_560_000).contains(&floor);
        check(
            floor_ok,
            "vol_shock.floor_seconds".into(),
            floor,
            "must be 3600 to 34560000",
        )?;
        let f = &self.factors;
        rate(
            "factors.maintenance".into(),
            f.maintenance,
            ONE / 10,
            10 * ONE,
            "must be 0.1 to 10",
        )?;
        rate(
            "factors.initial".into(),
            f.initial,
            f.maintenance.units(),
            10 * ONE,
            "must be factors.maintenance to 10",
        )?;
        let c = &self.contingencies;
        rate(
            "contingencies.short_option".into(),
            c.short_option,
            0,
            ONE,
            "must be 0 to 1",
        )?;
        rate(
            "contingencies.future".into(),
            c.future,
            0,
            ONE,
            "must be 0 to 1",
        )?;
        let mut seen = HashSet::new();
        for (i, h) in self.haircuts.iter().enumerate() {
            rate(
                format!("haircuts[{i}].haircut"),
                h.haircut,
                0,
                ONE,
                "must be 0 to 1",
            )?;
            unique(&mut seen, h.asset, format!("haircuts[{i}].asset"), h.asset)?;
        }
        let n = &self.incentive;
        rate("incentive.base".into(), n.base, 0, ONE, "must be 0 to 1")?;
        rate(
            "incentive.slope".into(),
            n.slope,
            0,
            1000 * ONE,
            "must be 0 to 1000",
        )?;
        rate(
            "incentive.cap".into(),
            n.cap,
            n.base.units(),
            ONE,
            "must be incentive.base to 1",
        )?;
        check(
            n.cap.units() - n.base.units() <= n.slope.units(),
            "incentive.cap".into(),
            n.cap,
            "must be at most incentive.base + incentive.slope: a milder scenario of an account in debt could earn more",
        )?;
        let d = &self.disclosure;
        rate(
            "disclosure.repay_tick".into(),
            d.repay_tick,
            1,
            1 << SIZE_BITS,
            "must be above 0 and at most 11258999.06842624",
        )?;
        rate(
            "disclosure.incentive_tick".into(),
            d.incentive_tick,
            1,
            ONE,
            "must be above 0 and at most 1",
        )?;
        if let Some(tick) = d.exposure_tick {
            check(
                (LEAST_EXPOSURE_TICK..=GREATEST_EXPOSURE_TICK).contains(&tick),
                "disclosure.exposure_tick".into(),
                tick,
                "must be 1 to 1000000000",
            )?;
        }
        Ok(())
    }
}
