//! What a program consists of.

use ff::Field;
use halo2curves::bn256::Fr;

use crate::plonk::lanes::Constant;

/// Where a step reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Source {
    Register(usize),
    /// One of the program's cells.
    Cell(usize),
}

impl Source {
    #[inline(always)]
    pub(super) fn read<L: Copy>(&self, cells: &[L], registers: &[L]) -> L {
        match self {
            Self::Register(i) => registers[*i],
            Self::Cell(i) => cells[*i],
        }
    }
}

/// What a term is multiplied with.
#[derive(Debug, Clone, Copy)]
pub(super) enum Factor {
    One,
    Minus,
    Times(Constant<Fr>),
}

impl Factor {
    pub(super) fn new(c: Fr) -> Self {
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
pub(super) enum Step {
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

impl Step {
    pub(super) fn reads(&self, mut read: impl FnMut(Source)) {
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

    pub(super) fn writes(&self) -> Option<usize> {
        match self {
            Self::Sum { to, .. } | Self::Product { to, .. } | Self::Weighted { to, .. } => {
                Some(*to)
            }
            Self::Add { .. } | Self::Settle { .. } => None,
        }
    }

    pub(super) fn rename(&mut self, places: &[usize]) {
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
