//! `plot`: what it draws, and that its numbers are `evaluate`'s.

use std::{fs, path::Path};

use serde_json::{Value, json};
use zkmargin_circuits::model::Time;

use crate::support::{Run, edited, folder, sample, zkmargin};

/// Colours of the equity curve, and of requirement, breach and shading.
const EQUITY: &str = "#0F4687";
const RED: &str = "#BE1E2D";

fn plot(account: &str, output: &Path, more: &str) -> Run {
    zkmargin(
        &format!("plot {{}} --snapshot {{}} --policy {{}} -o {{}} {more}"),
        &[
            &sample(account),
            &sample("snapshot.json"),
            &sample("policy.json"),
            output,
        ],
    )
}

/// The document of a plot whose picture is thrown away.
fn document(account: &str, more: &str) -> Value {
    let folder = folder();
    let file = folder.path().join("plot.svg");
    let run = plot(account, &file, &format!("{more} --json")).exits(0);
    assert_eq!(run.stderr, "");
    run.json()
}

/// Units of 1e-8 of a decimal string.
fn units(value: &Value) -> i128 {
    let text = value.as_str().expect("decimal");
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |t| (true, t));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let magnitude: i128 = format!("{whole}{fraction:0<8}").parse().expect("digits");
    if negative { -magnitude } else { magnitude }
}

fn decimal(units: i128) -> String {
    let (sign, magnitude) = (if units < 0 { "-" } else { "" }, units.unsigned_abs());
    format!(
        "{sign}{}.{:08}",
        magnitude / 100_000_000,
        magnitude % 100_000_000
    )
}

/// `evaluate` on the sample snapshot with some numbers multiplied by `1 + by`, `by` in units of 1e-8.
fn evaluated(account: &str, axis: &str, underlying: Option<&str>, by: i128) -> Value {
    let text = fs::read_to_string(sample("snapshot.json")).expect("sample");
    let mut snapshot: Value = serde_json::from_str(&text).expect("json");
    let scale = |value: &mut Value| {
        let product = units(value) * (100_000_000 + by);
        *value = json!(decimal((2 * product + 100_000_000).div_euclid(200_000_000)));
    };
    let is_moved = |entry: &Value| underlying.is_none_or(|name| entry["asset"] == name);
    for asset in snapshot["assets"].as_array_mut().expect("assets") {
        if is_moved(asset) && axis == "spot" {
            scale(&mut asset["spot"]);
            if let Some(mark) = asset.pointer_mut("/perpetual/mark") {
                scale(mark);
            }
        }
    }
    for expiry in snapshot["expiries"].as_array_mut().expect("expiries") {
        if !is_moved(expiry) {
            continue;
        }
        if axis == "spot" {
            scale(&mut expiry["forward"]);
        } else {
            for node in expiry["smile"].as_array_mut().expect("smile") {
                scale(&mut node["vol"]);
            }
        }
    }
    if axis == "vol" {
        for list in ["everlasting", "american", "power"] {
            for market in snapshot[list].as_array_mut().expect(list) {
                scale(&mut market["vol"]);
            }
        }
        let now = seconds(&snapshot["time"]);
        for market in snapshot["variance"].as_array_mut().expect("variance") {
            // Fair volatility goes with the root of the fair variance.
            let before = fair_variance(market, now);
            scale(&mut market["implied_vol"]);
            let ratio = (fair_variance(market, now) / before).sqrt();
            let fair = units(&market["fair_vol"]) as f64 * ratio - 1.0;
            if by != 0 {
                market["fair_vol"] = json!(decimal(fair as i128));
            }
        }
    }
    let folder = folder();
    let path = folder.path().join("moved.json");
    fs::write(&path, snapshot.to_string()).expect("written");
    zkmargin(
        "evaluate {} --snapshot {} --policy {} --json --no-liquidation-prices",
        &[&sample(account), &path, &sample("policy.json")],
    )
    .exits(0)
    .json()
}

fn seconds(time: &Value) -> i64 {
    let time: Time = time.as_str().expect("time").parse().expect("RFC 3339");
    time.unix()
}

/// Realised and implied variance of a variance market's whole period.
fn fair_variance(market: &Value, now: i64) -> f64 {
    let unit = |name: &str| units(&market[name]) as f64 / 1e8;
    let (start, end) = (seconds(&market["start"]), seconds(&market["end"]));
    let elapsed = (now - start) as f64 / (end - start) as f64;
    unit("realised_variance") * elapsed + unit("implied_vol").powi(2) * (1.0 - elapsed)
}

const NUMBERS: [&str; 4] = ["equity", "maintenance_margin", "initial_margin", "verdict"];

fn is_short(report: &Value) -> bool {
    units(&report["equity"]) < units(&report["maintenance_margin"])
}

#[test]
fn a_map_is_a_grid_of_markets() {
    let folder = folder();
    let file = folder.path().join("map.svg");
    let document = plot("account-small.json", &file, "--underlying ETH --map --json")
        .exits(0)
        .json();
    let rows = document["map"].as_array().expect("rows");
    assert_eq!(rows.len(), 13);
    assert_eq!(
        (&rows[0]["vol_factor"], &rows[12]["vol_factor"]),
        (&json!("0.5"), &json!("2"))
    );
    let points = |i: usize| rows[i]["points"].as_array().expect("points");
    assert!((0..13).all(|i| points(i).len() == 25));
    // A volatility of once today's stands in the fifth row, a move of nothing in the middle.
    assert_eq!(rows[4]["vol_factor"], "1");
    assert_eq!(points(4)[12], document["now"]);
    let by = units(&points(4)[3]["move"]);
    let report = evaluated("account-small.json", "spot", Some("ETH"), by);
    for number in NUMBERS {
        assert_eq!(points(4)[3][number], report[number], "{number}");
    }
    let svg = fs::read_to_string(&file).expect("picture");
    assert!(svg.contains("PRIVATE: shows the account"));
    // A rectangle a cell.
    assert!(svg.matches("<rect").count() > 13 * 25);
    for more in ["--axis vol", "--points 9", "--vol 2"] {
        plot(
            "account-small.json",
            &file,
            &format!("--map --force {more}"),
        )
        .exits(2)
        .says(&["--map"]);
    }
}

#[test]
fn breaches_and_points_are_those_of_evaluate() {
    for (account, axis, underlying, range, sides) in [
        (
            "account-healthy.json",
            "spot",
            Some("BTC"),
            "-0.5..0.7",
            &["below", "above"][..],
        ),
        (
            "account-healthy.json",
            "spot",
            None,
            "-0.5..0.5",
            &["below"],
        ),
        (
            "account-small.json",
            "spot",
            Some("ETH"),
            "-0.1..0.1",
            &["above"],
        ),
        ("account-healthy.json", "vol", None, "-0.5..4", &["above"]),
    ] {
        let asset = underlying.map_or_else(String::new, |name| format!("--underlying {name}"));
        let more = format!("--axis {axis} {asset} --range {range} --points 9");
        let plotted = document(account, &more);
        let curve = &plotted["curves"][0];
        let points = curve["points"].as_array().expect("points");
        let same = |point: &Value, report: &Value| {
            for name in NUMBERS {
                assert_eq!(point[name], report[name], "{account} {more} {name}");
            }
        };
        for point in [&points[0], &points[3], &points[8], &plotted["now"]] {
            let report = evaluated(account, axis, underlying, units(&point["move"]));
            same(point, &report);
        }
        let breaches = curve["breaches"].as_array().expect("breaches");
        let found: Vec<&Value> = breaches.iter().map(|b| &b["under_margined"]).collect();
        assert_eq!(found, sides, "{account} {more}");
        let tick = units(&plotted["tick"]);
        assert_eq!(tick, 100);
        for breach in breaches {
            let by = units(&breach["move"]);
            let outwards = if breach["under_margined"] == "below" {
                1
            } else {
                -1
            };
            let inside = evaluated(account, axis, underlying, by);
            same(breach, &inside);
            assert!(is_short(&inside), "{breach}");
            let outside = evaluated(account, axis, underlying, by + outwards * tick);
            assert!(!is_short(&outside), "{breach}");
            // Far enough from the line for a proof, the verdicts are the two.
            let verdict = |steps: i128| {
                let by = by + outwards * steps * 100 * tick;
                evaluated(account, axis, underlying, by)["verdict"].clone()
            };
            assert_eq!(verdict(-1), "under-margined", "{breach}");
            assert_ne!(verdict(1), "under-margined", "{breach}");
        }
    }
}

#[test]
fn the_document_is_whole() {
    let more = "--underlying BTC --range -0.3..0.2 --points 11 --vol 0.7 1.5";
    let plotted = document("account-healthy.json", more);
    assert!(
        plotted["file"]
            .as_str()
            .expect("file")
            .ends_with("plot.svg")
    );
    for (name, value) in [
        ("format", json!("svg")),
        ("policy", json!("portfolio-margin-sample")),
        ("snapshot_time", json!("2026-11-20T08:00:00Z")),
        ("snapshot_sequence", json!(48211)),
        ("axis", json!("spot")),
        ("underlying", json!("BTC")),
        ("spot", json!("104380.25")),
        ("range", json!({"from": "-0.3", "to": "0.2"})),
        ("tick", json!("0.000001")),
    ] {
        assert_eq!(plotted[name], value, "{name}");
    }
    assert_eq!(plotted["now"]["move"], "0");
    let curves = plotted["curves"].as_array().expect("curves");
    let factors: Vec<&Value> = curves.iter().map(|curve| &curve["vol_factor"]).collect();
    assert_eq!(factors, ["1", "0.7", "1.5"]);
    for curve in curves {
        let points = curve["points"].as_array().expect("points");
        assert_eq!(points.len(), 11);
        assert_eq!(points[1]["move"], "-0.25");
        assert_eq!(points[1]["spot"], "78285.1875");
        assert_eq!(
            points[6],
            json!({
                "move": "0",
                "spot": "104380.25",
                "equity": points[6]["equity"],
                "maintenance_margin": points[6]["maintenance_margin"],
                "initial_margin": points[6]["initial_margin"],
                "verdict": "healthy",
            })
        );
        let breach = &curve["breaches"][0];
        assert_eq!(breach["under_margined"], "below");
        let moved = units(&json!("104380.25")) * (100_000_000 + units(&breach["move"]));
        assert_eq!(units(&breach["spot"]), (moved + 50_000_000) / 100_000_000);
    }
    assert_ne!(
        curves[0]["points"][6]["equity"],
        curves[1]["points"][6]["equity"]
    );
    // Without a named spot there is none to give.
    let all = document("account-healthy.json", "--points 2");
    assert!(all["underlying"].is_null() && all["spot"].is_null());
    assert!(all["curves"][0]["points"][0]["spot"].is_null());
    let vol = document(
        "account-healthy.json",
        "--points 2 --axis vol --underlying BTC",
    );
    assert_eq!(vol["range"], json!({"from": "-0.5", "to": "1"}));
    assert!(vol["curves"][0]["points"][0]["spot"].is_null());
}

#[test]
fn the_svg_shows_curves_breach_and_today() {
    let folder = folder();
    let file = folder.path().join("plot.svg");
    let run = plot("account-healthy.json", &file, "--underlying BTC").exits(0);
    assert_eq!(run.stderr, "");
    for words in [
        "plot.svg",
        "Private",
        "breach    79,210 (-24.11 %): under-margined below",
    ] {
        assert!(run.stdout.contains(words), "{words}: {}", run.stdout);
    }
    let svg = fs::read_to_string(&file).expect("svg");
    assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
    for words in [
        "against BTC spot",
        "PRIVATE: shows the account",
        "Snapshot 48211 at 2026-11-20T08:00:00Z, policy portfolio-margin-sample",
        "equity 1,920,296 USD",
        "breach 79,210 (-24.11 %)",
        "today 104,380",
        "BTC spot, USD",
        "USD million",
        "maintenance requirement",
        "initial requirement",
        "under-margined",
    ] {
        assert!(svg.contains(words), "{words}");
    }
    let drawn = |tag: &str, color: &str| {
        let lines = svg.lines().filter(|l| l.starts_with(&format!("<{tag} ")));
        lines
            .filter(|l| l.contains(color))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    // The curve itself, beside its sample in the legend.
    let longest = drawn("polyline", EQUITY)
        .iter()
        .map(|line| line.matches(',').count())
        .max();
    assert!(longest >= Some(100), "{longest:?}");
    assert!(drawn("polyline", RED).len() > 20, "a dashed requirement");
    assert_eq!(drawn("polygon", RED).len(), 1, "the shortfall");
    assert_eq!(
        drawn("circle", RED).len(),
        4,
        "the breach and its sample, two discs each"
    );

    let healthy = folder.path().join("healthy.svg");
    plot(
        "account-healthy.json",
        &healthy,
        "--range -0.01..0.01 --points 3",
    )
    .exits(0);
    let svg = fs::read_to_string(&healthy).expect("svg");
    assert!(!svg.contains("<polygon") && !svg.contains("breach +") && !svg.contains("breach -"));
}

#[test]
fn the_png_is_a_picture() {
    let folder = folder();
    let file = folder.path().join("plot.png");
    let more = "--underlying BTC --points 21 --json";
    let run = plot("account-healthy.json", &file, more).exits(0);
    assert_eq!(run.json()["format"], "png");
    let bytes = fs::read(&file).expect("png");
    assert_eq!(bytes[..8], *b"\x89PNG\r\n\x1a\n");
    let mut reader = png::Decoder::new(std::io::Cursor::new(bytes))
        .read_info()
        .expect("header");
    let mut pixels = vec![0; reader.output_buffer_size().expect("size")];
    let info = reader.next_frame(&mut pixels).expect("pixels");
    assert_eq!((info.width, info.height), (1600, 1000));
    let count = |is: &dyn Fn(&[u8]) -> bool| pixels.chunks_exact(3).filter(|p| is(p)).count();
    let all = 1600 * 1000;
    assert!(count(&|p| p == [255, 255, 255]) > all / 2, "mostly paper");
    assert!(count(&|p| p == [15, 70, 135]) > 2000, "the equity curve");
    assert!(
        count(&|p| p == [190, 30, 45]) > 1000,
        "the requirement and the breach"
    );
    // Letters in the top left corner: the title.
    let title = pixels.chunks_exact(1600 * 3).skip(20).take(45);
    let dark = title
        .flat_map(|row| row[..2400].chunks_exact(3))
        .filter(|p| p[0] < 60);
    assert!(dark.count() > 2000, "the title");
}

#[test]
fn what_cannot_be_drawn_is_refused() {
    let folder = folder();
    let file = folder.path().join("plot.svg");
    for (more, words) in [
        ("--range 0.5..-0.5", &["0.5..-0.5", "below"][..]),
        ("--range -0.5", &["'-0.5'", "-0.5..0.5"]),
        ("--range -50%..50%", &["'-50%'", "decimal"]),
        (
            "--range -1..0.5",
            &["--range -1..0.5", "moved by -1", "assets[0].spot"],
        ),
        ("--range -2..0.5", &["--range -2..0.5", "moved by -2"]),
        (
            "--range -0.5..200",
            &["--range -0.5..200", "moved by 200", "assets[0].spot"],
        ),
        ("--range 0..90000000000", &["--range 0..90000000000"]),
        (
            "--axis vol --range -1..0",
            &["--range -1..0", "vol", "0.0001 to 20"],
        ),
        (
            "--vol 1000",
            &["--range -0.5..0.5", "volatility times 1000"],
        ),
        ("--vol 0", &["volatility times 0)"]),
        ("--vol -1", &["-1"]),
        ("--vol 0.5 0.5", &["--vol 0.5", "already"]),
        ("--vol 1", &["--vol 1", "already"]),
        ("--vol 2 3 4 5 6", &["5 factors", "at most 4"]),
        ("--vol 2 --axis vol", &["--vol", "--axis spot"]),
        ("--underlying DOGE", &["'DOGE'", "BTC, ETH, SOL, USDC"]),
        ("--underlying btc", &["'btc'", "BTC, ETH, SOL, USDC"]),
        (
            "--axis vol --underlying SOL",
            &["'SOL'", "volatility", "BTC, ETH"],
        ),
        ("--points 0", &["--points 0", "2 to 2001"]),
        ("--points 1", &["--points 1", "2 to 2001"]),
        ("--points 2002", &["--points 2002", "2 to 2001"]),
        (
            "--range 0..0.0001 --points 102",
            &["0..0.0001", "102 points", "0.000001"],
        ),
    ] {
        plot("account-small.json", &file, more).exits(2).says(words);
        let run = plot("account-small.json", &file, &format!("{more} --json")).exits(2);
        assert_eq!(run.json()["error"]["exit_code"], 2, "{more}");
        assert!(!file.exists(), "{more}");
    }
    for name in ["plot.pdf", "plot", "plot.svg.gz", ".svg"] {
        let file = folder.path().join(name);
        plot("account-small.json", &file, "")
            .exits(2)
            .says(&[name, ".svg or .png"]);
        assert!(!file.exists());
    }
    let nowhere = folder.path().join("no/folder/plot.svg");
    plot("account-small.json", &nowhere, "")
        .exits(2)
        .says(&["folder"]);
}

#[test]
fn inputs_are_not_replaced() {
    let folder = folder();
    let account = folder.path().join("account.svg");
    fs::copy(sample("account-small.json"), &account).expect("copied");
    zkmargin(
        "plot {} --snapshot {} --policy {} --force -o {}",
        &[
            &account,
            &sample("snapshot.json"),
            &sample("policy.json"),
            &account,
        ],
    )
    .exits(2)
    .says(&["is an input"]);
    assert_eq!(
        fs::read(&account).expect("kept"),
        fs::read(sample("account-small.json")).expect("sample")
    );
}

#[test]
fn a_name_is_text_in_the_picture() {
    let folder = folder();
    let name = "</text><script>&\\u0007\\u0000 a name that goes on and on and on";
    let policy = edited(
        folder.path(),
        "policy.json",
        "portfolio-margin-sample",
        name,
    );
    for output in ["plot.svg", "plot.png"] {
        let file = folder.path().join(output);
        zkmargin(
            "plot {} --snapshot {} --policy {} --points 2 -o {}",
            &[
                &sample("account-small.json"),
                &sample("snapshot.json"),
                &policy,
                &file,
            ],
        )
        .exits(0);
    }
    let svg = fs::read_to_string(folder.path().join("plot.svg")).expect("svg");
    assert!(
        svg.contains("policy &lt;/text&gt;&lt;script&gt;&amp;   a name that goes on a…"),
        "{svg}"
    );
    assert!(svg.chars().all(|c| c == '\n' || !c.is_control()));
}

#[test]
fn the_picture_in_the_docs_is_current() {
    let folder = folder();
    let file = folder.path().join("plot.svg");
    let more = "--underlying BTC --range -0.5..0.7";
    plot("account-healthy.json", &file, more).exits(0);
    let docs = sample("../docs/plot-sample.svg");
    let same = fs::read(&file).expect("drawn") == fs::read(&docs).expect("docs");
    assert!(same, "docs/plot.md has the command that draws it anew");
}
