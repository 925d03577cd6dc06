//! Random deploys.

use proptest::prelude::*;

use littlebox::scenario::{Deploy, DeployStrategy, RollBack};

use crate::support::design::ms;

pub fn deploy() -> BoxedStrategy<Deploy> {
    let strategy = prop_oneof![
        (1u32..4, any::<bool>())
            .prop_map(|(batch, surge)| DeployStrategy::Rolling { batch, surge }),
        (1u32..3, 0u64..500, 1u32..4).prop_map(|(instances, watch, batch)| {
            DeployStrategy::Canary {
                instances,
                watch: ms(watch),
                batch,
            }
        }),
        (0u64..1_000).prop_map(|keep| DeployStrategy::BlueGreen { keep: ms(keep) }),
    ];
    let roll_back = (1u64..200, 1u32..20, 0.0..0.5, 1u64..100);
    let roll_back = roll_back.prop_map(|(every, calls, failures, latency)| RollBack {
        every: ms(every),
        calls,
        failures,
        latency: (latency < 50).then(|| ms(latency)),
    });
    let times = (0u64..500, 0u64..200, 0u64..300);
    let version = (0.5..2.0, prop_oneof![Just(0.0), 0.0..1.0]);
    let roll_back = proptest::option::weighted(0.5, roll_back);
    (version, strategy, times, roll_back)
        .prop_map(|((speed, errors), strategy, times, roll_back)| Deploy {
            speed,
            errors,
            strategy,
            boot: ms(times.0),
            warm_up: ms(times.1),
            cold: 2.5,
            drain: ms(times.2),
            roll_back,
        })
        .boxed()
}
