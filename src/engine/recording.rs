//! Recordings: where a run started and what was changed, when.

use serde::{Deserialize, Serialize};

use super::Nanos;
use crate::scenario::{FaultKind, Scenario};

/// A run that can be repeated exactly: where it started and what was changed, when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recording {
    /// The scenario at time zero.
    pub start: Scenario,
    /// Changes in the order they were made, each with its time in nanoseconds and the number of
    /// events before it.
    pub changes: Vec<(Nanos, u64, Change)>,
}

/// A change made while a run was under way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Change {
    /// The scenario was edited.
    Edit(Box<Scenario>),
    /// A fault was started by hand.
    Fault(String, FaultKind),
    /// A target was healed by hand.
    Heal(String),
    /// What was deployed on a target was rolled back by hand.
    RollBack(String),
    /// What was counted was forgotten.
    Reset,
}
