//! Closed networks: a fixed number of users, exactly, and the bounds that need no solution.

use super::positive;

/// A station of a closed network.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Demand {
    /// Mean work that one round trip of a user brings here: visits × service, in seconds.
    pub secs: f64,
    /// How many can work at the same time. `None`: all of them (a delay, such as thinking).
    pub servers: Option<u32>,
}

/// A solved closed network.
#[derive(Clone, Debug, PartialEq)]
pub struct Closed {
    /// Round trips per second of all users together.
    pub throughput: f64,
    /// In the order of the demands.
    pub stations: Vec<ClosedStation>,
}

/// One station of a solved closed network.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClosedStation {
    /// Mean number present.
    pub l: f64,
    /// Mean number waiting.
    pub lq: f64,
    /// Share of the servers that work; 0 for a delay.
    pub utilization: f64,
    /// Mean time that one round trip spends here: over all its visits, waits included.
    pub residence: f64,
}

/// Exact mean value analysis of stations with one server and delays (Reiser and Lavenberg 1980,
/// J. ACM 27; Jain 1991, chapter 34). Stations with several servers need [`convolution`], which
/// this function turns to by itself.
///
/// Exact for exponential service, first come, first served, one kind of user (Gordon and Newell
/// 1967).
pub fn solve(demands: &[Demand], users: u32) -> Option<Closed> {
    if demands
        .iter()
        .any(|demand| !(demand.secs >= 0.0 && demand.secs.is_finite()))
        || !demands.iter().any(|demand| demand.secs > 0.0)
        || demands.iter().any(|demand| demand.servers == Some(0))
    {
        return None;
    }
    if demands
        .iter()
        .any(|demand| demand.servers.is_some_and(|servers| servers > 1))
    {
        return convolution(demands, users);
    }
    let mut present = vec![0.0; demands.len()];
    let mut throughput = 0.0;
    let mut residences = vec![0.0; demands.len()];
    for population in 1..=users {
        for ((residence, demand), present) in residences.iter_mut().zip(demands).zip(&present) {
            *residence = match demand.servers {
                // An arriving user sees the network with one user fewer.
                Some(_) => demand.secs * (1.0 + present),
                None => demand.secs,
            };
        }
        throughput = f64::from(population) / residences.iter().sum::<f64>();
        for (present, residence) in present.iter_mut().zip(&residences) {
            *present = throughput * residence;
        }
    }
    let stations = demands
        .iter()
        .zip(&present)
        .map(|(demand, &l)| station(demand, l, throughput))
        .collect();
    Some(Closed {
        throughput,
        stations,
    })
}

/// Exact solution for any number of servers by convolution (Buzen 1973, Comm. ACM 16): with
/// Fᵢ(k) = Dᵢᵏ / Πⱼ₌₁..ₖ min(j, cᵢ), G is the convolution of the Fᵢ and X(N) = G(N−1) / G(N). All
/// terms are positive, so nothing cancels, unlike in load-dependent mean value analysis. Takes
/// O(stations × users²).
pub fn convolution(demands: &[Demand], users: u32) -> Option<Closed> {
    let length = users as usize + 1;
    let scale = throughput_bound(demands, users)?;
    // With demands in units of the bound on throughput the weights near the typical state are the
    // largest, and each table divided by its largest entry neither overflows nor loses what counts.
    let tables: Vec<Vec<f64>> = demands
        .iter()
        .map(|demand| weights(demand, scale, length))
        .collect();
    // Tables of all stations up to i, and of all from i on: their convolution without i gives the
    // distribution of the number present at i.
    let mut before = vec![vec![1.0]];
    for table in &tables {
        let next = convolve(before.last()?, table, length);
        before.push(next);
    }
    let mut after = vec![vec![1.0]];
    for table in tables.iter().rev() {
        let next = convolve(after.last()?, table, length);
        after.push(next);
    }
    let all = before.last()?;
    let throughput = if users == 0 {
        0.0
    } else {
        scale * all[length - 2] / all[length - 1]
    };
    let stations = demands
        .iter()
        .zip(&tables)
        .enumerate()
        .map(|(index, (demand, table))| {
            let others = convolve(&before[index], &after[tables.len() - 1 - index], length);
            let (mut sum, mut present) = (0.0, 0.0);
            for (number, weight) in table.iter().enumerate() {
                let weight = weight * others.get(length - 1 - number).copied().unwrap_or(0.0);
                sum += weight;
                present += weight * number as f64;
            }
            station(demand, present / sum, throughput)
        });
    Some(Closed {
        throughput,
        stations: stations.collect(),
    })
}

/// Fᵢ(k) for k = 0.., in units of `scale`, divided by its largest value.
fn weights(demand: &Demand, scale: f64, length: usize) -> Vec<f64> {
    let mut log = 0.0;
    let mut logs = vec![0.0];
    for number in 1..length {
        let servers = demand.servers.map_or(number as f64, |servers| {
            (number as f64).min(f64::from(servers))
        });
        log += (demand.secs * scale / servers).ln();
        logs.push(log);
    }
    let largest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    logs.iter().map(|log| (log - largest).exp()).collect()
}

fn convolve(a: &[f64], b: &[f64], length: usize) -> Vec<f64> {
    let mut sums = vec![0.0; length.min(a.len() + b.len() - 1)];
    for (i, x) in a.iter().enumerate().filter(|(_, x)| **x > 0.0) {
        for (sum, y) in sums[i.min(length)..].iter_mut().zip(b) {
            *sum += x * y;
        }
    }
    let largest = sums.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    for sum in &mut sums {
        *sum /= largest;
    }
    sums
}

fn station(demand: &Demand, l: f64, throughput: f64) -> ClosedStation {
    let busy = throughput * demand.secs;
    ClosedStation {
        l,
        lq: if demand.servers.is_some() {
            (l - busy).max(0.0)
        } else {
            0.0
        },
        utilization: demand
            .servers
            .map_or(0.0, |servers| busy / f64::from(servers)),
        residence: if throughput > 0.0 {
            l / throughput
        } else {
            demand.secs
        },
    }
}

/// The most round trips per second that the demands allow: min(N / ΣD, min c/D) (Denning and
/// Buzen 1978; Lazowska et al. 1984, chapter 5).
pub fn throughput_bound(demands: &[Demand], users: u32) -> Option<f64> {
    let total: f64 = demands.iter().map(|demand| demand.secs).sum();
    if !positive(&[total]) {
        return None;
    }
    Some(demands.iter().fold(
        f64::from(users.max(1)) / total,
        |bound, demand| match demand.servers {
            Some(servers) if demand.secs > 0.0 => bound.min(f64::from(servers) / demand.secs),
            _ => bound,
        },
    ))
}

/// N*: the number of users from which on the busiest station, not the users, sets the pace:
/// ΣD × min(c/D) (Lazowska et al. 1984, chapter 5). `None` without a limited station.
pub fn saturation_users(demands: &[Demand]) -> Option<f64> {
    let total: f64 = demands.iter().map(|demand| demand.secs).sum();
    demands
        .iter()
        .filter(|demand| demand.secs > 0.0)
        .filter_map(|demand| Some(f64::from(demand.servers?) / demand.secs))
        .min_by(f64::total_cmp)
        .map(|bound| total * bound)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::{assert_close, erlang};

    const fn server(secs: f64) -> Demand {
        Demand {
            secs,
            servers: Some(1),
        }
    }

    const fn servers(secs: f64, servers: u32) -> Demand {
        Demand {
            secs,
            servers: Some(servers),
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
        // Jain 1991, chapter 34, the timesharing system, its table of MVA results: think time 4 s, demands 2, 3 and 1 s.
        let demands = [delay(4.0), server(2.0), server(3.0), server(1.0)];
        for (users, response, throughput) in [
            (1, 6.000, 0.100),
            (2, 7.400, 0.175),
            (3, 9.088, 0.229),
            (4, 11.051, 0.266),
        ] {
            let solved = solve(&demands, users).unwrap();
            let sum: f64 = solved.stations[1..]
                .iter()
                .map(|station| station.residence)
                .sum();
            assert!((sum - response).abs() < 5e-4, "{users}: {sum}");
            assert!(
                (solved.throughput - throughput).abs() < 5e-4,
                "{}",
                solved.throughput
            );
        }
    }

    #[test]
    fn convolution_and_mean_value_analysis_agree() {
        let demands = [delay(1.0), server(0.05), server(0.12), server(0.0)];
        for users in [0, 1, 2, 20, 300] {
            let one = solve(&demands, users).unwrap();
            let other = convolution(&demands, users).unwrap();
            assert_close(other.throughput, one.throughput, 1e-9);
            for (a, b) in one.stations.iter().zip(&other.stations) {
                assert!(
                    (a.l - b.l).abs() < 1e-7 * f64::from(users.max(1)),
                    "{a:?} {b:?}"
                );
                assert!(
                    (a.lq - b.lq).abs() < 1e-7 * f64::from(users.max(1)),
                    "{a:?} {b:?}"
                );
            }
        }
    }

    #[test]
    fn machine_repair() {
        // N users with exponential thinking and c servers: the finite-source queue M/M/c//N, by
        // its balance equations (Gross et al. 2008, section 2.8).
        let (users, think, service, repairers) = (12_u32, 5.0, 1.0, 3_u32);
        let mut weight = 1.0;
        let (mut sum, mut present) = (1.0, 0.0);
        for n in 1..=users {
            weight *= f64::from(users - n + 1) / think * service / f64::from(n.min(repairers));
            sum += weight;
            present += weight * f64::from(n);
        }
        let solved = solve(&[delay(think), servers(service, repairers)], users).unwrap();
        assert_close(solved.stations[1].l, present / sum, 1e-10);
        assert_close(
            solved.throughput,
            (f64::from(users) - present / sum) / think,
            1e-10,
        );
    }

    #[test]
    fn users_are_conserved_and_bounds_hold() {
        let demands = [delay(2.0), servers(0.5, 4), server(0.2), servers(3.0, 20)];
        for users in [1, 7, 40, 3000] {
            let solved = solve(&demands, users).unwrap();
            let total: f64 = solved.stations.iter().map(|station| station.l).sum();
            assert_close(total, f64::from(users), 1e-8);
            let bound = throughput_bound(&demands, users).unwrap();
            assert!(solved.throughput <= bound * (1.0 + 1e-9), "{users}");
            if users == 3000 {
                assert_close(solved.throughput, 5.0, 1e-6);
            }
        }
        assert_close(saturation_users(&demands).unwrap(), 5.7 * 5.0, 1e-12);
        assert_eq!(saturation_users(&[delay(2.0)]), None);
    }

    #[test]
    fn enough_servers_are_a_delay() {
        let wide = solve(&[delay(1.0), servers(0.5, 50)], 50).unwrap();
        assert_close(wide.throughput, 50.0 / 1.5, 1e-9);
        assert!(wide.stations[1].lq < 1e-9);
    }

    #[test]
    fn many_users_far_away_are_a_poisson_stream() {
        // Think times of 1,000 s by 8,000 users and ten servers: M/M/10 at 8 erlangs.
        let solved = solve(&[delay(1000.0), servers(1.0, 10)], 8_000).unwrap();
        let waits = erlang::c(10, 8.0).unwrap();
        assert_close(solved.stations[1].lq, waits * 8.0 / 2.0, 0.02);
    }

    #[test]
    fn nonsense_has_no_solution() {
        assert_eq!(solve(&[], 3), None);
        assert_eq!(solve(&[server(0.0)], 3), None);
        assert_eq!(solve(&[server(f64::NAN)], 3), None);
        assert_eq!(solve(&[servers(1.0, 0)], 3), None);
    }
}
