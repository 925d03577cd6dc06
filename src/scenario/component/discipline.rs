use serde::{Deserialize, Serialize};

use crate::scenario::Duration;

/// Who in line is next when a slot is free.
///
/// Whoever works is never interrupted. A log record that a replica applies is not subject to any of
/// these: it is next, and it is never dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Discipline {
    /// First come, first served.
    #[default]
    Fifo,
    /// Last come, first served.
    Lifo,
    /// The operation of the highest priority; among equals first come, first served.
    Priority,
    /// Any of them, all as likely.
    Random,
    /// Nobody waits: all calls that work share the slots of their instance evenly, n calls on c slots
    /// at the rate min(1, c/n) each (Kleinrock 1976, section 4.4). Calls that wait for calls of
    /// their own take no share. What a call loses by sharing counts as its wait, and the calls
    /// beyond the number of slots as waiting.
    ProcessorSharing,
    /// First come, first served, and who comes to the head of the line too late is dropped (cause
    /// `shed`) at a growing rate as long as waits stay above a target: controlled delay (Nichols and
    /// Jacobson 2012; as in RFC 8289, section 5, with calls in the place of packets).
    CoDel {
        /// Wait that is good enough.
        #[serde(default = "five_ms", skip_serializing_if = "is_five_ms")]
        target: Duration,
        /// How long every wait has to be above the target until the first call is dropped.
        #[serde(default = "hundred_ms", skip_serializing_if = "is_hundred_ms")]
        interval: Duration,
    },
    /// First come, first served until the line has not been empty for an interval; from then until it
    /// is empty again last come, first served. A call that comes to such a standing line is dropped
    /// (cause `shed`) once it has waited for the target, any other once it has waited for the
    /// interval; that is looked at whenever a call comes or a slot is free (Maurer 2015, "Fail at
    /// scale": adaptive LIFO with controlled delay).
    AdaptiveLifo {
        /// Longest wait in a standing line.
        #[serde(default = "five_ms", skip_serializing_if = "is_five_ms")]
        target: Duration,
        /// Longest wait in any other line, and how long a line is not empty until it is standing.
        #[serde(default = "hundred_ms", skip_serializing_if = "is_hundred_ms")]
        interval: Duration,
    },
}

fn five_ms() -> Duration {
    Duration::from_millis(5)
}

fn is_five_ms(time: &Duration) -> bool {
    *time == five_ms()
}

fn hundred_ms() -> Duration {
    Duration::from_millis(100)
}

fn is_hundred_ms(time: &Duration) -> bool {
    *time == hundred_ms()
}
