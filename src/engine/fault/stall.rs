//! Boxes that stand still, hung or paused, and how they go on.

use crate::engine::{
    Simulation,
    call::{State, Verb, flag},
    component::Part,
    event,
};

impl Simulation {
    /// Brings `stalled` up to date; when the box no longer stands still, everything goes on.
    pub(super) fn update_stall(&mut self, at: u32) {
        let component = &mut self.components[at as usize];
        let stalled = component.hung > 0 || component.paused > 0;
        if stalled == component.stalled {
            return;
        }
        self.settle_all_shares(at);
        let component = &mut self.components[at as usize];
        component.stalled = stalled;
        component.irregular = component.is_irregular();
        component.meter.stall(self.now, stalled);
        if stalled {
            component.stalled_since = self.now;
            if !component.ever_stalled {
                component.ever_stalled = true;
                component.refresh();
                for (call, rare) in self.calls.iter_mut() {
                    if call.component == at && call.state == State::Working {
                        rare.mark = 0;
                    }
                }
            }
            return;
        }
        let since = component.stalled_since;
        component.stalled_for += self.now - since;
        let stalled_for = component.stalled_for;
        self.put_pauses_off(at, self.now - since);
        self.arm_all_shares(at);
        let component = &mut self.components[at as usize];
        for id in std::mem::take(&mut component.stuck) {
            let call = &mut self.calls[id];
            if call.state == State::Working {
                let rare = self.calls.rare_mut(id);
                let left = rare.mark - since;
                rare.mark = stalled_for;
                let call = &mut self.calls[id];
                call.started += self.now - since;
                call.flags |= flag::SCHEDULED;
                self.future.put(self.now + left, event::DONE | id);
                continue;
            }
            match self.components[at as usize].part {
                Part::Queue(_) if call.verb != Verb::Message => self.enqueue(id),
                Part::Balancer(_) if call.step == 0 => {
                    let next = self.balance(id);
                    self.send(next);
                }
                Part::Limiter(_) if call.step == 0 => self.enter_limiter_late(id),
                Part::Dns(_) => {
                    let next = self.look_up_name(id);
                    self.send(next);
                }
                Part::Function(_) if call.instance == crate::engine::call::NONE => {
                    self.enter_function_late(id);
                }
                _ if self.components[at as usize].is_paused(call.instance) => {
                    self.components[at as usize].stuck.push(id);
                }
                _ => {
                    call.state = State::Waiting;
                    self.go_on_now(id);
                }
            }
        }
        self.hear_of_cancelled(at);
        self.goes_on(at);
    }
}
