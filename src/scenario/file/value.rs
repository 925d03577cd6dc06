//! Single values in the syntax of the file.

use serde::{Deserialize, Serialize};

use super::decode::decode;
use super::layout;
use super::tree::{NodeId, Shape, Tree, bare, parse};

/// A value as it stands in a file, without line breaks.
pub fn text<T: Serialize + ?Sized>(value: &T) -> String {
    let compact = super::options().to_string(value).unwrap_or_default();
    spaced(&compact)
}

/// A value in the file's syntax with its spaces in the usual places.
pub fn spaced(compact: &str) -> String {
    let mut out = String::new();
    match parse(compact).0 {
        Some(tree) => layout::one_line(&tree, tree.root, &mut out),
        None => out.push_str(compact),
    }
    out
}

/// Reads a value.
///
/// # Errors
/// The first thing that is wrong, in one sentence.
pub fn read<T: for<'de> Deserialize<'de>>(text: &str) -> Result<T, String> {
    let (tree, faults) = parse(text);
    if let Some(fault) = faults.into_iter().next() {
        return Err(fault.message);
    }
    let tree = tree.ok_or("nothing was given")?;
    let (value, problems) = decode(&tree, tree.root);
    match (value, problems.into_iter().next()) {
        (Some(value), None) => Ok(value),
        (_, Some(problem)) => Err(match problem.suggestion() {
            Some(word) => format!("{problem}; did you mean `{word}`?"),
            None => problem.to_string(),
        }),
        (None, None) => Err("nothing was given".to_owned()),
    }
}

/// The content of a string.
pub fn string(text: &str) -> String {
    super::options()
        .from_str(text)
        .unwrap_or_else(|_| text.to_owned())
}

/// The content of a list of strings.
pub fn strings(text: &str) -> Vec<String> {
    super::options().from_str(text).unwrap_or_default()
}

/// Puts durations, and on request the keys of the outermost map, in quotes: people leave them out.
pub fn quoted(typed: &str, keys: bool) -> String {
    let Some(tree) = parse(typed).0 else {
        return typed.to_owned();
    };
    rewrite(&tree, |id| {
        let node = &tree.nodes[id];
        let text = tree.text_of(id);
        let is_key = node.parent.is_some_and(|(parent, at)| {
            tree.nodes[parent].shape == Shape::Map && tree.nodes[parent].items[at].key == Some(id)
        });
        let is_time = node.shape == Shape::Number
            && text
                .trim_start_matches(['-', '+'])
                .chars()
                .any(|c| c.is_alphabetic() && c != 'e' && c != 'E');
        (is_time || keys && is_key && node.shape == Shape::Word).then(|| format!("{text:?}"))
    })
}

/// Takes the quotes off durations and plain names, as people type them.
pub fn unquoted(text: &str) -> String {
    let spaced = spaced(text);
    let Some(tree) = parse(&spaced).0 else {
        return spaced;
    };
    rewrite(&tree, |id| {
        let node = &tree.nodes[id];
        if node.shape != Shape::Text {
            return None;
        }
        let content = string(tree.text_of(id));
        let plain = content
            .chars()
            .all(|c| c.is_alphanumeric() || c == '_' || c == '.');
        let is_time = content.starts_with(|c: char| c.is_ascii_digit());
        let is_key = node
            .parent
            .is_some_and(|(parent, at)| tree.nodes[parent].items[at].key == Some(id));
        let is_name = content.starts_with(char::is_alphabetic);
        (plain && (is_time && !is_key || is_key && is_name)).then_some(content)
    })
}

/// The text of a tree with some of its plain values replaced.
fn rewrite(tree: &Tree, replace: impl Fn(NodeId) -> Option<String>) -> String {
    let mut out = String::new();
    let mut at = 0;
    let mut plain: Vec<NodeId> = (0..tree.nodes.len())
        .filter(|id| {
            !matches!(
                tree.nodes[*id].shape,
                Shape::Struct | Shape::List | Shape::Map
            )
        })
        .collect();
    plain.sort_by_key(|id| tree.nodes[*id].span.start);
    for id in plain {
        if let Some(text) = replace(id) {
            let span = &tree.nodes[id].span;
            out.push_str(&tree.text[at..span.start]);
            out.push_str(&text);
            at = span.end;
        }
    }
    out.push_str(&tree.text[at..]);
    out
}

/// A struct, or a word with or without fields, taken apart so that fields can be changed.
#[derive(Clone, Debug, Default)]
pub struct Record {
    /// The word in front.
    pub word: String,
    /// Names and values of the fields.
    pub fields: Vec<(String, String)>,
}

impl Record {
    /// Takes a text apart. Anything that has no fields is a word.
    pub fn new(text: &str) -> Self {
        let (tree, _) = parse(text);
        let Some(tree) = tree else {
            return Self {
                word: text.to_owned(),
                fields: Vec::new(),
            };
        };
        let root = &tree.nodes[tree.root];
        if root.shape != Shape::Struct && root.shape != Shape::Map {
            return Self {
                word: text.to_owned(),
                fields: Vec::new(),
            };
        }
        let fields = root
            .items
            .iter()
            .filter_map(|item| {
                let key = item.key?;
                let name = match tree.nodes[key].shape {
                    Shape::Text => string(tree.text_of(key)),
                    _ => bare(tree.text_of(key)).to_owned(),
                };
                Some((name, tree.text_of(item.value).to_owned()))
            })
            .collect();
        let word = tree.name_of(tree.root).unwrap_or_default().to_owned();
        Self { word, fields }
    }

    /// The value of a field.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.fields
            .iter()
            .find(|(field, _)| field == name)
            .map(|(_, value)| value.as_str())
    }

    /// Sets a field.
    pub fn set(&mut self, name: &str, value: String) {
        match self.fields.iter_mut().find(|(field, _)| field == name) {
            Some((_, old)) => *old = value,
            None => self.fields.push((name.to_owned(), value)),
        }
    }

    /// The text of a struct; of a variant without fields only its word.
    pub fn to_text(&self) -> String {
        let fields: Vec<_> = self
            .fields
            .iter()
            .map(|(name, value)| format!("{name}: {value}"))
            .collect();
        format!("{}({})", self.word, fields.join(", "))
    }
}
