//! Load shedding: an instance that has too much to do turns calls away at the door.

use super::{
    call::{Call, Verb},
    component::Component,
};
use crate::scenario::{Shed, ShedWhen};

/// How hard pressed an instance is.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pressure {
    /// How long the call that left the line last had waited.
    last_wait: u64,
    /// Exponentially smoothed share of its slots that are taken, and up to when.
    taken: f64,
    at: u64,
}

impl Component {
    /// Whether a call is turned away at an instance with so many slots used and calls in line.
    pub fn sheds(&mut self, call: &Call, used: u32, waiting: u32, now: u64) -> bool {
        let Some(Shed { when, spares }) = self.regime.as_ref().and_then(|regime| regime.shed)
        else {
            return false;
        };
        let classes = self.regime.as_ref().map(|regime| &regime.classes);
        let class = classes.and_then(|classes| classes.get(usize::from(call.operation)));
        if call.verb == Verb::Apply || spares.is_some_and(|least| class >= Some(&least)) {
            return false;
        }
        self.note_taken(call.instance, used, now);
        let Some(place) = self.place(call.instance) else {
            return false;
        };
        match when {
            ShedWhen::Line { calls } => waiting >= calls,
            ShedWhen::Wait { longer } => waiting > 0 && place.pressure.last_wait > longer.nanos(),
            ShedWhen::Utilization { above, .. } => place.pressure.taken > above,
        }
    }

    /// A call leaves the line of an instance after so long.
    pub fn note_wait(&mut self, instance: u32, wait: u64) {
        if let Some(place) = self.place(instance) {
            place.pressure.last_wait = wait;
        }
    }

    /// The number of slots used in an instance is about to change; up to now it was `used`.
    pub fn note_taken(&mut self, instance: u32, used: u32, now: u64) {
        let slots = self.slots;
        let Some(regime) = &mut self.regime else {
            return;
        };
        let Some(Shed {
            when: ShedWhen::Utilization { over, .. },
            ..
        }) = regime.shed
        else {
            return;
        };
        let nth = instance.wrapping_sub(self.first_instance) as usize;
        if let Some(place) = regime.places.get_mut(nth) {
            let pressure = &mut place.pressure;
            let share = (f64::from(used) / f64::from(slots.max(1))).min(1.0);
            let passed = (now - pressure.at) as f64 / over.nanos().max(1) as f64;
            pressure.taken += -libm::expm1(-passed) * (share - pressure.taken);
            pressure.at = now;
        }
    }
}
