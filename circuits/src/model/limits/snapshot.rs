//! What a snapshot may hold.

use std::collections::HashSet;

use super::{
    super::{Fixed, ONE, Snapshot, Symbol},
    Range, SHARE, ValueError, check, discount, expiry, funding_days, period, perpetual_vol, price,
    rate, size, unique, vol, within, yearly,
};

const STABLE: Range = Range(ONE / 2, 2 * ONE, "must be 0.5 to 2");
const HUNDREDFOLD: Range = Range(0, 100 * ONE, "must be 0 to 100");
const FUNDING: Range = Range(-ONE, ONE, "must be -1 to 1");

impl Snapshot {
    /// Refuses what the public table cannot hold.
    ///
    /// # Errors
    /// The first offending field with its value and the rule.
    pub fn validate(&self) -> Result<(), ValueError> {
        let assets = self.validate_assets()?;
        if let Some(s) = &self.stable {
            within("stable", &[("price", s.price, STABLE)])?;
        }
        if let Some(p) = &self.protocol {
            within("protocol", &[("solvency", p.solvency, HUNDREDFOLD)])?;
        }
        self.validate_expiries(&assets)?;
        self.validate_perpetuals(&assets)?;
        self.validate_variance(&assets)?;
        self.validate_signatures()
    }

    fn validate_assets(&self) -> Result<HashSet<Symbol>, ValueError> {
        let mut assets = HashSet::new();
        for (i, a) in self.assets.iter().enumerate() {
            let part = format!("assets[{i}]");
            price(format!("{part}.spot"), a.spot)?;
            yearly(format!("{part}.rate"), a.rate)?;
            let realised = a.realised_vol_24h.unwrap_or_default();
            within(
                &part,
                &[
                    ("confidence", a.confidence, SHARE),
                    ("realised_vol_24h", realised, HUNDREDFOLD),
                ],
            )?;
            let liquidity = a.liquidity.unwrap_or_default();
            check(
                liquidity >= Fixed::ZERO,
                format!("{part}.liquidity"),
                liquidity,
                "must not be negative",
            )?;
            if let Some(p) = &a.perpetual {
                let part = format!("{part}.perpetual");
                price(format!("{part}.mark"), p.mark)?;
                size(format!("{part}.funding_index"), p.funding_index)?;
                within(
                    &part,
                    &[
                        ("confidence", p.confidence, SHARE),
                        ("funding_rate", p.funding_rate, FUNDING),
                    ],
                )?;
            }
            unique(&mut assets, a.asset, format!("{part}.asset"), a.asset)?;
        }
        Ok(assets)
    }

    fn validate_expiries(&self, assets: &HashSet<Symbol>) -> Result<(), ValueError> {
        let mut seen = HashSet::new();
        for (i, e) in self.expiries.iter().enumerate() {
            expiry(format!("expiries[{i}].expiry"), e.expiry)?;
            price(format!("expiries[{i}].forward"), e.forward)?;
            check(
                Fixed::ZERO <= e.forward_fixed && e.forward_fixed < e.forward,
                format!("expiries[{i}].forward_fixed"),
                e.forward_fixed,
                "must not be negative, and below the forward",
            )?;
            within(
                &format!("expiries[{i}]"),
                &[("confidence", e.confidence, SHARE)],
            )?;
            discount(format!("expiries[{i}].discount"), e.discount)?;
            check(
                e.expiry >= self.time,
                format!("expiries[{i}].expiry"),
                e.expiry,
                "is before the snapshot's time",
            )?;
            check(
                assets.contains(&e.asset),
                format!("expiries[{i}].asset"),
                e.asset,
                "has no spot in 'assets'",
            )?;
            check(
                !e.smile.is_empty(),
                format!("expiries[{i}].smile"),
                "[]",
                "needs at least one node",
            )?;
            unique(
                &mut seen,
                (e.asset, e.expiry),
                format!("expiries[{i}].expiry"),
                e.expiry,
            )?;
            let mut last = Fixed::ZERO;
            for (j, node) in e.smile.iter().enumerate() {
                let field = format!("expiries[{i}].smile[{j}]");
                price(format!("{field}.strike"), node.strike)?;
                check(
                    node.strike > last,
                    format!("{field}.strike"),
                    node.strike,
                    "must be above the strike before it",
                )?;
                vol(format!("{field}.vol"), node.vol)?;
                last = node.strike;
            }
        }
        Ok(())
    }

    fn validate_perpetuals(&self, assets: &HashSet<Symbol>) -> Result<(), ValueError> {
        let known = |field: String, asset: Symbol| {
            check(
                assets.contains(&asset),
                field,
                asset,
                "has no spot in 'assets'",
            )
        };
        let mut seen = HashSet::new();
        for (i, e) in self.everlasting.iter().enumerate() {
            let field = |name| format!("everlasting[{i}].{name}");
            known(field("asset"), e.asset)?;
            funding_days(field("funding_days"), e.funding_days)?;
            perpetual_vol(field("vol"), e.vol)?;
            unique(
                &mut seen,
                (e.asset, e.funding_days),
                field("funding_days"),
                e.funding_days,
            )?;
        }
        let mut seen = HashSet::new();
        for (i, a) in self.american.iter().enumerate() {
            let field = |name| format!("american[{i}].{name}");
            known(field("asset"), a.asset)?;
            perpetual_vol(field("vol"), a.vol)?;
            yearly(field("dividend"), a.dividend)?;
            unique(&mut seen, a.asset, field("asset"), a.asset)?;
        }
        let mut seen = HashSet::new();
        for (i, p) in self.power.iter().enumerate() {
            let field = |name| format!("power[{i}].{name}");
            known(field("asset"), p.asset)?;
            funding_days(field("funding_days"), p.funding_days)?;
            vol(field("vol"), p.vol)?;
            unique(&mut seen, p.asset, field("asset"), p.asset)?;
        }
        Ok(())
    }

    fn validate_variance(&self, assets: &HashSet<Symbol>) -> Result<(), ValueError> {
        let mut seen = HashSet::new();
        for (i, v) in self.variance.iter().enumerate() {
            let field = |name| format!("variance[{i}].{name}");
            check(
                assets.contains(&v.asset),
                field("asset"),
                v.asset,
                "has no spot in 'assets'",
            )?;
            period(&format!("variance[{i}]"), v.start, v.end)?;
            check(
                v.start <= self.time,
                field("start"),
                v.start,
                "is after the snapshot's time",
            )?;
            check(
                v.end >= self.time,
                field("end"),
                v.end,
                "is before the snapshot's time",
            )?;
            discount(field("discount"), v.discount)?;
            rate(
                field("realised_variance"),
                v.realised_variance,
                0,
                10_000 * ONE,
                "must be 0 to 10000",
            )?;
            vol(field("implied_vol"), v.implied_vol)?;
            rate(
                field("fair_vol"),
                v.fair_vol,
                0,
                100 * ONE,
                "must be 0 to 100",
            )?;
            unique(
                &mut seen,
                (v.asset, v.start, v.end),
                field("start"),
                v.start,
            )?;
        }
        Ok(())
    }
}
