//! Bounds of the sums: runs, losses by underlying, requirement, terms.

use num_bigint::BigInt;

use super::{
    Bounds,
    limits::{
        BASE, FACTOR, HIGH_BITS, ILLIQUIDITY, INFLATION_BITS, LOW_BITS, MONEY_BITS, RATE_BITS,
        REST_BITS, RISE, SHARE, SLOPE, STATIC, TICK_BITS, one,
    },
    power,
};
use crate::{
    circuit::total::QUOTIENT_OFFSET_BITS,
    engine::{
        DROPPED_BITS, TERM_BITS, UNIT_BITS, cash_unit, charge_unit, equity_unit,
        exposure::QUOTIENT_BITS, exposure::UNIT_BITS as EXPOSURE_UNIT_BITS, option_unit, quantum,
        run::DISCOUNT_BITS, underlying::LOSS_RAISE,
    },
    model::CASH_BITS,
    shape::Capacity,
};

/// Greatest quotient of a sum's upper part.
fn quotient(sum: &BigInt) -> BigInt {
    (sum >> DROPPED_BITS) + 1
}

/// The sums of a run, which may take every slot, and what is lost.
pub fn runs(bounds: &mut Bounds, capacity: Capacity) {
    let slots = BigInt::from(capacity.options);
    let of = |name: &str| bounds[name].clone();
    let unmoved: BigInt = (of("V0, European") + of("e0, European")) * &slots;
    let inflated = |epsilon: BigInt| epsilon * (power(INFLATION_BITS) + 1);
    // A skew moves volatilities alone, so that only the unmoved forward's bound is inflated.
    let skewed: BigInt = (of("V0, European") + inflated(of("e0, European"))) * &slots;
    let moved: BigInt = (of("Vs, European") + of("es, European")) * &slots;
    let basis: BigInt = (of("Vs, basis move") + of("es, basis move")) * &slots;
    let scenario = quotient((&moved).max(&skewed));
    let own: BigInt = &basis + &unmoved;
    let kept: BigInt = &unmoved + ((scenario * STATIC) << DROPPED_BITS);
    let shared: BigInt = (quotient(&own) * SHARE) << DROPPED_BITS;
    bounds.insert("R, run", (&moved).max(&skewed).clone());
    bounds.insert("d, run", power(DISCOUNT_BITS) * SHARE);
    bounds.insert("P, run", unmoved);
    bounds.insert("Y = R - own P", moved.max(skewed).max(own));
    bounds.insert("L, run", kept.max(shared));
    bounds.insert(
        "2^120 q - r (proven)",
        power(QUOTIENT_OFFSET_BITS + 1 + DROPPED_BITS) + power(DROPPED_BITS),
    );
}

/// All losses, which may be those of one underlying, and what they count.
pub fn losses(bounds: &mut Bounds, capacity: Capacity) {
    let of = |name: &str, count: usize| &bounds[name] * count;
    let prices: BigInt = &bounds["L, run"]
        + of("D, perpetual", capacity.perpetual_options)
        + of("L, future", capacity.futures)
        + of("L, asset", capacity.assets)
        + of("L, swap", capacity.swaps);
    let slot: BigInt = &bounds["L, run"] + &bounds["X, European"];
    // The delta charge moves no price; a future and a swap have both in their bounds.
    let gross: BigInt = of("X, European", capacity.options)
        + of("X, perpetual", capacity.perpetual_options)
        + of("L, future", capacity.futures)
        + of("L, swap", capacity.swaps);
    bounds.insert("x, European", slot);
    bounds.insert("x (sum of losses)", prices.max(gross));
}

/// The account's sums and what is required.
pub fn requirement(bounds: &mut Bounds, capacity: Capacity, underlyings: usize) {
    let of = |name: &str, count: usize| &bounds[name] * count;
    let options = capacity.options + capacity.perpetual_options;
    let equity: BigInt = &bounds["P, run"]
        + of("V, perpetual", capacity.perpetual_options)
        + of("e, perpetual", capacity.perpetual_options);
    let most: BigInt = quotient(&bounds["x (sum of losses)"]);
    let cut: BigInt = most
        .max(quotient(&bounds["Y = R - own P"]))
        .max(quotient(&equity));
    let linear: BigInt = of("V, future", capacity.futures)
        + of("V, asset", capacity.assets)
        + of("V, swap", capacity.swaps);
    let plain: BigInt = power(CASH_BITS) * cash_unit() + (linear << UNIT_BITS);

    let rates: BigInt = one() * 2 * underlyings;
    let greeks = power(QUOTIENT_BITS + EXPOSURE_UNIT_BITS) * &rates;
    let funding = of("Phi", capacity.futures);
    let charges: BigInt = of("H, option", options)
        + of("H, future", capacity.futures)
        + of("H, swap", capacity.swaps)
        + &greeks
        + &funding;
    // Losses of all underlyings, and the charge on each net delta.
    let net: BigInt = (&cut << LOSS_RAISE) + power(QUOTIENT_BITS) * rates;
    let core: BigInt = &net * one() * (1 + RISE);
    // In the delta charge's unit a factor is 2^29 units of 1e-8, in the others' 1e8.
    let factor: BigInt = one() * FACTOR * power(29);
    let required: BigInt = &core * factor + &charges * charge_unit();
    let total: BigInt = (&plain + quotient(&equity) * option_unit()) * equity_unit();
    bounds.insert("O", equity);
    bounds.insert("q of O, Y, x", cut);
    bounds.insert("E0", power(CASH_BITS) * cash_unit());
    bounds.insert("E", plain);
    bounds.insert("2^8 (gamma rate h + vega rate q)", greeks);
    bounds.insert("net", net);
    bounds.insert("core", core);
    bounds.insert("C'", charges);
    bounds.insert("funding", funding);
    bounds.insert("W - 1e4 2^10 (E + 1e20 q)", &required + total);
    bounds.insert("W", required);
}

/// Shortfall, requirement, rate and ticks.
pub fn terms(bounds: &mut Bounds, capacity: Capacity) {
    let money: BigInt = power(MONEY_BITS) + 1;
    bounds.insert("S", money.clone());
    bounds.insert(
        "S Q + 2^50 h + l (proven)",
        &money * quantum() + power(HIGH_BITS + LOW_BITS) + power(LOW_BITS),
    );
    bounds.insert("h", (quantum() >> LOW_BITS) - 1);
    let multiplier: BigInt = one() + power(RATE_BITS);
    let raised = |money: &BigInt| one() * (BASE + SLOPE) * money;
    // A rate is at most 1 and, its distance from the cap in range, above -2^30.
    bounds.insert(
        "A",
        raised(&money) * &multiplier + power(RATE_BITS) * one() * &money,
    );
    bounds.insert("A (proven)", power(140));
    let least = power(TERM_BITS);
    bounds.insert(
        "A where there is a proof",
        raised(&least) * one() * (1 + ILLIQUIDITY),
    );
    bounds.insert("1e8 R - 1 - A", one() * &money + power(140));
    bounds.insert("B where there is a proof", one() * &least);
    assert!(one() * least < power(REST_BITS));
    bounds.insert(
        "n tick + r (proven)",
        money * power(TICK_BITS) + power(TICK_BITS),
    );

    let of = |name: &str| &bounds[name] * capacity.assets;
    let (value, illiquid) = (of("F, slot"), of("I, slot"));
    // I is at most that many times F, and half a unit of each price, of which there are 2^13 at least.
    let part: BigInt = one() * ILLIQUIDITY;
    bounds.insert("a", &part + (&part >> 12));
    bounds.insert("1e8 I", illiquid * one());
    bounds.insert("a F + rho (proven)", power(RATE_BITS) * &value + power(120));
    bounds.insert("F", value);
}
