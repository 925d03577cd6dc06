//! Messages at rate limiters and API gateways: whoever was let in when the connection was opened is
//! not looked at again.

use super::Choice;
use crate::engine::{Simulation, call::State, component::Part, measure::Cause};

impl Simulation {
    /// A call for a channel has come to a rate limiter or a gateway. Says whether it is a message, which
    /// goes the way of its channel without being counted, authenticated or answered from memory.
    pub(in crate::engine) fn message_passes(&mut self, id: u32) -> bool {
        let at = self.calls[id].component;
        let choice = self.channels.choice(self.calls.pin(id), at);
        match choice {
            Choice::Free => return false,
            Choice::Broken => self.refuse(id, Cause::Down),
            Choice::Known(arrow) => {
                let call = &mut self.calls[id];
                call.arrived = self.now;
                let component = &mut self.components[at as usize];
                component.meter.enter(self.now);
                if component.stalled {
                    call.state = State::Stuck;
                    component.stuck.push(id);
                } else {
                    self.pass_message_on(id, arrow);
                }
            }
        }
        true
    }

    /// A message that came to a rate limiter or a gateway while it stood still goes on.
    pub(in crate::engine) fn message_passes_late(&mut self, id: u32) {
        let at = self.calls[id].component;
        match self.channels.choice(self.calls.pin(id), at) {
            Choice::Known(arrow) => self.pass_message_on(id, arrow),
            Choice::Free | Choice::Broken => self.finish_in_line(id, Cause::Down),
        }
    }

    fn pass_message_on(&mut self, id: u32, arrow: u32) {
        let call = &mut self.calls[id];
        let wait = self.now - call.arrived;
        // With the answer its plan is through.
        call.step = u8::MAX;
        call.state = State::Waiting;
        let verb = call.verb;
        let component = &mut self.components[call.component as usize];
        if let Part::Gateway(_) = component.part {
            component.meter.pass_by(self.now, wait);
        } else {
            component.meter.line_to_consumer(self.now, wait);
        }
        let child = self.call(id, arrow, verb, true);
        self.send(child);
    }
}
