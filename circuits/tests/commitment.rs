//! The commitment against an independent Poseidon over the documented encoding, written here
//! from `docs/commitment.md` without the library's own encoder.

use std::{path::Path, str::FromStr};

use ark_bn254::Fr;
use ark_ff::{BigInteger, PrimeField};
use light_poseidon::{Poseidon, PoseidonHasher};
use num_bigint::BigUint;
use serde_json::Value;
use zkmargin_circuits::{field, model::Account, shape::Shape, slots::Slots};

fn scalar(value: BigUint) -> Fr {
    Fr::from_be_bytes_mod_order(&value.to_bytes_be())
}

/// A decimal string as units of 1e-8.
fn units(value: &Value) -> i128 {
    let text = value.as_str().unwrap_or("0");
    let negative = text.starts_with('-');
    let (whole, fraction) = text
        .trim_start_matches('-')
        .split_once('.')
        .unwrap_or((text.trim_start_matches('-'), ""));
    let magnitude = i128::from_str(&format!("{whole}{fraction:0<8}")).expect("digits");
    if negative { -magnitude } else { magnitude }
}

fn big(value: i128) -> BigUint {
    BigUint::try_from(value).expect("not negative")
}

/// Unix seconds; 0 where the field is null.
fn seconds(time: &Value) -> i128 {
    let read = |t: &str| t.parse::<jiff::Timestamp>().expect("time").as_second();
    time.as_str().map_or(0, read).into()
}

/// The symbol's seven bytes.
fn symbol(entry: &Value) -> BigUint {
    let mut symbol = entry["asset"].as_str().expect("asset").as_bytes().to_vec();
    symbol.resize(7, 0);
    BigUint::from_bytes_be(&symbol)
}

/// `symbol code 2^40 + expiry`.
fn key(entry: &Value) -> BigUint {
    (symbol(entry) << 40u32) + big(seconds(&entry["expiry"]))
}

fn size(value: &Value) -> BigUint {
    big(units(value) + (1 << 50))
}

/// The account's list of that name; a file may leave it out.
fn list<'v>(account: &'v Value, name: &str) -> &'v [Value] {
    account[name].as_array().map_or(&[], Vec::as_slice)
}

/// Order and element of a strike.
fn strike(key: &BigUint, option: &Value, [calls, puts]: [&Value; 2]) -> (BigUint, BigUint) {
    let strike = big(units(&option["strike"]));
    let sizes = (size(calls) << 51u32) + size(puts);
    let element = (key << 152u32) + (&strike << 102u32) + sizes;
    ((key << 64u32) + strike, element)
}

/// The slots of a perpetual option.
fn perpetual(option: &Value) -> Vec<(BigUint, BigUint)> {
    let key = |side: i128| (symbol(option) << 40u32) + big(side);
    let (calls, puts) = (&option["calls"], &option["puts"]);
    if option["style"] == "everlasting" {
        let key = key((1 << 38) + units(&option["funding_days"]));
        return vec![strike(&key, option, [calls, puts])];
    }
    let sides = [
        (units(calls), 2, [calls, &Value::Null]),
        (units(puts), 3, [&Value::Null, puts]),
    ];
    let held = sides.into_iter().filter(|(held, ..)| *held != 0);
    held.map(|(_, side, sizes)| strike(&key(side << 38), option, sizes))
        .collect()
}

/// Order and element of a swap.
fn swap(
    position: &Value,
    [kind, start, end]: [i128; 3],
    held: &Value,
    strike: &Value,
) -> (BigUint, BigUint) {
    let key = (symbol(position) << 64u32) + big((kind << 62) + (start << 31) + end);
    let element = (&key << 121u32) + (size(held) << 70u32) + big(units(strike));
    (key, element)
}

fn hash(inputs: [Fr; 4]) -> Fr {
    Poseidon::<Fr>::new_circom(4)
        .expect("width")
        .hash(&inputs)
        .expect("hash")
}

/// Padding, then the slots in order.
fn section(
    capacity: usize,
    padding: BigUint,
    mut slots: Vec<(BigUint, BigUint)>,
) -> impl Iterator<Item = Fr> {
    slots.sort();
    let padded = std::iter::repeat_n(padding, capacity - slots.len());
    padded
        .chain(slots.into_iter().map(|(_, element)| element))
        .map(scalar)
}

fn commitment(account: &Value, shape_code: u8, capacity: [usize; 5]) -> Fr {
    let hex = |v: &Value| {
        BigUint::parse_bytes(&v.as_str().expect("hex").as_bytes()[2..], 16).expect("hex")
    };
    let mut domain = b"zkmargin account v1".to_vec();
    domain.push(shape_code);
    let sequence = BigUint::from(account["sequence"].as_u64().expect("sequence"));
    let packed = (sequence << 64u32) + big(units(&account["cash"]) + (1 << 61));
    let mut state = hash([
        scalar(BigUint::from_bytes_be(&domain)),
        scalar(hex(&account["owner"])),
        scalar(hex(&account["salt"])),
        scalar(packed),
    ]);

    let empty = size(&Value::Null);
    let padding = (BigUint::from(1u8) << 102u32) + (&empty << 51u32) + &empty;
    let options = list(account, "options").iter();
    let options = options.map(|o| strike(&key(o), o, [&o["calls"], &o["puts"]]));
    let mut elements: Vec<Fr> = section(capacity[0], padding.clone(), options.collect()).collect();
    let perpetuals = list(account, "perpetual_options").iter();
    let perpetuals = perpetuals.flat_map(perpetual);
    elements.extend(section(capacity[1], padding, perpetuals.collect()));
    let futures = list(account, "futures").iter().map(|f| {
        let element = (key(f) << 152u32)
            + (size(&f["size"]) << 101u32)
            + (big(units(&f["entry"])) << 51u32)
            + size(&f["funding_index"]);
        (key(f), element)
    });
    let padding = (&empty << 101u32) + &empty;
    elements.extend(section(capacity[2], padding, futures.collect()));
    let assets = list(account, "collateral").iter();
    let assets = assets.map(|c| (key(c), (key(c) << 152u32) + big(units(&c["amount"]))));
    elements.extend(section(capacity[3], BigUint::ZERO, assets.collect()));
    let power = list(account, "power_perpetuals").iter();
    let power = power.map(|p| swap(p, [1, 0, 0], &p["size"], &p["entry"]));
    let variance = list(account, "variance").iter().map(|v| {
        let kind = if v["kind"] == "variance" { 2 } else { 3 };
        let times = [&v["start"], &v["end"]].map(|t| seconds(t) / 60);
        swap(v, [kind, times[0], times[1]], &v["notional"], &v["strike"])
    });
    let swaps = power.chain(variance).collect();
    elements.extend(section(capacity[4], empty << 70u32, swaps));
    for chunk in elements.chunks(3) {
        let at = |i: usize| chunk.get(i).copied().unwrap_or_default();
        state = hash([state, at(0), at(1), at(2)]);
    }
    state
}

#[test]
fn commitment_is_circomlib_poseidon_over_the_documented_encoding() {
    let shapes = [
        (Shape::Small, 1, [8, 2, 4, 4, 2]),
        (Shape::Medium, 2, [32, 8, 8, 8, 4]),
        (Shape::Large, 3, [128, 16, 16, 16, 8]),
    ];
    for (file, shapes) in [
        ("account-small.json", &shapes[..]),
        ("account.json", &shapes[1..]),
        ("account-healthy.json", &shapes[1..]),
    ] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../samples")
            .join(file);
        let text = std::fs::read_to_string(path).expect(file);
        let json: Value = serde_json::from_str(&text).expect("json");
        let mut both = json.clone();
        let options = both["perpetual_options"].as_array_mut().expect("list");
        for option in options.iter_mut().filter(|o| o["style"] == "american") {
            // Both sides: two slots.
            option["calls"] = "2.5".into();
            option["puts"] = "-0.75".into();
        }
        for (shape, code, capacity) in shapes {
            for (json, fits) in [(&json, true), (&both, *shape != Shape::Small)] {
                let account: Account = serde_json::from_value(json.clone()).expect("account");
                let Ok(slots) = Slots::new(&account, *shape) else {
                    assert!(!fits, "{file} {shape}");
                    continue;
                };
                let theirs = commitment(json, *code, *capacity)
                    .into_bigint()
                    .to_bytes_be();
                let ours = field::to_be_bytes(&slots.commitment());
                assert_eq!(ours.as_slice(), theirs, "{file} {shape}");
            }
        }
    }
}
