//! Frames, and how far they are from each other, in [`super::super::designs::apart`].

use super::{Group, after, turn};

pub fn turns() -> Vec<Group> {
    vec![
        turn(&[
            ("frames.apart.kind", "Region"),
            ("frames.apart.inside", "east"),
            ("latencies.1.from", "apart"),
            ("latencies.1.to", "apart"),
            ("latencies.1.latency", "15ms"),
        ]),
        after(
            &[("frames.apart.kind", "Region")],
            &[("frames.apart.members", "db, replica")],
        ),
        after(
            &[("frames.apart.members", "db, balancer")],
            &[("clients.regions", "east: 1")],
        ),
    ]
}
