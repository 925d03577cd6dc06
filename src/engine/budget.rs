//! Retry budgets: a bucket of tokens, in whole numbers, so that none is lost or made up.

use super::Nanos;
use crate::scenario;

/// A token in the bucket's unit: a rate in 10⁻⁹ tokens a second, times nanoseconds.
const TOKEN: u128 = 1_000_000_000_000_000_000;

/// A retry budget while it runs. Amounts in units of [`TOKEN`].
#[derive(Clone, Debug)]
pub(super) struct Budget {
    /// For each first attempt.
    deposit: u128,
    /// For each nanosecond.
    refill: u128,
    most: u128,
    level: u128,
    filled_at: Nanos,
    /// What came in since the start, what ran over, and how many tokens were taken.
    earned: u128,
    spilled: u128,
    taken: u64,
    /// Retries and second attempts that found no token.
    pub denied: u64,
}

impl Budget {
    pub fn new(drawn: &scenario::Budget) -> Self {
        let billionths = |number: f64| (number * 1e9).round() as u128;
        let most = u128::from(drawn.burst) * TOKEN;
        Self {
            deposit: billionths(drawn.ratio) * (TOKEN / 1_000_000_000),
            refill: billionths(drawn.per_second.0),
            most,
            level: most,
            filled_at: 0,
            earned: most,
            spilled: 0,
            taken: 0,
            denied: 0,
        }
    }

    /// Takes over the tokens of the budget it was before an edit, as far as they fit.
    pub fn adopt(&mut self, mut old: Self, now: Nanos) {
        old.fill(now);
        (old.deposit, old.refill, old.most) = (self.deposit, self.refill, self.most);
        *self = old;
        self.add(0);
    }

    fn add(&mut self, amount: u128) {
        self.earned += amount;
        self.level += amount;
        let over = self.level.saturating_sub(self.most);
        self.level -= over;
        self.spilled += over;
    }

    fn fill(&mut self, now: Nanos) {
        let gone_by = now - self.filled_at;
        self.filled_at = now;
        self.add(u128::from(gone_by) * self.refill);
    }

    /// A first attempt sets off.
    pub fn note_first(&mut self, now: Nanos) {
        self.fill(now);
        self.add(self.deposit);
    }

    /// An attempt wants to be made again, or beside another. Says whether it may.
    pub fn take(&mut self, now: Nanos) -> bool {
        self.fill(now);
        let may = self.level >= TOKEN;
        if may {
            self.level -= TOKEN;
            self.taken += 1;
        } else {
            self.denied += 1;
        }
        may
    }

    /// What came in is what ran over, what was taken and what is there.
    pub fn is_whole(&self) -> bool {
        self.level <= self.most
            && self.earned == self.spilled + self.level + u128::from(self.taken) * TOKEN
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Rate;

    fn budget(ratio: f64, per_second: f64, burst: u32) -> Budget {
        Budget::new(&scenario::Budget {
            ratio,
            per_second: Rate(per_second),
            burst,
        })
    }

    /// How many of `wanted` retries are allowed at `now`.
    fn taken(budget: &mut Budget, now: Nanos, wanted: u32) -> u32 {
        let taken = (0..wanted).filter(|_| budget.take(now)).count() as u32;
        assert!(budget.is_whole(), "{budget:?}");
        taken
    }

    #[test]
    fn a_tenth_of_the_first_attempts_is_exactly_a_tenth() {
        let mut budget = budget(0.1, 0.0, 5);
        assert_eq!(taken(&mut budget, 0, 100), 5, "the burst");
        for _ in 0..9 {
            budget.note_first(1);
            assert_eq!(taken(&mut budget, 1, 1), 0);
        }
        budget.note_first(1);
        assert_eq!(taken(&mut budget, 1, 100), 1, "after ten");
        (0..1_000).for_each(|_| budget.note_first(2));
        assert_eq!(taken(&mut budget, 2, 100), 5, "more than the burst is lost");
        assert_eq!(budget.denied, 95 + 9 + 99 + 95);
    }

    #[test]
    fn time_fills_it_to_the_nanosecond() {
        let mut budget = budget(0.0, 10.0, 3);
        assert_eq!(taken(&mut budget, 0, 9), 3);
        assert_eq!(taken(&mut budget, 99_999_999, 9), 0);
        assert_eq!(taken(&mut budget, 100_000_000, 9), 1);
        assert_eq!(taken(&mut budget, 250_000_000, 9), 1);
        assert_eq!(taken(&mut budget, 300_000_000, 9), 1, "the half was kept");
        assert_eq!(taken(&mut budget, 9_000_000_000, 9), 3);
    }

    #[test]
    fn an_edit_keeps_what_fits() {
        let mut old = budget(0.1, 1.0, 10);
        assert_eq!(taken(&mut old, 0, 4), 4);
        let mut new = budget(0.5, 0.0, 2);
        new.adopt(old, 1_000_000_000);
        assert!(new.is_whole());
        assert_eq!(taken(&mut new, 1_000_000_000, 9), 2);
        new.note_first(1_000_000_000);
        new.note_first(1_000_000_000);
        assert_eq!(taken(&mut new, 1_000_000_000, 9), 1);
    }
}
