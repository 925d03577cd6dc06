//! Carries out orders and lets time pass. Knows no thread and no clock.

use std::sync::Arc;

use super::{
    BoxReading, Course, LatencyReading, MOST_HOPS, Order, Pace, RegionReading, Selected, Snapshot,
    WaysCut, course::CourseKey, marks::Marks, names::Names, sampler::Sampler,
};
use crate::{
    engine::{Engine, EngineError, Histogram, Hop, Nanos, Totals},
    scenario::{Duration, Objective, Scenario},
    study::{
        Beside, Bottleneck, Demands, Judgement, Of, Run, Theory, demands, judgement,
        report::measures_of,
    },
};

/// Simulated time ends here: 100 years.
const END_NS: Nanos = Duration::MAX.nanos();
/// Flat out, so far beyond the next event at once: after the last event the clock must not leap to
/// the end of time.
const LEAP_NS: Nanos = 10_000_000_000;
/// Events between two looks at the clock.
const CHUNK: u64 = 4_096;
/// Least time on the wall between two charts of the same subject, in seconds.
const COURSE_SECS: f64 = 0.2;

/// A run, what was asked of it, and what is needed to read it.
#[derive(Default)]
pub(super) struct Runner {
    run: Option<Run>,
    /// Grows with every new run.
    number: u64,
    /// The document as it is now; the run may be behind when the document does not pass its checks.
    document: Option<Arc<Scenario>>,
    /// What runs, in the names of the document.
    scenario: Option<Arc<Scenario>>,
    names: Names,
    operations: Arc<[String]>,
    revision: u64,
    playing: bool,
    pace: Pace,
    /// Part of a nanosecond of simulated time that is still owed.
    owed_ns: f64,
    /// The scenario's warm-up is over.
    is_warm: bool,
    played_secs: f64,
    marks: Marks,
    selected: Option<String>,
    course: Option<(CourseKey, Arc<Course>)>,
    course_at_secs: f64,
    /// Of what runs, once somebody has asked for it.
    theory: Option<Theory>,
    /// By the drawing, once somebody has asked for it.
    breaks_first: Option<Option<Bottleneck>>,
    /// As of the time of the course.
    beside: Option<Arc<Beside>>,
    draws_dots: bool,
    sampler: Sampler,
    fresh_hops: Vec<Hop>,
    hops_at_secs: f64,
    error: Option<String>,
}

impl Runner {
    /// Does what was asked.
    pub fn carry_out(&mut self, order: Order) {
        match order {
            Order::Load { scenario, revision } => {
                self.playing = false;
                self.document = Some(Arc::clone(&scenario));
                self.revision = revision;
                self.start(&scenario);
            }
            Order::Edit { scenario, revision } => self.edit(&scenario, revision),
            Order::Play => self.playing = true,
            Order::Pause => self.playing = false,
            Order::Step => {
                self.playing = false;
                self.step();
            }
            Order::Restart { seed } => {
                if let Some(document) = self.document.clone() {
                    let mut scenario = (*document).clone();
                    scenario.seed = seed.unwrap_or(scenario.seed);
                    self.start(&scenario);
                }
            }
            Order::Pace(pace) => {
                self.pace = pace;
                self.owed_ns = 0.0;
            }
            Order::StartFault { on, fault } => {
                let on = self.names.target_in_run(&on);
                self.try_it(|run| run.start_fault(&on, fault));
            }
            Order::Heal { on } => {
                let on = self.names.target_in_run(&on);
                self.try_it(|run| run.heal(&on));
            }
            Order::RollBack { on } => {
                let on = self.names.target_in_run(&on);
                self.try_it(|run| run.roll_back(&on));
            }
            Order::ResetMeasures => {
                if let Some(run) = &mut self.run {
                    run.reset_measures();
                    // Whoever resets by hand does not want it to happen again.
                    self.is_warm = true;
                }
            }
            Order::Select(name) => {
                self.selected = name;
                self.watch();
            }
            Order::Dots(on) => {
                self.draws_dots = on;
                self.sample();
            }
        }
    }

    /// Whether time passes by itself.
    pub fn is_active(&self) -> bool {
        self.playing && self.run.is_some()
    }

    /// Whether the engine is to be given all the time there is.
    pub fn is_flat_out(&self) -> bool {
        self.is_active() && self.pace == Pace::FlatOut && !self.is_over()
    }

    /// Lets `secs` on the wall pass. Stops early when `out_of_time` says so; then what was not
    /// reached is given up, and the speed reached is lower than wanted.
    pub fn advance(&mut self, secs: f64, out_of_time: &mut dyn FnMut() -> bool) {
        let Some(run) = self.run.as_mut().filter(|_| self.playing) else {
            return;
        };
        self.played_secs += secs;
        match self.pace {
            Pace::Times(times) => {
                self.owed_ns += (secs * times * 1e9).max(0.0);
                let whole = self.owed_ns.floor();
                self.owed_ns -= whole;
                let target_ns = run.engine().now_ns().saturating_add(whole as Nanos);
                self.run_to(target_ns, out_of_time);
            }
            Pace::FlatOut => {
                while let Some(next_ns) = self.next_event_ns()
                    && next_ns < END_NS
                    && self.run_to(next_ns + LEAP_NS, out_of_time)
                    && !out_of_time()
                {}
            }
        }
        if let Some(run) = &self.run {
            self.marks.follow(run.engine(), self.played_secs);
            self.playing = run.engine().now_ns() < END_NS && !run.engine().has_halted();
        }
    }

    /// Says whether it got there.
    fn run_to(&mut self, target_ns: Nanos, out_of_time: &mut dyn FnMut() -> bool) -> bool {
        let Some(run) = &mut self.run else {
            return false;
        };
        let target_ns = target_ns.min(END_NS);
        let warm_up_ns = run.engine().scenario().run.warm_up.nanos();
        loop {
            let ends_warm_up = !self.is_warm && warm_up_ns <= target_ns;
            let until_ns = if ends_warm_up { warm_up_ns } else { target_ns };
            if run.advance_events(until_ns, CHUNK) {
                if !ends_warm_up {
                    return true;
                }
                run.reset_measures();
                self.is_warm = true;
            }
            if out_of_time() || run.engine().has_halted() {
                return false;
            }
        }
    }

    fn next_event_ns(&self) -> Option<Nanos> {
        self.run.as_ref()?.engine().next_event_ns()
    }

    /// Nothing will ever happen any more.
    fn is_over(&self) -> bool {
        self.run.is_some() && self.next_event_ns().is_none()
    }

    fn step(&mut self) {
        let Some(run) = &mut self.run else { return };
        let warm_up_ns = run.engine().scenario().run.warm_up.nanos();
        if !self.is_warm
            && run
                .engine()
                .next_event_ns()
                .is_some_and(|next| next > warm_up_ns)
        {
            run.advance_until(warm_up_ns);
            run.reset_measures();
            self.is_warm = true;
        }
        run.step();
    }

    fn start(&mut self, scenario: &Scenario) {
        self.number += 1;
        self.run = None;
        self.scenario = None;
        self.names = Names::default();
        self.marks.clear();
        self.played_secs = 0.0;
        self.owed_ns = 0.0;
        self.course = None;
        self.theory = None;
        self.course_at_secs = 0.0;
        self.sampler = Sampler::default();
        self.fresh_hops.clear();
        self.hops_at_secs = 0.0;
        match Run::new(scenario) {
            Ok(run) => {
                self.is_warm = scenario.run.warm_up == Duration::ZERO;
                self.run = Some(run);
                self.error = None;
                self.follow_structure();
                self.sample();
            }
            Err(error) => self.error = Some(error.to_string()),
        }
    }

    fn edit(&mut self, scenario: &Arc<Scenario>, revision: u64) {
        let before = self.document.replace(Arc::clone(scenario));
        let Some(run) = &mut self.run else {
            // There was no run because the document did not pass its checks.
            self.revision = revision;
            self.start(scenario);
            return;
        };
        let before = before.as_ref().unwrap_or(scenario);
        let running = self.names.follow(before, scenario);
        // The run's own document counts: an edit that was refused must be tried again.
        let runs_already = self.error.is_none() && same_run(run.engine().scenario(), &running);
        if !runs_already && let Err(error) = run.edit(&running) {
            self.error = Some(error.to_string());
            return;
        }
        self.error = None;
        self.revision = revision;
        let shown = self.scenario.as_ref();
        if !(runs_already && shown.is_some_and(|shown| same_run(shown, scenario))) {
            self.follow_structure();
        }
    }

    fn try_it(&mut self, change: impl FnOnce(&mut Run) -> Result<(), EngineError>) {
        if let Some(run) = &mut self.run {
            self.error = change(run).err().map(|error| error.to_string());
        }
    }

    /// Components may have other numbers and names than before.
    fn follow_structure(&mut self) {
        if let Some(run) = &self.run {
            let running = run.engine().scenario();
            let names = running.components.keys();
            let scenario = Arc::new(self.names.in_document(running));
            self.operations = run.engine().operations().into();
            self.marks.name(names);
            self.marks.follow(run.engine(), self.played_secs);
            self.scenario = Some(scenario);
            self.course = None;
            self.theory = None;
            self.breaks_first = None;
        }
        self.watch();
    }

    fn watch(&mut self) {
        if let (Of::Component(index), Some(run)) = (self.subject(), &mut self.run) {
            run.watch(index);
        }
    }

    fn sample(&mut self) {
        if let Some(run) = &mut self.run {
            run.sample_hops(if self.draws_dots {
                self.sampler.every()
            } else {
                0
            });
        }
    }

    /// The selected component, or the system when it is not in the run.
    fn subject(&self) -> Of {
        let index = self
            .selected
            .as_ref()
            .and_then(|name| self.scenario.as_ref()?.components.get_index_of(name));
        index.map_or(Of::System, Of::Component)
    }

    /// Moves what was sampled since the last call to the end of `out`.
    pub fn take_hops(&mut self, out: &mut Vec<Hop>) {
        let Some(run) = &mut self.run else { return };
        self.fresh_hops.clear();
        run.take_hops(&mut self.fresh_hops);
        let secs = self.played_secs - self.hops_at_secs;
        self.hops_at_secs = self.played_secs;
        let (reached, _) = self.marks.speed(run.engine(), self.played_secs);
        let speed = match self.pace {
            Pace::Times(times) if reached == 0.0 => times,
            _ => reached,
        };
        let arrows = run.engine().scenario().connections.len();
        if self.draws_dots && self.sampler.learn(&self.fresh_hops, secs, speed, arrows) {
            run.sample_hops(self.sampler.every());
        }
        out.append(&mut self.fresh_hops);
        if out.len() > MOST_HOPS {
            out.drain(..out.len() - MOST_HOPS / 2);
        }
    }

    /// Reads everything.
    pub fn read(&mut self) -> Snapshot {
        let Some(run) = &self.run else {
            return Snapshot {
                run: self.number,
                revision: self.revision,
                playing: self.playing,
                pace: self.pace,
                error: self.error.clone(),
                ..Snapshot::default()
            };
        };
        let engine = run.engine();
        let is_active = self.is_active();
        let (speed, events_per_sec) = if is_active {
            self.marks.speed(engine, self.played_secs)
        } else {
            (0.0, 0.0)
        };
        let count = engine.scenario().components.len();
        let boxes: Vec<BoxReading> = (0..count)
            .map(|index| {
                let (so_far, condition) = (engine.component(index), engine.condition(index));
                self.marks
                    .reading(Some(index), so_far, condition, self.played_secs)
            })
            .collect();
        let connections = 0..engine.scenario().connections.len();
        let system =
            self.marks
                .reading(None, engine.system(), Default::default(), self.played_secs);
        let of = self.subject();
        let (reading, latency, failure_latency) = match of {
            Of::Component(index) => (
                boxes.get(index).copied().unwrap_or_default(),
                LatencyReading::of(engine.component_latency(index)),
                engine.failure_latency(index).map(LatencyReading::of),
            ),
            Of::System => (
                system,
                LatencyReading::of(&engine.system_latency()),
                Some(LatencyReading::of(&engine.system_failure_latency())),
            ),
        };
        let course = self.course(of);
        let breaks_first = self.breaks_first();
        let Some(run) = &self.run else {
            return Snapshot::default();
        };
        let engine = run.engine();
        Snapshot {
            run: self.number,
            revision: self.revision,
            scenario: self.scenario.clone(),
            playing: self.playing,
            pace: self.pace,
            speed,
            played_secs: self.played_secs,
            now_ns: engine.now_ns(),
            events: engine.events(),
            events_per_sec,
            is_over: self.is_over(),
            boxes,
            connections: connections
                .clone()
                .map(|index| engine.connection(index))
                .collect(),
            frames: (0..engine.scenario().frames.len())
                .map(|index| !engine.frame_faults(index).is_empty())
                .collect(),
            cut_for: connections
                .clone()
                .filter_map(|index| WaysCut::of(engine, index))
                .collect(),
            bandwidths: self.marks.bandwidths(engine, self.played_secs),
            links: connections
                .map(|index| engine.link_condition(index))
                .collect(),
            out: engine.connections_out_of_rotation(),
            system,
            breaks_first,
            judgements: self.judgements(engine),
            selected: Selected {
                of,
                name: match of {
                    Of::Component(_) => self.selected.clone(),
                    Of::System => None,
                },
                reading,
                latency,
                failure_latency: failure_latency.unwrap_or_default(),
                regions: RegionReading::of(engine, of),
                course,
                theory: self.beside.clone(),
            },
            operations: Arc::clone(&self.operations),
            sampled_every: if self.draws_dots {
                self.sampler.every()
            } else {
                0
            },
            fingerprint: (!is_active).then(|| engine.fingerprint()),
            error: self
                .error
                .clone()
                .or_else(|| engine.trouble().map(|trouble| trouble.to_string())),
        }
    }

    /// What breaks first by the drawing, until requests tell.
    fn breaks_first(&mut self) -> Option<Bottleneck> {
        let engine = self.run.as_ref()?.engine();
        let find = || {
            demands(engine.scenario())
                .ok()
                .as_ref()
                .and_then(Demands::first)
        };
        (engine.system().arrivals == 0)
            .then(|| *self.breaks_first.get_or_insert_with(find))
            .flatten()
    }

    /// The document's objectives, held against what was measured.
    fn judgements(&self, engine: &Engine) -> Vec<Judgement> {
        let (Some(document), Some(scenario)) = (&self.document, &self.scenario) else {
            return Vec::new();
        };
        let judge = |objective: &Objective| match scenario.components.get_index_of(&objective.of) {
            Some(index) => {
                let latency = engine.component_latency(index);
                judgement::judge(objective, &engine.component(index), latency)
            }
            None => judgement::judge(objective, &Totals::default(), &Histogram::default()),
        };
        document.objectives.iter().map(judge).collect()
    }

    /// The charts' data: the same as before while nothing changed, and not too often while it runs.
    fn course(&mut self, of: Of) -> Arc<Course> {
        let Some(run) = &self.run else {
            return Arc::default();
        };
        let key = CourseKey::of(self.number, run, of);
        if let Some((old, course)) = &self.course {
            let is_new = self.played_secs - self.course_at_secs < COURSE_SECS && self.playing;
            let same_but_longer = CourseKey {
                len: old.len,
                interval_ns: old.interval_ns,
                ..key
            };
            if *old == key || (is_new && *old == same_but_longer) {
                return Arc::clone(course);
            }
        }
        let course = Arc::new(Course::of(run, of, &self.names));
        self.beside = match of {
            Of::System => None,
            Of::Component(index) => {
                let running = run.engine().scenario();
                let theory = self.theory.get_or_insert_with(|| Theory::of(running));
                let measures = measures_of(run, index);
                theory.beside(running, index, &measures).map(Arc::new)
            }
        };
        self.course = Some((key, Arc::clone(&course)));
        self.course_at_secs = self.played_secs;
        course
    }
}

/// Whether two documents make the same run: layout, notes and objectives are for people, and a seed
/// counts from the next start.
fn same_run(a: &Scenario, b: &Scenario) -> bool {
    a.connections == b.connections
        && a.faults == b.faults
        && a.run == b.run
        && a.prices == b.prices
        && a.latencies == b.latencies
        && a.frames.iter().eq(b.frames.iter())
        && a.operations.iter().eq(b.operations.iter())
        // In the same order: components are known by their numbers.
        && a.components.iter().eq(b.components.iter())
}
