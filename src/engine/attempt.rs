//! Attempts that come to nothing: timeouts, back-off and retries, callers that walk away.

use super::{
    Simulation,
    call::{NONE, Outcome, State, flag},
    component::Part,
    connection::Connection,
    event,
    hop::Leaves,
    measure::Cause,
    random::nanos,
};
use crate::scenario::{Backoff, Jitter};

/// More retries than this are never made.
const MOST_RETRIES: u32 = 255;

/// Waits between retries never grow beyond this (2ⁿ would).
const LONGEST_BACKOFF_NS: u64 = 3_600_000_000_000;

impl Connection {
    /// Whether there is another attempt after attempt `attempt` = 0, 1, 2, …
    #[inline(always)]
    pub fn has_retries_left(&self, attempt: u8) -> bool {
        u32::from(attempt) < self.retries.max.min(MOST_RETRIES)
    }

    /// How long to wait before retry `attempt` = 0, 1, 2, …; `last` is the wait before.
    fn backoff_ns(&mut self, attempt: u32, last: u64) -> u64 {
        let (base, wait) = match self.retries.backoff {
            Backoff::None => return 0,
            Backoff::Constant(wait) => (wait.nanos(), wait.nanos()),
            Backoff::Exponential(base) => {
                let times = 1u64.checked_shl(attempt).unwrap_or(u64::MAX);
                let wait = base.nanos().saturating_mul(times);
                (base.nanos(), wait.min(LONGEST_BACKOFF_NS))
            }
        };
        let unit = self.backoff_stream.unit();
        match self.retries.jitter {
            Jitter::None => wait,
            Jitter::Full => nanos(wait as f64 * unit),
            Jitter::Decorrelated => {
                let most = last.max(base).saturating_mul(3).min(LONGEST_BACKOFF_NS);
                base + nanos(most.saturating_sub(base) as f64 * unit)
            }
        }
    }
}

impl Simulation {
    /// The instance that a balancer picked for a call, or that a queue delivered it to; [`NONE`] if
    /// none did. A call that was forwarded may be at an instance of another box.
    fn picked_instance(&self, id: u32) -> u32 {
        if self.calls[id].has(flag::CONSUMING) {
            return self.calls.rare(id).target;
        }
        let target = self.calls.target(id);
        if target == NONE {
            return NONE;
        }
        let balancer = self.components.get(self.balancer_of(id) as usize);
        match balancer.map(|component| &component.part) {
            Some(Part::Balancer(balancer)) => {
                let target = balancer.targets.get(target as usize);
                target.map_or(NONE, |target| target.instance)
            }
            _ => NONE,
        }
    }

    /// The caller waits and then tries again.
    #[inline(never)]
    pub(super) fn back_off(&mut self, id: u32) {
        let instance = self.picked_instance(id);
        let call = &self.calls[id];
        let attempt = call.attempt;
        let connection = &mut self.connections[call.leg as usize];
        let rare = self.calls.rare_mut(id);
        let last = if attempt == 0 { 0 } else { rare.waited };
        let wait = connection.backoff_ns(attempt.into(), last);
        rare.waited = wait;
        let call = &mut self.calls[id];
        call.attempt += 1;
        call.state = State::Backoff;
        // The next attempt picks its instance anew, unless it was picked for it.
        call.instance = instance;
        call.component = connection.to;
        call.via = call.leg;
        call.step = 0;
        call.flags = call.flags & !(flag::STALE | flag::VERSIONED | flag::MISSED) | flag::SCHEDULED;
        self.future.put(self.now + wait, event::RETRY | id);
    }

    /// The event of [`Self::back_off`].
    pub(super) fn retry(&mut self, id: u32) {
        let call = &mut self.calls[id];
        call.flags &= !flag::SCHEDULED;
        if call.state == State::Dead {
            return self.calls.remove(id);
        }
        if !call.is_wanted() {
            return self.end_orphan(id);
        }
        call.state = State::Transit;
        call.outcome = Outcome::Well;
        self.connections[call.leg as usize].retried += 1;
        self.send(id);
    }

    /// The caller walks away; the work it asked for goes on.
    ///
    /// A queue's consumer that goes on takes nothing more until it is through, so the arrow does not
    /// try again on top of that: the message goes back into line, where it waits for a consumer that
    /// takes it, or, acknowledged before the work, is in nobody's hands but the consumer's.
    pub(super) fn time_out(&mut self, id: u32) {
        let call = &self.calls[id];
        let at_consumer = call.has(flag::CONSUMING) && call.state != State::Lost;
        self.note_first(id);
        let twin = self.twin(id);
        if twin != NONE {
            self.walk_away(twin, Cause::Timeout);
        }
        self.stop_timer(id, self.calls[id].leg);
        let caller_side = self.part_from_callee(id);
        let cause = Outcome::Failed(Cause::Timeout);
        self.tell_guards(caller_side, Some(cause));
        let call = &mut self.calls[caller_side];
        call.outcome = cause;
        if call.has(flag::SAMPLED) {
            let leg = call.leg;
            self.hop(id, leg, Leaves::Caller, 0, Some(Cause::Timeout));
        }
        let call = &self.calls[caller_side];
        let connection = &mut self.connections[call.leg as usize];
        connection.ended(self.now - call.sent, cause);
        if !at_consumer && self.tries_again(caller_side) {
            return self.back_off(caller_side);
        }
        let caller = self.settle(caller_side);
        self.answer_in_turn(caller);
    }

    /// The caller of a call no longer waits for it. Returns the record of its side: that of the call
    /// itself if nothing else, and no event, has to do with it any more.
    fn part_from_callee(&mut self, id: u32) -> u32 {
        let call = &self.calls[id];
        // The news of a loss may be under way, if the call was not timed when it was lost.
        let is_over =
            call.state == State::AtGate || call.state == State::Lost && !call.has(flag::SCHEDULED);
        if is_over {
            return id;
        }
        let heir = self.hand_over(id);
        self.tell_callee(id);
        heir
    }

    /// The caller of a call no longer waits for it and does not try again; the call goes on as an
    /// orphan. Its caller does not go on by itself.
    pub(super) fn walk_away(&mut self, id: u32, cause: Cause) {
        let backs_off = self.calls[id].state == State::Backoff;
        let caller_side = self.part_from_callee(id);
        if self.calls[caller_side].has(flag::TIMED) {
            self.stop_timer(caller_side, self.calls[caller_side].leg);
        }
        self.tell_guards(caller_side, None);
        if self.calls[caller_side].has(flag::KIN) {
            self.calls.leave_kin(caller_side);
        }
        if self.calls[caller_side].has(flag::CONSUMING) {
            self.release_permit(caller_side, false);
        }
        let call = &self.calls[caller_side];
        let parent = call.parent;
        if !backs_off {
            self.connections[call.leg as usize].ended(self.now - call.sent, Outcome::Failed(cause));
        }
        let target = self.calls.target(caller_side);
        if parent == NONE {
            self.release_target_of(caller_side, false);
        }
        self.calls.remove(caller_side);
        if parent != NONE {
            self.calls[parent].pending -= 1;
            if target != NONE {
                self.release_target(parent, target, false);
            }
        }
    }
}
