//! The generated verifier contract: agreement with the crate, sizes, gas.

use alloy_primitives::{Address, B256};
use rand_chacha::ChaCha8Rng;
use rand_core::{RngCore, SeedableRng};
use rayon::prelude::*;
use zkmargin_circuits::{
    public::TABLE_COLUMNS,
    shape::{Shape, Statement},
};
use zkmargin_verifier::check_proof;

use crate::{
    chain::Chain,
    market::{Keys, ROWS, calldata, columns, compiled, context, keys, market, verifier},
};

/// Most bytes of a contract's code: EIP-170.
const LIMIT: usize = 24_576;
const SENDER: Address = Address::repeat_byte(9);

#[test]
fn the_table_has_64_rows() {
    let columns = market().table.instance_columns(Shape::Small).expect("fits");
    let used = zkmargin_circuits::public::used_rows(&columns)[0].len();
    assert_eq!(used, ROWS);
}

#[test]
#[ignore = "needs the pinned compiler: contracts/test.sh"]
fn every_contract_is_below_the_limit_and_accepts_its_proof() {
    let circuits = [
        (Statement::Liquidation, Shape::Small),
        (Statement::Liquidation, Shape::Medium),
        (Statement::Liquidation, Shape::Large),
        (Statement::Solvency, Shape::Small),
        (Statement::Solvency, Shape::Medium),
    ];
    for (statement, shape) in circuits {
        let keys = Keys::new(statement, shape);
        let compiled = compiled(keys.verifying());
        for (name, size) in compiled.sizes() {
            assert!(size <= LIMIT, "{name}: {size} bytes");
        }
        let mut chain = Chain::new(0);
        let (address, deployed) = compiled.deploy(&mut chain, SENDER);
        let data = calldata(&keys.prove(&context(1, address, SENDER, 1)));
        let done = chain.send(SENDER, address, data.clone()).expect("accepted");
        assert_eq!(done.output.as_ref(), B256::with_last_byte(1).as_slice());
        let table = data.len() - 224 * ROWS;
        let sizes: Vec<usize> = compiled.sizes().iter().map(|(_, size)| *size).collect();
        println!(
            "{statement} {shape}: {sizes:?} bytes, deployed for {deployed} gas; verified for {} gas: {} of it header and proof as calldata, {} the \
             table, {} curve operations and pairing",
            done.gas,
            calldata_gas(&data[..table]),
            calldata_gas(&data[table..]),
            compiled.precompile_gas(),
        );
        if (statement, shape) == (Statement::Liquidation, Shape::Medium) {
            let ran = done.gas - TRANSACTION - calldata_gas(&data);
            assert!(
                ran <= MOST_RUN,
                "{ran} gas besides transaction and calldata"
            );
        }
    }
}

/// What a transaction pays before anything else.
const TRANSACTION: u64 = 21_000;
/// Most gas that the bare verifier of a medium liquidation runs for, with a table of 64 rows (docs/contracts.md).
const MOST_RUN: u64 = 550_000;

/// What a transaction pays for its bytes.
fn calldata_gas(data: &[u8]) -> u64 {
    data.iter()
        .map(|byte| if *byte == 0 { 4 } else { 16 })
        .sum()
}

/// What the crate says of calldata, if it has a proof's length: as instance columns and proof.
fn crate_accepts(statement: Statement, data: &[u8]) -> bool {
    let key = keys(statement).verifying();
    let shape = Shape::Small;
    let header = zkmargin_verifier::solidity::header_words(statement, shape);
    let fixed = 32 * header + key.proof_bytes();
    let (Some(words), Some(table)) = (data.get(..32 * header), data.get(fixed..)) else {
        return false;
    };
    let rows = table.len() / (32 * TABLE_COLUMNS);
    if table.len() % (32 * TABLE_COLUMNS) != 0 || rows == 0 || rows > shape.table_rows() {
        return false;
    }
    let element = |word: &[u8]| {
        let word: [u8; 32] = word.try_into().expect("a word");
        zkmargin_circuits::field::from_be_bytes(&word)
    };
    let column = |bytes: &[u8]| {
        bytes
            .chunks_exact(32)
            .map(element)
            .collect::<Option<Vec<_>>>()
    };
    let Some(first) = column(words) else {
        return false;
    };
    let rest: Option<Vec<_>> = table.chunks_exact(32 * rows).map(column).collect();
    let Some(mut rest) = rest else { return false };
    // A row of zeros at the end is another calldata, the same columns: the contract refuses it by the digest.
    if rest
        .iter()
        .all(|column| column.last() == Some(&Default::default()))
    {
        return false;
    }
    for column in &mut rest {
        column.resize(shape.table_rows(), Default::default());
    }
    let columns: Vec<_> = std::iter::once(first).chain(rest).collect();
    check_proof(key, &columns, &data[32 * header..fixed]).is_ok()
}

/// An altered calldata: a bit, a byte, a word replaced, words exchanged, a field element in its other form, bytes or rows
/// more or fewer.
fn mutated(data: &[u8], rng: &mut ChaCha8Rng) -> Vec<u8> {
    let mut out = data.to_vec();
    let words = out.len() / 32;
    let mut below = |n: usize| (rng.next_u64() % n as u64) as usize;
    let word = 32 * below(words);
    match below(10) {
        0 | 1 => out[word + below(32)] ^= 1 << below(8),
        2 => out[word + below(32)] = below(256) as u8,
        3 => out[word..word + 32].fill(0),
        4 => out[word..word + 32].fill(0xff),
        5 => {
            let other = 32 * below(words);
            let copy = out[other..other + 32].to_vec();
            out[word..word + 32].copy_from_slice(&copy);
        }
        // Another encoding of the same element.
        6 => {
            let modulus = modulus();
            let mut carry = 0;
            for at in (0..32).rev() {
                let sum = u16::from(out[word + at]) + u16::from(modulus[at]) + carry;
                out[word + at] = sum as u8;
                carry = sum >> 8;
            }
        }
        7 => out.truncate(below(data.len())),
        8 => out.extend(std::iter::repeat_n(below(2) as u8, [1, 32, 224][below(3)])),
        _ => {
            let at = below(data.len());
            drop(out.drain(at..(at + [1, 32, 224][below(3)]).min(data.len())));
        }
    }
    out
}

fn modulus() -> [u8; 32] {
    use halo2curves::{bn256::Fr, ff::PrimeField};
    let digits = Fr::MODULUS.trim_start_matches("0x");
    hex::decode(digits)
        .expect("hex")
        .try_into()
        .expect("32 bytes")
}

/// How many mutants of both statements together: `ZKMARGIN_MUTANTS`, or a dozen of each kind.
fn mutants() -> u64 {
    let wanted = std::env::var("ZKMARGIN_MUTANTS");
    wanted.map_or(120, |n| n.parse().expect("a number"))
}

#[test]
#[ignore = "needs the pinned compiler: contracts/test.sh"]
fn crate_and_contract_reject_the_same_calldata() {
    for statement in Statement::ALL {
        let file = keys(statement).prove(&context(1, SENDER, SENDER, 1));
        let data = calldata(&file);
        let compiled = verifier(statement);
        assert!(crate_accepts(statement, &data));
        let mut chain = Chain::new(0);
        chain.gas = 6_000_000;
        let (address, _) = compiled.deploy(&mut chain, SENDER);
        let accepted: usize = (0..mutants() / 2)
            .into_par_iter()
            .map(|seed| {
                let mut rng = ChaCha8Rng::seed_from_u64(seed);
                let mut altered = mutated(&data, &mut rng);
                while altered == data {
                    altered = mutated(&data, &mut rng);
                }
                let contract = chain.clone().send(SENDER, address, altered.clone()).is_ok();
                let own = crate_accepts(statement, &altered);
                assert_eq!(own, contract, "{statement}, seed {seed}");
                usize::from(own)
            })
            .sum();
        assert_eq!(accepted, 0);
        println!("{statement}: {} mutants, none accepted", mutants() / 2);
    }
}

#[test]
#[ignore = "needs the pinned compiler: contracts/test.sh"]
fn rows_of_zeros_are_another_table() {
    let file = keys(Statement::Liquidation).prove(&context(1, SENDER, SENDER, 1));
    let mut padded = columns(&file);
    let mut chain = Chain::new(0);
    let (address, _) = verifier(Statement::Liquidation).deploy(&mut chain, SENDER);
    chain
        .send(SENDER, address, calldata(&file))
        .expect("accepted");
    // One more row, of zeros, in the calldata.
    for column in padded.iter_mut().skip(1) {
        column.truncate(ROWS + 1);
    }
    let mut data: Vec<u8> = Vec::new();
    data.extend(
        padded[0]
            .iter()
            .flat_map(zkmargin_circuits::field::to_be_bytes),
    );
    data.extend(&file.proof.0);
    data.extend(
        padded[1..]
            .iter()
            .flatten()
            .flat_map(zkmargin_circuits::field::to_be_bytes),
    );
    chain
        .send(SENDER, address, data)
        .expect_err("zero-extended");
}
