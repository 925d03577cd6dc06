//! What kind of stream reaches each box.

use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};

use super::{
    super::station,
    Network,
    drawing::{Drawing, instances, kind, outgoing, targets},
    legs, open_rate,
};
use crate::scenario::{Algorithm, Arrivals, BatchSizes, Component, Kind, LoadBalancer};

/// What the stream of calls to a box is like.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::study::fit) enum Stream {
    /// Poisson, or a Jackson network's station, which behaves as if.
    Poisson,
    /// Each instance gets every k-th call of a Poisson stream.
    EveryNth(u32),
    /// Evenly spaced.
    Even,
    /// Gaps uniform between 0 and twice their mean.
    Uniform,
    /// Batches as a Poisson process: E[X] and E[X²] of their sizes.
    Batches(f64, f64),
    /// None of these, and why.
    Other(String),
}

impl Network {
    /// What kind of stream reaches each box, from the clients on.
    pub(super) fn find_streams(&mut self, drawing: &Drawing) {
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
            Stream::Uniform | Stream::Batches(..) if instances > 1 && is_dealt => Stream::Other(
                "calls that are not Poisson are dealt to its instances in turn".into(),
            ),
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
                Arrivals::Uniform { .. } if self.takes_all(from, connection) => Stream::Uniform,
                Arrivals::Uniform { .. } => Stream::Other(format!(
                    "requests of `{name}` at uniform intervals are split, so its arrivals are \
                     neither uniform nor Poisson"
                )),
                Arrivals::Batches { size, sizes, .. } if self.takes_all(from, connection) => {
                    let square = match sizes {
                        BatchSizes::Constant => size * size,
                        // P(X = n) = (1 − p)ⁿ⁻¹ p with p = 1/E[X]: E[X²] = (2 − p)/p².
                        BatchSizes::Geometric => size * (2.0 * size - 1.0),
                    };
                    Stream::Batches(*size, square)
                }
                Arrivals::Batches { .. } => Stream::Other(format!(
                    "batches of `{name}` are split, so how many calls come at once is not known"
                )),
                Arrivals::Bursts { .. } => Stream::Other(format!(
                    "requests of `{name}` come in bursts: the gaps between them depend on each \
                     other"
                )),
                Arrivals::Sessions { .. } => Stream::Other(format!(
                    "the next request of a session of `{name}` waits for the answer to the one \
                     before, so arrivals depend on the load"
                )),
                Arrivals::Recorded(_) => Stream::Other(format!(
                    "requests of `{name}` are recorded, so nothing about them is random"
                )),
                Arrivals::LongLived(_) => Stream::Other(format!(
                    "the users of `{name}` open connections and send messages over them, so \
                     arrivals depend on how many are open"
                )),
                Arrivals::Closed { .. } => Stream::Other(format!(
                    "the users of `{name}` wait for their answers, so arrivals depend on the load"
                )),
            },
            Component::LoadBalancer(balancer) => self.dealt(drawing, from, name, balancer),
            _ => match station::passes_poisson_on(drawing, self, from) {
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
            (_, algorithm) if legs::balances_by_load(algorithm) => Stream::Other(format!(
                "arrivals are not Poisson because `{name}` sends each call to where least is going \
                 on"
            )),
            (_, Algorithm::SessionHash | Algorithm::KeyHash | Algorithm::ConsistentHash(_)) => {
                Stream::Other(format!(
                    "its share of the calls is not known beforehand: `{name}` deals by hash"
                ))
            }
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
                _ => station::is_markovian(drawing, self, member).err(),
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
}
