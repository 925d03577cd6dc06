//! From the syntax tree to values, through serde.
//!
//! The `ron` crate reads every scalar; the structure comes from the tree, because only the tree
//! knows where each part stands and can leave out a part that is wrong to look for more problems
//! behind it.

mod access;
mod error;

pub use error::{DecodeError, Wrong};

use std::collections::HashSet;

use serde::Deserialize;
use serde::de::{self, Visitor};

use super::tree::{NodeId, Shape, Tree, bare, clip};
use access::{Fields, Parts, Variant};

/// Most problems that are looked for in one entry.
const MAX_PROBLEMS: usize = 20;

/// Items that decoding passes over, as (container, position).
pub type Skipped = HashSet<(NodeId, usize)>;

/// Decodes a node and finds every problem in it. The value is there when all that was wrong could
/// be left out; it is the value in the file only when there are no problems.
pub fn decode<'de, T: Deserialize<'de>>(
    tree: &Tree<'de>,
    node: NodeId,
) -> (Option<T>, Vec<DecodeError>) {
    let mut skipped = Skipped::new();
    let mut problems = Vec::new();
    loop {
        let error = match T::deserialize(Decoder::new(tree, node, &skipped)) {
            Ok(value) => return (Some(value), problems),
            Err(error) => error,
        };
        // An error of a part that lost something itself is the echo of an earlier one.
        let echo = match error.wrong {
            // A field that was left out, or one whose name was forgotten.
            Wrong::MissingField(name) => skipped.iter().any(|(container, position)| {
                let key = tree.nodes[*container].items[*position].key;
                *container == error.node && key.is_none_or(|key| bare(tree.text_of(key)) == name)
            }),
            _ => skipped
                .iter()
                .any(|(container, _)| *container == error.node),
        };
        let part = match tree.nodes[error.node].parent {
            Some(part) if error.node != node && is_inside(tree, part.0, node) => Some(part),
            _ => None,
        };
        if !echo {
            problems.push(error);
        }
        match part {
            Some(part) if problems.len() < MAX_PROBLEMS && skipped.insert(part) => {}
            _ => return (None, problems),
        }
    }
}

fn is_inside(tree: &Tree, mut node: NodeId, outer: NodeId) -> bool {
    loop {
        if node == outer {
            return true;
        }
        match tree.nodes[node].parent {
            Some((parent, _)) => node = parent,
            None => return false,
        }
    }
}

/// Reads one node.
#[derive(Clone, Copy)]
struct Decoder<'t, 'de> {
    tree: &'t Tree<'de>,
    node: NodeId,
    skipped: &'t Skipped,
    /// The name in front of the bracket was read already: it is a variant.
    named: bool,
}

type Outcome<T> = Result<T, DecodeError>;

impl<'t, 'de> Decoder<'t, 'de> {
    fn new(tree: &'t Tree<'de>, node: NodeId, skipped: &'t Skipped) -> Self {
        Self {
            tree,
            node,
            skipped,
            named: false,
        }
    }

    fn at(self, node: NodeId) -> Self {
        Self::new(self.tree, node, self.skipped)
    }

    fn shape(self) -> Shape {
        self.tree.nodes[self.node].shape
    }

    fn text(self) -> &'de str {
        self.tree.text_of(self.node)
    }

    fn expected(self, what: impl Into<String>) -> DecodeError {
        DecodeError::at(
            self.node,
            Wrong::Expected {
                expected: what.into(),
                found: clip(self.text()).to_owned(),
            },
        )
    }

    fn no_variant(self, name: &str, allowed: &'static [&'static str]) -> DecodeError {
        let found = clip(self.text()).to_owned();
        DecodeError::at(self.node, Wrong::NoVariant { found, allowed }).of_type(name)
    }

    /// The items that are not skipped.
    fn items(self) -> Vec<usize> {
        (0..self.tree.nodes[self.node].items.len())
            .filter(|position| !self.skipped.contains(&(self.node, *position)))
            .collect()
    }

    /// Lets `ron` read a scalar.
    fn scalar<T>(
        self,
        what: &str,
        read: impl FnOnce(&mut ron::Deserializer<'de>) -> ron::Result<T>,
    ) -> Outcome<T> {
        let mut inner = ron::Deserializer::from_str_with_options(self.text(), &super::options())
            .map_err(|_| self.expected(what))?;
        let value = read(&mut inner).map_err(|error| match error {
            // What a visitor had to say: a duration without its unit.
            ron::Error::Message(message) => DecodeError::at(self.node, Wrong::Message(message)),
            ron::Error::InvalidEscape(message) => {
                DecodeError::at(self.node, Wrong::Message(message.to_owned()))
            }
            _ => self.expected(what),
        })?;
        inner.end().map_err(|_| self.expected(what))?;
        Ok(value)
    }

    fn string<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        if self.shape() != Shape::Text {
            return Err(self.expected(expected_by(&visitor, "text in quotes")));
        }
        self.scalar("text in quotes", |inner| {
            de::Deserializer::deserialize_str(inner, visitor)
        })
    }

    fn fields<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        if let Some(item) = self
            .items()
            .into_iter()
            .map(|position| self.tree.nodes[self.node].items[position])
            .find(|item| item.key.is_none())
        {
            let value = self.at(item.value);
            return Err(value.expected("a field, `name: value`"));
        }
        let node = self.node;
        self.refuse_twins()?;
        visitor
            .visit_map(Fields::new(self))
            .map_err(|error: DecodeError| error.or_at(node))
    }

    /// A name may be given once; serde would not say where the second stands.
    fn refuse_twins(self) -> Outcome<()> {
        let mut seen = HashSet::new();
        for position in self.items() {
            if let Some(key) = self.tree.nodes[self.node].items[position].key {
                let name = bare(self.tree.text_of(key));
                if !seen.insert(name) {
                    let message = format!("`{}` is given twice", clip(name));
                    return Err(DecodeError::at(key, Wrong::Message(message)));
                }
            }
        }
        Ok(())
    }

    fn parts<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        if let Some(key) = self.tree.nodes[self.node]
            .items
            .iter()
            .find_map(|item| item.key)
        {
            return Err(DecodeError::at(
                key,
                Wrong::Message(format!(
                    "expected a value, found the field `{}`",
                    clip(self.tree.text_of(key))
                )),
            ));
        }
        let node = self.node;
        visitor
            .visit_seq(Parts::new(self))
            .map_err(|error: DecodeError| error.or_at(node))
    }
}

/// What a visitor says it wants; serde's own words for plain types are replaced.
fn expected_by<'de, V: Visitor<'de>>(visitor: &V, plain: &str) -> String {
    struct Words<'a, V>(&'a V);
    impl<'de, V: Visitor<'de>> std::fmt::Display for Words<'_, V> {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            self.0.expecting(f)
        }
    }
    match Words(visitor).to_string().as_str() {
        "a string" | "str" | "a borrowed string" => plain.to_owned(),
        words => words.to_owned(),
    }
}

macro_rules! numbers {
    ($($method:ident $what:expr;)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
            self.scalar($what, |inner| de::Deserializer::$method(inner, visitor))
        })*
    };
}

impl<'de> de::Deserializer<'de> for Decoder<'_, 'de> {
    type Error = DecodeError;

    numbers! {
        deserialize_bool "true or false";
        deserialize_i8 "a whole number from -128 to 127";
        deserialize_i16 "a whole number from -32768 to 32767";
        deserialize_i32 "a whole number from -2147483648 to 2147483647";
        deserialize_i64 "a whole number";
        deserialize_u8 "a whole number from 0 to 255";
        deserialize_u16 "a whole number from 0 to 65535";
        deserialize_u32 "a whole number from 0 to 4294967295";
        deserialize_u64 "a whole number from 0 to 18446744073709551615";
        deserialize_f32 "a number";
        deserialize_f64 "a number";
        deserialize_char "a character in single quotes";
        deserialize_bytes "a byte string";
        deserialize_byte_buf "a byte string";
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        match self.shape() {
            Shape::Text => self.string(visitor),
            Shape::Number | Shape::Other => {
                let what = expected_by(&visitor, "a value");
                self.scalar(&what, |inner| {
                    de::Deserializer::deserialize_any(inner, visitor)
                })
            }
            Shape::Word => match self.text() {
                "true" => visitor.visit_bool(true),
                "false" => visitor.visit_bool(false),
                "None" => visitor.visit_none(),
                "inf" => visitor.visit_f64(f64::INFINITY),
                "NaN" => visitor.visit_f64(f64::NAN),
                _ => self.deserialize_enum("", &[], visitor),
            },
            Shape::Struct if self.tree.nodes[self.node].name.is_some() => {
                self.deserialize_enum("", &[], visitor)
            }
            Shape::Struct => match self.tree.nodes[self.node].items.first() {
                Some(item) if item.key.is_some() => self.fields(visitor),
                _ => self.parts(visitor),
            },
            Shape::List => self.parts(visitor),
            Shape::Map => self.fields(visitor),
        }
        .map_err(|error: DecodeError| error.or_at(self.node))
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        self.string(visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        self.string(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        match self.shape() {
            Shape::Word if self.text() == "None" => visitor.visit_none(),
            Shape::Struct if self.tree.name_of(self.node) == Some("Some") => {
                match self.tree.nodes[self.node].items.as_slice() {
                    [item] if item.key.is_none() => visitor.visit_some(self.at(item.value)),
                    _ => Err(self.expected("one value in `Some(…)`")),
                }
            }
            _ => visitor.visit_some(self),
        }
        .map_err(|error: DecodeError| error.or_at(self.node))
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        if self.shape() == Shape::Struct && self.tree.nodes[self.node].items.is_empty() {
            return visitor.visit_unit();
        }
        Err(self.expected("`()`"))
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Outcome<V::Value> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Outcome<V::Value> {
        visitor
            .visit_newtype_struct(self)
            .map_err(|error: DecodeError| error.or_at(self.node))
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        if self.shape() != Shape::List {
            return Err(self.expected("a list `[…]`"));
        }
        self.parts(visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, length: usize, visitor: V) -> Outcome<V::Value> {
        if self.shape() != Shape::Struct || self.tree.nodes[self.node].name.is_some() && !self.named
        {
            return Err(self.expected(format!("{length} values in brackets `(…)`")));
        }
        if self.tree.nodes[self.node].items.len() != length {
            return Err(self.expected(format!("{length} values in brackets `(…)`")));
        }
        self.parts(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        length: usize,
        visitor: V,
    ) -> Outcome<V::Value> {
        self.deserialize_tuple(length, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        if self.shape() != Shape::Map {
            return Err(self.expected("names and values `{…}`"));
        }
        self.fields(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Outcome<V::Value> {
        if self.shape() != Shape::Struct {
            return Err(self.expected("fields in brackets `(…)`"));
        }
        match self.tree.name_of(self.node) {
            Some(found) if !self.named && found != name => {
                Err(self.expected("fields in brackets `(…)`"))
            }
            _ => self.fields(visitor),
        }
        .map_err(|error| error.of_type(name))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Outcome<V::Value> {
        let word = match self.shape() {
            Shape::Word => bare(self.text()),
            Shape::Struct => match self.tree.name_of(self.node) {
                Some(word) => word,
                None => return Err(self.no_variant(name, variants)),
            },
            // A distribution may be a bare duration.
            Shape::Text => {
                return self.string(visitor).map_err(|error| match error.wrong {
                    Wrong::Expected { .. } => self.no_variant(name, variants),
                    _ => error,
                });
            }
            _ => {
                let words = expected_by(&visitor, "a word");
                return Err(if words.starts_with("enum ") {
                    self.no_variant(name, variants)
                } else {
                    self.expected(words)
                });
            }
        };
        let node = self.node;
        visitor
            .visit_enum(Variant {
                decoder: self,
                word,
            })
            .map_err(|error: DecodeError| error.or_at(node).of_type(name))
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        match self.shape() {
            Shape::Text => self.string(visitor),
            _ => visitor.visit_borrowed_str(bare(self.text())),
        }
        .map_err(|error: DecodeError| error.or_at(self.node))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Outcome<V::Value> {
        visitor.visit_unit()
    }
}

/// A word as a deserializer, for the names of variants.
fn word_deserializer<'de>(word: &'de str) -> de::value::BorrowedStrDeserializer<'de, DecodeError> {
    de::value::BorrowedStrDeserializer::new(word)
}
