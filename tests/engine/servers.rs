//! What servers do besides work: speed, load shedding and pauses, counted by hand.

use littlebox::{
    engine::{Cause, Engine},
    scenario::{
        Arrivals, Component, Discipline, Distribution, FaultKind, OperationKind, Pauses, Queueing,
        Rate, Server, Shed, ShedWhen,
    },
};

use crate::support::design::*;

/// One request every 100 ms, at 0.1 s, 0.2 s, … until the end of time.
fn ten_a_second() -> Arrivals {
    Arrivals::Constant {
        rate: Rate(10.0),
        profile: Vec::new(),
    }
}

fn at_ten_a_second(server: Server) -> Engine {
    Design::new(1)
        .client("clients", ten_a_second())
        .add("server", Component::Server(server))
        .join("clients", "server")
        .engine()
}

fn millis(engine: &mut Engine, until: u64) {
    engine.run_until(ms(until).nanos());
    engine.check_conservation().unwrap();
}

/// Twice as fast with twice the work is the same, to the last bit.
#[test]
fn speed_divides_work() {
    let run = |speed, service, other| {
        let server = Server {
            instances: 2,
            speed,
            per_operation: [("write".to_owned(), other)].into(),
            ..server(2, service)
        };
        let mut engine = Design::new(3)
            .operation("write", OperationKind::Write, 0.4)
            .poisson("clients", 200.0)
            .add("server", Component::Server(server))
            .join("clients", "server")
            .engine();
        engine.run_until(secs(20).nanos());
        engine.fingerprint()
    };
    let lognormal = |p50, p99| Distribution::LogNormal {
        p50: ms(p50),
        p99: ms(p99),
    };
    let plain = run(1.0, exponential(10), lognormal(10, 50));
    assert_eq!(run(2.0, exponential(20), lognormal(20, 100)), plain);
    assert_eq!(run(0.5, exponential(5), lognormal(5, 25)), plain);
    assert_ne!(run(2.0, exponential(10), lognormal(10, 50)), plain);
}

fn shedding(when: ShedWhen, spares: Option<u8>) -> Server {
    Server {
        shed: Some(Shed { when, spares }),
        ..server(1, constant(10_000))
    }
}

/// One works from 0.1 s to 10.1 s, five wait, all others are turned away.
#[test]
fn a_line_that_is_long_enough_is_left_alone() {
    let mut engine = at_ten_a_second(shedding(ShedWhen::Line { calls: 5 }, None));
    millis(&mut engine, 10_050);
    let server = at(&engine, "server");
    assert_eq!((server.arrivals, server.waiting), (6, 5));
    assert_eq!(server.refused, 94);
    assert_eq!(server.failures.get(Cause::Shed), 94);
    // One leaves at 10.1, before the 101st comes.
    millis(&mut engine, 10_150);
    assert_eq!(at(&engine, "server").arrivals, 7);
}

/// By the number in line it is the same as a limit of the line, but for the name of the cause.
#[test]
fn shedding_by_line_is_a_limit() {
    for discipline in [Discipline::Fifo, Discipline::ProcessorSharing] {
        let run = |shed, capacity| {
            let server = Server {
                instances: 2,
                queue: Queueing {
                    discipline,
                    capacity,
                },
                shed,
                ..server(2, exponential(20))
            };
            let mut engine = Design::new(5)
                .poisson("clients", 250.0)
                .add("server", Component::Server(server))
                .join("clients", "server")
                .engine();
            engine.run_until(secs(30).nanos());
            engine.check_conservation().unwrap();
            let mut totals = at(&engine, "server");
            let causes = [Cause::Shed, Cause::QueueFull].map(|cause| totals.failures.get(cause));
            totals.failures = littlebox::engine::Failures::default();
            (totals, causes)
        };
        let when = ShedWhen::Line { calls: 3 };
        let (shed, [by_shedding, full]) = run(Some(Shed { when, spares: None }), None);
        let (limited, [none, by_limit]) = run(None, Some(3));
        assert_eq!(shed, limited);
        assert_eq!((by_shedding, full), (by_limit, none));
        assert!(by_limit > 1_000);
    }
}

/// Every second one is spared: all of those are let in.
#[test]
fn important_calls_are_spared() {
    let when = ShedWhen::Line { calls: 5 };
    let mut engine = Design::new(1)
        .operation("write", OperationKind::Write, 1.0)
        .priority("write", 2)
        .client("clients", ten_a_second())
        .add("server", Component::Server(shedding(when, Some(2))))
        .join("clients", "server")
        .engine();
    millis(&mut engine, 9_950);
    let [reads, writes] = [0, 1].map(|at| engine.operation(at));
    assert_eq!(writes.failures.total(), 0);
    assert!(writes.arrivals > 20 && reads.arrivals > 20);
    assert!(reads.present <= 6);
    assert_eq!(
        reads.failures.get(Cause::Shed),
        reads.arrivals - reads.present
    );
}

/// Work of 0.15 s every 0.1 s: the n-th call, counted from 0, begins at 0.1 + 0.15 n s and has
/// waited 0.05 n s. The fourth begins at 0.55 s after 0.15 s, which is too long; the three that come
/// at 0.6, 0.7 and so on find a line, until one has begun that waited less.
#[test]
fn a_long_wait_sheds() {
    let server = Server {
        shed: Some(Shed {
            when: ShedWhen::Wait { longer: ms(120) },
            spares: None,
        }),
        ..server(1, constant(150))
    };
    let mut engine = at_ten_a_second(server);
    // Begun: 0.1 (0), 0.25 (0.05 waited), 0.4 (0.1), 0.55 (0.15), then those of 0.5 at 0.7 (0.2).
    millis(&mut engine, 580);
    assert_eq!(at(&engine, "server").refused, 0);
    // That of 0.5 is in line when those of 0.6 come; at 0.7 the slot is free first, and the line empty.
    millis(&mut engine, 650);
    assert_eq!(at(&engine, "server").failures.get(Cause::Shed), 1);
    millis(&mut engine, 750);
    assert_eq!(at(&engine, "server").failures.get(Cause::Shed), 1);
    assert_eq!(at(&engine, "server").waiting, 1);
    // That of 0.7 is in line at 0.8 (the one before waited 0.2), and begins at 0.85 after 0.15: no
    // line at 0.9, and so on in turn.
    millis(&mut engine, 850);
    assert_eq!(at(&engine, "server").failures.get(Cause::Shed), 2);
}

/// A slot that is taken from 0.1 s on: after t the smoothed share is 1 − e^(−t), above one half from
/// 0.1 + ln 2 = 0.793 s on. Free from 5.1 s on, with nobody let in, it is below again when
/// (1 − e^(−5)) e^(−t) is, at 5.1 + 0.686 s.
#[test]
fn utilization_sheds() {
    let when = ShedWhen::Utilization {
        above: 0.5,
        over: secs(1),
    };
    let server = Server {
        queue: Queueing {
            capacity: Some(0),
            ..Queueing::default()
        },
        ..Server {
            service: constant(5_000),
            ..shedding(when, None)
        }
    };
    let mut engine = at_ten_a_second(server);
    millis(&mut engine, 750);
    let counts = |engine: &Engine| {
        let failures = at(engine, "server").failures;
        (failures.get(Cause::QueueFull), failures.get(Cause::Shed))
    };
    assert_eq!(counts(&engine), (6, 0));
    millis(&mut engine, 850);
    assert_eq!(counts(&engine), (6, 1));
    millis(&mut engine, 5_750);
    assert_eq!(counts(&engine), (6, 50));
    assert_eq!(at(&engine, "server").arrivals, 1);
    millis(&mut engine, 5_850);
    assert_eq!(at(&engine, "server").arrivals, 2);
}

fn pausing(every: u64, length: u64, server: Server) -> Server {
    Server {
        pauses: Some(Box::new(Pauses {
            every: constant(every),
            length: constant(length),
        })),
        ..server
    }
}

/// Work of 50 ms from 0.1, 0.2 … A pause from 1.02 s to 1.32 s: the call of 1 s is through at 1.35
/// instead of 1.05; those of 1.1, 1.2 and 1.3 have waited, and are through at 1.4, 1.45 and 1.5;
/// that of 1.4 waits until 1.5 for them and is through at 1.55, that of 1.5 at 1.6, and that of 1.6
/// is in time again.
#[test]
fn work_goes_on_after_a_pause() {
    for discipline in [Discipline::Fifo, Discipline::Lifo] {
        let server = Server {
            queue: Queueing {
                discipline,
                ..Queueing::default()
            },
            ..pausing(1_020, 300, server(1, constant(50)))
        };
        let mut engine = at_ten_a_second(server);
        let mut left = |until| {
            millis(&mut engine, until);
            let server = at(&engine, "server");
            (server.completed, server.waiting)
        };
        assert_eq!(left(1_010), (9, 0));
        assert_eq!(left(1_349), (9, 3));
        assert_eq!(left(1_351), (10, 2));
        assert_eq!(left(1_399), (10, 2));
        assert_eq!(left(1_401), (11, 2));
        assert_eq!(left(1_549), (13, 1));
        assert_eq!(left(1_601), (15, 0));
        assert_eq!(left(1_649), (15, 0));
        let server = at(&engine, "server");
        // The pause counts as work on the call that it hit, and the slot as busy: the one that
        // came at 1.6 has worked for 49 ms.
        assert_eq!(server.service_sum_ns, u128::from(ms(15 * 50 + 300).nanos()));
        assert_eq!(server.busy_area, u128::from(ms(15 * 50 + 300 + 49).nanos()));
        assert_eq!(server.down_ns, 0);
    }
}

/// Two calls share a slot from 1 s on: both have got 10 ms when the pause begins at 1.02 s.
#[test]
fn shared_work_goes_on_after_a_pause() {
    let server = Server {
        queue: Queueing {
            discipline: Discipline::ProcessorSharing,
            ..Queueing::default()
        },
        ..pausing(1_020, 300, server(1, constant(50)))
    };
    let arrivals = || Arrivals::Constant {
        rate: Rate(1.0),
        profile: Vec::new(),
    };
    let mut engine = Design::new(1)
        .client("one", arrivals())
        .client("other", arrivals())
        .add("server", Component::Server(server))
        .join("one", "server")
        .join("other", "server")
        .engine();
    millis(&mut engine, 1_399);
    assert_eq!(at(&engine, "server").completed, 0);
    millis(&mut engine, 1_401);
    let server = at(&engine, "server");
    assert_eq!(server.completed, 2);
    assert_eq!(server.busy_area, u128::from(ms(400).nanos()));
    assert_eq!(server.service_sum_ns, u128::from(ms(400).nanos()));
}

/// A caller that is paused when its answer comes goes on afterwards, and holds its slot.
#[test]
fn answers_wait_for_the_end_of_a_pause() {
    let api = pausing(1_020, 300, server(8, constant(10)));
    let mut engine = Design::new(1)
        .client("clients", ten_a_second())
        .add("api", Component::Server(api))
        .server("db", 8, constant(30))
        .join("clients", "api")
        .join("api", "db")
        .engine();
    // The call of 1 s is with the database from 1.01 to 1.04.
    millis(&mut engine, 1_030);
    assert_eq!(at(&engine, "db").present, 1);
    millis(&mut engine, 1_319);
    assert_eq!(at(&engine, "db").present, 0);
    assert_eq!(at(&engine, "clients").completed, 9);
    assert_eq!(at(&engine, "api").waiting, 3);
    millis(&mut engine, 1_321);
    assert_eq!(at(&engine, "clients").completed, 10);
}

/// A fault that makes the whole box stand still puts the pause off: the call of 1 s has 30 ms left
/// at 1.02, stands still for 0.3 + 0.2 s, and is through at 1.55.
#[test]
fn the_clock_of_pauses_stands_still_with_the_box() {
    for (from, until) in [(1_010, 1_210), (1_100, 1_300), (1_300, 1_500)] {
        for edited in [false, true] {
            let mut engine = at_ten_a_second(pausing(1_020, 300, server(1, constant(50))));
            millis(&mut engine, from);
            engine.start_fault("server", FaultKind::Pause).unwrap();
            if edited {
                let mut scenario = engine.scenario().clone();
                scenario.notes += "!";
                engine.edit(&scenario).unwrap();
            }
            millis(&mut engine, until);
            engine.heal("server").unwrap();
            millis(&mut engine, 1_549);
            assert_eq!(at(&engine, "server").completed, 9, "{from}");
            millis(&mut engine, 1_551);
            assert_eq!(at(&engine, "server").completed, 10, "{from}");
        }
    }
}

/// Each instance by itself: an instance is in a pause for a tenth of the time, so of two that take
/// calls in turn one or the other starts at once with nine calls of ten, and the box as a whole never
/// stops for long.
#[test]
fn instances_pause_by_themselves() {
    let server = Server {
        instances: 2,
        pauses: Some(Box::new(Pauses {
            every: exponential(9_000),
            length: constant(1_000),
        })),
        ..server(10, Distribution::ZERO)
    };
    let mut engine = at_ten_a_second(server);
    let (mut paused, mut both, mut looks) = (0, 0, 0);
    for look in 1..20_000 {
        engine.run_until(ms(look * 1_000).nanos());
        let waiting = at(&engine, "server").waiting;
        // Each gets five calls a second: one that pauses has some in line, at most five.
        looks += 1;
        paused += u32::from(waiting > 0);
        both += u32::from(waiting > 5);
    }
    engine.check_conservation().unwrap();
    let share = f64::from(paused) / f64::from(looks);
    // Either of two, each for a tenth of the time, but for the part of a pause before its first call.
    assert!((0.12..0.2).contains(&share), "{share}");
    let share = f64::from(both) / f64::from(looks);
    assert!(share < 0.02, "{share}");
}

/// Switched on and off while it runs, in and between pauses.
#[test]
fn pauses_can_be_switched_on_and_off() {
    let mut engine = at_ten_a_second(server(1, constant(50)));
    let switch = |engine: &mut Engine, pauses| {
        let mut scenario = engine.scenario().clone();
        if let Component::Server(server) = &mut scenario.components["server"] {
            server.pauses = pauses;
        }
        engine.edit(&scenario).unwrap();
        engine.check_conservation().unwrap();
    };
    let pauses = Box::new(Pauses {
        every: constant(400),
        length: constant(300),
    });
    millis(&mut engine, 630);
    switch(&mut engine, Some(pauses.clone()));
    // From 1.03 s to 1.33 s.
    millis(&mut engine, 1_300);
    assert_eq!(at(&engine, "server").completed, 9);
    switch(&mut engine, None);
    // The one that worked had 20 ms left at 1.03, and was put off until 1.35 before that.
    for (until, counts) in [(1_349, (9, 3)), (1_351, (10, 2)), (1_401, (11, 2))] {
        millis(&mut engine, until);
        let server = at(&engine, "server");
        assert_eq!((server.completed, server.waiting), counts);
    }
    switch(&mut engine, Some(pauses));
    millis(&mut engine, 20_000);
    assert!(at(&engine, "server").completed > 100);
}
