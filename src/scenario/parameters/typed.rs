//! From what people type to what stands in the file, and back.

mod distribution;
mod size;

use super::{Choice, Editor, Parameter};
use crate::scenario::check::limits::people;
use crate::scenario::file::value;
use crate::scenario::problem::{alternatives, nearest};
use crate::scenario::{Bandwidth, Duration, Rate};

/// The value in the file's syntax.
///
/// # Errors
/// A short sentence for the field.
pub fn to_file(parameter: &Parameter, typed: &str) -> Result<String, String> {
    if parameter.editor == Editor::Text && !parameter.optional {
        return Ok(value::text(typed));
    }
    let typed = typed.trim();
    if parameter.optional && (typed.is_empty() || typed.eq_ignore_ascii_case("none")) {
        return Ok("None".to_owned());
    }
    match parameter.editor {
        Editor::Number => Ok(value::text(&in_range(parameter, number(typed)?)?)),
        Editor::Share => Ok(value::text(&in_range(parameter, number(typed)?)?)),
        Editor::Integer => integer(parameter, typed),
        Editor::Rate => Ok(value::text(&Rate(in_range(
            parameter,
            Rate::parse(typed)?.0,
        )?))),
        Editor::Duration => duration(typed).map(|duration| value::text(&duration)),
        Editor::Size => size::to_file(typed),
        Editor::Bandwidth => Bandwidth::parse(typed).map(|bandwidth| value::text(&bandwidth)),
        Editor::Distribution => distribution::to_file(typed),
        Editor::Limit => match duration(typed) {
            Ok(limit) => Ok(value::text(&limit)),
            Err(error) => number(typed)
                .map(|limit| value::text(&limit))
                .map_err(|_| error),
        },
        Editor::Phrase(choices) => phrase(choices, typed),
        Editor::Choice(choices) => {
            let words: Vec<&str> = choices.iter().map(|choice| choice.word).collect();
            word(&words, typed).map(str::to_owned)
        }
        Editor::Names if typed.matches('"').count() % 2 == 1 => {
            Err("a quote is never closed".to_owned())
        }
        Editor::Names => Ok(value::text(&names(typed))),
        Editor::Target | Editor::Text => Ok(value::text(typed)),
        Editor::Map | Editor::Weights => {
            let inner = typed
                .strip_prefix('{')
                .and_then(|rest| rest.strip_suffix('}'));
            Ok(value::quoted(
                &format!("{{{}}}", inner.unwrap_or(typed)),
                true,
            ))
        }
        Editor::Times => Ok(times(typed)),
        Editor::List => {
            let list = if typed.starts_with('[') {
                typed.to_owned()
            } else {
                format!("[{typed}]")
            };
            Ok(value::quoted(&list, false))
        }
        // These are set part by part.
        Editor::Variants(_) | Editor::Group(_) => Err("this is set part by part".to_owned()),
    }
}

/// The value as people type it.
pub fn from_file(parameter: &Parameter, text: &str) -> String {
    if parameter.optional && text == "None" {
        return "none".to_owned();
    }
    match parameter.editor {
        Editor::Text | Editor::Target => value::string(text),
        Editor::Times | Editor::Bandwidth if text.starts_with('"') => value::string(text),
        Editor::Names => list(&value::strings(text)),
        Editor::Map | Editor::Weights => {
            let map = value::unquoted(text);
            let inner = map
                .strip_prefix('{')
                .and_then(|rest| rest.strip_suffix('}'));
            inner.unwrap_or(&map).trim().to_owned()
        }
        _ => value::unquoted(text),
    }
}

fn in_range(parameter: &Parameter, number: f64) -> Result<f64, String> {
    match parameter.range {
        Some(range) if !range.contains(number) => {
            Err(format!("must be {range}, found {}", people(number)))
        }
        _ => Ok(number),
    }
}

/// `12`, `1.5`, `5%`, `2k`, `1_000`.
fn number(typed: &str) -> Result<f64, String> {
    let (digits, times) = match typed.chars().last() {
        Some('%') => (&typed[..typed.len() - 1], 0.01),
        Some('k' | 'K') => (&typed[..typed.len() - 1], 1e3),
        Some('M') => (&typed[..typed.len() - 1], 1e6),
        _ => (typed, 1.0),
    };
    let digits = digits.trim().replace('_', "");
    match digits.parse::<f64>() {
        // `5%` is 0.05, not 0.05000000000000000277.
        Ok(number) if times == 0.01 && number.is_finite() => Ok(number / 100.0),
        Ok(number) if number.is_finite() => Ok(number * times),
        _ => Err(format!("`{typed}` is not a number")),
    }
}

fn integer(parameter: &Parameter, typed: &str) -> Result<String, String> {
    // Seeds need every digit.
    if let Ok(whole) = typed.replace('_', "").parse::<u64>() {
        in_range(parameter, whole as f64)?;
        return Ok(whole.to_string());
    }
    let number = in_range(parameter, number(typed)?)?;
    if number.fract() != 0.0 {
        return Err(format!("must be a whole number, found {}", people(number)));
    }
    Ok(format!("{number:.0}"))
}

fn duration(typed: &str) -> Result<Duration, String> {
    let typed = typed.trim_matches('"').trim();
    match typed {
        "0" => Ok(Duration::ZERO),
        "" => Err("a duration is missing, such as 20ms".to_owned()),
        typed => Duration::parse(typed),
    }
}

/// `1s, 2s`, `[1s, 2s]`, `times.csv`.
fn times(typed: &str) -> String {
    let inner = typed
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    let parts = || inner.unwrap_or(typed).split([',', ' ']);
    let mut given = parts().filter(|part| !part.is_empty());
    if inner.is_some() || given.all(|part| duration(part).is_ok()) {
        let given: Vec<&str> = parts().filter(|part| !part.is_empty()).collect();
        value::quoted(&format!("[{}]", given.join(", ")), false)
    } else {
        value::text(typed.trim_matches('"'))
    }
}

/// Only letters and digits count, in any case: `least connections` is `LeastConnections`.
fn folded(word: &str) -> String {
    word.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// The word that was typed. The start of a word is enough when it is the only one.
pub fn word<'a>(words: &[&'a str], typed: &str) -> Result<&'a str, String> {
    let found = folded(typed);
    if let Some(word) = words.iter().find(|word| folded(word) == found) {
        return Ok(word);
    }
    let mut starts = words
        .iter()
        .filter(|word| found.len() >= 3 && folded(word).starts_with(&found));
    if let (Some(word), None) = (starts.next(), starts.next()) {
        return Ok(word);
    }
    let mut message = format!("`{typed}` is not {}", alternatives(words));
    if let Some(word) = nearest(typed, words.iter().copied()) {
        message += &format!("; did you mean `{word}`?");
    }
    Err(message)
}

/// `redirect, shorten`, with quotes around names that have commas in them.
fn names(typed: &str) -> Vec<String> {
    let inner = typed
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    let list = inner.unwrap_or(typed);
    value::read(&format!("[{list}]")).unwrap_or_else(|_| {
        list.split(',')
            .map(|name| name.trim().trim_matches('"').to_owned())
            .filter(|name| !name.is_empty())
            .collect()
    })
}

/// The opposite of [`names`].
fn list(names: &[String]) -> String {
    let is_plain = |name: &String| {
        !name.is_empty() && name.trim() == name && !name.contains([',', '"', '[', ']'])
    };
    if names.iter().all(is_plain) {
        names.join(", ")
    } else {
        let quoted: Vec<_> = names.iter().map(value::text).collect();
        quoted.join(", ")
    }
}

/// A word and what stands behind it, in brackets or after a space.
fn split(typed: &str) -> (&str, Option<&str>) {
    let end = typed
        .find(|c: char| !c.is_alphanumeric() && c != '_')
        .unwrap_or(typed.len());
    let (word, rest) = typed.split_at(end);
    let rest = rest.trim();
    let inner = rest
        .strip_prefix('(')
        .and_then(|rest| rest.strip_suffix(')'));
    let rest = inner.unwrap_or(rest).trim();
    (word, (!rest.is_empty()).then_some(rest))
}

/// Whether a text starts with the name of a field: `mean: 10ms`, `p50: 8ms`.
fn starts_with_field(text: &str) -> bool {
    let name = text.split_once(':').map(|(name, _)| name.trim());
    name.is_some_and(|name| name.bytes().all(|b| b.is_ascii_alphanumeric()))
}

/// `None`, `Constant(50ms)`, `exp 100ms`, `named redirect, shorten`.
fn phrase(choices: &[Choice], typed: &str) -> Result<String, String> {
    let words: Vec<&str> = choices.iter().map(|choice| choice.word).collect();
    let (start, rest) = split(typed);
    let word = word(&words, start)?;
    match (word, rest) {
        ("Named", rest) => Ok(format!(
            "Named({})",
            value::text(&names(rest.unwrap_or_default()))
        )),
        (word, None) if matches!(word, "Constant" | "Exponential") => {
            Err(format!("`{word}` needs a duration, such as {word}(100ms)"))
        }
        (word, None) => Ok(word.to_owned()),
        (word @ ("Constant" | "Exponential"), Some(rest)) => {
            Ok(format!("{word}({})", value::text(&duration(rest)?)))
        }
        (word, Some(_)) => Err(format!("`{word}` takes nothing behind it")),
    }
}
