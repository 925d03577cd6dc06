//! How much the messages of an operation carry: always the same, or a random amount.

use serde::{Deserialize, Serialize};

use super::{Distribution, Duration, size::Size, units::plain};

/// How much a message carries. In the file a bare string, `"20kB"`, is [`MessageSize::Constant`].
///
/// Sizes of files are lognormal with a heavy tail (Crovella and Bestavros 1997, "Self-Similarity in
/// World Wide Web Traffic", IEEE/ACM Transactions on Networking 5; Downey 2001, "The Structural Cause of
/// File Size Distributions"). What is drawn is rounded to whole bytes, and never more than
/// [`Size::MAX`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum MessageSize {
    /// Always the same.
    Constant(Size),
    /// Exponential with this mean.
    Exponential(Size),
    /// Lognormal by its median and 99th percentile.
    LogNormal {
        /// Median.
        p50: Size,
        /// 99th percentile.
        p99: Size,
    },
    /// Pareto between two bounds: the density is proportional to x^(−alpha − 1).
    BoundedPareto {
        /// Tail index: the smaller, the heavier the tail.
        alpha: f64,
        /// Smallest.
        min: Size,
        /// Largest.
        max: Size,
    },
}

impl MessageSize {
    /// Nothing at all.
    pub const NOTHING: Self = Self::Constant(Size::from_bytes(0));

    /// The same distribution with a nanosecond for every byte: what holds for random times holds.
    pub fn in_nanos(&self) -> Distribution {
        let time = |size: Size| Duration::from_nanos(size.bytes());
        match *self {
            Self::Constant(size) => Distribution::Constant(time(size)),
            Self::Exponential(mean) => Distribution::Exponential(time(mean)),
            Self::LogNormal { p50, p99 } => Distribution::LogNormal {
                p50: time(p50),
                p99: time(p99),
            },
            Self::BoundedPareto { alpha, min, max } => Distribution::BoundedPareto {
                alpha,
                min: time(min),
                max: time(max),
            },
        }
    }

    /// Mean in bytes.
    pub fn mean_bytes(&self) -> f64 {
        match self {
            Self::Constant(size) | Self::Exponential(size) => size.bytes() as f64,
            random => random.in_nanos().mean_secs() * 1e9,
        }
    }

    /// Whether messages carry nothing.
    pub fn is_nothing(&self) -> bool {
        *self == Self::NOTHING
    }
}

impl Default for MessageSize {
    fn default() -> Self {
        Self::NOTHING
    }
}

impl From<Size> for MessageSize {
    fn from(size: Size) -> Self {
        Self::Constant(size)
    }
}

/// The variants as they stand in the file.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename = "MessageSize", deny_unknown_fields)]
pub(crate) enum Named {
    Constant(Size),
    Exponential(Size),
    LogNormal {
        p50: Size,
        p99: Size,
    },
    BoundedPareto {
        #[serde(serialize_with = "plain")]
        alpha: f64,
        min: Size,
        max: Size,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_are_in_bytes() {
        let size = Size::from_bytes;
        assert_eq!(MessageSize::from(size(20_000)).mean_bytes(), 20_000.0);
        let pareto = MessageSize::BoundedPareto {
            alpha: 1.0,
            min: size(1_000),
            max: size(1_000_000),
        };
        // ln(max/min) / (1/min − 1/max).
        let exact = 1_000.0_f64.ln() / (1e-3 - 1e-6);
        assert!((pareto.mean_bytes() / exact - 1.0).abs() < 1e-9);
        let normal = MessageSize::LogNormal {
            p50: size(8_000),
            p99: size(60_000),
        };
        let sigma = (60.0_f64 / 8.0).ln() / crate::scenario::distribution::NORMAL_P99;
        let exact = 8_000.0 * (sigma * sigma / 2.0).exp();
        assert!((normal.mean_bytes() / exact - 1.0).abs() < 1e-9);
    }
}
