//! What people do to a run, and how it comes to rest.

use littlebox::{
    engine::Engine,
    scenario::{Component, Duration, FaultKind, Scenario, edit},
};
use proptest::prelude::*;

use super::{checks::check, deploys, plumbing::placed, world};
use crate::support::design::*;

/// Something that a person can do to a run.
#[derive(Clone, Debug)]
pub enum Act {
    Run(u64),
    Steps(u64),
    Break(usize, FaultKind),
    Heal(usize),
    RollBack(usize),
    BreakInstance(usize, u32, FaultKind),
    BreakArrow(usize, FaultKind),
    Mend(usize),
    BreakFrame(usize, FaultKind),
    HealFrame(usize),
    /// The same boxes and arrows with the parameters of another design.
    Change(Box<Scenario>),
    Remove(usize),
    Restore,
    Reset,
}

/// In designs of so many boxes and arrows.
pub fn acts_in(designs: BoxedStrategy<Scenario>, size: (usize, usize)) -> BoxedStrategy<Vec<Act>> {
    let on_frame = proptest::sample::select(vec![
        FaultKind::Partition,
        FaultKind::Partition,
        FaultKind::Crash,
        FaultKind::Slow { times: 3.0 },
    ]);
    let act = prop_oneof![
        8 => single_act(designs, size),
        1 => (0usize..16, on_frame).prop_map(|(at, fault)| Act::BreakFrame(at, fault)),
        1 => (0usize..16).prop_map(Act::HealFrame),
        1 => (0usize..16, deploys::deploy())
            .prop_map(|(at, deploy)| Act::BreakFrame(at, FaultKind::Deploy(deploy))),
    ];
    proptest::collection::vec(act, 1..30).boxed()
}

pub fn acts() -> BoxedStrategy<Vec<Act>> {
    acts_in(placed(), (18, 25))
}

pub fn single_act(
    designs: BoxedStrategy<Scenario>,
    (boxes, arrows): (usize, usize),
) -> BoxedStrategy<Act> {
    let fault = proptest::sample::select(vec![
        FaultKind::Crash,
        FaultKind::Hang,
        FaultKind::Pause,
        FaultKind::Slow { times: 3.0 },
        FaultKind::Flush,
        FaultKind::Traffic { times: 2.5 },
        FaultKind::Errors { share: 0.3 },
        FaultKind::Capacity { lost: 0.6 },
        FaultKind::HotKey { share: 0.5 },
    ]);
    let on_arrow = proptest::sample::select(vec![
        FaultKind::Cut,
        FaultKind::Loss { share: 0.3 },
        FaultKind::Slow { times: 4.0 },
    ]);
    let on_instance = proptest::sample::select(vec![
        FaultKind::Crash,
        FaultKind::Hang,
        FaultKind::Pause,
        FaultKind::Slow { times: 3.0 },
        FaultKind::Errors { share: 0.3 },
    ]);
    prop_oneof![
        6 => (1u64..2_000).prop_map(Act::Run),
        4 => (1u64..200).prop_map(Act::Steps),
        4 => (0usize..boxes, fault).prop_map(|(at, fault)| Act::Break(at, fault)),
        3 => (0usize..boxes).prop_map(Act::Heal),
        3 => (0usize..boxes, deploys::deploy())
            .prop_map(|(at, deploy)| Act::Break(at, FaultKind::Deploy(deploy))),
        1 => (0usize..boxes).prop_map(Act::RollBack),
        2 => (0usize..boxes, 1u32..5, on_instance)
            .prop_map(|(at, nth, fault)| Act::BreakInstance(at, nth, fault)),
        2 => (0usize..arrows, on_arrow).prop_map(|(at, fault)| Act::BreakArrow(at, fault)),
        1 => (0usize..arrows).prop_map(Act::Mend),
        2 => designs.prop_map(|scenario| Act::Change(Box::new(scenario))),
        1 => (1usize..boxes).prop_map(Act::Remove),
        1 => Just(Act::Restore),
        1 => Just(Act::Reset),
    ]
    .boxed()
}

pub fn name(engine: &Engine, at: usize) -> String {
    let components = &engine.scenario().components;
    components
        .get_index(at % components.len())
        .unwrap()
        .0
        .clone()
}

pub fn arrow_name(engine: &Engine, at: usize) -> String {
    let connections = &engine.scenario().connections;
    let connection = &connections[at % connections.len()];
    format!("{} -> {}", connection.from, connection.to)
}

pub fn act(engine: &mut Engine, act: &Act, first: &Scenario) {
    match act {
        Act::Run(millis) => engine.run_until(engine.now_ns() + ms(*millis).nanos()),
        Act::Steps(steps) => {
            for _ in 0..*steps {
                engine.step();
                check(engine);
            }
        }
        // A fault that makes no sense there is refused, which is as good.
        Act::Break(at, fault) => drop(engine.start_fault(&name(engine, *at), *fault)),
        Act::Heal(at) => engine.heal(&name(engine, *at)).unwrap(),
        Act::RollBack(at) => drop(engine.roll_back(&name(engine, *at))),
        Act::BreakInstance(at, nth, fault) => {
            drop(engine.start_fault(&format!("{} #{nth}", name(engine, *at)), *fault));
        }
        Act::BreakArrow(at, fault) => engine
            .start_fault(&arrow_name(engine, *at), *fault)
            .unwrap(),
        Act::BreakFrame(at, fault) => world::trouble(engine, *at, *fault),
        Act::HealFrame(at) => world::heal(engine, *at),
        Act::Mend(at) => engine.heal(&arrow_name(engine, *at)).unwrap(),
        // Without any delay a ring of calls is refused; the run goes on as it was.
        Act::Change(scenario) => drop(engine.edit(scenario)),
        Act::Remove(at) => {
            let mut scenario = engine.scenario().clone();
            let gone = name(engine, *at);
            scenario.components.shift_remove(&gone);
            for frame in scenario.frames.values_mut() {
                frame.members.retain(|member| *member != gone);
            }
            scenario
                .connections
                .retain(|connection| connection.from != gone && connection.to != gone);
            // What can't be without it goes too; a drawing that has nothing left is refused.
            drop(engine.edit(&edit::finished(&scenario)));
        }
        Act::Restore => engine.edit(first).unwrap(),
        Act::Reset => engine.reset_measures(),
    }
    check(engine);
}

/// Nothing more happens by itself: no requests, no health checks.
pub fn stop(component: &mut Component) {
    match component {
        Component::Client(client) => {
            client.arrivals = poisson_until(1.0, Duration::from_nanos(1));
        }
        Component::LoadBalancer(balancer) => balancer.health = None,
        Component::Dns(dns) => dns.health = None,
        Component::Server(server) => {
            server.pauses = None;
            server.autoscaler = None;
        }
        _ => {}
    }
}

/// Puts back what was removed, heals everything, stops the traffic and waits: nobody may be left
/// anywhere.
pub fn drain(engine: &mut Engine, first: &Scenario) {
    engine.edit(first).unwrap();
    for at in 0..engine.scenario().components.len() {
        engine.heal(&name(engine, at)).unwrap();
    }
    for at in 0..engine.scenario().connections.len() {
        engine.heal(&arrow_name(engine, at)).unwrap();
    }
    world::heal_all(engine);
    let mut scenario = first.clone();
    for component in scenario.components.values_mut() {
        // What is down by chance is repaired.
        fail_by_chance(component, None);
        stop(component);
    }
    engine.edit(&scenario).unwrap();
    engine.run_until(engine.now_ns() + secs(20_000).nanos());
    check(engine);
    for (at, component) in engine.scenario().components.keys().enumerate() {
        let t = engine.component(at);
        assert_eq!(
            (t.present, t.waiting, t.held, t.busy),
            (0, 0, 0, 0),
            "{component}: {t:?}"
        );
    }
    for at in 0..engine.scenario().connections.len() {
        assert_eq!(engine.connection(at).present, 0, "connection {at}");
    }
}
