use serde::{Deserialize, Serialize};

use crate::scenario::{Duration, is_default};

/// Active health checks of a load balancer or a name service: every interval each target is sent a
/// probe, over the arrow's latency and loss, from where the box is that checks. Probes are counted
/// apart from requests, at that box. A balancer asks every instance of a target; a name service knows
/// of one address, and the probe goes to one of the instances that are up, in turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Health {
    /// Time between two checks.
    #[serde(skip_serializing_if = "is_default_interval")]
    pub interval: Duration,
    /// How long an answer may take; no longer than the interval. Unset: 5 s, or the interval if that
    /// is shorter.
    #[serde(skip_serializing_if = "is_default")]
    pub timeout: Option<Duration>,
    /// What a probe asks for.
    #[serde(skip_serializing_if = "is_default")]
    pub depth: Depth,
    /// Failed checks in a row until a target is taken out, or passed over.
    #[serde(skip_serializing_if = "is_default_unhealthy")]
    pub unhealthy: u32,
    /// Good checks in a row until it is put back, or named again.
    #[serde(skip_serializing_if = "is_default_healthy")]
    pub healthy: u32,
}

impl Default for Health {
    fn default() -> Self {
        Self {
            interval: Duration::from_secs(10),
            timeout: None,
            depth: Depth::Shallow,
            unhealthy: 3,
            healthy: 2,
        }
    }
}

impl Health {
    /// How long an answer may take.
    pub fn timeout_or_default(&self) -> Duration {
        let longest = self.interval.min(Duration::from_secs(5));
        self.timeout.unwrap_or(longest)
    }
}

/// What a probe asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Depth {
    /// Whether anybody is there: answered at the door, without a slot. A target that is down says so;
    /// one that stands still when the probe comes does not answer.
    #[default]
    Shallow,
    /// Whether it works: a read that waits in line, takes a slot and goes through the target's whole
    /// plan. It is work like any other, and counted as such in the boxes it comes to, so it also fails
    /// when something behind the target does. A queue is asked as by [`Self::Shallow`].
    Deep,
}

fn is_default_interval(interval: &Duration) -> bool {
    *interval == Health::default().interval
}

fn is_default_unhealthy(unhealthy: &u32) -> bool {
    *unhealthy == Health::default().unhealthy
}

fn is_default_healthy(healthy: &u32) -> bool {
    *healthy == Health::default().healthy
}
