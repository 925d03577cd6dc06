//! Overloads that outlive their cause, and what ends them.
//!
//! Bronson, Abraham, Crooks and others 2021, Metastable failures in distributed systems (workshop on
//! hot topics in operating systems), section 2: a trigger builds up a line, those in it give up and come again, and the retries keep
//! up the line after the trigger has gone.

use littlebox::{
    engine::Engine,
    scenario::{
        Algorithm, Backoff, Budget, Client, Component, Fault, FaultKind, Queueing, Rate, Retries,
        Server,
    },
};

use crate::support::{design::*, estimate::*};

/// Requests at `rate`, given up after 1 s and made again at once; a server that could do 100 a
/// second stands still from 20 s to 25 s.
fn stopped(seed: u64, rate: f64, retries: u32) -> Engine {
    let client = Client {
        timeout: Some(secs(1)),
        retries: Retries {
            max: retries,
            backoff: Backoff::None,
            ..Retries::default()
        },
        ..patient(poisson(rate))
    };
    let mut design = Design::new(seed)
        .add("clients", Component::Client(client))
        .server("server", 1, constant(10))
        .join("clients", "server");
    design.0.faults.push(Fault {
        at: secs(20),
        until: Some(secs(25)),
        on: "server".into(),
        fault: FaultKind::Pause,
    });
    design.engine()
}

/// While everybody waits for longer than the timeout each request becomes 1 + R attempts, and the
/// line shrinks only if λ (1 + R) < μ. So an overload lasts exactly when λ (1 + R) > μ.
#[test]
fn retries_keep_an_overload_up_when_they_exceed_the_capacity() {
    for (rate, retries) in [
        (30.0, 2),
        (30.0, 3),
        (45.0, 1),
        (55.0, 1),
        (80.0, 0),
        (22.0, 3),
    ] {
        for seed in 1..=5 {
            let what = format!("{rate}/s with {retries} retries, seed {seed}");
            let mut engine = stopped(seed, rate, retries);
            engine.run_until(secs(19).nanos());
            assert_eq!(at(&engine, "clients").failures.total(), 0, "{what}");
            engine.run_until(secs(400).nanos());
            engine.reset_measures();
            engine.run_until(secs(600).nanos());
            engine.check_conservation().unwrap();
            let (clients, server) = (at(&engine, "clients"), at(&engine, "server"));
            let attempts = f64::from(1 + retries);
            if rate * attempts > 100.0 {
                assert_eq!(clients.completed, 0, "{what}: nobody is in time");
                assert_eq!(server.good, 0, "{what}");
                // Requests 1 to 1 + R s ago make their last attempts; of each the same number.
                let mean = rate * 200.0;
                let sent = server.arrivals as f64 / attempts;
                check_poisson_count(&what, sent.round() as u64, mean);
                let grown = (rate * attempts - 100.0) * 580.0;
                let line = server.present as f64;
                // The line has grown since 20 s, and by 500 more while the server stood still.
                let noise = 5.0 * attempts * (rate * 580.0).sqrt() + attempts * rate;
                assert!(
                    (line - 500.0 - grown).abs() <= noise,
                    "{what}: {line}, {grown}"
                );
            } else {
                assert_eq!(clients.failures.total(), 0, "{what}: it is over");
                assert_eq!(server.good, server.completed, "{what}");
            }
        }
    }
}

/// 70 requests a second, given up after 1 s and made again three times at once; two servers with 5
/// slots and 0.1 s of work behind round robin, so that they could do 100 a second. One is down from
/// 20 s to 25 s. Returns the share answered before, while, and long after.
fn half_down(seed: u64, retries: Retries, capacity: Option<u32>) -> [f64; 3] {
    let client = Client {
        timeout: Some(secs(1)),
        retries,
        ..patient(poisson(70.0))
    };
    let server = Server {
        queue: Queueing {
            capacity,
            ..Queueing::default()
        },
        ..server(5, constant(100))
    };
    let mut design = Design::new(seed)
        .add("clients", Component::Client(client))
        .balancer("balancer", Algorithm::RoundRobin)
        .add("one", Component::Server(server.clone()))
        .add("other", Component::Server(server))
        .join("clients", "balancer")
        .join("balancer", "one")
        .join("balancer", "other");
    design.0.faults.push(Fault {
        at: secs(20),
        until: Some(secs(25)),
        on: "one".into(),
        fault: FaultKind::Crash,
    });
    let mut engine = design.engine();
    [(0, 19), (19, 40), (200, 300)].map(|(from, until)| {
        engine.run_until(secs(from).nanos());
        engine.reset_measures();
        engine.run_until(secs(until).nanos());
        engine.check_conservation().unwrap();
        let clients = at(&engine, "clients");
        clients.completed as f64 / clients.departures as f64
    })
}

/// While `one` is down all calls come to `other`, which can do 50 a second: its line grows by 20 a
/// second and is longer than the timeout when the fault ends. Then each request to it is for
/// nothing, and goes to the neighbour next, for whom that is too much as well: at most half of the
/// attempts fail at first, so that a request needs 1 + 1/2 + 1/4 + 1/8 of them, 131 a second for 100.
#[test]
fn a_retry_storm_outlives_its_cause() {
    let again = Retries {
        max: 3,
        backoff: Backoff::None,
        ..Retries::default()
    };
    let never = Retries { max: 0, ..again };
    // A tenth of what comes, and ten at once.
    let sparing = Retries {
        budget: Some(Budget {
            ratio: 0.1,
            per_second: Rate(0.0),
            burst: 10,
        }),
        ..again
    };
    for seed in 1..=10 {
        let [before, during, after] = half_down(seed, again, None);
        assert_eq!((before, after), (1.0, 0.0), "seed {seed}");
        assert!(during < 0.5, "seed {seed}: {during}");
        // The last of 40 in a line is through after 40/50 + 0.1 s, so that a line is never for
        // nothing. One of 50 takes 1.1 s, longer than anybody waits.
        for (what, retries, capacity) in [
            ("no retries", never, None),
            ("a short line", again, Some(40)),
            ("a budget", sparing, None),
        ] {
            let [before, during, after] = half_down(seed, retries, capacity);
            assert_eq!((before, after), (1.0, 1.0), "{what}, seed {seed}");
            assert!(during > 0.8, "{what}, seed {seed}: {during}");
        }
    }
}

/// A line of 50 and the work itself take 50/50 + 0.1 s, longer than anybody waits: a full line of
/// that length is for nothing, and most often it stays full. 44 at most are through in time.
#[test]
fn a_line_as_long_as_the_timeout_ends_no_storm() {
    let again = Retries {
        max: 3,
        backoff: Backoff::None,
        ..Retries::default()
    };
    let after = |line| (1..=10).map(move |seed| half_down(seed, again, Some(line))[2]);
    let lasting = after(50).filter(|answered| *answered == 0.0).count();
    assert!(lasting >= 5, "{lasting} of 10");
    assert!(after(44).all(|answered| answered == 1.0));
}
