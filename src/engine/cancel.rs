//! Cancellation: over an arrow that cancels, a caller that walks away tells the callee so, and the
//! work it asked for is stopped, with what that has asked of others over such arrows.
//!
//! The message takes the way of the calls: as long as one of them, and it may be lost. It stops what
//! it finds: calls in line leave it, calls at work free their slot, calls that have not arrived yet
//! are dropped when they do. A box that stands still hears of it when it goes on; one that has
//! answered meanwhile has worked in vain, as without cancellation. What a call has asked for over
//! arrows that cancel, or that have a pool, stands in a list of its own, so that nobody has to be
//! searched for.
//!
//! Nothing is drawn, and no event planned, before somebody walks away: a cancellation that never
//! happens leaves the run as it is without, to the last bit.

use super::{
    Simulation,
    alarm::CALL,
    call::{Calls, NONE, State, Verb, flag},
    component::Part,
    connection::Connection,
    event,
    hop::Leaves,
    measure::Cause,
    random::Stream,
};

/// The luck of the messages of an arrow that cancels.
#[derive(Clone, Debug)]
pub(super) struct Cancel {
    latency_stream: Stream,
    loss_stream: Stream,
}

impl Cancel {
    pub fn new(seed: u64, name: &str) -> Self {
        Self {
            latency_stream: Stream::new(seed, name, "latency of cancellations"),
            loss_stream: Stream::new(seed, name, "loss of cancellations"),
        }
    }
}

impl Connection {
    /// Whether a caller that walks away tells the callee.
    pub fn cancels(&self) -> bool {
        let guards = self.guards.as_ref();
        guards.is_some_and(|guards| guards.cancel.is_some())
    }

    /// The next message draws from streams of its own, or calls do again.
    fn swap_luck(&mut self) {
        if let Some(guards) = &mut self.guards
            && let Some(own) = &mut guards.cancel
        {
            std::mem::swap(&mut self.latency_stream, &mut own.latency_stream);
            std::mem::swap(&mut self.loss_stream, &mut own.loss_stream);
        }
    }
}

impl Calls {
    /// A call goes into the list of those that end with their caller, if there is one.
    pub fn join_kin(&mut self, id: u32) {
        let parent = self[id].parent;
        if parent == NONE || self[id].has(flag::KIN) {
            return;
        }
        let first = if self[parent].has(flag::HAS_KIN) {
            self.rare(parent).first_kin
        } else {
            NONE
        };
        if first != NONE {
            self.rare_mut(first).kin_before = id;
        }
        self[parent].flags |= flag::HAS_KIN;
        self.rare_mut(parent).first_kin = id;
        self[id].flags |= flag::KIN;
        let rare = self.rare_mut(id);
        rare.kin_before = NONE;
        rare.kin_after = first;
    }

    /// A call has ended as its caller sees it, which it stood in a list of.
    pub fn leave_kin(&mut self, id: u32) {
        debug_assert!(self[id].has(flag::KIN));
        self[id].flags &= !flag::KIN;
        let parent = self[id].parent;
        let rare = self.rare(id);
        let (before, after) = (rare.kin_before, rare.kin_after);
        if after != NONE {
            self.rare_mut(after).kin_before = before;
        }
        if before != NONE {
            self.rare_mut(before).kin_after = after;
        } else if after != NONE {
            self.rare_mut(parent).first_kin = after;
        } else {
            self[parent].flags &= !flag::HAS_KIN;
        }
    }

    /// `heir`, which has what is rare about `id`, takes its place in the list.
    pub fn move_kin(&mut self, id: u32, heir: u32) {
        self[id].flags &= !flag::KIN;
        let parent = self[heir].parent;
        let rare = self.rare(heir);
        let (before, after) = (rare.kin_before, rare.kin_after);
        if after != NONE {
            self.rare_mut(after).kin_before = heir;
        }
        if before == NONE {
            self.rare_mut(parent).first_kin = heir;
        } else {
            self.rare_mut(before).kin_after = heir;
        }
    }

    /// The first of the calls that end with their caller.
    pub fn first_kin(&self, id: u32) -> u32 {
        if self[id].has(flag::HAS_KIN) {
            self.rare(id).first_kin
        } else {
            NONE
        }
    }
}

impl Simulation {
    /// The caller of a call has gone, which is nobody's now: the callee is told, if the arrow cancels.
    pub(super) fn tell_callee(&mut self, id: u32) {
        let call = &self.calls[id];
        // Nothing of it is, or will be, at the callee.
        let is_nowhere = match call.state {
            State::Transit => !call.has(flag::SCHEDULED),
            state => matches!(state, State::Backoff | State::Lost | State::AtGate),
        };
        let leg = call.leg;
        let connection = &mut self.connections[leg as usize];
        if is_nowhere || !connection.cancels() {
            return;
        }
        let region = if connection.ways.is_some() {
            self.calls.rare(id).region
        } else {
            NONE
        };
        connection.swap_luck();
        let (latency, lost) = connection.travel(region, &self.ziggurat);
        connection.swap_luck();
        connection.cancels += 1;
        if call.has(flag::SAMPLED) {
            self.hop(id, leg, Leaves::Caller, latency, Some(Cause::Cancelled));
        }
        if !lost {
            self.stop_at(id, self.now + latency);
        }
    }

    /// A call that is nobody's is to be stopped at `due`.
    fn stop_at(&mut self, id: u32, due: u64) {
        self.calls.rare_mut(id).cancel_at = due;
        self.future.put(due, event::ALARM | CALL | id);
    }

    /// In an edit: over these arrows, which cancel from now on, calls end with their caller, also those
    /// that were sent before.
    pub(super) fn begin_to_cancel(&mut self, arrows: &[u32]) {
        if arrows.is_empty() {
            return;
        }
        let joins = self.calls.find(|call| {
            call.leg != NONE
                && arrows.contains(&call.leg)
                && call.is_wanted()
                && !matches!(call.state, State::Free | State::Dead)
        });
        for id in joins {
            let parent = self.calls[id].parent;
            if parent != NONE && self.calls[parent].state != State::Dead {
                self.calls.join_kin(id);
            }
        }
    }

    /// `heir` goes on in the place of `id`, both nobody's: it is stopped when that would have been.
    pub(super) fn move_cancel(&mut self, id: u32, heir: u32) {
        let due = self.calls.rare(id).cancel_at;
        self.calls.rare_mut(heir).cancel_at = 0;
        if due > 0 {
            self.stop_at(heir, due.max(self.now));
        }
    }

    /// The event of a cancellation that has come to the callee.
    pub(super) fn cancellation_arrives(&mut self, id: u32) {
        if self.is_cancelled(id, self.now) {
            self.stop(id);
        }
    }

    /// Whether the cancellation that was due then is of this call, and not of one that has had its
    /// record before. Two that are due at the same instant stop the same calls.
    fn is_cancelled(&self, id: u32, due: u64) -> bool {
        let call = &self.calls[id];
        let is_asked_for =
            matches!(call.verb, Verb::Request | Verb::Fill | Verb::Invalidate) && call.leg != NONE;
        !matches!(call.state, State::Free | State::Dead)
            && is_asked_for
            && !call.is_wanted()
            && !call.has(flag::PROBE)
            && self.calls.rare(id).cancel_at == due
    }

    /// A call that nobody waits for is stopped where it is.
    fn stop(&mut self, id: u32) {
        let call = &mut self.calls[id];
        if call.state == State::Transit && call.has(flag::SCHEDULED) {
            call.state = State::Revoked;
        }
        if !call.is_inside() {
            return;
        }
        let (number, at, state) = (call.component as usize, call.instance, call.state);
        let component = &mut self.components[number];
        if component.stands_still(at) {
            let due = self.calls.rare(id).cancel_at;
            component.trouble.cancelled.push((id, due));
            return;
        }
        let shares = state == State::Working && component.shares();
        if state == State::Queued {
            self.step_out_of_line(id);
        } else if shares {
            self.take_share_out(id);
        } else if let Part::Function(function) = &mut component.part {
            function.rest(self.now);
        }
        let heir = self.kill(id, Cause::Cancelled);
        debug_assert_eq!(heir, None);
        if at == NONE {
            return;
        }
        if shares {
            self.arm_shares(at);
        }
        self.note_if_watched(at);
        self.start_next(at);
        self.note_if_drained(at);
    }

    /// A box, or an instance of it, goes on that stood still: it hears of what was cancelled meanwhile.
    pub(super) fn hear_of_cancelled(&mut self, at: u32) {
        let cancelled = std::mem::take(&mut self.components[at as usize].trouble.cancelled);
        for (id, due) in cancelled {
            if self.is_cancelled(id, due) {
                self.stop(id);
            }
        }
    }

    /// A call is no longer in line. Those before it are passed one by one: there are none, mostly, as
    /// who came first has walked away first.
    fn step_out_of_line(&mut self, id: u32) {
        let call = &self.calls[id];
        let (number, at) = (call.component as usize, call.instance);
        let component = &mut self.components[number];
        if at == NONE
            && let Some(limiter) = component.limiter()
        {
            return limiter.step_out_of_line(id, &mut self.calls);
        }
        let Some(instance) = self.instances.get_mut(at as usize) else {
            return;
        };
        match component.place(at) {
            Some(place) => {
                place.line.remove(id, &mut self.calls);
                instance.waiting -= 1;
            }
            None => {
                let ends = (&mut instance.head, &mut instance.tail);
                self.calls.take_out(ends.0, ends.1, id);
                instance.waiting -= 1;
            }
        }
    }

    /// What a call has asked for over arrows that cancel is of no use any more: it ends of this. What
    /// is in line for a place is never sent.
    pub(super) fn cancel_kin(&mut self, caller: u32, cause: Cause) {
        let mut id = self.calls.first_kin(caller);
        while id != NONE {
            let next = self.calls.rare(id).kin_after;
            let call = &self.calls[id];
            if call.state == State::AtGate || self.connections[call.leg as usize].cancels() {
                self.walk_away(id, cause);
            }
            id = next;
        }
    }

    /// The lists of those that end with their caller.
    pub(super) fn check_kin(&self) -> Result<(), String> {
        let flagged = self.calls.iter().filter(|(_, call)| call.has(flag::KIN));
        let (flagged, mut listed) = (flagged.count(), 0);
        for (caller, _) in self.calls.iter() {
            let (mut id, mut before) = (self.calls.first_kin(caller), NONE);
            if self.calls[caller].has(flag::HAS_KIN) && id == NONE {
                return Err(format!("call {caller} has nobody in its list"));
            }
            while id != NONE {
                let (call, rare) = (&self.calls[id], self.calls.rare(id));
                if !call.has(flag::KIN) || call.parent != caller || rare.kin_before != before {
                    return Err(format!(
                        "the list of call {caller} is broken at {id}: {call:?}"
                    ));
                }
                listed += 1;
                (before, id) = (id, rare.kin_after);
            }
        }
        if listed == flagged {
            Ok(())
        } else {
            Err(format!(
                "{flagged} calls end with their caller, {listed} are listed"
            ))
        }
    }
}
