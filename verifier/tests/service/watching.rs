//! The example service over a folder that fills up as files come in.

use std::{
    fs,
    path::{Path, PathBuf},
    thread,
};

use serde_json::{Value, json};
use tempfile::TempDir;
use zkmargin_circuits::model::HexBytes;
use zkmargin_verifier::registry::{Ledger, SqliteStore};

use crate::{
    liquidator::{Failure, Service},
    support::{ID, MADE, OTHER_ID, after, signed, trusted},
};

/// A folder with settings, policy and keys. With a slippage of 0.01, the payoff is most of what is repaid.
fn folder(slippage: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for part in [
        "accounts",
        "actions",
        "contexts",
        "keys",
        "proofs",
        "snapshots",
    ] {
        fs::create_dir(folder.path().join(part)).expect("a folder");
    }
    write(&folder, "policy.json", &json!(MADE.policy));
    let context = &MADE.context;
    let config = json!({
        "chain_id": context.chain_id, "verifier": context.verifier, "liquidator": context.liquidator,
        "costs": {"gas": "25", "slippage": slippage},
    });
    write(&folder, "service.json", &config);
    for (i, key) in trusted().iter().enumerate() {
        let path = folder.path().join(format!("keys/{i}.vk"));
        fs::write(path, key.to_bytes()).expect("written");
    }
    folder
}

fn write(folder: &TempDir, name: &str, content: &Value) {
    fs::write(folder.path().join(name), content.to_string()).expect("written");
}

/// The account's state, as its venue says.
fn account(folder: &TempDir) {
    let state = json!({"account": ID, "commitment": MADE.proof.commitment, "sequence": 7});
    write(folder, "accounts/one.json", &state);
}

fn proof(folder: &TempDir) {
    write(folder, "contexts/one.json", &json!(MADE.context));
    let path = folder.path().join("proofs/one.json");
    fs::write(path, MADE.proof.to_bytes()).expect("written");
}

fn snapshot(folder: &TempDir, oracles: &[u8]) {
    let signed = signed(MADE.snapshot.clone(), &MADE.policy, oracles);
    write(folder, "snapshots/one.json", &json!(signed));
}

fn service(folder: &TempDir) -> Service {
    Service::open(folder.path()).expect("opens")
}

fn pass(service: &mut Service) {
    service.pass(after(1)).expect("passes");
}

/// The file for the account's state, by whatever proof.
fn action_path(folder: &TempDir) -> PathBuf {
    folder.path().join(format!("actions/{ID}-7.json"))
}

/// What was done, if anything.
fn action(folder: &TempDir) -> Option<Value> {
    let bytes = fs::read(action_path(folder)).ok()?;
    Some(serde_json::from_slice(&bytes).expect("whole"))
}

/// How many files there are for whoever trades.
fn actions(folder: &TempDir) -> usize {
    let files = fs::read_dir(folder.path().join("actions"));
    files.expect("a folder").count()
}

fn consumed(folder: &Path) -> bool {
    let ledger = SqliteStore::open(&folder.join("ledger.sqlite")).expect("a ledger");
    let receipt = ledger.consumed(ID, MADE.proof.commitment);
    receipt.expect("readable").is_some()
}

#[test]
fn the_service_acts_once_everything_is_there() {
    let folder = folder("0.01");
    let mut service = service(&folder);
    pass(&mut service);
    proof(&folder);
    pass(&mut service);
    snapshot(&folder, &[1]);
    pass(&mut service);
    account(&folder);
    pass(&mut service);
    assert_eq!(action(&folder), None, "one oracle is not enough");
    assert!(!consumed(folder.path()));
    snapshot(&folder, &[1, 3]);
    pass(&mut service);
    let done = action(&folder).expect("done");
    let claim = &done["receipt"]["claim"];
    assert_eq!(claim["account"], json!(ID));
    assert_eq!(claim["liquidator"], json!(MADE.context.liquidator));
    assert_eq!(claim["terms"]["repay"], json!(MADE.proof.repay));
    // P by hand, in units of 1e-8.
    let units = |part: Option<i64>| i128::from(part.expect("disclosed"));
    let repay = units(MADE.proof.repay.map(|v| v.units()));
    let rate = units(MADE.proof.incentive_rate.map(|v| v.units()));
    let expected = repay + repay * rate / 100_000_000 - repay / 100 - 2_500_000_000;
    let paid: zkmargin_circuits::model::Money =
        serde_json::from_value(done["payoff"].clone()).expect("money");
    assert!((i128::from(paid.units()) - expected).abs() <= 1, "{paid}");
    assert!(paid.units() > 0);
}

#[test]
fn what_does_not_pay_is_left_alone() {
    let folder = folder("2");
    account(&folder);
    snapshot(&folder, &[1, 2]);
    proof(&folder);
    pass(&mut service(&folder));
    assert_eq!(action(&folder), None);
    assert!(!consumed(folder.path()), "others may have it");
}

/// The end came between the spending and the acting: the next run acts by the receipt, also when the market has gone and the
/// account has changed.
#[test]
fn an_end_before_the_action_loses_nothing() {
    let folder = folder("0.01");
    account(&folder);
    snapshot(&folder, &[1, 2]);
    proof(&folder);
    pass(&mut service(&folder));
    let done = action(&folder).expect("done");
    fs::remove_file(action_path(&folder)).expect("removed");
    fs::remove_file(folder.path().join("snapshots/one.json")).expect("removed");
    let next = json!({"account": ID, "commitment": HexBytes([1; 32]), "sequence": 8});
    write(&folder, "accounts/one.json", &next);
    pass(&mut service(&folder));
    assert_eq!(action(&folder), Some(done));
}

#[test]
fn several_services_over_one_folder_act_by_one_receipt() {
    let folder = folder("0.01");
    account(&folder);
    snapshot(&folder, &[1, 2]);
    proof(&folder);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| service(&folder).pass(after(1)).expect("passes"));
        }
    });
    let receipt = &action(&folder).expect("done")["receipt"];
    assert_eq!((&receipt["number"], actions(&folder)), (&json!(1), 1));
    let ledger = SqliteStore::open(&folder.path().join("ledger.sqlite")).expect("a ledger");
    assert_eq!(ledger.receipts(), Ok(1));
}

/// Files of a stranger, or half of a file, stop nobody.
#[test]
fn bad_files_are_passed_over() {
    let folder = folder("0.01");
    for part in ["accounts", "contexts", "proofs", "snapshots"] {
        fs::write(folder.path().join(part).join("a.json"), b"{\"version\": 1").expect("written");
        fs::write(folder.path().join(part).join("b.txt"), b"").expect("written");
        fs::create_dir(folder.path().join(part).join("c.json")).expect("a folder");
    }
    let other = json!({"account": OTHER_ID, "commitment": HexBytes([0xff; 32]), "sequence": 7});
    write(&folder, "accounts/b.json", &other);
    // A rival's proof: not for this liquidator.
    fs::write(folder.path().join("proofs/b.json"), MADE.rival.0.to_bytes()).expect("written");
    write(&folder, "contexts/b.json", &json!(MADE.rival.1));
    account(&folder);
    snapshot(&folder, &[1, 2]);
    proof(&folder);
    pass(&mut service(&folder));
    assert!(action(&folder).is_some());
    assert_eq!(actions(&folder), 1);
}

/// Whoever can put files there cannot have what was done done again: not by the proof under another name, nor by one that is none,
/// nor after a new start.
#[test]
fn one_receipt_is_one_action() {
    let folder = folder("0.01");
    account(&folder);
    snapshot(&folder, &[1, 2]);
    proof(&folder);
    let mut first = service(&folder);
    pass(&mut first);
    assert!(action(&folder).is_some());
    // As whoever trades may mark it.
    fs::write(action_path(&folder), b"{}").expect("written");
    let mut forged = MADE.proof.clone();
    forged.proof.0.fill(0);
    for (name, proof) in [("two", &MADE.proof), ("three", &forged)] {
        write(
            &folder,
            &format!("contexts/{name}.json"),
            &json!(MADE.context),
        );
        let path = folder.path().join(format!("proofs/{name}.json"));
        fs::write(path, proof.to_bytes()).expect("written");
    }
    pass(&mut first);
    pass(&mut service(&folder));
    assert_eq!((action(&folder), actions(&folder)), (Some(json!({})), 1));
}

/// A copy of the market without signatures, with those of strangers or too few, before the signed one or behind it.
#[test]
fn a_copy_does_not_hide_a_signed_market() {
    for name in ["snapshots/a.json", "snapshots/zzz.json"] {
        for oracles in [&[][..], &[1], &[9, 8]] {
            let folder = folder("0.01");
            account(&folder);
            snapshot(&folder, &[1, 2]);
            let copy = signed(MADE.snapshot.clone(), &MADE.policy, oracles);
            write(&folder, name, &json!(copy));
            proof(&folder);
            pass(&mut service(&folder));
            assert!(action(&folder).is_some(), "{name} by {oracles:?}");
        }
    }
}

#[test]
fn a_service_without_settings_does_not_begin() {
    let folder = folder("0.01");
    fs::remove_file(folder.path().join("service.json")).expect("removed");
    assert!(matches!(
        Service::open(folder.path()),
        Err(Failure::Load(_))
    ));
    fs::write(folder.path().join("keys/2.vk"), b"no key").expect("written");
    write(&folder, "service.json", &json!({"chain_id": 1}));
    assert!(matches!(
        Service::open(folder.path()),
        Err(Failure::Load(_))
    ));
}
