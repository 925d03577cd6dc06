//! Random failures: every instance, or a box without instances, fails and is repaired by itself, in
//! turns of random length; and how long each is up.
//!
//! In the long run a unit is up for the share MTBF ⁄ (MTBF + MTTR) of the time, whatever the
//! distributions of the two: an alternating renewal process (Barlow and Proschan 1965, chapter 3).

use super::{
    Simulation, alarm,
    component::{Component, Part},
    event, instance,
    random::{Sampler, Stream, Ziggurat},
};
use crate::scenario::RandomFailures;

/// The random failures of a box.
#[derive(Clone, Debug)]
pub(super) struct Failing {
    mtbf: Sampler,
    mttr: Sampler,
    units: Vec<Unit>,
}

/// What fails by itself.
#[derive(Clone, Debug)]
struct Unit {
    stream: Stream,
    /// When it fails or is repaired next; `u64::MAX`: not planned yet.
    due: u64,
    is_down: bool,
}

impl Failing {
    /// Of so many instances, or of a box without; up so far.
    pub fn new(seed: u64, name: &str, drawn: &RandomFailures, instances: u32) -> Self {
        let unit = |nth| Unit {
            stream: Stream::new(seed, name, &format!("failures {nth}")),
            due: u64::MAX,
            is_down: false,
        };
        Self {
            mtbf: Sampler::new(&drawn.mtbf),
            mttr: Sampler::new(&drawn.mttr),
            units: (0..instances.max(1)).map(unit).collect(),
        }
    }

    /// Takes over the state from before an edit. With other times everything is drawn anew.
    pub fn adopt(&mut self, old: &mut Self) {
        let same = (&self.mtbf, &self.mttr) == (&old.mtbf, &old.mttr);
        for (unit, old) in self.units.iter_mut().zip(&mut old.units) {
            std::mem::swap(unit, old);
            if !same {
                unit.due = u64::MAX;
            }
        }
    }

    /// Whether this unit is down.
    pub fn is_down(&self, nth: u32) -> bool {
        let unit = self.units.get(nth as usize);
        unit.is_some_and(|unit| unit.is_down)
    }

    /// Its time has come: a unit fails or is repaired. Says whether it is this event that was meant.
    fn turn(&mut self, nth: u32, now: u64, ziggurat: &Ziggurat) -> bool {
        let is_meant = |unit: &&mut Unit| unit.due == now;
        let Some(unit) = self.units.get_mut(nth as usize).filter(is_meant) else {
            return false;
        };
        unit.is_down = !unit.is_down;
        self.plan(nth, now, ziggurat);
        true
    }

    /// Draws how long a unit goes on as it is. Returns when that ends.
    fn plan(&mut self, nth: u32, now: u64, ziggurat: &Ziggurat) -> u64 {
        let unit = &mut self.units[nth as usize];
        let times = if unit.is_down { &self.mttr } else { &self.mtbf };
        unit.due = now.saturating_add(times.draw(ziggurat, &mut unit.stream));
        unit.due
    }
}

/// For how long something was down.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Downtime {
    /// Since when it has been down, if it is.
    since: Option<u64>,
    sum: u64,
}

impl Downtime {
    /// It is down, or is not, from now on.
    pub fn note(&mut self, now: u64, is_down: bool) {
        match (self.since, is_down) {
            (None, true) => self.since = Some(now),
            (Some(since), false) => {
                self.sum += now - since;
                self.since = None;
            }
            _ => {}
        }
    }

    /// Time down up to now.
    pub fn nanos(&self, now: u64) -> u64 {
        self.sum + self.since.map_or(0, |since| now - since)
    }

    /// Counts from now on.
    pub fn reset(&mut self, now: u64) {
        self.sum = 0;
        self.since = self.since.map(|_| now);
    }
}

impl Component {
    /// Whether each of its instances fails by itself. A balancer fails as one, or one of a pair;
    /// gateways and functions are services that fail as a whole.
    pub fn fails_by_instance(&self) -> bool {
        let is_one = matches!(
            self.part,
            Part::Balancer(_) | Part::Gateway(_) | Part::Function(_)
        );
        self.instances > 0 && !is_one
    }
}

impl Simulation {
    /// Plans the next failure, or the end of one, wherever none is planned.
    pub(super) fn plan_failures(&mut self, at: u32) {
        let component = &mut self.components[at as usize];
        let first = component.first_instance;
        let by_instance = component.fails_by_instance();
        let Some(failing) = &mut component.failing else {
            return;
        };
        for nth in 0..failing.units.len() as u32 {
            if failing.units[nth as usize].due != u64::MAX {
                continue;
            }
            let due = failing.plan(nth, self.now, &self.ziggurat);
            let number = if by_instance {
                alarm::INSTANCE_FAILS | (first + nth)
            } else {
                alarm::BOX_FAILS | at
            };
            self.future.put(due, event::BOX | number);
        }
    }

    /// The event of an instance.
    pub(super) fn instance_fails(&mut self, at: u32) {
        let component = self.instances[at as usize].component;
        let nth = at - self.components[component as usize].first_instance;
        if self.unit_turns(component, nth) {
            self.future_of_unit(component, nth, alarm::INSTANCE_FAILS | at);
            self.close_routes();
            if nth == 0
                && let Part::Cache(cache) = &mut self.components[component as usize].part
            {
                // What it remembered is gone; a cache has one instance.
                cache.flush();
            }
            self.set_failed(component);
            self.note_uptime(component);
            self.open_routes();
        }
    }

    /// The event of a box without instances.
    pub(super) fn box_fails(&mut self, at: u32) {
        if self.unit_turns(at, 0) {
            self.future_of_unit(at, 0, alarm::BOX_FAILS | at);
            self.close_routes();
            let failing = self.components[at as usize].failing.as_ref();
            if failing.is_some_and(|failing| failing.is_down(0)) {
                self.crash(at);
            } else {
                self.restart(at);
            }
            self.note_uptime(at);
            self.open_routes();
        }
    }

    fn unit_turns(&mut self, at: u32, nth: u32) -> bool {
        let (now, ziggurat) = (self.now, &self.ziggurat);
        let failing = self.components[at as usize].failing.as_mut();
        failing.is_some_and(|failing| failing.turn(nth, now, ziggurat))
    }

    fn future_of_unit(&mut self, at: u32, nth: u32, number: u32) {
        if let Some(failing) = &self.components[at as usize].failing {
            let due = failing.units[nth as usize].due;
            self.future.put(due, event::BOX | number);
        }
    }

    /// Brings up to date which instances are down by chance.
    fn set_failed(&mut self, at: u32) {
        let failing = self.components[at as usize].failing.take();
        self.set_down(at, instance::FAILED, |nth| {
            failing.as_ref().is_some_and(|failing| failing.is_down(nth))
        });
        self.components[at as usize].failing = failing;
    }

    /// After an edit: a box that no longer fails by chance is repaired, and what is new is planned.
    /// `was_down`: it was down as a whole by chance.
    pub(super) fn take_over_failures(&mut self, at: u32, was_down: bool) {
        if self.components[at as usize].fails_by_instance() {
            self.set_failed(at);
        } else if was_down && self.components[at as usize].failing.is_none() {
            self.restart(at);
        }
        self.plan_failures(at);
        self.note_uptime(at);
    }

    /// A box, or some of its instances, may have gone down or come up, stand still or go on.
    pub(super) fn note_uptime(&mut self, at: u32) {
        let now = self.now;
        let component = &mut self.components[at as usize];
        let is_off = !component.is_alive();
        let first = component.first_instance;
        let range = first as usize..(first + component.instances) as usize;
        let instances = &self.instances[range];
        // By themselves.
        let stalled: Vec<bool> = (first..first + component.instances)
            .map(|instance| component.is_stalled(instance))
            .collect();
        let mut each = instances.iter().zip(&stalled);
        let all_down = component.instances > 0
            && each.all(|(instance, is_stalled)| !instance.takes_calls() || *is_stalled);
        component.downtime.note(now, is_off || all_down);
        let downtimes = &mut component.trouble.downtimes;
        downtimes.resize(instances.len(), Downtime::default());
        for ((downtime, instance), is_stalled) in downtimes.iter_mut().zip(instances).zip(stalled) {
            let in_service = instance.down & instance::OUT == 0;
            let is_off = is_off || is_stalled || instance.has_failed();
            downtime.note(now, in_service && is_off);
        }
    }

    /// For how long each instance of a box was down in the window; it is down with its box, too.
    pub(super) fn downtime_ns(&self, at: u32) -> Vec<u64> {
        let component = &self.components[at as usize];
        let downtimes = component.trouble.downtimes.iter();
        let mut each: Vec<u64> = downtimes.map(|one| one.nanos(self.now)).collect();
        each.resize(component.instances as usize, 0);
        each
    }
}
