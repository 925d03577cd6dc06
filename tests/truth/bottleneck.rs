//! Operational bounds: the box that is named breaks first, and at the rate that is named.

use littlebox::scenario::{Arrivals, Bandwidth, Connection, Distribution, Mode, OperationKind};
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

/// The shop with messages of two sizes over lines of 8 Mbit/s, one of which loses messages, and an
/// audit that nobody waits for.
fn narrow_shop(seed: u64, rate: f64) -> Design {
    let mut design = shop(seed, rate)
        .server("audit", 4, exponential(1))
        .connect(Connection {
            mode: Mode::Async,
            ..at_once("front", "audit")
        })
        .operation("write", OperationKind::Write, 0.25)
        .sizes("read", 1_000, 9_000)
        .sizes("write", 5_000, 2_000);
    for connection in &mut design.0.connections {
        connection.bandwidth = Some(Bandwidth::from_bits(8_000_000));
    }
    design.0.connections[0].loss = 0.1;
    design
}

/// A line is a station with one server, each way: its V and S of the drawing are those of the run,
/// whether calls are waited for, handed on, lost or forgotten.
#[test]
fn what_is_drawn_of_a_line_is_what_is_measured() {
    let design = narrow_shop(7, 20.0);
    let drawn = demands(&design.0).unwrap();
    let found = batches(design.engine(), 50.0, 400.0, |engine| {
        let requests = engine.system().arrivals as f64;
        let ways = [0, 1, 2, 3].map(|at| engine.connection(at).carried.unwrap());
        std::array::from_fn::<f64, 8, _>(|at| {
            ways[at / 2][at % 2].sending_sum_ns as f64 / 1e9 / requests
        })
    });
    let exact: Vec<f64> = (0..8)
        .map(|at| drawn.pipes[at / 2][at % 2].map_or(0.0, |demand| demand.secs()))
        .collect();
    // Of four reads to one write: 1.8 ms there and 7.6 ms back. What is lost was sent.
    let inside = [1.8, 7.6, 0.5 * 1.8, 0.0, 1.8, 7.6].map(|ms| 0.9 * ms);
    let expected = [1.8, 0.9 * 7.6].into_iter().chain(inside);
    for (at, (exact, expected)) in exact.iter().zip(expected).enumerate() {
        assert!((exact - expected / 1e3).abs() < 1e-12, "{at}: {exact}");
    }
    for (at, (found, exact)) in found.iter().zip(&exact).enumerate() {
        check_within(&format!("way {at}"), found, *exact);
    }
}

/// A line is named before any run, X ≤ 1/Dmax, and it gets there: it is full then, and no box is.
#[test]
fn past_the_named_rate_the_named_line_is_full() {
    let design = |rate: f64| {
        Design::new(8)
            .sizes("read", 1_000, 10_000)
            .poisson("clients", rate)
            .server("server", 8, exponential(20))
            .connect(Connection {
                bandwidth: Some(Bandwidth::from_bits(8_000_000)),
                ..at_once("clients", "server")
            })
    };
    let first = demands(&design(1.0).0).unwrap().first().unwrap();
    assert_eq!(first.resource, Resource::Bandwidth(0));
    assert!((first.saturates_at - 100.0).abs() < 1e-9);
    for (rate, is_full) in [(85.0, false), (115.0, true)] {
        let mut engine = design(rate).engine();
        engine.run_until(secs(500).nanos());
        engine.reset_measures();
        engine.run_until(secs(1_500).nanos());
        let [_, back] = engine.connection(0).carried.unwrap();
        assert_eq!(back.busy_ns >= 999_900_000_000, is_full, "{rate}: {back:?}");
        assert!(at(&engine, "clients").completed <= 100_001);
        assert!(at(&engine, "server").utilization() < 0.5);
    }
}

/// A client is answered over its arrow whatever is drawn: the answers take up the way back.
#[test]
fn who_hands_off_as_a_client_is_answered() {
    let first = |mode: Mode| {
        let design = Design::new(8)
            .sizes("read", 1_000, 10_000)
            .poisson("clients", 1.0)
            .server("server", 8, exponential(20))
            .connect(Connection {
                mode,
                bandwidth: Some(Bandwidth::from_bits(8_000_000)),
                ..at_once("clients", "server")
            });
        demands(&design.0).unwrap().first().unwrap()
    };
    let first = [Mode::Sync, Mode::Forward].map(first);
    assert_eq!(first[0].saturates_at, first[1].saturates_at);
    assert_eq!(first[1].resource, Resource::Bandwidth(0));
}

/// Users behind a line: X stays below 1/Dmax of the line and N/(D + Z), and R above what follows.
#[test]
fn users_behind_a_line_stay_within_the_bounds() {
    for users in [1, 4, 30] {
        let think = exponential(100);
        let design = Design::new(9)
            .sizes("read", 0, 10_000)
            .client("users", Arrivals::Closed { users, think })
            .server("server", 2, exponential(10))
            .connect(Connection {
                latency: Some(Distribution::Constant(ms(5))),
                bandwidth: Some(Bandwidth::from_bits(8_000_000)),
                ..at_once("users", "server")
            });
        let found = demands(&design.0).unwrap().users.unwrap();
        assert!(!found.balanced);
        // D is 20 ms, 10 of them on the line; 10 ms under way count as thinking.
        assert!((found.knee - 0.13 / 0.01).abs() < 1e-9, "{found:?}");
        let most = (1.0 / 0.01_f64).min(f64::from(users) / 0.13);
        assert!((found.bounds.throughput.1 - most).abs() < 1e-9, "{found:?}");
        let mut engine = design.engine();
        engine.run_until(secs(2_000).nanos());
        let (x, r) = (at(&engine, "users").throughput(), at(&engine, "users").w());
        let (low, high) = found.bounds.throughput;
        assert!(0.98 * low < x && x < 1.02 * high, "{users}: {x}");
        let (low, high) = found.bounds.response;
        assert!(0.98 * low < r && r < 1.02 * high, "{users}: {r}");
    }
}
