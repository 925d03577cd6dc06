//! Deploys.

use super::{Group, after};

pub fn turns() -> Vec<Group> {
    vec![
        after(
            &[
                ("inner.instances", "4"),
                ("inner.slots", "1"),
                ("faults.6.on", "inner"),
                ("faults.6.until", "none"),
                ("faults.6.fault", "Deploy"),
                ("faults.6.fault.boot", "4s"),
            ],
            &[
                ("faults.6.fault.speed", "0.5"),
                ("faults.6.fault.errors", "0.3"),
                ("faults.6.fault.strategy", "Canary"),
                ("faults.6.fault.strategy", "BlueGreen"),
                ("faults.6.fault.strategy.batch", "4"),
                ("faults.6.fault.strategy.surge", "true"),
                ("faults.6.fault.boot", "8s"),
                ("faults.6.fault.warm_up", "10s"),
            ],
        )
        .with_faults(),
        after(
            &[
                ("inner.instances", "4"),
                ("inner.slots", "1"),
                ("faults.6.on", "inner"),
                ("faults.6.until", "none"),
                ("faults.6.fault", "Deploy"),
                ("faults.6.fault.boot", "4s"),
                ("faults.6.fault.strategy", "Canary"),
            ],
            &[
                ("faults.6.fault.strategy.instances", "3"),
                ("faults.6.fault.strategy.watch", "5s"),
            ],
        )
        .with_faults(),
        after(
            &[
                ("inner.instances", "4"),
                ("inner.slots", "1"),
                ("faults.6.on", "inner"),
                ("faults.6.until", "none"),
                ("faults.6.fault", "Deploy"),
                ("faults.6.fault.boot", "4s"),
                ("faults.6.fault.strategy", "Canary"),
                ("faults.6.fault.strategy.watch", "5s"),
            ],
            &[("faults.6.fault.strategy.batch", "3")],
        )
        .with_faults(),
        after(
            &[
                ("inner.instances", "4"),
                ("inner.slots", "1"),
                ("faults.6.on", "inner"),
                ("faults.6.until", "none"),
                ("faults.6.fault", "Deploy"),
                ("faults.6.fault.boot", "4s"),
                ("faults.6.fault.strategy", "BlueGreen"),
            ],
            &[("faults.6.fault.strategy.keep", "5s")],
        )
        .with_faults(),
        after(
            &[
                ("inner.instances", "4"),
                ("inner.slots", "1"),
                ("faults.6.on", "inner"),
                ("faults.6.until", "none"),
                ("faults.6.fault", "Deploy"),
                ("faults.6.fault.boot", "4s"),
                ("faults.6.fault.warm_up", "10s"),
            ],
            &[("faults.6.fault.cold", "6")],
        )
        .with_faults(),
        after(
            &[
                ("inner.instances", "4"),
                ("inner.slots", "1"),
                ("faults.6.on", "inner"),
                ("faults.6.until", "none"),
                ("faults.6.fault", "Deploy"),
                ("faults.6.fault.boot", "4s"),
                ("inner.slots", "4"),
                ("inner.service", "exp 150ms"),
            ],
            &[("faults.6.fault.drain", "0s")],
        )
        .with_faults(),
        after(
            &[
                ("inner.instances", "4"),
                ("inner.slots", "1"),
                ("faults.6.on", "inner"),
                ("faults.6.until", "none"),
                ("faults.6.fault", "Deploy"),
                ("faults.6.fault.boot", "4s"),
                ("faults.6.fault.errors", "0.3"),
                ("faults.6.fault.strategy.batch", "4"),
            ],
            &[("faults.6.fault.roll_back", "on")],
        )
        .with_faults(),
        after(
            &[
                ("inner.instances", "4"),
                ("inner.slots", "1"),
                ("faults.6.on", "inner"),
                ("faults.6.until", "none"),
                ("faults.6.fault", "Deploy"),
                ("faults.6.fault.boot", "4s"),
                ("faults.6.fault.errors", "0.3"),
                ("faults.6.fault.strategy.batch", "4"),
                ("faults.6.fault.roll_back", "on"),
                ("faults.6.fault.roll_back.every", "1s"),
            ],
            &[
                ("faults.6.fault.roll_back.every", "10s"),
                ("faults.6.fault.roll_back.calls", "5"),
                ("faults.6.fault.roll_back.failures", "0.5"),
            ],
        )
        .with_faults(),
        after(
            &[
                ("inner.instances", "4"),
                ("inner.slots", "1"),
                ("faults.6.on", "inner"),
                ("faults.6.until", "none"),
                ("faults.6.fault", "Deploy"),
                ("faults.6.fault.boot", "4s"),
                ("faults.6.fault.strategy.batch", "4"),
                ("faults.6.fault.roll_back", "on"),
                ("faults.6.fault.roll_back.every", "1s"),
                ("faults.6.fault.roll_back.latency", "10s"),
            ],
            &[("faults.6.fault.roll_back.latency", "1ms")],
        )
        .with_faults(),
    ]
}
