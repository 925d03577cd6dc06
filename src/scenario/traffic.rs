//! What clients want, and when.

use serde::{Deserialize, Serialize};

use super::units::{Duration, Rate, plain};

/// Whether an operation reads or writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum OperationKind {
    /// Leaves data as it is.
    Read,
    /// Makes a new version of its key.
    Write,
}

/// A named kind of request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operation {
    /// Read or write.
    pub kind: OperationKind,
    /// Share of the traffic relative to the other operations.
    #[serde(default = "one_share", serialize_with = "plain")]
    pub weight: f64,
    /// Who goes first where the line is one of `Priority`: the higher.
    #[serde(default, skip_serializing_if = "super::is_default")]
    pub priority: u8,
}

fn one_share() -> f64 {
    1.0
}

impl Operation {
    /// The highest priority: so many classes and one are told apart by a bit each.
    pub const MOST_PRIORITY: u8 = 63;

    /// An operation of the lowest priority.
    pub fn new(kind: OperationKind, weight: f64) -> Self {
        Self {
            kind,
            weight,
            priority: 0,
        }
    }
}

/// When requests come.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Arrivals {
    /// Open: a Poisson process. Never slows down because the system is slow.
    Poisson {
        /// Requests per second.
        rate: Rate,
        /// How the rate changes over time; the contributions add up.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        profile: Vec<RateShape>,
    },
    /// Open: one request every 1/rate.
    Constant {
        /// Requests per second.
        rate: Rate,
        /// How the rate changes over time; the contributions add up.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        profile: Vec<RateShape>,
    },
    /// Closed: users who think, ask and wait for the answer.
    Closed {
        /// Number of users.
        users: u32,
        /// Time between an answer and the next request. A user who does not think and is refused
        /// before any time has passed asks again after 1 ms, for otherwise time would stand still.
        #[serde(default)]
        think: super::Distribution,
    },
}

impl Default for Arrivals {
    fn default() -> Self {
        Self::Poisson {
            rate: Rate(100.0),
            profile: Vec::new(),
        }
    }
}

/// A contribution to a rate over time, added to the base rate; the sum never falls below zero.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum RateShape {
    /// The rate jumps to each value at its time: `[("60s", 200), ("120s", 400)]`.
    Steps(Vec<(Duration, Rate)>),
    /// The rate goes in a straight line from the base rate to `to` and stays there.
    Ramp {
        /// When it starts.
        from: Duration,
        /// When it is there.
        until: Duration,
        /// The rate it reaches.
        to: Rate,
    },
    /// A sine: base × (1 + swing × sin(2π t / period)).
    Day {
        /// Share of the base rate, 0..1, by which the rate swings.
        swing: f64,
        /// Length of the day.
        #[serde(default = "one_day", skip_serializing_if = "is_one_day")]
        period: Duration,
    },
    /// The base rate × `times` from `at` to `until`.
    Spike {
        /// When it starts.
        at: Duration,
        /// When it is over.
        until: Duration,
        /// Factor on the base rate.
        times: f64,
    },
}

fn one_day() -> Duration {
    Duration::from_secs(86_400)
}

fn is_one_day(period: &Duration) -> bool {
    *period == one_day()
}

/// Which item a request is about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Keys {
    /// Every item is as likely.
    Uniform {
        /// Number of items.
        items: u64,
    },
    /// The item of rank i has probability proportional to i^−s.
    Zipf {
        /// Number of items.
        items: u64,
        /// Exponent.
        #[serde(default = "zipf_exponent")]
        s: f64,
    },
}

fn zipf_exponent() -> f64 {
    1.0
}

impl Default for Keys {
    fn default() -> Self {
        Self::Zipf {
            items: 10_000,
            s: 1.0,
        }
    }
}

impl Keys {
    /// The most items a scenario may have: caches and stores keep a few bytes for each.
    pub const MAX_ITEMS: u64 = 1 << 24;

    /// Number of items.
    pub fn items(&self) -> u64 {
        match *self {
            Self::Uniform { items } | Self::Zipf { items, .. } => items,
        }
    }
}
