//! A study of one scenario: how long, how often, how precisely.

use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use super::{Control, Figure, Interval, Of, Report, Run, report::Outcome, warm_up};
use crate::engine::{EngineError, Nanos, Recording};
use crate::scenario::{Duration, Scenario};

/// What is run.
#[derive(Clone, Debug)]
pub enum Subject {
    /// A scenario from time zero.
    Scenario(Scenario),
    /// A recorded run, with the changes that were made by hand.
    Recording(Recording),
}

/// What is cut off at the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WarmUp {
    /// This much simulated time.
    Fixed(Nanos),
    /// Until the start-up is over by MSER-5 ([`warm_up::mser5`]): a pilot run finds the cut, and
    /// the run is done again with it.
    Auto,
}

/// How a subject is studied.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plan {
    /// Simulated time of each run, warm-up included. With a `precision` the most it may take.
    pub duration_ns: Nanos,
    /// What is cut off at the start.
    pub warm_up: WarmUp,
    /// Run until the half-width of the 95 % interval of the system's mean latency is below this
    /// share of it.
    pub precision: Option<f64>,
    /// Independent runs. Run i has the scenario's seed + i, from which the engine makes streams
    /// that have nothing to do with those of another seed.
    pub runs: u32,
}

/// Events between two looks at the [`Control`].
const SLICE: u64 = 1 << 18;

impl Subject {
    /// The scenario at time zero.
    pub fn scenario(&self) -> &Scenario {
        match self {
            Self::Scenario(scenario) => scenario,
            Self::Recording(recording) => &recording.start,
        }
    }

    /// How long it runs when nobody says: the scenario's own duration, and at least up to the last
    /// change of a recording.
    pub fn duration_ns(&self) -> Nanos {
        let own = self.scenario().run.duration.nanos();
        match self {
            Self::Scenario(_) => own,
            Self::Recording(recording) => recording
                .changes
                .last()
                .map_or(own, |(at, _, _)| own.max(*at)),
        }
    }

    fn start(&self, run: u32) -> Result<Run, EngineError> {
        match self {
            Self::Scenario(scenario) if run == 0 => Run::new(scenario),
            Self::Scenario(scenario) => {
                let seed = scenario.seed.wrapping_add(u64::from(run));
                Run::new(&Scenario {
                    seed,
                    ..scenario.clone()
                })
            }
            Self::Recording(recording) => Run::replay(recording),
        }
    }
}

/// Carries out a study.
///
/// # Errors
/// When the scenario does not pass its checks, or time stands still in a run.
pub fn study(subject: &Subject, plan: &Plan, control: &Control) -> Result<Report, EngineError> {
    let mut notes = Vec::new();
    let warm_up_ns = match plan.warm_up {
        WarmUp::Fixed(nanos) => nanos,
        WarmUp::Auto => {
            control.add_total_ns(plan.duration_ns);
            let mut pilot = subject.start(0)?;
            advance(&mut pilot, plan.duration_ns, control)?;
            let components = pilot.engine().scenario().components.len();
            warm_up::end_ns(pilot.series(), components).unwrap_or_else(|| {
                notes.push(
                    "the run does not settle, so no warm-up was cut (MSER-5 finds no cut in its \
                     first half)"
                        .to_owned(),
                );
                0
            })
        }
    };
    let warm_up_ns = warm_up_ns.min(plan.duration_ns);
    let mut report = if plan.runs > 1 {
        let outcomes = replicate(subject, plan, warm_up_ns, control)?;
        Report::of_runs(subject.scenario(), &outcomes)
    } else {
        let mut run = subject.start(0)?;
        control.add_total_ns(plan.duration_ns);
        let interrupted = !advance(&mut run, warm_up_ns, control)?;
        if !interrupted && warm_up_ns > 0 {
            run.reset_measures();
        }
        match plan.precision {
            _ if interrupted => {}
            None => {
                advance(&mut run, plan.duration_ns, control)?;
            }
            Some(precision) => {
                let reached = advance_to_precision(&mut run, precision, plan.duration_ns, control)?;
                notes.push(precision_note(&run, precision, reached));
            }
        }
        notes.extend(run.engine().trouble().map(|trouble| trouble.to_string()));
        Report::of_run(&run)
    };
    report.warm_up_secs = warm_up_ns as f64 / 1e9;
    report.notes.append(&mut notes);
    report.interrupted = control.is_stopped();
    Ok(report)
}

/// Runs on to `until_ns` in slices. Says whether it got there. It is an error when time stands
/// still.
fn advance(run: &mut Run, until_ns: Nanos, control: &Control) -> Result<bool, EngineError> {
    loop {
        if control.is_stopped() {
            return Ok(false);
        }
        let (now_ns, events) = (run.engine().now_ns(), run.engine().events());
        let reached = run.advance_events(until_ns, SLICE);
        control.add_done(
            run.engine().now_ns() - now_ns,
            run.engine().events() - events,
        );
        if reached {
            return Ok(true);
        }
        let engine = run.engine();
        if let Some(trouble) = engine.trouble().filter(|_| engine.has_halted()) {
            let at = Duration::from_nanos(engine.now_ns());
            return Err(EngineError(format!("at {at}: {trouble}")));
        }
    }
}

/// As [`advance`], and forgets what was counted in the warm-up.
fn advance_warm(
    run: &mut Run,
    warm_up_ns: Nanos,
    until_ns: Nanos,
    control: &Control,
) -> Result<bool, EngineError> {
    if !advance(run, warm_up_ns, control)? {
        return Ok(false);
    }
    if warm_up_ns > 0 {
        run.reset_measures();
    }
    advance(run, until_ns, control)
}

/// Runs on until the interval of the system's mean latency is narrow enough, twice in a row, so
/// that one lucky look does not end it. Looks are taken at fixed simulated times: where the
/// series has grown by an eighth. Says whether it got there before `most_ns`.
fn advance_to_precision(
    run: &mut Run,
    precision: f64,
    most_ns: Nanos,
    control: &Control,
) -> Result<bool, EngineError> {
    let mut narrow = 0;
    loop {
        let series = run.series();
        let samples = series.len() as u64;
        let next_ns = (samples + (samples / 8).max(16)) * series.interval_ns();
        if !advance(run, next_ns.min(most_ns), control)? {
            return Ok(false);
        }
        let width = latency_interval(run).and_then(|interval| interval.relative());
        if width.is_some_and(|width| width < precision) {
            narrow += 1;
        } else {
            narrow = 0;
        }
        if narrow == 2 {
            return Ok(true);
        }
        if next_ns >= most_ns {
            return Ok(false);
        }
    }
}

fn latency_interval(run: &Run) -> Option<Interval> {
    Interval::of_batches(run.series().measured(Of::System), Figure::W)
}

fn precision_note(run: &Run, precision: f64, reached: bool) -> String {
    let wanted = precision * 100.0;
    let width = latency_interval(run).and_then(|interval| interval.relative());
    match width {
        Some(width) if reached => {
            format!(
                "mean latency is known to ±{:.2} % (asked for: {wanted} %)",
                width * 100.0
            )
        }
        Some(width) => format!(
            "the precision of {wanted} % was not reached: mean latency is known to ±{:.2} %",
            width * 100.0
        ),
        None => format!(
            "the precision of {wanted} % was not reached: too little was observed to tell it"
        ),
    }
}

/// Does the runs, as many at a time as there are processors. The result depends on neither.
fn replicate(
    subject: &Subject,
    plan: &Plan,
    warm_up_ns: Nanos,
    control: &Control,
) -> Result<Vec<Outcome>, EngineError> {
    control.add_total_ns(plan.duration_ns.saturating_mul(u64::from(plan.runs)));
    // A scenario that can't run fails here, once, before any thread starts.
    drop(subject.start(0)?);
    let next = AtomicU32::new(0);
    let done: Mutex<Vec<(u32, Outcome)>> = Mutex::default();
    let failed: Mutex<Option<EngineError>> = Mutex::default();
    let work = || loop {
        let index = next.fetch_add(1, Ordering::Relaxed);
        if index >= plan.runs {
            return;
        }
        let mut run = match subject.start(index) {
            Ok(run) => run,
            Err(error) => {
                lock(&failed).get_or_insert(error);
                return;
            }
        };
        match advance_warm(&mut run, warm_up_ns, plan.duration_ns, control) {
            Ok(true) => lock(&done).push((index, Outcome::of(&run))),
            Ok(false) => return,
            Err(error) => {
                lock(&failed).get_or_insert(error);
                return;
            }
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    std::thread::scope(|scope| {
        for _ in 1..threads.min(plan.runs as usize) {
            scope.spawn(work);
        }
        work();
    });
    if let Some(error) = lock(&failed).take() {
        return Err(error);
    }
    let mut done = std::mem::take(&mut *lock(&done));
    done.sort_by_key(|(index, _)| *index);
    Ok(done.into_iter().map(|(_, outcome)| outcome).collect())
}

/// A lock that does not care whether another thread panicked: that thread's panic is passed on
/// by the scope anyway.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}
