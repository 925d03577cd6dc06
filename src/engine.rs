//! The simulator. It knows the document, and no screen, no file, no clock on the wall, no thread.

pub mod histogram;
pub mod measure;

pub use histogram::Histogram;
pub use measure::{Cause, ConnectionTotals, Failures, Totals};

use crate::scenario::{FaultKind, Scenario};

/// Simulated time, in nanoseconds since the start of the run.
pub type Nanos = u64;

/// A run of a scenario: a state that can be cloned, advanced, changed and read.
///
/// Components, connections and operations are numbered in the order of the scenario.
#[derive(Clone, Debug)]
pub struct Engine;

/// One sampled message under way, for drawing: a real call or its reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hop {
    /// Number of the request (the same for all its calls).
    pub request: u64,
    /// The connection it travels on.
    pub connection: u32,
    /// Operation, as its position in [`Engine::operations`].
    pub operation: u8,
    /// From caller to callee, or a reply on its way back.
    pub reply: bool,
    /// `None`: well so far. For a reply, or a refused or lost call: why it failed.
    pub failed: Option<Cause>,
    /// When it left.
    pub from_ns: Nanos,
    /// When it arrives.
    pub until_ns: Nanos,
}

/// What a component is going through.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Condition {
    /// Refuses everything.
    pub crashed: bool,
    /// Takes calls and never answers.
    pub hung: bool,
    /// Stands still.
    pub paused: bool,
    /// Factor on service times, 1 when all is well.
    pub slow: f64,
    /// Factor on a client's traffic, 1 when all is well.
    pub traffic: f64,
}

/// Why a scenario can't run, or a change can't be applied. The engine is as it was before.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct EngineError(pub String);

impl Engine {
    /// A run of `scenario` at time zero, with the scenario's seed.
    ///
    /// # Errors
    /// When the scenario does not pass its checks (`scenario::check`).
    pub fn new(scenario: &Scenario) -> Result<Self, EngineError> {
        let _ = scenario;
        todo!()
    }

    /// Simulated time now.
    pub fn now_ns(&self) -> Nanos {
        todo!()
    }

    /// Events taken from the future-event list so far.
    pub fn events(&self) -> u64 {
        todo!()
    }

    /// When the next event is due. `None`: nothing will ever happen.
    pub fn next_event_ns(&self) -> Option<Nanos> {
        todo!()
    }

    /// Runs everything up to and including `until_ns` and sets the time to it.
    pub fn run_until(&mut self, until_ns: Nanos) {
        let _ = until_ns;
        todo!()
    }

    /// Like [`Self::run_until`], but stops after `most` events. Says whether `until_ns` was reached.
    pub fn run_events(&mut self, until_ns: Nanos, most: u64) -> bool {
        let _ = (until_ns, most);
        todo!()
    }

    /// Runs one event. Says whether there was one.
    pub fn step(&mut self) -> bool {
        todo!()
    }

    /// Forgets what was counted; calls under way stay. For the end of a warm-up.
    pub fn reset_measures(&mut self) {
        todo!()
    }

    /// Applies a changed scenario now: parameters, structure or both. What stayed (by name) keeps
    /// its state. The change is recorded ([`Self::recording`]).
    ///
    /// # Errors
    /// When the scenario does not pass its checks; then nothing is changed.
    pub fn edit(&mut self, scenario: &Scenario) -> Result<(), EngineError> {
        let _ = scenario;
        todo!()
    }

    /// Starts a fault by hand now, until healed. It is recorded.
    ///
    /// # Errors
    /// When there is no such target, or the fault makes no sense on it.
    pub fn start_fault(&mut self, on: &str, fault: FaultKind) -> Result<(), EngineError> {
        let _ = (on, fault);
        todo!()
    }

    /// Ends every fault on a target now. It is recorded.
    ///
    /// # Errors
    /// When there is no such target.
    pub fn heal(&mut self, on: &str) -> Result<(), EngineError> {
        let _ = on;
        todo!()
    }

    /// The scenario as it is now, edits included.
    pub fn scenario(&self) -> &Scenario {
        todo!()
    }

    /// What was counted at component `index`.
    pub fn component(&self, index: usize) -> Totals {
        let _ = index;
        todo!()
    }

    /// Sojourn times at component `index`; at a client the end-to-end latency of the requests that
    /// were answered well.
    pub fn component_latency(&self, index: usize) -> &Histogram {
        let _ = index;
        todo!()
    }

    /// Replication lag (commit to applied) at replica `index`; empty elsewhere.
    pub fn replication_lag(&self, index: usize) -> Option<&Histogram> {
        let _ = index;
        todo!()
    }

    /// What a component is going through.
    pub fn condition(&self, index: usize) -> Condition {
        let _ = index;
        todo!()
    }

    /// What was counted on connection `index`.
    pub fn connection(&self, index: usize) -> ConnectionTotals {
        let _ = index;
        todo!()
    }

    /// Whether connection `index` is cut.
    pub fn is_cut(&self, index: usize) -> bool {
        let _ = index;
        todo!()
    }

    /// The clients taken together.
    pub fn system(&self) -> Totals {
        todo!()
    }

    /// End-to-end latency of the requests that were answered well, over all clients.
    pub fn system_latency(&self) -> Histogram {
        todo!()
    }

    /// Names of the operations.
    pub fn operations(&self) -> Vec<String> {
        todo!()
    }

    /// Requests of one operation, over all clients: arrivals, completed, failures and sojourn sums.
    pub fn operation(&self, index: usize) -> Totals {
        let _ = index;
        todo!()
    }

    /// End-to-end latency of one operation.
    pub fn operation_latency(&self, index: usize) -> &Histogram {
        let _ = index;
        todo!()
    }

    /// Records the hops of every `every`-th request from now on; 0 records none. Changes no result.
    pub fn sample_hops(&mut self, every: u64) {
        let _ = every;
        todo!()
    }

    /// Moves the hops recorded since the last call to the end of `into`.
    pub fn take_hops(&mut self, into: &mut Vec<Hop>) {
        let _ = into;
        todo!()
    }

    /// A hash over every result so far: the same scenario, seed and changes give the same fingerprint.
    pub fn fingerprint(&self) -> u64 {
        todo!()
    }

    /// Checks that nothing was lost or made up: in = out + inside for every component, slot and
    /// connection, and that every call in flight is where the books say.
    ///
    /// # Errors
    /// The first law that is broken, with its numbers.
    pub fn check_conservation(&self) -> Result<(), String> {
        todo!()
    }

    /// Every change made since the start, with its time: enough to repeat the run exactly.
    pub fn recording(&self) -> &Recording {
        todo!()
    }

    /// Repeats a recorded run from its start; changes are applied when their time comes.
    ///
    /// # Errors
    /// When the recording's first scenario does not pass its checks.
    pub fn replay(recording: &Recording) -> Result<Self, EngineError> {
        let _ = recording;
        todo!()
    }
}

/// A run that can be repeated exactly: where it started and what was changed, when.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recording {
    /// The scenario at time zero.
    pub start: Scenario,
    /// Changes in the order they were made.
    pub changes: Vec<(Nanos, u64, Change)>,
}

/// A change made while a run was under way. In a [`Recording`] it stands behind its time in
/// nanoseconds and the number of events before it.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub enum Change {
    /// The scenario was edited.
    Edit(Box<Scenario>),
    /// A fault was started by hand.
    Fault(String, FaultKind),
    /// A target was healed by hand.
    Heal(String),
    /// What was counted was forgotten.
    Reset,
}
