//! What a pick costs with many targets: nothing may scan.

use crate::report::{growth, networks};

/// The cost with a thousand targets may be at most so many times that with ten.
const BAR: f64 = 2.0;

/// Prints the time per event of every algorithm. Says whether all stay below the bar.
pub fn print() -> bool {
    println!("servers behind one balancer at 0.8 utilization: time per event, ns");
    println!("algorithm                          10 servers  1,000 servers   ratio");
    let mut good = true;
    for algorithm in networks::algorithms() {
        let [few, many] =
            [10, 1_000].map(|servers| growth::of_engine(&networks::balanced(algorithm, servers)));
        let ratio = many / few;
        let holds = ratio <= BAR;
        good &= holds;
        let name = format!("{algorithm:?}");
        let name = name.split('(').next().unwrap_or_default();
        let verdict = if holds { "" } else { "  MORE THAN TWICE" };
        println!("{name:<34} {few:>10.1} {many:>14.1} {ratio:>7.2}{verdict}");
    }
    good
}
