//! The contracts around the pieces of a verifier's text.

use std::fmt::Write;

use super::{
    Contract,
    split::{Head, Part, runs},
    statement::Word,
    text::{Layout, TABLE_MEMORY, modulus},
};

/// Where the verifier keeps what crosses from piece to piece.
struct Memory {
    /// Below it words are where the text has them.
    end: Word,
    /// The others, one after the other behind it.
    moved: Vec<Word>,
    /// A call's words.
    buffer: Word,
}

impl Memory {
    fn new(head: &Head, parts: &[Part], reading: Word) -> Self {
        let end = head.end.max(reading);
        let mut moved: Vec<Word> = parts
            .iter()
            .flat_map(|part| part.outputs.iter().copied())
            .filter(|word| *word >= end)
            .collect();
        moved.sort_unstable();
        moved.dedup();
        Self {
            // Before the moved ones stand the parts' addresses.
            buffer: end + parts.len() + moved.len(),
            end,
            moved,
        }
    }

    /// Where a part's address is.
    fn part(&self, n: usize) -> usize {
        32 * (self.end + n)
    }

    fn words(&self, parts: usize, words: &[Word]) -> Vec<Word> {
        let place = |word: &Word| match self.moved.binary_search(word) {
            Ok(n) if *word >= self.end => self.end + parts + n,
            _ => *word,
        };
        words.iter().map(place).collect()
    }
}

/// The source: parts, then the verifier.
pub fn write(
    layout: &Layout,
    reading: &str,
    head: &Head,
    parts: &[Part],
    reading_end: Word,
) -> Contract {
    let memory = Memory::new(head, parts, reading_end);
    let name = &layout.name;
    let names: Vec<String> = (1..=parts.len())
        .map(|n| format!("{name}Part{n}"))
        .collect();
    let mut source = String::from("// SPDX-License-Identifier: MIT\npragma solidity ^0.8.24;\n\n");
    for (name, part) in names.iter().zip(parts) {
        source.push_str(&part_contract(name, layout, part));
    }
    source.push_str(&verifier(layout, reading, head, parts, &memory));
    Contract {
        name: name.clone(),
        parts: names,
        source,
    }
}

fn part_contract(name: &str, layout: &Layout, part: &Part) -> String {
    let inputs = part.own(&part.inputs);
    let outputs = part.own(&part.outputs);
    let (given, back) = (32 * inputs.len(), 32 * outputs.len());
    let buffer = 32 * (part.end());
    let reading = copies(&inputs, 0, |to, from, bytes| {
        format!("calldatacopy({to:#x}, {from:#x}, {bytes:#x})")
    });
    let writing = copies(&outputs, buffer, |from, to, bytes| {
        format!("mcopy({to:#x}, {from:#x}, {bytes:#x})")
    });
    format!(
        "/// @title Part of zkmargin's {}. Generated; do not edit.
/// @dev Takes {} words of the verifier's memory, gives back {} and a 1, or reverts.
contract {name} {{
    fallback(bytes calldata) external returns (bytes memory) {{
        assembly (\"memory-safe\") {{
            if iszero(eq(calldatasize(), {given:#x})) {{ revert(0, 0) }}
            let success := true
            let f_q := {}
{reading}{}
            if iszero(success) {{ revert(0, 0) }}
{writing}mstore({:#x}, 1)
            return({buffer:#x}, {:#x})
        }}
    }}
}}

",
        layout.name,
        inputs.len(),
        outputs.len(),
        modulus(),
        part.text,
        buffer + back,
        back + 32,
    )
}

/// Copies of runs of words to or from a buffer, in which they stand without gaps.
fn copies(words: &[Word], buffer: usize, copy: impl Fn(usize, usize, usize) -> String) -> String {
    let mut at = buffer;
    let mut text = String::new();
    for (first, length) in runs(words) {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{}", copy(32 * first, at, 32 * length));
        at += 32 * length;
    }
    text
}

fn verifier(
    layout: &Layout,
    reading: &str,
    head: &Head,
    parts: &[Part],
    memory: &Memory,
) -> String {
    let (name, rows) = (&layout.name, layout.rows);
    // Read before anything is moved there.
    let table = format!("{:#x}", memory.part(parts.len()));
    let reading = reading.replace(TABLE_MEMORY, &table);
    let mut fields = String::new();
    let mut constructor = String::new();
    let mut places = String::new();
    let mut calls = String::new();
    for (n, part) in parts.iter().enumerate() {
        let number = n + 1;
        let _ = writeln!(fields, "    address private immutable PART_{number};");
        let _ = writeln!(constructor, "        PART_{number} = parts[{n}];");
        let place = memory.part(n);
        let _ = writeln!(
            places,
            "        address part{number} = PART_{number};\n        assembly {{ mstore({place:#x}, part{number}) }}"
        );
        calls.push_str(&call(n, part, parts.len(), memory));
    }
    let construct = if parts.is_empty() {
        String::new()
    } else {
        format!(
            "{fields}\n    /// @param parts Addresses of {name}Part1 and so on.\n    constructor(address[{}] memory parts) {{\n{constructor}    }}\n\n",
            parts.len()
        )
    };
    format!(
        "/// @title zkmargin's {name}. Generated; do not edit.
/// @dev Calldata: {} words of the header column, {} bytes of proof, 7 columns of at most {rows} rows of the public table.
/// Returns 1, or reverts; cap its gas.
contract {name} {{
{construct}    fallback(bytes calldata) external returns (bytes memory) {{
        assembly (\"memory-safe\") {{
            // Enforce that Solidity memory layout is respected
            if iszero(eq(mload(0x40), 0x80)) {{ revert(0, 0) }}
        }}
{places}        assembly (\"memory-safe\") {{
            let success := true
            {reading}
{}
{calls}
            if iszero(success) {{ revert(0, 0) }}
            mstore(0, 1)
            return(0, 0x20)
        }}
    }}
}}
",
        layout.header, layout.proof, head.text
    )
}

/// The call of a part: its words, and what it gives back.
fn call(n: usize, part: &Part, parts: usize, memory: &Memory) -> String {
    let buffer = 32 * memory.buffer;
    let given = memory.words(parts, &part.inputs);
    let back = memory.words(parts, &part.outputs);
    let (bytes, returned) = (32 * given.len(), 32 * back.len() + 32);
    let giving = copies(&given, buffer, |from, to, bytes| {
        format!("mcopy({to:#x}, {from:#x}, {bytes:#x})")
    });
    let taking = copies(&back, buffer, |to, from, bytes| {
        format!("mcopy({to:#x}, {from:#x}, {bytes:#x})")
    });
    format!(
        "{giving}success := and(staticcall(gas(), mload({:#x}), {buffer:#x}, {bytes:#x}, {buffer:#x}, {returned:#x}), success)
if iszero(and(success, eq(returndatasize(), {returned:#x}))) {{ revert(0, 0) }}
if iszero(eq(mload({:#x}), 1)) {{ revert(0, 0) }}
{taking}",
        memory.part(n),
        buffer + returned - 32,
    )
}
