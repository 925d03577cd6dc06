//! Health checks of name services, to the exact event.

use littlebox::{
    engine::{Cause, Engine},
    scenario::{
        Arrivals, Component, Connection, Depth, Distribution, Dns, FaultKind, Frame, Health,
        LoadBalancer, Rate, Resolution, Scenario, Scope,
    },
};

use super::health::around;
use crate::support::design::*;

fn every(rate: f64) -> Arrivals {
    Arrivals::Constant {
        rate: Rate(rate),
        profile: Vec::new(),
    }
}

/// Once a second; who does not answer within 300 ms is dead.
fn checks() -> Health {
    Health {
        interval: secs(1),
        timeout: Some(ms(300)),
        unhealthy: 2,
        healthy: 2,
        ..Health::default()
    }
}

fn names(health: Health) -> Dns {
    Dns {
        policy: Resolution::Failover,
        ttl: secs(5),
        lookup: Distribution::ZERO,
        scope: Scope::Global,
        health: Some(health),
        ..Dns::default()
    }
}

/// Two servers behind a box, this far from it.
fn pair(rate: f64, front: Component, millis: u64) -> Design {
    let to = |name: &str| Connection {
        latency: Some(constant(millis)),
        ..Connection::new("names", name)
    };
    Design::new(1)
        .client("clients", every(rate))
        .add("names", front)
        .server("server", 4, constant(1))
        .server("other", 4, constant(1))
        .join("clients", "names")
        .connect(to("server"))
        .connect(to("other"))
}

fn named(rate: f64, health: Health, millis: u64) -> Design {
    pair(rate, Component::Dns(names(health)), millis)
}

fn edit(engine: &mut Engine, change: impl FnOnce(&mut Scenario)) {
    let mut scenario = engine.scenario().clone();
    change(&mut scenario);
    engine.edit(&scenario).unwrap();
    engine.check_conservation().unwrap();
}

/// A probe goes there and back in 50 ms each. A target that is down says so; one that hangs, is cut
/// off or is too far away is found by the timeout.
#[test]
fn probes_take_time() {
    let frame = |member: &str| Frame {
        members: vec![member.into()],
        ..Frame::default()
    };
    let mut design = named(10.0, checks(), 50);
    design.0.frames.insert("east".into(), frame("server"));
    let mut framed = named(10.0, checks(), 50);
    framed.0.frames.insert("west".into(), frame("names"));
    framed.0.frames.insert("east".into(), frame("server"));
    for (design, on, fault, out_at) in [
        (&design, "server", FaultKind::Crash, 12_100),
        (&design, "server", FaultKind::Hang, 12_300),
        (&design, "server", FaultKind::Pause, 12_300),
        (&design, "names -> server", FaultKind::Cut, 12_300),
        (
            &design,
            "names -> server",
            FaultKind::Loss { share: 1.0 },
            12_300,
        ),
        // 350 ms there and back.
        (
            &design,
            "names -> server",
            FaultKind::Slow { times: 3.5 },
            12_300,
        ),
        (&design, "east", FaultKind::Partition, 12_300),
        (&framed, "east", FaultKind::Partition, 12_300),
        (&framed, "east | west", FaultKind::Partition, 12_300),
    ] {
        let mut engine = design.engine();
        engine.run_until(ms(10_500).nanos());
        engine.start_fault(on, fault).unwrap();
        assert_eq!(around(&mut engine, out_at), (0, 1), "{on} {fault:?}");
        // Through an edit, too.
        edit(&mut engine, |scenario| scenario.notes += "!");
        engine.run_until(ms(14_500).nanos());
        engine.heal(on).unwrap();
        assert_eq!(around(&mut engine, 16_100), (1, 0), "{on} {fault:?}");
        engine.check_conservation().unwrap();
    }
    // 290 ms are in time.
    let mut engine = design.engine();
    let slow = FaultKind::Slow { times: 2.9 };
    engine.start_fault("names -> server", slow).unwrap();
    engine.run_until(secs(20).nanos());
    assert_eq!(engine.out_of_rotation(1), Some((0, 2)));
    assert_eq!(engine.probes(1), Some((40, 0)));
    // Two that are too far away.
    let mut engine = named(10.0, checks(), 151).engine();
    assert_eq!(around(&mut engine, 2_300), (0, 2));
}

/// Those in no frame are cut off from a region as by an arrow of their own.
#[test]
fn a_partition_cuts_off_those_in_no_frame() {
    let frame = Frame {
        members: vec!["server".into()],
        ..Frame::default()
    };
    let dns = Dns {
        health: None,
        ..names(checks())
    };
    let mut design = pair(10.0, Component::Dns(dns), 1);
    design.0.frames.insert("east".into(), frame);
    let mut engine = design.engine();
    engine.start_fault("east", FaultKind::Partition).unwrap();
    edit(&mut engine, |scenario| scenario.notes += "!");
    engine.run_until(ms(20_050).nanos());
    assert_eq!(at(&engine, "server").arrivals, 0);
    let arrows = &engine.scenario().connections;
    let named = arrows
        .iter()
        .position(|arrow| arrow.to == "server")
        .unwrap();
    assert_eq!(engine.ways(named), [(None, true)]);
    engine.heal("east").unwrap();
    assert_eq!(engine.ways(named), [(None, false)]);
    engine.run_until(ms(30_050).nanos());
    assert_eq!(at(&engine, "server").arrivals, 100);
}

/// Every 10 ms a request, and every 5 s, from 10 ms on, somebody asks for the name. The first server
/// is down from 10.505 to 20.505 s. It is known at 12.1 s, and told at 15.01 s: what was sent from
/// 10.46 to 15.00 s fails. It is known to be back at 22.1 s, and told at 25.01 s.
#[test]
fn an_old_answer_is_good_until_its_time_is_over() {
    let mut engine = named(100.0, checks(), 50).engine();
    engine.run_until(ms(10_505).nanos());
    engine.start_fault("server", FaultKind::Crash).unwrap();
    assert_eq!(around(&mut engine, 12_100), (0, 1));
    engine.run_until(ms(20_505).nanos());
    engine.heal("server").unwrap();
    assert_eq!(around(&mut engine, 22_100), (1, 0));
    engine.run_until(secs(30).nanos());
    assert_eq!(at(&engine, "clients").failures.get(Cause::Down), 455);
    assert_eq!(at(&engine, "clients").failures.total(), 455);
    assert_eq!(at(&engine, "other").arrivals, 1_000);
    assert_eq!(at(&engine, "names").misses, 6);
    // At 12.1 s the third of those that failed was known: at 11, 12, …, 21 s.
    assert_eq!(engine.probes(1), Some((60, 10)));
    engine.check_conservation().unwrap();
}

/// A deep probe is work: it comes on the second and has the slot for 100 ms; the request that comes
/// 50 ms later waits for 50 ms.
#[test]
fn deep_probes_take_slots() {
    for (depth, found) in [(Depth::Shallow, 0), (Depth::Deep, 20)] {
        let health = Health {
            timeout: None,
            depth,
            ..checks()
        };
        let mut design = named(1.0, health, 0).server("server", 1, constant(100));
        design.0.connections[0].latency = Some(constant(50));
        let mut engine = design.engine();
        engine.run_until(ms(20_500).nanos());
        let [server, other] = ["server", "other"].map(|name| at(&engine, name));
        assert_eq!((server.arrivals, other.arrivals), (20 + found, found));
        let waited = u128::from(ms(50 * found).nanos());
        assert_eq!(server.wait_sum_ns, waited);
        assert_eq!(engine.probes(1), Some((40, 0)));
        assert_eq!(engine.connection(1).attempts, 20);
        engine.check_conservation().unwrap();
    }
}

/// A second's work comes every second, and 900 ms of probes besides. The first probe is answered at
/// 1.9 s; from the second on they stand in a line that takes longer than the timeout.
#[test]
fn only_deep_probes_find_the_line_too_long() {
    for depth in [Depth::Shallow, Depth::Deep] {
        let health = Health {
            timeout: None,
            unhealthy: 3,
            depth,
            ..checks()
        };
        let mut design = named(1.0, health, 0).server("server", 1, constant(900));
        design.0.connections[0].latency = Some(constant(50));
        let mut engine = design.engine();
        let out = usize::from(depth == Depth::Deep);
        assert_eq!(around(&mut engine, 5_000), (0, out));
        engine.run_until(secs(10).nanos());
        assert_eq!(engine.out_of_rotation(1), Some((out, 2)));
        engine.check_conservation().unwrap();
    }
}

/// A name is of a box: probes ask one after the other of its instances that are up. One of two that
/// hangs is asked every other second.
#[test]
fn instances_are_asked_in_turn() {
    let health = Health {
        unhealthy: 1,
        healthy: 1,
        ..checks()
    };
    for (millis, later) in [(50, 100), (0, 0)] {
        let mut design = named(10.0, health, millis);
        if let Component::Server(server) = &mut design.0.components["server"] {
            server.instances = 2;
        }
        let mut engine = design.engine();
        engine.run_until(ms(10_500).nanos());
        let mut other = engine.clone();
        engine.start_fault("server #2", FaultKind::Hang).unwrap();
        for second in [11_000, 13_000] {
            assert_eq!(around(&mut engine, second + 300), (0, 1));
            assert_eq!(around(&mut engine, second + 1_000 + later), (1, 0));
        }
        // The box turns no call away to one that is down; without any it is down.
        other.start_fault("server #2", FaultKind::Crash).unwrap();
        other.run_until(ms(20_500).nanos());
        assert_eq!(other.probes(1), Some((40, 0)));
        other.start_fault("server #1", FaultKind::Crash).unwrap();
        assert_eq!(around(&mut other, 21_000 + later), (0, 1));
        other.heal("server #2").unwrap();
        assert_eq!(around(&mut other, 22_000 + later), (1, 0));
        other.check_conservation().unwrap();
    }
}

/// Who is dead or hangs asks nobody, and hears no answers to what it has asked.
#[test]
fn a_dead_name_service_does_not_check() {
    for fault in [FaultKind::Crash, FaultKind::Hang] {
        let mut engine = named(10.0, checks(), 50).engine();
        engine.run_until(ms(10_020).nanos());
        engine.start_fault("server", FaultKind::Crash).unwrap();
        engine.run_until(ms(10_080).nanos());
        engine.start_fault("names", fault).unwrap();
        engine.run_until(ms(20_500).nanos());
        assert_eq!(engine.probes(1), Some((20, 0)));
        engine.heal("names").unwrap();
        assert_eq!(around(&mut engine, 22_100), (0, 1));
        assert_eq!(engine.probes(1), Some((24, 2)));
    }
}

/// Where every target is dead, every target is named.
#[test]
fn when_all_are_dead_all_are_named() {
    let dns = Dns {
        policy: Resolution::RoundRobin,
        ttl: ms(1),
        ..names(checks())
    };
    let mut engine = pair(100.0, Component::Dns(dns), 0).engine();
    for name in ["server", "other"] {
        engine.start_fault(name, FaultKind::Crash).unwrap();
    }
    engine.run_until(secs(5).nanos());
    assert_eq!(engine.out_of_rotation(1), Some((2, 2)));
    engine.reset_measures();
    engine.run_until(secs(10).nanos());
    let refused = ["server", "other"].map(|name| at(&engine, name).refused);
    assert_eq!(refused, [250, 250]);
    assert_eq!(engine.probes(1), Some((10, 10)));
}

/// A deep probe that is in its target when that crashes fails with it, as any call; what is on its way
/// back is under way for 50 ms.
#[test]
fn a_probe_dies_with_its_target() {
    let health = Health {
        timeout: Some(ms(900)),
        depth: Depth::Deep,
        unhealthy: 1,
        ..checks()
    };
    let balancer = LoadBalancer {
        health: Some(health),
        ..LoadBalancer::default()
    };
    for front in [
        Component::Dns(names(health)),
        Component::LoadBalancer(balancer),
    ] {
        let design = pair(0.0, front, 50).server("server", 4, constant(500));
        let mut engine = design.engine();
        engine.run_until(ms(1_200).nanos());
        assert_eq!(at(&engine, "server").present, 1);
        engine.start_fault("server", FaultKind::Crash).unwrap();
        assert_eq!(at(&engine, "server").present, 0);
        let mut gone = engine.clone();
        assert_eq!(around(&mut engine, 1_250), (0, 1));
        engine.check_conservation().unwrap();
        // Nobody hears what comes back over an arrow that is gone.
        edit(&mut gone, |scenario| {
            scenario.components.shift_remove("server");
            scenario.connections.retain(|arrow| arrow.to != "server");
        });
        gone.run_until(ms(2_500).nanos());
        assert_eq!(gone.out_of_rotation(1), Some((0, 1)));
        gone.check_conservation().unwrap();
        // It dies with a box that is taken away, too.
        let mut engine = design.engine();
        engine.run_until(ms(1_200).nanos());
        edit(&mut engine, |scenario| {
            scenario.components.shift_remove("server");
            scenario.connections.retain(|arrow| arrow.to != "server");
        });
        engine.run_until(ms(2_600).nanos());
        assert_eq!(engine.out_of_rotation(1), Some((0, 1)));
        assert_eq!(engine.probes(1), Some((3, 0)));
        engine.check_conservation().unwrap();
    }
}

/// Probes set off at 1 s and are back at 1.8 s; meanwhile the drawing changes. What they find is said
/// of the target that they were sent to, and of no other.
#[test]
fn answers_are_of_those_who_were_asked() {
    let health = Health {
        timeout: Some(ms(900)),
        unhealthy: 1,
        healthy: 1,
        ..checks()
    };
    let dns = |health| {
        Component::Dns(Dns {
            policy: Resolution::RoundRobin,
            ttl: ms(1),
            health,
            ..names(checks())
        })
    };
    let start = || {
        let mut engine = pair(100.0, dns(Some(health)), 400).engine();
        engine.run_until(ms(500).nanos());
        engine.start_fault("server", FaultKind::Crash).unwrap();
        engine.run_until(ms(1_200).nanos());
        engine
    };
    // Another order.
    let mut engine = start();
    edit(&mut engine, |scenario| scenario.connections.swap(1, 2));
    assert_eq!(around(&mut engine, 1_800), (0, 1));
    engine.run_until(secs(3).nanos());
    engine.reset_measures();
    engine.run_until(secs(10).nanos());
    assert_eq!(at(&engine, "server").refused, 0);
    assert_eq!(at(&engine, "other").arrivals, 700);

    // One target less; and a new one in its place, of whom nothing is known.
    let mut engine = start();
    let arrow = engine.scenario().connections[1].clone();
    edit(&mut engine, |scenario| {
        scenario.connections.remove(1);
    });
    let mut fewer = engine.clone();
    fewer.run_until(ms(3_900).nanos());
    assert_eq!(fewer.out_of_rotation(1), Some((0, 1)));
    edit(&mut engine, |scenario| {
        scenario.connections.insert(1, arrow);
    });
    assert_eq!(around(&mut engine, 1_800), (0, 0));
    assert_eq!(around(&mut engine, 2_800), (0, 1));

    // Off, and on again: without checks nobody is dead, and the first is due after an interval.
    let mut engine = start();
    engine.run_until(ms(1_850).nanos());
    assert_eq!(engine.out_of_rotation(1), Some((1, 2)));
    edit(&mut engine, |scenario| {
        scenario.components["names"] = dns(None);
    });
    assert_eq!(around(&mut engine, 2_000), (0, 0));
    edit(&mut engine, |scenario| {
        scenario.components["names"] = dns(Some(health));
    });
    assert_eq!(around(&mut engine, 3_800), (0, 1));

    // A timeout that is too short for all holds from the next round on.
    let mut engine = start();
    edit(&mut engine, |scenario| {
        let short = Some(ms(100));
        scenario.components["names"] = dns(Some(Health {
            timeout: short,
            unhealthy: 2,
            ..health
        }));
    });
    assert_eq!(around(&mut engine, 2_100), (0, 1));
    assert_eq!(around(&mut engine, 3_100), (1, 2));
    engine.check_conservation().unwrap();
}
