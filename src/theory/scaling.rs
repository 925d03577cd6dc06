//! How much more gets done with more.

/// Capacity with `n` at a time relative to one, by the Universal Scalability Law:
/// n / (1 + α(n − 1) + βn(n − 1)), with α for waiting on each other and β for talking to each other
/// (Gunther 2007, "Guerrilla Capacity Planning", chapter 4). β = 0 is Amdahl's law for the share α of
/// the work that can't be shared out (Amdahl 1967, "Validity of the single processor approach", AFIPS
/// 30).
pub fn usl(n: f64, alpha: f64, beta: f64) -> Option<f64> {
    let makes_sense = n >= 1.0 && alpha >= 0.0 && beta >= 0.0;
    makes_sense.then(|| n / (1.0 + alpha * (n - 1.0) + beta * n * (n - 1.0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::assert_close;

    #[test]
    fn a_tenth_that_stays_serial_allows_a_factor_of_ten() {
        // The textbook's table for 10 % serial: 1.82 with 2, 5.26 with 10, 9.17 with 100.
        for (processors, speedup) in [(1.0, 1.0), (2.0, 1.818), (10.0, 5.263), (100.0, 9.174)] {
            assert_close(usl(processors, 0.1, 0.0).unwrap(), speedup, 1e-3);
        }
    }

    #[test]
    fn crosstalk_makes_more_of_it_worse_beyond_a_peak() {
        // √((1 − α)/β), Gunther 2007, chapter 4.
        let peak = (0.98_f64 / 0.0005).sqrt();
        let at = |n| usl(n, 0.02, 0.0005).unwrap();
        assert!(at(peak) > at(peak - 1.0) && at(peak) > at(peak + 1.0));
        assert_eq!(usl(0.0, 0.1, 0.1), None);
    }
}
