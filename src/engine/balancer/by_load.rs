//! Targets by how busy they are: the least busy is found, and a number changed, in constant time.

use crate::engine::call::NONE;

/// Targets in the order of their calls in flight; among equals the one whose number changed longest
/// ago comes first.
#[derive(Clone, Debug)]
pub(super) enum ByLoad {
    /// For few targets.
    Ranks(Ranks),
    Lists(Lists),
}

impl ByLoad {
    pub fn new(targets: usize) -> Self {
        if targets <= Ranks::MOST {
            Self::Ranks(Ranks::new(targets))
        } else {
            Self::Lists(Lists::new(targets))
        }
    }

    /// Nobody is there, of so many who may come; as new, but in the same memory if it can be.
    pub fn clear(&mut self, targets: usize) {
        match self {
            Self::Lists(lists) if lists.before.len() == targets => {
                lists.lists.fill((NONE, NONE));
                lists.least = 0;
            }
            _ => *self = Self::new(targets),
        }
    }

    /// Puts in a target that is not there.
    pub fn put(&mut self, target: u32, load: u32) {
        match self {
            Self::Ranks(ranks) => ranks.set(target, load),
            Self::Lists(lists) => lists.put(target, load),
        }
    }

    /// Writes down every target that is there, the least loaded first.
    pub fn list(&self, there: &mut Vec<u32>) {
        there.clear();
        match self {
            Self::Ranks(ranks) => ranks.list(there),
            Self::Lists(lists) => lists.list(there),
        }
    }

    /// A target that is there has another load.
    #[inline(always)]
    pub fn change(&mut self, target: u32, from: u32, to: u32) {
        match self {
            Self::Ranks(ranks) => ranks.set(target, to),
            Self::Lists(lists) => {
                lists.take(target, from);
                lists.put(target, to);
            }
        }
    }

    #[inline(always)]
    pub fn least(&mut self) -> Option<u32> {
        match self {
            Self::Ranks(ranks) => ranks.least(),
            Self::Lists(lists) => lists.least(),
        }
    }
}

/// One number for each of a few targets, side by side: looking at all of them takes less time than
/// keeping them in order.
#[derive(Clone, Debug)]
pub(super) struct Ranks {
    /// From the highest bit: load (26 bits), number of the change (33), target (5).
    ranks: [u64; Self::MOST],
    /// Targets, rounded up.
    len: usize,
    changes: u64,
}

impl Ranks {
    const MOST: usize = 32;
    const TARGET_BITS: u32 = 5;
    const LOAD_SHIFT: u32 = 38;
    const MOST_CHANGES: u64 = 1 << (Self::LOAD_SHIFT - Self::TARGET_BITS);

    fn new(targets: usize) -> Self {
        Self {
            ranks: [u64::MAX; Self::MOST],
            len: targets.next_multiple_of(4),
            changes: 0,
        }
    }

    #[inline(always)]
    fn set(&mut self, target: u32, load: u32) {
        if self.changes >= Self::MOST_CHANGES {
            self.renumber();
        }
        let place = target as usize % Self::MOST;
        self.ranks[place] =
            u64::from(load) << Self::LOAD_SHIFT | self.changes << Self::TARGET_BITS | place as u64;
        self.changes += 1;
    }

    #[inline(always)]
    fn least(&self) -> Option<u32> {
        let (fours, _) = self.ranks[..self.len].as_chunks::<4>();
        let least = fours.iter().fold(u64::MAX, |least, [a, b, c, d]| {
            least.min((*a.min(b)).min(*c.min(d)))
        });
        (least != u64::MAX).then_some(least as u32 % Self::MOST as u32)
    }

    fn list(&self, there: &mut Vec<u32>) {
        let mut ranks = self.ranks;
        ranks.sort_unstable();
        let ranks = ranks.into_iter().take_while(|rank| *rank != u64::MAX);
        there.extend(ranks.map(|rank| rank as u32 % Self::MOST as u32));
    }

    /// The changes are numbered from zero again, in the same order.
    #[cold]
    #[inline(never)]
    fn renumber(&mut self) {
        let mask = (1 << Self::LOAD_SHIFT) - 1;
        let mut order = self.ranks;
        order.sort_unstable_by_key(|rank| rank & mask);
        self.changes = 0;
        for rank in order.into_iter().filter(|rank| *rank != u64::MAX) {
            self.set(
                rank as u32 % Self::MOST as u32,
                (rank >> Self::LOAD_SHIFT) as u32,
            );
        }
    }
}

/// Targets in lists by calls in flight: the least loaded is found, and a load changed, in constant
/// time.
#[derive(Clone, Debug)]
pub(super) struct Lists {
    lists: Vec<(u32, u32)>,
    before: Vec<u32>,
    after: Vec<u32>,
    least: usize,
}

impl Lists {
    fn new(targets: usize) -> Self {
        Self {
            lists: Vec::new(),
            before: vec![NONE; targets],
            after: vec![NONE; targets],
            least: 0,
        }
    }

    fn put(&mut self, target: u32, load: u32) {
        let load = load as usize;
        if self.lists.len() <= load {
            self.lists.resize(load + 1, (NONE, NONE));
        }
        let (first, last) = &mut self.lists[load];
        self.before[target as usize] = *last;
        self.after[target as usize] = NONE;
        if *last == NONE {
            *first = target;
        } else {
            self.after[*last as usize] = target;
        }
        *last = target;
        self.least = self.least.min(load);
    }

    fn take(&mut self, target: u32, load: u32) {
        let (before, after) = (self.before[target as usize], self.after[target as usize]);
        let (first, last) = &mut self.lists[load as usize];
        if before == NONE {
            *first = after;
        } else {
            self.after[before as usize] = after;
        }
        if after == NONE {
            *last = before;
        } else {
            self.before[after as usize] = before;
        }
    }

    fn list(&self, there: &mut Vec<u32>) {
        let firsts = self.lists.iter().map(|(first, _)| *first);
        let behind = |at: u32| (at != NONE).then_some(at);
        there.extend(firsts.flat_map(|first| {
            std::iter::successors(behind(first), |at| behind(self.after[*at as usize]))
        }));
    }

    fn least(&mut self) -> Option<u32> {
        while let Some((first, _)) = self.lists.get(self.least) {
            if *first != NONE {
                return Some(*first);
            }
            self.least += 1;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_and_lists_agree() {
        let mut ranks = Ranks {
            changes: Ranks::MOST_CHANGES - 500,
            ..Ranks::new(10)
        };
        let mut lists = Lists::new(10);
        let mut loads = [0u32; 10];
        for target in 0..10 {
            ranks.set(target, 0);
            lists.put(target, 0);
        }
        let mut state = 1u64;
        for step in 0..2_000 {
            assert_eq!(ranks.least(), lists.least(), "step {step}");
            let (mut one, mut other) = (Vec::new(), Vec::new());
            ranks.list(&mut one);
            lists.list(&mut other);
            assert_eq!(one, other, "step {step}");
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let target = (state >> 33) as u32 % 10;
            let load = &mut loads[target as usize];
            lists.take(target, *load);
            *load = if state >> 63 == 0 {
                *load + 1
            } else {
                load.saturating_sub(1)
            };
            lists.put(target, *load);
            ranks.set(target, *load);
        }
    }
}
