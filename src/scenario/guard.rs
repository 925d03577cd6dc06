//! What a caller does to protect itself and its callee: circuit breaker, retry budget, connection
//! pool.

use serde::{Deserialize, Serialize};

use super::is_default;
use super::units::{Duration, Rate, plain};

/// A circuit breaker (Nygard 2007): after enough failures calls fail at once, without being sent,
/// until the callee has had time to recover; then a few probes decide.
///
/// What counts is how attempts that were sent ended, as the caller sees it. Attempts that the caller
/// itself held back, or gave up for another reason than their timeout, say nothing about the callee.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Breaker {
    /// What opens it.
    #[serde(skip_serializing_if = "is_default")]
    pub trip: Trip,
    /// How long it stays open before it lets probes through.
    #[serde(skip_serializing_if = "is_usual_open")]
    pub open: Duration,
    /// Probes that must all be answered well for it to close. One that fails opens it again.
    #[serde(skip_serializing_if = "is_one")]
    pub probes: u32,
}

impl Default for Breaker {
    fn default() -> Self {
        Self {
            trip: Trip::default(),
            open: Duration::from_secs(60),
            probes: 1,
        }
    }
}

fn is_usual_open(open: &Duration) -> bool {
    *open == Breaker::default().open
}

fn is_one(count: &u32) -> bool {
    *count == 1
}

/// What opens a circuit breaker.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Trip {
    /// So many failures in a row.
    Consecutive {
        /// How many.
        #[serde(default = "five")]
        failures: u32,
    },
    /// A share of failures among the last attempts.
    Ratio {
        /// The share that opens it, 0..1.
        #[serde(default = "half", serialize_with = "plain")]
        share: f64,
        /// How many attempts back it looks.
        #[serde(default = "hundred")]
        window: u32,
        /// It does not open before so many have ended.
        #[serde(default = "hundred")]
        least: u32,
    },
}

impl Default for Trip {
    fn default() -> Self {
        Self::Consecutive { failures: five() }
    }
}

fn five() -> u32 {
    5
}

fn half() -> f64 {
    0.5
}

fn hundred() -> u32 {
    100
}

/// A retry budget: retries only while there are tokens in a bucket. Each first attempt puts in
/// `ratio` tokens and each second `per_second`, up to `burst`; each retry takes one out, and each
/// hedged second attempt. A retry that finds none is not made, and the failure before it is final; a
/// second attempt that finds none is not made, and the first goes on alone.
///
/// The ratio with a minimum rate is that of Finagle's `RetryBudget`; a bucket that holds only so much
/// that of gRPC's retry throttling, and so is that hedges draw on it too (proposal A6, "Throttling
/// Retry Attempts and Hedged RPCs").
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Budget {
    /// Tokens for each first attempt, 0..1: extra attempts as a share of the traffic.
    #[serde(skip_serializing_if = "is_tenth")]
    pub ratio: f64,
    /// Tokens per second besides, so that those with little traffic can retry too.
    #[serde(skip_serializing_if = "is_ten_per_second")]
    pub per_second: Rate,
    /// Most tokens the bucket holds. It starts full.
    #[serde(skip_serializing_if = "is_ten")]
    pub burst: u32,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            ratio: 0.1,
            per_second: Rate(10.0),
            burst: 10,
        }
    }
}

fn is_tenth(ratio: &f64) -> bool {
    *ratio == Budget::default().ratio
}

fn is_ten_per_second(rate: &Rate) -> bool {
    *rate == Budget::default().per_second
}

fn is_ten(count: &u32) -> bool {
    *count == 10
}

/// A connection pool, or bulkhead (Nygard 2007): at most so many attempts of the caller are under way
/// over the arrow at once, instances of the caller taken together. Others wait in line at the caller,
/// and the wait counts toward the timeout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Pool {
    /// Most attempts under way at once.
    #[serde(skip_serializing_if = "is_ten")]
    pub max: u32,
    /// How long one waits for a place before it fails. `None`: as long as it takes.
    #[serde(skip_serializing_if = "is_usual_wait")]
    pub wait: Option<Duration>,
    /// How many may wait; more fail at once. `None`: any number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<u32>,
}

impl Default for Pool {
    fn default() -> Self {
        Self {
            max: 10,
            wait: Some(Duration::from_secs(30)),
            queue: None,
        }
    }
}

fn is_usual_wait(wait: &Option<Duration>) -> bool {
    *wait == Pool::default().wait
}

/// Hedged calls (Dean and Barroso 2013, "The tail at scale"): a caller that has waited long enough for
/// an attempt makes another one, and takes the answer that comes first. With a retry budget only while
/// that has a token for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Hedge {
    /// How long it waits.
    #[serde(skip_serializing_if = "is_default")]
    pub after: After,
}

/// How long a caller waits before it makes a second attempt.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum After {
    /// As long as this share of its first attempts took so far, once a hundred of them have ended.
    Percentile {
        /// The share, 0..1.
        #[serde(default = "most", serialize_with = "plain")]
        share: f64,
    },
    /// Always as long.
    Delay {
        /// How long.
        delay: Duration,
    },
}

impl Default for After {
    fn default() -> Self {
        Self::Percentile { share: most() }
    }
}

fn most() -> f64 {
    0.95
}
