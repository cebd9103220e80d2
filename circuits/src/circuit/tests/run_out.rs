//! A sheet hands out the rows that it has, in order, and no more.

use halo2_proofs::{
    circuit::{Layouter, SimpleFloorPlanner},
    dev::MockProver,
    plonk::{Circuit, ConstraintSystem, Error},
};
use halo2curves::bn256::Fr;

use crate::{
    circuit::{
        lookup::LookupChip,
        range::RangeChip,
        sheet::{Columns, Sheet},
    },
    shape::Shape,
};

const USABLE: usize = 20;

type Take = fn(&mut Sheet<'_, '_>, usize) -> Result<usize, Error>;

/// Takes so many rows after each other.
#[derive(Clone)]
struct Takes(Take, Vec<usize>);

impl Circuit<Fr> for Takes {
    type Config = (Columns, LookupChip, RangeChip);
    type FloorPlanner = SimpleFloorPlanner;
    type Params = ();

    fn without_witnesses(&self) -> Self {
        self.clone()
    }

    fn configure(meta: &mut ConstraintSystem<Fr>) -> Self::Config {
        let columns = Columns::configure(meta, Shape::Small);
        let lookup = LookupChip::configure(meta, &columns);
        let range = RangeChip::configure(meta, &columns, lookup.range_table());
        (columns, lookup, range)
    }

    fn synthesize(
        &self,
        (columns, lookup, range): Self::Config,
        mut layouter: impl Layouter<Fr>,
    ) -> Result<(), Error> {
        layouter.assign_region(
            || "rows",
            |mut region| {
                let mut sheet = Sheet::new(&mut region, columns, lookup, range, USABLE);
                let mut next = 0;
                for &count in &self.1 {
                    let row = (self.0)(&mut sheet, count)?;
                    // What a column has no room for starts in the next one.
                    if row != next {
                        assert!(next % USABLE + count > USABLE);
                        next = next.next_multiple_of(USABLE);
                    }
                    assert_eq!(row, next);
                    next += count;
                }
                Ok(())
            },
        )
    }
}

/// How many rows are taken, one after the other, list by list.
type Lists = &'static [&'static [usize]];

#[test]
fn rows_run_out_after_the_last() {
    let (main, limbs): (Take, Take) = (
        |sheet, n| sheet.take(n),
        |sheet, n| {
            sheet
                .take_limbs(n)
                .map(|(column, row)| row + column * USABLE)
        },
    );
    let lists: [(Take, Lists, Lists); 2] = [
        (
            main,
            &[&[USABLE], &[USABLE - 1, 1], &[3, 4, 5], &[0]],
            &[&[USABLE + 1], &[USABLE, 1], &[USABLE + 7], &[8, 8, 8]],
        ),
        (
            limbs,
            &[
                &[USABLE],
                &[USABLE, USABLE],
                &[15, 15],
                &[8, 8, 8, 8],
                &[3, 4, 5],
                &[0],
            ],
            &[
                &[USABLE + 1],
                &[USABLE, USABLE, 1],
                &[15, 15, 15],
                &[8, 8, 8, 8, 8],
            ],
        ),
    ];
    for (take, fitting, too_many) in lists {
        let run = |counts: &[usize]| {
            let instance = vec![Vec::new(); 8];
            MockProver::run(6, &Takes(take, counts.to_vec()), instance).map(drop)
        };
        for counts in fitting {
            assert!(run(counts).is_ok(), "{counts:?}");
        }
        for counts in too_many {
            assert!(matches!(run(counts), Err(Error::Synthesis)), "{counts:?}");
        }
    }
}
