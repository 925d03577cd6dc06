//! Serverless functions: cold starts against closed forms, the limit as Erlang's loss system.

use littlebox::{
    engine::{Cause, Engine},
    scenario::{Component, Distribution, Duration, Function},
};

use crate::support::{design::*, estimate::*};

fn called(rate: f64, function: Function) -> Design {
    Design::new(7)
        .poisson("clients", rate)
        .add("function", Component::Function(function))
        .join("clients", "function")
}

/// A function whose instances start at once.
fn instant(service: Distribution, keep_alive: Duration, concurrency: u32) -> Function {
    Function {
        service,
        cold_start: Distribution::ZERO,
        keep_alive,
        concurrency,
        ..Function::default()
    }
}

/// With room for one call an instance rests from one call's end to the next arrival, and that gap is
/// exponential whatever was before: a call is cold with probability e^(−λ·keep-alive). A call is in
/// there for h = S + p·C on average and the next idle time is 1/λ, so (renewal reward) λh/(1 + λh) of
/// the calls are refused.
#[test]
fn one_call_at_a_time() {
    let function = Function {
        service: exponential(100),
        cold_start: constant(300),
        keep_alive: ms(400),
        concurrency: 1,
        ..Function::default()
    };
    let mut engine = called(2.0, function.clone()).engine();
    engine.run_until(secs(50_000).nanos());
    engine.check_conservation().unwrap();
    let t = at(&engine, "function");
    let cold = (-0.8f64).exp();
    check_share("cold", t.misses, t.hits + t.misses, cold);
    assert_eq!(t.failures.get(Cause::Throttled), t.refused);
    let [refused, w] = batches(called(2.0, function).engine(), 100.0, 4_000.0, |engine| {
        let t = at(engine, "function");
        [t.refused_share(), t.w()]
    });
    let h = 0.1 + cold * 0.3;
    check_within("refused", &refused, 2.0 * h / (1.0 + 2.0 * h));
    check_within("W", &w, h);
}

/// Stationary probabilities of 0..=places calls, by detailed balance.
fn poisson_states(places: u32, load: f64) -> Vec<f64> {
    let mut states = vec![1.0];
    for n in 1..=places {
        states.push(states[n as usize - 1] * load / f64::from(n));
    }
    let sum: f64 = states.iter().sum();
    states.iter().map(|p| p / sum).collect()
}

/// M/G/c/c: Erlang B, whatever the distribution of the work (Sevastyanov 1957).
#[test]
fn the_limit_is_a_loss_system() {
    let exact = poisson_states(10, 8.0)[10];
    let services = [
        exponential(100),
        constant(100),
        Distribution::LogNormalMean {
            mean: ms(100),
            cv: 1.5,
        },
    ];
    for service in services {
        let name = format!("{service:?}");
        let engine = called(80.0, instant(service, secs(1), 10)).engine();
        let [refused, carried] = batches(engine, 20.0, 200.0, |engine| {
            let t = at(engine, "function");
            [t.refused_share(), t.l()]
        });
        check_within(&format!("{name}: refused"), &refused, exact);
        check_within(&format!("{name}: carried"), &carried, 8.0 * (1.0 - exact));
    }
}

/// M/G/∞: the number busy is Poisson with mean ρ.
#[test]
fn the_number_busy_is_poisson() {
    let service = Distribution::LogNormalMean {
        mean: ms(100),
        cv: 2.0,
    };
    let mut engine = called(30.0, instant(service, secs(600), 1_000)).engine();
    let looks = 20_000;
    let mut seen = [0u64; 8];
    // Far enough apart to be as good as independent.
    for look in 1..=looks {
        engine.run_until(secs(look * 5).nanos());
        let busy = at(&engine, "function").held as usize;
        if let Some(count) = seen.get_mut(busy) {
            *count += 1;
        }
    }
    let states = poisson_states(60, 3.0);
    for (n, count) in seen.into_iter().enumerate() {
        check_share(&format!("{n} busy"), count, looks, states[n]);
    }
}

/// P(T > t) for the time T until a birth-death chain with n servers gets from n to n + 1 busy, by
/// uniformization: from n the next arrival ends it.
fn stays_below(n: usize, arrivals: f64, service: f64, t: f64) -> f64 {
    let rate = arrivals + n as f64 * service;
    let mut state = vec![0.0; n + 1];
    state[n] = 1.0;
    let mut poisson = (-rate * t).exp();
    let mut sum = 0.0;
    for step in 0..600 {
        sum += poisson * state.iter().sum::<f64>();
        let mut next = vec![0.0; n + 1];
        for (busy, p) in state.iter().enumerate() {
            let ends = busy as f64 * service;
            if busy < n {
                next[busy + 1] += p * arrivals / rate;
            }
            if busy > 0 {
                next[busy - 1] += p * ends / rate;
            }
            next[busy] += p * (1.0 - (arrivals + ends) / rate);
        }
        state = next;
        poisson *= rate * t / f64::from(step + 1);
    }
    sum
}

/// The instance used last goes first, so idle ones lie on a stack. A call that finds n busy takes
/// the instance that was left when the number busy last fell from n + 1 to n: pushes and pops match
/// like brackets. It is cold if the chain has stayed at n or below for longer than the keep-alive
/// since then. In M/M/∞ that time is a first passage from n to n + 1, and arrivals see n with
/// Poisson probability; summed over n this is the share of cold starts.
#[test]
fn cold_starts_of_many() {
    let (arrivals, service) = (15.0, 10.0);
    for keep_alive in [100u32, 300] {
        let secs = f64::from(keep_alive) / 1e3;
        let states = poisson_states(40, arrivals / service);
        let cold = |(n, p): (usize, &f64)| p * stays_below(n, arrivals, service, secs);
        let exact: f64 = states.iter().enumerate().take(20).map(cold).sum();
        let function = instant(exponential(100), ms(keep_alive.into()), 10_000);
        let [share] = batches(
            called(arrivals, function).engine(),
            10.0,
            1_000.0,
            |engine| {
                let t = at(engine, "function");
                [t.misses as f64 / (t.hits + t.misses) as f64]
            },
        );
        check_within(&format!("cold after {keep_alive} ms"), &share, exact);
    }
}

/// Which instances there are, followed by hand: calls at 1 s, 2 s, 3 s … of 1.5 s each with a cold
/// start of 200 ms.
#[test]
fn instances_come_and_go() {
    let function = Function {
        service: constant(1_500),
        cold_start: constant(200),
        keep_alive: secs(2),
        concurrency: 2,
        ..Function::default()
    };
    let arrivals = littlebox::scenario::Arrivals::Constant {
        rate: littlebox::scenario::Rate(1.0),
        profile: vec![littlebox::scenario::RateShape::Steps(vec![(
            ms(4_500),
            littlebox::scenario::Rate(0.0),
        )])],
    };
    let mut engine = called(1.0, function).client("clients", arrivals).engine();
    let state = |engine: &mut Engine, millis: u64| {
        engine.run_until(ms(millis).nanos());
        let t = at(engine, "function");
        (
            t.held,
            engine.warm_instances(index(engine, "function")).unwrap(),
            t.misses,
        )
    };
    assert_eq!(state(&mut engine, 1_100), (1, 0, 1));
    // The first ends at 2.7 s, the second at 3.7 s.
    assert_eq!(state(&mut engine, 2_100), (2, 0, 2));
    assert_eq!(state(&mut engine, 2_800), (1, 1, 2));
    // The third is warm and ends at 4.5 s, the fourth at 5.5 s.
    assert_eq!(state(&mut engine, 3_100), (2, 0, 2));
    assert_eq!(state(&mut engine, 4_100), (2, 0, 2));
    assert_eq!(state(&mut engine, 5_600), (0, 2, 2));
    assert_eq!(state(&mut engine, 6_499), (0, 2, 2));
    assert_eq!(state(&mut engine, 6_500), (0, 1, 2));
    assert_eq!(state(&mut engine, 7_500), (0, 0, 2));
    assert_eq!(at(&engine, "function").refused, 0);
    engine.check_conservation().unwrap();
}
