//! How calls flow through a drawing: who calls whom how often, and in what kind of stream.

use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};

use crate::scenario::{
    Algorithm, Arrivals, Cache, Client, Component, Connection, Kind, Link, LoadBalancer, Mode,
    Only, OperationKind, Scenario, Server, When,
};
use crate::theory::open;

/// A scenario with its connections by their ends.
#[derive(Debug)]
pub(super) struct Drawing<'a> {
    pub scenario: &'a Scenario,
    /// By caller: (connection, callee), connections with calls only.
    out: Vec<Vec<(usize, usize)>>,
    /// By callee: (connection, caller), likewise.
    into: Vec<Vec<(usize, usize)>>,
    /// By replica: the primary whose log it applies.
    primaries: Vec<Option<usize>>,
    /// Boxes that may refuse calls because their line is limited.
    limited: Vec<bool>,
    /// Whether some connection loses messages.
    loses: bool,
}

impl<'a> Drawing<'a> {
    pub fn new(scenario: &'a Scenario) -> Self {
        let count = scenario.components.len();
        let mut drawing = Self {
            scenario,
            out: vec![Vec::new(); count],
            into: vec![Vec::new(); count],
            primaries: vec![None; count],
            limited: scenario.components.values().map(is_limited).collect(),
            loses: scenario
                .connections
                .iter()
                .any(|connection| connection.loss > 0.0),
        };
        for (index, connection) in scenario.connections.iter().enumerate() {
            let find = |name: &str| scenario.components.get_index_of(name);
            let (Some(from), Some(to)) = (find(&connection.from), find(&connection.to)) else {
                continue;
            };
            match connection.link {
                Link::Calls => {
                    drawing.out[from].push((index, to));
                    drawing.into[to].push((index, from));
                }
                Link::Replication(_) => drawing.primaries[to] = Some(from),
                Link::DeadLetters => {}
            }
        }
        drawing
    }

    /// The name of a box.
    pub fn name(&self, index: usize) -> &'a str {
        self.scenario
            .components
            .get_index(index)
            .map_or("", |(name, _)| name.as_str())
    }

    /// The primary whose log a box applies.
    pub fn primary(&self, index: usize) -> Option<usize> {
        self.primaries[index]
    }

    /// Names of those that a box waits for with its slot taken.
    pub fn waits_for(&self, index: usize) -> Option<&str> {
        let has_slots = !matches!(
            kind(self, index),
            Kind::Client | Kind::LoadBalancer | Kind::Queue
        );
        outgoing(self, index)
            .map(|(_, connection)| connection)
            .find(|connection| {
                has_slots && connection.mode == Mode::Sync && connection.probability > 0.0
            })
            .map(|connection| connection.to.as_str())
    }

    /// Which boxes calls from one come to, itself included.
    pub fn reached_from(&self, index: usize) -> Vec<bool> {
        let mut reached = vec![false; self.out.len()];
        let mut open = vec![index];
        while let Some(index) = open.pop() {
            if !std::mem::replace(&mut reached[index], true) {
                open.extend(targets(self, index));
            }
        }
        reached
    }

    /// (Connection, caller) of the calls to a box.
    pub fn callers(&self, index: usize) -> &[(usize, usize)] {
        &self.into[index]
    }

    /// Whether a box other than this one may refuse calls.
    pub fn another_refuses(&self, index: usize) -> bool {
        self.limited
            .iter()
            .enumerate()
            .any(|(other, limited)| *limited && other != index)
    }
}

fn is_limited(component: &Component) -> bool {
    match component {
        Component::Server(server) => server.queue.capacity.is_some(),
        Component::Cache(cache) => cache.queue.capacity.is_some(),
        Component::Database(database) => database.queue.capacity.is_some(),
        Component::Replica(replica) => replica.queue.capacity.is_some(),
        Component::Queue(queue) => queue.capacity.is_some(),
        Component::Client(_) | Component::LoadBalancer(_) => false,
    }
}

/// A way that calls take, with how many of the caller's calls take it, by operation.
#[derive(Clone, Debug)]
pub(super) struct Leg {
    pub to: usize,
    pub connection: usize,
    pub shares: Vec<f64>,
}

/// What the stream of calls to a box is like.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Stream {
    /// Poisson, or a Jackson network's station, which behaves as if.
    Poisson,
    /// Each instance gets every k-th call of a Poisson stream.
    EveryNth(u32),
    /// Evenly spaced.
    Even,
    /// None of these, and why.
    Other(String),
}

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
        let Ok(legs) = &self.legs[index] else {
            return true;
        };
        // Ways that exclude each other never sum to more than one call.
        let total = |operation: usize| legs.iter().map(|leg| leg.shares[operation]).sum::<f64>();
        legs.len() > 1
            && kind(drawing, index) != Kind::LoadBalancer
            && (0..self.writes.len()).any(|operation| total(operation) > 1.0 + 1e-9)
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

    /// What kind of stream reaches each box, from the clients on.
    fn find_streams(&mut self, drawing: &Drawing) {
        let count = drawing.scenario.components.len();
        let mut graph =
            DiGraph::<usize, usize>::with_capacity(count, drawing.scenario.connections.len());
        let nodes: Vec<NodeIndex> = (0..count).map(|index| graph.add_node(index)).collect();
        for (from, calls) in drawing.out.iter().enumerate() {
            for (connection, to) in calls {
                graph.add_edge(nodes[from], nodes[*to], *connection);
            }
        }
        let some_fan_out = (0..count).any(|index| self.fans_out(drawing, index));
        // Callees come first; Kosaraju's way needs no recursion, which long chains would exhaust.
        for group in kosaraju_scc(&graph).into_iter().rev() {
            let members: Vec<usize> = group.iter().map(|node| graph[*node]).collect();
            let goes_round = members.len() > 1 || graph.find_edge(group[0], group[0]).is_some();
            let incoming = |index: usize| -> Vec<(usize, usize)> {
                graph
                    .edges_directed(nodes[index], petgraph::Direction::Incoming)
                    .map(|edge| {
                        (
                            graph[petgraph::visit::EdgeRef::source(&edge)],
                            *edge.weight(),
                        )
                    })
                    .filter(|(from, _)| !members.contains(from))
                    .collect()
            };
            if goes_round {
                let stream = self.round(drawing, &members, &incoming, some_fan_out);
                for member in members {
                    self.streams[member] = stream.clone();
                }
            } else {
                let index = members[0];
                if kind(drawing, index) != Kind::Client {
                    let edges = incoming(index);
                    self.streams[index] = self.merged(drawing, index, &edges, some_fan_out);
                }
            }
        }
    }

    /// The stream to a box that no call comes back to.
    fn merged(
        &self,
        drawing: &Drawing,
        index: usize,
        edges: &[(usize, usize)],
        some_fan_out: bool,
    ) -> Stream {
        let mut streams: Vec<Stream> = edges
            .iter()
            .map(|(from, connection)| self.sent(drawing, *from, *connection))
            .collect();
        let stream = match streams.len() {
            0 => return Stream::Other("nothing calls it".into()),
            1 => streams.remove(0),
            _ if streams.iter().all(|stream| *stream == Stream::Poisson) => {
                if some_fan_out {
                    return Stream::Other(
                        "calls of the same request meet here, so its arrivals are not Poisson"
                            .into(),
                    );
                }
                Stream::Poisson
            }
            _ => match streams
                .into_iter()
                .find(|stream| matches!(stream, Stream::Other(_)))
            {
                Some(other) => return other,
                None => {
                    return Stream::Other(
                        "streams that are not Poisson meet here, so no closed form is known".into(),
                    );
                }
            },
        };
        let instances = instances(drawing, index);
        let is_dealt = edges
            .iter()
            .all(|(from, _)| kind(drawing, *from) != Kind::LoadBalancer);
        // Without a balancer the instances get calls in turn.
        match stream {
            Stream::Poisson if instances > 1 && is_dealt => Stream::EveryNth(instances),
            stream => stream,
        }
    }

    /// The stream that a box sends over one of its connections.
    fn sent(&self, drawing: &Drawing, from: usize, connection: usize) -> Stream {
        let Some((name, component)) = drawing.scenario.components.get_index(from) else {
            return Stream::Other(String::new());
        };
        if let Err(reason) = &self.legs[from] {
            return Stream::Other(reason.clone());
        }
        match component {
            Component::Client(client) => match &client.arrivals {
                _ if open_rate(client).is_err() => {
                    Stream::Other(open_rate(client).err().unwrap_or_default())
                }
                Arrivals::Poisson { .. } => Stream::Poisson,
                Arrivals::Constant { .. } if self.takes_all(from, connection) => Stream::Even,
                Arrivals::Constant { .. } => Stream::Other(format!(
                    "evenly spaced requests of `{name}` are split, so its arrivals are neither \
                     even nor Poisson"
                )),
                Arrivals::Closed { .. } => Stream::Other(format!(
                    "the users of `{name}` wait for their answers, so arrivals depend on the load"
                )),
            },
            Component::LoadBalancer(balancer) => self.dealt(drawing, from, name, balancer),
            _ => match super::station::passes_poisson_on(drawing, self, from) {
                Ok(()) => Stream::Poisson,
                Err(why) => Stream::Other(format!(
                    "arrivals are not Poisson because `{name}`, which calls it, {why}"
                )),
            },
        }
    }

    fn dealt(
        &self,
        drawing: &Drawing,
        index: usize,
        name: &str,
        balancer: &LoadBalancer,
    ) -> Stream {
        let targets: u32 = targets(drawing, index)
            .map(|to| instances(drawing, to))
            .sum();
        let incoming = self.streams[index].clone();
        let even_weights = outgoing(drawing, index)
            .map(|(_, connection)| connection.weight.unwrap_or(1.0))
            .collect::<Vec<_>>()
            .windows(2)
            .all(|pair| pair[0] == pair[1]);
        match (incoming, balancer.algorithm) {
            (stream, _) if targets == 1 => stream,
            (Stream::Poisson, Algorithm::Random) => Stream::Poisson,
            (Stream::Poisson, Algorithm::RoundRobin) => Stream::EveryNth(targets),
            (Stream::Poisson, Algorithm::WeightedRoundRobin) if even_weights => {
                Stream::EveryNth(targets)
            }
            (Stream::Even, Algorithm::RoundRobin) => Stream::Even,
            (Stream::Other(reason), _) => Stream::Other(reason),
            (_, Algorithm::LeastConnections | Algorithm::PowerOfTwo) => Stream::Other(format!(
                "arrivals are not Poisson because `{name}` sends each call to where least is going \
                 on"
            )),
            (_, Algorithm::SessionHash) => Stream::Other(format!(
                "its share of the calls is not known beforehand: `{name}` deals by session"
            )),
            _ => Stream::Other(format!(
                "arrivals are not Poisson because `{name}` deals them in turn"
            )),
        }
    }

    /// The stream within a way round.
    fn round(
        &self,
        drawing: &Drawing,
        members: &[usize],
        incoming: &dyn Fn(usize) -> Vec<(usize, usize)>,
        some_fan_out: bool,
    ) -> Stream {
        if some_fan_out {
            return Stream::Other(
                "calls come back to it and requests fan out, so this is no Jackson network".into(),
            );
        }
        for &member in members {
            for (from, connection) in incoming(member) {
                match self.sent(drawing, from, connection) {
                    Stream::Poisson => {}
                    Stream::Other(reason) => return Stream::Other(reason),
                    _ => {
                        return Stream::Other(
                            "calls come back to it and what comes from outside is not Poisson, so \
                             this is no Jackson network"
                                .into(),
                        );
                    }
                }
            }
            let name = drawing.name(member);
            let breaks = match &drawing.scenario.components[member] {
                Component::LoadBalancer(balancer) if balancer.algorithm == Algorithm::Random => {
                    None
                }
                Component::LoadBalancer(_) => Some("does not deal by chance".to_owned()),
                _ if instances(drawing, member) > 1 => Some("has instances in turn".to_owned()),
                _ => super::station::is_markovian(drawing, self, member).err(),
            };
            if let Some(why) = breaks {
                return Stream::Other(format!(
                    "calls come back to it and `{name}` {why}, so this is no Jackson network"
                ));
            }
        }
        Stream::Poisson
    }

    fn takes_all(&self, from: usize, connection: usize) -> bool {
        self.legs[from].as_ref().is_ok_and(|legs| {
            legs.iter().any(|leg| {
                leg.connection == connection
                    && leg
                        .shares
                        .iter()
                        .zip(&self.mixes[from])
                        .all(|(share, mix)| *mix == 0.0 || *share == 1.0)
            })
        })
    }

    /// Share of each operation among the requests of a client.
    pub fn mix(&self, client: usize) -> &[f64] {
        &self.mixes[client]
    }
}

/// Name, whether it writes, and weight of every operation.
fn operations<'a>(drawing: &Drawing<'a>) -> Vec<(&'a str, bool, f64)> {
    if drawing.scenario.operations.is_empty() {
        return vec![("read", false, 0.9), ("write", true, 0.1)];
    }
    drawing
        .scenario
        .operations
        .iter()
        .map(|(name, operation)| {
            (
                name.as_str(),
                operation.kind == OperationKind::Write,
                operation.weight,
            )
        })
        .collect()
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
    match &client.arrivals {
        Arrivals::Poisson { rate, profile } | Arrivals::Constant { rate, profile } => {
            if profile.is_empty() {
                Ok(rate.0)
            } else {
                Err("the arrival rate changes over time, so there is no steady state".into())
            }
        }
        Arrivals::Closed { .. } => {
            Err("arrivals depend on the load: users wait for their answers".into())
        }
    }
}

pub(super) fn kind(drawing: &Drawing, index: usize) -> Kind {
    drawing.scenario.components[index].kind()
}

/// Identical machines behind a box.
pub(super) fn instances(drawing: &Drawing, index: usize) -> u32 {
    match &drawing.scenario.components[index] {
        Component::Server(server) => server.instances,
        _ => 1,
    }
}

/// The connections with calls that leave a box.
pub(super) fn outgoing<'a>(
    drawing: &'a Drawing,
    index: usize,
) -> impl Iterator<Item = (usize, &'a Connection)> {
    drawing.out[index]
        .iter()
        .map(|(at, _)| (*at, &drawing.scenario.connections[*at]))
}

fn targets(drawing: &Drawing, index: usize) -> impl Iterator<Item = usize> {
    drawing.out[index].iter().map(|(_, to)| *to)
}

/// What a box calls, per call that it gets.
fn legs(drawing: &Drawing, index: usize) -> Result<Vec<Leg>, String> {
    let Some((name, component)) = drawing.scenario.components.get_index(index) else {
        return Ok(Vec::new());
    };
    let drawn: Vec<(usize, usize, &Connection)> = drawing.out[index]
        .iter()
        .map(|(at, to)| (*at, *to, &drawing.scenario.connections[*at]))
        .collect();
    for (_, _, connection) in &drawn {
        tries_once(drawing, component, connection)?;
        if connection.when.is_some_and(|when| when != When::Always) {
            return Err(format!(
                "what `{name}` asks depends on hits, misses and failures"
            ));
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

fn balanced(
    drawing: &Drawing,
    name: &str,
    balancer: &LoadBalancer,
    drawn: &[(usize, usize, &Connection)],
) -> Result<Vec<Leg>, String> {
    let operations = operations(drawing).len();
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
    // By load or by session the shares are equal only if the targets are.
    let by_load = matches!(
        balancer.algorithm,
        Algorithm::LeastConnections | Algorithm::PowerOfTwo
    );
    let alike = drawn.windows(2).all(|pair| {
        drawing.scenario.components[pair[0].1] == drawing.scenario.components[pair[1].1]
            && pair[0].2.latency == pair[1].2.latency
            && targets(drawing, pair[0].1).count() + targets(drawing, pair[1].1).count() == 0
    });
    if drawn.len() > 1 && (by_load && !alike || balancer.algorithm == Algorithm::SessionHash) {
        let how = if by_load { "by load" } else { "by session" };
        return Err(format!(
            "the shares that `{name}` deals {how} are not known beforehand"
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
