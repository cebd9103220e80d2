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
    plonk::{Any, Column, ColumnType, ConstraintSystem, Expression},
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

/// A circuit's constraints, over the values of a proof: advice, then fixed columns, in the order of their queries, then the arguments'.
#[derive(Debug)]
pub(crate) struct Constraints {
    gates: Vec<Formula>,
    lookups: Vec<Lookup>,
    /// Of each product of the permutation argument, the columns.
    products: Vec<Vec<Value>>,
    /// Values of advice and fixed columns.
    cells: usize,
}

#[derive(Debug)]
struct Lookup {
    inputs: Vec<Formula>,
    tables: Vec<Formula>,
}

/// Where a value is.
#[derive(Debug, Clone, Copy)]
enum Value {
    /// Among those of the proof.
    Claimed(usize),
    /// Among those of the public columns.
    Public(usize),
}

/// In postfix notation.
#[derive(Debug)]
struct Formula(Vec<Step>);

#[derive(Debug, Clone, Copy)]
enum Step {
    Constant(Fr),
    Value(Value),
    Negate,
    Add,
    Multiply,
    Scale(Fr),
}

impl Constraints {
    /// `None` for what the backend's keys of these circuits do not have: selectors in place of columns, challenges of another phase.
    pub fn new(cs: &ConstraintSystem<Fr>) -> Option<Self> {
        let formula = |expression: &Expression<Fr>| Formula::new(cs, expression);
        let formulas = |expressions: &[Expression<Fr>]| -> Option<Vec<_>> {
            expressions.iter().map(formula).collect()
        };
        let gates = cs.gates().iter().flat_map(|gate| gate.polynomials());
        let lookups = cs.lookups().iter().map(|lookup| {
            Some(Lookup {
                inputs: formulas(lookup.input_expressions())?,
                tables: formulas(lookup.table_expressions())?,
            })
        });
        // A product takes as many columns as the degree leaves room for.
        let room = cs.degree().checked_sub(2).filter(|room| *room > 0)?;
        let columns = cs.permutation().get_columns();
        let products = columns.chunks(room).map(|columns| {
            let values = columns.iter().map(|column| own_row(cs, *column));
            values.collect()
        });
        Some(Self {
            gates: gates.map(formula).collect::<Option<_>>()?,
            lookups: lookups.collect::<Option<_>>()?,
            products: products.collect::<Option<_>>()?,
            cells: cs.advice_queries().len() + cs.fixed_queries().len(),
        })
    }

    /// `sum_i y^(m - 1 - i) c_i(x)`. `public` has a value for each instance query, `claimed` those of the proof, in its order; `None` if they
    /// are not as many as the circuit's.
    pub fn numerator(
        &self,
        public: &[Fr],
        claimed: &[Fr],
        challenges: &Challenges,
        rows: &Rows,
    ) -> Option<Fr> {
        let mut values = Values {
            public,
            claimed,
            read: 0,
            stack: Vec::new(),
        };
        values.take(self.cells)?;
        // The blinding polynomial's.
        values.take(1)?;
        let mut sum = Folded {
            sum: Fr::zero(),
            y: challenges.y,
        };
        for gate in &self.gates {
            sum.add(values.of(gate)?);
        }
        self.permutation(&mut values, challenges, rows, &mut sum)?;
        let active = Fr::one() - rows.last - rows.blind;
        let Challenges {
            theta, beta, gamma, ..
        } = challenges;
        for lookup in &self.lookups {
            let [product, next, input, input_before, table] = values.array()?;
            let inputs = values.compressed(&lookup.inputs, theta)?;
            let tables = values.compressed(&lookup.tables, theta)?;
            let left = next * (input + beta) * (table + gamma);
            let right = product * (inputs + beta) * (tables + gamma);
            sum.add(rows.first * (Fr::one() - product));
            sum.add(rows.last * (product.square() - product));
            sum.add(active * (left - right));
            sum.add(rows.first * (input - table));
            sum.add(active * (input - table) * (input - input_before));
        }
        (values.read == claimed.len()).then_some(sum.sum)
    }

    /// The permutation argument's.
    fn permutation(
        &self,
        values: &mut Values<'_>,
        challenges: &Challenges,
        rows: &Rows,
        sum: &mut Folded,
    ) -> Option<()> {
        let columns = self.products.iter().map(Vec::len).sum();
        let mut permuted = values.take(columns)?.iter();
        let mut products = Vec::new();
        for place in 1..=self.products.len() {
            let [product, next] = values.array()?;
            let at_last = match place < self.products.len() {
                true => values.take(1)?.first().copied(),
                false => None,
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
        // beta x times the coset that stands for a column.
        let mut own = beta * challenges.x;
        for (columns, (product, next, _)) in self.products.iter().zip(&products) {
            let (mut left, mut right) = (*next, *product);
            for column in columns {
                let value = values.get(*column)? + gamma;
                left *= value + beta * permuted.next()?;
                right *= value + own;
                own *= Fr::DELTA;
            }
            sum.add(active * (left - right));
        }
        Some(())
    }
}

impl Formula {
    fn new(cs: &ConstraintSystem<Fr>, expression: &Expression<Fr>) -> Option<Self> {
        let joined = |a: Option<Vec<Step>>, b: Option<Vec<Step>>, step| {
            let mut steps = a?;
            steps.extend(b?);
            steps.push(step);
            Some(steps)
        };
        let value = |place: Option<Value>| Some(vec![Step::Value(place?)]);
        let steps = expression.evaluate(
            &|constant| Some(vec![Step::Constant(constant)]),
            &|_| None,
            &|query| value(fixed(cs, query.column_index(), query.rotation())),
            &|query| value(advice(cs, query.column_index(), query.rotation())),
            &|query| value(public(cs, query.column_index(), query.rotation())),
            &|_| None,
            &|a| joined(a, Some(Vec::new()), Step::Negate),
            &|a, b| joined(a, b, Step::Add),
            &|a, b| joined(a, b, Step::Multiply),
            &|a, scalar| joined(a, Some(Vec::new()), Step::Scale(scalar)),
        );
        steps.map(Self)
    }
}

fn place<C: ColumnType>(
    queries: &[(Column<C>, Rotation)],
    column: usize,
    rotation: Rotation,
) -> Option<usize> {
    let wanted = (column, rotation);
    let mut queries = queries.iter();
    queries.position(|(column, rotation)| (column.index(), *rotation) == wanted)
}

fn advice(cs: &ConstraintSystem<Fr>, column: usize, rotation: Rotation) -> Option<Value> {
    place(cs.advice_queries(), column, rotation).map(Value::Claimed)
}

fn fixed(cs: &ConstraintSystem<Fr>, column: usize, rotation: Rotation) -> Option<Value> {
    let place = place(cs.fixed_queries(), column, rotation)?;
    Some(Value::Claimed(cs.advice_queries().len() + place))
}

fn public(cs: &ConstraintSystem<Fr>, column: usize, rotation: Rotation) -> Option<Value> {
    place(cs.instance_queries(), column, rotation).map(Value::Public)
}

/// A column's value in its own row.
fn own_row(cs: &ConstraintSystem<Fr>, column: Column<Any>) -> Option<Value> {
    let index = column.index();
    match column.column_type() {
        Any::Advice(_) => advice(cs, index, Rotation::cur()),
        Any::Fixed => fixed(cs, index, Rotation::cur()),
        Any::Instance => public(cs, index, Rotation::cur()),
    }
}

/// What a proof claims, and what is public.
struct Values<'a> {
    public: &'a [Fr],
    claimed: &'a [Fr],
    /// Of the claimed ones, those that an argument has taken.
    read: usize,
    stack: Vec<Fr>,
}

impl<'a> Values<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [Fr]> {
        let taken = self.claimed.get(self.read..)?.get(..count)?;
        self.read += count;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[Fr; N]> {
        self.take(N)?.try_into().ok()
    }

    fn get(&self, value: Value) -> Option<Fr> {
        let found = match value {
            Value::Claimed(place) => self.claimed.get(place),
            Value::Public(place) => self.public.get(place),
        };
        found.copied()
    }

    fn of(&mut self, formula: &Formula) -> Option<Fr> {
        for step in &formula.0 {
            match step {
                Step::Constant(constant) => self.stack.push(*constant),
                Step::Value(value) => self.stack.push(self.get(*value)?),
                Step::Negate => {
                    let top = self.stack.last_mut()?;
                    *top = -*top;
                }
                Step::Add => {
                    let top = self.stack.pop()?;
                    *self.stack.last_mut()? += top;
                }
                Step::Multiply => {
                    let top = self.stack.pop()?;
                    *self.stack.last_mut()? *= top;
                }
                Step::Scale(scalar) => *self.stack.last_mut()? *= scalar,
            }
        }
        self.stack.pop()
    }

    fn compressed(&mut self, formulas: &[Formula], theta: &Fr) -> Option<Fr> {
        let mut values = formulas.iter().map(|formula| self.of(formula));
        values.try_fold(Fr::zero(), |sum, value| Some(sum * theta + value?))
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

#[cfg(test)]
mod tests;
