//! The terms of a liquidation: what the docs' formula gives, in rationals, and never more from a milder branch.

use crate::support::sample;
use num_bigint::BigInt;
use num_traits::{One, ToPrimitive, Zero};
use proptest::prelude::*;
use zkmargin_circuits::{
    engine::{Portfolio, Terms, Totals, cash_unit, quantum},
    model::{Account, Money, ONE, Policy, Quantity, Snapshot, read_json},
    public::{PublicTable, TermRules},
    shape::Shape,
    slots::Slots,
};

const PRESETS: [&str; 5] = [
    "collateral-ratio",
    "standard",
    "derive-pmrm2",
    "paradex-pm",
    "deribit-pm",
];

fn preset(name: &str) -> Policy {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies");
    read_json(&folder.join(format!("{name}.json"))).expect(name)
}

/// A fraction of two integers, the second positive.
#[derive(Clone)]
struct Ratio(BigInt, BigInt);

impl Ratio {
    fn whole(value: impl Into<BigInt>) -> Self {
        Self(value.into(), BigInt::one())
    }

    fn plus(&self, other: &Self) -> Self {
        Self(&self.0 * &other.1 + &other.0 * &self.1, &self.1 * &other.1)
    }

    fn times(&self, other: &Self) -> Self {
        Self(&self.0 * &other.0, &self.1 * &other.1)
    }

    /// Rounded down; not negative here.
    fn floor(&self) -> BigInt {
        &self.0 / &self.1
    }
}

fn down(amount: &BigInt, tick: i64) -> BigInt {
    amount - amount % tick
}

/// docs/statement.md, Terms: min(cap, (base + slope x shortfall / requirement) x illiquidity), all rounded down.
fn formula(
    rules: &TermRules,
    [shortfall, requirement]: [i64; 2],
    [value, illiquid]: [u64; 2],
) -> [BigInt; 2] {
    let units = |rate: i64| Ratio(rate.into(), ONE.into());
    let cap = BigInt::from(rules.incentive_cap);
    let raised = if requirement == 0 {
        cap.clone()
    } else {
        let share = Ratio(shortfall.into(), requirement.into());
        let rate = units(rules.incentive_base).plus(&units(rules.incentive_slope).times(&share));
        let mix = if value == 0 {
            BigInt::zero()
        } else {
            Ratio(BigInt::from(illiquid) * ONE, value.into()).floor()
        };
        let multiplier = Ratio::whole(1).plus(&Ratio(mix, ONE.into()));
        rate.times(&multiplier).times(&Ratio::whole(ONE)).floor()
    };
    [
        down(&shortfall.into(), rules.repay_tick),
        down(&raised.min(cap), rules.incentive_tick),
    ]
}

/// An account of which nothing is left but these sums; units 1e-8 USD.
fn totals([shortfall, requirement]: [i64; 2], mix: [u64; 2]) -> Totals {
    let equity = BigInt::from(requirement) - shortfall;
    Totals {
        option_equity: BigInt::zero(),
        equity: equity * cash_unit(),
        core: quantum() * requirement,
        contingencies: BigInt::zero(),
        funding: BigInt::zero(),
        factor: 1,
        mix: mix.map(BigInt::from),
        fits: true,
    }
}

fn amounts(terms: &Terms) -> [BigInt; 2] {
    let units = |x: Option<zkmargin_circuits::model::Rate>| BigInt::from(x.expect("shown").units());
    [units(terms.repay), units(terms.incentive_rate)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn terms_are_those_of_the_formula(
        shortfall in 1i64..1 << 62,
        requirement in prop_oneof![Just(0), 1i64..1 << 62, 1i64..1 << 20],
        value in prop_oneof![Just(0), 1u64..u64::MAX],
        part in 0.0f64..=10.0,
        base in 0i64..=ONE,
        slope in 0i64..=1000 * ONE,
        above in 0.0f64..=1.0,
        repay_tick in prop_oneof![Just(1), 1i64..1 << 50],
        incentive_tick in prop_oneof![Just(1), 1i64..=ONE],
    ) {
        let room = (ONE - base).min(slope);
        let rules = TermRules {
            incentive_base: base,
            incentive_slope: slope,
            incentive_cap: base + (above * room as f64) as i64,
            repay_tick,
            incentive_tick,
            exposure_tick: 1,
            terms_shown: true,
            exposures_shown: false,
            exposures_used: false,
            exposures_charged: false,
            gamma_rate: 0,
            vega_rate: 0,
        };
        let illiquid = (part * value as f64).min(u64::MAX as f64) as u64;
        let (sums, mix) = ([shortfall, requirement], [value, illiquid]);
        let trace = totals(sums, mix).liquidation(&rules).expect("under-margined");
        prop_assert_eq!(amounts(&trace.terms), formula(&rules, sums, mix));
        let hiding = TermRules { terms_shown: false, ..rules };
        let trace = totals(sums, mix).liquidation(&hiding).expect("under-margined");
        prop_assert_eq!(&trace.terms, &Terms::default());
    }

    // Sizes and cash of a sample account, so that each preset has many worst branches.
    #[test]
    fn a_milder_branch_never_earns_more(
        preset_number in 0usize..PRESETS.len(),
        turns in prop::collection::vec(-3i64..=3, 40),
        cash in -4_000_000i64..2_000_000,
    ) {
        let policy = preset(PRESETS[preset_number]);
        let snapshot: Snapshot = sample("snapshot.json");
        let mut account: Account = sample("account-small.json");
        account.cash = Money::from_units(cash * ONE);
        let mut turn = turns.iter().cycle();
        let mut turned = |size: Quantity| {
            Quantity::from_units(size.units() * turn.next().copied().unwrap_or(1))
        };
        for option in &mut account.options {
            (option.calls, option.puts) = (turned(option.calls), turned(option.puts));
        }
        for future in &mut account.futures {
            future.size = turned(future.size);
        }
        let mut policy = policy;
        policy.disclosure.repay_tick = Money::from_units(1);
        let table = PublicTable::new(&snapshot, &policy).expect("table");
        let slots = Slots::new(&account, Shape::Medium).expect("fits");
        let branches: Vec<_> = (0..table.scenarios.len())
            .filter_map(|s| {
                let totals = Portfolio::new(&slots, &table, s).expect("markets").totals;
                totals.liquidation(&table.rules)
            })
            .collect();
        let worst = branches.iter().max_by_key(|trace| trace.shortfall);
        if let Some(worst) = worst {
            let [most, rate] = amounts(&worst.terms);
            for trace in &branches {
                let [repay, earned] = amounts(&trace.terms);
                prop_assert!(repay <= most && earned <= rate);
                prop_assert!(repay.to_i64() <= Some(trace.shortfall as i64));
            }
        }
    }
}
