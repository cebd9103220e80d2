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

/// `symbol code 2^40 + expiry`.
fn key(entry: &Value) -> BigUint {
    let mut symbol = entry["asset"].as_str().expect("asset").as_bytes().to_vec();
    symbol.resize(7, 0);
    let seconds = entry["expiry"].as_str().map_or(0, |t| {
        t.parse::<jiff::Timestamp>().expect("time").as_second()
    });
    (BigUint::from_bytes_be(&symbol) << 40u32) + big(seconds.into())
}

fn hash(inputs: [Fr; 4]) -> Fr {
    Poseidon::<Fr>::new_circom(4)
        .expect("width")
        .hash(&inputs)
        .expect("hash")
}

fn section(
    entries: &Value,
    capacity: usize,
    padding: BigUint,
    element: impl Fn(&Value) -> (BigUint, BigUint),
) -> Vec<Fr> {
    let list = entries.as_array().expect("list");
    let mut slots: Vec<(BigUint, BigUint)> = list.iter().map(element).collect();
    slots.sort();
    let padded = std::iter::repeat_n(padding, capacity - slots.len());
    padded
        .chain(slots.into_iter().map(|(_, element)| element))
        .map(scalar)
        .collect()
}

fn commitment(account: &Value, shape_code: u8, capacity: [usize; 3]) -> Fr {
    let size = |v: &Value| big(units(v) + (1 << 50));
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

    // Slots are ordered by key and strike.
    let empty = size(&Value::Null);
    let padding = (BigUint::from(1u8) << 102u32) + (&empty << 51u32) + &empty;
    let mut elements = section(&account["options"], capacity[0], padding, |o| {
        let strike = big(units(&o["strike"]));
        let element = (key(o) << 152u32)
            + (&strike << 102u32)
            + (size(&o["calls"]) << 51u32)
            + size(&o["puts"]);
        ((key(o) << 64u32) + strike, element)
    });
    let padding = (&empty << 101u32) + &empty;
    elements.extend(section(&account["futures"], capacity[1], padding, |f| {
        let element = (key(f) << 152u32)
            + (size(&f["size"]) << 101u32)
            + (big(units(&f["entry"])) << 51u32)
            + size(&f["funding_index"]);
        (key(f), element)
    }));
    elements.extend(section(
        &account["collateral"],
        capacity[2],
        BigUint::ZERO,
        |c| (key(c), (key(c) << 152u32) + big(units(&c["amount"]))),
    ));
    for chunk in elements.chunks(3) {
        let at = |i: usize| chunk.get(i).copied().unwrap_or_default();
        state = hash([state, at(0), at(1), at(2)]);
    }
    state
}

#[test]
fn commitment_is_circomlib_poseidon_over_the_documented_encoding() {
    let shapes = [(Shape::Small, 1, [8, 4, 4]), (Shape::Medium, 2, [32, 8, 8])];
    for (file, shapes) in [
        ("account-small.json", &shapes[..]),
        ("account.json", &shapes[1..]),
        ("account-healthy.json", &shapes[1..]),
    ] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../samples")
            .join(file);
        let text = std::fs::read_to_string(path).expect(file);
        let account: Account = serde_json::from_str(&text).expect("account");
        let json: Value = serde_json::from_str(&text).expect("json");
        for (shape, code, capacity) in shapes {
            let ours = Slots::new(&account, *shape).expect("fits").commitment();
            let theirs = commitment(&json, *code, *capacity)
                .into_bigint()
                .to_bytes_be();
            assert_eq!(
                field::to_be_bytes(&ours).as_slice(),
                theirs,
                "{file} {shape}"
            );
        }
    }
}
