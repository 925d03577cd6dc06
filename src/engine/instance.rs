//! Instances that go down and come up one at a time.

use super::{
    Simulation,
    call::NONE,
    component::{Component, Part},
    station::Instance,
};

/// Why an instance is down: bits of [`Instance::down`].
pub(super) const CRASHED: u32 = 1;
/// A fault has taken capacity away.
pub(super) const DROPPED: u32 = 2;
/// It has failed by chance.
pub(super) const FAILED: u32 = 4;
/// It is not in service, or not yet: no failure.
pub(super) const OUT: u32 = 8;
/// It finishes what it has, and takes no calls but those under way to it.
pub(super) const DRAINING: u32 = 16;

impl Instance {
    /// Refuses whatever comes.
    pub fn is_down(&self) -> bool {
        self.down & !DRAINING != 0
    }

    /// Takes new calls.
    pub fn takes_calls(&self) -> bool {
        self.down == 0
    }

    /// Is in service, and has failed.
    pub fn has_failed(&self) -> bool {
        self.is_down() && self.down & OUT == 0
    }
}

impl Component {
    /// As [`Self::next_instance`], among those that are up; [`NONE`] when all are down.
    pub fn next_that_is_up(&mut self) -> u32 {
        let up = &self.trouble.up;
        let at = up.partition_point(|nth| *nth < self.turn);
        let Some(&nth) = up.get(at).or(up.first()) else {
            return NONE;
        };
        self.turn = if nth + 1 == self.instances {
            0
        } else {
            nth + 1
        };
        self.first_instance + nth
    }
}

impl Simulation {
    /// Of a component those instances are down for a reason of which `is_down` says so, and no others
    /// are for that reason. What is inside of one that goes down dies; routes are closed.
    pub(super) fn set_down(&mut self, at: u32, reason: u32, is_down: impl Fn(u32) -> bool) {
        let component = &self.components[at as usize];
        let first = component.first_instance;
        let (mut falls, mut rises) = (false, false);
        let mut fallen = vec![false; component.instances as usize];
        for nth in 0..component.instances {
            let instance = &mut self.instances[(first + nth) as usize];
            let was = instance.is_down();
            instance.down &= !reason;
            if is_down(nth) {
                instance.down |= reason;
            }
            fallen[nth as usize] = !was && instance.is_down();
            falls |= !was && instance.is_down();
            rises |= was && !instance.is_down();
        }
        if !falls && !rises {
            return;
        }
        self.count_down(at);
        self.offer(at);
        if falls {
            for nth in (0..)
                .zip(&fallen)
                .filter_map(|(nth, fell)| fell.then_some(nth))
            {
                self.break_channels_at(first + nth);
            }
            self.end_in_instances(at, |nth| fallen.get(nth as usize) == Some(&true));
        }
        if rises {
            self.goes_on(at);
        }
    }

    /// What is inside of some instances of a component dies.
    pub(super) fn end_in_instances(&mut self, at: u32, is_meant: impl Fn(u32) -> bool) {
        let first = self.components[at as usize].first_instance;
        let is_in = |instance: u32| instance != NONE && is_meant(instance.wrapping_sub(first));
        let inside = self
            .calls
            .find(|call| call.component == at && call.is_inside() && is_in(call.instance));
        for id in self.end_inside(at, &inside) {
            self.reply_at_once(id);
        }
    }

    /// Counts anew how many instances of a component are down.
    pub(super) fn count_down(&mut self, at: u32) {
        let component = &mut self.components[at as usize];
        let first = component.first_instance as usize;
        let instances = &self.instances[first..first + component.instances as usize];
        let up = (0..).zip(instances).filter(|(_, one)| one.takes_calls());
        component.trouble.up.clear();
        component.trouble.up.extend(up.map(|(nth, _)| nth));
        component.down = component.instances - component.trouble.up.len() as u32;
        component.refresh();
    }

    /// Says anew how many slots a component offers: those of the instances that are up.
    pub(super) fn offer(&mut self, at: u32) {
        let component = &mut self.components[at as usize];
        let off = match &component.part {
            Part::Balancer(balancer) if component.instances > 1 => balancer.is_halved().into(),
            _ => 0,
        };
        let first = component.first_instance as usize;
        let instances = &self.instances[first..first + component.instances as usize];
        // Those that drain still work.
        let drain = |one: &&Instance| one.down == DRAINING;
        let draining = instances.iter().filter(drain).count() as u32;
        let instances = (component.instances + draining).saturating_sub(component.down + off);
        let slots = u64::from(component.slots) * u64::from(instances);
        component.meter.offer(self.now, slots);
    }
}
