//! Which model of queueing theory fits each box of a scenario, or which assumption fails.
//!
//! A pure function of the scenario. How calls reach a box decides most of it:
//! - A Poisson stream stays one when it is thinned or split by chance, delayed by a network, merged
//!   with independent ones, or passed on by M/M/c (Burke 1956).
//! - A round robin deals every k-th arrival: an Erlang-k time between two.
//! - In a network with ways round, streams are not Poisson, but each station still behaves like
//!   M/M/c (Jackson 1957); with a fixed number of users the whole is a closed network (Gordon and
//!   Newell 1967).
//! - Anything that looks at the load, waits for others with its slots taken, tries again, or
//!   refuses, makes what follows depend on it: then the failing assumption is named.

mod availability;
mod closed;
mod contended;
mod demand;
mod network;
mod pipe;
mod station;

use crate::scenario::{Component, Scenario, frame::spelled_out};
pub use availability::{Predicted, predicted};
pub use demand::{Demands, Users, demands};
use network::{Drawing, Network};

/// What theory says about a box.
#[derive(Clone, Debug, PartialEq)]
pub enum Fit {
    /// A model fits.
    Model(Model),
    /// None does; the assumption that fails, in words, and the utilization if the arrival rate is
    /// known all the same (utilization law, U = λS/c: Denning and Buzen 1978).
    Unfit {
        /// Why.
        reason: String,
        /// U = λS/c.
        utilization: Option<f64>,
    },
    /// The box does no queueing of its own (a load balancer).
    Transparent,
}

/// A model that fits a box, and what it says.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// Its name: `M/M/1`.
    pub name: String,
    /// Why it is not exact here. `None`: it is.
    pub approximate: Option<String>,
    /// Figures by the keys of [`super::Measures::get`], times in seconds.
    pub values: Vec<(&'static str, f64)>,
}

impl Fit {
    fn unfit(reason: impl Into<String>) -> Self {
        Self::Unfit {
            reason: reason.into(),
            utilization: None,
        }
    }
}

impl Model {
    /// The value of a figure.
    pub fn get(&self, key: &str) -> Option<f64> {
        self.values
            .iter()
            .find(|(name, _)| *name == key)
            .map(|(_, value)| *value)
    }
}

/// What theory says about each component, in the order of the scenario.
pub fn fit(scenario: &Scenario) -> Vec<Fit> {
    let scenario = &*spelled_out(scenario);
    let drawing = Drawing::new(scenario);
    let network = Network::new(&drawing);
    let closed = closed::solve(&drawing, &network);
    let mut fits: Vec<Fit> = scenario
        .components
        .values()
        .enumerate()
        .map(|(index, component)| match component {
            Component::LoadBalancer(balancer) if balancer.capacity.is_some() => {
                Fit::unfit("it keeps a slot until its target has answered")
            }
            Component::LoadBalancer(_) => Fit::Transparent,
            Component::ApiGateway(_) => {
                Fit::unfit("it keeps its slots while it waits for the services behind it")
            }
            Component::Dns(_) => Fit::unfit("sessions keep to the address they were told"),
            Component::Function(_) => {
                Fit::unfit("how long a call takes depends on whether an instance is warm")
            }
            Component::RateLimiter(_) => {
                Fit::unfit("it refuses, or holds back, what is above its limit")
            }
            Component::Client(_) => Fit::unfit("its answers come from more than one model fits"),
            _ => match &closed {
                Some(Ok(models)) => models[index]
                    .clone()
                    .map_or_else(|| Fit::unfit("it gets no calls"), Fit::Model),
                Some(Err(reason)) if network.is_reached_by_closed(index) => {
                    Fit::unfit(reason.clone())
                }
                _ => station::fit(&drawing, &network, index),
            },
        })
        .collect();
    for index in 0..fits.len() {
        if matches!(scenario.components[index], Component::Client(_)) {
            fits[index] = match &closed {
                Some(Ok(models)) => models[index]
                    .clone()
                    .map_or_else(|| Fit::unfit("it sends nothing"), Fit::Model),
                Some(Err(reason)) if network.is_reached_by_closed(index) => {
                    Fit::unfit(reason.clone())
                }
                _ => station::fit_client(&drawing, &network, &fits, index),
            };
        }
    }
    fits
}

/// Why there is no steady state that a model could be of, if something goes wrong by plan or chance.
fn disturbed(scenario: &Scenario) -> Option<&'static str> {
    if !scenario.faults.is_empty() {
        return Some("faults are planned, so there is no steady state");
    }
    let mut components = scenario.components.values();
    let fails = components.any(|component| component.failures().is_some());
    fails.then_some("boxes fail by chance, which the models here leave out")
}

#[cfg(test)]
mod tests;
