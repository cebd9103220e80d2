//! From snark-verifier's text to the contract's: exact replacements, each counted, so that another version of it is an error and not
//! another contract.

use ff::PrimeField;
use halo2curves::bn256::Fr;
use zkmargin_circuits::{field, public::TABLE_COLUMNS};

use super::{Contract, SolidityError, contracts, split, statement};

/// Where no calldata reaches: reading from there marks the table's values.
pub const MARK: usize = 0xfeed_0000;
/// Where the table is put in memory: known when the text is cut.
pub const TABLE_MEMORY: &str = "TABLE_MEMORY";
/// Bytes of the first piece besides its statements: Solidity's own, calls of parts.
const READING: usize = 1500;

/// What the text is made for.
#[derive(Debug)]
pub struct Layout {
    /// The contract.
    pub name: String,
    /// Words of the header.
    pub header: usize,
    /// The header's word that holds the table's digest.
    pub digest: usize,
    /// Bytes of the proof.
    pub proof: usize,
    /// Generator of the rows' domain.
    pub generator: Fr,
    /// Most rows of a table.
    pub rows: usize,
}

impl Layout {
    /// Where the table begins in the calldata.
    fn fixed(&self) -> usize {
        32 * self.header + self.proof
    }
}

fn word(value: &Fr) -> String {
    format!("0x{}", hex::encode(field::to_be_bytes(value)))
}

/// The contracts.
pub fn finish(generated: &str, layout: &Layout) -> Result<Contract, SolidityError> {
    const START: &str = "let success := true";
    const END: &str = "// Revert if anything fails";
    let (_, body) = once(generated, START)?;
    let (body, _) = once(body, END)?;
    let (reading, computing, end) = table(body, layout)?;
    let words = layout.header + scalars(layout, &reading);
    let reading = strict(&reading, words)?;
    let start = lengths(layout);
    let first = statement::bytes(&start) + statement::bytes(&reading) + READING;
    let (head, parts) = split::split(&computing, first, end / 32)?;
    let reading = format!("{start}\n{reading}");
    Ok(contracts::write(layout, &reading, &head, &parts, end / 32))
}

/// What is before and after a pattern that is there exactly once.
fn once<'t>(text: &'t str, pattern: &'static str) -> Result<(&'t str, &'t str), SolidityError> {
    let found = text.matches(pattern).count();
    match (found, text.split_once(pattern)) {
        (1, Some(parts)) => Ok(parts),
        _ => Err(SolidityError::Text {
            pattern,
            found,
            expected: 1,
        }),
    }
}

/// The field's modulus.
pub fn modulus() -> String {
    Fr::MODULUS.to_lowercase()
}

/// How many scalars of the proof the text reads: what is no point.
fn scalars(layout: &Layout, text: &str) -> usize {
    let points = text.matches("let x := calldataload(").count();
    (layout.proof / 32).saturating_sub(2 * points)
}

/// Header and scalars are below the modulus; snark-verifier reduces them.
fn strict(text: &str, expected: usize) -> Result<String, SolidityError> {
    const PATTERN: &str = "mod(calldataload(";
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut found = 0;
    while let Some((before, after)) = rest.split_once(PATTERN) {
        let Some((at, after)) = after.split_once("), f_q)") else {
            break;
        };
        out.push_str(before);
        out.push_str(&format!("word({at})"));
        rest = after;
        found += 1;
    }
    out.push_str(rest);
    if found != expected {
        return Err(SolidityError::Text {
            pattern: PATTERN,
            found,
            expected,
        });
    }
    Ok(out)
}

fn lengths(layout: &Layout) -> String {
    let (fixed, row) = (layout.fixed(), 32 * TABLE_COLUMNS);
    let most = fixed + row * layout.rows;
    format!(
        "// The calldata is exactly header, proof and whole rows of a table.
            if or(or(iszero(gt(calldatasize(), {fixed:#x})), gt(calldatasize(), {most:#x})), mod(sub(calldatasize(), {fixed:#x}), {row:#x})) {{
                revert(0, 0)
            }}
            function word(at) -> value {{
                value := calldataload(at)
                if iszero(lt(value, {})) {{ revert(0, 0) }}
            }}",
        modulus()
    )
}

/// The text with the loop over the table in the place of the marks, up to there, the rest, and the end of the memory up to there.
fn table(text: &str, layout: &Layout) -> Result<(String, String, usize), SolidityError> {
    const PATTERN: &str = "a mark of each table column, after a copy of z";
    let missing = |found| SolidityError::Text {
        pattern: PATTERN,
        found,
        expected: 1,
    };
    let first = format!(", mod(calldataload({MARK:#x}), f_q))");
    let at = text.find(&first).ok_or(missing(0))?;
    let line = text.get(..at).and_then(|before| before.rfind("mstore(0x"));
    let start = line.ok_or(missing(0))?;
    let place = text.get(start + "mstore(0x".len()..at).unwrap_or_default();
    let place = usize::from_str_radix(place, 16).map_err(|_| missing(0))?;
    let copied = place.checked_sub(0x20).ok_or(missing(0))?;
    let marks: String = (0..1 + TABLE_COLUMNS)
        .map(|c| {
            let (to, from) = (place + 32 * c, MARK + 32 * c);
            format!("mstore({to:#x}, mod(calldataload({from:#x}), f_q))\n")
        })
        .collect();
    let before = text.get(..start).unwrap_or_default();
    let last = before.trim_end().lines().next_back().unwrap_or_default();
    let copy = format!("mstore({copied:#x}, mload(");
    if text.matches(&marks).count() != 1 || !last.trim_start().starts_with(&copy) {
        return Err(missing(text.matches(&marks).count()));
    }
    let (before, after) = text.split_once(&marks).ok_or(missing(0))?;
    let end = place + 32 * (1 + TABLE_COLUMNS);
    let before = before.to_owned() + &columns(layout, copied, place);
    Ok((before, after.to_owned(), end))
}

/// The values of the table's columns, `z` at one place of memory, the sums from another on.
fn columns(layout: &Layout, z: usize, sums: usize) -> String {
    let inverse = Option::<Fr>::from(layout.generator.invert()).unwrap_or_default();
    let (generator, inverse) = (word(&layout.generator), word(&inverse));
    let (fixed, memory, digest) = (layout.fixed(), TABLE_MEMORY, 32 * layout.digest);
    let (first, end, q) = (sums + 32, sums + 32 * (1 + TABLE_COLUMNS), modulus());
    let header = 32 * layout.header;
    let less_two = word(&-Fr::from(2));
    format!(
        "{{
            // Table cells, then a word for each row.
            let weights := add({memory}, sub(calldatasize(), {fixed:#x}))
            let rows_end := add(weights, div(sub(calldatasize(), {fixed:#x}), {TABLE_COLUMNS}))
            // The header may have more rows than the table.
            let weights_end := rows_end
            if lt(sub(rows_end, weights), {header:#x}) {{ weights_end := add(weights, {header:#x}) }}
            calldatacopy({memory}, {fixed:#x}, sub(weights, {memory}))
            if iszero(eq(shr(8, shl(8, keccak256({memory}, sub(weights, {memory})))), calldataload({digest:#x}))) {{ revert(0, 0) }}
            {{
                // w^i / (z - w^i) for every row i, with one inversion.
                let z := mload({z:#x})
                let power := 1
                let product := 1
                for {{ let at := weights }} lt(at, weights_end) {{ at := add(at, 0x20) }} {{
                    mstore(at, product)
                    product := mulmod(product, add(z, sub(f_q, power)), f_q)
                    power := mulmod(power, {generator}, f_q)
                }}
                mstore(weights_end, 0x20)
                mstore(add(weights_end, 0x20), 0x20)
                mstore(add(weights_end, 0x40), 0x20)
                mstore(add(weights_end, 0x60), product)
                mstore(add(weights_end, 0x80), {less_two})
                mstore(add(weights_end, 0xa0), {q})
                success := and(eq(staticcall(gas(), 0x5, weights_end, 0xc0, weights_end, 0x20), 1), success)
                product := mload(weights_end)
                if iszero(product) {{ revert(0, 0) }}
                for {{ let at := weights_end }} gt(at, weights) {{ }} {{
                    at := sub(at, 0x20)
                    power := mulmod(power, {inverse}, f_q)
                    mstore(at, mulmod(mulmod(product, mload(at), f_q), power, f_q))
                    product := mulmod(product, add(z, sub(f_q, power)), f_q)
                }}
            }}
            let cell := 0
            let sum := 0
            for {{ let at := weights }} lt(cell, {header:#x}) {{ at := add(at, 0x20) }} {{
                sum := addmod(sum, mulmod(mload(at), calldataload(cell), f_q), f_q)
                cell := add(cell, 0x20)
            }}
            mstore({sums:#x}, mulmod(sum, addmod(mload({z:#x}), sub(f_q, 1), f_q), f_q))
            cell := {memory}
            let fours_end := add(weights, and(sub(rows_end, weights), not(0x7f)))
            for {{ let to := {first:#x} }} lt(to, {end:#x}) {{ to := add(to, 0x20) }} {{
                sum := 0
                let at := weights
                // Four rows at a time: four products stay below 2^256.
                for {{}} lt(at, fours_end) {{}} {{
                    let a := mload(cell)
                    let b := mload(add(cell, 0x20))
                    let c := mload(add(cell, 0x40))
                    let d := mload(add(cell, 0x60))
                    success := and(and(and(lt(a, f_q), lt(b, f_q)), and(lt(c, f_q), lt(d, f_q))), success)
                    a := add(mulmod(a, mload(at), f_q), mulmod(b, mload(add(at, 0x20)), f_q))
                    c := add(mulmod(c, mload(add(at, 0x40)), f_q), mulmod(d, mload(add(at, 0x60)), f_q))
                    sum := addmod(sum, add(a, c), f_q)
                    at := add(at, 0x80)
                    cell := add(cell, 0x80)
                }}
                for {{}} lt(at, rows_end) {{}} {{
                    let value := mload(cell)
                    success := and(lt(value, f_q), success)
                    sum := addmod(sum, mulmod(value, mload(at), f_q), f_q)
                    at := add(at, 0x20)
                    cell := add(cell, 0x20)
                }}
                mstore(to, mulmod(sum, addmod(mload({z:#x}), sub(f_q, 1), f_q), f_q))
            }}
        }}
"
    )
}
