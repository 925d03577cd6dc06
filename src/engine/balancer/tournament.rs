//! Targets by a score: the lowest is found in constant time, a score changed in logarithmic time.

use crate::engine::call::NONE;

/// Targets in the order of their scores; among equals the one whose score changed longest ago comes
/// first. A knockout tournament: every inner node knows the best of the targets below it.
#[derive(Clone, Debug, Default)]
pub(super) struct Tournament {
    /// By target. A change of [`ABSENT`]: it is not there.
    keys: Vec<(f64, u64)>,
    /// Winners: the root is 1, below `at` are 2·`at` and 2·`at` + 1, the leaves come last.
    winners: Vec<u32>,
    leaves: usize,
    changes: u64,
}

const ABSENT: u64 = u64::MAX;

impl Tournament {
    pub fn new(targets: usize) -> Self {
        let leaves = targets.next_power_of_two();
        Self {
            keys: vec![(f64::INFINITY, ABSENT); targets],
            winners: vec![NONE; 2 * leaves],
            leaves,
            changes: 0,
        }
    }

    /// Nobody is there, of so many who may come; as new, but in the same memory if it can be.
    pub fn clear(&mut self, targets: usize) {
        if self.keys.len() != targets {
            *self = Self::new(targets);
            return;
        }
        self.keys.fill((f64::INFINITY, ABSENT));
        self.winners.fill(NONE);
        self.changes = 0;
    }

    /// A target comes in, or has another score.
    #[inline]
    pub fn set(&mut self, target: u32, score: f64) {
        debug_assert!(!score.is_nan());
        self.keys[target as usize] = (score, self.changes);
        self.changes += 1;
        let leaf = self.leaves + target as usize;
        self.winners[leaf] = target;
        self.play(leaf, target);
    }

    pub fn has(&self, target: u32) -> bool {
        self.keys[target as usize].1 != ABSENT
    }

    /// The one with the lowest score.
    #[inline]
    pub fn least(&self) -> Option<u32> {
        self.winners.get(1).copied().filter(|least| *least != NONE)
    }

    /// Writes down every target that is there, the lowest score first.
    pub fn list(&self, there: &mut Vec<u32>) {
        let all = 0..self.keys.len() as u32;
        there.clear();
        there.extend(all.filter(|target| self.has(*target)));
        // No two are equal, as no two changed at the same time.
        there.sort_unstable_by(|a, b| {
            let ((a, first), (b, second)) = (self.keys[*a as usize], self.keys[*b as usize]);
            a.total_cmp(&b).then(first.cmp(&second))
        });
    }

    /// The games above a leaf are played again, up to where `target` neither wins nor has won.
    #[inline]
    fn play(&mut self, leaf: usize, target: u32) {
        let mut at = leaf / 2;
        while at > 0 {
            let (left, right) = (self.winners[2 * at], self.winners[2 * at + 1]);
            let winner = if self.beats(right, left) { right } else { left };
            let before = std::mem::replace(&mut self.winners[at], winner);
            if winner != target && before == winner {
                return;
            }
            at /= 2;
        }
    }

    #[inline]
    fn beats(&self, one: u32, other: u32) -> bool {
        if one == NONE || other == NONE {
            return one != NONE;
        }
        let (score, change) = self.keys[one as usize];
        let (other_score, other_change) = self.keys[other as usize];
        score < other_score || score == other_score && change < other_change
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_order(tournament: &Tournament) -> Vec<u32> {
        let mut there = vec![NONE];
        tournament.list(&mut there);
        there
    }

    #[test]
    fn the_least_is_that_of_a_search() {
        for targets in [0usize, 1, 2, 3, 7, 64, 100] {
            let mut tournament = Tournament::new(targets);
            let mut state = 1u64;
            for step in 0..3_000 {
                assert_eq!(
                    tournament.least(),
                    in_order(&tournament).first().copied(),
                    "{targets} targets, step {step}"
                );
                if targets == 0 {
                    break;
                }
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                let target = (state >> 33) as u32 % targets as u32;
                tournament.set(target, (state >> 55 & 7) as f64);
            }
        }
    }

    #[test]
    fn among_equals_the_one_that_changed_longest_ago_comes_first() {
        let mut tournament = Tournament::new(3);
        for target in [2, 0, 1] {
            tournament.set(target, 1.0);
        }
        assert_eq!(in_order(&tournament), [2, 0, 1]);
        tournament.set(2, 1.0);
        assert_eq!(tournament.least(), Some(0));
        tournament.clear(3);
        assert_eq!((tournament.least(), in_order(&tournament)), (None, vec![]));
        tournament.set(1, 5.0);
        assert_eq!(tournament.least(), Some(1));
    }
}
