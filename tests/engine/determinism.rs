//! The same scenario, seed and changes: the same results to the last bit, however the run is made.

use littlebox::{
    engine::{Engine, Recording},
    scenario::{Component, Connection, Distribution, FaultKind, Link, Queue, Scenario},
};

use crate::support::{design::*, estimate::check_share, everything::*};

const END: u64 = EVERYTHING_END_NS;

fn straight(seed: u64) -> u64 {
    let mut engine = everything(seed).engine();
    engine.run_until(END);
    engine.fingerprint()
}

#[test]
fn twice_the_same() {
    assert_eq!(straight(1), straight(1));
}

#[test]
fn another_seed_is_another_run() {
    assert_ne!(straight(1), straight(2));
}

/// In debug and in release, today and next year: the benchmark's work counts, in release, compare
/// with the same number.
#[test]
fn the_same_on_every_machine_and_in_every_build() {
    assert_eq!(straight(1), EVERYTHING_1, "{:#018x}", straight(1));
}

#[test]
fn single_steps_are_a_run_too() {
    let mut engine = everything(1).engine();
    let mut steps = 0;
    while engine.next_event_ns().is_some_and(|due| due <= END) {
        let due = engine.next_event_ns();
        assert!(engine.step());
        assert_eq!(Some(engine.now_ns()), due);
        steps += 1;
        assert_eq!(engine.events(), steps);
    }
    engine.run_until(END);
    assert_eq!(engine.fingerprint(), straight(1));
}

#[test]
fn pieces_are_a_run_too() {
    let mut engine = everything(1).engine();
    let mut piece = 1;
    // Pieces of all lengths, by time and by events, reading everything in between.
    while engine.now_ns() < END {
        piece = piece * 7 % 1_000_003;
        if piece % 2 == 0 {
            engine.run_until((engine.now_ns() + piece * 1_000).min(END));
        } else {
            let _ = engine.run_events(END, piece % 500);
        }
        let _ = (
            engine.system(),
            engine.fingerprint(),
            engine.system_latency().count(),
        );
    }
    assert_eq!(engine.fingerprint(), straight(1));
}

#[test]
fn run_events_says_whether_it_got_there() {
    let mut engine = everything(1).engine();
    assert!(!engine.run_events(END, 1_000));
    assert_eq!(engine.events(), 1_000);
    assert!(engine.now_ns() < END);
    assert!(engine.run_events(END, u64::MAX));
    assert_eq!(engine.now_ns(), END);
    assert_eq!(engine.fingerprint(), straight(1));
}

/// Watching changes nothing.
#[test]
fn sampled_or_not() {
    for every in [3, 40] {
        let mut engine = everything(1).engine();
        engine.sample_hops(every);
        let mut hops = Vec::new();
        for second in 1..=65 {
            engine.run_until(secs(second).nanos());
            engine.take_hops(&mut hops);
        }
        assert_eq!(engine.fingerprint(), straight(1), "every {every}");
        let mut requests: Vec<u64> = hops.iter().map(|hop| hop.request).collect();
        requests.sort_unstable();
        requests.dedup();
        let all = at(&engine, "clients").arrivals;
        check_share(
            "requests sampled",
            requests.len() as u64,
            all,
            1.0 / every as f64,
        );
        assert!(hops.iter().all(|hop| hop.from_ns <= hop.until_ns));
    }
}

/// A clone goes its own way from the same state.
#[test]
fn clones() {
    let mut engine = everything(1).engine();
    engine.run_until(secs(32).nanos());
    let mut other = engine.clone();
    other.start_fault("api", FaultKind::Crash).unwrap();
    other.run_until(END);
    engine.run_until(END);
    assert_eq!(engine.fingerprint(), straight(1));
    assert_ne!(other.fingerprint(), engine.fingerprint());
}

/// A session with the hands on it.
fn meddle() -> Engine {
    let mut engine = everything(3).engine();
    engine.run_until(secs(5).nanos());
    engine.reset_measures();
    engine.run_events(END, 1_234);
    engine
        .start_fault("db", FaultKind::Slow { times: 3.0 })
        .unwrap();
    engine.run_until(secs(12).nanos());
    engine
        .start_fault("clients -> balancer", FaultKind::Cut)
        .unwrap();
    engine.run_events(END, 777);
    let mut scenario = engine.scenario().clone();
    if let Component::Server(api) = &mut scenario.components["api"] {
        api.slots = 2;
        api.instances = 5;
    }
    engine.edit(&scenario).unwrap();
    engine.heal("clients -> balancer").unwrap();
    engine.run_until(secs(25).nanos());
    scenario.components.shift_remove("cache");
    scenario
        .connections
        .retain(|connection| connection.to != "cache");
    scenario.faults.retain(|fault| fault.on != "cache");
    engine.edit(&scenario).unwrap();
    engine.run_until(secs(33).nanos());
    engine.heal("db").unwrap();
    engine.run_until(END);
    engine
}

#[test]
fn a_recording_repeats_the_run() {
    let engine = meddle();
    assert_eq!(meddle().fingerprint(), engine.fingerprint());
    assert!(engine.recording().changes.len() >= 7);

    let recording: Recording = engine.recording().clone();
    let mut again = Engine::replay(&recording).unwrap();
    again.run_until(END);
    assert_eq!(again.fingerprint(), engine.fingerprint());
    assert_eq!(again.scenario(), engine.scenario());

    // However the repeat is cut into pieces.
    let mut again = Engine::replay(&recording).unwrap();
    while !again.run_events(END, 997) {}
    assert_eq!(again.fingerprint(), engine.fingerprint());
    let mut again = Engine::replay(&recording).unwrap();
    while again.next_event_ns().is_some_and(|due| due <= END) {
        again.step();
    }
    again.run_until(END);
    assert_eq!(again.fingerprint(), engine.fingerprint());
}

#[test]
fn what_makes_no_sense_is_refused_and_changes_nothing() {
    let mut engine = everything(1).engine();
    engine.run_until(secs(31).nanos());
    let before = engine.fingerprint();
    for (on, fault) in [
        ("nobody", FaultKind::Crash),
        ("clients", FaultKind::Flush),
        ("db", FaultKind::Cut),
        ("db", FaultKind::Traffic { times: 2.0 }),
        ("api -> nobody", FaultKind::Cut),
        ("api -> db", FaultKind::Crash),
    ] {
        let error = engine.start_fault(on, fault).unwrap_err();
        assert!(error.to_string().contains(on), "{error}");
    }
    engine.heal("nobody").unwrap_err();
    let mut broken = engine.scenario().clone();
    broken.connections[0].to = "nobody".into();
    broken.connections[1].loss = 2.0;
    let problems = littlebox::scenario::check(&broken);
    let errors = problems.iter().filter(|problem| problem.is_error());
    let errors: Vec<String> = errors.map(ToString::to_string).collect();
    assert!(errors.len() >= 2, "{errors:?}");
    for error in [
        engine.edit(&broken).unwrap_err(),
        Engine::new(&broken).unwrap_err(),
    ] {
        assert_eq!(error.to_string(), errors.join("\n"), "every problem");
    }
    assert_eq!(engine.fingerprint(), before);
    assert_eq!(engine.recording().changes, []);
    engine.run_until(END);
    assert_eq!(engine.fingerprint(), straight(1));
}

#[test]
fn an_empty_drawing_runs() {
    let mut engine = Engine::new(&Scenario::default()).unwrap();
    assert_eq!(engine.next_event_ns(), None);
    assert!(!engine.step());
    engine.run_until(secs(10).nanos());
    assert_eq!(engine.now_ns(), secs(10).nanos());
    assert_eq!(engine.system().arrivals, 0);
}

/// Dead letters that are given up again would go round for ever at one instant.
#[test]
fn dead_letters_do_not_go_round_at_once() {
    let ring = |latency: Distribution| {
        let given_up = |from, to| Connection {
            link: Link::DeadLetters,
            latency: Some(latency.clone()),
            ..at_once(from, to)
        };
        Design::new(1)
            .poisson("clients", 1.0)
            .add("one", Component::Queue(Queue::default()))
            .add("other", Component::Queue(Queue::default()))
            .join("clients", "one")
            .connect(given_up("one", "other"))
            .connect(given_up("other", "one"))
            .0
    };
    let error = Engine::new(&ring(Distribution::ZERO)).unwrap_err();
    assert!(error.to_string().contains("ring"), "{error}");
    Engine::new(&ring(constant(1))).unwrap();
}
