//! Laws that hold exactly, whatever is drawn: over a time that begins and ends with nobody inside,
//! Little's law has no edge (Little 1961; Stidham 1974), and nobody waits longer than the patience
//! that was drawn.

use littlebox::{
    engine::Engine,
    scenario::{Arrivals, Backoff, Client, Component, Connection, Discipline, Jitter, Scenario},
};
use proptest::{
    prelude::*,
    test_runner::{Config, FileFailurePersistence, RngSeed},
};

use super::conservation::{acts::stop, plumbing::design};
use crate::support::design::*;

/// A design whose clients stop after a while, so that everybody leaves.
fn that_ends(scenario: &Scenario) -> Scenario {
    let mut scenario = scenario.clone();
    for component in scenario.components.values_mut() {
        if let Component::Client(client) = component
            && let Arrivals::Poisson { .. } | Arrivals::Constant { .. } = client.arrivals
        {
            client.arrivals = poisson_until(150.0, secs(3));
        }
    }
    scenario
}

/// The longest that a request can take over an arrow: every attempt to its timeout, and every wait
/// before the next. `None`: its client waits for ever.
fn patience_ns(client: &Client, arrow: &Connection) -> Option<u64> {
    let timeout = arrow.timeout.or(client.timeout)?.nanos();
    let retries = arrow.retries.unwrap_or(client.retries);
    let mut longest = timeout;
    let mut last = 0;
    for attempt in 0..retries.max {
        let base = match retries.backoff {
            Backoff::None => 0,
            Backoff::Constant(base) | Backoff::Exponential(base) => base.nanos(),
        };
        let wait = match (retries.backoff, retries.jitter) {
            (Backoff::None, _) => 0,
            (_, Jitter::Decorrelated) => 3 * base.max(last),
            (Backoff::Exponential(_), _) => base << attempt,
            (Backoff::Constant(_), _) => base,
        };
        last = wait;
        longest += wait + timeout;
    }
    Some(longest)
}

fn shares(component: &Component) -> bool {
    let queueing = match component {
        Component::Server(server) => server.queue,
        Component::Cache(cache) => cache.queue,
        Component::Database(database) => database.queue,
        Component::Replica(replica) => replica.queue,
        Component::ApiGateway(gateway) => gateway.queue,
        _ => return false,
    };
    queueing.discipline == Discipline::ProcessorSharing
}

/// Cases that failed once, which are tried first.
const KEPT: &str = "tests/engine/laws.regressions";

proptest! {
    #![proptest_config(Config {
        rng_seed: RngSeed::Fixed(1974),
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(KEPT))),
        max_shrink_iters: 2_000,
        ..Config::default()
    })]

    /// L·T is the sum of all sojourns, in nanoseconds and to the last one: for every box, for its
    /// line alone and for its slots alone.
    #[test]
    fn little_holds_to_the_nanosecond(design in design()) {
        let design = that_ends(&design);
        let Ok(mut engine) = Engine::new(&design) else { return Ok(()) };
        engine.run_until(secs(4).nanos());
        let mut ended = design.clone();
        for component in ended.components.values_mut() {
            stop(component);
        }
        engine.edit(&ended).unwrap();
        engine.run_until(secs(20_000).nanos());
        for (at, (name, component)) in design.components.iter().enumerate() {
            let t = engine.component(at);
            prop_assert_eq!(t.present, 0, "{}", name);
            prop_assert_eq!(t.present_area, t.sojourn_sum_ns, "{}: {:?}", name, t);
            if t.slots > 0 {
                // Who shares slots has a part of a nanosecond now and then, which is rounded.
                let rounded = if shares(component) { u128::from(t.waits) } else { 0 };
                let wait = t.waiting_area.abs_diff(t.wait_sum_ns);
                let service = t.busy_area.abs_diff(t.service_sum_ns);
                prop_assert!(wait <= rounded && service <= rounded, "{}: {:?}", name, t);
            }
            let Component::Client(client) = component else { continue };
            let arrows = design.connections.iter().filter(|arrow| arrow.from == *name);
            let patience = arrows.map(|arrow| patience_ns(client, arrow));
            if let Some(patience) = patience.collect::<Option<Vec<u64>>>() {
                let patience = patience.into_iter().max().unwrap_or(0);
                let answered = engine.component_latency(at).max_ns();
                let failed = engine.failure_latency(at).map_or(0, littlebox::engine::Histogram::max_ns);
                prop_assert!(answered.max(failed) <= patience, "{}: {:?}", name, client);
            }
        }
    }
}
