//! Work queues: messages in = messages done + given up + inside, and when they come back.

use littlebox::{
    engine::{Cause, Engine},
    scenario::{
        Acknowledge, Arrivals, Backoff, Component, Connection, Distribution, Duration, FaultKind,
        Jitter, Link, Queue, Rate, RateShape, Retries, Server,
    },
};

use crate::support::{design::*, estimate::*};

fn with_worker(arrivals: Arrivals, queue: Queue, slots: u32, work: Distribution) -> Engine {
    Design::new(1)
        .client("clients", arrivals)
        .add("queue", Component::Queue(queue))
        .server("worker", slots, work)
        .add("graveyard", Component::Queue(Queue::default()))
        .join("clients", "queue")
        .join("queue", "worker")
        .connect(Connection {
            link: Link::DeadLetters,
            ..at_once("queue", "graveyard")
        })
        .engine()
}

/// One message at 1 s, and then none.
fn one_message() -> Arrivals {
    Arrivals::Constant {
        rate: Rate(1.0),
        profile: vec![RateShape::Steps(vec![(
            Duration::from_millis(1_500),
            Rate(0.0),
        )])],
    }
}

/// The sender goes on at once; the message waits as in M/M/1.
#[test]
fn a_queue_before_one_worker() {
    let engine = with_worker(poisson(80.0), Queue::default(), 1, exponential(10));
    let [w, lq, client] = batches(engine, 50.0, 2_000.0, |engine| {
        let queue = at(engine, "queue");
        [queue.w(), queue.lq(), at(engine, "clients").w()]
    });
    check_within("until acknowledged", &w, 0.05);
    check_within("messages in line", &lq, 3.2);
    assert!(client.iter().all(|w| *w == 0.0), "{client:?}");
}

#[test]
fn a_message_that_takes_too_long_comes_back_and_is_given_up() {
    let queue = Queue {
        visibility: secs(3),
        max_deliveries: 3,
        ..Queue::default()
    };
    let mut engine = with_worker(one_message(), queue, 4, Distribution::Constant(secs(10)));
    // Delivered at 1, 4 and 7 s, given up at 10 s, worked on until 11, 14 and 17 s.
    let mut totals = |until: u64| {
        engine.run_until(secs(until).nanos() + 1);
        engine.check_conservation().unwrap();
        (
            at(&engine, "queue"),
            at(&engine, "worker"),
            at(&engine, "graveyard"),
        )
    };
    let (queue, worker, _) = totals(1);
    assert_eq!(
        (queue.deliveries, queue.redeliveries, worker.busy),
        (1, 0, 1)
    );
    let (queue, worker, _) = totals(4);
    assert_eq!(
        (queue.deliveries, queue.redeliveries, worker.busy),
        (2, 1, 2)
    );
    let (queue, worker, _) = totals(7);
    assert_eq!(
        (queue.deliveries, queue.redeliveries, worker.busy),
        (3, 2, 3)
    );
    assert_eq!((queue.present, queue.failures.total()), (1, 0));
    let (queue, worker, graveyard) = totals(10);
    assert_eq!((queue.present, worker.busy), (0, 3));
    assert_eq!(queue.failures.get(Cause::DeadLetter), 1);
    assert_eq!(graveyard.arrivals, 1);
    let (queue, worker, _) = totals(20);
    assert_eq!((worker.busy, worker.completed), (0, 3));
    assert_eq!(worker.good, 0, "nobody waited for it any more");
    assert_eq!(
        (queue.arrivals, queue.departures, queue.completed),
        (1, 1, 0)
    );
}

/// Slow once: the message is done by the second delivery, and the first one did it again.
#[test]
fn a_late_worker_does_the_work_twice() {
    let queue = Queue {
        visibility: secs(3),
        ..Queue::default()
    };
    let mut engine = with_worker(one_message(), queue, 2, Distribution::Constant(secs(2)));
    engine.run_until(secs(1).nanos() - 1);
    engine
        .start_fault("worker", FaultKind::Slow { times: 3.0 })
        .unwrap();
    engine.run_until(secs(2).nanos());
    engine.heal("worker").unwrap();
    // Delivered at 1 s, would take until 7 s; again at 4 s, done at 6 s.
    engine.run_until(secs(6).nanos());
    let queue = at(&engine, "queue");
    assert_eq!(
        (queue.deliveries, queue.completed, queue.duplicates),
        (2, 1, 0)
    );
    engine.run_until(secs(8).nanos());
    assert_eq!(at(&engine, "queue").duplicates, 1);
    engine.check_conservation().unwrap();
}

/// A dead worker takes nothing: the backlog waits, nothing is lost or given up, and it drains.
#[test]
fn a_crash_of_the_worker_loses_nothing() {
    let mut engine = with_worker(
        poisson_until(50.0, secs(60)),
        Queue::default(),
        1,
        constant(10),
    );
    engine.run_until(secs(20).nanos());
    engine.start_fault("worker", FaultKind::Crash).unwrap();
    let done = at(&engine, "worker").completed;
    engine.run_until(secs(40).nanos());
    let (queue, worker) = (at(&engine, "queue"), at(&engine, "worker"));
    assert_eq!(worker.completed, done);
    assert_eq!(queue.failures.total(), 0);
    check_poisson_count("backlog after 20 s", queue.present, 1_000.0);
    engine.heal("worker").unwrap();
    engine.run_until(secs(200).nanos());
    let (queue, clients) = (at(&engine, "queue"), at(&engine, "clients"));
    assert_eq!(queue.completed, clients.arrivals);
    assert_eq!((queue.present, queue.failures.total()), (0, 0));
    assert_eq!(queue.deliveries, queue.completed + queue.redeliveries);
    assert!(queue.redeliveries <= 1, "at most the one it was working on");
    engine.check_conservation().unwrap();
}

/// Acknowledged before work: what the worker had when it died is gone, and counted.
#[test]
fn at_most_once_loses_what_the_worker_had() {
    let queue = Queue {
        acknowledge: Acknowledge::BeforeWork,
        ..Queue::default()
    };
    let mut engine = with_worker(poisson_until(300.0, secs(60)), queue, 4, exponential(10));
    engine.run_until(secs(30).nanos());
    let inside = at(&engine, "worker").present;
    assert!(inside > 0);
    engine.start_fault("worker", FaultKind::Crash).unwrap();
    engine.run_until(secs(31).nanos());
    engine.heal("worker").unwrap();
    engine.run_until(secs(200).nanos());
    let (queue, worker) = (at(&engine, "queue"), at(&engine, "worker"));
    assert_eq!(queue.lost_messages, inside);
    assert_eq!(
        worker.completed + queue.lost_messages,
        at(&engine, "clients").arrivals
    );
    assert_eq!(queue.redeliveries, 0);
    engine.check_conservation().unwrap();
}

/// Nobody waits for a delivery that has timed out. Acknowledged before the work, it is the only one
/// all the same: done once if it ends well, and gone if its worker dies.
#[test]
fn at_most_once_a_late_delivery_is_no_duplicate() {
    for dies in [false, true] {
        let queue = Queue {
            acknowledge: Acknowledge::BeforeWork,
            ..Queue::default()
        };
        let mut engine = Design::new(1)
            .client("clients", one_message())
            .add("queue", Component::Queue(queue))
            .server("worker", 1, Distribution::Constant(secs(3)))
            .join("clients", "queue")
            .connect(Connection {
                timeout: Some(secs(1)),
                ..at_once("queue", "worker")
            })
            .engine();
        // Delivered at 1 s, timed out at 2 s, done at 4 s.
        engine.run_until(secs(3).nanos());
        if dies {
            engine.start_fault("worker", FaultKind::Crash).unwrap();
        }
        engine.run_until(secs(9).nanos());
        let (queue, worker) = (at(&engine, "queue"), at(&engine, "worker"));
        assert_eq!((queue.deliveries, queue.duplicates), (1, 0));
        assert_eq!(worker.completed, u64::from(!dies));
        assert_eq!(queue.lost_messages, u64::from(dies));
        engine.check_conservation().unwrap();
    }
}

#[test]
fn a_full_queue_refuses() {
    let queue = Queue {
        capacity: Some(5),
        ..Queue::default()
    };
    let mut engine = with_worker(poisson(100.0), queue, 1, exponential(20));
    engine.run_until(secs(500).nanos());
    let (queue, clients) = (at(&engine, "queue"), at(&engine, "clients"));
    // Five places, the one in work included: M/M/1/5 at ρ = 2, full with 2⁵/(2⁶ − 1).
    let [refused] = batches(engine, 0.0, 200.0, |engine| {
        [at(engine, "queue").refused_share()]
    });
    check_within("refused", &refused, 32.0 / 63.0);
    assert_eq!(clients.failures.get(Cause::QueueFull), queue.refused);
    assert_eq!(clients.completed, queue.arrivals);
}

#[test]
fn workers_compete() {
    let mut engine = Design::new(2)
        .poisson("clients", 150.0)
        .add("queue", Component::Queue(Queue::default()))
        .server("one", 1, constant(10))
        .server("other", 1, constant(10))
        .join("clients", "queue")
        .join("queue", "one")
        .join("queue", "other")
        .engine();
    engine.run_until(secs(100).nanos());
    let (one, other) = (at(&engine, "one"), at(&engine, "other"));
    assert_eq!(
        one.waiting_area + other.waiting_area,
        0,
        "they take a message when they can work"
    );
    let queue = at(&engine, "queue");
    assert_eq!(one.arrivals + other.arrivals, queue.deliveries);
    assert!(
        one.arrivals.min(other.arrivals) * 3 > queue.deliveries,
        "{one:?} {other:?}"
    );
}

/// Every instance takes as many messages as it has slots: while there is a backlog all of them work
/// all the time, drawn as one machine or as several.
#[test]
fn machines_work_as_fast_as_one_with_their_slots() {
    let workers = |instances, slots| {
        Component::Server(Server {
            instances,
            ..server(slots, exponential(120))
        })
    };
    for (instances, slots) in [(1, 8), (2, 4), (8, 1)] {
        let mut engine = Design::new(3)
            .poisson("clients", 200.0)
            .add("queue", Component::Queue(Queue::default()))
            .add("workers", workers(instances, slots))
            .join("clients", "queue")
            .join("queue", "workers")
            .engine();
        engine.run_until(secs(10).nanos());
        engine.reset_measures();
        engine.run_until(secs(60).nanos());
        let workers = at(&engine, "workers");
        assert!(at(&engine, "queue").waiting > 1_000);
        assert_eq!(workers.busy_area, workers.slots_area, "{instances}");
        assert_eq!(workers.waiting_area, 0, "nobody waits for another's slot");
        // Eight that are never idle end one every 15 ms, as a Poisson process.
        check_poisson_count("work done", workers.completed, 50.0 / 0.015);
    }
}

/// At ordinary load, too, the line before c machines that take one message each is the line of c slots:
/// the wait of M/M/c (Erlang 1917, his C formula), and the same distribution of the time in the system.
#[test]
fn machines_behind_a_queue_are_slots_behind_a_line() {
    let (slots, rate, work_ms) = (4, 150.0, 20);
    let load = rate * work_ms as f64 / 1_000.0;
    let b = (1..=slots).fold(1.0, |b, n| load * b / (f64::from(n) + load * b));
    let idle = f64::from(slots) - load;
    let waits = f64::from(slots) * b / (idle + load * b);
    let wq = waits * work_ms as f64 / 1_000.0 / idle;
    let measured = |engine: Engine, name: &'static str| {
        batches(engine, 20.0, 500.0, |engine| {
            let latency = engine.component_latency(index(engine, name));
            let quantile = |q| latency.quantile_ns(q).unwrap();
            let wq = at(engine, name).wq();
            [wq, quantile(0.5), quantile(0.9)]
        })
    };
    let line = Design::new(5)
        .poisson("clients", rate)
        .server("server", slots, exponential(work_ms))
        .join("clients", "server");
    let line = measured(line.engine(), "server");
    check_within("Wq of a line", &line[0], wq);
    for (seed, instances) in [(6, slots), (7, 2)] {
        let workers = Server {
            instances,
            ..server(slots / instances, exponential(work_ms))
        };
        let queue = Design::new(seed)
            .poisson("clients", rate)
            .add("queue", Component::Queue(Queue::default()))
            .add("workers", Component::Server(workers))
            .join("clients", "queue")
            .join("queue", "workers");
        let queue = measured(queue.engine(), "queue");
        check_within("Wq of a queue", &queue[0], wq);
        for (at, what) in [(1, "p50"), (2, "p90")] {
            check_same(what, &line[at], &queue[at]);
        }
    }
}

/// An instance that comes takes its share at once, and one that fails gives back what it had.
#[test]
fn machines_come_and_go() {
    let workers = |instances| {
        Component::Server(Server {
            instances,
            ..server(4, exponential(120))
        })
    };
    let mut engine = Design::new(4)
        .poisson("clients", 200.0)
        .add("queue", Component::Queue(Queue::default()))
        .add("workers", workers(2))
        .join("clients", "queue")
        .join("queue", "workers")
        .engine();
    engine.run_until(secs(10).nanos());
    for instances in [3, 1, 2] {
        let mut scenario = engine.scenario().clone();
        scenario.components["workers"] = workers(instances);
        engine.edit(&scenario).unwrap();
        let (queue, workers) = (at(&engine, "queue"), at(&engine, "workers"));
        let slots = 4 * u64::from(instances);
        assert_eq!((workers.busy, workers.present), (slots, slots));
        assert_eq!(queue.held, slots);
        engine.check_conservation().unwrap();
        engine.run_until(engine.now_ns() + secs(5).nanos());
        assert_eq!(at(&engine, "workers").busy, slots);
    }
    let queue = at(&engine, "queue");
    assert_eq!(queue.redeliveries, 8, "two machines went");
    assert_eq!(queue.completed + queue.present, queue.arrivals);
}

/// Whoever does not answer in time still has the message at hand: no other may come on top of what
/// the consumer takes at once, however often the arrow tries again.
#[test]
fn consumers_never_have_more_than_they_take() {
    for (acknowledge, seed) in [
        (Acknowledge::AfterWork, 1),
        (Acknowledge::AfterWork, 2),
        (Acknowledge::BeforeWork, 3),
    ] {
        let queue = Queue {
            prefetch: 2,
            visibility: secs(60),
            acknowledge,
            ..Queue::default()
        };
        let workers = Server {
            instances: 2,
            ..server(3, exponential(200))
        };
        let mut engine = Design::new(seed)
            .client("clients", poisson_until(100.0, secs(10)))
            .add("queue", Component::Queue(queue))
            .add("workers", Component::Server(workers))
            .join("clients", "queue")
            .connect(Connection {
                latency: Some(exponential(2)),
                loss: 0.05,
                timeout: Some(ms(150)),
                retries: Some(Retries {
                    max: 2,
                    backoff: Backoff::Constant(ms(20)),
                    jitter: Jitter::Full,
                    ..Retries::default()
                }),
                ..Connection::new("queue", "workers")
            })
            .engine();
        let mut most = 0;
        while engine.now_ns() < secs(120).nanos() {
            engine.step();
            most = most.max(at(&engine, "workers").present);
        }
        engine.check_conservation().unwrap();
        let arrow = engine.connection(1);
        assert!(arrow.retries > 30, "what was lost is sent again: {arrow:?}");
        assert!(arrow.failures.get(Cause::Timeout) > 300, "{arrow:?}");
        assert_eq!(most, 2 * 2 * 3, "{acknowledge:?}");
        let queue = at(&engine, "queue");
        assert_eq!((queue.present, at(&engine, "workers").present), (0, 0));
        assert_eq!(
            queue.arrivals,
            queue.completed + queue.failures.get(Cause::DeadLetter)
        );
    }
}
