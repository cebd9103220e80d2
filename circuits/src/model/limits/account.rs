//! What an account may hold.

use std::collections::HashSet;

use super::{
    super::{Account, Money, ONE, PerpetualStyle},
    CASH_BITS, ValueError, check, expiry, funding_days, period, price, rate, size, unique,
};

impl Account {
    /// Refuses what the circuit cannot hold.
    ///
    /// # Errors
    /// The first offending field with its value and the rule.
    pub fn validate(&self) -> Result<(), ValueError> {
        let cash_ok = self.cash.units().unsigned_abs() < 1 << CASH_BITS;
        check(
            cash_ok,
            "cash".into(),
            self.cash,
            "must be below 11529215046.06846976 in magnitude",
        )?;
        check(
            self.sequence < 1 << 60,
            "sequence".into(),
            self.sequence,
            "must be below 2^60",
        )?;
        check(
            crate::field::from_be_bytes(self.salt.expose_bytes()).is_some(),
            "salt".into(),
            "(hidden)",
            "must be below the BN254 scalar modulus",
        )?;
        let mut seen = HashSet::new();
        for (i, c) in self.collateral.iter().enumerate() {
            size(format!("collateral[{i}].amount"), c.amount)?;
            check(
                c.amount.units() >= 0,
                format!("collateral[{i}].amount"),
                c.amount,
                "must not be negative",
            )?;
            unique(
                &mut seen,
                c.asset,
                format!("collateral[{i}].asset"),
                c.asset,
            )?;
        }
        let mut seen = HashSet::new();
        for (i, f) in self.futures.iter().enumerate() {
            f.expiry
                .map_or(Ok(()), |t| expiry(format!("futures[{i}].expiry"), t))?;
            size(format!("futures[{i}].size"), f.size)?;
            price(format!("futures[{i}].entry"), f.entry)?;
            size(format!("futures[{i}].funding_index"), f.funding_index)?;
            let funded = f.expiry.is_none() || f.funding_index == Money::ZERO;
            check(
                funded,
                format!("futures[{i}].funding_index"),
                f.funding_index,
                "is for perpetuals only",
            )?;
            unique(
                &mut seen,
                (f.asset, f.expiry),
                format!("futures[{i}].asset"),
                f.asset,
            )?;
        }
        let mut seen = HashSet::new();
        for (i, o) in self.options.iter().enumerate() {
            expiry(format!("options[{i}].expiry"), o.expiry)?;
            price(format!("options[{i}].strike"), o.strike)?;
            size(format!("options[{i}].calls"), o.calls)?;
            size(format!("options[{i}].puts"), o.puts)?;
            unique(
                &mut seen,
                (o.asset, o.expiry, o.strike),
                format!("options[{i}].strike"),
                o.strike,
            )?;
        }
        self.validate_perpetual_options()?;
        self.validate_swaps()
    }

    fn validate_perpetual_options(&self) -> Result<(), ValueError> {
        let mut seen = HashSet::new();
        for (i, o) in self.perpetual_options.iter().enumerate() {
            let field = |name| format!("perpetual_options[{i}].{name}");
            let funded = o.style == PerpetualStyle::Everlasting;
            check(
                funded == o.funding_days.is_some(),
                field("funding_days"),
                o.funding_days
                    .map_or_else(|| "null".into(), |d| d.to_string()),
                "is for everlasting options, which need one",
            )?;
            if let Some(days) = o.funding_days {
                funding_days(field("funding_days"), days)?;
            }
            price(field("strike"), o.strike)?;
            size(field("calls"), o.calls)?;
            size(field("puts"), o.puts)?;
            unique(
                &mut seen,
                (o.asset, o.style, o.funding_days, o.strike),
                field("strike"),
                o.strike,
            )?;
        }
        Ok(())
    }

    fn validate_swaps(&self) -> Result<(), ValueError> {
        let mut seen = HashSet::new();
        for (i, p) in self.power_perpetuals.iter().enumerate() {
            let field = |name| format!("power_perpetuals[{i}].{name}");
            size(field("size"), p.size)?;
            check(
                p.entry.units() > 0,
                field("entry"),
                p.entry,
                "must be above 0",
            )?;
            unique(&mut seen, p.asset, field("asset"), p.asset)?;
        }
        let mut seen = HashSet::new();
        for (i, v) in self.variance.iter().enumerate() {
            let field = |name| format!("variance[{i}].{name}");
            period(&format!("variance[{i}]"), v.start, v.end)?;
            size(field("notional"), v.notional)?;
            rate(field("strike"), v.strike, 0, 100 * ONE, "must be 0 to 100")?;
            unique(
                &mut seen,
                (v.asset, v.kind, v.start, v.end),
                field("start"),
                v.start,
            )?;
        }
        Ok(())
    }
}
