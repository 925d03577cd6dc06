//! Servers.

use super::{Group, after, turn};

pub fn turns() -> Vec<Group> {
    vec![
        turn(&[
            ("api.instances", "2"),
            ("api.slots", "3"),
            ("api.service", "exp 20ms"),
            ("api.service", "15ms"),
            ("api.service", "uniform 10ms 20ms"),
            ("api.service", "lognormal 10ms 60ms"),
            ("api.service", "Erlang(k: 3, mean: 15ms)"),
            ("api.service", "normal 15ms 3ms"),
            ("api.service", "gamma 15ms cv 2"),
            ("api.service", "weibull 0.7 mean 15ms"),
            ("api.service", "pareto 1.5 5ms 1s"),
            ("api.service", "hyper 15ms cv 2"),
            ("api.service", "empirical 5ms 10ms 30ms"),
            ("api.per_operation", "write: 30ms"),
            ("api.contention", "on"),
            ("api.speed", "2"),
            ("api.pauses", "on"),
        ]),
        after(
            &[("api.contention", "on")],
            &[
                ("api.contention.alpha", "50%"),
                ("api.contention.beta", "20%"),
            ],
        ),
        after(
            &[("api.slots", "1"), ("api.service", "exp 40ms")],
            &[("api.shed", "on")],
        ),
        after(
            &[
                ("api.slots", "1"),
                ("clients.arrivals.rate", "190"),
                ("clients.retries.max", "0"),
                ("api.shed", "on"),
                ("api.shed.when.calls", "5"),
            ],
            &[
                ("api.shed.when", "Wait"),
                ("api.shed.when", "Utilization"),
                ("api.shed.when.calls", "20"),
            ],
        ),
        after(
            &[
                ("api.slots", "1"),
                ("api.service", "exp 40ms"),
                ("clients.arrivals.rate", "190"),
                ("clients.retries.max", "0"),
                ("operations.write.priority", "2"),
                ("api.shed", "on"),
                ("api.shed.when.calls", "5"),
                ("api.shed.spares", "3"),
            ],
            &[("api.shed.spares", "2")],
        ),
        after(
            &[
                ("api.slots", "1"),
                ("clients.arrivals.rate", "190"),
                ("clients.retries.max", "0"),
                ("api.shed", "on"),
                ("api.shed.when", "Wait"),
            ],
            &[("api.shed.when.longer", "60ms")],
        ),
        after(
            &[
                ("api.slots", "1"),
                ("clients.arrivals.rate", "190"),
                ("clients.retries.max", "0"),
                ("api.shed", "on"),
                ("api.shed.when", "Utilization"),
                ("api.shed.when.above", "0.8"),
            ],
            &[
                ("api.shed.when.above", "0.5"),
                ("api.shed.when.over", "100ms"),
            ],
        ),
        after(
            &[("api.pauses", "on"), ("api.pauses.every", "exp 1s")],
            &[
                ("api.pauses.every", "exp 5s"),
                ("api.pauses.length", "300ms"),
            ],
        ),
    ]
}
