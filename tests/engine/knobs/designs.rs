//! The designs whose knobs are turned.

use littlebox::scenario::{
    ApiGateway, Cache, Component, Connection, Database, Dns, Fault, FaultKind, Frame, FrameKind,
    FrameLatency, Function, Link, OperationKind, RateLimiter, Replication, Scenario, file,
    parameters::set,
};

use crate::support::{design::*, everything::*};

/// Everything, with a replica, weights and health checks besides, and hardly enough of anything.
pub fn busy() -> Scenario {
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
pub fn apart() -> Scenario {
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

/// Boxes of every kind that has a line, each by itself, busy, with one slot and a line.
pub fn lines() -> Scenario {
    let mut design = Design::new(1)
        .operation("write", OperationKind::Write, 0.3)
        .operation("urgent", OperationKind::Read, 0.3)
        .server("server", 1, exponential(10))
        .add("cache", Component::Cache(Cache::default()))
        .add("database", Component::Database(Database::default()))
        .add("replica", Component::Replica(instant_replica()))
        .add("gateway", Component::ApiGateway(ApiGateway::default()))
        .server("behind", 1_000, constant(1))
        .connect(Connection::new("gateway", "behind"))
        .connect(Connection {
            link: Link::Replication(Replication::default()),
            ..at_once("database", "replica")
        });
    for name in LINES {
        let client = format!("for {name}");
        design = design.poisson(&client, 85.0).join(&client, name);
    }
    let mut scenario = design.0;
    for (path, value) in [
        ("cache.slots", "1"),
        ("cache.service", "exp 10ms"),
        ("database.slots", "1"),
        ("database.read", "exp 10ms"),
        ("database.write", "exp 10ms"),
        ("replica.slots", "1"),
        ("replica.read", "exp 10ms"),
        ("for replica.operations", "read, urgent"),
        ("gateway.slots", "1"),
        ("gateway.authentication", "exp 9ms"),
    ] {
        set(&mut scenario, path, value).unwrap_or_else(|error| panic!("{path}: {error}"));
    }
    scenario
}

/// Those that have a line, in [`lines`].
pub const LINES: [&str; 5] = ["server", "cache", "database", "replica", "gateway"];
