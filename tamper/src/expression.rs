//! Expressions over an image: their values, the cells they read, and those they depend on.

use std::collections::BTreeSet;

use ff::PrimeField;
use halo2_proofs::{plonk::Expression, poly::Rotation};

use crate::{
    cell::{Cell, Kind},
    image::Image,
    program::Program,
};

/// An image with the prover's and the verifier's columns as they are now.
pub struct View<'v, F: PrimeField> {
    pub image: &'v Image<F>,
    pub advice: &'v [Vec<F>],
    pub instance: &'v [Vec<F>],
}

impl<'v, F: PrimeField> View<'v, F> {
    pub fn of(image: &'v Image<F>) -> Self {
        Self {
            image,
            advice: &image.advice,
            instance: &image.instance,
        }
    }

    pub fn cell(&self, cell: Cell) -> F {
        let columns = match cell.kind {
            Kind::Advice => self.advice,
            Kind::Fixed => &self.image.fixed,
            Kind::Instance => self.instance,
        };
        columns[cell.column][cell.row]
    }

    /// A tuple of expressions at a row, exactly.
    pub fn key(&self, programs: &[Program<F>], row: usize) -> Vec<u8> {
        let mut key = Vec::with_capacity(32 * programs.len());
        for program in programs {
            key.extend_from_slice(program.value(self, row).to_repr().as_ref());
        }
        key
    }
}

/// Rows are a power of two.
pub fn turn(row: usize, rotation: i32, rows: usize) -> usize {
    row.wrapping_add_signed(rotation as isize) & (rows - 1)
}

fn bit<F: PrimeField>(on: bool) -> F {
    if on { F::ONE } else { F::ZERO }
}

/// The columns and rotations that an expression names.
pub fn queries<F: PrimeField>(expression: &Expression<F>) -> BTreeSet<(Kind, usize, i32)> {
    let union = |mut a: BTreeSet<_>, b| {
        a.extend(b);
        a
    };
    expression.evaluate(
        &|_| BTreeSet::new(),
        &|_| BTreeSet::new(),
        &|q| BTreeSet::from([(Kind::Fixed, q.column_index(), q.rotation().0)]),
        &|q| BTreeSet::from([(Kind::Advice, q.column_index(), q.rotation().0)]),
        &|q| BTreeSet::from([(Kind::Instance, q.column_index(), q.rotation().0)]),
        &|_| BTreeSet::new(),
        &|a| a,
        &union,
        &union,
        &|a, _| a,
    )
}

/// What an expression can still be once selectors and fixed cells are known.
enum Residue<F> {
    Known(F),
    Open(BTreeSet<Cell>),
}

/// Is an expression zero whatever the advice and instance cells are? Most gates are, at most rows; to see it takes no sets.
fn off<F: PrimeField>(image: &Image<F>, expression: &Expression<F>, row: usize) -> bool {
    let value = expression.evaluate_lazy(
        &Some,
        &|s| Some(bit(image.selectors[s.index()][row])),
        &|q| Some(image.fixed[q.column_index()][turn(row, q.rotation().0, image.rows)]),
        &|_| None,
        &|_| None,
        &|_| Some(F::ZERO),
        &|a| a.map(|a: F| -a),
        &|a, b| Some(a? + b?),
        &|a, b| match (a, b) {
            (Some(zero), _) | (_, Some(zero)) if zero == F::ZERO => Some(F::ZERO),
            (a, b) => Some(a? * b?),
        },
        &|a, factor| {
            if factor == F::ZERO {
                Some(factor)
            } else {
                Some(a? * factor)
            }
        },
        &Some(F::ZERO),
    );
    value == Some(F::ZERO)
}

/// The advice and instance cells that an expression depends on at a row, selectors and fixed
/// columns being what they are. Empty where it is switched off.
pub fn support<F: PrimeField>(
    image: &Image<F>,
    expression: &Expression<F>,
    row: usize,
) -> BTreeSet<Cell> {
    use Residue::{Known, Open};
    if off(image, expression, row) {
        return BTreeSet::new();
    }
    let at = |rotation: Rotation| turn(row, rotation.0, image.rows);
    let one = |cell| Open(BTreeSet::from([cell]));
    let residue = expression.evaluate(
        &Known,
        &|s| Known(bit(image.selectors[s.index()][row])),
        &|q| Known(image.fixed[q.column_index()][at(q.rotation())]),
        &|q| one(Cell::advice(q.column_index(), at(q.rotation()))),
        &|q| one(Cell::instance(q.column_index(), at(q.rotation()))),
        &|_| Known(F::ZERO),
        &|a| match a {
            Known(a) => Known(-a),
            open => open,
        },
        &|a, b| match (a, b) {
            (Known(a), Known(b)) => Known(a + b),
            (Known(_), open) | (open, Known(_)) => open,
            (Open(a), Open(b)) => Open(&a | &b),
        },
        &|a, b| match (a, b) {
            (Known(a), Known(b)) => Known(a * b),
            (Known(zero), _) | (_, Known(zero)) if zero == F::ZERO => Known(F::ZERO),
            (Known(_), open) | (open, Known(_)) => open,
            (Open(a), Open(b)) => Open(&a | &b),
        },
        &|a, factor| match a {
            Known(a) => Known(a * factor),
            Open(_) if factor == F::ZERO => Known(F::ZERO),
            open => open,
        },
    );
    match residue {
        Known(_) => BTreeSet::new(),
        Open(cells) => cells,
    }
}

/// Bits of the smaller of x and p - x.
pub fn width<F: PrimeField>(x: F) -> u32 {
    let bits = |x: F| {
        let repr = x.to_repr();
        let bytes = repr.as_ref();
        let top = bytes.iter().rposition(|b| *b != 0);
        top.map_or(0, |top| 8 * top as u32 + (8 - bytes[top].leading_zeros()))
    };
    bits(x).min(bits(-x))
}
