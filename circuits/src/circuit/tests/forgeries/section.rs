//! The slots of a section by number: options, perpetual options, futures, assets, swaps.

use halo2curves::bn256::Fr;

use crate::slots::{AssetSlot, FutureSlot, OptionSlot, Slots, SwapSlot};

pub const OPTIONS: usize = 0;
pub const PERPETUALS: usize = 1;
pub const FUTURES: usize = 2;
pub const ASSETS: usize = 3;
pub const SWAPS: usize = 4;

/// The same expression for whichever list the section is.
macro_rules! each {
    ($slots:expr, $section:expr, $list:ident => $do:expr) => {
        match $section {
            OPTIONS => {
                let $list = $slots.options;
                $do
            }
            PERPETUALS => {
                let $list = $slots.perpetual_options;
                $do
            }
            FUTURES => {
                let $list = $slots.futures;
                $do
            }
            ASSETS => {
                let $list = $slots.assets;
                $do
            }
            _ => {
                let $list = $slots.swaps;
                $do
            }
        }
    };
}

/// A slot's lists, borrowed one way or the other.
struct Lists<O, F, A, S> {
    options: O,
    perpetual_options: O,
    futures: F,
    assets: A,
    swaps: S,
}

type Shared<'s> = Lists<&'s [OptionSlot], &'s [FutureSlot], &'s [AssetSlot], &'s [SwapSlot]>;
type Mutable<'s> = Lists<
    &'s mut Vec<OptionSlot>,
    &'s mut Vec<FutureSlot>,
    &'s mut Vec<AssetSlot>,
    &'s mut Vec<SwapSlot>,
>;

fn shared(slots: &Slots) -> Shared<'_> {
    Lists {
        options: &slots.options,
        perpetual_options: &slots.perpetual_options,
        futures: &slots.futures,
        assets: &slots.assets,
        swaps: &slots.swaps,
    }
}

fn mutable(slots: &mut Slots) -> Mutable<'_> {
    Lists {
        options: &mut slots.options,
        perpetual_options: &mut slots.perpetual_options,
        futures: &mut slots.futures,
        assets: &mut slots.assets,
        swaps: &mut slots.swaps,
    }
}

pub fn keys(slots: &Slots, section: usize) -> Vec<u128> {
    each!(shared(slots), section, list => list.iter().map(|slot| slot.key).collect())
}

pub fn element(slots: &Slots, section: usize, i: usize) -> Fr {
    each!(shared(slots), section, list => list[i].element())
}

pub fn swap(slots: &mut Slots, section: usize, i: usize, j: usize) {
    each!(mutable(slots), section, list => list.swap(i, j));
}

/// Puts the market of slot `from` into slot `to`.
pub fn duplicate(slots: &mut Slots, section: usize, from: usize, to: usize) {
    each!(mutable(slots), section, list => list[to].key = list[from].key);
    let options = match section {
        OPTIONS => &mut slots.options,
        PERPETUALS => &mut slots.perpetual_options,
        _ => return,
    };
    options[to].strike = options[from].strike;
}

/// Makes a slot padding.
pub fn clear(slots: &mut Slots, section: usize, i: usize) {
    each!(mutable(slots), section, list => list[i].key = 0);
    match section {
        OPTIONS | PERPETUALS => {
            let slot = &mut book_mut(slots, section)[i];
            (slot.strike, slot.calls, slot.puts) = (1, 0, 0);
        }
        FUTURES => {
            let slot = &mut slots.futures[i];
            (slot.size, slot.entry, slot.funding_index) = (0, 0, 0);
        }
        ASSETS => slots.assets[i].amount = 0,
        _ => (slots.swaps[i].size, slots.swaps[i].strike) = (0, 0),
    }
}

/// The options of one of the two sections that hold options.
pub fn book(slots: &Slots, section: usize) -> &[OptionSlot] {
    if section == OPTIONS {
        &slots.options
    } else {
        &slots.perpetual_options
    }
}

pub fn book_mut(slots: &mut Slots, section: usize) -> &mut [OptionSlot] {
    if section == OPTIONS {
        &mut slots.options
    } else {
        &mut slots.perpetual_options
    }
}
