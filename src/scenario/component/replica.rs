use serde::{Deserialize, Serialize};

use super::{Queueing, RandomFailures};
use crate::scenario::{Distribution, Duration, is_default};

/// A copy of a database, fed by a replication link. Its log is applied one record at a time and in
/// order; a record waits for a slot like any read, so a busy replica lags more.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Replica {
    /// Connections it works on at the same time.
    pub slots: u32,
    /// Work per read.
    pub read: Distribution,
    /// Work per log record applied.
    #[serde(skip_serializing_if = "is_default_apply")]
    pub apply: Distribution,
    /// The line in front of the slots.
    #[serde(skip_serializing_if = "is_default")]
    pub queue: Queueing,
    /// Failures by chance. Unset: none.
    #[serde(skip_serializing_if = "is_default")]
    pub failures: Option<RandomFailures>,
}

impl Default for Replica {
    fn default() -> Self {
        Self {
            slots: 20,
            read: Distribution::Exponential(Duration::from_millis(5)),
            apply: Distribution::Constant(Duration::from_nanos(100_000)),
            queue: Queueing::default(),
            failures: None,
        }
    }
}

fn is_default_apply(apply: &Distribution) -> bool {
    *apply == Replica::default().apply
}
