//! The generated text as a list of statements over words of memory.

use std::collections::{BTreeMap, BTreeSet};

use super::SolidityError;

/// An address of memory, in words.
pub type Word = usize;

/// One statement: a line, or a block.
#[derive(Debug, Clone)]
pub struct Statement {
    pub text: String,
    /// Of code, estimated.
    pub bytes: usize,
    pub reads: BTreeSet<Word>,
    pub writes: BTreeSet<Word>,
}

impl Statement {
    /// How often a word is loaded by itself.
    pub fn loads(&self, word: Word) -> usize {
        let tokens = tokens(&self.text);
        let pairs = tokens.windows(2);
        pairs
            .filter(|pair| pair[0].text == "mload" && pair[1].value() == Some(32 * word))
            .count()
    }
}

/// The names in a text: of functions and variables.
pub fn names(text: &str) -> impl Iterator<Item = &str> {
    let tokens = tokens(text).into_iter().map(|token| token.text);
    tokens.filter(|token| !token.starts_with(|c: char| c.is_ascii_digit()))
}

/// Lines outside of braces, and whole blocks.
pub fn statements(text: &str) -> Result<Vec<Statement>, SolidityError> {
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

pub fn statement(text: String) -> Result<Statement, SolidityError> {
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

/// A statement over other words.
pub fn renumbered(text: &str, own: &BTreeMap<Word, Word>) -> String {
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

/// Bytes of code that a text is estimated to take.
pub fn bytes(text: &str) -> usize {
    tokens(text).iter().map(Token::bytes).sum()
}
