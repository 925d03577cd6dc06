//! Closed networks against exact mean value analysis (Reiser and Lavenberg 1980).

use littlebox::scenario::Arrivals;

use crate::support::{design::*, estimate::*};

/// Throughput, response time and queue lengths with `users` users who think this long, at stations
/// with these demands (visits × work).
fn mva(users: u32, think: f64, demands: &[f64]) -> (f64, f64, Vec<f64>) {
    let mut lengths = vec![0.0; demands.len()];
    let (mut throughput, mut response) = (0.0, 0.0);
    for n in 1..=users {
        let times: Vec<f64> = demands
            .iter()
            .zip(&lengths)
            .map(|(d, l)| d * (1.0 + l))
            .collect();
        response = times.iter().sum();
        throughput = f64::from(n) / (think + response);
        lengths = times.iter().map(|time| throughput * time).collect();
    }
    (throughput, response, lengths)
}

#[test]
fn central_server() {
    for users in [1, 5, 20] {
        let think = exponential(1_000);
        let engine = Design::new(u64::from(users))
            .client("users", Arrivals::Closed { users, think })
            .server("cpu", 1, exponential(10))
            .server("disk", 1, exponential(30))
            .join("users", "cpu")
            .forward("cpu", "disk", 0.8)
            .forward("disk", "cpu", 1.0)
            .engine();
        let [x, r, cpu, disk, u] = batches(engine, 500.0, 6_000.0, |engine| {
            let users = at(engine, "users");
            [
                users.throughput(),
                users.w(),
                at(engine, "cpu").l(),
                at(engine, "disk").l(),
                at(engine, "disk").utilization(),
            ]
        });
        let (throughput, response, lengths) = mva(users, 1.0, &[5.0 * 0.01, 4.0 * 0.03]);
        let name = |what: &str| format!("{users} users, {what}");
        check_within(&name("throughput"), &x, throughput);
        check_within(&name("response time"), &r, response);
        check_within(&name("at the processor"), &cpu, lengths[0]);
        check_within(&name("at the disk"), &disk, lengths[1]);
        // Utilization law: U = X · D.
        check_within(&name("utilization of the disk"), &u, throughput * 0.12);
    }
}

/// The interactive response time law R = N/X − Z (Lazowska et al. 1984, section 3.5), whatever the
/// distributions. Over a window it holds but for the users under way at its ends.
#[test]
fn response_time_law() {
    let think = constant(500);
    let engine = Design::new(9)
        .client("users", Arrivals::Closed { users: 30, think })
        .server("server", 2, constant(40))
        .join("users", "server")
        .engine();
    let [r, x] = batches(engine, 100.0, 200.0, |engine| {
        [at(engine, "users").w(), at(engine, "users").throughput()]
    });
    for (r, x) in r.into_iter().zip(x) {
        let law = 30.0 / x - 0.5;
        let edge = 30.0 / (200.0 * x) * (r + 0.5);
        assert!((r - law).abs() <= edge, "{r} {law}");
    }
}
