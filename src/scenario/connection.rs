//! Arrows: who calls whom, in which order, and with which patience.

use serde::{Deserialize, Serialize};

use super::units::{Duration, plain_option};
use super::{Bandwidth, Breaker, Budget, Distribution, Hedge, OperationKind, Pool, is_default};

/// An arrow from caller to callee, or from a primary to its replica.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Connection {
    /// Name of the caller.
    pub from: String,
    /// Name of the callee.
    pub to: String,
    /// Step of the caller's plan. Connections with the same number are called in parallel. Unset:
    /// what a person means by just drawing the arrow (see the engine's `plan`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<u32>,
    /// Which operations take this connection. Unset: what drawing the arrow means.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only: Option<Only>,
    /// On which outcome of the step before. Unset: what drawing the arrow means.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<When>,
    /// What the caller does meanwhile.
    #[serde(default, skip_serializing_if = "is_default")]
    pub mode: Mode,
    /// Probability that a request takes this connection at all, 0..1. The rest skips it.
    #[serde(default = "certain", skip_serializing_if = "is_certain")]
    pub probability: f64,
    /// Weight among the alternatives of one step, of which one is picked; on a load balancer's
    /// connection the share for weighted algorithms. Unset: not an alternative, or weight 1.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "plain_option"
    )]
    pub weight: Option<f64>,
    /// One-way latency, each way. Unset: by the frames of its ends ([`super::frame::Places`]), and
    /// without frames that inside a zone ([`Connection::IN_ZONE`]).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency: Option<Distribution>,
    /// Probability, each way, that a message is lost, 0..1.
    #[serde(default, skip_serializing_if = "is_default")]
    pub loss: f64,
    /// How much passes in a second, each way: messages pass one after the other. Unset: any amount in
    /// no time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bandwidth: Option<Bandwidth>,
    /// How long the caller waits for one attempt. Unset: the client's timeout on a client's
    /// connection, for ever inside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Duration>,
    /// What the caller does when an attempt fails. Unset: the client's retries on a client's
    /// connection, none inside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retries: Option<Retries>,
    /// When the caller stops calling for a while. Unset: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breaker: Option<Breaker>,
    /// How many attempts may be under way at once. Unset: any number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pool: Option<Pool>,
    /// Whether a caller that walks away tells the callee, which then stops what it was asked for.
    /// Switched on while it runs, it is for all who walk away from then on, also from calls that were
    /// under way before. Who has walked away before has told nobody: what they asked for goes on.
    #[serde(default, skip_serializing_if = "is_default")]
    pub cancellation: bool,
    /// When the caller makes a second attempt without having given up the first. Unset: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hedge: Option<Hedge>,
    /// What flows along the arrow.
    #[serde(default, skip_serializing_if = "is_default")]
    pub link: Link,
}

impl Connection {
    /// 0.25 ms: one way inside a zone.
    pub const IN_ZONE: Distribution = Distribution::Constant(Duration::from_nanos(250_000));

    /// One-way latency, each way: its own, or what it is where nothing is said and no frame drawn.
    pub fn latency(&self) -> &Distribution {
        self.latency.as_ref().unwrap_or(&Self::IN_ZONE)
    }

    /// A connection with nothing configured.
    pub fn new(from: impl Into<String>, to: impl Into<String>) -> Self {
        Self {
            from: from.into(),
            to: to.into(),
            step: None,
            only: None,
            when: None,
            probability: 1.0,
            weight: None,
            mode: Mode::Sync,
            latency: None,
            loss: 0.0,
            bandwidth: None,
            timeout: None,
            retries: None,
            breaker: None,
            pool: None,
            cancellation: false,
            hedge: None,
            link: Link::Calls,
        }
    }

    /// What people and files call it: `lb -> api`.
    pub fn name(&self) -> String {
        format!("{} -> {}", self.from, self.to)
    }
}

fn certain() -> f64 {
    1.0
}

fn is_certain(probability: &f64) -> bool {
    *probability == 1.0
}

/// Which operations take a connection.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Only {
    /// Every operation.
    #[default]
    All,
    /// Operations that read.
    Reads,
    /// Operations that write.
    Writes,
    /// The named operations.
    Named(Vec<String>),
}

impl Only {
    /// How closely it fits an operation: by name is closer than by kind, and by kind closer than
    /// because everything does. `None`: not at all.
    pub fn closeness(&self, operation: &str, kind: OperationKind) -> Option<u8> {
        let fits = |fits: bool, closeness| fits.then_some(closeness);
        match self {
            Self::All => Some(0),
            Self::Reads => fits(kind == OperationKind::Read, 1),
            Self::Writes => fits(kind == OperationKind::Write, 1),
            Self::Named(names) => fits(names.iter().any(|name| name == operation), 2),
        }
    }
}

/// On which outcome of the step before a connection is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum When {
    /// When the step before did not fail.
    #[default]
    Always,
    /// When a cache in the step before did not have the key.
    OnMiss,
    /// When the step before failed (a fallback).
    OnFailure,
}

/// What the caller does while the callee works.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mode {
    /// Keeps its slot and waits for the reply.
    #[default]
    Sync,
    /// Goes on; nobody waits for the reply.
    Async,
    /// Frees its slot and hands the call on; the last in line answers the original caller.
    Forward,
}

/// What flows along an arrow.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Link {
    /// Calls and their replies.
    #[default]
    Calls,
    /// A primary's log to its replica.
    Replication(Replication),
    /// Messages a queue gave up on.
    DeadLetters,
}

/// A primary's log on its way to a replica.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Replication {
    /// Whether a write waits for the replica.
    #[serde(skip_serializing_if = "is_default")]
    pub mode: ReplicationMode,
    /// How long a log record is under way. Order is kept.
    #[serde(skip_serializing_if = "is_default")]
    pub lag: Distribution,
}

/// Whether a write waits for the replica.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReplicationMode {
    /// It does not.
    #[default]
    Async,
}

/// What a caller does when an attempt fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Retries {
    /// Attempts after the first.
    pub max: u32,
    /// How long it waits before each.
    #[serde(skip_serializing_if = "is_default")]
    pub backoff: Backoff,
    /// How that wait is spread.
    #[serde(skip_serializing_if = "is_default")]
    pub jitter: Jitter,
    /// How many retries it makes at most, as a share of its traffic. Unset: as many as it likes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget: Option<Budget>,
}

/// How long a caller waits before it tries again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Backoff {
    /// Not at all.
    None,
    /// The same time before every retry.
    Constant(Duration),
    /// base × 2ⁿ before retry n = 0, 1, 2, …
    Exponential(Duration),
}

impl Default for Backoff {
    fn default() -> Self {
        Self::Exponential(Duration::from_millis(100))
    }
}

/// How a back-off is spread so that callers do not come back all at once (Brooker, AWS, 2015).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Jitter {
    /// Exactly the back-off.
    None,
    /// Uniform between 0 and the back-off.
    #[default]
    Full,
    /// Uniform between the base and three times the wait before.
    Decorrelated,
}
