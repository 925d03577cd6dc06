use serde::{Deserialize, Serialize};

use super::{Queueing, RandomFailures};
use crate::scenario::{Distribution, Duration, is_default};

/// Answers what it remembers. Without outgoing connections it is look-aside: the caller fetches on
/// a miss and fills it. In front of a store it is read-through.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Cache {
    /// Most keys it holds. Unset: 10,000. Can't be given with `hit_ratio`.
    #[serde(skip_serializing_if = "is_default")]
    pub capacity: Option<u64>,
    /// Which key goes when it is full.
    #[serde(skip_serializing_if = "is_default")]
    pub eviction: Eviction,
    /// How long a key is good for. Unset: for ever.
    #[serde(skip_serializing_if = "is_default")]
    pub ttl: Option<Duration>,
    /// A fixed share of hits instead of a real key store: a shortcut, not an outcome.
    #[serde(skip_serializing_if = "is_default")]
    pub hit_ratio: Option<f64>,
    /// Calls it works on at the same time.
    pub slots: u32,
    /// Work per call.
    pub service: Distribution,
    /// The line in front of the slots.
    #[serde(skip_serializing_if = "is_default")]
    pub queue: Queueing,
    /// Failures by chance; what it remembered is gone then. Unset: none.
    #[serde(skip_serializing_if = "is_default")]
    pub failures: Option<RandomFailures>,
}

impl Cache {
    /// Keys held when `capacity` is unset.
    pub const DEFAULT_CAPACITY: u64 = 10_000;
}

impl Default for Cache {
    fn default() -> Self {
        Self {
            capacity: None,
            eviction: Eviction::Lru,
            ttl: None,
            hit_ratio: None,
            slots: 16,
            service: Distribution::Exponential(Duration::from_nanos(500_000)),
            queue: Queueing::default(),
            failures: None,
        }
    }
}

/// Which key goes when a cache is full.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Eviction {
    /// The one not asked for longest.
    #[default]
    Lru,
}
