//! Random sizes of messages: a way of limited bandwidth is M/G/1, and a request is one size wherever it
//! goes.

use littlebox::{
    scenario::{
        Bandwidth, Component, Connection, Distribution, Duration, MessageSize, OperationKind,
        Retries, Size,
    },
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

fn kilobytes(kilobytes: u64) -> Size {
    Size::from_bytes(kilobytes * 1_000)
}

fn sized(mut design: Design, request: MessageSize, reply: MessageSize) -> Design {
    let operation = design.0.operations.entry("read".into());
    let read = littlebox::scenario::Operation::new(OperationKind::Read, 1.0);
    let operation = operation.or_insert(read);
    (operation.request, operation.reply) = (request, reply);
    design
}

/// What others ask for changes nothing about the sizes of one's own requests.
#[test]
fn everybody_has_sizes_of_their_own() {
    let alone = || {
        let design = Design::new(5)
            .poisson("clients", 50.0)
            .server("server", 1, constant(1))
            .connect(narrow("clients", "server"));
        sized(
            design,
            MessageSize::Exponential(kilobytes(4)),
            MessageSize::Exponential(kilobytes(4)),
        )
    };
    let others = alone()
        .poisson("others", 30.0)
        .server("another", 1, constant(1))
        .connect(narrow("others", "another"));
    let [alone, beside] = [alone(), others].map(|design| {
        let mut engine = design.engine();
        engine.run_until(secs(100).nanos());
        (
            engine.connection(0).carried,
            at(&engine, "server").sojourn_sum_ns,
        )
    });
    assert_eq!(alone, beside);
}

/// Requests of random size that come as a Poisson process wait as in M/G/1 (Pollaczek and Khinchine),
/// of every distribution there is, and carry the bytes that it says.
#[test]
fn messages_of_random_size_are_m_g_1() {
    let sizes = [
        (MessageSize::Exponential(kilobytes(4)), 4.0),
        (
            MessageSize::LogNormal {
                p50: kilobytes(2),
                p99: kilobytes(12),
            },
            // exp(σ²/2), with σ = ln 6 / 2.3263.
            2.0 * (0.5 * (6.0_f64.ln() / 2.326_347_874).powi(2)).exp(),
        ),
        (
            MessageSize::BoundedPareto {
                alpha: 1.5,
                min: kilobytes(1),
                max: kilobytes(50),
            },
            // α/(α − 1)·min·(1 − r^(α − 1))/(1 − r^α), with r = min/max.
            3.0 * (1.0 - 0.02_f64.sqrt()) / (1.0 - 0.02_f64.powf(1.5)),
        ),
    ];
    for (at, (size, mean_kb)) in sizes.into_iter().enumerate() {
        let rate = 600.0 / mean_kb;
        let design = Design::new(21 + at as u64)
            .poisson("clients", rate)
            .server("server", 1, Distribution::ZERO)
            .connect(narrow("clients", "server"));
        let engine = sized(design, size, MessageSize::NOTHING).engine();
        let [wait, bytes] = batches(engine, 100.0, 1_000.0, |engine| {
            let [there, back] = engine.connection(0).carried.unwrap();
            assert_eq!(back.bytes, 0);
            let messages = there.messages as f64;
            [
                there.wait_sum_ns as f64 / 1e9 / messages,
                there.bytes as f64 / messages,
            ]
        });
        let squared_cv = size.in_nanos().squared_cv();
        let exact = general::mg1(rate, mean_kb / 1e3, squared_cv).unwrap();
        check_within(&format!("wait {at}"), &wait, exact.wq);
        check_within(&format!("bytes {at}"), &bytes, mean_kb * 1e3);
        assert!((size.mean_bytes() / 1e3 / mean_kb - 1.0).abs() < 1e-6);
    }
}

/// The way back is M/G/1, too, when all are answered as they come; a reply has nothing to do with its
/// request.
#[test]
fn replies_have_a_size_of_their_own() {
    let size = MessageSize::Exponential(kilobytes(6));
    let design = Design::new(31)
        .poisson("clients", 100.0)
        .server("server", 10_000, exponential(50))
        .connect(narrow("clients", "server"));
    let engine = sized(design, MessageSize::from(kilobytes(1)), size).engine();
    let [wait] = batches(engine, 100.0, 1_000.0, |engine| {
        let [_, back] = engine.connection(0).carried.unwrap();
        [back.wait_sum_ns as f64 / 1e9 / back.messages as f64]
    });
    let exact = general::mg1(100.0, 0.006, 1.0).unwrap();
    check_within("wait", &wait, exact.wq);
}

/// To the byte: what goes over one connection goes over the next, and a second attempt is as large as
/// the first. In another place nothing else changes.
#[test]
fn a_request_is_as_large_wherever_it_goes() {
    let size = MessageSize::LogNormal {
        p50: kilobytes(2),
        p99: kilobytes(12),
    };
    let design = |seed: u64, request: MessageSize| {
        let mut clients = patient(poisson(50.0));
        clients.timeout = Some(secs(5));
        clients.retries = Retries {
            max: 1,
            ..Retries::default()
        };
        let design = Design::new(seed)
            .add("clients", Component::Client(clients))
            .server("front", 100, exponential(3))
            .server("back", 100, exponential(3))
            .connect(narrow("clients", "front"))
            .connect(narrow("front", "back"));
        sized(design, request, size)
    };
    let run = |design: &Design| {
        let mut engine = design.engine();
        engine.run_until(secs(50).nanos());
        // All come home.
        let mut quiet = design.0.clone();
        if let Component::Client(client) = &mut quiet.components["clients"] {
            client.arrivals = poisson(0.0);
        }
        engine.edit(&quiet).unwrap();
        engine.run_until(secs(80).nanos());
        engine.check_conservation().unwrap();
        engine
    };
    let engine = run(&design(1, size));
    let ways = [0, 1].map(|at| engine.connection(at).carried.unwrap());
    assert_eq!(ways[0].map(|way| way.bytes), ways[1].map(|way| way.bytes));
    assert_eq!(ways[0][0].messages, at(&engine, "clients").completed);
    assert!(ways[0][0].bytes != ways[0][1].bytes);
    // Every message twice: the answer to the first is lost.
    let mut lossy = design(1, size);
    lossy.0.connections[0].latency = Some(Distribution::Constant(ms(1)));
    lossy.0.connections[0].loss = 1.0;
    if let Component::Client(client) = &mut lossy.0.components["clients"] {
        client.timeout = Some(Duration::from_millis(500));
    }
    let twice = run(&lossy);
    let [there, _] = twice.connection(0).carried.unwrap();
    assert_eq!(there.messages, 2 * ways[0][0].messages);
    assert_eq!(there.bytes, 2 * ways[0][0].bytes);
    // Other requests leave the replies alone, and the arrivals, and the work.
    let other = run(&design(1, MessageSize::from(kilobytes(1))));
    let [_, back] = other.connection(0).carried.unwrap();
    assert_eq!(back.bytes, ways[0][1].bytes);
    // Another seed draws others.
    let [there, _] = run(&design(2, size)).connection(0).carried.unwrap();
    assert_ne!(there.bytes, ways[0][0].bytes);
}
