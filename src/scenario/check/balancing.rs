//! What a balancer can't know of targets that it hands calls off to.

use std::collections::HashSet;

use super::Entry;
use crate::scenario::{Algorithm, Component, LoadBalancer, Mode, Problem, Scenario, Subject};

/// Warns of what looks at answers where none come back.
pub fn check(scenario: &Scenario, problems: &mut Vec<Problem>) {
    let mut seen = HashSet::new();
    for drawn in &scenario.connections {
        let name = &drawn.from;
        let Some(Component::LoadBalancer(balancer)) = scenario.components.get(name) else {
            continue;
        };
        if drawn.mode != Mode::Forward || !seen.insert(name) {
            continue;
        }
        let mut entry = Entry::new(problems, Subject::Component(name.clone()));
        if balancer.ejection.is_some() {
            entry.warning(
                "ejection",
                "`ejection` has no effect on targets that calls are handed off to: they answer the \
                 caller, and the balancer does not hear whether they fail; `health` finds out",
            );
        }
        if counts_answers(balancer) {
            entry.warning(
                "algorithm",
                "the algorithm looks at calls that are not answered yet, and of those that are handed \
                 off the balancer hears no answer: to it such targets never have any",
            );
        }
    }
}

fn counts_answers(balancer: &LoadBalancer) -> bool {
    match balancer.algorithm {
        Algorithm::LeastConnections
        | Algorithm::WeightedLeastConnections
        | Algorithm::PowerOfTwo
        | Algorithm::PowerOfChoices(_)
        | Algorithm::LeastResponseTime(_) => true,
        Algorithm::ConsistentHash(drawn) => drawn.bound.is_some(),
        Algorithm::RoundRobin
        | Algorithm::WeightedRoundRobin
        | Algorithm::Random
        | Algorithm::LowestUtilization
        | Algorithm::SessionHash
        | Algorithm::KeyHash => false,
    }
}
