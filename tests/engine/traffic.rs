//! Traffic that is changed while it runs: from every kind to every other.

use littlebox::{
    engine::Engine,
    scenario::{Arrivals, Component, Distribution, FaultKind, Scenario, parameters::set},
};

use crate::support::design::*;

const KINDS: [&str; 8] = [
    "Poisson(rate: 100)",
    "Constant(rate: 100)",
    "Uniform(rate: 100)",
    "Bursts(low: 10, high: 190, low_for: 50ms, high_for: 50ms)",
    "Batches(rate: 100, size: 4, sizes: Geometric)",
    "Recorded(times: [1ms, 5ms, 9ms], repeat: 30ms)",
    "Sessions(starts: 20, requests: 5, think: Exponential(50ms))",
    "Closed(users: 7, think: 60ms)",
];

fn drawing(arrivals: &str) -> Scenario {
    let mut scenario = Design::new(9)
        .poisson("clients", 1.0)
        .server("server", 2, constant(10))
        .join("clients", "server")
        .0;
    set(&mut scenario, "clients.arrivals", arrivals).unwrap();
    scenario
}

fn came(engine: &mut Engine, millis: u64) -> u64 {
    let before = at(engine, "clients").arrivals;
    engine.run_until(engine.now_ns() + ms(millis).nanos());
    at(engine, "clients").arrivals - before
}

/// What comes after an edit is what the new kind makes, and nothing of the old one goes on.
#[test]
fn every_kind_becomes_every_other() {
    for from in KINDS {
        for to in KINDS {
            let mut engine = Engine::new(&drawing(from)).unwrap();
            engine.run_until(ms(1_234).nanos());
            engine
                .start_fault("clients", FaultKind::Traffic { times: 2.0 })
                .unwrap();
            engine.run_until(ms(1_500).nanos());
            engine.heal("clients").unwrap();
            engine.edit(&drawing(to)).unwrap();
            engine.check_conservation().unwrap();
            // About 100 a second, except of the closed one.
            let count = came(&mut engine, 30_000);
            engine.check_conservation().unwrap();
            let expected = if to.starts_with("Closed") {
                2_850..=3_010
            } else {
                2_300..=3_700
            };
            assert!(expected.contains(&count), "{from} to {to}: {count}");
            // And to nothing at all: what is under way ends.
            engine.edit(&drawing("Poisson(rate: 0)")).unwrap();
            came(&mut engine, 2_000);
            assert_eq!(came(&mut engine, 10_000), 0, "{from} to {to}");
            assert_eq!(at(&engine, "clients").present, 0, "{from} to {to}");
        }
    }
}

/// A user who thinks for 60 ms and waits 10 ms for the answer makes a request every 70 ms, whoever was
/// there before.
#[test]
fn users_are_as_many_as_they_should_be() {
    for from in KINDS {
        let mut engine = Engine::new(&drawing(from)).unwrap();
        engine.run_until(ms(1_000).nanos());
        engine
            .edit(&drawing("Closed(users: 2, think: 60ms)"))
            .unwrap();
        came(&mut engine, 1_000);
        assert_eq!(came(&mut engine, 7_000), 200, "{from}");
    }
}

/// The list is that of the run, not of the edit: what is over does not come.
#[test]
fn a_list_goes_on_where_the_clock_stands() {
    for from in KINDS {
        let mut engine = Engine::new(&drawing(from)).unwrap();
        engine.run_until(ms(900).nanos());
        let list = "Recorded(times: [100ms, 1.5s, 1.5s, 3s])";
        engine.edit(&drawing(list)).unwrap();
        assert_eq!(came(&mut engine, 599), 0, "{from}");
        assert_eq!(came(&mut engine, 2), 2, "{from}");
        // Another parameter of the client changes nothing.
        let mut other = drawing(list);
        set(&mut other, "clients.timeout", "1s").unwrap();
        engine.edit(&other).unwrap();
        engine
            .start_fault("clients", FaultKind::Traffic { times: 2.0 })
            .unwrap();
        engine.heal("clients").unwrap();
        assert_eq!(came(&mut engine, 10_000), 1, "{from}");
    }
}

/// Sessions that think are as many after an edit as before.
#[test]
fn sessions_go_on_through_an_edit() {
    let kind = "Sessions(starts: 30, requests: 1000000, think: 240ms, profile: [Steps([(1s, 0)])])";
    let mut scenario = drawing(kind);
    set(&mut scenario, "server.slots", "1000").unwrap();
    let mut engine = Engine::new(&scenario).unwrap();
    engine.run_until(ms(2_000).nanos());
    let each = came(&mut engine, 250);
    assert!(each > 10, "{each}");
    set(&mut scenario, "server.service", "9ms").unwrap();
    engine.edit(&scenario).unwrap();
    let mut twice = scenario.clone();
    if let Component::Client(client) = &mut twice.components["clients"] {
        let Arrivals::Sessions { think, .. } = &mut client.arrivals else {
            panic!("sessions")
        };
        *think = Distribution::Constant(ms(491));
    }
    came(&mut engine, 249);
    assert_eq!(came(&mut engine, 2_490), each * 10);
    engine.edit(&twice).unwrap();
    came(&mut engine, 500);
    assert_eq!(came(&mut engine, 5_000), each * 10);
}
