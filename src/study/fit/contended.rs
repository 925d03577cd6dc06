//! A server whose calls slow each other down, with users who keep it as busy as they can.

use super::network::{Drawing, Network, instances, outgoing};
use super::{Model, station};
use crate::scenario::{Arrivals, Component, Discipline, Distribution, Mode};
use crate::theory::scaling;

/// The models of a client and the one server with contention that all its users call.
///
/// Nobody thinks or is under way, so that the same number of calls is in the slots whenever work
/// begins. What it takes then does not depend on chance, and the throughput follows the Universal
/// Scalability Law exactly (Gunther 2007, chapter 4). `None`: the drawing is another one.
pub(super) fn solve(
    drawing: &Drawing,
    network: &Network,
    client: usize,
) -> Option<Vec<Option<Model>>> {
    let Component::Client(drawn) = &drawing.scenario.components[client] else {
        return None;
    };
    let Arrivals::Closed { users, think } = &drawn.arrivals else {
        return None;
    };
    let mut arrows = outgoing(drawing, client);
    let (_, arrow) = arrows.next()?;
    let index = drawing.scenario.components.get_index_of(&arrow.to)?;
    let Component::Server(server) = &drawing.scenario.components[index] else {
        return None;
    };
    let contention = server.contention?;
    let is_alone = arrows.next().is_none()
        && outgoing(drawing, index).next().is_none()
        && drawing.callers(index).len() == 1
        && instances(drawing, index) == 1;
    let takes_no_time = *think == Distribution::ZERO
        && *arrow.latency() == Distribution::ZERO
        && !drawing.is_narrow(arrow);
    let is_certain = arrow.loss == 0.0 && arrow.probability >= 1.0 && arrow.mode == Mode::Sync;
    // Shared slots have no moment at which work begins.
    let begins_once = server.queue.capacity.is_none()
        && server.shed.is_none()
        && server.pauses.is_none()
        && matches!(
            server.queue.discipline,
            Discipline::Fifo | Discipline::Lifo | Discipline::Priority | Discipline::Random
        );
    if !(is_alone && takes_no_time && is_certain && begins_once) {
        return None;
    }
    let secs = station::mean_work(drawing, index, network.mix(client))?;
    let working = (*users).min(server.slots);
    let speedup = scaling::usl(f64::from(working), contention.alpha, contention.beta)?;
    if secs <= 0.0 {
        return None;
    }
    let throughput = speedup / secs;
    let (present, line) = (f64::from(*users), f64::from(users - working));
    let law = if contention.beta == 0.0 {
        "Amdahl’s law"
    } else {
        "Universal Scalability Law"
    };
    let model = |values| {
        let waits = drawn.timeout;
        Model {
            name: format!("{law}, {working} at work"),
            approximate: waits.map(|timeout| format!("if nobody gave up after {timeout}")),
            values,
        }
    };
    let mut models = vec![None; drawing.scenario.components.len()];
    models[client] = Some(model(vec![
        ("throughput", throughput),
        ("l", present),
        ("w", present / throughput),
    ]));
    models[index] = Some(model(vec![
        ("throughput", throughput),
        ("utilization", f64::from(working) / f64::from(server.slots)),
        ("l", present),
        ("lq", line),
        ("w", present / throughput),
        ("wq", line / throughput),
    ]));
    Some(models)
}
