//! Whether objectives hold.

use super::{Budget, Figure};
use crate::engine::{Histogram, Totals};
use crate::scenario::{Limit, Objective, What};

/// An objective beside what was measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// The objective as a sentence: `p99 latency of users below 200ms`.
    pub text: String,
    /// What was measured, in seconds for a latency. `None`: nothing was observed.
    pub measured: Option<f64>,
    /// The limits it was held against, in the same unit.
    pub below: Option<f64>,
    /// See `below`.
    pub above: Option<f64>,
    /// Whether the measure is a time.
    pub is_time: bool,
    /// What may fail and what has failed, of an availability that must stay above a share.
    pub budget: Option<Budget>,
    /// Whether it holds. Without observations it does not.
    pub met: bool,
}

/// Judges an objective on what was counted at its component.
pub fn judge(objective: &Objective, totals: &Totals, latency: &Histogram) -> Judgement {
    let measured = match objective.what {
        What::Latency { percentile } => latency
            .quantile_ns(percentile / 100.0)
            .map(|nanos| nanos / 1e9),
        What::Availability => Figure::Availability.of(totals),
        What::Goodput => Figure::Goodput.of(totals),
        What::Utilization => Figure::Utilization.of(totals),
        What::HitRatio => Figure::HitRatio.of(totals),
        What::StaleShare => Figure::StaleShare.of(totals),
    };
    let below = objective.below.map(Limit::value);
    let above = objective.above.map(Limit::value);
    let met = measured.is_some_and(|measured| {
        below.is_none_or(|limit| measured < limit) && above.is_none_or(|limit| measured > limit)
    });
    Judgement {
        text: text(objective),
        measured,
        below,
        above,
        budget: match (objective.what, above) {
            (What::Availability, Some(above)) => Budget::of(above, totals),
            _ => None,
        },
        is_time: matches!(objective.what, What::Latency { .. }),
        met,
    }
}

/// An objective as a sentence.
pub fn text(objective: &Objective) -> String {
    let what = match objective.what {
        What::Latency { percentile } => format!("p{percentile} latency"),
        What::Availability => "availability".into(),
        What::Goodput => "goodput".into(),
        What::Utilization => "utilization".into(),
        What::HitRatio => "hit ratio".into(),
        What::StaleShare => "stale share".into(),
    };
    let limit = |limit: Limit| match limit {
        Limit::Duration(duration) => duration.to_string(),
        Limit::Number(number) => match objective.what {
            What::Goodput => format!("{number}/s"),
            _ => number.to_string(),
        },
    };
    let mut text = format!("{what} of {}", objective.of);
    if let Some(below) = objective.below {
        text += &format!(" below {}", limit(below));
    }
    if let Some(above) = objective.above {
        text += &format!(
            "{} above {}",
            if objective.below.is_some() {
                " and"
            } else {
                ""
            },
            limit(above)
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Cause, Failures};
    use crate::scenario::Duration;

    fn objective(what: What, below: Option<Limit>, above: Option<Limit>) -> Objective {
        Objective {
            what,
            of: "users".into(),
            below,
            above,
        }
    }

    #[test]
    fn limits_are_strict_and_silence_fails() {
        let totals = Totals {
            now_ns: 1_000_000_000,
            completed: 999,
            good: 999,
            failures: Failures::from([(Cause::Timeout, 1)]),
            ..Totals::default()
        };
        let mut latency = Histogram::default();
        latency.record(50_000_000);
        let check = |what, below, above| judge(&objective(what, below, above), &totals, &latency);

        let number = |number| Some(Limit::Number(number));
        assert!(!check(What::Availability, None, number(0.999)).met);
        assert!(check(What::Availability, None, number(0.99)).met);
        let budget = check(What::Availability, None, number(0.99)).budget;
        assert!((budget.unwrap().spent - 0.1).abs() < 1e-9);
        assert_eq!(check(What::Availability, number(0.99), None).budget, None);
        assert!(check(What::Goodput, number(1000.0), number(900.0)).met);
        assert!(!check(What::Utilization, number(0.7), None).met);
        let p99 = What::Latency { percentile: 99.0 };
        let below = |millis| Some(Limit::Duration(Duration::from_millis(millis)));
        let judged = check(p99, below(51), None);
        assert!(judged.met && judged.is_time);
        assert!(!check(p99, below(49), None).met);
        assert_eq!(judged.text, "p99 latency of users below 51ms");
        let both = check(What::Goodput, number(9.0), number(1.5)).text;
        assert_eq!(both, "goodput of users below 9/s and above 1.5/s");
    }
}
