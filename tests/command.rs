//! The real program, driven as people drive it: every command, every exit status, every way to
//! fail.
#![allow(clippy::unwrap_used, reason = "a test that fails should say where")]

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn littlebox(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_littlebox"));
    command.args(arguments).env_remove("RUST_LOG");
    command
}

/// Runs to the end: (exit status, standard output, standard error).
fn end(arguments: &[&str]) -> (i32, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = littlebox(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap_or(-1), text(stdout), text(stderr))
}

#[track_caller]
fn good(arguments: &[&str]) -> String {
    let (status, out, err) = end(arguments);
    assert_eq!((status, err.as_str()), (0, ""), "{arguments:?}");
    out
}

/// Fails with status 2, prints nothing on standard output, and says why.
#[track_caller]
fn bad(arguments: &[&str], why: &str) {
    let (status, out, err) = end(arguments);
    assert_eq!((status, out.as_str()), (2, ""), "{arguments:?}: {err}");
    assert!(err.contains(why), "{arguments:?}: {err}");
}

fn data(name: &str) -> String {
    format!("{}/tests/data/{name}.ron", env!("CARGO_MANIFEST_DIR"))
}

fn json(arguments: &[&str]) -> Value {
    let out = good(&[&["run", "--json"], arguments].concat());
    serde_json::from_str(&out).unwrap()
}

/// A file with this content that lives as long as the folder.
fn file(folder: &tempfile::TempDir, name: &str, content: &str) -> String {
    let path: PathBuf = folder.path().join(name);
    std::fs::write(&path, content).unwrap();
    path.display().to_string()
}

const LOADED: &str = r#"Scenario(
    version: 1,
    name: "Loaded",
    components: {
        "clients": Client(arrivals: Poisson(rate: 200)),
        "server": Server(slots: 2, service: Exponential("8ms"), queue: (capacity: 3)),
    },
    connections: [(from: "clients", to: "server", latency: "0s")],
    objectives: [
        (what: Latency(percentile: 99), of: "clients", below: "10s"),
        (what: Availability, of: "clients", above: LIMIT),
    ],
)
"#;

/// Where a client's requests come from several regions, each has figures of its own in every output;
/// elsewhere nothing is said about regions.
#[test]
fn regions_have_figures_in_every_output() {
    let shipped = format!(
        "{}/scenarios/region_failover.ron",
        env!("CARGO_MANIFEST_DIR")
    );
    let arguments = [shipped.as_str(), "--for", "300s"];
    let found = json(&arguments);
    let mut sum = 0.0;
    for name in ["Europe", "America"] {
        let of = &found["regions"][name];
        assert_eq!(of["availability"], 1.0, "{of}");
        sum += of["throughput"].as_f64().unwrap();
        let p99 = of["latency"]["p99"].as_f64().unwrap();
        assert!((0.08..0.12).contains(&p99), "{p99}");
    }
    let all = found["system"]["throughput"].as_f64().unwrap();
    assert!((sum - all).abs() < 1e-9 * all);
    let out = good(&[&["run"], &arguments[..]].concat());
    assert!(out.contains("\nRequests from "), "{out}");
    let csv = good(&[&["run", "--csv"], &arguments[..]].concat());
    for measure in ["throughput", "p50", "p99"] {
        let line = format!("\r\nregion,America,{measure},");
        assert!(csv.contains(&line), "{csv}");
    }
    let runs = json(&[&arguments[..], &["--runs", "3"]].concat());
    assert!(runs["regions"]["Europe"]["latency"]["p50"].is_number());
    assert!(
        json(&[&data("mm1"), "--for", "10s"])
            .get("regions")
            .is_none()
    );
}

#[test]
fn the_table_is_aligned_and_narrow() {
    for name in ["mm1", "central_server", "url_shortener"] {
        let out = good(&["run", &data(name), "--for", "20s"]);
        for line in out.lines() {
            assert!(line.chars().count() <= 100, "{line}");
        }
        for part in [
            "Whole system",
            "Component",
            "Connection",
            "Little's law",
            "fingerprint",
        ] {
            assert!(out.contains(part), "{name}: {part}");
        }
        assert!(out.contains("20.00s simulated"), "{out}");
        assert!(out.ends_with('\n') && !out.contains("NaN") && !out.contains("inf"));
    }
}

/// Requests that failed have a latency of their own, wherever there is one; here after one timeout.
#[test]
fn failures_have_a_latency_in_every_output() {
    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(data("mm1")).unwrap();
    let text = text.replace(
        r#"from: "clients", to: "server","#,
        r#"from: "clients", to: "server", loss: 1.0, timeout: "250ms","#,
    );
    let lossy = file(&folder, "lossy.ron", &text);
    let arguments = [lossy.as_str(), "--for", "20s"];
    let found = json(&arguments);
    for of in [&found["system"], &found["components"]["clients"]] {
        assert!(of.get("latency").is_none(), "{of}");
        for key in ["mean", "p50", "p90", "p95", "p99", "p999", "max"] {
            let secs = of["failure_latency"][key].as_f64().unwrap();
            assert!((secs - 0.25).abs() <= 0.008 * 0.25, "{key}: {secs}");
        }
    }
    let server = &found["components"]["server"];
    assert!(server.get("failure_latency").is_none());
    let out = good(&[&["run"], &arguments[..]].concat());
    let line = "  failed after  p50 250.0ms, p99 250.0ms, max 250.0ms\n";
    assert!(out.contains(line), "{out}");
    let csv = good(&[&["run", "--csv"], &arguments[..]].concat());
    assert!(csv.contains(",failure_latency_max,0.25,,,s\r\n"), "{csv}");
    let healthy = good(&["run", &data("mm1"), "--for", "20s"]);
    assert!(!healthy.contains("failed after"), "{healthy}");
}

#[test]
fn json_has_the_documented_shape() {
    let folder = tempfile::tempdir().unwrap();
    // Without its faults the run is steady, so that there are intervals and no note.
    let text = std::fs::read_to_string(data("url_shortener")).unwrap();
    let (start, end) = (
        text.find("    faults: [").unwrap(),
        text.find("    objectives").unwrap(),
    );
    let steady = file(
        &folder,
        "steady.ron",
        &[&text[..start], &text[end..]].concat(),
    );
    let found = json(&[&steady, "--for", "30s", "--warm-up", "5s"]);
    let keys: Vec<&str> = found
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(
        keys,
        [
            "scenario",
            "seed",
            "simulated_s",
            "warm_up_s",
            "wall_s",
            "events",
            "fingerprint",
            "system",
            "components",
            "connections",
            "bottleneck",
            "objectives"
        ]
    );
    assert_eq!(found["scenario"], "URL shortener");
    assert_eq!(
        (&found["seed"], &found["simulated_s"]),
        (&7.into(), &30.0.into())
    );
    assert_eq!(found["warm_up_s"], 5.0);
    let api = &found["components"]["api"];
    for key in [
        "arrival_rate",
        "throughput",
        "goodput",
        "l",
        "lq",
        "w",
        "wq",
        "utilization",
        "held",
    ] {
        assert!(api[key].is_f64(), "{key}: {api}");
    }
    for key in ["mean", "p50", "p90", "p95", "p99", "p999", "max"] {
        assert!(api["latency"][key].as_f64().unwrap() > 0.0, "{key}");
    }
    assert!(found["system"].get("failure_latency").is_none());
    let [low, high] = [0, 1].map(|end| api["ci"]["w"][end].as_f64().unwrap());
    let w = api["w"].as_f64().unwrap();
    assert!(low < w && w < high);
    assert!(found["components"]["lb"].get("utilization").is_none());
    assert!(found["components"]["users"].get("lq").is_none());
    assert!(found["components"]["cache"]["hit_ratio"].as_f64().unwrap() > 0.3);
    assert!(
        found["components"]["replica"]["replication_lag"]["p99"]
            .as_f64()
            .unwrap()
            > 0.04
    );
    assert!(
        found["connections"]["lb -> api"]["arrival_rate"]
            .as_f64()
            .unwrap()
            > 1000.0
    );
    assert!(
        found["connections"]["db -> replica"]["record_rate"]
            .as_f64()
            .unwrap()
            > 5.0
    );
    assert_eq!(
        found["objectives"][0]["text"],
        "p99 latency of users below 200ms"
    );
    assert_eq!(found["objectives"][0]["limit"], 0.2);
    assert_eq!(found["objectives"][0]["met"], true);
}

#[test]
fn figures_agree_with_each_other_and_with_theory() {
    let found = json(&[&data("mm1"), "--for", "400s"]);
    let server = &found["components"]["server"];
    let number = |value: &Value| value.as_f64().unwrap();
    let little = &server["little"];
    assert!(
        (number(&little["lambda_w"]) / number(&little["l"]) - 1.0).abs() < 0.01,
        "{little}"
    );
    assert_eq!(little["l"], server["l"]);
    let busy = number(&server["throughput"]) * 0.01;
    assert!((number(&server["utilization"]) / busy - 1.0).abs() < 0.03);
    // M/M/1 at 0.8: L = 4. The variance of a time average over T is 2ρ(1+ρ) / μ(1−ρ)⁴T (Whitt
    // 1989), so one standard deviation is 0.21 here; five of them are left less than once in a
    // million.
    assert!(
        (number(&server["l"]) - 4.0).abs() < 5.0 * 0.21,
        "{}",
        server["l"]
    );
    assert_eq!(server["failures"], serde_json::json!({}));
}

#[test]
fn the_same_run_has_the_same_fingerprint() {
    let run = |more: &[&str]| {
        let found = json(&[&[data("mm1").as_str(), "--for", "20s"], more].concat());
        (found["fingerprint"].clone(), found["system"].clone())
    };
    assert_eq!(run(&[]), run(&["--seed", "1"]));
    assert_ne!(run(&[]).0, run(&["--seed", "2"]).0);
    assert_eq!(run(&["--runs", "3"]), run(&["--runs", "3"]));
}

#[test]
fn replications_add_up_and_give_intervals() {
    let found = json(&[
        &data("mm1"),
        "--for",
        "30s",
        "--warm-up",
        "10s",
        "--runs",
        "5",
    ]);
    assert_eq!((&found["runs"], &found["seed"]), (&5.into(), &1.into()));
    let single: Vec<Value> = (1..=5)
        .map(|seed: u64| {
            json(&[
                &data("mm1"),
                "--for",
                "30s",
                "--warm-up",
                "10s",
                "--seed",
                &seed.to_string(),
            ])
        })
        .collect();
    let rate = |found: &Value| {
        found["components"]["server"]["throughput"]
            .as_f64()
            .unwrap()
    };
    let mean = single.iter().map(rate).sum::<f64>() / 5.0;
    assert!((rate(&found) - mean).abs() < 1e-9);
    let events: u64 = single
        .iter()
        .map(|found| found["events"].as_u64().unwrap())
        .sum();
    assert_eq!(found["events"], events);
    assert!(found["components"]["server"]["ci"]["p99"].is_array());
}

#[test]
fn precision_is_reached_or_said_not_to_be() {
    let out = good(&["run", &data("mm1"), "--until", "20%"]);
    assert!(out.contains("mean latency is known to ±"), "{out}");
    let note = |arguments: &[&str]| json(arguments)["notes"][0].as_str().unwrap().to_owned();
    let missed = note(&[&data("mm1"), "--until", "0.1%", "--for", "60s"]);
    assert!(
        missed.starts_with("the precision of 0.1 % was not reached"),
        "{missed}"
    );
    let missed = note(&[&data("mm1"), "--until", "1%", "--for", "10ms"]);
    assert!(
        missed.ends_with("too little was observed to tell it"),
        "{missed}"
    );
}

#[test]
fn what_changes_on_purpose_has_no_intervals() {
    let path = data("url_shortener");
    let found = json(&[&path, "--for", "20s"]);
    assert!(found["system"].get("ci").is_none());
    let note = found["notes"][0].as_str().unwrap();
    assert!(
        note.starts_with("faults are planned, so there is no steady state"),
        "{note}"
    );
    let found = json(&[&path, "--for", "5s", "--runs", "3"]);
    assert!(found["system"]["ci"]["w"].is_array() && found.get("notes").is_none());
    bad(
        &["run", &path, "--until", "1%"],
        "--until needs a steady state, but faults are planned",
    );
}

#[test]
fn the_warm_up_is_found() {
    let folder = tempfile::tempdir().unwrap();
    // The line starts empty and fills up to 100 users for the first minute.
    let text = r#"Scenario(version: 1, components: {
        "users": Client(arrivals: Closed(users: 100, think: Exponential("10s")), timeout: None),
        "server": Server(slots: 1, service: Exponential("500ms")),
    }, connections: [(from: "users", to: "server")])"#;
    let path = file(&folder, "slow.ron", text);
    let found = json(&[&path, "--for", "1h", "--warm-up", "auto"]);
    let warm_up = found["warm_up_s"].as_f64().unwrap();
    assert!((1.0..600.0).contains(&warm_up), "{warm_up}");
    // What never settles has no end of warm-up, and says so.
    let path = file(
        &folder,
        "flood.ron",
        &text.replace(
            "Closed(users: 100, think: Exponential(\"10s\"))",
            "Poisson(rate: 3)",
        ),
    );
    let found = json(&[&path, "--for", "10min", "--warm-up", "auto"]);
    assert_eq!(found["warm_up_s"], 0.0);
    assert!(
        found["notes"][0]
            .as_str()
            .unwrap()
            .contains("does not settle")
    );
    let verdict = found["components"]["server"]["little"]["verdict"]
        .as_str()
        .unwrap();
    assert!(
        verdict.starts_with("growth: arrivals outrun departures by"),
        "{verdict}"
    );
}

#[test]
fn csv_has_a_figure_a_line() {
    let out = good(&["run", &data("mm1"), "--for", "20s", "--csv"]);
    let rows: Vec<Vec<&str>> = out.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(
        rows[0],
        ["subject", "name", "measure", "value", "low", "high", "unit"]
    );
    assert!(rows.iter().all(|row| row.len() == 7), "{out}");
    let w = rows
        .iter()
        .find(|row| row[..3] == ["component", "server", "w"])
        .unwrap();
    let found = json(&[&data("mm1"), "--for", "20s"]);
    assert_eq!(
        w[3].parse::<f64>().unwrap(),
        found["components"]["server"]["w"].as_f64().unwrap()
    );
    assert_eq!(w[6], "s");
}

#[test]
fn parameters_are_set_by_name() {
    let mm1 = data("mm1");
    let set = |settings: &[&str]| {
        let mut words = vec![mm1.as_str(), "--for", "20s"];
        for setting in settings {
            words.extend(["--set", setting]);
        }
        json(&words)
    };
    let plain = set(&[]);
    let rate = |found: &Value| found["system"]["arrival_rate"].as_f64().unwrap();
    assert!((rate(&plain) - 80.0).abs() < 10.0);
    let more = set(&["clients.arrivals.rate=160", "server.slots=4", "seed=9"]);
    assert!((rate(&more) - 160.0).abs() < 15.0);
    assert!(
        more["components"]["server"]["utilization"]
            .as_f64()
            .unwrap()
            < 0.6
    );
    assert_eq!(more["seed"], 9);
    let far = set(&["clients -> server.latency=50ms"]);
    assert!(far["system"]["w"].as_f64().unwrap() > 0.1);
    bad(&["run", &mm1, "--set", "server.slots"], "NAME=VALUE");
    bad(&["run", &mm1, "--set", "server.slotz=4"], "slots");
    bad(&["run", &mm1, "--set", "sever.slots=4"], "server");
    bad(&["run", &mm1, "--set", "server.slots=0"], "server.slots=0");
}

#[cfg(unix)]
#[test]
fn a_scenario_may_come_from_a_pipe() {
    let mut child = littlebox(&["check", "/dev/stdin"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let text = std::fs::read(data("mm1")).unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), &text).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(
        String::from_utf8(output.stdout)
            .unwrap()
            .contains("2 components")
    );
}

#[test]
fn objectives_decide_the_exit_status() {
    let folder = tempfile::tempdir().unwrap();
    let held = file(&folder, "held.ron", &LOADED.replace("LIMIT", "0.5"));
    let out = good(&["test", &held, "--for", "20s"]);
    assert!(
        out.starts_with("met     p99 latency of clients below 10s: "),
        "{out}"
    );
    let broken = file(&folder, "broken.ron", &LOADED.replace("LIMIT", "0.999"));
    let (status, out, err) = end(&["test", &broken, "--for", "20s"]);
    assert_eq!((status, err.as_str()), (1, ""));
    assert!(
        out.contains("\nFAILED  availability of clients above 0.999: 0."),
        "{out}"
    );
    let (status, ..) = end(&["run", &broken, "--for", "20s"]);
    assert_eq!(status, 0, "only `test` judges");
    bad(&["test", &data("mm1")], "has no objectives to test");
    let (status, out, err) = end(&["test", &held, &broken, &held, "--for", "20s"]);
    assert_eq!((status, err.as_str()), (1, ""), "the worst of all counts");
    assert_eq!(out.matches("met     p99 latency").count(), 3, "{out}");
    assert!(out.contains("broken.ron\n"), "each under its name: {out}");
}

#[test]
fn check_lists_every_problem_with_its_place() {
    let out = good(&["check", &data("mm1"), &data("url_shortener")]);
    assert!(
        out.contains("mm1.ron: 2 components, 1 connection: good"),
        "{out}"
    );
    assert!(
        out.contains("url_shortener.ron: 6 components, 6 connections: good"),
        "{out}"
    );
    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(data("url_shortener")).unwrap();
    let wrong = file(
        &folder,
        "wrong.ron",
        &text
            .replace("LeastConnections", "LeastConections")
            .replace("\"2s\"", "\"2\""),
    );
    let (status, out, err) = end(&["check", &data("mm1"), &wrong]);
    assert_eq!(status, 2);
    assert!(
        out.contains("mm1.ron") && !out.contains("wrong.ron"),
        "{out}"
    );
    let place = |word: &str| {
        let line = err.lines().find(|line| line.contains(word));
        line.unwrap_or_else(|| panic!("{word}: {err}")).to_owned()
    };
    assert!(place("did you mean `LeastConnections`?").contains("wrong.ron: line 18, column "));
    assert!(place("needs a unit").contains("wrong.ron: line 15, column "));
    bad(&["run", &wrong], "can't run because of 2 errors");
}

#[test]
fn theory_stands_beside_the_simulation() {
    let out = good(&["theory", &data("mm1"), "--for", "60s"]);
    assert!(out.contains("server: M/M/1, exact\n"), "{out}");
    let line = out
        .lines()
        .find(|line| line.trim_start().starts_with("W "))
        .unwrap();
    assert!(line.contains("50.00ms"), "{line}");
    let out = good(&["theory", &data("central_server"), "--for", "60s"]);
    let photos = format!("{}/scenarios/photos.ron", env!("CARGO_MANIFEST_DIR"));
    let lines = good(&["theory", &photos, "--for", "2min"]);
    let first = "By the drawing the bandwidth of `users -> balancer` breaks first, at 62.50/s";
    assert!(lines.contains(first), "{lines}");
    assert!(out.contains("20 users (exact MVA)"), "{out}");
    let out = good(&["theory", &data("url_shortener"), "--for", "5s"]);
    assert!(
        out.contains("api: no model fits: faults are planned"),
        "{out}"
    );
    assert!(out.contains("lb: no queueing of its own"), "{out}");
}

/// Work that takes no time lets users ask again and again at one instant: no run hangs there.
#[test]
fn time_that_stands_still_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let restless = file(
        &folder,
        "restless.ron",
        r#"Scenario(
    version: 1,
    components: {
        "users": Client(arrivals: Closed(users: 3)),
        "server": Server(service: "10ms"),
    },
    connections: [(from: "users", to: "server", latency: "0s")],
    faults: [(at: "2s", on: "server", fault: Slow(times: 1e-9))],
)
"#,
    );
    let why = "at 2s: time stands still";
    bad(&["run", &restless, "--for", "10s"], why);
    bad(&["run", &restless, "--for", "10s", "--runs", "2"], why);
    good(&["run", &restless, "--for", "1s"]);
}

#[test]
fn bad_usage_is_explained() {
    let (mm1, folder) = (data("mm1"), tempfile::tempdir().unwrap());
    bad(&["run"], "FILE");
    bad(&["run", &mm1, "--frobnicate"], "--frobnicate");
    bad(&["run", &mm1, "--for", "10"], "needs a unit");
    bad(&["run", &mm1, "--for", "0s"], "longer than 0s");
    bad(&["run", &mm1, "--until", "1"], "percent sign");
    bad(&["run", &mm1, "--runs", "0"], "1..=100000");
    bad(&["run", &mm1, "--json", "--csv"], "cannot be used with");
    bad(
        &["run", &mm1, "--until", "1%", "--runs", "2"],
        "cannot be used with",
    );
    bad(
        &["run", &mm1, "--for", "10s", "--warm-up", "10s"],
        "must be shorter than the run (10s)",
    );
    bad(
        &["run", &folder.path().join("none.ron").display().to_string()],
        "none.ron",
    );
    bad(&["run", &folder.path().display().to_string()], "can't read");
    bad(&["check", &file(&folder, "empty.ron", "")], "empty.ron");
    let newer = file(&folder, "newer.ron", "Scenario(version: 99)");
    bad(&["run", &newer], "newer");
    let binary = folder.path().join("binary.ron");
    std::fs::write(&binary, [0, 159, 146, 150]).unwrap();
    bad(&["run", &binary.display().to_string()], "not text");
}

#[test]
fn help_and_version_are_no_errors() {
    let help = good(&["--help"]);
    for word in ["run", "check", "test", "theory", "Exit status"] {
        assert!(help.contains(word), "{help}");
    }
    assert!(good(&["run", "--help"]).contains("--warm-up"));
    assert_eq!(
        good(&["--version"]),
        format!("littlebox {}\n", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn a_recording_is_run_as_it_was() {
    use littlebox::engine::Recording;
    use littlebox::scenario::{FaultKind, file};
    use littlebox::study::{Run, recording};

    let (document, _) = file::read(Path::new(&data("mm1"))).unwrap();
    let scenario = document.unwrap().scenario;
    let mut run = Run::new(&scenario).unwrap();
    run.advance_until(5_000_000_000);
    run.start_fault("server", FaultKind::Slow { times: 1.2 })
        .unwrap();
    run.advance_events(7_000_000_000, 200);
    run.heal("server").unwrap();
    run.advance_until(20_000_000_000);
    let recorded: Recording = run.engine().recording().clone();

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("recorded.ron");
    recording::write(&path, &recorded).unwrap();
    let path = path.display().to_string();
    let found = json(&[&path, "--for", "20s"]);
    assert_eq!(
        found["fingerprint"],
        format!("{:016x}", run.engine().fingerprint())
    );
    assert!(good(&["check", &path]).contains("2 recorded changes: good"));
    bad(&["run", &path, "--seed", "2"], "a recording is one run");
    let unknown = std::fs::read_to_string(&path)
        .unwrap()
        .replace("Heal", "Heel");
    bad(
        &["run", &file(&folder, "typo.ron", &unknown)],
        "did you mean `Heal`?",
    );
}

#[cfg(unix)]
#[test]
fn ctrl_c_still_prints_what_was_measured() {
    for arguments in [&["run"][..], &["run", "--json"], &["test"]] {
        let folder = tempfile::tempdir().unwrap();
        let path = file(&folder, "long.ron", &LOADED.replace("LIMIT", "0.5"));
        let child = littlebox(&[arguments, &[&path, "--for", "36500d"]].concat())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // Long enough to have started; the run itself would take days.
        std::thread::sleep(std::time::Duration::from_millis(1500));
        let pid = child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-INT", &pid])
                .status()
                .unwrap()
                .success()
        );
        let output = child.wait_with_output().unwrap();
        let out = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(130), "{out}");
        if arguments.contains(&"--json") {
            let found: Value = serde_json::from_str(&out).unwrap();
            assert_eq!(found["interrupted"], true);
            assert!(found["events"].as_u64().unwrap() > 1000);
            assert!(found["simulated_s"].as_f64().unwrap() > 1.0);
        } else {
            assert!(
                out.contains("INTERRUPTED") && out.contains("fingerprint"),
                "{out}"
            );
        }
    }
}

#[cfg(unix)]
#[test]
fn a_reader_that_has_gone_is_no_error() {
    let mut child = littlebox(&["run", &data("mm1"), "--for", "20s", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut err = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut err)
        .unwrap();
    assert_eq!((child.wait().unwrap().code(), err.as_str()), (Some(0), ""));
}

#[cfg(not(feature = "window"))]
#[test]
fn without_the_window_it_says_so() {
    bad(&[], "this build has no window");
    bad(&["shop.ron"], "this build has no window");
}
