use super::*;
use crate::scenario::{
    Algorithm, Arrivals, BatchSizes, Client, Connection, Contention, Distribution, Duration, Fault,
    FaultKind, Kind, LoadBalancer, Mode, Queueing, Rate, RateShape, Recorded, Sample, Server,
};

fn exponential(millis: u64) -> Distribution {
    Distribution::Exponential(Duration::from_millis(millis))
}

fn client(arrivals: Arrivals) -> Component {
    Component::Client(Client {
        arrivals,
        timeout: None,
        ..Client::default()
    })
}

fn poisson(rate: f64) -> Component {
    client(Arrivals::Poisson {
        rate: Rate(rate),
        profile: Vec::new(),
    })
}

fn server(slots: u32, service: Distribution) -> Component {
    Component::Server(Server {
        slots,
        service,
        ..Server::default()
    })
}

fn balancer(algorithm: Algorithm) -> Component {
    Component::LoadBalancer(LoadBalancer {
        algorithm,
        health: None,
        ..LoadBalancer::default()
    })
}

fn arrow(text: &str, mode: Mode, probability: f64) -> Connection {
    let (from, to) = text.split_once(" -> ").unwrap();
    Connection {
        mode,
        probability,
        latency: Some(Distribution::ZERO),
        ..Connection::new(from, to)
    }
}

fn sync(text: &str) -> Connection {
    arrow(text, Mode::Sync, 1.0)
}

fn drawing(components: Vec<(&str, Component)>, connections: Vec<Connection>) -> Scenario {
    Scenario {
        components: components
            .into_iter()
            .map(|(name, component)| (name.into(), component))
            .collect(),
        connections,
        ..Scenario::default()
    }
}

/// `clients -> box`.
fn single(arrivals: Component, component: Component) -> Scenario {
    drawing(
        vec![("clients", arrivals), ("box", component)],
        vec![sync("clients -> box")],
    )
}

#[track_caller]
fn model(scenario: &Scenario, name: &str) -> Model {
    let index = scenario.components.get_index_of(name).unwrap();
    match fit(scenario).swap_remove(index) {
        Fit::Model(model) => model,
        other => panic!("{name}: {other:?}"),
    }
}

#[track_caller]
fn reason(scenario: &Scenario, name: &str) -> String {
    let index = scenario.components.get_index_of(name).unwrap();
    match fit(scenario).swap_remove(index) {
        Fit::Unfit { reason, .. } => reason,
        other => panic!("{name}: {other:?}"),
    }
}

#[track_caller]
fn check(scenario: &Scenario, name: &str, model_name: &str, values: &[(&str, f64)]) {
    let model = model(scenario, name);
    assert_eq!(model.name, model_name);
    for (key, expected) in values {
        let found = model.get(key).unwrap_or(f64::NAN);
        assert!(
            (found - expected).abs() <= 1e-6 * expected.abs(),
            "{key}: {found}, not {expected}"
        );
    }
}

#[test]
fn the_textbook_queue() {
    let scenario = single(poisson(80.0), server(1, exponential(10)));
    let p99 = -(0.01_f64).ln() * 0.05;
    check(
        &scenario,
        "box",
        "M/M/1",
        &[
            ("utilization", 0.8),
            ("l", 4.0),
            ("lq", 3.2),
            ("w", 0.05),
            ("wq", 0.04),
            ("p99", p99),
        ],
    );
    assert_eq!(model(&scenario, "box").approximate, None);
    check(&scenario, "clients", "the box it calls", &[("w", 0.05)]);
}

#[test]
fn the_letters_follow_the_service() {
    let constant = Distribution::Constant(Duration::from_millis(10));
    let erlang = Distribution::Erlang {
        k: 4,
        mean: Duration::from_millis(10),
    };
    check(
        &single(poisson(80.0), server(1, constant)),
        "box",
        "M/D/1",
        &[("lq", 1.6)],
    );
    check(
        &single(poisson(80.0), server(1, erlang.clone())),
        "box",
        "M/G/1",
        &[("lq", 2.0)],
    );
    check(
        &single(poisson(600.0), server(3, exponential(3))),
        "box",
        "M/M/3",
        &[],
    );
    let several = single(poisson(240.0), server(3, erlang));
    check(&several, "box", "M/G/3", &[]);
    assert!(model(&several, "box").approximate.is_some());
    let even = client(Arrivals::Constant {
        rate: Rate(50.0),
        profile: Vec::new(),
    });
    check(
        &single(even, server(1, exponential(10))),
        "box",
        "D/M/1",
        &[("utilization", 0.5)],
    );
}

#[test]
fn limited_lines() {
    let limited = |capacity: u32, service| {
        Component::Server(Server {
            slots: 2,
            service,
            queue: Queueing {
                capacity: Some(capacity),
                ..Queueing::default()
            },
            ..Server::default()
        })
    };
    // Erlang B for two servers at two erlangs: 0.4, whatever the service.
    let loss = single(poisson(200.0), limited(0, exponential(10)));
    check(
        &loss,
        "box",
        "M/M/2/2 (Erlang B)",
        &[("throughput", 120.0), ("lq", 0.0)],
    );
    let constant = Distribution::Constant(Duration::from_millis(10));
    let loss = single(poisson(200.0), limited(0, constant.clone()));
    check(&loss, "box", "M/D/2/2 (Erlang B)", &[("throughput", 120.0)]);
    check(
        &single(poisson(900.0), limited(8, exponential(10))),
        "box",
        "M/M/2/10",
        &[],
    );
    assert!(reason(&single(poisson(90.0), limited(8, constant)), "box").contains("limited"));
}

#[test]
fn a_round_robin_deals_every_nth() {
    let farm = |algorithm| {
        let mut machines = Server {
            slots: 1,
            service: exponential(10),
            ..Server::default()
        };
        machines.instances = 3;
        drawing(
            vec![
                ("clients", poisson(320.0)),
                ("lb", balancer(algorithm)),
                ("a", Component::Server(machines)),
                ("b", server(1, exponential(10))),
            ],
            vec![sync("clients -> lb"), sync("lb -> a"), sync("lb -> b")],
        )
    };
    let robin = farm(Algorithm::RoundRobin);
    check(&robin, "a", "3 × E4/M/1", &[("utilization", 0.8)]);
    let (a, b) = (model(&robin, "a"), model(&robin, "b"));
    assert_eq!(a.get("w"), b.get("w"));
    assert!((a.get("l").unwrap() - 3.0 * b.get("l").unwrap()).abs() < 1e-9);
    assert!(b.get("w").unwrap() < 0.05);
    check(
        &farm(Algorithm::Random),
        "a",
        "3 × M/M/1",
        &[("w", 0.05), ("l", 12.0)],
    );
    // The balancer's targets are not alike here, so shares by load are unknown.
    assert!(reason(&farm(Algorithm::LeastConnections), "a").contains("by load"));
    assert_eq!(fit(&robin)[1], Fit::Transparent);
}

#[test]
fn instances_without_a_balancer_take_turns() {
    let machines = Server {
        instances: 2,
        slots: 1,
        service: exponential(10),
        ..Server::default()
    };
    let scenario = single(poisson(160.0), Component::Server(machines));
    check(&scenario, "box", "2 × E2/M/1", &[("utilization", 0.8)]);
}

#[test]
fn a_tandem_is_a_jackson_network() {
    let scenario = drawing(
        vec![
            ("clients", poisson(50.0)),
            ("one", server(1, exponential(10))),
            ("two", server(2, exponential(30))),
        ],
        vec![
            sync("clients -> one"),
            arrow("one -> two", Mode::Forward, 1.0),
        ],
    );
    check(&scenario, "one", "M/M/1", &[("w", 0.02)]);
    let two = model(&scenario, "two");
    assert_eq!(two.name, "M/M/2");
    let w = 0.02 + two.get("w").unwrap();
    check(&scenario, "clients", "open Jackson network", &[("w", w)]);
}

#[test]
fn feedback_is_a_jackson_network_too() {
    // Half of what leaves `two` goes back to `one`: both get 60/s.
    let scenario = drawing(
        vec![
            ("clients", poisson(30.0)),
            ("one", server(1, exponential(10))),
            ("two", server(1, exponential(5))),
        ],
        vec![
            sync("clients -> one"),
            arrow("one -> two", Mode::Forward, 1.0),
            arrow("two -> one", Mode::Forward, 0.5),
        ],
    );
    check(
        &scenario,
        "one",
        "M/M/1",
        &[("utilization", 0.6), ("l", 1.5)],
    );
    check(&scenario, "two", "M/M/1", &[("utilization", 0.3)]);
    let l = 1.5 + 3.0 / 7.0;
    check(
        &scenario,
        "clients",
        "open Jackson network",
        &[("l", l), ("w", l / 30.0)],
    );
}

#[test]
fn a_closed_network() {
    let users = client(Arrivals::Closed {
        users: 20,
        think: exponential(1000),
    });
    let network = |users: Component| {
        drawing(
            vec![
                ("users", users),
                ("cpu", server(1, exponential(10))),
                ("disk", server(1, exponential(30))),
            ],
            vec![
                sync("users -> cpu"),
                arrow("cpu -> disk", Mode::Forward, 0.8),
                arrow("disk -> cpu", Mode::Forward, 1.0),
            ],
        )
    };
    let scenario = network(users);
    // Demands: cpu 5 × 10 ms, disk 4 × 30 ms; the disk sets the pace at 8.33/s.
    let exact = crate::theory::closed::solve(
        &[(1.0, None), (0.05, Some(1)), (0.12, Some(1))]
            .map(|(secs, servers)| crate::theory::closed::Demand { secs, servers }),
        20,
    )
    .unwrap();
    let name = "closed network, 20 users (exact MVA)";
    let x = exact.throughput;
    check(
        &scenario,
        "users",
        name,
        &[("throughput", x), ("w", 20.0 / x - 1.0)],
    );
    check(
        &scenario,
        "disk",
        name,
        &[("utilization", x * 0.12), ("throughput", x * 4.0)],
    );
    check(&scenario, "cpu", name, &[("l", exact.stations[1].l)]);
    assert_eq!(model(&scenario, "cpu").approximate, None);
    let impatient = Component::Client(Client {
        arrivals: Arrivals::Closed {
            users: 20,
            think: exponential(1000),
        },
        ..Client::default()
    });
    let caveat = model(&network(impatient), "cpu").approximate.unwrap();
    assert_eq!(caveat, "if nobody gave up after 5s");

    // An open client whose timeout is far out in the tail is as good as patient.
    let with_timeout = |secs| {
        let arrivals = Arrivals::Poisson {
            rate: Rate(80.0),
            profile: Vec::new(),
        };
        let timeout = Some(Duration::from_secs(secs));
        let client = Component::Client(Client {
            arrivals,
            timeout,
            ..Client::default()
        });
        single(client, server(1, exponential(10)))
    };
    assert_eq!(model(&with_timeout(5), "clients").approximate, None);
    assert!(model(&with_timeout(1), "clients").approximate.is_some());
}

/// Eight users in four slots with α = 0.1 and β = 0.01: 4/(1 + 0.3 + 0.12) as fast as one.
#[test]
fn users_who_keep_a_contended_server_busy() {
    let contended = |alpha, beta| {
        let mut scenario = single(
            client(Arrivals::Closed {
                users: 8,
                think: Distribution::ZERO,
            }),
            server(4, exponential(10)),
        );
        if let Component::Server(server) = &mut scenario.components["box"] {
            server.contention = Some(Contention { alpha, beta });
        }
        scenario
    };
    let scenario = contended(0.1, 0.01);
    let name = "Universal Scalability Law, 4 at work";
    let x = 400.0 / 1.42;
    check(
        &scenario,
        "clients",
        name,
        &[("throughput", x), ("w", 8.0 / x)],
    );
    check(
        &scenario,
        "box",
        name,
        &[("utilization", 1.0), ("lq", 4.0), ("wq", 4.0 / x)],
    );
    let serial = contended(0.1, 0.0);
    let x = 400.0 / 1.3;
    check(
        &serial,
        "box",
        "Amdahl’s law, 4 at work",
        &[("throughput", x)],
    );
    // With time to think the number at work changes.
    let mut thinking = scenario;
    if let Component::Client(client) = &mut thinking.components["clients"] {
        client.arrivals = Arrivals::Closed {
            users: 8,
            think: exponential(10),
        };
    }
    let why = reason(&thinking, "box");
    assert!(why.contains("works the longer the more"), "{why}");
}

#[test]
fn what_fails_is_said() {
    let nested = drawing(
        vec![
            ("clients", poisson(50.0)),
            ("api", server(8, exponential(10))),
            ("db", server(8, exponential(10))),
        ],
        vec![sync("clients -> api"), sync("api -> db")],
    );
    assert_eq!(
        reason(&nested, "api"),
        "it keeps its slots while it waits for `db`"
    );
    assert!(reason(&nested, "db").contains("`api`, which calls it, keeps its slots"));
    let Fit::Unfit { utilization, .. } = &fit(&nested)[2] else {
        panic!()
    };
    assert!((utilization.unwrap() - 0.0625).abs() < 1e-12);

    let overload = single(poisson(120.0), server(1, exponential(10)));
    assert!(reason(&overload, "box").contains("120 % of what it can do"));

    let mut faulty = single(poisson(50.0), server(1, exponential(10)));
    faulty.faults.push(Fault {
        at: Duration::from_secs(1),
        until: None,
        on: "box".into(),
        fault: FaultKind::Crash,
    });
    assert!(reason(&faulty, "box").contains("faults"));

    let spike = RateShape::Day {
        swing: 0.5,
        period: Duration::from_secs(60),
    };
    let profile = client(Arrivals::Poisson {
        rate: Rate(50.0),
        profile: vec![spike],
    });
    assert!(
        reason(&single(profile, server(1, exponential(10))), "box").contains("changes over time")
    );

    let mut retrying = single(poisson(50.0), server(1, exponential(10)));
    let Component::Client(drawn) = &mut retrying.components[0] else {
        panic!()
    };
    drawn.retries.max = 2;
    assert!(
        matches!(fit(&retrying)[1], Fit::Model(_)),
        "nothing fails, so nothing is tried again"
    );
    let Component::Client(drawn) = &mut retrying.components[0] else {
        panic!()
    };
    drawn.timeout = Some(Duration::from_secs(1));
    assert!(reason(&retrying, "box").contains("tries again after a timeout"));
}

#[test]
fn guards_are_no_part_of_a_model() {
    let plain = single(poisson(50.0), server(1, exponential(10)));
    let mut pooled = plain.clone();
    pooled.connections[0].pool = Some(crate::scenario::Pool::default());
    assert!(reason(&pooled, "box").contains("pool of `clients -> box`"));
    let mut guarded = plain;
    guarded.connections[0].breaker = Some(crate::scenario::Breaker::default());
    check(&guarded, "box", "M/M/1", &[("w", 0.02)]);
    guarded.connections[0].timeout = Some(Duration::from_secs(1));
    assert!(reason(&guarded, "box").contains("breaker of `clients -> box`"));
}

#[test]
fn a_limited_bandwidth_is_no_part_of_a_model() {
    let mut scenario = single(poisson(50.0), server(1, exponential(10)));
    scenario.connections[0].bandwidth = Some(crate::scenario::Bandwidth::from_bits(1_000_000));
    // Nothing has a size.
    check(&scenario, "box", "M/M/1", &[("w", 0.02)]);
    let reading = crate::scenario::Operation {
        reply: crate::scenario::Size::from_bytes(1_000).into(),
        ..crate::scenario::Operation::new(crate::scenario::OperationKind::Read, 1.0)
    };
    scenario.operations.insert("read".into(), reading);
    assert!(reason(&scenario, "box").contains("bandwidth of `clients -> box`"));
    // 10 ms of work and 8 ms to send the answer.
    let least = crate::study::demands(&scenario).unwrap().least_response;
    assert!((least - 0.018).abs() < 1e-9, "{least}");
}

#[test]
fn after_a_box_that_is_not_markovian_nothing_is_poisson() {
    let constant = Distribution::Constant(Duration::from_millis(10));
    let scenario = drawing(
        vec![
            ("clients", poisson(50.0)),
            ("one", server(1, constant)),
            ("two", server(1, exponential(10))),
        ],
        vec![
            sync("clients -> one"),
            arrow("one -> two", Mode::Forward, 1.0),
        ],
    );
    check(&scenario, "one", "M/D/1", &[]);
    assert_eq!(
        reason(&scenario, "two"),
        "arrivals are not Poisson because `one`, which calls it, does not work for an exponential \
         time with one mean"
    );
}

#[test]
fn splits_and_merges_stay_poisson() {
    let scenario = drawing(
        vec![
            ("left", poisson(30.0)),
            ("right", poisson(20.0)),
            ("router", server(4, exponential(1))),
            ("a", server(1, exponential(10))),
            ("b", server(1, exponential(10))),
        ],
        vec![
            sync("left -> router"),
            sync("right -> router"),
            arrow("router -> a", Mode::Forward, 0.4),
            arrow("router -> b", Mode::Forward, 0.6),
        ],
    );
    check(&scenario, "router", "M/M/4", &[]);
    check(&scenario, "a", "M/M/1", &[("utilization", 0.2)]);
    check(&scenario, "b", "M/M/1", &[("utilization", 0.3)]);
    assert_eq!(
        reason(&scenario, "left"),
        "other clients use the same boxes"
    );
}

#[test]
fn clients_with_boxes_of_their_own_have_models_of_their_own() {
    let scenario = drawing(
        vec![
            ("one", poisson(50.0)),
            ("two", poisson(80.0)),
            ("a", server(1, exponential(10))),
            ("b", server(1, exponential(10))),
        ],
        vec![sync("one -> a"), sync("two -> b")],
    );
    check(&scenario, "one", "the box it calls", &[("w", 0.02)]);
    check(&scenario, "two", "the box it calls", &[("w", 0.05)]);
}

#[test]
fn reads_and_writes_mix_their_work() {
    let database = Component::Database(crate::scenario::Database {
        slots: 1,
        read: exponential(10),
        write: exponential(20),
        ..crate::scenario::Database::default()
    });
    // 90 % reads: mean 11 ms, E[S²] = 2 (0.9 × 100 + 0.1 × 400) ms² = 260 ms².
    let scenario = single(poisson(50.0), database);
    let wq = 50.0 * 260e-6 / 2.0 / (1.0 - 0.55);
    check(
        &scenario,
        "box",
        "M/G/1",
        &[("utilization", 0.55), ("wq", wq)],
    );
}

#[test]
fn two_choices_in_the_mean_field() {
    let mut components = vec![
        ("clients", poisson(900.0)),
        ("lb", balancer(Algorithm::PowerOfTwo)),
    ];
    let machines = Server {
        instances: 10,
        slots: 1,
        service: exponential(10),
        ..Server::default()
    };
    components.push(("farm", Component::Server(machines)));
    let scenario = drawing(components, vec![sync("clients -> lb"), sync("lb -> farm")]);
    // ρ = 0.9: 0.9 + 0.9³ + 0.9⁷ + …
    let l: f64 = (1..20).map(|i| 0.9_f64.powi(2_i32.pow(i) - 1)).sum::<f64>() * 10.0;
    check(&scenario, "farm", "power of two choices", &[("l", l)]);
}

#[test]
fn a_cache_has_a_hit_ratio() {
    let cache = |hit_ratio| {
        Component::Cache(crate::scenario::Cache {
            hit_ratio,
            capacity: None,
            ..crate::scenario::Cache::default()
        })
    };
    let fixed = single(poisson(50.0), cache(Some(0.7)));
    check(&fixed, "box", "M/M/16", &[("hit_ratio", 0.7)]);
    let mut kept = drawing(
        vec![
            ("clients", poisson(50.0)),
            ("api", Kind::Server.component()),
            ("box", cache(None)),
        ],
        vec![sync("clients -> api"), sync("api -> box")],
    );
    assert!(
        matches!(fit(&kept)[2], Fit::Unfit { .. }),
        "writes remove keys"
    );
    kept.operations.insert(
        "get".into(),
        crate::scenario::Operation::new(crate::scenario::OperationKind::Read, 1.0),
    );
    // 10,000 keys by default, all of which fit.
    check(
        &kept,
        "box",
        "LRU by Che's approximation",
        &[("hit_ratio", 1.0)],
    );
}

#[test]
fn an_empty_drawing_and_lonely_boxes() {
    assert_eq!(fit(&Scenario::default()), []);
    let scenario = drawing(
        Kind::ALL
            .iter()
            .map(|kind| (kind.word(), kind.component()))
            .collect(),
        Vec::new(),
    );
    for (fit, kind) in fit(&scenario).iter().zip(Kind::ALL) {
        assert_eq!(
            matches!(fit, Fit::Transparent),
            kind == Kind::LoadBalancer,
            "{kind:?}"
        );
    }
}

#[test]
fn ten_thousand_boxes_take_no_time() {
    let mut scenario = drawing(vec![("clients", poisson(50.0))], Vec::new());
    let mut last = "clients".to_owned();
    for index in 0..10_000 {
        let name = format!("s{index}");
        scenario
            .components
            .insert(name.clone(), server(1, exponential(10)));
        let mode = if index == 0 {
            Mode::Sync
        } else {
            Mode::Forward
        };
        scenario
            .connections
            .push(arrow(&format!("{last} -> {name}"), mode, 1.0));
        last = name;
    }
    // With anything quadratic in it this runs for minutes.
    let fits = fit(&scenario);
    assert!(fits.iter().all(|fit| matches!(fit, Fit::Model(_))));
    let w = model(&scenario, "clients").get("w").unwrap();
    assert!((w - 200.0).abs() < 1e-6, "{w}");
}

#[track_caller]
fn check_saturation(scenario: &Scenario, name: &str, rate: f64) {
    let found = demands(scenario).unwrap();
    let index = scenario.components.get_index_of(name).unwrap();
    let first = crate::study::bottleneck(&found.boxes).unwrap();
    let resource = crate::study::Resource::Slots(index);
    assert_eq!(first.resource, resource, "{found:?}");
    assert!((first.saturates_at - rate).abs() < 1e-9 * rate, "{first:?}");
}

#[test]
fn demands_follow_from_the_drawing() {
    // Central server: 5 visits of 10 ms to the processor, 4 of 30 ms to the disk.
    let mut scenario = drawing(
        vec![
            ("clients", poisson(3.0)),
            ("cpu", server(1, exponential(10))),
            ("disk", server(2, exponential(30))),
        ],
        vec![
            sync("clients -> cpu"),
            arrow("cpu -> disk", Mode::Forward, 0.8),
            arrow("disk -> cpu", Mode::Forward, 1.0),
        ],
    );
    check_saturation(&scenario, "disk", 2.0 / 0.12);
    let found = demands(&scenario).unwrap();
    let cpu = found.boxes[1].unwrap();
    assert!((cpu.visits - 5.0).abs() < 1e-9 && (cpu.secs() - 0.05).abs() < 1e-9);
    assert_eq!((found.boxes[0], found.users), (None, None));
    // With a fixed number of users: D = 50 + 120 ms, Z = 1 s, the knee at 1.17/0.06 users.
    scenario.components[0] = client(Arrivals::Closed {
        users: 20,
        think: exponential(1000),
    });
    let users = demands(&scenario).unwrap().users.unwrap();
    assert!((users.knee - 1.17 / 0.06).abs() < 1e-9, "{users:?}");
    assert!(!users.balanced, "the disk has two slots");
    assert!((users.bounds.throughput.1 - 2.0 / 0.12).abs() < 1e-9);
}

#[test]
fn slots_held_for_others_are_part_of_the_demand() {
    // 10 ms of its own and 40 ms of the database, 0.5 ms each way: 51 ms of one of 8 slots.
    let mut call = sync("api -> db");
    call.latency = Some(Distribution::Constant(Duration::from_nanos(500_000)));
    let nested = drawing(
        vec![
            ("clients", poisson(50.0)),
            ("api", server(8, exponential(10))),
            ("db", server(50, exponential(40))),
        ],
        vec![sync("clients -> api"), call],
    );
    check_saturation(&nested, "api", 8.0 / 0.051);
    let found = demands(&nested).unwrap();
    assert!((found.least_response - 0.051).abs() < 1e-12);
    // Handed on instead of waited for: its slots are free after its own work.
    let mut handed = nested.clone();
    handed.connections[1].mode = Mode::Forward;
    check_saturation(&handed, "api", 800.0);
    // The answer goes from the last one straight to whoever asked first.
    let found = demands(&handed).unwrap();
    assert!((found.least_response - 0.0505).abs() < 1e-12, "{found:?}");
}

#[test]
fn of_parallel_calls_the_slowest_decides() {
    let fan_out = drawing(
        vec![
            ("clients", poisson(50.0)),
            ("api", server(1, exponential(10))),
            ("a", server(9, exponential(30))),
            ("b", server(9, exponential(50))),
        ],
        vec![sync("clients -> api"), sync("api -> a"), sync("api -> b")],
    );
    check_saturation(&fan_out, "api", 1.0 / 0.06);
    let mut in_turn = fan_out.clone();
    in_turn.connections[2].step = Some(2);
    check_saturation(&in_turn, "api", 1.0 / 0.09);
}

#[test]
fn retries_do_not_hide_the_demands() {
    let mut retrying = single(poisson(50.0), server(1, exponential(10)));
    let Component::Client(drawn) = &mut retrying.components[0] else {
        panic!()
    };
    drawn.retries.max = 2;
    drawn.timeout = Some(Duration::from_secs(1));
    check_saturation(&retrying, "box", 100.0);
    let several = drawing(
        vec![
            ("one", poisson(50.0)),
            (
                "two",
                client(Arrivals::Closed {
                    users: 3,
                    think: exponential(10),
                }),
            ),
            ("a", server(1, exponential(10))),
        ],
        vec![sync("one -> a"), sync("two -> a")],
    );
    assert!(demands(&several).unwrap_err().contains("`two`"));
    assert!(demands(&Scenario::default()).is_err());
}

#[test]
fn arrivals_that_are_not_poisson() {
    let uniform = client(Arrivals::Uniform {
        rate: Rate(80.0),
        profile: Vec::new(),
    });
    // The root of σ = (1 − e^−w)/w with w = 2(1 − σ)/ρ.
    let mut sigma = 0.5_f64;
    for _ in 0..1_000 {
        let w = 2.0 * (1.0 - sigma) / 0.8;
        sigma = (1.0 - (-w).exp()) / w;
    }
    let scenario = single(uniform.clone(), server(1, exponential(10)));
    check(&scenario, "box", "GI/M/1", &[("w", 0.01 / (1.0 - sigma))]);
    assert_eq!(model(&scenario, "box").approximate, None);
    let scenario = single(uniform, server(3, exponential(30)));
    check(&scenario, "box", "GI/M/3", &[]);
    assert!(model(&scenario, "box").approximate.is_some());

    let batches = |sizes| {
        client(Arrivals::Batches {
            rate: Rate(70.0),
            size: 5.0,
            sizes,
            profile: Vec::new(),
        })
    };
    // L = ρ (1 + E[X²]/E[X]) / 2(1 − ρ).
    for (sizes, ratio) in [(BatchSizes::Constant, 5.0), (BatchSizes::Geometric, 9.0)] {
        let scenario = single(batches(sizes), server(1, exponential(10)));
        let l = 0.7 * (1.0 + ratio) / 2.0 / 0.3;
        check(&scenario, "box", "M[X]/M/1", &[("l", l)]);
    }
    let scenario = single(batches(BatchSizes::Constant), server(2, exponential(10)));
    assert!(reason(&scenario, "box").contains("batches"));

    for (arrivals, why) in [
        (
            Arrivals::Bursts {
                low: Rate(10.0),
                high: Rate(90.0),
                low_for: Duration::from_secs(1),
                high_for: Duration::from_secs(1),
                profile: Vec::new(),
            },
            "bursts",
        ),
        (
            Arrivals::Sessions {
                starts: Rate(10.0),
                requests: 5.0,
                think: Distribution::ZERO,
                profile: Vec::new(),
            },
            "session",
        ),
        (
            Arrivals::Recorded(Recorded {
                times: Sample::listed(vec![Duration::from_secs(1)]),
                repeat: None,
            }),
            "recorded",
        ),
    ] {
        let scenario = single(client(arrivals), server(1, exponential(10)));
        assert!(
            reason(&scenario, "box").contains(why),
            "{}",
            reason(&scenario, "box")
        );
    }
}
