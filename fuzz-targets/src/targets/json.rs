//! Account, snapshot, policy, context: the documents of the model, and the engine behind them.

use std::sync::LazyLock;

use zkmargin_circuits::{
    field,
    model::{Account, Context, Policy, Snapshot},
    shape::Shape,
};
use zkmargin_verifier::oracle;

use crate::{documents::document, evaluate, files::FILES};

/// Parses the shared files.
pub(super) fn prepare() {
    LazyLock::force(&FILES);
}

/// An account, laid out, committed to, and valued in the shared market.
pub(super) fn account(bytes: &[u8]) {
    let Some(account) = document::<Account>(bytes) else {
        return;
    };
    let shown = format!("{account:?} {:?}", account.salt);
    let salt = hex(account.salt.expose_bytes());
    assert!(!shown.contains(&salt), "a salt is shown");
    if account.validate().is_err() {
        return;
    }
    if let Some(slots) = evaluate::slots(&account, Shape::Small) {
        // Another sequence is another commitment.
        let mut next = account.clone();
        next.sequence ^= 1;
        let next = evaluate::slots(&next, Shape::Small).expect("as before");
        assert_ne!(slots.commitment(), next.commitment());
    }
    evaluate::account(&account, &FILES.snapshot, &FILES.policy, &FILES.table);
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A snapshot under the shared policy, with the shared account in it.
pub(super) fn snapshot(bytes: &[u8]) {
    let Some(snapshot) = document::<Snapshot>(bytes) else {
        return;
    };
    if let Some(table) = evaluate::table(&snapshot, &FILES.policy) {
        evaluate::account(&FILES.account, &snapshot, &FILES.policy, &table);
        // Whatever stands in the list of signatures: the oracles vouch for the shared market alone.
        let now = snapshot.time;
        if let Ok(found) = oracle::check(&snapshot, &FILES.policy, &table, now, None) {
            assert_eq!(snapshot.digest(), FILES.snapshot.digest());
            assert_eq!(found.signers.len(), 2, "a third signature");
        }
    }
}

/// A policy over the shared snapshot, for the shared account.
pub(super) fn policy(bytes: &[u8]) {
    let Some(policy) = document::<Policy>(bytes) else {
        return;
    };
    if let Some(table) = evaluate::table(&FILES.snapshot, &policy) {
        evaluate::account(&FILES.account, &FILES.snapshot, &policy, &table);
        // And under the shared policy alone, whoever another one names.
        let now = FILES.snapshot.time;
        if oracle::check(&FILES.snapshot, &policy, &table, now, None).is_ok() {
            assert_eq!(policy.digest(), FILES.policy.digest());
        }
    }
}

/// A context and its digest.
pub(super) fn context(bytes: &[u8]) {
    let Some(context) = document::<Context>(bytes) else {
        return;
    };
    let digest = context.digest();
    assert!(field::from_be_bytes(&digest).is_some(), "no field element");
    let mut other = context.clone();
    other.nonce ^= 1;
    assert_ne!(digest, other.digest(), "the nonce is not bound");
    assert_eq!(digest == FILES.context.digest(), context == FILES.context);
}
