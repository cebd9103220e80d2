//! Field elements, eight at a time.
//!
//! An [`Engine`] does arithmetic on eight elements side by side: [`Portable`] one after the other, [`Ifma`](ifma::Ifma) with the 52-bit
//! multipliers of AVX-512 where the processor has them (asked at run time). A [`Task`] is written once for all engines.
//!
//! ```text
//! stored       x 2^256 mod p, the backend's own form ("plain"), or 16 times that ("scaled": x 2^260)
//! Portable     multiplies plain by plain; its scale is 1
//! Ifma         a b / 2^260: scaled by scaled is scaled, plain by scaled is plain; its scale is 16
//! bound        a value stands for its residue and is below so many p; every operation says what it takes and what it leaves
//! ```
//! Bounds are not in the types. [`Checked`](checked::Checked) is an engine that carries and asserts them: the tests run every task with it.

#[cfg(test)]
pub(super) mod checked;
#[cfg(target_arch = "x86_64")]
mod ifma;
mod portable;
#[cfg(test)]
mod tests;

use std::{
    ffi::{OsStr, OsString},
    sync::LazyLock,
};

use ff::PrimeField;
use halo2curves::{
    bn256::{Fq, Fr},
    serde::SerdeObject,
};

pub(super) use portable::Portable;

/// Elements of a vector.
pub(super) const WIDTH: usize = 8;
/// Bound of what may be subtracted, and of what tasks keep.
pub(super) const KEPT: usize = 4;
/// Bound of every value: 2^260 / p is above 84.
pub(super) const MOST: usize = 84;
/// Products of a sum, at most.
pub(super) const PRODUCTS: usize = 256;

/// A prime field of four words, kept as `x 2^256 mod p`.
pub(super) trait Prime: PrimeField + SerdeObject {
    /// The modulus, least word first.
    const WORDS: Words;
}

impl Prime for Fr {
    const WORDS: Words = [
        0x43e1_f593_f000_0001,
        0x2833_e848_79b9_7091,
        0xb850_45b6_8181_585d,
        0x3064_4e72_e131_a029,
    ];
}

impl Prime for Fq {
    const WORDS: Words = [
        0x3c20_8c16_d87c_fd47,
        0x9781_6a91_6871_ca8d,
        0xb850_45b6_8181_585d,
        0x3064_4e72_e131_a029,
    ];
}

/// An element as it is stored, least word first.
pub(super) type Words = [u64; 4];

/// The words of an element.
#[inline(always)]
pub(super) fn words<F: Prime>(element: &F) -> Words {
    let mut bytes = [0; 32];
    // There is room for all of them.
    let _ = element.write_raw(&mut bytes.as_mut_slice());
    let (chunks, _) = bytes.as_chunks::<8>();
    std::array::from_fn(|i| u64::from_le_bytes(chunks[i]))
}

/// The element with these words, which must be below the modulus.
#[inline(always)]
pub(super) fn element<F: Prime>(words: Words) -> F {
    struct Reader {
        words: Words,
        next: usize,
    }
    // The elements' own way in that asks nothing; reading all at once is what the compiler sees through.
    impl std::io::Read for Reader {
        #[inline(always)]
        fn read(&mut self, bytes: &mut [u8]) -> std::io::Result<usize> {
            self.read_exact(bytes)?;
            Ok(bytes.len())
        }
        #[inline(always)]
        fn read_exact(&mut self, bytes: &mut [u8]) -> std::io::Result<()> {
            if let Ok(bytes) = <&mut [u8; 8]>::try_from(bytes) {
                *bytes = self.words[self.next % 4].to_le_bytes();
            }
            self.next += 1;
            Ok(())
        }
    }
    F::read_raw_unchecked(&mut Reader { words, next: 0 })
}

/// Writes the words of all elements. Not within a task: compiled into one, it is not seen through.
#[inline(never)]
pub(super) fn to_words<F: Prime>(from: &[F], to: &mut [Words]) {
    let count = from.len().min(to.len());
    let (from, to) = (&from[..count], &mut to[..count]);
    for i in 0..count {
        to[i] = words(&from[i]);
    }
}

/// Writes the elements of all words; as [`to_words`].
#[inline(never)]
pub(super) fn to_elements<F: Prime>(from: &[Words], to: &mut [F]) {
    let count = from.len().min(to.len());
    let (from, to) = (&from[..count], &mut to[..count]);
    for i in 0..count {
        to[i] = element(from[i]);
    }
}

/// Overwrites a part of the witness, or what follows from it.
pub(super) fn wipe(words: &mut [Words]) {
    words.fill([0; 4]);
    zeroize::optimization_barrier(words);
}

/// Bits of a limb.
const LIMB: u32 = 52;
const MASK: u64 = (1 << LIMB) - 1;

/// Four words as limbs.
const fn limbs(w: Words) -> [u64; 5] {
    [
        w[0] & MASK,
        (w[0] >> 52 | w[1] << 12) & MASK,
        (w[1] >> 40 | w[2] << 24) & MASK,
        (w[2] >> 28 | w[3] << 36) & MASK,
        w[3] >> 16,
    ]
}

/// A constant as every engine reads it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Constant<F> {
    plain: F,
    /// Of `x 2^260`.
    limbs: [u64; 5],
}

impl<F: Prime> Constant<F> {
    pub(super) fn new(value: F) -> Self {
        Self {
            plain: value,
            limbs: limbs(words(&(value * F::from(16)))),
        }
    }
}

/// Arithmetic on eight elements.
pub(super) trait Engine: Copy + Send + Sync {
    /// Eight elements.
    type Lanes<F: Prime>: Copy + Send + Sync;
    /// A sum of products that is not reduced yet.
    type Sum<F: Prime>: Copy;

    /// What a scaled element is stored times: 1, or 16.
    fn scale<F: Prime>(self) -> F;

    /// Elements as they are stored; bound 1.
    fn load<F: Prime>(self, from: &[Words; WIDTH]) -> Self::Lanes<F>;
    /// A constant, scaled, in every lane; bound 1.
    fn splat<F: Prime>(self, constant: &Constant<F>) -> Self::Lanes<F>;
    /// Stores residues, whatever the bound.
    fn store<F: Prime>(self, value: Self::Lanes<F>, to: &mut [Words; WIDTH]);

    /// `a + b`; bounds add up, to [`MOST`] at most.
    fn add<F: Prime>(self, a: Self::Lanes<F>, b: Self::Lanes<F>) -> Self::Lanes<F>;
    /// `a - b`, `b` bound by [`KEPT`]; leaves the bound of `a` and [`KEPT`].
    fn sub<F: Prime>(self, a: Self::Lanes<F>, b: Self::Lanes<F>) -> Self::Lanes<F>;
    /// `a b`, over the scale; leaves 1 and the product of the bounds over [`MOST`].
    fn mul<F: Prime>(self, a: Self::Lanes<F>, b: Self::Lanes<F>) -> Self::Lanes<F>;
    /// The same residue, bound by 2.
    fn reduce<F: Prime>(self, value: Self::Lanes<F>) -> Self::Lanes<F>;

    /// Nothing yet.
    fn zero<F: Prime>(self) -> Self::Sum<F>;
    /// Adds `value`.
    fn plus<F: Prime>(self, sum: &mut Self::Sum<F>, value: Self::Lanes<F>);
    /// Subtracts `value`, bound by [`KEPT`].
    fn minus<F: Prime>(self, sum: &mut Self::Sum<F>, value: Self::Lanes<F>);
    /// Adds `a b` over the scale.
    fn times<F: Prime>(self, sum: &mut Self::Sum<F>, a: Self::Lanes<F>, b: Self::Lanes<F>);
    /// The sum, of [`PRODUCTS`] products at most. Leaves 1, the bounds of what was added, [`KEPT`] for each that was subtracted, and
    /// for each product that of [`Self::mul`] less 1: [`MOST`] at most.
    fn total<F: Prime>(self, sum: Self::Sum<F>) -> Self::Lanes<F>;
    /// The sum where no product was added; as [`Self::total`].
    fn gathered<F: Prime>(self, sum: Self::Sum<F>) -> Self::Lanes<F>;

    /// Lane `i` of the `j`-th is lane `j` of the `i`-th.
    fn transposed<F: Prime>(self, rows: [Self::Lanes<F>; WIDTH]) -> [Self::Lanes<F>; WIDTH];
}

/// Work for any engine. `run` and what it calls on lanes must be inlined: the engine's instructions are known to its caller only.
pub(super) trait Task {
    /// What comes of it.
    type Output;
    /// Does the work.
    fn run<E: Engine>(self, engine: E) -> Self::Output;
}

/// The sum so far as one value: room for as many products again.
#[inline(always)]
pub(super) fn settled<E: Engine, F: Prime>(engine: E, sum: E::Sum<F>) -> E::Sum<F> {
    let value = engine.reduce(engine.total(sum));
    let mut sum = engine.zero();
    engine.plus(&mut sum, value);
    sum
}

/// Does the work with the best engine that the processor has, or with the portable one if `ZKMARGIN_ARITHMETIC` names any other.
pub(super) fn run<T: Task>(task: T) -> T::Output {
    #[cfg(test)]
    if is_checked() {
        return task.run(checked::Checked);
    }
    #[cfg(target_arch = "x86_64")]
    if let Some(engine) = ifma::detected() {
        return ifma::run(engine, task);
    }
    task.run(Portable)
}

/// The engine that the environment asks for.
fn asked() -> Option<&'static OsStr> {
    static ASKED: LazyLock<Option<OsString>> =
        LazyLock::new(|| std::env::var_os("ZKMARGIN_ARITHMETIC"));
    ASKED.as_deref()
}

#[cfg(test)]
fn is_checked() -> bool {
    asked().is_some_and(|asked| asked == "checked")
}

/// The scale of the engine that [`run`] takes.
pub(super) fn scale<F: Prime>() -> F {
    struct Scale<F>(std::marker::PhantomData<F>);
    impl<F: Prime> Task for Scale<F> {
        type Output = F;
        fn run<E: Engine>(self, engine: E) -> F {
            engine.scale()
        }
    }
    run(Scale(std::marker::PhantomData))
}

/// What a scaled element times this is: plain.
pub(super) fn unscale<F: Prime>() -> F {
    scale::<F>().invert().unwrap_or(F::ONE)
}

/// What multiplies in this process: `avx512-ifma`, where the processor has it, or `portable`.
#[must_use]
pub fn arithmetic() -> &'static str {
    #[cfg(test)]
    if is_checked() {
        return "checked";
    }
    #[cfg(target_arch = "x86_64")]
    if ifma::detected().is_some() {
        return ifma::NAME;
    }
    "portable"
}
