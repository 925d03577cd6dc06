//! What clients want, and when.

mod long_lived;

use serde::{Deserialize, Serialize};

use super::sample::{Column, Sample, Unit};
use super::units::{Duration, Rate, plain};
use super::{Distribution, MessageSize, is_default};
pub use long_lived::LongLived;

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
    #[serde(default, skip_serializing_if = "is_default")]
    pub priority: u8,
    /// How much a request carries, on every connection that it goes over, and in every attempt.
    #[serde(default, skip_serializing_if = "is_default")]
    pub request: MessageSize,
    /// How much its answer carries when it was answered well.
    #[serde(default, skip_serializing_if = "is_default")]
    pub reply: MessageSize,
}

fn one_share() -> f64 {
    1.0
}

impl Operation {
    /// The highest priority: so many classes and one are told apart by a bit each.
    pub const MOST_PRIORITY: u8 = 63;

    /// Whether its messages carry anything.
    pub fn has_size(&self) -> bool {
        !(self.request.is_nothing() && self.reply.is_nothing())
    }

    /// An operation of the lowest priority.
    pub fn new(kind: OperationKind, weight: f64) -> Self {
        Self {
            kind,
            weight,
            priority: 0,
            request: MessageSize::default(),
            reply: MessageSize::default(),
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
    /// Open: the time between two requests is uniform between 0 and 2/rate.
    Uniform {
        /// Requests per second.
        rate: Rate,
        /// How the rate changes over time; the contributions add up.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        profile: Vec<RateShape>,
    },
    /// Open: a Poisson process that turns between two rates at random, so that requests come in
    /// bursts (a Markov-modulated Poisson process: Fischer and Meier-Hellstern 1993). On and off when
    /// the low rate is 0.
    Bursts {
        /// Requests per second between bursts.
        low: Rate,
        /// Requests per second during a burst.
        high: Rate,
        /// Mean time between two bursts, exponential.
        low_for: Duration,
        /// Mean length of a burst, exponential.
        high_for: Duration,
        /// How the mean rate changes over time; both rates change by the same factor.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        profile: Vec<RateShape>,
    },
    /// Open: several requests at the same instant; batches come as a Poisson process.
    Batches {
        /// Requests per second, all batches together.
        rate: Rate,
        /// Mean number of requests in a batch.
        #[serde(serialize_with = "plain")]
        size: f64,
        /// How the sizes of the batches differ.
        #[serde(default, skip_serializing_if = "is_default")]
        sizes: BatchSizes,
        /// How the rate changes over time; the contributions add up.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        profile: Vec<RateShape>,
    },
    /// Open: at the times of a list, counted from the start of the run. It has no rate, so no profile
    /// either.
    Recorded(Recorded),
    /// Partly open: sessions start as a Poisson process; each makes one request after the other, and
    /// waits for the answer and thinks before the next (Schroeder, Wierman and Harchol-Balter 2006).
    Sessions {
        /// Sessions that start per second.
        starts: Rate,
        /// Mean number of requests in a session; geometric, at least one.
        #[serde(serialize_with = "plain")]
        requests: f64,
        /// Time between an answer and the next request of the session.
        #[serde(default, skip_serializing_if = "is_default")]
        think: Distribution,
        /// How the rate of the starts changes over time; the contributions add up.
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
    /// Users who each keep one connection open and send messages over it.
    LongLived(Box<LongLived>),
}

impl Default for Arrivals {
    fn default() -> Self {
        Self::Poisson {
            rate: Rate(100.0),
            profile: Vec::new(),
        }
    }
}

impl Arrivals {
    /// Requests per second on average, before the profile and as long as nothing else is changed;
    /// `None` where that depends on the answers, or the list ends.
    pub fn mean_rate(&self) -> Option<f64> {
        match self {
            Self::Poisson { rate, .. }
            | Self::Constant { rate, .. }
            | Self::Uniform { rate, .. }
            | Self::Batches { rate, .. } => Some(rate.0),
            Self::Bursts {
                low,
                high,
                low_for,
                high_for,
                ..
            } => {
                let (low_for, high_for) = (low_for.secs(), high_for.secs());
                Some((low.0 * low_for + high.0 * high_for) / (low_for + high_for))
            }
            Self::Recorded(recorded) => recorded.mean_rate(),
            Self::Sessions {
                starts, requests, ..
            } => Some(starts.0 * requests),
            Self::Closed { .. } | Self::LongLived(_) => None,
        }
    }

    /// How the rate changes over time; empty where it does not.
    pub fn profile(&self) -> &[RateShape] {
        match self {
            Self::Poisson { profile, .. }
            | Self::Constant { profile, .. }
            | Self::Uniform { profile, .. }
            | Self::Bursts { profile, .. }
            | Self::Batches { profile, .. }
            | Self::Sessions { profile, .. } => profile,
            Self::Recorded(_) | Self::Closed { .. } | Self::LongLived(_) => &[],
        }
    }

    /// As [`Self::profile`], to change it; `None` where there can be none.
    pub fn profile_mut(&mut self) -> Option<&mut Vec<RateShape>> {
        match self {
            Self::Poisson { profile, .. }
            | Self::Constant { profile, .. }
            | Self::Uniform { profile, .. }
            | Self::Bursts { profile, .. }
            | Self::Batches { profile, .. }
            | Self::Sessions { profile, .. } => Some(profile),
            Self::Recorded(_) | Self::Closed { .. } | Self::LongLived(_) => None,
        }
    }
}

/// How the sizes of batches differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum BatchSizes {
    /// All are the same.
    #[default]
    Constant,
    /// Geometric, at least one.
    Geometric,
}

/// Times at which requests come, counted from the start of the run, in any order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "RecordedFields", into = "RecordedFields")]
pub struct Recorded {
    /// The times.
    pub times: Sample,
    /// After how long it starts over; `None`: never.
    pub repeat: Option<Duration>,
}

impl Recorded {
    fn mean_rate(&self) -> Option<f64> {
        let period = self.repeat?.secs();
        (period > 0.0).then(|| self.times.times().len() as f64 / period)
    }
}

/// [`Recorded`] as it stands in the file.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename = "Recorded", deny_unknown_fields)]
struct RecordedFields {
    times: Times,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    column: Option<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    unit: Unit,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    repeat: Option<Duration>,
}

/// Times, or the file they stand in.
#[derive(Clone, Serialize)]
#[serde(untagged)]
enum Times {
    Listed(Vec<Duration>),
    File(String),
}

impl<'de> Deserialize<'de> for Times {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Times;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(
                    "a list of times `[\"0s\", \"1.5s\"]` or the name of a CSV file in quotes",
                )
            }
            fn visit_str<E: serde::de::Error>(self, file: &str) -> Result<Times, E> {
                Ok(Times::File(file.to_owned()))
            }
            fn visit_seq<A: serde::de::SeqAccess<'de>>(
                self,
                mut parts: A,
            ) -> Result<Times, A::Error> {
                let mut times = Vec::new();
                while let Some(time) = parts.next_element()? {
                    times.push(time);
                }
                Ok(Times::Listed(times))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl TryFrom<RecordedFields> for Recorded {
    type Error = String;

    fn try_from(fields: RecordedFields) -> Result<Self, String> {
        let times = match fields.times {
            Times::File(file) => Sample::from_file(Column {
                file,
                name: fields.column,
                unit: fields.unit,
            }),
            Times::Listed(_) if fields.column.is_some() || fields.unit != Unit::default() => {
                return Err("`column` and `unit` are for times in a file".to_owned());
            }
            Times::Listed(times) => Sample::listed(times),
        };
        Ok(Self {
            times,
            repeat: fields.repeat,
        })
    }
}

impl From<Recorded> for RecordedFields {
    fn from(recorded: Recorded) -> Self {
        let Recorded { times, repeat } = recorded;
        match times.column() {
            Some(column) => Self {
                times: Times::File(column.file.clone()),
                column: column.name.clone(),
                unit: column.unit,
                repeat,
            },
            None => Self {
                times: Times::Listed(times.times().to_vec()),
                column: None,
                unit: Unit::default(),
                repeat,
            },
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

impl RateShape {
    /// The most that it ever adds to a base rate.
    pub fn most(&self, base: f64) -> f64 {
        let most = match self {
            Self::Steps(steps) => {
                let rates = steps.iter().map(|(_, rate)| rate.0);
                rates.fold(base, f64::max) - base
            }
            Self::Ramp { to, .. } => to.0 - base,
            Self::Day { swing, .. } => base * swing,
            Self::Spike { times, .. } => base * (times - 1.0),
        };
        most.max(0.0)
    }
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
    /// A part of the items gets most of the requests; within both parts every item is as likely.
    HotSet {
        /// Number of items.
        items: u64,
        /// Share of the items that are hot, 0..1; at least one is.
        #[serde(default = "a_fifth", serialize_with = "plain")]
        hot: f64,
        /// Share of the requests that the hot items get, 0..1.
        #[serde(default = "four_fifths", serialize_with = "plain")]
        traffic: f64,
    },
    /// One item after the other, and again from the first.
    Sequential {
        /// Number of items.
        items: u64,
    },
}

fn a_fifth() -> f64 {
    0.2
}

fn four_fifths() -> f64 {
    0.8
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
            Self::Uniform { items }
            | Self::Zipf { items, .. }
            | Self::HotSet { items, .. }
            | Self::Sequential { items } => items,
        }
    }

    /// How many of `items` are hot when this share is.
    pub fn hot_items(items: u64, hot: f64) -> u64 {
        ((items as f64 * hot).round() as u64).clamp(1, items.max(1))
    }
}
