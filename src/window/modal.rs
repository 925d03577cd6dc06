//! Questions and messages that must be answered before anything else.

use std::path::PathBuf;

use egui::{Align, Button, Context, Id, Key, Layout, RichText, ScrollArea, TextEdit, Ui};

use super::{
    command::Command,
    gallery,
    outbox::Outbox,
    recovery::Lost,
    theme::{Theme, space},
};

/// What is asked or said.
#[derive(Debug)]
pub enum Modal {
    /// There are unsaved changes; what comes after the answer.
    Guard(Then),
    /// Something did not work.
    Message {
        /// What did not work.
        title: String,
        /// Why, and what to do.
        text: String,
    },
    /// A path is to be typed.
    Path {
        /// Whether to open or to save.
        purpose: PathPurpose,
        /// What is typed so far.
        text: String,
        /// Why it did not work.
        problem: Option<String>,
    },
    /// The shipped scenarios.
    Gallery,
    /// Work of a window that is gone.
    Recovery(Box<Lost>),
    /// Keys and gestures.
    Shortcuts,
}

impl Modal {
    /// Each kind has a size of its own.
    fn word(&self) -> &'static str {
        match self {
            Self::Guard(_) => "guard",
            Self::Message { .. } => "message",
            Self::Path { .. } => "path",
            Self::Gallery => "gallery",
            Self::Recovery(_) => "recovery",
            Self::Shortcuts => "shortcuts",
        }
    }
}

/// What a typed path is for.
#[derive(Clone, Debug)]
pub enum PathPurpose {
    /// To open a file.
    Open,
    /// To save, and then to go on.
    Save(Option<Then>),
}

/// What comes after unsaved changes are out of the way.
#[derive(Clone, Debug)]
pub enum Then {
    /// An empty drawing.
    New,
    /// Ask for a file.
    AskOpen,
    /// Ask for a path.
    AskPath,
    /// A file.
    OpenFile(PathBuf),
    /// A shipped scenario.
    OpenShipped(usize),
    /// Lost work.
    Restore(Box<Lost>),
    /// Close the window.
    Quit,
}

/// What a person answered.
#[derive(Debug)]
pub enum Answer {
    /// Nothing yet.
    Waiting,
    /// Close it and do nothing.
    Closed,
    /// Save first.
    Save(Then),
    /// Throw unsaved changes away.
    Discard(Then),
    /// This path.
    Path(PathPurpose, PathBuf),
    /// Take lost work over.
    Restore,
    /// Forget lost work.
    Forget,
}

/// Shows a modal and says what was answered. `name` is what the document is called.
pub fn show(
    ctx: &Context,
    modal: &mut Modal,
    name: &str,
    titles: &[(String, String)],
    out: &mut Outbox,
) -> Answer {
    let width = match modal {
        Modal::Gallery => 620.0,
        Modal::Shortcuts | Modal::Message { .. } => 520.0,
        _ => 420.0,
    };
    let frame = egui::Frame::popup(&ctx.global_style()).inner_margin(space::XL);
    let shown = egui::Modal::new(Id::unique(("modal", modal.word())))
        .frame(frame)
        .show(ctx, |ui| {
            ui.set_width(width);
            match modal {
                Modal::Guard(then) => guard(ui, name, then),
                Modal::Message { title, text } => message(ui, title, text),
                Modal::Path {
                    purpose,
                    text,
                    problem,
                } => path(ui, purpose, text, problem.as_deref()),
                Modal::Gallery => {
                    ui.heading("Gallery");
                    ui.add_space(space::M);
                    gallery::ui(ui, titles, out);
                    close_row(ui)
                }
                Modal::Recovery(lost) => recovery(ui, lost),
                Modal::Shortcuts => shortcuts(ui),
            }
        });
    match shown.inner {
        Answer::Waiting if shown.should_close() => Answer::Closed,
        answer => answer,
    }
}

/// The main button of a question, in the accent colour. Enter presses it, unless something else has
/// the keys.
fn main_button(ui: &mut Ui, text: &str) -> bool {
    let theme = Theme::of(ui);
    let button = Button::new(RichText::new(text).color(theme.on_accent)).fill(theme.accent);
    let is_free = ui.memory(|memory| memory.focused().is_none());
    let entered = is_free && ui.input(|input| input.key_pressed(Key::Enter));
    ui.add(button).clicked() || entered
}

/// Buttons at the right end, the main one last.
fn buttons<R>(ui: &mut Ui, add: impl FnOnce(&mut Ui) -> R) -> R {
    ui.add_space(space::L);
    ui.with_layout(Layout::right_to_left(Align::Center), add)
        .inner
}

fn close_row(ui: &mut Ui) -> Answer {
    let closed = buttons(ui, |ui| ui.button("Close").clicked());
    if closed {
        Answer::Closed
    } else {
        Answer::Waiting
    }
}

fn guard(ui: &mut Ui, name: &str, then: &Then) -> Answer {
    ui.heading(format!("Save changes to {name}?"));
    ui.add_space(space::S);
    ui.label("Without saving, the changes since the last save are lost.");
    buttons(ui, |ui| {
        if main_button(ui, "Save") {
            return Answer::Save(then.clone());
        }
        if ui.button("Cancel").clicked() {
            return Answer::Closed;
        }
        if ui.button("Discard").clicked() {
            return Answer::Discard(then.clone());
        }
        Answer::Waiting
    })
}

fn message(ui: &mut Ui, title: &str, text: &str) -> Answer {
    ui.heading(title);
    ui.add_space(space::S);
    ScrollArea::vertical().max_height(320.0).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.add(egui::Label::new(text).wrap().selectable(true));
    });
    close_row(ui)
}

fn path(ui: &mut Ui, purpose: &PathPurpose, text: &mut String, problem: Option<&str>) -> Answer {
    let (title, verb) = match purpose {
        PathPurpose::Open => ("Open a file", "Open"),
        PathPurpose::Save(_) => ("Save to a file", "Save"),
    };
    ui.heading(title);
    ui.add_space(space::S);
    let field = ui
        .add(
            TextEdit::singleline(text)
                .desired_width(f32::INFINITY)
                .hint_text("/path/to/file.ron"),
        )
        .accessible_name("Path");
    if let Some(problem) = problem {
        ui.colored_label(Theme::of(ui).bad, problem);
    }
    let entered = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
    if ui.memory(|memory| memory.focused().is_none()) {
        field.request_focus();
    }
    buttons(ui, |ui| {
        let go = main_button(ui, verb) || entered;
        if go && !text.trim().is_empty() {
            return Answer::Path(purpose.clone(), expanded(text.trim()));
        }
        if ui.button("Cancel").clicked() {
            return Answer::Closed;
        }
        Answer::Waiting
    })
}

/// A path with `~` for the home directory.
fn expanded(text: &str) -> PathBuf {
    match text.strip_prefix("~/").zip(directories::UserDirs::new()) {
        Some((rest, user)) => user.home_dir().join(rest),
        None => PathBuf::from(text),
    }
}

fn recovery(ui: &mut Ui, lost: &Lost) -> Answer {
    let name = &lost.document.scenario.name;
    let name = if name.is_empty() { "a drawing" } else { name };
    ui.heading("Unsaved work was found");
    ui.add_space(space::S);
    ui.label(format!("Littlebox was closed before {name} was saved."));
    if let Some(path) = &lost.path {
        ui.label(RichText::new(path.display().to_string()).color(Theme::of(ui).text_weak));
    }
    buttons(ui, |ui| {
        if main_button(ui, "Restore") {
            return Answer::Restore;
        }
        if ui.button("Later").clicked() {
            return Answer::Closed;
        }
        if ui.button("Discard").clicked() {
            return Answer::Forget;
        }
        Answer::Waiting
    })
}

fn shortcuts(ui: &mut Ui) -> Answer {
    ui.heading("Keys and gestures");
    ui.add_space(space::M);
    let gestures = [
        ("Pull from the edge of a box", "Connect"),
        ("Drag on the paper", "Select what the frame touches"),
        ("Shift or Ctrl + click", "Select more"),
        ("Space + drag, middle or right button", "Move the paper"),
        ("Wheel, two fingers", "Move the paper"),
        ("Ctrl + wheel, pinch", "Zoom to the pointer"),
        ("Double click", "Rename"),
        ("Shift while dragging a box", "Keep to one axis"),
        ("Right click", "What can be done here"),
        ("Escape", "Stop what is being dragged; select nothing"),
    ];
    ScrollArea::vertical().max_height(420.0).show(ui, |ui| {
        egui::Grid::new("keys")
            .num_columns(2)
            .spacing([space::XL, space::S])
            .show(ui, |ui| {
                for (gesture, meaning) in gestures {
                    ui.label(gesture);
                    ui.weak(meaning);
                    ui.end_row();
                }
                for command in Command::WITH_KEYS {
                    let keys: Vec<String> = [command.shortcut(), command.second_shortcut()]
                        .into_iter()
                        .flatten()
                        .map(|shortcut| ui.ctx().format_shortcut(&shortcut))
                        .collect();
                    ui.label(keys.join(" or "));
                    let add = if matches!(command, Command::Add(_)) {
                        "Add: "
                    } else {
                        ""
                    };
                    ui.weak(format!("{add}{}", command.text().trim_end_matches('…')));
                    ui.end_row();
                }
            });
    });
    close_row(ui)
}
