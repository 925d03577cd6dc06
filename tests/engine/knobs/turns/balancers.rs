//! Load balancers.

use super::{Group, after, turn};

pub fn turns() -> Vec<Group> {
    vec![
        after(
            &[("api.slots", "3")],
            &[("balancer.algorithm", "RoundRobin")],
        ),
        turn(&[
            ("balancer.algorithm", "WeightedRoundRobin"),
            ("balancer.algorithm", "Random"),
            ("balancer.algorithm", "PowerOfTwo"),
            ("balancer.algorithm", "SessionHash"),
            ("balancer.algorithm", "KeyHash"),
            ("balancer.algorithm", "ConsistentHash"),
            ("balancer.algorithm", "LowestUtilization"),
            ("balancer.algorithm", "LeastResponseTime"),
            ("balancer.sticky", "true"),
            ("balancer.capacity", "on"),
        ]),
        after(
            &[("balancer -> spare.weight", "3")],
            &[("balancer.algorithm", "WeightedLeastConnections")],
        ),
        after(
            &[("api.instances", "4")],
            &[("balancer.algorithm", "PowerOfChoices")],
        ),
        after(
            &[
                ("api.instances", "4"),
                ("balancer.algorithm", "PowerOfChoices"),
            ],
            &[("balancer.algorithm.choices", "2")],
        ),
        after(
            &[("balancer.algorithm", "LeastResponseTime")],
            &[
                ("balancer.algorithm.alpha", "0.9"),
                ("balancer.algorithm.memory", "100ms"),
            ],
        ),
        after(
            &[("balancer.algorithm", "ConsistentHash")],
            &[
                ("balancer.algorithm.by", "Session"),
                ("balancer.algorithm.vnodes", "3"),
                ("balancer.algorithm.bound", "1.25"),
            ],
        ),
        after(
            &[("balancer.health", "none"), ("api.instances", "1")],
            &[("balancer.ejection", "on")],
        )
        .with_faults(),
        after(
            &[
                ("api.instances", "1"),
                ("balancer.health", "none"),
                ("balancer.ejection", "on"),
            ],
            &[("balancer.ejection.consecutive_failures", "50")],
        )
        .with_faults(),
        after(
            &[("balancer.health", "none"), ("balancer.ejection", "on")],
            &[("balancer.ejection.base_time", "1s")],
        )
        .with_faults(),
        after(
            &[
                ("api.instances", "4"),
                ("balancer.health", "none"),
                ("balancer.ejection", "on"),
            ],
            &[("balancer.ejection.max_share", "1")],
        )
        .with_faults(),
        after(
            &[("balancer.capacity", "on")],
            &[
                ("balancer.capacity.slots", "5"),
                ("balancer.capacity.service", "20ms"),
            ],
        ),
        after(
            &[("faults.6.on", "balancer"), ("faults.6.until", "57s")],
            &[
                ("balancer.pair", "ActivePassive"),
                ("balancer.pair", "ActiveActive"),
            ],
        )
        .with_faults(),
        after(
            &[
                ("faults.6.on", "balancer"),
                ("faults.6.until", "57s"),
                ("balancer.pair", "ActivePassive"),
            ],
            &[("balancer.pair.takeover", "5s")],
        )
        .with_faults(),
        after(
            &[("balancer.health.healthy", "1")],
            &[("balancer.slow_start", "5s")],
        )
        .with_faults(),
        turn(&[
            ("balancer.health", "none"),
            ("balancer.health.interval", "700ms"),
            ("balancer.health.unhealthy", "1"),
            ("balancer.health.depth", "Deep"),
        ])
        .with_faults(),
        after(
            &[("faults.6.fault", "Hang")],
            &[("balancer.health.timeout", "100ms")],
        )
        .with_faults(),
        after(
            &[("faults.6.at", "20s"), ("faults.6.until", "30s")],
            &[("balancer.health.healthy", "50")],
        )
        .with_faults(),
    ]
}
