//! What guards an arrow, on hand-made courses of events: every figure is counted by hand.

use littlebox::{
    engine::{BreakerState, Cause, Engine},
    scenario::{
        Arrivals, Backoff, Breaker, Budget, Client, Component, Connection, Distribution, FaultKind,
        Mode, Pool, Rate, Retries, Trip, When,
    },
};

use crate::support::{design::*, estimate::check_share, everything::*};

/// One request every 100 ms, at 0.1 s, 0.2 s, … until the end of time.
fn ten_a_second() -> Arrivals {
    Arrivals::Constant {
        rate: Rate(10.0),
        profile: Vec::new(),
    }
}

fn millis(engine: &mut Engine, until: u64) {
    engine.run_until(ms(until).nanos());
    engine.check_conservation().unwrap();
}

fn guarded(breaker: Breaker) -> Engine {
    Design::new(1)
        .client("clients", ten_a_second())
        .server("server", 10, constant(1))
        .connect(Connection {
            breaker: Some(breaker),
            ..at_once("clients", "server")
        })
        .engine()
}

fn three_in_a_row() -> Breaker {
    Breaker {
        trip: Trip::Consecutive { failures: 3 },
        open: secs(1),
        probes: 1,
    }
}

/// Down from 1.05 s to 3.05 s. 1.1, 1.2 and 1.3 fail and open it; nine fail at once; the probe at
/// 2.3 fails; nine more fail at once; the probe at 3.3 closes it.
#[test]
fn a_breaker_opens_probes_and_closes() {
    for edited in [false, true] {
        let mut engine = guarded(three_in_a_row());
        millis(&mut engine, 1_050);
        engine.start_fault("server", FaultKind::Crash).unwrap();
        millis(&mut engine, 1_290);
        assert_eq!(engine.connection(0).breaker, Some(BreakerState::Closed));
        millis(&mut engine, 1_350);
        assert_eq!(engine.connection(0).breaker, Some(BreakerState::Open));
        if edited {
            // An edit keeps its state.
            let mut scenario = engine.scenario().clone();
            scenario.notes += "!";
            if let Some(breaker) = &mut scenario.connections[0].breaker {
                breaker.probes = 2;
            }
            engine.edit(&scenario).unwrap();
            if let Some(breaker) = &mut scenario.connections[0].breaker {
                breaker.probes = 1;
            }
            engine.edit(&scenario).unwrap();
        }
        millis(&mut engine, 3_050);
        engine.heal("server").unwrap();
        millis(&mut engine, 3_250);
        assert_eq!(engine.connection(0).breaker, Some(BreakerState::Open));
        millis(&mut engine, 5_050);
        let arrow = engine.connection(0);
        assert_eq!(arrow.breaker, Some(BreakerState::Closed));
        assert_eq!(arrow.failures.get(Cause::Down), 4);
        assert_eq!(arrow.failures.get(Cause::BreakerOpen), 18);
        assert_eq!(arrow.failures.total(), 22);
        assert_eq!((arrow.attempts, arrow.completed), (50, 28));
        assert_eq!((arrow.opened, arrow.open_ns), (2, secs(2).nanos()));
        // The callee has seen those only that were sent.
        assert_eq!(at(&engine, "server").refused, 4);
        assert_eq!(at(&engine, "clients").failures.get(Cause::BreakerOpen), 18);
    }
}

#[test]
fn timeouts_open_a_breaker() {
    let mut engine = Design::new(1)
        .client("clients", ten_a_second())
        .server("server", 100, constant(1))
        .connect(Connection {
            breaker: Some(three_in_a_row()),
            timeout: Some(ms(250)),
            ..at_once("clients", "server")
        })
        .engine();
    millis(&mut engine, 1_050);
    engine.start_fault("server", FaultKind::Hang).unwrap();
    // 1.1, 1.2 and 1.3 time out at 1.35, 1.45 and 1.55; 1.4 and 1.5 were sent meanwhile.
    millis(&mut engine, 1_560);
    let arrow = engine.connection(0);
    assert_eq!(arrow.breaker, Some(BreakerState::Open));
    assert_eq!((arrow.failures.get(Cause::Timeout), arrow.present), (3, 2));
    // Those two time out while it is open, and neither open it again nor count as probes.
    millis(&mut engine, 2_540);
    let arrow = engine.connection(0);
    assert_eq!(arrow.failures.get(Cause::Timeout), 5);
    assert_eq!(arrow.failures.get(Cause::BreakerOpen), 10);
    assert_eq!(arrow.opened, 1);
    // The probe at 2.6 closes it.
    engine.heal("server").unwrap();
    millis(&mut engine, 2_650);
    assert_eq!(engine.connection(0).breaker, Some(BreakerState::Closed));
}

/// 1.1 and 1.2 set off under a breaker that an edit takes away, and time out at 1.35 and 1.45 under
/// another, whose own are 1.3 and those after it: 1.3, 1.4 and 1.5 open it at 1.75.
#[test]
fn a_new_breaker_judges_only_its_own_attempts() {
    let mut engine = guarded(three_in_a_row());
    let mut with = engine.scenario().clone();
    with.connections[0].timeout = Some(ms(250));
    let mut without = with.clone();
    without.connections[0].breaker = None;
    millis(&mut engine, 1_050);
    engine.edit(&with).unwrap();
    engine.start_fault("server", FaultKind::Hang).unwrap();
    millis(&mut engine, 1_250);
    engine.edit(&without).unwrap();
    engine.edit(&with).unwrap();
    millis(&mut engine, 1_740);
    let arrow = engine.connection(0);
    assert_eq!(arrow.failures.get(Cause::Timeout), 4);
    assert_eq!(arrow.breaker, Some(BreakerState::Closed));
    millis(&mut engine, 1_760);
    assert_eq!(engine.connection(0).breaker, Some(BreakerState::Open));
}

#[test]
fn a_breaker_that_never_trips_is_none() {
    let base = everything(1);
    let mut with = base.0.clone();
    for connection in &mut with.connections {
        if connection.from != "jobs" {
            connection.breaker = Some(Breaker {
                trip: Trip::Consecutive { failures: 10_000 },
                ..Breaker::default()
            });
            connection.pool = Some(Pool {
                max: 100_000,
                ..Pool::default()
            });
        }
    }
    let mut engine = Engine::new(&with).unwrap();
    engine.run_until(EVERYTHING_END_NS);
    engine.check_conservation().unwrap();
    assert_eq!(engine.fingerprint(), EVERYTHING_1);
}

fn never_up(budget: Budget) -> Engine {
    let client = Client {
        retries: Retries {
            max: 3,
            backoff: Backoff::None,
            budget: Some(budget),
            ..Retries::default()
        },
        ..patient(ten_a_second())
    };
    let mut engine = Design::new(1)
        .add("clients", Component::Client(client))
        .server("server", 10, constant(1))
        .join("clients", "server")
        .engine();
    engine.start_fault("server", FaultKind::Crash).unwrap();
    engine
}

/// The burst of two goes to the first request; then one token for every ten.
#[test]
fn a_budget_allows_a_share_of_the_traffic() {
    let mut engine = never_up(Budget {
        ratio: 0.1,
        per_second: Rate(0.0),
        burst: 2,
    });
    millis(&mut engine, 10_150);
    let arrow = engine.connection(0);
    assert_eq!(
        (arrow.attempts, arrow.retries, arrow.denied),
        (113, 12, 101)
    );
    // The cause is that of the attempt, and each request fails once.
    let clients = at(&engine, "clients");
    assert_eq!(clients.failures.get(Cause::Down), 101);
    assert_eq!(clients.departures, 101);
}

/// One token a second and none for the traffic.
#[test]
fn a_budget_allows_a_little_to_those_who_ask_little() {
    let mut engine = never_up(Budget {
        ratio: 0.0,
        per_second: Rate(1.0),
        burst: 1,
    });
    millis(&mut engine, 10_150);
    // At 0.1 s, 1.1 s, …, 10.1 s.
    assert_eq!(engine.connection(0).retries, 11);
    let mut scenario = engine.scenario().clone();
    if let Component::Client(client) = &mut scenario.components["clients"] {
        client.retries.budget = None;
    }
    engine.edit(&scenario).unwrap();
    engine.reset_measures();
    millis(&mut engine, 20_150);
    let arrow = engine.connection(0);
    assert_eq!((arrow.retries, arrow.denied), (300, 0), "three for each");
}

/// Users who ask all at once, each second.
fn crowd(users: u32, connection: Connection) -> Engine {
    Design::new(1)
        .client(
            "clients",
            Arrivals::Closed {
                users,
                think: constant(1_000),
            },
        )
        .server("server", 100, constant(100))
        .connect(connection)
        .engine()
}

fn pool(max: u32, wait: Option<u64>, queue: Option<u32>) -> Connection {
    Connection {
        pool: Some(Pool {
            max,
            wait: wait.map(ms),
            queue,
        }),
        ..at_once("clients", "server")
    }
}

#[test]
fn a_pool_lets_so_many_through_at_once() {
    // Five ask at 1 s, two at a time: done at 1.1, 1.1, 1.2, 1.2, 1.3.
    let mut engine = crowd(5, pool(2, None, None));
    millis(&mut engine, 1_050);
    let arrow = engine.connection(0);
    assert_eq!((arrow.places_used, arrow.waiting), (2, 3));
    assert_eq!(at(&engine, "server").present, 2);
    millis(&mut engine, 1_500);
    let arrow = engine.connection(0);
    assert_eq!(arrow.wait_sum_ns, u128::from(ms(100 + 100 + 200).nanos()));
    assert_eq!(arrow.waiting_area, arrow.wait_sum_ns, "Little's law");
    assert_eq!(arrow.places_area, u128::from(ms(500).nanos()));
    assert_eq!((arrow.waits, arrow.completed), (5, 5));
}

#[test]
fn who_waits_too_long_for_a_place_fails() {
    // Of six three get in at 1.1, and the others wait until 1.15.
    let mut engine = crowd(9, pool(3, Some(150), None));
    millis(&mut engine, 1_500);
    let arrow = engine.connection(0);
    assert_eq!(arrow.failures.get(Cause::PoolExhausted), 3);
    assert_eq!((arrow.completed, arrow.waits), (6, 9));
    assert_eq!(arrow.wait_sum_ns, u128::from(ms(3 * 100 + 3 * 150).nanos()));
    assert_eq!(arrow.waiting_area, arrow.wait_sum_ns);
    assert_eq!(at(&engine, "server").arrivals, 6, "they were never sent");
}

/// Three calls at 1 s, one place: the caller dies at 1.05, and two were never sent.
#[test]
fn who_waits_for_a_place_dies_with_its_caller() {
    let mut design = crowd(3, pool(1, None, None)).scenario().clone();
    design.components.insert(
        "front".into(),
        Component::Server(server(9, Distribution::ZERO)),
    );
    design.connections[0].from = "front".into();
    design.connections.push(at_once("clients", "front"));
    let mut engine = Engine::new(&design).unwrap();
    millis(&mut engine, 1_050);
    assert_eq!(
        (
            engine.connection(0).places_used,
            engine.connection(0).waiting
        ),
        (1, 2)
    );
    engine.start_fault("front", FaultKind::Crash).unwrap();
    assert_eq!(engine.connection(0).waiting, 0);
    engine.heal("front").unwrap();
    millis(&mut engine, 2_000);
    assert_eq!(at(&engine, "server").arrivals, 1, "they were never sent");
    assert_eq!(engine.connection(0).places_used, 0);
    engine.check_conservation().unwrap();
}

#[test]
fn the_line_for_a_pool_may_be_full() {
    let mut engine = crowd(9, pool(3, None, Some(2)));
    millis(&mut engine, 1_500);
    let arrow = engine.connection(0);
    assert_eq!(arrow.failures.get(Cause::PoolExhausted), 4);
    assert_eq!((arrow.completed, arrow.waits), (5, 5));
}

/// Two at once, one place, 100 ms of work, a timeout of 150 ms: the second gets its place after 100
/// ms and gives up 50 ms later.
#[test]
fn the_wait_for_a_place_counts_toward_the_timeout() {
    let mut engine = crowd(
        2,
        Connection {
            timeout: Some(ms(150)),
            ..pool(1, None, None)
        },
    );
    millis(&mut engine, 1_149);
    assert_eq!(engine.connection(0).places_used, 1);
    millis(&mut engine, 1_500);
    let arrow = engine.connection(0);
    assert_eq!(arrow.failures.get(Cause::Timeout), 1);
    assert_eq!(arrow.places_used, 0, "given back by the caller that left");
    assert_eq!(at(&engine, "server").completed, 2, "the work went on");
    // One that times out in line was never sent.
    let mut engine = crowd(
        3,
        Connection {
            timeout: Some(ms(150)),
            ..pool(1, None, None)
        },
    );
    millis(&mut engine, 1_500);
    assert_eq!(engine.connection(0).failures.get(Cause::Timeout), 2);
    assert_eq!(at(&engine, "server").arrivals, 2);
}

#[test]
fn an_edit_makes_room() {
    let mut engine = crowd(9, pool(1, None, None));
    millis(&mut engine, 1_050);
    let change = |engine: &mut Engine, pool: Option<Pool>| {
        let mut scenario = engine.scenario().clone();
        scenario.connections[0].pool = pool;
        engine.edit(&scenario).unwrap();
        engine.check_conservation().unwrap();
    };
    change(
        &mut engine,
        Some(Pool {
            max: 4,
            wait: None,
            queue: None,
        }),
    );
    assert_eq!(engine.connection(0).places_used, 4);
    change(&mut engine, None);
    assert_eq!(at(&engine, "server").present, 9);
    change(&mut engine, Some(Pool::default()));
    millis(&mut engine, 1_500);
    assert_eq!(engine.connection(0).completed, 9);
    assert_eq!(engine.connection(0).places_used, 0);
}

/// From the front to the backend, and to the spare when that fails.
fn with_fallback(connection: Connection) -> Engine {
    Design::new(1)
        .client("clients", ten_a_second())
        .server("front", 100, Distribution::ZERO)
        .server("back", 1, constant(250))
        .server("spare", 100, constant(1))
        .join("clients", "front")
        .connect(connection)
        .connect(Connection {
            step: Some(2),
            when: Some(When::OnFailure),
            ..at_once("front", "spare")
        })
        .engine()
}

/// A fallback is for whatever goes wrong before.
#[test]
fn a_fallback_takes_what_the_guards_hold_back() {
    let arrow = || at_once("front", "back");
    let breaker = Connection {
        breaker: Some(three_in_a_row()),
        ..arrow()
    };
    let exhausted = Connection {
        pool: Some(Pool {
            max: 1,
            wait: None,
            queue: Some(0),
        }),
        ..arrow()
    };
    let impatient = Connection {
        timeout: Some(ms(300)),
        ..arrow()
    };
    for (connection, cause, down) in [
        (breaker, Cause::BreakerOpen, true),
        (exhausted, Cause::PoolExhausted, false),
        (impatient, Cause::Timeout, false),
    ] {
        let mut engine = with_fallback(connection);
        if down {
            engine.start_fault("back", FaultKind::Crash).unwrap();
        }
        millis(&mut engine, 20_050);
        let (arrow, clients) = (engine.connection(1), at(&engine, "clients"));
        assert!(arrow.failures.get(cause) > 100, "{cause:?}: {arrow:?}");
        assert_eq!(clients.failures.total(), 0, "{cause:?}");
        assert_eq!(
            engine.connection(2).attempts,
            arrow.failures.total(),
            "{cause:?}"
        );
        assert!(clients.present < 5, "{cause:?}");
    }
}

/// Two alternatives, one of them with an open breaker: its share goes to the fallback, which takes
/// half of it.
#[test]
fn alternatives_and_probability_go_with_a_fallback() {
    let weighted = |to: &str| Connection {
        step: Some(1),
        weight: Some(1.0),
        breaker: Some(Breaker {
            open: secs(10_000),
            ..three_in_a_row()
        }),
        ..at_once("front", to)
    };
    let mut engine = Design::new(3)
        .poisson("clients", 100.0)
        .server("front", 100, Distribution::ZERO)
        .server("a", 100, constant(1))
        .server("b", 100, constant(1))
        .server("spare", 100, constant(1))
        .join("clients", "front")
        .connect(weighted("a"))
        .connect(weighted("b"))
        .connect(Connection {
            step: Some(2),
            when: Some(When::OnFailure),
            probability: 0.5,
            ..at_once("front", "spare")
        })
        .engine();
    engine.start_fault("b", FaultKind::Crash).unwrap();
    engine.run_until(secs(500).nanos());
    let (a, b, spare) = (
        engine.connection(1),
        engine.connection(2),
        engine.connection(3),
    );
    check_share("an alternative", b.attempts, a.attempts + b.attempts, 0.5);
    assert_eq!(b.failures.get(Cause::Down), 3);
    assert_eq!(b.failures.get(Cause::BreakerOpen), b.attempts - 3);
    check_share("the fallback", spare.attempts, b.attempts, 0.5);
    let clients = at(&engine, "clients");
    assert_eq!(clients.failures.total(), b.attempts - spare.attempts);
}

/// Nobody waits for the answer, and yet the place in the pool is held until it is there.
#[test]
fn a_pool_holds_back_what_nobody_waits_for() {
    let mut engine = Design::new(1)
        .client("clients", ten_a_second())
        .server("front", 100, Distribution::ZERO)
        .server("back", 100, constant(250))
        .join("clients", "front")
        .connect(Connection {
            mode: Mode::Async,
            pool: Some(Pool {
                max: 1,
                wait: None,
                queue: Some(3),
            }),
            ..at_once("front", "back")
        })
        .engine();
    millis(&mut engine, 10_050);
    let (clients, arrow) = (at(&engine, "clients"), engine.connection(1));
    assert_eq!((clients.completed, clients.failures.total()), (100, 0));
    assert_eq!(arrow.places_used, 1);
    // One every 250 ms from 0.1 s on.
    assert_eq!(arrow.completed, 39);
    assert_eq!(
        arrow.attempts,
        39 + 1 + 3 + arrow.failures.get(Cause::PoolExhausted)
    );
}

#[test]
fn guards_that_make_no_sense_are_refused() {
    let refused = |connection: Connection| -> String {
        let design = Design::new(1)
            .poisson("clients", 1.0)
            .server("front", 1, constant(1))
            .server("back", 1, constant(1))
            .join("clients", "front")
            .connect(connection);
        Engine::new(&design.0).unwrap_err().to_string()
    };
    let forward = |scenario: Connection| Connection {
        mode: Mode::Forward,
        ..scenario
    };
    let message = refused(forward(Connection {
        pool: Some(Pool::default()),
        ..at_once("front", "back")
    }));
    assert!(
        message.contains("`pool` makes no sense on a forward"),
        "{message}"
    );
    let message = refused(Connection {
        breaker: Some(Breaker {
            trip: Trip::Ratio {
                share: 0.5,
                window: 10,
                least: 100,
            },
            ..Breaker::default()
        }),
        ..at_once("front", "back")
    });
    assert!(message.contains("looks only 10 attempts back"), "{message}");
}
