//! The loop over the events, and the clock that may stand still.

use super::{Nanos, Simulation, alarm::CALL, event, guard::POOL};

/// After every so many events the clock is looked at: it may stand still.
const LOOK: u64 = 1 << 22;

/// At one instant there may be so many events for every call in flight, box and instance, and
/// [`LOOK`] more: a call may have hundreds of attempts.
const MOST_AT_ONCE: u64 = 1_000;

/// Whether time goes on.
#[derive(Clone, Debug)]
pub(super) struct Clock {
    /// The number of events at which it is looked at next. It does not depend on how the run is cut
    /// into pieces.
    next_look: u64,
    /// What it showed last.
    showed: Nanos,
    /// Events since it has last been seen to go on.
    still: u64,
    pub has_halted: bool,
}

impl Default for Clock {
    fn default() -> Self {
        Self {
            next_look: LOOK,
            showed: 0,
            still: 0,
            has_halted: false,
        }
    }
}

impl Simulation {
    /// Runs up to `most` events due at `until` or before. Says whether there are no more; there are
    /// when time stands still.
    pub(super) fn run(&mut self, until: Nanos, most: u64) -> bool {
        // Each is touched at most once before the books are posted, and an event must not allocate.
        let routes = &mut self.routes;
        routes.touched.reserve(routes.all.len());
        let through = self.run_watched(until, most);
        self.post();
        through
    }

    fn run_watched(&mut self, until: Nanos, most: u64) -> bool {
        let stop = self.events.saturating_add(most);
        while !self.clock.has_halted {
            let look = self.clock.next_look;
            let pause = self
                .events
                .saturating_add(self.sojourns.events_between_counts());
            let through = self.run_unposted(until, stop.min(look).min(pause) - self.events);
            self.count_sojourns();
            if self.events == look {
                self.look_at_the_clock();
            }
            if through || self.events == stop {
                return through;
            }
        }
        false
    }

    #[cold]
    fn look_at_the_clock(&mut self) {
        self.future.tidy();
        let clock = &mut self.clock;
        clock.next_look += LOOK;
        if std::mem::replace(&mut clock.showed, self.now) != self.now {
            clock.still = 0;
            return;
        }
        clock.still += LOOK;
        let parts = self.calls.iter().count() + self.components.len() + self.instances.len();
        clock.has_halted = clock.still > parts as u64 * MOST_AT_ONCE;
    }

    /// Something was changed by hand: perhaps time can go on.
    pub(super) fn try_again(&mut self) {
        self.clock.still = 0;
        self.clock.has_halted = false;
    }

    fn run_unposted(&mut self, until: Nanos, most: u64) -> bool {
        let end = until.saturating_add(1);
        let mut left = most;
        while left > 0 {
            let Some((time, kind, number)) = self.future.take(end) else {
                break;
            };
            self.now = time;
            left -= 1;
            // Of `kind` only the highest bits count. Two comparisons know sooner than a table.
            if kind >= event::DONE_LEAF {
                self.done_leaf(number);
            } else if kind < event::DONE {
                self.arrival(number);
            } else {
                match kind & event::KIND {
                    event::DONE => self.done(number, Self::go_on_after_work),
                    event::DONE_CACHE => self.done(number, Self::look_up),
                    event::DONE_STORE => self.done(number, Self::access),
                    _ => self.rarer_event(kind & event::KIND, number),
                }
            }
            if !self.later.is_empty() {
                self.dispatch_later();
            }
        }
        self.events += most - left;
        self.future.earliest().is_none_or(|time| time > until)
    }

    #[inline(never)]
    fn rarer_event(&mut self, kind: u32, number: u32) {
        match kind {
            event::DELIVER => self.deliver(number),
            event::ANSWER => self.answer(number),
            event::RETRY => self.retry(number),
            event::THINK => self.think(number),
            event::TIMER => self.timer(number),
            event::FAULT => self.planned_fault(number),
            event::HEALTH => self.look_after_targets(number),
            event::BOX => self.alarm(number),
            event::CHANNEL => self.channel_alarm(number),
            event::ALARM if number & CALL != 0 => self.cancellation_arrives(number & !CALL),
            event::ALARM => self.guard_alarm(number),
            _ => self.log_arrives(number),
        }
    }

    pub(super) fn dispatch_later(&mut self) {
        while let Some(at) = self.later.pop() {
            if at & POOL == 0 {
                self.dispatch(at);
            } else {
                self.serve_pool(at & !POOL);
            }
        }
    }
}
