//! Arrivals: as many as the rate says, as irregular as they should be.

use littlebox::scenario::{Arrivals, Distribution, Duration, OperationKind, Rate, RateShape};

use crate::support::{design::*, estimate::*};

fn arrivals(arrivals: Arrivals) -> Design {
    Design::new(1)
        .client("clients", arrivals)
        .server("server", 1_000, Distribution::ZERO)
        .join("clients", "server")
}

fn counts(design: &Design, ends_secs: &[u64]) -> Vec<u64> {
    let mut engine = design.engine();
    let mut before = 0;
    ends_secs
        .iter()
        .map(|end| {
            engine.run_until(secs(*end).nanos());
            let count = at(&engine, "clients").arrivals;
            count - std::mem::replace(&mut before, count)
        })
        .collect()
}

/// Counts of a Poisson process: mean λt, and variance the same as the mean.
#[test]
fn poisson_counts() {
    let ends: Vec<u64> = (1..=2_000).collect();
    let counts: Vec<f64> = counts(&arrivals(poisson(200.0)), &ends)
        .into_iter()
        .map(|count| count as f64)
        .collect();
    check_poisson_count("all", counts.iter().sum::<f64>() as u64, 400_000.0);
    let mean = counts.iter().sum::<f64>() / 2_000.0;
    let dispersion = counts.iter().map(|c| (c - mean).powi(2)).sum::<f64>() / 1_999.0 / mean;
    // (n − 1) · dispersion is chi-squared with n − 1 degrees of freedom: standard error √(2/(n − 1)).
    assert!(
        (dispersion - 1.0).abs() < 4.9 * (2.0f64 / 1_999.0).sqrt(),
        "{dispersion}"
    );
}

#[test]
fn constant_counts() {
    let rate = Rate(7.0);
    let profile = Vec::new();
    let counts = counts(
        &arrivals(Arrivals::Constant { rate, profile }),
        &[10, 20, 30],
    );
    assert!(
        counts.iter().all(|count| (69..=71).contains(count)),
        "{counts:?}"
    );
}

#[test]
fn profiles() {
    let second = Duration::from_secs;
    let profile = vec![
        RateShape::Steps(vec![(second(100), Rate(300.0)), (second(200), Rate(100.0))]),
        RateShape::Ramp {
            from: second(300),
            until: second(400),
            to: Rate(500.0),
        },
        RateShape::Spike {
            at: second(500),
            until: second(510),
            times: 5.0,
        },
        RateShape::Day {
            swing: 0.5,
            period: second(200),
        },
    ];
    let rate = Rate(100.0);
    // The sine adds 100 · 0.5 · 200/π = 3183 over the first half of each period and takes it away over
    // the second half.
    let half = 100.0 * 0.5 * 200.0 / std::f64::consts::PI;
    let quarter = half / 2.0;
    // (end, requests since the end before)
    let expected = [
        (100, 100.0 * 100.0 + half),
        (200, 300.0 * 100.0 - half),
        (300, 100.0 * 100.0 + half),
        (350, 100.0 * 50.0 + 100.0 * 50.0 - quarter),
        (400, 100.0 * 50.0 + 300.0 * 50.0 - quarter),
        (500, 500.0 * 100.0 + half),
    ];
    let ends: Vec<u64> = expected.iter().map(|(end, _)| *end).chain([510]).collect();
    let found = counts(&arrivals(Arrivals::Poisson { rate, profile }), &ends);
    for ((end, mean), count) in expected.into_iter().zip(&found) {
        check_poisson_count(&format!("until {end} s"), *count, mean);
    }
    // 10 s of the spike: 500/s and 4 × 100/s more, less the sine.
    let sine = 100.0 * 0.5 * 200.0 / (2.0 * std::f64::consts::PI)
        * ((std::f64::consts::PI * 0.1).cos() - 1.0);
    check_poisson_count("the spike", found[6], 9_000.0 + sine);
}

#[test]
fn operations_come_by_weight() {
    let mut engine = Design::new(2)
        .operation("read", OperationKind::Read, 9.0)
        .operation("write", OperationKind::Write, 1.0)
        .poisson("clients", 1_000.0)
        .server("server", 1_000, Distribution::ZERO)
        .join("clients", "server")
        .engine();
    engine.run_until(secs(100).nanos());
    let all = at(&engine, "clients").arrivals;
    check_share("writes", engine.operation(1).arrivals, all, 0.1);
    assert_eq!(
        engine.operation(0).arrivals + engine.operation(1).arrivals,
        all
    );
}

/// Every box has its own luck: another box in the drawing changes nobody's arrivals or work.
#[test]
fn luck_is_kept_apart() {
    let alone = |more: bool| {
        let mut design = Design::new(3)
            .poisson("clients", 80.0)
            .server("server", 1, exponential(10))
            .join("clients", "server");
        if more {
            design = design
                .poisson("others", 500.0)
                .server("elsewhere", 2, exponential(3))
                .join("others", "elsewhere");
        }
        let mut engine = design.engine();
        engine.run_until(secs(300).nanos());
        (at(&engine, "server"), at(&engine, "clients"))
    };
    assert_eq!(alone(false), alone(true));
}
