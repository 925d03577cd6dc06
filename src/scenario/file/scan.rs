//! The words, numbers, strings and marks of the file.

use std::ops::Range;

/// The smallest parts of the syntax.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token {
    /// A name.
    Word,
    /// A number, well formed or not.
    Number,
    /// A string.
    Text,
    /// A character or a byte string.
    Other,
    /// A bracket, colon, comma, or a character that means nothing.
    Mark(char),
}

/// Walks over a text.
pub struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

/// Where something is wrong, and what.
type Wrong = (usize, &'static str);

impl<'a> Scanner<'a> {
    /// A walk from the start of `text`. A byte order mark and `#![enable(…)]` lines are passed over.
    pub fn new(text: &'a str) -> Self {
        let mut scanner = Self { text, at: 0 };
        if text.starts_with('\u{feff}') {
            scanner.at = '\u{feff}'.len_utf8();
        }
        while scanner.skip_blank().is_ok() && scanner.rest().starts_with("#![") {
            match scanner.rest().find(']') {
                Some(end) => scanner.at += end + 1,
                None => break,
            }
        }
        scanner
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// Goes on at `at`.
    pub fn skip_to(&mut self, at: usize) {
        self.at = at;
    }

    /// Passes over white space and comments.
    fn skip_blank(&mut self) -> Result<(), Wrong> {
        loop {
            self.at = self.text.len() - self.rest().trim_start_matches(is_blank).len();
            if self.rest().starts_with("//") {
                self.at += self.rest().find('\n').unwrap_or(self.rest().len());
            } else if self.rest().starts_with("/*") {
                self.at = end_of_comment(self.text, self.at)
                    .ok_or((self.at, "this comment is never closed"))?;
            } else {
                return Ok(());
            }
        }
    }

    /// Where the round bracket stands that comes next, if one does.
    pub fn bracket_ahead(&self) -> Option<usize> {
        let mut ahead = Scanner {
            text: self.text,
            at: self.at,
        };
        ahead.skip_blank().ok()?;
        ahead.rest().starts_with('(').then_some(ahead.at)
    }

    /// The next token.
    pub fn next(&mut self) -> Result<Option<(Token, Range<usize>)>, Wrong> {
        self.skip_blank()?;
        let start = self.at;
        let rest = self.rest();
        let mut characters = rest.chars();
        let Some(first) = characters.next() else {
            return Ok(None);
        };
        let second = characters.next();
        let (token, length) = match first {
            '"' => (Token::Text, quoted(rest, 1, '"').ok_or((start, UNCLOSED))?),
            'r' if matches!(second, Some('"' | '#')) && raw_hashes(&rest[1..]).is_some() => {
                (Token::Text, raw(rest, 1).ok_or((start, UNCLOSED))?)
            }
            'b' if second == Some('"') => {
                (Token::Other, quoted(rest, 2, '"').ok_or((start, UNCLOSED))?)
            }
            'b' if second == Some('\'') => (
                Token::Other,
                quoted(rest, 2, '\'').ok_or((start, UNCLOSED))?,
            ),
            'b' if rest.starts_with("br") && raw_hashes(&rest[2..]).is_some() => {
                (Token::Other, raw(rest, 2).ok_or((start, UNCLOSED))?)
            }
            '\'' => (
                Token::Other,
                quoted(rest, 1, '\'').ok_or((start, UNCLOSED))?,
            ),
            'r' if second == Some('#') => (Token::Word, 2 + word_length(&rest[2..])),
            c if c == '_' || c.is_alphabetic() => (Token::Word, word_length(rest)),
            c if c.is_ascii_digit() || matches!(c, '-' | '+' | '.') => {
                (Token::Number, number_length(rest))
            }
            c => (Token::Mark(c), c.len_utf8()),
        };
        self.at += length;
        Ok(Some((token, start..self.at)))
    }
}

const UNCLOSED: &str = "this quote is never closed";

/// White space, as RON has it.
pub fn is_blank(c: char) -> bool {
    c.is_ascii_whitespace()
        || matches!(
            c,
            '\x0B' | '\u{85}' | '\u{200E}' | '\u{200F}' | '\u{2028}' | '\u{2029}'
        )
}

/// Where a block comment that starts at `start` is over. They nest.
pub fn end_of_comment(text: &str, start: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut depth = 0_usize;
    let mut at = start;
    while at + 1 < bytes.len() {
        match &bytes[at..at + 2] {
            b"/*" => {
                depth += 1;
                at += 2;
            }
            b"*/" => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => at += 1,
        }
    }
    None
}

/// Length of a string whose content starts at `from`, its quotes included.
fn quoted(text: &str, from: usize, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in text[from..].char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return Some(from + at + 1),
            // A character never spans lines; without this a lone apostrophe would eat the file.
            '\n' if quote == '\'' => return None,
            _ => {}
        }
    }
    None
}

/// Number of hashes in front of a raw string's quote.
fn raw_hashes(text: &str) -> Option<usize> {
    let hashes = text.len() - text.trim_start_matches('#').len();
    text[hashes..].starts_with('"').then_some(hashes)
}

/// Length of a raw string with `prefix` bytes in front of its hashes.
fn raw(text: &str, prefix: usize) -> Option<usize> {
    let hashes = raw_hashes(&text[prefix..])?;
    let from = prefix + hashes + 1;
    let end = format!("\"{}", "#".repeat(hashes));
    text[from..].find(&end).map(|at| from + at + end.len())
}

fn word_length(text: &str) -> usize {
    text.find(|c: char| c != '_' && !c.is_alphanumeric())
        .unwrap_or(text.len())
}

/// A number and everything that sticks to it, so that `10ms` is shown whole in a message.
fn number_length(text: &str) -> usize {
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        let sign = matches!(c, '-' | '+') && (at == 0 || matches!(before, 'e' | 'E'));
        if !(sign || c.is_alphanumeric() || matches!(c, '_' | '.' | '%')) {
            return at;
        }
        before = c;
    }
    text.len()
}
