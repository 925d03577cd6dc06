//! What retries do to a load and to a success ratio.

/// Retrying each failed attempt up to `max` times, when every attempt fails with probability
/// `failure` on its own: the mean number of attempts is (1 − pⁿ⁺¹) / (1 − p) and the share that
/// fails in the end pⁿ⁺¹ (a truncated geometric distribution).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Attempts {
    /// Mean number of attempts per call: the factor on the callee's load.
    pub mean: f64,
    /// Share of the calls that fail in the end.
    pub failed: f64,
}

/// See [`Attempts`]. `None` unless `failure` is in 0..=1.
pub fn attempts(failure: f64, max: u32) -> Option<Attempts> {
    if !(0.0..=1.0).contains(&failure) {
        return None;
    }
    let tries = f64::from(max) + 1.0;
    let failed = failure.powf(tries);
    let mean = if failure == 1.0 {
        tries
    } else {
        (1.0 - failed) / (1.0 - failure)
    };
    Some(Attempts { mean, failed })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::assert_close;

    #[test]
    fn attempts_are_a_geometric_sum() {
        for (failure, max) in [(0.0_f64, 3), (0.3, 0), (0.3, 2), (0.9, 5), (1.0, 4)] {
            let found = attempts(failure, max).unwrap();
            let sum: f64 = (0..=max).map(|n| failure.powi(n as i32)).sum();
            assert_close(found.mean, sum, 1e-12);
            assert_close(found.failed, failure.powi(max as i32 + 1), 1e-12);
        }
        assert_eq!(attempts(1.1, 2), None);
        assert_eq!(attempts(f64::NAN, 2), None);
        assert_eq!(attempts(1.0, u32::MAX).unwrap().mean, 4_294_967_296.0);
    }
}
