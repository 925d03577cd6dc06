//! Documents of other kinds that are written in the syntax of scenarios and contain them, such as
//! recorded runs.

use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::decode::decode;
use super::layout::{self, INDENT};
use super::lines::Lines;
use super::scan::{Scanner, Token};
use super::{FileError, options, replace, tree};
use crate::scenario::{Problem, Subject};

/// The name in front of a text's outermost bracket: `Scenario`, `Recording`.
pub fn outer_name(text: &str) -> Option<&str> {
    match Scanner::new(text).next() {
        Ok(Some((Token::Word, span))) => Some(&text[span]),
        _ => None,
    }
}

/// Reads a value.
///
/// # Errors
/// The first problem, with its place.
pub fn from_text<T: DeserializeOwned>(text: &str) -> Result<T, Box<Problem>> {
    let lines = Lines::new(text);
    let problem = |message: String, suggestion, at| {
        let problem = Problem::error(Subject::Scenario, "", message);
        Box::new(problem.at(lines.place(at)).suggesting(suggestion))
    };
    let (tree, faults) = tree::parse(text);
    if let Some(fault) = faults.into_iter().next() {
        return Err(problem(fault.message, None, fault.at));
    }
    let Some(tree) = tree else {
        return Err(problem(
            "its brackets do not match".into(),
            None,
            text.len(),
        ));
    };
    let (value, errors) = decode::<T>(&tree, tree.root);
    match (value, errors.into_iter().next()) {
        (Some(value), None) => Ok(value),
        (_, Some(error)) => {
            let at = tree.nodes[error.node].span.start;
            Err(problem(error.to_string(), error.suggestion(), at))
        }
        (None, None) => Err(problem("it can't be read".into(), None, 0)),
    }
}

/// Writes a struct as scenarios are written, with `name` in front: it tells the documents apart.
pub fn to_text<T: Serialize>(name: &str, value: &T) -> String {
    let compact = options().to_string(value).unwrap_or_default();
    let Some(tree) = tree::parse(&compact).0 else {
        return compact;
    };
    let mut text = format!("{name}(\n");
    for item in &tree.nodes[tree.root].items {
        let field = item.key.map(|key| tree.text_of(key)).unwrap_or_default();
        text += &format!("{INDENT}{field}: ");
        let used = INDENT.len() + field.len() + 2;
        layout::section(&tree, item.value, INDENT, used, &mut text);
        text.push_str(",\n");
    }
    text.push_str(")\n");
    text
}

/// Saves a text. The file is replaced in one step: after a crash it is the old or the new one.
///
/// # Errors
/// When the file can't be written; the old one is untouched then.
pub fn write_text(path: &Path, text: &str) -> Result<(), FileError> {
    replace(path, text.as_bytes()).map_err(|source| FileError {
        doing: "write",
        path: path.to_owned(),
        source,
    })
}
