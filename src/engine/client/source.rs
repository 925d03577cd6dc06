//! When requests come: what is drawn, and where a run stands in it.

use std::sync::Arc;

use super::super::random::{Chance, Sampler, Stream, Ziggurat, nanos};
use crate::scenario::{Arrivals, BatchSizes, Duration, RateShape};

/// No client makes more requests a second, whatever its rate and the factors on it: one a
/// nanosecond.
pub(super) const MOST_RATE: f64 = 1e9;

/// When requests come.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::engine) struct Source {
    pub process: Process,
    /// The rate that the shapes of the profile are about: requests, or sessions, per second.
    rate: f64,
    /// Events of the process for each of these: fewer batches than requests.
    share: f64,
    profile: Vec<RateShape>,
}

/// How requests come at a rate.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::engine) enum Process {
    Poisson,
    /// One every 1/rate.
    Even,
    /// Gaps uniform between 0 and 2/rate.
    Uniform,
    /// Poisson, with one of two factors on the rate; [`Pattern::high`] says which.
    Bursts {
        low: f64,
        high: f64,
        /// Mean nanoseconds of both.
        low_for: f64,
        high_for: f64,
    },
    /// Poisson, several at a time.
    Batches(Batch),
    /// Nanoseconds, sorted.
    Recorded {
        times: Arc<[u64]>,
        /// Nanoseconds; `u64::MAX`: never again.
        repeat: u64,
    },
    /// Poisson; each starts a session.
    Sessions {
        goes_on: Chance,
        think: Sampler,
    },
    Closed {
        users: u32,
        think: Sampler,
    },
    /// Users with long-lived connections: see `channel`.
    LongLived {
        users: u32,
    },
}

/// How many requests come at once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::engine) enum Batch {
    Constant(u32),
    /// −1/ln(1 − 1/mean): whole numbers below an exponential time of this mean.
    Geometric(f64),
}

/// Where a run stands in its source.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    /// Whether bursts are high.
    high: bool,
    /// When they turn; 0: they have not begun.
    turns_at: u64,
    /// How many times of the list are over, with those of earlier rounds; `None`: not known.
    place: Option<u64>,
    /// Everything but when the next request comes: turns of bursts, sizes of batches, copies of a
    /// recorded request, lengths of sessions.
    stream: Stream,
}

impl Source {
    pub fn new(drawn: &Arrivals) -> Self {
        let mut rate = drawn.mean_rate().unwrap_or(0.0);
        let mut share = 1.0;
        let process = match drawn {
            Arrivals::Poisson { .. } => Process::Poisson,
            Arrivals::Constant { .. } => Process::Even,
            Arrivals::Uniform { .. } => Process::Uniform,
            Arrivals::Bursts {
                low,
                high,
                low_for,
                high_for,
                ..
            } => Process::Bursts {
                low: low.0 / rate.max(f64::MIN_POSITIVE),
                high: high.0 / rate.max(f64::MIN_POSITIVE),
                low_for: low_for.nanos() as f64,
                high_for: high_for.nanos() as f64,
            },
            Arrivals::Batches { size, sizes, .. } => {
                share = 1.0 / size;
                Process::Batches(match sizes {
                    BatchSizes::Constant => Batch::Constant(*size as u32),
                    // ln(1 − 1/1) would have no end.
                    BatchSizes::Geometric if *size <= 1.0 => Batch::Constant(1),
                    BatchSizes::Geometric => Batch::Geometric(-1.0 / libm::log1p(-1.0 / size)),
                })
            }
            Arrivals::Recorded(recorded) => {
                let mut times: Vec<u64> = recorded
                    .times
                    .times()
                    .iter()
                    .map(|time| time.nanos())
                    .collect();
                times.sort_unstable();
                Process::Recorded {
                    times: times.into(),
                    repeat: recorded.repeat.map_or(u64::MAX, Duration::nanos),
                }
            }
            Arrivals::Sessions {
                starts,
                requests,
                think,
                ..
            } => {
                rate = starts.0;
                Process::Sessions {
                    goes_on: Chance::new(1.0 - 1.0 / requests.max(1.0)),
                    think: Sampler::new(think),
                }
            }
            Arrivals::Closed { users, think } => Process::Closed {
                users: *users,
                think: Sampler::new(think),
            },
            Arrivals::LongLived(drawn) => Process::LongLived {
                users: drawn.connections,
            },
        };
        Self {
            process,
            rate,
            share,
            profile: drawn.profile().to_vec(),
        }
    }

    /// The rate, when arrivals are a plain Poisson process; else 0.
    pub fn steady_rate(&self) -> f64 {
        if self.process == Process::Poisson && self.profile.is_empty() {
            self.rate
        } else {
            0.0
        }
    }

    /// Whether requests come whatever becomes of those before.
    #[inline(always)]
    pub fn is_open(&self) -> bool {
        !matches!(
            self.process,
            Process::Closed { .. } | Process::Sessions { .. }
        )
    }

    /// Whether somebody waits here as somebody there.
    pub fn waits_like(&self, other: &Self) -> bool {
        use Process::{Closed, Sessions};
        match self.process {
            Closed { .. } => matches!(other.process, Closed { .. }),
            Sessions { .. } => matches!(other.process, Sessions { .. }),
            _ => other.is_open(),
        }
    }

    /// The rate at a time, and the most it can ever be.
    fn rate_and_bound(&self, now: u64) -> (f64, f64) {
        if self.profile.is_empty() {
            return (self.rate * self.share, self.rate * self.share);
        }
        let (now, bound) = rate_and_bound(self.rate, &self.profile, now as f64 / 1e9);
        (now * self.share, bound * self.share)
    }

    /// Whether the process is Poisson, whose candidates are thinned out.
    fn is_thinned(&self) -> bool {
        !matches!(self.process, Process::Even | Process::Uniform)
    }
}

impl Pattern {
    pub fn new(seed: u64, name: &str) -> Self {
        Self {
            high: false,
            turns_at: 0,
            place: None,
            stream: Stream::new(seed, name, "pattern"),
        }
    }

    /// Takes over the state of the client it was before an edit.
    pub fn adopt(&mut self, old: &mut Self) {
        std::mem::swap(self, old);
    }

    /// The list is another one.
    pub fn forget_place(&mut self) {
        self.place = None;
    }

    /// The traffic starts, or has changed.
    pub fn begin(&mut self, source: &Source, now: u64, ziggurat: &Ziggurat) {
        match &source.process {
            Process::Bursts {
                low_for, high_for, ..
            } => {
                if self.turns_at == 0 {
                    // As if it had gone on for ever.
                    let share = high_for / (low_for + high_for);
                    self.high = self.stream.unit() < share;
                }
                // The time to the next turn has no memory.
                self.turn_later(source, now, ziggurat);
            }
            Process::Recorded { times, repeat } if self.place.is_none() => {
                let round = now / (*repeat).max(1);
                let into = now - round * repeat;
                // What is due at this very moment is over, unless nothing has begun.
                let over = times.partition_point(|time| *time < into + u64::from(now > 0));
                self.place = Some(round * times.len() as u64 + over as u64);
            }
            _ => {}
        }
    }

    fn turn_later(&mut self, source: &Source, now: u64, ziggurat: &Ziggurat) {
        if let Process::Bursts {
            low_for, high_for, ..
        } = source.process
        {
            let mean = if self.high { high_for } else { low_for };
            let length = nanos(ziggurat.exponential(&mut self.stream) * mean);
            self.turns_at = now + length.max(1);
        }
    }

    fn burst(&self, source: &Source) -> f64 {
        match source.process {
            Process::Bursts { low, high, .. } => {
                if self.high {
                    high
                } else {
                    low
                }
            }
            _ => 1.0,
        }
    }

    /// When something may come next; `u64::MAX`: never.
    pub fn next_at(
        &self,
        source: &Source,
        now: u64,
        traffic: f64,
        ziggurat: &Ziggurat,
        stream: &mut Stream,
    ) -> u64 {
        if let Process::Recorded { times, repeat } = &source.process {
            let count = times.len() as u64;
            let place = self.place.unwrap_or_default();
            let round = place.checked_div(count).unwrap_or(u64::MAX);
            if round > 0 && *repeat == u64::MAX || count == 0 {
                return u64::MAX;
            }
            let start = if round == 0 {
                0
            } else {
                round.saturating_mul(*repeat)
            };
            return start.saturating_add(times[(place % count) as usize]);
        }
        let (current, bound) = source.rate_and_bound(now);
        // Candidates of a Poisson process come at the highest rate and are thinned out (Lewis and
        // Shedler 1979). Others follow the rate of the moment, and look again soon while it is zero.
        let rate = if source.is_thinned() || current == 0.0 {
            bound
        } else {
            current
        };
        let rate = (rate * self.burst(source) * traffic).min(MOST_RATE);
        let mut next = u64::MAX;
        if rate > 0.0 {
            let gap = match source.process {
                Process::Even => 1.0,
                Process::Uniform => 2.0 * stream.unit(),
                _ => ziggurat.exponential(stream),
            };
            next = now + nanos(gap * (1e9 / rate));
        }
        if let Process::Bursts { .. } = source.process {
            next = next.min(self.turns_at);
        }
        next
    }

    /// How many requests, or sessions, come now that something may.
    pub fn come(
        &mut self,
        source: &Source,
        now: u64,
        traffic: f64,
        ziggurat: &Ziggurat,
        stream: &mut Stream,
    ) -> u32 {
        match &source.process {
            Process::Recorded { .. } => {
                self.place = self.place.map(|place| place + 1);
                let copies = libm::floor(traffic);
                let one_more = traffic > copies && self.stream.unit() < traffic - copies;
                return copies as u32 + u32::from(one_more);
            }
            Process::Bursts { .. } if now >= self.turns_at => {
                self.high = !self.high;
                self.turn_later(source, now, ziggurat);
                return 0;
            }
            _ => {}
        }
        if !source.profile.is_empty() {
            let (current, bound) = source.rate_and_bound(now);
            let comes = if source.is_thinned() {
                stream.unit() * bound < current
            } else {
                current > 0.0
            };
            if !comes {
                return 0;
            }
        }
        match source.process {
            Process::Batches(Batch::Constant(size)) => size,
            Process::Batches(Batch::Geometric(mean)) => {
                1 + (ziggurat.exponential(&mut self.stream) * mean) as u32
            }
            _ => 1,
        }
    }

    /// Whether a session makes another request, and after which pause.
    pub fn goes_on(&mut self, source: &Source, ziggurat: &Ziggurat) -> Option<u64> {
        match &source.process {
            Process::Sessions { goes_on, think } => self
                .stream
                .chance(*goes_on)
                .then(|| think.draw_rare(ziggurat, &mut self.stream)),
            _ => None,
        }
    }
}

/// The rate at `t` seconds, and the most it can ever be.
fn rate_and_bound(base: f64, profile: &[RateShape], t: f64) -> (f64, f64) {
    let (mut rate, mut bound) = (base, base);
    for shape in profile {
        let now = match shape {
            RateShape::Steps(steps) => {
                let reached = steps.iter().rev().find(|(at, _)| at.secs() <= t);
                reached.map_or(base, |(_, rate)| rate.0) - base
            }
            RateShape::Ramp { from, until, to } => {
                let length = (until.secs() - from.secs()).max(1e-9);
                let share = ((t - from.secs()) / length).clamp(0.0, 1.0);
                (to.0 - base) * share
            }
            RateShape::Day { swing, period } => {
                let turn = 2.0 * std::f64::consts::PI * t / period.secs().max(1e-9);
                base * swing * libm::sin(turn)
            }
            RateShape::Spike { at, until, times } => {
                let inside = at.secs() <= t && t < until.secs();
                if inside { base * (times - 1.0) } else { 0.0 }
            }
        };
        rate += now;
        bound += shape.most(base);
    }
    (rate.max(0.0), bound)
}
