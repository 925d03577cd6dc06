//! Long-lived connections, event by event: where they are open, where messages go, how they break and
//! how they come back.

use littlebox::{
    engine::{Cause, Engine, Totals},
    scenario::{
        Algorithm, Arrivals, Component, Connection, Dns, Duration, FaultKind, LongLived, Mode,
        OperationKind, Pair, Resolution, Scenario, check,
    },
};

use crate::support::design::*;

mod doors;

/// Users with these constant times in milliseconds: away, hold, between messages, reconnect.
fn users(count: u32, [away, hold, every, reconnect]: [u64; 4]) -> LongLived {
    LongLived {
        hold: constant(hold),
        every: constant(every),
        away: constant(away),
        reconnect: constant(reconnect),
        connect: Some("connect".into()),
        ..LongLived::new(count)
    }
}

/// Opening takes 100 ms of work, a message 10 ms.
fn chat(slots: u32) -> Component {
    let mut chat = server(slots, constant(10));
    chat.per_operation.insert("connect".into(), constant(100));
    Component::Server(chat)
}

fn holders(drawn: LongLived) -> Component {
    Component::Client(patient(Arrivals::LongLived(Box::new(drawn))))
}

fn design(drawn: LongLived) -> Design {
    Design::new(1)
        .operation("connect", OperationKind::Write, 1.0)
        .add("users", holders(drawn))
}

/// Users behind a balancer in front of two servers.
fn two(drawn: LongLived, algorithm: Algorithm) -> Design {
    design(drawn)
        .balancer("balancer", algorithm)
        .add("a", chat(1_000))
        .add("b", chat(1_000))
        .join("users", "balancer")
        .join("balancer", "a")
        .join("balancer", "b")
}

fn run(engine: &mut Engine, until: Duration) {
    engine.run_until(until.nanos());
    engine.check_conservation().unwrap();
}

fn open(engine: &Engine, name: &str) -> u64 {
    at(engine, name).connections
}

fn in_flight(t: &Totals) -> (u64, u64, u64) {
    (t.opened, t.closed, t.broken)
}

/// 1 s away, 100 ms to open, messages 3, 6 and 9 s later, closed after 10 s, and again.
#[test]
fn one_user_opens_talks_and_closes() {
    let design = design(users(1, [1_000, 10_000, 3_000, 1]))
        .add("chat", chat(1))
        .join("users", "chat");
    let mut engine = design.engine();
    let mut arrivals = Vec::new();
    let mut before = 0;
    for tenth in 1..=240 {
        run(&mut engine, ms(tenth * 100));
        let now = at(&engine, "users").arrivals;
        arrivals.extend((before..now).map(|_| tenth * 100));
        before = now;
        let t = at(&engine, "chat");
        // Those that are open when this tenth of a second is over.
        let is_open = |from: u64| (from..from + 10_000).contains(&(tenth * 100));
        let expected = u64::from(is_open(1_100) || is_open(12_200) || is_open(23_300));
        assert_eq!(t.connections, expected, "{tenth}");
    }
    let expected = [
        1_000, 4_100, 7_100, 10_100, 12_100, 15_200, 18_200, 21_200, 23_200,
    ];
    assert_eq!(arrivals, expected);
    for name in ["users", "chat"] {
        let t = at(&engine, name);
        assert_eq!(in_flight(&t), (3, 2, 0), "{name}");
        assert_eq!(t.connections_area, 20_700_000_000, "{name}");
    }
    assert_eq!(engine.system().connections, 1);
    let connect = engine
        .operations()
        .iter()
        .position(|name| name == "connect");
    assert_eq!(engine.operation(connect.unwrap()).arrivals, 3);
}

/// Every connection's messages go where it is open; the balancer chooses for the next connection only.
#[test]
fn messages_go_where_the_connection_is() {
    let mut engine = two(users(1, [1_000, 10_000, 1_000, 1]), Algorithm::RoundRobin).engine();
    run(&mut engine, ms(11_099));
    assert_eq!(at(&engine, "a").arrivals, 10);
    assert_eq!(at(&engine, "b").arrivals, 0);
    run(&mut engine, ms(22_199));
    assert_eq!(at(&engine, "a").arrivals, 10);
    assert_eq!(at(&engine, "b").arrivals, 10);
    // Of a server with two instances just so.
    let mut scenario = design(users(3, [1_000, 100_000, 1_000, 1]))
        .add("chat", chat(10))
        .join("users", "chat")
        .0;
    if let Component::Server(chat) = &mut scenario.components["chat"] {
        chat.instances = 3;
    }
    let mut engine = Engine::new(&scenario).unwrap();
    run(&mut engine, secs(50));
    assert_eq!(open(&engine, "chat"), 3);
    engine.start_fault("chat #2", FaultKind::Crash).unwrap();
    // Only that of the second is gone.
    assert_eq!(open(&engine, "chat"), 2);
    assert_eq!(at(&engine, "users").broken, 1);
    run(&mut engine, secs(60));
    assert_eq!(open(&engine, "chat"), 3);
    assert_eq!(at(&engine, "users").failures.total(), 0);
}

/// With constant delays all who lost their connection come back at the same instant; drawn from 0 to
/// J each comes at a time of its own. Those at the other server keep theirs.
#[test]
fn who_lost_a_connection_comes_back() {
    let lost = 200;
    for is_random in [false, true] {
        let mut drawn = users(2 * lost, [1_000, 10_000_000, 10_000_000, 4_000]);
        if is_random {
            drawn.reconnect = littlebox::scenario::Distribution::Uniform {
                min: Duration::ZERO,
                max: secs(8),
            };
        }
        let mut engine = two(drawn, Algorithm::RoundRobin).engine();
        run(&mut engine, secs(10));
        assert_eq!((open(&engine, "a"), open(&engine, "b")), (200, 200));
        engine.start_fault("a", FaultKind::Crash).unwrap();
        engine.check_conservation().unwrap();
        assert_eq!((open(&engine, "a"), open(&engine, "b")), (0, 200));
        assert_eq!(at(&engine, "users").broken, 200);
        // Up again before anybody asks.
        engine.heal("a").unwrap();
        let asked = |engine: &Engine| at(engine, "users").arrivals;
        let before = asked(&engine);
        let mut each = Vec::new();
        for quarter in 1..=8 {
            let start = asked(&engine);
            run(
                &mut engine,
                Duration::from_nanos(secs(10 + quarter).nanos() - 1),
            );
            each.push(asked(&engine) - start);
        }
        run(&mut engine, secs(30));
        assert_eq!(asked(&engine) - before, 200);
        if is_random {
            // Binomial(200, 1/8) each: mean 25, standard deviation 4.7; none is more than 5 away.
            assert!(
                each.iter().all(|count| (2..=48).contains(count)),
                "{each:?}"
            );
        } else {
            assert_eq!(each, [0, 0, 0, 0, 200, 0, 0, 0]);
            let mut again = two(users(1, [1; 4]), Algorithm::RoundRobin).engine();
            run(&mut again, ms(5));
        }
        assert_eq!(at(&engine, "users").reconnects, 200);
        // In turn they come back to both: it is not as before.
        assert_eq!((open(&engine, "a"), open(&engine, "b")), (100, 300));
    }
}

/// A balancer that counts connections gives new ones to who has fewest; one that takes turns does not.
#[test]
fn a_server_that_comes_back_gets_its_share_of_new_connections_only() {
    for (algorithm, after) in [
        (Algorithm::LeastConnections, (150, 150)),
        (Algorithm::RoundRobin, (75, 225)),
    ] {
        let drawn = users(300, [1_000, 10_000_000, 10_000_000, 4_000]);
        let mut engine = two(drawn, algorithm).engine();
        run(&mut engine, secs(10));
        assert_eq!((open(&engine, "a"), open(&engine, "b")), (150, 150));
        engine.start_fault("a", FaultKind::Crash).unwrap();
        engine.heal("a").unwrap();
        run(&mut engine, secs(20));
        assert_eq!((open(&engine, "a"), open(&engine, "b")), after);
    }
}

/// One more than the limit is refused, and tries again until a place is free.
#[test]
fn an_instance_takes_so_many_connections() {
    let mut scenario = design(users(8, [1_000, 10_000, 100_000, 1_000]))
        .add("chat", chat(100))
        .join("users", "chat")
        .0;
    if let Component::Server(chat) = &mut scenario.components["chat"] {
        chat.max_connections = Some(5);
    }
    let mut engine = Engine::new(&scenario).unwrap();
    run(&mut engine, ms(11_099));
    assert_eq!(open(&engine, "chat"), 5);
    let refused = at(&engine, "chat").failures.get(Cause::ConnectionLimit);
    // At 1, 2, …, 11 s.
    assert_eq!(refused, 3 * 11);
    assert_eq!(at(&engine, "users").reconnects, 3 * 10);
    run(&mut engine, ms(12_050));
    // The others were closed at 11.1 s; the three were let in at 12 s, and the five come at 12.1 s.
    assert_eq!(open(&engine, "chat"), 0);
    run(&mut engine, ms(12_250));
    assert_eq!(open(&engine, "chat"), 5);
    assert_eq!(
        at(&engine, "chat").failures.get(Cause::ConnectionLimit),
        refused + 3
    );
}

/// A cut is noticed by the heartbeat, unless it is over before.
#[test]
fn a_cut_is_noticed_by_the_heartbeat() {
    for (on, fault) in [
        ("users -> balancer", FaultKind::Cut),
        ("balancer -> a", FaultKind::Cut),
        ("a", FaultKind::Hang),
        ("a #1", FaultKind::Hang),
        ("a #1", FaultKind::Pause),
        ("balancer", FaultKind::Pause),
    ] {
        for seconds in [29, 31] {
            let mut drawn = users(20, [1_000, 10_000_000, 10_000_000, 4_000]);
            drawn.heartbeat = secs(30);
            let mut engine = two(drawn, Algorithm::RoundRobin).engine();
            run(&mut engine, secs(10));
            engine.start_fault(on, fault).unwrap();
            run(&mut engine, ms(39_999));
            assert_eq!(open(&engine, "users"), 20, "{on}");
            run(&mut engine, secs(10 + seconds));
            let all = if on.contains("users") || on == "balancer" {
                20
            } else {
                10
            };
            let broken = if seconds > 30 { all } else { 0 };
            assert_eq!(at(&engine, "users").broken, broken, "{on}");
            engine.heal(on).unwrap();
            run(&mut engine, secs(100));
            // A hang ends with a restart, so what was there is gone.
            let is_lost = fault == FaultKind::Hang;
            let broken = if is_lost { 10 } else { broken };
            assert_eq!(at(&engine, "users").broken, broken, "{on}");
            assert_eq!(open(&engine, "users"), 20, "{on}");
        }
    }
}

/// A balancer that goes down breaks what leads through it; of two that both work about a half.
#[test]
fn a_balancer_breaks_what_leads_through_it() {
    for (pair, least, most) in [(Pair::Single, 400, 400), (Pair::ActiveActive, 140, 260)] {
        let drawn = users(400, [1_000, 10_000_000, 10_000_000, 4_000]);
        let mut scenario = two(drawn, Algorithm::LeastConnections).0;
        if let Component::LoadBalancer(balancer) = &mut scenario.components["balancer"] {
            balancer.pair = pair;
        }
        let mut engine = Engine::new(&scenario).unwrap();
        run(&mut engine, secs(10));
        engine.start_fault("balancer", FaultKind::Crash).unwrap();
        engine.check_conservation().unwrap();
        let broken = at(&engine, "users").broken;
        assert!((least..=most).contains(&broken), "{pair:?}: {broken}");
        engine.heal("balancer").unwrap();
        run(&mut engine, secs(20));
        assert_eq!((open(&engine, "a"), open(&engine, "b")), (200, 200));
    }
}

/// A name is looked up to open a connection; its messages know the address, also when the name service
/// is down.
#[test]
fn a_message_needs_no_name() {
    let names = Dns {
        policy: Resolution::RoundRobin,
        ttl: Duration::ZERO,
        lookup: constant(50),
        ..Dns::default()
    };
    let design = design(users(1, [1_000, 20_000, 5_000, 1]))
        .add("names", Component::Dns(names))
        .add("a", chat(1))
        .add("b", chat(1))
        .join("users", "names")
        .join("names", "a")
        .join("names", "b");
    let mut engine = design.engine();
    run(&mut engine, secs(2));
    assert_eq!(open(&engine, "a"), 1);
    engine.start_fault("names", FaultKind::Crash).unwrap();
    run(&mut engine, secs(20));
    let t = at(&engine, "names");
    assert_eq!((t.hits, t.misses), (3, 1));
    assert_eq!(at(&engine, "a").completed, 4);
    assert_eq!(at(&engine, "b").arrivals, 0);
}

/// An edit that takes an instance away breaks what is open there, and nothing else; one that changes
/// nothing leaves no trace.
#[test]
fn edits_keep_what_they_can() {
    let drawn = users(40, [1_000, 10_000_000, 2_000, 4_000]);
    let mut scenario = two(drawn, Algorithm::LeastConnections).0;
    if let Component::Server(a) = &mut scenario.components["a"] {
        a.instances = 3;
    }
    let mut engine = Engine::new(&scenario).unwrap();
    run(&mut engine, secs(10));
    assert_eq!((open(&engine, "a"), open(&engine, "b")), (30, 10));
    let mut same = engine.clone();
    same.edit(&scenario).unwrap();
    let mut other = engine.clone();
    for engine in [&mut same, &mut other] {
        run(engine, secs(15));
        engine.start_fault("a #2", FaultKind::Crash).unwrap();
        run(engine, secs(30));
    }
    assert_eq!(same.fingerprint(), other.fingerprint());

    let mut fewer = scenario.clone();
    if let Component::Server(a) = &mut fewer.components["a"] {
        a.instances = 2;
    }
    engine.edit(&fewer).unwrap();
    engine.check_conservation().unwrap();
    assert_eq!((open(&engine, "a"), open(&engine, "b")), (20, 10));
    assert_eq!(at(&engine, "a").broken, 10);
    run(&mut engine, secs(30));
    assert_eq!(open(&engine, "a") + open(&engine, "b"), 40);

    // Without the balancer there is no way; with fewer users some leave; other traffic has none.
    let mut direct = fewer.clone();
    direct.components.shift_remove("balancer");
    direct.components.shift_remove("a");
    direct.connections.clear();
    direct.connections.push(at_once("users", "b"));
    engine.edit(&direct).unwrap();
    engine.check_conservation().unwrap();
    assert_eq!(open(&engine, "users"), 0);
    run(&mut engine, secs(40));
    assert_eq!(open(&engine, "b"), 40);
    engine
        .start_fault("users", FaultKind::Traffic { times: 0.5 })
        .unwrap();
    engine.check_conservation().unwrap();
    assert_eq!(open(&engine, "b"), 20);
    engine.heal("users").unwrap();
    run(&mut engine, secs(50));
    assert_eq!(open(&engine, "b"), 40);
    if let Component::Client(users) = &mut direct.components["users"] {
        users.arrivals = poisson(10.0);
    }
    engine.edit(&direct).unwrap();
    run(&mut engine, secs(60));
    assert_eq!(open(&engine, "b"), 0);
    assert!(at(&engine, "b").completed > 50);
}

/// An instance that an autoscaler takes out of service finishes its calls, then its connections break.
#[test]
fn who_is_taken_out_of_service_loses_its_connections() {
    use littlebox::scenario::{Autoscaler, Policy};
    let mut scenario = design(users(30, [1_000, 10_000_000, 5_000, 1_000]))
        .add("chat", chat(100))
        .balancer("balancer", Algorithm::LeastConnections)
        .join("users", "balancer")
        .join("balancer", "chat")
        .0;
    if let Component::Server(chat) = &mut scenario.components["chat"] {
        chat.instances = 3;
        chat.autoscaler = Some(Box::new(Autoscaler {
            policy: Policy::Scheduled {
                times: vec![(secs(20), 1)],
            },
            min: 1,
            max: 3,
            ..Autoscaler::default()
        }));
    }
    let mut engine = Engine::new(&scenario).unwrap();
    run(&mut engine, secs(19));
    assert_eq!(open(&engine, "chat"), 30);
    run(&mut engine, secs(30));
    assert_eq!(at(&engine, "chat").broken, 20);
    assert_eq!(open(&engine, "chat"), 30);
    assert_eq!(at(&engine, "chat").instances, 1);
}

/// Connections lead over balancers and DNS to servers that answer themselves.
#[test]
fn ways_that_can_not_be_kept_are_refused() {
    fn check_says(scenario: &Scenario, expected: &str) {
        let problems = check(scenario);
        let found = problems
            .iter()
            .any(|problem| problem.message.contains(expected));
        assert!(found, "{expected}: {problems:?}");
        assert!(Engine::new(scenario).is_err());
    }
    let drawn = || users(1, [1_000; 4]);
    let function = design(drawn())
        .add("chat", littlebox::scenario::Kind::Function.component())
        .join("users", "chat");
    check_says(&function.0, "and DNS to servers, not to a function");
    let handed_off = design(drawn())
        .balancer("balancer", Algorithm::RoundRobin)
        .add("chat", chat(1))
        .join("users", "balancer")
        .forward("balancer", "chat", 1.0);
    check_says(&handed_off.0, "are not handed off");
    let several = design(drawn())
        .add("a", chat(1))
        .add("b", chat(1))
        .join("users", "a")
        .join("users", "b");
    check_says(&several.0, "take one arrow");
    let asynchronous = design(drawn())
        .balancer("balancer", Algorithm::RoundRobin)
        .add("a", chat(1))
        .join("users", "balancer")
        .connect(Connection {
            mode: Mode::Async,
            ..at_once("balancer", "a")
        });
    check_says(&asynchronous.0, "over synchronous calls");
    let forwards = design(drawn())
        .add("a", chat(1))
        .add("b", chat(1))
        .join("users", "a")
        .forward("a", "b", 1.0);
    check_says(&forwards.0, "can't forward");
    let mut nothing_to_say = design(drawn()).add("a", chat(1)).join("users", "a").0;
    nothing_to_say.operations.shift_remove("read");
    check_says(&nothing_to_say, "no operation is left for messages");
    let mut timeless = drawn();
    timeless.hold = constant(0);
    check_says(
        &design(timeless).add("a", chat(1)).join("users", "a").0,
        "longer than 0",
    );
}

/// A message that is under way when its user leaves is for nobody, also when another user has come
/// meanwhile and has a connection there.
#[test]
fn a_message_of_a_user_who_has_left_is_nobodys() {
    for edited in [false, true] {
        let slow = Connection {
            latency: Some(constant(2_000)),
            ..Connection::new("users", "chat")
        };
        let with = |count: u32, way: &Connection| {
            design(users(count, [1_000, 60_000, 3_000, 1]))
                .add("chat", chat(1))
                .connect(way.clone())
                .0
        };
        let mut engine = Engine::new(&with(1, &slow)).unwrap();
        // Open at 5.1 s; the message of 8.1 s would be there at 10.1 s.
        run(&mut engine, ms(8_500));
        assert_eq!(open(&engine, "chat"), 1);
        let quick = at_once("users", "chat");
        engine.edit(&with(0, &quick)).unwrap();
        run(&mut engine, ms(8_600));
        assert_eq!(open(&engine, "chat"), 0);
        engine.edit(&with(1, &quick)).unwrap();
        run(&mut engine, ms(10_000));
        assert_eq!(open(&engine, "chat"), 1, "the other's");
        if edited {
            let mut scenario = engine.scenario().clone();
            scenario.notes += "!";
            engine.edit(&scenario).unwrap();
        }
        run(&mut engine, ms(12_000));
        let chat = at(&engine, "chat");
        assert_eq!((chat.arrivals, chat.failures.get(Cause::Down)), (2, 1));
    }
}
