//! Rate limiters and gateways.

use super::{Group, after, turn};

pub fn turns() -> Vec<Group> {
    let mut groups = vec![
        turn(&[
            ("limiter.excess", "Wait"),
            ("front.authentication", "exp 10ms"),
            ("front.rate_limit", "on"),
            ("front.cache", "on"),
        ]),
        after(
            &[("limiter.excess", "Wait(capacity: 3)")],
            &[("limiter.excess.capacity", "200")],
        ),
        after(&[("front.slots", "1")], &[("front.slots", "4")]),
        after(
            &[("front.cache", "on"), ("front.cache.capacity", "50")],
            &[("front.cache.capacity", "5000")],
        ),
        after(
            &[("front.cache", "on"), ("front.cache.ttl", "1s")],
            &[("front.cache.ttl", "1min")],
        ),
    ];
    for name in ["limiter", "front.rate_limit"] {
        let limits = limits().into_iter();
        groups.extend(limits.map(|group| group.of(name)));
    }
    groups
}

/// Limits, wherever they are.
fn limits() -> Vec<Group> {
    let mut groups = vec![
        after(
            &[
                ("front.rate_limit", "on"),
                ("it.limit", "TokenBucket(burst: 100, rate: 10)"),
            ],
            &[
                ("it.limit", "LeakyBucket(capacity: 5, rate: 15)"),
                ("it.limit", "FixedWindow(limit: 10, window: 1s)"),
                ("it.limit", "SlidingLog(limit: 10, window: 1s)"),
                ("it.limit", "SlidingCounter(limit: 10, window: 1s)"),
                ("it.scope", "PerSession"),
            ],
        ),
        after(
            &[
                ("front.rate_limit", "on"),
                ("it.limit", "TokenBucket(burst: 5, rate: 15)"),
            ],
            &[("it.limit.burst", "200"), ("it.limit.rate", "20")],
        ),
        after(
            &[
                ("front.rate_limit", "on"),
                ("it.limit", "LeakyBucket(capacity: 5, rate: 15)"),
            ],
            &[("it.limit.capacity", "500"), ("it.limit.rate", "20")],
        ),
    ];
    for window in [
        "FixedWindow(limit: 5, window: 200ms)",
        "SlidingLog(limit: 5, window: 200ms)",
        "SlidingCounter(limit: 5, window: 200ms)",
    ] {
        groups.push(after(
            &[("front.rate_limit", "on"), ("it.limit", window)],
            &[("it.limit.limit", "7"), ("it.limit.window", "300ms")],
        ));
    }
    groups
}
