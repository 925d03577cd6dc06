//! Whether a scenario makes sense: names, numbers, who may call whom.
//!
//! A scenario without errors runs; warnings say where something drawn has no effect or will never
//! be reached. Limits are in [`limits`]; they hold for files, for the window and for the engine.

mod balancing;
mod cycles;
mod distributions;
mod flows;
pub mod limits;
pub mod long_lived;
mod names;
mod nearest;
mod server;
mod sizes;
mod traffic;
mod values;
mod wiring;

pub use flows::sessions_by_component;
pub use names::name_problem;
pub use wiring::refusal;
pub(super) use wiring::{link_between, unfinished};

use std::collections::HashMap;

use petgraph::graph::DiGraph;

use super::{Problem, Scenario, Severity, Subject};

/// Components and connections by number, as positions in the scenario. Connections with an unknown
/// end are left out.
pub type Graph = DiGraph<usize, usize>;

/// Everything that is wrong with a scenario.
pub fn check(scenario: &Scenario) -> Vec<Problem> {
    let mut problems = entries(scenario);
    if scenario.components.len() > limits::COMPONENTS
        || scenario.connections.len() > limits::CONNECTIONS
    {
        return problems;
    }
    wiring::check(scenario, &mut problems);
    cycles::check(scenario, &mut problems);
    flows::check(scenario, &mut problems);
    long_lived::check(scenario, &mut problems);
    balancing::check(scenario, &mut problems);
    nearest::check(scenario, &mut problems);
    problems
}

/// What is wrong with single entries, whatever the drawing as a whole looks like.
pub(super) fn entries(scenario: &Scenario) -> Vec<Problem> {
    let mut problems = Vec::new();
    names::check(scenario, &mut problems);
    values::check(scenario, &mut problems);
    problems
}

/// What is wrong with one entry, whatever the rest looks like.
pub(super) fn entry(scenario: &Scenario, subject: &Subject) -> Vec<Problem> {
    let mut problems = Vec::new();
    names::check_one(scenario, subject, &mut problems);
    values::check_one(scenario, subject, &mut problems);
    problems
}

/// The drawing as a graph: one node a component, one edge a connection, in their order.
pub fn graph(scenario: &Scenario) -> Graph {
    let mut graph = Graph::with_capacity(scenario.components.len(), scenario.connections.len());
    let nodes: HashMap<&str, _> = scenario
        .components
        .keys()
        .enumerate()
        .map(|(at, name)| (name.as_str(), graph.add_node(at)))
        .collect();
    for (at, connection) in scenario.connections.iter().enumerate() {
        let ends = (
            nodes.get(connection.from.as_str()),
            nodes.get(connection.to.as_str()),
        );
        if let (Some(from), Some(to)) = ends {
            graph.add_edge(*from, *to, at);
        }
    }
    graph
}

/// Collects the problems of one subject.
struct Entry<'p> {
    problems: &'p mut Vec<Problem>,
    subject: Subject,
}

impl<'p> Entry<'p> {
    fn new(problems: &'p mut Vec<Problem>, subject: Subject) -> Self {
        Self { problems, subject }
    }

    fn error(&mut self, field: &str, message: impl Into<String>) {
        self.problems
            .push(Problem::error(self.subject.clone(), field, message));
    }

    fn warning(&mut self, field: &str, message: impl Into<String>) {
        self.problems.push(Problem {
            severity: Severity::Warning,
            ..Problem::error(self.subject.clone(), field, message)
        });
    }

    fn suggest(&mut self, field: &str, message: String, suggestion: Option<String>) {
        let problem = Problem::error(self.subject.clone(), field, message);
        self.problems.push(problem.suggesting(suggestion));
    }
}

#[cfg(test)]
mod tests;
