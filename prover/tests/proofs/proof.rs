//! Real proofs of the sample accounts, with keys from files, for every shape.

use std::path::Path;

use zkmargin_circuits::{
    model::{Account, Context, Policy, Snapshot, read_json},
    shape::{Shape, Statement},
};
use zkmargin_prover::{
    Params, ProveError, ProvingKey, atomic::Overwrite, keys::read_verifying_key, prove,
};
use zkmargin_verifier::{ProofFile, Request, verify};

fn sample<T: serde::de::DeserializeOwned>(name: &str) -> T {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples");
    read_json(&samples.join(name)).expect(name)
}

/// `account-SHAPE.json`, or `account.json` where there is none.
fn account(shape: Shape) -> Account {
    let name = format!("account-{shape}.json");
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples");
    if samples.join(&name).exists() {
        sample(&name)
    } else {
        sample("account.json")
    }
}

#[test]
fn every_shape_proves_and_verifies() {
    let (snapshot, policy): (Snapshot, Policy) = (sample("snapshot.json"), sample("policy.json"));
    let context: Context = sample("context.json");
    for shape in Shape::ALL {
        let params = Params::unsafe_dev(shape.k()).expect("parameters");
        let folder = tempfile::tempdir().expect("folder");
        ProvingKey::generate(&params, Statement::Liquidation, shape)
            .expect("keys")
            .write(folder.path(), Overwrite::Refuse)
            .expect("written");
        let key = ProvingKey::read(folder.path(), Statement::Liquidation, shape).expect("read");
        let account = account(shape);
        let proof = prove(&params, &key, &account, &snapshot, &policy, &context).expect("proof");

        // A stranger has the verifying key's file and the proof file only.
        let name = ProvingKey::verifying_file_name(Statement::Liquidation, shape);
        let verifying = read_verifying_key(&folder.path().join(name)).expect("read");
        let file = ProofFile::from_bytes(&proof.file.to_bytes()).expect("read");
        let request = Request {
            key: &verifying,
            snapshot: &snapshot,
            policy: &policy,
            commitment: file.commitment,
            context: &context,
            at: snapshot.time,
        };
        let eligibility = verify(&file, &request).expect("eligible");
        assert_eq!(eligibility.shape, shape);
        assert_eq!(eligibility.terms, proof.file.terms());
        assert_eq!(file.proof.0.len(), verifying.proof_bytes());

        // Parameters of the same origin and other secret.
        let other = Params::unsafe_dev(shape.k()).expect("parameters");
        let refused = prove(&other, &key, &account, &snapshot, &policy, &context);
        assert!(matches!(refused, Err(ProveError::OtherParams)), "{shape}");
    }
}

#[test]
fn a_healthy_account_has_no_proof() {
    let (snapshot, policy): (Snapshot, Policy) = (sample("snapshot.json"), sample("policy.json"));
    let (account, context): (Account, Context) =
        (sample("account-healthy.json"), sample("context.json"));
    let shape = Shape::ALL
        .into_iter()
        .find(|shape| zkmargin_circuits::slots::Slots::new(&account, *shape).is_ok())
        .expect("a shape that holds it");
    let params = Params::unsafe_dev(shape.k()).expect("parameters");
    let key = ProvingKey::generate(&params, Statement::Liquidation, shape).expect("keys");
    let refused = prove(&params, &key, &account, &snapshot, &policy, &context);
    assert!(matches!(refused, Err(ProveError::NotUnderMargined)));
}
