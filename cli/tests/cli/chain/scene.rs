//! Who is there before anything is submitted: contracts, oracles, keys, accounts.

use std::{
    fs,
    path::{Path, PathBuf},
};

use alloy::primitives::{Address, B256};
use serde_json::{Value, json};
use tempfile::TempDir;
use zkmargin_contracts::IMarginRegistry::{self, PolicyRule, Statement};

use super::{
    contracts::Folder,
    market,
    node::{CHAIN_ID, Node},
};
use crate::support::{Run, folder, zkmargin};

/// The sample snapshot's time, Unix seconds.
pub const TIME: i64 = 1_795_161_600;
/// What the verifier contracts are given.
const GAS: u64 = 4_000_000;
/// Wei that the liquidator pays above the base fee at most.
pub const MOST_PRIORITY_FEE: u64 = 700_000_000;

/// A venue, two oracles who both must sign, and a liquidator, on a chain of their own.
pub struct Scene {
    pub node: Node,
    folder: TempDir,
    pub registry: Address,
    policy: B256,
}

pub fn read(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).expect("a file")).expect("json")
}

pub fn word(text: &Value) -> B256 {
    text.as_str().expect("text").parse().expect("32 bytes")
}

pub fn address(text: &Value) -> Address {
    text.as_str().expect("text").parse().expect("20 bytes")
}

impl Scene {
    pub fn new() -> Self {
        let folder = folder();
        let node = Node::start(TIME - 3000);
        let path = |name: &str| folder.path().join(name);
        let keys = path("keys");
        zkmargin("setup --unsafe-dev --k 13 --keys {}", &[&keys]).exits(0);
        for statement in ["liquidation", "solvency"] {
            let line = format!("keygen --statement {statement} --shape small --keys {{}}");
            zkmargin(&line, &[&keys]).exits(0);
        }
        let solidity = Folder::new(path("solidity"));
        let registry = solidity.registry(&node, &keys);
        for (statement, name) in [
            (Statement::Liquidation, "liquidation"),
            (Statement::Solvency, "solvency"),
        ] {
            let verifier = solidity.verifier(&node, name, &keys);
            let register = IMarginRegistry::registerVerifierCall {
                statement,
                shape: 1,
                verifier,
                gas: GAS,
            };
            node.call(registry, &register);
        }
        let mut scene = Self {
            node,
            folder,
            registry,
            policy: B256::ZERO,
        };
        scene.oracles();
        scene.key("liquidator.key");
        scene.key("stranger.key");
        scene
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A key with ether.
    fn key(&self, name: &str) -> Address {
        let run = zkmargin("oracle keygen -o {} --json", &[&self.path(name)]).exits(0);
        let address = address(&run.json()["address"]);
        self.node.fund(address);
        address
    }

    /// Oracles, their policy on the chain, and the snapshot that they sign.
    fn oracles(&mut self) {
        let mut signers = [self.key("first.key"), self.key("second.key")];
        signers.sort_unstable();
        let path = self.path("policy.json");
        market::write_policy(
            &path,
            json!({
                "signers": signers.map(|signer| format!("{signer:#x}")), "threshold": 2,
                "max_age_seconds": 3600, "max_future_seconds": 5,
            }),
        );
        self.policy = word(&zkmargin("inspect {} --json", &[&path]).exits(0).json()["digest"]);
        let register = IMarginRegistry::registerPolicyCall {
            policy: self.policy,
            rule: PolicyRule {
                signers: signers.to_vec(),
                threshold: 2,
                maxAge: 3600,
                maxFuture: 5,
                period: 3600,
                grace: 600,
            },
        };
        self.node.call(self.registry, &register);
        market::write_snapshot(&self.path("snapshot.json"));
        market::write_account(&self.path("under.json"), "-200000");
        market::write_account(&self.path("healthy.json"), "3000000");
    }

    pub fn sign(&self, key: &str) {
        let (snapshot, policy) = (self.path("snapshot.json"), self.path("policy.json"));
        let line = "oracle sign {} --policy {} --key {}";
        zkmargin(line, &[&snapshot, &policy, &self.path(key)]).exits(0);
    }

    /// Opens an account with the commitment of an account file: its id.
    pub fn open(&self, account: &str, id: u8) -> B256 {
        let run = zkmargin("commit {} --shape small", &[&self.path(account)]).exits(0);
        let open = IMarginRegistry::openAccountCall {
            account: B256::with_last_byte(id),
            policy: self.policy,
            commitment: run.stdout.trim().parse().expect("a commitment"),
            sequence: 17,
        };
        self.node.call(self.registry, &open);
        open.account
    }

    /// A context of the liquidator's, with fields of other values.
    pub fn context(&self, name: &str, nonce: u64, other: &[(&str, Value)]) -> PathBuf {
        let liquidator = &read(&self.path("liquidator.key"))["address"];
        let mut context = json!({
            "version": 2, "chain_id": CHAIN_ID, "verifier": format!("{:#x}", self.registry),
            "liquidator": liquidator, "deadline": "2099-12-31T00:00:00Z", "nonce": nonce,
            "max_priority_fee_per_gas": MOST_PRIORITY_FEE,
        });
        for (field, value) in other {
            context[field] = value.clone();
        }
        let path = self.path(name);
        fs::write(&path, context.to_string()).expect("written");
        path
    }

    pub fn prove(&self, statement: &str, account: &str, context: &Path, name: &str) -> PathBuf {
        let proof = self.path(name);
        let line = format!(
            "prove {{}} --snapshot {{}} --policy {{}} --statement {statement} --shape small --context {{}} --keys {{}} -o {{}}"
        );
        let (snapshot, policy) = (self.path("snapshot.json"), self.path("policy.json"));
        let keys = self.path("keys");
        let account = self.path(account);
        let paths = [&account, &snapshot, &policy, context, &keys, &proof];
        zkmargin(&line, &paths).exits(0);
        proof
    }

    /// The command line of a submission.
    pub fn submission(&self, submission: &Submission<'_>) -> Line {
        Line {
            words: format!(
                "submit {{}} --snapshot {{}} --policy {{}} --context {{}} --keys {{}} --key {{}} --json \
                 --account {} --registry {:#x} --rpc {} {}",
                submission.account, self.registry, self.node.url, submission.more
            ),
            paths: [
                submission.proof.to_owned(),
                self.path("snapshot.json"),
                self.path("policy.json"),
                submission.context.to_owned(),
                self.path("keys"),
                self.path(submission.key),
            ],
        }
    }

    pub fn submit(&self, submission: &Submission<'_>) -> Run {
        self.submission(submission).run()
    }

    pub fn state(&self, account: B256) -> IMarginRegistry::Account {
        let call = IMarginRegistry::accountOfCall { account };
        self.node.read(self.registry, &call)
    }
}

/// What is submitted, and how.
#[derive(Clone, Copy)]
pub struct Submission<'a> {
    pub proof: &'a Path,
    pub context: &'a Path,
    pub account: B256,
    pub key: &'a str,
    pub more: &'a str,
}

/// A command that is yet to run.
pub struct Line {
    words: String,
    paths: [PathBuf; 6],
}

impl Line {
    pub fn run(&self) -> Run {
        let paths = self.paths.each_ref().map(PathBuf::as_path);
        zkmargin(&self.words, &paths)
    }
}
