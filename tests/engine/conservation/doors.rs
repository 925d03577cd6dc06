//! Random boxes that pass calls on: balancers, rate limiters, gateways and names.

use littlebox::scenario::{
    ActivePassive, Algorithm, ApiGateway, Capacity, Choices, Component, ConsistentHash, Depth, Dns,
    Ejection, Excess, GatewayLimit, HashOf, Health, LoadBalancer, Pair, Rate, RateLimit,
    RateLimiter, Resolution, ResponseCache, ResponseTime, Scope,
};
use proptest::prelude::*;

use super::parts::{line, short};
use crate::support::design::*;

pub fn balancer() -> BoxedStrategy<Component> {
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

pub fn rate_limit() -> BoxedStrategy<RateLimit> {
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

pub fn limiter() -> BoxedStrategy<Component> {
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

pub fn gateway() -> BoxedStrategy<Component> {
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

pub fn names() -> BoxedStrategy<Component> {
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
