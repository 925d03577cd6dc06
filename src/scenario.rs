//! The document: what people draw and save.
//!
//! A [`Scenario`] is plain data keyed by names. It knows no engine, no screen and no clock. Every
//! type here reads and writes itself through serde; only [`mod@file`] knows the syntax of the file.

#[cfg(test)]
pub(crate) mod arbitrary;
pub mod check;
pub mod component;
pub mod connection;
pub mod deploy;
pub mod distribution;
pub mod edit;
pub mod fault;
pub mod file;
pub mod frame;
pub mod guard;
pub mod message_size;
pub mod objective;
pub mod parameters;
pub mod prices;
pub mod problem;
pub mod sample;
pub mod size;
pub mod traffic;
pub mod units;

pub use check::{check, sessions_by_component};
pub use component::{
    Acknowledge, ActivePassive, Algorithm, ApiGateway, Autoscaler, Cache, Capacity, Choices,
    Client, Component, ConsistentHash, Contention, Database, Depth, Discipline, Dns, Ejection,
    Eviction, Excess, Function, GatewayLimit, HashOf, Health, Kind, LoadBalancer, Pair, Pauses,
    Policy, Queue, Queueing, RandomFailures, RateLimit, RateLimiter, Replica, Resolution,
    ResponseCache, ResponseTime, Scope, Server, Shed, ShedWhen,
};
pub use connection::{
    Backoff, Connection, Jitter, Link, Mode, Only, Replication, ReplicationMode, Retries, When,
};
pub use deploy::{Deploy, DeployStrategy, RollBack};
pub use distribution::{Branch, Distribution};
pub use fault::{Fault, FaultKind};
pub use frame::{Frame, FrameKind, FrameLatency};
pub use guard::{After, Breaker, Budget, Hedge, Pool, Trip};
pub use indexmap::IndexMap;
pub use message_size::MessageSize;
pub use objective::{Limit, Objective, What};
pub use prices::{Price, Prices};
pub use problem::{Place, Problem, Severity, Subject};
pub use sample::Sample;
pub use size::{Bandwidth, Size};
pub use traffic::{
    Arrivals, BatchSizes, Keys, LongLived, Operation, OperationKind, RateShape, Recorded,
};
pub use units::{Duration, Rate};

use serde::{Deserialize, Serialize};

/// The version of the file format that this program writes.
pub const VERSION: u32 = 1;

/// Everything in one file: the design, its traffic, its faults over time, its objectives, notes
/// and how it was laid out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Version of the file format.
    pub version: u32,
    /// What the scenario is called.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// What to watch, for people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub notes: String,
    /// Seed of every random stream.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub seed: u64,
    /// How long `littlebox run` simulates and what it cuts off.
    #[serde(default, skip_serializing_if = "is_default")]
    pub run: RunLength,
    /// What things cost.
    #[serde(default, skip_serializing_if = "is_default")]
    pub prices: Prices,
    /// The kinds of request, by name. Empty: 90 % `read`, 10 % `write`.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub operations: IndexMap<String, Operation>,
    /// The boxes, by name.
    #[serde(default)]
    pub components: IndexMap<String, Component>,
    /// The arrows, from caller to callee.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub connections: Vec<Connection>,
    /// Zones and regions around boxes, by name.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub frames: IndexMap<String, Frame>,
    /// How far frames are from each other, where it is not as usual (see [`frame::Places`]).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub latencies: Vec<FrameLatency>,
    /// What goes wrong, and when.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<Fault>,
    /// What must hold (service level objectives).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub objectives: Vec<Objective>,
    /// Centre of each box on the canvas, in points at zoom 1, x to the right and y down.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub layout: IndexMap<String, (i32, i32)>,
    /// The files beside the scenario's own that it names, as they were read.
    #[serde(skip)]
    pub beside: file::Beside,
}

impl Default for Scenario {
    fn default() -> Self {
        Self {
            version: VERSION,
            name: String::new(),
            notes: String::new(),
            seed: 1,
            run: RunLength::default(),
            prices: Prices::default(),
            operations: IndexMap::new(),
            components: IndexMap::new(),
            connections: Vec::new(),
            frames: IndexMap::new(),
            latencies: Vec::new(),
            faults: Vec::new(),
            objectives: Vec::new(),
            layout: IndexMap::new(),
            beside: file::Beside::default(),
        }
    }
}

/// How long a run without flags lasts, in simulated time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RunLength {
    /// Simulated time, warm-up included.
    #[serde(skip_serializing_if = "is_ten_minutes")]
    pub duration: Duration,
    /// Simulated time at the start that no measure includes.
    #[serde(skip_serializing_if = "is_zero")]
    pub warm_up: Duration,
}

impl Default for RunLength {
    fn default() -> Self {
        Self {
            duration: Duration::from_secs(600),
            warm_up: Duration::ZERO,
        }
    }
}

fn is_ten_minutes(duration: &Duration) -> bool {
    *duration == RunLength::default().duration
}

fn is_zero(duration: &Duration) -> bool {
    *duration == Duration::ZERO
}

fn one() -> u64 {
    1
}

fn is_one(seed: &u64) -> bool {
    *seed == 1
}

/// For `skip_serializing_if`: defaults are left out of the file.
pub(crate) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
