//! Whether a run can have a steady state at all.

use super::Run;
use crate::engine::Change;
use crate::scenario::{Arrivals, Component, Scenario};

/// What a scenario plans that takes the steady state away, in words. Batches of one run are no
/// samples of the same thing then, so intervals come from several runs only.
pub fn planned_change(scenario: &Scenario) -> Option<&'static str> {
    if !scenario.faults.is_empty() {
        return Some("faults are planned");
    }
    let changes = scenario
        .components
        .values()
        .any(|component| match component {
            Component::Client(client) => !client.arrivals.profile().is_empty(),
            _ => false,
        });
    let replays = |component: &Component| {
        matches!(component, Component::Client(client)
            if matches!(client.arrivals, Arrivals::Recorded(_)))
    };
    if scenario.components.values().any(replays) {
        return Some("recorded requests are replayed");
    }
    changes.then_some("an arrival rate changes over time")
}

/// As [`planned_change`], for a run and what was changed by hand since its measures were reset.
pub fn change(run: &Run) -> Option<&'static str> {
    let engine = run.engine();
    let from_ns = run.series().measured_from_ns();
    let by_hand = engine.recording().changes.iter().any(|(at_ns, _, change)| {
        *at_ns >= from_ns && *at_ns > 0 && !matches!(change, Change::Reset)
    });
    planned_change(engine.scenario()).or(by_hand.then_some("it was changed while it ran"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Duration, Fault, FaultKind, RateShape, file};

    #[test]
    fn faults_profiles_and_hands_take_the_steady_state_away() {
        let path = format!("{}/tests/data/mm1.ron", env!("CARGO_MANIFEST_DIR"));
        let (document, _) = file::read(std::path::Path::new(&path)).unwrap();
        let steady = document.unwrap().scenario;
        assert_eq!(planned_change(&steady), None);

        let mut faulty = steady.clone();
        let (at, until) = (Duration::from_secs(1), None);
        faulty.faults.push(Fault {
            at,
            until,
            on: "server".into(),
            fault: FaultKind::Crash,
        });
        assert_eq!(planned_change(&faulty), Some("faults are planned"));

        let mut changing = steady.clone();
        if let Component::Client(client) = &mut changing.components["clients"]
            && let Arrivals::Poisson { profile, .. } = &mut client.arrivals
        {
            profile.push(RateShape::Day {
                swing: 0.5,
                period: Duration::from_secs(60),
            });
        }
        assert_eq!(
            planned_change(&changing),
            Some("an arrival rate changes over time")
        );

        let mut run = Run::new(&steady).unwrap();
        run.advance_until(1_000_000_000);
        assert_eq!(change(&run), None);
        run.start_fault("server", FaultKind::Slow { times: 2.0 })
            .unwrap();
        assert_eq!(change(&run), Some("it was changed while it ran"));
        run.heal("server").unwrap();
        run.advance_until(2_000_000_000);
        run.reset_measures();
        assert_eq!(change(&run), None);
    }
}
