//! From positions in a text to lines and columns.

use crate::scenario::problem::Place;

/// Bytes between two known counts of characters: a file may be one line of many megabytes.
const BLOCK: usize = 4096;

/// Where each line of a text starts.
pub struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
    /// Characters before each block.
    characters: Vec<usize>,
}

impl<'a> Lines<'a> {
    /// The lines of `text`.
    pub fn new(text: &'a str) -> Self {
        let bytes = text.as_bytes();
        let breaks = bytes.iter().enumerate().filter(|(_, b)| **b == b'\n');
        let mut before = 0;
        let characters = bytes
            .chunks(BLOCK)
            .map(|block| {
                let count = before;
                before += starts_of_characters(block);
                count
            })
            .collect();
        Self {
            text,
            starts: std::iter::once(0)
                .chain(breaks.map(|(at, _)| at + 1))
                .collect(),
            characters,
        }
    }

    /// Line and column of a byte.
    pub fn place(&self, at: usize) -> Place {
        let line = self.starts.partition_point(|start| *start <= at);
        let start = self.starts[line - 1];
        Place {
            line,
            column: 1 + self.characters_before(at) - self.characters_before(start),
        }
    }

    fn characters_before(&self, at: usize) -> usize {
        let at = at.min(self.text.len());
        let block = at / BLOCK;
        match self.characters.get(block) {
            Some(count) => count + starts_of_characters(&self.text.as_bytes()[block * BLOCK..at]),
            // The end of a text that fills its blocks.
            None => self.text.chars().count(),
        }
    }
}

/// How many characters start in some bytes of UTF-8.
fn starts_of_characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xC0 != 0x80).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let lines = Lines::new("aµb\ncd\n");
        let check = |at, line, column| assert_eq!(lines.place(at), Place { line, column });
        check(0, 1, 1);
        check(3, 1, 3);
        check(5, 2, 1);
        check(6, 2, 2);
        check(8, 3, 1);
    }

    #[test]
    fn long_lines_are_counted_in_blocks() {
        let text = format!("x\n{}", "äb".repeat(4096));
        let lines = Lines::new(&text);
        for characters in [0, 1, 2, 1365, 2730, 2731, 8191, 8192] {
            let bytes: usize = text[2..].chars().take(characters).map(char::len_utf8).sum();
            let place = Place {
                line: 2,
                column: 1 + characters,
            };
            assert_eq!(lines.place(2 + bytes), place);
        }
        assert_eq!(text.len(), 2 + 3 * BLOCK);
        let full = "x".repeat(BLOCK);
        assert_eq!(Lines::new(&full).place(BLOCK).column, BLOCK + 1);
    }
}
