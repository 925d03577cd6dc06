//! Cancellation, on hand-made courses of events: every figure is counted by hand.

use littlebox::{
    engine::{Cause, Engine, Totals},
    scenario::{
        Acknowledge, Arrivals, Client, Component, Connection, Discipline, Distribution, Duration,
        Excess, FaultKind, Mode, Pool, Queue, Queueing, Rate, RateLimit, RateLimiter, RateShape,
        Retries, Server,
    },
};

use crate::support::{design::*, everything::*};

const MS: u128 = 1_000_000;

/// So many requests a second, the first after that time, until 3 s.
fn every(millis: u64) -> Arrivals {
    Arrivals::Constant {
        rate: Rate(1e3 / millis as f64),
        profile: vec![RateShape::Steps(vec![(ms(2_999), Rate(0.0))])],
    }
}

fn one_at_1s() -> Arrivals {
    Arrivals::Constant {
        rate: Rate(1.0),
        profile: vec![RateShape::Steps(vec![(ms(1_500), Rate(0.0))])],
    }
}

fn cancels(from: &str, to: &str, latency_ms: u64) -> Connection {
    Connection {
        cancellation: true,
        latency: Some(constant(latency_ms)),
        ..Connection::new(from, to)
    }
}

fn waits_for(mut connection: Connection, timeout: Duration) -> Connection {
    connection.timeout = Some(timeout);
    connection
}

fn until(engine: &mut Engine, millis: u64) {
    engine.run_until(ms(millis).nanos());
    engine.check_conservation().unwrap();
}

fn cancelled(totals: &Totals) -> u64 {
    totals.failures.get(Cause::Cancelled)
}

/// A request leaves at 1 s, is at the front after 10 ms and at the back after 20 more. The client
/// goes at 1.5 s: the front hears of it at 1.51 s, the back at 1.53 s.
#[test]
fn work_stops_after_the_way_there() {
    for edited in [false, true] {
        let mut engine = Design::new(1)
            .client("clients", one_at_1s())
            .server("front", 1, Distribution::ZERO)
            .server("back", 1, constant(2_000))
            .connect(waits_for(cancels("clients", "front", 10), ms(500)))
            .connect(cancels("front", "back", 20))
            .engine();
        if edited {
            // With everything under way, and with the message under way.
            for at in [1_400, 1_505, 1_520] {
                until(&mut engine, at);
                let mut scenario = engine.scenario().clone();
                scenario.notes += "!";
                engine.edit(&scenario).unwrap();
            }
        }
        if !edited {
            until(&mut engine, 1_509);
            assert_eq!(at(&engine, "front").held, 1);
        }
        if !edited {
            until(&mut engine, 1_511);
        }
        assert_eq!(
            (at(&engine, "front").present, at(&engine, "back").busy),
            (0, 1)
        );
        until(&mut engine, 1_529);
        assert_eq!(at(&engine, "back").busy, 1);
        until(&mut engine, 1_531);
        assert_eq!(at(&engine, "back").present, 0);
        until(&mut engine, 10_000);
        let (front, back) = (at(&engine, "front"), at(&engine, "back"));
        assert_eq!((cancelled(&front), cancelled(&back)), (1, 1));
        assert_eq!((front.completed, back.completed), (0, 0));
        assert_eq!(
            (front.held_area, front.sojourn_sum_ns),
            (500 * MS, 500 * MS)
        );
        assert_eq!((back.busy_area, back.service_sum_ns), (500 * MS, 500 * MS));
        let (outer, inner) = (engine.connection(0), engine.connection(1));
        assert_eq!((outer.cancels, outer.failures.get(Cause::Timeout)), (1, 1));
        assert_eq!(
            (inner.cancels, inner.failures.get(Cause::Cancelled)),
            (1, 1)
        );
        // Until its caller was gone itself.
        assert_eq!(inner.sojourn_sum_ns, 500 * MS);
        assert_eq!(at(&engine, "clients").failures.get(Cause::Timeout), 1);
    }
}

/// Only the arrow that the client waits at cancels: what the front has asked for goes on, and is
/// answered to nobody.
#[test]
fn an_arrow_that_does_not_cancel_ends_it() {
    let mut engine = Design::new(1)
        .client("clients", one_at_1s())
        .server("front", 1, Distribution::ZERO)
        .server("back", 1, constant(2_000))
        .connect(waits_for(cancels("clients", "front", 10), ms(500)))
        .join("front", "back")
        .engine();
    until(&mut engine, 2_000);
    assert_eq!(
        (at(&engine, "front").present, at(&engine, "back").busy),
        (0, 1)
    );
    until(&mut engine, 10_000);
    assert_eq!(at(&engine, "back").completed, 1);
    assert_eq!(engine.connection(1).completed, 1);
    assert_eq!(engine.connection(1).cancels, 0);
}

/// One slot, work of 1 s, a request every 100 ms that is waited for 250 ms: the first works from 0.1
/// to 0.35 s, when it goes; the second for 100 ms, from 0.35 to 0.45 s, and so does every other.
#[test]
fn who_waits_leaves_the_line_and_the_next_begins() {
    let line = [
        Discipline::Fifo,
        Discipline::Priority,
        Discipline::CoDel {
            target: secs(9),
            interval: secs(9),
        },
        Discipline::AdaptiveLifo {
            target: secs(9),
            interval: secs(9),
        },
    ];
    for discipline in line {
        let mut engine = Design::new(1)
            .client("clients", every(100))
            .add("server", with(discipline))
            .connect(waits_for(cancels("clients", "server", 0), ms(250)))
            .engine();
        until(&mut engine, 1_010);
        let server = at(&engine, "server");
        // Those of 0.8, 0.9 and 1 s.
        assert_eq!(
            (server.present, server.waiting, cancelled(&server)),
            (3, 2, 7),
            "{discipline:?}"
        );
        assert_eq!(server.busy_area, 910 * MS);
        until(&mut engine, 9_000);
        let server = at(&engine, "server");
        assert_eq!(
            (server.present, server.completed, cancelled(&server)),
            (0, 0, 29)
        );
        assert_eq!(server.service_sum_ns, server.busy_area);
        assert_eq!(server.wait_sum_ns, server.waiting_area);
        assert_eq!(server.sojourn_sum_ns, 29 * 250 * MS);
    }
    // The one in front, who came last, is the one that goes: 0.1 s works until 0.35, 0.3 s until 0.55, …
    let mut engine = Design::new(1)
        .client("clients", every(100))
        .add("server", with(Discipline::Lifo))
        .connect(waits_for(cancels("clients", "server", 0), ms(250)))
        .engine();
    until(&mut engine, 9_000);
    let server = at(&engine, "server");
    assert_eq!((server.present, cancelled(&server)), (0, 29));
    assert_eq!(server.services, 15);
}

fn with(discipline: Discipline) -> Component {
    Component::Server(Server {
        queue: Queueing {
            discipline,
            ..Queueing::default()
        },
        ..server(1, constant(1_000))
    })
}

/// Two share a slot from 0.2 s on; the first goes at 0.4 s with 200 ms done, and the other one works
/// alone until it goes at 0.5 s, with 200 ms done as well.
#[test]
fn who_shares_a_slot_leaves_it_to_the_others() {
    let mut engine = Design::new(1)
        .client(
            "clients",
            Arrivals::Constant {
                rate: Rate(10.0),
                profile: vec![RateShape::Steps(vec![(ms(250), Rate(0.0))])],
            },
        )
        .add("server", with(Discipline::ProcessorSharing))
        .connect(waits_for(cancels("clients", "server", 0), ms(300)))
        .engine();
    until(&mut engine, 450);
    assert_eq!(at(&engine, "server").present, 1);
    until(&mut engine, 9_000);
    let server = at(&engine, "server");
    assert_eq!((server.present, cancelled(&server)), (0, 2));
    assert_eq!(server.busy_area, 400 * MS);
    assert_eq!(server.service_sum_ns, 400 * MS);
    assert_eq!(server.wait_sum_ns, 200 * MS);
}

/// On its way for 1 s, since the arrow was slow when it left, a request is overtaken by its
/// cancellation, and is dropped at the door.
#[test]
fn who_has_not_arrived_never_does() {
    let mut engine = Design::new(1)
        .client("clients", one_at_1s())
        .server("server", 1, constant(1_000))
        .connect(waits_for(cancels("clients", "server", 100), ms(200)))
        .engine();
    until(&mut engine, 900);
    let slow = FaultKind::Slow { times: 10.0 };
    engine.start_fault("clients -> server", slow).unwrap();
    until(&mut engine, 1_100);
    engine.heal("clients -> server").unwrap();
    until(&mut engine, 9_000);
    assert_eq!(engine.connection(0).cancels, 1);
    assert_eq!(at(&engine, "server").arrivals, 0);
}

/// The message is lost like any other: the work goes on, for nobody.
#[test]
fn a_cancellation_may_be_lost() {
    let mut engine = Design::new(1)
        .client("clients", one_at_1s())
        .server("server", 1, constant(1_000))
        .connect(waits_for(cancels("clients", "server", 100), ms(500)))
        .engine();
    until(&mut engine, 1_400);
    engine
        .start_fault("clients -> server", FaultKind::Cut)
        .unwrap();
    until(&mut engine, 9_000);
    let server = at(&engine, "server");
    assert_eq!(
        (server.completed, server.good, cancelled(&server)),
        (1, 0, 0)
    );
}

/// A box that stands still hears of it when it goes on: it has worked from 1 to 1.2 s.
#[test]
fn who_stands_still_hears_later() {
    for edited in [false, true] {
        let mut engine = Design::new(1)
            .client("clients", one_at_1s())
            .server("server", 1, constant(1_000))
            .connect(waits_for(cancels("clients", "server", 0), ms(500)))
            .engine();
        until(&mut engine, 1_200);
        engine.start_fault("server", FaultKind::Pause).unwrap();
        until(&mut engine, 2_900);
        if edited {
            let mut scenario = engine.scenario().clone();
            scenario.notes += "!";
            engine.edit(&scenario).unwrap();
        }
        assert_eq!(at(&engine, "server").held, 1);
        until(&mut engine, 3_000);
        engine.heal("server").unwrap();
        until(&mut engine, 3_001);
        let server = at(&engine, "server");
        assert_eq!(
            (server.present, cancelled(&server)),
            (0, 1),
            "{edited} {server:?}"
        );
        assert_eq!(
            (server.busy_area, server.service_sum_ns),
            (200 * MS, 200 * MS)
        );
    }
}

/// What a box asked for ends with it when it crashes, on the arrow that cancels only.
#[test]
fn a_crash_cancels_too() {
    let mut engine = Design::new(1)
        .client("clients", one_at_1s())
        .server("front", 5, Distribution::ZERO)
        .server("told", 5, constant(2_000))
        .server("untold", 5, constant(2_000))
        .join("clients", "front")
        .connect(cancels("front", "told", 10))
        .connect(Connection {
            step: Some(1),
            ..at_once("front", "untold")
        })
        .engine();
    until(&mut engine, 1_500);
    engine.start_fault("front", FaultKind::Crash).unwrap();
    until(&mut engine, 1_511);
    assert_eq!(
        (at(&engine, "told").present, at(&engine, "untold").busy),
        (0, 1)
    );
    until(&mut engine, 9_000);
    assert_eq!(cancelled(&at(&engine, "told")), 1);
    assert_eq!(at(&engine, "untold").completed, 1);
    assert_eq!(at(&engine, "clients").failures.get(Cause::Down), 1);
}

/// A retry that waits for its time is not made, and an attempt that waits for a place of a pool
/// never sets off: their caller is gone.
#[test]
fn nobody_tries_again_for_somebody_who_is_gone() {
    let mut engine = Design::new(1)
        .client("clients", one_at_1s())
        .server("front", 5, Distribution::ZERO)
        .server("back", 5, constant(2_000))
        .connect(waits_for(cancels("clients", "front", 0), ms(500)))
        .connect(Connection {
            retries: Some(Retries {
                max: 3,
                backoff: littlebox::scenario::Backoff::Constant(secs(1)),
                jitter: littlebox::scenario::Jitter::None,
                budget: None,
            }),
            ..waits_for(cancels("front", "back", 0), ms(100))
        })
        .engine();
    until(&mut engine, 9_000);
    assert_eq!(engine.connection(1).attempts, 1);
    assert_eq!(cancelled(&at(&engine, "front")), 1);
    assert_eq!(cancelled(&at(&engine, "back")), 1);

    let mut engine = Design::new(1)
        .client("clients", every(1_000))
        .server("front", 5, Distribution::ZERO)
        .server("back", 5, constant(10_000))
        .connect(waits_for(cancels("clients", "front", 0), ms(500)))
        .connect(Connection {
            pool: Some(Pool {
                max: 1,
                wait: None,
                queue: None,
            }),
            ..at_once("front", "back")
        })
        .engine();
    until(&mut engine, 3_000);
    let arrow = engine.connection(1);
    assert_eq!(
        (arrow.waiting, arrow.failures.get(Cause::Cancelled)),
        (0, 1)
    );
    until(&mut engine, 20_000);
    assert_eq!(at(&engine, "back").arrivals, 1);
    assert_eq!(at(&engine, "front").present, 0);
}

/// A queue that gives up on a consumer tells it so: the next message need not wait for it.
#[test]
fn a_consumer_is_told() {
    let mut engine = Design::new(1)
        .client("clients", one_at_1s())
        .add(
            "queue",
            Component::Queue(Queue {
                visibility: ms(500),
                acknowledge: Acknowledge::AfterWork,
                max_deliveries: 2,
                ..Queue::default()
            }),
        )
        .server("worker", 1, constant(2_000))
        .join("clients", "queue")
        .connect(cancels("queue", "worker", 0))
        .engine();
    until(&mut engine, 9_000);
    let (queue, worker) = (at(&engine, "queue"), at(&engine, "worker"));
    assert_eq!((queue.deliveries, queue.duplicates), (2, 0));
    assert_eq!(queue.failures.get(Cause::DeadLetter), 1);
    assert_eq!((worker.busy_area, cancelled(&worker)), (1_000 * MS, 2));
}

/// Who waits at a rate limiter leaves its line, and takes no token.
#[test]
fn who_waits_at_a_limiter_takes_no_token() {
    let mut engine = Design::new(1)
        .client("clients", every(100))
        .add(
            "limiter",
            Component::RateLimiter(RateLimiter {
                limit: RateLimit::TokenBucket {
                    burst: 1,
                    rate: Rate(2.0),
                },
                excess: Excess::Wait { capacity: None },
                ..RateLimiter::default()
            }),
        )
        .server("server", 1, constant(1))
        .connect(waits_for(cancels("clients", "limiter", 0), ms(250)))
        .join("limiter", "server")
        .engine();
    until(&mut engine, 9_000);
    let limiter = at(&engine, "limiter");
    // At 0.1, 0.6, 1.1, 1.6, 2.1 and 2.6 s, and at 3.1 s one of 2.9 s.
    assert_eq!(
        (at(&engine, "server").completed, cancelled(&limiter)),
        (7, 22)
    );
    assert_eq!(at(&engine, "clients").completed, 7);
    assert_eq!(limiter.wait_sum_ns, limiter.waiting_area);
}

/// A cancellation that never happens is none, to the last bit.
#[test]
fn a_cancellation_that_never_happens_is_none() {
    let run = |cancellation: bool, with_timeouts: bool| {
        let mut scenario = everything(3).0;
        for connection in &mut scenario.connections {
            connection.cancellation = cancellation && connection.mode != Mode::Forward;
        }
        scenario
            .faults
            .retain(|fault| fault.fault != FaultKind::Crash);
        if !with_timeouts {
            for component in scenario.components.values_mut() {
                match component {
                    Component::Client(client) => {
                        *client = Client {
                            timeout: None,
                            ..client.clone()
                        }
                    }
                    Component::Queue(queue) => queue.visibility = secs(1_000),
                    _ => {}
                }
            }
        }
        let mut engine = Engine::new(&scenario).unwrap();
        engine.run_until(EVERYTHING_END_NS);
        engine.check_conservation().unwrap();
        engine.fingerprint()
    };
    assert_eq!(run(true, false), run(false, false));
    assert_ne!(run(true, true), run(false, true));
}

/// A client asks a front at 1 and 2 s, which asks a back for a second of work; it goes 300 ms later. An
/// edit switches cancellation on. Before it goes: then the work stops when it does, though it was asked
/// for before. After it has gone: nobody was told, the work goes on to its end, and only that of the next
/// stops.
#[test]
fn switched_on_it_is_for_those_who_go_from_then_on() {
    let twice = Arrivals::Constant {
        rate: Rate(1.0),
        profile: vec![RateShape::Steps(vec![(ms(2_500), Rate(0.0))])],
    };
    for (edited_at, busy_ms) in [(900, 600), (1_100, 600), (1_299, 600), (1_400, 1_300)] {
        let mut engine = Design::new(1)
            .client("clients", twice.clone())
            .server("front", 5, Distribution::ZERO)
            .server("back", 5, constant(1_000))
            .connect(waits_for(at_once("clients", "front"), ms(300)))
            .join("front", "back")
            .engine();
        until(&mut engine, edited_at);
        let mut scenario = engine.scenario().clone();
        for connection in &mut scenario.connections {
            connection.cancellation = true;
        }
        engine.edit(&scenario).unwrap();
        for millis in [1_299, 1_301, 1_999, 2_001, 2_301, 9_000] {
            until(&mut engine, millis.max(edited_at));
        }
        let back = at(&engine, "back");
        assert_eq!(back.busy_area, busy_ms * MS, "{edited_at}");
        assert_eq!((back.arrivals, back.present), (2, 0));
        assert_eq!(cancelled(&back), if edited_at < 1_300 { 2 } else { 1 });
    }
}

/// Switched off, the lists of who ends with whom stop nobody.
#[test]
fn switched_off_nobody_is_told_any_more() {
    let mut engine = Design::new(1)
        .client("clients", one_at_1s())
        .server("front", 5, Distribution::ZERO)
        .server("back", 5, constant(1_000))
        .connect(waits_for(cancels("clients", "front", 0), ms(300)))
        .connect(cancels("front", "back", 0))
        .engine();
    until(&mut engine, 1_100);
    let mut scenario = engine.scenario().clone();
    for connection in &mut scenario.connections {
        connection.cancellation = false;
    }
    engine.edit(&scenario).unwrap();
    until(&mut engine, 9_000);
    let back = at(&engine, "back");
    assert_eq!((back.busy_area, cancelled(&back)), (1_000 * MS, 0));
}
