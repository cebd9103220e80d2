//! Groth16 by arkworks over circom's circuit: key and witness calculator read once, one proof to warm up, one measured.
//!
//! ```text
//! peer-arkworks MARGIN.zkey MARGIN.wasm INPUT.json
//! ```

use std::{error::Error, fs::File, hint::black_box, io::BufReader, time::Instant};

use ark_bn254::{Bn254, Fr};
use ark_circom::{CircomReduction, WitnessCalculator, read_zkey};
use ark_groth16::Groth16;
use ark_serialize::CanonicalSerialize;
use ark_std::{UniformRand, rand::rngs::OsRng};
use cpu_time::ProcessTime;
use num_bigint::BigInt;
use serde_json::{Value, json};
use wasmer::Store;

type Prover = Groth16<Bn254, CircomReduction>;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [zkey, wasm, input] = arguments.as_slice() else {
        return Err("usage: peer-arkworks MARGIN.zkey MARGIN.wasm INPUT.json".into());
    };
    let (key, matrices) = read_zkey(&mut BufReader::new(File::open(zkey)?))?;
    let verifying = ark_groth16::prepare_verifying_key(&key.vk);
    let mut store = Store::default();
    let mut calculator = WitnessCalculator::new(&mut store, wasm).map_err(|e| e.to_string())?;
    let inputs = inputs(&serde_json::from_reader(File::open(input)?)?)?;
    let (instances, constraints) = (matrices.num_instance_variables, matrices.num_constraints);
    let rows = [matrices.a, matrices.b, matrices.c];

    let mut times = [0.0; 3];
    let mut size = 0;
    let mut prove_cpu = 0.0;
    for _ in 0..2 {
        let start = Instant::now();
        let witness = calculator
            .calculate_witness_element::<Fr, _>(&mut store, inputs.clone(), false)
            .map_err(|e| e.to_string())?;
        times[0] = start.elapsed().as_secs_f64();

        let (start, cpu) = (Instant::now(), ProcessTime::now());
        let proof = Prover::create_proof_with_reduction_and_matrices(
            &key,
            Fr::rand(&mut OsRng),
            Fr::rand(&mut OsRng),
            &rows,
            instances,
            constraints,
            &witness,
        )?;
        times[1] = start.elapsed().as_secs_f64();
        prove_cpu = cpu.elapsed().as_secs_f64();

        let start = Instant::now();
        let public = witness.get(1..instances).unwrap_or_default();
        let holds = Prover::verify_proof(&verifying, &proof, public)?;
        times[2] = start.elapsed().as_secs_f64();
        if !black_box(holds) {
            return Err("the proof does not verify".into());
        }
        size = proof.compressed_size();
    }
    let [witness, prove, verify] = times;
    println!(
        "{}",
        json!({
            "witness": witness,
            "prove": prove,
            "prove_cpu": prove_cpu,
            "verify": verify,
            "proof_bytes": size,
        })
    );
    Ok(())
}

/// Signals by name, nested arrays flattened, as the witness calculator takes them.
fn inputs(json: &Value) -> Result<Vec<(String, Vec<BigInt>)>, Box<dyn Error>> {
    let signals = json.as_object().ok_or("the input is no object")?;
    signals
        .iter()
        .map(|(name, value)| {
            let mut values = Vec::new();
            flatten(value, &mut values).map_err(|e| format!("{name}: {e}"))?;
            Ok((name.clone(), values))
        })
        .collect()
}

fn flatten(value: &Value, out: &mut Vec<BigInt>) -> Result<(), Box<dyn Error>> {
    match value {
        Value::Array(values) => values.iter().try_for_each(|value| flatten(value, out)),
        Value::String(text) => Ok(out.push(text.parse()?)),
        Value::Number(number) => Ok(out.push(number.to_string().parse()?)),
        other => Err(format!("{other} is no integer").into()),
    }
}
