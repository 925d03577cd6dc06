//! Operational bounds: the box that is named breaks first, and at the rate that is named.

use littlebox::scenario::{Arrivals, Mode};
use littlebox::study::{Demand, Resource, bottleneck, demands};

use crate::support::{design::*, estimate::*};

/// A front that waits for a store with its slots taken, and then hands half of its calls to a
/// mailer. By its own work the front could do 800 requests/s; its slots are gone at 80.
fn shop(seed: u64, rate: f64) -> Design {
    Design::new(seed)
        .poisson("clients", rate)
        .server("front", 4, exponential(5))
        .server("store", 9, exponential(45))
        .server("mailer", 1, exponential(20))
        .join("clients", "front")
        .join("front", "store")
        .forward("front", "mailer", 0.5)
}

const BOXES: [&str; 3] = ["front", "store", "mailer"];

/// Forced flow law, service demand law: V, S and c of the drawing are those of the run.
#[test]
fn what_is_drawn_is_what_is_measured() {
    let design = shop(1, 30.0);
    let drawn = demands(&design.0).unwrap();
    let found = batches(design.engine(), 50.0, 300.0, |engine| {
        BOXES.map(|name| {
            let demand = Demand::measured(&engine.system(), &at(engine, name)).unwrap();
            1.0 / demand.saturates_at().unwrap()
        })
    });
    for (index, (name, found)) in BOXES.iter().zip(&found).enumerate() {
        let exact = drawn.boxes[index + 1].unwrap().saturates_at().unwrap();
        check_within(name, found, 1.0 / exact);
    }
    let saturates = |index: usize| drawn.boxes[index].unwrap().saturates_at().unwrap();
    assert!((saturates(1) - 80.0).abs() < 1e-9);
    assert!((saturates(2) - 200.0).abs() < 1e-9);
    assert!((saturates(3) - 100.0).abs() < 1e-9);
}

/// X ≤ 1/Dmax, and it gets there: a little below the rate that is named every box keeps up, a
/// little above it the named box is full, and no other.
#[test]
fn past_the_named_rate_the_named_box_is_full() {
    let mut engine = shop(2, 10.0).engine();
    engine.run_until(secs(3_000).nanos());
    let measured = ["clients", "front", "store", "mailer"]
        .map(|name| Demand::measured(&engine.system(), &at(&engine, name)));
    let first = bottleneck(&measured).unwrap();
    assert_eq!(first.resource, Resource::Slots(1), "{measured:?}");
    // From a run at an eighth of the load, with 30,000 observations.
    assert!((first.saturates_at - 80.0).abs() < 4.0, "{first:?}");
    let held = |engine: &littlebox::engine::Engine| {
        BOXES.map(|name| {
            let totals = at(engine, name);
            totals.held_area as f64 / totals.slots_area as f64
        })
    };
    let below = batches(shop(3, 0.9 * 80.0).engine(), 300.0, 300.0, held);
    check_within("front, below", &below[0], 0.9);
    let above = batches(shop(4, 1.2 * 80.0).engine(), 300.0, 300.0, |engine| {
        let [front, store, mailer] = held(engine);
        [front, store, mailer, at(engine, "front").throughput()]
    });
    assert!(above[0].iter().all(|held| *held > 0.999), "{:?}", above[0]);
    // The others get what the front lets through: 80/s.
    check_within("store, above", &above[1], 80.0 * 0.045 / 9.0);
    check_within("mailer, above", &above[2], 80.0 * 0.5 * 0.02);
    check_within("X = 1/Dmax", &above[3], 80.0);
}

/// Interactive users: X and R lie between the balanced job bounds, and the bounds are near.
#[test]
fn users_stay_within_the_balanced_job_bounds() {
    for users in [1, 6, 20] {
        let design = Design::new(5)
            .client(
                "users",
                Arrivals::Closed {
                    users,
                    think: exponential(400),
                },
            )
            .server("cpu", 1, exponential(20))
            .server("disk", 1, exponential(30))
            .join("users", "cpu")
            .forward("cpu", "disk", 1.0);
        let found = demands(&design.0).unwrap().users.unwrap();
        assert!(found.balanced);
        assert!((found.knee - 0.45 / 0.03).abs() < 1e-9);
        let [x, r] = batches(design.engine(), 50.0, 300.0, |engine| {
            let users = at(engine, "users");
            [users.throughput(), users.w()]
        });
        let between = |what: &str, values: &[f64], (low, high): (f64, f64)| {
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            // 9,600 s: the mean is known to a fraction of this.
            assert!(
                low * 0.98 < mean && mean < high * 1.02,
                "{users} {what}: {low} {mean} {high}"
            );
        };
        between("X", &x, found.bounds.throughput);
        between("R", &r, found.bounds.response);
    }
}

/// A forward is not waited for: the same drawing breaks elsewhere.
#[test]
fn without_waiting_another_box_breaks_first() {
    let mut design = shop(6, 90.0);
    design.0.connections[1].mode = Mode::Forward;
    design.0.connections[2].from = "store".into();
    let drawn = demands(&design.0).unwrap();
    let first = bottleneck(&drawn.boxes).unwrap();
    assert_eq!(first.resource, Resource::Slots(3));
    assert_eq!(first.saturates_at.round(), 100.0);
    let [front, mailer] = batches(design.engine(), 50.0, 300.0, |engine| {
        [
            at(engine, "front").utilization(),
            at(engine, "mailer").utilization(),
        ]
    });
    check_within("front", &front, 90.0 / 800.0);
    check_within("mailer", &mailer, 0.9);
}
