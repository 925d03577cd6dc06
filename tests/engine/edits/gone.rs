//! What goes with a box that goes, and who is told.

use littlebox::scenario::{
    Algorithm, Cache, Component, Connection, Distribution, Link, OperationKind, Queue, Replica,
    Replication, Server, When,
};

use super::edit;
use crate::support::design::*;

/// The requests of a client that goes go too, also from the books of their operations; and whoever
/// waits at a look-aside cache that goes asks the store.
#[test]
fn what_goes_leaves_every_book() {
    let mut engine = Design::new(5)
        .operation("write", OperationKind::Write, 1.0)
        .poisson("clients", 80.0)
        .poisson("others", 10.0)
        .server("server", 1, exponential(10))
        .join("clients", "server")
        .join("others", "server")
        .engine();
    engine.run_until(secs(10).nanos());
    edit(&mut engine, |scenario| {
        scenario.components.shift_remove("clients");
        scenario.connections.retain(|arrow| arrow.from != "clients");
    });
    engine.run_until(secs(20).nanos());
    engine.check_conservation().unwrap();

    let mut engine = Design::new(6)
        .poisson("clients", 50.0)
        .server("server", 100, constant(0))
        .add(
            "cache",
            Component::Cache(Cache {
                service: constant(100),
                ..instant_cache()
            }),
        )
        .add("db", Component::Database(instant_database()))
        .join("clients", "server")
        .join("server", "cache")
        .join("server", "db")
        .engine();
    engine.run_until(secs(5).nanos());
    assert!(at(&engine, "cache").present > 0);
    edit(&mut engine, |scenario| {
        scenario.components.shift_remove("cache");
        scenario.connections.retain(|arrow| arrow.to != "cache");
    });
    engine.run_until(secs(6).nanos());
    assert_eq!(at(&engine, "clients").failures.total(), 0);
}

/// What an instance that goes was doing is told to its callers, who may call again at once: nobody
/// may come into what goes.
#[test]
fn nobody_comes_into_an_instance_that_goes() {
    let workers = |instances| {
        Component::Server(Server {
            instances,
            ..server(2, exponential(100))
        })
    };
    let queue = Design::new(7)
        .poisson("clients", 200.0)
        .add("queue", Component::Queue(Queue::default()))
        .add("workers", workers(4))
        .join("clients", "queue")
        .join("queue", "workers");
    let fallback = Design::new(8)
        .poisson("clients", 200.0)
        .balancer("balancer", Algorithm::RoundRobin)
        .server("front", 100, Distribution::ZERO)
        .add("workers", workers(4))
        .join("clients", "front")
        .join("front", "balancer")
        .connect(Connection {
            when: Some(When::OnFailure),
            ..at_once("front", "workers")
        })
        .join("balancer", "workers");
    for design in [queue, fallback] {
        let mut engine = design.engine();
        for second in 1..=20 {
            engine.run_until(secs(second).nanos());
            edit(&mut engine, |s| {
                s.components["workers"] = workers(1 + (second as u32 * 3) % 4);
            });
            let totals = at(&engine, "workers");
            assert!(totals.held <= totals.present && totals.busy <= totals.held);
        }
    }
}

/// A replica whose primary goes is still applying a record of it, which means nothing to the next.
#[test]
fn a_record_of_a_primary_that_is_gone_means_nothing() {
    let replicated = |name: &str| Connection {
        link: Link::Replication(Replication {
            lag: constant(150),
            ..Replication::default()
        }),
        ..at_once(name, "replica")
    };
    let replica = Replica {
        apply: constant(500),
        ..instant_replica()
    };
    let mut engine = Design::new(9)
        .operation("write", OperationKind::Write, 1.0)
        .poisson("clients", 10.0)
        .add("one", Component::Database(instant_database()))
        .add("replica", Component::Replica(replica))
        .join("clients", "one")
        .connect(replicated("one"))
        .engine();
    engine.run_until(secs(5).nanos());
    let sent = engine.connection(1).records;
    while engine.connection(1).records == sent {
        engine.step();
    }
    let start = engine.now_ns();
    let before = at(&engine, "replica");
    assert_eq!((before.held, before.arrivals), (1, before.applied + 1));
    // Another database comes in its place.
    edit(&mut engine, |s| {
        s.components.shift_remove("one");
        let two = Component::Database(instant_database());
        s.components.insert("two".into(), two);
        s.connections = vec![at_once("clients", "two"), replicated("two")];
    });
    engine.run_until(start + ms(600).nanos());
    engine.check_conservation().unwrap();
    let after = at(&engine, "replica");
    assert_eq!(after.applied, before.applied);
    assert_eq!(after.departures, before.departures + 1, "the old record");
    // From now on the records of the new one are applied, one every half second.
    engine.run_until(start + secs(25).nanos());
    engine.check_conservation().unwrap();
    let after = at(&engine, "replica");
    assert_eq!(
        after.applied + before.departures + 1,
        after.departures + before.applied
    );
    assert!(
        (44..=50).contains(&(after.applied - before.applied)),
        "{after:?}"
    );
}

/// Many boxes go at once, each with what is inside of it: the others notice nothing.
#[test]
fn many_boxes_go_at_once() {
    let name = |what: &str, island: u64| format!("{what} {island}");
    let mut design = Design::new(10);
    for island in 0..60 {
        let clients = name("clients", island);
        let (balancer, workers) = (name("balancer", island), name("workers", island));
        let workers_drawn = Component::Server(Server {
            instances: 3,
            ..server(2, exponential(100))
        });
        design = design
            .poisson(&clients, 90.0)
            .balancer(&balancer, Algorithm::LeastConnections)
            .add(&workers, workers_drawn)
            .server(&name("spare", island), 6, exponential(100))
            .join(&clients, &balancer)
            .join(&balancer, &workers)
            .join(&balancer, &name("spare", island));
    }
    let mut alone = design.engine();
    let mut engine = design.engine();
    for run in [&mut alone, &mut engine] {
        run.run_until(secs(10).nanos());
    }
    // Of every third island all goes, of every third the workers, and of the rest nothing.
    let goes = |box_name: &String| {
        let (what, island) = box_name.split_once(' ').unwrap();
        match island.parse::<u32>().unwrap() % 3 {
            0 => true,
            1 => what == "workers",
            _ => false,
        }
    };
    let inside: Vec<u64> = (0..60)
        .map(|island| at(&engine, &name("workers", island)).present)
        .collect();
    edit(&mut engine, |scenario| {
        scenario.components.retain(|name, _| !goes(name));
        scenario
            .connections
            .retain(|arrow| !goes(&arrow.from) && !goes(&arrow.to));
    });
    for run in [&mut alone, &mut engine] {
        run.run_until(secs(20).nanos());
    }
    engine.check_conservation().unwrap();
    for island in 0..60 {
        let clients = name("clients", island);
        match island % 3 {
            0 => assert!(!engine.scenario().components.contains_key(&clients)),
            1 => {
                // Whoever was inside has failed, and nobody since.
                let inside = inside[island as usize];
                assert!(inside > 0);
                assert_eq!(at(&engine, &clients).failures.total(), inside);
                let left = at(&engine, &clients).present;
                assert_eq!(left, at(&engine, &name("spare", island)).present);
            }
            _ => {
                for what in ["clients", "balancer", "workers", "spare"] {
                    let name = name(what, island);
                    assert_eq!(at(&engine, &name), at(&alone, &name), "{name}");
                }
            }
        }
    }
}
