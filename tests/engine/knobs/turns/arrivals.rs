//! When requests come.

use super::{Group, after, turn};

const SPIKE: &str = "[Spike(at: 5s, until: 8s, times: 3)]";
const BURSTS: &str = "Bursts(low: 100, high: 550, low_for: 2s, high_for: 1s)";
const BATCHES: &str = "Batches(rate: 250, size: 10)";
const RECORDED: &str = "Recorded(times: [10ms, 20ms, 50ms, 1s], repeat: 1s)";
const IN_FILE: &str = "Recorded(times: \"arrivals.csv\")";
const SESSIONS: &str = "Sessions(starts: 50, requests: 5, think: 100ms)";

pub fn turns() -> Vec<Group> {
    vec![
        turn(&[
            ("clients.arrivals", "Closed(users: 50, think: 100ms)"),
            ("clients.arrivals.rate", "280"),
            ("clients.arrivals", BURSTS),
            ("clients.arrivals", BATCHES),
            ("clients.arrivals", RECORDED),
            ("clients.arrivals", SESSIONS),
        ]),
        after(
            &[("clients.arrivals.profile", "[]")],
            &[("clients.arrivals.profile", SPIKE)],
        ),
        after(
            &[("clients.arrivals", "Closed(users: 50, think: 100ms)")],
            &[
                ("clients.arrivals.users", "60"),
                ("clients.arrivals.think", "200ms"),
            ],
        ),
        after(
            &[
                ("api.slots", "2"),
                ("clients -> balancer.loss", "0"),
                ("api -> db.loss", "0"),
            ],
            &[
                ("clients.arrivals", "Uniform(rate: 250)"),
                ("clients.arrivals", "Constant(rate: 250)"),
            ],
        ),
        after(
            &[("clients.arrivals", "Constant(rate: 150)")],
            &[
                ("clients.arrivals.rate", "180"),
                ("clients.arrivals.profile", SPIKE),
            ],
        ),
        after(
            &[("clients.arrivals", "Uniform(rate: 150)")],
            &[
                ("clients.arrivals.rate", "180"),
                ("clients.arrivals.profile", SPIKE),
            ],
        ),
        after(
            &[("clients.arrivals", BURSTS)],
            &[
                ("clients.arrivals.profile", SPIKE),
                ("clients.arrivals.low", "200"),
                ("clients.arrivals.high", "700"),
                ("clients.arrivals.low_for", "4s"),
                ("clients.arrivals.high_for", "4s"),
            ],
        ),
        after(
            &[("clients.arrivals", BATCHES)],
            &[
                ("clients.arrivals.rate", "280"),
                ("clients.arrivals.profile", SPIKE),
                ("clients.arrivals.size", "20"),
                ("clients.arrivals.sizes", "Geometric"),
            ],
        ),
        after(
            &[("clients.arrivals", RECORDED)],
            &[
                ("clients.arrivals.times", "0s, 10ms, 500ms"),
                ("clients.arrivals.repeat", "5s"),
            ],
        ),
        after(
            &[
                ("clients.arrivals", IN_FILE),
                ("clients.arrivals.repeat", "43s"),
            ],
            &[("clients.arrivals.column", "later")],
        ),
        // Whoever comes is served in the end.
        after(
            &[
                ("clients.arrivals", IN_FILE),
                ("clients.timeout", "none"),
                ("clients.retries.max", "0"),
                ("api.queue.capacity", "none"),
            ],
            &[
                ("clients.arrivals.unit", "ms"),
                ("clients.arrivals.unit", "us"),
                ("clients.arrivals.unit", "ns"),
            ],
        ),
        after(
            &[("clients.arrivals", SESSIONS)],
            &[
                ("clients.arrivals.starts", "60"),
                ("clients.arrivals.requests", "8"),
                ("clients.arrivals.think", "exp 2s"),
                ("clients.arrivals.profile", SPIKE),
            ],
        ),
    ]
}
