//! Every knob is alive: whatever can be set changes what happens, and how its row says.

mod effect;

use std::collections::BTreeSet;

use littlebox::scenario::{
    ApiGateway, Component, Connection, Dns, Fault, FaultKind, Frame, FrameKind, FrameLatency,
    Function, Kind, Link, RateLimiter, Replication, Scenario, Subject, file,
    parameters::{
        self, CONNECTION, Editor, Effect, FAULT, FRAME, Field, LATENCY, OPERATION, Parameter,
        SCENARIO, set,
    },
};

use crate::support::{design::*, everything::*};

/// Everything, with a replica, weights and health checks besides, and hardly enough of anything.
fn busy() -> Scenario {
    let mut scenario = everything(1)
        .add("replica", Component::Replica(instant_replica()))
        .server("spare", 2, exponential(15))
        .add("limiter", Component::RateLimiter(RateLimiter::default()))
        .server("behind", 2, exponential(15))
        .poisson("visitors", 40.0)
        .join("visitors", "limiter")
        .join("limiter", "behind")
        .poisson("guests", 60.0)
        .add("front", Component::ApiGateway(ApiGateway::default()))
        .server("inner", 4, exponential(15))
        .join("guests", "front")
        .join("front", "inner")
        .poisson("travellers", 40.0)
        .add("names", Component::Dns(Dns::default()))
        .server("near", 4, exponential(15))
        .server("far", 4, exponential(15))
        .join("travellers", "names")
        .join("names", "near")
        .join("names", "far")
        .poisson("callers", 20.0)
        .add("lambda", Component::Function(Function::default()))
        .join("callers", "lambda")
        .connect(Connection::new("api", "replica"))
        .connect(Connection::new("balancer", "spare"))
        .connect(Connection {
            link: Link::Replication(Replication::default()),
            ..at_once("db", "replica")
        })
        .0;
    scenario.faults.push(Fault {
        at: secs(15),
        until: Some(secs(60)),
        on: "near".into(),
        fault: FaultKind::Crash,
    });
    scenario.faults.push(Fault {
        at: secs(10),
        until: Some(secs(60)),
        on: "names -> far".into(),
        fault: FaultKind::Cut,
    });
    let data = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/none.ron");
    scenario.beside = file::Beside::file(data.as_ref());
    // Others are in no frame, so it is no further away.
    let apart = Frame {
        members: vec!["db".into()],
        ..Frame::default()
    };
    scenario.frames.insert("apart".into(), apart);
    for (path, value) in [
        ("balancer.health", "on"),
        ("balancer.health.interval", "400ms"),
        ("api -> db.retries", "on"),
        ("api -> db.retries.max", "2"),
        ("replica.read", "exp 20ms"),
        ("replica.apply", "exp 2ms"),
        ("replica.slots", "2"),
        ("clients.keys", "Zipf(items: 500, s: 1.0)"),
        ("limiter.limit.burst", "5"),
        ("limiter.limit.rate", "15"),
        ("clients.arrivals.rate", "250"),
        ("api -> db.loss", "2%"),
        ("api -> db.timeout", "300ms"),
    ] {
        set(&mut scenario, path, value).unwrap_or_else(|error| panic!("{path}: {error}"));
    }
    scenario
}

/// Boxes that call each other in frames of their own, one pair with a latency between them.
fn apart() -> Scenario {
    let mut scenario = busy();
    for (name, kind, member) in [
        ("west", FrameKind::Zone, Some("api")),
        ("rest", FrameKind::Zone, Some("cache")),
        ("east", FrameKind::Region, None),
    ] {
        let frame = Frame {
            kind,
            inside: None,
            members: member.into_iter().map(str::to_owned).collect(),
        };
        scenario.frames.insert(name.into(), frame);
    }
    scenario.latencies.push(FrameLatency {
        from: "west".into(),
        to: "rest".into(),
        latency: constant(5),
    });
    scenario
}

/// A path and a value.
type Turn = (&'static str, &'static str);
/// What is set before, and the path and the new value of what is turned.
type Knob = (&'static [Turn], &'static str, &'static str);

/// A box that has a line.
const LINE: &[Turn] = &[
    ("api.slots", "1"),
    ("clients.arrivals.rate", "190"),
    ("clients.retries.max", "0"),
];

/// One with an autoscaler in a hurry.
const SCALED: &[Turn] = &[
    ("inner.slots", "1"),
    ("inner.instances", "2"),
    ("inner.service", "exp 50ms"),
    ("inner.autoscaler", "on"),
    ("inner.autoscaler.interval", "1s"),
    ("inner.autoscaler.boot", "2s"),
    ("inner.autoscaler.in_cooldown", "2s"),
];

const COLD: &[Turn] = &[
    ("inner.slots", "1"),
    ("inner.instances", "2"),
    ("inner.service", "exp 50ms"),
    ("inner.autoscaler", "on"),
    ("inner.autoscaler.interval", "1s"),
    ("inner.autoscaler.boot", "2s"),
    ("inner.autoscaler.in_cooldown", "2s"),
    ("inner.autoscaler.warm_up", "5s"),
];

const STEPS: &str = "Steps(above: 0.7, out_after: 2s, add: 1, below: 0.5, in_after: 4s, remove: 1)";

const IN_STEPS: &[Turn] = &[
    ("inner.slots", "1"),
    ("inner.instances", "2"),
    ("inner.service", "exp 50ms"),
    ("inner.autoscaler", "on"),
    ("inner.autoscaler.interval", "1s"),
    ("inner.autoscaler.boot", "2s"),
    ("inner.autoscaler.in_cooldown", "0s"),
    ("inner.autoscaler.policy", STEPS),
];

/// One that sheds.
const SHED: &[Turn] = &[
    ("api.slots", "1"),
    ("clients.arrivals.rate", "190"),
    ("clients.retries.max", "0"),
    ("api.shed", "on"),
    ("api.shed.when.calls", "5"),
];

const SHED_WAIT: &[Turn] = &[
    ("api.slots", "1"),
    ("clients.arrivals.rate", "190"),
    ("clients.retries.max", "0"),
    ("api.shed", "on"),
    ("api.shed.when", "Wait"),
];

const SHED_BUSY: &[Turn] = &[
    ("api.slots", "1"),
    ("clients.arrivals.rate", "190"),
    ("clients.retries.max", "0"),
    ("api.shed", "on"),
    ("api.shed.when", "Utilization"),
    ("api.shed.when.above", "0.8"),
];

const PAUSES: &[Turn] = &[("api.pauses", "on"), ("api.pauses.every", "exp 1s")];

/// Users who keep connections open.
const TALK: &str = "LongLived(connections: 50, hold: Exponential(2s), every: Exponential(500ms), away: Exponential(1s), reconnect: Exponential(200ms))";
const TALKERS: &[Turn] = &[("travellers.arrivals", TALK)];
/// More than there is room for.
const CROWD: &[Turn] = &[("travellers.arrivals", TALK), ("near.max_connections", "5")];

/// What is turned first, so that the knob has something to act on, and the knob with its new value.
const KNOBS: &[Knob] = &[
    (&[], "seed", "2"),
    (&[], "operations.write.kind", "Read"),
    (&[], "operations.write.weight", "0.5"),
    (&[], "clients.arrivals", "Constant(rate: 150)"),
    (&[], "clients.arrivals", "Closed(users: 50, think: 100ms)"),
    (&[], "clients.arrivals.rate", "280"),
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
        "200ms",
    ),
    (
        &[
            ("api.slots", "2"),
            ("clients -> balancer.loss", "0"),
            ("api -> db.loss", "0"),
        ],
        "clients.arrivals",
        "Uniform(rate: 250)",
    ),
    (&[], "travellers.arrivals", TALK),
    (TALKERS, "travellers.arrivals.connections", "80"),
    (TALKERS, "travellers.arrivals.hold", "exp 4s"),
    (TALKERS, "travellers.arrivals.every", "exp 1s"),
    (TALKERS, "travellers.arrivals.away", "exp 2s"),
    (CROWD, "travellers.arrivals.reconnect", "exp 400ms"),
    (
        &[(
            "travellers.arrivals",
            "LongLived(connections: 400, hold: Exponential(2s), every: Exponential(5s), away: Exponential(1s), heartbeat: 1s)",
        )],
        "travellers.arrivals.heartbeat",
        "3s",
    ),
    (TALKERS, "travellers.arrivals.connect", "write"),
    (CROWD, "near.max_connections", "10"),
    (&[], "clients.arrivals", BURSTS),
    (
        &[("clients.arrivals", BURSTS)],
        "clients.arrivals.low",
        "200",
    ),
    (
        &[("clients.arrivals", BURSTS)],
        "clients.arrivals.high",
        "700",
    ),
    (
        &[("clients.arrivals", BURSTS)],
        "clients.arrivals.low_for",
        "4s",
    ),
    (
        &[("clients.arrivals", BURSTS)],
        "clients.arrivals.high_for",
        "4s",
    ),
    (&[], "clients.arrivals", BATCHES),
    (
        &[("clients.arrivals", BATCHES)],
        "clients.arrivals.size",
        "20",
    ),
    (
        &[("clients.arrivals", BATCHES)],
        "clients.arrivals.sizes",
        "Geometric",
    ),
    (&[], "clients.arrivals", RECORDED),
    (
        &[("clients.arrivals", RECORDED)],
        "clients.arrivals.times",
        "0s, 10ms, 500ms",
    ),
    (
        &[("clients.arrivals", RECORDED)],
        "clients.arrivals.repeat",
        "5s",
    ),
    (
        &[("clients.arrivals", IN_FILE)],
        "clients.arrivals.column",
        "later",
    ),
    (
        &[("clients.arrivals", IN_FILE)],
        "clients.arrivals.unit",
        "ms",
    ),
    (
        &[("clients.arrivals", IN_FILE)],
        "clients.arrivals.unit",
        "us",
    ),
    (
        &[("clients.arrivals", IN_FILE)],
        "clients.arrivals.unit",
        "ns",
    ),
    (&[], "clients.arrivals", SESSIONS),
    (
        &[("clients.arrivals", SESSIONS)],
        "clients.arrivals.starts",
        "60",
    ),
    (
        &[("clients.arrivals", SESSIONS)],
        "clients.arrivals.requests",
        "8",
    ),
    (
        &[("clients.arrivals", SESSIONS)],
        "clients.arrivals.think",
        "exp 2s",
    ),
    (
        &[("clients.arrivals", SESSIONS)],
        "clients.arrivals.profile",
        "[Spike(at: 5s, until: 8s, times: 3)]",
    ),
    (&[], "clients.operations", "read"),
    (&[], "clients.keys", "Uniform(items: 500)"),
    (&[], "clients.keys.items", "1000"),
    (&[], "clients.keys.s", "0.5"),
    (&[], "clients.keys", HOT_SET),
    (&[("clients.keys", HOT_SET)], "clients.keys.hot", "0.4"),
    (&[("clients.keys", HOT_SET)], "clients.keys.traffic", "0.9"),
    (&[], "clients.keys", "Sequential(items: 500)"),
    (
        &[("balancer.algorithm", "SessionHash")],
        "clients.session_skew",
        "1.5",
    ),
    (
        &[("balancer.algorithm", "SessionHash")],
        "clients.sessions",
        "3",
    ),
    (&[("clients.retries.max", "0")], "clients.timeout", "60ms"),
    (&[], "clients.timeout", "none"),
    (&[], "clients.retries.max", "1"),
    (&[], "clients.retries.backoff", "None"),
    (&[], "clients.retries.backoff", "Constant(50ms)"),
    (&[], "clients.retries.jitter", "None"),
    (&[], "clients.retries.jitter", "Decorrelated"),
    (&[("api.slots", "3")], "balancer.algorithm", "RoundRobin"),
    (&[], "balancer.algorithm", "WeightedRoundRobin"),
    (&[], "balancer.algorithm", "Random"),
    (&[], "balancer.algorithm", "PowerOfTwo"),
    (&[], "balancer.algorithm", "SessionHash"),
    (&[], "balancer.algorithm", "KeyHash"),
    (&[], "balancer.algorithm", "ConsistentHash"),
    (&[], "balancer.algorithm", "LowestUtilization"),
    (&[], "balancer.algorithm", "LeastResponseTime"),
    (
        &[("balancer -> spare.weight", "3")],
        "balancer.algorithm",
        "WeightedLeastConnections",
    ),
    (
        &[("api.instances", "4")],
        "balancer.algorithm",
        "PowerOfChoices",
    ),
    (
        &[
            ("api.instances", "4"),
            ("balancer.algorithm", "PowerOfChoices"),
        ],
        "balancer.algorithm.choices",
        "2",
    ),
    (
        &[("balancer.algorithm", "LeastResponseTime")],
        "balancer.algorithm.alpha",
        "0.9",
    ),
    (
        &[("balancer.algorithm", "LeastResponseTime")],
        "balancer.algorithm.memory",
        "100ms",
    ),
    (
        &[("balancer.algorithm", "ConsistentHash")],
        "balancer.algorithm.by",
        "Session",
    ),
    (
        &[("balancer.algorithm", "ConsistentHash")],
        "balancer.algorithm.vnodes",
        "3",
    ),
    (
        &[("balancer.algorithm", "ConsistentHash")],
        "balancer.algorithm.bound",
        "1.25",
    ),
    (&[], "balancer.sticky", "true"),
    (
        &[("balancer.health", "none"), ("api.instances", "1")],
        "balancer.ejection",
        "on",
    ),
    (
        &[
            ("api.instances", "1"),
            ("balancer.health", "none"),
            ("balancer.ejection", "on"),
        ],
        "balancer.ejection.consecutive_failures",
        "50",
    ),
    (
        &[("balancer.health", "none"), ("balancer.ejection", "on")],
        "balancer.ejection.base_time",
        "1s",
    ),
    (
        &[
            ("api.instances", "4"),
            ("balancer.health", "none"),
            ("balancer.ejection", "on"),
        ],
        "balancer.ejection.max_share",
        "1",
    ),
    (&[], "balancer.capacity", "on"),
    (
        &[("balancer.capacity", "on")],
        "balancer.capacity.slots",
        "5",
    ),
    (
        &[("balancer.capacity", "on")],
        "balancer.capacity.service",
        "20ms",
    ),
    (
        &[("faults.6.on", "balancer"), ("faults.6.until", "57s")],
        "balancer.pair",
        "ActivePassive",
    ),
    (
        &[("faults.6.on", "balancer"), ("faults.6.until", "57s")],
        "balancer.pair",
        "ActiveActive",
    ),
    (
        &[
            ("faults.6.on", "balancer"),
            ("faults.6.until", "57s"),
            ("balancer.pair", "ActivePassive"),
        ],
        "balancer.pair.takeover",
        "5s",
    ),
    (
        &[("balancer.health.healthy", "1")],
        "balancer.slow_start",
        "5s",
    ),
    (&[], "balancer -> spare.only", "Writes"),
    (&[], "balancer.health", "none"),
    (&[], "balancer.health.interval", "700ms"),
    (&[], "balancer.health.unhealthy", "1"),
    (&[], "balancer.health.depth", "Deep"),
    (
        &[("faults.6.fault", "Hang")],
        "balancer.health.timeout",
        "100ms",
    ),
    (
        &[("faults.6.at", "20s"), ("faults.6.until", "30s")],
        "balancer.health.healthy",
        "50",
    ),
    (&[], "limiter.limit", "LeakyBucket(capacity: 5, rate: 15)"),
    (&[], "limiter.limit", "FixedWindow(limit: 5, window: 200ms)"),
    (&[], "limiter.limit", "SlidingLog(limit: 5, window: 200ms)"),
    (
        &[],
        "limiter.limit",
        "SlidingCounter(limit: 5, window: 200ms)",
    ),
    (&[], "limiter.limit.burst", "200"),
    (&[], "limiter.limit.rate", "20"),
    (
        &[("limiter.limit", "LeakyBucket(capacity: 5, rate: 15)")],
        "limiter.limit.capacity",
        "200",
    ),
    (
        &[("limiter.limit", "LeakyBucket(capacity: 5, rate: 15)")],
        "limiter.limit.rate",
        "20",
    ),
    (
        &[("limiter.limit", "FixedWindow(limit: 5, window: 200ms)")],
        "limiter.limit.limit",
        "7",
    ),
    (
        &[("limiter.limit", "SlidingLog(limit: 5, window: 200ms)")],
        "limiter.limit.window",
        "300ms",
    ),
    (&[], "limiter.scope", "PerSession"),
    (&[], "limiter.excess", "Wait"),
    (
        &[("limiter.excess", "Wait(capacity: 3)")],
        "limiter.excess.capacity",
        "200",
    ),
    (&[("front.slots", "1")], "front.slots", "4"),
    (&[], "front.authentication", "exp 10ms"),
    (&[], "front.rate_limit", "on"),
    (
        &[("front.rate_limit", "on")],
        "front.rate_limit.limit",
        "LeakyBucket(capacity: 5, rate: 15)",
    ),
    (
        &[("front.rate_limit", "on")],
        "front.rate_limit.limit",
        "FixedWindow(limit: 5, window: 200ms)",
    ),
    (
        &[("front.rate_limit", "on")],
        "front.rate_limit.limit",
        "SlidingLog(limit: 5, window: 200ms)",
    ),
    (
        &[("front.rate_limit", "on")],
        "front.rate_limit.limit",
        "SlidingCounter(limit: 5, window: 200ms)",
    ),
    (
        &[
            ("front.rate_limit", "on"),
            (
                "front.rate_limit.limit",
                "LeakyBucket(capacity: 5, rate: 15)",
            ),
        ],
        "front.rate_limit.limit.capacity",
        "500",
    ),
    (
        &[
            ("front.rate_limit", "on"),
            (
                "front.rate_limit.limit",
                "LeakyBucket(capacity: 5, rate: 15)",
            ),
        ],
        "front.rate_limit.limit.rate",
        "20",
    ),
    (
        &[("front.rate_limit", "on")],
        "front.rate_limit.scope",
        "PerSession",
    ),
    (&[], "front.cache", "on"),
    (
        &[("front.cache", "on"), ("front.cache.capacity", "50")],
        "front.cache.capacity",
        "5000",
    ),
    (
        &[("front.cache", "on"), ("front.cache.ttl", "1s")],
        "front.cache.ttl",
        "1min",
    ),
    (&[], "names.policy", "Weighted"),
    (&[], "names.policy", "Failover"),
    (&[], "names.policy", "Nearest"),
    (&[], "names.ttl", "1s"),
    (&[], "names.lookup", "exp 100ms"),
    (&[], "names.scope", "Global"),
    // While there is another way.
    (&[("faults.8.until", "12s")], "names.health", "on"),
    (&[], "lambda.service", "exp 100ms"),
    (&[("lambda.cold_start", "300ms")], "lambda.cold_start", "1s"),
    (&[], "lambda.keep_alive", "100ms"),
    (&[("lambda.concurrency", "1")], "lambda.concurrency", "2"),
    (&[], "api.instances", "2"),
    (&[], "api.slots", "3"),
    (&[], "api.service", "15ms"),
    (&[], "api.service", "uniform 10ms 20ms"),
    (&[], "api.service", "lognormal 10ms 60ms"),
    (&[], "api.service", "Erlang(k: 3, mean: 15ms)"),
    (&[], "api.service", "normal 15ms 3ms"),
    (&[], "api.service", "gamma 15ms cv 2"),
    (&[], "api.service", "weibull 0.7 mean 15ms"),
    (&[], "api.service", "pareto 1.5 5ms 1s"),
    (&[], "api.service", "hyper 15ms cv 2"),
    (&[], "api.service", "empirical 5ms 10ms 30ms"),
    (&[], "api.per_operation", "write: 30ms"),
    (&[], "api.contention", "on"),
    (&[("api.contention", "on")], "api.contention.alpha", "50%"),
    (&[("api.contention", "on")], "api.contention.beta", "20%"),
    (&[("api.slots", "2")], "api.queue.capacity", "2"),
    (&[], "api.speed", "2"),
    (
        &[("inner.slots", "1"), ("inner.service", "exp 50ms")],
        "inner.autoscaler",
        "on",
    ),
    (SCALED, "inner.autoscaler.policy", STEPS),
    (SCALED, "inner.autoscaler.policy", "QueueLength"),
    (
        SCALED,
        "inner.autoscaler.policy",
        "Scheduled(times: [(20s, 5)])",
    ),
    (SCALED, "inner.autoscaler.policy", "Predictive"),
    (SCALED, "inner.autoscaler.policy.utilization", "0.3"),
    (
        &[
            ("inner.slots", "1"),
            ("inner.instances", "6"),
            ("inner.autoscaler", "on"),
            ("inner.autoscaler.interval", "1s"),
            ("inner.autoscaler.in_cooldown", "2s"),
        ],
        "inner.autoscaler.min",
        "6",
    ),
    (SCALED, "inner.autoscaler.max", "3"),
    (SCALED, "inner.autoscaler.interval", "20s"),
    (SCALED, "inner.autoscaler.boot", "20s"),
    (COLD, "inner.autoscaler.warm_up", "30s"),
    (COLD, "inner.autoscaler.cold", "8"),
    (SCALED, "inner.autoscaler.out_cooldown", "30s"),
    (SCALED, "inner.autoscaler.in_cooldown", "1min"),
    (IN_STEPS, "inner.autoscaler.policy.above", "0.95"),
    (IN_STEPS, "inner.autoscaler.policy.out_after", "15s"),
    (IN_STEPS, "inner.autoscaler.policy.add", "5"),
    (IN_STEPS, "inner.autoscaler.policy.below", "0.05"),
    (IN_STEPS, "inner.autoscaler.policy.in_after", "1min"),
    (IN_STEPS, "inner.autoscaler.policy.remove", "3"),
    (
        &[
            ("inner.slots", "1"),
            ("inner.service", "exp 50ms"),
            ("inner.autoscaler", "on"),
            ("inner.autoscaler.interval", "1s"),
            ("inner.autoscaler.boot", "2s"),
            ("inner.autoscaler.in_cooldown", "2s"),
            ("inner.autoscaler.policy", "QueueLength"),
        ],
        "inner.autoscaler.policy.per_instance",
        "1",
    ),
    (
        &[
            ("inner.slots", "1"),
            ("inner.autoscaler", "on"),
            ("inner.autoscaler.boot", "2s"),
            ("inner.autoscaler.policy", "Scheduled(times: [(20s, 5)])"),
        ],
        "inner.autoscaler.policy.times",
        "[(10s, 5)]",
    ),
    (
        &[
            ("inner.slots", "1"),
            ("inner.service", "exp 50ms"),
            ("inner.autoscaler", "on"),
            ("inner.autoscaler.interval", "1s"),
            ("inner.autoscaler.boot", "2s"),
            ("inner.autoscaler.in_cooldown", "2s"),
            ("inner.autoscaler.policy", "Predictive"),
        ],
        "inner.autoscaler.policy.window",
        "3s",
    ),
    (
        &[
            ("inner.slots", "1"),
            ("inner.service", "exp 50ms"),
            ("inner.autoscaler", "on"),
            ("inner.autoscaler.interval", "1s"),
            ("inner.autoscaler.boot", "2s"),
            ("inner.autoscaler.in_cooldown", "2s"),
            ("inner.autoscaler.policy", "Predictive"),
        ],
        "inner.autoscaler.policy.utilization",
        "0.3",
    ),
    (
        &[("api.slots", "1"), ("api.service", "exp 40ms")],
        "api.shed",
        "on",
    ),
    (SHED, "api.shed.when", "Wait"),
    (SHED, "api.shed.when", "Utilization"),
    (SHED, "api.shed.when.calls", "20"),
    (
        &[
            ("api.slots", "1"),
            ("clients.arrivals.rate", "190"),
            ("clients.retries.max", "0"),
            ("operations.write.priority", "2"),
            ("api.shed", "on"),
            ("api.shed.when.calls", "5"),
        ],
        "api.shed.spares",
        "2",
    ),
    (SHED_WAIT, "api.shed.when.longer", "60ms"),
    (SHED_BUSY, "api.shed.when.above", "0.5"),
    (SHED_BUSY, "api.shed.when.over", "100ms"),
    (&[], "api.pauses", "on"),
    (PAUSES, "api.pauses.every", "exp 5s"),
    (PAUSES, "api.pauses.length", "300ms"),
    (LINE, "api.queue.discipline", "Lifo"),
    (
        &[
            ("api.slots", "1"),
            ("clients.arrivals.rate", "190"),
            ("operations.read.priority", "3"),
        ],
        "api.queue.discipline",
        "Priority",
    ),
    (LINE, "api.queue.discipline", "Random"),
    (LINE, "api.queue.discipline", "ProcessorSharing"),
    (LINE, "api.queue.discipline", "CoDel"),
    (LINE, "api.queue.discipline", "AdaptiveLifo"),
    (
        &[
            ("api.slots", "1"),
            ("clients.arrivals.rate", "190"),
            ("api.queue.discipline", "CoDel"),
        ],
        "api.queue.discipline.target",
        "500ms",
    ),
    (
        &[
            ("api.slots", "1"),
            ("clients.arrivals.rate", "190"),
            ("api.queue.discipline", "CoDel"),
        ],
        "api.queue.discipline.interval",
        "2s",
    ),
    (
        &[
            ("api.slots", "1"),
            ("clients.arrivals.rate", "190"),
            ("api.queue.discipline", "AdaptiveLifo"),
        ],
        "api.queue.discipline.target",
        "500ms",
    ),
    (
        &[
            ("api.slots", "1"),
            ("clients.arrivals.rate", "190"),
            ("api.queue.discipline", "AdaptiveLifo"),
        ],
        "api.queue.discipline.interval",
        "2s",
    ),
    (
        &[
            ("api.slots", "1"),
            ("clients.arrivals.rate", "190"),
            ("api.queue.discipline", "Priority"),
        ],
        "operations.read.priority",
        "3",
    ),
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
    (
        &[("jobs.visibility", "50ms")],
        "jobs.acknowledge",
        "BeforeWork",
    ),
    (&[("jobs.visibility", "50ms")], "jobs.max_deliveries", "1"),
    (&[], "api -> jobs.step", "1"),
    (&[], "clients -> balancer.to", "api"),
    (&[], "balancer -> spare.from", "clients"),
    (&[], "api -> jobs.only", "Reads"),
    (&[], "api -> jobs.only", "Writes"),
    (&[], "api -> jobs.only", "Named(write)"),
    (&[], "api -> jobs.when", "OnFailure"),
    (&[], "api -> jobs.when", "OnMiss"),
    (&[], "api -> jobs.mode", "Sync"),
    (&[], "api -> jobs.mode", "Forward"),
    (&[], "api -> jobs.probability", "0.4"),
    (
        &[("balancer.algorithm", "WeightedRoundRobin")],
        "balancer -> spare.weight",
        "3",
    ),
    (
        &[("api -> db.latency", "250us")],
        "api -> db.latency",
        "1ms",
    ),
    (&[], "api -> db.loss", "1%"),
    (
        &[("operations.write.reply", "1kB")],
        "api -> db.bandwidth",
        "1Mbit/s",
    ),
    (
        &[("clients -> balancer.bandwidth", "2Mbit/s")],
        "operations.read.request",
        "500B",
    ),
    (
        &[("clients -> balancer.bandwidth", "2Mbit/s")],
        "operations.read.reply",
        "500B",
    ),
    (&[], "api -> db.timeout", "20ms"),
    (&[], "api -> db.retries", "none"),
    (&[("api -> db.loss", "20%")], "api -> db.retries.max", "1"),
    (
        &[("api -> db.loss", "5%")],
        "api -> db.retries.backoff",
        "Constant(100ms)",
    ),
    (
        &[
            ("api -> db.loss", "10%"),
            ("api -> db.retries.backoff", "Constant(300ms)"),
            ("clients.timeout", "none"),
        ],
        "api -> db.retries.jitter",
        "None",
    ),
    (
        &[("api -> db.loss", "20%")],
        "api -> db.retries.budget",
        "on",
    ),
    (
        &[
            ("api -> db.loss", "20%"),
            ("api -> db.retries.budget", "on"),
            ("api -> db.retries.budget.ratio", "0"),
            ("api -> db.retries.budget.per_second", "0"),
        ],
        "api -> db.retries.budget.ratio",
        "0.3",
    ),
    (
        &[
            ("api -> db.loss", "20%"),
            ("api -> db.retries.budget", "on"),
            ("api -> db.retries.budget.ratio", "0"),
            ("api -> db.retries.budget.per_second", "0"),
        ],
        "api -> db.retries.budget.per_second",
        "3",
    ),
    (
        &[
            ("api -> db.loss", "20%"),
            ("api -> db.retries.budget", "on"),
            ("api -> db.retries.budget.ratio", "0"),
            ("api -> db.retries.budget.per_second", "0"),
        ],
        "api -> db.retries.budget.burst",
        "200",
    ),
    (&[], "api -> db.hedge", "on"),
    (
        &[("api -> db.hedge", "on")],
        "api -> db.hedge.after",
        "Delay(delay: 1ms)",
    ),
    (
        &[("api -> db.hedge", "on")],
        "api -> db.hedge.after.share",
        "0.5",
    ),
    (
        &[
            ("api -> db.hedge", "on"),
            ("api -> db.hedge.after", "Delay(delay: 1ms)"),
        ],
        "api -> db.hedge.after.delay",
        "20ms",
    ),
    (
        &[("api -> db.timeout", "10ms")],
        "api -> db.cancellation",
        "true",
    ),
    (&[("api -> db.loss", "30%")], "api -> db.breaker", "on"),
    (
        &[
            ("api -> db.loss", "30%"),
            ("api -> db.breaker", "on"),
            ("api -> db.breaker.open", "2s"),
        ],
        "api -> db.breaker.trip",
        "Ratio",
    ),
    (
        &[
            ("api -> db.loss", "30%"),
            ("api -> db.breaker", "on"),
            ("api -> db.breaker.open", "2s"),
        ],
        "api -> db.breaker.open",
        "10s",
    ),
    (
        &[
            ("api -> db.loss", "20%"),
            ("api -> db.breaker", "on"),
            ("api -> db.breaker.open", "500ms"),
            ("api -> db.breaker.trip.failures", "3"),
        ],
        "api -> db.breaker.probes",
        "5",
    ),
    (
        &[
            ("api -> db.loss", "30%"),
            ("api -> db.breaker", "on"),
            ("api -> db.breaker.open", "2s"),
        ],
        "api -> db.breaker.trip.failures",
        "20",
    ),
    (
        &[
            ("api -> db.loss", "20%"),
            ("api -> db.breaker", "on"),
            ("api -> db.breaker.open", "200ms"),
            ("api -> db.breaker.trip", "Ratio"),
            ("api -> db.breaker.trip.least", "10"),
            ("api -> db.breaker.trip.window", "10"),
        ],
        "api -> db.breaker.trip.share",
        "0.9",
    ),
    (
        &[
            ("api -> db.loss", "15%"),
            ("api -> db.breaker", "on"),
            ("api -> db.breaker.open", "2s"),
            ("api -> db.breaker.trip", "Ratio"),
            ("api -> db.breaker.trip.least", "10"),
        ],
        "api -> db.breaker.trip.window",
        "10",
    ),
    (
        &[
            ("api -> db.loss", "40%"),
            ("api -> db.breaker", "on"),
            ("api -> db.breaker.open", "500ms"),
            ("api -> db.breaker.trip", "Ratio"),
            ("api -> db.breaker.trip.window", "2000"),
            ("api -> db.breaker.trip.least", "2000"),
        ],
        "api -> db.breaker.trip.least",
        "2",
    ),
    (
        &[("db.write", "exp 1s"), ("db.slots", "100")],
        "api -> db.pool",
        "on",
    ),
    (
        &[
            ("db.write", "exp 100ms"),
            ("db.slots", "100"),
            ("api -> db.pool", "on"),
            ("api -> db.pool.max", "2"),
        ],
        "api -> db.pool.max",
        "4",
    ),
    (
        &[
            ("db.write", "exp 100ms"),
            ("db.slots", "100"),
            ("api -> db.pool", "on"),
            ("api -> db.pool.max", "2"),
        ],
        "api -> db.pool.wait",
        "50ms",
    ),
    (
        &[
            ("db.write", "exp 100ms"),
            ("db.slots", "100"),
            ("api -> db.pool", "on"),
            ("api -> db.pool.max", "2"),
        ],
        "api -> db.pool.queue",
        "1",
    ),
    (&[], "db -> replica.link.lag", "50ms"),
    (FRAIL, "db.failures", "none"),
    (FRONT, "front.failures", "none"),
    (FRONT, "names.failures", "none"),
    (FRONT, "lambda.failures", "none"),
    (FRAIL, "db.failures.mtbf", "Exponential(2s)"),
    (FRAIL, "db.failures.mttr", "Exponential(2s)"),
    (&[], "faults.6.at", "45s"),
    (&[], "faults.6.until", "60s"),
    (&[], "faults.1.on", "db"),
    (&[], "faults.1.fault", "Hang"),
    (&[], "faults.1.fault", "Pause"),
    (&[], "faults.1.fault", "Flush"),
    (
        &[("faults.1.fault", "Errors")],
        "faults.1.fault.share",
        "0.9",
    ),
    (
        &[
            ("faults.1.on", "api"),
            ("faults.1.until", "60s"),
            ("faults.1.fault", "Capacity"),
            ("faults.1.fault.lost", "0.3"),
        ],
        "faults.1.fault.lost",
        "0.6",
    ),
    (&[], "faults.2.fault.times", "4"),
    (&[("faults.3.fault", "Loss")], "faults.3.fault.share", "0.9"),
    (&[], "faults.5.fault.times", "2"),
    (
        &[("faults.5.fault", "HotKey")],
        "faults.5.fault.share",
        "0.9",
    ),
    (&[], "faults.6.on", "api #2"),
    (DEPLOYED, "faults.6.fault.speed", "0.5"),
    (DEPLOYED, "faults.6.fault.errors", "0.3"),
    (DEPLOYED, "faults.6.fault.strategy", "Canary"),
    (DEPLOYED, "faults.6.fault.strategy", "BlueGreen"),
    (DEPLOYED, "faults.6.fault.strategy.batch", "4"),
    (DEPLOYED, "faults.6.fault.strategy.surge", "true"),
    (
        &[
            ("inner.instances", "4"),
            ("inner.slots", "1"),
            ("faults.6.on", "inner"),
            ("faults.6.until", "none"),
            ("faults.6.fault", "Deploy"),
            ("faults.6.fault.boot", "4s"),
            ("faults.6.fault.strategy", "Canary"),
        ],
        "faults.6.fault.strategy.instances",
        "3",
    ),
    (
        &[
            ("inner.instances", "4"),
            ("inner.slots", "1"),
            ("faults.6.on", "inner"),
            ("faults.6.until", "none"),
            ("faults.6.fault", "Deploy"),
            ("faults.6.fault.boot", "4s"),
            ("faults.6.fault.strategy", "Canary"),
        ],
        "faults.6.fault.strategy.watch",
        "5s",
    ),
    (
        &[
            ("inner.instances", "4"),
            ("inner.slots", "1"),
            ("faults.6.on", "inner"),
            ("faults.6.until", "none"),
            ("faults.6.fault", "Deploy"),
            ("faults.6.fault.boot", "4s"),
            ("faults.6.fault.strategy", "Canary"),
            ("faults.6.fault.strategy.watch", "5s"),
        ],
        "faults.6.fault.strategy.batch",
        "3",
    ),
    (
        &[
            ("inner.instances", "4"),
            ("inner.slots", "1"),
            ("faults.6.on", "inner"),
            ("faults.6.until", "none"),
            ("faults.6.fault", "Deploy"),
            ("faults.6.fault.boot", "4s"),
            ("faults.6.fault.strategy", "BlueGreen"),
        ],
        "faults.6.fault.strategy.keep",
        "5s",
    ),
    (DEPLOYED, "faults.6.fault.boot", "8s"),
    (DEPLOYED, "faults.6.fault.warm_up", "10s"),
    (
        &[
            ("inner.instances", "4"),
            ("inner.slots", "1"),
            ("faults.6.on", "inner"),
            ("faults.6.until", "none"),
            ("faults.6.fault", "Deploy"),
            ("faults.6.fault.boot", "4s"),
            ("faults.6.fault.warm_up", "10s"),
        ],
        "faults.6.fault.cold",
        "6",
    ),
    (
        &[
            ("inner.instances", "4"),
            ("inner.slots", "1"),
            ("faults.6.on", "inner"),
            ("faults.6.until", "none"),
            ("faults.6.fault", "Deploy"),
            ("faults.6.fault.boot", "4s"),
            ("inner.slots", "4"),
            ("inner.service", "exp 150ms"),
        ],
        "faults.6.fault.drain",
        "0s",
    ),
    (
        &[
            ("inner.instances", "4"),
            ("inner.slots", "1"),
            ("faults.6.on", "inner"),
            ("faults.6.until", "none"),
            ("faults.6.fault", "Deploy"),
            ("faults.6.fault.boot", "4s"),
            ("faults.6.fault.errors", "0.3"),
            ("faults.6.fault.strategy.batch", "4"),
        ],
        "faults.6.fault.roll_back",
        "on",
    ),
    (
        &[
            ("inner.instances", "4"),
            ("inner.slots", "1"),
            ("faults.6.on", "inner"),
            ("faults.6.until", "none"),
            ("faults.6.fault", "Deploy"),
            ("faults.6.fault.boot", "4s"),
            ("faults.6.fault.errors", "0.3"),
            ("faults.6.fault.strategy.batch", "4"),
            ("faults.6.fault.roll_back", "on"),
            ("faults.6.fault.roll_back.every", "1s"),
        ],
        "faults.6.fault.roll_back.every",
        "10s",
    ),
    (
        &[
            ("inner.instances", "4"),
            ("inner.slots", "1"),
            ("faults.6.on", "inner"),
            ("faults.6.until", "none"),
            ("faults.6.fault", "Deploy"),
            ("faults.6.fault.boot", "4s"),
            ("faults.6.fault.errors", "0.3"),
            ("faults.6.fault.strategy.batch", "4"),
            ("faults.6.fault.roll_back", "on"),
            ("faults.6.fault.roll_back.every", "1s"),
        ],
        "faults.6.fault.roll_back.calls",
        "5",
    ),
    (
        &[
            ("inner.instances", "4"),
            ("inner.slots", "1"),
            ("faults.6.on", "inner"),
            ("faults.6.until", "none"),
            ("faults.6.fault", "Deploy"),
            ("faults.6.fault.boot", "4s"),
            ("faults.6.fault.errors", "0.3"),
            ("faults.6.fault.strategy.batch", "4"),
            ("faults.6.fault.roll_back", "on"),
            ("faults.6.fault.roll_back.every", "1s"),
        ],
        "faults.6.fault.roll_back.failures",
        "0.5",
    ),
    (
        &[
            ("inner.instances", "4"),
            ("inner.slots", "1"),
            ("faults.6.on", "inner"),
            ("faults.6.until", "none"),
            ("faults.6.fault", "Deploy"),
            ("faults.6.fault.boot", "4s"),
            ("faults.6.fault.strategy.batch", "4"),
            ("faults.6.fault.roll_back", "on"),
            ("faults.6.fault.roll_back.every", "1s"),
        ],
        "faults.6.fault.roll_back.latency",
        "1ms",
    ),
];

/// A box that gets a new version.
const DEPLOYED: &[Turn] = &[
    ("inner.instances", "4"),
    ("inner.slots", "1"),
    ("faults.6.on", "inner"),
    ("faults.6.until", "none"),
    ("faults.6.fault", "Deploy"),
    ("faults.6.fault.boot", "4s"),
];

/// A database that fails by chance.
const FRAIL: &[Turn] = &[
    ("db.failures", "on"),
    ("db.failures.mtbf", "Exponential(8s)"),
    ("db.failures.mttr", "Exponential(500ms)"),
];

/// A door, names and a function that fail by chance.
const FRONT: &[Turn] = &[
    ("front.failures", "on"),
    ("front.failures.mtbf", "Exponential(8s)"),
    ("front.failures.mttr", "Exponential(500ms)"),
    ("names.failures", "on"),
    ("names.failures.mtbf", "Exponential(8s)"),
    ("names.failures.mttr", "Exponential(500ms)"),
    ("lambda.failures", "on"),
    ("lambda.failures.mtbf", "Exponential(8s)"),
    ("lambda.failures.mttr", "Exponential(500ms)"),
];

const BURSTS: &str = "Bursts(low: 100, high: 550, low_for: 2s, high_for: 1s)";
const BATCHES: &str = "Batches(rate: 250, size: 10)";
const RECORDED: &str = "Recorded(times: [10ms, 20ms, 50ms, 1s], repeat: 1s)";
const IN_FILE: &str = "Recorded(times: \"arrivals.csv\")";
const SESSIONS: &str = "Sessions(starts: 50, requests: 5, think: 100ms)";
const HOT_SET: &str = "HotSet(items: 500, hot: 0.2, traffic: 0.8)";

/// Those of frames, in [`apart`].
const FRAME_KNOBS: &[Knob] = &[
    (&[], "frames.apart.kind", "Region"),
    (&[], "frames.apart.inside", "east"),
    (&[], "frames.apart.members", "db, replica"),
    (
        &[("frames.apart.members", "db, balancer")],
        "clients.regions",
        "east: 1",
    ),
    (&[], "latencies.1.from", "apart"),
    (&[], "latencies.1.to", "apart"),
    (&[], "latencies.1.latency", "15ms"),
];

/// Faults, each on its own against none at all.
const FAULTS: &[(&str, &str)] = &[
    ("api", "Crash"),
    ("api", "Hang"),
    ("api #2", "Hang"),
    ("db", "Pause"),
    ("api #2", "Pause"),
    ("api", "Slow(times: 3)"),
    ("cache", "Flush"),
    ("balancer -> spare", "Cut"),
    ("api", "Errors(share: 0.3)"),
    ("api", "Capacity(lost: 0.6)"),
    ("api -> db", "Loss(share: 0.5)"),
    ("clients", "Traffic(times: 2)"),
    ("clients", "HotKey(share: 0.5)"),
    ("apart", "Partition"),
    ("inner", "Deploy((errors: 0.3, boot: \"4s\"))"),
];

/// Rows that no run of the engine can show: another test does.
const SHOWN_ELSEWHERE: &[(&str, &str)] = &[
    ("run.duration", "tests/command.rs"),
    ("run.warm_up", "tests/command.rs"),
    ("prices.load_balancer", "src/study/cost.rs"),
    ("prices.rate_limiter", "src/study/cost.rs"),
    ("prices.server", "src/study/cost.rs"),
    ("prices.api_gateway", "src/study/cost.rs"),
    ("prices.dns", "src/study/cost.rs"),
    ("prices.function", "src/study/cost.rs"),
    ("prices.gigabyte_second", "src/study/cost.rs"),
    ("memory", "src/study/cost.rs"),
    ("prices.cache", "src/study/cost.rs"),
    ("prices.database", "src/study/cost.rs"),
    ("prices.queue", "src/study/cost.rs"),
    ("prices.gigabyte_out", "src/study/cost/egress.rs"),
    ("prices.gigabyte_across_zones", "src/study/cost/egress.rs"),
    ("prices.gigabyte_across_regions", "src/study/cost/egress.rs"),
    (
        "link",
        "tests/truth/replication.rs, tests/truth/work_queue.rs",
    ),
];

/// The knob turned: its field before and after, and the scenario.
fn turn(before: &Scenario, path: &str, value: &str) -> (Subject, Field, Field, Scenario) {
    let mut after = before.clone();
    let (subject, was) = effect::field(before, path);
    set(&mut after, path, value).unwrap_or_else(|error| panic!("{path}: {error}"));
    let fields = parameters::fields_of(&after, &subject);
    let is = fields.into_iter().find(|field| field.path == was.path);
    let is = is.unwrap_or_else(|| panic!("{path} is gone"));
    (subject, was, is, after)
}

fn prepared(base: &Scenario, first: &[Turn]) -> Scenario {
    let mut scenario = base.clone();
    for (path, value) in first {
        set(&mut scenario, path, value).unwrap_or_else(|error| panic!("{path}: {error}"));
    }
    scenario
}

/// Whatever can be set changes what happens, and moves the measure that its row names in the
/// direction that the row says.
/// With `KNOB=api.slots` in the environment only the knobs whose path contains it.
fn turn_every<'k>(mut base: Scenario, knobs: impl Iterator<Item = &'k Knob>) {
    let only = std::env::var("KNOB").unwrap_or_default();
    let faults = std::mem::take(&mut base.faults);
    let untouched = effect::runs(&base, "nothing");
    let mut wrong = Vec::new();
    for (first, path, value) in knobs.filter(|(_, path, _)| path.contains(&only)) {
        // Faults drown what others do.
        let is_about_faults = path.contains("faults.")
            || path.contains(".health")
            || path.contains(".ejection")
            || path.contains(".slow_start")
            || path.contains(".pair")
            || path.contains(".heartbeat");
        let mut faulty = base.clone();
        if is_about_faults {
            faulty.faults.clone_from(&faults);
        }
        let before = prepared(&faulty, first);
        let (subject, was, is, after) = turn(&before, path, value);
        let is_base = first.is_empty() && !is_about_faults;
        let prepared = if is_base {
            Vec::new()
        } else {
            effect::runs(&before, path)
        };
        let runs = if is_base { &untouched } else { &prepared };
        if effect::finished(&after, 0, path).fingerprint() == runs[0].fingerprint() {
            wrong.push(format!("{path} = {value} changes nothing"));
        }
        let effect = effect::predicted(&was, &is);
        wrong.extend(effect::check(runs, &after, &subject, effect, path));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn turn_part(part: usize) {
    turn_every(busy(), KNOBS.iter().skip(part).step_by(PARTS));
}

/// So many tests share the knobs, to run at the same time.
const PARTS: usize = 4;

#[test]
fn every_knob_does_what_its_row_says() {
    turn_part(0);
}

#[test]
fn every_knob_does_what_its_row_says_2() {
    turn_part(1);
}

#[test]
fn every_knob_does_what_its_row_says_3() {
    turn_part(2);
}

#[test]
fn every_knob_does_what_its_row_says_4() {
    turn_part(3);
}

#[test]
fn every_knob_of_a_frame_does_what_its_row_says() {
    turn_every(apart(), FRAME_KNOBS.iter());
}

/// Every fault against none at all.
#[test]
fn every_fault_does_what_its_row_says() {
    let mut base = busy();
    base.faults.clear();
    let untouched = effect::runs(&base, "nothing");
    let mut wrong = Vec::new();
    for (on, fault) in FAULTS {
        let mut after = base.clone();
        // What happens at once happens every second.
        let at_once = *fault == "Flush";
        for at in if at_once { 10..40 } else { 10..11 } {
            after.faults.push(Fault {
                at: secs(at),
                until: (!at_once).then_some(secs(40)),
                on: (*on).to_owned(),
                fault: ron::from_str(fault).unwrap(),
            });
        }
        let word = fault.split('(').next().unwrap();
        let Editor::Variants(variants) = FAULT[3].editor else {
            panic!("{:?}", FAULT[3]);
        };
        let variant = variants.iter().find(|variant| variant.word == word);
        let effect = variant.unwrap_or_else(|| panic!("{word}")).effect;
        let subject = match base
            .connections
            .iter()
            .position(|arrow| arrow.name() == *on)
        {
            Some(at) => Subject::Connection(at),
            None => {
                let name = on.split(" #").next().unwrap_or(on);
                Subject::Component(name.to_owned())
            }
        };
        wrong.extend(effect::check(&untouched, &after, &subject, effect, word));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Each row of the registry, its words with it, has its test, and says what it does.
#[test]
fn no_knob_is_left_out() {
    let base = apart();
    let mut turned = BTreeSet::new();
    for (first, path, value) in KNOBS.iter().chain(FRAME_KNOBS) {
        let (_, was, is, _) = turn(&prepared(&base, first), path, value);
        turned.insert(row(was.parameter, ""));
        for field in [&was, &is] {
            let word = field.text.split(['(', ' ']).next().unwrap_or_default();
            turned.insert(row(field.parameter, word));
        }
    }
    for (_, fault) in FAULTS {
        turned.insert(row(&FAULT[3], fault.split('(').next().unwrap()));
    }
    let mut left_out = Vec::new();
    let kinds = Kind::ALL.map(parameters::of_kind);
    for rows in kinds
        .into_iter()
        .chain([SCENARIO, OPERATION, CONNECTION, FAULT, FRAME, LATENCY])
    {
        look(rows, "", &turned, &mut left_out);
    }
    assert!(left_out.is_empty(), "{}", left_out.join("\n"));
}

fn row(parameter: &Parameter, word: &str) -> String {
    format!("{} ({}) {word}", parameter.key, parameter.explanation)
}

fn look(rows: &[Parameter], prefix: &str, turned: &BTreeSet<String>, left_out: &mut Vec<String>) {
    for parameter in rows {
        let path = format!("{prefix}{}", parameter.key);
        let is_shown = SHOWN_ELSEWHERE.iter().any(|(shown, _)| *shown == path);
        if parameter.effect == Effect::Nothing {
            continue;
        }
        let words: Vec<(&str, Effect)> = match parameter.editor {
            Editor::Choice(choices) | Editor::Phrase(choices) => {
                let words = choices.iter();
                words.map(|choice| (choice.word, choice.effect)).collect()
            }
            Editor::Variants(variants) => {
                let words = variants.iter();
                words
                    .map(|variant| (variant.word, variant.effect))
                    .collect()
            }
            _ => Vec::new(),
        };
        let default = match parameter.default.split('(').next() {
            Some("none") => words.first().map(|(word, _)| *word),
            word => word,
        };
        for (word, effect) in words.iter().filter(|(word, _)| Some(*word) != default) {
            if *effect == Effect::Unsaid {
                left_out.push(format!("{path} = {word} says no effect"));
            }
            if !is_shown && !turned.contains(&row(parameter, word)) {
                left_out.push(format!("{path} = {word} is never chosen"));
            }
        }
        match parameter.editor {
            Editor::Variants(variants) => {
                for variant in variants {
                    look(variant.parameters, &format!("{path}."), turned, left_out);
                }
            }
            Editor::Group(rows) => look(rows, &format!("{path}."), turned, left_out),
            _ => {}
        }
        let is_switch = parameter.optional || !matches!(parameter.editor, Editor::Group(_));
        if words.is_empty() && is_switch {
            if parameter.effect == Effect::Unsaid {
                left_out.push(format!("{path} says no effect"));
            }
            if !is_shown && !turned.contains(&row(parameter, "")) {
                left_out.push(format!("{path} is never turned"));
            }
        }
    }
}
