//! A portfolio from `benches/peers/build/portfolio.json`, and what its circuit's cells hold.

use std::path::{Path, PathBuf};

use halo2curves::bn256::Fr;
use num_bigint::{BigInt, BigUint};
use num_traits::ToPrimitive;
use serde::Deserialize;
use zkmargin_circuits::{
    engine::option::{LnTrace, ln_strike},
    field, poseidon,
};

use super::{
    SLOTS,
    circuit::{CASH_BITS, SCALE_BITS},
    position::SIZE_BITS,
    price::PriceTrace,
};

/// Why a portfolio cannot be proved.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BookError {
    /// The file cannot be read.
    #[error("{path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is no portfolio.
    #[error("{path}: {source}")]
    Parse {
        /// The file.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
    /// The salt is no decimal integer below the field's modulus.
    #[error("salt {0} is no field element")]
    Salt(String),
    /// Another number of positions.
    #[error("{0} positions, expected {SLOTS}")]
    Positions(usize),
    /// A position's expiry has no market.
    #[error("position {position}: no expiry {expiry}")]
    Expiry {
        /// The position.
        position: usize,
        /// Its expiry.
        expiry: usize,
    },
}

/// An option position: strike in cents, sizes in thousandths.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Position {
    pub expiry: usize,
    pub strike: i128,
    pub calls: i128,
    pub puts: i128,
}

/// An expiry in one market.
#[derive(Clone, Debug)]
pub(super) struct Market {
    /// Units 2^-54, of cents.
    pub ln_forward: i128,
    /// 1 / v, units 2^-23.
    pub inverse_v: i128,
    /// Volatility times square root of time, units 2^-37.
    pub v: i128,
    /// Cents, units 2^-33.
    pub discounted_forward: i128,
    /// Units 2^-33.
    pub discount: i128,
}

impl Market {
    fn row(&self) -> [i128; 5] {
        [
            self.ln_forward,
            self.inverse_v,
            self.v,
            self.discounted_forward,
            self.discount,
        ]
    }
}

#[derive(Deserialize)]
struct MarketFile {
    ln_forward: i64,
    inverse_v: i64,
    v: i64,
    discounted_forward: i64,
}

#[derive(Deserialize)]
struct ExpiryFile {
    discount: i64,
    markets: [MarketFile; 2],
}

#[derive(Deserialize)]
struct BookFile {
    slots: Vec<Position>,
    cash: i64,
    threshold: i64,
    salt: String,
    zkmargin: Vec<ExpiryFile>,
}

/// A portfolio in its two markets, with all that follows from it.
#[derive(Clone, Debug)]
pub struct Book {
    pub(super) positions: Vec<Position>,
    pub(super) markets: Vec<[Market; 2]>,
    pub(super) ln: Vec<LnTrace>,
    pub(super) prices: Vec<[PriceTrace; 2]>,
    pub(super) cash: i128,
    pub(super) threshold: i128,
    pub(super) salt: Fr,
    commitment: Fr,
}

impl Book {
    /// Reads a portfolio and computes its witness.
    ///
    /// # Errors
    /// [`BookError`].
    pub fn read(path: &Path) -> Result<Self, BookError> {
        let text = std::fs::read_to_string(path).map_err(|source| BookError::Read {
            path: path.into(),
            source,
        })?;
        Self::parse(&text).map_err(|error| match error {
            ParseError::Json(source) => BookError::Parse {
                path: path.into(),
                source,
            },
            ParseError::Book(error) => error,
        })
    }

    fn parse(text: &str) -> Result<Self, ParseError> {
        let file: BookFile = serde_json::from_str(text)?;
        if file.slots.len() != SLOTS {
            return Err(BookError::Positions(file.slots.len()).into());
        }
        let salt: Option<BigUint> = file.salt.parse().ok();
        let salt = salt.map(|salt| (field::from_int(&salt.clone().into()), salt));
        let salt = salt.filter(|(scalar, salt)| field::to_uint(scalar) == *salt);
        let (salt, _) = salt.ok_or(BookError::Salt(file.salt))?;
        let mut markets = Vec::with_capacity(SLOTS);
        for (i, position) in file.slots.iter().enumerate() {
            let expiry = file.zkmargin.get(position.expiry);
            let expiry = expiry.ok_or(BookError::Expiry {
                position: i,
                expiry: position.expiry,
            })?;
            markets.push([0, 1].map(|m| {
                let market = &expiry.markets[m];
                Market {
                    ln_forward: market.ln_forward.into(),
                    inverse_v: market.inverse_v.into(),
                    v: market.v.into(),
                    discounted_forward: market.discounted_forward.into(),
                    discount: expiry.discount.into(),
                }
            }));
        }
        Ok(Self::new(
            file.slots,
            markets,
            file.cash.into(),
            file.threshold.into(),
            salt,
        ))
    }

    /// All that follows from the inputs: the witness.
    fn new(
        positions: Vec<Position>,
        markets: Vec<[Market; 2]>,
        cash: i128,
        threshold: i128,
        salt: Fr,
    ) -> Self {
        let ln: Vec<LnTrace> = positions.iter().map(|p| ln_strike(p.strike)).collect();
        let both = positions.iter().zip(&markets).zip(&ln);
        let prices = both.map(|((p, markets), ln)| {
            let price =
                |market: &Market| PriceTrace::new(market, p.strike, ln.ln, [p.calls, p.puts]);
            [price(&markets[0]), price(&markets[1])]
        });
        let mut book = Self {
            prices: prices.collect(),
            positions,
            markets,
            ln,
            cash,
            threshold,
            salt,
            commitment: salt,
        };
        book.commitment = book.hash();
        book
    }

    /// The same portfolio computed anew.
    pub fn recomputed(&self) -> Self {
        Self::new(
            self.positions.clone(),
            self.markets.clone(),
            self.cash,
            self.threshold,
            self.salt,
        )
    }

    /// The same portfolio under another threshold, units 0.00001 USD.
    pub fn with_threshold(&self, threshold: i128) -> Self {
        Self {
            threshold,
            ..self.clone()
        }
    }

    /// The threshold, units 0.00001 USD.
    pub fn threshold(&self) -> i128 {
        self.threshold
    }

    /// Poseidon over salt, cash and the positions, two a word.
    pub fn commitment(&self) -> Fr {
        self.commitment
    }

    fn hash(&self) -> Fr {
        let size = |size: i128| size + (1 << SIZE_BITS);
        let word = |p: &Position| p.strike + (size(p.calls) << 30) + (size(p.puts) << 60);
        let (pairs, _) = self.positions.as_chunks::<2>();
        let words = pairs.iter().map(|[first, second]| {
            field::from_i128(word(first)) + field::from_i128(word(second)) * field::pow2(90)
        });
        let words: Vec<Fr> = words.collect();
        let cash = field::from_i128(self.cash + (1 << CASH_BITS));
        match words.as_slice() {
            [first, second, rest @ ..] => poseidon::chain([self.salt, cash, *first, *second], rest),
            _ => self.salt,
        }
    }

    /// The public columns, as many as the circuit has.
    pub fn instance(&self) -> Vec<Vec<Fr>> {
        let mut columns = vec![Vec::new(); 8];
        let markets = self
            .markets
            .iter()
            .flatten()
            .map(|m| m.row().map(field::from_i128));
        let last = [self.commitment, field::from_i128(self.threshold)];
        for (i, column) in columns.iter_mut().skip(1).take(5).enumerate() {
            column.extend(markets.clone().map(|row| row[i]));
            column.push(last.get(i).copied().unwrap_or_default());
        }
        columns
    }

    /// Calls in the base and the shocked market, cents.
    pub fn calls(&self) -> Vec<[f64; 2]> {
        // To 2^-66, which a double does not resolve.
        let cents = |price: &PriceTrace| {
            let short: BigInt = &price.call >> (SCALE_BITS - 66);
            short.to_f64().unwrap_or(f64::NAN) / 2f64.powi(66)
        };
        let prices = self.prices.iter();
        prices.map(|p| [cents(&p[0]), cents(&p[1])]).collect()
    }
}

enum ParseError {
    Json(serde_json::Error),
    Book(BookError),
}

impl From<serde_json::Error> for ParseError {
    fn from(error: serde_json::Error) -> Self {
        Self::Json(error)
    }
}

impl From<BookError> for ParseError {
    fn from(error: BookError) -> Self {
        Self::Book(error)
    }
}
