//! Availability: what is up for which share of the time.

/// Share of the time that something is up which fails after `mtbf` on average and is repaired in
/// `mttr`: MTBF / (MTBF + MTTR), whatever the distributions (Barlow and Proschan 1965,
/// "Mathematical Theory of Reliability", chapter 3).
pub fn steady(mtbf: f64, mttr: f64) -> Option<f64> {
    let makes_sense = mtbf >= 0.0 && mttr >= 0.0 && (mtbf + mttr).is_finite();
    (makes_sense && mtbf + mttr > 0.0).then(|| mtbf / (mtbf + mttr))
}

/// All of them are needed, and each fails by itself.
pub fn series(shares: impl IntoIterator<Item = f64>) -> f64 {
    shares.into_iter().product()
}

/// Any one of them will do, and each fails by itself.
pub fn parallel(shares: impl IntoIterator<Item = f64>) -> f64 {
    1.0 - shares.into_iter().map(|share| 1.0 - share).product::<f64>()
}

/// At least `needed` of `count` alike are up: Σ C(n, i) aⁱ (1 − a)ⁿ⁻ⁱ for i = k..n (k out of n;
/// Barlow and Proschan 1965, chapter 2).
pub fn k_of_n(share: f64, count: u32, needed: u32) -> f64 {
    // The distribution of the number up, one more at a time.
    let mut up = vec![1.0];
    for _ in 0..count {
        let mut next = vec![0.0; up.len() + 1];
        for (number, weight) in up.iter().enumerate() {
            next[number] += weight * (1.0 - share);
            next[number + 1] += weight * share;
        }
        up = next;
    }
    up.iter().skip(needed as usize).sum()
}

/// Number of nines: −log₁₀ of the share that fails. `None` when nothing fails.
pub fn nines(share: f64) -> Option<f64> {
    (share < 1.0).then(|| -(1.0 - share).log10())
}

/// Seconds in a year of 365.25 days that are not answered well.
pub fn downtime_per_year(share: f64) -> f64 {
    (1.0 - share) * 31_557_600.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::assert_close;

    #[test]
    fn the_table_of_nines() {
        // The table that every handbook repeats: 99 % are 3.65 days a year, 99.9 % 8.77 hours,
        // 99.99 % 52.6 minutes, 99.999 % 5.26 minutes.
        for (share, count, secs) in [
            (0.99, 2.0, 3.6525 * 86_400.0),
            (0.999, 3.0, 8.766 * 3_600.0),
            (0.9999, 4.0, 52.596 * 60.0),
            (0.99999, 5.0, 5.2596 * 60.0),
        ] {
            assert_close(nines(share).unwrap(), count, 1e-9);
            assert_close(downtime_per_year(share), secs, 1e-9);
        }
        assert_eq!(nines(1.0), None);
    }

    #[test]
    fn in_series_and_in_parallel() {
        assert_close(steady(9.0, 1.0).unwrap(), 0.9, 1e-12);
        assert_eq!(steady(0.0, 0.0), None);
        assert_eq!(steady(f64::NAN, 1.0), None);
        assert_close(series([0.99, 0.99, 0.999]), 0.979_119_9, 1e-6);
        assert_close(parallel([0.9, 0.9]), 0.99, 1e-12);
        assert_close(parallel([0.99, 0.99]), 0.9999, 1e-12);
    }

    #[test]
    fn k_of_n_is_between() {
        assert_close(k_of_n(0.9, 3, 3), series([0.9; 3]), 1e-12);
        assert_close(k_of_n(0.9, 3, 1), parallel([0.9; 3]), 1e-12);
        // Two of three: 3a² − 2a³.
        assert_close(k_of_n(0.9, 3, 2), 3.0 * 0.81 - 2.0 * 0.729, 1e-12);
        assert_close(k_of_n(0.5, 4, 0), 1.0, 1e-12);
        assert_eq!(k_of_n(0.5, 4, 5), 0.0);
    }
}
