//! What a balancer hears of the calls it has sent to its targets.
//!
//! Of a synchronous call it waits for the answer. Of an asynchronous one nobody waits, but the arrow
//! does: it has a timeout and tries again, so whoever sent the call learns how it went, only that it
//! does not hold anybody up. Of a call that was handed off it hears nothing: whoever is last answers
//! the caller, past the balancer, as with direct server return (Zhang 2000, "Linux Virtual Server for
//! scalable network services").

use crate::engine::{
    Simulation,
    call::{NONE, flag},
    component::Part,
    event,
};

impl Simulation {
    /// The balancer that has picked the target of a call: that of the call that waits for it, or, if
    /// nobody does, the one at the start of its arrow. With [`flag::BALANCED`].
    pub(in crate::engine) fn balancer_of(&self, id: u32) -> u32 {
        let call = &self.calls[id];
        if call.parent != NONE {
            self.calls[call.parent].component
        } else if call.has(flag::ASYNC) {
            self.connections[call.leg as usize].from
        } else {
            NONE
        }
    }

    /// A target has answered the call of a balancer, or failed.
    #[inline(always)]
    pub(in crate::engine) fn release_target(&mut self, caller: u32, target: u32, failed: bool) {
        let call = &self.calls[caller];
        let (at, since) = (call.component, call.started);
        self.heard_from(at, target, since, failed);
    }

    /// As [`Self::release_target`], of a call that nobody waits for, if a balancer has sent it. It has
    /// taken as long as its last attempt: nobody has waited for those before.
    #[inline(never)]
    pub(in crate::engine) fn release_target_of(&mut self, id: u32, failed: bool) {
        let target = self.calls.target(id);
        if target != NONE {
            let (at, since) = (self.balancer_of(id), self.calls[id].sent);
            self.heard_from(at, target, since, failed);
        }
    }

    #[inline(always)]
    fn heard_from(&mut self, at: u32, target: u32, since: u64, failed: bool) {
        if at != NONE
            && let Part::Balancer(balancer) = &mut self.components[at as usize].part
        {
            balancer.answered(target, self.now - since, self.now);
            if balancer.has_ejection()
                && let Some(until) = balancer.note_outcome(target, failed, self.now)
            {
                self.future.put(until, event::HEALTH | at);
            }
        }
    }
}
