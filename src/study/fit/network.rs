//! How calls flow through a drawing: who calls whom how often, and in what kind of stream.

mod drawing;
mod legs;
mod streams;

use crate::scenario::{Arrivals, Client, Component, Kind};
use crate::theory::open;

pub(super) use drawing::{Drawing, instances, kind, operations, outgoing};
pub(super) use legs::{Leg, first_attempts, legs_through_pipes};
pub(super) use streams::Stream;

use drawing::targets;
use legs::legs;

/// The flow through a drawing.
#[derive(Debug)]
pub(super) struct Network {
    /// Share of each operation at each client.
    mixes: Vec<Vec<f64>>,
    /// What each box calls; `Err`: why that can't be told.
    pub legs: Vec<Result<Vec<Leg>, String>>,
    /// Arrival rate of each box by operation; `Err`: why it is not known.
    pub rates: Vec<Result<Vec<f64>, String>>,
    /// The stream to each box.
    pub streams: Vec<Stream>,
    reached_by_closed: Vec<bool>,
    /// Whether each operation writes.
    pub writes: Vec<bool>,
}

impl Network {
    pub fn new(drawing: &Drawing) -> Self {
        let writes = operations(drawing)
            .iter()
            .map(|(_, write, _)| *write)
            .collect();
        let count = drawing.scenario.components.len();
        let mut network = Self {
            mixes: (0..count).map(|index| mix(drawing, index)).collect(),
            legs: (0..count).map(|index| legs(drawing, index)).collect(),
            rates: Vec::new(),
            streams: vec![Stream::Other("it gets no calls".into()); count],
            reached_by_closed: vec![false; count],
            writes,
        };
        for (index, component) in drawing.scenario.components.values().enumerate() {
            if let Component::Client(client) = component
                && matches!(client.arrivals, Arrivals::Closed { .. })
            {
                let reached = drawing.reached_from(index);
                for (any, reached) in network.reached_by_closed.iter_mut().zip(reached) {
                    *any |= reached;
                }
            }
        }
        network.find_rates(drawing);
        network.find_streams(drawing);
        network
    }

    /// Whether a closed client's calls come here, or it is one.
    pub fn is_reached_by_closed(&self, index: usize) -> bool {
        self.reached_by_closed[index]
    }

    /// Whether two calls of one request may be under way at the same time in what a box calls.
    pub fn fans_out(&self, drawing: &Drawing, index: usize) -> bool {
        let legs = &self.legs[index];
        legs.as_ref()
            .map_or(true, |legs| fan_out(drawing, index, legs))
    }

    /// Traffic equations for each operation.
    fn find_rates(&mut self, drawing: &Drawing) {
        let count = drawing.scenario.components.len();
        let mut unknown: Vec<Option<String>> = vec![None; count];
        let mut outside = vec![vec![0.0; count]; self.writes.len()];
        for (index, component) in drawing.scenario.components.values().enumerate() {
            if let Component::Client(client) = component {
                match open_rate(client) {
                    Ok(rate) => {
                        for (outside, share) in outside.iter_mut().zip(&self.mixes[index]) {
                            outside[index] = rate * share;
                        }
                    }
                    Err(reason) => unknown[index] = Some(reason),
                }
            }
        }
        // What follows from something unknown is unknown, for the same reason.
        let mut open: Vec<(usize, String)> = Vec::new();
        for (index, reason) in unknown.into_iter().enumerate() {
            open.extend(reason.map(|reason| (index, reason)));
            if let Err(reason) = &self.legs[index] {
                open.extend(targets(drawing, index).map(|to| (to, reason.clone())));
            }
        }
        let mut tainted: Vec<Option<String>> = vec![None; count];
        while let Some((index, reason)) = open.pop() {
            if tainted[index].is_none() {
                open.extend(targets(drawing, index).map(|to| (to, reason.clone())));
                tainted[index] = Some(reason);
            }
        }
        let mut rates = vec![vec![0.0; self.writes.len()]; count];
        let mut endless = false;
        for (operation, outside) in outside.iter().enumerate() {
            let routing: Vec<Vec<(usize, f64)>> = self
                .legs
                .iter()
                .map(|legs| {
                    let legs = legs.as_deref().unwrap_or_default();
                    legs.iter()
                        .filter(|leg| leg.shares[operation] > 0.0)
                        .map(|leg| (leg.to, leg.shares[operation]))
                        .collect()
                })
                .collect();
            match open::traffic(outside, &routing) {
                Some(solved) => {
                    for (rates, solved) in rates.iter_mut().zip(solved) {
                        rates[operation] = solved;
                    }
                }
                None => endless = true,
            }
        }
        self.rates = rates
            .into_iter()
            .zip(tainted)
            .map(|(rates, tainted)| match tainted {
                Some(reason) => Err(reason),
                None if endless => Err("calls go round for ever".into()),
                None => Ok(rates),
            })
            .collect();
    }

    /// Share of each operation among the requests of a client.
    pub fn mix(&self, client: usize) -> &[f64] {
        &self.mixes[client]
    }
}

/// Whether two calls of one request may be under way at the same time in what a box calls.
pub(super) fn fan_out(drawing: &Drawing, index: usize, legs: &[Leg]) -> bool {
    // Ways that exclude each other never sum to more than one call.
    let total = |operation: usize| legs.iter().map(|leg| leg.shares[operation]).sum::<f64>();
    legs.len() > 1
        && kind(drawing, index) != Kind::LoadBalancer
        && (0..operations(drawing).len()).any(|operation| total(operation) > 1.0 + 1e-9)
}

fn mix(drawing: &Drawing, index: usize) -> Vec<f64> {
    let operations = operations(drawing);
    let Component::Client(client) = &drawing.scenario.components[index] else {
        return vec![0.0; operations.len()];
    };
    let asked = |name: &str| {
        client.operations.is_empty() || client.operations.iter().any(|asked| asked == name)
    };
    let weights: Vec<f64> = operations
        .iter()
        .map(|(name, _, weight)| if asked(name) { *weight } else { 0.0 })
        .collect();
    let sum: f64 = weights.iter().sum();
    weights
        .iter()
        .map(|weight| if sum > 0.0 { weight / sum } else { 0.0 })
        .collect()
}

fn open_rate(client: &Client) -> Result<f64, String> {
    if !client.arrivals.profile().is_empty() {
        return Err("the arrival rate changes over time, so there is no steady state".into());
    }
    match &client.arrivals {
        Arrivals::Recorded(_) => {
            Err("recorded requests are replayed, so nothing about them is random".into())
        }
        Arrivals::Closed { .. } => {
            Err("arrivals depend on the load: users wait for their answers".into())
        }
        Arrivals::LongLived(_) => Err("arrivals depend on how many connections are open".into()),
        open => Ok(open.mean_rate().unwrap_or(0.0)),
    }
}
