//! How sure a figure is: 95 % confidence intervals from batches of one run, or from several runs.

use super::{Figure, window};
use crate::engine::Totals;

/// A 95 % confidence interval around a figure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The figure.
    pub estimate: f64,
    /// How far the truth may be from it, with 95 % confidence.
    pub half_width: f64,
    /// The largest value that the figure can have: 1 for a share, else infinite.
    pub most: f64,
    /// Number of batches or runs it rests on.
    pub batches: usize,
}

/// Batches that a run is cut into. More than 30 gain nothing and leave neighbours correlated;
/// fewer than 10 make Student's t wide (Schmeiser 1982, Operations Research 30).
const BATCHES: usize = 25;
/// Relative error of a percentile from a histogram ([`crate::engine::Histogram`]).
const RESOLUTION: f64 = 0.008;
/// Fewest batches, or runs, that give an interval.
const FEWEST_BATCHES: usize = 10;

impl Interval {
    /// Lower end; no figure is below 0.
    pub fn low(&self) -> f64 {
        (self.estimate - self.half_width).max(0.0)
    }

    /// Upper end.
    pub fn high(&self) -> f64 {
        (self.estimate + self.half_width).min(self.most)
    }

    /// Half-width relative to the estimate. `None` when that is 0.
    pub fn relative(&self) -> Option<f64> {
        (self.estimate != 0.0).then(|| self.half_width / self.estimate.abs())
    }

    /// How many half-widths lie between the estimate and `truth`. `None` when both the width and
    /// the difference are 0, or the width alone is.
    pub fn distance(&self, truth: f64) -> Option<f64> {
        (self.half_width > 0.0).then(|| (self.estimate - truth) / self.half_width)
    }

    /// The interval of a figure from adjacent windows of one run, by batch means: the windows are
    /// joined to 25 batches, each figure is a ratio estimator over them (Law and Kelton,
    /// *Simulation Modeling and Analysis*, 3rd edition 2000, sections 9.5.3 and 9.5.2), with
    /// Student's t. Where neighbouring batches still go the same way, the variance is widened by
    /// (1 + r) / (1 − r), r being the correlation of neighbours (as if of first order;
    /// Steiger et al. 2005, ASAP3).
    ///
    /// `None` with fewer than 10 windows, or when hardly anything was observed.
    pub fn of_batches(windows: &[Totals], figure: Figure) -> Option<Self> {
        let batches: Vec<Totals> = ranges(windows.len())
            .map(|range| {
                windows[range]
                    .iter()
                    .fold(Totals::default(), |sum, more| window::join(&sum, more))
            })
            .collect();
        Self::of_ratios(&batches, figure, true)
    }

    /// The interval of a figure from the windows of independent runs.
    pub fn of_runs(runs: &[Totals], figure: Figure) -> Option<Self> {
        Self::of_ratios(runs, figure, false)
    }

    fn of_ratios(samples: &[Totals], figure: Figure, adjacent: bool) -> Option<Self> {
        let ratios: Vec<(f64, f64)> = samples.iter().map(|window| figure.ratio(window)).collect();
        let observed = ratios.iter().filter(|(_, below)| *below > 0.0).count();
        let fewest = if adjacent { FEWEST_BATCHES } else { 2 };
        if observed < fewest || observed * 2 < ratios.len() {
            return None;
        }
        let above: f64 = ratios.iter().map(|(above, _)| above).sum();
        let below: f64 = ratios.iter().map(|(_, below)| below).sum();
        let estimate = above / below;
        let residuals: Vec<f64> = ratios
            .iter()
            .map(|(above, below)| above - estimate * below)
            .collect();
        let mean_below = below / ratios.len() as f64;
        let interval = Self::of_residuals(estimate, &residuals, adjacent, mean_below);
        let most = if figure.is_share() {
            1.0
        } else {
            f64::INFINITY
        };
        Some(Self { most, ..interval })
    }

    /// The interval of a quantile from the same quantile in each batch or run ("sectioning":
    /// Asmussen and Glynn, *Stochastic Simulation*, 2007, section III.5): the estimate is that of
    /// everything together, the spread that of the sections.
    pub fn of_sections(estimate: f64, sections: &[f64], adjacent: bool) -> Option<Self> {
        let fewest = if adjacent { FEWEST_BATCHES } else { 2 };
        if sections.len() < fewest {
            return None;
        }
        let mean = sections.iter().sum::<f64>() / sections.len() as f64;
        let residuals: Vec<f64> = sections.iter().map(|section| section - mean).collect();
        let interval = Self::of_residuals(estimate, &residuals, adjacent, 1.0);
        // What falls in one bucket of a histogram can't be told apart.
        let half_width = interval.half_width.max(estimate.abs() * RESOLUTION);
        Some(Self {
            half_width,
            ..interval
        })
    }

    fn of_residuals(estimate: f64, residuals: &[f64], adjacent: bool, scale: f64) -> Self {
        let count = residuals.len();
        let squares: f64 = residuals.iter().map(|residual| residual * residual).sum();
        let mut variance = squares / (count - 1) as f64 / count as f64;
        if adjacent && squares > 0.0 {
            let products: f64 = residuals.windows(2).map(|pair| pair[0] * pair[1]).sum();
            let correlation = (products / squares).clamp(0.0, 0.9);
            variance *= (1.0 + correlation) / (1.0 - correlation);
        }
        Self {
            estimate,
            half_width: student_975(count - 1) * variance.sqrt() / scale,
            most: f64::INFINITY,
            batches: count,
        }
    }

    /// The same width around another estimate of the same figure.
    #[must_use]
    pub fn around(self, estimate: f64) -> Self {
        Self { estimate, ..self }
    }
}

/// Splits `windows` adjacent windows into batches of as equal a length as can be.
pub(crate) fn ranges(windows: usize) -> impl Iterator<Item = std::ops::Range<usize>> {
    let batches = BATCHES.min(windows);
    (0..batches).map(move |batch| batch * windows / batches..(batch + 1) * windows / batches)
}

/// The 97.5th percentile of Student's t, to three decimals: the table of every textbook, and
/// beyond it the expansion of Abramowitz and Stegun 1964, eq. 26.7.5.
fn student_975(degrees: usize) -> f64 {
    const TABLE: [f64; 30] = [
        12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160,
        2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056,
        2.052, 2.048, 2.045, 2.042,
    ];
    match degrees {
        0 => f64::INFINITY,
        1..=30 => TABLE[degrees - 1],
        _ => {
            let (z, n) = (1.959_964_f64, degrees as f64);
            z + (z.powi(3) + z) / (4.0 * n)
                + (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / (96.0 * n * n)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A small generator, so that the tests need no dependency: `SplitMix64` (Steele et al. 2014).
    struct Uniform(u64);

    impl Uniform {
        fn next(&mut self) -> f64 {
            self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut z = self.0;
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
        }
    }

    /// Windows of one second whose sojourns follow an autoregression around 10 ms.
    fn windows(seed: u64, count: usize, correlation: f64) -> Vec<Totals> {
        let mut random = Uniform(seed);
        let mut level = 0.0;
        (0..count as u64)
            .map(|index| {
                let noise: f64 = (0..12).map(|_| random.next()).sum::<f64>() - 6.0;
                level = correlation * level + noise;
                let departures = 80 + (random.next() * 40.0) as u64;
                let sojourn_ns = 10e6 + 0.5e6 * level;
                Totals {
                    since_ns: index * 1_000_000_000,
                    now_ns: (index + 1) * 1_000_000_000,
                    departures,
                    sojourn_sum_ns: (departures as f64 * sojourn_ns) as u128,
                    ..Totals::default()
                }
            })
            .collect()
    }

    #[test]
    fn intervals_cover_the_truth_as_often_as_they_say() {
        for correlation in [0.0, 0.8] {
            let covered = (0..400)
                .filter(|seed| {
                    let windows = windows(*seed, 500, correlation);
                    let interval = Interval::of_batches(&windows, Figure::W).unwrap();
                    assert_eq!(interval.batches, 25);
                    (interval.estimate - 0.01).abs() <= interval.half_width
                })
                .count();
            // 95 % of 400 is 380 with a standard deviation of 4.4; five of them on either side,
            // and all of them when the correlation makes the interval cautious.
            assert!((358..=400).contains(&covered), "{correlation}: {covered}");
        }
    }

    #[test]
    fn runs_need_no_correction() {
        let runs = windows(7, 20, 0.0);
        let interval = Interval::of_runs(&runs, Figure::W).unwrap();
        assert_eq!(interval.batches, 20);
        assert!(interval.low() < 0.01 && interval.high() > 0.0099);
        assert_eq!(Interval::of_runs(&runs[..1], Figure::W), None);
    }

    #[test]
    fn little_evidence_gives_no_interval() {
        assert_eq!(Interval::of_batches(&windows(1, 9, 0.0), Figure::W), None);
        assert_eq!(Interval::of_batches(&[], Figure::W), None);
        assert_eq!(
            Interval::of_batches(&windows(1, 100, 0.0), Figure::HitRatio),
            None
        );
    }

    #[test]
    fn a_constant_has_no_width() {
        let window = |index: u64| Totals {
            since_ns: index,
            now_ns: index + 1,
            departures: 1,
            sojourn_sum_ns: 5_000_000_000,
            ..Totals::default()
        };
        let windows: Vec<_> = (0..40).map(window).collect();
        let interval = Interval::of_batches(&windows, Figure::W).unwrap();
        assert_eq!((interval.estimate, interval.half_width), (5.0, 0.0));
        assert_eq!(interval.distance(4.0), None);
        assert_eq!(interval.relative(), Some(0.0));
    }

    #[test]
    fn sections_spread_around_the_whole() {
        let interval = Interval::of_sections(2.0, &[1.0, 3.0, 1.0, 3.0], false).unwrap();
        // s² = 4/3, n = 4, t₃ = 3.182.
        let expected = 3.182 * (4.0_f64 / 3.0 / 4.0).sqrt();
        assert!((interval.half_width - expected).abs() < 1e-12);
        let same_bucket = Interval::of_sections(2.0, &[2.0; 30], true).unwrap();
        assert_eq!(same_bucket.half_width, 2.0 * RESOLUTION);
    }

    #[test]
    fn intervals_stay_where_the_figure_can_be() {
        let window = |completed: u64, failed: u64| Totals {
            now_ns: 1_000_000_000,
            completed,
            failures: [(crate::engine::Cause::Timeout, failed)].into(),
            ..Totals::default()
        };
        let runs = [window(100, 0), window(100, 0), window(100, 9)];
        let interval = Interval::of_runs(&runs, Figure::Availability).unwrap();
        assert!(interval.estimate + interval.half_width > 1.0);
        assert_eq!(interval.high(), 1.0);
        let interval = Interval::of_runs(&runs, Figure::FailureRate).unwrap();
        assert_eq!(interval.low(), 0.0);
        assert!(interval.high() > 3.0);
    }

    #[test]
    fn batches_are_of_equal_length() {
        for windows in [0, 3, 25, 512, 700, 1023] {
            let lengths: Vec<usize> = ranges(windows).map(|range| range.len()).collect();
            assert_eq!(lengths.iter().sum::<usize>(), windows);
            let (min, max) = (lengths.iter().min(), lengths.iter().max());
            assert!(max.unwrap_or(&0) - min.unwrap_or(&0) <= 1, "{lengths:?}");
        }
    }

    #[test]
    fn student_matches_the_table_at_its_seam() {
        // Abramowitz and Stegun 1964, table 26.10: t(0.975) is 2.021 for 40, 2.000 for 60 and
        // 1.980 for 120 degrees of freedom.
        for (degrees, t) in [(40, 2.021), (60, 2.000), (120, 1.980), (1_000_000, 1.960)] {
            assert!((student_975(degrees) - t).abs() < 6e-4, "{degrees}");
        }
    }
}
