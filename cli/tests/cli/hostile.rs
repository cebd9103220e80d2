//! Files that are far too large, never end or only claim to be large: refused at once, in little memory.

use std::{fs, path::Path, process::Command};

use crate::{
    arguments::{ARGUMENTS, HUGE, MEMORY, context, prove, refused, small, sparse},
    support::{folder, sample, shared, zkmargin_under},
};

#[test]
fn ten_gigabytes_are_refused_by_their_length() {
    let folder = folder();
    let path = folder.path().join("huge");
    for (name, attempt, limit) in ARGUMENTS {
        sparse(&path, HUGE);
        let (size, limit) = (HUGE.to_string(), limit.to_string());
        match name {
            "folder pk" => refused(
                name,
                attempt(&path),
                &["liquidation-small.pk", &size, "limit"],
            ),
            // Their magic comes first: what they are decides what they may have.
            "folder params" => refused(name, attempt(&path), &["params-k12.bin", "magic"]),
            "setup ptau" => refused(name, attempt(&path), &["huge", "magic"]),
            _ => refused(name, attempt(&path), &[&size, &limit]),
        }
    }
}

#[test]
fn one_byte_above_the_limit_is_refused_and_the_limit_is_not() {
    let folder = folder();
    let path = folder.path().join("file");
    for (name, attempt, limit) in ARGUMENTS.into_iter().filter(|(.., limit)| *limit > 0) {
        sparse(&path, limit + 1);
        let size = (limit + 1).to_string();
        refused(
            name,
            attempt(&path),
            &[&size, "larger than the limit of", &limit.to_string()],
        );
        sparse(&path, limit);
        let run = attempt(&path);
        assert_eq!(run.code, 2, "{name}: {}", run.stderr);
        assert!(
            !run.stderr.contains("larger than"),
            "{name}: {}",
            run.stderr
        );
    }
}

#[test]
fn devices_and_pipes_are_refused_without_waiting() {
    let folder = folder();
    let pipe = folder.path().join("pipe");
    let made = Command::new("mkfifo").arg(&pipe).status().expect("mkfifo");
    assert!(made.success());
    for (name, attempt, _) in ARGUMENTS {
        for path in [Path::new("/dev/zero"), &pipe, folder.path()] {
            let run = attempt(path);
            if name == "folder params" {
                // Not taken for parameters at all.
                refused(name, run, &["no parameters of k = 11"]);
            } else {
                refused(name, run, &["regular file"]);
            }
        }
    }
}

/// Claims of the headers' counts are held against the file's length before anything is allocated.
#[test]
fn claims_cost_no_memory() {
    let folder = folder();
    let path = folder.path().join("file");
    let ptau = fs::read(sample("../prover/tests/fixtures/snarkjs_06.ptau")).expect("fixture");
    let keys = folder.path().join("keys");
    let setup = |words: &[&str]| {
        let line = "setup --ptau {} --k 6 --allow-unpublished --keys {} --json";
        refused(
            "setup",
            zkmargin_under(MEMORY, line, &[&path, &keys]),
            words,
        );
    };
    // The last section of 10 GB, which nothing looks into, but which would all be hashed.
    let mut longer = ptau.clone();
    let mut at = 12;
    while at + 12 + section_len(&longer, at) < longer.len() {
        at += 12 + section_len(&longer, at);
    }
    let rest = HUGE - (at as u64 + 12);
    longer[at + 4..at + 12].copy_from_slice(&rest.to_le_bytes());
    fs::write(&path, &longer).expect("written");
    fs::OpenOptions::new()
        .write(true)
        .open(&path)
        .and_then(|file| file.set_len(HUGE))
        .expect("sparse");
    setup(&[
        &HUGE.to_string(),
        "larger than the limit of 16850944 for power 6",
    ]);
    // A power of 28 in a file of 75 kB.
    let mut powerful = ptau;
    powerful[12 + 12 + 36..][..4].copy_from_slice(&28u32.to_le_bytes());
    powerful[12 + 12 + 40..][..4].copy_from_slice(&28u32.to_le_bytes());
    fs::write(&path, &powerful).expect("written");
    setup(&["section 2: 8128 bytes, not 34359738304"]);

    // k = 20 in parameters of k = 12, and a real file of that length, but for its content.
    let mut params = fs::read(shared().keys.join("params-k12.bin")).expect("parameters");
    for k in [13u32, 20, 21, 28, 255, u32::MAX] {
        params[12..16].copy_from_slice(&k.to_le_bytes());
        fs::write(&path, &params).expect("written");
        let words = if k <= 20 { "not the" } else { "header field k" };
        let run = zkmargin_under(MEMORY, "inspect {} --json", &[&path]);
        refused("params", run, &[words]);
    }
}

fn section_len(ptau: &[u8], at: usize) -> usize {
    u64::from_le_bytes(ptau[at + 4..at + 12].try_into().expect("8 bytes")) as usize
}

/// The limit of these tests is one that can be reached: parameters of 2^20 rows do not fit in it.
#[test]
fn the_limit_bites() {
    let folder = folder();
    let line = "setup --unsafe-dev --k 20 --keys {}";
    let run = zkmargin_under(MEMORY, line, &[folder.path()]);
    assert_eq!(run.code, -1, "{}", run.stderr);
    assert!(run.stderr.contains("memory allocation"), "{}", run.stderr);
    // An honest proof does.
    let proved = prove(&small(), &context(), &shared().keys);
    assert_eq!(proved.code, 0, "{}", proved.stderr);
}

/// As many values, and as deeply nested, as a file of the largest length can hold.
#[test]
fn json_of_the_largest_length_fits_the_memory() {
    let folder = folder();
    let path = folder.path().join("file.json");
    let fill = |open: &str, unit: &str, close: &str| {
        let times = ((8 << 20) - open.len() - close.len()) / unit.len();
        fs::write(&path, [open, &unit.repeat(times), close].concat()).expect("written");
    };
    let mut distinct = String::from("{");
    for i in 0u32.. {
        let field = format!("\"{i:x}\":0,");
        if distinct.len() + field.len() > (8 << 20) - 16 {
            break;
        }
        distinct += &field;
    }
    distinct += "\"x\":0}";
    let kinds = [
        "commit",
        "inspect",
        "snapshot",
        "policy",
        "verify context",
        "instruments",
        "positions",
    ];
    for (name, attempt, limit) in ARGUMENTS
        .into_iter()
        .filter(|(name, ..)| kinds.contains(name))
    {
        for (open, unit, close) in [
            ("", "[", ""),
            ("", "{\"result\":", ""),
            ("{\"result\":", "[", ""),
            ("{\"salt\":", "[", ""),
            ("{\"result\":[", "{},", "{}]}"),
            ("{\"result\":[", "0,", "0]}"),
            ("{\"options\":[", "{},", "{}]}"),
            ("{\"assets\":[", "0,", "0]}"),
            ("{\"scenarios\":[", "null,", "0]}"),
            ("{\"", "a", "\":0}"),
            ("{\"version\":\"", "a", "\"}"),
            ("{\"version\":", "9", "}"),
        ] {
            fill(open, unit, close);
            let run = attempt(&path);
            assert_eq!(run.code, 2, "{name} {open}{unit}: {}", run.stderr.len());
            assert!(
                run.stderr.len() < 2000,
                "{name} {open}{unit}: words without end"
            );
        }
        fs::write(&path, &distinct).expect("written");
        assert!(limit >= distinct.len() as u64);
        let run = attempt(&path);
        assert_eq!(run.code, 2, "{name}: {}", run.stderr);
    }
}
