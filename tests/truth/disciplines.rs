//! Who is next in line, against the textbook.

use littlebox::{
    engine::{Cause, Engine},
    scenario::{
        Arrivals, Client, Component, Contention, Discipline, Distribution, OperationKind, Queueing,
        Retries, Server,
    },
};

use crate::support::{design::*, estimate::*};

const CONTROLLED: Discipline = Discipline::CoDel {
    target: littlebox::scenario::Duration::from_millis(5),
    interval: littlebox::scenario::Duration::from_millis(100),
};
const ADAPTIVE: Discipline = Discipline::AdaptiveLifo {
    target: littlebox::scenario::Duration::from_millis(5),
    interval: littlebox::scenario::Duration::from_millis(100),
};

fn with(discipline: Discipline, slots: u32, service: Distribution) -> Component {
    Component::Server(Server {
        queue: Queueing {
            discipline,
            ..Queueing::default()
        },
        ..server(slots, service)
    })
}

/// One box of this discipline behind Poisson arrivals.
fn station(
    seed: u64,
    rate: f64,
    discipline: Discipline,
    slots: u32,
    service: Distribution,
) -> Design {
    Design::new(seed)
        .poisson("clients", rate)
        .add("server", with(discipline, slots, service))
        .join("clients", "server")
}

/// Mean square of the time in the system, in s². Buckets are within 0.8 %.
fn second_moment(engine: &Engine, name: &str) -> f64 {
    let latency = engine.component_latency(index(engine, name));
    let (mut count, mut sum) = (0.0, 0.0);
    for (middle, number) in latency.buckets() {
        count += number as f64;
        sum += number as f64 * (middle / 1e9).powi(2);
    }
    sum / count
}

/// Who is next does not matter to the mean wait, but to its spread: E[W²] of the waits is least in
/// order, and larger by 1/(1 − ρ/2) at random and by 1/(1 − ρ) last come first served (Kingman 1962, "The
/// effect of queue discipline on waiting time variance").
#[test]
fn order_changes_the_variance_of_waits_and_not_their_mean() {
    const RHO: f64 = 0.6;
    // M/M/1: E[Wq²] = 2ρ S²/(1 − ρ)² in order (Kleinrock 1975, section 5.7).
    let in_order = 2.0 * RHO / (1.0 - RHO) / (1.0 - RHO) * 1e-4;
    let mean = RHO / (1.0 - RHO) * 0.01;
    for (discipline, factor) in [
        (Discipline::Fifo, 1.0),
        (Discipline::Random, 1.0 / (1.0 - RHO / 2.0)),
        (Discipline::Lifo, 1.0 / (1.0 - RHO)),
    ] {
        let engine = station(11, RHO * 100.0, discipline, 1, exponential(10)).engine();
        let [wq, l, square] = batches(engine, 50.0, 4_000.0, |engine| {
            let server = at(engine, "server");
            [server.wq(), server.l(), second_moment(engine, "server")]
        });
        let name = |what: &str| format!("{discipline:?}: {what}");
        check_within(&name("Wq"), &wq, mean);
        check_within(&name("L"), &l, RHO / (1.0 - RHO));
        // The work is independent of the wait: E[W²] = E[Wq²] + 2 E[Wq] E[S] + E[S²].
        let exact = in_order * factor + 2.0 * mean * 0.01 + 2e-4;
        check_within_resolution(&name("E[W²]"), &square, exact, 0.016);
    }
}

/// Waits by class with the head of the line: Wq(k) = W₀ / ((1 − σ(k−1)) (1 − σ(k))), σ(k) the load of
/// class k and those above, W₀ = Σ λ E[S²] / 2 (Cobham 1954; Kleinrock 1976, 3.30).
#[test]
fn priorities_wait_as_cobham_says() {
    let design = Design::new(12)
        .operation("read", OperationKind::Read, 1.0)
        .operation("write", OperationKind::Write, 2.0)
        .operation("scan", OperationKind::Read, 1.0)
        .priority("read", 2)
        .priority("write", 40)
        .priority("scan", 0);
    let service = |name: &str, work: Distribution| (name.to_owned(), work);
    let mut queue = with(Discipline::Priority, 1, exponential(10));
    if let Component::Server(server) = &mut queue {
        server.per_operation = [
            service("write", constant(5)),
            service("scan", exponential(20)),
        ]
        .into_iter()
        .collect();
    }
    let engine = design
        .poisson("clients", 80.0)
        .add("server", queue)
        .join("clients", "server")
        .engine();
    let [read, write, scan] = batches(engine, 50.0, 2_000.0, |engine| {
        [0, 1, 2].map(|operation| engine.operation(operation).w())
    });
    // Rates 20, 40, 20 per second.
    let residual = (20.0 * 2e-4 + 40.0 * 25e-6 + 20.0 * 8e-4) / 2.0;
    let (of_write, of_read, of_scan) = (40.0 * 0.005, 20.0 * 0.01, 20.0 * 0.02);
    let wait = |above: f64, own: f64| residual / (1.0 - above) / (1.0 - above - own);
    check_within("the highest", &write, wait(0.0, of_write) + 0.005);
    check_within("the middle", &read, wait(of_write, of_read) + 0.01);
    check_within(
        "the lowest",
        &scan,
        wait(of_write + of_read, of_scan) + 0.02,
    );
}

/// M/G/1-PS: W = S/(1 − ρ) whatever the distribution of the work (Kleinrock 1976, section 4.4).
#[test]
fn sharing_is_insensitive() {
    for service in [
        exponential(8),
        Distribution::Erlang { k: 4, mean: ms(8) },
        constant(8),
        Distribution::LogNormalMean {
            mean: ms(8),
            cv: 2.0,
        },
    ] {
        let rate = 0.7 / 8e-3;
        let design = station(13, rate, Discipline::ProcessorSharing, 1, service.clone());
        let [w, l, wq, lq, u, s] = batches(design.engine(), 50.0, 1_500.0, |engine| {
            let server = at(engine, "server");
            let work = server.service_sum_ns as f64 / 1e9 / server.services as f64;
            [
                server.w(),
                server.l(),
                server.wq(),
                server.lq(),
                server.utilization(),
                work,
            ]
        });
        let name = |what: &str| format!("{service:?}: {what}");
        check_within(&name("W"), &w, 8e-3 / 0.3);
        check_within(&name("L"), &l, 0.7 / 0.3);
        check_within(&name("Wq"), &wq, 8e-3 / 0.3 - 8e-3);
        check_within(&name("Lq"), &lq, 0.7 / 0.3 - 0.7);
        check_within(&name("utilization"), &u, 0.7);
        check_within_resolution(&name("S"), &s, 8e-3, 1e-9);
    }
}

/// E[T | x] = x/(1 − ρ): twice the work takes twice the time (Kleinrock 1976, 4.17).
#[test]
fn sharing_is_fair() {
    let mut queue = with(Discipline::ProcessorSharing, 1, constant(2));
    if let Component::Server(server) = &mut queue {
        server.per_operation.insert("long".into(), constant(20));
    }
    let engine = Design::new(14)
        .operation("long", OperationKind::Read, 0.5)
        .poisson("clients", 75.0)
        .add("server", queue)
        .join("clients", "server")
        .engine();
    let [short, long] = batches(engine, 50.0, 2_000.0, |engine| {
        [0, 1].map(|operation| engine.operation(operation).w())
    });
    // 50/s of 2 ms and 25/s of 20 ms.
    let rho = 0.1 + 0.5;
    check_within("short", &short, 0.002 / (1.0 - rho));
    check_within("long", &long, 0.02 / (1.0 - rho));
}

/// c slots shared by exponential work: as many present as in M/M/c, with and without a limit.
#[test]
fn shared_slots_hold_as_many_as_lines() {
    let measure = |discipline, capacity| {
        let mut queue = with(discipline, 3, exponential(10));
        if let Component::Server(server) = &mut queue {
            server.queue.capacity = capacity;
        }
        let engine = Design::new(15)
            .poisson("clients", 200.0)
            .add("server", queue)
            .join("clients", "server")
            .engine();
        batches(engine, 50.0, 1_200.0, |engine| {
            let server = at(engine, "server");
            [server.l(), server.lq(), server.wq(), server.utilization()]
        })
    };
    for capacity in [None, Some(2)] {
        let shared = measure(Discipline::ProcessorSharing, capacity);
        let line = measure(Discipline::Fifo, capacity);
        for (at, what) in ["L", "Lq", "Wq", "utilization"].into_iter().enumerate() {
            check_same(
                &format!("{what} with room for {capacity:?}"),
                &shared[at],
                &line[at],
            );
        }
    }
}

/// Exactly, by hand: work of 3 s, and of 1 s a second later. They share until the second has had its
/// second after 2 s; the first has had 1 + 1 and ends after 4 s. A pause of the box shifts both.
#[test]
fn shares_to_the_nanosecond() {
    let run = |pause: bool| {
        let mut queue = with(Discipline::ProcessorSharing, 1, constant(3_000));
        if let Component::Server(server) = &mut queue {
            server.per_operation.insert("short".into(), constant(1_000));
        }
        // Users who ask for the first time once they have thought.
        let client = |operation: &str, think: u64| {
            Component::Client(Client {
                operations: vec![operation.into()],
                ..patient(Arrivals::Closed {
                    users: 1,
                    think: constant(think),
                })
            })
        };
        let mut design = Design::new(1)
            .operation("short", OperationKind::Read, 1.0)
            .add("a", client("read", 1_000))
            .add("b", client("short", 2_000))
            .add("server", queue)
            .join("a", "server")
            .join("b", "server");
        if pause {
            design.0.faults.push(littlebox::scenario::Fault {
                at: ms(3_000),
                until: Some(ms(4_000)),
                on: "server".into(),
                fault: littlebox::scenario::FaultKind::Pause,
            });
        }
        let mut engine = design.engine();
        engine.run_until(ms(if pause { 6_500 } else { 5_900 }).nanos());
        engine.check_conservation().unwrap();
        engine
    };
    let (plain, paused) = (run(false), run(true));
    for (name, longer) in [("a", 1_000_000_000), ("b", 1_000_000_000)] {
        let sum = |engine: &Engine| at(engine, name).sojourn_sum_ns;
        assert_eq!(at(&plain, name).completed, 1, "{name}");
        assert_eq!(sum(&paused) - sum(&plain), longer, "{name}");
    }
    assert_eq!(at(&plain, "b").sojourn_sum_ns, 2_000_000_000);
    assert_eq!(at(&plain, "a").sojourn_sum_ns, 4_000_000_000);
    let server = at(&plain, "server");
    assert_eq!(server.busy_area, 4_000_000_000);
    assert_eq!(server.wait_sum_ns, 2_000_000_000);
    assert_eq!(server.waiting_area, 2_000_000_000);
    let server = at(&paused, "server");
    assert_eq!(server.busy_area, 4_000_000_000);
    assert_eq!(server.wait_sum_ns, server.waiting_area);
}

/// Twice what it can do, and clients that give up: first come, first served works for nobody who is
/// still there (Maurer 2015); every order that prefers the young, or drops the old, does.
#[test]
fn goodput_under_overload() {
    let goodput = |discipline| {
        let client = Client {
            timeout: Some(ms(200)),
            retries: Retries::default(),
            ..patient(poisson(200.0))
        };
        let engine = Design::new(16)
            .add("clients", Component::Client(client))
            .add("server", with(discipline, 1, exponential(10)))
            .join("clients", "server")
            .engine();
        let [goodput] = batches(engine, 60.0, 20.0, |engine| {
            [at(engine, "clients").throughput()]
        });
        goodput
    };
    let fifo = goodput(Discipline::Fifo);
    assert!(fifo.iter().all(|goodput| *goodput < 1.0), "{fifo:?}");
    for discipline in [Discipline::Lifo, CONTROLLED, ADAPTIVE] {
        let saved = goodput(discipline);
        check_less(&format!("{discipline:?}"), &[50.0; 32], &saved);
    }
}

/// What is dropped is told so, and counted as what it is.
#[test]
fn what_is_dropped_is_shed() {
    for discipline in [CONTROLLED, ADAPTIVE] {
        let mut engine = station(17, 200.0, discipline, 1, exponential(10)).engine();
        engine.run_until(secs(100).nanos());
        engine.check_conservation().unwrap();
        let (clients, server) = (at(&engine, "clients"), at(&engine, "server"));
        let shed = server.failures.get(Cause::Shed);
        assert!(shed > 8_000, "{discipline:?}: {shed}");
        assert_eq!(clients.failures.get(Cause::Shed), shed);
        assert_eq!(server.completed + shed, server.departures);
        assert_eq!(server.refused, 0);
        // In order, and without dropping anybody, it would grow to 50 s.
        assert!(server.wq() < 0.5, "{discipline:?}: {}", server.wq());
        // No overload, nobody dropped: a wait above 100 ms is of probability ρ e^(−8).
        let mut calm = station(18, 20.0, discipline, 1, exponential(10)).engine();
        calm.run_until(secs(100).nanos());
        assert_eq!(at(&calm, "server").failures.total(), 0, "{discipline:?}");
    }
}

/// One class is no class.
#[test]
fn one_class_is_first_come_first_served() {
    let run = |discipline| {
        let client = Client {
            timeout: Some(ms(80)),
            ..patient(poisson(150.0))
        };
        let mut queue = with(discipline, 2, exponential(10));
        if let Component::Server(server) = &mut queue {
            server.instances = 2;
            server.queue.capacity = Some(7);
        }
        let mut engine = Design::new(19)
            .operation("write", OperationKind::Write, 1.0)
            .priority("read", 5)
            .priority("write", 5)
            .add("clients", Component::Client(client))
            .add("server", queue)
            .join("clients", "server")
            .engine();
        engine.run_until(secs(30).nanos());
        engine
            .start_fault("server", littlebox::scenario::FaultKind::Pause)
            .unwrap();
        engine.run_until(secs(31).nanos());
        engine.heal("server").unwrap();
        engine.run_until(secs(60).nanos());
        engine.check_conservation().unwrap();
        engine.fingerprint()
    };
    assert_eq!(run(Discipline::Priority), run(Discipline::Fifo));
}

/// As many users as slots, who never think: every call begins with all n in the slots, so that the
/// throughput is n/(S (1 + α(n − 1) + βn(n − 1))), the Universal Scalability Law (Gunther 2007,
/// equation 4.31).
#[test]
fn contention_follows_the_universal_scalability_law() {
    let (alpha, beta) = (0.05, 0.02);
    for users in [1, 2, 4, 7, 12, 30] {
        let drawn = Server {
            contention: Some(Contention { alpha, beta }),
            ..server(users, exponential(10))
        };
        let engine = Design::new(20)
            .client(
                "clients",
                Arrivals::Closed {
                    users,
                    think: Distribution::ZERO,
                },
            )
            .add("server", Component::Server(drawn))
            .join("clients", "server")
            .engine();
        let [x] = batches(engine, 5.0, 20.0, |engine| {
            [at(engine, "server").throughput()]
        });
        let n = f64::from(users);
        let exact = 100.0 * n / (1.0 + alpha * (n - 1.0) + beta * n * (n - 1.0));
        check_within(&format!("X({users})"), &x, exact);
    }
}
