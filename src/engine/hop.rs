//! Hops: sampled messages under way, for drawing. They change no result.

use super::{Hop, Simulation, call::flag, measure::Cause};

/// Which end a message leaves from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leaves {
    Caller,
    Callee,
}

/// Hops kept until they are taken; more are dropped.
const MOST_HOPS: usize = 1 << 16;

/// Which requests have their hops recorded.
#[derive(Clone, Debug, Default)]
pub(super) struct Sampling {
    /// Every how manieth request; 0: none.
    pub every: u64,
    pub hops: Vec<Hop>,
}

impl Sampling {
    /// The flag for a new request. The number is scrambled first: a plain remainder would be in
    /// step with a balancer that takes its targets in turn.
    #[inline]
    pub fn flag(&self, request: u64) -> u16 {
        if self.every == 0 {
            return 0;
        }
        let scrambled = request.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        if scrambled.is_multiple_of(self.every) {
            flag::SAMPLED
        } else {
            0
        }
    }
}

impl Simulation {
    #[cold]
    pub(super) fn hop(
        &mut self,
        id: u32,
        connection: u32,
        leaves: Leaves,
        latency: u64,
        failed: Option<Cause>,
    ) {
        if self.sampling.hops.len() < MOST_HOPS {
            let call = &self.calls[id];
            let request = self.calls.rare(id).request;
            self.sampling.hops.push(Hop {
                request,
                connection,
                operation: call.operation,
                reply: leaves == Leaves::Callee,
                failed,
                from_ns: self.now,
                until_ns: self.now + latency,
            });
        }
    }
}
