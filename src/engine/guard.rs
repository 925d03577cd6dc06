//! The guards of an arrow: what an attempt has to pass at its caller before it is sent, and who is
//! told when it ends.
//!
//! In this order: the circuit breaker, then the pool. A retry passes them anew. Arrows without guards
//! never come here, and routes are closed for those with any.

use super::{
    Nanos, Simulation,
    breaker::Breaker,
    budget::Budget,
    bulkhead::Pool,
    call::{NONE, Outcome, State, flag},
    cancel::Cancel,
    event,
    hedge::Hedges,
    hop::Leaves,
    measure::{Cause, ConnectionTotals},
};
use crate::scenario;

/// In [`Simulation::later`]: the pool of a connection may have room, once the event at hand is over.
pub(super) const POOL: u32 = 1 << 31;

/// What an attempt holds of its arrow's guards.
pub(super) mod held {
    /// A place in the pool.
    pub const PLACE: u8 = 1;
    /// The breaker wants to know how it ends.
    pub const VERDICT: u8 = 2;
    /// It will be hedged: it stands in the list of those ([`super::super::hedge`]).
    pub const DUE: u8 = 4;
    /// Another attempt at the same is under way: [`super::super::call::Rare::twin`].
    pub const TWIN: u8 = 8;
    /// It is the second one.
    pub const SECOND: u8 = 16;
    /// It is the first one, sent at [`super::super::call::Rare::since`] over an arrow that hedges.
    pub const FIRST: u8 = 32;
}

/// The guards of an arrow while it runs.
#[derive(Clone, Debug)]
pub(super) struct Guards {
    pub breaker: Option<Breaker>,
    pub budget: Option<Budget>,
    pub pool: Pool,
    /// For the way of cancellations, if there are any.
    pub cancel: Option<Cancel>,
    pub hedges: Option<Hedges>,
    /// When its pending alarm is due; `u64::MAX`: there is none.
    pub armed: Nanos,
}

impl Guards {
    /// The guards of an arrow; `None` if it has none.
    pub fn new(
        seed: u64,
        name: &str,
        drawn: &scenario::Connection,
        retries: &scenario::Retries,
    ) -> Option<Box<Self>> {
        let guards = Self {
            breaker: drawn.breaker.as_ref().map(Breaker::new),
            budget: retries.budget.as_ref().map(Budget::new),
            pool: Pool::new(drawn.pool.as_ref()),
            cancel: drawn.cancellation.then(|| Cancel::new(seed, name)),
            hedges: drawn.hedge.as_ref().map(Hedges::new),
            armed: u64::MAX,
        };
        let has_any = guards.breaker.is_some()
            || guards.budget.is_some()
            || drawn.pool.is_some()
            || drawn.cancellation
            || drawn.hedge.is_some();
        has_any.then(|| Box::new(guards))
    }

    /// The guards of an arrow after an edit, with the state of those it had before.
    pub fn after_edit(new: Option<Box<Self>>, old: Option<&Self>, now: Nanos) -> Option<Box<Self>> {
        let Some(old) = old.cloned() else {
            return new;
        };
        let mut guards = match new {
            Some(new) => new,
            None if old.pool.is_idle() => return None,
            // Until those who wait have gone.
            None => Box::new(Self {
                breaker: None,
                budget: None,
                pool: Pool::new(None),
                cancel: None,
                hedges: None,
                armed: u64::MAX,
            }),
        };
        guards.pool.adopt(old.pool, now);
        guards.armed = old.armed;
        if let (Some(new), Some(old)) = (&mut guards.breaker, old.breaker) {
            new.adopt(old);
        }
        if let (Some(new), Some(old)) = (&mut guards.budget, old.budget) {
            new.adopt(old, now);
        }
        if let (Some(new), Some(old)) = (&mut guards.cancel, old.cancel) {
            *new = old;
        }
        if let (Some(new), Some(old)) = (&mut guards.hedges, old.hedges) {
            new.adopt(old);
        }
        Some(guards)
    }

    pub fn reset(&mut self, now: Nanos) {
        self.pool.reset(now);
        if let Some(breaker) = &mut self.breaker {
            breaker.reset(now);
        }
        if let Some(budget) = &mut self.budget {
            budget.denied = 0;
        }
        if let Some(hedges) = &mut self.hedges {
            hedges.reset();
        }
    }

    /// Adds what they have counted.
    pub fn count(&self, totals: &mut ConnectionTotals) {
        let now = totals.now_ns;
        if let Some(breaker) = &self.breaker {
            totals.breaker = Some(breaker.state(now));
            (totals.opened, totals.open_ns) = breaker.totals(now);
        }
        if let Some(budget) = &self.budget {
            totals.denied = budget.denied;
        }
        if let Some(hedges) = &self.hedges {
            (totals.hedges, totals.hedges_won) = (hedges.sent, hedges.won);
        }
        let pool = &self.pool;
        if pool.max == u32::MAX {
            return;
        }
        totals.places = Some(pool.max);
        totals.places_used = pool.used.now();
        totals.places_area = pool.used.area(now);
        totals.waiting = pool.waiting.now();
        totals.waiting_area = pool.waiting.area(now);
        totals.waits = pool.waits;
        totals.wait_sum_ns = pool.wait_sum;
    }
}

impl Simulation {
    /// An attempt is about to be sent over an arrow that may have guards. Returns the call to send
    /// next, if any.
    #[inline(never)]
    pub(super) fn set_off_slowly(&mut self, id: u32) -> u32 {
        let leg = self.calls[id].leg;
        if self.connections[leg as usize].guards.is_some() && !self.passes_guards(id) {
            return NONE;
        }
        self.transport_slowly(id)
    }

    /// Whether an attempt may be sent now. If not it waits for a place, or has failed.
    fn passes_guards(&mut self, id: u32) -> bool {
        let now = self.now;
        let leg = self.calls[id].leg;
        let Some(guards) = &mut self.connections[leg as usize].guards else {
            return true;
        };
        if guards.cancel.is_some() || guards.pool.max != u32::MAX {
            self.calls.join_kin(id);
        }
        let call = &mut self.calls[id];
        // A second attempt knows what it is.
        let is_second = call.has(flag::GUARDED);
        if call.attempt == 0
            && !is_second
            && let Some(budget) = &mut guards.budget
        {
            budget.note_first(now);
        }
        let mut holds = if is_second {
            self.calls.rare(id).holds
        } else {
            0
        };
        let call = &mut self.calls[id];
        let mut era = 0;
        if let Some(breaker) = &mut guards.breaker {
            match breaker.admit(now) {
                Some(admitted) => {
                    era = admitted;
                    holds |= held::VERDICT;
                }
                None => {
                    self.fail_here(id, Cause::BreakerOpen);
                    return false;
                }
            }
        }
        call.flags |= flag::GUARDED;
        let pool = &mut guards.pool;
        // Without a limit there are no places: a limit to come counts none of those under way.
        let is_limited = pool.max != u32::MAX;
        // Nobody jumps the line, also while a place is free that is about to be given away.
        let at_once = !is_limited || pool.has_room() && pool.line.is_empty();
        let lines_up = !at_once && pool.may_wait();
        if is_limited && at_once {
            pool.take(now, 0);
            holds |= held::PLACE;
        } else if lines_up {
            call.state = State::AtGate;
            pool.line_up(&mut self.calls, id, now);
        }
        let rare = self.calls.rare_mut(id);
        rare.holds = holds;
        rare.era = era;
        if lines_up {
            self.arm(leg);
        } else if at_once {
            self.plan_hedge(id);
        } else {
            self.fail_here(id, Cause::PoolExhausted);
        }
        at_once
    }

    /// An attempt fails at its caller, without having been sent.
    fn fail_here(&mut self, id: u32, cause: Cause) {
        if self.calls[id].has(flag::GUARDED) && !self.decides(id, Outcome::Failed(cause), false) {
            return;
        }
        self.tell_guards(id, None);
        let call = &mut self.calls[id];
        call.state = State::Transit;
        call.outcome = Outcome::Failed(cause);
        if call.has(flag::SAMPLED) {
            let leg = call.leg;
            self.hop(id, leg, Leaves::Caller, 0, Some(cause));
        }
        let caller = self.answered(id);
        self.answer_in_turn(caller);
    }

    /// An attempt has ended, as its caller sees it. `outcome`: `None` when that says nothing about
    /// the callee.
    #[cold]
    pub(super) fn tell_guards(&mut self, id: u32, outcome: Option<Outcome>) {
        let now = self.now;
        let call = &mut self.calls[id];
        if !call.has(flag::GUARDED) {
            return;
        }
        self.untie(id);
        let call = &mut self.calls[id];
        call.flags &= !flag::GUARDED;
        let (leg, waits) = (call.leg, call.state == State::AtGate);
        let rare = self.calls.rare(id);
        let (holds, era) = (rare.holds, rare.era);
        let Some(guards) = &mut self.connections[leg as usize].guards else {
            return;
        };
        if holds & held::VERDICT != 0
            && let Some(breaker) = &mut guards.breaker
        {
            let failed = outcome
                .filter(|_| !waits)
                .map(|outcome| outcome.failed().is_some());
            breaker.ended(era, failed, now);
        }
        if holds & held::DUE != 0
            && let Some(hedges) = &mut guards.hedges
        {
            hedges.leave(&mut self.calls, id);
        }
        if waits {
            guards.pool.leave_line(&mut self.calls, id, now);
        } else if holds & held::PLACE != 0 {
            guards.pool.used.down(now);
            if !guards.pool.line.is_empty() {
                // Not at once: its caller may be in the middle of something.
                self.later.push(POOL | leg);
            }
        }
    }

    /// Lets those in line for a place go while there is room.
    pub(super) fn serve_pool(&mut self, connection: u32) {
        loop {
            let Some(guards) = &mut self.connections[connection as usize].guards else {
                return;
            };
            let id = guards.pool.line.first;
            if id == NONE || !guards.pool.has_room() {
                return;
            }
            guards.pool.line_to_place(&mut self.calls, id, self.now);
            self.calls.rare_mut(id).holds |= held::PLACE;
            self.calls[id].state = State::Transit;
            self.plan_hedge(id);
            let next = self.transport_slowly(id);
            self.send(next);
        }
    }

    /// Plans the next alarm of an arrow's guards.
    pub(super) fn arm(&mut self, connection: u32) {
        let Some(guards) = &mut self.connections[connection as usize].guards else {
            return;
        };
        let until = |first: u32| match first {
            NONE => u64::MAX,
            first => self.calls.rare(first).until,
        };
        let hedges = guards.hedges.as_ref();
        let due = until(guards.pool.line.first)
            .min(hedges.map_or(u64::MAX, |hedges| until(hedges.due.first)));
        if due < guards.armed {
            guards.armed = due;
            self.future.put(due, event::ALARM | connection);
        }
    }

    /// The event of [`Self::arm`]: somebody may have waited long enough.
    pub(super) fn guard_alarm(&mut self, connection: u32) {
        let now = self.now;
        match &mut self.connections[connection as usize].guards {
            // Otherwise left over: an earlier one has taken its place.
            Some(guards) if guards.armed == now => guards.armed = u64::MAX,
            _ => return,
        }
        while let Some(guards) = &self.connections[connection as usize].guards {
            let first = guards.pool.line.first;
            if first == NONE || self.calls.rare(first).until > now {
                break;
            }
            self.fail_here(first, Cause::PoolExhausted);
        }
        self.hedge(connection);
        self.arm(connection);
    }

    /// Whether a failed attempt is made again.
    #[inline(never)]
    pub(super) fn tries_again(&mut self, id: u32) -> bool {
        let call = &self.calls[id];
        let leg = call.leg;
        let connection = &self.connections[leg as usize];
        connection.has_retries_left(call.attempt) && self.affords_another(leg)
    }

    /// Takes a token for one more attempt over an arrow. Says whether its budget, if it has one, had one.
    pub(super) fn affords_another(&mut self, leg: u32) -> bool {
        let guards = self.connections[leg as usize].guards.as_mut();
        let budget = guards.and_then(|guards| guards.budget.as_mut());
        budget.is_none_or(|budget| budget.take(self.now))
    }

    /// No breaker awaits the end of attempts whose breaker an edit has taken away: one that comes
    /// later would take them for its own. So it is with hedges.
    pub(super) fn forget_verdicts(&mut self) {
        for (call, rare) in self.calls.iter_mut() {
            if !call.has(flag::GUARDED) {
                continue;
            }
            let guards = self.connections[call.leg as usize].guards.as_ref();
            if guards.is_none_or(|guards| guards.breaker.is_none()) {
                rare.holds &= !held::VERDICT;
            }
            if guards.is_none_or(|guards| guards.hedges.is_none()) {
                rare.holds &= !(held::DUE | held::FIRST);
            }
        }
    }

    /// The guards of every arrow look again at who waits: an edit may have made room, or patience
    /// shorter or longer.
    pub(super) fn look_at_pools(&mut self) {
        for at in 0..self.connections.len() {
            let Some(guards) = &self.connections[at].guards else {
                continue;
            };
            let (mut id, wait) = (guards.pool.line.first, guards.pool.wait);
            while id != NONE {
                let rare = self.calls.rare_mut(id);
                rare.until = rare.since.saturating_add(wait).max(self.now);
                id = rare.after;
            }
            self.arm(at as u32);
            self.later.push(POOL | at as u32);
        }
    }

    /// The books of the guards.
    pub(super) fn check_guards(&self) -> Result<(), String> {
        let mut places = vec![0u64; self.connections.len()];
        let mut at_gate = places.clone();
        let mut probes = vec![0u32; self.connections.len()];
        for (id, call) in self.calls.iter() {
            let waits = call.state == State::AtGate;
            if !call.has(flag::GUARDED) {
                if waits {
                    return Err(format!("call {id} waits at no gate: {call:?}"));
                }
                continue;
            }
            if !call.is_wanted() || call.leg == NONE {
                return Err(format!("call {id} is guarded and nobody's: {call:?}"));
            }
            let leg = call.leg as usize;
            let rare = self.calls.rare(id);
            at_gate[leg] += u64::from(waits);
            places[leg] += u64::from(rare.holds & held::PLACE != 0);
            if let Some(guards) = &self.connections[leg].guards
                && let Some(breaker) = &guards.breaker
                && let Some((era, _)) = breaker.probes_out()
                && rare.holds & held::VERDICT != 0
                && rare.era == era
            {
                probes[leg] += 1;
            }
        }
        for (at, connection) in self.connections.iter().enumerate() {
            let Some(guards) = &connection.guards else {
                if at_gate[at] > 0 {
                    return Err(format!("connection {at}: a line without a pool"));
                }
                continue;
            };
            let pool = &guards.pool;
            let mut in_line = 0;
            let (mut id, mut before) = (pool.line.first, NONE);
            while id != NONE {
                if self.calls[id].state != State::AtGate || self.calls.rare(id).before != before {
                    return Err(format!("connection {at}: the line of its pool is broken"));
                }
                in_line += 1;
                before = id;
                id = self.calls.rare(id).after;
            }
            let booked = (pool.used.now(), pool.waiting.now());
            if booked != (places[at], at_gate[at]) || in_line != at_gate[at] {
                return Err(format!(
                    "connection {at}: {booked:?} places and line booked, {:?} found, {in_line} in line",
                    (places[at], at_gate[at])
                ));
            }
            if in_line > 0 && pool.has_room() {
                return Err(format!("connection {at}: room in its pool and a line"));
            }
            if !pool.line.is_empty() {
                let due = self.calls.rare(pool.line.first).until;
                if guards.armed > due && due < u64::MAX {
                    return Err(format!("connection {at}: its pool is not armed"));
                }
            }
            if let Some(breaker) = &guards.breaker
                && let Some((_, out)) = breaker.probes_out()
                && out != probes[at]
            {
                return Err(format!(
                    "connection {at}: {out} probes under way booked, {} found",
                    probes[at]
                ));
            }
            if let Some(budget) = &guards.budget
                && !budget.is_whole()
            {
                return Err(format!(
                    "connection {at}: tokens are lost or made up: {budget:?}"
                ));
            }
        }
        Ok(())
    }
}
