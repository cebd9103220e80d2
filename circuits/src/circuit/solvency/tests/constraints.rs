//! Every constraint of the solvency chips matters: of each there is a witness that breaks it and nothing else, so that
//! without it the witness would pass.

use std::collections::BTreeSet;

use num_bigint::BigInt;

use super::harness::{BASIS, EVERY_RULE, Market, OPTIONS, STANDARD, Scene, UNDERLYINGS, fr, power};
use crate::{
    circuit::solvency::assembly::{FIRST, LINEAR, SUMS, UNMOVED},
    engine::solvency::SCENARIOS,
    field,
};

const GATES: [&str; 23] = [
    "q_branch_numbers",
    "q_next",
    "q_unmoved",
    "q_fall",
    "q_basis",
    "q_basis_loss",
    "q_skew_sums",
    "q_skew_low",
    "q_skew_high",
    "q_worse",
    "q_counted",
    "q_charged",
    "q_funding_above",
    "q_whole",
    "q_moved",
    "q_swap_move",
    "q_skew",
    "q_unit",
    "q_cut_above",
    "q_magnitudes",
    "q_listed",
    "q_branch_loss",
    "q_weighed",
];
const LAST: [&str; 4] = [
    "q_branch_pole",
    "q_equity_below",
    "q_slack",
    "q_whole_multiplied",
];

/// Not alone: a row of another kind, or of a skew in a plain scenario's place, breaks the row's id, too; an underlying that is not
/// alive would have to be empty.
const TOGETHER: [&str; 3] = [
    "q_listed: (1 - alive) u = 0",
    "q_whole_multiplied: kind boolean",
    "q_whole_multiplied: ends = 2^101",
];

/// The last slot of the last expiry.
const SLOT: usize = OPTIONS - 1;
/// The last place, of a skew, among the skews.
const SKEWED: usize = 3 * OPTIONS + SLOT;
const LISTED: usize = UNDERLYINGS - 1;

type Output = (&'static str, usize, (usize, isize), i128, &'static str);

/// A gate, its use, a cell that it computes, what is added to it, the constraint.
const OUTPUTS: [Output; 50] = [
    ("q_next", 4, (2, 0), 1, "t = g' - g - end"),
    ("q_next", 4, (2, 1), 1, "gap = (1 - end)(K' - K - alive)"),
    ("q_unmoved", SLOT, (0, 1), 1, "P = (1 - end-) P- + V0 + e0"),
    ("q_unmoved", SLOT, (1, 1), 1, "M = (1 - end-) M- + V0 - e0"),
    ("q_unmoved", SLOT, (3, 1), 1, "out = end P"),
    ("q_fall", SLOT, (2, 0), 1, "R = (1 - end-) R- + Vs - es"),
    ("q_fall", SLOT, (0, 1), 1, "R = 2^120 (1 - 2 n)|q| + r"),
    ("q_fall", SLOT, (4, 1), 1, "out = -end 2^80 d (1 - 2 n)|q|"),
    (
        "q_basis",
        2 * SLOT,
        (2, 0),
        1,
        "R = (1 - end-) R- + Vs - es",
    ),
    (
        "q_basis",
        2 * SLOT,
        (0, 1),
        1,
        "R - P = 2^120 (1 - 2 n)|q| + r",
    ),
    ("q_basis", 2 * SLOT, (2, 1), 1, "g = n |q|"),
    ("q_basis_loss", SLOT, (3, 0), 1, "t = (1 - 2 c)(g - g')"),
    (
        "q_basis_loss",
        SLOT,
        (1, 1),
        1,
        "out = end share 2^80 (g + c (g' - g))",
    ),
    (
        "q_skew_sums",
        SKEWED,
        (0, 1),
        1,
        "R = (1 - end-) R- + Vs - (1 + i) es",
    ),
    (
        "q_skew_sums",
        SKEWED,
        (4, 0),
        1,
        "S = (1 - end-) S- + Vs + (1 + i) es",
    ),
    ("q_skew_low", SKEWED, (3, 0), 1, "R = 2^120 (1 - 2 n) q + r"),
    ("q_skew_low", SKEWED, (4, 0), 1, "D = 2^80 d (1 - 2 n) q"),
    (
        "q_skew_high",
        SKEWED,
        (0, 1),
        1,
        "S + s = 2^120 (1 - 2 m) p",
    ),
    ("q_skew_high", SKEWED, (1, 1), 1, "D' = 2^80 d (1 - 2 m) p"),
    ("q_worse", SKEWED, (2, 1), 1, "t = k (1 - 2 c)(X - Y)"),
    ("q_worse", SKEWED, (3, 1), 1, "out = end (k c (Y - X) - D)"),
    ("q_counted", SLOT, (2, 0), 1, "W = kept V0 - e0"),
    ("q_counted", SLOT, (3, 0), 2, "N = (1 - 2 nu)(calls + puts)"),
    ("q_counted", SLOT, (4, 0), 1, "t = excluded (1 - 2 kept) V0"),
    (
        "q_counted",
        SLOT,
        (0, 0),
        -1,
        "(1 - excluded)(1 - kept) = 0",
    ),
    (
        "q_charged",
        SLOT,
        (4, 1),
        1,
        "H = side (G - calls - puts)/2 + strike (N - calls - puts)/2 + above G",
    ),
    ("q_funding_above", 0, (2, 0), 1, "t = (1 - 2 z) F"),
    ("q_funding_above", 0, (4, 0), 1, "C' = C + (1 - z) F"),
    ("q_whole", 1, (2, 0), 1, "out = V0 + e0"),
    ("q_moved", 0, (0, 0), 1, "out = es - Vs"),
    ("q_swap_move", 1, (1, 1), 1, "out = 2^112 (x' - 2^129)"),
    ("q_swap_move", 1, (2, 1), 1, "H = |s| above"),
    ("q_skew", SCENARIOS - 1, (1, 0), -1, "k = class (2 - class)"),
    ("q_cut_above", LISTED, (0, 0), 1, "used delta = 2^110 q + r"),
    ("q_cut_above", LISTED, (1, 0), 1, "used gamma = 2^80 q + r"),
    ("q_cut_above", LISTED, (2, 0), 1, "used vega = 2^100 q + r"),
    ("q_magnitudes", LISTED, (2, -1), 1, "t_d = (1 - 2 z) q - z"),
    ("q_magnitudes", LISTED, (0, 0), 1, "t_g = (1 - 2 z) q - z"),
    ("q_magnitudes", LISTED, (3, 0), 1, "t_v = (1 - 2 z) q - z"),
    (
        "q_magnitudes",
        LISTED,
        (2, 1),
        1,
        "C' = C + 2^8 (gamma rate z_g (t_g + 1) + vega rate (t_v + 1))",
    ),
    ("q_listed", LISTED, (2, 0), 1, "u - alive"),
    (
        "q_branch_loss",
        LISTED,
        (4, 0),
        1,
        "x = P + X - 2^-10 move A",
    ),
    ("q_branch_loss", LISTED, (1, 1), 1, "x = 2^120 l - r"),
    (
        "q_weighed",
        LISTED,
        (0, 0),
        1,
        "(1 - 2 z)|net| = 2^10 l + rate (t_d + 1)",
    ),
    (
        "q_weighed",
        LISTED,
        (4, 0),
        1,
        "core' = core + |net| (factor - z (factor + 1e8))",
    ),
    // A claim of nothing: whatever its inverse is, nothing is added.
    ("q_branch_pole", 0, (2, 0), 1, "(alpha - pole - u) i = 1"),
    ("q_equity_below", 0, (2, 0), 1, "O = 2^120 (q' - 2^129) + r"),
    (
        "q_equity_below",
        0,
        (4, 0),
        1,
        "E = 1e4 2^10 (E1 + 1e20 (q' - 2^129))",
    ),
    (
        "q_slack",
        1,
        (4, 0),
        1,
        "slack = E - factor core - 1e16 2^22 C",
    ),
    (
        "q_whole_multiplied",
        SLOT,
        (0, 1),
        1,
        "2^100 x + r = v (offset + slope ln K)",
    ),
];

/// Booleans with a choice between two: the greater is at 2 or -1 still.
const FLAGS: [(&str, usize, (usize, isize), &str); 7] = [
    ("q_basis_loss", SLOT, (2, 0), "c boolean"),
    ("q_worse", SKEWED, (3, 0), "c boolean"),
    ("q_counted", SLOT, (1, 0), "nu boolean"),
    ("q_funding_above", 0, (1, 0), "z boolean"),
    ("q_magnitudes", LISTED, (1, -1), "z_d boolean"),
    ("q_magnitudes", LISTED, (4, -1), "z_g boolean"),
    ("q_magnitudes", LISTED, (2, 0), "z_v boolean"),
];

/// Booleans that sign a quotient: first use, step, uses; the sign's and the magnitude's cell.
type Sign = (&'static str, [usize; 3], [(usize, isize); 2], &'static str);
const SIGNS: [Sign; 5] = [
    ("q_fall", [0, 1, 2 * OPTIONS], [(3, 0), (4, 0)], "n boolean"),
    (
        "q_basis",
        [0, 1, 2 * OPTIONS],
        [(3, 0), (4, 0)],
        "n boolean",
    ),
    (
        "q_skew_low",
        [2 * OPTIONS, 1, 2 * OPTIONS],
        [(1, 0), (2, 0)],
        "n boolean",
    ),
    (
        "q_skew_high",
        [2 * OPTIONS, 1, 2 * OPTIONS],
        [(3, 0), (4, 0)],
        "m boolean",
    ),
    (
        "q_weighed",
        [0, 1, UNDERLYINGS * (BASIS + 1)],
        [(1, 0), (0, 0)],
        "z boolean",
    ),
];

fn constraints(market: &Market) -> BTreeSet<String> {
    let gates = market.image.system.gates().iter();
    let own = gates.filter(|g| GATES.contains(&g.name()) || LAST.contains(&g.name()));
    let names = own.flat_map(|gate| {
        let name = |i| format!("{}: {}", gate.name(), gate.constraint_name(i));
        (0..gate.polynomials().len()).map(name)
    });
    names.collect()
}

/// A number k times as small, where k divides it, with a sign that makes up for it.
fn sign(scene: &Scene, (gate, [first, step, uses], cells, _): Sign) -> Option<Scene> {
    let places = (0..uses).map(|i| first + i * step);
    let mut places = places.flat_map(|n| [3, 5, 7, 11, 13].map(|k| (n, k)));
    places.find_map(|(n, k)| {
        let [sign, magnitude] = cells.map(|at| scene.cell(gate, n, at));
        let whole = scene.int(magnitude);
        if whole == BigInt::ZERO || &whole % k != BigInt::ZERO {
            return None;
        }
        // 1 - 2 n is k or -k.
        let turned = match scene.value(sign) == fr(1) {
            true => (1 + k) / 2,
            false => (1 - k) / 2,
        };
        let mut scene = scene.clone();
        scene.forge(magnitude, field::from_int(&(whole / k)));
        scene.forge(sign, fr(turned));
        Some(scene)
    })
}

#[test]
fn every_constraint_is_needed() {
    let mut left = constraints(&EVERY_RULE);
    let mut stop = |scene: &Scene, name: String| {
        let failures = scene.failures();
        assert!(failures.iter().eq([&name]), "{name}: {failures:?}");
        left.remove(&name);
    };
    let honest = Scene::rich(&EVERY_RULE);
    for (gate, n, cell, more, name) in OUTPUTS {
        let mut scene = honest.clone();
        scene.add(scene.cell(gate, n, cell), fr(more));
        stop(&scene, format!("{gate}: {name}"));
    }
    for (gate, n, cell, name) in FLAGS {
        let mut scene = honest.clone();
        let cell = scene.cell(gate, n, cell);
        let out = if scene.value(cell) == fr(1) { 2 } else { -1 };
        scene.forge(cell, fr(out));
        stop(&scene, format!("{gate}: {name}"));
    }
    for flag in SIGNS {
        let scene = sign(&honest, flag).expect("a quotient");
        stop(&scene, format!("{}: {}", flag.0, flag.3));
    }
    for (scene, name) in others(&honest) {
        stop(&scene, name.into());
    }
    let together: BTreeSet<String> = TOGETHER.map(String::from).into();
    assert_eq!(left, together);
}

/// What takes more than one cell.
fn others(honest: &Scene) -> Vec<(Scene, &'static str)> {
    let mut lies = Vec::new();
    // A run that goes on from the padding's group, whose strike is the least.
    let mut scene = honest.clone();
    let distance = scene.cell("q_next", 0, (2, 0));
    scene.flip(scene.cell("q_next", 0, (0, 1)));
    scene.add(distance, fr(1));
    lies.push((scene, "q_next: (1 - end) t = 0"));
    // One that ends twice: where strikes fall, the gap is positive.
    let mut scene = honest.clone();
    let end = scene.cell("q_next", 4, (0, 1));
    let groups = [0, 1].map(|column| scene.value(scene.cell("q_next", 4, (column, 0))));
    scene.forge(end, groups[1] - groups[0]);
    scene.forge(scene.cell("q_next", 4, (2, 0)), fr(0));
    lies.push((scene, "q_next: end boolean"));
    // A debt that counts twice, where long options do not count.
    let mut scene = Scene::rich(&STANDARD);
    let debt = |i: &usize| scene.int(scene.cell("q_counted", *i, (3, -1))) < BigInt::ZERO;
    let debt = (0..OPTIONS).find(debt).expect("a debt");
    scene.forge(scene.cell("q_counted", debt, (0, 0)), fr(2));
    lies.push((scene, "q_counted: kept boolean"));
    // Padding that is alive in another way.
    let mut scene = honest.clone();
    scene.forge(scene.cell("q_listed", 0, (1, 0)), fr(-5));
    lies.push((scene, "q_listed: alive boolean"));
    // Collateral that does not move.
    let mut scene = honest.clone();
    scene.forge(scene.cell("q_unit", 0, (0, 0)), fr(0));
    let assets = scene.witness.solvency.base.assets.iter_mut();
    assets.for_each(|asset| asset.loss = BigInt::ZERO);
    lies.push((scene, "q_unit: -2^10"));
    // Another scenario's row of a swap.
    let mut scene = honest.clone();
    let group = scene.witness.solvency.base.swaps[1].group;
    let row = scene.witness.table.swaps[group].scenario_row(group, 2);
    for (column, value) in row.expect("a row").iter().take(5).enumerate() {
        let cell = scene.cell("q_swap_move", SCENARIOS + 2, (column, -1));
        scene.forge(cell, fr(*value));
    }
    lies.push((scene, "q_swap_move: id = 1024 g + alive s"));
    // A loss one less, and what is made of it.
    let mut scene = honest.clone();
    scene.add(scene.cell("q_swap_move", 1, (0, 1)), -fr(1));
    scene.add(scene.cell("q_swap_move", 1, (1, 1)), -power(112));
    lies.push((
        scene,
        "q_swap_move: x' = 2^129 + (1 - 2 sign)|s| signed + (held + 2)|s|",
    ));
    // The unmoved market in the places of the skews, a basis move in that of the other.
    for (place, column, name) in [
        (38, 3, "q_branch_numbers: w'' = alive s''"),
        (39, 4, "q_branch_numbers: w''' = alive s'''"),
        (40, 1, "q_branch_numbers: w = alive s"),
        (41, 2, "q_branch_numbers: w' = alive s'"),
    ] {
        let mut scene = honest.clone();
        let solvency = &mut scene.witness.solvency;
        let number = if place < SCENARIOS {
            let unmoved = solvency.worlds[2].options.clone();
            solvency.worlds[place].options = unmoved;
            0
        } else {
            solvency.moves[place - 40] = solvency.moves[41 - place].clone();
            solvency.branches.moves[41 - place]
        };
        for i in 0..OPTIONS {
            let cell = scene.cell("q_branch_numbers", i * 11 + place / 4, (column, 1));
            // Padding's is 0.
            if scene.value(cell) != fr(0) {
                scene.forge(cell, fr(number as i128));
            }
        }
        lies.push((scene, name));
    }
    lies.extend(padding(honest));
    // A choice where there is no skew: the first of the last places.
    let mut scene = honest.clone();
    scene.flip(scene.cell("q_worse", SLOT, (3, 0)));
    lies.push((scene, "q_worse: c (1 - k) = 0"));
    // A claimed sum, and a last partial sum that hides it.
    let mut scene = honest.clone();
    let claimed = scene.cell("q_listed", LISTED, (FIRST % 5, 1 + (FIRST / 5) as isize));
    scene.add(claimed, -power(190));
    let image = scene.image();
    let poles = scene.market.places.count("q_branch_pole");
    let held = image.value(scene.cell("q_branch_pole", poles - 1, (4, 1)));
    scene.forge(
        scene.cell("q_branch_pole", UNDERLYINGS * SUMS - 1, (4, 1)),
        held,
    );
    lies.push((scene, "q_branch_pole: A' = A + x i"));
    lies
}

/// Sums of two padding claims that cancel.
fn padding(honest: &Scene) -> Vec<(Scene, &'static str)> {
    let sums = [
        (UNMOVED, "q_branch_loss: (1 - alive) P = 0"),
        (FIRST, "q_branch_loss: (1 - alive) X = 0"),
        (LINEAR, "q_branch_loss: (1 - alive) A = 0"),
    ];
    let places = sums.map(|(sum, name)| ("q_listed", (sum % 5, 1 + (sum / 5) as isize), name));
    let exposures = [
        ("q_cut_above", (0, 1), "q_cut_above: (1 - alive) delta = 0"),
        ("q_cut_above", (1, 1), "q_cut_above: (1 - alive) gamma = 0"),
        ("q_cut_above", (2, 1), "q_cut_above: (1 - alive) vega = 0"),
    ];
    let lies = places
        .into_iter()
        .chain(exposures)
        .map(|(gate, place, name)| {
            let mut scene = honest.clone();
            scene.add(scene.cell(gate, 0, place), power(60));
            scene.add(scene.cell(gate, 1, place), -power(60));
            (scene, name)
        });
    lies.collect()
}
