//! Rate limiters: which call passes when, worked out when a call comes, in whole numbers.
//!
//! Nothing happens between calls: what a bucket holds follows from when it was last used. Only calls
//! that wait need an event, the one at which the first of them may pass.

use std::{cmp::Reverse, collections::BinaryHeap};

use super::{
    Simulation, alarm,
    call::{Calls, NONE, State, flag},
    component::{Component, Part},
    measure::Cause,
};
use crate::scenario::{Excess, GatewayLimit, RateLimit, RateLimiter, Scope};

/// Bits of a nanosecond's fraction, so that 1/rate is exact enough for any rate.
const FRACTION: u32 = 32;

/// A limit with what it has counted, and the lines of those who wait for it.
#[derive(Clone, Debug)]
pub(super) struct Limiter {
    rule: Rule,
    /// One for all calls, or one a session.
    buckets: Vec<Bucket>,
    /// When the last calls passed, `limit` for each bucket, each plus 1; 0: none has.
    log: Vec<u64>,
    /// Longest line of a bucket.
    capacity: u32,
    /// By bucket; none until a call may wait.
    lines: Vec<Line>,
    /// When the first in each line may pass: one entry for every line in which somebody waits.
    due: BinaryHeap<Reverse<(u64, u32)>>,
    /// When the earliest alarm rings that counts; `u64::MAX`: none is set.
    armed: u64,
}

/// How much passes.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Rule {
    /// A bucket of tokens by its theoretical arrival time, at which it will be full again (the
    /// generic cell rate algorithm, ITU-T I.371): a call passes when that is at most `slack` away,
    /// and puts it off by `interval`. In fractions of a nanosecond.
    Bucket { slack: u128, interval: u128 },
    /// So many in a window, counted from the last full multiple of it.
    Fixed { limit: u32, window: u64 },
    /// So many in any window.
    Log { limit: u32, window: u64 },
    /// So many in a window, a share of the window before included.
    Counter { limit: u32, window: u64 },
}

/// What is counted. All zero: nothing yet.
#[derive(Clone, Copy, Debug, Default)]
struct Bucket {
    /// The theoretical arrival time of a bucket of tokens, or the number of the window.
    mark: u128,
    /// Calls that passed in that window; in a log the place of the oldest.
    count: u32,
    /// Calls that passed in the window before.
    before: u32,
}

#[derive(Clone, Copy, Debug)]
struct Line {
    head: u32,
    tail: u32,
    waiting: u32,
}

impl Line {
    const EMPTY: Self = Self {
        head: NONE,
        tail: NONE,
        waiting: 0,
    };
}

impl Rule {
    fn new(limit: &RateLimit) -> Self {
        // Rounded down, the quotient too: a token must not come late because of a fraction.
        let interval = |rate: f64| {
            let quotient = 1e9 / rate;
            let is_too_long = quotient.mul_add(rate, -1e9) > 0.0;
            let quotient = if is_too_long {
                quotient.next_down()
            } else {
                quotient
            };
            (quotient * (1u64 << FRACTION) as f64) as u128
        };
        match *limit {
            RateLimit::TokenBucket { burst, rate } => {
                let interval = interval(rate.0);
                Self::Bucket {
                    slack: interval.saturating_mul(u128::from(burst.saturating_sub(1))),
                    interval,
                }
            }
            RateLimit::LeakyBucket { rate, .. } => Self::Bucket {
                slack: 0,
                interval: interval(rate.0),
            },
            RateLimit::FixedWindow { limit, window } => Self::Fixed {
                limit,
                window: window.nanos(),
            },
            RateLimit::SlidingLog { limit, window } => Self::Log {
                limit,
                window: window.nanos(),
            },
            RateLimit::SlidingCounter { limit, window } => Self::Counter {
                limit,
                window: window.nanos(),
            },
        }
    }
}

impl Limiter {
    /// A limiter for calls of so many sessions.
    pub fn new(drawn: &RateLimiter, sessions: u32) -> Self {
        let rule = Rule::new(&drawn.limit);
        let buckets = match drawn.scope {
            Scope::Global => 1,
            Scope::PerSession => sessions.max(1) as usize,
        };
        let remembered = match rule {
            Rule::Log { limit, .. } => limit as usize,
            _ => 0,
        };
        let capacity = match (&drawn.limit, drawn.excess) {
            (RateLimit::LeakyBucket { capacity, .. }, _) => *capacity,
            (_, Excess::Refuse) => 0,
            (_, Excess::Wait { capacity }) => capacity.unwrap_or(u32::MAX),
        };
        Self {
            rule,
            buckets: vec![Bucket::default(); buckets],
            log: vec![0; buckets * remembered],
            capacity,
            lines: vec![Line::EMPTY; if capacity > 0 { buckets } else { 0 }],
            due: BinaryHeap::new(),
            armed: u64::MAX,
        }
    }

    /// A limiter at the door of a gateway, where nobody waits: a leaky bucket is a meter, which each
    /// call fills and which leaks.
    pub fn at_the_door(drawn: &GatewayLimit, sessions: u32) -> Self {
        let limit = match drawn.limit {
            RateLimit::LeakyBucket { capacity, rate } => RateLimit::TokenBucket {
                burst: capacity.saturating_add(1),
                rate,
            },
            ref limit => limit.clone(),
        };
        let drawn = RateLimiter {
            limit,
            scope: drawn.scope,
            excess: Excess::Refuse,
            failures: None,
        };
        Self::new(&drawn, sessions)
    }

    /// The bucket of a session's calls.
    fn bucket_of(&self, session: u32) -> u32 {
        match self.buckets.len() as u32 {
            1 => 0,
            buckets => session % buckets,
        }
    }

    /// When the next call of a bucket may pass, from `now` on.
    fn earliest(&self, at: u32, now: u64) -> u64 {
        let bucket = self.buckets[at as usize];
        match self.rule {
            Rule::Bucket { slack, .. } => {
                let from = bucket.mark.saturating_sub(slack);
                let whole = from.div_ceil(1 << FRACTION);
                u64::try_from(whole).unwrap_or(u64::MAX).max(now)
            }
            Rule::Fixed { limit, window } => {
                let number = now / window;
                if bucket.mark == u128::from(number) && bucket.count >= limit {
                    (number + 1).saturating_mul(window)
                } else {
                    now
                }
            }
            Rule::Log { limit, window } => {
                let oldest = self.log[at as usize * limit as usize + bucket.count as usize];
                match oldest {
                    0 => now,
                    passed => (passed - 1).saturating_add(window).max(now),
                }
            }
            Rule::Counter { limit, window } => {
                let mut number = now / window;
                let (mut before, mut count) = bucket.at_window(number);
                loop {
                    let start = number.saturating_mul(window);
                    let from = earliest_in_window(limit, window, before, count);
                    if from < window {
                        return start.saturating_add(from).max(now);
                    }
                    number += 1;
                    (before, count) = (count, 0);
                }
            }
        }
    }

    /// A call of a bucket passes now.
    fn take(&mut self, at: u32, now: u64) {
        let bucket = &mut self.buckets[at as usize];
        match self.rule {
            Rule::Bucket { interval, .. } => {
                let now = u128::from(now) << FRACTION;
                bucket.mark = bucket.mark.max(now).saturating_add(interval);
            }
            Rule::Fixed { window, .. } | Rule::Counter { window, .. } => {
                let number = now / window;
                let (before, count) = bucket.at_window(number);
                *bucket = Bucket {
                    mark: number.into(),
                    count: count + 1,
                    before,
                };
            }
            Rule::Log { limit, .. } => {
                let place = bucket.count;
                bucket.count = if place + 1 == limit { 0 } else { place + 1 };
                self.log[at as usize * limit as usize + place as usize] = now + 1;
            }
        }
    }

    /// Whether a call of a session passes now; if so it is counted. For those who do not wait.
    pub fn lets_in(&mut self, session: u32, now: u64) -> bool {
        let at = self.bucket_of(session);
        let passes = self.earliest(at, now) == now;
        if passes {
            self.take(at, now);
        }
        passes
    }

    /// A call goes to the end of a bucket's line.
    fn line_up(&mut self, calls: &mut Calls, id: u32, at: u32, now: u64) {
        let line = &mut self.lines[at as usize];
        line.waiting += 1;
        let last = std::mem::replace(&mut line.tail, id);
        calls.follow(last, id);
        if last == NONE {
            line.head = id;
            let due = self.earliest(at, now);
            self.due.push(Reverse((due, at)));
        }
    }

    /// Takes the first of a line out that may pass by now.
    fn next_in_line(&mut self, calls: &Calls, now: u64) -> Option<u32> {
        let &Reverse((due, at)) = self.due.peek()?;
        if due > now {
            return None;
        }
        self.due.pop();
        self.take(at, now);
        let line = &mut self.lines[at as usize];
        let id = line.head;
        line.head = calls[id].next;
        line.waiting -= 1;
        if line.head == NONE {
            line.tail = NONE;
        } else {
            let due = self.earliest(at, now);
            self.due.push(Reverse((due, at)));
        }
        Some(id)
    }

    /// A call is no longer in line.
    pub fn step_out_of_line(&mut self, id: u32, calls: &mut Calls) {
        let at = self.bucket_of(calls.rare(id).session);
        let line = &mut self.lines[at as usize];
        calls.take_out(&mut line.head, &mut line.tail, id);
        line.waiting -= 1;
        if line.head == NONE {
            self.due.retain(|Reverse((_, bucket))| *bucket != at);
        }
    }

    /// Nothing has passed yet, and nobody waits: those who did have died.
    pub fn forget(&mut self) {
        self.buckets.fill(Bucket::default());
        self.log.fill(0);
        self.lines.fill(Line::EMPTY);
        self.due.clear();
    }

    /// Takes over what the limiter it was before an edit has counted, as far as it means the same,
    /// and those who wait.
    pub fn adopt(&mut self, old: &mut Self, calls: &mut Calls, now: u64) {
        self.armed = old.armed;
        if self.buckets.len() == old.buckets.len() {
            self.adopt_counts(old, now);
        }
        if old.due.is_empty() {
            return;
        }
        let mut waiting = Vec::new();
        for line in &old.lines {
            let mut id = line.head;
            while id != NONE {
                waiting.push(id);
                id = calls[id].next;
            }
        }
        waiting.sort_by_key(|id| calls[*id].arrived);
        self.lines.resize(self.buckets.len(), Line::EMPTY);
        for id in waiting {
            let at = self.bucket_of(calls.rare(id).session);
            self.line_up(calls, id, at, now);
        }
    }

    fn adopt_counts(&mut self, old: &mut Self, now: u64) {
        match (self.rule, old.rule) {
            (same, was) if same == was => {
                std::mem::swap(&mut self.buckets, &mut old.buckets);
                std::mem::swap(&mut self.log, &mut old.log);
            }
            (Rule::Bucket { slack, interval }, Rule::Bucket { interval: was, .. }) => {
                // As many tokens are missing as were, but no more than there is room for.
                let now = u128::from(now) << FRACTION;
                for (bucket, old) in self.buckets.iter_mut().zip(&old.buckets) {
                    let missing = old.mark.saturating_sub(now) as f64 / was as f64;
                    let missing = (missing * interval as f64) as u128;
                    bucket.mark = now.saturating_add(missing.min(slack.saturating_add(interval)));
                }
            }
            (
                Rule::Fixed { window, .. } | Rule::Counter { window, .. },
                Rule::Fixed { window: was, .. } | Rule::Counter { window: was, .. },
            ) if window == was => std::mem::swap(&mut self.buckets, &mut old.buckets),
            (Rule::Log { limit, .. }, Rule::Log { limit: was, .. }) => {
                let (limit, was) = (limit as usize, was as usize);
                for at in 0..self.buckets.len() {
                    let passed = &mut old.log[at * was..][..was];
                    passed.rotate_left(old.buckets[at].count as usize);
                    // The newest, as many as fit; before them, none.
                    let kept = limit.min(was);
                    self.log[(at + 1) * limit - kept..][..kept]
                        .copy_from_slice(&passed[was - kept..]);
                }
            }
            _ => {}
        }
    }

    /// The first who may pass does not know it: no alarm is set. One that stands still sets none.
    pub fn is_not_armed(&self, now: u64) -> bool {
        let first = self.due.peek();
        first.is_some_and(|Reverse((due, _))| self.armed > *due && *due > now)
    }

    /// Calls in line, counted one by one, or what is wrong with the lines.
    pub fn recount(&self, calls: &Calls, now: u64) -> Result<u64, String> {
        let mut sum = 0;
        let mut lines = 0;
        for (at, line) in self.lines.iter().enumerate() {
            let (mut id, mut found) = (line.head, 0);
            while id != NONE {
                let call = &calls[id];
                let bucket = self.bucket_of(calls.rare(id).session);
                if call.state != State::Queued || bucket as usize != at {
                    return Err(format!("call {id} is in line {at}: {call:?}"));
                }
                found += 1;
                id = call.next;
            }
            if found != line.waiting {
                return Err(format!("{} wait in line {at}, {found} found", line.waiting));
            }
            sum += u64::from(found);
            lines += usize::from(found > 0);
        }
        if lines != self.due.len() {
            return Err(format!("{lines} lines, {} of them due", self.due.len()));
        }
        for (at, bucket) in self.buckets.iter().enumerate() {
            let fits = match self.rule {
                Rule::Bucket { slack, interval } => {
                    let most = (u128::from(now) << FRACTION).saturating_add(slack);
                    bucket.mark <= most.saturating_add(interval)
                }
                Rule::Log { limit, .. } => bucket.count < limit,
                // After an edit there may be more than the new limit.
                Rule::Fixed { window, .. } | Rule::Counter { window, .. } => {
                    bucket.mark <= u128::from(now / window)
                }
            };
            if !fits {
                return Err(format!("bucket {at} has counted too much: {bucket:?}"));
            }
        }
        Ok(sum)
    }
}

impl Bucket {
    /// Calls that passed in the window before this one, and in this one.
    fn at_window(&self, number: u64) -> (u32, u32) {
        let number = u128::from(number);
        if self.mark == number {
            (self.before, self.count)
        } else if self.mark + 1 == number {
            (self.count, 0)
        } else {
            (0, 0)
        }
    }
}

/// How far into a window another call may pass, if so many passed in the window before and in this
/// one: when before · (window − t)/window + count + 1 ≤ limit. `window`: not in this one.
fn earliest_in_window(limit: u32, window: u64, before: u32, count: u32) -> u64 {
    if count >= limit {
        return window;
    }
    let room = u128::from(limit - count - 1);
    if u128::from(before) <= room {
        return 0;
    }
    let left = room * u128::from(window) / u128::from(before);
    window - left as u64
}

impl Component {
    /// The limit on the calls to it, if there is one.
    pub fn limiter(&mut self) -> Option<&mut Limiter> {
        match &mut self.part {
            Part::Limiter(limiter) => Some(limiter),
            Part::Gateway(gateway) => gateway.limiter.as_mut(),
            _ => None,
        }
    }
}

impl Simulation {
    /// A call has come to a rate limiter.
    #[inline(never)]
    pub(super) fn enter_limiter(&mut self, id: u32) {
        if self.calls[id].has(flag::PINNED) && self.message_passes(id) {
            return;
        }
        let call = &mut self.calls[id];
        call.arrived = self.now;
        let component = &mut self.components[call.component as usize];
        if component.stalled {
            component.meter.enter(self.now);
            call.state = State::Stuck;
            component.stuck.push(id);
            return;
        }
        match self.judge(id) {
            Verdict::Refused => self.refuse(id, Cause::RateLimited),
            verdict => {
                let call = &self.calls[id];
                self.components[call.component as usize]
                    .meter
                    .enter(self.now);
                self.obey(id, verdict);
            }
        }
    }

    /// A call that came to a rate limiter while it stood still is looked at.
    pub(super) fn enter_limiter_late(&mut self, id: u32) {
        if self.calls[id].has(flag::PINNED) && self.calls.pin(id).is_message {
            return self.message_passes_late(id);
        }
        match self.judge(id) {
            Verdict::Refused => self.finish_in_line(id, Cause::RateLimited),
            verdict => self.obey(id, verdict),
        }
    }

    /// Whether a call passes, which is counted at once.
    fn judge(&mut self, id: u32) -> Verdict {
        let session = self.calls.rare(id).session;
        let component = &mut self.components[self.calls[id].component as usize];
        let Some(limiter) = component.limiter() else {
            return Verdict::Passes;
        };
        let at = limiter.bucket_of(session);
        let line = limiter.lines.get(at as usize).copied();
        let waiting = line.map_or(0, |line| line.waiting);
        if waiting == 0 && limiter.earliest(at, self.now) == self.now {
            limiter.take(at, self.now);
            Verdict::Passes
        } else if waiting < limiter.capacity {
            Verdict::Waits(at)
        } else {
            Verdict::Refused
        }
    }

    fn obey(&mut self, id: u32, verdict: Verdict) {
        let Verdict::Waits(bucket) = verdict else {
            return self.pass_on(id);
        };
        let at = self.calls[id].component;
        self.calls[id].state = State::Queued;
        if let Some(limiter) = self.components[at as usize].limiter() {
            limiter.line_up(&mut self.calls, id, bucket, self.now);
        }
        self.arm_limiter(at);
    }

    /// A call is let through: it goes on to its target.
    fn pass_on(&mut self, id: u32) {
        let call = &self.calls[id];
        let component = &mut self.components[call.component as usize];
        if component.plan.takes(call.operation) {
            component
                .meter
                .line_to_consumer(self.now, self.now - call.arrived);
            self.advance(id);
        } else {
            self.finish_in_line(id, Cause::NoTarget);
        }
    }

    /// Sets the alarm for the first who may pass, unless it is set.
    fn arm_limiter(&mut self, at: u32) {
        if let Some(limiter) = self.components[at as usize].limiter()
            && let Some(&Reverse((due, _))) = limiter.due.peek()
            && due < limiter.armed
        {
            limiter.armed = due;
            self.set_alarm(due, alarm::LIMITER, at);
        }
    }

    /// The alarm of a rate limiter: whoever may pass by now passes.
    pub(super) fn limiter_alarm(&mut self, at: u32) {
        let component = &mut self.components[at as usize];
        let is_alive = component.is_alive();
        if let Some(limiter) = component.limiter()
            && limiter.armed == self.now
        {
            limiter.armed = u64::MAX;
            if is_alive {
                self.let_through(at);
            }
        }
    }

    /// Whoever waits at a rate limiter and may pass by now passes.
    pub(super) fn let_through(&mut self, at: u32) {
        while let Some(limiter) = self.components[at as usize].limiter()
            && let Some(id) = limiter.next_in_line(&self.calls, self.now)
        {
            self.pass_on(id);
        }
        self.arm_limiter(at);
    }
}

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Passes,
    /// In line at this bucket.
    Waits(u32),
    Refused,
}

#[cfg(test)]
mod tests;
