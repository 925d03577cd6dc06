//! The reference of the file, made from the tables.

use std::fmt::Write as _;

use super::{
    CONNECTION, Editor, FAULT, FRAME, LATENCY, OBJECTIVE, OPERATION, Parameter, SCENARIO, of_kind,
};
use crate::scenario::Kind;

/// Every parameter of the document as Markdown tables.
pub fn reference() -> String {
    let mut out = String::new();
    section(&mut out, "Scenario", "", SCENARIO);
    section(&mut out, "Operation", "", OPERATION);
    for kind in Kind::ALL {
        section(&mut out, kind.word(), "", of_kind(kind));
    }
    section(&mut out, "Connection", "", CONNECTION);
    section(&mut out, "Frame", "", FRAME);
    section(&mut out, "Latency", "", LATENCY);
    section(&mut out, "Fault", "", FAULT);
    section(&mut out, "Objective", "", OBJECTIVE);
    out
}

/// A heading and a table. Writing to a string can't fail.
fn section(out: &mut String, title: &str, prefix: &str, rows: &[Parameter]) {
    let _ = write!(
        out,
        "\n## {title}\n\n| parameter | value | default | meaning | what it does |\n|---|---|---|---|---|\n"
    );
    table(out, prefix, rows);
}

fn table(out: &mut String, prefix: &str, rows: &[Parameter]) {
    for row in rows {
        let path = format!("{prefix}{}", row.key);
        let default = match (row.required, row.default) {
            (true, _) => "must be given".to_owned(),
            (false, "") => "empty".to_owned(),
            (false, default) if row.source.is_empty() => format!("`{default}`"),
            (false, default) => format!("`{default}` ({})", row.source),
        };
        let is_plain_group = matches!(row.editor, Editor::Group(_)) && !row.optional;
        if !is_plain_group {
            let value = value(row);
            let _ = writeln!(
                out,
                "| `{path}` | {value} | {default} | {} | {} |",
                row.explanation, row.effect
            );
        }
        match row.editor {
            Editor::Group(rows) => table(out, &format!("{path}."), rows),
            Editor::Choice(choices) | Editor::Phrase(choices) => {
                for choice in choices {
                    let _ = writeln!(
                        out,
                        "| | `{}` | | {} | {} |",
                        choice.word, choice.explanation, choice.effect
                    );
                }
            }
            Editor::Variants(variants) => {
                for variant in variants {
                    let _ = writeln!(
                        out,
                        "| | `{}` | | {} | {} |",
                        variant.word, variant.explanation, variant.effect
                    );
                    table(out, &format!("{path}."), variant.parameters);
                }
            }
            _ => {}
        }
    }
}

/// What kind of value a parameter has, and which are allowed.
fn value(row: &Parameter) -> String {
    let kind = match row.editor {
        Editor::Number => "number",
        Editor::Integer => "whole number",
        Editor::Share => "share",
        Editor::Rate => "rate",
        Editor::Duration => "duration",
        Editor::Size => "size or distribution",
        Editor::Bandwidth => "bandwidth",
        Editor::Distribution => "duration or distribution",
        Editor::Limit => "duration or number",
        Editor::Phrase(_) | Editor::Choice(_) | Editor::Variants(_) => "one of",
        Editor::Group(_) => "on or none",
        Editor::Names => "names",
        Editor::Target => "name",
        Editor::Map => "distributions by operation",
        Editor::Weights => "numbers by frame",
        Editor::List => "list",
        Editor::Times => "list of durations, or file",
        Editor::Text => "text",
    };
    let mut value = kind.to_owned();
    if let Some(range) = row.range {
        let _ = write!(value, " {range}");
    }
    if !row.unit.is_empty() {
        let _ = write!(value, " {}", row.unit);
    }
    if row.optional && !matches!(row.editor, Editor::Group(_)) {
        value += ", or none";
    }
    value
}
