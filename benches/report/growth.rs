//! What happens to time and memory when scenarios and runs grow.

use littlebox::{engine::Engine, scenario::Scenario};

use crate::{plain::pairs::Pairs, report::networks, seconds};

pub fn print() {
    println!("memory after so many requests of W3, KiB resident");
    let mut engine = Engine::new(&networks::w3()).expect("the scenario is sound");
    for millions in [1u64, 10, 100] {
        while engine.system().departures < millions * 1_000_000 {
            engine.run_events(u64::MAX, 1_000_000);
        }
        match resident_kib() {
            Some(kib) => println!("{millions:>9} M {kib:>12}"),
            None => println!("{millions:>9} M      unknown on this system"),
        }
    }
    println!(
        "time per event at the same total traffic, ns; the last two columns are the same network"
    );
    println!("components         star        pairs  pairs, plain loop");
    for components in [10, 100, 1_000, 10_000] {
        let star = of_engine(&networks::sized_star(components));
        let pairs = of_engine(&networks::sized_pairs(components));
        let mut plain = Pairs::new(components / 2);
        let plain = nanos_per_event(|events| plain.run(events));
        println!("{components:>10} {star:>12.1} {pairs:>12.1} {plain:>18.1}");
    }
}

/// Nanoseconds per event of a scenario.
pub fn of_engine(scenario: &Scenario) -> f64 {
    let mut engine = Engine::new(scenario).expect("the scenario is sound");
    nanos_per_event(|events| {
        engine.run_events(u64::MAX, events);
    })
}

/// The best of five rounds after a warm-up in which every box was visited.
pub fn nanos_per_event(mut run: impl FnMut(u64)) -> f64 {
    const EVENTS: u64 = 2_000_000;
    run(EVENTS);
    let round = |_| {
        let start = seconds();
        run(EVENTS);
        (seconds() - start) * 1e9 / EVENTS as f64
    };
    (0..5).map(round).fold(f64::INFINITY, f64::min)
}

/// Memory in use, from the kernel's count of pages of 4 KiB.
pub fn resident_kib() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = text.split(' ').nth(1)?.parse().ok()?;
    Some(pages * 4)
}
