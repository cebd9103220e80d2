//! A keeper: a folder of accounts, one for their proofs, and what comes of a batch.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Run, folder, sample, zkmargin};

/// Small keys beside parameters of their own size: those that must be cut first take longer to read than a proof to make.
fn keys() -> &'static Path {
    static KEYS: OnceLock<PathBuf> = OnceLock::new();
    KEYS.get_or_init(|| {
        let keys = folder().keep();
        zkmargin("setup --unsafe-dev --k 11 --keys {}", &[&keys]).exits(0);
        zkmargin("keygen --shape small --keys {}", &[&keys]).exits(0);
        keys
    })
}

/// A folder of accounts, one for the proofs, and what else a batch is run with.
pub struct Keeper {
    pub root: TempDir,
    pub statement: &'static str,
    pub snapshot: PathBuf,
    pub context: PathBuf,
    pub keys: PathBuf,
}

impl Keeper {
    /// Under-margined accounts of these names, under salts of their own.
    pub fn new(names: &[&str]) -> Self {
        let keeper = Self {
            root: folder(),
            statement: "liquidation",
            snapshot: sample("snapshot.json"),
            context: sample("context.json"),
            keys: keys().to_owned(),
        };
        fs::create_dir(keeper.accounts()).expect("folder");
        for name in names {
            keeper.write(name, "103575");
        }
        keeper
    }

    pub fn accounts(&self) -> PathBuf {
        self.root.path().join("accounts")
    }

    pub fn proofs(&self) -> PathBuf {
        self.root.path().join("proofs")
    }

    /// An account with this much cash, and its name for a salt.
    pub fn write(&self, name: &str, cash: &str) {
        let text = fs::read_to_string(sample("account-small.json")).expect("sample");
        let mut account: Value = serde_json::from_str(&text).expect("json");
        account["cash"] = json!(cash);
        account["salt"] = json!(format!("0x{:0>64}", hex::encode(name)));
        fs::write(self.account(name), account.to_string()).expect("written");
    }

    pub fn account(&self, name: &str) -> PathBuf {
        self.accounts().join(format!("{name}.json"))
    }

    pub fn proof(&self, name: &str) -> PathBuf {
        self.proofs().join(format!("{name}.proof.json"))
    }

    pub fn line(&self, more: &str) -> String {
        format!(
            "prove --batch {{}} --snapshot {{}} --policy {{}} --context {{}} --keys {{}} -o {{}} \
             --statement {} --shape small --json {more}",
            self.statement
        )
    }

    pub fn paths(&self) -> [PathBuf; 6] {
        [
            self.accounts(),
            self.snapshot.clone(),
            sample("policy.json"),
            self.context.clone(),
            self.keys.clone(),
            self.proofs(),
        ]
    }

    pub fn run(&self, more: &str) -> Run {
        let paths = self.paths();
        zkmargin(&self.line(more), &paths.each_ref().map(PathBuf::as_path))
    }

    /// Every file in the folder of the proofs, with its bytes.
    pub fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let entries = fs::read_dir(self.proofs()).expect("folder");
        let paths = entries.map(|entry| entry.expect("entry").path());
        let name = |path: &Path| path.file_name().expect("name").to_str().map(str::to_owned);
        paths
            .map(|path| (name(&path).expect("text"), fs::read(&path).expect("read")))
            .collect()
    }

    /// `verify` of the account's proof as a stranger who was handed its context.
    pub fn verifies(&self, name: &str, context: &Path) {
        let commit = "commit {} --shape small";
        let commit = zkmargin(commit, &[&self.account(name)]).exits(0);
        let line = format!(
            "verify {{}} --snapshot {{}} --policy {{}} --context {{}} --keys {{}} --statement {} --commitment {}",
            self.statement,
            commit.stdout.trim()
        );
        let policy = sample("policy.json");
        let proof = self.proof(name);
        zkmargin(
            &line,
            &[&proof, &self.snapshot, &policy, context, &self.keys],
        )
        .exits(0);
    }
}

/// Outcomes by account, in the report's order.
pub fn outcomes(report: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let accounts = report["accounts"].as_array().expect("list");
    let of = |account: &Value| (text(&account["name"]), text(&account["outcome"]));
    accounts.iter().map(of).collect()
}

/// Outcomes that are expected.
pub fn named(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(name, outcome): &(&str, &str)| ((*name).to_owned(), (*outcome).to_owned());
    expected.iter().map(owned).collect()
}
