//! The scenario's notes: a few lines, and all of them on demand.

use egui::{Align, Layout, ScrollArea, TextEdit, TextStyle, Ui};

use crate::{
    picture::Icon,
    window::{
        edit::Edit,
        icon,
        outbox::{Outbox, Wish},
    },
};

/// Lines shown at first: the figures below are looked at more often.
const LINES: f32 = 4.0;

/// How much of the notes is shown.
#[derive(Debug, Default)]
pub struct Notes {
    all: bool,
    /// There was more to show than fitted.
    is_long: bool,
}

impl Notes {
    /// Draws the notes.
    pub fn ui(&mut self, ui: &mut Ui, notes: &str, out: &mut Outbox) {
        let label = ui.horizontal(|ui| {
            let label = ui.strong("Notes");
            if !self.all && !self.is_long {
                return label.id;
            }
            let (sign, name) = if self.all {
                (Icon::ChevronUp, "Show the beginning of the notes")
            } else {
                (Icon::ChevronDown, "Show all notes")
            };
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if icon::button(ui, sign, name).clicked() {
                    self.all = !self.all;
                }
            });
            label.id
        });
        let mut text = notes.to_owned();
        let field = TextEdit::multiline(&mut text)
            .desired_width(f32::INFINITY)
            .desired_rows(2)
            .hint_text("What to watch");
        let most = if self.all {
            f32::INFINITY
        } else {
            // Half a line more says that there is more.
            ui.text_style_height(&TextStyle::Body) * (LINES + 0.5)
        };
        let shown = ScrollArea::vertical()
            .id_salt("notes")
            .max_height(most)
            .show(ui, |ui| ui.add(field).labelled_by(label.inner));
        self.is_long = shown.content_size.y > most;
        if shown.inner.changed() {
            out.edit(Edit::Notes(text));
        }
        if shown.inner.lost_focus() {
            out.wish(Wish::Seal);
        }
    }
}
