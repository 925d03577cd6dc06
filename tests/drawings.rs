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
use proptest::{prelude::*, test_runner::RngSeed};

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
        ],
        Editor::Group(_) => &["on", "none"],
        Editor::List => &[
            "[]",
            "Spike(at: 1s, until: 2s, times: 3)",
            "Day(swing: 0.5, period: 2s)",
        ],
        Editor::Map => &["", "read: 2ms"],
        Editor::Names => &["", "read", "read, write"],
        Editor::Phrase(_) => &["none", "exp 10ms", "constant 5ms", "reads", "writes", "all"],
        Editor::Choice(_) | Editor::Variants(_) => &words,
        Editor::Limit | Editor::Target | Editor::Text => &[""],
    };
    pick(pool, number / 3).copied().unwrap_or_default()
}

#[test]
fn what_passes_the_checks_runs() {
    let cases = ProptestConfig {
        cases: 300,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    };
    let ran = std::cell::Cell::new((0, 0, 0));
    proptest!(cases, |(moves in prop::collection::vec(any::<Move>(), 10..60))| {
        let mut drawing = Scenario::default();
        for kind in [Kind::Client, Kind::Server, Kind::Database] {
            edit::add(&mut drawing, kind, (0, 0));
        }
        for one in moves {
            make(&mut drawing, one);
        }
        let text = Document::new(drawing.clone()).to_text();
        let loaded = file::load(&text).0;
        prop_assert_eq!(loaded.map(|document| document.scenario), Some(drawing.clone()));
        let finished = edit::finished(&drawing);
        let problems = check(&finished);
        let (mut all, mut good, mut events) = ran.get();
        all += 1;
        if can_run(&problems) {
            let mut engine = match Engine::new(&finished) {
                Ok(engine) => engine,
                Err(error) => return Err(TestCaseError::fail(format!("{error}\n{text}"))),
            };
            engine.run_events(3_000_000_000, 30_000);
            if let Err(broken) = engine.check_conservation() {
                return Err(TestCaseError::fail(format!("{broken}\n{text}")));
            }
            good += usize::from(engine.events() > 0);
            events += engine.events();
        }
        ran.set((all, good, events));
    });
    let (all, good, events) = ran.get();
    // Otherwise the test would be about nothing.
    assert!(
        good * 4 > all && events > 100_000,
        "{good} of {all} ran, {events} events"
    );
}
