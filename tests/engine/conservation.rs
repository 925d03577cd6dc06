//! Nothing is lost or made up, whatever is drawn and whatever is done to it: generated designs,
//! faults, edits and steps in any order; at the end everything heals and drains.

pub mod acts;
pub mod checks;
mod deploys;
mod doors;
mod holders;
mod parts;
pub mod plumbing;
mod world;

use littlebox::{
    engine::Engine,
    scenario::{Algorithm, Component, Discipline, Distribution, Mode, Scenario, Scope},
};
use proptest::{
    prelude::*,
    test_runner::{Config, FileFailurePersistence, RngSeed},
};

use crate::support::design::*;
use acts::{Act, act, acts, acts_in, drain};
use checks::{check, same};
use plumbing::placed;

/// With most arrows as quick and as sure as can be: then calls can take routes. Without anybody who looks
/// at sessions, or with a balancer that does and is passed at once: calls on routes carry their
/// session in a way of their own.
fn at_once(scenario: &Scenario, slow: u32, sessions: bool) -> Scenario {
    let mut scenario = scenario.clone();
    for (at, connection) in scenario.connections.iter_mut().enumerate() {
        if sessions && connection.from == "balancer" {
            (connection.only, connection.mode) = (None, Mode::Sync);
        }
        if slow >> at & 1 == 0 {
            connection.latency = Some(Distribution::ZERO);
            (connection.loss, connection.bandwidth) = (0.0, None);
            (connection.timeout, connection.hedge) = (None, None);
            (connection.breaker, connection.pool) = (None, None);
        }
    }
    for (at, component) in scenario.components.values_mut().enumerate() {
        match component {
            Component::Client(client) => client.timeout = None,
            Component::Server(server) if slow >> (16 + at % 16) & 1 == 0 => {
                server.queue.discipline = Discipline::Fifo;
                (server.contention, server.shed) = (None, None);
                (server.pauses, server.autoscaler) = (None, None);
            }
            Component::LoadBalancer(balancer) if sessions => {
                balancer.algorithm = Algorithm::SessionHash;
                (balancer.sticky, balancer.ejection, balancer.capacity) = (false, None, None);
            }
            _ if sessions => {}
            Component::LoadBalancer(balancer) if balancer.looks_at_sessions() => {
                balancer.algorithm = Algorithm::LeastConnections;
                balancer.sticky = false;
            }
            Component::RateLimiter(limiter) => limiter.scope = Scope::Global,
            Component::Dns(dns) => dns.scope = Scope::Global,
            Component::ApiGateway(gateway) => {
                if let Some(limit) = &mut gateway.rate_limit {
                    limit.scope = Scope::Global;
                }
            }
            _ => {}
        }
    }
    scenario
}

/// Cases that failed once, which are tried first.
const KEPT: &str = "tests/engine/conservation.regressions";

proptest! {
    #![proptest_config(Config {
        // More when `PROPTEST_CASES` says so.
        cases: Config::default().cases.max(1_000),
        rng_seed: RngSeed::Fixed(1961),
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(KEPT))),
        max_shrink_iters: 2_000,
        ..Config::default()
    })]

    #[test]
    fn whatever_is_drawn_and_done(design in placed(), acts in acts()) {
        let mut engine = Engine::new(&design).unwrap();
        for step in &acts {
            act(&mut engine, step, &design);
        }
        drain(&mut engine, &design);
        // And it can be repeated.
        let mut again = Engine::replay(engine.recording()).unwrap();
        again.run_until(engine.now_ns());
        prop_assert_eq!(again.fingerprint(), engine.fingerprint());
    }
    /// A request whose hops are recorded takes no route: what is measured may not depend on it.
    #[test]
    fn routes_change_nothing(
        design in placed(),
        acts in acts(),
        slow in any::<u32>().prop_flat_map(|slow| (0..=slow).prop_map(move |other| slow & other)),
        sessions in any::<bool>(),
    ) {
        let design = at_once(&design, slow, sessions);
        if let Ok(mut routed) = Engine::new(&design) {
            let mut unrouted = routed.clone();
            unrouted.sample_hops(1);
            let mut mixed = routed.clone();
            mixed.sample_hops(3);
            for step in &acts {
                let step = match step {
                    Act::Change(scenario) => {
                        Act::Change(Box::new(at_once(scenario, slow, sessions)))
                    }
                    // One after the other takes no time to look at in between.
                    Act::Steps(steps) => Act::Run(*steps),
                    step => step.clone(),
                };
                for engine in [&mut routed, &mut unrouted, &mut mixed] {
                    act(engine, &step, &design);
                    engine.take_hops(&mut Vec::new());
                }
                same(&routed, &unrouted);
                same(&routed, &mixed);
            }
        }
    }

    /// An edit that changes nothing about what runs leaves the rest of the run the same to the last
    /// bit.
    #[test]
    fn edits_of_the_notes_change_nothing(design in placed(), acts in acts_in(placed(), (14, 20))) {
        let mut alone = Engine::new(&design).unwrap();
        let mut edited = alone.clone();
        for step in &acts {
            act(&mut alone, step, &design);
            act(&mut edited, step, &design);
            let mut scenario = edited.scenario().clone();
            scenario.notes += "!";
            edited.edit(&scenario).unwrap();
            check(&edited);
            same(&alone, &edited);
        }
        alone.run_until(alone.now_ns() + secs(2).nanos());
        edited.run_until(edited.now_ns() + secs(2).nanos());
        same(&alone, &edited);
        prop_assert_eq!(edited.fingerprint(), alone.fingerprint());
    }
}
