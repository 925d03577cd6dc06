//! What must hold (service level objectives).

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::units::{Duration, plain};

/// One thing that must hold over a run, after the warm-up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Objective {
    /// What is measured.
    pub what: What,
    /// Name of the component it is measured at.
    pub of: String,
    /// The measure must stay below this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub below: Option<Limit>,
    /// The measure must stay above this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub above: Option<Limit>,
}

/// A measure that can be judged.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum What {
    /// A percentile of the latency (at a client: end to end, of requests answered well).
    Latency {
        /// 0..100.
        #[serde(serialize_with = "plain")]
        percentile: f64,
    },
    /// Share of the requests that were answered well, 0..1.
    Availability,
    /// Requests per second answered well and in time.
    Goodput,
    /// Busy slot-time over slot-time on offer, 0..1.
    Utilization,
    /// Share of a cache's lookups that found the key, 0..1.
    HitRatio,
    /// Share of reads that returned an old version, 0..1.
    StaleShare,
}

/// The limit of an objective: a duration for latencies, a plain number for the rest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Limit {
    /// For latencies.
    Duration(Duration),
    /// For everything else.
    Number(f64),
}

impl Limit {
    /// Seconds for a duration, the number itself otherwise.
    pub fn value(self) -> f64 {
        match self {
            Self::Duration(duration) => duration.secs(),
            Self::Number(number) => number,
        }
    }
}

impl Serialize for Limit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Duration(duration) => duration.serialize(serializer),
            Self::Number(number) => plain(number, serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Limit;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a duration such as \"200ms\" or a number such as 0.999")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Limit, E> {
                Duration::parse(text)
                    .map(Limit::Duration)
                    .map_err(E::custom)
            }
            fn visit_f64<E: de::Error>(self, number: f64) -> Result<Limit, E> {
                Ok(Limit::Number(number))
            }
            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Limit, E> {
                Ok(Limit::Number(number as f64))
            }
            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Limit, E> {
                Ok(Limit::Number(number as f64))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}
