//! Against the backend: its verifier takes these proofs, its expressions have the programs' values.

use std::{collections::BTreeSet, fmt::Write, io, path::Path};

use ff::Field;
use halo2_proofs::{
    circuit::{Layouter, SimpleFloorPlanner, Value},
    plonk::{
        self, Advice, Circuit, Column, ConstraintSystem, Expression, Fixed, Instance, Selector,
        keygen_pk2, verify_proof,
    },
    poly::{
        Rotation,
        commitment::ParamsProver as _,
        kzg::{
            commitment::{KZGCommitmentScheme, ParamsKZG},
            multiopen::VerifierSHPLONK,
            strategy::SingleStrategy,
        },
    },
};
use halo2curves::bn256::{Bn256, Fr, G1Affine};
use rand_core::OsRng;
use zkmargin_circuits::shape::{Shape, Statement};
use zkmargin_verifier::{HeaderTranscript, key::configured};

use super::{
    Bases, Error, Prepared, create_proof,
    lanes::{self, Engine, Portable, Task, WIDTH, checked::Checked, element},
    linear::Kind,
    program::{Bound, Padded, Program},
};

pub(super) const K: u32 = 7;
const ROWS: usize = 90;

/// Two selectors, a gate that reads the rows around it, a range lookup, a lookup into public rows, five permuted columns.
#[derive(Clone, Copy)]
pub(super) struct Config {
    advice: [Column<Advice>; 4],
    q: [Selector; 2],
    tag: Column<Fixed>,
    table: Column<Fixed>,
    public: [Column<Instance>; 2],
}

/// What is wrong with a witness.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Lie {
    None,
    Gate,
    Copy,
    Range,
    Row,
}

#[derive(Clone, Copy)]
pub(super) struct TestCircuit(pub(super) Option<Lie>);

pub(super) fn public() -> [Vec<Fr>; 2] {
    let squares = (0..ROWS as u64).map(|i| Fr::from(i * i)).collect();
    [(0..ROWS as u64).map(Fr::from).collect(), squares]
}

impl Circuit<Fr> for TestCircuit {
    type Config = Config;
    type FloorPlanner = SimpleFloorPlanner;
    type Params = ();

    fn without_witnesses(&self) -> Self {
        Self(None)
    }

    fn configure(meta: &mut ConstraintSystem<Fr>) -> Config {
        let config = Config {
            advice: [(); 4].map(|()| meta.advice_column()),
            q: [(); 2].map(|()| meta.selector()),
            tag: meta.fixed_column(),
            table: meta.fixed_column(),
            public: [(); 2].map(|()| meta.instance_column()),
        };
        config.advice.iter().for_each(|c| meta.enable_equality(*c));
        meta.enable_equality(config.public[0]);
        let Config { advice, q, .. } = config;
        meta.create_gate("step", |meta| {
            let q = meta.query_selector(q[0]);
            let [a, b] = [0, 1].map(|i| meta.query_advice(advice[i], Rotation::cur()));
            let next = meta.query_advice(advice[0], Rotation::next());
            let square = a.clone() * a.clone();
            vec![
                q.clone() * (square.clone() * b.clone() + a.clone() * Fr::from(3) - next),
                q * (square.clone() * square - a.clone() * a.clone() * a.clone() * a),
            ]
        });
        meta.create_gate("twice", |meta| {
            let q = meta.query_selector(q[1]);
            let [c, d] = [2, 3].map(|i| meta.query_advice(advice[i], Rotation::cur()));
            let before = meta.query_advice(advice[2], Rotation::prev());
            vec![q * (d - c - before)]
        });
        meta.lookup_any("below 64", |meta| {
            let value = meta.query_advice(advice[2], Rotation::cur());
            let table = meta.query_fixed(config.table, Rotation::cur());
            vec![(value, table)]
        });
        meta.lookup_any("a public row", |meta| {
            let tag = meta.query_fixed(config.tag, Rotation::cur());
            let [c, b] = [2, 1].map(|i| meta.query_advice(advice[i], Rotation::cur()));
            let [i, square] = config
                .public
                .map(|p| meta.query_instance(p, Rotation::cur()));
            vec![(tag.clone() * c, i), (tag * b, square)]
        });
        config
    }

    fn synthesize(
        &self,
        config: Config,
        mut layouter: impl Layouter<Fr>,
    ) -> Result<(), plonk::Error> {
        let lie = self.0;
        let lies = |what: Lie| lie == Some(what);
        let value = |v: Fr| {
            if lie.is_some() {
                Value::known(v)
            } else {
                Value::unknown()
            }
        };
        layouter.assign_region(
            || "test",
            |mut region| {
                let Config {
                    advice,
                    q,
                    tag,
                    table,
                    public,
                } = config;
                for row in 0..64 {
                    region.assign_fixed(table, row, Fr::from(row as u64));
                }
                let mut a = Fr::from(5);
                for row in 0..ROWS - 2 {
                    let c = (row * 7 % 64) as u64;
                    let before = if row == 0 {
                        0
                    } else {
                        ((row - 1) * 7 % 64) as u64
                    };
                    let mut b = Fr::from(c * c);
                    let mut limb = Fr::from(c);
                    if row == 40 {
                        b += Fr::from(u64::from(lies(Lie::Row)));
                        if lies(Lie::Range) {
                            limb = Fr::from(64);
                        }
                    }
                    region.assign_fixed(
                        tag,
                        row,
                        Fr::from(u64::from(row != 40 || !lies(Lie::Range))),
                    );
                    q[0].enable(&mut region, row)?;
                    region.assign_advice(advice[0], row, value(a));
                    region.assign_advice(advice[1], row, value(b));
                    let cell = region.assign_advice(advice[2], row, value(limb)).cell();
                    region.constrain_equal(
                        cell,
                        halo2_proofs::circuit::Cell {
                            row_offset: row * 7 % 64,
                            column: public[0].into(),
                        },
                    );
                    if row > 0 {
                        q[1].enable(&mut region, row)?;
                    }
                    let mut d = Fr::from(c + before);
                    if lies(Lie::Copy) && row == 3 {
                        d += Fr::ONE;
                    }
                    region.assign_advice(advice[3], row, value(d));
                    a = a.square() * b + a * Fr::from(3);
                    if lies(Lie::Gate) && row == 30 {
                        a += Fr::ONE;
                    }
                }
                region.assign_advice(advice[0], ROWS - 2, value(a));
                Ok(())
            },
        )
    }
}

struct Setup {
    params: ParamsKZG<Bn256>,
    bases: Bases,
    key: plonk::ProvingKey<G1Affine>,
    prepared: Prepared,
}

impl Setup {
    fn new() -> Self {
        let params = ParamsKZG::<Bn256>::setup(K, OsRng);
        let key = keygen_pk2(&params, &TestCircuit(None), true).expect("keys");
        Self {
            bases: Bases::new(&params).expect("points"),
            prepared: Prepared::new(&key).expect("a circuit of one phase"),
            params,
            key,
        }
    }

    fn prove(&self, lie: Lie) -> Result<Vec<u8>, Error> {
        let public = public();
        let public: Vec<&[Fr]> = public.iter().map(Vec::as_slice).collect();
        let mut transcript = HeaderTranscript::new(Vec::new(), &public);
        create_proof(
            &self.bases,
            &self.key,
            &self.prepared,
            TestCircuit(Some(lie)),
            &public,
            &mut transcript,
        )?;
        Ok(transcript.finalize())
    }

    fn verifies(&self, proof: &[u8]) -> bool {
        let public = public();
        let public: Vec<&[Fr]> = public.iter().map(Vec::as_slice).collect();
        let mut transcript = HeaderTranscript::new(proof, &public);
        verify_proof::<KZGCommitmentScheme<Bn256>, VerifierSHPLONK<'_, Bn256>, _, _, _>(
            self.params.verifier_params(),
            self.key.get_vk(),
            SingleStrategy::new(&self.params),
            &[&public],
            &mut transcript,
        )
        .is_ok()
    }
}

#[test]
fn the_backend_takes_true_proofs_and_no_others() {
    let setup = Setup::new();
    let proof = setup.prove(Lie::None).expect("a proof");
    assert!(setup.verifies(&proof));
    for lie in [Lie::Gate, Lie::Copy] {
        let proof = setup.prove(lie).expect("nothing stops this prover");
        assert!(!setup.verifies(&proof), "{lie:?}");
    }
    for lie in [Lie::Range, Lie::Row] {
        assert!(matches!(setup.prove(lie), Err(Error::Lookup)), "{lie:?}");
    }
    let mut altered = proof.clone();
    altered[100] ^= 1;
    assert!(!setup.verifies(&altered));
}

/// A place that takes no bytes.
struct Full;

impl io::Write for Full {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::StorageFull.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_transcript_that_takes_nothing_ends_the_proof() {
    let setup = Setup::new();
    let public = public();
    let public: Vec<&[Fr]> = public.iter().map(Vec::as_slice).collect();
    let mut transcript = HeaderTranscript::new(Full, &public);
    let circuit = TestCircuit(Some(Lie::None));
    let result = create_proof(
        &setup.bases,
        &setup.key,
        &setup.prepared,
        circuit,
        &public,
        &mut transcript,
    );
    assert!(matches!(result, Err(Error::Transcript(_))));
}

#[test]
fn parameters_of_another_size_are_refused() {
    for k in [K - 1, K + 1] {
        let params = ParamsKZG::<Bn256>::setup(k, OsRng);
        let other = Setup {
            bases: Bases::new(&params).expect("points"),
            ..Setup::new()
        };
        let result = other.prove(Lie::None);
        assert!(matches!(result, Err(Error::Unsupported(_))), "k = {k}");
    }
}

/// Were a column not blinded, two proofs of one witness would hold the same point.
#[test]
fn proofs_of_one_witness_share_no_point() {
    let setup = Setup::new();
    let [first, second] = [(); 2].map(|()| setup.prove(Lie::None).expect("a proof"));
    let points = |proof: &[u8]| -> BTreeSet<[u8; 64]> {
        // Advice, two columns of each lookup, two permutation products, two lookup products, blinder, quotient.
        let (points, _) = proof.as_chunks::<64>();
        points.iter().take(4 + 4 + 2 + 2 + 1 + 4).copied().collect()
    };
    let (first, second) = (points(&first), points(&second));
    assert_eq!(first.len(), 17);
    assert!(first.is_disjoint(&second));
}

/// Plain values of a program's outputs in eight rows.
struct Evaluate<'a> {
    bound: &'a Bound<'a>,
    columns: &'a [Vec<Fr>],
    start: usize,
}

impl Task for Evaluate<'_> {
    type Output = Vec<[Fr; WIDTH]>;

    #[inline(always)]
    fn run<E: Engine>(self, engine: E) -> Self::Output {
        let scale: Fr = engine.scale();
        let columns = self.columns.iter().map(|column| {
            let scaled: Vec<Fr> = column.iter().map(|x| *x * scale).collect();
            Padded::filled(scaled.len(), 1, |to| lanes::to_words(&scaled, to))
        });
        let columns: Vec<Padded> = columns.collect();
        let columns: Vec<&Padded> = columns.iter().collect();
        let mut scratch = self.bound.scratch(engine);
        self.bound
            .evaluate(engine, &columns, self.start, &mut scratch);
        let unscale = scale.invert().expect("a scale");
        let values = scratch.outputs.iter().map(|output| {
            let mut values = [[0; 4]; WIDTH];
            engine.store(*output, &mut values);
            values.map(|value| element::<Fr>(value) * unscale)
        });
        values.collect()
    }
}

/// All constraints of both statements at random cells, by the programs and by the backend's own walk over the expressions.
#[test]
fn programs_have_the_expressions_values() {
    for statement in [Statement::Liquidation, Statement::Solvency] {
        let cs = configured(statement, Shape::Small).expect("a circuit");
        let gates = cs.gates().iter().flat_map(|g| g.polynomials()).cloned();
        // Selectors are virtual before key generation: any fixed cell does in their place.
        let gates: Vec<Expression<Fr>> = gates.map(|e| without_selectors(&e)).collect();
        let inputs = cs.lookups().iter().map(|l| l.input_expressions().clone());
        let outputs: Vec<Vec<_>> = std::iter::once(gates).chain(inputs).collect();
        let program = Program::new(&outputs).expect("no challenges");
        let columns: Vec<Vec<Fr>> = program
            .inputs()
            .iter()
            .map(|_| super::columns::random(8 * WIDTH))
            .collect();
        let weights = super::columns::random(outputs.iter().map(Vec::len).sum());
        let bound = program.bind(&weights);
        let cell = |kind: Kind, column: usize, rotation: Rotation, row: usize| {
            let input = program.inputs().iter();
            let mut input = input.zip(&columns);
            let column = input.find(|(i, _)| i.kind == kind && i.column == column);
            let at = (row as i32 + rotation.0).rem_euclid(8 * WIDTH as i32);
            column.map_or(Fr::ZERO, |(_, c)| c[at as usize])
        };
        for start in [0, 7 * WIDTH] {
            let task = || Evaluate {
                bound: &bound,
                columns: &columns,
                start,
            };
            let found = lanes::run(task());
            assert_eq!(task().run(Portable), found, "{statement}, portable");
            assert_eq!(task().run(Checked), found, "{statement}, bounds");
            for row in [0, 1, WIDTH - 1] {
                let mut weights = weights.iter();
                for (output, expressions) in outputs.iter().enumerate() {
                    let values = expressions.iter().map(|e| {
                        e.evaluate(
                            &|c| c,
                            &|_| Fr::ZERO,
                            &|q| cell(Kind::Fixed, q.column_index(), q.rotation(), start + row),
                            &|q| cell(Kind::Advice, q.column_index(), q.rotation(), start + row),
                            &|q| cell(Kind::Instance, q.column_index(), q.rotation(), start + row),
                            &|_| Fr::ZERO,
                            &|a| -a,
                            &|a, b| a + b,
                            &|a, b| a * b,
                            &|a, c| a * c,
                        )
                    });
                    let sum: Fr = values.zip(weights.by_ref()).map(|(v, w)| v * w).sum();
                    assert_eq!(
                        found[output][row], sum,
                        "{statement}, output {output}, row {row}"
                    );
                }
            }
        }
    }
}

fn without_selectors(expression: &Expression<Fr>) -> Expression<Fr> {
    let again = without_selectors;
    match expression {
        Expression::Selector(selector) => {
            // Numbers of fixed columns that no circuit here has.
            let mut cs = ConstraintSystem::<Fr>::default();
            let columns: Vec<_> = (0..500 + selector.index())
                .map(|_| cs.fixed_column())
                .collect();
            let mut query = None;
            cs.create_gate("a fixed cell", |meta| {
                let cell = meta.query_fixed(*columns.last().expect("one"), Rotation::cur());
                query = Some(cell.clone());
                vec![cell]
            });
            query.expect("queried")
        }
        Expression::Negated(a) => Expression::Negated(Box::new(again(a))),
        Expression::Sum(a, b) => Expression::Sum(Box::new(again(a)), Box::new(again(b))),
        Expression::Product(a, b) => Expression::Product(Box::new(again(a)), Box::new(again(b))),
        Expression::Scaled(a, by) => Expression::Scaled(Box::new(again(a)), *by),
        other => other.clone(),
    }
}

/// What proofs cost, counted and not timed: `ZKMARGIN_BLESS=1 cargo test -p zkmargin-prover --lib work` rewrites the golden file.
#[test]
fn work_is_pinned() {
    let mut text =
        String::from("# Rewritten by ZKMARGIN_BLESS=1 cargo test -p zkmargin-prover --lib work\n");
    for statement in Statement::ALL {
        let params = crate::Params::unsafe_dev(statement.k(Shape::Small)).expect("parameters");
        let key = crate::ProvingKey::generate(&params, statement, Shape::Small).expect("keys");
        let prepared = Prepared::new(key.backend()).expect("one phase");
        let cs = key.backend().get_vk().cs();
        let gates = cs.gates().iter().flat_map(|g| g.polynomials());
        let naive: usize = gates.map(|g| multiplications(g) + 1).sum();
        let counts = [
            (
                "multiplications a row, gates and lookups",
                prepared.constraints.multiplications(),
            ),
            ("of the gates alone, one by one", naive),
            ("registers", prepared.constraints.registers()),
            ("cells", prepared.constraints.cells()),
            (
                "fixed columns on cosets",
                prepared.parts.first().map_or(0, |p| p.fixed.len()),
            ),
            ("permuted columns", prepared.permuted.len()),
            ("lookups", prepared.widths.len()),
            ("compressed tables", prepared.table_widths.len()),
        ];
        for (name, count) in counts {
            writeln!(text, "{statement}: {name}: {count}").expect("a string");
        }
        assert!(prepared.constraints.multiplications() < naive);
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goldens/work.txt");
    if std::env::var_os("ZKMARGIN_BLESS").is_some() {
        std::fs::write(&path, &text).expect("writable");
    }
    let golden = std::fs::read_to_string(&path).expect("golden file");
    assert_eq!(
        text, golden,
        "run once with ZKMARGIN_BLESS=1 if this is meant"
    );
}

fn multiplications(expression: &Expression<Fr>) -> usize {
    match expression {
        Expression::Negated(a) => multiplications(a),
        Expression::Sum(a, b) => multiplications(a) + multiplications(b),
        Expression::Product(a, b) => 1 + multiplications(a) + multiplications(b),
        Expression::Scaled(a, _) => 1 + multiplications(a),
        _ => 0,
    }
}
