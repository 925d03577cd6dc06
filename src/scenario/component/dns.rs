use serde::{Deserialize, Serialize};

use super::{Health, RandomFailures, Scope};
use crate::scenario::{Distribution, Duration, is_default};

/// Tells callers where to go: global entry in front of regions, or service discovery between
/// services. A caller looks the name up once and keeps to the answer until its time to live is over,
/// also when the target it names is dead by then. A remembered answer costs nothing, and is good
/// while this box is down. What is drawn as a call through it stays in it until the target has
/// answered. The connection to a target is the way from the caller: without a latency of its own it
/// takes as long as it is from the caller's frame, or from where the request comes from when the
/// caller is in none. Health checks set off from this box: theirs is the way from its own frame.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Dns {
    /// Which target is the answer.
    pub policy: Resolution,
    /// How long an answer is good for.
    #[serde(skip_serializing_if = "is_default_ttl")]
    pub ttl: Duration,
    /// Time to look the name up.
    #[serde(skip_serializing_if = "is_default_lookup")]
    pub lookup: Distribution,
    /// Who shares a remembered answer.
    #[serde(skip_serializing_if = "is_default_scope")]
    pub scope: Scope,
    /// Whether targets are asked if they live. Unset: dead targets are still named.
    #[serde(skip_serializing_if = "is_default")]
    pub health: Option<Health>,
    /// Whether it fails and is repaired by itself.
    #[serde(skip_serializing_if = "is_default")]
    pub failures: Option<RandomFailures>,
}

impl Default for Dns {
    fn default() -> Self {
        Self {
            policy: Resolution::RoundRobin,
            ttl: Duration::from_secs(60),
            lookup: Distribution::Exponential(Duration::from_millis(20)),
            scope: Scope::PerSession,
            health: None,
            failures: None,
        }
    }
}

impl Dns {
    /// Bytes that are kept for every remembered answer.
    pub const BYTES_EACH: u64 = 16;

    /// How many answers it remembers for each session in a drawing with so many frames: where the
    /// nearest is the answer, one for every frame, and one for callers in none.
    pub fn places(&self, frames: usize) -> usize {
        match self.policy {
            Resolution::Nearest => frames + 1,
            _ => 1,
        }
    }
}

/// Which target of a name is the answer. Those that fail their health checks are passed over, unless
/// all do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Resolution {
    /// One after the other.
    #[default]
    RoundRobin,
    /// Any, by the weight of its connection.
    Weighted,
    /// The first, as drawn; the others are there for when it is dead.
    Failover,
    /// The one that is least far from the caller, or from where the caller's request comes from when
    /// the caller is in no frame.
    Nearest,
}

fn is_default_ttl(ttl: &Duration) -> bool {
    *ttl == Dns::default().ttl
}

fn is_default_lookup(lookup: &Distribution) -> bool {
    *lookup == Dns::default().lookup
}

fn is_default_scope(scope: &Scope) -> bool {
    *scope == Dns::default().scope
}
