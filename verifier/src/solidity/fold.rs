//! The same statements with fewer words of memory.
//!
//! snark-verifier keeps every intermediate value in a word of its own, most of which are read once. Such a value is computed where it
//! is read: that spares a store and a load, 12 gas and as many bytes of code, and the word. What is left is moved together, since a
//! contract pays for all memory below the last word that it touches.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    SolidityError,
    statement::{Statement, Word, names, renumbered, statement},
};

/// Most values that wait on the stack inside a line: with the variables below them they are within the 16 that can be reached.
const MOST_WAITING: usize = 8;

/// Computes values that are written once and read once where they are read.
///
/// A statement moves over others only if they write nothing that it reads; nothing reads what it writes but the one that it moves
/// into.
///
/// # Errors
/// [`SolidityError::Text`] if the result is no text of statements.
pub fn folded(statements: Vec<Statement>) -> Result<Vec<Statement>, SolidityError> {
    let mut all: Vec<Option<Statement>> = Vec::new();
    for statement in statements {
        all.push(Some(plain(statement)?));
    }
    // Where each word is written, and where and how often it is read.
    let mut written: BTreeMap<Word, Vec<usize>> = BTreeMap::new();
    let mut read: BTreeMap<Word, BTreeSet<usize>> = BTreeMap::new();
    for (place, statement) in all.iter().flatten().enumerate() {
        for word in &statement.writes {
            written.entry(*word).or_default().push(place);
        }
        for word in &statement.reads {
            read.entry(*word).or_default().insert(place);
        }
    }
    for place in 0..all.len() {
        let Some(Some(definition)) = all.get(place) else {
            continue;
        };
        let Some((word, value)) = value(definition) else {
            continue;
        };
        let once = written.get(&word).is_some_and(|places| places.len() == 1);
        let readers: Vec<usize> = read.get(&word).into_iter().flatten().copied().collect();
        let [reader] = readers[..] else { continue };
        let Some(Some(user)) = all.get(reader) else {
            continue;
        };
        let load = format!("mload({:#x})", 32 * word);
        // Once in all, in whatever way it is written, and by no call.
        let loads = user.loads(word);
        let found = user.text.matches(&load).count();
        if !once || reader <= place || (loads, found) != (1, 1) || user.text.contains("staticcall")
        {
            continue;
        }
        let overwritten = definition.reads.iter().any(|operand| {
            let places = written.get(operand).into_iter().flatten();
            places.copied().any(|at| place < at && at <= reader)
        });
        let text = user.text.replace(&load, value);
        if overwritten || waiting(&text) > MOST_WAITING {
            continue;
        }
        let operands = definition.reads.clone();
        for operand in &operands {
            let places = read.entry(*operand).or_default();
            places.remove(&place);
            places.insert(reader);
        }
        read.remove(&word);
        written.remove(&word);
        if let Some(user) = all.get_mut(reader) {
            *user = Some(statement(text)?);
        }
        if let Some(definition) = all.get_mut(place) {
            *definition = None;
        }
    }
    Ok(all.into_iter().flatten().collect())
}

/// Words from `first` on, in their order, without those that no statement uses.
///
/// # Errors
/// [`SolidityError::Text`] if the result is no text of statements.
pub fn compacted(statements: Vec<Statement>, first: Word) -> Result<Vec<Statement>, SolidityError> {
    let used = statements
        .iter()
        .flat_map(|s| s.reads.iter().chain(&s.writes));
    let used: BTreeSet<Word> = used.copied().filter(|word| *word >= first).collect();
    // In order: what was one range stays one.
    let own: BTreeMap<Word, Word> = used.into_iter().zip(first..).collect();
    let moved = statements
        .iter()
        .map(|s| statement(renumbered(&s.text, &own)));
    moved.collect()
}

/// A block that names a value only to store it, without the name.
fn plain(block: Statement) -> Result<Statement, SolidityError> {
    let lines: Vec<&str> = block.text.lines().collect();
    let ["{", named, store, "}"] = lines[..] else {
        return Ok(block);
    };
    let value = named.strip_prefix("let result := ");
    let address = store
        .strip_prefix("mstore(")
        .and_then(|store| store.strip_suffix(", result)"));
    match (value, address) {
        (Some(value), Some(address)) => statement(format!("mstore({address}, {value})\n")),
        _ => Ok(block),
    }
}

/// The word and the value of a line that stores one.
fn value(statement: &Statement) -> Option<(Word, &str)> {
    let line = statement.text.strip_suffix('\n')?;
    let (_, value) = line
        .strip_prefix("mstore(")?
        .strip_suffix(')')?
        .split_once(", ")?;
    let mut words = statement.writes.iter();
    let word = words.next().filter(|_| words.next().is_none())?;
    let computes = |name: &str| ["mload", "addmod", "mulmod", "sub", "f_q"].contains(&name);
    (!line.contains('\n') && names(value).all(computes)).then_some((*word, value))
}

/// Most values on the stack at a time, with arguments computed from the last to the first.
fn waiting(text: &str) -> usize {
    let mut most = 0;
    for line in text.lines() {
        let mut calls = vec![0_usize];
        for c in line.chars().rev() {
            match c {
                ')' => calls.push(0),
                '(' => drop(calls.pop()),
                ',' => calls
                    .iter_mut()
                    .next_back()
                    .into_iter()
                    .for_each(|n| *n += 1),
                _ => {}
            }
            most = most.max(calls.iter().sum::<usize>());
        }
    }
    most + 1
}

#[cfg(test)]
mod tests {
    use super::{super::statement::statements, *};

    fn after(text: &str) -> String {
        let folded = folded(statements(text).expect("statements")).expect("statements");
        let compact = compacted(folded, 4).expect("statements");
        compact.iter().map(|s| s.text.as_str()).collect()
    }

    #[test]
    fn a_value_that_is_read_once_is_computed_there() {
        let text = "mstore(0xc0, mulmod(mload(0x80), mload(0xa0), f_q))
            {
            let result := addmod(mload(0xc0), 1, f_q)
            mstore(0xe0, result)
            }
            mstore(0x100, mulmod(mload(0xe0), mload(0xe0), f_q))";
        let expected = "mstore(0xc0, addmod(mulmod(mload(0x80), mload(0xa0), f_q), 1, f_q))\n\
            mstore(0xe0, mulmod(mload(0xc0), mload(0xc0), f_q))\n";
        assert_eq!(after(text), expected);
    }

    /// What the value is made of changes in between, it is written twice, or a call reads it.
    #[test]
    fn a_value_stays_where_it_would_be_another() {
        let call =
            "success := and(eq(staticcall(gas(), 0x6, 0xc0, 0x80, 0x140, 0x40), 1), success)\n";
        for text in [
            "mstore(0xc0, addmod(mload(0x80), 1, f_q))\nmstore(0x80, 5)\nmstore(0xa0, mload(0xc0))\n".to_owned(),
            "mstore(0xc0, addmod(mload(0x80), 1, f_q))\nmstore(0xc0, 5)\nmstore(0xa0, mload(0xc0))\n".to_owned(),
            "mstore(0xc0, addmod(mload(0x80), v, f_q))\nv := 5\nmstore(0xa0, mload(0xc0))\n".to_owned(),
            "mstore(0xc0, addmod(mload(0x80), 1, f_q))\nmstore(0xa0, addmod(mload(0xc0), mload(192), f_q))\n".to_owned(),
            format!("mstore(0xc0, 1)\nmstore(0xe0, 2)\nmstore(0x100, 3)\nmstore(0x120, 4)\n{call}"),
            "mstore(0xc0, addmod(mload(0x80), 1, f_q))\n{\nlet v\nmstore(0x80, 1)\nmstore(0xa0, mload(0xc0))\n}\n".to_owned(),
        ] {
            let kept = folded(statements(&text).expect("statements")).expect("statements");
            let kept: String = kept.iter().map(|s| s.text.as_str()).collect();
            assert_eq!(kept, text);
        }
    }

    #[test]
    fn the_stack_is_not_outgrown() {
        let line = |n: usize| {
            let (to, from) = (32 * (6 + n), 32 * (5 + n));
            format!("mstore({to:#x}, addmod(mload({from:#x}), mload(0x80), f_q))\n")
        };
        let text: String = (0..100).map(line).collect();
        let folded = folded(statements(&text).expect("statements")).expect("statements");
        assert!((20..100).contains(&folded.len()), "{}", folded.len());
        assert!(folded.iter().all(|s| waiting(&s.text) <= MOST_WAITING));
    }

    #[test]
    fn what_waits_is_counted() {
        assert_eq!(waiting("f_q"), 1);
        assert_eq!(waiting("addmod(1, 2, f_q)"), 3);
        assert_eq!(waiting("addmod(addmod(1, 2, f_q), 2, f_q)"), 5);
        assert_eq!(waiting("addmod(1, 2, addmod(1, 2, f_q))"), 3);
    }
}
