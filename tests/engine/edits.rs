//! Changes while a run is under way: they take effect now, and what stayed keeps its state.

mod gone;
mod kept;
mod untouched;

use littlebox::{
    engine::Engine,
    scenario::{Algorithm, Arrivals, Component, Distribution, Duration, Rate, Scenario},
};

use crate::support::{design::*, estimate::*};

fn mm1(seed: u64) -> Design {
    Design::new(seed)
        .poisson("clients", 80.0)
        .server("server", 1, exponential(10))
        .join("clients", "server")
}

fn edit(engine: &mut Engine, change: impl FnOnce(&mut Scenario)) {
    let mut scenario = engine.scenario().clone();
    change(&mut scenario);
    engine.edit(&scenario).unwrap();
    assert_eq!(engine.scenario(), &scenario);
    engine.check_conservation().unwrap();
}

/// After a change the run obeys the law of the new scenario.
#[test]
fn a_changed_parameter_is_a_changed_law() {
    type Edit = fn(&mut Scenario);
    let changes: [(&str, Edit, f64); 4] = [
        // M/M/1 with ρ = 0.6: L = 1.5.
        (
            "rate",
            |s| s.components["clients"] = Component::Client(patient(poisson(60.0))),
            1.5,
        ),
        (
            "work",
            |s| {
                s.components["server"] = Component::Server(server(
                    1,
                    Distribution::Exponential(Duration::from_nanos(7_500_000)),
                ));
            },
            1.5,
        ),
        // M/D/1 with ρ = 0.8: L = ρ + ρ²/(2(1 − ρ)) = 2.4.
        (
            "distribution",
            |s| s.components["server"] = Component::Server(server(1, constant(10))),
            2.4,
        ),
        // M/M/2 with ρ = 0.4: L = 2ρ/(1 − ρ²).
        (
            "slots",
            |s| s.components["server"] = Component::Server(server(2, exponential(10))),
            0.8 / 0.84,
        ),
    ];
    for (what, change, exact) in changes {
        let mut engine = mm1(1).engine();
        engine.run_until(secs(100).nanos());
        edit(&mut engine, change);
        let [l] = batches(engine, 20.0, 800.0, |engine| [at(engine, "server").l()]);
        check_within(what, &l, exact);
    }
}

/// Who is in line stays in line, and the books stay open.
#[test]
fn a_changed_server_keeps_its_line() {
    let mut engine = mm1(3).engine();
    engine.run_until(secs(50).nanos());
    while at(&engine, "server").waiting < 8 {
        engine.step();
    }
    let before = at(&engine, "server");
    edit(&mut engine, |scenario| {
        scenario.components["server"] = Component::Server(server(4, exponential(10)));
    });
    let after = at(&engine, "server");
    assert_eq!(after.present, before.present);
    assert_eq!(after.arrivals, before.arrivals);
    assert_eq!(after.present_area, before.present_area);
    assert_eq!(
        (after.slots, after.busy),
        (4, 4),
        "three more start at once"
    );
    assert_eq!(after.waiting, before.waiting - 3);
    // Fewer slots again: who works goes on, nobody new starts.
    edit(&mut engine, |scenario| {
        scenario.components["server"] = Component::Server(server(1, exponential(10)));
    });
    assert_eq!(at(&engine, "server").held, 4);
    engine.run_until(engine.now_ns() + secs(100).nanos());
    assert!(at(&engine, "server").held <= 1);
    engine.check_conservation().unwrap();
}

#[test]
fn a_box_can_come_and_go() {
    let mut engine = Design::new(4)
        .poisson("clients", 150.0)
        .balancer("balancer", Algorithm::LeastConnections)
        .server("one", 1, exponential(10))
        .join("clients", "balancer")
        .join("balancer", "one")
        .engine();
    engine.run_until(secs(20).nanos());
    let crowd = at(&engine, "one").present;
    assert!(crowd > 800, "{crowd}: 50 more a second than it can do");
    edit(&mut engine, |scenario| {
        let other = Component::Server(server(1, exponential(10)));
        scenario.components.insert("other".into(), other);
        scenario.connections.push(at_once("balancer", "other"));
    });
    assert_eq!(at(&engine, "one").present, crowd);
    assert_eq!(at(&engine, "other").present, 0);
    // Until the two are level, after more than 6 s, all the traffic goes to the one with the fewest.
    engine.run_until(secs(25).nanos());
    let other = at(&engine, "other");
    check_poisson_count("the new one's traffic", other.arrivals, 750.0);
    engine.run_until(secs(60).nanos());
    let before = at(&engine, "clients");
    let inside = at(&engine, "other").present;
    edit(&mut engine, |scenario| {
        scenario.components.shift_remove("other");
        scenario
            .connections
            .retain(|connection| connection.to != "other");
    });
    let after = at(&engine, "clients");
    assert_eq!(
        after.failures.total() - before.failures.total(),
        inside,
        "they died with it"
    );
    assert_eq!(after.present, at(&engine, "one").present);
    engine.run_until(secs(70).nanos());
    engine.check_conservation().unwrap();
    assert_eq!(
        at(&engine, "clients").arrivals,
        at(&engine, "balancer").arrivals
    );
}

#[test]
fn users_come_and_go() {
    let users = |users| {
        Component::Client(patient(Arrivals::Closed {
            users,
            think: Distribution::ZERO,
        }))
    };
    let mut engine = Design::new(7)
        .add("clients", users(3))
        .server("server", 100, constant(50))
        .join("clients", "server")
        .engine();
    for (second, count) in [(5, 3), (10, 20), (15, 1), (20, 0), (25, 7)] {
        edit(&mut engine, |scenario| {
            scenario.components["clients"] = users(count);
        });
        engine.run_until(secs(second).nanos());
        assert_eq!(
            at(&engine, "server").present,
            u64::from(count),
            "{second} s"
        );
    }
    // The users leave, and an open stream takes their place.
    edit(&mut engine, |scenario| {
        let rate = Rate(100.0);
        let constant = Arrivals::Constant {
            rate,
            profile: Vec::new(),
        };
        scenario.components["clients"] = Component::Client(patient(constant));
    });
    engine.run_until(secs(30).nanos());
    engine.reset_measures();
    engine.run_until(secs(40).nanos());
    assert!((999..=1_001).contains(&at(&engine, "server").arrivals));
    // And back: the arrival that was planned brings no user more.
    edit(&mut engine, |scenario| {
        scenario.components["clients"] = users(4);
    });
    engine.run_until(secs(45).nanos());
    assert_eq!(at(&engine, "server").present, 4);
    engine.check_conservation().unwrap();
}
