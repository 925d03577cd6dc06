use serde::{Deserialize, Serialize};

use super::{Health, RandomFailures};
use crate::scenario::{
    Distribution, Duration, is_default,
    units::{plain, plain_option},
};

/// Spreads calls over its connections, and over each target's instances. Unless it has a capacity it
/// has no slots and does no work of its own: a call stays in it until the target has answered.
///
/// Of a call to a target that it does not wait for (`mode: Async`) it hears how it went all the same:
/// it counts it as in flight until then. Of one that it hands off (`mode: Forward`) it hears nothing, as
/// with direct server return: to algorithms that look at calls in flight such a target never has any,
/// and it is never ejected. Sessions stick and weights grow for all.
///
/// Connections with `only` form pools: a call goes to those that name its operation; if none does,
/// to those for its kind (reads or writes); else to those for all. Each pool is balanced by itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LoadBalancer {
    /// How the target is picked.
    pub algorithm: Algorithm,
    /// Whether a session keeps the target it got first, as long as that is in rotation. The balancer
    /// remembers as many sessions as the clients have, a million at most; of more, some share a place
    /// in its table, and the one balanced last has it.
    #[serde(skip_serializing_if = "is_default")]
    pub sticky: bool,
    /// Active health checks. Unset: dead targets keep getting calls.
    #[serde(skip_serializing_if = "is_default")]
    pub health: Option<Health>,
    /// Passive checks: a target whose calls fail is taken out for a while. Unset: none is.
    #[serde(skip_serializing_if = "is_default")]
    pub ejection: Option<Ejection>,
    /// How long the weight of a target that comes, or comes back, takes to grow to its full size: in
    /// twenty equal steps. For weighted algorithms, least connections and least response time. Unset:
    /// no time.
    #[serde(skip_serializing_if = "is_default")]
    pub slow_start: Option<Duration>,
    /// What it can carry itself. Unset: whatever comes.
    #[serde(skip_serializing_if = "is_default")]
    pub capacity: Option<Capacity>,
    /// Whether there is a second balancer beside it.
    #[serde(skip_serializing_if = "is_default")]
    pub pair: Pair,
    /// Failures by chance. Unset: none.
    #[serde(skip_serializing_if = "is_default")]
    pub failures: Option<RandomFailures>,
}

/// What a load balancer can carry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Capacity {
    /// Calls that it has at the same time, each until its target has answered; others wait in line.
    pub slots: u32,
    /// Own work per call, before it is sent on.
    pub service: Distribution,
}

impl Default for Capacity {
    fn default() -> Self {
        Self {
            slots: 10_000,
            service: Distribution::Constant(Duration::from_nanos(100_000)),
        }
    }
}

/// Two balancers that stand for one. A crash takes one of them; a second crash at the same time, the
/// other. What they know of their targets and sessions both know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Pair {
    /// There is but one: a crash takes it down.
    #[default]
    Single,
    /// One works and the other waits. When the first crashes, every call in it fails, and so does
    /// whatever comes until the other has taken over.
    ActivePassive(ActivePassive),
    /// Both work, each with half of the calls, and each with the whole capacity if there is one. When
    /// one crashes, its calls fail (without a capacity each call in the pair, with probability ½), and
    /// what comes goes to the other at once.
    ActiveActive,
}

/// How a standby takes over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ActivePassive {
    /// Time from the crash until the other answers: three missed advertisements, one a second, and a
    /// little more by default in VRRP (RFC 5798, section 6.1).
    #[serde(skip_serializing_if = "is_default_takeover")]
    pub takeover: Duration,
}

impl Default for ActivePassive {
    fn default() -> Self {
        Self {
            takeover: Duration::from_secs(3),
        }
    }
}

fn is_default_takeover(takeover: &Duration) -> bool {
    *takeover == ActivePassive::default().takeover
}

impl LoadBalancer {
    /// Whether its algorithm looks at weights, which slow start makes grow.
    pub fn has_weights(&self) -> bool {
        match self.algorithm {
            Algorithm::WeightedRoundRobin
            | Algorithm::Random
            | Algorithm::LeastConnections
            | Algorithm::WeightedLeastConnections
            | Algorithm::LeastResponseTime(_) => true,
            Algorithm::RoundRobin
            | Algorithm::PowerOfTwo
            | Algorithm::PowerOfChoices(_)
            | Algorithm::LowestUtilization
            | Algorithm::SessionHash
            | Algorithm::KeyHash
            | Algorithm::ConsistentHash(_) => false,
        }
    }

    /// Whether it looks at which item a call is about.
    pub fn looks_at_keys(&self) -> bool {
        match self.algorithm {
            Algorithm::KeyHash => true,
            Algorithm::ConsistentHash(hash) => hash.by == HashOf::Key,
            _ => false,
        }
    }

    /// Whether it looks at which user a call is for.
    pub fn looks_at_sessions(&self) -> bool {
        match self.algorithm {
            Algorithm::SessionHash => true,
            Algorithm::ConsistentHash(hash) if hash.by == HashOf::Session => true,
            _ => self.sticky,
        }
    }
}

/// How a load balancer picks a target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
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
    /// The one with the fewest calls in flight from this balancer for its weight (calls ÷ weight);
    /// among equals as above. Idle targets are equal, whatever their weight.
    WeightedLeastConnections,
    /// The less loaded of two picked at random (Mitzenmacher 1996).
    PowerOfTwo,
    /// The least loaded of several picked at random, each another.
    PowerOfChoices(Choices),
    /// The one from which an answer is expected soonest: its mean response time × the calls it would
    /// have in flight ÷ its weight. Failures count as answers, timeouts with the whole wait. A target
    /// that has never answered gets one call, and no more until it has.
    LeastResponseTime(ResponseTime),
    /// The one whose instance has the fewest calls, in slots and in line, for its slots, whoever sent
    /// them and as they are at this moment; of a target without slots, calls in flight.
    LowestUtilization,
    /// The same target for the same session, as long as no target comes or goes.
    SessionHash,
    /// The same target for the same key, as long as no target comes or goes.
    KeyHash,
    /// The same target for the same key or session; when a target comes or goes only its own share
    /// moves (Karger et al. 1997). The target with the greatest weight has all its points on the
    /// ring, the others in proportion to their weights.
    ConsistentHash(ConsistentHash),
}

/// How many targets [`Algorithm::PowerOfChoices`] looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Choices {
    /// Targets picked at random, of which the least loaded gets the call.
    #[serde(skip_serializing_if = "is_default_choices")]
    pub choices: u32,
}

impl Default for Choices {
    fn default() -> Self {
        Self { choices: 3 }
    }
}

fn is_default_choices(choices: &u32) -> bool {
    *choices == Choices::default().choices
}

/// How [`Algorithm::LeastResponseTime`] averages.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ResponseTime {
    /// Weight α of the newest answer in the mean (EWMA): mean + α·(answer − mean).
    #[serde(skip_serializing_if = "is_default_alpha")]
    pub alpha: f64,
    /// A mean counts for less as it grows old, by a factor e in this time after the last answer, so
    /// that a target which was slow is tried again, as in Finagle's Peak EWMA.
    #[serde(skip_serializing_if = "is_default_memory")]
    pub memory: Duration,
}

impl Default for ResponseTime {
    fn default() -> Self {
        Self {
            alpha: 0.2,
            memory: Duration::from_secs(10),
        }
    }
}

fn is_default_alpha(alpha: &f64) -> bool {
    *alpha == ResponseTime::default().alpha
}

fn is_default_memory(memory: &Duration) -> bool {
    *memory == ResponseTime::default().memory
}

/// The ring of [`Algorithm::ConsistentHash`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ConsistentHash {
    /// What stays with a target.
    #[serde(skip_serializing_if = "is_default")]
    pub by: HashOf,
    /// Points of a target on the ring: more make the shares more even.
    #[serde(skip_serializing_if = "is_default_vnodes")]
    pub vnodes: u32,
    /// No target has more than this many times its fair share of the calls in flight; beyond, a call
    /// goes on to the next target on the ring (Mirrokni, Thorup and Zadimoghaddam 2018). Unset: no
    /// bound.
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "plain_option"
    )]
    pub bound: Option<f64>,
}

impl Default for ConsistentHash {
    fn default() -> Self {
        Self {
            by: HashOf::Key,
            vnodes: 100,
            bound: None,
        }
    }
}

fn is_default_vnodes(vnodes: &u32) -> bool {
    *vnodes == ConsistentHash::default().vnodes
}

/// What consistent hashing is by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum HashOf {
    /// The item that a request is about.
    #[default]
    Key,
    /// The user it is for.
    Session,
}

/// Passive checks (outlier detection), after Envoy.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Ejection {
    /// Calls in a row that must fail for a target to be taken out.
    #[serde(skip_serializing_if = "is_default_failures")]
    pub consecutive_failures: u32,
    /// How long it is out: this × the number of times it was taken out since it last answered well
    /// while in rotation, five minutes at most.
    #[serde(skip_serializing_if = "is_default_base_time")]
    pub base_time: Duration,
    /// Share of the targets that may be out at the same time; one always may.
    #[serde(skip_serializing_if = "is_default_max_share", serialize_with = "plain")]
    pub max_share: f64,
}

impl Default for Ejection {
    fn default() -> Self {
        Self {
            consecutive_failures: 5,
            base_time: Duration::from_secs(30),
            max_share: 0.1,
        }
    }
}

fn is_default_failures(failures: &u32) -> bool {
    *failures == Ejection::default().consecutive_failures
}

fn is_default_base_time(time: &Duration) -> bool {
    *time == Ejection::default().base_time
}

fn is_default_max_share(share: &f64) -> bool {
    *share == Ejection::default().max_share
}
