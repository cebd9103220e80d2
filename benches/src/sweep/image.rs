//! What a synthesis writes: every cell of advice and fixed columns, every copy. Columns are read off it, not off the chips.

use std::collections::BTreeSet;

use halo2_proofs::{
    circuit::Value,
    plonk::{
        Advice, Any, Assigned, Assignment, Challenge, Circuit, Column, ConstraintSystem, Error,
        Expression, Fixed, FloorPlanner, Instance, Selector,
    },
};
use halo2curves::bn256::Fr;

/// A column of advice and a row.
pub type Place = (usize, usize);

/// Everything that a synthesis assigned.
#[derive(Debug, Default)]
pub struct Image {
    /// Columns of advice: the cells that are assigned, zero where their value is not known.
    pub advice: Vec<Vec<Option<Fr>>>,
    /// Fixed columns.
    pub fixed: Vec<Vec<Fr>>,
    /// Pairs of cells that are equal.
    pub copies: Vec<[Place; 2]>,
    /// A copy from or to a column that is not advice, or a cell beyond the last row.
    misplaced: bool,
}

impl Image {
    /// What a circuit writes into 2^k rows, with its constraint system. A circuit without a witness writes the same cells.
    ///
    /// # Errors
    /// The synthesis', or [`Error::Synthesis`] for a copy that is not between advice columns.
    pub fn of<C: Circuit<Fr>>(circuit: &C, k: u32) -> Result<(ConstraintSystem<Fr>, Self), Error> {
        let mut cs = ConstraintSystem::default();
        let config = C::configure_with_params(&mut cs, circuit.params());
        let rows = 1 << k;
        let mut image = Self {
            advice: vec![vec![None; rows]; cs.num_advice_columns()],
            fixed: vec![vec![Fr::zero(); rows]; cs.num_fixed_columns()],
            copies: Vec::new(),
            misplaced: false,
        };
        C::FloorPlanner::synthesize(&mut image, circuit, config, cs.constants().clone())?;
        match image.misplaced {
            true => Err(Error::Synthesis),
            false => Ok((cs, image)),
        }
    }

    /// Rows of an advice column up to the last that is assigned.
    pub fn rows(&self, column: usize) -> usize {
        let cells = self.advice.get(column).map_or(&[][..], Vec::as_slice);
        cells.iter().rposition(Option::is_some).map_or(0, |r| r + 1)
    }

    /// Cells of an advice column that are assigned.
    pub fn cells(&self, column: usize) -> usize {
        let cells = self.advice.get(column).map_or(&[][..], Vec::as_slice);
        cells.iter().flatten().count()
    }

    /// A fixed cell; zero where there is none.
    pub fn fixed(&self, column: usize, row: usize) -> Fr {
        let cell = self.fixed.get(column).and_then(|cells| cells.get(row));
        cell.copied().unwrap_or_default()
    }
}

impl Assignment<Fr> for Image {
    fn enter_region<NR: Into<String>, N: FnOnce() -> NR>(&mut self, _: N) {}

    fn annotate_column<A: FnOnce() -> AR, AR: Into<String>>(&mut self, _: A, _: Column<Any>) {}

    fn exit_region(&mut self) {}

    fn enable_selector<A: FnOnce() -> AR, AR: Into<String>>(
        &mut self,
        _: A,
        _: &Selector,
        _: usize,
    ) -> Result<(), Error> {
        Ok(())
    }

    fn query_instance(&self, _: Column<Instance>, _: usize) -> Result<Value<Fr>, Error> {
        Ok(Value::unknown())
    }

    fn assign_advice<'v>(
        &mut self,
        column: Column<Advice>,
        row: usize,
        to: Value<Assigned<Fr>>,
    ) -> Value<&'v Assigned<Fr>> {
        let mut value = Fr::zero();
        to.map(|to| value = to.evaluate());
        let column = self.advice.get_mut(column.index());
        match column.and_then(|column| column.get_mut(row)) {
            Some(cell) => *cell = Some(value),
            None => self.misplaced = true,
        }
        Value::unknown()
    }

    fn assign_fixed(&mut self, column: Column<Fixed>, row: usize, to: Assigned<Fr>) {
        let column = self.fixed.get_mut(column.index());
        match column.and_then(|column| column.get_mut(row)) {
            Some(cell) => *cell = to.evaluate(),
            None => self.misplaced = true,
        }
    }

    fn copy(&mut self, left: Column<Any>, row: usize, right: Column<Any>, other: usize) {
        let advice = |column: &Column<Any>| matches!(column.column_type(), Any::Advice(_));
        self.misplaced |= !(advice(&left) && advice(&right));
        self.copies
            .push([(left.index(), row), (right.index(), other)]);
    }

    fn fill_from_row(
        &mut self,
        _: Column<Fixed>,
        _: usize,
        _: Value<Assigned<Fr>>,
    ) -> Result<(), Error> {
        Ok(())
    }

    fn get_challenge(&self, _: Challenge) -> Value<Fr> {
        Value::unknown()
    }

    fn push_namespace<NR: Into<String>, N: FnOnce() -> NR>(&mut self, _: N) {}

    fn pop_namespace(&mut self, _: Option<String>) {}
}

/// The columns that an expression reads.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Read {
    /// Of advice.
    pub advice: BTreeSet<usize>,
    /// Fixed.
    pub fixed: BTreeSet<usize>,
}

impl Read {
    fn advice(column: usize) -> Self {
        Self {
            advice: [column].into(),
            ..Self::default()
        }
    }

    fn fixed(column: usize) -> Self {
        Self {
            fixed: [column].into(),
            ..Self::default()
        }
    }

    fn and(mut self, other: Self) -> Self {
        self.advice.extend(other.advice);
        self.fixed.extend(other.fixed);
        self
    }

    /// Of one expression.
    pub fn of(expression: &Expression<Fr>) -> Self {
        expression.evaluate(
            &|_| Self::default(),
            &|_| Self::default(),
            &|query| Self::fixed(query.column_index()),
            &|query| Self::advice(query.column_index()),
            &|_| Self::default(),
            &|_| Self::default(),
            &|read| read,
            &Self::and,
            &Self::and,
            &|read, _| read,
        )
    }

    /// Of some.
    pub fn of_all<'a>(expressions: impl IntoIterator<Item = &'a Expression<Fr>>) -> Self {
        let reads = expressions.into_iter().map(Self::of);
        reads.fold(Self::default(), Self::and)
    }
}
