//! Many additions of points in affine coordinates, with one inversion for some hundred of them: six multiplications each instead of eleven.
//!
//! Coordinates are scaled ([`lanes`]), before and after.

use ff::{BatchInvert, Field};
use group::Curve;
use halo2curves::bn256::{Fq, G1, G1Affine};

use super::lanes::{self, Constant, Engine, Task, WIDTH};

/// Additions that share an inversion.
const BATCH: usize = 512;

/// A point with its coordinates times a factor.
pub(super) fn scaled(point: &G1Affine, by: Fq) -> G1Affine {
    G1Affine {
        x: point.x * by,
        y: point.y * by,
    }
}

/// Adds neighbours in each bucket: half as many points, and one more where their number is odd.
pub(super) fn halve<T>(
    items: &[T],
    lengths: &mut [usize],
    point: impl Fn(&T) -> G1Affine,
) -> Vec<G1Affine> {
    let mut sums: Vec<G1Affine> = Vec::with_capacity(items.len() / 2 + lengths.len());
    let mut batch = Batch::default();
    let mut rest = items;
    for length in lengths {
        let (bucket, others) = rest.split_at(*length);
        rest = others;
        let (twos, one) = bucket.as_chunks::<2>();
        for [a, b] in twos {
            batch.push(sums.len(), point(a), point(b));
            sums.push(G1Affine::default());
            if batch.places.len() == BATCH {
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
#[derive(Default)]
struct Batch {
    places: Vec<usize>,
    ax: Vec<Fq>,
    ay: Vec<Fq>,
    bx: Vec<Fq>,
    by: Vec<Fq>,
    /// Sums that no line gives.
    known: Vec<(usize, G1Affine)>,
}

impl Batch {
    /// Puts a pair's sum off until the batch is full: loads are not to wait for products.
    fn push(&mut self, place: usize, a: G1Affine, b: G1Affine) {
        let is_identity = |p: &G1Affine| p.x == Fq::ZERO && p.y == Fq::ZERO;
        if a.x == b.x || is_identity(&a) || is_identity(&b) {
            // No line through two points: rare, so without haste.
            let unscale = lanes::unscale::<Fq>();
            let sum = (G1::from(scaled(&a, unscale)) + scaled(&b, unscale)).to_affine();
            self.known.push((place, scaled(&sum, lanes::scale::<Fq>())));
            return;
        }
        self.places.push(place);
        self.coordinates(a, b);
    }

    fn coordinates(&mut self, a: G1Affine, b: G1Affine) {
        self.ax.push(a.x);
        self.ay.push(a.y);
        self.bx.push(b.x);
        self.by.push(b.y);
    }

    /// Writes all sums to their places, and forgets them.
    fn add(&mut self, sums: &mut [G1Affine]) {
        while !self.ax.len().is_multiple_of(WIDTH) {
            // A sum without a place.
            let other = G1Affine {
                x: Fq::ONE,
                y: Fq::ZERO,
            };
            self.coordinates(G1Affine::default(), other);
        }
        if !self.ax.is_empty() {
            lanes::run(Add { batch: self, sums });
        }
        for (place, sum) in self.known.drain(..) {
            sums[place] = sum;
        }
        self.places.clear();
        for coordinates in [&mut self.ax, &mut self.ay, &mut self.bx, &mut self.by] {
            coordinates.clear();
        }
    }
}

struct Add<'a> {
    batch: &'a Batch,
    sums: &'a mut [G1Affine],
}

impl Task for Add<'_> {
    type Output = ();

    #[inline(always)]
    fn run<E: Engine>(self, engine: E) {
        let batch = self.batch;
        let (ax, _) = batch.ax.as_chunks::<WIDTH>();
        let (ay, _) = batch.ay.as_chunks::<WIDTH>();
        let (bx, _) = batch.bx.as_chunks::<WIDTH>();
        let (by, _) = batch.by.as_chunks::<WIDTH>();
        // Before each block, the product of the differences of all x before it, and its own.
        let mut blocks = Vec::with_capacity(ax.len());
        let mut product = engine.splat(&Constant::new(Fq::ONE));
        for i in 0..ax.len() {
            let run = engine.sub(engine.load(&bx[i]), engine.load(&ax[i]));
            blocks.push((product, run));
            product = engine.mul(product, run);
        }
        let mut inverses = [Fq::ZERO; WIDTH];
        engine.store(product, &mut inverses);
        // Products of differences that are not zero.
        inverses.iter_mut().batch_invert();
        let scale: Fq = engine.scale();
        let square = scale.square();
        inverses.iter_mut().for_each(|i| *i *= square);
        let mut inverse = engine.load(&inverses);
        let (mut xs, mut ys) = ([Fq::ZERO; WIDTH], [Fq::ZERO; WIDTH]);
        for i in (0..ax.len()).rev() {
            let (before, run) = blocks[i];
            let (ax, ay) = (engine.load(&ax[i]), engine.load(&ay[i]));
            let rise = engine.sub(engine.load(&by[i]), ay);
            let slope = engine.mul(engine.mul(inverse, before), rise);
            inverse = engine.mul(inverse, run);
            let square = engine.mul(slope, slope);
            let x = engine.sub(engine.sub(square, ax), engine.load(&bx[i]));
            let x = engine.reduce(x);
            let y = engine.sub(engine.mul(slope, engine.sub(ax, x)), ay);
            engine.store(x, &mut xs);
            engine.store(y, &mut ys);
            for j in 0..WIDTH {
                // The last block may have sums without a place.
                if let Some(place) = batch.places.get(WIDTH * i + j) {
                    self.sums[*place] = G1Affine { x: xs[j], y: ys[j] };
                }
            }
        }
    }
}
