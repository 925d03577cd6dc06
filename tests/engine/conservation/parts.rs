//! Random clients, servers and stores.

use littlebox::scenario::{
    Acknowledge, Arrivals, Autoscaler, Backoff, BatchSizes, Budget, Cache, Client, Component,
    Contention, Database, Discipline, Distribution, Duration, Function, Jitter, Keys, Pauses,
    Policy, Queue, Queueing, Rate, Recorded, Replica, Retries, Sample, Server, Shed, ShedWhen,
};
use proptest::prelude::*;

use crate::support::design::*;

pub fn short() -> BoxedStrategy<Distribution> {
    (0u64..40, 0..7)
        .prop_map(|(millis, kind)| {
            let mean = Duration::from_nanos(millis * 1_000_000 + 50_000);
            match kind {
                0 => Distribution::ZERO,
                1 => Distribution::Constant(mean),
                2 => Distribution::Exponential(mean),
                3 => Distribution::LogNormalMean { mean, cv: 1.5 },
                4 => Distribution::Gamma { mean, cv: 2.0 },
                5 => Distribution::HyperExponentialMean { mean, cv: 3.0 },
                _ => Distribution::Erlang { k: 3, mean },
            }
        })
        .boxed()
}

pub fn line() -> BoxedStrategy<Queueing> {
    let discipline = prop_oneof![
        3 => Just(Discipline::Fifo),
        1 => Just(Discipline::Lifo),
        1 => Just(Discipline::Priority),
        1 => Just(Discipline::Random),
        2 => Just(Discipline::ProcessorSharing),
        1 => (1u64..20, 1u64..200).prop_map(|(target, interval)| Discipline::CoDel {
            target: ms(target),
            interval: ms(interval),
        }),
        1 => (1u64..20, 1u64..200).prop_map(|(target, interval)| Discipline::AdaptiveLifo {
            target: ms(target),
            interval: ms(interval),
        }),
    ];
    (discipline, proptest::option::weighted(0.5, 0u32..6))
        .prop_map(|(discipline, capacity)| Queueing {
            discipline,
            capacity,
        })
        .boxed()
}

pub fn retries() -> BoxedStrategy<Retries> {
    (0u32..4, 0u64..100, 0..3)
        .prop_map(|(max, millis, kind)| Retries {
            budget: (millis % 3 == 0).then(|| Budget {
                ratio: 0.2,
                per_second: Rate(millis as f64 / 10.0),
                burst: max,
            }),
            max,
            backoff: match kind {
                0 => Backoff::None,
                1 => Backoff::Constant(ms(millis + 1)),
                _ => Backoff::Exponential(ms(millis + 1)),
            },
            jitter: [Jitter::None, Jitter::Full, Jitter::Decorrelated][max as usize % 3],
        })
        .boxed()
}

pub fn client() -> BoxedStrategy<Component> {
    let arrivals = prop_oneof![
        (1u32..300).prop_map(|rate| poisson(f64::from(rate))),
        (1u32..300).prop_map(|rate| Arrivals::Constant {
            rate: Rate(f64::from(rate)),
            profile: Vec::new(),
        }),
        (1u32..300).prop_map(|rate| Arrivals::Uniform {
            rate: Rate(f64::from(rate)),
            profile: Vec::new(),
        }),
        (0u32..50, 50u32..400, 20u64..500).prop_map(|(low, high, millis)| Arrivals::Bursts {
            low: Rate(f64::from(low)),
            high: Rate(f64::from(high)),
            low_for: ms(millis),
            high_for: ms(millis / 2 + 1),
            profile: Vec::new(),
        }),
        (1u32..200, 1u32..20, any::<bool>()).prop_map(|(rate, size, same)| Arrivals::Batches {
            rate: Rate(f64::from(rate)),
            size: f64::from(size),
            sizes: if same {
                BatchSizes::Constant
            } else {
                BatchSizes::Geometric
            },
            profile: Vec::new(),
        }),
        (proptest::collection::vec(0u64..500, 1..40), any::<bool>()).prop_map(|(times, again)| {
            let times: Vec<Duration> = times.into_iter().map(ms).collect();
            Arrivals::Recorded(Recorded {
                times: Sample::listed(times),
                repeat: again.then(|| ms(500)),
            })
        }),
        (1u32..40, 1u32..10, short()).prop_map(|(starts, requests, think)| {
            Arrivals::Sessions {
                starts: Rate(f64::from(starts)),
                requests: f64::from(requests),
                think,
                profile: Vec::new(),
            }
        }),
        (1u32..40, short()).prop_map(|(users, think)| {
            // Users who ask at once and are refused at once would never let time go on.
            let think = if think == Distribution::ZERO {
                constant(1)
            } else {
                think
            };
            Arrivals::Closed { users, think }
        }),
    ];
    let timeout = proptest::option::weighted(0.7, 1u64..300);
    (arrivals, timeout, retries(), 1u64..100, 1u32..20)
        .prop_map(|(arrivals, timeout, retries, items, sessions)| {
            Component::Client(Client {
                arrivals,
                timeout: timeout.map(ms),
                retries,
                sessions,
                keys: Keys::Zipf { items, s: 1.0 },
                ..Client::default()
            })
        })
        .boxed()
}

pub fn function() -> BoxedStrategy<Component> {
    (short(), short(), 0u64..300, 1u32..8)
        .prop_map(|(service, cold_start, keep_alive, concurrency)| {
            Component::Function(Function {
                service,
                cold_start,
                keep_alive: ms(keep_alive),
                concurrency,
                ..Function::default()
            })
        })
        .boxed()
}

/// With anything from one to three instances at first.
pub fn autoscaler() -> BoxedStrategy<Autoscaler> {
    let policy = prop_oneof![
        (0.1..1.0).prop_map(|utilization| Policy::Target { utilization }),
        (0.5..1.0, 0u64..500, 0.0..0.5, 0u64..500).prop_map(
            |(above, out_after, below, in_after)| {
                Policy::Steps {
                    above,
                    out_after: ms(out_after),
                    add: 2,
                    below,
                    in_after: ms(in_after),
                    remove: 1,
                }
            }
        ),
        (1u32..5).prop_map(|per_instance| Policy::QueueLength { per_instance }),
        (1u64..2_000, 1u32..6, 1u64..2_000, 1u32..6).prop_map(|(at, count, later, then)| {
            Policy::Scheduled {
                times: vec![(ms(at), count), (ms(at + later), then)],
            }
        }),
        (0.1..1.0, 1u64..2_000).prop_map(|(utilization, window)| Policy::Predictive {
            utilization,
            window: ms(window),
        }),
    ];
    let times = (50u64..500, short(), 0u64..300, 0u64..500, 0u64..500);
    (policy, 3u32..7, times)
        .prop_map(|(policy, max, times)| {
            let (interval, boot, warm_up, out_cooldown, in_cooldown) = times;
            Autoscaler {
                policy,
                min: 1,
                max,
                interval: ms(interval),
                boot,
                warm_up: ms(warm_up),
                cold: 2.5,
                out_cooldown: ms(out_cooldown),
                in_cooldown: ms(in_cooldown),
            }
        })
        .boxed()
}

pub fn station() -> BoxedStrategy<Component> {
    let contention = proptest::option::weighted(0.3, (0.0..0.5, 0.0..0.1));
    let when = prop_oneof![
        (0u32..6).prop_map(|calls| ShedWhen::Line { calls }),
        (1u64..50).prop_map(|longer| ShedWhen::Wait { longer: ms(longer) }),
        (0.1..1.0, 1u64..500).prop_map(|(above, over)| ShedWhen::Utilization {
            above,
            over: ms(over),
        }),
    ];
    let spares = proptest::option::weighted(0.3, 0u8..3);
    let shed = (when, spares).prop_map(|(when, spares)| Shed { when, spares });
    let shed = proptest::option::weighted(0.2, shed);
    let pauses = (1u64..400, 1u64..200).prop_map(|(every, length)| Pauses {
        every: exponential(every),
        length: exponential(length),
    });
    let more = (
        shed,
        proptest::option::weighted(0.3, pauses),
        proptest::option::weighted(0.3, autoscaler()),
    );
    (1u32..4, 1u32..5, short(), contention, line(), more)
        .prop_map(|(instances, slots, service, contention, queue, more)| {
            Component::Server(Server {
                instances,
                autoscaler: more.2.map(Box::new),
                slots,
                service,
                // Any number of calls that share slots would slow each other down for ever.
                contention: contention
                    .filter(|_| queue.discipline != Discipline::ProcessorSharing)
                    .map(|(alpha, beta)| Contention { alpha, beta }),
                shed: more.0.filter(|shed| {
                    queue.discipline != Discipline::ProcessorSharing
                        || !matches!(shed.when, ShedWhen::Wait { .. })
                }),
                pauses: more.1.map(Box::new),
                queue,
                ..Server::default()
            })
        })
        .boxed()
}

pub fn cache() -> BoxedStrategy<Component> {
    let hit_ratio = proptest::option::weighted(0.3, 0.0..1.0);
    let ttl = proptest::option::weighted(0.5, 1u64..500);
    (1u64..50, hit_ratio, ttl, short(), line())
        .prop_map(|(capacity, hit_ratio, ttl, service, queue)| {
            Component::Cache(Cache {
                capacity: hit_ratio.is_none().then_some(capacity),
                hit_ratio,
                ttl: ttl.filter(|_| hit_ratio.is_none()).map(ms),
                slots: 4,
                service,
                queue,
                ..Cache::default()
            })
        })
        .boxed()
}

pub fn database() -> BoxedStrategy<Component> {
    (1u32..6, short(), short(), line())
        .prop_map(|(slots, read, write, queue)| {
            Component::Database(Database {
                slots,
                read,
                write,
                queue,
                ..Database::default()
            })
        })
        .boxed()
}

pub fn replica() -> BoxedStrategy<Component> {
    (1u32..4, short(), short(), line())
        .prop_map(|(slots, read, apply, queue)| {
            Component::Replica(Replica {
                slots,
                read,
                apply,
                queue,
                ..Replica::default()
            })
        })
        .boxed()
}

pub fn queue() -> BoxedStrategy<Component> {
    let capacity = proptest::option::weighted(0.5, 1u32..30);
    (capacity, 1u32..4, 10u64..300, any::<bool>(), 1u32..4)
        .prop_map(|(capacity, prefetch, visibility, after, max_deliveries)| {
            Component::Queue(Queue {
                capacity,
                prefetch,
                visibility: ms(visibility),
                acknowledge: if after {
                    Acknowledge::AfterWork
                } else {
                    Acknowledge::BeforeWork
                },
                max_deliveries,
                ..Queue::default()
            })
        })
        .boxed()
}
