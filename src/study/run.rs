//! A run that remembers its course.

use super::{Measures, Of, Series, window};
use crate::engine::{Engine, EngineError, Hop, Nanos, Recording, Totals};
use crate::scenario::{FaultKind, Scenario};

/// An [`Engine`] with the [`Series`] of its figures. Cloning it branches the run.
///
/// Recording changes no result, and what is recorded depends on simulated time alone: the same
/// run in slices of any size has the same series.
#[derive(Clone, Debug)]
pub struct Run {
    engine: Engine,
    series: Series,
}

impl Run {
    /// A run of `scenario` at time zero, with the scenario's seed.
    ///
    /// # Errors
    /// When the scenario does not pass its checks.
    pub fn new(scenario: &Scenario) -> Result<Self, EngineError> {
        let engine = Engine::new(scenario)?;
        let series = Series::new(engine.scenario());
        Ok(Self { engine, series })
    }

    /// Repeats a recorded run from its start; changes are applied when their time comes.
    ///
    /// # Errors
    /// When the recording's first scenario does not pass its checks.
    pub fn replay(recording: &Recording) -> Result<Self, EngineError> {
        let engine = Engine::replay(recording)?;
        let series = Series::new(engine.scenario());
        Ok(Self { engine, series })
    }

    /// The engine, to read from.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The course of the run so far.
    pub fn series(&self) -> &Series {
        &self.series
    }

    /// Runs everything up to and including `until_ns` and sets the time to it.
    pub fn advance_until(&mut self, until_ns: Nanos) {
        while self.series.next_ns() <= until_ns {
            self.engine.run_until(self.series.next_ns());
            self.series.sample(&self.engine);
        }
        self.engine.run_until(until_ns);
        self.series.align(&self.engine);
    }

    /// Like [`Self::advance_until`], but stops after `most` events. Says whether `until_ns` was
    /// reached.
    pub fn advance_events(&mut self, until_ns: Nanos, most: u64) -> bool {
        let last = self.engine.events().saturating_add(most);
        loop {
            let grid_ns = self.series.next_ns();
            let left = last.saturating_sub(self.engine.events());
            let reached = self.engine.run_events(grid_ns.min(until_ns), left);
            self.series.align(&self.engine);
            if !reached {
                return false;
            }
            if grid_ns > until_ns {
                return true;
            }
            self.series.sample(&self.engine);
            if grid_ns == until_ns {
                return true;
            }
        }
    }

    /// Runs one event. Says whether there was one.
    pub fn step(&mut self) -> bool {
        let Some(event_ns) = self.engine.next_event_ns() else {
            return false;
        };
        // An event on the grid belongs to the interval that ends with it.
        while self.series.next_ns() < event_ns {
            self.engine.run_until(self.series.next_ns());
            self.series.sample(&self.engine);
        }
        let stepped = self.engine.step();
        self.series.align(&self.engine);
        stepped
    }

    /// Forgets what was counted; calls under way stay, and the series keeps its past. For the end
    /// of a warm-up.
    pub fn reset_measures(&mut self) {
        self.engine.reset_measures();
        self.series.align(&self.engine);
    }

    /// Applies a changed scenario now ([`Engine::edit`]).
    ///
    /// # Errors
    /// When the scenario does not pass its checks; then nothing is changed.
    pub fn edit(&mut self, scenario: &Scenario) -> Result<(), EngineError> {
        self.engine.edit(scenario)?;
        self.series.align(&self.engine);
        Ok(())
    }

    /// Starts a fault by hand now, until healed.
    ///
    /// # Errors
    /// When there is no such target, or the fault makes no sense on it.
    pub fn start_fault(&mut self, on: &str, fault: FaultKind) -> Result<(), EngineError> {
        self.engine.start_fault(on, fault)
    }

    /// Ends every fault on a target now.
    ///
    /// # Errors
    /// When there is no such target.
    pub fn heal(&mut self, on: &str) -> Result<(), EngineError> {
        self.engine.heal(on)
    }

    /// Records the hops of every `every`-th request from now on; 0 records none.
    pub fn sample_hops(&mut self, every: u64) {
        self.engine.sample_hops(every);
    }

    /// Moves the hops recorded since the last call to the end of `into`.
    pub fn take_hops(&mut self, into: &mut Vec<Hop>) {
        self.engine.take_hops(into);
    }

    /// Records the latency percentiles of a component over time from now on. With few components
    /// they are recorded for all of them anyway. It changes no result.
    pub fn watch(&mut self, component: usize) {
        self.series.watch(component, &self.engine);
    }

    /// What was counted since the last reset.
    pub fn totals(&self, of: Of) -> Totals {
        match of {
            Of::System => self.engine.system(),
            Of::Component(index) => self.engine.component(index),
        }
    }

    /// The figures of everything since the last reset, without intervals.
    pub fn measures(&self, of: Of) -> Measures {
        let totals = self.totals(of);
        match of {
            Of::System => Measures::of(None, &totals, Some(&self.engine.system_latency()), None),
            Of::Component(index) => {
                let component = self.engine.scenario().components.get_index(index);
                Measures::of(
                    component.map(|(_, component)| component.kind()),
                    &totals,
                    Some(self.engine.component_latency(index)),
                    self.engine.replication_lag(index),
                )
            }
        }
    }

    /// What was counted in about the last `span_ns` (whole intervals and the one under way), the
    /// time before the last reset included. For live figures. Everything since the reset when the
    /// component is not recorded.
    pub fn recent(&self, of: Of, span_ns: Nanos) -> Totals {
        let now = self.totals(of);
        let mut recent = self.series.unfinished(of, &now);
        for interval in self.series.intervals(of).iter().rev() {
            if recent.now_ns - recent.since_ns >= span_ns {
                break;
            }
            recent = window::join(interval, &recent);
        }
        recent
    }
}
