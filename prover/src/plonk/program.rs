//! Weighted sums of constraints, as straight-line code over blocks of rows.
//!
//! ```text
//! output o at a row = sum over i of weight_i x expression_i
//!                   = sum over selectors S of S x (sum over atoms a of coefficient(S, a) x a)
//! ```
//! The backend multiplies every constraint by its selector and by a power of y, row by row. Here the powers go into the
//! coefficients, once a proof, and a selector is multiplied once for all that it switches. Where the atoms of a
//! constraint are its own, it is evaluated first and weighed as a whole: whatever takes fewer multiplications.

use std::collections::HashMap;

use ff::Field;
use halo2_proofs::plonk::Expression;
use halo2curves::bn256::Fr;

pub(super) use super::block::Padded;
use super::{
    lanes::{Constant, Engine, KEPT, MOST, PRODUCTS},
    linear::{Atom, Input, Kind, Linear, Products, UnsupportedError},
};

/// Terms of a linear form that are summed up before they are reduced: each is bound by [`KEPT`], as is what it is added to.
const TERMS: usize = MOST / KEPT - 2;

/// Where a step reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Source {
    Register(usize),
    /// One of the program's cells.
    Cell(usize),
}

impl Source {
    #[inline(always)]
    fn read<L: Copy>(&self, cells: &[L], registers: &[L]) -> L {
        match self {
            Self::Register(i) => registers[*i],
            Self::Cell(i) => cells[*i],
        }
    }
}

/// What a term is multiplied with.
#[derive(Debug, Clone, Copy)]
enum Factor {
    One,
    Minus,
    Times(Constant<Fr>),
}

impl Factor {
    fn new(c: Fr) -> Self {
        if c == Fr::ONE {
            Self::One
        } else if c == -Fr::ONE {
            Self::Minus
        } else {
            Self::Times(Constant::new(c))
        }
    }
}

#[derive(Debug, Clone)]
enum Step {
    /// A linear form.
    Sum {
        to: usize,
        constant: Option<Constant<Fr>>,
        terms: Vec<(Factor, Source)>,
    },
    Product {
        to: usize,
        factors: [Source; 2],
    },
    /// A linear form whose coefficients follow from the weights: the constant's, then the terms'.
    Weighted {
        to: usize,
        first: usize,
        terms: Vec<Source>,
    },
    /// Adds to an output, behind a selector.
    Add {
        output: usize,
        selector: Option<Source>,
        value: Source,
    },
    /// Reduces an output before its bound is too large.
    Settle {
        output: usize,
    },
}

/// A coefficient: the sum of some weights' multiples.
type Combination = Vec<(usize, Fr)>;

/// Sums of expressions, each with a weight.
#[derive(Debug, Clone)]
pub(super) struct Program {
    inputs: Vec<Input>,
    /// The cells of a row that are read: an input, some rows on.
    cells: Vec<(usize, i32)>,
    steps: Vec<Step>,
    registers: usize,
    combinations: Vec<Combination>,
    outputs: usize,
}

/// What an evaluation writes.
pub(super) struct Scratch<E: Engine> {
    cells: Vec<E::Lanes<Fr>>,
    registers: Vec<E::Lanes<Fr>>,
    sums: Vec<E::Sum<Fr>>,
    /// The outputs.
    pub outputs: Vec<E::Lanes<Fr>>,
}

/// A program whose weights are known.
#[derive(Debug)]
pub(super) struct Bound<'p> {
    program: &'p Program,
    coefficients: Vec<Constant<Fr>>,
}

/// What of a constraint stands behind one selector.
struct Member {
    weight: usize,
    scale: Fr,
    form: Linear,
}

/// A program being written, its registers without end.
#[derive(Default)]
struct Writer {
    products: Products,
    inputs: Vec<Input>,
    cells: Vec<(usize, i32)>,
    known_cells: HashMap<(usize, i32), usize>,
    steps: Vec<Step>,
    combinations: Vec<Combination>,
    registers: usize,
    /// Where a product or a linear form is.
    known_products: HashMap<usize, Source>,
    known_forms: HashMap<Linear, Source>,
}

impl Program {
    /// The program of some outputs: the first weight of an output follows the last of the one before.
    ///
    /// # Errors
    /// [`UnsupportedError`].
    pub(super) fn new(outputs: &[Vec<Expression<Fr>>]) -> Result<Self, UnsupportedError> {
        let mut writer = Writer::default();
        let mut weight = 0;
        for (output, expressions) in outputs.iter().enumerate() {
            let mut groups: Vec<(Option<Atom>, Vec<Member>)> = Vec::new();
            let mut numbers: HashMap<Option<Atom>, usize> = HashMap::new();
            for expression in expressions {
                let form = writer.products.linear(expression)?;
                for (selector, scale, form) in writer.split(form) {
                    let number = *numbers.entry(selector).or_insert_with(|| {
                        groups.push((selector, Vec::new()));
                        groups.len() - 1
                    });
                    groups[number].1.push(Member {
                        weight,
                        scale,
                        form,
                    });
                }
                weight += 1;
            }
            for (selector, members) in groups {
                writer.group(output, selector, members);
            }
        }
        Ok(writer.finish(outputs.len()))
    }

    /// The columns that it reads, in the order that [`Bound::evaluate`] wants them in.
    pub(super) fn inputs(&self) -> &[Input] {
        &self.inputs
    }

    /// The program with its weights.
    pub(super) fn bind(&self, weights: &[Fr]) -> Bound<'_> {
        let coefficient = |combination: &Combination| {
            combination
                .iter()
                .map(|(i, c)| weights.get(*i).map_or(Fr::ZERO, |w| *w * c))
                .sum()
        };
        let coefficients = self.combinations.iter().map(coefficient);
        Bound {
            program: self,
            coefficients: coefficients.map(Constant::new).collect(),
        }
    }

    /// What an evaluation needs.
    #[inline(always)]
    pub(super) fn scratch<E: Engine>(&self, engine: E) -> Scratch<E> {
        let zero = engine.gathered(engine.zero());
        Scratch {
            cells: vec![zero; self.cells.len()],
            registers: vec![zero; self.registers],
            sums: vec![engine.zero(); self.outputs],
            outputs: vec![zero; self.outputs],
        }
    }

    /// Values that are kept between the steps.
    #[cfg(test)]
    pub(super) fn registers(&self) -> usize {
        self.registers
    }

    /// Cells that are read a row.
    #[cfg(test)]
    pub(super) fn cells(&self) -> usize {
        self.cells.len()
    }

    /// Multiplications a row.
    #[cfg(test)]
    pub(super) fn multiplications(&self) -> usize {
        let cost = |step: &Step| match step {
            Step::Sum { terms, .. } => {
                let times = |(factor, _): &&(Factor, Source)| matches!(factor, Factor::Times(_));
                terms.iter().filter(times).count()
            }
            Step::Product { .. } => 1,
            Step::Weighted { terms, .. } => terms.len(),
            Step::Add { selector, .. } => usize::from(selector.is_some()),
            Step::Settle { .. } => 0,
        };
        self.steps.iter().map(cost).sum()
    }
}

impl Writer {
    fn is_fixed(&self, form: &Linear) -> bool {
        form.terms.iter().all(|(atom, _)| match atom {
            Atom::Cell(input, _) => input.kind == Kind::Fixed,
            Atom::Product(number) => self
                .products
                .get(*number)
                .is_some_and(|(a, b)| self.is_fixed(a) && self.is_fixed(b)),
        })
    }

    /// The parts of a constraint by their selectors: fixed cells, or products of such.
    fn split(&self, form: Linear) -> Vec<(Option<Atom>, Fr, Linear)> {
        let mut rest = Linear {
            constant: form.constant,
            terms: Vec::new(),
        };
        let mut parts = Vec::new();
        for (atom, c) in form.terms {
            let factors = match atom {
                Atom::Product(number) => self.products.get(number),
                Atom::Cell(..) => None,
            };
            let switched = factors.and_then(|(a, b)| {
                let mut orders = [(a, b), (b, a)].into_iter();
                orders.find_map(|(selector, body)| match selector.monomial() {
                    Some((atom, _)) if self.is_fixed(selector) => Some((atom, body.clone())),
                    _ => None,
                })
            });
            match switched {
                Some((selector, body)) => parts.push((Some(selector), c, body)),
                None => rest.terms.push((atom, c)),
            }
        }
        if rest != Linear::default() {
            parts.push((None, Fr::ONE, rest));
        }
        parts
    }

    fn input(&mut self, input: Input) -> usize {
        let known = self.inputs.iter().position(|i| *i == input);
        known.unwrap_or_else(|| {
            self.inputs.push(input);
            self.inputs.len() - 1
        })
    }

    fn cell(&mut self, input: Input, rotation: i32) -> Source {
        let place = (self.input(input), rotation);
        let next = self.cells.len();
        let cell = *self.known_cells.entry(place).or_insert(next);
        if cell == next {
            self.cells.push(place);
        }
        Source::Cell(cell)
    }

    fn register(&mut self) -> usize {
        self.registers += 1;
        self.registers - 1
    }

    fn atom(&mut self, atom: Atom) -> Source {
        let number = match atom {
            Atom::Cell(input, rotation) => return self.cell(input, rotation),
            Atom::Product(number) => number,
        };
        if let Some(source) = self.known_products.get(&number) {
            return *source;
        }
        let (a, b) = self.products.get(number).cloned().unwrap_or_default();
        let factors = [self.form(&a), self.form(&b)];
        let to = self.register();
        self.steps.push(Step::Product { to, factors });
        let source = Source::Register(to);
        self.known_products.insert(number, source);
        source
    }

    fn form(&mut self, form: &Linear) -> Source {
        match form.monomial() {
            Some((atom, c)) if c == Fr::ONE => return self.atom(atom),
            _ => {}
        }
        if let Some(source) = self.known_forms.get(form) {
            return *source;
        }
        let terms = form
            .terms
            .iter()
            .map(|(atom, c)| (Factor::new(*c), self.atom(*atom)))
            .collect();
        let to = self.register();
        self.steps.push(Step::Sum {
            to,
            constant: (form.constant != Fr::ZERO).then(|| Constant::new(form.constant)),
            terms,
        });
        let source = Source::Register(to);
        self.known_forms.insert(form.clone(), source);
        source
    }

    /// Adds what stands behind a selector to an output.
    fn group(&mut self, output: usize, selector: Option<Atom>, members: Vec<Member>) {
        let spread = spread(&members);
        let mut constant = Combination::new();
        let mut terms: Vec<(Source, Combination)> = Vec::new();
        let mut numbers: HashMap<Source, usize> = HashMap::new();
        let mut weigh = |source: Source, weight: usize, c: Fr| {
            let number = *numbers.entry(source).or_insert_with(|| {
                terms.push((source, Combination::new()));
                terms.len() - 1
            });
            terms[number].1.push((weight, c));
        };
        for (member, spread) in members.iter().zip(spread) {
            if spread {
                constant.push((member.weight, member.scale * member.form.constant));
                for (atom, c) in &member.form.terms {
                    weigh(self.atom(*atom), member.weight, member.scale * c);
                }
            } else {
                weigh(self.form(&member.form), member.weight, member.scale);
            }
        }
        let first = self.combinations.len();
        self.combinations.push(constant);
        let mut sources = Vec::with_capacity(terms.len());
        for (source, combination) in terms {
            sources.push(source);
            self.combinations.push(combination);
        }
        let to = self.register();
        self.steps.push(Step::Weighted {
            to,
            first,
            terms: sources,
        });
        let selector = selector.map(|atom| self.atom(atom));
        self.steps.push(Step::Add {
            output,
            selector,
            value: Source::Register(to),
        });
    }

    /// The program with as few registers as its steps need at a time.
    fn finish(self, outputs: usize) -> Program {
        let mut last = vec![0; self.registers];
        for (i, step) in self.steps.iter().enumerate() {
            step.reads(|source| {
                if let Source::Register(r) = source {
                    last[r] = i;
                }
            });
        }
        let mut places = vec![0; self.registers];
        let mut free: Vec<usize> = Vec::new();
        let mut count = 0;
        let mut steps = self.steps;
        for (i, step) in steps.iter_mut().enumerate() {
            let mut done = Vec::new();
            step.reads(|source| match source {
                Source::Register(r) if last[r] == i && !done.contains(&r) => done.push(r),
                _ => {}
            });
            // A step's result is written when all of its sources have been read.
            free.extend(done.iter().map(|r| places[*r]));
            if let Some(to) = step.writes() {
                places[to] = free.pop().unwrap_or_else(|| {
                    count += 1;
                    count - 1
                });
            }
            step.rename(&places);
        }
        Program {
            inputs: self.inputs,
            cells: self.cells,
            steps: settled(steps, outputs),
            registers: count,
            combinations: self.combinations,
            outputs,
        }
    }
}

/// The steps, with outputs reduced before their bound is too large.
fn settled(steps: Vec<Step>, outputs: usize) -> Vec<Step> {
    let most = (MOST - 2 * KEPT) as f64;
    // Not above what PRODUCTS of them may add up to.
    let product = most / PRODUCTS as f64;
    let mut bounds = vec![0.0; outputs];
    let mut settled = Vec::with_capacity(steps.len());
    for step in steps {
        if let Step::Add {
            output, selector, ..
        } = &step
        {
            let bound = &mut bounds[*output];
            *bound += if selector.is_some() {
                product
            } else {
                KEPT as f64
            };
            if *bound > most {
                *bound = KEPT as f64;
                settled.push(Step::Settle { output: *output });
            }
        }
        settled.push(step);
    }
    settled
}

/// Which members to take apart into atoms, that some others weigh already, and which to evaluate as a whole.
fn spread(members: &[Member]) -> Vec<bool> {
    let mut spread = vec![true; members.len()];
    loop {
        let mut uses: HashMap<Atom, usize> = HashMap::new();
        let apart = members.iter().zip(&spread).filter(|(_, spread)| **spread);
        for (atom, _) in apart.flat_map(|(member, _)| &member.form.terms) {
            *uses.entry(*atom).or_default() += 1;
        }
        // What a member costs apart: the atoms that no other weighs, and its share of the others.
        let cost = |member: &Member| {
            let terms = member.form.terms.iter();
            terms
                .map(|(atom, _)| 1.0 / uses.get(atom).copied().unwrap_or(1) as f64)
                .sum::<f64>()
        };
        let dearer = members.iter().enumerate().filter_map(|(i, member)| {
            let whole = member.form.multiplications() as f64 + 1.0;
            let more = cost(member) - whole;
            (spread[i] && more > 0.0).then_some((i, more))
        });
        match dearer.max_by(|a, b| a.1.total_cmp(&b.1)) {
            Some((i, _)) => spread[i] = false,
            None => return spread,
        }
    }
}

impl Step {
    fn reads(&self, mut read: impl FnMut(Source)) {
        match self {
            Self::Sum { terms, .. } => terms.iter().for_each(|(_, source)| read(*source)),
            Self::Product { factors, .. } => factors.iter().for_each(|source| read(*source)),
            Self::Weighted { terms, .. } => terms.iter().for_each(|source| read(*source)),
            Self::Add {
                selector, value, ..
            } => selector.iter().chain([value]).for_each(|s| read(*s)),
            Self::Settle { .. } => {}
        }
    }

    fn writes(&self) -> Option<usize> {
        match self {
            Self::Sum { to, .. } | Self::Product { to, .. } | Self::Weighted { to, .. } => {
                Some(*to)
            }
            Self::Add { .. } | Self::Settle { .. } => None,
        }
    }

    fn rename(&mut self, places: &[usize]) {
        let place = |source: &mut Source| {
            if let Source::Register(r) = source {
                *r = places[*r];
            }
        };
        match self {
            Self::Sum { to, terms, .. } => {
                *to = places[*to];
                terms.iter_mut().for_each(|(_, source)| place(source));
            }
            Self::Product { to, factors } => {
                *to = places[*to];
                factors.iter_mut().for_each(place);
            }
            Self::Weighted { to, terms, .. } => {
                *to = places[*to];
                terms.iter_mut().for_each(place);
            }
            Self::Add {
                selector, value, ..
            } => {
                selector.iter_mut().for_each(place);
                place(value);
            }
            Self::Settle { .. } => {}
        }
    }
}

impl Bound<'_> {
    /// What an evaluation needs.
    #[inline(always)]
    pub(super) fn scratch<E: Engine>(&self, engine: E) -> Scratch<E> {
        self.program.scratch(engine)
    }

    /// The outputs of eight rows from `start` on, into `scratch`: bound by 2, in the form of the columns, the weights as they are.
    #[inline(always)]
    pub(super) fn evaluate<E: Engine>(
        &self,
        engine: E,
        columns: &[&Padded],
        start: usize,
        scratch: &mut Scratch<E>,
    ) {
        let Scratch {
            cells,
            registers,
            sums,
            outputs,
        } = scratch;
        for (cell, (column, rotation)) in cells.iter_mut().zip(&self.program.cells) {
            *cell = engine.load(columns[*column].block(start, *rotation));
        }
        for sum in sums.iter_mut() {
            *sum = engine.zero();
        }
        for step in &self.program.steps {
            match step {
                Step::Sum {
                    to,
                    constant,
                    terms,
                } => {
                    let mut sum = engine.zero();
                    let mut products = false;
                    if let Some(constant) = constant {
                        engine.plus(&mut sum, engine.splat(constant));
                    }
                    for (i, (factor, source)) in terms.iter().enumerate() {
                        // The bound of so many terms is near the greatest.
                        if i > 0 && i % TERMS == 0 {
                            let settled = engine.reduce(engine.total(sum));
                            sum = engine.zero();
                            engine.plus(&mut sum, settled);
                            products = false;
                        }
                        let value = source.read(cells, registers);
                        match factor {
                            Factor::One => engine.plus(&mut sum, value),
                            Factor::Minus => engine.minus(&mut sum, value),
                            Factor::Times(c) => {
                                engine.times(&mut sum, value, engine.splat(c));
                                products = true;
                            }
                        }
                    }
                    let sum = if products {
                        engine.total(sum)
                    } else {
                        engine.gathered(sum)
                    };
                    registers[*to] = engine.reduce(sum);
                }
                Step::Product { to, factors } => {
                    let [a, b] = factors;
                    let (a, b) = (a.read(cells, registers), b.read(cells, registers));
                    registers[*to] = engine.mul(a, b);
                }
                Step::Weighted { to, first, terms } => {
                    let coefficients = &self.coefficients[*first..];
                    let mut sum = engine.zero();
                    engine.plus(&mut sum, engine.splat(&coefficients[0]));
                    for (i, source) in terms.iter().enumerate() {
                        if i > 0 && i % PRODUCTS == 0 {
                            let settled = engine.reduce(engine.total(sum));
                            sum = engine.zero();
                            engine.plus(&mut sum, settled);
                        }
                        let value = source.read(cells, registers);
                        engine.times(&mut sum, value, engine.splat(&coefficients[1 + i]));
                    }
                    registers[*to] = engine.reduce(engine.total(sum));
                }
                Step::Add {
                    output,
                    selector,
                    value,
                } => {
                    let value = value.read(cells, registers);
                    let sum = &mut sums[*output];
                    match selector {
                        None => engine.plus(sum, value),
                        Some(selector) => {
                            engine.times(sum, value, selector.read(cells, registers));
                        }
                    }
                }
                Step::Settle { output } => {
                    let settled = engine.reduce(engine.total(sums[*output]));
                    sums[*output] = engine.zero();
                    engine.plus(&mut sums[*output], settled);
                }
            }
        }
        for (output, sum) in outputs.iter_mut().zip(sums) {
            *output = engine.reduce(engine.total(*sum));
        }
    }
}
