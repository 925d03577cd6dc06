//! Rate limiters: who passes to the exact request, and what queueing theory says of those that let
//! calls wait.

use littlebox::{
    engine::{Cause, Engine},
    scenario::{
        Arrivals, Client, Component, Connection, Excess, Only, Queueing, Rate, RateLimit,
        RateLimiter, RateShape, Scope,
    },
};

use crate::support::{design::*, estimate::*};

fn limited(arrivals: Arrivals, limiter: RateLimiter) -> Design {
    Design::new(1)
        .client("clients", arrivals)
        .add("limiter", Component::RateLimiter(limiter))
        .server("server", 100_000, constant(0))
        .join("clients", "limiter")
        .join("limiter", "server")
}

fn refusing(limit: RateLimit) -> RateLimiter {
    RateLimiter {
        limit,
        ..RateLimiter::default()
    }
}

fn waiting(limit: RateLimit, capacity: Option<u32>) -> RateLimiter {
    RateLimiter {
        limit,
        excess: Excess::Wait { capacity },
        ..RateLimiter::default()
    }
}

fn bucket(burst: u32, rate: f64) -> RateLimit {
    RateLimit::TokenBucket {
        burst,
        rate: Rate(rate),
    }
}

/// One request every 1/rate, the first after 1/rate.
fn every(rate: f64) -> Arrivals {
    Arrivals::Constant {
        rate: Rate(rate),
        profile: Vec::new(),
    }
}

/// The moments, in milliseconds, at which calls come to the server until `end`.
fn passed(engine: &mut Engine, end: u64) -> Vec<u64> {
    let mut moments = Vec::new();
    let mut before = 0;
    for at in 1..=end {
        engine.run_until(ms(at).nanos());
        let now = at_server(engine);
        moments.extend((before..now).map(|_| at));
        before = now;
    }
    engine.check_conservation().unwrap();
    moments
}

fn at_server(engine: &Engine) -> u64 {
    at(engine, "server").arrivals
}

/// A request every 100 ms, and what each limit lets through, worked out by hand.
#[test]
fn who_passes() {
    let second = secs(1);
    let check = |limiter: RateLimiter, end: u64, expected: &[u64]| {
        let mut engine = limited(every(10.0), limiter.clone()).engine();
        assert_eq!(passed(&mut engine, end), expected, "{limiter:?}");
        let (limiter, clients) = (at(&engine, "limiter"), at(&engine, "clients"));
        let refused = limiter.failures.get(Cause::RateLimited);
        assert_eq!(limiter.refused, refused);
        assert_eq!(limiter.arrivals, expected.len() as u64 + limiter.waiting);
        assert_eq!(clients.failures.get(Cause::RateLimited), refused);
        assert_eq!(clients.arrivals, limiter.arrivals + refused);
    };
    // Five tokens, and two a second: the sixth comes in time.
    check(
        refusing(bucket(5, 2.0)),
        2_600,
        &[100, 200, 300, 400, 500, 600, 1_100, 1_600, 2_100, 2_600],
    );
    let window = |limit| RateLimit::FixedWindow {
        limit,
        window: second,
    };
    check(
        refusing(window(3)),
        2_300,
        &[100, 200, 300, 1_000, 1_100, 1_200, 2_000, 2_100, 2_200],
    );
    let log = |limit| RateLimit::SlidingLog {
        limit,
        window: second,
    };
    check(
        refusing(log(3)),
        2_300,
        &[100, 200, 300, 1_100, 1_200, 1_300, 2_100, 2_200, 2_300],
    );
    // In the second window 3 · (1 − t) + n ≤ 3, in the third 2 · (1 − t) + n ≤ 3.
    let counter = RateLimit::SlidingCounter {
        limit: 3,
        window: second,
    };
    check(
        refusing(counter),
        2_900,
        &[100, 200, 300, 1_400, 1_700, 2_000, 2_500],
    );
    // Calls that wait, in the order in which they came.
    check(
        waiting(bucket(1, 4.0), Some(2)),
        1_600,
        &[100, 350, 600, 850, 1_100, 1_350, 1_600],
    );
    check(
        waiting(window(2), None),
        3_999,
        &[100, 200, 1_000, 1_000, 2_000, 2_000, 3_000, 3_000],
    );
    check(
        waiting(log(2), Some(1)),
        3_300,
        &[100, 200, 1_100, 1_200, 2_100, 2_200, 3_100, 3_200],
    );
    // In the second window 2 · (1 − t) + n ≤ 2, in all others (1 − t) + n ≤ 2.
    let counter = RateLimit::SlidingCounter {
        limit: 2,
        window: second,
    };
    check(
        waiting(counter, None),
        3_999,
        &[100, 200, 1_500, 2_000, 3_000],
    );
    let leaky = RateLimit::LeakyBucket {
        capacity: 1,
        rate: Rate(2.5),
    };
    check(refusing(leaky), 1_700, &[100, 500, 900, 1_300, 1_700]);
}

/// A thousand requests a second for 200 ms around a multiple of the window: a fixed window lets
/// twice its limit through within a fifth of its length (Mahdi 2017, "An alternative approach to rate
/// limiting", Figma), a sliding log no more than its limit.
#[test]
fn a_double_burst_at_the_edge() {
    let burst = Arrivals::Constant {
        rate: Rate(0.0),
        profile: vec![RateShape::Steps(vec![
            (ms(900), Rate(1_000.0)),
            (ms(1_100), Rate(0.0)),
        ])],
    };
    let limit = 50;
    let window = secs(1);
    let count = |limit: RateLimit| {
        let mut engine = limited(burst.clone(), refusing(limit)).engine();
        engine.run_until(secs(5).nanos());
        assert!(at(&engine, "clients").arrivals > 150);
        at_server(&engine)
    };
    assert_eq!(count(RateLimit::FixedWindow { limit, window }), 100);
    assert_eq!(count(RateLimit::SlidingLog { limit, window }), 50);
    // At a share s of the window 50 · (1 − s) + n ≤ 50: five of them pass in 100 ms.
    let counter = count(RateLimit::SlidingCounter { limit, window });
    assert!((53..=55).contains(&counter), "{counter}");
}

/// A token bucket is a queue with one slot and constant service, turned around: what is missing in
/// it is the work that is left. So with burst B it refuses the very calls that M/D/1/B refuses, and
/// with burst 1 (M/D/1/1, Erlang B) the share ρ/(1 + ρ).
#[test]
fn a_token_bucket_is_a_queue_turned_around() {
    for burst in [1, 2, 7, 30] {
        let mut limiter = limited(poisson(12.0), refusing(bucket(burst, 10.0))).engine();
        let mut drawn = server(1, constant(100));
        drawn.queue = Queueing {
            capacity: Some(burst - 1),
            ..Queueing::default()
        };
        let mut queue = Design::new(1)
            .poisson("clients", 12.0)
            .add("server", Component::Server(drawn))
            .join("clients", "server")
            .engine();
        for second in 1..=2_000 {
            limiter.run_until(secs(second).nanos());
            queue.run_until(secs(second).nanos());
            let (limiter, queue) = (at(&limiter, "limiter"), at(&queue, "server"));
            assert_eq!(limiter.refused, queue.refused, "burst {burst}, {second} s");
            assert_eq!(limiter.arrivals, queue.arrivals);
        }
        let t = at(&limiter, "limiter");
        assert!(t.refused > 2_000);
        // No more than the tokens there have been.
        assert!(t.arrivals <= 10 * 2_000 + u64::from(burst));
        if burst == 1 {
            check_share("M/D/1/1", t.refused, t.refused + t.arrivals, 1.2 / 2.2);
        }
    }
}

/// A limit that nobody reaches does nothing, and above it the rate is the limit's.
#[test]
fn what_passes_in_the_long_run() {
    let window = secs(1);
    let limit = 10;
    let limits = [
        bucket(100, 10.0),
        RateLimit::LeakyBucket {
            capacity: 100,
            rate: Rate(10.0),
        },
        RateLimit::FixedWindow { limit, window },
        RateLimit::SlidingLog { limit, window },
        RateLimit::SlidingCounter { limit, window },
    ];
    for limit in limits {
        let mut engine = limited(every(25.0), refusing(limit.clone())).engine();
        engine.run_until(secs(1_000).nanos());
        let found = at_server(&engine);
        // A counter lets through less: the share of the window before is rounded up to calls that come
        // every 40 ms.
        let least = match limit {
            RateLimit::SlidingCounter { .. } => 9_000,
            _ => 10_000,
        };
        assert!((least..=10_100).contains(&found), "{limit:?}: {found}");
        let mut engine = limited(every(8.0), refusing(limit.clone())).engine();
        engine.run_until(secs(1_000).nanos());
        assert_eq!(at_server(&engine), 8_000, "{limit:?}");
    }
    // Of a Poisson number of calls in each window: E[min(N, limit)].
    let engine = limited(
        poisson(10.0),
        refusing(RateLimit::FixedWindow { limit, window }),
    )
    .engine();
    let mut probability = (-10.0f64).exp();
    let mut exact = f64::from(limit);
    for n in 0..limit {
        exact -= f64::from(limit - n) * probability;
        probability *= 10.0 / f64::from(n + 1);
    }
    let [found] = batches(engine, 0.0, 200.0, |engine| {
        [at(engine, "server").arrival_rate()]
    });
    check_within("E[min(N, 10)]", &found, exact);
}

/// With burst 1 those who wait are the line of M/D/1 (Pollaczek and Khinchine): Wq = ρT/2(1 − ρ);
/// and Little's law holds for the line.
#[test]
fn waiting_for_a_token_is_waiting_for_a_slot() {
    for limit in [
        bucket(1, 10.0),
        RateLimit::LeakyBucket {
            capacity: 1_000_000,
            rate: Rate(10.0),
        },
    ] {
        let engine = limited(poisson(8.0), waiting(limit, None)).engine();
        let [wait, line] = batches(engine, 100.0, 2_000.0, |engine| {
            let limiter = at(engine, "limiter");
            [limiter.wq(), limiter.lq()]
        });
        check_within("Wq", &wait, 0.2);
        check_within("Lq", &line, 1.6);
    }
}

/// Each session has a bucket of its own: with one token each, and hardly any more, as many calls
/// pass as there are sessions.
#[test]
fn sessions_apart() {
    let client = Client {
        sessions: 500,
        ..patient(poisson(100.0))
    };
    let limiter = RateLimiter {
        scope: Scope::PerSession,
        ..refusing(bucket(1, 1e-6))
    };
    let mut engine = limited(every(1.0), limiter)
        .add("clients", Component::Client(client))
        .engine();
    engine.run_until(secs(100).nanos());
    engine.check_conservation().unwrap();
    assert_eq!(at_server(&engine), 500);
    assert!(at(&engine, "limiter").refused > 9_000);
}

/// A call goes over the first connection that takes its operation; one that none takes fails.
#[test]
fn targets_by_operation() {
    let read = littlebox::scenario::OperationKind::Read;
    let write = littlebox::scenario::OperationKind::Write;
    let only = |to, only| Connection {
        only: Some(only),
        ..at_once("limiter", to)
    };
    let mut engine = Design::new(1)
        .operation("search", read, 1.0)
        .operation("buy", write, 1.0)
        .poisson("clients", 30.0)
        .add(
            "limiter",
            Component::RateLimiter(refusing(bucket(1_000, 1e6))),
        )
        .server("searches", 100, constant(1))
        .server("reads", 100, constant(1))
        .join("clients", "limiter")
        .connect(only("searches", Only::Named(vec!["search".into()])))
        .connect(only("reads", Only::Reads))
        .engine();
    engine.run_until(secs(100).nanos());
    engine.check_conservation().unwrap();
    let count = |operation: &str| {
        let at = engine
            .operations()
            .iter()
            .position(|name| name == operation);
        engine.operation(at.unwrap()).arrivals
    };
    assert_eq!(at(&engine, "searches").arrivals, count("search"));
    assert_eq!(at(&engine, "reads").arrivals, count("read"));
    let t = at(&engine, "limiter");
    assert_eq!(t.failures.get(Cause::NoTarget), count("buy"));
    assert_eq!(t.failures.total(), count("buy"));
}
