//! What a policy may say: charges, haircuts, volatility triggers.

use std::collections::HashSet;

use super::{
    super::{Contingencies, Netting, ONE, Policy, Rate},
    Range, SHARE, ValueError, check, initial, unique, within,
};

impl Contingencies {
    pub(super) fn validate(&self) -> Result<(), ValueError> {
        for (name, maintenance, rate) in [
            (
                "short_option",
                self.short_option.maintenance,
                self.short_option.initial,
            ),
            ("future", self.future.maintenance, self.future.initial),
            ("gamma", self.gamma.maintenance, self.gamma.initial),
            ("vega", self.vega.maintenance, self.vega.initial),
        ] {
            within(
                &format!("contingencies.{name}"),
                &[
                    ("maintenance", maintenance, SHARE),
                    ("initial", rate, initial(maintenance)),
                ],
            )?;
        }
        if let Some(floor) = self.short_option.initial_floor {
            self.initial_floor(floor)?;
        }
        let (c, p) = (&self.confidence, &self.provision);
        within(
            "contingencies",
            &[
                ("confidence.threshold", c.threshold, SHARE),
                ("confidence.margin", c.margin, SHARE),
                ("provision.future", p.future, SHARE),
                ("provision.option", p.option, SHARE),
                (
                    "provision.funding_hours",
                    p.funding_hours,
                    Range(0, 720 * ONE, "must be 0 to 720"),
                ),
            ],
        )
    }

    fn initial_floor(&self, floor: Rate) -> Result<(), ValueError> {
        let rule = &self.short_option;
        check(
            rule.netting == Netting::None,
            "contingencies.short_option.initial_floor".into(),
            floor,
            "is for netting 'none' only",
        )?;
        within(
            "contingencies.short_option",
            &[(
                "initial_floor",
                floor,
                Range(0, rule.initial.units(), "must be 0 to the initial rate"),
            )],
        )
    }
}

impl Policy {
    pub(super) fn validate_haircuts(&self) -> Result<(), ValueError> {
        let mut seen = HashSet::new();
        for (i, h) in self.haircuts.iter().enumerate() {
            within(
                &format!("haircuts[{i}]"),
                &[
                    ("maintenance", h.maintenance, SHARE),
                    ("initial", h.initial, initial(h.maintenance)),
                ],
            )?;
            unique(&mut seen, h.asset, format!("haircuts[{i}].asset"), h.asset)?;
        }
        Ok(())
    }

    pub(super) fn validate_triggers(&self) -> Result<(), ValueError> {
        let slope = Range(0, 100 * ONE, "must be 0 to 100");
        let mut seen = HashSet::new();
        for (i, t) in self.volatility_trigger.iter().enumerate() {
            let part = format!("volatility_trigger[{i}]");
            within(
                &part,
                &[
                    (
                        "reference",
                        t.reference,
                        Range(0, 20 * ONE, "must be 0 to 20"),
                    ),
                    ("factor.slope", t.factor.slope, slope),
                    (
                        "factor.cap",
                        t.factor.cap,
                        Range(0, 10 * ONE, "must be 0 to 10"),
                    ),
                    ("haircut.slope", t.haircut.slope, slope),
                    ("haircut.cap", t.haircut.cap, SHARE),
                ],
            )?;
            unique(&mut seen, t.asset, format!("{part}.asset"), t.asset)?;
        }
        Ok(())
    }
}
