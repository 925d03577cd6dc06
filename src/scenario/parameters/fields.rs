//! The values of all parameters of something, for the inspector.

use super::{Editor, Parameter, Variant, table, typed};
use crate::scenario::file::value::{self, Record};
use crate::scenario::{Component, Connection, Scenario, Subject};

/// A parameter of something and its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Its path within the subject: `retries.max`.
    pub path: String,
    /// Its value as people type it.
    pub text: String,
    /// Whether that is what it would be if nothing was said.
    pub is_default: bool,
    /// What it is.
    pub parameter: &'static Parameter,
}

/// The parameters of a component that apply to it as it is, in the order of the inspector.
/// A group that is switched on or off is a field too, with `none` or `on`.
pub fn fields(component: &Component) -> Vec<Field> {
    list(table::of_kind(component.kind()), &value::text(component))
}

/// The parameters of a connection.
pub fn connection_fields(connection: &Connection) -> Vec<Field> {
    list(table::CONNECTION, &value::text(connection))
}

/// The parameters of anything in a scenario; none for what does not exist.
pub fn fields_of(scenario: &Scenario, subject: &Subject) -> Vec<Field> {
    let found = match subject {
        Subject::Scenario => Some((table::SCENARIO, value::text(&head(scenario)))),
        Subject::Component(name) => {
            return scenario
                .components
                .get(name)
                .map(fields)
                .unwrap_or_default();
        }
        Subject::Connection(at) => {
            return scenario
                .connections
                .get(*at)
                .map(connection_fields)
                .unwrap_or_default();
        }
        Subject::Operation(name) => scenario
            .operations
            .get(name)
            .map(|operation| (table::OPERATION, value::text(operation))),
        Subject::Frame(name) => scenario
            .frames
            .get(name)
            .map(|frame| (table::FRAME, value::text(frame))),
        Subject::Latency(at) => scenario
            .latencies
            .get(*at)
            .map(|latency| (table::LATENCY, value::text(latency))),
        Subject::Fault(at) => scenario
            .faults
            .get(*at)
            .map(|fault| (table::FAULT, value::text(fault))),
        Subject::Objective(at) => scenario
            .objectives
            .get(*at)
            .map(|objective| (table::OBJECTIVE, value::text(objective))),
        Subject::Layout(_) => None,
    };
    found
        .map(|(rows, text)| list(rows, &text))
        .unwrap_or_default()
}

/// The scenario without its entries.
pub fn head(scenario: &Scenario) -> Scenario {
    Scenario {
        version: scenario.version,
        name: scenario.name.clone(),
        notes: scenario.notes.clone(),
        seed: scenario.seed,
        run: scenario.run,
        prices: scenario.prices,
        ..Scenario::default()
    }
}

fn list(rows: &'static [Parameter], text: &str) -> Vec<Field> {
    let mut out = Vec::new();
    walk(rows, &Record::new(text), "", &mut out);
    out
}

fn walk(rows: &'static [Parameter], record: &Record, prefix: &str, out: &mut Vec<Field>) {
    for parameter in rows {
        let path = format!("{prefix}{}", parameter.key);
        let value = record.get(parameter.key);
        let mut push = |text: String, is_default: bool| {
            out.push(Field {
                path: path.clone(),
                text,
                is_default,
                parameter,
            });
        };
        match parameter.editor {
            Editor::Group(rows) => {
                let is_off = value.map_or(parameter.default == "none", |value| value == "None");
                if parameter.optional {
                    push(
                        if is_off { "none" } else { "on" }.to_owned(),
                        is_off == (parameter.default == "none"),
                    );
                }
                if !is_off {
                    walk(
                        rows,
                        &Record::new(value.unwrap_or("()")),
                        &format!("{path}."),
                        out,
                    );
                }
            }
            Editor::Variants(variants) => {
                let default = Record::new(parameter.default);
                let record = value.map_or_else(|| default.clone(), Record::new);
                push(record.word.clone(), record.word == default.word);
                if let Some(rows) = rows_of(variants, &record.word) {
                    walk(rows, &record, &format!("{path}."), out);
                }
            }
            _ => match value {
                Some(value) => {
                    let text = typed::from_file(parameter, value);
                    let is_default = text == parameter.default;
                    push(text, is_default);
                }
                None => push(parameter.default.to_owned(), true),
            },
        }
    }
}

/// The parameters of a variant.
pub fn rows_of(variants: &'static [Variant], word: &str) -> Option<&'static [Parameter]> {
    variants
        .iter()
        .find(|variant| variant.word == word)
        .map(|variant| variant.parameters)
}
