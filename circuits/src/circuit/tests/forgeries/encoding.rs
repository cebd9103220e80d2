//! No two accounts have one commitment: an element or `packed` determines its parts while they
//! are in the range that the circuit proves, and no element reaches the modulus.

use halo2curves::bn256::Fr;
use num_bigint::BigUint;
use proptest::prelude::*;

use crate::{
    field,
    model::{CASH_BITS, SIZE_BITS},
    shape::Shape,
    slots::{
        AssetSlot, CASH_OFFSET, FutureSlot, KEY_SHIFT, OptionSlot, SIZE_OFFSET, SWAP_KEY_SHIFT,
        SWAP_SIZE_SHIFT, Slots, SwapSlot,
    },
};

/// Bits of a slot key: 56 of the symbol's code, 40 of the expiry.
const KEY_BITS: u32 = 96;
/// Bits of a swap's key: 56 of the symbol's code, 64 of kind, start and end.
const SWAP_KEY_BITS: u32 = 120;
/// Bits of the sequence number that the circuit's range check leaves.
const SEQUENCE_BITS: u32 = 60;

/// `bits` of an element from `from` on.
fn part(element: &BigUint, from: u32, bits: u32) -> i128 {
    let mask = (BigUint::from(1u32) << bits) - 1u32;
    i128::try_from((element >> from) & mask).expect("narrow")
}

fn option_of(element: &Fr) -> OptionSlot {
    let e = field::to_uint(element);
    OptionSlot {
        puts: part(&e, 0, 51) - SIZE_OFFSET,
        calls: part(&e, 51, 51) - SIZE_OFFSET,
        strike: part(&e, 102, 50),
        key: part(&e, KEY_SHIFT, KEY_BITS) as u128,
    }
}

fn future_of(element: &Fr) -> FutureSlot {
    let e = field::to_uint(element);
    FutureSlot {
        funding_index: part(&e, 0, 51) - SIZE_OFFSET,
        entry: part(&e, 51, 50),
        size: part(&e, 101, 51) - SIZE_OFFSET,
        key: part(&e, KEY_SHIFT, KEY_BITS) as u128,
    }
}

fn asset_of(element: &Fr) -> AssetSlot {
    let e = field::to_uint(element);
    AssetSlot {
        amount: part(&e, 0, KEY_SHIFT),
        key: part(&e, KEY_SHIFT, KEY_BITS) as u128,
    }
}

fn swap_of(element: &Fr) -> SwapSlot {
    let e = field::to_uint(element);
    SwapSlot {
        strike: part(&e, 0, SWAP_SIZE_SHIFT),
        size: part(&e, SWAP_SIZE_SHIFT, 51) - SIZE_OFFSET,
        key: part(&e, SWAP_KEY_SHIFT, SWAP_KEY_BITS) as u128,
    }
}

/// In `-limit..=limit`, its ends more often than by chance.
fn signed(limit: i128) -> impl Strategy<Value = i128> {
    prop_oneof![
        -limit..=limit,
        prop::sample::select(vec![-limit, -1, 0, 1, limit])
    ]
}

fn unsigned(limit: i128) -> impl Strategy<Value = i128> {
    prop_oneof![
        0..=limit,
        prop::sample::select(vec![0, 1, limit - 1, limit])
    ]
}

/// Greatest magnitude that five limbs hold.
const SIZE: i128 = SIZE_OFFSET - 1;
/// Greatest strike of a swap, which seven limbs hold.
const SWAP_STRIKE: i128 = (1 << SWAP_SIZE_SHIFT) - 1;

fn key() -> impl Strategy<Value = u128> {
    unsigned((1 << KEY_BITS) - 1).prop_map(|k| k as u128)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, ..ProptestConfig::default() })]

    #[test]
    fn an_option_is_read_back_from_its_element(
        key in key(), strike in unsigned(SIZE), calls in signed(SIZE), puts in signed(SIZE),
    ) {
        let slot = OptionSlot { key, strike, calls, puts };
        prop_assert!(option_of(&slot.element()) == slot);
    }

    #[test]
    fn a_future_is_read_back_from_its_element(
        key in key(), size in signed(SIZE), entry in unsigned(SIZE), funding_index in signed(SIZE),
    ) {
        let slot = FutureSlot { key, size, entry, funding_index };
        prop_assert!(future_of(&slot.element()) == slot);
    }

    #[test]
    fn an_asset_is_read_back_from_its_element(key in key(), amount in unsigned(SIZE)) {
        let slot = AssetSlot { key, amount };
        prop_assert!(asset_of(&slot.element()) == slot);
    }

    #[test]
    fn a_swap_is_read_back_from_its_element(
        key in unsigned((1 << SWAP_KEY_BITS) - 1), size in signed(SIZE), strike in unsigned(SWAP_STRIKE),
    ) {
        let slot = SwapSlot { key: key as u128, size, strike };
        prop_assert!(swap_of(&slot.element()) == slot);
    }

    #[test]
    fn cash_and_sequence_are_read_back_from_packed(
        cash in signed((1 << CASH_BITS) - 1), sequence in unsigned((1 << SEQUENCE_BITS) - 1),
    ) {
        let mut slots = empty();
        (slots.cash, slots.sequence) = (cash, sequence as u64);
        let packed = field::to_uint(&slots.header()[3]);
        prop_assert_eq!(part(&packed, 0, 64) - CASH_OFFSET, cash);
        prop_assert_eq!(part(&packed, 64, 64), sequence);
    }
}

fn empty() -> Slots {
    let account = super::super::harness::sample("account-small.json");
    Slots::new(&account, Shape::Small).expect("fits")
}

/// The greatest element is below the modulus, so nothing above was reduced; and one unit past the
/// range, two slots do share an element, so the range checks carry the proof.
#[test]
fn one_unit_past_the_range_two_slots_share_an_element() {
    assert_eq!(SIZE_OFFSET, 1 << SIZE_BITS);
    let slot = |strike, calls, puts| OptionSlot {
        key: (1 << KEY_BITS) - 1,
        strike,
        calls,
        puts,
    };
    let greatest = field::to_uint(&slot(SIZE, SIZE, SIZE).element());
    assert_eq!(greatest.bits(), u64::from(KEY_SHIFT + KEY_BITS));
    assert!(greatest < field::to_uint(&-Fr::one()));
    let most = 1 << SIZE_BITS;
    assert!(slot(5, 3, most).element() == slot(5, 4, -most).element());
    assert!(slot(5, most, 3).element() == slot(6, -most, 3).element());
    let future = |size, entry, funding_index| FutureSlot {
        key: 1,
        size,
        entry,
        funding_index,
    };
    assert!(future(2, 7, most).element() == future(2, 8, -most).element());
    assert!(future(2, most, 0).element() == future(3, 0, 0).element());
    let swap = |size, strike| SwapSlot {
        key: (1 << SWAP_KEY_BITS) - 1,
        size,
        strike,
    };
    let greatest = field::to_uint(&swap(SIZE, SWAP_STRIKE).element());
    assert_eq!(greatest.bits(), u64::from(SWAP_KEY_SHIFT + SWAP_KEY_BITS));
    assert!(swap(3, SWAP_STRIKE + 1).element() == swap(4, 0).element());
}
