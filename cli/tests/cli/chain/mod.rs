//! A proof's whole way to a contract on a real node: deploy, commit, sign, prove, submit, read the event.
//!
//! Ignored where nobody asked for it, since it needs node and anvil: `contracts/test.sh` installs them and runs it.

mod contracts;
mod market;
mod node;
mod scene;

use std::{fs, thread};

use alloy::primitives::{B256, U256};
use serde_json::{Value, json};
use zkmargin_contracts::IMarginRegistry;

use self::scene::{MOST_PRIORITY_FEE, Scene, Submission, TIME, address, read, word};
use crate::support::Run;

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
    let (under, sound) = (scene.open("under.json", 1), scene.open("healthy.json", 2));
    scene.node.go_on_to(TIME + 10);
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

    health(&scene, sound);
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
    let text = fs::read_to_string(good.proof).expect("a proof");
    let proof = read(good.proof)["proof"].as_str().expect("hex").to_owned();
    let last = if proof.ends_with('0') { '1' } else { '0' };
    let other = format!("{}{last}", &proof[..proof.len() - 1]);
    let path = scene.path("changed.proof.json");
    fs::write(&path, text.replace(&proof, &other)).expect("written");
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
fn health(scene: &Scene, account: B256) {
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
    assert_eq!(scene.state(account).alive, TIME as u64);
    refused_by_contract(scene.submit(&beat), "NonceUsed", json!({"nonce": "3"}));

    let context = scene.context("late.context.json", 4, &[]);
    let proof = scene.prove("solvency", "healthy.json", &context, "late.health.json");
    overtaken(
        scene,
        Submission {
            proof: &proof,
            context: &context,
            more: "",
            ..beat
        },
    );
}

/// A transaction that was good when it was sent and is not any more in its block: the account has changed.
fn overtaken(scene: &Scene, beat: Submission<'_>) {
    let node = &scene.node;
    let sender = address(&read(beat.context)["liquidator"]);
    let before = node.sent(sender);
    node.mine_by_hand(true);
    let run = thread::scope(|scope| {
        let line = scene.submission(&beat);
        let running = scope.spawn(move || line.run());
        node.wait_for_pending(sender, before + 1);
        let recommit = IMarginRegistry::recommitCall {
            account: beat.account,
            commitment: B256::with_last_byte(5),
            sequence: 18,
        };
        node.overtake(scene.registry, &recommit);
        node.mine();
        running.join().expect("no panic")
    });
    node.mine_by_hand(false);
    // The market is from before the new commitment.
    let facts = run.exits(4).json();
    let revert = &facts["revert"];
    assert_eq!(revert["name"], "Earlier", "{facts}");
    assert_eq!(revert["arguments"]["time"], TIME.to_string(), "{facts}");
    assert_eq!(node.sent(sender), before + 1);
    assert_eq!(scene.state(beat.account).sequence, 18);
}
