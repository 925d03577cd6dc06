use serde::{Deserialize, Serialize};

use super::{Queueing, RandomFailures};
use crate::scenario::{Distribution, Duration, is_default};

/// Stores. Every write makes a new version of its key, so that staleness can be measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Database {
    /// Connections it works on at the same time.
    pub slots: u32,
    /// Work per read.
    pub read: Distribution,
    /// Work per write.
    pub write: Distribution,
    /// The line in front of the slots.
    #[serde(skip_serializing_if = "is_default")]
    pub queue: Queueing,
    /// Failures by chance. Unset: none.
    #[serde(skip_serializing_if = "is_default")]
    pub failures: Option<RandomFailures>,
}

impl Default for Database {
    fn default() -> Self {
        Self {
            slots: 20,
            read: Distribution::Exponential(Duration::from_millis(5)),
            write: Distribution::Exponential(Duration::from_millis(10)),
            queue: Queueing::default(),
            failures: None,
        }
    }
}
