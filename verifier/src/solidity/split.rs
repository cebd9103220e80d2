//! A verifier's text in pieces that a chain lets a contract be: 24,576 bytes.
//!
//! The text is a list of statements over words of memory, each of which is written before it is read. A cut puts what follows into a contract
//! of its own, a part: the verifier calls it with the words that the part reads and that were written before, and takes back the ones
//! that later statements read. The first piece, with everything that reads the calldata, stays.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    SolidityError, fold,
    statement::{Statement, Word, renumbered, statements},
};

/// Most bytes of code that a piece is estimated to have: below the limit by what an estimate may miss.
const MOST_BYTES: usize = 20_500;
/// The same of a part: its code is shorter than the estimate.
const MOST_PART_BYTES: usize = 25_000;
/// Of the greatest piece this share may stay empty for the sake of a cut that fewer words cross.
const SLACK: usize = 8;
/// The first word of a part: Solidity uses those before it.
const FIRST: Word = 4;

/// A part: its statements, and the words that it is given and gives back.
#[derive(Debug)]
pub struct Part {
    /// Its text, over its own words: as many as it uses, one after the other.
    pub text: String,
    /// How many.
    used: usize,
    /// What it reads: words of the whole text, in order.
    pub inputs: Vec<Word>,
    /// What later pieces read of what it writes, in order.
    pub outputs: Vec<Word>,
    /// The part's own word for each of the whole text's.
    own: BTreeMap<Word, Word>,
}

impl Part {
    /// The first word behind its own.
    pub fn end(&self) -> Word {
        FIRST + self.used
    }

    /// The part's own words for some of the whole text's.
    pub fn own(&self, words: &[Word]) -> Vec<Word> {
        words
            .iter()
            .filter_map(|word| self.own.get(word).copied())
            .collect()
    }
}

/// The first piece, which stays.
#[derive(Debug)]
pub struct Head {
    /// Its text.
    pub text: String,
    /// The first word behind all that it uses.
    pub end: Word,
}

/// Cuts statements. The first piece has `first` bytes more; it writes the words below `read` before all of them.
///
/// # Errors
/// [`SolidityError::Text`] for a statement that is none, or one that reads what nothing has written.
pub fn split(text: &str, first: usize, read: Word) -> Result<(Head, Vec<Part>), SolidityError> {
    let statements = statements(text)?;
    if let Some(word) = inputs(&statements).into_iter().find(|word| *word >= read) {
        return Err(SolidityError::Unwritten { address: 32 * word });
    }
    let statements = fold::compacted(fold::folded(statements)?, read)?;
    let mut pieces: Vec<&[Statement]> = Vec::new();
    let mut rest = statements.as_slice();
    let mut most = MOST_BYTES.saturating_sub(first);
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(cut(rest, most));
        pieces.push(piece);
        (rest, most) = (after, MOST_PART_BYTES);
    }
    let (head, tail) = pieces.split_first().ok_or_else(nothing)?;
    let parts = tail.iter().enumerate().map(|(n, piece)| {
        let later: BTreeSet<Word> = tail
            .iter()
            .skip(n + 1)
            .flat_map(|piece| inputs(piece))
            .collect();
        part(piece, &later)
    });
    let used = head.iter().flat_map(|s| s.reads.iter().chain(&s.writes));
    let end = used.max().map_or(0, |last| last + 1);
    let text = joined(head);
    Ok((Head { text, end }, parts.collect()))
}

/// A piece as a part, of whose words `later` are read after it.
fn part(piece: &[Statement], later: &BTreeSet<Word>) -> Part {
    let used: BTreeSet<Word> = piece
        .iter()
        .flat_map(|s| s.reads.iter().chain(&s.writes).copied())
        .collect();
    // In order: what was one range stays one.
    let own: BTreeMap<Word, Word> = used
        .iter()
        .enumerate()
        .map(|(n, word)| (*word, FIRST + n))
        .collect();
    let written: BTreeSet<Word> = piece
        .iter()
        .flat_map(|s| s.writes.iter().copied())
        .collect();
    Part {
        text: piece.iter().map(|s| renumbered(&s.text, &own)).collect(),
        used: used.len(),
        inputs: inputs(piece).into_iter().collect(),
        outputs: written.intersection(later).copied().collect(),
        own,
    }
}

fn nothing() -> SolidityError {
    SolidityError::Text {
        pattern: "statement",
        found: 0,
        expected: 1,
    }
}

fn joined(piece: &[Statement]) -> String {
    piece.iter().map(|s| s.text.as_str()).collect()
}

/// What is read before it is written.
fn inputs(piece: &[Statement]) -> BTreeSet<Word> {
    let mut written = BTreeSet::new();
    let mut read = BTreeSet::new();
    for statement in piece {
        read.extend(statement.reads.difference(&written));
        written.extend(&statement.writes);
    }
    read
}

/// Where to cut: at most so many bytes, where few words cross.
fn cut(statements: &[Statement], most: usize) -> usize {
    let mut sum = 0;
    let sizes: Vec<usize> = statements
        .iter()
        .map(|statement| {
            sum += statement.bytes;
            sum
        })
        .collect();
    if sum <= most {
        return statements.len();
    }
    let least = most - most / SLACK;
    let candidates = (1..statements.len()).filter(|n| {
        let size = sizes.get(n - 1).copied().unwrap_or(usize::MAX);
        (least..=most).contains(&size)
    });
    let crossing = |n: &usize| {
        let (before, after) = statements.split_at(*n);
        let written: BTreeSet<Word> = before
            .iter()
            .flat_map(|s| s.writes.iter().copied())
            .collect();
        inputs(after).intersection(&written).count()
    };
    // Every eighth candidate: the crossing changes by one word a statement.
    candidates.step_by(8).min_by_key(crossing).unwrap_or(1)
}

/// Words that follow one another: the first, and how many.
pub fn runs(words: &[Word]) -> Vec<(Word, usize)> {
    let mut runs: Vec<(Word, usize)> = Vec::new();
    for word in words {
        match runs.last_mut() {
            Some((first, length)) if *word == *first + *length => *length += 1,
            _ => runs.push((*word, 1)),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Words 4 and 5 are read from calldata; each line needs the one before, twice.
    fn chain(lines: usize) -> String {
        let line = |n: usize| {
            let (to, from) = (32 * (6 + n), 32 * (5 + n));
            format!(
                "mstore({to:#x}, mulmod(addmod(mload({from:#x}), mload(0x80), f_q), mload({from:#x}), f_q))\n"
            )
        };
        (0..lines).map(line).collect()
    }

    #[test]
    fn what_crosses_a_cut_is_passed() {
        let (head, parts) = split(&chain(4000), 1000, 6).expect("statements");
        assert!(parts.len() > 1);
        let mut last = head.end - 1;
        for (n, part) in parts.iter().enumerate() {
            assert_eq!(part.inputs, [4, last]);
            // The first word for all parts behind, the last one for the next.
            let more = n + 1 < parts.len();
            assert_eq!(part.outputs.len(), usize::from(more));
            last = part.outputs.first().copied().unwrap_or_default();
            // The part's words are its own, one after the other.
            assert!(part.text.starts_with(
                "mstore(0xc0, mulmod(addmod(mload(0xa0), mload(0x80), f_q), mload(0xa0), f_q))\n"
            ));
        }
    }

    #[test]
    fn blocks_and_calls_are_statements() {
        let text = "{\nlet prod := mload(0x80)\nmstore(160, prod)\n}\n\
                    success := and(eq(staticcall(gas(), 0x6, 0x80, 0x80, 0x100, 0x40), 1), success)\n";
        let statements = statements(text).expect("statements");
        let sets: Vec<(Vec<Word>, Vec<Word>)> = statements
            .iter()
            .map(|s| {
                (
                    s.reads.iter().copied().collect(),
                    s.writes.iter().copied().collect(),
                )
            })
            .collect();
        assert_eq!(sets, [(vec![4], vec![5]), (vec![4, 5, 6, 7], vec![8, 9])]);
    }

    #[test]
    fn a_text_of_another_kind_is_refused() {
        let unwritten = split("mstore(0x80, mload(0xc0))", 0, 6).map(drop);
        assert_eq!(unwritten, Err(SolidityError::Unwritten { address: 0xc0 }));
        let unaligned = split("mstore(0x81, mload(0x80))", 0, 6).map(drop);
        assert_eq!(unaligned, Err(SolidityError::Unaligned { address: 0x81 }));
        for text in [
            "mstore(x, 1)",
            "mstore8(0x80, 1)",
            "mstore(0x80, keccak256(0x80, 0x20))",
        ] {
            assert!(
                matches!(split(text, 0, 6).map(drop), Err(SolidityError::Text { .. })),
                "{text}"
            );
        }
    }
}
