//! What an edit does not name goes on as if there had been none.

use littlebox::scenario::{
    Algorithm, Choices, Component, Connection, ConsistentHash, Duration, HashOf, Health,
    LoadBalancer, ResponseTime,
};

use super::{edit, mm1};
use crate::support::{design::*, everything::everything};

#[test]
fn an_edit_that_changes_nothing_changes_nothing() {
    let mut edited = mm1(2).engine();
    for second in 1..=50 {
        edited.run_until(secs(second).nanos());
        edit(&mut edited, |_| {});
        edit(&mut edited, |scenario| scenario.notes += "!");
    }
    edited.run_until(secs(200).nanos());
    let mut alone = mm1(2).engine();
    alone.run_until(secs(200).nanos());
    for index in 0..2 {
        assert_eq!(edited.component(index), alone.component(index));
    }
    assert_eq!(edited.connection(0), alone.connection(0));
}

const ALGORITHMS: [Algorithm; 13] = [
    Algorithm::RoundRobin,
    Algorithm::WeightedRoundRobin,
    Algorithm::Random,
    Algorithm::LeastConnections,
    Algorithm::WeightedLeastConnections,
    Algorithm::PowerOfTwo,
    Algorithm::PowerOfChoices(Choices { choices: 3 }),
    Algorithm::LeastResponseTime(ResponseTime {
        alpha: 0.2,
        memory: Duration::from_secs(10),
    }),
    Algorithm::LowestUtilization,
    Algorithm::SessionHash,
    Algorithm::KeyHash,
    Algorithm::ConsistentHash(ConsistentHash {
        by: HashOf::Key,
        vnodes: 100,
        bound: None,
    }),
    Algorithm::ConsistentHash(ConsistentHash {
        by: HashOf::Session,
        vnodes: 20,
        bound: Some(1.25),
    }),
];

/// Who is next among equals is state too: of balancers, and of queues among their consumers.
#[test]
fn an_edit_elsewhere_leaves_the_rest_of_the_run_the_same() {
    for algorithm in ALGORITHMS {
        let mut design = everything(1);
        design.0.components["balancer"] = Component::LoadBalancer(LoadBalancer {
            algorithm,
            health: Some(Health {
                interval: secs(1),
                unhealthy: 2,
                healthy: 2,
                ..Health::default()
            }),
            ..LoadBalancer::default()
        });
        let weighted = |to, weight| Connection {
            weight: Some(weight),
            ..at_once("balancer", to)
        };
        design.0.connections.retain(|arrow| arrow.to != "api");
        let mut design = design.server("other", 2, exponential(20));
        let connections = &mut design.0.connections;
        connections.push(weighted("api", 1.7));
        connections.push(weighted("other", 1.0));
        if let Component::Server(worker) = &mut design.0.components["worker"] {
            worker.instances = 3;
        }
        let unrelated = |slots| Component::Server(server(slots, exponential(5)));
        let design = design.add("unrelated", unrelated(1));
        let mut alone = design.engine();
        let mut edited = design.engine();
        for piece in 1..=130u64 {
            alone.run_until(piece * ms(500).nanos());
            edited.run_until(piece * ms(500).nanos());
            edit(&mut edited, |scenario| scenario.notes += "!");
            let slots = 1 + piece as u32 % 7;
            edit(&mut edited, |s| {
                s.components["unrelated"] = unrelated(slots);
            });
            for name in ["clients", "balancer", "api", "other", "jobs", "worker"] {
                assert_eq!(
                    at(&edited, name),
                    at(&alone, name),
                    "{algorithm:?}: {name} after {} s",
                    piece as f64 / 2.0
                );
            }
        }
        edit(&mut edited, |s| s.components["unrelated"] = unrelated(1));
        assert!(at(&alone, "other").arrivals > 500);
        let unrelated = index(&alone, "unrelated");
        assert_eq!(alone.component(unrelated).arrivals, 0);
        // Its own slots on offer are the only figure that may differ.
        let mut last = at(&edited, "unrelated");
        last.slots_area = at(&alone, "unrelated").slots_area;
        assert_eq!(last, at(&alone, "unrelated"));
        assert_eq!(edited.events(), alone.events(), "{algorithm:?}");
    }
}

/// An edit of the notes changes nothing, whatever the balancer does, and whoever crashes later: calls
/// that came together, and ask for the same, are told apart as without it.
#[test]
fn an_edit_of_the_notes_leaves_those_who_came_together_in_order() {
    use littlebox::scenario::*;
    let algorithms = [
        Algorithm::RoundRobin,
        Algorithm::Random,
        Algorithm::LeastConnections,
        Algorithm::WeightedLeastConnections,
        Algorithm::PowerOfTwo,
        Algorithm::LowestUtilization,
        Algorithm::LeastResponseTime(ResponseTime::default()),
        Algorithm::SessionHash,
    ];
    // The last ones went wrong when it was left to the places of the records.
    for nth in (0u64..100).chain([3_011, 7_683, 8_416, 13_760]) {
        let algorithm = algorithms[nth as usize % algorithms.len()];
        let bits = nth.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
        let bit = |at: u64| bits >> at & 1 == 1;
        let balancer = LoadBalancer {
            algorithm,
            sticky: bit(0),
            health: bit(1).then_some(Health {
                interval: ms(200),
                timeout: Some(ms(20)),
                depth: if bit(8) { Depth::Deep } else { Depth::Shallow },
                unhealthy: 2,
                healthy: 1,
            }),
            ejection: bit(2).then_some(Ejection {
                consecutive_failures: 1,
                base_time: ms(300),
                max_share: 0.5,
            }),
            slow_start: bit(3).then_some(ms(500)),
            pair: match (bit(4), bit(5)) {
                (true, true) => Pair::ActiveActive,
                (true, false) => Pair::ActivePassive(ActivePassive { takeover: ms(100) }),
                _ => Pair::Single,
            },
            ..LoadBalancer::default()
        };
        let client = Client {
            arrivals: Arrivals::Batches {
                rate: Rate(20.0),
                size: 6.0,
                sizes: BatchSizes::Geometric,
                profile: Vec::new(),
            },
            keys: Keys::Zipf { items: 1, s: 1.0 },
            sessions: 10,
            timeout: bit(6).then_some(ms(150)),
            retries: Retries {
                max: 2,
                backoff: Backoff::Exponential(ms(20)),
                jitter: Jitter::Full,
                budget: None,
            },
            ..patient(poisson(1.0))
        };
        let machines = |slots| Server {
            instances: 3,
            ..server(slots, exponential(30))
        };
        let (mut to_a, mut to_b) = (at_once("balancer", "a"), at_once("balancer", "b"));
        if !bit(12) {
            (to_a.latency, to_a.loss) = (Some(exponential(5)), 0.1);
            to_a.timeout = bit(13).then_some(ms(60));
            to_a.cancellation = bit(14);
        }
        if !bit(15) {
            (to_b.latency, to_b.loss) = (Some(constant(20)), 0.1);
            to_b.mode = if bit(16) { Mode::Async } else { Mode::Sync };
        }
        let mut alone = Design::new(nth + 1)
            .add("clients", Component::Client(client))
            .add("balancer", Component::LoadBalancer(balancer))
            .add("a", Component::Server(machines(1)))
            .add("b", Component::Server(machines(2)))
            .connect(at_once("clients", "balancer"))
            .connect(to_a)
            .connect(to_b)
            .engine();
        let mut edited = alone.clone();
        let kind = match bits >> 9 & 7 {
            1 => FaultKind::Hang,
            2 => FaultKind::Pause,
            3 => FaultKind::Errors { share: 0.5 },
            4 => FaultKind::Slow { times: 3.0 },
            5 => FaultKind::Capacity { lost: 0.5 },
            _ => FaultKind::Crash,
        };
        let crashed = ["balancer", "a", "a #2", "b"][nth as usize / 8 % 4];
        for round in 0..12u64 {
            for engine in [&mut alone, &mut edited] {
                engine.run_until(ms(round * 500 + 237).nanos());
                if round % 2 == 1 {
                    if engine.start_fault(crashed, kind).is_err() {
                        engine.start_fault(crashed, FaultKind::Crash).unwrap();
                    }
                } else if round > 0 {
                    engine.heal(crashed).unwrap();
                }
                engine.run_until(ms(round * 500 + 411).nanos());
            }
            let mut scenario = edited.scenario().clone();
            scenario.notes += "!";
            edited.edit(&scenario).unwrap();
            edited.check_conservation().unwrap();
        }
        assert_eq!(edited.fingerprint(), alone.fingerprint(), "{nth}");
    }
}
