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

use ff::{Field, PrimeField};
use group::{Curve, Group};
use halo2curves::bn256::{Fq, Fr, G1, G1Affine};
use rayon::prelude::*;

use super::{
    batch::{Line, halve},
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
    /// All points times 1, then all times 2^w, and so on; their coordinates scaled ([`lanes`](super::lanes)).
    table: Vec<Line>,
}

impl FixedBases {
    /// The multiples of some bases. Takes as many doublings as the bases have bits together.
    pub fn new(bases: &[G1Affine]) -> Self {
        let bits = bases.len().max(2).ilog2() as usize;
        // Measured: the least time at 2^11, 2^12 and 2^14 points.
        Self::with_window(bases, (bits + usize::from(bits > 11)).clamp(4, 15))
    }

    fn with_window(bases: &[G1Affine], window: usize) -> Self {
        const CHUNK: usize = 512;
        let windows = SCALAR_BITS.div_ceil(window);
        let columns: Vec<Vec<G1Affine>> = bases
            .par_chunks(CHUNK)
            .map(|chunk| {
                let mut points: Vec<G1> = chunk.iter().map(G1::from).collect();
                let mut column = chunk.to_vec();
                let mut affine = vec![G1Affine::default(); chunk.len()];
                for _ in 1..windows {
                    for point in &mut points {
                        (0..window).for_each(|_| *point = point.double());
                    }
                    G1::batch_normalize(&points, &mut affine);
                    column.extend_from_slice(&affine);
                }
                column
            })
            .collect();
        let scale = lanes::scale::<Fq>();
        let mut table = Vec::with_capacity(windows * bases.len());
        for j in 0..windows {
            for (column, chunk) in columns.iter().zip(bases.chunks(CHUNK)) {
                let from = j * chunk.len();
                let column = column[from..from + chunk.len()].iter();
                table.extend(column.map(|point| Line::new(point, scale)));
            }
        }
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
        let (entries, counts) = self.sorted(first, scalars);
        let mut lengths = counts;
        let mut points = halve(&entries, &mut lengths, |entry| self.entry(*entry));
        while lengths.iter().any(|length| *length > 1) {
            points = halve(&points, &mut lengths, |line| *line);
        }
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

    /// The digits of all scalars, as places in the table, by bucket; and how many there are in each.
    fn sorted(&self, first: usize, scalars: &[Fr]) -> (Vec<u32>, Vec<usize>) {
        let windows = SCALAR_BITS.div_ceil(self.window);
        let mut found: Vec<(u32, u32)> = Vec::with_capacity(windows * scalars.len());
        let mut counts = vec![0; (1 << (self.window - 1)) + 1];
        for (i, scalar) in scalars.iter().enumerate() {
            digits(scalar, self.window, |j, digit, negative| {
                let place = (j * self.bases + first + i) as u32;
                counts[digit] += 1;
                found.push((digit as u32, place | if negative { NEGATIVE } else { 0 }));
            });
        }
        // Bucket 0 is never used; those above the last are none.
        let used = counts
            .iter()
            .rposition(|c| *c > 0)
            .map_or(0, |last| last + 1);
        counts.truncate(used);
        let mut starts = Vec::with_capacity(used);
        let mut start = 0;
        for count in &counts {
            starts.push(start);
            start += count;
        }
        let mut entries = vec![0; found.len()];
        for (digit, entry) in found {
            let place = &mut starts[digit as usize];
            entries[*place] = entry;
            *place += 1;
        }
        let counts = counts.get(1..).unwrap_or_default().to_vec();
        (entries, counts)
    }

    fn entry(&self, entry: u32) -> Line {
        let line = self.table[(entry & !NEGATIVE) as usize];
        if entry & NEGATIVE == 0 { line } else { -line }
    }

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
    }

    /// Equal points in a bucket are doubled, opposite ones vanish, and the identity is a base like any other.
    #[test]
    fn equal_opposite_and_no_points() {
        let point = bases(1)[0];
        let bases = [point, point, -point, G1Affine::default(), point, -point];
        let fixed = FixedBases::new(&bases);
        for scalars in [[1; 6], [3, 3, 3, 1, 0, 0], [5, 0, 5, 7, 1, 1], [0; 6]] {
            let scalars = scalars.map(Fr::from);
            assert_eq!(fixed.multiply(&scalars), one_by_one(&scalars, &bases));
        }
    }
}
#[cfg(test)]
mod timing {
    use super::*;
    use rand_core::OsRng;
    #[test]
    fn msm_time() {
        for k in [11usize, 12, 14] {
            let mut g = G1::generator();
            let bases: Vec<G1Affine> = (0..1 << k).map(|_| { g = g.double() + G1::generator(); g.to_affine() }).collect();
            let s: Vec<Fr> = (0..1 << k).map(|_| Fr::random(OsRng)).collect();
            for w in k - 2..=k.min(13) + 1 {
            let f = FixedBases::with_window(&bases, w);
            let mut t = vec![];
            let mut parts = vec![];
            for _ in 0..7 {
                let i = std::time::Instant::now();
                let (entries, mut lengths) = f.sorted(0, &s);
                let a = i.elapsed();
                let mut points = halve(&entries, &mut lengths, |entry| f.entry(*entry));
                let b = i.elapsed();
                while lengths.iter().any(|length| *length > 1) {
                    points = halve(&points, &mut lengths, |line| *line);
                }
                parts.push((a, b, i.elapsed()));
                let i = std::time::Instant::now();
                std::hint::black_box(f.multiply_serial(&s));
                t.push(i.elapsed());
            }
            t.sort(); parts.sort();
            println!("k {k} w {w} {:?} {:?}", t[3], parts[3]);
            }
        }
    }
}
