//! Error budgets: how much may fail, how much of that has failed, and how fast it goes.
//!
//! An objective of 99.9 % lets one request in a thousand fail. The burn rate is how many times
//! faster failures come than that: at 1 the budget lasts exactly as long as the objective counts, at
//! 14.4 a month's budget is gone in 50 hours (Beyer et al. 2018, "The Site Reliability Workbook",
//! chapter 5).

use crate::engine::Totals;
use crate::theory::availability;

/// The error budget of an availability objective over what was measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Budget {
    /// Requests that ended.
    pub ended: u64,
    /// Of those, requests that failed.
    pub failed: u64,
    /// Requests that may fail: (1 − objective) × ended.
    pub allowed: f64,
    /// Share of the budget that is used up, and the burn rate over all of it.
    pub spent: f64,
    /// Highest burn rate over any window of so many seconds, as far as the run is long enough.
    pub burns: Vec<(f64, f64)>,
    objective: f64,
}

/// The windows over which burn rates are watched: 5 and 30 minutes, 1, 6 and 72 hours (Beyer et al.
/// 2018, chapter 5, table 5-8).
const WINDOWS_SECS: [f64; 5] = [300.0, 1_800.0, 3_600.0, 21_600.0, 259_200.0];

impl Budget {
    /// Of an objective between 0 and 1, from what was counted. `None` when nothing ended, or nothing
    /// may fail.
    pub fn of(objective: f64, totals: &Totals) -> Option<Self> {
        let failed = totals.failures.total();
        let ended = totals.completed + failed;
        let allowed = (1.0 - objective) * ended as f64;
        (allowed > 0.0).then(|| Self {
            ended,
            failed,
            allowed,
            spent: failed as f64 / allowed,
            burns: Vec::new(),
            objective,
        })
    }

    /// Looks for the highest burn rates in the intervals of a course. They are as long as each
    /// other, and oldest first.
    pub fn burn(&mut self, intervals: &[Totals]) {
        let secs: f64 = intervals.iter().map(Totals::window_secs).sum();
        let counts: Vec<(u64, u64)> = std::iter::once((0, 0))
            .chain(intervals.iter().scan((0, 0), |sum, interval| {
                let failed = interval.failures.total();
                *sum = (sum.0 + failed, sum.1 + failed + interval.completed);
                Some(*sum)
            }))
            .collect();
        self.burns = WINDOWS_SECS
            .into_iter()
            .filter(|window| *window <= secs)
            .filter_map(|window| {
                let each = secs / intervals.len() as f64;
                // No shorter than the window: what the grid can't tell apart is averaged.
                let length = ((window / each).ceil() as usize).clamp(1, intervals.len());
                let highest = counts
                    .iter()
                    .zip(&counts[length..])
                    .filter(|(before, after)| after.1 > before.1)
                    .map(|(before, after)| {
                        (after.0 - before.0) as f64 / (after.1 - before.1) as f64
                    })
                    .reduce(f64::max)?;
                Some((window, highest / (1.0 - self.objective)))
            })
            .collect();
    }

    /// Nines of what was measured. `None`: nothing failed.
    pub fn nines(&self) -> Option<f64> {
        availability::nines(self.availability())
    }

    /// Seconds a year without an answer, were every year as what was measured.
    pub fn downtime_per_year(&self) -> f64 {
        availability::downtime_per_year(self.availability())
    }

    fn availability(&self) -> f64 {
        1.0 - self.failed as f64 / self.ended as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Cause, Failures};

    fn window(from_secs: u64, until_secs: u64, completed: u64, failed: u64) -> Totals {
        let mut failures = Failures::default();
        failures.0[Cause::Timeout as usize] = failed;
        Totals {
            since_ns: from_secs * 1_000_000_000,
            now_ns: until_secs * 1_000_000_000,
            completed,
            failures,
            ..Totals::default()
        }
    }

    #[test]
    fn a_budget_by_hand() {
        // Of 10,000 requests at 99.9 % ten may fail; five did.
        let budget = Budget::of(0.999, &window(0, 100, 9_995, 5)).unwrap();
        assert!((budget.allowed - 10.0).abs() < 1e-9);
        assert!((budget.spent - 0.5).abs() < 1e-9);
        assert!((budget.nines().unwrap() - 3.301_03).abs() < 1e-5);
        assert!((budget.downtime_per_year() - 15_778.8).abs() < 1e-6);
        assert_eq!(Budget::of(0.999, &window(0, 100, 0, 0)), None);
        assert_eq!(Budget::of(1.0, &window(0, 100, 10, 0)), None);
        assert_eq!(
            Budget::of(0.9, &window(0, 100, 10, 0)).unwrap().nines(),
            None
        );
    }

    #[test]
    fn burn_rates_are_highest_where_it_burns() {
        // An hour in minutes, 1,000 requests each; all fail for 3 minutes: 3,000 of 60,000, when
        // 60 may. Over five minutes three fifths fail: 600 times too many.
        let minutes: Vec<Totals> = (0..60)
            .map(|minute| match minute {
                20..23 => window(minute * 60, minute * 60 + 60, 0, 1_000),
                _ => window(minute * 60, minute * 60 + 60, 1_000, 0),
            })
            .collect();
        let mut budget = Budget::of(0.999, &window(0, 3_600, 57_000, 3_000)).unwrap();
        budget.burn(&minutes);
        assert!((budget.spent - 50.0).abs() < 1e-9);
        let windows: Vec<f64> = budget.burns.iter().map(|(secs, _)| *secs).collect();
        assert_eq!(windows, [300.0, 1_800.0, 3_600.0]);
        for ((_, found), exact) in budget.burns.iter().zip([600.0, 100.0, 50.0]) {
            assert!((found - exact).abs() < 1e-6, "{:?}", budget.burns);
        }
        budget.burn(&[]);
        assert!(budget.burns.is_empty());
    }
}
