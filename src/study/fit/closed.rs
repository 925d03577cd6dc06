//! A closed network as a whole.

use super::network::{Drawing, Network, instances, kind, outgoing};
use super::{Model, contended, station};
use crate::scenario::{Algorithm, Arrivals, Component, Kind};
use crate::theory::closed::{self, Demand};
use crate::theory::open;

/// The most work that an exact solution may take: stations × users².
const MOST_WORK: f64 = 2e9;

/// The models of all boxes when the scenario is a closed network. `None`: it is none. `Err`: why
/// it has no exact solution.
pub(super) fn solve(
    drawing: &Drawing,
    network: &Network,
) -> Option<Result<Vec<Option<Model>>, String>> {
    let clients: Vec<usize> = (0..drawing.scenario.components.len())
        .filter(|index| kind(drawing, *index) == Kind::Client)
        .collect();
    let is_closed = |index: &usize| network.is_reached_by_closed(*index);
    if !clients.iter().any(is_closed) {
        return None;
    }
    Some(match clients[..] {
        [client] => one_client(drawing, network, client),
        _ => Err("users of a closed client share the boxes with other clients".into()),
    })
}

fn one_client(
    drawing: &Drawing,
    network: &Network,
    client: usize,
) -> Result<Vec<Option<Model>>, String> {
    let Component::Client(drawn) = &drawing.scenario.components[client] else {
        return Err(String::new());
    };
    let Arrivals::Closed { users, think } = &drawn.arrivals else {
        return Err(String::new());
    };
    if let Some(reason) = super::disturbed(drawing.scenario) {
        return Err(reason.into());
    }
    if let Some(models) = contended::solve(drawing, network, client) {
        return Ok(models);
    }
    let mut caveats = Vec::new();
    if let Some(timeout) = drawn.timeout {
        caveats.push(format!("if nobody gave up after {timeout}"));
    }
    let visits = visits(drawing, network, client)?;
    let mix = network.mix(client);
    let mut demands = vec![Demand {
        secs: think.mean_secs(),
        servers: None,
    }];
    let mut stations = Vec::new();
    let mut on_the_way = 0.0;
    for (index, visits) in visits.iter().enumerate() {
        let name = drawing.name(index);
        if *visits == 0.0 {
            continue;
        }
        let broken = |why: String| format!("no product form: `{name}` {why}");
        if network.fans_out(drawing, index) {
            return Err(broken("makes several calls of one".into()));
        }
        for leg in network.legs[index].iter().flatten() {
            let connection = &drawing.scenario.connections[leg.connection];
            if drawing.is_narrow(connection) {
                return Err(broken(
                    "sends over a connection of limited bandwidth".into(),
                ));
            }
            if connection.loss > 0.0 {
                return Err(broken("loses messages on the way".into()));
            }
            if connection.mode == crate::scenario::Mode::Async {
                return Err(broken("makes calls that nobody waits for".into()));
            }
            // There and back; a forward's answer goes straight to whoever asked first.
            let times = if connection.mode == crate::scenario::Mode::Forward {
                1.0
            } else {
                2.0
            };
            let share: f64 = leg
                .shares
                .iter()
                .zip(mix)
                .map(|(share, mix)| share * mix)
                .sum();
            on_the_way += times * visits * share * connection.latency().mean_secs();
            if connection.latency().mean_secs() > 0.0
                && connection.mode == crate::scenario::Mode::Forward
            {
                return Err(broken(
                    "hands calls on over a connection that takes time".into(),
                ));
            }
        }
        match &drawing.scenario.components[index] {
            Component::Client(_) => {}
            Component::LoadBalancer(balancer) => {
                if balancer.algorithm != Algorithm::Random && outgoing(drawing, index).count() > 1 {
                    return Err(broken("does not deal by chance".into()));
                }
            }
            _ => {
                let (slots, secs) = station::demand(drawing, index, mix).map_err(broken)?;
                let machines = instances(drawing, index);
                if machines > 1 {
                    caveats.push("instances taken as dealt by chance, not in turn".into());
                }
                stations.push((index, demands.len(), *visits));
                for _ in 0..machines {
                    let secs = visits * secs / f64::from(machines);
                    demands.push(Demand {
                        secs,
                        servers: Some(slots),
                    });
                }
            }
        }
    }
    demands.push(Demand {
        secs: on_the_way,
        servers: None,
    });
    let several = demands
        .iter()
        .any(|demand| demand.servers.is_some_and(|servers| servers > 1));
    let work = demands.len() as f64 * f64::from(*users).powi(if several { 2 } else { 1 });
    if work > MOST_WORK {
        return Err("too many users and boxes for the exact solution".into());
    }
    let solved =
        closed::solve(&demands, *users).ok_or("its users neither think nor ask for any work")?;
    caveats.dedup();
    let model = |values: Vec<(&'static str, f64)>| Model {
        name: format!("closed network, {users} users (exact MVA)"),
        approximate: (!caveats.is_empty()).then(|| caveats.join("; ")),
        values,
    };
    let mut models: Vec<Option<Model>> = vec![None; drawing.scenario.components.len()];
    let thinking = solved.stations[0].l;
    let inside = f64::from(*users) - thinking;
    models[client] = Some(model(vec![
        ("throughput", solved.throughput),
        ("l", inside),
        ("w", inside / solved.throughput),
    ]));
    for (index, first, visits) in stations {
        let machines = instances(drawing, index) as usize;
        let own = &solved.stations[first..first + machines];
        let sum = |value: fn(&closed::ClosedStation) -> f64| own.iter().map(value).sum::<f64>();
        let rate = solved.throughput * visits;
        models[index] = Some(model(vec![
            ("throughput", rate),
            ("utilization", sum(|one| one.utilization) / machines as f64),
            ("l", sum(|one| one.l)),
            ("lq", sum(|one| one.lq)),
            ("w", sum(|one| one.l) / rate),
            ("wq", sum(|one| one.lq) / rate),
        ]));
    }
    Ok(models)
}

/// Mean visits of one request to each box.
fn visits(drawing: &Drawing, network: &Network, client: usize) -> Result<Vec<f64>, String> {
    let count = drawing.scenario.components.len();
    let mut visits = vec![0.0; count];
    for (operation, share) in network.mix(client).iter().enumerate() {
        let mut outside = vec![0.0; count];
        outside[client] = *share;
        let routing: Vec<Vec<(usize, f64)>> = network
            .legs
            .iter()
            .map(|legs| match legs {
                Ok(legs) => Ok(legs
                    .iter()
                    .filter(|leg| leg.shares[operation] > 0.0)
                    .map(|leg| (leg.to, leg.shares[operation]))
                    .collect()),
                Err(reason) => Err(reason.clone()),
            })
            .collect::<Result<_, String>>()?;
        let solved = open::traffic(&outside, &routing)
            .ok_or_else(|| "calls go round for ever".to_owned())?;
        for (sum, solved) in visits.iter_mut().zip(solved) {
            *sum += solved;
        }
    }
    debug_assert_eq!(drawing.scenario.components.len(), visits.len());
    Ok(visits)
}
