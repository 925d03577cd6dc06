//! What clients ask for, and for how long they wait.

use super::{Group, after, turn};

const HOT_SET: &str = "HotSet(items: 500, hot: 0.2, traffic: 0.8)";

pub fn turns() -> Vec<Group> {
    vec![
        turn(&[
            ("seed", "2"),
            ("operations.write.kind", "Read"),
            ("operations.write.weight", "0.5"),
            ("clients.operations", "read"),
            ("clients.keys", "Uniform(items: 500)"),
            ("clients.keys.items", "1000"),
            ("clients.keys.s", "0.5"),
            ("clients.keys", HOT_SET),
            ("clients.keys", "Sequential(items: 500)"),
            ("clients.timeout", "none"),
        ]),
        after(
            &[("clients.keys", HOT_SET)],
            &[
                ("clients.keys.items", "1000"),
                ("clients.keys.hot", "0.4"),
                ("clients.keys.traffic", "0.9"),
            ],
        ),
        after(
            &[("clients.keys", "Uniform(items: 500)")],
            &[("clients.keys.items", "1000")],
        ),
        // As many as the cache holds, and more.
        after(
            &[("clients.keys", "Sequential(items: 100)")],
            &[("clients.keys.items", "1000")],
        ),
        after(
            &[("balancer.algorithm", "SessionHash")],
            &[("clients.session_skew", "1.5")],
        ),
        after(
            &[
                ("balancer.algorithm", "SessionHash"),
                ("balancer -> spare.only", "Writes"),
                ("clients.sessions", "1"),
            ],
            &[("clients.sessions", "1000")],
        ),
        after(
            &[("clients.retries.max", "0")],
            &[("clients.timeout", "60ms")],
        ),
        after(
            &[("clients -> balancer.bandwidth", "2Mbit/s")],
            &[
                ("operations.read.request", "500B"),
                ("operations.read.reply", "500B"),
            ],
        ),
    ]
}
