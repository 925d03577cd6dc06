//! Random times as people type them.

use super::{duration, split, starts_with_field, word};
use crate::scenario::Distribution;
use crate::scenario::file::{distribution::WORDS, value};

/// The value in the file's syntax: of `20ms`, `exp 20ms`, `uniform 1ms 5ms`, `lognormal 8ms 60ms`,
/// `lognormal 8ms cv 2`, `erlang 4 10ms`, `normal 10ms 2ms`, `gamma 10ms cv 2`, `weibull 1.5 mean 8ms`,
/// `pareto 1.5 1ms 1s`, `hyper 10ms cv 3`, `empirical 1ms 2ms 5ms`, `empirical times.csv`, and of what
/// stands in the file, with or without quotes.
pub fn to_file(typed: &str) -> Result<String, String> {
    let typed = typed.trim_matches('"').trim();
    if typed.is_empty() {
        return Err("a duration is missing, such as 20ms or Exponential(20ms)".to_owned());
    }
    if !typed.starts_with(char::is_alphabetic) {
        return duration(typed).map(|duration| value::text(&duration));
    }
    let (start, rest) = split(typed);
    let word = match start.to_lowercase().as_str() {
        "pareto" => "BoundedPareto",
        _ => word(WORDS, start)?,
    };
    let example = match word {
        "Uniform" => "Uniform(min: 1ms, max: 5ms)",
        "LogNormal" => "LogNormal(p50: 8ms, p99: 60ms)",
        "Erlang" => "Erlang(k: 4, mean: 10ms)",
        "Normal" => "Normal(mean: 10ms, sd: 2ms)",
        "Gamma" => "Gamma(mean: 10ms, cv: 2)",
        "Weibull" => "Weibull(shape: 0.7, mean: 10ms)",
        "BoundedPareto" => "BoundedPareto(alpha: 1.5, min: 1ms, max: 1s)",
        "HyperExponential" => "HyperExponential(mean: 10ms, cv: 3)",
        "Empirical" => "Empirical(values: [8ms, 9ms, 20ms])",
        "Constant" => "20ms",
        _ => "Exponential(20ms)",
    };
    let rest = rest.ok_or_else(|| format!("`{word}` needs values: write {example}"))?;
    let parts: Vec<&str> = rest
        .split([',', ' '])
        .filter(|part| !part.is_empty())
        .collect();
    let time = |typed: &str| duration(typed).map(|duration| value::text(&duration));
    let fields = |names: [&str; 2], values: [String; 2]| {
        let [first, second] = values;
        format!("{word}({}: {first}, {}: {second})", names[0], names[1])
    };
    let number = |typed: &str| typed.to_owned();
    let text = match (word, parts.as_slice()) {
        _ if starts_with_field(rest) => value::quoted(&format!("{word}({rest})"), false),
        ("Constant", [value]) => time(value)?,
        ("Exponential", [mean]) => format!("Exponential({})", time(mean)?),
        ("Uniform", [min, max]) => fields(["min", "max"], [time(min)?, time(max)?]),
        ("LogNormal", [mean, "cv", cv]) => fields(["mean", "cv"], [time(mean)?, number(cv)]),
        ("LogNormal", [p50, p99]) => fields(["p50", "p99"], [time(p50)?, time(p99)?]),
        ("Erlang", [k, mean]) => fields(["k", "mean"], [number(k), time(mean)?]),
        ("Normal", [mean, sd] | [mean, "sd", sd]) => {
            fields(["mean", "sd"], [time(mean)?, time(sd)?])
        }
        ("Gamma" | "HyperExponential", [mean, cv] | [mean, "cv", cv]) => {
            fields(["mean", "cv"], [time(mean)?, number(cv)])
        }
        ("Weibull", [shape, "mean", mean]) => {
            fields(["shape", "mean"], [number(shape), time(mean)?])
        }
        ("Weibull", [shape, scale] | [shape, "scale", scale]) => {
            fields(["shape", "scale"], [number(shape), time(scale)?])
        }
        ("BoundedPareto", [alpha, min, max]) => format!(
            "BoundedPareto(alpha: {alpha}, min: {}, max: {})",
            time(min)?,
            time(max)?
        ),
        ("Empirical", times) if times.iter().all(|part| duration(part).is_ok()) => {
            let times: Result<Vec<String>, String> = times.iter().map(|part| time(part)).collect();
            format!("Empirical(values: [{}])", times?.join(", "))
        }
        // Names of files have blanks in them.
        ("Empirical", _) if rest.contains('.') => {
            format!("Empirical(file: {})", value::text(rest.trim_matches('"')))
        }
        _ => return Err(format!("`{word}` has other values: write {example}")),
    };
    let distribution: Distribution = value::read(&text)?;
    Ok(value::text(&distribution))
}
