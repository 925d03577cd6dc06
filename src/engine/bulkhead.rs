//! Connection pools: at most so many attempts of a caller under way over an arrow; others wait in
//! line at the caller.

use super::{Nanos, call::Calls, list::List, meter::Level};
use crate::scenario;

/// The pool of an arrow. One without a limit has room for everybody.
#[derive(Clone, Debug)]
pub(super) struct Pool {
    /// `u32::MAX`: no limit.
    pub max: u32,
    /// `u64::MAX`: for ever.
    pub wait: u64,
    /// Most in line; `u32::MAX`: any number.
    pub queue: u32,
    pub used: Level,
    pub waiting: Level,
    /// The line, longest waiting first.
    pub line: List,
    /// Attempts that got a place or gave up, and how long they had waited for it.
    pub waits: u64,
    pub wait_sum: u128,
}

impl Pool {
    pub fn new(drawn: Option<&scenario::Pool>) -> Self {
        let (mut max, mut wait, mut queue) = (u32::MAX, None, None);
        if let Some(drawn) = drawn {
            (max, wait, queue) = (drawn.max, drawn.wait, drawn.queue);
        }
        Self {
            max,
            wait: wait.map_or(u64::MAX, scenario::Duration::nanos),
            queue: queue.unwrap_or(u32::MAX),
            used: Level::default(),
            waiting: Level::default(),
            line: List::EMPTY,
            waits: 0,
            wait_sum: 0,
        }
    }

    /// Takes over who is under way and who waits from the pool it was before an edit.
    pub fn adopt(&mut self, mut old: Self, now: Nanos) {
        let (max, wait, queue) = (self.max, self.wait, self.queue);
        if old.max == u32::MAX {
            // What was counted without a limit says nothing.
            old.reset(now);
        }
        *self = Self {
            max,
            wait,
            queue,
            ..old
        };
    }

    /// Whether there is anybody in it.
    pub fn is_idle(&self) -> bool {
        self.used.now() == 0 && self.waiting.now() == 0
    }

    pub fn has_room(&self) -> bool {
        self.used.now() < u64::from(self.max)
    }

    /// Whether one more may wait.
    pub fn may_wait(&self) -> bool {
        self.waiting.now() < u64::from(self.queue)
    }

    /// An attempt takes a place that it has waited so long for.
    pub fn take(&mut self, now: Nanos, waited: u64) {
        self.used.up(now);
        self.count_wait(waited);
    }

    fn count_wait(&mut self, waited: u64) {
        self.waits += 1;
        self.wait_sum += u128::from(waited);
    }

    /// An attempt goes to the end of the line.
    pub fn line_up(&mut self, calls: &mut Calls, id: u32, now: Nanos) {
        self.waiting.up(now);
        let rare = calls.rare_mut(id);
        rare.since = now;
        rare.until = now.saturating_add(self.wait);
        let last = self.line.last;
        self.line.insert(calls, id, last);
    }

    /// An attempt goes from the line to a place.
    pub fn line_to_place(&mut self, calls: &mut Calls, id: u32, now: Nanos) {
        self.line.remove(calls, id);
        self.waiting.down(now);
        self.take(now, now - calls.rare(id).since);
    }

    /// An attempt gives up waiting.
    pub fn leave_line(&mut self, calls: &mut Calls, id: u32, now: Nanos) {
        self.line.remove(calls, id);
        self.waiting.down(now);
        self.count_wait(now - calls.rare(id).since);
    }

    pub fn reset(&mut self, now: Nanos) {
        self.used.reset(now);
        self.waiting.reset(now);
        self.waits = 0;
        self.wait_sum = 0;
    }
}
