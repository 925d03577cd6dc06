//! Hit ratios.

use super::bisect;

/// Popularity of items: groups of items that are asked for about as often, as (number of items,
/// probability of each).
#[derive(Clone, Debug, PartialEq)]
pub struct Popularity(Vec<(f64, f64)>);

/// Items whose probability is kept apart.
const APART: u64 = 20_000;
/// Relative width of the groups after that: the error of a group's middle is of second order, 10⁻⁷.
const GROUP: f64 = 1e-3;

impl Popularity {
    /// Every one of `items` as likely.
    pub fn uniform(items: u64) -> Option<Self> {
        (items > 0).then(|| Self(vec![(items as f64, 1.0 / items as f64)]))
    }

    /// The first `hot` of `items` share `traffic` (0..1) of the requests, the others the rest.
    pub fn hot_set(items: u64, hot: u64, traffic: f64) -> Option<Self> {
        if hot == 0 || hot > items || !(0.0..=1.0).contains(&traffic) {
            return None;
        }
        if hot == items {
            return Self::uniform(items);
        }
        let (hot, cold) = (hot as f64, (items - hot) as f64);
        Some(Self(vec![
            (hot, traffic / hot),
            (cold, (1.0 - traffic) / cold),
        ]))
    }

    /// The item of rank i with probability proportional to i^−s.
    pub fn zipf(items: u64, s: f64) -> Option<Self> {
        if items == 0 || !(s.is_finite() && s >= 0.0) {
            return None;
        }
        let mut groups = Vec::new();
        let mut rank = 1;
        while rank <= items {
            let next = if rank <= APART {
                rank + 1
            } else {
                (rank + (rank as f64 * GROUP) as u64).min(items + 1)
            };
            let middle = f64::midpoint(rank as f64, (next - 1) as f64);
            groups.push(((next - rank) as f64, middle.powf(-s)));
            rank = next;
        }
        let sum: f64 = groups.iter().map(|(number, weight)| number * weight).sum();
        for (_, weight) in &mut groups {
            *weight /= sum;
        }
        Some(Self(groups))
    }
}

/// Hit ratio of an LRU cache that holds `capacity` items, under independent requests: Che's
/// approximation. An item stays if it is asked for within the characteristic time T, where T
/// solves Σ (1 − e^−pᵢT) = C; the hit ratio is Σ pᵢ (1 − e^−pᵢT) (Che, Tung and Wang 2002;
/// why it is so good: Fricker, Robert and Roberts 2012).
pub fn lru_hit_ratio(popularity: &Popularity, capacity: u64) -> f64 {
    let Popularity(groups) = popularity;
    let items: f64 = groups.iter().map(|(number, _)| number).sum();
    let capacity = capacity as f64;
    if capacity <= 0.0 {
        return 0.0;
    }
    if capacity >= items {
        return 1.0;
    }
    let held = |time: f64| -> f64 {
        groups
            .iter()
            .map(|(number, share)| number * -f64::exp_m1(-share * time))
            .sum()
    };
    let mut high = capacity;
    while held(high) < capacity {
        high *= 2.0;
    }
    let time = bisect(0.0, high, |time| capacity - held(time));
    groups
        .iter()
        .map(|(number, share)| number * share * -f64::exp_m1(-share * time))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::assert_close;

    /// The exact hit ratio of LRU by its stationary distribution (King 1971): the chance that the
    /// cache holds the items i, j, k, … in this order is pᵢ × pⱼ/(1 − pᵢ) × pₖ/(1 − pᵢ − pⱼ) × …
    fn exact(shares: &[f64], capacity: usize) -> f64 {
        fn walk(shares: &[f64], used: &mut Vec<usize>, capacity: usize, chance: f64) -> f64 {
            let taken: f64 = used.iter().map(|&i| shares[i]).sum();
            if used.len() == capacity {
                return chance * taken;
            }
            let mut sum = 0.0;
            for i in 0..shares.len() {
                if !used.contains(&i) {
                    used.push(i);
                    sum += walk(shares, used, capacity, chance * shares[i] / (1.0 - taken));
                    used.pop();
                }
            }
            sum
        }
        walk(shares, &mut Vec::new(), capacity, 1.0)
    }

    #[test]
    fn uniform_popularity_hits_by_the_share_held() {
        let uniform = Popularity::uniform(1000).unwrap();
        for capacity in [1, 10, 500, 999] {
            assert_close(
                lru_hit_ratio(&uniform, capacity),
                capacity as f64 / 1000.0,
                1e-9,
            );
        }
        assert_eq!(lru_hit_ratio(&uniform, 0), 0.0);
        assert_eq!(lru_hit_ratio(&uniform, 1000), 1.0);
    }

    #[test]
    fn close_to_the_exact_law_even_for_a_handful_of_items() {
        for s in [0.5, 1.0, 1.5] {
            let popularity = Popularity::zipf(9, s).unwrap();
            let shares: Vec<f64> = popularity.0.iter().map(|(_, share)| *share).collect();
            for capacity in [2, 4, 6] {
                let found = lru_hit_ratio(&popularity, capacity as u64);
                assert!(
                    (found - exact(&shares, capacity)).abs() < 0.02,
                    "{s} {capacity}: {found}"
                );
            }
        }
    }

    #[test]
    fn groups_of_items_change_nothing() {
        // 100,000 items one by one against the groups.
        let items = 100_000;
        for s in [0.0, 0.8, 1.0, 1.3] {
            let weights: Vec<f64> = (1..=items).map(|rank| f64::from(rank).powf(-s)).collect();
            let sum: f64 = weights.iter().sum();
            let single = Popularity(weights.iter().map(|weight| (1.0, weight / sum)).collect());
            let grouped = Popularity::zipf(u64::from(items as u32), s).unwrap();
            for capacity in [100, 10_000, 90_000] {
                assert_close(
                    lru_hit_ratio(&grouped, capacity),
                    lru_hit_ratio(&single, capacity),
                    1e-6,
                );
            }
        }
    }

    #[test]
    fn sixteen_million_items() {
        let popularity = Popularity::zipf(1 << 24, 1.0).unwrap();
        let shares: f64 = popularity
            .0
            .iter()
            .map(|(number, share)| number * share)
            .sum();
        assert_close(shares, 1.0, 1e-9);
        let hits = lru_hit_ratio(&popularity, 1 << 20);
        assert!(hits > 0.7 && hits < 0.9, "{hits}");
        assert_eq!(Popularity::zipf(0, 1.0), None);
        assert_eq!(Popularity::zipf(10, f64::NAN), None);
    }
}
