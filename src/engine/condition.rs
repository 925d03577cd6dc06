//! What boxes and arrows are going through, for people.

use std::collections::BTreeSet;

use super::{
    Engine,
    component::Part,
    fleet::{Fleet, Instances},
    rollout::Rollout,
    station::Instance,
};
use crate::scenario::FaultKind;

/// What a component is going through.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Condition {
    /// Refuses everything.
    pub crashed: bool,
    /// Takes calls and never answers.
    pub hung: bool,
    /// Stands still.
    pub paused: bool,
    /// Factor on service times, 1 when all is well.
    pub slow: f64,
    /// Factor on a client's traffic, 1 when all is well.
    pub traffic: f64,
    /// Share of the calls that are answered with an error.
    pub errors: f64,
    /// Share of a client's requests that are all about one item.
    pub hot_key: f64,
    /// Instances, those that are down included; 0 for a box without.
    pub instances: u32,
    /// Instances that are down, one by one: a crash of the whole box is not counted.
    pub instances_down: u32,
    /// Instances in and out of service, with an autoscaler or in a deploy.
    pub scaled: Instances,
    /// The deploy that is under way or was the last.
    pub rollout: Option<Rollout>,
    /// Instances that hang, one by one: a hang of the whole box is not counted.
    pub instances_hung: u32,
    /// Instances that are paused, one by one, and do not hang.
    pub instances_paused: u32,
    /// Some of the instances are slow.
    pub slow_instances: bool,
    /// Slots of a single instance that are gone.
    pub slots_lost: u32,
}

impl Condition {
    /// Whether no fault is at work.
    pub fn is_well(&self) -> bool {
        let one = |factor: f64| factor == 1.0 || factor == 0.0;
        !(self.crashed || self.hung || self.paused || self.slow_instances)
            && one(self.slow)
            && one(self.traffic)
            && self.errors == 0.0
            && self.hot_key == 0.0
            && (self.instances_down, self.slots_lost) == (0, 0)
            && (self.instances_hung, self.instances_paused) == (0, 0)
    }
}

/// What a connection is going through.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LinkCondition {
    /// It carries nothing.
    pub cut: bool,
    /// Factor on its latency, 1 when all is well.
    pub slow: f64,
    /// Share of its messages that is lost, besides what is lost anyway.
    pub loss: f64,
}

impl LinkCondition {
    /// Whether no fault is at work.
    pub fn is_well(&self) -> bool {
        !self.cut && (self.slow == 1.0 || self.slow == 0.0) && self.loss == 0.0
    }
}

impl Engine {
    /// What a component is going through.
    pub fn condition(&self, index: usize) -> Condition {
        let component = &self.simulation.components[index];
        let first = component.first_instance as usize;
        let instances = &self.simulation.instances[first..first + component.instances as usize];
        let scaled = component.fleet.as_ref().map(|fleet| fleet.instances());
        let has_scaler = |fleet: &Fleet| fleet.scaling.is_some();
        let comes_and_goes = component.fleet.as_deref().is_some_and(has_scaler);
        // Where all serve until the next deploy there is nothing to say.
        let shown =
            scaled.filter(|now| comes_and_goes || now.booting + now.draining + now.ready > 0);
        let alone = |kind| -> BTreeSet<u32> {
            if component.trouble.stalls.is_empty() {
                return BTreeSet::new();
            }
            let alone = self.simulation.alone(index as u32, |active| active == kind);
            alone.into_iter().collect()
        };
        let hung = alone(FaultKind::Hang);
        let paused = &alone(FaultKind::Pause) - &hung;
        Condition {
            crashed: component.crashed > 0,
            hung: component.hung > 0,
            paused: component.paused > 0,
            slow: component.slow,
            traffic: component.traffic,
            errors: component.errors(),
            hot_key: match &component.part {
                Part::Client(client) => client.subjects.hot.share(),
                _ => 0.0,
            },
            instances: scaled.map_or(component.instances, |scaled| {
                scaled.serving + scaled.draining
            }),
            instances_down: instances.iter().filter(|one| one.has_failed()).count() as u32,
            instances_hung: hung.len() as u32,
            instances_paused: paused.len() as u32,
            scaled: shown.unwrap_or_default(),
            rollout: self.rollout(index),
            slow_instances: component
                .trouble
                .slow_instances
                .iter()
                .any(|factor| *factor > 1.0),
            slots_lost: component.all_slots - component.slots,
        }
    }

    /// Where the instances of component `index` are. `None`: it has neither autoscaler nor deploys.
    pub fn instances(&self, index: usize) -> Option<Instances> {
        let fleet = self.simulation.components[index].fleet.as_ref();
        fleet.map(|fleet| fleet.instances())
    }

    /// For how long each instance of component `index` was down in the window, in nanoseconds; with
    /// its box it is down, too. For the box itself see [`super::Totals::down_ns`].
    pub fn instances_down_ns(&self, index: usize) -> Vec<u64> {
        self.simulation.downtime_ns(index as u32)
    }

    /// Whether connection `index` is cut.
    pub fn is_cut(&self, index: usize) -> bool {
        self.simulation.connections[index].cut > 0
    }

    /// What a connection is going through.
    pub fn link_condition(&self, index: usize) -> LinkCondition {
        let connection = &self.simulation.connections[index];
        LinkCondition {
            cut: connection.cut > 0,
            slow: connection.slow,
            loss: connection.loses_more,
        }
    }

    /// Whether each instance of component `index` is up, in their order.
    pub fn instances_up(&self, index: usize) -> Vec<bool> {
        let component = &self.simulation.components[index];
        let first = component.first_instance as usize;
        let instances = &self.simulation.instances[first..first + component.instances as usize];
        let is_up = |instance: &Instance| component.crashed == 0 && !instance.is_down();
        instances.iter().map(is_up).collect()
    }
}
