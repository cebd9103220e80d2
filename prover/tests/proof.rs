//! Real proofs of the sample accounts.

use std::path::Path;

use zkmargin_circuits::{
    model::{Account, Context, HexBytes, Policy, Snapshot, Time, read_json},
    shape::Shape,
};
use zkmargin_prover::{Params, ProvingKey, prove};
use zkmargin_verifier::{Request, verify};

fn sample<T: serde::de::DeserializeOwned>(name: &str) -> T {
    read_json(
        &Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../samples")
            .join(name),
    )
    .expect(name)
}

#[test]
fn every_shape_proves_and_verifies() {
    let (snapshot, policy, context): (Snapshot, Policy, Context) = (
        sample("snapshot.json"),
        sample("policy.json"),
        sample("context.json"),
    );
    for (shape, account) in [
        (Shape::Small, "account-small.json"),
        (Shape::Medium, "account.json"),
    ] {
        let params = Params::unsafe_dev(shape.k()).expect("params");
        let start = std::time::Instant::now();
        let key = ProvingKey::generate(&params, shape).expect("keys");
        println!("{shape}: keygen {:?}", start.elapsed());
        let account: Account = sample(account);
        println!(
            "fixed {}",
            key.verifying().backend().fixed_commitments().len()
        );
        let bytes = key.verifying().to_bytes();
        let read = zkmargin_verifier::VerifyingKey::from_bytes(&bytes).expect("key file");
        assert_eq!(read.digest(), key.verifying().digest());
        let folder = tempfile::tempdir().expect("folder");
        key.write(folder.path(), zkmargin_prover::atomic::Overwrite::Refuse)
            .expect("written");
        let start = std::time::Instant::now();
        let key = ProvingKey::read(
            folder.path(),
            zkmargin_circuits::shape::Statement::Liquidation,
            shape,
        )
        .expect("read");
        println!("read keys {:?}", start.elapsed());
        for _ in 0..3 {
            let proof =
                prove(&params, &key, &account, &snapshot, &policy, &context).expect("proof");
            let request = Request {
                key: key.verifying(),
                snapshot: &snapshot,
                policy: &policy,
                commitment: HexBytes(proof.file.commitment.0),
                context: &context,
                at: Time::from_unix(1_800_000_000).expect("time"),
            };
            let start = std::time::Instant::now();
            let eligibility = verify(&proof.file, &request).expect("eligible");
            println!(
                "witness {:?}, prove {:?}, verify {:?}, {} bytes, {:?}",
                proof.witness_time,
                proof.prove_time,
                start.elapsed(),
                proof.file.proof.0.len(),
                eligibility.terms,
            );
        }
    }
}
