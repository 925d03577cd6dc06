//! The figures of the selection over time, ready to be drawn.

use super::names::Names;
use crate::{
    engine::{Change, Totals},
    scenario::{DeployStrategy, Duration, FaultKind, Scenario},
    study::{Figure, Of, Run, Series, join},
};

/// Figures over simulated time. A point is the figure over one piece of the run, at its middle.
#[derive(Clone, Debug, Default)]
pub struct Course {
    /// Length of a piece in seconds.
    pub piece_secs: f64,
    /// Completed well, completed while still wanted, failed: per second.
    pub rates: [Vec<[f64; 2]>; 3],
    /// Median, 95th and 99th percentile of the latency in seconds.
    pub latencies: [Vec<[f64; 2]>; 3],
    /// Share of the slot-time worked and taken; for the system, worked at the busiest components.
    pub utilization: Vec<NamedPoints>,
    /// Waiting and present on average; for the system, waiting at the longest queues.
    pub queues: Vec<NamedPoints>,
    /// What was done to the system.
    pub markers: Vec<Marker>,
    /// When measuring began, in seconds: the last reset.
    pub measured_from_secs: f64,
}

/// A curve and what it is called.
pub type NamedPoints = (String, Vec<[f64; 2]>);

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
/// Most points of a curve: more are no easier to read.
const MOST_POINTS: usize = 160;
/// Components that the system's charts show.
const MOST_COMPONENTS: usize = 3;

impl Course {
    pub(super) fn of(run: &Run, of: Of, names: &Names) -> Self {
        let series = run.series();
        let pieces = Pieces::of(series);
        let points = |figure| pieces.points(series, of, figure);
        let named = |name: &str, figure| (name.to_owned(), points(figure));
        let (utilization, queues) = match of {
            Of::Component(_) => (
                vec![
                    named("working", Figure::Utilization),
                    named("held", Figure::Held),
                ],
                vec![named("waiting", Figure::Lq), named("present", Figure::L)],
            ),
            Of::System => (
                pieces.highest(run, Figure::Utilization, names),
                pieces.highest(run, Figure::Lq, names),
            ),
        };
        Self {
            piece_secs: series.interval_ns() as f64 * pieces.group as f64 / 1e9,
            rates: [Figure::Throughput, Figure::Goodput, Figure::FailureRate].map(points),
            latencies: [0.5, 0.95, 0.99].map(|quantile| pieces.latency(series, of, quantile)),
            utilization,
            queues,
            markers: markers(run, names),
            measured_from_secs: series.measured_from_ns() as f64 / 1e9,
        }
    }
}

/// Intervals of a series taken together, always the same ones, so that points stay where they are
/// while the run goes on.
struct Pieces {
    /// Intervals in a piece.
    group: usize,
    /// Complete pieces.
    count: usize,
}

impl Pieces {
    fn of(series: &Series) -> Self {
        // A power of two: pieces stay aligned when the series doubles its intervals.
        let group = series.len().div_ceil(MOST_POINTS).next_power_of_two();
        Self {
            group,
            count: series.len() / group,
        }
    }

    fn points(&self, series: &Series, of: Of, figure: Figure) -> Vec<[f64; 2]> {
        let pieces = series.intervals(of).chunks_exact(self.group);
        pieces
            .filter_map(|intervals| {
                let whole = intervals
                    .iter()
                    .copied()
                    .reduce(|whole, next| join(&whole, &next))?;
                Some([middle(intervals)?, figure.of(&whole)?])
            })
            .collect()
    }

    fn latency(&self, series: &Series, of: Of, quantile: f64) -> Vec<[f64; 2]> {
        (0..self.count)
            .filter_map(|piece| {
                let range = piece * self.group..(piece + 1) * self.group;
                let at = middle(series.intervals(of).get(range.clone())?)?;
                Some([at, series.latency(of, range, quantile)?])
            })
            .collect()
    }

    /// The components with the highest figure so far, the highest first.
    fn highest(&self, run: &Run, figure: Figure, names: &Names) -> Vec<NamedPoints> {
        let components = run.engine().scenario().components.keys();
        let mut ranked: Vec<(f64, usize, &String)> = components
            .enumerate()
            .filter_map(|(index, name)| {
                let value = figure.of(&run.engine().component(index))?;
                (value > 0.0).then_some((value, index, name))
            })
            .collect();
        ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        ranked
            .into_iter()
            .take(MOST_COMPONENTS)
            .map(|(_, index, name)| {
                let points = self.points(run.series(), Of::Component(index), figure);
                (names.target_in_document(name), points)
            })
            .collect()
    }
}

/// The middle of some intervals in seconds.
fn middle(intervals: &[Totals]) -> Option<f64> {
    let (first, last) = (intervals.first()?, intervals.last()?);
    Some(f64::midpoint(first.since_ns as f64, last.now_ns as f64) / 1e9)
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
                .map(|fault| due(Some(fault.at.nanos())) + due(fault.until.map(Duration::nanos)))
                .sum(),
        }
    }
}

fn markers(run: &Run, names: &Names) -> Vec<Marker> {
    let engine = run.engine();
    let now_secs = engine.now_ns() as f64 / 1e9;
    let scenario: &Scenario = engine.scenario();
    let target = |on: &str| names.target_in_document(on);
    let from_file = scenario
        .faults
        .iter()
        .filter(|fault| fault.at.secs() <= now_secs);
    let mut markers: Vec<Marker> = from_file
        .map(|fault| Marker {
            secs: fault.at.secs(),
            until_secs: fault.until.map(|until| until.secs().min(now_secs)),
            kind: MarkerKind::Fault,
            text: format!("{}: {}", target(&fault.on), words(fault.fault)),
        })
        .collect();
    markers.extend(engine.recording().changes.iter().map(|(at_ns, _, change)| {
        let (kind, text) = match change {
            Change::Edit(_) => (MarkerKind::Edit, "edit".to_owned()),
            Change::Fault(on, fault) => (
                MarkerKind::Fault,
                format!("{}: {}", target(on), words(*fault)),
            ),
            Change::Heal(on) => (MarkerKind::Heal, format!("{}: healed", target(on))),
            Change::RollBack(on) => (MarkerKind::Heal, format!("{}: rolled back", target(on))),
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

fn strategy(strategy: DeployStrategy) -> &'static str {
    match strategy {
        DeployStrategy::Rolling { .. } => "rolling",
        DeployStrategy::Canary { .. } => "canary",
        DeployStrategy::BlueGreen { .. } => "blue-green",
    }
}

fn words(fault: FaultKind) -> String {
    let percent = |share: f64| format!("{}%", (share * 1e4).round() / 1e2);
    match fault {
        FaultKind::Errors { share } => format!("errors {}", percent(share)),
        FaultKind::Capacity { lost } => format!("capacity −{}", percent(lost)),
        FaultKind::Loss { share } => format!("loss {}", percent(share)),
        FaultKind::HotKey { share } => format!("hot key {}", percent(share)),
        FaultKind::Crash => "crash".into(),
        FaultKind::Hang => "hang".into(),
        FaultKind::Pause => "pause".into(),
        FaultKind::Slow { times } => format!("slow ×{times}"),
        FaultKind::Flush => "flush".into(),
        FaultKind::Cut => "cut".into(),
        FaultKind::Partition => "partition".into(),
        FaultKind::Traffic { times } => format!("traffic ×{times}"),
        FaultKind::Deploy(deploy) => format!("deploy, {}", strategy(deploy.strategy)),
    }
}
