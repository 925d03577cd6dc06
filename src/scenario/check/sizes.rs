//! What a distribution of message sizes may be.

use super::Entry;
use super::limits::{self, people};
use crate::scenario::{MessageSize, Size};

impl Entry<'_> {
    pub(super) fn message_size(&mut self, field: &str, size: &MessageSize) {
        let nothing = Size::default();
        match *size {
            MessageSize::Constant(_) => {}
            MessageSize::Exponential(mean) => {
                if mean == nothing {
                    let why = "the mean must be more than 0; for nothing at all write \"0B\"";
                    self.error(field, why);
                }
            }
            MessageSize::LogNormal { p50, p99 } => {
                if p50 == nothing {
                    self.error(field, "`p50` must be more than 0");
                } else if p50 >= p99 {
                    self.error(
                        field,
                        format!("`p50` must be less than `p99`, found {p50} and {p99}"),
                    );
                } else if p99.bytes() as f64 > limits::TAIL * p50.bytes() as f64 {
                    let most = people(limits::TAIL);
                    self.error(
                        field,
                        format!("`p99` must be at most {most} times `p50`, found {p50} and {p99}"),
                    );
                }
            }
            MessageSize::BoundedPareto { alpha, min, max } => {
                self.number(&format!("{field}.alpha"), alpha, limits::TAIL_INDEX);
                if min == nothing {
                    self.error(
                        field,
                        "`min` must be more than 0: a Pareto never is less than it",
                    );
                } else if min > max {
                    self.error(
                        field,
                        format!("`min` must not be more than `max`, found {min} and {max}"),
                    );
                }
            }
        }
    }
}
