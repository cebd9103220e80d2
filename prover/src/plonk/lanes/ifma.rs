//! AVX-512 with 52-bit multiply-and-add (IFMA): five limbs of 52 bits, a register each.
//!
//! Gueron and Krasnov, Accelerating big integer arithmetic using Intel IFMA extensions (ARITH 2016). Products are summed up as ten limbs,
//! and reduced (Montgomery, 2^260) once a sum: what is only added stands in the upper five.
//!
//! All limbs of a value are below 2^52 between operations; within one they are signed words, and a carry settles them.

// Indices are of limbs, in several numbers at once.
#![allow(clippy::needless_range_loop)]

use std::{arch::x86_64::__m512i, marker::PhantomData, sync::LazyLock};

use pulp::bytemuck;

use super::{Constant, Engine, KEPT, LIMB, MASK, Prime, Task, WIDTH, Words, asked, limbs};

pulp::simd_type!({
    /// Proof that the processor has the instructions.
    pub(super) struct Ifma {
        pub avx512f: f!("avx512f"),
        pub avx512ifma: f!("avx512ifma"),
    }
});

/// What this engine is called.
pub(super) const NAME: &str = "avx512-ifma";

/// The instructions, if they are there and wanted.
pub(super) fn detected() -> Option<Ifma> {
    static DETECTED: LazyLock<Option<Ifma>> = LazyLock::new(|| match asked() {
        Some(engine) if engine != NAME => None,
        _ => Ifma::try_new(),
    });
    *DETECTED
}

/// Runs a task where the compiler may use the instructions.
pub(super) fn run<T: Task>(engine: Ifma, task: T) -> T::Output {
    engine.vectorize(
        #[inline(always)]
        || task.run(engine),
    )
}

/// Eight values.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lanes<F>([__m512i; 5], PhantomData<F>);

/// Ten limbs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sum<F>([__m512i; 10], PhantomData<F>);

/// What follows from a modulus.
struct Modulus<F>(PhantomData<F>);

impl<F: Prime> Modulus<F> {
    const P: [u64; 5] = limbs(F::WORDS);
    /// `-1/p mod 2^52`.
    const INVERSE: u64 = {
        let p = F::WORDS[0];
        let mut x = 1u64;
        let mut i = 0;
        while i < 6 {
            x = x.wrapping_mul(2u64.wrapping_sub(p.wrapping_mul(x)));
            i += 1;
        }
        x.wrapping_neg() & MASK
    };
    /// [`KEPT`] times p, limb by limb: not settled.
    const KEPT: [u64; 5] = {
        let mut kept = Self::P;
        let mut i = 0;
        while i < 5 {
            kept[i] *= KEPT as u64;
            i += 1;
        }
        kept
    };
    /// `2^305 / p`, below 2^52 and from below: p's 64 highest bits and one more in the last place, divided into 2^113.
    const RECIPROCAL: u64 = ((1u128 << 113) / (F::WORDS[3] as u128 + 1)) as u64 & MASK;
}

impl Ifma {
    #[inline(always)]
    fn set(self, x: u64) -> __m512i {
        self.avx512f._mm512_set1_epi64(x.cast_signed())
    }

    #[inline(always)]
    fn plus_words(self, a: __m512i, b: __m512i) -> __m512i {
        self.avx512f._mm512_add_epi64(a, b)
    }

    #[inline(always)]
    fn low(self, sum: __m512i, a: __m512i, b: __m512i) -> __m512i {
        self.avx512ifma._mm512_madd52lo_epu64(sum, a, b)
    }

    #[inline(always)]
    fn high(self, sum: __m512i, a: __m512i, b: __m512i) -> __m512i {
        self.avx512ifma._mm512_madd52hi_epu64(sum, a, b)
    }

    /// Limbs below 2^52; what is above goes to the next.
    #[inline(always)]
    fn carried<F>(self, mut t: [__m512i; 5]) -> Lanes<F> {
        let mask = self.set(MASK);
        for i in 0..4 {
            t[i + 1] = self.plus_words(t[i + 1], self.avx512f._mm512_srai_epi64::<LIMB>(t[i]));
            t[i] = self.avx512f._mm512_and_si512(t[i], mask);
        }
        Lanes(t, PhantomData)
    }

    /// Adds a product to ten limbs.
    #[inline(always)]
    fn accumulate<F>(self, t: &mut [__m512i; 10], a: Lanes<F>, b: Lanes<F>) {
        for i in 0..5 {
            for j in 0..5 {
                t[i + j] = self.low(t[i + j], a.0[i], b.0[j]);
            }
            for j in 0..5 {
                t[i + j + 1] = self.high(t[i + j + 1], a.0[i], b.0[j]);
            }
        }
    }

    /// Ten limbs over 2^260.
    #[inline(always)]
    fn montgomery<F: Prime>(self, mut t: [__m512i; 10]) -> Lanes<F> {
        let zero = self.avx512f._mm512_setzero_si512();
        let inverse = self.set(Modulus::<F>::INVERSE);
        let p = Modulus::<F>::P.map(
            #[inline(always)]
            |x| self.set(x),
        );
        for i in 0..5 {
            let m = self.low(zero, t[i], inverse);
            for j in 0..5 {
                t[i + j] = self.low(t[i + j], m, p[j]);
            }
            t[i + 1] = self.plus_words(t[i + 1], self.avx512f._mm512_srli_epi64::<LIMB>(t[i]));
            for j in 0..5 {
                t[i + j + 1] = self.high(t[i + j + 1], m, p[j]);
            }
        }
        self.carried([t[5], t[6], t[7], t[8], t[9]])
    }

    /// Two rows of four words each, a register, as limbs of words.
    #[inline(always)]
    fn words_to_limbs<F>(self, w: [__m512i; 4]) -> Lanes<F> {
        let f = self.avx512f;
        let mask = self.set(MASK);
        Lanes(
            [
                f._mm512_and_si512(w[0], mask),
                f._mm512_and_si512(
                    f._mm512_or_si512(
                        f._mm512_srli_epi64::<52>(w[0]),
                        f._mm512_slli_epi64::<12>(w[1]),
                    ),
                    mask,
                ),
                f._mm512_and_si512(
                    f._mm512_or_si512(
                        f._mm512_srli_epi64::<40>(w[1]),
                        f._mm512_slli_epi64::<24>(w[2]),
                    ),
                    mask,
                ),
                f._mm512_and_si512(
                    f._mm512_or_si512(
                        f._mm512_srli_epi64::<28>(w[2]),
                        f._mm512_slli_epi64::<36>(w[3]),
                    ),
                    mask,
                ),
                f._mm512_srli_epi64::<16>(w[3]),
            ],
            PhantomData,
        )
    }

    /// The residue below p of what is below 2 p.
    #[inline(always)]
    fn canonical<F: Prime>(self, value: Lanes<F>) -> Lanes<F> {
        let f = self.avx512f;
        let mask = self.set(MASK);
        let mut less = value.0;
        let mut carry = f._mm512_setzero_si512();
        for i in 0..5 {
            let p = self.set(Modulus::<F>::P[i]);
            let limb = self.plus_words(f._mm512_sub_epi64(value.0[i], p), carry);
            carry = f._mm512_srai_epi64::<LIMB>(limb);
            less[i] = f._mm512_and_si512(limb, mask);
        }
        let below = f._mm512_cmplt_epi64_mask(carry, f._mm512_setzero_si512());
        let mut out = value.0;
        for i in 0..5 {
            out[i] = f._mm512_mask_blend_epi64(below, less[i], value.0[i]);
        }
        Lanes(out, PhantomData)
    }

    /// Eight registers, transposed.
    #[inline(always)]
    fn transpose(self, r: [__m512i; 8]) -> [__m512i; 8] {
        let f = self.avx512f;
        // Pairs, then fours, then halves.
        let a = [
            f._mm512_unpacklo_epi64(r[0], r[1]),
            f._mm512_unpackhi_epi64(r[0], r[1]),
            f._mm512_unpacklo_epi64(r[2], r[3]),
            f._mm512_unpackhi_epi64(r[2], r[3]),
            f._mm512_unpacklo_epi64(r[4], r[5]),
            f._mm512_unpackhi_epi64(r[4], r[5]),
            f._mm512_unpacklo_epi64(r[6], r[7]),
            f._mm512_unpackhi_epi64(r[6], r[7]),
        ];
        // a[2p + odd], part q of two words: columns 2q + odd of rows 2p, 2p + 1.
        let b = [
            f._mm512_shuffle_i64x2::<0x88>(a[0], a[2]),
            f._mm512_shuffle_i64x2::<0x88>(a[1], a[3]),
            f._mm512_shuffle_i64x2::<0xdd>(a[0], a[2]),
            f._mm512_shuffle_i64x2::<0xdd>(a[1], a[3]),
            f._mm512_shuffle_i64x2::<0x88>(a[4], a[6]),
            f._mm512_shuffle_i64x2::<0x88>(a[5], a[7]),
            f._mm512_shuffle_i64x2::<0xdd>(a[4], a[6]),
            f._mm512_shuffle_i64x2::<0xdd>(a[5], a[7]),
        ];
        [
            f._mm512_shuffle_i64x2::<0x88>(b[0], b[4]),
            f._mm512_shuffle_i64x2::<0x88>(b[1], b[5]),
            f._mm512_shuffle_i64x2::<0x88>(b[2], b[6]),
            f._mm512_shuffle_i64x2::<0x88>(b[3], b[7]),
            f._mm512_shuffle_i64x2::<0xdd>(b[0], b[4]),
            f._mm512_shuffle_i64x2::<0xdd>(b[1], b[5]),
            f._mm512_shuffle_i64x2::<0xdd>(b[2], b[6]),
            f._mm512_shuffle_i64x2::<0xdd>(b[3], b[7]),
        ]
    }
}

impl Engine for Ifma {
    type Lanes<F: Prime> = Lanes<F>;
    type Sum<F: Prime> = Sum<F>;

    #[inline(always)]
    fn scale<F: Prime>(self) -> F {
        F::from(16)
    }

    #[inline(always)]
    fn load<F: Prime>(self, from: &[Words; WIDTH]) -> Lanes<F> {
        let f = self.avx512f;
        let [r0, r1, r2, r3]: [__m512i; 4] = bytemuck::cast(*from);
        // Two elements a register; words 0 and 1, words 2 and 3 of four elements; words of eight.
        let low = f._mm512_set_epi64(13, 9, 5, 1, 12, 8, 4, 0);
        let high = f._mm512_set_epi64(15, 11, 7, 3, 14, 10, 6, 2);
        let a = f._mm512_permutex2var_epi64(r0, low, r1);
        let b = f._mm512_permutex2var_epi64(r0, high, r1);
        let c = f._mm512_permutex2var_epi64(r2, low, r3);
        let d = f._mm512_permutex2var_epi64(r2, high, r3);
        self.words_to_limbs([
            f._mm512_shuffle_i64x2::<0x44>(a, c),
            f._mm512_shuffle_i64x2::<0xee>(a, c),
            f._mm512_shuffle_i64x2::<0x44>(b, d),
            f._mm512_shuffle_i64x2::<0xee>(b, d),
        ])
    }

    #[inline(always)]
    fn splat<F: Prime>(self, constant: &Constant<F>) -> Lanes<F> {
        let l = &constant.limbs;
        Lanes(
            [
                self.set(l[0]),
                self.set(l[1]),
                self.set(l[2]),
                self.set(l[3]),
                self.set(l[4]),
            ],
            PhantomData,
        )
    }

    #[inline(always)]
    fn store<F: Prime>(self, value: Lanes<F>, to: &mut [Words; WIDTH]) {
        let f = self.avx512f;
        let t = self.canonical(self.reduce(value)).0;
        let w = [
            f._mm512_or_si512(t[0], f._mm512_slli_epi64::<52>(t[1])),
            f._mm512_or_si512(
                f._mm512_srli_epi64::<12>(t[1]),
                f._mm512_slli_epi64::<40>(t[2]),
            ),
            f._mm512_or_si512(
                f._mm512_srli_epi64::<24>(t[2]),
                f._mm512_slli_epi64::<28>(t[3]),
            ),
            f._mm512_or_si512(
                f._mm512_srli_epi64::<36>(t[3]),
                f._mm512_slli_epi64::<16>(t[4]),
            ),
        ];
        // Words of eight, words 0 and 1, 2 and 3 of four elements, two elements a register.
        let a = f._mm512_shuffle_i64x2::<0x44>(w[0], w[1]);
        let c = f._mm512_shuffle_i64x2::<0xee>(w[0], w[1]);
        let b = f._mm512_shuffle_i64x2::<0x44>(w[2], w[3]);
        let d = f._mm512_shuffle_i64x2::<0xee>(w[2], w[3]);
        let first = f._mm512_set_epi64(13, 9, 5, 1, 12, 8, 4, 0);
        let second = f._mm512_set_epi64(15, 11, 7, 3, 14, 10, 6, 2);
        *to = bytemuck::cast([
            f._mm512_permutex2var_epi64(a, first, b),
            f._mm512_permutex2var_epi64(a, second, b),
            f._mm512_permutex2var_epi64(c, first, d),
            f._mm512_permutex2var_epi64(c, second, d),
        ]);
    }

    #[inline(always)]
    fn add<F: Prime>(self, a: Lanes<F>, b: Lanes<F>) -> Lanes<F> {
        let mut t = a.0;
        for i in 0..5 {
            t[i] = self.plus_words(t[i], b.0[i]);
        }
        self.carried(t)
    }

    #[inline(always)]
    fn sub<F: Prime>(self, a: Lanes<F>, b: Lanes<F>) -> Lanes<F> {
        let mut t = a.0;
        for i in 0..5 {
            let kept = self.set(Modulus::<F>::KEPT[i]);
            t[i] = self.plus_words(t[i], self.avx512f._mm512_sub_epi64(kept, b.0[i]));
        }
        self.carried(t)
    }

    #[inline(always)]
    fn mul<F: Prime>(self, a: Lanes<F>, b: Lanes<F>) -> Lanes<F> {
        let mut sum: Sum<F> = self.zero();
        self.accumulate(&mut sum.0, a, b);
        self.montgomery(sum.0)
    }

    #[inline(always)]
    fn reduce<F: Prime>(self, value: Lanes<F>) -> Lanes<F> {
        // Barrett: the quotient by p from the highest limb, at most one too small.
        let f = self.avx512f;
        let zero = f._mm512_setzero_si512();
        let scaled = self.high(zero, value.0[4], self.set(Modulus::<F>::RECIPROCAL));
        let quotient = f._mm512_srli_epi64::<45>(scaled);
        let mut product = [zero; 5];
        for i in 0..5 {
            let p = self.set(Modulus::<F>::P[i]);
            product[i] = self.low(product[i], quotient, p);
            if i < 4 {
                product[i + 1] = self.high(product[i + 1], quotient, p);
            }
        }
        let mut t = value.0;
        for i in 0..5 {
            t[i] = f._mm512_sub_epi64(t[i], product[i]);
        }
        self.carried(t)
    }

    #[inline(always)]
    fn zero<F: Prime>(self) -> Sum<F> {
        Sum([self.avx512f._mm512_setzero_si512(); 10], PhantomData)
    }

    #[inline(always)]
    fn plus<F: Prime>(self, sum: &mut Sum<F>, value: Lanes<F>) {
        for i in 0..5 {
            sum.0[5 + i] = self.plus_words(sum.0[5 + i], value.0[i]);
        }
    }

    #[inline(always)]
    fn minus<F: Prime>(self, sum: &mut Sum<F>, value: Lanes<F>) {
        for i in 0..5 {
            let kept = self.set(Modulus::<F>::KEPT[i]);
            let less = self.avx512f._mm512_sub_epi64(kept, value.0[i]);
            sum.0[5 + i] = self.plus_words(sum.0[5 + i], less);
        }
    }

    #[inline(always)]
    fn times<F: Prime>(self, sum: &mut Sum<F>, a: Lanes<F>, b: Lanes<F>) {
        self.accumulate(&mut sum.0, a, b);
    }

    #[inline(always)]
    fn total<F: Prime>(self, sum: Sum<F>) -> Lanes<F> {
        self.montgomery(sum.0)
    }

    #[inline(always)]
    fn gathered<F: Prime>(self, sum: Sum<F>) -> Lanes<F> {
        let t = sum.0;
        self.carried([t[5], t[6], t[7], t[8], t[9]])
    }

    #[inline(always)]
    fn transposed<F: Prime>(self, rows: [Lanes<F>; WIDTH]) -> [Lanes<F>; WIDTH] {
        let mut out = rows;
        for limb in 0..5 {
            let mut plane = [rows[0].0[limb]; WIDTH];
            for i in 0..WIDTH {
                plane[i] = rows[i].0[limb];
            }
            let plane = self.transpose(plane);
            for i in 0..WIDTH {
                out[i].0[limb] = plane[i];
            }
        }
        out
    }
}
