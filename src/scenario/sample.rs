//! Times that were measured somewhere: listed in the scenario, or a column of a CSV file beside it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::units::Duration;

/// A list of times.
#[derive(Clone, Debug)]
pub struct Sample {
    column: Option<Column>,
    times: Arc<[Duration]>,
    /// Why the file could not be read.
    problem: Option<Arc<str>>,
}

/// A column of a CSV file.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Column {
    /// The file: its place as seen from the scenario's file.
    pub file: String,
    /// The name of the column in the first line; unset: the first column.
    pub name: Option<String>,
    /// What a number without a unit counts.
    pub unit: Unit,
}

/// The unit of the numbers in a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Unit {
    /// Seconds.
    #[default]
    #[serde(rename = "s")]
    Seconds,
    /// Milliseconds.
    #[serde(rename = "ms")]
    Milliseconds,
    /// Microseconds.
    #[serde(rename = "us")]
    Microseconds,
    /// Nanoseconds.
    #[serde(rename = "ns")]
    Nanoseconds,
}

impl Unit {
    /// How it is written.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Seconds => "s",
            Self::Milliseconds => "ms",
            Self::Microseconds => "us",
            Self::Nanoseconds => "ns",
        }
    }
}

impl Sample {
    /// The times stand in the scenario.
    pub fn listed(times: impl Into<Arc<[Duration]>>) -> Self {
        Self {
            column: None,
            times: times.into(),
            problem: None,
        }
    }

    /// The times stand in a file, which was not read yet.
    pub fn from_file(column: Column) -> Self {
        Self {
            column: Some(column),
            times: Arc::default(),
            problem: None,
        }
    }

    /// Where the times stand; `None`: in the scenario.
    pub fn column(&self) -> Option<&Column> {
        self.column.as_ref()
    }

    /// As [`Self::column`], to change it. The times stay what was read.
    pub(super) fn column_mut(&mut self) -> Option<&mut Column> {
        self.column.as_mut()
    }

    /// The times, in the order of the list.
    pub fn times(&self) -> &Arc<[Duration]> {
        &self.times
    }

    /// Why the file could not be read.
    pub fn problem(&self) -> Option<String> {
        let column = self.column.as_ref()?;
        let problem = match &self.problem {
            Some(problem) => problem,
            None if self.times.is_empty() => {
                "the file was not read: save the scenario beside it first"
            }
            None => return None,
        };
        Some(format!("{}: {problem}", column.file))
    }

    /// Takes what the file says.
    pub(super) fn fill(&mut self, found: Result<Arc<[Duration]>, Arc<str>>) {
        (self.times, self.problem) = match found {
            Ok(times) => (times, None),
            Err(problem) => (Arc::default(), Some(problem)),
        };
    }

    /// Mean in seconds; 0 without times.
    pub fn mean_secs(&self) -> f64 {
        let sum: f64 = self.times.iter().map(|time| time.secs()).sum();
        sum / (self.times.len().max(1)) as f64
    }

    /// Squared coefficient of variation of a time picked from the list.
    pub fn squared_cv(&self) -> f64 {
        let mean = self.mean_secs();
        if mean == 0.0 {
            return 0.0;
        }
        let squares = self.times.iter().map(|time| (time.secs() - mean).powi(2));
        squares.sum::<f64>() / self.times.len() as f64 / (mean * mean)
    }
}

/// Two samples are the same when the scenario says the same: what stands in the file does not count.
impl PartialEq for Sample {
    fn eq(&self, other: &Self) -> bool {
        self.column == other.column && (self.column.is_some() || self.times == other.times)
    }
}
