//! Where long-lived connections lead, and whether they can be kept there.

use petgraph::graph::NodeIndex;
use petgraph::visit::EdgeRef;

use super::{Entry, Graph, graph, limits};
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
        if holds(component) {
            follow(scenario, &graph, NodeIndex::new(at), &mut ways);
        }
    }
    ways
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

fn follow(scenario: &Scenario, graph: &Graph, from: NodeIndex, ways: &mut Ways) {
    let mut left = vec![from];
    while let Some(node) = left.pop() {
        for (to, ..) in calls(scenario, graph, node) {
            let (place, known) = match &scenario.components[to.index()] {
                Component::Server(_) => (to.index(), &mut ways.ends),
                Component::LoadBalancer(_) | Component::Dns(_) => (to.index(), &mut ways.between),
                _ => continue,
            };
            let is_server = matches!(scenario.components[place], Component::Server(_));
            if !std::mem::replace(&mut known[place], true) && !is_server {
                left.push(to);
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
        let node = NodeIndex::new(at);
        let arrows = calls(scenario, &graph, node).count();
        if arrows > 1 {
            let mut entry = Entry::new(problems, Subject::Component(name.clone()));
            entry.error(
                "arrivals",
                "long-lived connections take one arrow: put a load balancer or DNS in front of several boxes",
            );
        }
        walk(scenario, &graph, (node, 0), problems);
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
    (node, depth): (NodeIndex, usize),
    problems: &mut Vec<Problem>,
) {
    for (to, at, connection) in calls(scenario, graph, node) {
        let problem = match &scenario.components[to.index()] {
            _ if connection.mode != Mode::Sync => Some((
                "mode",
                "long-lived connections go over synchronous calls".to_owned(),
            )),
            _ if connection.hedge.is_some() => Some((
                "hedge",
                "a long-lived connection is not hedged: its user wants one and not two".to_owned(),
            )),
            Component::Server(_) => None,
            Component::LoadBalancer(_) | Component::Dns(_) if depth < MOST_BETWEEN => {
                walk(scenario, graph, (to, depth + 1), problems);
                None
            }
            Component::LoadBalancer(_) | Component::Dns(_) => Some((
                "to",
                format!("long-lived connections lead through {MOST_BETWEEN} boxes at most"),
            )),
            other => Some((
                "to",
                format!(
                    "long-lived connections lead over load balancers and DNS to servers, not to a {}",
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
