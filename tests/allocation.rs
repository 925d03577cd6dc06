//! In steady state an event takes nothing from the heap: buffers have grown as far as they need to.

#![allow(clippy::unwrap_used)]

#[path = "support/lib.rs"]
mod support;

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
};

use littlebox::{
    engine::Engine,
    scenario::{
        Algorithm, ApiGateway, Arrivals, Cache, Choices, Client, Component, Connection,
        ConsistentHash, Database, Depth, Distribution, Dns, Duration, Ejection, Excess, Fault,
        FaultKind, Function, GatewayLimit, HashOf, Health, Keys, OperationKind, Queue, Rate,
        RateLimit, RateLimiter, ResponseCache, ResponseTime, Scenario, Scope,
    },
};
use support::{design::*, everything::everything};

/// The system's allocator, counting what each thread takes.
struct Counting;

thread_local! {
    static TAKEN: Cell<u64> = const { Cell::new(0) };
}

fn count() {
    TAKEN.with(|taken| taken.set(taken.get() + 1));
}

// SAFETY: every call goes to the system's allocator unchanged; the counter itself allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller keeps the contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        // SAFETY: the caller keeps the contract.
        unsafe { System.realloc(memory, layout, size) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the contract.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Allocations of `events` events after a warm-up.
fn allocations(scenario: &Scenario, warm_up: u64, events: u64) -> u64 {
    let mut engine = Engine::new(scenario).unwrap();
    engine.run_events(u64::MAX, warm_up);
    let before = TAKEN.with(Cell::get);
    engine.run_events(u64::MAX, events);
    TAKEN.with(Cell::get) - before
}

#[test]
fn the_counter_counts() {
    let before = TAKEN.with(Cell::get);
    drop(std::hint::black_box(vec![1u8; 100]));
    assert_eq!(TAKEN.with(Cell::get) - before, 1);
}

#[test]
fn none_in_a_farm() {
    for algorithm in [
        Algorithm::RoundRobin,
        Algorithm::WeightedRoundRobin,
        Algorithm::Random,
        Algorithm::LeastConnections,
        Algorithm::PowerOfTwo,
        Algorithm::SessionHash,
    ] {
        let design = farm(algorithm, &exponential(10)).poisson("clients", 600.0);
        assert_eq!(allocations(&design.0, 300_000, 200_000), 0, "{algorithm:?}");
    }
}

/// Targets that are ejected and come back, their weights growing: the order is made anew each time.
#[test]
fn none_when_targets_come_and_go() {
    for algorithm in [
        Algorithm::RoundRobin,
        Algorithm::WeightedRoundRobin,
        Algorithm::Random,
        Algorithm::LeastConnections,
        Algorithm::WeightedLeastConnections,
        Algorithm::LeastResponseTime(ResponseTime::default()),
        Algorithm::LowestUtilization,
        Algorithm::KeyHash,
        Algorithm::ConsistentHash(ConsistentHash::default()),
    ] {
        let think = constant(1);
        let users = Arrivals::Closed { users: 20, think };
        let mut scenario = farm(algorithm, &constant(10)).client("clients", users).0;
        if let Component::LoadBalancer(balancer) = &mut scenario.components["balancer"] {
            balancer.slow_start = Some(ms(300));
            balancer.ejection = Some(Ejection {
                consecutive_failures: 2,
                base_time: ms(500),
                ..Ejection::default()
            });
        }
        for i in 0..10 {
            scenario.faults.push(Fault {
                at: Duration::ZERO,
                until: None,
                on: format!("server {i}"),
                fault: FaultKind::Errors { share: 0.2 },
            });
        }
        assert_eq!(allocations(&scenario, 300_000, 200_000), 0, "{algorithm:?}");
    }
}

/// So few users and such even work that no wait is longer than those before: a histogram grows with
/// the longest.
#[test]
fn none_with_any_algorithm() {
    for algorithm in [
        Algorithm::WeightedLeastConnections,
        Algorithm::PowerOfChoices(Choices::default()),
        Algorithm::LeastResponseTime(ResponseTime::default()),
        Algorithm::LowestUtilization,
        Algorithm::KeyHash,
        Algorithm::ConsistentHash(ConsistentHash::default()),
        Algorithm::ConsistentHash(ConsistentHash {
            by: HashOf::Session,
            bound: Some(1.25),
            ..ConsistentHash::default()
        }),
    ] {
        let think = constant(1);
        let users = Arrivals::Closed { users: 20, think };
        let design = farm(algorithm, &constant(10)).client("clients", users);
        assert_eq!(allocations(&design.0, 300_000, 200_000), 0, "{algorithm:?}");
    }
}

/// A balancer and ten servers; the client is still to come.
fn farm(algorithm: Algorithm, service: &Distribution) -> Design {
    let mut design = Design::new(1)
        .poisson("clients", 0.0)
        .balancer("balancer", algorithm)
        .join("clients", "balancer");
    for i in 0..10 {
        let name = format!("server {i}");
        design = design
            .server(&name, 1, service.clone())
            .join("balancer", &name);
    }
    design
}

#[test]
fn none_behind_a_cache_with_real_keys() {
    let client = Client {
        keys: Keys::Zipf {
            items: 100_000,
            s: 1.0,
        },
        ..patient(poisson(2_000.0))
    };
    let cache = Cache {
        capacity: Some(1_000),
        ttl: Some(secs(10)),
        ..Cache::default()
    };
    let design = Design::new(2)
        .operation("write", OperationKind::Write, 0.1)
        .add("clients", Component::Client(client))
        .server("api", 100, exponential(2))
        .add("cache", Component::Cache(cache))
        .add("db", Component::Database(Database::default()))
        .connect(Connection::new("clients", "api"))
        .connect(Connection::new("api", "cache"))
        .connect(Connection::new("api", "db"));
    assert_eq!(allocations(&design.0, 500_000, 200_000), 0);
}

#[test]
fn none_in_a_work_queue() {
    let design = Design::new(3)
        .poisson("clients", 300.0)
        .add("queue", Component::Queue(Queue::default()))
        .server("worker", 4, exponential(10))
        .join("clients", "queue")
        .join("queue", "worker");
    assert_eq!(allocations(&design.0, 300_000, 200_000), 0);
}

/// Tokens, lines, remembered answers and names, instances that come and go.
#[test]
fn none_at_the_front_door() {
    let limit = |rate| RateLimit::TokenBucket {
        burst: 10,
        rate: Rate(rate),
    };
    let gateway = ApiGateway {
        rate_limit: Some(GatewayLimit {
            limit: limit(1.0),
            scope: Scope::PerSession,
        }),
        cache: Some(ResponseCache {
            capacity: 500,
            ttl: secs(5),
        }),
        ..ApiGateway::default()
    };
    let limiter = RateLimiter {
        limit: limit(400.0),
        excess: Excess::Wait { capacity: None },
        ..RateLimiter::default()
    };
    let function = Function {
        keep_alive: secs(1),
        ..Function::default()
    };
    // Work for the function, and now and then too slow.
    let dns = Dns {
        health: Some(Health {
            interval: ms(200),
            timeout: Some(ms(100)),
            depth: Depth::Deep,
            unhealthy: 1,
            healthy: 1,
        }),
        ..Dns::default()
    };
    let design = Design::new(4)
        .poisson("clients", 300.0)
        .add("gateway", Component::ApiGateway(gateway))
        .add("limiter", Component::RateLimiter(limiter))
        .add("dns", Component::Dns(dns))
        .add("function", Component::Function(function))
        .join("clients", "gateway")
        .join("gateway", "limiter")
        .join("limiter", "dns")
        .join("dns", "function");
    assert_eq!(allocations(&design.0, 500_000, 200_000), 0);
}

/// Losses, timeouts and retries neither.
#[test]
fn none_when_things_go_wrong() {
    let mut scenario = everything(1).0;
    scenario.faults.clear();
    if let Component::Client(client) = &mut scenario.components["clients"] {
        client.arrivals = poisson(150.0);
    }
    assert_eq!(allocations(&scenario, 1_000_000, 200_000), 0);
}
