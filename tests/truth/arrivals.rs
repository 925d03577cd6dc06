//! Arrivals that are not Poisson: their counts, the lines they make, and lists to the nanosecond.

use littlebox::{
    engine::Engine,
    scenario::{
        Algorithm, Arrivals, BatchSizes, Cache, Client, Component, Distribution, Duration,
        FaultKind, Keys, Rate, RateShape, Recorded, Sample,
    },
};

use crate::support::{design::*, estimate::*};

fn uniform(rate: f64) -> Arrivals {
    Arrivals::Uniform {
        rate: Rate(rate),
        profile: Vec::new(),
    }
}

fn bursts(low: f64, high: f64, low_for: u64, high_for: u64) -> Arrivals {
    Arrivals::Bursts {
        low: Rate(low),
        high: Rate(high),
        low_for: ms(low_for),
        high_for: ms(high_for),
        profile: Vec::new(),
    }
}

fn batch(rate: f64, size: f64, sizes: BatchSizes) -> Arrivals {
    Arrivals::Batches {
        rate: Rate(rate),
        size,
        sizes,
        profile: Vec::new(),
    }
}

fn sessions(starts: f64, requests: f64, think: Distribution) -> Arrivals {
    Arrivals::Sessions {
        starts: Rate(starts),
        requests,
        think,
        profile: Vec::new(),
    }
}

fn recorded(millis: &[u64], repeat: Option<u64>) -> Arrivals {
    let times: Vec<Duration> = millis.iter().map(|time| ms(*time)).collect();
    Arrivals::Recorded(Recorded {
        times: Sample::listed(times),
        repeat: repeat.map(ms),
    })
}

/// In front of a server whose work takes this long.
fn served(arrivals: Arrivals, slots: u32, service: Distribution) -> Design {
    Design::new(1)
        .client("clients", arrivals)
        .server("server", slots, service)
        .join("clients", "server")
}

/// Requests in each of these spans, the first from the start.
fn counts(engine: &mut Engine, spans_ns: impl IntoIterator<Item = u64>) -> Vec<u64> {
    let mut before = at(engine, "clients").arrivals;
    spans_ns
        .into_iter()
        .map(|span| {
            engine.run_until(engine.now_ns() + span);
            let count = at(engine, "clients").arrivals;
            count - std::mem::replace(&mut before, count)
        })
        .collect()
}

/// Mean and index of dispersion of the counts in windows of `t` seconds, from 32 runs of 400.
fn dispersion(arrivals: &Arrivals, mean: f64) -> [Vec<f64>; 2] {
    replications(32, |seed| {
        let mut design = served(arrivals.clone(), 1_000, Distribution::ZERO);
        design.0.seed = seed;
        let found = counts(&mut design.engine(), [4_000_000_000; 400]);
        let sum: u64 = found.iter().sum();
        let squares: f64 = found.iter().map(|n| (*n as f64 - mean).powi(2)).sum();
        [sum as f64 / 400.0, squares / 400.0 / mean]
    })
}

/// A two-state MMPP, from the start: I(t) = 1 + 2 p (1 − p) (λ₁ − λ₂)² / (λσ) · (1 − (1 − e^−σt)/σt),
/// with σ the sum of the rates of both turns (Fischer and Meier-Hellstern 1993, "The MMPP
/// cookbook", section 3; by integrating the covariance p (1 − p) (λ₁ − λ₂)² e^−στ).
#[test]
fn bursts_have_the_dispersion_of_an_mmpp() {
    for (low, high, low_for, high_for) in [(5.0, 50.0, 2_000, 500), (0.0, 40.0, 1_000, 500)] {
        let (stay_low, stay_high) = (low_for as f64 / 1e3, high_for as f64 / 1e3);
        let p = stay_high / (stay_low + stay_high);
        let rate = p * high + (1.0 - p) * low;
        let sigma = 1.0 / stay_low + 1.0 / stay_high;
        let t = 4.0;
        let level = 2.0 * p * (1.0 - p) * (high - low).powi(2) / rate / sigma;
        let exact = 1.0 + level * (1.0 + (-sigma * t).exp_m1() / (sigma * t));
        let [mean, found] = dispersion(&bursts(low, high, low_for, high_for), rate * t);
        check_within("mean", &mean, rate * t);
        check_within("index of dispersion", &found, exact);
    }
}

/// Of a compound Poisson process the index is E[X²]/E[X].
#[test]
fn batches_have_the_dispersion_of_their_sizes() {
    for (sizes, exact) in [(BatchSizes::Constant, 4.0), (BatchSizes::Geometric, 7.0)] {
        let [mean, found] = dispersion(&batch(20.0, 4.0, sizes), 80.0);
        check_within("mean", &mean, 80.0);
        check_within("index of dispersion", &found, exact);
    }
}

/// M[X]/M/1: L = ρ (1 + E[X²]/E[X]) / 2(1 − ρ) (Gross and Harris 1998, equation 3.5).
#[test]
fn batches_wait_for_each_other() {
    for (size, sizes, ratio) in [
        (5.0, BatchSizes::Constant, 5.0),
        (3.0, BatchSizes::Geometric, 5.0),
    ] {
        let engine = served(batch(60.0, size, sizes), 1, exponential(10)).engine();
        let [l, wq] = batches(engine, 50.0, 800.0, |engine| {
            let server = at(engine, "server");
            [server.l(), server.wq()]
        });
        let exact = 0.6 * (1.0 + ratio) / 2.0 / 0.4;
        check_within("L", &l, exact);
        check_within("Wq", &wq, exact / 60.0 - 0.01);
    }
}

/// GI/M/1: σ is the root of σ = A*(μ − μσ), the sojourn is exponential with mean S/(1 − σ)
/// (Kleinrock 1975, section 6.4); here A*(s) = (1 − e^−2s/λ)λ/2s.
#[test]
fn uniform_gaps() {
    let mut sigma = 0.5f64;
    for _ in 0..1_000 {
        let w = 2.0 * (1.0 - sigma) / 0.8;
        sigma = (1.0 - (-w).exp()) / w;
    }
    let engine = served(uniform(80.0), 1, exponential(10)).engine();
    let [w, rate, median, tail] = batches(engine, 50.0, 800.0, |engine| {
        let server = at(engine, "server");
        let latency = engine.component_latency(index(engine, "server"));
        let quantile = |q| latency.quantile_ns(q).unwrap() / 1e9;
        [
            server.w(),
            server.arrival_rate(),
            quantile(0.5),
            quantile(0.99),
        ]
    });
    let exact = 0.01 / (1.0 - sigma);
    check_within("rate", &rate, 80.0);
    check_within("W", &w, exact);
    check_within_resolution("median", &median, exact * 2f64.ln(), 0.008);
    check_within_resolution("p99", &tail, exact * 100f64.ln(), 0.008);
}

/// One slot, 300 ms of work: the first waits for nobody, its twin 300 ms, the third 300, the last none.
#[test]
fn a_list_is_replayed_request_by_request() {
    let list = [100, 2_000, 100, 400];
    let mut engine = served(recorded(&list, None), 1, constant(300)).engine();
    engine.run_until(99_999_999);
    assert_eq!(at(&engine, "clients").arrivals, 0);
    let found = counts(
        &mut engine,
        [1, 299_999_999, 1, 1_599_999_999, 1, 10_000_000_000],
    );
    assert_eq!(found, [2, 0, 1, 0, 1, 0]);
    let server = at(&engine, "server");
    assert_eq!(server.sojourn_sum_ns, (300 + 600 + 600 + 300) * 1_000_000);
    assert_eq!(server.wait_sum_ns, (300 + 300) * 1_000_000);

    // Over again every 2 s: what is due at the end of a round comes with the start of the next.
    let mut engine = served(recorded(&[0, 500, 2_000], Some(2_000)), 9, constant(1)).engine();
    engine.run_until(0);
    assert_eq!(at(&engine, "clients").arrivals, 1);
    let found = counts(
        &mut engine,
        [499_999_999, 1, 1_499_999_999, 1, 2_000_000_000],
    );
    assert_eq!(found, [0, 1, 0, 2, 3]);
}

/// The same moments, so many times as many requests; a part of one by chance.
#[test]
fn a_factor_copies_recorded_requests() {
    let mut engine = served(recorded(&[0, 500], Some(1_000)), 9, constant(1)).engine();
    engine.run_until(250_000_000);
    engine
        .start_fault("clients", FaultKind::Traffic { times: 3.0 })
        .unwrap();
    assert_eq!(counts(&mut engine, [1_000_000_000; 3]), [6, 6, 6]);
    engine.heal("clients").unwrap();
    assert_eq!(counts(&mut engine, [1_000_000_000; 3]), [2, 2, 2]);
    engine
        .start_fault("clients", FaultKind::Traffic { times: 0.3 })
        .unwrap();
    let found: u64 = counts(&mut engine, [10_000_000_000_000]).iter().sum();
    check_share("kept", found, 20_000, 0.3);
}

/// Poisson starts, geometric requests and feedback after a pause are a Jackson network: the server is
/// as M/M/1, whatever the think time (Jackson 1957; Baskett, Chandy, Muntz and Palacios 1975).
#[test]
fn sessions_are_a_network_with_feedback() {
    for think in [exponential(40), constant(100), Distribution::ZERO] {
        let arrivals = sessions(14.0, 5.0, think);
        let engine = served(arrivals, 1, exponential(10)).engine();
        let [rate, l, users, wq] = batches(engine, 100.0, 1_000.0, |engine| {
            let (server, clients) = (at(engine, "server"), at(engine, "clients"));
            [server.arrival_rate(), server.l(), clients.l(), server.wq()]
        });
        check_within("λ E[n]", &rate, 70.0);
        check_within("L", &l, 0.7 / 0.3);
        check_within("L of the clients", &users, 0.7 / 0.3);
        check_within("Wq", &wq, 0.7 * 0.01 / 0.3);
    }
}

/// Sessions that hardly end come back after exactly a think time and an answer.
#[test]
fn the_next_request_waits_for_the_answer() {
    let mut arrivals = sessions(20.0, 1e6, ms_constant(1_000));
    if let Arrivals::Sessions { profile, .. } = &mut arrivals {
        profile.push(RateShape::Steps(vec![(secs(2), Rate(0.0))]));
    }
    let mut engine = served(arrivals, 1_000, constant(250)).engine();
    engine.run_until(secs(10).nanos());
    let found = counts(&mut engine, [1_250_000_000; 40]);
    check_poisson_count("sessions", found[0] * 10, 400.0);
    assert!(found.iter().all(|count| *count == found[0]), "{found:?}");
}

fn ms_constant(millis: u64) -> Distribution {
    constant(millis)
}

/// A session stays with the server that its number says.
#[test]
fn a_session_keeps_its_number() {
    let design = Design::new(3)
        .client("clients", sessions(0.01, 20.0, constant(100)))
        .balancer("balancer", Algorithm::SessionHash)
        .server("one", 9, constant(1))
        .server("other", 9, constant(1))
        .join("clients", "balancer")
        .join("balancer", "one")
        .join("balancer", "other");
    let mut engine = design.engine();
    let (mut seen, mut before) = ([0, 0], (0, 0));
    for second in 1..=20_000 {
        engine.run_until(secs(second * 5).nanos());
        let now = (at(&engine, "one").arrivals, at(&engine, "other").arrivals);
        let came = [now.0 - before.0, now.1 - before.1];
        before = now;
        // Seldom do two begin in the same five seconds, and then with few requests at the same box.
        if came[0] > 0 && came[1] > 0 {
            seen[0] += 1;
        } else if came[0] + came[1] > 1 {
            seen[1] += 1;
        }
    }
    // Two sessions within 5 s: (0.01 · 5)²/2 and as much around it, at different servers half of the
    // time. Requests that draw a number each would mix in nearly all.
    assert!(seen[1] > 500 && seen[0] * 10 < seen[1], "{seen:?}");
}

/// A profile changes both rates of bursts, the rate of batches and that of starts.
#[test]
fn profiles_of_all_that_have_one() {
    let shapes = || {
        vec![
            RateShape::Spike {
                at: secs(1_000),
                until: secs(2_000),
                times: 3.0,
            },
            RateShape::Spike {
                at: secs(1_500),
                until: secs(2_000),
                times: 2.0,
            },
        ]
    };
    for mut arrivals in [
        uniform(10.0),
        bursts(4.0, 16.0, 100, 100),
        batch(10.0, 2.0, BatchSizes::Geometric),
        sessions(5.0, 2.0, constant(10)),
    ] {
        arrivals.profile_mut().unwrap().extend(shapes());
        let [calm, spike, both] = replications(32, |seed| {
            let mut design = served(arrivals.clone(), 100, constant(1));
            design.0.seed = seed;
            let spans = [1_000, 500, 500].map(|span| span * 1_000_000_000);
            let found = counts(&mut design.engine(), spans);
            [0, 1, 2].map(|span| found[span] as f64)
        });
        let name = |what: &str| format!("{arrivals:?}: {what}");
        check_within_resolution(&name("calm"), &calm, 10_000.0, 1e-4);
        check_within_resolution(&name("spike"), &spike, 15_000.0, 1e-3);
        check_within_resolution(&name("both"), &both, 20_000.0, 1e-3);
    }
}

/// Three times the traffic, for every kind that has a rate.
#[test]
fn factors_on_all_that_have_a_rate() {
    for arrivals in [
        uniform(10.0),
        bursts(4.0, 16.0, 100, 100),
        batch(10.0, 5.0, BatchSizes::Constant),
        sessions(5.0, 2.0, constant(10)),
    ] {
        let [before, during, after] = replications(32, |seed| {
            let mut design = served(arrivals.clone(), 100, constant(1));
            design.0.seed = seed;
            let mut engine = design.engine();
            let span = [500_000_000_000];
            let before = counts(&mut engine, span)[0];
            engine
                .start_fault("clients", FaultKind::Traffic { times: 3.0 })
                .unwrap();
            let during = counts(&mut engine, span)[0];
            engine.heal("clients").unwrap();
            let after = counts(&mut engine, span)[0];
            [before as f64, during as f64, after as f64]
        });
        check_within_resolution(&format!("{arrivals:?} before"), &before, 5_000.0, 1e-3);
        check_within_resolution(&format!("{arrivals:?} during"), &during, 15_000.0, 1e-3);
        check_within_resolution(&format!("{arrivals:?} after"), &after, 5_000.0, 1e-3);
    }
}

/// A key that is filled lives for T and is then asked for again after 1/r on average: its hit ratio is
/// rT/(1 + rT) (renewal reward).
#[test]
fn hot_items_get_their_share() {
    let keys = Keys::HotSet {
        items: 100,
        hot: 0.1,
        traffic: 0.9,
    };
    let cache = Cache {
        capacity: Some(1_000),
        ttl: Some(Duration::from_secs(1)),
        ..instant_cache()
    };
    let engine = cached(100.0, keys, cache).engine();
    let [ratio] = batches(engine, 20.0, 200.0, |engine| {
        let cache = at(engine, "cache");
        [cache.hits as f64 / (cache.hits + cache.misses) as f64]
    });
    // 10 items at 9/s and 90 at 1/9 a second.
    let exact = 0.9 * 9.0 / 10.0 + 0.1 * (1.0 / 9.0) / (10.0 / 9.0);
    check_within("hit ratio", &ratio, exact);
}

/// One after the other: a cache that has room for all but one always forgets the next.
#[test]
fn one_item_after_the_other() {
    for (capacity, misses) in [(99, 500), (100, 100)] {
        let cache = Cache {
            capacity: Some(capacity),
            ..instant_cache()
        };
        let mut engine = cached(0.0, Keys::Sequential { items: 100 }, cache);
        if let Component::Client(client) = &mut engine.0.components["clients"] {
            client.arrivals = Arrivals::Constant {
                rate: Rate(100.0),
                profile: Vec::new(),
            };
        }
        let mut engine = engine.engine();
        engine.run_until(5_005_000_000);
        let cache = at(&engine, "cache");
        assert_eq!((cache.misses, cache.hits), (misses, 500 - misses));
    }
}

fn cached(rate: f64, keys: Keys, cache: Cache) -> Design {
    Design::new(5)
        .add(
            "clients",
            Component::Client(Client {
                keys,
                ..patient(poisson(rate))
            }),
        )
        .server("api", 1_000, Distribution::ZERO)
        .add("cache", Component::Cache(cache))
        .add("store", Component::Database(instant_database()))
        .join("clients", "api")
        .connect(littlebox::scenario::Connection {
            step: Some(1),
            ..at_once("api", "cache")
        })
        .connect(littlebox::scenario::Connection {
            step: Some(2),
            when: Some(littlebox::scenario::When::OnMiss),
            ..at_once("api", "store")
        })
}
