//! A pause of one second, to the request: nothing in this drawing is left to chance.
//!
//! 7 requests come each second, 1/7 s apart; one slot works 0.1 s on each, so that it could do 10; a
//! client waits 0.5 s. The box stands still from 30 s on, as in a long garbage collection.

use std::{cmp::Reverse, collections::BinaryHeap};

use littlebox::{
    engine::{Cause, Engine},
    scenario::{
        Arrivals, Backoff, Client, Component, Duration, Fault, FaultKind, Jitter, Rate, Retries,
    },
};

use crate::support::design::*;

/// A run with a pause of some length from `start` on.
fn after(start: Duration, pause: Duration, retries: u32, until: Duration) -> Engine {
    let client = Client {
        timeout: Some(ms(500)),
        retries: Retries {
            max: retries,
            backoff: Backoff::Constant(ms(50)),
            jitter: Jitter::None,
            ..Retries::default()
        },
        ..patient(Arrivals::Constant {
            rate: Rate(7.0),
            profile: Vec::new(),
        })
    };
    let mut design = Design::new(1)
        .add("clients", Component::Client(client))
        .server("server", 1, constant(100))
        .join("clients", "server");
    design.0.faults.push(Fault {
        at: start,
        until: Some(Duration::from_nanos(start.nanos() + pause.nanos())),
        on: "server".into(),
        fault: FaultKind::Pause,
    });
    let mut engine = design.engine();
    engine.run_until(until.nanos());
    engine.check_conservation().unwrap();
    engine
}

/// The n-th request since the start of the pause P is answered after P + 0.1 s × (n + 1), and came
/// n/7 s after it: it took P + 0.1 − n (1/7 − 1/10) s, and those that took more than 0.5 s timed out.
#[test]
fn a_pause_costs_whom_it_makes_wait_too_long() {
    for (pause, late) in [
        (400, 0),
        (500, 3),
        (600, 5),
        (700, 7),
        (800, 10),
        (900, 12),
        (1_000, 14),
    ] {
        let engine = after(secs(30), ms(pause), 0, secs(60));
        let clients = at(&engine, "clients");
        assert_eq!(clients.failures.get(Cause::Timeout), late, "{pause} ms");
        assert_eq!(clients.completed, 419 - late, "{pause} ms");
    }
}

/// As they tell it, the request that comes with the pause is still answered: the slot stands still
/// from then until 31 s. 408 complete, 11 time out, and the 420th comes as the clock
/// shows 60 s: it is still ahead.
#[test]
fn the_one_before_the_pause_gets_through() {
    let engine = after(ms(30_101), ms(899), 0, secs(60));
    let clients = at(&engine, "clients");
    assert_eq!(clients.completed, 408);
    assert_eq!(clients.failures.get(Cause::Timeout), 11);
    assert_eq!(clients.present, 0);
    let engine = after(ms(30_101), ms(899), 0, ms(60_001));
    assert_eq!(at(&engine, "clients").present, 1);
}

/// With retries there is a threshold, some 0.471 s (the last test derives it): at 0.4 s nobody is late,
/// beyond the threshold it never ends. A late request is worked on for nobody and comes again: the
/// line grows by both, the next ones are late as well, and in the end 4 × 7 attempts a second meet a
/// slot that does 10. Nobody is answered in time again, ten minutes later neither.
#[test]
fn with_retries_it_never_comes_back() {
    let answered = |pause, until| at(&after(secs(30), ms(pause), 3, until), "clients").completed;
    assert_eq!(answered(400, secs(600)), 4_199);
    for pause in [500, 1_000] {
        let soon = answered(pause, secs(60));
        assert!(soon < 220, "{pause} ms: {soon}");
        assert_eq!(answered(pause, secs(600)), soon, "{pause} ms");
    }
}

/// How many are answered by `until`, by a loop that knows this drawing only: one line, served in
/// the order of arrival, and whoever is too late comes again 50 ms after it gave up.
fn answered_by_hand(pause: u64, retries: u32, until: u64) -> u64 {
    let (work, timeout, wait) = (ms(100).nanos(), ms(500).nanos(), ms(50).nanos());
    let start = secs(30).nanos();
    let mut free = 0;
    let mut answered = 0;
    let first = (1..).map(|n: u64| n * 1_000_000_000 / 7);
    let first = first.take_while(|time| *time < until);
    let mut attempts: BinaryHeap<_> = first.map(|time| Reverse((time, 0))).collect();
    while let Some(Reverse((time, attempt))) = attempts.pop() {
        if time >= start {
            free = free.max(start + pause);
        }
        free = free.max(time) + work;
        if free <= time + timeout {
            answered += u64::from(free < until);
        } else if attempt < retries {
            attempts.push(Reverse((time + timeout + wait, attempt + 1)));
        }
    }
    answered
}

/// The first request that comes during a pause P is late if P > 0.4 s, and is sent again 0.55 s
/// after it came: right in front of the fourth after it, at 4/7 s. That one now is answered after
/// P + 0.2 − 4 (1/7 − 1/10) s. While this is no more than 0.5 s, for P ≤ 0.3 + 12/70 s, few are
/// late and each time fewer; beyond, the retries make late whom they meet, and it never ends.
#[test]
fn the_threshold_is_where_the_first_retry_makes_another_one_late() {
    let until = secs(300);
    let threshold = 0.3 + 12.0 / 70.0;
    for tenths in (3_905..5_000)
        .step_by(50)
        .chain([4_713, 4_714, 4_715, 4_716])
    {
        let pause = Duration::from_nanos(tenths * 100_000 + 5_000);
        let clients = at(&after(secs(30), pause, 3, until), "clients");
        let by_hand = answered_by_hand(pause.nanos(), 3, until.nanos());
        assert_eq!(clients.completed, by_hand, "{tenths}");
        let recovers = pause.nanos() as f64 / 1e9 <= threshold;
        assert_eq!(clients.completed == 2_099, recovers, "{tenths}: {by_hand}");
        assert_eq!(clients.completed < 220, !recovers, "{tenths}: {by_hand}");
    }
}
