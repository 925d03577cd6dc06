//! Rings of calls that can't end.

use petgraph::algo::kosaraju_scc;
use petgraph::graph::NodeIndex;
use petgraph::visit::EdgeRef;

use super::{Entry, Graph, graph};
use crate::scenario::{Component, Connection, Link, Mode, Problem, Scenario, Subject};

/// Checks for rings of synchronous calls, and for rings that nothing ever leaves.
pub fn check(scenario: &Scenario, problems: &mut Vec<Problem>) {
    let graph = graph(scenario);
    let waiting = keep(&graph, |at| waits(scenario, &scenario.connections[at]));
    for ring in rings(&waiting) {
        let text = ring_text(scenario, &waiting, &ring);
        let message = format!(
            "`{text}` is a ring of synchronous calls: each waits for the next for ever; make one of them Forward or Async"
        );
        Entry::new(problems, Subject::Connection(waiting[ring[0]])).error("mode", message);
    }
    let forced = keep(&graph, |at| is_forced(scenario, &graph, at));
    for ring in rings(&forced) {
        // A ring of waiting calls was named already.
        if ring
            .iter()
            .all(|edge| waits(scenario, &scenario.connections[forced[*edge]]))
        {
            continue;
        }
        let text = ring_text(scenario, &forced, &ring);
        let message =
            format!("requests go round `{text}` for ever: give one of them a probability below 1");
        Entry::new(problems, Subject::Connection(forced[ring[0]])).error("probability", message);
    }
}

/// The ring that a new synchronous call would close, as text.
pub fn closes_ring(scenario: &Scenario, from: &str, to: &str) -> Option<String> {
    let graph = graph(scenario);
    let waiting = keep(&graph, |at| waits(scenario, &scenario.connections[at]));
    let node = |name: &str| scenario.components.get_index_of(name).map(NodeIndex::new);
    let path = path(&waiting, node(to)?, node(from)?)?;
    let names: Vec<_> = path.iter().map(|node| name(scenario, *node)).collect();
    Some(format!("{from} -> {}", names.join(" -> ")))
}

/// Whether the caller keeps its slot until the reply.
fn waits(scenario: &Scenario, connection: &Connection) -> bool {
    connection.link == Link::Calls
        && connection.mode == Mode::Sync
        // A queue waits for its consumers, but nobody waits for the queue. What calls a client, and
        // a store that calls, are wrong anyway.
        && matches!(
            scenario.components.get(&connection.from),
            Some(
                Component::Server(_)
                    | Component::LoadBalancer(_)
                    | Component::RateLimiter(_)
                    | Component::ApiGateway(_)
                    | Component::Dns(_)
                    | Component::Function(_)
                    | Component::Cache(_)
            )
        )
        && !matches!(scenario.components.get(&connection.to), Some(Component::Client(_)))
}

/// Whether every request that comes to the caller goes on along this connection.
fn is_forced(scenario: &Scenario, graph: &Graph, at: usize) -> bool {
    let connection = &scenario.connections[at];
    let siblings = |forward_only: bool| {
        let Some(node) = scenario.components.get_index_of(&connection.from) else {
            return 0;
        };
        graph
            .edges(NodeIndex::new(node))
            .filter(|edge| {
                let other = &scenario.connections[*edge.weight()];
                other.link == Link::Calls && (!forward_only || other.mode == Mode::Forward)
            })
            .count()
    };
    if connection.link != Link::Calls {
        return false;
    }
    match scenario.components.get(&connection.from) {
        Some(
            Component::LoadBalancer(_)
            | Component::RateLimiter(_)
            | Component::ApiGateway(_)
            | Component::Dns(_)
            | Component::Queue(_),
        ) => siblings(false) == 1,
        Some(Component::Server(_) | Component::Function(_)) => {
            connection.probability >= 1.0
                && connection.only.is_none()
                && connection.when.is_none()
                && connection.weight.is_none()
                && (connection.mode != Mode::Forward || siblings(true) == 1)
        }
        _ => false,
    }
}

fn keep(graph: &Graph, wanted: impl Fn(usize) -> bool) -> Graph {
    graph.filter_map(
        |_, node| Some(*node),
        |_, edge| wanted(*edge).then_some(*edge),
    )
}

/// One ring of each knot, as its edges.
fn rings(graph: &Graph) -> Vec<Vec<petgraph::graph::EdgeIndex>> {
    let mut knot_of = vec![usize::MAX; graph.node_count()];
    let knots = kosaraju_scc(graph);
    for (number, knot) in knots.iter().enumerate() {
        for node in knot {
            knot_of[node.index()] = number;
        }
    }
    let mut rings = Vec::new();
    for (number, knot) in knots.iter().enumerate() {
        if knot.len() < 2 {
            continue;
        }
        // Walk inside the knot until a node comes again. It has a way on from everywhere.
        let mut walk = Vec::new();
        let mut seen = std::collections::HashMap::new();
        let mut node = knot.iter().copied().min().unwrap_or(knot[0]);
        while !seen.contains_key(&node) {
            seen.insert(node, walk.len());
            let next = graph
                .edges(node)
                .filter(|edge| knot_of[edge.target().index()] == number)
                .min_by_key(|edge| *edge.weight());
            let Some(edge) = next else { break };
            walk.push(edge.id());
            node = edge.target();
        }
        let from = seen.get(&node).copied().unwrap_or(0);
        rings.push(walk.split_off(from));
    }
    rings.sort_by_key(|ring| ring.first().map(|edge| graph[*edge]));
    rings
}

/// The shortest way from one node to another.
fn path(graph: &Graph, from: NodeIndex, to: NodeIndex) -> Option<Vec<NodeIndex>> {
    let mut before = std::collections::HashMap::from([(from, from)]);
    let mut left = std::collections::VecDeque::from([from]);
    while let Some(node) = left.pop_front() {
        if node == to {
            let mut path = vec![node];
            let mut node = node;
            while node != from {
                node = before[&node];
                path.push(node);
            }
            path.reverse();
            return Some(path);
        }
        for next in graph.neighbors(node) {
            before.entry(next).or_insert_with(|| {
                left.push_back(next);
                node
            });
        }
    }
    None
}

fn name(scenario: &Scenario, node: NodeIndex) -> &str {
    scenario
        .components
        .get_index(node.index())
        .map_or("", |(name, _)| name)
}

/// `a -> b -> a`; long rings are cut in the middle.
fn ring_text(scenario: &Scenario, graph: &Graph, ring: &[petgraph::graph::EdgeIndex]) -> String {
    let mut names: Vec<&str> = ring
        .iter()
        .filter_map(|edge| graph.edge_endpoints(*edge))
        .map(|(from, _)| name(scenario, from))
        .collect();
    if names.len() > 12 {
        names.splice(6..names.len() - 5, ["…"]);
    }
    names.push(names[0]);
    names.join(" -> ")
}
