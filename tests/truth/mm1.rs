//! M/M/1 (Kleinrock 1975, section 3.2): one slot, Poisson arrivals, exponential work.

use crate::support::{design::*, estimate::*};

const RATE: f64 = 80.0;

fn mm1(seed: u64) -> Design {
    Design::new(seed)
        .poisson("clients", RATE)
        .server("server", 1, exponential(10))
        .join("clients", "server")
}

#[test]
fn means() {
    let [l, lq, w, wq, u, x] = batches(mm1(1).engine(), 100.0, 2_000.0, |engine| {
        let server = at(engine, "server");
        [
            server.l(),
            server.lq(),
            server.w(),
            server.wq(),
            server.utilization(),
            server.throughput(),
        ]
    });
    check_within("L = ρ/(1 − ρ)", &l, 4.0);
    check_within("Lq = ρ²/(1 − ρ)", &lq, 3.2);
    check_within("W = 1/(μ − λ)", &w, 0.05);
    check_within("Wq = ρ/(μ − λ)", &wq, 0.04);
    check_within("utilization = λ/μ", &u, 0.8);
    check_within("throughput = λ", &x, RATE);
}

#[test]
fn the_client_sees_what_the_server_does() {
    let mut engine = mm1(2).engine();
    engine.run_until(secs(500).nanos());
    let (client, server) = (at(&engine, "clients"), at(&engine, "server"));
    assert_eq!(client.sojourn_sum_ns, server.sojourn_sum_ns);
    assert_eq!(client.present_area, server.present_area);
    assert_eq!(client.completed, server.completed);
    assert_eq!(engine.system(), client);
}

/// The time in the system is exponential with mean 1/(μ − λ) (Kleinrock 1975, equation 5.119).
#[test]
fn percentiles() {
    let shares = [0.5, 0.9, 0.99];
    let found = batches(mm1(3).engine(), 100.0, 4_000.0, |engine| {
        let latency = engine.component_latency(index(engine, "clients"));
        shares.map(|share| latency.quantile_ns(share).unwrap() / 1e9)
    });
    for (share, quantiles) in shares.into_iter().zip(found) {
        let exact = -0.05 * (1.0f64 - share).ln();
        // The histogram's stated resolution.
        check_within_resolution(&format!("quantile {share}"), &quantiles, exact, 0.008);
    }
}

/// Arrivals see time averages (Wolff 1982): who comes finds L calls on average, each with 1/μ of
/// work left, so Wq = L/μ, in the same run. With constant arrivals that must not hold.
#[test]
fn poisson_arrivals_see_time_averages() {
    let gap = |arrivals| {
        let engine = Design::new(4)
            .client("clients", arrivals)
            .server("server", 1, exponential(10))
            .join("clients", "server")
            .engine();
        batches(engine, 100.0, 2_000.0, |engine| {
            let server = at(engine, "server");
            [server.wq() / (server.l() * 0.01)]
        })
    };
    let [poisson] = gap(poisson(RATE));
    check_within("Wq μ / L with Poisson arrivals", &poisson, 1.0);
    let [constant] = gap(littlebox::scenario::Arrivals::Constant {
        rate: littlebox::scenario::Rate(RATE),
        profile: Vec::new(),
    });
    check_less("Wq μ / L with constant arrivals", &constant, &poisson);
}
