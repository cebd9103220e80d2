//! An account of numbers that stand nowhere else, and the search for them.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use crate::support::{Run, folder, sample, shared, zkmargin_with};

pub const SALT: &str = "1b7e4dd0a35f96c28b0e57f3a1c964d82e70b5398fd14c6aa2e35b97d10f68c3";
const OWNER: &str = "c7d1f09b3e6a5824917fdb60ce3458a2197e0b6d";
/// Everything that a library could be told to say.
const TALKATIVE: [(&str, &str); 3] = [
    ("RUST_BACKTRACE", "full"),
    ("RUST_LOG", "trace"),
    ("RUST_LIB_BACKTRACE", "1"),
];

/// A secret in every form that it could come out in.
pub struct Canary {
    pub field: String,
    texts: Vec<String>,
    bytes: Vec<Vec<u8>>,
}

impl Canary {
    fn hex(field: &str, digits: &str) -> Self {
        let bytes = hex::decode(digits).expect("hex");
        let reversed: Vec<u8> = bytes.iter().rev().copied().collect();
        Self {
            field: field.to_owned(),
            texts: vec![digits.to_owned(), hex::encode(&reversed)],
            bytes: vec![bytes, reversed],
        }
    }

    pub fn decimal(field: String, text: &str) -> Self {
        let (whole, part) = text
            .trim_start_matches('-')
            .split_once('.')
            .expect("a point");
        let units: i64 = format!("{whole}{part:0<8}").parse().expect("units");
        let mut texts = vec![format!("{whole}.{part}"), units.to_string()];
        let mut bytes = Vec::new();
        for value in [units, -units] {
            for raw in [value.to_be_bytes().to_vec(), value.to_le_bytes().to_vec()] {
                texts.push(hex::encode(&raw));
                bytes.push(raw);
            }
        }
        texts.push(format!("{units:x}"));
        Self {
            field,
            texts,
            bytes,
        }
    }

    /// Where it stands in an output, if it does.
    pub fn find(&self, output: &[u8]) -> Option<String> {
        let text = String::from_utf8_lossy(output)
            .to_lowercase()
            .replace(',', "");
        let in_text = self.texts.iter().find(|form| text.contains(*form));
        let in_bytes = || {
            self.bytes
                .iter()
                .find(|form| holds(output, form))
                .map(hex::encode)
        };
        in_text.cloned().or_else(in_bytes)
    }
}

fn holds(output: &[u8], form: &[u8]) -> bool {
    output.windows(form.len()).any(|window| window == form)
}

/// The small sample account with other numbers, salt and owner, and all of them.
fn account() -> (Value, Vec<Canary>) {
    let text = fs::read_to_string(sample("account-small.json")).expect("sample");
    let mut account: Value = serde_json::from_str(&text).expect("json");
    account["salt"] = json!(format!("0x{SALT}"));
    account["owner"] = json!(format!("0x{OWNER}"));
    let mut canaries = vec![Canary::hex("salt", SALT), Canary::hex("owner", OWNER)];
    let mut entropy = 0x9e37_79b9_u64;
    let mut replace = |field: String, value: &mut Value| {
        let text = value.as_str().expect("a decimal");
        if text == "0" {
            return;
        }
        let whole = text.split('.').next().expect("digits");
        // Eight digits that do not end in a zero; those before the point are the sample's.
        entropy = entropy
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let number = format!("{whole}.{:07}7", entropy >> 33 & 0x7f_ffff);
        canaries.push(Canary::decimal(field, &number));
        *value = json!(number);
    };
    replace("cash".to_owned(), &mut account["cash"]);
    for (list, fields) in [
        ("collateral", &["amount"][..]),
        ("futures", &["size", "entry"]),
        ("options", &["strike", "calls", "puts"]),
    ] {
        for (i, entry) in account[list]
            .as_array_mut()
            .expect("list")
            .iter_mut()
            .enumerate()
        {
            for field in fields {
                replace(format!("{list}[{i}].{field}"), &mut entry[field]);
            }
        }
    }
    assert!(canaries.len() > 25, "{}", canaries.len());
    (account, canaries)
}

/// A folder with the account, and what has come out so far.
pub struct Scene {
    pub folder: tempfile::TempDir,
    pub account: Value,
    pub canaries: Vec<Canary>,
    pub path: PathBuf,
}

impl Scene {
    pub fn new() -> Self {
        let (account, canaries) = account();
        let folder = folder();
        let path = folder.path().join("account.json");
        let scene = Self {
            folder,
            account,
            canaries,
            path,
        };
        scene.write(&scene.account);
        // The search itself works.
        let own = fs::read(&scene.path).expect("account");
        for canary in &scene.canaries {
            assert!(canary.find(&own).is_some(), "{}", canary.field);
        }
        scene
    }

    pub fn write(&self, account: &Value) {
        fs::write(&self.path, account.to_string()).expect("written");
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs a line with and without `--json` and searches what comes out; `shown` may.
    pub fn run(
        &self,
        line: &str,
        paths: &[&Path],
        code: i32,
        shown: &dyn Fn(&Canary, bool) -> bool,
    ) {
        for json in ["", " --json"] {
            let run = zkmargin_with(&format!("{line}{json}"), paths, &TALKATIVE).exits(code);
            let Run { stdout, stderr, .. } = &run;
            for (stream, text) in [(true, stdout), (false, stderr)] {
                for canary in self.canaries.iter().filter(|canary| !shown(canary, stream)) {
                    let found = canary.find(text.as_bytes());
                    assert_eq!(found, None, "{} of {line}{json}: {text}", canary.field);
                }
            }
        }
    }

    /// [`Scene::run`] of every command that reads the account; all end with `code`.
    pub fn run_all(&self, code: i32, shown: &dyn Fn(&Canary, bool) -> bool) {
        let [snapshot, policy, context] =
            ["snapshot.json", "policy.json", "context.json"].map(sample);
        let proof = self.file("proof.json");
        self.run("commit {} --shape small", &[&self.path], code, shown);
        self.run("inspect {}", &[&self.path], code, shown);
        let report = |canary: &Canary, stdout: bool| {
            // The report is the owner's.
            (stdout && canary.field != "salt" && canary.field != "owner") || shown(canary, stdout)
        };
        let line = "evaluate {} --snapshot {} --policy {}";
        self.run(line, &[&self.path, &snapshot, &policy], code, &report);
        // The picture and its numbers are the owner's, as the report is; the entries that make them are in neither.
        for name in ["plot.svg", "plot.png"] {
            self.run(
                "plot {} --snapshot {} --policy {} --points 3 --force -o {}",
                &[&self.path, &snapshot, &policy, &self.file(name)],
                code,
                shown,
            );
        }
        self.run(
            "prove {} --snapshot {} --policy {} --context {} --keys {} --shape small --force -o {}",
            &[
                &self.path,
                &snapshot,
                &policy,
                &context,
                &shared().keys,
                &proof,
            ],
            code,
            shown,
        );
    }

    /// Searches every file that was written, whatever it is.
    pub fn search_files(&self, folder: &Path) {
        for entry in fs::read_dir(folder).expect("folder") {
            let path = entry.expect("entry").path();
            if path.is_dir() {
                self.search_files(&path);
            } else if path != self.path {
                let content = fs::read(&path).expect("file");
                for canary in &self.canaries {
                    let found = canary.find(&content);
                    assert_eq!(found, None, "{} in {}", canary.field, path.display());
                }
            }
        }
    }
}

pub fn nothing(_: &Canary, _: bool) -> bool {
    false
}
