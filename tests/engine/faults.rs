//! What each fault does while it lasts, and that nothing of it is left when it is over.

use littlebox::{
    engine::{Cause, Engine, Totals, Trouble},
    scenario::{
        Arrivals, Cache, Client, Component, Connection, Distribution, Duration, Fault, FaultKind,
        Keys, Mode, Queue, Rate, RateShape, When,
    },
};

use crate::support::{design::*, estimate::*};

/// Clients with a patience of 1 s at a server with 4 slots at a third of its capacity.
fn simple(seed: u64) -> Design {
    let client = Client {
        timeout: Some(secs(1)),
        ..patient(poisson_until(120.0, secs(60)))
    };
    Design::new(seed)
        .add("clients", Component::Client(client))
        .server("server", 4, exponential(10))
        .join("clients", "server")
}

/// One call at 1 s with 2 s of work.
fn single() -> Design {
    let once = Arrivals::Constant {
        rate: Rate(1.0),
        profile: vec![RateShape::Steps(vec![(
            Duration::from_millis(1_500),
            Rate(0.0),
        )])],
    };
    Design::new(1)
        .client("clients", once)
        .server("server", 1, Distribution::Constant(secs(2)))
        .join("clients", "server")
}

fn between(engine: &mut Engine, from: u64, until: u64) -> (Totals, Totals) {
    engine.run_until(secs(from).nanos());
    engine.reset_measures();
    engine.run_until(secs(until).nanos());
    engine.check_conservation().unwrap();
    (at(engine, "clients"), at(engine, "server"))
}

/// After a fault: everything flows again, and at the end nothing is left anywhere.
fn check_healed(mut engine: Engine) {
    let (clients, server) = between(&mut engine, 45, 55);
    assert_eq!(clients.failures.total(), 0, "{clients:?}");
    assert_eq!(server.failures.total(), 0, "{server:?}");
    check_poisson_count("arrivals", server.arrivals, 1_200.0);
    engine.run_until(secs(300).nanos());
    engine.check_conservation().unwrap();
    for index in 0..engine.scenario().components.len() {
        let totals = engine.component(index);
        assert_eq!(
            (totals.present, totals.held, totals.busy),
            (0, 0, 0),
            "{index}"
        );
    }
    assert_eq!(engine.connection(0).present, 0);
}

#[test]
fn a_crash_kills_what_is_inside_and_refuses_the_rest() {
    let mut engine = simple(1).engine();
    engine.run_until(secs(20).nanos());
    while at(&engine, "server").present == 0 {
        engine.step();
    }
    let inside = at(&engine, "server").present;
    let now = engine.now_ns();
    engine.reset_measures();
    engine.start_fault("server", FaultKind::Crash).unwrap();
    engine.run_until(now);
    let (clients, server) = (at(&engine, "clients"), at(&engine, "server"));
    assert_eq!((server.present, server.held, server.busy), (0, 0, 0));
    assert_eq!(server.failures.get(Cause::Down), inside);
    assert_eq!(clients.failures.get(Cause::Down), inside);
    engine.check_conservation().unwrap();

    let (clients, server) = between(&mut engine, 25, 35);
    assert_eq!(
        (server.arrivals, server.completed, clients.completed),
        (0, 0, 0)
    );
    assert_eq!(server.refused, clients.arrivals);
    assert_eq!(clients.failures.get(Cause::Down), clients.arrivals);
    assert_eq!(clients.sojourn_sum_ns, 0, "it refuses at once");
    assert!(engine.condition(1).crashed);
    engine.heal("server").unwrap();
    assert!(!engine.condition(1).crashed);
    check_healed(engine);
}

#[test]
fn a_hung_box_never_answers() {
    let mut engine = simple(2).engine();
    engine.run_until(secs(20).nanos());
    engine.start_fault("server", FaultKind::Hang).unwrap();
    let (clients, server) = between(&mut engine, 22, 32);
    assert!(engine.condition(1).hung);
    assert_eq!(
        (server.completed, clients.completed, server.refused),
        (0, 0, 0)
    );
    assert_eq!(server.busy_area, 0, "nothing moves");
    assert!(server.arrivals > 1_000);
    assert_eq!(server.present, server.present_at_start + server.arrivals);
    assert_eq!(
        clients.failures.get(Cause::Timeout),
        clients.failures.total()
    );
    assert_eq!(
        clients.sojourn_sum_ns,
        u128::from(clients.departures) * 1_000_000_000
    );
    engine.heal("server").unwrap();
    assert_eq!(
        at(&engine, "server").present,
        0,
        "only a restart ends it: all is lost"
    );
    check_healed(engine);
}

/// A pause adds to the work exactly its own length, and loses nothing.
#[test]
fn a_pause_goes_on_where_it_was() {
    let mut engine = single().engine();
    engine.run_until(ms(2_500).nanos());
    engine.start_fault("server", FaultKind::Pause).unwrap();
    engine.run_until(ms(7_500).nanos());
    assert!(engine.condition(1).paused);
    assert_eq!(at(&engine, "server").present, 1);
    engine.heal("server").unwrap();
    engine.run_until(secs(20).nanos());
    let server = at(&engine, "server");
    assert_eq!(server.sojourn_sum_ns, u128::from(secs(7).nanos()));
    assert_eq!(server.service_sum_ns, u128::from(secs(2).nanos()));
    assert_eq!(server.busy_area, u128::from(secs(2).nanos()));
    engine.check_conservation().unwrap();

    let mut engine = simple(3).engine();
    engine.run_until(secs(20).nanos());
    engine.start_fault("server", FaultKind::Pause).unwrap();
    engine.run_until(secs(25).nanos());
    engine.heal("server").unwrap();
    engine.run_until(secs(40).nanos());
    assert_eq!(at(&engine, "server").failures.total(), 0);
    check_healed(engine);
}

#[test]
fn slow_work_takes_as_many_times_as_long() {
    let mut design = single();
    design.0.faults = vec![
        Fault {
            at: ms(500),
            until: Some(secs(30)),
            on: "server".into(),
            fault: FaultKind::Slow { times: 4.0 },
        },
        Fault {
            at: ms(600),
            until: Some(secs(30)),
            on: "server".into(),
            fault: FaultKind::Slow { times: 1.5 },
        },
    ];
    let mut engine = design.engine();
    engine.run_until(secs(1).nanos());
    assert_eq!(engine.condition(1).slow, 6.0);
    engine.run_until(secs(40).nanos());
    assert_eq!(
        at(&engine, "server").sojourn_sum_ns,
        u128::from(secs(12).nanos())
    );
    assert_eq!(engine.condition(1).slow, 1.0);
}

#[test]
fn faults_on_the_same_target_end_each_on_its_own() {
    let mut design = simple(4);
    let crash = |at, until| Fault {
        at: secs(at),
        until: Some(secs(until)),
        on: "server".into(),
        fault: FaultKind::Crash,
    };
    design.0.faults = vec![crash(10, 20), crash(15, 30)];
    let mut engine = design.engine();
    for (second, crashed) in [(9, false), (12, true), (17, true), (25, true), (31, false)] {
        engine.run_until(secs(second).nanos());
        assert_eq!(engine.condition(1).crashed, crashed, "{second} s");
    }
    check_healed(engine);
}

#[test]
fn a_cut_carries_nothing() {
    let mut engine = simple(5).engine();
    engine.run_until(secs(20).nanos());
    engine
        .start_fault("clients -> server", FaultKind::Cut)
        .unwrap();
    assert!(engine.is_cut(0));
    let (clients, server) = between(&mut engine, 22, 32);
    assert_eq!((server.arrivals, clients.completed), (0, 0));
    assert_eq!(clients.failures.total(), clients.departures);
    engine.heal("clients -> server").unwrap();
    assert!(!engine.is_cut(0));
    check_healed(engine);
}

#[test]
fn traffic_times_three() {
    let mut engine = simple(6).engine();
    engine.run_until(secs(20).nanos());
    engine
        .start_fault("clients", FaultKind::Traffic { times: 3.0 })
        .unwrap();
    assert_eq!(engine.condition(0).traffic, 3.0);
    let (clients, _) = between(&mut engine, 20, 40);
    check_poisson_count("three times as many", clients.arrivals, 7_200.0);
    engine.heal("clients").unwrap();
    check_healed(engine);

    // Of a closed client the number of users.
    let users = Arrivals::Closed {
        users: 4,
        think: Distribution::ZERO,
    };
    let mut engine = Design::new(7)
        .client("clients", users)
        .server("server", 100, constant(100))
        .join("clients", "server")
        .engine();
    for (second, users) in [(10, 4), (20, 12), (30, 4)] {
        match second {
            20 => engine
                .start_fault("clients", FaultKind::Traffic { times: 3.0 })
                .unwrap(),
            30 => engine.heal("clients").unwrap(),
            _ => {}
        }
        engine.run_until(secs(second).nanos());
        assert_eq!(at(&engine, "server").present, users, "{second} s");
    }
}

fn cached() -> Engine {
    let client = Client {
        keys: Keys::Uniform { items: 50 },
        ..patient(poisson(1_000.0))
    };
    let cache = Cache {
        capacity: Some(50),
        ..instant_cache()
    };
    Design::new(8)
        .add("clients", Component::Client(client))
        .server("api", 1_000, Distribution::ZERO)
        .add("cache", Component::Cache(cache))
        .add("db", Component::Database(instant_database()))
        .join("clients", "api")
        .connect(Connection {
            step: Some(1),
            ..at_once("api", "cache")
        })
        .connect(Connection {
            step: Some(2),
            when: Some(When::OnMiss),
            ..at_once("api", "db")
        })
        .engine()
}

/// Every key is missed once, and again once after the cache has lost its keys.
#[test]
fn a_cache_forgets_by_flush_and_by_crash() {
    let mut engine = cached();
    engine.run_until(secs(5).nanos());
    assert_eq!(at(&engine, "cache").misses, 50);
    engine.start_fault("cache", FaultKind::Flush).unwrap();
    engine.run_until(secs(10).nanos());
    assert_eq!(at(&engine, "cache").misses, 100);

    engine.start_fault("cache", FaultKind::Crash).unwrap();
    engine.run_until(secs(11).nanos());
    let (cache, clients) = (at(&engine, "cache"), at(&engine, "clients"));
    assert!(cache.failures.get(Cause::Down) > 800);
    assert_eq!(
        clients.failures.total(),
        0,
        "who can't ask the cache asks the store"
    );
    engine.heal("cache").unwrap();
    engine.run_until(secs(20).nanos());
    assert_eq!(at(&engine, "cache").misses, 150);
    engine.check_conservation().unwrap();
}

/// On the timeline or by hand: the same fault.
#[test]
fn the_timeline_does_what_a_hand_does() {
    for fault in [
        FaultKind::Crash,
        FaultKind::Hang,
        FaultKind::Pause,
        FaultKind::Slow { times: 9.0 },
    ] {
        let mut design = simple(9);
        design.0.faults.push(Fault {
            at: secs(20),
            until: Some(secs(30)),
            on: "server".into(),
            fault,
        });
        let mut planned = design.engine();
        planned.run_until(secs(300).nanos());
        let mut by_hand = simple(9).engine();
        by_hand.run_until(secs(20).nanos());
        by_hand.start_fault("server", fault).unwrap();
        by_hand.run_until(secs(30).nanos());
        by_hand.heal("server").unwrap();
        by_hand.run_until(secs(300).nanos());
        for index in 0..2 {
            assert_eq!(
                planned.component(index),
                by_hand.component(index),
                "{fault:?}"
            );
        }
    }
}

/// What was healed by hand stays healed, whatever is changed afterwards, and its planned end is not
/// that of another fault.
#[test]
fn a_planned_fault_that_was_healed_is_over() {
    let mut design = simple(9);
    design.0.faults.push(Fault {
        at: secs(10),
        until: Some(secs(20)),
        on: "server".into(),
        fault: FaultKind::Crash,
    });
    let mut engine = design.engine();
    let crashed = |engine: &Engine| engine.condition(index(engine, "server")).crashed;
    let touch = |engine: &mut Engine| {
        let mut scenario = engine.scenario().clone();
        scenario.notes.push('.');
        engine.edit(&scenario).unwrap();
    };
    engine.run_until(secs(10).nanos());
    assert!(crashed(&engine));
    // At the very instant it has begun.
    touch(&mut engine);
    assert!(crashed(&engine));
    engine.run_until(secs(11).nanos());
    assert!(crashed(&engine));
    engine.run_until(secs(12).nanos());
    engine.heal("server").unwrap();
    touch(&mut engine);
    assert!(!crashed(&engine));
    engine.run_until(secs(15).nanos());
    assert!(!crashed(&engine));
    engine.start_fault("server", FaultKind::Crash).unwrap();
    touch(&mut engine);
    engine.run_until(secs(30).nanos());
    assert!(crashed(&engine), "by hand, so until healed");
    engine.heal("server").unwrap();
    touch(&mut engine);
    assert!(!crashed(&engine));
    // A fault that is drawn into the past has begun; one that is over has not.
    let mut scenario = engine.scenario().clone();
    scenario.faults[0].at = secs(29);
    scenario.faults[0].until = Some(secs(40));
    engine.edit(&scenario).unwrap();
    assert!(crashed(&engine));
    engine.run_until(secs(41).nanos());
    assert!(!crashed(&engine));
}

/// A crash deep inside reaches the client through everybody in between, and frees every slot.
#[test]
fn a_crash_at_the_end_of_a_chain() {
    for fault in [FaultKind::Crash, FaultKind::Hang] {
        let client = Client {
            timeout: Some(secs(2)),
            ..patient(poisson_until(50.0, secs(60)))
        };
        let mut engine = Design::new(10)
            .add("clients", Component::Client(client))
            .server("front", 40, exponential(5))
            .server("middle", 20, exponential(5))
            .server("server", 10, exponential(50))
            .join("clients", "front")
            .join("front", "middle")
            .join("middle", "server")
            .engine();
        engine.run_until(secs(20).nanos());
        engine.start_fault("server", fault).unwrap();
        let (clients, _) = between(&mut engine, 25, 30);
        assert_eq!(clients.completed, 0);
        let front = at(&engine, "front");
        if fault == FaultKind::Hang {
            assert_eq!(
                front.held, front.slots,
                "slowness spreads: the pool ran dry"
            );
            assert_eq!(front.busy, 0);
        }
        engine.heal("server").unwrap();
        engine.run_until(secs(300).nanos());
        engine.check_conservation().unwrap();
        for name in ["clients", "front", "middle", "server"] {
            let totals = at(&engine, name);
            assert_eq!((totals.present, totals.held), (0, 0), "{name}");
        }
        assert!(at(&engine, "clients").completed > 1_000);
    }
}

#[test]
fn health_checks_take_a_dead_target_out() {
    use littlebox::scenario::{Algorithm, Health, LoadBalancer};
    let balancer = LoadBalancer {
        algorithm: Algorithm::RoundRobin,
        health: Some(Health {
            interval: secs(1),
            unhealthy: 3,
            healthy: 2,
            ..Health::default()
        }),
        ..LoadBalancer::default()
    };
    let mut engine = Design::new(11)
        .poisson("clients", 100.0)
        .add("balancer", Component::LoadBalancer(balancer))
        .server("server", 4, exponential(10))
        .server("other", 4, exponential(10))
        .join("clients", "balancer")
        .join("balancer", "server")
        .join("balancer", "other")
        .engine();
    engine.run_until(ms(10_500).nanos());
    engine.start_fault("server", FaultKind::Crash).unwrap();
    // Three failed checks: at 11, 12 and 13 s.
    engine.run_until(ms(12_900).nanos());
    assert!(at(&engine, "server").refused > 60);
    let (clients, server) = between(&mut engine, 14, 20);
    assert_eq!((server.refused, clients.failures.total()), (0, 0));
    engine.heal("server").unwrap();
    // Two good checks: at 21 and 22 s.
    let (_, server) = between(&mut engine, 20, 21);
    assert_eq!(server.arrivals, 0);
    let (_, server) = between(&mut engine, 23, 33);
    check_poisson_count("half of the traffic again", server.arrivals, 500.0);
}

/// A call inside a box may wait for another call inside the same box: who waits dies once.
#[test]
fn a_crash_kills_who_waits_for_the_same_box() {
    let half = |mode, from, to| Connection {
        mode,
        probability: 0.5,
        ..at_once(from, to)
    };
    for seed in 1..=20 {
        let mut engine = Design::new(seed)
            .poisson("clients", 100.0)
            .server("a", 100, exponential(50))
            .server("b", 100, exponential(50))
            .join("clients", "a")
            .connect(half(Mode::Sync, "a", "b"))
            .connect(half(Mode::Forward, "b", "a"))
            .engine();
        engine.run_until(secs(5).nanos());
        let inside = at(&engine, "a").present;
        let before = at(&engine, "a").failures;
        engine.start_fault("a", FaultKind::Crash).unwrap();
        engine.check_conservation().unwrap();
        let after = at(&engine, "a");
        assert_eq!(after.present, 0);
        let failed = after.failures.total() - before.total();
        assert_eq!(failed - after.refused, inside, "each died once");
        engine.run_until(secs(10).nanos());
        engine.check_conservation().unwrap();
    }
}

/// A hung queue has its messages on disk: a delivery that was answered meanwhile ends when the queue
/// is back.
#[test]
fn a_hung_queue_keeps_its_messages() {
    let mut engine = Design::new(1)
        .client(
            "clients",
            Arrivals::Constant {
                rate: Rate(1.0),
                profile: vec![RateShape::Steps(vec![(ms(1_500), Rate(0.0))])],
            },
        )
        .add("queue", Component::Queue(Queue::default()))
        .server("worker", 1, constant(500))
        .join("clients", "queue")
        .join("queue", "worker")
        .engine();
    engine.run_until(ms(1_200).nanos());
    engine.start_fault("queue", FaultKind::Hang).unwrap();
    engine.run_until(ms(1_800).nanos());
    engine.check_conservation().unwrap();
    assert_eq!(at(&engine, "worker").completed, 1);
    assert_eq!(at(&engine, "queue").held, 1, "it does not know yet");
    engine.heal("queue").unwrap();
    engine.check_conservation().unwrap();
    let queue = at(&engine, "queue");
    assert_eq!((queue.present, queue.held, queue.completed), (0, 0, 1));
    assert_eq!((queue.failures.total(), queue.deliveries), (0, 1));
}

/// Ten users who do not think, at a server whose work takes 10 ms.
fn restless() -> Design {
    let users = Arrivals::Closed {
        users: 10,
        think: Distribution::ZERO,
    };
    Design::new(1)
        .client("clients", users)
        .server("server", 1, constant(10))
        .join("clients", "server")
}

/// Users who are refused at once ask again after a millisecond: time goes on.
#[test]
fn refused_users_let_time_go_on() {
    let mut engine = restless().engine();
    engine.run_until(secs(10).nanos());
    engine.reset_measures();
    engine.start_fault("server", FaultKind::Crash).unwrap();
    engine.run_until(secs(20).nanos());
    engine.check_conservation().unwrap();
    let clients = at(&engine, "clients");
    // All ten are told that it died, the nine who had waited for some time ask once more at that
    // instant, and from then on there are ten every millisecond.
    assert_eq!(clients.failures.get(Cause::Down), 10 + 9 + 10 * 10_000);
    assert_eq!(clients.completed, 0);
    engine.heal("server").unwrap();
    engine.reset_measures();
    engine.run_until(secs(30).nanos());
    let clients = at(&engine, "clients");
    assert_eq!((clients.failures.total(), clients.completed), (0, 999));
    // A line that is full refuses at once, too.
    let mut design = restless();
    let Component::Server(server) = &mut design.0.components["server"] else {
        unreachable!()
    };
    server.queue.capacity = Some(3);
    let mut engine = design.engine();
    engine.run_until(secs(10).nanos());
    let (clients, server) = (at(&engine, "clients"), at(&engine, "server"));
    assert_eq!(server.completed, 1_000);
    assert!(clients.failures.get(Cause::QueueFull) > 6 * 9_000);
    assert_eq!(engine.trouble(), None);
}

/// Work that takes no time at all lets users ask again and again at the same instant: the run stops
/// and says so, the same in one go and in pieces, and goes on once that is healed.
#[test]
fn time_that_stands_still_is_trouble() {
    let stop = |pieces: u64| {
        let mut engine = restless().engine();
        engine.run_until(secs(1).nanos());
        engine
            .start_fault("server", FaultKind::Slow { times: 1e-9 })
            .unwrap();
        let until = secs(2).nanos();
        while !engine.has_halted() {
            assert!(!engine.run_events(until, pieces));
        }
        engine
    };
    let mut engine = stop(u64::MAX);
    assert_eq!(engine.trouble(), Some(Trouble::TimeStandsStill));
    assert!(engine.now_ns() < ms(1_020).nanos());
    assert_eq!(stop(999_983).fingerprint(), engine.fingerprint());
    // Nothing happens any more, however long is asked for.
    let (now, events) = (engine.now_ns(), engine.events());
    assert_eq!(engine.next_event_ns(), None);
    assert!(!engine.step() && !engine.run_events(secs(5).nanos(), 10));
    engine.run_until(secs(5).nanos());
    assert_eq!((engine.now_ns(), engine.events()), (now, events));
    engine.check_conservation().unwrap();

    engine.heal("server").unwrap();
    assert_eq!(engine.trouble(), None);
    engine.reset_measures();
    engine.run_until(now + secs(10).nanos());
    assert_eq!(engine.now_ns(), now + secs(10).nanos());
    assert!((999..=1_000).contains(&at(&engine, "server").completed));
    engine.check_conservation().unwrap();
    let mut again = Engine::replay(engine.recording()).unwrap();
    again.run_until(engine.now_ns());
    assert_eq!(again.fingerprint(), engine.fingerprint());
}

/// Traffic beyond measure is held to one request a nanosecond.
#[test]
fn traffic_never_stops_the_clock() {
    let design = Design::new(1)
        .client(
            "clients",
            Arrivals::Constant {
                rate: Rate(1e7),
                profile: Vec::new(),
            },
        )
        .server("server", 1, Distribution::ZERO)
        .join("clients", "server");
    let mut engine = design.engine();
    engine
        .start_fault("clients", FaultKind::Traffic { times: 1e6 })
        .unwrap();
    engine.run_until(10_000);
    assert!((9_900..=10_000).contains(&at(&engine, "clients").arrivals));
}
