//! Autoscalers.

use super::{Group, after};

const EAGER: &str =
    "Steps(above: 0.4, out_after: 1s, add: 3, below: 0.2, in_after: 20s, remove: 1)";
const STEPS: &str = "Steps(above: 0.7, out_after: 2s, add: 1, below: 0.5, in_after: 4s, remove: 1)";

pub fn turns() -> Vec<Group> {
    vec![
        after(
            &[
                ("inner.slots", "1"),
                ("inner.instances", "2"),
                ("inner.service", "exp 50ms"),
                ("inner.autoscaler", "on"),
                ("inner.autoscaler.interval", "1s"),
                ("inner.autoscaler.boot", "2s"),
                ("inner.autoscaler.in_cooldown", "2s"),
            ],
            &[
                ("inner.autoscaler", "none"),
                ("inner.autoscaler.policy", EAGER),
                ("inner.autoscaler.policy", "QueueLength(per_instance: 1)"),
                ("inner.autoscaler.policy", "Scheduled(times: [(20s, 5)])"),
                ("inner.autoscaler.policy", "Predictive"),
                ("inner.autoscaler.policy.utilization", "0.3"),
                ("inner.autoscaler.max", "3"),
                ("inner.autoscaler.interval", "20s"),
                ("inner.autoscaler.boot", "20s"),
                ("inner.autoscaler.out_cooldown", "30s"),
                ("inner.autoscaler.in_cooldown", "1min"),
            ],
        ),
        after(
            &[
                ("inner.slots", "1"),
                ("inner.instances", "6"),
                ("inner.autoscaler", "on"),
                ("inner.autoscaler.interval", "1s"),
                ("inner.autoscaler.in_cooldown", "2s"),
            ],
            &[("inner.autoscaler.min", "6")],
        ),
        after(
            &[
                ("inner.slots", "1"),
                ("inner.instances", "2"),
                ("inner.service", "exp 50ms"),
                ("inner.autoscaler", "on"),
                ("inner.autoscaler.interval", "1s"),
                ("inner.autoscaler.boot", "2s"),
                ("inner.autoscaler.in_cooldown", "2s"),
                ("inner.autoscaler.warm_up", "5s"),
            ],
            &[
                ("inner.autoscaler.warm_up", "30s"),
                ("inner.autoscaler.cold", "8"),
            ],
        ),
        after(
            &[
                ("inner.slots", "1"),
                ("inner.instances", "2"),
                ("inner.service", "exp 50ms"),
                ("inner.autoscaler", "on"),
                ("inner.autoscaler.interval", "1s"),
                ("inner.autoscaler.boot", "2s"),
                ("inner.autoscaler.in_cooldown", "0s"),
                ("inner.autoscaler.policy", STEPS),
            ],
            &[
                ("inner.autoscaler.policy.above", "0.95"),
                ("inner.autoscaler.policy.out_after", "15s"),
                ("inner.autoscaler.policy.add", "5"),
                ("inner.autoscaler.policy.below", "0.05"),
                ("inner.autoscaler.policy.in_after", "1min"),
            ],
        ),
        // Many more than it needs.
        after(
            &[
                ("inner.slots", "1"),
                ("inner.instances", "10"),
                ("inner.service", "exp 50ms"),
                ("inner.autoscaler", "on"),
                ("inner.autoscaler.interval", "1s"),
                ("inner.autoscaler.in_cooldown", "0s"),
                ("inner.autoscaler.policy", STEPS),
                ("inner.autoscaler.policy.above", "0.95"),
            ],
            &[("inner.autoscaler.policy.remove", "2")],
        ),
        after(
            &[
                ("inner.slots", "1"),
                ("inner.service", "exp 50ms"),
                ("inner.autoscaler", "on"),
                ("inner.autoscaler.interval", "1s"),
                ("inner.autoscaler.boot", "2s"),
                ("inner.autoscaler.in_cooldown", "2s"),
                ("inner.autoscaler.policy", "QueueLength"),
            ],
            &[("inner.autoscaler.policy.per_instance", "1")],
        ),
        after(
            &[
                ("inner.slots", "1"),
                ("inner.autoscaler", "on"),
                ("inner.autoscaler.boot", "2s"),
                ("inner.autoscaler.policy", "Scheduled(times: [(20s, 5)])"),
            ],
            &[("inner.autoscaler.policy.times", "[(10s, 5)]")],
        ),
        after(
            &[
                ("inner.slots", "1"),
                ("inner.service", "exp 50ms"),
                ("inner.autoscaler", "on"),
                ("inner.autoscaler.interval", "1s"),
                ("inner.autoscaler.boot", "10s"),
                ("inner.autoscaler.in_cooldown", "2s"),
                ("inner.autoscaler.policy", "Predictive"),
            ],
            &[
                ("inner.autoscaler.policy.window", "3s"),
                ("inner.autoscaler.policy.utilization", "0.3"),
            ],
        ),
    ]
}
