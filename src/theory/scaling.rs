//! How much more gets done with more.

/// Speedup with `processors` when the share `serial` of the work can't be shared out:
/// 1 / (σ + (1 − σ)/N) (Amdahl 1967, "Validity of the single processor approach", AFIPS 30).
pub fn amdahl(processors: f64, serial: f64) -> Option<f64> {
    let makes_sense = processors >= 1.0 && (0.0..=1.0).contains(&serial);
    makes_sense.then(|| 1.0 / (serial + (1.0 - serial) / processors))
}

/// Capacity with `n` at a time relative to one, by the Universal Scalability Law:
/// n / (1 + α(n − 1) + βn(n − 1)), with α for waiting on each other and β for talking to each other
/// (Gunther 2007, "Guerrilla Capacity Planning", chapter 4). β = 0 is Amdahl's law.
pub fn usl(n: f64, alpha: f64, beta: f64) -> Option<f64> {
    let makes_sense = n >= 1.0 && alpha >= 0.0 && beta >= 0.0;
    makes_sense.then(|| n / (1.0 + alpha * (n - 1.0) + beta * n * (n - 1.0)))
}

/// The number at which capacity is highest: √((1 − α)/β) (Gunther 2007, chapter 4). `None`: more is
/// always better, or never.
pub fn usl_peak(alpha: f64, beta: f64) -> Option<f64> {
    (beta > 0.0 && (0.0..1.0).contains(&alpha)).then(|| ((1.0 - alpha) / beta).sqrt())
}

/// Mean time to get something that a cache has for the share `hit_ratio` in time `hit`, and that
/// takes `miss` more where it has not (effective access time; Hennessy and Patterson 2011,
/// "Computer Architecture", appendix B).
pub fn effective_access(hit_ratio: f64, hit: f64, miss: f64) -> Option<f64> {
    let makes_sense = (0.0..=1.0).contains(&hit_ratio) && hit >= 0.0 && miss >= 0.0;
    makes_sense.then_some(hit + (1.0 - hit_ratio) * miss)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::assert_close;

    #[test]
    fn a_tenth_that_stays_serial_allows_a_factor_of_ten() {
        // The textbook's table for 10 % serial: 1.82 with 2, 5.26 with 10, 9.17 with 100.
        for (processors, speedup) in [(1.0, 1.0), (2.0, 1.818), (10.0, 5.263), (100.0, 9.174)] {
            assert_close(amdahl(processors, 0.1).unwrap(), speedup, 1e-3);
        }
        assert_eq!(amdahl(2.0, 1.1), None);
    }

    #[test]
    fn amdahl_is_the_law_without_crosstalk() {
        for n in [1.0, 4.0, 64.0] {
            assert_close(usl(n, 0.03, 0.0).unwrap(), amdahl(n, 0.03).unwrap(), 1e-12);
        }
        let peak = usl_peak(0.02, 0.0005).unwrap();
        assert_close(peak, 44.272, 1e-4);
        let at = |n| usl(n, 0.02, 0.0005).unwrap();
        assert!(at(peak) > at(peak - 1.0) && at(peak) > at(peak + 1.0));
        assert_eq!(usl_peak(0.02, 0.0), None);
        assert_eq!(usl(0.0, 0.1, 0.1), None);
    }

    #[test]
    fn misses_cost_their_share() {
        assert_close(effective_access(0.9, 1.0, 50.0).unwrap(), 6.0, 1e-12);
        assert_eq!(effective_access(1.5, 1.0, 1.0), None);
    }
}
