//! A statement's rows and limbs, dealt out to the columns of another layout, with their values, lookups and copies.

use std::collections::HashMap;

use halo2_proofs::plonk::ConstraintSystem;
use halo2curves::bn256::Fr;
use zkmargin_circuits::circuit::MAIN_COLUMNS;

use super::{
    image::{Image, Place, Read},
    layout::Layout,
    needs::{Arguments, Needs},
};

/// Columns of cells, dealt.
#[derive(Debug, Default)]
pub struct Deal {
    /// Main columns lane by lane, then limb columns.
    pub advice: Vec<Vec<Option<Fr>>>,
    /// By lane: the fixed columns that its lookup into the tables reads, in their order.
    pub wide: Vec<Vec<Vec<Fr>>>,
    /// By limb column: the switches of its range lookup.
    pub limbs: Vec<[Vec<Fr>; 2]>,
    /// Pairs of cells that are equal.
    pub copies: Vec<[Place; 2]>,
}

/// One row of the circuit in use: its lane and its number.
type Row = (usize, usize);

impl Deal {
    /// Deals what `image` holds; `None` if the layout does not hold it.
    pub fn new(
        cs: &ConstraintSystem<Fr>,
        image: &Image,
        needs: &Needs,
        layout: &Layout,
    ) -> Option<Self> {
        let arguments = Arguments::of(cs);
        let mains = MAIN_COLUMNS * layout.lanes;
        let size = 1 << layout.k;
        let switches: Vec<Vec<usize>> = arguments
            .wide
            .iter()
            .map(|number| fixed(cs, *number))
            .collect();
        let width = switches.first().map_or(0, Vec::len);
        let mut deal = Self {
            advice: vec![vec![None; size]; mains + layout.limbs],
            wide: vec![vec![vec![Fr::zero(); size]; width]; layout.lanes],
            limbs: vec![[vec![Fr::zero(); size], vec![Fr::zero(); size]]; layout.limbs],
            copies: Vec::new(),
        };
        let mut places: HashMap<Place, Place> = HashMap::new();
        for (lane, rows) in lanes(image, needs, layout, &switches)
            .into_iter()
            .enumerate()
        {
            if rows.len() > layout.usable() {
                return None;
            }
            for (row, (from, at)) in rows.into_iter().enumerate() {
                for i in 0..MAIN_COLUMNS {
                    let (source, to) = (MAIN_COLUMNS * from + i, MAIN_COLUMNS * lane + i);
                    deal.advice[to][row] = image.advice.get(source)?.get(at).copied()?;
                    places.insert((source, at), (to, row));
                }
                for (column, source) in deal.wide[lane].iter_mut().zip(&switches[from]) {
                    column[row] = image.fixed(*source, at);
                }
            }
        }
        deal.limbs(cs, image, layout, &mut places)?;
        let copies = image.copies.iter().map(|[a, b]| {
            let place = |cell: &Place| places.get(cell).copied();
            Some([place(a)?, place(b)?])
        });
        deal.copies = copies.collect::<Option<_>>()?;
        Some(deal)
    }

    /// Deals running sums, each to one column.
    fn limbs(
        &mut self,
        cs: &ConstraintSystem<Fr>,
        image: &Image,
        layout: &Layout,
        places: &mut HashMap<Place, Place>,
    ) -> Option<()> {
        let arguments = Arguments::of(cs);
        // The circuit's own columns take what they have.
        let own = arguments.narrow.len() == layout.limbs;
        let (mut to, mut row) = (0, 0);
        for (number, (argument, source)) in arguments.narrow.iter().enumerate() {
            let [q_limb, q_more] = fixed(cs, *argument).try_into().ok()?;
            if own {
                (to, row) = (number, 0);
            }
            let mut start = 0;
            while start < image.rows(*source) {
                let more = |at: &usize| image.fixed(q_more, *at) != Fr::zero();
                let length = 1 + (start..).take_while(more).count();
                if row + length > layout.usable() {
                    (to, row) = (to + 1, 0);
                }
                let column = MAIN_COLUMNS * layout.lanes + to;
                let [limb, sums] = self.limbs.get_mut(to)?;
                for at in start..start + length {
                    *self.advice.get_mut(column)?.get_mut(row)? =
                        image.advice.get(*source)?.get(at).copied()?;
                    *limb.get_mut(row)? = image.fixed(q_limb, at);
                    *sums.get_mut(row)? = image.fixed(q_more, at);
                    places.insert((*source, at), (column, row));
                    row += 1;
                }
                start += length;
            }
        }
        Some(())
    }
}

/// The fixed columns that a lookup's inputs read.
pub fn fixed(cs: &ConstraintSystem<Fr>, lookup: usize) -> Vec<usize> {
    let lookup = cs.lookups().get(lookup);
    let read = lookup.map(|l| Read::of_all(l.input_expressions()).fixed);
    read.unwrap_or_default().into_iter().collect()
}

/// The rows of each lane: those of the circuit in use, or all of them dealt evenly. A lookup of seven columns keeps its two rows together.
fn lanes(image: &Image, needs: &Needs, layout: &Layout, switches: &[Vec<usize>]) -> Vec<Vec<Row>> {
    let own = needs.main.iter().enumerate();
    let own = own.map(|(lane, rows)| (0..*rows).map(|row| (lane, row)).collect());
    let own: Vec<Vec<Row>> = own.collect();
    if own.len() == layout.lanes {
        return own;
    }
    let all: Vec<Row> = own.into_iter().flatten().collect();
    let share = all.len().div_ceil(layout.lanes);
    // The second switch of a lookup: that it takes the next row too.
    let tail = |(lane, row): &Row| {
        let column = switches.get(*lane).and_then(|columns| columns.get(1));
        column.is_some_and(|column| image.fixed(*column, *row) != Fr::zero())
    };
    let mut lanes = Vec::with_capacity(layout.lanes);
    let mut rest = all.as_slice();
    for _ in 0..layout.lanes {
        let mut end = share.min(rest.len());
        if end < rest.len() && rest[..end].last().is_some_and(tail) {
            end += 1;
        }
        let (lane, after) = rest.split_at(end);
        lanes.push(lane.to_vec());
        rest = after;
    }
    lanes
}
