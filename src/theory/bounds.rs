//! Operational bounds: what no schedule and no luck can beat, from the service demands alone.

use super::closed::Demand;

/// Between what a figure of a closed network must lie.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// Round trips per second, at least and at most.
    pub throughput: (f64, f64),
    /// Time of a round trip without thinking, in seconds, at least and at most.
    pub response: (f64, f64),
}

/// What the bounds need to know of the demands.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Summary {
    /// D: sum over the stations.
    total: f64,
    /// Largest demand of one server.
    largest: f64,
    /// Z: time spent where nobody waits.
    think: f64,
    /// Stations with any demand.
    stations: f64,
    /// Whether each station has a single server.
    single: bool,
}

impl Summary {
    fn of(demands: &[Demand]) -> Option<Self> {
        let mut summary = Self {
            total: 0.0,
            largest: 0.0,
            think: 0.0,
            stations: 0.0,
            single: true,
        };
        for demand in demands {
            if !(demand.secs.is_finite() && demand.secs >= 0.0) {
                return None;
            }
            match demand.servers {
                Some(0) => return None,
                Some(servers) if demand.secs > 0.0 => {
                    summary.total += demand.secs;
                    summary.largest = summary.largest.max(demand.secs / f64::from(servers));
                    summary.stations += 1.0;
                    summary.single &= servers == 1;
                }
                Some(_) => {}
                None => summary.think += demand.secs,
            }
        }
        (summary.total > 0.0).then_some(summary)
    }

    /// The rest by the response time law R = N/X − Z.
    fn bounds(&self, users: f64, throughput: (f64, f64)) -> Bounds {
        Bounds {
            throughput,
            response: (
                users / throughput.1 - self.think,
                users / throughput.0 - self.think,
            ),
        }
    }
}

/// Asymptotic bounds of a closed network with `users`: N/(ND + Z) ≤ X ≤ min(1/Dmax, N/(D + Z))
/// (Denning and Buzen 1978, "The Operational Analysis of Queueing Network Models", ACM Computing
/// Surveys 10; Lazowska et al. 1984, section 5.2). They hold for any distribution and any order of
/// service that wastes nothing. A station with c servers counts 1/c of its demand in Dmax.
pub fn asymptotic(demands: &[Demand], users: u32) -> Option<Bounds> {
    let summary = Summary::of(demands)?;
    let users = f64::from(users.max(1));
    let least = users / (users * summary.total + summary.think);
    let most = (1.0 / summary.largest).min(users / (summary.total + summary.think));
    Some(summary.bounds(users, (least, most)))
}

/// Balanced job bounds of a closed network of single servers with product form: those of the same
/// network with its demands made alike (Zahorjan, Sevcik, Eager and Galler 1982, "Balanced Job
/// Bound Analysis of Queueing Networks", Comm. ACM 25; Lazowska et al. 1984, section 5.4):
/// N / (D + Z + (N−1) Dmax / (1 + Z/ND)) ≤ X ≤ min(1/Dmax, N / (D + Z + (N−1) Davg / (1 + Z/D))).
/// `None` where some station has several servers.
pub fn balanced(demands: &[Demand], users: u32) -> Option<Bounds> {
    let summary = Summary::of(demands).filter(|summary| summary.single)?;
    let users = f64::from(users.max(1));
    let Summary { total, think, .. } = summary;
    let others = |each: f64, present: f64| (users - 1.0) * each / (1.0 + think / (present * total));
    let least = users / (total + think + others(summary.largest, users));
    let most = users / (total + think + others(total / summary.stations, 1.0));
    Some(summary.bounds(users, (least, most.min(1.0 / summary.largest))))
}

/// Balanced job bounds on the mean response of an open network of single servers with product
/// form: D / (1 − λ Davg) ≤ R ≤ D / (1 − λ Dmax) (Lazowska et al. 1984, section 5.4). `None` at or
/// past λ = 1/Dmax.
pub fn balanced_open(demands: &[Demand], arrival_rate: f64) -> Option<(f64, f64)> {
    let summary = Summary::of(demands).filter(|summary| summary.single)?;
    if !(arrival_rate >= 0.0 && arrival_rate * summary.largest < 1.0) {
        return None;
    }
    let response = |each: f64| summary.total / (1.0 - arrival_rate * each);
    Some((
        response(summary.total / summary.stations),
        response(summary.largest),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::{assert_close, closed, markov};

    const fn server(secs: f64) -> Demand {
        Demand {
            secs,
            servers: Some(1),
        }
    }

    const fn delay(secs: f64) -> Demand {
        Demand {
            secs,
            servers: None,
        }
    }

    #[test]
    fn the_timesharing_system() {
        // Jain 1991, chapter 33, the timesharing system: D_CPU = 5 s, D_A = 4 s, D_B = 3 s,
        // Z = 18 s. X ≤ min(N/30, 1/5), R ≥ max(12, 5N − 18), and the knee is at 6 users.
        let demands = [delay(18.0), server(5.0), server(4.0), server(3.0)];
        assert_close(closed::saturation_users(&demands).unwrap(), 6.0, 1e-12);
        for (users, throughput, response) in
            [(1, 1.0 / 30.0, 12.0), (6, 0.2, 12.0), (20, 0.2, 82.0)]
        {
            let bounds = asymptotic(&demands, users).unwrap();
            assert_close(bounds.throughput.1, throughput, 1e-12);
            assert_close(bounds.response.0, response, 1e-12);
            // The worst: everybody queues behind everybody everywhere.
            assert_close(bounds.response.1, 12.0 * f64::from(users), 1e-12);
        }
    }

    #[test]
    fn the_exact_solution_lies_between() {
        for demands in [
            vec![delay(4.0), server(2.0), server(3.0), server(1.0)],
            vec![server(0.05), server(0.02), server(0.05)],
            vec![delay(0.5), server(0.001), server(3.0)],
        ] {
            for users in [1, 2, 3, 7, 20, 100] {
                let exact = closed::solve(&demands, users).unwrap().throughput;
                let wide = asymptotic(&demands, users).unwrap();
                let narrow = balanced(&demands, users).unwrap();
                let slack = 1.0 + 1e-9;
                for bounds in [wide, narrow] {
                    let (low, high) = bounds.throughput;
                    assert!(
                        low <= exact * slack && exact <= high * slack,
                        "{users}: {bounds:?}"
                    );
                }
                assert!(narrow.throughput.0 * slack >= wide.throughput.0);
                assert!(narrow.throughput.1 <= wide.throughput.1 * slack);
            }
        }
    }

    #[test]
    fn a_balanced_network_is_its_own_bound() {
        // Without thinking and with equal demands both sides meet: X = N / (D + (N − 1) D/K).
        let demands = [server(0.2), server(0.2), server(0.2)];
        for users in [1, 4, 50] {
            let bounds = balanced(&demands, users).unwrap();
            let exact = closed::solve(&demands, users).unwrap().throughput;
            assert_close(bounds.throughput.0, exact, 1e-9);
            assert_close(bounds.throughput.1, exact, 1e-9);
        }
    }

    #[test]
    fn open_networks() {
        let demands = [server(0.01), server(0.004)];
        for rate in [1.0, 50.0, 95.0] {
            let exact: f64 = [0.01, 0.004]
                .iter()
                .map(|secs| markov::mmc(rate, *secs, 1).unwrap().w)
                .sum();
            let (low, high) = balanced_open(&demands, rate).unwrap();
            assert!(low <= exact && exact <= high, "{low} {exact} {high}");
        }
        assert_eq!(balanced_open(&demands, 100.0), None);
        let (low, high) = balanced_open(&[server(0.01)], 80.0).unwrap();
        assert_close(low, 0.05, 1e-12);
        assert_close(high, 0.05, 1e-12);
    }

    #[test]
    fn several_servers_have_asymptotes_only() {
        let demands = [Demand {
            secs: 1.0,
            servers: Some(4),
        }];
        assert_close(asymptotic(&demands, 100).unwrap().throughput.1, 4.0, 1e-12);
        assert_eq!(balanced(&demands, 100), None);
        assert_eq!(asymptotic(&[delay(1.0)], 3), None);
        assert_eq!(asymptotic(&[server(f64::NAN)], 3), None);
        assert_eq!(asymptotic(&[], 3), None);
    }
}
