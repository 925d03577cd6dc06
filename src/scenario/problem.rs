//! What is wrong with a scenario, where, and what would be right.

use std::fmt;

use super::Scenario;

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The scenario runs, but probably not as meant.
    Warning,
    /// The scenario can't run.
    Error,
}

/// A position in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Line, from 1.
    pub line: usize,
    /// Character within the line, from 1.
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// What a problem is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// The scenario as a whole, or one of its own fields.
    Scenario,
    /// An operation, by name.
    Operation(String),
    /// A component, by name.
    Component(String),
    /// A connection, by its position.
    Connection(usize),
    /// A frame, by name.
    Frame(String),
    /// The latency between two frames, by its position.
    Latency(usize),
    /// A fault, by its position.
    Fault(usize),
    /// An objective, by its position.
    Objective(usize),
    /// A component's place on the canvas, by its name.
    Layout(String),
}

impl Subject {
    /// What people call it: `api`, `lb -> api`, `fault 2`.
    pub fn text(&self, scenario: &Scenario) -> String {
        match self {
            Self::Scenario => "scenario".to_owned(),
            Self::Operation(name) => format!("operation {name}"),
            Self::Component(name) => name.clone(),
            Self::Connection(index) => match scenario.connections.get(*index) {
                Some(connection) => connection.name(),
                None => format!("connection {}", index + 1),
            },
            Self::Frame(name) => format!("frame {name}"),
            Self::Latency(index) => match scenario.latencies.get(*index) {
                Some(entry) => format!("latency from {} to {}", entry.from, entry.to),
                None => format!("latency {}", index + 1),
            },
            Self::Fault(index) => format!("fault {}", index + 1),
            Self::Objective(index) => format!("objective {}", index + 1),
            Self::Layout(name) => format!("position of {name}"),
        }
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// How bad it is.
    pub severity: Severity,
    /// Where in the file, when it came from one.
    pub place: Option<Place>,
    /// What it is about, so that a drawing can mark it.
    pub subject: Subject,
    /// Which field of the subject, such as `retries.max`; empty for the subject as a whole.
    pub field: String,
    /// What was found and what is allowed, in one sentence without a full stop.
    pub message: String,
    /// The nearest allowed word, for a typo.
    pub suggestion: Option<String>,
}

impl Problem {
    /// An error without a place.
    pub fn error(subject: Subject, field: &str, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            place: None,
            subject,
            field: field.to_owned(),
            message: message.into(),
            suggestion: None,
        }
    }

    /// A warning without a place.
    pub fn warning(subject: Subject, field: &str, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(subject, field, message)
        }
    }

    /// The same problem at a place.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }

    /// The same problem with the nearest allowed word.
    #[must_use]
    pub fn suggesting(mut self, word: Option<String>) -> Self {
        self.suggestion = word;
        self
    }

    /// Whether the scenario can't run because of it.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// One line with the name of the file in front, as compilers write it.
    pub fn in_file(&self, file: &str) -> String {
        format!("{file}: {self}")
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = self.place {
            write!(f, "{place}: ")?;
        }
        if self.severity == Severity::Warning {
            f.write_str("warning: ")?;
        }
        f.write_str(&self.message)?;
        if let Some(word) = &self.suggestion {
            write!(f, "; did you mean `{word}`?")?;
        }
        Ok(())
    }
}

/// Whether nothing in `problems` keeps the scenario from running.
pub fn can_run(problems: &[Problem]) -> bool {
    !problems.iter().any(Problem::is_error)
}

/// The allowed word that `found` was probably meant to be. Case is forgiven.
pub fn nearest<'a>(found: &str, allowed: impl IntoIterator<Item = &'a str>) -> Option<String> {
    // Longer text is no typo of a name, and the distance costs the product of the lengths.
    if found.len() > 200 {
        return None;
    }
    let lower = found.to_lowercase();
    let length = found.chars().count();
    // Every letter is near every other one.
    if length < 2 {
        return None;
    }
    let most = (length / 3).max(1);
    // `Miss` is no typo of `OnMiss`, but a part of it.
    let part = |word: &str| length >= 3 && word.to_lowercase().contains(&lower);
    allowed
        .into_iter()
        .filter_map(|word| {
            let distance = match word.len().abs_diff(found.len()) {
                difference if difference > 4 * most => None,
                _ => Some(strsim::osa_distance(&lower, &word.to_lowercase())),
            };
            let distance = distance.filter(|distance| *distance <= most);
            let rank = distance.or_else(|| part(word).then_some(most + 1))?;
            Some((rank, word))
        })
        .min_by_key(|(rank, _)| *rank)
        .map(|(_, word)| word.to_owned())
}

/// `A, B or C`.
pub fn alternatives(words: &[&str]) -> String {
    match words {
        [] => "nothing".to_owned(),
        [only] => (*only).to_owned(),
        [start @ .., last] => format!("{} or {last}", start.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_found() {
        let words = ["RoundRobin", "LeastConnections", "Random"];
        let check = |found: &str, expected: Option<&str>| {
            assert_eq!(nearest(found, words).as_deref(), expected, "{found}");
        };
        check("LeastConections", Some("LeastConnections"));
        check("roundrobin", Some("RoundRobin"));
        check("Rnadom", Some("Random"));
        check("Connections", Some("LeastConnections"));
        check("Quantum", None);
        check("", None);
        check(&"R".repeat(100_000), None);
    }

    #[test]
    fn a_problem_reads_as_one_line() {
        let problem = Problem::error(
            Subject::Component("lb".into()),
            "algorithm",
            "unknown algorithm `X`",
        )
        .at(Place {
            line: 4,
            column: 17,
        })
        .suggesting(Some("Y".into()));
        assert_eq!(
            problem.in_file("a.ron"),
            "a.ron: line 4, column 17: unknown algorithm `X`; did you mean `Y`?"
        );
    }
}
