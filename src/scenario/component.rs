//! Boxes: one file per kind.

mod autoscaler;
mod balancer;
mod cache;
mod client;
mod database;
mod discipline;
mod dns;
mod failures;
mod function;
mod gateway;
mod health;
mod pauses;
mod queue;
mod rate_limiter;
mod replica;
mod server;
mod shed;

pub use autoscaler::{Autoscaler, Policy};
pub use balancer::{
    ActivePassive, Algorithm, Capacity, Choices, ConsistentHash, Ejection, HashOf, LoadBalancer,
    Pair, ResponseTime,
};
pub use cache::{Cache, Eviction};
pub use client::Client;
pub use database::Database;
pub use discipline::Discipline;
pub use dns::{Dns, Resolution};
pub use failures::RandomFailures;
pub use function::Function;
pub use gateway::{ApiGateway, GatewayLimit, ResponseCache};
pub use health::{Depth, Health};
pub use pauses::Pauses;
pub use queue::{Acknowledge, Queue};
pub use rate_limiter::{Excess, RateLimit, RateLimiter, Scope};
pub use replica::Replica;
pub use server::{Contention, Server};
pub use shed::{Shed, ShedWhen};

use serde::{Deserialize, Serialize};

use super::is_default;

/// A box.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Component {
    /// Where requests come from and answers go.
    Client(Client),
    /// Spreads calls over its connections.
    LoadBalancer(LoadBalancer),
    /// Lets calls through up to a limit.
    RateLimiter(RateLimiter),
    /// The front door of services.
    ApiGateway(ApiGateway),
    /// Tells callers where to go.
    Dns(Dns),
    /// Does work and calls others.
    Server(Server),
    /// Does work in an instance for every call.
    Function(Function),
    /// Answers what it remembers.
    Cache(Cache),
    /// Stores.
    Database(Database),
    /// A copy of a database, fed by a replication link.
    Replica(Replica),
    /// Holds messages until a consumer takes them.
    Queue(Queue),
}

/// The kinds of box.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// See [`Component::Client`].
    Client,
    /// See [`Component::LoadBalancer`].
    LoadBalancer,
    /// See [`Component::RateLimiter`].
    RateLimiter,
    /// See [`Component::ApiGateway`].
    ApiGateway,
    /// See [`Component::Dns`].
    Dns,
    /// See [`Component::Server`].
    Server,
    /// See [`Component::Function`].
    Function,
    /// See [`Component::Cache`].
    Cache,
    /// See [`Component::Database`].
    Database,
    /// See [`Component::Replica`].
    Replica,
    /// See [`Component::Queue`].
    Queue,
}

impl Kind {
    /// Every kind, in the order of the palette.
    pub const ALL: [Self; 11] = [
        Self::Client,
        Self::LoadBalancer,
        Self::RateLimiter,
        Self::ApiGateway,
        Self::Dns,
        Self::Server,
        Self::Function,
        Self::Cache,
        Self::Database,
        Self::Replica,
        Self::Queue,
    ];

    /// The word in the file.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Client => "Client",
            Self::LoadBalancer => "LoadBalancer",
            Self::RateLimiter => "RateLimiter",
            Self::ApiGateway => "ApiGateway",
            Self::Dns => "Dns",
            Self::Server => "Server",
            Self::Function => "Function",
            Self::Cache => "Cache",
            Self::Database => "Database",
            Self::Replica => "Replica",
            Self::Queue => "Queue",
        }
    }

    /// What people call it, in small letters.
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::LoadBalancer => "load balancer",
            Self::RateLimiter => "rate limiter",
            Self::ApiGateway => "gateway",
            Self::Dns => "DNS",
            Self::Server => "server",
            Self::Function => "function",
            Self::Cache => "cache",
            Self::Database => "database",
            Self::Replica => "replica",
            Self::Queue => "queue",
        }
    }

    /// Whether calls need one of its slots.
    pub const fn has_slots(self) -> bool {
        match self {
            Self::Server | Self::Cache | Self::Database | Self::Replica | Self::ApiGateway => true,
            Self::Client
            | Self::LoadBalancer
            | Self::RateLimiter
            | Self::Function
            | Self::Dns
            | Self::Queue => false,
        }
    }

    /// A component of this kind with nothing configured.
    pub fn component(self) -> Component {
        match self {
            Self::Client => Component::Client(Client::default()),
            Self::LoadBalancer => Component::LoadBalancer(LoadBalancer::default()),
            Self::RateLimiter => Component::RateLimiter(RateLimiter::default()),
            Self::ApiGateway => Component::ApiGateway(ApiGateway::default()),
            Self::Dns => Component::Dns(Dns::default()),
            Self::Server => Component::Server(Server::default()),
            Self::Function => Component::Function(Function::default()),
            Self::Cache => Component::Cache(Cache::default()),
            Self::Database => Component::Database(Database::default()),
            Self::Replica => Component::Replica(Replica::default()),
            Self::Queue => Component::Queue(Queue::default()),
        }
    }
}

impl Component {
    /// How it fails by chance, if it does.
    pub fn failures(&self) -> Option<&RandomFailures> {
        match self {
            Self::Client(_) => None,
            Self::LoadBalancer(balancer) => balancer.failures.as_ref(),
            Self::RateLimiter(limiter) => limiter.failures.as_ref(),
            Self::ApiGateway(gateway) => gateway.failures.as_ref(),
            Self::Dns(dns) => dns.failures.as_ref(),
            Self::Function(function) => function.failures.as_ref(),
            Self::Server(server) => server.failures.as_ref(),
            Self::Cache(cache) => cache.failures.as_ref(),
            Self::Database(database) => database.failures.as_ref(),
            Self::Replica(replica) => replica.failures.as_ref(),
            Self::Queue(queue) => queue.failures.as_ref(),
        }
    }

    /// Its failures by chance, to be changed. Clients have none.
    pub fn failures_mut(&mut self) -> Option<&mut Option<RandomFailures>> {
        Some(match self {
            Self::Client(_) => return None,
            Self::LoadBalancer(balancer) => &mut balancer.failures,
            Self::RateLimiter(limiter) => &mut limiter.failures,
            Self::ApiGateway(gateway) => &mut gateway.failures,
            Self::Dns(dns) => &mut dns.failures,
            Self::Function(function) => &mut function.failures,
            Self::Server(server) => &mut server.failures,
            Self::Cache(cache) => &mut cache.failures,
            Self::Database(database) => &mut database.failures,
            Self::Replica(replica) => &mut replica.failures,
            Self::Queue(queue) => &mut queue.failures,
        })
    }

    /// What kind of box this is.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Client(_) => Kind::Client,
            Self::LoadBalancer(_) => Kind::LoadBalancer,
            Self::RateLimiter(_) => Kind::RateLimiter,
            Self::ApiGateway(_) => Kind::ApiGateway,
            Self::Dns(_) => Kind::Dns,
            Self::Server(_) => Kind::Server,
            Self::Function(_) => Kind::Function,
            Self::Cache(_) => Kind::Cache,
            Self::Database(_) => Kind::Database,
            Self::Replica(_) => Kind::Replica,
            Self::Queue(_) => Kind::Queue,
        }
    }
}

/// The line in front of a box's slots.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Queueing {
    /// Who is next. First come, first served unless said.
    #[serde(skip_serializing_if = "is_default")]
    pub discipline: Discipline,
    /// Most calls waiting in line, per instance. Unset: no limit; 0: no line at all (Erlang's
    /// loss system). A call that finds the line full is refused (`queue_full`).
    #[serde(skip_serializing_if = "is_default")]
    pub capacity: Option<u32>,
}
