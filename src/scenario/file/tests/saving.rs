use super::*;
use crate::scenario::{Arrivals, Component, Connection, Distribution, Duration, Kind, Rate};

/// Applies `change` to a file and compares what is saved, line by line: `-` went, `+` came.
fn check(text: &str, change: impl FnOnce(&mut Scenario), expected: &str) {
    let mut document = document(text);
    change(&mut document.scenario);
    let saved = document.to_text();
    assert_eq!(
        difference(text, &saved).trim_end(),
        expected.trim_end(),
        "{saved}"
    );
    assert_eq!(load(&saved).0.unwrap().scenario, document.scenario);
    assert_eq!(document.to_text(), saved);
}

fn difference(before: &str, after: &str) -> String {
    let (before, after): (Vec<_>, Vec<_>) =
        (before.split('\n').collect(), after.split('\n').collect());
    let start = before
        .iter()
        .zip(&after)
        .take_while(|(b, a)| b == a)
        .count();
    let most = before.len().min(after.len()) - start;
    let end = before
        .iter()
        .rev()
        .zip(after.iter().rev())
        .take(most)
        .take_while(|(b, a)| b == a)
        .count();
    let mut out = String::new();
    for line in &before[start..before.len() - end] {
        out += &format!("-{line}\n");
    }
    for line in &after[start..after.len() - end] {
        out += &format!("+{line}\n");
    }
    out
}

const SHORTENER: &str = EXAMPLES[1];

#[test]
fn an_unchanged_document_saves_to_the_same_bytes() {
    for text in EXAMPLES {
        assert_eq!(document(text).to_text(), text);
    }
    let odd = "\u{feff}/* a */ Scenario (\r\n\tversion : 1 ,//b\r\n\tcomponents:{},) // end";
    assert_eq!(document(odd).to_text(), odd);
}

#[test]
fn a_drawn_document_is_written_as_the_examples_are() {
    for text in [EXAMPLES[0], EXAMPLES[2]] {
        let drawn = Document::new(document(text).scenario).to_text();
        // They start with a comment that a drawing does not have.
        assert_eq!(drawn, text.split_once('\n').unwrap().1);
    }
    let drawn = Document::new(document(SHORTENER).scenario).to_text();
    // The example says some defaults, and minutes in another way.
    check_same(
        &drawn,
        &SHORTENER
            .replace(
                "max: 2, backoff: Exponential(\"100ms\"), jitter: Full",
                "max: 2",
            )
            .replace(
                ", health: (interval: \"10s\", unhealthy: 3, healthy: 2)",
                ", health: ()",
            )
            .replace(", eviction: Lru", "")
            .replace("\"60s\"", "\"1min\"")
            .replace("120s", "2min")
            .replace("Replication(mode: Async, lag", "Replication(lag"),
    );
    assert_eq!(document(&drawn).to_text(), drawn);
    assert_eq!(Document::new(document(&drawn).scenario).to_text(), drawn);
}

fn check_same(found: &str, expected: &str) {
    assert_eq!(difference(expected, found), "");
}

#[test]
fn a_changed_field_changes_its_line() {
    check(
        SHORTENER,
        |scenario| {
            if let Component::Client(client) = &mut scenario.components["users"] {
                client.arrivals = Arrivals::Poisson {
                    rate: Rate(12_500.0),
                    profile: vec![],
                };
            }
        },
        "-            arrivals: Poisson(rate: 1200),\n+            arrivals: Poisson(rate: 12_500),",
    );
    check(
        SHORTENER,
        |scenario| {
            if let Component::Server(server) = &mut scenario.components["api"] {
                server.instances = 1;
                server.service = Distribution::Exponential(Duration::from_millis(4));
            }
        },
        r#"-        "api": Server(instances: 4, slots: 32, service: LogNormal(p50: "4ms", p99: "20ms"), queue: (capacity: 500)),
+        "api": Server(slots: 32, service: Exponential("4ms"), queue: (capacity: 500)),"#,
    );
    check(
        SHORTENER,
        |scenario| scenario.connections[1].latency = Some(Distribution::ZERO),
        r#"-        (from: "lb", to: "api"),
+        (from: "lb", to: "api", latency: "0s"),"#,
    );
    check(
        SHORTENER,
        |scenario| scenario.name = "Links \"&\" more".into(),
        r#"-    name: "URL shortener",
+    name: "Links \"&\" more","#,
    );
    check(SHORTENER, |scenario| scenario.seed = 1, "-    seed: 7,");
    check(
        EXAMPLES[0],
        |scenario| scenario.seed = 10_000,
        "+    seed: 10_000,",
    );
}

#[test]
fn entries_come_and_go_with_their_lines() {
    check(
        SHORTENER,
        |scenario| {
            scenario
                .components
                .insert("q".into(), Kind::Queue.component());
        },
        "+        \"q\": Queue(),",
    );
    check(
        SHORTENER,
        |scenario| {
            scenario
                .components
                .shift_insert(0, "q".into(), Kind::Queue.component());
        },
        "+        \"q\": Queue(),",
    );
    check(
        SHORTENER,
        |scenario| {
            scenario.faults.remove(0);
        },
        "-        (at: \"60s\", until: \"90s\", on: \"cache\", fault: Crash),",
    );
    check(
        SHORTENER,
        |scenario| scenario.connections.insert(2, Connection::new("api", "lb")),
        "+        (from: \"api\", to: \"lb\"),",
    );
    check(
        SHORTENER,
        |scenario| scenario.objectives.clear(),
        r#"-    objectives: [
-        (what: Latency(percentile: 99), of: "users", below: "200ms"),
-        (what: Availability, of: "users", above: 0.999),
-    ],"#,
    );
    check(
        EXAMPLES[0],
        |scenario| {
            scenario.layout.insert("server".into(), (1, -2));
        },
        "+    layout: { \"server\": (1, -2) },",
    );
}

#[test]
fn lists_on_one_line_stay_on_it() {
    let text = "Scenario(version: 1, components: {\"a\": Server(), \"b\": Server()}, layout: { \"a\": (0, 0), \"b\": (1, 1) })";
    let check = |change: fn(&mut Scenario), expected: &str| {
        let mut document = Document::new(load(text).0.unwrap().scenario);
        document = Document {
            source: load(text).0.unwrap().source,
            ..document
        };
        change(&mut document.scenario);
        let saved = document.to_text();
        assert_eq!(saved, expected);
        assert_eq!(load(&saved).0.unwrap().scenario, document.scenario);
    };
    check(
        |s| {
            s.layout.shift_remove("b");
        },
        "Scenario(version: 1, components: {\"a\": Server(), \"b\": Server()}, layout: { \"a\": (0, 0) })",
    );
    check(
        |s| {
            s.layout.shift_remove("a");
        },
        "Scenario(version: 1, components: {\"a\": Server(), \"b\": Server()}, layout: { \"b\": (1, 1) })",
    );
    check(
        |s| {
            s.layout["a"] = (5, -5);
        },
        "Scenario(version: 1, components: {\"a\": Server(), \"b\": Server()}, layout: { \"a\": (5, -5), \"b\": (1, 1) })",
    );
    check(
        |s| {
            s.components.insert("c".into(), Kind::Queue.component());
            s.seed = 3;
        },
        "Scenario(version: 1, seed: 3, components: {\"a\": Server(), \"b\": Server(), \"c\": Queue()}, layout: { \"a\": (0, 0), \"b\": (1, 1) })",
    );
}

const COMMENTED: &str = r#"// The file.
Scenario(
    version: 1, // the first
    // The boxes.
    components: {
        // Who asks.
        "users": Client(
            // How much.
            arrivals: Poisson(rate: 80 /* a second */), // calm
        ), // end of users

        // Who answers.
        "api": Server(slots: 1), /* small */
        "spare": Server(slots: 1), // unused
        // nothing follows
    },
    connections: [
        // Straight.
        (from: "users", to: "api")
    ],
)
// The end.
"#;

#[test]
fn comments_stay() {
    check(
        COMMENTED,
        |scenario| {
            if let Component::Client(client) = &mut scenario.components["users"] {
                client.sessions = 5;
            }
        },
        "+            sessions: 5,",
    );
    check(
        COMMENTED,
        |scenario| {
            if let Component::Client(client) = &mut scenario.components["users"] {
                client.arrivals = Arrivals::Closed {
                    users: 3,
                    think: Distribution::ZERO,
                };
            }
        },
        r#"-            arrivals: Poisson(rate: 80 /* a second */), // calm
+            /* a second */
+            arrivals: Closed(users: 3, think: "0s"), // calm"#,
    );
    check(
        COMMENTED,
        |scenario| {
            scenario.components.shift_remove("spare");
        },
        "-        \"spare\": Server(slots: 1), // unused",
    );
    check(
        COMMENTED,
        |scenario| {
            scenario
                .components
                .insert("new".into(), Kind::LoadBalancer.component());
        },
        "+        \"new\": LoadBalancer(algorithm: RoundRobin),",
    );
    check(
        COMMENTED,
        |scenario| scenario.connections.push(Connection::new("api", "spare")),
        r#"-        (from: "users", to: "api")
+        (from: "users", to: "api"),
+        (from: "api", to: "spare"),"#,
    );
    check(
        COMMENTED,
        |scenario| scenario.connections.clear(),
        "-        (from: \"users\", to: \"api\")",
    );
}

#[test]
fn a_renamed_box_keeps_its_text() {
    check(
        COMMENTED,
        |scenario| {
            let value = scenario.components["users"].clone();
            scenario.components.shift_remove("users");
            scenario.components.shift_insert(0, "people".into(), value);
            scenario.connections[0].from = "people".into();
        },
        RENAMED,
    );
}

const RENAMED: &str = r#"-        "users": Client(
-            // How much.
-            arrivals: Poisson(rate: 80 /* a second */), // calm
-        ), // end of users
-
-        // Who answers.
-        "api": Server(slots: 1), /* small */
-        "spare": Server(slots: 1), // unused
-        // nothing follows
-    },
-    connections: [
-        // Straight.
-        (from: "users", to: "api")
+        "people": Client(
+            // How much.
+            arrivals: Poisson(rate: 80 /* a second */), // calm
+        ), // end of users
+
+        // Who answers.
+        "api": Server(slots: 1), /* small */
+        "spare": Server(slots: 1), // unused
+        // nothing follows
+    },
+    connections: [
+        // Straight.
+        (from: "people", to: "api")
"#;

#[test]
fn windows_line_ends_stay() {
    let text = EXAMPLES[0].replace('\n', "\r\n");
    let mut document = document(&text);
    document
        .scenario
        .components
        .insert("q".into(), Kind::Queue.component());
    let saved = document.to_text();
    assert_eq!(saved.matches('\n').count(), saved.matches("\r\n").count());
    assert_eq!(saved.lines().count(), text.lines().count() + 1);
}

#[test]
fn a_line_that_grows_too_long_is_broken() {
    check(
        SHORTENER,
        |scenario| {
            if let Component::Server(server) = &mut scenario.components["api"] {
                let slow = Distribution::LogNormal {
                    p50: Duration::from_millis(40),
                    p99: Duration::from_millis(200),
                };
                server.per_operation.insert("shorten".into(), slow);
            }
        },
        r#"-        "api": Server(instances: 4, slots: 32, service: LogNormal(p50: "4ms", p99: "20ms"), queue: (capacity: 500)),
+        "api": Server(
+            instances: 4,
+            slots: 32,
+            service: LogNormal(p50: "4ms", p99: "20ms"),
+            per_operation: { "shorten": LogNormal(p50: "40ms", p99: "200ms") },
+            queue: (capacity: 500),
+        ),"#,
    );
}

#[test]
fn files_are_replaced_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.ron");
    write(&path, &document(EXAMPLES[0])).unwrap();
    write(&path, &document(EXAMPLES[1])).unwrap();
    let (loaded, problems) = read(&path).unwrap();
    assert_eq!(problems, []);
    assert_eq!(loaded.unwrap().to_text(), EXAMPLES[1]);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    let nowhere = folder.path().join("no/such/folder/a.ron");
    let error = write(&nowhere, &document(EXAMPLES[0]))
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with("can't write ") && error.contains("No such file"),
        "{error}"
    );
    let error = read(&nowhere).unwrap_err().to_string();
    assert!(error.starts_with("can't read "), "{error}");
}

#[test]
fn a_shared_line_keeps_its_indentation() {
    let text = "Scenario(\n    version: 1,\n    components: {\n        \"a\": Queue(), \"b\": Queue(),\n        \"c\": Queue(), // last\n    },\n)\n";
    check(
        text,
        |scenario| {
            scenario.components.shift_remove("a");
        },
        "-        \"a\": Queue(), \"b\": Queue(),\n+        \"b\": Queue(),",
    );
    check(
        text,
        |scenario| {
            scenario.components.shift_remove("b");
        },
        "-        \"a\": Queue(), \"b\": Queue(),\n+        \"a\": Queue(),",
    );
}
