use serde::{Deserialize, Serialize};

use super::{Queueing, RandomFailures};
use crate::scenario::{Distribution, Duration, IndexMap, is_default};

/// Does work and calls others. Its plan is its outgoing connections.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Server {
    /// Identical machines, each with its own slots and its own line.
    #[serde(skip_serializing_if = "is_one")]
    pub instances: u32,
    /// Calls that one instance works on at the same time.
    pub slots: u32,
    /// Own work per call, before it calls others.
    pub service: Distribution,
    /// Own work for single operations, by name, where it differs from `service`.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub per_operation: IndexMap<String, Distribution>,
    /// The line in front of the slots.
    #[serde(skip_serializing_if = "is_default")]
    pub queue: Queueing,
    /// Failures by chance, of each instance by itself. Unset: none.
    #[serde(skip_serializing_if = "is_default")]
    pub failures: Option<RandomFailures>,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            instances: 1,
            slots: 8,
            service: Distribution::Exponential(Duration::from_millis(10)),
            per_operation: IndexMap::new(),
            queue: Queueing::default(),
            failures: None,
        }
    }
}

fn is_one(count: &u32) -> bool {
    *count == 1
}
