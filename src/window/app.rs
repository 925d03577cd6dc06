//! The window's state and the one place where wishes come true.

mod clipboard;
mod files;
mod keys;
mod layout;

use std::{
    collections::{BTreeSet, HashMap},
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};

use eframe::Frame as EframeFrame;
use egui::Ui;

use super::{
    canvas::{Canvas, Dots},
    command::Command,
    dialogs::{self, FileDialogs},
    document::Document,
    gallery, inspector,
    modal::{self, Modal, Then},
    outbox::{Outbox, Wish},
    recovery::{self, Recovery},
    selection::Selection,
    session::{Session, Workplace},
    settings::Settings,
    theme,
    transport::Transport,
};
use crate::scenario::{Problem, Scenario, Subject, file};

/// What the window starts with.
pub struct Start {
    /// The file to open. `None`: a shipped scenario that runs.
    pub path: Option<PathBuf>,
    /// Where settings are kept. `None`: nowhere.
    pub settings_file: Option<PathBuf>,
    /// Where unsaved work is kept. `None`: nowhere.
    pub recovery_directory: Option<PathBuf>,
    /// Asks for paths.
    pub dialogs: Box<dyn FileDialogs>,
    /// Where the engine works.
    pub workplace: Workplace,
}

impl Start {
    /// As a person starts the program.
    pub fn new(path: Option<PathBuf>) -> Self {
        let directories = directories::ProjectDirs::from("", "", "littlebox");
        Self {
            path,
            settings_file: directories
                .as_ref()
                .map(|directories| directories.config_dir().join("settings.json")),
            recovery_directory: directories
                .as_ref()
                .map(|directories| directories.data_local_dir().join("recovery")),
            dialogs: Box::new(dialogs::SystemDialogs),
            workplace: Workplace::Thread,
        }
    }
}

/// The window.
pub struct App {
    document: Document,
    path: Option<PathBuf>,
    /// What a document without a file is called.
    untitled: String,
    selection: Selection,
    canvas: Canvas,
    session: Session,
    dots: Dots,
    transport: Transport,
    inspector: inspector::Inspector,
    /// Copied boxes, with what is among them.
    clipboard: Option<Arc<Scenario>>,
    /// How often the same piece was pasted, so that copies do not pile up.
    pastes: i32,
    modal: Option<Modal>,
    /// A file dialog that is open, and what its answer is for.
    asking: Option<(dialogs::Answer, files::Purpose)>,
    dialogs: Box<dyn FileDialogs>,
    settings: Settings,
    settings_file: Option<PathBuf>,
    recovery: Recovery,
    /// Since when there have been changes that a crash would lose.
    unsafe_since: Option<Instant>,
    /// What is wrong with the document, and for which of its meanings.
    problems: Vec<Problem>,
    problems_of: Option<u64>,
    /// The same by box, for the canvas.
    box_problems: HashMap<String, String>,
    gallery_titles: Vec<(String, String)>,
    /// Whether a text was being typed in the last frame.
    was_typing: bool,
    /// Space is held down and was not used for panning: releasing it plays or pauses.
    space_is_free: bool,
    may_close: bool,
    /// When the program was started, until the first frame was seen.
    started: Option<Instant>,
    has_drawn: bool,
    /// The window's title as it was set last.
    title: String,
}

impl App {
    /// A window with what it starts with.
    pub fn new(ctx: &egui::Context, start: Start) -> Self {
        let settings = start
            .settings_file
            .as_deref()
            .map(Settings::load)
            .unwrap_or_default();
        theme::apply(ctx, settings.theme.into());
        ctx.options_mut(|options| {
            // We have our own commands for these keys.
            options.quit_shortcuts.clear();
            options.zoom_with_keyboard = false;
        });
        let titles = gallery::SHIPPED
            .iter()
            .map(|shipped| match file::load(shipped.text).0 {
                Some(document) => (
                    title(&document.scenario, shipped.file),
                    document.scenario.notes,
                ),
                None => (shipped.file.to_owned(), String::new()),
            })
            .collect();
        let document = Document::new(file::Document::default());
        let mut app = Self {
            session: Session::new(ctx, start.workplace),
            document,
            path: None,
            untitled: "Untitled".into(),
            selection: Selection::default(),
            canvas: Canvas::default(),
            dots: Dots::default(),
            transport: Transport::default(),
            inspector: inspector::Inspector::default(),
            clipboard: None,
            pastes: 0,
            modal: None,
            asking: None,
            dialogs: start.dialogs,
            recovery: Recovery::new(start.recovery_directory.as_deref()),
            settings,
            settings_file: start.settings_file,
            unsafe_since: None,
            problems: Vec::new(),
            problems_of: None,
            box_problems: HashMap::new(),
            gallery_titles: titles,
            was_typing: false,
            space_is_free: false,
            may_close: false,
            started: None,
            has_drawn: false,
            title: String::new(),
        };
        match start.path {
            Some(path) => app.open_file(&path),
            None => app.open_shipped(0),
        }
        if let Some(directory) = start.recovery_directory
            && let Some(lost) = recovery::lost_work(&directory).into_iter().next()
        {
            app.modal = Some(Modal::Recovery(Box::new(lost)));
        }
        app
    }

    /// Tells the log how long after `started` the first frame was seen.
    pub fn that_started(mut self, started: Instant) -> Self {
        self.started = Some(started);
        self
    }

    /// The open document.
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// Moving requests, to put some there that the run did not make.
    pub fn dots_mut(&mut self) -> &mut Dots {
        &mut self.dots
    }

    /// What is selected.
    pub fn selection(&self) -> &Selection {
        &self.selection
    }

    /// The run.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// What is asked or said.
    pub fn modal(&self) -> Option<&Modal> {
        self.modal.as_ref()
    }

    /// The file of the document.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// What the person chose.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Waits until unsaved work is on the disk.
    pub fn wait_for_recovery(&mut self) {
        self.recovery.wait();
    }

    /// What the document is called.
    fn name(&self) -> String {
        match &self.path {
            Some(path) => path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
            None => self.untitled.clone(),
        }
    }

    fn carry_out(&mut self, ctx: &egui::Context, wishes: Vec<Wish>) {
        for wish in wishes {
            match wish {
                Wish::Edit(edit) => {
                    if let Some(selection) = self.document.apply(&edit) {
                        self.selection = selection;
                    }
                    self.after_change();
                }
                Wish::Command(command) => self.command(ctx, command),
                Wish::Select(selection) => self.selection = selection,
                Wish::Trouble(target, trouble) => self.session.trouble(target, trouble),
                Wish::OpenFile(path) => self.guarded(ctx, Then::OpenFile(path)),
                Wish::OpenShipped(number) => self.guarded(ctx, Then::OpenShipped(number)),
                Wish::Paste(text) => self.paste(ctx, Some(&text)),
                Wish::TakeBack(edit) => {
                    self.document.take_back(&edit);
                    self.after_change();
                }
                Wish::Seal => self.document.seal(),
                Wish::Speed(speed) => self.session.set_speed(speed),
                Wish::FlatOut(flat_out) => self.session.set_flat_out(flat_out),
            }
        }
    }

    /// Undoes or redoes, and shows what that has changed.
    fn travel(&mut self, go: impl FnOnce(&mut Document)) {
        let before = Arc::clone(self.document.scenario());
        let places = self.document.places().clone();
        go(&mut self.document);
        let changed = self.document.difference(&before, &places);
        if !changed.is_empty() {
            self.selection = changed;
            self.canvas.reveal();
        }
        self.after_change();
    }

    /// The document is another one now.
    fn after_change(&mut self) {
        self.selection.retain_in(self.document.scenario());
        self.check();
        self.session.follow(&self.document, &self.problems);
        // Not anew with every edit: somebody who never rests loses no more than others.
        self.unsafe_since.get_or_insert_with(Instant::now);
    }

    /// Finds what is wrong with the document.
    fn check(&mut self) {
        // A drag makes a state for every frame: where a box stands is no problem.
        let meaning = self.document.meaning();
        if self.problems_of == Some(meaning) {
            return;
        }
        self.problems_of = Some(meaning);
        let scenario = self.document.scenario();
        self.problems = crate::scenario::check(scenario);
        self.box_problems = self
            .problems
            .iter()
            .filter(|problem| problem.is_error())
            .filter_map(|problem| match &problem.subject {
                Subject::Component(name) => Some((name.clone(), problem.to_string())),
                Subject::Connection(number) => {
                    let connection = scenario.connections.get(*number)?;
                    Some((connection.from.clone(), problem.to_string()))
                }
                _ => None,
            })
            .collect();
    }

    fn command(&mut self, ctx: &egui::Context, command: Command) {
        match command {
            Command::New => self.guarded(ctx, Then::New),
            Command::Open => self.guarded(ctx, Then::AskOpen),
            Command::OpenPath => self.guarded(ctx, Then::AskPath),
            Command::Gallery => self.modal = Some(Modal::Gallery),
            Command::Save => self.save(ctx, None),
            Command::SaveAs => self.ask_save(None),
            Command::SaveToPath => self.ask_save_path(None, None),
            Command::Quit => self.guarded(ctx, Then::Quit),
            Command::Undo => self.travel(Document::undo),
            Command::Redo => self.travel(Document::redo),
            Command::Copy => self.copy(ctx),
            Command::Cut => {
                self.copy(ctx);
                let boxes = Selection {
                    arrows: BTreeSet::default(),
                    ..self.selection.clone()
                };
                let edit = super::edit::Edit::Remove(boxes);
                self.carry_out(ctx, vec![Wish::Edit(edit)]);
            }
            Command::Paste => self.paste(ctx, None),
            Command::Duplicate => {
                let part = Arc::new(self.document.cut_out(&self.selection.boxes));
                self.insert(ctx, part, "Duplicate", 1);
            }
            Command::Delete => {
                if !self.selection.is_empty() {
                    let edit = super::edit::Edit::Remove(self.selection.clone());
                    self.carry_out(ctx, vec![Wish::Edit(edit)]);
                }
            }
            Command::Rename => {
                if let Some(name) = self.selection.single_box() {
                    self.canvas.start_rename(name);
                } else if let Some(name) = self.selection.single_frame() {
                    self.canvas.start_frame_rename(name);
                }
            }
            Command::Group(kind) => {
                if !self.selection.boxes.is_empty() {
                    let places = self.document.places().keys();
                    let names = places.filter(|name| self.selection.boxes.contains(*name));
                    let names = names.cloned().collect();
                    let edit = super::edit::Edit::Group { names, kind };
                    self.carry_out(ctx, vec![Wish::Edit(edit)]);
                }
            }
            Command::SelectAll => self.selection = Selection::all(self.document.scenario()),
            Command::Add(kind) => {
                let at = self.canvas.place_for_new(&self.document, &self.selection);
                let edit = super::edit::Edit::Add {
                    kind,
                    at,
                    called_by: None,
                };
                self.carry_out(ctx, vec![Wish::Edit(edit)]);
                self.canvas.reveal();
            }
            Command::Fit => self.canvas.fit(),
            Command::ActualSize => self.canvas.actual_size(),
            Command::ZoomIn => self.canvas.zoom_by(1.25),
            Command::ZoomOut => self.canvas.zoom_by(0.8),
            Command::PlayPause => self.session.play(!self.session.is_playing()),
            Command::Step => self.session.step(),
            Command::Restart => self.session.restart(),
            Command::ResetMeasures => self.session.reset_measures(),
            Command::FlatOut => self.session.set_flat_out(!self.session.is_flat_out()),
            Command::Faster => self.session.set_speed(self.session.speed() * 2.0),
            Command::Slower => self.session.set_speed(self.session.speed() / 2.0),
            Command::Animation => self.change_settings(|settings| settings.animation ^= true),
            Command::Charts => self.change_settings(|settings| settings.charts ^= true),
            Command::Inspector => self.change_settings(|settings| settings.inspector ^= true),
            Command::Theme(preference) => {
                ctx.set_theme(preference);
                self.change_settings(|settings| settings.theme = preference.into());
            }
            Command::Shortcuts => self.modal = Some(Modal::Shortcuts),
        }
    }

    fn change_settings(&mut self, change: impl FnOnce(&mut Settings)) {
        change(&mut self.settings);
        if let Some(file) = &self.settings_file {
            self.settings.save(file);
        }
    }

    /// Writes unsaved work where a crash can't reach it, a little after the last edit.
    fn keep_work_safe(&mut self, ctx: &egui::Context) {
        if !self.document.is_changed() {
            self.unsafe_since = None;
            self.recovery.clear();
            return;
        }
        let revision = self.document.revision();
        let Some(since) = self.unsafe_since.filter(|_| !self.recovery.has(revision)) else {
            self.unsafe_since = None;
            return;
        };
        let waited = since.elapsed();
        if waited >= recovery::DELAY {
            self.unsafe_since = None;
            self.recovery
                .write(self.document.to_file(), self.path.as_deref(), revision);
        } else {
            ctx.request_repaint_after(recovery::DELAY - waited);
        }
    }

    fn answer_modal(&mut self, ctx: &egui::Context, out: &mut Outbox) {
        let Some(mut modal) = self.modal.take() else {
            return;
        };
        let name = self.name();
        let answer = modal::show(ctx, &mut modal, &name, &self.gallery_titles, out);
        match answer {
            modal::Answer::Waiting => self.modal = Some(modal),
            modal::Answer::Closed => {}
            modal::Answer::Save(then) => self.save(ctx, Some(then)),
            modal::Answer::Discard(then) => self.go_on(ctx, then),
            modal::Answer::Path(purpose, path) => self.path_was_typed(ctx, purpose, &path),
            modal::Answer::Restore => {
                if let Modal::Recovery(lost) = modal {
                    self.guarded(ctx, Then::Restore(lost));
                }
            }
            modal::Answer::Forget => {
                if let Modal::Recovery(lost) = modal {
                    lost.forget();
                }
            }
        }
    }
}

/// What a scenario is called in the gallery.
fn title(scenario: &Scenario, file: &str) -> String {
    if scenario.name.is_empty() {
        file.to_owned()
    } else {
        scenario.name.clone()
    }
}

impl eframe::App for App {
    fn logic(&mut self, ctx: &egui::Context, _frame: &mut EframeFrame) {
        self.keep_work_safe(ctx);
        // The first frame is on the screen when the second one begins.
        if std::mem::replace(&mut self.has_drawn, true)
            && let Some(started) = self.started.take()
        {
            log::info!("first frame after {} ms", started.elapsed().as_millis());
        }
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut EframeFrame) {
        let ctx = ui.ctx().clone();
        let mut out = Outbox::default();
        self.poll_dialogs(&ctx);
        Self::take_dropped_files(&ctx, &mut out);
        if self.modal.is_none() {
            self.keys(&ctx, &mut out);
        }
        self.guard_closing(&ctx);
        self.session.select(self.selection.single_box());
        self.session.read(
            &ctx,
            &self.document,
            &mut self.dots,
            self.settings.animation,
        );
        self.draw(ui, &mut out);
        self.answer_modal(&ctx, &mut out);
        let wishes = out.take();
        if !wishes.is_empty() {
            // What they change was drawn before.
            ctx.request_repaint();
        }
        self.carry_out(&ctx, wishes);
        self.update_title(&ctx);
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        // Closing went through the guard: what is unsaved now was discarded.
        self.recovery.clear();
    }

    fn persist_egui_memory(&self) -> bool {
        false
    }
}
