//! Files beside the scenario's, when it is saved in another folder.

use std::fs;

use egui::{Key, Modifiers};
use littlebox::scenario::{Component, file};

use crate::fixture::Window;

const MEASURED: &str = r#"Scenario(
    version: 1,
    name: "Measured",
    components: {
        "users": Client(arrivals: Poisson(rate: 80)),
        "api": Server(service: Empirical(file: "data/times.csv", unit: ms)),
    },
    connections: [(from: "users", to: "api")], // one
    layout: { "users": (0, 0), "api": (220, 0) },
)
"#;

fn service(window: &Window) -> littlebox::scenario::Distribution {
    match &window.scenario().components["api"] {
        Component::Server(server) => server.service.clone(),
        other => panic!("{other:?}"),
    }
}

fn save_as(window: &mut Window, path: &std::path::Path) {
    window.dialogs.will_say(path);
    window.key(Modifiers::COMMAND | Modifiers::SHIFT, Key::S);
    window.steps(3);
    assert_eq!(window.app().path(), Some(path));
    assert!(!window.app().document().is_changed());
}

#[test]
fn columns_are_found_from_another_folder() {
    let directory = std::sync::Arc::new(tempfile::tempdir().unwrap());
    let path = directory.path().join("measured.ron");
    fs::create_dir_all(directory.path().join("data")).unwrap();
    fs::create_dir_all(directory.path().join("one/two")).unwrap();
    fs::write(directory.path().join("data/times.csv"), "ms\n5\n7\n").unwrap();
    fs::write(&path, MEASURED).unwrap();
    let mut window = Window::start(directory, Some(path.clone()));
    let before = service(&window);
    assert_eq!(before.mean_secs(), 0.006);
    window.key(Modifiers::NONE, Key::Num4);
    let there = window.path("one/two/copy.ron");
    save_as(&mut window, &there);
    let text = fs::read_to_string(&there).unwrap();
    assert!(text.contains(r#"file: "../../data/times.csv""#), "{text}");
    assert!(text.contains("// one"), "{text}");
    // It is what is open, and it can be read again.
    assert_eq!(service(&window).mean_secs(), 0.006);
    let (read, problems) = file::read(&there).unwrap();
    assert_eq!(
        window.scenario().components,
        read.unwrap().scenario.components
    );
    let errors = problems.iter().filter(|problem| problem.is_error());
    assert_eq!(errors.count(), 0, "{problems:?}");
    // What is undone is found from there, too.
    window.key(Modifiers::COMMAND, Key::Z);
    window.steps(3);
    assert_eq!(window.scenario().components.len(), 2);
    window.key(Modifiers::COMMAND, Key::S);
    window.steps(3);
    let text = fs::read_to_string(&there).unwrap();
    assert!(text.contains(r#"file: "../../data/times.csv""#), "{text}");
    // The file it came from is what it was; back in its folder the name is, too.
    assert_eq!(fs::read_to_string(&path).unwrap(), MEASURED);
    let back = window.path("back.ron");
    save_as(&mut window, &back);
    let text = fs::read_to_string(&back).unwrap();
    assert!(text.contains(r#"file: "data/times.csv""#), "{text}");
    assert_eq!(service(&window), before);
}
