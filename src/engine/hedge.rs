//! Hedged calls (Dean and Barroso 2013, "The tail at scale", Communications of the ACM 56(2)): a caller
//! that has waited long enough for an attempt makes another one, and takes the answer that comes first.
//!
//! The two are twins and know of each other. The first that is answered well ends the other: nobody
//! wants it any more, and over an arrow that cancels it is stopped. One that fails leaves the matter to
//! the other; only when both have failed the caller may try again. The timeout of the first is that of
//! both. It is one more attempt and takes a token of the retry budget, if there is one: without it it is
//! not made (gRPC proposal A6, "Throttling Retry Attempts and Hedged RPCs"). Who is about to be hedged stands in a list by the time it is due, of which only the first has an
//! event (the alarm of the arrow's guards).

use super::{
    Histogram, Simulation,
    call::{Calls, NONE, Outcome, State, flag},
    guard::held,
    list::List,
    measure::Cause,
};
use crate::scenario::{self, After};

/// How long to wait is not known before so many first attempts have ended.
const LEAST: u64 = 100;

/// After so many more it is found anew.
const ANEW: u64 = 64;

/// The second attempts of an arrow.
#[derive(Clone, Debug)]
pub(super) struct Hedges {
    after: After,
    /// How long to wait; `u64::MAX`: for ever.
    delay: u64,
    /// How long first attempts took, or how long they had taken when they were given up: longer than
    /// `delay`, so that the share beyond it is right.
    took: Histogram,
    ended: u64,
    /// Those about to be hedged, by when.
    pub due: List,
    /// Second attempts, and those of them that were answered first.
    pub sent: u64,
    pub won: u64,
}

impl Hedges {
    pub fn new(drawn: &scenario::Hedge) -> Self {
        Self {
            after: drawn.after,
            delay: match drawn.after {
                After::Delay { delay } => delay.nanos(),
                After::Percentile { .. } => u64::MAX,
            },
            took: Histogram::default(),
            ended: 0,
            due: List::EMPTY,
            sent: 0,
            won: 0,
        }
    }

    /// Takes over who waits, and what is known, from those before an edit.
    pub fn adopt(&mut self, old: Self) {
        let (before, after, delay) = (old.after, self.after, self.delay);
        *self = old;
        if after != before {
            (self.after, self.delay) = (after, delay);
            self.find_delay();
        }
    }

    pub fn reset(&mut self) {
        (self.sent, self.won) = (0, 0);
    }

    /// A first attempt has ended, or was given up, after so long.
    fn note(&mut self, took: u64) {
        if let After::Delay { .. } = self.after {
            return;
        }
        self.took.record(took);
        self.ended += 1;
        if self.ended.is_multiple_of(ANEW) {
            self.find_delay();
        }
    }

    fn find_delay(&mut self) {
        let After::Percentile { share } = self.after else {
            return;
        };
        if self.ended >= LEAST {
            self.delay = self.took.quantile_ns(share).unwrap_or(0.0) as u64;
        }
    }

    /// An attempt that is sent at `now` will be hedged, unless it ends before.
    fn line_up(&mut self, calls: &mut Calls, id: u32, now: u64) {
        let due = now.saturating_add(self.delay);
        let mut before = self.due.last;
        // The wait was shortened a moment ago, perhaps.
        while before != NONE && calls.rare(before).until > due {
            before = calls.rare(before).before;
        }
        let rare = calls.rare_mut(id);
        rare.until = due;
        rare.holds |= held::DUE;
        self.due.insert(calls, id, before);
    }

    /// A call will not be hedged any more.
    pub fn leave(&mut self, calls: &mut Calls, id: u32) {
        calls.rare_mut(id).holds &= !held::DUE;
        self.due.remove(calls, id);
    }
}

impl Simulation {
    fn hedges(&mut self, connection: u32) -> Option<&mut Hedges> {
        let guards = self.connections[connection as usize].guards.as_mut()?;
        guards.hedges.as_mut()
    }

    /// An attempt is being sent: it may be hedged later.
    pub(super) fn plan_hedge(&mut self, id: u32) {
        let call = &self.calls[id];
        let leg = call.leg;
        // Where nobody waits nobody waits too long.
        if call.parent == NONE || self.calls.rare(id).holds & held::SECOND != 0 {
            return;
        }
        let Some(guards) = &mut self.connections[leg as usize].guards else {
            return;
        };
        let Some(hedges) = &mut guards.hedges else {
            return;
        };
        let rare = self.calls.rare_mut(id);
        rare.holds |= held::FIRST;
        rare.since = self.now;
        if hedges.delay < u64::MAX {
            hedges.line_up(&mut self.calls, id, self.now);
            self.arm(leg);
        }
    }

    /// Sends the second attempts that are due by now.
    pub(super) fn hedge(&mut self, connection: u32) {
        let now = self.now;
        while let Some(hedges) = self.hedges(connection) {
            let first = hedges.due.first;
            if first == NONE || self.calls.rare(first).until > now {
                return;
            }
            if let Some(guards) = &mut self.connections[connection as usize].guards
                && let Some(hedges) = &mut guards.hedges
            {
                hedges.leave(&mut self.calls, first);
            }
            self.send_second(first);
        }
    }

    fn send_second(&mut self, first: u32) {
        let call = &self.calls[first];
        let (parent, leg, verb, attempt) = (call.parent, call.leg, call.verb, call.attempt);
        let waited = self.calls.rare(first).waited;
        if self.calls[parent].state == State::Dead || !self.affords_another(leg) {
            return;
        }
        let id = self.call(parent, leg, verb, true);
        let now = self.now;
        let call = &mut self.calls[id];
        call.flags |= flag::GUARDED;
        call.attempt = attempt;
        call.sent = now;
        let rare = self.calls.rare_mut(id);
        rare.holds = held::TWIN | held::SECOND;
        rare.twin = first;
        // If it is the one that is tried again, its waits go on from those of the first.
        rare.waited = waited;
        let rare = self.calls.rare_mut(first);
        rare.holds |= held::TWIN;
        rare.twin = id;
        self.connections[leg as usize].set_off();
        if let Some(hedges) = self.hedges(leg) {
            hedges.sent += 1;
        }
        let next = self.set_off_slowly(id);
        self.send(next);
    }

    /// The other attempt at the same, while both are under way; [`NONE`]: there is none.
    pub(super) fn twin(&self, id: u32) -> u32 {
        let rare = self.calls.rare(id);
        if self.calls[id].has(flag::GUARDED) && rare.holds & held::TWIN != 0 {
            rare.twin
        } else {
            NONE
        }
    }

    /// An attempt has ended, and is nobody's twin any more.
    pub(super) fn untie(&mut self, id: u32) {
        let twin = self.twin(id);
        if twin != NONE {
            self.calls.rare_mut(id).holds &= !held::TWIN;
            self.calls.rare_mut(twin).holds &= !held::TWIN;
        }
    }

    /// `heir` has taken the place of `id` at its caller, with all that is rare about it.
    pub(super) fn move_guarded(&mut self, heir: u32) {
        let twin = self.twin(heir);
        if twin != NONE {
            self.calls.rare_mut(twin).twin = heir;
        }
        let leg = self.calls[heir].leg;
        if self.calls.rare(heir).holds & held::DUE != 0
            && let Some(guards) = &mut self.connections[leg as usize].guards
            && let Some(hedges) = &mut guards.hedges
        {
            hedges.due.tell_neighbours(&mut self.calls, heir);
        }
    }

    /// How long an attempt took is noted, if it was the first.
    pub(super) fn note_first(&mut self, id: u32) {
        let (call, rare) = (&self.calls[id], self.calls.rare(id));
        if !call.has(flag::GUARDED) || rare.holds & held::FIRST == 0 {
            return;
        }
        let (leg, took) = (call.leg, self.now - rare.since);
        if let Some(hedges) = self.hedges(leg) {
            hedges.note(took);
        }
    }

    /// An attempt that has guards has ended like this. Says whether its caller has to do with it: not
    /// when it has failed while its twin is under way. `is_sent`: it is the callee that has failed.
    pub(super) fn decides(&mut self, id: u32, outcome: Outcome, is_sent: bool) -> bool {
        let failed = outcome.failed().is_some();
        if !failed {
            self.note_first(id);
        }
        let twin = self.twin(id);
        if twin == NONE {
            return true;
        }
        self.untie(id);
        if !failed {
            self.note_first(twin);
            let leg = self.calls[id].leg;
            let is_second = self.calls.rare(id).holds & held::SECOND != 0;
            if let Some(hedges) = self.hedges(leg) {
                hedges.won += u64::from(is_second);
            }
            self.walk_away(twin, Cause::Cancelled);
            return true;
        }
        if self.calls[id].has(flag::TIMED) {
            self.calls.rare_mut(twin).deadline = self.calls.rare(id).deadline;
            self.move_timer(id, twin);
        }
        self.tell_guards(id, is_sent.then_some(outcome));
        if self.calls[id].has(flag::KIN) {
            self.calls.leave_kin(id);
        }
        let call = &self.calls[id];
        let parent = call.parent;
        self.connections[call.leg as usize].ended(self.now - call.sent, outcome);
        self.calls.remove(id);
        self.calls[parent].pending -= 1;
        false
    }

    /// The books of those about to be hedged, and of those that were.
    pub(super) fn check_hedges(&self) -> Result<(), String> {
        let mut due = 0;
        for (id, call) in self.calls.iter() {
            let rare = self.calls.rare(id);
            due += u64::from(call.has(flag::GUARDED) && rare.holds & held::DUE != 0);
            let twin = self.twin(id);
            if twin != NONE && (self.twin(twin) != id || self.calls[twin].parent != call.parent) {
                return Err(format!("call {id} has a twin {twin} that is not: {call:?}"));
            }
        }
        for (at, connection) in self.connections.iter().enumerate() {
            let Some(guards) = &connection.guards else {
                continue;
            };
            let Some(hedges) = &guards.hedges else {
                continue;
            };
            let (mut id, mut before, mut last) = (hedges.due.first, NONE, 0);
            while id != NONE {
                let (call, rare) = (&self.calls[id], self.calls.rare(id));
                let is_due = call.has(flag::GUARDED) && rare.holds & held::DUE != 0;
                if !is_due || rare.before != before || rare.until < last {
                    return Err(format!(
                        "connection {at}: who will be hedged is lost at {id}"
                    ));
                }
                due -= 1;
                last = rare.until;
                (before, id) = (id, rare.after);
            }
            if hedges.due.first != NONE && guards.armed > self.calls.rare(hedges.due.first).until {
                return Err(format!("connection {at}: its hedges are not armed"));
            }
        }
        if due == 0 {
            Ok(())
        } else {
            Err(format!("{due} calls will never be hedged"))
        }
    }
}
