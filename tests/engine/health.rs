//! Probes, ejection and slow start, to the exact event.

use littlebox::{
    engine::Engine,
    scenario::{
        ActivePassive, Algorithm, Arrivals, Capacity, Component, Connection, Database, Depth,
        Distribution, Ejection, FaultKind, Health, LoadBalancer, Pair, Rate,
    },
};

use crate::support::{design::*, estimate::*};

/// Two servers behind a balancer; requests come every 1/rate.
fn pair(rate: f64, balancer: LoadBalancer, latency: &Distribution) -> Design {
    let to = |name: &str| Connection {
        latency: Some(latency.clone()),
        ..Connection::new("balancer", name)
    };
    let every = Arrivals::Constant {
        rate: Rate(rate),
        profile: Vec::new(),
    };
    Design::new(1)
        .client("clients", every)
        .add("balancer", Component::LoadBalancer(balancer))
        .server("server", 4, constant(1))
        .server("other", 4, constant(1))
        .join("clients", "balancer")
        .connect(to("server"))
        .connect(to("other"))
}

fn checked(health: Health) -> LoadBalancer {
    LoadBalancer {
        health: Some(health),
        ..LoadBalancer::default()
    }
}

/// How many are out just before a moment, and just after it.
pub fn around(engine: &mut Engine, moment_ms: u64) -> (usize, usize) {
    engine.run_until(ms(moment_ms).nanos() - 1);
    let before = engine.out_of_rotation(1).unwrap().0;
    engine.run_until(ms(moment_ms).nanos() + 1);
    (before, engine.out_of_rotation(1).unwrap().0)
}

/// A probe goes there and back in 50 ms each; who hangs or is cut off is found by the timeout.
#[test]
fn probes_take_time() {
    let health = Health {
        interval: secs(1),
        timeout: Some(ms(300)),
        unhealthy: 2,
        healthy: 2,
        ..Health::default()
    };
    let engine = pair(10.0, checked(health), &constant(50)).engine();
    for (on, fault, out_at) in [
        ("server", FaultKind::Crash, 12_100),
        ("server", FaultKind::Hang, 12_300),
        ("server", FaultKind::Pause, 12_300),
        ("balancer -> server", FaultKind::Cut, 12_300),
    ] {
        let mut engine = engine.clone();
        engine.run_until(ms(10_500).nanos());
        engine.start_fault(on, fault).unwrap();
        assert_eq!(around(&mut engine, out_at), (0, 1), "{fault:?}");
        engine.run_until(ms(14_500).nanos());
        engine.heal(on).unwrap();
        assert_eq!(around(&mut engine, 16_100), (1, 0), "{fault:?}");
        engine.check_conservation().unwrap();
    }
    // Too slow for the timeout is as good as dead.
    let mut engine = pair(10.0, checked(health), &constant(151)).engine();
    assert_eq!(around(&mut engine, 2_300), (0, 2));
}

/// Shallow probes are no arrivals; deep ones are, also of the database behind.
#[test]
fn probes_are_counted_apart() {
    for (depth, found) in [(Depth::Shallow, 0), (Depth::Deep, 20)] {
        let health = Health {
            interval: secs(1),
            depth,
            ..Health::default()
        };
        for latency in [Distribution::ZERO, constant(2)] {
            let design = pair(0.0, checked(health), &latency)
                .add("db", Component::Database(Database::default()))
                .join("server", "db");
            let mut engine = design.engine();
            engine.run_until(ms(20_900).nanos());
            assert_eq!(engine.probes(1), Some((40, 0)));
            let [server, other, db] = ["server", "other", "db"].map(|name| at(&engine, name));
            assert_eq!(
                [server.arrivals, other.arrivals, db.arrivals, server.good],
                [found; 4]
            );
            assert_eq!(engine.connection(1).attempts, 0);
            engine.check_conservation().unwrap();
            // What is behind fails: a deep probe says so.
            engine.start_fault("db", FaultKind::Crash).unwrap();
            engine.run_until(ms(24_900).nanos());
            let out = usize::from(depth == Depth::Deep);
            assert_eq!(engine.out_of_rotation(1), Some((out, 2)));
        }
    }
}

/// Every 100 ms a call, to two servers in turn: three failures in a row put the dead one out for 2 s,
/// then for 4, 6 and 8.
#[test]
fn ejections_grow_longer() {
    let ejection = Ejection {
        consecutive_failures: 3,
        base_time: secs(2),
        max_share: 0.5,
    };
    let balancer = LoadBalancer {
        ejection: Some(ejection),
        ..LoadBalancer::default()
    };
    let mut engine = pair(10.0, balancer.clone(), &Distribution::ZERO).engine();
    engine.start_fault("server", FaultKind::Crash).unwrap();
    for nth in 1..=4 {
        while at(&engine, "server").refused < 3 * nth {
            assert_eq!(engine.out_of_rotation(1), Some((0, 2)));
            engine.step();
        }
        assert_eq!(engine.out_of_rotation(1), Some((1, 2)));
        if nth == 1 {
            // Calls come at 0.1, 0.2, …: of the first five the odd ones fail.
            assert_eq!(engine.now_ns(), ms(500).nanos());
        }
        let back_at = engine.now_ns() / 1_000_000 + 2_000 * nth;
        assert_eq!(around(&mut engine, back_at), (1, 0), "{nth}");
    }
    assert_eq!(at(&engine, "clients").failures.total(), 12);
    engine.check_conservation().unwrap();

    // No more than its share may be out, however dead the others are.
    engine.start_fault("other", FaultKind::Crash).unwrap();
    engine.run_until(secs(60).nanos());
    assert!(engine.out_of_rotation(1).unwrap().0 <= 1);
    // Healed it comes back when its time is over, and begins anew.
    engine.heal("server").unwrap();
    engine.heal("other").unwrap();
    engine.run_until(secs(400).nanos());
    assert_eq!(engine.out_of_rotation(1), Some((0, 2)));
    engine.start_fault("server", FaultKind::Crash).unwrap();
    engine.run_until(ms(400_650).nanos());
    assert_eq!(engine.out_of_rotation(1), Some((1, 2)));
    engine.run_until(ms(402_650).nanos());
    assert_eq!(engine.out_of_rotation(1), Some((0, 2)));
}

/// The weight of a target that is back grows by a twentieth a second: it gets w/(1 + w) of the calls.
#[test]
fn slow_start_is_a_ramp() {
    let health = Health {
        interval: secs(1),
        unhealthy: 1,
        healthy: 1,
        ..Health::default()
    };
    let balancer = LoadBalancer {
        algorithm: Algorithm::WeightedRoundRobin,
        slow_start: Some(secs(20)),
        ..checked(health)
    };
    let mut engine = pair(1_000.0, balancer, &Distribution::ZERO).engine();
    engine.run_until(ms(2_500).nanos());
    engine.start_fault("server", FaultKind::Crash).unwrap();
    engine.run_until(ms(4_500).nanos());
    engine.heal("server").unwrap();
    engine.run_until(secs(5).nanos() + 1);
    assert_eq!(engine.out_of_rotation(1), Some((0, 2)));
    for step in 1..=25 {
        engine.reset_measures();
        engine.run_until(secs(5 + step).nanos() + 1);
        let weight = step.min(20) as f64 / 20.0;
        let share = 1_000.0 * weight / (1.0 + weight);
        let found = at(&engine, "server").arrivals as f64;
        // A call more or less at either end.
        assert!((found - share).abs() <= 2.0, "{step}: {found} and {share}");
    }
}

fn paired(pair: Pair) -> LoadBalancer {
    LoadBalancer {
        pair,
        ..LoadBalancer::default()
    }
}

/// Every 100 ms a call. The standby answers 3 s after the crash; what comes until then fails, and
/// when both are down nobody answers.
#[test]
fn a_standby_takes_over() {
    let pair_of = Pair::ActivePassive(ActivePassive { takeover: secs(3) });
    let mut engine = pair(10.0, paired(pair_of), &Distribution::ZERO).engine();
    let failed = |engine: &Engine| at(engine, "clients").failures.total();
    engine.run_until(ms(10_050).nanos());
    engine.start_fault("balancer", FaultKind::Crash).unwrap();
    engine.run_until(ms(20_050).nanos());
    // Those at 10.1, 10.2, …, 13.0.
    assert_eq!(failed(&engine), 30);
    assert!(!engine.condition(1).crashed);
    // The other one crashes, too: for 5 s there is nobody.
    engine.start_fault("balancer", FaultKind::Crash).unwrap();
    engine.run_until(ms(25_050).nanos());
    assert_eq!(failed(&engine), 80);
    engine.heal("balancer").unwrap();
    engine.run_until(ms(30_050).nanos());
    assert_eq!(failed(&engine), 80);
    // Healed before the other has taken over.
    engine.start_fault("balancer", FaultKind::Crash).unwrap();
    engine.run_until(ms(31_050).nanos());
    engine.heal("balancer").unwrap();
    engine.run_until(secs(40).nanos());
    assert_eq!(failed(&engine), 90);
    // 3 s until the standby has taken over, 5 s with nobody, 1 s until the repair.
    assert_eq!(at(&engine, "balancer").down_ns, secs(9).nanos());
    engine.check_conservation().unwrap();
}

/// A thousand calls a second, each a second in the server: one of two takes half of those under way
/// with it, and nobody else.
#[test]
fn one_of_two_takes_half_with_it() {
    for capacity in [None, Some(Capacity::default())] {
        let balancer = LoadBalancer {
            capacity: capacity.clone(),
            ..paired(Pair::ActiveActive)
        };
        let mut engine = pair(1_000.0, balancer, &Distribution::ZERO)
            .server("server", 10_000, constant(1_000))
            .server("other", 10_000, constant(1_000))
            .engine();
        engine.run_until(ms(10_000).nanos() + 1);
        let present = at(&engine, "clients").present;
        engine.start_fault("balancer", FaultKind::Crash).unwrap();
        let lost = at(&engine, "clients").failures.total();
        if capacity.is_some() {
            // In turn to the one and the other.
            assert!(lost.abs_diff(present / 2) <= 1, "{lost} of {present}");
            assert_eq!(at(&engine, "balancer").slots, 10_000);
        } else {
            check_share("half", lost, present, 0.5);
        }
        engine.run_until(secs(15).nanos());
        assert_eq!(at(&engine, "clients").failures.total(), lost);
        engine.start_fault("balancer", FaultKind::Crash).unwrap();
        let now = at(&engine, "clients");
        assert_eq!(
            (now.present, now.arrivals),
            (0, now.completed + now.failures.total())
        );
        engine.run_until(secs(20).nanos());
        assert_eq!(at(&engine, "clients").completed, now.completed);
        engine.heal("balancer").unwrap();
        engine.run_until(secs(25).nanos());
        assert!(at(&engine, "clients").completed > now.completed + 3_000);
        engine.check_conservation().unwrap();
    }
}
