//! Balancers that look at how busy the instances of their targets really are. An instance that is
//! watched tells them at every change, so that nobody has to look at all of them for a pick.

use crate::engine::{Simulation, call::NONE, component::Part};

/// A balancer looks at an instance.
#[derive(Clone, Copy, Debug)]
pub(in crate::engine) struct Watch {
    balancer: u32,
    target: u32,
    /// The next one of the same instance.
    next: u32,
}

impl Simulation {
    /// Finds who looks at whom, and tells it how busy everybody is.
    pub(in crate::engine) fn watch_targets(&mut self) {
        self.watches.clear();
        for component in &mut self.components {
            component.watched = false;
        }
        for instance in &mut self.instances {
            instance.watch = NONE;
        }
        for at in 0..self.components.len() {
            let Part::Balancer(balancer) = &mut self.components[at].part else {
                continue;
            };
            if !balancer.watches() {
                continue;
            }
            let targets = balancer.targets.iter().map(|target| target.instance);
            for (target, instance) in targets.collect::<Vec<_>>().into_iter().enumerate() {
                let Some(of) = self.instances.get_mut(instance as usize) else {
                    continue;
                };
                self.watches.push(Watch {
                    balancer: at as u32,
                    target: target as u32,
                    next: of.watch,
                });
                of.watch = self.watches.len() as u32 - 1;
                let component = of.component as usize;
                self.components[component].watched = true;
                self.note_instance(instance);
            }
        }
        for component in &mut self.components {
            component.refresh();
        }
    }

    /// As [`Self::note_instance`], for an instance that may not be watched.
    #[inline]
    pub(in crate::engine) fn note_if_watched(&mut self, at: u32) {
        if self.instances[at as usize].watch != NONE {
            self.note_instance(at);
        }
    }

    /// An instance that is watched has another number of calls, or of slots.
    #[inline(never)]
    pub(in crate::engine) fn note_instance(&mut self, at: u32) {
        let Some(instance) = self.instances.get(at as usize) else {
            return;
        };
        let load = instance.used + instance.waiting;
        let slots = self.components[instance.component as usize].slots;
        let mut next = instance.watch;
        while let Some(&watch) = self.watches.get(next as usize) {
            let balancer = &mut self.components[watch.balancer as usize].part;
            if let Part::Balancer(balancer) = balancer {
                let standing = &mut balancer.standings[watch.target as usize];
                if (standing.load, standing.slots) != (load, slots) {
                    (standing.load, standing.slots) = (load, slots);
                    balancer.rescore(watch.target);
                }
            }
            next = watch.next;
        }
    }

    /// Whether every balancer knows how busy the instances it looks at are.
    pub(in crate::engine) fn check_watches(&self) -> Result<(), String> {
        for component in &self.components {
            let Part::Balancer(balancer) = &component.part else {
                continue;
            };
            if !balancer.watches() {
                continue;
            }
            for (target, standing) in balancer.targets.iter().zip(&balancer.standings) {
                let Some(instance) = self.instances.get(target.instance as usize) else {
                    continue;
                };
                let load = instance.used + instance.waiting;
                let slots = self.components[instance.component as usize].slots;
                if (standing.load, standing.slots) != (load, slots) {
                    return Err(format!(
                        "{}: believes that a target has {} calls, but it has {load}",
                        component.name, standing.load
                    ));
                }
            }
        }
        Ok(())
    }
}
