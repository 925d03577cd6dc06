//! Nothing is lost or made up, whatever is drawn and whatever is done to it: generated designs,
//! faults, edits and steps in any order; at the end everything heals and drains.

mod deploys;
mod holders;
mod world;

use littlebox::{
    engine::Engine,
    scenario::{
        Acknowledge, ActivePassive, After, Algorithm, ApiGateway, Arrivals, Autoscaler, Backoff,
        Bandwidth, BatchSizes, Breaker, Budget, Cache, Capacity, Choices, Client, Component,
        Connection, ConsistentHash, Contention, Database, Depth, Discipline, Distribution, Dns,
        Duration, Ejection, Excess, FaultKind, Function, GatewayLimit, HashOf, Health, Hedge,
        Jitter, Keys, Link, LoadBalancer, Mode, Only, OperationKind, Pair, Pauses, Policy, Pool,
        Queue, Queueing, RandomFailures, Rate, RateLimit, RateLimiter, Recorded, Replica,
        Replication, Resolution, ResponseCache, ResponseTime, Retries, Sample, Scenario, Scope,
        Server, Shed, ShedWhen, Trip, edit,
    },
};
use proptest::{
    prelude::*,
    test_runner::{Config, FileFailurePersistence, RngSeed},
};

use crate::support::design::*;

fn short() -> BoxedStrategy<Distribution> {
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

fn line() -> BoxedStrategy<Queueing> {
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

fn retries() -> BoxedStrategy<Retries> {
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

fn client() -> BoxedStrategy<Component> {
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

fn balancer() -> BoxedStrategy<Component> {
    let ring = |by, bound| {
        Algorithm::ConsistentHash(ConsistentHash {
            by,
            vnodes: 10,
            bound,
        })
    };
    let algorithm = proptest::sample::select(vec![
        Algorithm::RoundRobin,
        Algorithm::WeightedRoundRobin,
        Algorithm::Random,
        Algorithm::LeastConnections,
        Algorithm::WeightedLeastConnections,
        Algorithm::PowerOfTwo,
        Algorithm::PowerOfChoices(Choices::default()),
        Algorithm::LeastResponseTime(ResponseTime::default()),
        Algorithm::LowestUtilization,
        Algorithm::SessionHash,
        Algorithm::KeyHash,
        ring(HashOf::Key, None),
        ring(HashOf::Session, Some(1.25)),
    ]);
    let own = 0u32..6;
    (
        algorithm,
        any::<bool>(),
        0u32..4,
        0u32..3,
        any::<bool>(),
        own,
    )
        .prop_map(|(algorithm, sticky, checks, ejects, slowly, own)| {
            Component::LoadBalancer(LoadBalancer {
                algorithm,
                sticky,
                health: checked(checks),
                ejection: (ejects > 0).then_some(Ejection {
                    consecutive_failures: ejects,
                    base_time: ms(300),
                    max_share: 0.5,
                }),
                slow_start: slowly.then_some(ms(500)),
                capacity: (own > 2).then_some(Capacity {
                    slots: own,
                    service: constant(2),
                }),
                pair: match own % 3 {
                    0 => Pair::Single,
                    1 => Pair::ActiveActive,
                    _ => Pair::ActivePassive(ActivePassive { takeover: ms(100) }),
                },
                ..LoadBalancer::default()
            })
        })
        .boxed()
}

/// None, and three kinds of health checks.
fn checked(kind: u32) -> Option<Health> {
    (kind > 0).then_some(Health {
        timeout: (kind == 2).then_some(ms(20)),
        depth: if kind == 3 {
            Depth::Deep
        } else {
            Depth::Shallow
        },
        interval: ms(200),
        unhealthy: 2,
        healthy: 1,
    })
}

fn rate_limit() -> BoxedStrategy<RateLimit> {
    let rate = || (1u32..200).prop_map(|rate| Rate(f64::from(rate)));
    let (limit, window) = (|| 1u32..20, || (1u64..2_000).prop_map(ms));
    prop_oneof![
        (limit(), rate()).prop_map(|(burst, rate)| RateLimit::TokenBucket { burst, rate }),
        (limit(), rate()).prop_map(|(capacity, rate)| RateLimit::LeakyBucket { capacity, rate }),
        (limit(), window()).prop_map(|(limit, window)| RateLimit::FixedWindow { limit, window }),
        (limit(), window()).prop_map(|(limit, window)| RateLimit::SlidingLog { limit, window }),
        (limit(), window()).prop_map(|(limit, window)| RateLimit::SlidingCounter { limit, window }),
    ]
    .boxed()
}

fn limiter() -> BoxedStrategy<Component> {
    let excess = prop_oneof![
        Just(Excess::Refuse),
        (0u32..10).prop_map(|line| Excess::Wait {
            capacity: (line < 8).then_some(line),
        }),
    ];
    (rate_limit(), any::<bool>(), excess)
        .prop_map(|(limit, by_session, excess)| {
            Component::RateLimiter(RateLimiter {
                limit,
                scope: if by_session {
                    Scope::PerSession
                } else {
                    Scope::Global
                },
                excess,
                ..RateLimiter::default()
            })
        })
        .boxed()
}

fn gateway() -> BoxedStrategy<Component> {
    let limit = (rate_limit(), any::<bool>()).prop_map(|(limit, by_session)| GatewayLimit {
        limit,
        scope: if by_session {
            Scope::PerSession
        } else {
            Scope::Global
        },
    });
    let responses = (1u64..50, 1u64..500).prop_map(|(capacity, ttl)| ResponseCache {
        capacity,
        ttl: ms(ttl),
    });
    (
        1u32..6,
        short(),
        line(),
        proptest::option::of(limit),
        proptest::option::of(responses),
    )
        .prop_map(|(slots, authentication, queue, rate_limit, cache)| {
            Component::ApiGateway(ApiGateway {
                slots,
                authentication,
                queue,
                rate_limit,
                cache,
                ..ApiGateway::default()
            })
        })
        .boxed()
}

fn names() -> BoxedStrategy<Component> {
    let policy = proptest::sample::select(vec![
        Resolution::RoundRobin,
        Resolution::Weighted,
        Resolution::Failover,
        Resolution::Nearest,
    ]);
    (policy, 0u64..500, short(), any::<bool>(), 0u32..4)
        .prop_map(|(policy, ttl, lookup, by_session, checks)| {
            Component::Dns(Dns {
                policy,
                ttl: ms(ttl),
                lookup,
                scope: if by_session {
                    Scope::PerSession
                } else {
                    Scope::Global
                },
                health: checked(checks),
                ..Dns::default()
            })
        })
        .boxed()
}

fn function() -> BoxedStrategy<Component> {
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
fn autoscaler() -> BoxedStrategy<Autoscaler> {
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

fn station() -> BoxedStrategy<Component> {
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

fn cache() -> BoxedStrategy<Component> {
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

fn database() -> BoxedStrategy<Component> {
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

fn replica() -> BoxedStrategy<Component> {
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

fn queue() -> BoxedStrategy<Component> {
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

type Guards = (Option<Breaker>, Option<Pool>, bool, Option<Hedge>);

fn guards() -> BoxedStrategy<Guards> {
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
fn arrow(from: &'static str, to: &'static str) -> BoxedStrategy<Connection> {
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
fn only() -> BoxedStrategy<Option<Only>> {
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
fn frail() -> BoxedStrategy<Scenario> {
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
fn placed() -> BoxedStrategy<Scenario> {
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

/// Something that a person can do to a run.
#[derive(Clone, Debug)]
enum Act {
    Run(u64),
    Steps(u64),
    Break(usize, FaultKind),
    Heal(usize),
    RollBack(usize),
    BreakInstance(usize, u32, FaultKind),
    BreakArrow(usize, FaultKind),
    Mend(usize),
    BreakFrame(usize, FaultKind),
    HealFrame(usize),
    /// The same boxes and arrows with the parameters of another design.
    Change(Box<Scenario>),
    Remove(usize),
    Restore,
    Reset,
}

/// In designs of so many boxes and arrows.
fn acts_in(designs: BoxedStrategy<Scenario>, size: (usize, usize)) -> BoxedStrategy<Vec<Act>> {
    let on_frame = proptest::sample::select(vec![
        FaultKind::Partition,
        FaultKind::Partition,
        FaultKind::Crash,
        FaultKind::Slow { times: 3.0 },
    ]);
    let act = prop_oneof![
        8 => single_act(designs, size),
        1 => (0usize..16, on_frame).prop_map(|(at, fault)| Act::BreakFrame(at, fault)),
        1 => (0usize..16).prop_map(Act::HealFrame),
        1 => (0usize..16, deploys::deploy())
            .prop_map(|(at, deploy)| Act::BreakFrame(at, FaultKind::Deploy(deploy))),
    ];
    proptest::collection::vec(act, 1..30).boxed()
}

fn acts() -> BoxedStrategy<Vec<Act>> {
    acts_in(placed(), (18, 25))
}

fn single_act(
    designs: BoxedStrategy<Scenario>,
    (boxes, arrows): (usize, usize),
) -> BoxedStrategy<Act> {
    let fault = proptest::sample::select(vec![
        FaultKind::Crash,
        FaultKind::Hang,
        FaultKind::Pause,
        FaultKind::Slow { times: 3.0 },
        FaultKind::Flush,
        FaultKind::Traffic { times: 2.5 },
        FaultKind::Errors { share: 0.3 },
        FaultKind::Capacity { lost: 0.6 },
        FaultKind::HotKey { share: 0.5 },
    ]);
    let on_arrow = proptest::sample::select(vec![
        FaultKind::Cut,
        FaultKind::Loss { share: 0.3 },
        FaultKind::Slow { times: 4.0 },
    ]);
    let on_instance = proptest::sample::select(vec![
        FaultKind::Crash,
        FaultKind::Hang,
        FaultKind::Pause,
        FaultKind::Slow { times: 3.0 },
        FaultKind::Errors { share: 0.3 },
    ]);
    prop_oneof![
        6 => (1u64..2_000).prop_map(Act::Run),
        4 => (1u64..200).prop_map(Act::Steps),
        4 => (0usize..boxes, fault).prop_map(|(at, fault)| Act::Break(at, fault)),
        3 => (0usize..boxes).prop_map(Act::Heal),
        3 => (0usize..boxes, deploys::deploy())
            .prop_map(|(at, deploy)| Act::Break(at, FaultKind::Deploy(deploy))),
        1 => (0usize..boxes).prop_map(Act::RollBack),
        2 => (0usize..boxes, 1u32..5, on_instance)
            .prop_map(|(at, nth, fault)| Act::BreakInstance(at, nth, fault)),
        2 => (0usize..arrows, on_arrow).prop_map(|(at, fault)| Act::BreakArrow(at, fault)),
        1 => (0usize..arrows).prop_map(Act::Mend),
        2 => designs.prop_map(|scenario| Act::Change(Box::new(scenario))),
        1 => (1usize..boxes).prop_map(Act::Remove),
        1 => Just(Act::Restore),
        1 => Just(Act::Reset),
    ]
    .boxed()
}

fn name(engine: &Engine, at: usize) -> String {
    let components = &engine.scenario().components;
    components
        .get_index(at % components.len())
        .unwrap()
        .0
        .clone()
}

fn arrow_name(engine: &Engine, at: usize) -> String {
    let connections = &engine.scenario().connections;
    let connection = &connections[at % connections.len()];
    format!("{} -> {}", connection.from, connection.to)
}

fn act(engine: &mut Engine, act: &Act, first: &Scenario) {
    match act {
        Act::Run(millis) => engine.run_until(engine.now_ns() + ms(*millis).nanos()),
        Act::Steps(steps) => {
            for _ in 0..*steps {
                engine.step();
                check(engine);
            }
        }
        // A fault that makes no sense there is refused, which is as good.
        Act::Break(at, fault) => drop(engine.start_fault(&name(engine, *at), *fault)),
        Act::Heal(at) => engine.heal(&name(engine, *at)).unwrap(),
        Act::RollBack(at) => drop(engine.roll_back(&name(engine, *at))),
        Act::BreakInstance(at, nth, fault) => {
            drop(engine.start_fault(&format!("{} #{nth}", name(engine, *at)), *fault));
        }
        Act::BreakArrow(at, fault) => engine
            .start_fault(&arrow_name(engine, *at), *fault)
            .unwrap(),
        Act::BreakFrame(at, fault) => world::trouble(engine, *at, *fault),
        Act::HealFrame(at) => world::heal(engine, *at),
        Act::Mend(at) => engine.heal(&arrow_name(engine, *at)).unwrap(),
        // Without any delay a ring of calls is refused; the run goes on as it was.
        Act::Change(scenario) => drop(engine.edit(scenario)),
        Act::Remove(at) => {
            let mut scenario = engine.scenario().clone();
            let gone = name(engine, *at);
            scenario.components.shift_remove(&gone);
            for frame in scenario.frames.values_mut() {
                frame.members.retain(|member| *member != gone);
            }
            scenario
                .connections
                .retain(|connection| connection.from != gone && connection.to != gone);
            // What can't be without it goes too; a drawing that has nothing left is refused.
            drop(engine.edit(&edit::finished(&scenario)));
        }
        Act::Restore => engine.edit(first).unwrap(),
        Act::Reset => engine.reset_measures(),
    }
    check(engine);
}

#[track_caller]
fn check(engine: &Engine) {
    engine.check_conservation().unwrap();
    for (at, component) in engine.scenario().components.keys().enumerate() {
        let t = engine.component(at);
        assert_eq!(
            t.present_at_start + t.arrivals,
            t.departures + t.present,
            "{component}"
        );
        assert!(
            t.waiting <= t.present && t.busy <= t.held && t.good <= t.completed,
            "{component}"
        );
        assert!(t.refused <= t.failures.total(), "{component}");
        if let Some(failed) = engine.failure_latency(at) {
            let answered = engine.component_latency(at);
            assert_eq!(answered.count(), t.completed, "{component}");
            assert_eq!(
                failed.count(),
                t.failures.total() - t.refused,
                "{component}"
            );
        }
    }
    for (at, name) in engine.operations().iter().enumerate() {
        let t = engine.operation(at);
        let (answered, failed) = (
            engine.operation_latency(at),
            engine.operation_failure_latency(at),
        );
        assert_eq!(answered.count(), t.completed, "{name}");
        assert_eq!(failed.count(), t.failures.total() - t.refused, "{name}");
    }
    for at in 0..engine.scenario().connections.len() {
        let t = engine.connection(at);
        let ended = t.completed + t.failures.total();
        assert_eq!(t.present_at_start + t.attempts, ended + t.present, "{at}");
    }
}

/// Nothing more happens by itself: no requests, no health checks.
pub fn stop(component: &mut Component) {
    match component {
        Component::Client(client) => {
            client.arrivals = poisson_until(1.0, Duration::from_nanos(1));
        }
        Component::LoadBalancer(balancer) => balancer.health = None,
        Component::Dns(dns) => dns.health = None,
        Component::Server(server) => {
            server.pauses = None;
            server.autoscaler = None;
        }
        _ => {}
    }
}

/// Puts back what was removed, heals everything, stops the traffic and waits: nobody may be left
/// anywhere.
fn drain(engine: &mut Engine, first: &Scenario) {
    engine.edit(first).unwrap();
    for at in 0..engine.scenario().components.len() {
        engine.heal(&name(engine, at)).unwrap();
    }
    for at in 0..engine.scenario().connections.len() {
        engine.heal(&arrow_name(engine, at)).unwrap();
    }
    world::heal_all(engine);
    let mut scenario = first.clone();
    for component in scenario.components.values_mut() {
        // What is down by chance is repaired.
        fail_by_chance(component, None);
        stop(component);
    }
    engine.edit(&scenario).unwrap();
    engine.run_until(engine.now_ns() + secs(20_000).nanos());
    check(engine);
    for (at, component) in engine.scenario().components.keys().enumerate() {
        let t = engine.component(at);
        assert_eq!(
            (t.present, t.waiting, t.held, t.busy),
            (0, 0, 0, 0),
            "{component}: {t:?}"
        );
    }
    for at in 0..engine.scenario().connections.len() {
        assert_eq!(engine.connection(at).present, 0, "connection {at}");
    }
}

/// Every figure of both runs is the same.
#[track_caller]
fn same(one: &Engine, other: &Engine) {
    for (at, name) in one.scenario().components.keys().enumerate() {
        let (one, other) = (one.component(at), other.component(at));
        assert_eq!(format!("{one:?}"), format!("{other:?}"), "{name}");
    }
    for at in 0..one.scenario().connections.len() {
        let (one, other) = (one.connection(at), other.connection(at));
        assert_eq!(format!("{one:?}"), format!("{other:?}"), "arrow {at}");
    }
    for (at, name) in one.operations().iter().enumerate() {
        let times = |engine: &Engine| -> Vec<(f64, u64)> {
            engine.operation_latency(at).buckets().collect()
        };
        assert_eq!(times(one), times(other), "{name}");
        let (one, other) = (one.operation(at), other.operation(at));
        assert_eq!(format!("{one:?}"), format!("{other:?}"), "{name}");
    }
    for (at, name) in one.scenario().components.keys().enumerate() {
        let times = |engine: &Engine| -> (u64, Vec<(f64, u64)>) {
            let latency = engine.component_latency(at);
            (latency.max_ns(), latency.buckets().collect())
        };
        assert_eq!(times(one), times(other), "{name}");
    }
    assert_eq!(one.events(), other.events());
    assert_eq!(one.fingerprint(), other.fingerprint());
}

/// With most arrows as quick and as sure as can be: then calls can take routes.
fn at_once(scenario: &Scenario, slow: u32) -> Scenario {
    let mut scenario = scenario.clone();
    for (at, connection) in scenario.connections.iter_mut().enumerate() {
        if slow >> at & 1 == 0 {
            connection.latency = Some(Distribution::ZERO);
            connection.loss = 0.0;
            connection.timeout = None;
        }
    }
    for component in scenario.components.values_mut() {
        match component {
            Component::Client(client) => client.timeout = None,
            Component::LoadBalancer(balancer) if balancer.looks_at_sessions() => {
                balancer.algorithm = Algorithm::LeastConnections;
                balancer.sticky = false;
            }
            Component::RateLimiter(limiter) => limiter.scope = Scope::Global,
            Component::Dns(dns) => dns.scope = Scope::Global,
            Component::ApiGateway(gateway) => {
                if let Some(limit) = &mut gateway.rate_limit {
                    limit.scope = Scope::Global;
                }
            }
            _ => {}
        }
    }
    scenario
}

/// Cases that failed once, which are tried first.
const KEPT: &str = "tests/engine/conservation.regressions";

proptest! {
    #![proptest_config(Config {
        // More when `PROPTEST_CASES` says so.
        cases: Config::default().cases.max(1_000),
        rng_seed: RngSeed::Fixed(1961),
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(KEPT))),
        max_shrink_iters: 2_000,
        ..Config::default()
    })]

    #[test]
    fn whatever_is_drawn_and_done(design in placed(), acts in acts()) {
        let mut engine = Engine::new(&design).unwrap();
        for step in &acts {
            act(&mut engine, step, &design);
        }
        drain(&mut engine, &design);
        // And it can be repeated.
        let mut again = Engine::replay(engine.recording()).unwrap();
        again.run_until(engine.now_ns());
        prop_assert_eq!(again.fingerprint(), engine.fingerprint());
    }
    /// A request whose hops are recorded takes no route: what is measured may not depend on it.
    #[test]
    fn routes_change_nothing(
        design in placed(),
        acts in acts(),
        slow in any::<u32>().prop_flat_map(|slow| (0..=slow).prop_map(move |other| slow & other)),
    ) {
        let design = at_once(&design, slow);
        if let Ok(mut routed) = Engine::new(&design) {
            let mut unrouted = routed.clone();
            unrouted.sample_hops(1);
            let mut mixed = routed.clone();
            mixed.sample_hops(3);
            for step in &acts {
                let step = match step {
                    Act::Change(scenario) => Act::Change(Box::new(at_once(scenario, slow))),
                    // One after the other takes no time to look at in between.
                    Act::Steps(steps) => Act::Run(*steps),
                    step => step.clone(),
                };
                for engine in [&mut routed, &mut unrouted, &mut mixed] {
                    act(engine, &step, &design);
                    engine.take_hops(&mut Vec::new());
                }
                same(&routed, &unrouted);
                same(&routed, &mixed);
            }
        }
    }

    /// An edit that changes nothing about what runs leaves the rest of the run the same to the last
    /// bit.
    #[test]
    fn edits_of_the_notes_change_nothing(design in placed(), acts in acts_in(placed(), (14, 20))) {
        let mut alone = Engine::new(&design).unwrap();
        let mut edited = alone.clone();
        for step in &acts {
            act(&mut alone, step, &design);
            act(&mut edited, step, &design);
            let mut scenario = edited.scenario().clone();
            scenario.notes += "!";
            edited.edit(&scenario).unwrap();
            check(&edited);
            same(&alone, &edited);
        }
        alone.run_until(alone.now_ns() + secs(2).nanos());
        edited.run_until(edited.now_ns() + secs(2).nanos());
        same(&alone, &edited);
        prop_assert_eq!(edited.fingerprint(), alone.fingerprint());
    }
}
