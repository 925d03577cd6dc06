//! Arrows.

use super::{Group, after, turn};

pub fn turns() -> Vec<Group> {
    vec![
        turn(&[
            ("balancer -> spare.only", "Writes"),
            ("api -> jobs.step", "1"),
            ("clients -> balancer.to", "api"),
            ("balancer -> spare.from", "clients"),
            ("api -> jobs.only", "Reads"),
            ("api -> jobs.only", "Writes"),
            ("api -> jobs.only", "Named(write)"),
            ("api -> jobs.when", "OnFailure"),
            ("api -> jobs.when", "OnMiss"),
            ("api -> jobs.mode", "Sync"),
            ("api -> jobs.mode", "Forward"),
            ("api -> jobs.probability", "0.4"),
            ("api -> db.loss", "1%"),
            ("api -> db.timeout", "20ms"),
            ("db -> replica.link.lag", "50ms"),
        ]),
        after(
            &[("balancer.algorithm", "WeightedRoundRobin")],
            &[("balancer -> spare.weight", "3")],
        ),
        after(
            &[("api -> db.latency", "250us")],
            &[("api -> db.latency", "1ms")],
        ),
        after(
            &[("operations.write.reply", "1kB")],
            &[("api -> db.bandwidth", "1Mbit/s")],
        ),
    ]
}
