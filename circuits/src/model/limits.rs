//! What the circuit can hold, checked where a file enters, with the field named.

use std::{collections::HashSet, fmt::Display, hash::Hash};

use super::{Account, Discount, Fixed, Money, ONE, Policy, Price, Quantity, Rate, Snapshot, Time};

/// Bits of a price, a strike and the magnitude of a size, in units of 1e-8 (11.2 million).
pub const SIZE_BITS: u32 = 50;
/// Bits of the magnitude of the cash balance, in units of 1e-8 (11.5 billion).
pub const CASH_BITS: u32 = 60;
/// Most scenarios in a policy, the unmoved market not counted.
pub const MAX_SCENARIOS: usize = 40;

/// Least discount factor: below it the table's rounding of D would leave the error bound.
pub const LEAST_DISCOUNT: Discount = Discount::from_units(400_000_000_000);

/// A value that parses but that the statement cannot hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("field '{field}': {value} {rule}")]
pub struct ValueError {
    /// JSON path of the field.
    pub field: String,
    /// The value.
    pub value: String,
    /// The rule it breaks.
    pub rule: &'static str,
}

fn refuse(field: impl Into<String>, value: impl Display, rule: &'static str) -> ValueError {
    ValueError {
        field: field.into(),
        value: value.to_string(),
        rule,
    }
}

fn check(
    ok: bool,
    field: String,
    value: impl Display,
    rule: &'static str,
) -> Result<(), ValueError> {
    if ok {
        Ok(())
    } else {
        Err(refuse(field, value, rule))
    }
}

fn price(field: String, value: Price) -> Result<(), ValueError> {
    let ok = value.units() > 0 && value.units() < 1 << SIZE_BITS;
    check(
        ok,
        field,
        value,
        "must be above 0 and below 11258999.06842624",
    )
}

fn size(field: String, value: Quantity) -> Result<(), ValueError> {
    let ok = value.units().unsigned_abs() < 1 << SIZE_BITS;
    check(
        ok,
        field,
        value,
        "must be below 11258999.06842624 in magnitude",
    )
}

/// Time 0 in a slot key stands for no expiry: a future expiring then would share the perpetual's key.
fn expiry(field: String, value: Time) -> Result<(), ValueError> {
    check(
        value.unix() > 0,
        field,
        value,
        "must be after 1970-01-01T00:00:00Z",
    )
}

fn rate(
    field: String,
    value: Rate,
    low: i64,
    high: i64,
    rule: &'static str,
) -> Result<(), ValueError> {
    check((low..=high).contains(&value.units()), field, value, rule)
}

fn unique<K: Hash + Eq>(
    seen: &mut HashSet<K>,
    key: K,
    field: String,
    value: impl Display,
) -> Result<(), ValueError> {
    check(seen.insert(key), field, value, "appears twice")
}

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
        Ok(())
    }
}

impl Snapshot {
    /// Refuses what the public table cannot hold.
    ///
    /// # Errors
    /// The first offending field with its value and the rule.
    pub fn validate(&self) -> Result<(), ValueError> {
        let mut assets = HashSet::new();
        for (i, a) in self.assets.iter().enumerate() {
            price(format!("assets[{i}].spot"), a.spot)?;
            if let Some(p) = &a.perpetual {
                price(format!("assets[{i}].perpetual.mark"), p.mark)?;
                size(
                    format!("assets[{i}].perpetual.funding_index"),
                    p.funding_index,
                )?;
            }
            unique(&mut assets, a.asset, format!("assets[{i}].asset"), a.asset)?;
        }
        let mut seen = HashSet::new();
        for (i, e) in self.expiries.iter().enumerate() {
            expiry(format!("expiries[{i}].expiry"), e.expiry)?;
            price(format!("expiries[{i}].forward"), e.forward)?;
            let discount_ok =
                e.discount >= LEAST_DISCOUNT && e.discount.units() <= 2 * Discount::ONE.units();
            check(
                discount_ok,
                format!("expiries[{i}].discount"),
                e.discount,
                "must be at least 0.4 and at most 2",
            )?;
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
                rate(
                    format!("{field}.vol"),
                    node.vol,
                    ONE / 10_000,
                    20 * ONE,
                    "must be 0.0001 to 20",
                )?;
                last = node.strike;
            }
        }
        Ok(())
    }
}

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
        )
    }
}
