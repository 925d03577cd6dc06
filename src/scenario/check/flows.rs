//! Where requests get to: what is never reached, and what gets requests it can't take.

use std::collections::{HashSet, VecDeque};

use petgraph::graph::NodeIndex;
use petgraph::visit::EdgeRef;

use super::{
    Entry, Graph, graph,
    limits::{self, people},
    long_lived,
};
use crate::scenario::frame::Places;
use crate::scenario::{
    Arrivals, Client, Component, Connection, Distribution, Dns, Link, Mode, Only, OperationKind,
    Problem, Scenario, Scope, Subject,
};

/// Checks where requests get to.
pub fn check(scenario: &Scenario, problems: &mut Vec<Problem>) {
    let graph = graph(scenario);
    unreached(scenario, &graph, problems);
    writes_at_replicas(scenario, &graph, problems);
    sessions_to_remember(scenario, problems);
    nowhere_to_go(scenario, &graph, problems);
    for (at, (name, component)) in scenario.components.iter().enumerate() {
        if let Component::Client(client) = component {
            let mut entry = Entry::new(problems, Subject::Component(name.clone()));
            let node = NodeIndex::new(at);
            dead_operations(scenario, &graph, node, client, &mut entry);
            timeless(scenario, &graph, node, client, &mut entry);
        }
    }
}

fn clients(scenario: &Scenario) -> impl Iterator<Item = (NodeIndex, &Client)> {
    scenario
        .components
        .values()
        .enumerate()
        .filter_map(|(at, component)| match component {
            Component::Client(client) => Some((NodeIndex::new(at), client)),
            _ => None,
        })
}

/// Boxes that no client's request ever gets to.
fn unreached(scenario: &Scenario, graph: &Graph, problems: &mut Vec<Problem>) {
    let mut reached = vec![false; graph.node_count()];
    let mut left: VecDeque<NodeIndex> = clients(scenario).map(|(node, _)| node).collect();
    while let Some(node) = left.pop_front() {
        if !std::mem::replace(&mut reached[node.index()], true) {
            left.extend(graph.neighbors(node));
        }
    }
    for ((name, _), reached) in scenario.components.iter().zip(reached) {
        if !reached {
            let mut entry = Entry::new(problems, Subject::Component(name.clone()));
            entry.warning("", format!("no request ever reaches `{name}`"));
        }
    }
}

/// Most sessions of a client whose requests can come to a component, by component; 0: none can.
pub fn sessions_by_component(scenario: &Scenario) -> Vec<u32> {
    let graph = graph(scenario);
    let mut sessions = vec![0; graph.node_count()];
    let mut clients: Vec<_> = clients(scenario).collect();
    // Who comes first has the most: nobody else has to look there again.
    clients.sort_by_key(|(_, client)| std::cmp::Reverse(client.all_sessions()));
    for (node, client) in clients {
        let mut left = vec![node];
        while let Some(node) = left.pop() {
            if sessions[node.index()] == 0 {
                sessions[node.index()] = client.all_sessions();
                left.extend(graph.neighbors(node));
            }
        }
    }
    sessions
}

/// What a component keeps for every session, in bytes, and where that is said.
fn bytes_each(scenario: &Scenario, component: &Component) -> Option<(u64, &'static str)> {
    let (scope, bytes, field) = match component {
        Component::RateLimiter(limiter) => (limiter.scope, limiter.limit.bytes_each(), "scope"),
        Component::ApiGateway(gateway) => {
            let limit = gateway.rate_limit.as_ref()?;
            (limit.scope, limit.limit.bytes_each(), "rate_limit.scope")
        }
        Component::Dns(dns) => {
            let places = dns.places(scenario.frames.len()) as u64;
            (dns.scope, Dns::BYTES_EACH * places, "scope")
        }
        _ => return None,
    };
    (scope == Scope::PerSession).then_some((bytes, field))
}

/// What is kept by session and would take too much memory, all together.
fn sessions_to_remember(scenario: &Scenario, problems: &mut Vec<Problem>) {
    if !scenario
        .components
        .values()
        .any(|component| bytes_each(scenario, component).is_some())
    {
        return;
    }
    let sessions = sessions_by_component(scenario);
    let mut bytes = 0;
    for ((name, component), sessions) in scenario.components.iter().zip(sessions) {
        if let Some((each, field)) = bytes_each(scenario, component) {
            bytes += each * u64::from(sessions);
            if bytes > limits::LIMITER_BYTES {
                let message = format!(
                    "to tell {} sessions apart takes {} bytes for each, and all that is kept by session together more than {} MB: give the clients fewer sessions, or take all together",
                    people(f64::from(sessions)),
                    people(each as f64),
                    limits::LIMITER_BYTES >> 20
                );
                return Entry::new(problems, Subject::Component(name.clone()))
                    .error(field, message);
            }
        }
    }
}

/// Operations that come to a box which passes calls on by operation, and that none of its
/// connections takes.
fn nowhere_to_go(scenario: &Scenario, graph: &Graph, problems: &mut Vec<Problem>) {
    for node in graph.node_indices() {
        let Some((name, Component::RateLimiter(_) | Component::ApiGateway(_))) =
            scenario.components.get_index(node.index())
        else {
            continue;
        };
        let mut edges = graph.edges(node).map(|edge| *edge.weight()).peekable();
        if edges.peek().is_none() {
            // Another problem.
            continue;
        }
        let connections: Vec<_> = edges.map(|at| &scenario.connections[at]).collect();
        for (operation, kind) in operations(scenario) {
            if only_messages(scenario, operation) {
                continue;
            }
            let mut connections = connections.iter();
            if !connections.any(|connection| takes(scenario, connection, operation, kind)) {
                let message = format!(
                    "the operation `{operation}` has nowhere to go at `{name}`: no connection takes it"
                );
                Entry::new(problems, Subject::Component(name.clone())).warning("", message);
            }
        }
    }
}

/// Whether an operation is asked for over open connections only: it goes where they lead.
fn only_messages(scenario: &Scenario, operation: &str) -> bool {
    let mut asking = clients(scenario)
        .filter(|(_, client)| asks_for(client, operation))
        .peekable();
    asking.peek().is_some() && asking.all(|(_, client)| long_lived::are_messages(client, operation))
}

/// Names and kinds of the operations, the default ones included.
pub(super) fn operations(scenario: &Scenario) -> Vec<(&str, OperationKind)> {
    if scenario.operations.is_empty() {
        return vec![
            ("read", OperationKind::Read),
            ("write", OperationKind::Write),
        ];
    }
    scenario
        .operations
        .iter()
        .filter(|(_, operation)| operation.weight > 0.0)
        .map(|(name, operation)| (name.as_str(), operation.kind))
        .collect()
}

pub(super) fn asks_for(client: &Client, operation: &str) -> bool {
    client.operations.is_empty() || client.operations.iter().any(|name| name == operation)
}

/// Whether a connection takes an operation. What is unset means: reads only to a replica.
pub(super) fn takes(
    scenario: &Scenario,
    connection: &Connection,
    name: &str,
    kind: OperationKind,
) -> bool {
    let to_replica = matches!(
        scenario.components.get(&connection.to),
        Some(Component::Replica(_))
    );
    match &connection.only {
        None if to_replica => kind == OperationKind::Read,
        None | Some(Only::All) => true,
        Some(Only::Reads) => kind == OperationKind::Read,
        Some(Only::Writes) => kind == OperationKind::Write,
        Some(Only::Named(names)) => names.iter().any(|named| named == name),
    }
}

/// Writes that end at a copy, where nothing can be written.
fn writes_at_replicas(scenario: &Scenario, graph: &Graph, problems: &mut Vec<Problem>) {
    let writes: Vec<_> = operations(scenario)
        .into_iter()
        .filter(|(_, kind)| *kind == OperationKind::Write)
        .collect();
    let is_replica = |component: &Component| matches!(component, Component::Replica(_));
    if !scenario.components.values().any(is_replica) {
        return;
    }
    let mut told = vec![false; scenario.connections.len()];
    for (name, kind) in writes {
        let mut seen = vec![false; graph.node_count()];
        let mut left: VecDeque<NodeIndex> = clients(scenario)
            .filter(|(_, client)| asks_for(client, name))
            .map(|(node, _)| node)
            .collect();
        while let Some(node) = left.pop_front() {
            if std::mem::replace(&mut seen[node.index()], true) {
                continue;
            }
            let picks = matches!(
                scenario.components.get_index(node.index()),
                Some((
                    _,
                    Component::LoadBalancer(_) | Component::Dns(_) | Component::Queue(_)
                ))
            );
            let closeness = |at: usize| {
                let only = scenario.connections[at].only.as_ref();
                only.unwrap_or(&Only::All).closeness(name, kind)
            };
            let edges = graph.edges(node);
            let closest = edges.filter_map(|edge| closeness(*edge.weight())).max();
            for edge in graph.edges(node) {
                let at = *edge.weight();
                let connection = &scenario.connections[at];
                let is_for_it = if picks {
                    closest.is_some() && closeness(at) == closest
                } else {
                    takes(scenario, connection, name, kind)
                };
                if connection.link != Link::Calls || !is_for_it {
                    continue;
                }
                let to = scenario.components.get(&connection.to);
                if matches!(to, Some(Component::Replica(_))) {
                    if !std::mem::replace(&mut told[at], true) {
                        let (from, to) = (&connection.from, &connection.to);
                        let remedy = if picks {
                            format!("set `only: Reads` on what leads to `{from}`")
                        } else {
                            "set `only: Reads`".to_owned()
                        };
                        let message = format!(
                            "the write `{name}` reaches `{to}`, a replica, which only answers reads: {remedy}"
                        );
                        Entry::new(problems, Subject::Connection(at)).error("only", message);
                    }
                } else {
                    left.push_back(edge.target());
                }
            }
        }
    }
}

/// Operations of a client that none of its connections takes.
fn dead_operations(
    scenario: &Scenario,
    graph: &Graph,
    node: NodeIndex,
    client: &Client,
    entry: &mut Entry,
) {
    let connections: Vec<_> = graph
        .edges(node)
        .map(|edge| &scenario.connections[*edge.weight()])
        .filter(|connection| connection.link == Link::Calls)
        .collect();
    if connections.is_empty() {
        return;
    }
    let mut asked = 0;
    for (name, kind) in operations(scenario) {
        if !asks_for(client, name) {
            continue;
        }
        asked += 1;
        if !connections
            .iter()
            .any(|connection| takes(scenario, connection, name, kind))
        {
            entry.error(
                "",
                format!("the operation `{name}` has nowhere to go: no connection takes it"),
            );
        }
    }
    // A name that no operation has is another problem.
    let known = |name: &String| scenario.operations.contains_key(name);
    if asked == 0 && client.operations.iter().all(known) {
        entry.error(
            "operations",
            "the weights of this client's operations add up to 0",
        );
    }
}

/// A closed client whose users come back at once would stop simulated time.
fn timeless(
    scenario: &Scenario,
    graph: &Graph,
    node: NodeIndex,
    client: &Client,
    entry: &mut Entry,
) {
    let places = Places::new(scenario);
    let Arrivals::Closed {
        think: Distribution::ZERO,
        ..
    } = client.arrivals
    else {
        return;
    };
    // A client without connections is another problem.
    if graph.edges(node).next().is_none() {
        return;
    }
    let mut seen = HashSet::new();
    let mut left = vec![node];
    while let Some(node) = left.pop() {
        if !seen.insert(node) {
            continue;
        }
        // What works takes time; what does not answers at once unless it calls others.
        let works = match scenario.components.get_index(node.index()) {
            Some((
                _,
                Component::Client(_)
                | Component::LoadBalancer(_)
                | Component::RateLimiter(_)
                // What is remembered takes no time.
                | Component::Dns(_),
            )) => false,
            Some((_, Component::ApiGateway(gateway))) => {
                gateway.authentication != Distribution::ZERO
            }
            Some((_, Component::Function(function))) => function.service != Distribution::ZERO,
            Some((_, Component::Server(server))) => {
                server.service != Distribution::ZERO
                    && !server
                        .per_operation
                        .values()
                        .any(|work| *work == Distribution::ZERO)
            }
            Some((_, Component::Cache(cache))) => cache.service != Distribution::ZERO,
            Some((_, Component::Database(database))) => {
                database.read != Distribution::ZERO && database.write != Distribution::ZERO
            }
            Some((_, Component::Replica(replica))) => replica.read != Distribution::ZERO,
            Some((_, Component::Queue(_))) | None => {
                return entry.error("arrivals.think", TIMELESS);
            }
        };
        if works {
            continue;
        }
        let mut calls = graph
            .edges(node)
            .map(|edge| (edge.target(), &scenario.connections[*edge.weight()]))
            .filter(|(_, connection)| {
                connection.link == Link::Calls && connection.mode != Mode::Async
            })
            .peekable();
        if calls.peek().is_none() {
            return entry.error("arrivals.think", TIMELESS);
        }
        let timeless = |connection: &Connection| *places.latency(connection) == Distribution::ZERO;
        left.extend(
            calls
                .filter(|(_, call)| timeless(call))
                .map(|(target, _)| target),
        );
    }
}

const TIMELESS: &str = "users who do not think ask again and again without time passing: give them a think time, or the connection a latency";
