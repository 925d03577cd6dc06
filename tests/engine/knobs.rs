//! Every knob is alive: whatever can be set changes what happens.

use std::collections::BTreeSet;

use littlebox::{
    engine::Engine,
    scenario::{
        Component, Connection, Link, Replication, Scenario,
        parameters::{connection_fields, fields, set},
    },
};

use crate::support::{design::*, everything::*};

/// Everything, with a replica, weights and health checks besides, and hardly enough of anything.
fn busy() -> Scenario {
    let mut scenario = everything(1)
        .add("replica", Component::Replica(instant_replica()))
        .server("spare", 2, exponential(15))
        .connect(Connection::new("api", "replica"))
        .connect(Connection::new("balancer", "spare"))
        .connect(Connection {
            link: Link::Replication(Replication::default()),
            ..at_once("db", "replica")
        })
        .0;
    for (path, value) in [
        ("balancer.health", "on"),
        ("balancer.health.interval", "400ms"),
        ("api -> db.retries", "on"),
        ("api -> db.retries.max", "2"),
        ("replica.read", "exp 20ms"),
        ("replica.apply", "exp 2ms"),
        ("replica.slots", "2"),
        ("clients.keys", "Zipf(items: 500, s: 1.0)"),
    ] {
        set(&mut scenario, path, value).unwrap_or_else(|error| panic!("{path}: {error}"));
    }
    scenario
}

fn outcome(scenario: &Scenario, what: &str) -> u64 {
    let mut engine = Engine::new(scenario).unwrap_or_else(|error| panic!("{what}: {error}"));
    engine.run_until(EVERYTHING_END_NS);
    engine.check_conservation().unwrap();
    engine.fingerprint()
}

/// A path and a value.
type Turn = (&'static str, &'static str);

/// What is turned first, so that the knob has something to act on, and the knob with its new value.
const KNOBS: &[(&[Turn], &str, &str)] = &[
    (&[], "seed", "2"),
    (&[], "operations.write.kind", "Read"),
    (&[], "operations.write.weight", "0.5"),
    (&[], "clients.arrivals", "Constant(rate: 150)"),
    (&[], "clients.arrivals", "Closed(users: 50, think: 100ms)"),
    (&[], "clients.arrivals.rate", "170"),
    (
        &[],
        "clients.arrivals.profile",
        "[Spike(at: 5s, until: 8s, times: 3)]",
    ),
    (
        &[("clients.arrivals", "Closed(users: 50, think: 100ms)")],
        "clients.arrivals.users",
        "60",
    ),
    (
        &[("clients.arrivals", "Closed(users: 50, think: 100ms)")],
        "clients.arrivals.think",
        "exp 100ms",
    ),
    (&[], "clients.operations", "read"),
    (&[], "clients.keys", "Uniform(items: 500)"),
    (&[], "clients.keys.items", "1000"),
    (&[], "clients.keys.s", "0.5"),
    (
        &[("balancer.algorithm", "SessionHash")],
        "clients.sessions",
        "3",
    ),
    (&[], "clients.timeout", "100ms"),
    (&[], "clients.timeout", "none"),
    (&[], "clients.retries.max", "1"),
    (&[], "clients.retries.backoff", "None"),
    (&[], "clients.retries.backoff", "Constant(50ms)"),
    (&[], "clients.retries.jitter", "None"),
    (&[], "clients.retries.jitter", "Decorrelated"),
    (&[], "balancer.algorithm", "RoundRobin"),
    (&[], "balancer.algorithm", "WeightedRoundRobin"),
    (&[], "balancer.algorithm", "Random"),
    (&[], "balancer.algorithm", "PowerOfTwo"),
    (&[], "balancer.algorithm", "SessionHash"),
    (&[], "balancer.health", "none"),
    (&[], "balancer.health.interval", "700ms"),
    (&[], "balancer.health.unhealthy", "1"),
    (&[], "balancer.health.healthy", "5"),
    (&[], "api.instances", "2"),
    (&[], "api.slots", "3"),
    (&[], "api.service", "15ms"),
    (&[], "api.service", "uniform 10ms 20ms"),
    (&[], "api.service", "lognormal 10ms 60ms"),
    (&[], "api.service", "Erlang(k: 3, mean: 15ms)"),
    (&[], "api.per_operation", "write: 30ms"),
    (&[], "api.queue.capacity", "2"),
    (&[], "cache.capacity", "100"),
    (&[], "cache.ttl", "500ms"),
    (
        &[("cache.capacity", "none"), ("cache.ttl", "none")],
        "cache.hit_ratio",
        "0.5",
    ),
    (&[], "cache.slots", "1"),
    (&[], "cache.service", "1ms"),
    (&[("cache.slots", "1")], "cache.queue.capacity", "0"),
    (&[], "db.slots", "2"),
    (&[("api -> db.only", "All")], "db.read", "exp 10ms"),
    (&[], "db.write", "exp 5ms"),
    (&[("db.slots", "1")], "db.queue.capacity", "1"),
    (&[], "replica.slots", "1"),
    (&[], "replica.read", "20ms"),
    (&[], "replica.apply", "exp 5ms"),
    (&[], "replica.queue.capacity", "0"),
    (&[], "jobs.capacity", "20"),
    (&[], "jobs.prefetch", "5"),
    (&[], "jobs.visibility", "50ms"),
    (&[], "jobs.acknowledge", "BeforeWork"),
    (&[("jobs.visibility", "50ms")], "jobs.max_deliveries", "1"),
    (&[], "api -> jobs.step", "1"),
    (&[], "api -> jobs.only", "Reads"),
    (&[], "api -> jobs.only", "Named(write)"),
    (&[], "api -> jobs.when", "OnFailure"),
    (&[], "api -> jobs.mode", "Sync"),
    (&[], "api -> jobs.mode", "Forward"),
    (&[], "api -> jobs.probability", "0.4"),
    (
        &[("balancer.algorithm", "WeightedRoundRobin")],
        "balancer -> spare.weight",
        "3",
    ),
    (&[], "api -> db.latency", "1ms"),
    (&[], "api -> db.loss", "1%"),
    (&[], "api -> db.timeout", "20ms"),
    (&[], "api -> db.retries", "none"),
    (&[], "api -> db.retries.max", "1"),
    (&[], "api -> db.retries.backoff", "Constant(100ms)"),
    (&[], "api -> db.retries.jitter", "None"),
    (&[], "db -> replica.link.lag", "50ms"),
    (&[], "faults.1.at", "9s"),
    (&[], "faults.1.until", "14s"),
    (&[], "faults.1.on", "db"),
    (&[], "faults.1.fault", "Hang"),
    (&[], "faults.1.fault", "Pause"),
    (&[], "faults.1.fault", "Flush"),
    (&[], "faults.2.fault.times", "4"),
    (&[], "faults.5.fault.times", "2"),
];

/// For people, said elsewhere, or with one word to choose from as yet.
const NO_KNOBS: &[&str] = &["eviction", "from", "to", "link", "link.mode"];

#[test]
fn every_knob_is_alive() {
    let base = busy();
    let untouched = outcome(&base, "nothing");
    let mut dead = Vec::new();
    for (first, path, value) in KNOBS {
        let mut scenario = base.clone();
        for (path, value) in *first {
            set(&mut scenario, path, value).unwrap_or_else(|error| panic!("{path}: {error}"));
        }
        let before = if first.is_empty() {
            untouched
        } else {
            outcome(&scenario, path)
        };
        set(&mut scenario, path, value).unwrap_or_else(|error| panic!("{path}: {error}"));
        let after = outcome(&scenario, path);
        if after == before {
            dead.push(format!("{path} = {value}"));
        }
    }
    assert_eq!(dead, Vec::<String>::new(), "change nothing");
}

/// A parameter that is new has to be shown to be alive, too.
#[test]
fn no_knob_is_left_out() {
    let base = busy();
    let turned: BTreeSet<&str> = KNOBS.iter().map(|(_, path, _)| *path).collect();
    let kind_of = |name: &str| base.components[name].kind();
    for (name, component) in &base.components {
        for field in fields(component) {
            let found = turned.iter().any(|path| {
                path.split_once('.').is_some_and(|(subject, rest)| {
                    rest == field.path
                        && base.components.contains_key(subject)
                        && kind_of(subject) == component.kind()
                })
            });
            assert!(
                found || NO_KNOBS.contains(&field.path.as_str()),
                "{name}.{}",
                field.path
            );
        }
    }
    for field in base.connections.iter().flat_map(connection_fields) {
        let found = turned.iter().any(|path| {
            path.split_once('.')
                .is_some_and(|(subject, rest)| subject.contains("->") && rest == field.path)
        });
        assert!(
            found || NO_KNOBS.contains(&field.path.as_str()),
            "{}",
            field.path
        );
    }
}
