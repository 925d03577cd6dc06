//! Names and functions.

use super::{Group, after, turn};

pub fn turns() -> Vec<Group> {
    vec![
        turn(&[
            ("names.ttl", "1s"),
            ("names.lookup", "exp 100ms"),
            ("names.scope", "Global"),
            ("lambda.service", "exp 100ms"),
            ("lambda.keep_alive", "100ms"),
        ]),
        after(
            &[
                ("names -> near.weight", "3"),
                ("names -> far.weight", "1"),
                ("frames.apart.members", "db, far"),
            ],
            &[
                ("names.policy", "Weighted"),
                ("names.policy", "Failover"),
                ("names.policy", "Nearest"),
            ],
        ),
        // While there is another way.
        after(&[("faults.8.until", "12s")], &[("names.health", "on")]).with_faults(),
        after(
            &[
                ("faults.8.until", "12s"),
                ("names.ttl", "1s"),
                ("names.health", "on"),
                ("names.health.interval", "500ms"),
            ],
            &[
                ("names.health.interval", "5s"),
                ("names.health.unhealthy", "20"),
            ],
        )
        .with_faults(),
        after(
            &[("names.health", "on"), ("names.health.interval", "100ms")],
            &[("names.health.depth", "Deep")],
        ),
        after(
            &[
                ("faults.7.fault", "Hang"),
                ("faults.8.until", "12s"),
                ("travellers.timeout", "300ms"),
                ("names.ttl", "1s"),
                ("names.health", "on"),
                ("names.health.unhealthy", "1"),
                ("names.health.interval", "5s"),
                ("names.health.timeout", "5s"),
            ],
            &[("names.health.timeout", "100ms")],
        )
        .with_faults(),
        after(
            &[
                ("faults.7.until", "20s"),
                ("faults.8.until", "12s"),
                ("names.ttl", "1s"),
                ("names.health", "on"),
                ("names.health.interval", "500ms"),
            ],
            &[("names.health.healthy", "50")],
        )
        .with_faults(),
        after(
            &[("lambda.cold_start", "300ms")],
            &[("lambda.cold_start", "1s")],
        ),
        after(
            &[("lambda.concurrency", "1")],
            &[("lambda.concurrency", "2")],
        ),
    ]
}
