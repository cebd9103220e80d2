//! Key generation, proof and check of every shape, and the yardstick beside them.

#![allow(missing_docs, reason = "criterion's macros make public items")]

use criterion::{Criterion, criterion_group, criterion_main};
use zkmargin_benches::{
    statement::{POLICIES, Sample},
    yardstick::Yardstick,
};
use zkmargin_circuits::shape::Shape;

fn yardstick(criterion: &mut Criterion) {
    let yardstick = Yardstick::new().expect("keys");
    let proof = yardstick.prove().expect("proof");
    let mut group = criterion.benchmark_group("yardstick");
    group.sample_size(10);
    group.bench_function("prove", |b| b.iter(|| yardstick.prove().expect("proof")));
    group.bench_function("verify", |b| {
        b.iter(|| yardstick.verify(&proof).expect("verifies"));
    });
    group.finish();
}

fn statement(criterion: &mut Criterion) {
    for shape in Shape::ALL {
        let sample = Sample::of(shape);
        let params = sample.params();
        let key = sample.keys(&params).expect("keys");
        let proof = sample.prove(&params, &key).expect("proof").file;
        let mut group = criterion.benchmark_group(shape.name());
        group.sample_size(10);
        group.bench_function("keygen", |b| b.iter(|| sample.keys(&params).expect("keys")));
        group.bench_function("prove", |b| {
            b.iter(|| sample.prove(&params, &key).expect("proof"));
        });
        group.bench_function("verify", |b| {
            b.iter(|| sample.verify(key.verifying(), &proof).expect("eligible"));
        });
        group.finish();
    }
}

/// The same account under every policy: what the table's rows and the scenarios cost.
fn policies(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("policies");
    group.sample_size(10);
    let mut keys: Vec<(Shape, _, _)> = Vec::new();
    for policy in POLICIES {
        let sample = Sample::under(policy);
        if !keys.iter().any(|(shape, ..)| *shape == sample.shape) {
            let params = sample.params();
            let key = sample.keys(&params).expect("keys");
            keys.push((sample.shape, params, key));
        }
        let mut made = keys.iter().filter(|(shape, ..)| *shape == sample.shape);
        let (shape, params, key) = made.next().expect("made above");
        group.bench_function(format!("prove {policy}, {shape}"), |b| {
            b.iter(|| sample.prove(params, key).expect("proof"));
        });
    }
    group.finish();
}

criterion_group!(benches, yardstick, statement, policies);
criterion_main!(benches);
