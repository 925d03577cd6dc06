//! Where a law did not hold once: one small design for each.

use littlebox::{
    engine::{Engine, Totals},
    scenario::{
        After, Algorithm, Arrivals, Backoff, Capacity, Client, Component, Connection, FaultKind,
        Function, Hedge, Jitter, LoadBalancer, Rate, RateLimit, RateLimiter, Recorded, Retries,
        Sample,
    },
};

use super::patience::Patience;
use crate::support::design::*;

/// Breaks and mends a box at these milliseconds, and looks at the books all the time.
fn with_faults(design: &Design, on: &str, faults: &[(u64, Option<FaultKind>)]) -> Engine {
    let mut engine = design.engine();
    for (at, fault) in faults {
        engine.run_until(ms(*at).nanos());
        match fault {
            Some(fault) => engine.start_fault(on, *fault).unwrap(),
            None => engine.heal(on).unwrap(),
        }
        engine.check_conservation().unwrap();
    }
    engine.run_until(secs(2).nanos());
    engine.check_conservation().unwrap();
    engine
}

fn law_of_the_line(t: &Totals) {
    assert_eq!(t.present, 0);
    assert!(t.wait_sum_ns > 0);
    assert_eq!(t.waiting_area, t.wait_sum_ns, "{t:?}");
}

/// A request every 100 ms, for half a second.
fn five() -> Design {
    let times = [100, 200, 300, 400, 500].map(ms);
    let recorded = Recorded {
        times: Sample::listed(times.to_vec()),
        repeat: None,
    };
    Design::new(1).client("clients", Arrivals::Recorded(recorded))
}

/// What dies while its server stands still has not worked while that stood still before.
#[test]
fn work_that_dies_in_a_second_pause() {
    let design = five()
        .server("server", 5, constant(1_000))
        .join("clients", "server");
    let engine = with_faults(
        &design,
        "server",
        &[
            (250, Some(FaultKind::Pause)),
            (350, None),
            (450, Some(FaultKind::Pause)),
            (600, Some(FaultKind::Crash)),
            (650, None),
        ],
    );
    let t = at(&engine, "server");
    // From 100 and 200 to 250, from 350 to 450 all three, and one from 400 to 450; what came to a
    // box that stood still waited.
    assert_eq!(t.present, 0);
    assert_eq!(t.busy_area, t.service_sum_ns);
    let worked = 150 + 50 + 3 * 100 + 50;
    assert_eq!(t.service_sum_ns, u128::from(ms(worked).nanos()));
}

/// Who comes to a rate limiter, or to a function, that stands still waits, also when it is refused
/// once that goes on, or dies with it.
#[test]
fn those_refused_late_have_waited() {
    let limiter = RateLimiter {
        limit: RateLimit::TokenBucket {
            burst: 1,
            rate: Rate(0.001),
        },
        ..RateLimiter::default()
    };
    let function = Function {
        service: constant(700),
        concurrency: 1,
        ..Function::default()
    };
    for door in [
        Component::RateLimiter(limiter),
        Component::Function(function),
    ] {
        let limits = matches!(door, Component::RateLimiter(_));
        let mut design = five().add("door", door).join("clients", "door");
        if limits {
            design = design
                .server("server", 5, constant(1))
                .join("door", "server");
        }
        let pause = Some(FaultKind::Pause);
        let waits = with_faults(&design, "door", &[(50, pause), (350, None)]);
        law_of_the_line(&at(&waits, "door"));
        let dies = [(50, pause), (350, Some(FaultKind::Crash)), (360, None)];
        law_of_the_line(&at(&with_faults(&design, "door", &dies), "door"));
    }
}

/// Nobody has waited at a balancer before it had slots.
#[test]
fn a_balancer_gets_slots() {
    let mut engine = five()
        .balancer("balancer", Algorithm::RoundRobin)
        .server("server", 5, constant(250))
        .join("clients", "balancer")
        .join("balancer", "server")
        .engine();
    engine.run_until(ms(320).nanos());
    let mut scenario = engine.scenario().clone();
    let capacity = |slots| LoadBalancer {
        capacity: Some(Capacity {
            slots,
            service: constant(1),
        }),
        ..LoadBalancer::default()
    };
    let plain = scenario.components["balancer"].clone();
    scenario.components["balancer"] = Component::LoadBalancer(capacity(3));
    engine.edit(&scenario).unwrap();
    engine.check_conservation().unwrap();
    assert_eq!(at(&engine, "balancer").waiting, 0);
    engine.run_until(ms(420).nanos());
    engine.check_conservation().unwrap();
    scenario.components["balancer"] = plain;
    engine.edit(&scenario).unwrap();
    engine.check_conservation().unwrap();
    scenario.components["balancer"] = Component::LoadBalancer(capacity(3));
    engine.edit(&scenario).unwrap();
    engine.run_until(secs(2).nanos());
    engine.check_conservation().unwrap();
    let t = at(&engine, "balancer");
    assert_eq!((t.present, t.waiting_area, t.wait_sum_ns), (0, 0, 0));
}

/// A second attempt that fails, and is tried again, waits by the waits of the first, not by those of
/// whoever had its record before.
#[test]
fn second_attempts_wait_no_longer() {
    let client = |base| {
        Component::Client(Client {
            timeout: Some(ms(500)),
            retries: Retries {
                max: 3,
                backoff: Backoff::Constant(base),
                jitter: Jitter::Decorrelated,
                ..Retries::default()
            },
            ..patient(poisson(50.0))
        })
    };
    let far = |from: &str, hedge| Connection {
        latency: Some(constant(30)),
        hedge,
        ..at_once(from, "server")
    };
    let after = After::Delay { delay: ms(20) };
    let design = Design::new(1)
        .add("hasty", client(ms(40)))
        .add("slow", client(secs(20)))
        .server("server", 100, constant(1))
        .connect(far("hasty", Some(Hedge { after })))
        .connect(far("slow", None));
    let mut engine = design.engine();
    engine
        .start_fault("server", FaultKind::Errors { share: 1.0 })
        .unwrap();
    engine.run_until(secs(300).nanos());
    engine.check_conservation().unwrap();
    assert!(engine.connection(0).retries > 10_000);
    Patience::of(engine.scenario()).outlasts(&engine).unwrap();
}
