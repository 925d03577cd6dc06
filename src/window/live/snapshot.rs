//! What the window reads: a picture of the run at one moment.

use std::sync::Arc;

use super::{Course, Pace};
use crate::{
    engine::{Condition, ConnectionTotals, Engine, LinkCondition, Nanos, Origin, Totals},
    scenario::Scenario,
    study::{Beside, Bottleneck, Judgement, Of},
};

/// The run at one moment. Components and connections stand in the order of [`Self::scenario`].
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// Grows with every new run (load or restart).
    pub run: u64,
    /// The document's state that was applied last.
    pub revision: u64,
    /// The scenario that runs. `None`: there is no run (see [`Self::error`]).
    pub scenario: Option<Arc<Scenario>>,
    /// Whether time runs.
    pub playing: bool,
    /// How fast it should run.
    pub pace: Pace,
    /// Simulated seconds a second, lately; 0 while paused.
    pub speed: f64,
    /// Seconds of the clock on the wall that time has been running in this run.
    pub played_secs: f64,
    /// Simulated time.
    pub now_ns: Nanos,
    /// Events so far.
    pub events: u64,
    /// Events a second, lately; 0 while paused.
    pub events_per_sec: f64,
    /// Nothing will ever happen any more.
    pub is_over: bool,
    /// By component.
    pub boxes: Vec<BoxReading>,
    /// By connection, since the last reset.
    pub connections: Vec<ConnectionTotals>,
    /// By connection: what it is going through.
    pub links: Vec<LinkCondition>,
    /// Connections that carry nothing of what comes from some frames.
    pub cut_for: Vec<WaysCut>,
    /// By connection: share of its bandwidth in use lately, there and back. `None`: it has none.
    pub bandwidths: Vec<Option<[f64; 2]>>,
    /// Connections of load balancers behind which no target is in rotation.
    pub out: Vec<u32>,
    /// By frame: whether a fault is on it as a whole, or between it and another.
    pub frames: Vec<bool>,
    /// The clients taken together.
    pub system: BoxReading,
    /// What breaks first by the drawing, while nothing has been asked for yet.
    pub breaks_first: Option<Bottleneck>,
    /// By objective of the document: whether it holds since the last reset.
    pub judgements: Vec<Judgement>,
    /// More about what is selected.
    pub selected: Selected,
    /// Names of the operations.
    pub operations: Arc<[String]>,
    /// Hops of every how manieth request are recorded; 0: none.
    pub sampled_every: u64,
    /// Hash over every result so far, while paused.
    pub fingerprint: Option<u64>,
    /// Why there is no run, or why the last order or edit was refused.
    pub error: Option<String>,
}

/// What one component, or the whole system, shows.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct BoxReading {
    /// Counted over the last one to two seconds on the wall.
    pub lately: Totals,
    /// Counted since the last reset.
    pub so_far: Totals,
    /// What it is going through.
    pub condition: Condition,
    /// More has come than gone over the last seconds, beyond chance, and calls wait.
    pub is_growing: bool,
}

/// A connection over which nothing comes from some of the frames that its calls come from.
#[derive(Clone, Debug, PartialEq)]
pub struct WaysCut {
    /// Its number.
    pub connection: usize,
    /// The frames, by name; `elsewhere` for those in none.
    pub frames: Vec<String>,
    /// Whether these are all.
    pub are_all: bool,
}

impl WaysCut {
    /// Of a connection, if it has some.
    pub(super) fn of(engine: &Engine, connection: usize) -> Option<Self> {
        let ways = engine.ways(connection);
        let cut = ways.iter().filter(|(_, is_cut)| *is_cut);
        let name = |(frame, _): &(Option<usize>, bool)| {
            let found = frame.and_then(|frame| engine.scenario().frames.get_index(frame));
            found.map_or("elsewhere".to_owned(), |(name, _)| name.clone())
        };
        let frames: Vec<String> = cut.map(name).collect();
        (!frames.is_empty()).then_some(Self {
            connection,
            are_all: frames.len() == ways.len(),
            frames,
        })
    }
}

/// More about the selected component, or the whole system.
#[derive(Clone, Debug)]
pub struct Selected {
    /// Who it is.
    pub of: Of,
    /// The component's name. `None`: the whole system.
    pub name: Option<String>,
    /// Its figures.
    pub reading: BoxReading,
    /// Latency since the last reset; of clients and the whole system that of the requests that were
    /// answered well.
    pub latency: LatencyReading,
    /// Latency since the last reset of the requests that failed. Of clients and the whole system.
    pub failure_latency: LatencyReading,
    /// By frame, by name: the requests of the client, or of all clients, that come from there; empty
    /// unless they come from several.
    pub regions: Vec<(String, RegionReading)>,
    /// Its figures over time.
    pub course: Arc<Course>,
    /// What theory says about it. `None` for the whole system.
    pub theory: Option<Arc<Beside>>,
}

impl Default for Selected {
    fn default() -> Self {
        Self {
            of: Of::System,
            name: None,
            reading: BoxReading::default(),
            latency: LatencyReading::default(),
            failure_latency: LatencyReading::default(),
            regions: Vec::new(),
            course: Arc::default(),
            theory: None,
        }
    }
}

/// Latency percentiles in seconds. `None`: nothing was counted.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LatencyReading {
    /// Number of latencies counted.
    pub count: u64,
    /// Median.
    pub p50: Option<f64>,
    /// 95th percentile.
    pub p95: Option<f64>,
    /// 99th percentile.
    pub p99: Option<f64>,
    /// 99.9th percentile.
    pub p999: Option<f64>,
    /// Longest.
    pub max: Option<f64>,
}

/// The requests from one frame, since the last reset.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RegionReading {
    /// Latency of those that were answered well.
    pub latency: LatencyReading,
    /// Share that failed.
    pub failed: f64,
}

impl RegionReading {
    /// Of each frame, by name.
    pub(super) fn of(engine: &Engine, of: Of) -> Vec<(String, Self)> {
        let client = match of {
            Of::Component(index) => Some(index),
            Of::System => None,
        };
        let read = |(frame, origin): (usize, Origin)| {
            let (name, _) = engine.scenario().frames.get_index(frame)?;
            let latency = LatencyReading::of(&origin.latency);
            let failed = origin.failure_latency.count();
            let ended = (failed + latency.count).max(1);
            let reading = Self {
                latency,
                failed: failed as f64 / ended as f64,
            };
            Some((name.clone(), reading))
        };
        engine
            .origins(client)
            .into_iter()
            .filter_map(read)
            .collect()
    }
}

impl LatencyReading {
    pub(super) fn of(histogram: &crate::engine::Histogram) -> Self {
        let quantile = |q: f64| histogram.quantile_ns(q).map(|nanos| nanos / 1e9);
        Self {
            count: histogram.count(),
            p50: quantile(0.5),
            p95: quantile(0.95),
            p99: quantile(0.99),
            p999: quantile(0.999),
            max: (histogram.count() > 0).then(|| histogram.max_ns() as f64 / 1e9),
        }
    }
}

impl Snapshot {
    /// Simulated time in seconds.
    pub fn now_secs(&self) -> f64 {
        self.now_ns as f64 / 1e9
    }

    /// The reading of a component by name.
    pub fn reading(&self, name: &str) -> Option<&BoxReading> {
        let index = self.scenario.as_ref()?.components.get_index_of(name)?;
        self.boxes.get(index)
    }
}
