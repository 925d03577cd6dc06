//! Little's law L = λ·W (Little 1961), to the last nanosecond: over a window that starts and ends
//! empty, the integral of N(t) is the sum of all sojourns, in every box, whatever happens inside.

use littlebox::{
    engine::Engine,
    scenario::{
        Algorithm, Backoff, Cache, Client, Component, Connection, Database, Distribution, Fault,
        FaultKind, Jitter, Keys, OperationKind, Queue, Queueing, Retries, Server,
    },
};

use crate::support::design::*;

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

/// Everything at once: balancer, refusals, timeouts, retries, losses, a cache, nested calls, a queue
/// with workers, and faults that begin and end meanwhile.
fn everything(seed: u64) -> Design {
    let client = Client {
        timeout: Some(ms(300)),
        keys: Keys::Zipf {
            items: 2_000,
            s: 1.0,
        },
        retries: Retries {
            max: 2,
            backoff: Backoff::Exponential(ms(50)),
            jitter: Jitter::Full,
        },
        ..patient(poisson_until(150.0, secs(60)))
    };
    let api = Server {
        instances: 3,
        queue: Queueing { capacity: Some(20) },
        ..server(4, exponential(15))
    };
    let cache = Cache {
        capacity: Some(200),
        ttl: Some(secs(5)),
        ..Cache::default()
    };
    let mut design = Design::new(seed)
        .operation("write", OperationKind::Write, 0.2)
        .add("clients", Component::Client(client))
        .balancer("balancer", Algorithm::LeastConnections)
        .add("api", Component::Server(api))
        .add("cache", Component::Cache(cache))
        .add(
            "db",
            Component::Database(Database {
                slots: 4,
                ..Database::default()
            }),
        )
        .add(
            "jobs",
            Component::Queue(Queue {
                visibility: secs(1),
                ..Queue::default()
            }),
        )
        .server("worker", 2, exponential(30))
        .connect(Connection {
            loss: 0.02,
            ..Connection::new("clients", "balancer")
        })
        .join("balancer", "api")
        .connect(Connection::new("api", "cache"))
        .connect(Connection::new("api", "db"))
        .connect(Connection {
            mode: littlebox::scenario::Mode::Async,
            latency: Distribution::Exponential(ms(5)),
            step: Some(9),
            probability: 0.3,
            ..Connection::new("api", "jobs")
        })
        .connect(Connection::new("jobs", "worker"));
    let fault = |at, until, on: &str, fault| Fault {
        at: secs(at),
        until: Some(secs(until)),
        on: on.into(),
        fault,
    };
    design.0.faults = vec![
        fault(10, 13, "cache", FaultKind::Crash),
        fault(15, 18, "db", FaultKind::Slow { times: 5.0 }),
        fault(20, 23, "api -> db", FaultKind::Cut),
        fault(30, 34, "worker", FaultKind::Crash),
        fault(40, 45, "clients", FaultKind::Traffic { times: 3.0 }),
        fault(50, 52, "api", FaultKind::Crash),
    ];
    design
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
