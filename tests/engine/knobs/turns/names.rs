//! Names and functions.

use super::{Group, after, turn};

pub fn turns() -> Vec<Group> {
    vec![
        turn(&[
            ("names.policy", "Weighted"),
            ("names.policy", "Failover"),
            ("names.policy", "Nearest"),
            ("names.ttl", "1s"),
            ("names.lookup", "exp 100ms"),
            ("names.scope", "Global"),
            ("lambda.service", "exp 100ms"),
            ("lambda.keep_alive", "100ms"),
        ]),
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
                ("names.health.depth", "Deep"),
            ],
        )
        .with_faults(),
        after(
            &[
                ("faults.7.fault", "Hang"),
                ("faults.8.until", "12s"),
                ("names.ttl", "1s"),
                ("names.health", "on"),
            ],
            &[("names.health.timeout", "1s")],
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
