use serde::{Deserialize, Serialize};

use crate::scenario::{Distribution, Duration};

/// Failures by chance: every instance fails and is repaired by itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RandomFailures {
    /// Time from a repair, or the start, to the next failure (its mean is the MTBF).
    pub mtbf: Distribution,
    /// Time from a failure to its repair (its mean is the MTTR).
    pub mttr: Distribution,
}

impl Default for RandomFailures {
    fn default() -> Self {
        Self {
            mtbf: Distribution::Exponential(Duration::from_secs(30 * 86_400)),
            mttr: Distribution::Exponential(Duration::from_secs(3_600)),
        }
    }
}
