//! The first inputs of each target, from which libFuzzer grows a corpus.

use std::iter;

use halo2curves::{
    bn256::{Fr, G1Affine, G2Affine},
    serde::SerdeObject,
};
use serde_json::{Value, json};
use zkmargin_circuits::{engine::ExposureTerms, shape::Statement};
use zkmargin_verifier::ProofFile;

use crate::{files, honest::HONEST};

/// A file of a corpus.
#[derive(Debug, Clone)]
pub struct Seed {
    /// The target.
    pub target: &'static str,
    /// The file's name.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// Every seed. All but the proof file are the same in every run.
pub fn seeds() -> Vec<Seed> {
    let mut seeds = Vec::new();
    let mut add = |target, files: Vec<Vec<u8>>| {
        seeds.extend(files.into_iter().enumerate().map(|(i, bytes)| Seed {
            target,
            name: format!("seed-{i:02}"),
            bytes,
        }));
    };
    add("account", documents(files::ACCOUNT));
    add("snapshot", documents(files::SNAPSHOT));
    let mut policies = documents(files::POLICY);
    policies.extend(levels(files::POLICY));
    policies.push(bare(files::POLICY));
    add("policy", policies);
    add("context", documents(files::CONTEXT));
    add(
        "text",
        TEXTS.iter().map(|text| text.as_bytes().to_vec()).collect(),
    );
    add("engine", (0..16).map(numbers).collect());
    add(
        "deribit",
        vec![
            answers(),
            answers()
                .split(|&b| b == 0)
                .next()
                .unwrap_or_default()
                .to_vec(),
        ],
    );
    let mut with_exposures = HONEST.file.clone();
    with_exposures.exposures = Some(exposures());
    let healthy = ProofFile {
        statement: Statement::Solvency,
        repay: None,
        incentive_rate: None,
        ..HONEST.file.clone()
    };
    add(
        "proof_file",
        vec![
            HONEST.file.to_bytes(),
            b"{\"kind\":\"zkmargin-proof\"}\n".to_vec(),
            with_exposures.to_bytes(),
            healthy.to_bytes(),
        ],
    );
    add("ptau", vec![ptau(1), ptau(2)]);
    let flagged = |edits: Vec<Vec<u8>>| {
        let flags = [0u8, 1];
        let with =
            |flag: u8, edit: &Vec<u8>| iter::once(flag).chain(edit.iter().copied()).collect();
        edits
            .iter()
            .flat_map(|edit| flags.map(|flag| with(flag, edit)))
            .collect::<Vec<Vec<u8>>>()
    };
    add("verify_file", edits(&[70, 300, 700, 900, 1500, 7700]));
    // Header, origin, points, and for keys the counts of the body.
    let places = [0, 9, 12, 17, 90, 250, 345, 420];
    add("params", flagged(edits(&places)));
    add(
        "verifying_key",
        flagged(edits(&[0, 9, 12, 17, 90, 240, 250, 345, 2000, 9000])),
    );
    add(
        "proving_key",
        flagged(edits(&[0, 9, 40, 300, 9000, 40_000, 200_000, 2_000_000])),
    );
    let own = (1..7u8)
        .flat_map(|code| (0..8u8).map(move |how| vec![code, how, 0, 0, 2, 1, 0, how, 3, how]));
    let bytes = edits(&[0, 31, 64, 1500, 2000, 3000]).into_iter();
    let bytes = bytes.map(|edit| iter::once(0).chain(edit).collect());
    add("verify", own.chain(bytes).collect());
    seeds
}

const TEXTS: [&str; 14] = [
    "0",
    "-0.00000001",
    "92233720368.54775807",
    "-92233720368.54775808",
    "1.000000000000",
    "12.50",
    "2026-12-25T08:00:00Z",
    "1970-01-01T00:00:00Z",
    "9999-12-30T22:00:00Z",
    "BTC",
    "a-b_c.9",
    "0x5a9f3c1e7b2d40861c4e9a73f0b8d25566c17e3a",
    "0x13e5a70d94bc2f681ed7053a9c4b8f2671d0e63a58c2974fb10d8e3f6a257cb4",
    "medium",
];

/// The document, printed with spaces too, and with each list emptied.
fn documents(bytes: &[u8]) -> Vec<Vec<u8>> {
    let value: Value = serde_json::from_slice(bytes).expect("a fixture");
    let print = |value: &Value| serde_json::to_vec(value).expect("printed");
    let mut all = vec![bytes.trim_ascii_end().to_vec()];
    all.push(serde_json::to_vec_pretty(&value).expect("printed"));
    for (name, field) in value.as_object().into_iter().flatten() {
        if field.is_array() {
            let mut emptied = value.clone();
            emptied[name] = json!([]);
            all.push(print(&emptied));
        }
    }
    all
}

/// The policy with exposures disclosed, and with the verdict alone.
fn levels(policy: &[u8]) -> Vec<Vec<u8>> {
    let level = |(name, tick)| {
        let mut value: Value = serde_json::from_slice(policy).expect("a fixture");
        value["disclosure"]["level"] = json!(name);
        value["disclosure"]["exposure_tick"] = tick;
        serde_json::to_vec(&value).expect("printed")
    };
    [
        ("terms-and-greeks", json!("1000")),
        ("verdict", Value::Null),
    ]
    .map(level)
    .into()
}

/// The policy's required fields.
fn bare(policy: &[u8]) -> Vec<u8> {
    let value: Value = serde_json::from_slice(policy).expect("a fixture");
    let required = ["version", "name", "factors", "incentive", "disclosure"];
    let kept: Value = required
        .map(|name| (name.to_owned(), value[name].clone()))
        .into_iter()
        .collect();
    serde_json::to_vec(&kept).expect("printed")
}

/// Exposures as a proof file lists them; a reader does not ask whose they are.
fn exposures() -> Vec<ExposureTerms> {
    let list = json!([
        {"asset": "BTC", "delta": "239000", "gamma": "-4583000", "vega": "-175000"},
        {"asset": "USDC", "delta": "59000", "gamma": "0", "vega": "0"},
    ]);
    serde_json::from_value(list).expect("exposures")
}

/// Numbers for the engine, of a fixed generator.
fn numbers(seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        Some((state >> 56) as u8)
    };
    iter::from_fn({
        let mut next = next;
        move || next()
    })
    .take(1200)
    .collect()
}

/// Each edit once at each place.
fn edits(places: &[u32]) -> Vec<Vec<u8>> {
    let edit = |(i, place): (usize, &u32)| {
        let [a, b, c, _] = place.to_le_bytes();
        // Codes 0 to 8 in turn, with numbers behind them that all codes can use.
        let code = (i % 9) as u8;
        vec![code, a, b, c, 1, 0, 0, 2, 3]
    };
    places.iter().enumerate().map(edit).collect()
}

/// Answers about one asset: perpetual, option, quotes, positions, balances.
fn answers() -> Vec<u8> {
    let expiry = 1_798_185_600_000_u64;
    let instrument = |name: &str, kind: &str, period: &str, option: Value, strike: Value| {
        json!({
            "instrument_name": name, "kind": kind, "instrument_type": "reversed",
            "base_currency": "BTC", "quote_currency": "USD", "settlement_currency": "BTC",
            "settlement_period": period, "expiration_timestamp": expiry, "is_active": true,
            "option_type": option, "strike": strike,
        })
    };
    let perpetual = "BTC-PERPETUAL";
    let call = "BTC-25DEC26-100000-C";
    let dated = "BTC-25DEC26";
    let parts = [
        (
            'i',
            json!([
                instrument(perpetual, "future", "perpetual", Value::Null, Value::Null),
                instrument(dated, "future", "month", Value::Null, Value::Null),
                instrument(call, "option", "month", "call".into(), json!(100_000)),
            ]),
        ),
        (
            's',
            json!([
                {"instrument_name": call, "mark_price": 0.0731, "mark_iv": 52.31,
                 "underlying_price": 105_002.66, "interest_rate": 0.04,
                 "estimated_delivery_price": 104_380.25, "creation_timestamp": 1_795_161_600_177_u64},
                {"instrument_name": dated, "mark_price": 105_002.66, "estimated_delivery_price": 104_380.25,
                 "creation_timestamp": 1_795_161_600_100_u64},
            ]),
        ),
        (
            't',
            json!({"instrument_name": perpetual, "mark_price": 104_412.5,
             "index_price": 104_380.25, "timestamp": 1_795_161_600_182_u64}),
        ),
        (
            'p',
            json!([
                {"instrument_name": perpetual, "size": 678_500, "direction": "buy",
                 "mark_price": 104_412.5, "size_currency": 6.498_264_097,
                 "floating_profit_loss": 0.024_504_307},
                {"instrument_name": call, "size": -5.0, "direction": "sell",
                 "floating_profit_loss": -1.2e-7},
            ]),
        ),
        (
            'a',
            json!({"currency": "BTC", "balance": 6.218_372_04, "futures_session_rpl": -0.0125164}),
        ),
        ('a', json!({"currency": "USDC", "balance": 25_000.5})),
    ];
    let print = |(kind, result): &(char, Value)| {
        let answer = json!({"jsonrpc": "2.0", "result": result});
        format!("{kind}{answer}").into_bytes()
    };
    parts.iter().map(print).collect::<Vec<_>>().join(&0)
}

/// A powers-of-tau file of `2^power` powers of 7, the needed sections only.
fn ptau(power: u32) -> Vec<u8> {
    let powers = |count: u32| {
        (0..count).scan(Fr::one(), |tau, _| {
            Some(std::mem::replace(tau, *tau * Fr::from(7)))
        })
    };
    let g1 = powers((2 << power) - 1).flat_map(|tau| {
        let point = G1Affine::from(G1Affine::generator() * tau);
        [point.x.to_raw_bytes(), point.y.to_raw_bytes()].concat()
    });
    let g2 = powers(1 << power).flat_map(|tau| {
        let point = G2Affine::from(G2Affine::generator() * tau);
        [point.x.c0, point.x.c1, point.y.c0, point.y.c1]
            .map(|c| c.to_raw_bytes())
            .concat()
    });
    // The base field's modulus, little-endian.
    let mut modulus = (-halo2curves::bn256::Fq::one()).to_bytes();
    modulus[0] += 1;
    let header = [
        &32u32.to_le_bytes()[..],
        &modulus,
        &power.to_le_bytes(),
        &28u32.to_le_bytes(),
    ]
    .concat();
    let mut file = [&b"ptau"[..], &1u32.to_le_bytes(), &3u32.to_le_bytes()].concat();
    for (id, content) in (1u32..).zip([header, g1.collect(), g2.collect()]) {
        file.extend(id.to_le_bytes());
        file.extend((content.len() as u64).to_le_bytes());
        file.extend(content);
    }
    file
}
