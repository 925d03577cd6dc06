//! Caches, databases, replicas and queues.

use super::{Group, after, turn};

pub fn turns() -> Vec<Group> {
    vec![
        turn(&[
            ("cache.capacity", "100"),
            ("cache.ttl", "500ms"),
            ("cache.slots", "1"),
            ("cache.service", "1ms"),
            ("db.slots", "2"),
            ("db.write", "exp 5ms"),
            ("replica.slots", "1"),
            ("replica.read", "20ms"),
            ("replica.apply", "exp 5ms"),
            ("replica.queue.capacity", "0"),
            ("jobs.capacity", "20"),
            ("jobs.prefetch", "5"),
            ("jobs.visibility", "50ms"),
        ]),
        after(
            &[("cache.capacity", "none"), ("cache.ttl", "none")],
            &[("cache.hit_ratio", "0.5")],
        ),
        after(&[("cache.slots", "1")], &[("cache.queue.capacity", "0")]),
        after(&[("api -> db.only", "All")], &[("db.read", "exp 10ms")]),
        after(&[("db.slots", "1")], &[("db.queue.capacity", "1")]),
        after(
            &[("jobs.visibility", "50ms")],
            &[
                ("jobs.acknowledge", "BeforeWork"),
                ("jobs.max_deliveries", "1"),
            ],
        ),
    ]
}
