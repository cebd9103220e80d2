//! What a proof costs at each point, beside the yardstick.

use std::error::Error;

use indicatif::ProgressBar;
use serde::Serialize;
use zkmargin_benches::{
    alone::KeyFiles, median, ms, statement::Sample, timed, yardstick::Yardstick,
};
use zkmargin_circuits::{
    public::PublicTable,
    shape::{Shape, Statement},
};
use zkmargin_prover::{Params, ProvingKey};

use crate::{Axis, Point};

/// What one point costs; times are medians, ratios are to the yardsticks measured beside it.
#[derive(Debug, Clone, Serialize)]
pub struct Cost {
    pub shape: Shape,
    pub k: u32,
    /// Rows of the public table.
    pub table_rows: usize,
    pub prove_ms: f64,
    pub prove_ratio: f64,
    /// Table, scenario search and witness.
    pub witness_ms: f64,
    pub witness_ratio: f64,
    pub verify_ms: f64,
    pub verify_ratio: f64,
    /// The yardstick's proof and check beside this point.
    pub yardstick_prove_ms: f64,
    pub yardstick_verify_ms: f64,
    pub proof_bytes: usize,
    /// Of a process that reads its keys and makes this one proof.
    pub peak_mib: Option<f64>,
}

/// A point with its cost, or with why there is none.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    pub axis: Axis,
    pub value: usize,
    pub statement: Statement,
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// What came of a point.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Cost(Cost),
    DoesNotFit(String),
}

/// A circuit's keys.
struct Circuit {
    of: (Statement, Shape),
    params: Params,
    key: ProvingKey,
}

/// A point that fits.
struct Subject {
    point: Point,
    sample: Sample,
    table_rows: usize,
    circuit: usize,
    prove: Vec<f64>,
    witness: Vec<f64>,
    verify: Vec<f64>,
    /// The yardstick beside it.
    yardstick: [Vec<f64>; 2],
}

impl Subject {
    fn measure(&mut self, circuit: &Circuit, yardstick: &Yardstick) -> Result<(), Box<dyn Error>> {
        let (bytes, time) = timed(|| yardstick.prove())?;
        self.yardstick[0].push(time);
        self.yardstick[1].push(timed(|| yardstick.verify(&bytes))?.1);
        let proof = self.sample.prove(&circuit.params, &circuit.key)?;
        self.prove.push(ms(proof.prove_time));
        self.witness.push(ms(proof.witness_time));
        let verify = || self.sample.verify(circuit.key.verifying(), &proof.file);
        self.verify.push(timed(verify)?.1);
        Ok(())
    }

    fn cost(self, circuit: &Circuit, files: &KeyFiles) -> Result<(Point, Cost), Box<dyn Error>> {
        let alone = files.prove_alone(["--alone", &self.point.to_string()])?;
        let [prove_ms, witness_ms, verify_ms] = [self.prove, self.witness, self.verify].map(median);
        let [yardstick_prove_ms, yardstick_verify_ms] = self.yardstick.map(median);
        let cost = Cost {
            shape: self.sample.shape,
            k: self.sample.k(),
            table_rows: self.table_rows,
            prove_ms,
            prove_ratio: prove_ms / yardstick_prove_ms,
            witness_ms,
            witness_ratio: witness_ms / yardstick_prove_ms,
            verify_ms,
            verify_ratio: verify_ms / yardstick_verify_ms,
            yardstick_prove_ms,
            yardstick_verify_ms,
            proof_bytes: circuit.key.verifying().proof_bytes(),
            peak_mib: alone.peak_mib,
        };
        Ok((self.point, cost))
    }
}

/// Measures all points, each beside the yardstick, in as many rounds over all of them.
pub fn measure(
    points: &[Point],
    runs: usize,
    bar: &ProgressBar,
) -> Result<Vec<Row>, Box<dyn Error>> {
    let yardstick = Yardstick::new()?;
    yardstick.prove()?;
    let (mut circuits, mut subjects, mut rows) = (Vec::<Circuit>::new(), Vec::new(), Vec::new());
    for point in points {
        let sample = match point.sample()? {
            Ok(sample) => sample,
            Err(refusal) => {
                rows.push(point.row(Outcome::DoesNotFit(refusal)));
                continue;
            }
        };
        let of = (sample.statement, sample.shape);
        let circuit = match circuits.iter().position(|circuit| circuit.of == of) {
            Some(circuit) => circuit,
            None => {
                bar.set_message(format!("keys: {} {}", of.0, of.1));
                let params = sample.params();
                let key = sample.keys(&params)?;
                params.prepare()?;
                key.prepare()?;
                circuits.push(Circuit { of, params, key });
                circuits.len() - 1
            }
        };
        let table = PublicTable::new(&sample.snapshot, &sample.policy)?;
        subjects.push(Subject {
            point: *point,
            table_rows: table.rows().len(),
            sample,
            circuit,
            prove: Vec::new(),
            witness: Vec::new(),
            verify: Vec::new(),
            yardstick: Default::default(),
        });
    }
    // One proof of each circuit that does not count.
    for (place, circuit) in circuits.iter().enumerate() {
        if let Some(subject) = subjects.iter().find(|subject| subject.circuit == place) {
            subject.sample.prove(&circuit.params, &circuit.key)?;
        }
    }
    bar.set_length((subjects.len() * (runs + 1)) as u64);
    for _ in 0..runs {
        for subject in &mut subjects {
            bar.set_message(subject.point.to_string());
            subject.measure(&circuits[subject.circuit], &yardstick)?;
            bar.inc(1);
        }
    }
    let files = circuits.iter().map(|c| KeyFiles::write(&c.params, &c.key));
    let files = files.collect::<Result<Vec<_>, _>>()?;
    for subject in subjects {
        bar.set_message(format!("memory: {}", subject.point));
        let circuit = subject.circuit;
        let (point, cost) = subject.cost(&circuits[circuit], &files[circuit])?;
        rows.push(point.row(Outcome::Cost(cost)));
        bar.inc(1);
    }
    let place = |row: &Row| {
        let same =
            |p: &Point| (p.axis, p.value, p.statement) == (row.axis, row.value, row.statement);
        points.iter().position(same)
    };
    rows.sort_by_key(place);
    Ok(rows)
}
