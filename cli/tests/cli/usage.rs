//! The command line itself.

use crate::support::{sample, zkmargin};

const COMMANDS: [&str; 14] = [
    "demo", "setup", "keygen", "commit", "evaluate", "plot", "prove", "verify", "inspect",
    "schema", "import", "oracle", "export", "submit",
];

#[test]
fn bad_usage_exits_2() {
    for line in [
        "",
        "nonsense",
        "setup",
        "setup --unsafe-dev --ptau file",
        "setup --unsafe-dev --k 21",
        "keygen --shape huge",
        "keygen --statement solvency",
        "commit",
        "evaluate account.json",
        "plot account.json",
        "plot account.json --snapshot s --policy p",
        "plot account.json --snapshot s --policy p -o plot.svg --axis time",
        "prove account.json",
        "verify proof.json --commitment 12",
        "verify p --snapshot s --policy p --context c --commitment 0x12",
        "schema",
        "schema ledger",
        "import",
        "import nowhere",
        "demo --shape",
        "export",
        "export solidity",
        "submit proof.json",
    ] {
        zkmargin(line, &[]).exits(2);
        let run = zkmargin(&format!("{line} --json"), &[]).exits(2);
        if !line.is_empty() && !["import", "export"].contains(&line) {
            assert_eq!(run.json()["error"]["exit_code"], 2, "{line}");
        }
    }
    zkmargin("commit {} --shape", &[&sample("account.json")]).exits(2);
}

#[test]
fn help_has_examples_and_exit_codes() {
    let help = zkmargin("--help", &[]).exits(0).stdout;
    assert!(
        help.contains("Exit codes") && help.contains("--json"),
        "{help}"
    );
    for command in COMMANDS {
        assert!(help.contains(command), "{command}");
        let line = match command {
            "import" => "import deribit --help".to_owned(),
            other => format!("{other} --help"),
        };
        let text = zkmargin(&line, &[]).exits(0).stdout;
        assert!(
            text.contains("Example") && text.contains("zkmargin "),
            "{command}: {text}"
        );
    }
    zkmargin("--version", &[]).exits(0);
}
