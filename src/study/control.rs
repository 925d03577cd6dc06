//! How a long study is watched and stopped from outside.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Shared between a study and whoever watches it. Watching changes no result; stopping ends the
/// study at the next slice, and what was measured up to there is its result.
#[derive(Debug, Default)]
pub struct Control {
    stop: AtomicBool,
    done_ns: AtomicU64,
    total_ns: AtomicU64,
    events: AtomicU64,
}

impl Control {
    /// Asks the study to stop.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// Whether it was asked to stop.
    pub fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Simulated time done, in nanoseconds, over all runs.
    pub fn done_ns(&self) -> u64 {
        self.done_ns.load(Ordering::Relaxed)
    }

    /// Simulated time to do, in nanoseconds, over all runs; 0 when nobody can tell.
    pub fn total_ns(&self) -> u64 {
        self.total_ns.load(Ordering::Relaxed)
    }

    /// Events so far, over all runs.
    pub fn events(&self) -> u64 {
        self.events.load(Ordering::Relaxed)
    }

    pub(crate) fn add_total_ns(&self, nanos: u64) {
        self.total_ns.fetch_add(nanos, Ordering::Relaxed);
    }

    pub(crate) fn add_done(&self, nanos: u64, events: u64) {
        self.done_ns.fetch_add(nanos, Ordering::Relaxed);
        self.events.fetch_add(events, Ordering::Relaxed);
    }
}
