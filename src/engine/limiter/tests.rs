use super::*;
use crate::{
    engine::random::Stream,
    scenario::{Duration, Rate},
};

const MS: u64 = 1_000_000;

fn limiter(limit: RateLimit) -> Limiter {
    let drawn = RateLimiter {
        limit,
        ..RateLimiter::default()
    };
    Limiter::new(&drawn, 1)
}

fn passes(limiter: &mut Limiter, now: u64) -> bool {
    let passes = limiter.earliest(0, now) == now;
    if passes {
        limiter.take(0, now);
    }
    passes
}

/// Arrivals in milliseconds, each with whether it passes.
#[track_caller]
fn check(limit: &RateLimit, arrivals: &[(u64, bool)]) {
    let mut limiter = limiter(limit.clone());
    for (nth, (at, expected)) in arrivals.iter().enumerate() {
        let found = passes(&mut limiter, at * MS);
        assert_eq!(found, *expected, "{limit:?}: number {nth} at {at} ms");
        limiter.recount(&Calls::default(), at * MS).unwrap();
    }
}

const SECOND: Duration = Duration::from_secs(1);

/// Worked out by hand.
#[test]
fn admission_to_the_exact_request() {
    check(
        &RateLimit::TokenBucket {
            burst: 3,
            rate: Rate(1.0),
        },
        &[
            (0, true),
            (0, true),
            (0, true),
            (0, false),
            // Half a token.
            (500, false),
            (1_000, true),
            (1_200, false),
            (2_000, true),
            // Full again, and no fuller.
            (9_000, true),
            (9_000, true),
            (9_000, true),
            (9_999, false),
            (10_000, true),
        ],
    );
    // One drop every 400 ms, and none saved up.
    check(
        &RateLimit::LeakyBucket {
            capacity: 3,
            rate: Rate(2.5),
        },
        &[
            (100, true),
            (100, false),
            (499, false),
            (500, true),
            (9_000, true),
            (9_000, false),
            (9_399, false),
            (9_400, true),
        ],
    );
    check(
        &RateLimit::FixedWindow {
            limit: 2,
            window: SECOND,
        },
        &[
            (800, true),
            (900, true),
            (950, false),
            (1_000, true),
            (1_100, true),
            (1_200, false),
            (2_500, true),
        ],
    );
    check(
        &RateLimit::SlidingLog {
            limit: 2,
            window: SECOND,
        },
        &[
            (800, true),
            (900, true),
            (950, false),
            (1_000, false),
            (1_799, false),
            (1_800, true),
            (1_850, false),
            (1_900, true),
            (1_950, false),
            (9_000, true),
            (9_000, true),
            (9_000, false),
        ],
    );
    check(
        &RateLimit::SlidingCounter {
            limit: 4,
            window: SECOND,
        },
        &[
            (100, true),
            (200, true),
            (300, true),
            (400, true),
            (500, false),
            // 4 · 1 + 1
            (1_000, false),
            // 4 · 0.75 + 1
            (1_250, true),
            // 4 · 0.6 + 2
            (1_400, false),
            (1_500, true),
            (1_700, false),
            (1_750, true),
            (1_900, false),
            // 3 · 1 + 1
            (2_000, true),
            // 3 · 0.7 + 2
            (2_300, false),
            (2_340, true),
            // Nothing in the window before.
            (4_100, true),
            (4_100, true),
            (4_100, true),
            (4_100, true),
            (4_100, false),
        ],
    );
}

/// Every limit against its definition, at random moments.
#[test]
fn admission_by_definition() {
    let window = 1_000 * MS;
    for seed in 1..=200 {
        let mut stream = Stream::new(seed, "limiter", "test");
        let limit = 1 + stream.below(8);
        let rate = u64::from(1 + stream.below(20));
        let per_window = RateLimit::SlidingLog {
            limit,
            window: Duration::from_nanos(window),
        };
        let mut bucket = limiter(RateLimit::TokenBucket {
            burst: limit,
            rate: Rate(rate as f64),
        });
        let mut leaky = limiter(RateLimit::LeakyBucket {
            capacity: limit,
            rate: Rate(rate as f64),
        });
        let mut fixed = limiter(RateLimit::FixedWindow {
            limit,
            window: Duration::from_nanos(window),
        });
        let mut log = limiter(per_window);
        let mut counter = limiter(RateLimit::SlidingCounter {
            limit,
            window: Duration::from_nanos(window),
        });
        // In billionths of a token.
        let full = u64::from(limit) * 1_000_000_000;
        let (mut tokens, mut last) = (full, 0);
        let (mut by_log, mut by_counter) = (Vec::<u64>::new(), Vec::<u64>::new());
        let (mut dropped, mut by_window) = (None::<u64>, std::collections::HashMap::new());
        let mut now = 0;
        for nth in 0..400 {
            now += u64::from(stream.below(400)) * MS / 2;
            tokens = (tokens + (now - last) * rate).min(full);
            last = now;
            let expected = tokens >= 1_000_000_000;
            if expected {
                tokens -= 1_000_000_000;
            }
            assert_eq!(
                passes(&mut bucket, now),
                expected,
                "{seed} {nth} {bucket:?}"
            );

            let expected = dropped.is_none_or(|last| (now - last) * rate >= 1_000_000_000);
            if expected {
                dropped = Some(now);
            }
            assert_eq!(passes(&mut leaky, now), expected, "{seed} {nth} {leaky:?}");

            let count = by_window.entry(now / window).or_insert(0);
            let expected = *count < limit;
            *count += u32::from(expected);
            assert_eq!(passes(&mut fixed, now), expected, "{seed} {nth} {fixed:?}");

            let recent = by_log.iter().filter(|at| **at + window > now).count();
            let expected = recent < limit as usize;
            if expected {
                by_log.push(now);
            }
            assert_eq!(passes(&mut log, now), expected, "{seed} {nth} {log:?}");

            let number = now / window;
            let passed = |number: u64| {
                by_counter
                    .iter()
                    .filter(|at| **at / window == number)
                    .count()
            };
            let before = number.checked_sub(1).map_or(0, passed) as u64;
            let left = window - now % window;
            let expected =
                before * left + (passed(number) as u64 + 1) * window <= u64::from(limit) * window;
            if expected {
                by_counter.push(now);
            }
            assert_eq!(
                passes(&mut counter, now),
                expected,
                "{seed} {nth} {counter:?}"
            );
        }
    }
}

/// At the door of a gateway nobody waits, so that a leaky bucket is a meter: each call fills it by one, it
/// leaks, and who would make it run over is refused (ITU-T I.371, the leaky bucket as a meter). All
/// other limits are those of a rate limiter.
#[test]
fn a_leaky_bucket_at_the_door_is_a_meter() {
    for seed in 1..=200 {
        let mut stream = Stream::new(seed, "gateway", "test");
        let capacity = stream.below(8);
        let rate = u64::from(1 + stream.below(20));
        let drawn = GatewayLimit {
            limit: RateLimit::LeakyBucket {
                capacity,
                rate: Rate(rate as f64),
            },
            ..GatewayLimit::default()
        };
        let mut door = Limiter::at_the_door(&drawn, 1);
        // In billionths of a call: besides those in the bucket one is on its way through.
        let room = u64::from(capacity + 1) * 1_000_000_000;
        let (mut level, mut last, mut now) = (0u64, 0, 0);
        for nth in 0..400 {
            now += u64::from(stream.below(400)) * MS / 2;
            level = level.saturating_sub((now - last) * rate);
            last = now;
            let expected = level + 1_000_000_000 <= room;
            if expected {
                level += 1_000_000_000;
            }
            assert_eq!(door.lets_in(0, now), expected, "{seed} {nth} {door:?}");
        }
    }
}

/// What is said to be the earliest moment is one, and the nanosecond before is none.
#[test]
fn the_first_in_line_waits_no_longer_than_needed() {
    let window = Duration::from_nanos(1_000_003);
    for seed in 1..=200 {
        let mut stream = Stream::new(seed, "limiter", "line");
        let limit = 1 + stream.below(5);
        let rate = Rate(f64::from(1 + stream.below(3_000_000)));
        for limit in [
            RateLimit::TokenBucket { burst: limit, rate },
            RateLimit::LeakyBucket {
                capacity: limit,
                rate,
            },
            RateLimit::FixedWindow { limit, window },
            RateLimit::SlidingLog { limit, window },
            RateLimit::SlidingCounter { limit, window },
        ] {
            let mut limiter = limiter(limit.clone());
            let mut now = 0;
            for _ in 0..200 {
                now += u64::from(stream.below(1_000_000));
                let due = limiter.earliest(0, now);
                assert!(due >= now, "{limit:?}");
                if due > now {
                    assert!(limiter.earliest(0, due - 1) > due - 1, "{limit:?} {due}");
                }
                assert_eq!(limiter.earliest(0, due), due, "{limit:?}");
                limiter.take(0, due);
                now = due;
            }
        }
    }
}

/// An edit keeps what still means something.
#[test]
fn an_edit_keeps_what_was_counted() {
    let log = |limit| RateLimit::SlidingLog {
        limit,
        window: SECOND,
    };
    let mut old = limiter(log(3));
    for at in [100, 200, 300, 1_150] {
        assert!(passes(&mut old, at * MS));
    }
    let adopted = |limit: RateLimit, old: &Limiter, now: u64| {
        let mut new = limiter(limit);
        new.adopt(&mut old.clone(), &mut Calls::default(), now);
        new
    };
    // Passed in the last second: 200, 300 and 1,150.
    let mut more = adopted(log(5), &old, 1_160 * MS);
    assert!(passes(&mut more, 1_160 * MS));
    assert!(passes(&mut more, 1_160 * MS));
    assert!(!passes(&mut more, 1_199 * MS));
    assert!(passes(&mut more, 1_200 * MS));
    let mut fewer = adopted(log(2), &old, 1_160 * MS);
    assert!(!passes(&mut fewer, 1_299 * MS));
    assert!(passes(&mut fewer, 1_300 * MS));
    // Two of four tokens are gone, whatever the rate is.
    let bucket = |burst, rate| RateLimit::TokenBucket {
        burst,
        rate: Rate(rate),
    };
    let mut old = limiter(bucket(4, 1.0));
    assert!(passes(&mut old, 0) && passes(&mut old, 0));
    let mut slower = adopted(bucket(4, 0.01), &old, 0);
    assert!(passes(&mut slower, 0) && passes(&mut slower, 0));
    assert!(!passes(&mut slower, 99_999 * MS));
    assert!(passes(&mut slower, 100_001 * MS));
}
