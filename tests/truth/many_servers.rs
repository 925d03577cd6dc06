//! M/M/c and M/M/∞: several slots, on one machine or on several instances.

use littlebox::scenario::{Component, Server};

use crate::support::{design::*, estimate::*};

/// Probability of waiting in M/M/c (Erlang C; Gross et al. 2008, equation 2.39), by direct sums.
fn erlang_c(slots: u32, load: f64) -> f64 {
    let mut term = 1.0; // load^k / k!
    let mut sum = 0.0;
    for k in 0..slots {
        sum += term;
        term *= load / f64::from(k + 1);
    }
    let last = term / (1.0 - load / f64::from(slots));
    last / (sum + last)
}

#[test]
fn erlang_c_matches_a_table() {
    // Gross et al. 2008, example 2.6: λ = 6/h, μ = 3/h, c = 3: Lq = 8/9.
    let lq = erlang_c(3, 2.0) * 2.0 / (3.0 - 2.0);
    assert!((lq - 8.0 / 9.0).abs() < 1e-12, "{lq}");
}

#[test]
fn several_slots() {
    for (slots, load) in [(2, 1.6), (4, 3.4), (20, 16.0)] {
        let mean = 0.1;
        let rate = load / mean;
        let engine = Design::new(u64::from(slots))
            .poisson("clients", rate)
            .server("server", slots, exponential(100))
            .join("clients", "server")
            .engine();
        let [l, lq, w, wq, u] = batches(engine, 500.0, 3_000.0, |engine| {
            let server = at(engine, "server");
            [
                server.l(),
                server.lq(),
                server.w(),
                server.wq(),
                server.utilization(),
            ]
        });
        let exact_wq = erlang_c(slots, load) * mean / (f64::from(slots) - load);
        let name = |what: &str| format!("M/M/{slots} {what}");
        check_within(&name("Wq"), &wq, exact_wq);
        check_within(&name("W"), &w, exact_wq + mean);
        check_within(&name("Lq"), &lq, exact_wq * rate);
        check_within(&name("L"), &l, exact_wq * rate + load);
        check_within(&name("utilization"), &u, load / f64::from(slots));
    }
}

/// With more slots than anybody ever needs, nobody waits and L = λ/μ whatever the distribution.
#[test]
fn slots_for_everybody() {
    for service in [
        exponential(100),
        constant(100),
        littlebox::scenario::Distribution::LogNormalMean {
            mean: ms(100),
            cv: 2.0,
        },
    ] {
        let engine = Design::new(3)
            .poisson("clients", 200.0)
            .server("server", 500, service.clone())
            .join("clients", "server")
            .engine();
        let [l, w, wq] = batches(engine, 20.0, 300.0, |engine| {
            let server = at(engine, "server");
            [server.l(), server.w(), server.wq()]
        });
        check_within("L = λ/μ", &l, 20.0);
        if service.squared_cv() == 0.0 {
            assert!(w.iter().all(|w| (w - 0.1).abs() < 1e-12), "{w:?}");
        } else {
            check_within("W = 1/μ", &w, 0.1);
        }
        assert!(wq.iter().all(|wait| *wait == 0.0), "{wq:?}");
    }
}

/// A client that calls a server of n instances directly spreads its calls over them.
#[test]
fn instances_have_their_own_slots_and_line() {
    let several = |instances, slots| {
        let server = Server {
            instances,
            ..server(slots, exponential(10))
        };
        let engine = Design::new(5)
            .poisson("clients", 640.0)
            .add("server", Component::Server(server))
            .join("clients", "server")
            .engine();
        assert_eq!(at(&engine, "server").slots, 8);
        batches(engine, 50.0, 500.0, |engine| {
            let server = at(engine, "server");
            [server.wq(), server.utilization()]
        })
    };
    let [one, u] = several(1, 8);
    check_within("utilization of one machine", &u, 0.8);
    check_within("M/M/8", &one, erlang_c(8, 6.4) * 0.01 / 1.6);
    let [eight, u] = several(8, 1);
    check_within("utilization of eight machines", &u, 0.8);
    check_less("one line beats eight", &one, &eight);
}
