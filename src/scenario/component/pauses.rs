use serde::{Deserialize, Serialize};

use crate::scenario::{Distribution, Duration};

/// Pauses such as those of a garbage collector: now and then each instance, by itself, stands still.
/// Its slots keep their calls, whose work goes on afterwards; calls that come wait in line. It counts
/// as up, and its slots as busy: the machine works, though not for anybody.
///
/// Its clock runs while the box does: in a fault that makes the box stand still no pause begins or
/// ends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Pauses {
    /// Time from the end of a pause, or the start, to the next one.
    pub every: Distribution,
    /// How long one takes.
    pub length: Distribution,
}

impl Default for Pauses {
    fn default() -> Self {
        Self {
            every: Distribution::Exponential(Duration::from_secs(10)),
            length: Distribution::Constant(Duration::from_millis(100)),
        }
    }
}
