//! Balancers that come in pairs, and those with slots and work of their own.

use super::Balancer;
use crate::{
    engine::{Simulation, call::NONE, component::Part, event},
    scenario::Pair,
};

impl Balancer {
    /// Whether nobody is there to take a call.
    fn is_down(&self, now: u64) -> bool {
        match self.pair {
            Pair::Single => self.crashes > 0,
            Pair::ActivePassive(_) => {
                self.crashes > 1 || self.crashes == 1 && self.takes_over_at > now
            }
            Pair::ActiveActive => self.crashes > 1,
        }
    }

    /// Whether one of two that both work is down.
    pub(in crate::engine) fn is_halved(&self) -> bool {
        self.pair == Pair::ActiveActive && self.crashes == 1
    }
}

impl Simulation {
    /// A balancer, or one of a pair, crashes.
    pub(in crate::engine) fn crash_balancer(&mut self, at: u32) {
        let component = &mut self.components[at as usize];
        let Part::Balancer(balancer) = &mut component.part else {
            return;
        };
        balancer.crashes += 1;
        let has_active = balancer.crashes == 1;
        match balancer.pair {
            Pair::ActivePassive(_) if has_active => {
                // Also when the other takes over in no time at all.
                self.kill_inside(&[at]);
            }
            Pair::ActiveActive if has_active => self.kill_half(at),
            _ => {}
        }
        self.update_pair(at);
    }

    /// A balancer, or one of a pair, is well again.
    pub(in crate::engine) fn heal_balancer(&mut self, at: u32) {
        if let Part::Balancer(balancer) = &mut self.components[at as usize].part {
            balancer.crashes -= 1;
            // If both were down this one has nobody to wait for.
            balancer.takes_over_at = if balancer.crashes == 0 {
                u64::MAX
            } else {
                self.now
            };
        }
        self.update_pair(at);
    }

    /// What was in one of two that both work fails.
    fn kill_half(&mut self, at: u32) {
        self.break_channels_through(at, |simulation| {
            match &mut simulation.components[at as usize].part {
                Part::Balancer(balancer) => balancer.pair_stream.unit() < 0.5,
                _ => false,
            }
        });
        let component = &self.components[at as usize];
        let (has_slots, first) = (component.slots > 0, component.first_instance);
        let mut inside = self
            .calls
            .find(|call| call.component == at && call.is_inside());
        if let Part::Balancer(balancer) = &mut self.components[at as usize].part {
            let stream = &mut balancer.pair_stream;
            let calls = &self.calls;
            inside.retain(|id| {
                if has_slots {
                    calls[*id].instance == first
                } else {
                    stream.unit() < 0.5
                }
            });
        }
        for id in self.end_inside(at, &inside) {
            self.reply_at_once(id);
        }
    }

    /// Brings up to date whether a balancer is there, after a crash, a take-over or an edit. No route
    /// is open meanwhile.
    pub(in crate::engine) fn update_pair(&mut self, at: u32) {
        let now = self.now;
        let component = &mut self.components[at as usize];
        let Part::Balancer(balancer) = &mut component.part else {
            return;
        };
        if let Pair::ActivePassive(pair) = balancer.pair
            && balancer.crashes == 1
            && balancer.takes_over_at == u64::MAX
        {
            balancer.takes_over_at = now + pair.takeover.nanos();
            self.future.put(balancer.takes_over_at, event::HEALTH | at);
        }
        let is_down = balancer.is_down(now);
        self.offer(at);
        let component = &mut self.components[at as usize];
        if is_down == (component.crashed > 0) {
            return;
        }
        component.crashed = is_down.into();
        component.refresh();
        self.note_uptime(at);
        if is_down {
            self.kill_inside(&[at]);
        } else {
            self.goes_on(at);
        }
    }

    /// A standby may have taken over.
    pub(super) fn take_over(&mut self, at: u32) {
        let component = &self.components[at as usize];
        let Part::Balancer(balancer) = &component.part else {
            return;
        };
        if component.crashed > 0 && !balancer.is_down(self.now) {
            self.close_routes();
            self.update_pair(at);
            self.open_routes();
        }
    }

    /// A call comes to a balancer with slots.
    pub(super) fn enter_node(&mut self, id: u32) {
        let call = &mut self.calls[id];
        let component = &mut self.components[call.component as usize];
        if call.instance == NONE {
            call.instance = component.next_instance();
        }
        if let Part::Balancer(balancer) = &component.part
            && balancer.is_halved()
        {
            call.instance = component.first_instance + component.instances - 1;
        }
        self.enter_station(id);
    }
}
