//! Which target a session sticks to.

use super::ring::scatter;
use crate::engine::call::NONE;

/// A table of bounded size: as many places as there are sessions, and never more than [`MOST`].
/// Sessions beyond share places, and the last to be balanced has it.
#[derive(Clone, Debug, Default)]
pub(super) struct Sessions {
    /// Session and target by place; [`NONE`]: nobody's.
    places: Vec<(u32, u32)>,
}

/// Eight megabytes.
const MOST: u32 = 1 << 20;

impl Sessions {
    pub fn new(sessions: u32) -> Self {
        Self {
            places: vec![(NONE, NONE); sessions.min(MOST) as usize],
        }
    }

    #[inline]
    fn place(&self, session: u32) -> usize {
        let count = self.places.len();
        if (session as usize) < count {
            return session as usize;
        }
        (scatter(u64::from(session)) % count.max(1) as u64) as usize
    }

    /// The target that a session was sent to last; [`NONE`]: not known.
    #[inline]
    pub fn target(&self, session: u32) -> u32 {
        match self.places.get(self.place(session)) {
            Some((of, target)) if *of == session => *target,
            _ => NONE,
        }
    }

    #[inline]
    pub fn note(&mut self, session: u32, target: u32) {
        let place = self.place(session);
        if let Some(place) = self.places.get_mut(place) {
            *place = (session, target);
        }
    }

    /// Takes over what the table knew before an edit; `now` says where the targets are now.
    pub fn adopt(&mut self, old: &Self, now: &[u32]) {
        for (session, target) in &old.places {
            let target = now.get(*target as usize).copied().unwrap_or(NONE);
            if target != NONE {
                self.note(*session, target);
            }
        }
    }
}
