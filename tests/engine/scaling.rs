//! Autoscalers, event by event: requests come every 100 ms, and everything else is counted by hand.

use littlebox::{
    engine::{Engine, Instances},
    scenario::{
        Algorithm, Arrivals, Autoscaler, Component, Connection, Discipline, Distribution, Duration,
        FaultKind, Policy, Rate, Server,
    },
};

use crate::support::design::*;

fn ten_a_second() -> Arrivals {
    Arrivals::Constant {
        rate: Rate(10.0),
        profile: Vec::new(),
    }
}

/// Looks every second, boots in two, and rests never.
fn scaler(policy: Policy) -> Autoscaler {
    Autoscaler {
        policy,
        interval: secs(1),
        boot: constant(2_000),
        in_cooldown: Duration::ZERO,
        ..Autoscaler::default()
    }
}

fn scaled(slots: u32, service: Distribution, scaler: Autoscaler) -> Server {
    Server {
        autoscaler: Some(Box::new(scaler)),
        ..server(slots, service)
    }
}

fn run(server: Server) -> Engine {
    Design::new(1)
        .client("clients", ten_a_second())
        .add("server", Component::Server(server))
        .join("clients", "server")
        .engine()
}

/// Serving, booting and draining at a time.
#[track_caller]
fn check(engine: &mut Engine, millis: u64, expected: (u32, u32, u32)) {
    engine.run_until(ms(millis).nanos());
    engine.check_conservation().unwrap();
    let Instances {
        serving,
        booting,
        draining,
        ..
    } = engine.instances(index(engine, "server")).unwrap();
    assert_eq!((serving, booting, draining), expected, "at {millis} ms");
}

/// Time that instances have cost so far.
#[track_caller]
fn check_cost(engine: &Engine, millis: u64) {
    let area = at(engine, "server").instances_area;
    assert_eq!(area, u128::from(ms(millis).nanos()));
}

/// Whoever gets a call is busy for ever. After 1 s: busy for 0.9 s, by a half is 2. From 3 s on two
/// are busy, since the second one gets the call of that instant: 4 at the look of 4 s, in service at
/// 6 s.
#[test]
fn a_target() {
    let target = Policy::Target { utilization: 0.5 };
    let mut engine = run(scaled(1, constant(10_000_000), scaler(target)));
    check(&mut engine, 999, (1, 0, 0));
    check(&mut engine, 1_000, (1, 1, 0));
    check(&mut engine, 2_999, (1, 1, 0));
    check(&mut engine, 3_000, (2, 0, 0));
    check(&mut engine, 3_999, (2, 0, 0));
    check(&mut engine, 4_000, (2, 2, 0));
    check(&mut engine, 6_000, (4, 0, 0));
    // Two from 1 s on, four from 4 s on.
    check_cost(&engine, 1_000 + 3 * 2_000 + 2 * 4_000);
    let server = at(&engine, "server");
    // On offer: one until 3 s, two until 6 s.
    assert_eq!(server.slots_area, u128::from(ms(3_000 + 2 * 3_000).nanos()));
    assert_eq!(server.busy_area, u128::from(ms(5_900 + 3_000).nanos()));
}

/// At 1 s there are 8 in line, at 2 s 18, and five for each instance: 2, then 4.
#[test]
fn the_length_of_the_line() {
    let policy = Policy::QueueLength { per_instance: 5 };
    let mut engine = run(scaled(1, constant(10_000_000), scaler(policy)));
    check(&mut engine, 1_000, (1, 1, 0));
    check(&mut engine, 2_000, (1, 3, 0));
    check(&mut engine, 3_000 - 1, (1, 3, 0));
    check(&mut engine, 3_000, (2, 4, 0));
}

/// Busy from 0.1 s on: above 0.7 since the start at the looks of 1 s and 2 s. Then it begins anew.
#[test]
fn steps_up() {
    let steps = |in_after| Policy::Steps {
        above: 0.7,
        out_after: secs(2),
        add: 2,
        below: 0.3,
        in_after,
        remove: 1,
    };
    let slow = Autoscaler {
        boot: constant(10_000),
        ..scaler(steps(secs(3)))
    };
    let mut engine = run(scaled(1, constant(10_000_000), slow.clone()));
    check(&mut engine, 1_999, (1, 0, 0));
    check(&mut engine, 2_000, (1, 2, 0));
    check(&mut engine, 3_999, (1, 2, 0));
    check(&mut engine, 4_000, (1, 4, 0));
    // With a rest of five seconds in between.
    let rests = Autoscaler {
        out_cooldown: secs(5),
        ..slow
    };
    let mut engine = run(scaled(1, constant(10_000_000), rests));
    check(&mut engine, 2_000, (1, 2, 0));
    check(&mut engine, 6_999, (1, 2, 0));
    check(&mut engine, 7_000, (1, 4, 0));
    // Hardly anything to do: one less after three seconds, and again.
    let idle = Server {
        instances: 4,
        ..scaled(1, constant(1), scaler(steps(secs(3))))
    };
    let mut engine = run(idle.clone());
    check(&mut engine, 2_999, (4, 0, 0));
    check(&mut engine, 3_000, (3, 0, 0));
    check(&mut engine, 6_000, (2, 0, 0));
    check(&mut engine, 20_000, (1, 0, 0));
    // Not below the least there must be, and after a rest.
    let mut engine = run(Server {
        autoscaler: Some(Box::new(Autoscaler {
            min: 2,
            in_cooldown: secs(10),
            ..scaler(steps(secs(3)))
        })),
        ..idle
    });
    check(&mut engine, 3_000, (3, 0, 0));
    check(&mut engine, 12_999, (3, 0, 0));
    check(&mut engine, 13_000, (2, 0, 0));
    check(&mut engine, 60_000, (2, 0, 0));
}

fn scheduled(times: &[(u64, u32)]) -> Policy {
    let times = times.iter().map(|(at, count)| (secs(*at), *count));
    Policy::Scheduled {
        times: times.collect(),
    }
}

/// Three from 2 s on, of which two serve from 3 s; one from 5 s on. The second has got its last call
/// at 4.8 s, the third at 4.9 s, and both work on it for 2 s.
#[test]
fn a_schedule_and_what_drains() {
    let scaler = Autoscaler {
        boot: constant(1_000),
        max: 3,
        ..scaler(scheduled(&[(2, 3), (5, 1)]))
    };
    for edited in [false, true] {
        let mut engine = run(scaled(100, constant(2_000), scaler.clone()));
        check(&mut engine, 1_999, (1, 0, 0));
        check(&mut engine, 2_000, (1, 2, 0));
        check(&mut engine, 3_000, (3, 0, 0));
        check(&mut engine, 4_999, (3, 0, 0));
        check(&mut engine, 5_000, (1, 0, 2));
        if edited {
            let mut scenario = engine.scenario().clone();
            scenario.notes += "!";
            engine.edit(&scenario).unwrap();
        }
        check(&mut engine, 6_799, (1, 0, 2));
        check(&mut engine, 6_800, (1, 0, 1));
        check(&mut engine, 6_900, (1, 0, 0));
        check(&mut engine, 8_000, (1, 0, 0));
        check_cost(&engine, 2_000 + 3 * 3_000 + 1_800 + 1_900 + 3_000);
        let server = at(&engine, "server");
        assert_eq!(server.failures.total(), 0);
        let offered = 3_000 + 3 * 2_000 + 1_800 + 1_900 + 3_000;
        assert_eq!(server.slots_area, 100 * u128::from(ms(offered).nanos()));
        // Down for nobody.
        assert_eq!(server.down_ns, 0);
        assert_eq!(engine.instances_down_ns(1), [0; 3]);
    }
}

/// A crash of one that drains ends its draining; one that boots does not notice.
#[test]
fn faults_on_some() {
    let scaler = Autoscaler {
        boot: constant(1_000),
        max: 3,
        ..scaler(scheduled(&[(2, 3), (5, 1)]))
    };
    let mut engine = run(scaled(100, constant(2_000), scaler));
    check(&mut engine, 2_500, (1, 2, 0));
    engine.start_fault("server #3", FaultKind::Crash).unwrap();
    check(&mut engine, 3_000, (3, 0, 0));
    engine.run_until(secs(4).nanos());
    assert_eq!(engine.instances_up(1), [true, true, false]);
    engine.heal("server #3").unwrap();
    check(&mut engine, 5_500, (1, 0, 2));
    engine.start_fault("server #2", FaultKind::Crash).unwrap();
    check(&mut engine, 5_501, (1, 0, 1));
    check(&mut engine, 20_000, (1, 0, 0));
    // All of it at once.
    engine.start_fault("server", FaultKind::Crash).unwrap();
    check(&mut engine, 21_000, (1, 0, 0));
    engine.heal("server").unwrap();
    check(&mut engine, 22_000, (1, 0, 0));
}

/// The one that serves from 2 s on works three times as long on what it begins before 4 s: ten calls,
/// every second one, of 10 ms.
#[test]
fn new_instances_are_slow_at_first() {
    let scaler = Autoscaler {
        boot: constant(1_000),
        warm_up: secs(2),
        cold: 3.0,
        ..scaler(scheduled(&[(1, 2)]))
    };
    let mut engine = run(scaled(10, constant(10), scaler));
    check(&mut engine, 4_950, (2, 0, 0));
    let server = at(&engine, "server");
    assert_eq!(server.services, 49);
    assert_eq!(
        server.service_sum_ns,
        u128::from(ms(49 * 10 + 10 * 20).nanos())
    );
}

/// Nobody ever leaves, so the load grows by 10 a second: 4.5 on average in the first, 14.5 in the
/// second. Ten seconds further that is 114.5, and half of 100 slots each are 50: 3 instances, where
/// the load itself needs one until it is above 50, at the look of 6 s.
#[test]
fn a_prediction() {
    let slow = |policy| Autoscaler {
        boot: constant(10_000),
        ..scaler(policy)
    };
    let utilization = 0.5;
    let policy = Policy::Predictive {
        utilization,
        window: secs(5),
    };
    let mut engine = run(scaled(100, constant(10_000_000), slow(policy)));
    check(&mut engine, 1_000, (1, 0, 0));
    check(&mut engine, 2_000, (1, 2, 0));
    let policy = Policy::Target { utilization };
    let mut engine = run(scaled(100, constant(10_000_000), slow(policy)));
    check(&mut engine, 5_000, (1, 0, 0));
    check(&mut engine, 6_000, (1, 1, 0));
}

/// Through a balancer, over arrows that take time: nobody is sent to one that does not serve, and
/// those under way to one that goes are served all the same.
#[test]
fn balancers_know_who_serves() {
    for algorithm in [
        Algorithm::RoundRobin,
        Algorithm::LeastConnections,
        Algorithm::LowestUtilization,
        Algorithm::Random,
    ] {
        let scaler = Autoscaler {
            boot: constant(1_000),
            max: 4,
            ..scaler(scheduled(&[(2, 4), (5, 1), (9, 3), (15, 1)]))
        };
        let mut engine = Design::new(1)
            .client("clients", ten_a_second())
            .balancer("balancer", algorithm)
            .add(
                "server",
                Component::Server(scaled(100, constant(2_000), scaler)),
            )
            .join("clients", "balancer")
            .connect(Connection {
                latency: Some(constant(350)),
                ..at_once("balancer", "server")
            })
            .engine();
        check(&mut engine, 2_999, (1, 3, 0));
        check(&mut engine, 3_000, (4, 0, 0));
        check(&mut engine, 5_000, (1, 0, 3));
        check(&mut engine, 8_999, (1, 0, 0));
        check(&mut engine, 11_000, (3, 0, 0));
        check(&mut engine, 20_000, (1, 0, 0));
        let clients = at(&engine, "clients");
        assert_eq!(clients.failures.total(), 0, "{algorithm:?}");
        assert_eq!(clients.completed, 173, "{algorithm:?}");
    }
}

/// An autoscaler that may change nothing changes nothing.
#[test]
fn as_many_as_ever() {
    let totals = |autoscaler: Option<Autoscaler>| {
        let server = Server {
            instances: 3,
            autoscaler: autoscaler.map(Box::new),
            ..server(2, exponential(20))
        };
        let mut engine = Design::new(7)
            .poisson("clients", 200.0)
            .add("server", Component::Server(server))
            .join("clients", "server")
            .engine();
        engine.run_until(secs(30).nanos());
        engine.check_conservation().unwrap();
        let mut totals = at(&engine, "server");
        totals.instances = 0;
        totals.instances_area = 0;
        totals
    };
    let fixed = Autoscaler {
        min: 3,
        max: 3,
        ..scaler(Policy::default())
    };
    assert_eq!(totals(Some(fixed)), totals(None));
}

/// Switched on and off, and measured anew, while it runs.
#[test]
fn it_can_be_switched_on_and_off() {
    let mut engine = run(server(1, constant(10_000_000)));
    engine.run_until(ms(500).nanos());
    let switch = |engine: &mut Engine, scaler: Option<Autoscaler>| {
        let mut scenario = engine.scenario().clone();
        if let Component::Server(server) = &mut scenario.components["server"] {
            server.autoscaler = scaler.map(Box::new);
        }
        engine.edit(&scenario).unwrap();
        engine.check_conservation().unwrap();
    };
    let target = scaler(Policy::Target { utilization: 0.5 });
    switch(&mut engine, Some(target));
    check(&mut engine, 1_499, (1, 0, 0));
    check(&mut engine, 1_500, (1, 1, 0));
    check_cost(&engine, 1_000);
    // What it has seen stays seen.
    engine.reset_measures();
    check(&mut engine, 3_500, (2, 0, 0));
    check_cost(&engine, 4_000);
    check(&mut engine, 4_500, (2, 2, 0));
    switch(&mut engine, None);
    assert_eq!(engine.instances(1), None);
    engine.run_until(secs(10).nanos());
    engine.check_conservation().unwrap();
    assert_eq!(at(&engine, "server").slots, 1);
}

/// Two stand still from 0.55 s to 5 s, and one of them drains since 1 s. What is in its line then has
/// waited too long and is dropped, so that it has nothing to do any more.
#[test]
fn whose_whole_line_is_dropped_has_drained() {
    let mut drawn = Server {
        instances: 2,
        ..scaled(1, constant(10), scaler(scheduled(&[(1, 1)])))
    };
    drawn.queue.discipline = Discipline::AdaptiveLifo {
        target: ms(10),
        interval: ms(100),
    };
    let mut engine = run(drawn);
    check(&mut engine, 550, (2, 0, 0));
    engine.start_fault("server", FaultKind::Pause).unwrap();
    check(&mut engine, 4_950, (1, 0, 1));
    engine.heal("server").unwrap();
    check(&mut engine, 4_960, (1, 0, 0));
}
