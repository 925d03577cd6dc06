//! Whatever people draw: a drawing that passes the checks compiles, runs and keeps the books, and
//! its file says the same thing when it is read again.

#![allow(clippy::unwrap_used)]

use littlebox::{
    engine::Engine,
    scenario::{
        Duration, Fault, FaultKind, Kind, Scenario, Subject, check, edit,
        file::{self, Document},
        parameters::{self, Editor, Field},
        problem::can_run,
    },
};
use proptest::{
    prelude::*,
    test_runner::{FileFailurePersistence, RngSeed},
};

/// One thing a person does. The numbers pick among what is there.
type Move = (u8, u16, u16, u16);

fn pick<T>(list: &[T], number: u16) -> Option<&T> {
    list.get(usize::from(number) % list.len().max(1))
}

fn make(scenario: &mut Scenario, (what, one, two, three): Move) {
    let names: Vec<String> = scenario.components.keys().cloned().collect();
    let name = |number| pick(&names, number).cloned().unwrap_or_default();
    match what % 16 {
        0..=2 => {
            let at = (i32::from(one), i32::from(two));
            edit::add(
                scenario,
                Kind::ALL[usize::from(three) % Kind::ALL.len()],
                at,
            );
        }
        3..=8 => {
            let before = scenario.connections.len();
            let refused = edit::connect(scenario, &name(one), &name(two)).is_err();
            assert_eq!(scenario.connections.len() - before, usize::from(!refused));
        }
        9..=12 => {
            let subject = match three % 3 {
                0 if !scenario.connections.is_empty() => {
                    Subject::Connection(usize::from(one) % scenario.connections.len())
                }
                _ => Subject::Component(name(one)),
            };
            let fields = parameters::fields_of(scenario, &subject);
            if let Some(field) = pick(&fields, two) {
                let before = scenario.clone();
                let typed = typed(field, three);
                if parameters::set_field(scenario, &subject, &field.path, typed).is_err() {
                    assert_eq!(*scenario, before);
                }
            }
        }
        13 => {
            let (Ok(()) | Err(_)) = edit::rename(scenario, &name(one), &format!("box {two}"));
        }
        14 => match three % 3 {
            0 => edit::remove(scenario, &[&name(one)]),
            1 => edit::remove_connection(scenario, usize::from(one) % 8),
            _ => {
                edit::duplicate(scenario, &[&name(one), &name(two)], (10, 10));
            }
        },
        _ if one % 4 == 0 && !scenario.connections.is_empty() => {
            let connection = &scenario.connections[usize::from(two) % scenario.connections.len()];
            scenario.faults.push(Fault {
                at: Duration::from_millis(u64::from(three)),
                until: None,
                on: connection.name(),
                fault: FaultKind::Cut,
            });
        }
        _ => {
            let kinds = [
                FaultKind::Crash,
                FaultKind::Hang,
                FaultKind::Pause,
                FaultKind::Flush,
                FaultKind::Slow { times: 4.0 },
                FaultKind::Traffic { times: 3.0 },
            ];
            let at = Duration::from_millis(u64::from(two));
            scenario.faults.push(Fault {
                at,
                until: Some(Duration::from_nanos(at.nanos() + 300_000_000)),
                on: name(one),
                fault: kinds[usize::from(three) % kinds.len()],
            });
        }
    }
}

/// Something that fits a field.
fn typed(field: &Field, number: u16) -> &'static str {
    let words = field.parameter.words();
    let pool: &[&str] = match field.parameter.editor {
        Editor::Integer => &["0", "1", "2", "5", "20", "none"],
        Editor::Number => &["0", "0.5", "1", "3"],
        Editor::Share => &["0", "10%", "0.5", "1", "none"],
        Editor::Rate => &["0", "20", "300"],
        Editor::Duration => &["1ms", "50ms", "2s", "none"],
        Editor::Distribution => &[
            "0",
            "1ms",
            "exp 5ms",
            "uniform 1ms 9ms",
            "erlang 3 6ms",
            "lognormal 2ms 20ms",
            "gamma 5ms cv 2",
            "pareto 1.2 1ms 1s",
            "hyper 5ms cv 3",
            "empirical 1ms 2ms 20ms",
        ],
        Editor::Size => &["0", "1kB", "exp 2MB", "pareto 1.2 1kB 1MB"],
        Editor::Bandwidth => &["none", "1Mbit/s", "1Gbps"],
        Editor::Group(_) => &["on", "none"],
        Editor::List => &[
            "[]",
            "Spike(at: 1s, until: 2s, times: 3)",
            "Day(swing: 0.5, period: 2s)",
        ],
        Editor::Times => &["10ms, 20ms, 1s", "[5ms]"],
        Editor::Map => &["", "read: 2ms"],
        Editor::Weights => &["", "here: 2"],
        Editor::Names => &["", "read", "read, write"],
        Editor::Phrase(_) => &["none", "exp 10ms", "constant 5ms", "reads", "writes", "all"],
        Editor::Choice(_) | Editor::Variants(_) => &words,
        Editor::Limit | Editor::Target | Editor::Text => &[""],
    };
    pick(pool, number / 3).copied().unwrap_or_default()
}

/// Drawings that failed once, which are tried first.
const KEPT: &str = "tests/drawings.regressions";

/// The same drawings every time; with `PROPTEST_CASES` set, that many new ones.
fn cases() -> ProptestConfig {
    let mut cases = ProptestConfig {
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(KEPT))),
        ..ProptestConfig::default()
    };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        cases.cases = 150;
        cases.rng_seed = RngSeed::Fixed(1);
    }
    cases
}

fn start() -> Scenario {
    let mut drawing = Scenario::default();
    for kind in [Kind::Client, Kind::Server, Kind::Database] {
        edit::add(&mut drawing, kind, (0, 0));
    }
    drawing
}

/// The same drawing runs the same again, and so does a run that is cut into pieces at any moments: to the
/// last bit. `engine` has done it in one piece, from the start.
fn is_the_same_in_pieces(
    engine: &Engine,
    drawing: &Scenario,
    (until_ms, moments): (u64, &[u64]),
    text: &str,
) -> Result<(), TestCaseError> {
    let mut again =
        Engine::new(drawing).map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?;
    let mut moments: Vec<u64> = moments
        .iter()
        .map(|at| at % (until_ms * 1_000_000))
        .collect();
    moments.sort_unstable();
    moments.push(until_ms * 1_000_000);
    for (nth, until) in moments.into_iter().enumerate() {
        let comes = again.next_event_ns().is_some_and(|next| next <= until);
        if nth % 3 == 2 && comes && again.events() < MOST_EVENTS {
            again.step();
        }
        again.run_events(until, MOST_EVENTS.saturating_sub(again.events()));
    }
    prop_assert_eq!(again.events(), engine.events(), "{}", text);
    prop_assert_eq!(again.fingerprint(), engine.fingerprint(), "{}", text);
    Ok(())
}

const MOST_EVENTS: u64 = 30_000;

/// Runs on for a while and asks the engine whether its books add up.
fn run(engine: &mut Engine, until_ms: u64, text: &str) -> Result<(), TestCaseError> {
    engine.run_events(until_ms * 1_000_000, MOST_EVENTS);
    engine
        .check_conservation()
        .map_err(|broken| TestCaseError::fail(format!("{broken}\n{text}")))
}

#[test]
fn what_passes_the_checks_runs() {
    let ran = std::cell::Cell::new((0, 0, 0));
    let moments = || prop::collection::vec(any::<u64>(), 0..12);
    proptest!(cases(), |(moves in prop::collection::vec(any::<Move>(), 10..60), cuts in moments())| {
        let mut drawing = start();
        for one in moves {
            make(&mut drawing, one);
        }
        let text = Document::new(drawing.clone()).to_text();
        let loaded = file::load(&text).0;
        prop_assert_eq!(loaded.map(|document| document.scenario), Some(drawing.clone()));
        let finished = edit::finished(&drawing);
        let (mut all, mut good, mut events) = ran.get();
        all += 1;
        if can_run(&check(&finished)) {
            let mut engine = Engine::new(&finished)
                .map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?;
            run(&mut engine, 3_000, &text)?;
            is_the_same_in_pieces(&engine, &finished, (3_000, &cuts), &text)?;
            good += usize::from(engine.events() > 0);
            events += engine.events();
        }
        ran.set((all, good, events));
    });
    let (all, good, events) = ran.get();
    // Otherwise the test would be about nothing.
    assert!(
        good * 4 > all && events > 50_000,
        "{good} of {all} ran, {events} events"
    );
}

#[test]
fn drawing_while_it_runs_keeps_the_books() {
    let edits = std::cell::Cell::new((0, 0_u64));
    proptest!(cases(), |(moves in prop::collection::vec(any::<Move>(), 20..120))| {
        let mut drawing = start();
        let mut engine: Option<Engine> = None;
        let mut history = String::new();
        for (at, some) in moves.chunks(4).enumerate() {
            for one in some {
                make(&mut drawing, *one);
            }
            let finished = edit::finished(&drawing);
            if !can_run(&check(&finished)) {
                continue;
            }
            history += &Document::new(finished.clone()).to_text();
            let (mut done, mut events) = edits.get();
            let engine = match &mut engine {
                Some(engine) => {
                    engine
                        .edit(&finished)
                        .map_err(|error| TestCaseError::fail(format!("{error}\n{history}")))?;
                    done += 1;
                    engine
                }
                None => {
                    let fresh = Engine::new(&finished)
                        .map_err(|error| TestCaseError::fail(format!("{error}\n{history}")))?;
                    engine.insert(fresh)
                }
            };
            let before = engine.events();
            run(engine, (at as u64 + 1) * 100, &history)?;
            events += engine.events() - before;
            edits.set((done, events));
        }
    });
    let (done, events) = edits.get();
    assert!(
        done > 300 && events > 50_000,
        "{done} edits, {events} events"
    );
}
