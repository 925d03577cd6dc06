//! Load balancers.

use super::{Group, after, turn};

pub fn turns() -> Vec<Group> {
    let mut groups = vec![
        after(
            &[("balancer.capacity", "on")],
            &[
                ("balancer.capacity.slots", "5"),
                ("balancer.capacity.service", "20ms"),
            ],
        ),
        after(
            &[
                ("balancer.capacity", "on"),
                ("balancer.capacity.service", "20ms"),
            ],
            &[("balancer.capacity", "none")],
        ),
    ];
    groups.extend(algorithms());
    groups.extend(checks());
    groups.extend(ejections());
    groups.extend(pairs());
    groups
}

/// What is chosen instead of taking turns.
fn algorithms() -> [Group; 7] {
    // Where the line is in them, not behind them.
    let calm = [
        ("api.instances", "8"),
        ("api.slots", "1"),
        ("db.slots", "20"),
        ("api -> db.loss", "0"),
        ("clients -> balancer.loss", "0"),
        ("clients.retries.max", "0"),
    ];
    let with = |more: &[(&'static str, &'static str)]| [&calm, more].concat();
    let turns = with(&[("balancer.algorithm", "RoundRobin")]);
    let choices = with(&[
        ("balancer.algorithm", "PowerOfChoices"),
        ("balancer.algorithm.choices", "2"),
    ]);
    let ring = with(&[
        ("balancer.algorithm", "ConsistentHash"),
        ("balancer.algorithm.by", "Session"),
        ("balancer -> spare.only", "Writes"),
    ]);
    let weights = [
        ("balancer.algorithm", "RoundRobin"),
        ("balancer -> api.weight", "1"),
        ("balancer -> spare.weight", "3"),
    ];
    [
        after(
            &turns,
            &[
                ("balancer.algorithm", "Random"),
                ("balancer.algorithm", "LeastConnections"),
                ("balancer.algorithm", "WeightedLeastConnections"),
                ("balancer.algorithm", "PowerOfTwo"),
                ("balancer.algorithm", "PowerOfChoices"),
                ("balancer.algorithm", "LowestUtilization"),
                ("balancer.algorithm", "LeastResponseTime"),
                ("balancer.algorithm", "SessionHash"),
                ("balancer.algorithm", "KeyHash"),
                ("balancer.algorithm", "ConsistentHash"),
                ("balancer.sticky", "true"),
            ],
        ),
        after(&weights, &[("balancer.algorithm", "WeightedRoundRobin")]),
        after(&choices, &[("balancer.algorithm.choices", "8")]),
        after(
            &[("balancer.algorithm", "LeastResponseTime")],
            &[
                ("balancer.algorithm.alpha", "0.9"),
                ("balancer.algorithm.memory", "100ms"),
            ],
        ),
        after(
            &[("balancer.algorithm", "ConsistentHash")],
            &[("balancer.algorithm.by", "Session")],
        ),
        after(&ring, &[("balancer.algorithm.vnodes", "1")]),
        after(
            &[
                ("balancer.algorithm", "ConsistentHash"),
                ("balancer.algorithm.bound", "3"),
            ],
            &[("balancer.algorithm.bound", "1.1")],
        ),
    ]
}

fn checks() -> [Group; 5] {
    [
        turn(&[
            ("balancer.health", "none"),
            ("balancer.health.interval", "700ms"),
            ("balancer.health.unhealthy", "1"),
        ])
        .with_faults(),
        after(
            &[("balancer.health.interval", "100ms")],
            &[("balancer.health.depth", "Deep")],
        ),
        after(
            &[
                ("faults.6.on", "api #1"),
                ("faults.6.at", "21s"),
                ("faults.6.until", "50s"),
                ("faults.6.fault", "Hang"),
                ("api.queue.capacity", "none"),
                ("clients.retries.max", "0"),
                ("balancer.algorithm", "RoundRobin"),
                ("balancer.health.unhealthy", "1"),
                ("balancer.health.interval", "5s"),
                ("balancer.health.timeout", "5s"),
            ],
            &[("balancer.health.timeout", "100ms")],
        )
        .with_faults(),
        after(
            &[("faults.6.at", "20s"), ("faults.6.until", "30s")],
            &[("balancer.health.healthy", "50")],
        )
        .with_faults(),
        after(
            &[
                ("faults.6.at", "20s"),
                ("faults.6.until", "30s"),
                ("balancer.health.healthy", "1"),
                ("balancer.algorithm", "WeightedRoundRobin"),
                ("balancer.slow_start", "1s"),
            ],
            &[("balancer.slow_start", "30s")],
        )
        .with_faults(),
    ]
}

fn ejections() -> [Group; 4] {
    [
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
            &[
                ("faults.6.at", "20s"),
                ("faults.6.until", "50s"),
                ("api.instances", "1"),
                ("balancer.health", "none"),
                ("balancer.ejection", "on"),
            ],
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
    ]
}

/// While the balancer itself is down.
fn pairs() -> [Group; 2] {
    let down = [("faults.6.on", "balancer"), ("faults.6.until", "57s")];
    let mut pair = down.to_vec();
    pair.push(("balancer.pair", "ActivePassive"));
    [
        after(
            &down,
            &[
                ("balancer.pair", "ActivePassive"),
                ("balancer.pair", "ActiveActive"),
            ],
        )
        .with_faults(),
        after(&pair, &[("balancer.pair.takeover", "5s")]).with_faults(),
    ]
}
