//! What guards an arrow.

use super::{Group, after, turn};

pub fn turns() -> Vec<Group> {
    vec![
        turn(&[("api -> db.hedge", "on")]),
        after(
            &[("api -> db.hedge", "on")],
            &[
                ("api -> db.hedge.after", "Delay(delay: 1ms)"),
                ("api -> db.hedge.after.share", "0.5"),
            ],
        ),
        after(
            &[
                ("api -> db.hedge", "on"),
                ("api -> db.hedge.after", "Delay(delay: 1ms)"),
            ],
            &[("api -> db.hedge.after.delay", "20ms")],
        ),
        after(
            &[("api -> db.timeout", "10ms")],
            &[("api -> db.cancellation", "true")],
        ),
        after(&[("api -> db.loss", "30%")], &[("api -> db.breaker", "on")]),
        after(
            &[
                ("api -> db.loss", "30%"),
                ("api -> db.breaker", "on"),
                ("api -> db.breaker.open", "2s"),
            ],
            &[
                ("api -> db.breaker.trip", "Ratio"),
                ("api -> db.breaker.open", "10s"),
                ("api -> db.breaker.trip.failures", "20"),
            ],
        ),
        after(
            &[
                ("api -> db.loss", "20%"),
                ("api -> db.breaker", "on"),
                ("api -> db.breaker.open", "500ms"),
                ("api -> db.breaker.trip.failures", "3"),
            ],
            &[("api -> db.breaker.probes", "5")],
        ),
        after(
            &[
                ("api -> db.loss", "20%"),
                ("api -> db.breaker", "on"),
                ("api -> db.breaker.open", "200ms"),
                ("api -> db.breaker.trip", "Ratio"),
                ("api -> db.breaker.trip.least", "10"),
                ("api -> db.breaker.trip.window", "10"),
            ],
            &[("api -> db.breaker.trip.share", "0.9")],
        ),
        after(
            &[
                ("api -> db.loss", "15%"),
                ("api -> db.breaker", "on"),
                ("api -> db.breaker.open", "2s"),
                ("api -> db.breaker.trip", "Ratio"),
                ("api -> db.breaker.trip.least", "10"),
            ],
            &[("api -> db.breaker.trip.window", "10")],
        ),
        after(
            &[
                ("api -> db.loss", "40%"),
                ("api -> db.breaker", "on"),
                ("api -> db.breaker.open", "500ms"),
                ("api -> db.breaker.trip", "Ratio"),
                ("api -> db.breaker.trip.window", "2000"),
                ("api -> db.breaker.trip.least", "2000"),
            ],
            &[("api -> db.breaker.trip.least", "2")],
        ),
        after(
            &[("db.write", "exp 1s"), ("db.slots", "100")],
            &[("api -> db.pool", "on")],
        ),
        after(
            &[
                ("db.write", "exp 100ms"),
                ("db.slots", "100"),
                ("api -> db.pool", "on"),
                ("api -> db.pool.max", "2"),
            ],
            &[("api -> db.pool.max", "4"), ("api -> db.pool.wait", "50ms")],
        ),
        after(
            &[
                ("db.write", "exp 100ms"),
                ("db.slots", "100"),
                ("api -> db.pool", "on"),
                ("api -> db.pool.max", "2"),
                ("api -> db.pool.queue", "5"),
            ],
            &[("api -> db.pool.queue", "1")],
        ),
    ]
}
