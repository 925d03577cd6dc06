//! Random durations, given as people think of them.

use serde::{Deserialize, Serialize};

use super::units::Duration;

/// How a duration is drawn. In the file a bare string, `"8ms"`, is [`Distribution::Constant`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Distribution {
    /// Always the same.
    Constant(Duration),
    /// Exponential with this mean.
    Exponential(Duration),
    /// Uniform between two bounds.
    Uniform {
        /// Shortest.
        min: Duration,
        /// Longest.
        max: Duration,
    },
    /// Lognormal by its median and 99th percentile.
    LogNormal {
        /// Median.
        p50: Duration,
        /// 99th percentile.
        p99: Duration,
    },
    /// Lognormal by its mean and coefficient of variation.
    LogNormalMean {
        /// Mean.
        mean: Duration,
        /// Standard deviation over mean.
        cv: f64,
    },
    /// Sum of `k` exponentials with this mean in total (coefficient of variation 1/√k).
    Erlang {
        /// Number of phases.
        k: u32,
        /// Mean of the sum.
        mean: Duration,
    },
}

/// 99th percentile of the standard normal distribution.
pub const NORMAL_P99: f64 = 2.326_347_874_040_841;

impl Distribution {
    /// The constant zero.
    pub const ZERO: Self = Self::Constant(Duration::ZERO);

    /// Location and scale (μ of ln ns, σ) of a lognormal, `None` for the others.
    pub fn log_normal_parameters(&self) -> Option<(f64, f64)> {
        match *self {
            Self::LogNormal { p50, p99 } => {
                let mu = libm::log(p50.nanos() as f64);
                Some((mu, (libm::log(p99.nanos() as f64) - mu) / NORMAL_P99))
            }
            Self::LogNormalMean { mean, cv } => {
                let variance = libm::log1p(cv * cv);
                let mu = libm::log(mean.nanos() as f64) - variance / 2.0;
                Some((mu, libm::sqrt(variance)))
            }
            _ => None,
        }
    }

    /// Mean in seconds.
    pub fn mean_secs(&self) -> f64 {
        match *self {
            Self::Constant(value) => value.secs(),
            Self::Exponential(mean) | Self::Erlang { mean, .. } => mean.secs(),
            Self::LogNormalMean { mean, .. } => mean.secs(),
            Self::Uniform { min, max } => f64::midpoint(min.secs(), max.secs()),
            Self::LogNormal { .. } => self
                .log_normal_parameters()
                .map_or(0.0, |(mu, sigma)| libm::exp(mu + sigma * sigma / 2.0) / 1e9),
        }
    }

    /// Squared coefficient of variation (variance over squared mean).
    pub fn squared_cv(&self) -> f64 {
        match *self {
            Self::Constant(_) => 0.0,
            Self::Exponential(_) => 1.0,
            Self::Erlang { k, .. } => 1.0 / f64::from(k),
            Self::LogNormalMean { cv, .. } => cv * cv,
            Self::LogNormal { .. } => self
                .log_normal_parameters()
                .map_or(0.0, |(_, sigma)| libm::expm1(sigma * sigma)),
            Self::Uniform { min, max } => {
                let mean = self.mean_secs();
                if mean == 0.0 {
                    return 0.0;
                }
                let width = max.secs() - min.secs();
                width * width / 12.0 / (mean * mean)
            }
        }
    }
}

impl Default for Distribution {
    fn default() -> Self {
        Self::ZERO
    }
}

/// The variants as they stand in the file.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename = "Distribution", deny_unknown_fields)]
pub(crate) enum Named {
    Constant(Duration),
    Exponential(Duration),
    Uniform {
        min: Duration,
        max: Duration,
    },
    LogNormal {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        p50: Option<Duration>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        p99: Option<Duration>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mean: Option<Duration>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cv: Option<f64>,
    },
    Erlang {
        k: u32,
        mean: Duration,
    },
}
