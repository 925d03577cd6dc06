//! Failures by chance, of every kind that can crash.

use super::{Group, after};

/// One of every kind, with one instance where it has some.
const BOXES: [&str; 10] = [
    "balancer", "limiter", "front", "names", "lambda", "inner", "cache", "db", "replica", "jobs",
];

pub fn turns() -> Vec<Group> {
    // All of them fail in the same runs: they do so on luck of their own.
    let paths = BOXES.map(|name| {
        [
            (format!("{name}.failures"), "on"),
            (format!("{name}.failures.mtbf"), "Exponential(3s)"),
            (format!("{name}.failures.mttr"), "Exponential(200ms)"),
        ]
    });
    let first = paths.as_flattened().iter();
    let first: Vec<_> = first.map(|(path, value)| (path.as_str(), *value)).collect();
    let turns = BOXES.map(|name| {
        [
            (format!("{name}.failures"), "none"),
            (format!("{name}.failures.mtbf"), "Exponential(1s)"),
            (format!("{name}.failures.mttr"), "Exponential(1s)"),
        ]
    });
    let turns = turns.as_flattened().iter();
    let turns: Vec<_> = turns.map(|(path, value)| (path.as_str(), *value)).collect();
    vec![after(&first, &turns)]
}
