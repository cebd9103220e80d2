//! Against snark-verifier's tree, of a circuit that permutes columns of every kind.

use ff::Field;
use halo2_proofs::{
    circuit::{Layouter, SimpleFloorPlanner},
    plonk::{self, Circuit, Fixed, Instance, keygen_vk},
    poly::{commitment::ParamsProver, kzg::commitment::ParamsKZG},
};
use halo2curves::bn256::{Bn256, G1Affine};
use rand_core::OsRng;
use snark_verifier::{
    system::halo2::{Config as Of, compile},
    util::arithmetic::Rotation as At,
    verifier::plonk::PlonkProtocol,
};

use super::*;

/// Advice, fixed and public columns are permuted, in two products; gates and lookups read around their row.
#[derive(Clone, Copy)]
struct Mixed;

#[derive(Clone)]
struct Config {
    q: plonk::Selector,
    fixed: Column<Fixed>,
    public: [Column<Instance>; 2],
}

impl Circuit<Fr> for Mixed {
    type Config = Config;
    type FloorPlanner = SimpleFloorPlanner;
    type Params = ();

    fn without_witnesses(&self) -> Self {
        Self
    }

    fn configure(meta: &mut ConstraintSystem<Fr>) -> Config {
        let [a, b, c] = [(); 3].map(|()| meta.advice_column());
        let [fixed, table] = [(); 2].map(|()| meta.fixed_column());
        let public = [(); 2].map(|()| meta.instance_column());
        let q = meta.selector();
        [a, b, c]
            .into_iter()
            .for_each(|column| meta.enable_equality(column));
        meta.enable_equality(fixed);
        meta.enable_equality(public[1]);
        meta.create_gate("one", |meta| {
            let q = meta.query_selector(q);
            let [x, y] = [a, b].map(|column| meta.query_advice(column, Rotation::cur()));
            let next = meta.query_advice(a, Rotation::next());
            let constant = meta.query_fixed(fixed, Rotation::cur());
            let seven = Expression::Constant(Fr::from(7));
            vec![
                q.clone() * (x.clone() * y.clone() * constant - next * Fr::from(5)),
                q * (-(x + seven) * y),
            ]
        });
        meta.lookup_any("two", |meta| {
            let before = meta.query_advice(c, Rotation::prev());
            let x = meta.query_advice(b, Rotation::cur());
            let table = meta.query_fixed(table, Rotation::cur());
            let row = meta.query_instance(public[0], Rotation::cur());
            vec![(before, row), (x, table)]
        });
        Config { q, fixed, public }
    }

    fn synthesize(
        &self,
        config: Config,
        mut layouter: impl Layouter<Fr>,
    ) -> Result<(), plonk::Error> {
        layouter.assign_region(
            || "one row",
            |mut region| {
                assert_ne!(config.public[0].index(), config.public[1].index());
                region.assign_fixed(config.fixed, 0, Fr::one());
                config.q.enable(&mut region, 0)
            },
        )
    }
}

struct Case {
    key: plonk::VerifyingKey<G1Affine>,
    protocol: PlonkProtocol<G1Affine>,
    public: Vec<Fr>,
    claimed: Vec<Fr>,
    challenges: Challenges,
    rows: Rows,
}

impl Case {
    fn new() -> Self {
        let params = ParamsKZG::<Bn256>::new(5);
        let key = keygen_vk(&params, &Mixed).expect("a key");
        let config = Of::kzg().with_num_instance(vec![1, 1]);
        let protocol = compile(&params, &key, config);
        let random = |count: usize| (0..count).map(|_| Fr::random(OsRng)).collect::<Vec<_>>();
        let [theta, beta, gamma, y, x, first, last, blind] = random(8).try_into().expect("eight");
        Self {
            public: random(key.cs().instance_queries().len()),
            claimed: random(protocol.evaluations.len()),
            challenges: Challenges {
                theta,
                beta,
                gamma,
                y,
                x,
            },
            rows: Rows { first, last, blind },
            key,
            protocol,
        }
    }

    fn ours(&self, claimed: &[Fr]) -> Option<Fr> {
        let constraints = Constraints::new(self.key.cs()).expect("columns alone");
        constraints.numerator(&self.public, claimed, &self.challenges, &self.rows)
    }

    fn theirs(&self) -> Fr {
        let protocol = &self.protocol;
        let blinding = self.key.cs().blinding_factors() as i32;
        let Challenges {
            theta,
            beta,
            gamma,
            y,
            x,
        } = self.challenges;
        // The blinding rows come one by one; only their sum is ours to choose.
        let share = self.rows.blind * Fr::from(blinding as u64).invert().expect("some");
        let instances = protocol.preprocessed.len();
        protocol.quotient.numerator.evaluate(
            &|constant| constant,
            &|polynomial| match format!("{polynomial:?}").as_str() {
                "Identity" => x,
                "Lagrange(0)" => self.rows.first,
                text if text == format!("Lagrange({})", -blinding - 1) => self.rows.last,
                text if text.starts_with("Lagrange(-") => share,
                text => panic!("{text}"),
            },
            &|query| {
                let claim = protocol.evaluations.iter().position(|one| *one == query);
                claim.map_or_else(
                    || {
                        let mut queries = self.key.cs().instance_queries().iter();
                        let wanted = (query.poly - instances, query.rotation);
                        let place = queries.position(|(column, rotation)| {
                            (column.index(), At(rotation.0)) == wanted
                        });
                        self.public[place.expect("a public column")]
                    },
                    |claim| self.claimed[claim],
                )
            },
            &|challenge| [theta, beta, gamma, y][challenge],
            &|a| -a,
            &|a, b| a + b,
            &|a, b| a * b,
            &|a, scalar| a * scalar,
        )
    }
}

#[test]
fn columns_of_every_kind_are_permuted_as_in_the_reference() {
    let case = Case::new();
    assert!(case.key.cs().permutation().get_columns().len() > case.key.cs().degree() - 2);
    for _ in 0..10 {
        let case = Case::new();
        assert_eq!(case.ours(&case.claimed), Some(case.theirs()));
    }
}

#[test]
fn more_or_fewer_values_are_not_this_circuit_s() {
    let case = Case::new();
    let (_, fewer) = case.claimed.split_last().expect("values");
    assert_eq!(case.ours(fewer), None);
    let mut more = case.claimed.clone();
    more.push(Fr::one());
    assert_eq!(case.ours(&more), None);
}
