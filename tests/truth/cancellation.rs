//! Clients that give up, and whose work is stopped when they do, against the law they follow.

use littlebox::{
    engine::Cause,
    scenario::{Client, Component, Connection, Discipline, Queueing, Server},
};

use crate::support::{design::*, estimate::*};

/// 10 ms of work on average.
const MU: f64 = 100.0;

fn overloaded(rate: f64, patience_ms: u64, cancellation: bool, discipline: Discipline) -> Design {
    let client = Client {
        timeout: Some(ms(patience_ms)),
        ..patient(poisson(rate))
    };
    let server = Server {
        queue: Queueing {
            discipline,
            ..Queueing::default()
        },
        ..server(1, exponential(10))
    };
    Design::new(31)
        .add("clients", Component::Client(client))
        .add("server", Component::Server(server))
        .connect(Connection {
            cancellation,
            ..at_once("clients", "server")
        })
}

/// M/M/1 whose customers leave after T, from the line or from the server (Barrer 1957, "Queuing with
/// impatient customers and ordered service"): the work ahead of an arrival is that of a dam that
/// holds T (Takács 1967), which is empty with probability
/// p₀ = 1/(1 + ρ (e^((λ − μ)T) − 1)/(ρ − 1)). A server that works ends at rate μ, so μ (1 − p₀) are
/// answered, also when more come than it can do. Without cancellation nobody is (Maurer 2015, "Fail
/// at scale").
#[test]
fn work_for_those_who_wait_only() {
    for (rate, patience_ms) in [(150.0, 30), (200.0, 20), (80.0, 50), (300.0, 10)] {
        let engine = overloaded(rate, patience_ms, true, Discipline::Fifo).engine();
        let [goodput, busy, cancelled, wasted, little] = batches(engine, 20.0, 100.0, |engine| {
            let (clients, server) = (at(engine, "clients"), at(engine, "server"));
            let lw = server.sojourn_sum_ns as f64 / 1e9 / server.window_secs();
            [
                clients.throughput(),
                server.utilization(),
                server.failures.get(Cause::Cancelled) as f64 / server.window_secs(),
                (server.completed - server.good) as f64,
                server.l() / lw,
            ]
        });
        let (rho, t) = (rate / MU, patience_ms as f64 / 1e3);
        let empty = 1.0 / (1.0 + rho * (((rate - MU) * t).exp() - 1.0) / (rho - 1.0));
        let name = |what: &str| format!("{rate}/s, {patience_ms} ms: {what}");
        check_within(&name("answered"), &goodput, MU * (1.0 - empty));
        check_within(&name("utilization"), &busy, 1.0 - empty);
        check_within(&name("cancelled"), &cancelled, rate - MU * (1.0 - empty));
        check_within(&name("L/λW"), &little, 1.0);
        assert!(wasted.iter().all(|wasted| *wasted == 0.0), "{wasted:?}");
    }
    let engine = overloaded(300.0, 100, false, Discipline::Fifo).engine();
    let [collapsed] = batches(engine, 20.0, 20.0, |engine| {
        [at(engine, "clients").throughput()]
    });
    assert!(collapsed.iter().all(|rate| *rate < 1.0), "{collapsed:?}");
}

/// Work is conserved: whoever is next, the server is never idle with somebody waiting, works for
/// nobody who is gone, and ends at rate μ while it works.
#[test]
fn every_order_saves_what_it_can() {
    const ANY: littlebox::scenario::Duration = littlebox::scenario::Duration::from_millis(60);
    for discipline in [
        Discipline::Lifo,
        Discipline::Random,
        Discipline::Priority,
        Discipline::ProcessorSharing,
        Discipline::CoDel {
            target: ANY,
            interval: ANY,
        },
        Discipline::AdaptiveLifo {
            target: ANY,
            interval: ANY,
        },
    ] {
        let engine = overloaded(200.0, 100, true, discipline).engine();
        let [per_busy, wasted] = batches(engine, 20.0, 50.0, |engine| {
            let server = at(engine, "server");
            [
                server.throughput() / server.utilization(),
                (server.completed - server.good) as f64,
            ]
        });
        if discipline != Discipline::ProcessorSharing {
            check_within(&format!("{discipline:?}"), &per_busy, MU);
        }
        assert!(wasted.iter().all(|wasted| *wasted == 0.0), "{discipline:?}");
    }
}
