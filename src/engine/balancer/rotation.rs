//! Whose turn it is among the targets of one pool.

use std::{cmp::Reverse, collections::BinaryHeap};

use super::{
    By, Target,
    by_load::ByLoad,
    ring::{Ring, scatter},
    sessions::Sessions,
    tournament::Tournament,
};
use crate::engine::{call::NONE, random::Stream};

/// What a pick may look at.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::engine) struct Asked {
    pub operation: u8,
    pub key: u32,
    pub session: u32,
}

/// The targets of a pool that are in rotation, in the order that the algorithm needs.
#[derive(Clone, Debug)]
pub(super) struct Rotation {
    by: By,
    /// Bit of the pool in [`Target::pools`].
    pool: u64,
    /// Targets in rotation.
    active: Vec<u32>,
    turn: usize,
    /// Cumulative weights of `active`.
    cumulative: Vec<f64>,
    /// Where to look in `cumulative`: see [`Self::weighted`].
    guide: Vec<u32>,
    /// Targets by the virtual time of their next turn.
    turns: BinaryHeap<Reverse<(Turn, u32)>>,
    pub by_load: ByLoad,
    pub by_score: Tournament,
    ring: Ring,
    /// Calls in flight to the targets in rotation. Of a ring with a bound.
    in_flight: u64,
    pub sessions: Sessions,
    /// For use while it is rebuilt: memory is taken but once.
    order: Vec<u32>,
    fresh: Vec<bool>,
}

/// Virtual time goes back to the start from here.
const FAR: f64 = 1e6;

/// Virtual time, ordered by `total_cmp`.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Turn(f64);

impl Eq for Turn {}

impl PartialOrd for Turn {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Turn {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl Rotation {
    pub fn new(by: By, pool: u32) -> Self {
        Self {
            by,
            pool: 1 << pool,
            active: Vec::new(),
            turn: 0,
            cumulative: Vec::new(),
            guide: Vec::new(),
            turns: BinaryHeap::new(),
            by_load: ByLoad::new(0),
            by_score: Tournament::default(),
            ring: Ring::default(),
            in_flight: 0,
            sessions: Sessions::default(),
            order: Vec::new(),
            fresh: Vec::new(),
        }
    }

    /// Whether a target is in rotation here.
    #[inline]
    pub fn has(&self, target: &Target) -> bool {
        target.active && target.pools & self.pool != 0
    }

    /// Takes over who is next from the rotation it was before an edit; `now` says where its targets
    /// are now.
    pub fn adopt(&mut self, old: &Self, now: &[u32], before: &[Target], after: &[Target]) {
        let place = |was: &u32| Some(now[*was as usize]).filter(|now| *now != NONE);
        let (gone_by, next) = old.active.split_at(old.turn);
        self.active = next.iter().chain(gone_by).filter_map(place).collect();
        self.turn = 0;
        let virtual_now = old.virtual_now();
        self.turns.clear();
        for Reverse((Turn(turn), was)) in &old.turns {
            if let Some(at) = place(was) {
                let (before, weight) = (before[*was as usize].weight, after[at as usize].weight);
                let turn = turn_of_another_weight(*turn, virtual_now, before, weight);
                self.turns.push(Reverse((Turn(turn), at)));
            }
        }
        self.by_load = ByLoad::new(after.len());
        // Who does not go by load has not kept the order up to date.
        let mut in_order = Vec::new();
        if old.by == By::Load {
            old.by_load.list(&mut in_order);
        }
        for was in in_order.drain(..) {
            if let Some(at) = place(&was) {
                self.by_load.put(at, before[was as usize].in_flight);
            }
        }
        self.by_score = Tournament::new(after.len());
        old.by_score.list(&mut in_order);
        for was in in_order {
            if let Some(at) = place(&was) {
                self.by_score.set(at, 0.0);
            }
        }
        self.sessions.adopt(&old.sessions, now);
    }

    /// Virtual time of the next turn.
    fn virtual_now(&self) -> f64 {
        self.turns.peek().map_or(0.0, |Reverse((Turn(at), _))| *at)
    }

    /// Brings the rotation up to date with `targets`. Who stays in it keeps its place among the
    /// others: somebody else's coming and going does not make it any more or less its turn.
    pub fn rebuild(
        &mut self,
        targets: &[Target],
        score: impl Fn(u32) -> f64,
        identity: impl Fn(u32) -> u64,
    ) {
        let all = 0..targets.len() as u32;
        let pool = self.pool;
        let is_active = |at: &u32| {
            let target = &targets[*at as usize];
            target.active && target.pools & pool != 0
        };
        let (gone_by, next) = self.active.split_at(self.turn.min(self.active.len()));
        let next = next.iter().chain(gone_by).copied().find(is_active);
        self.active.clear();
        self.active.extend(all.filter(is_active));
        let place = next.and_then(|next| self.active.binary_search(&next).ok());
        self.turn = place.unwrap_or(0);

        let mut sum = 0.0;
        self.cumulative.clear();
        for at in &self.active {
            sum += targets[*at as usize].weight;
            self.cumulative.push(sum);
        }
        match self.by {
            By::WeightedTurn => self.rebuild_turns(targets),
            By::Chance => self.rebuild_guide(),
            By::Load => self.rebuild_order(targets),
            By::Score(_) => self.rebuild_scores(targets, score),
            By::Ring { vnodes, .. } => {
                let active = self.active.iter().map(|at| &targets[*at as usize]);
                self.in_flight = active.clone().map(|at| u64::from(at.in_flight)).sum();
                let most = active.map(|at| at.weight).fold(0.0, f64::max);
                let points = |at: u32| {
                    let share = targets[at as usize].weight / most;
                    (f64::from(vnodes) * share).ceil() as u32
                };
                let active = self.active.iter();
                self.ring
                    .set(active.map(|at| (*at, identity(*at), points(*at))));
            }
            _ => {}
        }
    }

    /// For every part of an even division of all weight the first target that may be in it.
    fn rebuild_guide(&mut self) {
        let count = self.active.len();
        let total = self.cumulative.last().copied().unwrap_or(0.0);
        self.guide.clear();
        // Who weighs nothing is never picked.
        let parts = if total > 0.0 { count } else { 0 };
        let mut first = 0;
        for part in 0..parts {
            // A little less, for what is lost in rounding.
            let start = total * part as f64 / count as f64 * (1.0 - 1e-12);
            let sums = self.cumulative[first..].iter();
            first += sums.take_while(|sum| **sum <= start).count();
            self.guide.push(first.min(count - 1) as u32);
        }
    }

    /// Whose share of the weight is at `u` (0 to 1, without 1), in constant time on average: the
    /// guide knows where a search has to begin (Chen and Asau 1974).
    #[inline(always)]
    fn weighted(&self, u: f64) -> usize {
        let last = self.active.len() - 1;
        let place = u * self.cumulative[last];
        let start = self.guide[(u * self.active.len() as f64) as usize] as usize;
        let sums = self.cumulative[start..last].iter();
        start + sums.take_while(|sum| **sum <= place).count()
    }

    fn rebuild_turns(&mut self, targets: &[Target]) {
        let pool = self.pool;
        let has = |at: u32| {
            let target = &targets[at as usize];
            target.active && target.pools & pool != 0 && target.weight > 0.0
        };
        let fresh = &mut self.fresh;
        fresh.clear();
        fresh.extend((0..targets.len() as u32).map(has));
        self.turns.retain(|Reverse((_, at))| {
            let stays = has(*at);
            fresh[*at as usize] = false;
            stays
        });
        let virtual_now = self.virtual_now();
        for (at, target) in targets.iter().enumerate() {
            if self.fresh[at] {
                let turn = Turn(virtual_now + 0.5 / target.weight);
                self.turns.push(Reverse((turn, at as u32)));
            }
        }
    }

    fn rebuild_order(&mut self, targets: &[Target]) {
        self.by_load.list(&mut self.order);
        self.add_the_rest(targets.len());
        self.by_load.clear(targets.len());
        for at in &self.order {
            let target = &targets[*at as usize];
            if target.active && target.pools & self.pool != 0 {
                self.by_load.put(*at, target.in_flight);
            }
        }
    }

    fn rebuild_scores(&mut self, targets: &[Target], score: impl Fn(u32) -> f64) {
        self.by_score.list(&mut self.order);
        self.add_the_rest(targets.len());
        self.by_score.clear(targets.len());
        for at in &self.order {
            let target = &targets[*at as usize];
            if target.active && target.pools & self.pool != 0 && target.weight > 0.0 {
                self.by_score.set(*at, score(*at));
            }
        }
    }

    /// Behind those in `order` come all others of so many.
    fn add_the_rest(&mut self, count: usize) {
        let fresh = &mut self.fresh;
        fresh.clear();
        fresh.resize(count, true);
        for at in &self.order {
            fresh[*at as usize] = false;
        }
        let rest = (0..count as u32).filter(|at| fresh[*at as usize]);
        self.order.extend(rest);
    }

    #[inline(always)]
    pub fn pick(&mut self, targets: &[Target], asked: Asked, stream: &mut Stream) -> Option<u32> {
        match self.by {
            By::Turn => {
                let target = *self.active.get(self.turn)?;
                let next = self.turn + 1;
                self.turn = if next == self.active.len() { 0 } else { next };
                Some(target)
            }
            By::Load => self.by_load.least(),
            _ => self.pick_otherwise(targets, asked, stream),
        }
    }

    #[inline(never)]
    fn pick_otherwise(
        &mut self,
        targets: &[Target],
        asked: Asked,
        stream: &mut Stream,
    ) -> Option<u32> {
        let count = self.active.len();
        if count == 0 {
            return None;
        }
        let share = |hash: u64| self.active[((u128::from(hash) * count as u128) >> 64) as usize];
        let load = |target: u32| targets[target as usize].in_flight;
        match self.by {
            By::Turn | By::Load => None,
            By::Score(_) => self.by_score.least(),
            By::WeightedTurn => {
                let Reverse((Turn(at), target)) = self.turns.pop()?;
                if at > FAR {
                    // Back to the start, before the turns are too far out to be told apart.
                    self.change_turns(|turn, _| turn - at);
                }
                let at = if at > FAR { 0.0 } else { at };
                let next = at + 1.0 / targets[target as usize].weight;
                self.turns.push(Reverse((Turn(next), target)));
                Some(target)
            }
            By::Chance if self.guide.is_empty() => None,
            By::Chance => Some(self.active[self.weighted(stream.unit())]),
            By::Choices(2) => {
                let first = stream.below(count as u32) as usize;
                if count == 1 {
                    return Some(self.active[0]);
                }
                let mut second = stream.below(count as u32 - 1) as usize;
                second += usize::from(second >= first);
                let (first, second) = (self.active[first], self.active[second]);
                Some(if load(second) < load(first) {
                    second
                } else {
                    first
                })
            }
            By::Choices(choices) => {
                let mut drawn = [NONE; By::MOST_CHOICES];
                let drawn = &mut drawn[..count.min(choices as usize)];
                for nth in 0..drawn.len() {
                    // Again until it is another one: an order that favours nobody among equals.
                    drawn[nth] = loop {
                        let at = self.active[stream.below(count as u32) as usize];
                        if !drawn[..nth].contains(&at) {
                            break at;
                        }
                    };
                }
                drawn.iter().copied().min_by_key(|at| load(*at))
            }
            By::SessionHash => {
                let hash = u64::from(asked.session).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
                Some(self.active[((hash * count as u64) >> 32) as usize])
            }
            By::KeyHash => Some(share(scatter(u64::from(asked.key)))),
            By::Ring { session, bound, .. } => {
                let of = if session { asked.session } else { asked.key };
                // Keys and sessions of one number need not share a target.
                let place = scatter(u64::from(of) | u64::from(session) << 32);
                if bound <= 0.0 {
                    return self.ring.find(place, |_| true);
                }
                let total = self.cumulative[count - 1];
                let share = bound * (self.in_flight + 1) as f64 / total;
                self.ring.find(place, |at| {
                    let target = &targets[at as usize];
                    f64::from(target.in_flight) < (share * target.weight).ceil()
                })
            }
        }
    }

    /// A target in rotation has so many calls more in flight.
    pub fn note_flight(&mut self, by: i32) {
        self.in_flight = self.in_flight.wrapping_add_signed(by.into());
    }

    /// The weight of a target has changed.
    pub fn reweigh(&mut self, target: u32, before: f64, weight: f64) {
        if self.turns.is_empty() || before == weight {
            return;
        }
        let virtual_now = self.virtual_now();
        self.change_turns(|turn, at| {
            if at == target {
                turn_of_another_weight(turn, virtual_now, before, weight)
            } else {
                turn
            }
        });
    }

    /// Turns are at another virtual time, in the same memory.
    fn change_turns(&mut self, new: impl Fn(f64, u32) -> f64) {
        let mut turns = std::mem::take(&mut self.turns).into_vec();
        for Reverse((Turn(turn), at)) in &mut turns {
            *turn = new(*turn, *at);
        }
        self.turns = turns.into();
    }
}

/// Of another weight a target still has to wait for the same share of a round of its own.
fn turn_of_another_weight(turn: f64, virtual_now: f64, before: f64, weight: f64) -> f64 {
    if before == weight {
        turn
    } else {
        virtual_now + (turn - virtual_now) * before / weight
    }
}
