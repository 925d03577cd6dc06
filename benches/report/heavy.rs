//! What an event costs when a lot is under way, and when a lot is switched on.

use littlebox::{engine::Engine, scenario::file};

use crate::{
    allocations,
    report::{growth, networks},
};

/// A design of 30 boxes with every policy switched on: `tests/house.rs` looks.
const POLICIES: &str = include_str!("../policies.ron");

/// Prints time, memory and allocations per event.
pub fn print() {
    println!("calls in flight at one box     ns per event   KiB resident");
    for in_flight in [1_000u32, 1_000_000] {
        let mut engine =
            Engine::new(&networks::in_flight(in_flight)).expect("the scenario is sound");
        // Ten times the mean of the work: as many as there will be.
        engine.run_until(100_000_000_000);
        let nanos = growth::nanos_per_event(|events| {
            engine.run_events(u64::MAX, events);
        });
        let present = engine.component(1).present;
        let kib = growth::resident_kib().map_or("unknown".to_owned(), |kib| kib.to_string());
        println!("{present:>27} {nanos:>16.1} {kib:>14}");
    }
    let (document, problems) = file::load(POLICIES);
    let document = document.unwrap_or_else(|| panic!("{problems:?}"));
    let boxes = document.scenario.components.len();
    let mut engine = Engine::new(&document.scenario).expect("the scenario is sound");
    let nanos = growth::nanos_per_event(|events| {
        engine.run_events(u64::MAX, events);
    });
    let (before, requests) = (allocations(), engine.system().departures);
    let events = 2_000_000;
    engine.run_events(u64::MAX, events);
    let requests = engine.system().departures - requests;
    println!(
        "every policy, {boxes} boxes: {nanos:.1} ns per event, {:.1} events per request, {} allocations \
         in {events} events",
        events as f64 / requests as f64,
        allocations() - before,
    );
}
