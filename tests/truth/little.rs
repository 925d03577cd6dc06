//! Little's law L = λ·W (Little 1961), to the last nanosecond: over a window that starts and ends
//! empty, the integral of N(t) is the sum of all sojourns, in every box, whatever happens inside.

use littlebox::engine::Engine;

use crate::support::{design::*, everything::everything};

/// Checks the law at every box of a run that is over.
fn check(engine: &Engine) {
    engine.check_conservation().unwrap();
    for (at, name) in engine.scenario().components.keys().enumerate() {
        let totals = engine.component(at);
        assert_eq!(totals.present, 0, "{name} is not empty");
        assert_eq!(totals.arrivals, totals.departures, "{name}: in and out");
        assert_eq!(
            totals.present_area, totals.sojourn_sum_ns,
            "{name}: ∫N dt = ΣW"
        );
        assert_eq!(
            totals.waiting_area, totals.wait_sum_ns,
            "{name}: the same for the line"
        );
        assert_eq!(
            totals.busy_area, totals.service_sum_ns,
            "{name}: the same for the work"
        );
        assert!(
            totals.busy_area <= totals.held_area,
            "{name}: who works holds a slot"
        );
        assert!(
            totals.held_area <= totals.slots_area || totals.slots == 0,
            "{name}: slots"
        );
    }
}

#[test]
fn of_a_single_queue() {
    let mut engine = Design::new(1)
        .client("clients", poisson_until(95.0, secs(200)))
        .server("server", 1, exponential(10))
        .join("clients", "server")
        .engine();
    engine.run_until(secs(1_000).nanos());
    assert!(at(&engine, "server").arrivals > 10_000);
    check(&engine);
}

#[test]
fn of_everything_at_once() {
    for seed in 1..=5 {
        let mut engine = everything(seed).engine();
        engine.run_until(secs(600).nanos());
        let clients = at(&engine, "clients");
        assert!(
            clients.failures.total() > 50 && clients.completed > 5_000,
            "{clients:?}"
        );
        check(&engine);
    }
}

/// In the middle of things the law holds with the edges of the window: those inside have not
/// brought their sojourn yet. The gap is bounded by what they can have spent.
#[test]
fn conservation_holds_at_every_moment() {
    let mut engine = everything(7).engine();
    for second in 1..=70 {
        engine.run_until(secs(second).nanos());
        engine.check_conservation().unwrap();
    }
    for _ in 0..20_000 {
        if !engine.step() {
            break;
        }
        engine.check_conservation().unwrap();
    }
}

/// A slot is never idle while somebody waits for it, and never more slots work than there are.
#[test]
fn work_is_conserved() {
    let mut engine = Design::new(2)
        .poisson("clients", 380.0)
        .server("server", 4, exponential(10))
        .join("clients", "server")
        .engine();
    let mut waited = 0;
    for _ in 0..200_000 {
        engine.step();
        let server = at(&engine, "server");
        assert!(server.busy <= 4);
        assert!(server.waiting == 0 || server.busy == 4, "{server:?}");
        waited += u64::from(server.waiting > 0);
    }
    assert!(waited > 10_000);
}
