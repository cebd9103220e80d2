//! Range checks, found in the circuit's image: `x + p`, limbs in the field, limbs too large.

use std::collections::BTreeMap;

use ff::Field;
use halo2curves::bn256::Fr;
use num_bigint::{BigInt, BigUint};
use zkmargin_tamper::{Cell, Constraint, Failure, Image, Kind, support};

use super::{
    super::harness::{RANGE, Scene, fr, inverse},
    places::LIMB,
    scene,
    thief::{Drawn, Thief},
};
use crate::{field, shape::Shape};

/// One range check.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    /// The limb column.
    pub column: usize,
    /// First row in it.
    pub row: usize,
    /// How many limbs.
    pub limbs: usize,
    /// What it checks.
    pub checked: Cell,
}

/// Every range check of a circuit: in each limb column, chains of limb rows whose lookup reads the
/// row below, and the cell that the first of them is a copy of.
pub fn checks(image: &Image<Fr>) -> Vec<Check> {
    let mut copies = BTreeMap::new();
    for (a, b) in &image.edges {
        // The check ties its first limb first; later ties read shifted values.
        if a.kind == Kind::Advice && a.column >= LIMB {
            copies.entry(*a).or_insert(*b);
        }
    }
    let lookups = image.system.lookups().iter().enumerate();
    let lookups = lookups.filter(|(_, lookup)| lookup.name() == RANGE);
    let mut checks = Vec::new();
    // One lookup a limb column, in their order.
    for (n, (lookup, _)) in lookups.enumerate() {
        let (constraint, column) = (Constraint::Lookup { lookup }, LIMB + n);
        let reads = |row: usize| support(image, &Failure { constraint, row });
        let mut row = 0;
        while row < image.usable {
            let first = row;
            while reads(row).contains(&Cell::advice(column, row + 1)) {
                row += 1;
            }
            if reads(row).contains(&Cell::advice(column, row)) {
                checks.push(Check {
                    column,
                    row: first,
                    limbs: row - first + 1,
                    checked: copies[&Cell::advice(column, first)],
                });
            }
            row += 1;
        }
    }
    checks
}

pub fn modulus() -> BigUint {
    field::to_uint(&-Fr::ONE) + 1u32
}

fn image(shape: Shape) -> Image<Fr> {
    let honest = scene::honest(&mut scene::dice(7, shape, 0, 0), shape);
    honest.image()
}

/// `x + p` is the second smallest representation of x: where 2^(10 limbs) <= p, it has no limbs.
#[test]
fn no_range_check_holds_a_second_representation() {
    for shape in Shape::ALL {
        let image = image(shape);
        let checks = checks(&image);
        let mut sizes: BTreeMap<usize, usize> = BTreeMap::new();
        for check in &checks {
            *sizes.entry(check.limbs).or_default() += 1;
            let bits = 10 * check.limbs;
            assert!(bits < 254, "{check:?}");
            assert!(BigUint::from(1u32) << bits <= modulus(), "{check:?}");
        }
        // Every used row of the limb columns belongs to one check.
        let limbs: usize = checks.iter().map(|c| c.limbs).sum();
        let assigned = image
            .assigned
            .iter()
            .filter(|cell| cell.kind == Kind::Advice && cell.column >= LIMB);
        assert_eq!(limbs, assigned.count());
        println!("{shape}: {} range checks, by limbs {sizes:?}", checks.len());
    }
}

/// The integer of a scalar plus the modulus, in limbs as far as the check has them.
fn shifted(x: &BigUint, limb: usize) -> Fr {
    field::from_int(&BigInt::from(x >> (10 * limb)))
}

/// Limbs of `x + p` for a random range check.
pub fn plus_modulus(thief: &mut Thief<'_>) -> Drawn {
    let check = thief.checks[thief.pick(thief.checks.len())];
    let x = field::to_uint(&thief.image.value(check.checked)) + modulus();
    let mut scene = thief.scene();
    if check.limbs == 1 {
        return thief.truth(scene, "one limb is the number itself: x + p is x");
    }
    for limb in 0..check.limbs {
        scene.forge((check.column, check.row + limb), shifted(&x, limb));
    }
    Drawn::Forged(Box::new(scene))
}

/// Other limbs from some limb on, each remainder a solution in the field.
pub fn in_the_field(thief: &mut Thief<'_>) -> Drawn {
    let check = thief.checks[thief.pick(thief.checks.len())];
    if check.limbs == 1 {
        return Drawn::Redraw;
    }
    let from = 1 + thief.pick(check.limbs - 1);
    let mut z = thief
        .image
        .value(Cell::advice(check.column, check.row + from - 1));
    let mut scene = thief.scene();
    for limb in from..check.limbs {
        let honest = thief
            .image
            .value(Cell::advice(check.column, check.row + limb));
        let digit = fr(thief.pick(1024) as i128);
        z = (z - digit) * inverse(fr(1024));
        if z == honest {
            return Drawn::Redraw;
        }
        scene.forge((check.column, check.row + limb), z);
    }
    Drawn::Forged(Box::new(scene))
}

/// A checked cell's copy alone, or one limb alone.
pub fn alone(thief: &mut Thief<'_>) -> Drawn {
    let check = thief.checks[thief.pick(thief.checks.len())];
    let cell = Cell::advice(check.column, check.row + thief.pick(check.limbs));
    let mut scene: Scene = thief.scene();
    let error = match thief.pick(3) {
        0 => thief.field(),
        1 => fr(thief.error(10)),
        _ => fr(1024),
    };
    scene.forge((check.column, cell.row), thief.image.value(cell) + error);
    Drawn::Forged(Box::new(scene))
}
