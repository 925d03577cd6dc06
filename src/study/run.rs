//! A run that remembers its course.

use super::{Measures, Of, Series, Times, window};
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

    /// Runs everything up to and including `until_ns` and sets the time to it, unless time stands
    /// still before ([`Engine::has_halted`]).
    pub fn advance_until(&mut self, until_ns: Nanos) {
        while self.series.next_ns() <= until_ns {
            self.engine.run_until(self.series.next_ns());
            if self.engine.has_halted() {
                break;
            }
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

    /// Rolls back what was deployed on a target, now.
    ///
    /// # Errors
    /// When there is no such target, or nothing was deployed there.
    pub fn roll_back(&mut self, on: &str) -> Result<(), EngineError> {
        self.engine.roll_back(on)
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
            Of::System => {
                let latency = self.engine.system_latency();
                let failure_latency = self.engine.system_failure_latency();
                let times = Times {
                    latency: Some(&latency),
                    failure_latency: Some(&failure_latency),
                    replication_lag: None,
                };
                Measures::of(None, &totals, times)
            }
            Of::Component(index) => {
                let component = self.engine.scenario().components.get_index(index);
                let times = Times {
                    latency: Some(self.engine.component_latency(index)),
                    failure_latency: self.engine.failure_latency(index),
                    replication_lag: self.engine.replication_lag(index),
                };
                Measures::of(
                    component.map(|(_, component)| component.kind()),
                    &totals,
                    times,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Kind, file, parameters};
    use crate::study::{Figure, Verdict};

    const SECOND: Nanos = 1_000_000_000;

    fn scenario(name: &str) -> Scenario {
        let path = format!("{}/tests/data/{name}.ron", env!("CARGO_MANIFEST_DIR"));
        let (document, problems) = file::read(std::path::Path::new(&path)).unwrap();
        assert_eq!(problems, []);
        document.unwrap().scenario
    }

    fn subjects(run: &Run) -> impl Iterator<Item = Of> + use<> {
        let components = run.engine().scenario().components.len();
        std::iter::once(Of::System).chain((0..components).map(Of::Component))
    }

    /// What was counted in each interval, and a percentile over time.
    type Course = (Vec<Totals>, Vec<(f64, f64)>);

    /// Everything that can be read from a series, by subject.
    fn course(run: &Run) -> Vec<Course> {
        subjects(run)
            .map(|of| {
                let percentiles = run.series().latency_points(of, 0.9).collect();
                (run.series().intervals(of).to_vec(), percentiles)
            })
            .collect()
    }

    #[test]
    fn slicing_changes_nothing() {
        let scenario = scenario("url_shortener");
        let end_ns = 3 * SECOND + 777;
        let mut whole = Run::new(&scenario).unwrap();
        whole.advance_until(end_ns);
        assert!(whole.series().len() > 50);

        let mut sliced = Run::new(&scenario).unwrap();
        for most in [1, 7, 1000].into_iter().cycle() {
            if sliced.advance_events(end_ns, most) {
                break;
            }
        }
        let mut stepped = Run::new(&scenario).unwrap();
        while stepped
            .engine()
            .next_event_ns()
            .is_some_and(|next| next <= end_ns)
        {
            assert!(stepped.step());
        }
        stepped.advance_until(end_ns);
        let mut branched = Run::new(&scenario).unwrap();
        branched.advance_until(SECOND);
        let mut branched = branched.clone();
        branched.advance_until(end_ns);

        for other in [sliced, stepped, branched] {
            assert_eq!(other.engine().fingerprint(), whole.engine().fingerprint());
            assert_eq!(course(&other), course(&whole));
        }
    }

    #[test]
    fn intervals_and_the_rest_add_up_to_the_totals() {
        let mut run = Run::new(&scenario("url_shortener")).unwrap();
        run.advance_until(20 * SECOND + 12_345);
        for of in subjects(&run) {
            let series = run.series();
            let joined = series
                .intervals(of)
                .iter()
                .fold(Totals::default(), |sum, more| window::join(&sum, more));
            let now = run.totals(of);
            assert_eq!(
                window::join(&joined, &series.unfinished(of, &now)),
                now,
                "{of:?}"
            );
            assert_eq!(run.recent(of, Nanos::MAX), now);
            let recent = run.recent(of, SECOND);
            let length_ns = recent.now_ns - recent.since_ns;
            assert!(
                (SECOND..SECOND + series.interval_ns()).contains(&length_ns),
                "{length_ns}"
            );
        }
    }

    #[test]
    fn a_reset_starts_what_is_measured_and_keeps_the_past() {
        let mut run = Run::new(&scenario("mm1")).unwrap();
        run.advance_until(30 * SECOND + 1);
        let before = run.series().len();
        run.reset_measures();
        run.advance_until(60 * SECOND);
        let series = run.series();
        assert_eq!(series.measured_from_ns(), 30 * SECOND + 1);
        assert!(series.len() > before);
        let measured = series.measured(Of::System);
        assert_eq!(measured[0].since_ns, 30 * SECOND + 1);
        let arrivals: u64 = measured.iter().map(|interval| interval.arrivals).sum();
        let now = run.totals(Of::System);
        let rest = series.unfinished(Of::System, &now);
        assert_eq!(arrivals + rest.arrivals, now.arrivals);
        assert_eq!(run.measures(Of::System).window_secs, 30.0 - 1e-9);
    }

    #[test]
    fn components_come_and_go() {
        let mut run = Run::new(&scenario("mm1")).unwrap();
        run.advance_until(20 * SECOND);
        let mut edited = run.engine().scenario().clone();
        // In front of the others, so that every position changes.
        edited
            .components
            .shift_insert(0, "late".into(), Kind::Server.component());
        parameters::set(&mut edited, "clients.arrivals.rate", "40").unwrap();
        run.edit(&edited).unwrap();
        run.advance_until(60 * SECOND);
        let [late, clients, server] =
            [0, 1, 2].map(|index| run.series().intervals(Of::Component(index)));
        assert_eq!((late.len(), server.len()), (clients.len(), clients.len()));
        let at = |secs: u64| late.partition_point(|interval| interval.now_ns <= secs * SECOND);
        let (edit, end) = (at(20), late.len());
        assert!(
            late[..edit]
                .iter()
                .all(|interval| interval.since_ns == interval.now_ns)
        );
        assert!(
            late[edit + 1..]
                .iter()
                .all(|interval| interval.now_ns > interval.since_ns)
        );
        let arrivals = |range: std::ops::Range<usize>| -> u64 {
            clients[range]
                .iter()
                .map(|interval| interval.arrivals)
                .sum()
        };
        // 1,600 ± 40 and then 1,600 ± 40 in twice the time.
        assert!(
            (1400..1800).contains(&arrivals(0..edit)),
            "{}",
            arrivals(0..edit)
        );
        assert!(
            (1400..1800).contains(&arrivals(edit..end)),
            "{}",
            arrivals(edit..end)
        );
        edited.components.shift_remove("late");
        run.edit(&edited).unwrap();
        run.advance_until(80 * SECOND);
        assert_eq!(run.series().intervals(Of::Component(2)), []);
        assert_eq!(
            run.series().intervals(Of::Component(1)).len(),
            run.series().len()
        );
    }

    #[test]
    fn a_replay_has_the_same_course() {
        let mut run = Run::new(&scenario("mm1")).unwrap();
        run.advance_until(10 * SECOND);
        run.start_fault("server", FaultKind::Slow { times: 1.5 })
            .unwrap();
        run.advance_until(20 * SECOND);
        run.heal("server").unwrap();
        run.advance_until(30 * SECOND);
        let mut again = Run::replay(run.engine().recording()).unwrap();
        again.advance_until(30 * SECOND);
        assert_eq!(again.engine().fingerprint(), run.engine().fingerprint());
        assert_eq!(course(&again), course(&run));
    }

    #[test]
    fn memory_is_bounded_in_a_long_run() {
        let mut scenario = scenario("mm1");
        parameters::set(&mut scenario, "clients.arrivals.rate", "1").unwrap();
        let mut run = Run::new(&scenario).unwrap();
        let first_ns = run.series().interval_ns();
        run.advance_until(20_000 * SECOND);
        let series = run.series();
        assert!(series.len() < series.capacity());
        assert!(series.interval_ns() > 8 * first_ns);
        assert!(series.points(Of::System, Figure::Throughput).count() > series.capacity() / 3);
    }

    #[test]
    fn live_audits_tell_growth() {
        let mut scenario = scenario("mm1");
        parameters::set(&mut scenario, "clients.arrivals.rate", "150").unwrap();
        parameters::set(&mut scenario, "clients.timeout", "none").unwrap();
        let mut run = Run::new(&scenario).unwrap();
        run.advance_until(60 * SECOND);
        let audit = run.measures(Of::Component(1)).little.unwrap();
        let Verdict::Growth(per_sec) = audit.verdict else {
            panic!("{audit:?}")
        };
        // 150/s come and 100/s leave, each ± 1.6/s; five times their sum.
        assert!((per_sec - 50.0).abs() < 12.0, "{per_sec}");
    }

    #[test]
    fn watching_changes_no_result() {
        let mut scenario = scenario("mm1");
        for index in 0..20 {
            scenario
                .components
                .insert(format!("s{index}"), Kind::Server.component());
        }
        let mut plain = Run::new(&scenario).unwrap();
        let mut watched = plain.clone();
        assert!(!plain.series().has_latency(Of::Component(1)));
        watched.advance_until(10 * SECOND);
        watched.watch(1);
        watched.advance_until(20 * SECOND);
        plain.advance_until(20 * SECOND);
        assert_eq!(plain.engine().fingerprint(), watched.engine().fingerprint());
        let points: Vec<_> = watched
            .series()
            .latency_points(Of::Component(1), 0.5)
            .collect();
        assert!(!points.is_empty() && points.iter().all(|(secs, _)| *secs > 10.0));
    }
}
