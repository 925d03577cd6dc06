use std::collections::VecDeque;

use super::{Dropped, take_out};
use crate::engine::call::Calls;

/// Controlled delay: RFC 8289, section 5, with calls in the place of packets. The names are those of
/// its pseudocode.
#[derive(Clone, Debug)]
pub(in crate::engine) struct CoDel {
    line: VecDeque<u32>,
    target: u64,
    interval: u64,
    /// When waits will have been above the target for an interval; 0: they are not above it.
    first_above_time: u64,
    drop_next: u64,
    count: u32,
    lastcount: u32,
    dropping: bool,
}

/// With no more calls than that behind the first the line is as short as it can be, and nobody is
/// dropped ("no more than one packet").
const MAX_PACKET: usize = 1;

impl CoDel {
    pub fn new(target: u64, interval: u64) -> Self {
        Self {
            line: VecDeque::new(),
            target,
            interval,
            first_above_time: 0,
            drop_next: 0,
            count: 0,
            lastcount: 0,
            dropping: false,
        }
    }

    pub fn retune(&mut self, target: u64, interval: u64) {
        (self.target, self.interval) = (target, interval);
    }

    pub fn push(&mut self, id: u32) {
        self.line.push_back(id);
    }

    pub fn remove(&mut self, id: u32) {
        take_out(&mut self.line, |other| *other == id);
    }

    pub fn everybody(&self) -> Vec<u32> {
        self.line.iter().copied().collect()
    }

    /// The first in line, and whether it may be dropped.
    fn dodequeue(&mut self, now: u64, calls: &Calls) -> Option<(u32, bool)> {
        let Some(id) = self.line.pop_front() else {
            self.first_above_time = 0;
            return None;
        };
        if now - calls[id].arrived < self.target || self.line.len() <= MAX_PACKET {
            self.first_above_time = 0;
        } else if self.first_above_time == 0 {
            self.first_above_time = now + self.interval;
        } else {
            return Some((id, now >= self.first_above_time));
        }
        Some((id, false))
    }

    fn control_law(&self, from: u64) -> u64 {
        from + (self.interval as f64 / f64::from(self.count).sqrt()) as u64
    }

    /// Who is served next.
    pub fn pop(&mut self, now: u64, calls: &mut Calls, dropped: &mut Dropped) -> Option<u32> {
        let mut next = self.dodequeue(now, calls);
        if self.dropping {
            if !matches!(next, Some((_, true))) {
                self.dropping = false;
            }
            while self.dropping && now >= self.drop_next {
                let Some((id, _)) = next else { break };
                dropped.add(id, calls);
                self.count += 1;
                next = self.dodequeue(now, calls);
                if matches!(next, Some((_, true))) {
                    self.drop_next = self.control_law(self.drop_next);
                } else {
                    self.dropping = false;
                }
            }
        } else if let Some((id, true)) = next {
            dropped.add(id, calls);
            next = self.dodequeue(now, calls);
            self.dropping = true;
            // Soon after the last time: at the rate that was needed then.
            let delta = self.count - self.lastcount;
            let soon = now.saturating_sub(self.drop_next) < 16 * self.interval;
            self.count = if delta > 1 && soon { delta } else { 1 };
            self.drop_next = self.control_law(now);
            self.lastcount = self.count;
        }
        next.map(|(id, _)| id)
    }
}
