use crate::engine::call::{Calls, NONE};

/// Classes of calls: as many as bits in a word.
const CLASSES: usize = 64;

/// First come, first served by class: who is next is found in constant time.
#[derive(Clone, Debug)]
pub(in crate::engine) struct Ranks {
    /// First and last of each class; they stand one behind the other in their records.
    ends: [(u32, u32); CLASSES],
    /// A bit for each class that has anybody.
    some: u64,
}

impl Default for Ranks {
    fn default() -> Self {
        Self {
            ends: [(NONE, NONE); CLASSES],
            some: 0,
        }
    }
}

impl Ranks {
    pub fn push(&mut self, id: u32, class: u8, calls: &mut Calls) {
        let class = usize::from(class) % CLASSES;
        let (first, last) = &mut self.ends[class];
        calls.follow(*last, id);
        *last = id;
        if *first == NONE {
            *first = id;
        }
        self.some |= 1 << class;
    }

    /// The first of the highest class.
    pub fn pop(&mut self, calls: &Calls) -> Option<u32> {
        let class = self.some.checked_ilog2()?;
        let (first, last) = &mut self.ends[class as usize];
        let id = *first;
        *first = calls[id].next;
        if *first == NONE {
            *last = NONE;
            self.some &= !(1 << class);
        }
        Some(id)
    }

    pub fn remove(&mut self, id: u32, calls: &mut Calls) {
        let is_in = |first: u32| {
            let behind = |id: u32| (id != NONE).then_some(id);
            let mut line = std::iter::successors(behind(first), |at| behind(calls[*at].next));
            line.any(|at| at == id)
        };
        let Some(class) = self.ends.iter().position(|(first, _)| is_in(*first)) else {
            return;
        };
        let (first, last) = &mut self.ends[class];
        calls.take_out(first, last, id);
        if *first == NONE {
            self.some &= !(1 << class);
        }
    }

    pub fn everybody(&self, calls: &Calls) -> Vec<u32> {
        let behind = |id: u32| (id != NONE).then_some(id);
        let line = |(first, _): &(u32, u32)| {
            std::iter::successors(behind(*first), move |id| behind(calls[*id].next))
        };
        self.ends.iter().rev().flat_map(line).collect()
    }
}
