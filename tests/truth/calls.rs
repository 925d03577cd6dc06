//! What calls to others cost the caller.

use littlebox::scenario::{Connection, Distribution, Mode, Only, OperationKind, When};

use crate::support::{design::*, estimate::*};

/// The slowest of n exponential calls in parallel takes H(n)/μ on average.
#[test]
fn the_slowest_of_a_fan_out_decides() {
    for branches in [2, 3, 8] {
        let mut design = Design::new(branches)
            .poisson("clients", 100.0)
            .server("front", 1_000, constant(5))
            .join("clients", "front");
        for i in 0..branches {
            let name = format!("branch {i}");
            design = design
                .server(&name, 1_000, exponential(30))
                .connect(Connection {
                    step: Some(1),
                    ..at_once("front", &name)
                });
        }
        let [w] = batches(design.engine(), 10.0, 100.0, |engine| {
            [at(engine, "clients").w()]
        });
        let harmonic: f64 = (1..=branches).map(|i| 1.0 / i as f64).sum();
        check_within(&format!("{branches} branches"), &w, 0.005 + 0.03 * harmonic);
    }
}

#[test]
fn steps_add_up() {
    let design = Design::new(1)
        .poisson("clients", 100.0)
        .server("front", 1_000, constant(5))
        .server("first", 1_000, exponential(20))
        .server("second", 1_000, exponential(30))
        .join("clients", "front")
        .connect(Connection {
            step: Some(1),
            ..at_once("front", "first")
        })
        .connect(Connection {
            step: Some(2),
            ..at_once("front", "second")
        });
    let [w] = batches(design.engine(), 10.0, 100.0, |engine| {
        [at(engine, "clients").w()]
    });
    check_within("5 + 20 + 30 ms", &w, 0.055);
}

/// A slot is held while its call waits for others: the front with c slots is an M/G/c with the
/// whole time as work. With constants it is M/D/1: Wq = ρ/(1 − ρ)/2 · S.
#[test]
fn a_caller_holds_its_slot() {
    let design = Design::new(2)
        .poisson("clients", 10.0)
        .server("front", 1, constant(20))
        .server("back", 1_000, constant(40))
        .join("clients", "front")
        .join("front", "back");
    let [wq, w, busy, held] = batches(design.engine(), 50.0, 1_000.0, |engine| {
        let front = at(engine, "front");
        let held = front.held_area as f64 / front.slots_area as f64;
        [front.wq(), front.w(), front.utilization(), held]
    });
    check_within("Wq", &wq, 0.6 / 0.4 / 2.0 * 0.06);
    check_within("W", &w, 0.6 / 0.4 / 2.0 * 0.06 + 0.06);
    check_within("working", &busy, 0.2);
    check_within("working or waiting for others", &held, 0.6);
}

#[test]
fn an_asynchronous_call_holds_nobody() {
    let mut engine = Design::new(3)
        .poisson("clients", 50.0)
        .server("front", 1_000, constant(5))
        .server("back", 1_000, constant(100))
        .join("clients", "front")
        .connect(Connection {
            mode: Mode::Async,
            ..at_once("front", "back")
        })
        .engine();
    engine.run_until(secs(100).nanos());
    let (front, back) = (at(&engine, "front"), at(&engine, "back"));
    assert_eq!(
        front.sojourn_sum_ns,
        u128::from(front.departures) * 5_000_000
    );
    assert_eq!(back.arrivals, front.departures);
    engine.check_conservation().unwrap();
}

#[test]
fn messages_take_their_time_each_way() {
    let mut engine = Design::new(4)
        .poisson("clients", 50.0)
        .server("server", 1_000, constant(7))
        .connect(Connection {
            latency: Some(constant(20)),
            ..Connection::new("clients", "server")
        })
        .engine();
    engine.run_until(secs(100).nanos());
    let (clients, server) = (at(&engine, "clients"), at(&engine, "server"));
    assert_eq!(
        clients.sojourn_sum_ns,
        u128::from(clients.departures) * 47_000_000
    );
    assert_eq!(
        server.sojourn_sum_ns,
        u128::from(server.departures) * 7_000_000
    );
    assert!(clients.departures > 4_000);
}

#[test]
fn random_latency_is_drawn_both_ways() {
    let engine = Design::new(5)
        .poisson("clients", 100.0)
        .server("server", 1_000, constant(1))
        .connect(Connection {
            latency: Some(Distribution::Uniform {
                min: ms(10),
                max: ms(30),
            }),
            ..Connection::new("clients", "server")
        })
        .engine();
    let [w] = batches(engine, 5.0, 50.0, |engine| [at(engine, "clients").w()]);
    check_within("1 ms and twice 20 ms", &w, 0.041);
}

#[test]
fn probability_alternatives_and_operations() {
    let mut engine = Design::new(6)
        .operation("read", OperationKind::Read, 7.0)
        .operation("write", OperationKind::Write, 2.0)
        .operation("pay", OperationKind::Write, 1.0)
        .poisson("clients", 1_000.0)
        .server("front", 1_000, Distribution::ZERO)
        .server("sometimes", 1_000, Distribution::ZERO)
        .server("one", 1_000, Distribution::ZERO)
        .server("other", 1_000, Distribution::ZERO)
        .server("writes", 1_000, Distribution::ZERO)
        .server("bank", 1_000, Distribution::ZERO)
        .join("clients", "front")
        .connect(Connection {
            step: Some(1),
            probability: 0.3,
            ..at_once("front", "sometimes")
        })
        .connect(Connection {
            step: Some(2),
            weight: Some(1.0),
            ..at_once("front", "one")
        })
        .connect(Connection {
            step: Some(2),
            weight: Some(4.0),
            ..at_once("front", "other")
        })
        .connect(Connection {
            step: Some(3),
            only: Some(Only::Writes),
            ..at_once("front", "writes")
        })
        .connect(Connection {
            step: Some(3),
            only: Some(Only::Named(vec!["pay".into()])),
            ..at_once("front", "bank")
        })
        .engine();
    engine.run_until(secs(100).nanos());
    let all = at(&engine, "front").arrivals;
    let arrivals = |name| at(&engine, name).arrivals;
    check_share("probability", arrivals("sometimes"), all, 0.3);
    check_share("weight 1 of 5", arrivals("one"), all, 0.2);
    assert_eq!(arrivals("one") + arrivals("other"), all);
    check_share("writes", arrivals("writes"), all, 0.3);
    check_share("one operation", arrivals("bank"), all, 0.1);
    assert_eq!(arrivals("bank"), engine.operation(2).arrivals);
    assert_eq!(
        arrivals("writes"),
        engine.operation(1).arrivals + engine.operation(2).arrivals
    );
}

/// A fallback is asked when the step before failed, and then the request is well.
#[test]
fn a_fallback_is_asked_on_failure() {
    let mut server = server(1, exponential(10));
    server.queue.capacity = Some(0);
    let mut engine = Design::new(7)
        .poisson("clients", 100.0)
        .server("front", 1_000, Distribution::ZERO)
        .add("main", littlebox::scenario::Component::Server(server))
        .server("fallback", 1_000, Distribution::ZERO)
        .join("clients", "front")
        .connect(Connection {
            step: Some(1),
            ..at_once("front", "main")
        })
        .connect(Connection {
            step: Some(2),
            when: Some(When::OnFailure),
            ..at_once("front", "fallback")
        })
        .engine();
    engine.run_until(secs(200).nanos());
    let main = at(&engine, "main");
    assert!(main.refused > 1_000 && main.arrivals > 1_000);
    assert_eq!(at(&engine, "fallback").arrivals, main.refused);
    assert_eq!(at(&engine, "clients").failures.total(), 0);
}
