//! Targets by a score: the lowest is found in constant time, a score changed in logarithmic time.

use crate::engine::knockout::{Key, Knockout, NOTHING, place};

// Of a target's key: score (64 bits, see `in_order`), number of the change (36) and target (28).
const SCORE: u32 = 64;
const CHANGE: u32 = 28;
const MOST_CHANGES: u64 = 1 << (SCORE - CHANGE);

/// Targets in the order of their scores; among equals the one whose score changed longest ago comes
/// first.
#[derive(Clone, Debug, Default)]
pub(super) struct Tournament {
    /// A target's number is its place.
    knockout: Knockout,
    targets: usize,
    changes: u64,
}

/// A number in whose order scores stand.
fn in_order(score: f64) -> u64 {
    // Of the two zeros none is less.
    let bits = (score + 0.0).to_bits();
    let sign = 1 << 63;
    if bits & sign == 0 { bits | sign } else { !bits }
}

impl Tournament {
    pub fn new(targets: usize) -> Self {
        Self {
            knockout: Knockout::new(targets),
            targets,
            changes: 0,
        }
    }

    /// Nobody is there, of so many who may come; as new, but in the same memory if it can be.
    pub fn clear(&mut self, targets: usize) {
        if self.targets != targets {
            *self = Self::new(targets);
            return;
        }
        self.knockout.clear();
        self.changes = 0;
    }

    /// A target comes in, or has another score.
    #[inline]
    pub fn set(&mut self, target: u32, score: f64) {
        debug_assert!(!score.is_nan());
        if self.changes >= MOST_CHANGES {
            self.renumber();
        }
        let change = Key::from(self.changes) << CHANGE;
        let key = Key::from(in_order(score)) << SCORE | change | Key::from(target);
        self.changes += 1;
        self.knockout.play(target, key);
    }

    /// The one with the lowest score.
    #[inline]
    pub fn least(&self) -> Option<u32> {
        let first = self.knockout.first();
        (first != NOTHING).then_some(place(first))
    }

    /// Writes down every target that is there, the lowest score first.
    pub fn list(&self, there: &mut Vec<u32>) {
        there.clear();
        there.extend(self.knockout.keys().map(place));
        // No two are equal, as no two changed at the same time.
        there.sort_unstable_by_key(|target| self.knockout.key(*target));
    }

    /// The changes are numbered from zero again, in the same order.
    #[cold]
    #[inline(never)]
    fn renumber(&mut self) {
        let mut keys: Vec<Key> = self.knockout.keys().collect();
        keys.sort_unstable();
        self.changes = 0;
        for key in keys {
            let score = key >> SCORE << SCORE;
            let change = Key::from(self.changes) << CHANGE;
            self.changes += 1;
            let target = place(key);
            self.knockout
                .play(target, score | change | Key::from(target));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_list(tournament: &Tournament) -> Vec<u32> {
        let mut there = vec![7];
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
                    in_list(&tournament).first().copied(),
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
    fn the_order_of_scores_is_that_of_numbers() {
        let scores = [
            f64::NEG_INFINITY,
            -2.5,
            -1.0,
            -1e-300,
            0.0,
            1e-300,
            1.0,
            2.5,
            f64::INFINITY,
        ];
        let numbers = scores.map(in_order);
        assert!(numbers.is_sorted_by(|a, b| a < b), "{numbers:?}");
        assert_eq!(in_order(-0.0), in_order(0.0));
        assert!(in_order(f64::INFINITY) < u64::MAX);
    }

    #[test]
    fn the_order_stays_when_numbers_of_changes_run_out() {
        let mut tournament = Tournament::new(5);
        tournament.changes = MOST_CHANGES - 3;
        for target in [3, 1, 4, 0] {
            tournament.set(target, 1.0);
        }
        tournament.set(2, 0.5);
        assert_eq!(in_list(&tournament), [2, 3, 1, 4, 0]);
        assert!(tournament.changes < 10);
        tournament.set(3, 1.0);
        assert_eq!(in_list(&tournament), [2, 1, 4, 0, 3]);
    }

    #[test]
    fn among_equals_the_one_that_changed_longest_ago_comes_first() {
        let mut tournament = Tournament::new(3);
        for target in [2, 0, 1] {
            tournament.set(target, 1.0);
        }
        assert_eq!(in_list(&tournament), [2, 0, 1]);
        tournament.set(2, 1.0);
        assert_eq!(tournament.least(), Some(0));
        tournament.clear(3);
        assert_eq!((tournament.least(), in_list(&tournament)), (None, vec![]));
        tournament.set(1, 5.0);
        assert_eq!(tournament.least(), Some(1));
    }
}
