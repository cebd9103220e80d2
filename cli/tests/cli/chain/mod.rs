//! A proof's whole way to a contract on a real node: deploy, commit, sign, prove, submit, read the event.
//!
//! Ignored where nobody asked for it, since it needs node and anvil: `contracts/test.sh` installs them and runs it.

mod contracts;
mod market;
mod node;

use std::{
    fs,
    path::{Path, PathBuf},
};

use alloy::primitives::{Address, B256, U256};
use serde_json::{Value, json};
use tempfile::TempDir;
use zkmargin_contracts::IMarginRegistry::{self, PolicyRule, Statement};

use self::{
    contracts::Folder,
    node::{CHAIN_ID, Node},
};
use crate::support::{Run, folder, zkmargin};

/// The sample snapshot's time, Unix seconds.
const TIME: i64 = 1_795_161_600;
/// What the verifier contracts are given.
const GAS: u64 = 4_000_000;
/// Wei that the liquidator pays above the base fee at most.
const MOST_PRIORITY_FEE: u64 = 700_000_000;

/// A venue, two oracles who both must sign, and a liquidator, on a chain of their own.
struct Scene {
    node: Node,
    folder: TempDir,
    registry: Address,
    policy: B256,
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).expect("a file")).expect("json")
}

fn word(text: &Value) -> B256 {
    text.as_str().expect("text").parse().expect("32 bytes")
}

fn address(text: &Value) -> Address {
    text.as_str().expect("text").parse().expect("20 bytes")
}

impl Scene {
    fn new() -> Self {
        let folder = folder();
        let node = Node::start(TIME + 10);
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

    fn path(&self, name: &str) -> PathBuf {
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

    fn sign(&self, key: &str) {
        let (snapshot, policy) = (self.path("snapshot.json"), self.path("policy.json"));
        let line = "oracle sign {} --policy {} --key {}";
        zkmargin(line, &[&snapshot, &policy, &self.path(key)]).exits(0);
    }

    /// Opens an account with the commitment of an account file: its id.
    fn open(&self, account: &str, id: u8) -> B256 {
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
    fn context(&self, name: &str, nonce: u64, other: &[(&str, Value)]) -> PathBuf {
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

    fn prove(&self, statement: &str, account: &str, context: &Path, name: &str) -> PathBuf {
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

    fn submit(&self, submission: &Submission<'_>) -> Run {
        let line = format!(
            "submit {{}} --snapshot {{}} --policy {{}} --context {{}} --keys {{}} --key {{}} --json \
             --account {} --registry {:#x} --rpc {} {}",
            submission.account, self.registry, self.node.url, submission.more
        );
        let (snapshot, policy) = (self.path("snapshot.json"), self.path("policy.json"));
        let (keys, key) = (self.path("keys"), self.path(submission.key));
        let paths = [
            submission.proof,
            &snapshot,
            &policy,
            submission.context,
            &keys,
            &key,
        ];
        zkmargin(&line, &paths)
    }

    fn state(&self, account: B256) -> IMarginRegistry::Account {
        let call = IMarginRegistry::accountOfCall { account };
        self.node.read(self.registry, &call)
    }
}

/// What is submitted, and how.
#[derive(Clone, Copy)]
struct Submission<'a> {
    proof: &'a Path,
    context: &'a Path,
    account: B256,
    key: &'a str,
    more: &'a str,
}

/// The contract refuses with this error and these arguments; nothing is accepted.
fn refused_by_contract(run: Run, name: &str, arguments: Value) {
    let facts = run.exits(4).json();
    assert_eq!(facts["accepted"], false, "{facts}");
    assert_eq!(facts["rejected_by"], "contract", "{facts}");
    assert_eq!(
        facts["revert"],
        json!({"name": name, "arguments": arguments}),
        "{facts}"
    );
}

fn refused_by_verifier(run: Run, words: &str) {
    let facts = run.exits(4).json();
    assert_eq!(facts["rejected_by"], "verifier", "{facts}");
    let reason = facts["reason"].as_str().expect("a reason");
    assert!(reason.contains(words), "{reason}");
}

fn bad_input(run: Run, words: &str) {
    let facts = run.exits(2).json();
    let message = facts["error"]["message"].as_str().expect("a message");
    assert!(message.contains(words), "{message}");
}

#[test]
#[ignore = "needs node and anvil: contracts/test.sh"]
fn a_proof_gets_to_a_contract_and_is_spent_once() {
    let scene = Scene::new();
    let under = scene.open("under.json", 1);
    let context = scene.context("context.json", 1, &[]);
    let proof = scene.prove("liquidation", "under.json", &context, "proof.json");
    let good = Submission {
        proof: &proof,
        context: &context,
        account: under,
        key: "liquidator.key",
        more: "",
    };
    let liquidator = address(&read(&context)["liquidator"]);

    refusals(&scene, good);
    unsigned_markets(&scene, good);
    assert_eq!(scene.node.sent(liquidator), 0, "nothing was sent");

    scene.sign("first.key");
    scene.sign("second.key");
    let post = Submission {
        more: "--post-market",
        ..good
    };
    let facts = scene.submit(&post).exits(0).json();
    assert_eq!(facts["accepted"], true);
    assert_eq!(scene.node.sent(liquidator), 2);
    let posted = &scene
        .node
        .events::<IMarginRegistry::MarketPosted>(scene.registry)[..];
    assert_eq!(posted.len(), 1);
    assert_eq!(word(&facts["market"]["digest"]), posted[0].market);
    assert!(facts["market"]["transaction"]["gas"].is_u64(), "{facts}");

    // The event on the chain says what the proof file says.
    let events = scene
        .node
        .events::<IMarginRegistry::Eligible>(scene.registry);
    assert_eq!(events.len(), 1);
    assert_eq!(
        (events[0].account, events[0].liquidator),
        (under, liquidator)
    );
    let units = |value: &Value| {
        let decimal: f64 = value
            .as_str()
            .expect("a decimal")
            .parse()
            .expect("a number");
        U256::from((decimal * 1e8).round() as u64)
    };
    let terms = &facts["terms"];
    assert_eq!(events[0].repay, units(&terms["repay"]));
    assert_eq!(events[0].incentive, units(&terms["incentive_rate"]));
    assert!(events[0].repay > U256::ZERO);
    assert_eq!(facts["event"]["name"], "Eligible");
    assert_eq!(facts["event"]["repay"], terms["repay"]);
    assert_eq!(facts["event"]["incentive_rate"], terms["incentive_rate"]);
    assert!(scene.state(under).consumed);

    // No more was paid above the base fee than the context lets.
    let transaction = &facts["transaction"];
    let price: u128 = transaction["gas_price"]
        .as_str()
        .expect("wei")
        .parse()
        .expect("wei");
    let base = scene
        .node
        .base_fee(transaction["block"].as_u64().expect("a block"));
    assert!(price - base <= MOST_PRIORITY_FEE.into(), "{price} {base}");
    println!("gas of a liquidation: {}", transaction["gas"]);

    refused_by_contract(
        scene.submit(&post),
        "Consumed",
        json!({"account": under.to_string()}),
    );
    assert_eq!(scene.node.sent(liquidator), 2, "nothing more was sent");

    health(&scene);
}

/// What is refused before the chain is asked to do anything.
fn refusals(scene: &Scene, good: Submission<'_>) {
    let stranger = Submission {
        key: "stranger.key",
        ..good
    };
    bad_input(scene.submit(&stranger), "field 'liquidator': ");
    let nobody = Submission {
        account: B256::with_last_byte(9),
        ..good
    };
    refused_by_contract(
        scene.submit(&nobody),
        "UnknownAccount",
        json!({"account": nobody.account.to_string()}),
    );
    let other = scene.context("chain.json", 1, &[("chain_id", json!(1))]);
    let other = Submission {
        context: &other,
        ..good
    };
    bad_input(
        scene.submit(&other),
        "field 'chain_id': 1 is not 31337017, the node's chain",
    );
    let other = scene.context(
        "place.json",
        1,
        &[("verifier", json!(format!("{:#x}", scene.node.venue)))],
    );
    let other = Submission {
        context: &other,
        ..good
    };
    bad_input(scene.submit(&other), "field 'verifier': ");
    let late = scene.context(
        "late.json",
        1,
        &[("deadline", json!("2020-01-01T00:00:00Z"))],
    );
    let proof = scene.prove("liquidation", "under.json", &late, "late.proof.json");
    let late = Submission {
        context: &late,
        proof: &proof,
        ..good
    };
    refused_by_verifier(
        scene.submit(&late),
        "deadline 2020-01-01T00:00:00Z has passed",
    );
    // Of another nonce than the proof's.
    let other = scene.context("nonce.json", 2, &[]);
    let other = Submission {
        context: &other,
        ..good
    };
    refused_by_verifier(scene.submit(&other), "the proof is bound to context");
    // Changed in one place.
    let mut file = read(good.proof);
    let bytes = file["proof"].as_str().expect("hex").to_owned();
    let last = if bytes.ends_with('0') { '1' } else { '0' };
    file["proof"] = json!(format!("{}{last}", &bytes[..bytes.len() - 1]));
    let path = scene.path("changed.proof.json");
    // A file that does not end as proof files do would be a truncated one.
    fs::write(&path, format!("{file}\n")).expect("written");
    let changed = Submission {
        proof: &path,
        ..good
    };
    refused_by_verifier(scene.submit(&changed), "the proof does not verify");
}

/// A market that too few have signed, and one that nobody has posted.
fn unsigned_markets(scene: &Scene, good: Submission<'_>) {
    let facts = scene.submit(&good).exits(4).json();
    assert_eq!(facts["revert"]["name"], "UnknownMarket", "{facts}");
    let post = Submission {
        more: "--post-market",
        ..good
    };
    refused_by_contract(
        scene.submit(&post),
        "Threshold",
        json!({"given": "0", "needed": "2"}),
    );
}

/// A heartbeat, in the market that is there.
fn health(scene: &Scene) {
    let account = scene.open("healthy.json", 2);
    let context = scene.context("health.context.json", 3, &[]);
    let proof = scene.prove("solvency", "healthy.json", &context, "health.proof.json");
    let beat = Submission {
        proof: &proof,
        context: &context,
        account,
        key: "liquidator.key",
        more: "--post-market",
    };
    let facts = scene.submit(&beat).exits(0).json();
    assert_eq!(facts["event"]["name"], "Healthy");
    assert_eq!(facts["terms"], Value::Null);
    // The market was there already.
    assert_eq!(facts["market"]["transaction"], Value::Null);
    let events = scene
        .node
        .events::<IMarginRegistry::Healthy>(scene.registry);
    assert_eq!(events.len(), 1);
    assert_eq!((events[0].account, events[0].time), (account, TIME as u64));
    assert_eq!(scene.state(account).healthy, TIME as u64);
    refused_by_contract(scene.submit(&beat), "NonceUsed", json!({"nonce": "3"}));
}
