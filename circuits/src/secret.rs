//! Private numbers: wiped when they are dropped, hidden from `{:?}`.
//!
//! Wiping is by the `zeroize` crate where it reaches. The field's and the big integers' crates do not know it, so their
//! values are wiped here; what stays behind all the same is told in `docs/secrets.md`.

use std::sync::LazyLock;

use halo2curves::bn256::Fr;
use num_bigint::{BigInt, BigUint};
use zeroize::{Zeroize, optimization_barrier};

/// Overwrites a value where it lies. As `Zeroize`, for types of other crates too.
pub(crate) trait Wipe {
    /// Overwrites the value.
    fn wipe(&mut self);
}

/// One above 2048 zero bits: more than the engine's integers have.
static ZEROS: LazyLock<BigUint> = LazyLock::new(|| BigUint::from(1u8) << ZERO_BITS);
const ZERO_BITS: u64 = 2048;

impl Wipe for BigInt {
    /// Clears the digits in place: setting the integer to zero would only forget where they are.
    fn wipe(&mut self) {
        let (_, mut magnitude) = std::mem::take(self).into_parts();
        if magnitude.bits() > ZERO_BITS {
            magnitude &= BigUint::from(1u8) << (magnitude.bits() + 64);
        } else {
            magnitude &= &*ZEROS;
        }
        optimization_barrier(&magnitude);
    }
}

impl Wipe for Fr {
    fn wipe(&mut self) {
        *self = Fr::zero();
        optimization_barrier(self);
    }
}

macro_rules! wiped_by_zeroize {
    ($($type:ty),*) => {
        $(impl Wipe for $type {
            fn wipe(&mut self) {
                self.zeroize();
            }
        })*
    };
}
wiped_by_zeroize!(i128, u128, u64, usize, bool);

impl<A: Wipe, B: Wipe> Wipe for (A, B) {
    fn wipe(&mut self) {
        self.0.wipe();
        self.1.wipe();
    }
}

impl<T: Wipe, const N: usize> Wipe for [T; N] {
    fn wipe(&mut self) {
        self.iter_mut().for_each(Wipe::wipe);
    }
}

impl<T: Wipe> Wipe for Vec<T> {
    /// Every element, where it lies: elements are never taken out and pushed again, so no spare place has held one.
    fn wipe(&mut self) {
        self.iter_mut().for_each(Wipe::wipe);
    }
}

/// A `Debug` that shows the type's name.
macro_rules! hidden {
    ($($type:ident),+) => {
        $(impl std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($type), "(hidden)"))
            }
        })+
    };
}
pub(crate) use hidden;

/// `Zeroize` and a `Debug` that shows nothing, for a structure of which every field is named: wiped before the semicolon,
/// left alone (it is public) behind it.
macro_rules! wiped {
    ($type:ident { $($wiped:ident),+ $(; $kept:ident),* }) => {
        impl zeroize::Zeroize for $type {
            fn zeroize(&mut self) {
                // No `..`: a field that is added must be named here.
                let Self { $($wiped,)+ $($kept: _,)* } = self;
                $($crate::secret::Wipe::wipe($wiped);)+
            }
        }

        impl $crate::secret::Wipe for $type {
            fn wipe(&mut self) {
                zeroize::Zeroize::zeroize(self);
            }
        }

        $crate::secret::hidden!($type);
    };
}
pub(crate) use wiped;

/// [`wiped`], and wiped when dropped.
macro_rules! secret {
    ($type:ident $fields:tt) => {
        $crate::secret::wiped!($type $fields);

        impl Drop for $type {
            fn drop(&mut self) {
                zeroize::Zeroize::zeroize(self);
            }
        }

        impl zeroize::ZeroizeOnDrop for $type {}
    };
}
pub(crate) use secret;

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::{
        fs::{self, File},
        os::unix::fs::FileExt,
    };

    use super::*;

    /// What the pattern is kept under, so that the search does not find itself.
    const MASK: u8 = 0x5a;

    /// Whether this process's memory holds the bytes that are `masked`.
    fn memory_holds(masked: &[u8]) -> bool {
        let memory = File::open("/proc/self/mem").unwrap();
        let maps = fs::read_to_string("/proc/self/maps").unwrap();
        let mut buffer = vec![0; 1 << 16];
        let (first, rest) = masked.split_first().unwrap();
        maps.lines()
            .filter(|line| line.contains(" rw-p "))
            .any(|line| {
                let (range, _) = line.split_once(' ').unwrap();
                let (start, end) = range.split_once('-').unwrap();
                let [start, end] = [start, end].map(|x| u64::from_str_radix(x, 16).unwrap());
                (start..end).step_by(buffer.len()).any(|at| {
                    buffer.fill(0);
                    let len = buffer.len().min((end - at) as usize);
                    let _ = memory.read_at(&mut buffer[..len], at);
                    let mut windows = buffer.windows(masked.len());
                    let found = windows.any(|window| {
                        window[0] ^ MASK == *first
                            && window[1..].iter().zip(rest).all(|(a, b)| a ^ MASK == *b)
                    });
                    buffer.fill(0);
                    found
                })
            })
    }

    #[test]
    fn a_big_integer_is_wiped_where_it_lies() {
        for bits in [200u64, 4096] {
            let masked: Vec<u8> = (0..bits / 8)
                .map(|i| (i * 37 + bits / 8) as u8 ^ 0xc3)
                .collect();
            // Digit by digit, so that no other copy is made than the integer's own.
            let mut value = BigInt::from(1) << bits;
            for (i, byte) in masked.iter().enumerate() {
                for bit in 0..8 {
                    value.set_bit(8 * i as u64 + bit, (byte ^ MASK) >> bit & 1 == 1);
                }
            }
            let middle = &masked[2..22];
            assert!(memory_holds(middle), "the search itself works");
            value.wipe();
            assert_eq!(value, BigInt::from(0));
            assert!(!memory_holds(middle), "{bits} bits");
        }
    }
}
