//! Amounts of data as people type them, random ones, too.

use super::{split, starts_with_field, word};
use crate::scenario::file::{message_size::WORDS, value};
use crate::scenario::{MessageSize, Size};

/// The value in the file's syntax: of `20kB`, `exp 20kB`, `lognormal 8kB 60kB`, `pareto 1.2 1kB 1GB`, and
/// of what stands in the file, with or without quotes.
pub fn to_file(typed: &str) -> Result<String, String> {
    let typed = typed.trim_matches('"').trim();
    if typed.is_empty() {
        return Err("a size is missing, such as 20kB or Exponential(20kB)".to_owned());
    }
    if !typed.starts_with(char::is_alphabetic) {
        return Size::parse(typed).map(|size| value::text(&size));
    }
    let (start, rest) = split(typed);
    let word = match start.to_lowercase().as_str() {
        "pareto" => "BoundedPareto",
        _ => word(WORDS, start)?,
    };
    let example = match word {
        "LogNormal" => "LogNormal(p50: 8kB, p99: 60kB)",
        "BoundedPareto" => "BoundedPareto(alpha: 1.2, min: 1kB, max: 1GB)",
        "Constant" => "20kB",
        _ => "Exponential(20kB)",
    };
    let rest = rest.ok_or_else(|| format!("`{word}` needs values: write {example}"))?;
    let parts: Vec<&str> = rest
        .split([',', ' '])
        .filter(|part| !part.is_empty())
        .collect();
    let size = |typed: &str| Size::parse(typed.trim_matches('"')).map(|size| value::text(&size));
    let text = match (word, parts.as_slice()) {
        _ if starts_with_field(rest) => value::quoted(&format!("{word}({rest})"), false),
        ("Constant", [value]) => size(value)?,
        ("Exponential", [mean]) => format!("Exponential({})", size(mean)?),
        ("LogNormal", [p50, p99]) => format!("LogNormal(p50: {}, p99: {})", size(p50)?, size(p99)?),
        ("BoundedPareto", [alpha, min, max]) => format!(
            "BoundedPareto(alpha: {alpha}, min: {}, max: {})",
            size(min)?,
            size(max)?
        ),
        _ => return Err(format!("`{word}` has other values: write {example}")),
    };
    let size: MessageSize = value::read(&text)?;
    Ok(value::text(&size))
}

#[cfg(test)]
mod tests {
    use super::to_file;

    #[test]
    fn sizes_are_read_as_people_type_them() {
        for (typed, expected) in [
            ("20kB", Ok("\"20kB\"")),
            ("exp 20kB", Ok("Exponential(\"20kB\")")),
            ("Exponential(\"20kB\")", Ok("Exponential(\"20kB\")")),
            ("constant 1MB", Ok("\"1MB\"")),
            (
                "lognormal 8kB 60kB",
                Ok("LogNormal(p50: \"8kB\", p99: \"60kB\")"),
            ),
            (
                "LogNormal(p50: 8kB, p99: 60kB)",
                Ok("LogNormal(p50: \"8kB\", p99: \"60kB\")"),
            ),
            (
                "pareto 1.2 1kB 1GB",
                Ok("BoundedPareto(alpha: 1.2, min: \"1kB\", max: \"1GB\")"),
            ),
            ("exp", Err("needs values")),
            ("exp 20ms", Err("no unit of size")),
            ("pareto 1kB 1GB", Err("has other values")),
            ("zipf 1kB", Err("is not")),
            ("", Err("missing")),
        ] {
            let found = to_file(typed);
            match expected {
                Ok(text) => assert_eq!(found.as_deref(), Ok(text), "{typed}"),
                Err(why) => assert!(
                    found.clone().unwrap_err().contains(why),
                    "{typed}: {found:?}"
                ),
            }
        }
    }
}
