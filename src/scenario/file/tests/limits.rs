use std::fmt::Write as _;
use std::time::Instant;

use super::*;

fn first_problem(text: &str) -> String {
    load(text).1[0].to_string()
}

#[test]
fn nonsense_is_refused_with_a_sentence() {
    assert!(
        first_problem("")
            .ends_with("the file is empty; a scenario starts with `Scenario(version: 1, …)`")
    );
    for open in [
        "(", "[", "{", "S(", "{\"a\":", "(a:", "/*", "#![", "r#", "\"", "'", "b\"",
    ] {
        let (document, problems) = load(&open.repeat(100_000));
        assert!(document.is_none() && !problems.is_empty(), "{open}");
    }
    for text in [
        "1e999999999",
        "9".repeat(100_000).as_str(),
        "NaN",
        "-inf",
        "\0",
        "\u{1F600}",
    ] {
        assert!(load(text).0.is_none());
        let (document, problems) = load(&format!("Scenario(version: 1, seed: {text})"));
        assert!(
            document.is_none() && !problems.is_empty(),
            "{text}: {problems:?}"
        );
    }
}

#[test]
fn large_files_are_refused_before_they_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.ron");
    fs::File::create(&path)
        .unwrap()
        .set_len(MAX_BYTES + 1)
        .unwrap();
    let start = Instant::now();
    let (document, problems) = read(&path).unwrap();
    assert!(start.elapsed().as_millis() < 500);
    assert!(document.is_none());
    assert_eq!(
        problems[0].to_string(),
        "the file has 65 MiB; a scenario file may have 64 MiB"
    );
}

#[test]
fn bytes_that_are_no_text_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bytes.ron");
    fs::write(&path, b"Scenario(\n  \xff").unwrap();
    let (document, problems) = read(&path).unwrap();
    assert!(document.is_none());
    assert_eq!(
        problems[0].to_string(),
        "line 2, column 3: the file is not text (UTF-8): here stands the byte 0xff"
    );
}

#[test]
fn ten_thousand_boxes_and_fifty_thousand_arrows_load_and_save() {
    let mut text =
        "Scenario(\n    version: 1,\n    components: {\n        \"c\": Client(),\n".to_owned();
    for box_number in 0..10_000 {
        let _ = writeln!(
            text,
            "        \"box {box_number}\": Server(slots: 2, service: Exponential(\"3ms\")),"
        );
    }
    text += "    },\n    connections: [\n        (from: \"c\", to: \"box 0\"),\n";
    for from in 0..9_995 {
        for to in 1..=5 {
            let _ = writeln!(
                text,
                "        (from: \"box {from}\", to: \"box {}\", latency: \"1ms\"),",
                from + to
            );
        }
    }
    text += "    ],\n)\n";
    let start = Instant::now();
    let mut document = document(&text);
    document.scenario.components.shift_remove("box 9999");
    document.scenario.connections.retain(|c| c.to != "box 9999");
    let saved = document.to_text();
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
    assert_eq!(text.lines().count() - saved.lines().count(), 6 - 5 + 1);
}

#[test]
fn a_file_full_of_mistakes_is_refused_in_time() {
    let start = Instant::now();
    // All on one line, so that columns are far away.
    let mut text = "Scenario(version: 1, components: {".to_owned();
    for number in 0..20_000 {
        let _ = write!(
            text,
            "\"ä{number}\": Server(slts: 1, service: Exp(\"1ms\")), "
        );
    }
    text += "}, connections: [";
    for number in 0..20_000 {
        let _ = write!(text, "(from: \"x{number}\", to: 5), ");
    }
    text += "])";
    let (document, problems) = load(&text);
    assert!(document.is_none());
    assert_eq!(problems.len(), MAX_PROBLEMS + 1);
    assert_eq!(
        problems[MAX_PROBLEMS].message,
        "only the first 1000 problems are listed"
    );
    assert!(problems[MAX_PROBLEMS - 1].place.unwrap().column > 20_000);
    // Every name unknown, every connection changed.
    let scenario = Scenario {
        connections: (0..20_000)
            .map(|at| crate::scenario::Connection::new(format!("server {at}"), "x"))
            .collect(),
        ..Scenario::default()
    };
    let mut document = document_of(&Document::new(scenario).to_text());
    for connection in &mut document.scenario.connections {
        connection.to = "y".into();
    }
    let saved = document.to_text();
    assert_eq!(load(&saved).0.unwrap().scenario, document.scenario);
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}

fn document_of(text: &str) -> Document {
    load(text).0.unwrap()
}
