//! Faults that are numbers: factors and shares, brought up to date from all that are under way.

use super::{FaultKind, On};
use crate::engine::{Simulation, component::Part, event, random::Chance};

impl Simulation {
    /// Brings up to date what faults do to a box's speed, errors and traffic.
    pub(in crate::engine) fn update_factors(&mut self, at: u32) {
        let (mut slow, mut traffic, mut well, mut spread) = (1.0, 1.0, 1.0, 1.0);
        let (mut instances, mut failing) = (Vec::new(), Vec::new());
        for active in &self.faults.active {
            match (active.on, active.kind) {
                (On::Instance(component, nth), FaultKind::Slow { times }) if component == at => {
                    instances.resize(instances.len().max(nth as usize + 1), 1.0);
                    instances[nth as usize] *= times;
                }
                (On::Instance(component, nth), FaultKind::Errors { share }) if component == at => {
                    failing.resize(failing.len().max(nth as usize + 1), 1.0);
                    failing[nth as usize] *= 1.0 - share;
                }
                (on, _) if on != On::Component(at) => {}
                (_, FaultKind::Slow { times }) => slow *= times,
                (_, FaultKind::Traffic { times }) => traffic *= times,
                (_, FaultKind::Errors { share }) => well *= 1.0 - share,
                (_, FaultKind::HotKey { share }) => spread *= 1.0 - share,
                _ => {}
            }
        }
        let component = &mut self.components[at as usize];
        for (nth, times) in component.own_factors() {
            instances.resize(instances.len().max(nth + 1), 1.0);
            instances[nth] *= times;
        }
        component.slow = slow;
        component.trouble.slow_instances = instances;
        component.trouble.errors = Chance::new(1.0 - well);
        let failing = failing.into_iter().map(|well| Chance::new(1.0 - well));
        component.trouble.failing_instances = failing.collect();
        if let Part::Client(client) = &mut component.part {
            client.subjects.hot = Chance::new(1.0 - spread);
        }
        component.refresh();
        if component.traffic != traffic {
            component.traffic = traffic;
            self.plan_arrivals(at);
        }
    }

    /// Brings an arrow up to date after a fault like this one has begun or ended on it.
    pub(super) fn update_connection(&mut self, at: u32, kind: FaultKind) {
        let (mut cut, mut slow, mut arrives) = (0, 1.0, 1.0);
        for active in &self.faults.active {
            if active.on != On::Connection(at) {
                continue;
            }
            match active.kind {
                FaultKind::Cut => cut += 1,
                FaultKind::Slow { times } => slow *= times,
                FaultKind::Loss { share } => arrives *= 1.0 - share,
                _ => {}
            }
        }
        let connection = &mut self.connections[at as usize];
        let mends = connection.cut > cut;
        connection.cut = cut;
        connection.slow = slow;
        connection.loses_more = 1.0 - arrives;
        connection.refresh();
        if kind != FaultKind::Cut || !mends {
            return;
        }
        let (from, to) = (connection.from, connection.to);
        self.look_again(from);
        if cut == 0
            && let Part::Replica(replica) = &mut self.components[to as usize].part
            && replica.link == at
            && replica.held_up
        {
            replica.held_up = false;
            self.future.put(self.now, event::LOG | to);
        }
    }
}
