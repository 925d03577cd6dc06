//! Load balancing.

use littlebox::scenario::{
    Algorithm, Arrivals, Choices, Client, Component, Connection, ConsistentHash, ResponseTime,
};

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

/// A server that never answers, behind a balancer with weights: what is in flight only grows. Who
/// has the least for its weight gets the next is Adams' method of apportionment (Balinski and Young
/// 1982, section 3): a recipient has ⌈weight ÷ d⌉ for some divisor d, the same for all.
#[test]
fn weighted_least_connections_is_adams_apportionment() {
    let weights = [5.0, 1.0, 2.5, 1.7];
    let mut design = farm(13, Algorithm::WeightedLeastConnections, 100.0, &weights);
    for i in 0..weights.len() {
        let never = littlebox::scenario::Distribution::Constant(secs(1_000_000));
        design = design.server(&format!("server {i}"), 1, never);
    }
    let mut engine = design.engine();
    let mut seen = 0;
    while seen < 500 {
        engine.step();
        let found = loads(&engine, weights.len());
        seen = found.iter().sum::<u64>();
        // Seat by seat: the recipient whose seats ÷ weight are the least gets the next.
        let quotients = |add: f64| {
            let pairs = found.iter().zip(weights);
            pairs.map(move |(seats, weight)| (*seats as f64 + add) / weight)
        };
        let (least, last) = (
            quotients(0.0).fold(f64::INFINITY, f64::min),
            quotients(-1.0).fold(0.0, f64::max),
        );
        assert!(last <= least, "{found:?}");
    }
}

fn loads(engine: &littlebox::engine::Engine, servers: usize) -> Vec<u64> {
    let server = |i| at(engine, &format!("server {i}")).present;
    (0..servers).map(server).collect()
}

/// Join the shortest queue of two (least connections): the stationary distribution from its balance
/// equations, by iteration on a square that is cut off where hardly any probability is.
#[test]
fn two_shortest_queues() {
    const N: usize = 60;
    let (arrivals, service) = (1.6f64, 1.0);
    let mut p = vec![vec![1.0f64; N]; N];
    for _ in 0..6_000 {
        for i in 0..N {
            for j in 0..N {
                let mut inflow = 0.0;
                let mut from = |i: usize, j: usize, rate: f64| inflow += rate * p[i][j];
                if i + 1 < N {
                    from(i + 1, j, service);
                }
                if j + 1 < N {
                    from(i, j + 1, service);
                }
                // An arrival that joins the shorter of the two, or either.
                let share = |a: usize, b: usize| match a.cmp(&b) {
                    std::cmp::Ordering::Less => arrivals,
                    std::cmp::Ordering::Equal => arrivals / 2.0,
                    std::cmp::Ordering::Greater => 0.0,
                };
                if i > 0 {
                    from(i - 1, j, share(i - 1, j));
                }
                if j > 0 {
                    from(i, j - 1, share(j - 1, i));
                }
                let full = i.min(j) + 1 >= N;
                let out = if full { 0.0 } else { arrivals }
                    + service * f64::from(u8::from(i > 0) + u8::from(j > 0));
                p[i][j] = inflow / out;
            }
        }
        let sum: f64 = p.iter().flatten().sum();
        p.iter_mut().flatten().for_each(|p| *p /= sum);
    }
    let mean: f64 = (0..N)
        .flat_map(|i| (0..N).map(move |j| (i, j)))
        .map(|(i, j)| (i + j) as f64 * p[i][j])
        .sum();
    let found = w(
        &farm(14, Algorithm::LeastConnections, 160.0, &[1.0; 2]),
        400.0,
    );
    check_within("mean in two queues", &found, mean / arrivals * 0.01);
}

/// The fixed point of d choices (Mitzenmacher 1996, theorem 1): the share of servers with at least i
/// calls is λ^((dⁱ − 1)/(d − 1)); as for two choices, without the terms of 1/n.
#[test]
fn three_choices() {
    let utilization = 0.9f64;
    let share = |i: i32| utilization.powf(f64::from(3i32.pow(i as u32) - 1) / 2.0);
    let algorithm = Algorithm::PowerOfChoices(Choices { choices: 3 });
    let farm = |servers: usize| {
        let rate = utilization * 100.0 * servers as f64;
        let design = farm(15, algorithm, rate, &vec![1.0; servers]);
        batches(design.engine(), 20.0, 10.0, |engine| {
            [at(engine, "clients").w()]
        })
    };
    let ([half], [full]) = (farm(75), farm(150));
    let limit: Vec<f64> = half
        .iter()
        .zip(&full)
        .map(|(half, full)| 2.0 * full - half)
        .collect();
    // By Little's law the mean in the system is the sum of the shares over λ.
    let exact: f64 = (1..7).map(share).sum::<f64>() / utilization;
    check_within("mean-field limit", &limit, exact * 0.01);
}

/// A client with so many keys, all as likely, and servers that answer at once.
fn by_key(seed: u64, algorithm: Algorithm, keys: u64, servers: &[&str]) -> Design {
    let client = Client {
        keys: littlebox::scenario::Keys::Uniform { items: keys },
        ..patient(poisson(1_000.0))
    };
    let mut design = Design::new(seed)
        .add("clients", Component::Client(client))
        .balancer("balancer", algorithm)
        .join("clients", "balancer");
    for name in servers {
        design = design
            .server(name, 1_000, littlebox::scenario::Distribution::ZERO)
            .join("balancer", name);
    }
    design
}

/// A server's share of the ring is that of `vnodes` of n·`vnodes` random points: its mean is 1/n, and
/// its relative spread √((n − 1)/(n·vnodes + 1)) (moments of the Dirichlet distribution).
#[test]
fn virtual_nodes_even_out_the_shares() {
    let servers = 40;
    let names: Vec<String> = (0..servers).map(|i| format!("server {i}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    for vnodes in [1u32, 10, 100] {
        let ring = ConsistentHash {
            vnodes,
            ..ConsistentHash::default()
        };
        let design = by_key(16, Algorithm::ConsistentHash(ring), 1_000_000, &names);
        let mut engine = design.engine();
        engine.run_until(secs(400).nanos());
        let total = at(&engine, "balancer").arrivals as f64;
        let n = f64::from(servers);
        let square = |name: &&str| (n * at(&engine, name).arrivals as f64 / total - 1.0).powi(2);
        let found = names.iter().map(square).sum::<f64>() / n;
        // Counting errors of a share add n/total.
        let exact = (n - 1.0) / (n * f64::from(vnodes) + 1.0) + n / total;
        // The mean of 40 squares, each as spread as that of an exponential at worst (variance 8
        // instead of 2 for a normal), is off by less than this but once in a million.
        let spread = exact * 4.9 * (8.0f64 / n).sqrt();
        assert!(
            (found - exact).abs() < spread,
            "{vnodes}: {found} ≠ {exact}"
        );
    }
}

/// A target that is ten times as slow gets a tenth of what the others get, when nobody waits: what
/// counts is the mean response time, and the mean over a few answers of an exponential time is off by
/// chance. By turns it would get as much.
#[test]
fn least_response_time_avoids_the_slow() {
    let share = |algorithm| {
        let mut design = farm(18, algorithm, 100.0, &[1.0; 10]);
        for i in 0..10 {
            let millis = if i == 0 { 100 } else { 10 };
            design = design.server(&format!("server {i}"), 100, constant(millis));
        }
        let [shares, w] = batches(design.engine(), 10.0, 50.0, |engine| {
            let slow = at(engine, "server 0").arrivals as f64;
            let clients = at(engine, "clients");
            [slow / clients.arrivals as f64, clients.w()]
        });
        (shares, w)
    };
    let (turns, slow_w) = share(Algorithm::RoundRobin);
    let (soonest, w) = share(Algorithm::LeastResponseTime(ResponseTime::default()));
    check_within("turns", &turns, 0.1);
    let most: Vec<f64> = turns.iter().map(|share| share / 4.0).collect();
    check_less("a quarter at most", &soonest, &most);
    check_less("and faster", &w, &slow_w);
}

/// An idle slot is found wherever there is one: what nobody else sends to, lowest utilization over
/// single slots is never worse than least connections. Of another sender's calls only it knows.
#[test]
fn lowest_utilization_sees_what_others_send() {
    let design = |algorithm| {
        let mut design = farm(19, algorithm, 80.0, &[1.0; 4])
            .poisson("others", 60.0)
            .join("others", "server 0");
        design.0.connections.last_mut().unwrap().weight = None;
        design
    };
    let w = |algorithm| {
        let [w] = batches(design(algorithm).engine(), 20.0, 100.0, |engine| {
            [at(engine, "clients").w()]
        });
        w
    };
    let least = w(Algorithm::LeastConnections);
    let lowest = w(Algorithm::LowestUtilization);
    check_less("whoever sent it", &lowest, &least);
    let mut engine = design(Algorithm::LowestUtilization).engine();
    let busy = |engine: &littlebox::engine::Engine| -> Vec<(u64, u64)> {
        let names = (0..4).map(|i| at(engine, &format!("server {i}")));
        names
            .map(|server| (server.present, server.arrivals))
            .collect()
    };
    let (mut before, mut passed) = (busy(&engine), 0);
    for _ in 0..20_000 {
        engine.step();
        let (after, now) = (busy(&engine), at(&engine, "balancer").arrivals);
        if now > passed {
            let picked = (0..4).find(|i| after[*i].1 > before[*i].1).unwrap();
            let least = before.iter().map(|(present, _)| *present).min().unwrap();
            assert_eq!(before[picked].0, least, "{before:?} {picked}");
        }
        (before, passed) = (after, now);
    }
}

/// Every operation to the connections that fit it most closely, and nowhere else.
#[test]
fn operations_have_pools() {
    use littlebox::scenario::{Only, OperationKind};
    let only = |to: &str, only: Option<Only>| Connection {
        only,
        ..at_once("balancer", to)
    };
    let named = |name: &str| Some(Only::Named(vec![name.to_owned()]));
    let mut design = Design::new(20)
        .operation("search", OperationKind::Read, 2.0)
        .operation("admin", OperationKind::Write, 1.0)
        .operation("write", OperationKind::Write, 3.0)
        .poisson("clients", 200.0)
        .balancer("balancer", Algorithm::LeastConnections)
        .join("clients", "balancer");
    for name in ["index", "desk", "writer", "all", "also all"] {
        design = design.server(name, 4, exponential(5));
    }
    let design = design
        .connect(only("index", named("search")))
        .connect(only("desk", named("admin")))
        .connect(only("writer", Some(Only::Writes)))
        .connect(only("all", None))
        .connect(only("also all", Some(Only::All)));
    let mut engine = design.engine();
    engine.run_until(secs(50).nanos());
    let names = engine.operations();
    let asked = |name: &str| {
        let at = names.iter().position(|other| other == name).unwrap();
        engine.operation(at).arrivals
    };
    let arrivals = |name: &str| at(&engine, name).arrivals;
    assert_eq!(arrivals("index"), asked("search"));
    assert_eq!(arrivals("desk"), asked("admin"));
    assert_eq!(arrivals("writer"), asked("write"));
    assert_eq!(arrivals("all") + arrivals("also all"), asked("read"));
    assert!(arrivals("all").abs_diff(arrivals("also all")) < 200);
    engine.check_conservation().unwrap();

    // Nobody for reads: they fail, and only they.
    let mut scenario = design.0.clone();
    scenario
        .connections
        .retain(|connection| connection.only.is_some());
    scenario
        .connections
        .retain(|connection| connection.to != "also all");
    scenario
        .connections
        .insert(0, at_once("clients", "balancer"));
    let mut engine = littlebox::engine::Engine::new(&scenario).unwrap();
    engine.run_until(secs(50).nanos());
    let read = names.iter().position(|name| name == "read").unwrap();
    let failures = at(&engine, "balancer").failures;
    assert_eq!(failures.total(), engine.operation(read).arrivals);
    assert!(failures.total() > 100);
}

/// The first call of a session is balanced, and those that follow go where it went, as long as that
/// is in rotation.
#[test]
fn sticky_sessions_stay() {
    use littlebox::scenario::{FaultKind, Health, LoadBalancer};
    let sticky = LoadBalancer {
        algorithm: Algorithm::RoundRobin,
        sticky: true,
        health: Some(Health {
            interval: secs(1),
            unhealthy: 1,
            healthy: 1,
            ..Health::default()
        }),
        ..LoadBalancer::default()
    };
    let mut design = farm(21, Algorithm::RoundRobin, 100.0, &[1.0; 5]);
    design.0.components["balancer"] = Component::LoadBalancer(sticky);
    let clients = |sessions| {
        Component::Client(Client {
            sessions,
            ..patient(poisson(100.0))
        })
    };
    design.0.components["clients"] = clients(5);
    let mut engine = design.engine();
    engine.run_until(secs(100).nanos());
    // Five sessions took five turns.
    let total = at(&engine, "clients").arrivals;
    for i in 0..5 {
        let name = format!("server {i}");
        check_share(&name, at(&engine, &name).arrivals, total, 0.2);
    }

    design.0.components["clients"] = clients(1);
    let mut engine = design.engine();
    let shares = |engine: &mut littlebox::engine::Engine, until: u64| -> Vec<u64> {
        engine.reset_measures();
        engine.run_until(secs(until).nanos());
        let server = |i| at(engine, &format!("server {i}")).arrivals;
        (0..5).map(server).collect()
    };
    let found = shares(&mut engine, 10);
    assert_eq!(found[1..], [0; 4], "{found:?}");
    engine.start_fault("server 0", FaultKind::Crash).unwrap();
    engine.run_until(ms(11_500).nanos());
    engine.heal("server 0").unwrap();
    engine.run_until(secs(15).nanos());
    // It is back, but the session has moved on.
    let found = shares(&mut engine, 25);
    assert_eq!(found.iter().filter(|arrivals| **arrivals > 0).count(), 1);
    assert_eq!(found[0], 0, "{found:?}");
}

/// A balancer with one slot before a server that takes no time is M/M/1 itself.
#[test]
fn a_balancer_has_a_capacity_of_its_own() {
    use littlebox::scenario::{Capacity, LoadBalancer};
    let mut design = farm(22, Algorithm::RoundRobin, 80.0, &[1.0]);
    design.0.components["balancer"] = Component::LoadBalancer(LoadBalancer {
        capacity: Some(Capacity {
            slots: 1,
            service: exponential(10),
        }),
        ..LoadBalancer::default()
    });
    let design = design.server("server 0", 1, littlebox::scenario::Distribution::ZERO);
    let [w, busy] = batches(design.engine(), 20.0, 400.0, |engine| {
        let balancer = at(engine, "balancer");
        [at(engine, "clients").w(), balancer.utilization()]
    });
    check_within("M/M/1", &w, 0.05);
    check_within("utilization", &busy, 0.8);
}
