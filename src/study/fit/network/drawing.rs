//! Who is connected to whom.

use crate::scenario::{
    Component, Connection, Kind, Link, MessageSize, Mode, Operation, OperationKind, Scenario,
};

/// A scenario with its connections by their ends.
#[derive(Debug)]
pub(in crate::study::fit) struct Drawing<'a> {
    pub scenario: &'a Scenario,
    /// By caller: (connection, callee), connections with calls only.
    pub(super) out: Vec<Vec<(usize, usize)>>,
    /// By callee: (connection, caller), likewise.
    into: Vec<Vec<(usize, usize)>>,
    /// By replica: the primary whose log it applies.
    primaries: Vec<Option<usize>>,
    /// Boxes that may refuse calls because their line is limited.
    pub(super) limited: Vec<bool>,
    /// Whether some connection loses messages.
    pub(super) loses: bool,
}

impl<'a> Drawing<'a> {
    pub fn new(scenario: &'a Scenario) -> Self {
        let count = scenario.components.len();
        let mut drawing = Self {
            scenario,
            out: vec![Vec::new(); count],
            into: vec![Vec::new(); count],
            primaries: vec![None; count],
            limited: scenario.components.values().map(is_limited).collect(),
            loses: scenario
                .connections
                .iter()
                .any(|connection| connection.loss > 0.0),
        };
        for (index, connection) in scenario.connections.iter().enumerate() {
            let find = |name: &str| scenario.components.get_index_of(name);
            let (Some(from), Some(to)) = (find(&connection.from), find(&connection.to)) else {
                continue;
            };
            match connection.link {
                Link::Calls => {
                    drawing.out[from].push((index, to));
                    drawing.into[to].push((index, from));
                }
                Link::Replication(_) => drawing.primaries[to] = Some(from),
                Link::DeadLetters => {}
            }
        }
        drawing
    }

    /// Whether messages take some of a connection's bandwidth.
    pub fn is_narrow(&self, connection: &Connection) -> bool {
        let mut operations = self.scenario.operations.values();
        connection.bandwidth.is_some() && operations.any(Operation::has_size)
    }

    /// How a box calls over a connection: a client is answered whatever is drawn.
    pub fn mode(&self, caller: usize, connection: &Connection) -> Mode {
        match connection.mode {
            Mode::Forward if kind(self, caller) == Kind::Client => Mode::Sync,
            mode => mode,
        }
    }

    /// How long it takes on average to send a message of an operation over a connection, and its answer, in
    /// seconds.
    pub fn sending(&self, connection: &Connection, operation: usize) -> (f64, f64) {
        let drawn = self.scenario.operations.get_index(operation);
        match (connection.bandwidth, drawn) {
            (Some(bandwidth), Some((_, operation))) => {
                let secs = |size: MessageSize| 8.0 * size.mean_bytes() / bandwidth.bits() as f64;
                (secs(operation.request), secs(operation.reply))
            }
            _ => (0.0, 0.0),
        }
    }

    /// The name of a box.
    pub fn name(&self, index: usize) -> &'a str {
        self.scenario
            .components
            .get_index(index)
            .map_or("", |(name, _)| name.as_str())
    }

    /// The primary whose log a box applies.
    pub fn primary(&self, index: usize) -> Option<usize> {
        self.primaries[index]
    }

    /// Names of those that a box waits for with its slot taken.
    pub fn waits_for(&self, index: usize) -> Option<&str> {
        let has_slots = !matches!(
            kind(self, index),
            Kind::Client | Kind::LoadBalancer | Kind::RateLimiter | Kind::Dns | Kind::Queue
        );
        outgoing(self, index)
            .map(|(_, connection)| connection)
            .find(|connection| {
                has_slots && connection.mode == Mode::Sync && connection.probability > 0.0
            })
            .map(|connection| connection.to.as_str())
    }

    /// Which boxes calls from one come to, itself included.
    pub fn reached_from(&self, index: usize) -> Vec<bool> {
        let mut reached = vec![false; self.out.len()];
        let mut open = vec![index];
        while let Some(index) = open.pop() {
            if !std::mem::replace(&mut reached[index], true) {
                open.extend(targets(self, index));
            }
        }
        reached
    }

    /// (Connection, caller) of the calls to a box.
    pub fn callers(&self, index: usize) -> &[(usize, usize)] {
        &self.into[index]
    }

    /// Whether a box other than this one may refuse calls.
    pub fn another_refuses(&self, index: usize) -> bool {
        self.limited
            .iter()
            .enumerate()
            .any(|(other, limited)| *limited && other != index)
    }
}

fn is_limited(component: &Component) -> bool {
    match component {
        Component::Server(server) => server.queue.capacity.is_some(),
        Component::Cache(cache) => cache.queue.capacity.is_some(),
        Component::Database(database) => database.queue.capacity.is_some(),
        Component::Replica(replica) => replica.queue.capacity.is_some(),
        Component::Queue(queue) => queue.capacity.is_some(),
        Component::RateLimiter(_) | Component::Function(_) => true,
        Component::ApiGateway(gateway) => {
            gateway.queue.capacity.is_some() || gateway.rate_limit.is_some()
        }
        Component::Dns(_) => false,
        Component::Client(_) | Component::LoadBalancer(_) => false,
    }
}

pub(in crate::study::fit) fn kind(drawing: &Drawing, index: usize) -> Kind {
    drawing.scenario.components[index].kind()
}

/// Identical machines behind a box.
pub(in crate::study::fit) fn instances(drawing: &Drawing, index: usize) -> u32 {
    match &drawing.scenario.components[index] {
        Component::Server(server) => server.most_instances(),
        _ => 1,
    }
}

/// The connections with calls that leave a box.
pub(in crate::study::fit) fn outgoing<'a>(
    drawing: &'a Drawing,
    index: usize,
) -> impl Iterator<Item = (usize, &'a Connection)> {
    drawing.out[index]
        .iter()
        .map(|(at, _)| (*at, &drawing.scenario.connections[*at]))
}

pub(super) fn targets(drawing: &Drawing, index: usize) -> impl Iterator<Item = usize> {
    drawing.out[index].iter().map(|(_, to)| *to)
}

/// Name, whether it writes, and weight of every operation.
pub(in crate::study::fit) fn operations<'a>(drawing: &Drawing<'a>) -> Vec<(&'a str, bool, f64)> {
    if drawing.scenario.operations.is_empty() {
        return vec![("read", false, 0.9), ("write", true, 0.1)];
    }
    drawing
        .scenario
        .operations
        .iter()
        .map(|(name, operation)| {
            (
                name.as_str(),
                operation.kind == OperationKind::Write,
                operation.weight,
            )
        })
        .collect()
}
