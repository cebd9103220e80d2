//! The private account: collateral balances and positions, an owner, a sequence and a salt.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::{HexBytes, Money, Price, Quantity, Rate, Symbol, Time, Version};

/// The secret salt of a commitment: 32 bytes, as an integer below the BN254 scalar modulus.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Zeroize, ZeroizeOnDrop)]
#[serde(transparent)]
pub struct Salt(HexBytes<32>);

impl Salt {
    /// A salt of these big-endian bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(HexBytes(bytes))
    }

    /// The big-endian bytes. Secret: do not print.
    pub fn expose_bytes(&self) -> &[u8; 32] {
        &self.0.0
    }
}

/// A whole account: the opening of a commitment. Private to its owner and to whoever holds it; wiped when dropped.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// Format version, 1.
    #[zeroize(skip)]
    pub version: Version<1>,
    /// Owner id: 20 bytes, such as an EVM address.
    pub owner: HexBytes<20>,
    /// Grows with every change of the account.
    pub sequence: u64,
    /// Random salt that hides the account behind its commitment.
    pub salt: Salt,
    /// Settled USD balance; negative is a debt.
    pub cash: Money,
    /// Spot collateral, one entry an asset.
    #[serde(default)]
    pub collateral: Vec<Collateral>,
    /// Perpetual and dated futures, one entry an (asset, expiry).
    #[serde(default)]
    pub futures: Vec<Future>,
    /// European options, one entry an (asset, expiry, strike).
    #[serde(default)]
    pub options: Vec<OptionStrike>,
    /// Everlasting and perpetual American options, one entry an (asset, style, funding period, strike).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub perpetual_options: Vec<PerpetualOption>,
    /// Power perpetuals (spot squared), one entry an asset.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub power_perpetuals: Vec<PowerPerpetual>,
    /// Variance and volatility swaps, one entry an (asset, kind, start, end).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variance: Vec<VarianceSwap>,
}

crate::secret::hidden!(
    Salt,
    Collateral,
    Future,
    OptionStrike,
    PerpetualOption,
    PowerPerpetual,
    VarianceSwap
);

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Balances and positions are the secret that the proofs exist to keep.
        f.debug_struct("Account")
            .field("collateral", &self.collateral.len())
            .field("futures", &self.futures.len())
            .field("options", &self.options.len())
            .field("perpetual_options", &self.perpetual_options.len())
            .field("power_perpetuals", &self.power_perpetuals.len())
            .field("variance", &self.variance.len())
            .finish_non_exhaustive()
    }
}

/// A spot collateral balance.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
pub struct Collateral {
    /// The asset.
    pub asset: Symbol,
    /// Units held, not negative.
    pub amount: Quantity,
}

/// A perpetual or dated future: value = size x (mark - entry) - size x (index - entry index).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
pub struct Future {
    /// The underlying.
    pub asset: Symbol,
    /// Expiry, or null for the perpetual.
    pub expiry: Option<Time>,
    /// Contracts, one unit of the asset each; negative is short.
    pub size: Quantity,
    /// Entry price, USD per unit.
    pub entry: Price,
    /// The cumulative funding index (USD per unit paid by longs) up to which funding is settled.
    /// Perpetuals only.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub funding_index: Money,
}

fn is_zero(value: &Money) -> bool {
    *value == Money::ZERO
}

/// One option strike: a call and a put size on the same (asset, expiry, strike).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
pub struct OptionStrike {
    /// The underlying.
    pub asset: Symbol,
    /// Expiry.
    pub expiry: Time,
    /// Strike, USD per unit, above zero.
    pub strike: Price,
    /// Calls held; negative is short.
    #[serde(default)]
    pub calls: Quantity,
    /// Puts held; negative is short.
    #[serde(default)]
    pub puts: Quantity,
}

/// How a perpetual option pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, Zeroize)]
#[serde(rename_all = "lowercase")]
pub enum PerpetualStyle {
    /// Never expires; the long side pays (mark - payoff) a funding period.
    Everlasting,
    /// Exercised whenever its holder likes.
    American,
}

/// A perpetual option's strike: a call and a put size.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
pub struct PerpetualOption {
    /// The underlying.
    pub asset: Symbol,
    /// Everlasting or American.
    pub style: PerpetualStyle,
    /// Funding period in days, as the snapshot lists it; everlasting options only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub funding_days: Option<Rate>,
    /// Strike, USD per unit, above zero.
    pub strike: Price,
    /// Calls held; negative is short.
    #[serde(default)]
    pub calls: Quantity,
    /// Puts held; negative is short.
    #[serde(default)]
    pub puts: Quantity,
}

/// A power perpetual: value = size x (mark - entry), its mark that of spot squared.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
pub struct PowerPerpetual {
    /// The underlying.
    pub asset: Symbol,
    /// Contracts; negative is short.
    pub size: Quantity,
    /// Entry price, USD per contract.
    pub entry: Price,
}

/// What a swap on realised variance pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, Zeroize)]
#[serde(rename_all = "lowercase")]
pub enum VarianceKind {
    /// Realised variance less the squared strike.
    Variance,
    /// Realised volatility less the strike.
    Volatility,
}

/// A variance or volatility swap.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
pub struct VarianceSwap {
    /// The underlying.
    pub asset: Symbol,
    /// Variance or volatility.
    pub kind: VarianceKind,
    /// Start of the measured period, a whole minute.
    pub start: Time,
    /// End of the measured period, a whole minute.
    pub end: Time,
    /// USD per 1.00 of annualised variance, or of volatility; negative has sold it.
    pub notional: Money,
    /// Strike, a volatility (0.55 is 55 %) for both kinds.
    pub strike: Rate,
}
