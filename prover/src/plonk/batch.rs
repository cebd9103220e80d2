//! Many additions of points in affine coordinates, with one inversion for some hundred of them: six multiplications each instead of eleven.
//!
//! Coordinates are scaled ([`lanes`]), before and after.

use std::ops::Neg;

use ff::{BatchInvert, Field};
use group::Curve;
use halo2curves::bn256::{Fq, G1, G1Affine};

use super::lanes::{self, Constant, Engine, Prime, Task, WIDTH, Words, element, words};

/// Additions that share an inversion.
const BATCH: usize = 1024;

/// A point by the words of its scaled coordinates, in a cache line of its own.
#[derive(Debug, Clone, Copy, Default)]
#[repr(align(64))]
pub(super) struct Line {
    pub x: Words,
    pub y: Words,
}

impl Line {
    pub(super) fn new(point: &G1Affine, scale: Fq) -> Self {
        Self {
            x: words(&(point.x * scale)),
            y: words(&(point.y * scale)),
        }
    }

    pub(super) fn point(&self, unscale: Fq) -> G1Affine {
        G1Affine {
            x: element::<Fq>(self.x) * unscale,
            y: element::<Fq>(self.y) * unscale,
        }
    }

    pub(super) fn is_identity(&self) -> bool {
        self.x == [0; 4] && self.y == [0; 4]
    }
}

impl Neg for Line {
    type Output = Self;

    fn neg(mut self) -> Self {
        if self.y != [0; 4] {
            let mut borrow = false;
            for (y, p) in self.y.iter_mut().zip(Fq::WORDS) {
                let (less, first) = p.overflowing_sub(*y);
                let (less, second) = less.overflowing_sub(u64::from(borrow));
                (*y, borrow) = (less, first || second);
            }
        }
        self
    }
}

/// Adds neighbours in each bucket: half as many points, and one more where their number is odd.
pub(super) fn halve<T>(
    items: &[T],
    lengths: &mut [usize],
    point: impl Fn(&T) -> Line,
) -> Vec<Line> {
    let mut sums: Vec<Line> = Vec::with_capacity(items.len() / 2 + lengths.len());
    let mut batch = Batch::new();
    let mut rest = items;
    for length in lengths {
        let (bucket, others) = rest.split_at(*length);
        rest = others;
        let (twos, one) = bucket.as_chunks::<2>();
        for [a, b] in twos {
            batch.push(sums.len(), &point(a), &point(b));
            sums.push(Line::default());
            if batch.is_full() {
                batch.add(&mut sums);
            }
        }
        sums.extend(one.iter().map(&point));
        *length = length.div_ceil(2);
    }
    batch.add(&mut sums);
    sums
}

/// Pairs of points, by coordinates, and where their sums belong.
pub(super) struct Batch {
    count: usize,
    places: Vec<usize>,
    ax: Vec<Words>,
    ay: Vec<Words>,
    bx: Vec<Words>,
    by: Vec<Words>,
    /// Sums that no line gives.
    known: Vec<(usize, Line)>,
}

impl Batch {
    pub(super) fn new() -> Self {
        let coordinates = || vec![[0; 4]; BATCH];
        Self {
            count: 0,
            places: vec![0; BATCH],
            ax: coordinates(),
            ay: coordinates(),
            bx: coordinates(),
            by: coordinates(),
            known: Vec::new(),
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.count == BATCH
    }

    /// Puts a pair's sum off until the batch is full: loads are not to wait for products.
    #[inline(always)]
    pub(super) fn push(&mut self, place: usize, a: &Line, b: &Line) {
        if a.x == b.x || a.is_identity() || b.is_identity() {
            // No line through two points: rare, so without haste.
            let unscale = lanes::unscale::<Fq>();
            let sum = G1::from(a.point(unscale)) + b.point(unscale);
            let sum = Line::new(&sum.to_affine(), lanes::scale::<Fq>());
            self.known.push((place, sum));
            return;
        }
        self.set(self.count, place, a, b);
        self.count += 1;
    }

    #[inline(always)]
    fn set(&mut self, i: usize, place: usize, a: &Line, b: &Line) {
        self.places[i] = place;
        (self.ax[i], self.ay[i]) = (a.x, a.y);
        (self.bx[i], self.by[i]) = (b.x, b.y);
    }

    /// Writes all sums to their places, and forgets them.
    pub(super) fn add(&mut self, sums: &mut [Line]) {
        let other = Line {
            x: [1, 0, 0, 0],
            y: [0; 4],
        };
        let blocks = self.count.div_ceil(WIDTH);
        for i in self.count..blocks * WIDTH {
            // A sum without a place.
            self.set(i, 0, &Line::default(), &other);
        }
        lanes::run(Add {
            batch: self,
            blocks,
        });
        for i in 0..self.count {
            sums[self.places[i]] = Line {
                x: self.bx[i],
                y: self.by[i],
            };
        }
        for (place, sum) in self.known.drain(..) {
            sums[place] = sum;
        }
        self.count = 0;
    }
}

/// Puts the sums in the places of the pairs' second points.
struct Add<'a> {
    batch: &'a mut Batch,
    blocks: usize,
}

impl Task for Add<'_> {
    type Output = ();

    #[inline(always)]
    fn run<E: Engine>(self, engine: E) {
        let batch = self.batch;
        let (ax, _) = batch.ax.as_chunks::<WIDTH>();
        let (ay, _) = batch.ay.as_chunks::<WIDTH>();
        let (bx, _) = batch.bx.as_chunks_mut::<WIDTH>();
        let (by, _) = batch.by.as_chunks_mut::<WIDTH>();
        // Before each block, the product of the differences of all x before it, and its own.
        let mut blocks = Vec::with_capacity(self.blocks);
        let mut product = engine.splat(&Constant::new(Fq::ONE));
        for i in 0..self.blocks {
            let run = engine.sub(engine.load(&bx[i]), engine.load(&ax[i]));
            blocks.push((product, run));
            product = engine.mul(product, run);
        }
        let mut inverses = [[0; 4]; WIDTH];
        engine.store(product, &mut inverses);
        let mut inverse = engine.load(&inverted(inverses, engine.scale()));
        for i in (0..self.blocks).rev() {
            let (before, run) = blocks[i];
            let (ax, ay) = (engine.load(&ax[i]), engine.load(&ay[i]));
            let rise = engine.sub(engine.load(&by[i]), ay);
            let slope = engine.mul(engine.mul(inverse, before), rise);
            inverse = engine.mul(inverse, run);
            let square = engine.mul(slope, slope);
            let x = engine.sub(engine.sub(square, ax), engine.load(&bx[i]));
            let x = engine.reduce(x);
            let y = engine.sub(engine.mul(slope, engine.sub(ax, x)), ay);
            engine.store(x, &mut bx[i]);
            engine.store(y, &mut by[i]);
        }
    }
}

/// The inverses of scaled elements that are not zero, scaled.
#[inline(never)]
pub(super) fn inverted(scaled: [Words; WIDTH], scale: Fq) -> [Words; WIDTH] {
    let mut inverses = scaled.map(element::<Fq>);
    inverses.iter_mut().batch_invert();
    let square = scale.square();
    inverses.map(|inverse| words(&(inverse * square)))
}
