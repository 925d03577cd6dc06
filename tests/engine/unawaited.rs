//! Targets of a balancer that nobody waits for: called asynchronously, where the arrow still hears how
//! it went, and handed off to, where the balancer does not.

use littlebox::{
    engine::{Engine, Totals},
    scenario::{
        Algorithm, Arrivals, Component, Connection, Ejection, FaultKind, Health, LoadBalancer,
        Mode, Rate, Retries, Scenario, check,
    },
};

use crate::support::design::*;

const MODES: [Mode; 3] = [Mode::Sync, Mode::Async, Mode::Forward];

/// Ten calls a second to two servers that take 10 ms.
fn two(mode: Mode, change: impl Fn(&mut LoadBalancer, &mut Connection)) -> Scenario {
    let mut balancer = LoadBalancer::default();
    let mut arrows = [at_once("balancer", "a"), at_once("balancer", "b")];
    for arrow in &mut arrows {
        arrow.mode = mode;
        change(&mut balancer, arrow);
    }
    let [a, b] = arrows;
    let every = Arrivals::Constant {
        rate: Rate(10.0),
        profile: Vec::new(),
    };
    Design::new(1)
        .client("users", every)
        .add("balancer", Component::LoadBalancer(balancer))
        .server("a", 1_000, constant(10))
        .server("b", 1_000, constant(10))
        .join("users", "balancer")
        .connect(a)
        .connect(b)
        .0
}

/// Calls that have come to a box.
fn came(engine: &Engine, name: &str) -> u64 {
    let Totals {
        arrivals, refused, ..
    } = at(engine, name);
    arrivals + refused
}

/// Calls that came to both, second by second; the first is down or hangs from 5 to 20 s.
fn course(scenario: &Scenario, fault: Option<FaultKind>) -> Vec<(u64, u64)> {
    let mut engine = Engine::new(scenario).unwrap();
    let mut course = Vec::new();
    let (mut a, mut b) = (0, 0);
    for second in 1..=40 {
        // Between two calls.
        engine.run_until(ms(second * 1_000 + 50).nanos());
        engine.check_conservation().unwrap();
        let now = (came(&engine, "a"), came(&engine, "b"));
        course.push((now.0 - a, now.1 - b));
        (a, b) = now;
        match (second, fault) {
            (5, Some(fault)) => engine.start_fault("a", fault).unwrap(),
            (20, _) => engine.heal("a").unwrap(),
            _ => {}
        }
        // Nothing is changed by that.
        engine.edit(scenario).unwrap();
        engine.check_conservation().unwrap();
    }
    course
}

fn eject(balancer: &mut LoadBalancer) {
    balancer.ejection = Some(Ejection {
        consecutive_failures: 3,
        base_time: secs(4),
        ..Ejection::default()
    });
}

/// Who sent a call hears that it was refused, or that no answer came in time, whether or not anybody
/// waits for it; of what was handed off it hears nothing, and the check says so.
#[test]
fn ejection_sees_what_is_heard_of() {
    for (fault, least, most) in [(FaultKind::Crash, 3, 3), (FaultKind::Hang, 3, 8)] {
        let scenario = |mode| {
            two(mode, |balancer, arrow| {
                eject(balancer);
                if mode != Mode::Forward {
                    arrow.timeout = Some(ms(500));
                }
            })
        };
        let [waits, sends, hands_off] = MODES.map(|mode| course(&scenario(mode), Some(fault)));
        assert_eq!(sends, waits, "{fault:?}");
        // From 5.05 s on it gets every other call until three have failed, and none for 4 s.
        let after: u64 = sends[5..9].iter().map(|(a, _)| a).sum();
        assert!((least..=most).contains(&after), "{fault:?}: {after}");
        assert!(hands_off.iter().all(|(a, b)| (*a, *b) == (5, 5)));
    }
    let warnings = |mode| check(&two(mode, |balancer, _| eject(balancer))).len();
    assert_eq!(MODES.map(warnings), [0, 0, 1]);
}

/// What a balancer has in flight it knows where it hears of the end: a slow target gets fewer calls.
/// Where it does not, the targets take turns, and the check says so.
#[test]
fn load_is_known_where_ends_are_heard_of() {
    let scenario = |mode| {
        let mut scenario = two(mode, |balancer, _| {
            balancer.algorithm = Algorithm::LeastConnections;
        });
        if let Component::Server(a) = &mut scenario.components["a"] {
            a.service = constant(950);
        }
        scenario
    };
    let [waits, sends, hands_off] = MODES.map(|mode| course(&scenario(mode), None));
    assert_eq!(sends, waits);
    // One in 950 ms, and the others to who is idle.
    assert!(sends[1..].iter().all(|(a, _)| *a <= 2), "{sends:?}");
    assert!(hands_off.iter().all(|(a, b)| (*a, *b) == (5, 5)));
    assert_eq!(MODES.map(|mode| check(&scenario(mode)).len()), [0, 0, 1]);
}

/// One session keeps its target, whoever waits, until that is found dead.
#[test]
fn a_session_sticks_whoever_waits() {
    for mode in MODES {
        let sticky = |is_sticky| {
            let mut scenario = two(mode, |balancer, _| {
                balancer.algorithm = Algorithm::Random;
                balancer.sticky = is_sticky;
                balancer.health = Some(Health {
                    interval: secs(1),
                    unhealthy: 1,
                    healthy: 1,
                    ..Health::default()
                });
            });
            if let Component::Client(users) = &mut scenario.components["users"] {
                users.sessions = 1;
            }
            scenario
        };
        let course_of = |is_sticky| course(&sticky(is_sticky), None);
        let all_at_one = |(a, b): &(u64, u64)| *a == 0 || *b == 0;
        assert!(course_of(true).iter().all(all_at_one), "{mode:?}");
        assert!(!course_of(false).iter().all(all_at_one), "{mode:?}");
        // From its second second on everybody is at `b`, and stays when `a` is back.
        let moved = course(&sticky(true), Some(FaultKind::Crash));
        assert!(
            moved[7..].iter().all(|(a, _)| *a == 0),
            "{mode:?}: {moved:?}"
        );
    }
}

/// A target that comes back gets its share little by little, whoever waits.
#[test]
fn slow_start_whoever_waits() {
    let courses = MODES.map(|mode| {
        let scenario = two(mode, |balancer, _| {
            balancer.algorithm = Algorithm::WeightedRoundRobin;
            balancer.slow_start = Some(secs(10));
            balancer.health = Some(Health {
                interval: secs(1),
                unhealthy: 1,
                healthy: 1,
                ..Health::default()
            });
        });
        course(&scenario, Some(FaultKind::Crash))
    });
    assert_eq!(courses[1], courses[0]);
    assert_eq!(courses[2], courses[0]);
    let back = &courses[0][20..];
    let share = |from: usize| back[from..from + 3].iter().map(|(a, _)| a).sum::<u64>();
    assert!(share(0) < share(4) && share(4) < share(12), "{back:?}");
    assert_eq!(share(12), 15);
}

/// Another attempt goes to the instance that was picked, whoever waits.
#[test]
fn attempts_go_to_the_instance_that_was_picked() {
    let courses = [Mode::Sync, Mode::Async].map(|mode| {
        let mut scenario = two(mode, |_, arrow| {
            arrow.retries = Some(Retries {
                max: 3,
                ..Retries::default()
            });
        });
        if let Component::Server(a) = &mut scenario.components["a"] {
            a.instances = 2;
        }
        let mut engine = Engine::new(&scenario).unwrap();
        engine.start_fault("a #2", FaultKind::Crash).unwrap();
        engine.run_until(secs(60).nanos());
        engine.check_conservation().unwrap();
        (came(&engine, "a"), at(&engine, "a").refused)
    });
    assert_eq!(courses[1], courses[0]);
    // Of 600 calls 200 are for it, with four attempts each.
    assert!((780..=800).contains(&courses[0].1), "{courses:?}");
}
