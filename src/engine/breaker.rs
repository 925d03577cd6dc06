//! Circuit breakers: closed, open, half-open.
//!
//! An open breaker needs no event to become half-open: it is when somebody asks after its time.
//! Verdicts belong to an *era*, which ends with every change of state: what was sent before the
//! breaker opened says nothing to a probe.

use super::Nanos;
use crate::scenario::{self, Trip};

/// Whether a breaker lets attempts through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BreakerState {
    /// All of them.
    Closed,
    /// None.
    Open,
    /// So many probes as it takes to decide.
    HalfOpen,
}

/// A breaker while it runs.
#[derive(Clone, Debug)]
pub(super) struct Breaker {
    trip: Trip,
    open_ns: u64,
    probes: u32,
    state: State,
    era: u32,
    /// Failures in a row.
    in_a_row: u32,
    /// How the last attempts ended, oldest overwritten first; of a breaker that looks at a ratio.
    window: Vec<bool>,
    next: usize,
    failed: u32,
    /// Since when the figures count.
    since: Nanos,
    opened: u64,
    /// Time it was open, in the openings that are over.
    open_sum: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Closed,
    Open {
        from: Nanos,
        until: Nanos,
    },
    /// `out` probes are under way, `well` were answered well.
    HalfOpen {
        out: u32,
        well: u32,
    },
}

impl Breaker {
    pub fn new(drawn: &scenario::Breaker) -> Self {
        Self {
            trip: drawn.trip,
            open_ns: drawn.open.nanos(),
            probes: drawn.probes,
            state: State::Closed,
            era: 0,
            in_a_row: 0,
            window: Vec::with_capacity(longest(drawn.trip)),
            next: 0,
            failed: 0,
            since: 0,
            opened: 0,
            open_sum: 0,
        }
    }

    /// Takes over the state of the breaker it was before an edit; what it looks at is its own. A
    /// window of another length starts empty.
    pub fn adopt(&mut self, old: Self) {
        let (trip, open_ns, probes) = (self.trip, self.open_ns, self.probes);
        let kept = longest(trip) == longest(old.trip);
        *self = Self {
            trip,
            open_ns,
            probes,
            ..old
        };
        if !kept {
            self.clear();
            self.window = Vec::with_capacity(longest(trip));
        }
    }

    /// Nothing has been seen yet.
    fn clear(&mut self) {
        self.in_a_row = 0;
        self.window.clear();
        self.next = 0;
        self.failed = 0;
    }

    /// An attempt wants to set off. Says in which era it does; `None`: it may not.
    pub fn admit(&mut self, now: Nanos) -> Option<u32> {
        if let State::Open { from, until } = self.state
            && now >= until
        {
            self.open_sum += until.saturating_sub(from.max(self.since));
            self.change(State::HalfOpen { out: 0, well: 0 });
        }
        match &mut self.state {
            State::Closed => Some(self.era),
            State::Open { .. } => None,
            State::HalfOpen { out, well } if *out + *well < self.probes => {
                *out += 1;
                Some(self.era)
            }
            State::HalfOpen { .. } => None,
        }
    }

    /// An attempt that set off in `era` has ended. `failed`: `None` when that says nothing about the
    /// callee.
    pub fn ended(&mut self, era: u32, failed: Option<bool>, now: Nanos) {
        if era != self.era {
            return;
        }
        match (&mut self.state, failed) {
            (State::Closed, Some(failed)) => {
                if self.trips(failed) {
                    self.open(now);
                }
            }
            (State::HalfOpen { .. }, Some(true)) => self.open(now),
            (State::HalfOpen { out, well }, Some(false)) => {
                *out -= 1;
                *well += 1;
                if *well >= self.probes {
                    self.clear();
                    self.change(State::Closed);
                }
            }
            (State::HalfOpen { out, .. }, None) => *out -= 1,
            (State::Closed | State::Open { .. }, _) => {}
        }
    }

    /// Notes how an attempt ended. Says whether that is enough to open.
    fn trips(&mut self, failed: bool) -> bool {
        match self.trip {
            Trip::Consecutive { failures } => {
                self.in_a_row = if failed { self.in_a_row + 1 } else { 0 };
                self.in_a_row >= failures
            }
            Trip::Ratio {
                share,
                window,
                least,
            } => {
                if self.window.len() < window as usize {
                    self.window.push(failed);
                } else {
                    let oldest = std::mem::replace(&mut self.window[self.next], failed);
                    self.failed -= u32::from(oldest);
                    self.next = (self.next + 1) % window as usize;
                }
                self.failed += u32::from(failed);
                let seen = self.window.len();
                // A success lowers the share, so it never opens.
                failed && seen >= least as usize && f64::from(self.failed) >= share * seen as f64
            }
        }
    }

    fn open(&mut self, now: Nanos) {
        self.opened += 1;
        self.clear();
        self.change(State::Open {
            from: now,
            until: now.saturating_add(self.open_ns),
        });
    }

    fn change(&mut self, state: State) {
        self.state = state;
        self.era = self.era.wrapping_add(1);
    }

    /// Its state at `now`.
    pub fn state(&self, now: Nanos) -> BreakerState {
        match self.state {
            State::Closed => BreakerState::Closed,
            State::Open { until, .. } if now < until => BreakerState::Open,
            State::Open { .. } | State::HalfOpen { .. } => BreakerState::HalfOpen,
        }
    }

    /// How many times it has opened, and for how long it has been open.
    pub fn totals(&self, now: Nanos) -> (u64, u64) {
        let open = match self.state {
            State::Open { from, until } => now.min(until).saturating_sub(from.max(self.since)),
            State::Closed | State::HalfOpen { .. } => 0,
        };
        (self.opened, self.open_sum + open)
    }

    /// Forgets what was counted.
    pub fn reset(&mut self, now: Nanos) {
        self.since = now;
        self.opened = 0;
        self.open_sum = 0;
    }

    /// Probes under way, and the era they belong to.
    pub fn probes_out(&self) -> Option<(u32, u32)> {
        match self.state {
            State::HalfOpen { out, .. } => Some((self.era, out)),
            State::Closed | State::Open { .. } => None,
        }
    }
}

fn longest(trip: Trip) -> usize {
    match trip {
        Trip::Consecutive { .. } => 0,
        Trip::Ratio { window, .. } => window as usize,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Duration;

    fn breaker(trip: Trip, probes: u32) -> Breaker {
        Breaker::new(&scenario::Breaker {
            trip,
            open: Duration::from_nanos(100),
            probes,
        })
    }

    /// One attempt after the other, each ending at once: `+` well, `-` failed; `.` 10 ns go by.
    /// What comes out: the same, and `x` where none was let through.
    fn play(breaker: &mut Breaker, now: &mut u64, attempts: &str) -> String {
        let mut out = String::new();
        for attempt in attempts.chars() {
            if attempt == '.' {
                *now += 10;
                continue;
            }
            let Some(era) = breaker.admit(*now) else {
                out.push('x');
                continue;
            };
            breaker.ended(era, Some(attempt == '-'), *now);
            out.push(attempt);
        }
        out
    }

    #[track_caller]
    fn check(trip: Trip, probes: u32, attempts: &str, expected: &str) {
        let found = play(&mut breaker(trip, probes), &mut 0, attempts);
        assert_eq!(found, expected, "{trip:?}");
    }

    #[test]
    fn failures_in_a_row_open_it() {
        let trip = Trip::Consecutive { failures: 3 };
        check(trip, 1, "--+--+--+", "--+--+--+");
        check(trip, 1, "---++", "---xx");
        // Open for 100 ns; then a probe closes it, or opens it for another 100.
        check(trip, 1, "---.........+", "---x");
        check(trip, 1, "---..........+--+", "---+--+");
        check(trip, 1, "---..........-+.........+.+", "----xx+");
        // Closed again, it has forgotten what was before.
        check(trip, 1, "---..........+--+---+", "---+--+---x");
        check(trip, 2, "---..........+-+", "---+-x");
        check(trip, 2, "---..........++--", "---++--");
    }

    #[test]
    fn a_share_of_failures_opens_it() {
        let trip = Trip::Ratio {
            share: 0.5,
            window: 4,
            least: 3,
        };
        check(trip, 1, "--+", "--+");
        check(trip, 1, "-+-+", "-+-x");
        check(trip, 1, "+++-+-+", "+++-+-x");
        // What is four attempts back does not count: each `-` is one of four.
        check(trip, 1, "-+++-+++-+++-", "-+++-+++-+++-");
        let sure = Trip::Ratio {
            share: 1.0,
            window: 2,
            least: 2,
        };
        check(sure, 1, "-+-+-+--+", "-+-+-+--x");
    }

    #[test]
    fn only_probes_of_the_day_decide() {
        let mut breaker = breaker(Trip::Consecutive { failures: 1 }, 1);
        let before = breaker.admit(0).unwrap();
        let other = breaker.admit(0).unwrap();
        breaker.ended(before, Some(true), 5);
        assert_eq!(breaker.state(5), BreakerState::Open);
        assert_eq!(breaker.state(104), BreakerState::Open);
        assert_eq!(breaker.state(105), BreakerState::HalfOpen);
        let probe = breaker.admit(200).unwrap();
        assert_eq!(breaker.admit(200), None, "one probe at a time");
        // An answer from before it opened neither closes nor opens it.
        breaker.ended(other, Some(false), 201);
        assert_eq!(breaker.state(201), BreakerState::HalfOpen);
        // A probe that comes to nothing leaves its place to the next.
        breaker.ended(probe, None, 202);
        let next = breaker.admit(203).unwrap();
        breaker.ended(next, Some(false), 204);
        assert_eq!(breaker.state(204), BreakerState::Closed);
        assert_eq!(breaker.totals(300), (1, 100), "open from 5 to 105");
    }

    #[test]
    fn time_open_is_counted_within_the_window() {
        let mut breaker = breaker(Trip::Consecutive { failures: 1 }, 1);
        let mut now = 0;
        assert_eq!(play(&mut breaker, &mut now, "..-...+"), "-x");
        assert_eq!(breaker.totals(now), (1, 30), "open since 20");
        breaker.reset(now);
        assert_eq!(breaker.totals(90), (0, 40));
        assert_eq!(breaker.totals(1_000), (0, 70), "until 120");
        assert_eq!(breaker.admit(1_000), Some(2));
        assert_eq!(breaker.totals(2_000), (0, 70));
    }
}
