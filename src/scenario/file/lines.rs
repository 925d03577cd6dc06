//! From positions in a text to lines and columns.

use crate::scenario::problem::Place;

/// Where each line of a text starts.
pub struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    /// The lines of `text`.
    pub fn new(text: &'a str) -> Self {
        let starts = std::iter::once(0)
            .chain(
                text.bytes()
                    .enumerate()
                    .filter(|(_, b)| *b == b'\n')
                    .map(|(at, _)| at + 1),
            )
            .collect();
        Self { text, starts }
    }

    /// Line and column of a byte.
    pub fn place(&self, at: usize) -> Place {
        let line = self.starts.partition_point(|start| *start <= at);
        let start = self.starts[line - 1];
        Place {
            line,
            column: 1 + self.text[start..at.max(start)].chars().count(),
        }
    }
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
}
