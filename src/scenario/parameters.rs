//! Every parameter of the document: its name, unit, range, default and explanation, how to read it
//! and how to set it from what people type.
//!
//! The tables drive the inspector, `--set` on the command line and the reference in the docs. A
//! test proves that they and the types of the document have the same fields and defaults.
//!
//! # Paths
//! `api.instances`, `users.arrivals.rate`, `lb -> api.latency` (`lb -> api #2.latency` for the
//! second connection between the two), `operations.redirect.weight`, `faults.1.until`,
//! `objectives.1.below` (counted from 1), `seed`, `run.duration`.

mod effect;
mod fields;
mod path;
mod reference;
mod table;
mod typed;

pub use effect::{Effect, Way, Whose};
pub use fields::{Field, connection_fields, fields, fields_of};
pub use path::{get, path_of, set, set_field};
pub use reference::reference;
pub use table::{CONNECTION, FAULT, FRAME, LATENCY, OBJECTIVE, OPERATION, SCENARIO, of_kind};

use super::{Distribution, check::limits::Range, file::value};

/// A distribution as people type it.
pub fn text_of(distribution: &Distribution) -> String {
    value::unquoted(&value::text(distribution))
}

/// A parameter: a row of the reference.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parameter {
    /// Its name in the file.
    pub key: &'static str,
    /// What people call it.
    pub name: &'static str,
    /// What its numbers count, such as `requests/s`; empty when that is clear.
    pub unit: &'static str,
    /// Which numbers are allowed.
    pub range: Option<Range>,
    /// Its value when nothing is said, as people type it.
    pub default: &'static str,
    /// One sentence without a full stop.
    pub explanation: &'static str,
    /// What kind of value it has.
    pub editor: Editor,
    /// Whether it may be `none`.
    pub optional: bool,
    /// Whether a file must say it; its default is for new drawings then.
    pub required: bool,
    /// Where the default comes from; empty when it is no more than the simplest there is.
    pub source: &'static str,
    /// What happens when it is raised, or switched on.
    pub effect: Effect,
}

/// What kind of value a parameter has.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Editor {
    /// A number.
    Number,
    /// A whole number.
    Integer,
    /// A part of 1: `0.05` or `5%`.
    Share,
    /// A number per second: `80`, `1.2k/s`.
    Rate,
    /// A time: `20ms`.
    Duration,
    /// An amount of data, or a random one: `20kB`, `Exponential(20kB)`, `exp 20kB`.
    Size,
    /// Data per second: `100Mbit/s`.
    Bandwidth,
    /// A random time: `20ms`, `Exponential(20ms)`, `exp 20ms`.
    Distribution,
    /// A time or a number, as the measure has it.
    Limit,
    /// Words, some of which have values behind them: `Constant(50ms)`.
    Phrase(&'static [Choice]),
    /// One of these words.
    Choice(&'static [Choice]),
    /// One of these words, each with parameters of its own.
    Variants(&'static [Variant]),
    /// Parameters that belong together.
    Group(&'static [Parameter]),
    /// Names of operations, with commas between them.
    Names,
    /// The name of a component or connection.
    Target,
    /// Random times by the name of an operation: `shorten: 40ms`.
    Map,
    /// Numbers by the name of a frame: `eu: 3, us: 1`.
    Weights,
    /// A list in square brackets.
    List,
    /// A list of times, or the name of a file they stand in.
    Times,
    /// Any text.
    Text,
}

/// A word that can be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The word in the file.
    pub word: &'static str,
    /// What it means.
    pub explanation: &'static str,
    /// What happens when it is chosen instead of the default.
    pub effect: Effect,
}

/// A word with parameters of its own.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Variant {
    /// The word in the file.
    pub word: &'static str,
    /// What it means.
    pub explanation: &'static str,
    /// What happens when it is chosen instead of the default.
    pub effect: Effect,
    /// Its parameters.
    pub parameters: &'static [Parameter],
}

impl Parameter {
    /// The words it can be, if it is one of a few.
    pub fn words(&self) -> Vec<&'static str> {
        match self.editor {
            Editor::Choice(choices) | Editor::Phrase(choices) => {
                choices.iter().map(|choice| choice.word).collect()
            }
            Editor::Variants(variants) => variants.iter().map(|variant| variant.word).collect(),
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests;
