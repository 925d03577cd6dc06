//! What a row changes that is neither more nor less in general: the figures by which it is seen.

use littlebox::{
    engine::Engine,
    scenario::{Subject, parameters::Whose},
};

use super::effect::{clearly, measure};

/// What is wrong if nothing of `what` has changed clearly, one way or the other.
pub fn check(
    before: &[Engine],
    after: &[Engine],
    subject: &Subject,
    what: &str,
    path: &str,
) -> Option<String> {
    let all = |runs: &[Engine]| -> Vec<Vec<f64>> {
        runs.iter()
            .map(|engine| figures(engine, subject, what))
            .collect()
    };
    let (before, after) = (all(before), all(after));
    let moves = |figure: usize, sign: f64| {
        let moved: Vec<f64> = before
            .iter()
            .zip(&after)
            .map(|(was, is)| sign * (is[figure] - was[figure]))
            .collect();
        clearly(&moved)
    };
    let is_seen = (0..before[0].len()).any(|figure| moves(figure, 1.0) || moves(figure, -1.0));
    (!is_seen).then(|| format!("{path}: {what} does not change: {before:.5?} → {after:.5?}"))
}

/// The figures that show what `what` says. Luck is no figure.
fn figures(engine: &Engine, subject: &Subject, what: &str) -> Vec<f64> {
    let of = |key: &str, whose: Whose| vec![measure(engine, subject, key, whose).unwrap_or(0.0)];
    let own = |key: &str| of(key, Whose::Own);
    match what {
        "who is called" | "who gets how much" | "who is named" => match subject {
            Subject::Component(name) => shares(engine, name),
            _ => of_boxes(engine, "arrival_rate"),
        },
        "who calls" => of_boxes(engine, "arrival_rate"),
        "what goes wrong where" => of_boxes(engine, "failure_rate"),
        "who waits" => of_operations(engine, "w"),
        "who is spared" => of_operations(engine, "failure_rate"),
        "what is asked for" | "what opening a connection asks for" => {
            of_operations(engine, "arrival_rate")
        }
        "which items are asked for" => of("hit_ratio", Whose::Callee),
        "when requests come"
        | "which times are taken"
        | "when the next request of a session comes"
        | "who waits for whom" => own("arrival_rate"),
        "how many pass at once" => own("throughput"),
        "how many instances there are" => own("instances"),
        "who is turned away" | "how soon it sheds" => own("failures.shed"),
        "when the breaker opens" => own("failures.breaker_open"),
        "when the second attempt is made" => own("hedge_rate"),
        "how far its requests travel" => of("w", Whose::System),
        "how far its members are from others" | "which connections it is for" => {
            of_arrows(engine, "w")
        }
        other => panic!("nobody knows how to see {other}"),
    }
}

/// Which share of the calls that a box sends on goes over each of its arrows.
fn shares(engine: &Engine, name: &str) -> Vec<f64> {
    let arrows = engine.scenario().connections.iter().enumerate();
    let attempts: Vec<f64> = arrows
        .filter(|(_, arrow)| arrow.from == name)
        .map(|(at, _)| engine.connection(at).attempts as f64)
        .collect();
    let all: f64 = attempts.iter().sum();
    attempts.into_iter().map(|count| count / all).collect()
}

fn of_boxes(engine: &Engine, key: &str) -> Vec<f64> {
    let names = engine.scenario().components.keys();
    let subjects = names.map(|name| Subject::Component(name.clone()));
    subjects
        .map(|subject| measure(engine, &subject, key, Whose::Own).unwrap_or(0.0))
        .collect()
}

fn of_arrows(engine: &Engine, key: &str) -> Vec<f64> {
    let subjects = (0..engine.scenario().connections.len()).map(Subject::Connection);
    subjects
        .map(|subject| measure(engine, &subject, key, Whose::Own).unwrap_or(0.0))
        .collect()
}

fn of_operations(engine: &Engine, key: &str) -> Vec<f64> {
    let names = engine.scenario().operations.keys();
    let subjects = names.map(|name| Subject::Operation(name.clone()));
    subjects
        .map(|subject| measure(engine, &subject, key, Whose::Own).unwrap_or(0.0))
        .collect()
}
