//! A design in which most of what can happen does.

use littlebox::scenario::{
    Algorithm, Backoff, Cache, Client, Component, Connection, Database, Distribution, Fault,
    FaultKind, Jitter, Keys, Mode, OperationKind, Queue, Queueing, Retries, Server,
};

use super::design::*;

/// Everything at once: balancer, refusals, timeouts, retries, losses, a cache, nested calls, a queue
/// with workers, and faults that begin and end meanwhile.
pub fn everything(seed: u64) -> Design {
    let client = Client {
        timeout: Some(ms(300)),
        keys: Keys::Zipf {
            items: 2_000,
            s: 1.0,
        },
        retries: Retries {
            max: 2,
            backoff: Backoff::Exponential(ms(50)),
            jitter: Jitter::Full,
            ..Retries::default()
        },
        ..patient(poisson_until(150.0, secs(60)))
    };
    let api = Server {
        instances: 3,
        queue: Queueing {
            capacity: Some(20),
            ..Queueing::default()
        },
        ..server(4, exponential(15))
    };
    let cache = Cache {
        capacity: Some(200),
        ttl: Some(secs(5)),
        ..Cache::default()
    };
    let mut design = Design::new(seed)
        .operation("write", OperationKind::Write, 0.2)
        .add("clients", Component::Client(client))
        .balancer("balancer", Algorithm::LeastConnections)
        .add("api", Component::Server(api))
        .add("cache", Component::Cache(cache))
        .add(
            "db",
            Component::Database(Database {
                slots: 4,
                ..Database::default()
            }),
        )
        .add(
            "jobs",
            Component::Queue(Queue {
                visibility: secs(1),
                ..Queue::default()
            }),
        )
        .server("worker", 2, exponential(30))
        .connect(Connection {
            loss: 0.02,
            ..Connection::new("clients", "balancer")
        })
        .join("balancer", "api")
        .connect(Connection::new("api", "cache"))
        .connect(Connection::new("api", "db"))
        .connect(Connection {
            mode: Mode::Async,
            latency: Some(Distribution::Exponential(ms(5))),
            step: Some(9),
            probability: 0.3,
            ..Connection::new("api", "jobs")
        })
        .connect(Connection::new("jobs", "worker"));
    let fault = |at, until, on: &str, fault| Fault {
        at: secs(at),
        until: Some(secs(until)),
        on: on.into(),
        fault,
    };
    design.0.faults = vec![
        fault(10, 13, "cache", FaultKind::Crash),
        fault(15, 18, "db", FaultKind::Slow { times: 5.0 }),
        fault(20, 23, "api -> db", FaultKind::Cut),
        fault(30, 34, "worker", FaultKind::Crash),
        fault(40, 45, "clients", FaultKind::Traffic { times: 3.0 }),
        fault(50, 52, "api", FaultKind::Crash),
    ];
    design
}

/// When [`EVERYTHING_1`] is taken: all faults are over.
pub const EVERYTHING_END_NS: u64 = 65_000_000_000;

/// Fingerprint of `everything(1)` then, in every build and on every machine.
pub const EVERYTHING_1: u64 = 0xf761_bfa5_8c4a_f6c6;
