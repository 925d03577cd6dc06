//! What a distribution may be.

use super::Entry;
use super::limits::{self, people};
use crate::scenario::{Branch, Distribution, Duration, Sample};

impl Entry<'_> {
    pub(super) fn distribution(&mut self, field: &str, distribution: &Distribution) {
        let mean_of_zero = "the mean must be longer than 0; for no time at all write \"0s\"";
        let zero = |time: Duration| time == Duration::ZERO;
        match *distribution {
            Distribution::Constant(_) => {}
            Distribution::Exponential(mean) => {
                if mean == Duration::ZERO {
                    self.error(field, mean_of_zero);
                }
            }
            Distribution::Uniform { min, max } => {
                if min > max {
                    self.error(
                        field,
                        format!("`min` must not be longer than `max`, found {min} and {max}"),
                    );
                }
            }
            Distribution::LogNormal { p50, p99 } => {
                if p50 == Duration::ZERO {
                    self.error(field, "`p50` must be longer than 0");
                } else if p50 >= p99 {
                    self.error(
                        field,
                        format!("`p50` must be shorter than `p99`, found {p50} and {p99}"),
                    );
                } else if p99.secs() > limits::TAIL * p50.secs() {
                    let most = people(limits::TAIL);
                    self.error(
                        field,
                        format!("`p99` must be at most {most} times `p50`, found {p50} and {p99}"),
                    );
                }
            }
            Distribution::LogNormalMean { mean, cv } => {
                if mean == Duration::ZERO {
                    self.error(field, mean_of_zero);
                }
                self.number(&format!("{field}.cv"), cv, limits::VARIATION);
            }
            Distribution::Erlang { k, mean } => {
                if mean == Duration::ZERO {
                    self.error(field, mean_of_zero);
                }
                self.count(&format!("{field}.k"), k, limits::PHASES);
            }
            // Above 0 at least half of what is drawn is kept.
            Distribution::Normal { mean, .. } | Distribution::Gamma { mean, .. } if zero(mean) => {
                self.error(field, mean_of_zero);
            }
            Distribution::Normal { .. } => {}
            Distribution::Gamma { cv, .. } => {
                self.number(&format!("{field}.cv"), cv, limits::VARIATION);
            }
            Distribution::Weibull { scale: time, .. }
            | Distribution::WeibullMean { mean: time, .. }
                if zero(time) =>
            {
                self.error(
                    field,
                    "a Weibull must be longer than 0; for no time at all write \"0s\"",
                );
            }
            Distribution::Weibull { shape, .. } | Distribution::WeibullMean { shape, .. } => {
                self.number(&format!("{field}.shape"), shape, limits::SHAPE);
            }
            Distribution::BoundedPareto { alpha, min, max } => {
                self.number(&format!("{field}.alpha"), alpha, limits::TAIL_INDEX);
                if zero(min) {
                    self.error(
                        field,
                        "`min` must be longer than 0: a Pareto never is shorter than it",
                    );
                } else if min > max {
                    self.error(
                        field,
                        format!("`min` must not be longer than `max`, found {min} and {max}"),
                    );
                }
            }
            Distribution::HyperExponential(ref branches) => self.branches(field, branches),
            Distribution::HyperExponentialMean { mean, .. } if zero(mean) => {
                self.error(field, mean_of_zero);
            }
            Distribution::HyperExponentialMean { cv, .. } => {
                if cv < 1.0 {
                    self.error(
                        &format!("{field}.cv"),
                        format!(
                            "a hyperexponential varies at least as much as an exponential, whose \
                             `cv` is 1, found {cv}; below that write Gamma"
                        ),
                    );
                } else {
                    self.number(&format!("{field}.cv"), cv, limits::VARIATION);
                }
            }
            Distribution::Empirical(ref sample) => self.sample(field, sample),
        }
    }

    fn branches(&mut self, field: &str, branches: &[Branch]) {
        if branches.is_empty() || branches.len() > limits::BRANCHES {
            let most = limits::BRANCHES;
            let found = branches.len();
            return self.error(
                field,
                format!("must have 1 to {most} branches, found {found}"),
            );
        }
        for branch in branches {
            self.number(
                &format!("{field}.probability"),
                branch.probability,
                limits::SHARE,
            );
            if branch.mean == Duration::ZERO {
                self.error(field, "the mean of every branch must be longer than 0");
            }
        }
        let total: f64 = branches.iter().map(|branch| branch.probability).sum();
        if (total - 1.0).abs() > 1e-6 {
            self.error(
                field,
                format!("the probabilities of the branches must add up to 1, found {total}"),
            );
        }
    }

    fn sample(&mut self, field: &str, sample: &Sample) {
        if let Some(problem) = sample.problem() {
            self.error(&format!("{field}.file"), problem);
        } else if sample.times().is_empty() {
            self.error(field, "must have at least one time");
        } else if sample.times().len() > limits::TIMES {
            self.error(
                field,
                format!(
                    "{} times are the most there may be",
                    people(limits::TIMES as f64)
                ),
            );
        }
    }
}
