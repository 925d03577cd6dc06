//! What boxes keep that others come and go around.

use littlebox::scenario::{Algorithm, Cache, Client, Component, Keys};

use super::{edit, mm1};
use crate::support::{design::*, estimate::*};

/// A call that a target has forwarded is still in flight to that target.
#[test]
fn a_balancer_remembers_what_its_targets_forwarded() {
    let design = Design::new(8)
        .poisson("clients", 100.0)
        .balancer("balancer", Algorithm::PowerOfTwo)
        .server("a", 8, exponential(5))
        .server("b", 8, exponential(5))
        .server("slow", 20, exponential(150))
        .server("quick", 20, exponential(10))
        .join("clients", "balancer")
        .join("balancer", "a")
        .join("balancer", "b")
        .forward("a", "slow", 1.0)
        .forward("b", "quick", 1.0);
    let mut alone = design.engine();
    let mut edited = design.engine();
    for second in 1..=20 {
        alone.run_until(secs(second).nanos());
        edited.run_until(secs(second).nanos());
        edit(&mut edited, |scenario| scenario.notes += "!");
    }
    for name in ["a", "b", "slow", "quick"] {
        assert_eq!(at(&edited, name), at(&alone, name), "{name}");
    }
    // Fewer in flight where answers come sooner: that is where most go.
    assert!(at(&alone, "b").arrivals > at(&alone, "a").arrivals * 3 / 2);
}

/// A box in front of the others must not shift anybody's state.
#[test]
fn names_decide_not_places() {
    let mut engine = mm1(5).engine();
    engine.run_until(secs(50).nanos());
    let before = (
        at(&engine, "clients"),
        at(&engine, "server"),
        engine.connection(0),
    );
    edit(&mut engine, |scenario| {
        let idle = Component::Server(server(3, exponential(5)));
        scenario.components.shift_insert(0, "idle".into(), idle);
        scenario.components.shift_insert(
            1,
            "others".into(),
            Component::Client(patient(poisson(10.0))),
        );
        scenario.connections.insert(0, at_once("others", "idle"));
    });
    let after = (
        at(&engine, "clients"),
        at(&engine, "server"),
        engine.connection(1),
    );
    assert_eq!(after, before);
    // And the old ones go on with the same luck.
    engine.run_until(secs(100).nanos());
    let mut alone = mm1(5).engine();
    alone.run_until(secs(100).nanos());
    assert_eq!(at(&engine, "server"), at(&alone, "server"));
}

#[test]
fn a_cache_keeps_its_keys() {
    let client = |items| {
        Component::Client(Client {
            keys: Keys::Uniform { items },
            ..patient(poisson(1_000.0))
        })
    };
    let cache = |capacity| {
        Component::Cache(Cache {
            capacity: Some(capacity),
            ..instant_cache()
        })
    };
    let mut engine = Design::new(6)
        .add("clients", client(50))
        .add("cache", cache(50))
        .add("db", Component::Database(instant_database()))
        .join("clients", "cache")
        .join("cache", "db")
        .engine();
    engine.run_until(secs(5).nanos());
    assert_eq!(at(&engine, "cache").misses, 50);
    edit(&mut engine, |scenario| {
        scenario.components["cache"] = cache(80);
    });
    engine.run_until(secs(10).nanos());
    assert_eq!(at(&engine, "cache").misses, 50, "it forgot something");
    edit(&mut engine, |scenario| {
        scenario.components["cache"] = cache(25);
    });
    engine.run_until(secs(11).nanos());
    engine.reset_measures();
    engine.run_until(secs(200).nanos());
    let cache = at(&engine, "cache");
    // Half of the keys fit: independent uniform references hit half the time.
    check_share("hits", cache.hits, cache.hits + cache.misses, 0.5);
}

#[test]
fn health_checks_switched_off_and_on_are_as_before() {
    use littlebox::scenario::{FaultKind, Health, LoadBalancer};
    let balancer = |health| {
        Component::LoadBalancer(LoadBalancer {
            algorithm: Algorithm::RoundRobin,
            health,
            ..LoadBalancer::default()
        })
    };
    let health = Some(Health {
        interval: secs(1),
        unhealthy: 4,
        healthy: 2,
        ..Health::default()
    });
    let mut engine = Design::new(3)
        .poisson("clients", 100.0)
        .add("balancer", balancer(health))
        .server("server", 4, exponential(10))
        .server("other", 4, exponential(10))
        .join("clients", "balancer")
        .join("balancer", "server")
        .join("balancer", "other")
        .engine();
    engine.run_until(ms(10_500).nanos());
    for _ in 0..5 {
        edit(&mut engine, |s| s.components["balancer"] = balancer(None));
        edit(&mut engine, |s| s.components["balancer"] = balancer(health));
    }
    engine.start_fault("server", FaultKind::Crash).unwrap();
    // Failed checks at 11.5, 12.5, 13.5 and 14.5 s, and none in between.
    engine.run_until(ms(14_400).nanos());
    assert_eq!(engine.out_of_rotation(1), Some((0, 2)));
    engine.run_until(ms(14_600).nanos());
    assert_eq!(engine.out_of_rotation(1), Some((1, 2)));
}
