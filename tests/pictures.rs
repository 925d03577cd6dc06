//! Small still pictures of the window, drawn without a screen. `UPDATE_SNAPSHOTS=1` renews them.
#![cfg(feature = "window")]
// A test that fails should say where, its helpers included.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use egui::{ThemePreference, Ui, Vec2};
use egui_kittest::{
    Harness, SnapshotOptions, SnapshotResults, TestRenderer, kittest::Queryable as _,
};
use littlebox::{
    engine::Totals,
    picture::Icon,
    scenario::Scenario,
    window::{
        App, Start, Workplace, charts, dialogs, icon, little_panel,
        live::{BoxReading, Course, Marker, MarkerKind, Selected, Snapshot},
        raster::Raster,
        theme::{self, Theme},
    },
};

/// The library's painter behind the harness.
#[derive(Default)]
struct Cpu(Raster);

impl TestRenderer for Cpu {
    fn handle_delta(&mut self, delta: &mut egui::TexturesDelta) {
        self.0.update(delta);
    }

    fn render(
        &mut self,
        ctx: &egui::Context,
        output: &egui::FullOutput,
    ) -> Result<image::RgbaImage, String> {
        let primitives = ctx.tessellate(output.shapes.clone(), output.pixels_per_point);
        let size = ctx.content_rect().size() * output.pixels_per_point;
        let ground = Theme::from_visuals(&ctx.global_style().visuals).panel;
        let size = [size.x.round() as u32, size.y.round() as u32];
        Ok(self
            .0
            .draw(&primitives, size, output.pixels_per_point, ground))
    }
}

fn picture(
    name: &str,
    size: (f32, f32),
    preference: ThemePreference,
    mut draw: impl FnMut(&mut Ui) + 'static,
) -> SnapshotResults {
    let mut harness = Harness::builder()
        .with_size(Vec2::from(size))
        .renderer(Cpu::default())
        .build_ui(move |ui| {
            theme::apply(ui.ctx(), preference);
            draw(ui);
        });
    harness.run_steps(4);
    let options = SnapshotOptions::new().output_path("tests/pictures");
    harness.snapshot_options(name, &options);
    harness.take_snapshot_results()
}

const SECOND: u64 = 1_000_000_000;

/// Ten seconds: 800 calls of 50 ms, of which 40 ms in line and 10 ms of work at one slot.
fn totals() -> Totals {
    Totals {
        now_ns: 10 * SECOND,
        arrivals: 800,
        departures: 800,
        completed: 800,
        present_area: u128::from(40 * SECOND),
        sojourn_sum_ns: u128::from(40 * SECOND),
        waits: 800,
        waiting_area: u128::from(32 * SECOND),
        wait_sum_ns: u128::from(32 * SECOND),
        services: 800,
        busy_area: u128::from(8 * SECOND),
        held_area: u128::from(8 * SECOND),
        service_sum_ns: u128::from(8 * SECOND),
        slots: 1,
        slots_area: u128::from(10 * SECOND),
        ..Totals::default()
    }
}

fn snapshot(so_far: Totals) -> Snapshot {
    // A wave with a fault in the middle.
    let wave = |scale: f64, fault: f64| -> Vec<[f64; 2]> {
        (1..=200)
            .map(|i| {
                let x = f64::from(i);
                let in_fault = (80..120).contains(&i);
                [
                    x,
                    scale * (5.0 + (x / 7.0).sin()) * if in_fault { fault } else { 1.0 },
                ]
            })
            .collect()
    };
    let course = Course {
        piece_secs: 1.0,
        rates: [wave(16.0, 0.4), wave(15.5, 0.3), wave(0.2, 40.0)],
        latencies: [wave(0.004, 3.0), wave(0.01, 4.0), wave(0.02, 5.0)],
        utilization: vec![
            ("working".into(), wave(0.15, 1.1)),
            ("held".into(), wave(0.16, 1.1)),
        ],
        queues: vec![
            ("waiting".into(), wave(0.6, 9.0)),
            ("present".into(), wave(0.8, 9.0)),
        ],
        markers: vec![
            Marker {
                secs: 80.0,
                until_secs: Some(120.0),
                kind: MarkerKind::Fault,
                text: "cache: crash".into(),
            },
            Marker {
                secs: 150.0,
                until_secs: None,
                kind: MarkerKind::Edit,
                text: "edit".into(),
            },
        ],
        measured_from_secs: 10.0,
    };
    Snapshot {
        now_ns: 200 * SECOND,
        scenario: Some(Arc::new(Scenario::default())),
        selected: Selected {
            name: Some("api".into()),
            reading: BoxReading {
                so_far,
                ..BoxReading::default()
            },
            course: Arc::new(course),
            ..Selected::default()
        },
        ..Snapshot::default()
    }
}

#[test]
fn icons() {
    use Icon::*;
    let mut icons: Vec<Icon> = littlebox::scenario::Kind::ALL.map(Icon::Kind).to_vec();
    icons.extend([
        Play,
        Pause,
        Step,
        FlatOut,
        Restart,
        Reset,
        Fit,
        Cross,
        Hourglass,
        Gauge,
        Heal,
        Undo,
        Redo,
        Save,
        Open,
        New,
        Sun,
        Moon,
        ChevronLeft,
        ChevronRight,
        ChevronUp,
        ChevronDown,
        Warning,
        Link,
        Plus,
        Minus,
        Trash,
        Copy,
        Chart,
        Check,
    ]);
    picture("icons", (420.0, 296.0), ThemePreference::Light, move |ui| {
        let theme = Theme::of(ui);
        for (i, sign) in icons.iter().enumerate() {
            let at = egui::pos2((i % 10) as f32 * 40.0 + 24.0, (i / 10) as f32 * 56.0 + 30.0);
            let rect = egui::Rect::from_center_size(at, Vec2::splat(18.0));
            icon::paint(ui.painter(), *sign, rect, theme.text);
            let big = egui::Rect::from_center_size(at + egui::vec2(0.0, 26.0), Vec2::splat(32.0));
            icon::paint(ui.painter(), *sign, big, theme.accent);
        }
    })
    .unwrap();
}

#[test]
fn charts_in_light_and_dark() {
    let mut results = SnapshotResults::new();
    for (name, preference) in [
        ("charts_light", ThemePreference::Light),
        ("charts_dark", ThemePreference::Dark),
    ] {
        let snapshot = snapshot(totals());
        let drawn = picture(name, (1000.0, 180.0), preference, move |ui| {
            charts::ui(ui, &snapshot);
        });
        results.extend(drawn);
    }
}

#[test]
fn the_panel_of_littles_law() {
    let mut results = SnapshotResults::new();
    let mut overload = totals();
    overload.arrivals = 1_200;
    overload.present = 400;
    overload.waiting = 399;
    overload.busy_area = u128::from(10 * SECOND);
    overload.held_area = overload.busy_area;
    overload.present_area += u128::from(400 * SECOND);
    for (name, preference, totals) in [
        ("little_agrees", ThemePreference::Light, totals()),
        ("little_grows", ThemePreference::Dark, overload),
    ] {
        let snapshot = snapshot(totals);
        let drawn = picture(name, (280.0, 240.0), preference, move |ui| {
            little_panel::ui(ui, &snapshot);
        });
        results.extend(drawn);
    }
}

/// Nothing in it is left to chance, so that the picture only changes when the window does: a box
/// that works, one that can't keep up, one that is down, and one that nobody has connected yet.
const STILL_LIFE: &str = r#"Scenario(
    version: 1,
    name: "Still life",
    notes: "Three servers: one works, one is too slow, one crashes.",
    operations: { "request": (kind: Read, weight: 1) },
    components: {
        "users": Client(arrivals: Constant(rate: 60), timeout: "5s"),
        "balancer": LoadBalancer(),
        "works": Server(slots: 2, service: "40ms"),
        "too slow": Server(slots: 1, service: "70ms"),
        "crashes": Server(slots: 2, service: "40ms"),
        "alone": LoadBalancer(),
    },
    connections: [
        (from: "users", to: "balancer", latency: "0s"),
        (from: "balancer", to: "works", latency: "20ms"),
        (from: "balancer", to: "too slow", latency: "20ms"),
        (from: "balancer", to: "crashes", latency: "20ms"),
    ],
    faults: [(at: "2s", on: "crashes", fault: Crash)],
    layout: {
        "users": (0, 120), "balancer": (220, 120), "works": (480, 0), "too slow": (480, 120),
        "crashes": (480, 240), "alone": (220, 260),
    },
)
"#;

/// The whole window after three seconds of a run, with a box selected.
fn whole_window(name: &str, preference: ThemePreference) -> SnapshotResults {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("still life.ron");
    std::fs::write(&path, STILL_LIFE).unwrap();
    let start = Start {
        path: Some(path),
        settings_file: None,
        recovery_directory: None,
        dialogs: Box::new(dialogs::SystemDialogs),
        workplace: Workplace::Inline,
    };
    let mut harness = Harness::builder()
        .with_size(Vec2::new(1100.0, 720.0))
        .with_step_dt(1.0 / 60.0)
        .renderer(Cpu::default())
        .build_eframe(|cc| App::new(&cc.egui_ctx, start));
    harness.ctx.set_theme(preference);
    harness.run_steps(3);
    harness.key_press(egui::Key::Space);
    harness.run_steps(180);
    harness.key_press(egui::Key::Space);
    harness
        .get_by_role_and_label(egui::Role::Button, "too slow")
        .click();
    harness.run_steps(30);
    harness.remove_cursor();
    harness.run_steps(10);
    let options = SnapshotOptions::new().output_path("tests/pictures");
    harness.snapshot_options(name, &options);
    harness.take_snapshot_results()
}

#[test]
fn the_whole_window_in_light_and_dark() {
    let mut results = SnapshotResults::new();
    for (name, preference) in [
        ("window_light", ThemePreference::Light),
        ("window_dark", ThemePreference::Dark),
    ] {
        results.extend(whole_window(name, preference));
    }
}
