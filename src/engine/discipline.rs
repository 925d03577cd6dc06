//! Who in line is next, where it is not simply who came first.

mod adaptive;
mod codel;
mod ranks;

use std::collections::VecDeque;

use super::{
    call::{Calls, NONE},
    random::Stream,
};
use crate::scenario::Discipline;
use adaptive::Adaptive;
use codel::CoDel;
use ranks::Ranks;

/// A line of calls of one instance.
#[derive(Clone, Debug)]
pub(super) enum Line {
    /// The oldest in front.
    Fifo(VecDeque<u32>),
    Lifo(VecDeque<u32>),
    Priority(Box<Ranks>),
    Random(Vec<u32>),
    CoDel(Box<CoDel>),
    Adaptive(Box<Adaptive>),
}

/// Calls that have been dropped, one behind the other in their records.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dropped {
    pub first: u32,
    last: u32,
}

impl Dropped {
    pub const NOBODY: Self = Self {
        first: NONE,
        last: NONE,
    };

    fn add(&mut self, id: u32, calls: &mut Calls) {
        calls.follow(self.last, id);
        self.last = id;
        if self.first == NONE {
            self.first = id;
        }
    }

    /// These have been dropped as well.
    pub fn append(&mut self, more: Self, calls: &mut Calls) {
        if self.first == NONE {
            *self = more;
        } else if more.first != NONE {
            calls[self.last].next = more.first;
            self.last = more.last;
        }
    }
}

/// Takes out the first like this.
fn take_out<T>(line: &mut VecDeque<T>, is_it: impl Fn(&T) -> bool) {
    if let Some(at) = line.iter().position(is_it) {
        line.remove(at);
    }
}

impl Line {
    /// An empty line.
    pub fn new(discipline: Discipline) -> Self {
        match discipline {
            // Whoever shares the slots waits only while the box stands still.
            Discipline::Fifo | Discipline::ProcessorSharing => Self::Fifo(VecDeque::new()),
            Discipline::Lifo => Self::Lifo(VecDeque::new()),
            Discipline::Priority => Self::Priority(Box::default()),
            Discipline::Random => Self::Random(Vec::new()),
            Discipline::CoDel { target, interval } => {
                Self::CoDel(Box::new(CoDel::new(target.nanos(), interval.nanos())))
            }
            Discipline::AdaptiveLifo { target, interval } => {
                Self::Adaptive(Box::new(Adaptive::new(target.nanos(), interval.nanos())))
            }
        }
    }

    /// A call goes into line at `now`, of this class. Those whose time is over are dropped.
    pub fn push(&mut self, id: u32, now: u64, class: u8, calls: &mut Calls, dropped: &mut Dropped) {
        if let Self::Adaptive(line) = self {
            line.drop_late(now, calls, dropped);
        }
        self.put(id, now, class, calls);
    }

    /// As [`Self::push`], but nobody is dropped yet. It has waited since then.
    pub fn put(&mut self, id: u32, since: u64, class: u8, calls: &mut Calls) {
        match self {
            Self::Fifo(line) | Self::Lifo(line) => line.push_back(id),
            Self::Priority(ranks) => ranks.push(id, class, calls),
            Self::Random(line) => line.push(id),
            Self::CoDel(line) => line.push(id),
            Self::Adaptive(line) => line.push(id, since),
        }
    }

    /// Takes out who is next at `now`; [`NONE`]: the line is empty. Those whose time is over are
    /// dropped.
    pub fn pop(
        &mut self,
        now: u64,
        luck: &mut Stream,
        calls: &mut Calls,
        dropped: &mut Dropped,
    ) -> u32 {
        let next = match self {
            Self::Fifo(line) => line.pop_front(),
            Self::Lifo(line) => line.pop_back(),
            Self::Priority(ranks) => ranks.pop(calls),
            Self::Random(line) => match line.len() {
                0 => None,
                count => Some(line.swap_remove(luck.below(count as u32) as usize)),
            },
            Self::CoDel(line) => line.pop(now, calls, dropped),
            Self::Adaptive(line) => {
                line.drop_late(now, calls, dropped);
                line.pop(now)
            }
        };
        next.unwrap_or(NONE)
    }

    /// A call is no longer in line.
    pub fn remove(&mut self, id: u32, calls: &mut Calls) {
        match self {
            Self::Fifo(line) | Self::Lifo(line) => take_out(line, |other| *other == id),
            Self::Priority(ranks) => ranks.remove(id, calls),
            Self::Random(line) => {
                let place = line.iter().position(|other| *other == id);
                place.map(|at| line.swap_remove(at));
            }
            Self::CoDel(line) => line.remove(id),
            Self::Adaptive(line) => line.remove(id),
        }
    }

    /// Everybody in line, in an order that does not depend on which records they have.
    pub fn everybody(&self, calls: &Calls) -> Vec<u32> {
        match self {
            Self::Fifo(line) | Self::Lifo(line) => line.iter().copied().collect(),
            Self::Priority(ranks) => ranks.everybody(calls),
            Self::Random(line) => line.clone(),
            Self::CoDel(line) => line.everybody(),
            Self::Adaptive(line) => line.everybody(),
        }
    }

    /// Other parameters of the same discipline.
    pub fn retune(&mut self, discipline: Discipline) {
        match (self, discipline) {
            (Self::CoDel(line), Discipline::CoDel { target, interval }) => {
                line.retune(target.nanos(), interval.nanos());
            }
            (Self::Adaptive(line), Discipline::AdaptiveLifo { target, interval }) => {
                line.retune(target.nanos(), interval.nanos());
            }
            _ => {}
        }
    }
}
