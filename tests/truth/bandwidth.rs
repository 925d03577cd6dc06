//! A way of limited bandwidth is a server whose work is to send.

use littlebox::{
    scenario::{Bandwidth, Connection, Distribution, OperationKind, Server},
    theory::general,
};

use crate::support::{design::*, estimate::*};

/// 8 Mbit/s: a kilobyte takes a millisecond.
fn narrow(from: &str, to: &str) -> Connection {
    Connection {
        bandwidth: Some(Bandwidth::from_bits(8_000_000)),
        ..at_once(from, to)
    }
}

/// Requests of 8 kB, which come as a Poisson process, wait as in M/D/1 (Pollaczek and Khinchine),
/// and take as long to send; their answers of 2 kB leave at least 8 ms apart and never wait.
#[test]
fn messages_of_one_size_are_m_d_1() {
    let engine = Design::new(11)
        .sizes("read", 8_000, 2_000)
        .poisson("clients", 100.0)
        .server("server", 1, Distribution::ZERO)
        .connect(narrow("clients", "server"))
        .engine();
    let [wait, busy, back, w, bytes] = batches(engine, 100.0, 500.0, |engine| {
        let arrow = engine.connection(0);
        let secs = (arrow.now_ns - arrow.since_ns) as f64 / 1e9;
        let [there, back] = arrow.carried.unwrap();
        assert_eq!(back.wait_sum_ns, 0);
        [
            there.wait_sum_ns as f64 / 1e9 / there.messages as f64,
            there.busy_ns as f64 / 1e9 / secs,
            back.busy_ns as f64 / 1e9 / secs,
            at(engine, "clients").w(),
            there.bytes as f64 / secs,
        ]
    });
    let exact = general::mg1(100.0, 0.008, 0.0).unwrap();
    check_within("wait", &wait, exact.wq);
    check_within("busy there", &busy, 0.8);
    check_within("busy back", &back, 0.2);
    check_within("W", &w, exact.wq + 0.008 + 0.002);
    check_within("bytes", &bytes, 800_000.0);
}

/// Two operations of different sizes: M/G/1 with the second moment of the mix, and each its own
/// time to be sent on top of the same wait.
#[test]
fn messages_of_two_sizes_are_m_g_1() {
    let engine = Design::new(12)
        .operation("write", OperationKind::Write, 0.25)
        .sizes("read", 1_000, 0)
        .sizes("write", 20_000, 0)
        .poisson("clients", 125.0)
        .server("server", 1, Distribution::ZERO)
        .connect(narrow("clients", "server"))
        .engine();
    let [wait, busy] = batches(engine, 100.0, 500.0, |engine| {
        let arrow = engine.connection(0);
        let secs = (arrow.now_ns - arrow.since_ns) as f64 / 1e9;
        let [there, _] = arrow.carried.unwrap();
        [
            there.wait_sum_ns as f64 / 1e9 / there.messages as f64,
            there.busy_ns as f64 / 1e9 / secs,
        ]
    });
    let (mean, square) = (0.8 * 1.0 + 0.2 * 20.0, 0.8 * 1.0 + 0.2 * 400.0);
    let exact = 125.0 * square * 1e-6 / 2.0 / (1.0 - 125.0 * mean * 1e-3);
    check_within("wait", &wait, exact);
    check_within("busy", &busy, 125.0 * mean * 1e-3);
}

/// Answers leave a server with slots for all as they came, so that the way back is M/D/1, too, and
/// the way there is as if it had no limit.
#[test]
fn each_way_is_a_line_of_its_own() {
    let server = Server {
        slots: 10_000,
        ..server(1, exponential(50))
    };
    let engine = Design::new(13)
        .sizes("read", 0, 6_000)
        .poisson("clients", 120.0)
        .add("server", littlebox::scenario::Component::Server(server))
        .connect(narrow("clients", "server"))
        .engine();
    let [wait, w] = batches(engine, 100.0, 500.0, |engine| {
        let [there, back] = engine.connection(0).carried.unwrap();
        assert_eq!((there.wait_sum_ns, there.bytes), (0, 0));
        [
            back.wait_sum_ns as f64 / 1e9 / back.messages as f64,
            at(engine, "clients").w(),
        ]
    });
    let exact = general::mg1(120.0, 0.006, 0.0).unwrap();
    check_within("wait", &wait, exact.wq);
    check_within("W", &w, 0.05 + exact.wq + 0.006);
}

/// Saturated, it passes what it can, whatever comes.
#[test]
fn no_more_passes_than_the_bandwidth() {
    let mut engine = Design::new(14)
        .sizes("read", 10_000, 0)
        .poisson("clients", 150.0)
        .server("server", 1, Distribution::ZERO)
        .connect(narrow("clients", "server"))
        .engine();
    engine.run_until(secs(10).nanos());
    engine.reset_measures();
    engine.run_until(secs(60).nanos());
    engine.check_conservation().unwrap();
    // One each 10 ms, none lost or made up at the ends of the window.
    assert_eq!(at(&engine, "server").arrivals, 5_000);
    let [there, _] = engine.connection(0).carried.unwrap();
    assert_eq!(there.busy_ns, 50_000_000_000);
}
