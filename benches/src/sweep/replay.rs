//! The circuit's own gates and lookups, on the columns of another layout.

use std::{cell::RefCell, collections::BTreeMap};

use ff::Field;
use halo2_proofs::{
    plonk::{Advice, Column, ConstraintSystem, Expression, Fixed, Instance, VirtualCells},
    poly::Rotation,
};
use halo2curves::bn256::Fr;
use zkmargin_circuits::circuit::MAIN_COLUMNS;

/// A fixed column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// That of this number in the circuit in use.
    Shared(usize),
    /// The same, for a lane that the circuit in use does not have.
    Lane(usize, usize),
    /// Switch of a limb column.
    Limb(usize, usize),
    /// One in every row that chips can write.
    Usable,
    /// Switch of the gates that hold parts of products.
    Split,
}

/// All columns of a layout.
#[derive(Debug, Clone, Default)]
pub struct Columns {
    /// Main columns lane by lane, then limb columns.
    pub advice: Vec<Column<Advice>>,
    /// Fixed columns.
    pub fixed: BTreeMap<Key, Column<Fixed>>,
    /// Instance columns.
    pub instance: Vec<Column<Instance>>,
}

/// Where a lane or a limb column gets its gates and lookup from.
#[derive(Debug, Clone, Copy)]
pub enum Replay {
    /// A lane.
    Lane {
        /// Its number here.
        lane: usize,
        /// The number of the lane that it is like.
        source: usize,
        /// Lanes of this layout.
        lanes: usize,
        /// Whether the circuit in use has no lane of this number.
        copy: bool,
    },
    /// A limb column.
    Limb {
        /// Its number here.
        limb: usize,
        /// The column's number in the circuit in use, and here.
        advice: [usize; 2],
        /// The switches' numbers in the circuit in use.
        switches: [usize; 2],
    },
}

impl Replay {
    fn advice(&self, column: usize) -> usize {
        match *self {
            Self::Lane {
                lane,
                source,
                lanes,
                ..
            } => {
                let (of, place) = (column / MAIN_COLUMNS, column % MAIN_COLUMNS);
                let to = if of == source {
                    lane
                } else {
                    of.min(lanes - 1)
                };
                MAIN_COLUMNS * to + place
            }
            Self::Limb { advice, .. } => advice[1],
        }
    }

    /// The fixed column that stands for one of the circuit in use.
    pub fn key(&self, column: usize) -> Key {
        match *self {
            Self::Lane { lane, copy, .. } if copy => Key::Lane(lane, column),
            Self::Lane { .. } => Key::Shared(column),
            Self::Limb { limb, switches, .. } => {
                Key::Limb(limb, usize::from(column == switches[1]))
            }
        }
    }

    /// An expression on these columns.
    pub fn expression(
        &self,
        meta: &mut VirtualCells<'_, Fr>,
        columns: &Columns,
        expression: &Expression<Fr>,
    ) -> Expression<Fr> {
        rewrite(
            meta,
            columns,
            expression,
            |c| self.advice(c),
            |c| self.key(c),
        )
    }

    /// The value of an expression in a row.
    pub fn value(
        &self,
        expression: &Expression<Fr>,
        advice: &impl Fn(usize, i32) -> Fr,
        fixed: &impl Fn(Key, i32) -> Fr,
    ) -> Fr {
        expression.evaluate(
            &|constant| constant,
            &|_| Fr::ZERO,
            &|query| fixed(self.key(query.column_index()), query.rotation().0),
            &|query| advice(self.advice(query.column_index()), query.rotation().0),
            &|_| Fr::ZERO,
            &|_| Fr::ZERO,
            &|a| -a,
            &|a, b| a + b,
            &|a, b| a * b,
            &|a, by| a * by,
        )
    }

    /// A lookup on these columns. With `apart`, each input has a column of its own, which a gate ties to it: these are returned.
    pub fn lookup(
        &self,
        meta: &mut ConstraintSystem<Fr>,
        cs: &ConstraintSystem<Fr>,
        number: usize,
        columns: &Columns,
        apart: bool,
    ) -> Vec<Column<Advice>> {
        let Some(lookup) = cs.lookups().get(number) else {
            return Vec::new();
        };
        let inputs = lookup.input_expressions();
        let own: Vec<Column<Advice>> = match apart {
            true => inputs.iter().map(|_| meta.advice_column()).collect(),
            false => Vec::new(),
        };
        if apart {
            meta.create_gate("input - what is looked up", |meta| {
                let on = meta.query_fixed(columns.fixed[&Key::Usable], Rotation::cur());
                let pairs = own.iter().zip(inputs);
                let mut tie = |(own, input): (&Column<Advice>, &Expression<Fr>)| {
                    let input = self.expression(meta, columns, input);
                    on.clone() * (meta.query_advice(*own, Rotation::cur()) - input)
                };
                pairs.map(&mut tie).collect::<Vec<_>>()
            });
        }
        meta.lookup_any(lookup.name(), |meta| {
            let inputs = inputs.iter().enumerate().map(|(i, input)| {
                let own = own
                    .get(i)
                    .map(|own| meta.query_advice(*own, Rotation::cur()));
                own.unwrap_or_else(|| self.expression(meta, columns, input))
            });
            let inputs: Vec<_> = inputs.collect();
            let tables = lookup.table_expressions().iter();
            let tables = tables.map(|e| rewrite(meta, columns, e, |c| c, Key::Shared));
            let tables: Vec<_> = tables.collect();
            inputs.into_iter().zip(tables).collect()
        });
        own
    }
}

fn rewrite(
    meta: &mut VirtualCells<'_, Fr>,
    columns: &Columns,
    expression: &Expression<Fr>,
    advice: impl Fn(usize) -> usize,
    key: impl Fn(usize) -> Key,
) -> Expression<Fr> {
    let meta = RefCell::new(meta);
    expression.evaluate(
        &Expression::Constant,
        &Expression::Selector,
        &|query| {
            let column = columns.fixed[&key(query.column_index())];
            meta.borrow_mut().query_fixed(column, query.rotation())
        },
        &|query| {
            let column = columns.advice[advice(query.column_index())];
            meta.borrow_mut().query_advice(column, query.rotation())
        },
        &|query| {
            let column = columns.instance[query.column_index()];
            meta.borrow_mut().query_instance(column, query.rotation())
        },
        &Expression::Challenge,
        &|a| -a,
        &|a, b| a + b,
        &|a, b| a * b,
        &|a, by| Expression::Scaled(Box::new(a), by),
    )
}
