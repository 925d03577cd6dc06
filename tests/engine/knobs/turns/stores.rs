//! Caches, databases, replicas and queues.

use super::{Group, after, turn};

pub fn turns() -> Vec<Group> {
    vec![
        turn(&[
            ("cache.capacity", "100"),
            ("cache.ttl", "500ms"),
            ("cache.slots", "1"),
            ("cache.service", "exp 1ms"),
            ("db.slots", "2"),
            ("db.write", "exp 5ms"),
            ("replica.slots", "1"),
            ("replica.read", "exp 30ms"),
            ("replica.apply", "exp 5ms"),
            ("jobs.prefetch", "5"),
            ("jobs.visibility", "50ms"),
        ]),
        after(&[("jobs.capacity", "100")], &[("jobs.capacity", "5")]),
        after(
            &[
                ("cache.capacity", "none"),
                ("cache.ttl", "none"),
                ("cache.hit_ratio", "0.2"),
            ],
            &[("cache.hit_ratio", "0.5")],
        ),
        after(&[("api -> db.only", "All")], &[("db.read", "exp 10ms")]),
        after(
            &[("jobs.visibility", "50ms")],
            &[
                ("jobs.acknowledge", "BeforeWork"),
                ("jobs.max_deliveries", "1"),
            ],
        ),
    ]
}
