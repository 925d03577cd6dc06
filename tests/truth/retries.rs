//! Losses, timeouts and retries against the geometric law they follow.

use littlebox::{
    engine::{Cause, Engine, Histogram},
    scenario::{Backoff, Client, Component, Connection, FaultKind, Jitter, OperationKind, Retries},
};

use crate::support::{design::*, estimate::*};

const LOSS: f64 = 0.2;
const MAX: u32 = 2;

/// 10 ms of work, lost with probability 0.2 each way, given up after 100 ms, tried three times in all.
fn lossy(seed: u64, backoff: Backoff, jitter: Jitter) -> Engine {
    let client = Client {
        timeout: Some(ms(100)),
        retries: Retries {
            max: MAX,
            backoff,
            jitter,
            ..Retries::default()
        },
        ..patient(poisson(200.0))
    };
    Design::new(seed)
        .add("clients", Component::Client(client))
        .server("server", 1_000, constant(10))
        .connect(Connection {
            loss: LOSS,
            ..at_once("clients", "server")
        })
        .engine()
}

/// Probability that an attempt fails: lost there or back.
fn failure() -> f64 {
    1.0 - (1.0 - LOSS) * (1.0 - LOSS)
}

#[test]
fn attempts_and_outcomes() {
    let f = failure();
    let engine = lossy(1, Backoff::Constant(ms(50)), Jitter::None);
    let [attempts, retries, failed, reached, wasted] = batches(engine, 5.0, 50.0, |engine| {
        let (clients, server) = (at(engine, "clients"), at(engine, "server"));
        let connection = engine.connection(0);
        let requests = clients.departures as f64;
        [
            connection.attempts as f64 / requests,
            connection.retries as f64 / requests,
            clients.failures.get(Cause::Timeout) as f64 / requests,
            server.completed as f64 / connection.attempts as f64,
            (server.completed - clients.completed) as f64 / requests,
        ]
    });
    check_within("attempts per request", &attempts, 1.0 + f + f * f);
    check_within("retries per request", &retries, f + f * f);
    check_within("requests that fail", &failed, f.powi(3));
    check_within("attempts that reach the server", &reached, 1.0 - LOSS);
    // Done, but the answer was lost: goodput is not throughput.
    check_within(
        "work for nothing",
        &wasted,
        (1.0 + f + f * f) * (1.0 - LOSS) * LOSS,
    );
}

/// Success at attempt k = 0, 1, 2 takes k (timeout + back-off) + work; failure all timeouts and
/// back-offs.
#[test]
fn latency_of_what_is_tried_again() {
    let f = failure();
    for (jitter, backoff, waits) in [
        // Mean wait before the first and the second retry, in ms.
        (Jitter::None, Backoff::None, [0.0, 0.0]),
        (Jitter::None, Backoff::Constant(ms(50)), [50.0, 50.0]),
        (Jitter::None, Backoff::Exponential(ms(50)), [50.0, 100.0]),
        (Jitter::Full, Backoff::Exponential(ms(50)), [25.0, 50.0]),
        // Uniform between the base and three times the wait before: (50 + 150)/2, then (50 + 300)/2.
        (
            Jitter::Decorrelated,
            Backoff::Exponential(ms(50)),
            [100.0, 175.0],
        ),
    ] {
        let [w] = batches(lossy(2, backoff, jitter), 5.0, 100.0, |engine| {
            [at(engine, "clients").w()]
        });
        let exact = (1.0 - f) * 10.0
            + f * (1.0 - f) * (100.0 + waits[0] + 10.0)
            + f * f * (1.0 - f) * (200.0 + waits[0] + waits[1] + 10.0)
            + f.powi(3) * (300.0 + waits[0] + waits[1]);
        check_within(
            &format!("{backoff:?} with jitter {jitter:?}"),
            &w,
            exact / 1e3,
        );
    }
}

/// The latency histogram of a client holds the answered requests only, at the three times possible.
#[test]
fn latency_percentiles_of_what_was_answered() {
    let mut engine = lossy(3, Backoff::Constant(ms(50)), Jitter::None);
    engine.run_until(secs(500).nanos());
    let latency = engine.component_latency(index(&engine, "clients"));
    let clients = at(&engine, "clients");
    assert_eq!(latency.count(), clients.completed);
    let mut found: Vec<(u64, u64)> = Vec::new();
    for (middle, count) in latency.buckets() {
        found.push(((middle / 1e6).round() as u64, count));
    }
    let f = failure();
    let well = 1.0 - f.powi(3);
    assert_eq!(found.len(), 3, "{found:?}");
    for ((millis, count), (k, expected)) in found
        .into_iter()
        .zip([10.0f64, 160.0, 310.0].into_iter().enumerate())
    {
        assert!(
            (millis as f64 - expected).abs() <= 0.008 * expected + 0.5,
            "{millis}"
        );
        let share = f.powi(k as i32) * (1.0 - f) / well;
        check_share(&format!("{millis} ms"), count, clients.completed, share);
    }
}

/// Nobody answers: every request fails after three timeouts and the two waits between, exactly.
#[test]
fn latency_of_what_nobody_answers() {
    let client = Client {
        timeout: Some(ms(100)),
        retries: Retries {
            max: 2,
            backoff: Backoff::Exponential(ms(50)),
            jitter: Jitter::None,
            ..Retries::default()
        },
        ..patient(poisson_until(200.0, secs(10)))
    };
    let mut engine = Design::new(6)
        .operation("write", OperationKind::Write, 1.0)
        .add("clients", Component::Client(client))
        .server("server", 4, constant(10))
        .join("clients", "server")
        .engine();
    engine.start_fault("server", FaultKind::Hang).unwrap();
    engine.run_until(secs(20).nanos());
    let clients = at(&engine, "clients");
    assert!(clients.arrivals > 1_500);
    assert_eq!(clients.failures.get(Cause::Timeout), clients.arrivals);
    let exact = ms(3 * 100 + 50 + 100).nanos();
    let place = index(&engine, "clients");
    let operations = [0, 1].map(|at| engine.operation_failure_latency(at));
    assert_eq!(
        operations[0].count() + operations[1].count(),
        clients.arrivals
    );
    let [read, write] = &operations;
    let whole = engine.system_failure_latency();
    for latency in [engine.failure_latency(place).unwrap(), &whole, read, write] {
        assert_eq!(latency.max_ns(), exact);
        assert_eq!(latency.buckets().count(), 1, "none is any shorter");
    }
    assert_eq!(whole.count(), clients.arrivals);
    assert_eq!(engine.system_latency().count(), 0, "nothing was answered");
    assert!(engine.failure_latency(index(&engine, "server")).is_none());
    // Little's law needs them all, so W includes them.
    assert_eq!(
        clients.sojourn_sum_ns,
        u128::from(clients.arrivals) * u128::from(exact)
    );
    engine.reset_measures();
    assert_eq!(engine.system_failure_latency().count(), 0);
    assert_eq!(engine.operation_failure_latency(1).count(), 0);
}

/// Answered and failed requests stand in histograms of their own, and together make up W.
#[test]
fn failures_have_a_latency_of_their_own() {
    let mut engine = lossy(7, Backoff::Constant(ms(50)), Jitter::None);
    engine.run_until(secs(500).nanos());
    let clients = at(&engine, "clients");
    let failed = engine.system_failure_latency();
    assert_eq!(failed.max_ns(), ms(3 * 100 + 2 * 50).nanos());
    assert_eq!(failed.buckets().count(), 1);
    assert_eq!(failed.count(), clients.failures.total());
    let share = failure().powi(3);
    check_share("failed", failed.count(), clients.departures, share);
    let sum = |latency: &Histogram| -> f64 {
        let times = latency.buckets().map(|(nanos, count)| nanos * count as f64);
        times.sum()
    };
    let both = sum(&failed) + sum(&engine.system_latency());
    let all = clients.sojourn_sum_ns as f64;
    assert!((both - all).abs() <= 0.008 * all, "{both} {all}");
}

/// A caller walks away after its timeout and the work goes on: P(work > timeout) = e^(−2).
#[test]
fn a_timeout_stops_the_waiting_and_not_the_work() {
    let client = Client {
        timeout: Some(ms(100)),
        ..patient(poisson_until(500.0, secs(100)))
    };
    let mut engine = Design::new(4)
        .add("clients", Component::Client(client))
        .server("server", 10_000, exponential(50))
        .join("clients", "server")
        .engine();
    engine.run_until(secs(200).nanos());
    let (clients, server) = (at(&engine, "clients"), at(&engine, "server"));
    assert_eq!(server.completed, clients.arrivals, "all the work is done");
    assert_eq!(
        server.good, clients.completed,
        "and this much of it was wanted"
    );
    assert_eq!(
        clients.failures.get(Cause::Timeout),
        clients.arrivals - clients.completed
    );
    check_share(
        "too late",
        clients.failures.total(),
        clients.arrivals,
        (-2.0f64).exp(),
    );
    engine.check_conservation().unwrap();
}

#[test]
fn a_timeout_inside_is_the_callers_affair() {
    let mut engine = Design::new(5)
        .poisson("clients", 200.0)
        .server("front", 1_000, littlebox::scenario::Distribution::ZERO)
        .server("back", 10_000, exponential(50))
        .join("clients", "front")
        .connect(Connection {
            timeout: Some(ms(100)),
            ..at_once("front", "back")
        })
        .engine();
    engine.run_until(secs(200).nanos());
    let (clients, front) = (at(&engine, "clients"), at(&engine, "front"));
    check_share(
        "too late",
        clients.failures.get(Cause::Timeout),
        clients.departures,
        (-2.0f64).exp(),
    );
    assert_eq!(
        front.failures.get(Cause::Timeout),
        clients.failures.get(Cause::Timeout)
    );
    // min(work, 100 ms) has mean 50 ms (1 − e^(−2)).
    let longest = engine.component_latency(index(&engine, "clients")).max_ns();
    assert!(longest <= ms(100).nanos());
}
