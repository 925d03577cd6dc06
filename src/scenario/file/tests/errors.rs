use super::*;

/// The problems of a scenario whose fields behind the version are `text`, on line 2.
fn check(text: &str, expected: &[&str]) {
    check_file(&format!("Scenario(version: 1,\n{text})"), expected);
}

fn check_file(text: &str, expected: &[&str]) {
    let (document, problems) = load(text);
    let found: Vec<_> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(found, expected, "{text}");
    assert_eq!(document.is_none(), !expected.is_empty(), "{text}");
}

/// The problems of a component.
fn check_component(text: &str, expected: &[&str]) {
    check(&format!("components: {{\n\"x\": {text},\n}}"), expected);
}

#[test]
fn a_typo_gets_the_nearest_word() {
    check_component(
        "LoadBalancer(algorithm: LeastConections)",
        &[
            "line 3, column 30: unknown algorithm `LeastConections`; expected one of RoundRobin, WeightedRoundRobin, Random, LeastConnections, WeightedLeastConnections, PowerOfTwo, PowerOfChoices, LeastResponseTime, LowestUtilization, SessionHash, KeyHash, ConsistentHash; did you mean `LeastConnections`?",
        ],
    );
    check_component(
        "Sever(slots: 1)",
        &[
            "line 3, column 6: unknown kind of component `Sever`; expected one of Client, LoadBalancer, RateLimiter, ApiGateway, Dns, Server, Function, Cache, Database, Replica, Queue; did you mean `Server`?",
        ],
    );
    check_component(
        "Server(slot: 1)",
        &[
            "line 3, column 13: unknown field `slot` in Server; expected one of instances, autoscaler, slots, service, per_operation, speed, contention, queue, max_connections, shed, pauses, failures; did you mean `slots`?",
        ],
    );
    check(
        "component: {}",
        &[
            "line 2, column 1: unknown field `component` in Scenario; expected one of version, name, notes, seed, run, prices, operations, components, connections, frames, latencies, faults, objectives, layout; did you mean `components`?",
        ],
    );
    check_component(
        "Server(service: Exponental(\"1ms\"))",
        &[
            "line 3, column 22: unknown distribution `Exponental`; expected one of Constant, Exponential, Uniform, LogNormal, Erlang, Normal, Gamma, Weibull, BoundedPareto, HyperExponential, Empirical; did you mean `Exponential`?",
        ],
    );
}

#[test]
fn values_of_the_wrong_kind_are_named() {
    check_component(
        "Server(service: \"8\")",
        &["line 3, column 22: a duration needs a unit: did you mean `8ms` or `8s`?"],
    );
    check_component(
        "Server(service: Exponential(\"8\"))",
        &["line 3, column 34: a duration needs a unit: did you mean `8ms` or `8s`?"],
    );
    check_component(
        "Server(service: Exponential(8ms))",
        &["line 3, column 34: expected a duration with its unit, such as \"8ms\", found `8ms`"],
    );
    check_component(
        "Server(service: 8ms)",
        &[
            "line 3, column 22: expected a duration such as \"8ms\" or a distribution such as Exponential(\"8ms\"), found `8ms`",
        ],
    );
    check_component(
        "Server(service: LogNormal(p50: \"8ms\", cv: 2))",
        &[
            "line 3, column 22: a lognormal needs p50 and p99, or mean and cv: `LogNormal(p50: \"8ms\", p99: \"60ms\")`",
        ],
    );
    check_component(
        "Server(service: Uniform(min: \"8ms\"))",
        &["line 3, column 22: the field `max` is missing in Uniform"],
    );
    check_component(
        "Server(slots: 4294967296)",
        &["line 3, column 20: expected a whole number from 0 to 4294967295, found `4294967296`"],
    );
    check_component(
        "Server(slots: -1)",
        &["line 3, column 20: expected a whole number from 0 to 4294967295, found `-1`"],
    );
    check_component(
        "Server(slots: \"8\")",
        &["line 3, column 20: expected a whole number from 0 to 4294967295, found `\"8\"`"],
    );
    check_component(
        "Server(slots: 8.5)",
        &["line 3, column 20: expected a whole number from 0 to 4294967295, found `8.5`"],
    );
    check_component(
        "LoadBalancer(algorithm: 5)",
        &[
            "line 3, column 30: expected an algorithm: one of RoundRobin, WeightedRoundRobin, Random, LeastConnections, WeightedLeastConnections, PowerOfTwo, PowerOfChoices, LeastResponseTime, LowestUtilization, SessionHash, KeyHash, ConsistentHash, found `5`",
        ],
    );
    check_component(
        "Server(queue: 5)",
        &["line 3, column 20: expected fields in brackets `(…)`, found `5`"],
    );
    check_component(
        "Client(arrivals: Poisson)",
        &["line 3, column 23: `Poisson` needs its fields in brackets, `(…)`, behind it"],
    );
    check_component(
        "LoadBalancer(algorithm: Random(2))",
        &["line 3, column 30: `Random` takes nothing in brackets"],
    );
    check_component(
        "Client(sessions: None)",
        &["line 3, column 23: expected a whole number from 0 to 4294967295, found `None`"],
    );
    check(
        "connections: {}",
        &["line 2, column 14: expected a list `[…]`, found `{}`"],
    );
    check(
        "components: []",
        &["line 2, column 13: expected names and values `{…}`, found `[]`"],
    );
    check(
        "name: 5",
        &["line 2, column 7: expected text in quotes, found `5`"],
    );
    check(
        "layout: { \"a\": (1) }",
        &["line 2, column 16: expected 2 values in brackets `(…)`, found `(1)`"],
    );
}

#[test]
fn all_problems_are_listed_at_once() {
    check(
        r#"seed: -1,
components: {
    "a": Client(arivals: Poisson(rate: 1), sessions: "x", retries: (max: -1, backof: None)),
    "b": Server(slots: 1, service: Exponential("5"), queue: (capacty: 1)),
    "a": Queue(),
    "c": Wat(),
},
connections: [
    (from: "a"),
    (from: "a", to: "b", mode: Asinc, latency: Uniform(min: "1", max: "2")),
],
faults: [(at: "1s", on: "b", fault: Slow(times: x))],
layot: {}"#,
        &[
            "line 2, column 7: expected a whole number from 0 to 18446744073709551615, found `-1`",
            "line 4, column 17: unknown field `arivals` in Client; expected one of arrivals, operations, keys, regions, sessions, session_skew, timeout, retries; did you mean `arrivals`?",
            "line 4, column 54: expected a whole number from 0 to 4294967295, found `\"x\"`",
            "line 4, column 74: expected a whole number from 0 to 4294967295, found `-1`",
            "line 4, column 78: unknown field `backof` in Retries; expected one of max, backoff, jitter, budget; did you mean `backoff`?",
            "line 5, column 48: a duration needs a unit: did you mean `5ms` or `5s`?",
            "line 5, column 62: unknown field `capacty` in Queueing; expected one of discipline, capacity; did you mean `capacity`?",
            "line 6, column 5: a second component is called `a`; the first is on line 4",
            "line 7, column 10: unknown kind of component `Wat`; expected one of Client, LoadBalancer, RateLimiter, ApiGateway, Dns, Server, Function, Cache, Database, Replica, Queue",
            "line 10, column 5: the field `to` is missing in Connection",
            "line 11, column 32: unknown mode `Asinc`; expected one of Sync, Async, Forward; did you mean `Async`?",
            "line 11, column 61: a duration needs a unit: did you mean `1ms` or `1s`?",
            "line 11, column 71: a duration needs a unit: did you mean `2ms` or `2s`?",
            "line 13, column 49: expected a number, found `x`",
            "line 14, column 1: unknown field `layot` in Scenario; expected one of version, name, notes, seed, run, prices, operations, components, connections, frames, latencies, faults, objectives, layout; did you mean `layout`?",
        ],
    );
}

#[test]
fn names_and_fields_may_be_given_once() {
    check(
        "seed: 1,\nseed: 2",
        &["line 3, column 1: `seed` is given twice; the first is on line 2"],
    );
    check_component(
        "Server(slots: 1, slots: 2)",
        &["line 3, column 23: `slots` is given twice"],
    );
}

#[test]
fn syntax_errors_say_where_and_what() {
    check(
        "components: {\n\"a\" Server()}",
        &["line 3, column 4: expected `:` after `\"a\"`"],
    );
    check(
        "seed: 1\nname: \"x\"",
        &["line 2, column 8: expected `,` here"],
    );
    check(
        "components: {\n\"a\": Server(]}",
        &["line 3, column 13: `]` does not close the `(` of line 3; expected `)`"],
    );
    check_file(
        "Scenario(\n  version: 1,",
        &["line 1, column 9: this `(` is never closed"],
    );
}

#[test]
fn the_version_is_checked_first() {
    check_file(
        "Scenario(version: 3, whatever: 1)",
        &[
            "line 1, column 19: this file is version 3; this program reads up to version 1: open it with a newer Littlebox",
        ],
    );
    check_file(
        "Scenario(version: 0)",
        &["line 1, column 19: there is no version 0; the first is version 1"],
    );
    check_file(
        "Scenario(version: \"1\")",
        &["line 1, column 19: expected the number of a version, found `\"1\"`"],
    );
    check_file(
        "Scenario()",
        &["line 1, column 1: the file has no version; expected `version: 1` as the first field"],
    );
    check_file(
        "Scene(version: 1)",
        &["line 1, column 1: expected `Scenario(…)`, found `Scene(version: 1)`"],
    );
    check_file(
        "[1]",
        &["line 1, column 1: expected `Scenario(…)`, found `[1]`"],
    );
}

#[test]
fn a_problem_says_which_field_it_is_about() {
    let text = "Scenario(version: 1, components: {\"a\": Client(retries: (max: x))})";
    let problem = &load(text).1[0];
    assert_eq!(problem.subject, Subject::Component("a".into()));
    assert_eq!(problem.field, "retries.max");
}

#[test]
fn an_older_file_is_migrated_and_says_so() {
    let step: migrate::Step = |text| {
        text.replace("version: 1", "version: 2")
            .replace("boxes", "components")
    };
    let text = "Scenario(version: 1, boxes: { \"a\": Server() }) // mine";
    let (document, problems) = load_any_version(text, &[step], &Beside::default());
    let document = document.unwrap();
    assert_eq!(document.scenario.components.len(), 1);
    assert_eq!(
        document.to_text(),
        "Scenario(version: 2, components: { \"a\": Server() }) // mine"
    );
    let found: Vec<_> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        found,
        [
            "warning: no request ever reaches `a`",
            "warning: the file was version 1 and is now version 2; saving writes the new version",
        ]
    );
    let (document, problems) =
        load_any_version(&text.replace("boxes", "boxs"), &[step], &Beside::default());
    assert!(document.is_none());
    assert!(
        problems[0].message.starts_with("unknown field `boxs`"),
        "{problems:?}"
    );
}

#[test]
fn a_forgotten_name_is_one_problem() {
    check_component(
        "Client(arrivals: Poisson(80))",
        &["line 3, column 31: expected a field, `name: value`, found `80`"],
    );
    check(
        "faults: [(at: \"1s\", on: \"x\", fault: Slow(4.0))]",
        &["line 2, column 42: expected a field, `name: value`, found `4.0`"],
    );
}
