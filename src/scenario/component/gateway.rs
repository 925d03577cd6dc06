use serde::{Deserialize, Serialize};

use super::{Queueing, RandomFailures, RateLimit, Scope};
use crate::scenario::{Distribution, Duration, is_default};

/// The front door of services. It lets in what its rate limit allows, makes sure who is calling,
/// answers reads it remembers, and passes the rest on over the first of its connections, as drawn,
/// that takes the operation (`only`). A call keeps its slot until it is answered. Of a long-lived
/// connection it looks at the opening; messages pass it by, without a slot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ApiGateway {
    /// Calls in it at the same time.
    pub slots: u32,
    /// Time to make sure who is calling.
    pub authentication: Distribution,
    /// The line in front of the slots.
    #[serde(skip_serializing_if = "is_default")]
    pub queue: Queueing,
    /// What is above it is refused (`rate_limited`, as HTTP status 429).
    #[serde(skip_serializing_if = "is_default")]
    pub rate_limit: Option<GatewayLimit>,
    /// Answers to reads that it remembers.
    #[serde(skip_serializing_if = "is_default")]
    pub cache: Option<ResponseCache>,
    /// Whether it fails and is repaired by itself.
    #[serde(skip_serializing_if = "is_default")]
    pub failures: Option<RandomFailures>,
}

impl Default for ApiGateway {
    fn default() -> Self {
        Self {
            slots: 1_000,
            authentication: Distribution::Exponential(Duration::from_millis(2)),
            queue: Queueing::default(),
            rate_limit: None,
            cache: None,
            failures: None,
        }
    }
}

/// The rate limit of an API gateway.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GatewayLimit {
    /// How much it lets in. A leaky bucket is a meter here: each call that is let in fills it, it leaks,
    /// and nobody waits in it.
    pub limit: RateLimit,
    /// Which calls count together.
    #[serde(skip_serializing_if = "is_default")]
    pub scope: Scope,
}

/// The response cache of an API gateway: an answer for each item and operation that reads; least
/// recently used first out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ResponseCache {
    /// Most answers it holds.
    #[serde(skip_serializing_if = "is_default_capacity")]
    pub capacity: u64,
    /// How long an answer is good for.
    #[serde(skip_serializing_if = "is_default_ttl")]
    pub ttl: Duration,
}

impl Default for ResponseCache {
    fn default() -> Self {
        Self {
            capacity: 10_000,
            ttl: Duration::from_secs(300),
        }
    }
}

fn is_default_capacity(capacity: &u64) -> bool {
    *capacity == ResponseCache::default().capacity
}

fn is_default_ttl(ttl: &Duration) -> bool {
    *ttl == ResponseCache::default().ttl
}
