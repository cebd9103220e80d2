//! How far the engine's prices are from the references, and from the bounds that it states: a table and a picture.
//!
//! ```text
//! accuracy --out docs/accuracy.md         writes the table, and the picture beside it (.svg)
//! ```

use std::{error::Error, fmt::Write, path::PathBuf, process::ExitCode};

use zkmargin_prover::atomic::{Overwrite, write_atomic};

// What the tests hold the bounds against.
#[allow(dead_code)]
#[path = "../../../../circuits/tests/support/accuracy/mod.rs"]
mod cases;
mod draw;

use cases::Instrument;

fn out() -> Result<PathBuf, Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match &words[..] {
        [flag, path] if flag == "--out" => Ok(path.into()),
        _ => Err("usage: accuracy --out FILE.md".into()),
    }
}

/// A number in the table, 0 where nothing is off.
fn number(x: f64) -> String {
    if x == 0.0 {
        "0".to_owned()
    } else {
        format!("{x:.1e}")
    }
}

fn report(instruments: &[Instrument], picture: &str) -> Result<String, std::fmt::Error> {
    let mut text = String::new();
    writeln!(
        text,
        "# Accuracy\n\n\
         Every price of the golden files (`circuits/tests/goldens`, from mpmath at 60 digits and more: `scripts/goldens`) against the engine's, whose\n\
         integers the circuits prove to the last bit, and the bound that the engine states for the position. One contract; swaps at\n\
         the case's notional. Written by\n\n    \
         cargo run --release -p zkmargin-benches --bin accuracy -- --out docs/accuracy.md\n\n\
         | instrument | cases | prices | refused | max error, USD | max error/bound | bound per unit |\n\
         |---|---|---|---|---|---|---|"
    )?;
    for i in instruments {
        writeln!(
            text,
            "| {} | {} | {} | {} | {} | {:.3} | {} |",
            i.name,
            i.cases,
            i.points.len(),
            i.refusals(),
            number(i.most(|p| p.error)),
            i.most(|p| p.share),
            i.formula,
        )?;
    }
    let outside = instruments.iter().flat_map(|i| &i.points);
    let outside = outside.filter(|p| !p.within).count();
    writeln!(
        text,
        "\nPrices above their bound: {outside}. A case has a call and a put, or one price.\n\nRefused:\n"
    )?;
    for i in instruments {
        for (reason, count) in &i.refused {
            writeln!(text, "- {}: {count} prices, {reason}", i.name)?;
        }
    }
    writeln!(
        text,
        "\n[numbers.md](numbers.md) proves the bounds; this only measures how far they are from what is found. Swaps and power perpetuals are\n\
         compared with their exact fractions, and these with the references' digits, which are coarser than the bound. A volatility swap's price has 20\n\
         decimals, so that nothing of it is rounded. Variance swaps over periods that are not whole minutes, 9,235 of the 10,000, are in no file: the table's own\n\
         formula prices them.\n\n\
         ![error against bound]({picture})\n\n\
         At most {} prices of each instrument, every n-th and the ten nearest to their bound; those that are exact are not drawn. In brackets the\n\
         greatest error/bound. Errors up to 6e-16 USD are of what is below 2^-24 units of 1e-8 USD and counts as nothing.",
        draw::MOST_POINTS
    )?;
    Ok(text)
}

fn run() -> Result<bool, Box<dyn Error>> {
    let out = out()?;
    let picture = out.with_extension("svg");
    let name = picture.file_name().and_then(|name| name.to_str());
    let name = name.ok_or("the file's name is not text")?;
    let instruments = cases::all();
    for instrument in &instruments {
        println!("{}", instrument.line());
    }
    let text = report(&instruments, name)?;
    let drawing = draw::svg(&instruments)?;
    write_atomic(&picture, drawing.as_bytes(), Overwrite::Replace)?;
    write_atomic(&out, text.as_bytes(), Overwrite::Replace)?;
    Ok(instruments.iter().flat_map(|i| &i.points).all(|p| p.within))
}

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            eprintln!("accuracy: a price is above its bound");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("accuracy: {error}");
            ExitCode::FAILURE
        }
    }
}
