use serde::{Deserialize, Serialize};

use super::RandomFailures;
use crate::scenario::{Duration, is_default};

/// A work queue. A message is acknowledged to its sender at once; consumers, the targets of its
/// connections, compete for messages: every instance of them takes as many as its own slots allow.
/// A consumer that does not answer within the timeout of its connection is not asked again while it
/// may be at work: the message becomes visible again. Retries of the connection are for attempts that
/// were lost or have failed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Queue {
    /// Most messages it holds, those being worked on included. Unset: no limit. A message that
    /// finds it full is refused (`queue_full`).
    #[serde(skip_serializing_if = "is_default")]
    pub capacity: Option<u32>,
    /// Unacknowledged messages per slot of each consumer.
    #[serde(skip_serializing_if = "is_default_prefetch")]
    pub prefetch: u32,
    /// How long a delivered message stays hidden from the other consumers.
    #[serde(skip_serializing_if = "is_default_visibility")]
    pub visibility: Duration,
    /// When a message is removed.
    #[serde(skip_serializing_if = "is_default")]
    pub acknowledge: Acknowledge,
    /// Deliveries of one message until it is given up (a dead letter).
    #[serde(skip_serializing_if = "is_default_deliveries")]
    pub max_deliveries: u32,
    /// Failures by chance. Unset: none.
    #[serde(skip_serializing_if = "is_default")]
    pub failures: Option<RandomFailures>,
}

impl Default for Queue {
    fn default() -> Self {
        Self {
            capacity: None,
            prefetch: 1,
            visibility: Duration::from_secs(30),
            acknowledge: Acknowledge::AfterWork,
            max_deliveries: 3,
            failures: None,
        }
    }
}

/// When a message is removed from its queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Acknowledge {
    /// When the consumer has answered: at least once, duplicates are possible.
    #[default]
    AfterWork,
    /// When it is delivered: at most once, a crash loses messages.
    BeforeWork,
}

fn is_default_prefetch(prefetch: &u32) -> bool {
    *prefetch == Queue::default().prefetch
}

fn is_default_visibility(visibility: &Duration) -> bool {
    *visibility == Queue::default().visibility
}

fn is_default_deliveries(deliveries: &u32) -> bool {
    *deliveries == Queue::default().max_deliveries
}
