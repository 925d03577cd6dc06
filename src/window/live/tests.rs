use std::{
    sync::mpsc,
    time::{Duration as WallTime, Instant},
};

use super::*;
use crate::{
    scenario::{Arrivals, Client, Component, Connection, Distribution, Duration, FaultKind, Kind},
    study::{Of, Run},
};

/// Poisson clients, a balancer, two servers.
fn scenario() -> Scenario {
    let mut scenario = Scenario {
        seed: 42,
        ..Scenario::default()
    };
    for (name, kind) in [
        ("users", Kind::Client),
        ("lb", Kind::LoadBalancer),
        ("a", Kind::Server),
        ("b", Kind::Server),
    ] {
        scenario.components.insert(name.into(), kind.component());
    }
    scenario.connections = vec![
        Connection::new("users", "lb"),
        Connection::new("lb", "a"),
        Connection::new("lb", "b"),
    ];
    scenario
}

fn load(live: &mut Live, scenario: Scenario) {
    live.send(Order::Load {
        scenario: Arc::new(scenario),
        revision: 1,
    });
}

fn inline(scenario: Scenario) -> Live {
    let mut live = Live::inline();
    load(&mut live, scenario);
    live
}

/// What the library says at `now_ns` without any window.
fn fingerprint_at(now_ns: u64) -> u64 {
    let mut run = Run::new(&scenario()).unwrap();
    run.advance_until(now_ns);
    run.engine().fingerprint()
}

/// A line that carries half of what it can, and what is known of it before anything has passed.
#[test]
fn bandwidth_in_use_is_that_of_lately() {
    let mut narrow = scenario();
    let reading = crate::scenario::Operation {
        reply: crate::scenario::Size::from_bytes(5_000).into(),
        ..crate::scenario::Operation::new(crate::scenario::OperationKind::Read, 1.0)
    };
    narrow.operations.insert("read".into(), reading);
    narrow.connections[0].bandwidth = Some(crate::scenario::Bandwidth::from_bits(8_000_000));
    let client = |rate: f64| {
        Component::Client(Client {
            arrivals: Arrivals::Constant {
                rate: crate::scenario::Rate(rate),
                profile: Default::default(),
            },
            ..Client::default()
        })
    };
    narrow.components[0] = client(100.0);
    let mut live = inline(narrow.clone());
    let first = live.snapshot().breaks_first.unwrap();
    assert_eq!(first.resource, crate::study::Resource::Bandwidth(0));
    live.send(Order::Play);
    let check = |share: f64, live: &mut Live| {
        (0..50).for_each(|_| live.pump(0.1));
        let snapshot = live.snapshot();
        assert_eq!(snapshot.breaks_first, None);
        assert_eq!(snapshot.bandwidths[1..], [None, None]);
        let [there, back] = snapshot.bandwidths[0].unwrap();
        assert_eq!(there, 0.0);
        assert!((back - share).abs() < 0.01, "{back}");
    };
    check(0.5, &mut live);
    // Twice the rate from now on: the figure is not that since the start.
    narrow.components[0] = client(190.0);
    live.send(Order::Edit {
        scenario: Arc::new(narrow),
        revision: 2,
    });
    check(0.95, &mut live);
    live.send(Order::ResetMeasures);
    check(0.95, &mut live);
}

#[test]
fn no_pace_changes_a_result() {
    // Paced at different speeds, in frames of different lengths: two seconds each.
    for (times, frame_secs, frames) in [(1.0, 1.0 / 60.0, 120), (0.25, 0.01, 800), (8.0, 0.25, 1)] {
        let mut live = inline(scenario());
        live.send(Order::Dots(true));
        live.send(Order::Select(Some("a".into())));
        live.send(Order::Pace(Pace::Times(times)));
        live.send(Order::Play);
        for _ in 0..frames {
            live.pump(frame_secs);
        }
        live.send(Order::Pause);
        let snapshot = live.snapshot();
        // What is owed of a nanosecond comes with the next frame.
        assert!(
            snapshot.now_ns.abs_diff(2_000_000_000) <= 1,
            "{}",
            snapshot.now_ns
        );
        assert_eq!(
            snapshot.fingerprint,
            Some(fingerprint_at(snapshot.now_ns)),
            "×{times}"
        );
    }
    // Event by event, up to the last one before the end.
    let mut live = inline(scenario());
    let mut stepped = Run::new(&scenario()).unwrap();
    for _ in 0..1_000 {
        live.send(Order::Step);
        stepped.step();
    }
    let snapshot = live.snapshot();
    assert_eq!(snapshot.events, 1_000);
    assert_eq!(snapshot.fingerprint, Some(stepped.engine().fingerprint()));
    let at_once = fingerprint_at(snapshot.now_ns);
    assert_eq!(snapshot.fingerprint, Some(at_once));
}

#[test]
fn flat_out_gives_what_the_library_gives() {
    let mut live = inline(scenario());
    live.send(Order::Pace(Pace::FlatOut));
    live.send(Order::Play);
    for _ in 0..5 {
        live.pump(0.016);
    }
    live.send(Order::Pause);
    let snapshot = live.snapshot();
    assert!(snapshot.events > 10_000, "{}", snapshot.events);
    let mut run = Run::new(&scenario()).unwrap();
    assert!(!run.advance_events(u64::MAX / 2, snapshot.events));
    run.advance_until(snapshot.now_ns);
    assert_eq!(snapshot.fingerprint, Some(run.engine().fingerprint()));
}

#[test]
fn time_that_stands_still_is_said() {
    let mut scenario = scenario();
    scenario.components["users"] = Component::Client(Client {
        arrivals: Arrivals::Closed {
            users: 3,
            think: Distribution::ZERO,
        },
        ..Client::default()
    });
    for connection in &mut scenario.connections {
        connection.latency = Some(Distribution::ZERO);
    }
    for pace in [Pace::FlatOut, Pace::Times(1.0)] {
        let mut live = inline(scenario.clone());
        live.send(Order::Pace(pace));
        for server in ["a", "b"] {
            live.send(Order::StartFault {
                on: server.into(),
                fault: FaultKind::Slow { times: 1e-9 },
            });
        }
        live.send(Order::Play);
        let mut frames = 0;
        while live.snapshot().error.is_none() {
            live.pump(0.016);
            frames += 1;
            assert!(frames < 100_000);
        }
        let snapshot = live.snapshot();
        assert!(!snapshot.playing && snapshot.is_over);
        assert!(snapshot.error.as_ref().unwrap().contains("stands still"));
        for server in ["a", "b"] {
            live.send(Order::Heal { on: server.into() });
        }
        live.send(Order::Play);
        for _ in 0..10 {
            live.pump(0.016);
        }
        let healed = live.snapshot();
        assert_eq!(healed.error, None);
        assert!(healed.now_ns > snapshot.now_ns && healed.playing);
    }
}

#[test]
fn nothing_happens_while_paused() {
    let mut live = inline(scenario());
    live.pump(10.0);
    let snapshot = live.snapshot();
    assert_eq!(
        (snapshot.now_ns, snapshot.events, snapshot.playing),
        (0, 0, false)
    );
    assert_eq!(snapshot.boxes.len(), 4);
    assert_eq!(snapshot.revision, 1);
}

#[test]
fn figures_are_of_the_last_seconds_and_of_the_whole_run() {
    let mut live = inline(scenario());
    live.send(Order::Pace(Pace::Times(1.0)));
    live.send(Order::Play);
    for _ in 0..600 {
        live.pump(1.0 / 60.0);
    }
    let snapshot = live.snapshot();
    let users = snapshot.reading("users").unwrap();
    assert_eq!(users.so_far.since_ns, 0);
    let lately_secs = users.lately.window_secs();
    assert!((0.9..=2.1).contains(&lately_secs), "{lately_secs}");
    assert!(users.lately.arrivals < users.so_far.arrivals);
    assert!((snapshot.speed - 1.0).abs() < 0.01, "{}", snapshot.speed);
    assert!(snapshot.events_per_sec > 100.0);
    assert_eq!(snapshot.system.so_far.arrivals, users.so_far.arrivals);

    live.send(Order::ResetMeasures);
    let after = live.snapshot();
    let users = after.reading("users").unwrap();
    assert_eq!(users.so_far.since_ns, after.now_ns);
    assert_eq!(users.so_far.arrivals, 0);
}

#[test]
fn the_warm_up_is_cut_at_its_end_at_every_pace() {
    let mut warm = scenario();
    warm.run.warm_up = Duration::from_secs(1);
    let mut expected = Run::new(&warm).unwrap();
    expected.advance_until(1_000_000_000);
    expected.reset_measures();
    expected.advance_until(3_000_000_000);
    let mut live = inline(warm);
    live.send(Order::Pace(Pace::Times(10.0)));
    live.send(Order::Play);
    live.pump(0.3);
    live.send(Order::Pause);
    let snapshot = live.snapshot();
    assert_eq!(snapshot.now_ns, 3_000_000_000);
    assert_eq!(snapshot.system.so_far.since_ns, 1_000_000_000);
    assert_eq!(snapshot.fingerprint, Some(expected.engine().fingerprint()));
}

/// Only where something failed, and only of those who ask.
#[test]
fn the_selection_has_its_own_latency_of_failures() {
    let mut live = inline(scenario());
    live.send(Order::Pace(Pace::Times(5.0)));
    live.send(Order::Play);
    for second in 0..2 {
        for _ in 0..60 {
            live.pump(1.0 / 60.0);
        }
        for (name, fails) in [(None, true), (Some("users"), true), (Some("a"), false)] {
            live.send(Order::Select(name.map(Into::into)));
            let count = live.snapshot().selected.failure_latency.count;
            assert_eq!(count > 0, second == 1 && fails, "{name:?}: {count}");
        }
        for name in ["a", "b"] {
            live.send(Order::StartFault {
                on: name.into(),
                fault: FaultKind::Crash,
            });
        }
    }
}

#[test]
fn the_selection_has_its_own_course_and_latency() {
    let mut live = inline(scenario());
    live.send(Order::Pace(Pace::Times(5.0)));
    live.send(Order::Play);
    for _ in 0..60 {
        live.pump(1.0 / 60.0);
    }
    let system = live.snapshot();
    assert_eq!(system.selected.of, Of::System);
    assert!(system.selected.latency.count > 0);
    assert!(system.selected.latency.p50 <= system.selected.latency.p99);
    assert!(!system.selected.course.rates[0].is_empty());
    assert!(!system.selected.course.latencies[1].is_empty());

    live.send(Order::Select(Some("a".into())));
    let server = live.snapshot();
    assert_eq!(server.selected.of, Of::Component(2));
    assert_eq!(server.selected.name.as_deref(), Some("a"));
    assert_eq!(server.selected.reading, *server.reading("a").unwrap());
    assert_ne!(server.selected.course.rates, system.selected.course.rates);
    assert!(!server.selected.course.utilization[0].1.is_empty());
    // The system shows its busiest components by name.
    let names: Vec<_> = system
        .selected
        .course
        .utilization
        .iter()
        .map(|curve| &curve.0)
        .collect();
    assert_eq!(names.len(), 2);
    assert!(names.iter().all(|name| ["a", "b"].contains(&name.as_str())));
    // Nothing new: the same data, not a copy.
    live.send(Order::Pause);
    let (one, two) = (live.snapshot(), {
        live.pump(1.0);
        live.snapshot()
    });
    assert!(Arc::ptr_eq(&one.selected.course, &two.selected.course));

    live.send(Order::Select(Some("nobody".into())));
    assert_eq!(live.snapshot().selected.name, None);
}

#[test]
fn an_edit_keeps_the_state_and_a_restart_loses_it() {
    let mut live = inline(scenario());
    live.send(Order::Play);
    live.pump(2.0);
    let before = live.snapshot();
    let mut edited = scenario();
    if let Some(Component::Server(server)) = edited.components.get_mut("a") {
        server.slots += 3;
    }
    edited.components.shift_remove("b");
    edited.connections.pop();
    live.send(Order::Edit {
        scenario: Arc::new(edited),
        revision: 7,
    });
    let after = live.snapshot();
    assert_eq!(
        (after.revision, after.now_ns, after.run),
        (7, before.now_ns, before.run)
    );
    assert_eq!(after.boxes.len(), 3);
    assert_eq!(after.error, None);
    assert_eq!(
        after.reading("a").unwrap().so_far.arrivals,
        before.reading("a").unwrap().so_far.arrivals
    );
    assert!(
        after
            .selected
            .course
            .markers
            .iter()
            .any(|marker| marker.kind == MarkerKind::Edit)
    );

    live.send(Order::Restart { seed: Some(9) });
    let again = live.snapshot();
    assert_eq!((again.now_ns, again.events, again.playing), (0, 0, true));
    assert_eq!(
        again.scenario.as_ref().map(|scenario| scenario.seed),
        Some(9)
    );
    assert!(again.run > after.run);
    assert_eq!(again.boxes.len(), 3);
}

#[test]
fn moving_a_box_is_no_change_of_the_run() {
    let mut live = inline(scenario());
    live.send(Order::Play);
    live.pump(1.0);
    let mut moved = scenario();
    moved.layout.insert("a".into(), (10, 20));
    moved.notes = "Look at a".into();
    live.send(Order::Edit {
        scenario: Arc::new(moved),
        revision: 8,
    });
    live.send(Order::Pause);
    let snapshot = live.snapshot();
    assert_eq!(snapshot.revision, 8);
    assert!(snapshot.selected.course.markers.is_empty());
    assert_eq!(snapshot.fingerprint, Some(fingerprint_at(snapshot.now_ns)));
}

#[test]
fn what_cannot_run_is_said_and_the_run_goes_on() {
    let mut live = inline(scenario());
    live.send(Order::Play);
    live.pump(1.0);
    let mut broken = scenario();
    broken.connections[2].to = "nobody".into();
    live.send(Order::Edit {
        scenario: Arc::new(broken),
        revision: 2,
    });
    let snapshot = live.snapshot();
    assert!(snapshot.error.is_some());
    assert_eq!((snapshot.revision, snapshot.boxes.len()), (1, 4));
    live.pump(1.0);
    assert!(live.snapshot().now_ns > snapshot.now_ns);
    live.send(Order::Edit {
        scenario: Arc::new(scenario()),
        revision: 3,
    });
    assert_eq!(
        (live.snapshot().error.clone(), live.snapshot().revision),
        (None, 3)
    );

    live.send(Order::Heal {
        on: "nobody".into(),
    });
    assert!(
        live.snapshot()
            .error
            .as_ref()
            .is_some_and(|error| error.contains("nobody"))
    );
}

#[test]
fn a_document_that_cannot_run_starts_as_soon_as_it_can() {
    let mut broken = scenario();
    broken.connections[2].to = "nobody".into();
    let mut live = inline(broken);
    assert!(live.snapshot().error.is_some());
    assert!(live.snapshot().scenario.is_none());
    live.send(Order::Play);
    live.send(Order::Edit {
        scenario: Arc::new(scenario()),
        revision: 2,
    });
    live.pump(1.0);
    let snapshot = live.snapshot();
    assert_eq!((snapshot.error.clone(), snapshot.revision), (None, 2));
    assert!(snapshot.events > 0);
}

#[test]
fn faults_by_hand_show_in_the_reading_and_heal() {
    let mut live = inline(scenario());
    live.send(Order::Play);
    live.pump(1.0);
    live.send(Order::StartFault {
        on: "a".into(),
        fault: FaultKind::Crash,
    });
    live.pump(0.5);
    let crashed = live.snapshot();
    assert!(crashed.reading("a").unwrap().condition.crashed);
    assert!(!crashed.reading("b").unwrap().condition.crashed);
    live.send(Order::Heal { on: "a".into() });
    live.pump(0.5);
    let healed = live.snapshot();
    assert!(!healed.reading("a").unwrap().condition.crashed);
    let kinds: Vec<_> = {
        live.send(Order::Pause);
        live.snapshot()
            .selected
            .course
            .markers
            .iter()
            .map(|marker| marker.kind)
            .collect()
    };
    assert_eq!(kinds, [MarkerKind::Fault, MarkerKind::Heal]);
}

#[test]
fn a_deploy_by_hand_shows_and_is_rolled_back() {
    let mut live = inline(scenario());
    live.send(Order::Play);
    live.pump(1.0);
    assert_eq!(
        live.snapshot().reading("a").unwrap().condition.rollout,
        None
    );
    live.send(Order::StartFault {
        on: "a".into(),
        fault: FaultKind::Deploy(crate::scenario::Deploy::default()),
    });
    live.pump(0.5);
    let of = |live: &Live| live.snapshot().reading("a").unwrap().condition.rollout;
    let rollout = of(&live).unwrap();
    assert!(rollout.is_under_way() && rollout.version == 2);
    live.send(Order::RollBack { on: "a".into() });
    live.pump(0.5);
    assert!(of(&live).unwrap().is_back);
    assert_eq!(live.snapshot().error, None);
    live.send(Order::RollBack { on: "b".into() });
    live.pump(0.5);
    assert!(live.snapshot().error.is_some());
}

#[test]
fn hops_come_while_dots_are_wanted_and_no_longer() {
    let mut live = inline(scenario());
    let mut hops = Vec::new();
    live.send(Order::Play);
    live.pump(1.0);
    live.take_hops(&mut hops);
    assert!(hops.is_empty());
    live.send(Order::Dots(true));
    assert_eq!(live.snapshot().sampled_every, 1);
    live.pump(1.0);
    live.take_hops(&mut hops);
    assert!(!hops.is_empty());
    assert!(hops.iter().any(|hop| hop.reply) && hops.iter().any(|hop| !hop.reply));
    live.send(Order::Dots(false));
    live.pump(1.0);
    hops.clear();
    live.take_hops(&mut hops);
    live.pump(1.0);
    hops.clear();
    live.take_hops(&mut hops);
    assert!(hops.is_empty());
}

#[test]
fn a_run_on_its_thread_plays_pauses_sleeps_and_ends() {
    let (woken, wakes) = mpsc::channel();
    let mut live = Live::spawn(move || {
        let _ = woken.send(());
    })
    .unwrap();
    load(&mut live, scenario());
    live.send(Order::Pace(Pace::FlatOut));
    live.send(Order::Play);
    let deadline = Instant::now() + WallTime::from_secs(20);
    while live.snapshot().events < 20_000 && Instant::now() < deadline {
        wakes.recv_timeout(WallTime::from_secs(5)).unwrap();
    }
    live.send(Order::Pause);
    while live.snapshot().playing && Instant::now() < deadline {
        wakes.recv_timeout(WallTime::from_secs(5)).unwrap();
    }
    let paused = live.snapshot();
    assert!(!paused.playing && paused.events >= 20_000);
    assert_eq!(paused.fingerprint, Some(fingerprint_at(paused.now_ns)));
    // Asleep: no reading comes any more.
    while wakes.recv_timeout(WallTime::from_millis(150)).is_ok() {}
    assert_eq!(live.snapshot().events, paused.events);
    drop(live);
    assert_eq!(wakes.recv(), Err(mpsc::RecvError));
}

#[test]
fn a_long_run_has_few_points_that_are_true_means() {
    let mut live = inline(scenario());
    live.send(Order::Pace(Pace::Times(100.0)));
    live.send(Order::Play);
    for _ in 0..60 {
        live.pump(1.0 / 60.0);
    }
    live.send(Order::Pause);
    let snapshot = live.snapshot();
    let course = &snapshot.selected.course;
    let throughput = &course.rates[0];
    assert!(
        (60..=160).contains(&throughput.len()),
        "{}",
        throughput.len()
    );
    // Pieces of the same length: their mean is the mean of the run, up to the unfinished piece.
    let mean = throughput.iter().map(|point| point[1]).sum::<f64>() / throughput.len() as f64;
    let counted = mean * course.piece_secs * throughput.len() as f64;
    let total = snapshot.system.so_far.completed as f64;
    assert!(
        counted <= total && counted > 0.97 * total,
        "{counted} of {total}"
    );
    let pace = throughput[1][0] - throughput[0][0];
    assert!((pace - course.piece_secs).abs() < 1e-9);
}

#[test]
fn a_renamed_box_goes_on() {
    let mut live = inline(scenario());
    live.send(Order::Select(Some("a".into())));
    live.send(Order::Play);
    live.pump(5.0);
    let before = live.snapshot();
    let mut renamed = scenario();
    crate::scenario::edit::rename(&mut renamed, "a", "front").unwrap();
    live.send(Order::Select(Some("front".into())));
    live.send(Order::Edit {
        scenario: Arc::new(renamed),
        revision: 2,
    });
    let after = live.snapshot();
    assert_eq!(after.revision, 2);
    assert_eq!(after.selected.name.as_deref(), Some("front"));
    assert_eq!(after.reading("front"), before.reading("a"));
    assert!(after.reading("front").unwrap().so_far.arrivals > 0);
    assert_eq!(
        after.selected.course.rates, before.selected.course.rates,
        "its past stays"
    );

    live.send(Order::StartFault {
        on: "front".into(),
        fault: FaultKind::Crash,
    });
    live.send(Order::Pause);
    let crashed = live.snapshot();
    assert_eq!(crashed.error, None);
    assert!(crashed.reading("front").unwrap().condition.crashed);
    let markers = &crashed.selected.course.markers;
    assert_eq!(markers.len(), 1, "a name is no change of the run");
    assert_eq!(markers[0].text, "front: crash");
}

#[test]
fn turning_a_knob_leaves_the_figures_of_all_boxes_standing() {
    let mut live = inline(scenario());
    live.send(Order::Play);
    for _ in 0..180 {
        live.pump(1.0 / 60.0);
    }
    for slots in 10..40 {
        let mut edited = scenario();
        if let Some(Component::Server(server)) = edited.components.get_mut("a") {
            server.slots = slots;
        }
        if slots >= 25 {
            edited
                .components
                .insert("c".into(), Kind::Server.component());
        }
        live.send(Order::Edit {
            scenario: Arc::new(edited),
            revision: slots.into(),
        });
        live.pump(1.0 / 60.0);
        let snapshot = live.snapshot();
        for name in ["users", "a", "b"] {
            let lately = snapshot.reading(name).unwrap().lately;
            assert!(lately.window_secs() >= 0.9, "{name} at {slots} slots");
            assert!(lately.arrivals > 0, "{name} at {slots} slots");
        }
        if let Some(new) = snapshot.reading("c") {
            assert!(new.lately.window_secs() < 1.0);
        }
    }
}

#[test]
fn frames_and_prices_are_part_of_a_run() {
    let mut live = inline(scenario());
    live.send(Order::Play);
    live.pump(1.0);
    let mut changed = scenario();
    for (name, member) in [("here", "lb"), ("there", "a")] {
        let frame = crate::scenario::Frame {
            members: vec![member.into()],
            ..crate::scenario::Frame::default()
        };
        changed.frames.insert(name.into(), frame);
    }
    let edit = |live: &mut Live, changed: &Scenario, revision| {
        live.send(Order::Edit {
            scenario: Arc::new(changed.clone()),
            revision,
        });
        live.pump(5.0);
        live.snapshot()
    };
    let mean = |snapshot: &Snapshot| {
        let arrow = &snapshot.connections[1];
        let ended = arrow.completed as f64;
        arrow.sojourn_sum_ns as f64 / ended / 1e6
    };
    let before = mean(&edit(&mut live, &changed, 2));
    changed.latencies.push(crate::scenario::FrameLatency {
        from: "here".into(),
        to: "there".into(),
        latency: Distribution::Constant(Duration::from_millis(500)),
    });
    changed.prices.server = 7.0;
    let snapshot = edit(&mut live, &changed, 3);
    assert!(mean(&snapshot) > before + 100.0);
    let shown = snapshot.scenario.as_ref().unwrap();
    assert!((shown.prices.server - 7.0).abs() < 1e-12);
}

#[test]
fn theory_is_beside_what_is_selected() {
    let mut live = inline(scenario());
    live.send(Order::Play);
    live.pump(1.0);
    assert_eq!(live.snapshot().selected.theory, None);
    let theory = |live: &mut Live, name: &str| {
        live.send(Order::Select(Some(name.into())));
        live.pump(30.0);
        live.snapshot().selected.theory.clone().unwrap()
    };
    let server = theory(&mut live, "a");
    let keys: Vec<_> = server.figures.iter().map(|figure| figure.key).collect();
    assert!(
        keys.contains(&"utilization") && keys.contains(&"w"),
        "{server:?}"
    );
    let measured = &server.figures[0];
    assert!(measured.simulated.is_some() && measured.interval.is_some());
    assert_eq!(theory(&mut live, "lb").fit, crate::study::Fit::Transparent);
    // Another service time, another theory.
    let mut slower = scenario();
    if let Component::Server(server) = &mut slower.components["a"] {
        server.service = Distribution::Exponential(Duration::from_millis(1));
    }
    live.send(Order::Edit {
        scenario: Arc::new(slower),
        revision: 2,
    });
    let after = theory(&mut live, "a");
    assert!(after.figures[0].exact < server.figures[0].exact);
}
