use serde::{Deserialize, Serialize};

use crate::scenario::{Duration, is_default, units::plain};

/// Load shedding: an instance that has too much to do turns new calls away at once (`shed`), so that
/// those it takes are answered in time (Beyer et al. 2016, "Site Reliability Engineering",
/// chapters 21 and 22).
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Shed {
    /// What "too much" is.
    #[serde(skip_serializing_if = "is_default")]
    pub when: ShedWhen,
    /// Operations of this priority or a higher one are not turned away. Unset: all are.
    #[serde(skip_serializing_if = "is_default")]
    pub spares: Option<u8>,
}

/// When an instance turns calls away.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum ShedWhen {
    /// As many calls as this are in line.
    Line {
        /// How many.
        #[serde(default = "ten")]
        calls: u32,
    },
    /// There is a line, and the call that left it last had waited longer than this (Zhou et al. 2018,
    /// "Overload control for scaling `WeChat` microservices", section 4.1).
    Wait {
        /// How long.
        #[serde(default = "twenty_ms")]
        longer: Duration,
    },
    /// The share of the slots that are taken, smoothed exponentially over a time, is above this.
    Utilization {
        /// The share, 0..1.
        #[serde(default = "most", serialize_with = "plain")]
        above: f64,
        /// The time constant: after it 63 % of a change have been noticed.
        #[serde(default = "second")]
        over: Duration,
    },
}

impl Default for ShedWhen {
    fn default() -> Self {
        Self::Line { calls: ten() }
    }
}

fn ten() -> u32 {
    10
}

fn twenty_ms() -> Duration {
    Duration::from_millis(20)
}

fn most() -> f64 {
    0.9
}

fn second() -> Duration {
    Duration::from_secs(1)
}
