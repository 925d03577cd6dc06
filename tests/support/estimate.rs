//! Estimates with intervals that a correct engine leaves less than once in a million.

use littlebox::engine::Engine;

/// Probability with which a correct engine fails one check.
const MISS: f64 = 1e-6;
const BATCHES: usize = 32;

/// Cuts a long run into batches after a warm-up and measures each. A batch must be many times as
/// long as the system remembers, so that the batches are as good as independent.
pub fn batches<const N: usize>(
    mut engine: Engine,
    warm_up_secs: f64,
    batch_secs: f64,
    measure: impl Fn(&Engine) -> [f64; N],
) -> [Vec<f64>; N] {
    let nanos = |secs: f64| (secs * 1e9) as u64;
    let start = engine.now_ns() + nanos(warm_up_secs);
    engine.run_until(start);
    let mut found = [const { Vec::new() }; N];
    for batch in 1..=BATCHES {
        engine.reset_measures();
        engine.run_until(start + batch as u64 * nanos(batch_secs));
        for (values, value) in found.iter_mut().zip(measure(&engine)) {
            values.push(value);
        }
    }
    engine.check_conservation().unwrap();
    found
}

/// Measures runs with different seeds.
pub fn replications<const N: usize>(
    count: u64,
    measure: impl Fn(u64) -> [f64; N],
) -> [Vec<f64>; N] {
    let mut found = [const { Vec::new() }; N];
    for seed in 1..=count {
        for (values, value) in found.iter_mut().zip(measure(seed)) {
            values.push(value);
        }
    }
    found
}

/// Fails unless the exact value lies in the interval of the estimates' mean.
#[track_caller]
pub fn check_within(what: &str, estimates: &[f64], exact: f64) {
    check_within_resolution(what, estimates, exact, 0.0);
}

/// Like [`check_within`] for figures from a histogram, whose largest relative error is known.
#[track_caller]
pub fn check_within_resolution(what: &str, estimates: &[f64], exact: f64, resolution: f64) {
    let (mean, error) = mean_and_error(estimates);
    let margin = student(MISS, estimates.len() - 1) * error + resolution * exact;
    assert!(
        (mean - exact).abs() <= margin,
        "{what}: {mean} ± {margin} from {} estimates, but exactly {exact}",
        estimates.len(),
    );
    // An interval that says nothing proves nothing.
    assert!(
        margin <= 0.15 * exact.abs().max(error),
        "{what}: ± {margin} is too wide to tell anything about {exact}",
    );
}

/// Fails unless `smaller` is smaller than `larger`, beyond doubt.
#[track_caller]
pub fn check_less(what: &str, smaller: &[f64], larger: &[f64]) {
    let ((low, low_error), (high, high_error)) = (mean_and_error(smaller), mean_and_error(larger));
    let degrees = smaller.len().min(larger.len()) - 1;
    let margin = student(MISS, degrees) * low_error.hypot(high_error);
    assert!(
        low + margin < high,
        "{what}: {low} is not below {high} by {margin}"
    );
}

/// Fails unless two sets of estimates agree.
#[track_caller]
pub fn check_same(what: &str, one: &[f64], other: &[f64]) {
    let ((a, a_error), (b, b_error)) = (mean_and_error(one), mean_and_error(other));
    let degrees = one.len().min(other.len()) - 1;
    let margin = student(MISS, degrees) * a_error.hypot(b_error);
    assert!(
        (a - b).abs() <= margin,
        "{what}: {a} and {b} differ by more than {margin}"
    );
    assert!(
        margin <= 0.05 * a.abs(),
        "{what}: ± {margin} tells nothing about {a}"
    );
}

/// Fails unless `hits` of `trials` independent trials fit a probability (normal approximation,
/// for more than a hundred expected hits and misses).
#[track_caller]
pub fn check_share(what: &str, hits: u64, trials: u64, probability: f64) {
    let n = trials as f64;
    assert!(
        (n * probability).min(n * (1.0 - probability)) > 100.0,
        "{what}: {n} trials are too few"
    );
    let margin = normal(MISS) * (probability * (1.0 - probability) / n).sqrt();
    let share = hits as f64 / n;
    assert!(
        (share - probability).abs() <= margin,
        "{what}: {share} of {trials}, but exactly {probability} ± {margin}",
    );
}

/// Fails unless a count fits a Poisson law of this mean (normal approximation, mean above 100).
#[track_caller]
pub fn check_poisson_count(what: &str, count: u64, mean: f64) {
    assert!(mean > 100.0, "{what}: {mean} is too few");
    let margin = normal(MISS) * mean.sqrt();
    assert!(
        (count as f64 - mean).abs() <= margin,
        "{what}: {count}, but on average {mean} ± {margin}",
    );
}

fn mean_and_error(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    assert!(
        n >= 8.0 && values.iter().all(|value| value.is_finite()),
        "{values:?}"
    );
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0);
    (mean, (variance / n).sqrt())
}

/// What a normal deviate exceeds in size with probability `miss`.
fn normal(miss: f64) -> f64 {
    student(miss, 100_000_000)
}

/// What a Student variable exceeds in size with probability `miss`, by halving an interval.
fn student(miss: f64, degrees: usize) -> f64 {
    let nu = degrees as f64;
    // P(|T| > t) = I(ν/(ν + t²); ν/2, 1/2) (Abramowitz and Stegun 1964, 26.7.1 and 26.5.27).
    let tail = |t: f64| incomplete_beta(nu / 2.0, 0.5, nu / (nu + t * t));
    let (mut low, mut high) = (0.0, 1e3);
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if tail(middle) > miss {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

/// The regularized incomplete beta function I(x; a, b): its continued fraction (Abramowitz and
/// Stegun 1964, 26.5.8) by Lentz's method.
fn incomplete_beta(a: f64, b: f64, x: f64) -> f64 {
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - incomplete_beta(b, a, 1.0 - x);
    }
    let front =
        libm::lgamma(a + b) - libm::lgamma(a) - libm::lgamma(b) + a * x.ln() + b * (-x).ln_1p();
    let (mut fraction, mut c, mut d) = (1.0, 1.0, 0.0);
    for step in 0..10_000 {
        let m = f64::from(step / 2);
        let numerator = if step == 0 {
            1.0
        } else if step % 2 == 0 {
            m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m))
        } else {
            -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0))
        };
        d = 1.0 / (1.0 + numerator * d);
        c = 1.0 + numerator / c;
        let change = c * d;
        fraction *= change;
        if (change - 1.0f64).abs() < 1e-15 {
            break;
        }
    }
    front.exp() * (fraction - 1.0) / a
}

#[test]
fn quantiles_are_those_of_the_tables() {
    // Two-sided; the first three from Abramowitz and Stegun 1964, table 26.10, the last by numerical
    // integration of the density.
    for (miss, degrees, quantile) in [
        (0.05, 10, 2.228),
        (0.01, 29, 2.756),
        (0.001, 5, 6.869),
        (0.000_001, 31, 6.072),
    ] {
        let found = student(miss, degrees);
        assert!((found - quantile).abs() < 1e-3, "{miss} {degrees}: {found}");
    }
    assert!((normal(1e-6) - 4.8916).abs() < 1e-3, "{}", normal(1e-6));
}

#[test]
fn checks_can_fail() {
    let estimates: Vec<f64> = (0..32).map(|i| 1.0 + f64::from(i % 4) * 1e-3).collect();
    check_within("inside", &estimates, 1.0015);
    for wrong in [1.01, 0.99] {
        std::panic::catch_unwind(|| check_within("outside", &estimates, wrong)).unwrap_err();
    }
    std::panic::catch_unwind(|| check_share("share", 5_300, 10_000, 0.5)).unwrap_err();
    std::panic::catch_unwind(|| check_poisson_count("count", 1_200, 1_000.0)).unwrap_err();
    std::panic::catch_unwind(|| check_less("same", &estimates, &estimates)).unwrap_err();
}
