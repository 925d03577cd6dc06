//! The menu bar.

use egui::{Align, Button, Label, Layout, MenuBar, ThemePreference, Ui};

use crate::scenario::FrameKind;

use super::{
    command::Command,
    outbox::{Outbox, Wish},
    settings::Settings,
};

/// What the menus need to know.
pub struct Context<'a> {
    /// What the document is called.
    pub name: &'a str,
    /// Whether there is something to save.
    pub is_changed: bool,
    /// "move of 3 boxes", for undo.
    pub undo: Option<&'a str>,
    /// The same for redo.
    pub redo: Option<&'a str>,
    /// Whether boxes are selected.
    pub boxes_selected: bool,
    /// Whether exactly one box is selected.
    pub one_thing_selected: bool,
    /// Whether anything is selected.
    pub anything_selected: bool,
    /// Recent files, appearance, what is shown.
    pub settings: &'a Settings,
}

/// Draws the menu bar.
pub fn ui(ui: &mut Ui, context: &Context<'_>, out: &mut Outbox) {
    MenuBar::new().ui(ui, |ui| {
        ui.menu_button("File", |ui| file(ui, context, out));
        ui.menu_button("Edit", |ui| edit(ui, context, out));
        ui.menu_button("View", |ui| view(ui, context, out));
        ui.menu_button("Run", |ui| {
            for command in [Command::PlayPause, Command::Step, Command::Restart] {
                entry(ui, command, true, out);
            }
            ui.separator();
            entry(ui, Command::ResetMeasures, true, out);
            ui.separator();
            entry(ui, Command::FlatOut, true, out);
            entry(ui, Command::Faster, true, out);
            entry(ui, Command::Slower, true, out);
        });
        ui.menu_button("Help", |ui| {
            entry(ui, Command::Shortcuts, true, out);
            ui.separator();
            ui.weak(concat!("Littlebox ", env!("CARGO_PKG_VERSION")));
        });
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let state = if context.is_changed { "not saved" } else { "" };
            ui.weak(state);
            ui.add(Label::new(context.name).truncate());
        });
    });
}

fn file(ui: &mut Ui, context: &Context<'_>, out: &mut Outbox) {
    for command in [Command::New, Command::Open, Command::OpenPath] {
        entry(ui, command, true, out);
    }
    ui.add_enabled_ui(!context.settings.recent.is_empty(), |ui| {
        ui.menu_button("Open recent", |ui| {
            for path in &context.settings.recent {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                if ui
                    .button(name)
                    .on_hover_text(path.display().to_string())
                    .clicked()
                {
                    out.wish(Wish::OpenFile(path.clone()));
                    ui.close();
                }
            }
        });
    });
    entry(ui, Command::Gallery, true, out);
    ui.separator();
    for command in [Command::Save, Command::SaveAs, Command::SaveToPath] {
        entry(ui, command, true, out);
    }
    ui.separator();
    entry(ui, Command::Quit, true, out);
}

fn edit(ui: &mut Ui, context: &Context<'_>, out: &mut Outbox) {
    for (command, what) in [(Command::Undo, context.undo), (Command::Redo, context.redo)] {
        let text = what.map_or(command.text().to_owned(), |what| {
            format!("{} {what}", command.text())
        });
        entry_with_text(ui, command, text, what.is_some(), out);
    }
    ui.separator();
    entry(ui, Command::Cut, context.boxes_selected, out);
    entry(ui, Command::Copy, context.boxes_selected, out);
    entry(ui, Command::Paste, true, out);
    entry(ui, Command::Duplicate, context.boxes_selected, out);
    entry(ui, Command::Delete, context.anything_selected, out);
    ui.separator();
    entry(ui, Command::Rename, context.one_thing_selected, out);
    entry(ui, Command::SelectAll, true, out);
    ui.separator();
    for kind in [FrameKind::Zone, FrameKind::Region] {
        entry(ui, Command::Group(kind), context.boxes_selected, out);
    }
}

fn view(ui: &mut Ui, context: &Context<'_>, out: &mut Outbox) {
    for command in [
        Command::Fit,
        Command::ActualSize,
        Command::ZoomIn,
        Command::ZoomOut,
    ] {
        entry(ui, command, true, out);
    }
    ui.separator();
    let settings = context.settings;
    for (command, on) in [
        (Command::Inspector, settings.inspector),
        (Command::Charts, settings.charts),
        (Command::Animation, settings.animation),
    ] {
        let mut checked = on;
        if ui
            .checkbox(&mut checked, command.text())
            .on_hover_text(command.tooltip())
            .changed()
        {
            out.command(command);
        }
    }
    ui.separator();
    let chosen = ThemePreference::from(settings.theme);
    for preference in [
        ThemePreference::Light,
        ThemePreference::Dark,
        ThemePreference::System,
    ] {
        let command = Command::Theme(preference);
        if ui.radio(chosen == preference, command.text()).clicked() {
            out.command(command);
        }
    }
}

/// One command as a menu entry.
pub fn entry(ui: &mut Ui, command: Command, enabled: bool, out: &mut Outbox) {
    entry_with_text(ui, command, command.text().to_owned(), enabled, out);
}

fn entry_with_text(ui: &mut Ui, command: Command, text: String, enabled: bool, out: &mut Outbox) {
    let mut button = Button::new(text);
    if let Some(shortcut) = command.shortcut() {
        button = button.shortcut_text(ui.ctx().format_shortcut(&shortcut));
    }
    if ui
        .add_enabled(enabled, button)
        .on_hover_text(command.tooltip())
        .clicked()
    {
        out.command(command);
        ui.close();
    }
}
