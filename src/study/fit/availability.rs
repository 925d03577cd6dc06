//! Availability as it follows from MTBF and MTTR along the drawing: in series what a call needs, in
//! parallel what can stand in.

use petgraph::algo::kosaraju_scc;
use petgraph::graph::DiGraph;

use super::network::{
    Drawing, Leg, Network, first_attempts, instances, kind, operations, outgoing,
};
use crate::scenario::{Component, Kind, Mode, Only, Scenario, When};
use crate::theory::availability::{parallel, steady};

/// What MTBF and MTTR say of a drawing, were every box to fail by itself and nothing tried again.
#[derive(Clone, Debug, PartialEq)]
pub struct Predicted {
    /// Share of the time in which at least one instance is up, by component; 1 for what never fails.
    pub up: Vec<f64>,
    /// Share of the requests that are answered, by component; clients only. `Err`: why the drawing
    /// does not tell.
    pub answered: Vec<Option<Result<f64, String>>>,
}

/// See [`Predicted`]. `None`: nothing in the scenario fails by chance.
///
/// A box that is called without a balancer in between is up as long as one of its instances is. A
/// balancer that checks nobody's health asks those that are down as often as the others; one that
/// does finds one that is up if there is any, sooner or later, so it does a little worse than is said
/// here.
pub fn predicted(scenario: &Scenario) -> Option<Predicted> {
    let fails = |component: &Component| component.failures().is_some();
    if !scenario.components.values().any(fails) {
        return None;
    }
    let drawing = Drawing::new(scenario);
    let network = Network::new(&drawing);
    let count = scenario.components.len();
    let each: Vec<f64> = scenario
        .components
        .values()
        .map(|component| {
            let failures = component.failures();
            let share = failures
                .and_then(|failures| steady(failures.mtbf.mean_secs(), failures.mttr.mean_secs()));
            share.unwrap_or(1.0)
        })
        .collect();
    let up: Vec<f64> = (0..count)
        .map(|index| {
            let machines = instances(&drawing, index) as usize;
            parallel(std::iter::repeat_n(each[index], machines))
        })
        .collect();
    let needs = Needs::new(&drawing, &each, &up);
    let answered = scenario
        .components
        .values()
        .enumerate()
        .map(|(index, component)| {
            let is_client = matches!(component, Component::Client(_));
            is_client.then(|| {
                let plan = needs.plan[index].clone()?;
                let mix = network.mix(index).iter().zip(plan);
                Ok(mix.map(|(share, plan)| share * plan).sum())
            })
        })
        .collect();
    Some(Predicted { up, answered })
}

/// The probability that all goes well that a call makes, given that its box is up, by operation.
struct Needs<'a> {
    drawing: &'a Drawing<'a>,
    each: &'a [f64],
    up: &'a [f64],
    plan: Vec<Result<Vec<f64>, String>>,
}

impl<'a> Needs<'a> {
    /// Callees first.
    fn new(drawing: &'a Drawing<'a>, each: &'a [f64], up: &'a [f64]) -> Self {
        let count = each.len();
        let mut graph = DiGraph::<usize, ()>::with_capacity(count, 0);
        let nodes: Vec<_> = (0..count).map(|index| graph.add_node(index)).collect();
        for (index, node) in nodes.iter().enumerate() {
            for (_, connection) in outgoing(drawing, index) {
                if let Some(to) = drawing.scenario.components.get_index_of(&connection.to) {
                    graph.add_edge(*node, nodes[to], ());
                }
            }
        }
        let endless = "calls come back to a box, so what it needs is not in series";
        let mut needs = Self {
            drawing,
            each,
            up,
            plan: vec![Err(endless.to_owned()); count],
        };
        for group in kosaraju_scc(&graph) {
            if let [node] = group[..]
                && !graph.contains_edge(node, node)
            {
                let index = graph[node];
                needs.plan[index] = needs.of(index);
            }
        }
        needs
    }

    fn of(&self, index: usize) -> Result<Vec<f64>, String> {
        let operations = operations(self.drawing);
        if kind(self.drawing, index) == Kind::Queue {
            // It takes a message whether or not somebody is there to work on it.
            return Ok(vec![1.0; operations.len()]);
        }
        let legs = first_attempts(self.drawing, index)?;
        (0..operations.len())
            .map(|operation| match &self.drawing.scenario.components[index] {
                Component::LoadBalancer(balancer) => {
                    self.balanced(&legs, operation, balancer.health.is_some())
                }
                _ => self.planned(index, &legs, operation),
            })
            .collect()
    }

    /// One of the targets' instances is picked.
    fn balanced(&self, legs: &[Leg], operation: usize, checks: bool) -> Result<f64, String> {
        let mut well = 0.0;
        for leg in legs {
            let own = if checks { 1.0 } else { self.each[leg.to] };
            well += leg.shares[operation] * own * self.below(leg.to, operation)?;
        }
        let someone = parallel(legs.iter().map(|leg| self.up[leg.to]));
        Ok(if checks { someone * well } else { well })
    }

    /// Steps one after the other; all calls of a step are needed, and a fallback can stand in.
    fn planned(&self, index: usize, legs: &[Leg], operation: usize) -> Result<f64, String> {
        let scenario = self.drawing.scenario;
        let is_client = kind(self.drawing, index) == Kind::Client;
        // By step: what is needed for certain, and the share of the alternatives that fail.
        let mut steps: std::collections::BTreeMap<u32, (f64, f64)> = Default::default();
        for leg in legs {
            let connection = &scenario.connections[leg.connection];
            if connection.mode == Mode::Async {
                continue;
            }
            let fails = 1.0 - self.up[leg.to] * self.below(leg.to, operation)?;
            let step = steps
                .entry(connection.step.unwrap_or(1))
                .or_insert((1.0, 0.0));
            let share = leg.shares[operation];
            if connection.weight.is_some() || is_client {
                step.1 += share * fails;
            } else {
                step.0 *= 1.0 - share * fails;
            }
        }
        let mut steps: Vec<(u32, f64)> = steps
            .into_iter()
            .map(|(step, (needed, fails))| (step, needed * (1.0 - fails)))
            .collect();
        for (_, connection) in outgoing(self.drawing, index) {
            if connection.when != Some(When::OnFailure) || connection.mode == Mode::Async {
                continue;
            }
            if !matches!(connection.only, None | Some(Only::All)) {
                return Err("a fallback stands in for some operations only".to_owned());
            }
            let Some(to) = scenario.components.get_index_of(&connection.to) else {
                continue;
            };
            let stands_in = connection.probability * self.up[to] * self.below(to, operation)?;
            let own = connection.step.unwrap_or(1);
            if let Some(before) = steps.iter_mut().rfind(|(step, _)| *step < own) {
                before.1 = parallel([before.1, stands_in]);
            }
        }
        Ok(steps.iter().map(|(_, well)| well).product())
    }

    /// What a box needs, given that it is up.
    fn below(&self, index: usize, operation: usize) -> Result<f64, String> {
        self.plan[index]
            .as_ref()
            .map(|plan| plan[operation])
            .map_err(Clone::clone)
    }
}
