//! Where long-lived connections lead, and whether they can be kept there.

use petgraph::graph::NodeIndex;
use petgraph::visit::EdgeRef;

use super::{Entry, Graph, flows, graph, limits};
use crate::scenario::{
    Arrivals, Client, Component, Connection, Distribution, Link, LongLived, Mode, Problem,
    Scenario, Subject,
};

/// Boxes between a user and the server at the other end of the connection, at most.
pub const MOST_BETWEEN: usize = 4;

/// By component: whether long-lived connections end there, and whether they lead through it.
#[derive(Clone, Debug, Default)]
pub struct Ways {
    /// Connections are open there.
    pub ends: Vec<bool>,
    /// Connections lead through it.
    pub between: Vec<bool>,
}

/// The traffic of a client, if it is of long-lived connections.
pub fn of(client: &Client) -> Option<&LongLived> {
    match &client.arrivals {
        Arrivals::LongLived(drawn) => Some(drawn),
        _ => None,
    }
}

/// Where the long-lived connections of a scenario lead.
pub fn ways(scenario: &Scenario) -> Ways {
    let count = scenario.components.len();
    let mut ways = Ways {
        ends: vec![false; count],
        between: vec![false; count],
    };
    let holds =
        |component: &Component| matches!(component, Component::Client(c) if of(c).is_some());
    if !scenario.components.values().any(holds) {
        return ways;
    }
    let graph = graph(scenario);
    for (at, component) in scenario.components.values().enumerate() {
        if let Component::Client(client) = component
            && of(client).is_some()
        {
            follow(scenario, &graph, (client, NodeIndex::new(at)), &mut ways);
        }
    }
    ways
}

/// Whether connections lead through a box to others.
fn leads_on(component: &Component) -> bool {
    matches!(
        component,
        Component::LoadBalancer(_)
            | Component::Dns(_)
            | Component::RateLimiter(_)
            | Component::ApiGateway(_)
    )
}

/// Whether a client asks for a connection by an operation.
fn opens_by(client: &Client, operation: &str) -> bool {
    match of(client).and_then(|drawn| drawn.connect.as_deref()) {
        Some(connect) => connect == operation,
        None => flows::asks_for(client, operation),
    }
}

/// Whether requests of an operation are messages of a client over its connections, and nothing else.
pub(super) fn are_messages(client: &Client, operation: &str) -> bool {
    of(client).is_some() && !opens_by(client, operation)
}

fn calls<'g>(
    scenario: &'g Scenario,
    graph: &'g Graph,
    node: NodeIndex,
) -> impl Iterator<Item = (NodeIndex, usize, &'g Connection)> {
    graph.edges(node).filter_map(|edge| {
        let connection = &scenario.connections[*edge.weight()];
        (connection.link == Link::Calls).then_some((edge.target(), *edge.weight(), connection))
    })
}

/// The calls by which a client asks for a connection: of those of a box that passes on by operation,
/// for each operation the first that takes it.
fn openings<'g>(
    scenario: &'g Scenario,
    graph: &'g Graph,
    client: &Client,
    node: NodeIndex,
) -> Vec<(NodeIndex, usize, &'g Connection)> {
    let mut all: Vec<_> = calls(scenario, graph, node).collect();
    let passes_by_operation = matches!(
        scenario.components[node.index()],
        Component::RateLimiter(_) | Component::ApiGateway(_)
    );
    if passes_by_operation {
        all.sort_by_key(|(_, at, _)| *at);
        let mut asked = flows::operations(scenario);
        asked.retain(|(name, _)| opens_by(client, name));
        if let Some(connect) = of(client).and_then(|drawn| drawn.connect.as_deref())
            && let Some(operation) = scenario.operations.get(connect)
        {
            // Also one that nobody asks for otherwise.
            asked = vec![(connect, operation.kind)];
        }
        let first = |(name, kind)| {
            let mut all = all.iter();
            all.position(|(.., drawn)| flows::takes(scenario, drawn, name, kind))
        };
        let taken: Vec<usize> = asked.into_iter().filter_map(first).collect();
        let mut place = 0..;
        all.retain(|_| place.next().is_some_and(|at| taken.contains(&at)));
    }
    all
}

fn follow(
    scenario: &Scenario,
    graph: &Graph,
    (client, from): (&Client, NodeIndex),
    ways: &mut Ways,
) {
    let mut seen = vec![false; scenario.components.len()];
    let mut left = vec![from];
    while let Some(node) = left.pop() {
        for (to, ..) in openings(scenario, graph, client, node) {
            let at = to.index();
            let component = &scenario.components[at];
            if std::mem::replace(&mut seen[at], true) {
                continue;
            }
            if leads_on(component) {
                ways.between[at] = true;
                left.push(to);
            } else if let Component::Server(_) = component {
                ways.ends[at] = true;
            }
        }
    }
}

/// What is wrong with the ways of long-lived connections.
pub fn check(scenario: &Scenario, problems: &mut Vec<Problem>) {
    let holders = scenario.components.iter().enumerate();
    let mut holders = holders
        .filter(|(_, (_, component))| matches!(component, Component::Client(c) if of(c).is_some()))
        .peekable();
    if holders.peek().is_none() {
        return;
    }
    let graph = graph(scenario);
    for (at, (name, component)) in holders {
        if let Component::Client(client) = component
            && let Some(connect) = of(client).and_then(|drawn| drawn.connect.as_ref())
            && !has_messages(scenario, client, connect)
        {
            let mut entry = Entry::new(problems, Subject::Component(name.clone()));
            entry.error(
                "arrivals.connect",
                format!("all its requests are `{connect}`, so no operation is left for messages"),
            );
        }
        let Component::Client(client) = component else {
            continue;
        };
        let node = NodeIndex::new(at);
        let arrows = calls(scenario, &graph, node).count();
        if arrows > 1 {
            let mut entry = Entry::new(problems, Subject::Component(name.clone()));
            entry.error(
                "arrivals",
                "long-lived connections take one arrow: put a load balancer or DNS in front of several boxes",
            );
        }
        walk(scenario, &graph, client, (node, 0), problems);
    }
    let ways = ways(scenario);
    for (at, connection) in scenario.connections.iter().enumerate() {
        let from = scenario.components.get_index_of(&connection.from);
        let ends = from.is_some_and(|from| ways.ends[from]);
        if ends && connection.link == Link::Calls && connection.mode == Mode::Forward {
            let mut entry = Entry::new(problems, Subject::Connection(at));
            entry.error(
                "mode",
                "a server that holds long-lived connections answers itself: it can't forward",
            );
        }
    }
}

/// Whether a client asks for anything else than for its connection.
fn has_messages(scenario: &Scenario, client: &Client, connect: &str) -> bool {
    let asks =
        |name: &str| client.operations.is_empty() || client.operations.iter().any(|n| n == name);
    let mut operations = scenario.operations.iter();
    scenario.operations.is_empty() && client.operations.len() != 1
        || operations
            .any(|(name, operation)| name != connect && operation.weight > 0.0 && asks(name))
}

fn walk(
    scenario: &Scenario,
    graph: &Graph,
    client: &Client,
    (node, depth): (NodeIndex, usize),
    problems: &mut Vec<Problem>,
) {
    for (to, at, connection) in openings(scenario, graph, client, node) {
        let problem = match &scenario.components[to.index()] {
            _ if connection.mode == Mode::Forward => Some((
                "mode",
                "long-lived connections are not handed off: whoever is on their way stays on it"
                    .to_owned(),
            )),
            _ if connection.mode != Mode::Sync => Some((
                "mode",
                "long-lived connections go over synchronous calls".to_owned(),
            )),
            _ if connection.hedge.is_some() => Some((
                "hedge",
                "a long-lived connection is not hedged: its user wants one and not two".to_owned(),
            )),
            Component::Server(_) => None,
            other if leads_on(other) && depth < MOST_BETWEEN => {
                walk(scenario, graph, client, (to, depth + 1), problems);
                None
            }
            other if leads_on(other) => Some((
                "to",
                format!("long-lived connections lead through {MOST_BETWEEN} boxes at most"),
            )),
            other => Some((
                "to",
                format!(
                    "long-lived connections lead over load balancers, rate limiters, gateways and DNS to servers, not to a {}",
                    other.kind().noun()
                ),
            )),
        };
        if let Some((field, message)) = problem {
            let mut entry = Entry::new(problems, Subject::Connection(at));
            let known =
                |other: &Problem| other.message == message && other.subject == entry.subject;
            if !entry.problems.iter().any(known) {
                entry.error(field, message);
            }
        }
    }
}

impl Entry<'_> {
    pub(super) fn long_lived(&mut self, drawn: &LongLived) {
        self.count("arrivals.connections", drawn.connections, limits::USERS);
        for (name, time, may_be_nothing) in [
            ("hold", &drawn.hold, false),
            ("every", &drawn.every, false),
            ("away", &drawn.away, true),
            ("reconnect", &drawn.reconnect, true),
        ] {
            let field = format!("arrivals.{name}");
            self.distribution(&field, time);
            if *time == Distribution::ZERO && !may_be_nothing {
                self.error(&field, "the time must be longer than 0");
            }
        }
    }
}
