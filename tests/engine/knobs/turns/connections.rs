//! Arrows.

use super::{Group, after, turn};

pub fn turns() -> Vec<Group> {
    vec![
        turn(&[
            ("balancer -> spare.only", "Writes"),
            ("clients -> balancer.to", "api"),
            ("balancer -> spare.from", "clients"),
            ("api -> jobs.only", "Reads"),
            ("api -> jobs.only", "Writes"),
            ("api -> jobs.only", "Named(write)"),
            ("api -> jobs.when", "OnFailure"),
            ("api -> jobs.when", "OnMiss"),
            ("api -> jobs.mode", "Sync"),
            ("api -> jobs.probability", "0.4"),
            ("api -> db.loss", "1%"),
            ("db -> replica.link.lag", "50ms"),
        ]),
        after(
            &[("api -> db.timeout", "100ms")],
            &[("api -> db.timeout", "20ms")],
        ),
        after(
            &[("api -> jobs.mode", "Sync")],
            &[("api -> jobs.mode", "Forward")],
        ),
        // At the same time, and one after the other.
        after(
            &[
                ("api -> db.step", "1"),
                ("api -> replica.step", "1"),
                ("db.slots", "100"),
                ("replica.slots", "100"),
            ],
            &[("api -> replica.step", "2")],
        ),
        after(
            &[
                ("balancer.algorithm", "WeightedRoundRobin"),
                ("balancer -> spare.weight", "1"),
            ],
            &[("balancer -> spare.weight", "3")],
        ),
        after(
            &[("api -> db.latency", "250us")],
            &[("api -> db.latency", "1ms")],
        ),
        after(
            &[
                ("operations.write.reply", "1kB"),
                ("api -> db.bandwidth", "10Mbit/s"),
            ],
            &[("api -> db.bandwidth", "1Mbit/s")],
        ),
    ]
}
