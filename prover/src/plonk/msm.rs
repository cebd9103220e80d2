//! Multi-scalar multiplications with bases that are known long before: the parameters' points.
//!
//! ```text
//! table   2^(w j) B_i               w bits a window, j = 0..windows, made once
//! sum     sum_i s_i B_i = sum_d d (sum of the table's points with digit d or -d)
//! ```
//! With every window's multiples in the table all digits fall into one set of buckets, which is summed up once instead of once a window,
//! and windows can be wide (Brickell, Gordon, McCurley, Wilson 1992; Pippenger's buckets). Points in a bucket are added in pairs
//! ([`batch`](super::batch)).
//!
//! A scalar above half the modulus counts as its negative, so that small negative numbers are small.

use ff::PrimeField;
use group::Group;
use halo2curves::bn256::{Fq, Fr, G1, G1Affine};
use rayon::prelude::*;

use super::{
    batch::{Batch, Line, halve},
    double::doubled,
    lanes,
};

/// Bits of the greatest scalar, which is at most half the modulus, and a carry.
const SCALAR_BITS: usize = 254;
/// Set where an entry's point counts negatively.
const NEGATIVE: u32 = 1 << 31;

/// Multiples of some points.
#[derive(Debug, Clone)]
pub struct FixedBases {
    bases: usize,
    window: usize,
    /// The first point times 1, times 2^w and so on, then the second; their coordinates scaled ([`lanes`](super::lanes)).
    table: Vec<Line>,
}

impl FixedBases {
    /// The multiples of some bases. Takes as many doublings as the bases have bits together.
    ///
    /// # Panics
    /// If there are so many bases that their multiples have no number of 31 bits: 2^27 are too many.
    pub fn new(bases: &[G1Affine]) -> Self {
        let bits = bases.len().max(2).ilog2() as usize;
        // Measured: the least time at 2^11, 2^12 and 2^14 points.
        Self::with_window(bases, (bits + usize::from(bits > 11)).clamp(4, 14))
    }

    fn with_window(bases: &[G1Affine], window: usize) -> Self {
        const CHUNK: usize = 512;
        let windows = SCALAR_BITS.div_ceil(window);
        assert!(
            windows.saturating_mul(bases.len()) < NEGATIVE as usize,
            "too many bases"
        );
        let scale = lanes::scale::<Fq>();
        let mut table = vec![Line::default(); windows * bases.len()];
        table
            .par_chunks_mut(CHUNK * windows)
            .zip(bases.par_chunks(CHUNK))
            .for_each(|(table, bases)| {
                let lines = bases.iter().map(|base| Line::new(base, scale));
                let mut lines: Vec<Line> = lines.collect();
                for j in 0..windows {
                    if j > 0 {
                        doubled(&mut lines, window);
                    }
                    let multiples = table.iter_mut().skip(j).step_by(windows);
                    multiples.zip(&lines).for_each(|(to, line)| *to = *line);
                }
            });
        Self {
            bases: bases.len(),
            window,
            table,
        }
    }

    /// How many bases there are.
    #[must_use]
    pub fn bases(&self) -> usize {
        self.bases
    }

    /// `sum_i s_i B_i`, on all threads.
    ///
    /// # Panics
    /// If there are more scalars than bases.
    pub fn multiply(&self, scalars: &[Fr]) -> G1 {
        let chunk = scalars.len().div_ceil(rayon::current_num_threads()).max(1);
        let parts = scalars.par_chunks(chunk).enumerate();
        parts
            .map(|(i, scalars)| self.multiply_from(i * chunk, scalars))
            .sum()
    }

    /// `sum_i s_i B_i`, on one thread.
    ///
    /// # Panics
    /// If there are more scalars than bases.
    pub fn multiply_serial(&self, scalars: &[Fr]) -> G1 {
        self.multiply_from(0, scalars)
    }

    fn multiply_from(&self, first: usize, scalars: &[Fr]) -> G1 {
        assert!(
            first + scalars.len() <= self.bases,
            "more scalars than bases"
        );
        let windows = SCALAR_BITS.div_ceil(self.window);
        let mut found: Vec<Found> = Vec::with_capacity(windows * scalars.len());
        for (i, scalar) in scalars.iter().enumerate() {
            digits(scalar, self.window, |j, digit, negative| {
                let place = (first + i) * windows + j;
                found.push(Found::new(digit, place, negative));
            });
        }
        bucketed(&self.table, &mut found, self.window)
    }
}

/// Points that are multiplied now and then, and have no table: 64 bytes each.
#[derive(Debug, Clone, Default)]
pub struct Points(Vec<Line>);

impl Points {
    /// As they are.
    #[must_use]
    pub fn new(points: &[G1Affine]) -> Self {
        let scale = lanes::scale::<Fq>();
        let lines = points.iter().map(|point| Line::new(point, scale));
        Self(lines.collect())
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// `sum_i s_i P_i`, on all threads: a set of buckets for each window.
    ///
    /// # Panics
    /// If there are more scalars than points.
    #[must_use]
    pub fn multiply(&self, scalars: &[Fr]) -> G1 {
        assert!(scalars.len() <= self.0.len(), "more scalars than points");
        let bits = scalars.len().max(2).ilog2() as usize;
        let window = bits.saturating_sub(2).clamp(4, 14);
        let mut found: Vec<Vec<Found>> = Vec::new();
        // Room for all: what is outgrown is not wiped.
        found.resize_with(SCALAR_BITS.div_ceil(window), || {
            Vec::with_capacity(scalars.len())
        });
        for (i, scalar) in scalars.iter().enumerate() {
            digits(scalar, window, |j, digit, negative| {
                found[j].push(Found::new(digit, i, negative));
            });
        }
        let sums = found.par_iter_mut().with_max_len(1);
        let sums: Vec<G1> = sums.map(|found| bucketed(&self.0, found, window)).collect();
        sums.iter().rev().fold(G1::identity(), |sum, next| {
            (0..window).fold(sum, |sum, _| sum.double()) + next
        })
    }
}

/// A digit that is not zero: its magnitude, its point's place and whether that counts negatively.
#[derive(Clone, Copy, Default)]
struct Found {
    digit: u32,
    entry: u32,
}

impl Found {
    fn new(digit: usize, place: usize, negative: bool) -> Self {
        Self {
            digit: digit as u32,
            entry: place as u32 | if negative { NEGATIVE } else { 0 },
        }
    }

    fn line(self, table: &[Line]) -> Line {
        let line = table[(self.entry & !NEGATIVE) as usize];
        match self.entry & NEGATIVE {
            0 => line,
            _ => -line,
        }
    }
}

/// The sum of the digits' points, each as often as its digit says. Wipes the digits.
fn bucketed(table: &[Line], found: &mut [Found], window: usize) -> G1 {
    let (points, mut lengths) = paired(table, found, window);
    // The scalars, in other words.
    found.fill(Found::default());
    zeroize::optimization_barrier(found);
    let points = summed(points, &mut lengths);
    weighted(&points, &lengths)
}

/// The digits' points by bucket, the first sums made: half as many, and one more where their number is odd.
///
/// The table is read from one end to the other; the buckets' waiting points are what is read in any order.
fn paired(table: &[Line], found: &[Found], window: usize) -> (Vec<Line>, Vec<usize>) {
    let mut counts = vec![0usize; (1 << (window - 1)) + 1];
    found
        .iter()
        .for_each(|found| counts[found.digit as usize] += 1);
    // Bucket 0 is never used; those above the last are none.
    let used = counts.iter().rposition(|c| *c > 0);
    counts.truncate(used.map_or(0, |last| last + 1));
    let mut lengths = Vec::with_capacity(counts.len());
    let mut next = Vec::with_capacity(counts.len());
    let mut start = 0;
    for count in &counts {
        next.push(start);
        lengths.push(count.div_ceil(2));
        start += count.div_ceil(2);
    }
    let mut sums = vec![Line::default(); start];
    let mut waiting = vec![None; counts.len()];
    let mut batch = Batch::new();
    for found in found {
        let digit = found.digit as usize;
        let line = found.line(table);
        let left = counts[digit];
        counts[digit] -= 1;
        if left.is_multiple_of(2) {
            waiting[digit] = Some(line);
            continue;
        }
        let place = next[digit];
        next[digit] += 1;
        match waiting[digit].take() {
            Some(other) => batch.push(place, &other, &line),
            // The first of an odd number.
            None => sums[place] = line,
        }
        if batch.is_full() {
            batch.add(&mut sums);
        }
    }
    batch.add(&mut sums);
    lengths.drain(..lengths.len().min(1));
    (sums, lengths)
}

/// The sum of each bucket, where it has points.
fn summed(mut points: Vec<Line>, lengths: &mut [usize]) -> Vec<Line> {
    while lengths.iter().any(|length| *length > 1) {
        points = halve(&points, lengths, |line| *line);
    }
    points
}

/// `sum_d d B_d`, d = 1, 2, ..., of buckets with one point or none.
///
/// ```text
/// d = m i + j + 1      m sum_i i (sum_j B_ij) + sum_j (j + 1) (sum_i B_ij)
/// ```
/// The sums in brackets are of points side by side, which is cheaper than one running sum over all buckets.
fn weighted(points: &[Line], lengths: &[usize]) -> G1 {
    let bits = lengths.len().max(1).ilog2().div_ceil(2);
    let width = 1 << bits;
    let mut rows: Vec<usize> = lengths.chunks(width).map(|row| row.iter().sum()).collect();
    let row_sums = summed(points.to_vec(), &mut rows);

    let mut columns = vec![Vec::new(); width];
    let mut rest = points.iter();
    for (d, length) in lengths.iter().enumerate() {
        columns[d % width].extend(rest.by_ref().take(*length).copied());
    }
    let mut heights: Vec<usize> = columns.iter().map(Vec::len).collect();
    let column_sums = summed(columns.concat(), &mut heights);

    // The first row counts for nothing.
    let first = rows.first().copied().unwrap_or(0);
    let mut sum = running(
        row_sums.get(first..).unwrap_or_default(),
        rows.get(1..).unwrap_or_default(),
    );
    (0..bits).for_each(|_| sum = sum.double());
    sum + running(&column_sums, &heights)
}

/// `P_1 + 2 P_2 + 3 P_3 + ...`, of which those of length 0 are not there.
fn running(points: &[Line], lengths: &[usize]) -> G1 {
    let unscale = lanes::unscale::<Fq>();
    let mut points = points.iter().map(|line| line.point(unscale)).rev();
    let (mut running, mut sum) = (G1::identity(), G1::identity());
    for length in lengths.iter().rev() {
        if *length > 0
            && let Some(point) = points.next()
        {
            running += point;
        }
        sum += running;
    }
    sum
}

/// The signed digits of a scalar that are not zero: window, magnitude, whether it is negative.
fn digits(scalar: &Fr, window: usize, mut digit: impl FnMut(usize, usize, bool)) {
    let negated = -*scalar;
    let (plain, opposite) = (limbs(scalar), limbs(&negated));
    let negative = plain.iter().rev().gt(opposite.iter().rev());
    let limbs = if negative { opposite } else { plain };
    let mut carry = 0;
    let half = 1 << (window - 1);
    for j in 0..SCALAR_BITS.div_ceil(window) {
        let bit = j * window;
        let (limb, shift) = (bit / 64, bit % 64);
        let low = limbs.get(limb).map_or(0, |l| l >> shift);
        let high = match shift {
            0 => 0,
            _ => limbs.get(limb + 1).map_or(0, |l| l << (64 - shift)),
        };
        let value = ((low | high) & ((1 << window) - 1)) + carry;
        carry = u64::from(value > half);
        let (magnitude, below) = match carry {
            0 => (value, false),
            _ => ((2 * half) - value, true),
        };
        if magnitude != 0 {
            digit(j, magnitude as usize, below != negative);
        }
    }
    debug_assert_eq!(carry, 0);
}

/// The canonical integer, least limb first.
fn limbs(scalar: &Fr) -> [u64; 4] {
    let bytes = scalar.to_repr();
    let (chunks, _) = bytes.as_chunks::<8>();
    std::array::from_fn(|i| chunks.get(i).map_or(0, |c| u64::from_le_bytes(*c)))
}

#[cfg(test)]
mod tests {
    use ff::Field;
    use group::Curve;
    use halo2_proofs::arithmetic::best_multiexp;
    use rand_core::OsRng;

    use super::*;

    fn bases(count: usize) -> Vec<G1Affine> {
        (0..count).map(|_| G1::random(OsRng).to_affine()).collect()
    }

    /// What multiples of one base add up to, by the group's own multiplication.
    fn one_by_one(scalars: &[Fr], bases: &[G1Affine]) -> G1 {
        scalars.iter().zip(bases).map(|(s, b)| *b * s).sum()
    }

    #[test]
    fn random_scalars_as_the_backend_multiplies_them() {
        let bases = bases(300);
        let fixed = FixedBases::new(&bases);
        for count in [0, 1, 2, 299, 300] {
            let scalars: Vec<Fr> = (0..count).map(|_| Fr::random(OsRng)).collect();
            let expected = best_multiexp(&scalars, &bases[..count]);
            assert_eq!(fixed.multiply(&scalars), expected, "{count}");
            assert_eq!(fixed.multiply_serial(&scalars), expected, "{count}");
            assert_eq!(Points::new(&bases).multiply(&scalars), expected, "{count}");
        }
    }

    /// Digits with carries through all windows, the greatest scalars, and none.
    #[test]
    fn edges_of_the_digits_in_every_window() {
        let mut scalars = vec![Fr::ZERO, Fr::ONE, -Fr::ONE, Fr::TWO_INV, -Fr::TWO_INV];
        for bits in (0..254).step_by(7) {
            let power = Fr::from(2).pow_vartime([bits, 0, 0, 0]);
            scalars.extend([power, -power, power - Fr::ONE, Fr::ONE - power]);
        }
        let bases = bases(scalars.len());
        let expected = one_by_one(&scalars, &bases);
        for window in 4..=15 {
            let fixed = FixedBases::with_window(&bases, window);
            assert_eq!(fixed.multiply(&scalars), expected, "{window} bits");
        }
        assert_eq!(Points::new(&bases).multiply(&scalars), expected);
    }

    /// Equal points in a bucket are doubled, opposite ones vanish, and the identity is a base like any other.
    #[test]
    fn equal_opposite_and_no_points() {
        let point = bases(1)[0];
        let bases = [point, point, -point, G1Affine::default(), point, -point];
        let fixed = FixedBases::new(&bases);
        for scalars in [[1; 6], [3, 3, 3, 1, 0, 0], [5, 0, 5, 7, 1, 1], [0; 6]] {
            let scalars = scalars.map(Fr::from);
            let expected = one_by_one(&scalars, &bases);
            assert_eq!(fixed.multiply(&scalars), expected);
            assert_eq!(Points::new(&bases).multiply(&scalars), expected);
        }
    }
}
