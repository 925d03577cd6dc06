//! Open Jackson networks.

/// The arrival rate of each station: the solution of the traffic equations
/// λⱼ = γⱼ + Σᵢ λᵢ pᵢⱼ (Jackson 1957; Gross et al. 2008, section 4.2), where `outside[j]` is γⱼ, the
/// rate from outside, and `routing[i]` lists where calls go from station i with which mean number
/// (a probability, or more when one call makes several). In steady state each station of an open
/// network with exponential servers then behaves like an M/M/c of its own.
///
/// `None` when there is no solution: calls go round for ever, or come back more than once on
/// average.
pub fn traffic(outside: &[f64], routing: &[Vec<(usize, f64)>]) -> Option<Vec<f64>> {
    let size = outside.len();
    if routing.len() != size {
        return None;
    }
    // Without a way round, following the arrows solves the equations in linear time.
    if let Some(order) = topological_order(routing) {
        let mut rates = outside.to_vec();
        for from in order {
            for &(to, share) in &routing[from] {
                rates[to] += rates[from] * share;
            }
        }
        return rates.iter().all(|rate| rate.is_finite()).then_some(rates);
    }
    // (I − Pᵀ) λ = γ, row j: λⱼ − Σᵢ pᵢⱼ λᵢ = γⱼ, right side in the last column.
    let mut rows = vec![vec![0.0; size + 1]; size];
    for (j, row) in rows.iter_mut().enumerate() {
        row[j] = 1.0;
        row[size] = outside[j];
    }
    for (from, targets) in routing.iter().enumerate() {
        for &(to, share) in targets {
            rows[to][from] -= share;
        }
    }
    eliminate(&mut rows)?;
    let rates: Vec<f64> = rows.iter().map(|row| row[size]).collect();
    rates
        .iter()
        .all(|rate| rate.is_finite() && *rate >= 0.0)
        .then_some(rates)
}

/// Stations in an order in which every arrow leads forward. `None` when there is a way round.
fn topological_order(routing: &[Vec<(usize, f64)>]) -> Option<Vec<usize>> {
    let mut incoming = vec![0_usize; routing.len()];
    for &(to, _) in routing.iter().flatten() {
        incoming[to] += 1;
    }
    let mut order: Vec<usize> = (0..routing.len()).filter(|&i| incoming[i] == 0).collect();
    let mut next = 0;
    while let Some(&from) = order.get(next) {
        next += 1;
        for &(to, _) in &routing[from] {
            incoming[to] -= 1;
            if incoming[to] == 0 {
                order.push(to);
            }
        }
    }
    (order.len() == routing.len()).then_some(order)
}

/// Solves linear equations in place by Gauss–Jordan elimination with row exchange; the solution
/// is left in the last column. `None` when they are singular.
fn eliminate(rows: &mut [Vec<f64>]) -> Option<()> {
    let size = rows.len();
    for column in 0..size {
        let pivot = (column..size)
            .max_by(|&a, &b| rows[a][column].abs().total_cmp(&rows[b][column].abs()))?;
        if rows[pivot][column].abs() < 1e-12 {
            return None;
        }
        rows.swap(column, pivot);
        let pivot_row = rows[column].clone();
        for (index, row) in rows.iter_mut().enumerate() {
            let factor = row[column] / pivot_row[column];
            if index == column || factor == 0.0 {
                continue;
            }
            for (value, pivot) in row.iter_mut().zip(&pivot_row).skip(column) {
                *value -= factor * pivot;
            }
        }
    }
    for (column, row) in rows.iter_mut().enumerate() {
        row[size] /= row[column];
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::{assert_close, markov};

    #[test]
    fn a_tandem_passes_its_rate_on() {
        let routing = [vec![(1, 1.0)], vec![(2, 0.5)], vec![]];
        assert_eq!(
            traffic(&[10.0, 0.0, 2.0], &routing),
            Some(vec![10.0, 10.0, 7.0])
        );
    }

    #[test]
    fn feedback_multiplies_the_rate() {
        // A call comes back with probability p: λ = γ / (1 − p).
        let rates = traffic(&[3.0], &[vec![(0, 0.25)]]).unwrap();
        assert_close(rates[0], 4.0, 1e-12);
        // Central server: cpu → disk with 0.8 → cpu.
        let rates = traffic(&[1.0, 0.0], &[vec![(1, 0.8)], vec![(0, 1.0)]]).unwrap();
        assert_close(rates[0], 5.0, 1e-12);
        assert_close(rates[1], 4.0, 1e-12);
    }

    #[test]
    fn the_call_centre_network() {
        // Gross et al. 2008, section 4.2, the insurance company: 35 calls an hour; 55 % press claims, 45 % policy
        // service; 2 % of claims go on to policy service and 1 % of policy service to claims.
        // The traffic equations give λ₂ = 0.55·35 + 0.01 λ₃ = 19.4133 and
        // λ₃ = 0.45·35 + 0.02 λ₂ = 16.1383.
        let routing = [vec![(1, 0.55), (2, 0.45)], vec![(2, 0.02)], vec![(1, 0.01)]];
        let rates = traffic(&[35.0, 0.0, 0.0], &routing).unwrap();
        assert_close(
            rates[1],
            (0.55 * 35.0 + 0.01 * 0.45 * 35.0) / (1.0 - 0.0002),
            1e-12,
        );
        assert_close(
            rates[2],
            (0.45 * 35.0 + 0.02 * 0.55 * 35.0) / (1.0 - 0.0002),
            1e-12,
        );
        let claims = markov::mmc(rates[1], 1.0 / 20.0, 3).unwrap();
        assert!(claims.l > 0.9 && claims.l < 1.2, "{claims:?}");
    }

    #[test]
    fn calls_that_never_leave_have_no_steady_state() {
        assert_eq!(traffic(&[1.0], &[vec![(0, 1.0)]]), None);
        assert_eq!(
            traffic(&[1.0, 0.0], &[vec![(1, 2.0)], vec![(0, 1.0)]]),
            None
        );
        assert_eq!(traffic(&[1.0], &[]), None);
    }

    #[test]
    fn a_long_chain_is_quick() {
        let size = 10_000;
        let mut outside = vec![0.0; size];
        outside[0] = 5.0;
        let mut routing: Vec<_> = (1..size).map(|to| vec![(to, 1.0)]).collect();
        routing.push(vec![]);
        assert_eq!(traffic(&outside, &routing).unwrap()[size - 1], 5.0);
    }
}
