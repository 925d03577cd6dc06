//! Readings of a while ago, so that figures can say what happened lately.

use std::collections::{HashMap, VecDeque};

use super::BoxReading;
use crate::{
    engine::{Carried, Condition, Engine, Totals},
    study::difference,
};

/// Time between two marks.
const PERIOD_SECS: f64 = 1.0;
/// "Lately" is at least so long, and at most one period more.
const LATELY_SECS: f64 = 1.0;
/// Marks kept: growth is judged over so many periods.
const MOST: usize = 9;

/// Everything counted at one moment.
#[derive(Clone, Debug)]
struct Mark {
    played_secs: f64,
    now_ns: u64,
    events: u64,
    system: Totals,
    components: Vec<Totals>,
    carried: Vec<Option<[Carried; 2]>>,
}

/// Marks by seconds played, oldest first.
#[derive(Debug, Default)]
pub(super) struct Marks {
    marks: VecDeque<Mark>,
    /// The components, in the order of every mark.
    names: Vec<String>,
}

impl Marks {
    /// Forgets everything: another run.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// The run has these components now. What stayed is followed on; what is new has nothing
    /// behind it.
    pub fn name<'a>(&mut self, names: impl Iterator<Item = &'a String> + Clone) {
        // Another arrow may have the number now.
        self.marks.iter_mut().for_each(|mark| mark.carried.clear());
        if names.clone().eq(&self.names) {
            return;
        }
        let before: HashMap<&String, usize> = self.names.iter().zip(0..).collect();
        let order: Vec<Option<usize>> = names
            .clone()
            .map(|name| before.get(name).copied())
            .collect();
        for mark in &mut self.marks {
            let components = order.iter().map(|number| {
                let totals = number.and_then(|number| mark.components.get(number));
                totals.copied().unwrap_or_default()
            });
            mark.components = components.collect();
        }
        self.names = names.cloned().collect();
    }

    /// Sets a mark when it is time.
    pub fn follow(&mut self, engine: &Engine, played_secs: f64) {
        let due = self
            .marks
            .back()
            .is_none_or(|last| played_secs - last.played_secs >= PERIOD_SECS);
        if !due {
            return;
        }
        if self.marks.len() == MOST {
            self.marks.pop_front();
        }
        self.marks.push_back(Mark {
            played_secs,
            now_ns: engine.now_ns(),
            events: engine.events(),
            system: engine.system(),
            components: (0..engine.scenario().components.len())
                .map(|index| engine.component(index))
                .collect(),
            carried: carried(engine),
        });
    }

    fn before(&self, played_secs: f64) -> Option<&Mark> {
        let old_enough = |mark: &&Mark| played_secs - mark.played_secs >= LATELY_SECS;
        self.marks
            .iter()
            .rev()
            .find(old_enough)
            .or(self.marks.front())
    }

    /// Simulated seconds and events, both by second played, lately.
    pub fn speed(&self, engine: &Engine, played_secs: f64) -> (f64, f64) {
        let Some(mark) = self.before(played_secs) else {
            return (0.0, 0.0);
        };
        let secs = played_secs - mark.played_secs;
        if secs <= 0.0 {
            return (0.0, 0.0);
        }
        let simulated = (engine.now_ns() - mark.now_ns) as f64 / 1e9;
        (
            simulated / secs,
            (engine.events() - mark.events) as f64 / secs,
        )
    }

    /// Share of the bandwidth of each connection that was in use lately, there and back.
    pub fn bandwidths(&self, engine: &Engine, played_secs: f64) -> Vec<Option<[f64; 2]>> {
        let now = carried(engine);
        if now.iter().all(Option::is_none) {
            return Vec::new();
        }
        let (system, mark) = (engine.system(), self.before(played_secs));
        // Nothing is known of before a reset, or of other connections.
        let mark = mark.filter(|mark| mark.now_ns > system.since_ns);
        let mark = mark.filter(|mark| mark.carried.len() == now.len());
        let since_ns = mark.map_or(system.since_ns, |mark| mark.now_ns);
        let window_ns = engine.now_ns().saturating_sub(since_ns).max(1) as f64;
        let share = |(index, now): (usize, Option<[Carried; 2]>)| {
            let before = mark
                .and_then(|mark| mark.carried[index])
                .unwrap_or_default();
            let busy =
                |way: usize| now.map(|now| now[way].busy_ns.saturating_sub(before[way].busy_ns));
            Some([busy(0)? as f64 / window_ns, busy(1)? as f64 / window_ns])
        };
        now.into_iter().enumerate().map(share).collect()
    }

    /// What component `index`, or the system, shows.
    pub fn reading(
        &self,
        index: Option<usize>,
        so_far: Totals,
        condition: Condition,
        played_secs: f64,
    ) -> BoxReading {
        let at = |mark: &Mark| match index {
            Some(index) => mark.components.get(index).copied().unwrap_or_default(),
            None => mark.system,
        };
        let since =
            |mark: Option<&Mark>| mark.map_or(so_far, |mark| difference(&so_far, &at(mark)));
        BoxReading {
            lately: since(self.before(played_secs)),
            so_far,
            condition,
            is_growing: is_growing(&since(self.marks.front())),
        }
    }
}

/// What each connection with a bandwidth has carried since the last reset.
fn carried(engine: &Engine) -> Vec<Option<[Carried; 2]>> {
    let connections = 0..engine.scenario().connections.len();
    let limited = |ways: &[Carried; 2]| ways[0].is_limited;
    let ways = connections.map(|index| engine.connection(index).carried.filter(limited));
    ways.collect()
}

/// Whether arrivals outran departures by more than chance. In a stable system their difference
/// stays put while √(arrivals + departures) grows with the window.
fn is_growing(window: &Totals) -> bool {
    const LEAST_WAITING: u64 = 10;
    const SIGMAS: f64 = 3.0;
    let more = window.arrivals as f64 - window.departures as f64;
    let noise = ((window.arrivals + window.departures) as f64).sqrt();
    window.waiting >= LEAST_WAITING && more > SIGMAS * noise
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_is_more_than_chance() {
        let window = |arrivals, departures, waiting| Totals {
            arrivals,
            departures,
            waiting,
            ..Totals::default()
        };
        assert!(is_growing(&window(1000, 700, 300)));
        assert!(!is_growing(&window(1000, 950, 50)));
        assert!(!is_growing(&window(0, 0, 50)));
        assert!(!is_growing(&window(8, 0, 8)));
        assert!(!is_growing(&window(500, 900, 100)));
    }
}
