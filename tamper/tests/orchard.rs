//! The defect that stood in a deployed circuit for years: a value assigned again where it should
//! have been copied, hidden by a gate that held the wrong value constant.
//!
//! ```text
//! region  row  a0     a1   a2
//! base    0    b      .    .     b is the public input's
//! powers  1    b'     1    b'^1  b' should be a copy of b
//!         2    b'     b'   b'^2
//!         3    b'     ...        q_power: out = in b'; b' the same in the next row
//! ```

use halo2_proofs::{
    circuit::{Layouter, SimpleFloorPlanner, Value},
    dev::MockProver,
    plonk::{
        Advice, Circuit, Column, ConstraintSystem, Constraints, Error, Fixed, Instance, Selector,
    },
    poly::Rotation,
};
use halo2curves::bn256::Fr;
use zkmargin_tamper::{
    Adversary, Cell, Constraint, Failure, Image, Index, Judge, Live, Plan, Structure, Tampered,
    campaign::{self, Effort, Replay},
    unlinked,
};

const K: u32 = 5;
const ROWS: usize = 4;

#[derive(Clone, Copy, Debug)]
struct Config {
    advice: [Column<Advice>; 3],
    instance: Column<Instance>,
    table: Column<Fixed>,
    constant: Column<Fixed>,
    q_power: Selector,
    q_small: Selector,
    q_same: Selector,
}

/// Proves out = b^4; with `linked`, for the public b.
#[derive(Clone, Debug)]
struct Powers {
    base: Value<Fr>,
    linked: bool,
}

impl Circuit<Fr> for Powers {
    type Config = Config;
    type FloorPlanner = SimpleFloorPlanner;
    type Params = ();

    fn without_witnesses(&self) -> Self {
        Self {
            base: Value::unknown(),
            linked: self.linked,
        }
    }

    fn configure(meta: &mut ConstraintSystem<Fr>) -> Config {
        let config = Config {
            advice: std::array::from_fn(|_| meta.advice_column()),
            instance: meta.instance_column(),
            table: meta.fixed_column(),
            constant: meta.fixed_column(),
            q_power: meta.complex_selector(),
            q_small: meta.complex_selector(),
            q_same: meta.selector(),
        };
        config.advice.iter().for_each(|c| meta.enable_equality(*c));
        meta.enable_equality(config.instance);
        meta.enable_constant(config.constant);
        meta.create_gate("q_power", |meta| {
            let q = meta.query_selector(config.q_power);
            let [base, input, output] =
                config.advice.map(|c| meta.query_advice(c, Rotation::cur()));
            Constraints::with_selector(q, [("out = in b", output - input * base)])
        });
        meta.create_gate("q_same", |meta| {
            let q = meta.query_selector(config.q_same);
            let [now, next] = [Rotation::cur(), Rotation::next()]
                .map(|at| meta.query_advice(config.advice[0], at));
            Constraints::with_selector(q, [("b the same", next - now)])
        });
        meta.lookup_any("b in 0..16", |meta| {
            let q = meta.query_selector(config.q_small);
            let base = meta.query_advice(config.advice[0], Rotation::cur());
            let table = meta.query_fixed(config.table, Rotation::cur());
            vec![(q * base, table)]
        });
        config
    }

    fn synthesize(&self, config: Config, mut layouter: impl Layouter<Fr>) -> Result<(), Error> {
        let [bases, inputs, outputs] = config.advice;
        let last = layouter.assign_region(
            || "powers",
            |mut region| {
                for value in 0..16 {
                    region.assign_fixed(config.table, value, Fr::from(value as u64));
                }
                let base = region.assign_advice(bases, 0, self.base);
                config.q_small.enable(&mut region, 0)?;
                let mut input = None;
                for row in 1..=ROWS {
                    let b = region.assign_advice(bases, row, base.value().copied());
                    if row == 1 && self.linked {
                        region.constrain_equal(b.cell(), base.cell());
                    }
                    config.q_power.enable(&mut region, row)?;
                    if row < ROWS {
                        config.q_same.enable(&mut region, row)?;
                    }
                    let value = |cell: &halo2_proofs::circuit::AssignedCell<_, _>| {
                        cell.value()
                            .map(|v: &&halo2_proofs::plonk::Assigned<Fr>| v.evaluate())
                    };
                    let cell = match &input {
                        None => {
                            let one = region.assign_advice(inputs, row, Value::known(Fr::one()));
                            region.constrain_constant(one.cell(), Fr::one())?;
                            one
                        }
                        Some(previous) => {
                            let cell = region.assign_advice(inputs, row, value(previous));
                            region.constrain_equal(cell.cell(), previous.cell());
                            cell
                        }
                    };
                    let output = value(&cell) * value(&b);
                    input = Some(region.assign_advice(outputs, row, output));
                }
                let last = input.ok_or(Error::Synthesis)?;
                Ok((base.cell(), last.cell()))
            },
        )?;
        layouter.constrain_instance(last.0, config.instance, 0);
        Ok(())
    }
}

fn powers(base: u64, linked: bool) -> (Powers, Vec<Vec<Fr>>) {
    let circuit = Powers {
        base: Value::known(Fr::from(base)),
        linked,
    };
    (circuit, vec![vec![Fr::from(base)]])
}

fn image(base: u64, linked: bool) -> Image<Fr> {
    let (circuit, instance) = powers(base, linked);
    Image::capture(&circuit, K, instance).expect("image")
}

const EFFORT: Effort = Effort {
    seed: 1,
    budget: 60,
    bits: 6,
    rows: 4,
    values: 7,
};

#[test]
fn an_honest_image_breaks_nothing() {
    for linked in [true, false] {
        let image = image(7, linked);
        let index = Index::new(&image);
        assert!(Judge::new(&index).judge_all().is_empty());
        assert_eq!(image.assigned.len(), 1 + 3 * ROWS);
        let structure = Structure::of(&image, &Live::of(&image));
        assert_eq!(structure.loose, []);
        assert_eq!(structure.dead, []);
    }
}

/// Equal values that nothing links are reported; the copy silences the report.
#[test]
fn the_missing_copy_is_reported() {
    let images = |linked| [3, 7, 11, 13].map(|base| image(base, linked));
    let base = Cell::advice(0, 0);
    let copy = Cell::advice(0, 1);
    let together = |groups: Vec<Vec<Cell>>| {
        let both = |g: &Vec<Cell>| g.contains(&base) && g.contains(&copy);
        groups.iter().any(both)
    };
    assert!(together(unlinked(&images(false), EFFORT.bits)));
    // Linked, the two stand in one class and only one of them is listed.
    assert!(!together(unlinked(&images(true), EFFORT.bits)));
}

/// The constant that hides the defect from single changes does not hide it from the adversary.
#[test]
fn the_adversary_proves_another_base() {
    for linked in [false, true] {
        let image = image(7, linked);
        let index = Index::new(&image);
        let forged = [(Cell::advice(0, 1), Fr::from(9))];
        let failures = Judge::new(&index).judge(&forged);
        let same = Constraint::Gate { gate: 1, poly: 0 };
        assert!(
            failures.iter().any(|f| f.constraint == same),
            "hidden from a single change"
        );
        let attack = Adversary::new(&image, &index, EFFORT.budget).attack(&forged, &|_| false);
        assert_eq!(attack.left.is_empty(), !linked, "{attack:?}");
    }
}

#[test]
fn cutting_the_copy_lets_the_forgery_in() {
    let (circuit, instance) = powers(7, true);
    let image = image(7, true);
    let index = Index::new(&image);
    let replay = Replay::new(circuit.clone(), K, instance.clone());
    let others = [3, 11, 13, 5].map(|base| self::image(base, true));
    let edges: Vec<usize> = (0..image.edges.len()).collect();
    let cuts =
        campaign::cuts(&replay, &image, &index, &others, &edges, &EFFORT, &|| ()).expect("cuts");
    let edge = image
        .edges
        .iter()
        .position(|edge| *edge == (Cell::advice(0, 1), Cell::advice(0, 0)))
        .expect("the copy");
    assert!(cuts.iter().all(|cut| cut.broken));
    assert!(cuts[edge].accepted);

    // The mutant takes the forgery, the circuit as it is does not: the mock prover agrees.
    let mut plan = Plan::exactly(&image, &cuts[edge].forged);
    let run = |plan: Plan<Fr>| {
        let circuit = Tampered {
            circuit: circuit.clone(),
            plan,
        };
        MockProver::run(K, &circuit, instance.clone())
            .expect("synthesis")
            .verify()
    };
    assert!(run(plan.clone()).is_err());
    plan.cut.insert(image.edges[edge]);
    assert_eq!(run(plan), Ok(()));
}

#[test]
fn each_change_breaks_what_the_equations_say() {
    let image = image(7, true);
    let index = Index::new(&image);
    let mut judge = Judge::new(&index);
    let gate = |gate, row| Failure {
        constraint: Constraint::Gate { gate, poly: 0 },
        row,
    };
    let copy = |edge, row| Failure {
        constraint: Constraint::Copy { edge },
        row,
    };
    let broken: Vec<_> = judge
        .judge(&[(Cell::advice(2, 2), Fr::from(50))])
        .into_iter()
        .collect();
    assert_eq!(broken, [gate(0, 2), copy(2, 3)]);
    let lookup = Failure {
        constraint: Constraint::Lookup { lookup: 0 },
        row: 0,
    };
    let broken = judge.judge(&[(Cell::advice(0, 0), Fr::from(99))]);
    assert!(broken.contains(&lookup));
    assert!(
        judge
            .judge(&[(Cell::instance(0, 0), Fr::from(8))])
            .iter()
            .all(|f| matches!(f.constraint, Constraint::Copy { .. }))
    );
    // The judge has put everything back.
    assert!(judge.judge(&[(Cell::advice(0, 0), Fr::from(7))]).is_empty());
    let effort = campaign::cells(&image, &index, &image.assigned, 1, &|| ());
    assert!(effort.survivors.is_empty());
    let constraints: Vec<_> = [0, 1]
        .map(|gate| (Constraint::Gate { gate, poly: 0 }, (1..=ROWS).collect()))
        .to_vec();
    let deleted = campaign::deletions(&image, &index, &constraints, &EFFORT, &|| ());
    assert_eq!(deleted.len(), 2, "each constraint is needed");
}
