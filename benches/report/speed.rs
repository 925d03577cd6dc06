//! Events and requests per second of the engine beside the plain loops.

use littlebox::{engine::Engine, scenario::Scenario};

use crate::{
    plain::{Plain, w1::W1, w2::W2, w3::W3},
    report::networks,
    seconds,
};

/// Requests of a round, and how many rounds. The processor time of a thread is brought up to date
/// every few milliseconds only, so a round must be long.
const REQUESTS: u64 = 10_000_000;
const ROUNDS: usize = 9;
/// The engine must do at least this share of the requests per second of the plain loop.
const BAR: f64 = 0.8;

/// Runs plain loop and engine in turns and says whether the engine reaches the bar on all networks.
pub fn compare() -> bool {
    println!(
        "\nthe engine beside the plain loops: {ROUNDS} rounds of {REQUESTS} requests each, in turns"
    );
    let mut good = true;
    good &= network("W1", &mut W1::new(1), &networks::w1());
    good &= network("W2", &mut W2::new(1), &networks::w2());
    good &= network("W3", &mut W3::new(1), &networks::w3());
    good
}

fn network(name: &str, plain: &mut dyn Plain, scenario: &Scenario) -> bool {
    let mut engine = Engine::new(scenario).expect("the scenario is sound");
    // Events per request are the same in every round but for noise: take them from a warm-up.
    let warm_up = REQUESTS / 10;
    plain.run(warm_up);
    engine.run_events(u64::MAX, warm_up);
    let plain_events = plain_per_request(plain) * REQUESTS as f64;
    let engine_events = engine_per_request(&engine) * REQUESTS as f64;

    let mut rounds: Vec<(f64, f64)> = Vec::new();
    for _ in 0..ROUNDS {
        let start = seconds();
        let before = plain.report().requests();
        plain.run(plain_events as u64);
        let per_sec = (plain.report().requests() - before) as f64 / (seconds() - start);

        let start = seconds();
        let before = engine.system().departures;
        engine.run_events(u64::MAX, engine_events as u64);
        let engine_per_sec = (engine.system().departures - before) as f64 / (seconds() - start);
        rounds.push((per_sec, engine_per_sec));
    }
    engine.check_conservation().expect("nothing is lost");

    let (plain_each, engine_each) = (plain_per_request(plain), engine_per_request(&engine));
    println!(
        "{name}   plain M events/s  engine M events/s   engine / plain in requests per second"
    );
    for (plain, engine) in &rounds {
        println!(
            "     {:16.1}  {:17.1}   {:.3}",
            plain * plain_each / 1e6,
            engine * engine_each / 1e6,
            engine / plain,
        );
    }
    let ratio = median(rounds.iter().map(|(plain, engine)| engine / plain));
    let holds = ratio >= BAR;
    println!(
        "     {:16.1}  {:17.1}   {ratio:.3}   medians; the bar is {BAR}: {}",
        median(rounds.iter().map(|round| round.0 * plain_each / 1e6)),
        median(rounds.iter().map(|round| round.1 * engine_each / 1e6)),
        if holds { "reached" } else { "NOT REACHED" },
    );
    let totals = engine.system();
    println!(
        "     events per request {plain_each:.3} and {engine_each:.3}; mean latency {:.4} ms and {:.4} ms",
        plain.report().latency_secs() * 1e3,
        totals.sojourn_sum_ns as f64 / totals.departures as f64 / 1e6,
    );
    holds
}

fn plain_per_request(plain: &dyn Plain) -> f64 {
    let report = plain.report();
    report.events as f64 / report.requests() as f64
}

fn engine_per_request(engine: &Engine) -> f64 {
    engine.events() as f64 / engine.system().departures as f64
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
