//! Instances that go down one at a time, and faults that are shares: exact lists and shares.

use littlebox::{
    engine::{Cause, Engine},
    scenario::{
        Algorithm, Arrivals, Cache, Client, Component, Connection, Distribution, Fault, FaultKind,
        Health, Keys, LoadBalancer, Queue, Rate, Server,
    },
};

use crate::support::{design::*, estimate::*};

/// Exactly so many calls a second.
fn steady(rate: f64) -> Arrivals {
    Arrivals::Constant {
        rate: Rate(rate),
        profile: Vec::new(),
    }
}

fn machines(instances: u32, slots: u32, service: Distribution) -> Component {
    Component::Server(Server {
        instances,
        ..server(slots, service)
    })
}

fn three(front: Option<LoadBalancer>) -> Design {
    let design = Design::new(1)
        .client("clients", steady(30.0))
        .add("api", machines(3, 1, constant(60)));
    match front {
        None => design.join("clients", "api"),
        Some(balancer) => design
            .add("balancer", Component::LoadBalancer(balancer))
            .join("clients", "balancer")
            .join("balancer", "api"),
    }
}

fn round_robin(health: Option<Health>) -> Option<LoadBalancer> {
    Some(LoadBalancer {
        algorithm: Algorithm::RoundRobin,
        health,
        ..LoadBalancer::default()
    })
}

/// Counted from `from` until `until` seconds.
fn window(engine: &mut Engine, from: u64, until: u64) {
    engine.run_until(secs(from).nanos());
    engine.reset_measures();
    engine.run_until(secs(until).nanos());
    engine.check_conservation().unwrap();
}

/// Without a load balancer calls go to the instances that are up, in turn.
#[test]
fn one_of_three_goes_down_and_the_others_do_its_work() {
    let mut engine = three(None).engine();
    // 30 calls a second in turn: each works 10 times a second for 60 ms.
    engine.run_until(ms(10_050).nanos());
    let before = at(&engine, "api");
    engine.start_fault("api #2", FaultKind::Crash).unwrap();
    assert_eq!(engine.instances_up(1), [true, false, true]);
    let condition = engine.condition(1);
    assert_eq!((condition.instances, condition.instances_down), (3, 1));
    assert!(!condition.crashed && !condition.is_well());
    let after = at(&engine, "api");
    assert!(after.failures.get(Cause::Down) - before.failures.get(Cause::Down) <= 1);
    assert_eq!(after.slots, 2);
    window(&mut engine, 20, 30);
    let api = at(&engine, "api");
    assert_eq!((api.refused, api.completed), (0, 300), "{api:?}");
    // 15 a second each, 60 ms: neither waits.
    assert_eq!((api.wait_sum_ns, api.slots_area), (0, 20_000_000_000));

    engine.start_fault("api #1", FaultKind::Crash).unwrap();
    engine.start_fault("api #3", FaultKind::Crash).unwrap();
    window(&mut engine, 40, 50);
    let api = at(&engine, "api");
    assert_eq!((api.refused, api.arrivals), (300, 0), "nobody is left");
    engine.heal("api #3").unwrap();
    window(&mut engine, 60, 70);
    assert_eq!(at(&engine, "api").refused, 0);
    assert_eq!(
        at(&engine, "api").busy_area,
        10_000_000_000,
        "one does what it can"
    );

    // Who heals the box heals its instances.
    engine.heal("api").unwrap();
    assert_eq!(engine.instances_up(1), [true; 3]);
    assert!(engine.condition(1).is_well());
}

/// A load balancer without health checks sends every third call to a dead instance; one with checks
/// finds out.
#[test]
fn a_balancer_sends_on_until_its_health_checks_know() {
    let mut blind = three(round_robin(None)).engine();
    blind.run_until(secs(10).nanos());
    blind.start_fault("api #2", FaultKind::Crash).unwrap();
    window(&mut blind, 20, 30);
    let api = at(&blind, "api");
    assert_eq!((api.failures.get(Cause::Down), api.arrivals), (100, 200));

    let checks = Health {
        interval: secs(1),
        ..Health::default()
    };
    let mut sees = three(round_robin(Some(checks))).engine();
    sees.run_until(secs(10).nanos());
    sees.start_fault("api #2", FaultKind::Crash).unwrap();
    window(&mut sees, 20, 30);
    assert_eq!(at(&sees, "api").failures.total(), 0);
    assert_eq!(sees.out_of_rotation(2), Some((1, 3)));
    sees.heal("api #2").unwrap();
    sees.run_until(secs(40).nanos());
    assert_eq!(sees.out_of_rotation(2), Some((0, 3)));
}

/// Messages go to the consumers that are up.
#[test]
fn a_queue_delivers_nothing_to_a_dead_instance() {
    let mut engine = Design::new(1)
        .client("clients", steady(10.0))
        .add("jobs", Component::Queue(Queue::default()))
        .add("worker", machines(2, 1, constant(50)))
        .join("clients", "jobs")
        .join("jobs", "worker")
        .engine();
    engine.run_until(secs(5).nanos());
    engine.start_fault("worker #1", FaultKind::Crash).unwrap();
    window(&mut engine, 6, 16);
    let (jobs, worker) = (at(&engine, "jobs"), at(&engine, "worker"));
    assert_eq!((worker.failures.total(), jobs.redeliveries), (0, 0));
    assert_eq!(worker.completed, 100);
    engine.start_fault("worker #2", FaultKind::Crash).unwrap();
    window(&mut engine, 18, 20);
    assert_eq!(
        at(&engine, "worker").failures.total(),
        0,
        "it pulls nothing"
    );
    engine.heal("worker").unwrap();
    window(&mut engine, 25, 30);
    assert_eq!(at(&engine, "jobs").waiting, 0, "all is caught up with");
}

/// A share of the instances, rounded up, and what is left times what the next one leaves.
#[test]
fn capacity_is_lost_by_instances() {
    let mut engine = Design::new(1)
        .client("clients", steady(1.0))
        .add("api", machines(10, 2, constant(1)))
        .join("clients", "api")
        .engine();
    let mut down = |losses: &[f64]| {
        engine.heal("api").unwrap();
        for lost in losses {
            engine
                .start_fault("api", FaultKind::Capacity { lost: *lost })
                .unwrap();
        }
        engine.check_conservation().unwrap();
        let up = engine.instances_up(1);
        let first_down = up.iter().position(|up| !up).unwrap_or(10);
        assert!(
            up[first_down..].iter().all(|up| !up),
            "the last ones: {up:?}"
        );
        assert_eq!(at(&engine, "api").slots, 2 * first_down as u64);
        10 - first_down
    };
    assert_eq!(down(&[]), 0);
    assert_eq!(down(&[0.3]), 3);
    assert_eq!(down(&[0.31]), 4);
    assert_eq!(down(&[0.01]), 1);
    assert_eq!(down(&[1.0]), 10);
    assert_eq!(
        down(&[0.5, 0.5]),
        8,
        "half of half is left: 2.5, rounded down"
    );
}

/// A box of one instance loses slots; what is in them is finished.
#[test]
fn capacity_is_lost_by_slots() {
    let users = Arrivals::Closed {
        users: 10,
        think: Distribution::ZERO,
    };
    let mut engine = Design::new(1)
        .client("clients", users)
        .server("api", 4, constant(100))
        .join("clients", "api")
        .engine();
    window(&mut engine, 1, 11);
    assert_eq!(at(&engine, "api").completed, 400);
    engine
        .start_fault("api", FaultKind::Capacity { lost: 0.6 })
        .unwrap();
    assert_eq!(at(&engine, "api").failures.total(), 0, "nothing dies");
    assert_eq!(engine.condition(1).slots_lost, 3);
    window(&mut engine, 12, 22);
    let api = at(&engine, "api");
    assert_eq!((api.completed, api.slots), (100, 1));
    assert_eq!(api.busy_area, api.slots_area);
    // An edit keeps what is lost.
    let mut scenario = engine.scenario().clone();
    if let Component::Server(api) = &mut scenario.components["api"] {
        api.slots = 10;
    }
    engine.edit(&scenario).unwrap();
    assert_eq!(
        (at(&engine, "api").slots, engine.condition(1).slots_lost),
        (4, 6)
    );
    engine.heal("api").unwrap();
    window(&mut engine, 23, 33);
    assert_eq!(at(&engine, "api").completed, 1_000);
}

/// Errors come at once, are answered without work, and two faults fail what each other lets pass.
#[test]
fn a_share_of_errors() {
    let mut engine = Design::new(3)
        .poisson("clients", 1_000.0)
        .server("api", 100, constant(10))
        .join("clients", "api")
        .engine();
    for share in [0.2, 0.25] {
        engine
            .start_fault("api", FaultKind::Errors { share })
            .unwrap();
    }
    engine.run_until(secs(100).nanos());
    let (clients, api) = (at(&engine, "clients"), at(&engine, "api"));
    let errors = api.failures.get(Cause::Error);
    assert_eq!((api.refused, api.failures.total()), (errors, errors));
    assert_eq!(clients.failures.get(Cause::Error), errors);
    check_share("errors", errors, clients.arrivals, 0.4);
    assert_eq!(api.service_sum_ns, u128::from(api.completed) * 10_000_000);
    let failed = engine.failure_latency(0).unwrap();
    assert_eq!((failed.count(), failed.max_ns()), (errors, 0));
    engine.heal("api").unwrap();
    window(&mut engine, 101, 111);
    assert_eq!(at(&engine, "clients").failures.total(), 0);
}

/// Least connections is drawn to who fails fast: sinkholing (Beyer et al. 2016, "Site Reliability
/// Engineering", chapter 20). The good server gets a call only when it has none and the bad one was
/// the last to be asked: in each round one call goes there, and one and all those that come during its
/// work, λS on average, fail.
#[test]
fn least_connections_is_drawn_to_errors() {
    let failed = |algorithm, seed| {
        let mut engine = Design::new(seed)
            .poisson("clients", 100.0)
            .balancer("balancer", algorithm)
            .server("good", 100, exponential(100))
            .server("bad", 100, exponential(100))
            .join("clients", "balancer")
            .join("balancer", "good")
            .join("balancer", "bad")
            .engine();
        engine
            .start_fault("bad", FaultKind::Errors { share: 1.0 })
            .unwrap();
        window(&mut engine, 10, 60);
        let clients = at(&engine, "clients");
        clients.failures.total() as f64 / (clients.completed + clients.failures.total()) as f64
    };
    let [in_turn, least] = replications(12, |seed| {
        [Algorithm::RoundRobin, Algorithm::LeastConnections].map(|it| failed(it, seed))
    });
    check_within("in turn", &in_turn, 0.5);
    check_within("least connections", &least, 11.0 / 12.0);
}

/// Both ways have to go well, by the arrow itself and by the fault.
#[test]
fn a_fault_adds_to_what_an_arrow_loses_itself() {
    let mut engine = Design::new(5)
        .poisson("clients", 500.0)
        .server("api", 100, constant(1))
        .connect(Connection {
            loss: 0.1,
            ..at_once("clients", "api")
        })
        .engine();
    engine
        .start_fault("clients -> api", FaultKind::Loss { share: 0.2 })
        .unwrap();
    window(&mut engine, 10, 110);
    let clients = at(&engine, "clients");
    let well = (0.9f64 * 0.8).powi(2);
    check_share("answered", clients.completed, clients.departures, well);
    assert_eq!(clients.failures.get(Cause::Lost), clients.failures.total());
    engine.heal("clients -> api").unwrap();
    window(&mut engine, 120, 220);
    let clients = at(&engine, "clients");
    check_share("healed", clients.completed, clients.departures, 0.81);
}

#[test]
fn a_slow_arrow_and_a_slow_instance_take_exactly_so_many_times_as_long() {
    let mut engine = Design::new(6)
        .client("clients", steady(10.0))
        .add("api", machines(2, 1, constant(20)))
        .connect(Connection {
            latency: Some(constant(5)),
            ..Connection::new("clients", "api")
        })
        .engine();
    engine
        .start_fault("clients -> api", FaultKind::Slow { times: 3.0 })
        .unwrap();
    window(&mut engine, 1, 11);
    assert_eq!(engine.component_latency(0).max_ns(), 50_000_000);
    assert_eq!(at(&engine, "clients").sojourn_sum_ns, 100 * 50_000_000);
    // Every second call goes to the slow one: a mean of 35 ms more, and nobody sees it in the others.
    engine
        .start_fault("api #2", FaultKind::Slow { times: 4.5 })
        .unwrap();
    assert!(engine.condition(1).slow_instances);
    window(&mut engine, 12, 22);
    assert_eq!(
        at(&engine, "clients").sojourn_sum_ns,
        50 * (50_000_000 + 120_000_000)
    );
    engine.heal("api").unwrap();
    engine.heal("clients -> api").unwrap();
    window(&mut engine, 23, 33);
    assert_eq!(at(&engine, "clients").sojourn_sum_ns, 100 * 30_000_000);
}

/// A cache of one key has what was asked for last: it hits with probability Σ p².
#[test]
fn a_hot_key_is_asked_for_by_its_share() {
    let items = 10;
    let client = Client {
        keys: Keys::Uniform { items },
        ..patient(poisson(1_000.0))
    };
    let cache = Cache {
        capacity: Some(1),
        ..instant_cache()
    };
    let mut engine = Design::new(7)
        .add("clients", Component::Client(client))
        .add("cache", Component::Cache(cache))
        .add("db", Component::Database(instant_database()))
        .join("clients", "cache")
        .join("cache", "db")
        .engine();
    let mut check = |from: u64, share: f64| {
        window(&mut engine, from, from + 100);
        let cache = at(&engine, "cache");
        let each = (1.0 - share) / items as f64;
        let hits = (share + each).powi(2) + (items - 1) as f64 * each * each;
        check_share("hits", cache.hits, cache.hits + cache.misses, hits);
        engine.heal("clients").unwrap();
        engine
            .start_fault("clients", FaultKind::HotKey { share: 0.6 })
            .unwrap();
    };
    check(0, 0.0);
    check(100, 0.6);
}

/// By the timeline and by hand, on the box and on its instances: each ends on its own.
#[test]
fn overlapping_faults_on_instances_end_each_on_its_own() {
    let mut design = three(None);
    let fault = |at, until, on: &str, fault| Fault {
        at: secs(at),
        until: Some(secs(until)),
        on: on.into(),
        fault,
    };
    design.0.faults = vec![
        fault(10, 40, "api #1", FaultKind::Crash),
        fault(20, 30, "api #1", FaultKind::Crash),
        fault(20, 50, "api", FaultKind::Capacity { lost: 0.5 }),
        fault(25, 27, "api", FaultKind::Crash),
    ];
    let mut engine = design.engine();
    for (second, up) in [
        (9, [true, true, true]),
        (15, [false, true, true]),
        (22, [false, false, false]),
        (26, [false, false, false]),
        (28, [false, false, false]),
        (35, [false, false, false]),
        (45, [true, false, false]),
        (55, [true, true, true]),
    ] {
        engine.run_until(secs(second).nanos());
        assert_eq!(engine.instances_up(1), up, "{second} s");
        engine.check_conservation().unwrap();
        // An edit in between changes nothing.
        let scenario = engine.scenario().clone();
        engine.edit(&scenario).unwrap();
        assert_eq!(engine.instances_up(1), up, "{second} s, edited");
    }
}

/// Instances come and go while some are down.
#[test]
fn instances_that_come_are_up_and_those_that_go_take_their_fault_along() {
    let mut engine = three(None).engine();
    engine.run_until(secs(1).nanos());
    engine.start_fault("api #3", FaultKind::Crash).unwrap();
    engine
        .start_fault("api", FaultKind::Capacity { lost: 0.3 })
        .unwrap();
    let mut scale = |instances: u32, up: &[bool]| {
        let mut scenario = engine.scenario().clone();
        if let Component::Server(api) = &mut scenario.components["api"] {
            api.instances = instances;
        }
        engine.edit(&scenario).unwrap();
        engine.check_conservation().unwrap();
        assert_eq!(engine.instances_up(1), up, "{instances}");
        engine.run_until(engine.now_ns() + secs(1).nanos());
        engine.check_conservation().unwrap();
    };
    scale(3, &[true, true, false]);
    scale(6, &[true, true, false, true, false, false]);
    scale(2, &[true, false]);
    scale(4, &[true, true, false, false]);
}

/// One of three instances answers every other call with an error: a sixth of all, whoever chooses.
#[test]
fn one_instance_answers_with_errors() {
    for balanced in [false, true] {
        let front = round_robin(None).filter(|_| balanced);
        let mut engine = three(front).engine();
        engine.run_until(secs(1).nanos());
        engine
            .start_fault("api #2", FaultKind::Errors { share: 0.5 })
            .unwrap();
        engine.reset_measures();
        engine.run_until(secs(2_001).nanos());
        engine.check_conservation().unwrap();
        let api = at(&engine, "api");
        let errors = api.failures.get(Cause::Error);
        assert_eq!(api.failures.total(), errors);
        let all = api.arrivals + api.refused;
        check_share("errors", errors, all, 1.0 / 6.0);
        let condition = engine.condition(index(&engine, "api"));
        assert!((condition.errors - 1.0 / 6.0).abs() < 1e-12);
        // It ends without a trace.
        engine.heal("api #2").unwrap();
        engine.reset_measures();
        engine.run_until(secs(2_100).nanos());
        assert_eq!(at(&engine, "api").failures.total(), 0);
    }
}

#[test]
fn faults_that_make_no_sense_are_refused() {
    let mut engine = three(None).engine();
    for (on, fault, why) in [
        ("api #4", FaultKind::Crash, "there is no `api #4`"),
        (
            "api #1",
            FaultKind::Capacity { lost: 0.5 },
            "`api #1` is one instance, which can only `Crash`, `Hang`, `Pause`, be `Slow` or have `Errors`",
        ),
        ("clients #1", FaultKind::Crash, "there is no `clients #1`"),
        (
            "clients -> api",
            FaultKind::Crash,
            "`clients -> api` is a connection, which can only be `Cut`, have `Loss` or be `Slow`",
        ),
        (
            "clients",
            FaultKind::Errors { share: 0.5 },
            "`clients` is a client, whose only faults are `Traffic` and `HotKey`",
        ),
    ] {
        assert_eq!(engine.start_fault(on, fault).unwrap_err().0, why);
    }
}
