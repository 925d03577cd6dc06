use std::sync::Arc;

use egui_kittest::{Harness, kittest::Queryable};

use super::*;
use crate::window::live::{Marker, Selected};

fn snapshot() -> Snapshot {
    let wave = |scale: f64| -> Vec<[f64; 2]> {
        (1..=100)
            .map(|i| [f64::from(i), scale * (1.0 + f64::from(i % 10))])
            .collect()
    };
    let course = Course {
        piece_secs: 1.0,
        rates: [wave(10.0), wave(9.0), wave(1.0)],
        latencies: [wave(0.001), wave(0.003), wave(0.01)],
        utilization: vec![("working".into(), wave(0.09)), ("held".into(), wave(0.1))],
        queues: vec![("waiting".into(), wave(2.0)), ("present".into(), wave(3.0))],
        markers: vec![Marker {
            secs: 20.0,
            until_secs: Some(40.0),
            kind: MarkerKind::Fault,
            text: "cache: crash".into(),
        }],
        measured_from_secs: 10.0,
    };
    Snapshot {
        now_ns: 100_000_000_000,
        selected: Selected {
            name: Some("api".into()),
            course: Arc::new(course),
            ..Selected::default()
        },
        ..Snapshot::default()
    }
}

#[test]
fn the_charts_name_their_subject_and_their_last_values() {
    for size in [Vec2::new(1800.0, 200.0), Vec2::new(420.0, 700.0)] {
        let mut harness = Harness::builder().with_size(size).build_ui(|ui| {
            crate::window::theme::apply(ui.ctx(), egui::ThemePreference::Dark);
            super::ui(ui, &snapshot());
        });
        harness.run_steps(3);
        for text in [
            "api",
            "Throughput",
            "Latency",
            "Utilization",
            "Queue length",
        ] {
            harness.get_by_label(text);
        }
        harness.get_by_label("p99 10.0 ms");
        harness.get_by_label("held 10 %");
        harness.get_by_label("waiting 2.00");
        harness.get_by_label("throughput 10.0/s");
    }
}

#[test]
fn the_longest_legend_leaves_out_what_has_no_room() {
    let mut harness = Harness::builder()
        .with_size(Vec2::new(260.0, 700.0))
        .build_ui(|ui| {
            super::ui(ui, &snapshot());
        });
    harness.run_steps(3);
    for text in ["throughput", "goodput", "failures", "Latency", "p99"] {
        harness.get_by_label(text);
    }
    assert!(harness.query_by_label("Throughput").is_none());
}

#[test]
fn round_values_have_no_zeros_behind_the_point() {
    for (text, short) in [
        ("50.0/s", "50/s"),
        ("1.20k/s", "1.2k/s"),
        ("100 %", "100 %"),
        ("0 s", "0 s"),
        ("–", "–"),
    ] {
        assert_eq!(without_zeros(text), short);
    }
}

#[test]
fn a_run_without_a_course_draws_empty_charts() {
    let mut harness = Harness::builder()
        .with_size(Vec2::new(1200.0, 200.0))
        .build_ui(|ui| {
            super::ui(ui, &Snapshot::default());
        });
    harness.run_steps(3);
    harness.get_by_label("Whole system");
    assert!(harness.query_by_label_contains("throughput").is_none());
}

#[test]
fn times_on_the_axis_have_the_digits_they_need() {
    for (secs, step, text) in [
        (0.05, 0.01, "0.05 s"),
        (20.0, 5.0, "20 s"),
        (150.0, 60.0, "2:30"),
        (3_600.0, 900.0, "1:00:00"),
        (172_800.0, 86_400.0, "2 d"),
        (-3.0, 5.0, "0 s"),
    ] {
        assert_eq!(time_label(secs, step), text);
    }
}
