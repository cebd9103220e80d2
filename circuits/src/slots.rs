//! An account as the circuit sees it: sections of slots in strictly increasing key order,
//! padding first, and the Poseidon commitment over them.
//!
//! The commitment is `poseidon::chain(first, elements)` with
//!
//! ```text
//! first    = [ domain, owner, salt, sequence 2^64 + cash + 2^61 ]
//! domain   = "zkmargin account v1" as a big-endian integer, times 256, plus the shape's code
//! option   = key 2^152 + strike 2^102 + (calls + 2^50) 2^51 + (puts + 2^50)
//! future   = key 2^152 + (size + 2^50) 2^101 + entry 2^51 + (funding index + 2^50)
//! asset    = key 2^152 + amount
//! swap     = key 2^121 + (size + 2^50) 2^70 + strike
//! key      = symbol code 2^40 + expiry in seconds (0 without one)
//!            perpetual option: symbol code 2^40 + side (everlasting 2^38 + funding period in 1e-8 days, American call
//!            2 2^38, American put 3 2^38), laid out as an option
//!            swap: symbol code 2^64 + kind 2^62 + start 2^31 + end in minutes (power perpetual 1, 0, 0; variance 2;
//!            volatility 3)
//! elements = options, perpetual options, futures, assets, swaps, each section filled up to the shape's capacity
//! ```
//! Amounts are in units of 1e-8. Positions of nothing have no slot. A padding slot has key 0 and amounts 0; a padding option has
//! strike 1 unit.

use std::collections::BTreeSet;

use halo2curves::bn256::Fr;
use num_bigint::BigInt;

use crate::{
    field,
    model::{
        Account, PerpetualOption, PerpetualStyle, Quantity, SIZE_BITS, Symbol, ValueError,
        VarianceKind,
    },
    poseidon,
    public::{PerpetualSide, SwapKind, perpetual_key, slot_key, swap_key},
    secret::{Wipe, secret},
    shape::Shape,
};

/// Where the key stands in a slot's element.
pub const KEY_SHIFT: u32 = 152;
/// Where the key stands in a swap's element.
pub const SWAP_KEY_SHIFT: u32 = 121;
/// Where the size stands in a swap's element: above a strike of 70 bits.
pub const SWAP_SIZE_SHIFT: u32 = 70;
/// Offset that makes a signed size non-negative.
pub const SIZE_OFFSET: i128 = 1 << SIZE_BITS;
/// Offset that makes the cash balance non-negative.
pub const CASH_OFFSET: i128 = 1 << 61;
/// Strike of a padding option, units 1e-8.
pub const PADDING_STRIKE: i128 = 1;

/// An option strike; amounts in units of 1e-8.
#[derive(Clone, PartialEq, Eq)]
pub struct OptionSlot {
    /// Slot key, 0 for padding.
    pub key: u128,
    /// Strike.
    pub strike: i128,
    /// Signed calls.
    pub calls: i128,
    /// Signed puts.
    pub puts: i128,
}

/// A future; amounts in units of 1e-8.
#[derive(Clone, PartialEq, Eq)]
pub struct FutureSlot {
    /// Slot key, 0 for padding.
    pub key: u128,
    /// Signed size.
    pub size: i128,
    /// Entry price.
    pub entry: i128,
    /// Signed funding index at the last settlement.
    pub funding_index: i128,
}

/// A collateral balance; amounts in units of 1e-8.
#[derive(Clone, PartialEq, Eq)]
pub struct AssetSlot {
    /// Slot key, 0 for padding.
    pub key: u128,
    /// Amount, not negative.
    pub amount: i128,
}

/// A power perpetual, variance or volatility swap; amounts in units of 1e-8.
#[derive(Clone, PartialEq, Eq)]
pub struct SwapSlot {
    /// Slot key, 0 for padding.
    pub key: u128,
    /// Signed size or notional.
    pub size: i128,
    /// Entry price or strike volatility, not negative.
    pub strike: i128,
}

/// An account laid out for a shape. Private.
#[derive(Clone, PartialEq, Eq)]
pub struct Slots {
    /// The shape.
    pub shape: Shape,
    /// Owner id.
    pub owner: Fr,
    /// Salt.
    pub salt: Fr,
    /// Sequence number.
    pub sequence: u64,
    /// Signed cash, units 1e-8.
    pub cash: i128,
    /// Options by key and strike.
    pub options: Vec<OptionSlot>,
    /// Perpetual options by key and strike.
    pub perpetual_options: Vec<OptionSlot>,
    /// Futures by key.
    pub futures: Vec<FutureSlot>,
    /// Assets by key.
    pub assets: Vec<AssetSlot>,
    /// Power perpetuals, variance and volatility swaps by key.
    pub swaps: Vec<SwapSlot>,
}

secret!(OptionSlot {
    key,
    strike,
    calls,
    puts
});
secret!(FutureSlot {
    key,
    size,
    entry,
    funding_index
});
secret!(AssetSlot { key, amount });
secret!(SwapSlot { key, size, strike });
secret!(Slots {
    owner, salt, sequence, cash, options, perpetual_options, futures, assets, swaps; shape
});

/// Why an account does not fit a shape.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SlotError {
    /// A value out of range.
    #[error(transparent)]
    Value(#[from] ValueError),
    /// More positions than the shape holds.
    #[error("field '{field}': {count} entries, but shape {shape} holds {capacity}")]
    Capacity {
        /// The account's list.
        field: &'static str,
        /// Its length.
        count: usize,
        /// The shape.
        shape: Shape,
        /// What the shape holds.
        capacity: usize,
    },
    /// Positions in more underlyings than the shape sums by.
    #[error("positions in {count} underlyings, but shape {shape} holds {capacity}")]
    Underlyings {
        /// Different assets of all positions.
        count: usize,
        /// The shape.
        shape: Shape,
        /// What the shape holds.
        capacity: usize,
    },
}

impl OptionSlot {
    /// The slot's element of the commitment.
    pub fn element(&self) -> Fr {
        field::from_int(
            &((BigInt::from(self.key) << KEY_SHIFT)
                + (BigInt::from(self.strike) << 102)
                + (BigInt::from(self.calls + SIZE_OFFSET) << 51)
                + (self.puts + SIZE_OFFSET)),
        )
    }
}

impl FutureSlot {
    /// The slot's element of the commitment.
    pub fn element(&self) -> Fr {
        field::from_int(
            &((BigInt::from(self.key) << KEY_SHIFT)
                + (BigInt::from(self.size + SIZE_OFFSET) << 101)
                + (BigInt::from(self.entry) << 51)
                + (self.funding_index + SIZE_OFFSET)),
        )
    }
}

impl AssetSlot {
    /// The slot's element of the commitment.
    pub fn element(&self) -> Fr {
        field::from_int(&((BigInt::from(self.key) << KEY_SHIFT) + self.amount))
    }
}

impl SwapSlot {
    /// The slot's element of the commitment.
    pub fn element(&self) -> Fr {
        field::from_int(
            &((BigInt::from(self.key) << SWAP_KEY_SHIFT)
                + (BigInt::from(self.size + SIZE_OFFSET) << SWAP_SIZE_SHIFT)
                + self.strike),
        )
    }
}

/// The slots of a perpetual option: one for an everlasting option, one a side for an American one.
fn perpetual_slots(option: &PerpetualOption) -> impl Iterator<Item = OptionSlot> {
    let (calls, puts) = (option.calls.units().into(), option.puts.units().into());
    let slot = |side, calls, puts| OptionSlot {
        key: perpetual_key(option.asset, side),
        strike: option.strike.units().into(),
        calls,
        puts,
    };
    let slots = match option.style {
        PerpetualStyle::Everlasting => {
            let units = option.funding_days.map_or(0, |days| days.units());
            let side = PerpetualSide::Everlasting(units);
            let held = (calls, puts) != (0, 0);
            [held.then(|| slot(side, calls, puts)), None]
        }
        PerpetualStyle::American => [
            (calls != 0).then(|| slot(PerpetualSide::AmericanCall, calls, 0)),
            (puts != 0).then(|| slot(PerpetualSide::AmericanPut, 0, puts)),
        ],
    };
    slots.into_iter().flatten()
}

/// The account's power perpetuals, variance and volatility swaps.
fn swap_slots(account: &Account) -> impl Iterator<Item = SwapSlot> {
    let power = account.power_perpetuals.iter().map(|p| SwapSlot {
        key: swap_key(p.asset, SwapKind::Power),
        size: p.size.units().into(),
        strike: p.entry.units().into(),
    });
    let swaps = account.variance.iter().map(|v| {
        let (start, end) = (v.start.unix() / 60, v.end.unix() / 60);
        let kind = match v.kind {
            VarianceKind::Variance => SwapKind::Variance(start, end),
            VarianceKind::Volatility => SwapKind::Volatility(start, end),
        };
        SwapSlot {
            key: swap_key(v.asset, kind),
            size: v.notional.units().into(),
            strike: v.strike.units().into(),
        }
    });
    power.chain(swaps)
}

/// The assets of all positions that are held.
fn underlyings(account: &Account) -> BTreeSet<Symbol> {
    let held = |size: Quantity| size != Quantity::ZERO;
    let options = account.options.iter();
    let options = options
        .filter(|o| held(o.calls) || held(o.puts))
        .map(|o| o.asset);
    let perpetuals = account.perpetual_options.iter();
    let perpetuals = perpetuals.filter(|o| held(o.calls) || held(o.puts));
    let futures = account.futures.iter().filter(|f| held(f.size));
    let collateral = account.collateral.iter().filter(|c| held(c.amount));
    let powers = account.power_perpetuals.iter().filter(|p| held(p.size));
    let swaps = account.variance.iter();
    let swaps = swaps.filter(|v| v.notional.units() != 0);
    options
        .chain(perpetuals.map(|o| o.asset))
        .chain(futures.map(|f| f.asset))
        .chain(collateral.map(|c| c.asset))
        .chain(powers.map(|p| p.asset))
        .chain(swaps.map(|v| v.asset))
        .collect()
}

/// A section: the slots and padding. Its buffer never grows, so no copy stays behind.
fn section<S: Clone>(capacity: usize, padding: S, slots: impl Iterator<Item = S>) -> Vec<S> {
    let mut list = Vec::with_capacity(capacity);
    list.extend(slots);
    list.resize(capacity, padding);
    list
}

impl Slots {
    /// Sorts and pads the account.
    ///
    /// # Errors
    /// [`SlotError`] for a value out of range or a list longer than the shape holds.
    pub fn new(account: &Account, shape: Shape) -> Result<Self, SlotError> {
        account.validate()?;
        let capacity = shape.capacity();
        let fit = |field, count, capacity| {
            if count <= capacity {
                Ok(())
            } else {
                Err(SlotError::Capacity {
                    field,
                    count,
                    shape,
                    capacity,
                })
            }
        };
        // A position of nothing is worth nothing anywhere; without a market it would only stand in the way of proofs.
        let held = |size: &Quantity| *size != Quantity::ZERO;
        let options = || {
            let options = account.options.iter();
            options.filter(move |o| held(&o.calls) || held(&o.puts))
        };
        let perpetual_options = || account.perpetual_options.iter().flat_map(perpetual_slots);
        let futures = || account.futures.iter().filter(move |f| held(&f.size));
        let collateral = || account.collateral.iter().filter(move |c| held(&c.amount));
        let swaps = || swap_slots(account).filter(|s| s.size != 0);
        fit("options", options().count(), capacity.options)?;
        fit(
            "perpetual_options",
            perpetual_options().count(),
            capacity.perpetual_options,
        )?;
        fit("futures", futures().count(), capacity.futures)?;
        fit("collateral", collateral().count(), capacity.assets)?;
        fit(
            "power_perpetuals and variance",
            swaps().count(),
            capacity.swaps,
        )?;
        let underlyings = underlyings(account).len();
        if underlyings > shape.underlyings() {
            return Err(SlotError::Underlyings {
                count: underlyings,
                shape,
                capacity: shape.underlyings(),
            });
        }

        let padding = OptionSlot {
            key: 0,
            strike: PADDING_STRIKE,
            calls: 0,
            puts: 0,
        };
        let options = options().map(|o| OptionSlot {
            key: slot_key(o.asset, Some(o.expiry)),
            strike: o.strike.units().into(),
            calls: o.calls.units().into(),
            puts: o.puts.units().into(),
        });
        let futures = futures().map(|f| FutureSlot {
            key: slot_key(f.asset, f.expiry),
            size: f.size.units().into(),
            entry: f.entry.units().into(),
            funding_index: f.funding_index.units().into(),
        });
        let assets = collateral().map(|c| AssetSlot {
            key: slot_key(c.asset, None),
            amount: c.amount.units().into(),
        });
        let mut options = section(capacity.options, padding.clone(), options);
        let mut perpetual_options =
            section(capacity.perpetual_options, padding, perpetual_options());
        let mut futures = section(
            capacity.futures,
            FutureSlot {
                key: 0,
                size: 0,
                entry: 0,
                funding_index: 0,
            },
            futures,
        );
        let mut assets = section(capacity.assets, AssetSlot { key: 0, amount: 0 }, assets);
        let mut swaps = section(
            capacity.swaps,
            SwapSlot {
                key: 0,
                size: 0,
                strike: 0,
            },
            swaps(),
        );
        // Keys are unique but for padding, and a stable sort would leave a copy in its buffer.
        options.sort_unstable_by_key(|o| (o.key, o.strike));
        perpetual_options.sort_unstable_by_key(|o| (o.key, o.strike));
        futures.sort_unstable_by_key(|f| f.key);
        assets.sort_unstable_by_key(|a| a.key);
        swaps.sort_unstable_by_key(|s| s.key);

        let mut owner = [0; 32];
        owner[12..].copy_from_slice(&account.owner.0);
        Ok(Self {
            shape,
            // 20 bytes are always below the modulus; the salt has been validated.
            owner: field::from_be_bytes(&owner).unwrap_or_default(),
            salt: field::from_be_bytes(account.salt.expose_bytes()).unwrap_or_default(),
            sequence: account.sequence,
            cash: account.cash.units().into(),
            options,
            perpetual_options,
            futures,
            assets,
            swaps,
        })
    }

    /// The inputs of the first hash.
    pub fn header(&self) -> [Fr; 4] {
        let packed = (BigInt::from(self.sequence) << 64) + self.cash + CASH_OFFSET;
        [
            domain(self.shape),
            self.owner,
            self.salt,
            field::from_int(&packed),
        ]
    }

    /// The elements hashed after the header.
    pub fn elements(&self) -> Vec<Fr> {
        let options = self.options.iter().chain(&self.perpetual_options);
        let options = options.map(OptionSlot::element);
        let futures = self.futures.iter().map(FutureSlot::element);
        let assets = self.assets.iter().map(AssetSlot::element);
        let swaps = self.swaps.iter().map(SwapSlot::element);
        options.chain(futures).chain(assets).chain(swaps).collect()
    }

    /// The account commitment.
    pub fn commitment(&self) -> Fr {
        let (mut header, mut elements) = (self.header(), self.elements());
        let commitment = poseidon::chain(header, &elements);
        header.iter_mut().for_each(Wipe::wipe);
        elements.wipe();
        commitment
    }
}

/// The domain element: version and shape, so that no commitment opens in two shapes.
pub fn domain(shape: Shape) -> Fr {
    let mut bytes = [0; 32];
    bytes[12..31].copy_from_slice(b"zkmargin account v1");
    bytes[31] = shape.code();
    field::from_be_bytes(&bytes).unwrap_or_default()
}
