//! Hedged calls against the law of the lesser of two. Where nobody waits in line a call takes T longer
//! than t with probability P(T > t) = G(t) before the second attempt is made at d, and then
//! G(t) G(t − d), where G is that of the work.

use littlebox::scenario::{After, Branch, Connection, Distribution, Hedge};

use crate::support::{design::*, estimate::*};

/// 10 ms of work on average.
const S: f64 = 0.01;

/// More slots than are ever used.
fn hedged(work: Distribution, after: After, cancellation: bool) -> Design {
    Design::new(7)
        .poisson("clients", 200.0)
        .server("server", 1_000, work)
        .connect(Connection {
            cancellation,
            hedge: Some(Hedge { after }),
            ..at_once("clients", "server")
        })
}

fn after_ms(millis: u64) -> After {
    After::Delay { delay: ms(millis) }
}

/// Exponential work has no memory: W = S (1 − e^(−d/S)) + e^(−d/S) S/2. Of those who make a second
/// attempt, e^(−d/S) of all, each adds what is left of the slower of two, S on average, unless that is
/// stopped: then the two together have worked d and twice S/2, no more than one alone.
#[test]
fn means() {
    for (millis, cancellation) in [(0, true), (0, false), (7, true), (7, false)] {
        let engine = hedged(exponential(10), after_ms(millis), cancellation).engine();
        let [w, busy, share] = batches(engine, 2_000.0, 60.0, |engine| {
            let (clients, server) = (at(engine, "clients"), at(engine, "server"));
            [
                clients.w(),
                server.busy_area as f64 / 1e9 / server.window_secs(),
                engine.connection(0).hedge_share().unwrap(),
            ]
        });
        let late = (-(millis as f64 / 1e3) / S).exp();
        let name = |what: &str| format!("{millis} ms, {cancellation}: {what}");
        check_within(&name("W"), &w, S * (1.0 - late / 2.0));
        check_within(&name("second attempts"), &share, late);
        let work = if cancellation { 1.0 } else { 1.0 + late };
        check_within(&name("busy"), &busy, 200.0 * S * work);
    }
}

/// The `t` at which `longer` has fallen to `left`.
fn quantile(longer: impl Fn(f64) -> f64, left: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1e3);
    for _ in 0..100 {
        let middle = (low + high) / 2.0;
        if longer(middle) > left {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

/// Before and after d, and far beyond.
const SHARES: [f64; 4] = [0.2, 0.9, 0.99, 0.999];

fn quantiles(design: &Design) -> [Vec<f64>; 4] {
    batches(design.engine(), 200.0, 600.0, |engine| {
        let latency = engine.component_latency(index(engine, "clients"));
        SHARES.map(|share| latency.quantile_ns(share).unwrap() / 1e9)
    })
}

#[test]
fn percentiles() {
    let branches = [(0.98, 10), (0.02, 200u64)];
    let tailed = branches.map(|(probability, mean)| Branch {
        probability,
        mean: ms(mean),
    });
    let tail = |t: f64| {
        let longer = branches.map(|(share, mean)| share * (-t * 1e3 / mean as f64).exp());
        longer.iter().sum::<f64>()
    };
    let law = |t: f64| (-t / S).exp();
    type Longer<'a> = &'a dyn Fn(f64) -> f64;
    let cases: [(Distribution, Longer, u64); 2] = [
        (exponential(10), &law, 7),
        (Distribution::HyperExponential(tailed.into()), &tail, 34),
    ];
    for (work, longer, millis) in cases {
        let delay = millis as f64 / 1e3;
        let either = |t: f64| longer(t) * if t < delay { 1.0 } else { longer(t - delay) };
        let found = quantiles(&hedged(work, after_ms(millis), false));
        for (share, found) in SHARES.into_iter().zip(&found) {
            let exact = quantile(either, 1.0 - share);
            // The histogram's stated resolution.
            check_within_resolution(&format!("{millis} ms: {share}"), found, exact, 0.008);
        }
    }
}

/// A tenth of the attempts take longer than 2.3 S, and are made again then: to what the histogram can
/// tell apart, 0.8 % of that.
#[test]
fn after_a_percentile() {
    let engine = hedged(exponential(10), After::Percentile { share: 0.9 }, false).engine();
    let [w, share] = batches(engine, 2_000.0, 60.0, |engine| {
        let share = engine.connection(0).hedge_share().unwrap();
        [at(engine, "clients").w(), share]
    });
    check_within_resolution("W", &w, S * (1.0 - 0.05), 0.01);
    // 0.008 · ln 10 of it.
    check_within_resolution("second attempts", &share, 0.1, 0.02);
}
