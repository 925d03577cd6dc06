//! What goes wrong, and when.

use serde::{Deserialize, Serialize};

use super::units::Duration;

/// One thing that goes wrong on the timeline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// When it starts.
    pub at: Duration,
    /// When it ends. Unset: never, or until healed by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Duration>,
    /// Name of a component, or `"a -> b"` for a connection.
    pub on: String,
    /// What goes wrong.
    pub fault: FaultKind,
}

/// What goes wrong. Faults on the same target add up; each ends on its own.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum FaultKind {
    /// Refuses at once; everything inside is lost. A cache comes back empty.
    Crash,
    /// Takes calls and never answers them; what it held is lost when it ends (a restart).
    Hang,
    /// Stands still and goes on where it was (a long garbage collection, a suspended machine).
    Pause,
    /// Work that starts meanwhile takes `times` as long.
    Slow {
        /// Factor on service times.
        times: f64,
    },
    /// A cache loses its keys, at once.
    Flush,
    /// A connection carries nothing: every message on it is lost.
    Cut,
    /// A client sends `times` as much.
    Traffic {
        /// Factor on the arrival rate, or on the number of users of a closed client.
        times: f64,
    },
}
