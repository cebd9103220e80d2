//! From linear forms to steps.

use std::collections::HashMap;

use ff::Field;
use halo2curves::bn256::Fr;

use super::{
    Combination, Program,
    step::{Factor, Source, Step},
};
use crate::plonk::{
    lanes::{Constant, KEPT, MOST, PRODUCTS},
    linear::{Atom, Input, Kind, Linear, Products},
};

/// What of a constraint stands behind one selector.
pub(super) struct Member {
    pub weight: usize,
    pub scale: Fr,
    pub form: Linear,
}

/// A program being written, its registers without end.
#[derive(Default)]
pub(super) struct Writer {
    pub products: Products,
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
    pub(super) fn split(&self, form: Linear) -> Vec<(Option<Atom>, Fr, Linear)> {
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
    pub(super) fn group(&mut self, output: usize, selector: Option<Atom>, members: Vec<Member>) {
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
    pub(super) fn finish(self, outputs: usize) -> Program {
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
