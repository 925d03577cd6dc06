use std::fs;
use std::path::PathBuf;

use super::*;
use crate::scenario::{Component, Distribution, parameters};

/// A folder of its own with these files in it.
fn folder(name: &str, files: &[(&str, &str)]) -> PathBuf {
    let folder =
        std::env::temp_dir().join(format!("littlebox-beside-{name}-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    for (file, content) in files {
        fs::write(folder.join(file), content).unwrap();
    }
    folder
}

fn scenario(service: &str) -> String {
    format!(
        "Scenario(\n    version: 1,\n    components: {{\n        \"c\": Client(),\n        \"s\": Server(service: {service}),\n    }},\n    connections: [(from: \"c\", to: \"s\")],\n)\n"
    )
}

fn times(scenario: &Scenario, server: &str) -> Vec<u64> {
    match &scenario.components[server] {
        Component::Server(server) => match &server.service {
            Distribution::Empirical(sample) => {
                sample.times().iter().map(|time| time.nanos()).collect()
            }
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_column_beside_the_scenario_is_read_and_its_place_is_kept() {
    let text = scenario("Empirical(file: \"times.csv\", column: \"took\", unit: ms)");
    let folder = folder(
        "kept",
        &[("a.ron", &text), ("times.csv", "id,took\n1,3\n2,5\n")],
    );
    let (document, problems) = read(&folder.join("a.ron")).unwrap();
    assert_eq!(problems, []);
    let mut document = document.unwrap();
    assert_eq!(times(&document.scenario, "s"), [3_000_000, 5_000_000]);
    assert_eq!(document.to_text(), text);
    // Another parameter of the same box: the times stay, and so does the rest of the file.
    parameters::set(&mut document.scenario, "s.slots", "7").unwrap();
    assert_eq!(times(&document.scenario, "s"), [3_000_000, 5_000_000]);
    assert_eq!(
        document.to_text(),
        text.replace("Server(", "Server(slots: 7, ")
    );
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn what_is_wrong_with_a_file_is_said_where_the_scenario_names_it() {
    let text = scenario("Empirical(file: \"times.csv\")");
    let folder = folder("wrong", &[("a.ron", &text), ("times.csv", "1\nabc\n")]);
    let problems = |folder: &std::path::Path| -> Vec<String> {
        let (_, problems) = read(&folder.join("a.ron")).unwrap();
        problems.iter().map(ToString::to_string).collect()
    };
    assert_eq!(
        problems(&folder),
        ["line 5, column 46: times.csv: line 2: `abc` is not a time"]
    );
    fs::remove_file(folder.join("times.csv")).unwrap();
    let [problem] = &problems(&folder)[..] else {
        panic!("one problem")
    };
    assert!(
        problem.starts_with("line 5, column 46: times.csv: can't be read: "),
        "{problem}"
    );
    fs::remove_dir_all(folder).unwrap();
    // A text lies nowhere.
    let problem = load(&text).1[0].to_string();
    assert_eq!(
        problem,
        "line 5, column 46: times.csv: the file was not read: save the scenario beside it first"
    );
}

/// Every parameter that takes a distribution, of every kind of box and of arrows.
#[test]
fn files_are_read_for_every_parameter() {
    let folder = folder("every", &[("times.csv", "0.5\n")]);
    let beside = Beside::file(&folder.join("a.ron"));
    let (document, _) = load_beside(
        include_str!("../../../../tests/data/url_shortener.ron"),
        &beside,
    );
    let mut scenario = document.unwrap().scenario;
    for kind in crate::scenario::Kind::ALL {
        scenario
            .components
            .insert(format!("new {}", kind.noun()), kind.component());
    }
    let replication = crate::scenario::Link::Replication(crate::scenario::Replication::default());
    scenario.connections.push(crate::scenario::Connection {
        link: replication,
        ..crate::scenario::Connection::new("db", "replica")
    });
    parameters::set(&mut scenario, "new client.arrivals", "closed").unwrap();
    let components = scenario.components.keys().cloned().map(Subject::Component);
    let connections = (0..scenario.connections.len()).map(Subject::Connection);
    let far = crate::scenario::FrameLatency {
        from: "a".into(),
        to: "b".into(),
        latency: Distribution::ZERO,
    };
    scenario.latencies.push(far);
    let subjects = components.chain(connections).chain([Subject::Latency(0)]);
    let mut set = 0;
    for subject in subjects.collect::<Vec<_>>() {
        for field in parameters::fields_of(&scenario, &subject) {
            let is_group = matches!(field.parameter.editor, parameters::Editor::Group(_));
            if is_group && field.text == "none" {
                parameters::set_field(&mut scenario, &subject, &field.path, "on").unwrap();
            }
        }
        for field in parameters::fields_of(&scenario, &subject) {
            if field.parameter.editor == parameters::Editor::Distribution {
                parameters::set_field(&mut scenario, &subject, &field.path, "empirical times.csv")
                    .unwrap_or_else(|error| panic!("{subject:?} {}: {error}", field.path));
                set += 1;
            }
        }
    }
    parameters::set(
        &mut scenario,
        "api.per_operation.shorten",
        "empirical times.csv",
    )
    .unwrap();
    assert!(set > 50, "{set}");
    // The same again when all is read at once.
    let text = Document::new(scenario).to_text();
    let problems = load_beside(&text, &beside).1;
    assert!(
        !problems
            .iter()
            .any(|problem| problem.message.contains("times.csv")),
        "{problems:?}"
    );
    fs::remove_dir_all(folder).unwrap();
}
