//! What a circuit's constraints are at a point, from a proof's claimed values there.
//!
//! ```text
//! q(x) (x^n - 1) = sum_i y^(m - 1 - i) c_i(x)
//! ```
//! The `c_i` are the gates, the permutation argument's and the lookup arguments' constraints, in the backend's order, outside its blinding rows
//! (Gabizon, Williamson, Ciobotaru, PLONK, 2019/953, and the halo2 book's arguments). The contract is written from snark-verifier's tree of
//! the same polynomial; walking that tree takes many times as long as this.

use ff::PrimeField;
use halo2_proofs::{
    plonk::{Any, Column, ConstraintSystem, Expression},
    poly::Rotation,
};
use halo2curves::bn256::Fr;

/// The challenges of a proof, but those of its opening.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Challenges {
    pub theta: Fr,
    pub beta: Fr,
    pub gamma: Fr,
    pub y: Fr,
    pub x: Fr,
}

/// Values at x of Lagrange polynomials.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rows {
    /// Of the first row.
    pub first: Fr,
    /// Of the last row in front of the blinding rows.
    pub last: Fr,
    /// Sum over the blinding rows.
    pub blind: Fr,
}

/// `sum_i y^(m - 1 - i) c_i(x)`. `instances` has a value for each instance query, `evaluations` those of the proof, in its order; `None` if they are
/// not as many as the circuit's.
pub(crate) fn numerator(
    cs: &ConstraintSystem<Fr>,
    instances: &[Fr],
    evaluations: &[Fr],
    challenges: &Challenges,
    rows: &Rows,
) -> Option<Fr> {
    let mut evaluations = Evaluations(evaluations);
    let cells = Cells {
        advice: Grid::new(queried(cs.advice_queries()), &mut evaluations)?,
        fixed: Grid::new(queried(cs.fixed_queries()), &mut evaluations)?,
        instance: Grid::new(queried(cs.instance_queries()), &mut Evaluations(instances))?,
    };
    // The blinding polynomial's.
    evaluations.take(1)?;
    let mut sum = Folded {
        sum: Fr::zero(),
        y: challenges.y,
    };
    for polynomial in cs.gates().iter().flat_map(|gate| gate.polynomials()) {
        sum.add(cells.value(polynomial)?);
    }
    permutation(cs, &cells, &mut evaluations, challenges, rows, &mut sum)?;
    let active = Fr::one() - rows.last - rows.blind;
    let Challenges {
        theta, beta, gamma, ..
    } = challenges;
    for lookup in cs.lookups() {
        let [product, next, input, input_before, table] = evaluations.array()?;
        let inputs = cells.compressed(lookup.input_expressions(), theta)?;
        let tables = cells.compressed(lookup.table_expressions(), theta)?;
        let left = next * (input + beta) * (table + gamma);
        let right = product * (inputs + beta) * (tables + gamma);
        sum.add(rows.first * (Fr::one() - product));
        sum.add(rows.last * (product.square() - product));
        sum.add(active * (left - right));
        sum.add(rows.first * (input - table));
        sum.add(active * (input - table) * (input - input_before));
    }
    evaluations.0.is_empty().then_some(sum.sum)
}

/// The permutation argument's constraints.
fn permutation(
    cs: &ConstraintSystem<Fr>,
    cells: &Cells,
    evaluations: &mut Evaluations<'_>,
    challenges: &Challenges,
    rows: &Rows,
    sum: &mut Folded,
) -> Option<()> {
    let columns = cs.permutation().get_columns();
    let permuted = evaluations.take(columns.len())?;
    // A product takes as many columns as the degree leaves room for.
    let columns: Vec<_> = columns
        .chunks(cs.degree().checked_sub(2).filter(|room| *room > 0)?)
        .collect();
    let mut products = Vec::new();
    for place in 1..=columns.len() {
        let [product, next] = evaluations.array()?;
        let at_last = if place < columns.len() {
            let [at_last] = evaluations.array()?;
            Some(at_last)
        } else {
            None
        };
        products.push((product, next, at_last));
    }
    if let (Some((first, ..)), Some((last, ..))) = (products.first(), products.last()) {
        sum.add(rows.first * (Fr::one() - first));
        sum.add(rows.last * (last.square() - last));
    }
    for (before, (product, ..)) in products.iter().zip(products.iter().skip(1)) {
        sum.add(rows.first * (product - before.2?));
    }
    let Challenges { beta, gamma, .. } = challenges;
    let active = Fr::one() - rows.last - rows.blind;
    let mut permuted = permuted.iter();
    // beta x times the coset that stands for a column.
    let mut own = beta * challenges.x;
    for (columns, (product, next, _)) in columns.into_iter().zip(&products) {
        let (mut left, mut right) = (*next, *product);
        for column in columns {
            let value = cells.of(*column)? + gamma;
            left *= value + beta * permuted.next()?;
            right *= value + own;
            own *= Fr::DELTA;
        }
        sum.add(active * (left - right));
    }
    Some(())
}

/// The values of a proof that were not read yet.
struct Evaluations<'a>(&'a [Fr]);

impl<'a> Evaluations<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [Fr]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[Fr; N]> {
        self.take(N)?.try_into().ok()
    }
}

/// A polynomial in y, from its highest coefficient on.
struct Folded {
    sum: Fr,
    y: Fr,
}

impl Folded {
    fn add(&mut self, constraint: Fr) {
        self.sum = self.sum * self.y + constraint;
    }
}

/// The values of a row's cells and of those around it.
struct Cells {
    advice: Grid,
    fixed: Grid,
    instance: Grid,
}

impl Cells {
    fn value(&self, expression: &Expression<Fr>) -> Option<Fr> {
        expression.evaluate(
            &Some,
            // The backend's keys have columns in place of selectors, and these circuits have one phase, which has no challenge.
            &|_| None,
            &|query| self.fixed.value(query.column_index(), query.rotation()),
            &|query| self.advice.value(query.column_index(), query.rotation()),
            &|query| self.instance.value(query.column_index(), query.rotation()),
            &|_| None,
            &|a| Some(-a?),
            &|a, b| Some(a? + b?),
            &|a, b| Some(a? * b?),
            &|a, scalar| Some(a? * scalar),
        )
    }

    /// Of a column in its own row.
    fn of(&self, column: Column<Any>) -> Option<Fr> {
        let grid = match column.column_type() {
            Any::Advice(_) => &self.advice,
            Any::Fixed => &self.fixed,
            Any::Instance => &self.instance,
        };
        grid.value(column.index(), Rotation::cur())
    }

    fn compressed(&self, expressions: &[Expression<Fr>], theta: &Fr) -> Option<Fr> {
        let mut values = expressions.iter().map(|expression| self.value(expression));
        values.try_fold(Fr::zero(), |sum, value| Some(sum * theta + value?))
    }
}

/// Values by column and rotation.
struct Grid {
    columns: usize,
    first: i32,
    values: Vec<Option<Fr>>,
}

fn queried<C: halo2_proofs::plonk::ColumnType>(
    queries: &[(Column<C>, Rotation)],
) -> impl Iterator<Item = (usize, i32)> + Clone {
    queries
        .iter()
        .map(|(column, Rotation(r))| (column.index(), *r))
}

impl Grid {
    /// The next values are these queries'.
    fn new(
        queries: impl Iterator<Item = (usize, i32)> + Clone,
        evaluations: &mut Evaluations<'_>,
    ) -> Option<Self> {
        let values = evaluations.take(queries.clone().count())?;
        let columns = queries.clone().map(|(column, _)| column + 1).max();
        let rotations = queries.clone().map(|(_, rotation)| rotation);
        let (first, last) = (rotations.clone().min(), rotations.max());
        let mut grid = Self {
            columns: columns.unwrap_or(0),
            first: first.unwrap_or(0),
            values: Vec::new(),
        };
        let rotations = last.unwrap_or(0).abs_diff(grid.first) as usize + 1;
        grid.values = vec![None; rotations * grid.columns];
        for ((column, rotation), value) in queries.zip(values) {
            let place = grid.place(column, rotation)?;
            *grid.values.get_mut(place)? = Some(*value);
        }
        Some(grid)
    }

    fn place(&self, column: usize, rotation: i32) -> Option<usize> {
        let row = usize::try_from(rotation.checked_sub(self.first)?).ok()?;
        (column < self.columns).then_some(row * self.columns + column)
    }

    fn value(&self, column: usize, Rotation(rotation): Rotation) -> Option<Fr> {
        let place = self.place(column, rotation)?;
        self.values.get(place).copied().flatten()
    }
}
