use std::sync::Arc;

use egui_kittest::{Harness, kittest::Queryable};

use super::*;
use crate::window::live::Selected;

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

/// Every text that is drawn, with what is left of it.
fn texts(harness: &Harness<'_>) -> Vec<(String, egui::Rect, egui::Rect)> {
    let shapes = harness.output().shapes.iter();
    shapes
        .filter_map(|clipped| match &clipped.shape {
            Shape::Text(text) if !text.galley.text().is_empty() => Some((
                text.galley.text().to_owned(),
                text.visual_bounding_rect(),
                clipped.clip_rect,
            )),
            _ => None,
        })
        .collect()
}

#[test]
fn no_label_of_the_time_axis_is_cut_off() {
    for end_secs in [0.5, 7.0, 20.0, 59.0, 60.0, 61.0, 100.0, 3_600.0, 90_000.0] {
        for width in [940.0, 1_250.0, 1_800.0] {
            let mut harness = Harness::builder()
                .with_size(Vec2::new(width, 200.0))
                .build_ui(move |ui| {
                    let now_ns = (end_secs * 1e9) as u64;
                    super::ui(
                        ui,
                        &Snapshot {
                            now_ns,
                            ..snapshot()
                        },
                    );
                });
            harness.run_steps(3);
            for (text, rect, seen) in texts(&harness) {
                assert!(
                    seen.left() <= rect.left() + 0.5 && rect.right() <= seen.right() + 0.5,
                    "{text:?} after {end_secs} s in {width}: {rect} of {seen}"
                );
            }
        }
    }
}

#[test]
fn a_line_breaks_where_nothing_was_measured() {
    let point = |x: f64| [x, 1.0];
    let points = [1.0, 2.0, 3.0, 7.0, 9.0, 10.0].map(point);
    let lengths =
        |piece_secs| -> Vec<usize> { runs(&points, piece_secs).map(<[_]>::len).collect() };
    assert_eq!(lengths(1.0), [3, 1, 2]);
    // A piece of another length, after a reset, is no gap.
    assert_eq!(lengths(1.5), [3, 3]);
    assert_eq!(lengths(10.0), [6]);
    assert_eq!(runs(&[], 1.0).count(), 0);
}

#[test]
fn no_latency_is_drawn_while_nothing_was_answered() {
    let points: Vec<[f64; 2]> = (1..=100)
        .filter(|second| !(40..60).contains(second))
        .map(|second| [f64::from(second), 0.01])
        .collect();
    let course = Course {
        piece_secs: 1.0,
        latencies: [points.clone(), points.clone(), points],
        ..Course::default()
    };
    let snapshot = Snapshot {
        now_ns: 100_000_000_000,
        selected: Selected {
            course: Arc::new(course),
            ..Selected::default()
        },
        ..Snapshot::default()
    };
    let mut harness = Harness::builder()
        .with_size(Vec2::new(1200.0, 200.0))
        .build_ui(move |ui| super::ui(ui, &snapshot));
    harness.run_steps(3);
    let p50 = Theme::from_visuals(&harness.ctx.global_style().visuals).percentiles()[0];
    let lines: Vec<egui::Rect> = harness
        .output()
        .shapes
        .iter()
        .filter_map(|clipped| match &clipped.shape {
            Shape::Path(path) if path.stroke.color == egui::epaint::ColorMode::Solid(p50) => {
                Some(path.visual_bounding_rect())
            }
            _ => None,
        })
        .collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[0].right() + 20.0 < lines[1].left(), "{lines:?}");
}

#[test]
fn a_hundred_faults_at_once_are_one_mark_and_one_shade() {
    let fault = |secs: f64, until: f64, on: &str| Marker {
        secs,
        until_secs: (until > secs).then_some(until),
        kind: MarkerKind::Fault,
        text: format!("{on}: crash"),
    };
    let mut markers: Vec<Marker> = (0..100)
        .map(|i| fault(10.0 + f64::from(i) / 1e3, 20.0, "a"))
        .collect();
    markers.push(fault(15.0, 30.0, "b"));
    markers.push(fault(50.0, 0.0, "c"));
    markers.push(fault(60.0, 200.0, "d"));
    let heal = Marker {
        kind: MarkerKind::Heal,
        text: "a: healed".into(),
        ..fault(10.0, 0.0, "")
    };
    markers.insert(50, heal);
    assert_eq!(
        shades(&markers, 100.0),
        [
            (MarkerKind::Fault, 10.0, 30.0),
            (MarkerKind::Fault, 60.0, 100.0)
        ]
    );
    let marks = marks(&markers, 100.0);
    let texts: Vec<&str> = marks.iter().map(|(_, _, text)| text.as_str()).collect();
    assert_eq!(
        texts,
        [
            "a: crash and 99 more",
            "a: healed",
            "b: crash",
            "c: crash",
            "d: crash"
        ]
    );
}

#[test]
fn in_little_room_the_values_go_and_the_titles_stay() {
    let mut harness = Harness::builder()
        .with_size(Vec2::new(260.0, 700.0))
        .build_ui(|ui| {
            super::ui(ui, &snapshot());
        });
    harness.run_steps(3);
    for text in ["Throughput", "throughput", "goodput", "failures", "Latency"] {
        harness.get_by_label(text);
    }
    assert!(harness.query_by_label_contains("goodput ").is_none());
}

#[test]
fn long_names_of_boxes_do_not_push_the_title_out() {
    let mut snapshot = snapshot();
    let mut course = (*snapshot.selected.course).clone();
    for (name, _) in &mut course.queues {
        *name = format!("{name} in the warehouse behind the river");
    }
    snapshot.selected.course = Arc::new(course);
    let mut harness = Harness::builder()
        .with_size(Vec2::new(944.0, 190.0))
        .build_ui(move |ui| super::ui(ui, &snapshot));
    harness.run_steps(3);
    let tops = ["Throughput", "Latency", "Utilization", "Queue length"]
        .map(|title| harness.get_by_label(title).rect().top());
    assert!(tops.iter().all(|top| *top == tops[0]), "{tops:?}");
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
