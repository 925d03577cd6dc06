//! The figures of the selection over time, ready to be drawn.

use crate::{
    engine::Change,
    scenario::{FaultKind, Scenario},
    study::{Figure, Of, Run, Series},
};

/// Figures over simulated time: (end of an interval in seconds, value).
#[derive(Clone, Debug, Default)]
pub struct Course {
    /// Length of an interval in seconds.
    pub interval_secs: f64,
    /// Completed well, per second.
    pub throughput: Vec<[f64; 2]>,
    /// Completed well while still wanted, per second.
    pub goodput: Vec<[f64; 2]>,
    /// Failed, per second.
    pub failures: Vec<[f64; 2]>,
    /// Median latency in seconds.
    pub p50: Vec<[f64; 2]>,
    /// 95th percentile in seconds.
    pub p95: Vec<[f64; 2]>,
    /// 99th percentile in seconds.
    pub p99: Vec<[f64; 2]>,
    /// Share of the slot-time worked.
    pub utilization: Vec<[f64; 2]>,
    /// Share of the slot-time taken: working, or waiting for others.
    pub held: Vec<[f64; 2]>,
    /// Waiting in line, on average.
    pub waiting: Vec<[f64; 2]>,
    /// Present, on average.
    pub present: Vec<[f64; 2]>,
    /// What was done to the system.
    pub markers: Vec<Marker>,
    /// When measuring began, in seconds: the last reset.
    pub measured_from_secs: f64,
}

/// Something done to the system, for the time axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Marker {
    /// When, in seconds.
    pub secs: f64,
    /// Until when, in seconds, where it has an end.
    pub until_secs: Option<f64>,
    /// What kind of thing it was.
    pub kind: MarkerKind,
    /// What it was: `"cache: crash"`.
    pub text: String,
}

/// Kinds of [`Marker`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkerKind {
    /// Something went wrong, by the file or by hand.
    Fault,
    /// Healed by hand.
    Heal,
    /// The design was changed.
    Edit,
    /// What was measured was forgotten.
    Reset,
}

/// Most markers drawn; of more, the latest.
const MOST_MARKERS: usize = 200;

impl Course {
    pub(super) fn of(run: &Run, of: Of) -> Self {
        let series = run.series();
        let points = |figure| collect(series.points(of, figure));
        let latency = |quantile| collect(series.latency_points(of, quantile));
        Self {
            interval_secs: series.interval_ns() as f64 / 1e9,
            throughput: points(Figure::Throughput),
            goodput: points(Figure::Goodput),
            failures: points(Figure::FailureRate),
            p50: latency(0.5),
            p95: latency(0.95),
            p99: latency(0.99),
            utilization: points(Figure::Utilization),
            held: points(Figure::Held),
            waiting: points(Figure::Lq),
            present: points(Figure::L),
            markers: markers(run),
            measured_from_secs: series.measured_from_ns() as f64 / 1e9,
        }
    }
}

/// What [`Course::of`] depends on: when it is the same, so is the course.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct CourseKey {
    pub run: u64,
    pub of: Of,
    pub len: usize,
    pub interval_ns: u64,
    pub changes: usize,
    pub due_faults: usize,
}

impl CourseKey {
    pub fn of(run_number: u64, run: &Run, of: Of) -> Self {
        let series: &Series = run.series();
        let now = run.engine().now_ns();
        let faults = &run.engine().scenario().faults;
        let due = |at: Option<u64>| usize::from(at.is_some_and(|at| at <= now));
        Self {
            run: run_number,
            of,
            len: series.len(),
            interval_ns: series.interval_ns(),
            changes: run.engine().recording().changes.len(),
            due_faults: faults
                .iter()
                .map(|fault| {
                    due(Some(fault.at.nanos())) + due(fault.until.map(|until| until.nanos()))
                })
                .sum(),
        }
    }
}

fn collect(points: impl Iterator<Item = (f64, f64)>) -> Vec<[f64; 2]> {
    points.map(|(x, y)| [x, y]).collect()
}

fn markers(run: &Run) -> Vec<Marker> {
    let engine = run.engine();
    let now_secs = engine.now_ns() as f64 / 1e9;
    let scenario: &Scenario = engine.scenario();
    let from_file = scenario
        .faults
        .iter()
        .filter(|fault| fault.at.secs() <= now_secs);
    let mut markers: Vec<Marker> = from_file
        .map(|fault| Marker {
            secs: fault.at.secs(),
            until_secs: fault.until.map(|until| until.secs().min(now_secs)),
            kind: MarkerKind::Fault,
            text: format!("{}: {}", fault.on, words(fault.fault)),
        })
        .collect();
    markers.extend(engine.recording().changes.iter().map(|(at_ns, _, change)| {
        let (kind, text) = match change {
            Change::Edit(_) => (MarkerKind::Edit, "edit".to_owned()),
            Change::Fault(on, fault) => (MarkerKind::Fault, format!("{on}: {}", words(*fault))),
            Change::Heal(on) => (MarkerKind::Heal, format!("{on}: healed")),
            Change::Reset => (MarkerKind::Reset, "measures reset".to_owned()),
        };
        Marker {
            secs: *at_ns as f64 / 1e9,
            until_secs: None,
            kind,
            text,
        }
    }));
    markers.sort_by(|a, b| a.secs.total_cmp(&b.secs));
    // A slider that is dragged makes many edits: one mark for those on the same spot.
    markers.dedup_by(|later, earlier| {
        later.kind == earlier.kind
            && later.text == earlier.text
            && later.secs - earlier.secs < now_secs / 500.0
    });
    let first = markers.len().saturating_sub(MOST_MARKERS);
    markers.split_off(first)
}

fn words(fault: FaultKind) -> String {
    match fault {
        FaultKind::Crash => "crash".into(),
        FaultKind::Hang => "hang".into(),
        FaultKind::Pause => "pause".into(),
        FaultKind::Slow { times } => format!("slow ×{times}"),
        FaultKind::Flush => "flush".into(),
        FaultKind::Cut => "cut".into(),
        FaultKind::Traffic { times } => format!("traffic ×{times}"),
    }
}
