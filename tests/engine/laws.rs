//! Laws that hold exactly, whatever is drawn and whatever is done to it: over a time that begins and
//! ends with nobody inside, Little's law has no edge (Little 1961; Stidham 1974), and nobody waits
//! longer than the patience that was drawn.
//!
//! Only what everybody can read of a run is looked at here. At every moment in between the engine's
//! own books hold the same law, with those still inside (`check_conservation`).

mod mended;
mod patience;
mod tokens;

use littlebox::{
    engine::Engine,
    scenario::{Arrivals, Component, Discipline, Scenario},
};
use proptest::{
    prelude::*,
    test_runner::{Config, FileFailurePersistence, RngSeed, TestCaseError},
};

use super::conservation::{
    acts::{Act, act, acts, drain, stop},
    plumbing::{design, placed},
};
use crate::support::design::*;
use patience::Patience;

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

/// L·T is the sum of all sojourns, in nanoseconds and to the last one, for every box of a run in which
/// nobody is left: for the box, for its line alone and for its slots alone.
fn little_holds(
    engine: &Engine,
    shared: impl Fn(&str, &Component) -> bool,
) -> Result<(), TestCaseError> {
    for (at, (name, component)) in engine.scenario().components.iter().enumerate() {
        let t = engine.component(at);
        prop_assert_eq!(t.present, 0, "{}", name);
        prop_assert_eq!(t.present_area, t.sojourn_sum_ns, "{}: {:?}", name, t);
        if t.slots > 0 {
            // Who shares slots has a part of a nanosecond now and then, which is rounded.
            let rounded = if shared(name, component) {
                u128::from(t.waits)
            } else {
                0
            };
            let wait = t.waiting_area.abs_diff(t.wait_sum_ns);
            let service = t.busy_area.abs_diff(t.service_sum_ns);
            prop_assert!(wait <= rounded && service <= rounded, "{}: {:?}", name, t);
        }
    }
    Ok(())
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
        little_holds(&engine, |_, component| shares(component))?;
        Patience::of(&design).outlasts(&engine)?;
    }

    /// With faults, deploys, frames, long-lived connections, and edits of anything at any time.
    #[test]
    fn little_holds_whatever_is_done(design in placed(), acts in acts()) {
        let mut engine = Engine::new(&design).unwrap();
        let mut patience = Patience::of(&design);
        // Whoever has shared slots at any time has times that were rounded, more than once perhaps.
        let mut sharers = Vec::new();
        for step in &acts {
            if let Act::Reset = step {
                continue;
            }
            act(&mut engine, step, &design);
            patience.also(engine.scenario());
            patience.outlasts(&engine)?;
            let boxes = engine.scenario().components.iter();
            sharers.extend(boxes.filter(|(_, at)| shares(at)).map(|(name, _)| name.clone()));
        }
        drain(&mut engine, &design);
        patience.outlasts(&engine)?;
        let boxes = engine.scenario().components.iter().enumerate();
        for (at, (name, component)) in boxes {
            let t = engine.component(at);
            if t.present_at_start > 0 {
                // A balancer that was given slots, or lost them: its books began anew with them inside.
                continue;
            }
            prop_assert_eq!(t.present_area, t.sojourn_sum_ns, "{}: {:?}", name, t);
            if t.slots > 0 && !sharers.contains(name) && !shares(component) {
                prop_assert_eq!(t.waiting_area, t.wait_sum_ns, "{}: {:?}", name, t);
                prop_assert_eq!(t.busy_area, t.service_sum_ns, "{}: {:?}", name, t);
            }
        }
    }
}
