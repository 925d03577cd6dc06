use serde::{Deserialize, Serialize};

use super::RandomFailures;
use crate::scenario::{Duration, is_default};

/// Spreads calls over its connections, and over each target's instances. It has no slots and does
/// no work of its own: a call stays in it until the target has answered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LoadBalancer {
    /// How the target is picked.
    pub algorithm: Algorithm,
    /// Active health checks. Unset: dead targets keep getting calls.
    #[serde(skip_serializing_if = "is_default")]
    pub health: Option<Health>,
    /// Failures by chance. Unset: none.
    #[serde(skip_serializing_if = "is_default")]
    pub failures: Option<RandomFailures>,
}

/// How a load balancer picks a target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Algorithm {
    /// One after the other.
    #[default]
    RoundRobin,
    /// Smooth weighted round robin: in proportion to the connections' weights and evenly spread.
    /// Each target's turns come at equal distances of virtual time, 1/weight apart.
    WeightedRoundRobin,
    /// Any, by weight.
    Random,
    /// The one with the fewest calls in flight from this balancer; among equals the one that has
    /// waited longest for a call.
    LeastConnections,
    /// The less loaded of two picked at random (Mitzenmacher 1996).
    PowerOfTwo,
    /// The same target for the same session.
    SessionHash,
}

/// Active health checks: every interval each target is asked whether it lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Health {
    /// Time between two checks.
    #[serde(skip_serializing_if = "is_default_interval")]
    pub interval: Duration,
    /// Failed checks in a row until a target is taken out.
    #[serde(skip_serializing_if = "is_default_unhealthy")]
    pub unhealthy: u32,
    /// Good checks in a row until it is put back.
    #[serde(skip_serializing_if = "is_default_healthy")]
    pub healthy: u32,
}

impl Default for Health {
    fn default() -> Self {
        Self {
            interval: Duration::from_secs(10),
            unhealthy: 3,
            healthy: 2,
        }
    }
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
