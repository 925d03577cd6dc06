//! What a scenario may say at most. The promise is that a scenario within these limits loads, runs
//! and is drawn; outside of them it is refused with a sentence.

use std::fmt;

/// Most components. 10,000 is what every part of the program is tested with.
pub const COMPONENTS: usize = 100_000;
/// Most connections. 50,000 is what every part of the program is tested with.
pub const CONNECTIONS: usize = 500_000;
/// Most operations: plans tell them apart by a bit each.
pub const OPERATIONS: usize = 64;
/// Most faults, and most objectives.
pub const LIST: usize = 100_000;
/// Most instances of all components together; each has its own line.
pub const ALL_INSTANCES: u64 = 1_000_000;
/// Most characters in a name.
pub const NAME: usize = 100;

/// Requests per second.
pub const RATE: Range = Range::new(0.0, 1e7);
/// Users of a closed client.
pub const USERS: Range = Range::new(0.0, 1e6);
/// Requests in a batch, or in a session of partly open traffic.
pub const BATCH: Range = Range::new(1.0, 1e6);
/// Sessions of a client.
pub const SESSIONS: Range = Range::new(1.0, 1e9);
/// Items that requests are about.
pub const ITEMS: Range = Range::new(1.0, crate::scenario::Keys::MAX_ITEMS as f64);
/// Exponent of Zipf's law.
pub const ZIPF: Range = Range::new(0.0, 10.0);
/// Instances of a server, and slots of everything that has them.
pub const SLOTS: Range = Range::new(1.0, 100_000.0);
/// Places in a line.
pub const LINE: Range = Range::new(0.0, 1e9);
/// Messages in a queue.
pub const MESSAGES: Range = Range::new(1.0, 1e9);
/// Tokens in a bucket, and calls in a window.
pub const BURST: Range = Range::new(1.0, 1e6);
/// Calls per second that a rate limiter lets through.
pub const LIMIT: Range = Range::above(0.0, 1e7);
/// Megabytes of an instance of a function.
pub const MEMORY: Range = Range::new(1.0, 1e6);
/// Most bytes that a rate limiter may take to count the calls of every session.
pub const LIMITER_BYTES: u64 = 1 << 30;
/// Keys in a cache.
pub const KEYS: Range = Range::new(1.0, 1e9);
/// Small counts: checks in a row, deliveries, unacknowledged messages per slot.
pub const COUNT: Range = Range::new(1.0, 1_000.0);
/// Attempts after the first.
pub const RETRIES: Range = Range::new(0.0, 100.0);
/// Priorities of operations.
pub const PRIORITY: Range = Range::new(0.0, crate::scenario::Operation::MOST_PRIORITY as f64);
/// Failures and probes of a circuit breaker.
pub const FAILURES: Range = Range::new(1.0, 10_000.0);
/// A share of which there is at least something.
pub const SOME: Range = Range::above(0.0, 1.0);
/// Tokens in a bucket.
pub const TOKENS: Range = Range::new(0.0, 1e6);
/// Steps of a plan.
pub const STEP: Range = Range::new(1.0, 100.0);
/// Shares and probabilities.
pub const SHARE: Range = Range::new(0.0, 1.0);
/// Weights among alternatives.
pub const WEIGHT: Range = Range::new(0.0, 1e9);
/// Dollars.
pub const PRICE: Range = Range::new(0.0, 1e6);
/// Targets to choose from at random.
pub const CHOICES: Range = Range::new(2.0, 16.0);
/// Weight of the newest answer in a mean.
pub const ALPHA: Range = Range::above(0.0, 1.0);
/// Points of a target on a ring.
pub const POINTS: Range = Range::new(1.0, 10_000.0);
/// Most points on a ring, of all targets together: some 230 megabytes.
pub const ALL_POINTS: u64 = 10_000_000;
/// How many times its fair share a target may have: less than all of it together would not do.
pub const BOUND: Range = Range::above(1.0, 1_000.0);
/// Percentiles.
pub const PERCENTILE: Range = Range::above(0.0, 100.0);
/// Factors on a rate or a service time.
pub const FACTOR: Range = Range::new(0.0, 1e6);
/// Factor on a service time: never nothing at all.
pub const SLOWER: Range = Range::above(0.0, 1e6);
/// How many times as fast as others a machine is.
pub const SPEED: Range = Range::new(0.001, 1_000.0);
/// Phases of an Erlang distribution.
pub const PHASES: Range = Range::new(1.0, 1_000.0);
/// Shape of a Weibull distribution: at 0.1 the mean is three million times the scale.
pub const SHAPE: Range = Range::new(0.1, 100.0);
/// Tail index of a Pareto distribution.
pub const TAIL_INDEX: Range = Range::new(0.01, 100.0);
/// Most branches of a hyperexponential distribution.
pub const BRANCHES: usize = 100;
/// Most times in a list, such as a column of a file.
pub const TIMES: usize = 1 << 22;
/// Coefficient of variation of a distribution that is given by it.
pub const VARIATION: Range = Range::above(0.0, 100.0);
/// How many times its median the 99th percentile of a lognormal distribution may be.
pub const TAIL: f64 = 1_000.0;

/// Allowed numbers, the largest included.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// Smallest.
    pub min: f64,
    /// Largest.
    pub max: f64,
    /// Whether `min` itself is not allowed.
    pub above: bool,
}

impl Range {
    /// From `min` to `max`, both included.
    pub const fn new(min: f64, max: f64) -> Self {
        Self {
            min,
            max,
            above: false,
        }
    }

    /// More than `min`, up to `max`.
    pub const fn above(min: f64, max: f64) -> Self {
        Self {
            min,
            max,
            above: true,
        }
    }

    /// Whether a number is allowed. Not a number never is.
    pub fn contains(self, number: f64) -> bool {
        let low = if self.above {
            number > self.min
        } else {
            number >= self.min
        };
        low && number <= self.max
    }
}

impl fmt::Display for Range {
    /// `from 1 to 100,000`, `above 0 and at most 100`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (min, max) = (people(self.min), people(self.max));
        if self.above {
            write!(f, "above {min} and at most {max}")
        } else {
            write!(f, "from {min} to {max}")
        }
    }
}

/// A number with commas between thousands.
pub(crate) fn people(number: f64) -> String {
    let text = number.to_string();
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.as_str()),
    };
    let whole = digits.find('.').unwrap_or(digits.len());
    if !digits[..whole].bytes().all(|b| b.is_ascii_digit()) || whole > 20 {
        return format!("{number:e}");
    }
    let mut out = sign.to_owned();
    for (at, digit) in digits[..whole].chars().enumerate() {
        if at > 0 && (whole - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out + &digits[whole..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_read_as_people_say_them() {
        assert_eq!(SLOTS.to_string(), "from 1 to 100,000");
        assert_eq!(PERCENTILE.to_string(), "above 0 and at most 100");
        assert_eq!(people(-1234.5), "-1,234.5");
        assert_eq!(people(f64::NAN), "NaN");
    }

    #[test]
    fn what_is_no_number_is_never_allowed() {
        assert!(SHARE.contains(0.0) && SHARE.contains(1.0));
        assert!(
            !SHARE.contains(f64::NAN) && !SHARE.contains(f64::INFINITY) && !SHARE.contains(-0.1)
        );
        assert!(!PERCENTILE.contains(0.0) && PERCENTILE.contains(100.0));
    }
}
