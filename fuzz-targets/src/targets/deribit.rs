//! The importer: parts of the input, parted by NUL, are answers; a part's first byte says of which kind.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use zkmargin_circuits::model::{Account, LoadError, Salt, Snapshot};
use zkmargin_cli::import::{
    ImportOptions, Imported,
    deribit::{DeribitFiles, import_with},
};

use crate::{documents::document, evaluate, files::FILES};

/// What is imported is legal, prints, and can be valued.
pub(super) fn run(bytes: &[u8]) {
    let Some(Imported {
        snapshot, account, ..
    }) = import(bytes)
    else {
        return;
    };
    assert_eq!(snapshot.validate(), Ok(()));
    let printed = serde_json::to_vec(&snapshot).expect("printed");
    assert_eq!(document::<Snapshot>(&printed).as_ref(), Some(&snapshot));
    if let Some(account) = &account {
        assert_eq!(account.validate(), Ok(()));
        let printed = serde_json::to_vec(account).expect("printed");
        assert!(document::<Account>(&printed).as_ref() == Some(account));
    }
    if let Some(table) = evaluate::table(&snapshot, &FILES.policy) {
        let account = account.as_ref().unwrap_or(&FILES.account);
        evaluate::account(account, &snapshot, &FILES.policy, &table);
    }
}

fn import(bytes: &[u8]) -> Option<Imported> {
    let mut files = DeribitFiles::default();
    let mut parts = HashMap::new();
    for (number, part) in bytes.split(|&byte| byte == 0).enumerate().take(12) {
        let Some((kind, answer)) = part.split_first() else {
            continue;
        };
        let list = match kind {
            b'i' => &mut files.instruments,
            b's' => &mut files.summaries,
            b't' => &mut files.tickers,
            b'p' => &mut files.positions,
            b'a' => &mut files.account_summaries,
            _ => continue,
        };
        let path = PathBuf::from(format!("part {number}"));
        list.push(path.clone());
        parts.insert(path, answer);
    }
    let options = ImportOptions {
        owner: Some(FILES.account.owner),
        account_sequence: 0,
        snapshot_sequence: None,
        salt: Some(Salt::new([0; 32])),
    };
    let read = |path: &Path| -> Result<Vec<u8>, LoadError> {
        Ok(parts
            .get(path)
            .map(|answer| answer.to_vec())
            .unwrap_or_default())
    };
    import_with(&files, &options, &read).ok()
}
