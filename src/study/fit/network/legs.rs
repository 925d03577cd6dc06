//! What a box calls, and how often, per call that it gets.

use super::drawing::{Drawing, instances, kind, operations, targets};
use crate::scenario::{
    Algorithm, Cache, Component, Connection, HashOf, Kind, LoadBalancer, Mode, Only, Server, When,
};

/// A way that calls take, with how many of the caller's calls take it, by operation.
#[derive(Clone, Debug)]
pub(in crate::study::fit) struct Leg {
    pub to: usize,
    pub connection: usize,
    pub shares: Vec<f64>,
}

/// What a box calls, per call that it gets.
pub(super) fn legs(drawing: &Drawing, index: usize) -> Result<Vec<Leg>, String> {
    let found = legs_through_pipes(drawing, index)?;
    for leg in &found {
        let connection = &drawing.scenario.connections[leg.connection];
        if drawing.is_narrow(connection) {
            return Err(format!(
                "messages wait for the bandwidth of `{}`, so arrivals are not Poisson",
                connection.name()
            ));
        }
    }
    Ok(found)
}

/// As [`legs`], for those who do not mind that messages wait for bandwidth.
pub(in crate::study::fit) fn legs_through_pipes(
    drawing: &Drawing,
    index: usize,
) -> Result<Vec<Leg>, String> {
    for (at, _) in &drawing.out[index] {
        let (name, component) = (drawing.name(index), &drawing.scenario.components[index]);
        let connection = &drawing.scenario.connections[*at];
        tries_once(drawing, component, connection)?;
        is_unguarded(drawing, component, connection)?;
        if connection.when == Some(When::OnFailure) {
            return Err(format!(
                "what `{name}` asks depends on hits, misses and failures"
            ));
        }
    }
    first_attempts(drawing, index)
}

/// What a box calls, per call that it gets, did nothing fail: nothing is tried again, and nothing
/// stands in.
pub(in crate::study::fit) fn first_attempts(
    drawing: &Drawing,
    index: usize,
) -> Result<Vec<Leg>, String> {
    let Some((name, component)) = drawing.scenario.components.get_index(index) else {
        return Ok(Vec::new());
    };
    let drawn: Vec<(usize, usize, &Connection)> = drawing.out[index]
        .iter()
        .map(|(at, to)| (*at, *to, &drawing.scenario.connections[*at]))
        .filter(|(_, _, connection)| connection.when != Some(When::OnFailure))
        .collect();
    for (_, _, connection) in &drawn {
        if connection.when == Some(When::OnMiss) {
            return Err(format!("what `{name}` asks depends on hits and misses"));
        }
    }
    let is_cache =
        |to: usize| kind(drawing, to) == Kind::Cache && targets(drawing, to).count() == 0;
    let behind = |to: usize| -> bool {
        is_cache(to)
            || kind(drawing, to) == Kind::LoadBalancer
                && targets(drawing, to).count() > 0
                && targets(drawing, to).all(is_cache)
    };
    match component {
        Component::Queue(_) if !drawn.is_empty() => {
            return Err(format!("messages leave `{name}` when a consumer is free"));
        }
        Component::Cache(Cache {
            hit_ratio: None, ..
        }) if !drawn.is_empty() => {
            return Err(format!("what passes `{name}` depends on what it holds"));
        }
        Component::Server(Server { .. }) if drawn.iter().any(|(_, to, _)| behind(*to)) => {
            return Err(format!("what `{name}` asks depends on hits and misses"));
        }
        Component::ApiGateway(_) => {
            return Err(format!(
                "what passes `{name}` depends on its limit and what it remembers"
            ));
        }
        Component::Dns(_) => {
            return Err(format!(
                "its share of the calls is not known beforehand: sessions keep to what `{name}` told them"
            ));
        }
        Component::RateLimiter(_) => {
            return Err(format!(
                "arrivals are not Poisson because `{name}` lets no more through than its limit"
            ));
        }
        Component::LoadBalancer(balancer) => return balanced(drawing, name, balancer, &drawn),
        _ => {}
    }
    let replicas = drawn
        .iter()
        .any(|(_, to, _)| kind(drawing, *to) == Kind::Replica);
    if replicas
        && drawn
            .iter()
            .any(|(_, _, connection)| connection.only.is_none())
    {
        return Err(format!("`{name}` reads from replicas and writes elsewhere"));
    }
    let hits = match component {
        Component::Cache(cache) => cache.hit_ratio.unwrap_or(0.0),
        _ => 0.0,
    };
    Ok(planned(drawing, component, &drawn, hits))
}

/// A pool or a breaker makes arrivals depend on what became of earlier calls.
fn is_unguarded(
    drawing: &Drawing,
    from: &Component,
    connection: &Connection,
) -> Result<(), String> {
    let name = format!("{} -> {}", connection.from, connection.to);
    if connection.pool.is_some() {
        return Err(format!(
            "calls wait for a place in the pool of `{name}`, so arrivals depend on the load"
        ));
    }
    let timeout = match from {
        Component::Client(client) => connection.timeout.or(client.timeout),
        _ => connection.timeout,
    };
    let fails = timeout.is_some() || drawing.loses || drawing.limited.contains(&true);
    if connection.breaker.is_some() && fails {
        return Err(format!(
            "the breaker of `{name}` stops calls after failures, so arrivals depend on them"
        ));
    }
    Ok(())
}

/// Retries make arrivals depend on the waits.
fn tries_once(drawing: &Drawing, from: &Component, connection: &Connection) -> Result<(), String> {
    let (timeout, retries) = match from {
        Component::Client(client) => (
            connection.timeout.or(client.timeout),
            connection.retries.unwrap_or(client.retries),
        ),
        _ => (connection.timeout, connection.retries.unwrap_or_default()),
    };
    if retries.max == 0 {
        return Ok(());
    }
    let name = format!("{} -> {}", connection.from, connection.to);
    if timeout.is_some() {
        return Err(format!(
            "`{name}` tries again after a timeout, so arrivals depend on the waits"
        ));
    }
    if drawing.loses || drawing.limited.contains(&true) {
        return Err(format!(
            "`{name}` tries again what failed, so arrivals are not Poisson"
        ));
    }
    Ok(())
}

/// Whether an algorithm looks at what its targets are doing.
pub fn balances_by_load(algorithm: Algorithm) -> bool {
    matches!(
        algorithm,
        Algorithm::LeastConnections
            | Algorithm::WeightedLeastConnections
            | Algorithm::PowerOfTwo
            | Algorithm::PowerOfChoices(_)
            | Algorithm::LeastResponseTime(_)
            | Algorithm::LowestUtilization
    )
}

fn balanced(
    drawing: &Drawing,
    name: &str,
    balancer: &LoadBalancer,
    drawn: &[(usize, usize, &Connection)],
) -> Result<Vec<Leg>, String> {
    let operations = operations(drawing).len();
    if balancer.capacity.is_some() {
        return Err(format!(
            "`{name}` keeps a slot until its target has answered"
        ));
    }
    if balancer.sticky {
        return Err(format!(
            "the shares that `{name}` deals to sessions are not known beforehand"
        ));
    }
    let is_plain =
        |connection: &Connection| connection.only.is_none() && connection.probability == 1.0;
    if drawn.iter().any(|(_, _, connection)| !is_plain(connection)) {
        return Err(format!("`{name}` filters what it passes on"));
    }
    let weighted = matches!(
        balancer.algorithm,
        Algorithm::Random | Algorithm::WeightedRoundRobin
    );
    let weights: Vec<f64> = drawn
        .iter()
        .map(|(_, to, connection)| {
            let weight = if weighted {
                connection.weight.unwrap_or(1.0)
            } else {
                1.0
            };
            weight * f64::from(instances(drawing, *to))
        })
        .collect();
    // By load the shares are equal only if the targets are, and by a hash not even then.
    let by_load = balances_by_load(balancer.algorithm);
    let by_hash = match balancer.algorithm {
        Algorithm::SessionHash => Some("session"),
        Algorithm::KeyHash => Some("key"),
        Algorithm::ConsistentHash(of) if of.by == HashOf::Key => Some("key"),
        Algorithm::ConsistentHash(_) => Some("session"),
        _ => None,
    };
    let alike = drawn.windows(2).all(|pair| {
        drawing.scenario.components[pair[0].1] == drawing.scenario.components[pair[1].1]
            && pair[0].2.latency() == pair[1].2.latency()
            && targets(drawing, pair[0].1).count() + targets(drawing, pair[1].1).count() == 0
    });
    let even = drawn
        .windows(2)
        .all(|pair| pair[0].2.weight == pair[1].2.weight);
    if drawn.len() > 1 && (by_hash.is_some() || by_load && !(alike && even)) {
        let how = by_hash.unwrap_or("load");
        return Err(format!(
            "the shares that `{name}` deals by {how} are not known beforehand"
        ));
    }
    let sum: f64 = weights.iter().sum();
    Ok(drawn
        .iter()
        .zip(weights)
        .map(|((at, to, connection), weight)| Leg {
            to: *to,
            connection: *at,
            shares: vec![weight / sum * (1.0 - connection.loss); operations],
        })
        .collect())
}

/// The steps of a plan: alternatives by weight, forwards by probability, the rest in parallel.
fn planned(
    drawing: &Drawing,
    component: &Component,
    drawn: &[(usize, usize, &Connection)],
    hits: f64,
) -> Vec<Leg> {
    let operations = operations(drawing);
    let is_client = matches!(component, Component::Client(_));
    // A client's plain arrows are alternatives.
    let weight = |connection: &Connection| {
        let alternative = is_client && drawn.len() > 1 && connection.step.is_none();
        connection.weight.or(alternative.then_some(1.0))
    };
    let applies = |connection: &Connection, operation: usize| {
        let (name, writes, _) = operations[operation];
        match &connection.only {
            None | Some(Only::All) => true,
            Some(Only::Reads) => !writes,
            Some(Only::Writes) => writes,
            Some(Only::Named(names)) => names.iter().any(|named| named == name),
        }
    };
    let mut legs: Vec<Leg> = drawn
        .iter()
        .map(|(at, to, _)| Leg {
            to: *to,
            connection: *at,
            shares: vec![0.0; operations.len()],
        })
        .collect();
    let mut order: Vec<usize> = (0..drawn.len()).collect();
    let is_forward = |connection: &Connection| connection.mode == Mode::Forward && !is_client;
    order.sort_by_key(|at| (drawn[*at].2.step.unwrap_or(1), is_forward(drawn[*at].2)));
    for operation in 0..operations.len() {
        // Share of the calls that come this far: a forward ends a call.
        let mut left = 1.0 - hits;
        for step in order.chunk_by(|a, b| {
            let (a, b) = (drawn[*a].2, drawn[*b].2);
            (a.step.unwrap_or(1), is_forward(a)) == (b.step.unwrap_or(1), is_forward(b))
        }) {
            let apply: Vec<usize> = step
                .iter()
                .copied()
                .filter(|at| applies(drawn[*at].2, operation))
                .collect();
            let weights: f64 = apply.iter().filter_map(|at| weight(drawn[*at].2)).sum();
            let mut within = 1.0_f64;
            for at in apply {
                let connection = drawn[at].2;
                let share = if is_forward(connection) {
                    let share = connection.probability.min(within);
                    within -= share;
                    share
                } else {
                    let chosen = weight(connection).map_or(1.0, |weight| weight / weights);
                    chosen * connection.probability
                };
                legs[at].shares[operation] = left * share * (1.0 - connection.loss);
            }
            left *= within;
        }
    }
    legs.retain(|leg| leg.shares.iter().any(|share| *share > 0.0));
    legs
}
