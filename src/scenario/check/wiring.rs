//! What may be connected to what.

use std::collections::HashMap;

use petgraph::Direction::{Incoming, Outgoing};
use petgraph::visit::EdgeRef;

use super::{Entry, graph, limits};
use crate::scenario::{
    Algorithm, Component, Connection, Kind, Link, Mode, Only, Operation, OperationKind, Problem,
    Resolution, Scenario, Subject,
};

/// Why a new connection from one component to another makes no sense, in one short sentence.
/// `None`: it may be drawn (see [`crate::scenario::edit::connect`] for what it becomes).
pub fn refusal(scenario: &Scenario, from: &str, to: &str) -> Option<String> {
    let kind = |name: &str| scenario.components.get(name).map(Component::kind);
    let (Some(source), Some(target)) = (kind(from), kind(to)) else {
        return Some("there is nothing to connect".to_owned());
    };
    if from == to {
        return Some("a component can't call itself".to_owned());
    }
    let link = link_between(source, target);
    if let Some(reason) = unfit(source, target, &link) {
        return Some(reason);
    }
    let outgoing = |other: &&Connection| other.from == from && other.link == Link::Calls;
    match (&link, source) {
        (Link::Replication(_), _) => scenario
            .connections
            .iter()
            .any(|other| other.to == to && matches!(other.link, Link::Replication(_)))
            .then(|| "a replica has one primary, and this one has it already".to_owned()),
        (Link::DeadLetters, _) => scenario
            .connections
            .iter()
            .any(|other| other.from == from && other.link == Link::DeadLetters)
            .then(|| "this queue has a dead-letter queue already".to_owned()),
        (_, Kind::Cache) => scenario
            .connections
            .iter()
            .any(|other| outgoing(&other))
            .then(|| {
                "a cache stands in front of one store, and this one has it already".to_owned()
            }),
        (_, Kind::LoadBalancer | Kind::Dns | Kind::Queue) => scenario
            .connections
            .iter()
            .any(|other| outgoing(&other) && other.to == to)
            .then(|| "they are connected already".to_owned()),
        _ => super::cycles::closes_ring(scenario, from, to)
            .map(|ring| format!("{ring} would wait for itself for ever")),
    }
}

/// What a new connection between two kinds carries.
pub fn link_between(from: Kind, to: Kind) -> Link {
    match (from, to) {
        (Kind::Database, Kind::Replica) => {
            Link::Replication(crate::scenario::Replication::default())
        }
        (Kind::Queue, Kind::Queue) => Link::DeadLetters,
        _ => Link::Calls,
    }
}

/// Why a link can't lead from one kind to another.
fn unfit(from: Kind, to: Kind, link: &Link) -> Option<String> {
    let reason = match (link, from, to) {
        (Link::Replication(_), Kind::Database, Kind::Replica)
        | (Link::DeadLetters, Kind::Queue, Kind::Queue) => return None,
        (Link::Replication(_), ..) => "a replication link leads from a database to a replica",
        (Link::DeadLetters, ..) => "a dead-letter link leads from a queue to a queue",
        (Link::Calls, _, Kind::Client) => "nothing calls a client",
        (Link::Calls, Kind::Database, Kind::Replica) => {
            "a database feeds its replica: write `link: Replication()`"
        }
        (Link::Calls, Kind::Queue, Kind::Queue) => {
            "a queue hands its dead letters to another: write `link: DeadLetters`"
        }
        (Link::Calls, Kind::Database, _) => "a database calls nobody; it only feeds replicas",
        (Link::Calls, Kind::Replica, _) => "a replica calls nobody",
        (Link::Calls, Kind::Cache, Kind::Queue) => {
            "a cache stands in front of a store, not of a queue"
        }
        (Link::Calls, Kind::Queue, Kind::Server | Kind::Function | Kind::LoadBalancer) => {
            return None;
        }
        (Link::Calls, Kind::Queue, _) => "a queue's consumers are servers or functions",
        (Link::Calls, ..) => return None,
    };
    Some(reason.to_owned())
}

/// Checks every connection, and that everything is connected that must be.
pub fn check(scenario: &Scenario, problems: &mut Vec<Problem>) {
    let mut operations = scenario.operations.values();
    let has_sizes = operations.any(Operation::has_size);
    for (at, connection) in scenario.connections.iter().enumerate() {
        let kind = |name: &str| scenario.components.get(name).map(Component::kind);
        let mut entry = Entry::new(problems, Subject::Connection(at));
        if connection.from == connection.to {
            entry.error("to", format!("`{}` can't call itself", connection.to));
            continue;
        }
        let (Some(from), Some(to)) = (kind(&connection.from), kind(&connection.to)) else {
            continue;
        };
        if let Some(reason) = unfit(from, to, &connection.link) {
            let field = if connection.link == Link::Calls {
                "to"
            } else {
                "link"
            };
            entry.error(field, reason);
            continue;
        }
        without_effect(&mut entry, from, connection);
        if connection.bandwidth.is_some() && !has_sizes {
            entry.warning(
                "bandwidth",
                "no operation has a `request` or `reply` size: `bandwidth` has no effect",
            );
        }
    }
    ends(scenario, problems);
    steps(scenario, problems);
    pools(scenario, problems);
}

/// A balancer whose connections are for some operations only has a target for each.
fn pools(scenario: &Scenario, problems: &mut Vec<Problem>) {
    let operations: Vec<(&str, OperationKind)> = if scenario.operations.is_empty() {
        vec![
            ("read", OperationKind::Read),
            ("write", OperationKind::Write),
        ]
    } else {
        let operations = scenario.operations.iter();
        let operations = operations.filter(|(_, operation)| operation.weight > 0.0);
        operations
            .map(|(name, operation)| (name.as_str(), operation.kind))
            .collect()
    };
    // Of a balancer: which operations its connections take, and how many machines are behind them.
    let mut taken: HashMap<&str, (u64, u64)> = HashMap::new();
    for connection in &scenario.connections {
        let from = scenario.components.get(&connection.from);
        if connection.link != Link::Calls || !matches!(from, Some(Component::LoadBalancer(_))) {
            continue;
        }
        let only = connection.only.as_ref().unwrap_or(&Only::All);
        let (taken, machines) = taken.entry(&connection.from).or_default();
        *machines += match scenario.components.get(&connection.to) {
            Some(Component::Server(server)) => server.most_instances().into(),
            _ => 1,
        };
        for (at, (name, kind)) in operations.iter().enumerate().take(64) {
            *taken |= u64::from(only.closeness(name, *kind).is_some()) << at;
        }
    }
    for (name, component) in &scenario.components {
        let (Component::LoadBalancer(balancer), Some((taken, machines))) =
            (component, taken.get(name.as_str()))
        else {
            continue;
        };
        if let Algorithm::ConsistentHash(hash) = balancer.algorithm
            && u64::from(hash.vnodes) * machines > limits::ALL_POINTS
        {
            let most = limits::people(limits::ALL_POINTS as f64);
            Entry::new(problems, Subject::Component(name.clone())).error(
                "algorithm.vnodes",
                format!(
                    "the targets of `{name}` have more than {most} points on the ring together"
                ),
            );
        }
        for (at, (operation, _)) in operations.iter().enumerate().take(64) {
            if taken >> at & 1 == 0 {
                Entry::new(problems, Subject::Component(name.clone())).warning(
                    "",
                    format!(
                        "the load balancer `{name}` has no target for `{operation}`: such calls fail with `no_target`"
                    ),
                );
            }
        }
    }
}

/// Every knob is alive: what is set without an effect is named.
fn without_effect(entry: &mut Entry, from: Kind, connection: &Connection) {
    let set = [
        ("step", connection.step.is_some()),
        ("only", connection.only.is_some()),
        ("when", connection.when.is_some()),
        ("probability", connection.probability != 1.0),
        ("mode", connection.mode != Mode::Sync),
        ("weight", connection.weight.is_some()),
        ("bandwidth", connection.bandwidth.is_some()),
        ("timeout", connection.timeout.is_some()),
        ("retries", connection.retries.is_some()),
        ("breaker", connection.breaker.is_some()),
        ("pool", connection.pool.is_some()),
        ("cancellation", connection.cancellation),
        ("hedge", connection.hedge.is_some()),
    ];
    let (dead, place): (&[&str], _) = match (&connection.link, from) {
        (Link::Replication(_), _) => (
            &[
                "step",
                "only",
                "when",
                "probability",
                "mode",
                "weight",
                "bandwidth",
                "timeout",
                "retries",
                "breaker",
                "pool",
                "cancellation",
                "hedge",
            ],
            "on a replication link",
        ),
        (Link::DeadLetters, _) => (
            &[
                "step",
                "only",
                "when",
                "probability",
                "mode",
                "weight",
                "bandwidth",
                "timeout",
                "retries",
                "breaker",
                "pool",
                "cancellation",
                "hedge",
            ],
            "on a dead-letter link",
        ),
        (_, Kind::LoadBalancer) => (
            &["step", "when", "probability"],
            "on a load balancer's connection: the balancer picks",
        ),
        (_, Kind::RateLimiter | Kind::ApiGateway) => (
            &["step", "when", "probability", "weight"],
            "here: a call goes over the first connection that takes its operation",
        ),
        (_, Kind::Dns) => (
            &["step", "only", "when", "probability", "mode"],
            "on a connection of a DNS: it names one of its targets",
        ),
        (_, Kind::Queue) => (
            &["step", "only", "when", "probability", "mode", "weight"],
            "on a queue's connection: consumers compete for messages",
        ),
        _ => (&[], ""),
    };
    let is_handed_on = connection.mode == Mode::Forward && from != Kind::Client;
    let reason = match (&connection.link, from) {
        (Link::Calls, Kind::Queue) => {
            Some("on a queue's connection: consumers take messages when they can")
        }
        (Link::Calls, _) if is_handed_on => Some("on a forward: nobody here waits for the answer"),
        _ => None,
    };
    if let Some(reason) = reason {
        let fields = ["breaker", "pool", "cancellation"];
        // A consumer can be told that its message is no longer waited for.
        let dead = if is_handed_on { &fields } else { &fields[..2] };
        for field in dead {
            if set.contains(&(*field, true)) {
                entry.error(field, format!("`{field}` makes no sense {reason}"));
            }
        }
    }
    let nowhere = match (&connection.link, from, connection.mode) {
        (Link::Calls, Kind::Queue, _) => {
            Some("on a queue's connection: consumers take messages when they can")
        }
        (Link::Calls, Kind::LoadBalancer, _) => {
            Some("on a load balancer's connection: it leads to the target that was picked")
        }
        (Link::Calls, _, Mode::Forward) if from != Kind::Client => {
            Some("on a forward: nobody here waits for the answer")
        }
        (Link::Calls, _, Mode::Async) => Some("on a call that nobody waits for"),
        _ => None,
    };
    if let Some(reason) = nowhere.filter(|_| connection.hedge.is_some()) {
        entry.error("hedge", format!("`hedge` makes no sense {reason}"));
    }
    for (field, is_set) in set {
        if is_set && dead.contains(&field) {
            entry.warning(field, format!("`{field}` has no effect {place}"));
        }
    }
    if from == Kind::Client && connection.mode == Mode::Forward {
        entry.warning(
            "mode",
            "a client waits for its answer: `Forward` has no effect here",
        );
    }
}

/// Components that lack what they can't run without: a target, a primary.
pub fn unfinished(scenario: &Scenario) -> Vec<String> {
    let mut problems = Vec::new();
    ends(scenario, &mut problems);
    let graph = graph(scenario);
    problems
        .into_iter()
        .filter(Problem::is_error)
        .filter_map(|problem| match problem.subject {
            Subject::Component(name) => Some(name),
            _ => None,
        })
        .filter(|name| match scenario.components.get_index_of(name) {
            // More than one of what one is needed is not unfinished.
            Some(at) => {
                let node = petgraph::graph::NodeIndex::new(at);
                let replica = matches!(scenario.components[at], Component::Replica(_));
                let direction = if replica { Incoming } else { Outgoing };
                let wanted = |at: usize| match scenario.connections[at].link {
                    Link::Replication(_) => replica,
                    Link::Calls => !replica,
                    Link::DeadLetters => false,
                };
                !graph
                    .edges_directed(node, direction)
                    .any(|edge| wanted(*edge.weight()))
            }
            None => false,
        })
        .collect()
}

/// What each kind must have at its ends.
fn ends(scenario: &Scenario, problems: &mut Vec<Problem>) {
    let graph = graph(scenario);
    for node in graph.node_indices() {
        let Some((name, component)) = scenario.components.get_index(graph[node]) else {
            continue;
        };
        let count = |direction, wanted: fn(&Link) -> bool| {
            graph
                .edges_directed(node, direction)
                .filter(|edge| edge.source() != edge.target())
                .filter(|edge| wanted(&scenario.connections[*edge.weight()].link))
                .count()
        };
        let calls = |link: &Link| *link == Link::Calls;
        let mut entry = Entry::new(problems, Subject::Component(name.clone()));
        match component.kind() {
            Kind::Client if count(Outgoing, calls) == 0 => {
                entry.error(
                    "",
                    format!("the client `{name}` has nowhere to go: connect it to something"),
                );
            }
            Kind::LoadBalancer if count(Outgoing, calls) == 0 => {
                entry.error("", format!("the load balancer `{name}` has no target"));
            }
            Kind::RateLimiter if count(Outgoing, calls) == 0 => {
                entry.error("", format!("the rate limiter `{name}` has no target"));
            }
            Kind::ApiGateway if count(Outgoing, calls) == 0 => {
                entry.error("", format!("the API gateway `{name}` has no target"));
            }
            Kind::Dns if count(Outgoing, calls) == 0 => {
                entry.error("", format!("the DNS `{name}` has no target"));
            }
            Kind::Cache if count(Outgoing, calls) > 1 => {
                entry.error(
                    "",
                    format!("the cache `{name}` stands in front of more than one store"),
                );
            }
            Kind::Replica => match count(Incoming, |link| matches!(link, Link::Replication(_))) {
                1 => {}
                0 => entry.error(
                    "",
                    format!("the replica `{name}` has no primary: draw an arrow from a database"),
                ),
                _ => entry.error(
                    "",
                    format!("the replica `{name}` has more than one primary"),
                ),
            },
            Kind::Queue => {
                if count(Outgoing, calls) == 0
                    && count(Incoming, |link| *link == Link::DeadLetters) == 0
                {
                    entry.warning(
                        "",
                        format!("nothing takes messages from the queue `{name}`"),
                    );
                }
                if count(Outgoing, |link| *link == Link::DeadLetters) > 1 {
                    entry.error(
                        "",
                        format!("the queue `{name}` has more than one dead-letter queue"),
                    );
                }
            }
            _ => {}
        }
    }
}

/// Alternatives and forwards of one step, taken together.
fn steps(scenario: &Scenario, problems: &mut Vec<Problem>) {
    let mut groups: HashMap<(&str, u32), Vec<usize>> = HashMap::new();
    for (at, connection) in scenario.connections.iter().enumerate() {
        if connection.link == Link::Calls {
            let step = connection.step.unwrap_or(1);
            groups.entry((&connection.from, step)).or_default().push(at);
        }
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by_key(|(_, members)| members[0]);
    for ((from, step), members) in groups {
        let connections = || members.iter().map(|at| &scenario.connections[*at]);
        let by_weight = match scenario.components.get(from) {
            Some(Component::LoadBalancer(balancer)) => {
                matches!(
                    balancer.algorithm,
                    Algorithm::WeightedRoundRobin
                        | Algorithm::WeightedLeastConnections
                        | Algorithm::LeastResponseTime(_)
                        | Algorithm::ConsistentHash(_)
                        | Algorithm::Random
                )
            }
            Some(Component::Dns(dns)) => dns.policy == Resolution::Weighted,
            Some(Component::RateLimiter(_) | Component::ApiGateway(_)) | None => false,
            Some(_) => connections().any(|connection| connection.weight.is_some()),
        };
        let none = connections().all(|connection| connection.weight == Some(0.0));
        let mut entry = Entry::new(problems, Subject::Connection(members[0]));
        if by_weight && none {
            entry.error(
                "weight",
                format!("the weights of `{from}` in step {step} add up to 0"),
            );
        }
        let forwards = || {
            connections()
                .filter(|c| c.mode == Mode::Forward && c.only.is_none() && c.when.is_none())
        };
        let sum: f64 = forwards().map(|connection| connection.probability).sum();
        // These pick one by rules of their own.
        let picks = matches!(
            scenario.components.get(from),
            Some(
                Component::LoadBalancer(_)
                    | Component::Dns(_)
                    | Component::RateLimiter(_)
                    | Component::ApiGateway(_)
            )
        );
        if !picks && forwards().count() > 1 && sum > 1.0 + 1e-9 {
            entry.error(
                "probability",
                format!("the forwards of `{from}` in step {step} exclude each other, but their probabilities add up to {sum}"),
            );
        }
    }
}
