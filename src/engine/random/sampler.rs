//! Random durations, drawn from any distribution of the document.

use std::sync::Arc;

use super::{Stream, Ziggurat, nanos};
use crate::scenario::Distribution;

/// A distribution of durations, ready to draw from.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::engine) enum Sampler {
    Constant(u64),
    /// Mean in nanoseconds.
    Exponential(f64),
    /// Shortest and width in nanoseconds.
    Uniform(u64, f64),
    /// μ and σ of the logarithm of nanoseconds.
    LogNormal(f64, f64),
    /// Phases, and the mean of one in nanoseconds.
    Erlang(u32, f64),
    /// μ and σ in nanoseconds; drawn again below 0.
    Normal(f64, f64),
    /// Shape, and scale in nanoseconds.
    Gamma(f64, f64),
    /// 1/shape, and scale in nanoseconds.
    Weibull(f64, f64),
    Pareto(Arc<Pareto>),
    /// Up to which share each branch is picked, and its mean in nanoseconds.
    Branches(Arc<[(f64, f64)]>),
    /// Each as likely, in nanoseconds.
    Empirical(Arc<[u64]>),
}

/// A bounded Pareto distribution.
#[derive(Debug, PartialEq)]
pub(in crate::engine) struct Pareto {
    /// Shortest in nanoseconds.
    min: f64,
    /// P(T ≤ max) of the distribution without an upper bound.
    kept: f64,
    /// −1/α.
    power: f64,
    max: u64,
}

impl Sampler {
    pub const ZERO: Self = Self::Constant(0);

    pub fn new(distribution: &Distribution) -> Self {
        match distribution {
            Distribution::Constant(value) => Self::Constant(value.nanos()),
            Distribution::Exponential(mean) => Self::Exponential(mean.nanos() as f64),
            Distribution::Uniform { min, max } => Self::Uniform(
                min.nanos(),
                max.nanos().saturating_sub(min.nanos()) as f64 + 1.0,
            ),
            Distribution::Erlang { k, mean } => {
                Self::Erlang(*k, mean.nanos() as f64 / f64::from((*k).max(1)))
            }
            Distribution::LogNormal { .. } | Distribution::LogNormalMean { .. } => {
                match distribution.log_normal_parameters() {
                    Some((mu, sigma)) => Self::LogNormal(mu, sigma),
                    None => Self::ZERO,
                }
            }
            Distribution::Normal { mean, sd } => {
                Self::Normal(mean.nanos() as f64, sd.nanos() as f64)
            }
            Distribution::Gamma { mean, cv } => {
                Self::Gamma(1.0 / (cv * cv), mean.nanos() as f64 * cv * cv)
            }
            Distribution::Weibull { shape, scale } => {
                Self::Weibull(1.0 / shape, scale.nanos() as f64)
            }
            Distribution::WeibullMean { shape, mean } => Self::Weibull(
                1.0 / shape,
                mean.nanos() as f64 / libm::tgamma(1.0 + 1.0 / shape),
            ),
            Distribution::BoundedPareto { alpha, min, max } => {
                let ratio = libm::log(min.nanos() as f64 / max.nanos() as f64);
                Self::Pareto(Arc::new(Pareto {
                    min: min.nanos() as f64,
                    kept: -libm::expm1(alpha * ratio),
                    power: -1.0 / alpha,
                    max: max.nanos(),
                }))
            }
            Distribution::HyperExponential(_) | Distribution::HyperExponentialMean { .. } => {
                let mut sum = 0.0;
                let branches = distribution.branches().into_iter();
                let branches = branches.map(|(share, mean_secs)| {
                    sum += share;
                    (sum, mean_secs * 1e9)
                });
                Self::Branches(branches.collect())
            }
            Distribution::Empirical(sample) => {
                Self::Empirical(sample.times().iter().map(|time| time.nanos()).collect())
            }
        }
    }

    /// A duration in nanoseconds.
    #[inline(always)]
    pub fn draw(&self, ziggurat: &Ziggurat, stream: &mut Stream) -> u64 {
        match self {
            Self::Constant(value) => *value,
            Self::Exponential(mean) => nanos(ziggurat.exponential(stream) * mean),
            other => other.draw_rare(ziggurat, stream),
        }
    }

    /// As [`Self::draw`], for those that are seldom exponential.
    #[inline(never)]
    pub fn draw_rare(&self, ziggurat: &Ziggurat, stream: &mut Stream) -> u64 {
        match self {
            Self::Constant(value) => *value,
            Self::Exponential(mean) => nanos(ziggurat.exponential(stream) * mean),
            Self::Uniform(min, width) => min + (stream.unit() * width) as u64,
            Self::LogNormal(mu, sigma) => nanos(libm::exp(mu + sigma * ziggurat.normal(stream))),
            Self::Erlang(phases, mean) => {
                let sum: f64 = (0..*phases).map(|_| ziggurat.exponential(stream)).sum();
                nanos(sum * mean)
            }
            others => others.draw_rarer(ziggurat, stream),
        }
    }

    #[inline(never)]
    fn draw_rarer(&self, ziggurat: &Ziggurat, stream: &mut Stream) -> u64 {
        match self {
            // The mean is not below 0, so at least every second one is kept.
            Self::Normal(mean, sd) => loop {
                let time = mean + sd * ziggurat.normal(stream);
                if time >= 0.0 {
                    return nanos(time);
                }
            },
            Self::Gamma(shape, scale) => nanos(gamma(*shape, ziggurat, stream) * scale),
            // −ln of a uniform number is exponential.
            Self::Weibull(power, scale) => {
                nanos(libm::pow(ziggurat.exponential(stream), *power) * scale)
            }
            // The inverse of the distribution function.
            Self::Pareto(pareto) => {
                let left = 1.0 - stream.unit() * pareto.kept;
                nanos(pareto.min * libm::pow(left, pareto.power)).min(pareto.max)
            }
            Self::Branches(branches) => {
                let u = stream.unit();
                let picked = branches.iter().find(|(share, _)| u < *share);
                let (_, mean) = picked.or(branches.last()).copied().unwrap_or_default();
                nanos(ziggurat.exponential(stream) * mean)
            }
            Self::Empirical(times) => {
                let at = stream.below(times.len() as u32) as usize;
                times.get(at).copied().unwrap_or_default()
            }
            _ => 0,
        }
    }
}

/// Gamma with scale 1 (Marsaglia and Tsang 2000, "A simple method for generating gamma variables").
fn gamma(shape: f64, ziggurat: &Ziggurat, stream: &mut Stream) -> f64 {
    if shape < 1.0 {
        // Their section 6: U^(1/shape) of one with shape + 1; −ln U is exponential.
        let down = libm::exp(-ziggurat.exponential(stream) / shape);
        return gamma(shape + 1.0, ziggurat, stream) * down;
    }
    let d = shape - 1.0 / 3.0;
    let c = 1.0 / libm::sqrt(9.0 * d);
    loop {
        let x = ziggurat.normal(stream);
        let v = 1.0 + c * x;
        if v <= 0.0 {
            continue;
        }
        let v = v * v * v;
        let u = 1.0 - stream.unit();
        if u < 1.0 - 0.0331 * (x * x) * (x * x)
            || libm::log(u) < 0.5 * x * x + d * (1.0 - v + libm::log(v))
        {
            return d * v;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Branch, Duration, Sample};

    /// Standard normal quantile for a two-sided error of one in a million, over 50 comparisons.
    const Z: f64 = 5.6;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn all() -> Vec<Distribution> {
        vec![
            Distribution::Exponential(ms(10)),
            Distribution::Uniform {
                min: ms(2),
                max: ms(9),
            },
            Distribution::LogNormal {
                p50: ms(4),
                p99: ms(20),
            },
            Distribution::LogNormalMean {
                mean: ms(10),
                cv: 0.8,
            },
            Distribution::Erlang { k: 4, mean: ms(10) },
            Distribution::Normal {
                mean: ms(10),
                sd: ms(2),
            },
            // More than a third is cut off.
            Distribution::Normal {
                mean: ms(3),
                sd: ms(10),
            },
            Distribution::Gamma {
                mean: ms(10),
                cv: 0.4,
            },
            Distribution::Gamma {
                mean: ms(10),
                cv: 1.8,
            },
            Distribution::Weibull {
                shape: 1.7,
                scale: ms(10),
            },
            Distribution::WeibullMean {
                shape: 0.8,
                mean: ms(10),
            },
            Distribution::BoundedPareto {
                alpha: 1.5,
                min: ms(1),
                max: ms(50),
            },
            // Where the general formulas divide by 0.
            Distribution::BoundedPareto {
                alpha: 1.0,
                min: ms(1),
                max: ms(20),
            },
            Distribution::BoundedPareto {
                alpha: 2.0,
                min: ms(1),
                max: ms(20),
            },
            Distribution::HyperExponential(vec![
                Branch {
                    probability: 0.7,
                    mean: ms(2),
                },
                Branch {
                    probability: 0.2,
                    mean: ms(20),
                },
                Branch {
                    probability: 0.1,
                    mean: ms(40),
                },
            ]),
            Distribution::HyperExponentialMean {
                mean: ms(10),
                cv: 2.0,
            },
            Distribution::Empirical(Sample::listed(vec![ms(1), ms(2), ms(2), ms(30)])),
        ]
    }

    fn draws(distribution: &Distribution, n: usize) -> Vec<f64> {
        let ziggurat = Ziggurat::new();
        let mut stream = Stream::new(7, "test", "samples");
        let sampler = Sampler::new(distribution);
        (0..n)
            .map(|_| sampler.draw(&ziggurat, &mut stream) as f64 / 1e9)
            .collect()
    }

    fn mean_and_error(values: &[f64]) -> (f64, f64) {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0);
        (mean, (variance / n).sqrt())
    }

    #[test]
    fn samplers_have_the_mean_and_variance_of_their_distribution() {
        for distribution in all() {
            let values = draws(&distribution, 400_000);
            let (mean, error) = mean_and_error(&values);
            let exact = distribution.mean_secs();
            assert!(
                (mean - exact).abs() < Z * error,
                "{distribution:?}: {mean} {exact}"
            );
            let squares: Vec<f64> = values.iter().map(|v| (v - exact).powi(2)).collect();
            let (variance, error) = mean_and_error(&squares);
            let exact = distribution.squared_cv() * exact * exact;
            assert!(
                (variance - exact).abs() < Z * error,
                "{distribution:?}: {variance} {exact}"
            );
        }
    }

    /// P(T ≤ t), from textbooks and not from the code above.
    fn cdf(distribution: &Distribution, t: f64) -> f64 {
        let normal = |z: f64| libm::erfc(-z / std::f64::consts::SQRT_2) / 2.0;
        match distribution {
            Distribution::Constant(value) => f64::from(t >= value.secs()),
            Distribution::Exponential(mean) => 1.0 - (-t / mean.secs()).exp(),
            Distribution::Uniform { min, max } => {
                ((t - min.secs()) / (max.secs() - min.secs())).clamp(0.0, 1.0)
            }
            Distribution::LogNormal { .. } | Distribution::LogNormalMean { .. } => {
                let (mu, sigma) = distribution.log_normal_parameters().unwrap();
                normal(((t * 1e9).ln() - mu) / sigma)
            }
            Distribution::Erlang { k, mean } => {
                incomplete_gamma(f64::from(*k), t * f64::from(*k) / mean.secs())
            }
            Distribution::Normal { mean, sd } => {
                let below = normal(-mean.secs() / sd.secs());
                (normal((t - mean.secs()) / sd.secs()) - below) / (1.0 - below)
            }
            Distribution::Gamma { mean, cv } => {
                let shape = 1.0 / (cv * cv);
                incomplete_gamma(shape, t * shape / mean.secs())
            }
            Distribution::Weibull { shape, scale } => {
                1.0 - (-(t / scale.secs()).powf(*shape)).exp()
            }
            Distribution::WeibullMean { shape, mean } => {
                let scale = mean.secs() / libm::tgamma(1.0 + 1.0 / shape);
                1.0 - (-(t / scale).powf(*shape)).exp()
            }
            Distribution::BoundedPareto { alpha, min, max } => {
                let above = |t: f64| (min.secs() / t).powf(*alpha);
                (1.0 - above(t)) / (1.0 - above(max.secs()))
            }
            Distribution::HyperExponential(branches) => branches
                .iter()
                .map(|branch| branch.probability * (1.0 - (-t / branch.mean.secs()).exp()))
                .sum(),
            Distribution::HyperExponentialMean { mean, cv } => {
                // Balanced means: Tijms 2003, "A First Course in Stochastic Models", appendix B.
                let p = f64::midpoint(1.0, ((cv * cv - 1.0) / (cv * cv + 1.0)).sqrt());
                let branch = |p: f64| p * (1.0 - (-2.0 * p * t / mean.secs()).exp());
                branch(p) + branch(1.0 - p)
            }
            Distribution::Empirical(sample) => {
                let below = sample.times().iter().filter(|time| time.secs() <= t);
                below.count() as f64 / sample.times().len() as f64
            }
        }
    }

    /// The regularized lower incomplete gamma function by its series (Abramowitz and Stegun 1964,
    /// 6.5.29).
    fn incomplete_gamma(shape: f64, x: f64) -> f64 {
        let mut term = 1.0 / shape;
        let mut sum = term;
        let mut n = shape;
        while term > sum * 1e-16 {
            n += 1.0;
            term *= x / n;
            sum += term;
        }
        (shape * x.ln() - x - libm::lgamma(shape)).exp() * sum
    }

    #[test]
    fn samplers_have_the_shape_of_their_distribution() {
        // Kolmogorov–Smirnov: P(√n D > 2.9) < 1e-7 (Kolmogorov 1933). Distributions on few points
        // stay below the limit all the more.
        let n = 200_000;
        for distribution in all() {
            let mut values = draws(&distribution, n);
            values.sort_by(f64::total_cmp);
            let mut distance = 0.0_f64;
            let mut at = 0;
            while at < n {
                let t = values[at];
                let next = at + values[at..].partition_point(|value| *value == t);
                // Half a nanosecond up: times are rounded.
                distance =
                    distance.max((cdf(&distribution, t + 0.5e-9) - next as f64 / n as f64).abs());
                at = next;
            }
            let limit = 2.9 / (n as f64).sqrt();
            assert!(distance < limit, "{distribution:?}: {distance}");
        }
    }

    #[test]
    fn the_same_numbers_come_out_on_every_machine() {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for distribution in all() {
            let ziggurat = Ziggurat::new();
            let mut stream = Stream::new(1, "test", "bits");
            let sampler = Sampler::new(&distribution);
            for _ in 0..1_000 {
                let time = sampler.draw(&ziggurat, &mut stream);
                hash = (hash ^ time).wrapping_mul(0x0100_0000_01b3);
            }
        }
        assert_eq!(format!("{hash:016x}"), "cac20301380228fb");
    }

    #[test]
    fn nothing_leaves_its_bounds() {
        let pareto = Distribution::BoundedPareto {
            alpha: 0.01,
            min: ms(1),
            max: ms(7),
        };
        assert!(
            draws(&pareto, 100_000)
                .iter()
                .all(|t| (0.001..=0.007).contains(t))
        );
        let never = Distribution::Gamma {
            mean: ms(1),
            cv: 100.0,
        };
        assert!(draws(&never, 10_000).iter().all(|t| t.is_finite()));
        for same in [
            Distribution::Normal {
                mean: ms(4),
                sd: ms(0),
            },
            Distribution::BoundedPareto {
                alpha: 2.0,
                min: ms(4),
                max: ms(4),
            },
        ] {
            assert!(draws(&same, 100).iter().all(|t| *t == 0.004));
            assert_eq!(same.mean_secs(), 0.004);
            assert_eq!(same.squared_cv(), 0.0);
        }
    }
}
