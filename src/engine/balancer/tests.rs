use super::*;
use crate::scenario::{ConsistentHash, Duration, ResponseTime};

fn balancer(algorithm: Algorithm, weights: &[f64]) -> Balancer {
    let targets = (0..)
        .zip(weights)
        .map(|(at, weight)| Target::new(at, NONE, *weight, Mode::Sync));
    let drawn = LoadBalancer {
        algorithm,
        ..LoadBalancer::default()
    };
    let targets = Targets {
        targets: targets.collect(),
        identities: (0..weights.len() as u64).collect(),
        ..Targets::default()
    };
    let stream = || Stream::new(1, "balancer", "probes");
    Balancer::new(&drawn, targets, (stream(), stream()))
}

/// Picks that are answered at once.
fn picks(balancer: &mut Balancer, count: usize) -> Vec<u32> {
    let mut stream = Stream::new(1, "balancer", "routing");
    let mut pick = || {
        let at = balancer.pick(Asked::default(), &mut stream).unwrap();
        balancer.change_load(at, 1);
        balancer.change_load(at, -1);
        balancer.targets[at as usize].connection
    };
    (0..count).map(|_| pick()).collect()
}

const IN_TURN: [Algorithm; 3] = [
    Algorithm::RoundRobin,
    Algorithm::WeightedRoundRobin,
    Algorithm::LeastConnections,
];

/// Not even when nobody else is there.
#[test]
fn who_weighs_nothing_is_never_picked_at_random() {
    let mut balancer = balancer(Algorithm::Random, &[0.0, 1.0, 0.0, 1e-300, 0.0]);
    assert!(picks(&mut balancer, 1_000).iter().all(|at| *at == 1));
    balancer.targets[1].active = false;
    balancer.rebuild();
    assert_eq!(picks(&mut balancer, 3), [3, 3, 3]);
    balancer.targets[3].active = false;
    balancer.rebuild();
    let mut stream = Stream::new(1, "balancer", "routing");
    assert_eq!(balancer.pick(Asked::default(), &mut stream), None);
}

/// As a search by halves finds it.
#[test]
fn a_guide_leads_to_the_same_target() {
    let mut stream = Stream::new(7, "weights", "");
    for count in [1, 2, 3, 10, 1_000] {
        let weights: Vec<f64> = (0..count)
            .map(|at| match at % 5 {
                0 => 0.0,
                1 => 1e-9,
                2 => 1e6,
                _ => stream.unit() + 0.1,
            })
            .chain([0.1])
            .collect();
        let mut balancer = balancer(Algorithm::Random, &weights);
        let mut sum = 0.0;
        let sums: Vec<f64> = weights
            .iter()
            .map(|weight| {
                sum += weight;
                sum
            })
            .collect();
        let (mut one, mut other) = (stream.clone(), stream.clone());
        for _ in 0..10_000 {
            let u = other.unit() * sum;
            let searched = sums.partition_point(|sum| *sum <= u) as u32;
            assert_eq!(balancer.pick(Asked::default(), &mut one), Some(searched));
        }
    }
}

/// The same calls go to the others, in the same order, as if they had only been counted out.
#[test]
fn those_that_stay_keep_their_turn_when_one_goes() {
    let weights = [3.0, 2.0, 2.5, 1.0];
    for algorithm in IN_TURN {
        for before in 0..20 {
            let mut all = balancer(algorithm, &weights);
            picks(&mut all, before);
            let mut fewer = balancer(algorithm, &weights[1..]);
            (1..).zip(&mut fewer.targets).for_each(|(at, target)| {
                target.connection = at;
            });
            fewer.adopt(&all, &[NONE, 0, 1, 2], 0);
            fewer.rebuild();
            let mut checked = all.clone();
            checked.targets[0].active = false;
            checked.rebuild();

            let mut expected = picks(&mut all, 40);
            expected.retain(|at| *at != 0);
            let count = expected.len();
            for mut less in [fewer, checked] {
                let found = picks(&mut less, count);
                assert_eq!(found, expected, "{algorithm:?} after {before}");
            }
        }
    }
}

/// One that comes gets its share from now on, and makes up for nothing.
#[test]
fn those_that_stay_keep_their_turn_when_one_comes() {
    for algorithm in IN_TURN {
        for before in 0..20 {
            let mut two = balancer(algorithm, &[2.0, 1.0]);
            picks(&mut two, 3_000 + before);
            let mut three = balancer(algorithm, &[3.0, 2.0, 1.0]);
            three.adopt(&two, &[1, 2], 0);
            three.rebuild();

            let expected = picks(&mut two, 6);
            let found = picks(&mut three, 12);
            let fresh = found.iter().filter(|at| **at == 0).count();
            let share = if algorithm == Algorithm::WeightedRoundRobin {
                6
            } else {
                4
            };
            assert_eq!(fresh, share, "{algorithm:?} after {before}: {found:?}");
            let others = found.iter().filter(|at| **at != 0).map(|at| at - 1);
            let others: Vec<u32> = others.take(6).collect();
            assert_eq!(others, expected, "{algorithm:?} after {before}");
        }
    }
}

fn owners(balancer: &mut Balancer, keys: u32) -> Vec<u32> {
    let mut stream = Stream::new(1, "balancer", "routing");
    let asked = |key| Asked {
        key,
        ..Asked::default()
    };
    let mut owner = |key| balancer.pick_for(asked(key), &mut stream).unwrap();
    (0..keys).map(&mut owner).collect()
}

/// A target that comes takes over its share of the keys, 1/(n + 1) on average, and no other key
/// moves (Karger et al. 1997). By the hash alone nearly all would.
#[test]
fn a_target_that_comes_moves_its_share_only() {
    const KEYS: u32 = 100_000;
    let ring = Algorithm::ConsistentHash(ConsistentHash::default());
    for n in [1usize, 4, 10] {
        let before = owners(&mut balancer(ring, &vec![1.0; n]), KEYS);
        let after = owners(&mut balancer(ring, &vec![1.0; n + 1]), KEYS);
        let moved = before.iter().zip(&after).filter(|(a, b)| a != b);
        assert!(moved.clone().all(|(_, to)| *to == n as u32));
        let share = moved.count() as f64 / f64::from(KEYS);
        let exact = 1.0 / (n as f64 + 1.0);
        // That of its 100 among 100·(n + 1) random points: a beta distribution.
        let points = 100.0 * (n as f64 + 1.0);
        let spread = (exact * (1.0 - exact) / (points + 1.0)).sqrt();
        assert!((share - exact).abs() < 4.9 * spread, "{n}: {share}");

        let before = owners(&mut balancer(Algorithm::KeyHash, &vec![1.0; n]), KEYS);
        let after = owners(&mut balancer(Algorithm::KeyHash, &vec![1.0; n + 1]), KEYS);
        let moved = before.iter().zip(&after).filter(|(a, b)| a != b).count();
        assert!(moved as f64 > 0.4 * f64::from(KEYS), "{n}: {moved}");
    }
    // A target that goes gives up its keys, and no other key moves.
    let mut all = balancer(ring, &[1.0; 5]);
    let before = owners(&mut all, KEYS);
    all.targets[2].active = false;
    all.rebuild();
    for (before, after) in before.iter().zip(owners(&mut all, KEYS)) {
        assert!(*before == after || *before == 2 && after != 2);
    }
}

/// No target has more than ⌈c · its share of the calls in flight⌉ when it gets one (Mirrokni,
/// Thorup and Zadimoghaddam 2018), however lopsided the keys are.
#[test]
fn a_bound_holds_at_every_call() {
    let weights = [1.0, 1.0, 2.0, 0.5, 1.5];
    for c in [1.01, 1.25, 2.0] {
        let ring = Algorithm::ConsistentHash(ConsistentHash {
            bound: Some(c),
            ..ConsistentHash::default()
        });
        let mut balancer = balancer(ring, &weights);
        let mut stream = Stream::new(7, "balancer", "routing");
        let mut in_flight: Vec<u32> = Vec::new();
        for _ in 0..20_000 {
            if stream.unit() < 0.45 && !in_flight.is_empty() {
                let at = stream.below(in_flight.len() as u32);
                let target = in_flight.swap_remove(at as usize);
                balancer.change_load(target, -1);
                continue;
            }
            let asked = Asked {
                key: stream.below(3),
                ..Asked::default()
            };
            let target = balancer.pick_for(asked, &mut stream).unwrap();
            balancer.change_load(target, 1);
            in_flight.push(target);
            let share = weights[target as usize] / 6.0 * in_flight.len() as f64;
            let most = (c * share).ceil();
            let has = balancer.targets[target as usize].in_flight;
            assert!(f64::from(has) <= most, "{has} of {most}");
        }
    }
}

fn least_response_time(alpha: f64, memory: Duration, weights: &[f64]) -> Balancer {
    balancer(
        Algorithm::LeastResponseTime(ResponseTime { alpha, memory }),
        weights,
    )
}

/// Sends a call at this millisecond, which its target answers so many milliseconds later, by target.
/// Returns the target.
fn answered_after(balancer: &mut Balancer, at: u64, took: [u64; 2]) -> u32 {
    let mut stream = Stream::new(1, "balancer", "routing");
    let target = balancer.pick(Asked::default(), &mut stream).unwrap();
    balancer.change_load(target, 1);
    let (since, took) = (at * 1_000_000, took[target as usize] * 1_000_000);
    balancer.answered(target, took, since + took);
    target
}

/// By hand, with half of the mean from the last answer: 100 and 60 ms at first, then the second has
/// 110, the first 120, the second 80, 90 and 130, the first 70, 85 and 135. The last answer alone, or the
/// mean of all, would choose others.
#[test]
fn the_mean_response_time_to_the_exact_call() {
    let memory = Duration::from_secs(1_000_000);
    let mut balancer = least_response_time(0.5, memory, &[1.0, 1.0]);
    let mut first = [0, 1].map(|nth| answered_after(&mut balancer, nth, [100, 60]));
    first.sort_unstable();
    assert_eq!(first, [0, 1]);
    let answers = [
        (1, 160),
        (0, 140),
        (1, 50),
        (1, 100),
        (1, 170),
        (0, 20),
        (0, 100),
        (0, 185),
        (1, 100),
    ];
    for (nth, (expected, took)) in answers.into_iter().enumerate() {
        let found = answered_after(&mut balancer, 2 + nth as u64, [took, took]);
        assert_eq!(found, expected, "call {nth}");
    }
}

/// What counts is the mean times the calls there would be, by weight: with 30 and 50 ms 30, 60, 90 against
/// 50, 100, 150; with twice the weight for the second 30, 60, 90 against 25, 50, 75.
#[test]
fn the_mean_response_time_of_those_in_flight() {
    for (weight, expected) in [(1.0, [0, 1, 0, 0, 1]), (2.0, [1, 0, 1, 0, 1])] {
        let memory = Duration::from_secs(1_000_000);
        let mut balancer = least_response_time(0.2, memory, &[1.0, weight]);
        for at in 0..2 {
            answered_after(&mut balancer, at, [30, 50]);
        }
        let mut stream = Stream::new(1, "balancer", "routing");
        let found = expected.map(|_| {
            let target = balancer.pick(Asked::default(), &mut stream).unwrap();
            balancer.change_load(target, 1);
            target
        });
        assert_eq!(found, expected, "weight {weight}");
    }
}

/// A mean of 100 ms that is a second old is as good as one of 100/e ms: it is asked again once it is
/// ln(100/60) = 0.511 s older than one of 60 ms that is fresh.
#[test]
fn a_mean_response_time_grows_old() {
    let mut balancer = least_response_time(0.5, Duration::from_secs(1), &[1.0, 1.0]);
    let mut first = [0, 1].map(|_| answered_after(&mut balancer, 0, [100, 60]));
    first.sort_unstable();
    assert_eq!(first, [0, 1]);
    // The second answers at 0.16 s, …, 0.56 s, 0.66 s: 0.46 s and 0.56 s after the first.
    for at in [100, 200, 300, 400, 500, 600] {
        assert_eq!(answered_after(&mut balancer, at, [100, 60]), 1, "{at} ms");
    }
    assert_eq!(answered_after(&mut balancer, 700, [100, 60]), 0);
    assert_eq!(answered_after(&mut balancer, 800, [100, 60]), 1);
}
