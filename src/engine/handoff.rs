//! Calls that are handed on: the slot is free, and whoever is last answers the original caller.

use super::{
    Simulation,
    call::{Call, Outcome, State, flag},
};

impl Simulation {
    /// A call is handed on over `connection`: whoever is last answers the original caller.
    pub(super) fn forward(&mut self, id: u32, connection: u32, instance: u32) {
        if self.calls[id].has(flag::ON_ROUTE) {
            self.unfold(id);
        }
        let old = &self.calls[id];
        let wanted = old.is_wanted();
        let permit = old.flags & flag::CONSUMING;
        let heir = if wanted {
            self.hand_over(id)
        } else {
            let orphan = Call {
                key: old.key,
                operation: old.operation,
                leg: old.leg,
                flags: old.flags & (flag::SAMPLED | flag::PROBE),
                state: State::Transit,
                ..Call::BLANK
            };
            let orphan = self.calls.add(orphan);
            if self.calls[id].has(flag::PROBE) {
                *self.calls.rare_mut(orphan) = self.calls.rare(id).clone();
            }
            self.copy_details(id, orphan);
            self.move_cancel(id, orphan);
            orphan
        };
        self.calls[id].flags &= !permit;
        if permit != 0 {
            self.calls.rare_mut(heir).target = self.calls.rare(id).target;
        }
        let onward = &mut self.connections[connection as usize];
        onward.attempts += 1;
        onward.completed += 1;
        let next = &mut self.calls[heir];
        next.flags |= permit;
        next.via = connection;
        next.component = onward.to;
        next.instance = instance;
        // The slot is free before the call goes on.
        let wanted = wanted || self.calls[id].has(flag::PROBE);
        self.leave(id, Outcome::Well, wanted);
        self.calls.remove(id);
        let next = self.transport(heir);
        self.send(next);
    }
}
