//! Finding a parameter by its path, and setting it.

use serde::Deserialize;

use super::fields::{Field, fields_of, head, rows_of};
use super::{Editor, Parameter, table, typed};
use crate::scenario::check;
use crate::scenario::file::{
    read_beside_of,
    value::{self, Record},
};
use crate::scenario::problem::nearest;
use crate::scenario::{Connection, Scenario, Subject};

/// The value of the parameter at a path, as people type it. What is given by name, such as
/// `api.per_operation.shorten`, is `none` when it is not given.
///
/// # Errors
/// When there is no such parameter.
pub fn get(scenario: &Scenario, path: &str) -> Result<String, String> {
    let (subject, field) = find(scenario, path)?;
    let fields = fields_of(scenario, &subject);
    if let Some(found) = fields.iter().find(|candidate| candidate.path == field) {
        return Ok(found.text.clone());
    }
    for map in fields
        .iter()
        .filter(|candidate| matches!(candidate.parameter.editor, Editor::Map | Editor::Weights))
    {
        if let Some(name) = field
            .strip_prefix(&map.path)
            .and_then(|rest| rest.strip_prefix('.'))
        {
            let entries = Record::new(&value::quoted(&format!("{{{}}}", map.text), true));
            return Ok(entries
                .get(name)
                .map_or_else(|| "none".to_owned(), value::unquoted));
        }
    }
    Err(unknown(&field, &fields))
}

/// Sets the parameter at a path to what was typed.
///
/// # Errors
/// A short sentence when there is no such parameter or the value makes no sense; the scenario is
/// as it was.
pub fn set(scenario: &mut Scenario, path: &str, text: &str) -> Result<(), String> {
    let (subject, field) = find(scenario, path)?;
    set_field(scenario, &subject, &field, text)
}

/// Sets a parameter of a subject to what was typed.
///
/// # Errors
/// A short sentence for the field; the scenario is as it was.
pub fn set_field(
    scenario: &mut Scenario,
    subject: &Subject,
    field: &str,
    text: &str,
) -> Result<(), String> {
    let before = check::entry(scenario, subject);
    let rollback = apply(scenario, subject, field, text)?;
    read_beside_of(scenario, subject);
    let fresh = check::entry(scenario, subject)
        .into_iter()
        .find(|problem| problem.is_error() && !before.contains(problem));
    match fresh {
        Some(problem) => {
            rollback(scenario);
            Err(problem.message)
        }
        None => Ok(()),
    }
}

/// The path of a parameter of a subject.
pub fn path_of(scenario: &Scenario, subject: &Subject, field: &str) -> String {
    match subject {
        Subject::Scenario | Subject::Layout(_) => field.to_owned(),
        Subject::Operation(name) => format!("operations.{name}.{field}"),
        Subject::Component(name) => format!("{name}.{field}"),
        Subject::Connection(at) => {
            let Some(connection) = scenario.connections.get(*at) else {
                return field.to_owned();
            };
            let name = connection.name();
            let earlier = &scenario.connections[..*at];
            match earlier.iter().filter(|other| other.name() == name).count() {
                0 => format!("{name}.{field}"),
                twins => format!("{name} #{}.{field}", twins + 1),
            }
        }
        Subject::Frame(name) => format!("frames.{name}.{field}"),
        Subject::Latency(at) => format!("latencies.{}.{field}", at + 1),
        Subject::Fault(at) => format!("faults.{}.{field}", at + 1),
        Subject::Objective(at) => format!("objectives.{}.{field}", at + 1),
    }
}

/// What a path is about, and the rest of it.
fn find(scenario: &Scenario, path: &str) -> Result<(Subject, String), String> {
    let path = path.trim();
    if path.contains(" -> ") {
        return find_connection(scenario, path);
    }
    // Names may contain dots: the longest that fits is meant.
    let component = scenario
        .components
        .keys()
        .filter_map(|name| Some((name, path.strip_prefix(name.as_str())?.strip_prefix('.')?)))
        .max_by_key(|(name, _)| name.len());
    if let Some((name, field)) = component {
        return Ok((Subject::Component(name.clone()), field.to_owned()));
    }
    let (start, rest) = path.split_once('.').unwrap_or((path, ""));
    let numbered = || {
        let (number, field) = rest.split_once('.').unwrap_or((rest, ""));
        let index = number
            .parse::<usize>()
            .ok()
            .and_then(|number| number.checked_sub(1));
        index.map(|index| (index, field.to_owned()))
    };
    match start {
        "operations" => {
            let operation = scenario
                .operations
                .keys()
                .filter_map(|name| {
                    Some((name, rest.strip_prefix(name.as_str())?.strip_prefix('.')?))
                })
                .max_by_key(|(name, _)| name.len());
            match operation {
                Some((name, field)) => Ok((Subject::Operation(name.clone()), field.to_owned())),
                None => Err(format!("there is no operation `{rest}`")),
            }
        }
        "frames" => {
            let names = scenario.frames.keys();
            let frame = names.filter_map(|name| {
                Some((name, rest.strip_prefix(name.as_str())?.strip_prefix('.')?))
            });
            match frame.max_by_key(|(name, _)| name.len()) {
                Some((name, field)) => Ok((Subject::Frame(name.clone()), field.to_owned())),
                None => Err(format!("there is no frame `{rest}`")),
            }
        }
        "latencies" => match numbered() {
            Some((at, field)) if at < scenario.latencies.len() => Ok((Subject::Latency(at), field)),
            _ => Err(format!(
                "there are {} latencies, counted from 1: latencies.1.latency",
                scenario.latencies.len()
            )),
        },
        "faults" => match numbered() {
            Some((at, field)) if at < scenario.faults.len() => Ok((Subject::Fault(at), field)),
            _ => Err(format!(
                "there are {} faults, counted from 1: faults.1.at",
                scenario.faults.len()
            )),
        },
        "objectives" => match numbered() {
            Some((at, field)) if at < scenario.objectives.len() => {
                Ok((Subject::Objective(at), field))
            }
            _ => Err(format!(
                "there are {} objectives, counted from 1: objectives.1.of",
                scenario.objectives.len()
            )),
        },
        _ if table::SCENARIO.iter().any(|row| row.key == start) => {
            Ok((Subject::Scenario, path.to_owned()))
        }
        _ => {
            let known = scenario.components.keys().map(String::as_str);
            let known = known.chain(table::SCENARIO.iter().map(|row| row.key));
            Err(with_suggestion(
                format!("there is no component `{start}`"),
                nearest(start, known),
            ))
        }
    }
}

fn find_connection(scenario: &Scenario, path: &str) -> Result<(Subject, String), String> {
    let mut best: Option<(usize, usize, &str)> = None;
    let mut twins = 0;
    for (at, connection) in scenario.connections.iter().enumerate() {
        let name = connection.name();
        let Some(rest) = path.strip_prefix(&name) else {
            continue;
        };
        twins = if best.is_some_and(|(length, ..)| length == name.len()) {
            twins + 1
        } else {
            1
        };
        let (number, field) = match rest
            .strip_prefix(" #")
            .and_then(|rest| rest.split_once('.'))
        {
            Some((number, field)) => (number.parse().unwrap_or(0), field),
            None => match rest.strip_prefix('.') {
                Some(field) => (1, field),
                None => continue,
            },
        };
        let longer = best.is_none_or(|(length, ..)| name.len() > length);
        if longer || number == twins && best.is_some_and(|(length, ..)| length == name.len()) {
            best = Some((
                name.len(),
                if number == twins { at } else { usize::MAX },
                field,
            ));
        }
    }
    match best {
        Some((_, at, field)) if at != usize::MAX => Ok((Subject::Connection(at), field.to_owned())),
        _ => {
            let wanted = path.rsplit_once('.').map_or(path, |(name, _)| name);
            let known: Vec<String> = scenario.connections.iter().map(Connection::name).collect();
            let suggestion = nearest(wanted, known.iter().map(String::as_str));
            Err(with_suggestion(
                format!("there is no connection `{wanted}`"),
                suggestion,
            ))
        }
    }
}

fn with_suggestion(message: String, suggestion: Option<String>) -> String {
    match suggestion {
        Some(word) => format!("{message}; did you mean `{word}`?"),
        None => message,
    }
}

fn unknown(field: &str, fields: &[Field]) -> String {
    let known = || fields.iter().map(|field| field.path.as_str());
    let list: Vec<_> = known().collect();
    let message = format!(
        "there is no parameter `{field}` here; there are {}",
        list.join(", ")
    );
    with_suggestion(message, nearest(field, known()))
}

/// Undoes a change.
type Rollback = Box<dyn FnOnce(&mut Scenario)>;

/// Changes one entry through its text.
fn apply(
    scenario: &mut Scenario,
    subject: &Subject,
    field: &str,
    typed: &str,
) -> Result<Rollback, String> {
    let gone = || format!("there is no {subject:?}");
    match subject {
        Subject::Scenario => {
            let old = head(scenario);
            let new: Scenario = changed(table::SCENARIO, &old, field, typed, scenario, subject)?;
            let put = |from: Scenario, to: &mut Scenario| {
                (to.name, to.notes, to.seed, to.run) = (from.name, from.notes, from.seed, from.run);
                to.prices = from.prices;
            };
            put(new, scenario);
            Ok(Box::new(move |scenario| put(old, scenario)))
        }
        Subject::Component(name) => {
            let old = scenario.components.get(name).ok_or_else(gone)?;
            let new = changed(
                table::of_kind(old.kind()),
                old,
                field,
                typed,
                scenario,
                subject,
            )?;
            let old = scenario.components.insert(name.clone(), new);
            let name = name.clone();
            Ok(Box::new(move |scenario| {
                if let Some(old) = old {
                    scenario.components.insert(name, old);
                }
            }))
        }
        Subject::Operation(name) => {
            let old = scenario.operations.get(name).ok_or_else(gone)?;
            let new = changed(table::OPERATION, old, field, typed, scenario, subject)?;
            let old = scenario.operations.insert(name.clone(), new);
            let name = name.clone();
            Ok(Box::new(move |scenario| {
                if let Some(old) = old {
                    scenario.operations.insert(name, old);
                }
            }))
        }
        Subject::Connection(at) => {
            let old = scenario.connections.get(*at).ok_or_else(gone)?;
            let new = changed(table::CONNECTION, old, field, typed, scenario, subject)?;
            let at = *at;
            let old = std::mem::replace(&mut scenario.connections[at], new);
            Ok(Box::new(move |scenario| scenario.connections[at] = old))
        }
        Subject::Frame(name) => {
            let old = scenario.frames.get(name).ok_or_else(gone)?;
            let new = changed(table::FRAME, old, field, typed, scenario, subject)?;
            let old = scenario.frames.insert(name.clone(), new);
            let name = name.clone();
            Ok(Box::new(move |scenario| {
                if let Some(old) = old {
                    scenario.frames.insert(name, old);
                }
            }))
        }
        Subject::Latency(at) => {
            let old = scenario.latencies.get(*at).ok_or_else(gone)?;
            let new = changed(table::LATENCY, old, field, typed, scenario, subject)?;
            let at = *at;
            let old = std::mem::replace(&mut scenario.latencies[at], new);
            Ok(Box::new(move |scenario| scenario.latencies[at] = old))
        }
        Subject::Fault(at) => {
            let old = scenario.faults.get(*at).ok_or_else(gone)?;
            let new = changed(table::FAULT, old, field, typed, scenario, subject)?;
            let at = *at;
            let old = std::mem::replace(&mut scenario.faults[at], new);
            Ok(Box::new(move |scenario| scenario.faults[at] = old))
        }
        Subject::Objective(at) => {
            let old = scenario.objectives.get(*at).ok_or_else(gone)?;
            let new = changed(table::OBJECTIVE, old, field, typed, scenario, subject)?;
            let at = *at;
            let old = std::mem::replace(&mut scenario.objectives[at], new);
            Ok(Box::new(move |scenario| scenario.objectives[at] = old))
        }
        Subject::Layout(_) => Err("positions are set by moving boxes".to_owned()),
    }
}

/// An entry with one of its parameters changed.
fn changed<T: serde::Serialize + for<'de> Deserialize<'de>>(
    rows: &'static [Parameter],
    old: &T,
    field: &str,
    typed: &str,
    scenario: &Scenario,
    subject: &Subject,
) -> Result<T, String> {
    let mut record = Record::new(&value::text(old));
    let names: Vec<&str> = field.split('.').collect();
    match put(rows, &mut record, &names, typed) {
        Ok(()) => value::read(&record.to_text()),
        Err(Refused::Value(message)) => Err(message),
        Err(Refused::Unknown) => Err(unknown(field, &fields_of(scenario, subject))),
    }
}

enum Refused {
    Unknown,
    Value(String),
}

impl From<String> for Refused {
    fn from(message: String) -> Self {
        Self::Value(message)
    }
}

/// Sets a field of a record, or one of a record in it.
fn put(
    rows: &'static [Parameter],
    record: &mut Record,
    names: &[&str],
    typed: &str,
) -> Result<(), Refused> {
    let [name, rest @ ..] = names else {
        return Err(Refused::Unknown);
    };
    let parameter = rows
        .iter()
        .find(|row| row.key == *name)
        .ok_or(Refused::Unknown)?;
    let current = record.get(name).unwrap_or(parameter.default);
    let value = match (parameter.editor, rest) {
        (Editor::Group(_), []) => switch(parameter, current, typed)?,
        (Editor::Group(rows), rest) => {
            let is_off = current.eq_ignore_ascii_case("none");
            let mut inner = Record::new(if is_off { "()" } else { current });
            put(rows, &mut inner, rest, typed)?;
            inner.to_text()
        }
        (Editor::Variants(_), []) => become_variant(parameter, current, typed)?,
        (Editor::Variants(variants), rest) => {
            let mut inner = Record::new(current);
            let rows = rows_of(variants, &inner.word).ok_or(Refused::Unknown)?;
            put(rows, &mut inner, rest, typed)?;
            inner.to_text()
        }
        (kind @ (Editor::Map | Editor::Weights), [_, ..]) => {
            let name = rest.join(".");
            let mut map = Record::new(record.get(parameter.key).unwrap_or("{}"));
            let row = Parameter {
                editor: if kind == Editor::Map {
                    Editor::Distribution
                } else {
                    Editor::Number
                },
                optional: true,
                ..*parameter
            };
            let value = typed::to_file(&row, typed)?;
            map.fields.retain(|(key, _)| *key != name);
            if value != "None" {
                map.fields.push((name, value));
            }
            let entries = map
                .fields
                .iter()
                .map(|(key, value)| format!("{}: {value}", value::text(key)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
        (_, []) => typed::to_file(parameter, typed)?,
        _ => return Err(Refused::Unknown),
    };
    record.set(name, value);
    Ok(())
}

/// A group goes on or off.
fn switch(parameter: &Parameter, current: &str, typed: &str) -> Result<String, String> {
    match typed.trim().to_lowercase().as_str() {
        "none" | "off" | "" if parameter.optional => Ok("None".to_owned()),
        "on" | "()" if current.eq_ignore_ascii_case("none") => Ok("()".to_owned()),
        "on" | "()" => Ok(current.to_owned()),
        _ if parameter.optional => Err(format!("`{typed}` is not on or none")),
        _ => Err("this is set part by part".to_owned()),
    }
}

/// Another variant, with the fields that both have.
fn become_variant(parameter: &Parameter, current: &str, typed: &str) -> Result<String, String> {
    let Editor::Variants(variants) = parameter.editor else {
        return Err("this is set part by part".to_owned());
    };
    // `Poisson(rate: 80)` says all at once.
    if typed.trim_end().ends_with(')') {
        return Ok(value::quoted(typed.trim(), false));
    }
    let word = typed::word(&parameter.words(), typed.trim())?;
    let before = Record::new(current);
    let rows = rows_of(variants, word).unwrap_or_default();
    if rows.is_empty() {
        return Ok(word.to_owned());
    }
    let mut after = Record {
        word: word.to_owned(),
        fields: Vec::new(),
    };
    for row in rows {
        match before.get(row.key) {
            Some(value) => after.set(row.key, value.to_owned()),
            None if row.required => after.set(row.key, typed::to_file(row, row.default)?),
            None => {}
        }
    }
    Ok(after.to_text())
}
