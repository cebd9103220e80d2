//! The circuit.
//!
//! ```text
//! rows     a0     a1   a2     a3   a4
//! 0..64    ln F   w    v      DF   D    q_public: a position's base and shocked market, one after the other
//! 64       C      T    0      0    0    q_public
//! 65       T      cash cash'  S    0    q_cash
//! 66       salt
//! then positions, the second of a word before the first; then six hashes
//! ```
//! q_public: a0..a4 are the instance columns' of the same row.
//! q_cash:   cash' = cash + 2^49; S = 2^121 (T - cash) - 1; a4 = 0.
//!
//! To S every position adds its value in the base market, and takes off that in the shocked one; what remains is not negative.

use halo2_proofs::{
    circuit::{Layouter, SimpleFloorPlanner, Value},
    plonk::{Circuit, ConstraintSystem, Constraints, Error, Selector},
    poly::Rotation,
};
use halo2curves::bn256::Fr;
use zkmargin_circuits::{
    circuit::chips::{Columns, LookupChip, RangeChip, Sheet, constant, pow2},
    field,
    poseidon::{Num, PoseidonChip, PoseidonConfig},
    shape::Shape,
};

use super::{
    SLOTS, ZERO,
    position::{PositionCells, PositionChip},
    price::{MarketCells, PriceChip},
    witness::Book,
};

/// log2 of the rows.
pub const K: u32 = 11;
/// Bits of a value below a thousandth of a cent.
pub(super) const SCALE_BITS: u32 = 121;
/// Added to cash: its sign.
pub(super) const CASH_BITS: u32 = 49;
/// Limbs of cash.
const CASH_LIMBS: usize = 5;
/// Limbs of what remains: 32 positions' four legs of at most 2^(29 + 63 + 88) stay below 2^188.
const EXCESS_LIMBS: usize = 19;
/// Words that a hash takes after its first input.
const RATE: usize = 3;
/// Rows at the end that blinding takes.
const RESERVED_ROWS: usize = 8;
/// The function tables lie where those of the small shape do.
const TABLES: Shape = Shape::Small;

/// Columns and chips.
#[derive(Clone, Copy, Debug)]
pub struct BookConfig {
    columns: Columns,
    lookup: LookupChip,
    range: RangeChip,
    poseidon: PoseidonConfig,
    position: PositionChip,
    price: PriceChip,
    q_public: Selector,
    q_cash: Selector,
}

/// The circuit of the statement.
#[derive(Clone, Debug)]
pub struct BookCircuit {
    book: Option<Box<Book>>,
}

impl BookCircuit {
    /// Without a witness: for keys.
    pub fn empty() -> Self {
        Self { book: None }
    }

    /// With a portfolio to prove.
    pub fn with_book(book: Book) -> Self {
        Self {
            book: Some(Box::new(book)),
        }
    }
}

impl Circuit<Fr> for BookCircuit {
    type Config = BookConfig;
    type FloorPlanner = SimpleFloorPlanner;
    type Params = ();

    fn without_witnesses(&self) -> Self {
        Self::empty()
    }

    fn configure(meta: &mut ConstraintSystem<Fr>) -> BookConfig {
        let [columns] = Columns::configure_lanes(meta, [1]);
        let lookup = LookupChip::configure(meta, &columns);
        let config = BookConfig {
            columns,
            range: RangeChip::configure(meta, &columns, lookup.range_table()),
            lookup,
            poseidon: PoseidonChip::configure(meta, columns.main, columns.round),
            position: PositionChip::configure(meta, &columns),
            price: PriceChip::configure(meta, &columns),
            q_public: meta.selector(),
            q_cash: meta.selector(),
        };
        meta.create_gate("q_public", |meta| {
            let q = meta.query_selector(config.q_public);
            let cells = columns.row(meta, 0).into_iter().zip(columns.table);
            let same = cells.map(|(cell, column)| {
                let public = meta.query_instance(column, Rotation::cur());
                ("cell = public cell", cell - public)
            });
            let same: Vec<_> = same.collect();
            Constraints::with_selector(q, same)
        });
        meta.create_gate("q_cash", |meta| {
            let q = meta.query_selector(config.q_cash);
            let [threshold, cash, long_cash, sum, zero] = columns.row(meta, 0);
            Constraints::with_selector(
                q,
                [
                    (
                        "cash' = cash + 2^49",
                        long_cash - cash.clone() - pow2(CASH_BITS),
                    ),
                    (
                        "S = 2^121 (T - cash) - 1",
                        sum - (threshold - cash) * pow2(SCALE_BITS) + constant(1),
                    ),
                    ("zero", zero),
                ],
            )
        });
        config
    }

    fn synthesize(&self, config: BookConfig, mut layouter: impl Layouter<Fr>) -> Result<(), Error> {
        layouter.assign_region(
            || "book",
            |mut region| {
                config.lookup.load(&mut region, TABLES);
                let sheet = Sheet::new(
                    &mut region,
                    config.columns,
                    config.lookup,
                    config.range,
                    (1 << K) - RESERVED_ROWS,
                );
                let book = match &self.book {
                    Some(book) => Value::known(book.as_ref()),
                    None => Value::unknown(),
                };
                Assembly {
                    config,
                    sheet,
                    book,
                }
                .assign()
            },
        )
    }
}

struct Assembly<'a, 's, 'r> {
    config: BookConfig,
    sheet: Sheet<'s, 'r>,
    book: Value<&'a Book>,
}

impl Assembly<'_, '_, '_> {
    fn assign(&mut self) -> Result<(), Error> {
        let public = self.public()?;
        let (header, markets) = public.split_last().ok_or(Error::Synthesis)?;
        let [commitment, threshold, ..] = header;

        let row = self.sheet.take(2)?;
        let offset = Value::known(field::pow2(CASH_BITS));
        let scale = Value::known(field::pow2(SCALE_BITS));
        let threshold = self.sheet.copy(threshold, 0, row);
        let cash = self.book.map(|b| field::from_i128(b.cash));
        let cash = self.sheet.free(1, row, cash);
        let long_cash = self.sheet.free(2, row, cash.value + offset);
        let start = (threshold.value - cash.value) * scale - Value::known(Fr::one());
        let mut sum = self.sheet.free(3, row, start);
        let zero = self.sheet.free(4, row, Value::known(ZERO));
        self.config.q_cash.enable(self.sheet.region, row)?;
        self.sheet.range(&long_cash, CASH_LIMBS)?;
        let salt = self.sheet.free(0, row + 1, self.book.map(|b| b.salt));

        let (markets, _) = markets.as_chunks::<4>();
        let mut words = Vec::with_capacity(SLOTS / 2);
        for (i, [first_base, first_shocked, second_base, second_shocked]) in
            markets.iter().enumerate()
        {
            let second = [second_base, second_shocked];
            let word = self.position(2 * i + 1, second, None, &mut sum)?;
            let first = [first_base, first_shocked];
            words.push(self.position(2 * i, first, Some(&word), &mut sum)?);
        }
        self.sheet.range(&sum, EXCESS_LIMBS)?;
        let digest = self.commit(&salt, &long_cash, &words, &zero)?;
        self.sheet.tie(&digest, commitment);
        Ok(())
    }

    /// The public rows' cells.
    fn public(&mut self) -> Result<Vec<[Num; 5]>, Error> {
        let columns = self.book.map(Book::instance);
        let count = 2 * SLOTS + 1;
        let start = self.sheet.take(count)?;
        let rows = (start..start + count).map(|row| {
            self.sheet.enable(self.config.q_public, row)?;
            let values = std::array::from_fn(|i| {
                let column = columns.as_ref().map(|c| c.get(i + 1));
                column.map(|c| c.and_then(|c| c.get(row)).copied().unwrap_or_default())
            });
            Ok(self.sheet.free_row(row, values))
        });
        rows.collect()
    }

    /// A position in both markets; returns its word.
    fn position(
        &mut self,
        slot: usize,
        markets: [&[Num; 5]; 2],
        other: Option<&Num>,
        sum: &mut Num,
    ) -> Result<Num, Error> {
        let [_, _, _, _, discount] = markets[0];
        let row = self.sheet.take(PositionChip::ROWS)?;
        let book = self.book;
        let cells: PositionCells = self.config.position.assign(
            &mut self.sheet,
            row,
            discount,
            other,
            book.map(|b| &b.positions[slot]),
            book.map(|b| &b.ln[slot]),
        )?;
        for (m, public) in markets.into_iter().enumerate() {
            let [ln_forward, inverse_v, v, discounted_forward, _] = public.clone();
            let market = MarketCells {
                ln_forward,
                inverse_v,
                v,
                discounted_forward,
            };
            let row = self.sheet.take(PriceChip::ROWS)?;
            let price = book.map(|b| &b.prices[slot][m]);
            let chip = self.config.price;
            *sum = chip.assign(
                &mut self.sheet,
                row,
                (&market, &cells),
                (sum, m == 1),
                price,
            )?;
        }
        Ok(cells.word)
    }

    /// h = P(salt, cash', w0, w1), then h = P(h, w, w, w), zeros where there are no more words.
    fn commit(&mut self, salt: &Num, cash: &Num, words: &[Num], zero: &Num) -> Result<Num, Error> {
        let chip = PoseidonChip::new(self.config.poseidon);
        let [first, second, rest @ ..] = words else {
            return Err(Error::Synthesis);
        };
        let row = self.sheet.take(PoseidonChip::ROWS)?;
        let inputs = [salt, cash, first, second];
        let mut digest = chip.assign_hash4(self.sheet.region, row, inputs)?;
        for chunk in rest.chunks(RATE) {
            let word = |i: usize| chunk.get(i).unwrap_or(zero);
            let row = self.sheet.take(PoseidonChip::ROWS)?;
            let inputs = [&digest, word(0), word(1), word(2)];
            digest = chip.assign_hash4(self.sheet.region, row, inputs)?;
        }
        Ok(digest)
    }
}
