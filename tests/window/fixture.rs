//! A window in a test: its own directories, dialogs that answer at once, an engine that only runs
//! in the window's own frames.

use std::{
    collections::VecDeque,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use egui::{Key, Modifiers, Pos2, Vec2};
use egui_kittest::{Harness, kittest::Queryable};
use littlebox::{
    scenario::Scenario,
    window::{
        App, Start, Workplace,
        dialogs::{Answer, FileDialogs},
    },
};

/// Answers for a person: the next path for every question, nothing when there is none left.
#[derive(Clone, Default)]
pub struct FakeDialogs {
    answers: Arc<Mutex<VecDeque<PathBuf>>>,
}

impl FakeDialogs {
    pub fn will_say(&self, path: impl Into<PathBuf>) {
        self.answers.lock().unwrap().push_back(path.into());
    }

    fn next(&self) -> Answer {
        Answer::ready(self.answers.lock().unwrap().pop_front())
    }
}

impl FileDialogs for FakeDialogs {
    fn open(&mut self, _directory: Option<&Path>) -> Answer {
        self.next()
    }

    fn save(&mut self, _directory: Option<&Path>, _file_name: &str) -> Answer {
        self.next()
    }
}

/// A window and what surrounds it.
pub struct Window {
    pub harness: Harness<'static, App>,
    pub dialogs: FakeDialogs,
    pub directory: Arc<tempfile::TempDir>,
}

/// users → api, side by side, with room around.
pub const PAIR: &str = r#"Scenario(
    version: 1,
    name: "Pair",
    components: {
        "users": Client(arrivals: Poisson(rate: 80)),
        "api": Server(slots: 1, service: Exponential("10ms")),
        "db": Database(),
    },
    connections: [
        (from: "users", to: "api", latency: "0s"),
    ],
    layout: { "users": (0, 0), "api": (220, 0), "db": (440, 0) },
)
"#;

impl Window {
    /// A window with a file that says `text`.
    pub fn with(text: &str) -> Self {
        let directory = Arc::new(tempfile::tempdir().unwrap());
        let path = directory.path().join("test.ron");
        std::fs::write(&path, text).unwrap();
        Self::start(directory, Some(path))
    }

    /// A window as a person starts it, in a directory.
    pub fn start(directory: Arc<tempfile::TempDir>, path: Option<PathBuf>) -> Self {
        let dialogs = FakeDialogs::default();
        let start = Start {
            path,
            settings_file: Some(directory.path().join("settings.json")),
            recovery_directory: Some(directory.path().join("recovery")),
            dialogs: Box::new(dialogs.clone()),
            workplace: Workplace::Inline,
        };
        let mut harness = Harness::builder()
            .with_size(Vec2::new(1280.0, 720.0))
            .with_step_dt(1.0 / 60.0)
            .build_eframe(|cc| App::new(&cc.egui_ctx, start));
        harness.run_steps(3);
        Self {
            harness,
            dialogs,
            directory,
        }
    }

    pub fn app(&self) -> &App {
        self.harness.state()
    }

    pub fn scenario(&self) -> Scenario {
        (**self.app().document().scenario()).clone()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub fn steps(&mut self, steps: usize) {
        self.harness.run_steps(steps);
    }

    /// Clicks the only thing with this name.
    #[track_caller]
    pub fn click(&mut self, name: &str) {
        self.harness.get_by_label(name).click();
        self.steps(3);
    }

    #[track_caller]
    pub fn has(&self, name: &str) -> bool {
        self.harness.query_all_by_label(name).next().is_some()
    }

    #[track_caller]
    pub fn says(&self, part: &str) -> bool {
        self.harness
            .query_all_by_label_contains(part)
            .next()
            .is_some()
    }

    /// Whether a text with this part is drawn and nothing of it is cut off.
    pub fn sees(&self, part: &str) -> bool {
        let screen = self.harness.ctx.content_rect();
        self.harness.output().shapes.iter().any(|clipped| {
            let egui::Shape::Text(text) = &clipped.shape else {
                return false;
            };
            let room = clipped.clip_rect.intersect(screen);
            let rect = text.visual_bounding_rect().shrink(0.5);
            text.galley.text().contains(part) && room.contains_rect(rect)
        })
    }

    pub fn key(&mut self, modifiers: Modifiers, key: Key) {
        self.harness.key_press_modifiers(modifiers, key);
        self.steps(2);
    }

    /// Where something is on the screen.
    #[track_caller]
    pub fn rect_of(&self, name: &str) -> egui::Rect {
        self.harness
            .get_by_role_and_label(egui::Role::Button, name)
            .rect()
    }

    /// The middle of a box on the screen.
    #[track_caller]
    pub fn middle_of(&self, name: &str) -> Pos2 {
        self.rect_of(name).center()
    }

    /// Presses, moves in steps, and releases.
    pub fn drag(&mut self, from: Pos2, to: Pos2) {
        self.press_and_move(from, to);
        self.harness.drop_at(to);
        self.steps(3);
    }

    /// Presses and moves, and holds.
    pub fn press_and_move(&mut self, from: Pos2, to: Pos2) {
        self.harness.hover_at(from);
        self.harness.drag_at(from);
        for step in 1..=8 {
            self.harness.hover_at(from.lerp(to, step as f32 / 8.0));
        }
        self.steps(2);
    }

    /// Replaces what stands in a field and enters it.
    #[track_caller]
    pub fn enter(&mut self, field: &str, text: &str) {
        self.type_in(field, text);
        self.key(Modifiers::NONE, Key::Enter);
    }

    /// Replaces what stands in a field.
    #[track_caller]
    pub fn type_in(&mut self, field: &str, text: &str) {
        self.harness.get_by_label(field).click();
        self.steps(2);
        self.key(Modifiers::COMMAND, Key::A);
        self.harness.get_by_label(field).type_text(text);
        self.steps(2);
    }
}
