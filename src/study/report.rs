//! What a study found, ready to be shown.

use super::bottleneck::{Bottleneck, Demand, Resource, tightest};
use super::interval::ranges;
use super::judgement::{self, Judgement};
use super::measures::{PERCENTILES, Times, WITH_INTERVAL};
use super::{Cost, Interval, Measures, Of, Run, regions, steady, window};
use crate::engine::{ConnectionTotals, Engine, Histogram, Origin, Totals};
use crate::scenario::{Kind, Scenario};

/// What a study found.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// Name of the scenario.
    pub scenario: String,
    /// Seed of the (first) run.
    pub seed: u64,
    /// Runs that were completed.
    pub runs: u32,
    /// Simulated time of each run, warm-up included, in seconds.
    pub simulated_secs: f64,
    /// Simulated time at the start that no measure includes, in seconds.
    pub warm_up_secs: f64,
    /// Events over all runs.
    pub events: u64,
    /// Hash over all results: the same scenario, seed and plan give the same fingerprint.
    pub fingerprint: u64,
    /// Whether it was stopped before its end.
    pub interrupted: bool,
    /// What should be known about the figures.
    pub notes: Vec<String>,
    /// The clients taken together.
    pub system: Measures,
    /// By name, in the order of the scenario.
    pub components: Vec<(String, Kind, Measures)>,
    /// By name (`a -> b`; a second one between the same two `a -> b #2`), in the order of the
    /// scenario.
    pub connections: Vec<(String, Measures)>,
    /// The requests from each frame, by name, over all clients; empty unless those of some client
    /// come from several.
    pub regions: Vec<(String, Measures)>,
    /// The box that breaks first, by what was measured.
    pub bottleneck: Option<Bottleneck>,
    /// The scenario's objectives.
    pub objectives: Vec<Judgement>,
}

/// What one run counted.
#[derive(Clone, Debug)]
pub(super) struct Outcome {
    now_ns: u64,
    events: u64,
    fingerprint: u64,
    scenario: Scenario,
    system: Subject,
    components: Vec<Subject>,
    connections: Vec<ConnectionTotals>,
    regions: Vec<(String, Origin)>,
}

#[derive(Clone, Debug)]
struct Subject {
    kind: Option<Kind>,
    totals: Totals,
    latency: Histogram,
    failure_latency: Option<Histogram>,
    lag: Option<Histogram>,
}

impl Outcome {
    pub(super) fn of(run: &Run) -> Self {
        let engine = run.engine();
        let scenario = engine.scenario().clone();
        Self {
            now_ns: engine.now_ns(),
            events: engine.events(),
            fingerprint: engine.fingerprint(),
            system: Subject {
                kind: None,
                totals: engine.system(),
                latency: engine.system_latency(),
                failure_latency: Some(engine.system_failure_latency()),
                lag: None,
            },
            components: scenario
                .components
                .values()
                .enumerate()
                .map(|(index, component)| Subject::of(engine, index, component.kind()))
                .collect(),
            connections: (0..scenario.connections.len())
                .map(|index| engine.connection(index))
                .collect(),
            regions: regions::counted(engine),
            scenario,
        }
    }
}

impl Subject {
    fn of(engine: &Engine, index: usize, kind: Kind) -> Self {
        Self {
            kind: Some(kind),
            totals: engine.component(index),
            latency: engine.component_latency(index).clone(),
            failure_latency: engine.failure_latency(index).cloned(),
            lag: engine.replication_lag(index).cloned(),
        }
    }

    fn measures(&self) -> Measures {
        let times = Times {
            latency: Some(&self.latency),
            failure_latency: self.failure_latency.as_ref(),
            replication_lag: self.lag.as_ref(),
        };
        Measures::of(self.kind, &self.totals, times)
    }
}

impl Report {
    /// What breaks first, and why.
    pub fn breaks_first(&self) -> Option<String> {
        let found = self.bottleneck?;
        let name = self.name_of(found.resource)?;
        Some(found.sentence(name, self.system.arrival_rate?))
    }

    /// The name of the box or connection that something belongs to.
    pub fn name_of(&self, resource: Resource) -> Option<&str> {
        Some(match resource {
            Resource::Slots(index) => &self.components.get(index)?.0,
            Resource::Places(index) | Resource::Bandwidth(index) => &self.connections.get(index)?.0,
        })
    }

    /// Of a single run, as it stands now. Intervals come from batches of the run's series, if it
    /// can have a steady state.
    pub fn of_run(run: &Run) -> Self {
        let outcome = Outcome::of(run);
        let mut report = Self::of(&outcome, 1);
        report.events = outcome.events;
        report.fingerprint = outcome.fingerprint;
        report.burn(run);
        if let Some(change) = steady::change(run) {
            report.notes.push(format!(
                "{change}, so there is no steady state and one run gives no intervals; --runs 20 \
                 does"
            ));
            return report;
        }
        report.system.intervals = batch_intervals(run, Of::System, &report.system);
        for (index, (_, _, measures)) in report.components.iter_mut().enumerate() {
            measures.intervals = batch_intervals(run, Of::Component(index), measures);
        }
        report
    }

    /// How fast the error budgets were used up in the course of a run.
    fn burn(&mut self, run: &Run) {
        let components = &run.engine().scenario().components;
        let objectives = &run.engine().scenario().objectives;
        let of = objectives
            .iter()
            .filter_map(|objective| components.get_index_of(&objective.of));
        for (judgement, index) in self.objectives.iter_mut().zip(of) {
            if let Some(budget) = &mut judgement.budget {
                budget.burn(run.series().measured(Of::Component(index)));
            }
        }
    }

    /// Of several independent runs: counts add up, histograms are merged, and the intervals come
    /// from the differences between the runs.
    pub(super) fn of_runs(scenario: &Scenario, outcomes: &[Outcome]) -> Self {
        let runs = outcomes.len() as u32;
        let mut rest = outcomes.iter();
        let Some(mut pooled) = rest.next().cloned() else {
            return Self {
                scenario: scenario.name.clone(),
                seed: scenario.seed,
                runs: 0,
                simulated_secs: 0.0,
                warm_up_secs: 0.0,
                events: 0,
                fingerprint: 0,
                interrupted: true,
                notes: vec!["stopped before the first run was complete".into()],
                system: Measures::default(),
                components: Vec::new(),
                connections: Vec::new(),
                regions: Vec::new(),
                bottleneck: None,
                objectives: Vec::new(),
            };
        };
        for other in rest {
            pool(&mut pooled.system, &other.system);
            for (subject, more) in pooled.components.iter_mut().zip(&other.components) {
                pool(subject, more);
            }
            for (totals, more) in pooled.connections.iter_mut().zip(&other.connections) {
                *totals = window::pool_connections(totals, more);
            }
            regions::pool(&mut pooled.regions, &other.regions);
        }
        let mut report = Self::of(&pooled, runs);
        report.scenario.clone_from(&scenario.name);
        report.seed = scenario.seed;
        report.events = outcomes.iter().map(|outcome| outcome.events).sum();
        report.fingerprint = outcomes
            .iter()
            .fold(0xCBF2_9CE4_8422_2325, |hash, outcome| {
                fnv(hash, outcome.fingerprint)
            });
        let systems: Vec<&Subject> = outcomes.iter().map(|outcome| &outcome.system).collect();
        report.system.intervals = run_intervals(&systems, &report.system);
        for (index, (_, _, measures)) in report.components.iter_mut().enumerate() {
            let subjects: Vec<&Subject> = outcomes
                .iter()
                .filter_map(|outcome| outcome.components.get(index))
                .collect();
            measures.intervals = run_intervals(&subjects, measures);
        }
        report
    }

    fn of(outcome: &Outcome, runs: u32) -> Self {
        let scenario = &outcome.scenario;
        let demands: Vec<Option<Demand>> = outcome
            .components
            .iter()
            .map(|subject| Demand::measured(&outcome.system.totals, &subject.totals))
            .collect();
        let costs = Cost::of_boxes(
            scenario,
            &outcome.system.totals,
            outcome.components.iter().map(|subject| &subject.totals),
            &outcome.connections,
        );
        let carried = Cost::of_connections(scenario, &outcome.system.totals, &outcome.connections);
        let secs = outcome.system.totals.window_secs();
        Self {
            scenario: scenario.name.clone(),
            seed: scenario.seed,
            runs,
            simulated_secs: outcome.now_ns as f64 / 1e9,
            warm_up_secs: 0.0,
            events: 0,
            fingerprint: 0,
            interrupted: false,
            notes: Vec::new(),
            system: Measures {
                cost: Cost::sum(costs.iter().flatten().copied()),
                ..outcome.system.measures()
            },
            components: scenario
                .components
                .iter()
                .zip(&outcome.components)
                .zip(demands.iter().zip(&costs))
                .map(|(((name, component), subject), (demand, cost))| {
                    let measures = Measures {
                        demand: *demand,
                        cost: *cost,
                        ..subject.measures()
                    };
                    (name.clone(), component.kind(), measures)
                })
                .collect(),
            regions: outcome
                .regions
                .iter()
                .map(|(name, origin)| (name.clone(), regions::measures(origin, secs)))
                .collect(),
            bottleneck: tightest(&demands, &outcome.system.totals, &outcome.connections),
            connections: connection_names(scenario)
                .into_iter()
                .zip(&outcome.connections)
                .zip(&carried)
                .map(|((name, totals), cost)| {
                    let measures = Measures {
                        cost: *cost,
                        demand: Demand::of_bandwidth(&outcome.system.totals, totals),
                        ..Measures::of_connection(totals)
                    };
                    (name, measures)
                })
                .collect(),
            objectives: scenario
                .objectives
                .iter()
                .filter_map(|objective| {
                    let index = scenario.components.get_index_of(&objective.of)?;
                    let subject = outcome.components.get(index)?;
                    Some(judgement::judge(
                        objective,
                        &subject.totals,
                        &subject.latency,
                    ))
                })
                .collect(),
        }
    }
}

/// `a -> b`, with a number behind it from the second one between the same two on.
pub fn connection_names(scenario: &Scenario) -> Vec<String> {
    let mut seen = std::collections::HashMap::new();
    scenario
        .connections
        .iter()
        .map(|connection| {
            let name = format!("{} -> {}", connection.from, connection.to);
            let count = seen
                .entry(name.clone())
                .and_modify(|count| *count += 1)
                .or_insert(1);
            if *count == 1 {
                name
            } else {
                format!("{name} #{count}")
            }
        })
        .collect()
}

/// The figures of a component of a run, by its number, as they stand now; with intervals if the run
/// can have a steady state.
pub fn measures_of(run: &Run, index: usize) -> Measures {
    let engine = run.engine();
    let component = engine.scenario().components.get_index(index);
    let Some((_, component)) = component else {
        return Measures::default();
    };
    let mut measures = Subject::of(engine, index, component.kind()).measures();
    if steady::change(run).is_none() {
        measures.intervals = batch_intervals(run, Of::Component(index), &measures);
    }
    measures
}

fn batch_intervals(run: &Run, of: Of, measures: &Measures) -> Vec<(&'static str, Interval)> {
    let series = run.series();
    let windows = series.measured(of);
    let mut intervals: Vec<_> = WITH_INTERVAL
        .into_iter()
        .filter_map(|figure| {
            let value = measures.get(figure.key())?;
            let interval = Interval::of_batches(windows, figure)?;
            Some((figure.key(), interval.around(value)))
        })
        .collect();
    if let Some(latency) = measures.latency.filter(|_| series.has_latency(of)) {
        for (key, quantile) in PERCENTILES {
            // A batch with too few observations has no such percentile.
            if measures.departures as f64 * (1.0 - quantile) < 250.0 {
                continue;
            }
            let sections: Option<Vec<f64>> = ranges(windows.len())
                .map(|range| series.measured_latency(of, range, quantile))
                .collect();
            let interval = sections
                .zip(latency.percentile(key))
                .and_then(|(sections, whole)| Interval::of_sections(whole, &sections, true));
            intervals.extend(interval.map(|interval| (key, interval)));
        }
    }
    intervals
}

fn run_intervals(runs: &[&Subject], measures: &Measures) -> Vec<(&'static str, Interval)> {
    let totals: Vec<Totals> = runs.iter().map(|subject| subject.totals).collect();
    let mut intervals: Vec<_> = WITH_INTERVAL
        .into_iter()
        .filter_map(|figure| {
            measures.get(figure.key())?;
            Some((figure.key(), Interval::of_runs(&totals, figure)?))
        })
        .collect();
    for (key, quantile) in PERCENTILES {
        let whole = measures.latency.and_then(|latency| latency.percentile(key));
        let sections: Option<Vec<f64>> = runs
            .iter()
            .map(|subject| Some(subject.latency.quantile_ns(quantile)? / 1e9))
            .collect();
        let interval = sections
            .zip(whole)
            .and_then(|(sections, whole)| Interval::of_sections(whole, &sections, false));
        intervals.extend(interval.map(|interval| (key, interval)));
    }
    intervals
}

fn pool(subject: &mut Subject, more: &Subject) {
    subject.totals = window::pool(&subject.totals, &more.totals);
    subject.latency.merge(&more.latency);
    for (sum, more) in [
        (&mut subject.failure_latency, &more.failure_latency),
        (&mut subject.lag, &more.lag),
    ] {
        if let (Some(sum), Some(more)) = (sum, more) {
            sum.merge(more);
        }
    }
}

/// One step of the Fowler–Noll–Vo hash (FNV-1a, 64 bit) over eight bytes.
fn fnv(hash: u64, value: u64) -> u64 {
    value.to_le_bytes().into_iter().fold(hash, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Connection;

    #[test]
    fn parallel_connections_have_names_of_their_own() {
        let scenario = Scenario {
            connections: vec![
                Connection::new("a", "b"),
                Connection::new("a", "c"),
                Connection::new("a", "b"),
            ],
            ..Scenario::default()
        };
        assert_eq!(
            connection_names(&scenario),
            ["a -> b", "a -> c", "a -> b #2"]
        );
    }
}
