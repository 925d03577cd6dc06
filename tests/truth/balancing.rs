//! Load balancing.

use littlebox::scenario::{Algorithm, Arrivals, Client, Component, Connection};

use crate::support::{design::*, estimate::*};

/// A client, a balancer, and servers with one slot each and 10 ms of work on average.
fn farm(seed: u64, algorithm: Algorithm, rate: f64, weights: &[f64]) -> Design {
    let mut design = Design::new(seed)
        .poisson("clients", rate)
        .balancer("balancer", algorithm)
        .join("clients", "balancer");
    for (i, weight) in weights.iter().enumerate() {
        let name = format!("server {i}");
        design = design
            .server(&name, 1, exponential(10))
            .connect(Connection {
                weight: Some(*weight),
                ..at_once("balancer", &name)
            });
    }
    design
}

/// Mean time in the system, in batches.
fn w(design: &Design, batch_secs: f64) -> Vec<f64> {
    let [w] = batches(design.engine(), 20.0, batch_secs, |engine| {
        [at(engine, "clients").w()]
    });
    w
}

/// Round robin over c servers makes each `E_c/M/1`. The wait in GI/M/1: σ solves σ = A*(μ(1 − σ)),
/// W = 1/(μ(1 − σ)) (Kleinrock 1975, section 6.4); A*(s) = (λ/(λ + s))^c for Erlang.
#[test]
fn round_robin_is_erlang_arrivals() {
    for servers in [2, 5] {
        let rate = 80.0 * f64::from(servers);
        let mut sigma = 0.5;
        for _ in 0..10_000 {
            sigma = (rate / (rate + 100.0 * (1.0 - sigma))).powi(servers);
        }
        let weights = vec![1.0; servers as usize];
        let found = w(&farm(1, Algorithm::RoundRobin, rate, &weights), 400.0);
        check_within(&format!("{servers} servers"), &found, 0.01 / (1.0 - sigma));
    }
}

/// A Poisson process split at random is Poisson: each server is M/M/1 at its own rate.
#[test]
fn random_split() {
    let engine = farm(2, Algorithm::Random, 160.0, &[3.0, 1.0, 4.0]).engine();
    let [one, two, three] = batches(engine, 50.0, 1_000.0, |engine| {
        ["server 0", "server 1", "server 2"].map(|name| at(engine, name).l())
    });
    check_within("3 of 8", &one, 0.6 / 0.4);
    check_within("1 of 8", &two, 0.2 / 0.8);
    check_within("4 of 8", &three, 0.8 / 0.2);
}

#[test]
fn random_shares() {
    let mut engine = farm(4, Algorithm::Random, 100.0, &[1.0, 2.5, 0.0, 6.5]).engine();
    engine.run_until(secs(1_000).nanos());
    let total = at(&engine, "balancer").arrivals;
    for (server, share) in [(0, 0.1), (1, 0.25), (3, 0.65)] {
        let name = format!("server {server}");
        check_share(&name, at(&engine, &name).arrivals, total, share);
    }
    assert_eq!(at(&engine, "server 2").arrivals, 0);
}

/// Exactly its share in every cycle, and never a whole call away from it in between.
#[test]
fn weighted_round_robin_shares() {
    let weights = [5.0, 1.0, 1.0, 3.0];
    let mut engine = farm(5, Algorithm::WeightedRoundRobin, 50.0, &weights).engine();
    for _ in 0..5_000 {
        engine.step();
        let total = at(&engine, "balancer").arrivals;
        for (i, weight) in weights.iter().enumerate() {
            let found = at(&engine, &format!("server {i}")).arrivals as f64;
            let share = total as f64 * weight / 10.0;
            if total.is_multiple_of(10) {
                assert_eq!(found, share, "server {i} after {total}");
            }
            assert!(
                (found - share).abs() <= 1.0,
                "server {i}: {found} of {total}"
            );
        }
    }
    assert!(at(&engine, "balancer").arrivals > 2_000);
}

#[test]
fn round_robin_takes_turns() {
    let mut engine = farm(6, Algorithm::RoundRobin, 300.0, &[1.0; 7]).engine();
    for _ in 0..2_000 {
        engine.step();
        let counts: Vec<u64> = (0..7)
            .map(|i| at(&engine, &format!("server {i}")).arrivals)
            .collect();
        assert!(
            counts.is_sorted_by(|a, b| a == b || *a == *b + 1),
            "{counts:?}"
        );
        assert!(counts[0] - counts[6] <= 1, "{counts:?}");
    }
}

/// Fewest in flight: after every event with an arrival, the server that got it had no more than any
/// other had.
#[test]
fn least_connections_takes_the_least_loaded() {
    let mut engine = farm(7, Algorithm::LeastConnections, 450.0, &[1.0; 5]).engine();
    let load = |engine: &littlebox::engine::Engine| -> Vec<(u64, u64)> {
        (0..5)
            .map(|i| at(engine, &format!("server {i}")))
            .map(|server| (server.present, server.arrivals))
            .collect()
    };
    let mut before = load(&engine);
    let mut busy = 0;
    for _ in 0..20_000 {
        engine.step();
        let after = load(&engine);
        let picked = (0..5).find(|i| after[*i].1 > before[*i].1);
        if let Some(picked) = picked {
            let least = before.iter().map(|(present, _)| *present).min().unwrap();
            assert_eq!(before[picked].0, least, "{before:?} {picked}");
            busy += u64::from(least > 0);
        }
        before = after;
    }
    assert!(busy > 100, "{busy}");
}

/// The mean-field limit of two choices (Mitzenmacher 1996; Vvedenskaya et al. 1996): in units of the
/// mean work, W = Σ λ^(2^i − 2). A farm of n servers is off by a constant over n, and by terms of
/// 1/n² (Gast and Van Houdt 2017): twice the figure of 2n servers less that of n has only the latter.
#[test]
fn power_of_two_choices() {
    let utilization = 0.9f64;
    let exact: f64 = (1..8).map(|i| utilization.powi((1 << i) - 2)).sum();
    assert!((exact - 2.6142).abs() < 1e-3, "{exact}");
    let farm = |servers: usize| {
        let rate = utilization * 100.0 * servers as f64;
        w(
            &farm(8, Algorithm::PowerOfTwo, rate, &vec![1.0; servers]),
            10.0,
        )
    };
    let (half, full) = (farm(75), farm(150));
    let limit: Vec<f64> = half
        .iter()
        .zip(&full)
        .map(|(half, full)| 2.0 * full - half)
        .collect();
    check_within("mean-field limit", &limit, exact * 0.01);
}

#[test]
fn better_informed_is_better() {
    let w = |algorithm| w(&farm(9, algorithm, 900.0, &[1.0; 10]), 100.0);
    let random = w(Algorithm::Random);
    let round_robin = w(Algorithm::RoundRobin);
    let two = w(Algorithm::PowerOfTwo);
    let least = w(Algorithm::LeastConnections);
    check_less("taking turns beats chance", &round_robin, &random);
    check_less("two choices beat turns", &two, &round_robin);
    check_less("knowing all beats two choices", &least, &two);
    check_within("random is M/M/1", &random, 0.1);
}

#[test]
fn one_session_stays_with_one_server() {
    let mut design = farm(10, Algorithm::SessionHash, 100.0, &[1.0; 4]);
    let sessions = |sessions| {
        Component::Client(Client {
            sessions,
            ..patient(poisson(100.0))
        })
    };
    design.0.components["clients"] = sessions(1);
    let mut engine = design.engine();
    engine.run_until(secs(20).nanos());
    let counts = |engine: &littlebox::engine::Engine| -> Vec<u64> {
        (0..4)
            .map(|i| at(engine, &format!("server {i}")).arrivals)
            .collect()
    };
    let found = counts(&engine);
    assert_eq!(
        found.iter().filter(|count| **count > 0).count(),
        1,
        "{found:?}"
    );

    // Many sessions spread evenly: a session goes to each server with probability 1/4.
    design.0.components["clients"] = sessions(10_000);
    let mut engine = design.engine();
    engine.run_until(secs(200).nanos());
    let found = counts(&engine);
    let total: u64 = found.iter().sum();
    for count in found {
        let spread = (0.25 * 0.75 * (1.0 / 10_000.0 + 1.0 / total as f64)).sqrt();
        let share = count as f64 / total as f64;
        assert!((share - 0.25).abs() < 4.9 * spread, "{share}");
    }
}

/// A balancer spreads over the instances of its targets, and a least-loaded pick is work-conserving
/// as far as it knows: M/M/8 is a bound nobody beats.
#[test]
fn instances_are_targets() {
    let design = |algorithm| {
        let eight = littlebox::scenario::Server {
            instances: 8,
            ..server(1, exponential(10))
        };
        Design::new(11)
            .poisson("clients", 640.0)
            .balancer("balancer", algorithm)
            .add("server", Component::Server(eight))
            .join("clients", "balancer")
            .join("balancer", "server")
    };
    let least = w(&design(Algorithm::LeastConnections), 100.0);
    let turns = w(&design(Algorithm::RoundRobin), 100.0);
    check_less("least connections over instances", &least, &turns);
    let mut sigma = 0.5;
    for _ in 0..10_000 {
        sigma = (640.0f64 / (640.0 + 100.0 * (1.0 - sigma))).powi(8);
    }
    check_within("E_8/M/1", &turns, 0.01 / (1.0 - sigma));
}

#[test]
fn closed_users_are_balanced_too() {
    let think = littlebox::scenario::Distribution::ZERO;
    let mut design = farm(12, Algorithm::LeastConnections, 1.0, &[1.0; 4]);
    let users = Arrivals::Closed { users: 4, think };
    design.0.components["clients"] = Component::Client(patient(users));
    let mut engine = design.engine();
    engine.run_until(secs(100).nanos());
    // Four users and four servers: nobody ever waits and nobody ever rests.
    for i in 0..4 {
        let server = at(&engine, &format!("server {i}"));
        assert_eq!(server.wait_sum_ns, 0);
        assert_eq!(server.busy_area, u128::from(secs(100).nanos()));
    }
}
