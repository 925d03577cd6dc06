//! The networks to measure, as scenarios.

use littlebox::scenario::{
    Algorithm, Arrivals, Cache, Choices, Client, Component, Connection, ConsistentHash, Database,
    Distribution, Duration, Keys, LoadBalancer, Operation, OperationKind, Rate, ResponseTime,
    Scenario, Server, When,
};

use crate::plain::{pairs, w1, w2, w3};

/// A scenario with one operation, in which nobody runs out of patience.
fn empty(name: &str) -> Scenario {
    let read = Operation::new(OperationKind::Read, 1.0);
    Scenario {
        name: name.into(),
        operations: [("read".to_owned(), read)].into_iter().collect(),
        ..Scenario::default()
    }
}

fn client(rate: f64) -> Component {
    Component::Client(Client {
        arrivals: Arrivals::Poisson {
            rate: Rate(rate),
            profile: Vec::new(),
        },
        keys: Keys::Uniform { items: 1 },
        sessions: 1,
        timeout: None,
        ..Client::default()
    })
}

fn balancer(algorithm: Algorithm) -> Component {
    Component::LoadBalancer(LoadBalancer {
        algorithm,
        health: None,
        ..LoadBalancer::default()
    })
}

fn exponential(mean_ns: f64) -> Distribution {
    Distribution::Exponential(Duration::from_nanos(mean_ns as u64))
}

fn server(slots: usize, mean_ns: f64) -> Component {
    Component::Server(Server {
        slots: slots as u32,
        service: exponential(mean_ns),
        ..Server::default()
    })
}

fn join(scenario: &mut Scenario, from: &str, to: &str) {
    scenario.connections.push(at_once(from, to));
}

fn at_once(from: &str, to: &str) -> Connection {
    Connection {
        latency: Some(Distribution::ZERO),
        ..Connection::new(from, to)
    }
}

fn add(scenario: &mut Scenario, name: &str, component: Component) {
    scenario.components.insert(name.to_owned(), component);
}

/// A client and a server.
pub fn w1() -> Scenario {
    let mut scenario = empty("W1");
    add(&mut scenario, "client", client(w1::RATE));
    add(&mut scenario, "server", server(1, w1::SERVICE_NS));
    join(&mut scenario, "client", "server");
    scenario
}

/// A balancer that picks the server with the fewest calls in flight.
pub fn w2() -> Scenario {
    let mut scenario = star(Algorithm::LeastConnections, w2::RATE, w2::SERVERS, |_| {
        server(w2::SLOTS, w2::SERVICE_NS)
    });
    scenario.name = "W2".into();
    scenario
}

/// A balancer, servers, a cache and a database.
pub fn w3() -> Scenario {
    let mut scenario = star(Algorithm::RoundRobin, w3::RATE, w3::SERVERS, |_| {
        server(w3::SLOTS, w3::SERVICE_NS)
    });
    scenario.name = "W3".into();
    let cache = Cache {
        hit_ratio: Some(w3::HIT_RATIO),
        slots: w3::CACHE_SLOTS as u32,
        service: exponential(w3::CACHE_NS),
        ..Cache::default()
    };
    let database = Database {
        slots: w3::DATABASE_SLOTS as u32,
        read: exponential(w3::DATABASE_NS),
        ..Database::default()
    };
    add(&mut scenario, "cache", Component::Cache(cache));
    add(&mut scenario, "database", Component::Database(database));
    for i in 0..w3::SERVERS {
        let from = format!("server {i}");
        scenario.connections.push(Connection {
            step: Some(1),
            ..at_once(&from, "cache")
        });
        scenario.connections.push(Connection {
            step: Some(2),
            when: Some(When::OnMiss),
            ..at_once(&from, "database")
        });
    }
    scenario
}

/// A balancer in the middle of `servers` servers.
pub fn star(
    algorithm: Algorithm,
    rate: f64,
    servers: usize,
    server: impl Fn(usize) -> Component,
) -> Scenario {
    let mut scenario = empty("star");
    add(&mut scenario, "client", client(rate));
    add(&mut scenario, "balancer", balancer(algorithm));
    join(&mut scenario, "client", "balancer");
    for i in 0..servers {
        let name = format!("server {i}");
        add(&mut scenario, &name, server(i));
        join(&mut scenario, "balancer", &name);
    }
    scenario
}

/// Every algorithm of a load balancer, with its defaults; consistent hashing also with a bound.
pub fn algorithms() -> Vec<Algorithm> {
    let bounded = ConsistentHash {
        bound: Some(1.25),
        ..ConsistentHash::default()
    };
    vec![
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
        Algorithm::ConsistentHash(ConsistentHash::default()),
        Algorithm::ConsistentHash(bounded),
    ]
}

/// So many servers of four slots behind one balancer, with the same traffic for each.
pub fn balanced(algorithm: Algorithm, servers: usize) -> Scenario {
    let mut scenario = star(algorithm, 320.0 * servers as f64, servers, |_| {
        server(4, 10e6)
    });
    if let Component::Client(client) = &mut scenario.components["client"] {
        client.keys = Keys::Uniform { items: 100_000 };
        client.sessions = 100_000;
    }
    scenario
}

/// A star of `components` boxes with the same traffic and the same work, whatever its size.
pub fn sized_star(components: usize) -> Scenario {
    star(Algorithm::RoundRobin, 1_000.0, components - 2, |_| {
        server(8, 10e6)
    })
}

/// `components` / 2 separate pairs of a client and a server at 0.8 utilization, with the same traffic in all.
pub fn sized_pairs(components: usize) -> Scenario {
    let mut scenario = empty("pairs");
    let rate = pairs::RATE / (components / 2) as f64;
    for i in 0..components / 2 {
        let names = (format!("client {i}"), format!("server {i}"));
        add(&mut scenario, &names.0, client(rate));
        add(&mut scenario, &names.1, server(1, pairs::LOAD * 1e9 / rate));
        join(&mut scenario, &names.0, &names.1);
    }
    scenario
}

/// A box with a slot for everybody and 10 s of work, so that so many are in it.
pub fn in_flight(calls: u32) -> Scenario {
    const MOST_SLOTS: u32 = 100_000;
    let mut scenario = empty("in flight");
    add(&mut scenario, "client", client(f64::from(calls) / 10.0));
    let server = Server {
        instances: (2 * calls).div_ceil(MOST_SLOTS),
        slots: (2 * calls).min(MOST_SLOTS),
        service: exponential(10e9),
        ..Server::default()
    };
    add(&mut scenario, "server", Component::Server(server));
    join(&mut scenario, "client", "server");
    scenario
}
