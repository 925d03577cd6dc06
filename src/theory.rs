//! Queueing theory: closed forms, each with its source. Pure functions of plain numbers.
//!
//! Rates are per second and times in seconds, though any one unit of time will do. A function
//! returns `None` where its model has no steady state or its arguments make no sense.
//!
//! Sources named in short: Erlang 1917; Kleinrock, *Queueing Systems* I (1975); Gross, Shortle,
//! Thompson and Harris, *Fundamentals of Queueing Theory*, 4th edition (2008); Jain, *The Art of
//! Computer Systems Performance Analysis* (1991); Lazowska, Zahorjan, Graham and Sevcik,
//! *Quantitative System Performance* (1984).

pub mod availability;
pub mod bounds;
pub mod cache;
pub mod closed;
pub mod erlang;
pub mod general;
pub mod markov;
pub mod open;
pub mod scaling;

/// What a model says about one station in its steady state.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Station {
    /// λ: calls admitted per second, which is also what leaves.
    pub arrival_rate: f64,
    /// Share of the calls that are refused, 0 where there is room for all.
    pub refused: f64,
    /// ρ: share of the servers that work. 0 for infinitely many.
    pub utilization: f64,
    /// L: mean number present.
    pub l: f64,
    /// Lq: mean number waiting.
    pub lq: f64,
    /// W: mean time from arrival to departure of an admitted call.
    pub w: f64,
    /// Wq: mean wait of an admitted call.
    pub wq: f64,
}

impl Station {
    /// Fills in the rest by Little's law from the mean wait (Little 1961).
    fn from_wait(arrival_rate: f64, servers: f64, service: f64, wq: f64) -> Self {
        let w = wq + service;
        Self {
            arrival_rate,
            refused: 0.0,
            utilization: arrival_rate * service / servers,
            l: arrival_rate * w,
            lq: arrival_rate * wq,
            w,
            wq,
        }
    }
}

/// Whether these are finite and above zero.
fn positive(values: &[f64]) -> bool {
    values.iter().all(|value| value.is_finite() && *value > 0.0)
}

/// The argument in `low..high` at which `excess`, which falls from positive to negative, is zero.
fn bisect(mut low: f64, mut high: f64, excess: impl Fn(f64) -> f64) -> f64 {
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            break;
        }
        if excess(middle) > 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
#[track_caller]
fn assert_close(found: f64, expected: f64, relative: f64) {
    assert!(
        (found - expected).abs() <= relative * expected.abs().max(f64::MIN_POSITIVE),
        "{found} is not {expected} within {relative}"
    );
}
