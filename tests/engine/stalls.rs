//! One instance that hangs or is paused, event by event; and a box of one instance, where that is the
//! same as of the box.

use littlebox::{
    engine::{Cause, Engine},
    scenario::{
        Algorithm, Arrivals, Backoff, Component, Connection, Discipline, FaultKind, Health,
        LoadBalancer, Pauses, Queueing, Retries, Scenario, Server,
    },
};

use crate::support::design::*;

/// A call every 50 ms, in turn to two instances that each work 60 ms on one at a time: nobody waits.
fn two() -> Design {
    let arrivals = Arrivals::Constant {
        rate: littlebox::scenario::Rate(20.0),
        profile: Vec::new(),
    };
    let api = Server {
        instances: 2,
        ..server(1, constant(60))
    };
    Design::new(1)
        .client("clients", arrivals)
        .add("api", Component::Server(api))
        .join("clients", "api")
}

/// Runs up to `until`, with an edit that changes nothing every 10 ms if wanted.
fn run(engine: &mut Engine, until: u64, edits: bool) {
    while edits && engine.now_ns() + ms(10).nanos() < ms(until).nanos() {
        engine.run_until(engine.now_ns() + ms(10).nanos());
        engine.check_conservation().unwrap();
        let scenario = engine.scenario().clone();
        engine.edit(&scenario).unwrap();
    }
    engine.run_until(ms(until).nanos());
    engine.check_conservation().unwrap();
}

/// A fault on a target from then until then.
type Trouble<'a> = (&'a str, FaultKind, u64, u64);

/// By the timeline, or by hand (then healing ends all there are on the target).
fn two_with(troubles: &[Trouble<'_>], end: u64, edits: bool) -> Engine {
    let mut design = two();
    for (on, fault, at, until) in troubles {
        design.0.faults.push(littlebox::scenario::Fault {
            at: ms(*at),
            until: Some(ms(*until)),
            on: (*on).into(),
            fault: *fault,
        });
    }
    let mut engine = design.engine();
    run(&mut engine, end, edits);
    engine
}

const MS: u64 = 1_000_000;

/// The second of two stands still from 1,010 to 1,330 ms. The call that came to it at 1,000 has 50 ms
/// left and is through at 1,380; those of 1,100, 1,200, … wait 280, 240, 200, 160, 120, 80 and 40 ms.
#[test]
fn one_instance_is_paused_and_goes_on() {
    for edits in [false, true] {
        let pause = [("api #2", FaultKind::Pause, 1_010, 1_330)];
        let mut engine = two_with(&pause, 1_200, edits);
        let now = at(&engine, "api");
        // The first works on the call of 1,150; in the second one stands still and two wait.
        assert_eq!((now.present, now.waiting, now.held, now.busy), (4, 2, 2, 1));
        let condition = engine.condition(index(&engine, "api"));
        assert_eq!(
            (condition.instances_paused, condition.instances_hung),
            (1, 0)
        );
        assert!(!condition.paused && !condition.is_well());
        assert_eq!(engine.instances_down_ns(1), [0, 190 * MS]);
        run(&mut engine, 2_040, edits);
        let api = at(&engine, "api");
        assert_eq!((api.arrivals, api.completed), (40, 39));
        assert_eq!(api.failures.total(), 0);
        assert_eq!(api.wait_sum_ns, 1_120 * u128::from(MS));
        assert_eq!(api.services, 39);
        assert_eq!(api.service_sum_ns, u128::from(39 * 60 * MS));
        // The call of 2,000 is at work for 40 ms.
        assert_eq!(api.busy_area, u128::from((39 * 60 + 40) * MS));
        assert_eq!(api.held_area - api.busy_area, u128::from(320 * MS));
        assert_eq!(engine.instances_down_ns(1), [0, 320 * MS]);
        assert_eq!(api.down_ns, 0, "the other one is up");
        assert!(engine.condition(index(&engine, "api")).is_well());
    }
}

/// As above, but it hangs: what it holds is lost when it ends. The call of 1,000 has worked 10 ms; those
/// of 1,100, 1,200 and 1,300 have waited 230, 130 and 30; that of 1,400 starts at once.
#[test]
fn one_instance_hangs_and_loses_what_it_held() {
    for edits in [false, true] {
        let hang = [("api #2", FaultKind::Hang, 1_010, 1_330)];
        let mut engine = two_with(&hang, 1_329, edits);
        assert_eq!(at(&engine, "api").failures.total(), 0, "it says nothing");
        let condition = engine.condition(index(&engine, "api"));
        assert_eq!(
            (condition.instances_hung, condition.instances_paused),
            (1, 0)
        );
        run(&mut engine, 2_040, edits);
        let api = at(&engine, "api");
        assert_eq!((api.arrivals, api.completed), (40, 35));
        assert_eq!(api.failures.get(Cause::Down), 4);
        assert_eq!(api.failures.total(), 4);
        assert_eq!(api.wait_sum_ns, u128::from(390 * MS));
        assert_eq!(api.service_sum_ns, u128::from((35 * 60 + 10) * MS));
        assert_eq!(api.busy_area, u128::from((35 * 60 + 10 + 40) * MS));
        assert_eq!(api.held_area - api.busy_area, u128::from(320 * MS));
    }
}

/// A fault on an instance and one on its box overlap, each ends on its own.
#[test]
fn a_fault_on_an_instance_and_one_on_its_box() {
    use FaultKind::{Crash, Hang, Pause};
    for edits in [false, true] {
        // What the second held is lost at 1,330, but it goes on with its box at 1,500: the call of 1,400
        // waits 100 ms, that of 1,500 and those behind it 60, 20 and 0. The first has 10 ms left of the
        // call of 1,150; those of 1,250, … wait 260, 220, 180, 140, 100, 60, 20 and 0.
        let late = [("api #2", Hang, 1_010, 1_330), ("api", Pause, 1_200, 1_500)];
        let mut engine = two_with(&late, 1_490, edits);
        assert_eq!(at(&engine, "api").failures.get(Cause::Down), 4);
        assert_eq!(at(&engine, "api").busy, 0);
        run(&mut engine, 2_140, edits);
        let api = at(&engine, "api");
        assert_eq!((api.arrivals, api.completed), (42, 37));
        assert_eq!(
            api.wait_sum_ns,
            u128::from((390 + 100 + 60 + 20 + 980) * MS)
        );
        // The box stood still from 1,200 to 1,500.
        assert_eq!(api.down_ns, 300 * MS);
        assert_eq!(engine.instances_down_ns(1), [300 * MS, 490 * MS]);

        // The box's hang ends before: the first loses the calls of 1,150 to 1,350, the second nothing
        // until its own has ended, and then those of 1,000 to 1,500.
        let soon = [("api #2", Hang, 1_010, 1_560), ("api", Hang, 1_200, 1_390)];
        let mut engine = two_with(&soon, 1_395, edits);
        assert_eq!(at(&engine, "api").failures.get(Cause::Down), 3);
        run(&mut engine, 1_561, edits);
        assert_eq!(at(&engine, "api").failures.get(Cause::Down), 9);

        // Two of its own: only the end of the last lets it go.
        let both = [
            ("api #2", Hang, 1_010, 1_330),
            ("api #2", Hang, 1_100, 1_460),
            ("api #2", Pause, 1_150, 1_660),
        ];
        let mut engine = two_with(&both, 1_459, edits);
        assert_eq!(at(&engine, "api").failures.total(), 0);
        run(&mut engine, 1_461, edits);
        // The calls of 1,000 to 1,400.
        assert_eq!(at(&engine, "api").failures.get(Cause::Down), 5);
        let condition = engine.condition(1);
        assert_eq!(
            (condition.instances_hung, condition.instances_paused),
            (0, 1)
        );
        run(&mut engine, 1_659, edits);
        assert_eq!(at(&engine, "api").waiting, 2);

        // It crashes while it hangs: what comes later is refused, and lost again is nothing.
        let dead = [
            ("api #2", Hang, 1_010, 1_660),
            ("api #2", Crash, 1_110, 1_360),
        ];
        let mut engine = two_with(&dead, 1_130, edits);
        assert_eq!(at(&engine, "api").failures.get(Cause::Down), 2);
        run(&mut engine, 1_390, edits);
        assert_eq!(at(&engine, "api").failures.get(Cause::Down), 2);
        // All went to the first meanwhile, which took one every 60 ms; the second hangs on.
        run(&mut engine, 1_655, edits);
        assert_eq!(at(&engine, "api").failures.get(Cause::Down), 2);
        run(&mut engine, 1_665, edits);
        assert!(at(&engine, "api").failures.get(Cause::Down) > 2);
    }
}

/// Who heals the box heals its instances; by hand.
#[test]
fn healing_the_box_heals_its_instances() {
    let mut engine = two().engine();
    run(&mut engine, 1_005, false);
    engine.start_fault("api #1", FaultKind::Pause).unwrap();
    engine.start_fault("api #2", FaultKind::Hang).unwrap();
    run(&mut engine, 2_000, false);
    let api = at(&engine, "api");
    assert_eq!((api.busy, api.held), (0, 2));
    assert_eq!(api.down_ns, 995 * MS, "not one goes on");
    engine.heal("api").unwrap();
    assert!(engine.condition(1).is_well());
    run(&mut engine, 20_000, false);
    let api = at(&engine, "api");
    assert_eq!(api.waiting, 0);
    // From 1,000 on every tenth of a second, the last at 2,000.
    assert_eq!(api.failures.get(Cause::Down), 11);
}

/// A load balancer sends on to an instance that hangs until its probes are not answered.
#[test]
fn a_balancer_finds_out() {
    let health = Health {
        interval: secs(1),
        ..Health::default()
    };
    for health in [None, Some(health)] {
        let checks = health.is_some();
        let api = Server {
            instances: 3,
            ..server(1, constant(60))
        };
        let balancer = LoadBalancer {
            algorithm: Algorithm::RoundRobin,
            health,
            ..LoadBalancer::default()
        };
        let mut engine = Design::new(1)
            .poisson("clients", 20.0)
            .add("api", Component::Server(api))
            .add("balancer", Component::LoadBalancer(balancer))
            .join("clients", "balancer")
            .join("balancer", "api")
            .engine();
        run(&mut engine, 10_000, false);
        engine.start_fault("api #2", FaultKind::Hang).unwrap();
        run(&mut engine, 30_000, false);
        let out = engine.out_of_rotation(2);
        assert_eq!(out, Some((usize::from(checks), 3)));
        let before = at(&engine, "api").present;
        run(&mut engine, 60_000, false);
        let more = at(&engine, "api").present.saturating_sub(before);
        // A third of 600.
        assert_eq!(more > 100, !checks, "{more} more");
        engine.heal("api #2").unwrap();
        run(&mut engine, 70_000, false);
        assert_eq!(engine.out_of_rotation(2).filter(|out| out.0 > 0), None);
        assert!(at(&engine, "api").present < 100);
    }
}

/// A box of one instance with a database behind it, whose callers lose patience and try again.
fn alone(discipline: Discipline, pauses: bool) -> Scenario {
    let api = Server {
        queue: Queueing {
            discipline,
            capacity: Some(20),
        },
        pauses: pauses.then(|| {
            Box::new(Pauses {
                every: exponential(700),
                length: exponential(50),
            })
        }),
        ..server(3, exponential(40))
    };
    Design::new(7)
        .poisson("clients", 50.0)
        .add("api", Component::Server(api))
        .server("db", 4, exponential(30))
        .connect(Connection {
            timeout: Some(ms(700)),
            retries: Some(Retries {
                max: 2,
                backoff: Backoff::Constant(ms(50)),
                ..Retries::default()
            }),
            cancellation: pauses,
            ..at_once("clients", "api")
        })
        .join("api", "db")
        .0
}

/// To the last bit, whatever the discipline: what happens to the only instance happens to the box.
#[test]
fn the_only_instance_is_the_box() {
    let disciplines = [
        Discipline::Fifo,
        Discipline::Lifo,
        Discipline::Random,
        Discipline::ProcessorSharing,
    ];
    for (discipline, pauses) in disciplines
        .into_iter()
        .flat_map(|discipline| [(discipline, false), (discipline, true)])
    {
        let results = |on: &str| {
            let mut engine = Engine::new(&alone(discipline, pauses)).unwrap();
            for (at, fault) in [
                (3_000, FaultKind::Pause),
                (4_500, FaultKind::Hang),
                (7_100, FaultKind::Pause),
            ] {
                run(&mut engine, at, false);
                engine.start_fault(on, fault).unwrap();
                run(&mut engine, at + 600, false);
                engine.heal(on).unwrap();
            }
            run(&mut engine, 9_000, false);
            let totals: Vec<String> = (0..3)
                .map(|at| format!("{:?}", engine.component(at)))
                .collect();
            (engine.events(), totals)
        };
        let (events, of_box) = results("api");
        assert!(events > 1_000);
        assert_eq!(
            (events, of_box),
            results("api #1"),
            "{discipline:?}, {pauses}"
        );
    }
}

/// An instance that goes takes its fault along; one that comes stands still only if its box does.
#[test]
fn instances_come_and_go_while_one_hangs() {
    let mut engine = two().engine();
    run(&mut engine, 1_010, false);
    engine.start_fault("api #2", FaultKind::Hang).unwrap();
    engine.start_fault("api", FaultKind::Pause).unwrap();
    let scale = |engine: &mut Engine, instances: u32| {
        let mut scenario = engine.scenario().clone();
        if let Component::Server(api) = &mut scenario.components["api"] {
            api.instances = instances;
        }
        engine.edit(&scenario).unwrap();
        run(engine, engine.now_ns() / MS + 500, false);
    };
    scale(&mut engine, 4);
    assert_eq!(at(&engine, "api").busy, 0);
    assert_eq!(engine.condition(1).instances_hung, 1);
    scale(&mut engine, 1);
    assert_eq!(engine.condition(1).instances_hung, 0);
    scale(&mut engine, 2);
    engine.heal("api").unwrap();
    assert!(engine.condition(1).is_well());
    run(&mut engine, 20_000, false);
    assert!(at(&engine, "api").waiting < 3);
    assert!(at(&engine, "api").completed > 300);
}
