//! Long-lived connections through rate limiters and API gateways: whoever opens one is looked at, and
//! messages pass.

use littlebox::{
    scenario::{
        ApiGateway, Excess, GatewayLimit, Keys, Kind, Only, Rate, RateLimit, RateLimiter,
        ResponseCache,
    },
    study::Demand,
};

use super::*;

fn limiter(limit: RateLimit, excess: Excess) -> Component {
    Component::RateLimiter(RateLimiter {
        limit,
        excess,
        ..RateLimiter::default()
    })
}

/// So many at once, and one a second.
fn bucket(burst: u32) -> RateLimit {
    RateLimit::TokenBucket {
        burst,
        rate: Rate(1.0),
    }
}

fn gateway() -> ApiGateway {
    ApiGateway {
        slots: 1,
        authentication: constant(50),
        ..ApiGateway::default()
    }
}

/// Users behind a door in front of a server.
fn behind(door: Component, drawn: LongLived) -> Design {
    design(drawn)
        .add("door", door)
        .add("chat", chat(100))
        .join("users", "door")
        .join("door", "chat")
}

/// Five ask at 1 s, two may pass, and one more each second after that: those refused ask again a second
/// later. Messages, one a second for each connection, take no token.
#[test]
fn openings_are_limited_and_messages_are_not() {
    let by_gateway = Component::ApiGateway(ApiGateway {
        authentication: constant(0),
        slots: 100,
        rate_limit: Some(GatewayLimit {
            limit: bucket(2),
            ..GatewayLimit::default()
        }),
        ..gateway()
    });
    for door in [limiter(bucket(2), Excess::Refuse), by_gateway] {
        let mut engine = behind(door, users(5, [1_000, 100_000, 1_000, 1_000])).engine();
        for (millis, expected) in [
            (1_050, 0),
            (1_100, 2),
            (2_100, 3),
            (3_100, 4),
            (4_099, 4),
            (4_100, 5),
        ] {
            run(&mut engine, ms(millis));
            assert_eq!(open(&engine, "chat"), expected, "{millis}");
        }
        run(&mut engine, ms(10_050));
        let (users, door, chat) = (
            at(&engine, "users"),
            at(&engine, "door"),
            at(&engine, "chat"),
        );
        // 8 of those opened at 1.1 s, 7 of the one at 2.1 s, and so on.
        let messages = 2 * 8 + 7 + 6 + 5;
        assert_eq!(
            (door.arrivals, door.completed),
            (5 + messages, 5 + messages)
        );
        assert_eq!(chat.completed, 5 + messages);
        assert_eq!(door.failures.get(Cause::RateLimited), 3 + 2 + 1);
        assert_eq!((door.refused, users.failures.total()), (6, 6));
        assert_eq!(users.reconnects, 6);
    }
}

/// Three ask at 1 s and pass one a second; messages of those let in do not wait behind the others.
#[test]
fn messages_overtake_those_who_wait_to_get_in() {
    let door = limiter(bucket(1), Excess::Wait { capacity: None });
    let mut engine = behind(door, users(3, [1_000, 100_000, 300, 1])).engine();
    run(&mut engine, ms(4_050));
    let (users, door) = (at(&engine, "users"), at(&engine, "door"));
    // Open from 1.1, 2.1 and 3.1 s on, with a message each 0.3 s.
    let messages = 9 + 6 + 3;
    assert_eq!(users.completed, 3 + messages);
    assert_eq!(
        users.sojourn_sum_ns,
        u128::from(ms(100 + 1_100 + 2_100 + 10 * messages).nanos())
    );
    assert_eq!(door.wait_sum_ns, u128::from(secs(1 + 2).nanos()));
    assert_eq!(open(&engine, "chat"), 3);
}

/// One slot, held while a connection is authenticated (50 ms) and opened (100 ms): three who ask at 1 s
/// are in at 1.15, 1.3 and 1.45 s. Messages take no slot and no time; and no answer is remembered, for
/// there is one key only and all that is asked reads.
#[test]
fn a_gateway_looks_at_openings_only() {
    let door = Component::ApiGateway(ApiGateway {
        cache: Some(ResponseCache::default()),
        ..gateway()
    });
    let mut drawn = holders(users(3, [1_000, 100_000, 1_000, 1]));
    if let Component::Client(client) = &mut drawn {
        client.keys = Keys::Uniform { items: 1 };
    }
    let mut engine = Design::new(1)
        .operation("connect", OperationKind::Read, 1.0)
        .add("users", drawn)
        .add("door", door)
        .add("chat", chat(100))
        .join("users", "door")
        .join("door", "chat")
        .engine();
    for (millis, expected) in [(1_149, 0), (1_150, 1), (1_300, 2), (1_449, 2), (1_450, 3)] {
        run(&mut engine, ms(millis));
        assert_eq!(open(&engine, "chat"), expected, "{millis}");
    }
    // While a message is in the gateway, and none has a slot.
    run(&mut engine, ms(5_155));
    let door = at(&engine, "door");
    assert_eq!(
        (door.present, door.waiting, door.held, door.busy),
        (1, 0, 0, 0)
    );
    run(&mut engine, ms(11_000));
    let (users, door) = (at(&engine, "users"), at(&engine, "door"));
    let messages = 3 * 9;
    assert_eq!(
        (door.arrivals, door.completed),
        (3 + messages, 3 + messages)
    );
    assert_eq!((door.hits, door.misses), (0, 0));
    assert_eq!(door.services, 3);
    let area = |millis: u64| u128::from(ms(millis).nanos());
    assert_eq!(door.busy_area, area(3 * 50));
    assert_eq!(door.held_area, area(3 * 150));
    assert_eq!(door.waiting_area, area(150 + 300));
    assert_eq!(door.present_area, area(150 + 300 + 450 + 10 * messages));
    assert_eq!(users.sojourn_sum_ns, door.present_area);
    assert_eq!(open(&engine, "chat"), 3);
    // Nor do they ask for slots.
    let demand = Demand::measured(&engine.system(), &door).unwrap();
    assert_eq!(demand.visits * engine.system().arrivals as f64, 3.0);
    // What was counted anew is as it should be.
    engine.reset_measures();
    run(&mut engine, ms(20_000));
    let door = at(&engine, "door");
    assert_eq!((door.held_area, door.waiting_area), (0, 0));
    assert_eq!(door.present_area, area(10 * 3 * 9));
}

/// A connection goes where its opening went, and messages follow whatever their operation: other
/// requests of that operation go elsewhere. Nothing about this is a problem.
#[test]
fn a_gateway_opens_by_operation() {
    let only = |to: &str, name: &str| Connection {
        only: Some(Only::Named(vec![name.into()])),
        ..at_once("door", to)
    };
    let door = || Component::ApiGateway(gateway());
    let scenario = design(users(2, [1_000, 100_000, 1_000, 1]))
        .add("door", door())
        .add("chat", chat(100))
        .add("others", Component::Client(patient(poisson(1.0))))
        .add("pages", Kind::Function.component())
        .join("users", "door")
        .join("others", "door")
        .connect(only("chat", "connect"))
        .connect(only("pages", "read"))
        .0;
    let mut scenario = scenario;
    if let Component::Client(others) = &mut scenario.components["others"] {
        others.operations = vec!["read".into()];
    }
    assert_eq!(check(&scenario), []);
    let mut engine = Engine::new(&scenario).unwrap();
    run(&mut engine, ms(10_500));
    let chat = at(&engine, "chat");
    assert_eq!((chat.connections, chat.completed), (2, 2 + 2 * 9));
    assert_eq!(
        at(&engine, "pages").arrivals,
        at(&engine, "others").arrivals
    );
    assert!(at(&engine, "pages").arrivals > 0);
    // Without the others nobody asks for pages, and the gateway need not know where they are.
    scenario.components.shift_remove("others");
    scenario.components.shift_remove("pages");
    scenario
        .connections
        .retain(|arrow| arrow.from != "others" && arrow.to != "pages");
    assert_eq!(check(&scenario), []);
}

fn doors() -> [Component; 2] {
    let generous = RateLimit::TokenBucket {
        burst: 1_000,
        rate: Rate(1_000.0),
    };
    let wide = ApiGateway {
        slots: 100,
        ..gateway()
    };
    [
        limiter(generous, Excess::Refuse),
        Component::ApiGateway(wide),
    ]
}

/// Users behind a door and a balancer in front of two servers.
fn two_behind(door: Component, drawn: LongLived) -> Design {
    design(drawn)
        .add("door", door)
        .balancer("balancer", Algorithm::RoundRobin)
        .add("a", chat(1_000))
        .add("b", chat(1_000))
        .join("users", "door")
        .join("door", "balancer")
        .join("balancer", "a")
        .join("balancer", "b")
}

/// What goes down takes the connections through it with it; one that stands still, or a cut, is noticed
/// by the heartbeat.
#[test]
fn what_holds_a_connection_breaks_it() {
    for door in doors() {
        for (on, fault, seconds, broken) in [
            ("door", FaultKind::Crash, 1, 20),
            ("a", FaultKind::Crash, 1, 10),
            ("door", FaultKind::Pause, 29, 0),
            ("door", FaultKind::Pause, 31, 20),
            // A hang ends with a restart.
            ("door", FaultKind::Hang, 5, 20),
            ("door -> balancer", FaultKind::Cut, 29, 0),
            ("door -> balancer", FaultKind::Cut, 31, 20),
        ] {
            let drawn = users(20, [1_000, 10_000_000, 700, 4_000]);
            let mut engine = two_behind(door.clone(), drawn).engine();
            run(&mut engine, secs(10));
            assert_eq!((open(&engine, "a"), open(&engine, "b")), (10, 10));
            engine.start_fault(on, fault).unwrap();
            engine.check_conservation().unwrap();
            run(&mut engine, secs(10 + seconds));
            engine.heal(on).unwrap();
            engine.check_conservation().unwrap();
            assert_eq!(at(&engine, "users").broken, broken, "{on} {fault:?}");
            run(&mut engine, secs(100));
            assert_eq!(open(&engine, "users"), 20, "{on} {fault:?}");
            assert_eq!(at(&engine, "door").held, at(&engine, "door").present);
        }
    }
}

/// What is sent while a door stands still comes through when it goes on, over the same connection.
#[test]
fn messages_wait_while_a_door_stands_still() {
    for door in doors() {
        let drawn = users(1, [1_000, 10_000_000, 1_000, 4_000]);
        let mut engine = two_behind(door, drawn).engine();
        run(&mut engine, ms(5_500));
        engine.start_fault("door", FaultKind::Pause).unwrap();
        let before = at(&engine, "a").completed;
        run(&mut engine, ms(8_500));
        assert_eq!(at(&engine, "a").completed, before);
        assert_eq!(at(&engine, "door").present, 3);
        engine.heal("door").unwrap();
        run(&mut engine, ms(8_510));
        assert_eq!(at(&engine, "a").completed, before + 3);
        assert_eq!(at(&engine, "users").failures.total(), 0);
        assert_eq!(at(&engine, "b").arrivals, 0);
    }
}

/// An edit of a door keeps what is open; one that takes its arrow away does not. One that changes nothing
/// leaves no trace.
#[test]
fn edits_keep_what_leads_through_a_door() {
    for door in doors() {
        let scenario = two_behind(door, users(20, [1_000, 10_000_000, 700, 4_000])).0;
        let mut engine = Engine::new(&scenario).unwrap();
        // In the midst of messages.
        run(&mut engine, ms(8_105));
        let mut same = engine.clone();
        same.edit(&scenario).unwrap();
        let mut other = engine.clone();
        for engine in [&mut same, &mut other] {
            run(engine, secs(15));
            engine.start_fault("door", FaultKind::Crash).unwrap();
            run(engine, secs(20));
            engine.heal("door").unwrap();
            run(engine, secs(30));
        }
        assert_eq!(same.fingerprint(), other.fingerprint());

        let mut smaller = scenario.clone();
        match &mut smaller.components["door"] {
            Component::ApiGateway(gateway) => gateway.slots = 2,
            Component::RateLimiter(limiter) => limiter.limit = bucket(1),
            _ => {}
        }
        engine.edit(&smaller).unwrap();
        run(&mut engine, secs(20));
        assert_eq!(
            (open(&engine, "users"), at(&engine, "users").broken),
            (20, 0)
        );
        let mut straight = scenario.clone();
        straight.connections.retain(|arrow| arrow.from == "users");
        straight.connections.push(at_once("door", "a"));
        straight.components.shift_remove("balancer");
        straight.components.shift_remove("b");
        engine.edit(&straight).unwrap();
        engine.check_conservation().unwrap();
        assert_eq!(
            (open(&engine, "users"), at(&engine, "users").broken),
            (0, 20)
        );
        run(&mut engine, secs(60));
        assert_eq!(open(&engine, "a"), 20);
    }
}
