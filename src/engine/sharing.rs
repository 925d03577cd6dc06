//! Processor sharing: all calls that work share the slots of their instance.
//!
//! Every call present gets work done at the same rate, so what each has got since the instance was
//! last empty is one number, and who is through first is who had the least to do: a heap (virtual
//! time as in Parekh and Gallager 1993). Only the first has an event.

use std::{cmp::Reverse, collections::BinaryHeap};

use super::{
    Simulation, alarm,
    call::{Calls, State},
    meter::Meter,
    pauses::Pace,
};

/// The calls that share the slots of one instance.
#[derive(Clone, Debug, Default)]
pub(super) struct Sharing {
    heap: BinaryHeap<Reverse<Share>>,
    /// Number of calls.
    pub count: u32,
    /// Nanoseconds of work that a call present since the start has got.
    got: f64,
    /// Nanoseconds that it would have got in addition if the box had not stood still.
    missed: f64,
    /// And if its instance had not paused.
    paused: f64,
    /// Up to when that is so.
    at: u64,
    /// Number of the next call.
    next: u64,
    /// When the pending event is due; `u64::MAX`: there is none.
    pub armed: u64,
}

/// One call.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Share {
    /// It is through when this much has been got.
    until: f64,
    number: u64,
    pub id: u32,
    /// Since when it shares.
    since: u64,
    /// What it had to do then.
    left: u64,
    /// What had been missed then.
    missed: f64,
    paused: f64,
    /// Its own work in all.
    pub work: u64,
    /// It had a slot of its own before: its wait is counted already.
    pub had_slot: bool,
}

impl Eq for Share {}

impl PartialOrd for Share {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Share {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let until = self.until.total_cmp(&other.until);
        until.then(self.number.cmp(&other.number))
    }
}

/// In the mark of a call that is about to die, with its wait: it had a slot of its own before.
const HAD_SLOT: u64 = 1 << 63;

/// Less than this many nanoseconds of work is none: rounding in hours of virtual time.
const NOTHING_NS: f64 = 1e-2;

impl Sharing {
    pub fn new() -> Self {
        Self {
            armed: u64::MAX,
            ..Self::default()
        }
    }

    /// Number of calls, counted.
    pub fn len(&self) -> usize {
        self.heap.len()
    }

    /// Of the `slots`, those that somebody works in.
    pub fn busy(&self, slots: u32) -> u32 {
        self.count.min(slots)
    }

    /// Brings it up to date; since the last time the number of calls was what it is.
    pub fn settle(&mut self, now: u64, slots: u32, pace: Pace) {
        let time = (now - self.at) as f64;
        self.at = now;
        if self.count == 0 {
            (self.got, self.missed, self.paused) = (0.0, 0.0, 0.0);
            return;
        }
        let rate = (f64::from(slots) / f64::from(self.count)).min(1.0);
        match pace {
            Pace::Works => self.got += time * rate,
            Pace::Pauses => self.paused += time * rate,
            Pace::StandsStill => self.missed += time * rate,
        }
    }

    /// A call comes that has `left` of its `work` to do. It has to be up to date.
    pub fn join(&mut self, id: u32, work: u64, left: u64, had_slot: bool) {
        self.heap.push(Reverse(Share {
            until: self.got + left as f64,
            number: self.next,
            id,
            since: self.at,
            left,
            missed: self.missed,
            paused: self.paused,
            work,
            had_slot,
        }));
        self.next += 1;
        self.count += 1;
    }

    /// Takes out the call that is through, if there is one. It has to be up to date.
    fn take_first(&mut self) -> Option<Share> {
        let Reverse(first) = self.heap.peek()?;
        if first.until - self.got > NOTHING_NS {
            return None;
        }
        self.count -= 1;
        self.heap.pop().map(|Reverse(first)| first)
    }

    /// Everybody, in the order they will be through; nobody is left. They still count as present.
    pub fn take_all(&mut self) -> Vec<Share> {
        let mut all: Vec<Share> = self.heap.drain().map(|Reverse(share)| share).collect();
        all.sort_unstable();
        all
    }

    /// Takes a call out that is not through; it still counts as present. It has to be up to date.
    fn take(&mut self, id: u32) -> Option<Share> {
        let place = self.heap.iter().find(|Reverse(share)| share.id == id)?;
        let share = place.0;
        self.heap.retain(|Reverse(share)| share.id != id);
        Some(share)
    }

    /// Writes into the record of a call that is about to die what it has got. It has to be up to date.
    pub fn write_down(&self, share: &Share, calls: &mut Calls) {
        let left = self.left(share);
        let call = &mut calls[share.id];
        let paused = self.paused(share);
        call.started = self.at.saturating_sub(share.work - left + paused);
        let wait = self.wait(share, call.arrived, left);
        let had_slot = if share.had_slot { HAD_SLOT } else { 0 };
        calls.rare_mut(share.id).mark = wait | had_slot;
    }

    /// What a call still has to do. It has to be up to date.
    pub fn left(&self, share: &Share) -> u64 {
        ((share.until - self.got).max(0.0) as u64).min(share.left)
    }

    /// How long a call has had its slot, or its part of one, for nothing, in pauses. It has to be up to
    /// date.
    pub fn paused(&self, share: &Share) -> u64 {
        (self.paused - share.paused) as u64
    }

    /// How long a call has waited, all in all, with so much left to do: the time that it did not work,
    /// less its part of the time that the box, or its instance, stood still. It arrived at `arrived`. It has to be up
    /// to date.
    pub fn wait(&self, share: &Share, arrived: u64, left: u64) -> u64 {
        let worked = share.left - left;
        let since = if share.had_slot { share.since } else { arrived };
        let stood_still = (self.missed - share.missed) as u64;
        (self.at - since).saturating_sub(worked + stood_still + self.paused(share))
    }

    /// When the first will be through.
    fn due(&self, slots: u32) -> Option<u64> {
        let Reverse(first) = self.heap.peek()?;
        let rate = (f64::from(slots) / f64::from(self.count)).min(1.0);
        let time = ((first.until - self.got).max(0.0) / rate).ceil();
        // A call that is not through yet takes some time at least.
        let least = f64::from(u8::from(first.until - self.got > NOTHING_NS));
        Some(self.at.saturating_add(time.max(least) as u64))
    }
}

impl Meter {
    /// A call that shares `slots` with others, `count` in all with it, has left them.
    pub fn share_is_over(
        &mut self,
        now: u64,
        (share, work, wait): (&Share, u64, u64),
        count: u32,
        slots: u32,
    ) {
        if count > slots {
            // Its part goes to those that are there, so that it is one more that holds a slot.
            self.line_to_slot(now);
        }
        self.work_done(now, work);
        self.end_of_wait(wait, share.had_slot);
    }
}

impl Simulation {
    /// Brings the calls that share the slots of an instance up to date, as every change needs it.
    pub(super) fn settle_shares(&mut self, at: u32) {
        let now = self.now;
        let component = &mut self.components[self.instances[at as usize].component as usize];
        let (slots, pace) = (component.slots, component.pace(at));
        if let Some(place) = component.place(at) {
            place.sharing.settle(now, slots, pace);
        }
    }

    /// As [`Self::settle_shares`], for every instance of a box.
    pub(super) fn settle_all_shares(&mut self, component: u32) {
        let component = &self.components[component as usize];
        if !component.shares() {
            return;
        }
        for at in component.first_instance..component.first_instance + component.instances {
            self.settle_shares(at);
        }
    }

    /// As [`Self::arm_shares`], for every instance of a box.
    pub(super) fn arm_all_shares(&mut self, component: u32) {
        let component = &self.components[component as usize];
        if !component.shares() {
            return;
        }
        for at in component.first_instance..component.first_instance + component.instances {
            self.arm_shares(at);
        }
    }

    /// Sets the alarm for the first that will be through.
    pub(super) fn arm_shares(&mut self, at: u32) {
        let component = &mut self.components[self.instances[at as usize].component as usize];
        if component.stands_still(at) {
            return;
        }
        let slots = component.slots;
        let Some(place) = component.place(at) else {
            return;
        };
        if let Some(due) = place.sharing.due(slots)
            && due < place.sharing.armed
        {
            place.sharing.armed = due;
            self.set_alarm(due, alarm::SHARED, at);
        }
    }

    /// A call begins to share the slots of its instance.
    pub(super) fn begin_sharing(&mut self, id: u32) {
        let call = &mut self.calls[id];
        let at = call.instance;
        call.state = State::Working;
        call.started = self.now;
        let number = call.component;
        self.settle_shares(at);
        let component = &mut self.components[number as usize];
        let work = component.draw_work(&self.calls[id], &self.ziggurat);
        let slots = component.slots;
        let calls = component.place(at).map_or(0, |place| place.sharing.count);
        let work = component.stretched(work, calls + 1);
        if let Some(place) = component.place(at) {
            place.sharing.join(id, work, work, false);
            if place.sharing.count <= slots {
                component.meter.line_to_slot(self.now);
            }
        }
        self.arm_shares(at);
    }

    /// A call that shares the slots of its instance is about to die.
    pub(super) fn take_share_out(&mut self, id: u32) {
        let call = &self.calls[id];
        let (at, number) = (call.instance, call.component as usize);
        self.settle_shares(at);
        if let Some(place) = self.components[number].place(at)
            && let Some(share) = place.sharing.take(id)
        {
            place.sharing.write_down(&share, &mut self.calls);
        }
    }

    /// A call that shared the slots of its instance dies ([`Simulation::clear_places`] or
    /// [`Self::take_share_out`]).
    pub(super) fn leave_shares(&mut self, id: u32) {
        let now = self.now;
        let call = &self.calls[id];
        let (at, sojourn, worked) = (call.instance, now - call.arrived, now - call.started);
        let mark = self.calls.rare(id).mark;
        let (wait, had_slot) = (mark & !HAD_SLOT, mark & HAD_SLOT != 0);
        let component = &mut self.components[call.component as usize];
        let (slots, frozen) = (component.slots, component.is_stalled(at));
        let Some(place) = component.place(at) else {
            return;
        };
        let count = place.sharing.count;
        place.sharing.count -= 1;
        let meter = &mut component.meter;
        meter.end_of_wait(wait, had_slot);
        if count > slots {
            meter.served(worked);
            meter.leave(now, sojourn);
        } else {
            if frozen {
                meter.frozen_work_done(worked);
            } else {
                meter.work_done(now, worked);
            }
            meter.leave_slot(now, sojourn);
        }
        let used = &mut self.instances[at as usize].used;
        component.note_taken(at, *used, now);
        *used -= 1;
    }

    /// The event of a call that has had its share.
    pub(super) fn share_is_over(&mut self, at: u32) {
        let now = self.now;
        let Some(instance) = self.instances.get(at as usize) else {
            return;
        };
        let number = instance.component as usize;
        match self.components[number].place(at) {
            Some(place) if place.sharing.armed == now => place.sharing.armed = u64::MAX,
            // Left over: an earlier one has taken its place.
            _ => return,
        }
        if self.components[number].stands_still(at) {
            // Since this very moment, perhaps: who was just through is so once it goes on.
            return;
        }
        loop {
            self.settle_shares(at);
            let component = &mut self.components[number];
            let slots = component.slots;
            let Some(place) = component.place(at) else {
                return;
            };
            let count = place.sharing.count;
            let Some(share) = place.sharing.take_first() else {
                break;
            };
            let wait = place.sharing.wait(&share, self.calls[share.id].arrived, 0);
            let work = share.work + place.sharing.paused(&share);
            let meter = &mut component.meter;
            meter.share_is_over(now, (&share, work, wait), count, slots);
            self.go_on_after_work(share.id);
        }
        self.arm_shares(at);
    }
}
