//! Lines, and calls that share slots, when a box gets another discipline.

use std::mem::{discriminant, take};

use super::moves::{Moves, moved};
use crate::engine::{
    Simulation,
    call::{NONE, State, Verb, flag},
    discipline::Line,
    event,
    regime::{Place, Regime},
};

/// A call that works, and when it would be through.
pub(super) type Joining = (u32, u64);

impl Regime {
    /// Whether lines stay as they are.
    fn goes_on_as(&self, now: &Self) -> bool {
        let is_ranked =
            matches!(self.places.first(), Some(place) if matches!(place.line, Line::Priority(_)));
        discriminant(&self.discipline) == discriminant(&now.discipline)
            && (!is_ranked || self.classes == now.classes)
    }
}

impl Simulation {
    /// Which boxes, by their new number, share their slots from now on and did not before.
    pub(super) fn begin_to_share(&self, old: &Self, moves: &Moves) -> Vec<bool> {
        let mut joining = Vec::new();
        for (from, to) in moves.components.iter().enumerate() {
            let Some(component) = self.components.get(*to as usize) else {
                continue;
            };
            if component.shares() && !old.components[from].shares() {
                joining.resize(self.components.len(), false);
                joining[*to as usize] = true;
            }
        }
        joining
    }

    /// Every line goes on as it was, or by the rules of another discipline; calls that had a slot
    /// each share them, or the other way round. `joining` have lost the event of their work's end.
    pub(super) fn take_over_regimes(
        &mut self,
        old: &mut Self,
        moves: &Moves,
        joining: Vec<Joining>,
    ) {
        for (from, to) in moves.components.iter().enumerate() {
            if *to == NONE {
                continue;
            }
            let mut was = old.components[from].regime.take();
            let component = &mut self.components[*to as usize];
            let (slots, first) = (
                old.components[from].slots,
                old.components[from].first_instance,
            );
            let nths = old.components[from].instances.min(component.instances);
            let goes_on = match (&was, &component.regime) {
                (None, None) => continue,
                (Some(was), Some(now)) => was.goes_on_as(now),
                _ => false,
            };
            if let (Some(was), Some(now)) = (&mut was, &mut component.regime) {
                now.luck = was.luck.clone();
            }
            for nth in 0..nths {
                let place = was.as_mut().map(|was| was.places[nth as usize].clone());
                let at = moved(&moves.instances, first + nth);
                match place {
                    Some(place) if goes_on => self.keep_place(at, place, slots),
                    place => self.change_place(at, place, slots),
                }
            }
            self.join_those_stuck(*to);
        }
        for (id, due) in joining {
            self.join_shares(id, due);
        }
    }

    fn keep_place(&mut self, at: u32, mut was: Place, slots: u32) {
        let number = self.instances[at as usize].component as usize;
        let component = &mut self.components[number];
        let pace = component.pace(at);
        let Some(regime) = &mut component.regime else {
            return;
        };
        was.line.retune(regime.discipline);
        // Otherwise not even brought up to date: an edit of something else must not round anything.
        let changes = slots != component.slots;
        if changes {
            was.sharing.settle(self.now, slots, pace);
        }
        let (before, after) = (was.sharing.busy(slots), was.sharing.busy(component.slots));
        regime.places[(at - component.first_instance) as usize] = was;
        let frozen = component.is_stalled(at);
        for _ in before..after {
            component.meter.line_to_any_slot(self.now, frozen);
        }
        for _ in after..before {
            component.meter.slot_to_line(self.now, frozen);
        }
        if changes {
            self.arm_shares(at);
        }
    }

    /// The line of an instance is put up anew; `slots` is how many it had.
    fn change_place(&mut self, at: u32, was: Option<Place>, slots: u32) {
        let instance = &mut self.instances[at as usize];
        let mut line = Vec::new();
        let mut next = instance.head;
        while next != NONE {
            line.push(next);
            next = self.calls[next].next;
        }
        (instance.head, instance.tail) = (NONE, NONE);
        if let Some(was) = was {
            line.extend((was.record != NONE).then_some(was.record));
            line.extend(was.line.everybody(&self.calls));
            self.stop_sharing(at, was, slots);
        }
        line.sort_by_key(|id| self.calls[*id].arrived);
        for id in line {
            let call = &self.calls[id];
            let (arrived, operation, is_record) =
                (call.arrived, call.operation, call.verb == Verb::Apply);
            let instance = &mut self.instances[at as usize];
            let component = &mut self.components[instance.component as usize];
            let Some(regime) = &mut component.regime else {
                instance.waiting -= 1;
                let last = instance.line_up(id);
                self.calls.follow(last, id);
                continue;
            };
            let place = &mut regime.places[(at - component.first_instance) as usize];
            if is_record {
                place.record = id;
            } else {
                let class = regime.classes.get(operation as usize).copied();
                place
                    .line
                    .put(id, arrived, class.unwrap_or(0), &mut self.calls);
            }
        }
    }

    /// Calls that shared slots have one each from now on, though there may be more calls than slots.
    fn stop_sharing(&mut self, at: u32, mut was: Place, slots: u32) {
        let now = self.now;
        let component = &mut self.components[self.instances[at as usize].component as usize];
        let stall = component.stall(at);
        let until = stall.until(now);
        was.sharing.settle(now, slots, component.pace(at));
        for _ in was.sharing.busy(slots)..was.sharing.count {
            component.meter.line_to_any_slot(now, stall.stands);
        }
        for share in was.sharing.take_all() {
            let left = was.sharing.left(&share);
            let call = &mut self.calls[share.id];
            let wait = was.sharing.wait(&share, call.arrived, left);
            component.meter.end_of_wait(wait, share.had_slot);
            let paused = was.sharing.paused(&share);
            call.started = until.saturating_sub(share.work - left + paused);
            let paused = component.paused_for(at, now);
            let rare = self.calls.rare_mut(share.id);
            if stall.stands {
                rare.mark = until + left;
                component.stuck.push(share.id);
            } else {
                rare.mark = stall.sum;
                rare.paused = paused;
                self.calls[share.id].flags |= flag::SCHEDULED;
                self.future.put(now + left, component.done | share.id);
            }
        }
    }

    /// A call that had a slot, and would have been through at `due`, shares it with others.
    fn join_shares(&mut self, id: u32, due: u64) {
        let now = self.now;
        let call = &mut self.calls[id];
        let at = call.instance;
        call.flags &= !flag::SCHEDULED;
        let started = call.started;
        let component = &mut self.components[call.component as usize];
        let mut due = due;
        let stall = component.stall(at);
        if component.ever_stalled {
            let rare = self.calls.rare(id);
            due += stall.sum - rare.mark;
            if component.pausing.is_some() {
                due = (due + component.paused_for(at, now)).saturating_sub(rare.paused);
            }
        }
        let pace = component.pace(at);
        let until = stall.until(now);
        let slots = component.slots;
        let Some(place) = component.place(at) else {
            return;
        };
        place.sharing.settle(now, slots, pace);
        place
            .sharing
            .join(id, due - started, due.saturating_sub(until), true);
        if place.sharing.count > slots {
            component.meter.slot_to_line(now, stall.stands);
        }
        self.arm_shares(at);
    }

    /// Those whose work would have ended while their box stood still.
    fn join_those_stuck(&mut self, component: u32) {
        let of = &mut self.components[component as usize];
        if !of.shares() {
            return;
        }
        let (worked, stuck) = take(&mut of.stuck)
            .into_iter()
            .partition::<Vec<u32>, _>(|id| self.calls[*id].state == State::Working);
        of.stuck = stuck;
        for id in worked {
            let of = &self.components[component as usize];
            let due = self.calls.rare(id).mark;
            // Its mark is when it would be through, not how long the box had stood still.
            let at = self.calls[id].instance;
            let paused = of.paused_for(at, self.now);
            let rare = self.calls.rare_mut(id);
            (rare.mark, rare.paused) = (of.stall(at).sum, paused);
            self.join_shares(id, due);
        }
    }

    /// Whether this is the event of the end of work that goes on in shared slots.
    pub(super) fn joins(&self, joining: &[bool], kind: u32, number: u32) -> bool {
        if joining.is_empty() {
            return false;
        }
        matches!(
            kind,
            event::DONE | event::DONE_CACHE | event::DONE_STORE | event::DONE_LEAF
        ) && {
            let call = &self.calls[number];
            call.state == State::Working && joining.get(call.component as usize) == Some(&true)
        }
    }
}
