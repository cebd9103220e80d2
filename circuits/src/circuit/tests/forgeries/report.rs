//! `docs/campaigns/forgeries.md`.

use std::{
    collections::BTreeMap, collections::BTreeSet, fmt::Write, fs, path::Path, time::Duration,
};

use super::{
    super::harness::{COPY, RANGE, TABLE},
    campaign::Tally,
    lies::Lie,
};
use crate::shape::Shape;

/// Writes the report of a campaign: one list of tallies a shape.
pub fn write(tallies: &[Vec<Tally>], seed: u64, count: usize, took: Duration) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/campaigns");
    fs::create_dir_all(&path).expect("writable");
    let text = text(tallies, seed, count, took).expect("string");
    fs::write(path.join("forgeries.md"), text).expect("writable");
}

/// A failure's name in a table: the lookups and the hash's gates by one word.
fn short(stop: &str) -> String {
    let short = match stop {
        RANGE => "range",
        TABLE => "table",
        COPY => "copy",
        _ if stop.starts_with("poseidon") => "poseidon",
        other => other,
    };
    format!("`{}`", short.replace('|', "\\|"))
}

fn text(
    tallies: &[Vec<Tally>],
    seed: u64,
    count: usize,
    took: Duration,
) -> Result<String, std::fmt::Error> {
    let all = || tallies.iter().flatten();
    let sum = |read: fn(&Tally) -> usize| all().map(read).sum::<usize>();
    let honest = |tally: &Tally| tally.honest.values().sum::<usize>();
    let (tried, accepted) = (sum(|t| t.tried), sum(|t| t.accepted));
    let mut out = String::new();
    writeln!(out, "# Forgeries\n")?;
    writeln!(
        out,
        "Random dishonest witnesses against the liquidation circuit: every lie that we know, on random accounts under \
         random\nscenarios, with everything downstream of the lie consistent with it. Each must be stopped, and by nothing \
         but what its row\nnames. Written by\n"
    )?;
    writeln!(
        out,
        "```\nZKMARGIN_FORGERIES={count} ZKMARGIN_SEED={seed} cargo test --release -p zkmargin-circuits forgeries -- --ignored\n```\n"
    )?;
    writeln!(out, "| | |\n|---|---|")?;
    writeln!(
        out,
        "| date | {} |",
        jiff::Timestamp::now().strftime("%Y-%m-%d")
    )?;
    writeln!(out, "| machine | AMD EPYC, 2 cores |")?;
    writeln!(out, "| seed | {seed} |")?;
    writeln!(out, "| forgeries of each lie and shape | {count} |")?;
    writeln!(out, "| lies | {} |", Lie::ALL.len())?;
    writeln!(out, "| dishonest witnesses tried | {tried} |")?;
    writeln!(out, "| **accepted** | **{accepted}** |")?;
    writeln!(
        out,
        "| drawn, but no lie (accepted, as they must be) | {} |",
        all().map(honest).sum::<usize>()
    )?;
    writeln!(
        out,
        "| verdicts compared with the mock prover, name by name | {} |",
        sum(|t| t.compared)
    )?;
    writeln!(
        out,
        "| draws thrown away, because a range check of the terms would have stopped them too | {} |",
        sum(|t| t.redrawn)
    )?;
    writeln!(
        out,
        "| scenes given up, because every draw of a lie was | {} |",
        sum(|t| t.given_up)
    )?;
    let seconds = took.as_secs();
    writeln!(
        out,
        "| time | {seconds} s, beside other work on the machine |\n"
    )?;

    writeln!(out, "## By lie\n")?;
    writeln!(
        out,
        "\"Stopped by\" lists all that failed in any of a lie's forgeries: `range` is the range lookup, `table` the table \
         lookup, `copy` the\npermutation argument, the others are gates. Counts are tried / accepted.\n"
    )?;
    write!(out, "| lie | what a thief would gain | stopped by |")?;
    for shape in Shape::ALL {
        write!(out, " {shape} |")?;
    }
    writeln!(out, " no lie |")?;
    writeln!(out, "|---|---|---|{}---|", "---|".repeat(Shape::ALL.len()))?;
    let mut reasons: BTreeMap<&str, (usize, BTreeSet<&str>)> = BTreeMap::new();
    for (i, lie) in Lie::ALL.iter().enumerate() {
        let mut stops = BTreeSet::new();
        let mut truths = 0;
        for shape in tallies {
            stops.extend(shape[i].stops.iter().map(|stop| short(stop)));
            truths += honest(&shape[i]);
            for (reason, n) in &shape[i].honest {
                let entry = reasons.entry(reason).or_default();
                entry.0 += n;
                entry.1.insert(lie.name());
            }
        }
        let stops: Vec<String> = stops.into_iter().collect();
        let name = lie.name().replace('|', "\\|");
        write!(out, "| {name} | {} | {} |", lie.gain(), stops.join(", "))?;
        for shape in tallies {
            write!(out, " {} / {} |", shape[i].tried, shape[i].accepted)?;
        }
        writeln!(out, " {truths} |")?;
    }

    writeln!(out, "\n## No lie after all\n")?;
    writeln!(
        out,
        "Draws that the circuit accepts because nothing false is claimed: the campaign checks that their public inputs are \
         those of\nan honest proof of the same account. These freedoms of the witness are harmless.\nWhat each chip's file says could be tried, and which \
         test tries it: [chips.md](chips.md).\n"
    )?;
    writeln!(out, "| why | drawn as | count |\n|---|---|---|")?;
    for (reason, (n, lies)) in reasons {
        let lies: Vec<String> = lies.iter().map(|l| l.replace('|', "\\|")).collect();
        writeln!(out, "| {reason} | {} | {n} |", lies.join("; "))?;
    }
    Ok(out)
}
