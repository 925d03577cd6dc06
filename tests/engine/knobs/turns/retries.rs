//! Retries, of clients and of arrows.

use super::{Group, after, turn};

pub fn turns() -> Vec<Group> {
    let mut groups = vec![turn(&[
        ("clients.retries.max", "1"),
        ("clients.retries.backoff", "None"),
        ("clients.retries.jitter", "None"),
        ("clients.retries.jitter", "Decorrelated"),
        ("api -> db.retries", "none"),
    ])];
    groups.extend([
        after(
            &[
                ("clients -> balancer.loss", "20%"),
                ("clients.retries.backoff", "Exponential(500ms)"),
            ],
            &[("clients.retries.backoff", "Constant(500ms)")],
        ),
        after(
            &[("api -> db.loss", "20%")],
            &[("api -> db.retries.max", "1")],
        ),
        after(
            &[
                ("api -> db.loss", "10%"),
                ("api -> db.retries.backoff", "Exponential(300ms)"),
                ("clients.timeout", "none"),
            ],
            &[
                ("api -> db.retries.backoff", "None"),
                ("api -> db.retries.backoff", "Constant(300ms)"),
                ("api -> db.retries.jitter", "None"),
                ("api -> db.retries.jitter", "Decorrelated"),
            ],
        ),
    ]);
    for name in ["clients", "api -> db"] {
        let budget = budget().into_iter();
        groups.extend(budget.map(|group| group.of(name)));
    }
    groups
}

/// A budget, whose ever it is.
fn budget() -> [Group; 2] {
    let lossy = [
        ("api -> db.loss", "20%"),
        ("clients -> balancer.loss", "20%"),
    ];
    let mut none = lossy.to_vec();
    none.extend([
        ("it.retries.budget", "on"),
        ("it.retries.budget.ratio", "0"),
        ("it.retries.budget.per_second", "0"),
    ]);
    [
        after(&lossy, &[("it.retries.budget", "on")]),
        after(
            &none,
            &[
                ("it.retries.budget.ratio", "0.3"),
                ("it.retries.budget.per_second", "3"),
                ("it.retries.budget.burst", "200"),
            ],
        ),
    ]
}
