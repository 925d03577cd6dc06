//! The rules of the house, as `src/lib.rs` states them: who may know whom, and what is absent.

#![allow(clippy::unwrap_used)] // what fails here is a failed check

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use littlebox::scenario::{
    file,
    parameters::{self, Editor},
};

/// Every source file of a room: `src/room.rs` and what is in `src/room/`.
fn files(room: &str) -> Vec<PathBuf> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders = vec![src.join(room)];
    let alone = src.join(format!("{room}.rs"));
    if alone.exists() {
        found.push(alone);
    }
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                found.push(path);
            }
        }
    }
    assert!(!found.is_empty(), "no room `{room}`");
    found
}

/// The code of a file without comments, and without its tests.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let before_tests = text
        .split("\n#[cfg(test)]\nmod tests {")
        .next()
        .unwrap_or("");
    before_tests
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n")
}

fn is_test(path: &Path) -> bool {
    path.ends_with("tests.rs") || path.iter().any(|part| part == "tests")
}

const ROOMS: [&str; 7] = [
    "scenario", "engine", "theory", "study", "picture", "window", "command",
];

#[test]
fn every_room_knows_only_those_below_it() {
    for (room, knows) in [
        ("scenario", &["scenario"][..]),
        ("engine", &["engine", "scenario"]),
        ("theory", &["theory"]),
        ("study", &["study", "engine", "scenario", "theory"]),
        ("picture", &["picture", "scenario"]),
        (
            "window",
            &["window", "picture", "study", "engine", "scenario"],
        ),
        ("command", &["command", "study", "scenario", "window"]),
    ] {
        for path in files(room) {
            let code = code(&path);
            for other in ROOMS.iter().filter(|other| !knows.contains(other)) {
                for way in [format!("crate::{other}"), format!("littlebox::{other}")] {
                    let known = code.contains(&way);
                    assert!(!known, "{} knows `{other}`", path.display());
                }
            }
        }
    }
}

#[test]
fn the_lower_rooms_know_no_clock_no_thread_and_no_disk() {
    for room in ["scenario", "engine", "theory", "picture"] {
        for path in files(room).iter().filter(|path| !is_test(path)) {
            let code = code(path);
            let mut absent = vec![
                "Instant::now",
                "SystemTime",
                "std::thread",
                "std::env",
                "static mut",
            ];
            // The file, and the columns of numbers that it names.
            if !path.ends_with("scenario/file.rs") && !path.ends_with("scenario/file/csv.rs") {
                absent.extend(["std::fs", "fs::"]);
            }
            for word in absent {
                assert!(!code.contains(word), "{} has `{word}`", path.display());
            }
        }
    }
}

#[test]
fn only_the_file_knows_ron_and_only_the_window_knows_egui() {
    for room in ROOMS {
        for path in files(room) {
            let code = code(&path);
            let in_file = path.to_string_lossy().contains("scenario/file");
            assert!(
                in_file || !code.contains("ron::"),
                "{} knows RON",
                path.display()
            );
            let drawn = room == "window";
            assert!(
                drawn || !code.contains("egui"),
                "{} knows egui",
                path.display()
            );
        }
    }
}

#[test]
fn faces_meet_no_event() {
    for room in ["window", "command"] {
        for path in files(room) {
            let code = code(&path);
            for inside in ["engine::call", "engine::future", "engine::Simulation"] {
                assert!(
                    !code.contains(inside),
                    "{} meets `{inside}`",
                    path.display()
                );
            }
        }
    }
}

/// What is measured with every policy switched on (`cargo bench --bench engine -- --heavy`).
#[test]
fn the_heavy_benchmark_has_every_policy_on() {
    let text = include_str!("../benches/policies.ron");
    let (document, problems) = file::load(text);
    let scenario = document.unwrap_or_else(|| panic!("{problems:?}")).scenario;
    assert_eq!(scenario.components.len(), 30);
    let components = scenario
        .components
        .iter()
        .map(|(_, component)| (component.kind().word(), parameters::fields(component)));
    let connections = scenario
        .connections
        .iter()
        .map(|connection| ("Connection", parameters::connection_fields(connection)));
    // By kind: what may be on or off, and what is one of several words. By path: the words in use.
    let mut on = BTreeMap::new();
    let mut words = BTreeMap::<String, (BTreeSet<&str>, BTreeSet<String>)>::new();
    for (kind, fields) in components.chain(connections) {
        for field in fields {
            if field.parameter.optional && matches!(field.parameter.editor, Editor::Group(_)) {
                *on.entry(format!("{kind}: {}", field.path)).or_insert(false) |=
                    field.text != "none";
            }
            // At the door of a gateway or anywhere.
            let path = field.path.trim_start_matches("rate_limit.");
            if let "queue.discipline" | "limit" = path {
                let (all, used) = words.entry(path.to_owned()).or_default();
                all.extend(field.parameter.words());
                used.insert(field.text);
            }
        }
    }
    let off: Vec<_> = on.iter().filter(|(_, on)| !**on).collect();
    assert!(off.is_empty() && on.len() > 20, "switched off: {off:?}");
    for (path, (all, used)) in &words {
        let idle: Vec<_> = all.iter().filter(|word| !used.contains(**word)).collect();
        assert!(idle.is_empty(), "{path}: {idle:?}");
    }
    assert_eq!(words.len(), 2);
}
