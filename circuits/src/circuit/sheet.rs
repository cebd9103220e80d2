//! The columns and the cursor that chips write with.
//!
//! Chips are laid out by hand: five main columns for arithmetic, one limb column or more for
//! range checks. Every gate reads the row before, its own row and the row after, so that a column is
//! opened at three points at most.

use halo2_proofs::{
    circuit::{Region, Value},
    plonk::{
        Advice, Column, ConstraintSystem, Error, Expression, Fixed, Instance, Selector,
        VirtualCells,
    },
    poly::Rotation,
};
use halo2curves::bn256::Fr;

use super::{lookup::LookupChip, range::RangeChip};
use crate::{
    field,
    poseidon::Num,
    public::{Kind, TABLE_COLUMNS, TableRow},
    shape::Shape,
};

/// Width of the main area.
pub const WIDTH: usize = 5;
/// Most limb columns of a shape.
pub const LIMB_COLUMNS: usize = 3;

/// The circuit's columns.
#[derive(Clone, Copy, Debug)]
pub struct Columns {
    /// Arithmetic; equality-enabled.
    pub main: [Column<Advice>; WIDTH],
    /// Running sums of range checks; equality-enabled.
    pub limbs: [Option<Column<Advice>>; LIMB_COLUMNS],
    /// Poseidon round constants.
    pub round: [Column<Fixed>; WIDTH],
    /// Commitment, context, terms and their rules.
    pub header: Column<Instance>,
    /// The public table.
    pub table: [Column<Instance>; TABLE_COLUMNS],
}

impl Columns {
    /// Allocates every column of a shape and enables equality on the advice columns.
    pub fn configure(meta: &mut ConstraintSystem<Fr>, shape: Shape) -> Self {
        let [lane] = Self::configure_lanes(meta, [shape.limb_columns()]);
        lane
    }

    /// Lanes side by side, with so many columns for limbs each; the rest is shared. All lanes' main columns come first.
    pub fn configure_lanes<const LANES: usize>(
        meta: &mut ConstraintSystem<Fr>,
        limbs: [usize; LANES],
    ) -> [Self; LANES] {
        let mains: [[Column<Advice>; WIDTH]; LANES] =
            std::array::from_fn(|_| std::array::from_fn(|_| meta.advice_column()));
        let limbs =
            limbs.map(|count| std::array::from_fn(|i| (i < count).then(|| meta.advice_column())));
        let round = std::array::from_fn(|_| meta.fixed_column());
        let header = meta.instance_column();
        let table = std::array::from_fn(|_| meta.instance_column());
        let lanes = std::array::from_fn(|i| Self {
            main: mains[i],
            limbs: limbs[i],
            round,
            header,
            table,
        });
        lanes.iter().for_each(|lane| lane.enable_equality(meta));
        lanes
    }

    fn enable_equality(&self, meta: &mut ConstraintSystem<Fr>) {
        let columns = self;
        columns
            .main
            .iter()
            .for_each(|&column| meta.enable_equality(column));
        let limbs = columns.limbs.iter().flatten();
        limbs.for_each(|&column| meta.enable_equality(column));
    }

    /// The five main cells of a row, relative to the gate's row.
    pub fn row(&self, meta: &mut VirtualCells<'_, Fr>, rotation: i32) -> [Expression<Fr>; WIDTH] {
        self.main
            .map(|column| meta.query_advice(column, Rotation(rotation)))
    }
}

/// A constant in a gate.
pub fn constant(value: i128) -> Expression<Fr> {
    Expression::Constant(field::from_i128(value))
}

/// `2^bits` in a gate.
pub fn pow2(bits: u32) -> Expression<Fr> {
    Expression::Constant(field::pow2(bits))
}

/// `b (1 - b)`: zero iff `b` is 0 or 1.
pub fn boolean(b: &Expression<Fr>) -> Expression<Fr> {
    b.clone() * (constant(1) - b.clone())
}

/// `(1 - 2 sign) magnitude`.
pub fn signed(sign: &Expression<Fr>, magnitude: &Expression<Fr>) -> Expression<Fr> {
    (constant(1) - sign.clone() * constant(2)) * magnitude.clone()
}

/// The scalar of a witness integer.
pub fn int<T>(witness: &Value<T>, read: impl FnOnce(&T) -> i128) -> Value<Fr> {
    witness.as_ref().map(|w| field::from_i128(read(w)))
}

/// The first five values of a table row.
pub fn cells(row: Value<TableRow>) -> [Value<Fr>; WIDTH] {
    std::array::from_fn(|i| row.map(|r| field::from_i128(r[i])))
}

/// All values of a table row.
pub fn wide_cells(row: Value<TableRow>) -> [Value<Fr>; TABLE_COLUMNS] {
    std::array::from_fn(|i| row.map(|r| field::from_i128(r[i])))
}

/// One set of main and limb columns, with what of them is taken.
#[derive(Clone, Debug)]
pub struct Lane {
    columns: Columns,
    lookup: LookupChip,
    range: RangeChip,
    next_row: usize,
    /// Rows that are to come in this lane.
    reserved: usize,
    side_rows: Vec<usize>,
    next_limb: (usize, usize),
}

impl Lane {
    /// A lane of which nothing is taken.
    pub fn new(columns: Columns, lookup: LookupChip, range: RangeChip) -> Self {
        Self {
            columns,
            lookup,
            range,
            next_row: 0,
            reserved: 0,
            side_rows: Vec::new(),
            next_limb: (0, 0),
        }
    }
}

/// Writes cells and hands out rows of the main area and of the limb columns: those of one lane at a time.
pub struct Sheet<'s, 'r> {
    /// The one region of the circuit; offsets are absolute rows.
    pub region: &'s mut Region<'r, Fr>,
    /// The lane that is written, and its number.
    lane: Lane,
    number: usize,
    /// The others, each in its place; that of the one written is left behind.
    parked: Vec<Lane>,
    usable_rows: usize,
}

impl<'s, 'r> Sheet<'s, 'r> {
    /// An empty sheet of `usable_rows` rows.
    pub fn new(
        region: &'s mut Region<'r, Fr>,
        columns: Columns,
        lookup: LookupChip,
        range: RangeChip,
        usable_rows: usize,
    ) -> Self {
        Self {
            region,
            lane: Lane::new(columns, lookup, range),
            number: 0,
            parked: Vec::new(),
            usable_rows,
        }
    }

    /// An empty sheet of more lanes than `first`; writes the first.
    pub fn with_lanes(
        region: &'s mut Region<'r, Fr>,
        first: Lane,
        more: &[Lane],
        usable_rows: usize,
    ) -> Self {
        let parked = std::iter::once(&first).chain(more).cloned().collect();
        Self {
            region,
            lane: first,
            number: 0,
            parked,
            usable_rows,
        }
    }

    /// Keeps rows of the lane that is written free, where there is a choice.
    pub fn reserve(&mut self, rows: usize) {
        self.lane.reserved = rows;
    }

    /// The rows that are taken, by lane.
    #[cfg(test)]
    pub fn taken(&self) -> Vec<(usize, usize)> {
        let limbs = |lane: &Lane| lane.next_limb.0 * self.usable_rows + lane.next_limb.1;
        let lanes = self.parked.iter().enumerate();
        let current = |i, parked| if i == self.number { &self.lane } else { parked };
        let taken = lanes.map(|(i, parked)| current(i, parked));
        taken.map(|lane| (lane.next_row, limbs(lane))).collect()
    }

    /// Writes another lane from here on.
    ///
    /// # Errors
    /// [`Error::Synthesis`] if there is none.
    pub fn select(&mut self, number: usize) -> Result<(), Error> {
        if number != self.number {
            let next = self.parked.get(number).cloned().ok_or(Error::Synthesis)?;
            let before = std::mem::replace(&mut self.lane, next);
            let place = self.parked.get_mut(self.number);
            *place.ok_or(Error::Synthesis)? = before;
            self.number = number;
        }
        Ok(())
    }

    /// Writes the lane with most room, by rows and limbs, of those from number `first` on; returns its number.
    ///
    /// # Errors
    /// As [`Self::select`].
    pub fn select_emptiest(&mut self, first: usize) -> Result<usize, Error> {
        let limbs = |lane: &Lane| lane.next_limb.0 * self.usable_rows + lane.next_limb.1;
        let used = |(i, parked): (usize, &Lane)| {
            let lane = if i == self.number { &self.lane } else { parked };
            ((lane.next_row + lane.reserved) * LIMB_COLUMNS).max(limbs(lane))
        };
        let lanes = self.parked.iter().enumerate().skip(first);
        let emptiest = lanes.min_by_key(|&lane| used(lane)).map_or(0, |(i, _)| i);
        self.select(emptiest)?;
        Ok(emptiest)
    }

    /// The next `count` main rows.
    ///
    /// # Errors
    /// [`Error::Synthesis`] when the circuit's rows are used up.
    pub fn take(&mut self, count: usize) -> Result<usize, Error> {
        let row = self.lane.next_row;
        self.lane.next_row += count;
        if self.lane.next_row > self.usable_rows {
            Err(Error::Synthesis)
        } else {
            Ok(row)
        }
    }

    /// The next `count` main rows, of which only the first column is used but where `whole`: the rest is left for
    /// [`Self::take_side`].
    ///
    /// # Errors
    /// [`Error::Synthesis`] when the circuit's rows are used up, or if these are not the first.
    pub fn take_first_column(
        &mut self,
        count: usize,
        whole: impl Fn(usize) -> bool,
    ) -> Result<(), Error> {
        self.lane.side_rows = (0..count).rev().filter(|row| !whole(*row)).collect();
        match self.take(count)? {
            0 => Ok(()),
            _ => Err(Error::Synthesis),
        }
    }

    /// A row of which a1 to a4 are free.
    ///
    /// # Errors
    /// [`Error::Synthesis`] when the circuit's rows are used up.
    pub fn take_side(&mut self) -> Result<usize, Error> {
        match self.lane.side_rows.pop() {
            Some(row) => Ok(row),
            None => self.take(1),
        }
    }

    /// The next `count` rows of a limb column: the column's number and the first row.
    ///
    /// # Errors
    /// [`Error::Synthesis`] when the circuit's rows are used up.
    pub fn take_limbs(&mut self, count: usize) -> Result<(usize, usize), Error> {
        let (column, row) = self.place_of_limbs(count).ok_or(Error::Synthesis)?;
        self.lane.next_limb = (column, row + count);
        Ok((column, row))
    }

    /// Where the next `count` rows of a limb column are, if there are so many.
    fn place_of_limbs(&self, count: usize) -> Option<(usize, usize)> {
        let (mut column, mut row) = self.lane.next_limb;
        if row + count > self.usable_rows {
            (column, row) = (column + 1, 0);
        }
        let limbs = self.lane.columns.limbs;
        let exists = limbs.get(column).is_some_and(Option::is_some);
        (exists && row + count <= self.usable_rows).then_some((column, row))
    }

    /// Proves `0 <= x < 2^(10 limbs)`: see [`RangeChip::check`]. Where the lane's limb columns are full, in those of the lane
    /// that has most room in them: a copy reaches everywhere.
    ///
    /// # Errors
    /// [`Error::Synthesis`] when the rows are used up.
    pub fn range(&mut self, x: &Num, limbs: usize) -> Result<Vec<Num>, Error> {
        let own = self.number;
        if self.place_of_limbs(limbs).is_none() {
            let lanes = self.parked.iter().enumerate().filter(|(i, _)| *i != own);
            let roomiest = lanes.min_by_key(|(_, lane)| lane.next_limb);
            self.select(roomiest.map_or(own, |(i, _)| i))?;
        }
        let chip = self.lane.range;
        let cells = chip.check(self, x, limbs)?;
        self.select(own)?;
        Ok(cells)
    }

    /// Looks up c0..c4: see [`LookupChip::lookup`].
    ///
    /// # Errors
    /// As the backend.
    pub fn lookup(
        &mut self,
        row: usize,
        kind: Kind,
        values: [Value<Fr>; WIDTH],
    ) -> Result<[Num; WIDTH], Error> {
        let chip = self.lane.lookup;
        chip.lookup(self, row, kind, values)
    }

    /// Looks up c0..c6: see [`LookupChip::lookup_wide`].
    ///
    /// # Errors
    /// As the backend.
    pub fn lookup_wide(
        &mut self,
        row: usize,
        kind: Kind,
        values: [Value<Fr>; TABLE_COLUMNS],
    ) -> Result<[Num; TABLE_COLUMNS], Error> {
        let chip = self.lane.lookup;
        chip.lookup_wide(self, row, kind, values)
    }

    /// Assigns a free witness cell. The caller's gate or lookup must tie it.
    pub fn free(&mut self, column: usize, row: usize, value: Value<Fr>) -> Num {
        Num::assign(
            self.region,
            self.lane.columns.main[column % WIDTH],
            row,
            value,
        )
    }

    /// Assigns the free witness cells of a whole row.
    pub fn free_row(&mut self, row: usize, values: [Value<Fr>; WIDTH]) -> [Num; WIDTH] {
        let mut column = 0;
        values.map(|value| {
            column += 1;
            self.free(column - 1, row, value)
        })
    }

    /// Assigns free witness cells in the first three columns of a row.
    pub fn free_three(&mut self, row: usize, values: [Value<Fr>; 3]) -> [Num; 3] {
        let mut column = 0;
        values.map(|value| {
            column += 1;
            self.free(column - 1, row, value)
        })
    }

    /// Assigns a copy of `source`, tied to it by the permutation.
    pub fn copy(&mut self, source: &Num, column: usize, row: usize) -> Num {
        let num = self.free(column, row, source.value);
        self.region.constrain_equal(num.cell, source.cell);
        num
    }

    /// `source` itself where it stands in that cell already, else a copy.
    pub fn placed(&mut self, source: &Num, column: usize, row: usize) -> Num {
        let there = self.lane.columns.main.get(column).copied();
        let here = (source.cell.column, source.cell.row_offset);
        if there.is_some_and(|column| (column.into(), row) == here) {
            return source.clone();
        }
        self.copy(source, column, row)
    }

    /// Assigns a limb-column cell.
    pub(super) fn limb(
        &mut self,
        column: usize,
        row: usize,
        value: Value<Fr>,
    ) -> Result<Num, Error> {
        let column = self.lane.columns.limbs.get(column).copied().flatten();
        let column = column.ok_or(Error::Synthesis)?;
        Ok(Num::assign(self.region, column, row, value))
    }

    /// Ties two cells.
    pub fn tie(&mut self, a: &Num, b: &Num) {
        self.region.constrain_equal(a.cell, b.cell);
    }

    /// Switches a gate on.
    ///
    /// # Errors
    /// As the backend.
    pub fn enable(&mut self, selector: Selector, row: usize) -> Result<(), Error> {
        selector.enable(self.region, row)
    }
}
