//! Theory beside simulation: what the model of a box says, and how far what was measured is from it.

use super::{Fit, Interval, Measures, Model, Predicted, fit, predicted};
use crate::scenario::Scenario;

/// What theory says about every box of a scenario.
#[derive(Clone, Debug)]
pub struct Theory {
    fits: Vec<Fit>,
    predicted: Option<Predicted>,
}

/// What theory says about one box, beside what was measured there.
#[derive(Clone, Debug, PartialEq)]
pub struct Beside {
    /// Which model fits, or why none does.
    pub fit: Fit,
    /// Figures of the model; without one the utilization, if the utilization law gives it.
    pub figures: Vec<Comparison>,
    /// What follows from MTBF and MTTR.
    pub availability: Vec<Comparison>,
    /// Why no availability follows from the drawing.
    pub unpredicted: Option<String>,
}

/// One figure by theory and by simulation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Comparison {
    /// Its key, as in [`Measures::get`].
    pub key: &'static str,
    /// What theory says.
    pub exact: f64,
    /// What was measured.
    pub simulated: Option<f64>,
    /// How sure that is.
    pub interval: Option<Interval>,
}

/// The order in which figures are shown.
const FIGURES: [&str; 9] = [
    "throughput",
    "utilization",
    "l",
    "lq",
    "w",
    "wq",
    "p50",
    "p99",
    "hit_ratio",
];

impl Theory {
    /// Of a scenario.
    pub fn of(scenario: &Scenario) -> Self {
        Self {
            fits: fit(scenario),
            predicted: predicted(scenario),
        }
    }

    /// What it says about a component, by its number, beside what was measured there.
    pub fn beside(&self, scenario: &Scenario, index: usize, measures: &Measures) -> Option<Beside> {
        let fit = self.fits.get(index)?.clone();
        let figures = match &fit {
            Fit::Model(model) => compare(model, measures),
            Fit::Unfit { utilization, .. } => utilization
                .map(|exact| Comparison::new("utilization", exact, measures))
                .into_iter()
                .collect(),
            Fit::Transparent => Vec::new(),
        };
        let mut beside = Beside {
            fit,
            figures,
            availability: Vec::new(),
            unpredicted: None,
        };
        if let Some(predicted) = &self.predicted {
            if scenario.components[index].failures().is_some() {
                let up = Comparison::new("uptime", predicted.up[index], measures);
                beside.availability.push(up);
            }
            match &predicted.answered[index] {
                Some(Ok(answered)) => {
                    let answered = Comparison::new("availability", *answered, measures);
                    beside.availability.push(answered);
                }
                Some(Err(reason)) => beside.unpredicted = Some(reason.clone()),
                None => {}
            }
        }
        Some(beside)
    }
}

/// The figures of a model beside what was measured.
fn compare(model: &Model, measures: &Measures) -> Vec<Comparison> {
    let comparison = |key| Some(Comparison::new(key, model.get(key)?, measures));
    FIGURES.into_iter().filter_map(comparison).collect()
}

impl Comparison {
    fn new(key: &'static str, exact: f64, measures: &Measures) -> Self {
        Self {
            key,
            exact,
            simulated: measures.get(key),
            interval: measures.interval(key),
        }
    }

    /// How many half-widths of its interval the measured value lies from the exact one.
    pub fn distance(&self) -> Option<f64> {
        self.interval
            .and_then(|interval| interval.distance(self.exact))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{scenario::file, study::Run};

    fn mm1() -> Scenario {
        let path = format!("{}/scenarios/mm1.ron", env!("CARGO_MANIFEST_DIR"));
        let (document, _) = file::read(path.as_ref()).unwrap();
        document.unwrap().scenario
    }

    #[test]
    fn the_textbook_queue_is_beside_its_formula() {
        let scenario = mm1();
        let mut run = Run::new(&scenario).unwrap();
        run.advance_until(2_000_000_000_000);
        let theory = Theory::of(&scenario);
        let index = scenario.components.get_index_of("server").unwrap();
        let measures = crate::study::report::measures_of(&run, index);
        let beside = theory.beside(&scenario, index, &measures).unwrap();
        assert!(matches!(&beside.fit, Fit::Model(model) if model.name == "M/M/1"));
        let keys: Vec<_> = beside.figures.iter().map(|figure| figure.key).collect();
        assert_eq!(keys, ["utilization", "l", "lq", "w", "wq", "p50", "p99"]);
        for figure in &beside.figures[..5] {
            // As one in a million would be further away (Student's t, 24 degrees of freedom).
            let distance = figure.distance().unwrap();
            assert!(distance.abs() < 3.2, "{figure:?}");
        }
        assert_eq!((beside.availability.len(), beside.unpredicted), (0, None));
    }

    #[test]
    fn failures_are_beside_what_follows_from_them() {
        let mut scenario = mm1();
        let failures = scenario.components["server"].failures_mut().unwrap();
        *failures = Some(crate::scenario::RandomFailures::default());
        let theory = Theory::of(&scenario);
        let measures = Measures::default();
        let up = 720.0 / 721.0;
        for (name, key) in [("server", "uptime"), ("clients", "availability")] {
            let index = scenario.components.get_index_of(name).unwrap();
            let beside = theory.beside(&scenario, index, &measures).unwrap();
            let [found] = &beside.availability[..] else {
                panic!("{beside:?}")
            };
            assert_eq!((found.key, found.simulated), (key, None));
            assert!((found.exact - up).abs() < 1e-12, "{found:?}");
        }
    }
}
