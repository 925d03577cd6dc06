use super::*;
use crate::scenario::file;

/// The problems of a scenario whose fields behind the version are `text`, without their places.
fn check(text: &str, expected: &[&str]) {
    let (_, mut problems) = file::load(&format!("Scenario(version: 1,\n{text})"));
    for problem in &mut problems {
        assert!(problem.place.is_some(), "{problem}");
        problem.place = None;
    }
    let found: Vec<_> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(found, expected, "{text}");
}

/// The problems of a client in front of a component `x`.
fn check_component(text: &str, expected: &[&str]) {
    check(
        &format!(
            "components: {{ \"c\": Client(), \"x\": {text} }}, connections: [(from: \"c\", to: \"x\")]"
        ),
        expected,
    );
}

/// The problems of a drawing: a client `c`, servers `a`, `b`, a balancer `lb`, a cache, a database
/// `db`, its replica `r` and two queues `q`, `p`, with these connections added to those that
/// connect everything.
fn check_wiring(connections: &str, expected: &[&str]) {
    check(
        &format!(
            r#"components: {{
    "c": Client(), "a": Server(), "b": Server(), "lb": LoadBalancer(), "cache": Cache(),
    "db": Database(), "r": Replica(), "q": Queue(), "p": Queue(),
}},
connections: [
    (from: "c", to: "a"), (from: "a", to: "lb"), (from: "lb", to: "b"), (from: "a", to: "cache"),
    (from: "a", to: "db"), (from: "db", to: "r", link: Replication()), (from: "a", to: "q"),
    (from: "q", to: "b"), (from: "q", to: "p", link: DeadLetters),
    {connections}
]"#
        ),
        expected,
    );
}

#[test]
fn the_examples_have_no_problems() {
    for text in [
        include_str!("../../../tests/data/mm1.ron"),
        include_str!("../../../tests/data/url_shortener.ron"),
        include_str!("../../../tests/data/central_server.ron"),
    ] {
        assert_eq!(file::load(text).1, []);
    }
    check("", &[]);
    check_wiring("", &[]);
}

#[test]
fn limits_and_what_they_need() {
    let check_limiter = |text: &str, expected: &[&str]| {
        check(
            &format!(
                "operations: {{ \"read\": (kind: Read), \"write\": (kind: Write) }}, components: {{ \"c\": Client(sessions: 50_000_000), \"x\": {text}, \"s\": Server(), \"r\": Server() }}, connections: [(from: \"c\", to: \"x\"), (from: \"x\", to: \"s\", only: Reads), (from: \"x\", to: \"r\", weight: 2)]"
            ),
            expected,
        );
    };
    let weight = "warning: `weight` has no effect here: a call goes over the first connection that takes its operation";
    check_limiter("RateLimiter()", &[weight]);
    check_limiter("ApiGateway()", &[weight]);
    check_limiter(
        "RateLimiter(limit: TokenBucket(burst: 0, rate: 0))",
        &[
            "`burst` must be from 1 to 1,000,000, found 0",
            "`rate` must be above 0 and at most 10,000,000, found 0",
            weight,
        ],
    );
    check_limiter(
        "RateLimiter(limit: LeakyBucket(), excess: Wait())",
        &[
            "warning: calls wait in a leaky bucket whatever `excess` says: it has no effect",
            weight,
        ],
    );
    check_limiter(
        "RateLimiter(limit: SlidingLog(limit: 100), scope: PerSession)",
        &[
            "to tell 50,000,000 sessions apart takes 848 bytes for each, and all that is kept by session together more than 1024 MB: give the clients fewer sessions, or take all together",
            weight,
        ],
    );
    check(
        "components: { \"c\": Client(), \"x\": RateLimiter(), \"s\": Server() }, connections: [(from: \"c\", to: \"x\"), (from: \"x\", to: \"s\", only: Reads)]",
        &["warning: the operation `write` has nowhere to go at `x`: no connection takes it"],
    );
    check_component("RateLimiter()", &["the rate limiter `x` has no target"]);
    check_component("ApiGateway()", &["the API gateway `x` has no target"]);
    check_component("Dns()", &["the DNS `x` has no target"]);
    check_component(
        "Function(concurrency: 0)",
        &["`concurrency` must be from 1 to 100,000, found 0"],
    );
}

#[test]
fn a_problem_stands_where_its_field_stands() {
    let text = "Scenario(version: 1,\ncomponents: {\n\"c\": Client(arrivals: Poisson(rate: -1)),\n\"x\": Server(),\n},\nconnections: [\n(from: \"c\",\n to: \"y\")])";
    let found: Vec<_> = file::load(text).1.iter().map(ToString::to_string).collect();
    assert_eq!(
        found,
        [
            "line 3, column 1: the client `c` has nowhere to go: connect it to something",
            "line 3, column 37: `rate` must be from 0 to 10,000,000, found -1",
            "line 4, column 1: warning: no request ever reaches `x`",
            "line 8, column 6: there is no component `y`",
        ]
    );
}

#[test]
fn names_are_known_and_well_formed() {
    check(
        r#"components: { "server": Server(per_operation: { "raed": "1ms" }), "c": Client(operations: ["red"]) },
connections: [(from: "c", to: "sever"), (from: "c", to: "server", only: Named(["rite"]))],
faults: [(at: "1s", on: "serve", fault: Crash), (at: "1s", on: "c -> serve", fault: Cut)],
objectives: [(what: Goodput, of: "d", above: 5)],
layout: { "servr": (0, 0) }"#,
        &[
            "there is no operation `raed`; there are read, write; did you mean `read`?",
            "there is no operation `red`; there are read, write; did you mean `read`?",
            "there is no component `sever`; did you mean `server`?",
            "there is no operation `rite`; there are read, write; did you mean `write`?",
            "there is no component `serve`; did you mean `server`?",
            "there is no connection `c -> serve`; did you mean `c -> server`?",
            "there is no component `d`",
            "warning: there is no component `servr` to place",
        ],
    );
    for (name, expected) in [
        ("", "a name can't be empty"),
        (
            "a -> b",
            "a name can't contain ` -> `: that is how connections are called",
        ),
        (
            "a\n",
            "a name can't contain line breaks or other control characters",
        ),
        (" a", "a name can't start or end with a space"),
    ] {
        assert_eq!(name_problem(name).unwrap(), expected);
    }
    assert_eq!(
        name_problem(&"x".repeat(101)).unwrap(),
        "a name can have at most 100 characters"
    );
    assert_eq!(name_problem("Größe 2 (öst)"), None);
}

#[test]
fn numbers_have_limits() {
    check_component(
        "Server(instances: 0, slots: 100_001)",
        &[
            "`instances` must be from 1 to 100,000, found 0",
            "`slots` must be from 1 to 100,000, found 100,001",
        ],
    );
    check_component(
        "Server(service: Exponential(\"0s\"))",
        &["the mean must be longer than 0; for no time at all write \"0s\""],
    );
    check_component(
        "Server(service: Uniform(min: \"2ms\", max: \"1ms\"))",
        &["`min` must not be longer than `max`, found 2ms and 1ms"],
    );
    check_component(
        "Server(service: LogNormal(p50: \"8ms\", p99: \"8ms\"))",
        &["`p50` must be shorter than `p99`, found 8ms and 8ms"],
    );
    check_component(
        "Server(service: LogNormal(p50: \"1us\", p99: \"8h\"))",
        &["`p99` must be at most 1,000 times `p50`, found 1us and 8h"],
    );
    check_component(
        "Server(service: LogNormal(mean: \"8ms\", cv: 0))",
        &["`cv` must be above 0 and at most 100, found 0"],
    );
    check_component(
        "Server(service: Erlang(k: 0, mean: \"8ms\"))",
        &["`k` must be from 1 to 1,000, found 0"],
    );
    check_component(
        "Cache(hit_ratio: 1.5)",
        &["`hit_ratio` must be from 0 to 1, found 1.5"],
    );
    check_component(
        "Cache(hit_ratio: NaN)",
        &["`hit_ratio` must be from 0 to 1, found NaN"],
    );
    check_component(
        "Cache(hit_ratio: 0.5, capacity: 5, ttl: \"1s\")",
        &[
            "`hit_ratio` and `capacity` exclude each other: the hit ratio is either fixed or an outcome",
            "warning: `ttl` has no effect on a cache with a fixed hit ratio",
        ],
    );
    check_component(
        "LoadBalancer(health: (interval: \"1us\", healthy: 0))",
        &[
            "the load balancer `x` has no target",
            "`interval` must be at least 1ms",
            "`healthy` must be from 1 to 1,000, found 0",
        ],
    );
    check_component(
        "Dns(health: (interval: \"1us\", timeout: \"11s\", unhealthy: 0))",
        &[
            "the DNS `x` has no target",
            "`interval` must be at least 1ms",
            "`timeout` must not be longer than `interval`",
            "`unhealthy` must be from 1 to 1,000, found 0",
        ],
    );
    check_component(
        "Queue(visibility: \"0s\", max_deliveries: 0)",
        &[
            "warning: nothing takes messages from the queue `x`",
            "`visibility` must be longer than 0",
            "`max_deliveries` must be from 1 to 1,000, found 0",
        ],
    );
}

fn check_client(fields: &str, expected: &[&str]) {
    check(
        &format!(
            "components: {{ \"c\": Client({fields}), \"x\": Server() }}, connections: [(from: \"c\", to: \"x\")]"
        ),
        expected,
    );
}

#[test]
fn traffic_has_limits() {
    check_client(
        "arrivals: Poisson(rate: inf)",
        &["`rate` must be from 0 to 10,000,000, found inf"],
    );
    check_client(
        "arrivals: Constant(rate: 2e7)",
        &["`rate` must be from 0 to 10,000,000, found 20,000,000"],
    );
    check_client(
        "arrivals: Closed(users: 1_000_001, think: \"1s\")",
        &["`users` must be from 0 to 1,000,000, found 1,000,001"],
    );
    check_client(
        "keys: Zipf(items: 0, s: -1)",
        &[
            "`items` must be from 1 to 16,777,216, found 0",
            "`s` must be from 0 to 10, found -1",
        ],
    );
    check_client(
        "sessions: 0, timeout: \"0s\", retries: (max: 101, backoff: Constant(\"0s\"))",
        &[
            "`sessions` must be from 1 to 1,000,000,000, found 0",
            "`timeout` must be longer than 0",
            "`max` must be from 0 to 100, found 101",
            "a back-off of 0 is none: write `None`",
        ],
    );
    check_client(
        "arrivals: Poisson(rate: 1, profile: [Steps([(\"2s\", 1), (\"1s\", -1)]), Ramp(from: \"2s\", until: \"1s\", to: 1), Day(swing: 2, period: \"0s\"), Spike(at: \"1s\", until: \"1s\", times: -1)])",
        &[
            "`rate` must be from 0 to 10,000,000, found -1",
            "the times of the steps must grow",
            "`until` must be later than its start at 2s, found 1s",
            "`swing` must be from 0 to 1, found 2",
            "`period` must be longer than 0",
            "`until` must be later than its start at 1s, found 1s",
            "`times` must be from 0 to 1,000,000, found -1",
        ],
    );
    check(
        "run: (duration: \"1s\", warm_up: \"1s\")",
        &["the warm-up must be shorter than the run"],
    );
    check(
        "run: (duration: \"0s\")",
        &["`duration` must be longer than 0"],
    );
    check(
        "operations: { \"x\": (kind: Read, weight: 0), \"y\": (kind: Read, weight: 0) }",
        &["the weights of the operations add up to 0"],
    );
    check(
        "operations: { \"x\": (kind: Read, weight: -1), \"y\": (kind: Read) }",
        &["`weight` must be from 0 to 1,000,000,000, found -1"],
    );
}

#[test]
fn users_who_never_pause_need_time_somewhere() {
    let check = |think: &str, service: &str, latency: &str, expected: &[&str]| {
        check(
            &format!(
                "components: {{ \"c\": Client(arrivals: Closed(users: 1, think: {think})), \"lb\": LoadBalancer(), \"x\": Server(service: {service}) }}, connections: [(from: \"c\", to: \"lb\", latency: {latency}), (from: \"lb\", to: \"x\", latency: \"0s\")]"
            ),
            expected,
        );
    };
    check(
        "\"0s\"",
        "\"0s\"",
        "\"0s\"",
        &[
            "users who do not think ask again and again without time passing: give them a think time, or the connection a latency",
        ],
    );
    check("\"1s\"", "\"0s\"", "\"0s\"", &[]);
    check("\"0s\"", "\"1s\"", "\"0s\"", &[]);
    check("\"0s\"", "\"0s\"", "\"1s\"", &[]);
}

#[test]
fn nobody_waits_for_what_is_asynchronous() {
    check(
        "components: { \"c\": Client(arrivals: Closed(users: 1)), \"lb\": LoadBalancer(), \"x\": Server() }, connections: [(from: \"c\", to: \"lb\", latency: \"0s\"), (from: \"lb\", to: \"x\", mode: Async)]",
        &[
            "users who do not think ask again and again without time passing: give them a think time, or the connection a latency",
        ],
    );
}

#[test]
fn connections_fit_their_ends() {
    check_wiring("(from: \"a\", to: \"c\")", &["nothing calls a client"]);
    check_wiring("(from: \"a\", to: \"a\")", &["`a` can't call itself"]);
    check_wiring(
        "(from: \"db\", to: \"a\")",
        &["a database calls nobody; it only feeds replicas"],
    );
    check_wiring("(from: \"r\", to: \"a\")", &["a replica calls nobody"]);
    check_wiring(
        "(from: \"q\", to: \"db\")",
        &["a queue's consumers are servers or functions"],
    );
    check_wiring(
        "(from: \"q\", to: \"p\")",
        &["a queue hands its dead letters to another: write `link: DeadLetters`"],
    );
    check_wiring(
        "(from: \"a\", to: \"r\", link: Replication())",
        &[
            "the replica `r` has more than one primary",
            "a replication link leads from a database to a replica",
        ],
    );
    check_wiring(
        "(from: \"a\", to: \"q\", link: DeadLetters)",
        &["a dead-letter link leads from a queue to a queue"],
    );
    check_wiring(
        "(from: \"db\", to: \"r\", link: Replication())",
        &["the replica `r` has more than one primary"],
    );
    check_wiring(
        "(from: \"cache\", to: \"db\"), (from: \"cache\", to: \"b\")",
        &["the cache `cache` stands in front of more than one store"],
    );
    check_wiring(
        "(from: \"lb\", to: \"q\", step: 2, when: OnMiss)",
        &[
            "warning: `step` has no effect on a load balancer's connection: the balancer picks",
            "warning: `when` has no effect on a load balancer's connection: the balancer picks",
        ],
    );
    check_wiring(
        "(from: \"a\", to: \"b\", probability: 1.5, loss: -1, timeout: \"0s\", weight: -1, step: 0)",
        &[
            "`probability` must be from 0 to 1, found 1.5",
            "`loss` must be from 0 to 1, found -1",
            "`timeout` must be longer than 0",
            "`weight` must be from 0 to 1,000,000,000, found -1",
            "`step` must be from 1 to 100, found 0",
        ],
    );
    check(
        r#"components: { "c": Client(), "lb": LoadBalancer(), "r": Replica(), "s": Server() }, connections: []"#,
        &[
            "the client `c` has nowhere to go: connect it to something",
            "the load balancer `lb` has no target",
            "warning: no request ever reaches `lb`",
            "the replica `r` has no primary: draw an arrow from a database",
            "warning: no request ever reaches `r`",
            "warning: no request ever reaches `s`",
        ],
    );
    check(
        r#"components: { "c": Client(), "lb": LoadBalancer(algorithm: Random), "x": Server(), "y": Server() },
connections: [(from: "c", to: "lb"), (from: "lb", to: "x", weight: 0), (from: "lb", to: "y", weight: 0)]"#,
        &["the weights of `lb` in step 1 add up to 0"],
    );
}

#[test]
fn rings_of_waiting_calls_are_refused() {
    check_wiring(
        "(from: \"b\", to: \"a\")",
        &[
            "`a -> lb -> b -> a` is a ring of synchronous calls: each waits for the next for ever; make one of them Forward or Async",
        ],
    );
    check_wiring(
        "(from: \"b\", to: \"a\", mode: Async, probability: 0.5)",
        &[],
    );
    check_wiring(
        "(from: \"b\", to: \"a\", mode: Async)",
        &["requests go round `a -> lb -> b -> a` for ever: give one of them a probability below 1"],
    );
    check_wiring("(from: \"b\", to: \"q\", probability: 0.1)", &[]);
    check(
        r#"components: { "c": Client(), "x": Server(), "y": Server() },
connections: [(from: "c", to: "x"), (from: "x", to: "y", mode: Forward), (from: "y", to: "x", mode: Forward)]"#,
        &["requests go round `x -> y -> x` for ever: give one of them a probability below 1"],
    );
}

#[test]
fn writes_do_not_reach_replicas() {
    let check = |connections: &str, expected: &[&str]| {
        check(
            &format!(
                r#"components: {{ "c": Client(), "a": Server(), "lb": LoadBalancer(), "db": Database(), "r": Replica() }},
connections: [(from: "c", to: "a"), (from: "a", to: "db"), (from: "db", to: "r", link: Replication()), {connections}]"#
            ),
            expected,
        );
    };
    let direct =
        "the write `write` reaches `r`, a replica, which only answers reads: set `only: Reads`";
    let behind = "the write `write` reaches `r`, a replica, which only answers reads: set `only: Reads` on what leads to `lb`";
    check(
        "(from: \"a\", to: \"lb\"), (from: \"lb\", to: \"r\")",
        &[behind],
    );
    check(
        "(from: \"a\", to: \"lb\", only: Reads), (from: \"lb\", to: \"r\")",
        &[],
    );
    check(
        "(from: \"a\", to: \"r\", only: All), (from: \"a\", to: \"lb\"), (from: \"lb\", to: \"db\")",
        &[direct],
    );
    check(
        "(from: \"a\", to: \"r\"), (from: \"a\", to: \"lb\"), (from: \"lb\", to: \"db\")",
        &[],
    );
}

#[test]
fn a_client_has_a_way_for_every_operation() {
    check(
        r#"components: { "c": Client(), "x": Server() }, connections: [(from: "c", to: "x", only: Reads)]"#,
        &["the operation `write` has nowhere to go: no connection takes it"],
    );
    check(
        r#"operations: { "get": (kind: Read), "old": (kind: Read, weight: 0) },
components: { "c": Client(operations: ["old"]), "x": Server() }, connections: [(from: "c", to: "x")]"#,
        &["the weights of this client's operations add up to 0"],
    );
}

fn check_story(text: &str, expected: &[&str]) {
    check(
        &format!(
            r#"components: {{ "c": Client(), "x": Server() }}, connections: [(from: "c", to: "x")], {text}"#
        ),
        expected,
    );
}

#[test]
fn faults_fit_their_targets() {
    check_story(
        "faults: [(at: \"2s\", until: \"1s\", on: \"x\", fault: Crash)]",
        &["`until` must be later than its start at 2s, found 1s"],
    );
    check_story(
        "faults: [(at: \"2s\", on: \"x\", fault: Flush)]",
        &["only caches can be flushed; `x` is a server"],
    );
    check_story(
        "faults: [(at: \"2s\", on: \"x\", fault: Traffic(times: 2))]",
        &["only clients have traffic; `x` is a server"],
    );
    check_story(
        "faults: [(at: \"2s\", on: \"c\", fault: Crash)]",
        &["`c` is a client, whose only faults are `Traffic` and `HotKey`"],
    );
    check_story(
        "faults: [(at: \"2s\", on: \"x\", fault: Cut)]",
        &["`Cut` is for connections, such as \"a -> b\"; `x` is a component"],
    );
    check_story(
        "faults: [(at: \"2s\", on: \"c -> x\", fault: Crash)]",
        &["`c -> x` is a connection, which can only be `Cut`, have `Loss` or be `Slow`"],
    );
    check_story(
        "faults: [(at: \"2s\", on: \"x #2\", fault: Crash)]",
        &["`x` has no instance #2; there is only #1"],
    );
    check_story(
        "faults: [(at: \"2s\", on: \"x #1\", fault: Flush)]",
        &[
            "`x #1` is one instance, which can only `Crash`, `Hang`, `Pause`, be `Slow` or have `Errors`",
        ],
    );
    check_story(
        "faults: [(at: \"2s\", on: \"x\", fault: Errors(share: 2))]",
        &["`share` must be from 0 to 1, found 2"],
    );
    check_story(
        "faults: [(at: \"2s\", on: \"x\", fault: Slow(times: 0))]",
        &["`times` must be above 0 and at most 1,000,000, found 0"],
    );
    check_story(
        "faults: [(at: \"2s\", on: \"c\", fault: Deploy(errors: 0.1))]",
        &["only servers get new versions; `c` is a client"],
    );
    check_story(
        "faults: [(at: \"2s\", on: \"x\", fault: Deploy(errors: 2, strategy: Rolling(batch: 0), roll_back: (every: \"0s\")))]",
        &[
            "`errors` must be from 0 to 1, found 2",
            "`batch` must be from 1 to 100,000, found 0",
            "`every` must be longer than 0",
        ],
    );
    check_story(
        "faults: [(at: \"2s\", on: \"c -> x\", fault: Cut), (at: \"1s\", on: \"c\", fault: Traffic(times: 0))]",
        &[],
    );
}

#[test]
fn objectives_fit_their_measures() {
    check_story(
        "objectives: [(what: Availability, of: \"c\")]",
        &["an objective needs a limit: `below` or `above`"],
    );
    check_story(
        "objectives: [(what: Availability, of: \"c\", above: 0, below: 1)]",
        &["an objective has one limit: `below` or `above`; write two objectives"],
    );
    check_story(
        "objectives: [(what: Latency(percentile: 0), of: \"c\", below: \"1s\")]",
        &["`percentile` must be above 0 and at most 100, found 0"],
    );
    check_story(
        "objectives: [(what: Latency(percentile: 99), of: \"c\", below: 1)]",
        &["a latency needs a duration such as \"200ms\", found 1"],
    );
    check_story(
        "objectives: [(what: Goodput, of: \"c\", above: \"1s\")]",
        &["this measure needs a number, found \"1s\""],
    );
    check_story(
        "objectives: [(what: Availability, of: \"c\", above: 99)]",
        &["`above` must be from 0 to 1, found 99"],
    );
    check_story(
        "objectives: [(what: HitRatio, of: \"x\", above: 0.9)]",
        &["`x` is a server, which has no such measure"],
    );
    check_story(
        "objectives: [(what: Utilization, of: \"x\", below: 0.9)]",
        &[],
    );
}

#[test]
fn the_graph_has_the_drawing_s_numbers() {
    let text = include_str!("../../../tests/data/url_shortener.ron");
    let scenario = file::load(text).0.unwrap().scenario;
    let graph = graph(&scenario);
    assert_eq!((graph.node_count(), graph.edge_count()), (6, 6));
    for edge in graph.edge_indices() {
        let (from, to) = graph.edge_endpoints(edge).unwrap();
        let connection = &scenario.connections[graph[edge]];
        assert_eq!(
            scenario.components.get_index_of(&connection.from),
            Some(graph[from])
        );
        assert_eq!(
            scenario.components.get_index_of(&connection.to),
            Some(graph[to])
        );
    }
}

#[test]
fn a_chain_of_a_hundred_thousand_is_checked() {
    use crate::scenario::{Connection, Kind, Scenario};
    let mut scenario = Scenario::default();
    scenario
        .components
        .insert("0".into(), Kind::Client.component());
    for at in 1..limits::COMPONENTS {
        scenario
            .components
            .insert(at.to_string(), Kind::Server.component());
        scenario
            .connections
            .push(Connection::new((at - 1).to_string(), at.to_string()));
    }
    assert_eq!(super::check(&scenario), []);
    scenario
        .components
        .insert("x".into(), Kind::Server.component());
    let problems = super::check(&scenario);
    assert_eq!(problems.len(), 1);
    assert_eq!(
        problems[0].message,
        "100,001 components; a scenario can have at most 100,000"
    );
}

#[test]
fn distributions_have_their_limits() {
    for (service, expected) in [
        (
            r#"Normal(mean: "0s", sd: "1ms")"#,
            "the mean must be longer than 0; for no time at all write \"0s\"",
        ),
        (
            r#"Gamma(mean: "1ms", cv: 0)"#,
            "`cv` must be above 0 and at most 100, found 0",
        ),
        (
            r#"Weibull(shape: 0.01, scale: "1ms")"#,
            "`shape` must be from 0.1 to 100, found 0.01",
        ),
        (
            r#"Weibull(shape: 2, mean: "0s")"#,
            "a Weibull must be longer than 0; for no time at all write \"0s\"",
        ),
        (
            r#"BoundedPareto(alpha: 0, min: "1ms", max: "1s")"#,
            "`alpha` must be from 0.01 to 100, found 0",
        ),
        (
            r#"BoundedPareto(alpha: 1, min: "0s", max: "1s")"#,
            "`min` must be longer than 0: a Pareto never is shorter than it",
        ),
        (
            r#"BoundedPareto(alpha: 1, min: "2s", max: "1s")"#,
            "`min` must not be longer than `max`, found 2s and 1s",
        ),
        (
            r#"HyperExponential(mean: "1ms", cv: 0.5)"#,
            "a hyperexponential varies at least as much as an exponential, whose `cv` is 1, found 0.5; below that write Gamma",
        ),
        (
            "HyperExponential(branches: [])",
            "must have 1 to 100 branches, found 0",
        ),
        (
            r#"HyperExponential(branches: [(probability: 0.5, mean: "1ms")])"#,
            "the probabilities of the branches must add up to 1, found 0.5",
        ),
        (
            r#"HyperExponential(branches: [(probability: 1, mean: "0s")])"#,
            "the mean of every branch must be longer than 0",
        ),
        ("Empirical(values: [])", "must have at least one time"),
    ] {
        check_component(&format!("Server(service: {service})"), &[expected]);
    }
    for service in [
        r#"Normal(mean: "1ms", sd: "0s")"#,
        r#"Weibull(shape: 0.5, mean: "2ms")"#,
        r#"HyperExponential(mean: "1ms", cv: 1)"#,
        r#"BoundedPareto(alpha: 1.5, min: "1ms", max: "1ms")"#,
        r#"Empirical(values: ["0s"])"#,
    ] {
        check_component(&format!("Server(service: {service})"), &[]);
    }
}

#[test]
fn a_balancer_has_a_target_for_every_operation() {
    check(
        r#"operations: { "read": (kind: Read), "save": (kind: Write) },
components: { "c": Client(), "lb": LoadBalancer(), "x": Server() },
connections: [(from: "c", to: "lb"), (from: "lb", to: "x", only: Reads)]"#,
        &[
            "warning: the load balancer `lb` has no target for `save`: such calls fail with `no_target`",
        ],
    );
    check(
        r#"components: { "c": Client(), "lb": LoadBalancer(algorithm: ConsistentHash(vnodes: 10000)), "x": Server(instances: 2000) },
connections: [(from: "c", to: "lb"), (from: "lb", to: "x")]"#,
        &["the targets of `lb` have more than 10,000,000 points on the ring together"],
    );
    check(
        r#"components: { "c": Client(), "lb": LoadBalancer(health: (timeout: "11s"), slow_start: "1s", algorithm: ConsistentHash(bound: 1)), "x": Server() },
connections: [(from: "c", to: "lb"), (from: "lb", to: "x")]"#,
        &[
            "`timeout` must not be longer than `interval`",
            "warning: `slow_start` has no effect: the algorithm does not look at weights",
            "`bound` must be above 1 and at most 1,000, found 1",
        ],
    );
}

#[test]
fn traffic_has_its_limits() {
    let check_arrivals = |arrivals: &str, expected: &[&str]| {
        check(
            &format!(
                "components: {{ \"c\": Client(arrivals: {arrivals}), \"x\": Server() }}, connections: [(from: \"c\", to: \"x\")]"
            ),
            expected,
        );
    };
    for (arrivals, expected) in [
        (
            r#"Bursts(low: 9, high: 1, low_for: "1s", high_for: "1s")"#,
            "`low` must not be more than `high`, found 9 and 1",
        ),
        (
            r#"Bursts(low: 0, high: 1, low_for: "1s", high_for: "0s")"#,
            "`high_for` must be at least 1us, found 0s",
        ),
        (
            "Batches(rate: 1, size: 2.5)",
            "batches of one size have a whole number of requests, found 2.5; with `sizes: Geometric` it is the mean",
        ),
        (
            "Sessions(starts: 1, requests: 0.5)",
            "`requests` must be from 1 to 1,000,000, found 0.5",
        ),
        ("Recorded(times: [])", "must have at least one time"),
        (
            r#"Recorded(times: ["1s", "3s"], repeat: "2s")"#,
            "it can't start over before it is over: the last request comes at 3s, and `repeat` is 2s",
        ),
        (
            r#"Recorded(times: ["1s"], column: "at")"#,
            "`column` and `unit` are for times in a file",
        ),
        (
            r#"Recorded(times: ["1s"], profile: [Day(swing: 1)])"#,
            "unknown field `profile` in Recorded; expected one of times, column, unit, repeat",
        ),
        (
            r#"Bursts(low: 0, high: 0, low_for: "1s", high_for: "1s", profile: [Day(swing: 1)])"#,
            "warning: a factor on a rate of 0 has no effect",
        ),
    ] {
        check_arrivals(arrivals, &[expected]);
    }
    for arrivals in [
        r#"Bursts(low: 0, high: 9, low_for: "1s", high_for: "1s", profile: [Day(swing: 1)])"#,
        "Batches(rate: 1, size: 2.5, sizes: Geometric)",
        r#"Recorded(times: ["3s", "1s"], repeat: "3s")"#,
        "Sessions(starts: 1, requests: 1)",
        "Uniform(rate: 5)",
    ] {
        check_arrivals(arrivals, &[]);
    }
    check_component("Server()", &[]);
    check(
        r#"components: { "c": Client(keys: HotSet(items: 9, hot: 1.5)), "x": Server() }, connections: [(from: "c", to: "x")]"#,
        &["`hot` must be from 0 to 1, found 1.5"],
    );
}
