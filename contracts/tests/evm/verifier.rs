//! The generated verifier contract.

use std::sync::OnceLock;

use revm::primitives::Address;
use zkmargin_circuits::{
    model::{Account, Context, Policy, Snapshot, read_json},
    shape::{Shape, Statement},
};
use zkmargin_prover::{Params, ProvingKey, prove};

use crate::{chain::Chain, solc};

#[test]
#[ignore = "needs the pinned compiler: contracts/test.sh"]
fn gas() {
    for (statement, shape, name) in [
        (Statement::Liquidation, Shape::Small, "account-small"),
        (Statement::Liquidation, Shape::Medium, "account"),
        (Statement::Solvency, Shape::Small, "account-healthy"),
    ] {
        let params = Params::unsafe_dev(statement.k(shape)).expect("parameters");
        let key = ProvingKey::generate(&params, statement, shape).expect("keys");
        let contract =
            zkmargin_verifier::solidity::verifier_contract(key.verifying()).expect("a contract");
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("V.sol");
        let mut n = 0;
        let mut debug = String::new();
        for piece in contract.source.split("revert(0, 0)") {
            debug.push_str(piece);
            debug.push_str(&format!("mstore(0, {n}) revert(0, 32)"));
            n += 1;
        }
        let debug = debug.rsplit_once("mstore(0, ").expect("x").0.to_owned();
        std::fs::write("/tmp/sol/debug.sol", &debug).expect("x");
        std::fs::write(&path, &debug).expect("writable");
        let artifacts = solc::compile(&[&path], true);
        let mut chain = Chain::new(1_800_000_000);
        let from = Address::with_last_byte(9);
        let mut code = artifacts[&contract.name].init_code();
        let mut total = 0;
        for part in &contract.parts {
            println!("{part} {}", artifacts[part].deployed_size);
            let (address, gas) = chain.deploy(from, artifacts[part].init_code());
            code.extend([0; 12]);
            code.extend(address.as_slice());
            total += gas;
        }
        let (verifier, gas) = chain.deploy(from, code);
        println!(
            "{} {} deploy {}",
            contract.name,
            artifacts[&contract.name].deployed_size,
            total + gas
        );
        let samples = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples");
        let account: Account = read_json(&samples.join(format!("{name}.json"))).expect("sample");
        let snapshot: Snapshot = read_json(&samples.join("snapshot.json")).expect("sample");
        let policy: Policy = read_json(&samples.join("policy.json")).expect("sample");
        let context: Context = read_json(&samples.join("context.json")).expect("sample");
        let proof = prove(&params, &key, &account, &snapshot, &policy, &context).expect("a proof");
        let table =
            zkmargin_circuits::public::PublicTable::new(&snapshot, &policy).expect("a table");
        let commitment = zkmargin_circuits::field::from_be_bytes(&proof.file.commitment.0)
            .expect("a field element");
        let scope =
            zkmargin_circuits::field::from_be_bytes(&context.digest()).expect("a field element");
        let columns = match statement {
            Statement::Solvency => {
                zkmargin_circuits::circuit::solvency_instance(shape, &table, commitment, scope)
                    .expect("columns")
            }
            _ => zkmargin_circuits::circuit::instance(
                shape,
                &table,
                commitment,
                scope,
                &proof.file.terms(),
            )
            .expect("columns"),
        };
        let data = zkmargin_verifier::solidity::calldata(&columns, &proof.file.proof.0);
        println!(
            "calldata {} rows {}",
            data.len(),
            (data.len() - 32 * columns[0].len() - proof.file.proof.0.len()) / 224
        );
        let done = chain.send(from, verifier, data.clone()).expect("accepted");
        println!("gas {}", done.gas);
        let mut bad = data.clone();
        bad[31] ^= 1;
        chain.send(from, verifier, bad).expect_err("rejected");
    }
}
