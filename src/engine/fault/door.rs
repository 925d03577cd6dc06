//! What a call meets at the door of a box that is in trouble.

use super::Stall;
use crate::engine::{
    Simulation,
    call::{NONE, Verb},
    component::Component,
    instance,
    measure::Cause,
    outage::Downtime,
    random::{Chance, Stream},
};

/// What only a box in trouble looks at.
#[derive(Clone, Debug)]
pub(in crate::engine) struct Trouble {
    /// Share of the calls that are answered with an error.
    pub errors: Chance,
    stream: Stream,
    /// Its instances that are up, by number, counted from 0.
    pub up: Vec<u32>,
    /// Share of the capacity that is left.
    pub left: f64,
    /// Factors on the service times of its first instances.
    pub slow_instances: Vec<f64>,
    /// Shares of the calls to its first instances that are answered with an error.
    pub failing_instances: Vec<Chance>,
    /// How its instances have stood still; empty until one of them has by itself.
    pub stalls: Vec<Stall>,
    /// For how long each of its instances was down; empty until one is.
    pub downtimes: Vec<Downtime>,
    /// Calls that were cancelled while it stood still, and when.
    pub cancelled: Vec<(u32, u64)>,
}

impl Trouble {
    pub fn new(seed: u64, name: &str) -> Self {
        Self {
            errors: Chance::NEVER,
            stream: Stream::new(seed, name, "errors"),
            up: Vec::new(),
            left: 1.0,
            slow_instances: Vec::new(),
            failing_instances: Vec::new(),
            stalls: Vec::new(),
            downtimes: Vec::new(),
            cancelled: Vec::new(),
        }
    }

    /// How many of so many instances or slots are gone: rounded up, but 30 % of 10 are 3 and not 4.
    pub fn lost(&self, all: u32) -> u32 {
        ((1.0 - self.left) * f64::from(all) - 1e-9).ceil().max(0.0) as u32
    }
}

impl Component {
    /// A call that comes to an instance, or to one that is chosen now. Says whether a fault of this
    /// instance answers it with an error.
    fn instance_answers_with_error(&mut self, instance: &mut u32) -> bool {
        if self.trouble.failing_instances.is_empty() {
            return false;
        }
        if *instance == NONE {
            *instance = self.next_instance();
        }
        let nth = instance.wrapping_sub(self.first_instance) as usize;
        let Trouble {
            failing_instances,
            stream,
            ..
        } = &mut *self.trouble;
        let share = failing_instances.get(nth);
        share.is_some_and(|share| stream.chance(*share))
    }

    /// Share of the calls to it that faults answer with an error when every instance gets as many.
    pub(in crate::engine) fn errors(&self) -> f64 {
        let shares = self.trouble.failing_instances.iter();
        let one_by_one: f64 = shares.map(|share| share.share()).sum();
        let one_by_one = one_by_one / f64::from(self.instances.max(1));
        1.0 - (1.0 - self.trouble.errors.share()) * (1.0 - one_by_one)
    }
}

impl Simulation {
    /// A call comes to a box that is in trouble. Says whether it is turned away; if not, its instance
    /// is chosen.
    #[cold]
    #[inline(never)]
    pub(in crate::engine) fn is_turned_away(&mut self, id: u32) -> bool {
        let call = &mut self.calls[id];
        let component = &mut self.components[call.component as usize];
        let mut is_down = component.crashed > 0;
        if !is_down && component.down > 0 {
            if call.instance == NONE {
                call.instance = component.next_that_is_up();
                is_down = call.instance == NONE;
            } else if self.instances[call.instance as usize].down & instance::OUT != 0
                && component.fleet.is_some()
            {
                // It went out of service while the call was under way: another one takes it.
                call.instance = component.next_that_is_up();
                is_down = call.instance == NONE;
            } else {
                is_down = self.instances[call.instance as usize].is_down();
            }
        }
        if is_down {
            self.refuse(id, Cause::Down);
            return true;
        }
        if component.version_fails(&mut call.instance) {
            self.refuse(id, Cause::Error);
            return true;
        }
        // A log record is no call: nobody could be told.
        let trouble = &mut component.trouble;
        if call.verb != Verb::Apply
            && (trouble.stream.chance(trouble.errors)
                || component.instance_answers_with_error(&mut call.instance))
        {
            self.refuse(id, Cause::Error);
            return true;
        }
        false
    }
}
