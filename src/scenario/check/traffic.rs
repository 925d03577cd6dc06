//! What traffic may be.

use super::Entry;
use super::limits::{self, people};
use crate::scenario::{Arrivals, BatchSizes, Duration, Keys, RateShape, Recorded};

impl Entry<'_> {
    pub(super) fn arrivals(&mut self, arrivals: &Arrivals) {
        match arrivals {
            Arrivals::Poisson { rate, .. }
            | Arrivals::Constant { rate, .. }
            | Arrivals::Uniform { rate, .. } => {
                self.number("arrivals.rate", rate.0, limits::RATE);
            }
            Arrivals::Bursts {
                low,
                high,
                low_for,
                high_for,
                ..
            } => {
                self.number("arrivals.low", low.0, limits::RATE);
                self.number("arrivals.high", high.0, limits::RATE);
                if low.0 > high.0 {
                    let message = format!(
                        "`low` must not be more than `high`, found {} and {}",
                        low.0, high.0
                    );
                    self.error("arrivals.low", message);
                }
                for (name, time) in [("low_for", low_for), ("high_for", high_for)] {
                    // Shorter turns would make turning the main traffic of a run.
                    if *time < Duration::from_nanos(1_000) {
                        let message = format!("`{name}` must be at least 1us, found {time}");
                        self.error(&format!("arrivals.{name}"), message);
                    }
                }
            }
            Arrivals::Batches {
                rate, size, sizes, ..
            } => {
                self.number("arrivals.rate", rate.0, limits::RATE);
                self.number("arrivals.size", *size, limits::BATCH);
                if *sizes == BatchSizes::Constant && size.fract() != 0.0 {
                    let message = format!(
                        "batches of one size have a whole number of requests, found {size}; with \
                         `sizes: Geometric` it is the mean"
                    );
                    self.error("arrivals.size", message);
                }
            }
            Arrivals::Recorded(recorded) => self.recorded(recorded),
            Arrivals::Sessions {
                starts,
                requests,
                think,
                ..
            } => {
                self.number("arrivals.starts", starts.0, limits::RATE);
                self.number("arrivals.requests", *requests, limits::BATCH);
                self.distribution("arrivals.think", think);
            }
            Arrivals::Closed { users, think } => {
                self.count("arrivals.users", *users, limits::USERS);
                self.distribution("arrivals.think", think);
            }
            Arrivals::LongLived(drawn) => self.long_lived(drawn),
        }
        for (at, shape) in arrivals.profile().iter().enumerate() {
            self.shape(&format!("arrivals.profile.{at}"), shape);
        }
        if arrivals.mean_rate() == Some(0.0) && !arrivals.profile().is_empty() {
            let scales = |shape: &RateShape| match shape {
                RateShape::Day { .. } | RateShape::Spike { .. } => true,
                // Both rates of bursts are scaled.
                _ => matches!(arrivals, Arrivals::Bursts { .. }),
            };
            if let Some(at) = arrivals.profile().iter().position(scales) {
                let field = format!("arrivals.profile.{at}");
                self.warning(&field, "a factor on a rate of 0 has no effect");
            }
        }
    }

    fn recorded(&mut self, recorded: &Recorded) {
        if let Some(problem) = recorded.times.problem() {
            return self.error("arrivals.times", problem);
        }
        let times = recorded.times.times();
        if times.len() > limits::TIMES {
            let most = people(limits::TIMES as f64);
            return self.error(
                "arrivals.times",
                format!("{most} times are the most there may be"),
            );
        }
        let Some(last) = times.iter().max() else {
            return self.error("arrivals.times", "must have at least one time");
        };
        if let Some(repeat) = recorded.repeat
            && (repeat == Duration::ZERO || repeat < *last)
        {
            let message = format!(
                "it can't start over before it is over: the last request comes at {last}, and \
                 `repeat` is {repeat}"
            );
            self.error("arrivals.repeat", message);
        }
    }

    pub(super) fn keys(&mut self, keys: &Keys) {
        self.count("keys.items", keys.items(), limits::ITEMS);
        match *keys {
            Keys::Zipf { s, .. } => self.number("keys.s", s, limits::ZIPF),
            Keys::HotSet { hot, traffic, .. } => {
                self.number("keys.hot", hot, limits::SHARE);
                self.number("keys.traffic", traffic, limits::SHARE);
            }
            Keys::Uniform { .. } | Keys::Sequential { .. } => {}
        }
    }

    fn shape(&mut self, field: &str, shape: &RateShape) {
        match shape {
            RateShape::Steps(steps) => {
                if steps.is_empty() {
                    self.error(field, "`Steps([])` has no steps");
                }
                for (_, rate) in steps {
                    self.number(&format!("{field}.rate"), rate.0, limits::RATE);
                }
                if steps.windows(2).any(|pair| pair[0].0 >= pair[1].0) {
                    self.error(field, "the times of the steps must grow");
                }
            }
            RateShape::Ramp { from, until, to } => {
                self.number(&format!("{field}.to"), to.0, limits::RATE);
                self.order(field, *from, *until);
            }
            RateShape::Day { swing, period } => {
                self.number(&format!("{field}.swing"), *swing, limits::SHARE);
                self.positive(&format!("{field}.period"), *period);
            }
            RateShape::Spike { at, until, times } => {
                self.number(&format!("{field}.times"), *times, limits::FACTOR);
                self.order(field, *at, *until);
            }
        }
    }
}
