//! Calls in a list whose neighbours they know ([`super::call::Rare::before`] and `after`): whoever stands
//! in it can leave it without a search. A call is in one such list at a time.

use super::call::{Calls, NONE};

#[derive(Clone, Copy, Debug)]
pub(super) struct List {
    pub first: u32,
    pub last: u32,
}

impl List {
    pub const EMPTY: Self = Self {
        first: NONE,
        last: NONE,
    };

    pub fn is_empty(self) -> bool {
        self.first == NONE
    }

    /// A call comes in right behind another; [`NONE`]: at the head.
    pub fn insert(&mut self, calls: &mut Calls, id: u32, before: u32) {
        let after = if before == NONE {
            self.first
        } else {
            calls.rare(before).after
        };
        let rare = calls.rare_mut(id);
        (rare.before, rare.after) = (before, after);
        self.tell_neighbours(calls, id);
    }

    /// The neighbours of a call learn of it, as of one that has taken another's place.
    pub fn tell_neighbours(&mut self, calls: &mut Calls, id: u32) {
        let rare = calls.rare(id);
        let (before, after) = (rare.before, rare.after);
        self.join(calls, (before, id), (id, after));
    }

    pub fn remove(&mut self, calls: &mut Calls, id: u32) {
        let rare = calls.rare(id);
        let (before, after) = (rare.before, rare.after);
        self.join(calls, (before, after), (before, after));
    }

    /// Behind the first of one pair comes the second, and before the second of the other the first.
    fn join(&mut self, calls: &mut Calls, ahead: (u32, u32), behind: (u32, u32)) {
        if ahead.0 == NONE {
            self.first = ahead.1;
        } else {
            calls.rare_mut(ahead.0).after = ahead.1;
        }
        if behind.1 == NONE {
            self.last = behind.0;
        } else {
            calls.rare_mut(behind.1).before = behind.0;
        }
    }
}
