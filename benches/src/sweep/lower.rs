//! Gates of a lower degree: factors of products get a cell of their own, which a second gate ties to them.
//!
//! ```text
//! q a b c d  ->  q a t    and    q' (t - b c d)
//! ```

use halo2_proofs::{
    plonk::{Advice, Column, ConstraintSystem, Expression, VirtualCells},
    poly::Rotation,
};
use halo2curves::bn256::Fr;

use super::{
    image::Read,
    replay::{Columns, Key},
};

/// Columns that hold factors, of each lane as many as its hungriest gate needs.
#[derive(Debug)]
pub struct Helpers {
    degree: usize,
    /// By lane. None while they are counted.
    columns: Vec<Vec<Column<Advice>>>,
    counting: Option<Column<Advice>>,
    most: usize,
}

impl Helpers {
    /// So many columns in each lane; with none, they are counted.
    pub fn new(
        meta: &mut ConstraintSystem<Fr>,
        degree: usize,
        each: Option<usize>,
        lanes: usize,
    ) -> Self {
        let mut lane = || {
            (0..each.unwrap_or(0))
                .map(|_| meta.advice_column())
                .collect()
        };
        let columns = (0..lanes).map(|_| lane()).collect();
        Self {
            degree,
            columns,
            counting: each.is_none().then(|| meta.advice_column()),
            most: 0,
        }
    }

    /// Columns that a lane needs.
    pub fn most(&self) -> usize {
        self.most
    }

    /// All columns.
    pub fn columns(&self) -> Vec<Column<Advice>> {
        self.columns.iter().flatten().copied().collect()
    }

    /// A gate's polynomials at the lower degree, with those that tie factors.
    pub fn lower(
        &mut self,
        meta: &mut VirtualCells<'_, Fr>,
        columns: &Columns,
        lane: usize,
        polynomials: Vec<Expression<Fr>>,
    ) -> Vec<Expression<Fr>> {
        let mut factors = Vec::new();
        let degree = self.degree;
        let mut cell = |factor: Expression<Fr>| {
            let own = self
                .columns
                .get(lane)
                .and_then(|own| own.get(factors.len()));
            let column = own.copied().or(self.counting);
            factors.push(factor.clone());
            match column {
                Some(column) => {
                    let cell = meta.query_advice(column, Rotation::cur());
                    let on = meta.query_fixed(columns.fixed[&Key::Split], Rotation::cur());
                    (cell.clone(), Some(on * (cell - factor)))
                }
                None => (factor, None),
            }
        };
        let mut ties = Vec::new();
        let mut lowered: Vec<_> = polynomials
            .iter()
            .map(|p| {
                within(p, degree, &mut |factor| {
                    let (cell, tie) = cell(factor);
                    ties.extend(tie);
                    cell
                })
            })
            .collect();
        self.most = self.most.max(factors.len());
        lowered.extend(ties);
        lowered
    }
}

/// Degree of what a cell stands for: it leaves room for a switch.
const FACTOR: usize = 3;

/// The expression with a degree of `limit` at most; `cell` stands for factors. Switches stay where they are, so that what is off stays off;
/// one that is combined from more than `limit - 1` factors loses the rest, as it would if selectors were compressed for this degree.
fn within(
    expression: &Expression<Fr>,
    limit: usize,
    cell: &mut impl FnMut(Expression<Fr>) -> Expression<Fr>,
) -> Expression<Fr> {
    if expression.degree() <= limit {
        return expression.clone();
    }
    match expression {
        Expression::Negated(a) => Expression::Negated(Box::new(within(a, limit, cell))),
        Expression::Scaled(a, by) => Expression::Scaled(Box::new(within(a, limit, cell)), *by),
        Expression::Sum(a, b) => {
            let a = within(a, limit, cell);
            Expression::Sum(Box::new(a), Box::new(within(b, limit, cell)))
        }
        Expression::Product(..) => {
            let mut list = Vec::new();
            factors(expression, &mut list);
            let (mut switches, mut rest): (Vec<_>, Vec<_>) = list
                .into_iter()
                .partition(|factor| Read::of(factor).advice.is_empty());
            switches.truncate(limit - 1);
            let room = limit - degree(&switches);
            while degree(&rest) > room {
                rest.sort_by_key(Expression::degree);
                let mut group: Vec<_> =
                    rest.pop().iter().map(|f| within(f, FACTOR, cell)).collect();
                while let Some(next) = rest.pop() {
                    if degree(&group) + next.degree() > FACTOR {
                        rest.push(next);
                        break;
                    }
                    group.push(next);
                }
                rest.extend(product(group).map(&mut *cell));
            }
            switches.append(&mut rest);
            product(switches).unwrap_or(Expression::Constant(Fr::one()))
        }
        other => other.clone(),
    }
}

fn degree(factors: &[Expression<Fr>]) -> usize {
    factors.iter().map(Expression::degree).sum()
}

fn product(factors: Vec<Expression<Fr>>) -> Option<Expression<Fr>> {
    factors.into_iter().reduce(|a, b| a * b)
}

fn factors(expression: &Expression<Fr>, list: &mut Vec<Expression<Fr>>) {
    match expression {
        Expression::Product(a, b) => {
            factors(a, list);
            factors(b, list);
        }
        other => list.push(other.clone()),
    }
}
