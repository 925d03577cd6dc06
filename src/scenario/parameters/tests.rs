use super::*;
use crate::scenario::file::{self, value};
use crate::scenario::{
    Component, Connection, Fault, Frame, FrameLatency, Kind, Objective, Operation, Scenario,
    Subject,
};

const SHORTENER: &str = include_str!("../../../tests/data/url_shortener.ron");

fn shortener() -> Scenario {
    file::load(SHORTENER).0.unwrap().scenario
}

/// The names that serde allows where `text` has the unknown word `zzz`: it says so itself.
fn allowed<T: for<'de> serde::Deserialize<'de>>(text: &str) -> Vec<String> {
    let error = value::read::<T>(text).err().unwrap();
    assert!(error.contains("`zzz`"), "{text}: {error}");
    let list = error.split_once("expected ").map_or("", |(_, list)| list);
    list.trim_start_matches("one of ")
        .split(", ")
        .filter(|w| !w.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Compares rows with the fields of a type, all the way down. `frame` puts a record's text where
/// the type stands.
fn compare<T: for<'de> serde::Deserialize<'de>>(
    rows: &'static [Parameter],
    frame: &dyn Fn(&str) -> String,
    skipped: &[&str],
) {
    let mut serde = allowed::<T>(&frame("zzz: 1"));
    serde.retain(|name| !skipped.contains(&name.as_str()));
    let keys: Vec<_> = rows.iter().map(|row| row.key).collect();
    assert_eq!(keys, serde, "{}", frame("…"));
    for row in rows {
        match row.editor {
            Editor::Group(inner) => {
                compare::<T>(inner, &|text| frame(&format!("{}: ({text})", row.key)), &[]);
            }
            Editor::Variants(variants) => {
                let words: Vec<_> = variants.iter().map(|variant| variant.word).collect();
                assert_eq!(
                    words,
                    allowed::<T>(&frame(&format!("{}: zzz", row.key))),
                    "{}",
                    row.key
                );
                for variant in variants
                    .iter()
                    .filter(|variant| !variant.parameters.is_empty())
                {
                    let inner =
                        |text: &str| frame(&format!("{}: {}({text})", row.key, variant.word));
                    compare::<T>(variant.parameters, &inner, &[]);
                }
            }
            Editor::Choice(choices) | Editor::Phrase(choices) => {
                let words: Vec<_> = choices.iter().map(|choice| choice.word).collect();
                if words == ["false", "true"] {
                    for word in words {
                        let text = frame(&format!("{}: {word}", row.key));
                        assert!(value::read::<T>(&text).is_ok(), "{text}");
                    }
                    continue;
                }
                assert_eq!(
                    words,
                    allowed::<T>(&frame(&format!("{}: zzz", row.key))),
                    "{}",
                    row.key
                );
            }
            _ => {}
        }
    }
}

#[test]
fn the_tables_have_the_fields_of_the_types() {
    for kind in Kind::ALL {
        compare::<Component>(
            of_kind(kind),
            &|text| format!("{}({text})", kind.word()),
            &[],
        );
    }
    let sections = [
        "version",
        "operations",
        "components",
        "connections",
        "frames",
        "latencies",
        "faults",
        "objectives",
        "layout",
    ];
    compare::<Scenario>(SCENARIO, &|text| format!("({text})"), &sections);
    let arrow = |text: &str| format!("(from: \"a\", to: \"b\", {text})");
    compare::<Connection>(CONNECTION, &arrow, &[]);
    compare::<Operation>(OPERATION, &|text| format!("({text})"), &[]);
    compare::<Frame>(FRAME, &|text| format!("({text})"), &[]);
    compare::<FrameLatency>(LATENCY, &|text| format!("({text})"), &[]);
    let fault = |text: &str| format!("(at: \"1s\", on: \"a\", {text})");
    compare::<Fault>(FAULT, &fault, &[]);
    compare::<Objective>(OBJECTIVE, &|text| format!("({text})"), &[]);
}

/// A scenario with one of everything.
fn everything() -> (Scenario, Vec<Subject>) {
    let mut scenario = shortener();
    let mut subjects = vec![Subject::Scenario, Subject::Operation("redirect".into())];
    for kind in Kind::ALL {
        scenario
            .components
            .insert(kind.word().into(), kind.component());
        subjects.push(Subject::Component(kind.word().into()));
    }
    scenario
        .connections
        .push(Connection::new("Client", "Server"));
    subjects.push(Subject::Connection(6));
    subjects.push(Subject::Fault(0));
    subjects.push(Subject::Objective(0));
    scenario.name.clear();
    scenario.notes.clear();
    scenario.seed = 1;
    (scenario, subjects)
}

/// Every field of a subject, in every variant of its parameters.
fn in_every_variant(
    scenario: &Scenario,
    subject: &Subject,
    visit: &mut dyn FnMut(&Scenario, &Field),
) {
    for field in fields_of(scenario, subject) {
        visit(scenario, &field);
        let words = match field.parameter.editor {
            Editor::Variants(variants) => variants.iter().map(|variant| variant.word).collect(),
            Editor::Group(_) if field.text == "none" => vec!["on"],
            _ => Vec::new(),
        };
        for word in words {
            let mut other = scenario.clone();
            if set_field(&mut other, subject, &field.path, word).is_ok() {
                for inner in fields_of(&other, subject) {
                    if inner.path.starts_with(&format!("{}.", field.path)) {
                        visit(&other, &inner);
                    }
                }
            }
        }
    }
}

#[test]
fn the_defaults_are_the_real_ones() {
    let (scenario, subjects) = everything();
    let mut visited = 0;
    for subject in &subjects {
        in_every_variant(&scenario, subject, &mut |scenario, field| {
            if field.parameter.required || !field.is_default {
                return;
            }
            visited += 1;
            let default = field.parameter.default;
            let mut same = scenario.clone();
            if !matches!(field.parameter.editor, Editor::Group(_)) {
                let word = match field.parameter.editor {
                    Editor::Variants(_) => &field.text,
                    _ => default,
                };
                set_field(&mut same, subject, &field.path, word)
                    .unwrap_or_else(|e| panic!("{}: {e}", field.path));
            }
            assert_eq!(&same, scenario, "{subject:?} {}", field.path);
        });
    }
    assert!(visited > 60, "{visited}");
    // What is drawn with nothing configured is the default in every field.
    for kind in Kind::ALL {
        for field in fields(&kind.component()) {
            assert!(field.is_default, "{kind:?} {}: {}", field.path, field.text);
        }
    }
    for field in connection_fields(&Connection::new("", "")) {
        assert!(field.is_default, "{}: {}", field.path, field.text);
    }
}

#[test]
fn what_is_read_can_be_set() {
    let (scenario, subjects) = everything();
    for subject in &subjects {
        in_every_variant(&scenario, subject, &mut |scenario, field| {
            let mut same = scenario.clone();
            set_field(&mut same, subject, &field.path, &field.text)
                .unwrap_or_else(|e| panic!("{} = {}: {e}", field.path, field.text));
            assert_eq!(&same, scenario, "{subject:?} {}", field.path);
            let path = path_of(scenario, subject, &field.path);
            assert_eq!(get(scenario, &path).as_ref(), Ok(&field.text), "{path}");
        });
    }
}

#[test]
fn nonsense_changes_nothing() {
    let (scenario, subjects) = everything();
    for subject in &subjects {
        in_every_variant(&scenario, subject, &mut |scenario, field| {
            if matches!(field.parameter.editor, Editor::Text) {
                return;
            }
            for nonsense in ["???", "-1", "1e99", "Nonsense(1)", "\"", "((("] {
                let mut same = scenario.clone();
                let outcome = set_field(&mut same, subject, &field.path, nonsense);
                assert!(
                    outcome.is_err(),
                    "{} = {nonsense}: {:?}",
                    field.path,
                    get(&same, &path_of(&same, subject, &field.path))
                );
                assert_eq!(&same, scenario);
            }
        });
    }
}

#[test]
fn every_range_is_held() {
    let (scenario, subjects) = everything();
    for subject in &subjects {
        in_every_variant(&scenario, subject, &mut |scenario, field| {
            let Some(range) = field.parameter.range else {
                return;
            };
            for outside in [range.min - 1.0, range.max * 2.0 + 1.0] {
                let mut same = scenario.clone();
                let error =
                    set_field(&mut same, subject, &field.path, &outside.to_string()).unwrap_err();
                assert!(
                    error.contains("must be") || error.contains("negative"),
                    "{}: {error}",
                    field.path
                );
            }
        });
    }
}

/// Sets a path of the example and reads it back.
fn check(path: &str, typed: &str, expected: &str) {
    let mut scenario = shortener();
    let found = match set(&mut scenario, path, typed) {
        Ok(()) => get(&scenario, path).unwrap(),
        Err(error) => {
            assert_eq!(scenario, shortener());
            error
        }
    };
    assert_eq!(found, expected, "{path} = {typed}");
}

#[test]
fn people_type_in_many_ways() {
    check("api.instances", "8", "8");
    check("users.sessions", "12k", "12_000");
    check("users.arrivals.rate", "1.2k/s", "1200");
    check("users.arrivals.rate", "12k", "12_000");
    check("users.arrivals", "closed", "Closed");
    check("users.arrivals", "constant", "Constant");
    check("users.keys.s", "0.8", "0.8");
    check("users.timeout", "none", "none");
    check("users.timeout", "20ms", "20ms");
    check("users.retries.max", "5", "5");
    check("users.retries.backoff", "none", "None");
    check("users.retries.backoff", "exp 50ms", "Exponential(50ms)");
    check("users.retries.backoff", "constant(1s)", "Constant(1s)");
    check("users.operations", "redirect", "redirect");
    check(
        "users.arrivals.profile",
        "Spike(at: 60s, until: 90s, times: 3)",
        "[Spike(at: 1min, until: 90s, times: 3.0)]",
    );
    check("users.session_skew", "1.1", "1.1");
    check("users.keys", "hot", "HotSet");
    check("users.arrivals", "bursts", "Bursts");
    check("users.arrivals", "Batches(rate: 100, size: 4)", "Batches");
    check("lb.algorithm", "power of two", "PowerOfTwo");
    check("lb.health", "none", "none");
    check("lb.health.interval", "5s", "5s");
    check("api.service", "20ms", "20ms");
    check("api.service", "exp 10ms", "Exponential(10ms)");
    check("api.service", "Exponential(\"10ms\")", "Exponential(10ms)");
    check(
        "api.service",
        "uniform 1ms 5ms",
        "Uniform(min: 1ms, max: 5ms)",
    );
    check(
        "api.service",
        "lognormal 8ms 60ms",
        "LogNormal(p50: 8ms, p99: 60ms)",
    );
    check(
        "api.service",
        "LogNormal(mean: 8ms, cv: 2)",
        "LogNormal(mean: 8ms, cv: 2.0)",
    );
    check("api.service", "erlang 4 10ms", "Erlang(k: 4, mean: 10ms)");
    for (typed, shown) in [
        ("lognormal 8ms cv 2", "LogNormal(mean: 8ms, cv: 2.0)"),
        ("normal 10ms 2ms", "Normal(mean: 10ms, sd: 2ms)"),
        ("gamma 10ms cv 2", "Gamma(mean: 10ms, cv: 2)"),
        ("Gamma(mean: 10ms, cv: 0.5)", "Gamma(mean: 10ms, cv: 0.5)"),
        ("weibull 0.7 8ms", "Weibull(shape: 0.7, scale: 8ms)"),
        ("weibull 0.7 mean 8ms", "Weibull(shape: 0.7, mean: 8ms)"),
        (
            "pareto 1.5 1ms 1s",
            "BoundedPareto(alpha: 1.5, min: 1ms, max: 1s)",
        ),
        ("hyper 10ms cv 3", "HyperExponential(mean: 10ms, cv: 3)"),
        (
            "hyper branches: [(probability: 0.9, mean: 1ms), (probability: 0.1, mean: 9ms)]",
            "HyperExponential(branches: [(probability: 0.9, mean: 1ms), (probability: 0.1, mean: 9ms)])",
        ),
        ("empirical 1ms, 2ms", "Empirical(values: [1ms, 2ms])"),
    ] {
        check("api.service", typed, shown);
    }
    check("api.per_operation", "shorten: 40ms", "shorten: 40ms");
    check("api.per_operation.shorten", "exp 40ms", "Exponential(40ms)");
    check("api.per_operation.shorten", "none", "none");
    check("api.queue.capacity", "none", "none");
    check("cache.ttl", "1.5h", "90min");
    check("cache.capacity", "1M", "1_000_000");
    check("lb -> api.loss", "5%", "0.05");
    check("lb -> api.latency", "0", "0s");
    check("lb -> api.retries", "on", "on");
    check("lb -> api.retries.max", "2", "2");
    check(
        "api -> cache.only",
        "named redirect",
        "Named([\"redirect\"])",
    );
    check("db -> replica.link.lag", "exp 1s", "Exponential(1s)");
    check("operations.redirect.weight", "90", "90");
    check("faults.1.until", "2min", "2min");
    check("faults.2.fault.times", "5", "5.0");
    check("faults.1.fault", "slow", "Slow");
    check("objectives.1.below", "100ms", "100ms");
    check("objectives.1.what.percentile", "99.9", "99.9");
    check("seed", "18446744073709551615", "18_446_744_073_709_551_615");
    check("run.duration", "1h", "1h");
    check("name", "A \"new\" name", "A \"new\" name");
}

#[test]
fn errors_are_short_sentences() {
    check("api.instances", "0", "must be from 1 to 100,000, found 0");
    check("api.instances", "2.5", "must be a whole number, found 2.5");
    check("api.instances", "many", "`many` is not a number");
    check(
        "api.service",
        "8",
        "a duration needs a unit: did you mean `8ms` or `8s`?",
    );
    check(
        "api.service",
        "expo",
        "`Exponential` needs values: write Exponential(20ms)",
    );
    check(
        "api.service",
        "Exponental(10ms)",
        "`Exponental` is not Constant, Exponential, Uniform, LogNormal, Erlang, Normal, Gamma, Weibull, BoundedPareto, HyperExponential or Empirical; did you mean `Exponential`?",
    );
    check(
        "api.service",
        "lognormal 60ms 8ms",
        "`p50` must be shorter than `p99`, found 60ms and 8ms",
    );
    check(
        "api.service",
        "gamma 10ms",
        "`Gamma` has other values: write Gamma(mean: 10ms, cv: 2)",
    );
    check(
        "api.service",
        "weibull shape: 2",
        "a Weibull needs a scale or a mean besides its shape: `Weibull(shape: 1.5, mean: \"8ms\")`",
    );
    check(
        "api.service",
        "empirical times.csv",
        "times.csv: the file was not read: save the scenario beside it first",
    );
    check(
        "lb.algorithm",
        "LeastConections",
        "`LeastConections` is not RoundRobin, WeightedRoundRobin, Random, LeastConnections, WeightedLeastConnections, PowerOfTwo, PowerOfChoices, LeastResponseTime, LowestUtilization, SessionHash, KeyHash or ConsistentHash; did you mean `LeastConnections`?",
    );
    check(
        "cache.hit_ratio",
        "80%",
        "`hit_ratio` and `capacity` exclude each other: the hit ratio is either fixed or an outcome",
    );
    check("lb -> api.loss", "150%", "must be from 0 to 1, found 1.5");
    check(
        "users.operations",
        "redirct",
        "there is no operation `redirct`; there are redirect, shorten",
    );
    check(
        "apu.instances",
        "1",
        "there is no component `apu`; did you mean `api`?",
    );
    check(
        "api.instnces",
        "1",
        "there is no parameter `instnces` here; there are instances, autoscaler, slots, service, per_operation, speed, contention, queue.discipline, queue.capacity, max_connections, shed, pauses, failures; did you mean `instances`?",
    );
    check(
        "lb -> ap.loss",
        "1",
        "there is no connection `lb -> ap`; did you mean `lb -> api`?",
    );
    check(
        "faults.9.at",
        "1s",
        "there are 2 faults, counted from 1: faults.1.at",
    );
}

#[test]
fn the_second_of_two_connections_can_be_named() {
    let mut scenario = shortener();
    scenario.connections.push(Connection::new("lb", "api"));
    set(&mut scenario, "lb -> api #2.loss", "0.5").unwrap();
    assert_eq!(
        (scenario.connections[1].loss, scenario.connections[6].loss),
        (0.0, 0.5)
    );
    set(&mut scenario, "lb -> api.loss", "0.25").unwrap();
    assert_eq!(
        (scenario.connections[1].loss, scenario.connections[6].loss),
        (0.25, 0.5)
    );
    assert!(set(&mut scenario, "lb -> api #3.loss", "0.5").is_err());
    assert_eq!(
        path_of(&scenario, &Subject::Connection(6), "loss"),
        "lb -> api #2.loss"
    );
}

#[test]
fn the_reference_is_that_of_the_tables() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/parameters.md");
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let head = text.split("\n## ").next().unwrap_or_default().trim_end();
    let expected = format!("{head}\n{}", reference());
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, &expected).unwrap();
    }
    assert!(
        text == expected,
        "docs/parameters.md is behind: run this test with UPDATE_DOCS=1"
    );
}

#[test]
fn a_bandwidth_is_shown_as_people_type_it() {
    let mut scenario = everything().0;
    let path = format!("{}.bandwidth", scenario.connections[0].name());
    set(&mut scenario, &path, "10Mbit/s").unwrap();
    let fields = connection_fields(&scenario.connections[0]);
    let field = fields.iter().find(|field| field.path == "bandwidth");
    assert_eq!(field.unwrap().text, "10Mbit/s");
}
