//! Where requests come from: how far they travel, and whom the nearest is.

use littlebox::{
    engine::{Cause, Engine},
    scenario::{
        Algorithm, Client, Component, Connection, Distribution, Dns, FaultKind, Frame, FrameKind,
        FrameLatency, Health, IndexMap, Resolution, Scope, edit,
    },
};

use crate::support::{design::*, estimate::*, everything::*};

fn region(mut design: Design, name: &str, members: &[&str]) -> Design {
    let frame = Frame {
        kind: FrameKind::Region,
        members: members.iter().map(|name| (*name).to_owned()).collect(),
        ..Frame::default()
    };
    design.0.frames.insert(name.into(), frame);
    design
}

/// One way between two regions, both ways.
fn far(mut design: Design, from: &str, to: &str, millis: u64) -> Design {
    design.0.latencies.push(FrameLatency {
        from: from.into(),
        to: to.into(),
        latency: constant(millis),
    });
    design
}

fn from(shares: &[(&str, f64)]) -> IndexMap<String, f64> {
    let shares = shares.iter();
    shares
        .map(|(name, share)| ((*name).into(), *share))
        .collect()
}

fn users(shares: &[(&str, f64)], sessions: u32) -> Component {
    Component::Client(Client {
        regions: from(shares),
        sessions,
        ..patient(poisson(200.0))
    })
}

/// A site in Europe for users from all over the world.
fn world(shares: &[(&str, f64)]) -> Design {
    let design = Design::new(1)
        .add("users", users(shares, 1_000))
        .server("site", 1_000, Distribution::ZERO)
        .connect(Connection::new("users", "site"));
    let design = region(design, "eu", &["site"]);
    let design = region(design, "us", &[]);
    let design = region(design, "asia", &[]);
    far(far(design, "eu", "us", 45), "asia", "eu", 100)
}

/// How many requests took so long: there and back, and nothing else.
fn took(engine: &Engine, millis: f64) -> u64 {
    let latency = engine.component_latency(index(engine, "users"));
    let near = |(at, _): &(f64, u64)| (at / 1e6 / millis - 1.0).abs() < 0.02;
    latency.buckets().filter(near).map(|(_, count)| count).sum()
}

#[test]
fn requests_travel_from_their_regions() {
    let design = world(&[("eu", 2.0), ("us", 5.0), ("asia", 3.0)]);
    let mut engine = design.engine();
    engine.run_until(secs(200).nanos());
    let all = at(&engine, "users").completed;
    let found = [0.5, 90.0, 200.0].map(|millis| took(&engine, millis));
    assert_eq!(found.iter().sum::<u64>(), all);
    for (found, share) in found.into_iter().zip([0.2, 0.5, 0.3]) {
        check_share("of a region", found, all, share);
    }
    // What is said on the connection holds for all.
    let mut design = design;
    design.0.connections[0].latency = Some(constant(7));
    let mut engine = design.engine();
    engine.run_until(secs(10).nanos());
    assert_eq!(took(&engine, 14.0), at(&engine, "users").completed);
}

/// To the last bit: a client whose only region is the frame that its box would be in.
#[test]
fn a_client_from_one_region_is_a_client_there() {
    let build = |shares: &[(&str, f64)], members: &[&str]| {
        let mut design = everything(4);
        for connection in &mut design.0.connections {
            connection.latency = None;
        }
        if let Component::Client(client) = &mut design.0.components["clients"] {
            client.regions = from(shares);
        }
        let design = region(design, "us", members);
        let design = region(design, "eu", &["balancer", "api"]);
        let mut engine = far(design, "us", "eu", 30).engine();
        engine.run_until(EVERYTHING_END_NS);
        engine.check_conservation().unwrap();
        engine.fingerprint()
    };
    let there = build(&[], &["clients", "cache"]);
    assert_eq!(build(&[("us", 3.0)], &["cache"]), there);
    assert_ne!(build(&[], &["cache"]), there);
}

fn nearest() -> Dns {
    Dns {
        policy: Resolution::Nearest,
        ttl: secs(5),
        lookup: Distribution::ZERO,
        health: Some(Health {
            interval: secs(1),
            unhealthy: 2,
            healthy: 2,
            ..Health::default()
        }),
        ..Dns::default()
    }
}

/// Three regions, 40, 60 and 100 ms from each other, each with a site.
fn three_sites(dns: Dns, shares: &[(&str, f64)]) -> Design {
    let design = Design::new(2)
        .add("users", users(shares, 100))
        .add("dns", Component::Dns(dns))
        .server("first", 1_000, Distribution::ZERO)
        .server("second", 1_000, Distribution::ZERO)
        .server("third", 1_000, Distribution::ZERO)
        .connect(at_once("users", "dns"))
        .connect(Connection::new("dns", "first"))
        .connect(Connection::new("dns", "second"))
        .connect(Connection::new("dns", "third"));
    let design = region(design, "one", &["first"]);
    let design = region(design, "two", &["second"]);
    let design = region(design, "three", &["third"]);
    let design = far(design, "one", "two", 40);
    far(far(design, "two", "three", 60), "one", "three", 100)
}

/// Everybody is served at home; who can't be is served by the next nearest, which is another for
/// each, and comes home again.
#[test]
fn the_nearest_that_is_well_is_named() {
    for scope in [Scope::PerSession, Scope::Global] {
        let dns = Dns { scope, ..nearest() };
        let shares = [("one", 1.0), ("two", 2.0), ("three", 1.0)];
        let mut engine = three_sites(dns, &shares).engine();
        // Two seconds until DNS knows, and five until all have forgotten.
        let break_and_wait = |engine: &mut Engine, name: &str, until: u64| {
            engine.start_fault(name, FaultKind::Crash).unwrap();
            engine.run_until(secs(until).nanos());
        };
        let check = |engine: &mut Engine, until: u64, expected: &[f64]| {
            engine.reset_measures();
            engine.run_until(secs(until).nanos());
            engine.check_conservation().unwrap();
            let users = at(engine, "users");
            assert_eq!(users.failures.total(), 0, "until {until}");
            let found: u64 = expected.iter().map(|millis| took(engine, *millis)).sum();
            assert_eq!(found, users.completed, "until {until}");
        };
        check(&mut engine, 20, &[0.5]);
        break_and_wait(&mut engine, "second", 30);
        // Half of them are from `two`: 40 ms to `one` and back.
        check(&mut engine, 50, &[0.5, 80.0]);
        check_share(
            "from two",
            took(&engine, 80.0),
            at(&engine, "users").completed,
            0.5,
        );
        break_and_wait(&mut engine, "first", 60);
        check(&mut engine, 80, &[0.5, 120.0, 200.0]);
        engine.heal("second").unwrap();
        engine.run_until(secs(90).nanos());
        check(&mut engine, 100, &[0.5, 80.0]);
        check_share(
            "from one",
            took(&engine, 80.0),
            at(&engine, "users").completed,
            0.25,
        );
        // With none left the nearest is named all the same.
        for name in ["second", "third"] {
            engine.start_fault(name, FaultKind::Crash).unwrap();
        }
        engine.run_until(secs(110).nanos());
        engine.reset_measures();
        engine.run_until(secs(120).nanos());
        let users = at(&engine, "users");
        assert_eq!(users.failures.get(Cause::Down), users.departures);
        for (name, share) in [("first", 0.25), ("second", 0.5), ("third", 0.25)] {
            check_share(name, at(&engine, name).refused, users.departures, share);
        }
    }
}

/// What a server asks for it asks for from where it is, whoever it works for; one in no frame asks
/// for its callers.
#[test]
fn servers_ask_from_where_they_are() {
    let build = |members: &[&str]| {
        let design = three_sites(nearest(), &[("one", 1.0), ("two", 1.0)]);
        let mut design = design.server("api", 1_000, Distribution::ZERO);
        design.0.connections[0] = at_once("users", "api");
        let mut design = design.join("api", "dns");
        let mut all = vec!["third".to_owned()];
        all.extend(members.iter().map(|name| (*name).to_owned()));
        design.0.frames["three"].members = all;
        let mut engine = design.engine();
        engine.run_until(secs(20).nanos());
        ["first", "second", "third"].map(|name| at(&engine, name).arrivals > 100)
    };
    assert_eq!(build(&["api"]), [false, false, true]);
    assert_eq!(build(&[]), [true, true, false]);
}

#[test]
fn a_partition_cuts_off_the_users_of_a_region_alone() {
    let mut engine = world(&[("eu", 1.0), ("us", 1.0), ("asia", 2.0)]).engine();
    let lost = |engine: &mut Engine| {
        engine.run_until(engine.now_ns() + secs(5).nanos());
        engine.reset_measures();
        engine.run_until(engine.now_ns() + secs(20).nanos());
        engine.check_conservation().unwrap();
        let users = at(engine, "users");
        (users.failures.get(Cause::Lost), users.departures)
    };
    assert_eq!(lost(&mut engine).0, 0);
    for (on, share) in [
        ("eu | us", 0.25),
        ("asia | eu", 0.5),
        ("asia", 0.5),
        ("eu", 0.75),
    ] {
        engine.start_fault(on, FaultKind::Partition).unwrap();
        let (failed, all) = lost(&mut engine);
        check_share(on, failed, all, share);
        // It comes through an edit that moves the frames.
        let mut scenario = engine.scenario().clone();
        scenario.frames.reverse();
        engine.edit(&scenario).unwrap();
        let (failed, all) = lost(&mut engine);
        check_share("after an edit", failed, all, share);
        engine.heal(on).unwrap();
        assert_eq!(lost(&mut engine).0, 0, "{on}");
    }
    // Two at once add up, and each ends by itself.
    engine.start_fault("eu | us", FaultKind::Partition).unwrap();
    engine.start_fault("us", FaultKind::Partition).unwrap();
    engine.heal("us").unwrap();
    assert!(lost(&mut engine).0 > 100);
    engine.heal("eu | us").unwrap();
    assert_eq!(lost(&mut engine).0, 0);
}

/// America is 45 ms away and Asia 100, each way. Between two frames messages are longer under way, or
/// fewer arrive, and all others are as before.
#[test]
fn ways_get_slow_and_lose_messages() {
    let mut engine = world(&[("eu", 1.0), ("us", 1.0), ("asia", 2.0)]).engine();
    let around = |engine: &mut Engine| {
        engine.run_until(engine.now_ns() + secs(5).nanos());
        engine.reset_measures();
        engine.run_until(engine.now_ns() + secs(20).nanos());
        engine.check_conservation().unwrap();
        let users = at(engine, "users");
        (users.departures, users.failures.get(Cause::Lost))
    };
    let slow = FaultKind::Slow { times: 3.0 };
    let loss = FaultKind::Loss { share: 0.5 };
    for (on, us, asia) in [("eu | us", 270.0, 200.0), ("asia | eu", 90.0, 600.0)] {
        engine.start_fault(on, slow).unwrap();
        let (all, lost) = around(&mut engine);
        assert_eq!(lost, 0);
        let found = [0.5, us, asia].map(|millis| took(&engine, millis));
        assert_eq!(found.iter().sum::<u64>(), all, "{on}");
        engine.heal(on).unwrap();
    }
    for (on, share) in [("eu | us", 0.25), ("asia | eu", 0.5)] {
        engine.start_fault(on, loss).unwrap();
        let (all, lost) = around(&mut engine);
        // Of four that set out one comes there and back.
        check_share(on, lost, all, share * 0.75);
        engine.heal(on).unwrap();
        assert_eq!(around(&mut engine).1, 0, "{on}");
    }
}

/// Requests under way keep their way back, and those to come start where the edit says.
#[test]
fn regions_change_while_it_runs() {
    let mut engine = world(&[("asia", 1.0)]).engine();
    engine.run_until(secs(10).nanos());
    assert_eq!(took(&engine, 200.0), at(&engine, "users").completed);
    let before = at(&engine, "users");
    let mut scenario = engine.scenario().clone();
    if let Component::Client(client) = &mut scenario.components["users"] {
        client.regions = from(&[("us", 1.0)]);
    }
    scenario.frames.reverse();
    edit::rename_frame(&mut scenario, "us", "america").unwrap();
    engine.edit(&scenario).unwrap();
    engine.check_conservation().unwrap();
    engine.run_until(secs(20).nanos());
    let after = at(&engine, "users");
    // Those that were under way took as long as the others before them.
    assert_eq!(took(&engine, 200.0), before.completed + before.present);
    assert_eq!(
        took(&engine, 90.0),
        after.completed - before.completed - before.present
    );
    // A region that is gone takes its traffic along.
    let mut scenario = engine.scenario().clone();
    edit::remove_frame(&mut scenario, "america");
    let Component::Client(client) = &scenario.components["users"] else {
        panic!();
    };
    assert!(client.regions.is_empty());
    engine.edit(&scenario).unwrap();
    engine.run_until(secs(30).nanos());
    engine.check_conservation().unwrap();
    assert!(took(&engine, 0.5) > 1_500);
}

/// A balancer between the users and the name service passes on where they are.
#[test]
fn boxes_in_no_frame_ask_for_their_callers() {
    let mut design =
        three_sites(nearest(), &[("one", 1.0), ("two", 3.0)]).balancer("lb", Algorithm::RoundRobin);
    design.0.connections[0] = at_once("users", "lb");
    let mut engine = design.join("lb", "dns").engine();
    engine.run_until(secs(60).nanos());
    assert_eq!(took(&engine, 0.5), at(&engine, "users").completed);
    let all = at(&engine, "users").arrivals;
    check_share("from two", at(&engine, "second").arrivals, all, 0.75);
}

/// Every request that has ended is in the books of its region, or of the region that its client's
/// box is in; through an edit, too.
#[test]
fn requests_are_counted_where_they_come_from() {
    let mut design = world(&[("eu", 1.0), ("us", 1.0)]);
    design.0.connections[0].timeout = Some(ms(100));
    design.0.faults.push(littlebox::scenario::Fault {
        at: secs(20),
        until: Some(secs(30)),
        on: "eu | us".into(),
        fault: FaultKind::Partition,
    });
    let other = Component::Client(patient(poisson(50.0)));
    let design = design
        .add("others", other)
        .connect(Connection::new("others", "site"));
    let mut design = region(design, "asia", &["others"]);
    let mut engine = design.engine();
    let all = |engine: &Engine| {
        let counted = engine.origins(None).into_iter();
        let counts = counted.map(|(at, origin)| {
            let name = engine.scenario().frames.get_index(at).unwrap().0.clone();
            let counts = (origin.latency.count(), origin.failure_latency.count());
            (name, counts)
        });
        counts.collect::<Vec<_>>()
    };
    let sum = |engine: &Engine| {
        let counts = all(engine).into_iter().map(|(_, counts)| counts);
        counts.fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1))
    };
    engine.run_until(secs(40).nanos());
    let whole = engine.system();
    assert_eq!(sum(&engine), (whole.completed, whole.failures.total()));
    // What is cut is lost, and lost on one way only; others go from where they are.
    let [(eu, healthy), (us, cut), (asia, others)] = &all(&engine)[..] else {
        panic!("{:?}", all(&engine));
    };
    assert_eq!([eu.as_str(), us, asia], ["eu", "us", "asia"]);
    assert_eq!((healthy.1, others.1), (0, 0));
    assert!(cut.1 > 800, "{cut:?}");
    assert_eq!(others.0, at(&engine, "others").completed);
    let of_users = engine.origins(Some(index(&engine, "users")));
    assert_eq!(of_users.len(), 2);
    // A frame before the others takes their numbers.
    design
        .0
        .frames
        .shift_insert(0, "moon".into(), Frame::default());
    let before = all(&engine);
    engine.edit(&design.0).unwrap();
    assert_eq!(all(&engine), before);
    engine.run_until(secs(50).nanos());
    let whole = engine.system();
    assert_eq!(sum(&engine), (whole.completed, whole.failures.total()));
    engine.reset_measures();
    assert_eq!(all(&engine), []);
    // Without frames nobody is told apart.
    let mut alone = Design::new(1)
        .poisson("users", 10.0)
        .server("site", 1, exponential(1))
        .join("users", "site")
        .engine();
    alone.run_until(secs(10).nanos());
    assert!(alone.origins(None).is_empty());
}
