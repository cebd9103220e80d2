//! The statement of `benches/peers` by this project: one proof to warm up, one measured.
//!
//! ```text
//! book PORTFOLIO.json
//! ```

use std::{error::Error, path::Path, time::Instant};

use serde_json::json;
use zkmargin_benches::{
    book::{Book, BookKeys},
    machine::{cpu_ns, peak_kib},
};
use zkmargin_circuits::field;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args()
        .nth(1)
        .ok_or("usage: book PORTFOLIO.json")?;
    let read = Book::read(Path::new(&path))?;
    let keys = BookKeys::new()?;
    let mut times = [0.0; 3];
    let mut size = 0;
    let mut cpu = None;
    for _ in 0..2 {
        let start = Instant::now();
        let book = read.recomputed();
        times[0] = start.elapsed().as_secs_f64();
        let (start, before) = (Instant::now(), cpu_ns());
        let proof = keys.prove(&book)?;
        times[1] = start.elapsed().as_secs_f64();
        cpu = before
            .zip(cpu_ns())
            .map(|(before, after)| (after - before) as f64 / 1e9);
        let start = Instant::now();
        keys.verify(&book, &proof)?;
        times[2] = start.elapsed().as_secs_f64();
        size = proof.len();
    }
    let [witness, prove, verify] = times;
    let [verifying_key, proving_key] = keys.key_bytes();
    println!(
        "{}",
        json!({
            "witness": witness,
            "prove": prove,
            "prove_cpu": cpu,
            "verify": verify,
            "proof_bytes": size,
            "verifying_key_bytes": verifying_key,
            "proving_key_bytes": proving_key,
            "peak_kib": peak_kib(),
            "commitment": field::to_uint(&read.commitment()).to_string(),
            "calls": read.calls(),
        })
    );
    Ok(())
}
