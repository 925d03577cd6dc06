//! The run behind the window: on a thread of its own, or inline in tests.
//!
//! The window sends [`Order`]s and reads [`Snapshot`]s; it never waits for the engine. Pacing
//! decides how much is run between two readings and nothing else, so a result is the same at any
//! speed. This module knows no egui: it wakes the window through a closure.

mod course;
mod marks;
mod names;
mod runner;
mod sampler;
mod snapshot;
mod worker;

use std::{
    io,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc::{Sender, channel},
    },
    thread::JoinHandle,
};

pub use course::{Course, Marker, MarkerKind, NamedPoints};
pub use sampler::MIN_FLIGHT_SECS;
pub use snapshot::{BoxReading, LatencyReading, RegionReading, Selected, Snapshot, WaysCut};

use crate::{
    engine::Hop,
    scenario::{FaultKind, Scenario},
};
use runner::Runner;

/// What the window asks of the run.
#[derive(Clone, Debug)]
pub enum Order {
    /// A new run of another document, at time zero, paused.
    Load {
        /// The document.
        scenario: Arc<Scenario>,
        /// Number of the document's state; comes back in [`Snapshot::revision`].
        revision: u64,
    },
    /// The document has changed: apply it to the run now.
    Edit {
        /// The document.
        scenario: Arc<Scenario>,
        /// Number of the document's state; comes back in [`Snapshot::revision`].
        revision: u64,
    },
    /// Let time run.
    Play,
    /// Stop time.
    Pause,
    /// Stop time, and run one event.
    Step,
    /// Back to time zero, with the document as it is now. Keeps playing or pausing.
    Restart {
        /// Seed of the new run. `None`: the document's.
        seed: Option<u64>,
    },
    /// How fast time runs.
    Pace(Pace),
    /// Start a fault by hand, until healed.
    StartFault {
        /// Name of a component, or `"a -> b"`.
        on: String,
        /// What goes wrong.
        fault: FaultKind,
    },
    /// End every fault on a target.
    Heal {
        /// Name of a component, or `"a -> b"`.
        on: String,
    },
    /// Roll back what was deployed on a target.
    RollBack {
        /// Name of a component.
        on: String,
    },
    /// Forget what was measured.
    ResetMeasures,
    /// Whose figures [`Snapshot::selected`] has: a component by name, or the whole system.
    Select(Option<String>),
    /// Whether hops are sampled for moving dots.
    Dots(bool),
}

/// How fast simulated time runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pace {
    /// So many simulated seconds a second.
    Times(f64),
    /// As fast as it goes.
    FlatOut,
}

impl Default for Pace {
    fn default() -> Self {
        Self::Times(1.0)
    }
}

/// A handle on the run.
pub struct Live {
    side: Side,
    shared: Arc<Shared>,
}

enum Side {
    Thread {
        /// `None` while the thread is being ended.
        orders: Option<Sender<Order>>,
        thread: Option<JoinHandle<()>>,
    },
    Inline(Box<Runner>),
}

/// What the two sides share.
#[derive(Default)]
struct Shared {
    snapshot: Mutex<Arc<Snapshot>>,
    hops: Mutex<Vec<Hop>>,
    /// The window has seen the last snapshot.
    seen: AtomicBool,
}

/// Hops kept for the window; when it does not come for them, the older half goes.
const MOST_HOPS: usize = 8_192;

impl Live {
    /// A run on a thread of its own. `wake` is called after every new snapshot.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn spawn(wake: impl Fn() + Send + 'static) -> io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let (orders, receiver) = channel();
        let theirs = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("engine".into())
            .spawn(move || worker::work(&receiver, &theirs, wake))?;
        let side = Side::Thread {
            orders: Some(orders),
            thread: Some(thread),
        };
        Ok(Self { side, shared })
    }

    /// A run that only advances in [`Self::pump`]: for tests, and for pictures.
    pub fn inline() -> Self {
        Self {
            side: Side::Inline(Box::default()),
            shared: Arc::default(),
        }
    }

    /// Asks something of the run. It is done before anything asked for later.
    pub fn send(&mut self, order: Order) {
        match &mut self.side {
            Side::Thread { orders, .. } => {
                // The thread only ends with this handle.
                if let Some(orders) = orders {
                    let _ = orders.send(order);
                }
            }
            Side::Inline(runner) => {
                runner.carry_out(order);
                self.shared.publish(runner);
            }
        }
    }

    /// Lets `secs` of the clock on the wall pass. A run on its own thread has its own clock.
    pub fn pump(&mut self, secs: f64) {
        if let Side::Inline(runner) = &mut self.side {
            let mut chunks = 16;
            runner.advance(secs, &mut || {
                chunks -= 1;
                chunks == 0
            });
            self.shared.publish(runner);
        }
    }

    /// The latest reading.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.shared.seen.store(true, Ordering::Relaxed);
        Arc::clone(&lock(&self.shared.snapshot))
    }

    /// Moves the sampled hops since the last call to the end of `into`.
    pub fn take_hops(&self, into: &mut Vec<Hop>) {
        into.append(&mut lock(&self.shared.hops));
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        if let Side::Thread { orders, thread } = &mut self.side {
            drop(orders.take());
            if let Some(thread) = thread.take() {
                // A panic on that thread was reported when it happened.
                let _ = thread.join();
            }
        }
    }
}

impl Shared {
    fn publish(&self, runner: &mut Runner) {
        runner.take_hops(&mut lock(&self.hops));
        let snapshot = Arc::new(runner.read());
        *lock(&self.snapshot) = snapshot;
        self.seen.store(false, Ordering::Relaxed);
    }
}

/// What a poisoned lock holds is whole: it is only ever replaced or appended to.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
