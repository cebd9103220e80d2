//! What `submit` refuses without a node. The rest is `chain`'s.

use std::{fs, net::TcpListener, path::PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Run, Stranger, edited, folder, shared, zkmargin};

const REGISTRY: &str = "0x7f1d2c3b4a59687786958473625140f3e2d1c0b9";

/// A liquidator with a context and the shared proof, which is for somebody else.
struct Desk {
    folder: TempDir,
    stranger: Stranger,
    key: PathBuf,
}

impl Desk {
    fn new() -> Self {
        let folder = folder();
        let key = folder.path().join("liquidator.key");
        let run = zkmargin("oracle keygen -o {} --json", &[&key]).exits(0);
        let address = run.json()["address"].as_str().expect("text").to_owned();
        let mut stranger = Stranger::new();
        let theirs = "0x1b6c0e94d2f8a35b7790c4e1d3a2f5867b9c0d1e";
        stranger.context = edited(folder.path(), "context.json", theirs, &address);
        Self {
            folder,
            stranger,
            key,
        }
    }

    fn submit(&self, rpc: &str, registry: &str) -> Run {
        self.submit_with(rpc, registry, "")
    }

    fn submit_with(&self, rpc: &str, registry: &str, more: &str) -> Run {
        let line = format!(
            "submit {{}} --snapshot {{}} --policy {{}} --context {{}} --keys {{}} --key {{}} --json \
             --account 0x{:064x} --rpc {rpc} --registry {registry} {more}",
            1
        );
        let stranger = &self.stranger;
        zkmargin(
            &line,
            &[
                &stranger.proof,
                &stranger.snapshot,
                &stranger.policy,
                &stranger.context,
                &shared().keys,
                &self.key,
            ],
        )
    }
}

/// A port that nobody listens on: it was free a moment ago.
fn nobody() -> String {
    let free = TcpListener::bind("127.0.0.1:0").expect("a port");
    free.local_addr().expect("an address").to_string()
}

#[test]
fn a_node_that_is_not_there_exits_1_and_its_url_is_not_repeated() {
    let (desk, node) = (Desk::new(), nobody());
    let run = desk.submit(&format!("http://{node}/v2/s3cret"), REGISTRY);
    let run = run.exits(1).says(&[&node, "is the node up"]);
    assert!(!run.stderr.contains("s3cret"), "{}", run.stderr);
    assert!(!run.stdout.contains("s3cret"), "{}", run.stdout);
    assert_eq!(run.json()["error"]["kind"], "node");
    assert_eq!(run.json()["error"]["exit_code"], 1);
}

#[test]
fn urls_registries_and_keys_that_cannot_be_exit_2() {
    let desk = Desk::new();
    for url in ["127.0.0.1:8545", "ws://127.0.0.1:8545", "nonsense"] {
        desk.submit(url, REGISTRY)
            .exits(2)
            .says(&["the node's URL"]);
    }
    let (node, other) = (format!("http://{}", nobody()), REGISTRY.replace('7', "8"));
    desk.submit(&node, &other)
        .exits(2)
        .says(&["field 'verifier': ", &other]);
    desk.submit(&node, "0x12").exits(2).says(&["--registry"]);
    // A key of somebody else's, one that others may read, and none.
    let mut stranger = Desk::new();
    stranger.stranger.context = desk.stranger.context.clone();
    stranger
        .submit(&node, REGISTRY)
        .exits(2)
        .says(&["field 'liquidator': ", "whose key "]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&stranger.key, fs::Permissions::from_mode(0o640)).expect("set");
        stranger
            .submit(&node, REGISTRY)
            .exits(2)
            .says(&["mode 0640", "chmod 600"]);
    }
    fs::remove_file(&stranger.key).expect("there");
    stranger
        .submit(&node, REGISTRY)
        .exits(2)
        .says(&["liquidator.key"]);
}

/// A contract sees signatures, not feeds.
#[test]
fn a_market_below_its_policy_s_confidence_is_not_posted() {
    let mut desk = Desk::new();
    let node = format!("http://{}", nobody());
    let policy = fs::read_to_string(&desk.stranger.policy).expect("a policy");
    let mut policy: Value = serde_json::from_str(&policy).expect("json");
    policy["oracle"] = json!({
        "signers": ["0x1a642f0e3c3af545e7acbd38b07251b3990914f1"], "threshold": 1,
        "max_age_seconds": 60, "max_future_seconds": 5,
        "min_confidence": [{"asset": "SOL", "confidence": "0.97"}],
    });
    desk.stranger.policy = desk.folder.path().join("policy.json");
    fs::write(&desk.stranger.policy, policy.to_string()).expect("written");
    let run = desk
        .submit_with(&node, REGISTRY, "--post-market")
        .exits(2)
        .says(&["is below the policy's limit of 0.97"]);
    assert_eq!(run.json()["error"]["kind"], "input");
    // Without it no market is posted: the next thing that fails is the node.
    desk.submit(&node, REGISTRY)
        .exits(1)
        .says(&["is the node up"]);
}

#[test]
fn a_file_that_is_no_proof_is_rejected_before_a_node_is_asked() {
    let mut desk = Desk::new();
    let node = format!("http://{}", nobody());
    let altered = desk.folder.path().join("altered.json");
    let text = fs::read_to_string(&desk.stranger.proof).expect("a proof");
    fs::write(&altered, text.replacen("\"statement\"", "\"estatment\"", 1)).expect("written");
    desk.stranger.proof = altered;
    let facts = desk.submit(&node, REGISTRY).exits(4).json();
    assert_eq!(facts["rejected_by"], "verifier");
    let cut = desk.folder.path().join("cut.json");
    fs::write(&cut, &text[..text.len() / 2]).expect("written");
    desk.stranger.proof = cut;
    desk.submit(&node, REGISTRY).exits(2);
}
