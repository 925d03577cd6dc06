//! Names: who is told which target, and how long callers keep to it.

use littlebox::{
    engine::Cause,
    scenario::{
        Client, Component, Connection, Distribution, Dns, Fault, FaultKind, Health, Resolution,
        Scope,
    },
};

use crate::support::{design::*, estimate::*};

const SESSIONS: u32 = 5_000;
/// Requests a second of each session.
const EACH: f64 = 0.2;
const TTL: u64 = 10;

fn named(dns: Dns, seed: u64) -> Design {
    let client = Client {
        sessions: SESSIONS,
        ..patient(poisson(EACH * f64::from(SESSIONS)))
    };
    Design::new(seed)
        .add("clients", Component::Client(client))
        .add("dns", Component::Dns(dns))
        .server("first", 1_000, constant(1))
        .server("second", 1_000, constant(1))
        .join("clients", "dns")
        .join("dns", "first")
        .join("dns", "second")
}

fn failover() -> Dns {
    Dns {
        policy: Resolution::Failover,
        ttl: secs(TTL),
        lookup: Distribution::ZERO,
        health: Some(Health {
            interval: secs(1),
            unhealthy: 3,
            healthy: 2,
            ..Health::default()
        }),
        ..Dns::default()
    }
}

/// The first target is down from 120.5 s on. Its health checks fail at 121, 122 and 123 s: from then
/// on the second is named. At s after that a request still goes to the first if its session was told
/// less than TTL − s before: a session is told anew by its first request after the TTL, so a cycle
/// takes TTL + 1/r, and a request at a random moment finds an answer younger than TTL − s with
/// probability (TTL − s)/(TTL + 1/r): in a straight line down to 0, which is reached exactly.
#[test]
fn traffic_to_a_dead_address_decays_in_a_straight_line() {
    let bins = TTL as usize;
    let mut shares = vec![Vec::new(); bins];
    for seed in 1..=16 {
        let mut design = named(failover(), seed);
        design.0.faults.push(Fault {
            at: ms(120_500),
            until: None,
            on: "first".into(),
            fault: FaultKind::Crash,
        });
        let mut engine = design.engine();
        engine.run_until(secs(123).nanos() - 1);
        assert_eq!(at(&engine, "second").arrivals, 0);
        let mut before = (
            at(&engine, "clients").arrivals,
            engine.connection(1).attempts,
        );
        for (bin, shares) in shares.iter_mut().enumerate() {
            engine.run_until(secs(124 + bin as u64).nanos() - 1);
            let now = (
                at(&engine, "clients").arrivals,
                engine.connection(1).attempts,
            );
            let (all, to_first) = (now.0 - before.0, now.1 - before.1);
            shares.push(to_first as f64 / all as f64);
            before = now;
        }
        engine.run_until(secs(200).nanos());
        assert_eq!(
            engine.connection(1).attempts,
            before.1,
            "after the time to live"
        );
        engine.check_conservation().unwrap();
    }
    let ttl = TTL as f64;
    for (bin, shares) in shares.iter().enumerate().take(bins - 3) {
        // The mean over a second of a straight line.
        let exact = (ttl - bin as f64 - 0.5) / (ttl + 1.0 / EACH);
        check_within(&format!("second {bin}"), shares, exact);
    }
}

/// A cycle has one look-up and r·TTL requests that need none.
#[test]
fn how_often_a_name_is_looked_up() {
    let engine = named(failover(), 3).engine();
    let [known] = batches(engine, 120.0, 40.0, |engine| {
        let t = at(engine, "dns");
        [t.hits as f64 / (t.hits + t.misses) as f64]
    });
    let each = EACH * TTL as f64;
    check_within("known", &known, each / (each + 1.0));
    let dns = Dns {
        lookup: constant(20),
        ..failover()
    };
    let mut engine = named(dns, 3).engine();
    engine.run_until(secs(30).nanos());
    let t = at(&engine, "dns");
    let looked_up = t.misses - t.waiting;
    assert_eq!(t.wait_sum_ns, u128::from(looked_up) * 20_000_000);
}

/// A target that comes back is named again once it has passed its checks; and while the name service
/// itself is down what is remembered is good.
#[test]
fn back_again_and_down_itself() {
    let mut design = named(failover(), 5);
    let fault = |at: u64, until: u64, on: &str| Fault {
        at: ms(at),
        until: Some(ms(until)),
        on: on.into(),
        fault: FaultKind::Crash,
    };
    design.0.faults = vec![
        fault(120_500, 150_500, "first"),
        fault(200_500, 205_500, "dns"),
    ];
    let mut engine = design.engine();
    // Well again at 151 and 152 s: after another time to live nobody asks the second.
    engine.run_until(secs(162).nanos());
    let second = at(&engine, "second").arrivals;
    assert!(second > 10_000);
    engine.run_until(ms(200_499).nanos());
    assert_eq!(at(&engine, "second").arrivals, second);
    engine.reset_measures();
    engine.run_until(ms(205_500).nanos());
    // More and more answers end; their sessions fail again and again. 5,000 requests.
    let t = at(&engine, "clients");
    let failed = t.failures.get(Cause::Down) as f64 / t.departures as f64;
    let exact = 1.0 - (TTL as f64 - 2.5) / (TTL as f64 + 1.0 / EACH);
    assert!((failed - exact).abs() < 0.05, "{failed} {exact}");
    engine.reset_measures();
    engine.run_until(secs(240).nanos());
    assert_eq!(at(&engine, "clients").failures.total(), 0);
    engine.check_conservation().unwrap();
}

/// A box without an instance that goes on is down as one that crashed is; with one it is not.
#[test]
fn who_is_down_instance_by_instance_is_not_named() {
    for fault in [FaultKind::Crash, FaultKind::Hang] {
        for down in 1..=2 {
            let mut design = named(failover(), 7);
            if let Component::Server(first) = &mut design.0.components["first"] {
                first.instances = 2;
            }
            design.0.faults = (1..=down)
                .map(|nth| Fault {
                    at: ms(120_500 + nth),
                    until: None,
                    on: format!("first #{nth}"),
                    fault,
                })
                .collect();
            let mut engine = design.engine();
            // Every answer from before has ended by then.
            engine.run_until(secs(134).nanos());
            engine.reset_measures();
            engine.run_until(secs(154).nanos());
            let sent = [1, 2].map(|connection| engine.connection(connection).attempts > 0);
            assert_eq!(sent, [down == 1, down == 2], "{fault:?} {down}");
            engine.check_conservation().unwrap();
        }
    }
}

/// In turn, by weight, and one answer for all.
#[test]
fn policies() {
    let dns = |policy, scope| Dns {
        policy,
        scope,
        ttl: secs(1),
        lookup: Distribution::ZERO,
        ..Dns::default()
    };
    let shares = |dns: Dns| {
        let mut design = named(dns, 9);
        design.0.connections[2] = Connection {
            weight: Some(3.0),
            ..at_once("dns", "second")
        };
        let mut engine = design.engine();
        engine.run_until(secs(200).nanos());
        engine.check_conservation().unwrap();
        let (one, other) = (
            at(&engine, "first").arrivals,
            at(&engine, "second").arrivals,
        );
        (
            at(&engine, "dns").misses,
            other as f64 / (one + other) as f64,
        )
    };
    let (_, share) = shares(dns(Resolution::RoundRobin, Scope::PerSession));
    assert!((share - 0.5).abs() < 0.01, "{share}");
    // By chance: five standard errors are half a percent.
    let (answers, share) = shares(dns(Resolution::Weighted, Scope::PerSession));
    assert!(answers > 50_000);
    assert!((share - 0.75).abs() < 0.01, "{share}");
    let (_, share) = shares(dns(Resolution::Failover, Scope::PerSession));
    assert_eq!(share, 0.0);
    // All together they look it up once a second, and half of the seconds are each target's.
    let (answers, share) = shares(dns(Resolution::RoundRobin, Scope::Global));
    assert!((199..=200).contains(&answers), "{answers}");
    assert!((share - 0.5).abs() < 0.02, "{share}");
}
