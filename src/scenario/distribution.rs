//! Random durations, given as people think of them.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::sample::{Sample, Unit};
use super::units::{Duration, plain, plain_option};

/// How a duration is drawn. In the file a bare string, `"8ms"`, is [`Distribution::Constant`].
#[derive(Clone, Debug, PartialEq)]
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
    /// Normal, cut at 0: what falls below is drawn again.
    Normal {
        /// Mean before the cut.
        mean: Duration,
        /// Standard deviation before the cut.
        sd: Duration,
    },
    /// Gamma by its mean and coefficient of variation (shape 1/cv²).
    Gamma {
        /// Mean.
        mean: Duration,
        /// Standard deviation over mean.
        cv: f64,
    },
    /// Weibull: P(T > t) = exp(−(t/scale)^shape).
    Weibull {
        /// Below 1 the tail is heavier than an exponential's.
        shape: f64,
        /// What 63 % are shorter than.
        scale: Duration,
    },
    /// Weibull by its shape and mean.
    WeibullMean {
        /// Below 1 the tail is heavier than an exponential's.
        shape: f64,
        /// Mean.
        mean: Duration,
    },
    /// Pareto between two bounds: the density is proportional to t^(−alpha − 1).
    BoundedPareto {
        /// Tail index: the smaller, the heavier the tail.
        alpha: f64,
        /// Shortest.
        min: Duration,
        /// Longest.
        max: Duration,
    },
    /// One of several exponentials, picked by chance.
    HyperExponential(Vec<Branch>),
    /// One of two exponentials by mean and coefficient of variation, with balanced means: both
    /// branches carry half of the work (Allen 1990, section 3.2.9).
    HyperExponentialMean {
        /// Mean.
        mean: Duration,
        /// Standard deviation over mean, at least 1.
        cv: f64,
    },
    /// One of the given durations, each as likely.
    Empirical(Sample),
}

/// A branch of a hyperexponential distribution.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Branch {
    /// How often it is picked; all together 1.
    #[serde(serialize_with = "plain")]
    pub probability: f64,
    /// Mean of its exponential.
    pub mean: Duration,
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

    /// Probability and mean in seconds of each branch of a hyperexponential; none for the others.
    pub fn branches(&self) -> Vec<(f64, f64)> {
        match self {
            Self::HyperExponential(branches) => {
                let total: f64 = branches.iter().map(|branch| branch.probability).sum();
                let part = |branch: &Branch| (branch.probability / total, branch.mean.secs());
                branches.iter().map(part).collect()
            }
            Self::HyperExponentialMean { mean, cv } => {
                // p₁ m₁ = p₂ m₂ = m/2.
                let squared = (cv * cv).max(1.0);
                let apart = libm::sqrt((squared - 1.0) / (squared + 1.0));
                // 1 − √(…) would lose digits where cv is large.
                let rare = 1.0 / ((squared + 1.0) * (1.0 + apart));
                let part = |probability: f64| (probability, mean.secs() / 2.0 / probability);
                vec![part(1.0 - rare), part(rare)]
            }
            _ => Vec::new(),
        }
    }

    /// What takes so many times less, to the nanosecond; nothing that takes time takes none.
    pub fn faster(&self, times: f64) -> Cow<'_, Self> {
        if times == 1.0 {
            return Cow::Borrowed(self);
        }
        let less = |time: Duration| {
            let nanos = (time.nanos() as f64 / times).round() as u64;
            Duration::from_nanos(nanos.max(u64::from(time > Duration::ZERO)))
        };
        Cow::Owned(match self {
            Self::Constant(time) => Self::Constant(less(*time)),
            Self::Exponential(mean) => Self::Exponential(less(*mean)),
            Self::Uniform { min, max } => Self::Uniform {
                min: less(*min),
                max: less(*max),
            },
            Self::LogNormal { p50, p99 } => Self::LogNormal {
                p50: less(*p50),
                p99: less(*p99),
            },
            Self::LogNormalMean { mean, cv } => Self::LogNormalMean {
                mean: less(*mean),
                cv: *cv,
            },
            Self::Erlang { k, mean } => Self::Erlang {
                k: *k,
                mean: less(*mean),
            },
            Self::Normal { mean, sd } => Self::Normal {
                mean: less(*mean),
                sd: less(*sd),
            },
            Self::Gamma { mean, cv } => Self::Gamma {
                mean: less(*mean),
                cv: *cv,
            },
            Self::Weibull { shape, scale } => Self::Weibull {
                shape: *shape,
                scale: less(*scale),
            },
            Self::WeibullMean { shape, mean } => Self::WeibullMean {
                shape: *shape,
                mean: less(*mean),
            },
            Self::BoundedPareto { alpha, min, max } => Self::BoundedPareto {
                alpha: *alpha,
                min: less(*min),
                max: less(*max),
            },
            Self::HyperExponential(branches) => {
                let branches = branches.iter().map(|branch| Branch {
                    mean: less(branch.mean),
                    ..*branch
                });
                Self::HyperExponential(branches.collect())
            }
            Self::HyperExponentialMean { mean, cv } => Self::HyperExponentialMean {
                mean: less(*mean),
                cv: *cv,
            },
            Self::Empirical(sample) => {
                let times: Vec<Duration> = sample.times().iter().map(|time| less(*time)).collect();
                Self::Empirical(Sample::listed(times))
            }
        })
    }

    /// Mean in seconds.
    pub fn mean_secs(&self) -> f64 {
        match self {
            Self::Constant(value) => value.secs(),
            Self::Exponential(mean) | Self::Erlang { mean, .. } => mean.secs(),
            Self::LogNormalMean { mean, .. }
            | Self::Gamma { mean, .. }
            | Self::WeibullMean { mean, .. }
            | Self::HyperExponentialMean { mean, .. } => mean.secs(),
            Self::Uniform { min, max } => f64::midpoint(min.secs(), max.secs()),
            Self::LogNormal { .. } => self
                .log_normal_parameters()
                .map_or(0.0, |(mu, sigma)| libm::exp(mu + sigma * sigma / 2.0) / 1e9),
            Self::Normal { mean, sd } => cut_normal(mean.secs(), sd.secs()).0,
            Self::Weibull { shape, scale } => scale.secs() * libm::tgamma(1.0 + 1.0 / shape),
            Self::BoundedPareto { alpha, min, max } => {
                bounded_pareto_moment(1.0, *alpha, min.secs(), max.secs())
            }
            Self::HyperExponential(_) => {
                let parts = self.branches();
                parts.iter().map(|(share, mean)| share * mean).sum()
            }
            Self::Empirical(sample) => sample.mean_secs(),
        }
    }

    /// Squared coefficient of variation (variance over squared mean).
    pub fn squared_cv(&self) -> f64 {
        let over_mean = |second: f64| {
            let mean = self.mean_secs();
            if mean == 0.0 {
                0.0
            } else {
                (second / (mean * mean) - 1.0).max(0.0)
            }
        };
        match self {
            Self::Constant(_) => 0.0,
            Self::Exponential(_) => 1.0,
            Self::Erlang { k, .. } => 1.0 / f64::from(*k),
            Self::LogNormalMean { cv, .. } | Self::Gamma { cv, .. } => cv * cv,
            Self::HyperExponentialMean { cv, .. } => (cv * cv).max(1.0),
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
            Self::Normal { mean, sd } => {
                let (mean, variance) = cut_normal(mean.secs(), sd.secs());
                if mean == 0.0 {
                    0.0
                } else {
                    variance / (mean * mean)
                }
            }
            Self::Weibull { shape, .. } | Self::WeibullMean { shape, .. } => {
                let first = libm::tgamma(1.0 + 1.0 / shape);
                libm::tgamma(1.0 + 2.0 / shape) / (first * first) - 1.0
            }
            Self::BoundedPareto { alpha, min, max } => {
                over_mean(bounded_pareto_moment(2.0, *alpha, min.secs(), max.secs()))
            }
            Self::HyperExponential(_) => {
                let parts = self.branches();
                over_mean(
                    parts
                        .iter()
                        .map(|(share, mean)| share * 2.0 * mean * mean)
                        .sum(),
                )
            }
            Self::Empirical(sample) => sample.squared_cv(),
        }
    }
}

/// Mean and variance of a normal distribution cut at 0 (Johnson, Kotz and Balakrishnan 1994,
/// "Continuous Univariate Distributions" 1, section 13.10.1): with t = μ/σ and h = φ(t)/Φ(t),
/// μ + σh and σ²(1 − th − h²).
fn cut_normal(mean: f64, sd: f64) -> (f64, f64) {
    if sd == 0.0 {
        return (mean, 0.0);
    }
    let t = mean / sd;
    let density = libm::exp(-t * t / 2.0) / libm::sqrt(2.0 * std::f64::consts::PI);
    let kept = libm::erfc(-t / std::f64::consts::SQRT_2) / 2.0;
    let h = density / kept;
    (mean + sd * h, sd * sd * (1.0 - t * h - h * h))
}

/// E[Tⁿ] of a bounded Pareto distribution: with r = min/max,
/// minⁿ α (1 − r^(α−n)) / ((α − n)(1 − r^α)), by integrating tⁿ over the density.
fn bounded_pareto_moment(n: f64, alpha: f64, min: f64, max: f64) -> f64 {
    let length = libm::log(max / min);
    if length == 0.0 {
        return libm::pow(min, n);
    }
    // (1 − e^(−a·length)) / a, and its limit where a is 0.
    let part = |a: f64| {
        if a.abs() * length < 1e-12 {
            length
        } else {
            -libm::expm1(-a * length) / a
        }
    };
    libm::pow(min, n) * part(alpha - n) / part(alpha)
}

impl Default for Distribution {
    fn default() -> Self {
        Self::ZERO
    }
}

/// The variants as they stand in the file.
#[derive(Clone, Serialize, Deserialize)]
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
    Normal {
        mean: Duration,
        sd: Duration,
    },
    Gamma {
        mean: Duration,
        #[serde(serialize_with = "plain")]
        cv: f64,
    },
    Weibull {
        #[serde(serialize_with = "plain")]
        shape: f64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        scale: Option<Duration>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mean: Option<Duration>,
    },
    BoundedPareto {
        #[serde(serialize_with = "plain")]
        alpha: f64,
        min: Duration,
        max: Duration,
    },
    HyperExponential {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        branches: Option<Vec<Branch>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mean: Option<Duration>,
        #[serde(
            default,
            skip_serializing_if = "Option::is_none",
            serialize_with = "plain_option"
        )]
        cv: Option<f64>,
    },
    Empirical {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        values: Option<Vec<Duration>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        file: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        column: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unit: Option<Unit>,
    },
}
