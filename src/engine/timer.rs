//! Timeouts. Those of one connection (or one queue's deliveries) are all of the same length, so they
//! stand in a list in the order of their deadlines. Only the first has an event: a million calls in
//! flight do not burden the future-event list with deadlines that are rarely met, and a call that
//! ends in time takes its place out of the list at once.

use super::{
    Simulation,
    call::{NONE, Verb, flag},
    event,
};

/// One list of timeouts. Lane i belongs to connection i; those behind belong to queues.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lane {
    pub first: u32,
    pub last: u32,
    /// When the pending event is due; `u64::MAX`: there is none.
    pub armed: u64,
}

impl Default for Lane {
    fn default() -> Self {
        Self {
            first: NONE,
            last: NONE,
            armed: u64::MAX,
        }
    }
}

impl Simulation {
    #[inline(never)]
    pub(super) fn start_timer(&mut self, id: u32, lane_at: u32, timeout: u64) {
        let deadline = self.now.saturating_add(timeout);
        let lane = &mut self.lanes[lane_at as usize];
        // Deadlines rise, unless the timeout was shortened a moment ago: then look for the place.
        let mut before = lane.last;
        while before != NONE && self.calls.rare(before).deadline > deadline {
            before = self.calls.rare(before).timer_before;
        }
        let after = if before == NONE {
            lane.first
        } else {
            self.calls.rare(before).timer_after
        };
        self.calls.rare_mut(id).deadline = deadline;
        self.calls[id].flags |= flag::TIMED;
        self.link(id, lane_at, before, after);
        let lane = &mut self.lanes[lane_at as usize];
        if lane.armed > deadline {
            lane.armed = deadline;
            self.future.put(deadline, event::TIMER | lane_at);
        }
    }

    pub(super) fn stop_timer(&mut self, id: u32, lane_at: u32) {
        let call = &mut self.calls[id];
        debug_assert!(call.has(flag::TIMED));
        call.flags &= !flag::TIMED;
        let rare = self.calls.rare(id);
        let (before, after) = (rare.timer_before, rare.timer_after);
        let lane = &mut self.lanes[lane_at as usize];
        if before == NONE {
            lane.first = after;
        } else {
            self.calls.rare_mut(before).timer_after = after;
        }
        if after == NONE {
            lane.last = before;
        } else {
            self.calls.rare_mut(after).timer_before = before;
        }
    }

    /// `heir` takes the place of `id` among the timeouts of its connection.
    pub(super) fn move_timer(&mut self, id: u32, heir: u32) {
        let old = &mut self.calls[id];
        old.flags &= !flag::TIMED;
        let lane = old.leg;
        let rare = self.calls.rare(id);
        let (before, after) = (rare.timer_before, rare.timer_after);
        self.calls[heir].flags |= flag::TIMED;
        self.link(heir, lane, before, after);
    }

    fn link(&mut self, id: u32, lane_at: u32, before: u32, after: u32) {
        let rare = self.calls.rare_mut(id);
        rare.timer_before = before;
        rare.timer_after = after;
        let lane = &mut self.lanes[lane_at as usize];
        if before == NONE {
            lane.first = id;
        } else {
            self.calls.rare_mut(before).timer_after = id;
        }
        if after == NONE {
            lane.last = id;
        } else {
            self.calls.rare_mut(after).timer_before = id;
        }
    }

    /// The event of the first deadline of a lane.
    pub(super) fn timer(&mut self, lane_at: u32) {
        if self.lanes[lane_at as usize].armed != self.now {
            // Left over: an earlier one has taken its place.
            return;
        }
        self.lanes[lane_at as usize].armed = u64::MAX;
        loop {
            let lane = &mut self.lanes[lane_at as usize];
            let first = lane.first;
            if first == NONE {
                return;
            }
            let deadline = self.calls.rare(first).deadline;
            if deadline > self.now {
                if lane.armed > deadline {
                    lane.armed = deadline;
                    self.future.put(deadline, event::TIMER | lane_at);
                }
                return;
            }
            if self.calls[first].verb == Verb::Message {
                self.visible_again(first);
            } else {
                self.time_out(first);
            }
        }
    }
}
