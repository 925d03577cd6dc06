//! Work that does not depend on the machine: events, requests, allocations and fingerprints.

use std::path::Path;

use littlebox::{engine::Engine, scenario::Scenario};

use crate::{
    allocations,
    plain::{Plain, w1::W1, w2::W2, w3::W3},
    report::networks,
    support::everything::{EVERYTHING_1, EVERYTHING_END_NS, everything},
};

const WARM_UP: u64 = 1_000_000;
const EVENTS: u64 = 1_000_000;

/// Compares the counts with those committed, or writes them. Says whether they are the same.
pub fn check(bless: bool) -> bool {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/work.txt");
    let lines = [
        plain("plain W1", &mut W1::new(1)),
        plain("plain W2", &mut W2::new(1)),
        plain("plain W3", &mut W3::new(1)),
        engine("engine W1", &networks::w1()),
        engine("engine W2", &networks::w2()),
        engine("engine W3", &networks::w3()),
    ];
    let found = lines.map(|line| line + "\n").concat();
    print!("{found}");
    // The tests compare with the same number, unoptimized.
    let mut engine = everything(1).engine();
    engine.run_until(EVERYTHING_END_NS);
    let fingerprint = engine.fingerprint();
    if fingerprint != EVERYTHING_1 {
        println!(
            "fingerprint {fingerprint:016x} of everything(1), but the tests say {EVERYTHING_1:016x}"
        );
        return false;
    }
    if bless {
        let written = std::fs::write(&path, found);
        println!("{}: {written:?}", path.display());
        return written.is_ok();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    let same = committed == found;
    if same {
        println!("the same as in benches/work.txt");
    } else {
        println!(
            "NOT as in benches/work.txt:\n{committed}If this is meant, run with --quick --bless."
        );
    }
    same
}

fn plain(name: &str, plain: &mut dyn Plain) -> String {
    plain.run(WARM_UP);
    let requests = plain.report().requests();
    let before = allocations();
    plain.run(EVENTS);
    let allocated = allocations() - before;
    let report = plain.report();
    let latency_ns = report.stations[0].2.sojourn_sum_ns;
    line(name, report.requests() - requests, allocated)
        + &format!(", summed latency {latency_ns} ns")
}

fn engine(name: &str, scenario: &Scenario) -> String {
    let mut engine = Engine::new(scenario).expect("the scenario is sound");
    engine.run_events(u64::MAX, WARM_UP);
    let requests = engine.system().departures;
    let before = allocations();
    engine.run_events(u64::MAX, EVENTS);
    let allocated = allocations() - before;
    engine.check_conservation().expect("nothing is lost");
    line(name, engine.system().departures - requests, allocated)
        + &format!(", fingerprint {:016x}", engine.fingerprint())
}

fn line(name: &str, requests: u64, allocations: u64) -> String {
    format!(
        "{name}: {EVENTS} events, {requests} requests, {:.4} events per request, {allocations} allocations",
        EVENTS as f64 / requests as f64
    )
}
