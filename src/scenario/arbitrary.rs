//! Generated scenarios for property tests: every type, every variant, odd names and numbers.
//!
//! Every strategy is boxed: as one nested type they overflow the stack of a test.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::*;

/// A name as people never write it, but may.
fn name() -> BoxedStrategy<String> {
    prop_oneof![
        8 => "[a-z]{1,3}",
        1 => "[a-zA-Z0-9 ._äé→-]{1,10}",
        1 => ".{0,6}",
    ]
    .boxed()
}

fn duration() -> BoxedStrategy<Duration> {
    prop_oneof![
        (0..100_u64).prop_map(Duration::from_millis),
        (0..100_u64).prop_map(Duration::from_secs),
        (0..=Duration::MAX.nanos()).prop_map(Duration::from_nanos),
    ]
    .boxed()
}

/// Any number but NaN, which is never equal to itself.
fn number() -> BoxedStrategy<f64> {
    prop_oneof![
        4 => (0..1000_u32).prop_map(f64::from),
        4 => 0.0..1.0,
        1 => any::<f64>().prop_filter("NaN", |number| !number.is_nan()),
        1 => prop::sample::select(vec![-0.0, f64::INFINITY, f64::MIN_POSITIVE, 1e15, 1e16]),
    ]
    .boxed()
}

fn rate() -> BoxedStrategy<Rate> {
    number().prop_map(Rate).boxed()
}

fn size() -> BoxedStrategy<Size> {
    let bytes = prop_oneof![0..10_000_u64, 0..=Size::MAX.bytes()];
    bytes.prop_map(Size::from_bytes).boxed()
}

fn message_size() -> BoxedStrategy<MessageSize> {
    prop_oneof![
        3 => size().prop_map(MessageSize::Constant),
        1 => size().prop_map(MessageSize::Exponential),
        1 => (size(), size()).prop_map(|(p50, p99)| MessageSize::LogNormal { p50, p99 }),
        1 => (number(), size(), size())
            .prop_map(|(alpha, min, max)| MessageSize::BoundedPareto { alpha, min, max }),
    ]
    .boxed()
}

fn bandwidth() -> BoxedStrategy<Bandwidth> {
    prop_oneof![1..=Bandwidth::MAX.bits(), 1..10_000_u64]
        .prop_map(Bandwidth::from_bits)
        .boxed()
}

fn count() -> BoxedStrategy<u32> {
    prop_oneof![0..100_u32, any::<u32>()].boxed()
}

fn distribution() -> BoxedStrategy<Distribution> {
    prop_oneof![
        duration().prop_map(Distribution::Constant),
        duration().prop_map(Distribution::Exponential),
        (duration(), duration()).prop_map(|(min, max)| Distribution::Uniform { min, max }),
        (duration(), duration()).prop_map(|(p50, p99)| Distribution::LogNormal { p50, p99 }),
        (duration(), number()).prop_map(|(mean, cv)| Distribution::LogNormalMean { mean, cv }),
        (count(), duration()).prop_map(|(k, mean)| Distribution::Erlang { k, mean }),
        (duration(), duration()).prop_map(|(mean, sd)| Distribution::Normal { mean, sd }),
        (duration(), number()).prop_map(|(mean, cv)| Distribution::Gamma { mean, cv }),
        (number(), duration()).prop_map(|(shape, scale)| Distribution::Weibull { shape, scale }),
        (number(), duration()).prop_map(|(shape, mean)| Distribution::WeibullMean { shape, mean }),
        (number(), duration(), duration())
            .prop_map(|(alpha, min, max)| Distribution::BoundedPareto { alpha, min, max }),
        vec(branch(), 0..3).prop_map(Distribution::HyperExponential),
        (duration(), number())
            .prop_map(|(mean, cv)| Distribution::HyperExponentialMean { mean, cv }),
        sample().prop_map(Distribution::Empirical),
    ]
    .boxed()
}

fn branch() -> BoxedStrategy<Branch> {
    (number(), duration())
        .prop_map(|(probability, mean)| Branch { probability, mean })
        .boxed()
}

/// Listed, or in a file that is not there.
fn sample() -> BoxedStrategy<Sample> {
    use sample::{Column, Unit};
    let units = vec![
        Unit::Seconds,
        Unit::Milliseconds,
        Unit::Microseconds,
        Unit::Nanoseconds,
    ];
    let column = (name(), option::of(name()), prop::sample::select(units));
    prop_oneof![
        vec(duration(), 0..4).prop_map(Sample::listed),
        column.prop_map(|(file, name, unit)| Sample::from_file(Column { file, name, unit })),
    ]
    .boxed()
}

fn retries() -> BoxedStrategy<Retries> {
    let backoff = prop_oneof![
        Just(Backoff::None),
        duration().prop_map(Backoff::Constant),
        duration().prop_map(Backoff::Exponential),
    ];
    let jitter = prop::sample::select(vec![Jitter::None, Jitter::Full, Jitter::Decorrelated]);
    (count(), backoff, jitter, option::of(budget()))
        .prop_map(|(max, backoff, jitter, budget)| Retries {
            max,
            backoff,
            jitter,
            budget,
        })
        .boxed()
}

fn prices() -> BoxedStrategy<Prices> {
    let hours = (number(), number(), number(), number());
    let requests = (number(), number(), number(), number(), number(), number());
    let gigabytes = (number(), number(), number());
    let list = (hours, requests, gigabytes).prop_map(
        |(
            (load_balancer, server, cache, database),
            (rate_limiter, api_gateway, dns, function, gigabyte_second, queue),
            (gigabyte_out, gigabyte_across_zones, gigabyte_across_regions),
        )| Prices {
            load_balancer,
            rate_limiter,
            server,
            api_gateway,
            dns,
            function,
            gigabyte_second,
            cache,
            database,
            queue,
            gigabyte_out,
            gigabyte_across_zones,
            gigabyte_across_regions,
        },
    );
    prop_oneof![Just(Prices::default()), list].boxed()
}

fn budget() -> BoxedStrategy<Budget> {
    (number(), rate(), count())
        .prop_map(|(ratio, per_second, burst)| Budget {
            ratio,
            per_second,
            burst,
        })
        .boxed()
}

fn breaker() -> BoxedStrategy<Breaker> {
    let trip = prop_oneof![
        count().prop_map(|failures| Trip::Consecutive { failures }),
        (number(), count(), count()).prop_map(|(share, window, least)| Trip::Ratio {
            share,
            window,
            least
        }),
    ];
    (trip, duration(), count())
        .prop_map(|(trip, open, probes)| Breaker { trip, open, probes })
        .boxed()
}

fn pool() -> BoxedStrategy<Pool> {
    (count(), option::of(duration()), option::of(count()))
        .prop_map(|(max, wait, queue)| Pool { max, wait, queue })
        .boxed()
}

fn shape() -> BoxedStrategy<RateShape> {
    prop_oneof![
        vec((duration(), rate()), 0..3).prop_map(RateShape::Steps),
        (duration(), duration(), rate()).prop_map(|(from, until, to)| RateShape::Ramp {
            from,
            until,
            to
        }),
        (number(), duration()).prop_map(|(swing, period)| RateShape::Day { swing, period }),
        (duration(), duration(), number()).prop_map(|(at, until, times)| RateShape::Spike {
            at,
            until,
            times
        }),
    ]
    .boxed()
}

fn arrivals() -> BoxedStrategy<Arrivals> {
    prop_oneof![
        (rate(), vec(shape(), 0..3))
            .prop_map(|(rate, profile)| Arrivals::Poisson { rate, profile }),
        (rate(), vec(shape(), 0..3))
            .prop_map(|(rate, profile)| Arrivals::Constant { rate, profile }),
        (rate(), vec(shape(), 0..3))
            .prop_map(|(rate, profile)| Arrivals::Uniform { rate, profile }),
        (rate(), rate(), duration(), duration(), vec(shape(), 0..2)).prop_map(
            |(low, high, low_for, high_for, profile)| Arrivals::Bursts {
                low,
                high,
                low_for,
                high_for,
                profile,
            }
        ),
        (rate(), number(), any::<bool>(), vec(shape(), 0..2)).prop_map(
            |(rate, size, constant, profile)| Arrivals::Batches {
                rate,
                size,
                sizes: if constant {
                    BatchSizes::Constant
                } else {
                    BatchSizes::Geometric
                },
                profile,
            }
        ),
        (sample(), option::of(duration()))
            .prop_map(|(times, repeat)| Arrivals::Recorded(Recorded { times, repeat })),
        (rate(), number(), distribution(), vec(shape(), 0..2)).prop_map(
            |(starts, requests, think, profile)| Arrivals::Sessions {
                starts,
                requests,
                think,
                profile,
            }
        ),
        (count(), distribution()).prop_map(|(users, think)| Arrivals::Closed { users, think }),
        long_lived().prop_map(|drawn| Arrivals::LongLived(Box::new(drawn))),
    ]
    .boxed()
}

fn long_lived() -> BoxedStrategy<LongLived> {
    let times = (
        distribution(),
        distribution(),
        distribution(),
        distribution(),
    );
    (count(), times, duration(), option::of(name()))
        .prop_map(
            |(connections, (hold, every, away, reconnect), heartbeat, connect)| LongLived {
                connections,
                hold,
                every,
                away,
                reconnect,
                heartbeat,
                connect,
            },
        )
        .boxed()
}

fn keys() -> BoxedStrategy<Keys> {
    prop_oneof![
        any::<u64>().prop_map(|items| Keys::Uniform { items }),
        (any::<u64>(), number()).prop_map(|(items, s)| Keys::Zipf { items, s }),
        (any::<u64>(), number(), number()).prop_map(|(items, hot, traffic)| Keys::HotSet {
            items,
            hot,
            traffic
        }),
        any::<u64>().prop_map(|items| Keys::Sequential { items }),
    ]
    .boxed()
}

fn queueing() -> BoxedStrategy<Queueing> {
    let discipline = prop_oneof![
        prop::sample::select(vec![
            Discipline::Fifo,
            Discipline::Lifo,
            Discipline::Priority,
            Discipline::Random,
            Discipline::ProcessorSharing,
        ]),
        (duration(), duration())
            .prop_map(|(target, interval)| Discipline::CoDel { target, interval }),
        (duration(), duration())
            .prop_map(|(target, interval)| Discipline::AdaptiveLifo { target, interval }),
    ];
    (discipline, option::of(count()))
        .prop_map(|(discipline, capacity)| Queueing {
            discipline,
            capacity,
        })
        .boxed()
}

fn failures() -> BoxedStrategy<Option<RandomFailures>> {
    let times = (distribution(), distribution());
    let times = times.prop_map(|(mtbf, mttr)| RandomFailures { mtbf, mttr });
    option::weighted(0.2, times).boxed()
}

fn pauses() -> BoxedStrategy<Option<Box<Pauses>>> {
    let times = (distribution(), distribution());
    let times = times.prop_map(|(every, length)| Box::new(Pauses { every, length }));
    option::weighted(0.2, times).boxed()
}

fn autoscaler() -> BoxedStrategy<Option<Box<Autoscaler>>> {
    let policy = prop_oneof![
        number().prop_map(|utilization| Policy::Target { utilization }),
        (number(), duration(), count(), number(), duration(), count()).prop_map(
            |(above, out_after, add, below, in_after, remove)| Policy::Steps {
                above,
                out_after,
                add,
                below,
                in_after,
                remove,
            }
        ),
        count().prop_map(|per_instance| Policy::QueueLength { per_instance }),
        vec((duration(), count()), 0..4).prop_map(|times| Policy::Scheduled { times }),
        (number(), duration()).prop_map(|(utilization, window)| Policy::Predictive {
            utilization,
            window,
        }),
    ];
    let counts = (count(), count(), number());
    let times = (
        duration(),
        distribution(),
        duration(),
        duration(),
        duration(),
    );
    let scaler = (policy, counts, times).prop_map(|(policy, (min, max, cold), times)| {
        let (interval, boot, warm_up, out_cooldown, in_cooldown) = times;
        Box::new(Autoscaler {
            policy,
            min,
            max,
            interval,
            boot,
            warm_up,
            cold,
            out_cooldown,
            in_cooldown,
        })
    });
    option::weighted(0.2, scaler).boxed()
}

fn shed() -> BoxedStrategy<Option<Shed>> {
    let when = prop_oneof![
        count().prop_map(|calls| ShedWhen::Line { calls }),
        duration().prop_map(|longer| ShedWhen::Wait { longer }),
        (number(), duration()).prop_map(|(above, over)| ShedWhen::Utilization { above, over }),
    ];
    let shed = (when, option::of(any::<u8>()));
    let shed = shed.prop_map(|(when, spares)| Shed { when, spares });
    option::weighted(0.2, shed).boxed()
}

fn client() -> BoxedStrategy<Component> {
    (
        arrivals(),
        vec(name(), 0..3),
        keys(),
        (count(), number(), vec((name(), number()), 0..3)),
        option::of(duration()),
        retries(),
    )
        .prop_map(|(arrivals, operations, keys, sessions, timeout, retries)| {
            let (sessions, session_skew, regions) = sessions;
            Component::Client(Client {
                arrivals,
                operations,
                keys,
                regions: regions.into_iter().collect(),
                sessions,
                session_skew,
                timeout,
                retries,
            })
        })
        .boxed()
}

fn health() -> BoxedStrategy<Health> {
    let depth = prop::sample::select(vec![Depth::Shallow, Depth::Deep]);
    let checks = (duration(), option::of(duration()), depth, count(), count());
    let checks = checks.prop_map(|(interval, timeout, depth, unhealthy, healthy)| Health {
        interval,
        timeout,
        depth,
        unhealthy,
        healthy,
    });
    checks.boxed()
}

fn load_balancer() -> BoxedStrategy<Component> {
    let hash_of = prop::sample::select(vec![HashOf::Key, HashOf::Session]);
    let algorithm = prop_oneof![
        prop::sample::select(vec![
            Algorithm::RoundRobin,
            Algorithm::WeightedRoundRobin,
            Algorithm::Random,
            Algorithm::LeastConnections,
            Algorithm::WeightedLeastConnections,
            Algorithm::PowerOfTwo,
            Algorithm::LowestUtilization,
            Algorithm::SessionHash,
            Algorithm::KeyHash,
        ]),
        count().prop_map(|choices| Algorithm::PowerOfChoices(Choices { choices })),
        (number(), duration()).prop_map(|(alpha, memory)| {
            Algorithm::LeastResponseTime(ResponseTime { alpha, memory })
        }),
        (hash_of, count(), option::of(number())).prop_map(|(by, vnodes, bound)| {
            Algorithm::ConsistentHash(ConsistentHash { by, vnodes, bound })
        }),
    ];
    let ejection =
        (count(), duration(), number()).prop_map(|(consecutive_failures, base_time, max_share)| {
            Ejection {
                consecutive_failures,
                base_time,
                max_share,
            }
        });
    let slow_start = option::of(duration());
    let out = (option::of(health()), option::of(ejection), slow_start);
    let capacity = (count(), distribution());
    let capacity = capacity.prop_map(|(slots, service)| Capacity { slots, service });
    let pair = prop_oneof![
        Just(Pair::Single),
        duration().prop_map(|takeover| Pair::ActivePassive(ActivePassive { takeover })),
        Just(Pair::ActiveActive),
    ];
    let own = (option::of(capacity), pair, failures());
    (algorithm, any::<bool>(), out, own)
        .prop_map(
            |(algorithm, sticky, (health, ejection, slow_start), (capacity, pair, failures))| {
                Component::LoadBalancer(LoadBalancer {
                    algorithm,
                    sticky,
                    health,
                    ejection,
                    slow_start,
                    capacity,
                    pair,
                    failures,
                })
            },
        )
        .boxed()
}

fn rate_limit() -> BoxedStrategy<RateLimit> {
    prop_oneof![
        (count(), rate()).prop_map(|(burst, rate)| RateLimit::TokenBucket { burst, rate }),
        (count(), rate()).prop_map(|(capacity, rate)| RateLimit::LeakyBucket { capacity, rate }),
        (count(), duration()).prop_map(|(limit, window)| RateLimit::FixedWindow { limit, window }),
        (count(), duration()).prop_map(|(limit, window)| RateLimit::SlidingLog { limit, window }),
        (count(), duration())
            .prop_map(|(limit, window)| RateLimit::SlidingCounter { limit, window }),
    ]
    .boxed()
}

fn rate_limiter() -> BoxedStrategy<Component> {
    let scope = prop::sample::select(vec![Scope::Global, Scope::PerSession]);
    let excess = prop_oneof![
        Just(Excess::Refuse),
        option::of(count()).prop_map(|capacity| Excess::Wait { capacity }),
    ];
    (rate_limit(), scope, excess, failures())
        .prop_map(|(limit, scope, excess, failures)| {
            Component::RateLimiter(RateLimiter {
                limit,
                scope,
                excess,
                failures,
            })
        })
        .boxed()
}

fn gateway() -> BoxedStrategy<Component> {
    let scope = prop::sample::select(vec![Scope::Global, Scope::PerSession]);
    let rate_limit = (rate_limit(), scope).prop_map(|(limit, scope)| GatewayLimit { limit, scope });
    let cache =
        (any::<u64>(), duration()).prop_map(|(capacity, ttl)| ResponseCache { capacity, ttl });
    (
        count(),
        distribution(),
        queueing(),
        option::of(rate_limit),
        option::of(cache),
        failures(),
    )
        .prop_map(
            |(slots, authentication, queue, rate_limit, cache, failures)| {
                Component::ApiGateway(ApiGateway {
                    slots,
                    authentication,
                    queue,
                    rate_limit,
                    cache,
                    failures,
                })
            },
        )
        .boxed()
}

fn dns() -> BoxedStrategy<Component> {
    let policy = prop::sample::select(vec![
        Resolution::RoundRobin,
        Resolution::Weighted,
        Resolution::Failover,
        Resolution::Nearest,
    ]);
    let scope = prop::sample::select(vec![Scope::Global, Scope::PerSession]);
    let health = option::of(health());
    (
        policy,
        duration(),
        distribution(),
        scope,
        (health, failures()),
    )
        .prop_map(|(policy, ttl, lookup, scope, (health, failures))| {
            Component::Dns(Dns {
                policy,
                ttl,
                lookup,
                scope,
                health,
                failures,
            })
        })
        .boxed()
}

fn function() -> BoxedStrategy<Component> {
    let own = (count(), count(), failures());
    (distribution(), distribution(), duration(), own)
        .prop_map(
            |(service, cold_start, keep_alive, (concurrency, memory, failures))| {
                Component::Function(Function {
                    service,
                    cold_start,
                    keep_alive,
                    concurrency,
                    memory,
                    failures,
                })
            },
        )
        .boxed()
}

fn server() -> BoxedStrategy<Component> {
    let per_operation = vec((name(), distribution()), 0..3);
    let contention =
        option::of((number(), number()).prop_map(|(alpha, beta)| Contention { alpha, beta }));
    let line = (contention, queueing(), failures(), option::of(count()));
    let more = (number(), shed(), pauses(), autoscaler());
    (count(), count(), distribution(), per_operation, line, more)
        .prop_map(|(instances, slots, service, per_operation, line, more)| {
            let (contention, queue, failures, max_connections) = line;
            let (speed, shed, pauses, autoscaler) = more;
            let per_operation = per_operation.into_iter().collect();
            Component::Server(Server {
                instances,
                autoscaler,
                slots,
                service,
                per_operation,
                speed,
                contention,
                queue,
                max_connections,
                shed,
                pauses,
                failures,
            })
        })
        .boxed()
}

fn cache() -> BoxedStrategy<Component> {
    (
        option::of(any::<u64>()),
        option::of(duration()),
        option::of(number()),
        count(),
        distribution(),
        (queueing(), failures()),
    )
        .prop_map(
            |(capacity, ttl, hit_ratio, slots, service, (queue, failures))| {
                Component::Cache(Cache {
                    capacity,
                    eviction: Eviction::Lru,
                    ttl,
                    hit_ratio,
                    slots,
                    service,
                    queue,
                    failures,
                })
            },
        )
        .boxed()
}

fn store() -> BoxedStrategy<Component> {
    (
        any::<bool>(),
        count(),
        distribution(),
        distribution(),
        (queueing(), failures()),
    )
        .prop_map(|(is_replica, slots, read, write, (queue, failures))| {
            if is_replica {
                Component::Replica(Replica {
                    slots,
                    read,
                    apply: write,
                    queue,
                    failures,
                })
            } else {
                Component::Database(Database {
                    slots,
                    read,
                    write,
                    queue,
                    failures,
                })
            }
        })
        .boxed()
}

fn queue() -> BoxedStrategy<Component> {
    let acknowledge = prop::sample::select(vec![Acknowledge::AfterWork, Acknowledge::BeforeWork]);
    (
        option::of(count()),
        count(),
        duration(),
        acknowledge,
        (count(), failures()),
    )
        .prop_map(
            |(capacity, prefetch, visibility, acknowledge, (max_deliveries, failures))| {
                Component::Queue(Queue {
                    capacity,
                    prefetch,
                    visibility,
                    acknowledge,
                    max_deliveries,
                    failures,
                })
            },
        )
        .boxed()
}

/// Any component.
pub fn component() -> BoxedStrategy<Component> {
    prop_oneof![
        client(),
        load_balancer(),
        rate_limiter(),
        gateway(),
        dns(),
        function(),
        server(),
        cache(),
        store(),
        queue()
    ]
    .boxed()
}

fn hedge() -> BoxedStrategy<Hedge> {
    let after = prop_oneof![
        number().prop_map(|share| After::Percentile { share }),
        duration().prop_map(|delay| After::Delay { delay }),
    ];
    after.prop_map(|after| Hedge { after }).boxed()
}

/// Any connection between two of `names`, or to nowhere.
pub fn connection(names: Vec<String>) -> BoxedStrategy<Connection> {
    let only = prop_oneof![
        Just(Only::All),
        Just(Only::Reads),
        Just(Only::Writes),
        vec(name(), 0..3).prop_map(Only::Named),
    ];
    let when = prop::sample::select(vec![When::Always, When::OnMiss, When::OnFailure]);
    let mode = prop::sample::select(vec![Mode::Sync, Mode::Async, Mode::Forward]);
    let link = prop_oneof![
        6 => Just(Link::Calls),
        1 => Just(Link::DeadLetters),
        1 => distribution().prop_map(|lag| {
            Link::Replication(Replication { mode: ReplicationMode::Async, lag })
        }),
    ];
    let ends = (end(names.clone()), end(names));
    let plan = (
        option::of(count()),
        option::of(only),
        option::of(when),
        mode,
    );
    let chance = (
        number(),
        option::of(number()),
        number(),
        option::of(bandwidth()),
    );
    let patience = (
        option::of(distribution()),
        option::of(duration()),
        option::of(retries()),
    );
    let guards = (
        option::of(breaker()),
        option::of(pool()),
        any::<bool>(),
        option::of(hedge()),
    );
    (ends, plan, chance, patience, guards, link)
        .prop_map(
            |(
                (from, to),
                (step, only, when, mode),
                (probability, weight, loss, bandwidth),
                (latency, timeout, retries),
                (breaker, pool, cancellation, hedge),
                link,
            )| Connection {
                from,
                to,
                step,
                only,
                when,
                mode,
                probability,
                weight,
                latency,
                loss,
                bandwidth,
                timeout,
                retries,
                breaker,
                pool,
                cancellation,
                hedge,
                link,
            },
        )
        .boxed()
}

/// Mostly one of `names`.
fn end(names: Vec<String>) -> BoxedStrategy<String> {
    if names.is_empty() {
        return name().boxed();
    }
    prop_oneof![9 => prop::sample::select(names), 1 => name()].boxed()
}

fn deploy() -> BoxedStrategy<Deploy> {
    let strategy = prop_oneof![
        (1..9_u32, any::<bool>())
            .prop_map(|(batch, surge)| DeployStrategy::Rolling { batch, surge }),
        (1..9_u32, duration(), 1..9_u32).prop_map(|(instances, watch, batch)| {
            DeployStrategy::Canary {
                instances,
                watch,
                batch,
            }
        }),
        duration().prop_map(|keep| DeployStrategy::BlueGreen { keep }),
    ];
    let roll_back = (duration(), 1..999_u32, number(), option::of(duration())).prop_map(
        |(every, calls, failures, latency)| RollBack {
            every,
            calls,
            failures,
            latency,
        },
    );
    let times = (duration(), duration(), duration());
    let factors = (number(), number(), number());
    (factors, strategy, times, option::of(roll_back))
        .prop_map(|(factors, strategy, times, roll_back)| Deploy {
            speed: factors.0,
            errors: factors.1,
            cold: factors.2,
            strategy,
            boot: times.0,
            warm_up: times.1,
            drain: times.2,
            roll_back,
        })
        .boxed()
}

fn fault(names: Vec<String>) -> BoxedStrategy<Fault> {
    let kind = prop_oneof![
        prop::sample::select(vec![
            FaultKind::Crash,
            FaultKind::Hang,
            FaultKind::Pause,
            FaultKind::Flush,
            FaultKind::Cut,
            FaultKind::Partition,
        ]),
        number().prop_map(|times| FaultKind::Slow { times }),
        number().prop_map(|times| FaultKind::Traffic { times }),
        number().prop_map(|share| FaultKind::Errors { share }),
        number().prop_map(|lost| FaultKind::Capacity { lost }),
        number().prop_map(|share| FaultKind::Loss { share }),
        number().prop_map(|share| FaultKind::HotKey { share }),
        deploy().prop_map(FaultKind::Deploy),
    ];
    let on = prop_oneof![
        end(names.clone()),
        (end(names.clone()), 0..5_u32).prop_map(|(name, nth)| format!("{name} #{nth}")),
        (name(), name()).prop_map(|(one, other)| format!("{one} | {other}")),
        (end(names.clone()), end(names)).prop_map(|(from, to)| format!("{from} -> {to}")),
    ];
    (duration(), option::of(duration()), on, kind)
        .prop_map(|(at, until, on, fault)| Fault {
            at,
            until,
            on,
            fault,
        })
        .boxed()
}

fn objective(names: Vec<String>) -> BoxedStrategy<Objective> {
    let what = prop_oneof![
        number().prop_map(|percentile| What::Latency { percentile }),
        prop::sample::select(vec![
            What::Availability,
            What::Goodput,
            What::Utilization,
            What::HitRatio,
            What::StaleShare,
        ]),
    ];
    let limit = || {
        option::of(prop_oneof![
            duration().prop_map(Limit::Duration),
            number().prop_map(Limit::Number),
        ])
    };
    (what, end(names), limit(), limit())
        .prop_map(|(what, of, below, above)| Objective {
            what,
            of,
            below,
            above,
        })
        .boxed()
}

fn frames(names: Vec<String>) -> BoxedStrategy<(IndexMap<String, Frame>, Vec<FrameLatency>)> {
    let kind = prop::sample::select(vec![FrameKind::Zone, FrameKind::Region]);
    let frame = (kind, option::of(name()), vec(end(names), 0..3));
    let frame = frame.prop_map(|(kind, inside, members)| Frame {
        kind,
        inside,
        members,
    });
    let latency = (name(), name(), distribution()).prop_map(|(from, to, latency)| FrameLatency {
        from,
        to,
        latency,
    });
    (vec((name(), frame), 0..3), vec(latency, 0..3))
        .prop_map(|(frames, latencies)| (frames.into_iter().collect(), latencies))
        .boxed()
}

/// Any scenario, sensible or not.
pub fn scenario() -> BoxedStrategy<Scenario> {
    vec((name(), component()), 0..6)
        .prop_flat_map(|components| {
            let components: IndexMap<String, Component> = components.into_iter().collect();
            let names: Vec<String> = components.keys().cloned().collect();
            let operation = (
                any::<bool>(),
                number(),
                any::<u8>(),
                message_size(),
                message_size(),
            )
                .prop_map(|(reads, weight, priority, request, reply)| Operation {
                    kind: if reads {
                        OperationKind::Read
                    } else {
                        OperationKind::Write
                    },
                    weight,
                    priority,
                    request,
                    reply,
                });
            let head = (
                ".{0,20}",
                ".{0,20}",
                any::<u64>(),
                duration(),
                duration(),
                prices(),
            );
            let layout = vec((end(names.clone()), (any::<i32>(), -500..500_i32)), 0..4);
            let lists = (
                vec((name(), operation), 0..4),
                vec(connection(names.clone()), 0..8),
                vec(fault(names.clone()), 0..3),
                vec(objective(names.clone()), 0..3),
                (layout, frames(names)),
            );
            (Just(components), head, lists).prop_map(
                |(
                    components,
                    (name, notes, seed, duration, warm_up, prices),
                    (operations, connections, faults, objectives, (layout, (frames, latencies))),
                )| Scenario {
                    version: VERSION,
                    name,
                    notes,
                    seed,
                    run: RunLength { duration, warm_up },
                    prices,
                    operations: operations.into_iter().collect(),
                    components,
                    connections,
                    frames,
                    latencies,
                    faults,
                    objectives,
                    layout: layout.into_iter().collect(),
                    beside: file::Beside::default(),
                },
            )
        })
        .boxed()
}
