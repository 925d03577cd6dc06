//! What can be wrong with a value, and the sentence that says so.

use std::fmt;

use serde::de;

use crate::scenario::file::tree::NodeId;
use crate::scenario::problem::{alternatives, nearest};

/// A value that could not be read.
#[derive(Clone, Debug)]
pub struct DecodeError {
    /// The node it is about; meaningless until [`Self::or_at`] was called.
    pub node: NodeId,
    located: bool,
    /// What is wrong.
    pub wrong: Wrong,
    /// The type or variant that it is part of.
    part_of: Option<String>,
}

/// The ways to be wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// A sentence of a type of the document.
    Message(String),
    /// Another kind of value is expected.
    Expected { expected: String, found: String },
    /// A word that is no variant.
    UnknownVariant {
        found: String,
        allowed: &'static [&'static str],
    },
    /// No word where a variant is expected.
    NoVariant {
        found: String,
        allowed: &'static [&'static str],
    },
    /// A field that does not exist.
    UnknownField {
        found: String,
        allowed: &'static [&'static str],
    },
    /// A field that must be there.
    MissingField(&'static str),
    /// A field that is there twice.
    DuplicateField(&'static str),
}

impl DecodeError {
    pub fn at(node: NodeId, wrong: Wrong) -> Self {
        Self {
            node,
            located: true,
            wrong,
            part_of: None,
        }
    }

    fn nowhere(wrong: Wrong) -> Self {
        Self {
            located: false,
            ..Self::at(0, wrong)
        }
    }

    /// Located at `node` unless it is located already.
    pub fn or_at(mut self, node: NodeId) -> Self {
        if !self.located {
            self.node = node;
            self.located = true;
        }
        self
    }

    /// Part of a type; the innermost counts.
    pub fn of_type(mut self, name: &str) -> Self {
        if self.part_of.is_none() && !name.is_empty() {
            self.part_of = Some(name.to_owned());
        }
        self
    }

    /// Part of a variant; the innermost counts.
    pub fn of_variant(self, word: &str) -> Self {
        self.of_type(word)
    }

    /// The nearest allowed word.
    pub fn suggestion(&self) -> Option<String> {
        match &self.wrong {
            Wrong::UnknownVariant { found, allowed } | Wrong::UnknownField { found, allowed } => {
                nearest(found, allowed.iter().copied())
            }
            _ => None,
        }
    }
}

/// What people call a type of the document.
fn noun(type_name: &str) -> &str {
    match type_name {
        "Component" => "kind of component",
        "Algorithm" => "algorithm",
        "Arrivals" => "kind of arrivals",
        "Acknowledge" => "way to acknowledge",
        "Backoff" => "back-off",
        "Distribution" | "Named" => "distribution",
        "Eviction" => "eviction",
        "Excess" => "answer to what is above the limit",
        "FaultKind" => "fault",
        "FrameKind" => "kind of frame",
        "Jitter" => "jitter",
        "Keys" => "kind of keys",
        "Link" => "link",
        "MessageSize" => "distribution of sizes",
        "Mode" => "mode",
        "Only" => "filter",
        "OperationKind" => "kind of operation",
        "Unit" => "time unit",
        "RateLimit" => "kind of limit",
        "RateShape" => "shape of a rate",
        "ReplicationMode" => "replication mode",
        "Resolution" => "policy",
        "Scope" => "scope",
        "What" => "measure",
        "When" => "condition",
        _ => "word",
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part_of = self.part_of.as_deref().unwrap_or_default();
        match &self.wrong {
            Wrong::Message(message) => f.write_str(message),
            Wrong::Expected { expected, found } => {
                write!(f, "expected {expected}, found `{found}`")
            }
            Wrong::UnknownVariant { found, allowed } => write!(
                f,
                "unknown {} `{found}`; expected {}",
                noun(part_of),
                one_of(allowed)
            ),
            Wrong::NoVariant { found, allowed } => {
                let noun = noun(part_of);
                let article = if noun.starts_with(['a', 'e', 'i', 'o', 'u']) {
                    "an"
                } else {
                    "a"
                };
                write!(
                    f,
                    "expected {article} {noun}: {}, found `{found}`",
                    one_of(allowed)
                )
            }
            Wrong::UnknownField { found, allowed } => {
                write!(f, "unknown field `{found}`")?;
                if !part_of.is_empty() {
                    write!(f, " in {part_of}")?;
                }
                if allowed.is_empty() {
                    return f.write_str("; it has no fields");
                }
                write!(f, "; expected {}", one_of(allowed))
            }
            Wrong::MissingField(name) => {
                write!(f, "the field `{name}` is missing")?;
                if !part_of.is_empty() {
                    write!(f, " in {part_of}")?;
                }
                Ok(())
            }
            Wrong::DuplicateField(name) => write!(f, "the field `{name}` is given twice"),
        }
    }
}

fn one_of(allowed: &[&str]) -> String {
    match allowed.len() {
        0 | 1 => alternatives(allowed),
        _ => format!("one of {}", allowed.join(", ")),
    }
}

impl std::error::Error for DecodeError {}

impl de::Error for DecodeError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::nowhere(Wrong::Message(message.to_string()))
    }

    fn invalid_type(found: de::Unexpected, expected: &dyn de::Expected) -> Self {
        Self::nowhere(Wrong::Expected {
            expected: expected.to_string(),
            found: match found {
                de::Unexpected::Str(text) => format!("{text:?}"),
                other => other.to_string(),
            },
        })
    }

    fn invalid_value(found: de::Unexpected, expected: &dyn de::Expected) -> Self {
        Self::invalid_type(found, expected)
    }

    fn unknown_variant(found: &str, allowed: &'static [&'static str]) -> Self {
        Self::nowhere(Wrong::UnknownVariant {
            found: super::clip(found).to_owned(),
            allowed,
        })
    }

    fn unknown_field(found: &str, allowed: &'static [&'static str]) -> Self {
        Self::nowhere(Wrong::UnknownField {
            found: super::clip(found).to_owned(),
            allowed,
        })
    }

    fn missing_field(field: &'static str) -> Self {
        Self::nowhere(Wrong::MissingField(field))
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::nowhere(Wrong::DuplicateField(field))
    }
}
