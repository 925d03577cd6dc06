//! Long-lived connections: how many are open, how many messages they send, and how they come back.

use littlebox::{
    engine::Engine,
    scenario::{
        Algorithm, Arrivals, Component, Distribution, Duration, FaultKind, LongLived, Scenario,
    },
};

use crate::support::design::*;
use crate::support::estimate::{
    check_poisson_count, check_same, check_share, check_within, replications,
};

const USERS: u32 = 200;

fn users(drawn: LongLived) -> Arrivals {
    Arrivals::LongLived(Box::new(drawn))
}

/// Held for 30 s and away for 10 s on average; opening takes no time.
fn design(seed: u64, hold: Distribution, away: Distribution, every_ms: u64) -> Scenario {
    let drawn = LongLived {
        hold,
        away,
        every: exponential(every_ms),
        ..LongLived::new(USERS)
    };
    let mut scenario = Design::new(seed)
        .client("users", users(drawn))
        .balancer("balancer", Algorithm::Random)
        .server("chat", 100_000, Distribution::ZERO)
        .join("users", "balancer")
        .join("balancer", "chat")
        .0;
    if let Component::Server(chat) = &mut scenario.components["chat"] {
        chat.instances = 3;
    }
    scenario
}

/// Each user takes turns between open and away, an alternating renewal process: open for the share
/// hold ⁄ (hold + away) of the time, whatever the two distributions (Barlow and Proschan 1965, chapter
/// 3; for many users who are seldom there the insensitivity of M/G/∞). So the number open at a moment
/// is binomial: its mean N·p and its variance N·p·(1 − p).
#[test]
fn the_number_open_is_binomial_whatever_the_distributions() {
    let hold = Duration::from_secs(30);
    let p = 0.75;
    let mean = f64::from(USERS) * p;
    let variance = mean * (1.0 - p);
    for (hold, away) in [
        (Distribution::Exponential(hold), exponential(10_000)),
        (
            Distribution::Uniform {
                min: Duration::ZERO,
                max: secs(60),
            },
            exponential(10_000),
        ),
        (
            Distribution::LogNormalMean {
                mean: hold,
                cv: 1.5,
            },
            Distribution::Uniform {
                min: Duration::ZERO,
                max: secs(20),
            },
        ),
    ] {
        let what = format!("{hold:?}");
        // Far enough apart to be as good as independent: exp(−300/30) is nothing.
        const LOOKS: u64 = 100;
        let [open, square, area] = replications(10, |seed| {
            let mut engine =
                Engine::new(&design(seed, hold.clone(), away.clone(), 1_000_000)).unwrap();
            let (mut sum, mut squares) = (0.0, 0.0);
            engine.run_until(secs(1_000).nanos());
            engine.reset_measures();
            for look in 1..=LOOKS {
                engine.run_until(secs(1_000 + look * 300).nanos());
                let open = at(&engine, "users").connections as f64;
                sum += open;
                squares += (open - mean).powi(2);
            }
            engine.check_conservation().unwrap();
            let t = at(&engine, "chat");
            let area = t.connections_area as f64 / 1e9 / t.window_secs();
            let looks = LOOKS as f64;
            [sum / looks, squares / looks, area]
        });
        check_within(&what, &open, mean);
        // Nearly normal, so that the mean of n squares has a standard deviation of √(2/n) of itself.
        let looks = 10.0 * LOOKS as f64;
        let found = square.iter().sum::<f64>() / 10.0 / variance;
        assert!(
            (found - 1.0).abs() < 5.5 * (2.0 / looks).sqrt(),
            "{what}: {found}"
        );
        check_within(&what, &area, mean);
    }
}

/// Little's law for connections: the mean number open is the rate of opening times the mean time they
/// are held. And messages come at the number open times their rate: given the time that connections
/// were open, which the area is, they are Poisson.
#[test]
fn littles_law_holds_for_connections_and_messages() {
    let [open, rate, messages] = replications(16, |seed| {
        let hold = Distribution::Erlang {
            k: 3,
            mean: secs(30),
        };
        let mut engine = Engine::new(&design(seed, hold, exponential(10_000), 2_000)).unwrap();
        engine.run_until(secs(500).nanos());
        engine.reset_measures();
        engine.run_until(secs(3_000).nanos());
        let t = at(&engine, "users");
        let area = t.connections_area as f64 / 1e9;
        let sent = t.arrivals - t.opened;
        check_poisson_count("messages", sent, area / 2.0);
        let rate = t.opened as f64 / t.window_secs();
        [area / t.window_secs(), rate * 30.0, sent as f64 / area]
    });
    check_same("open, and opened/s × held", &open, &rate);
    check_within("messages a second and connection", &messages, 0.5);
}

/// After a crash n users come back. With a wait that is uniform over J the k-th of m parts of J sees a
/// share 1/m of them: a rate of n/J; with a constant wait all come at the same instant.
#[test]
fn jitter_spreads_a_storm_evenly() {
    let jitter = 20;
    let shares = |is_random: bool| {
        replications(30, |seed| {
            let drawn = LongLived {
                hold: constant(1_000_000_000),
                every: constant(1_000_000_000),
                away: constant(1_000),
                reconnect: if is_random {
                    Distribution::Uniform {
                        min: Duration::ZERO,
                        max: secs(jitter),
                    }
                } else {
                    constant(10_500)
                },
                ..LongLived::new(USERS)
            };
            let mut engine = Design::new(seed)
                .client("users", users(drawn))
                .server("chat", 100_000, constant(10))
                .join("users", "chat")
                .engine();
            engine.run_until(secs(5).nanos());
            engine.start_fault("chat", FaultKind::Crash).unwrap();
            engine.heal("chat").unwrap();
            let mut parts = [0.0; 4];
            for (part, share) in (1..).zip(&mut parts) {
                let before = at(&engine, "users").reconnects;
                engine.run_until(secs(5 + part * jitter / 4).nanos());
                let came = at(&engine, "users").reconnects - before;
                *share = came as f64 / f64::from(USERS);
            }
            parts
        })
    };
    for part in shares(true) {
        let users = f64::from(USERS) * part.len() as f64;
        let came = part.iter().sum::<f64>() * f64::from(USERS);
        check_share("a quarter of the time", came as u64, users as u64, 0.25);
    }
    let at_once = shares(false);
    assert!(at_once[2].iter().all(|share| *share == 1.0), "{at_once:?}");
}
