//! Real proofs of health, with keys from files, and accounts that have none.

use std::{fs, path::Path};

use zkmargin_circuits::{
    engine::{Report, Verdict},
    model::{Account, Context, Money, ONE, Policy, Snapshot, read_json},
    public::PublicTable,
    shape::{Shape, Statement},
    slots::Slots,
};
use zkmargin_prover::{
    KeyFileError, Params, ProveError, ProvingKey, atomic::Overwrite, keys::read_verifying_key,
    prove,
};
use zkmargin_verifier::{ProofFile, Rejection, Request, verify, verify_health};

/// USD that make the small sample account healthy.
const DEPOSIT: i64 = 250_000;

fn sample<T: serde::de::DeserializeOwned>(name: &str) -> T {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples");
    read_json(&samples.join(name)).expect(name)
}

fn market() -> (Snapshot, Policy, Context) {
    let context = sample("context.json");
    (sample("snapshot.json"), sample("policy.json"), context)
}

fn with_cash(mut account: Account, more: i64) -> Account {
    account.cash = Money::from_units(account.cash.units() + more);
    account
}

fn healthy(shape: Shape) -> Account {
    match shape {
        Shape::Small => with_cash(sample("account-small.json"), DEPOSIT * ONE),
        _ => sample("account-healthy.json"),
    }
}

#[test]
fn small_and_medium_prove_and_verify_health() {
    prove_and_verify(&[Shape::Small, Shape::Medium]);
}

#[test]
#[ignore = "a minute or two, and 2 GiB"]
fn large_proves_and_verifies_health() {
    prove_and_verify(&[Shape::Large]);
}

fn prove_and_verify(shapes: &[Shape]) {
    let (snapshot, policy, context) = market();
    for &shape in shapes {
        let k = Statement::Solvency.k(shape);
        let params = Params::unsafe_dev(k).expect("parameters");
        let folder = tempfile::tempdir().expect("folder");
        ProvingKey::generate(&params, Statement::Solvency, shape)
            .expect("keys")
            .write(folder.path(), Overwrite::Refuse)
            .expect("written");
        let key = ProvingKey::read(folder.path(), Statement::Solvency, shape).expect("read");
        assert_eq!(key.verifying().statement(), Statement::Solvency);
        assert_eq!(key.verifying().k(), k);
        let account = healthy(shape);
        let proof = prove(&params, &key, &account, &snapshot, &policy, &context).expect("proof");
        let file = ProofFile::from_bytes(&proof.file.to_bytes()).expect("read");
        assert_eq!(file.statement, Statement::Solvency);
        // Whatever the policy discloses of an account to be liquidated.
        assert_eq!((file.repay, file.incentive_rate), (None, None));
        assert_eq!(file.exposures, None);

        let name = ProvingKey::verifying_file_name(Statement::Solvency, shape);
        let verifying = read_verifying_key(&folder.path().join(name)).expect("read");
        let request = Request {
            key: &verifying,
            snapshot: &snapshot,
            policy: &policy,
            commitment: file.commitment,
            context: &context,
            at: snapshot.time,
        };
        let health = verify_health(&file, &request).expect("healthy");
        assert_eq!((health.shape, health.snapshot_time), (shape, snapshot.time));
        assert_eq!(health.policy.0, policy.digest());
        assert_eq!(file.proof.0.len(), verifying.proof_bytes());
        assert_eq!(
            verify(&file, &request),
            Err(Rejection::OtherStatement {
                proof: Statement::Solvency,
                expected: Statement::Liquidation,
            })
        );
    }
}

#[test]
fn an_account_that_is_not_healthy_has_no_proof_of_health() {
    let (snapshot, policy, context) = market();
    let shape = Shape::Small;
    let params = Params::unsafe_dev(Statement::Solvency.k(shape)).expect("parameters");
    let key = |statement| ProvingKey::generate(&params, statement, shape).expect("keys");
    let (liquidation, solvency) = (key(Statement::Liquidation), key(Statement::Solvency));
    let cut = params.cut(shape.k()).expect("smaller");
    let attempt = |key: &ProvingKey, account: &Account| {
        let params = match key.verifying().statement() {
            Statement::Solvency => &params,
            _ => &cut,
        };
        prove(params, key, account, &snapshot, &policy, &context).map(drop)
    };
    let short: Account = sample("account-small.json");
    assert!(attempt(&liquidation, &short).is_ok());
    let refused = attempt(&solvency, &short);
    assert!(
        matches!(refused, Err(ProveError::NotSolvent)),
        "{refused:?}"
    );

    // At the threshold, within epsilon of it: neither statement has a proof.
    let table = PublicTable::new(&snapshot, &policy).expect("table");
    let report = |account: &Account| {
        let slots = Slots::new(account, shape).expect("slots");
        Report::new(&slots, &snapshot, &policy, &table).expect("report")
    };
    let found = report(&short);
    let missing = found.maintenance_margin.units() - found.equity.units();
    let at_threshold = with_cash(short, missing);
    assert_eq!(report(&at_threshold).verdict, Verdict::Band);
    let refused = attempt(&liquidation, &at_threshold);
    assert!(
        matches!(refused, Err(ProveError::NotUnderMargined)),
        "{refused:?}"
    );
    let refused = attempt(&solvency, &at_threshold);
    assert!(
        matches!(refused, Err(ProveError::NotSolvent)),
        "{refused:?}"
    );
}

#[test]
fn a_key_under_the_other_statements_name_is_refused() {
    let shape = Shape::Small;
    let params = Params::unsafe_dev(shape.k()).expect("parameters");
    let folder = tempfile::tempdir().expect("folder");
    ProvingKey::generate(&params, Statement::Liquidation, shape)
        .expect("keys")
        .write(folder.path(), Overwrite::Refuse)
        .expect("written");
    let names = [ProvingKey::file_name, ProvingKey::verifying_file_name];
    for name in names {
        let path = |statement| folder.path().join(name(statement, shape));
        let (from, to) = (path(Statement::Liquidation), path(Statement::Solvency));
        fs::rename(from, to).expect("renamed");
    }
    assert!(matches!(
        ProvingKey::read(folder.path(), Statement::Solvency, shape),
        Err(KeyFileError::OtherStatement {
            expected: Statement::Solvency,
            got: Statement::Liquidation,
            ..
        })
    ));
}
