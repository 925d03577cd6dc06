//! API gateways: the same design built of other boxes gives the same figures.

use littlebox::{
    engine::Cause,
    scenario::{
        ApiGateway, Client, Component, Connection, Distribution, Duration, GatewayLimit, Keys,
        Only, OperationKind, Rate, RateLimit, RateLimiter, ResponseCache, Scope, Server,
    },
};

use crate::support::{design::*, estimate::*};

fn design(gateway: ApiGateway, items: u64) -> Design {
    let client = Client {
        keys: Keys::Uniform { items },
        ..patient(poisson(80.0))
    };
    Design::new(11)
        .operation("write", OperationKind::Write, 0.25)
        .add("clients", Component::Client(client))
        .add("gateway", Component::ApiGateway(gateway))
        .server("readers", 100, constant(0))
        .server("writers", 100, constant(0))
        .join("clients", "gateway")
        .connect(Connection {
            only: Some(Only::Reads),
            ..at_once("gateway", "readers")
        })
        .join("gateway", "writers")
}

fn gateway() -> ApiGateway {
    ApiGateway {
        slots: 1,
        authentication: exponential(10),
        ..ApiGateway::default()
    }
}

/// Authentication is work in slots: with one slot and services that answer at once it is M/M/1; and
/// each operation goes its way.
#[test]
fn authentication_is_a_queue() {
    let engine = design(gateway(), 100).engine();
    let [w, wq, utilization] = batches(engine, 50.0, 1_000.0, |engine| {
        let t = at(engine, "gateway");
        [t.w(), t.wq(), t.utilization()]
    });
    check_within("W", &w, 0.05);
    check_within("Wq", &wq, 0.04);
    check_within("utilization", &utilization, 0.8);
    let mut engine = design(gateway(), 100).engine();
    engine.run_until(secs(100).nanos());
    for (name, operation) in [("readers", 0), ("writers", 1)] {
        let started = engine.operation(operation).arrivals;
        let waiting = engine.component(1).present;
        let come = at(&engine, name).arrivals;
        assert!(come <= started && started <= come + waiting, "{name}");
    }
}

/// The limit at its door is that of a rate limiter in front of it, to the exact request, for all calls or
/// for each session. A leaky bucket holds nobody there, so it is a bucket with one token more than it has
/// room for.
#[test]
fn the_limit_is_a_rate_limiter() {
    let (rate, window) = (Rate(50.0), secs(1));
    let bucket = |burst| RateLimit::TokenBucket { burst, rate };
    let leaky = RateLimit::LeakyBucket { capacity: 20, rate };
    let fixed = |limit| RateLimit::FixedWindow { limit, window };
    let log = |limit| RateLimit::SlidingLog { limit, window };
    let counter = |limit| RateLimit::SlidingCounter { limit, window };
    let cases = [
        (bucket(20), bucket(20), Scope::Global),
        (leaky, bucket(21), Scope::Global),
        (fixed(50), fixed(50), Scope::Global),
        (log(50), log(50), Scope::Global),
        (counter(50), counter(50), Scope::Global),
        (fixed(5), fixed(5), Scope::PerSession),
    ];
    for (at_the_door, in_front, scope) in cases {
        let inside = ApiGateway {
            rate_limit: Some(GatewayLimit {
                limit: at_the_door.clone(),
                scope,
            }),
            ..gateway()
        };
        let with_sessions = |mut design: Design| {
            if let Component::Client(client) = &mut design.0.components["clients"] {
                client.sessions = 10;
            }
            design
        };
        let mut inside = with_sessions(design(inside, 100)).engine();
        let mut outside = with_sessions(design(gateway(), 100));
        outside.0.connections[0] = at_once("clients", "limiter");
        let mut outside = outside
            .add(
                "limiter",
                Component::RateLimiter(RateLimiter {
                    limit: in_front,
                    scope,
                    ..RateLimiter::default()
                }),
            )
            .join("limiter", "gateway")
            .engine();
        for second in 1..=200 {
            inside.run_until(secs(second).nanos());
            outside.run_until(secs(second).nanos());
            let (a, b) = (at(&inside, "gateway"), at(&outside, "limiter"));
            let refused = a.failures.get(Cause::RateLimited);
            assert_eq!(refused, b.refused, "{at_the_door:?}: {second} s");
            assert_eq!(a.arrivals, b.arrivals);
        }
        assert!(at(&inside, "gateway").refused > 2_000, "{at_the_door:?}");
        inside.check_conservation().unwrap();
    }
}

/// Room for every answer, each good for a time T: each of n items is asked for as a Poisson stream
/// of rate λ/n, so a cycle has one miss and λT/n hits, of reads only.
#[test]
fn responses_are_remembered_for_their_time() {
    let cached = ApiGateway {
        slots: 1_000,
        authentication: Distribution::ZERO,
        cache: Some(ResponseCache {
            capacity: 1_000,
            ttl: secs(2),
        }),
        ..ApiGateway::default()
    };
    let engine = design(cached, 50).engine();
    let [hits, fetched] = batches(engine, 20.0, 200.0, |engine| {
        let t = at(engine, "gateway");
        let asked = t.hits + t.misses;
        [
            t.hits as f64 / asked as f64,
            at(engine, "readers").arrivals as f64 / t.window_secs(),
        ]
    });
    // 80/s, four of five of them reads.
    let each = 80.0 * 0.8 / 50.0;
    check_within("hit ratio", &hits, each * 2.0 / (each * 2.0 + 1.0));
    check_within("fetched", &fetched, 64.0 / (each * 2.0 + 1.0));
}

/// What a crash takes with it: answers and tokens spent; a slot is held until the answer is there.
#[test]
fn slots_are_held_until_the_answer() {
    let slow = Server {
        slots: 100,
        service: constant(500),
        ..Server::default()
    };
    let few = ApiGateway {
        slots: 4,
        authentication: Distribution::ZERO,
        ..ApiGateway::default()
    };
    let mut engine = design(few, 10)
        .add("readers", Component::Server(slow.clone()))
        .add("writers", Component::Server(slow))
        .engine();
    engine.run_until(Duration::from_secs(100).nanos());
    let t = at(&engine, "gateway");
    assert_eq!((t.held, t.busy), (4, 0));
    // Four slots, half a second each.
    assert!((795..=800).contains(&t.completed), "{}", t.completed);
}
