//! A verifier's text in pieces that a chain lets a contract be: 24,576 bytes.
//!
//! The text is a list of statements over words of memory, each of which is written before it is read. A cut puts what follows into a contract
//! of its own, a part: the verifier calls it with the words that the part reads and that were written before, and takes back the ones
//! that later statements read. The first piece, with everything that reads the calldata, stays.

use std::collections::{BTreeMap, BTreeSet};

use super::SolidityError;

/// Most bytes of code that a piece is estimated to have: below the limit by what an estimate may miss.
const MOST_BYTES: usize = 22_000;
/// The same of a part: its code is shorter than the estimate.
const MOST_PART_BYTES: usize = 26_000;
/// Of the greatest piece this share may stay empty for the sake of a cut that fewer words cross.
const SLACK: usize = 8;
/// The first word of a part: Solidity uses those before it.
const FIRST: Word = 4;
/// An address of memory, in words.
pub type Word = usize;

/// One statement: a line, or a block.
#[derive(Debug, Clone)]
struct Statement {
    text: String,
    bytes: usize,
    reads: BTreeSet<Word>,
    writes: BTreeSet<Word>,
}

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

/// A statement over a part's own words.
fn renumbered(text: &str, own: &BTreeMap<Word, Word>) -> String {
    let tokens = tokens(text);
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for (n, token) in tokens.iter().enumerate() {
        let address = |back: usize, names: &[&str]| {
            let name = n.checked_sub(back).and_then(|at| tokens.get(at));
            name.is_some_and(|name| names.contains(&name.text))
        };
        let own = token.value().and_then(|value| own.get(&(value / 32)));
        let Some(word) = own else { continue };
        // The first argument of loads and stores, the third and fifth of calls; `gas()` is one of these.
        if address(1, &["mload", "mstore"])
            || address(3, &["staticcall"])
            || address(5, &["staticcall"])
        {
            out.push_str(text.get(done..token.start).unwrap_or_default());
            out.push_str(&format!("{:#x}", 32 * word));
            done = token.start + token.text.len();
        }
    }
    out.push_str(text.get(done..).unwrap_or_default());
    out
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

/// Lines outside of braces, and whole blocks.
fn statements(text: &str) -> Result<Vec<Statement>, SolidityError> {
    let mut all = Vec::new();
    let (mut block, mut depth) = (String::new(), 0_usize);
    for line in text.lines() {
        let line = line.split("//").next().unwrap_or_default().trim();
        if line.is_empty() {
            continue;
        }
        depth += line.matches('{').count();
        depth = depth.saturating_sub(line.matches('}').count());
        block.push_str(line);
        block.push('\n');
        if depth == 0 {
            all.push(statement(std::mem::take(&mut block))?);
        }
    }
    Ok(all)
}

fn statement(text: String) -> Result<Statement, SolidityError> {
    let mut statement = Statement {
        bytes: 0,
        reads: BTreeSet::new(),
        writes: BTreeSet::new(),
        text,
    };
    let tokens = tokens(&statement.text);
    statement.bytes = tokens.iter().map(Token::bytes).sum();
    for (at, token) in tokens.iter().enumerate() {
        let argument = |n: usize| {
            let value = tokens.get(at + n).and_then(Token::value);
            value.ok_or(SolidityError::Text {
                pattern: "a constant address",
                found: 0,
                expected: 1,
            })
        };
        let range = |from: usize, bytes: usize| match (from % 32, bytes % 32) {
            (0, 0) => Ok(from / 32..(from + bytes) / 32),
            _ => Err(SolidityError::Unaligned { address: from }),
        };
        match token.text {
            "mload" => statement.reads.extend(range(argument(1)?, 32)?),
            "mstore" => statement.writes.extend(range(argument(1)?, 32)?),
            // staticcall(gas(), contract, from, bytes, to, bytes)
            "staticcall" => {
                statement.reads.extend(range(argument(3)?, argument(4)?)?);
                statement.writes.extend(range(argument(5)?, argument(6)?)?);
            }
            "mstore8" | "keccak256" | "calldataload" | "calldatacopy" | "mcopy" | "for" | "if" => {
                return Err(SolidityError::Text {
                    pattern: "statement that only computes",
                    found: 0,
                    expected: 1,
                });
            }
            _ => {}
        }
    }
    Ok(statement)
}

/// A word of the text, and where it begins.
#[derive(Debug)]
struct Token<'t> {
    text: &'t str,
    start: usize,
}

impl Token<'_> {
    /// Bytes of code: an instruction, a push, or what an assignment to a variable takes.
    fn bytes(&self) -> usize {
        match self.text.strip_prefix("0x") {
            Some(digits) => 1 + digits.len().div_ceil(2),
            // Three decimal digits take ten bits.
            None if self.text.starts_with(|c: char| c.is_ascii_digit()) => {
                1 + (self.text.len() * 10 / 3).div_ceil(8)
            }
            None if self.text == ":=" => 2,
            None if self.text == "let" => 0,
            None => 1,
        }
    }

    /// A constant that an address could be.
    fn value(&self) -> Option<usize> {
        match self.text.strip_prefix("0x") {
            Some(digits) => usize::from_str_radix(digits, 16).ok(),
            None => self.text.parse().ok(),
        }
    }
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    let part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':' || c == '=';
    let mut all = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        match (part(c), start) {
            (true, None) => start = Some(at),
            (false, Some(first)) => {
                let text = text.get(first..at).unwrap_or_default();
                all.push(Token { text, start: first });
                start = None;
            }
            _ => {}
        }
    }
    all
}

/// Bytes of code that a text is estimated to take.
pub fn bytes(text: &str) -> usize {
    tokens(text).iter().map(Token::bytes).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Words 4 and 5 are read from calldata; each line needs the one before.
    fn chain(lines: usize) -> String {
        let line = |n: usize| {
            let (to, from) = (32 * (6 + n), 32 * (5 + n));
            format!("mstore({to:#x}, addmod(mload({from:#x}), mload(0x80), f_q))\n")
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
            assert!(
                part.text
                    .starts_with("mstore(0xc0, addmod(mload(0xa0), mload(0x80), f_q))\n")
            );
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
