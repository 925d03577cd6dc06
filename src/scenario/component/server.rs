use serde::{Deserialize, Serialize};

use super::{Autoscaler, Pauses, Queueing, RandomFailures, Shed};
use crate::scenario::{Distribution, Duration, IndexMap, is_default, units::plain};

/// Does work and calls others. Its plan is its outgoing connections.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Server {
    /// Identical machines, each with its own slots and its own line.
    #[serde(skip_serializing_if = "is_one")]
    pub instances: u32,
    /// Changes the number of instances while it runs; then `instances` is how many there are at
    /// first. Unset: it stays.
    #[serde(skip_serializing_if = "is_default")]
    pub autoscaler: Option<Box<Autoscaler>>,
    /// Calls that one instance works on at the same time.
    pub slots: u32,
    /// Own work per call, before it calls others.
    pub service: Distribution,
    /// Own work for single operations, by name, where it differs from `service`.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub per_operation: IndexMap<String, Distribution>,
    /// How many times as fast its machines are: own work takes as many times less.
    #[serde(skip_serializing_if = "is_one_times", serialize_with = "plain")]
    pub speed: f64,
    /// How calls that an instance works on at the same time slow each other down. Unset: they don't.
    #[serde(skip_serializing_if = "is_default")]
    pub contention: Option<Contention>,
    /// The line in front of the slots.
    #[serde(skip_serializing_if = "is_default")]
    pub queue: Queueing,
    /// Long-lived connections that one instance may have, those being opened counted. Unset: as many
    /// as come. One more is refused (`connection_limit`).
    #[serde(skip_serializing_if = "is_default")]
    pub max_connections: Option<u32>,
    /// When calls are turned away so that others are served in time. Unset: never.
    #[serde(skip_serializing_if = "is_default")]
    pub shed: Option<Shed>,
    /// Pauses of each instance by itself, as of a garbage collector. Unset: none.
    #[serde(skip_serializing_if = "is_default")]
    pub pauses: Option<Box<Pauses>>,
    /// Failures by chance, of each instance by itself. Unset: none.
    #[serde(skip_serializing_if = "is_default")]
    pub failures: Option<RandomFailures>,
}

/// The Universal Scalability Law: work that begins with n calls in the slots of its instance, itself
/// counted, takes 1 + α(n − 1) + βn(n − 1) times as long (Gunther 1993; 2007, "Guerrilla Capacity
/// Planning", equation 4.31, of which this is the denominator). With β = 0 it is Amdahl's law.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Contention {
    /// α: the share of the work that only one call at a time can do.
    #[serde(skip_serializing_if = "is_default_alpha", serialize_with = "plain")]
    pub alpha: f64,
    /// β: what each pair of calls costs to agree with each other.
    #[serde(skip_serializing_if = "is_default_beta", serialize_with = "plain")]
    pub beta: f64,
}

impl Default for Contention {
    fn default() -> Self {
        Self {
            alpha: 0.05,
            beta: 0.0,
        }
    }
}

fn is_default_alpha(alpha: &f64) -> bool {
    *alpha == Contention::default().alpha
}

fn is_default_beta(beta: &f64) -> bool {
    *beta == Contention::default().beta
}

impl Default for Server {
    fn default() -> Self {
        Self {
            instances: 1,
            autoscaler: None,
            slots: 8,
            service: Distribution::Exponential(Duration::from_millis(10)),
            per_operation: IndexMap::new(),
            speed: 1.0,
            contention: None,
            queue: Queueing::default(),
            max_connections: None,
            shed: None,
            pauses: None,
            failures: None,
        }
    }
}

fn is_one(count: &u32) -> bool {
    *count == 1
}

fn is_one_times(times: &f64) -> bool {
    *times == 1.0
}

impl Server {
    /// As many instances as there may ever be.
    pub fn most_instances(&self) -> u32 {
        let scaler = self.autoscaler.as_ref();
        scaler.map_or(self.instances, |scaler| scaler.max.max(self.instances))
    }

    /// Own work on a call of an operation, as fast as its machines are.
    pub fn work(&self, operation: &str) -> std::borrow::Cow<'_, Distribution> {
        let work = self.per_operation.get(operation);
        work.unwrap_or(&self.service).faster(self.speed)
    }
}
