use std::collections::VecDeque;

use super::{Dropped, take_out};
use crate::engine::call::Calls;

/// Adaptive LIFO with controlled delay (Maurer 2015, "Fail at scale", ACM Queue 13(8)): his
/// `onNewRequest`, by which a request that comes while the queue has not been empty for N
/// milliseconds has M to live and any other N, and requests in LIFO order as long as that is so.
#[derive(Clone, Debug)]
pub(in crate::engine) struct Adaptive {
    target: u64,
    interval: u64,
    /// Calls that may wait for the target, and for the interval, by age. Each with its number.
    short: VecDeque<Waiting>,
    long: VecDeque<Waiting>,
    /// Number of the next call.
    next: u64,
    /// Since when it has not been empty.
    since: u64,
}

#[derive(Clone, Copy, Debug)]
struct Waiting {
    id: u32,
    number: u64,
    since: u64,
}

impl Adaptive {
    pub fn new(target: u64, interval: u64) -> Self {
        Self {
            target,
            interval,
            short: VecDeque::new(),
            long: VecDeque::new(),
            next: 0,
            since: 0,
        }
    }

    pub fn retune(&mut self, target: u64, interval: u64) {
        (self.target, self.interval) = (target, interval);
    }

    fn is_empty(&self) -> bool {
        self.short.is_empty() && self.long.is_empty()
    }

    fn is_standing(&self, now: u64) -> bool {
        !self.is_empty() && now - self.since > self.interval
    }

    pub fn push(&mut self, id: u32, now: u64) {
        if self.is_empty() {
            self.since = now;
        }
        let waiting = Waiting {
            id,
            number: self.next,
            since: now,
        };
        self.next += 1;
        if self.is_standing(now) {
            self.short.push_back(waiting);
        } else {
            self.long.push_back(waiting);
        }
    }

    pub fn pop(&mut self, now: u64) -> Option<u32> {
        let number = |waiting: Option<&Waiting>| waiting.map(|waiting| waiting.number);
        let next = if self.is_standing(now) {
            if number(self.short.back()) > number(self.long.back()) {
                self.short.pop_back()
            } else {
                self.long.pop_back()
            }
        } else {
            let (short, long) = (number(self.short.front()), number(self.long.front()));
            if long.is_none() || short.is_some() && short < long {
                self.short.pop_front()
            } else {
                self.long.pop_front()
            }
        };
        next.map(|waiting| waiting.id)
    }

    /// Drops those who have waited for as long as they may.
    pub fn drop_late(&mut self, now: u64, calls: &mut Calls, dropped: &mut Dropped) {
        for (line, limit) in [
            (&mut self.short, self.target),
            (&mut self.long, self.interval),
        ] {
            while let Some(first) = line.front()
                && now - first.since >= limit
            {
                dropped.add(first.id, calls);
                line.pop_front();
            }
        }
    }

    pub fn remove(&mut self, id: u32) {
        take_out(&mut self.short, |waiting| waiting.id == id);
        take_out(&mut self.long, |waiting| waiting.id == id);
    }

    pub fn everybody(&self) -> Vec<u32> {
        let mut all: Vec<Waiting> = self.short.iter().chain(&self.long).copied().collect();
        all.sort_unstable_by_key(|waiting| waiting.number);
        all.into_iter().map(|waiting| waiting.id).collect()
    }
}
