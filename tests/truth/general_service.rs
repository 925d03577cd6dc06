//! M/G/1 against Pollaczek and Khinchine, and the distributions themselves.

use littlebox::scenario::{Branch, Distribution, Sample};

use crate::support::{design::*, estimate::*};

/// Mean, squared coefficient of variation and some quantiles in seconds, worked out here.
struct Law {
    service: Distribution,
    mean: f64,
    squared_cv: f64,
    quantiles: [(f64, f64); 3],
}

/// Where a distribution function reaches a share, by halving.
fn reached(cdf: impl Fn(f64) -> f64, share: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..100 {
        let middle = f64::midpoint(low, high);
        if cdf(middle) < share {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

/// As [`laws`], for the distributions that are seldom met.
fn more_laws() -> [Law; 6] {
    let below = |z: f64| libm::erfc(-z / std::f64::consts::SQRT_2) / 2.0;
    // Cut at 0, one standard deviation below the mean: h = φ(1)/Φ(1) = 0.241971/0.841345, mean
    // μ + σh, variance σ²(1 − h − h²).
    let h = 0.241_970_725 / 0.841_344_746;
    let cut_mean = 4e-3 * (1.0 + h);
    let cut = move |t: f64| (below((t - 4e-3) / 4e-3) - below(-1.0)) / below(1.0);
    // E[Tⁿ] = ∫ tⁿ α minᵅ t^(−α−1) dt / (1 − (min/max)ᵅ) from 2 to 200 ms with α = 1.5.
    let kept = 1.0 - 0.01f64.powf(1.5);
    let scale = 1.5 * 2e-3f64.powf(1.5) / kept;
    let pareto_mean = scale * (2e-3f64.powf(-0.5) - 0.2f64.powf(-0.5)) / 0.5;
    let pareto_square = scale * (0.2f64.sqrt() - 2e-3f64.sqrt()) / 0.5;
    let two = |t: f64| 1.0 - 0.9 * (-t / 4e-3).exp() - 0.1 * (-t / 44e-3).exp();
    [
        Law {
            service: Distribution::Normal {
                mean: ms(4),
                sd: ms(4),
            },
            mean: cut_mean,
            squared_cv: 16e-6 * (1.0 - h - h * h) / cut_mean.powi(2),
            quantiles: [0.1, 0.5, 0.99].map(|q| (q, reached(cut, q))),
        },
        Law {
            // Shape 1/2: 8 ms × chi-squared with 1 degree of freedom (Abramowitz and Stegun, table
            // 26.8).
            service: Distribution::Gamma {
                mean: ms(8),
                cv: std::f64::consts::SQRT_2,
            },
            mean: 8e-3,
            squared_cv: 2.0,
            quantiles: [(0.1, 0.015_790_8), (0.5, 0.454_937), (0.95, 3.841_46)]
                .map(|(q, chi_squared)| (q, chi_squared * 8e-3)),
        },
        Law {
            // Shape 2 is Rayleigh's: mean √π/2 × scale, squared cv 4/π − 1.
            service: Distribution::Weibull {
                shape: 2.0,
                scale: ms(10),
            },
            mean: 5e-3 * std::f64::consts::PI.sqrt(),
            squared_cv: 4.0 / std::f64::consts::PI - 1.0,
            quantiles: [0.1, 0.5, 0.99].map(|q: f64| (q, 1e-2 * (-(1.0 - q).ln()).sqrt())),
        },
        Law {
            service: Distribution::BoundedPareto {
                alpha: 1.5,
                min: ms(2),
                max: ms(200),
            },
            mean: pareto_mean,
            squared_cv: pareto_square / pareto_mean.powi(2) - 1.0,
            quantiles: [0.1, 0.5, 0.99].map(|q| (q, 2e-3 * (1.0 - q * kept).powf(-1.0 / 1.5))),
        },
        Law {
            service: Distribution::HyperExponential(vec![
                Branch {
                    probability: 0.9,
                    mean: ms(4),
                },
                Branch {
                    probability: 0.1,
                    mean: ms(44),
                },
            ]),
            mean: 8e-3,
            // E[S²] = 2 (0.9 · 4² + 0.1 · 44²) = 416.
            squared_cv: 416.0 / 64.0 - 1.0,
            quantiles: [0.1, 0.5, 0.99].map(|q| (q, reached(two, q))),
        },
        Law {
            service: Distribution::Empirical(Sample::listed(vec![ms(2), ms(4), ms(4), ms(22)])),
            mean: 8e-3,
            squared_cv: (36.0 + 16.0 + 16.0 + 196.0) / 4.0 / 64.0,
            quantiles: [(0.2, 2e-3), (0.5, 4e-3), (0.9, 22e-3)],
        },
    ]
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
    for law in laws().into_iter().chain(more_laws()) {
        let rate = 0.7 / law.mean;
        let engine = Design::new(7)
            .poisson("clients", rate)
            .server("server", 1, law.service.clone())
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
    for law in laws().into_iter().chain(more_laws()) {
        let engine = Design::new(8)
            .poisson("clients", 1_000.0)
            .server("server", 1_000, law.service.clone())
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
