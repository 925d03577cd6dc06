//! Finite lines: M/M/c/K and Erlang's loss system.

use littlebox::scenario::{Component, Distribution, Queueing};

use crate::support::{design::*, estimate::*};

/// Stationary probabilities of 0..=places calls in M/M/c/K, by detailed balance.
fn states(slots: u32, places: u32, load: f64) -> Vec<f64> {
    let mut states = vec![1.0];
    for n in 1..=places {
        states.push(states[n as usize - 1] * load / f64::from(n.min(slots)));
    }
    let sum: f64 = states.iter().sum();
    states.iter().map(|p| p / sum).collect()
}

fn finite(slots: u32, line: u32, load: f64, service: Distribution) -> Design {
    let mut server = server(slots, service);
    server.queue = Queueing {
        capacity: Some(line),
        ..Queueing::default()
    };
    Design::new(u64::from(slots + line))
        .poisson("clients", load / 0.01)
        .add("server", Component::Server(server))
        .join("clients", "server")
}

#[test]
fn finite_line() {
    for (slots, line, load) in [(1, 4, 0.9), (3, 5, 2.7), (2, 6, 3.0)] {
        let [refused, l, w, x] = batches(
            finite(slots, line, load, exponential(10)).engine(),
            20.0,
            400.0,
            |engine| {
                let server = at(engine, "server");
                [
                    server.refused_share(),
                    server.l(),
                    server.w(),
                    server.throughput(),
                ]
            },
        );
        let states = states(slots, slots + line, load);
        let full = states[(slots + line) as usize];
        let exact_l: f64 = states
            .iter()
            .zip(0u32..)
            .map(|(p, n)| p * f64::from(n))
            .sum();
        let admitted = load / 0.01 * (1.0 - full);
        let name = |what: &str| format!("M/M/{slots}/{} {what}", slots + line);
        // Poisson arrivals see time averages: the share refused is the share of time full.
        check_within(&name("refused"), &refused, full);
        check_within(&name("L"), &l, exact_l);
        check_within(&name("W"), &w, exact_l / admitted);
        check_within(&name("throughput"), &x, admitted);
    }
}

/// Erlang B holds for every distribution of the work (Sevastyanov 1957).
#[test]
fn no_line_at_all() {
    let services = [
        exponential(10),
        constant(10),
        Distribution::LogNormalMean {
            mean: ms(10),
            cv: 1.5,
        },
        Distribution::Erlang { k: 3, mean: ms(10) },
    ];
    let exact = states(10, 10, 8.0)[10];
    // Erlang B, 10 lines, 8 erlangs: 0.122 (standard traffic tables).
    assert!((exact - 0.1217).abs() < 1e-4, "{exact}");
    for service in services {
        let engine = finite(10, 0, 8.0, service.clone()).engine();
        let [refused, carried] = batches(engine, 20.0, 200.0, |engine| {
            let server = at(engine, "server");
            assert_eq!(server.waiting_area, 0);
            [server.refused_share(), server.l()]
        });
        check_within(&format!("{service:?}: refused"), &refused, exact);
        check_within(
            &format!("{service:?}: carried"),
            &carried,
            8.0 * (1.0 - exact),
        );
    }
}

#[test]
fn refused_calls_are_counted_by_cause_and_reach_the_client() {
    let mut engine = finite(1, 0, 2.0, exponential(10)).engine();
    engine.run_until(secs(100).nanos());
    let (client, server) = (at(&engine, "clients"), at(&engine, "server"));
    let queue_full = littlebox::engine::Cause::QueueFull;
    assert!(server.refused > 1_000);
    assert_eq!(server.failures.get(queue_full), server.refused);
    assert_eq!(client.failures.get(queue_full), server.refused);
    assert_eq!(client.failures.total(), server.refused);
    assert_eq!(client.arrivals, server.arrivals + server.refused);
}
