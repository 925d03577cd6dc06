//! How old are the answers of a replica?

use littlebox::{
    engine::Engine,
    scenario::{
        Client, Component, Connection, Distribution, Keys, Link, OperationKind, Replication,
        ReplicationMode,
    },
};

use crate::support::{design::*, estimate::*};

const KEYS: u64 = 20;
const WRITES: f64 = 100.0;

/// Writers of a database, readers of its replica; nothing takes time but the log.
fn replicated(seed: u64, lag: Distribution) -> Engine {
    let client = |operation: &str, rate| {
        Component::Client(Client {
            operations: vec![operation.into()],
            keys: Keys::Uniform { items: KEYS },
            ..patient(poisson(rate))
        })
    };
    Design::new(seed)
        .operation("write", OperationKind::Write, 1.0)
        .add("writers", client("write", WRITES))
        .add("readers", client("read", 1_000.0))
        .add("db", Component::Database(instant_database()))
        .add("replica", Component::Replica(instant_replica()))
        .join("writers", "db")
        .join("readers", "replica")
        .connect(Connection {
            link: Link::Replication(Replication {
                mode: ReplicationMode::Async,
                lag,
            }),
            ..Connection::new("db", "replica")
        })
        .engine()
}

fn stale_share(engine: &Engine) -> f64 {
    let replica = at(engine, "replica");
    replica.stale_reads as f64 / replica.versioned_reads as f64
}

/// With a constant lag d a read is stale when its key was written within the last d: 1 − e^(−wd) for
/// w writes per second of a key. How long it has been out of date is the age of the oldest of them.
#[test]
fn constant_lag() {
    let lag = 0.05;
    let engine = replicated(1, constant(50));
    let [stale, age, mean_lag, readers] = batches(engine, 5.0, 30.0, |engine| {
        let replica = at(engine, "replica");
        let readers = at(engine, "readers");
        [
            stale_share(engine),
            replica.stale_age_sum_ns as f64 / 1e9 / replica.stale_reads as f64,
            replica.lag_sum_ns as f64 / 1e9 / replica.applied as f64,
            readers.stale_reads as f64 / readers.versioned_reads as f64,
        ]
    });
    let w = WRITES / KEYS as f64;
    let exact = 1.0 - (-w * lag).exp();
    check_within("stale reads", &stale, exact);
    check_within("stale answers at the client", &readers, exact);
    // E[age of the oldest write within d] = d − (1 − e^(−wd))/w, over the reads that are stale.
    check_within("time out of date", &age, (lag - exact / w) / exact);
    assert!(
        mean_lag.iter().all(|found| (found - lag).abs() < 1e-9),
        "{mean_lag:?}"
    );
}

/// With exponential lags and a log kept in order, the last write of a key (at age u, density
/// w·e^(−wu)) has been applied when it has arrived and all records before it have: those are a Poisson
/// process of all writes W, and none of them is under way with probability exp(−(W/μ) e^(−μu)).
#[test]
fn exponential_lag_in_order() {
    let (mean, all, each) = (0.02, WRITES, WRITES / KEYS as f64);
    let engine = replicated(2, exponential(20));
    let [stale] = batches(engine, 5.0, 60.0, |engine| [stale_share(engine)]);
    let fresh = |u: f64| {
        let under_way = (-u / mean).exp();
        each * (-each * u).exp() * (1.0 - under_way) * (-all * mean * under_way).exp()
    };
    // Simpson's rule over 20 mean times between writes of a key.
    let (steps, end) = (400_000, 20.0 / each);
    let h = end / f64::from(steps);
    let sum: f64 = (0..=steps)
        .map(|i| {
            let weight = match i {
                0 => 1.0,
                i if i == steps => 1.0,
                i if i % 2 == 1 => 4.0,
                _ => 2.0,
            };
            weight * fresh(f64::from(i) * h)
        })
        .sum();
    check_within("stale reads", &stale, 1.0 - sum * h / 3.0);
}

/// Without a write nothing is ever stale, and with the log at once neither.
#[test]
fn no_lag_no_staleness() {
    let mut engine = replicated(3, Distribution::ZERO);
    engine.run_until(secs(50).nanos());
    let replica = at(&engine, "replica");
    assert!(replica.versioned_reads > 10_000, "{replica:?}");
    assert_eq!(replica.stale_reads, 0);
    assert_eq!(replica.applied, at(&engine, "db").completed);
}

/// The log is applied one record at a time, so a replica is a queue of its own: M/D/1, and the lag is
/// its sojourn.
#[test]
fn applying_the_log_is_a_queue() {
    let mut replica = instant_replica();
    replica.apply = constant(8);
    let writers = Client {
        operations: vec!["write".into()],
        ..patient(poisson(100.0))
    };
    let engine = Design::new(4)
        .operation("write", OperationKind::Write, 1.0)
        .add("writers", Component::Client(writers))
        .add("db", Component::Database(instant_database()))
        .add("replica", Component::Replica(replica))
        .join("writers", "db")
        .connect(Connection {
            link: Link::Replication(Replication::default()),
            ..Connection::new("db", "replica")
        })
        .engine();
    let [lag, utilization] = batches(engine, 20.0, 300.0, |engine| {
        let replica = at(engine, "replica");
        let busy = replica.busy_area as f64 / 1e9 / replica.window_secs();
        [
            replica.lag_sum_ns as f64 / 1e9 / replica.applied as f64,
            busy,
        ]
    });
    check_within("busy", &utilization, 0.8);
    check_within("lag = M/D/1 sojourn", &lag, 0.8 / 0.2 / 2.0 * 0.008 + 0.008);
}

/// A write has no age: a client that also writes counts its reads only. By a route and, watched, on
/// the general way.
#[test]
fn writes_are_not_counted_as_reads() {
    let mut routed = Design::new(5)
        .operation("write", OperationKind::Write, 1.0)
        .poisson("clients", 100.0)
        .add("db", Component::Database(instant_database()))
        .add("replica", Component::Replica(instant_replica()))
        .join("clients", "db")
        .connect(Connection {
            link: Link::Replication(Replication::default()),
            ..Connection::new("db", "replica")
        })
        .engine();
    let mut watched = routed.clone();
    watched.sample_hops(1);
    for engine in [&mut routed, &mut watched] {
        engine.run_until(secs(100).nanos());
        let names = engine.operations();
        let place = |name: &str| names.iter().position(|other| other == name).unwrap();
        let (read, write) = (
            engine.operation(place("read")),
            engine.operation(place("write")),
        );
        let clients = at(engine, "clients");
        assert!(write.completed > 1_000 && clients.versioned_reads > 0);
        assert_eq!(write.versioned_reads, 0);
        assert_eq!(clients.versioned_reads, read.versioned_reads);
        assert!(read.versioned_reads <= read.completed);
    }
}
