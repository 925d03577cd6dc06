use serde::{Deserialize, Serialize};

use super::RandomFailures;
use crate::scenario::{Distribution, Duration, is_default};

/// A serverless function: every call has an instance of its own. A call takes the warm instance that
/// was used last; when there is none a new one starts first (a cold start). An instance that nobody
/// has used for the time of `keep_alive` is gone. A call keeps its instance until it replies, also
/// while it waits for others. There is no line: above its limit it refuses (`throttled`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Function {
    /// Own work per call, before it calls others.
    pub service: Distribution,
    /// Time to start an instance, before the work.
    pub cold_start: Distribution,
    /// How long an instance that has nothing to do stays warm.
    pub keep_alive: Duration,
    /// Most calls at the same time.
    pub concurrency: u32,
    /// Megabytes of an instance: what it costs while a call has it.
    #[serde(skip_serializing_if = "is_default_memory")]
    pub memory: u32,
    /// Whether it fails and is repaired by itself.
    #[serde(skip_serializing_if = "is_default")]
    pub failures: Option<RandomFailures>,
}

impl Default for Function {
    fn default() -> Self {
        Self {
            service: Distribution::Exponential(Duration::from_millis(50)),
            cold_start: Distribution::LogNormal {
                p50: Duration::from_millis(300),
                p99: Duration::from_secs(1),
            },
            keep_alive: Duration::from_secs(600),
            concurrency: 1_000,
            memory: 128,
            failures: None,
        }
    }
}

fn is_default_memory(memory: &u32) -> bool {
    *memory == Function::default().memory
}
