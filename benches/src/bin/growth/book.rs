//! Accounts with any number of positions, markets that have all of them, policies with any number of scenarios: made of the samples.

use std::{error::Error, path::Path};

use serde::de::DeserializeOwned;
use zkmargin_benches::statement::Sample;
use zkmargin_circuits::{
    engine::Report,
    model::{
        Account, Asset, Collateral, Future, Haircut, Money, ONE, OptionStrike, PerpetualOption,
        PerpetualStyle, Policy, PowerPerpetual, Price, Quantity, Rate, Scenario, Snapshot, Symbol,
        Time, VarianceKind, VarianceMarket, VarianceSwap, read_json,
    },
    public::PublicTable,
    shape::{Capacity, Shape, Statement},
    slots::Slots,
};

/// Equity as a share of the requirement, per cent: of an account to be liquidated, and of a healthy one.
const HEALTH: [i64; 2] = [90, 120];
/// Four times what a position is worth, USD.
const USD: i64 = 100_000;

/// `n` shared out in proportion to what the smallest shape holds that holds so many, or the largest.
pub fn shares(n: usize) -> Capacity {
    let mut shapes = Shape::ALL.into_iter();
    let holds = shapes.find(|shape| n <= shape.capacity().total());
    let of = holds.unwrap_or(Shape::Large).capacity();
    let parts = [
        of.options,
        of.perpetual_options,
        of.futures,
        of.assets,
        of.swaps,
    ];
    let mut counts = parts.map(|part| n * part / of.total());
    // The rest goes to those that are furthest below their share.
    let mut order = [0, 1, 2, 3, 4];
    order.sort_by_key(|&i| std::cmp::Reverse(n * parts[i] % of.total()));
    let rest = n - counts.iter().sum::<usize>();
    order[..rest].iter().for_each(|&i| counts[i] += 1);
    let [options, perpetual_options, futures, assets, swaps] = counts;
    Capacity {
        options,
        perpetual_options,
        futures,
        assets,
        swaps,
    }
}

fn file<T: DeserializeOwned>(name: &str) -> Result<T, Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    Ok(read_json(&root.join(name))?)
}

/// The samples' policy with the first `count` of its own scenarios and then those of `derive-pmrm2` that it does not have and that are
/// no skews.
fn policy(count: usize) -> Result<Policy, Box<dyn Error>> {
    let mut policy: Policy = file("samples/policy.json")?;
    let more: Policy = file("policies/derive-pmrm2.json")?;
    let mut scenarios: Vec<Scenario> = Vec::new();
    for scenario in policy.scenarios.drain(..).chain(more.scenarios) {
        let same = |other: &Scenario| (other.spot, other.vol) == (scenario.spot, scenario.vol);
        if !scenario.vol.is_skew() && !scenarios.iter().any(same) {
            scenarios.push(scenario);
        }
    }
    let most = scenarios.len();
    if count > most {
        return Err(format!("{count} scenarios: the policies have {most}").into());
    }
    scenarios.truncate(count);
    policy.scenarios = scenarios;
    Ok(policy)
}

/// So many units of an asset that every position is worth about as much; one long, two short, and so on.
fn size(price: Price, number: usize) -> Quantity {
    let units = i128::from(USD) * i128::from(ONE) * i128::from(ONE) / 4;
    let size = (units / i128::from(price.units().max(1))) as i64;
    let long = number.is_multiple_of(3);
    Quantity::from_units(if long { size } else { -size })
}

/// An account under way, with the market that it needs.
struct Book {
    snapshot: Snapshot,
    policy: Policy,
    account: Account,
}

impl Book {
    fn new(scenarios: usize) -> Result<Self, Box<dyn Error>> {
        let mut account: Account = file("samples/account.json")?;
        account.cash = Money::ZERO;
        account.collateral.clear();
        account.futures.clear();
        account.options.clear();
        account.perpetual_options.clear();
        account.power_perpetuals.clear();
        account.variance.clear();
        Ok(Self {
            snapshot: file("samples/snapshot.json")?,
            policy: policy(scenarios)?,
            account,
        })
    }

    /// The sample assets, then more like the first of them, each with a perpetual.
    fn collateral(&mut self, count: usize) -> Result<(), Box<dyn Error>> {
        for number in 0..count {
            if number >= self.snapshot.assets.len() {
                self.list(number)?;
            }
            let Asset { asset, spot, .. } = self.snapshot.assets[number];
            let amount = Quantity::from_units(size(spot, number).units().abs());
            self.account.collateral.push(Collateral { asset, amount });
        }
        Ok(())
    }

    /// Lists one asset more.
    fn list(&mut self, number: usize) -> Result<(), Box<dyn Error>> {
        let asset: Symbol = format!("ALT{number}").parse()?;
        let first = self.snapshot.assets.first().ok_or("no asset")?.clone();
        let haircut = self.policy.haircuts.first().ok_or("no haircut")?.clone();
        // Cheaper than the first by a tenth for each.
        let cheaper = |price: Price| Price::from_units(price.units() / (10 + number as i64) * 9);
        let perpetual = first.perpetual.clone().map(|mut perpetual| {
            perpetual.mark = cheaper(perpetual.mark);
            perpetual
        });
        self.snapshot.assets.push(Asset {
            asset,
            spot: cheaper(first.spot),
            perpetual,
            ..first
        });
        self.policy.haircuts.push(Haircut { asset, ..haircut });
        Ok(())
    }

    /// Perpetuals and dated futures, of every underlying and expiry that the market has.
    fn futures(&mut self, count: usize) -> Result<(), Box<dyn Error>> {
        let mut listed = self.snapshot.assets.len();
        while futures(&self.snapshot).len() < count {
            self.list(listed)?;
            listed += 1;
        }
        let listed = futures(&self.snapshot).into_iter().take(count);
        for (number, (asset, expiry, entry)) in listed.enumerate() {
            self.account.futures.push(Future {
                asset,
                expiry,
                size: size(entry, number),
                entry,
                funding_index: Money::ZERO,
            });
        }
        Ok(())
    }

    /// Strikes around the forward, a little further from it each round over the expiries.
    fn options(&mut self, count: usize) {
        let expiries = self.snapshot.expiries.iter().cycle().take(count);
        let rounds = self.snapshot.expiries.len().max(1);
        for (number, expiry) in expiries.enumerate() {
            let side = if (number / rounds).is_multiple_of(2) {
                1
            } else {
                -1
            };
            let away = 100 + side * (1 + number / rounds / 2) as i64;
            let (calls, puts) = (
                size(expiry.forward, number),
                size(expiry.forward, number + 1),
            );
            self.account.options.push(OptionStrike {
                asset: expiry.asset,
                expiry: expiry.expiry,
                strike: Price::from_units(expiry.forward.units() / 100 * away),
                calls,
                puts,
            });
        }
    }

    /// Everlasting options, round over their markets.
    fn perpetual_options(&mut self, count: usize) {
        let markets = self.snapshot.everlasting.iter().cycle().take(count);
        let rounds = self.snapshot.everlasting.len().max(1);
        for (number, market) in markets.enumerate() {
            let assets = self.snapshot.assets.iter();
            let spot = assets.filter(|asset| asset.asset == market.asset);
            let spot = spot.map(|asset| asset.spot).next().unwrap_or_default();
            let away = 90 + (number / rounds) as i64;
            self.account.perpetual_options.push(PerpetualOption {
                asset: market.asset,
                style: PerpetualStyle::Everlasting,
                funding_days: Some(market.funding_days),
                strike: Price::from_units(spot.units() / 100 * away),
                calls: size(spot, number),
                puts: size(spot, number + 1),
            });
        }
    }

    /// A power perpetual, then variance and volatility swaps: of the listed period, and of others that end with an expiry.
    fn swaps(&mut self, count: usize) -> Result<(), Box<dyn Error>> {
        let powers = self.snapshot.power.iter().take(count);
        let powers: Vec<_> = powers.map(|market| market.asset).collect();
        let left = count - powers.len();
        for asset in powers {
            self.account.power_perpetuals.push(PowerPerpetual {
                asset,
                size: Quantity::from_units(ONE / 100),
                entry: Price::from_units(15_000_000 * ONE),
            });
        }
        let first: VarianceMarket = self.snapshot.variance.first().ok_or("no variance")?.clone();
        let expiries = self.snapshot.expiries.iter();
        let periods = expiries.map(|expiry| (expiry.asset, expiry.expiry));
        let mut periods = periods.filter(|period| *period != (first.asset, first.end));
        while 2 * self.snapshot.variance.len() < left {
            let (asset, end) = periods.next().ok_or("no period is left")?;
            let market = first.clone();
            self.snapshot.variance.push(VarianceMarket {
                asset,
                end,
                // Below the realised volatility, and so below the fair one of every period.
                fair_vol: Rate::from_units(ONE * 40 / 100),
                ..market
            });
        }
        let kinds = [VarianceKind::Variance, VarianceKind::Volatility];
        let swaps = self
            .snapshot
            .variance
            .iter()
            .flat_map(|m| kinds.map(|kind| (m, kind)));
        for (number, (market, kind)) in swaps.take(left).enumerate() {
            self.account.variance.push(VarianceSwap {
                asset: market.asset,
                kind,
                start: market.start,
                end: market.end,
                notional: Quantity::from_units(
                    if number.is_multiple_of(2) { -ONE } else { ONE } * 10_000,
                ),
                strike: Rate::from_units(ONE * 42 / 100),
            });
        }
        Ok(())
    }
}

/// Every future that the market prices, with its mark.
fn futures(snapshot: &Snapshot) -> Vec<(Symbol, Option<Time>, Price)> {
    let assets = snapshot.assets.iter();
    let perpetuals = assets.filter_map(|a| Some((a.asset, None, a.perpetual.as_ref()?.mark)));
    let expiries = snapshot.expiries.iter();
    let dated = expiries.map(|e| (e.asset, Some(e.expiry), e.forward));
    perpetuals.chain(dated).collect()
}

/// An account with so many positions under a policy with so many scenarios, in the smallest shape that holds both, its cash such that
/// the statement is true; else why none holds it.
pub fn sample(
    statement: Statement,
    positions: usize,
    scenarios: usize,
) -> Result<Result<Sample, String>, Box<dyn Error>> {
    let mut book = Book::new(scenarios)?;
    let shares = shares(positions);
    book.collateral(shares.assets)?;
    book.futures(shares.futures)?;
    book.options(shares.options);
    book.perpetual_options(shares.perpetual_options);
    // More than any shape holds may be more than the market has: the account then says enough.
    let swaps = shares.swaps.min(Shape::Large.capacity().swaps + 1);
    book.swaps(swaps)?;
    let Book {
        snapshot,
        policy,
        mut account,
    } = book;
    let mut refusal = String::new();
    for shape in Shape::ALL {
        let slots = match Slots::new(&account, shape) {
            Ok(slots) => slots,
            Err(error) => {
                refusal = error.to_string();
                continue;
            }
        };
        let table = PublicTable::new(&snapshot, &policy)?;
        if let Err(error) = table.fits(shape) {
            refusal = error.to_string();
            continue;
        }
        let report = Report::new(&slots, &snapshot, &policy, &table)?;
        let [broken, healthy] = HEALTH;
        let share = match statement {
            Statement::Solvency => healthy,
            _ => broken,
        };
        let margin = report.maintenance_margin.units() / 100 * share;
        account.cash = Money::from_units(margin - report.equity.units());
        return Ok(Ok(Sample {
            statement,
            shape,
            account,
            snapshot,
            policy,
            context: file("samples/context.json")?,
        }));
    }
    Ok(Err(refusal))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_all_and_fit() {
        for n in 0..=Shape::Large.capacity().total() {
            let mut shapes = Shape::ALL.into_iter();
            let shape = shapes.find(|shape| n <= shape.capacity().total());
            let (share, holds) = (shares(n), shape.expect("a shape").capacity());
            assert_eq!(share.total(), n);
            assert!(share.options <= holds.options, "{n}");
            assert!(share.perpetual_options <= holds.perpetual_options, "{n}");
            assert!(share.futures <= holds.futures, "{n}");
            assert!(share.assets <= holds.assets, "{n}");
            assert!(share.swaps <= holds.swaps, "{n}");
        }
    }

    #[test]
    fn accounts_have_as_many_positions_as_asked() {
        for (n, shape) in [(8, Shape::Small), (60, Shape::Medium), (184, Shape::Large)] {
            let sample = sample(Statement::Liquidation, n, 16)
                .expect("files")
                .expect("fits");
            let account = &sample.account;
            let count = account.collateral.len()
                + account.futures.len()
                + account.options.len()
                + account.perpetual_options.len()
                + account.power_perpetuals.len()
                + account.variance.len();
            assert_eq!((count, sample.shape), (n, shape));
        }
    }

    #[test]
    fn what_no_shape_holds_is_refused() {
        for n in [185, 256, 512] {
            let refusal = sample(Statement::Liquidation, n, 16).expect("files");
            let refusal = refusal.expect_err("too many");
            assert!(refusal.contains("but shape large holds"), "{refusal}");
        }
    }

    #[test]
    fn policies_have_as_many_scenarios_as_asked() {
        for count in [1, 16, 33, 40] {
            assert_eq!(policy(count).expect("files").scenarios.len(), count);
        }
        assert!(policy(1000).is_err());
    }
}
