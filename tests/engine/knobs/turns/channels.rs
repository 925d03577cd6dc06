//! Long-lived connections.

use super::{Group, after, turn};

const TALK: &str = "LongLived(connections: 50, hold: Exponential(2s), every: Exponential(500ms), away: Exponential(1s), reconnect: Exponential(200ms))";
const MANY: &str = "LongLived(connections: 400, hold: Exponential(2s), every: Exponential(5s), away: Exponential(1s), heartbeat: 1s)";

pub fn turns() -> Vec<Group> {
    vec![
        turn(&[("travellers.arrivals", TALK)]),
        after(
            &[("travellers.arrivals", TALK)],
            &[
                ("travellers.arrivals.connections", "80"),
                ("travellers.arrivals.hold", "exp 4s"),
                ("travellers.arrivals.every", "exp 1s"),
                ("travellers.arrivals.away", "exp 2s"),
                ("travellers.arrivals.connect", "write"),
            ],
        ),
        after(
            &[("travellers.arrivals", TALK), ("near.max_connections", "5")],
            &[
                ("travellers.arrivals.reconnect", "exp 400ms"),
                ("near.max_connections", "10"),
            ],
        ),
        after(
            &[("travellers.arrivals", MANY)],
            &[("travellers.arrivals.heartbeat", "3s")],
        )
        .with_faults(),
    ]
}
