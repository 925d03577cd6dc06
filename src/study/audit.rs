//! The audit by Little's law: L = λW, with L, λ and W measured apart.

use std::fmt;

use super::Figure;
use crate::engine::Totals;

/// What an audit looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Everything present: L = λW.
    All,
    /// Those waiting in line: Lq = λWq.
    Line,
    /// Those being worked on: busy slots = λS.
    Slots,
}

/// L, λ and W of a component, its line, its slots or the whole system, each measured on its own:
/// L is an integral over time, λ a count, W a sum over departures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Audit {
    /// What was audited.
    pub part: Part,
    /// Time average of the number present (waiting; being worked on).
    pub l: f64,
    /// Arrivals per second (at the line and the slots: those that left them).
    pub lambda: f64,
    /// Mean time spent (waiting; being worked on), in seconds. Of clients over all requests: those
    /// that failed are in L and λ too.
    pub w: f64,
    /// (λW − L) / L; 0 when both are 0.
    pub gap: f64,
    /// What the gap means.
    pub verdict: Verdict,
}

/// What a gap between L and λW means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Verdict {
    /// No visible gap.
    Agree,
    /// A gap no larger than chance makes it, with so many departures.
    Noise,
    /// The window cuts calls in two: those present at its start or end count in L with the time
    /// inside the window and in W, if at all, with all of it.
    Edge,
    /// More came than left, by this many calls per second: W lags behind.
    Growth(f64),
    /// More left than came, by this many calls per second: old calls make W long.
    Draining(f64),
    /// More than the calls at the edges can explain: the counting is wrong.
    Broken,
}

/// A gap below this can't be seen at the precision that figures are shown with.
const VISIBLE: f64 = 0.0005;
/// Standard deviations of chance from which a difference between arrivals and departures is taken
/// for a trend.
const TREND: f64 = 3.0;

impl Audit {
    /// Audits what was counted in a window. `None` when nothing left in it, or it has no length.
    pub fn of(part: Part, totals: &Totals) -> Option<Self> {
        let secs = totals.window_secs();
        let (l, w, left) = match part {
            Part::All => (Figure::L, Figure::W, totals.departures),
            Part::Line => (Figure::Lq, Figure::Wq, totals.waits),
            Part::Slots => (Figure::Busy, Figure::S, totals.services),
        };
        let (l, w) = (l.of(totals)?, w.of(totals)?);
        let came = if part == Part::All {
            totals.arrivals
        } else {
            left
        };
        let lambda = came as f64 / secs;
        let gap = if l > 0.0 {
            (lambda * w - l) / l
        } else if lambda * w == 0.0 {
            0.0
        } else {
            f64::INFINITY
        };
        let verdict = judge(part, totals, gap, left);
        Some(Self {
            part,
            l,
            lambda,
            w,
            gap,
            verdict,
        })
    }

    /// λW.
    pub fn lambda_w(&self) -> f64 {
        self.lambda * self.w
    }
}

fn judge(part: Part, totals: &Totals, gap: f64, left: u64) -> Verdict {
    if part == Part::All {
        if !edges_explain(totals) {
            return Verdict::Broken;
        }
        let difference = totals.arrivals as f64 - totals.departures as f64;
        let chance = ((totals.arrivals + totals.departures) as f64).sqrt();
        let per_sec = difference.abs() / totals.window_secs();
        if difference > TREND * chance {
            return Verdict::Growth(per_sec);
        }
        if -difference > TREND * chance {
            return Verdict::Draining(per_sec);
        }
    }
    if gap.abs() < VISIBLE {
        Verdict::Agree
    } else if gap.abs() < 2.0 / (left as f64).sqrt() {
        Verdict::Noise
    } else {
        Verdict::Edge
    }
}

/// The area under N(t) is the time that all calls spent inside the window. What left took its
/// whole time along. So the area is at most that of those who left plus the window's length for
/// each one still present, and less by at most what those present at the start had spent before,
/// which is not more than all the time there was.
fn edges_explain(totals: &Totals) -> bool {
    let window_ns = u128::from(totals.now_ns - totals.since_ns);
    let most = totals.sojourn_sum_ns + u128::from(totals.present) * window_ns;
    let before = u128::from(totals.present_at_start) * u128::from(totals.since_ns);
    let least = totals.sojourn_sum_ns.saturating_sub(before);
    (least..=most).contains(&totals.present_area)
}

impl fmt::Display for Verdict {
    /// A sentence for people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Agree => f.write_str("L and λ·W agree"),
            Self::Noise => f.write_str("noise: the gap is no larger than chance makes it"),
            Self::Edge => {
                f.write_str("edge effect: calls present at the start or end are cut by the window")
            }
            Self::Growth(rate) => {
                write!(
                    f,
                    "growth: arrivals outrun departures by {}/s",
                    short(*rate)
                )
            }
            Self::Draining(rate) => {
                write!(
                    f,
                    "draining: departures outrun arrivals by {}/s",
                    short(*rate)
                )
            }
            Self::Broken => f.write_str("the books don't balance: this is a bug, please report it"),
        }
    }
}

/// Two or three digits.
fn short(value: f64) -> String {
    if value >= 10.0 {
        format!("{value:.0}")
    } else if value >= 1.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.2}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    /// `secs` seconds with so many arrivals and departures of `sojourn_ms` each.
    fn window(secs: u64, arrivals: u64, departures: u64, sojourn_ms: u64) -> Totals {
        let sojourn_sum_ns = u128::from(departures * sojourn_ms) * 1_000_000;
        Totals {
            now_ns: secs * SECOND,
            arrivals,
            departures,
            present: arrivals - departures,
            present_area: sojourn_sum_ns,
            sojourn_sum_ns,
            ..Totals::default()
        }
    }

    fn verdict(totals: &Totals) -> Verdict {
        Audit::of(Part::All, totals).unwrap().verdict
    }

    #[test]
    fn a_closed_window_agrees_to_the_last_bit() {
        let audit = Audit::of(Part::All, &window(10, 1000, 1000, 40)).unwrap();
        assert_eq!((audit.l, audit.lambda, audit.w), (4.0, 100.0, 0.04));
        assert_eq!(audit.verdict, Verdict::Agree);
        assert!(audit.gap.abs() < 1e-12);
    }

    #[test]
    fn a_few_calls_inside_are_noise() {
        // Four more came than left and spent 60 ms so far: 1 % of 400 ± 5 %.
        let mut totals = window(10, 404, 400, 40);
        totals.present_area += 60_000_000;
        assert_eq!(verdict(&totals), Verdict::Noise);
    }

    #[test]
    fn long_calls_cut_by_the_window_are_an_edge_effect() {
        // 10,000 short calls left, and fifty calls of an hour were inside all the time.
        let mut totals = window(100, 10_000, 10_000, 10);
        totals.present_at_start = 50;
        totals.present = 50;
        totals.since_ns = 3600 * SECOND;
        totals.now_ns += totals.since_ns;
        totals.present_area += 50 * 100 * u128::from(SECOND);
        assert_eq!(verdict(&totals), Verdict::Edge);
    }

    #[test]
    fn overload_is_growth() {
        // 112/s come and 100/s leave for 100 s, from empty: N(t) = 12 t, area 12 t²/2.
        let mut totals = window(100, 11_200, 10_000, 5_000);
        totals.present_area = u128::from(6 * 100 * 100 * SECOND);
        totals.sojourn_sum_ns = totals.present_area / 2;
        assert_eq!(verdict(&totals), Verdict::Growth(12.0));
        let text = Verdict::Growth(12.0).to_string();
        assert_eq!(text, "growth: arrivals outrun departures by 12/s");
    }

    #[test]
    fn a_backlog_worked_off_is_draining() {
        let totals = Totals {
            since_ns: 100 * SECOND,
            now_ns: 200 * SECOND,
            present_at_start: 1000,
            arrivals: 5000,
            departures: 6000,
            present_area: u128::from(50_000 * SECOND),
            sojourn_sum_ns: u128::from(60_000 * SECOND),
            ..Totals::default()
        };
        assert_eq!(verdict(&totals), Verdict::Draining(10.0));
    }

    #[test]
    fn what_the_edges_cannot_explain_is_a_bug() {
        let mut totals = window(10, 1000, 1000, 40);
        totals.present_area += 1;
        assert_eq!(verdict(&totals), Verdict::Broken);
        totals.present_area -= 2;
        assert_eq!(verdict(&totals), Verdict::Broken);
        let mut totals = window(10, 1001, 1000, 40);
        totals.present_area += u128::from(10 * SECOND) + 1;
        assert_eq!(verdict(&totals), Verdict::Broken);
    }

    #[test]
    fn the_line_and_the_slots_have_their_own_law() {
        let totals = Totals {
            now_ns: 10 * SECOND,
            waiting_area: u128::from(32 * SECOND),
            waits: 800,
            wait_sum_ns: u128::from(32 * SECOND),
            busy_area: u128::from(8 * SECOND),
            services: 799,
            service_sum_ns: u128::from(8 * SECOND) - 10_000_000,
            departures: 799,
            ..Totals::default()
        };
        let line = Audit::of(Part::Line, &totals).unwrap();
        assert_eq!((line.l, line.lambda, line.w), (3.2, 80.0, 0.04));
        assert_eq!(line.verdict, Verdict::Agree);
        let slots = Audit::of(Part::Slots, &totals).unwrap();
        assert_eq!((slots.l, slots.verdict), (0.8, Verdict::Noise));
    }

    #[test]
    fn nothing_left_nothing_said() {
        assert_eq!(Audit::of(Part::All, &Totals::default()), None);
        assert_eq!(Audit::of(Part::All, &window(10, 5, 0, 0)), None);
        let at_once = Audit::of(Part::All, &window(10, 5, 5, 0)).unwrap();
        assert_eq!((at_once.gap, at_once.verdict), (0.0, Verdict::Agree));
    }
}
