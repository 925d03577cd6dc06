//! Deploys: what is left of the capacity, and who is hurt by a bad version, against closed forms.

use littlebox::{
    engine::{Cause, Stage},
    scenario::{Algorithm, Component, Deploy, DeployStrategy, Fault, FaultKind, Server},
};

use crate::support::{design::*, estimate::*};

/// Four instances with one slot each, who are called at random; the deploy begins after a second.
fn called(seed: u64, rate: f64, deploy: Deploy) -> Design {
    let server = Server {
        instances: 4,
        ..server(1, exponential(10))
    };
    let mut design = Design::new(seed)
        .poisson("clients", rate)
        .balancer("balancer", Algorithm::Random)
        .add("server", Component::Server(server))
        .join("clients", "balancer")
        .join("balancer", "server");
    design.0.faults.push(Fault {
        at: secs(1),
        until: None,
        on: "server".into(),
        fault: FaultKind::Deploy(deploy),
    });
    design
}

fn rolling(batch: u32, surge: bool) -> DeployStrategy {
    DeployStrategy::Rolling { batch, surge }
}

/// While so many of four are gone each of the others is M/M/1 with its part of the traffic; the
/// requests that would have gone to the others are not lost.
#[test]
fn the_others_have_all_the_traffic() {
    let for_ever = secs(1_000_000);
    let strategies = [
        (rolling(1, false), 3.0),
        (rolling(2, false), 2.0),
        (DeployStrategy::BlueGreen { keep: secs(1) }, 4.0),
    ];
    for ((strategy, instances), seed) in strategies.into_iter().zip(1..) {
        let rate = 150.0;
        let deploy = Deploy {
            strategy,
            boot: for_ever,
            ..Deploy::default()
        };
        let engine = called(seed, rate, deploy).engine();
        let [mean_sojourn, utilization, failed] = batches(engine, 50.0, 1_500.0, |engine| {
            let server = at(engine, "server");
            [
                server.w(),
                server.utilization(),
                server.failures.total() as f64,
            ]
        });
        check_within("W", &mean_sojourn, 1.0 / (100.0 - rate / instances));
        check_within("utilization", &utilization, rate / instances / 100.0);
        assert!(failed.iter().all(|failed| *failed == 0.0));
    }
}

/// A canary of one in four has a quarter of the calls, of which it fails its share.
#[test]
fn a_canary_hurts_its_share_of_the_traffic() {
    let errors = 0.2;
    let deploy = Deploy {
        errors,
        strategy: DeployStrategy::Canary {
            instances: 1,
            watch: secs(1_000_000),
            batch: 1,
        },
        boot: secs(2),
        ..Deploy::default()
    };
    let mut engine = called(5, 100.0, deploy).engine();
    engine.run_until(secs(10).nanos());
    engine.reset_measures();
    engine.run_until(secs(3_000).nanos());
    engine.check_conservation().unwrap();
    let server = index(&engine, "server");
    assert_eq!(engine.rollout(server).unwrap().stage, Stage::Watching);
    let clients = at(&engine, "clients");
    let failed = clients.failures.get(Cause::Error);
    check_share("failed", failed, clients.completed + failed, errors / 4.0);
    let t = at(&engine, "server");
    assert_eq!(t.new_failed, failed);
    check_share("of the canary", t.new_failed, t.new_calls, errors);
    check_share("to the canary", t.new_calls, t.completed + failed, 0.25);
    // One in four serves with it, all the time.
    assert_eq!(t.new_area * 4, t.slots_area);
}

/// Once all are replaced each is M/M/1 with the work of the new version.
#[test]
fn the_new_version_has_its_own_speed() {
    let rate = 150.0;
    for (speed, seed) in [(2.0, 6), (0.75, 7)] {
        let deploy = Deploy {
            speed,
            strategy: rolling(2, true),
            boot: secs(1),
            ..Deploy::default()
        };
        let engine = called(seed, rate, deploy).engine();
        let [mean_sojourn] = batches(engine, 50.0, 1_500.0, |engine| [at(engine, "server").w()]);
        let w = 1.0 / (speed * 100.0 - rate / 4.0);
        check_within("W", &mean_sojourn, w);
    }
}
