//! Where a run's start-up ends.

use super::{Figure, Of, Series};
use crate::engine::Nanos;

/// Values that are averaged before the rule looks at them.
const GROUP: usize = 5;

/// How many values to cut off at the start so that the mean of the rest is known best: MSER-5
/// (White 1997, "An effective truncation heuristic for bias reduction in simulation output",
/// Simulation 69; White, Cobb and Spratt 2000). Means of five values Y; the cut d minimizes
/// Σᵢ₍ᵢ>d₎ (Yᵢ − Ȳ)² / (n − d)².
///
/// `None` when the best cut is not in the first half: then the run has not settled, or is too
/// short to tell.
pub fn mser5(values: &[f64]) -> Option<usize> {
    let groups: Vec<f64> = values
        .chunks_exact(GROUP)
        .map(|group| group.iter().sum::<f64>() / GROUP as f64)
        .collect();
    let count = groups.len();
    if count < 4 {
        return None;
    }
    // From the end: sums of the rest in one pass, relative to the last value against cancellation.
    let origin = groups[count - 1];
    let (mut sum, mut squares) = (0.0, 0.0);
    let mut best = (f64::INFINITY, count);
    for cut in (0..count).rev() {
        let value = groups[cut] - origin;
        sum += value;
        squares += value * value;
        let rest = (count - cut) as f64;
        let spread = (squares - sum * sum / rest).max(0.0) / (rest * rest);
        // The last few always look settled (White et al. 2000 leave them out as well).
        if count - cut >= 5.min(count / 2) && spread <= best.0 {
            best = (spread, cut);
        }
    }
    (best.1 <= count / 2).then_some(best.1 * GROUP)
}

/// The simulated time at which a run's start-up ends: [`mser5`] on the calls present in all
/// components together. `None` when it has not settled.
pub fn end_ns(series: &Series, components: usize) -> Option<Nanos> {
    let mut present: Vec<f64> = vec![0.0; series.len()];
    let recorded: Vec<Of> = (0..components)
        .map(Of::Component)
        .filter(|of| series.intervals(*of).len() == series.len())
        .collect();
    let subjects = if recorded.len() == components {
        recorded
    } else {
        vec![Of::System]
    };
    for of in subjects {
        for (sum, interval) in present.iter_mut().zip(series.intervals(of)) {
            *sum += Figure::L.of(interval).unwrap_or(0.0);
        }
    }
    let cut = mser5(&present)?;
    Some(cut as Nanos * series.interval_ns())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Noise of −1..1 that needs no generator: the fractional parts of multiples of the golden
    /// ratio.
    fn noise(index: usize) -> f64 {
        (index as f64 * 0.618_033_988_749_895).fract() * 2.0 - 1.0
    }

    #[test]
    fn a_start_up_is_cut_off() {
        let values: Vec<f64> = (0..1000)
            .map(|i| 10.0 * (1.0 - (-(i as f64) / 30.0).exp()) + noise(i) * 0.5)
            .collect();
        let cut = mser5(&values).unwrap();
        assert!((50..250).contains(&cut), "{cut}");
    }

    #[test]
    fn a_step_is_cut_off_where_it_is() {
        let values: Vec<f64> = (0..1000)
            .map(|i| noise(i) + if i < 200 { 50.0 } else { 0.0 })
            .collect();
        assert_eq!(mser5(&values), Some(200));
    }

    #[test]
    fn a_settled_run_is_kept_almost_whole() {
        let values: Vec<f64> = (0..1000).map(noise).collect();
        assert!(mser5(&values).unwrap() < 100);
        assert_eq!(mser5(&[3.0; 100]), Some(0));
    }

    #[test]
    fn growth_never_settles() {
        let values: Vec<f64> = (0..1000).map(|i| i as f64 + noise(i)).collect();
        assert_eq!(mser5(&values), None);
        assert_eq!(mser5(&values[..10]), None);
    }
}
