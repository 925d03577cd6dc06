//! Opening, saving, and never losing work.

use std::path::{Path, PathBuf};

use super::App;
use crate::{
    scenario::{Problem, file},
    window::{
        canvas::Canvas,
        dialogs::Outcome,
        document::Document,
        gallery,
        modal::{Modal, PathPurpose, Then},
        outbox::{Outbox, Wish},
        selection::Selection,
    },
};

/// What the answer of a file dialog is for.
#[derive(Debug)]
pub enum Purpose {
    /// To open a file.
    Open,
    /// To save, and then to go on.
    Save(Option<Then>),
}

impl App {
    /// Does something that throws the document away, once unsaved changes are out of the way.
    pub(super) fn guarded(&mut self, ctx: &egui::Context, then: Then) {
        if self.document.is_changed() {
            self.modal = Some(Modal::Guard(then));
        } else {
            self.go_on(ctx, then);
        }
    }

    /// Does it: unsaved changes are saved or not wanted.
    pub(super) fn go_on(&mut self, ctx: &egui::Context, then: Then) {
        match then {
            Then::New => self.replace(file::Document::default(), None, "Untitled"),
            Then::AskOpen => {
                let answer = self.dialogs.open(self.directory().as_deref());
                self.asking = Some((answer, Purpose::Open));
            }
            Then::AskPath => self.ask_path(PathPurpose::Open, None),
            Then::OpenFile(path) => self.open_file(&path),
            Then::OpenShipped(number) => {
                self.modal = None;
                self.open_shipped(number);
            }
            Then::Restore(lost) => {
                let name = super::title(&lost.document.scenario, "Restored");
                self.replace(lost.document.clone(), lost.path.clone(), &name);
                self.document.mark_unsaved();
                self.after_change();
                // Under this window's own name before the old one goes.
                let revision = self.document.revision();
                self.recovery
                    .write(self.document.to_file(), self.path.as_deref(), revision);
                self.recovery.wait();
                lost.forget();
            }
            Then::Quit => {
                self.may_close = true;
                ctx.send_viewport_cmd(egui::ViewportCommand::Close);
            }
        }
    }

    fn replace(&mut self, file: file::Document, path: Option<PathBuf>, untitled: &str) {
        self.document = Document::new(file);
        self.path = path;
        untitled.clone_into(&mut self.untitled);
        self.selection = Selection::default();
        self.canvas = Canvas::default();
        self.inspector.begin();
        self.dots.clear();
        self.problems_of = None;
        self.check();
        self.session.load(&self.document, &self.problems);
        self.unsafe_since = None;
        self.recovery.clear();
    }

    /// Opens a file. When that does not work the document stays as it was.
    pub(super) fn open_file(&mut self, path: &Path) {
        match read(path) {
            Ok(scenario) => {
                self.replace(scenario, Some(path.to_owned()), "");
                let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
                self.change_settings(|settings| settings.remember(&path));
            }
            Err(text) => {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                self.modal = Some(Modal::Message {
                    title: format!("Can't open {name}"),
                    text,
                });
                self.change_settings(|settings| {
                    if !path.exists() {
                        settings.recent.retain(|recent| recent != path);
                    }
                });
            }
        }
    }

    /// Opens a shipped scenario as a document without a file.
    pub(super) fn open_shipped(&mut self, number: usize) {
        let Some(shipped) = gallery::SHIPPED.get(number) else {
            return;
        };
        // Whether they can be read is a test's business, not a person's.
        if let Some(document) = file::load(shipped.text).0 {
            let name = super::title(&document.scenario, shipped.file);
            self.replace(document, None, &name);
            // Whoever takes one from the gallery wants to see it run.
            self.session.play(true);
        }
    }

    /// Saves to the document's file, or asks for one, and goes on.
    pub(super) fn save(&mut self, ctx: &egui::Context, then: Option<Then>) {
        match self.path.clone() {
            Some(path) => self.save_to(ctx, &path, then),
            None => self.ask_save(then),
        }
    }

    pub(super) fn ask_save(&mut self, then: Option<Then>) {
        let name = match &self.path {
            Some(path) => path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
            None => format!("{}.ron", file_stem(&self.untitled)),
        };
        let answer = self.dialogs.save(self.directory().as_deref(), &name);
        self.asking = Some((answer, Purpose::Save(then)));
    }

    pub(super) fn ask_save_path(&mut self, then: Option<Then>, problem: Option<String>) {
        self.ask_path(PathPurpose::Save(then), problem);
    }

    fn ask_path(&mut self, purpose: PathPurpose, problem: Option<String>) {
        let text = match (&purpose, &self.path) {
            (PathPurpose::Save(_), Some(path)) => path.display().to_string(),
            _ => self
                .directory()
                .map(|directory| format!("{}/", directory.display()))
                .unwrap_or_default(),
        };
        self.modal = Some(Modal::Path {
            purpose,
            text,
            problem,
        });
    }

    fn save_to(&mut self, ctx: &egui::Context, path: &Path, then: Option<Then>) {
        let path = if path.extension().is_none() {
            path.with_extension("ron")
        } else {
            path.to_owned()
        };
        let (from, to) = (self.path.as_deref().and_then(Path::parent), path.parent());
        let moved = from.zip(to).filter(|(from, to)| from != to);
        let mut file = self.document.to_file();
        if let Some((from, to)) = moved {
            // What lies beside the old file is found from the new one, too.
            file::relocate(&mut file.scenario, from, to);
        }
        let written = file::write(&path, &file);
        match written {
            Ok(()) => {
                if let Some((from, to)) = moved {
                    self.document.relocate(from, to);
                }
                self.document.mark_saved();
                self.recovery.clear();
                let absolute = std::path::absolute(&path).unwrap_or_else(|_| path.clone());
                self.path = Some(path);
                self.change_settings(|settings| settings.remember(&absolute));
                if let Some(then) = then {
                    self.go_on(ctx, then);
                }
            }
            Err(error) => {
                self.modal = Some(Modal::Message {
                    title: "Not saved".into(),
                    text: format!(
                        "Littlebox {error}.\n\nThe drawing is still here: save it to another place."
                    ),
                });
            }
        }
    }

    pub(super) fn path_was_typed(
        &mut self,
        ctx: &egui::Context,
        purpose: PathPurpose,
        path: &Path,
    ) {
        match purpose {
            PathPurpose::Open => self.open_file(path),
            PathPurpose::Save(then) => self.save_to(ctx, path, then),
        }
    }

    /// Looks whether a file dialog was answered.
    pub(super) fn poll_dialogs(&mut self, ctx: &egui::Context) {
        let Some((answer, purpose)) = self.asking.take() else {
            return;
        };
        match (answer.poll(), purpose) {
            (Outcome::Open, purpose) => {
                self.asking = Some((answer, purpose));
                ctx.request_repaint_after(std::time::Duration::from_millis(50));
            }
            (Outcome::Path(path), Purpose::Open) => self.open_file(&path),
            (Outcome::Path(path), Purpose::Save(then)) => self.save_to(ctx, &path, then),
            (Outcome::Cancelled, _) => {}
            (Outcome::NoDialog, Purpose::Open) => self.ask_path(PathPurpose::Open, None),
            (Outcome::NoDialog, Purpose::Save(then)) => self.ask_save_path(then, None),
        }
    }

    /// The first file that was dropped on the window.
    pub(super) fn take_dropped_files(ctx: &egui::Context, out: &mut Outbox) {
        let dropped = ctx.input(|input| {
            input
                .raw
                .dropped_files
                .first()
                .map(|file| file.path().to_owned())
        });
        if let Some(path) = dropped {
            out.wish(Wish::OpenFile(path));
        }
    }

    /// Holds the window open while there are unsaved changes.
    pub(super) fn guard_closing(&mut self, ctx: &egui::Context) {
        let wants_to_close = ctx.input(|input| input.viewport().close_requested());
        if wants_to_close && !self.may_close && self.document.is_changed() {
            ctx.send_viewport_cmd(egui::ViewportCommand::CancelClose);
            self.modal = Some(Modal::Guard(Then::Quit));
        }
    }

    pub(super) fn update_title(&mut self, ctx: &egui::Context) {
        let mark = if self.document.is_changed() { "*" } else { "" };
        let title = format!("{}{mark} – Littlebox", self.name());
        if self.title != title {
            ctx.send_viewport_cmd(egui::ViewportCommand::Title(title.clone()));
            self.title = title;
        }
    }

    /// Where dialogs start: beside the document's file, or the latest one.
    fn directory(&self) -> Option<PathBuf> {
        let path = self.path.as_ref().or(self.settings.recent.first())?;
        let directory = path.parent()?;
        (!directory.as_os_str().is_empty()).then(|| directory.to_owned())
    }
}

/// Reads a file into a document, or into a list of what is wrong with it.
fn read(path: &Path) -> Result<file::Document, String> {
    let (document, problems) = file::read(path).map_err(|error| error.to_string())?;
    document.ok_or_else(|| list(&problems))
}

/// The first problems, one a line.
fn list(problems: &[Problem]) -> String {
    const MOST: usize = 40;
    let mut lines: Vec<String> = problems
        .iter()
        .take(MOST)
        .map(ToString::to_string)
        .collect();
    if problems.len() > MOST {
        lines.push(format!("… and {} more", problems.len() - MOST));
    }
    lines.join(
        "
",
    )
}

/// A name that every file system takes.
fn file_stem(name: &str) -> String {
    let stem: String = name
        .chars()
        .map(|c| {
            if c.is_alphanumeric() || c == '-' || c == '_' {
                c
            } else {
                ' '
            }
        })
        .collect();
    let words: Vec<&str> = stem.split_whitespace().collect();
    if words.is_empty() {
        "scenario".into()
    } else {
        words.join("_").to_lowercase()
    }
}
