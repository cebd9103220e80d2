//! Lies about what a scenario makes of an expiry's market: the policy's numbers, multiplier, least volatility.

use ff::Field;
use halo2curves::bn256::Fr;
use num_bigint::BigInt;

use super::{
    super::harness::{Scene, fr},
    inputs::{MOST, market_at},
    places::Cell,
    section::OPTIONS,
    thief::{Drawn, Thief},
};
use crate::{
    field,
    public::{ForwardRow, PublicTable, ScenarioClass, TableRow},
};

/// A skew that moves prices: not the delta charge, which has its class.
pub fn is_skew(table: &PublicTable, s: usize) -> bool {
    let row = table.scenarios[s];
    row.class == ScenarioClass::Skew && !row.own
}

/// The slots of a position's run.
pub fn run(thief: &Thief<'_>, i: usize) -> Vec<usize> {
    let options = &thief.honest.witness.portfolio.options;
    let all = 0..options.len();
    all.filter(|&j| options[j].group == options[i].group)
        .collect()
}

/// What a skew adds to a bound, another.
pub fn inflation_altered(thief: &mut Thief<'_>) -> Drawn {
    let cell = (4, thief.rows.option(thief.option()).moved + 1);
    let error = fr(thief.error(8));
    thief.moved(cell, error)
}

/// Another expiry's row of the policy's numbers, under its own number or another's; or one that the table does not have.
pub fn another_run_row(thief: &mut Thief<'_>) -> Drawn {
    let (i, own) = (thief.position(OPTIONS), thief.coin());
    let g = thief.honest.witness.portfolio.options[i].group;
    let cells = thief.rows.option(i).run_row();
    if thief.pick(3) == 0 {
        let cell = cells[1 + thief.pick(4)];
        let error = fr(thief.error(20));
        return thief.moved(cell, error);
    }
    let other = thief.other_group(g);
    let mut row = thief.honest.table.options[other].run.row(other);
    if own {
        row[0] = g as i128;
    }
    believe(thief, &cells, &row[..5])
}

/// Another row in a lookup's cells.
pub fn believe(thief: &mut Thief<'_>, cells: &[Cell], row: &[i128]) -> Drawn {
    let mut scene = thief.scene();
    scene.forge_all(cells, row);
    let same = cells.iter().zip(row);
    if same
        .clone()
        .all(|(&cell, &value)| thief.value(cell) == fr(value))
    {
        return Drawn::Redraw;
    }
    thief.settled(scene)
}

/// Another interval of a skew's multiplier, the distances as they follow.
pub fn skew_neighbour(thief: &mut Thief<'_>) -> Drawn {
    thief.under(is_skew, |thief| {
        let i = thief.position(OPTIONS);
        let mut scene = thief.scene();
        let strike = scene.witness.slots.options[i].strike;
        let trace = &scene.witness.portfolio.options[i];
        let (g, number) = (trace.group, trace.moved.scenario);
        let (ln, v) = (trace.ln.ln, trace.smile.v);
        let intervals = scene.table.options[g].scenarios[number].intervals.clone();
        let other = intervals[thief.pick(intervals.len())].clone();
        if (other.low..other.high).contains(&strike) {
            return Drawn::Redraw;
        }
        let row = scene.table.options[g].scenario_row(g, number, other.low);
        // The multiplier of that interval's line, at this strike.
        let product = (BigInt::from(other.slope) * ln + other.offset) * v;
        let whole: BigInt = &product >> 100u32;
        let remainder = product - (&whole << 100u32);
        let (Ok(whole), Ok(remainder)) = (i128::try_from(whole), i128::try_from(remainder)) else {
            return Drawn::Redraw;
        };
        if !(0..1 << 38).contains(&whole) {
            return Drawn::Redraw;
        }
        reprice_at(&mut scene, i, whole);
        let moved = &mut scene.witness.portfolio.options[i].moved;
        (moved.product, moved.remainder, moved.gap, moved.raised) =
            (whole, remainder, whole, false);
        (moved.above_low, moved.below_high) = (strike - other.low, other.high - 1 - strike);
        scene.forge_all(&thief.rows.option(i).moved_row(), &row.expect("covered"));
        thief.settled(scene)
    })
}

/// Ends of an interval traded: K - low more, high - K - 1 less, so that the packed ends stay.
pub fn ends_traded(thief: &mut Thief<'_>) -> Drawn {
    let i = thief.option();
    let row = thief.rows.option(i).moved + 4;
    let units = fr(thief.error(8));
    let mut scene = thief.scene();
    scene.forge((2, row), thief.value((2, row)) + units);
    let above = thief.value((1, row)) + units * field::pow2(51);
    scene.forge((1, row), above);
    thief.settled(scene)
}

/// The moved market of an option at volatility `v`.
pub fn reprice_at(scene: &mut Scene, i: usize, v: i128) {
    let slot = scene.witness.slots.options[i].clone();
    let trace = &mut scene.witness.portfolio.options[i];
    let group = &scene.table.options[trace.group];
    let number = crate::public::live(group.id.is_some(), trace.moved.scenario);
    let forward = &group.scenarios[number].forward;
    let (ln, strike) = (trace.ln.ln, slot.strike);
    let market = crate::engine::option::market(forward, strike, ln, v, slot.calls, slot.puts);
    trace.moved.market = market;
}

/// Option `i` by another row of its scenario, one without ends of an interval: the volatility and the market as the row has
/// them, the distances as they follow. `None` where its volatility is too great.
pub fn under_row(thief: &Thief<'_>, i: usize, row: TableRow) -> Option<Scene> {
    let mut scene = thief.scene();
    let trace = &scene.witness.portfolio.options[i];
    let (strike, least) = (scene.witness.slots.options[i].strike, least(thief, i));
    let [_, discounted_forward, ln_forward, slope, offset, ends, _] = row;
    let product = (BigInt::from(slope) * trace.ln.ln + offset) * trace.smile.v;
    if product != BigInt::ZERO || ends != 0 || least >= MOST {
        return None;
    }
    let discount = scene.table.options[trace.group].base.discount;
    let forward = ForwardRow {
        discounted_forward,
        ln_forward,
        discount,
    };
    let market = market_at(&scene, i, &forward, least);
    let moved = &mut scene.witness.portfolio.options[i].moved;
    (moved.product, moved.remainder, moved.market) = (0, 0, market);
    (moved.raised, moved.gap) = (least > 0, least);
    (moved.above_low, moved.below_high) = (strike, -1 - strike);
    scene.forge_all(&thief.rows.option(i).moved_row(), &row);
    Some(scene)
}

/// The least volatility that counts for option `i`.
fn least(thief: &Thief<'_>, i: usize) -> i128 {
    let group = thief.honest.witness.portfolio.options[i].group;
    match thief.honest.table.scenarios[thief.scenario()].class {
        ScenarioClass::Floored => thief.honest.table.options[group].run.least_v,
        _ => 0,
    }
}

/// The volatility that does not count: the lesser of the two, the distance as it follows.
pub fn lesser_volatility(thief: &mut Thief<'_>) -> Drawn {
    let floored =
        |table: &PublicTable, s: usize| table.scenarios[s].class == ScenarioClass::Floored;
    thief.under(floored, |thief| {
        let i = thief.position(OPTIONS);
        let mut scene = thief.scene();
        let group = scene.witness.portfolio.options[i].group;
        let least = scene.table.options[group].run.least_v;
        let moved = &mut scene.witness.portfolio.options[i].moved;
        let truth = moved.gap == 0;
        moved.raised = !moved.raised;
        moved.gap = -moved.gap;
        let v = if moved.raised { least } else { moved.product };
        if v >= 1 << 38 {
            return Drawn::Redraw;
        }
        reprice_at(&mut scene, i, v);
        if truth {
            return thief.truth(scene, "the least volatility is the moved one");
        }
        thief.settled(scene)
    })
}

/// The least volatility of another class of scenario, or of another expiry: a copy.
pub fn another_least(thief: &mut Thief<'_>) -> Drawn {
    let i = thief.position(OPTIONS);
    let (mut scene, row) = (thief.scene(), thief.rows.option(i).moved + 5);
    let own = scene.witness.portfolio.options[i].group;
    let least = |g: usize| thief.honest.table.options[g].run.least_v;
    let class = thief.honest.table.scenarios[thief.scenario()].class;
    let (cell, to, counted) = if thief.coin() {
        let to = [0, 2][usize::from(class != ScenarioClass::Floored)];
        ((4, row), to, if to == 2 { least(own) } else { 0 })
    } else {
        let other = least(thief.other_group(own)) + thief.size(30);
        let floored = class == ScenarioClass::Floored;
        ((3, row), other, if floored { other } else { 0 })
    };
    if counted >= 1 << 38 || thief.value(cell) == fr(to) {
        return Drawn::Redraw;
    }
    scene.forge(cell, fr(to));
    let moved = &mut scene.witness.portfolio.options[i].moved;
    moved.raised = moved.product < counted;
    moved.gap = (moved.product - counted).abs();
    let v = moved.product.max(counted);
    reprice_at(&mut scene, i, v);
    thief.settled(scene)
}

/// Beta that is neither 0 nor 1: a volatility between the two, or beyond.
pub fn beta_between(thief: &mut Thief<'_>) -> Drawn {
    let i = thief.position(OPTIONS);
    let (mut scene, row) = (thief.scene(), thief.rows.option(i).moved + 5);
    let least = least(thief, i);
    let moved = &scene.witness.portfolio.options[i].moved;
    let above = moved.product - least;
    // No nearer to the lesser than to the greater, so that the distance is in range.
    let v = (moved.product + least + 1) / 2 + thief.size(37) - 1;
    if above == 0 || v == moved.product || v == least || v >= MOST {
        return Drawn::Redraw;
    }
    // vs = x + beta (m - x)
    let beta = fr(moved.product - v) * super::super::harness::inverse(fr(above));
    scene.forge((0, row), beta);
    let gap = (Fr::ONE - beta - beta) * fr(above);
    scene.forge((2, row), gap);
    reprice_at(&mut scene, i, v);
    thief.settled(scene)
}

/// A copy that the moved market is made from: the scenario's number, class, v, ln K, K, the least volatility.
pub fn copy_altered(thief: &mut Thief<'_>) -> Drawn {
    let row = thief.rows.option(thief.option()).moved;
    let cells = [
        (2, row + 1),
        (3, row + 1),
        (2, row + 3),
        (3, row + 3),
        (3, row + 4),
        (3, row + 5),
        (4, row + 5),
    ];
    let cell = cells[thief.pick(cells.len())];
    let error = fr(thief.error(12));
    thief.moved(cell, error)
}
