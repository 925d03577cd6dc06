//! Erlang's formulas.

/// Erlang B: the share of calls that find all `servers` taken and are lost, at `load` = λ/μ
/// erlangs (M/G/c/c). Erlang 1917; by the recursion B(c) = aB(c−1) / (c + aB(c−1)) (Gross et al.
/// 2008, section 2.6), whose terms stay between 0 and 1 for any number of servers.
pub fn b(servers: u32, load: f64) -> Option<f64> {
    if !(load.is_finite() && load >= 0.0) {
        return None;
    }
    let mut blocked = 1.0;
    for servers in 1..=servers {
        blocked = load * blocked / (f64::from(servers) + load * blocked);
        // Below this it can only shrink further: more servers change nothing a number can show.
        if blocked < f64::MIN_POSITIVE {
            return Some(0.0);
        }
    }
    Some(blocked)
}

/// Erlang C: the share of calls that must wait in M/M/c. Erlang 1917, from Erlang B by
/// C = B / (1 − ρ(1 − B)) (Gross et al. 2008, section 2.3). `None` when the load does not fit.
pub fn c(servers: u32, load: f64) -> Option<f64> {
    let utilization = load / f64::from(servers);
    if servers == 0 || utilization >= 1.0 {
        return None;
    }
    let blocked = b(servers, load)?;
    Some(blocked / (1.0 - utilization * (1.0 - blocked)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::assert_close;

    #[test]
    fn erlang_b_matches_the_published_table() {
        // Loads at which 1 % and 5 % are blocked: Cooper, "Introduction to Queueing Theory"
        // (1981), appendix A, the table that every traffic handbook repeats.
        for (servers, load, blocked) in [
            (1, 0.010_101, 0.01),
            (5, 1.3608, 0.01),
            (10, 4.4612, 0.01),
            (20, 12.031, 0.01),
            (100, 84.064, 0.01),
            (10, 6.2157, 0.05),
        ] {
            assert_close(b(servers, load).unwrap(), blocked, 5e-4);
        }
    }

    #[test]
    fn erlang_b_by_its_definition() {
        // B = (aᶜ/c!) / Σ aⁿ/n!
        for (servers, load) in [(1, 0.3), (3, 2.0), (8, 11.0), (20, 0.5)] {
            let mut term = 1.0;
            let mut sum = 1.0;
            for n in 1..=servers {
                term *= load / f64::from(n);
                sum += term;
            }
            assert_close(b(servers, load).unwrap(), term / sum, 1e-13);
        }
    }

    #[test]
    fn erlang_c_of_one_server_is_its_utilization() {
        for load in [1e-9, 0.2, 0.8, 0.999_999] {
            assert_close(c(1, load).unwrap(), load, 1e-12);
        }
    }

    #[test]
    fn extremes() {
        assert_eq!(b(0, 3.0), Some(1.0));
        assert_eq!(b(5, 0.0), Some(0.0));
        assert_eq!(b(5, f64::NAN), None);
        assert_eq!(b(5, -1.0), None);
        assert_eq!(c(0, 0.0), None);
        assert_eq!(c(3, 3.0), None);
        assert_eq!(b(1_000_000, 1.0), Some(0.0));
        let many = b(1_000_000, 1_000_000.0).unwrap();
        // B(c, c) → √(2 / πc) (Jagerman 1974).
        assert_close(many, (2.0 / std::f64::consts::PI / 1e6).sqrt(), 1e-3);
        let tight = c(100_000, 99_999.0).unwrap();
        assert!(tight > 0.99 && tight < 1.0, "{tight}");
    }
}
