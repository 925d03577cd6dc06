//! Scenarios in a few words. Connections take no time and clients wait for ever unless said.

use littlebox::{
    engine::{Engine, Totals},
    scenario::{
        Algorithm, Arrivals, Cache, Client, Component, Connection, Database, Distribution,
        Duration, Keys, LoadBalancer, Mode, Operation, OperationKind, RandomFailures, Rate,
        RateShape, Replica, Scenario, Server, Size,
    },
};

/// A scenario under construction, with one operation `read` until others are given.
pub struct Design(pub Scenario);

impl Design {
    pub fn new(seed: u64) -> Self {
        Self(Scenario {
            seed,
            ..Scenario::default()
        })
        .operation("read", OperationKind::Read, 1.0)
    }

    /// Adds an operation.
    pub fn operation(mut self, name: &str, kind: OperationKind, weight: f64) -> Self {
        let operation = Operation::new(kind, weight);
        self.0.operations.insert(name.into(), operation);
        self
    }

    /// Gives an operation a priority.
    pub fn priority(mut self, name: &str, priority: u8) -> Self {
        self.0.operations[name].priority = priority;
        self
    }

    /// Gives an operation sizes in bytes: of a request, and of its answer.
    pub fn sizes(mut self, name: &str, request: u64, reply: u64) -> Self {
        let operation = &mut self.0.operations[name];
        operation.request = Size::from_bytes(request).into();
        operation.reply = Size::from_bytes(reply).into();
        self
    }

    pub fn add(mut self, name: &str, component: Component) -> Self {
        self.0.components.insert(name.into(), component);
        self
    }

    /// A client with Poisson arrivals.
    pub fn poisson(self, name: &str, rate: f64) -> Self {
        self.client(name, poisson(rate))
    }

    pub fn client(self, name: &str, arrivals: Arrivals) -> Self {
        self.add(name, Component::Client(patient(arrivals)))
    }

    pub fn server(self, name: &str, slots: u32, service: Distribution) -> Self {
        self.add(name, Component::Server(server(slots, service)))
    }

    pub fn balancer(self, name: &str, algorithm: Algorithm) -> Self {
        let health = None;
        self.add(
            name,
            Component::LoadBalancer(LoadBalancer {
                algorithm,
                health,
                ..LoadBalancer::default()
            }),
        )
    }

    /// A connection that takes no time.
    pub fn join(self, from: &str, to: &str) -> Self {
        self.connect(at_once(from, to))
    }

    /// A hand-off that takes no time and happens with this probability.
    pub fn forward(self, from: &str, to: &str, probability: f64) -> Self {
        self.connect(Connection {
            mode: Mode::Forward,
            probability,
            ..at_once(from, to)
        })
    }

    pub fn connect(mut self, connection: Connection) -> Self {
        self.0.connections.push(connection);
        self
    }

    pub fn engine(&self) -> Engine {
        Engine::new(&self.0).unwrap()
    }
}

pub fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

pub fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

pub fn exponential(mean_ms: u64) -> Distribution {
    Distribution::Exponential(ms(mean_ms))
}

pub fn constant(millis: u64) -> Distribution {
    Distribution::Constant(ms(millis))
}

pub fn poisson(rate: f64) -> Arrivals {
    let rate = Rate(rate);
    let profile = Vec::new();
    Arrivals::Poisson { rate, profile }
}

/// Poisson arrivals that stop for good.
pub fn poisson_until(rate: f64, until: Duration) -> Arrivals {
    Arrivals::Poisson {
        rate: Rate(rate),
        profile: vec![RateShape::Steps(vec![(until, Rate(0.0))])],
    }
}

/// A client that waits for ever and asks for any of a thousand keys.
pub fn patient(arrivals: Arrivals) -> Client {
    Client {
        arrivals,
        keys: Keys::Uniform { items: 1_000 },
        timeout: None,
        ..Client::default()
    }
}

pub fn server(slots: u32, service: Distribution) -> Server {
    Server {
        slots,
        service,
        ..Server::default()
    }
}

/// Lets a box fail by chance, or no longer. Clients do not.
pub fn fail_by_chance(component: &mut Component, failures: Option<RandomFailures>) {
    if let Some(own) = component.failures_mut() {
        *own = failures;
    }
}

pub fn at_once(from: &str, to: &str) -> Connection {
    Connection {
        latency: Some(Distribution::ZERO),
        ..Connection::new(from, to)
    }
}

/// A database in which neither reads nor writes take time.
pub fn instant_database() -> Database {
    Database {
        slots: 1_000,
        read: Distribution::ZERO,
        write: Distribution::ZERO,
        ..Database::default()
    }
}

/// A replica in which neither reads nor the log take time.
pub fn instant_replica() -> Replica {
    Replica {
        slots: 1_000,
        read: Distribution::ZERO,
        apply: Distribution::ZERO,
        ..Replica::default()
    }
}

/// A cache whose work takes no time.
pub fn instant_cache() -> Cache {
    Cache {
        slots: 1_000,
        service: Distribution::ZERO,
        ..Cache::default()
    }
}

/// Position of a component.
pub fn index(engine: &Engine, name: &str) -> usize {
    engine.scenario().components.get_index_of(name).unwrap()
}

/// What was counted at a component.
pub fn at(engine: &Engine, name: &str) -> Totals {
    engine.component(index(engine, name))
}

/// Figures derived from what was counted, in seconds.
pub trait Figures {
    fn l(&self) -> f64;
    fn lq(&self) -> f64;
    fn w(&self) -> f64;
    fn wq(&self) -> f64;
    fn utilization(&self) -> f64;
    fn arrival_rate(&self) -> f64;
    fn throughput(&self) -> f64;
    fn refused_share(&self) -> f64;
}

impl Figures for Totals {
    fn l(&self) -> f64 {
        self.present_area as f64 / 1e9 / self.window_secs()
    }
    fn lq(&self) -> f64 {
        self.waiting_area as f64 / 1e9 / self.window_secs()
    }
    fn w(&self) -> f64 {
        self.sojourn_sum_ns as f64 / 1e9 / self.departures as f64
    }
    fn wq(&self) -> f64 {
        self.wait_sum_ns as f64 / 1e9 / self.waits as f64
    }
    fn utilization(&self) -> f64 {
        self.busy_area as f64 / self.slots_area as f64
    }
    fn arrival_rate(&self) -> f64 {
        self.arrivals as f64 / self.window_secs()
    }
    fn throughput(&self) -> f64 {
        self.completed as f64 / self.window_secs()
    }
    fn refused_share(&self) -> f64 {
        self.refused as f64 / (self.refused + self.arrivals) as f64
    }
}
