//! The rules that a policy can leave out, and what they need of a snapshot. Read behind all else, so that inputs from
//! before there were any keep their meaning: where the input has ended, most are off.

use zkmargin_circuits::model::{
    Basis, ConfidenceCharge, DeltaCharge, Disclosure, DisclosureLevel, DiscountSide, Fixed,
    FuturePrice, GREATEST_EXPOSURE_TICK, Illiquidity, LEAST_EXPOSURE_TICK, LongOptions, Netting,
    ONE, Peg, Policy, Protocol, Provision, Ramp, Rate, Rates, Skew, SkewCap, Snapshot,
    SolvencyRamp, Stable, StaticDiscount, VolMove, VolatilityTrigger,
};

use super::{fixed, list, symbol};
use crate::input::Input;

fn flag(input: &mut Input<'_>) -> bool {
    input.byte().unwrap_or(0) % 2 == 1
}

/// Fills in a policy's rules.
pub(super) fn policy(input: &mut Input<'_>, policy: &mut Policy) {
    skews(input, policy);
    policy.vol_shock.long_power = fixed(input, 0, ONE);
    policy.vol_shock.min_vol_up = fixed(input, 0, 20 * ONE);
    policy.discount = StaticDiscount {
        long: discount(input),
        short: discount(input),
    };
    policy.basis = Basis {
        up: fixed(input, 0, ONE),
        down: fixed(input, -ONE * 99 / 100, 0),
        add: fixed(input, 0, 4 * ONE),
        per_year: fixed(input, 0, 4 * ONE),
    };
    let net = input.number(0, ONE);
    policy.delta = DeltaCharge {
        net: Fixed::from_units(net),
        hedged: fixed(input, 0, ONE.min(2 * net)),
    };
    policy.factors.peg = Peg {
        threshold: fixed(input, 0, 2 * ONE),
        slope: fixed(input, 0, 100 * ONE),
    };
    if flag(input) {
        policy.long_options = LongOptions::Excluded;
    }
    charges(input, policy);
    for haircut in &mut policy.haircuts {
        haircut.moves = flag(input);
        haircut.initial = fixed(input, haircut.maintenance.units(), ONE);
    }
    let ramp = |input: &mut Input<'_>, most| Ramp {
        slope: fixed(input, 0, 100 * ONE),
        cap: fixed(input, 0, most),
    };
    policy.volatility_trigger = list(input, 3, |input| VolatilityTrigger {
        asset: symbol(input),
        reference: fixed(input, 0, 20 * ONE),
        factor: ramp(input, 10 * ONE),
        haircut: ramp(input, ONE),
    });
    policy.incentive.illiquidity = flag(input).then(|| Illiquidity {
        scale: fixed(input, 0, 10 * ONE),
        depth: fixed(input, 1, i64::MAX),
    });
    policy.incentive.solvency = flag(input).then(|| {
        let start = input.number(1, 100 * ONE);
        SolvencyRamp {
            scale: fixed(input, 0, 10 * ONE),
            start: Fixed::from_units(start),
            limit: fixed(input, 0, start - 1),
        }
    });
}

fn skews(input: &mut Input<'_>, policy: &mut Policy) {
    for scenario in &mut policy.scenarios {
        let vol = match input.byte().unwrap_or(0) % 4 {
            1 => VolMove::Linear,
            2 => VolMove::Absolute,
            _ => continue,
        };
        (scenario.vol, scenario.spot) = (vol, Rate::ZERO);
    }
    let cap = |input: &mut Input<'_>| SkewCap {
        cap: fixed(input, -10 * ONE, 10 * ONE),
        slope: fixed(input, -10 * ONE, 10 * ONE),
    };
    policy.skew = Skew {
        linear: cap(input),
        absolute: cap(input),
        min_width: fixed(input, ONE / 1000, 10 * ONE),
        width_scale: fixed(input, 0, 100 * ONE),
        vol_base: fixed(input, 0, 20 * ONE),
        vol_slope: fixed(input, -20 * ONE, 20 * ONE),
    };
}

fn discount(input: &mut Input<'_>) -> DiscountSide {
    DiscountSide {
        // The input's end would be a half.
        base: if flag(input) {
            fixed(input, ONE / 2, 2 * ONE)
        } else {
            Rate::ONE
        },
        rate_multiplier: fixed(input, 0, 10 * ONE),
        rate_add: fixed(input, 0, 2 * ONE),
    }
}

fn charges(input: &mut Input<'_>, policy: &mut Policy) {
    let rates = |input: &mut Input<'_>| {
        let maintenance = input.number(0, ONE);
        Rates {
            maintenance: Fixed::from_units(maintenance),
            initial: fixed(input, maintenance, ONE),
        }
    };
    let c = &mut policy.contingencies;
    (c.gamma, c.vega) = (rates(input), rates(input));
    c.confidence = ConfidenceCharge {
        threshold: fixed(input, 0, ONE),
        margin: fixed(input, 0, ONE),
        asset: flag(input).then(|| symbol(input)),
    };
    c.provision = Provision {
        future: fixed(input, 0, ONE),
        option: fixed(input, 0, ONE),
        funding_hours: fixed(input, 0, 720 * ONE),
    };
    if flag(input) {
        c.future.on = FuturePrice::Spot;
    }
    let short = &mut c.short_option;
    if flag(input) {
        short.netting = Netting::Strike;
    } else if flag(input) {
        short.initial_floor = Some(fixed(input, 0, short.initial.units()));
    }
}

/// Fills in what the rules need of a snapshot.
pub(super) fn snapshot(input: &mut Input<'_>, snapshot: &mut Snapshot) {
    let share = |input: &mut Input<'_>| {
        let missing = input.number(0, ONE);
        Rate::from_units(ONE - missing)
    };
    for asset in &mut snapshot.assets {
        asset.confidence = share(input);
        asset.realised_vol_24h = flag(input).then(|| fixed(input, 0, 100 * ONE));
        asset.liquidity = flag(input).then(|| fixed(input, 0, i64::MAX));
        if let Some(perpetual) = &mut asset.perpetual {
            perpetual.confidence = share(input);
            // 0 where the input has ended.
            perpetual.funding_rate = if flag(input) {
                fixed(input, -ONE, ONE)
            } else {
                Rate::ZERO
            };
        }
    }
    for expiry in &mut snapshot.expiries {
        expiry.confidence = share(input);
        expiry.forward_fixed = fixed(input, 0, expiry.forward.units() - 1);
    }
    snapshot.stable = flag(input).then(|| Stable {
        price: fixed(input, ONE / 2, 2 * ONE),
    });
    snapshot.protocol = flag(input).then(|| Protocol {
        solvency: fixed(input, 0, 100 * ONE),
    });
}

/// What a proof discloses, and the tick of the exposures; shown where the input has ended.
pub(super) fn disclose(input: &mut Input<'_>, disclosure: &mut Disclosure) {
    let (least, greatest) = (LEAST_EXPOSURE_TICK, GREATEST_EXPOSURE_TICK);
    let (level, tick) = match input.byte().unwrap_or(1) % 4 {
        0 => (DisclosureLevel::Terms, None),
        2 => (DisclosureLevel::Verdict, None),
        _ => {
            let tick = fixed(input, least.units(), greatest.units());
            (DisclosureLevel::TermsAndGreeks, Some(tick))
        }
    };
    (disclosure.level, disclosure.exposure_tick) = (level, tick);
}
