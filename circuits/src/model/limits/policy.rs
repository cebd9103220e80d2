//! What a policy may say: scenarios, shocks, factors.

use super::{
    super::{HeartbeatRule, ONE, OracleRule, Policy, Scenario},
    MAX_SCENARIOS, Range, SHARE, ValueError, check, within,
};

const LEVEL: Range = Range(0, 20 * ONE, "must be 0 to 20");
const CAP: Range = Range(-10 * ONE, 10 * ONE, "must be -10 to 10");
const TIMES: Range = Range(0, 10 * ONE, "must be 0 to 10");

impl Policy {
    /// Refuses rules outside the schema's ranges.
    ///
    /// # Errors
    /// The first offending field with its value and the rule.
    pub fn validate(&self) -> Result<(), ValueError> {
        check(
            self.scenarios.len() <= MAX_SCENARIOS,
            "scenarios".into(),
            format!("{} scenarios", self.scenarios.len()),
            "must be at most 40",
        )?;
        self.scenarios
            .iter()
            .enumerate()
            .try_for_each(|(i, s)| s.validate(&format!("scenarios[{i}]")))?;
        self.validate_vol_shock()?;
        self.validate_skew()?;
        self.validate_discount()?;
        self.validate_basis_and_delta()?;
        self.validate_factors()?;
        self.contingencies.validate()?;
        self.validate_haircuts()?;
        self.validate_triggers()?;
        self.incentive.validate()?;
        self.disclosure.validate()?;
        self.heartbeat.map_or(Ok(()), HeartbeatRule::validate)?;
        self.oracle.as_ref().map_or(Ok(()), OracleRule::validate)
    }

    fn validate_vol_shock(&self) -> Result<(), ValueError> {
        let v = &self.vol_shock;
        within(
            "vol_shock",
            &[
                ("up", v.up, TIMES),
                ("down", v.down, SHARE),
                ("short_power", v.short_power, SHARE),
                ("long_power", v.long_power, SHARE),
                ("min_vol_up", v.min_vol_up, LEVEL),
            ],
        )?;
        check(
            (3600..=34_560_000).contains(&v.floor_seconds),
            "vol_shock.floor_seconds".into(),
            v.floor_seconds,
            "must be 3600 to 34560000",
        )
    }

    fn validate_skew(&self) -> Result<(), ValueError> {
        let s = &self.skew;
        within(
            "skew",
            &[
                ("linear.cap", s.linear.cap, CAP),
                ("linear.slope", s.linear.slope, CAP),
                ("absolute.cap", s.absolute.cap, CAP),
                ("absolute.slope", s.absolute.slope, CAP),
                (
                    "min_width",
                    s.min_width,
                    Range(ONE / 1000, 10 * ONE, "must be 0.001 to 10"),
                ),
                (
                    "width_scale",
                    s.width_scale,
                    Range(0, 100 * ONE, "must be 0 to 100"),
                ),
                ("vol_base", s.vol_base, LEVEL),
                (
                    "vol_slope",
                    s.vol_slope,
                    Range(-20 * ONE, 20 * ONE, "must be -20 to 20"),
                ),
            ],
        )
    }

    fn validate_discount(&self) -> Result<(), ValueError> {
        for (part, side) in [
            ("discount.long", &self.discount.long),
            ("discount.short", &self.discount.short),
        ] {
            within(
                part,
                &[
                    (
                        "base",
                        side.base,
                        Range(ONE / 2, 2 * ONE, "must be 0.5 to 2"),
                    ),
                    ("rate_multiplier", side.rate_multiplier, TIMES),
                    (
                        "rate_add",
                        side.rate_add,
                        Range(0, 2 * ONE, "must be 0 to 2"),
                    ),
                ],
            )?;
        }
        Ok(())
    }

    fn validate_basis_and_delta(&self) -> Result<(), ValueError> {
        let (b, d) = (&self.basis, &self.delta);
        let share = Range(0, 4 * ONE, "must be 0 to 4");
        within(
            "basis",
            &[
                ("up", b.up, SHARE),
                (
                    "down",
                    b.down,
                    Range(-ONE * 99 / 100, 0, "must be -0.99 to 0"),
                ),
                ("add", b.add, share),
                ("per_year", b.per_year, share),
            ],
        )?;
        within(
            "delta",
            &[("net", d.net, SHARE), ("hedged", d.hedged, SHARE)],
        )?;
        check(
            d.hedged.units() <= 2 * d.net.units(),
            "delta.hedged".into(),
            d.hedged,
            "must be at most twice delta.net: a greater net delta would be charged less",
        )
    }

    fn validate_factors(&self) -> Result<(), ValueError> {
        let f = &self.factors;
        within(
            "factors",
            &[
                (
                    "maintenance",
                    f.maintenance,
                    Range(ONE / 10, 10 * ONE, "must be 0.1 to 10"),
                ),
                (
                    "initial",
                    f.initial,
                    Range(
                        f.maintenance.units(),
                        10 * ONE,
                        "must be factors.maintenance to 10",
                    ),
                ),
                (
                    "peg.threshold",
                    f.peg.threshold,
                    Range(0, 2 * ONE, "must be 0 to 2"),
                ),
                (
                    "peg.slope",
                    f.peg.slope,
                    Range(0, 100 * ONE, "must be 0 to 100"),
                ),
            ],
        )
    }
}

impl Scenario {
    fn validate(&self, part: &str) -> Result<(), ValueError> {
        let spot = if self.vol.is_skew() {
            Range(0, 0, "must be 0 in a skew scenario")
        } else {
            Range(-ONE * 99 / 100, 10 * ONE, "must be -0.99 to 10")
        };
        within(
            part,
            &[
                ("spot", self.spot, spot),
                (
                    "weight",
                    self.weight,
                    Range(1, ONE, "must be above 0 and at most 1"),
                ),
            ],
        )
    }
}
