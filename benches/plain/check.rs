//! The yardstick itself against theory: a plain loop that is wrong proves nothing.

use super::{
    Plain, Report,
    station::Station,
    w1::{self, W1},
    w2::{self, W2},
    w3::{self, W3},
};

/// A normal deviate that is exceeded (in size) less than once in a million times.
const Z: f64 = 4.892;
const EVENTS: u64 = 4_000_000;

/// Runs the three loops and says whether what they measure is true.
pub fn all() -> bool {
    let (mut held, mut wrong) = (0, 0);
    let mut check = |what: &str, low: f64, found: f64, high: f64| {
        let holds = low <= found && found <= high;
        if holds {
            held += 1;
        } else {
            wrong += 1;
        }
        // The laws that hold everywhere need no line each.
        if !holds || what.starts_with('W') {
            let verdict = if holds { "" } else { "  WRONG" };
            println!("  {what:<34} {low:>9.6} ≤ {found:>9.6} ≤ {high:>9.6}{verdict}");
        }
    };

    println!("plain loops against theory, {EVENTS} events each");
    let mut plain = W1::new(1);
    plain.run(EVENTS);
    let report = plain.report();
    let (client, server) = (station(&report, "client"), station(&report, "server"));
    laws(&report, &mut check);
    // Mean wait 1/μ · ρ/(1 − ρ); the variance of its estimate from n jobs in a row is
    // ρ(2 + 5ρ − 4ρ² + ρ³)/(1 − ρ)⁴/n/μ² (Daley 1968; Whitt 1989, "Planning queueing simulations").
    let service = w1::SERVICE_NS / 1e9;
    let rho = w1::RATE * service;
    let spread = rho * (2.0 + rho * (5.0 + rho * (rho - 4.0))) / (1.0 - rho).powi(4);
    let exact = service * rho / (1.0 - rho);
    let margin = Z * service * (spread / server.waits as f64).sqrt();
    let found = server.wait_sum_ns as f64 / server.waits as f64 / 1e9;
    check("W1 mean wait, M/M/1", exact - margin, found, exact + margin);
    // The sojourn is exponential with mean 1/(μ − λ). Its density at the 90th percentile is 0.1 per
    // mean: standard error √(0.9 × 0.1)/0.1 means for independent jobs, of which (1 − √ρ)² n are
    // left by the queue's memory. The histogram adds at most 0.8 %.
    let mean = service / (1.0 - rho);
    let independent = client.departures as f64 * (1.0 - rho.sqrt()).powi(2);
    let p90 = server.sojourns.quantile_ns(0.9).unwrap_or(0.0) / 1e9;
    let exact = mean * 10f64.ln();
    // The density at the 90th percentile is 0.1/mean: standard error √(0.9 × 0.1) / 0.1 means.
    let margin = Z * 3.0 * mean / independent.sqrt() + 0.008 * exact;
    check("W1 90th percentile", exact - margin, p90, exact + margin);

    let mut plain = W2::new(1);
    plain.run(EVENTS);
    let report = plain.report();
    laws(&report, &mut check);
    // One line for all slots is better than any balancer, picking at random worse than a good one.
    let service = w2::SERVICE_NS / 1e9;
    let best = service + erlang_c_wait(w2::RATE, service, w2::SERVERS * w2::SLOTS);
    let worst = service + erlang_c_wait(w2::RATE / w2::SERVERS as f64, service, w2::SLOTS);
    let found = station(&report, "client").mean_sojourn_secs();
    check("W2 between M/M/40 and 10 × M/M/4", best, found, worst);

    let mut plain = W3::new(1);
    plain.run(EVENTS);
    let report = plain.report();
    laws(&report, &mut check);
    let (cache, database) = (station(&report, "cache"), station(&report, "database"));
    let lookups = cache.departures as f64;
    let misses = database.arrivals as f64 / lookups;
    let margin = Z * (w3::HIT_RATIO * (1.0 - w3::HIT_RATIO) / lookups).sqrt();
    let exact = 1.0 - w3::HIT_RATIO;
    check("W3 share of misses", exact - margin, misses, exact + margin);
    let turns: Vec<u64> = report
        .stations
        .iter()
        .filter(|(name, ..)| *name == "server")
        .map(|(.., station)| station.arrivals)
        .collect();
    let uneven = turns.iter().max().zip(turns.iter().min());
    let uneven = uneven.map_or(f64::NAN, |(most, least)| (most - least) as f64);
    check("W3 servers take turns", 0.0, uneven, 1.0);
    println!(
        "  {held} checks hold, {wrong} do not (conservation, Little's law and utilization of every box included)"
    );
    wrong == 0
}

fn station<'a>(report: &'a Report<'_>, name: &str) -> &'a Station {
    let found = report.stations.iter().find(|(n, ..)| *n == name);
    found.map(|(.., station)| *station).expect("such a station")
}

/// What holds in every network: nobody is lost, Little's law, and the utilization law.
fn laws(report: &Report<'_>, check: &mut impl FnMut(&str, f64, f64, f64)) {
    for (name, work_ns, station) in &report.stations {
        let present = station.present.now as f64;
        let inside = (station.arrivals - station.departures) as f64;
        check(
            &format!("{name}: in − out − inside"),
            0.0,
            inside - present,
            0.0,
        );
        // ∫N dt exceeds the sum of sojourns by what those inside have spent so far, which is no
        // more than twice the longest sojourn each.
        let area = station.present.area(report.now_ns) as f64;
        let sojourns = station.sojourn_sum_ns as f64;
        let edge = present * 2.0 * station.sojourns.max_ns() as f64;
        let little = area / sojourns;
        check(
            &format!("{name}: ∫N dt / ΣW"),
            1.0,
            little,
            1.0 + edge / sojourns,
        );
        if *work_ns > 0.0 {
            // Busy time over services is the mean of exponential times.
            let services = station.waits as f64;
            let work = station.busy.area(report.now_ns) as f64 / services / work_ns;
            let margin = Z / services.sqrt() + station.busy.now as f64 / services;
            check(
                &format!("{name}: own work over its mean"),
                1.0 - margin,
                work,
                1.0 + margin,
            );
        }
    }
}

/// Mean wait in M/M/c (Erlang C; Kleinrock 1975, equation 3.40), with the Erlang B recursion.
fn erlang_c_wait(rate: f64, service_secs: f64, slots: usize) -> f64 {
    let load = rate * service_secs;
    let blocked = (1..=slots).fold(1.0, |b, k| load * b / (k as f64 + load * b));
    let free = slots as f64 - load;
    let waits = slots as f64 * blocked / (free + load * blocked);
    waits * service_secs / free
}
