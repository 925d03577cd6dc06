//! Service demands as they follow from the drawing alone, and the bounds that follow from them.

use petgraph::algo::kosaraju_scc;
use petgraph::graph::DiGraph;

use super::super::bottleneck::{Bottleneck, Demand, Resource, bottleneck};
use super::network::{
    Drawing, Leg, Network, fan_out, first_attempts, instances, kind, legs_through_pipes, operations,
};
use super::pipe;
use super::{station, station::works};
use crate::scenario::{Arrivals, Component, Connection, Kind, Mode, Scenario};
use crate::theory::{bounds, closed, open};

/// What a drawing demands of its boxes, were nothing lost, refused or tried again.
#[derive(Clone, Debug, PartialEq)]
pub struct Demands {
    /// By component, in the order of the scenario. `None`: it has no slots, or no calls.
    pub boxes: Vec<Option<Demand>>,
    /// By connection: what is demanded of the way there and of the way back. `None`: it has no
    /// bandwidth, or nothing is sent.
    pub pipes: Vec<[Option<Demand>; 2]>,
    /// Mean time of a request when it meets nobody, in seconds: R can't be below it.
    pub least_response: f64,
    /// Of a closed client: its users, the knee N* and the bounds on X and R.
    pub users: Option<Users>,
}

/// What holds for a fixed number of users.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Users {
    /// N.
    pub users: u32,
    /// N* = (D + Z)/Dmax: with more users than that some must wait.
    pub knee: f64,
    /// Bounds on throughput and response.
    pub bounds: bounds::Bounds,
    /// Whether they are balanced job bounds, which suppose a product form, or the asymptotic ones,
    /// which suppose nothing.
    pub balanced: bool,
}

/// See [`Demands`].
///
/// # Errors
/// Why the drawing alone does not tell how often each box is called.
pub fn demands(scenario: &Scenario) -> Result<Demands, String> {
    let drawing = Drawing::new(scenario);
    let network = Network::new(&drawing);
    let clients = weights(&drawing)?;
    let count = scenario.components.len();
    let legs: Vec<Vec<Leg>> = (0..count)
        .map(|index| first_attempts(&drawing, index))
        .collect::<Result<_, String>>()?;
    let mut visits = vec![vec![0.0; operations(&drawing).len()]; count];
    for operation in 0..operations(&drawing).len() {
        let mut outside = vec![0.0; count];
        for (client, weight) in &clients {
            outside[*client] = weight * network.mix(*client)[operation];
        }
        let routing: Vec<Vec<(usize, f64)>> = legs
            .iter()
            .map(|legs| {
                let taken = legs.iter().filter(|leg| leg.shares[operation] > 0.0);
                taken.map(|leg| (leg.to, leg.shares[operation])).collect()
            })
            .collect();
        let solved = open::traffic(&outside, &routing).ok_or("calls go round for ever")?;
        for (visits, solved) in visits.iter_mut().zip(solved) {
            visits[operation] = solved;
        }
    }
    let pipes = pipe::demands(&drawing, &legs, &visits);
    let alone = Alone::new(&drawing, &legs);
    let boxes: Vec<Option<Demand>> = (0..count)
        .map(|index| {
            let (slots, _, works) = works(&drawing, index)?;
            let visits = &visits[index];
            let total: f64 = visits.iter().sum();
            let mean = |secs: &dyn Fn(usize) -> f64| {
                let sum: f64 = visits.iter().enumerate().map(|(at, v)| v * secs(at)).sum();
                sum / total
            };
            (total > 0.0).then(|| Demand {
                visits: total,
                work: mean(&|operation| works[operation].mean_secs()),
                held: mean(&|operation| alone.held[index][operation]),
                slots: f64::from(slots) * f64::from(instances(&drawing, index)),
            })
        })
        .collect();
    let least_response = clients
        .iter()
        .map(|(client, weight)| {
            let mix = network.mix(*client).iter().zip(&alone.response[*client]);
            weight * mix.map(|(share, secs)| share * secs).sum::<f64>()
        })
        .sum();
    let users = users(
        &drawing,
        &network,
        &clients,
        (&boxes, &pipes),
        least_response,
    );
    Ok(Demands {
        boxes,
        pipes,
        least_response,
        users,
    })
}

impl Demands {
    /// What breaks first by the drawing: slots of a box, or the bandwidth of a connection.
    pub fn first(&self) -> Option<Bottleneck> {
        let pipes = self.pipes.iter().enumerate();
        let pipes = pipes.filter_map(|(index, ways)| {
            let ways = ways.iter().flatten().copied();
            let ways = ways.filter_map(|demand| Bottleneck::of(Resource::Bandwidth(index), demand));
            ways.min_by(|a, b| a.saturates_at.total_cmp(&b.saturates_at))
        });
        bottleneck(&self.boxes)
            .into_iter()
            .chain(pipes)
            .min_by(|a, b| a.saturates_at.total_cmp(&b.saturates_at))
    }
}

/// Each client's share of the requests.
fn weights(drawing: &Drawing) -> Result<Vec<(usize, f64)>, String> {
    let clients: Vec<(usize, &crate::scenario::Client)> = drawing
        .scenario
        .components
        .values()
        .enumerate()
        .filter_map(|(index, component)| match component {
            Component::Client(client) => Some((index, client)),
            _ => None,
        })
        .collect();
    if let [(client, _)] = clients[..] {
        return Ok(vec![(client, 1.0)]);
    }
    let rates: Vec<(usize, f64)> = clients
        .into_iter()
        .map(|(index, client)| match &client.arrivals {
            Arrivals::Poisson { rate, profile } | Arrivals::Constant { rate, profile }
                if profile.is_empty() =>
            {
                Ok((index, rate.0))
            }
            _ => Err(format!(
                "the share of the requests that `{}` makes is not known beforehand",
                drawing.name(index)
            )),
        })
        .collect::<Result<_, String>>()?;
    let sum: f64 = rates.iter().map(|(_, rate)| rate).sum();
    if sum > 0.0 {
        let shares = rates.into_iter().map(|(index, rate)| (index, rate / sum));
        Ok(shares.collect())
    } else {
        Err("there are no requests".into())
    }
}

/// Mean times of a call that meets nobody, by box and operation, in seconds.
struct Alone {
    /// A slot is taken: own work, and waiting for others.
    held: Vec<Vec<f64>>,
    /// Until the answer leaves, whoever gives it.
    response: Vec<Vec<f64>>,
}

impl Alone {
    /// Callees first. What goes round counts once, so that with a way round these are lower bounds.
    fn new(drawing: &Drawing, legs: &[Vec<Leg>]) -> Self {
        let count = legs.len();
        let mut graph = DiGraph::<usize, ()>::with_capacity(count, 0);
        let nodes: Vec<_> = (0..count).map(|index| graph.add_node(index)).collect();
        for (from, legs) in legs.iter().enumerate() {
            for leg in legs {
                graph.add_edge(nodes[from], nodes[leg.to], ());
            }
        }
        let operations = operations(drawing).len();
        let mut alone = Self {
            held: vec![vec![0.0; operations]; count],
            response: vec![vec![0.0; operations]; count],
        };
        for node in kosaraju_scc(&graph).into_iter().flatten() {
            let index = graph[node];
            let own = works(drawing, index).map(|(_, _, works)| works);
            for operation in 0..operations {
                let work = own.as_ref().map_or(0.0, |own| own[operation].mean_secs());
                let (waits, goes_on) = alone.calls(drawing, index, &legs[index], operation);
                alone.held[index][operation] = work + waits;
                alone.response[index][operation] = work + waits + goes_on;
            }
        }
        alone
    }

    /// Mean time that a call waits for the calls it makes, and that it goes on after it was handed on.
    fn calls(&self, drawing: &Drawing, index: usize, legs: &[Leg], operation: usize) -> (f64, f64) {
        // A queue answers at once.
        if kind(drawing, index) == Kind::Queue {
            return (0.0, 0.0);
        }
        let is_balancer = kind(drawing, index) == Kind::LoadBalancer;
        let chosen = |connection: &Connection| {
            is_balancer || connection.weight.is_some() || kind(drawing, index) == Kind::Client
        };
        let mut steps: Vec<(u32, f64, f64)> = Vec::new();
        let mut goes_on = 0.0;
        for leg in legs {
            let connection = &drawing.scenario.connections[leg.connection];
            let way = connection.latency().mean_secs();
            let sent = drawing.sending(connection, operation);
            let (share, there) = (leg.shares[operation], self.response[leg.to][operation]);
            match drawing.mode(index, connection) {
                Mode::Async => {}
                Mode::Forward => goes_on += share * (way + sent.0 + there),
                Mode::Sync => {
                    let step = connection.step.unwrap_or(1);
                    let at = steps.iter().position(|known| known.0 == step);
                    let at = at.unwrap_or_else(|| {
                        steps.push((step, 0.0, 0.0));
                        steps.len() - 1
                    });
                    let secs = share * (2.0 * way + sent.0 + there + sent.1);
                    // Of alternatives there is one; of parallel calls the slowest decides, which
                    // takes at least as long as the slowest mean.
                    if chosen(connection) {
                        steps[at].1 += secs;
                    } else {
                        steps[at].2 = steps[at].2.max(secs);
                    }
                }
            }
        }
        (steps.iter().map(|step| step.1.max(step.2)).sum(), goes_on)
    }
}

/// What holds for the users of the only client, if it is a closed one.
fn users(
    drawing: &Drawing,
    network: &Network,
    clients: &[(usize, f64)],
    (boxes, pipes): (&[Option<Demand>], &[[Option<Demand>; 2]]),
    least_response: f64,
) -> Option<Users> {
    let [(client, _)] = clients else { return None };
    let Component::Client(drawn) = &drawing.scenario.components[*client] else {
        return None;
    };
    let Arrivals::Closed { users, think } = &drawn.arrivals else {
        return None;
    };
    // A request that is in two places at a time passes D in less than D.
    let fans_out = |index| {
        legs_through_pipes(drawing, index).map_or(true, |legs| fan_out(drawing, index, &legs))
    };
    if (0..boxes.len()).any(fans_out) {
        return None;
    }
    let mut demands = vec![closed::Demand {
        secs: think.mean_secs(),
        servers: None,
    }];
    for (index, demand) in boxes.iter().enumerate() {
        let Some(demand) = demand else { continue };
        let machines = instances(drawing, index);
        let slots = (demand.slots / f64::from(machines)) as u32;
        for _ in 0..machines {
            demands.push(closed::Demand {
                secs: demand.visits * demand.work / f64::from(machines),
                servers: Some(slots),
            });
        }
    }
    let lanes = pipes.iter().flatten().flatten();
    demands.extend(lanes.map(|lane| closed::Demand {
        secs: lane.secs(),
        servers: Some(1),
    }));
    let asynchronous = drawing
        .scenario
        .connections
        .iter()
        .any(|connection| connection.mode == Mode::Async);
    // A line that sends one message after the other, each as long as it is large, has none.
    let is_narrow = pipes.iter().flatten().any(Option::is_some);
    let has_product_form = !is_narrow
        && (0..boxes.len()).all(|index| {
            boxes[index].is_none() || station::is_markovian(drawing, network, index).is_ok()
        });
    if asynchronous {
        return None;
    }
    // Time on the way is spent where nobody waits, and is part of the response all the same.
    let inside: f64 = demands[1..].iter().map(|demand| demand.secs).sum();
    let way = (least_response - inside).max(0.0);
    demands.push(closed::Demand {
        secs: way,
        servers: None,
    });
    let balanced = bounds::balanced(&demands, *users).filter(|_| has_product_form);
    let mut bounds = match balanced {
        Some(bounds) => bounds,
        None => bounds::asymptotic(&demands, *users)?,
    };
    bounds.response.0 += way;
    bounds.response.1 += way;
    Some(Users {
        users: *users,
        knee: closed::saturation_users(&demands)?,
        bounds,
        balanced: balanced.is_some(),
    })
}
