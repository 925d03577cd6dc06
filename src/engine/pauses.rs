//! Pauses: now and then an instance stands still by itself, as for a garbage collection.
//!
//! What it works on takes so much longer: the pauses in it count as work, and its slots as busy, so
//! that the utilization law holds. (With pauses a call's time in a slot is the completion time of
//! Gaver 1962, "A waiting line with interrupted service".) Nobody looks at every call: work that
//! should be over finds out, when its time has come, how long its instance has stood still.
//!
//! Time here is that of the instance: it does not pass while a fault makes it stand still, or its box.

use super::{
    Simulation, alarm,
    call::{State, flag},
    component::Component,
    event,
    random::{Sampler, Stream, Ziggurat},
};
use crate::scenario::Pauses;

/// The pauses of a box.
#[derive(Clone, Debug)]
pub(super) struct Pausing {
    every: Sampler,
    length: Sampler,
    units: Vec<Unit>,
}

/// One instance.
#[derive(Clone, Debug)]
struct Unit {
    stream: Stream,
    /// When a pause begins or ends next; `u64::MAX`: not planned yet.
    due: u64,
    is_paused: bool,
    /// Since when, in the time of the instance.
    since: u64,
    /// Length of all pauses that are over.
    sum: u64,
}

impl Unit {
    /// How long it has stood still in all, up to `time` of the instance.
    fn paused_for(&self, time: u64) -> u64 {
        self.sum + if self.is_paused { time - self.since } else { 0 }
    }
}

impl Pausing {
    /// Of so many instances, none of them in a pause.
    pub fn new(seed: u64, name: &str, drawn: &Pauses, instances: u32) -> Self {
        let unit = |nth| Unit {
            stream: Stream::new(seed, name, &format!("pauses {nth}")),
            due: u64::MAX,
            is_paused: false,
            since: 0,
            sum: 0,
        };
        Self {
            every: Sampler::new(&drawn.every),
            length: Sampler::new(&drawn.length),
            units: (0..instances).map(unit).collect(),
        }
    }

    /// Takes over the state from before an edit. With other times the next pause is drawn anew.
    pub fn adopt(&mut self, old: &mut Self) {
        let same = self.every == old.every;
        for (unit, old) in self.units.iter_mut().zip(&mut old.units) {
            std::mem::swap(unit, old);
            if !same && !unit.is_paused {
                unit.due = u64::MAX;
            }
        }
    }

    /// Draws how long a unit goes on as it is. Returns when that ends.
    fn plan(&mut self, nth: u32, now: u64, ziggurat: &Ziggurat) -> u64 {
        let unit = &mut self.units[nth as usize];
        let times = if unit.is_paused {
            &self.length
        } else {
            &self.every
        };
        unit.due = now.saturating_add(times.draw(ziggurat, &mut unit.stream));
        unit.due
    }
}

/// How the time of an instance passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pace {
    Works,
    /// It is in a pause of its own.
    Pauses,
    /// A fault makes it stand still, or the whole box.
    StandsStill,
}

/// Whether a box has pauses since an edit, and did not have them before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Fresh {
    #[default]
    No,
    Yes,
    /// And its calls do not say yet how long it had stood still before they began.
    Unmarked,
}

impl Fresh {
    pub fn new(now: &Component, before: &Component) -> Self {
        match (&now.pausing, &before.pausing) {
            (Some(_), None) if before.ever_stalled => Self::Yes,
            (Some(_), None) => Self::Unmarked,
            _ => Self::No,
        }
    }
}

impl Component {
    fn unit(&self, instance: u32) -> Option<&Unit> {
        let nth = instance.wrapping_sub(self.first_instance);
        self.pausing.as_ref()?.units.get(nth as usize)
    }

    /// Whether an instance is in a pause of its own.
    #[inline]
    pub fn is_paused(&self, instance: u32) -> bool {
        self.unit(instance).is_some_and(|unit| unit.is_paused)
    }

    /// Whether nothing starts, ends or goes on in an instance.
    #[inline]
    pub fn stands_still(&self, instance: u32) -> bool {
        self.is_stalled(instance) || self.is_paused(instance)
    }

    pub fn pace(&self, instance: u32) -> Pace {
        match (self.is_stalled(instance), self.is_paused(instance)) {
            (true, _) => Pace::StandsStill,
            (false, true) => Pace::Pauses,
            (false, false) => Pace::Works,
        }
    }

    /// How long an instance has been in pauses so far.
    pub fn paused_for(&self, instance: u32, now: u64) -> u64 {
        let time = self.stall(instance).time(now);
        self.unit(instance).map_or(0, |unit| unit.paused_for(time))
    }
}

impl Simulation {
    /// Plans the next pause wherever none is planned.
    pub(super) fn plan_pauses(&mut self, at: u32) {
        let component = &mut self.components[at as usize];
        let first = component.first_instance;
        let Some(pausing) = &mut component.pausing else {
            return;
        };
        for nth in 0..pausing.units.len() as u32 {
            if pausing.units[nth as usize].due == u64::MAX {
                let due = pausing.plan(nth, self.now, &self.ziggurat);
                self.future
                    .put(due, event::BOX | alarm::PAUSE | (first + nth));
            }
        }
    }

    /// The event of an instance whose pause begins or ends.
    pub(super) fn pause_alarm(&mut self, at: u32) {
        let now = self.now;
        let Some(instance) = self.instances.get(at as usize) else {
            return;
        };
        let number = instance.component;
        let component = &self.components[number as usize];
        // While a fault makes it stand still it is put off.
        if component.is_stalled(at) || component.unit(at).is_none_or(|unit| unit.due != now) {
            return;
        }
        self.settle_shares(at);
        let component = &mut self.components[number as usize];
        let nth = at - component.first_instance;
        let time = component.stall(at).time(now);
        let Some(pausing) = &mut component.pausing else {
            return;
        };
        let unit = &mut pausing.units[nth as usize];
        unit.sum = unit.paused_for(time);
        unit.since = time;
        unit.is_paused = !unit.is_paused;
        let goes_on = !unit.is_paused;
        let due = pausing.plan(nth, now, &self.ziggurat);
        self.set_alarm(due, alarm::PAUSE, at);
        if goes_on {
            self.arm_shares(at);
            self.let_go(number);
            self.hear_of_cancelled(number);
            self.start_next(at);
        }
    }

    /// An instance goes on after it has stood still for so long: what was planned comes so much later.
    pub(super) fn put_pauses_off(&mut self, at: u32, by: u64) {
        let component = &mut self.components[self.instances[at as usize].component as usize];
        let nth = at - component.first_instance;
        let Some(pausing) = &mut component.pausing else {
            return;
        };
        if let Some(unit) = pausing.units.get_mut(nth as usize)
            && unit.due != u64::MAX
        {
            unit.due = unit.due.saturating_add(by);
            self.future.put(unit.due, event::BOX | alarm::PAUSE | at);
        }
    }

    /// Calls that were answered in a pause that is over go on.
    pub(super) fn let_go(&mut self, at: u32) {
        let component = &mut self.components[at as usize];
        let stuck = std::mem::take(&mut component.stuck).into_iter();
        let component = &*component;
        let (still, free): (Vec<u32>, Vec<u32>) =
            stuck.partition(|id| component.stands_still(self.calls[*id].instance));
        self.components[at as usize].stuck = still;
        for id in free {
            self.calls[id].state = State::Waiting;
            self.go_on_now(id);
        }
    }

    /// Whether the work on a call takes longer because its instance was, or is, in a pause.
    pub(super) fn has_paused(&mut self, id: u32) -> bool {
        let now = self.now;
        let call = &mut self.calls[id];
        let component = &self.components[call.component as usize];
        let Some(unit) = component.unit(call.instance) else {
            return false;
        };
        let so_far = component.paused_for(call.instance, now);
        let (goes_on, in_all) = if unit.is_paused {
            (unit.due, so_far + (unit.due - now))
        } else {
            (now, so_far)
        };
        let rare = self.calls.rare_mut(id);
        let left = so_far - rare.paused;
        if left == 0 && goes_on == now && !unit.is_paused {
            return false;
        }
        rare.paused = in_all;
        self.calls[id].flags |= flag::SCHEDULED;
        self.future.put(goes_on + left, event::DONE | id);
        true
    }

    /// Before an edit: pauses that nobody draws any more are over, and what boxes did up to now they
    /// did at the old pace.
    pub(super) fn end_pauses(&mut self, after: &Self, moves: &[u32]) {
        for (from, to) in moves.iter().enumerate() {
            let goes = after
                .components
                .get(*to as usize)
                .is_some_and(|after| after.pausing.is_none());
            if goes && self.components[from].pausing.is_some() {
                self.settle_all_shares(from as u32);
            }
        }
    }

    /// In an edit: calls in boxes that have pauses from now on, `fresh`, began before any.
    pub(super) fn mark_before_pauses(&mut self, fresh: &[Fresh]) {
        if fresh.iter().any(|fresh| *fresh != Fresh::No) {
            for (call, rare) in self.calls.iter_mut() {
                let of = fresh.get(call.component as usize);
                if of.is_some_and(|of| *of != Fresh::No) {
                    rare.paused = 0;
                }
                if of == Some(&Fresh::Unmarked) {
                    rare.mark = 0;
                }
            }
        }
    }

    /// After an edit: pauses are planned where they are new, and where there are none any more calls
    /// go on.
    pub(super) fn take_over_pauses(&mut self) {
        for at in 0..self.components.len() as u32 {
            self.plan_pauses(at);
            let component = &self.components[at as usize];
            if component.pausing.is_none() && !component.stuck.is_empty() {
                self.let_go(at);
            }
            if self.components[at as usize].pausing.is_none() {
                self.hear_of_cancelled(at);
                self.arm_all_shares(at);
            }
        }
    }
}
