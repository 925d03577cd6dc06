//! Hand-offs: tandem queues and Jackson networks.

use crate::support::{design::*, estimate::*};

/// L of M/M/1 at this utilization.
fn l(utilization: f64) -> f64 {
    utilization / (1.0 - utilization)
}

/// The output of M/M/1 is Poisson (Burke 1956): each queue of a tandem is M/M/1 by itself.
#[test]
fn tandem() {
    let engine = Design::new(1)
        .poisson("clients", 70.0)
        .server("first", 1, exponential(10))
        .server("second", 1, exponential(12))
        .server("third", 2, exponential(20))
        .join("clients", "first")
        .forward("first", "second", 1.0)
        .forward("second", "third", 1.0)
        .engine();
    let [first, second, third, w] = batches(engine, 100.0, 2_000.0, |engine| {
        [
            at(engine, "first").l(),
            at(engine, "second").l(),
            at(engine, "third").l(),
            at(engine, "clients").w(),
        ]
    });
    check_within("first", &first, l(0.7));
    check_within("second", &second, l(0.84));
    // M/M/2 (Gross et al. 2008): L = 2ρ/(1 − ρ²).
    let exact = 2.0 * 0.7 / (1.0 - 0.49);
    check_within("third", &third, exact);
    check_within("end to end", &w, (l(0.7) + l(0.84) + exact) / 70.0);
}

/// Jackson 1957: with λᵢ from the traffic equations each station behaves as M/M/1 by itself, although
/// feedback makes its arrivals anything but Poisson.
#[test]
fn jackson_network_with_feedback() {
    let engine = Design::new(2)
        .poisson("clients", 20.0)
        .server("cpu", 1, exponential(30))
        .server("disk", 1, exponential(60))
        .server("net", 1, exponential(200))
        .join("clients", "cpu")
        .forward("cpu", "disk", 0.5)
        .forward("disk", "net", 0.25)
        .forward("net", "cpu", 1.0)
        .engine();
    // λ_cpu = 20 + λ_net, λ_disk = λ_cpu/2, λ_net = λ_disk/4; whatever is not handed on is answered.
    let cpu = 20.0 / (1.0 - 0.5 * 0.25);
    let (disk, net) = (0.5 * cpu, 0.125 * cpu);
    let [rate, at_cpu, at_disk, at_net, w] = batches(engine, 200.0, 4_000.0, |engine| {
        [
            at(engine, "cpu").arrival_rate(),
            at(engine, "cpu").l(),
            at(engine, "disk").l(),
            at(engine, "net").l(),
            at(engine, "clients").w(),
        ]
    });
    let exact = [cpu * 0.03, disk * 0.06, net * 0.2].map(l);
    check_within("traffic equations", &rate, cpu);
    check_within("cpu", &at_cpu, exact[0]);
    check_within("disk", &at_disk, exact[1]);
    check_within("net", &at_net, exact[2]);
    check_within("end to end", &w, exact.iter().sum::<f64>() / 20.0);
}

/// A call that comes back to the same box: M/M/1 with Bernoulli feedback is M/M/1 at λ/(1 − p).
#[test]
fn immediate_feedback() {
    let engine = Design::new(3)
        .poisson("clients", 20.0)
        .server("a", 1, exponential(10))
        .server("b", 1, exponential(10))
        .join("clients", "a")
        .forward("a", "b", 1.0)
        .forward("b", "a", 0.7)
        .engine();
    let rate = 20.0 / 0.3;
    let [visits, a, b] = batches(engine, 100.0, 3_000.0, |engine| {
        [
            at(engine, "b").arrivals as f64 / at(engine, "clients").arrivals as f64,
            at(engine, "a").l(),
            at(engine, "b").l(),
        ]
    });
    check_within("visits per request", &visits, 1.0 / 0.3);
    check_within("a", &a, l(rate * 0.01));
    check_within("b", &b, l(rate * 0.01));
}
