//! The latency of the requests from each region, against the exact quantiles of two ways there and
//! back whose times are known.

use littlebox::{
    engine::Histogram,
    scenario::{
        Client, Component, Connection, Distribution, Frame, FrameKind, FrameLatency, IndexMap,
    },
};

use crate::support::design::*;

/// The quantile of a distribution function that rises from 0 at 0 to 1 at `most`.
fn inverse(distribution: impl Fn(f64) -> f64, most: f64, q: f64) -> f64 {
    let (mut low, mut high) = (0.0, most);
    for _ in 0..100 {
        let middle = f64::midpoint(low, high);
        if distribution(middle) < q {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

/// Within the error of the histogram, and what chance leaves the rank of a sample's quantile five
/// standard errors of a binomial share.
fn check_quantiles(what: &str, found: &Histogram, distribution: impl Fn(f64) -> f64, most: f64) {
    for q in [0.5, 0.9, 0.99, 0.999] {
        let error = 5.0 * (q * (1.0 - q) / found.count() as f64).sqrt();
        let exact = |q: f64| inverse(&distribution, most, q);
        let secs = found.quantile_ns(q).unwrap() / 1e9;
        let (low, high) = (0.99 * exact(q - error), 1.01 * exact(q + error));
        assert!(
            (low..=high).contains(&secs),
            "{what}: quantile {q} is {secs}, not within {low} and {high}"
        );
    }
}

/// From one region each way takes an exponential time, so that a request takes the sum of two:
/// P(T ≤ t) = 1 − (1 + t/m)·e^(−t/m). From the other it takes a uniform time between 80 and 120 ms,
/// so that the sum has a triangular density. The mixture, which the system shows, is neither.
#[test]
fn quantiles_are_those_of_each_way() {
    let between = |from: &str, latency| FrameLatency {
        from: from.into(),
        to: "here".into(),
        latency,
    };
    let frame = |members: &[&str]| Frame {
        kind: FrameKind::Region,
        members: members.iter().map(|name| (*name).to_owned()).collect(),
        ..Frame::default()
    };
    let regions = [("near", 3.0), ("far", 1.0)];
    let users = Client {
        regions: regions
            .map(|(name, weight)| (name.to_owned(), weight))
            .into_iter()
            .collect::<IndexMap<_, _>>(),
        ..patient(poisson(400.0))
    };
    let mut design = Design::new(31)
        .add("users", Component::Client(users))
        .server("site", 10_000, Distribution::ZERO)
        .connect(Connection::new("users", "site"));
    for (name, members) in [("near", &[][..]), ("here", &["site"]), ("far", &[])] {
        design.0.frames.insert(name.into(), frame(members));
    }
    design.0.latencies = vec![
        between("near", exponential(10)),
        between(
            "far",
            Distribution::Uniform {
                min: ms(80),
                max: ms(120),
            },
        ),
    ];
    let mut engine = design.engine();
    engine.run_until(secs(10).nanos());
    engine.reset_measures();
    engine.run_until(secs(2_000).nanos());
    let found = engine.origins(None);
    let [(0, near), (2, far)] = &found[..] else {
        panic!("{:?}", found.iter().map(|(at, _)| at).collect::<Vec<_>>());
    };
    let erlang = |t: f64| 1.0 - (1.0 + t / 0.01) * (-t / 0.01).exp();
    check_quantiles("near", &near.latency, erlang, 1.0);
    let triangular = |t: f64| {
        let (rise, fall) = ((t - 0.16).max(0.0), (0.24 - t).max(0.0));
        if t < 0.2 {
            rise * rise / 0.0032
        } else {
            1.0 - fall * fall / 0.0032
        }
    };
    check_quantiles("far", &far.latency, triangular, 0.24);
    let all = engine.system_latency();
    assert_eq!(near.latency.count() + far.latency.count(), all.count());
    let mixture = |t: f64| 0.75 * erlang(t) + 0.25 * triangular(t);
    check_quantiles("whole system", &all, mixture, 1.0);
}
