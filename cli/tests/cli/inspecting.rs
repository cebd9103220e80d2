//! `inspect` of every kind of file.

use std::fs;

use crate::support::{folder, sample, shared, zkmargin};

#[test]
fn every_kind_of_file_is_known() {
    let keys = &shared().keys;
    for (path, kind, dev) in [
        (shared().proof.clone(), "proof", true),
        (keys.join("liquidation-small.vk"), "verifying key", true),
        (keys.join("liquidation-small.pk"), "proving key", true),
        (keys.join("params-k12.bin"), "parameters", true),
        (sample("account.json"), "account", false),
        (sample("snapshot.json"), "snapshot", false),
        (sample("policy.json"), "policy", false),
        (sample("context.json"), "context", false),
    ] {
        let run = zkmargin("inspect {} --json", &[&path]).exits(0);
        let document = run.json();
        assert_eq!(document["kind"], kind);
        assert_eq!(
            run.stderr.contains("UNSAFE development parameters"),
            dev,
            "{kind}"
        );
        assert_eq!(document["unsafe_dev_parameters"] == true, dev, "{kind}");
        assert!(
            zkmargin("inspect {}", &[&path])
                .exits(0)
                .stdout
                .contains(kind)
        );
    }
}

#[test]
fn keys_and_proofs_have_one_digest() {
    let keys = &shared().keys;
    let show = |path: &std::path::Path| zkmargin("inspect {} --json", &[path]).exits(0).json();
    let vk = show(&keys.join("liquidation-small.vk"));
    assert_eq!(vk["digest"], show(&shared().proof)["key"]);
    assert_eq!(
        vk["digest"],
        show(&keys.join("liquidation-small.pk"))["verifying_key"]
    );
}

#[test]
fn what_is_no_file_of_ours_is_refused() {
    let folder = folder();
    let path = folder.path().join("file");
    for content in [
        &b""[..],
        b"hello",
        b"{}",
        b"ZKMVKEY2",
        b"ZKMPKEY1",
        b"ZKMGNSRS",
        b"ZKMPKEY1 and then some bytes that are long enough to be a header but are no proving key",
        b"{\"kind\":\"zkmargin-proof\"}\n",
        b"{\"proof\":\"0x\"}\n",
        b"{\"name\":\"salt\"}",
        b"{\"salt\":\"0x12\"}",
    ] {
        fs::write(&path, content).expect("written");
        zkmargin("inspect {}", &[&path])
            .exits(2)
            .says(&[&path.display().to_string()]);
    }
    zkmargin("inspect {}", &[folder.path()]).exits(2);
    zkmargin("inspect {}", &[&folder.path().join("missing")]).exits(2);
}
