//! M/G/1 against Pollaczek and Khinchine, and the distributions themselves.

use littlebox::scenario::Distribution;

use crate::support::{design::*, estimate::*};

/// Mean, squared coefficient of variation and some quantiles in seconds, worked out here.
struct Law {
    service: Distribution,
    mean: f64,
    squared_cv: f64,
    quantiles: [(f64, f64); 3],
}

fn laws() -> [Law; 6] {
    // Lognormal with median 5 ms and p99 30 ms: σ = ln(6)/2.32635, mean = median · e^(σ²/2).
    let sigma = 6f64.ln() / 2.326_347_874;
    let by_percentiles = (
        5e-3 * (sigma * sigma / 2.0).exp(),
        (sigma * sigma).exp() - 1.0,
    );
    // Lognormal with mean 8 ms and cv 2: σ² = ln 5, median = mean/√5.
    let wide = 5f64.ln().sqrt();
    let median = 8e-3 / 5f64.sqrt();
    [
        Law {
            service: constant(8),
            mean: 8e-3,
            squared_cv: 0.0,
            quantiles: [(0.1, 8e-3), (0.5, 8e-3), (0.9, 8e-3)],
        },
        Law {
            service: exponential(8),
            mean: 8e-3,
            squared_cv: 1.0,
            quantiles: [0.1f64, 0.5, 0.99].map(|q| (q, -8e-3 * (1.0 - q).ln())),
        },
        Law {
            service: Distribution::LogNormal {
                p50: ms(5),
                p99: ms(30),
            },
            mean: by_percentiles.0,
            squared_cv: by_percentiles.1,
            quantiles: [(0.01, 5e-3 / 6.0), (0.5, 5e-3), (0.99, 30e-3)],
        },
        Law {
            service: Distribution::LogNormalMean {
                mean: ms(8),
                cv: 2.0,
            },
            mean: 8e-3,
            squared_cv: 4.0,
            // Φ(1) = 0.841345.
            quantiles: [
                (0.158_655, median / wide.exp()),
                (0.5, median),
                (0.841_345, median * wide.exp()),
            ],
        },
        Law {
            service: Distribution::Erlang { k: 4, mean: ms(8) },
            mean: 8e-3,
            squared_cv: 0.25,
            // Chi-squared with 8 degrees of freedom over 8 (Abramowitz and Stegun, table 26.8).
            quantiles: [(0.1, 3.489_54), (0.5, 7.344_12), (0.95, 15.507_3)]
                .map(|(q, chi_squared)| (q, chi_squared / 8.0 * 8e-3)),
        },
        Law {
            service: Distribution::Uniform {
                min: ms(2),
                max: ms(14),
            },
            mean: 8e-3,
            squared_cv: 144.0 / 12.0 / 64.0,
            quantiles: [(0.1, 3.2e-3), (0.5, 8e-3), (0.9, 12.8e-3)],
        },
    ]
}

/// Wq = ρ/(1 − ρ) · (1 + C²)/2 · E[S] (Pollaczek 1930, Khinchine 1932; Kleinrock 1975, 5.72).
#[test]
fn pollaczek_khinchine() {
    for law in laws() {
        let rate = 0.7 / law.mean;
        let engine = Design::new(7)
            .poisson("clients", rate)
            .server("server", 1, law.service)
            .join("clients", "server")
            .engine();
        let [wq, l, u] = batches(engine, 50.0, 800.0, |engine| {
            let server = at(engine, "server");
            [server.wq(), server.l(), server.utilization()]
        });
        let exact = 0.7 / 0.3 * f64::midpoint(1.0, law.squared_cv) * law.mean;
        let name = |what: &str| format!("{:?} {what}", law.service);
        check_within(&name("Wq"), &wq, exact);
        check_within(&name("L"), &l, rate * (exact + law.mean));
        check_within(&name("utilization"), &u, 0.7);
    }
}

/// Slots for everybody: the sojourn is the work itself.
#[test]
fn distributions_have_their_quantiles() {
    for law in laws() {
        let engine = Design::new(8)
            .poisson("clients", 1_000.0)
            .server("server", 1_000, law.service)
            .join("clients", "server")
            .engine();
        let [low, middle, high, mean] = batches(engine, 1.0, 25.0, |engine| {
            let latency = engine.component_latency(index(engine, "server"));
            let [low, middle, high] = law
                .quantiles
                .map(|(q, _)| latency.quantile_ns(q).unwrap() / 1e9);
            let server = at(engine, "server");
            let mean = server.service_sum_ns as f64 / 1e9 / server.services as f64;
            [low, middle, high, mean]
        });
        for ((q, exact), found) in law.quantiles.into_iter().zip([low, middle, high]) {
            check_within_resolution(&format!("{:?} at {q}", law.service), &found, exact, 0.008);
        }
        check_within_resolution(&format!("mean of {:?}", law.service), &mean, law.mean, 1e-9);
    }
}
