//! Hedged calls, on hand-made courses of events.

use littlebox::{
    engine::{Cause, Engine},
    scenario::{
        After, Arrivals, Backoff, Breaker, Budget, Connection, FaultKind, Hedge, Jitter, Mode,
        Pool, Rate, RateShape, Retries, Trip,
    },
};

use crate::support::{design::*, everything::*};

const MS: u128 = 1_000_000;

fn hedged(after: After, connection: Connection) -> Connection {
    Connection {
        hedge: Some(Hedge { after }),
        ..connection
    }
}

fn after_ms(millis: u64) -> After {
    After::Delay { delay: ms(millis) }
}

/// At 1 and 2 s.
fn twice() -> Arrivals {
    Arrivals::Constant {
        rate: Rate(1.0),
        profile: vec![RateShape::Steps(vec![(ms(2_500), Rate(0.0))])],
    }
}

/// Two instances of 100 ms, of which the first is ten times as slow. A request goes to it at 1 s; at
/// 1.3 s a second attempt goes to the other, which answers at 1.4 s. So does the one at 2 s.
#[test]
fn the_first_answer_wins() {
    for (cancellation, busy_ms) in [(false, 2_200), (true, 1_000)] {
        let mut design = Design::new(1)
            .client("clients", twice())
            .server("server", 5, constant(100))
            .connect(Connection {
                cancellation,
                ..hedged(after_ms(300), at_once("clients", "server"))
            });
        if let littlebox::scenario::Component::Server(server) = &mut design.0.components["server"] {
            server.instances = 2;
        }
        let mut engine = design.engine();
        let slow = FaultKind::Slow { times: 10.0 };
        engine.start_fault("server #1", slow).unwrap();
        for until in [1_299, 1_301, 1_399, 1_401, 1_999, 10_000] {
            engine.run_until(ms(until).nanos());
            engine.check_conservation().unwrap();
        }
        let (clients, server) = (at(&engine, "clients"), at(&engine, "server"));
        let arrow = engine.connection(0);
        assert_eq!((clients.completed, clients.sojourn_sum_ns), (2, 800 * MS));
        assert_eq!((arrow.attempts, arrow.hedges, arrow.hedges_won), (4, 2, 2));
        assert_eq!(
            (arrow.completed, arrow.failures.get(Cause::Cancelled)),
            (2, 2)
        );
        assert_eq!((arrow.present, server.present), (0, 0));
        assert_eq!(server.busy_area, busy_ms * MS);
        assert_eq!(server.good, 2);
    }
}

/// An attempt that fails leaves the matter to the other; the timeout of the first is that of both.
#[test]
fn both_have_to_fail() {
    let run = |timeout: u64, cut: (u64, u64)| {
        let mut engine = Design::new(1)
            .client("clients", twice())
            .server("server", 5, constant(500))
            .connect(Connection {
                timeout: Some(ms(timeout)),
                ..hedged(after_ms(300), at_once("clients", "server"))
            })
            .engine();
        let errors = FaultKind::Errors { share: 1.0 };
        engine.run_until(ms(cut.0).nanos());
        engine.start_fault("server", errors).unwrap();
        engine.run_until(ms(cut.1).nanos());
        engine.heal("server").unwrap();
        engine.run_until(ms(9_000).nanos());
        engine.check_conservation().unwrap();
        engine
    };
    // The second attempts fail at once, at 1.3 and 2.3 s.
    let engine = run(5_000, (1_100, 2_400));
    // The one at 2 s fails at once, and is not hedged.
    assert_eq!(at(&engine, "clients").completed, 1);
    assert_eq!(
        (engine.connection(0).hedges, engine.connection(0).hedges_won),
        (1, 0)
    );
    let engine = run(5_000, (1_200, 1_400));
    assert_eq!(at(&engine, "clients").sojourn_sum_ns, 1_000 * MS);
    // 400 ms after the first set off both are given up.
    let engine = run(400, (8_000, 8_001));
    let clients = at(&engine, "clients");
    assert_eq!(
        (clients.failures.get(Cause::Timeout), clients.sojourn_sum_ns),
        (2, 800 * MS)
    );
    assert_eq!(engine.connection(0).failures.get(Cause::Timeout), 4);
}

/// The first fails when the second is lost, of which the caller would hear a second later: the timeout
/// of the first is the second's now, and when it comes the caller tries again. The news of the loss is
/// about an attempt that has ended.
#[test]
fn the_timeout_goes_over_to_one_that_is_lost() {
    let mut engine = Design::new(1)
        .client("clients", twice())
        .server("server", 5, constant(500))
        .connect(Connection {
            timeout: Some(ms(600)),
            retries: Some(Retries {
                max: 1,
                backoff: Backoff::None,
                ..Retries::default()
            }),
            ..hedged(after_ms(300), at_once("clients", "server"))
        })
        .engine();
    for (at, what) in [
        (1_200, "cut"),
        (1_350, "join"),
        (1_400, "crash"),
        (1_450, "heal"),
    ] {
        engine.run_until(ms(at).nanos());
        match what {
            "cut" => engine.start_fault("clients -> server", FaultKind::Cut),
            "join" => engine.heal("clients -> server"),
            "crash" => engine.start_fault("server", FaultKind::Crash),
            _ => engine.heal("server"),
        }
        .unwrap();
        engine.check_conservation().unwrap();
    }
    for until in [1_599, 1_601, 2_099, 2_101, 2_299, 2_301, 9_000] {
        engine.run_until(ms(until).nanos());
        engine.check_conservation().unwrap();
    }
    let (clients, arrow) = (at(&engine, "clients"), engine.connection(0));
    // Sent at 1 s, given up and sent again at 1.6 s, answered at 2.1 s; the other after 500 ms.
    assert_eq!((clients.completed, clients.sojourn_sum_ns), (2, 1_600 * MS));
    let failed = [Cause::Down, Cause::Timeout, Cause::Cancelled];
    assert_eq!(failed.map(|cause| arrow.failures.get(cause)), [1, 1, 2]);
    let counts = (
        arrow.attempts,
        arrow.retries,
        arrow.hedges,
        arrow.hedges_won,
    );
    assert_eq!(counts, (6, 1, 3, 0));
}

/// A breaker that lets no second attempt through has not seen it fail, nor has a pool without room.
#[test]
fn one_that_is_never_sent_says_nothing_about_the_callee() {
    let run = |pool: Option<Pool>| {
        let mut engine = Design::new(1)
            .client("clients", twice())
            .server("server", 5, constant(500))
            .connect(Connection {
                breaker: Some(Breaker {
                    trip: Trip::Consecutive { failures: 1 },
                    ..Breaker::default()
                }),
                pool,
                ..hedged(after_ms(300), at_once("clients", "server"))
            })
            .engine();
        engine.run_until(ms(9_000).nanos());
        engine.check_conservation().unwrap();
        let arrow = engine.connection(0);
        (
            arrow.opened,
            arrow.failures.get(Cause::PoolExhausted),
            arrow.completed,
        )
    };
    let narrow = Pool {
        max: 1,
        queue: Some(0),
        ..Pool::default()
    };
    assert_eq!(run(None), (0, 0, 2));
    assert_eq!(run(Some(narrow)), (0, 2, 2));
}

/// Hedging at infinity is none, to the last bit.
#[test]
fn a_hedge_that_never_comes_is_none() {
    let run = |hedge: bool| {
        let mut scenario = everything(4).0;
        for connection in &mut scenario.connections {
            let can = connection.mode == Mode::Sync
                && !["balancer", "jobs"].contains(&connection.from.as_str());
            connection.hedge = (hedge && can).then_some(Hedge {
                after: After::Delay {
                    delay: secs(1_000_000),
                },
            });
        }
        let mut engine = Engine::new(&scenario).unwrap();
        engine.run_until(EVERYTHING_END_NS);
        engine.check_conservation().unwrap();
        engine.fingerprint()
    };
    assert_eq!(run(true), run(false));
}

/// Retries and second attempts take from the same budget. A request each second: the first fails at once
/// and is tried again at 1.2 s, hedged at 1.5 s and answered at 1.7 s; the next is hedged at 2.3 s. No
/// token is left: the third goes on alone, the fourth fails and is not tried again.
#[test]
fn a_second_attempt_takes_a_token_of_the_retry_budget() {
    let arrivals = Arrivals::Constant {
        rate: Rate(1.0),
        profile: vec![RateShape::Steps(vec![(ms(4_500), Rate(0.0))])],
    };
    let mut engine = Design::new(1)
        .client("clients", arrivals)
        .server("server", 5, constant(500))
        .connect(Connection {
            retries: Some(Retries {
                max: 1,
                backoff: Backoff::Constant(ms(200)),
                jitter: Jitter::None,
                budget: Some(Budget {
                    ratio: 0.0,
                    per_second: Rate(0.0),
                    burst: 3,
                }),
            }),
            ..hedged(after_ms(300), at_once("clients", "server"))
        })
        .engine();
    let mut run = |until: u64, wanted: (u64, u64, u64, u64)| {
        engine.run_until(ms(until).nanos());
        engine.check_conservation().unwrap();
        // An edit in between takes no token and adds none.
        let scenario = engine.scenario().clone();
        engine.edit(&scenario).unwrap();
        let arrow = engine.connection(0);
        let found = (arrow.retries, arrow.hedges, arrow.denied, arrow.completed);
        assert_eq!(found, wanted, "at {until} ms");
        engine.run_until(ms(until).nanos() + 1);
        for (at, heals) in [(900, false), (1_100, true), (3_900, false), (4_100, true)] {
            if at == until && heals {
                engine.heal("server").unwrap();
            } else if at == until {
                let errors = FaultKind::Errors { share: 1.0 };
                engine.start_fault("server", errors).unwrap();
            }
        }
    };
    run(900, (0, 0, 0, 0));
    run(1_100, (0, 0, 0, 0));
    run(1_499, (1, 0, 0, 0));
    run(1_501, (1, 1, 0, 0));
    run(2_299, (1, 1, 0, 1));
    run(2_301, (1, 2, 0, 1));
    run(3_299, (1, 2, 0, 2));
    run(3_301, (1, 2, 1, 2));
    run(3_900, (1, 2, 1, 3));
    run(4_100, (1, 2, 2, 3));
    run(9_000, (1, 2, 2, 3));
    let clients = at(&engine, "clients");
    assert_eq!(clients.failures.get(Cause::Error), 1);
    // 700, 500 and 500 ms.
    assert_eq!(clients.sojourn_sum_ns, 1_700 * MS);
}

/// All want to be hedged: of a budget of a tenth the first is, and then every tenth.
#[test]
fn a_tenth_of_the_first_attempts_is_hedged_and_no_more() {
    let arrivals = Arrivals::Constant {
        rate: Rate(10.0),
        profile: vec![RateShape::Steps(vec![(ms(10_150), Rate(0.0))])],
    };
    let mut engine = Design::new(1)
        .client("clients", arrivals)
        .server("server", 100, constant(50))
        .connect(Connection {
            retries: Some(Retries {
                max: 0,
                budget: Some(Budget {
                    ratio: 0.1,
                    per_second: Rate(0.0),
                    burst: 1,
                }),
                ..Retries::default()
            }),
            ..hedged(after_ms(30), at_once("clients", "server"))
        })
        .engine();
    engine.run_until(secs(20).nanos());
    engine.check_conservation().unwrap();
    let arrow = engine.connection(0);
    assert_eq!(at(&engine, "clients").completed, 101);
    assert_eq!((arrow.hedges, arrow.denied), (11, 90));
    assert_eq!((arrow.attempts, arrow.retries), (112, 0));
}
