//! What a policy may say: incentive, disclosure, heartbeat.

use super::{
    super::{Disclosure, DisclosureLevel, HeartbeatRule, Incentive, Money, ONE},
    GREATEST_EXPOSURE_TICK, LEAST_EXPOSURE_TICK, Range, SHARE, SIZE_BITS, ValueError, check,
    within,
};

const TIMES: Range = Range(0, 10 * ONE, "must be 0 to 10");

impl Incentive {
    pub(super) fn validate(&self) -> Result<(), ValueError> {
        within(
            "incentive",
            &[
                ("base", self.base, SHARE),
                (
                    "slope",
                    self.slope,
                    Range(0, 1000 * ONE, "must be 0 to 1000"),
                ),
                (
                    "cap",
                    self.cap,
                    Range(self.base.units(), ONE, "must be incentive.base to 1"),
                ),
            ],
        )?;
        check(
            self.cap.units() - self.base.units() <= self.slope.units(),
            "incentive.cap".into(),
            self.cap,
            "must be at most incentive.base + incentive.slope: a milder scenario of an account in debt could earn more",
        )?;
        if let Some(i) = &self.illiquidity {
            within("incentive.illiquidity", &[("scale", i.scale, TIMES)])?;
            check(
                i.depth > Money::ZERO,
                "incentive.illiquidity.depth".into(),
                i.depth,
                "must be above 0",
            )?;
        }
        self.solvency()
    }

    fn solvency(&self) -> Result<(), ValueError> {
        let Some(s) = &self.solvency else {
            return Ok(());
        };
        let ratio = Range(0, 100 * ONE, "must be 0 to 100");
        within(
            "incentive.solvency",
            &[
                ("scale", s.scale, TIMES),
                ("start", s.start, ratio),
                ("limit", s.limit, ratio),
            ],
        )?;
        check(
            s.limit < s.start,
            "incentive.solvency.limit".into(),
            s.limit,
            "must be below incentive.solvency.start",
        )
    }
}

impl HeartbeatRule {
    pub(super) fn validate(self) -> Result<(), ValueError> {
        const MONTH: u32 = 30 * 86_400;
        check(
            (60..=MONTH).contains(&self.period_seconds),
            "heartbeat.period_seconds".into(),
            self.period_seconds,
            "must be 60 to 2592000",
        )?;
        check(
            self.grace_seconds <= MONTH,
            "heartbeat.grace_seconds".into(),
            self.grace_seconds,
            "must be 0 to 2592000",
        )
    }
}

impl Disclosure {
    pub(super) fn validate(&self) -> Result<(), ValueError> {
        within(
            "disclosure",
            &[
                (
                    "repay_tick",
                    self.repay_tick,
                    Range(
                        1,
                        1 << SIZE_BITS,
                        "must be above 0 and at most 11258999.06842624",
                    ),
                ),
                (
                    "incentive_tick",
                    self.incentive_tick,
                    Range(1, ONE, "must be above 0 and at most 1"),
                ),
            ],
        )?;
        let field = || "disclosure.exposure_tick".into();
        let greeks = self.level == DisclosureLevel::TermsAndGreeks;
        match self.exposure_tick {
            None => check(
                !greeks,
                field(),
                "null",
                "is needed by level 'terms-and-greeks'",
            ),
            Some(tick) => {
                check(
                    greeks,
                    field(),
                    tick,
                    "is for level 'terms-and-greeks' only",
                )?;
                check(
                    (LEAST_EXPOSURE_TICK..=GREATEST_EXPOSURE_TICK).contains(&tick),
                    field(),
                    tick,
                    "must be 1 to 1000000000",
                )
            }
        }
    }
}
