//! Random arrows, and the designs that they make of random parts.

use littlebox::scenario::{
    After, Bandwidth, Breaker, Connection, Hedge, Link, Mode, Only, OperationKind, Pool,
    RandomFailures, Replication, Scenario, Trip,
};
use proptest::prelude::*;

use super::{
    doors::{balancer, gateway, limiter, names},
    holders,
    parts::{cache, client, database, function, queue, replica, retries, short, station},
    world,
};
use crate::support::design::*;

pub type Guards = (Option<Breaker>, Option<Pool>, bool, Option<Hedge>);

pub fn guards() -> BoxedStrategy<Guards> {
    let trip = prop_oneof![
        (1u32..5).prop_map(|failures| Trip::Consecutive { failures }),
        (1u32..8, 0.1..1.0).prop_map(|(window, share)| Trip::Ratio {
            share,
            window,
            least: window.div_ceil(2),
        }),
    ];
    let breaker = (trip, 1u64..500, 1u32..4).prop_map(|(trip, open, probes)| Breaker {
        trip,
        open: ms(open),
        probes,
    });
    let hedge = prop_oneof![
        (0u64..60).prop_map(|delay| After::Delay { delay: ms(delay) }),
        (0.3..0.99).prop_map(|share| After::Percentile { share }),
    ];
    let hedge = hedge.prop_map(|after| Hedge { after });
    let wait = proptest::option::weighted(0.5, 1u64..200);
    let queue = proptest::option::weighted(0.5, 0u32..5);
    let pool = (1u32..5, wait, queue).prop_map(|(max, wait, queue)| Pool {
        max,
        wait: wait.map(ms),
        queue,
    });
    (
        proptest::option::weighted(0.2, breaker),
        proptest::option::weighted(0.25, pool),
        proptest::bool::weighted(0.4),
        proptest::option::weighted(0.3, hedge),
    )
        .boxed()
}

/// An arrow with a temper of its own.
pub fn arrow(from: &'static str, to: &'static str) -> BoxedStrategy<Connection> {
    let timeout = proptest::option::weighted(0.4, 1u64..200);
    let loss = prop_oneof![3 => Just(0.0), 1 => 0.0..0.3];
    let bandwidth = proptest::option::weighted(0.3, 50_000..1_000_000_u64);
    (
        short(),
        (loss, bandwidth),
        timeout,
        retries(),
        guards(),
        0..8,
    )
        .prop_map(
            move |(latency, (loss, bandwidth), timeout, retries, guards, mode)| Connection {
                bandwidth: bandwidth.map(Bandwidth::from_bits),
                latency: Some(latency),
                loss,
                timeout: timeout.map(ms),
                retries: (mode % 2 == 0).then_some(retries),
                // On a hand-off and a queue's arrow they make no sense.
                breaker: guards
                    .0
                    .filter(|_| !matches!(mode, 1 | 2) && from != "jobs"),
                pool: guards
                    .1
                    .filter(|_| !matches!(mode, 1 | 2) && from != "jobs"),
                cancellation: guards.2 && !matches!(mode, 1 | 2),
                hedge: guards
                    .3
                    .filter(|_| mode > 2 && !["balancer", "jobs"].contains(&from)),
                mode: match mode {
                    0 => Mode::Async,
                    1 | 2 => Mode::Forward,
                    _ => Mode::Sync,
                },
                ..Connection::new(from, to)
            },
        )
        .boxed()
}

/// Which operations an arrow of the balancer is for: mostly all.
pub fn only() -> BoxedStrategy<Option<Only>> {
    let named = |name: &str| Some(Only::Named(vec![name.to_owned()]));
    prop_oneof![
        5 => Just(None),
        1 => Just(Some(Only::Reads)),
        1 => Just(Some(Only::Writes)),
        1 => Just(named("write")),
    ]
    .boxed()
}

/// The same plumbing every time, with every part and every arrow drawn anew, and some left out.
pub fn design() -> BoxedStrategy<Scenario> {
    let parts = (
        client(),
        (balancer(), station(), station()),
        (cache(), database(), replica()),
        (queue(), station(), limiter()),
        (gateway(), names(), function()),
    );
    let plain = |from, to| {
        arrow(from, to).prop_map(|arrow| Connection {
            mode: Mode::Sync,
            ..arrow
        })
    };
    let arrows = (
        (
            plain("clients", "balancer"),
            (plain("balancer", "a"), only()),
            (arrow("balancer", "b"), only()),
        ),
        (
            arrow("a", "c"),
            plain("b", "cache"),
            plain("b", "db"),
            plain("b", "replica"),
        ),
        (
            arrow("a", "jobs"),
            plain("jobs", "worker"),
            arrow("worker", "db"),
        ),
        (plain("balancer", "gate"), arrow("gate", "c")),
        (
            plain("balancer", "names"),
            plain("names", "c"),
            plain("names", "lambda"),
            plain("balancer", "front"),
            arrow("front", "lambda"),
            arrow("lambda", "db"),
        ),
    );
    let left_out = proptest::bits::u8::between(0, 6);
    (parts, arrows, short(), station(), left_out, 1u64..1_000)
        .prop_map(|(parts, mut arrows, lag, extra, left_out, seed)| {
            // Forwards from the same box exclude each other.
            let (one, other) = (&mut arrows.1.0, &mut arrows.2.0);
            if one.mode == Mode::Forward && other.mode == Mode::Forward {
                (one.probability, other.probability) = (0.4, 0.6);
            }
            let (
                client,
                (balancer, a, b),
                (cache, db, replica),
                (jobs, worker, gate),
                (front, names, lambda),
            ) = parts;
            let mut design = Design::new(seed)
                .operation("write", OperationKind::Write, 0.3)
                .priority("write", (seed % 3) as u8)
                .sizes("read", seed % 2 * 100, seed % 3 * 500)
                .sizes("write", seed % 2 * 800, 0)
                .add("clients", client)
                .add("balancer", balancer)
                .add("a", a)
                .add("b", b)
                .add("c", extra)
                .add("cache", cache)
                .add("db", db)
                .add("replica", replica)
                .add("jobs", jobs)
                .add("worker", worker)
                .add("gate", gate)
                .add("front", front)
                .add("names", names)
                .add("lambda", lambda)
                .connect(arrows.0.0)
                .connect(Connection {
                    only: arrows.0.1.1,
                    ..arrows.0.1.0
                })
                .connect(Connection {
                    only: arrows.0.2.1,
                    ..arrows.0.2.0
                });
            let optional = [
                (arrows.1.0, 1),
                (arrows.1.1, 2),
                (arrows.1.3, 4),
                (arrows.2.0, 8),
                (arrows.2.2, 16),
            ];
            for (arrow, bit) in optional {
                if left_out & bit == 0 {
                    design = design.connect(arrow);
                }
            }
            design
                .connect(arrows.1.2)
                .connect(arrows.2.1)
                .connect(arrows.3.0)
                .connect(arrows.3.1)
                .connect(arrows.4.0)
                .connect(arrows.4.1)
                .connect(arrows.4.2)
                .connect(arrows.4.3)
                .connect(arrows.4.4)
                .connect(arrows.4.5)
                .connect(Connection {
                    link: Link::Replication(Replication {
                        lag,
                        ..Replication::default()
                    }),
                    ..Connection::new("db", "replica")
                })
                .0
        })
        .boxed()
}

/// A design of which some boxes fail by chance.
pub fn frail() -> BoxedStrategy<Scenario> {
    let which = prop_oneof![2 => Just(0u16), 1 => any::<u16>()];
    (design(), which)
        .prop_map(|(mut design, which)| {
            for (at, component) in design.components.values_mut().enumerate() {
                if which >> at & 1 != 0 {
                    let failures = RandomFailures {
                        mtbf: exponential(900),
                        mttr: exponential(200),
                    };
                    fail_by_chance(component, Some(failures));
                }
            }
            design
        })
        .boxed()
}

/// As [`frail`], some of them with frames around the boxes, and with users who keep connections open.
pub fn placed() -> BoxedStrategy<Scenario> {
    (frail(), world::world(), holders::holders())
        .prop_map(|(mut design, world, holders)| {
            if let Some(holders) = holders {
                holders.join(&mut design);
            }
            if let Some(world) = world {
                world.surround(&mut design);
            }
            design
        })
        .boxed()
}
