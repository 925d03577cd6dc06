//! Frames: how far they are from each other, and what happens to a frame as a whole.

use littlebox::{
    engine::{Cause, Engine},
    scenario::{
        Algorithm, Component, Connection, Distribution, Fault, FaultKind, Frame, FrameKind,
        FrameLatency, Scenario, edit,
    },
};

use crate::support::{design::*, everything::*};

fn framed(mut design: Design, name: &str, kind: FrameKind, members: &[&str]) -> Design {
    let frame = Frame {
        kind,
        members: members.iter().map(|name| (*name).to_owned()).collect(),
        ..Frame::default()
    };
    design.0.frames.insert(name.into(), frame);
    design
}

fn zone(design: Design, name: &str, inside: &str, members: &[&str]) -> Design {
    let mut design = framed(design, name, FrameKind::Zone, members);
    design.0.frames[name].inside = Some(inside.to_owned());
    design
}

fn far(design: &mut Design, from: &str, to: &str, latency: Distribution) {
    design.0.latencies.push(FrameLatency {
        from: from.into(),
        to: to.into(),
        latency,
    });
}

/// Users of a balancer with an instance each in two zones of one region, and a copy in another.
fn world() -> Design {
    let design = Design::new(1)
        .poisson("users", 100.0)
        .balancer("lb", Algorithm::RoundRobin)
        .server("a", 100, constant(1))
        .server("b", 100, constant(1))
        .server("far", 100, constant(1))
        .join("users", "lb")
        .connect(Connection::new("lb", "a"))
        .connect(Connection::new("lb", "b"))
        .connect(Connection::new("lb", "far"));
    let design = framed(design, "eu", FrameKind::Region, &[]);
    let design = zone(design, "eu-a", "eu", &["lb", "a"]);
    let design = zone(design, "eu-b", "eu", &["b"]);
    framed(design, "us", FrameKind::Region, &["far"])
}

fn mean_ns(engine: &Engine, connection: usize) -> u128 {
    let totals = engine.connection(connection);
    totals.sojourn_sum_ns / u128::from(totals.completed)
}

#[test]
fn connections_take_as_long_as_their_ends_are_apart() {
    let mut design = world();
    let measure = |design: &Design| {
        let mut engine = design.engine();
        engine.run_until(secs(10).nanos());
        [1, 2, 3].map(|at| mean_ns(&engine, at) / 1_000)
    };
    assert_eq!(measure(&design), [1_500, 3_000, 81_000]);
    far(&mut design, "us", "eu", constant(100));
    assert_eq!(measure(&design), [1_500, 3_000, 201_000]);
    far(&mut design, "eu-a", "eu-a", Distribution::ZERO);
    design.0.connections[3].latency = Some(constant(3));
    assert_eq!(measure(&design), [1_000, 3_000, 7_000]);
    // An edit of a latency is felt while it runs.
    let mut engine = design.engine();
    engine.run_until(secs(1).nanos());
    far(&mut design, "eu-a", "eu-b", constant(7));
    engine.edit(&design.0).unwrap();
    engine.run_until(secs(2).nanos());
    engine.reset_measures();
    engine.run_until(secs(3).nanos());
    assert_eq!(mean_ns(&engine, 2) / 1_000, 15_000);
}

/// To the last bit.
#[test]
fn a_matrix_of_zeros_is_one_region() {
    let mut one = everything(1);
    for connection in &mut one.0.connections {
        connection.latency = Some(Distribution::ZERO);
    }
    let mut many = everything(1);
    for connection in &mut many.0.connections {
        connection.latency = None;
    }
    let many = framed(many, "eu", FrameKind::Region, &["clients", "balancer"]);
    let many = zone(many, "eu-a", "eu", &["api"]);
    let many = framed(many, "us", FrameKind::Region, &["cache", "db"]);
    let mut many = framed(many, "asia", FrameKind::Region, &["jobs", "worker"]);
    let names: Vec<String> = many.0.frames.keys().cloned().collect();
    for from in &names {
        for to in &names {
            far(&mut many, from, to, Distribution::ZERO);
        }
    }
    let fingerprint = |design: &Design| {
        let mut engine = design.engine();
        engine.run_until(EVERYTHING_END_NS);
        engine.check_conservation().unwrap();
        engine.fingerprint()
    };
    assert_eq!(fingerprint(&one), fingerprint(&many));
    // And one that is not zero is not.
    many.0.latencies.last_mut().unwrap().latency = constant(1);
    assert_ne!(fingerprint(&one), fingerprint(&many));
}

/// All at once: no caller finds a member that is still up.
#[test]
fn a_zone_goes_down_as_a_whole_and_comes_back() {
    let design = Design::new(2)
        .poisson("users", 100.0)
        .server("front", 100, constant(50))
        .server("back", 100, constant(50))
        .server("other", 100, constant(1))
        .join("users", "front")
        .join("front", "back")
        .connect(Connection {
            step: Some(2),
            ..at_once("front", "other")
        });
    let design = framed(design, "zone", FrameKind::Zone, &["front", "back"]);
    let mut engine = design.engine();
    engine.run_until(secs(10).nanos());
    let before = at(&engine, "back").arrivals;
    engine.start_fault("zone", FaultKind::Crash).unwrap();
    assert_eq!(engine.frame_faults(0), [FaultKind::Crash]);
    for name in ["front", "back"] {
        assert_eq!(at(&engine, name).present, 0, "{name}");
        assert!(engine.condition(index(&engine, name)).crashed);
    }
    assert_eq!(at(&engine, "back").arrivals, before);
    assert!(engine.condition(index(&engine, "other")).is_well());
    engine.run_until(secs(20).nanos());
    engine.check_conservation().unwrap();
    assert!(at(&engine, "users").failures.get(Cause::Down) > 500);
    // A box of it can't be healed alone, and a fault of its own outlasts the zone's.
    engine.heal("front").unwrap();
    assert!(engine.condition(1).crashed);
    engine.start_fault("back", FaultKind::Crash).unwrap();
    engine.heal("zone").unwrap();
    assert!(!engine.condition(1).crashed && engine.condition(2).crashed);
    engine.heal("back").unwrap();
    engine.reset_measures();
    engine.run_until(secs(30).nanos());
    assert_eq!(at(&engine, "users").failures.total(), 0);
}

/// Whatever can happen to a member, and to no other.
#[test]
fn other_faults_hit_the_members_that_can_have_them() {
    let mut engine = world().engine();
    engine.run_until(secs(1).nanos());
    engine
        .start_fault("eu", FaultKind::Slow { times: 3.0 })
        .unwrap();
    let slow = |engine: &Engine, name| engine.condition(index(engine, name)).slow;
    assert_eq!([slow(&engine, "a"), slow(&engine, "b")], [3.0, 3.0]);
    assert_eq!(slow(&engine, "far"), 1.0);
    engine.heal("eu").unwrap();
    assert_eq!(slow(&engine, "a"), 1.0);
    for (on, fault, why) in [
        (
            "us",
            FaultKind::Flush,
            "nothing in `us` can have the fault `Flush`",
        ),
        ("mars", FaultKind::Crash, "there is no `mars`"),
        ("eu | mars", FaultKind::Partition, "there is no `eu | mars`"),
    ] {
        assert_eq!(engine.start_fault(on, fault).unwrap_err().0, why);
    }
}

/// Every connection between the two, in both directions, and no other; cuts add up.
#[test]
fn a_partition_cuts_what_is_between() {
    let mut design = world();
    design.0.faults.push(Fault {
        at: secs(10),
        until: Some(secs(30)),
        on: "us | eu".into(),
        fault: FaultKind::Partition,
    });
    let mut engine = design.engine();
    let cut = |engine: &Engine| [0, 1, 2, 3].map(|at| engine.is_cut(at));
    engine.run_until(secs(15).nanos());
    assert_eq!(cut(&engine), [false, false, false, true]);
    engine
        .start_fault("eu-a | eu-b", FaultKind::Partition)
        .unwrap();
    engine.start_fault("lb -> far", FaultKind::Cut).unwrap();
    assert_eq!(cut(&engine), [false, false, true, true]);
    engine.run_until(secs(35).nanos());
    assert_eq!(
        cut(&engine),
        [false, false, true, true],
        "by hand it is cut still"
    );
    engine.heal("lb -> far").unwrap();
    engine.heal("eu-a | eu-b").unwrap();
    assert_eq!(cut(&engine), [false; 4]);
    // One frame from all the rest.
    engine.start_fault("eu-a", FaultKind::Partition).unwrap();
    assert_eq!(cut(&engine), [true, false, true, true]);
    engine.heal("eu-a").unwrap();
    engine.run_until(secs(40).nanos());
    engine.reset_measures();
    engine.run_until(secs(50).nanos());
    assert_eq!(at(&engine, "users").failures.total(), 0);
    engine.check_conservation().unwrap();
}

/// Who joins a frame that is down goes down, and who leaves it comes back.
#[test]
fn membership_counts_while_the_fault_lasts() {
    let mut engine = world().engine();
    engine.run_until(secs(1).nanos());
    engine.start_fault("eu-b", FaultKind::Crash).unwrap();
    let mut change = |change: &dyn Fn(&mut Scenario), crashed: &[&str]| {
        let mut scenario = engine.scenario().clone();
        change(&mut scenario);
        engine.edit(&scenario).unwrap();
        engine.check_conservation().unwrap();
        let names = engine.scenario().components.keys();
        let found = names.filter(|name| engine.condition(index(&engine, name)).crashed);
        assert_eq!(found.collect::<Vec<_>>(), crashed);
    };
    change(&|_| {}, &["b"]);
    change(
        &|scenario| assert!(edit::put_into_frame(scenario, "far", Some("eu-b"))),
        &["b", "far"],
    );
    change(
        &|scenario| edit::rename_frame(scenario, "eu-a", "first").unwrap(),
        &["b", "far"],
    );
    change(
        &|scenario| assert!(edit::put_into_frame(scenario, "b", Some("first"))),
        &["far"],
    );
    change(&|scenario| edit::remove_frame(scenario, "eu-b"), &[]);
}

/// By hand, with everything in it, and drained in the end.
#[test]
fn a_region_of_everything_fails_and_recovers() {
    let design = everything(3);
    let names: Vec<String> = design.0.components.keys().cloned().collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut design = framed(design, "all", FrameKind::Region, &names);
    for component in design.0.components.values_mut() {
        if let Component::Client(client) = component {
            client.arrivals = poisson_until(150.0, secs(30));
        }
    }
    design.0.faults.clear();
    let mut engine = design.engine();
    for (second, fault) in [
        (5, FaultKind::Crash),
        (8, FaultKind::Hang),
        (11, FaultKind::Pause),
        (14, FaultKind::Capacity { lost: 0.5 }),
        (17, FaultKind::Errors { share: 0.3 }),
        (20, FaultKind::Traffic { times: 3.0 }),
    ] {
        engine.run_until(secs(second).nanos());
        engine.start_fault("all", fault).unwrap();
        engine.check_conservation().unwrap();
        engine.run_until(secs(second + 2).nanos());
        if second % 2 == 0 {
            engine.heal("all").unwrap();
        }
        engine.check_conservation().unwrap();
    }
    engine.heal("all").unwrap();
    engine.run_until(secs(3_000).nanos());
    engine.check_conservation().unwrap();
    for (index, name) in names.iter().enumerate() {
        let totals = engine.component(index);
        assert_eq!((totals.present, totals.held), (0, 0), "{name}");
        assert!(engine.condition(index).is_well());
    }
}
