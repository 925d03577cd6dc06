//! Lines in front of slots, of every kind that has one, in [`super::super::designs::lines`].

use super::super::designs::LINES;
use super::{Group, after, turn};

pub fn turns() -> Vec<Group> {
    let mut groups: Vec<Group> = LINES.into_iter().flat_map(of_line).collect();
    groups.push(after(
        &[("server.queue.discipline", "Priority")],
        &[("operations.urgent.priority", "3")],
    ));
    groups
}

fn of_line(name: &str) -> impl Iterator<Item = Group> {
    let groups = [
        turn(&[
            ("it.queue.discipline", "Lifo"),
            ("it.queue.discipline", "ProcessorSharing"),
            ("it.queue.discipline", "AdaptiveLifo"),
        ]),
        after(
            &[("for it.arrivals.rate", "70")],
            &[("it.queue.discipline", "Random")],
        ),
        // More than it can do.
        after(
            &[("for it.arrivals.rate", "120")],
            &[("it.queue.discipline", "CoDel")],
        ),
        after(
            &[("operations.urgent.priority", "3")],
            &[("it.queue.discipline", "Priority")],
        ),
        after(
            &[("it.queue.discipline", "CoDel")],
            &[
                ("it.queue.discipline.target", "500ms"),
                ("it.queue.discipline.interval", "2s"),
            ],
        ),
        after(
            &[("it.queue.discipline", "AdaptiveLifo")],
            &[
                ("it.queue.discipline.target", "500ms"),
                ("it.queue.discipline.interval", "2s"),
            ],
        ),
        after(
            &[("it.queue.capacity", "10")],
            &[("it.queue.capacity", "2"), ("it.queue.capacity", "none")],
        ),
    ];
    groups.into_iter().map(move |group| group.of(name))
}
