//! Deploys, event by event: requests come every 100 ms, and everything else is counted by hand.

use littlebox::{
    engine::{Cause, Engine, Instances, Stage},
    scenario::{
        Arrivals, Autoscaler, Component, Deploy, DeployStrategy, Distribution, Duration, Fault,
        FaultKind, Policy, Rate, RollBack, Server,
    },
};

use crate::support::design::*;

fn every(millis: u64) -> Arrivals {
    Arrivals::Constant {
        rate: Rate(1e3 / millis as f64),
        profile: Vec::new(),
    }
}

fn of(instances: u32, service: Distribution) -> Server {
    Server {
        instances,
        ..server(1, service)
    }
}

fn deploy(strategy: DeployStrategy) -> Deploy {
    Deploy {
        strategy,
        boot: secs(2),
        ..Deploy::default()
    }
}

fn rolling(batch: u32, surge: bool) -> Deploy {
    deploy(DeployStrategy::Rolling { batch, surge })
}

fn canary(watch: Duration) -> Deploy {
    deploy(DeployStrategy::Canary {
        instances: 1,
        watch,
        batch: 3,
    })
}

fn blue_green(keep: Duration) -> Deploy {
    deploy(DeployStrategy::BlueGreen { keep })
}

fn design(server: Server, arrivals: Arrivals, deploys: &[(u64, Deploy)]) -> Design {
    let mut design = Design::new(1)
        .client("clients", arrivals)
        .add("server", Component::Server(server))
        .join("clients", "server");
    design.0.faults = deploys
        .iter()
        .map(|(millis, deploy)| Fault {
            at: ms(*millis),
            until: None,
            on: "server".into(),
            fault: FaultKind::Deploy(*deploy),
        })
        .collect();
    design
}

/// Requests every 100 ms that take 150 ms, and a deploy at 1.02 s.
fn run(instances: u32, deploy: Deploy) -> Engine {
    design(of(instances, constant(150)), every(100), &[(1_020, deploy)]).engine()
}

/// Serving, booting, draining and ready at a time, and how many serve with the version wanted.
#[track_caller]
fn check(engine: &mut Engine, millis: u64, expected: (u32, u32, u32, u32), stage: (Stage, u32)) {
    engine.run_until(ms(millis).nanos());
    engine.check_conservation().unwrap();
    let server = index(engine, "server");
    let Instances {
        serving,
        booting,
        draining,
        ready,
    } = engine.instances(server).unwrap();
    let found = (serving, booting, draining, ready);
    assert_eq!(found, expected, "at {millis} ms");
    let rollout = engine.rollout(server).unwrap();
    assert_eq!((rollout.stage, rollout.serving), stage, "at {millis} ms");
}

fn failures(engine: &Engine, cause: Cause) -> u64 {
    at(engine, "server").failures.0[cause as usize]
}

fn instance_ms(engine: &Engine) -> u128 {
    at(engine, "server").instances_area / 1_000_000
}

use Stage::{Done, Judging, Keeping, Replacing, Watching};

#[test]
fn one_after_the_other_drains_boots_and_serves() {
    let mut engine = run(3, rolling(1, false));
    engine.run_until(ms(1_019).nanos());
    assert_eq!(engine.rollout(1), None);
    // The first works on the call of 1.0 s, the second on that of 3.1 s, the third on that of 5.2 s.
    check(&mut engine, 1_149, (2, 0, 1, 0), (Replacing, 0));
    check(&mut engine, 1_151, (2, 1, 0, 0), (Replacing, 0));
    check(&mut engine, 3_149, (2, 1, 0, 0), (Replacing, 0));
    check(&mut engine, 3_151, (2, 0, 1, 0), (Replacing, 1));
    check(&mut engine, 3_249, (2, 0, 1, 0), (Replacing, 1));
    check(&mut engine, 3_251, (2, 1, 0, 0), (Replacing, 1));
    check(&mut engine, 5_251, (2, 0, 1, 0), (Replacing, 2));
    check(&mut engine, 5_351, (2, 1, 0, 0), (Replacing, 2));
    check(&mut engine, 7_349, (2, 1, 0, 0), (Replacing, 2));
    check(&mut engine, 7_351, (3, 0, 0, 0), (Done, 3));
    engine.run_until(secs(10).nanos());
    assert_eq!(at(&engine, "server").failures.total(), 0);
    assert_eq!(instance_ms(&engine), 30_000);
}

#[test]
fn the_next_waits_until_the_last_is_warm() {
    let warm = Deploy {
        warm_up: secs(1),
        cold: 3.0,
        ..rolling(1, false)
    };
    let mut engine = run(3, warm);
    check(&mut engine, 3_151, (3, 0, 0, 0), (Replacing, 1));
    check(&mut engine, 4_149, (3, 0, 0, 0), (Replacing, 1));
    engine.run_until(ms(4_151).nanos());
    assert_eq!(engine.instances(1).unwrap().serving, 2);
}

#[test]
fn what_an_instance_does_not_finish_in_time_is_lost() {
    let hasty = Deploy {
        drain: secs(1),
        ..rolling(1, false)
    };
    let mut engine = design(of(2, constant(4_000)), every(5_000), &[(6_000, hasty)]).engine();
    check(&mut engine, 6_999, (1, 0, 1, 0), (Replacing, 0));
    check(&mut engine, 7_001, (1, 1, 0, 0), (Replacing, 0));
    assert_eq!(failures(&engine, Cause::Down), 1);
    // The other has nothing to do at 9 s.
    check(&mut engine, 8_999, (1, 1, 0, 0), (Replacing, 0));
    check(&mut engine, 9_001, (1, 1, 0, 0), (Replacing, 1));
    check(&mut engine, 11_001, (2, 0, 0, 0), (Done, 2));
    engine.run_until(secs(30).nanos());
    assert_eq!(at(&engine, "server").failures.total(), 1);
}

#[test]
fn with_a_surge_the_new_ones_boot_beside() {
    let mut engine = run(3, rolling(2, true));
    check(&mut engine, 1_021, (3, 2, 0, 0), (Replacing, 0));
    check(&mut engine, 3_019, (3, 2, 0, 0), (Replacing, 0));
    engine.run_until(ms(3_021).nanos());
    let is = engine.instances(1).unwrap();
    assert_eq!(is.serving, 3);
    // At most one of the old ones works still, on a call of 2.9 or 3.0 s.
    assert!(is.draining <= 2, "{is:?}");
    check(&mut engine, 3_151, (3, 1, 0, 0), (Replacing, 2));
    engine.run_until(ms(5_200).nanos());
    assert_eq!(engine.instances(1).unwrap().serving, 3);
    check(&mut engine, 5_400, (3, 0, 0, 0), (Done, 3));
    engine.run_until(secs(10).nanos());
    assert_eq!(at(&engine, "server").failures.total(), 0);
}

#[test]
fn the_canary_is_watched_before_the_others_are_replaced() {
    let mut engine = run(4, canary(secs(5)));
    check(&mut engine, 3_200, (4, 0, 0, 0), (Watching, 1));
    check(&mut engine, 8_000, (4, 0, 0, 0), (Watching, 1));
    // Five seconds after it serves the three others go at once.
    engine.run_until(ms(8_400).nanos());
    assert_eq!(engine.instances(1).unwrap().serving, 1);
    check(&mut engine, 8_400, (1, 3, 0, 0), (Replacing, 1));
    check(&mut engine, 10_400, (4, 0, 0, 0), (Done, 4));
}

#[test]
fn a_bad_canary_is_rolled_back_at_the_first_look_that_can_judge() {
    let bad = Deploy {
        errors: 1.0,
        roll_back: Some(RollBack {
            every: secs(2),
            calls: 3,
            failures: 0.5,
            latency: None,
        }),
        ..canary(secs(60))
    };
    // Every call takes 50 ms, so that nobody works at 1.07 s and the canary boots at once.
    let mut engine = design(of(4, constant(50)), every(100), &[(1_070, bad)]).engine();
    check(&mut engine, 3_069, (3, 1, 0, 0), (Replacing, 0));
    check(&mut engine, 3_071, (4, 0, 0, 0), (Watching, 1));
    check(&mut engine, 5_069, (4, 0, 0, 0), (Watching, 1));
    assert!(!engine.rollout(1).unwrap().is_back);
    // A quarter of the twenty calls since then.
    assert_eq!(failures(&engine, Cause::Error), 5);
    check(&mut engine, 5_070, (3, 1, 0, 0), (Replacing, 3));
    assert!(engine.rollout(1).unwrap().is_back);
    check(&mut engine, 7_069, (3, 1, 0, 0), (Replacing, 3));
    check(&mut engine, 7_070, (4, 0, 0, 0), (Done, 4));
    let rollout = engine.rollout(1).unwrap();
    assert_eq!((rollout.version, rollout.is_back), (1, true));
    engine.run_until(secs(20).nanos());
    assert_eq!(failures(&engine, Cause::Error), 5);
    assert_eq!(at(&engine, "server").new_failed, 5);
    assert_eq!(at(&engine, "server").new_calls, 5);
    // It served for two seconds.
    assert_eq!(at(&engine, "server").new_area / 1_000_000, 2_000);
}

#[test]
fn a_slow_version_is_rolled_back_too() {
    let slow = |latency| Deploy {
        speed: 0.5,
        roll_back: Some(RollBack {
            every: secs(1),
            calls: 2,
            failures: 0.0,
            latency: Some(latency),
        }),
        ..rolling(4, false)
    };
    for (limit, is_back) in [(ms(99), true), (ms(100), false)] {
        let mut engine = design(of(4, constant(50)), every(100), &[(1_070, slow(limit))]).engine();
        engine.run_until(secs(20).nanos());
        let rollout = engine.rollout(1).unwrap();
        assert_eq!((rollout.stage, rollout.is_back), (Done, is_back));
        let calls = at(&engine, "server").new_calls;
        assert_eq!(calls > 20, !is_back, "{calls}");
    }
}

#[test]
fn the_last_look_comes_when_all_are_replaced() {
    let watched = Deploy {
        roll_back: Some(RollBack {
            every: secs(2),
            calls: 30,
            failures: 0.0,
            latency: None,
        }),
        ..rolling(4, false)
    };
    let mut engine = design(of(4, constant(50)), every(100), &[(1_070, watched)]).engine();
    // All four are gone for two seconds.
    check(&mut engine, 1_071, (0, 4, 0, 0), (Replacing, 0));
    check(&mut engine, 3_071, (4, 0, 0, 0), (Judging, 4));
    assert_eq!(failures(&engine, Cause::Down), 20);
    // Twenty calls are not enough.
    check(&mut engine, 5_071, (4, 0, 0, 0), (Judging, 4));
    check(&mut engine, 7_071, (4, 0, 0, 0), (Done, 4));
}

#[test]
fn blue_and_green_change_places_at_once() {
    let mut engine = run(3, blue_green(secs(5)));
    check(&mut engine, 1_021, (3, 3, 0, 0), (Replacing, 0));
    check(&mut engine, 3_019, (3, 3, 0, 0), (Replacing, 0));
    engine.run_until(ms(3_020).nanos());
    assert_eq!(engine.rollout(1).unwrap().serving, 3);
    check(&mut engine, 3_160, (3, 0, 0, 3), (Keeping, 3));
    check(&mut engine, 8_019, (3, 0, 0, 3), (Keeping, 3));
    check(&mut engine, 8_021, (3, 0, 0, 0), (Done, 3));
    engine.run_until(secs(10).nanos());
    assert_eq!(at(&engine, "server").failures.total(), 0);
    // Three all the time, and three more from 1.02 to 8.02 s.
    assert_eq!(instance_ms(&engine), 30_000 + 21_000);
}

#[test]
fn a_set_that_is_kept_is_back_at_once() {
    let mut engine = run(3, blue_green(secs(60)));
    check(&mut engine, 3_160, (3, 0, 0, 3), (Keeping, 3));
    engine.roll_back("server").unwrap();
    let rollout = engine.rollout(1).unwrap();
    assert_eq!(
        (rollout.stage, rollout.serving, rollout.version),
        (Done, 3, 1)
    );
    check(&mut engine, 3_400, (3, 0, 0, 0), (Done, 3));
    assert!(engine.roll_back("server").is_err());
    engine.run_until(secs(10).nanos());
    assert_eq!(at(&engine, "server").failures.total(), 0);
}

#[test]
fn by_hand_it_is_recorded_and_rolled_back() {
    let mut engine = design(of(3, constant(50)), every(100), &[]).engine();
    engine.run_until(ms(1_070).nanos());
    let green = Deploy {
        speed: 2.0,
        ..blue_green(secs(1))
    };
    engine
        .start_fault("server", FaultKind::Deploy(green))
        .unwrap();
    check(&mut engine, 1_071, (3, 3, 0, 0), (Replacing, 0));
    check(&mut engine, 4_071, (3, 0, 0, 0), (Done, 3));
    // It has cost since the start.
    assert_eq!(instance_ms(&engine), 3 * 4_071 + 3 * 3_000);
    engine.heal("server").unwrap();
    check(&mut engine, 5_000, (3, 0, 0, 0), (Done, 3));
    // A full set boots again.
    engine.roll_back("server").unwrap();
    check(&mut engine, 5_001, (3, 3, 0, 0), (Replacing, 0));
    check(&mut engine, 7_001, (3, 0, 0, 0), (Done, 3));
    assert_eq!(engine.rollout(1).unwrap().version, 1);
    engine.run_until(secs(10).nanos());
    assert_eq!(at(&engine, "server").failures.total(), 0);
    let mut again = Engine::replay(engine.recording()).unwrap();
    again.run_until(secs(10).nanos());
    assert_eq!(again.fingerprint(), engine.fingerprint());
}

#[test]
fn when_its_time_is_over_it_is_rolled_back() {
    let mut design = design(
        of(2, constant(50)),
        every(100),
        &[(1_070, rolling(1, false))],
    );
    // In the middle of the second: that drains and boots for nothing.
    design.0.faults[0].until = Some(ms(4_000));
    let mut engine = design.engine();
    check(&mut engine, 3_999, (1, 1, 0, 0), (Replacing, 1));
    // What boots boots anew, with the version before; then the other goes back.
    check(&mut engine, 5_999, (1, 1, 0, 0), (Replacing, 0));
    check(&mut engine, 6_001, (1, 1, 0, 0), (Replacing, 1));
    check(&mut engine, 8_001, (2, 0, 0, 0), (Done, 2));
    assert_eq!(engine.rollout(1).unwrap().version, 1);
}

#[test]
fn a_later_deploy_takes_the_place_of_one_under_way() {
    let deploys = [
        (1_070, rolling(1, false)),
        (
            4_000,
            Deploy {
                speed: 2.0,
                ..rolling(1, false)
            },
        ),
    ];
    let mut engine = design(of(2, constant(50)), every(100), &deploys).engine();
    check(&mut engine, 3_999, (1, 1, 0, 0), (Replacing, 1));
    check(&mut engine, 4_001, (1, 1, 0, 0), (Replacing, 0));
    check(&mut engine, 6_001, (1, 1, 0, 0), (Replacing, 1));
    check(&mut engine, 8_001, (2, 0, 0, 0), (Done, 2));
    assert_eq!(engine.rollout(1).unwrap().version, 3);
}

/// Two of three boot for a rolling deploy when a blue-green one cuts it short: they boot for that, and
/// it lacks but one beside the third to have as many as are drawn.
#[test]
fn blue_and_green_have_as_many_as_are_drawn_whatever_was_under_way() {
    let deploys = [(1_020, rolling(2, false)), (2_020, blue_green(secs(1)))];
    let mut engine = design(of(3, constant(150)), every(100), &deploys).engine();
    check(&mut engine, 2_000, (1, 2, 0, 0), (Stage::Replacing, 0));
    check(&mut engine, 4_000, (1, 2, 0, 0), (Stage::Replacing, 0));
    check(&mut engine, 5_000, (3, 1, 0, 0), (Stage::Replacing, 2));
    check(&mut engine, 6_900, (3, 0, 0, 1), (Stage::Keeping, 3));
    check(&mut engine, 9_000, (3, 0, 0, 0), (Stage::Done, 3));
}

#[test]
fn an_autoscaler_counts_those_that_are_replaced() {
    let scaler = Autoscaler {
        policy: Policy::Scheduled {
            times: vec![(secs(2), 4)],
        },
        max: 4,
        boot: constant(1_000),
        in_cooldown: Duration::ZERO,
        ..Autoscaler::default()
    };
    let server = Server {
        autoscaler: Some(Box::new(scaler)),
        ..of(2, constant(50))
    };
    let mut engine = design(server, every(100), &[(1_070, rolling(1, false))]).engine();
    // Of four wanted one serves and one is being replaced: two more, of the version before.
    check(&mut engine, 2_001, (1, 3, 0, 0), (Replacing, 0));
    check(&mut engine, 3_001, (3, 1, 0, 0), (Replacing, 0));
    check(&mut engine, 3_071, (3, 1, 0, 0), (Replacing, 1));
    // Then the three others, one by one.
    check(&mut engine, 9_069, (3, 1, 0, 0), (Replacing, 3));
    check(&mut engine, 9_071, (4, 0, 0, 0), (Done, 4));
}

#[test]
fn an_edit_in_the_middle_changes_nothing_by_itself() {
    for deploy in [
        rolling(1, false),
        rolling(2, true),
        canary(secs(3)),
        blue_green(secs(3)),
    ] {
        let mut plain = run(3, deploy);
        let mut edited = plain.clone();
        for time in [500, 1_100, 2_000, 3_100, 4_000, 6_000, 8_000, 12_000] {
            plain.run_until(ms(time).nanos());
            edited.run_until(ms(time).nanos());
            let mut scenario = edited.scenario().clone();
            scenario.notes = format!("edited at {time}");
            edited.edit(&scenario).unwrap();
            edited.check_conservation().unwrap();
            assert_eq!(
                plain.fingerprint(),
                edited.fingerprint(),
                "{deploy:?} {time}"
            );
        }
    }
}

#[test]
fn an_edit_in_the_middle_may_change_how_many_there_are() {
    for deploy in [
        rolling(1, false),
        rolling(2, true),
        canary(secs(3)),
        blue_green(secs(3)),
    ] {
        for (time, instances) in [(2_000, 5), (2_000, 1), (4_000, 6), (4_000, 2)] {
            let mut engine = run(3, deploy);
            engine.run_until(ms(time).nanos());
            let mut scenario = engine.scenario().clone();
            let Component::Server(server) = &mut scenario.components["server"] else {
                panic!()
            };
            server.instances = instances;
            engine.edit(&scenario).unwrap();
            engine.check_conservation().unwrap();
            check(&mut engine, 40_000, (instances, 0, 0, 0), (Done, instances));
        }
    }
}

#[test]
fn without_its_deploy_a_box_goes_back() {
    let mut engine = run(3, rolling(1, false));
    engine.run_until(ms(4_000).nanos());
    let mut scenario = engine.scenario().clone();
    scenario.faults.clear();
    engine.edit(&scenario).unwrap();
    check(&mut engine, 40_000, (3, 0, 0, 0), (Done, 3));
    assert_eq!(engine.rollout(1).unwrap().version, 1);
}

/// What goes is not gone while it works, and is wanted again.
#[test]
fn who_was_to_go_stays_when_there_are_to_be_as_many_as_before() {
    let deploys = [(100_000, rolling(1, false))];
    let mut engine = design(of(2, constant(150)), every(100), &deploys).engine();
    let mut has = |millis: u64, instances: u32| {
        engine.run_until(ms(millis).nanos());
        let mut scenario = engine.scenario().clone();
        let Component::Server(server) = &mut scenario.components["server"] else {
            panic!()
        };
        server.instances = instances;
        engine.edit(&scenario).unwrap();
        engine.check_conservation().unwrap();
        let is = engine.instances(1).unwrap();
        (is.serving, is.booting, is.draining, is.ready)
    };
    // Each has a request for 150 ms in every 200 ms.
    assert_eq!(has(1_010, 1), (1, 0, 1, 0));
    assert_eq!(has(1_020, 2), (2, 0, 0, 0));
    assert_eq!(has(1_420, 2), (2, 0, 0, 0));
}

/// The old ones of a blue-green deploy drain still when it is rolled back.
#[test]
fn blue_and_green_are_as_many_when_they_go_back_before_the_old_have_drained() {
    let mut design = design(
        of(2, constant(150)),
        every(100),
        &[(1_020, blue_green(secs(10)))],
    );
    design.0.faults[0].until = Some(ms(3_120));
    let mut engine = design.engine();
    // One works on the request of 3.0 s until 3.15 s.
    check(&mut engine, 3_110, (2, 0, 1, 1), (Keeping, 2));
    // One of the new ones works on that of 3.1 s until 3.25 s.
    check(&mut engine, 3_130, (2, 0, 1, 0), (Done, 2));
    check(&mut engine, 4_000, (2, 0, 0, 0), (Done, 2));
    assert_eq!(engine.rollout(1).unwrap().version, 1);
}

/// Three drain, and one is wanted when they come back.
#[test]
fn blue_and_green_go_back_to_as_many_as_are_wanted_by_then() {
    let mut design = design(
        of(3, constant(150)),
        every(100),
        &[(1_020, blue_green(secs(10)))],
    );
    design.0.faults[0].until = Some(ms(3_040));
    let mut engine = design.engine();
    // The requests of 2.9 s and 3.0 s are under way.
    check(&mut engine, 3_030, (3, 0, 2, 1), (Keeping, 3));
    let mut scenario = engine.scenario().clone();
    if let Component::Server(server) = &mut scenario.components["server"] {
        server.instances = 1;
    }
    engine.edit(&scenario).unwrap();
    check(&mut engine, 3_035, (1, 0, 2, 1), (Keeping, 1));
    check(&mut engine, 3_045, (1, 0, 1, 0), (Done, 1));
    check(&mut engine, 4_000, (1, 0, 0, 0), (Done, 1));
}

/// Those that an autoscaler has sent away take up the room until they have drained; then it goes on.
#[test]
fn blue_and_green_wait_for_room() {
    let scaler = Autoscaler {
        policy: Policy::Scheduled {
            times: vec![(secs(0), 4), (secs(2), 1), (secs(3), 4)],
        },
        max: 4,
        boot: constant(100),
        in_cooldown: Duration::ZERO,
        ..Autoscaler::default()
    };
    let server = Server {
        autoscaler: Some(Box::new(scaler)),
        ..of(4, constant(20_000))
    };
    let deploys = [(5_020, blue_green(secs(1)))];
    let mut engine = design(server, every(300), &deploys).engine();
    // There is room for eight: three drain, and one boots beside the four.
    check(&mut engine, 6_000, (4, 1, 3, 0), (Replacing, 0));
    check(&mut engine, 20_000, (4, 0, 3, 1), (Replacing, 0));
    // They had one call of 20 s, or two: the last of 1.8 s. When it has ended there is room for the last.
    check(&mut engine, 41_000, (4, 1, 0, 3), (Replacing, 0));
    check(&mut engine, 43_000, (4, 0, 4, 0), (Keeping, 4));
}
