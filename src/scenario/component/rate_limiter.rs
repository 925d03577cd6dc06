use serde::{Deserialize, Serialize};

use super::RandomFailures;
use crate::scenario::{Duration, Rate, is_default};

/// Lets calls through up to a limit and passes them on to its target; what is above the limit is
/// refused (`rate_limited`, as HTTP status 429), or waits until the limit lets it through. With
/// several targets a call goes over the first of its connections, as drawn, that takes its
/// operation (`only`). It has no slots and does no work of its own. What it has counted is lost in a
/// crash. Of a long-lived connection it looks at the opening; messages pass.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RateLimiter {
    /// How much it lets through.
    pub limit: RateLimit,
    /// Which calls count together.
    #[serde(skip_serializing_if = "is_default")]
    pub scope: Scope,
    /// What becomes of a call above the limit.
    #[serde(skip_serializing_if = "is_default")]
    pub excess: Excess,
    /// Failures by chance. Unset: none.
    #[serde(skip_serializing_if = "is_default")]
    pub failures: Option<RandomFailures>,
}

/// How much a rate limiter lets through. Only calls that are let through count.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum RateLimit {
    /// A bucket that tokens flow into all the time until it is full; each call takes one
    /// (Turner 1986).
    TokenBucket {
        /// Tokens that the bucket holds; it is full at the start.
        #[serde(default = "burst")]
        burst: u32,
        /// Tokens per second.
        #[serde(default = "rate")]
        rate: Rate,
    },
    /// Calls leave a bucket one by one, 1/rate apart or more, whatever comes in; what finds it full
    /// is refused.
    LeakyBucket {
        /// Calls that wait in the bucket.
        #[serde(default = "burst")]
        capacity: u32,
        /// Calls per second that it leaks.
        #[serde(default = "rate")]
        rate: Rate,
    },
    /// So many calls from each full multiple of the window to the next. Twice as many can pass
    /// within one window's length, around a multiple.
    FixedWindow {
        /// Calls in a window.
        limit: u32,
        /// Length of the window.
        #[serde(default = "window")]
        window: Duration,
    },
    /// So many calls in every stretch of time as long as the window: it remembers when each of the
    /// last calls passed.
    SlidingLog {
        /// Calls in a window.
        limit: u32,
        /// Length of the window.
        #[serde(default = "window")]
        window: Duration,
    },
    /// Counts as a fixed window, and takes the window before into account by the share of it that
    /// is less than one window ago, as if its calls had been spread evenly (Cloudflare 2017).
    SlidingCounter {
        /// Calls in a window.
        limit: u32,
        /// Length of the window.
        #[serde(default = "window")]
        window: Duration,
    },
}

impl Default for RateLimit {
    fn default() -> Self {
        Self::TokenBucket {
            burst: burst(),
            rate: rate(),
        }
    }
}

fn burst() -> u32 {
    100
}

fn rate() -> Rate {
    Rate(10.0)
}

fn window() -> Duration {
    Duration::from_secs(1)
}

impl RateLimit {
    /// Bytes that are kept for every bucket or counter.
    pub const fn bytes_each(&self) -> u64 {
        match self {
            Self::SlidingLog { limit, .. } => 48 + 8 * *limit as u64,
            _ => 48,
        }
    }
}

/// Which calls count together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scope {
    /// All of them.
    #[default]
    Global,
    /// Those of each session apart.
    PerSession,
}

/// What becomes of a call above the limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Excess {
    /// It is refused at once.
    #[default]
    Refuse,
    /// It waits in line, first come, first served.
    Wait {
        /// Most calls that wait, for each bucket or counter. Unset: no limit.
        #[serde(default, skip_serializing_if = "is_default")]
        capacity: Option<u32>,
    },
}
